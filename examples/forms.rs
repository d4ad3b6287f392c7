//! Draws forms whose answers are filled at random: legal, illegal and half-filled. Each formula is written with the result
//! that the program works out itself, so that `tests/tools/form_check.py` can hold it against other spreadsheets.
//!
//!     cargo run --example forms -- FOLDER COUNT

use std::collections::BTreeMap;
use std::path::Path;

use chrono::NaiveDate;
use torimatome::forms::Templates;
use torimatome::forms::draw::{CellValue, Fill, GivenRow, workbook};
use torimatome::model::form::FieldType;
use torimatome::model::{Field, Form, Item};
use torimatome::settings::stand_in;

/// Numbers that repeat from run to run (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % n as u64).expect("small")
    }

    fn one<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// As people write them, and as they should not.
const DATES: &[&str] = &[
    "令和7年3月31日",
    "R8.3.31",
    "2025/12/1",
    "令和8年3月",
    "R7年度末",
    "令和7年度",
    "未定",
    "検討中",
    "R9.3",
    "R8.2.30",
    "7.3.31",
    "ああああ",
    "令和4年9月1日",
    "2022-04-01",
    "R4.10",
    "済",
    "R6.4～R7.3",
    "令和99年1月1日",
];
const NUMBERS: &[&str] = &["0", "1", "10", "1,200", "-5", "1.5", "多額", "未見積", "１２", "99999999", "100", "なし"];
const TEXTS: &[&str] = &["課長補佐", "なし", "－", "未定", "A社", "庁内で検討します", "ほか"];

fn answer(field: &Field, templates: &Templates, dice: &mut Dice) -> Option<CellValue> {
    if dice.below(10) < 3 {
        return None;
    }
    let text = match field.kind {
        FieldType::Date if dice.below(6) == 0 => {
            return Some(CellValue::Number(44_000.0 + f64::from(u16::try_from(dice.below(3_000)).expect("small"))));
        }
        FieldType::Date => (*dice.one(DATES)).to_string(),
        FieldType::Integer | FieldType::Number | FieldType::Money | FieldType::Percent => {
            if dice.below(2) == 0 {
                let n = f64::from(u16::try_from(dice.below(500)).expect("small"));
                return Some(CellValue::Number(n));
            }
            (*dice.one(NUMBERS)).to_string()
        }
        FieldType::Choice | FieldType::Flag => {
            let list = field.codes.as_ref().and_then(|id| templates.lists.get(id))?;
            let names: Vec<&str> = list.codes.iter().map(|c| c.name.as_str()).collect();
            if dice.below(8) == 0 { "そのうち".to_string() } else { (*dice.one(&names)).to_string() }
        }
        _ => (*dice.one(TEXTS)).to_string(),
    };
    Some(CellValue::Text(text))
}

fn filled(form: &Form, templates: &Templates, seed: u64) -> Vec<u8> {
    let as_of = NaiveDate::from_ymd_opt(2022, 10, 31).expect("a day");
    let round = stand_in(templates, form, as_of, Some("101"));
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let all: Vec<&Item> = form.roster.iter().flat_map(|r| round.items(r)).collect();
    let first = if all.is_empty() { 0 } else { dice.below(all.len()) };
    let items: Vec<&Item> = all.into_iter().skip(first).take(3).collect();
    let mut answers = BTreeMap::new();
    let keys: Vec<&str> = items.iter().map(|i| i.key.as_str()).chain([""]).collect();
    for slot in form.slots(&templates.lists) {
        for key in &keys {
            if let Some(value) = answer(slot.field, templates, &mut dice) {
                answers.insert(((*key).to_string(), slot.key()), value);
            }
        }
    }
    let mut rows: BTreeMap<String, Vec<GivenRow>> = BTreeMap::new();
    for block in form.sheets.iter().flat_map(|s| &s.blocks).filter(|b| b.rows.free > 0 && !b.rows.roster) {
        let open: Vec<&Field> = block.fields.iter().filter(|f| f.is_answer() && !f.locked).collect();
        let mut row = || open.iter().filter_map(|f| Some((f.id.clone(), answer(f, templates, &mut dice)?))).collect();
        rows.insert(block.id.clone(), vec![row(), row(), row()]);
    }
    let fill = Fill {
        round_name: "検査",
        as_of: Some(as_of),
        items,
        answers,
        rows,
        deadlines: round.deadlines.iter().map(|d| (d.id.clone(), d.date)).collect(),
        created: as_of,
        ..Fill::default()
    };
    workbook(form, templates, &fill).expect("drawn")
}

fn main() {
    let mut words = std::env::args().skip(1);
    let folder = words.next().expect("a folder");
    let count: u64 = words.next().and_then(|n| n.parse().ok()).expect("how many of each form");
    let templates = Templates::embedded().expect("sound templates");
    for form in templates.asked() {
        for n in 1..=count {
            let path = Path::new(&folder).join(format!("{}-{n:02}.xlsx", form.id));
            std::fs::write(path, filled(form, &templates, n)).expect("written");
        }
    }
}
