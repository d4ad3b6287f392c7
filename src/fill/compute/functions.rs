//! The functions that are computed. Each does what Excel and LibreOffice agree on, and refuses the rest.

use super::eval::Machine;
use super::parse::Node;
use super::round::{Way, floor, round};
use super::value::{DOUBTFUL, Fault, No, Stop, Value, finite, order, sum, whole};

/// A function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Abs,
    And,
    Average,
    AverageIf,
    AverageIfs,
    Choose,
    Column,
    Columns,
    Concatenate,
    Count,
    CountA,
    CountBlank,
    CountIf,
    CountIfs,
    Date,
    Day,
    EDate,
    EoMonth,
    Exact,
    False,
    Find,
    HLookup,
    If,
    IfError,
    IfNa,
    Index,
    Int,
    IsBlank,
    IsErr,
    IsError,
    IsNa,
    IsNumber,
    IsText,
    Large,
    Left,
    Len,
    Match,
    Max,
    Mid,
    Min,
    Mod,
    Month,
    Not,
    Or,
    Product,
    Rank,
    Right,
    Round,
    RoundDown,
    RoundUp,
    Row,
    Rows,
    Small,
    Substitute,
    Sum,
    SumIf,
    SumIfs,
    SumProduct,
    Trim,
    True,
    VLookup,
    Year,
}

const MANY: usize = 255;

/// Every function: its name, itself, the fewest and the most arguments.
#[rustfmt::skip]
const ALL: [(&str, Function, usize, usize); 64] = {
    use Function as F;
    [
        ("ABS", F::Abs, 1, 1), ("AND", F::And, 1, MANY), ("AVERAGE", F::Average, 1, MANY),
        ("AVERAGEIF", F::AverageIf, 2, 3), ("AVERAGEIFS", F::AverageIfs, 3, MANY), ("CHOOSE", F::Choose, 2, MANY),
        ("COLUMN", F::Column, 0, 1), ("COLUMNS", F::Columns, 1, 1), ("CONCATENATE", F::Concatenate, 1, MANY),
        ("COUNT", F::Count, 1, MANY), ("COUNTA", F::CountA, 1, MANY), ("COUNTBLANK", F::CountBlank, 1, 1),
        ("COUNTIF", F::CountIf, 2, 2), ("COUNTIFS", F::CountIfs, 2, MANY), ("DATE", F::Date, 3, 3),
        ("DAY", F::Day, 1, 1), ("EDATE", F::EDate, 2, 2), ("EOMONTH", F::EoMonth, 2, 2), ("EXACT", F::Exact, 2, 2),
        ("FALSE", F::False, 0, 0), ("FIND", F::Find, 2, 2), ("HLOOKUP", F::HLookup, 4, 4), ("IF", F::If, 2, 3),
        ("IFERROR", F::IfError, 2, 2), ("_XLFN.IFNA", F::IfNa, 2, 2), ("IFNA", F::IfNa, 2, 2), ("INDEX", F::Index, 2, 3),
        ("INT", F::Int, 1, 1), ("ISBLANK", F::IsBlank, 1, 1), ("ISERR", F::IsErr, 1, 1), ("ISERROR", F::IsError, 1, 1),
        ("ISNA", F::IsNa, 1, 1), ("ISNUMBER", F::IsNumber, 1, 1), ("ISTEXT", F::IsText, 1, 1), ("LARGE", F::Large, 2, 2),
        ("LEFT", F::Left, 1, 2), ("LEN", F::Len, 1, 1), ("MATCH", F::Match, 3, 3), ("MAX", F::Max, 1, MANY),
        ("MID", F::Mid, 3, 3), ("MIN", F::Min, 1, MANY), ("MOD", F::Mod, 2, 2), ("MONTH", F::Month, 1, 1),
        ("NOT", F::Not, 1, 1), ("OR", F::Or, 1, MANY), ("PRODUCT", F::Product, 1, MANY), ("RANK", F::Rank, 2, 3),
        ("RIGHT", F::Right, 1, 2), ("ROUND", F::Round, 2, 2), ("ROUNDDOWN", F::RoundDown, 2, 2),
        ("ROUNDUP", F::RoundUp, 2, 2), ("ROW", F::Row, 0, 1), ("ROWS", F::Rows, 1, 1), ("SMALL", F::Small, 2, 2),
        ("SUBSTITUTE", F::Substitute, 3, 3), ("SUM", F::Sum, 1, MANY), ("SUMIF", F::SumIf, 2, 3),
        ("SUMIFS", F::SumIfs, 3, MANY), ("SUMPRODUCT", F::SumProduct, 1, MANY), ("TRIM", F::Trim, 1, 1),
        ("TRUE", F::True, 0, 0), ("TRUNC", F::RoundDown, 1, 2), ("VLOOKUP", F::VLookup, 4, 4), ("YEAR", F::Year, 1, 1),
    ]
};

