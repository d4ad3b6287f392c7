//! Whose each sheet of a workbook is. Most workbooks are one reply; some hold a sheet of another division that was copied
//! in, or two forms. Each (form, division) is a reply of its own.

use arcstr::ArcStr;

use super::extract::Taken;
use super::resolve::{ItemMatch, Known, Who};
use crate::model::form::{Form, Layout, Repeat};
use crate::model::{Cell, Finding, Place, Role};

/// Sheets of one reply, in the order of the workbook.
pub(super) type Sheets<'a, 'g> = Vec<Taken<'a, 'g>>;

/// What a sheet with the card of a division says about whose it is.
struct Cover {
    /// The division that is named, by its code, else by its name.
    division: Option<String>,
    /// Whether anything is written there.
    typed: bool,
    /// Whether code and name do not contradict each other.
    agree: bool,
}

/// Sorts the sheets of one form by division. One reply, as they are, unless cards name several divisions for certain.
pub(super) fn split<'a, 'g>(form: &Form, taken: Sheets<'a, 'g>, known: &Known<'_>) -> Vec<Sheets<'a, 'g>> {
    if form.roster.is_none() || taken.len() < 2 {
        return vec![taken];
    }
    let covers: Vec<Option<Cover>> = taken.iter().map(|t| cover(t, known)).collect();
    let named: Vec<&str> = covers.iter().flatten().filter_map(|c| c.division.as_deref()).collect();
    let Some(first) = named.first() else { return vec![taken] };
    let sure = covers.iter().flatten().all(|c| c.agree);
    // A sheet without a card of its own belongs to the card before it.
    let mut current = (*first).to_string();
    let mut keys: Vec<String> = Vec::new();
    for (n, (t, cover)) in taken.iter().zip(&covers).enumerate() {
        let key = match cover {
            Some(Cover { division: Some(division), .. }) => {
                current.clone_from(division);
                division.clone()
            }
            // A division that nobody knows is nobody else's.
            Some(Cover { typed: true, .. }) => format!("?{n}"),
            Some(_) => current.clone(),
            None => owner(t, form, known, &named, sure).unwrap_or_else(|| current.clone()),
        };
        keys.push(key);
    }
    let mut parts: Vec<(String, Sheets<'a, 'g>)> = Vec::new();
    for (key, t) in keys.into_iter().zip(taken) {
        match parts.iter_mut().find(|(k, _)| *k == key) {
            Some((_, sheets)) => sheets.push(t),
            None => parts.push((key, vec![t])),
        }
    }
    // Those that can be seen come first.
    parts.sort_by_key(|(_, sheets)| sheets.iter().all(|t| t.sheet.grid.hidden));
    parts.into_iter().map(|(_, sheets)| sheets).collect()
}

/// A hidden sheet of another division or form, which is not read.
pub(super) fn hidden(t: &Taken<'_, '_>, form: &Form, file: &ArcStr, known: &Known<'_>) -> Finding {
    let whose = cover(t, known).and_then(|c| c.division).unwrap_or_default();
    let whose = match known.who {
        Who::Round(round) => round.division_name(&whose).to_string(),
        Who::Anybody => whose,
    };
    let finding = Finding::new("X011W").at(Place::sheet(file, &t.name)).given(&*t.name).expected(&form.title);
    finding.arg("whose", if whose.is_empty() { whose } else { format!("{whose}の") })
}

/// Whether a card on any of these sheets names a division.
pub(super) fn names_division(taken: &[Taken<'_, '_>]) -> bool {
    taken.iter().any(|t| [Role::Division, Role::DivisionName].into_iter().any(|r| typed(t, r).is_some()))
}

/// What is written in the first card field of a role.
fn typed(t: &Taken<'_, '_>, role: Role) -> Option<String> {
    t.def.blocks.iter().filter(|b| b.layout == Layout::Card).find_map(|block| {
        let field = block.field_with(role)?;
        let at = t.located.cards.get(&(block.id.clone(), field.id.clone()))?;
        let text = t.sheet.shown(at.cells[0]).map(Cell::raw)?;
        (!text.trim().is_empty()).then_some(text)
    })
}

fn cover(t: &Taken<'_, '_>, known: &Known<'_>) -> Option<Cover> {
    let cards = t.def.blocks.iter().filter(|b| b.layout == Layout::Card);
    cards.clone().find(|b| b.field_with(Role::Division).is_some()).filter(|_| t.def.repeat == Repeat::Once)?;
    let (code, name) = (typed(t, Role::Division), typed(t, Role::DivisionName));
    let by_code = code.as_ref().and_then(|c| known.division(c, true));
    let by_name = name.as_ref().and_then(|n| known.division(n, false));
    let agree = by_code.is_none() || by_name.is_none() || by_code == by_name;
    Some(Cover { division: by_code.or(by_name), typed: code.is_some() || name.is_some(), agree })
}

/// Whose a repeated sheet is: the division that it names, or that owns its item, among those with a card; another one only
/// where sheet and settings say the same and the cards are in no doubt.
fn owner(t: &Taken<'_, '_>, form: &Form, known: &Known<'_>, named: &[&str], sure: bool) -> Option<String> {
    if t.def.repeat != Repeat::Item {
        return None;
    }
    let says = typed(t, Role::DivisionName).and_then(|n| known.division(&n, false));
    let (key, name) = (typed(t, Role::Item).unwrap_or_default(), typed(t, Role::ItemName).unwrap_or_default());
    let roster = form.roster.as_deref().unwrap_or_default();
    let owns = match (known.who, known.item(roster, &key, &name)) {
        (Who::Round(round), ItemMatch::Found(item, _)) => {
            round.items(roster).find(|i| i.key == item).and_then(|i| i.owner.clone())
        }
        _ => None,
    };
    let has_card = |d: &String| named.contains(&d.as_str());
    match says {
        Some(says) if has_card(&says) => Some(says),
        Some(says) => Some(says).filter(|s| sure && owns.as_ref() == Some(s)),
        None => owns.filter(has_card),
    }
}
