//! A formula as a tree, if all of it is on the list of what is computed; otherwise nothing.

use super::functions::{Function, named};
use super::value::{No, Value};
use crate::fill::formula::{Range, range};
use crate::model::place::Area;

/// Expressions within expressions, at most.
const DEEPEST: u32 = 40;

/// A part of a formula.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Value(Value),
    /// Cells of a sheet.
    Cells(usize, Area),
    Call(Function, Vec<Node>),
    Minus(Box<Node>),
    Percent(Box<Node>),
    Two(Operator, Box<Node>, Box<Node>),
}

/// An operator between two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Join,
    Plus,
    Minus,
    Times,
    Over,
    Power,
}

/// What a formula's names are resolved with.
pub(super) trait Names {
    /// The sheet of a name.
    fn sheet(&self, name: &str) -> Option<usize>;
    /// The cells of a defined name that means the same ones everywhere.
    fn cells(&self, name: &str, own: usize) -> Option<(usize, Area)>;
}

/// Reads the formula of a cell on the sheet `own`, which was written so many rows above and columns to the left of it.
pub(super) fn parse(text: &str, own: usize, shift: (i64, i64), names: &dyn Names) -> Result<Node, No> {
    let mut parser = Parser { rest: text, own, shift, names, depth: 0 };
    let node = parser.compared()?;
    parser.blanks();
    if parser.rest.is_empty() { Ok(node) } else { Err(No::Formula) }
}

/// The cells that the text of a defined name means, if it is nothing but an absolute reference.
pub(super) fn absolute(text: &str, own: usize, names: &dyn Names) -> Option<(usize, Area)> {
    let mut parser = Parser { rest: text.trim(), own, shift: (0, 0), names, depth: 0 };
    let sheet = parser.sheet().ok()??;
    let range = parser.range()?;
    (parser.rest.is_empty() && !range.moves()).then(|| (sheet, range.shifted(0, 0)))
}

struct Parser<'t> {
    rest: &'t str,
    own: usize,
    shift: (i64, i64),
    names: &'t dyn Names,
    depth: u32,
}

/// Operators by how they bind, the loosest first; longer ones before those that they begin with.
const LEVELS: [&[(&str, Operator)]; 5] = [
    &[
        ("<>", Operator::NotEqual),
        ("<=", Operator::LessOrEqual),
        (">=", Operator::GreaterOrEqual),
        ("=", Operator::Equal),
        ("<", Operator::Less),
        (">", Operator::Greater),
    ],
    &[("&", Operator::Join)],
    &[("+", Operator::Plus), ("-", Operator::Minus)],
    &[("*", Operator::Times), ("/", Operator::Over)],
    &[("^", Operator::Power)],
];

