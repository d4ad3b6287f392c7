//! What accepted submissions say together: items that nobody or several divisions answer, costs told twice, dates that
//! the headquarters decided otherwise.

use std::collections::{BTreeMap, BTreeSet};

use super::case::Case;
use super::{Context, unique, words};
use crate::model::date::{describe, wareki};
use crate::model::form::AskedOf;
use crate::model::predicate::{Facts, Truth};
use crate::model::{
    Answer, Check, Finding, Form, Item, NoneKind, Place, Predicate, Record, Role, Slot, Submission, Value,
};
use crate::normalise::text;

/// The findings across the accepted submissions of a round, form by form.
#[must_use]
pub fn across(forms: &[&Form], accepted: &[&Submission], ctx: &Context) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut rosters: BTreeSet<&str> = BTreeSet::new();
    for form in forms {
        let all = Replies::new(form, accepted, ctx);
        if let Some(roster) = form.roster.as_deref().filter(|_| form.asked_of == AskedOf::Owners) {
            if rosters.insert(roster) {
                findings.extend(ctx.round.items(roster).filter_map(|i| unsettled(form, i)));
            }
            for item in ctx.round.items(roster) {
                findings.extend(if item.absent { all.denied(item) } else { all.answers_for(item) });
            }
        }
        findings.extend(all.rules());
        findings.extend(all.decided());
    }
    unique(findings)
}

/// What the records of one file say together, for a file that is checked on its own; of a round, [`across`] tells the same.
#[must_use]
pub fn within(form: &Form, s: &Submission, ctx: &Context) -> Vec<Finding> {
    unique(Replies::new(form, &[s], ctx).rules())
}

/// An item whose owner is not known, or only assumed.
fn unsettled(form: &Form, item: &Item) -> Option<Finding> {
    let code = match (&item.owner, item.absent, item.confirmed) {
        (None, false, _) => "X002W",
        (_, _, false) => "X104I",
        _ => return None,
    };
    let finding = Finding::new(code).of(&form.id, item.owner.as_deref().unwrap_or_default(), &item.key);
    Some(Finding { place: item.place.clone(), ..finding })
}

/// The accepted records of one form.
struct Replies<'a> {
    form: &'a Form,
    ctx: &'a Context<'a>,
    /// Records with the submission's division, in the order of the submissions.
    records: Vec<(&'a str, &'a Record)>,
}

