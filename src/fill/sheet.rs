//! Where everything stands in a worksheet part, in bytes: rows, cells, their formulas and values, merges and styles.
//!
//! One pass over the text, which is never written anew: all changes are made by cutting and pasting at these places.
//! Prefixes, missing references and self-closing elements are told apart here, so that nobody else has to.

use std::ops::Range;

use quick_xml::events::Event;

use super::tags::{Kind, Tag, Tags, attribute};
use crate::model::place::{Area, CellRef};
use crate::read::sheet_pass::area;
use crate::read::xml;

/// Why a sheet cannot be patched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    /// Not well-formed, or its rows and cells contradict each other; a technical word or two.
    Damaged(String),
    /// Its cells stand in alternatives of which each program chooses its own.
    Alternatives,
}

/// A worksheet part.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    /// The prefix of its elements with the colon, or nothing.
    pub prefix: String,
    /// `<sheetData …>`, or the whole of `<sheetData/>`.
    pub data: Range<usize>,
    pub data_empty: bool,
    /// Where `</sheetData>` begins.
    pub data_end: usize,
    pub rows: Vec<Row>,
    pub cells: Vec<Cell>,
    pub formulas: Vec<Formula>,
    pub merges: Vec<Area>,
    /// Styles of columns: first, last (zero-based), style.
    pub cols: Vec<(u32, u32, String)>,
    /// The text of the used range, and where it stands.
    pub dimension: Option<(Range<usize>, Area)>,
    /// Whether the sheet is protected.
    pub protected: bool,
    /// Whether the rows do not stand in the order of their numbers, each once.
    pub unsorted: bool,
}

/// A `<row>`.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// Zero-based.
    pub number: u32,
    /// Its start tag.
    pub tag: Range<usize>,
    /// Whether it closes itself.
    pub empty: bool,
    /// Behind its end tag.
    pub end: usize,
    /// Its cells, as indices.
    pub cells: Range<usize>,
}

/// A `<c>`. There may be a million of them, so that places are kept short.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    pub at: CellRef,
    tag: Span,
    end: u32,
    value: Option<Span>,
    extensions: Option<Span>,
    formula: Option<u32>,
}

impl Cell {
    /// Its start tag.
    pub fn tag(&self) -> Range<usize> {
        self.tag.range()
    }

    /// All of it, tags included.
    pub fn whole(&self) -> Range<usize> {
        self.tag().start..self.end as usize
    }

    /// Its `<v>` or `<is>`, tags included.
    pub fn value(&self) -> Option<Range<usize>> {
        self.value.map(Span::range)
    }

    /// Its extensions, tags included.
    pub fn extensions(&self) -> Option<Range<usize>> {
        self.extensions.map(Span::range)
    }

    /// Index of its formula.
    pub fn formula(&self) -> Option<usize> {
        self.formula.map(|i| i as usize)
    }
}

/// A place in a part, whose size is limited long before 32 bits.
#[derive(Clone, Copy, Debug)]
struct Span {
    from: u32,
    to: u32,
}

impl Span {
    fn new(at: &Range<usize>) -> Self {
        Self { from: short(at.start), to: short(at.end) }
    }

    fn range(self) -> Range<usize> {
        self.from as usize..self.to as usize
    }
}

fn short(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// The kind of a formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FormulaKind {
    Normal,
    Shared,
    Array,
    DataTable,
}

/// An `<f>`.
#[derive(Clone, Debug)]
pub(super) struct Formula {
    pub at: CellRef,
    pub kind: FormulaKind,
    pub group: Option<u32>,
    /// The range of an array, of a data table, or of a shared formula where it is written out.
    pub area: Option<Area>,
    /// Entities resolved; empty in the followers of a shared formula.
    pub text: String,
}

impl Formula {
    /// Whether other cells hang on it: the first of a shared formula, an array, a data table.
    pub fn is_master(&self) -> bool {
        match self.kind {
            FormulaKind::Normal => false,
            FormulaKind::Shared => self.area.is_some() || !self.text.is_empty(),
            FormulaKind::Array | FormulaKind::DataTable => true,
        }
    }

