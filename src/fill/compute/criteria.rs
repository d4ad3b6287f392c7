//! COUNTIF and its kin: what a criterion is, and which cells meet it.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::eval::{Machine, size};
use super::functions::Function;
use super::parse::Node;
use super::value::{DOUBTFUL, Fault, No, Stop, Value, finite, like_a_value, order, same, sum};
use crate::model::place::{Area, CellRef};

/// What a cell must be.
#[derive(Debug, PartialEq)]
enum Criterion {
    Number(Sign, f64),
    Text {
        text: String,
        is: bool,
    },
    /// Blank, or an empty text.
    Blank,
    NotBlank,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

const SIGNS: [(&str, Sign); 6] = [
    ("<>", Sign::NotEqual),
    ("<=", Sign::LessOrEqual),
    (">=", Sign::GreaterOrEqual),
    ("=", Sign::Equal),
    ("<", Sign::Less),
    (">", Sign::Greater),
];

/// Places within a range, by their distance from its first cell, and how many rows and columns it has.
type Met = (Vec<(u32, u32)>, (u32, u32));

impl Criterion {
    fn new(value: &Value) -> Result<Self, Stop> {
        let text = match value {
            Value::Number(n) => return Ok(Self::Number(Sign::Equal, *n)),
            Value::Text(t) if t.is_empty() => return Ok(Self::Blank),
            Value::Text(t) => t,
            Value::Blank | Value::Bool(_) => return Err(DOUBTFUL),
        };
        let signed = SIGNS.iter().find_map(|(word, sign)| Some((text.strip_prefix(word)?, Some(*sign))));
        let (rest, sign) = signed.unwrap_or((text, None));
        let plain = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-');
        if rest.chars().all(plain)
            && let Ok(n) = rest.parse::<f64>()
        {
            return Ok(Self::Number(sign.unwrap_or(Sign::Equal), n));
        }
        // Patterns, and the names of errors.
        if rest.contains(['*', '?', '~']) || rest.starts_with('#') || like_a_value(rest) {
            return Err(DOUBTFUL);
        }
        match (sign, rest.is_empty()) {
            (Some(Sign::NotEqual), true) => Ok(Self::NotBlank),
            (None | Some(Sign::Equal), false) => Ok(Self::Text { text: rest.to_string(), is: true }),
            (Some(Sign::NotEqual), false) => Ok(Self::Text { text: rest.to_string(), is: false }),
            _ => Err(DOUBTFUL),
        }
    }

    /// Whether a cell meets it.
    fn met(&self, found: &Result<Value, Stop>) -> Result<bool, Stop> {
        let value = match found {
            Ok(Value::Bool(_)) => return Err(DOUBTFUL),
            Ok(value) => value,
            Err(Stop::Fault(_)) => {
                let negative = matches!(self, Self::NotBlank | Self::Text { is: false, .. });
                let negative = negative || matches!(self, Self::Number(Sign::NotEqual, _));
                return if negative { Err(DOUBTFUL) } else { Ok(false) };
            }
            Err(stop) => return Err(*stop),
        };
        match (self, value) {
            (Self::Blank, value) => Ok(matches!(value, Value::Blank) || *value == Value::Text(String::new())),
            // An empty text is a blank to one program and none to the other.
            (Self::NotBlank, Value::Text(t)) if t.is_empty() => Err(DOUBTFUL),
            (Self::NotBlank, value) => Ok(*value != Value::Blank),
            (Self::Text { text, is }, Value::Text(t)) => Ok(same(text, t)? == *is),
            (Self::Text { is, .. }, _) => Ok(!is),
            (Self::Number(..), Value::Text(t)) if like_a_value(t) => Err(DOUBTFUL),
            (Self::Number(sign, n), Value::Number(m)) => {
                let order = order(*m, *n)?;
                Ok(match sign {
                    Sign::Equal => order.is_eq(),
                    Sign::NotEqual => order.is_ne(),
                    Sign::Less => order == Ordering::Less,
                    Sign::LessOrEqual => order.is_le(),
                    Sign::Greater => order == Ordering::Greater,
                    Sign::GreaterOrEqual => order.is_ge(),
                })
            }
            (Self::Number(sign, _), _) => Ok(*sign == Sign::NotEqual),
        }
    }
}

impl Machine<'_> {
    #[allow(clippy::cast_precision_loss, reason = "far fewer cells than a number has digits")]
    pub(super) fn by_criteria(&mut self, function: Function, args: &[Node]) -> Result<Value, Stop> {
        use Function as F;
        let (of, pairs) = match (function, args) {
            (F::CountIf | F::CountIfs, args) => (None, args),
            (F::SumIfs | F::AverageIfs, [of, pairs @ ..]) => (Some(of), pairs),
            (_, [range, _]) => (Some(range), args),
            (_, [_, _, of]) => (Some(of), args.get(..2).unwrap_or_default()),
            _ => return Err(Stop::No(No::Formula)),
        };
        let (met, shape) = self.meeting(pairs)?;
        let Some(of) = of else { return finite(met.len() as f64) };
        let Node::Cells(sheet, area) = of else { return Err(DOUBTFUL) };
        if shape != extent(*area) {
            return Err(DOUBTFUL);
        }
        let mut numbers = Vec::new();
        for (row, col) in met {
            match self.cell(*sheet, CellRef::new(area.first.row + row, area.first.col + col))? {
                Value::Number(n) => numbers.push(n),
                Value::Bool(_) => return Err(DOUBTFUL),
                Value::Blank | Value::Text(_) => {}
            }
        }
        let average = matches!(function, F::AverageIf | F::AverageIfs);
        if average && numbers.is_empty() {
            return Err(Stop::Fault(Fault::Other));
        }
        let total = sum(&numbers)?;
        finite(if average { total / numbers.len() as f64 } else { total })
    }

    /// The places within ranges of one size at which all criteria are met, and that size.
    fn meeting(&mut self, pairs: &[Node]) -> Result<Met, Stop> {
        let mut out: Option<Met> = None;
        if !pairs.len().is_multiple_of(2) {
            return Err(Stop::No(No::Formula));
        }
        for pair in pairs.chunks_exact(2) {
            let [Node::Cells(sheet, area), criterion] = pair else { return Err(DOUBTFUL) };
            let criterion = Criterion::new(&self.value(criterion)?)?;
            let offset = |at: CellRef| (at.row - area.first.row, at.col - area.first.col);
            let found: BTreeMap<(u32, u32), Result<Value, Stop>> =
                self.found(*sheet, *area)?.into_iter().map(|(at, v)| (offset(at), v)).collect();
            let blanks = criterion.met(&Ok(Value::Blank))?;
            let candidates: Vec<(u32, u32)> = match &out {
                Some((_, shape)) if *shape != extent(*area) => return Err(DOUBTFUL),
                Some((met, _)) => met.clone(),
                None if blanks => {
                    size(*area).ok_or(Stop::No(No::Limit))?;
                    let (rows, cols) = extent(*area);
                    (0..rows).flat_map(|r| (0..cols).map(move |c| (r, c))).collect()
                }
                None => found.keys().copied().collect(),
            };
            let mut met = Vec::new();
            for at in candidates {
                if found.get(&at).map_or(Ok(blanks), |value| criterion.met(value))? {
                    met.push(at);
                }
            }
            out = Some((met, extent(*area)));
        }
        out.ok_or(Stop::No(No::Formula))
    }
}

fn extent(area: Area) -> (u32, u32) {
    (area.last.row - area.first.row + 1, area.last.col - area.first.col + 1)
}
