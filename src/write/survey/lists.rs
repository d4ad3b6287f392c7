//! 除外した回答 and 確認事項: every row that does not count, and every cell that could not be read as an answer.

use rust_xlsxwriter::Workbook;

use super::super::WriteError;
use super::super::canvas::{Canvas, Head, Table};
use super::super::cell::{Cell, Tone};
use super::super::findings::file_link;
use super::{Drawn, add_sheet, head};
use crate::model::{CellRef, Finding, Place, Severity};

const EXCLUDED: [(&str, f64); 6] = [
    ("理由", 20.0),
    ("ファイル", 40.0),
    ("シート", 22.0),
    ("行", 8.0),
    ("回答日時", 22.0),
    ("回答者の見出しの値", 18.0),
];
const FINDINGS: [(&str, f64); 8] = [
    ("指摘コード", 10.0),
    ("重要度", 9.0),
    ("問い", 16.0),
    ("内容", 54.0),
    ("直し方", 44.0),
    ("ファイル", 34.0),
    ("シート", 16.0),
    ("セル", 8.0),
];

fn table(page: &mut Canvas<'_>, row: u32, heads: &[(&str, f64)], rows: Vec<Vec<Cell>>) -> Result<(), WriteError> {
    let columns = page.columns();
    let heads = heads.iter().map(|(label, width)| Head::new(*label, *width)).collect();
    let placed = page.table(row, &Table { heads, rows })?;
    page.filtered(placed, columns, 0)
}

/// Draws 除外した回答.
pub fn excluded(drawn: &Drawn<'_>, book: &mut Workbook) -> Result<(), WriteError> {
    let sheet = add_sheet(drawn, book, "除外した回答", true)?;
    let mut page = Canvas::new(sheet, &EXCLUDED.map(|(_, w)| w))?;
    let out = drawn.answers.responses.iter().filter_map(|r| Some((r.fate?, r)));
    let mut out: Vec<_> = out.collect();
    out.sort_by_key(|(fate, _)| *fate);
    let row = head(
        drawn,
        &mut page,
        "除外した回答",
        &[format!("集計に入れていない {} 件です。理由の決まりは「調査概要」にあります。", out.len())],
    )?;
    let line = |(fate, r): &(crate::survey::Fate, &crate::survey::Response)| {
        let place = Place::cell(&r.file, &r.sheet, CellRef::new(r.row, 0));
        vec![
            Cell::text(fate.words()),
            file_link(&place),
            Cell::text(r.sheet.as_str()),
            Cell::count(r.row as usize + 1),
            Cell::text(r.time.map(|t| t.format("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default()),
            Cell::text(r.key.as_str()),
        ]
    };
    let rows = out.iter().map(line).collect();
    table(&mut page, row, &EXCLUDED, rows)
}

/// Draws 確認事項.
pub fn findings(drawn: &Drawn<'_>, book: &mut Workbook) -> Result<(), WriteError> {
    let sheet = add_sheet(drawn, book, "確認事項", true)?;
    let mut page = Canvas::new(sheet, &FINDINGS.map(|(_, w)| w))?;
    let note = match drawn.findings.len() {
        0 => "指摘はありません。".to_string(),
        n => format!("{n} 件です。示した答えのほかは、すべて集計に入れています。"),
    };
    let row = head(drawn, &mut page, "確認事項", &[note])?;
    let rows = drawn.findings.iter().map(|f| line(drawn, f)).collect();
    table(&mut page, row, &FINDINGS, rows)
}

fn line(drawn: &Drawn<'_>, f: &Finding) -> Vec<Cell> {
    let words = drawn.words();
    let severity = Cell::text(f.severity().words()).center();
    vec![
        Cell::text(f.code.as_str()).center(),
        if f.severity() == Severity::E { severity.tone(Tone::Warn) } else { severity },
        Cell::text(words.field(f)),
        Cell::text(words.sentence(f)),
        Cell::text(words.remedy(f)),
        f.place.as_ref().map_or_else(Cell::empty, file_link),
        Cell::text(f.place.as_ref().map(|p| p.sheet.to_string()).unwrap_or_default()),
        Cell::text(f.place.as_ref().map(Place::cell_text).unwrap_or_default()).center(),
    ]
}
