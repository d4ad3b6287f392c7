//! The papers as a sheet of the master: the same pieces, A4 upright, on a fine grid so that tables keep their proportions.

use rust_xlsxwriter::Workbook;

use super::{Papers, Piece};
use crate::look;
use crate::write::canvas::{Canvas, Head, banner};
use crate::write::cell::{Cell, Tone};
use crate::write::context::Context;
use crate::write::{WriteError, add_sheet, charts};

/// The page is a grid of this many columns of this width (half-width characters).
const COLUMNS: u16 = 30;
const WIDTH: f64 = 3.3;
const LAST: u16 = COLUMNS - 1;

/// Draws the sheet.
///
/// # Errors
/// When the definition names the sheet in a way the workbook cannot hold.
pub fn draw(ctx: &Context<'_>, book: &mut Workbook, papers: &Papers) -> Result<(), WriteError> {
    let sheet = add_sheet(ctx, book, &ctx.templates.brief.sheet, None, (false, false))?;
    sheet.set_print_fit_to_pages(1, 0);
    let mut page = Canvas::new(sheet, &[WIDTH; COLUMNS as usize])?;
    let mut row = page.title(0, &papers.title.title, &papers.title.mark)?;
    row = page.notes(row, &papers.title.lines)?;
    let mut breaks = Vec::new();
    for piece in &papers.pieces {
        if matches!(piece, Piece::Part(_, true)) {
            breaks.push(row);
        }
        row = draw_piece(&mut page, row, piece, papers)?;
    }
    page.sheet.set_page_breaks(&breaks)?;
    Ok(())
}

fn draw_piece(page: &mut Canvas<'_>, row: u32, piece: &Piece, papers: &Papers) -> Result<u32, WriteError> {
    let whole = WIDTH * f64::from(COLUMNS);
    match piece {
        Piece::Part(text, _) => {
            page.set_height(row, 30.0)?;
            page.across(row, 0, LAST, &format!("【{text}】"), &look::title())
        }
        Piece::Topic(text) => page.heading(row, text),
        Piece::Heading(text) => page.across(row, 0, LAST, text, &look::base().set_bold()),
        Piece::Sentence(text) => page.notes(row, &[format!("　{text}")]),
        Piece::Entry(level, text) => page.notes_from(row, 1 + u16::from(*level), std::slice::from_ref(text)),
        Piece::Note(text) => page.notes(row, std::slice::from_ref(text)),
        Piece::Warning(text) => {
            page.set_height(row, look::row_height(look::wrapped_lines(text, whole * 0.82) + 1))?;
            page.across(row, 0, LAST, text, &banner())
        }
        Piece::Table(heads, rows) => table(page, row, heads, rows),
        Piece::Bars(n) => match papers.charts.get(*n) {
            Some(figures) => charts::place(page, row, figures, look::pixels(WIDTH) * u32::from(COLUMNS)),
            None => Ok(row),
        },
    }
}

/// First and last column of each head, in the proportions of their widths.
fn spans(heads: &[Head]) -> Vec<(u16, u16)> {
    let all: f64 = heads.iter().map(|h| h.width).sum::<f64>().max(1.0);
    let mut edge = 0.0;
    let mut first = 0;
    let left = |n: usize| u16::try_from(heads.len() - n - 1).unwrap_or(0);
    let mut spans = Vec::new();
    for (n, h) in heads.iter().enumerate() {
        edge += h.width / all * f64::from(COLUMNS);
        // Between 0 and COLUMNS by construction; every head keeps a column of its own.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let last = (edge.round() as u16).saturating_sub(1).clamp(first, LAST.saturating_sub(left(n)).max(first));
        spans.push((first, last));
        first = last + 1;
    }
    spans
}

fn table(page: &mut Canvas<'_>, row: u32, heads: &[Head], rows: &[Vec<Cell>]) -> Result<u32, WriteError> {
    let spans = spans(heads);
    let placed = |cells: Vec<Cell>| spans.iter().zip(cells).map(|((a, b), c)| (*a, *b, c)).collect::<Vec<_>>();
    let labels = heads.iter().map(|h| Cell::text(&*h.label).tone(Tone::Label).center()).collect();
    let mut row = page.row(row, &placed(labels))?;
    for cells in rows {
        row = page.row(row, &placed(cells.clone()))?;
    }
    page.set_height(row, 6.0)?;
    Ok(row + 1)
}
