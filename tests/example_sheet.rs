//! The worked example of a form is never taken for an answer, whatever somebody does to its sheet.

use std::io::{Cursor, Read, Write};

use chrono::NaiveDate;
use torimatome::forms::Templates;
use torimatome::forms::draw::{Fill, workbook};
use torimatome::intake::{self, Context};
use torimatome::model::{Division, Item, Submission, sign};
use torimatome::read::{Limits, legacy};

fn day(y: i32, m: u32, d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(y, m, d).expect("a day")
}

/// A form as it goes out, with nothing filled in but what it comes with.
fn blank(templates: &Templates, id: &str) -> Vec<u8> {
    let form = &templates.forms[id];
    let division =
        Division { code: "0103".into(), bureau: "甲部".into(), name: "甲課".into(), ..Division::default() };
    let codes = form.roster.as_ref().and_then(|r| templates.lists.get(r));
    let items: Vec<Item> = codes
        .into_iter()
        .flat_map(|l| l.codes.iter().take(2))
        .map(|c| Item { key: c.code.clone(), name: c.name.clone(), attrs: c.attrs.clone(), ..Item::default() })
        .collect();
    let fill = Fill {
        as_of: Some(day(2022, 10, 31)),
        division: Some(&division),
        items: items.iter().collect(),
        created: day(2022, 11, 1),
        ..Fill::default()
    };
    workbook(form, templates, &fill).expect("a drawing")
}

/// The same workbook with every sheet of the example called something else.
fn renamed(bytes: &[u8]) -> Vec<u8> {
    let mut old = zip::ZipArchive::new(Cursor::new(bytes)).expect("a package");
    let mut new = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let mut count = 0;
    for index in 0..old.len() {
        let mut part = old.by_index(index).expect("a part");
        let (name, mut body) = (part.name().expect("a name").to_string(), Vec::new());
        part.read_to_end(&mut body).expect("bytes");
        if name == "xl/workbook.xml" {
            let text = String::from_utf8(body).expect("text");
            count = text.matches(&format!("<sheet name=\"{}", sign::EXAMPLE)).count();
            body = text.replace(&format!("<sheet name=\"{}", sign::EXAMPLE), "<sheet name=\"回答").into_bytes();
        }
        new.start_file(name, zip::write::SimpleFileOptions::default()).expect("a part");
        new.write_all(&body).expect("written");
    }
    assert!(count > 0, "no sheet of the example");
    new.finish().expect("a package").into_inner()
}

fn read(templates: &Templates, id: &str, bytes: &[u8]) -> Submission {
    let limits = Limits::default();
    let ctx = Context {
        templates,
        round: None,
        today: day(2022, 11, 7),
        limits: &limits,
        legacy: &legacy::open,
        watch: None,
    };
    intake::file(bytes, "様式.xlsx", &[&templates.forms[id]], &ctx).submission
}

#[test]
fn an_example_is_no_answer_even_under_another_name() {
    let templates = Templates::embedded().expect("sound templates");
    for form in templates.asked() {
        let bytes = blank(&templates, &form.id);
        let mut book: calamine::Xlsx<_> =
            calamine::open_workbook_from_rs(Cursor::new(bytes.clone())).expect("a workbook");
        let example = calamine::Reader::sheet_names(&book).into_iter().filter(|n| n.starts_with(sign::EXAMPLE));
        let words: usize = example
            .collect::<Vec<_>>()
            .iter()
            .map(|n| calamine::Reader::worksheet_range(&mut book, n).expect("a sheet").used_cells().count())
            .sum();
        assert!(words > 50, "{}: the example says something", form.id);
        // What a blank form is read as: the answers it comes with stand in cells that are locked or prefilled.
        let open: Vec<String> = form
            .slots(&templates.lists)
            .iter()
            .filter(|s| !s.field.locked && s.field.prefill.is_none())
            .map(torimatome::model::form::Slot::key)
            .collect();
        for bytes in [bytes.clone(), renamed(&bytes)] {
            let submission = read(&templates, &form.id, &bytes);
            assert_eq!(submission.form.as_ref(), Some(&form.id));
            let records = submission.records.iter().map(|r| &r.fields);
            for (key, answer) in [&submission.card].into_iter().chain(records).flatten() {
                if open.iter().any(|o| o == key) {
                    assert!(answer.value.is_blank(), "{}: {key} says {:?}", form.id, answer.raw);
                }
            }
        }
    }
}
