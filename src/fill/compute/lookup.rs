//! INDEX, MATCH and the like: exact matches only, since the others hang on how a range is sorted.

use super::eval::Machine;
use super::functions::Function;
use super::parse::Node;
use super::value::{DOUBTFUL, Fault, No, Stop, Value, finite, like_a_value};
use crate::model::place::{Area, CellRef};

impl Machine<'_> {
    pub(super) fn lookup(&mut self, function: Function, args: &[Node]) -> Result<Value, Stop> {
        match function {
            Function::Index => self.index(args),
            Function::Match => {
                let [what, Node::Cells(sheet, area), kind] = args else { return Err(DOUBTFUL) };
                let (rows, cols) = (area.last.row - area.first.row, area.last.col - area.first.col);
                if (rows > 0 && cols > 0) || self.value(kind)?.integer()? != 0 {
                    return Err(DOUBTFUL);
                }
                let at = self.first(what, *sheet, *area)?;
                finite(f64::from(at.row - area.first.row + at.col - area.first.col + 1))
            }
            Function::VLookup | Function::HLookup => {
                let [what, Node::Cells(sheet, area), n, kind] = args else { return Err(DOUBTFUL) };
                if self.value(kind)?.truth()? {
                    return Err(DOUBTFUL);
                }
                let n = self.value(n)?.integer()?;
                let n = u32::try_from(n - 1).map_err(|_| DOUBTFUL)?;
                let down = function == Function::VLookup;
                let last = if down { (area.last.row, area.first.col) } else { (area.first.row, area.last.col) };
                let along = Area { first: area.first, last: CellRef::new(last.0, last.1) };
                let at = self.first(what, *sheet, along)?;
                let at = if down {
                    CellRef::new(at.row, at.col.saturating_add(n))
                } else {
                    CellRef::new(at.row.saturating_add(n), at.col)
                };
                if area.contains(at) { self.cell(*sheet, at) } else { Err(Stop::Fault(Fault::Other)) }
            }
            _ => self.place(function, args),
        }
    }

    fn place(&mut self, function: Function, args: &[Node]) -> Result<Value, Stop> {
        let own = Area::cell(self.at());
        let area = match args {
            [] => own,
            [Node::Cells(_, area)] => *area,
            _ => return Err(DOUBTFUL),
        };
        let many = area.first != area.last;
        finite(f64::from(match function {
            Function::Rows => area.last.row - area.first.row + 1,
            Function::Columns => area.last.col - area.first.col + 1,
            _ if many => return Err(DOUBTFUL),
            Function::Row => area.first.row + 1,
            _ => area.first.col + 1,
        }))
    }

    fn index(&mut self, args: &[Node]) -> Result<Value, Stop> {
        let [Node::Cells(sheet, area), places @ ..] = args else { return Err(DOUBTFUL) };
        let mut numbers = Vec::new();
        for node in places {
            let n = self.value(node)?.integer()?;
            // Zero means the whole row or column.
            numbers.push(u32::try_from(n).ok().and_then(|n| n.checked_sub(1)).ok_or(DOUBTFUL)?);
        }
        let (row, col) = match numbers.as_slice() {
            [n] if area.first.col == area.last.col => (*n, 0),
            [n] if area.first.row == area.last.row => (0, *n),
            [row, col] => (*row, *col),
            _ => return Err(DOUBTFUL),
        };
        let at = CellRef::new(area.first.row.saturating_add(row), area.first.col.saturating_add(col));
        if area.contains(at) { self.cell(*sheet, at) } else { Err(Stop::Fault(Fault::Other)) }
    }

    /// The first cell that holds the value.
    fn first(&mut self, what: &Node, sheet: usize, area: Area) -> Result<CellRef, Stop> {
        let what = self.value(what)?;
        match &what {
            // A blank is looked for as a zero here and as a blank there; * and ? stand for other characters.
            Value::Blank | Value::Bool(_) => return Err(DOUBTFUL),
            Value::Text(t) if t.is_empty() || t.contains(['*', '?', '~']) => return Err(DOUBTFUL),
            _ => {}
        }
        for (at, found) in self.found(sheet, area)? {
            match found {
                Err(Stop::Fault(_)) => {}
                Err(stop) => return Err(stop),
                Ok(value) => match (&what, &value) {
                    // A truth value is a number to some programs, and so is a text that looks like one.
                    (_, Value::Bool(_)) => return Err(DOUBTFUL),
                    (Value::Number(_), Value::Text(t)) | (Value::Text(t), Value::Number(_)) if like_a_value(t) => {
                        return Err(DOUBTFUL);
                    }
                    (Value::Number(_), Value::Number(_)) | (Value::Text(_), Value::Text(_))
                        if what.equals(&value)? =>
                    {
                        return Ok(at);
                    }
                    _ => {}
                },
            }
        }
        Err(Stop::Fault(Fault::NotAvailable))
    }

    /// Whether a reference that is a single value stands for one cell.
    pub(super) fn single(&mut self, sheet: usize, area: Area) -> Result<Value, Stop> {
        if area.first == area.last { self.cell(sheet, area.first) } else { Err(Stop::No(No::Formula)) }
    }
}
