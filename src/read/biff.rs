//! One pass over the workbook stream of an .xls before calamine reads it: limits, and what calamine does not tell.
//!
//! calamine builds dense ranges, reserves what a record says it will need, and copies a shared string into every cell
//! that uses it. The pass counts cells, the rectangle around them and their text on the records themselves, blanks out
//! the declared dimensions, and gives formats, fonts and hidden rows and columns. Layouts are those of \[MS-XLS\].

use std::collections::{BTreeMap, BTreeSet};

use super::guard::{Budget, Limits, Lock, Refusal};
use super::styles::{self, CellStyle};
use crate::model::place::CellRef;

/// What a sheet has beside its values.
#[derive(Debug, Default)]
pub struct SheetFacts {
    /// Hidden rows, zero-based.
    pub hidden_rows: BTreeSet<u32>,
    /// Hidden columns, zero-based.
    pub hidden_cols: BTreeSet<u32>,
    /// Index of the cell style by cell, where the style says anything.
    pub styled: BTreeMap<CellRef, u16>,
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

struct Record<'a> {
    at: usize,
    kind: u16,
    data: &'a [u8],
}

/// The records from an offset on, to the end of the stream or the first that does not fit.
fn records(stream: &[u8], from: usize) -> impl Iterator<Item = Record<'_>> {
    let mut at = from;
    std::iter::from_fn(move || {
        let (kind, length) = (u16_at(stream, at)?, usize::from(u16_at(stream, at + 2)?));
        let record = Record { at, kind, data: stream.get(at + 4..at + 4 + length)? };
        at += 4 + length;
        Some(record)
    })
}

/// Inspects the stream and blanks out the declared dimensions.
///
/// # Errors
/// [`Refusal::Encrypted`], or [`Refusal::TooLarge`] when cells, text, sheets or the dense area pass their limits.
pub(super) fn inspect(stream: &mut [u8], limits: &Limits) -> Result<Facts, Refusal> {
    let globals = globals(stream, limits)?;
    let mut budget = Budget::new(limits);
    let mut facts = Facts { styles: globals.styles(), links: globals.links, ..Facts::default() };
    let (mut dense, mut dimensions) = (0u64, Vec::new());
    for start in &globals.sheets {
        let (globals, styles, budget) = (&globals, &facts.styles, &mut budget);
        let mut sheet = Sheet { globals, styles, budget, rows: None, cols: None, facts: SheetFacts::default() };
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
                0x0200 => dimensions.push(record.at),
                _ if depth <= 1 => {
                    sheet.record(&record)?;
                    Limits::check("dense", limits.dense, dense.saturating_add(sheet.area()))?;
                }
                _ => {}
            }
        }
        dense = dense.saturating_add(sheet.area());
        facts.sheets.push(sheet.facts);
    }
    for at in dimensions {
        // 0x0201 is a blank cell, which the reader passes over.
        if let Some(low) = stream.get_mut(at) {
            *low = 1;
        }
    }
    Ok(facts)
}

#[derive(Default)]
struct Globals {
    sheets: Vec<usize>,
    formats: BTreeMap<u16, String>,
    fonts: Vec<(bool, bool)>,
    records: Vec<(u16, u16)>,
    /// Bytes of each shared string.
    strings: Vec<u32>,
    links: bool,
}

fn globals(stream: &[u8], limits: &Limits) -> Result<Globals, Refusal> {
    let mut out = Globals::default();
    let mut biff8 = true;
    let mut table: Option<Vec<&[u8]>> = None;
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
            0x0031 => out.fonts.push((u16_at(d, 2).is_some_and(|f| f & 8 != 0), matches!(u16_at(d, 4), Some(2 | 10)))),
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
            out.strings = lengths(&table);
        }
    }
    Ok(out)
}

impl Globals {
    fn styles(&self) -> Vec<CellStyle> {
        let style = |&(font, format): &(u16, u16)| {
            // There is no font 4: the index jumps over it.
            let font = usize::from(if font > 4 { font - 1 } else { font });
            let (struck, red) = self.fonts.get(font).copied().unwrap_or_default();
            let code = self.formats.get(&format).map(String::as_str).or_else(|| styles::builtin(format.into()));
            let format = code.filter(|c| !c.eq_ignore_ascii_case("General")).map(str::to_string);
            CellStyle { format, struck, red }
        };
        self.records.iter().map(style).collect()
    }
}

struct Sheet<'a, 'l> {
    globals: &'a Globals,
    styles: &'a [CellStyle],
    budget: &'a mut Budget<'l>,
    rows: Option<(u16, u16)>,
    cols: Option<(u16, u16)>,
    facts: SheetFacts,
}

