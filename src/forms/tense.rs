//! Which dates of a form tell what has happened and which what is planned, as its rules say. It settles the year of a month or
//! day that is written without one.

use std::collections::BTreeMap;

use crate::model::form::Tense;
use crate::model::{Check, CodeLists, Form};

/// Marks the date fields of a form.
pub(super) fn mark(form: &mut Form, lists: &CodeLists) {
    let mut told: BTreeMap<String, Tense> = BTreeMap::new();
    for rule in &form.rules {
        let (past, planned): (&[String], &[String]) = match &rule.check {
            Check::NotAfterAsOf { fields } => (fields, &[]),
            Check::Passed { planned, actual } => (actual, planned),
            _ => continue,
        };
        for (tense, patterns) in [(Tense::Past, past), (Tense::Planned, planned)] {
            told.extend(patterns.iter().flat_map(|p| form.expand(p, lists)).map(|key| (key, tense)));
        }
    }
    let of_slot = |s: &crate::model::Slot<'_>| Some(((s.block.id.clone(), s.field.id.clone()), *told.get(&s.key())?));
    let fields: BTreeMap<(String, String), Tense> = form.slots(lists).iter().filter_map(of_slot).collect();
    for block in form.sheets.iter_mut().flat_map(|s| &mut s.blocks) {
        for field in &mut block.fields {
            let known = fields.get(&(block.id.clone(), field.id.clone()));
            field.tense = known.copied().unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forms::Templates;

    #[test]
    fn every_date_of_such_a_rule_is_marked_and_no_other() {
        let templates = Templates::embedded().expect("the shipped definitions");
        let mut marked = 0;
        for form in templates.forms.values() {
            let rules = form.rules.iter().filter_map(|r| match &r.check {
                Check::NotAfterAsOf { fields } => Some((fields, Tense::Past)),
                Check::Passed { planned, .. } => Some((planned, Tense::Planned)),
                _ => None,
            });
            let keys: BTreeMap<String, Tense> = rules
                .flat_map(|(patterns, tense)| patterns.iter().map(move |p| (p, tense)))
                .flat_map(|(p, tense)| form.expand(p, &templates.lists).into_iter().map(move |key| (key, tense)))
                .collect();
            for slot in form.slots(&templates.lists) {
                assert_eq!(slot.field.tense, keys.get(&slot.key()).copied().unwrap_or_default(), "{}", slot.key());
                marked += usize::from(slot.field.tense != Tense::Open);
            }
        }
        assert!(marked > 10, "{marked}");
    }
}
