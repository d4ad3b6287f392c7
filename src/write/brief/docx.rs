//! The papers as a Word document: A4, headings that stay with what follows, tables with repeated headers, bars drawn as
//! shaded cells (solid, tinted, striped: a copy in black and white keeps them apart).

use chrono::NaiveDate;

use super::{Papers, Piece, Title};
use crate::look;
use crate::model::share;
use crate::write::canvas::Head;
use crate::write::cell::{self, Content, Tone};
use crate::write::charts::Figures;
use crate::write::word::{
    self, Align, Block, Cell, Document, Fill, Line, Paragraph, Row, Run, Shade, Spacing, Table, WIDTH,
};

/// Size of small letters in half points.
const SMALL: u32 = 18;
/// A bar's whole is this many columns of its table.
const STEPS: u32 = 40;
/// So many steps have room for a figure in a bar.
const FIGURE: u32 = 4;
const GREY: &str = "595959";

/// Draws the document; the day and who made it go into its properties.
///
/// # Errors
/// When the package cannot be written.
pub fn document(papers: &Papers, day: NaiveDate, author: &str) -> Result<Vec<u8>, String> {
    let mut body: Vec<Block> = head(&papers.title).into_iter().map(Block::Paragraph).collect();
    for piece in &papers.pieces {
        match piece {
            Piece::Table(heads, rows) => {
                body.extend([Block::Table(table(heads, rows)), Block::Paragraph(air())]);
            }
            Piece::Bars(n) => {
                if let Some(figures) = papers.charts.get(*n) {
                    body.push(Block::Paragraph(heading_line(figures.title())));
                    body.push(Block::Table(bars(figures)));
                    body.push(Block::Paragraph(legend(figures)));
                }
            }
            Piece::Warning(text) => body.extend([Block::Table(framed(text)), Block::Paragraph(air())]),
            other => body.push(Block::Paragraph(line(other))),
        }
    }
    word::package(&Document {
        title: papers.title.title.clone(),
        author: author.to_string(),
        day,
        header: vec![small(&header(&papers.title))],
        numbered: true,
        body,
    })
}

fn small(text: &str) -> Run {
    Run { size: Some(SMALL), font: Some(look::FONT), ..Run::new(text) }
}

fn header(title: &Title) -> String {
    let mark = if title.mark.is_empty() { String::new() } else { format!("【{}】　", title.mark) };
    format!("{mark}{}", title.title)
}

fn head(title: &Title) -> Vec<Paragraph> {
    let big = Run { bold: true, size: Some(32), font: Some(look::FONT), ..Run::new(title.title.as_str()) };
    let spacing = Spacing { after: Some(120), ..Spacing::default() };
    let mut lines = vec![Paragraph { align: Align::Center, spacing, ..Paragraph::of(big) }];
    let at_right = |l: &String| Paragraph { align: Align::Right, ..Paragraph::of(Run::new(l.as_str())) };
    lines.extend(title.lines.iter().map(at_right));
    lines
}

/// A line without height to speak of, between a table and what follows.
fn air() -> Paragraph {
    let spacing = Spacing { line: Some(Line::Exact(120)), ..Spacing::default() };
    Paragraph { spacing, ..Paragraph::of(Run { size: Some(8), ..Run::default() }) }
}

const fn spaced(before: u32, after: u32) -> Spacing {
    Spacing { before: Some(before), after: Some(after), line: None }
}

fn heading(level: u8, text: &str, spacing: Spacing) -> Paragraph {
    Paragraph { heading: Some(level), keep_next: true, spacing, ..Paragraph::of(Run::new(text)) }
}

fn heading_line(text: &str) -> Paragraph {
    heading(3, text, spaced(80, 40))
}

fn line(piece: &Piece) -> Paragraph {
    match piece {
        Piece::Part(text, new_page) => {
            Paragraph { new_page: *new_page, ..heading(1, &format!("【{text}】"), spaced(200, 60)) }
        }
        Piece::Topic(text) => heading(2, text, spaced(140, 60)),
        Piece::Heading(text) => heading_line(text),
        Piece::Sentence(text) => {
            Paragraph { widow_control: true, first: 210, ..Paragraph::of(Run::new(text.as_str())) }
        }
        Piece::Entry(level, text) => Paragraph {
            widow_control: true,
            left: 630 + 420 * u32::from(*level),
            first: -420,
            ..Paragraph::of(Run::new(text.as_str()))
        },
        Piece::Note(text) => Paragraph { keep_lines: true, ..Paragraph::of(Run { color: Some(GREY), ..small(text) }) },
        Piece::Warning(_) | Piece::Table(..) | Piece::Bars(_) => Paragraph::default(),
    }
}

/// Widths in the proportions of the heads, that together are the page's.
fn grid(heads: &[Head]) -> Vec<u32> {
    let all: f64 = heads.iter().map(|h| h.width).sum();
    // Small positive numbers by construction.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let own = |h: &Head| (f64::from(WIDTH) * h.width / all.max(1.0)) as u32;
    heads.iter().map(own).collect()
}

fn framed(text: &str) -> Table {
    let shown = Run { bold: true, font: Some(look::FONT), ..Run::new(text) };
    let cell = Cell { shade: Some(Shade::plain("FDE9D9")), paragraph: Paragraph::of(shown), ..Cell::default() };
    Table { columns: vec![WIDTH], border: 12, rows: vec![Row { head: false, cells: vec![cell] }] }
}

