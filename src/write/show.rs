//! From values to printed cells: answers, outcomes of deadlines, rates. Nothing is computed here that is not on the ledger.

use super::asked::{Blank, blank};
use super::cell::{Cell, Content, Tone};
use super::context::Context;
use crate::model::date::describe;
use crate::model::form::FieldType;
use crate::model::ledger::{LedgerItem, Rate, RateRow, Standing};
use crate::model::master::{Column, RateCount, RateDef};
use crate::model::predicate::Outcome;
use crate::model::share::{figures, percent};
use crate::model::{Answer, Field, Interval, NoneKind, Precision, Truth, Value};
use crate::normalise::text;

/// What an answer that is owed and missing is printed as.
pub const UNANSWERED: &str = "（未回答）";
/// Head of the column that says whether a row is settled. Forms have a 区分 of their own.
pub const STANDING: &str = "確定・暫定";
/// What stands beside a row that is settled.
pub const SETTLED: &str = "確定";
/// What is said where the settings lack the deadline that a date is judged by.
pub const NO_DEADLINE: &str = "期限の設定なし";
/// What stands behind an answer that could not be read.
pub const TO_CONFIRM: &str = "【要確認】";

/// The answer of an item to a field.
pub fn answer(ctx: &Context<'_>, item: &LedgerItem, key: &str, word: Option<&str>, as_typed: bool) -> Cell {
    let Some(slot) = ctx.slot(&item.form, key) else { return Cell::empty() };
    match item.record.as_ref().and_then(|r| r.fields.get(key)) {
        Some(a) if !a.value.is_blank() => value(ctx, slot.field, a, word, as_typed),
        _ => blank_cell(&blank(ctx, item, key)),
    }
}

/// How a blank is printed.
pub fn blank_cell(blank: &Blank) -> Cell {
    match blank {
        Blank::Unanswered => Cell::text(UNANSWERED).tone(Tone::Missing),
        Blank::Welcome | Blank::NotNeeded => Cell::empty(),
        Blank::NotAsked(_) => Cell::dash(),
    }
}

/// An answer that is not blank.
pub fn value(ctx: &Context<'_>, field: &Field, answer: &Answer, word: Option<&str>, as_typed: bool) -> Cell {
    match &answer.value {
        Value::Blank => Cell::empty(),
        Value::None { kind: NoneKind::Undecided, reason } => Cell::text(undecided(reason.as_deref())).tone(Tone::Warn),
        Value::None { kind: NoneKind::NotApplicable, .. } => Cell::dash(),
        Value::None { kind: NoneKind::SeeOther, .. } | Value::Unreadable => {
            Cell::text(format!("{}{TO_CONFIRM}", answer.raw)).tone(Tone::Warn)
        }
        Value::Number(n) => Cell::new(number(field.kind, *n)),
        Value::Text(text) => Cell::text(text.as_str()),
        Value::Choice(code) => Cell::text(ctx.choice(field, code, word)),
        Value::Date(interval) => date(interval, if as_typed { &answer.raw } else { "" }),
    }
}

/// 未定 with its reason; a reason that only repeats the word adds nothing.
pub fn undecided(reason: Option<&str>) -> String {
    let reason = reason.filter(|r| *r != "未定").map(|r| format!("（{r}）")).unwrap_or_default();
    format!("未定{reason}")
}

fn number(kind: FieldType, n: f64) -> Content {
    match kind {
        FieldType::Percent => Content::Share(n),
        FieldType::Integer | FieldType::Money if n.fract() == 0.0 => Content::Count(n),
        _ => Content::Number(n),
    }
}

/// A date: a real one when it is a day without "about", else in words; behind it what was typed, when that differs.
fn date(interval: &Interval, raw: &str) -> Cell {
    let words = describe(interval);
    let raw = raw.trim();
    // A serial number says nothing to a reader.
    let telling = !raw.is_empty() && raw.parse::<f64>().is_err() && raw != words && !same_day(interval, raw);
    let typed = if telling { format!("（{raw}）") } else { String::new() };
    let guessed = if interval.inferred { "（年は推定）" } else { "" };
    let single = interval.from.is_some() && interval.from == interval.to;
    if single && interval.precision == Precision::Day && !interval.approx && typed.is_empty() && guessed.is_empty() {
        return Cell::day(interval.from);
    }
    Cell::text(format!("{words}{typed}{guessed}"))
}

