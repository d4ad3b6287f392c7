//! What is to be written where, checked against the workbook before a byte is changed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use memchr::memmem;

use super::book::Book;
use super::compute::{self, Results};
use super::recalc::{Graph, Scope};
use super::rules::{Source, Validation, Values, validations};
use super::sheet::{Cell, FormulaKind, Sheet, Unfit};
use super::tags::attribute;
use super::value::Rendered;
use super::{CellRefusal, CellWrite, FillNote, FillRefusal, FillValue, Link, WhyNot};
use crate::model::place::CellRef;
use crate::read::guard::Refusal;
use crate::read::styles::CellStyle;

/// Cells with the names of their sheets.
type Named = Vec<(String, CellRef)>;

/// A sheet with its text.
pub(super) struct Loaded {
    pub text: String,
    pub sheet: Sheet,
}

/// A workbook and what is to happen to it.
pub(super) struct Plan<'a> {
    pub book: Book<'a>,
    /// The sheets that are written, and those with formulas, by index.
    pub sheets: BTreeMap<usize, Loaded>,
    /// What is written, by sheet and anchor.
    pub values: BTreeMap<usize, BTreeMap<CellRef, Rendered>>,
    /// The same as they were given.
    pub given: BTreeMap<usize, BTreeMap<CellRef, FillValue>>,
    /// Further sheets that stale formulas refer to.
    pub more: BTreeMap<usize, Loaded>,
    /// The part of the shared strings, where any formula is stale.
    pub strings: Option<String>,
    /// Cells whose formula goes.
    pub replaced: BTreeMap<usize, BTreeSet<CellRef>>,
    pub graph: Graph,
    /// The calculation chain: its part and its text.
    pub chain: Option<(String, String)>,
    pub notes: Vec<FillNote>,
    /// The cell styles, where anything is written.
    styles: Vec<CellStyle>,
    bytes: &'a [u8],
    computed: OnceLock<Results>,
}

impl<'a> Plan<'a> {
    /// Opens a workbook and checks all writes against it.
    pub fn make(bytes: &'a [u8], writes: &[CellWrite]) -> Result<Self, FillRefusal> {
        let mut book = Book::open(bytes)?;
        let mut by_sheet: BTreeMap<usize, Vec<&CellWrite>> = BTreeMap::new();
        let mut known: BTreeMap<&str, usize> = BTreeMap::new();
        for write in writes {
            let index = match known.get(write.sheet.as_str()) {
                Some(index) => *index,
                None => *known.entry(&write.sheet).or_insert(book.sheet(&write.sheet)?),
            };
            by_sheet.entry(index).or_default().push(write);
        }
        let sheets = load(&mut book, &by_sheet)?;
        // Both are needed for some writes only.
        let chain = match book.chain.clone().filter(|_| writes.iter().any(|w| w.replace_formula)) {
            Some(part) => Some((part.clone(), book.text(&part)?)),
            None => None,
        };
        let styles = if writes.is_empty() { Vec::new() } else { book.styles() };
        let mut graph = Graph::default();
        let scope = Scope::new(&book);
        sheets.iter().for_each(|(index, loaded)| graph.add(*index, &loaded.sheet, &scope));
        let mut plan = Self {
            book,
            sheets,
            values: BTreeMap::new(),
            given: BTreeMap::new(),
            more: BTreeMap::new(),
            strings: None,
            replaced: BTreeMap::new(),
            graph,
            chain,
            notes: Vec::new(),
            styles,
            bytes,
            computed: OnceLock::new(),
        };
        let (mut refused, read) = (Vec::new(), Values::new());
        for (index, writes) in by_sheet {
            plan.sheet(index, &writes, &read, &mut refused);
        }
        if !refused.is_empty() {
            return Err(FillRefusal::Cells(refused));
        }
        if !plan.values.is_empty() {
            let on: BTreeSet<usize> = plan.book.pivots.iter().map(|(sheet, _)| *sheet).collect();
            let notes: Vec<FillNote> =
                on.into_iter().map(|i| FillNote::Pivot { sheet: plan.name(i).to_string() }).collect();
            plan.notes.extend(notes);
        }
        if !plan.stale().is_empty() {
            plan.read_more();
        }
        Ok(plan)
    }

    /// Reads what stale formulas are computed from besides the sheets at hand. What cannot be read leaves them uncomputed.
    pub(super) fn read_more(&mut self) {
        self.strings = self.book.strings();
        for index in compute::unread(&self.graph, &self.sheets) {
            let Some(part) = self.book.sheets.get(index).and_then(|s| s.part.clone()) else { continue };
            let Ok(text) = self.book.text(&part) else { continue };
            if let Ok(sheet) = Sheet::scan(&text) {
                self.more.insert(index, Loaded { text, sheet });
            }
        }
    }

    /// The results of stale formulas that can be told.
    pub fn computed(&self) -> &Results {
        self.computed.get_or_init(|| compute::results(self, &self.stale()))
    }

