//! Where everything stands in a worksheet part, in bytes: rows, cells, their formulas and values, merges and styles.
//!
//! One pass over the text, which is never written anew: all changes are made by cutting and pasting at these places.
//! Prefixes, missing references and self-closing elements are told apart here, so that nobody else has to.

use std::ops::Range;

use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

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

    /// Its `<v>`, tags included.
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
        let mut reader = Reader::from_str(text);
        reader.config_mut().check_end_names = true;
        let scan = Scan { reader, text, out: Self::default(), row: 0, col: 0, alternatives: 0, depth: 0 };
        scan.run()
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

/// An attribute of a start tag: where its value stands (without quotes), by its name without prefix.
pub(super) fn attribute(text: &str, tag: &Range<usize>, name: &str) -> Option<Range<usize>> {
    attributes(text, tag).find(|(n, _, _)| n.rsplit(':').next() == Some(name)).map(|(_, _, value)| value)
}

/// The attributes of a start tag: name, place of the whole with the blanks before it, place of the value.
pub(super) fn attributes<'t>(text: &'t str, tag: &Range<usize>) -> Attributes<'t> {
    let bytes = text.as_bytes().get(..tag.end).unwrap_or_default();
    let name = bytes.get(tag.start..).unwrap_or_default().iter().position(u8::is_ascii_whitespace);
    Attributes { text, bytes, at: name.map_or(tag.end, |n| tag.start + n) }
}

/// An iterator over the attributes of a start tag.
pub(super) struct Attributes<'t> {
    text: &'t str,
    /// Up to the end of the tag.
    bytes: &'t [u8],
    at: usize,
}

impl Attributes<'_> {
    /// Goes on to where a byte is met, or the tag ends.
    fn until(&mut self, test: impl Fn(u8) -> bool) -> usize {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at += rest.iter().position(|b| test(*b)).unwrap_or(rest.len());
        self.at
    }
}

impl<'t> Iterator for Attributes<'t> {
    type Item = (&'t str, Range<usize>, Range<usize>);

    fn next(&mut self) -> Option<Self::Item> {
        let from = self.at;
        let name = self.until(|b| !b.is_ascii_whitespace());
        let name = name..self.until(|b| b.is_ascii_whitespace() || matches!(b, b'=' | b'/' | b'>'));
        self.until(|b| matches!(b, b'"' | b'\'' | b'>'));
        let quote = self.bytes.get(self.at).copied().filter(|b| *b != b'>')?;
        self.at += 1;
        let value = self.at..self.until(|b| b == quote);
        self.at = (self.at + 1).min(self.bytes.len());
        Some((self.text.get(name).unwrap_or_default(), from..self.at, value))
    }
}

struct Scan<'t> {
    reader: Reader<&'t [u8]>,
    text: &'t str,
    out: Sheet,
    /// Zero-based number of the next row, and column of the next cell, where they do not say.
    row: u32,
    col: u32,
    /// How many `AlternateContent` are open.
    alternatives: u32,
    depth: u32,
}

/// An event with its place.
type At<'t> = (Event<'t>, Range<usize>);

