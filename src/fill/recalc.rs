//! Which formulas no longer hold once cells are written: those that refer to them, directly or through others, on any
//! sheet. Their stored results are dropped, so that every program computes them when the workbook is opened.

use std::collections::{BTreeMap, BTreeSet};

use super::book::{Book, Table};
use super::formula::{On, Reference, references};
use super::sheet::{Formula, FormulaKind, Sheet};
use crate::model::place::{Area, CellRef};

/// A cell of a workbook: the index of its sheet, and where it stands there.
pub(super) type Cell = (usize, CellRef);

/// The formulas of a workbook with what each refers to.
#[derive(Debug, Default)]
pub(super) struct Graph {
    nodes: Vec<Node>,
}

#[derive(Debug)]
struct Node {
    sheet: usize,
    at: CellRef,
    /// The cells it fills: its own, or the range of an array.
    fills: Area,
    needs: Vec<(usize, Area)>,
    everything: bool,
}

/// Everything outside a sheet that references are resolved with.
pub(super) struct Scope<'b> {
    sheets: Vec<String>,
    names: BTreeMap<(Option<usize>, &'b str), &'b str>,
    tables: &'b [Table],
}

impl<'b> Scope<'b> {
    pub fn new(book: &'b Book<'_>) -> Self {
        Self {
            sheets: book.sheets.iter().map(|s| s.name.to_lowercase()).collect(),
            names: book.names.iter().map(|n| ((n.sheet, n.called.as_str()), n.text.as_str())).collect(),
            tables: &book.tables,
        }
    }

    /// The sheets that are meant; `None` when there is none of that name.
    fn on(&self, on: &On, own: usize) -> Option<std::ops::RangeInclusive<usize>> {
        let find = |name: &str| self.sheets.iter().position(|s| s == name);
        match on {
            On::Own => Some(own..=own),
            On::Named(name) => find(name).map(|i| i..=i),
            On::Between(a, b) => {
                let (a, b) = (find(a)?, find(b)?);
                Some(a.min(b)..=a.max(b))
            }
        }
    }

    /// What a text refers to from a sheet. `None` when it may be anything.
    fn resolve(&self, text: &str, own: usize, shift: (i64, i64), depth: u32) -> Option<Vec<(usize, Area)>> {
        let mut out = Vec::new();
        for reference in references(text) {
            match reference {
                Reference::Everything => return None,
                Reference::OwnSheet => out.push((own, WHOLE)),
                Reference::Cells(on, range) => {
                    // A name with a moving reference means other cells in each formula that uses it.
                    let area = if depth > 0 && range.moves() { WHOLE } else { range.shifted(shift.0, shift.1) };
                    out.extend(self.on(&on, own)?.map(|sheet| (sheet, area)));
                }
                Reference::Name(on, name) => out.extend(self.name(&on, &name, own, depth)?),
            }
        }
        Some(out)
    }

    fn name(&self, on: &On, name: &str, own: usize, depth: u32) -> Option<Vec<(usize, Area)>> {
        // Names that refer to each other in a circle, or nearly.
        if depth > 16 {
            return None;
        }
        let scope = self.on(on, own).map_or(own, |r| *r.start());
        let text = self.names.get(&(Some(scope), name)).or_else(|| self.names.get(&(None, name)));
        if let Some(text) = text {
            return self.resolve(text, scope, (0, 0), depth + 1);
        }
        let table = self.tables.iter().find(|t| t.name == name)?;
        Some(vec![(table.sheet, table.area)])
    }
}

const WHOLE: Area = Area { first: CellRef::new(0, 0), last: CellRef::new(1_048_575, 16_383) };

impl Graph {
    /// Adds the formulas of a sheet.
    pub fn add(&mut self, index: usize, sheet: &Sheet, scope: &Scope<'_>) {
        let mut masters: BTreeMap<u32, &Formula> = BTreeMap::new();
        for formula in &sheet.formulas {
            if let (FormulaKind::Shared, Some(group), true) = (formula.kind, formula.group, formula.is_master()) {
                masters.insert(group, formula);
            }
        }
        for formula in &sheet.formulas {
            let follows = formula.kind == FormulaKind::Shared && formula.text.is_empty();
            let master = formula.group.filter(|_| follows).and_then(|g| masters.get(&g)).copied();
            let from = master.unwrap_or(formula);
            let shift = (
                i64::from(formula.at.row) - i64::from(from.at.row),
                i64::from(formula.at.col) - i64::from(from.at.col),
            );
            let known = from.kind != FormulaKind::DataTable && !(follows && master.is_none());
            let needs = known.then(|| scope.resolve(&from.text, index, shift, 0)).flatten();
            self.nodes.push(Node {
                sheet: index,
                at: formula.at,
                fills: formula.fills().unwrap_or(Area::cell(formula.at)),
                everything: needs.is_none(),
                needs: needs.unwrap_or_default(),
            });
        }
    }

    /// The formulas that no longer hold after `written`, each with the cells it fills.
    pub fn stale(&self, written: &BTreeSet<Cell>) -> Vec<(usize, Area)> {
        let mut touched = Touched::default();
        written.iter().for_each(|(sheet, at)| touched.cell(*sheet, *at));
        // A formula that was replaced computes nothing any more.
        let mut open: Vec<&Node> = self.nodes.iter().filter(|n| !written.contains(&(n.sheet, n.at))).collect();
        let mut out = Vec::new();
        // Formulas are met from top to bottom and then from bottom to top, which follows most chains in two passes.
        loop {
            let before = open.len();
            open.retain(|node| {
                let stale = !written.is_empty() && (node.everything || node.needs.iter().any(|n| touched.meets(*n)));
                if stale {
                    touched.area(node.sheet, node.fills);
                    out.push((node.sheet, node.fills));
                }
                !stale
            });
            if open.len() == before {
                out.sort_unstable();
                return out;
            }
            open.reverse();
        }
    }

    /// The sheets that formulas refer to.
    pub fn sheets_needed(&self) -> BTreeSet<usize> {
        self.nodes.iter().flat_map(|n| n.needs.iter().map(|(sheet, _)| *sheet)).collect()
    }

    /// Whether there is any formula besides those that go.
    pub fn any_but(&self, gone: &BTreeMap<usize, BTreeSet<CellRef>>) -> bool {
        self.nodes.iter().any(|n| !gone.get(&n.sheet).is_some_and(|cells| cells.contains(&n.at)))
    }
}

/// Cells that are no longer what they were.
#[derive(Default)]
struct Touched {
    /// Rows by sheet and column.
    cells: BTreeMap<(usize, u32), BTreeSet<u32>>,
    areas: Vec<(usize, Area)>,
}

impl Touched {
    fn cell(&mut self, sheet: usize, at: CellRef) {
        self.cells.entry((sheet, at.col)).or_default().insert(at.row);
    }

    fn area(&mut self, sheet: usize, area: Area) {
        if area.first == area.last { self.cell(sheet, area.first) } else { self.areas.push((sheet, area)) }
    }

    fn meets(&self, (sheet, area): (usize, Area)) -> bool {
        let columns = self.cells.range((sheet, area.first.col)..=(sheet, area.last.col));
        columns.into_iter().any(|(_, rows)| rows.range(area.first.row..=area.last.row).next().is_some())
            || self.areas.iter().any(|(s, a)| *s == sheet && overlap(*a, area))
    }
}

/// Whether two areas share a cell.
pub(super) fn overlap(a: Area, b: Area) -> bool {
    a.first.row <= b.last.row && b.first.row <= a.last.row && a.first.col <= b.last.col && b.first.col <= a.last.col
}