    /// The cells that it fills beside its own.
    pub fn fills(&self) -> Option<Area> {
        self.area.filter(|_| matches!(self.kind, FormulaKind::Array | FormulaKind::DataTable))
    }
}

impl Sheet {
    /// Scans a part. The text is without byte order mark; all places count from its beginning.
    pub fn scan(text: &str) -> Result<Self, Unfit> {
        Scan { tags: Tags::new(text), text, out: Self::default(), row: 0, col: 0, alternatives: 0 }.run()
    }

    /// The indices of the cells at a place.
    pub fn cells_at(&self, at: CellRef) -> impl Iterator<Item = &Cell> {
        self.rows_at(at.row).flat_map(|row| self.cells_of(row)).filter(move |c| c.at == at)
    }

    /// The rows of a number: one, or none, unless somebody wrote it twice.
    pub fn rows_at(&self, number: u32) -> impl Iterator<Item = &Row> {
        let sorted = !self.unsorted;
        let from = if sorted { self.rows.partition_point(|r| r.number < number) } else { 0 };
        let to = if sorted { (from + 1).min(self.rows.len()) } else { self.rows.len() };
        self.rows.get(from..to).unwrap_or_default().iter().filter(move |r| r.number == number)
    }

    /// The cells of a row in the order of the file.
    pub fn cells_of(&self, row: &Row) -> &[Cell] {
        self.cells.get(row.cells.clone()).unwrap_or_default()
    }

    /// The cell to write for a cell that was named: the anchor of its merge, or itself.
    pub fn anchor(&self, at: CellRef) -> CellRef {
        self.merges.iter().find(|m| m.contains(at)).map_or(at, |m| m.first)
    }
}

struct Scan<'t> {
    tags: Tags<'t>,
    text: &'t str,
    out: Sheet,
    /// Zero-based number of the next row, and column of the next cell, where they do not say.
    row: u32,
    col: u32,
    /// How many `AlternateContent` are open.
    alternatives: u32,
}