/// Whether the typed text is the same day or month in another common spelling (2026/3/31, R8.3, 令和８年３月), so that
/// repeating it adds nothing.
fn same_day(interval: &Interval, raw: &str) -> bool {
    let raw = text::key(raw);
    if raw == text::key(&describe(interval)) {
        return true;
    }
    let spelled = raw.chars().all(|c| c.is_ascii_digit() || "rhs令和平成昭元年月日./-".contains(c));
    let parts = raw.split(|c: char| !c.is_ascii_digit()).filter(|p| !p.is_empty()).count();
    // With the first year of an era written 元 there is a number less.
    let wanted = match interval.precision {
        Precision::Day => 3,
        Precision::Month => 2,
        _ => return false,
    } - usize::from(raw.contains('元'));
    spelled && parts == wanted && !interval.approx && !interval.inferred
}

/// An outcome with a sign that survives a photocopy.
pub fn outcome_words(outcome: Outcome) -> String {
    let sign = match outcome {
        Outcome::Within => "○",
        Outcome::After => "×",
        Outcome::Straddles => "△",
        Outcome::NoDate => "－",
    };
    format!("{sign} {}", outcome.words())
}

/// How a date of an item stands to a deadline, or why that cannot be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judged {
    /// It can be told.
    Outcome(Outcome),
    /// No answer, in the sense of [`Blank`].
    Blank(Blank),
    /// The answer could not be read.
    Unreadable,
    /// The settings have no such deadline.
    NoDeadline,
}

/// Judges the date in `field`, or in `or_field` where the first one is blank.
pub fn judge(ctx: &Context<'_>, item: &LedgerItem, field: &str, or_field: Option<&str>, deadline: &str) -> Judged {
    let Some(deadline) = ctx.round().deadline(deadline).map(|d| d.date) else { return Judged::NoDeadline };
    let given = |key: &str| item.record.as_ref().and_then(|r| r.value(key)).filter(|v| !v.is_blank());
    let key = match or_field {
        Some(other) if given(field).is_none() && given(other).is_some() => other,
        _ => field,
    };
    match given(key) {
        Some(Value::Unreadable) => Judged::Unreadable,
        Some(value) => Judged::Outcome(Outcome::of_value(value, deadline)),
        None => {
            let blanks = [Some(field), or_field].into_iter().flatten().map(|k| blank(ctx, item, k));
            let all: Vec<Blank> = blanks.collect();
            let owed = all.iter().find(|b| **b == Blank::Unanswered);
            Judged::Blank(owed.or_else(|| all.first()).cloned().unwrap_or(Blank::NotNeeded))
        }
    }
}

fn judged(ctx: &Context<'_>, item: &LedgerItem, column: &Column, field: &str, deadline: &str) -> Cell {
    match judge(ctx, item, field, column.or_field.as_deref(), deadline) {
        Judged::Outcome(o @ Outcome::Within) => Cell::text(outcome_words(o)).tone(Tone::Good),
        Judged::Outcome(o @ (Outcome::After | Outcome::Straddles)) => Cell::text(outcome_words(o)).tone(Tone::Warn),
        Judged::Outcome(o @ Outcome::NoDate) => Cell::text(outcome_words(o)),
        Judged::Blank(b) => blank_cell(&b),
        Judged::Unreadable => Cell::text(TO_CONFIRM).tone(Tone::Warn),
        Judged::NoDeadline => Cell::text(NO_DEADLINE).tone(Tone::Warn),
    }
}

