//! A round's rates beside those of other rounds.

use crate::forms::Templates;
use crate::model::ledger::{Ledger, RatePoint, TrendRound};

/// This round among the rounds: its rates as a later round reads them. `None` where no form has a 基準日.
#[must_use]
pub fn this_round(ledger: &Ledger, templates: &Templates) -> Option<TrendRound> {
    let as_of = ledger.round.forms.values().map(|f| f.as_of).max()?;
    let asked = |form: &String| ledger.round.forms.contains_key(form);
    let defs = templates.rates.iter().filter(|d| asked(&d.form));
    let point = |def: &crate::model::master::RateDef| {
        let rate = ledger.rate(&def.id)?;
        let computed = rate.not_computed.is_none();
        Some(RatePoint {
            id: rate.id.clone(),
            name: def.name.clone(),
            from: rate.from.filter(|_| computed),
            to: rate.to.filter(|_| computed),
            numerator: rate.numerator,
            numerator_max: rate.numerator_max,
            denominator: rate.denominator,
            complete: rate.complete,
        })
    };
    Some(TrendRound { round: ledger.round.name.clone(), as_of, rates: defs.filter_map(point).collect() })
}
