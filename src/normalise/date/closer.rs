//! A bracket that says the time of its date once more, and closer: 「令和4年度（2月頃）」, 「令和5年（第1四半期）」, 「令和4年度（令和5年3月）」.

use super::compose::{Group, Item, Reader, groups};
use super::scan::Token;
use super::span;
use crate::model::date::{Interval, Precision};
use crate::normalise::text::key;

/// Words beside such a time that say nothing but that it is planned or not firm.
const PLANNED: &[&str] = &[
    "予定",
    "の予定",
    "を予定",
    "に予定",
    "予定日",
    "見込",
    "見込み",
    "の見込",
    "の見込み",
    "目途",
    "目処",
    "めど",
    "を目途",
    "を目処",
    "を目標",
    "目標",
    "を想定",
    "想定",
    "を目指す",
    "中",
    "中に",
    "くらい",
    "ぐらい",
    "頃予定",
    "ごろ予定",
    "頃を予定",
    "末予定",
];

impl Reader<'_> {
    /// The time that a bracket gives, where it lies within the one date of the cell, is closer than that, and stands alone.
    pub fn closer(&self, bracket: &[Token], dates: &[Group]) -> Option<Interval> {
        let [date] = dates else { return None };
        let outer = date.span().filter(|_| !date.is_period())?;
        if outer.precision == Precision::Day {
            return None;
        }
        let items = self.items(bracket, super::beside::anchor(dates));
        let said = |item: &Item<'_>| match item {
            Item::Atom(atom) => !atom.failed && atom.doubts.is_empty(),
            Item::Range(_) | Item::Dash | Item::About | Item::Nothing => true,
            Item::Text(from, to, false) => {
                PLANNED.contains(&key(self.text.get(*from..*to).unwrap_or_default()).as_str())
            }
            _ => false,
        };
        if !items.iter().all(said) {
            return None;
        }
        let about = items.iter().any(|i| matches!(i, Item::About));
        let (groups, sound) = groups(items);
        let [one] = groups.as_slice() else { return None };
        let inner = one.span().filter(|_| sound && (one.second.is_some() || !one.is_period()))?;
        let inner = clipped(inner, &outer)?;
        let closer = (inner.from, inner.to) != (outer.from, outer.to);
        closer.then_some(Interval { approx: inner.approx || about, ..inner })
    }
}

/// The time within another; a season may begin before the year that it is a season of.
fn clipped(inner: Interval, outer: &Interval) -> Option<Interval> {
    let ((from, to), (first, last)) = (inner.from.zip(inner.to)?, outer.from.zip(outer.to)?);
    let season = inner.precision == Precision::Quarter && inner.approx && (first..=last).contains(&to);
    let from = if season { from.max(first) } else { from };
    (first <= from && to <= last).then_some(Interval { from: Some(from), ..inner })
}

/// The year of a season that follows a date: the first that is not over when that begins.
pub(super) fn season_after(year: i32, month: u32, season: u8) -> Option<i32> {
    let begins = chrono::NaiveDate::from_ymd_opt(year, month, 1)?;
    (year - 1..=year + 1).find(|y| span::season(*y, season).and_then(|i| i.to).is_some_and(|end| end >= begins))
}
