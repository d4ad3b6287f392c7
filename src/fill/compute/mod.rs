//! The results of formulas that depend on what is written, where they can be told without a doubt.
//!
//! A formula is computed if every function and operator in it, and in everything that it depends on, is on a list
//! ([`functions`]), and if no step of it is one that programs take differently: a text as a number, a truth value in a
//! sum, two numbers that differ in the last binary digits, letters of another width. Where the file keeps a result of
//! before, ours of before must be the same. Everything else is left to whoever opens the workbook.

mod criteria;
mod eval;
mod functions;
mod inputs;
mod lookup;
mod parse;
mod round;
#[cfg(test)]
mod tests;
mod value;
mod words;

use std::collections::{BTreeMap, BTreeSet};

pub(super) use inputs::unread;
pub(super) use value::Value;

use super::plan::Plan;
use super::value::{escape, shortest};
use crate::model::place::CellRef;
use eval::Machine;
use inputs::{Inputs, has_own_rules};
use value::{No, Stop};

/// Formulas that depend on what is written, at most: of more, none is computed.
const MOST_FORMULAS: usize = 20_000;

/// Results by sheet and cell.
pub(super) type Results = BTreeMap<usize, BTreeMap<CellRef, Value>>;

/// The results of the formulas that are stale, as far as they can be told.
pub(super) fn results(plan: &Plan<'_>, stale: &BTreeMap<usize, BTreeSet<CellRef>>) -> Results {
    let count: usize = stale.values().map(BTreeSet::len).sum();
    if count == 0 || count > MOST_FORMULAS || has_own_rules(plan) {
        return Results::new();
    }
    let inputs = Inputs::new(plan, stale);
    let mut machine = Machine::new(&inputs);
    let mut out = Results::new();
    let mut open: Vec<(usize, CellRef)> =
        stale.iter().flat_map(|(sheet, cells)| cells.iter().map(|at| (*sheet, *at))).collect();
    // A chain may run from top to bottom or the other way.
    for _ in 0..3 {
        machine.take_breath();
        let mut left = Vec::new();
        for (sheet, at) in open {
            match machine.cell(sheet, at) {
                Ok(value) => drop(out.entry(sheet).or_default().insert(at, value)),
                Err(Stop::No(No::Limit)) => left.push((sheet, at)),
                Err(_) => {}
            }
        }
        left.reverse();
        open = left;
    }
    out
}

/// A number rounded to so many decimals as spreadsheets do; nothing where its last binary digits decide.
pub(super) fn rounded(n: f64, decimals: u32) -> Option<f64> {
    round::round(n, i64::from(decimals), round::Way::Half).ok()
}

/// A result as a cell holds it: its type and what stands in its value element, with the tags.
pub(super) fn rendered(value: &Value, prefix: &str) -> (Option<&'static str>, String) {
    let (kind, inner, space) = match value {
        Value::Blank => (None, "0".to_string(), ""),
        Value::Number(n) => (None, shortest(*n), ""),
        Value::Bool(b) => (Some("b"), u8::from(*b).to_string(), ""),
        Value::Text(t) => {
            let blank = t.starts_with(char::is_whitespace) || t.ends_with(char::is_whitespace);
            (Some("str"), escape(t), if blank { r#" xml:space="preserve""# } else { "" })
        }
    };
    (kind, format!("<{prefix}v{space}>{inner}</{prefix}v>"))
}
