//! Reads .xls and .xlsb through calamine and .ods, in a `catch_unwind`.
//!
//! calamine has only dense ranges for .xls. A pass of our own ([`super::biff`]) bounds them beforehand and tells what
//! calamine does not; .ods is read by ourselves ([`super::ods_scan`], [`super::ods_cells`]). **Remaining risk**: the parsers of .xls and .xlsb were never made for
//! hostile input, and an allocation that fails aborts the process, which cannot be caught. The command line therefore puts
//! [`open`] into a child process with a memory limit, where the system has one.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Data, Dimensions, Range, Reader, SheetType, SheetVisible, Xls, XlsError};

use super::biff;
use super::compound;
use super::grid::iso_serial;
use super::guard::{Budget, Limits, Lock, Opened, Problem, ProblemKind, Refusal};
use super::ods_styles::Styles;
use super::package::{self, Package};
use super::props;
use super::rich;
use super::sheet_pass::is_known_error;
use super::sniff;
use super::styles::CellStyle;
use super::xlsb;
use super::{ods_cells, ods_floats, ods_scan};
use crate::model::grid::{CELL_PICTURE, Cell, CellObject, Content, Grid, Marks, Oddity, Workbook};
use crate::model::own_note;
use crate::model::place::{Area, CellRef};

/// The containers that are read here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LegacyKind {
    /// Excel 97–2003 workbook.
    Xls,
    /// Binary workbook in a zip package.
    Xlsb,
    /// `OpenDocument` spreadsheet.
    Ods,
    /// `OpenDocument` spreadsheet in one XML file.
    Flat,
}

impl LegacyKind {
    /// A word for it, as it is handed to another process.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Xls => "xls",
            Self::Xlsb => "xlsb",
            Self::Ods => "ods",
            Self::Flat => "fods",
        }
    }

    /// The kind that a word means.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        [Self::Xls, Self::Xlsb, Self::Ods, Self::Flat].into_iter().find(|k| k.word() == word)
    }
}

/// Reads a workbook of one of the older or rarer containers. Notes are told for none of them. Dates may come as
/// [`Content::DateTime`].
///
/// # Errors
/// A [`Refusal`] when nothing of it can be read or a limit is passed.
pub fn open(bytes: &[u8], kind: LegacyKind, limits: &Limits) -> Result<Opened, Refusal> {
    let read = || match kind {
        LegacyKind::Xls => xls(bytes, limits),
        LegacyKind::Xlsb => xlsb::open(&mut Package::open(bytes, limits)?, limits),
        LegacyKind::Ods => ods(bytes, limits),
        LegacyKind::Flat => flat(bytes, limits),
    };
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(damaged("parser panic")))
}

/// The passes of our own that stand before the parser, without the parser: what they refuse, [`open`] refuses.
///
/// # Errors
/// A [`Refusal`] as of [`open`].
pub fn look(bytes: &[u8], kind: LegacyKind, limits: &Limits) -> Result<(), Refusal> {
    match kind {
        LegacyKind::Xls => {
            let mut stream = compound::workbook_stream(bytes)?;
            biff::inspect(&mut stream, limits)?;
            let again = compound::workbook_stream(&compound::wrap(&stream))?;
            // What is handed to the parser is what was looked at.
            if again.starts_with(&stream) { Ok(()) } else { Err(damaged("wrapped stream")) }
        }
        LegacyKind::Ods => {
            let mut package = Package::open(bytes, limits)?;
            let text = package.text("content.xml")?.ok_or_else(|| damaged("content.xml missing"))?;
            ods_scan::scan(&text, &ods_styles(&mut package, &text).0, limits).map(drop)
        }
        LegacyKind::Flat => {
            let text = package::decode_safe(bytes.to_vec(), "flat")?;
            ods_scan::scan(&text, &Styles::default(), limits).map(drop)
        }
        LegacyKind::Xlsb => xlsb::look(&mut Package::open(bytes, limits)?, limits),
    }
}

