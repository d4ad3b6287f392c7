//! One case to be checked: the card of a file, or one of its records, with the slots that belong to it.
//!
//! Rules and field checks ask a case for answers, names and places; it also answers predicates.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::{Context, words};
use crate::model::asking::needless_because;
use crate::model::finding::FIELD_NAME;
use crate::model::predicate::Facts;
use crate::model::{
    Answer, Answers, Finding, Form, Interval, Layout, NoneKind, Place, Predicate, Repeat, Role, Slot, Submission,
    Truth, Value,
};

/// The slots that answers may belong to, in the order of the form.
#[derive(Default)]
struct Scope<'a> {
    order: Vec<String>,
    slots: BTreeMap<String, Slot<'a>>,
}

/// The scopes of a submission: its card, and each block that its records come from.
pub(super) struct Scopes<'a> {
    form: &'a Form,
    ctx: &'a Context<'a>,
    card: Scope<'a>,
    blocks: BTreeMap<&'a str, Scope<'a>>,
}

impl<'a> Scopes<'a> {
    pub(super) fn new(form: &'a Form, s: &'a Submission, ctx: &'a Context<'a>) -> Self {
        let slots = form.slots(&ctx.templates.lists);
        let scope = |wanted: &dyn Fn(&Slot<'_>) -> bool| {
            let mut scope = Scope::default();
            for slot in slots.iter().filter(|s| wanted(s)) {
                let key = slot.key();
                if scope.slots.insert(key.clone(), *slot).is_none() {
                    scope.order.push(key);
                }
            }
            scope
        };
        let card = scope(&|s| s.sheet.repeat == Repeat::Once && s.block.layout == Layout::Card);
        let names: BTreeSet<&'a str> = s.records.iter().map(|r| r.block.as_str()).collect();
        let blocks = names.into_iter().map(|name| (name, scope(&|s| s.is_of_record(name))));
        Self { form, ctx, card, blocks: blocks.collect() }
    }

    /// The card first, then the records in order.
    pub(super) fn cases(&'a self, s: &'a Submission) -> Vec<Case<'a>> {
        let division = s.division.as_deref().unwrap_or_default();
        let as_of = self.ctx.round.forms.get(&self.form.id).map(|f| f.as_of);
        let case = |record, scope, own, division, item| Case {
            form: self.form,
            ctx: self.ctx,
            as_of,
            division,
            item,
            attrs: attrs(self.form, item, self.ctx),
            record,
            scope,
            own,
            card: &s.card,
        };
        let mut cases = vec![case(None, &self.card, &s.card, division, "")];
        for (n, r) in s.records.iter().enumerate() {
            let division = if r.division.is_empty() { division } else { r.division.as_str() };
            if let Some(scope) = self.blocks.get(r.block.as_str()) {
                cases.push(case(Some(n), scope, &r.fields, division, r.item.as_str()));
            }
        }
        cases
    }
}

/// The attributes of an item: the round's, or those of the national list where the round does not name it.
fn attrs<'a>(form: &Form, item: &str, ctx: &Context<'a>) -> Option<&'a BTreeMap<String, String>> {
    let roster = form.roster.as_deref()?;
    let listed = || ctx.templates.lists.get(roster).and_then(|l| l.get(item)).map(|c| &c.attrs);
    let own = ctx.round.item(Some(roster), item);
    own.map(|i| &i.attrs).or_else(listed)
}

/// A card or a record.
pub(super) struct Case<'a> {
    pub(super) form: &'a Form,
    pub(super) ctx: &'a Context<'a>,
    /// The form's as-of date; without one nothing is judged by it.
    pub(super) as_of: Option<NaiveDate>,
    /// Which record of the submission it is; the card is none.
    pub(super) record: Option<usize>,
    division: &'a str,
    item: &'a str,
    attrs: Option<&'a BTreeMap<String, String>>,
    scope: &'a Scope<'a>,
    own: &'a Answers,
    card: &'a Answers,
}

impl<'a> Case<'a> {
    /// Its slots in the order of the form, with the answers that were found.
    pub(super) fn answers(&self) -> impl Iterator<Item = (&'a str, &'a Slot<'a>, &'a Answer)> {
        let (scope, own) = (self.scope, self.own);
        scope.order.iter().filter_map(move |key| Some((key.as_str(), scope.slots.get(key)?, own.get(key)?)))
    }

    /// The slot of a key, when it belongs here.
    pub(super) fn slot(&self, key: &str) -> Option<&'a Slot<'a>> {
        self.scope.slots.get(key)
    }

