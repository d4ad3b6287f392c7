//! Which sheet of the new workbook is which of the old one: by name, else by the labels they have in common.

use std::collections::BTreeSet;

use super::labels;
use crate::model::Workbook;
use crate::normalise::text::key;

/// From this share of common labels on, a sheet of another name is taken for the old one, and said so.
const LIKE: f64 = 0.5;

/// Two sheets that belong together.
pub struct Pair {
    /// Position in the old workbook.
    pub old: usize,
    /// Position in the new one.
    pub new: usize,
    /// Share of common labels, where the names differ.
    pub likeness: Option<f64>,
}

/// Pairs the sheets of two workbooks; each belongs to one pair at most.
pub fn pair(old: &Workbook, new: &Workbook) -> Vec<Pair> {
    let mut pairs: Vec<Pair> = Vec::new();
    for (o, sheet) in old.sheets.iter().enumerate() {
        let free = |n: &usize| !pairs.iter().any(|p| p.new == *n);
        let named = |same: &dyn Fn(&str) -> bool| {
            (0..new.sheets.len()).filter(free).find(|n| new.sheets.get(*n).is_some_and(|g| same(&g.name)))
        };
        let found = named(&|name| name == sheet.name).or_else(|| named(&|name| key(name) == key(&sheet.name)));
        if let Some(n) = found {
            pairs.push(Pair { old: o, new: n, likeness: None });
        }
    }
    let left = |count: usize, used: BTreeSet<usize>| (0..count).filter(move |i| !used.contains(i)).collect::<Vec<_>>();
    let ours = left(old.sheets.len(), pairs.iter().map(|p| p.old).collect());
    let theirs = left(new.sheets.len(), pairs.iter().map(|p| p.new).collect());
    let mut likely: Vec<(f64, usize, usize)> = Vec::new();
    for o in &ours {
        for n in &theirs {
            let (Some(a), Some(b)) = (old.sheets.get(*o), new.sheets.get(*n)) else { continue };
            let (a, b) = (labels::of(a), labels::of(b));
            let (a, b) = (labels::keys(&a), labels::keys(&b));
            #[allow(clippy::cast_precision_loss, reason = "labels of a sheet")]
            let share = a.intersection(&b).count() as f64 / a.len().max(b.len()).max(1) as f64;
            if share >= LIKE {
                likely.push((share, *o, *n));
            }
        }
    }
    likely.sort_by(|a, b| b.0.partial_cmp(&a.0).unwrap_or(std::cmp::Ordering::Equal));
    for (share, o, n) in likely {
        if !pairs.iter().any(|p| p.old == o || p.new == n) {
            pairs.push(Pair { old: o, new: n, likeness: Some(share) });
        }
    }
    pairs
}