impl<'a> Replies<'a> {
    fn new(form: &'a Form, accepted: &[&'a Submission], ctx: &'a Context<'a>) -> Self {
        let of_form = accepted.iter().filter(|s| s.form.as_deref() == Some(form.id.as_str()));
        let mut replies = Self { form, ctx, records: Vec::new() };
        for s in of_form {
            let Some(division) = s.division.as_deref() else { continue };
            replies.records.extend(s.records.iter().map(|r| (division, &**r)));
        }
        replies
    }

    fn finding(&self, code: &str, division: &str, item: &str) -> Finding {
        Finding::new(code).of(&self.form.id, division, item)
    }

    /// The rules over several records.
    fn rules(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for rule in &self.form.rules {
            match &rule.check {
                Check::OncePerGroup { group, fields } => {
                    findings.extend(self.once_per_group(&rule.code, rule.when.as_ref(), group, fields));
                }
                Check::Unique { field, between_divisions } => {
                    findings.extend(self.unique(&rule.code, field, *between_divisions));
                }
                _ => {}
            }
        }
        findings
    }

    /// The cell that names the item of a record, or its first cell.
    fn key_place(&self, record: &Record) -> Option<Place> {
        let slots = self.form.slots(&self.ctx.templates.lists);
        let with = |role| slots.iter().find(|s| s.field.role == Some(role) && record.fields.contains_key(&s.key()));
        let slot = with(Role::Item).or_else(|| with(Role::ItemName));
        let named = slot.and_then(|s| record.fields.get(&s.key()));
        named.or_else(|| record.fields.values().min_by_key(|a| &a.place)).map(|a| a.place.clone())
    }

    /// Who answers for an item: somebody else, or several. That nobody does is told where files are read (a row or a
    /// sheet that is missing), where records are checked (nothing answered), or where replies are counted.
    fn answers_for(&self, item: &Item) -> Vec<Finding> {
        let name = |code: &'a str| self.ctx.round.division_name(code);
        let mut answered: Vec<(&str, &Record)> = Vec::new();
        let slots = self.form.slots(&self.ctx.templates.lists);
        for (division, record) in self.records.iter().filter(|(_, r)| r.item == item.key && is_answered(r, &slots)) {
            if !answered.iter().any(|(d, _)| d == division) {
                answered.push((division, record));
            }
        }
        let owner = item.owner.as_deref();
        // The owner's answer is the one that others are held against.
        answered.sort_by_key(|(d, _)| Some(*d) != owner);
        let Some(((first, record), others)) = answered.split_first() else { return Vec::new() };
        let mut findings: Vec<Finding> = Vec::new();
        let former = item.came_from();
        for (division, other) in others {
            // Whose it was before may have answered for it as well; its form was drawn before the move.
            let code = if former == Some(division) && owner == Some(first) { "X241I" } else { "X001E" };
            let mut finding = self.finding(code, division, &item.key).given(name(division)).expected(name(first));
            finding.place = self.key_place(other);
            finding.related = self.key_place(record).into_iter().collect();
            findings.push(finding);
        }
        if let Some(owner) = owner.filter(|o| others.is_empty() && o != first) {
            let expected = self.ctx.round.division_name(owner);
            let code = if former == Some(first) { "X241W" } else { "X003W" };
            let mut finding = self.finding(code, first, &item.key).given(name(first)).expected(expected);
            finding.place = self.key_place(record);
            findings.push(finding);
        }
        findings
    }

    /// Answers about an item of which the settings say that there is none; a record that says so too is no contradiction.
    fn denied(&self, item: &Item) -> Vec<Finding> {
        let slots = self.form.slots(&self.ctx.templates.lists);
        let agrees = |record: &Record| {
            let facts = RecordFacts { record, ctx: self.ctx };
            self.form.nothing_asked_when.as_ref().is_some_and(|w| w.holds(&facts) == Truth::Yes)
        };
        let told = |(division, record): &(&'a str, &'a Record)| {
            let mut finding = self.finding("X012W", division, &item.key);
            finding.place = self.key_place(record);
            finding.related = item.place.clone().into_iter().collect();
            finding.given(self.ctx.round.division_name(division))
        };
        let records = self.records.iter().filter(|(_, r)| r.item == item.key && is_answered(r, &slots));
        records.filter(|(_, r)| !agrees(r)).map(told).collect()
    }

    /// [`Check::OncePerGroup`]: each record with amounts beside the first of its group.
    fn once_per_group(&self, code: &str, when: Option<&Predicate>, group: &str, fields: &[String]) -> Vec<Finding> {
        let lists = &self.ctx.templates.lists;
        let keys: Vec<String> = fields.iter().flat_map(|f| self.form.expand(f, lists)).collect();
        let mut first_of: BTreeMap<String, (&Record, Vec<Place>)> = BTreeMap::new();
        let mut findings = Vec::new();
        for (division, record) in &self.records {
            let Some(Answer { value: Value::Text(name), .. }) = record.fields.get(group) else { continue };
            let facts = RecordFacts { record, ctx: self.ctx };
            if when.is_some_and(|w| w.holds(&facts) != Truth::Yes) {
                continue;
            }
            let amount = |k: &&String| record.value(k).and_then(Value::number).is_some_and(|n| n != 0.0);
            let paid: Vec<&String> = keys.iter().filter(amount).collect();
            let places = paid.iter().filter_map(|k| record.fields.get(k)).map(|a| a.place.clone()).collect();
            let Some(field) = paid.first() else { continue };
            let Some((first, cells)) = first_of.get(&text::key(name)) else {
                first_of.insert(text::key(name), (record, places));
                continue;
            };
            let other = format!("「{}」", self.item_name(&first.item));
            let mut finding =
                self.finding(code, division, &record.item).field(field).given(name.as_str()).arg("other", other);
            finding.place = places.first().cloned();
            finding.related = places.iter().skip(1).chain(cells).cloned().collect();
            finding.related.extend(record.fields.get(group).map(|a| a.place.clone()));
            findings.push(finding);
        }
        findings
    }

    /// [`Check::Unique`]: each record that says what an earlier one said, with the cell of that one.
    fn unique(&self, code: &str, field: &str, between_divisions: bool) -> Vec<Finding> {
        let mut first_of: BTreeMap<String, (&str, &Answer)> = BTreeMap::new();
        let mut findings = Vec::new();
        for (division, record) in &self.records {
            let Some(answer) = record.fields.get(field).filter(|a| matches!(a.value, Value::Text(_))) else { continue };
            let Some((other, first)) = first_of.get(&text::key(&answer.raw)) else {
                first_of.insert(text::key(&answer.raw), (division, answer));
                continue;
            };
            if between_divisions && other == division {
                continue;
            }
            let finding = self.finding(code, division, &record.item).field(field).at(answer.place.clone());
            let mut finding = finding.given(words::given(answer)).expected(self.ctx.round.division_name(other));
            finding.related = vec![first.place.clone()];
            findings.push(finding);
        }
        findings
    }

    fn item_name(&self, key: &'a str) -> &'a str {
        self.ctx.round.item_name(self.form.roster.as_deref(), key)
    }

    /// The field that tells when what is planned in another has happened.
    fn actual_of(&self, field: &str) -> Option<&'a str> {
        self.form.rules.iter().find_map(|rule| {
            let Check::Passed { planned, actual } = &rule.check else { return None };
            planned.iter().zip(actual).find(|(p, _)| *p == field).map(|(_, a)| a.as_str())
        })
    }

    /// Answers that differ from what was decided by the as-of date.
    fn decided(&self) -> Vec<Finding> {
        let as_of = self.ctx.round.forms.get(&self.form.id).map(|f| f.as_of);
        let known = |on: Option<chrono::NaiveDate>| on.zip(as_of).is_none_or(|(on, as_of)| on <= as_of);
        let decisions = self.ctx.round.decisions.iter();
        let mut findings = Vec::new();
        for d in decisions.filter(|d| d.form == self.form.id && known(d.decided_on)) {
            for (division, record) in self.records.iter().filter(|(_, r)| r.item == d.item) {
                // What has begun on another day than was decided differs too, whatever is still planned.
                let begun = self.actual_of(&d.field).map(|key| (key, true));
                let told = std::iter::once((d.field.as_str(), false)).chain(begun).find_map(|(key, begun)| {
                    let answer = record.fields.get(key)?;
                    Some((key, answer, otherwise(answer, d.date, begun)?))
                });
                let Some((key, answer, reading)) = told else { continue };
                let finding = self.finding("D014W", division, &d.item).field(key).at(answer.place.clone());
                let finding = finding.given(words::given(answer)).expected(wareki(d.date));
                let meeting = if d.meeting.is_empty() { "本部会議" } else { &d.meeting };
                findings.push(finding.arg("reading", reading).arg("meeting", meeting));
            }
        }
        findings
    }
}

