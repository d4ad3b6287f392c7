//! The long sheet of a master, read back by its headers.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::model::{CellRef, EarlierRound, Grid, Told};

/// The columns of a long sheet. Those of the second half came later, or were left out by somebody: without them less is known.
struct Columns {
    form: u32,
    item: u32,
    key: u32,
    item_name: u32,
    field: u32,
    kind: u32,
    value: u32,
    word: u32,
    from: u32,
    to: u32,
    approx: u32,
    raw: u32,
    code: u32,
    division: u32,
    round: u32,
    as_of: Option<u32>,
    precision: Option<u32>,
    inferred: Option<u32>,
}

impl Columns {
    fn of(grid: &Grid) -> Option<Self> {
        let heads: BTreeMap<String, u32> =
            grid.cells.range(..CellRef::new(1, 0)).map(|(at, c)| (c.raw().trim().to_string(), at.col)).collect();
        let col = |name: &str| heads.get(name).copied();
        Some(Self {
            form: col("様式ID")?,
            item: col("対象キー")?,
            key: col("項目キー")?,
            item_name: col("対象名")?,
            field: col("項目名")?,
            kind: col("値の型")?,
            value: col("値")?,
            word: col("値の語")?,
            from: col("開始日")?,
            to: col("終了日")?,
            approx: col("幅を示す語")?,
            raw: col("原文")?,
            code: col("課コード")?,
            division: col("課")?,
            round: col("調査回")?,
            as_of: col("基準日"),
            precision: col("精度"),
            inferred: col("年の補完"),
        })
    }
}

/// One row.
#[derive(Clone, Copy)]
struct Line<'a> {
    grid: &'a Grid,
    columns: &'a Columns,
    row: u32,
}

impl Line<'_> {
    fn text(&self, col: u32) -> String {
        self.grid.text(CellRef::new(self.row, col))
    }

    fn flag(&self, col: u32) -> bool {
        self.text(col).parse::<f64>().is_ok_and(|n| n != 0.0)
    }

    fn day(&self, col: u32) -> Option<NaiveDate> {
        self.text(col).trim().parse().ok()
    }

    fn told(&self) -> Told {
        let c = self.columns;
        Told {
            division: self.text(c.code),
            raw: self.text(c.raw),
            kind: self.text(c.kind),
            value: self.text(c.value),
            word: self.text(c.word),
            from: self.day(c.from),
            to: self.day(c.to),
            precision: c.precision.map(|at| self.text(at)).unwrap_or_default(),
            approx: self.flag(c.approx),
            inferred: c.inferred.is_some_and(|at| self.flag(at)),
            as_of: c.as_of.and_then(|at| self.day(at)),
        }
    }
}

/// The round that a sheet is the long sheet of; `None` where it is none.
pub(super) fn round(grid: &Grid) -> Option<EarlierRound> {
    let columns = Columns::of(grid)?;
    let mut round = EarlierRound::default();
    for row in 1..=grid.cells.keys().next_back().map_or(0, |c| c.row) {
        let line = Line { grid, columns: &columns, row };
        let (form, item, key) = (line.text(columns.form), line.text(columns.item), line.text(columns.key));
        if form.is_empty() {
            continue;
        }
        if round.name.is_empty() {
            round.name = line.text(columns.round);
        }
        round.as_of = round.as_of.max(columns.as_of.and_then(|at| line.day(at)));
        if item.is_empty() {
            let told = line.told();
            round.cards.insert((form, told.division.clone(), key), told);
            continue;
        }
        if let Some(day) = columns.as_of.and_then(|at| line.day(at)) {
            round.previous.as_of.entry(form.clone()).or_insert(day);
        }
        let owner = || (line.text(columns.code), line.text(columns.division));
        round.previous.divisions.entry((form.clone(), item.clone())).or_insert_with(owner);
        if key.is_empty() {
            continue;
        }
        let named = |col: u32| move || line.text(col);
        round.previous.items.entry((form.clone(), item.clone())).or_insert_with(named(columns.item_name));
        round.previous.fields.entry((form.clone(), key.clone())).or_insert_with(named(columns.field));
        round.previous.answers.insert((form, item, key), line.told());
    }
    round.previous.round.clone_from(&round.name);
    Some(round)
}
