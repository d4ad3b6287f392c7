//! The same through real files: in a workbook that another program saved, one cell is overwritten in the file's own bytes,
//! and the finding of it must stand at that very cell.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use arcstr::ArcStr;
use torimatome::fill::{self, CellWrite, FillValue};
use torimatome::forms::Templates;
use torimatome::intake::{self, Context};
use torimatome::model::{Answer, Field, FieldType, Form, Round};
use torimatome::read::{Limits, legacy};
use torimatome::run::{self, Options};

use crate::kit::{Dice, PLANS, PROCEDURES, templates, today};

/// What breaks a field of a type, with the code of the finding; `None` is an emptied cell.
fn breaks(field: &Field) -> Vec<(Option<&'static str>, &'static str)> {
    let mut ways = match field.kind {
        FieldType::Date => vec![
            (Some("令和5年2月30日"), "F006E"),
            (Some("なるべく早く"), "F002E"),
            (Some("8.3.31"), "F007E"),
            (Some("別紙のとおり"), "F013E"),
        ],
        FieldType::Integer | FieldType::Money => {
            vec![(Some("多数"), "F003E"), (Some("10～20"), "F016E"), (Some("-5"), "F019E")]
        }
        FieldType::Choice | FieldType::Flag => vec![(Some("違う語"), "F004E")],
        _ => Vec::new(),
    };
    if field.required && !field.locked {
        ways.push((None, "F001E"));
    }
    ways
}

struct Parent {
    round: Round,
    bytes: Vec<u8>,
    name: String,
}

fn parent(folder: &str, file: &str) -> Parent {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/broken").join(folder);
    let options = Options { today: today(), templates: None, quiet: true, settings: None };
    let Ok(round) = run::round(&dir, templates(), &options) else { panic!("{folder} has sound settings") };
    Parent { round, bytes: fs::read(dir.join(file)).expect("a returned file"), name: file.to_string() }
}

fn run(folder: &str, file: &str, form: &str, seed: u64, wanted: usize) {
    let parent = parent(folder, file);
    let templates: &Templates = templates();
    let limits = Limits::default();
    let context = Context {
        templates,
        round: Some(&parent.round),
        today: today(),
        limits: &limits,
        legacy: &legacy::open,
        watch: None,
    };
    let forms: Vec<&Form> = templates.asked().collect();
    let base = intake::file(&parent.bytes, &parent.name, &forms, &context);
    assert!(base.findings.is_empty(), "the parent is clean: {:?}", base.findings);
    let slots = templates.forms[form].slots(&templates.lists);
    let fields: BTreeMap<String, &Field> = slots
        .iter()
        .filter(|s| s.block.common_rows.as_ref().zip(s.row).is_none_or(|(c, row)| row.attr(&c.attr) != c.is))
        .map(|s| (s.key(), s.field))
        .collect();
    let records = base.submission.records.iter().flat_map(|r| &r.fields).chain(&base.submission.card);
    let answers: Vec<(&ArcStr, &Answer)> = records.filter(|(key, _)| fields.contains_key(key.as_str())).collect();
    let mut dice = Dice::new(seed);
    let (mut tried, mut named) = (0, 0);
    while tried < wanted {
        let (key, answer) = dice.pick(&answers);
        let ways = breaks(fields[key.as_str()]);
        if ways.is_empty() {
            continue;
        }
        let (typed, code) = dice.pick(&ways);
        let cell = answer.place.area.expect("a cell").first;
        let value = typed.map_or(FillValue::Blank, |t| FillValue::Text(t.to_string()));
        let write = CellWrite::new(&*answer.place.sheet, cell, value);
        let broken = fill::fill(&parent.bytes, &[write]).expect("the cell is written").bytes;
        let findings = intake::file(&broken, &parent.name, &forms, &context).findings;
        tried += 1;
        let at =
            |p: &torimatome::model::Place| p.sheet == answer.place.sheet && p.area.is_some_and(|a| a.contains(cell));
        if findings.iter().any(|f| f.code == code && f.place.as_ref().is_some_and(at)) {
            named += 1;
        } else {
            println!(
                "{code} in {key} at {}: said {:?}",
                answer.place,
                findings.iter().map(|f| f.code.as_str()).collect::<Vec<_>>()
            );
        }
    }
    println!("{form}, seed {seed}: {named} of {tried} named");
    assert_eq!(named, tried);
}

#[test]
fn broken_cells_of_real_files_are_named() {
    for seed in [71, 72] {
        run("_valid-plan", "提出/甲課.xlsx", PLANS, seed, 40);
        run("_valid-procedures", "提出/甲課.xlsx", PROCEDURES, seed, 40);
    }
}
