//! The rates of earlier rounds, from the table 率の推移 of their masters.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::model::ledger::{RatePoint, TrendRound};
use crate::model::{CellRef, Content, Grid};
use crate::normalise::serial::{self, Serial};
use crate::write::trend::{HEADS, NAME};

/// Rows among which the header is looked for.
const TOP: u32 = 200;

/// The rounds that a master knows of: its own and those before it, oldest first. None where it has no such table.
#[must_use]
pub fn rounds(sheets: &[Grid]) -> Vec<TrendRound> {
    let Some(grid) = sheets.iter().find(|s| s.name == NAME) else { return Vec::new() };
    let Some(table) = Columns::find(grid) else { return Vec::new() };
    let last = grid.cells.keys().next_back().map_or(0, |c| c.row);
    let mut rounds: BTreeMap<(NaiveDate, String), Vec<RatePoint>> = BTreeMap::new();
    for row in table.top + 1..=last {
        if let Some((of, point)) = table.point(grid, row) {
            rounds.entry(of).or_default().push(point);
        }
    }
    rounds.into_iter().map(|((as_of, round), rates)| TrendRound { round, as_of, rates }).collect()
}

/// One line of rounds out of what several masters know: every round before `this`, then `this`. What a round's own master says
/// of it outranks what later ones repeat. `masters` come newest first.
#[must_use]
pub fn joined(masters: &[&[TrendRound]], this: TrendRound) -> Vec<TrendRound> {
    let own = masters.iter().filter_map(|m| m.last());
    let repeated = masters.iter().flat_map(|m| m.iter().rev().skip(1));
    let mut all: Vec<TrendRound> = Vec::new();
    for round in own.chain(repeated).filter(|r| r.as_of < this.as_of) {
        if !all.iter().any(|known| (known.as_of, &known.round) == (round.as_of, &round.round)) {
            all.push(round.clone());
        }
    }
    all.sort_by(|a, b| (a.as_of, &a.round).cmp(&(b.as_of, &b.round)));
    all.push(this);
    all
}

/// Where the table stands.
struct Columns {
    top: u32,
    by_name: BTreeMap<&'static str, u32>,
}

impl Columns {
    fn find(grid: &Grid) -> Option<Self> {
        (0..TOP).find_map(|top| {
            let cells = || grid.cells.range(CellRef::new(top, 0)..CellRef::new(top + 1, 0));
            let column = |name: &str| cells().find(|(_, c)| c.raw() == name).map(|(at, _)| at.col);
            let by_name =
                HEADS.iter().map(|(name, _)| Some((*name, column(name)?))).collect::<Option<BTreeMap<_, _>>>()?;
            Some(Self { top, by_name })
        })
    }

    /// The rate of one row; `None` of a round that does not have it.
    fn point(&self, grid: &Grid, row: u32) -> Option<((NaiveDate, String), RatePoint)> {
        let at = |name: &str| self.by_name.get(name).map(|col| CellRef::new(row, *col));
        let text = |name: &str| at(name).map(|c| grid.text(c)).unwrap_or_default();
        let number = |name: &str| text(name).parse::<f64>().ok();
        let (Content::Number(serial) | Content::DateTime(serial)) = grid.cells.get(&at("基準日")?)?.content else {
            return None;
        };
        let Serial::Day(as_of, _) = serial::read(serial, false) else { return None };
        let (id, mark) = (text("率ID"), text("区分"));
        if id.is_empty() || mark.is_empty() {
            return None;
        }
        let count = |name: &str| number(name).map_or(0, whole);
        let point = RatePoint {
            id,
            name: text("率"),
            from: number("下限"),
            to: number("上限"),
            numerator: count("分子"),
            numerator_max: count("分子の上限"),
            denominator: count("分母"),
            complete: mark == RatePoint::FINAL,
        };
        Some(((as_of, text("調査回")), point))
    }
}

fn whole(n: f64) -> u32 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let n = n.round().clamp(0.0, f64::from(u32::MAX)) as u32;
    n
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Round;
    use crate::model::ledger::Ledger;

    fn round(name: &str, month: u32, rate: f64) -> TrendRound {
        let point = RatePoint {
            id: "r".into(),
            name: "率".into(),
            from: Some(rate),
            to: Some(rate),
            numerator: 1,
            numerator_max: 1,
            denominator: 4,
            complete: true,
        };
        TrendRound { round: name.into(), as_of: NaiveDate::from_ymd_opt(2022, month, 28).unwrap(), rates: vec![point] }
    }

    #[test]
    fn a_rounds_own_master_outranks_what_later_ones_repeat() {
        let october = vec![round("九月", 9, 0.2), round("十月", 10, 0.3)];
        // The division of September replied late: its master was made again after October's.
        let september = vec![round("八月", 8, 0.1), round("九月", 9, 0.25)];
        let all = joined(&[&october, &september], round("十一月", 11, 0.5));
        let seen: Vec<_> = all.iter().map(|r| (r.round.as_str(), r.rates[0].from)).collect();
        assert_eq!(seen, [("八月", Some(0.1)), ("九月", Some(0.25)), ("十月", Some(0.3)), ("十一月", Some(0.5))]);
    }

    #[test]
    fn a_round_that_is_not_earlier_is_left_out() {
        let masters = [[round("十一月", 11, 0.4)], [round("十二月", 12, 0.9)]];
        let all = joined(&[&masters[0], &masters[1]], round("十一月", 11, 0.5));
        assert_eq!(all, [round("十一月", 11, 0.5)]);
    }

    #[test]
    fn what_is_written_is_read_back() {
        let templates = crate::forms::Templates::load(&BTreeMap::new()).unwrap();
        let mut ledger = Ledger::new(Round::default(), NaiveDate::from_ymd_opt(2022, 12, 1).unwrap());
        let open = |mut r: TrendRound| {
            r.rates[0] = RatePoint { to: Some(0.75), numerator_max: 3, complete: false, ..r.rates[0].clone() };
            r
        };
        let computed = |mut r: TrendRound| {
            r.rates[0] = RatePoint {
                from: None,
                to: None,
                numerator: 0,
                numerator_max: 0,
                denominator: 0,
                ..r.rates[0].clone()
            };
            r
        };
        ledger.trend =
            vec![round("九月", 9, 1.0 / 3.0), open(round("十月", 10, 0.25)), computed(round("十一月", 11, 0.0))];
        ledger.trend[2].rates[0].complete = false;
        let outputs = crate::write::write(&ledger, &templates).unwrap();
        let master = outputs.iter().find(|o| o.path == crate::write::MASTER).unwrap().body.all().unwrap();
        let opened = crate::read::open(&master, "a.xlsx", &crate::read::Limits::default()).unwrap();
        assert_eq!(rounds(&opened.workbook.sheets), ledger.trend);
    }
}
