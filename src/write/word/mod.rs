//! A Word document in the few pieces that the papers and the letters need: paragraphs, tables, header and footer.
//!
//! A document is plain data here ([`Document`]); `parts` writes it in the order that the schema of WordprocessingML
//! (ISO/IEC 29500-1, transitional) demands, so that neither Word nor a validator finds anything to mend. The same document
//! gives the same bytes.

mod parts;
mod xml;

use chrono::NaiveDate;

pub use parts::package;

/// The body's font, where a run names none. It comes with Windows.
pub const BODY_FONT: &str = "游明朝";
/// Size of the body's letters in half points.
pub const BODY: u32 = 20;
/// Width of the text in twentieths of a point: A4 with margins of 20 mm.
pub const WIDTH: u32 = PAGE.0 - 2 * MARGIN;
const PAGE: (u32, u32) = (11_906, 16_838);
const MARGIN: u32 = 1_134;

/// A document: A4, upright.
#[derive(Clone, Debug)]
pub struct Document {
    /// Title, in the properties.
    pub title: String,
    /// Who made it, in the properties.
    pub author: String,
    /// Day, in the properties.
    pub day: NaiveDate,
    /// The line at the head of every page, at the right; none when empty.
    pub header: Vec<Run>,
    /// Whether every page's foot says which page of how many it is.
    pub numbered: bool,
    /// What stands in it.
    pub body: Vec<Block>,
}

/// A piece of the body.
#[derive(Clone, Debug)]
pub enum Block {
    /// A paragraph.
    Paragraph(Paragraph),
    /// A table.
    Table(Table),
}

/// Where a line stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    /// At the left.
    #[default]
    Left,
    /// In the middle.
    Center,
    /// At the right.
    Right,
}

/// A paragraph.
#[derive(Clone, Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a setting of its own in Word")]
pub struct Paragraph {
    /// Level of a heading: 1 to 3.
    pub heading: Option<u8>,
    /// Stays on the page of what follows.
    pub keep_next: bool,
    /// Its lines stay on one page.
    pub keep_lines: bool,
    /// Begins a page.
    pub new_page: bool,
    /// No line of it stands alone on a page.
    pub widow_control: bool,
    /// Distances.
    pub spacing: Spacing,
    /// Left indent in twentieths of a point.
    pub left: u32,
    /// Indent of the first line against the others: out to the left when negative.
    pub first: i32,
    /// Where its lines stand.
    pub align: Align,
    /// Its text.
    pub runs: Vec<Run>,
}

/// Distances of a paragraph in twentieths of a point.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spacing {
    /// Before it.
    pub before: Option<u32>,
    /// After it.
    pub after: Option<u32>,
    /// Height of its lines.
    pub line: Option<Line>,
}

/// Height of a line.
#[derive(Clone, Copy, Debug)]
pub enum Line {
    /// In 240ths of a line.
    Auto(u32),
    /// In twentieths of a point.
    Exact(u32),
}

/// Text of one look.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// The text; characters that XML forbids are left out when it is written.
    pub text: String,
    /// Font, where it is not the body's.
    pub font: Option<&'static str>,
    /// Whether it is bold.
    pub bold: bool,
    /// Size in half points, where it is not the body's.
    pub size: Option<u32>,
    /// Colour of the letters (RRGGBB).
    pub color: Option<&'static str>,
    /// A thin frame around it.
    pub framed: bool,
    /// What lies behind it.
    pub shade: Option<Shade>,
}

/// A pattern: [`Fill`] in one colour on another (RRGGBB).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shade {
    /// The pattern.
    pub fill: Fill,
    /// Colour of its lines.
    pub color: &'static str,
    /// Colour behind them.
    pub back: &'static str,
}

/// The patterns in use; a copy in black and white keeps them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    /// One colour.
    Plain,
    /// Slanted stripes.
    Slanted,
    /// Lying stripes.
    Lying,
    /// Upright stripes.
    Upright,
}

/// A table of fixed widths.
#[derive(Clone, Debug)]
pub struct Table {
    /// Widths of its columns in twentieths of a point.
    pub columns: Vec<u32>,
    /// Width of its lines in eighths of a point.
    pub border: u32,
    /// Rows.
    pub rows: Vec<Row>,
}

/// A row, which stays on one page.
#[derive(Clone, Debug)]
pub struct Row {
    /// Whether it is repeated at the head of every page.
    pub head: bool,
    /// Cells.
    pub cells: Vec<Cell>,
}

/// A cell with one paragraph.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    /// How many columns it spans; 0 counts as one.
    pub span: u32,
    /// What lies behind it.
    pub shade: Option<Shade>,
    /// Without lines around it.
    pub bare: bool,
    /// In the middle of its height.
    pub middle: bool,
    /// Its text.
    pub paragraph: Paragraph,
}

impl Shade {
    /// One colour.
    #[must_use]
    pub const fn plain(back: &'static str) -> Self {
        Self { fill: Fill::Plain, color: "auto", back }
    }
}

impl Run {
    /// Text as the body prints it.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

impl Paragraph {
    /// One run.
    #[must_use]
    pub fn of(run: Run) -> Self {
        Self { runs: vec![run], ..Self::default() }
    }
}
