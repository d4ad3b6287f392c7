//! Prints every cell of workbooks as one line of JSON a file: `{file, refused, problems, sheets: [{name, cells: {A1: …}}]}`.
//!
//! For `tests/tools/other_readers.py`, which compares it with what openpyxl and LibreOffice read.
//! Values are `null` (a formula without a result), a text, a number, true/false, `{"date": serial}` or `{"error": "#N/A"}`.

use std::io::Write;

use serde_json::{Map, Value, json};
use torimatome::model::Content;
use torimatome::model::grid::Grid;
use torimatome::read::{Limits, open};

fn sheet(grid: &Grid) -> Value {
    let cells = grid.cells.iter().map(|(at, cell)| {
        let value = match &cell.content {
            Content::Empty => Value::Null,
            Content::Text(t) => json!(t),
            Content::Number(n) => json!(n),
            Content::DateTime(n) => json!({ "date": n }),
            Content::Bool(b) => json!(b),
            Content::Error(e) => json!({ "error": e }),
        };
        (at.to_string(), value)
    });
    json!({ "name": grid.name, "cells": cells.collect::<Map<_, _>>() })
}

fn main() {
    let mut out = std::io::stdout().lock();
    for path in std::env::args().skip(1) {
        let name = path.rsplit('/').next().unwrap_or_default();
        let bytes = std::fs::read(&path).expect("a file");
        let line = match open(&bytes, name, &Limits::default()) {
            Ok(opened) => {
                let sheets: Vec<Value> = opened.workbook.sheets.iter().map(sheet).collect();
                let problems: Vec<String> = opened
                    .problems
                    .iter()
                    .map(|p| {
                        let at = p.cell.map(|c| c.to_string()).unwrap_or_default();
                        format!("{:?} {}!{at} {}", p.kind, p.sheet, p.detail)
                    })
                    .collect();
                let date1904 = opened.workbook.date1904;
                json!({ "file": path, "refused": null, "problems": problems, "date1904": date1904, "sheets": sheets })
            }
            Err(refusal) => json!({ "file": path, "refused": format!("{refusal:?}"), "problems": [], "sheets": [] }),
        };
        writeln!(out, "{line}").expect("standard output");
    }
}
