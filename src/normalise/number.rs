//! Numbers as people write them: full-width digits, thousands separators, 千円 and 億, ▲, 約, 件程度.
//!
//! A unit that is written scales the number to the field's own unit exactly; a mark whose meaning is not settled
//! ((25), 100～200, 12,5) leaves the number unread, with a doubt that names it.

use super::date::shown;
use super::none::{self, is_dash};
use super::number_beside;
use super::number_format::shows;
use super::sight::{NOTHING, Section, Sight, fifteen, is_plain};
use super::units::{Scaled, is_unit, same_unit, scale, unit_of};
use super::written::{Written, parse};
use super::{Context, Parsed, text};
use crate::model::form::{Field, FieldType};
use crate::model::grid::{Cell, Content};
use crate::model::value::{Doubt, Note, NoteKind, Value};

/// Reads a cell as a number in the field's unit.
#[must_use]
pub fn read(cell: &Cell, field: &Field, ctx: &Context) -> Parsed {
    match cell.content {
        Content::DateTime(n) => a_date(n, cell, ctx),
        Content::Number(n) => match cell.format.as_deref() {
            Some(format) if !is_plain(format) && !is_own(format, field) => formatted(n, format, cell, field, ctx),
            _ => stored(n, field),
        },
        Content::Bool(_) => Parsed::unreadable(Doubt::Unreadable),
        _ => read_text(&cell.raw(), field),
    }
}

/// 3/4 that the spreadsheet took for a day.
fn a_date(n: f64, cell: &Cell, ctx: &Context) -> Parsed {
    let words = shown(n, cell.format.as_deref(), ctx.date1904).unwrap_or_else(|| n.to_string());
    Parsed::unreadable(Doubt::AmbiguousNumber(words))
}

/// Whether it is the format that the drawn form gives the field: digits and the field's own unit.
fn is_own(format: &str, field: &Field) -> bool {
    let unit = || format.strip_prefix("#,##0\"").and_then(|f| f.strip_suffix('"'));
    field.kind != FieldType::Percent && field.unit.is_some() && unit() == field.unit.as_deref()
}

/// A number whose format shows its digits and nothing else.
fn stored(n: f64, field: &Field) -> Parsed {
    let kept = fifteen(n);
    let mut out =
        if field.kind == FieldType::Percent { percent(kept, &n.to_string()) } else { Parsed::of(Value::Number(kept)) };
    if kept.to_bits() != n.to_bits() {
        out.notes.insert(0, step(n, kept.to_string()));
    }
    whole(field, &mut out);
    out
}

/// From what is stored to what is seen.
fn step(n: f64, seen: String) -> Note {
    Note { kind: NoteKind::Seen, before: n.to_string().into(), after: seen.into() }
}

/// A number as its format shows it.
fn formatted(n: f64, format: &str, cell: &Cell, field: &Field, ctx: &Context) -> Parsed {
    let section = Section::of(format, n);
    if shows(section.code).is_date() {
        return a_date(n, cell, ctx);
    }
    let sight = section.sight(n);
    // A dash is how accountants show zero, behind a sign of currency too.
    if n == 0.0 && is_dash(sight.shown.trim_start_matches(['¥', '￥', '$', ' '])) {
        return stored(n, field);
    }
    if sight.shown.is_empty() {
        if n != 0.0 {
            return Parsed::unreadable(Doubt::AmbiguousNumber(format!("セルの中身は{n}、画面には{NOTHING}")));
        }
        let mut out = stored(n, field);
        out.doubts.push(Doubt::Unseen(NOTHING.into()));
        return out;
    }
    if sight.bare && sight.thousands == 0 && (!sight.percent || field.kind == FieldType::Percent) {
        return digits(n, &sight, field);
    }
    as_typed(n, &sight, field)
}

/// Digits and a sign: the number is what is stored, unless another sign is seen.
fn digits(n: f64, sight: &Sight, field: &Field) -> Parsed {
    let minus = sight.shown.contains('-') || bracketed(&sight.shown).is_some();
    let zero = !sight.shown.contains(|c: char| matches!(c, '1'..='9'));
    // A negative number in a colour of its own needs no sign.
    if !sight.digits || !zero && (n > 0.0 && minus || n < 0.0 && !minus && !sight.coloured) {
        return contradiction(n, sight);
    }
    if !sight.percent {
        return stored(n, field);
    }
    let mut out = Parsed::of(Value::Number(fifteen(n)));
    out.doubts.extend(hundredfold(n, sight));
    out
}

