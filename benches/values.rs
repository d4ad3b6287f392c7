//! Understanding a million cells against reading them: the second must not cost less than the first.
//!
//! `cargo bench --bench values`. The cells are dates, numbers and choices as people write them; the ratio is printed.

use std::time::Instant;

use torimatome::forms::Templates;
use torimatome::model::{Cell, Content, Field};
use torimatome::normalise::{self, Context};
use torimatome::read::{self, Limits};

const ROWS: u32 = 20_000;
const COLS: u16 = 50;

/// Answers in about the proportion of the shipped forms: of twenty cells eleven choices, five dates, four numbers.
const MIX: [&str; 20] = [
    "作業中",
    "完了済み",
    "未着手",
    "令和８年３月３１日",
    "作業中",
    "1,200",
    "未着手",
    "R8.3",
    "完了済み",
    "未着手",
    "１，２００千円",
    "対象外",
    "令和7年度末",
    "作業中",
    "完了済み",
    "約100件",
    "2026/3/31",
    "未着手",
    "800千円",
    "未定（ベンダ回答待ち）",
];

/// Spellings whose cost is printed one by one.
const WRITTEN: [&str; 10] = [
    "令和８年３月３１日",
    "R8.3",
    "令和7年度末",
    "2026/3/31",
    "未定（ベンダ回答待ち）",
    "R5.4.1～R10.3.31",
    "令和7年度第3四半期",
    "１，２００千円",
    "約100件",
    "作業中",
];

fn main() {
    let bytes = workbook();
    let (large, none) = (1 << 32, 1 << 40);
    let limits =
        Limits { file: large, cells: 2_000_000, part: large, total: none, text_total: none, ..Limits::default() };
    let templates = Templates::embedded().expect("sound templates");
    let as_of = chrono::NaiveDate::from_ymd_opt(2022, 10, 31).expect("a day");
    let context = Context { as_of, date1904: false, codes: &templates.lists };
    let fields: Vec<Field> = ["date", "money", "choice"].map(field).to_vec();

    let start = Instant::now();
    let opened = read::open(&bytes, "million.xlsx", &limits).expect("read");
    let reading = start.elapsed();
    let cells = &opened.workbook.sheets[0].cells;

    let start = Instant::now();
    let mut understood = 0usize;
    for cell in cells.values() {
        understood += usize::from(normalise::normalise(cell, of(cell, &fields), &context).doubts.is_empty());
    }
    let understanding = start.elapsed();
    for written in WRITTEN {
        let cell = Cell::text(written);
        let start = Instant::now();
        for _ in 0..20_000 {
            std::hint::black_box(normalise::normalise(&cell, of(&cell, &fields), &context));
        }
        println!("{:6.2} µs  {written}", start.elapsed().as_secs_f64() * 1e6 / 20_000.0);
    }
    println!("{} cells, {understood} without a question", cells.len());
    println!(
        "reading {:.2} s, understanding {:.2} s, ratio {:.2}",
        reading.as_secs_f64(),
        understanding.as_secs_f64(),
        understanding.as_secs_f64() / reading.as_secs_f64()
    );
}

/// The field that a spelling is an answer to.
fn of<'a>(cell: &Cell, fields: &'a [Field]) -> &'a Field {
    match &cell.content {
        Content::Text(t) if t.contains('千') || t.contains('件') || t.contains(',') => &fields[1],
        Content::Text(t) if ["作業中", "完了済み", "未着手", "対象外"].contains(&t.as_str()) => &fields[2],
        _ => &fields[0],
    }
}

fn field(kind: &str) -> Field {
    let codes = if kind == "choice" { "codes = \"step-status\"\n" } else { "" };
    let unit = if kind == "money" { "unit = \"千円\"\n" } else { "" };
    toml::from_str(&format!("id = \"a\"\nlabel = \"甲\"\ntype = \"{kind}\"\n{codes}{unit}")).expect("a field")
}

fn workbook() -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for row in 0..ROWS {
        for col in 0..COLS {
            let n = usize::try_from(row).expect("small") * 7 + usize::from(col);
            sheet.write(row, col, MIX[n % MIX.len()]).expect("written");
        }
    }
    book.save_to_buffer().expect("saved")
}
