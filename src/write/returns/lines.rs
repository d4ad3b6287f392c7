//! The lines of a return: blanks of one kind that stand below and beside each other are one task, told once with its range.

use std::collections::BTreeMap;

use crate::check::words::BLANK;
use crate::model::finding::{FIELD_NAME, ITEM_NAME};
use crate::model::{Area, CellRef, Finding, Place};
use crate::write::context::Context;

/// Fewer than these are told one by one.
const FEW: usize = 3;

/// So many fields are named in a sentence, and so many items, whose names are long.
const FIELDS: usize = 3;
const ITEMS: usize = 1;

/// Word of a finding that says how a field is answered; of several fields it would say one's.
const HOW: &str = "how";

/// Word of a finding that says when an answer is asked for.
const CONDITION: &str = "condition";

/// One line of a return.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// The finding that speaks for all of the line.
    pub finding: Finding,
    /// How many findings it stands for.
    pub count: usize,
    /// Everywhere that something is to be done.
    pub areas: Vec<Place>,
}

/// Findings of one kind in the same columns, with their rows.
struct Column<'a> {
    all: Vec<&'a Finding>,
}

/// The lines of findings, in the order of the first finding of each.
pub(super) fn lines(ctx: &Context<'_>, findings: &[&Finding]) -> Vec<Line> {
    let mut columns: Vec<Column<'_>> = Vec::new();
    let mut at: BTreeMap<String, usize> = BTreeMap::new();
    for f in findings {
        match kind(f) {
            Some(kind) if at.contains_key(&kind) => columns[at[&kind]].all.push(f),
            kind => {
                at.extend(kind.map(|k| (k, columns.len())));
                columns.push(Column { all: vec![f] });
            }
        }
    }
    let mut blocks: Vec<Vec<Column<'_>>> = Vec::new();
    for column in columns {
        let beside = blocks.iter_mut().find(|b| b.first().is_some_and(|first| go_together(first, &column)));
        match beside {
            Some(block) => block.push(column),
            None => blocks.push(vec![column]),
        }
    }
    blocks.into_iter().flat_map(apart).map(|block| line(ctx, &block)).collect()
}

/// What blanks below each other have in common; `None` of what is no blank.
fn kind(f: &Finding) -> Option<String> {
    let (place, area) = f.place.as_ref().and_then(|p| Some((p, p.area?)))?;
    let blank = f.given.as_deref().is_none_or(|g| g == BLANK);
    // What asks for an answer stands in the same row.
    let beside = |p: &Place| p.sheet == place.sheet && p.area.is_some_and(|a| a.first.row == area.first.row);
    let words: Vec<(&String, &String)> = f.args.iter().filter(|(k, _)| *k != FIELD_NAME && *k != ITEM_NAME).collect();
    let others: Vec<Option<u32>> = f.related.iter().map(|p| p.area.map(|a| a.first.col)).collect();
    let same = (&f.code, &f.form, &place.file, &place.sheet, area.first.col, area.last.col, &f.expected, words, others);
    (blank && f.related.iter().all(beside)).then(|| format!("{same:?}"))
}

/// A few are told cell by cell.
fn apart(block: Vec<Column<'_>>) -> Vec<Vec<Column<'_>>> {
    if block.iter().map(|c| c.all.len()).sum::<usize>() >= FEW {
        return vec![block];
    }
    block.into_iter().flat_map(|c| c.all).map(|f| vec![Column { all: vec![f] }]).collect()
}

/// Whether two columns are blank in the same rows of a sheet for the same reason.
fn go_together(a: &Column<'_>, b: &Column<'_>) -> bool {
    let rows =
        |c: &Column<'_>| c.all.iter().filter_map(|f| Some(f.place.as_ref()?.area?.first.row)).collect::<Vec<_>>();
    let of = |c: &Column<'_>| {
        let first = c.all.first().filter(|f| kind(f).is_some())?;
        let place = first.place.as_ref()?;
        let reason = first.args.get(CONDITION).cloned();
        Some((first.code.clone(), first.form.clone(), place.file.clone(), place.sheet.clone(), reason))
    };
    of(a).is_some() && of(a) == of(b) && rows(a) == rows(b)
}

