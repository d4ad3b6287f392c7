//! Free text, items and divisions: kept as typed, ends trimmed; only what cannot be a sentence becomes "no value".

use super::{Context, Parsed, date, none, text};
use crate::model::form::{Field, FieldType};
use crate::model::grid::{Cell, Content};
use crate::model::value::{NoteKind, Value};
use crate::normalise::number_format::shows;

/// Reads a cell as text.
#[must_use]
pub fn read(cell: &Cell, field: &Field, ctx: &Context) -> Parsed {
    let raw = cell.raw();
    match cell.content {
        Content::DateTime(n) => shown(n, cell, ctx, &raw),
        Content::Number(n) if cell.format.as_deref().is_some_and(|f| shows(f).is_date()) => shown(n, cell, ctx, &raw),
        _ => typed(&raw, field),
    }
}

/// A date in a text field: as its format shows it.
fn shown(n: f64, cell: &Cell, ctx: &Context, raw: &str) -> Parsed {
    let Some(text) = date::shown(n, cell.format.as_deref(), ctx.date1904) else {
        return Parsed::of(Value::Text(raw.to_string()));
    };
    let mut out = Parsed::of(Value::Text(text.clone()));
    out.note(NoteKind::Serial, raw, text);
    out
}

fn typed(raw: &str, field: &Field) -> Parsed {
    let tidy = text::tidy(raw);
    if tidy.is_empty() {
        return Parsed::blank(raw);
    }
    // An item's or a division's name is looked up by the caller; a dash there is still no name.
    let names = matches!(field.kind, FieldType::Item | FieldType::Division);
    if let Some(out) = none::exact(tidy, field, none::Place::Text).filter(|_| !names || tidy.chars().count() <= 4) {
        return out;
    }
    let whole = text::whole_characters(tidy);
    let mut out = Parsed::of(Value::Text(whole.to_string()));
    if tidy != raw {
        out.note(NoteKind::Spaces, raw, tidy);
    }
    if whole != tidy {
        out.note(NoteKind::Width, tidy, whole);
    }
    out
}
