//! What went back since the last round without a word: a state that is less far than it was, a target day that slipped.
//!
//! A plan may slip, and work may have to be done again; the ministry and the headquarters ask why. Any text of the same record that
//! was changed since the last round is taken for the reason.

use super::moved::{Moved, moved};
use super::words;
use crate::forms::Templates;
use crate::model::ledger::{Ledger, LedgerItem, Previous, PreviousAnswer};
use crate::model::{Answer, Check, FieldType, Finding, Form, Record, Slot, Value};
use crate::normalise::text;

/// A state that went back.
const BACK: &str = "D024W";
/// A target day that slipped.
const SLIPPED: &str = "D025W";

/// The findings, of the items that both rounds know.
#[must_use]
pub fn since(ledger: &Ledger, previous: &Previous, templates: &Templates) -> Vec<Finding> {
    let mut findings = Vec::new();
    for item in &ledger.items {
        let (Some(record), Some(form)) = (&item.record, templates.forms.get(&item.form)) else { continue };
        let whose = Compared { item, record, form, previous, templates };
        if !whose.explained() {
            findings.extend(whose.back());
            findings.extend(whose.slipped());
        }
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
}

impl<'a> Compared<'a> {
    fn then(&self, key: &str) -> Option<&'a PreviousAnswer> {
        self.previous.answers.get(&(self.item.form.clone(), self.item.item.key.clone(), key.to_string()))
    }

    /// Whether any text of the record was written anew.
    fn explained(&self) -> bool {
        let slots = self.form.slots(&self.templates.lists);
        let texts = slots.iter().filter(|s| s.field.kind == FieldType::Text && !s.is_locked()).map(Slot::key);
        texts.into_iter().any(|key| match self.record.value(&key) {
            Some(Value::Text(now)) => self.then(&key).is_some_and(|then| text::key(&then.value.0) != text::key(now)),
            _ => false,
        })
    }

    fn finding(&self, code: &str, key: &str, answer: &Answer, then: &PreviousAnswer) -> Finding {
        let finding = Finding::new(code).of(&self.item.form, &self.record.division, &self.item.item.key).field(key);
        let last = if then.value.1.is_empty() { &then.value.0 } else { &then.value.1 };
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
            if !moved(then, &as_compared(answer), Some(list)).is_some_and(Moved::is_back) {
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
        let judged = self.form.rules.iter().filter_map(|rule| match &rule.check {
            Check::Deadline { field, .. } => Some(field),
            _ => None,
        });
        let told = judged.filter_map(|key| {
            let (answer, then) = (self.record.fields.get(key)?, self.then(key)?);
            let days = moved(then, &as_compared(answer), None)?.later()?;
            Some(self.finding(SLIPPED, key, answer, then).arg("count", days.to_string()))
        });
        let mut told: Vec<Finding> = told.collect();
        told.dedup_by(|a, b| a.field == b.field);
        told
    }
}

/// An answer as the long sheet would give it to the next round.
fn as_compared(answer: &Answer) -> PreviousAnswer {
    let mut out = PreviousAnswer::default();
    match &answer.value {
        Value::Blank => out.kind = "blank".into(),
        Value::Unreadable => out.kind = "unreadable".into(),
        Value::None { kind, .. } => out.kind = kind.code().into(),
        Value::Number(n) => (out.kind, out.value.0) = ("number".into(), n.to_string()),
        Value::Text(t) => (out.kind, out.value.0) = ("text".into(), t.clone()),
        Value::Choice(c) => (out.kind, out.value.0) = ("choice".into(), c.clone()),
        Value::Date(i) => {
            out.kind = "date".into();
            let day = |d: Option<chrono::NaiveDate>| d.map(|d| d.to_string()).unwrap_or_default();
            (out.days, out.approx) = ((day(i.from), day(i.to)), i.approx);
        }
    }
    out
}
