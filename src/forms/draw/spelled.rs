//! How a form judges a date or a number while it is typed: named formulas, and the same done here, because every formula
//! is written with its result.
//!
//! Only the usual spellings are understood, each as the reader understands it: 令和8年3月31日, R8.3.31, 2026/3/31, R8.3,
//! 令和8年3月末, 令和7年度, 令和7年度末, R8, 令和8年末. Of anything else nothing is said, unless it is no date by its looks: a
//! word without digits or any word of waiting, a year without an era, the 31st of February. The formulas use nothing
//! newer than Excel 2010 and no function whose result hangs on the language of the office program.

use std::fmt::Write;

use chrono::{Datelike, Days, NaiveDate};

/// Signs in an answer that has no digits by which it may still be a sound one (未定, 調整中, 該当なし, 次期更改時, 来年度 …).
const WORDS: [&str; 40] = [
    "未", "定", "待", "中", "次", "検", "調", "協", "確", "予", "な", "無", "該", "外", "同", "後", "参", "別", "時",
    "末", "今", "来", "翌", "年", "月", "期", "頃", "旬", "不", "済", "追", "見", "要", "以", "上", "し", "半", "-",
    "－", "―",
];
/// Days that a serial number may mean: 1990-01-01 to 2100-12-31.
const SERIALS: (i64, i64) = (32_874, 73_415);
/// Years that are read.
const YEARS: (i64, i64) = (1989, 2100);

/// What the named formulas give for one answer, step by step.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Steps {
    /// Digits and letters in half width.
    pub plain: String,
    /// Era and separators unified: 令和7年度末 is R7F/末.
    pub unified: String,
    /// Years to add for the era.
    pub era: i64,
    /// The part that says the year.
    pub year_part: String,
    /// What follows it.
    pub rest: String,
    /// The western year; 0 when there is none.
    pub year: i64,
    /// The part that says the month, and the one that says the day.
    pub parts: (String, String),
    /// Month and day; 0 when they are no numbers.
    pub month_day: (i64, i64),
    /// Which spelling it is.
    pub kind: i64,
    /// First and last day, as serial numbers.
    pub span: Option<(i64, i64)>,
    /// Whether it looks like no date.
    pub odd: bool,
}

/// Excel's number of a day.
pub(super) fn serial(day: NaiveDate) -> i64 {
    let first = NaiveDate::from_ymd_opt(1899, 12, 30).unwrap_or_default();
    (day - first).num_days()
}

fn first_of(year: i64, month: i64) -> Option<NaiveDate> {
    let months = year * 12 + month - 1;
    NaiveDate::from_ymd_opt(
        i32::try_from(months.div_euclid(12)).ok()?,
        u32::try_from(months.rem_euclid(12)).ok()? + 1,
        1,
    )
}

/// The last day of a month; months past the twelfth run on.
fn last_of(year: i64, month: i64) -> Option<NaiveDate> {
    first_of(year, month + 1)?.checked_sub_days(Days::new(1))
}

/// Digits, letters and signs in half width, one after the other as the nested formula does.
const NARROW: [(&str, &str); 22] = [
    ("０", "0"),
    ("１", "1"),
    ("２", "2"),
    ("３", "3"),
    ("４", "4"),
    ("５", "5"),
    ("６", "6"),
    ("７", "7"),
    ("８", "8"),
    ("９", "9"),
    ("Ｒ", "R"),
    ("ｒ", "R"),
    ("r", "R"),
    ("Ｈ", "H"),
    ("ｈ", "H"),
    ("h", "H"),
    ("．", "."),
    ("／", "/"),
    ("－", "-"),
    ("，", ","),
    ("　", ""),
    (" ", ""),
];
const UNIFY: [(&str, &str); 10] = [
    ("令和", "R"),
    ("平成", "H"),
    ("元", "1"),
    ("予定", ""),
    ("年度", "F/"),
    ("年", "/"),
    ("月", "/"),
    ("日", ""),
    (".", "/"),
    ("-", "/"),
];

fn replaced(text: &str, pairs: &[(&str, &str)]) -> String {
    pairs.iter().fold(text.to_string(), |t, (from, to)| t.replace(from, to))
}

fn nested(inner: &str, pairs: &[(&str, &str)]) -> String {
    let open = "SUBSTITUTE(".repeat(pairs.len());
    let tail = pairs.iter().fold(String::new(), |mut tail, (from, to)| {
        let _ = write!(tail, ",\"{from}\",\"{to}\")");
        tail
    });
    format!("{open}{inner}{tail}")
}

/// A text of digits as a number, as VALUE gives it; other texts that VALUE understands are no numbers here.
fn digits(text: &str) -> i64 {
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) { text.parse().unwrap_or(0) } else { 0 }
}

