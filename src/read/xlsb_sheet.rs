//! One sheet of an .xlsb: the pass over its records, which keeps a clean copy of its cells, and its notes.

use std::collections::BTreeMap;

use super::biff::{u16_at, u32_at};
use super::guard::{Budget, Problem, ProblemKind, Refusal};
use super::notes;
use super::package::Package;
use super::rich::{self, Faced, Runs};
use super::xlsb_parts::{Book, Strings, bytes_of, put, records, rich_text, text_of, wide};
use crate::model::grid::Grid;
use crate::model::own_note;
use crate::model::place::{Area, CellRef};

const MAX_ROW: u32 = 1_048_576;
const MAX_COL: u32 = 16_384;
/// After so many bad cells a sheet is taken as broken: the list is for people.
const MAX_TROUBLES: usize = 1_000;

/// A sheet after the pass.
pub(super) struct Sheet {
    pub(super) grid: Grid,
    /// The clean copy of the cells that have a value.
    pub(super) clean: Vec<u8>,
    /// One entry per cell of the copy, in its order: where, whether a formula, which style.
    pub(super) cells: Vec<(CellRef, bool, Option<usize>)>,
    pub(super) problems: Vec<Problem>,
    /// Cells in fonts of pictures.
    pub(super) faces: Vec<Faced>,
    /// Whether a cell names a shared string.
    pub(super) shared: bool,
    row: u32,
    col: Option<u32>,
}

impl Sheet {
    pub(super) fn new(name: &str, hidden: bool) -> Self {
        let grid = Grid { name: name.to_string(), hidden, ..Grid::default() };
        Self {
            grid,
            clean: Vec::new(),
            cells: Vec::new(),
            problems: Vec::new(),
            faces: Vec::new(),
            shared: false,
            row: 0,
            col: None,
        }
    }

    pub(super) fn problem(&mut self, cell: Option<CellRef>, kind: ProblemKind, detail: &str) {
        let (sheet, detail) = (self.grid.name.clone(), detail.chars().take(60).collect());
        self.problems.push(Problem { sheet, cell, detail, kind });
    }

    pub(super) fn read(
        &mut self,
        bytes: &[u8],
        book: &Book,
        strings: &Strings,
        budget: &mut Budget<'_>,
    ) -> Result<(), Refusal> {
        let (mut in_data, mut closed, mut inside) = (false, false, true);
        for (kind, d) in records(bytes) {
            match kind {
                0x91 => in_data = true,
                0x92 => in_data = false,
                0x82 => closed = true,
                0 if in_data => inside = self.row(d),
                1..=18 | 0x3e if in_data && inside => self.cell(kind, d, book, strings, budget)?,
                0x3c if !in_data && !closed => self.cols(d),
                0xb0 => {
                    let at = |i| u32_at(d, i).unwrap_or(u32::MAX);
                    let (first, last) = (CellRef::new(at(0), at(8)), CellRef::new(at(4), at(12)));
                    let sound = first.row <= last.row && first.col <= last.col && first != last;
                    if sound && last.row < MAX_ROW && last.col < MAX_COL {
                        budget.merge()?;
                        self.grid.merges.push(Area { first, last });
                    }
                }
                _ => {}
            }
            if self.problems.len() >= MAX_TROUBLES {
                break;
            }
        }
        if !closed {
            let last = self.cells.last().map(|(at, ..)| *at);
            self.problem(last, ProblemKind::SheetDamaged, "sheet breaks off");
        }
        self.grid.merges.sort_unstable();
        Ok(())
    }

    /// Whether the row lies inside the grid; rows are hidden by a flag.
    fn row(&mut self, d: &[u8]) -> bool {
        self.row = u32_at(d, 0).unwrap_or(u32::MAX);
        self.col = None;
        if self.row >= MAX_ROW {
            self.problem(None, ProblemKind::OutOfGrid, "row");
            return false;
        }
        if d.get(11).is_some_and(|flags| flags & 0x10 != 0) {
            self.grid.hidden_rows.insert(self.row);
        }
        put(&mut self.clean, 0, &[&self.row.to_le_bytes(), &[0; 13]]);
        true
    }

    fn cols(&mut self, d: &[u8]) {
        let (first, last) = (u32_at(d, 0).unwrap_or(MAX_COL), u32_at(d, 4).unwrap_or(0).min(MAX_COL - 1));
        if u16_at(d, 16).is_some_and(|flags| flags & 1 != 0) || u32_at(d, 8) == Some(0) {
            self.grid.hidden_cols.extend(first..=last);
        }
    }

