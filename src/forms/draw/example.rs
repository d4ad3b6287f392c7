//! The filled example (記入例) behind a form: its own sheets, filled with the examples of the definition, all locked.
//!
//! Its marker line says that it explains, so that it is never read as an answer.

use std::collections::BTreeMap;

use rust_xlsxwriter::Workbook;

use super::lists::Lists;
use super::names::Names;
use super::watch::Watch;
use super::{CellValue, DrawError, Fill, GivenRow, Scene, sheet};
use crate::forms::Templates;
use crate::model::form::{Block, Field, Form, Layout, Repeat};
use crate::model::{Division, Item, sign};

/// Rows of a table over a roster, when no examples say which.
const ITEMS: usize = 3;

/// Adds the sheets of the example; none when the form has no examples.
pub(super) fn draw(
    workbook: &mut Workbook,
    form: &Form,
    templates: &Templates,
    fill: &Fill<'_>,
    names: &mut Names,
) -> Result<(), DrawError> {
    if !fields(form).any(|(_, f)| f.example.is_some() || !f.examples.is_empty()) {
        return Ok(());
    }
    let shown = shortened(form);
    let items = items(form, templates);
    let division =
        Division { code: "000".into(), bureau: "○○部".into(), name: "○○課".into(), ..Division::default() };
    let example = Fill {
        round_name: fill.round_name,
        mark: fill.mark,
        as_of: fill.as_of,
        division: Some(&division),
        items: items.iter().collect(),
        answers: answers(form, templates, &items),
        rows: rows(&shown, &division),
        common: fill.common.clone(),
        created: fill.created,
        ..Fill::default()
    };
    let mut watch = Watch::default();
    watch.scope(false, None);
    let mut lists = Lists::default();
    for def in &shown.sheets {
        let item = items.first().filter(|_| def.repeat == Repeat::Item);
        if def.repeat == Repeat::Item && item.is_none() {
            continue;
        }
        let which = def.name.replace("{item}", &form.subject);
        let wanted =
            if shown.sheets.len() > 1 { format!("{}（{which}）", sign::EXAMPLE) } else { sign::EXAMPLE.to_string() };
        let name = names.give(&wanted);
        let scene = Scene { form: &shown, templates, fill: &example, sheet: def, item, example: true };
        let drawn = sheet::draw(workbook.add_worksheet(), &name, scene, &mut lists, &mut watch);
        drawn.map_err(|source| DrawError { sheet: name, source })?;
    }
    Ok(())
}

fn fields(form: &Form) -> impl Iterator<Item = (&Block, &Field)> {
    form.sheets.iter().flat_map(|s| &s.blocks).flat_map(|b| b.fields.iter().map(move |f| (b, f)))
}

/// The form with few free rows: an example need not show all that may be filled.
fn shortened(form: &Form) -> Form {
    let mut form = form.clone();
    for block in form.sheets.iter_mut().flat_map(|s| &mut s.blocks) {
        block.rows.free = block.rows.free.min(2);
    }
    form
}

/// The items shown: those that examples are given for, else the first of the list.
fn items(form: &Form, templates: &Templates) -> Vec<Item> {
    let Some(list) = form.roster.as_ref().and_then(|id| templates.lists.get(id)) else { return Vec::new() };
    let has = |code: &str| fields(form).any(|(b, f)| b.rows.roster && f.examples.contains_key(code));
    let mut shown: Vec<_> = list.codes.iter().filter(|c| has(&c.code)).collect();
    if shown.is_empty() {
        shown = list.codes.iter().take(ITEMS).collect();
    }
    let item = |c: &crate::model::Code| Item {
        key: c.code.clone(),
        name: c.name.clone(),
        attrs: c.attrs.clone(),
        ..Item::default()
    };
    shown.into_iter().map(item).collect()
}

/// The example of a field in a row; where rows have examples of their own, the others stay empty.
fn of_row<'f>(field: &'f Field, row: &str) -> Option<&'f String> {
    if field.examples.is_empty() { field.example.as_ref() } else { field.examples.get(row) }
}

fn answers(form: &Form, templates: &Templates, items: &[Item]) -> BTreeMap<(String, String), CellValue> {
    let mut answers = BTreeMap::new();
    let written = |block: &Block| is_added(form, block);
    for slot in form.slots(&templates.lists).into_iter().filter(|s| !s.field.locked && !written(s.block)) {
        let mut put = |item: &str, example: Option<&String>| {
            if let Some(example) = example {
                answers.insert((item.to_string(), slot.key()), CellValue::Text(example.clone()));
            }
        };
        if slot.block.rows.roster {
            items.iter().for_each(|i| put(&i.key, of_row(slot.field, &i.key)));
        } else {
            let item = if slot.sheet.repeat == Repeat::Item { items.first().map_or("", |i| &i.key) } else { "" };
            put(item, of_row(slot.field, slot.row.map_or("", |r| &r.code)));
        }
    }
    answers
}

/// Whether the rows of a table are added by whoever fills it in, there or in the table that it joins.
fn is_added(form: &Form, block: &Block) -> bool {
    let free = |b: &Block| b.layout == Layout::Table && b.rows.free > 0;
    free(block) || block.joins.as_ref().and_then(|id| form.block(id)).is_some_and(free)
}

/// One filled row of each such table; the others stay empty.
fn rows(form: &Form, division: &Division) -> BTreeMap<String, Vec<GivenRow>> {
    let value = |f: &Field| match f.prefill.as_deref() {
        Some(super::value::SERIAL) => Some(CellValue::Text(format!("{}-01", division.code))),
        _ => f.example.clone().map(CellValue::Text),
    };
    let row =
        |block: &Block| -> GivenRow { block.fields.iter().filter_map(|f| Some((f.id.clone(), value(f)?))).collect() };
    let tables = form.sheets.iter().flat_map(|s| &s.blocks).filter(|b| is_added(form, b));
    tables.map(|b| (b.id.clone(), vec![row(b)])).filter(|(_, rows)| !rows[0].is_empty()).collect()
}
