//! Texts of an .xls: the lengths of its shared strings, which of them are struck through or red, and the text of a note.
//!
//! A string may run on into the next block, where a flag says anew how wide its characters are.

use std::collections::BTreeMap;

use encoding_rs::{Encoding, SHIFT_JIS, WINDOWS_1252};

use super::biff::{u16_at, u32_at};
use super::rich::{Piece, Runs};
use super::symbols::Face;

/// What a font says.
pub use super::rich::Look as Font;

/// Fonts by index.
#[derive(Debug, Default)]
pub struct Fonts(pub Vec<Font>);

impl Fonts {
    /// The font of an index: there is no font 4, it jumps over it.
    pub fn get(&self, index: u16) -> Font {
        let index = usize::from(if index > 4 { index - 1 } else { index });
        self.0.get(index).copied().unwrap_or_default()
    }
}

/// A font record, its colour left out.
pub fn font(d: &[u8], biff8: bool) -> Font {
    let bytes = d.get(14).map_or(0, |n| usize::from(*n));
    // The name has its length in front; in newer workbooks also a flag of its width.
    let name: String = match d.get(15) {
        Some(flags) if biff8 && flags & 1 != 0 => {
            String::from_utf16_lossy(&characters(d.get(16..).unwrap_or_default(), true).take(bytes).collect::<Vec<_>>())
        }
        _ => d.get(15 + usize::from(biff8)..).unwrap_or_default().iter().take(bytes).map(|b| char::from(*b)).collect(),
    };
    Font {
        struck: u16_at(d, 2).is_some_and(|f| f & 8 != 0),
        red: false,
        raised: matches!(u16_at(d, 8), Some(1 | 2)),
        face: Face::of(&name),
    }
}

/// The shared strings.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Strings {
    /// Bytes that each takes as UTF-8, at most.
    pub lengths: Vec<u32>,
    /// Runs of those that have any of a look of their own.
    pub runs: BTreeMap<u32, Runs>,
}

/// Reads the shared strings.
pub fn strings(blocks: &[&[u8]], fonts: &Fonts) -> Strings {
    let mut at = Cursor { blocks, block: 0, offset: 0 };
    let mut out = Strings::default();
    while let Some((length, runs)) = at.string(fonts) {
        if let (Some(runs), Ok(index)) = (runs, u32::try_from(out.lengths.len())) {
            out.runs.insert(index, runs);
        }
        out.lengths.push(length);
    }
    out
}

/// Runs of a text: from a character on, a font.
pub fn runs(text: &[u16], formats: &[(u16, u16)], fonts: &Fonts) -> Option<Runs> {
    runs_by(text, formats, |index| fonts.get(index))
}

/// The same, with another way of finding a font.
pub fn runs_by(text: &[u16], runs: &[(u16, u16)], font: impl Fn(u16) -> Font) -> Option<Runs> {
    if !runs.iter().any(|(_, index)| font(*index) != Font::default()) {
        return None;
    }
    let mut pieces = Vec::new();
    let mut add = |from: usize, to: usize, font: Option<Font>| {
        let text = String::from_utf16_lossy(text.get(from..to).unwrap_or_default());
        pieces.push(Piece::of(font, text));
    };
    let start = |i: usize| runs.get(i).map_or(text.len(), |(at, _)| usize::from(*at).min(text.len()));
    add(0, start(0), None);
    for (i, (_, index)) in runs.iter().enumerate() {
        add(start(i), start(i + 1), Some(font(*index)));
    }
    Runs::of(&pieces)
}

/// The text of a note in blocks, each with a flag of its width in front; at most `count` characters.
pub fn note(blocks: &[&[u8]], count: u16) -> String {
    let mut units = Vec::new();
    for block in blocks {
        let Some((flags, rest)) = block.split_first() else { continue };
        let room = usize::from(count) - units.len();
        units.extend(characters(rest, flags & 1 != 0).take(room));
    }
    String::from_utf16_lossy(&units)
}

/// Text in the code page of an older workbook.
pub fn in_code_page(bytes: &[u8], code_page: u16) -> String {
    let encoding: &Encoding = if code_page == 932 { SHIFT_JIS } else { WINDOWS_1252 };
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

/// UTF-16 units, or characters of one byte each.
pub fn characters(bytes: &[u8], wide: bool) -> Box<dyn Iterator<Item = u16> + '_> {
    if wide {
        Box::new(bytes.as_chunks::<2>().0.iter().map(|p| u16::from_le_bytes(*p)))
    } else {
        Box::new(bytes.iter().map(|b| u16::from(*b)))
    }
}

