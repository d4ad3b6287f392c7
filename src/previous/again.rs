//! An earlier answer as it is written into the form of a new round, so that there it says what it said then.
//!
//! A date in words that depend on their day (来年度, 11月) is written as what it meant; whatever is written is read again
//! under the new round, and only what gives the same dates, precision and kind is used.

use chrono::{Datelike, Days, Months, NaiveDate};

use crate::forms::draw::CellValue;
use crate::model::date::{describe, fiscal_year_of, last_of_month, wareki, wareki_fiscal};
use crate::model::{Cell, CodeLists, Field, FieldType, Interval, Precision, Told, Value};
use crate::normalise::{self, Context};

/// What an answer says, as far as the long sheet keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Meaning {
    Date {
        from: Option<NaiveDate>,
        to: Option<NaiveDate>,
        precision: Precision,
        approx: bool,
    },
    /// The kind of no answer.
    None(String),
}

/// An answer as it is written again for a field; `as_of` is the day that the new round describes.
#[must_use]
pub fn again(told: &Told, field: Option<&Field>, as_of: NaiveDate, lists: &CodeLists) -> CellValue {
    let dated = field.filter(|f| f.kind == FieldType::Date).zip(meant(told));
    let Some((field, meaning)) = dated else { return answered(told) };
    let reader = Reader { field, lists };
    // A serial is no way to write a day.
    let typed = told.raw.parse::<f64>().is_err();
    if typed && !told.inferred && reader.stays(&told.raw, &meaning, told.as_of, as_of) {
        return CellValue::Text(told.raw.clone());
    }
    let Meaning::Date { from, to, precision, approx } = &meaning else { return answered(told) };
    if from == to
        && !approx
        && let Some(day) = from
    {
        return CellValue::Date(*day);
    }
    let interval = Interval { from: *from, to: *to, precision: *precision, approx: *approx, inferred: false };
    let written = candidates(&interval);
    let sure = written.iter().find(|w| reader.read(w, as_of) == Some((meaning.clone(), true)));
    let same = sure.or_else(|| written.iter().find(|w| reader.read(w, as_of).is_some_and(|(m, _)| m == meaning)));
    let same = same.or_else(|| written.iter().find(|w| reader.days(w, as_of) == Some((*from, *to))));
    same.map_or_else(|| CellValue::Text(describe(&interval)), |w| CellValue::Text(w.clone()))
}

/// A day as a day; else as it was typed, and a number as what it was taken to mean.
fn answered(told: &Told) -> CellValue {
    let day = told.from.filter(|_| told.from == told.to && told.raw.parse::<f64>().is_ok());
    day.map_or_else(|| number(&told.raw, &told.kind, told.value.clone()), CellValue::Date)
}

/// An answer as it is given again: what was typed as text as it was typed, a number as what it was taken to mean. A number
/// that was stored may not be what was seen (4,300,000円, 85 %).
pub(super) fn number(raw: &str, kind: &str, value: String) -> CellValue {
    let text = kind == "text";
    let Some(stored) = raw.parse::<f64>().ok().filter(|_| !text || (!value.is_empty() && value != raw)) else {
        return CellValue::Text(raw.to_string());
    };
    match kind {
        "integer" | "money" | "number" | "percent" => CellValue::Number(value.parse().unwrap_or(stored)),
        // Digits of a text keep their zeros (0012).
        "text" => CellValue::Text(value),
        _ => CellValue::Number(stored),
    }
}

fn meant(told: &Told) -> Option<Meaning> {
    match told.kind.as_str() {
        "date" => {
            let precision = Precision::of(&told.precision).unwrap_or(Precision::Day);
            Some(Meaning::Date { from: told.from, to: told.to, precision, approx: told.approx })
        }
        "undecided" | "not_applicable" | "see_other" => Some(Meaning::None(told.kind.clone())),
        _ => None,
    }
}

struct Reader<'a> {
    field: &'a Field,
    lists: &'a CodeLists,
}

