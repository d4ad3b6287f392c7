//! One pass over the content of an .ods before its cells are read ([`super::ods_cells`]).
//!
//! A row or cell may say that it is repeated a million times; a file of 733 bytes then takes more than a gigabyte. Only
//! repeats of what has content count; the same for text, for blanks may be given by number. The pass also tells what stands
//! beside the values: merges, hidden rows and columns, strike-through, red text and notes.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;

use quick_xml::events::{BytesStart, Event};

use super::guard::{Limits, Refusal};
use super::ods_styles::{Look, Styles};
use super::rich::{self, Faced, Piece, Runs};
use super::xml;
use crate::model::grid::Marks;
use crate::model::place::{Area, CellRef};

const MAX_ROW: u64 = 1_048_576;
const MAX_COL: u64 = 16_384;
/// More than so many cells of an unknown type are not listed.
const MAX_UNTYPED: usize = 1_000;
/// The types of values that OpenDocument knows.
const TYPES: [&str; 8] = ["float", "percentage", "currency", "date", "time", "boolean", "string", "void"];

/// What a table has beside its values.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Merged ranges.
    pub merges: Vec<Area>,
    /// Hidden rows down to the last used one, zero-based.
    pub hidden_rows: BTreeSet<u32>,
    /// Hidden columns, zero-based.
    pub hidden_cols: BTreeSet<u32>,
    /// Cells whose type nobody knows, with the type; the reader shows nothing in them.
    pub untyped: Vec<(CellRef, String)>,
    /// Whether used cells stand beyond the grid; they are left out.
    pub outside: bool,
    /// Strike-through, red text, raised text and notes.
    pub marks: Marks,
    /// The number formats of numbers and days, by the order of [`Styles::codes`].
    pub formats: BTreeMap<CellRef, u16>,
    /// Cells in fonts of pictures.
    pub faces: Vec<Faced>,
}

struct Scan<'s> {
    styles: &'s Styles,
    /// Which number formats add to a text.
    for_texts: Rc<[bool]>,
    tables: Vec<Table>,
    /// Depth of tables: a table inside a cell is not a sheet.
    depth: u32,
    row: u64,
    col: u64,
    columns: u64,
    repeat: u64,
    hidden: Vec<Range<u64>>,
    /// Used cells of the current row, and where the last of them ends.
    in_row: u64,
    row_end: u64,
    rows_end: u64,
    used: u64,
    /// Bytes of text in the current row, and in all of them with their repeats.
    row_text: u64,
    text: u64,
    cell: Option<Pending>,
    /// Where the default cell style of each run of columns ends, with its look.
    column_looks: Vec<(u64, Look)>,
    row_look: Option<Look>,
    /// Cells of the current row that look like something.
    looks: Vec<Looks>,
}

/// Columns of a row whose cells look alike: by their font and their number format, and the runs of their text.
type Looks = (Range<u64>, rich::Look, Option<u16>, Option<Runs>);

/// A cell whose content is still to come.
#[derive(Default)]
struct Pending {
    used: bool,
    text: u64,
    repeat: u64,
    spans: (u64, u64),
    /// It holds a number, a day or a time.
    number: bool,
    /// What its own style says.
    look: Option<Look>,
    /// Its text, cut where the style changes.
    pieces: Vec<Piece>,
    /// The styles of the pieces of text that are open, each with those around it.
    spanned: Vec<Look>,
    /// The text of its note, while that is open, and when it is closed.
    in_note: bool,
    note: String,
    /// Depth of paragraphs; between them nothing is text.
    paragraphs: u32,
}

impl Pending {
    /// Adds to the text of the cell or of its note.
    fn push(&mut self, text: &str) {
        if self.in_note {
            self.note.push_str(text);
            return;
        }
        let look = self.spanned.last().copied().unwrap_or_default();
        let (struck, red) = (look.struck, look.red == Some(true));
        match self.pieces.last_mut() {
            Some(last) if (last.struck, last.red, last.raised, last.face) == (struck, red, look.raised, look.face) => {
                last.text.push_str(text);
            }
            _ => self.pieces.push(Piece { struck, red, raised: look.raised, face: look.face, text: text.into() }),
        }
    }

    fn has_text(&self) -> bool {
        if self.in_note { !self.note.is_empty() } else { !self.pieces.is_empty() }
    }
}

