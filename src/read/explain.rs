//! What every cell of a workbook was taken for: label, answer, key, the form's own print, remark, note. For a workbook that
//! is no form: which form comes nearest, which of its labels are there and which are not.
//!
//! Takes what [`super::extract`] takes and reads the same way, so that an explanation never differs from the reading.

use std::collections::{BTreeMap, BTreeSet};

use arcstr::ArcStr;

use super::extract::{Draft, Taken, best_match, marker, recognise};
use super::labels::{Sheet, field_keys};
use super::resolve::Known;
use super::stray;
use crate::model::form::{Field, Form, Layout};
use crate::model::{Area, Cell, CellRef, Role, Workbook};

/// What a cell was taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TakenFor {
    /// The label or header of a field.
    Label,
    /// The answer of a field.
    Answer,
    /// What names the row, the item or the division.
    Key,
    /// What the form itself prints.
    Printed,
    /// Something a person wrote where no answer belongs; not counted.
    Stray,
    /// A note or comment on a cell; not counted.
    Note,
    /// A cell that could not be read.
    Damaged,
    /// A cell on a sheet that is none of the form's.
    OtherSheet,
    /// The cells that are not told one by one, because a sheet has too many.
    Others,
}

/// One cell with what it was taken for.
#[derive(Clone, Debug)]
pub struct ExplainedCell<'a> {
    /// Name of the sheet.
    pub sheet: ArcStr,
    /// The cell, or the boxes of a split answer.
    pub area: Area,
    /// What it was taken for.
    pub taken_for: TakenFor,
    /// The field it belongs to.
    pub field: Option<&'a Field>,
    /// Key of the answer.
    pub key: Option<ArcStr>,
    /// The stored text, serial or number; of a note its text.
    pub raw: String,
    /// The number format.
    pub format: Option<String>,
}

/// The form that a workbook comes nearest to without being it.
#[derive(Clone, Debug, PartialEq)]
pub struct Nearest {
    /// Form id.
    pub form: String,
    /// Its title.
    pub title: String,
    /// The sheet that comes nearest.
    pub sheet: String,
    /// Labels that are there, with their first cell.
    pub found: Vec<(String, CellRef)>,
    /// Labels that are not.
    pub missing: Vec<String>,
}

/// How a workbook was read.
#[derive(Clone, Debug)]
pub enum Explanation<'a> {
    /// As a form: its cells, by sheet in the order of the file, then by row and column.
    Form(&'a Form, Vec<ExplainedCell<'a>>),
    /// As none; the nearest one, when any label of any form is there.
    None(Option<Nearest>),
}

/// Explains a workbook.
#[must_use]
pub fn explain<'a>(forms: &[&'a Form], book: &Workbook, file: &ArcStr, known: &Known<'_>) -> Explanation<'a> {
    let parts = recognise(forms, book, file, known).unwrap_or_default();
    let Some((main, _)) = parts.first() else { return Explanation::None(nearest(forms, book)) };
    let printed: Vec<_> = parts.iter().map(|(draft, _)| stray::printed(draft.form, known, draft.as_of)).collect();
    let mut cells = Vec::new();
    for grid in &book.sheets {
        let name: ArcStr = ArcStr::from(grid.name.as_str());
        let mut of_sheet: BTreeMap<CellRef, ExplainedCell<'a>> = BTreeMap::new();
        let is_own = |t: &&Taken<'a, '_>| std::ptr::eq(t.sheet.grid, grid);
        let own = parts.iter().enumerate().find_map(|(n, (draft, taken))| {
            let t = taken.iter().find(is_own)?;
            Some((n, draft, t))
        });
        if let Some((_, draft, t)) = own {
            known_cells(t, draft, &mut of_sheet);
        }
        let head = own.map_or(0, |_| stray::head(of_sheet.keys(), known));
        let own_help = grid.hidden && grid.name.starts_with('_');
        let damaged: BTreeSet<CellRef> = grid.bad_cells.iter().map(|(at, _)| *at).collect();
        let mut others = Others::default();
        for (at, cell) in grid.cells.iter().filter(|(_, c)| !c.is_blank()) {
            if of_sheet.contains_key(at) || !others.fits(*at) {
                continue;
            }
            let taken_for = match own {
                _ if damaged.contains(at) => TakenFor::Damaged,
                None if own_help => TakenFor::Printed,
                None => TakenFor::OtherSheet,
                Some((n, ..)) if at.row < head || stray::is_printed(&cell.raw(), &printed[n]) => TakenFor::Printed,
                Some(_) => TakenFor::Stray,
            };
            of_sheet.insert(*at, bare(&name, Area::cell(*at), taken_for, cell));
        }
        if let Some(rest) = others.rest(&name) {
            of_sheet.insert(rest.area.first, rest);
        }
        let mut notes: Vec<ExplainedCell<'a>> = Vec::new();
        for (at, text) in &grid.marks.notes {
            notes.push(bare(&name, Area::cell(*at), TakenFor::Note, &Cell::text(text.clone())));
        }
        // A note comes behind its cell.
        let mut all: Vec<ExplainedCell<'a>> = of_sheet.into_values().chain(notes).collect();
        all.sort_by_key(|c| (c.area.first, c.taken_for == TakenFor::Note));
        cells.extend(all);
    }
    Explanation::Form(main.form, cells)
}

