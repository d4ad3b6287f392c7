//! The sheet kinds rate row and matrix, in the layout in which the ministry publishes them.
//!
//! Header rows start in row 1 and data follows at once, as in the published workbook, so that a row can be pasted
//! there; title, mark and notes therefore stand below the table and in the print header.

use rust_xlsxwriter::Workbook;

use super::asked::counted_as;
use super::canvas::{Canvas, Head, Table};
use super::cell::{Cell, Content};
use super::context::Context;
use super::show::{self, is_final};
use super::{WriteError, add_sheet, list};
use crate::model::ledger::{LedgerItem, Rate, RateRow};
use crate::model::master::{Column, MasterSheet};
use crate::model::{Code, Value};

/// The municipality's rate and one rate per item. A rate that is still a range stays empty: the ministry's cell takes
/// final figures only. `[rate, label, header]` are those of the definition.
pub fn rate_row(
    ctx: &Context<'_>,
    book: &mut Workbook,
    def: &MasterSheet,
    [rate_id, label, header]: &[&str; 3],
) -> Result<(), WriteError> {
    let sheet = add_sheet(ctx, book, &def.name, def.form.as_deref(), (def.landscape, def.a3))?;
    let items = ctx.items_of(def);
    let rate = ctx.ledger.rate(rate_id);
    let group =
        Some(format!("{header}（業務別）").replace("業務", ctx.subject(def.form.as_deref().unwrap_or_default())));
    let mut heads = vec![Head::new("都道府県", 10.0), Head::new("市区町村", 12.0), Head::new(*header, 10.0)];
    heads.extend(items.iter().map(|i| Head { label: item_label(ctx, i, label), group: group.clone(), width: 10.5 }));
    let row_of = |i: &LedgerItem| rate.and_then(|r| r.rows.iter().find(|row| row.item == i.item.key && row.counted));
    let share = |row: Option<&RateRow>| {
        row.filter(|r| is_final(r)).map_or_else(Cell::empty, |r| Cell::new(Content::Share(r.from)))
    };
    let own = rate.filter(|r| r.complete && r.not_computed.is_none()).and_then(|r| r.from);
    let mut cells = vec![
        Cell::text(&*ctx.round().prefecture),
        Cell::text(&*ctx.round().municipality),
        own.map_or_else(Cell::empty, |f| Cell::new(Content::Share(f))),
    ];
    cells.extend(items.iter().map(|i| share(row_of(i))));
    let widths: Vec<f64> = heads.iter().map(|h| h.width).collect();
    let mut canvas = Canvas::new(sheet, &widths)?;
    let placed = canvas.table(0, &Table { heads, rows: vec![cells] })?;
    canvas.freeze(placed, 3)?;
    let mut notes = Vec::new();
    if let Some(rate) = rate {
        notes.extend(open_items(ctx, rate, &items, label, def));
        notes.extend(show::rate_def(ctx, rate_id).and_then(|d| show::not_applicable(ctx, d, rate)));
        notes.extend(show::rate_def(ctx, rate_id).map(|d| format!("定義：{}　出典：{}", d.definition, d.source)));
        notes.extend(show::rate_def(ctx, rate_id).and_then(|d| d.caveat.as_ref()).map(|c| format!("注意：{c}")));
    }
    below(ctx, &mut canvas, def, (placed.below + 1, 3), notes)
}

/// What an item is called in the header, and its name where it has no such attribute.
fn item_label(ctx: &Context<'_>, item: &LedgerItem, attr: &str) -> String {
    let label = ctx.attr(item, attr);
    if label.is_empty() { item.item.name.clone() } else { label }
}

/// Sentences about the cells that stay empty: the municipality's range, then each item's.
fn open_items(ctx: &Context<'_>, rate: &Rate, items: &[&LedgerItem], label: &str, def: &MasterSheet) -> Vec<String> {
    let subject = ctx.subject(def.form.as_deref().unwrap_or_default());
    if rate.complete && rate.not_computed.is_none() {
        return Vec::new();
    }
    let open: Vec<String> = items
        .iter()
        .filter_map(|i| {
            let row = rate.rows.iter().find(|r| r.item == i.item.key && r.counted && !is_final(r))?;
            Some(format!("{}（{}）", item_label(ctx, i, label), show::percent_range(row.from, row.to)))
        })
        .collect();
    let mut notes =
        vec![format!("市区町村の率：{}。確定していない欄は空欄にしています。", show::rate_text(rate, subject))];
    if !open.is_empty() {
        notes.push(format!("空欄の{subject}と範囲：{}", open.join("、")));
    }
    notes
}

