//! What a formula refers to, by a look at its text: cells, ranges, names, tables, other sheets.
//!
//! No grammar of formulas: a reference is recognised where it stands, and whatever is not understood counts as a
//! reference to everything. So the answer may name too much, never too little.

use crate::model::place::{Area, CellRef};

const LAST_ROW: u32 = 1_048_575;
const LAST_COL: u32 = 16_383;
/// Functions that reach cells which their arguments do not name.
const REACHING: [&str; 2] = ["INDIRECT", "OFFSET"];

/// The sheets that a reference means, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum On {
    /// That of the formula.
    Own,
    /// One by name, lower case.
    Named(String),
    /// All from one to another, lower case.
    Between(String, String),
}

/// What a formula refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reference {
    /// Cells.
    Cells(On, Range),
    /// A defined name or a table, lower case.
    Name(On, String),
    /// The sheet of the formula: `[@列]` within a table.
    OwnSheet,
    /// It cannot be told.
    Everything,
}

/// A range with what moves when the formula is copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    from: Corner,
    to: Corner,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Corner {
    row: u32,
    col: u32,
    row_moves: bool,
    col_moves: bool,
}

impl Range {
    /// The range as it is for a formula that was copied so many rows down and columns to the right.
    pub fn shifted(&self, rows: i64, cols: i64) -> Area {
        let (a, b) = (self.from.shifted(rows, cols), self.to.shifted(rows, cols));
        Area {
            first: CellRef::new(a.row.min(b.row), a.col.min(b.col)),
            last: CellRef::new(a.row.max(b.row), a.col.max(b.col)),
        }
    }

    /// Whether it depends on where the formula stands.
    pub fn moves(&self) -> bool {
        [self.from, self.to].iter().any(|c| c.row_moves || c.col_moves)
    }
}

impl Corner {
    fn shifted(self, rows: i64, cols: i64) -> CellRef {
        // Excel lets a reference that leaves the grid come in again on the other side.
        let turn = |n: u32, by: i64, last: u32| {
            u32::try_from((i64::from(n) + by).rem_euclid(i64::from(last) + 1)).unwrap_or(last)
        };
        let row = if self.row_moves { turn(self.row, rows, LAST_ROW) } else { self.row };
        CellRef::new(row, if self.col_moves { turn(self.col, cols, LAST_COL) } else { self.col })
    }
}

/// All references of a formula.
pub(super) fn references(formula: &str) -> Vec<Reference> {
    let mut look = Look { rest: formula, out: Vec::new() };
    look.run();
    look.out
}

struct Look<'t> {
    rest: &'t str,
    out: Vec<Reference>,
}

impl<'t> Look<'t> {
    fn run(&mut self) {
        while let Some(c) = self.rest.chars().next() {
            match c {
                '"' => {
                    self.quoted('"');
                }
                '\'' => self.quoted_sheet(),
                '[' => self.bracket(),
                // Errors written out: #REF!, #N/A, #DIV/0!.
                '#' => self.skip(|c| c.is_ascii_alphanumeric() || matches!(c, '#' | '/' | '!' | '?')),
                // A range whose ends are no plain cells: A1:INDEX(…).
                ':' => {
                    self.out.push(Reference::Everything);
                    self.step(1);
                }
                c if is_word(c) => self.word(),
                c => self.step(c.len_utf8()),
            }
        }
    }

