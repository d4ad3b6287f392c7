//! Runs of rich text: which strings are struck through or red, as a whole or in part.
//!
//! The cell reader joins the runs into one text, so 「~~R8.3~~ R8.6」 would read as two dates. This pass says so.

use quick_xml::events::Event;

use super::{styles, xml};
use crate::model::grid::Marks;
use crate::model::place::CellRef;

/// A piece of a text with a look of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    /// Whether it is struck through; `None` where it follows the cell.
    pub struck: Option<bool>,
    /// Whether it is red by itself.
    pub red: bool,
    /// The text.
    pub text: String,
}

/// What the runs of one string look like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each says whether a kind of run occurs; they combine freely")]
pub struct Runs {
    struck: bool,
    plain: bool,
    inherited: bool,
    red: bool,
    /// The text without its struck runs; only where there are such.
    kept: String,
    /// The text of the runs that are not struck by themselves; only where others follow the cell.
    own: String,
}

impl Runs {
    /// The runs of a text in pieces; `None` when no piece looks different from the cell.
    pub fn of(pieces: &[Piece]) -> Option<Self> {
        if pieces.iter().all(|p| p.struck.is_none() && !p.red) {
            return None;
        }
        let mut runs = Self::default();
        for piece in pieces.iter().filter(|p| !p.text.trim().is_empty()) {
            match piece.struck {
                Some(true) => runs.struck = true,
                Some(false) => runs.plain = true,
                None => runs.inherited = true,
            }
            runs.red |= piece.red;
        }
        let text = |keep: fn(&Piece) -> bool| pieces.iter().filter(|p| keep(p)).map(|p| p.text.as_str()).collect();
        if runs.struck {
            runs.kept = text(|p| p.struck != Some(true));
        }
        if runs.inherited && runs.plain {
            runs.own = text(|p| p.struck == Some(false));
        }
        Some(runs)
    }

    /// Whether all of the text is struck through, given the font of the cell.
    pub fn all_struck(&self, cell: bool) -> bool {
        !self.plain && (self.struck || cell) && (cell || !self.inherited)
    }

    /// Whether some of the text is, and some is not.
    pub fn part_struck(&self, cell: bool) -> bool {
        (self.struck || self.inherited && cell) && !self.all_struck(cell)
    }

    /// What is left of a text of which a part is struck through, given the font of the cell.
    pub fn kept(&self, cell: bool) -> &str {
        if cell && self.inherited { &self.own } else { &self.kept }
    }

    /// Whether some of the text is red by its own run.
    pub fn red(&self) -> bool {
        self.red
    }
}

/// Marks a cell by what its font and the runs of its text look like.
pub fn mark(marks: &mut Marks, at: CellRef, (struck, red): (bool, bool), runs: Option<&Runs>) {
    if runs.map_or(struck, |r| r.all_struck(struck)) {
        marks.struck.insert(at);
    }
    if let Some(runs) = runs.filter(|r| r.part_struck(struck)) {
        marks.part_struck.insert(at, runs.kept(struck).to_string());
    }
    if red || runs.is_some_and(Runs::red) {
        marks.red.insert(at);
    }
}

/// Follows the events inside a string item or an inline string.
#[derive(Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "what has been seen of the run being read")]
pub struct RunScan {
    pieces: Vec<Piece>,
    in_run: bool,
    in_text: bool,
    phonetic: bool,
    own: bool,
    struck: bool,
    red: bool,
    run: String,
}

impl RunScan {
    /// Takes the next event.
    pub fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(e) => match e.local_name().as_ref() {
                "r" => {
                    let pieces = std::mem::take(&mut self.pieces);
                    *self = Self { pieces, in_run: true, ..Self::default() };
                }
                "rPh" => self.phonetic = true,
                "rPr" => self.own = true,
                "strike" => self.struck = !styles::is_off(e),
                "color" => self.red = styles::is_red(e),
                "t" => self.in_text = !self.phonetic,
                _ => {}
            },
            Event::Text(_) | Event::GeneralRef(_) | Event::CData(_) if self.in_text && self.in_run => {
                xml::push_text(event, &mut self.run);
            }
            Event::End(e) => match e.local_name().as_ref() {
                "t" => self.in_text = false,
                "rPh" => self.phonetic = false,
                "r" => self.close(),
                _ => {}
            },
            _ => {}
        }
    }

    fn close(&mut self) {
        if self.in_run {
            let struck = self.own.then_some(self.struck);
            self.pieces.push(Piece { struck, red: self.red, text: std::mem::take(&mut self.run) });
        }
        self.in_run = false;
    }

    /// What was seen; `None` when no run looks different from the cell. Starts anew.
    pub fn take(&mut self) -> Option<Runs> {
        Runs::of(&std::mem::take(self).pieces)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_depends_on_the_font_of_the_cell() {
        let piece = |struck, text: &str| Piece { struck, red: false, text: text.into() };
        let runs = Runs::of(&[piece(None, "R8.3"), piece(Some(false), " R8.6")]).unwrap();
        assert!(!runs.part_struck(false) && !runs.all_struck(false));
        assert!(runs.part_struck(true), "the first run follows the struck cell");
        assert_eq!(runs.kept(true), " R8.6");
        let runs = Runs::of(&[piece(Some(true), "R8.3"), piece(None, " R8.6")]).unwrap();
        assert_eq!((runs.part_struck(false), runs.kept(false)), (true, " R8.6"));
        assert!(runs.all_struck(true));
        assert_eq!(Runs::of(&[piece(None, "甲"), piece(None, "乙")]), None);
    }
}
