//! Where on the watching sheet something stands, and what of it is needed at all.
//!
//! A line of the sheet is a row of a table, or a single answer of a card. All rows of a table have the same formulas, letter
//! for letter: they find their answer by its number in the table, and each other by names that mean "in this row". What
//! nobody asks for is not written. So the sheet stays small, and a row that somebody inserts into a table is watched too.

use std::collections::{BTreeMap, BTreeSet};

use rust_xlsxwriter::utility::column_number_to_name;

use super::expr::{Expr, Of, list};
use super::odd::{self, has_odd};
use super::watch::{CHECKS, Watched, is_number};
use crate::model::form::FieldType;

/// What can be asked of a watched cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// Its text.
    Text,
    /// The text of a date with era and separators unified.
    Unified,
    /// Which spelling of a date it is.
    Kind,
    /// First day, or the number.
    First,
    /// Last day, or the number.
    Last,
}

/// The name that gives the number of a row within its table.
const NUMBER: &str = "row_no";
/// How the names of the lists of words begin.
const SAID: &str = "said_";
/// Work cells of an answer that is understood, in the order of [`What`].
const WORK: u16 = 5;

/// What is written of a watched cell.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Needed {
    pub text: bool,
    pub first: bool,
    pub last: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Place {
    /// Place among the judged cells of its line.
    slot: u16,
    /// Place among those of its line that are understood, or among the others.
    order: u16,
    needed: Needed,
}

/// The words of a cell that is looked at only where it says one of them: its verdict can ask the answer itself, and no text
/// need be written for it.
pub(super) fn only_said<'c>(cell: &'c Watched<'_>) -> Option<&'c [String]> {
    match (&cell.verdicts[1][..], &cell.verdicts[2][..]) {
        ([Expr::Is(_, words)], []) if !has_odd(cell) && list(words).is_some() => Some(words),
        _ => None,
    }
}

/// The places of all watched cells.
#[derive(Debug)]
pub(super) struct Places<'w, 'a> {
    cells: &'w [Watched<'a>],
    each: Vec<Place>,
    /// Row of each line of which something is written.
    rows: BTreeMap<usize, u32>,
    /// Lines that are asked whether something stands in them, with the cells that count.
    begun: BTreeMap<usize, (usize, usize)>,
    /// Most judged, and most understood cells of a line.
    judged: u16,
    understood: u16,
    /// Lists of words that are asked for: each stands once, under a name.
    words: BTreeMap<String, String>,
}

/// Whether a cell is a date or a number.
fn is_understood(cell: &Watched<'_>) -> bool {
    cell.field.kind == FieldType::Date || is_number(cell.field)
}

