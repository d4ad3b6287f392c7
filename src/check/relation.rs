//! The rules of a form: how fields of one record must stand to one another. A rule applies only where its condition
//! certainly holds, and speaks only of answers that could be read.

use std::collections::BTreeSet;

use super::case::{Case, is_missing};
use super::{deadline, how, order, personal, words, yearly};
use crate::model::{Answer, Check, Finding, NoneKind, Place, Predicate, Rule, Truth, Value};

/// How many cells a finding about many names.
const NAMED: usize = 5;

/// The findings of all rules of the form in one case.
pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    // Where nothing is asked, 対象外 in every row is no wonder and needs no reason.
    let nothing = case.asks_nothing();
    let asked = |r: &&Rule| !nothing || !matches!(r.check, Check::NotAll { .. } | Check::Remark { .. });
    let applies = |r: &&Rule| r.when.as_ref().is_none_or(|w| case.certainly(w));
    let rules = case.form.rules.iter().filter(asked).filter(applies);
    let rules: Vec<&Rule> = rules.collect();
    let mut findings = order::check(case, &rules);
    for rule in &rules {
        findings.extend(related(case, rule));
    }
    // Last: a blank cell that another finding already asks to fill is told once.
    for rule in &rules {
        if let Check::Required { fields } = &rule.check {
            let told: BTreeSet<&str> = findings.iter().filter_map(|f| f.field.as_deref()).collect();
            let missing = required(case, rule, fields, &told);
            findings.extend(missing);
        }
    }
    findings
}

fn related(case: &Case<'_>, rule: &Rule) -> Vec<Finding> {
    let code = &rule.code;
    match &rule.check {
        // Judged together, before and after the others; and across submissions.
        Check::Order { .. } | Check::Required { .. } | Check::OncePerGroup { .. } | Check::Unique { .. } => Vec::new(),
        Check::WithinYears { fields, from, to } => yearly::within(case, code, fields, from, to),
        Check::BegunYears { fields } => yearly::begun(case, code, fields),
        Check::SameUnit { fields, unit } => yearly::same_unit(case, code, fields, unit),
        Check::Reached { target, actual, base, reason } => {
            yearly::reached(case, code, [target, actual], base, reason).into_iter().collect()
        }
        Check::Forbidden { fields } => forbidden(case, rule, fields),
        Check::Must { that, field, related, expected } => {
            must(case, code, that, field, related, expected).into_iter().collect()
        }
        Check::NotAfterAsOf { fields } => deadline::not_after_as_of(case, code, fields),
        Check::Passed { planned, actual } => deadline::passed(case, code, planned, actual),
        Check::Deadline { .. } => deadline::check(case, &rule.check),
        Check::NotBefore { field, other } => deadline::not_before(case, code, field, other).into_iter().collect(),
        Check::MonthsLeft { .. } => deadline::months_left(case, code, &rule.check).into_iter().collect(),
        Check::Sum { parts, total } => sum(case, code, parts, total).into_iter().collect(),
        Check::AtMost { field, max } => at_most(case, code, field, max).into_iter().collect(),
        Check::Sequence { fields, done, not_begun } => {
            order::sequence(case, code, fields, done, not_begun).into_iter().collect()
        }
        Check::NotAll { fields, codes } => not_all(case, code, fields, codes).into_iter().collect(),
        Check::Remark { fields, remark, codes } => remarks(case, code, fields, remark, codes),
        Check::NoPersonalData { fields } => no_personal_data(case, code, fields),
    }
}

/// The condition of a rule in words that fit before 「とき」.
fn condition(case: &Case<'_>, rule: &Rule) -> String {
    let lists = &case.ctx.templates.lists;
    rule.when.as_ref().map_or_else(|| "回答する".to_string(), |w| words::condition(w, case.form, lists, case.ctx.round))
}

fn required(case: &Case<'_>, rule: &Rule, fields: &[String], told: &BTreeSet<&str>) -> Vec<Finding> {
    let keys = case.expand(fields).into_iter().filter(|k| !told.contains(k.as_str()));
    let blank = keys.filter(|k| case.answer(k).is_some_and(|a| a.value.is_blank() && a.doubts.is_empty()));
    // Fields that are required always have their own finding.
    let open = blank.filter(|k| case.slot(k).is_some_and(|s| !s.field.required && case.is_needed(s)));
    open.map(|k| {
        let finding = case.finding(&rule.code, &k).given(words::BLANK).arg("condition", condition(case, rule));
        let mut finding = finding.arg("how", how::filled(case, &k)).arg("over", how::over(case, &k));
        finding.related = decided_by(case, rule);
        finding
    })
    .collect()
}

