//! Draws cells on a worksheet: texts across columns, tables with one or two header rows, heights that fit wrapped
//! Japanese text, and the print set-up. The only place that calls the drawing library for cells.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Url, Worksheet};

use super::WriteError;
use super::cell::{Align, Cell, Content, Tone};
use crate::look;

/// Longest text that a cell may hold, in UTF-16 units, with room for the sentence about the rest.
const TEXT_LIMIT: usize = 32_700;

/// A column of a table.
#[derive(Clone, Debug, Default)]
pub struct Head {
    /// Header.
    pub label: String,
    /// Header above, shared by neighbours.
    pub group: Option<String>,
    /// Width in half-width characters.
    pub width: f64,
}

impl Head {
    /// A column without a group.
    pub fn new(label: impl Into<String>, width: f64) -> Self {
        Self { label: label.into(), group: None, width }
    }
}

/// Rows under headers.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Columns.
    pub heads: Vec<Head>,
    /// Rows; as many cells as columns.
    pub rows: Vec<Vec<Cell>>,
}

/// Gives the cell of a row and a column of a table; nothing past the end of the row.
pub type Made<'m, 'c> = &'m dyn Fn(usize, usize) -> Option<Cow<'c, Cell>>;

/// Where a table stands.
#[derive(Clone, Copy, Debug)]
pub struct Placed {
    /// First header row.
    pub top: u32,
    /// First row of data.
    pub data: u32,
    /// First row below.
    pub below: u32,
}

/// A worksheet with its column widths and what is already drawn.
pub struct Canvas<'w> {
    /// The worksheet itself.
    pub sheet: &'w mut Worksheet,
    widths: Vec<f64>,
    formats: BTreeMap<(Kind, Tone, Align), Format>,
    /// Points of height drawn so far.
    height: f64,
}

/// What decides the number format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Text,
    Count,
    Number,
    Share,
    Day,
    Link,
}

impl<'w> Canvas<'w> {
    /// A canvas with these column widths (half-width characters).
    pub fn new(sheet: &'w mut Worksheet, widths: &[f64]) -> Result<Self, WriteError> {
        for (column, width) in (0u16..).zip(widths) {
            look::set_width(sheet, column, *width)?;
        }
        sheet.set_screen_gridlines(false);
        Ok(Self { sheet, widths: widths.to_vec(), formats: BTreeMap::new(), height: 0.0 })
    }

    /// How many columns there are.
    pub fn columns(&self) -> u16 {
        u16::try_from(self.widths.len().max(1)).unwrap_or(u16::MAX)
    }

    /// Pixels of all columns.
    pub fn pixels(&self) -> u32 {
        self.widths.iter().map(|w| look::pixels(*w)).sum()
    }

    /// Pixels from this column to the last one.
    pub fn pixels_from(&self, column: u16) -> u32 {
        self.widths.iter().skip(column.into()).map(|w| look::pixels(*w)).sum()
    }

    fn width(&self, first: u16, last: u16) -> f64 {
        self.widths.iter().skip(first.into()).take(usize::from(last.saturating_sub(first)) + 1).sum()
    }

    /// Points of height drawn so far.
    pub fn drawn(&self) -> f64 {
        self.height
    }

    /// Sets a row's height in points.
    pub fn set_height(&mut self, row: u32, points: f64) -> Result<(), WriteError> {
        self.height += points;
        self.sheet.set_row_height(row, points)?;
        Ok(())
    }

