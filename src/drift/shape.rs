//! What changed of a sheet beside its labels: merges, formulas, number formats of what stands in cells.

use std::collections::{BTreeMap, BTreeSet};

use super::shift::Shift;
use crate::model::{Area, CellRef, Content, Grid};

/// A change at a place: the area of the new sheet, of the old one where the new one has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShapeChange {
    /// What changed.
    pub change: Change,
    /// Where it was on the old sheet.
    pub old: Option<Area>,
    /// Where it is on the new sheet.
    pub new: Option<Area>,
    /// Number formats, or the words of a list, old and new.
    pub formats: Option<(String, String)>,
}

/// What may change beside the labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// A merge is new, gone, or reaches over other cells.
    Merge,
    /// A formula stands where none was: nothing may be written there.
    FormulaAdded,
    /// No formula stands where one was.
    FormulaGone,
    /// A number shows in another way.
    Format,
    /// The words that may be chosen are others, there are some where none were, or none where some were.
    List,
}

/// What changed between two sheets, rows and columns having moved as `shift` says; in the order of kinds and cells.
pub fn changes(old: &Grid, new: &Grid, shift: &Shift) -> Vec<ShapeChange> {
    let mut found = merges(old, new, shift);
    let plain = |change, old, new| ShapeChange { change, old, new, formats: None };
    let mut arrived: BTreeSet<CellRef> = BTreeSet::new();
    for (from, cell) in &old.cells {
        let Some(to) = shift.to(*from) else { continue };
        arrived.insert(to);
        let there = new.get(to);
        let (was, is) = (cell.formula, there.is_some_and(|c| c.formula));
        let places = (Some(Area::cell(*from)), Some(Area::cell(to)));
        if was != is {
            found.push(plain(if is { Change::FormulaAdded } else { Change::FormulaGone }, places.0, places.1));
        } else if let Some(there) =
            there.filter(|t| t.format != cell.format && is_number(&t.content) && is_number(&cell.content))
        {
            let words = |f: &Option<String>| f.clone().unwrap_or_else(|| "標準".into());
            let formats = Some((words(&cell.format), words(&there.format)));
            found.push(ShapeChange { change: Change::Format, old: places.0, new: places.1, formats });
        }
    }
    let fresh = new.cells.iter().filter(|(at, c)| c.formula && !arrived.contains(at));
    found.extend(fresh.map(|(at, _)| plain(Change::FormulaAdded, None, Some(Area::cell(*at)))));
    found.extend(lists(old, new, shift));
    found.sort_by_key(|c| (c.change, c.new.or(c.old)));
    found
}

const fn is_number(content: &Content) -> bool {
    matches!(content, Content::Number(_) | Content::DateTime(_))
}

/// The lists of both, each told once for its words: by the first cell of an old one, and of a new one where none was.
fn lists(old: &Grid, new: &Grid, shift: &Shift) -> Vec<ShapeChange> {
    let of = |grid: &Grid, at: CellRef| {
        grid.choices.iter().find(|(area, _)| area.contains(at)).map(|(area, words)| (*area, words.join("、")))
    };
    let mut found: Vec<ShapeChange> = Vec::new();
    let mut met: BTreeSet<CellRef> = BTreeSet::new();
    for (area, words) in &old.choices {
        let Some(to) = shift.to(area.first) else { continue };
        let (was, now) = (words.join("、"), of(new, to));
        met.extend(now.iter().map(|(area, _)| area.first));
        let (place, is) = now.map_or((Area::cell(to), String::new()), |(area, words)| (area, words));
        if was != is {
            let formats = Some((was, is));
            found.push(ShapeChange { change: Change::List, old: Some(*area), new: Some(place), formats });
        }
    }
    for (area, words) in new.choices.iter().filter(|(area, _)| !met.contains(&area.first)) {
        let formats = Some((String::new(), words.join("、")));
        found.push(ShapeChange { change: Change::List, old: None, new: Some(*area), formats });
    }
    found
}

fn merges(old: &Grid, new: &Grid, shift: &Shift) -> Vec<ShapeChange> {
    let mut there: BTreeMap<CellRef, Area> = new.merges.iter().map(|m| (m.first, *m)).collect();
    let mut found = Vec::new();
    for merge in &old.merges {
        let expected = shift.to(merge.first).zip(shift.to(merge.last)).map(|(first, last)| Area { first, last });
        let now = expected.and_then(|e| there.remove(&e.first));
        if now.is_none() || now != expected {
            found.push(ShapeChange { change: Change::Merge, old: Some(*merge), new: now, formats: None });
        }
    }
    let fresh =
        there.into_values().map(|m| ShapeChange { change: Change::Merge, old: None, new: Some(m), formats: None });
    found.extend(fresh);
    found
}
