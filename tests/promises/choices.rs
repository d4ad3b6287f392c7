//! "No value" is an answer only where the form says so: in a choice it counts for nothing and is asked about, unless the
//! record asks for nothing. And whoever does what a remedy says is not told again.

use std::collections::BTreeSet;

use torimatome::consolidate::rates::rate;
use torimatome::forms::Words;
use torimatome::forms::draw::{self, Fill};
use torimatome::intake::{self, Intake};
use torimatome::model::ledger::{LedgerItem, Rate, Standing};
use torimatome::model::{Cell, CellRef, Content, FieldType, Finding, Place, Severity, Value};
use torimatome::read::{self, Limits, Opened};

use crate::fill::{field, fill};
use crate::kit::{Dice, Drawn, PLANS, PROCEDURES, context, drawn_of, number, round, templates, text, the_cell};

/// Words that are no code of any list of steps, and are not blank.
const NO_STEP: [&str; 16] = [
    "N/A",
    "該当なし",
    "非該当",
    "なし",
    "ナシ",
    "無し。",
    "特になし",
    "不要",
    "予定なし",
    "未定",
    "検討中",
    "？",
    "同上",
    "別紙のとおり",
    "〃",
    "ほぼ完了",
];

const STEPS_OF_OFFICE: [&str; 5] = ["step_01", "step_02", "step_03", "step_37", "step_38"];

fn own_steps() -> Vec<String> {
    let all = (1..=40).map(|n| format!("step_{n:02}"));
    all.filter(|k| !STEPS_OF_OFFICE.contains(&k.as_str())).collect()
}

fn at(drawn: &Drawn, item: &str, key: &str, f: &Finding) -> bool {
    let (sheet, cell) = drawn.at(item, key);
    let name = &drawn.book.sheets[sheet].name;
    // One finding for one cause stands at its first run of cells; further runs are its related places.
    let here = |p: &Place| *p.sheet == **name && p.area.is_some_and(|a| a.contains(cell));
    f.place.iter().chain(&f.related).any(here)
}

fn value(intake: &Intake, item: &str, key: &str) -> Value {
    let record = intake.submission.records.iter().find(|r| r.item == item).expect("a record");
    record.value(key).expect("an answer").clone()
}

fn rate_of(id: &str, intake: &Intake, item: &str) -> Rate {
    let def = templates().rates.iter().find(|d| d.id == id).expect("the rate");
    let record = intake.submission.records.iter().find(|r| r.item == item).cloned();
    let item = round().items("systems").find(|i| i.key == item).expect("an item").clone();
    rate(def, templates(), round(), &[LedgerItem { form: PLANS.into(), item, record, standing: Standing::Settled }])
}

/// A plan of a division with a system.
fn plan(dice: &mut Dice) -> (Drawn, String) {
    let mut blanks = drawn_of(PLANS);
    blanks.sort_by_key(|d| (d.items.len(), d.division.clone()));
    loop {
        let mut drawn = blanks[0].clone();
        let written = fill(&mut drawn, dice);
        let item = drawn.items[0].key.clone();
        if written.get(&(item.clone(), "system_exists".into())).and_then(Value::choice) == Some("yes") {
            return (drawn, item);
        }
    }
}

#[test]
fn what_is_no_step_makes_no_rate_final() {
    let (drawn, item) = plan(&mut Dice::new(71));
    for word in NO_STEP {
        let mut drawn = drawn.clone();
        for step in own_steps() {
            drawn.write(&item, &step, text(word));
        }
        let intake = drawn.take_in("提出/1.xlsx");
        for step in own_steps() {
            let told = intake.findings.iter().filter(|f| f.severity() == Severity::E && at(&drawn, &item, &step, f));
            assert_eq!(told.count(), 1, "{word} in {step}");
            assert_eq!(value(&intake, &item, &step).choice(), None, "{word}");
        }
        for id in ["step-completion", "step-doing", "step-todo"] {
            let rate = rate_of(id, &intake, &item);
            assert!(!rate.complete && rate.numerator_max - rate.numerator >= 35, "{word}: {rate:?}");
        }
    }
}

