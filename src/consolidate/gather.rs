//! The roster of a form whose divisions add their own items: every record of an accepted reply is an item of its division.

use std::collections::BTreeMap;

use crate::model::form::AskedOf;
use crate::model::{Form, Item, Record, Role, Round, Submission};
use crate::normalise::text;

/// Puts the items of the accepted replies on the rosters that are gathered, in the order of the divisions.
pub fn gather(round: &mut Round, forms: &[&Form], accepted: &[&Submission]) {
    for form in forms.iter().filter(|f| f.asked_of == AskedOf::Divisions) {
        let Some(roster) = &form.roster else { continue };
        let mut by_division: BTreeMap<&str, Vec<&Submission>> = BTreeMap::new();
        for s in accepted.iter().filter(|s| s.form.as_ref() == Some(&form.id)) {
            s.division.iter().for_each(|d| by_division.entry(d).or_default().push(s));
        }
        let mut items = Vec::new();
        for division in &round.divisions {
            let records = by_division.get(division.code.as_str()).into_iter().flatten().flat_map(|s| &s.records);
            items.extend(records.map(|r| item(form, r, &division.code)));
        }
        round.rosters.insert(roster.clone(), items);
    }
}

fn item(form: &Form, record: &Record, division: &str) -> Item {
    let named = |role| {
        let field = form.field_with(role)?;
        record.fields.get(&field.answer_key(""))
    };
    let name = named(Role::ItemName).map(|a| text::tidy(&a.raw).to_string()).filter(|n| !n.is_empty());
    Item {
        key: record.item.clone(),
        name: name.unwrap_or_else(|| record.item.clone()),
        owner: Some(division.to_string()),
        confirmed: true,
        group: record.item.clone(),
        place: named(Role::Item).map(|a| a.place.clone()),
        ..Item::default()
    }
}