    /// Writes one cell.
    pub fn put(&mut self, row: u32, column: u16, cell: &Cell) -> Result<(), WriteError> {
        let kind = match &cell.content {
            Content::Empty | Content::Text(_) => Kind::Text,
            Content::Count(_) => Kind::Count,
            Content::Number(n) if n.fract() == 0.0 => Kind::Count,
            Content::Number(_) => Kind::Number,
            Content::Share(_) => Kind::Share,
            Content::Day(_) => Kind::Day,
            Content::Link { .. } => Kind::Link,
        };
        let format = self.formats.entry((kind, cell.tone, cell.align)).or_insert_with(|| format_of(kind, cell));
        match &cell.content {
            Content::Empty => self.sheet.write_blank(row, column, format)?,
            Content::Text(text) => self.sheet.write_string_with_format(row, column, fitting(text), format)?,
            Content::Count(n) | Content::Number(n) | Content::Share(n) => {
                self.sheet.write_number_with_format(row, column, *n, format)?
            }
            Content::Day(day) => self.sheet.write_date_with_format(row, column, day, format)?,
            Content::Link { text, target } => {
                let url = Url::new(target.clone()).set_text(fitting(text));
                // A path that the library does not take as a link is still worth reading.
                if self.sheet.write_url_with_format(row, column, url, format).is_err() {
                    self.sheet.write_string_with_format(row, column, fitting(text), format)?;
                }
                &mut *self.sheet
            }
        };
        Ok(())
    }

    /// Writes one cell over several rows.
    pub fn tall(&mut self, first: u32, last: u32, column: u16, cell: &Cell) -> Result<(), WriteError> {
        let key = (Kind::Text, cell.tone, cell.align);
        let format = self.formats.entry(key).or_insert_with(|| format_of(Kind::Text, cell));
        if last > first {
            self.sheet.merge_range(first, column, last, column, "", format)?;
        }
        self.put(first, column, cell)
    }

    /// Writes a text across columns, as high as it needs; gives the next row.
    pub fn across(&mut self, row: u32, first: u16, last: u16, text: &str, format: &Format) -> Result<u32, WriteError> {
        if first == last {
            self.sheet.write_string_with_format(row, first, fitting(text), format)?;
        } else {
            self.sheet.merge_range(row, first, row, last, &fitting(text), format)?;
        }
        Ok(row + 1)
    }

    /// Writes wrapped sentences, one row each, across as many columns as are read at a glance; gives the next row.
    pub fn notes(&mut self, row: u32, lines: &[String]) -> Result<u32, WriteError> {
        self.notes_from(row, 0, lines)
    }

    /// As `notes`, from this column on.
    pub fn notes_from(&mut self, row: u32, first: u16, lines: &[String]) -> Result<u32, WriteError> {
        self.notes_within(row, (first, self.columns() - 1), lines)
    }

    /// As `notes`, within these columns.
    pub fn notes_within(
        &mut self,
        mut row: u32,
        (first, last): (u16, u16),
        lines: &[String],
    ) -> Result<u32, WriteError> {
        // Wider, and a sheet that is printed on two pages side by side would cut them.
        const READABLE: f64 = 170.0;
        let last = (first..=last).rev().find(|c| self.width(first, *c) <= READABLE).unwrap_or(first);
        for line in lines {
            let height = look::row_height(look::wrapped_lines(line, self.width(first, last)));
            self.set_height(row, height)?;
            row = self.across(row, first, last, line, &look::note())?;
        }
        Ok(row)
    }

    /// Writes the title, with the mark behind it; gives the next row.
    pub fn title(&mut self, row: u32, text: &str, mark: &str) -> Result<u32, WriteError> {
        self.sheet.write_string_with_format(row, 0, fitting(text), &look::title())?;
        self.set_height(row, 26.0)?;
        if mark.is_empty() {
            return Ok(row + 1);
        }
        self.mark(row + 1, 0, mark)
    }

    /// Writes the mark in a frame over as many columns as it needs from `first` on; gives the next row.
    pub fn mark(&mut self, row: u32, first: u16, mark: &str) -> Result<u32, WriteError> {
        let needed = f64::from(look::display_width(mark)) * 1.15 + 4.0;
        let mut last = first;
        while self.width(first, last) < needed && last + 1 < self.columns() {
            last += 1;
        }
        self.set_height(row, 20.0)?;
        self.across(row, first, last, mark, &look::mark())
    }

