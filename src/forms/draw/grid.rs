//! Divides the width of a sheet among blocks that want different columns.
//!
//! The table with the most fields gives the columns of the sheet. Every other block is laid over them: a boundary
//! that is there already costs nothing, a new one costs what it would cut, so that cells people type into stay single
//! cells and only locked cells and cards are merged. Boundaries are counted in half-width characters from the left.

use std::collections::BTreeSet;

/// What one cell of a block would like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Want {
    /// Best width.
    pub ideal: u32,
    /// Width below which its text would be clipped or wrap badly.
    pub min: u32,
}

/// A stretch that should stay one column.
#[derive(Clone, Copy, Debug)]
struct Piece {
    from: u32,
    to: u32,
    cost: u64,
}

/// The boundaries chosen so far.
#[derive(Clone, Debug)]
pub(super) struct Ruler {
    width: u32,
    bounds: BTreeSet<u32>,
    pieces: Vec<Piece>,
}

/// Cost of a boundary that cuts nothing.
const NEW: u64 = 3;
/// Cost of a boundary that leaves a sliver of a column.
const SLIVER: u64 = 60;

impl Ruler {
    /// A sheet of this width.
    pub(super) fn new(width: u32) -> Self {
        Self { width, bounds: BTreeSet::from([0, width]), pieces: Vec::new() }
    }

    /// Sets the columns of the main table exactly; each with the cost of cutting it.
    pub(super) fn fix(&mut self, columns: &[(u32, u64)]) -> Vec<u32> {
        let mut at = 0;
        let mut bounds = vec![0];
        for &(width, cost) in columns {
            self.pieces.push(Piece { from: at, to: at + width, cost });
            at += width;
            bounds.push(at);
            self.bounds.insert(at);
        }
        bounds
    }

    /// Lays cells side by side from the left, the last one ending at the right edge when `full`; gives one boundary
    /// more than cells. `cut` is what it costs later blocks to cut each cell.
    pub(super) fn lay(&mut self, wants: &[Want], full: bool, cut: &[u64]) -> Vec<u32> {
        let bounds = self.best(wants, full);
        self.bounds.extend(bounds.iter().copied());
        for (pair, cost) in bounds.windows(2).zip(cut) {
            if let [from, to] = *pair {
                self.pieces.push(Piece { from, to, cost: *cost });
            }
        }
        bounds
    }

    /// All boundaries from left to right, both edges included.
    pub(super) fn bounds(&self) -> Vec<u32> {
        self.bounds.iter().copied().collect()
    }

    /// The cheapest boundaries, found by going through all positions for one cell after the other.
    fn best(&self, wants: &[Want], full: bool) -> Vec<u32> {
        let size = self.width as usize + 1;
        let price: Vec<u64> = (0..=self.width).map(|p| self.price(p)).collect();
        // cost[p]: least cost of the cells so far ending at p; from[k][p]: where cell k then begins.
        let mut cost: Vec<Option<u64>> = vec![None; size];
        cost[0] = Some(0);
        let mut from: Vec<Vec<usize>> = Vec::new();
        for want in wants {
            let mut next: Vec<Option<u64>> = vec![None; size];
            let mut start = vec![0; size];
            for end in 1..size {
                for (begin, before) in cost.iter().enumerate().take(end) {
                    let Some(before) = before else { continue };
                    let total = before + misfit(*want, end - begin) + price[end];
                    if next[end].is_none_or(|best| total < best) {
                        next[end] = Some(total);
                        start[end] = begin;
                    }
                }
            }
            cost = next;
            from.push(start);
        }
        let free_end = (0..size).filter(|p| cost[*p].is_some()).min_by_key(|p| cost[*p]).unwrap_or(size - 1);
        let mut at = if full { size - 1 } else { free_end };
        let mut bounds = vec![at];
        for start in from.iter().rev() {
            at = start[at];
            bounds.push(at);
        }
        bounds.reverse();
        bounds.into_iter().map(|b| u32::try_from(b).unwrap_or(u32::MAX)).collect()
    }

    /// What a boundary at this position costs.
    fn price(&self, at: u32) -> u64 {
        if self.bounds.contains(&at) {
            return 0;
        }
        let cuts: u64 = self.pieces.iter().filter(|p| p.from < at && at < p.to).map(|p| p.cost).sum();
        let sliver = self.bounds.iter().any(|b| b.abs_diff(at) < 4);
        cuts + NEW + if sliver { SLIVER } else { 0 }
    }
}

/// What it costs a cell to have this width: little when it is wider, more when narrower, much when text is clipped.
fn misfit(want: Want, width: usize) -> u64 {
    let (ideal, min, width) = (u64::from(want.ideal), u64::from(want.min), width as u64);
    let clipped = min.saturating_sub(width);
    let narrow = ideal.saturating_sub(width.max(min));
    width.saturating_sub(ideal) + 2 * narrow + 12 * clipped
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn want(ideal: u32, min: u32) -> Want {
        Want { ideal, min }
    }

    #[test]
    fn nothing_is_clipped_and_answers_stay_whole() {
        // A locked name column of 52 may be cut, the answer columns of 12 and 30 may not.
        let mut ruler = Ruler::new(102);
        assert_eq!(ruler.fix(&[(8, 60), (52, 4), (12, 400), (30, 400)]), [0, 8, 60, 72, 102]);
        let card = ruler.lay(&[want(18, 18), want(33, 14), want(24, 24), want(33, 14)], true, &[0; 4]);
        assert_eq!((card[0], card[4]), (0, 102));
        assert!(card[1] >= 18, "the first label fits: {card:?}");
        assert!(card[3] - card[2] >= 24, "the second label fits: {card:?}");
        let answers = [60, 72, 102];
        assert!(card.iter().all(|b| *b <= 60 || answers.contains(b)), "no answer is cut: {card:?}");
    }

    #[test]
    fn existing_boundaries_are_used_again() {
        let mut ruler = Ruler::new(90);
        ruler.fix(&[(30, 400), (30, 400), (30, 400)]);
        assert_eq!(ruler.lay(&[want(27, 20), want(27, 20), want(27, 20)], false, &[0; 3]), [0, 30, 60, 90]);
        assert_eq!(ruler.bounds(), [0, 30, 60, 90]);
    }

    #[test]
    fn a_free_end_does_not_stretch() {
        let mut ruler = Ruler::new(200);
        assert_eq!(ruler.lay(&[want(20, 20), want(30, 10)], false, &[0; 2]), [0, 20, 50]);
    }
}
