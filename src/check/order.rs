//! Steps in order: dates that run backwards, and a step that is done after one that is not begun.

use std::collections::BTreeMap;

use super::case::{Case, certain_gap};
use crate::model::{Check, Finding, Rule, Slot};

/// How many cells that are not begun a finding names.
const NAMED: usize = 5;

/// [`Check::Order`]: the findings of all order rules of a case, those with one code judged together.
///
/// A single wrong date may stand against many right ones. The date with most contradictions is taken for the cause
/// and told once, against its nearest neighbour, until none is left. The finding stands at the earlier step.
pub(super) fn check(case: &Case<'_>, rules: &[&Rule]) -> Vec<Finding> {
    let mut by_code: BTreeMap<&str, Vec<Pair>> = BTreeMap::new();
    for rule in rules {
        if let Check::Order { fields } = &rule.check {
            let pairs = by_code.entry(&rule.code).or_default();
            for pair in contradictions(case, &case.expand(fields)) {
                match pairs.iter_mut().find(|p| (&p.earlier, &p.later) == (&pair.earlier, &pair.later)) {
                    Some(known) => known.apart = known.apart.max(pair.apart),
                    None => pairs.push(pair),
                }
            }
        }
    }
    by_code.into_iter().flat_map(|(code, pairs)| causes(case, code, pairs)).collect()
}

/// Two steps whose dates certainly run backwards.
struct Pair {
    earlier: String,
    later: String,
    /// How many steps lie between them, by the rule that knows most.
    apart: usize,
}

fn contradictions(case: &Case<'_>, keys: &[String]) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for (i, earlier) in keys.iter().enumerate() {
        for (apart, later) in keys.iter().skip(i + 1).enumerate() {
            let (Some((_, a)), Some((_, b))) = (case.date(earlier), case.date(later)) else { continue };
            if certain_gap(b, a).is_some() {
                pairs.push(Pair { earlier: earlier.clone(), later: later.clone(), apart });
            }
        }
    }
    pairs
}

fn causes(case: &Case<'_>, code: &str, mut pairs: Vec<Pair>) -> Vec<Finding> {
    let mut findings = Vec::new();
    while let Some(cause) = most_contradicted(&pairs) {
        let (told, rest): (Vec<Pair>, Vec<Pair>) =
            pairs.into_iter().partition(|p| p.earlier == cause || p.later == cause);
        pairs = rest;
        if let Some(pair) = told.iter().min_by_key(|p| p.apart) {
            let finding = case.finding(code, &pair.earlier).given(case.shown(&pair.earlier));
            let mut finding = finding.expected(case.shown(&pair.later)).arg("other", case.label(&pair.later));
            finding.related = case.places([pair.later.as_str()]);
            findings.push(finding);
        }
    }
    findings
}

/// The step with most contradictions; of several, the one that comes first in the rules.
fn most_contradicted(pairs: &[Pair]) -> Option<String> {
    let keys = || pairs.iter().flat_map(|p| [&p.earlier, &p.later]);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for key in keys() {
        *counts.entry(key).or_default() += 1;
    }
    let most = counts.values().max().copied();
    keys().find(|k| counts.get(k.as_str()).copied() == most).cloned()
}

/// [`Check::Sequence`]: the first step that is done after others that are not begun; once in a record.
pub(super) fn sequence(
    case: &Case<'_>,
    code: &str,
    fields: &[String],
    done: &[String],
    not_begun: &[String],
) -> Option<Finding> {
    let mut skipped: Vec<String> = Vec::new();
    for key in case.expand(fields) {
        let Some(chosen) = case.answer(&key).and_then(|a| a.value.choice()) else { continue };
        if not_begun.iter().any(|c| c == chosen) {
            // What the office answers for everybody is nothing that a division could have begun.
            if !case.slot(&key).is_some_and(Case::is_locked) {
                skipped.push(key);
            }
        } else if done.iter().any(|c| c == chosen)
            && let Some(first) = skipped.first()
        {
            let more = if skipped.len() > 1 { "など" } else { "" };
            let mut finding = case.finding(code, &key).given(case.shown(&key)).expected(case.shown(first));
            finding.related = case.places(skipped.iter().take(NAMED).map(String::as_str));
            let first = format!("「{}」{more}", case.slot(first).map_or(String::new(), step_name));
            return Some(finding.arg("count", skipped.len().to_string()).arg("first", first));
        }
    }
    None
}

/// The name of a step: its row's, or its own.
fn step_name(slot: &Slot<'_>) -> String {
    slot.row.map_or_else(|| slot.label(), |row| row.name.clone())
}
