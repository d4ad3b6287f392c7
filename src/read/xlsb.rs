//! Opens an .xlsb: one pass of our own over its records, and a clean copy of the cells for calamine's cell reader.
//!
//! calamine trusts the counts and lengths of the records, writes every formula out as text (for some that takes minutes or
//! gigabytes), and passes over cells with rich text, cells in the short form and errors of formulas without a word. The copy
//! holds plain cells only, each with a value that fits its type. The pass also tells what calamine does not: formats, fonts,
//! merges, hidden rows and columns, notes. Layouts are those of \[MS-XLSB\].

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Cursor;

use calamine::{DataRef, Reader, Xlsb};

use super::biff::{u16_at, u32_at};
use super::biff_text::{self, Font, Fonts};
use super::guard::{Budget, Limits, Opened, Problem, ProblemKind, Refusal};
use super::notes;
use super::package::{Package, Relation};
use super::rich::{self, Runs};
use super::stored_zip::StoredZip;
use super::styles::{self, CellStyle};
use crate::model::grid::{Cell, Content, Grid, Workbook};
use crate::model::own_note;
use crate::model::place::{Area, CellRef};

const BOOK: &str = "xl/workbook.bin";
const MAX_ROW: u32 = 1_048_576;
const MAX_COL: u32 = 16_384;
/// Excel's own limit of cell styles is 65,490.
const MAX_STYLES: usize = 65_536;
/// After so many bad cells a sheet is taken as broken: the list is for people.
const MAX_TROUBLES: usize = 1_000;

/// Reads the workbook.
///
/// # Errors
/// A [`Refusal`] when nothing of it can be read or a limit is passed.
pub fn open(package: &mut Package<'_>, limits: &Limits) -> Result<Opened, Refusal> {
    let (book, strings, sheets, mut problems) = pass(package, limits)?;
    let bytes = rebuild(&strings, &sheets)?;
    let mut reader = Xlsb::new(Cursor::new(bytes)).map_err(|e| damaged(&format!("cell reader: {e}")))?;
    let mut out = Vec::new();
    for (i, mut sheet) in sheets.into_iter().enumerate() {
        sheet.clean = Vec::new();
        let metas = std::mem::take(&mut sheet.cells);
        if !metas.is_empty() {
            let name = i.to_string();
            let mut values = reader.worksheet_cells_reader(&name).map_err(|e| damaged(&format!("cell reader: {e}")))?;
            for (at, formula, format) in metas {
                let content = match values.next_cell() {
                    Ok(Some(cell)) if cell.get_position() == (at.row, at.col) => content(cell.get_value()),
                    _ => return Err(damaged("cell reader lost its place")),
                };
                let format = format.and_then(|i| book.styles.get(i)).and_then(|s| s.format.clone());
                sheet.grid.cells.insert(at, Cell { content, format, formula });
            }
        }
        problems.extend(sheet.problems);
        out.push(sheet.grid);
    }
    Ok(Opened { workbook: Workbook { sheets: out, date1904: book.date1904, ..Workbook::default() }, problems })
}

/// The pass alone: what it refuses, [`open`] refuses.
pub fn look(package: &mut Package<'_>, limits: &Limits) -> Result<(), Refusal> {
    let (_, strings, sheets, _) = pass(package, limits)?;
    rebuild(&strings, &sheets).map(drop)
}

type Passed = (Book, Strings, Vec<Sheet>, Vec<Problem>);

