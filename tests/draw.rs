//! Draws every form of the shipped templates for a made-up division and reads it again with another library.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Data, Range, Reader, SheetVisible, Xlsx};
use chrono::NaiveDate;
use torimatome::forms::Templates;
use torimatome::forms::draw::{CHECKS, CellValue, Fill, LISTS, workbook};
use torimatome::intake::{self, Context};
use torimatome::model::form::{Form, Layout, Repeat};
use torimatome::model::marker::Marker;
use torimatome::model::round::FormRound;
use torimatome::model::{CodeList, Division, Item, Round, sign};
use torimatome::read::{Limits, legacy};

fn day(y: i32, m: u32, d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(y, m, d).expect("a day")
}

fn division() -> Division {
    Division { code: "0103".into(), bureau: "甲部".into(), name: "甲課".into(), ..Division::default() }
}

/// The first rows of the roster's code list as items.
fn items(list: &CodeList, count: usize) -> Vec<Item> {
    let item = |c: &torimatome::model::Code| Item {
        key: c.code.clone(),
        name: c.name.clone(),
        attrs: c.attrs.clone(),
        ..Item::default()
    };
    list.codes.iter().take(count).map(item).collect()
}

fn open(bytes: &[u8]) -> Xlsx<Cursor<Vec<u8>>> {
    calamine::open_workbook_from_rs(Cursor::new(bytes.to_vec())).expect("a workbook")
}

fn texts(range: &Range<Data>) -> Vec<String> {
    range.used_cells().map(|(_, _, d)| d.to_string()).collect()
}

/// Draws a form and leaves the file beside the test's own, to be looked at.
fn drawn(form: &Form, templates: &Templates, fill: &Fill<'_>) -> Vec<u8> {
    let bytes = workbook(form, templates, fill).expect("a drawing");
    let path = format!("{}/{}.xlsx", env!("CARGO_TARGET_TMPDIR"), form.id);
    std::fs::write(path, &bytes).expect("a file");
    bytes
}

#[test]
fn every_form_is_drawn_and_read_again() {
    let templates = Templates::embedded().expect("sound templates");
    let division = division();
    for form in templates.asked() {
        let roster = form.roster.as_ref().expect("a roster");
        // A gathered roster has no list: its rows are free.
        let items = templates.lists.get(roster).map(|l| items(l, 5)).unwrap_or_default();
        let fill = Fill {
            round_name: "令和4年10月末",
            mark: "見本・回答内容は架空",
            as_of: Some(day(2022, 10, 31)),
            division: Some(&division),
            items: items.iter().collect(),
            created: day(2022, 11, 1),
            ..Fill::default()
        };
        let bytes = drawn(form, &templates, &fill);
        assert_eq!(bytes, workbook(form, &templates, &fill).expect("a drawing"), "same input, same bytes");
        let mut book = open(&bytes);
        let lists = book.sheets_metadata().iter().find(|s| s.name == LISTS).expect("drop-downs").visible;
        assert_eq!(lists, SheetVisible::VeryHidden);
        let explains = |n: &str| n.starts_with(sign::GUIDE) || n.starts_with(sign::EXAMPLE);
        let (shown, explaining): (Vec<String>, Vec<String>) =
            book.sheet_names().into_iter().filter(|n| n != LISTS && n != CHECKS).partition(|n| !explains(n));
        assert!(explaining.len() > 1, "{explaining:?}");
        let names = shown;
        let mut sheets = names.iter();
        for sheet in &form.sheets {
            let of: Vec<Option<&Item>> = match sheet.repeat {
                Repeat::Once => vec![None],
                Repeat::Item => items.iter().map(Some).collect(),
            };
            for item in of {
                let name = sheets.next().expect("a sheet");
                let found = texts(&book.worksheet_range(name).expect("a range"));
                let marker = found.iter().find_map(|t| Marker::parse(t)).expect("the marker");
                assert_eq!((marker.form, marker.sheet), (form.id.clone(), sheet.id.clone()));
                assert!(found.iter().any(|t| t == fill.mark));
                for block in &sheet.blocks {
                    for label in block.fields.iter().map(|f| &f.label) {
                        assert!(found.contains(label), "{name}: {label}");
                    }
                    if block.rows.roster {
                        assert!(items.iter().all(|i| found.contains(&i.key) && found.contains(&i.name)));
                    }
                    if block.layout == Layout::Card && sheet.common_card {
                        assert!(found.contains(&"0103".to_string()), "{name}: the division's code as text");
                    }
                }
                assert!(item.is_none_or(|i| found.contains(&i.key) && found.contains(&i.name)));
            }
        }
        assert!(sheets.next().is_none());
    }
}

