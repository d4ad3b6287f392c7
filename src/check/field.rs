//! What a single answer says: doubts of its reading, blanks that are required, bounds, choices that do not hold yet.

use super::case::Case;
use super::{how, words};
use crate::model::date::{describe, wareki};
use crate::model::{Answer, Doubt, FieldType, Finding, NoneKind, Slot, Value};
use crate::read::{Known, Who};

/// The findings of each field of a case on its own.
pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (key, slot, answer) in case.answers().filter(|(_, slot, _)| !slot.field.locked) {
        if answer.value.is_blank() && answer.doubts.is_empty() {
            if slot.field.required && case.is_needed(slot) {
                findings.push(case.finding("F001E", key).arg("how", how::filled(case, key)));
            }
            continue;
        }
        findings.extend(reading(case, key, slot, answer));
        findings.extend(bounds(case, key, slot, answer));
        findings.extend(validity(case, key, slot, answer));
        findings.extend(division(case, key, slot, answer));
    }
    findings
}

/// The doubts of a reading, one finding for each cause. An answer that could not be read has one at least.
fn reading(case: &Case<'_>, key: &str, slot: &Slot<'_>, answer: &Answer) -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        answer.doubts.iter().filter_map(|doubt| doubted(case, key, slot, answer, doubt)).collect();
    let refers = matches!(answer.value, Value::None { kind: NoneKind::SeeOther, .. });
    if findings.is_empty() && !answer.doubts.contains(&Doubt::Told) {
        if refers {
            findings.push(case.finding("F013E", key).given(words::given(answer)));
        } else if answer.value == Value::Unreadable {
            findings.extend(unreadable(case, key, slot, answer));
        }
    }
    findings
}

/// The finding of one doubt; `None` where another doubt or nothing at all is to be said.
fn doubted(case: &Case<'_>, key: &str, slot: &Slot<'_>, answer: &Answer, doubt: &Doubt) -> Option<Finding> {
    let finding = |code: &str| case.finding(code, key).given(words::given(answer));
    let read_as = |code: &str, readings: &str| finding(code).arg("readings", readings);
    Some(match doubt {
        // That it could not be read is said only where nothing says why.
        Doubt::Unreadable | Doubt::Told => return None,
        Doubt::AmbiguousEra(readings) => read_as("F007E", readings),
        Doubt::AmbiguousYearEnd(readings) => read_as("F008W", readings),
        Doubt::SeveralDates => finding("F009W"),
        Doubt::SpreadsheetDate(meant) => {
            let stored = answer.value.date().map_or_else(|| words::given(answer), describe);
            read_as("F010W", meant).arg("stored", stored)
        }
        Doubt::EraOverrun(readings) => read_as("F011W", readings),
        Doubt::NoSuchDay => finding("F006E"),
        Doubt::WrongWeekday(readings) => read_as("F023W", readings),
        Doubt::Beside(remark) if slot.field.kind == FieldType::Date => finding("F024W").arg("detail", remark),
        Doubt::Beside(remark) => finding("F029W").arg("detail", remark),
        Doubt::Withdrawn(remark) => finding("F025E").arg("detail", remark),
        Doubt::Unlikely(why) => finding("F026W").arg("detail", why),
        // A unit that cannot be scaled to the field's leaves no number to confirm.
        Doubt::Unit(_) if answer.value == Value::Unreadable => return None,
        // A day beside 済 tells all there is to know.
        Doubt::StatusInDate if answer.value.date().is_some() => return None,
        Doubt::StatusInDate => finding("F012E").arg("how", how::dated(case, key)),
        Doubt::SeeOther => finding("F013E"),
        Doubt::Inferred(readings) => read_as("F014W", readings),
        Doubt::Unit(readings) => read_as("F015W", readings).expected(unit(slot)),
        // A fraction where a whole number is asked for has a finding of its own.
        Doubt::AmbiguousNumber(_) if is_fraction(slot, answer) => return None,
        // What was typed stands in the sentence already.
        Doubt::AmbiguousNumber(readings) => {
            let readings = if *readings == words::given(answer) { String::new() } else { format!("（{readings}）") };
            read_as("F016E", &readings).arg("negative", how::negative(slot.field))
        }
        Doubt::Unseen(seen) => case.finding("F027W", key).given(answer.raw.trim()).arg("readings", seen),
        Doubt::BecameDay(typed) => read_as("F028W", typed),
        Doubt::DayInText(day) => read_as("F028I", day),
        Doubt::NotAChoice(nearest) => not_a_choice(case, key, slot, answer, nearest.as_deref()),
        Doubt::SeveralChoices => finding("F005E"),
        Doubt::NoStoredResult => finding("F017E"),
        Doubt::ErrorCell(error) => case.finding("F018E", key).given(error),
    })
}

