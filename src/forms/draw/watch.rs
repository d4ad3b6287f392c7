//! The very hidden sheet that watches the answers while somebody types, and what it makes visible: tints, signs in the
//! margin, counters at the head.
//!
//! It has one row for each answer cell: where the cell is, its text, the date or number in it, and whether it is missing,
//! to be looked at, or past its target. The visible sheets ask it by name and by their own position, so that an inserted
//! row moves nothing out of step, and no formula stands among the answers, where it could be read as one.

use std::collections::BTreeMap;

use rust_xlsxwriter::{Color, ConditionalFormatFormula, Format, Formula, Workbook, XlsxError};

use super::expr::{Expr, at, quoted};
use super::spelled;
use crate::look;
use crate::model::form::{Block, Field, FieldType};
use crate::model::{Item, sign};

/// Name of the very hidden sheet. Readers pass over it.
pub const CHECKS: &str = "_確認";

/// Columns of the watching sheet.
pub(super) mod columns {
    /// Row and column of the answer, as one number.
    pub const ID: u16 = 0;
    /// Its text.
    pub const TEXT: u16 = 1;
    /// First day, or the number.
    pub const FIRST: u16 = 2;
    /// Last day, or the number.
    pub const LAST: u16 = 3;
    /// 1 when it looks unreadable.
    pub const ODD: u16 = 4;
    /// The id when it is missing, else 0.
    pub const TODO: u16 = 5;
    /// The id when it is to be looked at, else 0.
    pub const LOOK: u16 = 6;
    /// The id when it lies past its target, else 0.
    pub const LATE: u16 = 7;
    /// First of the work cells.
    pub const WORK: u16 = 8;
}

/// The verdicts in the order of their columns, with the name that asks for them.
const VERDICTS: [(u16, &str); 3] =
    [(columns::TODO, "chk_todo"), (columns::LOOK, "chk_look"), (columns::LATE, "chk_late")];