#[test]
fn a_word_for_no_system_leaves_the_rate_open() {
    let (drawn, item) = plan(&mut Dice::new(72));
    for word in ["該当なし", "N/A", "未定", "不要", "－", "同上"] {
        let mut drawn = drawn.clone();
        drawn.write(&item, "system_exists", text(word));
        let intake = drawn.take_in("提出/1.xlsx");
        let told: Vec<&Finding> = intake.findings.iter().filter(|f| at(&drawn, &item, "system_exists", f)).collect();
        assert!(told.iter().any(|f| ["F004E", "F013E"].contains(&f.code.as_str())), "{word}: {told:?}");
        assert!(!rate_of("step-completion", &intake, &item).complete, "{word}");
    }
}

/// － in a row that says 制度なし is no answer that anybody misses; in a row that asks it is.
#[test]
fn nothing_is_asked_about_where_nothing_is_asked() {
    const CHOICES: [&str; 7] =
        ["status", "channel_portal", "channel_generic", "channel_other", "card", "signature", "connection"];
    let mut drawn = drawn_of(PROCEDURES)[0].clone();
    let mut dice = Dice::new(73);
    fill(&mut drawn, &mut dice);
    let item = drawn.items[0].key.clone();
    let row = drawn.cells.keys().filter(|(i, k)| *i == item && !field(&drawn, k).locked);
    let row: Vec<String> = row.map(|(_, k)| k.clone()).collect();
    for word in ["－", "該当なし", "対象外", "N/A", "ー"] {
        let mut drawn = drawn.clone();
        for key in &row {
            drawn.write(&item, key, text(word));
        }
        drawn.write(&item, "exists", text("制度なし"));
        let intake = drawn.take_in("提出/1.xlsx");
        let told: Vec<&Finding> =
            intake.findings.iter().filter(|f| f.item.as_ref() == Some(&item) && f.severity() != Severity::I).collect();
        assert!(told.is_empty(), "{word}: {told:#?}");
        for key in ["status", "card", "signature", "connection"] {
            assert!(matches!(value(&intake, &item, key), Value::None { .. }), "{word} in {key}");
        }
        drawn.write(&item, "exists", text("実施"));
        let intake = drawn.take_in("提出/1.xlsx");
        for key in CHOICES {
            let told = intake.findings.iter().any(|f| f.code == "F004E" && at(&drawn, &item, key, f));
            let is_code = value(&intake, &item, key).choice().is_some();
            // Card and signature are asked of what is running, and this row says that it is not known.
            let open = ["card", "signature"].contains(&key) && matches!(value(&intake, &item, key), Value::None { .. });
            assert!(told || is_code || open, "{word} in {key}");
        }
        assert_eq!(value(&intake, &item, "status"), Value::Unreadable, "{word}");
    }
}

/// What a remedy puts between quotation marks, as an answer.
fn suggested(remedy: &str) -> Vec<String> {
    remedy.split('「').skip(1).filter_map(|p| p.split_once('」')).map(|(quoted, _)| quoted.to_string()).collect()
}

fn words_of(kind: FieldType) -> Vec<Cell> {
    let lost = Cell { formula: true, ..Cell::default() };
    let error = Cell { content: Content::Error("#REF!".into()), ..Cell::default() };
    let mut cells = vec![Cell::default(), lost, error, text("同上"), text("別紙のとおり")];
    cells.extend(match kind {
        FieldType::Date => ["2月30日", "令和5年2月30日", "7.3.31", "済", "検収後すみやか"].map(text).to_vec(),
        FieldType::Choice | FieldType::Flag => ["N/A", "未定", "あいうえお", "なし・あり"].map(text).to_vec(),
        FieldType::Integer | FieldType::Number | FieldType::Money | FieldType::Percent => {
            let mut cells = ["多数", "100～200", "(25)"].map(text).to_vec();
            cells.extend([number(-3.0), number(0.5), number(1e12)]);
            cells
        }
        _ => Vec::new(),
    });
    cells
}

