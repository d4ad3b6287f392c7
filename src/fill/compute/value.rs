//! Values of formulas, and what may be made of one without a doubt: as what all spreadsheets would take it.

use std::cmp::Ordering;

use crate::normalise::text::key;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::fill) enum Value {
    Blank,
    Number(f64),
    Text(String),
    Bool(bool),
}

/// An error value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::fill) enum Fault {
    NotAvailable,
    Other,
}

/// Why something is not computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::fill) enum No {
    /// A function, an operator or a reference that is not on the list.
    Formula,
    /// An array, a data table, or a cell that one of them fills.
    Kind,
    /// Programs take such a value for different things, or may.
    Doubtful,
    /// So near to a bound that the last binary digits decide.
    Near,
    /// It depends on itself.
    Circle,
    /// A cell that cannot be read.
    Cell,
    /// Too much work.
    Limit,
    /// What the file keeps of before is another result than ours.
    Stored,
}

/// What ends the computing of an expression: an error value, which another expression may catch, or a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::fill) enum Stop {
    Fault(Fault),
    No(No),
}

impl From<No> for Stop {
    fn from(no: No) -> Self {
        Self::No(no)
    }
}

/// What nothing is computed with.
pub(super) const DOUBTFUL: Stop = Stop::No(No::Doubtful);
/// Two numbers that differ by less than this share of them are not told apart.
const NEAR: f64 = 1e-9;
/// Whole numbers up to here are exact, and show all their digits.
const EXACT: f64 = 1e15;

/// Whether a number is whole, and small enough to be exact.
pub(super) fn whole(n: f64) -> bool {
    n.fract() == 0.0 && n.abs() <= EXACT
}

/// A finite number.
pub(super) fn finite(n: f64) -> Result<Value, Stop> {
    if n.is_finite() { Ok(Value::Number(n)) } else { Err(DOUBTFUL) }
}

/// A sum of numbers, unless they nearly cancel each other: spreadsheets make a zero of that, each in its own way.
pub(super) fn sum(numbers: &[f64]) -> Result<f64, Stop> {
    let (total, size) = numbers.iter().fold((0.0, 0.0), |(t, s), n| (t + n, s + n.abs()));
    let exact = numbers.iter().all(|n| whole(*n)) && size <= EXACT;
    if !exact && total != 0.0 && total.abs() < size * NEAR {
        return Err(Stop::No(No::Near));
    }
    Ok(total)
}

/// The order of two numbers.
pub(super) fn order(a: f64, b: f64) -> Result<Ordering, Stop> {
    let order = a.partial_cmp(&b).ok_or(DOUBTFUL)?;
    let near = (a - b).abs() <= a.abs().max(b.abs()) * NEAR;
    if order.is_ne() && near && !(whole(a) && whole(b)) { Err(Stop::No(No::Near)) } else { Ok(order) }
}

/// Whether two texts are the same to a formula: letters count in either case. Of width and kind of kana programs think
/// differently.
pub(super) fn same(a: &str, b: &str) -> Result<bool, Stop> {
    if a.eq_ignore_ascii_case(b) {
        return Ok(true);
    }
    if folded(a) == folded(b) { Err(DOUBTFUL) } else { Ok(false) }
}

fn folded(text: &str) -> String {
    let hiragana = |c: char| match c {
        'ァ'..='ヶ' => char::from_u32(u32::from(c) - 0x60).unwrap_or(c),
        c => c,
    };
    key(text).chars().map(hiragana).flat_map(char::to_lowercase).collect()
}

/// Whether a text would be a number, a day, a time or a truth value in some program's eyes.
pub(super) fn like_a_value(text: &str) -> bool {
    const BESIDE: &str = ".,:/%+-¥\\$()年月日時分秒元明治大正昭和平成令mtshrjanfebmaraprmayjunjulaugsepoctnovdecpexx ";
    let text = folded(text);
    let digit = |c: char| c.is_numeric() || "一二三四五六七八九〇○十百千万".contains(c);
    matches!(text.as_str(), "true" | "false")
        || (text.chars().any(digit) && text.chars().all(|c| digit(c) || BESIDE.contains(c)))
}

impl Value {
    /// As a number. An empty text and plain words are an error everywhere; of any other text it depends on the program.
    pub(super) fn number(&self) -> Result<f64, Stop> {
        match self {
            Self::Blank => Ok(0.0),
            Self::Number(n) => Ok(*n),
            Self::Bool(b) => Ok(f64::from(u8::from(*b))),
            Self::Text(t) if t.chars().all(|c| c.is_alphabetic() && !c.is_ascii()) && !like_a_value(t) => {
                Err(Stop::Fault(Fault::Other))
            }
            Self::Text(_) => Err(DOUBTFUL),
        }
    }

    /// As a whole number.
    pub(super) fn integer(&self) -> Result<i64, Stop> {
        let n = match self {
            Self::Number(n) => *n,
            _ => return Err(DOUBTFUL),
        };
        #[allow(clippy::cast_possible_truncation, reason = "whole and small enough")]
        if whole(n) { Ok(n as i64) } else { Err(DOUBTFUL) }
    }

    /// As a truth value.
    pub(super) fn truth(&self) -> Result<bool, Stop> {
        match self {
            Self::Blank => Ok(false),
            Self::Number(n) => Ok(*n != 0.0),
            Self::Bool(b) => Ok(*b),
            Self::Text(_) => Err(DOUBTFUL),
        }
    }

    /// As text. Programs write truth values differently, and numbers of more digits than somebody would type.
    pub(super) fn text(&self) -> Result<String, Stop> {
        match self {
            Self::Blank => Ok(String::new()),
            Self::Text(t) => Ok(t.clone()),
            Self::Number(n) if whole(*n) && n.abs() < EXACT => Ok(if *n == 0.0 { "0".into() } else { n.to_string() }),
            Self::Number(n) => {
                let text = n.to_string();
                let digits = text.trim_start_matches(['-', '0', '.']).chars().filter(char::is_ascii_digit).count();
                if digits <= 10 && (1e-3..1e9).contains(&n.abs()) { Ok(text) } else { Err(DOUBTFUL) }
            }
            Self::Bool(_) => Err(DOUBTFUL),
        }
    }

    /// Whether it is the same as another, to `=` and to a lookup.
    pub(super) fn equals(&self, other: &Self) -> Result<bool, Stop> {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => same(a, b),
            _ => Ok(self.compared(other)?.is_eq()),
        }
    }

    /// Its order to another. Of two texts only whether they are the same can be said; numbers stand before all texts.
    pub(super) fn compared(&self, other: &Self) -> Result<Ordering, Stop> {
        match (self, other) {
            (Self::Blank, Self::Blank) => Ok(Ordering::Equal),
            (Self::Blank | Self::Number(_), Self::Blank | Self::Number(_)) => order(self.number()?, other.number()?),
            (Self::Blank, Self::Text(t)) => Ok(if t.is_empty() { Ordering::Equal } else { Ordering::Less }),
            (Self::Text(t), Self::Blank) => Ok(if t.is_empty() { Ordering::Equal } else { Ordering::Greater }),
            (Self::Number(_), Self::Text(_)) => Ok(Ordering::Less),
            (Self::Text(_), Self::Number(_)) => Ok(Ordering::Greater),
            (Self::Text(a), Self::Text(b)) if same(a, b)? => Ok(Ordering::Equal),
            (Self::Bool(a), Self::Bool(b)) => Ok(a.cmp(b)),
            // Which of two texts stands first hangs on the language; a truth value is a number to some programs.
            _ => Err(DOUBTFUL),
        }
    }
}
