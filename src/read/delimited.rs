//! Reads comma- or tab-separated text, already decoded, into one sheet of texts.
//!
//! Every field stays text: what is a number or a date is for the normaliser to say, with a note, not for this reader. A field with U+FFFD
//! in it was not decoded and is listed as damaged; its text stays.

use super::guard::{Budget, Limits, Opened, Problem, ProblemKind, Refusal};
use crate::model::grid::{Cell, Grid, Workbook};
use crate::model::place::CellRef;

/// Reads the text. The separator is a tab where the name ends in `.tsv` or the first line that has a tab or a comma has no
/// comma, or what a first line `sep=;` names (Excel follows it and does not show it).
/// A blank line is a row, so that places agree with what a person sees in Excel.
///
/// # Errors
/// [`Refusal::TooLarge`] past the limits, [`Refusal::Damaged`] when a quotation mark is never closed.
pub fn open(text: &str, name: &str, limits: &Limits) -> Result<Opened, Refusal> {
    let file = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let sheet = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let grid = Grid { name: sheet.to_string(), ..Grid::default() };
    let mut table = Table { grid, problems: Vec::new(), budget: Budget::new(limits), row: 0, col: 0 };
    let named = text.strip_prefix("sep=").and_then(|rest| rest.split_once('\n'));
    let named = named.and_then(|(sign, rest)| Some((sign.trim_end_matches('\r').parse::<char>().ok()?, rest)));
    let columns = text.split(['\r', '\n']).find(|line| line.contains(['\t', ','])).unwrap_or_default();
    let tabs = name.to_lowercase().ends_with(".tsv") || !columns.is_empty() && !columns.contains(',');
    let guessed = (if tabs { '\t' } else { ',' }, text);
    let (separator, text) = named.filter(|(sign, _)| *sign != '"').unwrap_or(guessed);
    table.read(text, separator)?;
    Ok(Opened { workbook: Workbook { sheets: vec![table.grid], ..Workbook::default() }, problems: table.problems })
}

struct Table<'l> {
    grid: Grid,
    problems: Vec<Problem>,
    budget: Budget<'l>,
    row: u32,
    col: u32,
}

impl Table<'_> {
    /// RFC 4180; a quotation mark inside an unquoted field is itself.
    fn read(&mut self, text: &str, separator: char) -> Result<(), Refusal> {
        let mut field = String::new();
        let (mut quoted, mut begun) = (false, false);
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '"' if quoted && chars.peek() == Some(&'"') => {
                    chars.next();
                    field.push('"');
                }
                '"' if quoted => quoted = false,
                _ if quoted => field.push(c),
                '"' if !begun => (quoted, begun) = (true, true),
                c if c == separator => {
                    self.field(&mut field)?;
                    begun = false;
                    self.col = self.col.saturating_add(1);
                }
                '\r' if chars.peek() == Some(&'\n') => {}
                '\r' | '\n' => {
                    self.field(&mut field)?;
                    begun = false;
                    (self.row, self.col) = (self.row.saturating_add(1), 0);
                }
                _ => {
                    begun = true;
                    field.push(c);
                }
            }
        }
        if quoted {
            return Err(Refusal::Damaged { detail: "csv: quotation mark not closed".into() });
        }
        self.field(&mut field)
    }

    fn field(&mut self, field: &mut String) -> Result<(), Refusal> {
        let field = std::mem::take(field);
        if field.is_empty() {
            return Ok(());
        }
        self.budget.cell()?;
        self.budget.text(field.len())?;
        let at = CellRef::new(self.row, self.col);
        let kind = if self.row >= 1_048_576 || self.col >= 16_384 {
            ProblemKind::OutOfGrid
        } else if field.encode_utf16().count() as u64 > self.budget.limits.text {
            ProblemKind::TextTooLong
        } else {
            let broken = field.contains(char::REPLACEMENT_CHARACTER);
            let detail = start_of(&field);
            self.grid.cells.insert(at, Cell::text(field));
            if broken {
                self.problem(at, detail, ProblemKind::BadCell);
            }
            return Ok(());
        };
        self.problem(at, start_of(&field), kind);
        Ok(())
    }

    fn problem(&mut self, at: CellRef, detail: String, kind: ProblemKind) {
        self.grid.bad_cells.push((at, detail.clone()));
        self.problems.push(Problem { sheet: self.grid.name.clone(), cell: Some(at), detail, kind });
    }
}

/// As much of a text as a finding shows.
fn start_of(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_keep_their_rows() {
        let opened = open("a,b\r\n\n\"c\nd\",\"e\"\"\"\n\nf,5\" 管", "甲課.csv", &Limits::default()).unwrap();
        let grid = &opened.workbook.sheets[0];
        assert_eq!(grid.name, "甲課");
        let texts: Vec<(String, String)> = grid.cells.iter().map(|(at, c)| (at.to_string(), c.raw())).collect();
        let expected = [("A1", "a"), ("B1", "b"), ("A3", "c\nd"), ("B3", "e\""), ("A5", "f"), ("B5", "5\" 管")];
        assert_eq!(texts, expected.map(|(a, b)| (a.to_string(), b.to_string())));
    }

    #[test]
    fn an_open_quotation_mark_is_not_swallowed() {
        let damaged = Refusal::Damaged { detail: "csv: quotation mark not closed".into() };
        assert_eq!(open("a,\"b\nc,d\n", "x.csv", &Limits::default()), Err(damaged));
    }
}
