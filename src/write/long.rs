//! The long sheets データ, コード表 and 変換記録: plain tables without merges, header in row 1.

use rust_xlsxwriter::Workbook;

use super::context::Context;
use super::data::{self, LongTable};
use super::{DATA_SHEET, MAX_ROWS, WriteError, add_sheet, plain};

/// Path of the CSV of answers below 結果/.
pub const ANSWERS_CSV: &str = "データ/回答.csv";
/// Path of the CSV of findings below 結果/.
pub const FINDINGS_CSV: &str = "データ/指摘.csv";

/// What stands on a sheet that would be too long.
pub fn too_long(rows: usize, csv: &str) -> String {
    format!(
        "{rows} 行あり、1枚のシートに載せる上限（{MAX_ROWS} 行）を超えるため、ここには載せていません。全件は 結果/{csv} にあります。"
    )
}

/// The sheet データ.
pub fn answers(ctx: &Context<'_>, book: &mut Workbook, table: &LongTable) -> Result<(), WriteError> {
    draw(ctx, book, DATA_SHEET, table, (true, true))
}

/// The sheet コード表.
pub fn codes(ctx: &Context<'_>, book: &mut Workbook) -> Result<(), WriteError> {
    draw(ctx, book, "コード表", &data::code_table(ctx), (true, true))
}

/// The sheet 変換記録.
pub fn conversions(ctx: &Context<'_>, book: &mut Workbook) -> Result<(), WriteError> {
    const HEADS: &[&str] = &[
        "課",
        "様式",
        "対象",
        "対象名",
        "項目",
        "変換前",
        "変換後",
        "変換の内容",
        "記入された値",
        "ファイル",
        "シート",
        "セル",
    ];
    let table = LongTable { heads: HEADS, rows: data::conversions(ctx) };
    draw(ctx, book, "変換記録", &table, (true, true))
}

/// A plain sheet of this name; `paper` is landscape and A3.
pub fn draw(
    ctx: &Context<'_>,
    book: &mut Workbook,
    name: &str,
    table: &LongTable,
    paper: (bool, bool),
) -> Result<(), WriteError> {
    let sheet = add_sheet(ctx, book, name, None, paper)?;
    if table.rows.len() > MAX_ROWS {
        sheet.write_string(0, 0, too_long(table.rows.len(), ANSWERS_CSV))?;
        return Ok(());
    }
    plain::draw(sheet, table.heads, &table.rows)
}

#[cfg(test)]
mod tests {
    use super::super::csv::Datum;
    use super::*;
    use crate::forms::Templates;
    use crate::model::Round;
    use crate::model::ledger::Ledger;

    #[test]
    fn a_table_that_is_too_long_says_where_it_stands() {
        let templates = Templates::embedded().expect("the shipped definitions load");
        let ledger = Ledger::new(Round::default(), chrono::NaiveDate::default());
        let ctx = Context::new(&ledger, &templates);
        let row = |n| vec![Datum::Number(n)];
        let mut book = Workbook::new();
        let table = LongTable { heads: &["数"], rows: vec![row(1.0); MAX_ROWS + 1] };
        draw(&ctx, &mut book, "甲", &table, (true, true)).expect("it is drawn");
        // Two hundred thousand rows would take megabytes.
        assert!(book.save_to_buffer().expect("it is saved").len() < 20_000);
        assert!(too_long(MAX_ROWS + 1, ANSWERS_CSV).contains("結果/データ/回答.csv"));
    }
}
