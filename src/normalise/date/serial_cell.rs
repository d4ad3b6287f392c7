//! A number in a date's cell: a day as spreadsheets store it, read by what its number format shows.

use chrono::{Datelike, NaiveDate};

use super::span::iso;
use super::{read_text, span};
use crate::model::date::{Interval, describe, fiscal_year_of, wareki, wareki_fiscal};
use crate::model::form::{Field, Takes};
use crate::model::grid::Cell;
use crate::model::value::{Doubt, NoteKind, Value};
use crate::normalise::number_format::{Shows, shows};
use crate::normalise::serial::{self, Serial};
use crate::normalise::{Context, Parsed};

/// Years in which a plain number may be taken for a serial.
const PLAIN: std::ops::RangeInclusive<i32> = 1990..=2099;
/// Years that a spreadsheet makes of 1/3/31 to 12/3/31, where 令和 was meant.
const MISTAKEN: std::ops::RangeInclusive<i32> = 2001..=2012;

/// Whether a plain whole number may be the serial of a day between 1990 and 2099.
#[must_use]
pub fn in_date_range(n: f64, date1904: bool) -> bool {
    n.fract() == 0.0 && matches!(serial::read(n, date1904), Serial::Day(day, _) if PLAIN.contains(&day.year()))
}

/// A serial as its format shows it, in words, for a text field; `None` when the format shows no date.
#[must_use]
pub fn shown(n: f64, format: Option<&str>, date1904: bool) -> Option<String> {
    let parts = format.map(shows).filter(|s| s.is_date());
    let Serial::Day(day, seconds) = serial::read(n, date1904) else { return None };
    let Some(parts) = parts else { return Some(day.to_string()) };
    if !(parts.year || parts.month || parts.day || parts.weekday) {
        return Some(serial::clock(seconds));
    }
    let text = match interval(day, parts) {
        Some(i) if parts.era || i.from != i.to => describe(&i),
        _ => day.to_string(),
    };
    Some(if parts.time { format!("{text} {}", serial::clock(seconds)) } else { text })
}

/// Reads a number as a date; `known` says that the container itself calls it one.
pub(super) fn read(n: f64, cell: &Cell, field: &Field, ctx: &Context, known: bool) -> Parsed {
    let parts = cell.format.as_deref().map(shows).unwrap_or_default();
    if known || parts.is_date() {
        return formatted(n, parts, field, ctx);
    }
    if in_date_range(n, ctx.date1904)
        && let Serial::Day(day, _) = serial::read(n, ctx.date1904)
    {
        let mut out = Parsed::of(Value::Date(Interval::day(day)));
        out.note(NoteKind::Serial, n.to_string(), day.to_string());
        return out;
    }
    // 20260331 and 8.3 as numbers are read like the same text.
    read_text(&n.to_string(), field, ctx)
}

fn formatted(n: f64, parts: Shows, field: &Field, ctx: &Context) -> Parsed {
    let mut out = Parsed::of(Value::Unreadable);
    let (day, seconds) = match serial::read(n, ctx.date1904) {
        Serial::Day(day, seconds) => (day, seconds),
        Serial::FalseLeapDay => {
            out.doubts.push(Doubt::NoSuchDay);
            return out;
        }
        Serial::Outside => {
            out.doubts.push(Doubt::Unreadable);
            return out;
        }
    };
    let Some(mut span) = interval(day, parts) else {
        out.doubts.push(Doubt::Unreadable);
        return out;
    };
    out.note(NoteKind::Serial, n.to_string(), day.to_string());
    if seconds > 0 {
        out.note(NoteKind::Remark, serial::clock(seconds), "");
    }
    let whole_day = !parts.is_date() || (parts.year && parts.month && parts.day);
    if !whole_day {
        out.note(NoteKind::ShownAs, day.to_string(), iso(&span));
    }
    if !parts.year && parts.is_date() {
        // 「3/31」: the spreadsheet put in the year of the day it was typed.
        span.inferred = true;
        out.doubts.push(Doubt::Inferred(describe(&span)));
    }
    if parts.fiscal && parts.year && !parts.month && fiscal_year_of(day) != day.year() {
        let (shown, stored) = (wareki_fiscal(day.year()), wareki_fiscal(fiscal_year_of(day)));
        out.doubts.push(Doubt::AmbiguousYearEnd(format!("{shown}（表示） / {stored}（{}）", wareki(day))));
    }
    if whole_day && !parts.era && MISTAKEN.contains(&day.year()) {
        let meant = NaiveDate::from_ymd_opt(day.year() + 18, day.month(), day.day());
        out.doubts.extend(meant.map(|d| Doubt::SpreadsheetDate(wareki(d))));
    }
    if field.takes != Takes::Whole && span.from != span.to {
        out.note(NoteKind::Month, day.to_string(), iso(&span));
    }
    out.value = Value::Date(span);
    out
}

/// What a format shows of a day, as an interval; `None` when it shows a time of day only and there is no day.
fn interval(day: NaiveDate, parts: Shows) -> Option<Interval> {
    let (y, m) = (day.year(), day.month());
    if parts.day || parts.weekday || !parts.is_date() {
        return Some(Interval::day(day));
    }
    if parts.month {
        return Interval::month(y, m);
    }
    if parts.year {
        return if parts.fiscal { Interval::fiscal_year(y) } else { span::year(y) };
    }
    // A time of day only: a day if one is stored, which is what the division cannot see.
    (day.year() > 1900).then(|| Interval::day(day))
}
