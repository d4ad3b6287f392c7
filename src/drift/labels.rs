//! Which label of the old sheet is which of the new one: by equal words first, by likeness as a suggestion.
//!
//! Words that stand once on both sheets show how rows and columns moved; words that stand often are told apart by that.

use std::collections::{BTreeMap, BTreeSet};

use super::shift::Shift;
use super::{Label, Renamed};
use crate::model::{CellRef, Content, Grid};
use crate::read::labels::label_key;

/// From here on two texts are alike enough to be shown beside each other; where one stands in the other's place, less is enough.
const LIKE: f64 = 0.6;
const LIKE_IN_PLACE: f64 = 0.25;

/// Texts are compared by so many characters, and no more pairs than this: a suggestion is not worth a minute.
const COMPARED: usize = 120;
const MOST_PAIRS: usize = 400_000;

/// A label with its matching key.
pub struct Keyed {
    key: String,
    label: Label,
}

/// Labels of two sheets, matched.
#[derive(Default)]
pub struct Matched {
    /// Those with the same words: the old one, and where it stands now.
    pub pairs: Vec<(Label, CellRef)>,
    /// Suggestions.
    pub renamed: Vec<Renamed>,
    /// What is left of the old ones.
    pub vanished: Vec<Label>,
    /// What is left of the new ones.
    pub added: Vec<Label>,
    /// How rows and columns moved.
    pub shift: Shift,
}

/// The texts of a sheet in reading order, but for results of formulas.
pub fn of(grid: &Grid) -> Vec<Keyed> {
    let texts = grid.cells.iter().filter(|(_, c)| !c.formula).filter_map(|(at, c)| match &c.content {
        Content::Text(t) => Some((at, t)),
        _ => None,
    });
    let keyed = texts.map(|(at, t)| Keyed { key: label_key(t), label: Label { text: t.trim().to_string(), at: *at } });
    keyed.filter(|k| !k.key.is_empty()).collect()
}

/// The distinct keys of a sheet.
pub fn keys(labels: &[Keyed]) -> BTreeSet<&str> {
    labels.iter().map(|l| l.key.as_str()).collect()
}

/// Positions by key.
fn by_key(labels: &[Keyed]) -> BTreeMap<&str, Vec<usize>> {
    let mut found: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (i, l) in labels.iter().enumerate() {
        found.entry(&l.key).or_default().push(i);
    }
    found
}

/// Matches the labels of two sheets.
pub fn matched(old: &[Keyed], new: &[Keyed]) -> Matched {
    let (ours, theirs) = (by_key(old), by_key(new));
    let cell = |list: &[Keyed], i: usize| list.get(i).map_or(CellRef::new(0, 0), |k| k.label.at);
    let mut paired: BTreeMap<usize, usize> = BTreeMap::new();
    for (key, at) in &ours {
        if let ([o], Some([n])) = (at.as_slice(), theirs.get(key).map(Vec::as_slice)) {
            paired.insert(*o, *n);
        }
    }
    let cells = |paired: &BTreeMap<usize, usize>| -> Vec<(CellRef, CellRef)> {
        paired.iter().map(|(o, n)| (cell(old, *o), cell(new, *n))).collect()
    };
    let first = Shift::from(&cells(&paired));
    for (key, at) in &ours {
        let Some(there) = theirs.get(key).filter(|t| at.len() > 1 || t.len() > 1) else { continue };
        for (o, n) in repeated(
            at,
            there,
            |o, n| first.to(cell(old, o)) == Some(cell(new, n)),
            |o, n| cell(old, o) == cell(new, n),
        ) {
            paired.insert(o, n);
        }
    }
    let shift = Shift::from(&cells(&paired));
    let taken: BTreeSet<usize> = paired.values().copied().collect();
    let gone: Vec<&Keyed> = old.iter().enumerate().filter(|(i, _)| !paired.contains_key(i)).map(|(_, k)| k).collect();
    let fresh: Vec<&Keyed> = new.iter().enumerate().filter(|(i, _)| !taken.contains(i)).map(|(_, k)| k).collect();
    let renamed = renamed(&gone, &fresh, &shift);
    let left = |all: &[&Keyed], used: BTreeSet<CellRef>| -> Vec<Label> {
        all.iter().map(|k| &k.label).filter(|l| !used.contains(&l.at)).cloned().collect()
    };
    Matched {
        pairs: paired.iter().filter_map(|(o, n)| Some((old.get(*o)?.label.clone(), cell(new, *n)))).collect(),
        vanished: left(&gone, renamed.iter().map(|r| r.old.at).collect()),
        added: left(&fresh, renamed.iter().map(|r| r.new.at).collect()),
        renamed,
        shift,
    }
}

/// Pairs the places of words that stand more than once: where they should be, where they were, then in reading order.
fn repeated(
    old: &[usize],
    new: &[usize],
    expected: impl Fn(usize, usize) -> bool,
    same: impl Fn(usize, usize) -> bool,
) -> Vec<(usize, usize)> {
    let (mut old, mut new, mut pairs) = (old.to_vec(), new.to_vec(), Vec::new());
    let rules: [&dyn Fn(usize, usize) -> bool; 3] = [&expected, &same, &|_, _| true];
    for fits in rules {
        old.retain(|o| {
            let Some(found) = new.iter().position(|n| fits(*o, *n)) else { return true };
            pairs.push((*o, new.remove(found)));
            false
        });
    }
    pairs
}

/// Which of the new labels an old one may have become, the most likely first; each is suggested once.
fn renamed(gone: &[&Keyed], fresh: &[&Keyed], shift: &Shift) -> Vec<Renamed> {
    let by_place: BTreeMap<CellRef, usize> = fresh.iter().enumerate().map(|(n, k)| (k.label.at, n)).collect();
    let all = gone.len().saturating_mul(fresh.len()) <= MOST_PAIRS;
    let mut candidates: Vec<(f64, usize, usize, bool)> = Vec::new();
    for (o, old) in gone.iter().enumerate() {
        let place = shift.to(old.label.at).and_then(|at| by_place.get(&at)).copied();
        for (n, new) in fresh.iter().enumerate().filter(|(n, _)| all || place == Some(*n)) {
            let (same_place, like) = (place == Some(n), likeness(&old.key, &new.key));
            if like >= if same_place { LIKE_IN_PLACE } else { LIKE } {
                candidates.push((like, o, n, same_place));
            }
        }
    }
    // What stands in the old one's place comes before what is only alike.
    candidates.sort_by(|a, b| (b.3, b.0).partial_cmp(&(a.3, a.0)).unwrap_or(std::cmp::Ordering::Equal));
    let (mut used_old, mut used_new, mut found) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    for (likeness, o, n, same_place) in candidates {
        let (Some(old), Some(new)) = (gone.get(o), fresh.get(n)) else { continue };
        if !used_old.contains(&o) && !used_new.contains(&n) {
            used_old.insert(o);
            used_new.insert(n);
            found.push(Renamed { old: old.label.clone(), new: new.label.clone(), likeness, same_place });
        }
    }
    found.sort_by_key(|r| r.old.at);
    found
}

/// How alike two keys are, 0 to 1.
fn likeness(a: &str, b: &str) -> f64 {
    let cut = |t: &str| t.chars().take(COMPARED).collect::<String>();
    strsim::normalized_levenshtein(&cut(a), &cut(b))
}