    /// The answer to a key, when it belongs here and its cell was found.
    pub(super) fn answer(&self, key: &str) -> Option<&'a Answer> {
        self.slot(key).and_then(|_| self.own.get(key))
    }

    /// The answer as a date.
    pub(super) fn date(&self, key: &str) -> Option<(&'a Answer, &'a Interval)> {
        let answer = self.answer(key)?;
        Some((answer, answer.value.date()?))
    }

    /// The cell of an answer.
    pub(super) fn place(&self, key: &str) -> Option<Place> {
        self.answer(key).map(|a| a.place.clone())
    }

    /// The keys that the patterns stand for, as far as they belong here.
    pub(super) fn expand(&self, patterns: &[String]) -> Vec<String> {
        // As `Form::expand` does, from the slots that are at hand already.
        let keys = |pattern: &String| -> Vec<String> {
            if !pattern.contains('*') {
                return self.slot(pattern).map(|_| pattern.clone()).into_iter().collect();
            }
            let is_wanted = |k: &&String| self.slot(k).is_some_and(|s| s.field.is_of(pattern));
            self.scope.order.iter().filter(is_wanted).cloned().collect()
        };
        patterns.iter().flat_map(keys).collect()
    }

    /// What a field is called in a sentence.
    pub(super) fn label(&self, key: &str) -> String {
        self.slot(key).map_or_else(|| words::label(self.form, key, &self.ctx.templates.lists), Slot::label)
    }

    /// An answer in words: the printed name of a choice, a date or number as typed.
    pub(super) fn shown(&self, key: &str) -> String {
        match (self.answer(key), self.slot(key)) {
            (Some(answer), Some(slot)) => words::shown(answer, slot, &self.ctx.templates.lists),
            _ => words::BLANK.to_string(),
        }
    }

    /// Whether the division cannot answer this cell: it is locked, or answered by the DX office for everybody.
    pub(super) fn is_locked(slot: &Slot<'_>) -> bool {
        slot.is_locked()
    }

    /// Whether the division owes an answer in this cell: it is its own to answer, and the block is needed.
    pub(super) fn is_needed(&self, slot: &Slot<'_>) -> bool {
        needless_because(self.form, slot, self).is_none() && !Self::is_locked(slot)
    }

    /// Whether the record says that nothing more is asked of it.
    pub(super) fn asks_nothing(&self) -> bool {
        self.form.nothing_asked_when.as_ref().is_some_and(|w| w.holds(self) == Truth::Yes)
    }

    /// A finding at a field of this case.
    pub(super) fn finding(&self, code: &str, key: &str) -> Finding {
        let finding = Finding::new(code).of(&self.form.id, self.division, self.item).field(key);
        // The header of this very block: another one may have a field of the same key.
        let finding = match self.slot(key) {
            Some(slot) => finding.arg(FIELD_NAME, slot.label()),
            None => finding,
        };
        match self.place(key) {
            Some(place) => finding.at(place),
            None => finding,
        }
    }

    /// The cells of these keys, in their order.
    pub(super) fn places<'k>(&self, keys: impl IntoIterator<Item = &'k str>) -> Vec<Place> {
        keys.into_iter().filter_map(|k| self.place(k)).collect()
    }

    /// Whether it is about an item and nothing at all was answered.
    pub(super) fn is_unanswered(&self) -> bool {
        let mut open = self.answers().filter(|(_, slot, _)| !Self::is_locked(slot)).peekable();
        !self.item.is_empty() && open.peek().is_some() && open.all(|(_, _, a)| a.value.is_blank())
    }

    /// Where nothing was answered, when that is one row of a table: its open cells, from the first to the last.
    fn blank_row(&self) -> Option<Place> {
        let mut open = self.answers().filter(|(_, slot, _)| !Self::is_locked(slot)).map(|(_, _, a)| &a.place);
        let mut row = open.next()?.clone();
        for place in open {
            let (own, area) = (row.area.as_mut()?, place.area?);
            if place.sheet != row.sheet || area.first.row != own.first.row || area.last.row != own.first.row {
                return None;
            }
            own.first.col = own.first.col.min(area.first.col);
            own.last.col = own.last.col.max(area.last.col);
        }
        Some(row)
    }

    /// The one finding about a record in which nothing was answered, at the row, or at the cell that names the item.
    pub(super) fn unanswered(&self) -> Finding {
        let with = |role| self.answers().find(|(_, slot, _)| slot.field.role == Some(role));
        let key = with(Role::Item).or_else(|| with(Role::ItemName)).or_else(|| self.answers().next()).map(|a| a.0);
        let mut finding = self.finding("X004W", key.unwrap_or_default());
        finding.args.remove(FIELD_NAME);
        finding.place = self.blank_row().or(finding.place);
        Finding { field: None, ..finding }.expected(self.ctx.round.division_name(self.division))
    }

    /// Whether a condition certainly holds and rests on nothing that could not be read.
    pub(super) fn certainly(&self, condition: &Predicate) -> bool {
        self.is_readable(condition) && condition.holds(self) == Truth::Yes
    }

    /// Whether no answer that a predicate asks about is unreadable.
    pub(super) fn is_readable(&self, condition: &Predicate) -> bool {
        let mut readable = true;
        condition.fields(&mut |key| readable &= self.value(key) != Some(&Value::Unreadable));
        readable
    }
}

impl Facts for Case<'_> {
    fn value(&self, field: &str) -> Option<&Value> {
        self.own.get(field).or_else(|| self.card.get(field)).map(|a| &a.value)
    }

    fn attr(&self, name: &str) -> &str {
        let derived = || self.form.derived.iter().find(|d| d.attr() == name);
        let lists = &self.ctx.templates.lists;
        let own = self.attrs.and_then(|a| a.get(name)).map(String::as_str);
        own.or_else(|| derived().map(|d| d.value(self.form, lists, self))).unwrap_or_default()
    }

    fn deadline(&self, id: &str) -> Option<NaiveDate> {
        self.ctx.round.deadline(id).map(|d| d.date)
    }
}

/// Whether a reason or a remark is missing: nothing was written, or only a dash.
pub(super) fn is_missing(answer: &Answer) -> bool {
    matches!(answer.value, Value::Blank | Value::None { kind: NoneKind::NotApplicable, .. })
}

/// Days by which an approximate date may miss, as in [`crate::model::predicate::Outcome`].
const APPROXIMATE_DAYS: i64 = 31;

/// Days that certainly lie between the end of `a` and the beginning of `b`; `None` while `b` may begin before `a` ends.
/// Next day gives 1.
pub(super) fn certain_gap(a: &Interval, b: &Interval) -> Option<i64> {
    let days = (b.from? - a.to?).num_days();
    let doubt = if a.approx || b.approx { APPROXIMATE_DAYS } else { 0 };
    (days > doubt).then_some(days)
}