/// Counts the used cells with their repeats and their text.
///
/// # Errors
/// [`Refusal::TooLarge`] past the limits of used cells, text, merges or sheets; [`Refusal::Damaged`] for bad XML.
pub fn scan(text: &str, styles: &Styles, limits: &Limits) -> Result<Vec<Table>, Refusal> {
    let mut reader = xml::reader(text);
    let adds = |code: &Option<String>| {
        code.as_ref().is_some_and(|c| c != "@" && (c.contains('@') || c.bytes().filter(|b| *b == b';').count() > 2))
    };
    let mut scan = Scan::new(styles, styles.codes().iter().map(adds).collect());
    loop {
        match reader.read_event().map_err(|e| Refusal::Damaged { detail: format!("content.xml: {e}") })? {
            Event::Start(e) => scan.start(&e, limits)?,
            Event::End(e) => scan.end(e.local_name().as_ref(), limits)?,
            Event::Text(t) => scan.text(&t.xml10_content(), limits)?,
            Event::CData(t) => scan.text(&t.xml10_content(), limits)?,
            Event::GeneralRef(r) => {
                let mut text = String::new();
                xml::push_reference(&r, &mut text);
                scan.text(&text, limits)?;
            }
            Event::Eof if scan.depth == 0 => return Ok(scan.tables),
            Event::Eof => return Err(Refusal::Damaged { detail: "content.xml breaks off".into() }),
            _ => {}
        }
    }
}

impl<'s> Scan<'s> {
    fn new(styles: &'s Styles, for_texts: Rc<[bool]>) -> Self {
        Self {
            styles,
            for_texts,
            tables: Vec::new(),
            depth: 0,
            row: 0,
            col: 0,
            columns: 0,
            repeat: 0,
            hidden: Vec::new(),
            in_row: 0,
            row_end: 0,
            rows_end: 0,
            used: 0,
            row_text: 0,
            text: 0,
            cell: None,
            column_looks: Vec::new(),
            row_look: None,
            looks: Vec::new(),
        }
    }

    fn start(&mut self, e: &BytesStart<'_>, limits: &Limits) -> Result<(), Refusal> {
        let collapsed = || xml::attr(e, "visibility").is_some_and(|v| v != "visible");
        match e.local_name().as_ref() {
            "table" => {
                self.depth += 1;
                if self.depth == 1 {
                    let fresh = Self::new(self.styles, Rc::clone(&self.for_texts));
                    let Self { tables, depth, used, text, .. } = std::mem::replace(self, fresh);
                    *self = Self { tables, depth, used, text, ..Self::new(self.styles, Rc::clone(&self.for_texts)) };
                    self.tables.push(Table::default());
                    Limits::check("sheets", limits.sheets, self.tables.len() as u64)?;
                }
            }
            _ if self.depth != 1 => {}
            "table-column" => {
                let start = self.columns;
                let end = start.saturating_add(count(e, "number-columns-repeated")).min(MAX_COL);
                if collapsed() {
                    self.with_table(|t| t.hidden_cols.extend(to_u32(start..end)));
                }
                self.columns = end;
                let look = self.look_of(e, "default-cell-style-name").unwrap_or_default();
                match self.column_looks.last_mut() {
                    Some((last, before)) if *before == look => *last = end,
                    _ => self.column_looks.push((end, look)),
                }
            }
            "table-row" => {
                self.repeat = count(e, "number-rows-repeated");
                (self.col, self.in_row, self.row_end, self.row_text) = (0, 0, 0, 0);
                self.row_look = self.look_of(e, "default-cell-style-name");
                self.looks.clear();
                if collapsed() {
                    self.hidden.push(self.row..self.row.saturating_add(self.repeat));
                }
            }
            "table-cell" | "covered-table-cell" => {
                let kind = xml::attr(e, "value-type");
                if let Some(kind) = kind.as_deref().filter(|k| !TYPES.contains(k)) {
                    self.untyped(kind);
                }
                let number = kind.as_deref().is_some_and(|k| !matches!(k, "string" | "void" | "boolean"));
                let used = kind.is_some() || xml::attr(e, "formula").is_some();
                let text = e.len() as u64;
                let spans = (count(e, "number-rows-spanned"), count(e, "number-columns-spanned"));
                let (look, repeat) = (self.look_of(e, "style-name"), count(e, "number-columns-repeated"));
                self.cell = Some(Pending { used, text, repeat, spans, number, look, ..Pending::default() });
            }
            _ => self.inside(e, limits)?,
        }
        Ok(())
    }

