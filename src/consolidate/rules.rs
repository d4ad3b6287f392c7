//! What the files of one reply can replace of each other: the answers that a division gives, and blanks that are answers.

use std::collections::BTreeSet;

use super::facts::ItemFacts;
use crate::check::moved::is_as_told;
use crate::model::form::AskedOf;
use crate::model::{Answer, Check, CodeLists, Form, Item, Predicate, Record, Role, Round, Submission, Truth, Value};
use crate::normalise::text;

/// The rules of a form, gathered once for all its replies.
pub struct Rules<'a> {
    form: &'a Form,
    round: &'a Round,
    open: BTreeSet<String>,
    /// Answers that are not needed where a condition certainly holds.
    needless: Vec<(&'a Predicate, BTreeSet<String>)>,
}

impl<'a> Rules<'a> {
    /// The rules of a form in a round.
    #[must_use]
    pub fn new(form: &'a Form, lists: &CodeLists, round: &'a Round) -> Self {
        let slots = form.slots(lists);
        let keys = |wanted: &dyn Fn(&crate::model::Slot<'_>) -> bool| {
            slots.iter().filter(|s| wanted(s)).map(crate::model::Slot::key).collect::<BTreeSet<_>>()
        };
        let open = keys(&|s| !s.is_locked() && s.field.role != Some(Role::Item));
        let blocks = form.sheets.iter().flat_map(|s| &s.blocks);
        let mut needless: Vec<(&Predicate, BTreeSet<String>)> =
            blocks.filter_map(|b| Some((b.not_needed_when.as_ref()?, keys(&|s| s.block.id == b.id)))).collect();
        needless.extend(form.nothing_asked_when.as_ref().map(|w| (w, open.clone())));
        needless.extend(form.rules.iter().filter_map(|rule| {
            let Check::Forbidden { fields } = &rule.check else { return None };
            Some((rule.when.as_ref()?, fields.iter().flat_map(|f| form.expand(f, lists)).collect()))
        }));
        Self { form, round, open, needless }
    }

    /// Id of the form.
    #[must_use]
    pub fn form(&self) -> &str {
        &self.form.id
    }

    /// Whether anything is known of earlier rounds.
    #[must_use]
    pub fn knows_last(&self) -> bool {
        !self.round.known.is_empty()
    }

    /// Whether an answer is the last known one, as the form came with it: nobody may have touched it.
    #[must_use]
    pub fn is_left(&self, record: &Record, key: &str, answer: &Answer) -> bool {
        if self.round.known.is_empty() {
            return false;
        }
        let whose = (self.form.id.clone(), record.item.clone(), key.to_string());
        self.round.known.get(&whose).is_some_and(|told| is_as_told(answer, told))
    }

    /// Whether the answer to a key is the division's own.
    #[must_use]
    pub fn is_open(&self, key: &str) -> bool {
        self.open.contains(key)
    }

    /// Whether the rows of the form are the divisions' own, so that a row left out may be one that was withdrawn.
    #[must_use]
    pub fn free_rows(&self) -> bool {
        self.form.asked_of == AskedOf::Divisions
    }

    /// Whether a blank in this record is no gap, because of what the record itself answers: no system, no contract.
    #[must_use]
    pub fn is_needless(&self, record: &Record, key: &str) -> bool {
        let mut conditions = self.needless.iter().filter(|(_, keys)| keys.contains(key)).peekable();
        if conditions.peek().is_none() {
            return false;
        }
        let unknown = Item { key: record.item.clone(), ..Item::default() };
        let item = self.round.item(self.form.roster.as_deref(), &record.item).unwrap_or(&unknown);
        let facts = ItemFacts { item, record: Some(record), round: self.round };
        conditions.any(|(when, _)| when.holds(&facts) == Truth::Yes)
    }

    /// Key of the name by which rows are known, where the divisions write it themselves.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        let name = self.form.field_with(Role::ItemName)?.answer_key("");
        self.open.get(&name).map(String::as_str)
    }

    /// Whether two records of one key are about the same thing. A row without a number of its own is known by its place only,
    /// and its name may say that it is about something else. So may the name of a row whose number the form prints: two
    /// sections begin with number 1. Where most of the other answers agree, the name was corrected.
    #[must_use]
    pub fn is_same_thing(&self, a: &Record, b: &Record) -> bool {
        let Some(key) = self.form.field_with(Role::ItemName).map(|f| f.answer_key("")) else { return true };
        let named = |r: &Record| r.fields.get(&key).map(|x| text::key(&x.raw)).unwrap_or_default();
        let (one, other) = (named(a), named(b));
        if one == other || a.item.contains('#') {
            return one == other;
        }
        !self.is_open(&key) || one.contains(&other) || other.contains(&one) || self.agree(a, b, &key)
    }

    /// Whether of the texts that both records give, but for one, at least three in four are the same; where they give none, of all
    /// answers. A choice or a nought is shared by things that have nothing to do with each other.
    fn agree(&self, a: &Record, b: &Record, but: &str) -> bool {
        let both = a.fields.iter().filter(|(k, x)| *k != but && self.is_open(k) && x.says());
        let both: Vec<(&Value, &Value)> =
            both.filter_map(|(k, x)| b.fields.get(k).filter(|y| y.says()).map(|y| (&x.value, &y.value))).collect();
        let texts: Vec<&(&Value, &Value)> = both.iter().filter(|(x, _)| matches!(x, Value::Text(_))).collect();
        let telling = if texts.is_empty() { both.iter().collect() } else { texts };
        let same = telling.iter().filter(|(x, y)| x == y).count();
        same > 0 && same >= 3 * (telling.len() - same)
    }

    /// The number under which a row of a file counts: that of the newest later file that has a row of its name, for a corrected
    /// number makes no second row; else its own. Nothing where the file has a row of that name under that number too. Rows are
    /// known by their names, where divisions write these themselves.
    #[must_use]
    pub fn number<'s>(
        &self,
        record: &'s Record,
        file: &Submission,
        files: impl IntoIterator<Item = &'s Submission>,
    ) -> Option<&'s str> {
        let own = Some(record.item.as_str());
        let Some(key) = self.name() else { return own };
        let named = |r: &Record| r.fields.get(key).map(|x| text::key(&x.raw)).filter(|name| !name.is_empty());
        let Some(name) = named(record) else { return own };
        let same = |r: &&Record| r.block == record.block && named(r).as_ref() == Some(&name);
        let later = files.into_iter().filter(|f| f.rank() > file.rank() && rows_of(f).any(|r| same(&r)));
        let Some(newest) = later.max_by_key(|f| f.rank()) else { return own };
        let mut rows = rows_of(newest).filter(same);
        if rows.clone().any(|r| r.item == record.item) {
            return own;
        }
        let number = rows.next().map(|r| r.item.as_str());
        number.filter(|n| !rows_of(file).filter(same).any(|r| r.item == **n))
    }

    /// Whether a record says anything that the division answers.
    #[must_use]
    pub fn says(&self, record: &Record) -> bool {
        record.fields.iter().any(|(k, a)| self.is_open(k) && a.says())
    }
}

/// The records of a file.
fn rows_of(file: &Submission) -> impl Iterator<Item = &Record> + Clone {
    file.records.iter().map(|r| &**r)
}
