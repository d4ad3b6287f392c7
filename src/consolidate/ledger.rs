//! Brings accepted records together: one item, one record, from the division that owns it.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::NaiveDate;

use super::facts::ItemFacts;
use super::handed_over;
use super::rates;
use super::rules::Rules;
use crate::discover::RETURNED;
use crate::forms::Templates;
use crate::model::asking::Asks;
use crate::model::ledger::{Ledger, LedgerItem, Rate, Standing};
use crate::model::{Finding, Item, Record, Round, Severity, Submission, Truth, Value};

/// The ledger of a round. `findings` are all findings of the run; they are sorted here. `replies` are what the files of
/// each division say together.
#[must_use]
pub fn ledger(
    templates: &Templates,
    round: Round,
    today: NaiveDate,
    (submissions, replies): (Vec<Submission>, &[Submission]),
    mut findings: Vec<Finding>,
) -> Ledger {
    findings.sort_by(|a, b| key(a).cmp(&key(b)));
    findings.dedup();
    let mut items = items(templates, &round, replies, &findings);
    let rates = templates.rates.iter().filter(|r| round.forms.contains_key(&r.form));
    let mut rates: Vec<Rate> = rates.map(|r| rates::rate(r, templates, &round, &items)).collect();
    leave_open(templates, &rates, &mut items);
    // What this machine could not read may hold a newer answer: until then no figure is the last word.
    if unread(&findings) > 0 {
        rates.iter_mut().for_each(|r| r.complete = false);
    }
    Ledger { submissions, items, findings, rates, ..Ledger::new(round, today) }
}

/// How many files of the divisions this machine could not read, through no fault of theirs.
#[must_use]
pub fn unread(findings: &[Finding]) -> usize {
    let of_divisions = |f: &&Finding| f.place.as_ref().is_some_and(|p| p.file.starts_with(&format!("{RETURNED}/")));
    findings.iter().filter(|f| f.code == "S085W" && f.waived.is_none()).filter(of_divisions).count()
}

/// Adds findings to a ledger, in their places.
pub fn add(ledger: &mut Ledger, findings: Vec<Finding>) {
    ledger.findings.extend(findings);
    ledger.findings.sort_by(|a, b| key(a).cmp(&key(b)));
}

/// Findings stand by division, form, file, place and code; those of no division come last.
fn key(f: &Finding) -> impl Ord {
    let place = f.place.as_ref().map(|p| (p.file.to_string(), p.sheet.to_string(), p.area));
    (
        f.division.is_none(),
        f.division.clone(),
        f.form.clone(),
        place,
        f.item.clone(),
        f.code.clone(),
        f.field.clone(),
        f.given.clone(),
    )
}

fn items(templates: &Templates, round: &Round, replies: &[Submission], findings: &[Finding]) -> Vec<LedgerItem> {
    let faulty: BTreeSet<(&str, &str)> = findings
        .iter()
        .filter(|f| f.severity() == Severity::E && f.waived.is_none())
        .filter_map(|f| Some((f.form.as_deref()?, f.item.as_deref()?)))
        .collect();
    let mut all = Vec::new();
    for form in templates.asked().filter(|f| round.forms.contains_key(&f.id)) {
        let (replies, rules) = (handed_over::replies(form, replies), Rules::new(form, &templates.lists, round));
        let asks = Asks::new(form, &templates.lists, &templates.rates);
        for item in form.roster.iter().flat_map(|r| round.items(r)) {
            let record: Option<Arc<Record>> = handed_over::record(item, &replies, &rules).cloned();
            let faulty = faulty.contains(&(form.id.as_str(), item.key.as_str()));
            let standing = standing(&asks, round, (item, record.as_deref()), faulty);
            let mut item = item.clone();
            let facts = ItemFacts { item: &item, record: record.as_deref(), round };
            let derived = form.derived.iter().map(|d| (d.attr(), d.value(form, &templates.lists, &facts)));
            let derived: Vec<(String, String)> = derived.map(|(a, v)| (a.to_string(), v.to_string())).collect();
            item.attrs.extend(derived);
            all.push(LedgerItem { form: form.id.clone(), item, record, standing });
        }
    }
    all
}

/// Whether a record is the last word, as far as it can be told without the rates.
fn standing(asks: &Asks<'_>, round: &Round, (item, record): (&Item, Option<&Record>), faulty: bool) -> Standing {
    let facts = ItemFacts { item, record, round };
    let Some(record) = record else {
        return match (item.absent, &item.owner) {
            (true, _) => Standing::Absent,
            (false, None) => Standing::NoOwner,
            (false, Some(_)) => Standing::Silent,
        };
    };
    let own = |key: &str| asks.slot(key).is_none_or(|s| !s.is_locked());
    match () {
        () if item.absent => Standing::Absent,
        () if faulty => Standing::Faulty,
        () if record.fields.values().any(|a| a.value == Value::Unreadable) => Standing::Unread,
        () if !record.fields.iter().any(|(key, a)| own(key) && a.says()) => Standing::Silent,
        () if asks.is_owing(&record.block, &facts) => Standing::Owing,
        () => Standing::Settled,
    }
}

/// What leaves a rate open is not settled either: 未定, or a period over a deadline.
fn leave_open(templates: &Templates, rates: &[Rate], items: &mut [LedgerItem]) {
    let mut open: BTreeSet<(&str, &str)> = BTreeSet::new();
    for rate in rates.iter().filter(|r| r.not_computed.is_none()) {
        let form = templates.rates.iter().find(|d| d.id == rate.id).map_or("", |d| d.form.as_str());
        let rows = rate.rows.iter().filter(|r| r.counted && r.holds == Truth::Unknown);
        open.extend(rows.map(|r| (form, r.item.as_str())));
    }
    for i in items.iter_mut().filter(|i| i.standing == Standing::Settled) {
        if open.contains(&(i.form.as_str(), i.item.key.as_str())) {
            i.standing = Standing::Open;
        }
    }
}
