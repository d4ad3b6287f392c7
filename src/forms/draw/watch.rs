//! The very hidden sheet that watches the answers while somebody types, and what it makes visible: tints, signs in the
//! margin, counters at the head.
//!
//! It says of each answer cell whether it is missing, to be looked at, or past its target, by the cell's position; beside
//! that stand texts, dates and numbers as far as somebody asks for them. The visible sheets ask it by name and by their own
//! position, so that an inserted row moves nothing out of step, and no formula stands among the answers, where it could
//! be read as one.

use std::collections::{BTreeMap, BTreeSet};

use rust_xlsxwriter::{Formula, Workbook, XlsxError};

use super::expr::{Expr, quoted, said};
use super::places::{Places, What, only_said};
use super::{odd, shown, spelled};
use crate::look;
use crate::model::form::{Block, Field, FieldType};
use crate::model::{Item, sign};

/// Name of the very hidden sheet. Readers pass over it.
pub const CHECKS: &str = "_確認";

/// The names that ask for the verdicts, in the order of [`Watched::verdicts`].
pub(super) const VERDICTS: [&str; 3] = ["chk_todo", "chk_look", "chk_late"];

/// What stands at the head of the work columns, in the order of [`What`].
const HEADS: [&str; 5] = ["text", "unified", "kind", "from", "to"];

/// A record, or the card of the workbook: what rules are asked of together.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    /// Whether it is owed only once something stands in it (a free row).
    pub optional: bool,
    /// The item it is about.
    pub item: Option<&'a Item>,
    /// Its first and last watched cell.
    pub cells: (usize, usize),
}

/// A watched cell.
#[derive(Debug)]
pub(super) struct Watched<'a> {
    /// Index of the sheet in the workbook.
    pub sheet: usize,
    /// Row, first and last column on it.
    pub row: u32,
    pub first: u16,
    pub last: u16,
    /// Index of its scope.
    pub scope: usize,
    /// The line of the watching sheet that it belongs to: that of its row of a table, or its own.
    pub line: usize,
    /// First and last row of the table it stands in.
    pub table: Option<(u32, u32)>,
    /// Key of the answer.
    pub key: String,
    /// The field and its block.
    pub field: &'a Field,
    pub block: &'a Block,
    /// Whether nobody can type in it; then it is only asked about by others.
    pub locked: bool,
    /// The text that stands in it when it is drawn, and the number when it is one.
    pub text: String,
    pub number: Option<f64>,
    /// Date or number as understood.
    pub span: Option<(f64, f64)>,
    /// The drop-down's range and words.
    pub list: Option<(String, Vec<String>)>,
    /// When it is missing, to be looked at, late.
    pub verdicts: [Vec<Expr>; 3],
}

#[cfg(test)]
impl<'a> Watched<'a> {
    /// An open cell of a card that is not yet understood.
    pub(super) fn open(block: &'a Block, field: &'a Field, row: u32, text: &str) -> Self {
        let (key, text) = (field.id.clone(), text.to_string());
        let verdicts = <[Vec<Expr>; 3]>::default();
        Self {
            sheet: 0,
            row,
            first: 2,
            last: 2,
            scope: 0,
            line: 0,
            table: None,
            key,
            field,
            block,
            locked: false,
            text,
            number: None,
            span: None,
            list: None,
            verdicts,
        }
    }
}

/// One sheet that is watched.
#[derive(Debug)]
struct Page {
    /// Index in the workbook and name.
    index: usize,
    name: String,
    /// Cells of the counter and of the total.
    counter: Option<(u32, u16)>,
    total: Option<(u32, u16)>,
}

/// Everything that is watched in a workbook.
#[derive(Debug, Default)]
pub(super) struct Watch<'a> {
    pages: Vec<Page>,
    pub scopes: Vec<Scope<'a>>,
    pub cells: Vec<Watched<'a>>,
    /// Places of answers by scope and key.
    pub keys: BTreeMap<(usize, String), usize>,
    /// Lines begun so far.
    lines: usize,
}

impl<'a> Watch<'a> {
    /// Begins a sheet.
    pub(super) fn page(&mut self, index: usize, name: &str) {
        self.pages.push(Page { index, name: name.to_string(), counter: None, total: None });
    }