/// Cells of a sheet that are no answers: so many are told one by one, the others together.
#[derive(Default)]
struct Others {
    told: usize,
    left: usize,
    ends: Option<(CellRef, CellRef)>,
}

impl Others {
    const MOST: usize = 20_000;

    /// Whether the next cell is told; counts it if not.
    fn fits(&mut self, at: CellRef) -> bool {
        if self.told < Self::MOST {
            self.told += 1;
            return true;
        }
        self.left += 1;
        self.ends = Some((self.ends.map_or(at, |(first, _)| first), at));
        false
    }

    /// The cells left out, as one entry at the first of them.
    fn rest<'a>(&self, sheet: &ArcStr) -> Option<ExplainedCell<'a>> {
        let (first, last) = self.ends?;
        let words = Cell::text(format!("{last}までの、ほか{}個のセル", self.left));
        Some(bare(sheet, Area::cell(first), TakenFor::Others, &words))
    }
}

fn bare<'a>(sheet: &ArcStr, area: Area, taken_for: TakenFor, cell: &Cell) -> ExplainedCell<'a> {
    let (raw, format) = (cell.raw(), cell.format.clone());
    ExplainedCell { sheet: sheet.clone(), area, taken_for, field: None, key: None, raw, format }
}

/// Answers, labels and keys of a sheet of the form.
fn known_cells<'a>(t: &Taken<'a, '_>, draft: &Draft<'a>, into: &mut BTreeMap<CellRef, ExplainedCell<'a>>) {
    let shown = |at: CellRef| t.sheet.shown(at).cloned().unwrap_or_default();
    for a in draft.answers.iter().filter(|a| a.place.sheet == t.name) {
        let Some(area) = a.place.area else { continue };
        let raw: String = a.cells.iter().map(Cell::raw).collect();
        let format = a.cells.first().and_then(|c| c.format.clone());
        let taken_for = if names(a.field) { TakenFor::Key } else { TakenFor::Answer };
        let (field, key, sheet) = (Some(a.field), Some(a.key.clone()), t.name.clone());
        into.insert(area.first, ExplainedCell { sheet, area, taken_for, field, key, raw, format });
    }
    let rows: BTreeSet<u32> = into.keys().map(|c| c.row).collect();
    let mut put = |at: CellRef, taken_for: TakenFor, field: &'a Field| {
        let cell = shown(at);
        if !cell.is_blank() || taken_for == TakenFor::Key {
            let found = ExplainedCell { field: Some(field), ..bare(&t.name, Area::cell(at), taken_for, &cell) };
            into.entry(at).or_insert(found);
        }
    };
    for block in &t.def.blocks {
        for field in &block.fields {
            let locked = if names(field) { TakenFor::Key } else { TakenFor::Printed };
            if block.layout == Layout::Card {
                let Some(at) = t.located.cards.get(&(block.id.clone(), field.id.clone())) else { continue };
                put(at.label, TakenFor::Label, field);
                at.cells.iter().for_each(|c| put(*c, locked, field));
                continue;
            }
            let Some(table) = t.located.tables.get(&block.id) else { continue };
            let Some(column) = table.columns.get(&field.id) else { continue };
            for row in table.top..table.body {
                let at = t.sheet.area(CellRef::new(row, column.first)).first;
                let key = t.sheet.shown_key(at);
                if field_keys(field).contains(&key) || field.group.is_some() && !key.is_empty() {
                    put(at, TakenFor::Label, field);
                }
            }
            for row in rows.range(table.body..table.end.max(table.body)) {
                let at = t.sheet.area(CellRef::new(*row, column.first)).first;
                if !t.sheet.blank(at) {
                    put(at, locked, field);
                }
            }
        }
    }
}

/// Whether a field says what a row, a sheet or a file is about.
fn names(field: &Field) -> bool {
    field.role.is_some_and(names_role)
}

/// Whether a field of this role does.
pub(super) const fn names_role(role: Role) -> bool {
    use Role::{Division, DivisionName, Item, ItemName, Key, Row, RowName};
    matches!(role, Row | RowName | Item | ItemName | Key | Division | DivisionName)
}

/// The form and sheet of which the largest share of labels is there.
fn nearest(forms: &[&Form], book: &Workbook) -> Option<Nearest> {
    let mut best: Option<(usize, usize, Nearest)> = None;
    for grid in &book.sheets {
        let sheet = Sheet::new(grid);
        let Some(m) = best_match(forms, &sheet, marker(grid).as_ref()).filter(|m| m.found > 0) else { continue };
        if best.as_ref().is_some_and(|(found, all, _)| m.found * all <= found * m.all) {
            continue;
        }
        let mut nearest = Nearest {
            form: m.form.id.clone(),
            title: m.form.title.clone(),
            sheet: grid.name.clone(),
            found: Vec::new(),
            missing: Vec::new(),
        };
        for field in m.def.blocks.iter().flat_map(|b| &b.fields) {
            match sheet.find(field_keys(field)).first() {
                Some(at) => nearest.found.push((field.label.clone(), *at)),
                None => nearest.missing.push(field.label.clone()),
            }
        }
        best = Some((m.found, m.all, nearest));
    }
    best.map(|(_, _, nearest)| nearest)
}