    /// Writes a heading over all columns; gives the next row.
    pub fn heading(&mut self, row: u32, text: &str) -> Result<u32, WriteError> {
        self.heading_to(row, self.columns() - 1, text)
    }

    /// Writes a heading up to this column; gives the next row.
    pub fn heading_to(&mut self, row: u32, last: u16, text: &str) -> Result<u32, WriteError> {
        self.set_height(row, 21.0)?;
        self.across(row, 0, last, text, &look::heading())
    }

    /// Writes cells side by side; the row becomes as high as the highest needs. A cell may span columns.
    pub fn row(&mut self, row: u32, cells: &[(u16, u16, Cell)]) -> Result<u32, WriteError> {
        self.row_of(row, cells, 0.0)
    }

    /// As `row`, at least this many points high.
    pub fn row_of(&mut self, row: u32, cells: &[(u16, u16, Cell)], points: f64) -> Result<u32, WriteError> {
        let mut lines = 1;
        for (first, last, cell) in cells {
            lines = lines.max(look::wrapped_lines(&cell.shown(), self.width(*first, *last)));
            if last > first {
                let format = self
                    .formats
                    .entry((Kind::Text, cell.tone, cell.align))
                    .or_insert_with(|| format_of(Kind::Text, cell));
                self.sheet.merge_range(row, *first, row, *last, "", format)?;
            }
            self.put(row, *first, cell)?;
        }
        self.set_height(row, look::row_height(lines).max(points))?;
        Ok(row + 1)
    }

    /// Draws a table from this row on, starting in the first column.
    pub fn table(&mut self, top: u32, table: &Table) -> Result<Placed, WriteError> {
        let cell = |row: usize, column: usize| Some(Cow::Borrowed(table.rows.get(row)?.get(column)?));
        self.made(top, &table.heads, table.rows.len(), &cell)
    }

    /// As [`Self::table`], of so many rows whose cells are made when they are drawn, one row after the other.
    pub fn made(&mut self, top: u32, heads: &[Head], rows: usize, cell: Made<'_, '_>) -> Result<Placed, WriteError> {
        let data = self.headers(top, heads)?;
        let signs: Vec<bool> = (0..heads.len()).map(|c| is_of_signs((0..rows).filter_map(|r| cell(r, c)))).collect();
        let mut row = data;
        for at in 0..rows {
            let mut lines = 1;
            for (column, sign) in (0u16..).zip(&signs) {
                let Some(cell) = cell(at, column.into()) else { break };
                lines = lines.max(look::wrapped_lines(&cell.shown(), self.width(column, column)));
                if *sign { self.put(row, column, &cell.into_owned().center())? } else { self.put(row, column, &cell)? }
            }
            self.set_height(row, look::row_height(lines))?;
            row += 1;
        }
        Ok(Placed { top, data, below: row })
    }

    /// Ends a sheet that is written row by row: of such a one the library writes the last row twice where its height was set, so
    /// that one without a height has to be the last. Its one cell is blank and looks like paper.
    pub fn end(&mut self, placed: Placed) -> Result<(), WriteError> {
        self.sheet.write_blank(placed.below, 0, &look::base())?;
        Ok(())
    }

