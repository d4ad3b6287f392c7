//! One pass over the workbook stream of an .xls before calamine reads it: limits, and what calamine does not tell.
//!
//! calamine builds dense ranges, reserves what a record says it will need, and copies a shared string into every cell
//! that uses it, and writes every formula out as text, which for some takes minutes or gigabytes. The pass counts cells, the
//! rectangle around them and their text on the records themselves, brings cells that stand far apart closer, blanks out the declared dimensions, the formulas and the
//! defined names (only the presence of a formula counts), and gives formats, fonts, notes and hidden rows and columns.
//! Layouts are those of \[MS-XLS\].

use std::collections::{BTreeMap, BTreeSet};

use super::biff_apart::{Used, closer};
use super::biff_floats::Objects;
use super::biff_text::{self, Fonts, Strings};
use super::guard::{Budget, Limits, Lock, Refusal};
use super::rich::{self, Faced, Runs};
use super::styles::{self, CellStyle};
use crate::model::grid::{Float, Marks};
use crate::model::place::CellRef;

/// What a sheet has beside its values.
#[derive(Debug, Default)]
pub struct SheetFacts {
    /// Hidden rows, zero-based.
    pub hidden_rows: BTreeSet<u32>,
    /// Hidden columns, zero-based.
    pub hidden_cols: BTreeSet<u32>,
    /// Index of the cell style by cell, where it gives a number format.
    pub styled: BTreeMap<CellRef, u16>,
    /// Cells with a formula.
    pub formulas: Vec<CellRef>,
    /// Where the sheet has cells far apart: the rows and columns that have any. The stream then counts these only, so that the
    /// parser's rectangle is small; both are empty where it counts as usual.
    pub apart: (Vec<u32>, Vec<u32>),
    /// Results of formulas that run on into further records, of which the parser reads the first only.
    pub long: BTreeMap<CellRef, String>,
    /// Strike-through, red text, raised text and notes.
    pub marks: Marks,
    /// Cells in fonts of pictures.
    pub faces: Vec<Faced>,
    /// Shapes, pictures and controls.
    pub floats: Vec<Float>,
}

/// What the pass found.
#[derive(Debug, Default)]
pub struct Facts {
    /// One entry per listed sheet.
    pub sheets: Vec<SheetFacts>,
    /// Cell styles.
    pub styles: Vec<CellStyle>,
    /// Whether it refers to other workbooks.
    pub links: bool,
}

/// A record of the stream.
pub(super) struct Record<'a> {
    /// Where its head begins.
    pub at: usize,
    /// Its number.
    pub kind: u16,
    /// What stands behind its head of four bytes.
    pub data: &'a [u8],
}

/// The records from an offset on, to the end of the stream or the first that does not fit.
pub(super) fn records(stream: &[u8], from: usize) -> impl Iterator<Item = Record<'_>> {
    let mut at = from;
    std::iter::from_fn(move || {
        let (kind, length) = (u16_at(stream, at)?, usize::from(u16_at(stream, at + 2)?));
        let record = Record { at, kind, data: stream.get(at + 4..at + 4 + length)? };
        at += 4 + length;
        Some(record)
    })
}

/// A change to the stream: so many bytes from an offset on.
pub(super) struct Patch {
    /// The offset.
    pub at: usize,
    /// The bytes.
    pub bytes: [u8; 2],
}

impl Patch {
    /// Turns a record into a blank cell, which the reader passes over.
    const fn gone(record: &Record<'_>) -> Self {
        Self { at: record.at, bytes: [0x01, 0x02] }
    }
}

