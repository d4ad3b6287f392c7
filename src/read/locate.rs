//! Finds the blocks of a form on a sheet, by label and never by address.
//!
//! Takes an indexed sheet and a sheet definition; gives, for each table, its header row and the column of each field,
//! and for each card, the cells of each answer. Rows and columns may have been inserted, moved, re-ordered or merged.

use std::collections::{BTreeMap, BTreeSet};

use super::labels::{Sheet, field_keys, label_key};
use crate::model::form::{Block, Field, FieldType, Layout, SheetDef};
use crate::model::{Area, CellRef};
use crate::normalise::text::other_year;

/// Where a field of a table stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColumnAt {
    /// First column.
    pub first: u32,
    /// Last column (the header may be merged over several).
    pub last: u32,
}

/// A table that was found.
#[derive(Clone, Debug, Default)]
pub struct TableAt {
    /// First row of the header.
    pub top: u32,
    /// First row below the header.
    pub body: u32,
    /// First row that no longer belongs to it.
    pub end: u32,
    /// Column of each field, by the field's id.
    pub columns: BTreeMap<String, ColumnAt>,
    /// Fields whose header stands more than once, with the number of times and the second place.
    pub doubled: Vec<(String, usize, CellRef)>,
    /// Groups of headers that name another year than the form's, with a field under each.
    pub other_years: Vec<(String, CellRef)>,
    /// Of headers that were not found, where they would stand between their neighbours, by the field's id.
    pub missing: BTreeMap<String, CellRef>,
}

/// An answer on a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerAt {
    /// The label.
    pub label: CellRef,
    /// The cells of the answer: one, or the boxes of a split date. A blank answer has the cell where it belongs.
    pub cells: Vec<CellRef>,
    /// How often the label stands on the sheet within reach.
    pub times: usize,
}

/// What was found of a sheet definition.
#[derive(Clone, Debug, Default)]
pub struct Located {
    /// Tables by block id.
    pub tables: BTreeMap<String, TableAt>,
    /// Card answers by block id and field id.
    pub cards: BTreeMap<(String, String), AnswerAt>,
    /// Of labels of cards that were not found, where they would stand among the others.
    pub missing: BTreeMap<(String, String), CellRef>,
    /// Labels of cards whose neighbour is another label, so that they have no cell for an answer.
    pub closed: BTreeMap<(String, String), CellRef>,
    /// Two labels of a card, by block id, that stand in each other's place while all others are in the order of the form.
    pub swapped: BTreeMap<String, [(String, CellRef); 2]>,
}

/// Finds every block of a sheet definition.
#[must_use]
pub fn locate(sheet: &Sheet<'_>, def: &SheetDef) -> Located {
    locate_with(sheet, def, &|block| block.fields.len().div_ceil(2).max(2).min(block.fields.len()))
}

/// As [`locate`], with how many headers of a table make it the table that is looked for.
#[must_use]
pub fn locate_with(sheet: &Sheet<'_>, def: &SheetDef, enough: &dyn Fn(&Block) -> usize) -> Located {
    let mut located = Located::default();
    let mut headers: BTreeSet<CellRef> = BTreeSet::new();
    for block in def.blocks.iter().filter(|b| b.layout == Layout::Table) {
        if let Some(table) = table(sheet, block, &headers, enough(block)) {
            for row in table.top..table.body {
                headers.extend((0..sheet.width).map(|col| CellRef::new(row, col)));
            }
            located.tables.insert(block.id.clone(), table);
        }
    }
    let starts = block_starts(sheet, def, &located);
    for table in located.tables.values_mut() {
        table.end = starts.iter().copied().find(|s| *s >= table.body).unwrap_or(sheet.height);
    }
    let bodies: Vec<(u32, u32)> = located.tables.values().map(|t| (t.top, t.end)).collect();
    let labels = all_labels(sheet, def, &bodies);
    cards(sheet, def, &labels, &bodies, &mut located);
    located
}

/// How many of the fields' labels stand on the sheet, and of how many.
#[must_use]
pub fn score(sheet: &Sheet<'_>, def: &SheetDef) -> (usize, usize) {
    let fields = def.blocks.iter().flat_map(|b| &b.fields);
    fields.fold((0, 0), |(found, all), f| (found + usize::from(sheet.has(field_keys(f))), all + 1))
}