fn pass(package: &mut Package<'_>, limits: &Limits) -> Result<Passed, Refusal> {
    let Some(bytes) = package.bytes(BOOK)? else { return Err(damaged("workbook part missing")) };
    let mut book = Book::read(&bytes, limits)?;
    let relations = package.relations(BOOK);
    let mut problems = Vec::new();
    let mut budget = Budget::new(limits);
    match part(package, &relations, "/styles", "xl/styles.bin") {
        Ok(bytes) => book.read_styles(&bytes.unwrap_or_default()),
        Err(Refusal::Damaged { detail }) => {
            problems.push(Problem { sheet: String::new(), cell: None, detail, kind: ProblemKind::StylesDamaged });
        }
        Err(refusal) => return Err(refusal),
    }
    let strings = part(package, &relations, "/sharedStrings", "xl/sharedStrings.bin")?.unwrap_or_default();
    let strings = Strings::read(&strings, &book.fonts, limits)?;
    let mut sheets = Vec::new();
    let (mut names, mut parts) = (BTreeSet::new(), BTreeSet::new());
    for (name, hidden, id) in std::mem::take(&mut book.listed) {
        let relation = relations.iter().find(|r| r.id == id && !r.external);
        let kind = relation.and_then(|r| r.kind.rsplit('/').next()).unwrap_or_default();
        let mut sheet = Sheet::new(&name, hidden);
        if matches!(kind, "chartsheet" | "dialogsheet" | "xlMacrosheet" | "xlIntlMacrosheet") {
            problems.push(Problem { sheet: name, cell: None, detail: kind.into(), kind: ProblemKind::SheetSkipped });
            continue;
        }
        if !names.insert(name.to_lowercase()) {
            sheet.problem(None, ProblemKind::DuplicateSheet, "sheet name");
        }
        let target = relation.map(|r| r.target.as_str()).unwrap_or_default();
        if !target.is_empty() && !parts.insert(target.to_lowercase()) {
            sheet.problem(None, ProblemKind::DuplicateSheet, "sheet part");
        }
        match package.bytes(target) {
            Ok(Some(bytes)) => {
                sheet.read(&bytes, &book, &strings, &mut budget)?;
                sheet.notes(package, target, &mut budget)?;
            }
            Ok(None) => sheet.problem(None, ProblemKind::SheetMissing, "part missing"),
            Err(Refusal::Damaged { detail }) => sheet.problem(None, ProblemKind::SheetMissing, &detail),
            Err(refusal) => return Err(refusal),
        }
        sheets.push(sheet);
    }
    if sheets.is_empty() {
        return Err(damaged("no worksheet"));
    }
    Ok((book, strings, sheets, problems))
}

/// A part by its relation type, or by its usual name.
fn part(
    package: &mut Package<'_>,
    relations: &[Relation],
    kind: &str,
    usual: &str,
) -> Result<Option<Vec<u8>>, Refusal> {
    let related = relations.iter().find(|r| r.kind.ends_with(kind) && package.has(&r.target));
    let name = related.map_or(usual, |r| r.target.as_str()).to_string();
    package.bytes(&name)
}

/// The records of a part; stops at the end, or where one does not fit.
fn records(bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (low, mut at) = (*rest.first()?, 1);
        let mut kind = u16::from(low & 0x7f);
        if low & 0x80 != 0 {
            kind |= u16::from(*rest.get(1)? & 0x7f) << 7;
            at = 2;
        }
        let mut length = 0usize;
        for i in 0..4 {
            let byte = *rest.get(at)?;
            at += 1;
            length |= usize::from(byte & 0x7f) << (7 * i);
            if byte & 0x80 == 0 {
                break;
            }
        }
        let data = rest.get(at..at + length)?;
        rest = &rest[at + length..];
        Some((kind, data))
    })
}

/// Writes a record.
fn put(out: &mut Vec<u8>, kind: u16, data: &[&[u8]]) {
    let [_, low] = (kind & 0x7f).to_be_bytes();
    let [_, high] = (kind >> 7).to_be_bytes();
    if kind < 0x80 {
        out.push(low);
    } else {
        out.extend([low | 0x80, high]);
    }
    let mut length = data.iter().map(|d| d.len()).sum::<usize>();
    loop {
        let [byte, ..] = (length & 0x7f).to_le_bytes();
        length >>= 7;
        out.push(if length > 0 { byte | 0x80 } else { byte });
        if length == 0 {
            break;
        }
    }
    data.iter().for_each(|d| out.extend_from_slice(d));
}

/// A text with its length in front, as it stands: length and characters.
fn wide(data: &[u8]) -> Option<&[u8]> {
    let count = u32_at(data, 0)? as usize;
    data.get(..count.checked_mul(2)?.checked_add(4)?)
}

/// Its characters.
fn units(wide: &[u8]) -> Vec<u16> {
    wide.get(4..).unwrap_or_default().as_chunks::<2>().0.iter().map(|p| u16::from_le_bytes(*p)).collect()
}

fn text_of(data: &[u8]) -> Option<String> {
    wide(data).map(|w| String::from_utf16_lossy(&units(w)))
}

/// A text with formats: a flag, the text, runs. Gives the text as it stands, and what it looks like.
fn rich_text<'a>(data: &'a [u8], fonts: &Fonts) -> Option<(&'a [u8], Option<Runs>)> {
    let (flags, rest) = data.split_first()?;
    let text = wide(rest)?;
    if flags & 1 == 0 {
        return Some((text, None));
    }
    let behind = &rest[text.len()..];
    let count = u32_at(behind, 0).unwrap_or(0) as usize;
    let words = |p: &[u8; 4]| (u16::from_le_bytes([p[0], p[1]]), u16::from_le_bytes([p[2], p[3]]));
    let formats = behind.get(4..).unwrap_or_default().as_chunks::<4>().0;
    let formats: Vec<(u16, u16)> = formats.iter().take(count).map(words).collect();
    Some((
        text,
        biff_text::runs_by(&units(text), &formats, |i| fonts.0.get(usize::from(i)).copied().unwrap_or_default()),
    ))
}