/// The function of a name.
pub(super) fn named(word: &str) -> Option<Function> {
    let found = ALL.iter().find(|(name, ..)| name.eq_ignore_ascii_case(word));
    found.map(|(_, function, ..)| *function)
}

impl Function {
    /// Whether it takes so many arguments.
    pub fn takes(self, count: usize) -> bool {
        ALL.iter().any(|(_, f, least, most)| *f == self && (*least..=*most).contains(&count))
    }
}

impl Machine<'_> {
    /// Computes a function.
    pub(super) fn call(&mut self, function: Function, args: &[Node]) -> Result<Value, Stop> {
        use Function as F;
        match function {
            F::And | F::Or | F::Not | F::If | F::IfError | F::IfNa | F::Choose | F::True | F::False => {
                self.logical(function, args)
            }
            F::IsBlank | F::IsErr | F::IsError | F::IsNa | F::IsNumber | F::IsText => self.kind(function, args),
            F::Sum | F::Count | F::CountA | F::CountBlank | F::Min | F::Max | F::Average | F::Product => {
                self.aggregate(function, args)
            }
            F::Large | F::Small | F::Rank => self.ranked(function, args),
            F::CountIf | F::CountIfs | F::SumIf | F::SumIfs | F::AverageIf | F::AverageIfs => {
                self.by_criteria(function, args)
            }
            F::SumProduct => self.sum_product(args),
            F::Index | F::Match | F::VLookup | F::HLookup | F::Row | F::Column | F::Rows | F::Columns => {
                self.lookup(function, args)
            }
            F::Abs | F::Int | F::Mod | F::Round | F::RoundDown | F::RoundUp => self.arithmetic(function, args),
            F::Concatenate | F::Exact | F::Find | F::Left | F::Len | F::Mid | F::Right | F::Substitute | F::Trim => {
                self.words(function, args)
            }
            F::Date | F::Day | F::EDate | F::EoMonth | F::Month | F::Year => self.days(function, args),
        }
    }

    /// An argument; there are as many as the function takes.
    pub(super) fn nth(&mut self, args: &[Node], n: usize) -> Result<Value, Stop> {
        let node = args.get(n).ok_or(Stop::No(No::Formula))?;
        self.value(node)
    }

    fn logical(&mut self, function: Function, args: &[Node]) -> Result<Value, Stop> {
        let value = match function {
            Function::True => true,
            Function::False => false,
            Function::Not => !self.nth(args, 0)?.truth()?,
            Function::If => {
                let chosen = if self.nth(args, 0)?.truth()? { 1 } else { 2 };
                return if args.len() > chosen { self.nth(args, chosen) } else { Ok(Value::Bool(false)) };
            }
            Function::Choose => {
                let chosen = usize::try_from(self.nth(args, 0)?.integer()?).unwrap_or(0);
                return if chosen == 0 { Err(DOUBTFUL) } else { self.nth(args, chosen) };
            }
            Function::IfError | Function::IfNa => {
                return match self.nth(args, 0) {
                    Err(Stop::Fault(f)) if function == Function::IfError || f == Fault::NotAvailable => {
                        self.nth(args, 1)
                    }
                    // A blank that is handed on is a zero to one program and a blank to the other.
                    Ok(Value::Blank) => Err(DOUBTFUL),
                    other => other,
                };
            }
            _ => {
                let mut all = Vec::new();
                for node in args {
                    match node {
                        // Blanks and texts are passed over within a range, and programs differ where nothing is left.
                        Node::Cells(sheet, area) => {
                            for (_, value) in self.present(*sheet, *area)? {
                                all.push(if matches!(value, Value::Text(_)) { Err(DOUBTFUL) } else { value.truth() }?);
                            }
                        }
                        node => all.push(self.value(node)?.truth()?),
                    }
                }
                if all.is_empty() {
                    return Err(DOUBTFUL);
                }
                if function == Function::And { all.iter().all(|t| *t) } else { all.contains(&true) }
            }
        };
        Ok(Value::Bool(value))
    }

    /// What kind of value it is; errors are one.
    fn kind(&mut self, function: Function, args: &[Node]) -> Result<Value, Stop> {
        if function == Function::IsBlank && !matches!(args, [Node::Cells(..)]) {
            return Err(DOUBTFUL);
        }
        let found = match self.nth(args, 0) {
            Err(Stop::No(no)) => return Err(Stop::No(no)),
            other => other,
        };
        Ok(Value::Bool(match function {
            Function::IsBlank => found == Ok(Value::Blank),
            // A truth value is a number to some programs.
            Function::IsNumber if matches!(found, Ok(Value::Bool(_))) => return Err(DOUBTFUL),
            Function::IsNumber => matches!(found, Ok(Value::Number(_))),
            Function::IsText => matches!(found, Ok(Value::Text(_))),
            Function::IsNa => found == Err(Stop::Fault(Fault::NotAvailable)),
            Function::IsErr => matches!(found, Err(Stop::Fault(f)) if f != Fault::NotAvailable),
            _ => found.is_err(),
        }))
    }

    /// The numbers of arguments: of ranges the cells that are numbers, of anything else what must be one.
    fn numbers(&mut self, args: &[Node], faults: bool) -> Result<Vec<f64>, Stop> {
        let mut out = Vec::new();
        for node in args {
            if let Node::Cells(sheet, area) = node {
                for (_, found) in self.found(*sheet, *area)? {
                    match found {
                        Ok(Value::Number(n)) => out.push(n),
                        // A truth value in a cell is a number to one program and none to the other.
                        Ok(Value::Bool(_)) => return Err(DOUBTFUL),
                        Err(Stop::Fault(_)) if !faults => {}
                        Ok(_) => {}
                        Err(stop) => return Err(stop),
                    }
                }
            } else {
                match self.value(node)? {
                    Value::Number(n) => out.push(n),
                    _ => return Err(DOUBTFUL),
                }
            }
        }
        Ok(out)
    }

    #[allow(clippy::cast_precision_loss, reason = "far fewer cells than a number has digits")]
    fn aggregate(&mut self, function: Function, args: &[Node]) -> Result<Value, Stop> {
        match function {
            Function::CountA => {
                let mut count = 0;
                for node in args {
                    let Node::Cells(sheet, area) = node else { return Err(DOUBTFUL) };
                    count += self.found(*sheet, *area)?.len();
                }
                return Ok(Value::Number(count as f64));
            }
            Function::CountBlank => {
                let [Node::Cells(sheet, area)] = args else { return Err(DOUBTFUL) };
                let size = super::eval::size(*area).ok_or(Stop::No(No::Limit))?;
                let found = self.found(*sheet, *area)?;
                let filled = found.iter().filter(|(_, v)| *v != Ok(Value::Text(String::new()))).count();
                return Ok(Value::Number((size - filled as u64) as f64));
            }
            _ => {}
        }
        let numbers = self.numbers(args, function != Function::Count)?;
        let extreme = |better: std::cmp::Ordering| {
            let best = numbers.iter().copied().reduce(|a, b| if b.total_cmp(&a) == better { b } else { a });
            best.unwrap_or(0.0)
        };
        finite(match function {
            Function::Count => numbers.len() as f64,
            Function::Min => extreme(std::cmp::Ordering::Less),
            Function::Max => extreme(std::cmp::Ordering::Greater),
            Function::Average if numbers.is_empty() => return Err(Stop::Fault(Fault::Other)),
            Function::Average => sum(&numbers)? / numbers.len() as f64,
            Function::Product if numbers.is_empty() => return Err(DOUBTFUL),
            Function::Product => numbers.iter().product(),
            _ => sum(&numbers)?,
        })
    }

    #[allow(clippy::cast_precision_loss, reason = "far fewer cells than a number has digits")]
    fn ranked(&mut self, function: Function, args: &[Node]) -> Result<Value, Stop> {
        let of = if function == Function::Rank { args.get(1..2) } else { args.get(..1) }.unwrap_or_default();
        let [Node::Cells(..)] = of else { return Err(DOUBTFUL) };
        let mut numbers = self.numbers(of, true)?;
        if function == Function::Rank {
            let Value::Number(own) = self.nth(args, 0)? else { return Err(DOUBTFUL) };
            let up = args.len() == 3 && self.nth(args, 2)?.integer()? != 0;
            let (mut before, mut there) = (0, false);
            for n in numbers {
                let order = order(n, own)?;
                there |= order.is_eq();
                before += usize::from(if up { order.is_lt() } else { order.is_gt() });
            }
            return if there { finite(before as f64 + 1.0) } else { Err(Stop::Fault(Fault::NotAvailable)) };
        }
        let place = usize::try_from(self.nth(args, 1)?.integer()?).ok().and_then(|n| n.checked_sub(1));
        numbers.sort_by(f64::total_cmp);
        if function == Function::Large {
            numbers.reverse();
        }
        place.and_then(|n| numbers.get(n)).map_or(Err(Stop::Fault(Fault::Other)), |n| finite(*n))
    }

    /// The sum of products of ranges, and of conditions on them.
    fn sum_product(&mut self, args: &[Node]) -> Result<Value, Stop> {
        let mut product: Option<super::eval::Table> = None;
        for node in args {
            let table = self.table(node)?;
            // Texts and truth values that stand in an argument by themselves count as nothing, or as something.
            if args.len() > 1 && table.values.iter().any(|v| !matches!(v, Value::Number(_) | Value::Blank)) {
                return Err(DOUBTFUL);
            }
            if table.values.iter().any(|v| matches!(v, Value::Bool(_) | Value::Text(_))) {
                return Err(DOUBTFUL);
            }
            product = Some(match product {
                None => table,
                Some(before) if (before.rows, before.cols) == (table.rows, table.cols) => {
                    super::eval::joined(&before, &table, |a, b| finite(a.number()? * b.number()?))?
                }
                Some(_) => return Err(DOUBTFUL),
            });
        }
        let all = product.map(|t| t.values).unwrap_or_default();
        finite(sum(&all.iter().map(Value::number).collect::<Result<Vec<_>, _>>()?)?)
    }

    fn arithmetic(&mut self, function: Function, args: &[Node]) -> Result<Value, Stop> {
        let n = self.nth(args, 0)?.number()?;
        let decimals = |this: &mut Self| if args.len() > 1 { this.nth(args, 1)?.integer() } else { Ok(0) };
        let way = match function {
            Function::Abs => return finite(n.abs()),
            Function::Int => return finite(floor(n)?),
            Function::Mod => {
                let by = self.nth(args, 1)?.number()?;
                return match by {
                    0.0 => Err(Stop::Fault(Fault::Other)),
                    // Of fractions the last binary digits are left over.
                    by if whole(n) && whole(by) => finite(n - by * (n / by).floor()),
                    _ => Err(DOUBTFUL),
                };
            }
            Function::RoundUp => Way::Up,
            Function::RoundDown => Way::Down,
            _ => Way::Half,
        };
        let decimals = decimals(self)?;
        if decimals.abs() > 15 {
            return Err(DOUBTFUL);
        }
        finite(round(n, decimals, way)?)
    }
}