impl Reader<'_> {
    /// What a text means on a day, and whether there is nothing to ask about it.
    fn read(&self, text: &str, as_of: NaiveDate) -> Option<(Meaning, bool)> {
        let context = Context { as_of, date1904: false, codes: self.lists };
        let parsed = normalise::normalise(&Cell::text(text), self.field, &context);
        match parsed.value {
            Value::Date(i) => {
                let Interval { from, to, precision, approx, inferred } = i;
                Some((Meaning::Date { from, to, precision, approx }, !inferred && parsed.doubts.is_empty()))
            }
            Value::None { kind, .. } => Some((Meaning::None(kind.code().to_string()), parsed.doubts.is_empty())),
            _ => None,
        }
    }

    fn days(&self, text: &str, as_of: NaiveDate) -> Option<(Option<NaiveDate>, Option<NaiveDate>)> {
        match self.read(text, as_of)? {
            (Meaning::Date { from, to, .. }, _) => Some((from, to)),
            (Meaning::None(_), _) => None,
        }
    }

    /// Whether a text means the same in both rounds, and does not depend on the day at all: words such as 年度内 would mean
    /// something else a year later.
    fn stays(&self, text: &str, meaning: &Meaning, then: Option<NaiveDate>, now: NaiveDate) -> bool {
        let then = then.unwrap_or(now);
        let later = [1, 6, 12].iter().filter_map(|m| then.checked_add_months(Months::new(*m)));
        let days = [then, now].into_iter().chain(later);
        days.into_iter().all(|day| self.read(text, day).is_some_and(|(m, _)| m == *meaning))
    }
}

/// Ways to write an interval, the plainest first.
fn candidates(i: &Interval) -> Vec<String> {
    let plain = Interval { approx: false, ..*i };
    let mut all = vec![describe(&plain)];
    match (i.from, i.to) {
        (Some(a), Some(b)) => {
            all.extend(called(a, b));
            all.push(format!("{}から{}まで", wareki(a), wareki(b)));
            all.extend(parts(a).into_iter().flat_map(|a| parts(b).into_iter().map(move |b| format!("{a}～{b}"))));
        }
        (Some(a), None) => all.extend(parts(a).into_iter().flat_map(|p| [format!("{p}以降"), format!("{p}から")])),
        (None, Some(b)) => all.extend(parts(b).into_iter().flat_map(|p| [format!("{p}まで"), format!("{p}以前")])),
        (None, None) => {}
    }
    if i.approx {
        let about = |w: &String| [format!("{w}頃"), format!("{w}（見込み）"), format!("{w}見込み")];
        // Some words, such as a season, are approximate by themselves.
        all = all.iter().flat_map(about).chain(all.iter().cloned()).collect();
    }
    all
}

/// What a period is called.
fn called(a: NaiveDate, b: NaiveDate) -> Vec<String> {
    let month = month(a);
    let fiscal = wareki_fiscal(fiscal_year_of(a));
    let year = year(a);
    let mut all: Vec<String> =
        ["上旬", "中旬", "下旬", "初旬", "前半", "後半", "末"].map(|p| format!("{month}{p}")).into();
    all.extend([month.clone(), year.clone(), format!("{year}中"), fiscal.clone()]);
    all.extend(["内", "中", "末", "当初", "早期"].map(|p| format!("{fiscal}{p}")));
    all.extend((1..=4).map(|q| format!("{fiscal}第{q}四半期")));
    all.extend(["上半期", "下半期"].map(|p| format!("{fiscal}{p}")));
    all.extend(["初め", "春", "夏", "秋", "冬", "末", "前半", "後半"].map(|p| format!("{year}{p}")));
    all.extend([a.year().to_string(), format!("{fiscal}冬")]);
    all.push(format!("{fiscal}～{}", wareki_fiscal(fiscal_year_of(b))));
    all
}

/// A day, and where it begins or ends a month or a year, that.
fn parts(day: NaiveDate) -> Vec<String> {
    let mut all = vec![wareki(day)];
    let first = day.day() == 1;
    let last = last_of_month(day.year(), day.month()) == Some(day);
    if first || last {
        all.push(month(day));
    }
    let next = day.checked_add_days(Days::new(1)).unwrap_or(day);
    if (first && day.month() == 4) || (last && next.month() == 4) {
        all.push(wareki_fiscal(fiscal_year_of(day)));
    }
    if (first && day.month() == 1) || (last && next.month() == 1) {
        all.push(year(day));
    }
    all
}

fn month(day: NaiveDate) -> String {
    let whole = wareki(day);
    whole.rsplit_once('月').map_or(whole.clone(), |(month, _)| format!("{month}月"))
}

fn year(day: NaiveDate) -> String {
    let whole = wareki(day);
    whole.rsplit_once('年').map_or(whole.clone(), |(year, _)| format!("{year}年"))
}
