//! Answers are found by label, not by address: rows and columns come and go, tables are re-ordered, labels are typed anew,
//! sheets are renamed and moved, and the same values are read.

use std::collections::{BTreeMap, BTreeSet};

use torimatome::model::{Area, Block, Cell, CellRef, Content, Grid, Layout, State, Value};

use crate::fill::{fill, wide};
use crate::kit::{Asked, Dice, Drawn, PLANS, PROCEDURES, area, drawn_of, rows, take_in, text, the_cell};
use crate::round_trip::values;

/// Moves everything from a row (or column) on by one, as a spreadsheet does: merges that span it grow.
fn insert(grid: &mut Grid, at: u32, is_row: bool) {
    let moved = |c: CellRef| match (is_row, c) {
        (true, c) if c.row >= at => CellRef::new(c.row + 1, c.col),
        (false, c) if c.col >= at => CellRef::new(c.row, c.col + 1),
        (_, c) => c,
    };
    grid.cells = std::mem::take(&mut grid.cells).into_iter().map(|(c, cell)| (moved(c), cell)).collect();
    for merge in &mut grid.merges {
        *merge = Area { first: moved(merge.first), last: moved(merge.last) };
    }
}

/// Whether a row (or column) holds nothing and no merge begins, ends or lies in it.
fn is_bare(grid: &Grid, at: u32, is_row: bool) -> bool {
    let of = |c: CellRef| if is_row { c.row } else { c.col };
    grid.cells.iter().all(|(c, cell)| of(*c) != at || cell.is_blank())
        && grid.merges.iter().all(|m| of(m.last) < at || of(m.first) > at)
}

fn delete(grid: &mut Grid, at: u32, is_row: bool) {
    let of = |c: CellRef| if is_row { c.row } else { c.col };
    let moved = |c: CellRef| match (is_row, c) {
        (true, c) if c.row > at => CellRef::new(c.row - 1, c.col),
        (false, c) if c.col > at => CellRef::new(c.row, c.col - 1),
        (_, c) => c,
    };
    let cells = std::mem::take(&mut grid.cells).into_iter();
    grid.cells = cells.filter(|(c, _)| of(*c) != at).map(|(c, cell)| (moved(c), cell)).collect();
    for merge in &mut grid.merges {
        *merge = Area { first: moved(merge.first), last: moved(merge.last) };
    }
}

fn extent(grid: &Grid) -> CellRef {
    let last = |of: fn(&CellRef) -> u32| grid.cells.keys().map(of).max().unwrap_or(0);
    CellRef::new(last(|c| c.row), last(|c| c.col))
}

/// The header cells of a table, each with its field's answer cells below.
struct Columns {
    header: BTreeMap<String, CellRef>,
    body: Vec<u32>,
}

fn columns(grid: &Grid, block: &Block, drawn: &Drawn) -> Columns {
    let header: BTreeMap<String, CellRef> =
        block.fields.iter().map(|f| (f.id.clone(), area(grid, the_cell(grid, &f.label, 0)).first)).collect();
    let lowest = header.values().map(|c| c.row).max().unwrap_or(0);
    Columns { header, body: rows(grid, block, lowest, &drawn.items).into_iter().map(|(_, row)| row).collect() }
}

fn swap(grid: &mut Grid, a: CellRef, b: CellRef) {
    let (x, y) = (grid.cells.remove(&a), grid.cells.remove(&b));
    grid.cells.extend(x.map(|c| (b, c)));
    grid.cells.extend(y.map(|c| (a, c)));
}

/// Two rows of a table change places.
fn swap_rows(grid: &mut Grid, block: &Block, drawn: &Drawn, dice: &mut Dice) {
    let body = columns(grid, block, drawn).body;
    let (a, b) = (dice.pick(&body), dice.pick(&body));
    for col in 0..=extent(grid).col {
        swap(grid, CellRef::new(a, col), CellRef::new(b, col));
    }
}