/// What is seen says another thing than what is stored.
fn contradiction(n: f64, sight: &Sight) -> Parsed {
    Parsed::unreadable(Doubt::AmbiguousNumber(format!("セルの中身は{n}、画面の表示は「{}」", sight.shown)))
}

/// 85 that is shown as 8500 %.
fn hundredfold(n: f64, sight: &Sight) -> Option<Doubt> {
    (sight.percent && n.abs() >= 2.0 && n.fract() == 0.0).then(|| Doubt::Unit(format!("{}（{n}）", sight.shown)))
}

/// The inside of a text in brackets.
fn bracketed(text: &str) -> Option<&str> {
    let inside = |open, close| text.strip_prefix(open).and_then(|t: &str| t.strip_suffix(close));
    inside('(', ')').or_else(|| inside('（', '）'))
}

/// What is seen is read like the same text typed, with all the digits that are stored.
fn as_typed(n: f64, sight: &Sight, field: &Field) -> Parsed {
    let inner = if n < 0.0 { bracketed(&sight.exact) } else { None };
    let mut out = read_text(inner.unwrap_or(&sight.exact), field);
    if let Value::Number(read) = out.value
        && read != 0.0
        && n != 0.0
        && (read < 0.0) != (n < 0.0)
    {
        if n > 0.0 || inner.is_none() && !sight.coloured {
            return contradiction(n, sight);
        }
        out.value = Value::Number(-read);
        out.note(NoteKind::Minus, &sight.shown, (-read).to_string());
    }
    if out.value.number().is_some() {
        out.doubts.extend(hundredfold(n, sight));
        if sight.thousands > 0 && unit_of(&sight.shown).is_none() {
            out.doubts.push(Doubt::Unit(format!("表示 {}（{n}）", sight.shown)));
        }
    }
    if !sight.digits && out.value != Value::Unreadable {
        out.doubts.push(Doubt::Unseen(format!("「{}」と見えます", sight.shown)));
    }
    let kept = fifteen(n);
    let same = out.value == Value::Number(kept) && kept.to_bits() == n.to_bits() && out.doubts.is_empty();
    let slight = |k: NoteKind| matches!(k, NoteKind::Unit | NoteKind::Spaces | NoteKind::Width | NoteKind::Minus);
    if same && out.notes.iter().all(|note| slight(note.kind)) {
        return Parsed::of(Value::Number(n));
    }
    out.notes.insert(0, step(n, sight.shown.clone()));
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

/// Words of quantity that begin like a number, with the unit that they would have as one.
const PARTS: [(&str, &str); 4] = [("一部", "部"), ("一式", "式"), ("一通り", "通"), ("一部分", "部")];

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
    // 「一部」 is no number of volumes, unless volumes are asked for.
    let counted = |unit: &str| field.unit.as_deref().is_some_and(|own| same_unit(own, unit));
    if PARTS.iter().any(|(word, unit)| text::key(text) == *word && !counted(unit)) {
        return Parsed::unreadable(Doubt::Unreadable);
    }
    let opened = unit_out_of_brackets(text);
    let whole = opened.as_deref().unwrap_or(text);
    let outer = none::outside_brackets(whole);
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
    if outer.len() < whole.len() {
        out.note(NoteKind::Remark, text, outer);
        number_beside::weigh(whole, field, &mut out);
    }
    out.spelling(raw);
    out
}

/// 1,200（円）: what stands in the brackets is the unit.
pub(super) fn unit_out_of_brackets(text: &str) -> Option<String> {
    let (before, inside) = text.strip_suffix([')', '）'])?.rsplit_once(['(', '（'])?;
    is_unit(inside).then(|| format!("{before}{inside}"))
}

/// A text as a number in the field's unit, where it is nothing else and its unit fits.
pub(super) fn scaled(text: &str, field: &Field) -> Option<f64> {
    let written = parse(text).ok()?;
    match scale(&written, field) {
        Scaled::AsIs(n) | Scaled::To(n) if field.kind != FieldType::Percent => Some(n),
        _ => None,
    }
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
    if written.dotted && field.kind == FieldType::Money && !written.powers {
        out.doubts.push(Doubt::AmbiguousNumber(outer.to_string()));
    }
    whole(field, &mut out);
    out
}
