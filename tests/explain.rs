//! `check --explain` says of every cell what it was taken for, and says the same as the reading does.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::NaiveDate;
use torimatome::forms::Templates;
use torimatome::intake::{self, Context, Intake};
use torimatome::read::explain::{Explanation, TakenFor};
use torimatome::read::{Limits, legacy, open};
use torimatome::report::explain::{Cells, nearest, text};
use torimatome::unpack;

fn sample() -> Vec<u8> {
    let returned =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/ishinomaki-r4-10/提出/移行計画書_保険年金課.xlsx");
    std::fs::read(returned).expect("the sample round")
}

fn with<T>(
    bytes: &[u8],
    name: &str,
    then: impl FnOnce(Vec<Intake>, Vec<(String, Explanation<'_>)>, &Templates) -> T,
) -> T {
    let templates = Templates::embedded().expect("sound templates");
    let limits = Limits::default();
    let today = NaiveDate::from_ymd_opt(2022, 11, 14).unwrap();
    let forms: Vec<_> = templates.asked().collect();
    let (taken, explained) = intake::explaining(&forms, |watch| {
        let watch = Some(watch);
        let ctx = Context { templates: &templates, round: None, today, limits: &limits, legacy: &legacy::open, watch };
        unpack::files(bytes, bytes.len() as u64, name, &forms, &ctx)
    });
    then(taken, explained.into_iter().collect(), &templates)
}

#[test]
fn every_cell_stands_once_and_every_answer_is_named() {
    let book = open(&sample(), "x.xlsx", &Limits::default()).expect("a workbook").workbook;
    with(&sample(), "x.xlsx", |taken, explained, templates| {
        let [(_, Explanation::Form(_, all))] = &explained[..] else { panic!("not read as a form: {explained:?}") };
        let mut seen: BTreeSet<(String, String)> = BTreeSet::new();
        for c in all.iter().filter(|c| c.taken_for != TakenFor::Note) {
            assert!(seen.insert((c.sheet.to_string(), c.area.first.to_string())), "{} {} twice", c.sheet, c.area);
        }
        for sheet in &book.sheets {
            for (at, _) in sheet.cells.iter().filter(|(_, c)| !c.is_blank()) {
                assert!(seen.contains(&(sheet.name.clone(), at.to_string())), "{} {at} is not explained", sheet.name);
            }
        }
        let submissions: Vec<_> = taken.into_iter().map(|i| i.submission).collect();
        let json = serde_json::to_value(Cells::of(&explained, &submissions)).expect("JSON");
        let mut by_cell: BTreeMap<(&str, &str), &serde_json::Value> = BTreeMap::new();
        for c in json.as_array().expect("a list") {
            by_cell.insert((c["sheet"].as_str().unwrap(), c["cell"].as_str().unwrap()), c);
        }
        let fields = submissions[0].records.iter().flat_map(|r| &r.fields).chain(&submissions[0].card);
        let mut answers = 0;
        for (key, answer) in fields {
            let cell = by_cell[&(&*answer.place.sheet, answer.place.cell_text().as_str())];
            assert_eq!((cell["field"].as_str(), cell["raw"].as_str()), (Some(key.as_str()), Some(answer.raw.as_str())));
            assert_eq!(cell["value"], torimatome::report::json::value(&answer.value), "{key}");
            assert!(["answer", "key"].contains(&cell["taken_for"].as_str().unwrap()), "{cell}");
            answers += 1;
        }
        assert!(answers > 100, "{answers}");
        let count = |taken_for: TakenFor| all.iter().filter(|c| c.taken_for == taken_for).count();
        assert_eq!(count(TakenFor::Stray), 0);
        // The sheets that explain the form are nobody's answers.
        let others = all.iter().filter(|c| c.taken_for == TakenFor::OtherSheet);
        assert!(others.clone().count() > 0);
        assert!(others.clone().all(|c| ["記入要領", "記入例", "_"].iter().any(|n| c.sheet.starts_with(n))));
        assert!(count(TakenFor::Label) > 30);
        let shown = text(&explained, &submissions, templates);
        assert!(shown.lines().any(|l| l.contains("回答") && l.contains("契約満了日") && l.contains("令和8年3月31日")));
    });
}

#[test]
fn what_is_no_form_is_told_with_the_nearest_one() {
    let csv = "部局,内線,題\n教育委員会事務局,0004,回答\n";
    with(csv.as_bytes(), "x.csv", |_, explained, templates| {
        let near = nearest(&explained);
        let near = &near.as_array().expect("a list")[0];
        assert!(near["form"].is_string());
        assert_eq!(
            near["found"],
            serde_json::json!([{"label": "部局", "cell": "A1"}, {"label": "内線", "cell": "B1"}])
        );
        assert!(!near["missing"].as_array().expect("missing").is_empty());
        let shown = text(&explained, &[], templates);
        assert!(shown.contains("最も近いのは") && shown.contains("なし"), "{shown}");
        let none = serde_json::to_value(Cells::of(&explained, &[])).expect("JSON");
        assert_eq!(none, serde_json::json!([]));
    });
    with(b"a,b\n", "x.csv", |_, explained, templates| {
        assert!(text(&explained, &[], templates).contains("どの様式の見出しも見つかりません"));
    });
}

/// Of an archive each file is explained under its own path.
#[test]
fn files_in_a_zip_are_explained_too() {
    use std::io::Write;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("中/回答.xlsx", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(&sample()).unwrap();
    let bytes = zip.finish().unwrap().into_inner();
    with(&bytes, "提出/x.zip", |taken, explained, _| {
        assert_eq!(explained.len(), 1);
        assert_eq!(explained[0].0, "提出/x.zip/中/回答.xlsx");
        let inside = &taken[1].submission;
        assert_eq!(
            (inside.file.as_str(), inside.state),
            ("提出/x.zip/中/回答.xlsx", torimatome::model::State::Accepted)
        );
        let place = &inside.records[0].fields.values().next().expect("an answer").place;
        assert_eq!(&*place.file, "提出/x.zip/中/回答.xlsx");
    });
}
