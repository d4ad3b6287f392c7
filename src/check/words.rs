//! The office's words for what sentences need: names of fields, answers as people know them, numbers, conditions.

use std::collections::BTreeMap;

use crate::model::date::describe;
use crate::model::{Answer, CodeLists, FieldType, Form, NoneKind, NoteKind, Predicate, Round, Slot, Value};
use crate::normalise::text;

/// What stands for an empty cell.
pub const BLANK: &str = "空欄";

/// What a field is called in a sentence, by its answer key; the key itself when the form has no such field.
#[must_use]
pub fn label(form: &Form, key: &str, lists: &CodeLists) -> String {
    form.slots(lists).iter().find(|s| s.key() == key).map_or_else(|| key.to_string(), Slot::label)
}

/// An answer in words: the printed name of a choice; else as typed, but a spreadsheet's serial as the day it stands for.
#[must_use]
pub fn shown(answer: &Answer, slot: &Slot<'_>, lists: &CodeLists) -> String {
    match &answer.value {
        Value::Blank => BLANK.to_string(),
        Value::Choice(code) => {
            slot.field.codes.as_ref().and_then(|l| lists.get(l)).map_or(code.as_str(), |l| l.name(code)).to_string()
        }
        Value::Number(n) => amount(*n, slot),
        _ => given(answer),
    }
}

/// What was typed, or what its number format shows of it; a date that stands as a bare serial, or an answer without a raw
/// text, in words.
#[must_use]
pub fn given(answer: &Answer) -> String {
    let raw = text::tidy(answer.seen());
    let serial = answer.notes.iter().any(|n| n.kind == NoteKind::Serial);
    match &answer.value {
        Value::Date(i) if serial || raw.is_empty() => describe(i),
        Value::None { kind, .. } if raw.is_empty() => none(*kind).to_string(),
        Value::Number(n) if raw.is_empty() => number(*n),
        Value::Text(t) | Value::Choice(t) if raw.is_empty() => t.to_string(),
        _ if raw.is_empty() => BLANK.to_string(),
        _ => raw.to_string(),
    }
}

const fn none(kind: NoneKind) -> &'static str {
    match kind {
        NoneKind::Undecided => "未定",
        NoneKind::NotApplicable => "該当なし",
        NoneKind::SeeOther => "ほかを参照",
    }
}

/// A number of a field with its unit; a share as per cent.
#[must_use]
pub fn amount(n: f64, slot: &Slot<'_>) -> String {
    if slot.field.kind == FieldType::Percent {
        return format!("{}％", number(n * 100.0));
    }
    format!("{}{}", number(n), slot.field.unit.as_deref().unwrap_or_default())
}

/// A number with thousands separators and up to three decimals.
#[must_use]
pub fn number(n: f64) -> String {
    let text = format!("{:.3}", n.abs());
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    let decimals = decimals.trim_end_matches('0');
    let mut out = separated(whole);
    if !decimals.is_empty() {
        out.push('.');
        out.push_str(decimals);
    }
    if n < 0.0 && out != "0" { format!("-{out}") } else { out }
}