/// The header of a table: the row where most of its fields' labels stand together.
fn table(sheet: &Sheet<'_>, block: &Block, taken: &BTreeSet<CellRef>, enough: usize) -> Option<TableAt> {
    let mut rows: BTreeSet<u32> = BTreeSet::new();
    for field in &block.fields {
        rows.extend(
            sheet.find(field_keys(field)).into_iter().filter(|c| !taken.contains(c)).map(|c| sheet.area(c).last.row),
        );
    }
    let two_rows = block.fields.iter().any(|f| f.group.is_some());
    let mut best: Option<TableAt> = None;
    for row in rows {
        let at = header(sheet, block, row, two_rows);
        if best.as_ref().is_none_or(|b| at.columns.len() > b.columns.len()) {
            best = Some(at);
        }
    }
    best.filter(|b| b.columns.len() >= enough)
}

/// Reads one row as the lowest header row of a table.
fn header(sheet: &Sheet<'_>, block: &Block, row: u32, two_rows: bool) -> TableAt {
    let mut at = TableAt { top: row, body: row + 1, end: sheet.height, ..TableAt::default() };
    let mut seen: BTreeMap<&str, Vec<Area>> = BTreeMap::new();
    let mut col = 0;
    let mut group = String::new();
    while col < sheet.width {
        let here = CellRef::new(row, col);
        let mut area = sheet.area(here);
        let mut key = sheet.shown_key(here);
        let above = row.checked_sub(1).map(|r| CellRef::new(r, col));
        if two_rows && let Some(above) = above {
            let upper = sheet.area(above);
            if upper != area {
                let upper_key = sheet.shown_key(above);
                // A header with something under it is a group's, even where a field has the same name.
                let last = upper.last.col.min(sheet.width);
                let is_group = (upper.first.col..=last).any(|c| !sheet.shown_key(CellRef::new(row, c)).is_empty());
                if key.is_empty() && !is_group && is_label(block, &upper_key, "") {
                    // A label of the upper row whose merge was undone: the lower cell is empty.
                    (key, area) = (upper_key, upper);
                } else if !upper_key.is_empty() {
                    group = upper_key;
                } else if upper.first == upper.last && key.is_empty() {
                    group.clear();
                }
            } else if area.first.row < row {
                group.clear();
            }
        }
        if let Some(field) = field_of(block, &key, &group) {
            at.top =
                at.top.min(area.first.row).min(if two_rows && !group.is_empty() { row.saturating_sub(1) } else { row });
            seen.entry(&field.id).or_default().push(area);
            let own = field.group.as_ref().filter(|own| other_year(own, &group));
            if let (Some(_), Some(above)) = (own, above) {
                let anchor = sheet.area(above).first;
                if at.other_years.iter().all(|(_, known)| *known != anchor) {
                    at.other_years.push((field.id.clone(), anchor));
                }
            }
        }
        col = area.last.col.max(col) + 1;
    }
    for (id, areas) in seen {
        let first = areas[0];
        at.columns.insert(id.to_string(), ColumnAt { first: first.first.col, last: first.last.col });
        if areas.len() > 1 {
            at.doubled.push((id.to_string(), areas.len(), areas[1].first));
        }
    }
    at.missing = missing_headers(sheet, block, row, &at.columns);
    at
}

/// Where the headers that were not found would stand: between two that were found in the order of the form, if as many
/// columns are there as headers are missing.
fn missing_headers(
    sheet: &Sheet<'_>,
    block: &Block,
    row: u32,
    columns: &BTreeMap<String, ColumnAt>,
) -> BTreeMap<String, CellRef> {
    let mut missing = BTreeMap::new();
    let mut gap: Vec<&Field> = Vec::new();
    let mut from = columns.values().map(|c| c.first).min().unwrap_or(0);
    let found = block.fields.iter().map(|f| (f, columns.get(&f.id)));
    let end = std::iter::once((None, sheet.width));
    for (field, last) in found.map(|(f, at)| (Some((f, at)), 0)).chain(end) {
        let next = match field {
            Some((field, None)) => {
                gap.push(field);
                continue;
            }
            Some((_, Some(at))) => at.first,
            None => last,
        };
        let mut cells = Vec::new();
        while from < next {
            let area = sheet.area(CellRef::new(row, from));
            cells.push(area.first);
            from = area.last.col.max(from) + 1;
        }
        if cells.len() == gap.len() {
            missing.extend(gap.iter().zip(cells).map(|(f, at)| (f.id.clone(), at)));
        }
        gap.clear();
        if let Some((_, Some(at))) = field {
            from = at.last + 1;
        }
    }
    missing
}