impl<'t> Scan<'t> {
    fn next(&mut self) -> Result<Option<Tag<'t>>, Unfit> {
        self.tags.next().map_err(Unfit::Damaged)
    }

    /// What a start tag says of itself.
    fn said(&self, at: &Range<usize>, name: &str) -> Option<&'t str> {
        attribute(self.text, at, name).and_then(|value| self.text.get(value)).map(str::trim)
    }

    fn run(mut self) -> Result<Sheet, Unfit> {
        let (mut root, mut data) = (false, false);
        while let Some(tag) = self.next()? {
            let open = tag.kind == Kind::Start;
            match (tag.kind, tag.local()) {
                (Kind::Start | Kind::Empty, "sheetData") => {
                    if self.alternatives > 0 {
                        return Err(Unfit::Alternatives);
                    }
                    // An open one is within itself.
                    if data || self.tags.depth() != 1 + usize::from(open) {
                        return Err(damaged("sheetData"));
                    }
                    self.begin_data(&tag);
                    if open {
                        self.rows()?;
                    }
                    data = true;
                }
                (Kind::Start | Kind::Empty, name) => {
                    root |= open && self.tags.depth() == 1 && name == "worksheet";
                    self.alternatives += u32::from(open && name == "AlternateContent");
                    self.other(name, &tag.at, self.tags.depth() - usize::from(open));
                }
                (Kind::End, "AlternateContent") => self.alternatives = self.alternatives.saturating_sub(1),
                _ => {}
            }
        }
        match (root, data) {
            (true, true) => Ok(self.out),
            (false, _) => Err(damaged("no worksheet element")),
            (_, false) => Err(damaged("no sheetData element")),
        }
    }

    fn begin_data(&mut self, tag: &Tag<'t>) {
        self.out.prefix = tag.prefix().to_string();
        self.out.data = tag.at.clone();
        self.out.data_empty = tag.kind == Kind::Empty;
        self.out.data_end = tag.at.end;
    }

    /// Elements outside `sheetData`, with the number of those around them.
    fn other(&mut self, name: &str, at: &Range<usize>, depth: usize) {
        match name {
            "mergeCell" => {
                let merge = self.said(at, "ref").and_then(|r| area(r).or_else(|| lines(r)));
                self.out.merges.extend(merge.filter(|a| a.first != a.last));
            }
            "dimension" if depth == 1 => {
                let known = self.said(at, "ref").and_then(area);
                self.out.dimension = attribute(self.text, at, "ref").zip(known);
            }
            "col" if self.alternatives == 0 => {
                let bound = |name| self.said(at, name).and_then(|v| v.parse::<u32>().ok());
                if let (Some(min @ 1..), Some(max @ 1..), Some(style)) =
                    (bound("min"), bound("max"), self.said(at, "style"))
                {
                    self.out.cols.push((min - 1, max - 1, style.to_string()));
                }
            }
            "sheetProtection" if depth == 1 => self.out.protected = self.said(at, "sheet").is_some_and(xml::truthy),
            _ => {}
        }
    }

    /// The rows, up to the end of `sheetData`.
    fn rows(&mut self) -> Result<(), Unfit> {
        while let Some(tag) = self.next()? {
            match (tag.kind, tag.local()) {
                (Kind::Start | Kind::Empty, "row") => {
                    self.begin_row(&tag)?;
                    if tag.kind == Kind::Start {
                        self.cells()?;
                    }
                    self.row += 1;
                }
                (Kind::Start | Kind::Empty, name) => return Err(stranger(name)),
                (Kind::End, _) => {
                    self.out.data_end = tag.at.start;
                    return Ok(());
                }
                (Kind::Other, _) => {}
            }
        }
        Err(damaged("breaks off"))
    }

    fn begin_row(&mut self, tag: &Tag<'t>) -> Result<(), Unfit> {
        if let Some(r) = self.said(&tag.at, "r") {
            let number = r.parse::<u32>().ok().filter(|n| (1..=1_048_576).contains(n));
            self.row = number.ok_or_else(|| damaged(&format!("row {r}")))? - 1;
        }
        if self.row >= 1_048_576 {
            return Err(damaged("row beyond the last"));
        }
        self.col = 0;
        self.out.unsorted |= self.out.rows.last().is_some_and(|last| last.number >= self.row);
        let (cells, empty) = (self.out.cells.len(), tag.kind == Kind::Empty);
        let (at, end) = (tag.at.clone(), tag.at.end);
        self.out.rows.push(Row { number: self.row, tag: at, empty, end, cells: cells..cells });
        Ok(())
    }

    /// The cells of a row, up to its end.
    fn cells(&mut self) -> Result<(), Unfit> {
        while let Some(tag) = self.next()? {
            match (tag.kind, tag.local()) {
                (Kind::Start | Kind::Empty, "c") => {
                    self.begin_cell(&tag.at)?;
                    if tag.kind == Kind::Start {
                        self.inside()?;
                    }
                }
                (Kind::Start, "extLst") => {
                    self.skip()?;
                }
                (Kind::Start | Kind::Empty, name) => return Err(stranger(name)),
                (Kind::End, _) => {
                    let count = self.out.cells.len();
                    if let Some(row) = self.out.rows.last_mut() {
                        row.end = tag.at.end;
                        row.cells.end = count;
                    }
                    return Ok(());
                }
                (Kind::Other, _) => {}
            }
        }
        Err(damaged("breaks off"))
    }

    fn begin_cell(&mut self, at: &Range<usize>) -> Result<(), Unfit> {
        let cell = match self.said(at, "r") {
            Some(r) => CellRef::parse(r).ok_or_else(|| damaged(&format!("cell {r}")))?,
            None => CellRef::new(self.row, self.col),
        };
        if cell.row != self.row || cell.col >= 16_384 {
            return Err(damaged(&format!("cell {cell} in row {}", self.row + 1)));
        }
        self.col = cell.col + 1;
        let (tag, end) = (Span::new(at), short(at.end));
        self.out.cells.push(Cell { at: cell, tag, end, value: None, extensions: None, formula: None });
        Ok(())
    }

    /// The content of a cell, up to its end.
    fn inside(&mut self) -> Result<(), Unfit> {
        while let Some(tag) = self.next()? {
            let (open, name) = (tag.kind == Kind::Start, tag.local());
            match tag.kind {
                Kind::Start | Kind::Empty => {
                    let inner = if open { self.skip()? } else { tag.at.end..tag.at.end };
                    if name == "f" {
                        self.formula(&tag.at, &inner)?;
                    } else {
                        self.child(name, tag.at.start..self.tags.place())?;
                    }
                }
                Kind::End => {
                    if let Some(cell) = self.out.cells.last_mut() {
                        cell.end = short(tag.at.end);
                    }
                    return Ok(());
                }
                Kind::Other => {}
            }
        }
        Err(damaged("breaks off"))
    }

    fn child(&mut self, name: &str, at: Range<usize>) -> Result<(), Unfit> {
        let Some(cell) = self.out.cells.last_mut() else { return Ok(()) };
        match name {
            // Some programs store the result of a formula as inline text.
            "v" | "is" => cell.value = Some(Span::new(&at)),
            "extLst" => cell.extensions = Some(Span::new(&at)),
            "AlternateContent" => return Err(Unfit::Alternatives),
            _ => return Err(damaged(name)),
        }
        Ok(())
    }

    fn formula(&mut self, at: &Range<usize>, inner: &Range<usize>) -> Result<(), Unfit> {
        let kind = match self.said(at, "t") {
            Some("shared") => FormulaKind::Shared,
            Some("array") => FormulaKind::Array,
            Some("dataTable") => FormulaKind::DataTable,
            _ => FormulaKind::Normal,
        };
        let group = self.said(at, "si").and_then(|v| v.parse().ok());
        let area = self.said(at, "ref").and_then(area);
        let text = words(self.text.get(inner.clone()).unwrap_or_default())?;
        let index = short(self.out.formulas.len());
        if let Some(cell) = self.out.cells.last_mut() {
            cell.formula = Some(index);
            self.out.formulas.push(Formula { at: cell.at, kind, group, area, text });
        }
        Ok(())
    }

    /// To the end of the element that has just begun; gives what it holds.
    fn skip(&mut self) -> Result<Range<usize>, Unfit> {
        let (from, depth) = (self.tags.place(), self.tags.depth());
        while let Some(tag) = self.next()? {
            if tag.kind == Kind::End && self.tags.depth() < depth {
                return Ok(from..tag.at.start);
            }
        }
        Err(damaged("breaks off"))
    }
}

