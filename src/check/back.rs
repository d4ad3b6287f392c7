//! What went back since the last round without a word: a state that is less far than it was, a target day that slipped.
//!
//! A plan may slip, and work may have to be done again; the ministry and the headquarters ask why. Any text of the same record that
//! was changed since the last round is taken for the reason.

use arcstr::ArcStr;
use chrono::NaiveDate;

use super::across::RecordFacts;
use super::moved::{Moved, as_compared, moved};
use super::{Context, words};
use crate::forms::Templates;
use crate::model::date::wareki;
use crate::model::ledger::{Ledger, LedgerItem, Previous};
use crate::model::{
    Answer, Check, FieldType, Finding, Form, Place, Predicate, Record, Round, Slot, Told, Truth, Value,
};
use crate::normalise::text;

/// A state that went back.
const BACK: &str = "D024W";
/// A target day that slipped.
const SLIPPED: &str = "D025W";
/// A last round that is no earlier one.
const ORDER: &str = "X220W";

/// The findings, of the items that both rounds know.
#[must_use]
pub fn since(ledger: &Ledger, previous: &Previous, templates: &Templates) -> Vec<Finding> {
    let mut findings = Vec::new();
    for item in ledger.items.iter().filter(|i| !ledger.is_before(previous, &i.form)) {
        let (Some(record), Some(form)) = (&item.record, templates.forms.get(&item.form)) else { continue };
        let whose = Compared { item, record, form, previous, templates, round: (&ledger.round, ledger.today) };
        if !whose.explained() {
            findings.extend(whose.back());
            findings.extend(whose.slipped());
        }
    }
    findings
}

/// Forms of which the last round is of the same day as this one, or of a later: a copy of this round's own results, or the
/// rounds the wrong way round. Nothing that is compared with it means what it says.
#[must_use]
pub fn out_of_order(ledger: &Ledger, previous: &Previous, templates: &Templates) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (form, of_round) in &ledger.round.forms {
        let Some(then) = previous.as_of.get(form).filter(|then| **then >= of_round.as_of) else { continue };
        let finding = Finding::new(ORDER).of(form, "", "").at(Place::file(&ArcStr::from(previous.file.as_str())));
        let title = templates.forms.get(form).map_or(form.as_str(), |f| f.title.as_str());
        findings.push(finding.given(wareki(*then)).expected(wareki(of_round.as_of)).arg("form", title));
    }
    findings
}

/// One record beside that of the last round.
struct Compared<'a> {
    item: &'a LedgerItem,
    record: &'a Record,
    form: &'a Form,
    previous: &'a Previous,
    templates: &'a Templates,
    round: (&'a Round, NaiveDate),
}

impl<'a> Compared<'a> {
    fn then(&self, key: &str) -> Option<&'a Told> {
        self.previous.answers.get(&(self.item.form.clone(), self.item.item.key.clone(), key.to_string()))
    }

    /// Whether any text of the record was written anew.
    fn explained(&self) -> bool {
        let slots = self.form.slots(&self.templates.lists);
        let texts = slots.iter().filter(|s| s.field.kind == FieldType::Text && !s.is_locked()).map(Slot::key);
        texts.into_iter().any(|key| match self.record.value(&key) {
            Some(Value::Text(now)) => self.then(&key).is_some_and(|then| text::key(&then.value) != text::key(now)),
            _ => false,
        })
    }

    fn finding(&self, code: &str, key: &str, answer: &Answer, then: &Told) -> Finding {
        let finding = Finding::new(code).of(&self.item.form, &self.record.division, &self.item.item.key).field(key);
        let last = if then.word.is_empty() { &then.value } else { &then.word };
        finding.at(answer.place.clone()).given(words::given(answer)).expected(last)
    }

    /// States that went back: one finding, at the first.
    fn back(&self) -> Option<Finding> {
        let mut found: Option<Finding> = None;
        let mut more = 0;
        for slot in self.form.slots(&self.templates.lists) {
            let key = slot.key();
            let list = slot.field.codes.as_ref().and_then(|id| self.templates.lists.get(id));
            let (Some(list), Some(answer), Some(then)) = (list, self.record.fields.get(&key), self.then(&key)) else {
                continue;
            };
            if !moved(then, &as_compared(&answer.value), Some(list)).is_some_and(Moved::is_back) {
                continue;
            }
            match &mut found {
                Some(first) => {
                    more += 1;
                    first.related.push(answer.place.clone());
                }
                None => found = Some(self.finding(BACK, &key, answer, then)),
            }
        }
        let more = if more > 0 { format!("ほか{more}項目") } else { String::new() };
        found.map(|f| f.arg("more", more))
    }

    /// Target days that are judged against a deadline and lie later than they did.
    fn slipped(&self) -> Vec<Finding> {
        let ctx = Context { templates: self.templates, round: self.round.0, today: self.round.1 };
        let facts = RecordFacts { record: self.record, ctx: &ctx };
        // A target that is no longer held to its deadline, because it was met or given up, cannot slip.
        let held = |when: Option<&Predicate>| when.is_none_or(|w| w.holds(&facts) != Truth::No);
        let judged = self.form.rules.iter().filter_map(|rule| match &rule.check {
            Check::Deadline { field, .. } if held(rule.when.as_ref()) => Some(field),
            _ => None,
        });
        let told = judged.filter_map(|key| {
            let (answer, then) = (self.record.fields.get(key)?, self.then(key)?);
            let days = moved(then, &as_compared(&answer.value), None)?.later()?;
            Some(self.finding(SLIPPED, key, answer, then).arg("count", days.to_string()))
        });
        let mut told: Vec<Finding> = told.collect();
        told.dedup_by(|a, b| a.field == b.field);
        told
    }
}