impl Sheet<'_, '_> {
    fn record(&mut self, record: &Record<'_>) -> Result<(), Refusal> {
        let d = record.data;
        let word = |at| u16_at(d, at).unwrap_or(0);
        match record.kind {
            0x0006 | 0x0203 | 0x0204 | 0x0205 | 0x00d6 | 0x027e | 0x00fd => {
                if record.kind == 0x00fd {
                    let length = u32_at(d, 6).and_then(|i| self.globals.strings.get(i as usize));
                    self.budget.text(length.map_or(0, |l| *l as usize))?;
                }
                self.cell(word(0), word(2), word(4))?;
            }
            0x00bd => {
                for i in 0..d.len().saturating_sub(6) / 6 {
                    let col = word(2).saturating_add(u16::try_from(i).unwrap_or(u16::MAX));
                    self.cell(word(0), col, word(4 + 6 * i))?;
                }
            }
            0x0208 if word(12) & 0x20 != 0 => {
                self.facts.hidden_rows.insert(word(0).into());
            }
            0x007d if word(8) & 1 != 0 || word(4) == 0 => {
                self.facts.hidden_cols.extend(u32::from(word(0))..=u32::from(word(2).min(255)));
            }
            _ => {}
        }
        Ok(())
    }

    fn cell(&mut self, row: u16, col: u16, style: u16) -> Result<(), Refusal> {
        self.budget.cell()?;
        let wider = |span: Option<(u16, u16)>, n: u16| span.map_or((n, n), |(a, b)| (a.min(n), b.max(n)));
        self.rows = Some(wider(self.rows, row));
        self.cols = Some(wider(self.cols, col));
        if self.styles.get(usize::from(style)).is_some_and(|s| *s != CellStyle::default()) {
            self.facts.styled.insert(CellRef::new(row.into(), col.into()), style);
        }
        Ok(())
    }

    fn area(&self) -> u64 {
        let length = |span: Option<(u16, u16)>| span.map_or(0, |(a, b)| u64::from(b - a) + 1);
        length(self.rows) * length(self.cols)
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

/// Bytes that each shared string takes as UTF-8, at most. A string may run on into the next block, where a flag says
/// anew how wide its characters are.
fn lengths(blocks: &[&[u8]]) -> Vec<u32> {
    let mut at = Cursor { blocks, block: 0, offset: 0 };
    let mut out = Vec::new();
    while let Some(length) = at.string() {
        out.push(length);
    }
    out
}

struct Cursor<'a> {
    blocks: &'a [&'a [u8]],
    block: usize,
    offset: usize,
}

impl Cursor<'_> {
    fn string(&mut self) -> Option<u32> {
        while self.offset >= self.blocks.get(self.block)?.len() {
            (self.block, self.offset) = (self.block + 1, 0);
        }
        let here = self.blocks.get(self.block)?.get(self.offset..)?;
        let (count, mut flags) = (u16_at(here, 0)?, *here.get(2)?);
        let mut head = 3;
        let runs = if flags & 8 == 0 { 0 } else { usize::from(u16_at(here, head)?) * 4 };
        head += if flags & 8 == 0 { 0 } else { 2 };
        let extra = if flags & 4 == 0 { 0 } else { u32_at(here, head)? as usize };
        head += if flags & 4 == 0 { 0 } else { 4 };
        self.offset += head;
        let mut rest = usize::from(count);
        loop {
            let width = 1 + usize::from(flags & 1);
            let room = self.blocks.get(self.block)?.len().saturating_sub(self.offset) / width;
            let taken = room.min(rest);
            self.offset += taken * width;
            rest -= taken;
            if rest == 0 {
                break;
            }
            self.block += 1;
            flags = *self.blocks.get(self.block)?.first()?;
            self.offset = 1;
        }
        self.skip(runs.saturating_add(extra));
        Some(u32::from(count) * 3)
    }

    fn skip(&mut self, mut bytes: usize) {
        while let Some(block) = self.blocks.get(self.block) {
            let room = block.len().saturating_sub(self.offset);
            if bytes <= room {
                self.offset += bytes;
                return;
            }
            bytes -= room;
            (self.block, self.offset) = (self.block + 1, 0);
        }
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
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
        let refusal = inspect(&mut workbook(&far, &[]), &Limits::default()).unwrap_err();
        assert_eq!(refusal, Refusal::TooLarge { what: "dense".into(), limit: 4_000_000, found: 65_536 * 65_536 });
    }

    #[test]
    fn a_long_string_in_many_cells() {
        let string = [&60_000u16.to_le_bytes()[..], &[0], &vec![b'a'; 60_000]].concat();
        let cells: Vec<Vec<u8>> = (0..400).map(|row| cell(0x00fd, row, 0, &[0; 4])).collect();
        let refusal = inspect(&mut workbook(&cells, &string), &Limits::default()).unwrap_err();
        assert!(matches!(refusal, Refusal::TooLarge { what, .. } if what == "text_total"));
        assert!(inspect(&mut workbook(&cells[..4], &string), &Limits::default()).is_ok());
    }

    #[test]
    fn strings_across_blocks() {
        // "ab" narrow, then "あい" wide that changes block after one character, then "c".
        let first: &[u8] = &[2, 0, 0, b'a', b'b', 2, 0, 1, 0x42, 0x30];
        let second: &[u8] = &[1, 0x44, 0x30, 1, 0, 0, b'c'];
        assert_eq!(lengths(&[first, second]), [6, 6, 3]);
    }
}
