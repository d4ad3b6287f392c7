//! Spreadsheet serials and days, in both date systems.

use chrono::{Days, NaiveDate};

/// What a serial stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Serial {
    /// A day, and the seconds past midnight.
    Day(NaiveDate, u32),
    /// 29 February 1900, which the 1900 system counts and which never was.
    FalseLeapDay,
    /// Below the first or above the last day of the date system, or no number at all.
    Outside,
}

/// The last serial that spreadsheets know (9999-12-31 in the 1900 system).
const LAST: f64 = 2_958_465.0;
/// Days between the two date systems.
const BETWEEN: f64 = 1462.0;

/// Reads a serial of the 1900 or the 1904 date system.
#[must_use]
pub fn read(serial: f64, date1904: bool) -> Serial {
    if !serial.is_finite() {
        return Serial::Outside;
    }
    let serial = if date1904 { serial + BETWEEN } else { serial };
    if !(1.0..LAST + 1.0).contains(&serial) {
        return Serial::Outside;
    }
    let mut days = whole(serial.floor());
    let mut seconds = whole(((serial - serial.floor()) * 86_400.0).round());
    if seconds >= 86_400 {
        days += 1;
        seconds = 0;
    }
    if days == 60 && !date1904 {
        return Serial::FalseLeapDay;
    }
    // The 1900 system counts the false leap day, so that its first 59 days are one later.
    let base = if days < 60 { NaiveDate::from_ymd_opt(1899, 12, 31) } else { NaiveDate::from_ymd_opt(1899, 12, 30) };
    let day = base.and_then(|b| b.checked_add_days(Days::new(u64::from(days))));
    day.map_or(Serial::Outside, |day| Serial::Day(day, seconds))
}

/// A number known to lie in 0..=2,958,466.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // the caller has checked the range
const fn whole(n: f64) -> u32 {
    n as u32
}

/// 17:30 or 17:30:05: seconds past midnight as people write them.
#[must_use]
pub fn clock(seconds: u32) -> String {
    let (h, m, s) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if s == 0 { format!("{h}:{m:02}") } else { format!("{h}:{m:02}:{s:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(y: i32, m: u32, d: u32) -> Serial {
        NaiveDate::from_ymd_opt(y, m, d).map_or(Serial::Outside, |d| Serial::Day(d, 0))
    }

    #[test]
    fn known_serials() {
        // domain README §8.1 and crates.md §1.
        for (serial, want) in [
            (1.0, day(1900, 1, 1)),
            (59.0, day(1900, 2, 28)),
            (60.0, Serial::FalseLeapDay),
            (61.0, day(1900, 3, 1)),
            (4595.0, day(1912, 7, 30)),
            (32516.0, day(1989, 1, 8)),
            (43586.0, day(2019, 5, 1)),
            (44876.0, day(2022, 11, 11)),
            (46112.0, day(2026, 3, 31)),
            (2_958_465.0, day(9999, 12, 31)),
            (2_958_466.0, Serial::Outside),
            (0.0, Serial::Outside),
            (-1.0, Serial::Outside),
            (f64::NAN, Serial::Outside),
            (f64::INFINITY, Serial::Outside),
        ] {
            assert_eq!(read(serial, false), want, "{serial}");
        }
        assert_eq!(read(43585.0, true), day(2023, 5, 1));
        assert_eq!(read(0.0, true), day(1904, 1, 1));
    }

    #[test]
    fn times_of_day_are_seconds() {
        assert!(matches!(read(45047.5, false), Serial::Day(_, 43_200)));
        // Just under midnight is the next day, not 24:00.
        assert_eq!(read(45_046.999_999_9, false), read(45047.0, false));
        assert_eq!((clock(63_000), clock(5)), ("17:30".to_string(), "0:00:05".to_string()));
    }
}
