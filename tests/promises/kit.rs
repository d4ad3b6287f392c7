//! What the promises share: a fixed generator, a made-up round over the shipped definitions, its drawn forms as grids,
//! and the cell of every answer, found without the reader under test.
//!
//! A drawn form has each label once on its sheet and each row's name once in its table, so a plain search is enough here;
//! what divisions make of a form is the business of the tests.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use chrono::NaiveDate;
use torimatome::forms::Templates;
use torimatome::forms::draw::{self, Fill};
use torimatome::intake::{self, Context, Intake};
use torimatome::model::{
    Area, Block, Cell, CellRef, Content, Form, Grid, Item, Layout, Repeat, Round, SheetDef, Workbook,
};
use torimatome::read::{self, Limits, Opened};

use crate::synthetic;

pub const PLANS: &str = "migration-plan";
pub const PROCEDURES: &str = "online-procedures";

/// A small generator (xorshift), so that a failure can be repeated from its seed.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let n = u64::try_from(n.max(1)).expect("small");
        usize::try_from((self.0 >> 11) % n).expect("small")
    }

    /// Whether something of this many chances in a hundred happens.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    pub fn shuffle<T>(&mut self, all: &mut [T]) {
        for i in (1..all.len()).rev() {
            all.swap(i, self.below(i + 1));
        }
    }
}

pub fn day(y: i32, m: u32, d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(y, m, d).expect("a real day")
}

pub fn as_of() -> NaiveDate {
    day(2022, 10, 31)
}

pub fn today() -> NaiveDate {
    day(2022, 11, 14)
}

pub fn templates() -> &'static Templates {
    static TEMPLATES: OnceLock<Templates> = OnceLock::new();
    TEMPLATES.get_or_init(|| Templates::embedded().expect("the shipped definitions load"))
}

pub fn forms() -> Vec<&'static Form> {
    templates().asked().collect()
}

pub fn form_ids() -> [&'static str; 2] {
    [PLANS, PROCEDURES]
}

/// Every item owned, every division replying; three steps are answered by the office for everybody.
pub fn round() -> &'static Round {
    static ROUND: OnceLock<Round> = OnceLock::new();
    ROUND.get_or_init(|| {
        let mut round = synthetic::ledger_where_all_answered().round;
        for (step, said) in [("step_01", "done"), ("step_02", "完了済み"), ("step_03", "対象外")] {
            round.common_answers.insert((PLANS.into(), step.into()), said.into());
        }
        round.holidays.clone_from(&templates().holidays);
        round
    })
}

/// Where an answer is asked: item key (empty on a card) and answer key.
pub type Asked = (String, String);

/// A blank form of one division as a grid, with the sheet and cell of each answer.
#[derive(Clone)]
pub struct Drawn {
    pub form: &'static Form,
    pub division: String,
    pub items: Vec<&'static Item>,
    pub book: Workbook,
    pub cells: BTreeMap<Asked, (usize, CellRef)>,
}

/// Every form of every division that is asked for one.
pub fn drawn() -> &'static [Drawn] {
    static DRAWN: OnceLock<Vec<Drawn>> = OnceLock::new();
    DRAWN.get_or_init(|| {
        let mut all = Vec::new();
        for form in forms() {
            let roster = form.roster.as_deref().expect("a roster");
            for division in &round().divisions {
                let items: Vec<&Item> = round().items_of(roster, &division.code).collect();
                if !items.is_empty() {
                    all.push(draw_one(form, &division.code, items));
                }
            }
        }
        assert!(all.len() > 12, "only {} forms were drawn", all.len());
        all
    })
}

pub fn drawn_of(form: &str) -> Vec<&'static Drawn> {
    drawn().iter().filter(|d| d.form.id == form).collect()
}

