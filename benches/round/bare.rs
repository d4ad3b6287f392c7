//! What somebody would write instead: the same rows, four trivial checks, one styled sheet and a list of errors.

use std::path::{Path, PathBuf};

use calamine::{Data, DataType, Reader, Xlsx, open_workbook};
use chrono::NaiveDate;
use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};

use crate::survey::{ABOVE, BEGIN, COLUMNS, FINISH, HEADS, INSPECTED, INSPECTOR, Made, PROGRESS, SHEET};

/// Columns of dates.
const DAYS: [usize; 5] = [4, INSPECTED, BEGIN, FINISH, 18];
/// Columns that must not be blank.
const REQUIRED: [usize; 6] = [0, 1, INSPECTED, INSPECTOR, 9, PROGRESS];

/// Reads the files and writes the workbook.
pub fn run(files: &[PathBuf], out: &Path) -> Made {
    let mut book = Workbook::new();
    let formats = Formats::new();
    let mut list = Worksheet::new();
    headed(&mut list, &formats).expect("headers");
    let mut errors = Worksheet::new();
    let mut made = Made::default();
    for path in files {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let mut file: Xlsx<_> = open_workbook(path).expect("a workbook");
        let range = file.worksheet_range(SHEET).expect("the sheet");
        for (line, row) in range.rows().enumerate().skip(ABOVE) {
            if row.iter().skip(1).all(Data::is_empty) {
                continue;
            }
            let to = u32::try_from(made.rows + 2).expect("few rows");
            let days = DAYS.map(|c| (c, day(&row[c])));
            written(&mut list, to, &name, row, &days, &formats).expect("a row");
            for (column, what) in checked(row, &days) {
                made.faults += 1;
                let at = u32::try_from(made.faults).expect("few errors");
                noted(&mut errors, at, &name, line + 1, column, what, &row[column]).expect("an error");
            }
            made.rows += 1;
        }
    }
    let last = u32::try_from(made.rows + 1).expect("few rows");
    list.autofilter(1, 0, last, u16::try_from(COLUMNS).expect("few")).expect("a filter");
    list.set_freeze_panes(2, 3).expect("panes");
    book.push_worksheet(list);
    errors.set_name("エラー").expect("a name");
    book.push_worksheet(errors);
    book.save(out).expect("saved");
    made
}

/// A day that is one, or that is written in the era's years; `Err` for what is neither.
fn day(cell: &Data) -> Result<Option<NaiveDate>, ()> {
    match cell {
        Data::Empty => Ok(None),
        Data::String(text) => {
            let rest = text.strip_prefix("令和").ok_or(())?;
            let parts: Vec<&str> = rest.split(['年', '月', '日']).collect();
            let [year, month, day, ""] = parts[..] else { return Err(()) };
            let year = if year == "元" { 1 } else { year.parse::<i32>().map_err(|_| ())? };
            let (month, day) = (month.parse().map_err(|_| ())?, day.parse().map_err(|_| ())?);
            NaiveDate::from_ymd_opt(2018 + year, month, day).map(Some).ok_or(())
        }
        other => other.as_date().map(Some).ok_or(()),
    }
}

type Days = [(usize, Result<Option<NaiveDate>, ()>); DAYS.len()];

/// Blank though required, no date, an end before its beginning, more than the whole.
fn checked(row: &[Data], days: &Days) -> Vec<(usize, &'static str)> {
    let mut found: Vec<_> = REQUIRED.into_iter().filter(|c| row[*c].is_empty()).map(|c| (c, "空欄です")).collect();
    found.extend(days.iter().filter(|(_, d)| d.is_err()).map(|(c, _)| (*c, "日付ではありません")));
    let of = |column| days.iter().find(|(c, _)| *c == column).and_then(|(_, d)| d.ok().flatten());
    if of(BEGIN).zip(of(FINISH)).is_some_and(|(begin, finish)| finish < begin) {
        found.push((FINISH, "着手より前です"));
    }
    if row[PROGRESS].as_f64().is_some_and(|p| !(0.0..=1.0).contains(&p)) {
        found.push((PROGRESS, "範囲の外です"));
    }
    found
}

struct Formats {
    title: Format,
    head: Format,
    text: Format,
    wrapped: Format,
    day: Format,
    percent: Format,
    number: Format,
}

impl Formats {
    fn new() -> Self {
        let base = || Format::new().set_font_name("ＭＳ Ｐゴシック").set_font_size(10).set_border(FormatBorder::Thin);
        Self {
            title: Format::new().set_font_name("ＭＳ Ｐゴシック").set_font_size(16).set_bold(),
            head: base().set_bold().set_align(FormatAlign::Center).set_background_color("E2EFDA"),
            text: base(),
            wrapped: base().set_text_wrap(),
            day: base().set_num_format("yyyy/m/d"),
            percent: base().set_num_format("0%"),
            number: base().set_num_format("#,##0"),
        }
    }

    fn of(&self, column: usize) -> &Format {
        match column {
            PROGRESS => &self.percent,
            5 | 13..=15 => &self.number,
            16 | 17 | 19 => &self.wrapped,
            c if DAYS.contains(&c) => &self.day,
            _ => &self.text,
        }
    }
}

fn headed(sheet: &mut Worksheet, formats: &Formats) -> Result<(), XlsxError> {
    sheet.set_name("一覧")?;
    sheet.write_string_with_format(0, 0, "点検・改修計画　一覧", &formats.title)?;
    sheet.write_string_with_format(1, 0, "ファイル", &formats.head)?;
    for (column, (group, own)) in (1u16..).zip(HEADS) {
        let head = if own.is_empty() { group } else { own };
        sheet.write_string_with_format(1, column, head, &formats.head)?;
        sheet.set_column_width(column, if matches!(column, 17 | 18) { 32 } else { 13 })?;
    }
    Ok(())
}

fn written(
    sheet: &mut Worksheet,
    to: u32,
    name: &str,
    row: &[Data],
    days: &Days,
    formats: &Formats,
) -> Result<(), XlsxError> {
    sheet.write_string_with_format(to, 0, name, &formats.text)?;
    for (at, cell) in row.iter().take(COLUMNS).enumerate() {
        let (column, format) = (u16::try_from(at + 1).expect("few columns"), formats.of(at));
        let day = days.iter().find(|(c, _)| *c == at).and_then(|(_, d)| d.ok().flatten());
        match (day, cell) {
            (Some(day), _) => sheet.write_datetime_with_format(to, column, day, format)?,
            (None, Data::Empty) => sheet.write_blank(to, column, format)?,
            (None, Data::String(text)) => sheet.write_string_with_format(to, column, text, format)?,
            (None, other) => sheet.write_number_with_format(to, column, other.as_f64().unwrap_or(f64::NAN), format)?,
        };
    }
    Ok(())
}

fn noted(
    sheet: &mut Worksheet,
    at: u32,
    name: &str,
    line: usize,
    column: usize,
    what: &str,
    given: &Data,
) -> Result<(), XlsxError> {
    sheet.write_string(at, 0, name)?;
    sheet.write_number(at, 1, u32::try_from(line).unwrap_or(u32::MAX))?;
    sheet.write_string(at, 2, HEADS[column].1)?;
    sheet.write_string(at, 3, what)?;
    sheet.write_string(at, 4, given.to_string())?;
    Ok(())
}
