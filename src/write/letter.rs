//! The covering letter for each division and the distribution list of the round, one A4 page each.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use rust_xlsxwriter::{Format, FormatAlign, Workbook, Worksheet, XlsxError};

use super::Output;
use crate::forms::Templates;
use crate::forms::draw::DrawError;
use crate::look::{self, Page};
use crate::model::date::{wareki, weekday};
use crate::model::{Division, Form, Round};

/// Widths of the letter's columns in half-width characters: labels, then the columns of the table of forms.
const WIDTHS: [f64; 4] = [15.0, 32.0, 21.0, 23.0];
/// Size of a letter's text in points, and the height of its line.
const SIZE: f64 = 10.5;
const LINE: f64 = 18.0;

/// 依頼文.xlsx for every division that owes a reply, and 配布一覧.xlsx.
///
/// # Errors
/// When the library refuses something; the error names the sheet.
pub fn letters(
    forms: &[&Form],
    owed: &BTreeSet<(String, String)>,
    round: &Round,
    templates: &Templates,
    today: NaiveDate,
) -> Result<Vec<Output>, DrawError> {
    let day = round.issued_on.unwrap_or(today);
    let mut outputs = Vec::new();
    for division in round.divisions.iter().filter(|d| owed.iter().any(|(_, o)| *o == d.code)) {
        let mine: Vec<&Form> =
            forms.iter().copied().filter(|f| owed.contains(&(f.id.clone(), division.code.clone()))).collect();
        let bytes = letter(division, &mine, round, templates, day)
            .map_err(|source| DrawError { sheet: division.name.clone(), source })?;
        outputs.push(Output { path: format!("{}/依頼文.xlsx", super::file_name(&division.name)), bytes });
    }
    let bytes = list(forms, owed, round, templates, day)
        .map_err(|source| DrawError { sheet: "配布一覧".into(), source })?;
    outputs.push(Output { path: "配布一覧.xlsx".into(), bytes });
    Ok(outputs)
}

/// A letter being written.
pub(super) struct Paper<'a> {
    sheet: &'a mut Worksheet,
    row: u32,
}

fn letters_text() -> Format {
    look::base().set_font_size(SIZE).set_text_wrap().set_align(FormatAlign::Top)
}

impl<'a> Paper<'a> {
    /// An empty letter of one page on this sheet.
    pub(super) fn new(sheet: &'a mut Worksheet, round: &Round) -> Result<Self, XlsxError> {
        for (column, width) in (0u16..).zip(WIDTHS) {
            look::set_width(sheet, column, width)?;
        }
        page(sheet, round);
        sheet.set_margins(0.8, 0.8, 0.8, 0.7, 0.3, 0.3).set_print_fit_to_pages(1, 1);
        Ok(Self { sheet, row: 0 })
    }

    /// All above the items: number, day, addressee, sender, subject, first sentence, 記.
    pub(super) fn head(
        &mut self,
        division: &Division,
        round: &Round,
        day: NaiveDate,
        [title, opening, record]: [&str; 3],
    ) -> Result<(), XlsxError> {
        let right = letters_text().set_align(FormatAlign::Right);
        if !round.mark.is_empty() {
            self.row(&[(2, 3, &round.mark, &look::mark())])?;
            self.gap(8.0)?;
        }
        for text in [&round.document_number, &wareki(day)] {
            self.line(text, &right)?;
        }
        self.gap(14.0)?;
        self.line(&format!("　{}", division.bureau), &letters_text())?;
        self.line(&format!("　{}長　様", division.name), &letters_text())?;
        self.gap(10.0)?;
        self.line(&format!("{}　{}　", round.municipality, round.issuer), &right)?;
        self.gap(22.0)?;
        self.line(title, &look::base().set_font_size(14).set_bold().set_align(FormatAlign::Center))?;
        self.gap(14.0)?;
        self.line(&format!("　{opening}"), &letters_text())?;
        self.gap(12.0)?;
        self.line(record, &letters_text().set_align(FormatAlign::Center))?;
        self.gap(12.0)
    }

    /// The word that ends the items (以上), at the right.
    pub(super) fn end(&mut self, word: &str) -> Result<(), XlsxError> {
        self.gap(8.0)?;
        self.line(word, &letters_text().set_align(FormatAlign::Right))
    }