fn xls(bytes: &[u8], limits: &Limits) -> Result<Opened, Refusal> {
    let mut stream = compound::workbook_stream(bytes)?;
    let mut facts = biff::inspect(&mut stream, limits)?;
    let clean = compound::wrap(&stream);
    drop(stream);
    let mut book = Xls::new(Cursor::new(clean)).map_err(|e| match e {
        XlsError::Password => Refusal::Encrypted(Lock::NotOpened),
        e => damaged(&e.to_string()),
    })?;
    let mut out = Collected::new(limits, book.has_1904_epoch());
    facts.sheets.resize_with(book.sheets_metadata().len(), biff::SheetFacts::default);
    for (i, (sheet, more)) in book.sheets_metadata().to_vec().into_iter().zip(facts.sheets).enumerate() {
        let hidden = sheet.visible != SheetVisible::Visible;
        if !out.wanted(&sheet.name, sheet.typ) {
            continue;
        }
        let mut grid = Grid { name: sheet.name.clone(), hidden, ..Grid::default() };
        match book.worksheet_range(&sheet.name) {
            Ok(range) => {
                out.range(&mut grid, &range, &more.apart)?;
                for (at, text) in more.long {
                    grid.cells.remove(&at);
                    out.put(&mut grid, at, Content::Text(text))?;
                }
                for at in &more.formulas {
                    out.formula(&mut grid, *at)?;
                }
            }
            Err(e) => out.problem(&sheet.name, ProblemKind::SheetMissing, &e.to_string()),
        }
        for merge in book.merge_cells_by_sheet_id(i).unwrap_or_default() {
            out.budget.merge()?;
            grid.merges.extend(area(merge));
        }
        out.style(&mut grid, &more.styled, &facts.styles)?;
        grid.floats = more.floats;
        grid.hidden_rows = more.hidden_rows;
        grid.hidden_cols = more.hidden_cols;
        let objects = std::mem::take(&mut grid.marks.objects);
        grid.marks = Marks { objects, ..more.marks };
        grid.marks.notes = own_note::strip(std::mem::take(&mut grid.marks.notes));
        rich::show_all(&mut grid, more.faces);
        out.sheet(grid)?;
    }
    out.workbook.saved = compound::read(bytes, "\u{5}SummaryInformation").and_then(|s| props::saved_in_summary(&s));
    let oddities = [(sniff::has_macros(bytes), Oddity::Macros), (facts.links, Oddity::ExternalLinks)];
    out.workbook.oddities = oddities.into_iter().filter(|(there, _)| *there).map(|(_, o)| o).collect();
    out.finish()
}

fn ods(bytes: &[u8], limits: &Limits) -> Result<Opened, Refusal> {
    let mut package = Package::open(bytes, limits)?;
    let Some(text) = package.text("content.xml")? else { return Err(damaged("content.xml missing")) };
    let (styles, trouble) = ods_styles(&mut package, &text);
    open_document(&text, &styles, trouble.as_deref(), limits)
}

fn flat(bytes: &[u8], limits: &Limits) -> Result<Opened, Refusal> {
    let text = package::decode_safe(bytes.to_vec(), "flat")?;
    let mut styles = Styles::default();
    let trouble = styles.add(&text, "styles").and(styles.add(&text, "automatic-styles")).err();
    let mut opened = open_document(&text, &styles, trouble.as_deref(), limits)?;
    opened.workbook.saved = props::saved_in(&text);
    Ok(opened)
}

/// Reads the content of an `OpenDocument` spreadsheet; `trouble` is what is wrong with its styles.
fn open_document(text: &str, styles: &Styles, trouble: Option<&str>, limits: &Limits) -> Result<Opened, Refusal> {
    let facts = ods_scan::scan(text, styles, limits)?;
    let tables = ods_cells::read(text)?;
    let mut out = Collected::new(limits, false);
    if let Some(detail) = trouble {
        out.problem("", ProblemKind::StylesDamaged, detail);
    }
    let codes = styles.codes();
    if facts.len() != tables.len() {
        return Err(damaged("tables do not agree"));
    }
    let mut floats = ods_floats::read(text).into_iter();
    for (table, more) in tables.into_iter().zip(facts) {
        out.wanted(&table.name, SheetType::WorkSheet);
        let mut grid = Grid { name: table.name, hidden: table.hidden, ..Grid::default() };
        for (at, content, formula) in table.cells {
            out.put(&mut grid, at, content)?;
            if formula {
                out.formula(&mut grid, at)?;
            }
        }
        for (at, format) in more.formats {
            let code = codes.get(usize::from(format)).cloned().flatten();
            if let (Some(cell), Some(code)) = (grid.cells.get_mut(&at), code) {
                out.budget.text(code.len())?;
                cell.format = Some(code);
            }
        }
        grid.floats = floats.next().unwrap_or_default();
        out.budget.text(grid.floats.iter().map(|f| f.text.len()).sum())?;
        for _ in &more.merges {
            out.budget.merge()?;
        }
        grid.merges = more.merges;
        grid.hidden_rows = more.hidden_rows;
        grid.hidden_cols = more.hidden_cols;
        let objects = std::mem::take(&mut grid.marks.objects);
        grid.marks = Marks { objects, ..more.marks };
        grid.marks.notes = own_note::strip(std::mem::take(&mut grid.marks.notes));
        rich::show_all(&mut grid, more.faces);
        if more.outside {
            out.problem(&grid.name, ProblemKind::OutOfGrid, "cells");
        }
        for (at, detail) in more.untyped {
            grid.bad_cells.push((at, detail.clone()));
            out.problems.push(Problem { sheet: grid.name.clone(), cell: Some(at), detail, kind: ProblemKind::BadCell });
        }
        out.sheet(grid)?;
    }
    out.finish()
}

