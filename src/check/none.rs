//! Words for "no value" in choices: an answer nowhere but where the field says so, and nothing to ask about where the
//! record asks for nothing (－ in a row that says 制度なし).

use super::Context;
use super::case::Scopes;
use crate::model::asking::is_needless;
use crate::model::master::RateCount;
use crate::model::predicate::Facts;
use crate::model::{Answer, Doubt, Form, Submission, Truth, Value};
use crate::normalise::choice::needless;

/// Takes such words for what they say where nothing is asked. They stay unread everywhere else, so that nothing counts them.
pub(super) fn settle(form: &Form, s: &mut Submission, ctx: &Context<'_>) {
    let all = s.card.values().chain(s.records.iter().flat_map(|r| r.fields.values()));
    if !all.into_iter().any(is_no_choice) {
        return;
    }
    let mut settled: Vec<(Option<usize>, String, Answer)> = Vec::new();
    let scopes = Scopes::new(form, s, ctx);
    for case in scopes.cases(s) {
        for (key, slot, answer) in case.answers().filter(|(_, _, a)| is_no_choice(a)) {
            let spared = is_needless(form, slot, &case) && !keeps_a_rate_open(form, key, &case, ctx);
            let Some(parsed) = needless(&answer.raw, slot.field).filter(|_| spared) else { continue };
            let answer = Answer { value: parsed.value, notes: parsed.notes, doubts: parsed.doubts, ..answer.clone() };
            settled.push((case.record, key.to_string(), answer));
        }
    }
    for (record, key, answer) in settled {
        let fields = match record {
            Some(at) => s.records.get_mut(at).map(|r| &mut r.fields),
            None => Some(&mut s.card),
        };
        if let Some(fields) = fields {
            fields.insert(key, answer);
        }
    }
}

/// Whether a rate that asks for the field cannot tell without it whether the record counts: then it is owed, whatever the
/// rules ask for.
fn keeps_a_rate_open(form: &Form, key: &str, facts: &impl Facts, ctx: &Context<'_>) -> bool {
    ctx.templates.rates.iter().filter(|r| r.form == form.id).any(|def| {
        let RateCount::ShareOfItems { population, except, numerator, .. } = &def.count else { return false };
        let mut named = false;
        numerator.fields(&mut |f| named |= f == key);
        let inside = population.as_ref().is_none_or(|p| p.holds(facts) != Truth::No);
        let outside = except.as_ref().is_some_and(|p| p.holds(facts) == Truth::Yes);
        named && inside && !outside && numerator.holds(facts) == Truth::Unknown
    })
}

fn is_no_choice(answer: &Answer) -> bool {
    answer.value == Value::Unreadable && answer.doubts.iter().any(|d| matches!(d, Doubt::NotAChoice(_)))
}