struct Cursor<'a> {
    blocks: &'a [&'a [u8]],
    block: usize,
    offset: usize,
}

impl Cursor<'_> {
    fn string(&mut self, fonts: &Fonts) -> Option<(u32, Option<Runs>)> {
        while self.offset >= self.blocks.get(self.block)?.len() {
            (self.block, self.offset) = (self.block + 1, 0);
        }
        let here = self.blocks.get(self.block)?.get(self.offset..)?;
        let (count, mut flags) = (u16_at(here, 0)?, *here.get(2)?);
        let mut head = 3;
        let formatted = if flags & 8 == 0 { 0 } else { usize::from(u16_at(here, head)?) };
        head += if flags & 8 == 0 { 0 } else { 2 };
        let extra = if flags & 4 == 0 { 0 } else { u32_at(here, head)? as usize };
        head += if flags & 4 == 0 { 0 } else { 4 };
        self.offset += head;
        let (mut text, mut rest) = (Vec::new(), usize::from(count));
        loop {
            let width = 1 + usize::from(flags & 1);
            let here = self.blocks.get(self.block)?.get(self.offset..).unwrap_or_default();
            let taken = (here.len() / width).min(rest);
            if formatted > 0 {
                text.extend(characters(here.get(..taken * width)?, width == 2));
            }
            self.offset += taken * width;
            rest -= taken;
            if rest == 0 {
                break;
            }
            self.block += 1;
            flags = *self.blocks.get(self.block)?.first()?;
            self.offset = 1;
        }
        let bytes = self.take(formatted * 4);
        let words = |p: &[u8; 4]| (u16::from_le_bytes([p[0], p[1]]), u16::from_le_bytes([p[2], p[3]]));
        let formats: Vec<(u16, u16)> = bytes.as_chunks::<4>().0.iter().map(words).collect();
        self.skip(extra);
        Some((u32::from(count) * 3, runs(&text, &formats, fonts)))
    }

    /// So many bytes, wherever the blocks end; fewer at the end of all.
    fn take(&mut self, mut bytes: usize) -> Vec<u8> {
        let mut out = Vec::new();
        while let Some(block) = self.blocks.get(self.block) {
            let here = block.get(self.offset..).unwrap_or_default();
            let taken = here.len().min(bytes);
            out.extend_from_slice(&here[..taken]);
            self.offset += taken;
            bytes -= taken;
            if bytes == 0 {
                break;
            }
            (self.block, self.offset) = (self.block + 1, 0);
        }
        out
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_across_blocks() {
        // "ab" narrow, then "あい" wide that changes block after one character, then "c".
        let first: &[u8] = &[2, 0, 0, b'a', b'b', 2, 0, 1, 0x42, 0x30];
        let second: &[u8] = &[1, 0x44, 0x30, 1, 0, 0, b'c'];
        assert_eq!(strings(&[first, second], &Fonts::default()).lengths, [6, 6, 3]);
    }

    #[test]
    fn runs_of_a_string_say_what_is_struck() {
        // "旧新" of which the first character is in font 5 (struck, the fifth of the list), the second in font 0; runs change block.
        let struck = Font { struck: true, ..Font::default() };
        let fonts = Fonts(vec![Font::default(), Font::default(), Font::default(), Font::default(), struck]);
        let first: &[u8] = &[2, 0, 9, 2, 0, 0xe7, 0x65, 0xb0, 0x65, 0, 0];
        let second: &[u8] = &[5, 0, 1, 0, 0, 0, 1, 0, 0, b'c'];
        let found = strings(&[first, second], &fonts);
        assert_eq!(found.lengths, [6, 3]);
        let runs = &found.runs[&0];
        assert!(runs.part_struck(false) && !runs.red());
        assert_eq!(runs.kept(false), "新");
    }

    #[test]
    fn notes_in_blocks() {
        assert_eq!(note(&[&[0, b'a', b'b'], &[1, 0x42, 0x30, 0, 0]], 3), "abあ");
        assert_eq!(note(&[], 10), "");
        assert_eq!(in_code_page(b"\x82\xa0", 932), "あ");
    }
}