    /// Where the counters of the current sheet stand.
    pub(super) fn counters(&mut self, counter: (u32, u16), total: Option<(u32, u16)>) {
        if let Some(page) = self.pages.last_mut() {
            page.counter = Some(counter);
            page.total = total;
        }
    }

    /// Begins a scope; gives its index.
    pub(super) fn scope(&mut self, optional: bool, item: Option<&'a Item>) -> usize {
        let next = self.cells.len();
        self.scopes.push(Scope { optional, item, cells: (next, next) });
        self.scopes.len() - 1
    }

    /// Begins a line.
    pub(super) fn line(&mut self) {
        self.lines += 1;
    }

    /// Watches a cell.
    pub(super) fn add(&mut self, mut cell: Watched<'a>) {
        cell.sheet = self.pages.last().map_or(0, |p| p.index);
        cell.line = self.lines;
        cell.span = match cell.field.kind {
            FieldType::Date => spelled::date(&cell.text, cell.number).span.map(|(a, b)| {
                // Days of this century.
                #[allow(clippy::cast_precision_loss)]
                let days = (a as f64, b as f64);
                days
            }),
            _ if is_number(cell.field) => {
                let unit = cell.field.unit.as_deref().unwrap_or_default();
                cell.number.or_else(|| spelled::number(&cell.text, unit)).map(|n| (n, n))
            }
            _ => None,
        };
        let place = self.cells.len();
        if let Some(scope) = self.scopes.get_mut(cell.scope) {
            scope.cells.1 = place;
        }
        self.keys.insert((cell.scope, cell.key.clone()), place);
        self.cells.push(cell);
    }

    /// Writes the watching sheet and everything that shows what it says.
    pub(super) fn write(&self, workbook: &mut Workbook) -> Result<(), XlsxError> {
        if self.cells.is_empty() {
            return Ok(());
        }
        let verdicts: Vec<[bool; 3]> = self.cells.iter().map(|c| self.verdicts(c)).collect();
        let places = Places::new(&self.cells);
        self.sheet(workbook, &places, &verdicts)?;
        for (name, formula) in places.names().into_iter().chain(self.understanding(&places)) {
            workbook.define_name(name, &formula)?;
        }
        let of = |n: usize| self.cells.iter().zip(&verdicts).filter(move |(c, _)| c.sheet == n);
        let judged = |kind: u16, rows: Option<(u32, u32)>| {
            let ((from, to), (first, last)) = (places.verdicts(kind), rows.unwrap_or_default());
            format!("='{CHECKS}'!{}", rust_xlsxwriter::utility::cell_range_absolute(first, from, last, to))
        };
        let whole = places.lines().map(|(_, row)| row).last().map(|last| (1, last));
        for (kind, name) in (0u16..).zip(VERDICTS) {
            workbook.define_name(name, &judged(kind, whole))?;
        }
        for page in &self.pages {
            let own = (0..self.cells.len()).filter(|i| self.cells[*i].sheet == page.index);
            let rows: Vec<u32> = own.filter_map(|i| places.row(i)).collect();
            let (Some(first), Some(last)) = (rows.first(), rows.last()) else { continue };
            for (kind, name) in (0u16..).zip(VERDICTS) {
                workbook.define_name(format!("{name}_{}", page.index + 1), &judged(kind, Some((*first, *last))))?;
            }
            let sheet = workbook.worksheet_from_index(page.index)?;
            shown::tints(sheet, page.index, of(page.index).map(|(c, _)| c).filter(|c| !c.locked))?;
            shown::signs(sheet, page.index, of(page.index))?;
            let count = |n: usize, all: bool| {
                let counted = self.cells.iter().zip(&verdicts).filter(|(c, _)| all || c.sheet == page.index);
                counted.filter(|(_, v)| v[n]).count()
            };
            let counter = |name: &str, all: bool| {
                let words = format!(
                    "{}&COUNTIF({}{name},\">0\")&{}&COUNTIF({}{name},\">0\")&{}",
                    quoted(sign::COUNT_TODO),
                    VERDICTS[0],
                    quoted(sign::COUNT_LOOK),
                    VERDICTS[1],
                    quoted(sign::COUNT_END)
                );
                (words, sign::counter(count(0, all), count(1, all)))
            };
            if let Some((row, col)) = page.counter {
                let (formula, result) = counter(&format!("_{}", page.index + 1), false);
                sheet.write_formula_with_format(
                    row,
                    col,
                    Formula::new(formula).set_result(result),
                    &look::counter(),
                )?;
            }
            if let Some((row, col)) = page.total {
                let (formula, result) = counter("", true);
                let formula = Formula::new(format!("{}&{formula}", quoted(sign::TOTAL)));
                let formula = formula.set_result(format!("{}{result}", sign::TOTAL));
                sheet.write_formula_with_format(row, col, formula, &look::counter())?;
            }
        }
        Ok(())
    }

