//! Dates against deadlines and the as-of date. An honest date that misses its target is a matter to decide (W);
//! only a missing reason, or two answers that contradict each other, is an error.

use chrono::{Months, NaiveDate};

use super::calendar::whole_months;
use super::case::{Case, certain_gap, is_missing};
use super::words;
use crate::model::date::{describe, wareki};
use crate::model::predicate::Outcome;
use crate::model::{Answer, Check, Feasible, Finding, Interval, NoneKind, NoteKind, Precision, Value};

/// A date that is judged, and what is said about it.
struct Judged<'a> {
    field: &'a str,
    reason: Option<&'a str>,
    feasible: Option<&'a Feasible>,
    day: NaiveDate,
}

/// [`Check::Deadline`]: the four outcomes, the slip of a year, and reason and feasibility against the date.
pub(super) fn check(case: &Case<'_>, check: &Check) -> Vec<Finding> {
    let Check::Deadline { field, deadline, reason, feasible } = check else { return Vec::new() };
    let Some(deadline) = case.ctx.round.deadline(deadline) else { return Vec::new() };
    let judged = Judged { field, reason: reason.as_deref(), feasible: feasible.as_ref(), day: deadline.date };
    let Some(answer) = case.answer(field) else { return Vec::new() };
    match &answer.value {
        // Where the answer is somewhere else, that is the finding.
        Value::None { kind: NoneKind::SeeOther, .. } => Vec::new(),
        Value::None { .. } => vec![judged.finding(case, "D004W").given(words::given(answer))],
        Value::Date(i) => match Outcome::of(i, judged.day) {
            Outcome::After => judged.late(case, i),
            Outcome::Straddles => {
                vec![judged.finding(case, "D002W").given(words::given(answer)).arg("reading", describe(i))]
            }
            Outcome::NoDate => vec![judged.finding(case, "D004W").given(words::given(answer))],
            Outcome::Within => judged.in_time(case, answer, i),
        },
        _ => Vec::new(),
    }
}

impl Judged<'_> {
    /// A finding at the date, with the deadline as what was expected.
    fn finding(&self, case: &Case<'_>, code: &str) -> Finding {
        case.finding(code, self.field).expected(wareki(self.day))
    }

    fn late(&self, case: &Case<'_>, i: &Interval) -> Vec<Finding> {
        let mut findings = Vec::new();
        let reason = self.reason.and_then(|key| Some((key, case.answer(key)?)));
        findings.push(match reason {
            Some((key, answer)) if is_missing(answer) => {
                let mut finding = case.finding("D003E", key).given(words::given(answer)).expected(wareki(self.day));
                finding.related = case.places([self.field]);
                finding.arg("reading", describe(i)).arg("other", case.label(self.field))
            }
            _ => {
                let mut finding = self.finding(case, "D003W").given(case.shown(self.field)).arg("reading", describe(i));
                finding.related = case.places(self.reason);
                finding
            }
        });
        findings.extend(self.said(case, "D008E", i, |f| &f.yes));
        findings
    }

    fn in_time(&self, case: &Case<'_>, answer: &Answer, i: &Interval) -> Vec<Finding> {
        let mut findings = Vec::new();
        if self.is_year_early(answer, i) && !has_happened(case, self.field) {
            findings.push(self.finding(case, "D005W").given(words::given(answer)).arg("reading", describe(i)));
        }
        let reason =
            self.reason.filter(|key| case.answer(key).is_some_and(|a| !is_missing(a) && a.value != Value::Unreadable));
        if let Some(mut finding) = self.said(case, "D009W", i, |f| &f.no) {
            // A reason beside "it cannot be met" tells the same once more.
            finding.related.extend(case.places(reason));
            findings.push(finding);
        } else if let Some(key) = reason {
            let mut finding = case.finding("D006W", key).given(case.shown(key)).expected(wareki(self.day));
            finding.related = case.places([self.field]);
            findings.push(finding.arg("reading", describe(i)).arg("other", case.label(self.field)));
        }
        findings
    }

    /// What the division says about whether the deadline can be met, where its code is one of these.
    fn said(
        &self,
        case: &Case<'_>,
        code: &str,
        i: &Interval,
        of: impl Fn(&Feasible) -> &Vec<String>,
    ) -> Option<Finding> {
        let feasible = self.feasible?;
        let said = case.answer(&feasible.field)?.value.choice()?;
        if !of(feasible).iter().any(|c| c == said) {
            return None;
        }
        let mut finding = self.finding(case, code).given(case.shown(&feasible.field)).arg("reading", describe(i));
        finding.related = case.places([feasible.field.as_str()]);
        Some(finding.arg("other", case.label(&feasible.field)))
    }

    /// Whether it ends a year to the day before the deadline, as it does when 年 was written for 年度. A period of
    /// more than a month, and what was written as 年度, says the year it means.
    fn is_year_early(&self, answer: &Answer, i: &Interval) -> bool {
        let early = self.day.checked_sub_months(Months::new(12));
        let by_year = answer.notes.iter().any(|n| n.kind == NoteKind::FiscalYear);
        early.is_some() && i.to == early && i.precision <= Precision::Month && !by_year
    }
}