impl<'t> Parser<'t> {
    fn blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\n', '\r', '\t']);
    }

    /// Whether this stands here; it is gone over.
    fn eat(&mut self, what: &str) -> bool {
        self.blanks();
        let rest = self.rest.strip_prefix(what);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn take(&mut self, test: impl Fn(char) -> bool) -> &'t str {
        let end = self.rest.find(|c| !test(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    fn compared(&mut self) -> Result<Node, No> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(No::Limit);
        }
        let node = self.level(0)?;
        self.depth -= 1;
        Ok(node)
    }

    fn level(&mut self, level: usize) -> Result<Node, No> {
        let Some(operators) = LEVELS.get(level) else { return self.signed() };
        let mut left = self.level(level + 1)?;
        let mut length = 0;
        while let Some((_, operator)) = operators.iter().find(|(sign, _)| self.eat(sign)) {
            length += 1;
            if length > DEEPEST {
                return Err(No::Limit);
            }
            let right = self.level(level + 1)?;
            left = Node::Two(*operator, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    /// A sign binds closer than a power: -2^2 is 4 to a spreadsheet.
    fn signed(&mut self) -> Result<Node, No> {
        let mut minus = 0u32;
        loop {
            if self.eat("-") {
                minus += 1;
            } else if !self.eat("+") {
                break;
            }
        }
        let mut node = self.primary()?;
        while self.eat("%") {
            node = Node::Percent(Box::new(node));
        }
        if minus > 2 {
            return Err(No::Formula);
        }
        (0..minus).for_each(|_| node = Node::Minus(Box::new(node.clone())));
        Ok(node)
    }

    fn primary(&mut self) -> Result<Node, No> {
        self.blanks();
        match self.rest.chars().next().ok_or(No::Formula)? {
            '(' => {
                self.eat("(");
                let inner = self.compared()?;
                // References in brackets with commas are several ranges at once.
                if self.eat(")") { Ok(inner) } else { Err(No::Formula) }
            }
            '"' => self.text(),
            c if c.is_ascii_digit() || c == '.' => self.number(),
            _ => self.word(),
        }
    }

    fn text(&mut self) -> Result<Node, No> {
        let (mut out, mut rest) = (String::new(), self.rest.get(1..).unwrap_or_default());
        loop {
            let (before, after) = rest.split_once('"').ok_or(No::Formula)?;
            out.push_str(before);
            let Some(more) = after.strip_prefix('"') else {
                self.rest = after;
                return Ok(Node::Value(Value::Text(out)));
            };
            out.push('"');
            rest = more;
        }
    }

    fn number(&mut self) -> Result<Node, No> {
        let before = self.rest;
        let mut length = self.take(|c| c.is_ascii_digit() || c == '.').len();
        // Whole rows (1:3) are no numbers.
        if self.rest.starts_with([':', '!']) {
            return Err(No::Formula);
        }
        if let Some(exponent) = self.rest.strip_prefix(['e', 'E']) {
            let digits = exponent.trim_start_matches(['+', '-']);
            let count = digits.len() - digits.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            if count == 0 || exponent.len() - digits.len() > 1 {
                return Err(No::Formula);
            }
            length += 1 + exponent.len() - digits.len() + count;
        }
        let (number, rest) = before.split_at(length);
        self.rest = rest;
        let n = number.parse::<f64>().ok().filter(|n| n.is_finite()).ok_or(No::Formula)?;
        Ok(Node::Value(Value::Number(n)))
    }

    /// The sheet that is named here, `own` where none is.
    fn sheet(&mut self) -> Result<Option<usize>, No> {
        let before = self.rest;
        let name = if let Some(quoted) = self.rest.strip_prefix('\'') {
            let (mut name, mut rest) = (String::new(), quoted);
            loop {
                let (part, after) = rest.split_once('\'').ok_or(No::Formula)?;
                name.push_str(part);
                rest = after;
                match rest.strip_prefix('\'') {
                    Some(more) => rest = more,
                    None => break,
                }
                name.push('\'');
            }
            self.rest = rest;
            name
        } else {
            self.take(is_word).to_string()
        };
        if !self.rest.starts_with('!') {
            self.rest = before;
            return Ok(None);
        }
        self.rest = self.rest.get(1..).unwrap_or_default();
        if name.contains(['[', ']', ':']) {
            return Err(No::Formula);
        }
        self.names.sheet(&name.to_lowercase()).map(Some).ok_or(No::Formula)
    }

    /// A cell or a range of cells, columns or rows.
    fn range(&mut self) -> Option<Range> {
        let first = self.take(is_word);
        let second = match self.rest.strip_prefix(':') {
            Some(rest) => {
                self.rest = rest;
                Some(self.take(is_word))
            }
            None => None,
        };
        // Ranges whose ends are computed, ranges that lap over, what spills.
        (!self.rest.starts_with([':', '!', '(', '[', '#'])).then(|| range(first, second)).flatten()
    }

    fn word(&mut self) -> Result<Node, No> {
        if let Some(sheet) = self.sheet()? {
            let range = self.range().ok_or(No::Formula)?;
            return Ok(Node::Cells(sheet, range.shifted(self.shift.0, self.shift.1)));
        }
        let before = self.rest;
        let word = self.take(is_word);
        if self.rest.starts_with('(') {
            return self.call(word);
        }
        match word.to_ascii_uppercase().as_str() {
            "TRUE" => return Ok(Node::Value(Value::Bool(true))),
            "FALSE" => return Ok(Node::Value(Value::Bool(false))),
            _ => self.rest = before,
        }
        if let Some(range) = self.range() {
            return Ok(Node::Cells(self.own, range.shifted(self.shift.0, self.shift.1)));
        }
        self.rest = before;
        let name = self.take(is_word).to_lowercase();
        if name.is_empty() || self.rest.starts_with([':', '!', '(', '[', '#', '|']) {
            return Err(No::Formula);
        }
        let (sheet, area) = self.names.cells(&name, self.own).ok_or(No::Formula)?;
        Ok(Node::Cells(sheet, area))
    }

    fn call(&mut self, word: &str) -> Result<Node, No> {
        let function = named(word).ok_or(No::Formula)?;
        self.eat("(");
        let mut arguments = Vec::new();
        if !self.eat(")") {
            loop {
                arguments.push(self.compared()?);
                if self.eat(")") {
                    break;
                }
                if !self.eat(",") {
                    return Err(No::Formula);
                }
            }
        }
        if function.takes(arguments.len()) { Ok(Node::Call(function, arguments)) } else { Err(No::Formula) }
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '$' | '\\' | '?') || (!c.is_ascii() && !c.is_whitespace())
}
