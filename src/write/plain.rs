//! Plain tables for programs: header in row 1, one value a cell, no merges, no formulas.

use chrono::NaiveDate;
use rust_xlsxwriter::Worksheet;

use super::WriteError;
use super::canvas::fitting;
use super::csv::Datum;
use crate::look::{self, Page};

/// So many rows decide how wide a column is.
const MEASURED: u32 = 5_000;

/// A table with the name of its sheet.
#[derive(Clone, Debug)]
pub struct PlainTable {
    /// Name of the sheet.
    pub name: String,
    /// Headers.
    pub heads: Vec<String>,
    /// Rows; as many values as headers.
    pub rows: Vec<Vec<Datum<'static>>>,
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
    Ok(look::saved(&mut book)?)
}

/// Draws a table from the first cell on, with frozen headers and filter buttons.
///
/// # Errors
/// When it is larger than a sheet.
pub fn draw(sheet: &mut Worksheet, heads: &[&str], rows: &[Vec<Datum<'_>>]) -> Result<(), WriteError> {
    let mut drawing = Drawing::new(sheet, heads)?;
    for row in rows {
        drawing.row(row)?;
    }
    drawing.finish()
}

/// A table that is drawn row by row. One line per row: a machine reads it, and wrapped rows would make the sheet endless. Its
/// cells need no format of their own: the workbook's first one is that of body text.
pub struct Drawing<'w> {
    sheet: &'w mut Worksheet,
    /// Of the headers and the first rows, by column, in half-width characters.
    widths: Vec<u32>,
    /// The last row that was drawn.
    last: u32,
}

impl<'w> Drawing<'w> {
    /// A table with its headers.
    ///
    /// # Errors
    /// As [`draw`].
    pub fn new(sheet: &'w mut Worksheet, heads: &[&str]) -> Result<Self, WriteError> {
        let header = look::header();
        for (column, head) in (0u16..).zip(heads) {
            sheet.write_string_with_format(0, column, *head, &header)?;
        }
        sheet.set_row_height(0, look::row_height(2))?;
        let widths = heads.iter().map(|h| look::display_width(h) + 3).collect();
        Ok(Self { sheet, widths, last: 0 })
    }

    /// Draws the next row.
    ///
    /// # Errors
    /// As [`draw`].
    pub fn row(&mut self, row: &[Datum<'_>]) -> Result<(), WriteError> {
        self.last += 1;
        for (column, datum) in (0u16..).zip(row) {
            match datum {
                Datum::Text(t) if t.is_empty() => {}
                Datum::Text(t) => {
                    self.sheet.write_string(self.last, column, &*fitting(t))?;
                }
                Datum::Number(n) => {
                    self.sheet.write_number(self.last, column, *n)?;
                }
            }
        }
        if self.last <= MEASURED {
            self.measure(row);
        }
        Ok(())
    }

    fn measure(&mut self, row: &[Datum<'_>]) {
        for (width, datum) in self.widths.iter_mut().zip(row) {
            *width = (*width).max(match datum {
                Datum::Text(t) => look::display_width(t),
                Datum::Number(n) => look::display_width(&n.to_string()),
            });
        }
    }

    /// Sets widths, buttons and panes.
    ///
    /// # Errors
    /// As [`draw`].
    pub fn finish(self) -> Result<(), WriteError> {
        for (column, width) in (0u16..).zip(&self.widths) {
            look::set_width(self.sheet, column, f64::from(width + 1).clamp(7.0, 60.0))?;
        }
        if self.last > 0 {
            let columns = u16::try_from(self.widths.len()).unwrap_or(1);
            self.sheet.autofilter(0, 0, self.last, columns - 1)?;
        }
        self.sheet.set_freeze_panes(1, 0)?;
        self.sheet.set_repeat_rows(0, 0)?;
        Ok(())
    }
}
