//! What is asked about the answers of a form while they are typed: a closed set of questions that can be written as a
//! formula of the sheet that watches, and be answered here, so that every formula is written with its result.

use super::places::{Places, What};
use super::watch::Watched;

/// A question with the answer yes or no. Numbers are places in the list of watched cells.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expr {
    /// Always.
    Yes,
    /// Never.
    No,
    /// Nothing stands in the cell.
    Blank(usize),
    /// The cell says exactly one of these.
    Is(usize, Vec<String>),
    /// The cell has a date or number that was understood.
    Known(usize),
    /// The first day, or number, is certainly greater than the second by more than this; both known.
    Greater(Of, Of, f64),
    /// The parts are numbers and do not add up to the total.
    SumOff(Vec<usize>, usize),
    /// Something stands in one of the cells from the first to the last.
    Begun(usize, usize),
    /// One of the cells says exactly one of these.
    Among(Vec<usize>, Vec<String>),
    /// All of them.
    And(Vec<Expr>),
    /// One of them.
    Or(Vec<Expr>),
    /// Not so.
    Not(Box<Expr>),
}

/// A day or a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Of {
    /// The first day a cell may mean, or its number.
    First(usize),
    /// The last day it may mean, or its number.
    Last(usize),
    /// This one.
    Just(f64),
}

/// Amounts in thousands carry three decimals at most; what is smaller comes from the arithmetic.
const EXACT: f64 = 0.0005;

impl Expr {
    /// All of them, without the trivial ones.
    pub(super) fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut kept: Vec<Self> = parts.into_iter().filter(|p| *p != Self::Yes).collect();
        match kept.len() {
            _ if kept.contains(&Self::No) => Self::No,
            0 => Self::Yes,
            1 => kept.remove(0),
            _ => Self::And(kept),
        }
    }

    /// One of them, without the trivial ones.
    pub(super) fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut kept: Vec<Self> = parts.into_iter().filter(|p| *p != Self::No).collect();
        match kept.len() {
            _ if kept.contains(&Self::Yes) => Self::Yes,
            0 => Self::No,
            1 => kept.remove(0),
            _ => Self::Or(kept),
        }
    }

    /// Not so.
    pub(super) fn negated(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    /// As a formula in a line of the watching sheet.
    pub(super) fn formula(&self, places: &Places<'_, '_>, line: usize) -> String {
        let joined = |parts: &[Self]| parts.iter().map(|p| p.formula(places, line)).collect::<Vec<_>>().join(",");
        let text = |i: usize| places.at(What::Text, i, line);
        let first = |i: usize| places.at(What::First, i, line);
        match self {
            Self::Yes => "TRUE".into(),
            Self::No => "FALSE".into(),
            Self::Blank(i) => format!("{}=\"\"", text(*i)),
            Self::Is(i, words) => {
                let cell = text(*i);
                let each: Vec<String> = words.iter().map(|w| format!("{cell}={}", quoted(w))).collect();
                if each.len() == 1 { each.concat() } else { format!("OR({})", each.join(",")) }
            }
            Self::Known(i) => format!("{}<>\"\"", first(*i)),
            Self::Greater(a, b, gap) => {
                let known: Vec<String> =
                    [a, b].iter().filter_map(|o| o.cell(places, line)).map(|c| format!("ISNUMBER({c})")).collect();
                let more = if *gap == 0.0 { String::new() } else { format!("+{gap}") };
                // AND would look at the difference even where a text stands.
                format!(
                    "IF(AND({}),{}>{}{more},FALSE)",
                    known.join(","),
                    a.formula(places, line),
                    b.formula(places, line)
                )
            }
            Self::SumOff(parts, total) => {
                let cells: Vec<String> = parts.iter().map(|i| first(*i)).collect();
                let total = first(*total);
                let known = cells.iter().chain([&total]).map(|c| format!("ISNUMBER({c})")).collect::<Vec<_>>();
                format!("IF(AND({}),ABS({total}-({}))>={EXACT},FALSE)", known.join(","), cells.join("+"))
            }
            Self::Begun(from, _) => format!("{}=1", places.at_begun(*from, line)),
            Self::Among(cells, words) => {
                let ranges = places.texts(cells);
                let each: Vec<String> = ranges
                    .iter()
                    .map(|range| {
                        let said: Vec<String> = words.iter().map(|w| format!("({range}={})", quoted(w))).collect();
                        format!("SUMPRODUCT(--(({})>0))", said.join("+"))
                    })
                    .collect();
                if each.is_empty() || words.is_empty() { "FALSE".into() } else { format!("{}>0", each.join("+")) }
            }
            Self::And(parts) => format!("AND({})", joined(parts)),
            Self::Or(parts) => format!("OR({})", joined(parts)),
            Self::Not(inner) => format!("NOT({})", inner.formula(places, line)),
        }
    }

    /// Whether it holds of the answers as they stand.
    pub(super) fn holds(&self, cells: &[Watched]) -> bool {
        let text = |i: &usize| cells.get(*i).map_or("", |c| c.text.as_str());
        let said = |i: &usize, words: &[String]| words.iter().any(|w| w == text(i));
        match self {
            Self::Yes => true,
            Self::No => false,
            Self::Blank(i) => text(i).is_empty(),
            Self::Is(i, words) => said(i, words),
            Self::Known(i) => Of::First(*i).value(cells).is_some(),
            Self::Greater(a, b, gap) => a.value(cells).zip(b.value(cells)).is_some_and(|(a, b)| a > b + gap),
            Self::SumOff(parts, total) => {
                let parts: Option<Vec<f64>> = parts.iter().map(|i| Of::First(*i).value(cells)).collect();
                let total = Of::First(*total).value(cells);
                parts.zip(total).is_some_and(|(parts, total)| (total - parts.iter().sum::<f64>()).abs() >= EXACT)
            }
            Self::Begun(from, to) => (*from..=*to).any(|i| !text(&i).is_empty()),
            Self::Among(cells, words) => cells.iter().any(|i| said(i, words)),
            Self::And(parts) => parts.iter().all(|p| p.holds(cells)),
            Self::Or(parts) => parts.iter().any(|p| p.holds(cells)),
            Self::Not(inner) => !inner.holds(cells),
        }
    }
}

impl Of {
    fn cell(self, places: &Places<'_, '_>, line: usize) -> Option<String> {
        match self {
            Self::First(i) => Some(places.at(What::First, i, line)),
            Self::Last(i) => Some(places.at(What::Last, i, line)),
            Self::Just(_) => None,
        }
    }

    fn formula(self, places: &Places<'_, '_>, line: usize) -> String {
        match self {
            Self::Just(n) => n.to_string(),
            other => other.cell(places, line).unwrap_or_default(),
        }
    }

    fn value(self, cells: &[Watched]) -> Option<f64> {
        match self {
            Self::First(i) => cells.get(i)?.span.map(|s| s.0),
            Self::Last(i) => cells.get(i)?.span.map(|s| s.1),
            Self::Just(n) => Some(n),
        }
    }
}

/// A text within a formula.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}
