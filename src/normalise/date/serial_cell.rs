//! A number in a date's cell: a day as spreadsheets store it, read by what its number format shows.

use chrono::{Datelike, NaiveDate};

use super::remark::{self, Effect};
use super::span::iso;
use super::{beside, read_text, span};
use crate::model::date::{Interval, describe, fiscal_year_of, wareki, wareki_fiscal};
use crate::model::form::{Field, Takes};
use crate::model::grid::Cell;
use crate::model::value::{Doubt, Note, NoteKind, Value};
use crate::normalise::number_format::{Shows, shows};
use crate::normalise::serial::{self, Serial};
use crate::normalise::sight::{self, Section};
use crate::normalise::{Context, Parsed};

/// Years in which a plain number may be taken for a serial.
const PLAIN: std::ops::RangeInclusive<i32> = 1990..=2099;
/// Before this year a stored day is a small number in a date's format, or a year of two digits (30/4/1 is 1930).
const OLDEST: i32 = 1965;
/// What dates are written with, in the literals of their formats.
const UNITS: &str = "年月日度時分秒曜（）() 　・.,/-";
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
    let code = format.map(|f| Section::of(f, n).code);
    let parts = code.map(shows).filter(|s| s.is_date());
    if let (Some(parts), Some(code)) = (parts, code)
        && !(parts.year || parts.month || parts.day || parts.weekday)
    {
        return sight::day(code, n, date1904);
    }
    let Serial::Day(day, seconds) = serial::read(n, date1904) else { return None };
    let Some(parts) = parts else { return Some(day.to_string()) };
    let text = match interval(day, parts) {
        Some(i) if parts.era || i.from != i.to => describe(&i),
        _ => day.to_string(),
    };
    Some(if parts.time { format!("{text} {}", serial::clock(seconds)) } else { text })
}

/// Reads a number as a date; `known` says that the container itself calls it one.
pub(super) fn read(n: f64, cell: &Cell, field: &Field, ctx: &Context, known: bool) -> Parsed {
    let format = cell.format.as_deref().unwrap_or_default();
    let code = Section::of(format, n).code;
    let parts = shows(code);
    if known || parts.is_date() {
        let words: String = literals(code).chars().filter(|c| !UNITS.contains(*c)).collect();
        if let Some(out) = as_typed(n, code, &words, field, ctx) {
            return out;
        }
        let mut out = formatted(n, parts, field, ctx);
        if out.value != Value::Unreadable {
            beside::judge(&mut out, written(&words), &words);
        }
        return out;
    }
    let Some(shown) = plain(n, format) else {
        // What is seen is a word, or nothing: whatever number lies under it is not what was answered.
        let words = literals(format);
        let mut out = read_text(&words, field, ctx);
        out.note(NoteKind::ShownAs, n.to_string(), &words);
        if out.value != Value::Unreadable {
            let why = if words.is_empty() {
                "何も表示されない数".to_string()
            } else {
                format!("「{words}」と表示された数")
            };
            out.doubts.push(Doubt::Unlikely(format!("{why}（{n}）")));
        }
        return out;
    };
    if in_date_range(n, ctx.date1904)
        && let Serial::Day(day, _) = serial::read(n, ctx.date1904)
    {
        // 50206 is 令和5年2月6日 to who typed it, and a day of 2037 to the spreadsheet.
        if let Some(meant) = typed_together(n) {
            return Parsed::unreadable(Doubt::AmbiguousEra(format!("{} / {}", wareki(meant), wareki(day))));
        }
        let mut out = Parsed::of(Value::Date(Interval::day(day)));
        out.note(NoteKind::Serial, n.to_string(), day.to_string());
        out.doubts.push(Doubt::Unlikely(format!("日付として表示されていない数（{n}）")));
        return out;
    }
    // 20260331 and 8.3 as numbers are read like the same text.
    let mut out = read_text(&shown, field, ctx);
    if let (Value::Date(january), Some((year, "1"))) = (&out.value, shown.split_once('.'))
        && let Some(october) = year.parse().ok().and_then(|y| Interval::month(y, 10))
    {
        // A number loses the nought of 2025.10.
        let both = format!("{} / {}", describe(january), describe(&october));
        out.value = Value::Date(span::hull(january, &october));
        out.doubts.push(Doubt::AmbiguousYearEnd(both));
    }
    out
}