    fn verdicts(&self, cell: &Watched<'_>) -> [bool; 3] {
        let any = |n: usize| cell.verdicts[n].iter().any(|e| e.holds(&self.cells));
        if cell.locked {
            return [false; 3];
        }
        let filled = !cell.text.is_empty();
        [!filled && any(0), filled && (any(1) || odd::is_odd(cell)), filled && any(2)]
    }

    /// The formulas that understand dates and numbers, as names.
    fn understanding(&self, places: &Places<'_, '_>) -> BTreeMap<String, String> {
        let mut names = BTreeMap::new();
        for (place, cell) in self.cells.iter().enumerate().filter(|(i, _)| places.needed(*i).text) {
            let at = |what| places.at(what, place, cell.line);
            let order = places.order(place);
            let (text, unified, kind) = (at(What::Text), at(What::Unified), at(What::Kind));
            if cell.field.kind == FieldType::Date {
                names
                    .extend(spelled::date_names(order, spelled::Cells { text: &text, unified: &unified, kind: &kind }));
            } else if is_number(cell.field) {
                names.extend(spelled::plain_names(order, &text));
            }
        }
        names.into_iter().map(|(name, formula)| (name, format!("={formula}"))).collect()
    }

    fn sheet(&self, workbook: &mut Workbook, places: &Places<'_, '_>, verdicts: &[[bool; 3]]) -> Result<(), XlsxError> {
        let sheet = workbook.add_worksheet();
        sheet.set_name(CHECKS)?.set_very_hidden(true);
        // An empty text is written as one; the library would write 0.
        sheet.set_formula_result_default("");
        let rows: BTreeMap<usize, u32> = places.lines().collect();
        let mut begun = BTreeSet::new();
        let mut heads: BTreeMap<u16, &str> = BTreeMap::new();
        for (place, (cell, verdict)) in self.cells.iter().zip(verdicts).enumerate() {
            let Some(row) = rows.get(&cell.line).copied() else { continue };
            if begun.insert(row) {
                if let Some((first, _)) = cell.table {
                    sheet.write_number(row, 0, cell.row - first + 1)?;
                }
                if let Some((from, to)) = places.begun(cell.line) {
                    let formula = Formula::new(self.begun(from, to)).set_result(self.has_begun(from, to).to_string());
                    sheet.write_formula(row, places.begun_column(), formula)?;
                }
            }
            for (what, formula, result) in self.understood(places, place) {
                let column = places.column(what, place);
                heads.insert(column, HEADS[what as usize]);
                sheet.write_formula(row, column, Formula::new(formula).set_result(result))?;
            }
            for (kind, is) in (0u16..).zip(verdict).filter(|_| !cell.locked) {
                if let Some(question) = self.question(places, place, kind) {
                    let answer = self.answer(cell);
                    let formula = format!("IF({question},ROW({answer})*1000+COLUMN({answer}),0)");
                    let result = if *is { id(cell) } else { 0 };
                    let formula = Formula::new(formula).set_result(result.to_string());
                    sheet.write_formula(row, places.verdict(kind, place), formula)?;
                }
            }
        }
        for (column, head) in heads {
            sheet.write_string(0, column, head)?;
        }
        Ok(())
    }

