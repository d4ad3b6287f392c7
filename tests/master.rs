//! The master workbook of a made-up round over the shipped definitions: written, read back, figures compared.

mod synthetic;

use std::io::Cursor;

use calamine::{Data, Range, Reader, Xlsx};
use synthetic::{ledger, ledger_where_all_answered};
use torimatome::forms::Templates;
use torimatome::model::ledger::Ledger;
use torimatome::write::{Output, write};

fn written(ledger: &Ledger) -> (Templates, Vec<Output>) {
    let templates = Templates::embedded().expect("the shipped definitions load");
    let outputs = write(ledger, &templates).expect("it is written");
    (templates, outputs)
}

fn sheets(outputs: &[Output]) -> Xlsx<Cursor<Vec<u8>>> {
    Xlsx::new(Cursor::new(outputs[0].bytes.clone())).expect("it opens")
}

fn texts(range: &Range<Data>) -> Vec<String> {
    range.used_cells().map(|(_, _, d)| d.to_string()).collect()
}

#[test]
fn sheets_stand_in_order_and_bytes_repeat() {
    let ledger = ledger();
    let (_, outputs) = written(&ledger);
    let book = sheets(&outputs);
    assert_eq!(
        book.sheet_names(),
        [
            "概要",
            "提出状況",
            "移行計画一覧",
            "進捗状況",
            "業務別ステップ別進捗一覧",
            "オンライン化状況",
            "率の定義と内訳",
            "確認事項",
            "出典",
            "変換記録",
            "データ",
            "コード表"
        ]
    );
    assert_eq!(written(&ledger).1, outputs);
    if let Ok(folder) = std::env::var("TORIMATOME_KEEP") {
        for output in &outputs {
            let path = std::path::Path::new(&folder).join(&output.path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(path, &output.bytes).expect("kept");
        }
    }
}

#[test]
fn ministry_layout_has_two_header_rows_and_leaves_open_rates_empty() {
    let ledger = ledger();
    let (_, outputs) = written(&ledger);
    let range = sheets(&outputs).worksheet_range("進捗状況").expect("the sheet");
    let at = |r, c| range.get_value((r, c)).cloned().unwrap_or(Data::Empty);
    assert_eq!(at(0, 0).to_string(), "都道府県");
    assert_eq!(at(2, 1).to_string(), ledger.round.municipality);
    assert_eq!(at(2, 2), Data::Empty, "the municipality's rate is a range");
    let rate = ledger.rate("step-completion").expect("the rate");
    let (mut numbers, mut empty) = (0, 0);
    for column in 3..23 {
        let name = at(1, column).to_string();
        let item =
            ledger.items_of("migration-plan").find(|i| i.item.attrs["総務省表の名称"] == name).expect("a header");
        let row = rate.rows.iter().find(|r| r.item == item.item.key).expect("a row");
        match at(2, column) {
            Data::Float(f) => {
                assert!((f - row.from).abs() < 1e-12 && (f - row.to).abs() < 1e-12, "{name}");
                numbers += 1;
            }
            Data::Empty => {
                assert!(row.from < row.to || !row.counted, "{name}");
                empty += 1;
            }
            other => panic!("{name}: {other:?}"),
        }
    }
    assert!(numbers > 10 && empty > 1, "{numbers} and {empty}");
}

#[test]
fn the_overview_says_provisional_and_hides_restricted_answers() {
    let ledger = ledger();
    let (_, outputs) = written(&ledger);
    let all = texts(&sheets(&outputs).worksheet_range("概要").expect("the sheet"));
    let joined = all.join("\n");
    assert!(joined.contains("【暫定】この集計は確定していません。"));
    assert!(joined.contains("暫定（未回答"));
    assert!(joined.contains("内訳は推定、要確認"));
    assert!(!joined.contains("Z社"), "a restricted answer stands on the overview");
    let data = texts(&sheets(&outputs).worksheet_range("データ").expect("the sheet"));
    assert!(data.iter().any(|t| t == "Z社"));
}

#[test]
fn a_complete_round_is_not_called_provisional() {
    let ledger = ledger_where_all_answered();
    let (_, outputs) = written(&ledger);
    let joined = texts(&sheets(&outputs).worksheet_range("概要").expect("the sheet")).join("\n");
    assert!(!joined.contains("暫定"), "{joined}");
    let range = sheets(&outputs).worksheet_range("進捗状況").expect("the sheet");
    assert!((2..23).all(|c| matches!(range.get_value((2, c)), Some(Data::Float(_)))));
}

#[test]
fn lists_keep_the_ministrys_order_and_the_four_kinds_of_no_value_apart() {
    let ledger = ledger();
    let (_, outputs) = written(&ledger);
    let range = sheets(&outputs).worksheet_range("移行計画一覧").expect("the sheet");
    let first: Vec<f64> = range.rows().filter_map(|r| if let Data::Float(n) = r[0] { Some(n) } else { None }).collect();
    assert_eq!(first, (1..=20).map(f64::from).collect::<Vec<_>>());
    let all = texts(&range);
    for expected in [
        "（未回答）",
        "未定（ベンダ回答待ち）",
        "－",
        "○ 期限内",
        "× 期限超過",
        "△ 期限をまたぐ（要確認）",
        "令和8年3月（R8.3）",
        "システムなし",
        "所管課未定",
        "暫定（未提出・未回答）",
    ] {
        assert!(all.iter().any(|t| t == expected), "{expected}");
    }
    assert!(all.iter().any(|t| t.ends_with("【要確認】")));
}

#[test]
fn a_blank_is_unanswered_only_where_an_answer_is_owed() {
    let ledger = ledger();
    let (_, outputs) = written(&ledger);
    let range = sheets(&outputs).worksheet_range("オンライン化状況").expect("the sheet");
    let row = |number: f64| range.rows().find(|r| r[0] == Data::Float(number)).expect("the row").to_vec();
    // 10 is answered 制度なし, so that its blanks are no gaps; 7 is in force with three blanks.
    assert!(row(10.0).iter().all(|d| *d != "（未回答）"), "{:?}", row(10.0));
    assert_eq!(row(7.0).iter().filter(|d| **d == "（未回答）").count(), 3, "{:?}", row(7.0));
}

#[test]
fn data_has_one_row_per_answer_and_the_csv_equals_it() {
    let ledger = ledger();
    let (_, outputs) = written(&ledger);
    let range = sheets(&outputs).worksheet_range("データ").expect("the sheet");
    let answers: usize = ledger.items.iter().filter_map(|i| i.record.as_ref()).map(|r| r.fields.len()).sum();
    let cards: usize = ledger.submissions.iter().map(|s| s.card.len()).sum();
    let silent = ledger.items.iter().filter(|i| i.record.is_none()).count();
    assert_eq!(range.height(), 1 + answers + cards + silent);
    let csv = &outputs.iter().find(|o| o.path == "データ/回答.csv").expect("the CSV").bytes;
    assert!(csv.starts_with(b"\xEF\xBB\xBF"));
    let text = String::from_utf8(csv.clone()).expect("UTF-8");
    assert_eq!(text.matches("\r\n").count(), range.height());
    assert!(text.contains("'=HYPERLINK"), "a text that looks like a formula is guarded");
    let mut reader = csv::Reader::from_reader(&csv[3..]);
    for (record, row) in reader.records().zip(range.rows().skip(1)) {
        let record = record.expect("a record");
        assert!(!record.iter().any(|field| field.starts_with('=')));
        assert_eq!(record.len(), range.width());
        assert_eq!(record[10].to_string(), row[10].to_string());
        assert_eq!(record[25].to_string(), row[25].to_string());
    }
}

#[test]
fn every_finding_is_listed_with_its_place_and_a_relative_link() {
    let ledger = ledger();
    let (templates, outputs) = written(&ledger);
    let range = sheets(&outputs).worksheet_range("確認事項").expect("the sheet");
    let cells: Vec<Vec<String>> = range.rows().map(|r| r.iter().map(ToString::to_string).collect()).collect();
    for finding in &ledger.findings {
        let row = cells
            .iter()
            .find(|r| r[6] == finding.code && r[14] == finding.place.as_ref().expect("a place").cell_text());
        let row = row.unwrap_or_else(|| panic!("{} is missing", finding.code));
        assert!(row[8].starts_with(&templates.catalogue.sentence(finding, &row[5], &row[4])));
    }
    let mut zip = zip::ZipArchive::new(Cursor::new(&outputs[0].bytes)).expect("a package");
    let mut links = String::new();
    for i in 0..zip.len() {
        let mut part = zip.by_index(i).expect("a part");
        let name = part.name().expect("a name").to_string();
        if name.starts_with("xl/worksheets/_rels/") {
            std::io::Read::read_to_string(&mut part, &mut links).expect("text");
        }
    }
    assert!(links.contains("Target=\"../提出/"), "{links}");
    assert!(!links.contains("file:"), "{links}");
}

#[test]
fn a_definition_that_cannot_be_drawn_is_told() {
    let mut templates = Templates::embedded().expect("they load");
    let ledger = ledger();
    templates.master[0].kind = torimatome::model::master::MasterKind::Gantt {
        codes: "steps".into(),
        planned: "{row}".into(),
        actual: "{row}_actual".into(),
        deadline: "migration".into(),
        from: None,
    };
    let error = write(&ledger, &templates).expect_err("gantt is not drawn");
    assert!(error.to_string().contains("gantt"), "{error}");
}