/// Inspects the stream and blanks out what only does harm.
///
/// # Errors
/// [`Refusal::Encrypted`], or [`Refusal::TooLarge`] when cells, text, sheets or the dense area pass their limits.
pub(super) fn inspect(stream: &mut [u8], limits: &Limits) -> Result<Facts, Refusal> {
    let globals = globals(stream, limits)?;
    let mut budget = Budget::new(limits);
    let mut facts = Facts { styles: globals.styles(), links: globals.links, ..Facts::default() };
    let (mut dense, mut patches) = (0u64, Vec::new());
    for start in &globals.sheets {
        let (globals, styles, budget) = (&globals, &facts.styles, &mut budget);
        let mut sheet = Sheet::new(globals, styles, budget);
        let mut depth = 0u32;
        for record in records(stream, *start) {
            match record.kind {
                0x0809 => depth += 1,
                0x000a => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        break;
                    }
                }
                0x0200 => patches.push(Patch::gone(&record)),
                _ if depth <= 1 => {
                    if is_formula(record.kind) && record.data.len() >= 22 {
                        // Some programs give a formula the number that it had in older versions.
                        patches.push(Patch { at: record.at, bytes: [0x06, 0x00] });
                        // Its length in bytes: the formula is empty now.
                        patches.push(Patch { at: record.at + 24, bytes: [0, 0] });
                    }
                    sheet.record(&record)?;
                }
                _ => {}
            }
        }
        let mut area = sheet.rows.span() * sheet.cols.span();
        if dense.saturating_add(area) > limits.dense {
            area = sheet.rows.count() * sheet.cols.count();
            Limits::check("dense", limits.dense, dense.saturating_add(area))?;
            closer(stream, *start, &sheet.rows, &sheet.cols, &mut patches);
            sheet.facts.apart = (sheet.rows.list(), sheet.cols.list());
        }
        dense = dense.saturating_add(area);
        facts.sheets.push(sheet.finish()?);
    }
    patches.extend(globals.patches);
    for patch in patches {
        if let Some(there) = stream.get_mut(patch.at..patch.at + patch.bytes.len()) {
            there.copy_from_slice(&patch.bytes);
        }
    }
    Ok(facts)
}

#[derive(Default)]
struct Globals {
    sheets: Vec<usize>,
    formats: BTreeMap<u16, String>,
    fonts: Fonts,
    records: Vec<(u16, u16)>,
    strings: Strings,
    links: bool,
    older: bool,
    code_page: u16,
    patches: Vec<Patch>,
}

fn globals(stream: &[u8], limits: &Limits) -> Result<Globals, Refusal> {
    let mut out = Globals::default();
    let mut biff8 = true;
    // Font colours: the palette may stand behind the fonts.
    let (mut colours, mut palette) = (Vec::new(), Vec::new());
    let mut table: Option<Vec<&[u8]>> = None;
    let mut tables: Vec<&[u8]> = Vec::new();
    for record in records(stream, 0) {
        let d = record.data;
        match record.kind {
            0x0809 => biff8 = u16_at(d, 0) == Some(0x0600),
            0x002f => return Err(Refusal::Encrypted(Lock::NotOpened)),
            0x0085 => {
                out.sheets.push(u32_at(d, 0).map_or(usize::MAX - 4, |n| n as usize));
                Limits::check("sheets", limits.sheets, out.sheets.len() as u64)?;
            }
            0x041e if biff8 => {
                if let (Some(id), Some(code)) = (u16_at(d, 0), short_string(d.get(2..).unwrap_or_default())) {
                    out.formats.insert(id, code);
                }
            }
            0x0031 => {
                out.fonts.0.push(biff_text::font(d, biff8));
                colours.push(u16_at(d, 4).unwrap_or(0x7fff));
            }
            0x0042 => out.code_page = u16_at(d, 0).unwrap_or(0),
            0x0092 => palette = d.get(2..).unwrap_or_default().as_chunks::<4>().0.to_vec(),
            0x0017 | 0x0018 => out.patches.push(Patch::gone(&record)),
            0x00e0 => out.records.push((u16_at(d, 0).unwrap_or(0), u16_at(d, 2).unwrap_or(0))),
            // The book itself and add-ins are marked as such; anything else is another file.
            0x01ae => out.links |= !matches!(u16_at(d, 2), Some(0x0401 | 0x3a01)),
            0x00fc => table = Some(vec![d.get(8..).unwrap_or_default()]),
            0x003c => {
                if let Some(table) = &mut table {
                    table.push(d);
                }
            }
            0x000a => break,
            _ => {}
        }
        if !matches!(record.kind, 0x00fc | 0x003c)
            && let Some(table) = table.take()
        {
            tables = table;
        }
    }
    for (font, colour) in out.fonts.0.iter_mut().zip(colours) {
        font.red = is_red(colour, &palette);
    }
    out.strings = biff_text::strings(&tables, &out.fonts);
    out.older = !biff8;
    Ok(out)
}