    fn sheet(&mut self, index: usize, writes: &[&CellWrite], read: &Values, refused: &mut Vec<CellRefusal>) {
        let Some(loaded) = self.sheets.get(&index) else { return };
        let source = Source { book: &self.book, bytes: self.bytes, styles: &self.styles, values: read };
        let check = Check::new(&source, index, loaded);
        if loaded.sheet.protected {
            self.notes.push(FillNote::Protected { sheet: check.name.clone() });
        }
        let mut locked: BTreeSet<CellRef> = BTreeSet::new();
        let mut named: BTreeMap<CellRef, CellRef> = BTreeMap::new();
        for write in writes {
            let anchor = loaded.sheet.anchor(write.cell);
            let twice = named.insert(anchor, write.cell).map_or(Ok(()), |other| Err(WhyNot::Twice(other)));
            match twice.and_then(|()| check.write(write, anchor, &mut self.notes)) {
                Ok((rendered, replaces)) => {
                    locked.extend(check.locked(anchor).then_some(anchor));
                    self.values.entry(index).or_default().insert(anchor, rendered);
                    self.given.entry(index).or_default().insert(anchor, write.value.clone());
                    if replaces {
                        self.replaced.entry(index).or_default().insert(anchor);
                    }
                }
                Err(why) => refused.push(CellRefusal { sheet: write.sheet.clone(), cell: write.cell, why }),
            }
        }
        if !locked.is_empty() {
            self.notes.push(FillNote::Locked { sheet: check.name.clone(), cells: locked.into_iter().collect() });
        }
    }

    /// Cells whose stored result no longer holds, by sheet. Written cells are not among them.
    pub fn stale(&self) -> BTreeMap<usize, BTreeSet<CellRef>> {
        let written = self.values.iter().flat_map(|(i, cells)| cells.keys().map(move |c| (*i, *c))).collect();
        let mut out: BTreeMap<usize, BTreeSet<CellRef>> = BTreeMap::new();
        for (index, area) in self.graph.stale(&written) {
            let cells = out.entry(index).or_default();
            if area.first == area.last {
                cells.insert(area.first);
            } else if let Some(loaded) = self.sheets.get(&index) {
                cells.extend(loaded.sheet.cells.iter().map(|c| c.at).filter(|at| area.contains(*at)));
            }
        }
        out
    }

    /// Stale formulas by name, those with a result and those without.
    pub fn told_apart(&self, stale: &BTreeMap<usize, BTreeSet<CellRef>>) -> (Named, Named) {
        let all = stale.iter().flat_map(|(i, cells)| cells.iter().map(|at| (*i, *at)));
        let known = |(i, at): &(usize, CellRef)| self.computed().get(i).is_some_and(|cells| cells.contains_key(at));
        let (computed, left): (Vec<_>, Vec<_>) = all.partition(known);
        let named = |cells: Vec<(usize, CellRef)>| cells.into_iter().map(|(i, at)| (self.name(i).to_string(), at));
        (named(computed).collect(), named(left).collect())
    }

    /// Whether programs have to compute the workbook when they open it: it has formulas that stay, and something is
    /// written.
    pub fn needs_calculation(&self) -> bool {
        !self.values.is_empty() && self.graph.any_but(&self.replaced)
    }

    /// The entries of the calculation chain whose formula goes.
    pub fn links_gone(&self) -> BTreeSet<Link> {
        let link = |index: usize, at: &CellRef| {
            let sheet = self.book.sheets.get(index).map(|s| s.id.clone()).unwrap_or_default();
            Link { sheet, cell: at.to_string() }
        };
        self.replaced.iter().flat_map(|(i, cells)| cells.iter().map(move |c| link(*i, c))).collect()
    }

    /// The new content of a part, by its place in the zip.
    pub fn changed(&self, part: &str, text: &str) -> Option<(usize, Vec<u8>)> {
        Some((self.book.container.find(part)?, self.book.bytes(part, text)))
    }

    /// The name of a sheet.
    pub fn name(&self, index: usize) -> &str {
        self.book.sheets.get(index).map(|s| s.name.as_str()).unwrap_or_default()
    }
}

/// Loads the sheets to be written and all that have formulas.
fn load(
    book: &mut Book<'_>,
    wanted: &BTreeMap<usize, Vec<&CellWrite>>,
) -> Result<BTreeMap<usize, Loaded>, FillRefusal> {
    let mut out = BTreeMap::new();
    let pivots = book.has_pivots();
    for (index, entry) in book.sheets.clone().into_iter().enumerate() {
        let Some(part) = entry.part else { continue };
        let text = book.text(&part)?;
        // A sheet names its tables; of a pivot table nothing stands in it.
        if pivots || text.contains("tablePart") {
            book.read_tables(index);
        }
        if !wanted.contains_key(&index) && !has_formula(&text) {
            continue;
        }
        let sheet = Sheet::scan(&text).map_err(|unfit| match unfit {
            Unfit::Alternatives => FillRefusal::Alternatives { sheet: entry.name.clone() },
            Unfit::Damaged(detail) => damaged(&part, &detail),
        })?;
        out.insert(index, Loaded { text, sheet });
    }
    Ok(out)
}

