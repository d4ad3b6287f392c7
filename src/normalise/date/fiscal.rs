//! Fiscal years in a field that asks for nothing else: R4, 令和4年, 2022, 2022年度 are the year from April.

use chrono::Datelike;
use unicode_normalization::UnicodeNormalization;

use super::super::sight::year_alone;
use super::super::{Context, Parsed, text};
use crate::model::date::{ERAS, Interval, era_of, wareki_fiscal};
use crate::model::grid::{Cell, Content};
use crate::model::value::{Doubt, NoteKind, Value};

/// Years that a bare number may be in the western count.
const WESTERN: std::ops::RangeInclusive<i32> = 1990..=2100;

/// Reads a bare year; `None` for anything else, which is read as any date is.
pub(super) fn read(cell: &Cell, ctx: &Context) -> Option<Parsed> {
    // A day that shows its year alone says what the same year typed says.
    let seen = match cell.content {
        Content::Number(n) | Content::DateTime(n) => year_alone(n, cell.format.as_deref(), ctx.date1904),
        _ => None,
    };
    if seen.is_none() && matches!(cell.content, Content::DateTime(_) | Content::Error(_)) {
        return None;
    }
    let raw = seen.unwrap_or_else(|| cell.raw());
    let folded: String = text::tidy(&raw).nfkc().filter(|c| !c.is_whitespace()).collect();
    let bare = folded.trim_end_matches('度').trim_end_matches('年');
    let (year, asked) = match ERAS.iter().find_map(|era| Some((era.3, era_number(bare, era.0, &era.1.to_string())?))) {
        Some((add, n)) => (add + n, false),
        None => match bare.parse::<i32>().ok()? {
            n if WESTERN.contains(&n) => (n, false),
            // Without an era it is taken for the era of the as-of date, and asked about.
            n @ 1..=30 => (current_era(ctx)? + n, true),
            _ => return None,
        },
    };
    let span = Interval::fiscal_year(year)?;
    let mut out = Parsed::of(Value::Date(span));
    super::beside::far_off(&span, ctx.as_of, &mut out);
    out.note(NoteKind::FiscalYear, raw, wareki_fiscal(year));
    if asked {
        out.doubts.push(Doubt::Inferred(wareki_fiscal(year)));
    }
    Some(out)
}

/// What is added to a year of the era in force on the as-of date.
fn current_era(ctx: &Context) -> Option<i32> {
    era_of(ctx.as_of).map(|(_, n)| ctx.as_of.year() - n)
}

/// 令和4, R4, 令4, 元.
fn era_number(text: &str, name: &str, letter: &str) -> Option<i32> {
    let initial: String = name.chars().take(1).collect();
    let upper = text.to_uppercase();
    let rest =
        [name, &initial, letter].iter().find_map(|p| upper.strip_prefix(&p.to_uppercase()).map(str::to_string))?;
    let rest = rest.trim_start_matches('.');
    if rest == "元" { Some(1) } else { rest.parse().ok().filter(|n| (1..=99).contains(n)) }
}
