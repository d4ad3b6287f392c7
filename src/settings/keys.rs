//! What a person writes in the settings for a key: the key itself, the label that is printed, an item's name or its number.

use std::collections::BTreeSet;

use crate::forms::Templates;
use crate::forms::called::{Candidate, meant};
pub use crate::forms::called::{fields, form};
use crate::model::form::BlockRole;
use crate::model::{Form, Offers, Round};

/// The items that may be meant: those of a form's roster, or of all rosters.
#[must_use]
pub fn items(round: &Round, form: Option<&Form>) -> Vec<Candidate> {
    let rosters = round.rosters.iter().filter(|(id, _)| form.is_none_or(|f| f.roster.as_ref() == Some(id)));
    rosters.flat_map(|(_, items)| items).map(Candidate::item).collect()
}

/// Whether the items of a form stand in the settings; else the divisions add them, and only their replies say which there are.
#[must_use]
pub fn lists_items(templates: &Templates, form: &Form) -> bool {
    let blocks = templates.settings().into_iter().flat_map(|s| &s.sheets).flat_map(|s| &s.blocks);
    blocks.filter(|b| b.role == Some(BlockRole::Roster)).any(|b| form.roster.as_ref() == Some(&b.id))
}

/// Every form's and field's and item's key in the place of what was written for it. What means nothing stays as it is.
pub(super) fn canonical(round: &mut Round, templates: &Templates) {
    let common = std::mem::take(&mut round.common_answers);
    for ((typed, field), value) in common {
        let found = form(templates, &typed);
        let key = found.and_then(|f| meant(&field, &fields(templates, Some(f), Offers::CommonFields)).key());
        let form = found.map_or(typed, |f| f.id.clone());
        round.common_answers.insert((form, key.unwrap_or(field)), value);
    }
    let id = |typed: &mut String| {
        if let Some(found) = form(templates, typed) {
            typed.clone_from(&found.id);
        }
    };
    round.deadlines.iter_mut().for_each(|d| id(&mut d.applies_to));
    round.extensions.iter_mut().for_each(|e| id(&mut e.form));
    round.receipts.iter_mut().for_each(|r| id(&mut r.form));
    round.decisions.iter_mut().for_each(|d| id(&mut d.form));
    round.waivers.iter_mut().for_each(|w| id(&mut w.form));
    named_items(round, templates);
    for d in &mut round.decisions {
        field(templates, &d.form, &mut d.field, Offers::DateFields);
    }
    for w in &mut round.waivers {
        field(templates, &w.form, &mut w.field, Offers::Fields);
        w.rows = column(templates, &w.form, &w.field);
    }
}

/// The keys of the answers in a column of rows: what is said of the column is said of each of them.
fn column(templates: &Templates, of_form: &str, id: &str) -> BTreeSet<String> {
    let forms = templates.asked().filter(|f| of_form.is_empty() || f.id == of_form);
    let slots = forms.flat_map(|f| f.slots(&templates.lists));
    slots.filter(|s| s.row.is_some() && s.field.id == id).map(|s| s.key()).collect()
}

/// Items by their keys, in what was decided and approved. Called again when the replies have told which items there are.
pub fn named_items(round: &mut Round, templates: &Templates) {
    let mut decisions = std::mem::take(&mut round.decisions);
    let mut waivers = std::mem::take(&mut round.waivers);
    let of = |of_form: &str, typed: &mut String| {
        if !typed.is_empty()
            && let Some(key) = meant(typed, &items(round, templates.forms.get(of_form))).key()
        {
            *typed = key;
        }
    };
    decisions.iter_mut().for_each(|d| of(&d.form, &mut d.item));
    waivers.iter_mut().for_each(|w| of(&w.form, &mut w.item));
    (round.decisions, round.waivers) = (decisions, waivers);
}

fn field(templates: &Templates, of_form: &str, typed: &mut String, wanted: Offers) {
    if !typed.is_empty()
        && let Some(key) = meant(typed, &fields(templates, templates.forms.get(of_form), wanted)).key()
    {
        *typed = key;
    }
}

/// What a block's row may name as a field.
pub(super) const fn offered(role: BlockRole) -> Offers {
    match role {
        BlockRole::CommonAnswers => Offers::CommonFields,
        BlockRole::Decisions => Offers::DateFields,
        _ => Offers::Fields,
    }
}
