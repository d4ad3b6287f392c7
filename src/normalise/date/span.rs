//! The days that a named stretch of time covers: quarters and halves of a fiscal year, seasons, ten days of a month.

use chrono::{Datelike, NaiveDate};

use crate::model::date::{Interval, Precision, last_of_month};

/// One day; `None` when there is no such day.
pub(super) fn day(year: i32, month: u32, day: u32) -> Option<Interval> {
    NaiveDate::from_ymd_opt(year, month, day).map(Interval::day)
}

/// The last day of a month.
pub(super) fn month_end(year: i32, month: u32) -> Option<Interval> {
    last_of_month(year, month).map(Interval::day)
}

/// 31 March that ends a fiscal year.
pub(super) fn fiscal_end(year: i32) -> Option<Interval> {
    day(year.checked_add(1)?, 3, 31)
}

/// A calendar year.
pub(super) fn year(year: i32) -> Option<Interval> {
    months(year, 1, 12, Precision::Year)
}

/// A number of months from the first of one to the end of the last.
fn months(year: i32, first: u32, count: u32, precision: Precision) -> Option<Interval> {
    let last = year.checked_mul(12)?.checked_add(i32::try_from(first + count).ok()? - 2)?;
    let (y, m) = (last.div_euclid(12), u32::try_from(last.rem_euclid(12)).ok()? + 1);
    Some(Interval::span(NaiveDate::from_ymd_opt(year, first, 1)?, last_of_month(y, m)?, precision))
}

/// A quarter (1 to 4): of the fiscal year from April, or of the calendar year.
pub(super) fn quarter(year: i32, quarter: u8, calendar: bool) -> Option<Interval> {
    let q = u32::from(quarter.checked_sub(1)?);
    match (calendar, q) {
        (true, 0..=3) => months(year, 1 + 3 * q, 3, Precision::Quarter),
        (false, 0..=2) => months(year, 4 + 3 * q, 3, Precision::Quarter),
        (false, 3) => months(year.checked_add(1)?, 1, 3, Precision::Quarter),
        _ => None,
    }
}

/// A half (1 or 2): April to September and October to March, or of the calendar year.
pub(super) fn half(year: i32, half: u8, calendar: bool) -> Option<Interval> {
    let first = u32::from(half.checked_sub(1)?) * 6 + if calendar { 1 } else { 4 };
    months(year, first, 6, Precision::Half)
}

/// A season (0 spring to 3 winter), meteorological: spring March to May, winter December to February of the next year.
pub(super) fn season(year: i32, season: u8) -> Option<Interval> {
    let mut out = months(year, 3 + 3 * u32::from(season), 3, Precision::Quarter)?;
    out.approx = true;
    Some(out)
}

/// 上旬, 中旬, 下旬 (0 to 2).
pub(super) fn tenth(year: i32, month: u32, tenth: u8) -> Option<Interval> {
    let first = u32::from(tenth) * 10 + 1;
    let from = NaiveDate::from_ymd_opt(year, month, first)?;
    let to = if tenth == 2 { last_of_month(year, month)? } else { NaiveDate::from_ymd_opt(year, month, first + 9)? };
    Some(Interval::span(from, to, Precision::TenDays))
}

/// 上旬～中旬: from the first day of one to the last of another.
pub(super) fn tenths(year: i32, month: u32, first: u8, last: u8) -> Option<Interval> {
    let (a, b) = (tenth(year, month, first)?, tenth(year, month, last)?);
    Some(Interval { precision: Precision::TenDays, ..hull(&a, &b) })
}

/// First or second half of a month (1 or 2).
pub(super) fn month_part(year: i32, month: u32, part: u8) -> Option<Interval> {
    let last = last_of_month(year, month)?;
    let (from, to) = if part == 1 { (1, 15) } else { (16, last.day()) };
    let mut out = Interval::span(
        NaiveDate::from_ymd_opt(year, month, from)?,
        NaiveDate::from_ymd_opt(year, month, to)?,
        Precision::Day,
    );
    out.approx = true;
    Some(out)
}

/// 2026-03-31, 2026-03-01～2026-03-31, ～2026-03-31: an interval for the record of changes.
#[must_use]
pub fn iso(i: &Interval) -> String {
    let text = |d: Option<NaiveDate>| d.map(|d| d.to_string()).unwrap_or_default();
    if i.from == i.to { text(i.from) } else { format!("{}～{}", text(i.from), text(i.to)) }
}

/// The smallest interval that covers both.
pub(super) fn hull(a: &Interval, b: &Interval) -> Interval {
    Interval {
        from: a.from.zip(b.from).map(|(x, y)| x.min(y)),
        to: a.to.zip(b.to).map(|(x, y)| x.max(y)),
        precision: if a == b { a.precision } else { Precision::Day },
        approx: a.approx || b.approx,
        inferred: a.inferred || b.inferred,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quarters_are_of_the_fiscal_year_unless_said() {
        let text = |i: Option<Interval>| i.as_ref().map(iso).unwrap_or_default();
        assert_eq!(text(quarter(2025, 1, false)), "2025-04-01～2025-06-30");
        assert_eq!(text(quarter(2025, 4, false)), "2026-01-01～2026-03-31");
        assert_eq!(text(quarter(2025, 4, true)), "2025-10-01～2025-12-31");
        assert_eq!(text(half(2025, 2, false)), "2025-10-01～2026-03-31");
        assert_eq!(text(season(2025, 3)), "2025-12-01～2026-02-28");
        assert_eq!(text(tenth(2024, 2, 2)), "2024-02-21～2024-02-29");
        assert_eq!(quarter(2025, 5, false), None);
    }
}
