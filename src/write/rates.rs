//! The sheet kind rates: each named rate with its definition, source and value, then the rows counted in and out.

use rust_xlsxwriter::Workbook;

use super::canvas::{Canvas, Head, Table};
use super::cell::{Cell, Tone};
use super::context::Context;
use super::show::{self, fraction_text, rate_def, rate_mark, rate_text, row_rate};
use super::{WriteError, add_sheet};
use crate::model::Truth;
use crate::model::ledger::{Rate, RateRow};
use crate::model::master::{MasterSheet, RateCount, RateDef};

const WIDTHS: [f64; 7] = [42.0, 8.0, 42.0, 10.0, 13.0, 22.0, 23.0];
const LAST: u16 = 6;

/// Draws the sheet.
pub fn draw(ctx: &Context<'_>, book: &mut Workbook, def: &MasterSheet, ids: &[String]) -> Result<(), WriteError> {
    let sheet = add_sheet(ctx, book, &def.name, def.form.as_deref(), (true, def.a3))?;
    let mut canvas = Canvas::new(sheet, &WIDTHS)?;
    let mut row = canvas.title(0, &def.title, &ctx.round().mark)?;
    let notes: Vec<String> = def.notes.iter().map(|n| ctx.fill(n, None)).collect();
    row = canvas.notes(row, &notes)?;
    let rates: Vec<(&RateDef, &Rate)> =
        ids.iter().filter_map(|id| Some((rate_def(ctx, id)?, ctx.ledger.rate(id)?))).collect();
    row = canvas.heading(row, "定義と値")?;
    for (def, rate) in &rates {
        row = card(ctx, &mut canvas, row, def, rate)?;
    }
    row = canvas.heading(row + 1, "内訳（数えた対象と数えなかった対象）")?;
    let heads = ["率", "対象", "対象名", "分母", "判定", "率・範囲", show::STANDING];
    let heads = heads.iter().zip(WIDTHS).map(|(l, w)| Head::new(*l, w)).collect();
    let rows = rates.iter().flat_map(|(def, rate)| rate.rows.iter().map(|r| breakdown(ctx, def, rate, r)));
    let rows = rows.collect();
    let placed = canvas.table(row, &Table { heads, rows })?;
    if placed.below > placed.data {
        canvas.sheet.autofilter(placed.data - 1, 0, placed.below - 1, LAST)?;
    }
    canvas.legible(true, def.a3);
    canvas.sheet.set_repeat_rows(placed.top, placed.top)?;
    Ok(())
}

/// One rate as a card: value, fraction, definition, source, caveat.
fn card(ctx: &Context<'_>, canvas: &mut Canvas<'_>, row: u32, def: &RateDef, rate: &Rate) -> Result<u32, WriteError> {
    let value = rate_text(rate, ctx.subject(&def.form));
    let tone = show::rate_tone(rate);
    let label = |text: &str| Cell::text(text).tone(Tone::Label);
    let mut row = canvas.row(
        row,
        &[
            (0, 0, label(&def.name)),
            (1, 3, Cell::text(value).tone(tone)),
            (4, 4, rate_mark(rate)),
            (5, 5, label("分子／分母")),
            (6, 6, Cell::text(fraction_text(rate))),
        ],
    )?;
    let none = show::not_applicable(ctx, def, rate);
    let lines = [
        ("内訳", none.as_ref()),
        ("定義", Some(&def.definition)),
        ("出典", Some(&def.source)),
        ("注意", def.caveat.as_ref()),
    ];
    for (name, text) in lines {
        if let Some(text) = text {
            row = canvas.row(row, &[(0, 0, Cell::text(name).center()), (1, LAST, Cell::text(text.clone()))])?;
        }
    }
    Ok(row)
}

fn breakdown(ctx: &Context<'_>, def: &RateDef, rate: &Rate, row: &RateRow) -> Vec<Cell> {
    let item = ctx.item(&def.form, &row.item);
    let share_of_items = matches!(def.count, RateCount::ShareOfItems { .. });
    let holds = match (row.counted, share_of_items, row.holds) {
        _ if row.not_applicable => Cell::text(ctx.absent_word(&def.form)).tone(Tone::Muted),
        (false, ..) | (true, false, _) => Cell::dash(),
        (true, true, Truth::Yes) => Cell::text("○ 該当"),
        (true, true, Truth::No) => Cell::text("× 非該当"),
        (true, true, Truth::Unknown) => Cell::text("？ 未回答").tone(Tone::Missing),
    };
    let own = if row.counted && !share_of_items { row_rate(ctx, rate, row) } else { Cell::dash() };
    vec![
        Cell::text(&*def.name),
        Cell::text(&*row.item).center(),
        Cell::text(item.map_or(&*row.item, |i| &*i.item.name)),
        if row.counted { Cell::text("数える") } else { Cell::text("数えない").tone(Tone::Muted) },
        holds,
        own,
        item.map_or_else(Cell::empty, |i| show::standing(ctx, i)),
    ]
}
