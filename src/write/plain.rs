//! Plain tables for programs: header in row 1, one value a cell, no merges, no formulas.

use chrono::NaiveDate;
use rust_xlsxwriter::{Format, Worksheet};

use super::WriteError;
use super::canvas::fitting;
use super::csv::Datum;
use crate::look::{self, Page};

/// A table with the name of its sheet.
#[derive(Clone, Debug)]
pub struct PlainTable {
    /// Name of the sheet.
    pub name: String,
    /// Headers.
    pub heads: Vec<String>,
    /// Rows; as many values as headers.
    pub rows: Vec<Vec<Datum>>,
}

impl PlainTable {
    /// The headers, borrowed.
    #[must_use]
    pub fn heads(&self) -> Vec<&str> {
        self.heads.iter().map(String::as_str).collect()
    }
}

/// A workbook of plain tables, a sheet each; `created` stands in its properties, `mark` in every footer.
///
/// # Errors
/// When a sheet's name is one that a workbook cannot hold.
pub fn workbook(title: &str, created: NaiveDate, mark: &str, tables: &[PlainTable]) -> Result<Vec<u8>, WriteError> {
    let mut book = look::new_workbook(title, created)?;
    for table in tables {
        let sheet = book.add_worksheet();
        sheet.set_name(&table.name)?;
        look::page_setup(sheet, &Page { landscape: true, a3: true, left: title, right: &table.name, mark });
        draw(sheet, &table.heads(), &table.rows)?;
    }
    Ok(book.save_to_buffer()?)
}

/// Draws a table from the first cell on, with frozen headers and filter buttons.
///
/// # Errors
/// When it is larger than a sheet.
pub fn draw(sheet: &mut Worksheet, heads: &[&str], rows: &[Vec<Datum>]) -> Result<(), WriteError> {
    let header = look::header();
    let (text, number) = (plain(), plain());
    for (column, head) in (0u16..).zip(heads) {
        sheet.write_string_with_format(0, column, *head, &header)?;
        look::set_width(sheet, column, width(heads, rows, usize::from(column)))?;
    }
    sheet.set_row_height(0, look::row_height(2))?;
    for (row, data) in (1u32..).zip(rows) {
        for (column, datum) in (0u16..).zip(data) {
            match datum {
                Datum::Text(t) if t.is_empty() => {}
                Datum::Text(t) => {
                    sheet.write_string_with_format(row, column, fitting(t), &text)?;
                }
                Datum::Number(n) => {
                    sheet.write_number_with_format(row, column, *n, &number)?;
                }
            }
        }
    }
    let last = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    let columns = u16::try_from(heads.len()).unwrap_or(1);
    if last > 0 {
        sheet.autofilter(0, 0, last, columns - 1)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    sheet.set_repeat_rows(0, 0)?;
    Ok(())
}

/// One line per row: a machine reads it, and wrapped rows would make the sheet endless.
fn plain() -> Format {
    look::base()
}

/// Wide enough for the values at the top of the table, within limits.
fn width(heads: &[&str], rows: &[Vec<Datum>], column: usize) -> f64 {
    let head = heads.get(column).map_or(0, |h| look::display_width(h)) + 3;
    let values = rows.iter().take(5_000).filter_map(|r| r.get(column)).map(|datum| match datum {
        Datum::Text(t) => look::display_width(t),
        Datum::Number(n) => look::display_width(&n.to_string()),
    });
    f64::from(values.max().unwrap_or(0).max(head) + 1).clamp(7.0, 60.0)
}
