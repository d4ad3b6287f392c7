//! The sheet kind list: one row per item, columns by field, attribute, outcome or rate.

use rust_xlsxwriter::Workbook;

use super::canvas::{Canvas, Head, Table};
use super::cell::{Cell, Content, Tone};
use super::context::Context;
use super::{WriteError, add_sheet, show};
use crate::model::ledger::LedgerItem;
use crate::model::master::{Column, MasterSheet};

/// Width of the column that says whether the row is settled.
const STANDING_WIDTH: f64 = 22.0;

/// Room for the words of a missing answer in one line.
const ANSWER_WIDTH: f64 = 11.0;

/// Draws the sheet.
pub fn draw(ctx: &Context<'_>, book: &mut Workbook, def: &MasterSheet, columns: &[Column]) -> Result<(), WriteError> {
    let sheet = add_sheet(ctx, book, &def.name, def.form.as_deref(), (def.landscape, def.a3))?;
    let mut heads: Vec<Head> = columns.iter().map(head).collect();
    heads.push(Head::new(show::STANDING, STANDING_WIDTH));
    let rows: Vec<Vec<Cell>> = ctx.items_of(def).into_iter().map(|i| row(ctx, i, columns)).collect();
    let widths: Vec<f64> = heads.iter().map(|h| h.width).collect();
    let mut canvas = Canvas::new(sheet, &widths)?;
    let next = canvas.title(0, &def.title, &ctx.round().mark)?;
    let mut notes: Vec<String> = def.notes.iter().map(|n| ctx.fill(n, def.form.as_deref())).collect();
    notes.push(legend(ctx, def));
    let next = canvas.notes(next, &notes)?;
    let count = canvas.columns();
    let placed = canvas.table(next, &Table { heads, rows })?;
    canvas.legible(def.landscape, def.a3);
    canvas.filtered(placed, count, frozen(columns))
}

/// A column's head; a width that the definition leaves out follows the label.
pub fn head(column: &Column) -> Head {
    let label = f64::from(crate::look::display_width(&column.label)) + 2.0;
    Head {
        label: column.label.clone(),
        group: column.group.clone(),
        width: column.width.unwrap_or_else(|| label.clamp(8.0, 24.0)).max(if column.field.is_some() {
            ANSWER_WIDTH
        } else {
            0.0
        }),
    }
}

/// How many columns stay in sight: up to the item's name.
pub fn frozen(columns: &[Column]) -> u16 {
    let name = columns.iter().position(|c| c.attr.as_deref() == Some("name"));
    name.and_then(|i| u16::try_from(i + 1).ok()).unwrap_or(0)
}

fn row(ctx: &Context<'_>, item: &LedgerItem, columns: &[Column]) -> Vec<Cell> {
    let mut cells: Vec<Cell> = columns.iter().map(|c| show::column(ctx, item, c)).collect();
    // An item that the municipality does not have says so where its first answer would stand.
    if item.item.absent
        && let Some(first) = columns.iter().position(|c| c.field.is_some() && c.judged_by.is_none())
        && let Some(cell) = cells.get_mut(first)
    {
        *cell = Cell::new(Content::Text(ctx.absent_word(&item.form).to_string())).tone(Tone::Muted);
    }
    cells.push(show::standing(ctx, item));
    cells
}

/// What the marks on the sheet mean, and how many rows are provisional.
fn legend(ctx: &Context<'_>, def: &MasterSheet) -> String {
    let items = ctx.items_of(def);
    let open = items.iter().filter(|i| i.is_provisional()).count();
    let subject = def.form.as_deref().map_or("件", |f| ctx.subject(f));
    let state = if open == 0 {
        String::new()
    } else {
        format!("【暫定】{} {subject}のうち {open} {subject}が暫定です。", items.len())
    };
    format!(
        "{state}基準日 {}。（未回答）は回答が必要な欄（ほかの未回答しだいで必要になる欄を含む）の空欄、－は記入の対象でない欄、空欄は記入が要らない欄です。",
        ctx.as_of_text(def.form.as_deref())
    )
}
