//! What stands in definitions as words and is another in each round: days and years (「令和7年度末に対する判定」), and what the
//! municipality calls itself. They come from the round's settings, so that no heading says another day than the judgement
//! below it, and no paper of a town speaks of a city.
//!
//! In a definition `{deadline.ID}` is the deadline as people call it (令和7年度末), `{deadline.ID.day}` the day itself
//! (令和8年3月31日), `{count_year.FORM}` the fiscal year that a form's counts refer to (令和3年度); `{city}` is 市, 町, 村 or 区,
//! `{citizens}` 市民, 町民, 村民 or 区民. They are put in before the definition is parsed. Without a round the deadlines are those of the code list `deadlines`, and the year is 前年度.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate};

use crate::model::date::{fiscal_year_of, wareki, wareki_fiscal};
use crate::model::{CodeLists, Round};

/// What is said of the counts' year where no round says which it is.
const LAST_YEAR: &str = "前年度";
const DEADLINE: &str = "{deadline.";
const COUNT_YEAR: &str = "{count_year.";
const CITY: &str = "{city}";
const CITIZENS: &str = "{citizens}";
/// What a municipality may call itself; the first where no round says which it is.
const CITIES: [char; 4] = ['市', '町', '村', '区'];

/// The words for a round's days and years, by placeholder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dated {
    deadlines: BTreeMap<String, NaiveDate>,
    /// First calendar year of the fiscal year, by form.
    count_years: BTreeMap<String, i32>,
    /// One of [`CITIES`].
    city: Option<char>,
}

impl Dated {
    /// Those of a round's settings. A form without a year of its own counts the fiscal year before its as-of date.
    #[must_use]
    pub fn of_round(round: &Round) -> Self {
        let deadlines = round.deadlines.iter().map(|d| (d.id.clone(), d.date)).collect();
        let year = |f: &crate::model::round::FormRound| f.count_year.unwrap_or_else(|| fiscal_year_of(f.as_of) - 1);
        let count_years = round.forms.iter().map(|(id, f)| (id.clone(), year(f))).collect();
        Self { deadlines, count_years, city: round.municipality.trim().chars().last().filter(|c| CITIES.contains(c)) }
    }

    /// The shipped deadlines, for what is not in a round; those of a round count before them.
    #[must_use]
    pub fn or_shipped(mut self, lists: &CodeLists) -> Self {
        for code in lists.get("deadlines").iter().flat_map(|l| &l.codes) {
            if let Some(day) = code.attrs.values().find_map(|v| v.parse().ok()) {
                self.deadlines.entry(code.code.clone()).or_insert(day);
            }
        }
        self.city = self.city.or(Some(CITIES[0]));
        self
    }

    /// A definition with its placeholders filled in; gives those that nothing is known of.
    #[must_use]
    pub fn put(&self, text: &str) -> (String, Vec<String>) {
        let (mut out, mut unknown) = (String::with_capacity(text.len()), Vec::new());
        let mut rest = text;
        while let Some(at) = [DEADLINE, COUNT_YEAR, CITY, CITIZENS].iter().filter_map(|p| rest.find(p)).min() {
            let (before, from) = rest.split_at(at);
            out.push_str(before);
            let Some(end) = from.find('}') else { break };
            let (token, behind) = from.split_at(end + 1);
            match self.word(token) {
                Some(word) => out.push_str(&word),
                None => unknown.push(token.to_string()),
            }
            rest = behind;
        }
        out.push_str(rest);
        (out, unknown)
    }

    fn word(&self, token: &str) -> Option<String> {
        let city = self.city.unwrap_or(CITIES[0]);
        match token {
            CITY => return Some(city.to_string()),
            CITIZENS => return Some(format!("{city}民")),
            _ => {}
        }
        let inside = token.strip_suffix('}')?;
        if let Some(form) = inside.strip_prefix(COUNT_YEAR) {
            return Some(self.count_years.get(form).map_or_else(|| LAST_YEAR.to_string(), |y| wareki_fiscal(*y)));
        }
        let id = inside.strip_prefix(DEADLINE)?;
        match id.strip_suffix(".day") {
            Some(id) => self.deadlines.get(id).map(|day| wareki(*day)),
            None => self.deadlines.get(id).map(|day| called(*day)),
        }
    }
}

/// A deadline as people call it: the end of a fiscal year or of a month, else the day.
pub(crate) fn called(day: NaiveDate) -> String {
    let last = day.checked_add_days(Days::new(1)).is_some_and(|next| next.month() != day.month());
    match (last, day.month()) {
        (true, 3) => wareki_fiscal(fiscal_year_of(day)) + "末",
        (true, _) => {
            let whole = wareki(day);
            whole.rsplit_once('月').map_or(whole.clone(), |(month, _)| format!("{month}月末"))
        }
        _ => wareki(day),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dated(day: (i32, u32, u32)) -> Dated {
        let day = NaiveDate::from_ymd_opt(day.0, day.1, day.2).expect("a day");
        Dated {
            deadlines: BTreeMap::from([("m".to_string(), day)]),
            count_years: BTreeMap::from([("f".to_string(), 2021)]),
            ..Dated::default()
        }
    }

    #[test]
    fn a_deadline_is_called_by_the_end_it_is() {
        for (day, called, whole) in [
            ((2026, 3, 31), "令和7年度末", "令和8年3月31日"),
            ((2029, 3, 31), "令和10年度末", "令和11年3月31日"),
            ((2025, 12, 31), "令和7年12月末", "令和7年12月31日"),
            ((2024, 2, 29), "令和6年2月末", "令和6年2月29日"),
            ((2024, 2, 28), "令和6年2月28日", "令和6年2月28日"),
            ((2020, 3, 31), "令和元年度末", "令和2年3月31日"),
        ] {
            let (text, unknown) = dated(day).put("{deadline.m}に対する判定（{deadline.m.day}）");
            assert_eq!((text, unknown), (format!("{called}に対する判定（{whole}）"), Vec::new()));
        }
    }

    #[test]
    fn a_town_is_no_city() {
        for (name, said) in [
            ("見本市", "市の目標、市民"),
            ("見本町", "町の目標、町民"),
            ("見本村", "村の目標、村民"),
            ("見本区", "区の目標、区民"),
            ("", "市の目標、市民"),
        ] {
            let dated = Dated::of_round(&Round { municipality: name.into(), ..Round::default() });
            assert_eq!(dated.put("{city}の目標、{citizens}").0, said);
        }
    }

    #[test]
    fn other_braces_stay_and_what_is_unknown_is_named() {
        let (text, unknown) = dated((2026, 3, 31)).put("{name} {count_year.f} {count_year.g} {deadline.x} {code}");
        assert_eq!((text.as_str(), unknown), ("{name} 令和3年度 前年度  {code}", vec!["{deadline.x}".to_string()]));
    }
}