/// Digits with thousands separators.
#[must_use]
pub fn separated(digits: &str) -> String {
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// Names in quotes: 「甲」、「乙」.
#[must_use]
pub fn quoted<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> String {
    let names: Vec<String> = names.into_iter().map(|n| format!("「{}」", n.as_ref())).collect();
    names.join("、")
}

/// A clause in the forms that joining needs: before a noun, before "and", before "or".
struct Clause {
    noun: String,
    and: String,
    or: String,
}

impl Clause {
    /// A clause that says what something is: 「甲」が「乙」.
    fn is(what: &str, negate: bool) -> Self {
        if negate {
            Self { noun: format!("{what}でない"), and: format!("{what}でなく"), or: format!("{what}でない") }
        } else {
            Self { noun: format!("{what}の"), and: format!("{what}で"), or: what.to_string() }
        }
    }

    /// A clause that says whether a field has an answer.
    fn has(label: &str, negate: bool) -> Self {
        if negate {
            Self::is(&format!("「{label}」が{BLANK}"), false)
        } else {
            let what = format!("「{label}」に回答");
            Self { noun: format!("{what}がある"), and: format!("{what}があり"), or: format!("{what}がある") }
        }
    }

    fn join(parts: &[Self], all: bool) -> Self {
        let Some((last, before)) = parts.split_last() else { return Self::is("どの回答", false) };
        let before: String =
            before.iter().map(|p| if all { format!("{}、", p.and) } else { format!("{}か、", p.or) }).collect();
        Self {
            noun: format!("{before}{}", last.noun),
            and: format!("{before}{}", last.and),
            or: format!("{before}{}", last.or),
        }
    }
}

/// What names a predicate needs.
struct Names<'a> {
    slots: BTreeMap<String, Slot<'a>>,
    lists: &'a CodeLists,
    round: &'a Round,
}

/// A condition in words that fit before 「とき」, with printed names and no codes:
/// 「システムの有無」が「あり」の.
#[must_use]
pub fn condition(p: &Predicate, form: &Form, lists: &CodeLists, round: &Round) -> String {
    let slots = form.slots(lists).into_iter().map(|s| (s.key(), s)).collect();
    clause(p, false, &Names { slots, lists, round }).noun
}

fn clause(p: &Predicate, negate: bool, names: &Names<'_>) -> Clause {
    let label = |key: &str| names.slots.get(key).map_or_else(|| key.to_string(), Slot::label);
    match p {
        Predicate::All { all: parts } | Predicate::Any { any: parts } => {
            let parts: Vec<Clause> = parts.iter().map(|p| clause(p, negate, names)).collect();
            // Not (a and b) is not a, or not b.
            Clause::join(&parts, matches!(p, Predicate::All { .. }) != negate)
        }
        Predicate::Not { not } => clause(not, !negate, names),
        Predicate::In { field, r#in } => {
            let slot = names.slots.get(field);
            let list = slot.and_then(|s| s.field.codes.as_ref()).and_then(|l| names.lists.get(l));
            let options: Vec<String> =
                r#in.iter().map(|code| format!("「{}」", list.map_or(code.as_str(), |l| l.name(code)))).collect();
            Clause::is(&format!("「{}」が{}", label(field), options.join("か")), negate)
        }
        Predicate::Answered { field, answered } => Clause::has(&label(field), *answered == negate),
        Predicate::None { field, none: kind } => {
            Clause::is(&format!("「{}」が「{}」", label(field), none(*kind)), negate)
        }
        Predicate::Meets { field, meets } => {
            let deadline = names.round.deadline(meets).map_or(meets.as_str(), |d| &d.name);
            Clause::is(&format!("「{}」が期限（{deadline}）まで", label(field)), negate)
        }
        Predicate::AtLeast { field, at_least } => {
            Clause::is(&format!("「{}」が{}以上", label(field), number(*at_least)), negate)
        }
        Predicate::Attr { attr, is } => {
            let options: Vec<String> = is.iter().map(|v| format!("「{v}」")).collect();
            Clause::is(&format!("「{attr}」が{}", options.join("か")), negate)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_separators() {
        for (n, text) in [(0.0, "0"), (-0.0, "0"), (999.0, "999"), (1_234_567.0, "1,234,567"), (-1000.5, "-1,000.5")] {
            assert_eq!(number(n), text);
        }
    }

    #[test]
    fn clauses_join_as_japanese_does() {
        let a = || Clause::is("「甲」が「一」", false);
        assert_eq!(Clause::join(&[a(), Clause::has("乙", false)], true).noun, "「甲」が「一」で、「乙」に回答がある");
        assert_eq!(Clause::join(&[a(), Clause::has("乙", true)], false).noun, "「甲」が「一」か、「乙」が空欄の");
    }
}
