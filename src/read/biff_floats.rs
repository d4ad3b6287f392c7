//! What lies on a sheet of an .xls: shapes, pictures and controls, by the records of objects and the anchors before them.
//! Layouts are those of \[MS-XLS\] and \[MS-ODRAW\].

use std::collections::BTreeMap;

use super::anchor::fractions;
use super::biff::{u16_at, u32_at};
use super::drawing::{MAX_FLOATS, MAX_TEXT};
use crate::model::grid::{Float, FloatKind};
use crate::model::place::Area;

/// The objects of a sheet.
#[derive(Debug, Default)]
pub struct Objects {
    /// Where the last drawing record anchors its shape; what belongs to a group lies where the group does.
    anchor: Option<Area>,
    found: Vec<(u16, u16, Option<bool>, Option<Area>)>,
}

impl Objects {
    /// A drawing record: containers are entered, of the rest only the anchor is read.
    pub fn drawing(&mut self, d: &[u8]) {
        let mut at = 0;
        while let (Some(head), Some(kind), Some(length)) = (u16_at(d, at), u16_at(d, at + 2), u32_at(d, at + 4)) {
            at += 8;
            if head & 0xf == 0xf {
                continue;
            }
            if kind == 0xf010 {
                let words: Vec<u16> = (0..8).filter_map(|i| u16_at(d, at + 2 + 2 * i)).collect();
                self.anchor = <[u16; 8]>::try_from(words).ok().and_then(fractions);
            }
            at = at.saturating_add(length as usize);
        }
    }

    /// An object record; gives its number, under which a text may follow.
    pub fn object(&mut self, d: &[u8]) -> Option<u16> {
        if u16_at(d, 0) != Some(0x15) {
            return None;
        }
        let (kind, id, flags) = (u16_at(d, 4)?, u16_at(d, 6)?, u16_at(d, 8)?);
        // Groups, lines, frames, notes; and the arrows of filters and lists to choose from, which the program draws itself.
        let silent = matches!(kind, 0 | 1 | 0x13 | 0x19) || flags & 0x100 != 0;
        if !silent && self.found.len() < MAX_FLOATS {
            self.found.push((id, kind, checked(d), self.anchor));
        }
        Some(id)
    }

    /// What was found, with the texts that followed.
    pub fn floats(self, texts: &BTreeMap<u16, String>) -> Vec<Float> {
        let float = |(id, kind, checked, area): (u16, u16, Option<bool>, Option<Area>)| {
            let text: String = texts.get(&id).map(|t| t.trim().chars().take(MAX_TEXT).collect()).unwrap_or_default();
            let (kind, text) = match kind {
                0x0b => (FloatKind::CheckBox(checked), text),
                0x0c => (FloatKind::Option(checked), text),
                5 => (FloatKind::Graphic, text),
                8 => (FloatKind::Picture, text),
                7 | 0x0d | 0x0f | 0x10 | 0x11 | 0x12 | 0x14 => (FloatKind::Control, text),
                3 if text.is_empty() => (FloatKind::Shape, "丸".to_string()),
                _ if text.is_empty() => (FloatKind::Shape, text),
                _ => (FloatKind::TextBox, text),
            };
            Float { area, kind, text, linked: None }
        };
        self.found.into_iter().map(float).collect()
    }
}

/// Whether a box is ticked, by the parts of an object record.
fn checked(d: &[u8]) -> Option<bool> {
    let (mut at, mut state) = (0, None);
    while let (Some(kind), Some(length)) = (u16_at(d, at), u16_at(d, at + 2)) {
        // The newer part comes later and counts.
        if matches!(kind, 0x0a | 0x12) {
            state = match u16_at(d, at + 4) {
                Some(0) => Some(false),
                Some(1) => Some(true),
                _ => None,
            };
        }
        at += 4 + usize::from(length);
    }
    state
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[u16]) -> Vec<u8> {
        words.iter().flat_map(|w| w.to_le_bytes()).collect()
    }

    #[test]
    fn a_ticked_box_lies_where_the_drawing_says() {
        let mut objects = Objects::default();
        // A container, in it an atom and the anchor from H18 to the left edge of I19.
        objects.drawing(&words(&[
            0xf, 0xf004, 200, 0, 2, 0xf00a, 8, 0, 0, 0, 0, 0, 0, 0xf010, 18, 0, 0, 7, 0, 17, 0, 8, 0, 18, 0,
        ]));
        let object = |kind: u16, flags: u16, ticked: u16| {
            words(&[0x15, 18, kind, 3, flags, 0, 0, 0, 0, 0, 0, 0x0a, 12, ticked, 0, 0, 0, 0, 0, 0, 0])
        };
        assert_eq!(objects.object(&object(0x0b, 0x11, 1)), Some(3));
        objects.object(&object(0x14, 0x2101, 0));
        objects.object(&object(0x19, 0x11, 0));
        let texts = BTreeMap::from([(3, "全部".to_string())]);
        let floats = objects.floats(&texts);
        assert_eq!(floats.len(), 1, "the arrow of a list and the note are not told");
        assert_eq!((floats[0].kind, floats[0].text.as_str()), (FloatKind::CheckBox(Some(true)), "全部"));
        assert_eq!(floats[0].area.map(|a| a.to_string()).as_deref(), Some("H18"));
    }
}
