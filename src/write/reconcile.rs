//! The sheet 照合: each figure of the ministry's workbooks as the submissions give it, as the master has it and as it was
//! read back from the filled file; their totals; and whatever else of the file changed. Printed are the totals: what is
//! printed stands first, the cells one by one below it, outside the print area.

use chrono::NaiveDate;
use rust_xlsxwriter::Workbook;

use super::canvas::{Canvas, Head, Table};
use super::cell::{Cell, Content};
use super::context::Context;
use super::{WriteError, add_sheet};
use crate::model::reconcile::{BookCheck, CellCheck, Exact, SumCheck};

const HEADS: [(&str, f64); 9] = [
    ("シート", 24.0),
    ("セル", 9.0),
    ("対象", 26.0),
    ("見出し", 40.0),
    ("提出物", 18.0),
    ("取りまとめ", 18.0),
    ("国の様式（読戻し）", 20.0),
    ("差", 7.0),
    ("空欄にした理由", 30.0),
];

/// How many cells the sheet lists in all. A sheet has 1,048,576 rows, and long before that nobody could open it.
const MOST: usize = 100_000;

/// How many cells of each workbook are listed, so that there are no more than `most` in all: the first ones.
fn portions(counts: impl Iterator<Item = usize>, most: usize) -> Vec<usize> {
    counts
        .scan(most, |left, count| {
            let shown = count.min(*left);
            *left -= shown;
            Some(shown)
        })
        .collect()
}

/// Draws the sheet; nothing where no workbook was filled.
pub fn draw(ctx: &Context<'_>, book: &mut Workbook) -> Result<(), WriteError> {
    if ctx.ledger.reconciliation.is_empty() {
        return Ok(());
    }
    let sheet = add_sheet(ctx, book, "照合", None, (true, true))?;
    let widths: Vec<f64> = HEADS.iter().map(|(_, w)| *w).collect();
    let mut canvas = Canvas::new(sheet, &widths)?;
    let row = canvas.title(0, "照合（提出物・取りまとめ・国の様式の値の一致）", &ctx.round().mark)?;
    let mut notes = vec![
        "国の様式に書き込んだファイルを読み戻し、提出物から数え直した値、取りまとめの値と比べた結果です。1つでも合わないときは、結果を書き出しません。".to_string(),
        "率は、小数ではなく分数で比べています。書き込んだセルと、下に挙げるもののほかは、届いたファイルと1バイトも違いません。".to_string(),
    ];
    notes.push("1セルごとの値は、このシートの下の「明細」にあります（印刷はしません）。".to_string());
    let mut row = canvas.notes(row, &notes)?;
    for (n, check) in ctx.ledger.reconciliation.iter().enumerate() {
        row = canvas.heading(row + u32::from(n > 0), &format!("{}　{}", n + 1, check.file))?;
        row = canvas.notes(row, &about(check))?;
        if !check.sums.is_empty() {
            row = canvas.table(row, &table(check.sums.iter().map(sum).collect()))?.below;
        }
    }
    // On paper the totals are enough: a thousand cells that are all equal fill sixty pages that nobody reads.
    canvas.sheet.set_print_area(0, 0, row.saturating_sub(1), canvas.columns() - 1)?;
    canvas.legible(true, true);
    details(ctx, &mut canvas, row + 2)
}

/// Every cell that was compared, below what is printed.
fn details(ctx: &Context<'_>, canvas: &mut Canvas<'_>, mut row: u32) -> Result<(), WriteError> {
    let shown = portions(ctx.ledger.reconciliation.iter().map(|c| c.cells.len()), MOST);
    for ((n, check), shown) in ctx.ledger.reconciliation.iter().enumerate().zip(shown) {
        row = canvas.heading(row, &format!("明細 {}　{}", n + 1, check.file))?;
        if shown < check.cells.len() {
            row = canvas.notes(row, &[too_many(shown, check.cells.len())])?;
        }
        let cells = check.cells.iter().take(shown).map(|c| cell(ctx, check, c));
        row = canvas.table(row, &table(cells.collect()))?.below + 1;
    }
    Ok(())
}

/// What stands above a table that does not list all cells.
fn too_many(shown: usize, all: usize) -> String {
    format!(
        "セルが多いため、下の表に載せたのは{all}個のうち先頭の{shown}個です。残りも同じように比べ、差はありませんでした（すべての値は --format json の出力にあります）。"
    )
}

fn table(rows: Vec<Vec<Cell>>) -> Table {
    Table { heads: HEADS.iter().map(|(l, w)| Head::new(*l, *w)).collect(), rows }
}