/// Every error of a single field, in every field of both forms: no answer that its remedy names is refused at that cell.
#[test]
fn no_remedy_suggests_what_the_field_refuses() {
    let words = Words { templates: templates(), round: round() };
    let mut dice = Dice::new(74);
    let (mut tried, mut codes, mut kinds) = (0, BTreeSet::new(), BTreeSet::new());
    for form in [PLANS, PROCEDURES] {
        let mut blanks = drawn_of(form);
        blanks.sort_by_key(|d| (d.items.len(), d.division.clone()));
        let mut drawn = blanks[0].clone();
        fill(&mut drawn, &mut dice);
        let item = drawn.items[0].key.clone();
        let said = if form == PLANS { ("system_exists", "あり") } else { ("exists", "実施") };
        drawn.write(&item, said.0, text(said.1));
        let asked: Vec<(String, String)> =
            drawn.cells.keys().filter(|(i, _)| i.is_empty() || *i == item).cloned().collect();
        for (of, key) in asked {
            // Fields that are asked alike are told alike.
            let asked = field(&drawn, &key);
            let like = (
                form,
                format!("{:?}", asked.kind),
                asked.codes.clone(),
                asked.required,
                asked.min.is_some(),
                key.ends_with("_actual"),
            );
            if asked.locked || !kinds.insert(like) {
                continue;
            }
            for cell in words_of(field(&drawn, &key).kind) {
                let mut broken = drawn.clone();
                broken.write(&of, &key, cell);
                let here = |d: &Drawn, f: &Finding| f.severity() == Severity::E && at(d, &of, &key, f);
                let own = |f: &Finding| f.field.as_deref() == Some(key.as_str()) && f.code.starts_with(['F', 'R']);
                let intake = broken.take_in("提出/1.xlsx");
                for f in intake.findings.iter().filter(|f| here(&broken, f) && own(f)) {
                    for answer in
                        suggested(&words.remedy(f)).into_iter().filter(|a| !words.field(f).contains(a.as_str()))
                    {
                        if ["同上", "別紙"].contains(&answer.as_str()) {
                            continue;
                        }
                        let mut mended = broken.clone();
                        mended.write(&of, &key, text(&*answer));
                        let again = mended.take_in("提出/1.xlsx");
                        let same = again.findings.iter().filter(|g| here(&mended, g));
                        let refused: Vec<&Finding> =
                            same.filter(|g| g.code == f.code || g.code.starts_with('F')).collect();
                        assert!(refused.is_empty(), "{key}: {} says {answer}: {refused:#?}", f.code);
                        (tried, _) = (tried + 1, codes.insert(f.code.clone()));
                    }
                }
            }
        }
    }
    println!("{tried} suggested answers of {codes:?}");
    assert!(tried > 150 && codes.len() >= 5, "{tried} {codes:?}");
}

/// The settings as they are drawn, with an edit, and what is said of them.
fn settings(edit: impl FnOnce(&mut torimatome::model::Workbook)) -> Intake {
    let form = templates().settings().expect("the settings");
    let bytes = draw::workbook(form, templates(), &Fill::default()).expect("it is drawn");
    let mut book = read::open(&bytes, "調査設定.xlsx", &Limits::default()).expect("what we draw opens").workbook;
    edit(&mut book);
    intake::workbook(&Opened::from(book), "調査設定.xlsx", &[form], &context())
}

fn boolean(ticked: bool) -> Cell {
    Cell { content: Content::Bool(ticked), ..Cell::default() }
}

