//! Whether a cell that was sent says what a figure says now. People fill by hand: 33.3%, 「１２」, R8.3 are understood.

use chrono::NaiveDate;

use crate::model::date::wareki;
use crate::model::reconcile::Exact;
use crate::model::{Cell, Content, Field, Value};
use crate::national::holds;
use crate::normalise::{self, Context, serial::Serial, text::key};

/// Shares are published in per cent with one decimal; less than half of that is a matter of rounding.
const ROUNDING: f64 = 0.000_5;

/// Whether the cell holds this figure, in whatever spelling.
pub fn same(cell: Option<&Cell>, figure: &Exact, date1904: bool) -> bool {
    if holds(cell, figure, date1904) {
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
        Exact::Number(_) | Exact::Decimal(..) => {
            number(cell).zip(figure.number()).is_some_and(|(n, wanted)| (n - wanted).abs() < 1e-9)
        }
        Exact::Fraction(..) => {
            number(cell).zip(figure.number()).is_some_and(|(n, wanted)| (n - wanted).abs() < ROUNDING)
        }
    }
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
        let same = |cell: &Cell, figure: &Exact| same(Some(cell), figure, false);
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
    }
}
