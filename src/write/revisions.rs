//! The sheet 再提出の差: what each file that came later answers otherwise than an earlier one of the same reply.

use rust_xlsxwriter::Workbook;

use super::canvas::{Canvas, Head, Table};
use super::cell::{Cell, Tone};
use super::context::Context;
use super::long::too_long;
use super::{MAX_ROWS, WriteError, add_sheet};
use crate::check::words::given;
use crate::model::ledger::Revision;
use crate::model::{Answer, Handling};

/// Name of the sheet.
const NAME: &str = "再提出の差";

const HEADS: [(&str, f64); 9] = [
    ("様式", 30.0),
    ("課", 18.0),
    ("対象", 8.0),
    ("対象名", 32.0),
    ("項目", 28.0),
    ("前の回答", 26.0),
    ("後の回答（集計に使用）", 26.0),
    ("前のファイル", 34.0),
    ("後のファイル", 34.0),
];

/// Draws the sheet.
pub fn draw(ctx: &Context<'_>, book: &mut Workbook) -> Result<(), WriteError> {
    let sheet = add_sheet(ctx, book, NAME, None, (true, true))?;
    let widths: Vec<f64> = HEADS.iter().map(|(_, w)| *w).collect();
    let mut canvas = Canvas::new(sheet, &widths)?;
    let row = canvas.title(0, NAME, &ctx.round().mark)?;
    let all = &ctx.ledger.revisions;
    let note = format!(
        "同じ課・様式の後に届いたファイルで、前の回答から変わったもの {} 件。空欄は前の回答を消しません。",
        all.len()
    );
    let row = canvas.notes(row, &[note])?;
    if all.len() > MAX_ROWS {
        canvas.notes(row, &[too_long(all.len(), super::long::ANSWERS_CSV)])?;
        return Ok(());
    }
    let heads = HEADS.iter().map(|(l, w)| Head::new(*l, *w)).collect();
    let rows = all.iter().map(|r| line(ctx, r)).collect();
    let placed = canvas.table(row, &Table { heads, rows })?;
    canvas.legible(true, true);
    canvas.filtered(placed, canvas.columns(), 0)
}

fn line(ctx: &Context<'_>, r: &Revision) -> Vec<Cell> {
    let restricted = ctx.handling(&r.form, &r.key) == Handling::Restricted;
    let shown = |a: &Answer| match given(a) {
        _ if restricted => Cell::text("（関係課限り）").tone(Tone::Muted),
        text if text.is_empty() => Cell::text("（なし）").tone(Tone::Muted),
        text => Cell::text(text),
    };
    let label = ctx.slot(&r.form, &r.key).map_or_else(|| r.key.clone(), crate::model::Slot::label);
    vec![
        Cell::text(ctx.title(&r.form)),
        Cell::text(ctx.division_name(&r.division)),
        Cell::text(&*r.item).center(),
        Cell::text(ctx.item_name(&r.form, &r.item)),
        Cell::text(label),
        shown(&r.before),
        shown(&r.after),
        Cell::text(format!("{}　{}", r.before.place.file, r.before.place.cell_text())),
        Cell::text(format!("{}　{}", r.after.place.file, r.after.place.cell_text())),
    ]
}
