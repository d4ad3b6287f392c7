//! The parts of an .xlsb around its sheets: records and the texts in them, the workbook part, styles, shared strings.
//! Layouts are those of \[MS-XLSB\].

use std::collections::BTreeMap;

use super::biff::{u16_at, u32_at};
use super::biff_text::{self, Font, Fonts};
use super::guard::{Limits, Refusal};
use super::rich::Runs;
use super::styles::{self, CellStyle};
use super::symbols::Face;

/// Excel's own limit of cell styles is 65,490.
const MAX_STYLES: usize = 65_536;

/// The records of a part; stops at the end, or where one does not fit.
pub(super) fn records(bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
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
pub(super) fn put(out: &mut Vec<u8>, kind: u16, data: &[&[u8]]) {
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
pub(super) fn wide(data: &[u8]) -> Option<&[u8]> {
    let count = u32_at(data, 0)? as usize;
    data.get(..count.checked_mul(2)?.checked_add(4)?)
}

/// Its characters.
pub(super) fn units(wide: &[u8]) -> Vec<u16> {
    wide.get(4..).unwrap_or_default().as_chunks::<2>().0.iter().map(|p| u16::from_le_bytes(*p)).collect()
}

pub(super) fn text_of(data: &[u8]) -> Option<String> {
    wide(data).map(|w| String::from_utf16_lossy(&units(w)))
}

/// A text with formats: a flag, the text, runs. Gives the text as it stands, and what it looks like.
pub(super) fn rich_text<'a>(data: &'a [u8], fonts: &Fonts) -> Option<(&'a [u8], Option<Runs>)> {
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
pub(super) struct Book {
    /// Name, whether hidden, and relation of each sheet.
    pub(super) listed: Vec<(String, bool, String)>,
    pub(super) date1904: bool,
    pub(super) fonts: Fonts,
    pub(super) styles: Vec<CellStyle>,
}

impl Book {
    pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Self, Refusal> {
        let mut book = Self::default();
        for (kind, d) in records(bytes) {
            match kind {
                0x99 => book.date1904 = d.first().is_some_and(|b| b & 1 != 0),
                0x9c => {
                    // The state, a number of the sheet, its relation and its name; a draft of 2006 had a word more.
                    let entry = |from: usize| {
                        let id = d.get(from..).and_then(wide)?;
                        let name = d.get(from + id.len()..)?;
                        Some((id, text_of(name).unwrap_or_default(), wide(name).map(<[u8]>::len) == Some(name.len())))
                    };
                    let whole = [8, 12].into_iter().find_map(|from| entry(from).filter(|(.., whole)| *whole));
                    let Some((id, name, _)) = whole.or_else(|| entry(8)) else { continue };
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

    pub(super) fn read_styles(&mut self, bytes: &[u8]) {
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
                    self.styles.push(CellStyle { format, look: font, unlocked: false });
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
    let name = d.get(21..).and_then(text_of).unwrap_or_default();
    Font { struck, red, raised: matches!(u16_at(d, 6), Some(1 | 2)), face: Face::of(&name) }
}

/// The shared strings: the clean part, bytes of each at most, runs of those that have any.
#[derive(Default)]
pub(super) struct Strings {
    items: Vec<u8>,
    pub(super) lengths: Vec<u32>,
    pub(super) runs: BTreeMap<u32, Runs>,
}

impl Strings {
    pub(super) fn read(bytes: &[u8], fonts: &Fonts, limits: &Limits) -> Result<Self, Refusal> {
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

    pub(super) fn part(&self) -> Vec<u8> {
        let count = u32::try_from(self.lengths.len()).unwrap_or(0).to_le_bytes();
        let mut out = Vec::new();
        put(&mut out, 0x9f, &[&count, &count]);
        out.extend_from_slice(&self.items);
        put(&mut out, 0xa0, &[]);
        out
    }
}

/// Bytes of a text as UTF-8, at most.
pub(super) fn bytes_of(wide: &[u8]) -> u32 {
    u32::try_from(wide.len() / 2 * 3).unwrap_or(u32::MAX)
}

fn damaged(detail: &str) -> Refusal {
    Refusal::Damaged { detail: detail.to_string() }
}
