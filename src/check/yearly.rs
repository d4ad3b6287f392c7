//! Rules about plans that run over years: answers for each fiscal year, figures in their unit, targets that were reached.

use super::case::{Case, certain_gap, is_missing};
use super::words;
use crate::model::{Finding, Interval};
use crate::normalise;

/// The fiscal year that a field stands for: its code is the year in which it begins.
fn year_of(case: &Case<'_>, key: &str) -> Option<Interval> {
    Interval::fiscal_year(case.slot(key)?.field.column.as_ref()?.parse().ok()?)
}

/// Answers in years that certainly lie before the first or after the last: one finding at the first of them.
pub(super) fn within(case: &Case<'_>, code: &str, fields: &[String], from: &str, to: &str) -> Vec<Finding> {
    let (first, last) = (case.date(from).map(|d| d.1), case.date(to).map(|d| d.1));
    let outside = |key: &String| {
        let answered = case.answer(key).is_some_and(|a| !a.value.is_blank());
        let year = year_of(case, key);
        let before = year.zip(first).is_some_and(|(y, f)| certain_gap(&y, f).is_some());
        let after = year.zip(last).is_some_and(|(y, l)| certain_gap(l, &y).is_some());
        answered && (before || after)
    };
    let keys: Vec<String> = case.expand(fields).into_iter().filter(outside).collect();
    let Some((at, rest)) = keys.split_first() else { return Vec::new() };
    let labels: Vec<String> = keys.iter().map(|k| case.label(k)).collect();
    let mut finding = case.finding(code, at).given(case.shown(at)).arg("where", labels.join("、"));
    finding.related = case.places(rest.iter().map(String::as_str).chain([from, to]));
    vec![finding.expected(format!("{}から{}まで", case.shown(from), case.shown(to)))]
}

/// Answers for years that begin after the as-of date.
pub(super) fn begun(case: &Case<'_>, code: &str, fields: &[String]) -> Vec<Finding> {
    let Some(as_of) = case.as_of else { return Vec::new() };
    let early = |key: &String| {
        let said = case.answer(key).is_some_and(|a| a.value.number().is_some());
        said && year_of(case, key).and_then(|y| y.from).is_some_and(|from| from > as_of)
    };
    let keys = case.expand(fields).into_iter().filter(early);
    keys.map(|k| case.finding(code, &k).given(case.shown(&k)).expected(crate::model::date::wareki(as_of))).collect()
}

/// Numbers typed with another unit than the record names.
pub(super) fn same_unit(case: &Case<'_>, code: &str, fields: &[String], unit: &str) -> Vec<Finding> {
    let Some(named) = case.answer(unit).filter(|a| !is_missing(a)) else { return Vec::new() };
    let other = |key: &String| {
        let typed = case.answer(key).and_then(|a| normalise::unit_of(a.seen()));
        typed.is_some_and(|u| !normalise::same_unit(&u, &named.raw))
    };
    let keys = case.expand(fields).into_iter().filter(other);
    let finding = |k: String| {
        let mut finding = case.finding(code, &k).given(words::given(case.answer(&k)?)).expected(words::given(named));
        finding.related = case.places([unit]);
        Some(finding)
    };
    keys.filter_map(finding).collect()
}

/// The last year's figure against its target; what is missed wants a reason.
pub(super) fn reached(case: &Case<'_>, code: &str, pair: [&String; 2], base: &str, reason: &str) -> Option<Finding> {
    let number = |key: &str| case.answer(key).and_then(|a| a.value.number());
    let [targets, actuals] = pair.map(|p| case.expand(std::slice::from_ref(p)));
    let years = targets.iter().zip(&actuals);
    let mut both = years.filter_map(|(t, a)| Some((t, a, number(t)?, number(a)?)));
    let (target_key, actual_key, target, actual) = both.next_back()?;
    let less_is_better = number(base).is_some_and(|b| target < b);
    let missed = if less_is_better { actual > target } else { actual < target };
    if !missed || !case.answer(reason).is_some_and(is_missing) {
        return None;
    }
    let mut finding = case.finding(code, reason).given(case.shown(actual_key)).expected(case.shown(target_key));
    finding.related = case.places([actual_key.as_str(), target_key.as_str()]);
    Some(finding.arg("other", case.label(actual_key)))
}
