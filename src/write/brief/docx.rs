//! The papers as a Word document: A4, headings that stay with what follows, tables with repeated headers, bars drawn as
//! shaded cells (solid, tinted, striped: a copy in black and white keeps them apart). The only place that knows the document
//! library.

use chrono::NaiveDate;
use docx_rs::{
    AlignmentType, BorderType, Docx, Footer, Header, HeightRule, LineSpacing, LineSpacingType, NumPages, PageMargin,
    PageNum, Paragraph, Run, RunFonts, Shading, ShdType, SpecialIndentType, Style, StyleType, Table, TableBorder,
    TableBorderPosition, TableBorders, TableCell, TableCellMargins, TableLayoutType, TableRow, VAlignType, WidthType,
};

use super::{Papers, Piece, Title};
use crate::look;
use crate::write::canvas::Head;
use crate::write::cell::{Align, Cell, Content, Tone};
use crate::write::charts::Figures;

/// Page and margins in twentieths of a point: A4, 20 mm.
const PAGE: (u32, u32) = (11_906, 16_838);
const MARGIN: u32 = 1_134;
const WIDTH: usize = (PAGE.0 - 2 * MARGIN) as usize;
/// The body's font; both it and the headings' come with Windows.
const BODY_FONT: &str = "游明朝";
/// Sizes in half points.
const BODY: usize = 20;
const SMALL: usize = 18;
/// Height that no row has but the header rows: the library cannot yet say that a row is repeated on every page, so that
/// is added to what it writes.
const HEADER_HEIGHT: &str = "w:val=\"341\"";
const HEADER_POINTS: f32 = 341.0;
/// A bar's whole is this many columns of its table.
const STEPS: usize = 40;
/// So many steps have room for a figure in a bar.
const FIGURE: usize = 4;
const GREY: &str = "595959";

/// Draws the document; the day goes into its properties.
///
/// # Errors
/// When the library refuses to write.
pub fn document(papers: &Papers, day: NaiveDate) -> Result<Vec<u8>, String> {
    let stamp = format!("{day}T00:00:00Z");
    let mut doc = Docx::new()
        .page_size(PAGE.0, PAGE.1)
        .page_margin(margins())
        .default_fonts(fonts(BODY_FONT))
        .default_size(BODY)
        .default_line_spacing(LineSpacing::new().line_rule(LineSpacingType::Auto).line(245))
        .created_at(&stamp)
        .updated_at(&stamp);
    for style in styles() {
        doc = doc.add_style(style);
    }
    doc = doc.header(header(&papers.title)).footer(footer());
    for paragraph in head(&papers.title) {
        doc = doc.add_paragraph(paragraph);
    }
    for piece in &papers.pieces {
        doc = match piece {
            Piece::Table(heads, rows) => doc.add_table(table(heads, rows)).add_paragraph(air()),
            Piece::Bars(n) => match papers.charts.get(*n) {
                Some(figures) => doc
                    .add_paragraph(heading_line(figures.title()))
                    .add_table(bars(figures))
                    .add_paragraph(legend(figures)),
                None => doc,
            },
            Piece::Warning(text) => doc.add_table(framed(text)).add_paragraph(air()),
            other => doc.add_paragraph(line(other)),
        };
    }
    let mut package = doc.build();
    let repeated = format!("<w:trHeight {HEADER_HEIGHT}");
    let text = String::from_utf8(std::mem::take(&mut package.document)).map_err(|e| e.to_string())?;
    package.document = text.replace(&repeated, &format!("<w:tblHeader />{repeated}")).into_bytes();
    let mut bytes = std::io::Cursor::new(Vec::new());
    package.pack(&mut bytes).map_err(|e| e.to_string())?;
    Ok(bytes.into_inner())
}

fn margins() -> PageMargin {
    let m = i32::try_from(MARGIN).unwrap_or_default();
    PageMargin::new().top(m).bottom(m).left(m).right(m).header(567).footer(567).gutter(0)
}

fn fonts(name: &str) -> RunFonts {
    RunFonts::new().ascii(name).hi_ansi(name).east_asia(name).cs(name)
}

/// Headings as styles, so that the document has an outline.
fn styles() -> Vec<Style> {
    let heading = |id: &str, name: &str, size: usize, level: usize| {
        Style::new(id, StyleType::Paragraph).name(name).bold().size(size).fonts(fonts(look::FONT)).outline_lvl(level)
    };
    vec![
        heading("Heading1", "heading 1", 28, 0),
        heading("Heading2", "heading 2", 22, 1),
        heading("Heading3", "heading 3", 20, 2),
    ]
}

fn run(text: &str) -> Run {
    Run::new().add_text(clean(text))
}

/// Text without characters that XML forbids.
fn clean(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && !matches!(c, '\u{FFFE}' | '\u{FFFF}')).collect()
}

fn header(title: &Title) -> Header {
    let small = |text: &str| run(text).size(SMALL).fonts(fonts(look::FONT));
    let mark = if title.mark.is_empty() { String::new() } else { format!("【{}】　", title.mark) };
    Header::new()
        .add_paragraph(Paragraph::new().align(AlignmentType::Right).add_run(small(&format!("{mark}{}", title.title))))
}

