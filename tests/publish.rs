//! The gate of `publish`: whatever somebody typed into a published text that must not leave the house, in whatever spelling,
//! the publication is refused with the cell named, and the last published files stay as they are.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use torimatome::forms::Templates;
use torimatome::model::ledger::Ledger;
use torimatome::model::{Answer, Severity, State, Value, Veil};
use torimatome::publish::{self, Wishes};
use torimatome::run::{self, Options};

const FIELD: &str = "public_text";

fn options() -> Options {
    Options { today: "2022-11-14".parse().unwrap(), templates: None, quiet: true, settings: None }
}

fn parent() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/broken/_valid-initiatives")
}

fn ledger(templates: &Templates) -> Ledger {
    run::bring_together(&parent(), templates, &options()).unwrap_or_else(|_| panic!("the parent is a sound round"))
}

/// The answer that is changed: the published text of the first record.
fn answer(ledger: &mut Ledger) -> &mut Answer {
    let record = ledger.items.iter_mut().find_map(|i| i.record.as_mut().filter(|r| r.form == "dx-initiatives"));
    Arc::make_mut(record.unwrap()).fields.get_mut(FIELD).unwrap()
}

/// What must never appear, in the spellings people type.
fn canaries() -> Vec<String> {
    let mut all: Vec<String> = [
        "0225-00-1111",
        "０２２５－００－１１１１",
        "0225(00)1111",
        "（0225）00-1111",
        "0225 00 1111",
        "0225.00.1111",
        "0225・00・1111",
        "022500 1111",
        "0225001111",
        "TEL0225-00-1111",
        "℡0225-00-1111",
        "０９０ー００００ー１１１１",
        "09000001111",
        "090 0000 1111",
        "+81-90-0000-1111",
        "+819000001111",
        "電話00-1111",
        "〇二二五―〇〇―一一一一",
        "0225\u{200B}-00-1111",
        "090\n0000\n1111",
        "内線1111",
        "内線：１１１１",
        "（内線 1111）",
        "canary@example.jp",
        "ｃａｎａｒｙ＠ｅｘａｍｐｌｅ．ｊｐ",
        "canary[at]example.jp",
        "canary (at) example.jp",
        "canary @ example.jp",
        "123456789018",
        "１２３４５６７８９０１８",
        "1234-5678-9018",
        "1234 5678 9018",
        "1234.5678.9018",
        "一二三四五六七八九〇一八",
        "123456\u{200D}789018",
    ]
    .map(String::from)
    .to_vec();
    let around: Vec<String> = all.iter().map(|c| format!("申込みは{c}まで（平日のみ）。")).collect();
    all.extend(around);
    all
}

#[test]
fn canaries_are_refused_at_their_cell_and_stand_in_no_finding() {
    let templates = Templates::embedded().unwrap();
    let mut ledger = ledger(&templates);
    let canaries = canaries();
    assert!(canaries.len() >= 60);
    let sound = publish::publish(&ledger, &templates, &Wishes::default()).unwrap();
    assert!(!sound[0].refused() && sound[0].count == 2 && !sound[0].outputs.is_empty());
    for canary in canaries {
        let changed = answer(&mut ledger);
        changed.value = Value::Text(canary.as_str().into());
        changed.raw = canary.as_str().into();
        let place = changed.place.clone();
        let published = publish::publish(&ledger, &templates, &Wishes::default()).unwrap();
        assert!(published[0].refused(), "{canary:?} got through");
        assert!(published[0].outputs.is_empty() && published[0].record.is_empty(), "{canary:?}");
        let finding = published[0].gate.iter().find(|f| f.code == "X141E").unwrap();
        assert_eq!(finding.place.as_ref(), Some(&place), "{canary:?}");
        assert!(!finding.given.as_deref().unwrap_or_default().contains("1111"), "the finding repeats {canary:?}");
    }
}