/// The cells that the rule's condition rests on.
fn decided_by(case: &Case<'_>, rule: &Rule) -> Vec<Place> {
    let mut keys = Vec::new();
    if let Some(when) = &rule.when {
        when.fields(&mut |k| keys.push(k));
    }
    case.places(keys)
}

/// 「該当なし」 in a field that is not needed says just that.
fn forbidden(case: &Case<'_>, rule: &Rule, fields: &[String]) -> Vec<Finding> {
    let answered = |a: &Answer| {
        !matches!(a.value, Value::Blank | Value::Unreadable | Value::None { kind: NoneKind::NotApplicable, .. })
    };
    let keys = case.expand(fields).into_iter().filter(|k| case.answer(k).is_some_and(answered));
    keys.map(|k| {
        let mut finding = case.finding(&rule.code, &k).given(case.shown(&k)).arg("condition", condition(case, rule));
        finding.related = decided_by(case, rule);
        finding
    })
    .collect()
}

fn must(
    case: &Case<'_>,
    code: &str,
    that: &Predicate,
    field: &str,
    related: &[String],
    expected: &str,
) -> Option<Finding> {
    case.answer(field).filter(|a| a.value != Value::Unreadable)?;
    if !case.is_readable(that) || that.holds(case) != Truth::No {
        return None;
    }
    let mut finding = case.finding(code, field).given(case.shown(field)).expected(expected);
    finding.related = case.places(related.iter().map(String::as_str));
    Some(finding)
}

fn number(case: &Case<'_>, key: &str) -> Option<f64> {
    case.answer(key)?.value.number()
}

fn sum(case: &Case<'_>, code: &str, parts: &[String], total: &str) -> Option<Finding> {
    let parts = case.expand(parts);
    let stated = number(case, total)?;
    let numbers: Option<Vec<f64>> = parts.iter().map(|k| number(case, k)).collect();
    let added: f64 = numbers?.iter().sum();
    let difference = stated - added;
    // Amounts in thousands carry three decimals at most; what is smaller comes from the arithmetic.
    if difference.abs() < 0.0005 {
        return None;
    }
    let slot = case.slot(total)?;
    let mut finding = case.finding(code, total).given(words::amount(stated, slot)).expected(words::amount(added, slot));
    finding.related = case.places(parts.iter().map(String::as_str));
    Some(finding.arg("difference", words::amount(difference, slot)))
}

fn at_most(case: &Case<'_>, code: &str, field: &str, max: &str) -> Option<Finding> {
    let (n, bound) = (number(case, field)?, number(case, max)?);
    if n <= bound {
        return None;
    }
    let mut finding = case.finding(code, field).given(case.shown(field)).expected(case.shown(max));
    finding.related = case.places([max]);
    Some(finding.arg("other", case.label(max)))
}

/// Judged over the rows that the division answers; those that the DX office answers for everybody are none of its own.
fn not_all(case: &Case<'_>, code: &str, fields: &[String], codes: &[String]) -> Option<Finding> {
    let keys = case.expand(fields);
    let own: Vec<&String> = keys.iter().filter(|k| case.slot(k).is_some_and(|s| !Case::is_locked(s))).collect();
    let one_of =
        |k: &&String| case.answer(k).and_then(|a| a.value.choice()).is_some_and(|c| codes.iter().any(|x| x == c));
    let (first, rest) = own.split_first()?;
    if !own.iter().all(one_of) {
        return None;
    }
    let mut finding = case.finding(code, first).given(case.shown(first)).arg("count", own.len().to_string());
    finding.related = case.places(rest.iter().take(NAMED).map(|k| k.as_str()));
    Some(finding)
}

fn remarks(case: &Case<'_>, code: &str, fields: &str, remark: &str, codes: &[String]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for status in case.expand(&[fields.to_string()]) {
        let Some(slot) = case.slot(&status).filter(|s| !Case::is_locked(s)) else { continue };
        let remark = remark.replace('*', slot.row.map_or("", |r| &r.code));
        let chosen = case.answer(&status).and_then(|a| a.value.choice());
        let applies = chosen.is_some_and(|c| codes.iter().any(|x| x == c));
        if applies && case.answer(&remark).is_some_and(is_missing) {
            let mut finding = case.finding(code, &remark).given(case.shown(&status)).arg("other", case.label(&status));
            finding.related = case.places([status.as_str()]);
            findings.push(finding);
        }
    }
    findings
}

/// What was typed is not given again, so that the finding carries no personal data.
fn no_personal_data(case: &Case<'_>, code: &str, fields: &[String]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for key in case.expand(fields) {
        let Some(answer) = case.answer(&key) else { continue };
        let kinds = personal::kinds(&answer.raw);
        if !kinds.is_empty() {
            let what: Vec<&str> = kinds.into_iter().map(personal::Kind::words).collect();
            findings.push(case.finding(code, &key).arg("what", what.join("、")));
        }
    }
    findings
}
