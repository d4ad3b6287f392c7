//! One look for every workbook that is drawn: fonts, tints, borders, widths for Japanese text, page set-up.
//!
//! Every format starts from [`base`], because a new format of the library would bring another font back. Tints are so
//! pale that they vanish in a photocopy, and nothing is told by colour alone. Widths are counted in half-width
//! characters, the unit in which definitions give them.

use chrono::NaiveDate;
use rust_xlsxwriter::{
    Color, DocProperties, Format, FormatAlign, FormatBorder, FormatPattern, Workbook, Worksheet, XlsxError,
};
use unicode_width::UnicodeWidthChar;

mod paging;
mod saved;
pub use paging::{Pages, Rows};
pub use saved::saved;

/// The font of everything. It carries no theme scheme: a scheme would bring the theme's font back.
pub const FONT: &str = "游ゴシック";
/// Body text, in points.
pub const BODY: f64 = 10.0;
/// Height of one line of body text with its air, in points.
pub const LINE: f64 = 16.5;

/// Text that is only for the reference of the office.
pub const GREY: Color = Color::RGB(0x59_59_59);
/// Lines of tables.
pub const RULE: Color = Color::RGB(0x80_80_80);
/// Headers of tables.
pub const HEADER_TINT: Color = Color::RGB(0xDD_E7_F0);
/// Labels of cards and prefilled cells.
pub const LABEL_TINT: Color = Color::RGB(0xE6_E9_EC);
/// Cells to be filled in.
pub const INPUT_TINT: Color = Color::RGB(0xFF_FA_E3);
/// Cells that came filled in and may be changed.
pub const PAPER: Color = Color::RGB(0xFF_FF_FF);
/// Answers of an earlier round.
pub const EARLIER_TINT: Color = Color::RGB(0xEC_F2_F9);
/// The dots on them.
const EARLIER_DOTS: Color = Color::RGB(0x8C_9C_AC);
/// Something to look at.
pub const WARN_TINT: Color = Color::RGB(0xFD_E9_D9);
/// Something settled.
pub const GOOD_TINT: Color = Color::RGB(0xE6_F3_E6);

/// An answer that is missing, while somebody types.
pub const TODO_TINT: Color = Color::RGB(0xFF_E3_A8);
/// An answer to be looked at, while somebody types.
pub const LOOK_TINT: Color = Color::RGB(0xF8_CF_C4);
/// A date past its target, while somebody types.
pub const LATE_TINT: Color = Color::RGB(0xE3_D9_F2);

/// Pixels of a half-width character of the default font, and the padding of a cell.
const DIGIT_PIXELS: f64 = 7.0;
const PADDING_PIXELS: f64 = 5.0;

/// A workbook with the base font and with dates in its properties that do not depend on the clock.
///
/// # Errors
/// None for the fixed metrics used here; the library's type is passed on.
pub fn new_workbook(title: &str, created: NaiveDate) -> Result<Workbook, XlsxError> {
    let mut workbook = Workbook::new();
    // 22 and 64 pixels: height of a row and width of a column for this font at 10 points.
    workbook.set_default_format(&base(), 22, 64)?;
    workbook.set_properties(&DocProperties::new().set_title(title).set_creation_datetime(&created));
    Ok(workbook)
}

/// Body text without borders; every other format starts here.
#[must_use]
pub fn base() -> Format {
    Format::new().set_font_name(FONT).set_font_size(BODY).set_font_family(3).set_align(FormatAlign::VerticalCenter)
}

/// The title of a sheet.
#[must_use]
pub fn title() -> Format {
    base().set_font_size(16).set_bold()
}

/// The heading of a block or section: bold over a line.
#[must_use]
pub fn heading() -> Format {
    base()
        .set_font_size(11)
        .set_bold()
        .set_align(FormatAlign::Bottom)
        .set_border_bottom(FormatBorder::Medium)
        .set_border_bottom_color(GREY)
}

/// Sentences under the title, wrapped.
#[must_use]
pub fn note() -> Format {
    base().set_text_wrap().set_align(FormatAlign::Top)
}

/// A small grey line for the office.
#[must_use]
pub fn small() -> Format {
    base().set_font_size(8).set_font_color(GREY)
}