/// Check boxes in a column of ○ and ×: ticked is ○; in the free rows below they begin nothing.
#[test]
fn check_boxes_in_a_column_of_marks_are_yes_and_no() {
    let before = settings(|_| {});
    for (sheet, header) in [("対象手続", "制度なし"), ("対象手続", "市の対象"), ("対象業務", "システムなし")]
    {
        let after = settings(|book| {
            let grid = book.sheets.iter_mut().find(|g| g.name == sheet).expect("the sheet");
            let head = the_cell(grid, header, 0);
            for row in 1..=55 {
                grid.cells.insert(CellRef::new(head.row + row, head.col), boolean(row == 2));
            }
        });
        assert_eq!(after.findings, before.findings, "{header}");
        assert_eq!(after.submission.records.len(), before.submission.records.len(), "{header}");
        let block = if sheet == "対象手続" { "procedures" } else { "systems" };
        let key = if header == "市の対象" { "in_target" } else { "absent" };
        let mut said = after.submission.records.iter().filter(|r| r.block == block).map(|r| r.value(key).cloned());
        assert_eq!(said.next().flatten(), Some(Value::Choice("no".into())), "{header}");
        assert_eq!(said.next().flatten(), Some(Value::Choice("yes".into())), "{header}");
    }
}

/// Two sheets of the settings may have a field of one key: each finding has the header of its own.
#[test]
fn findings_name_the_header_of_their_own_table() {
    let words = Words { templates: templates(), round: round() };
    let form = templates().settings().expect("the settings");
    let mut tried = 0;
    for sheet in &form.sheets {
        for block in sheet.blocks.iter().filter(|b| b.rows.codes.is_some() || b.rows.free > 0) {
            for field in block.fields.iter().filter(|f| !f.locked) {
                let wrong = match field.kind {
                    FieldType::Date => "検収後すみやか",
                    FieldType::Choice | FieldType::Flag => "あいうえお",
                    _ => continue,
                };
                let mut cell = CellRef::new(0, 0);
                let intake = settings(|book| {
                    let grid = book.sheets.iter_mut().find(|g| g.name == sheet.name).expect("the sheet");
                    let first = the_cell(grid, &block.fields[0].label, 0);
                    let head = the_cell(grid, &field.label, first.row);
                    cell = CellRef::new(head.row + 1, head.col);
                    grid.cells.insert(cell, text(wrong));
                });
                let stands = |p: &Place| *p.sheet == *sheet.name && p.area.is_some_and(|a| a.contains(cell));
                let told =
                    intake.findings.iter().find(|f| f.place.as_ref().is_some_and(stands) && f.code.starts_with('F'));
                let told = told.unwrap_or_else(|| panic!("{} {}: {:?}", sheet.name, field.label, intake.findings));
                assert_eq!(words.field(told), field.printed(), "{} {}", sheet.name, field.id);
                assert!(words.sentence(told).contains(&field.label), "{}", words.sentence(told));
                tried += 1;
            }
        }
    }
    assert!(tried > 15, "{tried}");
}

/// A header that is not there is named as it is printed, on every form.
#[test]
fn a_header_that_is_missing_is_named_as_it_is_printed() {
    let words = Words { templates: templates(), round: round() };
    for form in [PLANS, PROCEDURES] {
        let drawn = drawn_of(form)[0];
        let blocks = drawn.form.sheets.iter().flat_map(|s| &s.blocks);
        for field in blocks.flat_map(|b| &b.fields).filter(|f| !f.locked && f.role.is_none()) {
            let mut book = drawn.book.clone();
            for grid in &mut book.sheets {
                for cell in grid.cells.values_mut().filter(|c| c.raw() == field.label) {
                    *cell = text("ほか");
                }
            }
            let intake = crate::kit::take_in(&book, "提出/1.xlsx");
            for f in intake.findings.iter().filter(|f| f.code == "S013E" && f.field.as_ref() == Some(&field.id)) {
                assert_eq!(words.field(f), field.printed(), "{}", field.id);
                assert!(!words.sentence(f).contains(&format!("「{}」", field.id)), "{}", words.sentence(f));
            }
        }
    }
}
