//! Look-ups that every sheet needs: labels, names, attributes, dates in words.
//!
//! Built once from the ledger and the definitions. Knows forms only by their definitions.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::consolidate::facts::ItemFacts;
use crate::forms::Templates;
use crate::model::asking::Asks;
use crate::model::date::wareki;
use crate::model::finding::{FIELD_NAME, ITEM_NAME};
use crate::model::form::{BlockRole, Role};
use crate::model::ledger::{Ledger, LedgerItem};
use crate::model::master::MasterSheet;
use crate::model::{Code, Division, Field, FieldType, Finding, Form, Handling, Round, Slot, Truth, Value};
use crate::read::{Known, Who};

/// What an item without an owner is printed with.
pub const OWNER_UNSETTLED: &str = "所管課未定";

/// What the meeting is called, without its number: as the settings say, else as the definition of its papers does.
#[must_use]
pub fn meeting_body<'a>(templates: &'a Templates, round: &'a Round) -> &'a str {
    let (said, shipped) = (&round.meeting.body, &templates.brief.meeting.body);
    if said.is_empty() { shipped } else { said }
}

/// A form with its answers by key.
pub struct FormIndex<'a> {
    /// The form.
    pub form: &'a Form,
    /// Every answer it asks for, once, in the order of the form.
    pub slots: Vec<(String, Slot<'a>)>,
    /// Their labels, in the same order.
    pub labels: Vec<String>,
    /// What it asks.
    pub asks: Asks<'a>,
}

/// The ledger and the definitions with indices over them.
pub struct Context<'a> {
    /// What is written.
    pub ledger: &'a Ledger,
    /// The definitions.
    pub templates: &'a Templates,
    forms: BTreeMap<&'a str, FormIndex<'a>>,
    items: BTreeMap<(&'a str, &'a str), &'a LedgerItem>,
    divisions: BTreeMap<&'a str, &'a Division>,
}

impl<'a> Context<'a> {
    /// Indexes a ledger.
    pub fn new(ledger: &'a Ledger, templates: &'a Templates) -> Self {
        let forms = templates.asked().map(|form| {
            let mut seen = BTreeSet::new();
            let mut slots: Vec<(String, Slot<'a>)> =
                form.slots(&templates.lists).into_iter().map(|s| (s.key(), s)).collect();
            slots.retain(|(key, _)| seen.insert(key.clone()));
            let asks = Asks::new(form, &templates.lists, &templates.rates);
            let labels = slots.iter().map(|(_, s)| s.label()).collect();
            (form.id.as_str(), FormIndex { form, slots, labels, asks })
        });
        let items = ledger.items.iter().map(|i| ((i.form.as_str(), i.item.key.as_str()), i));
        // Of two with one code the first counts, as everywhere.
        let divisions = ledger.round.divisions.iter().rev().map(|d| (d.code.as_str(), d)).collect();
        Self { ledger, templates, forms: forms.collect(), items: items.collect(), divisions }
    }

    /// The round.
    pub const fn round(&self) -> &'a Round {
        &self.ledger.round
    }

