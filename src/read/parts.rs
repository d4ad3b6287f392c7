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

/// Sheets of one reply, and the division that they certainly are of where the card beside them names another.
pub(super) struct Whose<'a, 'g> {
    pub(super) sheets: Sheets<'a, 'g>,
    pub(super) certain: Option<String>,
}

impl<'a, 'g> Whose<'a, 'g> {
    const fn said(sheets: Sheets<'a, 'g>) -> Self {
        Self { sheets, certain: None }
    }
}

/// Sorts the sheets of one form by division. One reply, as they are, unless cards name several divisions for certain.
pub(super) fn split<'a, 'g>(form: &Form, taken: Sheets<'a, 'g>, known: &Known<'_>) -> Vec<Whose<'a, 'g>> {
    if form.roster.is_none() || taken.len() < 2 {
        return vec![Whose::said(taken)];
    }
    let covers: Vec<Option<Cover>> = taken.iter().map(|t| cover(t, known)).collect();
    let named: Vec<&str> = covers.iter().flatten().filter_map(|c| c.division.as_deref()).collect();
    let Some(first) = named.first() else { return vec![Whose::said(taken)] };
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
    // A card beside which no sheet is its division's, while all sheets are of one other: the file was made from that of another
    // division, and its card was left.
    let of_items = |sheets: &Sheets<'_, '_>| sheets.iter().any(|t| t.def.repeat == Repeat::Item);
    if let [(a, one), (b, other)] = parts.as_mut_slice()
        && of_items(one) != of_items(other)
        && covers.iter().flatten().count() == 1
        && !a.starts_with('?')
        && !b.starts_with('?')
    {
        let (card, division, sheets) = if of_items(one) { (other, a, one) } else { (one, b, other) };
        let certain = Some(std::mem::take(division));
        let sheets = std::mem::take(card).into_iter().chain(std::mem::take(sheets)).collect();
        return vec![Whose { sheets, certain }];
    }
    // Those that can be seen come first.
    parts.sort_by_key(|(_, sheets)| sheets.iter().all(|t| t.sheet.grid.hidden));
    parts.into_iter().map(|(_, sheets)| Whose::said(sheets)).collect()
}

/// What is said of a card that names another division than the one whose sheets stand beside it.
pub(super) fn other_card(taken: &[Taken<'_, '_>], certain: &str, file: &ArcStr, known: &Known<'_>) -> Option<Finding> {
    let (t, named) = taken.iter().find_map(|t| Some((t, cover(t, known)?.division?)))?;
    let name = |code: &str| match known.who {
        Who::Round(round) => round.division_name(code).to_string(),
        Who::Anybody => code.to_string(),
    };
    Some(Finding::new("S075W").at(Place::sheet(file, &t.name)).given(name(&named)).expected(name(certain)))
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