fn footer() -> Footer {
    let numbers = Paragraph::new()
        .align(AlignmentType::Center)
        .add_page_num(PageNum::new())
        .add_run(run("／"))
        .add_num_pages(NumPages::new());
    Footer::new().add_paragraph(numbers)
}

fn head(title: &Title) -> Vec<Paragraph> {
    let big = run(&title.title).bold().size(32).fonts(fonts(look::FONT));
    let spaced = LineSpacing::new().after(120);
    let mut lines = vec![Paragraph::new().align(AlignmentType::Center).line_spacing(spaced).add_run(big)];
    lines.extend(title.lines.iter().map(|l| Paragraph::new().align(AlignmentType::Right).add_run(run(l))));
    lines
}

/// A line without height to speak of, between a table and what follows.
fn air() -> Paragraph {
    let tight = LineSpacing::new().line_rule(LineSpacingType::Exact).line(120);
    Paragraph::new().line_spacing(tight).add_run(run("").size(8))
}

fn heading_line(text: &str) -> Paragraph {
    let spaced = LineSpacing::new().before(80).after(40);
    Paragraph::new().style("Heading3").keep_next(true).line_spacing(spaced).add_run(run(text))
}

fn line(piece: &Piece) -> Paragraph {
    let spaced = |before, after| LineSpacing::new().before(before).after(after);
    match piece {
        Piece::Part(text, new_page) => Paragraph::new()
            .style("Heading1")
            .keep_next(true)
            .page_break_before(*new_page)
            .line_spacing(spaced(200, 60))
            .add_run(run(&format!("【{text}】"))),
        Piece::Topic(text) => {
            Paragraph::new().style("Heading2").keep_next(true).line_spacing(spaced(140, 60)).add_run(run(text))
        }
        Piece::Heading(text) => heading_line(text),
        Piece::Sentence(text) => Paragraph::new()
            .widow_control(true)
            .indent(None, Some(SpecialIndentType::FirstLine(210)), None, None)
            .add_run(run(text)),
        Piece::Entry(level, text) => {
            let left = 210 + 420 * i32::from(*level) + 420;
            Paragraph::new()
                .widow_control(true)
                .indent(Some(left), Some(SpecialIndentType::Hanging(420)), None, None)
                .add_run(run(text))
        }
        Piece::Note(text) => {
            Paragraph::new().keep_lines(true).add_run(run(text).size(SMALL).color(GREY).fonts(fonts(look::FONT)))
        }
        Piece::Warning(_) | Piece::Table(..) | Piece::Bars(_) => Paragraph::new(),
    }
}

fn borders(size: usize) -> TableBorders {
    use TableBorderPosition::{Bottom, InsideH, InsideV, Left, Right, Top};
    [Top, Bottom, Left, Right, InsideH, InsideV].into_iter().fold(TableBorders::with_empty(), |all, position| {
        all.set(TableBorder::new(position).border_type(BorderType::Single).size(size).color("808080"))
    })
}

fn new_table(grid: Vec<usize>, rows: Vec<TableRow>, border: usize) -> Table {
    Table::new(rows)
        .set_grid(grid)
        .layout(TableLayoutType::Fixed)
        .width(WIDTH, WidthType::Dxa)
        .margins(TableCellMargins::new().margin(20, 70, 20, 70))
        .set_borders(borders(border))
}

/// Widths in the proportions of the heads, that together are the page's.
fn grid(heads: &[Head]) -> Vec<usize> {
    let all: f64 = heads.iter().map(|h| h.width).sum();
    // Small positive numbers by construction.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
    let own = |h: &Head| (WIDTH as f64 * h.width / all.max(1.0)) as usize;
    heads.iter().map(own).collect()
}

fn framed(text: &str) -> Table {
    let shown = run(text).bold().fonts(fonts(look::FONT));
    let cell = TableCell::new()
        .width(WIDTH, WidthType::Dxa)
        .shading(Shading::new().shd_type(ShdType::Clear).fill("FDE9D9"))
        .add_paragraph(Paragraph::new().add_run(shown));
    new_table(vec![WIDTH], vec![TableRow::new(vec![cell]).cant_split()], 12)
}

fn small_cell(text: &str, width: usize, tone: Tone, align: AlignmentType) -> TableCell {
    let bold = matches!(tone, Tone::Strong | Tone::Warn | Tone::Missing | Tone::Label);
    let mut shown = run(text).size(SMALL).fonts(fonts(look::FONT));
    if bold {
        shown = shown.bold();
    }
    let paragraph = Paragraph::new().align(align).line_spacing(LineSpacing::new().line(240)).add_run(shown);
    let cell =
        TableCell::new().width(width, WidthType::Dxa).vertical_align(VAlignType::Center).add_paragraph(paragraph);
    let tint = match tone {
        Tone::Label => "DDE7F0",
        Tone::Warn | Tone::Missing => "FDE9D9",
        _ => return cell,
    };
    cell.shading(Shading::new().shd_type(ShdType::Clear).fill(tint))
}

