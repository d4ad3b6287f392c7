//! 共通回答: what the DX office answers for everybody, held against the forms that ask for it.

use std::collections::BTreeMap;

use super::keys;
use super::rows::Row;
use crate::forms::Templates;
use crate::forms::called::{called, meant};
use crate::model::finding::FIELD_NAME;
use crate::model::{Cell, Field, Finding, Form, Offers, Place, Role, Round, Slot, Value};
use crate::normalise;

/// Answers that are no answers (X193E), that stand twice (X101E), and those that are still owed (X191W).
pub(super) fn check(rows: &[Row<'_>], sheet: &Place, round: &Round, templates: &Templates) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut at: BTreeMap<(String, String), Vec<&Row<'_>>> = BTreeMap::new();
    for row in rows {
        let Some(form) = keys::form(templates, &row.text(Role::Form)) else { continue };
        let among = keys::fields(templates, Some(form), Offers::CommonFields);
        let Some(key) = meant(&row.text(Role::Field), &among).key() else { continue };
        let slots = form.slots(&templates.lists);
        if let Some(slot) = slots.iter().find(|s| s.key() == key) {
            findings.extend(unreadable(row, slot, form, round, templates));
        }
        at.entry((form.id.clone(), key)).or_default().push(row);
    }
    for rows in at.values() {
        let mut given = rows.iter().filter(|r| !r.blank(Role::Value));
        let first = given.next();
        let other = |r: &&&Row<'_>| first.is_some_and(|f| f.text(Role::Value) != r.text(Role::Value));
        findings.extend(first.zip(given.find(other)).map(|(first, again)| doubled(first, again)));
    }
    for form in templates.asked().filter(|f| round.forms.contains_key(&f.id)) {
        findings.extend(owed(form, &at, sheet, round, templates));
    }
    findings
}

/// An answer that cannot be read as what the form asks for would be wrong in every division's file.
fn unreadable(row: &Row<'_>, slot: &Slot<'_>, form: &Form, round: &Round, templates: &Templates) -> Option<Finding> {
    let typed = row.text(Role::Value);
    let as_of = round.forms.get(&form.id)?.as_of;
    let context = normalise::Context { as_of, date1904: false, codes: &templates.lists };
    let value = normalise::normalise(&Cell::text(&*typed), slot.field, &context).value;
    let wrong = value == Value::Unreadable || slot.field.is_chosen() && matches!(value, Value::None { .. });
    let finding = Finding::new("X193E").given(&typed).expected(choices(slot.field, templates));
    let finding = finding.arg(FIELD_NAME, called(slot));
    wrong.then(|| Finding { place: row.place(Role::Value), ..finding })
}

fn choices(field: &Field, templates: &Templates) -> String {
    let list = field.codes.as_ref().and_then(|id| templates.lists.get(id));
    let names: Vec<String> = list.iter().flat_map(|l| &l.codes).map(|c| format!("「{}」", c.name)).collect();
    if names.is_empty() {
        "様式の記入要領にある書き方".into()
    } else {
        format!("{}のどれか", names.join(""))
    }
}

fn doubled(first: &Row<'_>, again: &Row<'_>) -> Finding {
    let expected = first.place(Role::Field).as_ref().map(Place::cell_text).unwrap_or_default();
    let mut finding = Finding::new("X101E").given(again.text(Role::Field)).expected(expected);
    finding.place = again.place(Role::Field);
    finding.related = first.place(Role::Field).into_iter().collect();
    finding
}

/// What nobody has answered yet, told once for each form.
fn owed(
    form: &Form,
    at: &BTreeMap<(String, String), Vec<&Row<'_>>>,
    sheet: &Place,
    round: &Round,
    templates: &Templates,
) -> Option<Finding> {
    let of = |s: &Slot<'_>| (form.id.clone(), s.key());
    let slots = form.slots(&templates.lists);
    let missing: Vec<&Slot<'_>> =
        slots.iter().filter(|s| s.is_common_owed() && !round.common_answers.contains_key(&of(s))).collect();
    let places = missing.iter().filter_map(|s| at.get(&of(s))?.first()?.place(Role::Value));
    let mut places = places.collect::<Vec<_>>().into_iter();
    let names: Vec<String> = missing.iter().map(|s| format!("「{}」", called(s))).collect();
    let finding = Finding::new("X191W").of(&form.id, "", "").at(places.next().unwrap_or_else(|| sheet.clone()));
    let finding = finding.given(names.len().to_string()).arg("labels", names.join("")).arg("form", &form.title);
    (!missing.is_empty()).then(|| places.fold(finding, Finding::related))
}