fn draw_one(form: &'static Form, division: &str, items: Vec<&'static Item>) -> Drawn {
    let common = round().common_answers.iter().filter(|((f, _), _)| *f == form.id);
    let fill = Fill {
        round_name: &round().name,
        mark: &round().mark,
        as_of: Some(as_of()),
        division: round().division(division),
        items: items.clone(),
        common: common.map(|((_, k), v)| (k.clone(), v.clone())).collect(),
        created: as_of(),
        ..Fill::default()
    };
    let bytes = draw::workbook(form, templates(), &fill).expect("it is drawn");
    let opened = read::open(&bytes, "様式.xlsx", &Limits::default()).expect("what we draw opens");
    assert!(opened.problems.is_empty(), "{:?}", opened.problems);
    let book = opened.workbook;
    let mut cells = BTreeMap::new();
    let mut sheets = book.sheets.iter().enumerate().filter(|(_, g)| !g.name.starts_with('_'));
    for def in &form.sheets {
        let of: Vec<Option<&Item>> = match def.repeat {
            Repeat::Once => vec![None],
            Repeat::Item => items.iter().map(|i| Some(*i)).collect(),
        };
        for item in of {
            let (n, grid) = sheets.next().expect("a sheet for each");
            for (asked, at) in answers(grid, def, item, &items) {
                assert!(cells.insert(asked.clone(), (n, at)).is_none(), "{asked:?} twice");
            }
        }
    }
    Drawn { form, division: division.into(), items, book, cells }
}

/// The answer cells of a blank sheet.
fn answers(grid: &Grid, def: &SheetDef, item: Option<&Item>, items: &[&Item]) -> Vec<(Asked, CellRef)> {
    let mut found = Vec::new();
    let own = item.map_or("", |i| &i.key);
    for block in &def.blocks {
        for field in block.fields.iter().filter(|f| f.is_answer()) {
            let label = the_cell(grid, &field.label, 0);
            match block.layout {
                Layout::Card => {
                    let right = CellRef::new(label.row, area(grid, label).last.col + 1);
                    found.push(((own.to_string(), field.answer_key("")), area(grid, right).first));
                }
                Layout::Table => {
                    let inside = def.record_rows(block).is_some();
                    let rows = rows(grid, block, label.row, items);
                    for (key, row) in rows.iter().filter(|_| !inside || field.key.is_some()) {
                        let asked = if inside {
                            (own.to_string(), field.answer_key(key))
                        } else {
                            (key.clone(), field.answer_key(""))
                        };
                        found.push((asked, area(grid, CellRef::new(*row, label.col)).first));
                    }
                }
            }
        }
    }
    found
}

/// The rows of a table below its header: key of the row, row.
pub fn rows(grid: &Grid, block: &Block, header: u32, items: &[&Item]) -> Vec<(String, u32)> {
    let below = |text: &str| the_cell(grid, text, header + 1).row;
    let list = block.rows.codes.as_ref().map(|id| &templates().lists[id]);
    let codes = list.into_iter().flat_map(|l| &l.codes).map(|c| (c.code.clone(), below(&c.name)));
    let of_items = items.iter().filter(|_| block.rows.roster).map(|i| (i.key.clone(), below(&i.name)));
    codes.chain(of_items).collect()
}

/// The first cell with this text, from a row on.
pub fn the_cell(grid: &Grid, text: &str, from: u32) -> CellRef {
    let mut cells = grid.cells.range(CellRef::new(from, 0)..);
    let hit = cells.find(|(_, c)| c.raw() == text);
    *hit.unwrap_or_else(|| panic!("「{text}」 is not on 「{}」", grid.name)).0
}

pub fn area(grid: &Grid, at: CellRef) -> Area {
    grid.area_at(at)
}

pub fn text(t: impl Into<String>) -> Cell {
    Cell::text(t)
}

pub fn number(n: f64) -> Cell {
    Cell { content: Content::Number(n), ..Cell::default() }
}

impl Drawn {
    /// Writes a cell where an answer is asked.
    pub fn write(&mut self, item: &str, key: &str, cell: Cell) {
        let (sheet, at) = self.at(item, key);
        if cell == Cell::default() {
            self.book.sheets[sheet].cells.remove(&at);
        } else {
            self.book.sheets[sheet].cells.insert(at, cell);
        }
    }

    pub fn at(&self, item: &str, key: &str) -> (usize, CellRef) {
        *self.cells.get(&(item.to_string(), key.to_string())).unwrap_or_else(|| panic!("{item} {key} is not asked"))
    }

    /// Takes the workbook in under a name.
    pub fn take_in(&self, name: &str) -> Intake {
        take_in(&self.book, name)
    }
}

pub fn context() -> Context<'static> {
    static LIMITS: OnceLock<Limits> = OnceLock::new();
    let limits = LIMITS.get_or_init(Limits::default);
    Context {
        templates: templates(),
        round: Some(round()),
        today: today(),
        limits,
        legacy: &torimatome::read::legacy::open,
        watch: None,
    }
}

pub fn take_in(book: &Workbook, name: &str) -> Intake {
    intake::workbook(&Opened::from(book.clone()), name, &forms(), &context())
}