/// Splits at the first slash.
fn at_slash(text: &str) -> (String, String) {
    text.split_once('/').map_or_else(|| (text.to_string(), String::new()), |(a, b)| (a.to_string(), b.to_string()))
}

/// Whether a text without digits has no word by which it may be a sound answer.
fn wordless(plain: &str) -> bool {
    !plain.contains(|c: char| c.is_ascii_digit()) && WORDS.iter().all(|w| !plain.contains(w))
}

/// Understands a date as the formulas do. `number` is given when the cell holds a number.
pub(super) fn date(text: &str, number: Option<f64>) -> Steps {
    let plain = replaced(text, &NARROW);
    let unified = replaced(&plain, &UNIFY);
    let era = if unified.starts_with('R') {
        2018
    } else if unified.starts_with('H') {
        1988
    } else {
        0
    };
    let body = if era > 0 { unified.get(1..).unwrap_or_default() } else { &unified };
    let (year_part, rest) = at_slash(body);
    let bare = digits(&year_part.replace('F', ""));
    let year = if bare == 0 { 0 } else { bare + era };
    let parts = at_slash(&rest);
    let month_day = (digits(&parts.0), digits(&parts.1));
    let mut steps = Steps { plain, unified, era, year_part, rest, year, parts, month_day, ..Steps::default() };
    steps.kind = kind(&steps, text, number);
    steps.span = span(&steps, number);
    steps.odd = odd(&steps, text);
    steps
}

fn kind(s: &Steps, text: &str, number: Option<f64>) -> i64 {
    let (month, day) = s.month_day;
    let rest = s.rest.as_str();
    if text.is_empty() {
        0
    } else if let Some(n) = number {
        #[allow(clippy::cast_precision_loss)]
        let within = n >= SERIALS.0 as f64 && n < SERIALS.1 as f64 + 1.0;
        if within { 1 } else { 9 }
    } else if s.year < YEARS.0 || s.year > YEARS.1 || (s.plain.contains('.') && s.plain.contains('/')) {
        // R7.3/4 may be two months.
        0
    } else if s.year_part.ends_with('F') {
        match rest {
            "" | "中" | "内" => 3,
            "末" => 4,
            _ => 0,
        }
    } else if rest.is_empty() {
        if s.unified.contains('/') { 5 } else { 10 }
    } else if rest == "末" {
        6
    } else if (1..=12).contains(&month) {
        match s.parts.1.as_str() {
            // R7-8 may be a span of years.
            "" if s.plain.contains('-') => 0,
            "" | "中" => 2,
            "末" => 7,
            _ if day == 0 => 0,
            _ => {
                let last = last_of(s.year, month).map_or(0, |d| i64::from(d.day()));
                if day <= last { 8 } else { 9 }
            }
        }
    } else if month == 0 {
        0
    } else {
        9
    }
}

fn span(s: &Steps, number: Option<f64>) -> Option<(i64, i64)> {
    let (y, (m, d)) = (s.year, s.month_day);
    let first = |month| first_of(y, month).map(serial);
    let last = |month| last_of(y, month).map(serial);
    match s.kind {
        1 => {
            #[allow(clippy::cast_possible_truncation)]
            let day = number?.floor() as i64;
            Some((day, day))
        }
        2 => Some((first(m)?, last(m)?)),
        3 => Some((first(4)?, last(15)?)),
        4 => Some((last(15)?, last(15)?)),
        5 => Some((first(1)?, last(12)?)),
        6 => Some((last(12)?, last(15)?)),
        7 => Some((last(m)?, last(m)?)),
        8 => Some((first(m)? + d - 1, first(m)? + d - 1)),
        10 => Some((first(1)?, last(15)?)),
        _ => None,
    }
}

fn odd(s: &Steps, text: &str) -> bool {
    if s.kind == 9 || s.kind > 0 || text.is_empty() {
        return s.kind == 9;
    }
    // An empty text is found in every text, and so is the beginning of one.
    if s.unified.is_empty() || s.unified.starts_with(|c: char| c.is_ascii_digit()) {
        let start: String = s.unified.chars().take(4).collect();
        return !(1900..=2100).contains(&digits(&start));
    }
    wordless(&s.plain)
}

/// Where the work cells of one answer stand: columns of the watching sheet, in the row of the formula that asks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cells<'a> {
    /// Its text.
    pub text: &'a str,
    /// The text with era and separators unified; dates only.
    pub unified: &'a str,
    /// Which spelling it is; dates only.
    pub kind: &'a str,
}

/// Names of the formulas for the answers that are understood in one place of a row; `n` is the place.
pub(super) fn name(what: &str, n: usize) -> String {
    format!("w{n}_{what}")
}

