//! The machine that computes: cells are computed when they are asked for first, as they are after the writing and, to
//! compare with what the file keeps, as they were before it.

use std::collections::HashMap;
use std::rc::Rc;

use super::inputs::{Held, Inputs};
use super::parse::{Node, Operator};
use super::value::{DOUBTFUL, Fault, No, Stop, Value, finite, sum};
use crate::model::place::{Area, CellRef};

/// Expressions and cells within one another, at most; a longer chain is come to again when its beginning is known.
const DEEPEST: u32 = 150;
/// Cells looked at, at most.
const MOST_CELLS: u64 = 2_000_000;
/// Cells of one range that are gone through with their blanks, at most.
const WIDEST: u64 = 200_000;

type Outcome = Result<Value, Stop>;

/// Computes formulas of a workbook.
pub(super) struct Machine<'p> {
    inputs: &'p Inputs<'p>,
    /// Whether cells count as they were before the writing.
    before: bool,
    /// What was computed, after and before; nothing for what is being computed.
    known: [HashMap<(usize, CellRef), Option<Outcome>>; 2],
    /// The formulas being computed.
    open: Vec<CellRef>,
    depth: u32,
    looked: u64,
}

/// Values in rows and columns.
pub(super) struct Table {
    pub rows: u32,
    pub cols: u32,
    pub values: Vec<Value>,
}

/// How many cells an area has; nothing where they are too many to go through, or as many as the program's sheets are wide.
pub(super) fn size(area: Area) -> Option<u64> {
    let (rows, cols) = (area.last.row - area.first.row + 1, area.last.col - area.first.col + 1);
    Some(u64::from(rows) * u64::from(cols)).filter(|n| *n <= WIDEST && cols < 1024)
}

/// Two tables, value by value; one value goes with all of the other.
pub(super) fn joined(a: &Table, b: &Table, f: impl Fn(&Value, &Value) -> Outcome) -> Result<Table, Stop> {
    let (one, other) = (a.values.len() == 1, b.values.len() == 1);
    if !one && !other && (a.rows, a.cols) != (b.rows, b.cols) {
        return Err(DOUBTFUL);
    }
    let shape = if one { b } else { a };
    let value =
        |t: &Table, single: bool, n: usize| t.values.get(if single { 0 } else { n }).cloned().unwrap_or(Value::Blank);
    let values = (0..shape.values.len()).map(|n| f(&value(a, one, n), &value(b, other, n)));
    Ok(Table { rows: shape.rows, cols: shape.cols, values: values.collect::<Result<_, _>>()? })
}

impl<'p> Machine<'p> {
    pub fn new(inputs: &'p Inputs<'p>) -> Self {
        let known = [HashMap::new(), HashMap::new()];
        Self { inputs, before: false, known, open: Vec::new(), depth: 0, looked: 0 }
    }

    /// Where the formula stands that is being computed.
    pub(super) fn at(&self) -> CellRef {
        self.open.last().copied().unwrap_or(CellRef::new(0, 0))
    }

    /// The value of an expression.
    pub(super) fn value(&mut self, node: &Node) -> Outcome {
        if self.depth >= DEEPEST {
            return Err(Stop::No(No::Limit));
        }
        self.depth += 1;
        let out = match node {
            Node::Value(value) => Ok(value.clone()),
            Node::Cells(sheet, area) => self.single(*sheet, *area),
            Node::Call(function, args) => self.call(*function, args),
            Node::Minus(inner) => self.value(inner).and_then(|v| negative(&v)),
            Node::Percent(inner) => self.value(inner).and_then(|v| hundredth(&v)),
            Node::Two(operator, a, b) => {
                self.value(a).and_then(|a| self.value(b).and_then(|b| operate(*operator, &a, &b)))
            }
        };
        self.depth -= 1;
        out
    }

    /// The values of an expression over ranges.
    pub(super) fn table(&mut self, node: &Node) -> Result<Table, Stop> {
        let each = |table: Table, f: &dyn Fn(&Value) -> Outcome| {
            let values = table.values.iter().map(f).collect::<Result<_, _>>()?;
            Ok(Table { values, ..table })
        };
        match node {
            Node::Cells(sheet, area) => {
                let many = size(*area).ok_or(Stop::No(No::Limit))?;
                let (rows, cols) = (area.last.row - area.first.row + 1, area.last.col - area.first.col + 1);
                let mut values = vec![Value::Blank; usize::try_from(many).unwrap_or(0)];
                for (at, value) in self.present(*sheet, *area)? {
                    let place = (at.row - area.first.row) * cols + at.col - area.first.col;
                    if let Some(slot) = values.get_mut(place as usize) {
                        *slot = value;
                    }
                }
                Ok(Table { rows, cols, values })
            }
            Node::Minus(inner) => each(self.table(inner)?, &negative),
            Node::Percent(inner) => each(self.table(inner)?, &hundredth),
            Node::Two(operator, a, b) => {
                let (a, b) = (self.table(a)?, self.table(b)?);
                joined(&a, &b, |a, b| operate(*operator, a, b))
            }
            Node::Value(_) | Node::Call(..) => Ok(Table { rows: 1, cols: 1, values: vec![self.value(node)?] }),
        }
    }