    /// What stands inside a cell.
    fn inside(&mut self, e: &BytesStart<'_>, limits: &Limits) -> Result<(), Refusal> {
        let styles = self.styles;
        let Some(cell) = &mut self.cell else { return Ok(()) };
        match e.local_name().as_ref() {
            // So many blanks in a row; the reader writes them out one by one.
            "s" => {
                let blanks = count(e, "c");
                self.bytes(blanks, limits)?;
                // No more than the limit of all text.
                let blanks = " ".repeat(usize::try_from(blanks).unwrap_or(0));
                self.cell.iter_mut().for_each(|c| c.push(&blanks));
            }
            "tab" => cell.push("\t"),
            "line-break" => cell.push("\n"),
            "annotation" => {
                cell.in_note = true;
                cell.spanned.clear();
            }
            "span" => {
                let outer = cell.spanned.last().copied().unwrap_or_default();
                let look = xml::attr(e, "style-name").map(|name| styles.text(&name)).unwrap_or_default();
                // Deeper than anybody nests them, they keep the look of those around.
                if cell.spanned.len() < 256 {
                    cell.spanned.push(look.within(outer));
                }
            }
            "p" => {
                cell.used |= !cell.in_note;
                if cell.paragraphs == 0 && cell.has_text() {
                    cell.push("\n");
                }
                cell.paragraphs += 1;
            }
            _ => {}
        }
        Ok(())
    }

    fn look_of(&self, e: &BytesStart<'_>, name: &str) -> Option<Look> {
        xml::attr(e, name).map(|style| self.styles.cell(&style))
    }

    fn untyped(&mut self, kind: &str) {
        let at = u32::try_from(self.row).ok().zip(u32::try_from(self.col).ok());
        let at = at.filter(|_| self.row < MAX_ROW && self.col < MAX_COL);
        let kind = kind.chars().take(60).collect();
        if let (Some((row, col)), Some(table)) = (at, self.tables.last_mut())
            && table.untyped.len() < MAX_UNTYPED
        {
            table.untyped.push((CellRef::new(row, col), kind));
        }
    }

    /// Text in the current cell, or in its note.
    fn text(&mut self, text: &str, limits: &Limits) -> Result<(), Refusal> {
        self.bytes(text.len() as u64, limits)?;
        if let Some(cell) = self.cell.as_mut().filter(|c| c.paragraphs > 0) {
            cell.push(text);
        }
        Ok(())
    }

    /// So many bytes of text stand in the current cell.
    fn bytes(&mut self, bytes: u64, limits: &Limits) -> Result<(), Refusal> {
        let Some(cell) = &mut self.cell else { return Ok(()) };
        cell.text = cell.text.saturating_add(bytes);
        Limits::check("text_total", limits.text_total, cell.text)
    }

    /// What a used cell looks like, and its note.
    fn looks(&mut self, cell: &Pending, end: u64) {
        let corner = u32::try_from(self.row).ok().zip(u32::try_from(self.col).ok());
        if let Some((row, col)) =
            corner.filter(|_| !cell.note.trim().is_empty() && self.row < MAX_ROW && self.col < MAX_COL)
        {
            self.with_table(|t| drop(t.marks.notes.insert(CellRef::new(row, col), cell.note.clone())));
        }
        if !cell.used {
            return;
        }
        let runs = Runs::of(&cell.pieces);
        let for_texts = Rc::clone(&self.for_texts);
        let of = |look: Look| {
            let font = rich::Look {
                struck: look.struck == Some(true),
                red: look.red == Some(true),
                raised: look.raised == Some(true),
                face: look.face.unwrap_or_default(),
            };
            (font, look.format.filter(|f| cell.number || for_texts.get(usize::from(*f)) == Some(&true)))
        };
        let says = |(font, format)| font != rich::Look::default() || Option::<u16>::is_some(&format) || runs.is_some();
        let cols = self.col..end.min(MAX_COL);
        if let Some(look) = cell.look.or(self.row_look).map(of) {
            if says(look) {
                self.looks.push((cols, look.0, look.1, runs));
            }
            return;
        }
        // Each column may have a style for the cells that have none.
        let mut from = cols.start;
        for (column_end, look) in self.column_looks.iter().chain([&(MAX_COL, Look::default())]) {
            let to = cols.end.min(*column_end);
            if from < to {
                let look = of(*look);
                if says(look) {
                    self.looks.push((from..to, look.0, look.1, runs.clone()));
                }
                from = to;
            }
        }
    }