/// The finding of an answer that could not be read as its type, where no doubt says why.
fn unreadable(case: &Case<'_>, key: &str, slot: &Slot<'_>, answer: &Answer) -> Option<Finding> {
    let finding = |code: &str| case.finding(code, key).given(words::given(answer));
    match slot.field.kind {
        FieldType::Date => Some(finding("F002E")),
        FieldType::Integer | FieldType::Number | FieldType::Money | FieldType::Percent => {
            let unit = slot.field.unit.as_ref().map(|u| format!("{u}単位で")).unwrap_or_default();
            Some(finding("F003E").arg("unit", unit))
        }
        FieldType::Choice | FieldType::Flag => Some(not_a_choice(case, key, slot, answer, None)),
        // Text is always readable; items and divisions are matched where rows and files are.
        FieldType::Text | FieldType::Item | FieldType::Division => None,
    }
}

fn unit(slot: &Slot<'_>) -> String {
    slot.field.unit.clone().unwrap_or_else(|| "この欄".to_string())
}

fn not_a_choice(case: &Case<'_>, key: &str, slot: &Slot<'_>, answer: &Answer, nearest: Option<&str>) -> Finding {
    let list = slot.field.codes.as_ref().and_then(|id| case.ctx.templates.lists.get(id));
    let nearest = nearest.map(|n| format!("「{}」のことでしょうか。", list.map_or(n, |l| l.name(n))));
    case.finding("F004E", key)
        .given(words::given(answer))
        .expected(how::choices(case, slot))
        .arg("suggestion", nearest.unwrap_or_default())
}

/// A division that the round does not have, where a division is asked for (not that of the card, which is told where it is read).
fn division(case: &Case<'_>, key: &str, slot: &Slot<'_>, answer: &Answer) -> Option<Finding> {
    let Value::Text(typed) = &answer.value else { return None };
    let round = case.ctx.round;
    let asked = slot.field.kind == FieldType::Division && slot.field.role.is_none() && !round.divisions.is_empty();
    let known = Known { who: Who::Round(round), lists: &case.ctx.templates.lists };
    (asked && known.division(typed, true).is_none()).then(|| {
        let finding = case.finding("F004E", key).given(words::given(answer)).arg("suggestion", "");
        finding.expected("調査の対象の課（名前か課コード）")
    })
}

/// A number against the field's bounds, and a whole one against fractions.
fn bounds(case: &Case<'_>, key: &str, slot: &Slot<'_>, answer: &Answer) -> Option<Finding> {
    let n = answer.value.number()?;
    let finding = |code: &str| case.finding(code, key).given(words::amount(n, slot));
    let field = slot.field;
    if field.min.is_some_and(|min| n < min) || field.max.is_some_and(|max| n > max) {
        let ends = [field.min.map(|m| (m, "以上")), field.max.map(|m| (m, "以下"))];
        let ends = ends.into_iter().flatten().map(|(m, word)| words::amount(m, slot) + word);
        return Some(finding("F019E").expected(ends.collect::<String>()));
    }
    is_fraction(slot, answer).then(|| finding("F022E"))
}

/// Whether a fraction stands where a whole number is asked for.
fn is_fraction(slot: &Slot<'_>, answer: &Answer) -> bool {
    slot.field.kind == FieldType::Integer && answer.value.number().is_some_and(|n| n.fract() != 0.0)
}

/// A choice whose code does not hold on the as-of date.
fn validity(case: &Case<'_>, key: &str, slot: &Slot<'_>, answer: &Answer) -> Option<Finding> {
    let (as_of, chosen) = (case.as_of?, answer.value.choice()?);
    let code = case.ctx.templates.lists.get(slot.field.codes.as_deref()?)?.get(chosen)?;
    if how::holds_on(code, as_of) {
        return None;
    }
    let (from, until) = (how::day(code, how::VALID_FROM), how::day(code, how::VALID_UNTIL));
    let ends = [from.map(|d| format!("{}から", wareki(d))), until.map(|d| format!("{}まで", wareki(d)))];
    let period: String = ends.into_iter().flatten().collect();
    Some(case.finding("F021W", key).given(case.shown(key)).expected(period))
}