    /// A row: texts over stretches of columns, each with its format; as high as the longest of them.
    fn row(&mut self, cells: &[(u16, u16, &str, &Format)]) -> Result<(), XlsxError> {
        let mut lines = 1;
        for (first, last, text, format) in cells {
            let width: f64 = (*first..=*last).map(|c| WIDTHS[usize::from(c)]).sum();
            lines = lines.max(look::wrapped_lines(text, (width - 1.0) * look::BODY / SIZE));
            if first == last {
                self.sheet.write_with_format(self.row, *first, *text, format)?;
            } else {
                self.sheet.merge_range(self.row, *first, self.row, *last, text, format)?;
            }
        }
        self.sheet.set_row_height(self.row, f64::from(lines).mul_add(LINE, 5.0))?;
        self.row += 1;
        Ok(())
    }

    /// A line over the whole width.
    fn line(&mut self, text: &str, format: &Format) -> Result<(), XlsxError> {
        self.row(&[(0, 3, text, format)])
    }

    /// A label and its text.
    pub(super) fn item(&mut self, label: &str, text: &str) -> Result<(), XlsxError> {
        let format = letters_text();
        self.row(&[(0, 0, label, &format), (1, 3, text, &format)])
    }

    /// Air, in points.
    pub(super) fn gap(&mut self, height: f64) -> Result<(), XlsxError> {
        self.sheet.set_row_height(self.row, height)?;
        self.row += 1;
        Ok(())
    }
}

fn letter(
    division: &Division,
    forms: &[&Form],
    round: &Round,
    templates: &Templates,
    day: NaiveDate,
) -> Result<Vec<u8>, XlsxError> {
    let words = &templates.letter;
    let mut workbook = look::new_workbook(&words.title, day)?;
    let sheet = workbook.add_worksheet();
    sheet.set_name("依頼文")?;
    let mut paper = Paper::new(sheet, round)?;
    paper.head(division, round, day, [&words.title, &words.opening, &words.record])?;
    paper.item("１　趣旨", &words.purpose)?;
    paper.gap(6.0)?;
    paper.item("２　調査回", &round.name)?;
    paper.gap(6.0)?;
    paper.item("３　送付物", &words.enclosed)?;
    enclosed(&mut paper, division, forms, round, templates, day)?;
    paper.gap(8.0)?;
    paper.item("４　回答方法", &words.how)?;
    paper.gap(6.0)?;
    for (n, note) in words.notes.iter().enumerate() {
        paper.item(if n == 0 { "５　お願い" } else { "" }, &format!("({}) {note}", n + 1))?;
    }
    paper.gap(6.0)?;
    paper.item("６　問合せ先", &round.contact)?;
    paper.end(&words.end)?;
    workbook.save_to_buffer()
}

/// The forms that come with the letter: what they are about, as of when and until when.
fn enclosed(
    paper: &mut Paper<'_>,
    division: &Division,
    forms: &[&Form],
    round: &Round,
    templates: &Templates,
    day: NaiveDate,
) -> Result<(), XlsxError> {
    let (head, cell) = (look::header().set_font_size(SIZE), look::cell().set_font_size(SIZE));
    let bold = look::cell().set_font_size(SIZE).set_bold();
    paper.row(&[(1, 1, "様式", &head), (2, 2, "対象", &head), (3, 3, "回答期限", &head)])?;
    for form in forms {
        let Some(dates) = round.forms.get(&form.id) else { continue };
        let items: Vec<&str> =
            form.roster.iter().flat_map(|r| round.items_of(r, &division.code)).map(|i| i.name.as_str()).collect();
        let due = crate::consolidate::states::due(round, &form.id, &division.code, day)
            .map_or(dates.reply_deadline, |d| d.day);
        let title = format!("{}\n（{}現在の状況）", form.title, wareki(dates.as_of));
        // A long list stands in the form itself.
        let named = if items.len() > LISTED { String::new() } else { format!("\n{}", items.join("、")) };
        let about = if items.is_empty() {
            format!("{}　{}", form.subject, templates.letter.none)
        } else {
            format!("{}　{}件{named}", form.subject, items.len())
        };
        let until = format!("{}（{}）", wareki(due), weekday(due));
        paper.row(&[(1, 1, &title, &cell), (2, 2, &about, &cell), (3, 3, &until, &bold)])?;
    }
    Ok(())
}

