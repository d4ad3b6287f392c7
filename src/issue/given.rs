//! What stands filled in in a division's form: its last answers, from whichever round they are.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use chrono::NaiveDate;

use crate::forms::Templates;
use crate::forms::draw::{CellValue, GivenRow};
use crate::model::form::{AskedOf, Block, Field, Layout, Repeat, Role};
use crate::model::{CodeLists, FieldType, Form, Round};
use crate::previous::{Known, again};

/// So many divisions are named.
const NAMED: usize = 10;

/// The answers of one division that stand in its form.
#[derive(Debug, Default)]
pub(super) struct Given {
    /// By item and answer key; the item is empty on the card.
    pub(super) answers: BTreeMap<(String, String), CellValue>,
    /// Rows that it added itself, by block.
    pub(super) rows: BTreeMap<String, Vec<GivenRow>>,
}

impl Given {
    /// How many answers about items it has.
    pub(super) fn count(&self) -> usize {
        let own = self.answers.keys().filter(|(item, _)| !item.is_empty()).count();
        own + self.rows.values().flatten().map(BTreeMap::len).sum::<usize>()
    }
}

/// What is looked up for every form and division.
pub(super) struct Giver<'a> {
    pub(super) round: &'a Round,
    pub(super) templates: &'a Templates,
    pub(super) known: &'a Known,
}

impl Giver<'_> {
    /// What stands in a division's form.
    pub(super) fn of(&self, form: &Form, division: &str) -> Given {
        let as_of = self.round.forms.get(&form.id).map(|f| f.as_of).unwrap_or_default();
        let writer = Writer { form, as_of, lists: &self.templates.lists, known: self.known };
        let items: BTreeSet<&str> = match form.asked_of {
            AskedOf::Owners => {
                form.roster.iter().flat_map(|r| self.round.items_of(r, division)).map(|i| i.key.as_str()).collect()
            }
            AskedOf::Divisions => BTreeSet::new(),
        };
        let slots = form.slots(&self.templates.lists);
        // What is locked is printed anew, and what the office answers for everybody comes from the settings.
        let fields: BTreeMap<String, &Field> =
            slots.iter().filter(|s| !s.is_locked()).map(|s| (s.key(), s.field)).collect();
        let told = self.known.told.iter().filter(|((f, item, _), _)| *f == form.id && items.contains(item.as_str()));
        let told = told.filter_map(|((_, item, key), t)| {
            let field = fields.get(key)?;
            Some(((item.clone(), key.clone()), writer.cell(t, Some(field))))
        });
        let mut given = Given { answers: told.collect(), rows: BTreeMap::new() };
        given.answers.extend(writer.card(division));
        if let Some(own) = self.round.division(division) {
            let codes = self.known.codes(own, self.round);
            let items = codes.iter().filter_map(|code| self.known.items.get(&(form.id.clone(), (*code).to_string())));
            let items: BTreeSet<&String> = items.flatten().collect();
            given.rows = writer.rows(&items);
        }
        given
    }
}

/// Writes known answers into one form.
struct Writer<'a> {
    form: &'a Form,
    as_of: NaiveDate,
    lists: &'a CodeLists,
    known: &'a Known,
}

impl Writer<'_> {
    fn cell(&self, told: &crate::model::Told, field: Option<&Field>) -> CellValue {
        again(told, field, self.as_of, self.lists)
    }

    /// Who answers, and how they are reached; not the days, which belong to one reply.
    fn card(&self, division: &str) -> Vec<((String, String), CellValue)> {
        let once = self.form.sheets.iter().filter(|s| s.repeat == Repeat::Once);
        let cards = once.flat_map(|s| &s.blocks).filter(|b| b.layout == Layout::Card);
        let stays = |f: &&Field| !f.locked && f.kind != FieldType::Date && f.role.is_none();
        let fields = cards.flat_map(|b| &b.fields).filter(stays);
        let given = fields.filter_map(|field| {
            let key = field.answer_key("");
            let told = self.known.cards.get(&(self.form.id.clone(), division.to_string(), key.clone()))?;
            Some(((String::new(), key), self.cell(told, Some(field))))
        });
        given.collect()
    }

    /// The rows that a division added itself, one for each of its items, in every table that these stand in.
    fn rows(&self, items: &BTreeSet<&String>) -> BTreeMap<String, Vec<GivenRow>> {
        let blocks = || self.form.sheets.iter().flat_map(|s| &s.blocks);
        let adds = |b: &Block| b.rows.free > 0 && !b.rows.roster && b.fields.iter().any(|f| f.role == Some(Role::Item));
        let added: BTreeSet<&str> = blocks().filter(|b| adds(b)).map(|b| b.id.as_str()).collect();
        let joined = |b: &Block| b.joins.as_deref().is_some_and(|other| added.contains(other));
        let row = |block: &Block, item: &String| -> GivenRow {
            let told = |f: &Field| self.known.told.get(&(self.form.id.clone(), item.clone(), f.answer_key("")));
            let open = block.fields.iter().filter(|f| !f.locked);
            open.filter_map(|f| Some((f.id.clone(), self.cell(told(f)?, Some(f))))).collect()
        };
        blocks()
            .filter(|b| added.contains(b.id.as_str()) || joined(b))
            .map(|b| (b.id.clone(), items.iter().map(|item| row(b, item)).collect()))
            .filter(|(_, rows): &(String, Vec<GivenRow>)| !rows.is_empty())
            .collect()
    }
}

/// Form, division, and how many answers stand in its form.
pub(super) type Counted<'a> = (&'a Form, &'a str, usize);

/// How many answers stand filled in, and who got none while others did.
pub(super) fn said(counted: &[Counted<'_>], round: &Round) -> String {
    let mut said = String::new();
    let mut forms: Vec<&Form> = counted.iter().map(|(form, ..)| *form).collect();
    forms.dedup_by_key(|f| &f.id);
    for form in forms {
        let of_form: Vec<&Counted<'_>> = counted.iter().filter(|(f, ..)| f.id == form.id).collect();
        let without: Vec<&str> = of_form.iter().filter(|(.., n)| *n == 0).map(|(_, d, _)| *d).collect();
        let answers: usize = of_form.iter().map(|(.., n)| n).sum();
        if answers == 0 {
            continue;
        }
        let with = of_form.len() - without.len();
        let _ = writeln!(said, "前回までの回答を記入済みにしてあります：{}　{with} 課、{answers} か所。", form.title);
        if !without.is_empty() {
            let names: Vec<&str> = without.iter().take(NAMED).map(|d| round.division_name(d)).collect();
            let rest = without.len().checked_sub(NAMED).filter(|n| *n > 0);
            let rest = rest.map(|n| format!(" ほか {n} 課")).unwrap_or_default();
            let _ = writeln!(
                said,
                "  前回までの回答がなく、空欄のまま配る課（{} 課）：{}{rest}",
                without.len(),
                names.join("、")
            );
        }
    }
    said
}
