//! データ and コード表: one row an answer, from which every figure can be counted again, and what its codes mean. Texts that people
//! wrote do not stand here: beside a bureau and an age they would say who wrote them.

use rust_xlsxwriter::Workbook;

use super::super::canvas::{Canvas, Head, Table};
use super::super::cell::Cell;
use super::super::{MAX_ROWS, WriteError};
use super::{Drawn, add_sheet, head};
use crate::model::survey::Slot;
use crate::survey::{Given, Response, figures};

const DATA: [(&str, f64); 9] = [
    ("回答番号", 10.0),
    ("問", 8.0),
    ("項目", 22.0),
    ("区分", 10.0),
    ("コード", 8.0),
    ("答え", 34.0),
    ("ファイル", 40.0),
    ("シート", 22.0),
    ("行", 8.0),
];
const CODES: [(&str, f64); 7] = [
    ("問", 8.0),
    ("設問", 46.0),
    ("種類", 11.0),
    ("コード", 8.0),
    ("選択肢・項目", 40.0),
    ("点数", 7.0),
    ("聞く人", 26.0),
];

fn heads(all: &[(&str, f64)]) -> Vec<Head> {
    all.iter().map(|(label, width)| Head::new(*label, *width)).collect()
}

/// Draws データ.
pub fn answers(drawn: &Drawn<'_>, book: &mut Workbook) -> Result<(), WriteError> {
    let sheet = add_sheet(drawn, book, "データ", true)?;
    let mut page = Canvas::new(sheet, &DATA.map(|(_, w)| w))?;
    let slots = drawn.survey.slots();
    let valid = drawn.answers.responses.iter().filter(|r| r.fate.is_none());
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for (n, response) in valid.enumerate() {
        for (slot, given) in slots.iter().zip(&response.given) {
            rows.extend(lines(n + 1, response, slot, given));
        }
    }
    let note = if rows.len() > MAX_ROWS {
        rows.truncate(MAX_ROWS);
        format!("多いため、はじめの {MAX_ROWS} 行だけを載せています。")
    } else {
        format!("有効回答の答えを、1行に一つ載せています（{} 行）。自由記述の文は載せていません。", rows.len())
    };
    let row = head(drawn, &mut page, "データ", &[note])?;
    let columns = page.columns();
    let placed = page.table(row, &Table { heads: heads(&DATA), rows })?;
    page.filtered(placed, columns, 0)
}

fn lines(number: usize, response: &Response, slot: &Slot<'_>, given: &Given) -> Vec<Vec<Cell>> {
    let line = |kind: &str, code: Option<usize>, text: String| {
        vec![
            Cell::count(number),
            Cell::text(slot.question.id.as_str()),
            Cell::text(slot.item_text().unwrap_or_default()),
            Cell::text(kind),
            code.map_or_else(Cell::empty, Cell::count),
            Cell::text(text),
            Cell::text(response.file.rsplit('/').next().unwrap_or_default()),
            Cell::text(response.sheet.as_str()),
            Cell::count(response.row as usize + 1),
        ]
    };
    match given {
        Given::Blank => vec![line("無回答", None, String::new())],
        Given::NotAsked => vec![line("非該当", None, String::new())],
        Given::Invalid => vec![line("無効", None, String::new())],
        Given::Text => vec![line("記述", None, String::new())],
        Given::Number(n) => vec![line("回答", None, figures::decimal(*n, 3))],
        Given::Choices(all) => {
            let words = |c: &u16| slot.question.choices.get(usize::from(*c)).cloned().unwrap_or_default();
            all.iter().map(|c| line("回答", Some(usize::from(*c) + 1), words(c))).collect()
        }
    }
}

/// Draws コード表.
pub fn codes(drawn: &Drawn<'_>, book: &mut Workbook) -> Result<(), WriteError> {
    let sheet = add_sheet(drawn, book, "コード表", true)?;
    let mut page = Canvas::new(sheet, &CODES.map(|(_, w)| w))?;
    let row = head(drawn, &mut page, "コード表", &["「データ」の問とコードの意味です。".to_string()])?;
    let mut rows = Vec::new();
    for q in &drawn.survey.questions {
        let branch = q.branch.as_ref().map(|b| format!("{}で「{}」と答えた人", b.question, b.any.join("」「")));
        let line = |code: Option<usize>, text: &str, score: Option<i64>| {
            vec![
                Cell::text(q.id.as_str()),
                Cell::text(q.text.as_str()),
                Cell::text(q.kind.words()),
                code.map_or_else(Cell::empty, Cell::count),
                Cell::text(text),
                Cell::text(score.map(|s| s.to_string()).unwrap_or_default()),
                Cell::text(branch.clone().unwrap_or_else(|| "全員".into())),
            ]
        };
        rows.extend(q.items.iter().map(|item| line(None, &format!("［項目］{item}"), None)));
        rows.extend(q.choices.iter().enumerate().map(|(n, c)| line(Some(n + 1), c, q.scores.get(n).copied())));
        rows.extend(q.choices.is_empty().then(|| line(None, &q.unit, None)));
    }
    let columns = page.columns();
    let placed = page.table(row, &Table { heads: heads(&CODES), rows })?;
    page.filtered(placed, columns, 0)
}
