//! Raw cell to value, every change noted: what people type, understood without guessing.
//!
//! [`normalise`] reads one cell as an answer to one field. A reading that could be two things is left unread with its
//! readings named; whatever differs between what was typed and the value stands in a note or a doubt, always.

pub mod choice;
pub mod date;
mod free;
pub mod none;
mod nothing;
pub mod number;
mod number_beside;
pub mod number_format;
mod radicals;
pub mod serial;
pub mod sight;
mod spelling;
mod symbols;
pub mod text;
mod units;
mod written;
mod years;

pub use nothing::is_still_to_come;
pub use units::{same_unit, unit_of, yen};

use chrono::NaiveDate;
use unicode_normalization::UnicodeNormalization;

use crate::model::code_list::CodeLists;
use crate::model::form::{Field, FieldType};
use crate::model::grid::{Cell, Content};
use crate::model::value::{Doubt, Note, NoteKind, Value};

/// What a reading needs to know besides the cell.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The round's as-of date: years that were not written are taken from it, and marked.
    pub as_of: NaiveDate,
    /// Whether the workbook counts its serials from 1904.
    pub date1904: bool,
    /// The code lists that choices are taken from.
    pub codes: &'a CodeLists,
}

/// A value with every step from the raw text, and what could not be settled.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    /// What it was taken to mean.
    pub value: Value,
    /// What was done on the way.
    pub notes: Vec<Note>,
    /// What the check stage has to ask about.
    pub doubts: Vec<Doubt>,
}

impl Parsed {
    /// A value without any history yet.
    pub(crate) const fn of(value: Value) -> Self {
        Self { value, notes: Vec::new(), doubts: Vec::new() }
    }

    /// Blank; a cell that holds nothing but blanks says so.
    pub(crate) fn blank(raw: &str) -> Self {
        let mut out = Self::of(Value::Blank);
        if !raw.is_empty() {
            out.note(NoteKind::Spaces, raw, "");
        }
        out
    }

    /// Not understood, and why.
    pub(crate) fn unreadable(doubt: Doubt) -> Self {
        Self { value: Value::Unreadable, notes: Vec::new(), doubts: vec![doubt] }
    }

