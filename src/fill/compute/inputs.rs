//! What formulas are computed from: the cells of the workbook, before and after the writing.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use quick_xml::events::Event;

use super::parse::{Names, Node, absolute, parse};
use super::value::{Fault, No, Stop, Value};
use crate::fill::book::Book;
use crate::fill::plan::{Loaded, Plan};
use crate::fill::sheet::{Cell, FormulaKind, words};
use crate::fill::tags::attribute;
use crate::fill::value::{serial, unescape};
use crate::fill::{FillValue, recalc};
use crate::model::place::{Area, CellRef};
use crate::read::xml;

/// What a cell holds.
#[derive(Debug, PartialEq)]
pub(super) enum Held {
    Value(Value),
    Fault(Fault),
    /// A formula, by its number on the sheet.
    Formula(usize),
}

/// Formulas that were read, by sheet and number.
type Nodes = HashMap<(usize, usize), Result<Rc<Node>, No>>;

/// The cells of a workbook, read when they are asked for.
pub(super) struct Inputs<'p> {
    plan: &'p Plan<'p>,
    stale: &'p BTreeMap<usize, BTreeSet<CellRef>>,
    strings: OnceCell<Vec<String>>,
    /// The first formula of each group of shared ones, by sheet.
    masters: BTreeMap<(usize, u32), usize>,
    /// Cells that arrays, data tables and pivot tables fill.
    arrays: Vec<(usize, Area)>,
    nodes: RefCell<Nodes>,
}

impl<'p> Inputs<'p> {
    pub fn new(plan: &'p Plan<'p>, stale: &'p BTreeMap<usize, BTreeSet<CellRef>>) -> Self {
        let (mut masters, mut arrays) = (BTreeMap::new(), Vec::new());
        for (index, loaded) in &plan.sheets {
            for (n, formula) in loaded.sheet.formulas.iter().enumerate() {
                if let (FormulaKind::Shared, Some(group), true) = (formula.kind, formula.group, formula.is_master()) {
                    masters.insert((*index, group), n);
                }
                arrays.extend(formula.fills().map(|area| (*index, area)));
            }
        }
        // Each program draws a pivot table anew in its own way.
        arrays.extend(plan.book.pivots.iter().copied());
        Self { plan, stale, strings: OnceCell::new(), masters, arrays, nodes: RefCell::default() }
    }

    /// Whether a cell depends on what is written.
    pub fn is_stale(&self, sheet: usize, at: CellRef) -> bool {
        self.stale.get(&sheet).is_some_and(|cells| cells.contains(&at))
    }

