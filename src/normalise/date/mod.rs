//! A cell as a date: text, spreadsheet serial or number to an interval with its precision.
//!
//! Nothing is settled that a reader could take in two ways: 7.3.31 and 8.3 stay unread with their readings named, 「R7末」
//! becomes the interval that holds both, and what is taken from the as-of date says so.

mod atom;
mod beside;
mod clock;
mod closer;
mod compose;
mod fiscal;
mod marks;
mod remark;
mod remark_words;
pub(in crate::normalise) mod scan;
mod serial_cell;
mod span;
mod tail;
mod words;
mod year;
mod yearless;

pub(super) use marks::hedges;
pub use serial_cell::{in_date_range, shown};
pub use span::iso;

use super::{Context, Parsed, none, text};
use crate::model::form::{Field, Years};
use crate::model::grid::{Cell, Content};
use crate::model::value::{Doubt, NoteKind, Value};
use compose::Reader;
use remark::Effect;
use scan::{Tok, Token};
use words::Word;

/// Whether a remark says that what it stands beside was changed, taken back, or holds for a part only.
pub(super) fn is_change(remark: &str) -> bool {
    remark::is_change(remark)
}

/// Reads a cell as a date.
#[must_use]
pub fn read(cell: &Cell, field: &Field, ctx: &Context) -> Parsed {
    if field.years == Years::Fiscal
        && let Some(out) = fiscal::read(cell, ctx)
    {
        return out;
    }
    match &cell.content {
        Content::Number(n) => serial_cell::read(*n, cell, field, ctx, false),
        Content::DateTime(n) => serial_cell::read(*n, cell, field, ctx, true),
        _ => read_text(&cell.written(), field, ctx),
    }
}

/// Reads a text as a date.
#[must_use]
pub fn read_text(raw: &str, field: &Field, ctx: &Context) -> Parsed {
    let text = text::tidy(raw);
    if text.is_empty() {
        return Parsed::blank(raw);
    }
    if let Some(out) = none::exact(text, field, none::Place::Answer) {
        return out;
    }
    let tokens = scan::scan(text);
    if marks::is_placeholder(&tokens) {
        let mut out = Parsed::of(Value::Blank);
        out.note(NoteKind::Placeholder, text, "");
        return out;
    }
    let reader = Reader { text, as_of: ctx.as_of, takes: field.takes, tense: field.tense };
    let mut out = reader.read(&tokens).unwrap_or_else(|| without_date(&reader, &tokens, field));
    if out.value != Value::Unreadable {
        out.spelling(raw);
    }
    out
}

/// No date outside brackets: a word for no value, a state, or a date that stands in a bracket.
fn without_date(reader: &Reader, tokens: &[Token], field: &Field) -> Parsed {
    let text = reader.text;
    let inner =
        || tokens.iter().filter_map(|t| if let Tok::Bracket(inside) = &t.tok { reader.read(inside) } else { None });
    if let Some(mut out) = none::phrase(text, field) {
        // 「交付決定次第（R5.9目途）」 names a day all the same; beside 未定 it does not count.
        let plain = none::exact(&none::outside_brackets(text), field, none::Place::Answer).is_some();
        if !plain && inner().next().is_some() {
            out.doubts.push(Doubt::Beside(text.to_string()));
        }
        return out;
    }
    let outer: String = tokens
        .iter()
        .filter(|t| !matches!(t.tok, Tok::Bracket(_)))
        .map(|t| text.get(t.from..t.to).unwrap_or_default())
        .collect();
    let status = marks::is_status_alone(&outer);
    let digits = tokens.iter().any(|t| matches!(t.tok, Tok::Num(n) if !n.kanji));
    // 「施行日（R6.5.24）以降」: the word behind would have to do with the date.
    let open =
        tokens.iter().any(|t| matches!(t.tok, Tok::Word(Word::After | Word::Until | Word::Latest | Word::Earliest)));
    let effect = remark::outside(&outer).max(if open { Effect::Unsure } else { Effect::Nothing });
    let denied = marks::denies(&outer) && effect != Effect::Withdrawn;
    let mut out = match inner().next().filter(|_| !digits && !denied) {
        Some(mut found) => {
            beside::several(&mut found, inner().skip(1));
            let outer = text::tidy(&outer);
            if !outer.is_empty() && found.value != Value::Unreadable {
                found.note(NoteKind::Remark, outer, "");
            }
            beside::judge(&mut found, effect, outer);
            found
        }
        None => Parsed::of(Value::Unreadable),
    };
    if status {
        out.doubts.push(Doubt::StatusInDate);
    } else if out.value == Value::Unreadable && out.doubts.is_empty() {
        out.doubts.push(Doubt::Unreadable);
    }
    out
}