/// Whether a rule of the form pairs this planned date with an actual one, and that one is given.
fn has_happened(case: &Case<'_>, field: &str) -> bool {
    case.form.rules.iter().any(|rule| {
        let Check::Passed { planned, actual } = &rule.check else { return false };
        planned.iter().zip(actual).any(|(p, a)| p == field && case.date(a).is_some())
    })
}

/// [`Check::NotAfterAsOf`]: what has happened cannot lie after the day that answers describe.
pub(super) fn not_after_as_of(case: &Case<'_>, code: &str, fields: &[String]) -> Vec<Finding> {
    let Some(as_of) = case.as_of else { return Vec::new() };
    let keys = case.expand(fields);
    let late =
        keys.iter().filter(|k| case.date(k).is_some_and(|(_, i)| certain_gap(&Interval::day(as_of), i).is_some()));
    late.map(|k| case.finding(code, k).given(case.shown(k)).expected(wareki(as_of))).collect()
}

/// [`Check::Passed`]: a planned date that is certainly over by the as-of date, while nothing says that it happened.
pub(super) fn passed(case: &Case<'_>, code: &str, planned: &[String], actual: &[String]) -> Vec<Finding> {
    let Some(as_of) = case.as_of else { return Vec::new() };
    let both = planned.iter().zip(actual).map(|(p, a)| (std::slice::from_ref(p), std::slice::from_ref(a)));
    let pairs = both.flat_map(|(p, a)| case.expand(p).into_iter().zip(case.expand(a)));
    let over = pairs.filter(|(p, a)| {
        let passed = case.date(p).is_some_and(|(_, i)| certain_gap(i, &Interval::day(as_of)).is_some());
        passed && case.answer(a).is_some_and(|a| a.value.is_blank())
    });
    over.map(|(p, a)| {
        let mut finding = case.finding(code, &p).given(case.shown(&p)).expected(wareki(as_of));
        finding.related = case.places([a.as_str()]);
        finding.arg("other", case.label(&a))
    })
    .collect()
}

/// [`Check::NotBefore`]: the first date must reach the second; ending on its eve leaves no gap.
pub(super) fn not_before(case: &Case<'_>, code: &str, field: &str, other: &str) -> Option<Finding> {
    let ((_, first), (_, second)) = (case.date(field)?, case.date(other)?);
    certain_gap(first, second).filter(|days| *days > 1)?;
    let mut finding = case.finding(code, field).given(case.shown(field)).expected(case.shown(other));
    finding.related = case.places([other]);
    Some(finding.arg("other", case.label(other)))
}

/// [`Check::MonthsLeft`]: more steps left than whole months remain from the as-of date to the deadline.
pub(super) fn months_left(case: &Case<'_>, code: &str, check: &Check) -> Option<Finding> {
    let Check::MonthsLeft { fields, left, deadline, field } = check else { return None };
    let deadline = case.ctx.round.deadline(deadline)?;
    let months = whole_months(case.as_of?, deadline.date);
    let keys = case.expand(fields);
    let is_left =
        |k: &&String| case.answer(k).and_then(|a| a.value.choice()).is_some_and(|c| left.iter().any(|l| l == c));
    let open: Vec<&String> = keys.iter().filter(is_left).collect();
    if i64::try_from(open.len()).ok()? <= months {
        return None;
    }
    // Where the cell it should stand at was not found, at the first step that is left.
    let at = if case.answer(field).is_some() { field } else { open.first()? };
    let finding = case.finding(code, at).given(open.len().to_string()).expected(wareki(deadline.date));
    Some(finding.arg("months", months.to_string()))
}
