//! Runs of rich text: which strings are struck through, red, raised or in a font of pictures, as a whole or in part.
//!
//! The cell reader joins the runs into one text, so 「~~R8.3~~ R8.6」 would read as two dates and 「4300¹」 as 43001. This pass
//! says so.

use quick_xml::events::Event;

use super::symbols::Face;
use super::{styles, xml};
use crate::model::grid::{Content, Grid, Marks, Raised};
use crate::model::place::CellRef;

/// What the font of a cell looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// It is struck through.
    pub struck: bool,
    /// It is red.
    pub red: bool,
    /// It is superscript or subscript.
    pub raised: bool,
    /// What its letters show.
    pub face: Face,
}

/// A piece of a text with a look of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    /// Whether it is struck through; `None` where it follows the cell.
    pub struck: Option<bool>,
    /// Whether it is red by itself.
    pub red: bool,
    /// Whether it is superscript or subscript; `None` where it follows the cell.
    pub raised: Option<bool>,
    /// What its letters show; `None` where it follows the cell.
    pub face: Option<Face>,
    /// The text.
    pub text: String,
}

impl Piece {
    /// A piece with the look of its own font, or of its cell's.
    pub fn of(own: Option<Look>, text: String) -> Self {
        Self {
            struck: own.map(|l| l.struck),
            red: own.is_some_and(|l| l.red),
            raised: own.map(|l| l.raised),
            face: own.map(|l| l.face),
            text,
        }
    }
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
    /// All of it, where some is raised or in a font of pictures, or only a part would follow a cell that is.
    pieces: Vec<Piece>,
}