fn is_label(block: &Block, key: &str, group: &str) -> bool {
    field_of(block, key, group).is_some()
}

/// The field that a header means: by group and label, or by a label that only one field has.
fn field_of<'a>(block: &'a Block, key: &str, group: &str) -> Option<&'a Field> {
    if key.is_empty() {
        return None;
    }
    let named: Vec<&Field> = block.fields.iter().filter(|f| field_keys(f).iter().any(|k| k == key)).collect();
    let in_group = |f: &&&Field| f.group.as_ref().is_some_and(|g| label_key(g) == group);
    match named.as_slice() {
        [] => None,
        [one] => Some(one),
        several => several
            .iter()
            .find(in_group)
            .or_else(|| several.iter().find(|f| f.group.is_none() && group.is_empty()))
            .copied(),
    }
}

/// Rows where something other than a table's body begins: headers of tables, headings of blocks, labels of cards.
fn block_starts(sheet: &Sheet<'_>, def: &SheetDef, located: &Located) -> BTreeSet<u32> {
    let mut starts: BTreeSet<u32> = located.tables.values().map(|t| t.top).collect();
    let bodies: Vec<u32> = located.tables.values().map(|t| t.body).collect();
    for block in &def.blocks {
        if let Some(title) = &block.title {
            starts.extend(sheet.find(&[label_key(title)]).into_iter().map(|c| c.row));
        }
        if block.layout == Layout::Card {
            // One label alone may be an answer's text; a row with two, or a label whose neighbours are labels too, is a card.
            let rows = block.fields.iter().flat_map(|f| sheet.find(field_keys(f))).map(|c| c.row);
            let mut count: BTreeMap<u32, usize> = BTreeMap::new();
            rows.for_each(|r| *count.entry(r).or_default() += 1);
            let headed = block.title.as_ref().is_some_and(|t| sheet.has(&[label_key(t)]));
            if !headed && let Some(first) = count.keys().next() {
                let above_tables = bodies.iter().all(|b| first < b);
                if !above_tables && count.len() >= block.fields.len().div_ceil(2) {
                    starts.insert(*first);
                }
            }
        }
    }
    starts
}

/// Every cell that is some card's label, outside the tables.
fn all_labels(sheet: &Sheet<'_>, def: &SheetDef, bodies: &[(u32, u32)]) -> BTreeSet<CellRef> {
    let cards = def.blocks.iter().filter(|b| b.layout == Layout::Card);
    let cells = cards.flat_map(|b| &b.fields).flat_map(|f| sheet.find(field_keys(f)));
    cells.filter(|c| outside(*c, bodies)).collect()
}

fn outside(at: CellRef, bodies: &[(u32, u32)]) -> bool {
    bodies.iter().all(|(top, end)| at.row < *top || at.row >= *end)
}

/// A label of a card that was found: its place in the form (line and pair), its cell, how often it stands there.
struct LabelAt<'a> {
    field: &'a Field,
    line: usize,
    pair: usize,
    at: CellRef,
    times: usize,
}

