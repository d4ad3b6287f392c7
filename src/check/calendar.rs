//! Counting days as an office does: business days, and whole months.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, NaiveDate, Weekday};

use crate::model::date::last_of_month;

/// Whether an office is open: no weekend, no public holiday, not 12-29 to 01-03.
///
/// Source: 行政機関の休日に関する法律 第1条 (municipal ordinances follow it).
#[must_use]
pub fn is_business_day(day: NaiveDate, holidays: &BTreeSet<NaiveDate>) -> bool {
    !is_weekend(day) && !is_new_year(day) && !holidays.contains(&day)
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

fn is_new_year(day: NaiveDate) -> bool {
    matches!((day.month(), day.day()), (12, 29..) | (1, ..=3))
}

/// Business days after one day up to and with another; 0 when that is not later. Weekends, `holidays` and
/// 12-29 to 01-03 are off.
#[must_use]
pub fn business_days(after: NaiveDate, until: NaiveDate, holidays: &BTreeSet<NaiveDate>) -> i64 {
    let Some(first) = after.checked_add_days(Days::new(1)).filter(|first| *first <= until) else { return 0 };
    let days = (until - after).num_days();
    // Whole weeks have five days each, so that a date centuries away costs no more than one next week.
    let rest = (0..days % 7).filter_map(|n| first.checked_add_days(Days::new(n.unsigned_abs())));
    let weekdays = days / 7 * 5 + count(rest.filter(|d| !is_weekend(*d)));
    let off = holidays.range(first..=until).filter(|d| !is_weekend(**d) && !is_new_year(**d));
    let new_year = (first.year()..=until.year())
        .flat_map(|y| [(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)].map(|(m, d)| (y, m, d)))
        .filter_map(|(y, m, d)| NaiveDate::from_ymd_opt(y, m, d))
        .filter(|d| (first..=until).contains(d) && !is_weekend(*d));
    weekdays - count(off) - count(new_year)
}

fn count(days: impl Iterator) -> i64 {
    i64::try_from(days.count()).unwrap_or(i64::MAX)
}

/// Whole months from one day to another, at least 0; the end of a month to the end of another is whole.
#[must_use]
pub fn whole_months(from: NaiveDate, to: NaiveDate) -> i64 {
    let months = i64::from(to.year() - from.year()) * 12 + i64::from(to.month()) - i64::from(from.month());
    let at_end = last_of_month(to.year(), to.month()) == Some(to);
    let short = to.day() < from.day() && !at_end;
    (months - i64::from(short)).max(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn holidays() -> BTreeSet<NaiveDate> {
        ["2022-11-03", "2022-11-23", "2023-01-01", "2023-01-02", "2023-01-09", "2023-02-11"].map(day).into()
    }

    #[test]
    fn business_days_leave_out_weekends_holidays_and_new_year() {
        let h = holidays();
        for (after, until, n) in [
            ("2022-11-11", "2022-11-11", 0), // the deadline itself
            ("2022-11-11", "2022-11-12", 0), // Saturday
            ("2022-11-11", "2022-11-14", 1), // Monday
            ("2022-11-02", "2022-11-04", 1), // over a holiday
            ("2022-11-22", "2022-11-24", 1),
            ("2022-12-28", "2023-01-03", 0), // the office is closed
            ("2022-12-28", "2023-01-04", 1),
            ("2023-01-06", "2023-01-10", 1), // a holiday on Monday
            ("2023-02-10", "2023-02-13", 1), // a holiday on Saturday is not taken off twice
            ("2023-03-31", "2023-04-03", 1), // over the end of the fiscal year
            ("2022-11-14", "2022-11-11", 0), // backwards
        ] {
            assert_eq!(business_days(day(after), day(until), &h), n, "{after} to {until}");
        }
    }

    #[test]
    fn the_short_count_equals_the_long_one() {
        let h = holidays();
        let start = day("2022-10-01");
        for (a, b) in (0..200).flat_map(|a| [1, 5, 6, 7, 8, 30, 91].map(|n| (a, a + n))) {
            let (after, until) = (start + Days::new(a), start + Days::new(b));
            let long = (a + 1..=b).filter(|n| is_business_day(start + Days::new(*n), &h)).count();
            assert_eq!(business_days(after, until, &h), i64::try_from(long).expect("small"), "{after} to {until}");
        }
        assert!(business_days(start, NaiveDate::MAX, &h) > 0, "ends at once");
    }

    #[test]
    fn months_are_whole() {
        for (from, to, n) in [
            ("2022-10-31", "2026-03-31", 41),
            ("2022-10-31", "2022-11-30", 1),
            ("2022-10-30", "2022-11-29", 0),
            ("2022-10-15", "2022-11-14", 0),
            ("2022-10-15", "2022-11-15", 1),
            ("2022-11-15", "2022-10-15", 0),
        ] {
            assert_eq!(whole_months(day(from), day(to)), n, "{from} to {to}");
        }
    }
}
