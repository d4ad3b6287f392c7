//! 回答率: asked and answered by bureau; the sums are those of the whole.

use rust_xlsxwriter::Workbook;

use super::super::WriteError;
use super::super::canvas::{Canvas, Head, Table};
use super::super::cell::{Cell, Tone};
use super::bars::{self, Bars};
use super::{Drawn, add_sheet, head, percent};

const NAME: &str = "回答率";
const HEADS: [(&str, f64); 5] =
    [("部局", 40.0), ("配布数", 14.0), ("有効回答", 14.0), ("回答率", 14.0), ("有効回答の内訳", 16.0)];

/// Draws the sheet, where a question says the bureau.
pub fn draw(drawn: &Drawn<'_>, book: &mut Workbook) -> Result<(), WriteError> {
    let tally = drawn.tally;
    if tally.bureaus.is_empty() {
        return Ok(());
    }
    let sheet = add_sheet(drawn, book, NAME, false)?;
    let mut page = Canvas::new(sheet, &HEADS.map(|(_, w)| w))?;
    let row = head(drawn, &mut page, "部局別の回答率", &[])?;
    let line = |name: &str, asked: Option<usize>, valid: usize, tone: Tone| {
        let asked_cell = asked.map_or_else(Cell::dash, Cell::count);
        let rate = asked.map_or_else(Cell::dash, |n| percent(valid, n));
        vec![
            Cell::text(name).tone(tone),
            asked_cell.tone(tone),
            Cell::count(valid).tone(tone),
            rate.tone(tone),
            percent(valid, tally.valid).tone(tone),
        ]
    };
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for b in &tally.bureaus {
        let name = if b.name.is_empty() { "（部局の答えなし）" } else { &b.name };
        rows.push(line(name, b.asked, b.valid, Tone::Plain));
    }
    let sum = tally.bureaus.iter().map(|b| b.valid).sum();
    rows.push(line("計", tally.asked(), sum, Tone::Strong));
    let heads = HEADS.iter().map(|(label, width)| Head::new(*label, *width)).collect();
    let placed = page.table(row, &Table { heads, rows })?;
    let proof = format!("検算：部局の有効回答の計 {sum} 人 ＝ 有効回答 {} 人。", tally.valid);
    let below = page.notes(placed.below, &[proof])?;
    let named = tally.bureaus.iter().filter(|b| b.asked.is_some()).count();
    if named > 0 && tally.bureaus.iter().take(named).all(|b| b.asked.is_some()) {
        let rows = (placed.data, placed.data + u32::try_from(named).unwrap_or(1) - 1);
        bars::below(
            &mut page,
            below,
            &Bars { sheet: NAME, title: "部局別の回答率", names: 0, rows, values: (3, 3, None) },
        )?;
    }
    Ok(())
}