fn table(heads: &[Head], rows: &[Vec<Cell>]) -> Table {
    let widths = grid(heads);
    let label = |(h, w): (&Head, &usize)| small_cell(&h.label, *w, Tone::Label, AlignmentType::Center);
    let top = TableRow::new(heads.iter().zip(&widths).map(label).collect())
        .row_height(HEADER_POINTS)
        .height_rule(HeightRule::AtLeast)
        .cant_split();
    let mut all = vec![top];
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(c, w)| {
            let align = match (&c.content, c.align) {
                (_, Align::Center) => AlignmentType::Center,
                (Content::Count(_) | Content::Number(_) | Content::Share(_), _) => AlignmentType::Right,
                _ => AlignmentType::Left,
            };
            small_cell(&c.shown(), *w, c.tone, align)
        });
        all.push(TableRow::new(cells.collect()).cant_split());
    }
    new_table(widths, all, 4)
}

/// How a part of a bar is filled, by its place; what is missing has slanted stripes, which no other part has.
fn fill(n: usize, open: bool) -> Shading {
    let shading = Shading::new();
    match (open, n) {
        (true, _) => shading.shd_type(ShdType::ThinDiagStripe).color(GREY).fill("FFFFFF"),
        (false, 0) => shading.shd_type(ShdType::Clear).fill("1F3863"),
        (false, 1) => shading.shd_type(ShdType::Clear).fill("9FB6CE"),
        (false, 2) => shading.shd_type(ShdType::Clear).fill("FFFFFF"),
        // Programs that know no stripes mix the two colours: they are chosen so that the mixtures differ.
        (false, 3) => shading.shd_type(ShdType::ThinHorzStripe).color("C8C8C8").fill("FFFFFF"),
        (false, 4) => shading.shd_type(ShdType::ThinVertStripe).color("000000").fill("8C8C8C"),
        (false, _) => shading.shd_type(ShdType::Clear).fill("DEDEDE"),
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
    columns.extend([step; STEPS]);
    columns.push(text);
    let rows = figures.bars().iter().enumerate().map(|(n, bar)| {
        let mut cells = vec![small_cell(bar, name, Tone::Plain, AlignmentType::Left)];
        let mut done = 0.0;
        let mut at = 0;
        for (k, part) in figures.parts().iter().enumerate() {
            done += part.values.get(n).copied().unwrap_or(0.0) / whole;
            let end = steps(done);
            if end > at {
                let cell = TableCell::new().grid_span(end - at).width(step * (end - at), WidthType::Dxa);
                let value = part.values.get(n).copied().unwrap_or(0.0);
                // A short part has no room; on stripes it would not be read.
                let figure =
                    if end - at >= FIGURE && (k < 3 && !part.open) { amount(shares, value) } else { String::new() };
                cells.push(cell.shading(fill(k, part.open)).add_paragraph(in_bar(&figure, k == 0)));
                at = end;
            }
        }
        if at < STEPS {
            let rest = TableCell::new().grid_span(STEPS - at).width(step * (STEPS - at), WidthType::Dxa);
            cells.push(rest.clear_all_border().add_paragraph(air()));
        }
        cells.push(small_cell(&in_words(figures, n), text, Tone::Plain, AlignmentType::Left));
        TableRow::new(cells).cant_split()
    });
    new_table(columns, rows.collect(), 4)
}

/// The figure in a part of a bar: in white on the dark first one.
fn in_bar(figure: &str, dark: bool) -> Paragraph {
    if figure.is_empty() {
        return air();
    }
    let shown = run(figure).size(14).color(if dark { "FFFFFF" } else { "000000" }).fonts(fonts(look::FONT));
    let tight = LineSpacing::new().line_rule(LineSpacingType::Exact).line(180);
    Paragraph::new().align(AlignmentType::Center).line_spacing(tight).add_run(shown)
}

/// A part's figure: per cent with one decimal, or a count.
fn amount(shares: bool, value: f64) -> String {
    if shares { format!("{:.1}", value * 100.0) } else { format!("{value:.0}") }
}

/// Where a share ends on the scale of a bar.
fn steps(share: f64) -> usize {
    // Between 0 and STEPS by the clamp.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
    let end = (share.clamp(0.0, 1.0) * STEPS as f64).round() as usize;
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
    let small = |text: &str| run(text).size(SMALL).fonts(fonts(look::FONT));
    let mut paragraph = Paragraph::new().line_spacing(LineSpacing::new().before(40).after(120));
    for (n, part) in figures.parts().iter().enumerate() {
        paragraph = paragraph.add_run(small("　　").shading(fill(n, part.open)).text_border(frame()));
        paragraph = paragraph.add_run(small(&format!(" {}　", part.name)));
    }
    paragraph.add_run(small(&format!("（右の数値は左から順に。単位は{unit}）")).color(GREY))
}

fn frame() -> docx_rs::TextBorder {
    docx_rs::TextBorder::new().border_type(BorderType::Single).size(4).color("000000")
}