    fn step(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    fn skip(&mut self, test: impl Fn(char) -> bool) {
        self.rest = self.rest.trim_start_matches(test);
    }

    /// What stands in quotes, doubled quotes being one.
    fn quoted(&mut self, quote: char) -> String {
        let mut out = String::new();
        let mut chars = self.rest.char_indices().skip(1).peekable();
        let mut end = self.rest.len();
        while let Some((at, c)) = chars.next() {
            if c != quote {
                out.push(c);
            } else if chars.peek().is_some_and(|(_, next)| *next == quote) {
                chars.next();
                out.push(c);
            } else {
                end = at + 1;
                break;
            }
        }
        self.step(end);
        out
    }

    /// `'A sheet'!A1`, `'[1]A sheet'!A1`, `'A:B'!A1`.
    fn quoted_sheet(&mut self) {
        let name = self.quoted('\'');
        if self.rest.starts_with('!') {
            self.step(1);
            self.on_sheet(&name);
        } else {
            self.out.push(Reference::Everything);
        }
    }

    /// `[1]Sheet!A1` leads out of the workbook, `[0]!name` back into it; anything else is a column of a table.
    fn bracket(&mut self) {
        let inner = self.brackets();
        if !inner.is_empty() && inner.bytes().all(|b| b.is_ascii_digit()) {
            let sheet = self.take(is_word);
            if sheet.is_empty() || self.rest.starts_with(':') {
                self.skip(|c| c == ':' || is_word(c));
            }
            if self.rest.starts_with('!') {
                self.step(1);
                self.on_sheet(&format!("[{inner}]{sheet}"));
                return;
            }
        }
        self.out.push(Reference::OwnSheet);
    }

    /// What stands in brackets, which may be nested; `'` takes the meaning from the next character.
    fn brackets(&mut self) -> &'t str {
        let (mut depth, mut quoted) = (0u32, false);
        let all = self.rest;
        for (at, c) in all.char_indices() {
            match c {
                _ if quoted => quoted = false,
                '\'' => quoted = true,
                '[' => depth += 1,
                ']' => {
                    depth -= 1;
                    if depth == 0 {
                        self.step(at + 1);
                        return all.get(1..at).unwrap_or_default();
                    }
                }
                _ => {}
            }
        }
        self.rest = "";
        all.get(1..).unwrap_or_default()
    }

    fn take(&mut self, test: impl Fn(char) -> bool) -> &'t str {
        let end = self.rest.find(|c| !test(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    fn word(&mut self) {
        let before = self.rest;
        let word = self.take(is_word);
        match self.rest.chars().next() {
            Some('!') => {
                self.step(1);
                self.on_sheet(word);
            }
            Some('(') => self.function(word),
            Some('[') => {
                self.brackets();
                self.out.push(Reference::Name(On::Own, word.to_lowercase()));
            }
            // DDE: Program|Topic!'Item'.
            Some('|') => self.out.push(Reference::Everything),
            Some(':') => {
                // 一覧:集計!A1 is a sheet to a sheet; A1:B2 a range.
                let mut ahead = Look { rest: self.rest, out: Vec::new() };
                ahead.step(1);
                let other = ahead.take(is_word);
                if !other.is_empty() && ahead.rest.starts_with('!') {
                    ahead.step(1);
                    self.rest = ahead.rest;
                    if let Some(corner) = cell(word) {
                        // A1:集計!B2 is a range whose ends are computed, not a sheet to a sheet.
                        self.out.push(Reference::Cells(On::Own, Range { from: corner, to: corner }));
                        self.out.push(Reference::Everything);
                        self.on_sheet(other);
                        return;
                    }
                    self.on_sheet(&format!("{word}:{other}"));
                } else {
                    self.rest = before;
                    self.target(&On::Own);
                }
            }
            _ => {
                self.rest = before;
                self.target(&On::Own);
            }
        }
    }

    fn function(&mut self, word: &str) {
        let name = word.rsplit('.').next().unwrap_or(word).to_ascii_uppercase();
        if REACHING.contains(&name.as_str()) {
            self.out.push(Reference::Everything);
        }
    }

    /// What stands behind `sheet!`.
    fn on_sheet(&mut self, sheet: &str) {
        if sheet.starts_with("[0]") {
            self.out.push(Reference::Everything);
        }
        if sheet.contains(']') {
            // Another workbook: nothing that is written here is there.
            let kept = self.out.len();
            self.target(&On::Own);
            self.out.truncate(kept);
            return;
        }
        let sheet = sheet.to_lowercase();
        let on = match sheet.split_once(':') {
            Some((first, last)) => On::Between(first.to_string(), last.to_string()),
            None => On::Named(sheet),
        };
        self.target(&on);
    }

    /// A cell, a range, whole rows or columns, a name, a number: what stands here.
    fn target(&mut self, on: &On) {
        if self.rest.starts_with('#') {
            return;
        }
        let word = self.take(is_word);
        if word.is_empty() {
            self.out.push(Reference::Everything);
            return;
        }
        let mut ahead = Look { rest: self.rest, out: Vec::new() };
        let other = if ahead.rest.starts_with(':') {
            ahead.step(1);
            Some(ahead.take(is_word)).filter(|o| !o.is_empty() && !ahead.rest.starts_with(['!', '(', '[']))
        } else {
            None
        };
        if let Some(range) = other.and_then(|other| between(word, other)) {
            self.rest = ahead.rest;
            self.out.push(Reference::Cells(on.clone(), range));
        } else if let Some(corner) = cell(word) {
            self.out.push(Reference::Cells(on.clone(), Range { from: corner, to: corner }));
        } else if !is_constant(word) {
            self.out.push(Reference::Name(on.clone(), word.to_lowercase()));
        }
    }
}

/// A character of a name, a number or a reference. Sheets with other characters stand in quotes.
fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '$' | '\\' | '?') || !c.is_ascii()
}

