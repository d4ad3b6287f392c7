//! Numbers as people write them: full-width digits, thousands separators, 千円 and 億, ▲, 約, 件程度.
//!
//! A unit that is written scales the number to the field's own unit exactly; a mark whose meaning is not settled
//! ((25), 100～200, 12,5) leaves the number unread, with a doubt that names it.

use super::date::shown;
use super::number_format::{Shows, shows};
use super::units::{Scaled, scale};
use super::written::{Written, parse};
use super::{Context, Parsed, none, text};
use crate::model::form::{Field, FieldType};
use crate::model::grid::{Cell, Content};
use crate::model::value::{Doubt, NoteKind, Value};

/// Reads a cell as a number in the field's unit.
#[must_use]
pub fn read(cell: &Cell, field: &Field, ctx: &Context) -> Parsed {
    let format = cell.format.as_deref().map(shows).unwrap_or_default();
    match cell.content {
        Content::DateTime(n) => a_date(n, cell, ctx),
        Content::Number(n) if format.is_date() => a_date(n, cell, ctx),
        Content::Number(n) => stored(n, format, field),
        Content::Bool(_) => Parsed::unreadable(Doubt::Unreadable),
        _ => read_text(&cell.raw(), field),
    }
}

/// 3/4 that the spreadsheet took for a day.
fn a_date(n: f64, cell: &Cell, ctx: &Context) -> Parsed {
    let words = shown(n, cell.format.as_deref(), ctx.date1904).unwrap_or_else(|| n.to_string());
    Parsed::unreadable(Doubt::AmbiguousNumber(words))
}

/// A number cell: what is stored counts, and its format says where that may mislead.
fn stored(n: f64, format: Shows, field: &Field) -> Parsed {
    if field.kind == FieldType::Percent && !format.percent {
        return percent(n, &n.to_string());
    }
    let mut out = Parsed::of(Value::Number(n));
    if format.percent && field.kind != FieldType::Percent {
        if field.unit.as_deref().is_some_and(|u| text::key(u) == "%") {
            let shown = rounded(n * 100.0);
            out.note(NoteKind::Unit, n.to_string(), shown.to_string());
            out.value = Value::Number(shown);
        } else {
            out.doubts.push(Doubt::Unit(format!("{}%（{n}）", rounded(n * 100.0))));
        }
    }
    if format.thousands > 0 {
        let divisor = 1000_f64.powi(i32::try_from(format.thousands).unwrap_or(1));
        out.doubts.push(Doubt::Unit(format!("表示 {}（{n}）", rounded(n / divisor))));
    }
    whole(field, &mut out);
    out
}

/// A whole number was asked for.
fn whole(field: &Field, out: &mut Parsed) {
    if let (FieldType::Integer, Value::Number(n)) = (field.kind, &out.value)
        && n.fract() != 0.0
    {
        out.doubts.push(Doubt::AmbiguousNumber(n.to_string()));
    }
}

/// A share without a percent sign: 85 is 0.85 and 0.85 is itself; 1 may be either 1 % or all.
fn percent(n: f64, raw: &str) -> Parsed {
    if (n - 1.0).abs() < f64::EPSILON {
        return Parsed::unreadable(Doubt::AmbiguousNumber("100% / 1%".to_string()));
    }
    if n.abs() < 1.0 {
        return Parsed::of(Value::Number(n));
    }
    let mut out = Parsed::of(Value::Number(rounded(n / 100.0)));
    out.note(NoteKind::Unit, raw, rounded(n / 100.0).to_string());
    out
}

/// Takes off what binary fractions add.
fn rounded(n: f64) -> f64 {
    if n.abs() < 1e9 { (n * 1e9).round() / 1e9 } else { n }
}

/// Reads a text as a number.
#[must_use]
pub fn read_text(raw: &str, field: &Field) -> Parsed {
    let text = text::tidy(raw);
    if text.is_empty() {
        return Parsed::blank(raw);
    }
    if let Some(out) = none::exact(text, field, none::Place::Answer) {
        return out;
    }
    let outer = none::outside_brackets(text);
    if outer.is_empty() {
        // (25) is minus 25 to an accountant and 25 to everybody else.
        let digits = text::key(text).chars().any(|c| c.is_ascii_digit());
        let doubt = if digits { Doubt::AmbiguousNumber(text.to_string()) } else { Doubt::Unreadable };
        return Parsed::unreadable(doubt);
    }
    let mut out = match parse(&outer) {
        Ok(written) => from_written(&written, &outer, field),
        Err(doubt) => {
            if let Some(out) = none::phrase(text, field) {
                return out;
            }
            Parsed::unreadable(doubt)
        }
    };
    if out.value == Value::Unreadable {
        return out;
    }
    if outer.len() < text.len() {
        out.note(NoteKind::Remark, text, outer);
    }
    out.spelling(raw);
    out
}

fn from_written(written: &Written, outer: &str, field: &Field) -> Parsed {
    let signed = |n: f64| if written.negative && n != 0.0 { -n } else { n };
    let (mut out, number) = match scale(written, field) {
        Scaled::AsIs(n) if field.kind == FieldType::Percent => {
            let out = percent(signed(n), outer);
            if out.value == Value::Unreadable {
                return out;
            }
            let number = out.value.number().unwrap_or(n);
            (out, number)
        }
        Scaled::AsIs(n) => (Parsed::of(Value::Number(signed(n))), signed(n)),
        Scaled::To(n) => {
            let n = signed(rounded(n));
            let mut out = Parsed::of(Value::Number(n));
            out.note(NoteKind::Unit, outer, n.to_string());
            (out, n)
        }
        Scaled::Other(n, words) => {
            let n = signed(rounded(n));
            let mut out = Parsed::of(Value::Number(n));
            out.note(NoteKind::Unit, outer, n.to_string());
            out.doubts.push(Doubt::Unit(words));
            (out, n)
        }
        Scaled::No(doubt) => return Parsed::unreadable(doubt),
    };
    if written.separated {
        out.note(NoteKind::Unit, outer, number.to_string());
    }
    if written.marked_minus {
        out.note(NoteKind::Minus, outer, number.to_string());
    }
    if written.kanji {
        out.note(NoteKind::Width, outer, number.to_string());
    }
    if written.about || written.bound {
        out.note(NoteKind::Approx, outer, number.to_string());
    }
    if written.bound {
        out.doubts.push(Doubt::AmbiguousNumber(outer.to_string()));
    }
    for remark in &written.remarks {
        out.note(NoteKind::Remark, remark, "");
    }
    whole(field, &mut out);
    out
}
