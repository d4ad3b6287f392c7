//! Whether a blank is a missing answer: read from the form's own rules, so that a column of reasons is not full of
//! 「（未回答）」 where no reason was asked for.

use super::context::Context;
use crate::model::form::FieldType;
use crate::model::ledger::LedgerItem;
use crate::model::master::RateCount;
use crate::model::predicate::{Facts, Outcome};
use crate::model::{Check, Form, Predicate, Truth, Value};

/// What a blank means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blank {
    /// An answer is owed.
    Unanswered,
    /// Nothing has to be written there.
    NotNeeded,
    /// Nothing may be written there, because of another answer (in its printed word) or of the settings.
    NotAsked(String),
}

/// What a blank in this field of this item means.
pub fn blank(ctx: &Context<'_>, item: &LedgerItem, key: &str) -> Blank {
    if item.item.absent {
        return Blank::NotAsked(ctx.absent_word(&item.form).to_string());
    }
    let (Some(index), true) = (ctx.form(&item.form), item.record.is_some()) else { return Blank::Unanswered };
    let facts = ctx.facts(item);
    for rule in &index.form.rules {
        if let (Check::Forbidden { fields }, Some(when)) = (&rule.check, &rule.when)
            && fields.iter().any(|f| f == key)
            && when.holds(&facts) == Truth::Yes
        {
            return Blank::NotAsked(because(ctx, item, when));
        }
    }
    let Some(slot) = ctx.slot(&item.form, key) else { return Blank::NotNeeded };
    let asking = asking(index.form, key, &facts);
    let choice = matches!(slot.field.kind, FieldType::Choice | FieldType::Flag);
    match asking {
        _ if slot.field.required => Blank::Unanswered,
        Some(true) => Blank::Unanswered,
        // A choice that keeps a rate open is owed even where no rule asks: without it the rate stays a range.
        Some(false) if choice && keeps_a_rate_open(ctx, item, key) => Blank::Unanswered,
        None if slot.field.kind != FieldType::Text && !slot.field.optional => Blank::Unanswered,
        Some(false) | None => Blank::NotNeeded,
    }
}

/// Whether a rule asks for the field now; `None` when no rule ever does.
fn asking(form: &Form, key: &str, facts: &impl Facts) -> Option<bool> {
    let mut asked = None;
    for rule in &form.rules {
        let applies = rule.when.as_ref().is_none_or(|w| w.holds(facts) != Truth::No);
        let now = match &rule.check {
            Check::Required { fields } if fields.iter().any(|f| matches_key(f, key)) => applies,
            Check::Deadline { field, .. } if field == key => applies,
            Check::Deadline { field, deadline, reason: Some(reason), .. } if reason == key => {
                applies && may_be_late(facts, field, deadline)
            }
            Check::Remark { fields, remark, codes } if matches_key(remark, key) => {
                let row = remark.split('*').next().and_then(|p| key.strip_prefix(p)).unwrap_or_default();
                let row = remark.split('*').nth(1).and_then(|s| row.strip_suffix(s)).unwrap_or(row);
                applies && remark_is_owed(facts.value(&fields.replace('*', row)), codes)
            }
            _ => continue,
        };
        asked = Some(asked.unwrap_or(false) || now);
    }
    asked
}

fn remark_is_owed(status: Option<&Value>, codes: &[String]) -> bool {
    status.and_then(Value::choice).is_some_and(|c| codes.iter().any(|k| k == c))
}

fn may_be_late(facts: &impl Facts, field: &str, deadline: &str) -> bool {
    match (facts.value(field), facts.deadline(deadline)) {
        (Some(Value::Date(i)), Some(d)) => Outcome::of(i, d) != Outcome::Within,
        (Some(Value::Blank) | None, _) => false,
        _ => true,
    }
}

fn matches_key(pattern: &str, key: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == key,
        Some((head, tail)) => key.len() >= head.len() + tail.len() && key.starts_with(head) && key.ends_with(tail),
    }
}

/// Whether a rate that asks for the field cannot tell yet whether this item counts.
fn keeps_a_rate_open(ctx: &Context<'_>, item: &LedgerItem, key: &str) -> bool {
    ctx.templates.rates.iter().filter(|r| r.form == item.form).any(|def| {
        let RateCount::ShareOfItems { population, except, numerator, .. } = &def.count else { return false };
        let mut named = false;
        for p in population.iter().chain(except).chain([numerator]) {
            p.fields(&mut |f| named |= f == key);
        }
        let row = ctx.ledger.rate(&def.id).and_then(|r| r.rows.iter().find(|row| row.item == item.item.key));
        named && row.is_some_and(|row| row.counted && row.holds == Truth::Unknown)
    })
}

/// The answer that makes a field needless, in its printed word.
fn because(ctx: &Context<'_>, item: &LedgerItem, when: &Predicate) -> String {
    let mut words = Vec::new();
    when.fields(&mut |key| {
        let value = item.record.as_ref().and_then(|r| r.value(key)).and_then(Value::choice);
        if let (Some(slot), Some(code)) = (ctx.slot(&item.form, key), value) {
            words.push(ctx.choice(slot.field, code, None));
        }
    });
    if words.is_empty() { "記入不要".to_string() } else { words.join("・") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_keys() {
        assert!(matches_key("a_*", "a_1"));
        assert!(matches_key("a_*_b", "a_1_b"));
        assert!(!matches_key("a_*_b", "a_b"));
        assert!(!matches_key("a", "ab"));
    }
}
