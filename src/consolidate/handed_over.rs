//! Items that went to another division: the former owner's answer counts until the new one gives its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::rules::Rules;
use crate::model::{Finding, Form, Item, Record, Round, Submission};

/// The replies to one form by division.
pub type Replies<'a> = BTreeMap<&'a str, &'a Submission>;

/// Those of a form among all.
#[must_use]
pub fn replies<'a>(form: &Form, all: &'a [Submission]) -> Replies<'a> {
    let of_form = all.iter().filter(|s| s.form.as_ref() == Some(&form.id));
    of_form.filter_map(|s| Some((s.division.as_deref()?, s))).collect()
}

/// The record that answers for an item: its owner's; while that says nothing, the former owner's, if that says something.
#[must_use]
pub fn record<'a>(item: &Item, replies: &Replies<'a>, rules: &Rules<'_>) -> Option<&'a Arc<Record>> {
    let of = |division: &str| replies.get(division)?.records.iter().find(|r| r.item == item.key);
    let own = of(item.owner.as_deref()?);
    let said = own.filter(|r| rules.says(r));
    said.or_else(|| of(item.came_from()?).filter(|r| rules.says(r))).or(own)
}

/// Rows that the new owner's form does not have (`codes` say so), because it was drawn before the move, or lost: no error of the
/// division's while the former owner answers; else the office is asked (X242W).
pub fn rows(
    findings: &mut Vec<Finding>,
    codes: &[&str],
    (forms, round): (&[&Form], &Round),
    answered: &dyn Fn(&Form, &Item) -> bool,
) {
    findings.retain_mut(|f| {
        if !codes.contains(&f.code.as_str()) {
            return true;
        }
        let form = forms.iter().find(|x| Some(&x.id) == f.form.as_ref());
        let item = form.and_then(|x| round.item(x.roster.as_deref(), f.item.as_deref()?));
        let Some((form, item, former)) = form.zip(item).and_then(|(x, i)| Some((x, i, i.came_from()?))) else {
            return true;
        };
        let Some(owner) = item.owner.as_deref().filter(|owner| f.division.as_deref() == Some(owner)) else {
            return true;
        };
        let told = Finding { code: "X242W".into(), ..f.clone() };
        *f = told.given(round.division_name(former)).expected(round.division_name(owner));
        !answered(form, item)
    });
}