/// Whole rows or columns (`2:3`, `A:C`), as some programs write a merge that covers them.
fn lines(text: &str) -> Option<Area> {
    let (a, b) = text.split_once(':')?;
    let rows = || {
        let (first, last) = (CellRef::parse(&format!("A{a}"))?, CellRef::parse(&format!("XFD{b}"))?);
        Some((first, last))
    };
    let columns = || Some((CellRef::parse(&format!("{a}1"))?, CellRef::parse(&format!("{b}1048576"))?));
    let (a, b) = rows().or_else(columns)?;
    let corner = |row: fn(u32, u32) -> u32| CellRef::new(row(a.row, b.row), row(a.col, b.col));
    Some(Area { first: corner(u32::min), last: corner(u32::max) })
}

/// The text of an element, entities resolved.
pub(super) fn words(inner: &str) -> Result<String, Unfit> {
    if !inner.contains(['<', '&']) {
        return Ok(inner.to_string());
    }
    let mut out = String::new();
    let mut reader = xml::reader(inner);
    loop {
        match reader.read_event().map_err(|e| damaged(&e.to_string()))? {
            Event::Eof => return Ok(out),
            event if !xml::push_text(&event, &mut out) => return Err(damaged("unknown entity")),
            _ => {}
        }
    }
}

fn stranger(name: &str) -> Unfit {
    match name {
        "AlternateContent" => Unfit::Alternatives,
        name => damaged(name),
    }
}

fn damaged(detail: &str) -> Unfit {
    Unfit::Damaged(detail.to_string())
}
