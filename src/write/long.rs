//! The long sheets データ, コード表 and 変換記録: plain tables without merges, header in row 1.

use rust_xlsxwriter::Workbook;

use super::context::Context;
use super::data::{self, Each, LongTable};
use super::{DATA_SHEET, MAX_ROWS, WriteError, add_long_sheet, add_sheet, plain};

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
pub fn answers(ctx: &Context<'_>, book: &mut Workbook) -> Result<(), WriteError> {
    streamed(ctx, book, (DATA_SHEET, data::ANSWERS), data::answers_count(ctx), &|each| data::answers(ctx, each))
}

/// The sheet 変換記録.
pub fn conversions(ctx: &Context<'_>, book: &mut Workbook) -> Result<(), WriteError> {
    let rows = data::conversions_count(ctx);
    streamed(ctx, book, ("変換記録", data::CONVERSIONS), rows, &|each| data::conversions(ctx, each))
}

/// The sheet コード表.
pub fn codes(ctx: &Context<'_>, book: &mut Workbook) -> Result<(), WriteError> {
    draw(ctx, book, "コード表", &data::code_table(ctx), (true, true))
}

/// What gives the rows of a table, one after the other.
type Source<'s> = &'s dyn Fn(Each<'_>) -> Result<(), WriteError>;

/// A plain sheet, landscape on A3, of so many rows that are given one by one.
fn streamed(
    ctx: &Context<'_>,
    book: &mut Workbook,
    (name, heads): (&str, &[&str]),
    rows: usize,
    source: Source<'_>,
) -> Result<(), WriteError> {
    if rows > MAX_ROWS {
        add_sheet(ctx, book, name, None, (true, true))?.write_string(0, 0, too_long(rows, ANSWERS_CSV))?;
        return Ok(());
    }
    let sheet = add_long_sheet(ctx, book, (name, rows), None, (true, true))?;
    let mut drawing = plain::Drawing::new(sheet, heads)?;
    source(&mut |row| drawing.row(row))?;
    drawing.finish()
}

/// A plain sheet of this name; `paper` is landscape and A3.
pub fn draw(
    ctx: &Context<'_>,
    book: &mut Workbook,
    name: &str,
    table: &LongTable<'_>,
    (landscape, a3): (bool, bool),
) -> Result<(), WriteError> {
    plain::draw(add_sheet(ctx, book, name, None, (landscape, a3))?, table.heads, &table.rows)
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
        let mut book = Workbook::new();
        let asked = std::cell::Cell::new(0);
        for (name, rows) in [("甲", MAX_ROWS + 1), ("乙", MAX_ROWS)] {
            let source: Source<'_> = &|each| {
                asked.set(rows);
                each(&[Datum::Number(1.0)])
            };
            streamed(&ctx, &mut book, (name, &["数"]), rows, source).expect("it is drawn");
        }
        // Of the longer one no row is even asked for.
        assert_eq!(asked.get(), MAX_ROWS);
        assert!(crate::look::saved(&mut book).expect("it is saved").len() < 20_000);
        assert!(too_long(MAX_ROWS + 1, ANSWERS_CSV).contains("結果/データ/回答.csv"));
    }
}