    /// Adds a note, once.
    pub(crate) fn note(&mut self, kind: NoteKind, before: impl AsRef<str>, after: impl AsRef<str>) {
        let note = Note { kind, before: before.as_ref().into(), after: after.as_ref().into() };
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// Notes width and blanks that were left out of the raw text to read it.
    pub(crate) fn spelling(&mut self, raw: &str) {
        let wide = |c| matches!(c, '\u{FF01}'..='\u{FF9F}' | '\u{3300}'..='\u{33FF}' | '\u{32C0}'..='\u{32FF}');
        if raw.contains(wide) {
            let folded: String = raw.nfkc().collect();
            if folded != raw {
                self.note(NoteKind::Width, raw, folded);
            }
        }
        let unseen = |c: char| c.is_whitespace() || text::is_invisible(c);
        if raw.contains(unseen) {
            self.note(NoteKind::Spaces, raw, raw.replace(unseen, ""));
        }
    }

    /// Each doubt once, in the order they came up.
    pub(crate) fn tidy_doubts(&mut self) {
        let mut seen: Vec<Doubt> = Vec::new();
        for d in self.doubts.drain(..) {
            if !seen.contains(&d) {
                seen.push(d);
            }
        }
        self.doubts = seen;
    }
}

/// Reads a cell as an answer to a field.
#[must_use]
pub fn normalise(cell: &Cell, field: &Field, ctx: &Context) -> Parsed {
    let seen = sight::seen(cell, field, ctx.date1904);
    let stored = cell;
    let cell = seen.as_ref().map_or(stored, |s| &s.cell);
    let mut out = match &cell.content {
        Content::Empty if cell.formula => Parsed::unreadable(Doubt::NoStoredResult),
        Content::Empty => Parsed::of(Value::Blank),
        Content::Error(text) => Parsed::unreadable(Doubt::ErrorCell(text.clone())),
        Content::Number(n) | Content::DateTime(n) if !n.is_finite() => Parsed::unreadable(Doubt::Unreadable),
        _ => match field.kind {
            FieldType::Date => date::read(cell, field, ctx),
            FieldType::Integer | FieldType::Number | FieldType::Money | FieldType::Percent => {
                number::read(cell, field, ctx)
            }
            FieldType::Choice | FieldType::Flag => choice::read(cell, field, ctx),
            FieldType::Text | FieldType::Item | FieldType::Division => free::read(&cell.written(), field),
        },
    };
    if let Some(seen) = seen {
        out.notes.splice(0..0, seen.note);
        // That it could not be read is said first.
        out.doubts.extend(seen.doubt.filter(|_| out.value != Value::Unreadable));
    }
    finish(&stored.written(), out, field, ctx)
}

/// Joins the cells of an answer split over 年・月・日 boxes, then reads it. Numbers alone are taken for 年, 月 and 日 in
/// order; other fields are joined as they stand, a digit to a box.
#[must_use]
pub fn normalise_joined(cells: &[&Cell], field: &Field, ctx: &Context) -> Parsed {
    let written: Vec<&Cell> = cells.iter().copied().filter(|c| !c.is_blank()).collect();
    if let [one] = written.as_slice() {
        return normalise(one, field, ctx);
    }
    if let Some(bad) = written.iter().find(|c| matches!(c.content, Content::Error(_) | Content::Empty)) {
        return normalise(bad, field, ctx);
    }
    let piece = |c: &Cell| {
        let seen = sight::seen(c, field, ctx.date1904);
        text::tidy(&seen.map_or_else(|| c.raw(), |s| s.cell.raw())).to_string()
    };
    let pieces: Vec<String> = written.iter().map(|c| piece(c)).collect();
    let numbers = pieces.iter().all(|p| p.nfkc().all(|c| c.is_ascii_digit()));
    let joined = match field.kind {
        FieldType::Date if numbers => pieces.join("."),
        FieldType::Date => pieces.join(" "),
        _ => pieces.concat(),
    };
    let mut out = normalise(&Cell::text(joined.clone()), field, ctx);
    if pieces.len() > 1 {
        out.note(NoteKind::Spaces, pieces.join("｜"), joined);
    }
    out
}

/// Holds the promise that nothing is changed silently: a difference without a note gets one, an unread value a doubt.
fn finish(raw: &str, mut out: Parsed, field: &Field, ctx: &Context) -> Parsed {
    if out.value == Value::Unreadable && out.doubts.is_empty() {
        out.doubts.push(Doubt::Unreadable);
    }
    if out.notes.is_empty() && out.doubts.is_empty() {
        let printed = canonical(&out.value, field, ctx);
        if printed.as_deref() != Some(raw) {
            out.note(NoteKind::Width, raw, printed.unwrap_or_default());
        }
    }
    out
}

/// A value as it would be typed by somebody who wants no note: the number, the text, the choice's name, the day in ISO
/// form. `None` for values that have no such form (an interval, 該当なし, what could not be read).
#[must_use]
pub fn canonical(value: &Value, field: &Field, ctx: &Context) -> Option<String> {
    match value {
        Value::Blank => Some(String::new()),
        Value::Number(n) => Some(n.to_string()),
        Value::Text(t) => Some(t.to_string()),
        Value::Choice(code) => {
            let list = field.codes.as_ref().and_then(|id| ctx.codes.get(id));
            Some(list.map_or(code.as_str(), |l| l.name(code)).to_string())
        }
        Value::Date(i) if i.from == i.to && !i.approx && !i.inferred => i.from.map(|d| d.to_string()),
        Value::Date(_) | Value::None { .. } | Value::Unreadable => None,
    }
}
