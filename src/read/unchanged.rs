//! The box 「前回から変更なし」 of a record: beside its label above the blocks of an item's own sheet, in a column behind a table of
//! records. A form without it says nothing, and what it says is no answer of the record.

use std::sync::LazyLock;

use arcstr::ArcStr;

use super::extract::{Draft, DraftAnswer, Taken};
use super::labels::label_key;
use super::locate::TableAt;
use crate::model::form::Block;
use crate::model::{CellRef, Field, FieldType, sign};

/// What the box is read as: a mark, as in any column of marks.
static FIELD: LazyLock<Field> = LazyLock::new(|| Field {
    id: sign::UNCHANGED_KEY.into(),
    label: sign::UNCHANGED.into(),
    kind: FieldType::Flag,
    codes: Some("mark".into()),
    optional: true,
    ..Field::default()
});

/// Whether the label of the box stands in a cell.
fn is_label(t: &Taken<'_, '_>, at: CellRef) -> bool {
    t.sheet.grid.cells.get(&at).is_some_and(|c| label_key(&c.raw()) == label_key(sign::UNCHANGED))
}

/// Reads the box of a sheet that is one item's. Below the first label of the form the words may be somebody's answer.
pub(super) fn on_sheet(t: &Taken<'_, '_>, item: &str, file: &ArcStr, draft: &mut Draft<'_>) {
    let labels = t.located.cards.values().map(|c| c.label.row);
    let Some(top) = labels.chain(t.located.tables.values().map(|b| b.top)).min() else { return };
    let above = t.sheet.grid.cells.range(..CellRef::new(top, 0)).map(|(at, _)| *at);
    let Some(label) = above.into_iter().find(|at| is_label(t, *at)) else { return };
    let right = CellRef::new(label.row, t.sheet.area(label).last.col + 1);
    draft.boxes.push(t.place(file, label));
    tick(t, right, ("", item), file, draft);
}

/// Reads the boxes behind the rows of a table; `rows` are those that hold a record, `named` what else a row is called.
pub(super) fn in_table<'a>(
    t: &Taken<'a, '_>,
    (block, at): (&'a Block, &TableAt),
    rows: &[(u32, String)],
    named: &dyn Fn(u32) -> String,
    file: &ArcStr,
    draft: &mut Draft<'a>,
) {
    let heads = t.sheet.grid.cells.range(CellRef::new(at.top, 0)..CellRef::new(at.body, 0)).map(|(at, _)| *at);
    let Some(label) = heads.into_iter().find(|at| is_label(t, *at)) else { return };
    draft.boxes.push(t.place(file, label));
    for row in at.body..at.end.min(t.sheet.height) {
        let cell = CellRef::new(row, label.col);
        let known = rows.iter().find(|(r, _)| *r == row).map(|(_, key)| key.clone());
        // A row of which nothing is left but its number.
        let key = known.or_else(|| Some(named(row)).filter(|n| !n.is_empty() && !t.sheet.blank(cell)));
        if let Some(key) = key {
            tick(t, cell, (block.records(), &key), file, draft);
        }
    }
}

fn tick<'a>(t: &Taken<'_, '_>, at: CellRef, (block, item): (&'a str, &str), file: &ArcStr, draft: &mut Draft<'a>) {
    let at = t.sheet.area(at).first;
    draft.answers.push(DraftAnswer {
        block,
        item: item.to_string(),
        key: sign::UNCHANGED_KEY.into(),
        field: &FIELD,
        place: t.place(file, at),
        cells: vec![t.sheet.shown(at).cloned().unwrap_or_default()],
        kept: None,
        steps: Vec::new(),
        told: false,
    });
}
