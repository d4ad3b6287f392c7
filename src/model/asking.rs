//! What is asked of a record, what is owed, what counts as given: one answer, read from the form's own rules, for those who
//! check replies, print blanks, fill the ministry's cells and say whether a row is provisional.

use std::collections::BTreeMap;

use super::code_list::CodeLists;
use super::form::{FieldType, Form, Slot};
use super::master::{RateCount, RateDef};
use super::predicate::{Facts, Outcome, Predicate, Truth};
use super::rule::{Check, Rule};
use super::value::{NoneKind, Value};

/// What a blank in a field means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Asking<'a> {
    /// An answer is owed.
    Owed,
    /// There is a place for an answer, but no rule asks for it: a blank is no gap, and no word is an answer by itself.
    Welcome,
    /// A rule asks for it in other cases, and not in this one.
    NotNow,
    /// No rule ever asks for it, and a blank is as good as an answer.
    Never,
    /// Nothing may stand there, because this holds.
    Forbidden(&'a Predicate),
    /// Nothing more is asked in the record or the block, because this holds.
    Nothing(&'a Predicate),
    /// The settings say that the municipality does not have the item.
    Absent,
}

/// How often the condition of a rule may rest on an answer that is itself asked for under a condition.
const DEEP: u8 = 3;

/// The questions of one form.
pub struct Asks<'a> {
    form: &'a Form,
    rates: Vec<&'a RateDef>,
    slots: BTreeMap<String, Slot<'a>>,
}

impl<'a> Asks<'a> {
    /// Gathers the questions of a form, and the rates that its answers make.
    #[must_use]
    pub fn new(form: &'a Form, lists: &'a CodeLists, rates: &'a [RateDef]) -> Self {
        let mut slots = BTreeMap::new();
        for slot in form.slots(lists) {
            slots.entry(slot.key()).or_insert(slot);
        }
        Self { form, rates: rates.iter().filter(|r| r.form == form.id).collect(), slots }
    }