/// A day whose format adds words of its own (約, 頃, 月末, まで) is read like the same text typed. `None` where it adds none, or shows no
/// year, which the text could not say either.
fn as_typed(n: f64, code: &str, words: &str, field: &Field, ctx: &Context) -> Option<Parsed> {
    let parts = shows(code);
    if words.is_empty() || !parts.year {
        return None;
    }
    let Serial::Day(day, _) = serial::read(n, ctx.date1904) else { return None };
    let text = sight::day(code, n, ctx.date1904)?;
    let mut out = read_text(&text, field, ctx);
    out.notes.insert(0, Note { kind: NoteKind::Seen, before: n.to_string().into(), after: text.into() });
    if out.value != Value::Unreadable {
        out.doubts.extend(odd(day, parts));
    }
    Some(out)
}

/// What is odd about a stored day that is shown whole: what 7/3/31 became, a day of long ago.
fn odd(day: NaiveDate, parts: Shows) -> Vec<Doubt> {
    let mut out = Vec::new();
    let whole_day = !parts.is_date() || (parts.year && parts.month && parts.day);
    if whole_day && !parts.era && MISTAKEN.contains(&day.year()) {
        let meant = NaiveDate::from_ymd_opt(day.year() + 18, day.month(), day.day());
        out.extend(meant.map(|d| Doubt::SpreadsheetDate(wareki(d))));
    }
    if day.year() < OLDEST {
        let shown = interval(day, parts).unwrap_or_else(|| Interval::day(day));
        out.push(Doubt::Unlikely(format!("とても古い日付（{}）", describe(&shown))));
    }
    out
}

/// The day of 令和 that five or six digits may be, typed without anything between (50206, 60401).
fn typed_together(n: f64) -> Option<NaiveDate> {
    let text = n.to_string();
    let digits: u32 = text.parse().ok().filter(|_| matches!(text.len(), 5 | 6))?;
    let year = i32::try_from(digits / 10_000).ok().filter(|y| (1..=30).contains(y))?;
    NaiveDate::from_ymd_opt(2018 + year, digits / 100 % 100, digits % 100)
}

/// The number as a plain format shows it; `None` where the format shows words only, or nothing.
fn plain(n: f64, format: &str) -> Option<String> {
    let section = format.split(';').next().unwrap_or_default();
    if format.is_empty() || format.trim().eq_ignore_ascii_case("general") {
        return Some(n.to_string());
    }
    let code = outside_literals(section);
    if code.contains(".00") && !code.contains(".000") {
        return Some(format!("{n:.2}"));
    }
    let shows = code.to_ascii_lowercase().contains("general") || code.contains(['0', '#', '?', '@']);
    shows.then(|| n.to_string())
}

/// A section of a format without its literals.
fn outside_literals(section: &str) -> String {
    pieces(section).1
}

/// The words that a format's first section adds, other than the units and stops of a date.
fn literals(format: &str) -> String {
    pieces(format).0
}

/// The literals and the code of a format's first section.
fn pieces(format: &str) -> (String, String) {
    let (mut literal, mut code) = (String::new(), String::new());
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        match c {
            ';' => break,
            '"' => literal.extend(chars.by_ref().take_while(|c| *c != '"')),
            '\\' | '!' => literal.extend(chars.next()),
            '_' | '*' => {
                chars.next();
            }
            '[' => {
                chars.by_ref().find(|c| *c == ']');
            }
            c if c.is_ascii() => code.push(c),
            c => literal.push(c),
        }
    }
    (literal, code)
}

/// What the words of a date's format do to it: 「予定」 nothing, 「未定」 and 「末」 are asked about.
fn written(words: &str) -> Effect {
    let narrows = ["上旬", "中旬", "下旬", "末", "まで", "以降", "以前", "から", "〜", "～", "~", "期"];
    if narrows.iter().any(|w| words.contains(w)) { Effect::Unsure } else { remark::outside(words) }
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
    out.doubts.extend(odd(day, parts));
    beside::far_off(&span, ctx.as_of, &mut out);
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
