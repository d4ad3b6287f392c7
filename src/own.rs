//! Books that are no reply and that the office knows all the same: this program's own, and the ministry's. Told by what they hold.

use std::collections::BTreeSet;

use arcstr::ArcStr;

use crate::forms::Templates;
use crate::model::grid::{Content, Grid};
use crate::model::marker::Marker;
use crate::model::{Finding, Place, Workbook};
use crate::national::locate::{self, Recognised};
use crate::read::{Known, Who};
use crate::write::DATA_SHEET;

/// Rows from the top in which titles and headers stand.
const TOP: u32 = 12;

/// What a book of this program is that is no reply, said at its file; `None` when it is none, or has a form's own line in it.
pub(crate) fn told(book: &Workbook, file: &ArcStr, templates: &Templates) -> Option<Finding> {
    let tops: Vec<Vec<BTreeSet<&str>>> = book.sheets.iter().map(top).collect();
    let (name, todo) = what(book, &tops, templates)?;
    let is_form = tops.iter().flatten().flatten().any(|text| Marker::parse(text).is_some());
    (!is_form).then(|| finding(file, format!("このプログラムの{name}"), todo))
}

/// The same of a ministry's workbook.
pub(crate) fn ministry(book: &Workbook, file: &ArcStr, known: &Known<'_>, templates: &Templates) -> Option<Finding> {
    let Who::Round(round) = known.who else { return None };
    match locate::recognise(book, &templates.national, templates, round) {
        Recognised::Map(found) => {
            let name = format!("国の様式「{}」", found.map.title);
            Some(finding(file, name, "国から届いた様式は「国様式」フォルダに入れてください。"))
        }
        Recognised::Unknown(_) => None,
    }
}

fn finding(file: &ArcStr, given: String, todo: &str) -> Finding {
    Finding::new("S087W").at(Place::file(file)).given(given).arg("todo", todo)
}

fn what(book: &Workbook, tops: &[Vec<BTreeSet<&str>>], templates: &Templates) -> Option<(&'static str, &'static str)> {
    const MISSING: &str = "記入した様式が届いていないときは、課に確かめてください。";
    let named = |name: &str| !name.is_empty() && book.sheets.iter().any(|s| s.name == name);
    let rows = || tops.iter().flatten();
    let titled = |title: &str| !title.is_empty() && rows().any(|row| row.contains(title));
    let headed = |heads: &[&str]| rows().any(|row| heads.iter().all(|h| row.contains(h)));
    let (returns, letter) = (&templates.returns, &templates.letter);
    // Before the returns: a title may be the same.
    if named(&templates.remind.sheet) {
        return Some(("督促文", MISSING));
    }
    if named(&returns.sheet_letter) && named(&returns.sheet_findings)
        || titled(&returns.title)
        || titled(&returns.title_missing)
    {
        return Some(("差戻し票", MISSING));
    }
    if named(&templates.remind.list_title) && tops.iter().any(|top| begins_with(top, &templates.remind.list_title)) {
        return Some(("督促一覧", ""));
    }
    if titled(&letter.title) {
        return Some(("依頼文", MISSING));
    }
    if named(&letter.list_title) && tops.iter().any(|top| begins_with(top, &letter.list_title)) {
        return Some(("配布一覧", ""));
    }
    if headed(&["指摘コード", "重要度", "課コード"]) && !named(DATA_SHEET) {
        return Some(("指摘の一覧", ""));
    }
    if headed(&["様式ID", "対象キー", "項目キー"]) {
        return Some(("取りまとめ", "次の調査で引き継ぐときは、「前回」フォルダに入れます。"));
    }
    if templates.publications.values().any(|p| {
        let heads: Vec<&str> = p.columns.iter().take(5).map(|c| c.label.as_str()).collect();
        heads.len() > 2 && headed(&heads)
    }) {
        return Some(("公表の一覧", ""));
    }
    let settings = templates.settings().map_or("", |f| f.title.as_str());
    if tops.iter().filter(|top| begins_with(top, settings)).count() > 1 {
        return Some(("調査設定", "調査回の設定は、調査回のフォルダにある調査設定から読みます。"));
    }
    None
}

/// Whether a title stands at the head of a sheet.
fn begins_with(top: &[BTreeSet<&str>], title: &str) -> bool {
    !title.is_empty() && top.first().is_some_and(|row| row.iter().any(|t| t.starts_with(title)))
}

/// The texts of the first rows of a sheet.
fn top(sheet: &Grid) -> Vec<BTreeSet<&str>> {
    let mut rows: Vec<BTreeSet<&str>> = vec![BTreeSet::new(); TOP as usize];
    for (at, cell) in sheet.cells.iter().take_while(|(at, _)| at.row < TOP) {
        if let (Content::Text(text), Some(row)) = (&cell.content, rows.get_mut(at.row as usize)) {
            row.insert(text.trim());
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Cell, CellRef};

    fn book(rows: &[&[&str]]) -> Workbook {
        let mut grid = Grid { name: "一".into(), ..Grid::default() };
        for (row, texts) in (0u32..).zip(rows) {
            for (col, text) in (0u32..).zip(*texts) {
                grid.cells.insert(CellRef::new(row, col), Cell::text(*text));
            }
        }
        Workbook { sheets: vec![grid], ..Workbook::default() }
    }

    #[test]
    fn our_own_books_are_told_and_forms_are_not() {
        let templates = Templates::embedded().expect("sound templates");
        let told = |rows: &[&[&str]]| {
            told(&book(rows), &ArcStr::from("提出/x.xlsx"), &templates).and_then(|f| f.given).unwrap_or_default()
        };
        let heads: &[&str] = &["団体コード", "様式ID", "様式", "対象キー", "項目キー"];
        assert_eq!(told(&[heads]), "このプログラムの取りまとめ");
        assert_eq!(told(&[&["団体コード", "指摘コード", "重要度", "課コード"]]), "このプログラムの指摘の一覧");
        assert_eq!(told(&[&[""], &[templates.letter.title.as_str()]]), "このプログラムの依頼文");
        assert_eq!(told(&[&[templates.returns.title.as_str()]]), "このプログラムの差戻し票");
        // A reply into which somebody pasted our letter is still a reply.
        assert_eq!(told(&[&["様式ID:x　版:1　票:list"], &[templates.letter.title.as_str()]]), "");
        assert_eq!(told(&[&["課コード", "課"], &["101", "甲課"]]), "");
    }
}