    /// The first slot with this key.
    #[must_use]
    pub fn slot(&self, key: &str) -> Option<&Slot<'a>> {
        self.slots.get(key)
    }

    /// What a blank in this field of a record means.
    #[must_use]
    pub fn asking(&self, slot: &Slot<'a>, facts: &impl Facts) -> Asking<'a> {
        self.at_depth(slot, facts, DEEP)
    }

    /// Whether nothing is asked in this field, so that a word that says so is no answer that is missing.
    #[must_use]
    pub fn is_needless(&self, slot: &Slot<'a>, facts: &impl Facts) -> bool {
        !matches!(self.asking(slot, facts), Asking::Owed | Asking::Welcome)
    }

    /// Whether an answer that is owed is missing in a record of this block; of a sheet's own record the block has no name.
    #[must_use]
    pub fn is_owing(&self, block: &str, facts: &impl Facts) -> bool {
        let blank = |key: &str| facts.value(key).is_none_or(Value::is_blank);
        let own = self.slots.iter().filter(|(key, slot)| slot.is_of_record(block) && blank(key));
        own.into_iter().any(|(_, slot)| self.asking(slot, facts) == Asking::Owed)
    }

    /// Whether a condition holds, as far as it can ever be told: a blank that nobody owes says no, and so does a choice that
    /// was answered with 未定 or 該当なし. What is owed, unreadable or over a deadline leaves it open.
    #[must_use]
    pub fn truth(&self, when: &Predicate, facts: &impl Facts) -> Truth {
        self.truth_at(when, facts, DEEP)
    }

    /// The code that a field counts as in a rate although nothing is asked there: no system, every step 対象外.
    #[must_use]
    pub fn counted_as(&self, key: &str, facts: &impl Facts) -> Option<&'a str> {
        self.rates.iter().find_map(|def| match &def.count {
            RateCount::MeanOfItems { fields, not_applicable: Some(na), .. } => {
                (matches_key(fields, key) && na.holds(facts) == Truth::Yes).then_some(na.code.as_str())
            }
            _ => None,
        })
    }

    fn at_depth(&self, slot: &Slot<'a>, facts: &impl Facts, deep: u8) -> Asking<'a> {
        let key = slot.key();
        if facts.is_absent() {
            return Asking::Absent;
        }
        if let Some(when) = needless_because(self.form, slot, facts) {
            return Asking::Nothing(when);
        }
        let forbidden = self.form.rules.iter().find_map(|rule| match (&rule.check, &rule.when) {
            (Check::Forbidden { fields }, Some(when)) if fields.contains(&key) => {
                (when.holds(facts) == Truth::Yes).then_some(when)
            }
            _ => None,
        });
        if let Some(when) = forbidden {
            return Asking::Forbidden(when);
        }
        match self.by_rules(&key, facts, deep) {
            _ if slot.field.required || self.keeps_a_rate_open(slot, &key, facts) => Asking::Owed,
            Some(true) => Asking::Owed,
            Some(false) => Asking::NotNow,
            None if slot.field.kind != FieldType::Text && !slot.field.optional => Asking::Welcome,
            None => Asking::Never,
        }
    }

    /// Whether a rule asks for the field now; `None` when no rule ever does.
    fn by_rules(&self, key: &str, facts: &impl Facts, deep: u8) -> Option<bool> {
        let mut asked = None;
        for rule in &self.form.rules {
            let now = match &rule.check {
                Check::Required { fields } if fields.iter().any(|f| matches_key(f, key)) => true,
                Check::Deadline { field, deadline, reason: Some(reason), .. } if reason == key => {
                    may_be_late(facts, field, deadline)
                }
                Check::Remark { fields, remark, codes } if matches_key(remark, key) => {
                    let row = remark.split('*').next().and_then(|p| key.strip_prefix(p)).unwrap_or_default();
                    let row = remark.split('*').nth(1).and_then(|s| row.strip_suffix(s)).unwrap_or(row);
                    remark_is_owed(facts.value(&fields.replace('*', row)), codes)
                }
                _ => continue,
            };
            asked = Some(asked.unwrap_or(false) || now && self.applies(rule, facts, deep));
        }
        asked
    }

    fn applies(&self, rule: &Rule, facts: &impl Facts, deep: u8) -> bool {
        rule.when.as_ref().is_none_or(|when| self.truth_at(when, facts, deep) != Truth::No)
    }

    fn truth_at(&self, when: &Predicate, facts: &impl Facts, deep: u8) -> Truth {
        let of = |p: &Predicate| self.truth_at(p, facts, deep);
        match when {
            Predicate::All { all } => all.iter().map(of).min().unwrap_or(Truth::Yes),
            Predicate::Any { any } => any.iter().map(of).max().unwrap_or(Truth::No),
            Predicate::Not { not } => !of(not),
            leaf => match leaf.holds(facts) {
                Truth::Unknown if !self.is_open(leaf, facts, deep) => Truth::No,
                told => told,
            },
        }
    }

    /// Whether an answer may still come that tells what a condition about one field cannot tell now.
    fn is_open(&self, leaf: &Predicate, facts: &impl Facts, deep: u8) -> bool {
        let mut open = false;
        leaf.fields(&mut |key| {
            open |= match facts.value(key) {
                None | Some(Value::Blank) => self
                    .slots
                    .get(key)
                    .zip(deep.checked_sub(1))
                    .is_some_and(|(slot, deep)| self.at_depth(slot, facts, deep) == Asking::Owed),
                Some(Value::None { kind: NoneKind::Undecided, .. }) => !matches!(leaf, Predicate::In { .. }),
                Some(Value::None { kind: NoneKind::NotApplicable, .. }) => false,
                Some(_) => true,
            }
        });
        open
    }

    /// Whether a rate that asks for this choice cannot tell without it whether the record counts: then it is owed, whatever
    /// the rules ask for.
    fn keeps_a_rate_open(&self, slot: &Slot<'_>, key: &str, facts: &impl Facts) -> bool {
        slot.field.is_chosen()
            && self.rates.iter().any(|def| {
                let RateCount::ShareOfItems { population, except, numerator, .. } = &def.count else { return false };
                let mut named = false;
                numerator.fields(&mut |f| named |= f == key);
                let inside = population.as_ref().is_none_or(|p| p.holds(facts) != Truth::No);
                let outside = except.as_ref().is_some_and(|p| p.holds(facts) == Truth::Yes);
                named && inside && !outside && numerator.holds(facts) == Truth::Unknown
            })
    }
}

/// The condition because of which nothing is asked in a field, whatever other rules say.
#[must_use]
pub fn needless_because<'a>(form: &'a Form, slot: &Slot<'a>, facts: &impl Facts) -> Option<&'a Predicate> {
    let over = [&form.nothing_asked_when, &slot.block.not_needed_when];
    over.into_iter().flatten().find(|w| w.holds(facts) == Truth::Yes)
}

fn remark_is_owed(status: Option<&Value>, codes: &[String]) -> bool {
    status.and_then(Value::choice).is_some_and(|c| codes.iter().any(|k| k == c))
}

/// Whether the reason for missing a deadline is asked for: the date lies certainly behind it.
fn may_be_late(facts: &impl Facts, field: &str, deadline: &str) -> bool {
    match (facts.value(field), facts.deadline(deadline)) {
        (Some(Value::Date(i)), Some(d)) => Outcome::of(i, d) == Outcome::After,
        _ => false,
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