impl Runs {
    /// The runs of a text in pieces; `None` when no piece looks different from the cell.
    pub fn of(pieces: &[Piece]) -> Option<Self> {
        if pieces.iter().all(|p| p.struck.is_none() && !p.red && p.raised.is_none() && p.face.is_none()) {
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
        let odd = |p: &Piece| p.raised == Some(true) || p.face.is_some_and(Face::is_symbols);
        let follows = |p: &Piece| p.raised.is_none() || p.face.is_none();
        if pieces.iter().any(odd) || pieces.iter().any(follows) && !pieces.iter().all(follows) {
            runs.pieces = pieces.to_vec();
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

    /// Whether some of the text is in a font of pictures by its own run.
    pub fn has_symbols(&self) -> bool {
        self.pieces.iter().any(|p| p.face.is_some_and(Face::is_symbols))
    }

    /// Whether some of the text is red by its own run.
    pub fn red(&self) -> bool {
        self.red
    }
}

/// Marks a cell by what its font and the runs of its text look like.
pub fn mark(marks: &mut Marks, at: CellRef, look: Look, runs: Option<&Runs>) {
    let struck = look.struck;
    if runs.map_or(struck, |r| r.all_struck(struck)) {
        marks.struck.insert(at);
    }
    if let Some(runs) = runs.filter(|r| r.part_struck(struck)) {
        marks.part_struck.insert(at, runs.kept(struck).to_string());
    }
    if look.red || runs.is_some_and(Runs::red) {
        marks.red.insert(at);
    }
    if let Some(found) = runs.and_then(|r| raised(&r.pieces, look)) {
        marks.raised.insert(at, found);
    }
}

/// The text of pieces without those that are raised above the others, or stand below them. `None` where none is, or all are.
///
/// A number behind a letter is part of a unit or a formula (m², CO₂) and stays.
pub fn raised(pieces: &[Piece], look: Look) -> Option<Raised> {
    let mut found = Raised::default();
    for piece in pieces.iter().filter(|p| !p.struck.unwrap_or(look.struck)) {
        let shown = piece.face.unwrap_or(look.face).shown(&piece.text);
        let number = shown.chars().all(|c| c.is_ascii_digit() || is_raised(c));
        let behind_a_letter =
            found.kept.ends_with(|c: char| c.is_ascii_alphabetic() || matches!(c, 'ｍ' | '㎡' | '㎥'));
        if piece.raised.unwrap_or(look.raised) && !(number && behind_a_letter) {
            found.mark.push_str(&shown);
        } else {
            found.kept.push_str(&shown);
        }
    }
    (!found.mark.trim().is_empty() && !found.kept.trim().is_empty()).then_some(found)
}

/// A plain text cut where characters begin that are raised by themselves: ¹, ₂.
pub fn pieces_of(text: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for c in text.chars() {
        let raised = Some(is_raised(c));
        match pieces.last_mut() {
            Some(last) if last.raised == raised => last.text.push(c),
            _ => pieces.push(Piece { raised, text: c.into(), ..Piece::default() }),
        }
    }
    pieces
}

/// Digits, signs and letters that are superscript or subscript as characters.
pub const fn is_raised(c: char) -> bool {
    matches!(c, '¹' | '²' | '³' | '\u{2070}'..='\u{209C}' | '\u{1D2C}'..='\u{1D6A}')
}

/// A cell in a font of pictures, with what it looks like.
pub type Faced = (CellRef, Look, Option<Runs>);

/// Puts what is shown in place of what is stored, in cells that are read already.
pub fn show_all(grid: &mut Grid, faces: Vec<Faced>) {
    for (at, look, runs) in faces {
        let Some(cell) = grid.cells.get_mut(&at) else { continue };
        if let Some(stored) = show(&mut cell.content, look, runs.as_ref()) {
            grid.marks.symbols.insert(at, stored);
        }
    }
}

/// Puts what is shown in place of letters in a font of pictures; gives what was stored, where that differs.
pub fn show(content: &mut Content, look: Look, runs: Option<&Runs>) -> Option<String> {
    let pieces = runs.map(|r| r.pieces.as_slice()).unwrap_or_default();
    if !look.face.is_symbols() && !runs.is_some_and(Runs::has_symbols) {
        return None;
    }
    let stored = match content {
        Content::Text(text) => text.clone(),
        Content::Number(n) => n.to_string(),
        _ => return None,
    };
    let shown: String = if pieces.is_empty() {
        look.face.shown(&stored)
    } else {
        pieces.iter().map(|p| p.face.unwrap_or(look.face).shown(&p.text)).collect()
    };
    if shown == stored {
        return None;
    }
    *content = Content::Text(shown);
    Some(stored)
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
    look: Look,
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
                "strike" => self.look.struck = !styles::is_off(e),
                "color" => self.look.red = styles::is_red(e),
                "vertAlign" => self.look.raised = styles::is_raised(e),
                "rFont" => self.look.face = styles::face(e),
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
            let own = self.own.then_some(self.look);
            self.pieces.push(Piece::of(own, std::mem::take(&mut self.run)));
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
        let piece = |struck, text: &str| Piece { struck, text: text.into(), ..Piece::default() };
        let runs = Runs::of(&[piece(None, "R8.3"), piece(Some(false), " R8.6")]).unwrap();
        assert!(!runs.part_struck(false) && !runs.all_struck(false));
        assert!(runs.part_struck(true), "the first run follows the struck cell");
        assert_eq!(runs.kept(true), " R8.6");
        let runs = Runs::of(&[piece(Some(true), "R8.3"), piece(None, " R8.6")]).unwrap();
        assert_eq!((runs.part_struck(false), runs.kept(false)), (true, " R8.6"));
        assert!(runs.all_struck(true));
        assert_eq!(Runs::of(&[piece(None, "甲"), piece(None, "乙")]), None);
    }

    #[test]
    fn raised_pieces_are_marks_unless_all_are_or_they_belong_to_a_unit() {
        let piece = |raised, text: &str| Piece { raised, text: text.into(), ..Piece::default() };
        let of = |pieces: &[Piece], cell| {
            let look = Look { raised: cell, ..Look::default() };
            raised(pieces, look).map(|r| (r.kept, r.mark))
        };
        let note = [piece(None, "4300"), piece(Some(true), "1")];
        assert_eq!(of(&note, false), Some(("4300".into(), "1".into())));
        assert_eq!(of(&note, true), None, "all of it is small");
        assert_eq!(of(&[piece(None, "4300"), piece(Some(false), "1")], true), Some(("1".into(), "4300".into())));
        assert_eq!(of(&[piece(Some(false), "1,200m"), piece(Some(true), "2")], false), None, "square metres");
        assert_eq!(of(&pieces_of("4300¹"), false), Some(("4300".into(), "¹".into())));
        assert_eq!(of(&pieces_of("³"), false), None);
        assert_eq!(of(&pieces_of("120m²"), false), None);
    }

    #[test]
    fn letters_of_a_font_of_pictures_are_what_they_show() {
        let face = |name| Look { face: Face::of(name), ..Look::default() };
        let mut content = Content::Text("ü".into());
        assert_eq!(show(&mut content, face("Wingdings"), None), Some("ü".into()));
        assert_eq!(content, Content::Text("✓".into()));
        let mut number = Content::Number(4.0);
        assert_eq!(show(&mut number, face("Wingdings"), None), Some("4".into()));
        assert_eq!(number, Content::Text("〓".into()));
        let pieces = [Piece::of(Some(face("Wingdings")), "þ".into()), Piece::of(Some(Look::default()), "全部".into())];
        let mut text = Content::Text("þ全部".into());
        show(&mut text, Look::default(), Runs::of(&pieces).as_ref());
        assert_eq!(text, Content::Text("☑全部".into()));
        assert_eq!(show(&mut Content::Text("ü".into()), Look::default(), None), None);
    }
}
