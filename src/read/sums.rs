//! A row 合計 that somebody added below a table: no record and no answer, and nothing wrong where it adds up.

use super::extract::Draft;
use super::locate::ColumnAt;
use super::table::{Reader, is_key};
use crate::model::form::Field;
use crate::model::{Cell, CellRef, Content, Finding};
use crate::normalise::text;

/// What such a row is called.
const SUMS: &[&str] = &["合計", "計", "総計", "総合計", "小計", "合計数", "sum", "total"];

impl<'a> Reader<'_, 'a, '_> {
    /// Whether a row says that it is a sum. Where its figures are those of the rows above, that is mentioned; where they are
    /// not, it is told as a row that nobody asked for.
    pub(super) fn is_sum(&self, row: u32, above: &[(u32, String)], draft: &mut Draft<'a>) -> bool {
        if draft.form.roster.is_none() {
            return false;
        }
        let cells = self.filled(row);
        let word = |text: &str| SUMS.contains(&text::key(text).trim_matches(['(', ')', '【', '】', ':', '※']));
        // A word in another column is somebody's answer.
        let names = |at: CellRef| self.columns_of_keys().any(|c| (c.first..=c.last).contains(&at.col));
        let first = cells.first().map(|(at, _)| *at);
        let named = cells.iter().find(|(at, text)| word(text) && (first == Some(*at) || names(*at)));
        let Some((at, name)) = named else { return false };
        let code = if self.adds_up(row, *at, above) { "S070I" } else { "S016E" };
        draft.findings.push(Finding::new(code).at(self.t.place(self.file, *at)).given(name.trim()).of(
            &draft.form.id,
            "",
            self.item,
        ));
        true
    }

    fn columns_of_keys(&self) -> impl Iterator<Item = &ColumnAt> {
        self.block.fields.iter().filter(|f| is_key(f)).filter_map(|f| self.at.columns.get(&f.id))
    }

    /// Whether every other cell of a row is the sum of its column's cells in the rows above, or a formula.
    fn adds_up(&self, row: u32, name: CellRef, above: &[(u32, String)]) -> bool {
        let figure = |at: CellRef, field: Option<&Field>| self.t.sheet.shown(at).and_then(|c| number(c, field));
        let others = self.t.sheet.grid.cells.range(CellRef::new(row, 0)..=CellRef::new(row, u32::MAX));
        let keys = |at: &CellRef| self.columns_of_keys().any(|c| (c.first..=c.last).contains(&at.col));
        others.filter(|(at, cell)| **at != name && !cell.is_blank() && !keys(at)).all(|(at, cell)| {
            let column = self.at.columns.iter().find(|(_, c)| (c.first..=c.last).contains(&at.col));
            let field = column.and_then(|(id, _)| self.block.fields.iter().find(|f| f.id == *id));
            let added: f64 = above.iter().filter_map(|(r, _)| figure(CellRef::new(*r, at.col), field)).sum();
            match number(cell, field) {
                Some(stated) => (stated - added).abs() < 0.0005,
                None => cell.formula && cell.content == Content::Empty,
            }
        })
    }
}

/// The number in a cell, also as typed text with separators and the field's unit.
fn number(cell: &Cell, field: Option<&Field>) -> Option<f64> {
    match &cell.content {
        Content::Number(n) => Some(*n),
        Content::Text(t) => {
            let key = text::key(t).replace(',', "");
            let unit = field.and_then(|f| f.unit.as_deref()).map(text::key).unwrap_or_default();
            key.strip_suffix(unit.as_str()).unwrap_or(&key).parse().ok().filter(|n: &f64| n.is_finite())
        }
        _ => None,
    }
}