/// Title, mark, the definition's notes and others, below the table; to the right of the columns that are repeated on
/// each page, which would cut them there.
fn below(
    ctx: &Context<'_>,
    canvas: &mut Canvas<'_>,
    def: &MasterSheet,
    (row, first): (u32, u16),
    notes: Vec<String>,
) -> Result<(), WriteError> {
    let mut lines = vec![format!("{}　{}", def.title, def.name)];
    lines.extend(def.notes.iter().map(|n| ctx.fill(n, def.form.as_deref())));
    lines.extend(notes);
    let row = canvas.notes_from(row, first, &lines)?;
    if !ctx.round().mark.is_empty() {
        canvas.mark(row, first, &ctx.round().mark)?;
    }
    canvas.legible(def.landscape, def.a3);
    Ok(())
}

/// What a matrix is made of.
pub struct Across<'a> {
    /// Columns before it.
    pub columns: &'a [Column],
    /// Code list across.
    pub codes: &'a str,
    /// Header per code.
    pub header: &'a str,
    /// Field key with `{row}`.
    pub field: &'a str,
    /// Attribute that gives the printed word.
    pub word: Option<&'a str>,
}

/// One row per item, one column per code. A blank stays empty: it is not the word for "not begun".
pub fn matrix(
    ctx: &Context<'_>,
    book: &mut Workbook,
    def: &MasterSheet,
    across: &Across<'_>,
) -> Result<(), WriteError> {
    let sheet = add_sheet(ctx, book, &def.name, def.form.as_deref(), (def.landscape, def.a3))?;
    let codes: &[Code] = ctx.templates.lists.get(across.codes).map_or(&[], |l| &l.codes);
    let mut heads: Vec<Head> = across.columns.iter().map(list::head).collect();
    heads.extend(codes.iter().map(|c| Head::new(header_of(across.header, c), 10.0)));
    let items = ctx.items_of(def);
    let rows = items.iter().map(|item| {
        let before = across.columns.iter().map(|c| super::show::column(ctx, item, c));
        before
            .chain(codes.iter().map(|c| status(ctx, item, &across.field.replace("{row}", &c.code), across.word)))
            .collect()
    });
    let rows: Vec<Vec<Cell>> = rows.collect();
    let open = |i: &LedgerItem| codes.iter().any(|c| is_open(ctx, i, &across.field.replace("{row}", &c.code)));
    let open = items.iter().filter(|i| open(i)).count();
    let widths: Vec<f64> = heads.iter().map(|h| h.width).collect();
    let frozen = u16::try_from(across.columns.len()).unwrap_or(0);
    let mut canvas = Canvas::new(sheet, &widths)?;
    let count = canvas.columns();
    let placed = canvas.table(0, &Table { heads, rows })?;
    canvas.filtered(placed, count, frozen)?;
    let subject = ctx.subject(def.form.as_deref().unwrap_or_default());
    let notes = match open {
        0 => Vec::new(),
        n => vec![format!("【暫定】空欄または要確認のある{subject}が {n} {subject}あります。")],
    };
    below(ctx, &mut canvas, def, (placed.below + 1, frozen), notes)
}

fn header_of(pattern: &str, code: &Code) -> String {
    code.attrs.iter().fold(pattern.to_string(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

/// Whether a cell has none of the ministry's words.
fn is_open(ctx: &Context<'_>, item: &LedgerItem, key: &str) -> bool {
    let value = item.record.as_ref().and_then(|r| r.value(key));
    counted_as(ctx, item, key, None).is_none() && value.and_then(Value::choice).is_none()
}

fn status(ctx: &Context<'_>, item: &LedgerItem, key: &str, word: Option<&str>) -> Cell {
    // What the rate counts is what stands here: of a system that does not exist, every step 対象外.
    if let Some(word) = counted_as(ctx, item, key, word) {
        return Cell::text(word).center();
    }
    let answer = item.record.as_ref().and_then(|r| r.fields.get(key));
    match (answer, ctx.slot(&item.form, key)) {
        _ if item.item.absent => Cell::dash(),
        (Some(a), Some(slot)) => match &a.value {
            // Of the ministry's words none is for what stands outside its list.
            Value::None { .. } if slot.field.is_chosen() => Cell::empty(),
            _ => show::value(ctx, slot.field, a, word, false).center(),
        },
        _ => Cell::empty(),
    }
}