/// The styles of an .ods, and what is wrong with them.
fn ods_styles(package: &mut Package<'_>, content: &str) -> (Styles, Option<String>) {
    let mut styles = Styles::default();
    let common = match package.text("styles.xml") {
        Ok(text) => styles.add(&text.unwrap_or_default(), "styles"),
        Err(e) => Err(format!("{e:?}")),
    };
    let own = styles.add(content, "automatic-styles");
    (styles, common.and(own).err())
}

/// What has been read so far.
struct Collected<'l> {
    budget: Budget<'l>,
    dense: u64,
    names: BTreeSet<String>,
    workbook: Workbook,
    problems: Vec<Problem>,
}

impl<'l> Collected<'l> {
    fn new(limits: &'l Limits, date1904: bool) -> Self {
        let workbook = Workbook { date1904, ..Workbook::default() };
        Self { budget: Budget::new(limits), dense: 0, names: BTreeSet::new(), workbook, problems: Vec::new() }
    }

    fn problem(&mut self, sheet: &str, kind: ProblemKind, detail: &str) {
        let (sheet, detail) = (sheet.to_string(), detail.chars().take(60).collect());
        self.problems.push(Problem { sheet, cell: None, detail, kind });
    }

    /// Whether a sheet is a worksheet; notes those that are not, and a second sheet of one name (calamine finds sheets
    /// by name, so the second one shows the cells of another).
    fn wanted(&mut self, name: &str, kind: SheetType) -> bool {
        if kind != SheetType::WorkSheet {
            self.problem(name, ProblemKind::SheetSkipped, &format!("{kind:?}"));
            return false;
        }
        if !self.names.insert(name.to_lowercase()) {
            self.problem(name, ProblemKind::DuplicateSheet, "sheet name");
        }
        true
    }

    fn sheet(&mut self, mut grid: Grid) -> Result<(), Refusal> {
        grid.merges.sort_unstable();
        self.workbook.sheets.push(grid);
        Limits::check("sheets", self.budget.limits.sheets, self.workbook.sheets.len() as u64)
    }

    fn finish(self) -> Result<Opened, Refusal> {
        // Sheets of other kinds only are no damage.
        if self.workbook.sheets.is_empty() && !self.problems.iter().any(|p| p.kind == ProblemKind::SheetSkipped) {
            return Err(damaged("no worksheet"));
        }
        Ok(Opened { workbook: self.workbook, problems: self.problems })
    }

    /// Takes the used cells of a dense range; `apart` are the rows and columns that it counts, where it does not count all.
    fn range(&mut self, grid: &mut Grid, range: &Range<Data>, apart: &(Vec<u32>, Vec<u32>)) -> Result<(), Refusal> {
        let (rows, cols) = range.get_size();
        self.dense = self.dense.saturating_add((rows as u64).saturating_mul(cols as u64));
        Limits::check("dense", self.budget.limits.dense, self.dense)?;
        if let Some(start) = range.start() {
            for (row, col, data) in range.used_cells() {
                let at = position(start, row, col).and_then(|at| {
                    let real =
                        |list: &[u32], n: u32| if list.is_empty() { Some(n) } else { list.get(n as usize).copied() };
                    Some(CellRef::new(real(&apart.0, at.row)?, real(&apart.1, at.col)?))
                });
                if let Some(at) = at.filter(|at| at.col < 16_384) {
                    self.put(grid, at, content(data, false))?;
                }
            }
        }
        Ok(())
    }

