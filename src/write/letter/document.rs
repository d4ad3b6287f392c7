//! A letter as a Word document: the same pieces as on the sheet, for an office that goes on with it.

use chrono::NaiveDate;

use super::paper::{At, MOST_BOXES, Paper, Piece};
use crate::look;
use crate::write::word::{self, Align, Block, Cell, Document, Line, Paragraph, Row, Run, Shade, Spacing, Table, WIDTH};

/// Size of the text in half points.
const SIZE: u32 = 21;
const SMALLER: u32 = 20;
/// Height of its lines, whatever the font asks for, so that the letter keeps its one page.
const LINE: Line = Line::Exact(290);
/// Width of the labels, and of a box for a seal.
const LABEL: u32 = 1_500;
const BOX: u32 = 1_150;
/// Hundredths of the table that its columns take.
const TABLE: [u32; 3] = [43, 24, 33];

/// Draws the document.
///
/// # Errors
/// When the package cannot be written.
pub(in crate::write) fn document(paper: &Paper, title: &str, author: &str, day: NaiveDate) -> Result<Vec<u8>, String> {
    word::package(&Document {
        title: title.to_string(),
        author: author.to_string(),
        day,
        header: Vec::new(),
        numbered: false,
        body: paper.pieces.iter().map(block).collect(),
    })
}

fn block(piece: &Piece) -> Block {
    match piece {
        Piece::Line(at, text) => Block::Paragraph(line(*at, text)),
        Piece::Item(label, text) => Block::Table(plain(vec![LABEL, WIDTH - LABEL], vec![bare(label), bare(text)])),
        Piece::Table(heads, rows) => Block::Table(table(*heads, rows)),
        Piece::Boxes(name, posts) => Block::Table(boxes(name, posts)),
        Piece::Gap(height) => Block::Paragraph(gap(*height)),
    }
}

/// A paragraph with the letter's height of lines.
fn paragraph(run: Run, align: Align) -> Paragraph {
    Paragraph { align, spacing: Spacing { line: Some(LINE), ..Spacing::default() }, ..Paragraph::of(run) }
}

fn letters(text: &str) -> Run {
    Run { size: Some(SIZE), ..Run::new(text) }
}

fn line(at: At, text: &str) -> Paragraph {
    let (align, run) = match at {
        At::Left => (Align::Left, letters(text)),
        At::Center => (Align::Center, letters(text)),
        At::Right => (Align::Right, letters(text)),
        At::Subject => (Align::Center, Run { bold: true, size: Some(28), font: Some(look::FONT), ..Run::new(text) }),
        At::Mark => (Align::Right, Run { bold: true, framed: true, color: Some("9C1C1C"), ..letters(text) }),
    };
    paragraph(run, align)
}

/// Air of so many points.
fn gap(height: f64) -> Paragraph {
    // Some points by construction; a line is never less than one.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let exact = (height * 14.0).clamp(20.0, 2_000.0) as u32;
    let spacing = Spacing { line: Some(Line::Exact(exact)), ..Spacing::default() };
    Paragraph { spacing, ..Paragraph::of(Run { size: Some(2), ..Run::default() }) }
}

/// One row.
fn plain(columns: Vec<u32>, cells: Vec<Cell>) -> Table {
    Table { columns, border: 4, rows: vec![Row { head: false, cells }] }
}

fn bare(text: &str) -> Cell {
    Cell { bare: true, paragraph: paragraph(letters(text), Align::Left), ..Cell::default() }
}

fn table(heads: [&str; 3], rows: &[[String; 3]]) -> Table {
    let width = WIDTH - LABEL;
    let mut columns = vec![LABEL];
    columns.extend(TABLE.map(|part| width * part / 100));
    let label = |text: &str| Cell {
        shade: Some(Shade::plain("DDE7F0")),
        paragraph: paragraph(Run { bold: true, size: Some(SMALLER), ..Run::new(text) }, Align::Center),
        ..Cell::default()
    };
    let cell = |text: &str, bold: bool| Cell {
        middle: true,
        paragraph: paragraph(Run { bold, size: Some(SMALLER), ..Run::new(text) }, Align::Left),
        ..Cell::default()
    };
    let mut all = vec![Row { head: false, cells: [vec![bare("")], heads.map(label).to_vec()].concat() }];
    all.extend(rows.iter().map(|[form, about, due]| Row {
        head: false,
        cells: vec![bare(""), cell(form, false), cell(about, false), cell(due, true)],
    }));
    Table { columns, border: 4, rows: all }
}

/// Boxes at the right, each with its post above the room for a seal.
fn boxes(name: &str, posts: &[String]) -> Table {
    let count = u32::try_from(posts.len().min(MOST_BOXES)).unwrap_or(1);
    let mut columns = vec![WIDTH - BOX * count];
    columns.extend((0..count).map(|_| BOX));
    let small = |text: &str| Run { size: Some(18), font: Some(look::FONT), ..Run::new(text) };
    let before = |text: &str| Cell { bare: true, paragraph: paragraph(small(text), Align::Right), ..Cell::default() };
    let post = |text: &String| Cell {
        shade: Some(Shade::plain("DDE7F0")),
        paragraph: Paragraph { keep_next: true, ..paragraph(small(text), Align::Center) },
        ..Cell::default()
    };
    let room = |_: &String| Cell { paragraph: gap(42.0), ..Cell::default() };
    let row = |first: &str, cells: Vec<Cell>| Row { head: false, cells: [vec![before(first)], cells].concat() };
    let rows =
        vec![row(&format!("{name}　"), posts.iter().map(post).collect()), row("", posts.iter().map(room).collect())];
    Table { columns, border: 4, rows }
}