/// Whether a colour of the palette, the workbook's own where it has one, reads as red.
fn is_red(colour: u16, palette: &[[u8; 4]]) -> bool {
    match palette.get(usize::from(colour).wrapping_sub(8)) {
        Some([r, g, b, _]) => styles::is_red_rgb(*r, *g, *b),
        None => matches!(colour, 2 | 10),
    }
}

impl Globals {
    fn styles(&self) -> Vec<CellStyle> {
        let style = |&(font, format): &(u16, u16)| {
            let look = self.fonts.get(font);
            let code = self.formats.get(&format).map(String::as_str).or_else(|| styles::builtin(format.into()));
            let format = code.filter(|c| !c.eq_ignore_ascii_case("General")).map(str::to_string);
            CellStyle { format, look, unlocked: false }
        };
        self.records.iter().map(style).collect()
    }
}

/// Whether a record is a formula, by its number of today or those of Excel 3 and 4.
const fn is_formula(kind: u16) -> bool {
    matches!(kind, 0x0006 | 0x0206 | 0x0406)
}

struct Sheet<'a, 'l> {
    globals: &'a Globals,
    styles: &'a [CellStyle],
    budget: &'a mut Budget<'l>,
    rows: Used,
    cols: Used,
    facts: SheetFacts,
    /// The number of the note or shape that the next text belongs to.
    object: Option<u16>,
    objects: Objects,
    /// The note or shape whose text is being read, how long it is, and its blocks.
    text: Option<(u16, u16, Vec<&'a [u8]>)>,
    texts: BTreeMap<u16, String>,
    /// The result of the last formula where it is a text: how long it is, and its blocks.
    result: Option<(u16, Vec<&'a [u8]>)>,
    notes: Vec<(CellRef, u16)>,
}

impl<'a, 'l> Sheet<'a, 'l> {
    fn new(globals: &'a Globals, styles: &'a [CellStyle], budget: &'a mut Budget<'l>) -> Self {
        let (facts, texts) = (SheetFacts::default(), BTreeMap::new());
        Self {
            globals,
            styles,
            budget,
            rows: Used::default(),
            cols: Used::default(),
            facts,
            object: None,
            objects: Objects::default(),
            text: None,
            texts,
            result: None,
            notes: Vec::new(),
        }
    }

    fn record(&mut self, record: &Record<'a>) -> Result<(), Refusal> {
        let d = record.data;
        let word = |at| u16_at(d, at).unwrap_or(0);
        if record.kind != 0x003c {
            self.text_ends()?;
            self.result_ends()?;
        }
        match record.kind {
            0x0006 | 0x0206 | 0x0406 | 0x0203 | 0x0204 | 0x0205 | 0x027e => {
                self.cell(word(0), word(2), word(4), None)?;
                if is_formula(record.kind) {
                    self.facts.formulas.push(CellRef::new(word(0).into(), word(2).into()));
                }
            }
            0x00fd => {
                let strings = &self.globals.strings;
                let index = u32_at(d, 6);
                let length = index.and_then(|i| strings.lengths.get(i as usize));
                self.budget.text(length.map_or(0, |l| *l as usize))?;
                self.cell(word(0), word(2), word(4), index.and_then(|i| strings.runs.get(&i)))?;
            }
            0x00d6 => {
                let runs = self.rich(d);
                self.cell(word(0), word(2), word(4), runs.as_ref())?;
            }
            0x00bd => {
                for i in 0..d.len().saturating_sub(6) / 6 {
                    let col = word(2).saturating_add(u16::try_from(i).unwrap_or(u16::MAX));
                    self.cell(word(0), col, word(4 + 6 * i), None)?;
                }
            }
            0x0208 if word(12) & 0x20 != 0 => {
                self.facts.hidden_rows.insert(word(0).into());
            }
            0x007d if word(8) & 1 != 0 || word(4) == 0 => {
                self.facts.hidden_cols.extend(u32::from(word(0))..=u32::from(word(2).min(255)));
            }
            0x00ec => self.objects.drawing(d),
            0x005d => self.object = self.objects.object(d),
            0x0207 => self.result = Some((word(0), vec![d.get(2..).unwrap_or_default()])),
            0x01b6 => self.text = self.object.map(|object| (object, word(10), Vec::new())),
            0x003c => {
                // Text first, then runs of formats, which do not matter: the text ends by its length.
                self.result.iter_mut().for_each(|(_, blocks)| blocks.push(d));
                self.text.iter_mut().for_each(|(_, _, blocks)| blocks.push(d));
            }
            0x001c => self.note_of(d)?,
            _ => {}
        }
        Ok(())
    }

    /// A cell with a text of its own, in pieces.
    fn rich(&self, d: &[u8]) -> Option<Runs> {
        let count = usize::from(u16_at(d, 6)?);
        let (text, rest): (Vec<u16>, &[u8]) = if self.globals.older {
            // Bytes of a code page: a run may begin at the second byte of a character, and then the whole is not told apart.
            (d.get(8..8 + count)?.iter().map(|b| u16::from(*b)).collect(), d.get(8 + count..)?)
        } else {
            let width = 1 + usize::from(d.get(8)? & 1);
            (biff_text::characters(d.get(9..9 + count * width)?, width == 2).collect(), d.get(9 + count * width..)?)
        };
        let runs: Vec<(u16, u16)> = if self.globals.older {
            rest.get(1..)?.as_chunks::<2>().0.iter().map(|[at, font]| (u16::from(*at), u16::from(*font))).collect()
        } else {
            let words = |p: &[u8; 4]| (u16::from_le_bytes([p[0], p[1]]), u16::from_le_bytes([p[2], p[3]]));
            rest.get(2..)?.as_chunks::<4>().0.iter().map(words).collect()
        };
        biff_text::runs(&text, &runs, &self.globals.fonts)
    }

    /// A result in several records: what the parser reads of it is not all.
    fn result_ends(&mut self) -> Result<(), Refusal> {
        let Some((count, blocks)) = self.result.take().filter(|(_, blocks)| blocks.len() > 1) else { return Ok(()) };
        let text = if self.globals.older {
            let bytes = blocks.concat();
            biff_text::in_code_page(bytes.get(..usize::from(count)).unwrap_or(&bytes), self.globals.code_page)
        } else {
            biff_text::note(&blocks, count)
        };
        self.budget.text(text.len())?;
        if let Some(at) = self.facts.formulas.last() {
            self.facts.long.insert(*at, text);
        }
        Ok(())
    }

    fn text_ends(&mut self) -> Result<(), Refusal> {
        if let Some((note, count, blocks)) = self.text.take() {
            let text = biff_text::note(&blocks, count);
            self.budget.text(text.len())?;
            self.texts.insert(note, text);
        }
        Ok(())
    }

    /// Where a note stands; in older workbooks also what it says, the rest of a long one in further records.
    fn note_of(&mut self, d: &[u8]) -> Result<(), Refusal> {
        let (Some(row), Some(col)) = (u16_at(d, 0), u16_at(d, 2)) else { return Ok(()) };
        if !self.globals.older {
            self.notes.extend(u16_at(d, 6).map(|note| (CellRef::new(row.into(), col.into()), note)));
            return Ok(());
        }
        let text = biff_text::in_code_page(d.get(6..).unwrap_or_default(), self.globals.code_page);
        self.budget.text(text.len())?;
        let id = u16::try_from(self.notes.len()).unwrap_or(u16::MAX);
        match self.notes.last() {
            Some((_, before)) if row == 0xffff => self.texts.entry(*before).or_default().push_str(&text),
            _ => {
                self.notes.push((CellRef::new(row.into(), col.into()), id));
                self.texts.insert(id, text);
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<SheetFacts, Refusal> {
        self.text_ends()?;
        self.result_ends()?;
        // Each text once: a million notes with one text would be a million texts.
        let mut texts = self.texts;
        self.facts.floats = self.objects.floats(&texts);
        let told = self.notes.into_iter().filter_map(|(at, note)| Some((at, texts.remove(&note)?)));
        self.facts.marks.notes = told.collect();
        Ok(self.facts)
    }

    fn cell(&mut self, row: u16, col: u16, style: u16, runs: Option<&Runs>) -> Result<(), Refusal> {
        self.budget.cell()?;
        self.rows.add(row);
        self.cols.add(col);
        let at = CellRef::new(row.into(), col.into());
        let look = self.styles.get(usize::from(style));
        if look.is_some_and(|s| s.format.is_some()) {
            self.facts.styled.insert(at, style);
        }
        let look = look.map(|s| s.look).unwrap_or_default();
        if look.face.is_symbols() || runs.is_some_and(Runs::has_symbols) {
            self.facts.faces.push((at, look, runs.cloned()));
        }
        rich::mark(&mut self.facts.marks, at, look, runs);
        Ok(())
    }
}

/// A string with a length of two bytes and a width flag, such as a format code.
fn short_string(data: &[u8]) -> Option<String> {
    let (count, flags) = (usize::from(u16_at(data, 0)?), *data.get(2)?);
    let text = data.get(3..)?;
    if count > 255 {
        return None;
    }
    if flags & 1 == 0 {
        return Some(text.get(..count)?.iter().map(|b| char::from(*b)).collect());
    }
    let units = text.get(..count * 2)?.as_chunks::<2>().0.iter().map(|p| u16::from_le_bytes(*p));
    Some(char::decode_utf16(units).map(|c| c.unwrap_or('\u{fffd}')).collect())
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u16, data: &[u8]) -> Vec<u8> {
        let length = u16::try_from(data.len()).unwrap();
        [&kind.to_le_bytes()[..], &length.to_le_bytes(), data].concat()
    }

    fn workbook(sheet: &[Vec<u8>], strings: &[u8]) -> Vec<u8> {
        let bof = record(0x0809, &[0, 6, 5, 0]);
        let sst = record(0x00fc, &[&[0; 8], strings].concat());
        let length = bof.len() + sst.len() + 4 + 8 + 4;
        let listed = record(0x0085, &[&u32::try_from(length).unwrap().to_le_bytes()[..], &[0; 4]].concat());
        [bof.clone(), sst, listed, record(0x000a, &[]), bof, sheet.concat(), record(0x000a, &[])].concat()
    }

    fn cell(kind: u16, row: u16, col: u16, more: &[u8]) -> Vec<u8> {
        record(kind, &[&row.to_le_bytes()[..], &col.to_le_bytes(), &[0, 0], more].concat())
    }

    #[test]
    fn far_cells_and_dimensions() {
        let dimensions = record(0x0200, &[0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0xff, 0xff, 0, 0]);
        let mut stream = workbook(&[dimensions.clone(), cell(0x0203, 0, 0, &[0; 8])], &[]);
        assert_eq!(inspect(&mut stream, &Limits::default()).unwrap().sheets.len(), 1);
        assert!(!stream.windows(2).any(|w| w == [0, 2]), "the dimensions are blanked out");
        let far = [cell(0x0203, 0, 0, &[0; 8]), cell(0x0203, 65_535, 65_535, &[0; 8])];
        let mut stream = workbook(&far, &[]);
        let facts = inspect(&mut stream, &Limits::default()).unwrap();
        assert_eq!(facts.sheets[0].apart, (vec![0, 65_535], vec![0, 65_535]));
        assert!(stream.ends_with(&[cell(0x0203, 1, 1, &[0; 8]), record(0x000a, &[])].concat()), "the second of each");
        let across: Vec<Vec<u8>> = (0..2_001u16).map(|n| cell(0x0203, n, n, &[0; 8])).collect();
        let refusal = inspect(&mut workbook(&across, &[]), &Limits::default()).unwrap_err();
        assert_eq!(refusal, Refusal::TooLarge { what: "dense".into(), limit: 4_000_000, found: 2_001 * 2_001 });
    }

    #[test]
    fn a_long_string_in_many_cells() {
        let string = [&60_000u16.to_le_bytes()[..], &[0], &vec![b'a'; 60_000]].concat();
        let cells: Vec<Vec<u8>> = (0..400).map(|row| cell(0x00fd, row, 0, &[0; 4])).collect();
        let refusal = inspect(&mut workbook(&cells, &string), &Limits::default()).unwrap_err();
        assert!(matches!(refusal, Refusal::TooLarge { what, .. } if what == "text_total"));
        assert!(inspect(&mut workbook(&cells[..4], &string), &Limits::default()).is_ok());
    }
}
