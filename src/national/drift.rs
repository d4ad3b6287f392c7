//! Which entries of a map break between two years' workbooks, with a suggestion for each. What only moved breaks nothing:
//! a map finds its cells by their labels.

use std::collections::BTreeMap;

use super::locate::{BlockAt, Match, Recognised, SheetAt, recognise};
use super::rows;
use crate::drift::{Change, Drift, Renamed, ShapeChange, SheetDrift};
use crate::forms::Templates;
use crate::model::national::KeyKind;
use crate::model::{Area, CellRef, Grid, Round, Workbook};
use crate::read::labels::{Sheet, label_key};
use crate::read::resolve::{Agree, ItemMatch};
use crate::settings;

/// A map against two years' workbooks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapDrift {
    /// Id of the map.
    pub map: String,
    /// What its workbook is called.
    pub title: String,
    /// What has to be changed.
    pub breaks: Vec<Break>,
}

/// An entry that no longer finds its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// What it is.
    pub what: Entry,
    /// Its sheet in the old workbook.
    pub sheet: String,
    /// The label that is looked for: of a sheet, a header, a row.
    pub label: String,
    /// What may be meant now, and where it stands. A suggestion.
    pub suggestion: Option<(String, CellRef)>,
}

/// What of a map may break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Entry {
    /// A sheet is gone.
    Sheet,
    /// A header is gone.
    Header,
    /// A row is gone.
    Row,
    /// A formula stands where the map writes.
    Formula,
    /// A word that could be chosen where the map writes can be chosen no longer.
    List,
}

/// The map of the old workbook (or else of the new one) against both; `None` when no map fits either.
#[must_use]
pub fn against(old: &Workbook, new: &Workbook, drift: &Drift, templates: &Templates) -> Option<MapDrift> {
    let round = everything(templates);
    let fitting = |book| match recognise(book, &templates.national, templates, &round) {
        Recognised::Map(m) => Some(m),
        Recognised::Unknown(_) => None,
    };
    let (was, map) = match (fitting(old), fitting(new)) {
        (Some(m), _) => (Some(m.clone()), m.map),
        (None, Some(m)) => (None, m.map),
        (None, None) => return None,
    };
    let now = match recognise(new, std::slice::from_ref(map), templates, &round) {
        Recognised::Map(m) => Some(m),
        Recognised::Unknown(nearest) => nearest,
    };
    let mut breaks = Vec::new();
    for at in was.iter().flat_map(|m| &m.sheets) {
        let there = now.as_ref().and_then(|m: &Match<'_>| m.sheets.iter().find(|s| std::ptr::eq(s.sheet, at.sheet)));
        let Some(grid) = old.sheets.get(at.index) else { continue };
        let Some((there, target)) = there.and_then(|t| Some((t, new.sheets.get(t.index)?))) else {
            breaks.push(Break {
                what: Entry::Sheet,
                sheet: grid.name.clone(),
                label: grid.name.clone(),
                suggestion: None,
            });
            continue;
        };
        let changed = drift.sheets.iter().find(|s| s.old.as_ref().is_some_and(|o| o.position == at.index));
        let pair = Pair { grid, target, changed, templates, round: &round };
        pair.blocks(at, there, &mut breaks);
    }
    breaks.dedup();
    Some(MapDrift { map: map.id.clone(), title: map.title.clone(), breaks })
}

/// A round that has every form and every item of the national lists.
fn everything(templates: &Templates) -> Round {
    let day = chrono::NaiveDate::default();
    templates.asked().fold(Round::default(), |mut all, form| {
        let one = settings::stand_in(templates, form, day, None);
        all.forms.extend(one.forms);
        all.rosters.extend(one.rosters);
        all
    })
}

/// One sheet of the map on both workbooks.
struct Pair<'a> {
    grid: &'a Grid,
    target: &'a Grid,
    changed: Option<&'a SheetDrift>,
    templates: &'a Templates,
    round: &'a Round,
}