/// The mark on everything that is a sample: framed and bold, so that it survives a photocopy.
#[must_use]
pub fn mark() -> Format {
    let red = Color::RGB(0x9C_1C_1C);
    base()
        .set_bold()
        .set_font_size(11)
        .set_font_color(red)
        .set_align(FormatAlign::Center)
        .set_border(FormatBorder::Medium)
        .set_border_color(red)
}

/// The counter at the head of a form: bold and framed, so that it is seen.
#[must_use]
pub fn counter() -> Format {
    base().set_bold().set_align(FormatAlign::Center).set_border(FormatBorder::Thin).set_border_color(GREY)
}

/// The sign in the margin beside answers that want attention.
#[must_use]
pub fn margin_sign() -> Format {
    base().set_font_size(8).set_bold().set_align(FormatAlign::Center).set_font_color(Color::RGB(0x7A_1F_00))
}

/// Body text in a ruled cell; wraps.
#[must_use]
pub fn cell() -> Format {
    base().set_text_wrap().set_border(FormatBorder::Thin).set_border_color(RULE)
}

/// A column header.
#[must_use]
pub fn header() -> Format {
    tinted(cell(), HEADER_TINT).set_bold().set_align(FormatAlign::Center)
}

/// The label of an answer on a card.
#[must_use]
pub fn label() -> Format {
    tinted(cell(), LABEL_TINT).set_bold()
}

/// A cell to be filled in: tinted and unlocked.
#[must_use]
pub fn input() -> Format {
    tinted(cell(), INPUT_TINT).set_unlocked()
}

/// A cell that stands filled in and locked.
#[must_use]
pub fn locked() -> Format {
    tinted(cell(), LABEL_TINT)
}

/// The look of an answer of an earlier round: slanted on dots, so that it is known on a photocopy too.
#[must_use]
pub fn earlier(format: Format) -> Format {
    let dotted = format.set_pattern(FormatPattern::Gray0625).set_background_color(EARLIER_TINT);
    dotted.set_foreground_color(EARLIER_DOTS).set_italic()
}

/// A format with a background.
#[must_use]
pub fn tinted(format: Format, tint: Color) -> Format {
    format.set_pattern(FormatPattern::Solid).set_background_color(tint)
}

/// The width of a text in half-width characters: that of its longest line, with full-width and ambiguous characters
/// as two.
#[must_use]
pub fn display_width(text: &str) -> u32 {
    text.lines().map(line_width).max().unwrap_or(0)
}

fn line_width(line: &str) -> u32 {
    line.chars().map(|c| if c.width_cjk().unwrap_or(0) > 1 { 2 } else { u32::from(!c.is_control()) }).sum()
}

/// How many lines a text takes in a cell of this width (half-width characters), broken between any two characters
/// with half a character to spare for the rules of line breaking.
#[must_use]
pub fn wrapped_lines(text: &str, width: f64) -> u32 {
    // Pixels of a full-width and a half-width character at 10 points, a little more than measured.
    const FULL: f64 = 13.6;
    const HALF: f64 = 7.4;
    let room = width.mul_add(DIGIT_PIXELS, -HALF / 2.0).max(2.0 * FULL);
    let lines = |line: &str| {
        let mut count = 1u32;
        let mut used = 0.0;
        for c in line.chars() {
            let pixels = if c.width_cjk().unwrap_or(0) > 1 { FULL } else { HALF };
            if used + pixels > room {
                count += 1;
                used = 0.0;
            }
            used += pixels;
        }
        count
    };
    text.lines().map(lines).sum::<u32>().max(1)
}

/// The height in points of a row with this many lines of body text; never more than Excel allows.
#[must_use]
pub fn row_height(lines: u32) -> f64 {
    f64::from(lines.max(1)).mul_add(LINE, 3.5).min(409.0)
}

/// Sets a column to hold this many half-width characters.
///
/// # Errors
/// When the column is out of range.
pub fn set_width(sheet: &mut Worksheet, column: u16, width: f64) -> Result<(), XlsxError> {
    sheet.set_column_width_pixels(column, pixels(width))?;
    Ok(())
}

/// The pixels of a column that holds this many half-width characters.
#[must_use]
pub fn pixels(width: f64) -> u32 {
    let pixels = width.clamp(0.0, 250.0).mul_add(DIGIT_PIXELS, PADDING_PIXELS).round();
    // Between 5 and 1755 by the clamp.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let pixels = pixels as u32;
    pixels
}