#[test]
fn the_settings_are_drawn_with_national_lists_and_given_rows() {
    let templates = Templates::embedded().expect("sound templates");
    let settings = templates.settings().expect("settings");
    let text = |t: &str| CellValue::Text(t.to_string());
    let row =
        |cells: &[(&str, &str)]| cells.iter().map(|(k, v)| ((*k).to_string(), text(v))).collect::<BTreeMap<_, _>>();
    let divisions = (0..70).map(|n| row(&[("code", &format!("{n:04}")), ("name", &format!("第{n}課"))])).collect();
    let first = templates.lists["systems"].codes[1].clone();
    let fill = Fill {
        round_name: "令和4年10月末",
        answers: BTreeMap::from([((String::new(), "municipality_code".to_string()), text("012345"))]),
        rows: BTreeMap::from([
            ("divisions".to_string(), divisions),
            ("systems".to_string(), vec![row(&[("key", &first.code), ("owner", "0007")]), row(&[("key", "999")])]),
        ]),
        created: day(2022, 11, 1),
        ..Fill::default()
    };
    let mut book = open(&drawn(settings, &templates, &fill));
    let basic = texts(&book.worksheet_range_at(0).expect("a sheet").expect("a range"));
    assert!(basic.contains(&"012345".to_string()));
    let sheet = |id: &str| settings.sheets.iter().position(|s| s.id == id).expect("a sheet");
    let found = texts(&book.worksheet_range_at(sheet("divisions")).expect("a sheet").expect("a range"));
    assert!(found.contains(&"0000".to_string()) && found.contains(&"0069".to_string()), "more rows than planned");
    let range = book.worksheet_range_at(sheet("systems")).expect("a sheet").expect("a range");
    let own = range.rows().find(|r| r.contains(&Data::String(first.code.clone()))).expect("the code's row");
    assert!(own.contains(&Data::String(first.name.clone())) && own.contains(&Data::String("0007".into())));
    assert_eq!(range.rows().flatten().filter(|d| **d == Data::String(first.code.clone())).count(), 1);
    assert!(texts(&range).contains(&"999".to_string()), "a row outside the list takes a free row");
}

#[test]
fn a_form_that_was_issued_for_another_day_is_told_though_its_version_is_the_same() {
    let templates = Templates::embedded().expect("sound templates");
    let division = division();
    for form in templates.asked() {
        let issued = |as_of| {
            let fill =
                Fill { as_of: Some(as_of), division: Some(&division), created: day(2022, 11, 1), ..Fill::default() };
            workbook(form, &templates, &fill).expect("a drawing")
        };
        let mut round = Round { divisions: vec![division.clone()], ..Round::default() };
        let (as_of, reply_deadline) = (day(2022, 10, 31), day(2022, 11, 10));
        round.forms.insert(form.id.clone(), FormRound { as_of, count_year: None, reply_deadline, asked: Vec::new() });
        let limits = Limits::default();
        let today = day(2022, 11, 7);
        let ctx = Context {
            templates: &templates,
            round: Some(&round),
            today,
            limits: &limits,
            legacy: &legacy::open,
            watch: None,
        };
        let told = |as_of| {
            let read = intake::file(&issued(as_of), "様式.xlsx", &[form], &ctx);
            read.findings.into_iter().find(|f| f.code == "S011W")
        };
        assert!(told(day(2022, 10, 31)).is_none(), "{}", form.id);
        let finding = told(day(2021, 10, 31)).expect(&form.id);
        assert!(finding.given.is_some_and(|g| g.contains("基準日 令和3年10月31日")));
        assert!(finding.expected.is_some_and(|e| e.contains("基準日 令和4年10月31日")));
    }
}
