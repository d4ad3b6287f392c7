//! Items that went to another division: the former owner's answer counts until the new one gives its own.

use super::rules::Rules;
use crate::model::{Finding, Form, Item, Record, Round, Submission};

/// The record that answers for an item: its owner's; while that says nothing, the former owner's, if that says something.
#[must_use]
pub fn record<'a>(item: &Item, form: &Form, replies: &'a [Submission], rules: &Rules<'_>) -> Option<&'a Record> {
    let of = |division: &Option<String>| {
        let reply = replies
            .iter()
            .find(|s| s.form.as_ref() == Some(&form.id) && s.division.is_some() && s.division == *division);
        reply.and_then(|s| s.records.iter().find(|r| r.item == item.key))
    };
    let own = of(&item.owner);
    if own.is_some_and(|r| rules.says(r)) || item.former_owner.is_none() || item.owner.is_none() {
        return own;
    }
    of(&item.former_owner).filter(|r| rules.says(r)).or(own)
}

/// Rows that the new owner's form does not have, because it was drawn before the move, or lost: no error of the division's while
/// the former owner answers; else the office is asked (X242W).
pub fn rows(
    findings: &mut Vec<Finding>,
    codes: &[&str],
    (forms, round): (&[&Form], &Round),
    answered: &dyn Fn(&Form, &Item) -> bool,
) {
    let moved = |f: &Finding| {
        let form = forms.iter().find(|x| Some(&x.id) == f.form.as_ref())?;
        let item = round.items(form.roster.as_deref()?).find(|i| Some(&i.key) == f.item.as_ref())?;
        let is_new = item.owner.is_some()
            && item.owner == f.division
            && item.former_owner.as_ref().is_some_and(|x| Some(x) != item.owner.as_ref());
        (is_new && codes.contains(&f.code.as_str())).then_some((*form, item))
    };
    findings.retain(|f| !moved(f).is_some_and(|(form, item)| answered(form, item)));
    for f in findings.iter_mut() {
        let Some((_, item)) = moved(f) else { continue };
        let former = item.former_owner.as_deref().map(|d| round.division_name(d)).unwrap_or_default();
        let owner = item.owner.as_deref().map(|d| round.division_name(d)).unwrap_or_default();
        let told = Finding { code: "X242W".into(), ..f.clone() };
        *f = told.given(former).expected(owner);
    }
}