    /// The cells of an area that are not blank, each with its value or its error.
    pub(super) fn found(&mut self, sheet: usize, area: Area) -> Result<Vec<(CellRef, Outcome)>, Stop> {
        let mut out = Vec::new();
        for at in self.inputs.cells(sheet, area, self.before)? {
            match self.cell(sheet, at) {
                Ok(Value::Blank) => {}
                Err(Stop::No(no)) => return Err(Stop::No(no)),
                other => out.push((at, other)),
            }
        }
        Ok(out)
    }

    /// The cells of an area that are not blank; an error is an error.
    pub(super) fn present(&mut self, sheet: usize, area: Area) -> Result<Vec<(CellRef, Value)>, Stop> {
        self.found(sheet, area)?.into_iter().map(|(at, value)| Ok((at, value?))).collect()
    }

    /// The value of a cell.
    pub(super) fn cell(&mut self, sheet: usize, at: CellRef) -> Outcome {
        self.looked += 1;
        if self.looked > MOST_CELLS {
            return Err(Stop::No(No::Limit));
        }
        match self.inputs.held(sheet, at, self.before)? {
            Held::Value(value) => Ok(value),
            Held::Fault(fault) => Err(Stop::Fault(fault)),
            // What does not depend on what is written is as it was.
            Held::Formula(n) if !self.before && !self.inputs.is_stale(sheet, at) => {
                self.before = true;
                let out = self.formula(sheet, at, n);
                self.before = false;
                out
            }
            Held::Formula(n) => self.formula(sheet, at, n),
        }
    }

    /// The result of a formula cell.
    fn formula(&mut self, sheet: usize, at: CellRef, n: usize) -> Outcome {
        let key = (sheet, at);
        match self.known[usize::from(self.before)].get(&key) {
            Some(Some(known)) => return known.clone(),
            Some(None) => return Err(Stop::No(No::Circle)),
            None => {}
        }
        self.known[usize::from(self.before)].insert(key, None);
        self.open.push(at);
        let mut out = self.inputs.node(sheet, n).map_err(Stop::No).and_then(|node: Rc<Node>| self.value(&node));
        self.open.pop();
        if out == Ok(Value::Blank) {
            out = Ok(Value::Number(0.0));
        }
        if self.before {
            let kept = self.inputs.kept(sheet, at);
            if kept.is_some_and(|kept| !agrees(&kept, &out)) {
                out = Err(Stop::No(No::Stored));
            }
        } else {
            self.before = true;
            if self.formula(sheet, at, n) == Err(Stop::No(No::Stored)) {
                out = Err(Stop::No(No::Stored));
            }
            self.before = false;
        }
        self.known[usize::from(self.before)].insert(key, Some(out.clone()));
        out
    }

    /// Forgets what was too deep to be computed: the next one may come to it from its other end.
    pub(super) fn take_breath(&mut self) {
        for known in &mut self.known {
            known.retain(|_, outcome| *outcome != Some(Err(Stop::No(No::Limit))));
        }
    }
}

/// Whether a result is the one that the file keeps. A refusal contradicts nothing.
fn agrees(kept: &Outcome, ours: &Outcome) -> bool {
    match (kept, ours) {
        // Programs that do not compute write a zero for every formula.
        (_, Err(Stop::No(_))) | (Err(Stop::Fault(_)), Err(Stop::Fault(_))) | (Ok(Value::Number(0.0)), _) => true,
        (Ok(Value::Number(a)), Ok(Value::Number(b))) => (a - b).abs() <= a.abs().max(b.abs()) * 1e-11,
        // A truth value is a number to some programs.
        (Ok(Value::Number(n)), Ok(Value::Bool(b))) => *b && (*n - 1.0).abs() < 0.5,
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}

fn negative(value: &Value) -> Outcome {
    let n = value.number()?;
    finite(if n == 0.0 { 0.0 } else { -n })
}

fn hundredth(value: &Value) -> Outcome {
    finite(value.number()? / 100.0)
}

/// Two values under an operator.
fn operate(operator: Operator, a: &Value, b: &Value) -> Outcome {
    use Operator as O;
    let compared = match operator {
        O::Equal => Some(a.equals(b)?),
        O::NotEqual => Some(!a.equals(b)?),
        O::Less | O::LessOrEqual | O::Greater | O::GreaterOrEqual => {
            let order = a.compared(b)?;
            Some(match operator {
                O::Less => order.is_lt(),
                O::LessOrEqual => order.is_le(),
                O::Greater => order.is_gt(),
                _ => order.is_ge(),
            })
        }
        _ => None,
    };
    if let Some(truth) = compared {
        return Ok(Value::Bool(truth));
    }
    if operator == O::Join {
        return Ok(Value::Text(a.text()? + &b.text()?));
    }
    let (a, b) = (a.number()?, b.number()?);
    finite(match operator {
        O::Plus => sum(&[a, b])?,
        O::Minus => sum(&[a, -b])?,
        O::Times => a * b,
        O::Over if b == 0.0 => return Err(Stop::Fault(Fault::Other)),
        O::Over => a / b,
        O::Power if a == 0.0 || (a < 0.0 && b.fract() != 0.0) => return Err(DOUBTFUL),
        _ => a.powf(b),
    })
}