    /// Marks the cells of a row and its repeats; they are counted already.
    fn mark(&mut self, rows: Range<u64>) {
        for (cols, look, format, runs) in std::mem::take(&mut self.looks) {
            for row in to_u32(rows.clone()) {
                for col in to_u32(cols.clone()) {
                    self.with_table(|t| {
                        let at = CellRef::new(row, col);
                        rich::mark(&mut t.marks, at, look, runs.as_ref());
                        t.formats.extend(format.map(|f| (at, f)));
                        if look.face.is_symbols() || runs.as_ref().is_some_and(Runs::has_symbols) {
                            t.faces.push((at, look, runs.clone()));
                        }
                    });
                }
            }
        }
    }

    fn end(&mut self, name: &str, limits: &Limits) -> Result<(), Refusal> {
        match name {
            "table" => {
                if self.depth == 1 {
                    self.close_table();
                }
                self.depth = self.depth.saturating_sub(1);
            }
            _ if self.depth != 1 => {}
            "table-cell" | "covered-table-cell" => {
                let Some(cell) = self.cell.take() else { return Ok(()) };
                let end = self.col.saturating_add(cell.repeat);
                self.looks(&cell, end);
                if cell.used {
                    self.in_row = self.in_row.saturating_add(cell.repeat);
                    self.row_end = end;
                    self.row_text = self.row_text.saturating_add(cell.text.saturating_mul(cell.repeat));
                }
                if cell.spans != (1, 1) {
                    self.merge(cell.spans, limits)?;
                }
                self.col = end;
            }
            "table-row" => {
                let end = self.row.saturating_add(self.repeat);
                if self.in_row > 0 {
                    self.used = self.used.saturating_add(self.in_row.saturating_mul(self.repeat));
                    self.rows_end = end;
                    Limits::check("cells", limits.cells, self.used)?;
                    self.text = self.text.saturating_add(self.row_text.saturating_mul(self.repeat));
                    Limits::check("text_total", limits.text_total, self.text)?;
                    if self.rows_end > MAX_ROW || self.row_end > MAX_COL {
                        self.with_table(|t| t.outside = true);
                    }
                    self.mark(self.row..end.min(MAX_ROW));
                }
                self.row = end;
            }
            name => {
                let Some(cell) = &mut self.cell else { return Ok(()) };
                match name {
                    "annotation" => {
                        cell.in_note = false;
                        cell.spanned.clear();
                    }
                    "span" => drop(cell.spanned.pop()),
                    "p" => cell.paragraphs = cell.paragraphs.saturating_sub(1),
                    _ => {}
                }
            }
        }
        Ok(())
    }

    fn close_table(&mut self) {
        let rows_end = self.rows_end.min(MAX_ROW);
        let hidden = std::mem::take(&mut self.hidden);
        self.with_table(|t| {
            for range in hidden {
                t.hidden_rows.extend(to_u32(range.start..range.end.min(rows_end)));
            }
        });
    }

    fn merge(&mut self, (rows, cols): (u64, u64), limits: &Limits) -> Result<(), Refusal> {
        let corner = |row: u64, col: u64| {
            let at = CellRef::new(u32::try_from(row).ok()?, u32::try_from(col).ok()?);
            (row < MAX_ROW && col < MAX_COL).then_some(at)
        };
        let first = corner(self.row, self.col);
        let last = corner(self.row.saturating_add(rows - 1), self.col.saturating_add(cols - 1));
        if let (Some(first), Some(last)) = (first, last) {
            self.with_table(|t| t.merges.push(Area { first, last }));
        }
        let merges = self.tables.iter().map(|t| t.merges.len() as u64).sum();
        Limits::check("merges", limits.merges, merges)
    }

    fn with_table(&mut self, change: impl FnOnce(&mut Table)) {
        if let Some(table) = self.tables.last_mut() {
            change(table);
        }
    }
}

fn to_u32(range: Range<u64>) -> impl Iterator<Item = u32> {
    range.filter_map(|n| u32::try_from(n).ok())
}

/// A repeat or span; at least one.
fn count(e: &BytesStart<'_>, name: &str) -> u64 {
    xml::attr(e, name).and_then(|v| v.trim().parse().ok()).unwrap_or(1).max(1)
}