fn line(ctx: &Context<'_>, block: &[Column<'_>]) -> Line {
    let all: Vec<&Finding> = block.iter().flat_map(|c| c.all.iter().copied()).collect();
    let mut finding = all.first().map(|f| (*f).clone()).unwrap_or_default();
    if let [one] = all.as_slice() {
        let areas = one.place.iter().chain(one.related.iter().filter(|p| is_same_column(one, p))).cloned().collect();
        return Line { finding, count: 1, areas };
    }
    let fields: Vec<String> = block.iter().map(|c| column_name(ctx, c)).collect();
    let items = names(all.iter().map(|f| ctx.names(f).1));
    finding.args.insert(FIELD_NAME.to_string(), some(&fields, FIELDS, "項目"));
    finding.args.insert(ITEM_NAME.to_string(), some(&items, ITEMS, "件"));
    if block.len() > 1 {
        finding.args.remove(HOW);
    }
    finding.related.clear();
    let areas = joined(&all);
    finding.place = areas.first().cloned();
    Line { finding, count: all.len(), areas }
}

/// What the cells of a column are called: by their one name, or by the header above them.
fn column_name(ctx: &Context<'_>, column: &Column<'_>) -> String {
    let own = names(column.all.iter().map(|f| ctx.names(f).0));
    let Some(first) = column.all.first().filter(|_| own.len() > 1) else { return own.concat() };
    let (form, key) = (first.form.as_deref().unwrap_or_default(), first.field.as_deref().unwrap_or_default());
    let header = ctx.slot(form, key).map(|s| s.field.label.clone()).unwrap_or_default();
    format!("{header}（{}か所）", column.all.len())
}

/// Names, each once.
fn names(all: impl Iterator<Item = String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for name in all.filter(|n| !n.is_empty()) {
        if !out.contains(&name) {
            out.push(name);
        }
    }
    out
}

/// The first names, and how many more there are.
fn some(names: &[String], shown: usize, unit: &str) -> String {
    let said = names.iter().take(shown).cloned().collect::<Vec<_>>().join("、");
    match names.len().saturating_sub(shown) {
        0 => said,
        rest => format!("{said}ほか{rest}{unit}"),
    }
}

/// Whether a related place is a further run of the same column, as in findings that speak of a whole column.
fn is_same_column(f: &Finding, other: &Place) -> bool {
    let col = |p: &Place| p.area.map(|a| (a.first.col, a.last.col));
    f.given.is_none() && f.place.as_ref().is_some_and(|p| p.sheet == other.sheet && col(p) == col(other))
}

/// The cells in as few areas as can be: runs of rows first, then neighbouring columns of the same rows.
fn joined(all: &[&Finding]) -> Vec<Place> {
    let mut runs: Vec<Place> = Vec::new();
    for place in all.iter().filter_map(|f| f.place.as_ref()) {
        let Some(area) = place.area else { continue };
        let below =
            |p: &Area| p.last.row + 1 == area.first.row && p.first.col == area.first.col && p.last.col == area.last.col;
        match runs.last_mut().and_then(|p| p.area.as_mut()).filter(|p| below(p)) {
            Some(run) => run.last = area.last,
            None => runs.push(place.clone()),
        }
    }
    let mut out: Vec<Place> = Vec::new();
    for place in runs {
        let Some(area) = place.area else { continue };
        let beside =
            |p: &Area| p.last.col + 1 == area.first.col && p.first.row == area.first.row && p.last.row == area.last.row;
        match out.iter_mut().filter_map(|p| p.area.as_mut()).find(|p| beside(p)) {
            Some(run) => run.last = CellRef::new(area.last.row, area.last.col),
            None => out.push(place),
        }
    }
    out
}