/// Half-width digits and letters of a text, and whether it is no word of waiting either: as names with their formulas.
pub(super) fn plain_names(n: usize, text: &str) -> Vec<(String, String)> {
    let plain = name("plain", n);
    vec![(plain.clone(), nested(text, &NARROW)), (name("wordless", n), is_wordless(&plain))]
}

/// What understands a date, step by step, as names with their formulas. A step that was a formula in a cell of its own for
/// each answer would make the file many times as large.
pub(super) fn date_names(n: usize, cells: Cells<'_>) -> Vec<(String, String)> {
    let Cells { text, unified, kind } = cells;
    let [plain, wordless, era, year_part, rest] = ["plain", "wordless", "era", "yp", "rest"].map(|w| name(w, n));
    let [year, month_part, day_part, month, day] = ["year", "mp", "dp", "month", "day"].map(|w| name(w, n));
    let value = |t: &str| format!("IF(ISERROR(VALUE({t})),0,VALUE({t}))");
    let bare = value(&format!("SUBSTITUTE({year_part},\"F\",\"\")"));
    let before = |t: &str| format!("LEFT({t},FIND(\"/\",{t}&\"/\")-1)");
    let after = |t: &str| format!("MID({t},FIND(\"/\",{t}&\"/\")+1,99)");
    let of_day = format!(
        "IF({day_part}=\"末\",7,IF(AND({day_part}=\"\",ISNUMBER(FIND(\"-\",{plain}))),0,IF(OR({day_part}=\"\",{day_part}=\"中\"),2,IF({day}=0,0,IF({day}<=DAY(DATE({year},{month}+1,0)),8,9)))))"
    );
    let of_month = format!("IF(AND({month}>=1,{month}<=12),{of_day},IF({month}=0,0,9))");
    let of_year = format!(
        "IF(RIGHT({year_part},1)=\"F\",IF(OR({rest}=\"\",{rest}=\"中\",{rest}=\"内\"),3,IF({rest}=\"末\",4,0)),IF({rest}=\"\",IF(ISERROR(FIND(\"/\",{unified})),10,5),IF({rest}=\"末\",6,{of_month})))"
    );
    let mixed = format!("AND(ISNUMBER(FIND(\".\",{plain})),ISNUMBER(FIND(\"/\",{plain})))");
    let spelling = format!("IF(OR({year}<{},{year}>{},{mixed}),0,{of_year})", YEARS.0, YEARS.1);
    let era_of = format!("IF(LEFT({unified},1)=\"R\",2018,IF(LEFT({unified},1)=\"H\",1988,0))");
    let part = format!("MID({unified},IF({era}>0,2,1),FIND(\"/\",{unified}&\"/\")-IF({era}>0,2,1))");
    // A time of day would be a number to VALUE.
    let day_of = format!("IF(ISERROR(FIND(\":\",{day_part})),{},0)", value(&day_part));
    let pick = |cases: &[(i64, String)]| {
        let tail = cases.iter().fold(String::new(), |mut out, (k, v)| {
            let _ = write!(out, "IF({kind}={k},{v},");
            out
        });
        format!("{tail}\"\"{}", ")".repeat(cases.len()))
    };
    let date = |m: &str, d: &str| format!("DATE({year},{m},{d})");
    let next = format!("{month}+1");
    let first = pick(&[
        (8, date(&month, &day)),
        (2, date(&month, "1")),
        (7, date(&next, "0")),
        (3, date("4", "1")),
        (4, date("16", "0")),
        (5, date("1", "1")),
        (10, date("1", "1")),
        (6, date("13", "0")),
    ]);
    let last = pick(&[
        (8, date(&month, &day)),
        (2, date(&next, "0")),
        (7, date(&next, "0")),
        (3, date("16", "0")),
        (4, date("16", "0")),
        (5, date("13", "0")),
        (10, date("16", "0")),
        (6, date("16", "0")),
    ]);
    let start = format!("VALUE(LEFT({unified},4))");
    let odd = format!(
        "IF({kind}=9,1,IF(OR({kind}>0,{text}=\"\"),0,IF(ISNUMBER(FIND(LEFT({unified},1),\"0123456789\")),IF(ISERROR({start}),1,IF(AND({start}>=1900,{start}<=2100),0,1)),{wordless})))"
    );
    let mut names = plain_names(n, text);
    names.extend([
        (name("unified", n), nested(&plain, &UNIFY)),
        (era, era_of),
        (year_part, part),
        (rest.clone(), after(unified)),
        (year, format!("IF({bare}=0,0,{bare}+{})", name("era", n))),
        (month_part.clone(), before(&rest)),
        (day_part, after(&rest)),
        (month, value(&month_part)),
        (day, day_of),
        (name("spelling", n), spelling),
        (name("first", n), first),
        (name("last", n), last),
        (name("odd", n), odd),
    ]);
    names
}

