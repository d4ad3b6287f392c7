//! What the last round answered, from 前回/取りまとめ.xlsx: its long sheet, read back by its headers.

use std::collections::BTreeMap;
use std::path::Path;

use crate::discover::{self, PREVIOUS};
use crate::error::Error;
use crate::forms::draw::CellValue;
use crate::model::ledger::{Previous, PreviousAnswer};
use crate::model::{CellRef, Grid};
use crate::read::{self, Limits};
use crate::write;

/// What the last round answered.
#[derive(Debug, Default)]
pub struct Answers {
    /// By form, item and answer key.
    pub values: BTreeMap<(String, String, String), CellValue>,
    /// The division that answered for an item of a form.
    pub divisions: BTreeMap<(String, String), String>,
}

/// The last round's answers about items; empty when there is no last round. The cards of the divisions (who answered,
/// when) belong to that round alone and are left out.
///
/// # Errors
/// When the workbook is there and cannot be read.
pub fn answers(dir: &Path) -> Result<Answers, Error> {
    read_long(dir, rows).map(Option::unwrap_or_default)
}

/// The last round's answers as they are compared with this one's; `None` when there is no last round.
///
/// # Errors
/// When the workbook is there and cannot be read.
pub fn last_round(dir: &Path) -> Result<Option<Previous>, Error> {
    read_long(dir, compared)
}

/// What this makes of the long sheet of the last round; `None` when there is no last round.
fn read_long<T>(dir: &Path, make: fn(&Grid) -> Option<T>) -> Result<Option<T>, Error> {
    let path = dir.join(PREVIOUS).join(write::MASTER);
    if !path.is_file() {
        return Ok(None);
    }
    let bytes = discover::read(&path)?;
    let unreadable = |why: &str| {
        Error::new(
            format!("前回の「{}」を読めません（{why}）。", path.display()),
            "前回の結果を写し直すか、前回の回答を引き継がないときは「前回」フォルダから外してください。",
        )
    };
    let opened = read::open(&bytes, write::MASTER, &Limits::default())
        .map_err(|_| unreadable("表計算ファイルとして開けません"))?;
    let Some(grid) = opened.workbook.sheets.iter().find(|s| s.name == write::DATA_SHEET) else {
        return Err(unreadable(&format!("シート「{}」がありません", write::DATA_SHEET)));
    };
    make(grid).map(Some).ok_or_else(|| unreadable("見出しが違います"))
}

/// Whether a flag of the long sheet is set.
fn is_on(flag: &str) -> bool {
    flag.parse::<f64>().is_ok_and(|n| n != 0.0)
}

fn heads(grid: &Grid) -> BTreeMap<String, u32> {
    grid.cells.range(..CellRef::new(1, 0)).map(|(at, c)| (c.raw(), at.col)).collect()
}

fn compared(grid: &Grid) -> Option<Previous> {
    let heads = heads(grid);
    let col = |name: &str| heads.get(name).copied();
    let (form, item, key) = (col("様式ID")?, col("対象キー")?, col("項目キー")?);
    let (item_name, field) = (col("対象名")?, col("項目名")?);
    let (value, word, from, to) = (col("値")?, col("値の語")?, col("開始日")?, col("終了日")?);
    let round = col("調査回")?;
    let (kind, approx) = (col("値の型")?, col("幅を示す語")?);
    let (code, division) = (col("課コード")?, col("課")?);
    let as_of = col("基準日");
    let round = grid.text(CellRef::new(1, round));
    let mut previous = Previous { file: format!("{PREVIOUS}/{}", write::MASTER), round, ..Previous::default() };
    for row in 1..=grid.cells.keys().next_back().map_or(0, |c| c.row) {
        let text = |col: u32| grid.text(CellRef::new(row, col));
        let whose = (text(form), text(item), text(key));
        if let Some(day) = as_of.and_then(|col| text(col).parse().ok()) {
            previous.as_of.entry(whose.0.clone()).or_insert(day);
        }
        if whose.1.is_empty() {
            continue;
        }
        let of = (whose.0.clone(), whose.1.clone());
        previous.divisions.entry(of).or_insert_with(|| (text(code), text(division)));
        if whose.2.is_empty() {
            continue;
        }
        let answer = PreviousAnswer {
            names: (text(item_name), text(field)),
            kind: text(kind),
            approx: is_on(&text(approx)),
            value: (text(value), text(word)),
            days: (text(from), text(to)),
        };
        previous.answers.insert(whose, answer);
    }
    Some(previous)
}

/// An answer as it is given again: what was typed as text as it was typed, a number as what it was taken to mean. A number
/// that was stored may not be what was seen (4,300,000円, 85 %).
fn answered(raw: &str, kind: &str, value: String) -> CellValue {
    let Ok(stored) = raw.parse::<f64>() else { return CellValue::Text(raw.to_string()) };
    match kind {
        "integer" | "money" | "number" | "percent" => CellValue::Number(value.parse().unwrap_or(stored)),
        "text" if !value.is_empty() && value != raw => CellValue::Text(value),
        _ => CellValue::Number(stored),
    }
}

fn rows(grid: &Grid) -> Option<Answers> {
    let heads = heads(grid);
    let col = |name: &str| heads.get(name).copied();
    let (form, item, key) = (col("様式ID")?, col("対象キー")?, col("項目キー")?);
    let (raw, from, to) = (col("原文")?, col("開始日")?, col("終了日")?);
    let (kind, value) = (col("値の型")?, col("値")?);
    let division = col("課コード")?;
    let mut answers = Answers::default();
    let last = grid.cells.keys().next_back().map_or(0, |c| c.row);
    for row in 1..=last {
        let text = |col: u32| grid.text(CellRef::new(row, col));
        let (raw, from, to) = (text(raw), text(from), text(to));
        if text(item).is_empty() || text(key).is_empty() || raw.is_empty() {
            continue;
        }
        // A serial is no way to write a day; what was typed as text stays as it was typed.
        let day = from.parse().ok().filter(|_| from == to && raw.parse::<f64>().is_ok());
        let value = day.map_or_else(|| answered(&raw, &text(kind), text(value)), CellValue::Date);
        answers.divisions.insert((text(form), text(item)), text(division));
        answers.values.insert((text(form), text(item), text(key)), value);
    }
    Some(answers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_given_again_as_it_was_understood() {
        let again = |raw: &str, kind: &str, value: &str| answered(raw, kind, value.into());
        assert_eq!(again("2750000", "money", "2750"), CellValue::Number(2750.0), "shown as 2,750,000円");
        assert_eq!(again("85", "percent", "0.85"), CellValue::Number(0.85));
        assert_eq!(again("0.85", "text", "85%"), CellValue::Text("85%".into()));
        assert_eq!(again("103", "text", "103"), CellValue::Number(103.0));
        assert_eq!(again("約1,200千円", "money", "1200"), CellValue::Text("約1,200千円".into()));
        assert_eq!(again("1", "choice", "1"), CellValue::Number(1.0));
    }
}
