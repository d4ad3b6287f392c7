//! What one printed cell holds, before it is drawn: content and tone. A tone never says anything that the text does not.

use std::borrow::Cow;

use chrono::NaiveDate;

/// What stands in the cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Nothing.
    Empty,
    /// Text.
    Text(String),
    /// A whole count, with thousands separators.
    Count(f64),
    /// A number as it is.
    Number(f64),
    /// A share, printed in per cent.
    Share(f64),
    /// A day, printed in the era calendar.
    Day(NaiveDate),
    /// Text with a link, relative to the workbook.
    Link {
        /// What is shown.
        text: String,
        /// Target as the library wants it.
        target: String,
    },
}

/// How a cell looks, beside its text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tone {
    /// As usual.
    #[default]
    Plain,
    /// Bold, as usual otherwise.
    Strong,
    /// Nothing to look at: 「－」, 対象外.
    Muted,
    /// An answer is missing.
    Missing,
    /// Something to look at or to decide.
    Warn,
    /// Settled.
    Good,
    /// A label beside a value.
    Label,
}

/// Where the text stands in the cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Align {
    /// Text left, numbers right.
    #[default]
    Usual,
    /// Centred.
    Center,
}

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// What stands in it.
    pub content: Content,
    /// How it looks.
    pub tone: Tone,
    /// Where the text stands.
    pub align: Align,
}

impl Cell {
    /// A plain cell.
    pub const fn new(content: Content) -> Self {
        Self { content, tone: Tone::Plain, align: Align::Usual }
    }

    /// Plain text; nothing when it is empty.
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        Self::new(if text.is_empty() { Content::Empty } else { Content::Text(text) })
    }

    /// A whole count.
    pub fn count(n: usize) -> Self {
        Self::new(Content::Count(u32::try_from(n).map_or(f64::MAX, f64::from)))
    }

    /// A day, when there is one. Days before 1900 stand as text: the spreadsheet has no number for them.
    pub fn day(day: Option<NaiveDate>) -> Self {
        use chrono::Datelike;
        match day {
            Some(d) if d.year() > 1900 && d.year() < 10_000 => Self::new(Content::Day(d)),
            Some(d) => Self::text(d.to_string()),
            None => Self::new(Content::Empty),
        }
    }

    /// 「－」.
    pub fn dash() -> Self {
        Self::text("－").tone(Tone::Muted).center()
    }

    /// An empty cell.
    pub const fn empty() -> Self {
        Self::new(Content::Empty)
    }

    /// With this tone.
    pub const fn tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }

    /// Centred.
    pub const fn center(mut self) -> Self {
        self.align = Align::Center;
        self
    }

    /// The text that is shown, for widths and heights.
    pub fn shown(&self) -> Cow<'_, str> {
        match &self.content {
            Content::Empty => "".into(),
            Content::Text(text) | Content::Link { text, .. } => text.as_str().into(),
            Content::Count(n) => format!("{n:.0}").into(),
            Content::Number(n) => n.to_string().into(),
            Content::Share(n) => crate::model::share::percent(*n).into(),
            Content::Day(d) => crate::model::date::wareki(*d).into(),
        }
    }
}