    fn cell(
        &mut self,
        kind: u16,
        d: &[u8],
        book: &Book,
        strings: &Strings,
        budget: &mut Budget<'_>,
    ) -> Result<(), Refusal> {
        // The short form has no column: it is the next one. Its kinds are those of the long form, eleven further on.
        let (kind, col, d) = if (12..=18).contains(&kind) {
            (kind - 11, self.col.map_or(0, |c| c.saturating_add(1)), d)
        } else {
            (kind, u32_at(d, 0).unwrap_or(u32::MAX), d.get(4..).unwrap_or_default())
        };
        self.col = Some(col);
        let at = CellRef::new(self.row, col);
        if col >= MAX_COL {
            self.problem(None, ProblemKind::OutOfGrid, "column");
            return Ok(());
        }
        let style = u32_at(d, 0).map(|s| (s & 0x00ff_ffff) as usize);
        let look = style.and_then(|i| book.styles.get(i));
        let value = d.get(4..).unwrap_or_default();
        let (mut runs, mut text) = (None, 0);
        let (plain, value): (u16, Option<&[u8]>) = match kind {
            2 => (2, value.get(..4)),
            3 | 11 => {
                (3, value.get(..1).filter(|e| matches!(e[0], 0 | 0x07 | 0x0f | 0x17 | 0x1d | 0x24 | 0x2a | 0x2b)))
            }
            4 | 10 => (4, value.get(..1)),
            5 | 9 => (5, value.get(..8)),
            6 | 8 => (6, wide(value)),
            0x3e => {
                let found = rich_text(value, &book.fonts);
                runs = found.as_ref().and_then(|(_, runs)| runs.clone());
                (6, found.map(|(text, _)| text))
            }
            7 => {
                self.shared = true;
                let index = u32_at(value, 0);
                let length = index.and_then(|i| strings.lengths.get(i as usize)).filter(|l| **l != u32::MAX);
                text = length.map_or(0, |l| *l as usize);
                runs = index.and_then(|i| strings.runs.get(&i)).cloned();
                (7, length.and(value.get(..4)))
            }
            _ => return Ok(()),
        };
        budget.cell()?;
        let Some(value) = value else {
            self.grid.bad_cells.push((at, format!("{kind}")));
            self.problem(Some(at), ProblemKind::BadCell, &format!("{kind}"));
            return Ok(());
        };
        if plain == 6 {
            text = bytes_of(value) as usize;
        }
        // Excel's own limit is in UTF-16 units; three bytes are counted for each, and two for the length.
        if text / 3 > usize::try_from(budget.limits.text).unwrap_or(usize::MAX).saturating_add(2) {
            self.grid.bad_cells.push((at, "text".into()));
            self.problem(Some(at), ProblemKind::TextTooLong, "text");
            return Ok(());
        }
        budget.text(text + look.and_then(|s| s.format.as_ref()).map_or(0, String::len))?;
        put(&mut self.clean, plain, &[&col.to_le_bytes(), &[0; 4], value]);
        self.cells.push((at, (8..=11).contains(&kind), style));
        let look = look.map(|s| s.look).unwrap_or_default();
        rich::mark(&mut self.grid.marks, at, look, runs.as_ref());
        if look.face.is_symbols() || runs.as_ref().is_some_and(Runs::has_symbols) {
            self.faces.push((at, look, runs));
        }
        Ok(())
    }

    /// Notes, and the threads of newer programs, which count where both stand.
    pub(super) fn notes(
        &mut self,
        package: &mut Package<'_>,
        part: &str,
        budget: &mut Budget<'_>,
    ) -> Result<(), Refusal> {
        let mut notes = BTreeMap::new();
        let relations = package.relations(part);
        for kind in ["/comments", "/threadedComment"] {
            let Some(relation) = relations.iter().find(|r| r.kind.ends_with(kind) && !r.external) else { continue };
            let found = if relation.kind.ends_with("/threadedComment") {
                package.text(&relation.target).map(|text| notes::parse(&text.unwrap_or_default()))
            } else {
                package.bytes(&relation.target).map(|bytes| Ok(comments(&bytes.unwrap_or_default())))
            };
            match found {
                Ok(Ok(found)) => {
                    budget.text(found.values().map(String::len).sum())?;
                    notes.extend(found);
                }
                Ok(Err(detail)) | Err(Refusal::Damaged { detail }) => {
                    self.problem(None, ProblemKind::PartDamaged, &detail);
                }
                Err(refusal) => return Err(refusal),
            }
        }
        self.grid.marks.notes = own_note::strip(notes);
        Ok(())
    }
}

/// The notes of a comments part by cell.
fn comments(bytes: &[u8]) -> BTreeMap<CellRef, String> {
    let mut notes = BTreeMap::new();
    let mut at = None;
    for (kind, d) in records(bytes) {
        match kind {
            0x27b => {
                at = u32_at(d, 4).zip(u32_at(d, 12)).map(|(row, col)| CellRef::new(row, col));
                at = at.filter(|at| at.row < MAX_ROW && at.col < MAX_COL);
            }
            0x27d => {
                if let (Some(at), Some(text)) = (at.take(), d.get(1..).and_then(text_of)) {
                    notes.insert(at, text);
                }
            }
            _ => {}
        }
    }
    notes
}
