//! Which rows of a ministry's table are ours, and which item each is about: by what stands in the key columns.

use std::collections::{BTreeMap, BTreeSet};

use super::locate::BlockAt;
use crate::model::national::KeyKind;
use crate::model::{CellRef, CodeLists, Round};
use crate::normalise::text;
use crate::read::labels::Sheet;
use crate::read::resolve::{Agree, ItemMatch};
use crate::read::{Known, Who};
use crate::settings::code;

/// What was found of the rows of a table.
#[derive(Clone, Debug, Default)]
pub struct RowsAt {
    /// Rows by item key; the row of the municipality, where no item is named, under the empty key.
    pub rows: BTreeMap<String, u32>,
    /// Rows that name an item or the municipality a second time, with the first.
    pub doubled: Vec<(String, CellRef, CellRef)>,
    /// Rows whose two keys name different things, with both texts.
    pub disagree: Vec<(CellRef, String, String)>,
    /// Rows that name something else, with what they say.
    pub others: Vec<(CellRef, String)>,
    /// Whether the rows name no municipality yet: the form is for ours to put its name on.
    pub unnamed: bool,
}

/// Finds the rows of the municipality; with item keys, those of each item.
pub fn find(sheet: &Sheet<'_>, at: &BlockAt<'_>, roster: &str, known: &Known<'_>, round: &Round) -> RowsAt {
    let mut out = RowsAt::default();
    let mut unnamed: BTreeMap<String, u32> = BTreeMap::new();
    let of_items = at.keys.iter().any(|(k, _)| k.is_item());
    let mut carried: BTreeMap<KeyKind, String> = BTreeMap::new();
    let used: BTreeSet<u32> =
        sheet.grid.cells.keys().map(|c| c.row).filter(|r| (at.rows.0..at.rows.1).contains(r)).collect();
    for row in used {
        if of_items && continues(sheet, at, row) {
            continue;
        }
        let texts: BTreeMap<KeyKind, String> =
            at.keys.iter().map(|(kind, col)| (*kind, shown(sheet, CellRef::new(row, *col)))).collect();
        let get = |kind: KeyKind| texts.get(&kind).map(String::as_str).unwrap_or_default();
        let (key, name) = (get(KeyKind::Key), get(KeyKind::Name));
        let first = at.keys.first().map_or(0, |(_, col)| *col);
        let cell = |kind: KeyKind| {
            at.keys
                .iter()
                .find(|(k, _)| *k == kind)
                .map_or(CellRef::new(row, first), |(_, col)| CellRef::new(row, *col))
        };
        if of_items && key.trim().is_empty() && name.trim().is_empty() {
            continue;
        }
        let mut own = |kind: KeyKind| -> String {
            let here = get(kind).trim().to_string();
            // The name of a municipality may stand at the first of its rows only.
            if here.is_empty() {
                if of_items { carried.get(&kind).cloned().unwrap_or_default() } else { here }
            } else {
                carried.insert(kind, here.clone());
                here
            }
        };
        let place = [KeyKind::Prefecture, KeyKind::Municipality, KeyKind::MunicipalityCode].map(&mut own);
        let whose = ours(at, &place, round, known.lists);
        match whose {
            Ours::No => continue,
            Ours::Disagree => {
                out.disagree.push((cell(KeyKind::MunicipalityCode), place[2].clone(), place[1].clone()));
                continue;
            }
            Ours::Yes | Ours::Unnamed => {}
        }
        let nameless = matches!(whose, Ours::Unnamed);
        if nameless && !of_items {
            continue;
        }
        let item = if of_items {
            match known.item(roster, key, name) {
                ItemMatch::Found(item, agree) if agree != Agree::No => item,
                ItemMatch::Found(..) => {
                    out.disagree.push((cell(KeyKind::Key), key.to_string(), name.to_string()));
                    continue;
                }
                ItemMatch::Unknown => {
                    let said = if name.trim().is_empty() { key } else { name };
                    let at = if name.trim().is_empty() { cell(KeyKind::Key) } else { cell(KeyKind::Name) };
                    out.others.push((at, said.trim().to_string()));
                    continue;
                }
            }
        } else {
            String::new()
        };
        match out.rows.get(&item) {
            None if nameless => {
                unnamed.entry(item).or_insert(row);
            }
            None => {
                out.rows.insert(item, row);
            }
            Some(first_row) => {
                let kind = if of_items { KeyKind::Name } else { KeyKind::Municipality };
                out.doubled.push((item, CellRef::new(*first_row, cell(kind).col), cell(kind)));
            }
        }
    }
    if out.rows.is_empty() && out.disagree.is_empty() {
        if !of_items && empty(sheet, at) {
            unnamed.insert(String::new(), at.rows.0);
        }
        out.unnamed = !unnamed.is_empty();
        out.rows = unnamed;
    }
    out
}