/// Which spelling the answer in `cell` is.
pub(super) fn kind_formula(n: usize, cell: &str, text: &str) -> String {
    let (from, to) = SERIALS;
    let number = format!("IF(AND({cell}>={from},{cell}<{}),1,9)", to + 1);
    format!("IF({text}=\"\",0,IF(ISNUMBER({cell}),{number},{}))", name("spelling", n))
}

/// First or last day of the answer in `cell`; `end` is the name that says it of a text.
pub(super) fn day_formula(cell: &str, kind: &str, end: &str) -> String {
    format!("IF({kind}=1,INT({cell}),{end})")
}

/// 1 where a text has neither a digit nor a word by which it may be a sound answer. Each word is looked for by itself: not
/// every program goes through a list of words within a name.
fn is_wordless(plain: &str) -> String {
    let digits = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    let each: Vec<String> = digits.iter().chain(&WORDS).map(|word| format!("FIND(\"{word}\",{plain})")).collect();
    format!("IF(COUNT({})=0,1,0)", each.join(","))
}

/// The number in a text as the formula of [`number_formula`] reads it.
pub(super) fn number(text: &str, unit: &str) -> Option<f64> {
    let plain = bare_number(&replaced(text, &NARROW), unit);
    let sound = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-');
    (plain.chars().all(sound)).then(|| plain.parse().ok()).flatten().filter(|n: &f64| n.is_finite())
}

fn bare_number(plain: &str, unit: &str) -> String {
    let text = plain.replace(',', "");
    if unit.is_empty() { text } else { text.replace(unit, "") }
}

/// The formula that gives the number in a cell, or an empty text; `plain` is its text in half width.
pub(super) fn number_formula(cell: &str, plain: &str, unit: &str) -> String {
    let mut bare = format!("SUBSTITUTE({plain},\",\",\"\")");
    if !unit.is_empty() {
        bare = format!("SUBSTITUTE({bare},\"{}\",\"\")", unit.replace('"', "\"\""));
    }
    // A date or a time is no number, though VALUE would make one of it.
    let looks = format!("AND(ISERROR(FIND(\"/\",{plain})),ISERROR(FIND(\":\",{plain})),ISERROR(FIND(\"%\",{plain})))");
    format!("IF(ISNUMBER({cell}),{cell},IF({looks},IF(ISERROR(VALUE({bare})),\"\",VALUE({bare})),\"\"))")
}

/// Whether a text is neither a number nor a word by which it may be a sound answer.
pub(super) fn is_no_word(value: &str) -> bool {
    wordless(&replaced(value, &NARROW))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(text: &str) -> Option<String> {
        let (from, to) = date(text, None).span?;
        let first = NaiveDate::from_ymd_opt(1899, 12, 30)?;
        let day = |n: i64| first + Days::new(u64::try_from(n).unwrap_or(0));
        Some(if from == to { day(from).to_string() } else { format!("{}～{}", day(from), day(to)) })
    }

    #[test]
    fn usual_spellings_have_the_readers_meaning() {
        let table = include_str!("../../../tests/normalise/dates.tsv");
        let mut understood = 0;
        for line in table.lines().filter(|l| !l.starts_with('#')) {
            let cells: Vec<&str> = line.split('\t').collect();
            let [options, typed, reading, ..] = cells[..] else { continue };
            // Which end counts, and other as-of dates, are the reader's own business.
            if !options.is_empty() {
                continue;
            }
            if let Some(days) = days(typed) {
                assert_eq!(days, reading, "{typed}");
                understood += 1;
            }
        }
        assert!(understood > 40, "only {understood} were understood");
    }

    #[test]
    fn what_looks_like_no_date_is_asked_about_and_nothing_else() {
        for text in ["あああ", "OK", "7.3.31", "7年3月31日", "3月31日", "R8.2.30", "令和8年13月", "8.3"] {
            assert!(date(text, None).odd, "{text}");
        }
        for text in [
            "",
            "未定",
            "ベンダ回答待ち",
            "令和8年3月下旬",
            "次期更改時",
            "20260331",
            "2026年度上半期",
            "来年度",
            "－",
            "R8",
        ] {
            assert!(!date(text, None).odd, "{text}");
        }
    }

    #[test]
    fn numbers_are_read_with_unit_and_commas() {
        assert_eq!(number("１，２００千円", "千円"), Some(1200.0));
        assert_eq!(number("12/3", ""), None);
        assert_eq!(number("", ""), None);
    }
}
