//! Whether a cell that was sent says what a figure says now. People fill by hand: 33.3%, 「１２」, R8.3 are understood.

use chrono::NaiveDate;

use crate::model::date::wareki;
use crate::model::reconcile::{Exact, Scale};
use crate::model::{Cell, Content, Field, Value};
use crate::national::holds;
use crate::normalise::{self, Context, serial::Serial, text::key};

/// Shares are published in per cent with one decimal; less than half of that is a matter of rounding.
const ROUNDING: f64 = 0.000_5;

/// Whether the cell holds this figure, in whatever spelling.
pub fn same(cell: Option<&Cell>, (figure, scale): (&Exact, Scale), date1904: bool) -> bool {
    if holds(cell, (figure, scale), date1904) {
        return true;
    }
    let blank = cell.is_none_or(Cell::is_blank);
    match figure {
        Exact::Blank => blank,
        _ if blank => false,
        Exact::Text(wanted) => {
            let raw = cell.map(Cell::raw).unwrap_or_default();
            key(&raw) == key(wanted) || day(cell, date1904).is_some_and(|d| key(&wareki(d)) == key(wanted))
        }
        Exact::Day(wanted) => {
            let raw = cell.map(|c| key(&c.raw())).unwrap_or_default();
            [key(&wareki(*wanted)), wanted.to_string()].contains(&raw)
        }
        Exact::Number(_) | Exact::Decimal(..) => near(cell, (figure, scale), 1e-9),
        Exact::Fraction(..) => near(cell, (figure, scale), ROUNDING),
    }
}

/// Whether the number of the cell is nearly this figure, as a quotient or in per cent as the cell shows it. A share that is
/// typed with its sign is per cent in either.
fn near(cell: Option<&Cell>, (figure, scale): (&Exact, Scale), most: f64) -> bool {
    let Some(n) = number(cell) else { return false };
    let most = match (figure, scale) {
        // Whoever typed the quotient itself was shown the same rounded share.
        (Exact::Decimal(_, decimals), Scale::Hundredth) => 0.5 / 10f64.powi(i32::from(*decimals) + 2),
        (_, Scale::Hundredfold) => most * 100.0,
        _ => most,
    };
    let signed = matches!(cell.map(|c| &c.content), Some(Content::Text(t)) if key(t).ends_with('%'));
    let typed = signed && scale != Scale::AsIs;
    let as_quotient = figure.stored(if matches!(figure, Exact::Decimal(..)) { Scale::Hundredth } else { Scale::AsIs });
    figure.stored(scale).is_some_and(|wanted| (n - wanted).abs() < most)
        || typed && as_quotient.is_some_and(|wanted| (n - wanted).abs() < ROUNDING)
}

/// Whether the cell, read as an answer to this field, means this value.
pub fn means(cell: &Cell, field: &Field, value: &Value, ctx: &Context<'_>) -> bool {
    let read = normalise::normalise(cell, field, ctx).value;
    !matches!(read, Value::Unreadable | Value::Blank) && read == *value
}

/// The number of a cell, or of a text such as 「１，２３４」 or 33.3%.
pub fn number(cell: Option<&Cell>) -> Option<f64> {
    match &cell?.content {
        Content::Number(n) => Some(*n),
        Content::Text(t) => {
            let plain = key(t).replace(',', "");
            match plain.strip_suffix('%') {
                Some(share) => share.parse::<f64>().ok().map(|n| n / 100.0),
                None => plain.parse().ok(),
            }
            .filter(|n: &f64| n.is_finite())
        }
        _ => None,
    }
}

fn day(cell: Option<&Cell>, date1904: bool) -> Option<NaiveDate> {
    let (Content::Number(n) | Content::DateTime(n)) = &cell?.content else { return None };
    match normalise::serial::read(*n, date1904) {
        Serial::Day(day, 0) => Some(day),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number_cell(n: f64) -> Cell {
        Cell { content: Content::Number(n), ..Cell::default() }
    }

    #[test]
    fn spelling_and_rounding_are_no_difference_and_a_step_is() {
        let scaled = |cell: &Cell, figure: &Exact, scale| same(Some(cell), (figure, scale), false);
        let same = |cell: &Cell, figure: &Exact| scaled(cell, figure, Scale::AsIs);
        assert!(
            same(&number_cell(0.333), &Exact::Fraction(1, 3)) && same(&Cell::text("33.3％"), &Exact::Fraction(1, 3))
        );
        // One step of forty in one of twenty systems.
        assert!(!same(&number_cell(100.0 / 800.0), &Exact::Fraction(101, 800)));
        assert!(
            same(&Cell::text("１，２３４"), &Exact::Number(1234.0))
                && !same(&number_cell(1235.0), &Exact::Number(1234.0))
        );
        assert!(
            same(&Cell::text("完　了"), &Exact::Text("完了".into()))
                && !same(&Cell::text("未完了"), &Exact::Text("完了".into()))
        );
        assert!(same(&number_cell(46_112.0), &Exact::Text("令和8年3月31日".into())));
        assert!(same(&Cell::text(" "), &Exact::Blank) && !same(&number_cell(0.0), &Exact::Blank));
        assert!(!same(&Cell::default(), &Exact::Number(0.0)), "blank is not 0");
        // 52.3 % in a cell that shows per cent, as a number and as text; 27.9 % in one that does not.
        let share = Exact::Decimal(523, 1);
        assert!(scaled(&number_cell(0.523), &share, Scale::Hundredth));
        assert!(scaled(&Cell::text("52.3%"), &share, Scale::Hundredth));
        assert!(scaled(&number_cell(426.0 / 815.0), &share, Scale::Hundredth), "the quotient itself");
        assert!(!scaled(&number_cell(0.524), &share, Scale::Hundredth));
        assert!(!scaled(&number_cell(52.3), &share, Scale::Hundredth) && !same(&number_cell(0.523), &share));
        assert!(scaled(&number_cell(27.9), &Exact::Fraction(223, 800), Scale::Hundredfold));
        assert!(!scaled(&number_cell(0.279), &Exact::Fraction(223, 800), Scale::Hundredfold));
    }
}