impl Pair<'_> {
    fn blocks(&self, was: &SheetAt<'_>, now: &SheetAt<'_>, breaks: &mut Vec<Break>) {
        let pairs =
            was.blocks.iter().filter_map(|b| Some((b, now.blocks.iter().find(|n| std::ptr::eq(n.block, b.block))?)));
        for (old, new) in pairs {
            self.headers(old, new, breaks);
            self.rows(old, new, breaks);
            self.formulas(new, breaks);
            self.lists(new, breaks);
        }
    }

    fn say(&self, what: Entry, label: &str, renamed: Option<&Renamed>) -> Break {
        let suggestion = renamed.map(|r| (r.new.text.clone(), r.new.at));
        Break { what, sheet: self.grid.name.clone(), label: label.to_string(), suggestion }
    }

    fn headers(&self, old: &BlockAt<'_>, new: &BlockAt<'_>, breaks: &mut Vec<Break>) {
        for label in old.found.iter().filter(|l| !new.found.contains(l)) {
            let column = old.columns.iter().find(|c| c.wanted.label == *label).map(|c| c.at.col).or_else(|| {
                let key = old.block.keys.iter().find(|k| k.label == *label)?;
                old.keys.iter().find(|(kind, _)| *kind == key.is).map(|(_, col)| *col)
            });
            let renamed = || self.changed.into_iter().flat_map(|s| &s.renamed);
            // By its words; else what changed in the header above its column.
            let by_words = renamed().find(|r| label_key(&r.old.text) == label_key(label));
            let in_header =
                |r: &&Renamed| Some(r.old.at.col) == column && (old.rows.0 == 0 || r.old.at.row < old.rows.0);
            breaks.push(self.say(Entry::Header, label, by_words.or_else(|| renamed().rfind(in_header))));
        }
    }

    /// Items that are a row of the old table and not of the new one.
    fn rows(&self, old: &BlockAt<'_>, new: &BlockAt<'_>, breaks: &mut Vec<Break>) {
        let (was, now) = (self.items(self.grid, old), self.items(self.target, new));
        // Without its key column no row is found, which is told of the header.
        if now.is_empty() {
            return;
        }
        for (_, (name, at)) in was.iter().filter(|(item, _)| !now.contains_key(*item)) {
            let renamed = self.changed.into_iter().flat_map(|s| &s.renamed).find(|r| r.old.at == *at);
            breaks.push(self.say(Entry::Row, name, renamed));
        }
    }

    /// The items that rows name, each with its text and cell.
    fn items(&self, grid: &Grid, at: &BlockAt<'_>) -> BTreeMap<String, (String, CellRef)> {
        let roster = self.templates.forms.get(&at.block.form).and_then(|f| f.roster.as_deref()).unwrap_or_default();
        let known = rows::known(self.round, &self.templates.lists);
        let sheet = Sheet::new(grid);
        let mut found = BTreeMap::new();
        for (kind, col) in at.keys.iter().filter(|(kind, _)| kind.is_item()) {
            for row in at.rows.0..at.rows.1.min(sheet.height) {
                let cell = sheet.area(CellRef::new(row, *col)).first;
                let text = grid.text(cell);
                let (key, name) = if *kind == KeyKind::Key { (text.as_str(), "") } else { ("", text.as_str()) };
                if let ItemMatch::Found(item, Agree::Yes | Agree::KeyOnly | Agree::NameOnly) =
                    known.item(roster, key, name)
                {
                    found.insert(item, (text.trim().to_string(), cell));
                }
            }
        }
        found
    }

    /// Columns that are written and whose list lacks a word that it had.
    fn lists(&self, new: &BlockAt<'_>, breaks: &mut Vec<Break>) {
        let words = |list: &str| list.split('、').map(str::to_string).collect::<Vec<_>>();
        let lost = |c: &&ShapeChange| {
            let Some((old, new)) = c.formats.as_ref().filter(|_| c.change == Change::List) else { return false };
            let kept = words(new);
            !new.is_empty() && words(old).iter().any(|w| !w.is_empty() && !kept.contains(w))
        };
        let changed: Vec<&ShapeChange> = self.changed.into_iter().flat_map(|s| &s.shape).filter(lost).collect();
        for standing in &new.columns {
            let at = |row| CellRef::new(row, standing.at.col);
            let written = |area: Area| {
                let of_table = area.first.row < new.rows.1 && area.last.row >= new.rows.0;
                if new.rows.1 == 0 { area.contains(standing.at) } else { of_table && area.contains(at(area.first.row)) }
            };
            let found = changed.iter().filter_map(|c| Some((c.new?, c.formats.as_ref()?))).find(|(a, _)| written(*a));
            if let Some((area, (_, now))) = found {
                let suggestion = Some((now.clone(), area.first));
                breaks.push(Break { suggestion, ..self.say(Entry::List, &standing.wanted.label, None) });
            }
        }
    }

    /// Columns that are written and hold a formula that was not there.
    fn formulas(&self, new: &BlockAt<'_>, breaks: &mut Vec<Break>) {
        let added = || self.changed.into_iter().flat_map(|s| &s.shape).filter(|c| c.change == Change::FormulaAdded);
        for standing in new.columns.iter().filter(|c| !c.wanted.column.replace_formula) {
            let within = |at: CellRef| {
                if new.rows.1 == 0 {
                    at == standing.at
                } else {
                    at.col == standing.at.col && (new.rows.0..new.rows.1).contains(&at.row)
                }
            };
            if let Some(at) = added().filter_map(|c| c.new).map(|a| a.first).find(|at| within(*at)) {
                let suggestion = Some((standing.wanted.label.clone(), at));
                breaks.push(Break { suggestion, ..self.say(Entry::Formula, &standing.wanted.label, None) });
            }
        }
    }
}
