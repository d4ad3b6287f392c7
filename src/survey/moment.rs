//! The moment of an answer, as forms write it.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use unicode_normalization::UnicodeNormalization;

use crate::model::{Cell, Content};
use crate::normalise::serial::{self, Serial};

/// Reads a moment; `None` when it is none. A day alone is its first second.
#[must_use]
pub fn read(cell: &Cell, date1904: bool) -> Option<NaiveDateTime> {
    match &cell.content {
        Content::Number(n) | Content::DateTime(n) => match serial::read(*n, date1904) {
            Serial::Day(day, seconds) => {
                NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0).map(|t| day.and_time(t))
            }
            Serial::FalseLeapDay | Serial::Outside => None,
        },
        Content::Text(text) => of_text(text),
        _ => None,
    }
}

/// 2022/09/07 8:05, 2022-09-07T08:05:10, 2022年9月7日 午後1:05:10 …
fn of_text(text: &str) -> Option<NaiveDateTime> {
    let text: String = text.nfkc().collect::<String>().to_lowercase();
    let afternoon = text.contains("午後") || text.contains("pm");
    let halves = afternoon || text.contains("午前") || text.contains("am");
    // What stands behind the seconds (a fraction, a zone) changes no figure of them.
    let numbers: Vec<u32> =
        text.split(|c: char| !c.is_ascii_digit()).filter(|p| !p.is_empty()).map_while(|p| p.parse().ok()).collect();
    let (year, month, day) = (numbers.first()?, numbers.get(1)?, numbers.get(2)?);
    let day = NaiveDate::from_ymd_opt(i32::try_from(*year).ok().filter(|y| (1900..10_000).contains(y))?, *month, *day)?;
    let part = |n: usize| numbers.get(n).copied().unwrap_or(0);
    let hour = match (part(3), halves) {
        (12, true) => {
            if afternoon {
                12
            } else {
                0
            }
        }
        (hour, true) => hour + if afternoon { 12 } else { 0 },
        (hour, false) => hour,
    };
    day.and_hms_opt(hour, part(4), part(5))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_writing_a_moment_is_the_same_moment() {
        let at = NaiveDate::from_ymd_opt(2022, 9, 7).unwrap().and_hms_opt(13, 5, 9).unwrap();
        for text in [
            "2022/09/07 13:05:09",
            "2022-09-07T13:05:09",
            "2022年9月7日 午後1時05分09秒",
            "2022/9/7 1:05:09 PM GMT+9",
            "２０２２/９/７　13:05:09.123",
        ] {
            assert_eq!(read(&Cell::text(text), false), Some(at), "{text}");
        }
        let serial = Cell { content: Content::Number(44_811.545_243_06), ..Cell::default() };
        assert_eq!(read(&serial, false), Some(at));
        for text in ["", "9月7日", "2022/13/07", "2022/9/7 25:00"] {
            assert_eq!(read(&Cell::text(text), false), None, "{text}");
        }
    }
}