    /// A form by id.
    pub fn form(&self, id: &str) -> Option<&FormIndex<'a>> {
        self.forms.get(id)
    }

    /// The title of a finding's code, or the code itself.
    pub fn finding_title<'b>(&'b self, code: &'b str) -> &'b str {
        self.templates.catalogue.get(code).map_or(code, |e| &e.title)
    }

    /// A form's title, or the id when it is unknown.
    pub fn title<'b>(&'b self, form: &'b str) -> &'b str {
        self.forms.get(form).map_or(form, |f| &f.form.title)
    }

    /// What one record of the form is called.
    pub fn subject(&self, form: &str) -> &str {
        self.forms.get(form).map_or("件", |f| &f.form.subject)
    }

    /// The answer with this key.
    pub fn slot(&self, form: &str, key: &str) -> Option<&Slot<'a>> {
        self.forms.get(form)?.asks.slot(key)
    }

    /// An answer's label, or its key when the form does not know it.
    pub fn field_label(&self, form: &str, key: &str) -> String {
        // A header that is missing is named by the field's id, which no row has as its key.
        let slots = || self.forms.get(form).into_iter().flat_map(|f| &f.slots);
        let by_id = || slots().find(|(_, s)| s.field.id == key).map(|(_, s)| s.field.printed());
        self.slot(form, key).map(Slot::label).or_else(by_id).unwrap_or_else(|| key.to_string())
    }

    /// Who may see an answer.
    pub fn handling(&self, form: &str, key: &str) -> Handling {
        self.slot(form, key).map_or(Handling::Internal, |s| s.field.handling)
    }

    /// An item of the ledger.
    pub fn item(&self, form: &str, key: &str) -> Option<&'a LedgerItem> {
        self.items.get(&(form, key)).copied()
    }

    /// An item's name, or its key when it is not on the ledger.
    pub fn item_name<'b>(&'b self, form: &str, key: &'b str) -> &'b str {
        self.item(form, key).map_or(key, |i| &i.item.name)
    }

    /// A division, when the code is known.
    pub fn division(&self, code: &str) -> Option<&'a Division> {
        self.divisions.get(code).copied()
    }

    /// A division's name, or the code when it is unknown.
    pub fn division_name<'b>(&'b self, code: &'b str) -> &'b str {
        self.division(code).map_or(code, |d| &d.name)
    }

    /// The code's row in a field's list.
    pub fn code(&self, field: &Field, code: &str) -> Option<&'a Code> {
        self.templates.lists.get(field.codes.as_ref()?)?.get(code)
    }

    /// The printed word of a choice: an attribute of its list when asked for and not empty, else its name.
    pub fn choice(&self, field: &Field, code: &str, word: Option<&str>) -> String {
        let Some(row) = self.code(field, code) else { return code.to_string() };
        word.map(|w| row.attr(w)).filter(|w| !w.is_empty()).unwrap_or(&row.name).to_string()
    }

    /// What the settings call an item that the municipality does not have.
    pub fn absent_word(&self, form: &str) -> &str {
        let roster = self.forms.get(form).and_then(|f| f.form.roster.as_deref()).unwrap_or_default();
        let blocks = self.templates.settings().into_iter().flat_map(|s| &s.sheets).flat_map(|s| &s.blocks);
        blocks
            .filter(|b| b.role == Some(BlockRole::Roster) && b.id == roster)
            .find_map(|b| b.field_with(Role::Absent))
            .map_or("対象なし", |f| &f.label)
    }

    /// Code of the division that an item is under: the one that its record names (所管課, where it is another than the one that
    /// answers), else the one that it is asked of.
    pub fn owner(&self, item: &LedgerItem) -> Option<String> {
        let asked = |f: &&Field| f.kind == FieldType::Division && f.role.is_none() && !f.locked;
        let form = self.form(&item.form)?.form;
        let mut fields = form.sheets.iter().flat_map(|s| &s.blocks).flat_map(|b| &b.fields);
        let named = fields.find(asked).zip(item.record.as_ref()).and_then(|(field, record)| {
            let Some(Value::Text(typed)) = record.value(&field.answer_key("")) else { return None };
            Known { who: Who::Round(self.round()), lists: &self.templates.lists }.division(typed, true)
        });
        named.or_else(|| item.item.owner.clone())
    }

    /// An attribute of an item: the fixed ones, then the columns of its code list.
    pub fn attr(&self, item: &LedgerItem, name: &str) -> String {
        let owner = self.owner(item);
        let owner = owner.as_deref();
        match name {
            "key" => item.item.key.clone(),
            "name" => item.item.name.clone(),
            "division" => owner.map_or(OWNER_UNSETTLED, |o| self.division_name(o)).to_string(),
            "bureau" => owner.and_then(|o| self.division(o)).map(|d| d.bureau.clone()).unwrap_or_default(),
            "prefecture" => self.round().prefecture.clone(),
            "municipality" => self.round().municipality.clone(),
            "confirmed" => if item.item.confirmed { "確定" } else { "仮" }.to_string(),
            other => item.item.attrs.get(other).cloned().unwrap_or_default(),
        }
    }

    /// The items that a sheet is about, in its order. Items for which `only` is merely unknown stay.
    pub fn items_of(&self, sheet: &MasterSheet) -> Vec<&'a LedgerItem> {
        let Some(form) = sheet.form.as_deref() else { return Vec::new() };
        let kept = |i: &&LedgerItem| sheet.only.as_ref().is_none_or(|p| p.holds(&self.facts(i)) != Truth::No);
        let mut items: Vec<&'a LedgerItem> = self.ledger.items.iter().filter(|i| i.form == form).filter(kept).collect();
        if let Some(column) = &sheet.order_by {
            // Whole numbers by their value, other texts behind them; what has neither comes last, in the roster's order.
            items.sort_by_key(|i| {
                let text = self.attr(i, column);
                (text.is_empty(), text.parse::<u64>().unwrap_or(u64::MAX), text)
            });
        }
        items
    }

    /// What predicates may ask about an item.
    pub fn facts<'b>(&'b self, item: &'b LedgerItem) -> ItemFacts<'b> {
        ItemFacts { item: &item.item, record: item.record.as_deref(), round: &self.ledger.round }
    }

    /// The as-of date of a form.
    pub fn as_of(&self, form: &str) -> Option<NaiveDate> {
        self.round().forms.get(form).map(|f| f.as_of)
    }

    /// The as-of date in words: of one form, or of all forms of the round, each date once.
    pub fn as_of_text(&self, form: Option<&str>) -> String {
        let days: BTreeSet<NaiveDate> = form.map_or_else(
            || self.round().forms.values().map(|f| f.as_of).collect(),
            |f| self.as_of(f).into_iter().collect(),
        );
        days.into_iter().map(wareki).collect::<Vec<_>>().join("・")
    }

    /// What the meeting is called, without its number.
    pub fn meeting_body(&self) -> &'a str {
        meeting_body(self.templates, self.round())
    }

    /// A sentence of a definition with `{as_of}`, `{municipality}`, `{round}`, `{meeting_body}` filled in.
    pub fn fill(&self, text: &str, form: Option<&str>) -> String {
        text.replace("{as_of}", &self.as_of_text(form))
            .replace("{meeting_body}", self.meeting_body())
            .replace("{municipality}", &self.round().municipality)
            .replace("{round}", &self.round().name)
    }

    /// The names that a finding's sentence is filled with: field and item.
    pub fn names(&self, finding: &Finding) -> (String, String) {
        let form = finding.form.as_deref().unwrap_or_default();
        let named = finding.args.get(FIELD_NAME).cloned();
        let looked_up = || finding.field.as_deref().map(|k| self.field_label(form, k));
        let field = named.or_else(looked_up).unwrap_or_default();
        let known = || finding.item.as_deref().map(|k| self.item_name(form, k).to_string());
        let item = finding.args.get(ITEM_NAME).cloned().or_else(known).unwrap_or_default();
        (field, item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ledger::Standing;
    use crate::model::{Answer, Item, Place, Record};

    #[test]
    fn an_item_is_under_the_division_that_its_record_names() {
        let templates = Templates::embedded().expect("the shipped definitions load");
        let asked = |f: &&Field| f.kind == FieldType::Division && f.role.is_none();
        let with = |f: &&Form| f.sheets.iter().flat_map(|s| &s.blocks).flat_map(|b| &b.fields).any(|f| asked(&f));
        let form = templates.asked().find(with).expect("a form that asks for one");
        let field = form.sheets.iter().flat_map(|s| &s.blocks).flat_map(|b| &b.fields).find(asked).expect("the field");
        let division =
            |code: &str, name: &str| Division { code: code.into(), name: name.into(), ..Division::default() };
        let divisions = vec![division("101", "甲課"), division("102", "乙課")];
        let ledger = Ledger::new(Round { divisions, ..Round::default() }, NaiveDate::default());
        let ctx = Context::new(&ledger, &templates);
        for (typed, want) in [("乙課", "乙課"), ("102", "乙課"), ("", "甲課"), ("どこかの課", "甲課")] {
            let answer = Answer {
                value: if typed.is_empty() { Value::Blank } else { Value::Text(typed.into()) },
                raw: typed.into(),
                place: Place::file(&"甲.xlsx".into()),
                notes: thin_vec::ThinVec::new(),
                doubts: thin_vec::ThinVec::new(),
            };
            let fields = [(field.answer_key("").into(), answer)].into_iter().collect();
            let item = LedgerItem {
                form: form.id.clone(),
                item: Item { owner: Some("101".into()), ..Item::default() },
                record: Some(std::sync::Arc::new(Record { fields, ..Record::default() })),
                standing: Standing::Settled,
            };
            assert_eq!(ctx.attr(&item, "division"), want, "{typed}");
        }
    }
}
