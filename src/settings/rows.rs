//! A row of a settings sheet, asked by role.

use chrono::NaiveDate;

use crate::model::form::Layout;
use crate::model::{Answer, Answers, Block, Code, CodeLists, Form, Interval, Place, Role, Submission, Value};

/// One row of a block, or a card.
pub(super) struct Row<'a> {
    block: &'a Block,
    fields: &'a Answers,
}

/// The rows of a table block, in the order of the sheet.
pub(super) fn rows<'a>(block: &'a Block, submission: &'a Submission) -> Vec<Row<'a>> {
    if block.layout == Layout::Card {
        return Vec::new();
    }
    let mut rows: Vec<Row<'a>> =
        submission.records.iter().filter(|r| r.block == block.id).map(|r| Row { block, fields: &r.fields }).collect();
    rows.retain(|r| r.fields.values().any(|a| !a.value.is_blank()));
    rows
}

/// All cards of the settings, asked by role.
pub(super) struct Cards<'a>(Vec<Row<'a>>);

impl<'a> Cards<'a> {
    /// The cards that were read.
    pub(super) fn of(form: &'a Form, submission: &'a Submission) -> Self {
        let cards = form.sheets.iter().flat_map(|s| &s.blocks).filter(|b| b.layout == Layout::Card);
        Self(cards.map(|block| Row { block, fields: &submission.card }).collect())
    }

    fn row(&self, role: Role) -> Option<&Row<'a>> {
        self.0.iter().find(|r| r.block.field_with(role).is_some())
    }

    /// As [`Row::text`].
    pub(super) fn text(&self, role: Role) -> String {
        self.row(role).map(|r| r.text(role)).unwrap_or_default()
    }

    /// As [`Row::day`].
    pub(super) fn day(&self, role: Role) -> Option<NaiveDate> {
        self.row(role).and_then(|r| r.day(role))
    }

    /// As [`Row::place`].
    pub(super) fn place(&self, role: Role) -> Option<Place> {
        self.row(role).and_then(|r| r.place(role))
    }

    /// The label of the field with a role.
    pub(super) fn label(&self, role: Role) -> Option<&'a str> {
        self.row(role).and_then(|r| r.block.field_with(role)).map(|f| f.label.as_str())
    }

    /// The row of the field's code list that was chosen.
    pub(super) fn code<'l>(&self, role: Role, lists: &'l CodeLists) -> Option<&'l Code> {
        let row = self.row(role)?;
        lists.get(row.block.field_with(role)?.codes.as_ref()?)?.get(&row.text(role))
    }
}

impl<'a> Row<'a> {
    fn answer(&self, role: Role) -> Option<&'a Answer> {
        self.block.fields.iter().find(|f| f.role == Some(role)).and_then(|f| self.fields.get(&f.answer_key("")))
    }

    /// The text of a field: of a choice its code, of a number its digits; empty when blank.
    pub(super) fn text(&self, role: Role) -> String {
        self.answer(role).map(|a| text_of(&a.value, &a.raw)).unwrap_or_default()
    }

    /// Several names separated by `/` or `|`.
    pub(super) fn list(&self, role: Role) -> Vec<String> {
        self.text(role)
            .split(['/', '／', '|', '、'])
            .map(str::trim)
            .filter(|t| !t.is_empty())
            .map(ToString::to_string)
            .collect()
    }

    /// The day of a date that is one day.
    pub(super) fn day(&self, role: Role) -> Option<NaiveDate> {
        self.date(role).and_then(|i| i.to.filter(|to| i.from == Some(*to)))
    }

    /// What was written for a date that is no one day: a month, 未定. What cannot be read at all is told where it is read.
    pub(super) fn no_day(&self, role: Role) -> Option<&'a str> {
        let answer = self.answer(role).filter(|a| !matches!(a.value, Value::Blank | Value::Unreadable))?;
        self.day(role).is_none().then_some(answer.raw.trim())
    }

    /// The interval of a date.
    pub(super) fn date(&self, role: Role) -> Option<Interval> {
        self.answer(role).and_then(|a| a.value.date().copied())
    }

    /// The label of a field.
    pub(super) fn label(&self, role: Role) -> &'a str {
        self.block.field_with(role).map_or("", |f| f.label.as_str())
    }

    /// What was written in a field.
    pub(super) fn written(&self, role: Role) -> String {
        self.answer(role).map(|a| a.raw.trim().to_string()).unwrap_or_default()
    }

    /// Whether nothing was written.
    pub(super) fn blank(&self, role: Role) -> bool {
        self.answer(role).is_none_or(|a| a.value.is_blank())
    }

    /// Where the field stands.
    pub(super) fn place(&self, role: Role) -> Option<Place> {
        self.answer(role).map(|a| a.place.clone())
    }

    /// Fields without a role, by label: attributes that the round adds to an item.
    pub(super) fn attrs(&self) -> impl Iterator<Item = (String, String)> + '_ {
        self.block.fields.iter().filter(|f| f.role.is_none()).filter_map(|f| {
            let answer = self.fields.get(&f.answer_key(""))?;
            Some((f.label.clone(), text_of(&answer.value, &answer.raw)))
        })
    }
}

fn text_of(value: &Value, raw: &str) -> String {
    match value {
        Value::Blank => String::new(),
        Value::Text(t) | Value::Choice(t) => t.to_string(),
        Value::Number(n) => n.to_string(),
        _ => raw.trim().to_string(),
    }
}