/// A column of a list for one item.
pub fn column(ctx: &Context<'_>, item: &LedgerItem, column: &Column) -> Cell {
    if let Some(attr) = &column.attr {
        let text = ctx.attr(item, attr);
        if let Ok(day) = chrono::NaiveDate::parse_from_str(&text, "%Y-%m-%d") {
            return Cell::day(Some(day));
        }
        return match text.parse::<u32>() {
            // 001 is a key, not a number.
            Ok(n) if n.to_string() == text => Cell::count(n as usize).center(),
            _ if text == super::context::OWNER_UNSETTLED => Cell::text(text).tone(Tone::Warn),
            _ if attr == "key" => Cell::text(text).center(),
            _ => Cell::text(text),
        };
    }
    if let Some(rate) = &column.rate {
        return ctx.ledger.rate(rate).map_or_else(Cell::empty, |r| item_rate(ctx, r, item));
    }
    let Some(field) = &column.field else { return Cell::empty() };
    if let Some(deadline) = &column.judged_by {
        return judged(ctx, item, column, field, deadline);
    }
    let first = answer(ctx, item, field, column.word.as_deref(), column.as_typed);
    let given = |key: &str| item.record.as_ref().and_then(|r| r.value(key)).is_some_and(|v| !v.is_blank());
    match &column.or_field {
        Some(other) if !given(field) => {
            let second = answer(ctx, item, other, column.word.as_deref(), column.as_typed);
            // What is given, else what is owed.
            let owed = first.tone == Tone::Missing && !given(other);
            if second.content == Content::Empty || owed { first } else { second }
        }
        _ => first,
    }
}

/// One item's part in a rate.
pub fn item_rate(ctx: &Context<'_>, rate: &Rate, item: &LedgerItem) -> Cell {
    if rate.not_computed.is_some() {
        return Cell::text("算出せず").tone(Tone::Muted);
    }
    match rate.rows.iter().find(|r| r.item == item.item.key) {
        // A system that does not exist has no progress of its own, whatever it counts as in the municipality's rate.
        Some(row) if row.not_applicable => Cell::text(ctx.absent_word(&item.form)).tone(Tone::Muted),
        Some(row) if row.counted => row_rate(ctx, rate, row),
        _ => Cell::dash(),
    }
}

/// The rate of a row that counts.
pub fn row_rate(ctx: &Context<'_>, rate: &Rate, row: &RateRow) -> Cell {
    let def = ctx.templates.rates.iter().find(|r| r.id == rate.id);
    if matches!(def.map(|d| &d.count), Some(RateCount::ShareOfItems { .. })) {
        return match row.holds {
            Truth::Yes => Cell::text("○").center(),
            Truth::No => Cell::text("×").center(),
            Truth::Unknown => Cell::text("？（未確定）").tone(Tone::Missing),
        };
    }
    if is_final(row) {
        Cell::new(Content::Share(row.from))
    } else {
        let open = row.from <= 0.0 && row.to >= 1.0;
        let words = if open { UNANSWERED.to_string() } else { format!("暫定 {}", percent_range(row.from, row.to)) };
        Cell::text(words).tone(Tone::Missing)
    }
}

/// Whether an item's own rate is settled.
pub fn is_final(row: &RateRow) -> bool {
    (row.to - row.from).abs() < 1e-9
}

/// A range of shares: 10.0～20.0%; where nothing is known, that: 「0.0～100.0%」 would read as a figure.
pub fn percent_range(from: f64, to: f64) -> String {
    if from <= 0.0 && to >= 1.0 {
        return "未回答".to_string();
    }
    format!("{}～{}", figures(from), percent(to))
}

/// A rate in words: 62.5%, or the range with its mark, or why there is none.
pub fn rate_text(rate: &Rate, subject: &str) -> String {
    if let Some(why) = &rate.not_computed {
        return if why.contains("算出せず") { why.clone() } else { format!("算出せず（{why}）") };
    }
    match (rate.from, rate.to) {
        (Some(from), _) if rate.complete => percent(from),
        // Every answer is there, but a file that this machine could not read may hold a newer one.
        (Some(from), _) if rate.unanswered == 0 => format!("暫定（読めていないファイルがあります）{}", percent(from)),
        (Some(from), Some(to)) => {
            format!("暫定（未回答 {} {subject}）下限 {}～上限 {}", rate.unanswered, percent(from), percent(to))
        }
        _ => "算出せず（分母が0）".to_string(),
    }
}

/// 分子 and 分母 in words: 12／20, or 12～14／20 while answers are missing.
pub fn fraction_text(rate: &Rate) -> String {
    if rate.not_computed.is_some() {
        return "－".to_string();
    }
    if rate.numerator == rate.numerator_max {
        format!("{}／{}", rate.numerator, rate.denominator)
    } else {
        format!("{}～{}／{}", rate.numerator, rate.numerator_max, rate.denominator)
    }
}

