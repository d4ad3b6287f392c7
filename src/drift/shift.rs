//! Where a cell of the old sheet should stand on the new one, by the labels beside it and above it.

use std::collections::BTreeMap;

use crate::model::CellRef;

/// By how much rows and columns moved, from each row and column on of which it is known.
#[derive(Clone, Debug, Default)]
pub struct Shift {
    rows: BTreeMap<u32, i64>,
    cols: BTreeMap<u32, i64>,
}

impl Shift {
    /// From labels whose old and new cells are known: in each row and column, what most of them say.
    pub fn from(pairs: &[(CellRef, CellRef)]) -> Self {
        Self {
            rows: usual(pairs.iter().map(|(o, n)| (o.row, i64::from(n.row) - i64::from(o.row)))),
            cols: usual(pairs.iter().map(|(o, n)| (o.col, i64::from(n.col) - i64::from(o.col)))),
        }
    }

    /// Where a cell should stand now; `None` when that is off the sheet.
    pub fn to(&self, at: CellRef) -> Option<CellRef> {
        let along = |known: &BTreeMap<u32, i64>, n: u32| {
            let by = known.range(..=n).next_back().map_or(0, |(_, by)| *by);
            u32::try_from(i64::from(n) + by).ok()
        };
        Some(CellRef::new(along(&self.rows, at.row)?, along(&self.cols, at.col)?))
    }
}

/// For each line the most frequent shift; of equals the smallest.
fn usual(votes: impl Iterator<Item = (u32, i64)>) -> BTreeMap<u32, i64> {
    let mut counted: BTreeMap<u32, BTreeMap<i64, usize>> = BTreeMap::new();
    for (line, by) in votes {
        *counted.entry(line).or_default().entry(by).or_default() += 1;
    }
    let most = |c: BTreeMap<i64, usize>| c.into_iter().max_by_key(|(by, n)| (*n, -by.abs())).map(|(by, _)| by);
    counted.into_iter().filter_map(|(line, c)| Some((line, most(c)?))).collect()
}
