//! Runs of rich text: which strings are struck through or red, as a whole or in part.
//!
//! The cell reader joins the runs into one text, so 「~~R8.3~~ R8.6」 would read as two dates. This pass says so.

use quick_xml::events::Event;

use super::{styles, xml};

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
}

impl Runs {
    /// Whether all of the text is struck through, given the font of the cell.
    pub fn all_struck(&self, cell: bool) -> bool {
        !self.plain && (self.struck || cell) && (cell || !self.inherited)
    }

    /// Whether some of the text is, and some is not.
    pub fn part_struck(&self, cell: bool) -> bool {
        (self.struck || self.inherited && cell) && !self.all_struck(cell)
    }

    /// What is left of a text of which a part is struck through. Runs that follow the cell's font count as plain: a part
    /// struck within a struck cell is the whole.
    pub fn kept(&self) -> &str {
        &self.kept
    }

    /// Whether some of the text is red by its own run.
    pub fn red(&self) -> bool {
        self.red
    }
}

/// Follows the events inside a string item or an inline string.
#[derive(Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "what has been seen of the run being read")]
pub struct RunScan {
    runs: Option<Runs>,
    in_run: bool,
    in_text: bool,
    phonetic: bool,
    own: bool,
    struck: bool,
    red: bool,
    text: bool,
    run: String,
    kept: String,
}

impl RunScan {
    /// Takes the next event.
    pub fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(e) => match e.local_name().as_ref() {
                "r" => {
                    let (runs, kept) = (self.runs.take(), std::mem::take(&mut self.kept));
                    *self = Self { runs, kept, in_run: true, ..Self::default() };
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
                self.text |= !matches!(event, Event::Text(_)) || !self.run.trim().is_empty();
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
        if self.in_run && !(self.own && self.struck) {
            self.kept.push_str(&self.run);
        }
        if self.in_run && self.text {
            let runs = self.runs.get_or_insert_default();
            match (self.own, self.struck) {
                (true, true) => runs.struck = true,
                (true, false) => runs.plain = true,
                (false, _) => runs.inherited = true,
            }
            runs.red |= self.red;
        }
        self.in_run = false;
    }

    /// What was seen; `None` when there were no runs. Starts anew.
    pub fn take(&mut self) -> Option<Runs> {
        let Self { runs, kept, .. } = std::mem::take(self);
        runs.map(|runs| Runs { kept: if runs.struck { kept } else { String::new() }, ..runs })
    }
}