    /// What is asked of a cell for a verdict; `None` when nothing is.
    fn question(&self, places: &Places<'_, '_>, place: usize, kind: u16) -> Option<String> {
        let cell = &self.cells[place];
        let needed = places.needed(place).text;
        if let (1, false, Some(words)) = (kind, needed, only_said(cell)) {
            return Some(said(&squeezed(&self.answer(cell)), words, places.said(words).as_deref()));
        }
        let own = (kind == 1 && odd::has_odd(cell)).then(|| odd::formula(places, place, cell));
        let asked = cell.verdicts[usize::from(kind)].iter();
        let parts: Vec<String> = own.into_iter().chain(asked.map(|e| e.formula(places, cell.line))).collect();
        let text = if needed { places.at(What::Text, place, cell.line) } else { squeezed(&self.answer(cell)) };
        let blank = if kind == 0 { format!("{text}=\"\"") } else { format!("{text}<>\"\"") };
        match &parts[..] {
            [] => None,
            [always] if always == "TRUE" => Some(blank),
            [one] => Some(format!("AND({blank},{one})")),
            _ => Some(format!("AND({blank},OR({}))", parts.join(","))),
        }
    }

    /// Whether something stands in a row, as a formula: 1 or 0. Blanks alone are nothing. Only comparisons go through the
    /// cells of a range in every spreadsheet; functions of texts do not.
    fn begun(&self, from: usize, to: usize) -> String {
        let mut runs: Vec<(&Watched<'_>, u16)> = Vec::new();
        for cell in self.cells.get(from..=to).unwrap_or_default() {
            match runs.last_mut() {
                Some((_, last)) if *last + 1 == cell.first => *last = cell.last,
                _ => runs.push((cell, cell.last)),
            }
        }
        let stretch = |(cell, last): (&Watched<'_>, u16)| {
            let cells = Places::stretch(cell, last, self.sheet_name(cell));
            let unlike = ["", " ", "　"].map(|blank| format!("({cells}<>\"{blank}\")"));
            format!("SUMPRODUCT({})", unlike.join("*"))
        };
        let each: Vec<String> = runs.into_iter().map(stretch).collect();
        format!("IF({}>0,1,0)", each.join("+"))
    }

    fn has_begun(&self, from: usize, to: usize) -> u8 {
        u8::from(Expr::Begun(from, to).holds(&self.cells))
    }

    /// What is written to understand an answer, each with its result.
    fn understood(&self, places: &Places<'_, '_>, place: usize) -> Vec<(What, String, String)> {
        let cell = &self.cells[place];
        let needed = places.needed(place);
        let at = |what| places.at(what, place, cell.line);
        let (answer, text, order) = (self.answer(cell), at(What::Text), places.order(place));
        let mut put = Vec::new();
        if !needed.text {
            return put;
        }
        put.push((What::Text, format!("IF(ISERROR({answer}),\"#\",{})", squeezed(&answer)), cell.text.clone()));
        let (first, last) = cell.span.map_or_else(Default::default, |(a, b)| (a.to_string(), b.to_string()));
        if cell.field.kind == FieldType::Date {
            let steps = spelled::date(&cell.text, cell.number);
            put.push((What::Unified, spelled::name("unified", order), steps.unified));
            put.push((What::Kind, spelled::kind_formula(order, &answer, &text), steps.kind.to_string()));
            let day = |end| spelled::day_formula(&answer, &at(What::Kind), &spelled::name(end, order));
            if needed.first {
                put.push((What::First, day("first"), first));
            }
            if needed.last {
                put.push((What::Last, day("last"), last));
            }
        } else if is_number(cell.field) && needed.first {
            let unit = cell.field.unit.as_deref().unwrap_or_default();
            let plain = spelled::name("plain", order);
            put.push((What::First, spelled::number_formula(&answer, &plain, unit), first));
        }
        put
    }

    fn sheet_name(&self, cell: &Watched<'_>) -> &str {
        self.pages.iter().find(|p| p.index == cell.sheet).map_or("", |p| p.name.as_str())
    }

    fn answer(&self, cell: &Watched<'_>) -> String {
        Places::answer(cell, self.sheet_name(cell))
    }
}

/// A text, or several, without blanks at the ends, and with half-width ones within.
fn squeezed(cells: &str) -> String {
    format!("TRIM(SUBSTITUTE({cells},\"　\",\" \"))")
}

fn id(cell: &Watched<'_>) -> u64 {
    u64::from(cell.row + 1) * 1000 + u64::from(cell.first) + 1
}

pub(super) const fn is_number(field: &Field) -> bool {
    matches!(field.kind, FieldType::Integer | FieldType::Number | FieldType::Money | FieldType::Percent)
}