/// Two columns of a table that stand in no group change places, headers and all.
fn swap_columns(grid: &mut Grid, block: &Block, drawn: &Drawn, dice: &mut Dice) {
    let at = columns(grid, block, drawn);
    let free: Vec<&str> = block.fields.iter().filter(|f| f.group.is_none()).map(|f| f.id.as_str()).collect();
    let (a, b) = (at.header[dice.pick(&free)], at.header[dice.pick(&free)]);
    if area(grid, a).last.row != area(grid, b).last.row || a.row != b.row {
        return;
    }
    swap(grid, a, b);
    for row in at.body {
        swap(grid, area(grid, CellRef::new(row, a.col)).first, area(grid, CellRef::new(row, b.col)).first);
    }
}

/// A label as somebody else would type it.
fn retyped(label: &str, dice: &mut Dice) -> String {
    let chars: Vec<char> = label.chars().collect();
    let at = dice.below(chars.len()).max(1).min(chars.len());
    let (head, tail): (String, String) = (chars[..at].iter().collect(), chars[at..].iter().collect());
    match dice.below(8) {
        0 => format!("{head}\n{tail}"),
        1 => format!("{head} {tail}"),
        2 => format!("{head}　{tail}"),
        3 => wide(label),
        4 => format!("※{label}"),
        5 => format!("{label}："),
        6 => format!("【{label}】"),
        _ => format!("　{label}（必須）"),
    }
}

/// What may happen to a sheet on its way through an office.
fn drift(grid: &mut Grid, blocks: &[Block], drawn: &Drawn, dice: &mut Dice) -> Vec<&'static str> {
    let mut done = Vec::new();
    // What needs the printed labels comes first.
    for block in blocks.iter().filter(|b| b.layout == Layout::Table) {
        if dice.chance(40) {
            swap_rows(grid, block, drawn, dice);
            done.push("rows swapped");
        }
        if dice.chance(40) {
            swap_columns(grid, block, drawn, dice);
            done.push("columns swapped");
        }
    }
    if dice.chance(40) {
        for field in blocks.iter().flat_map(|b| &b.fields) {
            if dice.chance(30) {
                let at = the_cell(grid, &field.label, 0);
                grid.cells.insert(at, text(retyped(&field.label, dice)));
            }
        }
        done.push("labels retyped");
    }
    for _ in 0..dice.below(5) {
        let is_row = dice.chance(60);
        let end = extent(grid);
        insert(
            grid,
            u32::try_from(dice.below(end.row as usize + 1)).expect("small").min(if is_row { end.row } else { end.col }),
            is_row,
        );
        done.push(if is_row { "row inserted" } else { "column inserted" });
    }
    if dice.chance(30) {
        for is_row in [true, false] {
            let end = if is_row { extent(grid).row } else { extent(grid).col };
            let bare: Vec<u32> = (0..end).filter(|n| is_bare(grid, *n, is_row)).collect();
            if !bare.is_empty() {
                delete(grid, dice.pick(&bare), is_row);
                done.push("blank one deleted");
            }
        }
    }
    if dice.chance(30) {
        for _ in 0..2 {
            insert(grid, 0, true);
        }
        grid.cells.insert(CellRef::new(0, 0), text("※この様式は担当課で手直ししました。"));
        done.push("note above");
    }
    if dice.chance(30) {
        let below = extent(grid).row + 2;
        grid.cells.insert(CellRef::new(below, 1), text("（注）上の表は令和4年10月末時点の内容です。"));
        done.push("note below");
    }
    done
}

/// Renames sheets, moves them, and adds one of the division's own.
fn sheets(drawn: &mut Drawn, dice: &mut Dice) -> Vec<&'static str> {
    let mut done = Vec::new();
    if dice.chance(30) {
        for (n, grid) in drawn.book.sheets.iter_mut().enumerate().filter(|(_, g)| !g.name.starts_with('_')) {
            grid.name = format!("Sheet{}", n + 1);
        }
        done.push("sheets renamed");
    }
    if dice.chance(30) {
        let cells = BTreeMap::from([(CellRef::new(0, 0), text("課内のメモ"))]);
        drawn.book.sheets.push(Grid { name: "メモ".into(), cells, ..Grid::default() });
        done.push("a sheet of their own");
    }
    if dice.chance(30) {
        dice.shuffle(&mut drawn.book.sheets);
        done.push("sheets moved");
    }
    done
}

