//! What people wrote into the workbook of an earlier run, read back by its headings: nobody classifies a text twice.

use super::words::{Kept, Thought, Told};
use crate::model::{CellRef, Grid, Workbook};
use crate::normalise::text::tidy;
use crate::read::labels::label_key;

/// The sheets and columns that are read back.
pub const REMARKS: &str = "自由記述";
/// As [`REMARKS`].
pub const PROBLEMS: &str = "課題一覧";
/// Columns of 自由記述: number, question, text, classes, words to hide, notes.
pub const REMARK_HEADS: [&str; 6] = ["記述番号", "問い", "記述", "分類", "伏せる語", "備考"];
/// Columns of 課題一覧: where it comes from, its name, cause and remedy.
pub const PROBLEM_HEADS: [&str; 4] = ["もと", "課題", "原因", "解決の方向"];

/// Rows in which headings are looked for.
const TOP: u32 = 20;

/// Reads back what people wrote; nothing of a sheet whose headings are not there.
#[must_use]
pub fn read(book: &Workbook) -> Kept {
    let mut kept = Kept::default();
    for [id, question, text, class, hide, note] in rows(book, REMARKS, REMARK_HEADS) {
        if !id.is_empty() {
            kept.remarks.insert(id, (question, text, Told { class, hide, note }));
        }
    }
    for [from, name, cause, remedy] in rows(book, PROBLEMS, PROBLEM_HEADS) {
        if !name.is_empty() {
            kept.problems.insert((from, name), Thought { cause, remedy });
        }
    }
    kept
}

/// The rows of a sheet under these headings.
fn rows<const N: usize>(book: &Workbook, sheet: &str, heads: [&str; N]) -> Vec<[String; N]> {
    let Some(grid) = book.sheets.iter().find(|s| s.name == sheet) else { return Vec::new() };
    let Some((header, columns)) = (0..TOP).find_map(|row| Some((row, columns(grid, row, heads)?))) else {
        return Vec::new();
    };
    let last = grid.cells.keys().map(|at| at.row).max().unwrap_or(0);
    let of = |row: u32| columns.map(|col| tidy(&grid.text(CellRef::new(row, col))).to_string());
    (header + 1..=last).map(of).collect()
}

fn columns<const N: usize>(grid: &Grid, row: u32, heads: [&str; N]) -> Option<[u32; N]> {
    let cells = || grid.cells.range(CellRef::new(row, 0)..CellRef::new(row + 1, 0));
    let column = |head: &str| cells().find(|(_, c)| label_key(&c.written()) == label_key(head)).map(|(at, _)| at.col);
    let mut found = [0; N];
    for (place, head) in found.iter_mut().zip(heads) {
        *place = column(head)?;
    }
    Some(found)
}