/// Numbers and truth values refer to nothing.
fn is_constant(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        || matches!(word.to_ascii_uppercase().as_str(), "TRUE" | "FALSE")
}

/// A row or a column, zero-based, and whether it moves.
type Piece = (u32, bool);

/// The column and the row of a reference; both may be missing.
fn pieces(word: &str) -> Option<(Option<Piece>, Option<Piece>)> {
    let (col_moves, rest) = word.strip_prefix('$').map_or((true, word), |r| (false, r));
    let letters = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
    let (letters, rest) = rest.split_at(letters);
    // In $1 the sign belongs to the row.
    let (row_moves, digits) = match rest.strip_prefix('$') {
        Some(digits) => (false, digits),
        None => (!letters.is_empty() || col_moves, rest),
    };
    let col = if letters.is_empty() {
        None
    } else {
        let n = letters.len() <= 3;
        let col = letters.bytes().take(3).fold(0u32, |n, b| n * 26 + u32::from(b.to_ascii_uppercase() - b'A') + 1);
        Some((col.checked_sub(1).filter(|c| n && *c <= LAST_COL)?, col_moves))
    };
    let row = if digits.is_empty() {
        None
    } else {
        let plain = digits.bytes().all(|b| b.is_ascii_digit()) && digits.len() <= 7;
        let row: u32 = plain.then(|| digits.parse().ok()).flatten()?;
        Some((row.checked_sub(1).filter(|r| *r <= LAST_ROW)?, row_moves))
    };
    Some((col, row))
}

fn cell(word: &str) -> Option<Corner> {
    let (Some((col, col_moves)), Some((row, row_moves))) = pieces(word)? else { return None };
    Some(Corner { row, col, row_moves, col_moves })
}

/// A cell, or a range from one to another of cells, columns or rows.
pub(super) fn range(first: &str, last: Option<&str>) -> Option<Range> {
    match last {
        Some(last) => between(first, last),
        None => cell(first).map(|corner| Range { from: corner, to: corner }),
    }
}