fn read(drawn: &Drawn) -> BTreeMap<Asked, Value> {
    let intake = take_in(&drawn.book, "提出/1.xlsx");
    assert_eq!(intake.submission.state, State::Accepted, "{}", intake.submission.reason);
    let back = values(&intake.submission);
    // What is said to stand at a cell stands there.
    for ((item, key), (_, place)) in &back {
        let grid = drawn.book.sheets.iter().find(|g| g.name == *place.sheet).expect("a sheet of the file");
        let cell = grid.get(place.area.expect("a cell").first).cloned().unwrap_or_default();
        let answer = intake
            .submission
            .records
            .iter()
            .find(|r| r.item == *item)
            .map_or_else(|| &intake.submission.card[key], |r| &r.fields[key]);
        let office = answer.notes.iter().any(|n| n.kind == torimatome::model::NoteKind::Common);
        assert!(office || answer.raw == cell.raw(), "{item} {key}: 「{}」 is not at {place}", answer.raw);
    }
    back.into_iter().map(|(asked, (value, _))| (asked, value)).collect()
}

fn run(form: &str, cases: usize, seed: u64) {
    let mut dice = Dice::new(seed);
    let mut blanks = drawn_of(form);
    blanks.sort_by_key(|d| (d.items.len(), d.division.clone()));
    blanks.truncate(4);
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut failed: Vec<String> = Vec::new();
    for case in 0..cases {
        let mut drawn = dice.pick(&blanks).clone();
        fill(&mut drawn, &mut dice);
        let before = read(&drawn);
        let mut done = Vec::new();
        let mut grids = std::mem::take(&mut drawn.book.sheets);
        // The sheets that explain the form hold no answers.
        let plain = grids.iter_mut().filter(|g| !["_", "記入要領", "記入例"].iter().any(|n| g.name.starts_with(n)));
        for (n, grid) in plain.enumerate() {
            let def = &drawn.form.sheets[n.min(drawn.form.sheets.len() - 1)];
            done.extend(drift(grid, &def.blocks, &drawn, &mut dice));
        }
        drawn.book.sheets = grids;
        done.extend(sheets(&mut drawn, &mut dice));
        let after = read(&drawn);
        let lost: Vec<String> = before
            .iter()
            .filter(|(k, v)| after.get(k) != Some(v))
            .map(|(k, v)| format!("{k:?}: {v:?} became {:?}", after.get(k)))
            .collect();
        if !lost.is_empty() || after.len() != before.len() {
            failed.push(format!("case {case} after {done:?}: {} lost, first {:?}", lost.len(), lost.first()));
        }
        seen.extend(done);
    }
    println!("{form}: {} of {cases} read the same, after {seen:?}", cases - failed.len());
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(seen.len() >= 9, "not everything happened: {seen:?}");
}

#[test]
fn a_plan_that_was_worked_over_reads_the_same() {
    run(PLANS, 300, 81);
}

#[test]
fn a_list_of_procedures_that_was_worked_over_reads_the_same() {
    run(PROCEDURES, 300, 82);
}

#[test]
fn a_blank_column_within_a_group_hides_nothing() {
    // The group has the name that one of its fields may have, too.
    let mut drawn = drawn_of(PROCEDURES)[0].clone();
    fill(&mut drawn, &mut Dice::new(84));
    let before = read(&drawn);
    for label in ["接続（予定）日", "うちオンライン件数", "汎用電子申請", "内容"] {
        let at = the_cell(&drawn.book.sheets[0], label, 0);
        insert(&mut drawn.book.sheets[0], at.col, false);
        assert_eq!(before, read(&drawn), "before {label}");
    }
}

#[test]
fn blank_cells_are_no_obstacle() {
    // A styled blank stands in the file like any other cell.
    let mut drawn = drawn_of(PLANS)[0].clone();
    fill(&mut drawn, &mut Dice::new(83));
    let before = read(&drawn);
    for grid in &mut drawn.book.sheets {
        let end = extent(grid);
        for row in 0..end.row + 5 {
            for col in 0..end.col + 5 {
                grid.cells.entry(CellRef::new(row, col)).or_insert_with(|| Cell {
                    content: if (row + col) % 2 == 0 { Content::Empty } else { Content::Text("　".into()) },
                    ..Cell::default()
                });
            }
        }
    }
    assert_eq!(before, read(&drawn));
}