    fn loaded(&self, sheet: usize) -> Result<&'p Loaded, Stop> {
        let loaded = self.plan.sheets.get(&sheet).or_else(|| self.plan.more.get(&sheet));
        loaded.filter(|l| !l.sheet.unsorted).ok_or(Stop::No(No::Cell))
    }

    /// The cells of an area that are there, in order.
    pub fn cells(&self, sheet: usize, area: Area, before: bool) -> Result<Vec<CellRef>, Stop> {
        let loaded = self.loaded(sheet)?;
        let rows = &loaded.sheet.rows;
        let from = rows.partition_point(|r| r.number < area.first.row);
        let within = rows.iter().skip(from).take_while(|r| r.number <= area.last.row);
        let cells = within.flat_map(|r| loaded.sheet.cells_of(r)).map(|c| c.at).filter(|at| area.contains(*at));
        let given = self.plan.given.get(&sheet).filter(|_| !before);
        let Some(given) = given else { return Ok(cells.collect()) };
        let mut all: BTreeSet<CellRef> = cells.collect();
        all.extend(given.range(area.first..=area.last).map(|(at, _)| *at).filter(|at| area.contains(*at)));
        Ok(all.into_iter().collect())
    }

    /// What a cell holds.
    pub fn held(&self, sheet: usize, at: CellRef, before: bool) -> Result<Held, Stop> {
        let given = self.plan.given.get(&sheet).and_then(|cells| cells.get(&at)).filter(|_| !before);
        if let Some(value) = given {
            return Ok(Held::Value(match value {
                FillValue::Number(n) => Value::Number(*n),
                FillValue::Text(t) if !t.is_empty() => Value::Text(t.clone()),
                FillValue::Date(day) => serial(*day, false).map(Value::Number).ok_or(Stop::No(No::Cell))?,
                FillValue::Text(_) | FillValue::Blank => Value::Blank,
            }));
        }
        let loaded = self.loaded(sheet)?;
        if self.arrays.iter().any(|(s, area)| *s == sheet && area.contains(at)) {
            return Err(Stop::No(No::Kind));
        }
        let mut cells = loaded.sheet.cells_at(at);
        let Some(cell) = cells.next() else { return Ok(Held::Value(Value::Blank)) };
        if cells.next().is_some() {
            return Err(Stop::No(No::Cell));
        }
        if let Some(n) = cell.formula() {
            return Ok(Held::Formula(n));
        }
        match self.stored(loaded, cell) {
            // A text of no characters is a blank to some programs.
            Some(Ok(Value::Text(t))) if t.is_empty() => Err(Stop::No(No::Cell)),
            Some(Ok(value)) => Ok(Held::Value(value)),
            Some(Err(Stop::Fault(fault))) => Ok(Held::Fault(fault)),
            Some(Err(stop)) => Err(stop),
            None => Ok(Held::Value(Value::Blank)),
        }
    }

    /// The result of a formula that the file keeps.
    pub fn kept(&self, sheet: usize, at: CellRef) -> Option<Result<Value, Stop>> {
        let loaded = self.loaded(sheet).ok()?;
        let cell = loaded.sheet.cells_at(at).next()?;
        self.stored(loaded, cell).filter(|kept| !matches!(kept, Err(Stop::No(_))))
    }

    /// What stands in a cell besides its formula; nothing where nothing does.
    fn stored(&self, loaded: &Loaded, cell: &Cell) -> Option<Result<Value, Stop>> {
        const UNREAD: Stop = Stop::No(No::Cell);
        let text = &loaded.text;
        let all = text.get(cell.value()?)?;
        let kind = attribute(text, &cell.tag(), "t").and_then(|at| text.get(at)).map_or("n", str::trim);
        let inner = || {
            let inner = all.get(all.find('>')? + 1..all.rfind("</").unwrap_or(all.len()))?;
            words(inner).ok()
        };
        if kind == "inlineStr" {
            return Some(Ok(Value::Text(unescape(&strings(all).concat()))));
        }
        // Ends of lines are not the same everywhere.
        let Some(inner) = inner().filter(|t| !t.contains('\r')) else { return Some(Err(UNREAD)) };
        Some(match kind {
            "n" if inner.trim().is_empty() => return None,
            "n" => inner.trim().parse().ok().filter(|n: &f64| n.is_finite()).map(Value::Number).ok_or(UNREAD),
            "s" => {
                let place = inner.trim().parse::<usize>().ok();
                let all = self.strings.get_or_init(|| self.plan.strings.as_deref().map(strings).unwrap_or_default());
                place.and_then(|n| all.get(n)).map(|t| Value::Text(unescape(t))).ok_or(UNREAD)
            }
            "str" => Ok(Value::Text(unescape(&inner))),
            "b" => Ok(Value::Bool(xml::truthy(&inner))),
            "e" if inner.trim() == "#N/A" => Err(Stop::Fault(Fault::NotAvailable)),
            "e" => Err(Stop::Fault(Fault::Other)),
            _ => Err(UNREAD),
        })
    }

    /// A formula of a sheet as a tree.
    pub fn node(&self, sheet: usize, n: usize) -> Result<Rc<Node>, No> {
        if let Some(known) = self.nodes.borrow().get(&(sheet, n)) {
            return known.clone();
        }
        let node = self.parsed(sheet, n).map(Rc::new);
        self.nodes.borrow_mut().insert((sheet, n), node.clone());
        node
    }

    fn parsed(&self, sheet: usize, n: usize) -> Result<Node, No> {
        let formulas = &self.plan.sheets.get(&sheet).ok_or(No::Cell)?.sheet.formulas;
        let formula = formulas.get(n).ok_or(No::Cell)?;
        let from = match formula.kind {
            FormulaKind::Array | FormulaKind::DataTable => return Err(No::Kind),
            FormulaKind::Shared if formula.text.is_empty() => {
                let master = formula.group.and_then(|g| self.masters.get(&(sheet, g)));
                master.and_then(|n| formulas.get(*n)).ok_or(No::Kind)?
            }
            _ => formula,
        };
        let shift =
            (i64::from(formula.at.row) - i64::from(from.at.row), i64::from(formula.at.col) - i64::from(from.at.col));
        if from.text.contains('\r') {
            return Err(No::Formula);
        }
        parse(&from.text, sheet, shift, &Known(&self.plan.book))
    }
}