    /// Draws one header row, or two where columns have groups; gives the first row below. The upper one first: of a sheet that
    /// is written row by row nothing can be changed above.
    pub fn headers(&mut self, top: u32, heads: &[Head]) -> Result<u32, WriteError> {
        let header = look::header();
        let grouped = heads.iter().any(|h| h.group.is_some());
        let bottom = if grouped { top + 1 } else { top };
        let lines =
            |h: &Head, at: usize| look::wrapped_lines(&h.label, self.widths.get(at).copied().unwrap_or(h.width) - 1.0);
        let alone = heads.iter().enumerate().filter(|(_, h)| h.group.is_none()).map(|(i, h)| lines(h, i)).max();
        let under = heads.iter().enumerate().filter(|(_, h)| h.group.is_some()).map(|(i, h)| lines(h, i)).max();
        let (alone, under) = (alone.unwrap_or(1), under.unwrap_or(1));
        let low = if grouped { under.max(alone.saturating_sub(1)) } else { alone };
        let mut column = 0u16;
        while let Some(head) = heads.get(usize::from(column)) {
            let Some(group) = &head.group else {
                if grouped {
                    self.sheet.merge_range(top, column, bottom, column, &fitting(&head.label), &header)?;
                } else {
                    self.sheet.write_string_with_format(bottom, column, fitting(&head.label), &header)?;
                }
                column += 1;
                continue;
            };
            let rest = heads.iter().skip(column.into());
            let size = u16::try_from(rest.take_while(|h| h.group.as_ref() == Some(group)).count()).unwrap_or(1);
            self.across(top, column, column + size - 1, group, &header)?;
            column += size;
        }
        if grouped {
            self.set_height(top, look::row_height(1))?;
        }
        for (at, head) in (0u16..).zip(heads).filter(|(_, h)| h.group.is_some()) {
            self.sheet.write_string_with_format(bottom, at, fitting(&head.label), &header)?;
        }
        self.set_height(bottom, look::row_height(low))?;
        Ok(bottom + 1)
    }

    /// Height of the rows so far, in points.
    pub const fn height(&self) -> f64 {
        self.height
    }

    /// Ends pages where no part is torn, of a sheet that takes several, each as wide as itself: `parts` are where each begins,
    /// with its height; `repeated` stands above those of each further page. To be called after [`Self::legible`].
    pub fn whole_parts(
        &mut self,
        (landscape, a3): (bool, bool),
        parts: &[(u32, f64)],
        head: f64,
        repeated: f64,
    ) -> Result<(), WriteError> {
        let starts: Vec<u32> = parts.iter().map(|(row, _)| *row).collect();
        // What matters is the height up to each part.
        let mut heights = vec![0.0; starts.last().map_or(1, |row| *row as usize + 1)];
        heights[0] = head;
        parts.iter().for_each(|(row, own)| heights[*row as usize] = *own);
        let pixels: u32 = self.widths.iter().map(|w| look::pixels(*w)).sum();
        let paper = look::Page { landscape, a3, ..look::Page::default() };
        let rows = look::Rows { heights: &heights, starts: &starts, repeated };
        look::set_pages(self.sheet, &paper.pages(f64::from(pixels), rows))?;
        Ok(())
    }

    /// Fits the print to as few pages as keep the text legible (not smaller than six tenths): side by side, and on one
    /// page from top to bottom where that is enough, so that no page holds two rows only. To be called last.
    /// Gives whether it takes several pages, each as wide as the sheet.
    pub fn legible(&mut self, landscape: bool, a3: bool) -> bool {
        const SMALLEST: f64 = 0.6;
        let (short, long) = if a3 { (11.69, 16.54) } else { (8.27, 11.69) };
        let (width, height) = if landscape { (long, short) } else { (short, long) };
        let pixels: u32 = self.widths.iter().map(|w| look::pixels(*w)).sum();
        // An inch of margins at the sides, 1.2 above and below; 96 pixels and 72 points to the inch.
        let pages = (f64::from(pixels) * SMALLEST / ((width - 1.0) * 96.0)).ceil().clamp(1.0, 20.0);
        let tall = u16::from(self.height * SMALLEST <= (height - 1.2) * 72.0);
        // Between 1 and 20 by the clamp.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        self.sheet.set_print_fit_to_pages(pages as u16, tall);
        pages <= 1.0 && tall == 0
    }