/// Finds the answers of every card: to the right of each label, or below when labels stand side by side.
fn cards(sheet: &Sheet<'_>, def: &SheetDef, labels: &BTreeSet<CellRef>, bodies: &[(u32, u32)], located: &mut Located) {
    let cards = def.blocks.iter().filter(|b| b.layout == Layout::Card);
    let found: Vec<(&Block, Vec<LabelAt<'_>>)> =
        cards.map(|b| (b, card_labels(sheet, b, def, labels, bodies))).collect();
    for (block, own) in &found {
        // Cards with as many pairs are drawn in line; the block's own labels come first.
        let alike = found.iter().filter(|(b, _)| b.pairs == block.pairs).flat_map(|(_, l)| l);
        let lines = Lines::new(own, alike);
        card(sheet, block, own, &lines, labels, located);
        located.swapped.extend(swapped(own).map(|pair| (block.id.clone(), pair)));
    }
}

/// The two labels that changed places, if that is all that is out of order.
fn swapped(found: &[LabelAt<'_>]) -> Option<[(String, CellRef); 2]> {
    // They come in the order of the form.
    let mut standing: Vec<&LabelAt<'_>> = found.iter().collect();
    standing.sort_by_key(|l| l.at);
    let mut moved = found.iter().zip(standing).filter(|(wanted, here)| wanted.at != here.at).map(|(wanted, _)| wanted);
    let pair = [moved.next()?, moved.next()?].map(|l| (l.field.id.clone(), l.at));
    moved.next().is_none().then_some(pair)
}

/// The labels of a card.
fn card_labels<'a>(
    sheet: &Sheet<'_>,
    block: &'a Block,
    def: &SheetDef,
    labels: &BTreeSet<CellRef>,
    bodies: &[(u32, u32)],
) -> Vec<LabelAt<'a>> {
    let reach = reach(sheet, block, def);
    let pairs = usize::from(block.pairs.max(1));
    let mut found = Vec::new();
    for (index, field) in block.fields.iter().enumerate() {
        let all: Vec<CellRef> = sheet.find(field_keys(field)).into_iter().filter(|c| outside(*c, bodies)).collect();
        let near: Vec<CellRef> = all.iter().copied().filter(|c| reach.0 <= c.row && c.row < reach.1).collect();
        // A text that equals a label but stands where another label's answer belongs is an answer.
        let cells = if near.is_empty() { all } else { near };
        let proper: Vec<CellRef> = cells.iter().copied().filter(|c| !is_answer_of_another(sheet, *c, labels)).collect();
        let cells = if proper.is_empty() { cells } else { proper };
        // The label as printed comes before an alias that may stand elsewhere for something else.
        let printed = label_key(&field.label);
        let exact: Vec<CellRef> = cells.iter().copied().filter(|c| sheet.shown_key(*c) == printed).collect();
        let cells = if exact.is_empty() { cells } else { exact };
        if let Some(at) = cells.first() {
            found.push(LabelAt { field, line: index / pairs, pair: index % pairs, at: *at, times: cells.len() });
        }
    }
    found
}

/// Where the lines and pairs of a card stand on the sheet, as far as its labels tell.
struct Lines {
    rows: BTreeMap<usize, u32>,
    columns: BTreeMap<usize, u32>,
}

impl Lines {
    fn new<'l>(own: &[LabelAt<'_>], alike: impl Iterator<Item = &'l LabelAt<'l>>) -> Self {
        let most = |counted: BTreeMap<usize, BTreeMap<u32, usize>>| {
            let best = |seen: BTreeMap<u32, usize>| seen.into_iter().max_by_key(|(at, n)| (*n, u32::MAX - at));
            counted.into_iter().filter_map(|(k, seen)| Some((k, best(seen)?.0))).collect::<BTreeMap<usize, u32>>()
        };
        let mut rows: BTreeMap<usize, BTreeMap<u32, usize>> = BTreeMap::new();
        let mut columns: BTreeMap<usize, BTreeMap<u32, usize>> = BTreeMap::new();
        for label in own {
            *rows.entry(label.line).or_default().entry(label.at.row).or_default() += 1;
        }
        for label in alike {
            *columns.entry(label.pair).or_default().entry(label.at.col).or_default() += 1;
        }
        Self { rows: most(rows), columns: most(columns) }
    }

    /// The row of a line: its own, or the one that its neighbours leave.
    fn row(&self, line: usize) -> Option<u32> {
        let lines = |from: usize, to: usize| u32::try_from(to - from).ok();
        let before = self.rows.range(..=line).next_back();
        let after = self.rows.range(line..).next();
        match (before, after) {
            (Some((a, row)), None) => Some(row + lines(*a, line)?),
            (None, Some((b, row))) => row.checked_sub(lines(line, *b)?),
            (Some((a, above)), Some((b, below))) => {
                (below.checked_sub(*above) == lines(*a, *b)).then_some(above + lines(*a, line)?)
            }
            (None, None) => None,
        }
    }
}

