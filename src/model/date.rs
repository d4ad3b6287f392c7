//! A date as people write it: an interval with a precision, never a bare day.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

/// How exactly a date was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// A day, or a period between two days.
    Day,
    /// 上旬, 中旬, 下旬.
    TenDays,
    /// A month.
    Month,
    /// A quarter of the fiscal year.
    Quarter,
    /// Half of a fiscal year.
    Half,
    /// 年度.
    FiscalYear,
    /// A calendar year.
    Year,
}

impl Precision {
    /// All of them.
    const ALL: [Self; 7] =
        [Self::Day, Self::TenDays, Self::Month, Self::Quarter, Self::Half, Self::FiscalYear, Self::Year];

    /// As programs write it: in the long form and in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::TenDays => "ten_days",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Half => "half",
            Self::FiscalYear => "fiscal_year",
            Self::Year => "year",
        }
    }

    /// The one that a word is of.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.word() == word)
    }
}

/// When something happens: the earliest and the latest day it may be. `None` is an open end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Interval {
    /// First possible day.
    pub from: Option<NaiveDate>,
    /// Last possible day; deadlines are judged by it.
    pub to: Option<NaiveDate>,
    /// How exactly it was given.
    pub precision: Precision,
    /// 頃, 約, 予定 and the like were written.
    pub approx: bool,
    /// A part (the year, mostly) was not written and was taken from the as-of date.
    pub inferred: bool,
}

impl Interval {
    /// One day.
    #[must_use]
    pub const fn day(day: NaiveDate) -> Self {
        Self { from: Some(day), to: Some(day), precision: Precision::Day, approx: false, inferred: false }
    }

    /// Both ends closed, with the precision it was given in.
    #[must_use]
    pub const fn span(from: NaiveDate, to: NaiveDate, precision: Precision) -> Self {
        Self { from: Some(from), to: Some(to), precision, approx: false, inferred: false }
    }

    /// A month, first to last day; `None` when there is no such month.
    #[must_use]
    pub fn month(year: i32, month: u32) -> Option<Self> {
        Some(Self::span(NaiveDate::from_ymd_opt(year, month, 1)?, last_of_month(year, month)?, Precision::Month))
    }

    /// A fiscal year: 1 April of `year` to 31 March of the next.
    #[must_use]
    pub fn fiscal_year(year: i32) -> Option<Self> {
        let from = NaiveDate::from_ymd_opt(year, 4, 1)?;
        Some(Self::span(from, NaiveDate::from_ymd_opt(year.checked_add(1)?, 3, 31)?, Precision::FiscalYear))
    }

    /// Whether it certainly lies wholly before `other` begins.
    #[must_use]
    pub fn certainly_before(&self, other: &Self) -> bool {
        matches!((self.to, other.from), (Some(a), Some(b)) if a < b)
    }
}

/// The last day of a month; `None` when there is no such month.
#[must_use]
pub fn last_of_month(year: i32, month: u32) -> Option<NaiveDate> {
    let (y, m) = if month == 12 { (year.checked_add(1)?, 1) } else { (year, month + 1) };
    NaiveDate::from_ymd_opt(y, m, 1)?.pred_opt()
}

/// The fiscal year (年度) that a day belongs to: April to March.
#[must_use]
pub fn fiscal_year_of(day: NaiveDate) -> i32 {
    if day.month() >= 4 { day.year() } else { day.year() - 1 }
}

/// An era: name, letter, first day, and what is added to its year to give the western year.
pub type Era = (&'static str, char, (i32, u32, u32), i32);

/// The eras since Meiji: name, letter, first day, and what is added to the era's year to give the western year.
///
/// Source: 元号を改める政令; domain table of first days (令和 from 2019-05-01, 平成 from 1989-01-08 …).
pub const ERAS: [Era; 5] = [
    ("令和", 'R', (2019, 5, 1), 2018),
    ("平成", 'H', (1989, 1, 8), 1988),
    ("昭和", 'S', (1926, 12, 25), 1925),
    ("大正", 'T', (1912, 7, 30), 1911),
    ("明治", 'M', (1868, 1, 25), 1867),
];

/// The era's name and year of a day: 2022-11-14 is (令和, 4). `None` before Meiji.
#[must_use]
pub fn era_of(day: NaiveDate) -> Option<(&'static str, i32)> {
    ERAS.iter()
        .find(|(_, _, (y, m, d), _)| NaiveDate::from_ymd_opt(*y, *m, *d).is_some_and(|first| day >= first))
        .map(|(name, _, _, add)| (*name, day.year() - add))
}

/// 令和4年11月14日, as Japanese offices print a day; the ISO form before Meiji.
#[must_use]
pub fn wareki(day: NaiveDate) -> String {
    era_of(day).map_or_else(
        || day.to_string(),
        |(era, year)| format!("{era}{}年{}月{}日", era_year(year), day.month(), day.day()),
    )
}

/// The day of the week in one letter: 月, 火 ….
#[must_use]
pub fn weekday(day: NaiveDate) -> &'static str {
    ["月", "火", "水", "木", "金", "土", "日"][day.weekday().num_days_from_monday() as usize % 7]
}

/// 令和7年度, named by its first day (FY 2019 is 平成31年度 on that rule; offices write 令和元年度, and so does this).
#[must_use]
pub fn wareki_fiscal(year: i32) -> String {
    NaiveDate::from_ymd_opt(year, 5, 1)
        .and_then(era_of)
        .map_or_else(|| format!("{year}年度"), |(era, y)| format!("{era}{}年度", era_year(y)))
}

fn era_year(year: i32) -> String {
    if year == 1 { "元".to_string() } else { year.to_string() }
}

/// 令和8年3月31日, 令和8年3月, 令和7年度 …: an interval in the office's words.
#[must_use]
pub fn describe(i: &Interval) -> String {
    let text = match (i.from, i.to) {
        (Some(a), Some(b)) if a == b => wareki(a),
        (Some(a), Some(_)) if i.precision == Precision::FiscalYear && (a.month(), a.day()) == (4, 1) => {
            wareki_fiscal(a.year())
        }
        (Some(a), Some(_)) if i.precision == Precision::Month => {
            let day = wareki(a);
            day.strip_suffix("1日").map_or(day.clone(), ToString::to_string)
        }
        (Some(a), Some(b)) => format!("{}～{}", wareki(a), wareki(b)),
        (Some(a), None) => format!("{}以降", wareki(a)),
        (None, Some(b)) => format!("{}まで", wareki(b)),
        (None, None) => "時期不明".to_string(),
    };
    if i.approx { format!("{text}頃") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).expect("a real day")
    }

    #[test]
    fn fiscal_years_end_in_march_of_the_next_year() {
        let fy = Interval::fiscal_year(2025).expect("in range");
        assert_eq!((fy.from, fy.to), (Some(day(2025, 4, 1)), Some(day(2026, 3, 31))));
        assert_eq!(fiscal_year_of(day(2026, 3, 31)), 2025);
        assert_eq!(fiscal_year_of(day(2026, 4, 1)), 2026);
    }

    #[test]
    fn eras_change_on_their_day() {
        assert_eq!(wareki(day(2019, 4, 30)), "平成31年4月30日");
        assert_eq!(wareki(day(2019, 5, 1)), "令和元年5月1日");
        assert_eq!(describe(&Interval::month(2026, 3).expect("a month")), "令和8年3月");
        assert_eq!(describe(&Interval::fiscal_year(2025).expect("a year")), "令和7年度");
    }
}