    /// Filter buttons on the last header row of a table, frozen headers, headers repeated in print.
    pub fn filtered(&mut self, placed: Placed, columns: u16, frozen: u16) -> Result<(), WriteError> {
        if placed.below > placed.data && columns > 0 {
            self.sheet.autofilter(placed.data - 1, 0, placed.below - 1, columns - 1)?;
        }
        self.freeze(placed, frozen)
    }

    /// Frozen headers, repeated in print.
    pub fn freeze(&mut self, placed: Placed, frozen: u16) -> Result<(), WriteError> {
        self.sheet.set_freeze_panes(placed.data, frozen)?;
        self.sheet.set_repeat_rows(placed.top, placed.data - 1)?;
        if frozen > 0 {
            self.sheet.set_repeat_columns(0, frozen - 1)?;
        }
        Ok(())
    }
}

/// Whether a column holds nothing but signs (○, A, DX): they stand in the middle, as on any office's list.
fn is_of_signs<'c>(column: impl Iterator<Item = Cow<'c, Cell>>) -> bool {
    let short = |cell: Cow<'_, Cell>| match &cell.content {
        Content::Text(text) => Some(look::display_width(text) <= 2),
        Content::Empty => None,
        _ => Some(false),
    };
    let own = column.filter(|cell| matches!(cell.tone, Tone::Plain | Tone::Strong));
    let mut cells = own.filter_map(short).peekable();
    cells.peek().is_some() && cells.all(|s| s)
}

fn format_of(kind: Kind, cell: &Cell) -> Format {
    let base = match cell.tone {
        Tone::Plain | Tone::Strong => look::cell(),
        Tone::Muted => look::cell().set_font_color(look::GREY),
        Tone::Missing => look::tinted(look::cell(), look::INPUT_TINT),
        Tone::Warn => look::tinted(look::cell(), look::WARN_TINT).set_bold(),
        Tone::Good => look::tinted(look::cell(), look::GOOD_TINT),
        Tone::Label => look::label(),
    };
    let base = if cell.tone == Tone::Strong { base.set_bold() } else { base };
    let base = match cell.align {
        Align::Usual => base,
        Align::Center => base.set_align(FormatAlign::Center),
    };
    match kind {
        Kind::Text | Kind::Number => base,
        // 「_ 」 leaves a blank's width at the right, so that a figure does not touch the text in the next column.
        Kind::Count => base.set_num_format("#,##0_ "),
        Kind::Share => base.set_num_format("0.0%_ "),
        Kind::Day => base.set_num_format("[$-411]ggge\"年\"m\"月\"d\"日\"").set_align(FormatAlign::Left),
        Kind::Link => base
            .set_font_color(rust_xlsxwriter::Color::RGB(0x1F_4E_8C))
            .set_underline(rust_xlsxwriter::FormatUnderline::Single),
    }
}

/// A boxed, bold format for the sentence that a whole sheet is provisional.
pub fn banner() -> Format {
    look::tinted(look::base().set_bold().set_font_size(12).set_text_wrap(), look::WARN_TINT)
        .set_border(FormatBorder::Medium)
        .set_align(FormatAlign::Center)
}

/// Text that a cell can hold: no character that XML forbids, and not longer than the limit, which is said.
pub fn fitting(text: &str) -> Cow<'_, str> {
    let is_clean = |c: &char| !matches!(c, '\u{FFFE}' | '\u{FFFF}');
    // No text has more UTF-16 units than bytes.
    let is_short = text.len() <= TEXT_LIMIT || text.encode_utf16().count() <= TEXT_LIMIT;
    if is_short && text.chars().all(|c| is_clean(&c)) {
        return text.into();
    }
    let clean = text.chars().map(|c| if is_clean(&c) { c } else { '\u{FFFD}' });
    if is_short {
        return clean.collect();
    }
    let mut units = 0;
    let kept = clean.take_while(|c| {
        units += c.len_utf16();
        units <= TEXT_LIMIT
    });
    (kept.collect::<String>() + "…（以下はCSVにあります）").into()
}

#[cfg(test)]
mod tests;
