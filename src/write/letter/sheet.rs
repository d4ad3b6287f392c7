//! A letter as a sheet: one A4 page on a fine grid, so that the table and the boxes for seals keep their proportions.

use rust_xlsxwriter::{Format, FormatAlign, Worksheet, XlsxError};

use super::paper::{At, MOST_BOXES, Paper, Piece};
use crate::look::{self, Page};
use crate::model::Round;

/// Widths in half-width characters: the labels, and the columns beside them, in which everything else spans several.
const LABEL: f64 = 17.0;
const FINE: f64 = 6.2;
const COLUMNS: u16 = 12;
/// First and last column of the table's columns.
const TABLE: [(u16, u16); 3] = [(1, 5), (6, 8), (9, COLUMNS)];
/// Columns of a box for a seal, and its height in points.
const BOX: u16 = 2;
const BOX_HEIGHT: f64 = 42.0;
/// Size of a letter's text in points, and the height of its line.
const SIZE: f64 = 10.5;
const LINE: f64 = 18.0;

/// Draws a letter on an empty sheet.
///
/// # Errors
/// When the library refuses something.
pub(in crate::write) fn draw(sheet: &mut Worksheet, paper: &Paper, round: &Round) -> Result<(), XlsxError> {
    look::set_width(sheet, 0, LABEL)?;
    for column in 1..=COLUMNS {
        look::set_width(sheet, column, FINE)?;
    }
    look::page_setup(sheet, &Page { left: &round.name, right: &round.municipality, ..Page::default() });
    sheet.set_screen_gridlines(false);
    sheet.set_margins(0.8, 0.8, 0.8, 0.7, 0.3, 0.3).set_print_fit_to_pages(1, 1);
    let mut grid = Grid { sheet, row: 0 };
    paper.pieces.iter().try_for_each(|piece| grid.piece(piece))
}

fn letters() -> Format {
    look::base().set_font_size(SIZE).set_text_wrap().set_align(FormatAlign::Top)
}

struct Grid<'a> {
    sheet: &'a mut Worksheet,
    row: u32,
}

impl Grid<'_> {
    fn piece(&mut self, piece: &Piece) -> Result<(), XlsxError> {
        match piece {
            Piece::Line(At::Mark, text) => self.row(&[(6, COLUMNS, text, &look::mark())]),
            Piece::Line(at, text) => {
                let format = match at {
                    At::Left | At::Mark => letters(),
                    At::Center => letters().set_align(FormatAlign::Center),
                    At::Right => letters().set_align(FormatAlign::Right),
                    At::Subject => look::base().set_font_size(14).set_bold().set_align(FormatAlign::Center),
                };
                self.row(&[(0, COLUMNS, text, &format)])
            }
            Piece::Item(label, text) => self.row(&[(0, 0, label, &letters()), (1, COLUMNS, text, &letters())]),
            Piece::Table(heads, rows) => self.table(*heads, rows),
            Piece::Boxes(name, posts) => self.boxes(name, posts),
            Piece::Gap(height) => self.end(*height),
        }
    }

    fn table(&mut self, heads: [&str; 3], rows: &[[String; 3]]) -> Result<(), XlsxError> {
        let (head, cell) = (look::header().set_font_size(SIZE), look::cell().set_font_size(SIZE));
        let bold = look::cell().set_font_size(SIZE).set_bold();
        let of = |texts: [&str; 3], formats: [&Format; 3]| -> Result<(), XlsxError> {
            let cells: Vec<_> = TABLE
                .into_iter()
                .zip(texts)
                .zip(formats)
                .map(|(((a, b), text), format)| (a, b, text, format))
                .collect();
            self.row(&cells)
        };
        let mut of = of;
        of(heads, [&head, &head, &head])?;
        rows.iter().try_for_each(|[form, about, due]| of([form, about, due], [&cell, &cell, &bold]))
    }

    /// Boxes at the right, each with its post above the room for a seal.
    fn boxes(&mut self, name: &str, posts: &[String]) -> Result<(), XlsxError> {
        let (head, cell) = (look::header().set_font_size(9), look::cell());
        let first = COLUMNS + 1 - BOX * u16::try_from(posts.len().min(MOST_BOXES)).unwrap_or(0);
        let at = |n: u16| (first + n * BOX, first + n * BOX + BOX - 1);
        if first > 1 {
            let right = look::base().set_font_size(9).set_align(FormatAlign::Right);
            self.sheet.merge_range(self.row, 0, self.row, first - 1, &format!("{name}　"), &right)?;
        } else {
            self.sheet.write_with_format(self.row, 0, name, &look::base().set_font_size(9))?;
        }
        for (n, post) in (0u16..).zip(posts) {
            let (a, b) = at(n);
            self.sheet.merge_range(self.row, a, self.row, b, post, &head)?;
            self.sheet.merge_range(self.row + 1, a, self.row + 1, b, "", &cell)?;
        }
        self.end(LINE)?;
        self.end(BOX_HEIGHT)
    }

    /// A row: texts over stretches of columns, each with its format; as high as the longest of them.
    fn row(&mut self, cells: &[(u16, u16, &str, &Format)]) -> Result<(), XlsxError> {
        let mut lines = 1;
        for (first, last, text, format) in cells {
            let width: f64 = (*first..=*last).map(|c| if c == 0 { LABEL } else { FINE }).sum();
            lines = lines.max(look::wrapped_lines(text, (width - 1.0) * look::BODY / SIZE));
            if first == last {
                self.sheet.write_with_format(self.row, *first, *text, format)?;
            } else {
                self.sheet.merge_range(self.row, *first, self.row, *last, text, format)?;
            }
        }
        self.end(f64::from(lines).mul_add(LINE, 5.0))
    }

    fn end(&mut self, height: f64) -> Result<(), XlsxError> {
        self.sheet.set_row_height(self.row, height)?;
        self.row += 1;
        Ok(())
    }
}