    fn put(&mut self, grid: &mut Grid, at: CellRef, content: Content) -> Result<(), Refusal> {
        if let Content::Number(n) | Content::DateTime(n) = &content
            && !n.is_finite()
        {
            let (sheet, detail) = (grid.name.clone(), n.to_string());
            grid.bad_cells.push((at, detail.clone()));
            self.problems.push(Problem { sheet, cell: Some(at), detail, kind: ProblemKind::BadCell });
            return Ok(());
        }
        if let Content::Text(t) = &content {
            if t.encode_utf16().count() as u64 > self.budget.limits.text {
                let detail: String = t.chars().take(60).collect();
                grid.bad_cells.push((at, detail.clone()));
                let sheet = grid.name.clone();
                self.problems.push(Problem { sheet, cell: Some(at), detail, kind: ProblemKind::TextTooLong });
                return Ok(());
            }
            // No program writes this character; an .xls that says its letters are half as wide as they are gives them.
            if t.contains('\0') {
                let detail: String = t.chars().filter(|c| *c != '\0').take(60).collect();
                grid.bad_cells.push((at, detail.clone()));
                let sheet = grid.name.clone();
                self.problems.push(Problem { sheet, cell: Some(at), detail, kind: ProblemKind::BadCell });
                return Ok(());
            }
            self.budget.text(t.len())?;
        }
        let mut content = content;
        // What WPS Office writes for a picture in a cell; every other program shows the formula or an error.
        if let Content::Text(t) = &mut content
            && (t.starts_with("=DISPIMG(") || t == CELL_PICTURE)
        {
            *t = CELL_PICTURE.into();
            grid.marks.objects.insert(at, CellObject::Picture);
        }
        if content != Content::Empty {
            self.budget.cell()?;
            grid.cells.insert(at, Cell { content, ..Cell::default() });
        }
        Ok(())
    }

    /// Adds number formats by cell style.
    fn style(&mut self, grid: &mut Grid, cells: &BTreeMap<CellRef, u16>, styles: &[CellStyle]) -> Result<(), Refusal> {
        for (at, cell) in &mut grid.cells {
            let Some(style) = cells.get(at).and_then(|i| styles.get(usize::from(*i))) else { continue };
            cell.format.clone_from(&style.format);
            self.budget.text(cell.format.as_ref().map_or(0, String::len))?;
        }
        Ok(())
    }

    fn formula(&mut self, grid: &mut Grid, at: CellRef) -> Result<(), Refusal> {
        if !grid.cells.contains_key(&at) {
            self.budget.cell()?;
        }
        let cell = grid.cells.entry(at).or_default();
        cell.formula = true;
        // An .ods keeps errors of formulas as text.
        if let Content::Text(t) = &cell.content
            && is_known_error(t)
        {
            cell.content = Content::Error(t.clone());
        }
        Ok(())
    }
}

fn position(start: (u32, u32), row: usize, col: usize) -> Option<CellRef> {
    let row = start.0.checked_add(u32::try_from(row).ok()?)?;
    let col = start.1.checked_add(u32::try_from(col).ok()?)?;
    (row < 1_048_576 && col < 16_384).then(|| CellRef::new(row, col))
}

fn area(merge: Dimensions) -> Option<Area> {
    let (first, last) = (position(merge.start, 0, 0)?, position(merge.end, 0, 0)?);
    (first != last && first.row <= last.row && first.col <= last.col).then_some(Area { first, last })
}

fn content(value: &Data, date1904: bool) -> Content {
    match value {
        Data::Empty => Content::Empty,
        Data::Float(n) => Content::Number(*n),
        #[allow(clippy::cast_precision_loss, reason = "a cell holds a double; calamine narrows whole ones")]
        Data::Int(n) => Content::Number(*n as f64),
        Data::String(s) => Content::Text(s.clone()),
        Data::Bool(b) => Content::Bool(*b),
        Data::Error(e) => Content::Error(e.to_string()),
        Data::DateTime(d) => Content::DateTime(d.as_f64()),
        Data::DateTimeIso(s) => iso_serial(s, date1904).map_or_else(|| Content::Text(s.clone()), Content::DateTime),
        Data::DurationIso(s) => ods_cells::duration(s).map_or_else(|| Content::Text(s.clone()), Content::DateTime),
    }
}

fn damaged(detail: &str) -> Refusal {
    Refusal::Damaged { detail: detail.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_with_letters_of_the_wrong_width_is_not_read() {
        let limits = Limits::default();
        let mut out = Collected::new(&limits, false);
        let mut grid = Grid::default();
        let at = CellRef { row: 0, col: 0 };
        out.put(&mut grid, at, Content::Text("H\0i\0".into())).expect("within the limits");
        assert!(grid.cells.is_empty());
        assert_eq!((grid.bad_cells, out.problems.len()), (vec![(at, "Hi".to_string())], 1));
    }
}
