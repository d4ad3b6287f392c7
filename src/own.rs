//! Books that are no reply and that the office knows all the same: this program's own, and the ministry's. Told by what they hold.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::forms::Templates;
use crate::model::grid::{Content, Grid};
use crate::model::{Finding, Form, Place, Workbook};
use crate::national::locate::{self, Recognised};
use crate::read::{self, Known, Who};
use crate::write::DATA_SHEET;

/// Rows from the top in which titles and headers stand.
const TOP: u32 = 12;

/// What a book is that is no reply, said at its file; `None` when it is none of those that are known.
pub(crate) fn told(book: &Workbook, file: &Arc<str>, known: &Known<'_>, templates: &Templates) -> Option<Finding> {
    let (given, todo) = what(book, file, known, templates)?;
    Some(Finding::new("S087W").at(Place::file(file)).given(given).arg("todo", todo))
}

fn what(book: &Workbook, file: &Arc<str>, known: &Known<'_>, templates: &Templates) -> Option<(String, &'static str)> {
    const MISSING: &str = "記入した様式が届いていないときは、課に確かめてください。";
    let of_ours = |name: &str, todo| Some((format!("このプログラムの{name}"), todo));
    let named = |name: &str| !name.is_empty() && book.sheets.iter().any(|s| s.name == name);
    let tops: Vec<Vec<BTreeSet<&str>>> = book.sheets.iter().map(top).collect();
    let rows = || tops.iter().flatten();
    let titled = |title: &str| !title.is_empty() && rows().any(|row| row.contains(title));
    let headed = |heads: &[&str]| rows().any(|row| heads.iter().all(|h| row.contains(h)));
    let (returns, letter) = (&templates.returns, &templates.letter);
    if named(&returns.sheet_letter) && named(&returns.sheet_findings)
        || titled(&returns.title)
        || titled(&returns.title_missing)
    {
        return of_ours("差戻し票", MISSING);
    }
    if titled(&letter.title) {
        return of_ours("依頼文", MISSING);
    }
    if titled(&letter.list_title) {
        return of_ours("配布一覧", "");
    }
    if headed(&["様式ID", "対象キー", "項目キー"]) || named(DATA_SHEET) && headed(&["指摘コード", "重要度"])
    {
        return of_ours("取りまとめ", "次の調査で引き継ぐときは、「前回」フォルダに入れます。");
    }
    if headed(&["指摘コード", "重要度", "課コード"]) {
        return of_ours("指摘の一覧", "");
    }
    if templates.publications.values().any(|p| {
        let heads: Vec<&str> = p.columns.iter().take(5).map(|c| c.label.as_str()).collect();
        heads.len() > 2 && headed(&heads)
    }) {
        return of_ours("公表の一覧", "");
    }
    let settings: Vec<&Form> = templates.settings().into_iter().collect();
    if read::extract(&settings, book, file, known).is_ok() {
        return of_ours("調査設定", "調査回の設定は、調査回のフォルダにある調査設定から読みます。");
    }
    let Who::Round(round) = known.who else { return None };
    match locate::recognise(book, &templates.national, templates, round) {
        Recognised::Map(found) => {
            Some((format!("国の様式「{}」", found.map.title), "国から届いた様式は「国様式」フォルダに入れてください。"))
        }
        Recognised::Unknown(_) => None,
    }
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
