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
    /// Whether a row says that it is a sum. Where its figures are those of the rows above, that is mentioned; where one is not, both
    /// are told.
    pub(super) fn is_sum(&self, row: u32, above: &[(u32, String)], draft: &mut Draft<'a>) -> bool {
        if draft.form.roster.is_none() {
            return false;
        }
        let cells = self.filled(row);
        let word = |text: &str| is_sum_word(&text::key(text));
        // A word in another column is somebody's answer.
        let names = |at: CellRef| self.columns_of_keys().any(|c| (c.first..=c.last).contains(&at.col));
        let first = cells.first().map(|(at, _)| *at);
        let named = cells.iter().find(|(at, text)| word(text) && (first == Some(*at) || names(*at)));
        let Some((at, name)) = named else { return false };
        let finding = match self.off(row, *at, above) {
            None => Finding::new("S070I").at(self.t.place(self.file, *at)),
            Some((cell, id, stated, added)) => {
                let finding = Finding::new("S070W").at(self.t.place(self.file, *at)).expected(added.to_string());
                let finding = finding.related(self.t.place(self.file, cell));
                let label = id.and_then(|id| self.block.fields.iter().find(|f| f.id == id)).map(Field::printed);
                finding.arg("stated", stated.to_string()).arg("column", label.unwrap_or_default())
            }
        };
        draft.findings.push(finding.given(name.trim()).of(&draft.form.id, "", self.item));
        true
    }

    fn columns_of_keys(&self) -> impl Iterator<Item = &ColumnAt> {
        self.block.fields.iter().filter(|f| is_key(f)).filter_map(|f| self.at.columns.get(&f.id))
    }

    /// The first figure of a row that is not the sum of its column's cells in the rows above: where it stands, in which column, what it
    /// says, and what the sum is.
    fn off(&self, row: u32, name: CellRef, above: &[(u32, String)]) -> Option<(CellRef, Option<&str>, f64, f64)> {
        let figure = |at: CellRef, field: Option<&Field>| self.t.sheet.shown(at).and_then(|c| number(c, field));
        let others = self.t.sheet.grid.cells.range(CellRef::new(row, 0)..=CellRef::new(row, u32::MAX));
        let keys = |at: &CellRef| self.columns_of_keys().any(|c| (c.first..=c.last).contains(&at.col));
        others.filter(|(at, cell)| **at != name && !cell.is_blank() && !keys(at)).find_map(|(at, cell)| {
            let column = self.at.columns.iter().find(|(_, c)| (c.first..=c.last).contains(&at.col));
            let field = column.and_then(|(id, _)| self.block.fields.iter().find(|f| f.id == *id));
            let added: f64 = above.iter().filter_map(|(r, _)| figure(CellRef::new(*r, at.col), field)).sum();
            let stated = number(cell, field)?;
            let off = (stated - added).abs() >= 0.0005;
            off.then_some((*at, column.map(|(id, _)| id.as_str()), stated, added))
        })
    }
}

/// 「合計」, 「課計」, 「計（11手続）」, 「11手続の合計件数」.
fn is_sum_word(k: &str) -> bool {
    let bare = k.split(['(', '【', '※']).find(|t| !t.is_empty()).unwrap_or_default();
    let bare = bare.trim_matches([')', '】', ':']);
    let other = ["会計", "集計", "統計", "家計", "時計", "設計"].iter().any(|w| bare.ends_with(w));
    SUMS.contains(&bare)
        || bare.ends_with('計') && !other
        || ["合計件数", "合計数", "合計額"].iter().any(|w| bare.ends_with(w))
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
