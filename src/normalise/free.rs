//! Free text, items and divisions: kept as typed, ends trimmed; only what cannot be a sentence becomes "no value".

use super::{Parsed, none, text};
use crate::model::form::{Field, FieldType};
use crate::model::value::{NoteKind, Value};

/// Reads a text.
#[must_use]
pub fn read(raw: &str, field: &Field) -> Parsed {
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
    let mut out = Parsed::of(Value::Text((&*whole).into()));
    if tidy != raw {
        out.note(NoteKind::Spaces, raw, tidy);
    }
    if whole != tidy {
        out.note(NoteKind::Width, tidy, whole);
    }
    out
}