/// 確定, 暫定 or 算出せず: the mark that no reader can overlook.
pub fn rate_mark(rate: &Rate) -> Cell {
    if rate.not_computed.is_some() || rate.from.is_none() {
        Cell::text("算出せず").tone(Tone::Muted).center()
    } else if rate.complete {
        Cell::text("確定").center()
    } else {
        Cell::text("暫定").tone(Tone::Warn).center()
    }
}

/// How a rate's value looks.
pub fn rate_tone(rate: &Rate) -> Tone {
    match (rate.not_computed.is_some() || rate.from.is_none(), rate.complete) {
        (true, _) => Tone::Muted,
        (false, true) => Tone::Strong,
        (false, false) => Tone::Warn,
    }
}

/// The definition of a rate.
pub fn rate_def<'a>(ctx: &Context<'a>, id: &str) -> Option<&'a RateDef> {
    ctx.templates.rates.iter().find(|r| r.id == id)
}

/// Whether the item's row is settled, and why not.
pub fn standing(ctx: &Context<'_>, item: &LedgerItem) -> Cell {
    let why = match item.standing {
        Standing::Absent => {
            return Cell::text(format!("{}（調査設定）", ctx.absent_word(&item.form))).tone(Tone::Muted);
        }
        Standing::Settled => return Cell::text(SETTLED),
        Standing::NoOwner => super::context::OWNER_UNSETTLED,
        Standing::Silent => "未提出・未回答",
        Standing::Faulty => "要修正あり",
        Standing::Unread => "要確認あり",
        Standing::Owing => "未回答あり",
        Standing::Open => "率が未確定",
    };
    Cell::text(format!("暫定（{why}）")).tone(Tone::Missing)
}

/// How many items count in a rate by its definition alone, in a sentence: they are no progress.
pub fn not_applicable(ctx: &Context<'_>, def: &RateDef, rate: &Rate) -> Option<String> {
    let none: Vec<&str> = rate.rows.iter().filter(|r| r.not_applicable).map(|r| r.item.as_str()).collect();
    if none.is_empty() {
        return None;
    }
    let names: Vec<&str> = none.iter().map(|key| ctx.item_name(&def.form, key)).collect();
    let (subject, word, all) = (ctx.subject(&def.form), ctx.absent_word(&def.form), rate.rows.len());
    let (n, names) = (none.len(), names.join("、"));
    Some(format!("うち{word} {n} {subject}（{names}）。{all} {subject}に含み、定義のとおりに数えています。"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalise::{self, Context as Reading};

    /// What stands on a list for a typed date.
    fn listed(typed: &str) -> String {
        let field = Field { kind: FieldType::Date, ..Field::default() };
        let codes = crate::model::CodeLists::default();
        let as_of = chrono::NaiveDate::from_ymd_opt(2022, 10, 31).unwrap();
        let reading = Reading { as_of, date1904: false, codes: &codes };
        match normalise::normalise(&crate::model::Cell::text(typed), &field, &reading).value {
            Value::Date(interval) => date(&interval, typed).shown().into_owned(),
            other => panic!("{typed}: {other:?}"),
        }
    }

    #[test]
    fn what_was_typed_stands_in_brackets_only_where_it_says_more() {
        for same in ["R8.3.31", "令和８年３月３１日", "2026/3/31", "2026-03-31", "令和8年3月31日"] {
            assert_eq!(listed(same), "令和8年3月31日", "{same}");
        }
        for same in ["R8.3", "2026年3月", "令和８年３月"] {
            assert_eq!(listed(same), "令和8年3月", "{same}");
        }
        assert_eq!(listed("令和元年5月1日"), "令和元年5月1日");
        assert_eq!(listed("R7年度末"), "令和8年3月31日（R7年度末）");
        assert_eq!(listed("令和8年3月末"), "令和8年3月31日（令和8年3月末）");
        assert_eq!(listed("3月31日"), "令和5年3月31日（3月31日）（年は推定）");
        assert_eq!(listed("R7年度中"), "令和7年度（R7年度中）");
    }

    #[test]
    fn a_range_that_says_nothing_is_no_figure() {
        assert_eq!(percent_range(0.1, 0.2), "10.0～20.0%");
        assert_eq!(percent_range(0.0, 1.0), "未回答");
        assert_eq!(percent_range(0.0, 0.9), "0.0～90.0%");
    }
}