/// How a sheet is printed: always one page wide.
#[derive(Clone, Debug, Default)]
pub struct Page<'a> {
    /// Landscape.
    pub landscape: bool,
    /// A3 instead of A4.
    pub a3: bool,
    /// Text at the left of the footer (which paper it is).
    pub left: &'a str,
    /// Text at the right of the footer (city, as-of date).
    pub right: &'a str,
    /// Text beside the page number: the 見本 mark, or nothing.
    pub mark: &'a str,
}

impl Page<'_> {
    /// Points of height that fit on a page for a sheet this many pixels wide, shrunk to one page's width.
    #[must_use]
    pub fn capacity(&self, sheet_pixels: f64) -> f64 {
        let height = self.paper().1;
        let [_, _, top, bottom] = MARGINS;
        (height - top - bottom) * 72.0 / self.scale(sheet_pixels)
    }

    /// How far a sheet this many pixels wide is shrunk to one page's width.
    fn scale(&self, sheet_pixels: f64) -> f64 {
        let [left, right, _, _] = MARGINS;
        ((self.paper().0 - left - right) * 96.0 / sheet_pixels.max(1.0)).min(1.0)
    }

    /// Width and height of the paper in inches.
    const fn paper(&self) -> (f64, f64) {
        let (short, long) = if self.a3 { (11.69, 16.54) } else { (8.27, 11.69) };
        if self.landscape { (long, short) } else { (short, long) }
    }
}

/// Margins in inches: left, right, top, bottom.
const MARGINS: [f64; 4] = [0.5, 0.5, 0.55, 0.6];

/// Sets paper, margins, fit to width, and a footer with page x of y.
pub fn page_setup(sheet: &mut Worksheet, page: &Page<'_>) {
    const A3: u8 = 8;
    const A4: u8 = 9;
    sheet.set_paper_size(if page.a3 { A3 } else { A4 });
    if page.landscape {
        sheet.set_landscape();
    }
    let [left, right, top, bottom] = MARGINS;
    sheet.set_margins(left, right, top, bottom, 0.25, 0.3);
    sheet.set_print_fit_to_pages(1, 0);
    sheet.set_print_center_horizontally(true);
    let font = format!("&\"{FONT},標準\"&8");
    let (left, mark, right) = (footer_text(page.left), footer_text(page.mark), footer_text(page.right));
    sheet.set_footer(format!("&L{font}{left}&C{font}{mark} &P / &N&R{font}{right}"));
}

/// Ends the pages of a sheet where [`Page::pages`] says, after [`page_setup`].
///
/// # Errors
/// When there are more breaks than Excel allows.
pub fn set_pages(sheet: &mut Worksheet, pages: &Pages) -> Result<(), XlsxError> {
    sheet.set_print_fit_to_pages(1, pages.tall);
    if pages.side > 0 {
        let side = f64::from(pages.side) / 1000.0;
        let [.., top, bottom] = MARGINS;
        sheet.set_margins(side, side, top, bottom, 0.25, 0.3);
    }
    if !pages.breaks.is_empty() {
        sheet.set_page_breaks(&pages.breaks)?;
    }
    Ok(())
}

/// Text for a header or footer: `&` doubled, a blank before it so that a digit does not join the font size, and cut
/// at 50 characters, because the whole line may have 255.
fn footer_text(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let text: String = text.chars().filter(|c| !c.is_control()).take(50).collect();
    format!(" {}", text.replace('&', "&&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_count_full_width_as_two() {
        assert_eq!(display_width("甲課 A1"), 7);
        assert_eq!(display_width("甲\n乙課"), 4);
        assert_eq!(display_width("①～○"), 6);
        assert_eq!(display_width(""), 0);
    }

    #[test]
    fn long_text_takes_more_lines() {
        assert_eq!(wrapped_lines("甲乙丙", 8.0), 1);
        assert_eq!(wrapped_lines("甲乙丙丁", 8.0), 2);
        assert_eq!(wrapped_lines(&"甲".repeat(25), 53.0), 1);
        assert_eq!(wrapped_lines("甲\n乙", 8.0), 2);
        assert_eq!(wrapped_lines("", 8.0), 1);
        assert!(row_height(100) <= 409.0);
    }

    #[test]
    fn footer_keeps_ampersands_and_digits() {
        assert_eq!(footer_text("2022 甲&乙"), " 2022 甲&&乙");
        assert!(footer_text(&"甲".repeat(300)).chars().count() <= 51);
    }
}