fn between(a: &str, b: &str) -> Option<Range> {
    let all = |(n, moves): Piece, (m, moves2): Piece, columns: bool| {
        let corner = |n, moves, other| {
            if columns {
                Corner { row: other, col: n, row_moves: false, col_moves: moves }
            } else {
                Corner { row: n, col: other, row_moves: moves, col_moves: false }
            }
        };
        Range { from: corner(n, moves, 0), to: corner(m, moves2, if columns { LAST_ROW } else { LAST_COL }) }
    };
    match (pieces(a)?, pieces(b)?) {
        ((Some(_), Some(_)), (Some(_), Some(_))) => Some(Range { from: cell(a)?, to: cell(b)? }),
        ((Some(first), None), (Some(last), None)) => Some(all(first, last, true)),
        ((None, Some(first)), (None, Some(last))) => Some(all(first, last, false)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// References as text, in order.
    fn shown(formula: &str) -> Vec<String> {
        let on = |on: &On| match on {
            On::Own => String::new(),
            On::Named(n) => format!("{n}!"),
            On::Between(a, b) => format!("{a}:{b}!"),
        };
        references(formula)
            .iter()
            .map(|r| match r {
                Reference::Cells(o, range) => format!("{}{}", on(o), range.shifted(0, 0)),
                Reference::Name(o, n) => format!("{}<{n}>", on(o)),
                Reference::OwnSheet => "own".into(),
                Reference::Everything => "*".into(),
            })
            .collect()
    }

    #[test]
    fn references_are_found() {
        for (formula, want) in [
            ("A1+$B$2*C$3", &["A1", "B2", "C3"][..]),
            ("SUM(A1:B2,D:D,$F:$G,1:3)", &["A1:B2", "D1:D1048576", "F1:G1048576", "A1:XFD3"]),
            ("SUM(B2:A1)", &["A1:B2"]),
            ("集計!A1&'甲 課'!$B$1:C2&'a''b'!A1", &["集計!A1", "甲 課!B1:C2", "a'b!A1"]),
            ("SUM(一月:三月!C3,'1 月:3 月'!C3)", &["一月:三月!C3", "1 月:3 月!C3"]),
            (r#"IF(A1="B2","C3",""&D4)"#, &["A1", "D4"]),
            ("[1]Sheet1!A1+'[2]甲 課'!B2+C3", &["C3"]),
            ("[0]!合計", &["*"]),
            ("INDIRECT(\"A\"&B1)", &["*", "B1"]),
            ("_xlfn.OFFSET(A1,1,0)", &["*", "A1"]),
            ("SUM(件数)*税率+TRUE+1E5+2.5", &["<件数>", "<税率>"]),
            ("SUM(表1[件数],表1[[#Totals],[a]])", &["<表1>", "<表1>"]),
            ("[@件数]*2", &["own"]),
            ("SUM(A1:INDEX(B:B,3))", &["A1", "*", "B1:B1048576"]),
            ("SUM(A1:Sheet2!B2)", &["A1", "*", "sheet2!B2"]),
            ("Sheet1!合計+#REF!+Sheet1!#REF!+C1#", &["sheet1!<合計>", "C1"]),
            ("LOG10(A1)+ABC1234567+XFE1", &["A1", "<abc1234567>", "<xfe1>"]),
            ("A1 B2", &["A1", "B2"]),
            ("SUM('甲'!A:A)", &["甲!A1:A1048576"]),
            ("\"閉じない", &[]),
            ("'閉じない", &["*"]),
        ] {
            assert_eq!(shown(formula), want, "{formula}");
        }
    }

    #[test]
    fn copies_move_what_moves() {
        let Some(Reference::Cells(_, range)) = references("SUM($A1:B$2)").first().cloned() else { panic!("a range") };
        assert_eq!(range.shifted(2, 1).to_string(), "A2:C3");
        assert!(range.moves());
        let Some(Reference::Cells(_, range)) = references("$A$1:$B$2").first().cloned() else { panic!("a range") };
        assert!(!range.moves());
        let Some(Reference::Cells(_, range)) = references("A:A").first().cloned() else { panic!("a range") };
        assert_eq!(range.shifted(5, 1).to_string(), "B1:B1048576");
    }
}