/// Finds the answers of a card whose labels were found, and where the others would stand.
fn card(
    sheet: &Sheet<'_>,
    block: &Block,
    found: &[LabelAt<'_>],
    lines: &Lines,
    labels: &BTreeSet<CellRef>,
    located: &mut Located,
) {
    let pairs = usize::from(block.pairs.max(1));
    let key = |field: &Field| (block.id.clone(), field.id.clone());
    let beside = |at: CellRef| CellRef::new(at.row, sheet.area(at).last.col + 1);
    let crowded = found.iter().filter(|l| labels.contains(&beside(l.at))).count();
    let below = !found.is_empty() && crowded * 2 > found.len();
    for label in found {
        let at = label.at;
        let next_field = block.fields.get(label.line * pairs + label.pair + 1).filter(|_| label.pair + 1 < pairs);
        let there = next_field
            .is_some_and(|f| found.iter().any(|l| l.field.id == f.id && l.at.row == at.row && l.at.col > at.col));
        // Where the next label is not there any more, whatever stands in its place is no answer of this one.
        let stop = next_field.filter(|_| !there).and_then(|f| {
            let end = sheet.area(beside(at)).last.col;
            let column = lines.columns.get(&(label.pair + 1)).copied().filter(|c| *c > end);
            column.or_else(|| found.iter().all(|l| l.field.id != f.id).then_some(end + 1))
        });
        let home = if below { under(sheet, at) } else { sheet.area(beside(at)).first };
        if labels.contains(&home) && (below || !is_answer_of_another(sheet, home, labels)) {
            located.closed.insert(key(label.field), at);
            continue;
        }
        let cells = if below { vec![home] } else { answer_right(sheet, at, label.field, labels, stop) };
        located.cards.insert(key(label.field), AnswerAt { label: at, cells, times: label.times });
    }
    for (index, field) in block.fields.iter().enumerate() {
        if found.iter().any(|l| l.field.id == field.id) {
            continue;
        }
        if let (Some(row), Some(col)) = (lines.row(index / pairs), lines.columns.get(&(index % pairs))) {
            located.missing.insert(key(field), sheet.area(CellRef::new(row, *col)).first);
        }
    }
}

/// Whether the cell to the left is a label that would otherwise have no answer.
fn is_answer_of_another(sheet: &Sheet<'_>, at: CellRef, labels: &BTreeSet<CellRef>) -> bool {
    let Some(left) = at.col.checked_sub(1) else { return false };
    let left = sheet.area(CellRef::new(at.row, left)).first;
    let right = CellRef::new(at.row, sheet.area(at).last.col + 1);
    labels.contains(&left) && left.row == at.row && (sheet.blank(right) || labels.contains(&sheet.area(right).first))
}

/// The rows from a block's heading to the next block's.
fn reach(sheet: &Sheet<'_>, block: &Block, def: &SheetDef) -> (u32, u32) {
    let row_of = |b: &Block| b.title.as_ref().and_then(|t| sheet.find(&[label_key(t)]).first().map(|c| c.row));
    let Some(start) = row_of(block) else { return (0, u32::MAX) };
    let next = def.blocks.iter().filter_map(row_of).filter(|r| *r > start).min();
    (start, next.unwrap_or(u32::MAX))
}

fn under(sheet: &Sheet<'_>, label: CellRef) -> CellRef {
    sheet.area(CellRef::new(sheet.area(label).last.row + 1, label.col)).first
}

/// The first filled cell to the right before the next label, or before the column where the next label stood; for a date
/// split over boxes, all of them.
fn answer_right(
    sheet: &Sheet<'_>,
    label: CellRef,
    field: &Field,
    labels: &BTreeSet<CellRef>,
    stop: Option<u32>,
) -> Vec<CellRef> {
    let start = sheet.area(label).last.col + 1;
    let home = sheet.area(CellRef::new(label.row, start)).first;
    let mut filled = Vec::new();
    let mut col = start;
    while col < stop.unwrap_or(sheet.width).min(sheet.width) {
        let here = CellRef::new(label.row, col);
        let area = sheet.area(here);
        if labels.contains(&area.first) && !is_answer_of_another(sheet, area.first, labels) {
            break;
        }
        if !sheet.blank(here) {
            filled.push(area.first);
        }
        col = area.last.col + 1;
    }
    let boxes = filled.iter().filter(|c| matches!(sheet.shown_key(**c).as_str(), "年" | "月" | "日" | "年度")).count();
    if field.kind == FieldType::Date && boxes >= 2 {
        return filled;
    }
    vec![filled.first().copied().unwrap_or(home)]
}