fn small_cell(text: &str, tone: Tone, align: Align) -> Cell {
    let bold = matches!(tone, Tone::Strong | Tone::Warn | Tone::Missing | Tone::Label);
    let spacing = Spacing { line: Some(Line::Auto(240)), ..Spacing::default() };
    let paragraph = Paragraph { spacing, align, ..Paragraph::of(Run { bold, ..small(text) }) };
    let shade = match tone {
        Tone::Label => Some(Shade::plain("DDE7F0")),
        Tone::Warn | Tone::Missing => Some(Shade::plain("FDE9D9")),
        _ => None,
    };
    Cell { shade, middle: true, paragraph, ..Cell::default() }
}

fn table(heads: &[Head], rows: &[Vec<cell::Cell>]) -> Table {
    let labels = heads.iter().map(|h| small_cell(&h.label, Tone::Label, Align::Center)).collect();
    let mut all = vec![Row { head: true, cells: labels }];
    for row in rows {
        let cells = row.iter().map(|c| {
            let align = match (&c.content, c.align) {
                (_, cell::Align::Center) => Align::Center,
                (Content::Count(_) | Content::Number(_) | Content::Share(_), _) => Align::Right,
                _ => Align::Left,
            };
            small_cell(&c.shown(), c.tone, align)
        });
        all.push(Row { head: false, cells: cells.collect() });
    }
    Table { columns: grid(heads), border: 4, rows: all }
}

/// How a part of a bar is filled, by its place; what is missing has slanted stripes, which no other part has.
const fn fill(n: usize, open: bool) -> Shade {
    match (open, n) {
        (true, _) => Shade { fill: Fill::Slanted, color: GREY, back: "FFFFFF" },
        (false, 0) => Shade::plain("1F3863"),
        (false, 1) => Shade::plain("9FB6CE"),
        (false, 2) => Shade::plain("FFFFFF"),
        // Programs that know no stripes mix the two colours: they are chosen so that the mixtures differ.
        (false, 3) => Shade { fill: Fill::Lying, color: "C8C8C8", back: "FFFFFF" },
        (false, 4) => Shade { fill: Fill::Upright, color: "000000", back: "8C8C8C" },
        (false, _) => Shade::plain("DEDEDE"),
    }
}

/// Bars as rows of a table: name, the bar on a scale of [`STEPS`], its figures.
fn bars(figures: &Figures) -> Table {
    let (shares, _) = figures.unit();
    let sums = (0..figures.bars().len()).map(|n| figures.parts().iter().filter_map(|p| p.values.get(n)).sum::<f64>());
    let whole = if shares { 1.0 } else { sums.fold(0.0, f64::max).max(1.0) };
    let (name, text) = (WIDTH * 26 / 100, WIDTH * 22 / 100);
    let step = (WIDTH - name - text) / STEPS;
    let mut columns = vec![name];
    columns.extend((0..STEPS).map(|_| step));
    columns.push(text);
    let rows = figures.bars().iter().enumerate().map(|(n, bar)| {
        let mut cells = vec![small_cell(bar, Tone::Plain, Align::Left)];
        let mut done = 0.0;
        let mut at = 0;
        for (k, part) in figures.parts().iter().enumerate() {
            let value = part.values.get(n).copied().unwrap_or(0.0);
            done += value / whole;
            let end = steps(done);
            if end > at {
                // A short part has no room; on stripes it would not be read.
                let room = end - at >= FIGURE && k < 3 && !part.open;
                let figure = if room { amount(shares, value) } else { String::new() };
                let shade = Some(fill(k, part.open));
                cells.push(Cell { span: end - at, shade, paragraph: in_bar(&figure, k == 0), ..Cell::default() });
                at = end;
            }
        }
        if at < STEPS {
            cells.push(Cell { span: STEPS - at, bare: true, paragraph: air(), ..Cell::default() });
        }
        cells.push(small_cell(&in_words(figures, n), Tone::Plain, Align::Left));
        Row { head: false, cells }
    });
    Table { columns, border: 4, rows: rows.collect() }
}

/// The figure in a part of a bar: in white on the dark first one.
fn in_bar(figure: &str, dark: bool) -> Paragraph {
    if figure.is_empty() {
        return air();
    }
    let color = Some(if dark { "FFFFFF" } else { "000000" });
    let shown = Run { size: Some(14), color, font: Some(look::FONT), ..Run::new(figure) };
    let spacing = Spacing { line: Some(Line::Exact(180)), ..Spacing::default() };
    Paragraph { align: Align::Center, spacing, ..Paragraph::of(shown) }
}

/// A part's figure: per cent with one decimal, or a count.
fn amount(shares: bool, value: f64) -> String {
    if shares { share::figures(value) } else { format!("{value:.0}") }
}

/// Where a share ends on the scale of a bar.
fn steps(share: f64) -> u32 {
    // Between 0 and STEPS by the clamp.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let end = (share.clamp(0.0, 1.0) * f64::from(STEPS)).round() as u32;
    end
}

/// The figures of a bar: the parts one after the other, as on the legend.
fn in_words(figures: &Figures, bar: usize) -> String {
    let (shares, _) = figures.unit();
    let values = figures.parts().iter().filter_map(|p| p.values.get(bar));
    let own: Vec<String> = values.map(|v| amount(shares, *v)).collect();
    own.join("／")
}

fn legend(figures: &Figures) -> Paragraph {
    let (shares, unit) = figures.unit();
    let unit = if shares { "%" } else { unit };
    let mut runs = Vec::new();
    for (n, part) in figures.parts().iter().enumerate() {
        runs.push(Run { shade: Some(fill(n, part.open)), framed: true, ..small("　　") });
        runs.push(small(&format!(" {}　", part.name)));
    }
    runs.push(Run { color: Some(GREY), ..small(&format!("（右の数値は左から順に。単位は{unit}）")) });
    Paragraph { spacing: spaced(40, 120), runs, ..Paragraph::default() }
}