/// What is on no allow list is in no file: every answer of the first record is turned into a canary, and only the columns of
/// the definition may carry it.
#[test]
fn only_the_allow_list_is_in_the_files() {
    let templates = Templates::embedded().unwrap();
    let mut ledger = ledger(&templates);
    let definition = &templates.publications["dx-initiatives"];
    let form = &templates.forms["dx-initiatives"];
    let mut allowed: Vec<String> = Vec::new();
    for field in definition.columns.iter().filter_map(|c| c.field.as_ref()) {
        allowed.extend(form.expand(field, &templates.lists));
    }
    let record = ledger.items.iter_mut().find_map(|i| i.record.as_mut()).unwrap();
    let mut hidden: Vec<String> = Vec::new();
    // `retain` keeps every answer: it is how all are changed beside their keys.
    Arc::make_mut(record).fields.retain(|k, a| {
        if !allowed.iter().any(|x| x == k) && !["class", "placement", "publish"].contains(&k) {
            let canary = format!("カナリア{k}");
            a.value = Value::Text(canary.as_str().into());
            a.raw = canary.as_str().into();
            hidden.push(canary);
        }
        true
    });
    assert!(hidden.len() > 20, "the form has {} answers that are not public", hidden.len());
    let published = publish::publish(&ledger, &templates, &Wishes { cp932: true, ..Wishes::default() }).unwrap();
    let text_files = published[0].outputs.iter().filter(|o| !is_book(&o.path));
    let texts: Vec<String> = text_files.map(|o| String::from_utf8_lossy(&o.body.all().unwrap()).into_owned()).collect();
    let book = published[0].outputs.iter().find(|o| is_book(&o.path)).unwrap();
    let opened =
        torimatome::read::open(&book.body.all().unwrap(), "x.xlsx", &torimatome::read::Limits::default()).unwrap();
    let cells: Vec<String> =
        opened.workbook.sheets.iter().flat_map(|s| s.cells.values()).map(torimatome::model::Cell::raw).collect();
    assert!(cells.iter().any(|c| c.contains("窓口")), "the workbook holds the list");
    for canary in hidden {
        assert!(!texts.iter().chain(&cells).any(|t| t.contains(&canary)), "{canary} is published");
    }
}

#[test]
fn what_is_hidden_or_struck_through_is_refused() {
    let templates = Templates::embedded().unwrap();
    for (veil, code) in [
        (Veil::HiddenSheet, "X143E"),
        (Veil::HiddenRow, "X143E"),
        (Veil::HiddenColumn, "X143E"),
        (Veil::Struck, "X144E"),
    ] {
        let mut ledger = ledger(&templates);
        let place = answer(&mut ledger).place.clone();
        let file = ledger.submissions.iter_mut().find(|s| s.state == State::Accepted && s.file == *place.file).unwrap();
        file.veiled = BTreeMap::from([(place, veil)]);
        let published = publish::publish(&ledger, &templates, &Wishes::default()).unwrap();
        let codes: Vec<&str> = published[0].gate.iter().map(|f| f.code.as_str()).collect();
        assert_eq!(codes, [code], "{veil:?}");
    }
}