/// What the main part and the styles say.
#[derive(Default)]
struct Book {
    /// Name, whether hidden, and relation of each sheet.
    listed: Vec<(String, bool, String)>,
    date1904: bool,
    fonts: Fonts,
    styles: Vec<CellStyle>,
}

impl Book {
    fn read(bytes: &[u8], limits: &Limits) -> Result<Self, Refusal> {
        let mut book = Self::default();
        for (kind, d) in records(bytes) {
            match kind {
                0x99 => book.date1904 = d.first().is_some_and(|b| b & 1 != 0),
                0x9c => {
                    let Some(id) = d.get(8..).and_then(wide) else { continue };
                    let name = d.get(8 + id.len()..).and_then(text_of).unwrap_or_default();
                    let hidden = matches!(u32_at(d, 0), Some(1 | 2));
                    book.listed.push((name, hidden, String::from_utf16_lossy(&units(id))));
                    Limits::check("sheets", limits.sheets, book.listed.len() as u64)?;
                }
                0x90 => break,
                _ => {}
            }
        }
        if book.listed.is_empty() { Err(damaged("workbook part without sheets")) } else { Ok(book) }
    }

    fn read_styles(&mut self, bytes: &[u8]) {
        let mut formats: BTreeMap<u16, String> = BTreeMap::new();
        let mut in_cells = false;
        for (kind, d) in records(bytes) {
            match kind {
                0x2b => self.fonts.0.push(font(d)),
                0x2c => {
                    let code = d.get(2..).and_then(text_of).filter(|c| c.chars().count() <= 255);
                    formats.extend(u16_at(d, 0).zip(code));
                }
                0x269 => in_cells = true,
                0x2f if in_cells => {
                    let format = u16_at(d, 2).unwrap_or(0);
                    let code = formats.get(&format).map(String::as_str).or_else(|| styles::builtin(format.into()));
                    let format = code.filter(|c| !c.eq_ignore_ascii_case("General")).map(str::to_string);
                    let font = u16_at(d, 4).and_then(|i| self.fonts.0.get(usize::from(i))).copied().unwrap_or_default();
                    self.styles.push(CellStyle { format, struck: font.struck, red: font.red });
                }
                0x26a => break,
                _ => {}
            }
            if self.fonts.0.len() > MAX_STYLES || self.styles.len() > MAX_STYLES || formats.len() > MAX_STYLES {
                break;
            }
        }
    }
}

fn font(d: &[u8]) -> Font {
    let struck = u16_at(d, 2).is_some_and(|f| f & 8 != 0);
    let red = match d.get(12..20) {
        // The kind of colour stands above a flag: 1 the palette, 2 red, green, blue.
        Some([kind, index, ..]) if kind >> 1 == 1 => matches!(index, 2 | 10),
        Some([kind, _, _, _, r, g, b, _]) if kind >> 1 == 2 => styles::is_red_rgb(*r, *g, *b),
        _ => false,
    };
    Font { struck, red }
}

/// The shared strings: the clean part, bytes of each at most, runs of those that have any.
#[derive(Default)]
struct Strings {
    items: Vec<u8>,
    lengths: Vec<u32>,
    runs: BTreeMap<u32, Runs>,
}

impl Strings {
    fn read(bytes: &[u8], fonts: &Fonts, limits: &Limits) -> Result<Self, Refusal> {
        let mut out = Self::default();
        for (_, d) in records(bytes).filter(|(kind, _)| *kind == 0x13) {
            let index = u32::try_from(out.lengths.len()).unwrap_or(u32::MAX);
            // What cannot be read keeps its place, so that the others keep theirs; it is met where it is used.
            let (text, runs) = rich_text(d, fonts).unwrap_or((&[0; 4], None));
            out.lengths.push(if d.is_empty() { u32::MAX } else { bytes_of(text) });
            out.runs.extend(runs.map(|r| (index, r)));
            put(&mut out.items, 0x13, &[&[0], text]);
            Limits::check("cells", limits.cells, out.lengths.len() as u64)?;
        }
        Ok(out)
    }