/// What the file is, and what of it changed besides the cells.
fn about(check: &BookCheck) -> Vec<String> {
    let left = check.cells.len() - check.written();
    let mut lines = vec![
        format!(
            "「{}」として、{}個のセルに書き込みました（空欄のまま {left}個）。差はありません。書込み先 結果/{}",
            check.title,
            check.written(),
            check.output
        ),
        format!("SHA-256（届いたもの）{}", check.sha256.0),
        format!("SHA-256（書き込んだもの）{}", check.sha256.1),
        format!(
            "変わった部品：{}（ほかの{}個は同じ）",
            if check.changed_parts.is_empty() { "なし".to_string() } else { check.changed_parts.join("、") },
            check.identical_parts
        ),
    ];
    let cells = |list: &[(String, crate::model::CellRef)]| {
        let sheets = list.chunk_by(|(a, _), (b, _)| a == b);
        let named = sheets.map(|cells| {
            let sheet = cells.first().map_or("", |(s, _)| s.as_str());
            format!("「{sheet}」の{}", cells.iter().map(|(_, c)| c.to_string()).collect::<Vec<_>>().join("・"))
        });
        named.collect::<Vec<_>>().join("、")
    };
    if !check.computed.is_empty() {
        lines.push(format!("計算（新しい結果を書き込んだ数式）：{}", cells(&check.computed)));
    }
    if !check.recalculated.is_empty() {
        lines.push(format!("再計算（前の計算結果を消した数式）：{}", cells(&check.recalculated)));
    }
    if check.calculation_requested {
        lines.push("開いたときにすべて計算し直す指定（calcPr の属性1つ）を付けました。".into());
    }
    if !check.replaced.is_empty() {
        lines
            .push(format!("値に置き換えた数式（計算の順番表 calcChain からも除いたもの）：{}", cells(&check.replaced)));
    }
    lines.extend(check.notes.iter().cloned());
    lines
}

fn sum(s: &SumCheck) -> Vec<Cell> {
    vec![
        Cell::text(&*s.sheet),
        Cell::text("合計").center(),
        Cell::text(format!("{}個のセル", s.cells)),
        Cell::text(&*s.label),
        exact(&s.submissions),
        exact(&s.master),
        exact(&s.written),
        Cell::new(Content::Count(0.0)),
        Cell::empty(),
    ]
}

fn cell(ctx: &Context<'_>, check: &BookCheck, c: &CellCheck) -> Vec<Cell> {
    let map = ctx.templates.national.iter().find(|m| m.id == check.map);
    let form = map.and_then(|m| m.blocks().next()).map_or("", |(_, b)| b.form.as_str());
    let name =
        if c.item.is_empty() { ctx.round().municipality.clone() } else { ctx.item_name(form, &c.item).to_string() };
    let number = c.read_back.parse::<f64>().ok().filter(|_| c.master.number().is_some());
    let read_back = match (&c.master, number) {
        // A day is read back as the spreadsheet's number for it, which says nothing to a reader.
        (Exact::Day(day), _) if serial(*day) == c.read_back => Cell::text(c.master.to_string()),
        (_, Some(n)) => Cell::new(Content::Number(n)),
        _ => Cell::text(&*c.read_back),
    };
    vec![
        Cell::text(&*c.sheet),
        Cell::text(c.cell.to_string()).center(),
        Cell::text(name),
        Cell::text(&*c.label),
        exact(&c.submissions),
        exact(&c.master),
        read_back,
        if c.written { Cell::new(Content::Count(0.0)) } else { Cell::dash() },
        Cell::text(&*c.left),
    ]
}

/// The number of a day in the spreadsheet's calendar of 1900, as it is read back.
fn serial(day: NaiveDate) -> String {
    let first = NaiveDate::from_ymd_opt(1899, 12, 30).unwrap_or_default();
    (day - first).num_days().to_string()
}

fn exact(figure: &Exact) -> Cell {
    match figure {
        Exact::Number(n) => Cell::new(Content::Number(*n)),
        other => Cell::text(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_known_by_its_number() {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
        assert_eq!(serial(day(2022, 11, 14)), "44879");
        assert_eq!(serial(day(1900, 3, 1)), "61");
    }

    #[test]
    fn more_cells_than_a_sheet_holds_are_cut_and_said() {
        assert_eq!(portions([3, 4, 5].into_iter(), 100), [3, 4, 5]);
        assert_eq!(portions([3, 4, 5, 1].into_iter(), 6), [3, 3, 0, 0]);
        // With headings, totals and notes of as many workbooks as a round may hold there is room in a sheet.
        const { assert!(MOST < 1_048_576 / 2) };
        assert!(too_many(0, 12).contains("12個のうち先頭の0個"));
    }
}