impl<'t> Scan<'t> {
    fn next(&mut self) -> Result<At<'t>, Unfit> {
        let from = self.place()?;
        let event = self.reader.read_event().map_err(|e| Unfit::Damaged(e.to_string()))?;
        let to = self.place()?;
        if matches!(event, Event::DocType(_)) {
            return Err(damaged("DOCTYPE"));
        }
        let tag = matches!(event, Event::Start(_) | Event::Empty(_) | Event::End(_));
        if tag && self.text.as_bytes().get(from) != Some(&b'<') {
            return Err(damaged("lost its place"));
        }
        Ok((event, from..to))
    }

    fn place(&self) -> Result<usize, Unfit> {
        usize::try_from(self.reader.buffer_position()).map_err(|e| Unfit::Damaged(e.to_string()))
    }

    fn run(mut self) -> Result<Sheet, Unfit> {
        let (mut root, mut data) = (false, false);
        loop {
            let (event, at) = self.next()?;
            match event {
                Event::Start(e) if e.local_name().as_ref() == "sheetData" => {
                    self.begin_data(&e, &at, data)?;
                    self.rows()?;
                    data = true;
                }
                Event::Empty(e) if e.local_name().as_ref() == "sheetData" => {
                    self.begin_data(&e, &at, data)?;
                    self.out.data_empty = true;
                    self.out.data_end = at.end;
                    data = true;
                }
                Event::Start(e) => {
                    root |= self.depth == 0 && e.local_name().as_ref() == "worksheet";
                    self.depth += 1;
                    self.alternatives += u32::from(e.local_name().as_ref() == "AlternateContent");
                    self.other(&e, &at);
                }
                Event::Empty(e) => self.other(&e, &at),
                Event::End(e) => {
                    self.depth = self.depth.saturating_sub(1);
                    let left = e.local_name().as_ref() == "AlternateContent";
                    self.alternatives = self.alternatives.saturating_sub(u32::from(left));
                }
                Event::Eof => break,
                _ => {}
            }
        }
        match (root, data, self.depth) {
            (true, true, 0) => Ok(self.out),
            (false, ..) => Err(damaged("no worksheet element")),
            (_, false, _) => Err(damaged("no sheetData element")),
            _ => Err(damaged("breaks off")),
        }
    }

    fn begin_data(&mut self, e: &BytesStart<'_>, at: &Range<usize>, again: bool) -> Result<(), Unfit> {
        if self.alternatives > 0 {
            return Err(Unfit::Alternatives);
        }
        if again || self.depth != 1 {
            return Err(damaged("sheetData"));
        }
        self.out.prefix = e.name().prefix().map(|p| format!("{}:", p.as_ref())).unwrap_or_default();
        self.out.data = at.clone();
        Ok(())
    }

    /// Elements outside `sheetData`.
    fn other(&mut self, e: &BytesStart<'_>, at: &Range<usize>) {
        match e.local_name().as_ref() {
            "mergeCell" => {
                self.out.merges.extend(xml::attr(e, "ref").and_then(|r| area(&r)).filter(|a| a.first != a.last));
            }
            "dimension" if self.depth == 1 => {
                let known = xml::attr(e, "ref").and_then(|r| area(&r));
                let place = attribute(self.text, at, "ref");
                self.out.dimension = place.zip(known);
            }
            "col" if self.alternatives == 0 => {
                let bound = |name| xml::attr(e, name).and_then(|v| v.trim().parse::<u32>().ok());
                if let (Some(min @ 1..), Some(max @ 1..), Some(style)) =
                    (bound("min"), bound("max"), xml::attr(e, "style"))
                {
                    self.out.cols.push((min - 1, max - 1, style.trim().to_string()));
                }
            }
            "sheetProtection" if self.depth == 1 => self.out.protected = xml::flag(e, "sheet"),
            _ => {}
        }
    }

    /// The rows, up to the end of `sheetData`.
    fn rows(&mut self) -> Result<(), Unfit> {
        loop {
            let (event, at) = self.next()?;
            match event {
                Event::Start(e) if e.local_name().as_ref() == "row" => {
                    self.begin_row(&at, false)?;
                    self.cells()?;
                    self.row += 1;
                }
                Event::Empty(e) if e.local_name().as_ref() == "row" => {
                    self.begin_row(&at, true)?;
                    self.row += 1;
                }
                Event::Start(e) | Event::Empty(e) => return Err(stranger(&e)),
                Event::End(_) => {
                    self.out.data_end = at.start;
                    return Ok(());
                }
                Event::Eof => return Err(damaged("breaks off")),
                _ => {}
            }
        }
    }

    /// What a row or a cell says of its place.
    fn reference(&self, at: &Range<usize>) -> Option<&'t str> {
        attribute(self.text, at, "r").and_then(|r| self.text.get(r))
    }

    fn begin_row(&mut self, at: &Range<usize>, empty: bool) -> Result<(), Unfit> {
        if let Some(r) = self.reference(at) {
            let number = r.trim().parse::<u32>().ok().filter(|n| (1..=1_048_576).contains(n));
            self.row = number.ok_or_else(|| damaged(&format!("row {r}")))? - 1;
        }
        if self.row >= 1_048_576 {
            return Err(damaged("row beyond the last"));
        }
        self.col = 0;
        self.out.unsorted |= self.out.rows.last().is_some_and(|last| last.number >= self.row);
        let cells = self.out.cells.len();
        self.out.rows.push(Row { number: self.row, tag: at.clone(), empty, end: at.end, cells: cells..cells });
        Ok(())
    }

    /// The cells of a row, up to its end.
    fn cells(&mut self) -> Result<(), Unfit> {
        loop {
            let (event, at) = self.next()?;
            match event {
                Event::Start(e) if e.local_name().as_ref() == "c" => {
                    self.begin_cell(&at)?;
                    self.inside()?;
                }
                Event::Empty(e) if e.local_name().as_ref() == "c" => self.begin_cell(&at)?,
                Event::Start(e) if e.local_name().as_ref() == "extLst" => self.skip()?,
                Event::Start(e) | Event::Empty(e) => return Err(stranger(&e)),
                Event::End(_) => {
                    let count = self.out.cells.len();
                    if let Some(row) = self.out.rows.last_mut() {
                        row.end = at.end;
                        row.cells.end = count;
                    }
                    return Ok(());
                }
                Event::Eof => return Err(damaged("breaks off")),
                _ => {}
            }
        }
    }

    fn begin_cell(&mut self, at: &Range<usize>) -> Result<(), Unfit> {
        let cell = match self.reference(at) {
            Some(r) => CellRef::parse(r.trim()).ok_or_else(|| damaged(&format!("cell {r}")))?,
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
        loop {
            let (event, at) = self.next()?;
            match event {
                Event::Start(e) if e.local_name().as_ref() == "f" => {
                    let text = self.formula_text()?;
                    self.formula(&e, text);
                }
                Event::Start(e) => {
                    self.skip()?;
                    let end = self.place()?;
                    self.child(e.local_name().as_ref(), at.start..end)?;
                }
                Event::Empty(e) if e.local_name().as_ref() == "f" => self.formula(&e, String::new()),
                Event::Empty(e) => self.child(e.local_name().as_ref(), at)?,
                Event::End(_) => {
                    if let Some(cell) = self.out.cells.last_mut() {
                        cell.end = short(at.end);
                    }
                    return Ok(());
                }
                Event::Eof => return Err(damaged("breaks off")),
                _ => {}
            }
        }
    }

    fn child(&mut self, name: &str, at: Range<usize>) -> Result<(), Unfit> {
        let Some(cell) = self.out.cells.last_mut() else { return Ok(()) };
        match name {
            "v" => cell.value = Some(Span::new(&at)),
            "is" => {}
            "extLst" => cell.extensions = Some(Span::new(&at)),
            "AlternateContent" => return Err(Unfit::Alternatives),
            _ => return Err(damaged(name)),
        }
        Ok(())
    }

    fn formula_text(&mut self) -> Result<String, Unfit> {
        let mut text = String::new();
        loop {
            match self.next()?.0 {
                Event::End(_) => return Ok(text),
                Event::Eof => return Err(damaged("breaks off")),
                event => {
                    if !xml::push_text(&event, &mut text) {
                        return Err(damaged("unknown entity"));
                    }
                }
            }
        }
    }

    fn formula(&mut self, e: &BytesStart<'_>, text: String) {
        let kind = match xml::value(e, "t").as_deref().map(str::trim) {
            Some("shared") => FormulaKind::Shared,
            Some("array") => FormulaKind::Array,
            Some("dataTable") => FormulaKind::DataTable,
            _ => FormulaKind::Normal,
        };
        let group = xml::value(e, "si").and_then(|v| v.trim().parse().ok());
        let area = xml::value(e, "ref").and_then(|r| area(&r));
        let index = short(self.out.formulas.len());
        if let Some(cell) = self.out.cells.last_mut() {
            cell.formula = Some(index);
            self.out.formulas.push(Formula { at: cell.at, kind, group, area, text });
        }
    }

    /// To the end of the element that has just begun.
    fn skip(&mut self) -> Result<(), Unfit> {
        let mut open = 1u32;
        while open > 0 {
            match self.next()?.0 {
                Event::Start(_) => open += 1,
                Event::End(_) => open -= 1,
                Event::Eof => return Err(damaged("breaks off")),
                _ => {}
            }
        }
        Ok(())
    }
}

fn stranger(e: &BytesStart<'_>) -> Unfit {
    match e.local_name().as_ref() {
        "AlternateContent" => Unfit::Alternatives,
        name => damaged(name),
    }
}

fn damaged(detail: &str) -> Unfit {
    Unfit::Damaged(detail.to_string())
}
