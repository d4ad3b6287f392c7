//! The sheet 率の推移: every named rate over the rounds that are known, with its chart. A later round reads the table back.

use rust_xlsxwriter::Workbook;

use super::canvas::{Canvas, Head, Table};
use super::cell::{Cell, Content, Tone};
use super::charts::{self, Line};
use super::context::Context;
use super::{WriteError, add_sheet};
use crate::model::ledger::{RatePoint, TrendRound};
use crate::model::share::percent;

/// Name of the sheet.
pub const NAME: &str = "率の推移";

/// Columns: what a later round reads is found by these words.
pub const HEADS: [(&str, f64); 12] = [
    ("率", 40.0),
    ("調査回", 18.0),
    ("基準日", 18.0),
    ("値", 22.0),
    ("前の回との差", 13.0),
    ("分子", 8.0),
    ("分子の上限", 8.0),
    ("分母", 8.0),
    ("下限", 9.0),
    ("上限", 9.0),
    ("区分", 10.0),
    ("率ID", 18.0),
];

/// Columns of the chart's names and values.
const ROUND: u16 = 1;
const FROM: u16 = 8;

/// What stands where a round does not have a rate.
const NONE: &str = "（この回にはありません）";

/// A rate in words, as short as it is clear.
pub fn words(point: &RatePoint) -> String {
    match point.from.zip(point.to) {
        Some((from, _)) if point.complete => percent(from),
        Some((from, to)) => format!("{} {}～{}", point.mark(), percent(from), percent(to)),
        None => point.mark().to_string(),
    }
}

/// Draws the sheet: the chart where there is more than one round, then the table.
pub fn draw(ctx: &Context<'_>, book: &mut Workbook) -> Result<(), WriteError> {
    let rounds = &ctx.ledger.trend;
    let sheet = add_sheet(ctx, book, NAME, None, (true, false))?;
    let widths: Vec<f64> = HEADS.iter().map(|(_, w)| *w).collect();
    let mut canvas = Canvas::new(sheet, &widths)?;
    let row = canvas.title(0, NAME, &ctx.round().mark)?;
    let notes = match rounds.len() {
        0 | 1 => vec!["前の回の取りまとめがないため、今回の率だけです。次の回からは、回ごとの率と図が並びます。".to_string()],
        n => vec![
            format!("{n} 回分の率です。図は下限（確かに分子に入るもの）で描いています。暫定の率は、あとで上がることがあります。"),
            "「前の回との差」は、どちらの回も確定しているときだけ示します。対象（分母）が変わった回には、そのことを添えます。".to_string(),
        ],
    };
    let mut top = canvas.notes(row, &notes)?;
    let ids = ids(rounds);
    let count = u32::try_from(rounds.len()).unwrap_or(1);
    if rounds.len() > 1 && !ids.is_empty() {
        // The table begins below the chart, whose height is known before it is drawn; its header is one row.
        let below = top + charts::LINE_ROWS;
        let drawn = |id: &String| rounds.iter().flat_map(|r| &r.rates).any(|p| p.id == *id && p.from.is_some());
        let firsts = (below + 1..).step_by(rounds.len()).zip(&ids).filter(|(_, id)| drawn(id));
        let lines = firsts.map(|(first, _)| Line {
            sheet: NAME,
            names: ROUND,
            values: FROM,
            name: 0,
            first,
            last: first + count - 1,
        });
        charts::lines(&mut canvas, top, "率の推移（下限）", &lines.collect::<Vec<_>>())?;
        top = below;
    }
    let rows = ids.iter().flat_map(|id| rows(id, rounds)).collect();
    let heads = HEADS.iter().map(|(l, w)| Head::new(*l, *w)).collect();
    let placed = canvas.table(top, &Table { heads, rows })?;
    canvas.legible(true, false);
    canvas.sheet.set_repeat_rows(placed.top, placed.top)?;
    Ok(())
}

/// The rates of all rounds, each once, in the order of the newest round that has them.
fn ids(rounds: &[TrendRound]) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for point in rounds.iter().rev().flat_map(|r| &r.rates) {
        if !ids.contains(&point.id) {
            ids.push(point.id.clone());
        }
    }
    ids
}

/// One rate over all rounds: a row each, also where a round does not have it, so that a chart's points stay below each other.
fn rows(id: &str, rounds: &[TrendRound]) -> Vec<Vec<Cell>> {
    let points: Vec<Option<&RatePoint>> = rounds.iter().map(|r| r.rates.iter().find(|p| p.id == id)).collect();
    let name = points.iter().rev().flatten().next().map_or(id, |p| p.name.as_str());
    let before = std::iter::once(None).chain(points.iter().copied());
    let all = rounds.iter().zip(&points).zip(before);
    all.map(|((round, point), before)| row((id, name), round, *point, before)).collect()
}

fn row((id, name): (&str, &str), round: &TrendRound, now: Option<&RatePoint>, then: Option<&RatePoint>) -> Vec<Cell> {
    let share = |n: Option<f64>| n.map_or_else(Cell::empty, |n| Cell::new(Content::Share(n)));
    let count = |of: fn(&RatePoint) -> u32| {
        now.filter(|p| p.from.is_some()).map_or_else(Cell::empty, |p| Cell::count(of(p) as usize))
    };
    let tone = now.map_or(Tone::Muted, |p| match (p.from, p.complete) {
        (None, _) => Tone::Muted,
        (_, true) => Tone::Strong,
        (_, false) => Tone::Warn,
    });
    vec![
        Cell::text(name),
        Cell::text(&*round.round),
        Cell::day(Some(round.as_of)),
        Cell::text(now.map_or_else(|| NONE.to_string(), words)).tone(tone),
        Cell::text(now.zip(then).map_or_else(String::new, |(now, then)| change(now, then))).center(),
        count(|p| p.numerator),
        count(|p| p.numerator_max),
        count(|p| p.denominator),
        share(now.and_then(|p| p.from)),
        share(now.and_then(|p| p.to)),
        Cell::text(now.map_or("", RatePoint::mark)).center(),
        Cell::text(id).tone(Tone::Muted),
    ]
}

/// The difference to the round before in points of per cent, where both are final.
fn change(now: &RatePoint, then: &RatePoint) -> String {
    let Some((a, b)) = then.from.zip(now.from).filter(|_| now.complete && then.complete) else {
        return String::new();
    };
    let points = ((b - a) * 1_000.0).round() / 10.0;
    let sign = if points == 0.0 { "±0.0".to_string() } else { format!("{points:+.1}") };
    let other = if now.denominator == then.denominator { "" } else { "（分母が変化）" };
    format!("{sign}ポイント{other}").replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(from: f64, to: f64, denominator: u32) -> RatePoint {
        RatePoint {
            id: "r".into(),
            name: "率".into(),
            from: Some(from),
            to: Some(to),
            numerator: 1,
            numerator_max: 2,
            denominator,
            complete: (from - to).abs() < f64::EPSILON,
        }
    }

    #[test]
    fn only_final_rates_are_compared() {
        assert_eq!(change(&point(0.5, 0.5, 8), &point(0.25, 0.25, 8)), "+25.0ポイント");
        assert_eq!(change(&point(0.25, 0.25, 8), &point(0.5, 0.5, 8)), "−25.0ポイント");
        assert_eq!(change(&point(0.5, 0.5, 8), &point(0.5, 0.5, 6)), "±0.0ポイント（分母が変化）");
        assert_eq!(change(&point(0.5, 0.6, 8), &point(0.25, 0.25, 8)), "");
        assert_eq!(change(&point(0.5, 0.5, 8), &point(0.25, 0.3, 8)), "");
    }
}
