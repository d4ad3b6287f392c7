//! Money typed in yen where the form asks for thousands, of any field of any form: told by its size, or by the last round.

use super::case::Case;
use super::words;
use crate::model::ledger::{Ledger, Previous};
use crate::model::{Answer, Doubt, FieldType, Finding, Slot};
use crate::normalise;

/// The finding; a form does not declare it.
pub(super) const CODE: &str = "R030W";
/// Amounts from here on are asked about when they are whole thousands: a thousand million yen for one thing in one year.
const LARGE: f64 = 1e6;
/// Amounts from here on are asked about whatever they are.
const HUGE: f64 = 1e7;
/// A figure that is no whole thousand vouches for amounts up to so many times its own.
const VOUCHED: f64 = 20.0;

/// How many yen one of the field's unit is, where that is more than one.
fn per(slot: &Slot<'_>) -> Option<f64> {
    let unit = slot.field.unit.as_deref().filter(|_| slot.field.kind == FieldType::Money && !slot.field.locked)?;
    normalise::yen(unit).filter(|yen| *yen > 1.0)
}

/// The number as it was typed, without a unit of its own; what has one is in the field's unit already, or is asked about.
fn bare(answer: &Answer) -> Option<f64> {
    let n = answer.value.number().filter(|n| *n != 0.0)?;
    if answer.doubts.iter().any(|d| matches!(d, Doubt::Unit(_))) {
        return None;
    }
    let scaled = answer.raw.parse::<f64>().is_ok_and(|raw| raw.to_bits() != n.to_bits());
    (!scaled && normalise::unit_of(&answer.raw).is_none()).then_some(n)
}

/// Amounts of a record that are too large to be in its unit: one finding at the first, which names the others.
pub(super) fn check(case: &Case<'_>) -> Option<Finding> {
    let mut amounts: Vec<(&str, &Slot<'_>, f64, f64)> =
        case.answers().filter_map(|(key, slot, answer)| Some((key, slot, per(slot)?, bare(answer)?))).collect();
    let thousands = |n: f64| n % 1e3 == 0.0;
    let odd: f64 = amounts.iter().map(|a| a.3.abs()).filter(|n| !thousands(*n)).fold(0.0, f64::max);
    amounts.retain(|(.., n)| {
        let n = n.abs();
        n >= HUGE || n >= LARGE && thousands(n) && n > odd * VOUCHED
    });
    // The years of one question stand together.
    let order: Vec<&str> = case.answers().map(|(_, slot, _)| question(slot)).collect();
    amounts.sort_by_key(|(_, slot, ..)| order.iter().position(|q| *q == question(slot)));
    let ((key, slot, per, n), rest) = amounts.split_first()?;
    let mut finding = case.finding(CODE, key).given(words::amount(*n, slot)).expected(words::amount(n / per, slot));
    finding.related = case.places(rest.iter().map(|a| a.0));
    Some(finding)
}

fn question<'a>(slot: &Slot<'a>) -> &'a str {
    slot.field.pattern.as_deref().unwrap_or(&slot.field.id)
}

/// Amounts that are about a thousand times those of the last round: one finding for each record, at the first.
#[must_use]
pub fn since(ledger: &Ledger, previous: &Previous, templates: &crate::forms::Templates) -> Vec<Finding> {
    let told = |item: &str, form: &str| {
        ledger
            .findings
            .iter()
            .any(|f| f.code == CODE && f.item.as_deref() == Some(item) && f.form.as_deref() == Some(form))
    };
    let mut findings = Vec::new();
    for item in ledger.items.iter().filter(|i| !told(&i.item.key, &i.form) && !ledger.is_before(previous, &i.form)) {
        let (Some(record), Some(form)) = (&item.record, templates.forms.get(&item.form)) else { continue };
        let mut first: Option<Finding> = None;
        for slot in form.slots(&templates.lists) {
            let key = slot.key();
            let Some((answer, (per, n))) = record.fields.get(&key).and_then(|a| Some((a, per(&slot).zip(bare(a))?)))
            else {
                continue;
            };
            let whose = (item.form.clone(), item.item.key.clone(), key.clone());
            let last = previous.answers.get(&whose).and_then(|a| a.value.parse::<f64>().ok()).filter(|l| *l != 0.0);
            if !last.is_some_and(|last| grown(n, last, per)) {
                continue;
            }
            if let Some(finding) = &mut first {
                finding.related.push(answer.place.clone());
                continue;
            }
            let finding = Finding::new(CODE).of(&item.form, &record.division, &item.item.key).field(&key);
            let finding = finding.at(answer.place.clone()).given(words::amount(n, &slot));
            first = Some(finding.expected(words::amount(n / per, &slot)));
        }
        findings.extend(first);
    }
    findings
}

/// Whether an amount is about as many times the last one as the smaller unit is contained in the larger.
fn grown(n: f64, last: f64, per: f64) -> bool {
    (per / 2.0..=per * 2.0).contains(&(n / last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousandfold_is_no_growth() {
        for (n, last, slip) in [
            (850_000.0, 850.0, true),
            (900_000.0, 850.0, true),
            (-5000.0, -5.0, true),
            (8500.0, 850.0, false),
            (850_000.0, 2000.0, false),
            (1200.0, 900.0, false),
        ] {
            assert_eq!(grown(n, last, 1000.0), slip, "{last} to {n}");
        }
    }
}