/// What an answer says otherwise than was decided, in words. What has begun is a day, or says nothing.
fn otherwise(answer: &Answer, decided: chrono::NaiveDate, begun: bool) -> Option<String> {
    match &answer.value {
        Value::Date(i) if i.from.is_some_and(|f| decided < f) || i.to.is_some_and(|t| t < decided) => Some(describe(i)),
        Value::None { kind: NoneKind::Undecided | NoneKind::NotApplicable, .. } if !begun => Some(words::given(answer)),
        _ => None,
    }
}

/// Whether a division answered anything in a record; a row left blank answers for nobody.
fn is_answered(record: &Record, slots: &[Slot<'_>]) -> bool {
    let open = slots.iter().filter(|s| !Case::is_locked(s));
    open.filter_map(|s| record.fields.get(&s.key())).any(|a| !a.value.is_blank())
}

/// What a condition may ask of a record outside its own submission.
pub(super) struct RecordFacts<'a> {
    pub(super) record: &'a Record,
    pub(super) ctx: &'a Context<'a>,
}

impl Facts for RecordFacts<'_> {
    fn value(&self, field: &str) -> Option<&Value> {
        self.record.value(field)
    }

    fn attr(&self, name: &str) -> &str {
        let items = self.ctx.round.rosters.values().flatten();
        items.filter(|i| i.key == self.record.item).find_map(|i| i.attrs.get(name)).map_or("", String::as_str)
    }

    fn deadline(&self, id: &str) -> Option<chrono::NaiveDate> {
        self.ctx.round.deadline(id).map(|d| d.date)
    }
}