/// Words that are answers in place of a choice.
const NO_CHOICE: [&str; 14] = [
    "未定",
    "検討中",
    "調整中",
    "協議中",
    "確認中",
    "該当なし",
    "対象外",
    "不要",
    "なし",
    "無し",
    "同上",
    "－",
    "-",
    "ー",
];

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

    /// Watches a cell.
    pub(super) fn add(&mut self, mut cell: Watched<'a>) {
        cell.sheet = self.pages.last().map_or(0, |p| p.index);
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
        self.sheet(workbook, &verdicts)?;
        let of = |n: usize| self.cells.iter().zip(&verdicts).filter(move |(c, _)| c.sheet == n);
        for (column, name) in VERDICTS {
            let whole = format!("='{CHECKS}'!{}:{}", at(column, 0), at(column, self.cells.len() - 1));
            workbook.define_name(name, &whole)?;
        }
        for page in &self.pages {
            let own: Vec<usize> = (0..self.cells.len()).filter(|i| self.cells[*i].sheet == page.index).collect();
            let (Some(first), Some(last)) = (own.first(), own.last()) else { continue };
            for (column, name) in VERDICTS {
                let range = format!("='{CHECKS}'!{}:{}", at(column, *first), at(column, *last));
                workbook.define_name(format!("{name}_{}", page.index + 1), &range)?;
            }
            let sheet = workbook.worksheet_from_index(page.index)?;
            tints(sheet, page.index, of(page.index).map(|(c, _)| c).filter(|c| !c.locked))?;
            signs(sheet, page.index, of(page.index))?;
            let count = |n: usize, all: bool| {
                let counted = self.cells.iter().zip(&verdicts).filter(|(c, _)| all || c.sheet == page.index);
                counted.filter(|(_, v)| v[n]).count()
            };
            let counter = |name: &str, all: bool| {
                let words = format!(
                    "{}&COUNTIF({}{name},\">0\")&{}&COUNTIF({}{name},\">0\")&{}",
                    quoted(sign::COUNT_TODO),
                    VERDICTS[0].1,
                    quoted(sign::COUNT_LOOK),
                    VERDICTS[1].1,
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
        [!filled && any(0), filled && (any(1) || self.judged(0, cell).1), filled && any(2)]
    }

    fn sheet(&self, workbook: &mut Workbook, verdicts: &[[bool; 3]]) -> Result<(), XlsxError> {
        let sheet = workbook.add_worksheet();
        sheet.set_name(CHECKS)?.set_very_hidden(true);
        // An empty text is written as one; the library would write 0.
        sheet.set_formula_result_default("");
        for (column, head) in (0u16..).zip(["id", "text", "from", "to", "odd", "todo", "look", "late"]) {
            sheet.write_string_with_format(0, column, head, &look::small())?;
        }
        let plain = look::base();
        for (place, (cell, verdict)) in self.cells.iter().zip(verdicts).enumerate() {
            let row = u32::try_from(place).unwrap_or(u32::MAX - 1) + 1;
            let mut put = |column: u16, formula: &str, result: String| {
                let formula = Formula::new(formula).set_result(result);
                sheet.write_formula_with_format(row, column, formula, &plain).map(|_| ())
            };
            let answer = self.address(cell);
            let id = id(cell);
            put(columns::ID, &format!("ROW({answer})*1000+COLUMN({answer})"), id.to_string())?;
            let text = format!("IF(ISERROR({answer}),\"#\",TRIM(SUBSTITUTE({answer},\"　\",\" \")))");
            put(columns::TEXT, &text, cell.text.clone())?;
            if cell.locked {
                continue;
            }
            let (work, _) = self.judged(place, cell);
            for (column, formula, result) in work {
                put(column, &formula, result)?;
            }
            let text = at(columns::TEXT, place);
            for (n, (column, _)) in VERDICTS.into_iter().enumerate() {
                let own = (n == 1 && has_odd(cell)).then(|| format!("{}=1", at(columns::ODD, place)));
                let parts: Vec<String> = own.into_iter().chain(cell.verdicts[n].iter().map(Expr::formula)).collect();
                if parts.is_empty() {
                    sheet.write_number(row, column, 0)?;
                    continue;
                }
                let blank = if n == 0 { format!("{text}=\"\"") } else { format!("{text}<>\"\"") };
                let any = if parts.len() == 1 { parts.concat() } else { format!("OR({})", parts.join(",")) };
                let formula = format!("IF(AND({blank},{any}),{},0)", at(columns::ID, place));
                let result = if verdict[n] { id } else { 0 };
                let formula = Formula::new(formula).set_result(result.to_string());
                sheet.write_formula_with_format(row, column, formula, &plain)?;
            }
        }
        Ok(())
    }

    /// The formulas that understand an answer, each with its column and result; and whether it looks unreadable.
    fn judged(&self, place: usize, cell: &Watched<'_>) -> (Vec<(u16, String, String)>, bool) {
        let (answer, text) = (self.address(cell), at(columns::TEXT, place));
        let work = |n: u16| at(columns::WORK + n, place);
        let shown = |n: f64| n.to_string();
        let mut put: Vec<(u16, String, String)> = Vec::new();
        let mut odd = false;
        match cell.field.kind {
            FieldType::Date => {
                let steps = spelled::date(&cell.text, cell.number);
                let [first, last, odd_formula] = spelled::judged(&answer, &text, work);
                let formulas = spelled::work(&answer, &text, work, &steps);
                put.extend((columns::WORK..).zip(formulas).map(|(c, (f, r))| (c, f, r)));
                let (a, b) = cell.span.map_or_else(Default::default, |(a, b)| (shown(a), shown(b)));
                put.push((columns::FIRST, first, a));
                put.push((columns::LAST, last, b));
                odd = steps.odd && !said(cell, &cell.text);
                put.push((columns::ODD, unless_said(cell, &text, &odd_formula), u8::from(odd).to_string()));
            }
            _ if is_number(cell.field) => {
                let unit = cell.field.unit.as_deref().unwrap_or_default();
                let (formula, result) = spelled::plain(&text, &cell.text);
                put.push((columns::WORK, formula, result));
                let number = at(columns::FIRST, place);
                let given = cell.span.map(|s| s.0);
                let result = given.map_or_else(String::new, shown);
                put.push((columns::FIRST, spelled::number_formula(&answer, &work(0), unit), result.clone()));
                put.push((columns::LAST, number.clone(), result));
                let (wordless, is_wordless) = spelled::wordless_formula(&work(0), &cell.text);
                let (beyond, is_beyond) = beyond(cell.field, &number, given);
                odd = !cell.text.is_empty() && !said(cell, &cell.text) && given.map_or(is_wordless, |_| is_beyond);
                let formula = format!("IF({text}=\"\",0,IF(ISNUMBER({number}),IF({beyond},1,0),{wordless}))");
                put.push((columns::ODD, unless_said(cell, &text, &formula), u8::from(odd).to_string()));
            }
            _ => {
                if let Some((range, words)) = cell.list.as_ref().filter(|_| is_choice(cell.field)) {
                    let listed = words.contains(&cell.text) || NO_CHOICE.contains(&cell.text.as_str());
                    odd = !cell.text.is_empty() && !listed && !said(cell, &cell.text);
                    let none: Vec<String> = NO_CHOICE.iter().map(|w| format!("{text}={}", quoted(w))).collect();
                    let formula =
                        format!("IF(OR({text}=\"\",ISNUMBER(MATCH({text},{range},0)),{}),0,1)", none.join(","));
                    put.push((columns::ODD, unless_said(cell, &text, &formula), u8::from(odd).to_string()));
                }
            }
        }
        (put, odd)
    }

    fn address(&self, cell: &Watched<'_>) -> String {
        let name = self.pages.iter().find(|p| p.index == cell.sheet).map_or("", |p| p.name.as_str());
        let column = rust_xlsxwriter::utility::column_number_to_name(cell.first);
        format!("'{}'!${column}${}", name.replace('\'', "''"), cell.row + 1)
    }
}

fn id(cell: &Watched<'_>) -> u64 {
    u64::from(cell.row + 1) * 1000 + u64::from(cell.first) + 1
}

const fn is_number(field: &Field) -> bool {
    matches!(field.kind, FieldType::Integer | FieldType::Number | FieldType::Money | FieldType::Percent)
}

const fn is_choice(field: &Field) -> bool {
    matches!(field.kind, FieldType::Choice | FieldType::Flag)
}

/// Whether unreadable looks are judged at all.
fn has_odd(cell: &Watched<'_>) -> bool {
    cell.field.kind == FieldType::Date || is_number(cell.field) || (is_choice(cell.field) && cell.list.is_some())
}

/// Whether a text is one of the field's own words for "no value".
fn said(cell: &Watched<'_>, text: &str) -> bool {
    cell.field.none.contains_key(text)
}

fn unless_said(cell: &Watched<'_>, text: &str, formula: &str) -> String {
    if cell.field.none.is_empty() {
        return formula.to_string();
    }
    let words: Vec<String> = cell.field.none.keys().map(|w| format!("{text}={}", quoted(w))).collect();
    format!("IF(OR({}),0,{formula})", words.join(","))
}

/// Whether a number lies beyond the field's limits, or is no whole number where one is asked for. Shares may be written
/// as 85 or as 85 %, so that their limits say nothing here.
fn beyond(field: &Field, cell: &str, given: Option<f64>) -> (String, bool) {
    let mut parts = Vec::new();
    let mut is = false;
    let number = given.unwrap_or_default();
    if field.kind != FieldType::Percent {
        if let Some(min) = field.min {
            parts.push(format!("{cell}<{min}"));
            is |= number < min;
        }
        if let Some(max) = field.max {
            parts.push(format!("{cell}>{max}"));
            is |= number > max;
        }
    }
    if field.kind == FieldType::Integer {
        parts.push(format!("{cell}<>INT({cell})"));
        is |= number.fract() != 0.0;
    }
    match parts.len() {
        0 => ("FALSE".into(), false),
        1 => (parts.concat(), is),
        _ => (format!("OR({})", parts.join(",")), is),
    }
}

/// One rule a verdict over all answers of a sheet.
fn tints<'c, 'a: 'c>(
    sheet: &mut rust_xlsxwriter::Worksheet,
    index: usize,
    cells: impl Iterator<Item = &'c Watched<'a>>,
) -> Result<(), XlsxError> {
    let ranges = ranges(cells);
    let Some((row, first, _, _)) = ranges.first().copied() else { return Ok(()) };
    let name = |(r1, c1, r2, c2): &(u32, u16, u32, u16)| rust_xlsxwriter::utility::cell_range(*r1, *c1, *r2, *c2);
    let all = ranges.iter().map(name).collect::<Vec<_>>().join(" ");
    let looks = [(1, look::LOOK_TINT, true), (0, look::TODO_TINT, false), (2, look::LATE_TINT, true)];
    for (verdict, tint, bold) in looks {
        let formula = format!("=ISNUMBER(MATCH(ROW()*1000+COLUMN(),{}_{},0))", VERDICTS[verdict].1, index + 1);
        let format = Format::new().set_background_color(tint);
        let format = if bold { format.set_bold().set_font_color(Color::RGB(0x7A_1F_00)) } else { format };
        let rule = ConditionalFormatFormula::new().set_rule(formula.as_str()).set_format(format).set_multi_range(&all);
        sheet.add_conditional_format(row, first, row, first, &rule)?;
    }
    Ok(())
}

/// The rectangles that the cells fill: runs of rows of the same columns.
fn ranges<'c, 'a: 'c>(cells: impl Iterator<Item = &'c Watched<'a>>) -> Vec<(u32, u16, u32, u16)> {
    let mut columns: BTreeMap<(u16, u16), Vec<(u32, u32)>> = BTreeMap::new();
    for cell in cells {
        let runs = columns.entry((cell.first, cell.last)).or_default();
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == cell.row => *last = cell.row,
            _ => runs.push((cell.row, cell.row)),
        }
    }
    columns.into_iter().flat_map(|((a, b), runs)| runs.into_iter().map(move |(r, s)| (r, a, s, b))).collect()
}