/// Items named one by one in the letter.
const LISTED: usize = 6;

fn page(sheet: &mut Worksheet, round: &Round) {
    look::page_setup(sheet, &Page { left: &round.name, right: &round.municipality, ..Page::default() });
    sheet.set_screen_gridlines(false);
}

/// Height of a row of the list in points.
const ROW: f64 = 19.0;

/// Who gets which form with how many items, until when.
fn list(
    forms: &[&Form],
    owed: &BTreeSet<(String, String)>,
    round: &Round,
    templates: &Templates,
    day: NaiveDate,
) -> Result<Vec<u8>, XlsxError> {
    let title = format!("{}　{}", templates.letter.list_title, round.name);
    let mut workbook: Workbook = look::new_workbook(&title, day)?;
    let sheet = workbook.add_worksheet();
    sheet.set_name(&templates.letter.list_title)?;
    let heads = [
        ("課コード", 10.0),
        ("部局", 24.0),
        ("課", 26.0),
        ("内線", 9.0),
        ("様式", 34.0),
        ("件数", 7.0),
        ("回答期限", 24.0),
        ("配布日", 12.0),
        ("確認", 8.0),
    ];
    sheet.write_with_format(0, 0, &title, &look::title())?;
    if !round.mark.is_empty() {
        sheet.write_with_format(0, 6, &round.mark, &look::mark())?;
    }
    for (col, (head, width)) in (0u16..).zip(heads) {
        look::set_width(sheet, col, width)?;
        sheet.write_with_format(2, col, head, &look::header())?;
    }
    let (cell, centred) = (look::cell(), look::cell().set_align(FormatAlign::Center));
    let number = look::cell().set_num_format("#,##0_ ");
    let (mut row, mut items) = (3, 0);
    for division in &round.divisions {
        for form in forms.iter().filter(|f| owed.contains(&(f.id.clone(), division.code.clone()))) {
            let count = form.roster.iter().flat_map(|r| round.items_of(r, &division.code)).count();
            let due = crate::consolidate::states::due(round, &form.id, &division.code, day)
                .map(|d| format!("{}（{}）", wareki(d.day), weekday(d.day)))
                .unwrap_or_default();
            let texts = [&division.code, &division.bureau, &division.name, &division.phone, &form.title];
            for (col, text) in (0u16..).zip(texts) {
                // Codes and extensions stand in the middle.
                let format = if matches!(col, 0 | 3) { &centred } else { &cell };
                sheet.write_with_format(row, col, text, format)?;
            }
            if count == 0 {
                // A form without given items: the division adds its own.
                sheet.write_with_format(row, 5, "－", &centred)?;
            } else {
                sheet.write_with_format(row, 5, u32::try_from(count).unwrap_or(u32::MAX), &number)?;
            }
            sheet.write_with_format(row, 6, due, &look::cell().set_indent(1))?;
            sheet.write_blank(row, 7, &look::cell())?;
            sheet.write_blank(row, 8, &look::cell())?;
            sheet.set_row_height(row, ROW)?;
            items += count;
            row += 1;
        }
    }
    let divisions: BTreeSet<&str> = owed.iter().map(|(_, d)| d.as_str()).collect();
    let total = format!("合計　{} 課　様式 {} 部", divisions.len(), row - 3);
    sheet.merge_range(row, 0, row, 4, &total, &look::label())?;
    sheet.write_with_format(
        row,
        5,
        u32::try_from(items).unwrap_or(u32::MAX),
        &look::label().set_num_format("#,##0_ "),
    )?;
    for col in 6..9 {
        sheet.write_blank(row, col, &look::label())?;
    }
    sheet.set_row_height(row, ROW)?;
    sheet.set_freeze_panes(3, 0)?;
    sheet.set_repeat_rows(2, 2)?;
    let page = Page { landscape: true, left: &round.name, right: &round.municipality, ..Page::default() };
    look::page_setup(sheet, &page);
    let heights = vec![ROW; row as usize + 1];
    let width: u32 = heads.iter().map(|(_, width)| look::pixels(*width)).sum();
    let rows = look::Rows { heights: &heights, starts: &[], repeated: ROW };
    look::set_pages(sheet, &page.pages(f64::from(width), rows))?;
    workbook.save_to_buffer()
}
