//! The distribution list: who gets which form with how many items, until when.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use rust_xlsxwriter::{FormatAlign, Workbook, XlsxError};

use super::due_words;
use crate::forms::Templates;
use crate::look::{self, Page};
use crate::model::{Form, Round};

/// Height of a row of the list in points.
const ROW: f64 = 19.0;

/// Who gets which form with how many items, until when.
pub(super) fn list(
    forms: &[&Form],
    owed: &BTreeSet<(String, String)>,
    round: &Round,
    templates: &Templates,
    (day, today): (NaiveDate, NaiveDate),
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
            let due = due_words(round, form, division, today);
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
    look::saved(&mut workbook)
}