/// The names of a workbook.
struct Known<'b>(&'b Book<'b>);

impl Names for Known<'_> {
    fn sheet(&self, name: &str) -> Option<usize> {
        self.0.sheets.iter().position(|s| s.name.to_lowercase() == name)
    }

    fn cells(&self, name: &str, own: usize) -> Option<(usize, Area)> {
        let called = |sheet: Option<usize>| self.0.names.iter().find(|n| n.called == name && n.sheet == sheet);
        let name = called(Some(own)).or_else(|| called(None))?;
        absolute(&name.text, own, self)
    }
}

/// The texts of string items, furigana left out; of one inline text, that one.
fn strings(text: &str) -> Vec<String> {
    let mut reader = xml::reader(text);
    let (mut out, mut now) = (Vec::new(), String::new());
    let (mut in_text, mut phonetic) = (false, false);
    while let Ok(event) = reader.read_event() {
        match &event {
            Event::Start(e) if e.local_name().as_ref() == "rPh" => phonetic = true,
            Event::End(e) if e.local_name().as_ref() == "rPh" => phonetic = false,
            Event::Start(e) if e.local_name().as_ref() == "t" => in_text = !phonetic,
            Event::End(e) if e.local_name().as_ref() == "t" => in_text = false,
            Event::End(e) if matches!(e.local_name().as_ref(), "si" | "is") => out.push(std::mem::take(&mut now)),
            Event::Eof => break,
            event if in_text => {
                xml::push_text(event, &mut now);
            }
            _ => {}
        }
    }
    out
}

/// Whether the workbook computes by rules of its own: another calendar, precision as shown, iteration, Lotus.
pub(super) fn has_own_rules(plan: &Plan<'_>) -> bool {
    let main = &plan.book.main_text;
    let calc = main.rfind("calcPr").and_then(|at| main.get(at..)).and_then(|t| t.split('>').next()).unwrap_or_default();
    let says = |text: &str, name: &str, values: [&str; 2]| {
        values.iter().any(|v| text.contains(&format!("{name}=\"{v}\"")) || text.contains(&format!("{name}='{v}'")))
    };
    let head = |l: &Loaded| l.text.get(..l.sheet.data.start).unwrap_or_default().to_string();
    plan.book.date1904
        || says(calc, "fullPrecision", ["0", "false"])
        || says(calc, "iterate", ["1", "true"])
        || plan.sheets.values().any(|l| says(&head(l), "transitionEvaluation", ["1", "true"]))
}

/// Sheets that formulas refer to and that were not read, since they have none and nothing is written there.
pub(in crate::fill) fn unread(graph: &recalc::Graph, sheets: &BTreeMap<usize, Loaded>) -> BTreeSet<usize> {
    graph.sheets_needed().into_iter().filter(|i| !sheets.contains_key(i)).collect()
}
