//! 督促一覧: who owes what, until when, and what the office should look at before it sends a letter.

use rust_xlsxwriter::{FormatAlign, Workbook, XlsxError};

use super::Reminders;
use super::said::{day, stands};
use crate::consolidate::owing::{Debt, Owes};
use crate::look::{self, Page};

const HEADS: [(&str, f64); 12] = [
    ("課コード", 9.0),
    ("課", 22.0),
    ("内線", 8.0),
    ("宛先", 22.0),
    ("様式", 28.0),
    ("状況", 15.0),
    ("対象", 28.0),
    ("期限", 22.0),
    ("残り（▲超過）", 9.0),
    ("うち開庁日", 8.0),
    ("送付日", 11.0),
    ("備考", 34.0),
];
/// Columns of the remaining days.
const DAYS: [u16; 2] = [8, 9];
/// Row of the headers.
const TOP: u32 = 2;

pub(super) fn list(all: &Reminders<'_>) -> Result<Vec<u8>, XlsxError> {
    let (words, round) = (&all.templates.remind, all.round);
    let title = format!("{}　{}", words.list_title, round.name);
    let mut workbook: Workbook = look::new_workbook(&title, all.today)?;
    let sheet = workbook.add_worksheet();
    sheet.set_name(&words.list_title)?;
    sheet.write_with_format(0, 0, format!("{title}（{}現在）", day(all.today)), &look::title())?;
    if !round.mark.is_empty() {
        sheet.merge_range(0, 10, 0, 11, &round.mark, &look::mark())?;
    }
    for (col, (head, width)) in (0u16..).zip(HEADS) {
        look::set_width(sheet, col, width)?;
        sheet.write_with_format(TOP, col, head, &look::header())?;
    }
    sheet.set_row_height(TOP, look::row_height(2))?;
    let (cell, centred) = (look::cell(), look::cell().set_align(FormatAlign::Center));
    let number = look::cell().set_num_format("#,##0_ ;▲#,##0_ ");
    let mut heights = vec![look::row_height(2); TOP as usize + 1];
    let mut row = TOP + 1;
    for (owes, debt) in all.owing.divisions.iter().flat_map(|o| o.debts.iter().map(move |d| (o, d))) {
        let texts = texts(owes, debt, all);
        let mut lines = 1;
        for ((col, text), (_, width)) in (0u16..).zip(&texts).zip(HEADS) {
            lines = lines.max(look::wrapped_lines(text, width - 1.0));
            let format = if matches!(col, 0 | 2) { &centred } else { &cell };
            sheet.write_with_format(row, col, text, format)?;
        }
        let (days, business) = stands(debt.due.day, all).left();
        for (col, n) in DAYS.into_iter().zip([days, business]) {
            sheet.write_with_format(row, col, small(n), &number)?;
        }
        let height = f64::from(lines).mul_add(15.0, 5.0);
        sheet.set_row_height(row, height)?;
        heights.push(height);
        row += 1;
    }
    sheet.set_freeze_panes(TOP + 1, 0)?;
    sheet.set_repeat_rows(TOP, TOP)?;
    sheet.autofilter(TOP, 0, row - 1, 11)?;
    let page = Page { landscape: true, left: &round.name, right: &round.municipality, ..Page::default() };
    look::page_setup(sheet, &page);
    let width: u32 = HEADS.iter().map(|(_, width)| look::pixels(*width)).sum();
    let repeated = heights.get(TOP as usize).copied().unwrap_or_default();
    let rows = look::Rows { heights: &heights, starts: &[], repeated };
    look::set_pages(sheet, &page.pages(f64::from(width), rows))?;
    look::saved(&mut workbook)
}

/// The texts of a row; the days are numbers and stay empty here.
fn texts(owes: &Owes<'_>, d: &Debt<'_>, all: &Reminders<'_>) -> [String; 12] {
    let (words, division) = (&all.templates.remind, owes.division);
    let items: Vec<&str> = d.items.iter().map(|i| i.name.as_str()).collect();
    let extended = if d.due.extended { words.extended.as_str() } else { "" };
    [
        division.code.clone(),
        division.name.clone(),
        division.phone.clone(),
        division.mail.clone(),
        d.form.title.clone(),
        all.short(d),
        items.join("、"),
        format!("{}{extended}", day(d.due.day)),
        String::new(),
        String::new(),
        String::new(),
        remark(d, all),
    ]
}

/// What the office should look at first.
fn remark(d: &Debt<'_>, all: &Reminders<'_>) -> String {
    let files = |list: &[&str]| list.iter().map(|f| format!("「{f}」")).collect::<Vec<_>>().join("、");
    let doubtful = all.templates.remind.doubtful.replace("{files}", &files(&d.doubtful));
    let own = if d.unreadable.is_empty() { String::new() } else { files(&d.unreadable) };
    let doubtful = if d.doubtful.is_empty() { String::new() } else { doubtful };
    [own, doubtful].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join("\n")
}

fn small(n: i64) -> f64 {
    i32::try_from(n).map_or(0.0, f64::from)
}