/// Whether there may be an `<f>`, with a prefix or without. Rules of validation and conditional formats have longer names.
fn has_formula(text: &str) -> bool {
    let ends = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_alphanumeric());
    ["<f", ":f"]
        .iter()
        .any(|begin| memmem::find_iter(text.as_bytes(), begin).any(|at| text.get(at + 2..).is_some_and(ends)))
}

/// What a single write is checked against.
struct Check<'p> {
    source: &'p Source<'p>,
    book: &'p Book<'p>,
    validations: Vec<Validation>,
    name: String,
    index: usize,
    loaded: &'p Loaded,
}

impl<'p> Check<'p> {
    fn new(source: &'p Source<'_>, index: usize, loaded: &'p Loaded) -> Self {
        let book = source.book;
        let name = book.sheets.get(index).map(|s| s.name.clone()).unwrap_or_default();
        Self { source, book, validations: validations(loaded), name, index, loaded }
    }

    /// Whether nobody could type into a cell.
    fn locked(&self, at: CellRef) -> bool {
        self.loaded.sheet.protected && self.source.rules(self.index, self.loaded, &[], at).locked
    }

    /// What the cell itself says of the value.
    fn remarks(&self, value: &FillValue, at: CellRef, notes: &mut Vec<FillNote>) {
        let rules = self.source.rules(self.index, self.loaded, &self.validations, at);
        let (sheet, cell) = (self.name.clone(), at);
        if let FillValue::Date(day) = value
            && !rules.shows().is_date()
        {
            notes.push(FillNote::DateAsNumber { sheet: sheet.clone(), cell, day: *day });
        }
        if let Some(how) = rules.shown(value) {
            notes.push(FillNote::Shown { sheet: sheet.clone(), cell, how });
        }
        if let Some(rule) = rules.broken(value) {
            notes.push(FillNote::NotAllowed { sheet, cell, written: value.to_string(), rule });
        } else if let Some(rule) = rules.unknown(value) {
            notes.push(FillNote::NotChecked { sheet, cell, rule });
        }
    }

    /// The value as XML, and whether a formula goes.
    fn write(&self, write: &CellWrite, anchor: CellRef, notes: &mut Vec<FillNote>) -> Result<(Rendered, bool), WhyNot> {
        if write.cell.row >= 1_048_576 || write.cell.col >= 16_384 {
            return Err(WhyNot::OutsideGrid);
        }
        let tables = self.book.tables.iter().filter(|t| t.sheet == self.index && t.header && t.area.contains(anchor));
        if tables.into_iter().any(|t| t.area.first.row == anchor.row) {
            return Err(WhyNot::TableHeader);
        }
        if self.book.pivots.iter().any(|(sheet, area)| *sheet == self.index && area.contains(anchor)) {
            return Err(WhyNot::PivotTable);
        }
        let mut cells = self.loaded.sheet.cells_at(anchor);
        let cell = cells.next();
        if cells.next().is_some() {
            return Err(WhyNot::Doubled);
        }
        let replaces = self.formula(cell, anchor, write.replace_formula)?;
        // The prefix is that of the sheet, whatever the cell itself has.
        let value = write.value.render(&self.loaded.sheet.prefix, self.book.date1904).map_err(WhyNot::Value)?;
        let (sheet, cell) = (self.name.clone(), anchor);
        self.remarks(&write.value, anchor, notes);
        if anchor != write.cell {
            notes.push(FillNote::Anchored { sheet: sheet.clone(), cell: write.cell, anchor });
        }
        if replaces {
            notes.push(FillNote::FormulaReplaced { sheet, cell });
        }
        Ok((value, replaces))
    }

    /// Whether a formula stands there and may be replaced.
    fn formula(&self, cell: Option<&Cell>, at: CellRef, replace: bool) -> Result<bool, WhyNot> {
        let filled = self.loaded.sheet.formulas.iter().find(|f| f.fills().is_some_and(|a| a.contains(at)));
        let own = cell.and_then(Cell::formula).and_then(|i| self.loaded.sheet.formulas.get(i));
        match filled.or(own).map(|f| (f.kind, f.is_master())) {
            None => Ok(false),
            Some((FormulaKind::Array, _)) => Err(WhyNot::ArrayFormula),
            Some((FormulaKind::DataTable, _)) => Err(WhyNot::DataTable),
            Some((FormulaKind::Shared, true)) => Err(WhyNot::SharedFormula),
            Some(_) if replace => Ok(true),
            Some(_) => Err(WhyNot::Formula),
        }
    }
}

/// The style that a cell has, or will have when it is inserted.
pub(super) fn style_at(loaded: &Loaded, at: CellRef) -> Option<String> {
    let (text, sheet) = (&loaded.text, &loaded.sheet);
    if let Some(cell) = sheet.cells_at(at).next() {
        return attribute(text, &cell.tag(), "s").and_then(|r| text.get(r)).map(|s| s.trim().to_string());
    }
    super::splice::style_to_be(text, sheet, at)
}

pub(super) fn damaged(part: &str, detail: &str) -> FillRefusal {
    FillRefusal::Read(Refusal::Damaged { detail: format!("{part}: {detail}") })
}
