//! 職員アンケート集計結果.xlsx: the tables of a survey, from its counts.
//!
//! Every block of a question stays on one page; what a block says in a chart stands in figures beside it. The same counts give
//! the same bytes.

mod bars;
mod cross;
mod data;
mod lists;
pub mod public;
mod rates;
mod simple;
mod summary;
mod texts;

use chrono::{NaiveDate, NaiveDateTime};
use rust_xlsxwriter::{Workbook, Worksheet};

use super::canvas::Canvas;
use super::cell::{Cell, Content};
use super::{Output, WriteError};
use crate::forms::{Templates, Words};
use crate::look::{self, Page};
use crate::model::date::{wareki, weekday};
use crate::model::survey::Survey;
use crate::model::{Finding, Round};
use crate::survey::{Answers, Problem, Remark, Tally, figures};

/// The workbook's path below 結果/.
pub const BOOK: &str = "職員アンケート集計結果.xlsx";

/// What is drawn.
pub struct Drawn<'a> {
    /// The round.
    pub round: &'a Round,
    /// The definitions, for the sentences of findings.
    pub templates: &'a Templates,
    /// The questionnaire.
    pub survey: &'a Survey,
    /// Every row that came.
    pub answers: &'a Answers,
    /// The counts.
    pub tally: &'a Tally,
    /// What people wrote, masked.
    pub remarks: &'a [Remark],
    /// The problems in it.
    pub problems: &'a [Problem],
    /// What is to be said, in order.
    pub findings: &'a [Finding],
}

impl<'a> Drawn<'a> {
    fn words(&self) -> Words<'a> {
        Words { templates: self.templates, round: self.round }
    }
}

/// Draws the workbook.
///
/// # Errors
/// When the drawing library refuses.
pub fn write(drawn: &Drawn<'_>) -> Result<Output, WriteError> {
    let created = drawn.survey.closes.map(|c| c.date()).or_else(|| NaiveDate::from_ymd_opt(2000, 1, 1));
    let title = format!("{}　{}　集計結果", drawn.round.municipality, drawn.survey.title);
    let mut book = look::new_workbook(&title, created.unwrap_or_default())?;
    summary::draw(drawn, &mut book)?;
    rates::draw(drawn, &mut book)?;
    simple::draw(drawn, &mut book)?;
    cross::draw(drawn, &mut book)?;
    texts::remarks(drawn, &mut book)?;
    texts::problems(drawn, &mut book)?;
    lists::excluded(drawn, &mut book)?;
    lists::findings(drawn, &mut book)?;
    data::answers(drawn, &mut book)?;
    data::codes(drawn, &mut book)?;
    Ok(Output::new(BOOK, look::saved(&mut book)?))
}

/// Adds a sheet with its print set-up, and gives it with its title drawn.
fn add_sheet<'w>(
    drawn: &Drawn<'_>,
    book: &'w mut Workbook,
    name: &str,
    landscape: bool,
) -> Result<&'w mut Worksheet, WriteError> {
    let sheet = book.add_worksheet();
    sheet.set_name(name)?;
    let round = drawn.round;
    let left = format!("{}　{}　{name}", round.municipality, drawn.survey.title);
    let right = drawn.survey.closes.map(|c| format!("締切 {}", wareki(c.date()))).unwrap_or_default();
    look::page_setup(sheet, &Page { landscape, a3: false, left: &left, right: &right, mark: &round.mark });
    super::mark_at_top(sheet, &round.mark);
    Ok(sheet)
}

/// Draws the title of a sheet and sentences below it; gives the next row.
fn head(drawn: &Drawn<'_>, page: &mut Canvas<'_>, title: &str, notes: &[String]) -> Result<u32, WriteError> {
    let row = page.title(0, title, &drawn.round.mark)?;
    page.notes(row, notes)
}

/// A share in per cent with one decimal, already rounded; 「－」 of nothing.
fn percent(part: usize, whole: usize) -> Cell {
    figures::tenths(part, whole).map_or_else(Cell::dash, |t| Cell::new(Content::Share(figures::share(t))))
}

/// A moment as the office writes it.
fn moment(at: NaiveDateTime) -> String {
    format!("{}（{}）{}", wareki(at.date()), weekday(at.date()), at.format("%H:%M"))
}

/// Parts of a sheet that are not torn, each with its first row and its height.
#[derive(Default)]
struct Parts {
    parts: Vec<(u32, f64)>,
    head: f64,
}

impl Parts {
    fn begin(&mut self, page: &Canvas<'_>, row: u32) {
        if self.parts.is_empty() {
            self.head = page.drawn();
        }
        self.parts.push((row, page.drawn()));
    }

    /// Ends pages between parts, at the size that the page's width gives: nothing is printed smaller to save a page.
    fn end(mut self, page: &mut Canvas<'_>, landscape: bool) -> Result<(), WriteError> {
        // Programs round the heights of rows in their own ways.
        const SPARE: f64 = 0.97;
        let mut below = page.drawn();
        for (_, height) in self.parts.iter_mut().rev() {
            let top = *height;
            *height = below - top;
            below = top;
        }
        let paper = Page { landscape, ..Page::default() };
        let room = paper.capacity(f64::from(page.pixels())) * SPARE;
        let mut pages = look::Pages::default();
        let mut used = self.head;
        for (row, height) in self.parts {
            if used > 0.0 && used + height > room {
                pages.breaks.push(row);
                used = 0.0;
            }
            used += height;
        }
        look::set_pages(page.sheet, &pages)?;
        Ok(())
    }
}
