//! Whether an answer is owed in a field of a record, read from the form's own rules: one answer for those who print
//! blanks, fill cells, and take a word for "no value".

use super::form::{FieldType, Form, Slot};
use super::predicate::{Facts, Outcome, Predicate, Truth};
use super::rule::Check;
use super::value::Value;

/// What a blank in a field means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Asking<'a> {
    /// An answer is owed.
    Owed,
    /// A rule asks for it in other cases, and not in this one.
    NotNow,
    /// No rule ever asks for it, and a blank is as good as an answer.
    Never,
    /// Nothing may stand there, because this holds.
    Forbidden(&'a Predicate),
}

/// What a blank in this field of a record means.
#[must_use]
pub fn asking<'a>(form: &'a Form, slot: &Slot<'_>, facts: &impl Facts) -> Asking<'a> {
    let key = slot.key();
    let forbidden = form.rules.iter().find_map(|rule| match (&rule.check, &rule.when) {
        (Check::Forbidden { fields }, Some(when)) if fields.contains(&key) && when.holds(facts) == Truth::Yes => {
            Some(when)
        }
        _ => None,
    });
    if let Some(when) = forbidden {
        return Asking::Forbidden(when);
    }
    match by_rules(form, &key, facts) {
        _ if slot.field.required => Asking::Owed,
        Some(true) => Asking::Owed,
        Some(false) => Asking::NotNow,
        None if slot.field.kind != FieldType::Text && !slot.field.optional => Asking::Owed,
        None => Asking::Never,
    }
}

/// Whether nothing is asked in this field of a record, so that a word that says so is no answer that is missing.
#[must_use]
pub fn is_needless(form: &Form, slot: &Slot<'_>, facts: &impl Facts) -> bool {
    let over = [&form.nothing_asked_when, &slot.block.not_needed_when];
    over.into_iter().flatten().any(|w| w.holds(facts) == Truth::Yes) || asking(form, slot, facts) != Asking::Owed
}

/// Whether a rule asks for the field now; `None` when no rule ever does.
fn by_rules(form: &Form, key: &str, facts: &impl Facts) -> Option<bool> {
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