/// Whether a row is only the rest of the one above: its item and all that is written into it stand in merged cells that
/// begin there. Where the figures are not merged as well, it is a second row of the item, and nobody knows which is meant.
fn continues(sheet: &Sheet<'_>, at: &BlockAt<'_>, row: u32) -> bool {
    let above = |col: u32| sheet.area(CellRef::new(row, col)).first.row < row;
    let mut items = at.keys.iter().filter(|(kind, _)| kind.is_item());
    items.any(|(_, col)| above(*col)) && at.columns.iter().all(|c| above(c.at.col))
}

/// Whether the first row below the header is there to be filled: nothing of the table stands in it.
fn empty(sheet: &Sheet<'_>, at: &BlockAt<'_>) -> bool {
    let columns = at.keys.iter().map(|(_, col)| *col).chain(at.columns.iter().map(|c| c.at.col));
    columns.into_iter().all(|col| sheet.blank(CellRef::new(at.rows.0, col)))
}

/// The items of a roster, for names and keys.
pub fn known<'a>(round: &'a Round, lists: &'a crate::model::CodeLists) -> Known<'a> {
    Known { who: Who::Round(round), lists }
}

fn shown(sheet: &Sheet<'_>, at: CellRef) -> String {
    sheet.shown(at).map(crate::model::Cell::raw).unwrap_or_default()
}

enum Ours {
    Yes,
    /// It names no municipality.
    Unnamed,
    No,
    /// The code is ours and the name is not, or the other way round.
    Disagree,
}

/// Whether a row is the municipality's. A table without such keys is wholly ours.
fn ours(at: &BlockAt<'_>, [prefecture, name, typed]: &[String; 3], round: &Round, lists: &CodeLists) -> Ours {
    if at.keys.iter().all(|(k, _)| k.is_item()) {
        return Ours::Yes;
    }
    let by_name = (!name.is_empty()).then(|| is_named(prefecture, name, round));
    let readings = code::readings(typed, lists).unwrap_or_default();
    // Five digits may be two municipalities: then the name decides, where there is one.
    let by_code = (!typed.is_empty() && (readings.len() < 2 || by_name.is_none()))
        .then(|| typed.trim() == round.municipality_code || readings.contains(&round.municipality_code));
    match (by_code, by_name) {
        (Some(true), Some(false)) | (Some(false), Some(true)) => Ours::Disagree,
        (Some(true), _) | (_, Some(true)) => Ours::Yes,
        (None, None) => Ours::Unnamed,
        _ => Ours::No,
    }
}

fn is_named(prefecture: &str, name: &str, round: &Round) -> bool {
    let (own, pref) = (text::key(&round.municipality), text::key(&round.prefecture));
    let (name, given) = (text::key(name), text::key(prefecture));
    // 宮城 is 宮城県; 北海道 has nothing to leave out.
    let short = pref.strip_suffix(['県', '府', '都']).unwrap_or(&pref);
    let there = given.is_empty() || given == pref || given == short;
    there && !own.is_empty() && (name == own || name == format!("{pref}{own}"))
}