#[test]
fn a_refused_publication_leaves_the_last_files_and_the_other_results() {
    let templates = Templates::embedded().unwrap();
    let dir = tempfile::tempdir().unwrap();
    for entry in walkdir::WalkDir::new(parent()).into_iter().map(Result::unwrap) {
        let to = dir.path().join(entry.path().strip_prefix(parent()).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(to).unwrap();
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
    fs::create_dir_all(dir.path().join("結果")).unwrap();
    fs::write(dir.path().join("結果/取りまとめ.xlsx"), "the last results").unwrap();
    let run = || run::publish(dir.path(), &templates, &options(), false).unwrap_or_else(|_| panic!("it runs"));
    let first = run();
    assert!(first.placed.is_some_and(|p| p.changed));
    let page = fs::read(dir.path().join("結果/公表/DX取組一覧.html")).unwrap();
    assert!(run().placed.is_some_and(|p| !p.changed), "the same round gives the same bytes");
    // The same round with the broken sample's reply in place of the sound one.
    let broken = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/broken/X141E-phone-in-text/提出/甲課.xlsx");
    fs::copy(broken, dir.path().join("提出/甲課.xlsx")).unwrap();
    let refused = run();
    assert!(refused.placed.is_none() && refused.outputs.is_empty());
    assert!(refused.published[0].gate.iter().any(|f| f.severity() == Severity::E));
    assert_eq!(fs::read(dir.path().join("結果/公表/DX取組一覧.html")).unwrap(), page);
    assert_eq!(fs::read(dir.path().join("結果/取りまとめ.xlsx")).unwrap(), b"the last results");
}

/// A formula sign in a published text is harmless in every file.
#[test]
fn formula_signs_are_guarded() {
    let templates = Templates::embedded().unwrap();
    let mut ledger = ledger(&templates);
    let text = "=HYPERLINK(\"x\")<script>alert(1)</script>";
    answer(&mut ledger).value = Value::Text(text.into());
    let published = publish::publish(&ledger, &templates, &Wishes::default()).unwrap();
    let file = |end: &str| {
        published[0].outputs.iter().find(|o| o.path.ends_with(end)).unwrap().body.all().unwrap().into_owned()
    };
    let csv = String::from_utf8(file("DX取組一覧.csv")).unwrap();
    assert!(csv.starts_with('\u{FEFF}') && csv.contains("\"'=HYPERLINK("), "{csv}");
    let page = String::from_utf8(file(".html")).unwrap();
    assert!(page.contains("&lt;script&gt;alert(1)") && !page.contains("<script>alert(1)"));
    let book = file(".xlsx");
    let opened = torimatome::read::open(&book, "x.xlsx", &torimatome::read::Limits::default()).unwrap();
    let cells = opened.workbook.sheets.iter().flat_map(|s| s.cells.values());
    assert!(cells.clone().any(|c| c.raw() == text) && cells.clone().all(|c| !c.formula));
}

fn is_book(path: &str) -> bool {
    std::path::Path::new(path).extension().is_some_and(|e| e == "xlsx")
}

/// The page and 公表前点検 of a ledger.
fn page_and_record(ledger: &Ledger, templates: &Templates) -> (String, String) {
    let published = publish::publish(ledger, templates, &Wishes::default()).unwrap();
    let page = published[0]
        .outputs
        .iter()
        .find(|o| std::path::Path::new(&o.path).extension().is_some_and(|e| e == "html"))
        .unwrap();
    let page = String::from_utf8(page.body.all().unwrap().into_owned()).unwrap();
    (page, String::from_utf8(publish::record(&published).body.all().unwrap().into_owned()).unwrap())
}

#[test]
fn licence_contact_and_publisher_are_those_of_the_settings() {
    let templates = Templates::embedded().unwrap();
    let mut ledger = ledger(&templates);
    let city = ledger.round.municipality.clone();
    let (page, record) = page_and_record(&ledger, &templates);
    for gone in ["CC BY", "クリエイティブ", "事務局", "問合せ先"] {
        assert!(!page.contains(gone), "{gone}");
    }
    assert!(page.contains(&format!("content=\"{city}\"")), "the municipality publishes");
    assert!(record.contains("公表者・利用条件・公表の問合せ先が空欄"), "{record}");
    ledger.round.publication.licence = "公共データ利用規約{contact}".into();
    ledger.round.publication.publisher = "甲市<総務部>".into();
    ledger.round.publication.contact = "デジタル課".into();
    let (page, record) = page_and_record(&ledger, &templates);
    for wanted in ["公共データ利用規約{contact}の条件で", "甲市&lt;総務部&gt;", "問合せ先　デジタル課"]
    {
        assert!(page.contains(wanted), "{wanted}");
    }
    assert!(record.contains("甲市<総務部>") && !record.contains("空欄です"), "{record}");
}

#[test]
fn divisions_that_have_not_replied_are_named_on_the_page_and_in_the_record() {
    let templates = Templates::embedded().unwrap();
    let mut ledger = ledger(&templates);
    let (page, record) = page_and_record(&ledger, &templates);
    assert!(!page.contains("届いていない") && !record.contains("届いていない"));
    let mut absent = ledger.submissions.iter().find(|s| s.form.as_deref() == Some("dx-initiatives")).unwrap().clone();
    let division = ledger.round.divisions.last().unwrap().clone();
    (absent.state, absent.division, absent.file) = (State::Missing, Some(division.code), String::new());
    ledger.submissions.push(absent);
    let (page, record) = page_and_record(&ledger, &templates);
    assert!(page.contains(&format!("入っていません：{}", division.name)), "{page}");
    assert!(record.contains(&format!("届いていない課 1（{}）", division.name)), "{record}");
}
