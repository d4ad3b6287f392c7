//! The sheet kind list: one row per item, columns by field, attribute, outcome or rate.

use std::borrow::Cow;

use rust_xlsxwriter::Workbook;

use super::canvas::{Canvas, Head};
use super::cell::{Cell, Content, Tone};
use super::context::Context;
use super::{WriteError, add_long_sheet, is_long, show};
use crate::model::master::{Column, MasterSheet};

/// Width of the column that says whether the row is settled.
const STANDING_WIDTH: f64 = 22.0;

/// Room for the words of a missing answer in one line.
const ANSWER_WIDTH: f64 = 11.0;

/// Draws the sheet.
pub fn draw(ctx: &Context<'_>, book: &mut Workbook, def: &MasterSheet, columns: &[Column]) -> Result<(), WriteError> {
    let items = ctx.items_of(def);
    let paper = (def.landscape, def.a3);
    let sheet = add_long_sheet(ctx, book, (&def.name, items.len()), def.form.as_deref(), paper)?;
    let mut heads: Vec<Head> = columns.iter().map(head).collect();
    heads.push(Head::new(show::STANDING, STANDING_WIDTH));
    let widths: Vec<f64> = heads.iter().map(|h| h.width).collect();
    let mut canvas = Canvas::new(sheet, &widths)?;
    let next = canvas.title(0, &def.title, &ctx.round().mark)?;
    let mut notes: Vec<String> = def.notes.iter().map(|n| ctx.fill(n, def.form.as_deref())).collect();
    notes.push(legend(ctx, def));
    let next = canvas.notes(next, &notes)?;
    let count = canvas.columns();
    let absent = columns.iter().position(|c| c.field.is_some() && c.judged_by.is_none());
    let made = |row: usize, column: usize| {
        let item = items.get(row)?;
        let cell = match columns.get(column) {
            // An item that the municipality does not have says so where its first answer would stand.
            Some(_) if item.item.absent && absent == Some(column) => {
                Cell::new(Content::Text(ctx.absent_word(&item.form).to_string())).tone(Tone::Muted)
            }
            Some(column) => show::column(ctx, item, column),
            None if column == columns.len() => show::standing(ctx, item),
            None => return None,
        };
        Some(Cow::Owned(cell))
    };
    let placed = canvas.made(next, &heads, items.len(), &made)?;
    if is_long(items.len()) {
        canvas.end(placed)?;
    }
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