/// The signs in the margin, in every row with an answer.
fn signs<'c, 'a: 'c>(
    sheet: &mut rust_xlsxwriter::Worksheet,
    index: usize,
    cells: impl Iterator<Item = (&'c Watched<'a>, &'c [bool; 3])>,
) -> Result<(), XlsxError> {
    let mut rows: BTreeMap<u32, [bool; 3]> = BTreeMap::new();
    for (cell, verdict) in cells.filter(|(c, _)| !c.locked) {
        let row = rows.entry(cell.row).or_default();
        row.iter_mut().zip(verdict).for_each(|(r, v)| *r |= v);
    }
    let here = |n: usize| format!("SUMPRODUCT(--(INT({}_{}/1000)=ROW()))>0", VERDICTS[n].1, index + 1);
    let order = [(1, sign::LOOK), (0, sign::TODO), (2, sign::LATE)];
    let formula = order
        .iter()
        .rev()
        .fold("\"\"".to_string(), |rest, (n, sign)| format!("IF({},{},{rest})", here(*n), quoted(sign)));
    sheet.set_formula_result_default("");
    for (row, verdict) in rows {
        let result = order.iter().find(|(n, _)| verdict[*n]).map_or("", |(_, sign)| sign);
        let formula = Formula::new(&formula).set_result(result);
        sheet.write_formula_with_format(row, super::sheet::MARGIN, formula, &look::margin_sign())?;
    }
    Ok(())
}