    fn part(&self) -> Vec<u8> {
        let count = u32::try_from(self.lengths.len()).unwrap_or(0).to_le_bytes();
        let mut out = Vec::new();
        put(&mut out, 0x9f, &[&count, &count]);
        out.extend_from_slice(&self.items);
        put(&mut out, 0xa0, &[]);
        out
    }
}

/// Bytes of a text as UTF-8, at most.
fn bytes_of(wide: &[u8]) -> u32 {
    u32::try_from(wide.len() / 2 * 3).unwrap_or(u32::MAX)
}

/// A sheet after the pass.
struct Sheet {
    grid: Grid,
    /// The clean copy of the cells that have a value.
    clean: Vec<u8>,
    /// One entry per cell of the copy, in its order: where, whether a formula, which style.
    cells: Vec<(CellRef, bool, Option<usize>)>,
    problems: Vec<Problem>,
    row: u32,
    col: Option<u32>,
}

impl Sheet {
    fn new(name: &str, hidden: bool) -> Self {
        let grid = Grid { name: name.to_string(), hidden, ..Grid::default() };
        Self { grid, clean: Vec::new(), cells: Vec::new(), problems: Vec::new(), row: 0, col: None }
    }

    fn problem(&mut self, cell: Option<CellRef>, kind: ProblemKind, detail: &str) {
        let (sheet, detail) = (self.grid.name.clone(), detail.chars().take(60).collect());
        self.problems.push(Problem { sheet, cell, detail, kind });
    }

    fn read(&mut self, bytes: &[u8], book: &Book, strings: &Strings, budget: &mut Budget<'_>) -> Result<(), Refusal> {
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
        rich::mark(&mut self.grid.marks, at, look.map_or((false, false), |s| (s.struck, s.red)), runs.as_ref());
        Ok(())
    }

    /// Notes, and the threads of newer programs, which count where both stand.
    fn notes(&mut self, package: &mut Package<'_>, part: &str, budget: &mut Budget<'_>) -> Result<(), Refusal> {
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

/// The package that the cell reader gets. Styles are left out: formats come from our own pass, so a date stays the serial
/// that is stored.
fn rebuild(strings: &Strings, sheets: &[Sheet]) -> Result<Vec<u8>, Refusal> {
    let mut zip = StoredZip::new();
    let name = |i: usize, before: &str| {
        let units: Vec<u8> = format!("{before}{i}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        let count = u32::try_from(units.len() / 2).unwrap_or(0).to_le_bytes();
        [&count[..], &units].concat()
    };
    let (mut book, mut relations) = (Vec::new(), String::new());
    put(&mut book, 0x8f, &[]);
    for (i, sheet) in sheets.iter().enumerate() {
        put(&mut book, 0x9c, &[&[0; 4], &[1, 0, 0, 0], &name(i, "r"), &name(i, "")]);
        // Writing to a string does not fail.
        let _ = write!(relations, r#"<Relationship Id="r{i}" Target="worksheets/{i}.bin"/>"#);
        let mut part = Vec::new();
        put(&mut part, 0x81, &[]);
        put(&mut part, 0x94, &[&[0; 16]]);
        put(&mut part, 0x91, &[]);
        part.extend_from_slice(&sheet.clean);
        put(&mut part, 0x92, &[]);
        put(&mut part, 0x82, &[]);
        zip.add_bytes(&format!("xl/worksheets/{i}.bin"), &part)?;
    }
    put(&mut book, 0x90, &[]);
    put(&mut book, 0x84, &[]);
    zip.add_bytes(BOOK, &book)?;
    zip.add("xl/_rels/workbook.bin.rels", &format!("<Relationships>{relations}</Relationships>"))?;
    zip.add_bytes("xl/sharedStrings.bin", &strings.part())?;
    zip.finish()
}

fn content(value: &DataRef<'_>) -> Content {
    match value {
        DataRef::Empty => Content::Empty,
        DataRef::Float(n) => Content::Number(*n),
        #[allow(clippy::cast_precision_loss, reason = "a cell holds a double; calamine narrows whole ones")]
        DataRef::Int(n) => Content::Number(*n as f64),
        // ISO dates come from no .xlsb.
        DataRef::String(s) | DataRef::DateTimeIso(s) | DataRef::DurationIso(s) => Content::Text(s.clone()),
        DataRef::SharedString(s) => Content::Text((*s).to_string()),
        DataRef::Bool(b) => Content::Bool(*b),
        DataRef::Error(e) => Content::Error(e.to_string()),
        // Without styles none is a date to the reader.
        DataRef::DateTime(d) => Content::DateTime(d.as_f64()),
    }
}

fn damaged(detail: &str) -> Refusal {
    Refusal::Damaged { detail: detail.to_string() }
}
