//! Where labels stand on a sheet: an index of its texts by matching key, and the reading of headers through merges.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::model::form::Field;
use crate::model::{Area, Cell, CellRef, Grid};
use crate::normalise::text;

/// Characters that people put around a label and that do not belong to it.
const DECORATION: &[char] = &['*', '※', ':', '●', '■', '◆', '・', '【', '】', '「', '」', '<', '>', '.', ','];

/// The key of a label: the matching key without decoration and without a mark such as （必須）.
#[must_use]
pub fn label_key(label: &str) -> String {
    let key = text::key(label);
    let key = key.trim_matches(DECORATION);
    ["(必須)", "(任意)", "必須", "(入力)"]
        .iter()
        .fold(key, |k, mark| k.strip_suffix(mark).filter(|rest| !rest.is_empty()).unwrap_or(k))
        .trim_matches(DECORATION)
        .to_string()
}

/// All keys under which a field may be found: label, aliases, and each with the unit behind it in brackets.
#[must_use]
pub fn field_keys(field: &Field) -> &[String] {
    field.keys.get(|| keys_of(field))
}

fn keys_of(field: &Field) -> Vec<String> {
    let plain = std::iter::once(&field.label).chain(&field.aliases).map(|l| label_key(l));
    let mut keys: Vec<String> = plain.collect();
    if let Some(unit) = &field.unit {
        let with_unit: Vec<String> = keys.iter().map(|k| format!("{k}({})", label_key(unit))).collect();
        keys.extend(with_unit);
    }
    keys.dedup();
    keys
}

/// A sheet with its texts indexed.
pub struct Sheet<'g> {
    /// The grid.
    pub grid: &'g Grid,
    /// Cells by the hash of their label key: a sheet may hold a million texts, and nearly all of them are no label.
    index: Vec<(u64, CellRef)>,
    /// Merged areas by every cell they cover, so that look-ups stay cheap on sheets of thousands of merges.
    merges: BTreeMap<u32, Vec<Area>>,
    /// One past the last used column.
    pub width: u32,
    /// One past the last used row.
    pub height: u32,
}

impl<'g> Sheet<'g> {
    /// Indexes a grid.
    #[must_use]
    pub fn new(grid: &'g Grid) -> Self {
        let mut index = Vec::new();
        for (at, cell) in &grid.cells {
            if let crate::model::Content::Text(t) = &cell.content
                && t.len() < 400
            {
                let key = label_key(t);
                if !key.is_empty() {
                    index.push((hash(&key), *at));
                }
            }
        }
        index.sort_unstable();
        let mut merges: BTreeMap<u32, Vec<Area>> = BTreeMap::new();
        // A merge over a whole column would be indexed a million times; such a one starts above every block.
        for merge in grid.merges.iter().filter(|m| m.last.row - m.first.row < 2_000) {
            for row in merge.first.row..=merge.last.row {
                merges.entry(row).or_default().push(*merge);
            }
        }
        let width = grid.cells.keys().map(|c| c.col + 1).max().unwrap_or(0);
        let height = grid.cells.keys().map(|c| c.row + 1).max().unwrap_or(0);
        Self { grid, index, merges, width, height }
    }

    /// The cells whose text has one of these keys, in reading order.
    #[must_use]
    pub fn find(&self, keys: &[String]) -> Vec<CellRef> {
        let mut found: Vec<CellRef> = keys.iter().flat_map(|k| self.with_key(k)).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Whether one of these keys stands anywhere.
    #[must_use]
    pub fn has(&self, keys: &[String]) -> bool {
        keys.iter().any(|k| self.with_key(k).next().is_some())
    }

    fn with_key(&self, key: &str) -> impl Iterator<Item = CellRef> {
        let wanted = hash(key);
        let from = self.index.partition_point(|(h, _)| *h < wanted);
        let alike = self.index.get(from..).unwrap_or_default().iter().take_while(move |(h, _)| *h == wanted);
        alike.map(|(_, at)| *at).filter(move |at| label_key(&self.grid.text(*at)) == key)
    }

    /// The area that a cell belongs to: its merge, or itself.
    #[must_use]
    pub fn area(&self, at: CellRef) -> Area {
        let row = self.merges.get(&at.row).into_iter().flatten();
        row.copied().find(|m| m.contains(at)).unwrap_or(Area::cell(at))
    }

    /// The cell that shows at a position: of a merge, its anchor.
    #[must_use]
    pub fn shown(&self, at: CellRef) -> Option<&'g Cell> {
        self.grid.get(self.area(at).first)
    }

    /// The label key of what shows at a position; empty when nothing does.
    #[must_use]
    pub fn shown_key(&self, at: CellRef) -> String {
        self.shown(at).map(|c| label_key(&c.raw())).unwrap_or_default()
    }

    /// Whether nothing shows at a position.
    #[must_use]
    pub fn blank(&self, at: CellRef) -> bool {
        self.shown(at).is_none_or(Cell::is_blank)
    }
}

fn hash(key: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoration_is_no_part_of_a_label() {
        for text in ["※甲の有無", "甲の有無：", "甲の\n有無（必須）", "【甲の有無】", "甲 の 有 無 *"]
        {
            assert_eq!(label_key(text), "甲の有無", "{text}");
        }
        assert_eq!(label_key("必須"), "必須");
    }
}
