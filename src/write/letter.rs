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

/// Width of the page in half-width characters: a narrow column for numbers and labels, a wide one for text.
pub(super) const LABEL: f64 = 16.0;
pub(super) const TEXT: f64 = 70.0;

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
    /// Its sheet.
    pub sheet: &'a mut Worksheet,
    /// The next row.
    pub row: u32,
}

impl Paper<'_> {
    /// A line over the whole width, as high as its text.
    fn line(&mut self, text: &str, format: &Format) -> Result<(), XlsxError> {
        self.sheet.merge_range(self.row, 0, self.row, 1, text, format)?;
        self.sheet.set_row_height(self.row, look::row_height(look::wrapped_lines(text, LABEL + TEXT)))?;
        self.row += 1;
        Ok(())
    }

    /// All above the items: number, day, addressee, sender, subject, first sentence, 記.
    pub(super) fn head(
        &mut self,
        division: &Division,
        round: &Round,
        day: NaiveDate,
        [title, opening, record]: [&str; 3],
    ) -> Result<(), XlsxError> {
        let right = look::base().set_align(FormatAlign::Right);
        if !round.mark.is_empty() {
            self.line(&round.mark, &look::mark())?;
        }
        self.line(&round.document_number, &right)?;
        self.line(&wareki(day), &right)?;
        self.gap();
        self.line(&format!("{}　{}長　様", division.bureau, division.name), &look::base())?;
        self.gap();
        self.line(&format!("{}　{}", round.municipality, round.issuer), &right)?;
        self.gap();
        self.line(title, &look::title().set_align(FormatAlign::Center))?;
        self.gap();
        self.line(&format!("　{opening}"), &look::note())?;
        self.gap();
        self.line(record, &look::base().set_align(FormatAlign::Center))?;
        self.gap();
        Ok(())
    }

    /// A label and its text.
    pub(super) fn item(&mut self, label: &str, text: &str) -> Result<(), XlsxError> {
        self.sheet.write_with_format(self.row, 0, label, &look::base().set_align(FormatAlign::Top))?;
        self.sheet.write_with_format(self.row, 1, text, &look::note())?;
        self.sheet.set_row_height(self.row, look::row_height(look::wrapped_lines(text, TEXT)))?;
        self.row += 1;
        Ok(())
    }

    fn gap(&mut self) {
        self.row += 1;
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
    look::set_width(sheet, 0, LABEL)?;
    look::set_width(sheet, 1, TEXT)?;
    page(sheet, round);
    let mut paper = Paper { sheet, row: 0 };
    paper.head(division, round, day, [&words.title, &words.opening, &words.record])?;
    paper.item("１　調査回", &round.name)?;
    paper.item("２　目的", &words.purpose)?;
    for (n, form) in forms.iter().enumerate() {
        let Some(dates) = round.forms.get(&form.id) else { continue };
        let items: Vec<&str> =
            form.roster.iter().flat_map(|r| round.items_of(r, &division.code)).map(|i| i.name.as_str()).collect();
        let due = crate::consolidate::states::due(round, &form.id, &division.code, day)
            .map_or(dates.reply_deadline, |d| d.day);
        let text = format!(
            "{}（{}　{}件）\n基準日　{}　　回答期限　{}（{}）",
            form.title,
            form.subject,
            items.len(),
            wareki(dates.as_of),
            wareki(due),
            weekday(due),
        );
        paper.item(if n == 0 { "３　様式" } else { "" }, &text)?;
        paper.item("", &format!("対象　{}", items.join("、")))?;
    }
    paper.item("４　回答の方法", &words.how)?;
    for (n, note) in words.notes.iter().enumerate() {
        paper.item(if n == 0 { "５　お願い" } else { "" }, &format!("・{note}"))?;
    }
    paper.item("６　問合せ先", &round.contact)?;
    workbook.save_to_buffer()
}

/// How a letter is printed.
pub(super) fn page(sheet: &mut Worksheet, round: &Round) {
    look::page_setup(sheet, &Page { left: &round.name, right: &round.municipality, ..Page::default() });
    sheet.set_screen_gridlines(false);
}

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
        ("回答期限", 20.0),
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
    let mut row = 3;
    for division in &round.divisions {
        for form in forms.iter().filter(|f| owed.contains(&(f.id.clone(), division.code.clone()))) {
            let count = form.roster.iter().flat_map(|r| round.items_of(r, &division.code)).count();
            let due = crate::consolidate::states::due(round, &form.id, &division.code, day)
                .map(|d| wareki(d.day))
                .unwrap_or_default();
            let texts = [&division.code, &division.bureau, &division.name, &division.phone, &form.title];
            for (col, text) in (0u16..).zip(texts) {
                sheet.write_with_format(row, col, text, &look::cell())?;
            }
            sheet.write_with_format(row, 5, u32::try_from(count).unwrap_or(u32::MAX), &look::cell())?;
            sheet.write_with_format(row, 6, due, &look::cell())?;
            sheet.write_blank(row, 7, &look::cell())?;
            sheet.write_blank(row, 8, &look::cell())?;
            row += 1;
        }
    }
    sheet.set_repeat_rows(2, 2)?;
    look::page_setup(
        sheet,
        &Page { landscape: true, left: &round.name, right: &round.municipality, ..Page::default() },
    );
    workbook.save_to_buffer()
}
