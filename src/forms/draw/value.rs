//! What stands in a cell when it is drawn: given rows, common answers, last answers, else the prefill of the definition.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};

use super::{CellValue, Scene};
use crate::model::form::{Block, Field, FieldType, Layout, Role};
use crate::model::{Code, Item};
use crate::normalise::text;

/// The prefill that numbers free rows.
pub(super) const SERIAL: &str = "row.serial";

/// One row of a table, or the card of a sheet (all `None`).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RowOf<'a> {
    /// The row's code.
    pub code: Option<&'a Code>,
    /// The row's item, or the sheet's.
    pub item: Option<&'a Item>,
    /// Values given for this very row.
    pub given: Option<&'a super::GivenRow>,
    /// Of a free row: its number among those that come numbered; of a row that joins another block, its position.
    pub serial: usize,
    /// Whether it is answered by the DX office for everybody, and locked.
    pub common: bool,
}

impl<'a> Scene<'a> {
    /// The rows of a table in order: codes, items, free rows.
    pub(super) fn rows(&self, block: &Block) -> Vec<RowOf<'a>> {
        let mut given: Vec<&'a super::GivenRow> =
            self.fill.rows.get(&block.id).map(|rows| rows.iter().collect()).unwrap_or_default();
        if let Some(other) = block.joins.as_ref().and_then(|id| self.form.block(id)) {
            let row = |serial| RowOf { given: given.get(serial).copied(), serial, ..RowOf::default() };
            return (0..self.rows(other).len()).map(row).collect();
        }
        let mut rows = Vec::new();
        let list = block.rows.codes.as_ref().and_then(|id| self.templates.lists.get(id));
        for code in list.iter().flat_map(|l| &l.codes) {
            let own = given.iter().position(|g| names_code(block, g, &code.code)).map(|at| given.remove(at));
            let common = block.common_rows.as_ref().is_some_and(|c| code.attr(&c.attr) == c.is);
            rows.push(RowOf { code: Some(code), item: self.item, given: own, serial: 0, common });
        }
        if block.rows.roster {
            rows.extend(self.fill.items.iter().map(|item| RowOf { item: Some(item), ..RowOf::default() }));
        }
        // A few rows stay empty, so that something can always be added.
        let filled = given.len();
        let free = block.rows.free as usize;
        let spare = if filled > 0 { 3 } else { 0 };
        let numbers = self.serials(block, &given);
        rows.extend(given.into_iter().map(|g| RowOf { given: Some(g), ..RowOf::default() }));
        let empty = numbers.take(free.saturating_sub(filled).max(spare));
        rows.extend(empty.map(|serial| RowOf { serial, ..RowOf::default() }));
        rows
    }

    /// Numbers for empty rows, those of filled rows passed over.
    fn serials<'b>(&'b self, block: &Block, given: &[&super::GivenRow]) -> impl Iterator<Item = usize> + use<'a, 'b> {
        let numbered = block.fields.iter().filter(|f| f.prefill.as_deref() == Some(SERIAL));
        let used = numbered.flat_map(|f| given.iter().filter_map(|g| g.get(&f.id))).filter_map(|v| match v {
            CellValue::Text(t) => Some(text::key(t)),
            _ => None,
        });
        let used: BTreeSet<String> = used.collect();
        (1..).filter(move |n| !used.contains(&text::key(&self.serial(*n))))
    }

    /// The number of a free row: the division's code and a running number, so that no two divisions use the same.
    fn serial(&self, n: usize) -> String {
        self.fill.division.map_or_else(|| format!("{n:02}"), |d| format!("{}-{n:02}", d.code))
    }

    /// Whether what stands in a field's cell was answered in an earlier round.
    pub(super) fn is_earlier(&self, field: &Field, row: RowOf<'a>) -> bool {
        if !self.fill.earlier || self.sheet.plain || self.example || field.locked || row.common {
            return false;
        }
        let key = field.answer_key(row.code.map_or("", |c| &c.code));
        let item = row.item.map_or("", |i| &i.key);
        row.given.is_some_and(|g| g.contains_key(&field.id)) || self.fill.answers.contains_key(&(item.to_string(), key))
    }

    /// Whether anything of a row was.
    pub(super) fn is_earlier_row(&self, block: &Block, row: RowOf<'a>) -> bool {
        block.fields.iter().any(|f| self.is_earlier(f, row))
    }

    /// Whether anything on the sheet was.
    pub(super) fn has_earlier(&self) -> bool {
        let card = RowOf { item: self.item, ..RowOf::default() };
        self.fill.earlier
            && self.sheet.blocks.iter().any(|b| match b.layout {
                Layout::Card => self.is_earlier_row(b, card),
                Layout::Table => self.rows(b).into_iter().any(|row| self.is_earlier_row(b, row)),
            })
    }

    /// Whether the rows of a table are records that may stand as they were last time.
    pub(super) fn has_boxes(&self, block: &Block) -> bool {
        let records = self.sheet.record_rows(block).is_none() && block.joins.is_none();
        self.fill.earlier
            && records
            && block.layout == Layout::Table
            && self.rows(block).into_iter().any(|row| self.is_earlier_row(block, row))
    }

    /// What stands in a field's cell.
    pub(super) fn value(&self, field: &Field, row: RowOf<'a>) -> Option<CellValue> {
        let key = field.answer_key(row.code.map_or("", |c| &c.code));
        if let Some(value) = row.given.and_then(|g| g.get(&field.id)) {
            return Some(self.printed(field, value.clone()));
        }
        if row.common
            && !field.locked
            && let Some(value) = self.fill.common.get(&key)
        {
            return Some(self.printed(field, CellValue::Text(value.clone())));
        }
        let item = row.item.map_or("", |i| &i.key);
        let answer = self.fill.answers.get(&(item.to_string(), key)).filter(|_| !field.locked);
        let value = answer.cloned().or_else(|| self.prefill(field, row))?;
        Some(self.printed(field, value))
    }

    fn prefill(&self, field: &Field, row: RowOf<'_>) -> Option<CellValue> {
        let Some(token) = field.prefill.as_deref() else {
            let as_of = self.fill.as_of.filter(|_| field.role == Some(Role::AsOf) && field.locked);
            return as_of.map(CellValue::Date);
        };
        if token == SERIAL {
            return (row.serial > 0).then(|| CellValue::Text(self.serial(row.serial)));
        }
        let division = self.fill.division;
        let found = match token.split_once('.') {
            _ if token.starts_with('=') => token.get(1..),
            Some(("item", "key")) => row.item.map(|i| i.key.as_str()),
            Some(("item", "name")) => row.item.map(|i| i.name.as_str()),
            Some(("item", attr)) => row.item.and_then(|i| i.attrs.get(attr)).map(String::as_str),
            Some(("row", "code")) => row.code.map(|c| c.code.as_str()),
            Some(("row", "name")) => row.code.map(|c| c.name.as_str()),
            Some(("row", attr)) => row.code.map(|c| c.attr(attr)),
            Some(("division", "code")) => division.map(|d| d.code.as_str()),
            Some(("division", "name")) => division.map(|d| d.name.as_str()),
            Some(("division", "bureau")) => division.map(|d| d.bureau.as_str()),
            Some(("form", "id")) => Some(self.form.id.as_str()),
            Some(("form", "version")) => Some(self.form.version.as_str()),
            Some(("round", "name")) => Some(self.fill.round_name),
            _ => None,
        };
        found.filter(|t| !t.is_empty()).map(|t| CellValue::Text(t.to_string()))
    }

    /// A value as this field prints it: a code by its name, a date in words, digits of a number field as a number.
    fn printed(&self, field: &Field, value: CellValue) -> CellValue {
        match (field.kind, value) {
            (FieldType::Choice | FieldType::Flag, CellValue::Text(t)) => CellValue::Text(self.name_of(field, t)),
            (FieldType::Date, CellValue::Text(t)) => CellValue::Text(t.parse().map_or(t, in_words)),
            (_, CellValue::Date(d)) => CellValue::Text(in_words(d)),
            (FieldType::Integer | FieldType::Number | FieldType::Money, CellValue::Text(t)) => {
                let number = t.parse::<f64>().ok().filter(|n| n.is_finite());
                number.map_or(CellValue::Text(t), CellValue::Number)
            }
            (_, value) => value,
        }
    }

    fn name_of(&self, field: &Field, given: String) -> String {
        let list = field.codes.as_ref().and_then(|id| self.templates.lists.get(id));
        let wanted = text::key(&given);
        let code = list.and_then(|l| {
            let named = |c: &&Code| text::key(&c.code) == wanted || text::key(&c.name) == wanted;
            let alias = |c: &&Code| c.aliases.iter().any(|a| text::key(a) == wanted);
            l.codes.iter().find(named).or_else(|| l.codes.iter().find(alias))
        });
        code.map_or(given, |c| c.name.clone())
    }
}

/// Whether a given row is meant for a code: its key field says so.
fn names_code(block: &Block, given: &super::GivenRow, code: &str) -> bool {
    let field = block.field_with(Role::Key).or_else(|| block.field_with(Role::Row));
    field.and_then(|f| given.get(&f.id)).is_some_and(|value| match value {
        CellValue::Text(t) => text::key(t) == text::key(code),
        CellValue::Number(n) => code == n.to_string(),
        CellValue::Date(_) => false,
    })
}

/// A date as offices write it. Years before 平成 are written in the western calendar.
pub(super) fn in_words(date: NaiveDate) -> String {
    // 元号を改める政令: 令和 from 2019-05-01, 平成 from 1989-01-08.
    let eras = [((2019, 5, 1), "令和"), ((1989, 1, 8), "平成")];
    let ymd = (date.year(), date.month(), date.day());
    let year = eras.iter().find(|(from, _)| ymd >= *from).map_or_else(
        || date.year().to_string(),
        |((first, ..), era)| match date.year() - first + 1 {
            1 => format!("{era}元"),
            n => format!("{era}{n}"),
        },
    );
    format!("{year}年{}月{}日", date.month(), date.day())
}