impl<'w, 'a> Places<'w, 'a> {
    /// Gives everything its place.
    pub(super) fn new(cells: &'w [Watched<'a>]) -> Self {
        let mut this = Self {
            cells,
            each: vec![Place::default(); cells.len()],
            rows: BTreeMap::new(),
            begun: BTreeMap::new(),
            judged: 0,
            understood: 0,
            words: BTreeMap::new(),
        };
        for cell in cells.iter().filter(|c| !c.locked) {
            odd::words(cell).iter().for_each(|words| this.name(words));
            match only_said(cell) {
                Some(words) => {
                    cell.verdicts[0].iter().for_each(|e| this.ask(e));
                    this.name(words);
                }
                None => cell.verdicts.iter().flatten().for_each(|e| this.ask(e)),
            }
        }
        for (place, cell) in this.each.iter_mut().zip(cells).filter(|(_, c)| !c.locked) {
            let looked_at = cell.verdicts.iter().skip(1).any(|v| !v.is_empty());
            place.needed.text |= has_odd(cell) || looked_at && only_said(cell).is_none();
            place.needed.first |= has_odd(cell) && is_number(cell.field);
        }
        let mut counts: BTreeMap<usize, [u16; 3]> = BTreeMap::new();
        for (place, cell) in this.each.iter_mut().zip(cells) {
            let [judged, understood, others] = counts.entry(cell.line).or_default();
            if !cell.locked {
                place.slot = *judged;
                *judged += 1;
            }
            let order = if is_understood(cell) { understood } else { others };
            place.order = *order;
            *order += 1;
        }
        this.judged = counts.values().map(|c| c[0]).max().unwrap_or(0);
        this.understood = counts.values().map(|c| c[1]).max().unwrap_or(0);
        let written = |(place, cell): (&Place, &Watched<'_>)| {
            let Needed { text, first, last } = place.needed;
            (text || first || last || cell.verdicts.iter().any(|v| !v.is_empty())).then_some(cell.line)
        };
        let lines: BTreeSet<usize> = this.each.iter().zip(cells).filter_map(written).collect();
        this.rows = lines.into_iter().zip(1..).collect();
        this
    }

    /// Notes what a question needs.
    fn ask(&mut self, question: &Expr) {
        match question {
            Expr::Yes | Expr::No => {}
            Expr::Blank(i) => self.need(*i, What::Text),
            Expr::Is(i, words) => {
                self.need(*i, What::Text);
                self.name(words);
            }
            Expr::Known(i) => self.need(*i, What::First),
            Expr::Greater(a, b, _) => [a, b].into_iter().for_each(|of| match of {
                Of::First(i) => self.need(*i, What::First),
                Of::Last(i) => self.need(*i, What::Last),
                Of::Just(_) => {}
            }),
            Expr::SumOff(parts, total) => parts.iter().chain([total]).for_each(|i| self.need(*i, What::First)),
            Expr::Begun(from, to) => {
                if let Some(cell) = self.cells.get(*from) {
                    self.begun.insert(cell.line, (*from, *to));
                }
            }
            Expr::Among(cells, _) => cells.iter().for_each(|i| self.need(*i, What::Text)),
            Expr::And(parts) | Expr::Or(parts) => parts.iter().for_each(|p| self.ask(p)),
            Expr::Not(inner) => self.ask(inner),
        }
    }

    /// Gives a list of words a name.
    fn name(&mut self, words: &[String]) {
        if let Some(list) = list(words) {
            let next = format!("{SAID}{}", self.words.len() + 1);
            self.words.entry(list).or_insert(next);
        }
    }

    /// The name of a list of words, if they are asked for as one.
    pub(super) fn said(&self, words: &[String]) -> Option<String> {
        self.words.get(&list(words)?).cloned()
    }

    fn need(&mut self, cell: usize, what: What) {
        let Some(understood) = self.cells.get(cell).map(is_understood) else { return };
        let needed = &mut self.each[cell].needed;
        match what {
            What::First => needed.first |= understood,
            // A number has one value only.
            What::Last if is_number(self.cells[cell].field) => needed.first = true,
            What::Last => needed.last |= understood,
            _ => needed.text = true,
        }
        needed.text |= needed.first || needed.last;
    }

    /// What is written of a cell.
    pub(super) fn needed(&self, cell: usize) -> Needed {
        self.each.get(cell).map(|p| p.needed).unwrap_or_default()
    }

    /// The lines that are written, each with its row.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, u32)> {
        self.rows.iter().map(|(line, row)| (*line, *row))
    }

    /// The row of a cell, if anything of its line is written.
    pub(super) fn row(&self, cell: usize) -> Option<u32> {
        self.rows.get(&self.cells.get(cell)?.line).copied()
    }

    /// The cells that tell whether something stands in a line, if that is asked.
    pub(super) fn begun(&self, line: usize) -> Option<(usize, usize)> {
        self.begun.get(&line).copied()
    }

    /// First and last column of the verdicts of a kind.
    pub(super) const fn verdicts(&self, kind: u16) -> (u16, u16) {
        (1 + kind * self.judged, (kind + 1) * self.judged)
    }

    /// The column of a cell's verdict.
    pub(super) fn verdict(&self, kind: u16, cell: usize) -> u16 {
        self.verdicts(kind).0 + self.each[cell].slot
    }

    /// The column that tells whether something stands in a line.
    pub(super) const fn begun_column(&self) -> u16 {
        1 + 3 * self.judged
    }

    /// Place of an understood cell among those of its line.
    pub(super) fn order(&self, cell: usize) -> usize {
        usize::from(self.each[cell].order)
    }

    /// The column of what is asked of a cell.
    pub(super) fn column(&self, what: What, cell: usize) -> u16 {
        let work = self.begun_column() + 1;
        let order = self.each[cell].order;
        if !is_understood(&self.cells[cell]) {
            return work + WORK * self.understood + order;
        }
        let what = if what == What::Last && is_number(self.cells[cell].field) { What::First } else { what };
        work + WORK * order + what as u16
    }

    /// The address of what is asked of a cell, in a formula of a line.
    pub(super) fn at(&self, what: What, cell: usize, line: usize) -> String {
        let understood = self.cells.get(cell).is_some_and(is_understood);
        let Some(row) = self.row(cell).filter(|_| understood || what == What::Text) else { return "\"\"".into() };
        let column = self.column(what, cell);
        if self.cells[cell].line == line { here(column) } else { absolute(column, row) }
    }

    /// The address of whether something stands in the line of a cell.
    pub(super) fn at_begun(&self, cell: usize, line: usize) -> String {
        match (self.cells.get(cell), self.row(cell)) {
            (Some(c), _) if c.line == line => here(self.begun_column()),
            (_, Some(row)) => absolute(self.begun_column(), row),
            _ => "0".into(),
        }
    }

    /// The fewest ranges that the texts of cells fill.
    pub(super) fn texts(&self, cells: &[usize]) -> Vec<String> {
        let mut runs: Vec<(u16, u32, u32)> = Vec::new();
        for cell in cells {
            let Some(row) = self.row(*cell) else { continue };
            let column = self.column(What::Text, *cell);
            match runs.last_mut() {
                Some((c, _, to)) if *c == column && *to + 1 == row => *to = row,
                _ => runs.push((column, row, row)),
            }
        }
        runs.into_iter().map(|(c, from, to)| format!("{}:{}", absolute(c, from), absolute(c, to))).collect()
    }

    /// The answer itself, as a formula may ask for it: by its number in the table, or by its address.
    pub(super) fn answer(cell: &Watched<'_>, sheet: &str) -> String {
        Self::column_of(cell, cell.first, sheet)
    }

    /// The answers of a row up to a column. Asked for by both ends: not every spreadsheet gives a whole row of a range.
    pub(super) fn stretch(cell: &Watched<'_>, last: u16, sheet: &str) -> String {
        let first = Self::column_of(cell, cell.first, sheet);
        if last == cell.first { first } else { format!("{first}:{}", Self::column_of(cell, last, sheet)) }
    }

    /// The cell of a column in the row of an answer.
    fn column_of(cell: &Watched<'_>, column: u16, sheet: &str) -> String {
        let sheet = sheet.replace('\'', "''");
        match cell.table {
            Some((from, to)) => {
                format!("INDEX('{sheet}'!{}:{},{NUMBER})", absolute(column, from), absolute(column, to))
            }
            None => format!("'{sheet}'!{}", absolute(column, cell.row)),
        }
    }

    /// The names that mean "in this row", for all columns that may be asked, and those of the lists of words.
    pub(super) fn names(&self) -> Vec<(String, String)> {
        let name = |name: String, column: u16| (name, format!("='{CHECKS}'!${}1", column_number_to_name(column)));
        let mut asked: BTreeSet<u16> = BTreeSet::new();
        for (cell, place) in self.each.iter().enumerate() {
            let Needed { text, first, last } = place.needed;
            let date = text && self.cells[cell].field.kind == FieldType::Date;
            let wanted = [
                (text, What::Text),
                (date, What::Unified),
                (date, What::Kind),
                (first, What::First),
                (last, What::Last),
            ];
            asked.extend(wanted.iter().filter(|(is, _)| *is).map(|(_, what)| self.column(*what, cell)));
        }
        if !self.begun.is_empty() {
            asked.insert(self.begun_column());
        }
        let mut names: Vec<(String, String)> = asked.into_iter().map(|c| name(here(c), c)).collect();
        if self.cells.iter().any(|c| c.table.is_some()) {
            names.push(name(NUMBER.into(), 0));
        }
        names.extend(self.words.iter().map(|(words, name)| (name.clone(), format!("={words}"))));
        names
    }
}

/// A column in the row of the formula that asks.
fn here(column: u16) -> String {
    format!("w_{}", column_number_to_name(column))
}

fn absolute(column: u16, row: u32) -> String {
    format!("${}${}", column_number_to_name(column), row + 1)
}
