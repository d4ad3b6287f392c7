//! The master workbook of a made-up round over the shipped definitions: written, read back, figures compared.

mod synthetic;

use std::io::Cursor;
use std::sync::Arc;

use calamine::{Data, Range, Reader, Xlsx};
use synthetic::{ledger, ledger_where_all_answered};
use torimatome::consolidate::rates::rate;
use torimatome::forms::Templates;
use torimatome::model::ledger::{Ledger, LedgerItem, Previous, Standing};
use torimatome::model::{Interval, NoneKind, Told, Value};
use torimatome::write::{Output, write};

fn written(ledger: &Ledger) -> (Templates, Vec<Output>) {
    let templates = Templates::embedded().expect("the shipped definitions load");
    let outputs = write(ledger, &templates).expect("it is written");
    (templates, outputs)
}

fn sheets(outputs: &[Output]) -> Xlsx<Cursor<Vec<u8>>> {
    Xlsx::new(Cursor::new(outputs[0].body.all().unwrap().into_owned())).expect("it opens")
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
            "本部会議資料",
            "提出状況",
            "移行計画一覧",
            "進捗状況",
            "業務別ステップ別進捗一覧",
            "工程表",
            "オンライン化状況",
            "率の定義と内訳",
            "運用開始日調整",
            "確認事項",
            "出典",
            "変換記録",
            "データ",
            "コード表",
            "グラフ用"
        ]
    );
    assert_eq!(written(&ledger).1, outputs);
    if let Ok(folder) = std::env::var("TORIMATOME_KEEP") {
        for output in &outputs {
            let path = std::path::Path::new(&folder).join(&output.path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(path, output.body.all().unwrap()).expect("kept");
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

/// Two systems that do not exist, one by the division's answer and one by the settings, in a round that is complete else.
fn without_two_systems() -> Ledger {
    let mut ledger = ledger_where_all_answered();
    let templates = Templates::embedded().expect("the shipped definitions load");
    let mut systems = ledger.items.iter_mut().filter(|i| i.form == "migration-plan");
    let said = Arc::make_mut(systems.next().and_then(|i| i.record.as_mut()).expect("a record"));
    said.fields.values_mut().for_each(|a| a.value = Value::Blank);
    said.fields.get_mut("system_exists").expect("the field").value = Value::Choice("no".into());
    let absent = systems.next().expect("another");
    (absent.item.absent, absent.record, absent.standing) = (true, None, Standing::Absent);
    ledger.rates = templates.rates.iter().map(|d| rate(d, &templates, &ledger.round, &ledger.items)).collect();
    ledger
}

#[test]
#[allow(clippy::cmp_owned, reason = "a cell is compared as it is shown")]
fn no_system_is_an_answer_and_no_progress() {
    let ledger = without_two_systems();
    let names: Vec<&str> = ledger.items_of("migration-plan").take(2).map(|i| i.item.name.as_str()).collect();
    let labels: Vec<&String> =
        ledger.items_of("migration-plan").take(2).map(|i| &i.item.attrs["総務省表の名称"]).collect();
    let (_, outputs) = written(&ledger);
    let range = |name: &str| sheets(&outputs).worksheet_range(name).expect("the sheet");
    let said = format!("うちシステムなし 2 業務（{}）。20 業務に含み、定義のとおりに数えています。", names.join("、"));
    for sheet in ["概要", "本部会議資料", "率の定義と内訳", "進捗状況"] {
        assert!(texts(&range(sheet)).contains(&said), "{sheet}");
        assert!(!texts(&range(sheet)).join("\n").contains("暫定（"), "{sheet}");
    }
    // The rate and the steps of the ministry's layout agree.
    let (rates, steps) = (range("進捗状況"), range("業務別ステップ別進捗一覧"));
    for label in labels {
        let column = (0..23).find(|c| rates.get_value((1, *c)).is_some_and(|d| d.to_string() == **label)).expect("it");
        assert_eq!(rates.get_value((2, column)), Some(&Data::Float(1.0)));
        let row = steps.rows().find(|r| r[2].to_string() == **label).expect("a row");
        assert_eq!(row[3..].iter().filter(|c| c.to_string() == "対象外").count(), 40);
    }
    // What is read as a figure of the division's own is none.
    let list = range("移行計画一覧");
    for name in &names {
        let row: Vec<String> =
            list.rows().find(|r| r[1].to_string() == **name).expect("a row").iter().map(ToString::to_string).collect();
        assert!(!row.contains(&"（未回答）".to_string()) && row[17] == "システムなし", "{row:?}");
        assert!(["確定", "システムなし（調査設定）"].contains(&row[18].as_str()), "{row:?}");
        let by_owner = texts(&range("本部会議資料")).join("\n");
        assert!(by_owner.contains(&format!("{name} システムなし")), "{name}");
    }
    let figures = range("グラフ用");
    let own = |r: &&[Data]| r[1].to_string() == "システムなし" && r[3] == Data::Float(1.0);
    assert_eq!(figures.rows().filter(own).count(), 4, "two bars in each of two charts");
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
        "令和8年3月",
        "システムなし",
        "所管課未定",
        "暫定（未提出・未回答）",
    ] {
        assert!(all.iter().any(|t| t == expected), "{expected}");
    }
    assert!(all.iter().any(|t| t.ends_with("【要確認】")));
    assert!(!all.iter().any(|t| t == "令和8年3月（R8.3）"), "another spelling of the same month is not repeated");
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
    let csv = outputs.iter().find(|o| o.path == "データ/回答.csv").expect("the CSV").body.all().unwrap();
    assert!(csv.starts_with(b"\xEF\xBB\xBF"));
    let text = String::from_utf8(csv.to_vec()).expect("UTF-8");
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
    let mut zip = zip::ZipArchive::new(Cursor::new(outputs[0].body.all().unwrap())).expect("a package");
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

/// Gives a field of an item this value, in a ledger whose item has a record.
fn set(ledger: &mut Ledger, form: &str, item: &str, key: &str, value: Value, raw: &str) {
    let of = |i: &&mut LedgerItem| i.form == form && i.item.key == item;
    let found = ledger.items.iter_mut().find(of).expect("the item");
    let answer = Arc::make_mut(found.record.as_mut().expect("a record")).fields.get_mut(key).expect("the field");
    (answer.value, answer.raw) = (value, raw.into());
}

fn month(y: i32, m: u32) -> Value {
    Value::Date(Interval::month(y, m).expect("a month"))
}

/// The row of the Gantt sheet with an item's plan, the texts of that row and of the one below, by month `(y, m)`.
fn gantt_rows(ledger: &Ledger, name: &str) -> (Range<Data>, u32) {
    let (_, outputs) = written(ledger);
    let range = sheets(&outputs).worksheet_range("工程表").expect("the sheet");
    let row = range.used_cells().find(|(_, c, d)| *c == 1 && **d == name).expect("the item's row").0;
    (range, u32::try_from(row).expect("a row"))
}

/// The column of a month, counted from the first one that the header shows.
fn gantt_column(months_after_april_2022: u32) -> u32 {
    4 + months_after_april_2022
}

#[test]
fn the_gantt_has_each_date_in_its_month() {
    let mut ledger = ledger_where_all_answered();
    let form = "migration-plan";
    let (key, name) = (ledger.items[0].item.key.clone(), ledger.items[0].item.name.clone());
    for (field, value) in [
        ("rfi", month(2022, 9)),
        ("rfp", Value::Date(Interval::fiscal_year(2023).expect("a year"))),
        ("budget", month(2023, 11)),
        ("contract", Value::None { kind: NoneKind::Undecided, reason: Some("契約方法を検討中".into()) }),
        ("data", Value::Date(Interval { approx: true, ..Interval::month(2026, 3).expect("a month") })),
        ("test", month(2026, 4)),
        ("go_live", month(2026, 8)),
        ("rfi_actual", month(2022, 10)),
    ] {
        set(&mut ledger, form, &key, field, value, "");
    }
    for field in ["rfp", "budget", "contract", "data", "test", "go_live"] {
        set(&mut ledger, form, &key, &format!("{field}_actual"), Value::Blank, "");
    }
    let (range, row) = gantt_rows(&ledger, &name);
    let at = |r: u32, c: u32| range.get_value((r, c)).map_or_else(String::new, ToString::to_string);
    let marks = |r: u32| -> Vec<(u32, String)> {
        (0..54).map(|m| (m, at(r, gantt_column(m)))).filter(|(_, t)| !t.is_empty() && t != "…").collect()
    };
    let expected = [(5, "情"), (12, "(提"), (19, "予"), (23, "提)"), (47, "移\n頃"), (48, "試"), (52, "開")];
    assert_eq!(marks(row), expected.map(|(m, t)| (m, t.to_string())));
    assert_eq!(marks(row + 1), [(6, "情".to_string())]);
    assert_eq!(at(row, gantt_column(13)), "…", "a month within the fiscal year");
    // Whole quarters up to the last date that is given: September 2026, then judgement and remark.
    assert_eq!(
        (at(row, gantt_column(54)), at(row, gantt_column(55))),
        ("× 期限超過".into(), "未定（契約方法を検討中）：契".into())
    );
    let header: Vec<String> = texts(&range);
    for text in ["令和4年度", "令和8年度", "▼基準日 令和4年10月31日", "期限 令和7年度末（令和8年3月31日）▼"]
    {
        assert!(header.iter().any(|t| t == text), "{text}");
    }
    let deadline = range.used_cells().find(|(_, _, d)| d.to_string().ends_with('▼')).expect("the deadline");
    assert_eq!(deadline.1, 4 + 47, "the label ends at the deadline's month");
}

#[test]
fn the_gantt_says_why_nothing_is_planned() {
    let mut ledger = ledger();
    let key = ledger.items[0].item.key.clone();
    let name = ledger.items[0].item.name.clone();
    for field in ["rfi", "rfp", "budget", "contract", "data", "test", "go_live"] {
        let undecided = Value::None { kind: NoneKind::Undecided, reason: Some("ベンダ回答待ち".into()) };
        set(&mut ledger, "migration-plan", &key, field, undecided, "未定");
        set(&mut ledger, "migration-plan", &key, &format!("{field}_actual"), Value::Blank, "");
    }
    let (range, row) = gantt_rows(&ledger, &name);
    let row: Vec<String> = range.rows().nth(row as usize).expect("the row").iter().map(ToString::to_string).collect();
    assert!(row.iter().any(|t| t == "開 未定（ベンダ回答待ち）"), "{row:?}");
    assert!(row.iter().any(|t| t.starts_with("未定（ベンダ回答待ち）：情・提・予・契・移・試・開")), "{row:?}");
    let all = texts(&range);
    for text in ["（未回答）", "（未回答）所管課未定", "システムなし"] {
        assert!(all.iter().any(|t| t == text), "{text}");
    }
    assert!(!all.iter().any(|t| t.contains("Z社")));
}

#[test]
fn proposed_dates_stand_by_month_and_the_undecided_last() {
    let mut ledger = ledger_where_all_answered();
    let form = "online-procedures";
    let keys: Vec<String> = ledger.items_of(form).map(|i| i.item.key.clone()).collect();
    let undecided = Value::None { kind: NoneKind::Undecided, reason: None };
    let proposals = [
        ("未定", undecided),
        ("令和5年10月", month(2023, 10)),
        ("令和4年度", Value::Date(Interval::fiscal_year(2022).expect("a year"))),
        ("令和5年3月", month(2023, 3)),
        ("令和5年2月", month(2023, 2)),
    ];
    for key in &keys {
        set(&mut ledger, form, key, "start", Value::Blank, "");
        set(&mut ledger, form, key, "start_planned", month(2023, 3), "");
    }
    for (key, (_, value)) in keys.iter().zip(&proposals) {
        set(&mut ledger, form, key, "start_planned", value.clone(), "");
    }
    set(&mut ledger, form, &keys[5], "start", month(2022, 4), "");
    let (_, outputs) = written(&ledger);
    let range = sheets(&outputs).worksheet_range("運用開始日調整").expect("the sheet");
    let first: Vec<String> = range.rows().map(|r| r[0].to_string()).collect();
    let row_of = |start: &str| {
        first.iter().position(|t| t.starts_with(start)).unwrap_or_else(|| panic!("{start} is missing: {first:?}"))
    };
    let groups = ["済（", "令和5年2月　", "令和5年3月　", "令和4年度　", "令和5年10月　", "未定　"].map(row_of);
    assert!(groups.is_sorted(), "{groups:?}");
    for (key, (group, _)) in keys.iter().zip(&proposals) {
        let item = first.iter().position(|t| t == key).expect("the item");
        let heading = row_of(&format!("{group}　"));
        let next = groups.iter().copied().filter(|g| *g > heading).min().unwrap_or(first.len());
        assert!((heading + 1..next).contains(&item), "{key} stands under {group}");
    }
    let head = range.rows().find(|r| r[0] == "番号").expect("the header").to_vec();
    let decision = head.iter().position(|d| *d == "決定日").expect("a column");
    assert!(range.rows().skip(groups[0] + 1).all(|r| r[decision] == Data::Empty), "room for the decision");
}

#[test]
fn charts_refer_to_their_figures() {
    let ledger = ledger();
    let (_, outputs) = written(&ledger);
    let range = sheets(&outputs).worksheet_range("グラフ用").expect("the sheet");
    let mut zip = zip::ZipArchive::new(Cursor::new(outputs[0].body.all().unwrap())).expect("a package");
    let names: Vec<String> = zip.file_names().flatten().map(|n| n.to_string()).collect();
    let charts = names.iter().filter(|n| n.starts_with("xl/charts/chart")).count();
    assert_eq!(charts, 6, "four of the overview, two of the papers");
    let mut rows = 0;
    for n in 1..=charts {
        let mut xml = String::new();
        let mut part = zip.by_name(&format!("xl/charts/chart{n}.xml")).expect("a chart");
        std::io::Read::read_to_string(&mut part, &mut xml).expect("text");
        for part in xml.split("<c:val>").skip(1) {
            let reference = part.split(['>', '<']).find(|t| t.contains("!$D$")).expect("a reference");
            let numbers: Vec<usize> =
                reference.split("$D$").skip(1).map(|t| t.trim_end_matches(':').parse().expect("a row")).collect();
            let (first, last) = (numbers[0], *numbers.last().expect("a row"));
            let stored = part.split("</c:val>").next().expect("values").matches("<c:v>").count();
            assert_eq!(stored, last - first + 1, "{reference}: the values are stored in the chart too");
            rows += stored;
        }
    }
    assert_eq!(rows, range.height() - 1, "every row of figures is on a chart, once");
    // The parts of a system make a whole.
    let mut wholes: std::collections::BTreeMap<String, f64> = std::collections::BTreeMap::new();
    for row in range.rows().skip(1).filter(|r| r[4] == "割合") {
        *wholes.entry(format!("{} {}", row[0], row[2])).or_default() +=
            row[3].to_string().parse::<f64>().expect("a number");
    }
    assert!(wholes.len() >= 18 && wholes.values().all(|w| (w - 1.0).abs() < 1e-9), "{wholes:?}");
}

#[test]
fn restricted_dates_and_counts_stay_out_of_the_meetings_papers() {
    let ledger = ledger();
    let mut templates = Templates::embedded().expect("they load");
    let fields = templates.forms.values_mut().flat_map(|f| &mut f.sheets).flat_map(|s| &mut s.blocks);
    for field in fields.flat_map(|b| &mut b.fields) {
        if ["planned", "start_planned", "status"].contains(&field.id.as_str()) {
            field.handling = torimatome::model::Handling::Restricted;
        }
    }
    let outputs = write(&ledger, &templates).expect("it is written");
    let mut book = sheets(&outputs);
    let plan = book.worksheet_range("工程表").expect("the sheet");
    // One month's letter alone in a cell is a mark; there is none any more.
    assert!(!texts(&plan).iter().any(|t| ["情", "提", "予", "契", "移", "試", "開"].contains(&t.as_str())));
    let launch = book.worksheet_range("運用開始日調整").expect("the sheet");
    let said = texts(&launch);
    for text in ["運用開始日（予定日）", "令和8年3月（R8.3）"] {
        assert!(!said.iter().any(|t| t == text), "{text}");
    }
    let figures = texts(&book.worksheet_range("グラフ用").expect("the sheet"));
    assert!(!figures.iter().any(|t| t.contains("手続の状況")));
}

/// What a round says of a form, as the next one reads it.
fn as_last_round(ledger: &Ledger, form: &str) -> Previous {
    let (_, outputs) = written(ledger);
    let data = sheets(&outputs).worksheet_range("データ").expect("the sheet");
    let head: Vec<String> = data.rows().next().expect("a header").iter().map(ToString::to_string).collect();
    let col = |name: &str| head.iter().position(|h| h == name).expect("a column");
    let mut previous = Previous { round: "前の回".into(), ..Previous::default() };
    for row in data.rows().skip(1).filter(|r| r[col("様式ID")] == form) {
        let text = |name: &str| row[col(name)].to_string();
        if text("対象キー").is_empty() {
            continue;
        }
        let of = (form.to_string(), text("対象キー"));
        previous.divisions.entry(of).or_insert_with(|| (text("課コード"), text("課")));
        if text("項目キー").is_empty() {
            continue;
        }
        previous.items.insert((form.to_string(), text("対象キー")), text("対象名"));
        previous.fields.insert((form.to_string(), text("項目キー")), text("項目名"));
        let answer = Told {
            kind: text("値の型"),
            value: text("値"),
            word: text("値の語"),
            from: text("開始日").parse().ok(),
            to: text("終了日").parse().ok(),
            approx: text("幅を示す語") == "1",
            ..Told::default()
        };
        previous.answers.insert((form.to_string(), text("対象キー"), text("項目キー")), answer);
    }
    previous
}

#[test]
fn what_changed_since_the_last_round_is_listed_by_meaning() {
    let mut ledger = ledger_where_all_answered();
    let form = "migration-plan";
    let (key, name) = (ledger.items[0].item.key.clone(), ledger.items[0].item.name.clone());
    set(&mut ledger, form, &key, "go_live", month(2026, 3), "令和８年３月");
    set(&mut ledger, form, &key, "rfi", month(2022, 9), "R4.9");
    set(&mut ledger, form, &key, "rfp", Value::Blank, "");
    // The last round said what this one says, but for one date, one answer that is gone, and one item that it knew.
    let mut previous = as_last_round(&ledger, form);
    let mut at = |field: &str, value: &str, days: (&str, &str)| {
        let answer = previous.answers.entry((form.into(), key.clone(), field.into())).or_default();
        (answer.value, answer.word) = (value.into(), value.into());
        answer.kind = if value.is_empty() { "blank".into() } else { "date".into() };
        (answer.from, answer.to) = (days.0.parse().ok(), days.1.parse().ok());
    };
    at("go_live", "2025-12", ("2025-12-01", "2025-12-31"));
    at("rfp", "2022-10", ("2022-10-01", "2022-10-31"));
    at("rfi", "", ("", ""));
    ledger.previous = Some(previous);
    let (_, outputs) = written(&ledger);
    let range = sheets(&outputs).worksheet_range("前回との差").expect("the sheet");
    let changes: Vec<String> = range.rows().filter(|r| r[3] == name.as_str()).map(|r| r[7].to_string()).collect();
    assert_eq!(changes, ["新しい回答", "回答がなくなった", "90 日遅くなった"]);
    assert_eq!(range.rows().filter(|r| !r[7].to_string().is_empty()).count(), 1 + 3, "a header and three changes");
    ledger.previous = None;
    let (_, outputs) = written(&ledger);
    assert!(!sheets(&outputs).sheet_names().contains(&"前回との差".to_string()));
}

#[test]
fn what_went_back_without_a_word_is_asked_about() {
    let form = "migration-plan";
    let mut ledger = ledger_where_all_answered();
    let key = ledger.items[0].item.key.clone();
    set(&mut ledger, form, &key, "step_10", Value::Choice("done".into()), "完了済み");
    set(&mut ledger, form, &key, "step_11", Value::Choice("doing".into()), "作業中");
    set(&mut ledger, form, &key, "go_live", month(2025, 12), "令和7年12月");
    let previous = as_last_round(&ledger, form);
    let since = |ledger: &Ledger| -> Vec<(String, Option<String>)> {
        let found = torimatome::check::back_since(
            ledger,
            &previous,
            &Templates::embedded().expect("the shipped definitions load"),
        );
        found.into_iter().map(|f| (f.code, f.field)).collect()
    };
    assert_eq!(since(&ledger), []);
    // On, or named more exactly: nothing to ask.
    set(&mut ledger, form, &key, "step_11", Value::Choice("done".into()), "完了済み");
    let exact = Interval::day(chrono::NaiveDate::from_ymd_opt(2025, 12, 20).expect("a day"));
    set(&mut ledger, form, &key, "go_live", Value::Date(exact), "R7.12.20");
    assert_eq!(since(&ledger), []);
    set(&mut ledger, form, &key, "step_10", Value::Choice("todo".into()), "未着手");
    set(&mut ledger, form, &key, "go_live", month(2026, 3), "令和8年3月");
    let both = [("D024W", "step_10"), ("D025W", "go_live")];
    assert_eq!(since(&ledger), both.map(|(c, f)| (c.to_string(), Some(f.to_string()))));
    // With a reason of its own nobody need ask.
    set(&mut ledger, form, &key, "remarks", Value::Text("要件が変わったため".into()), "要件が変わったため");
    assert_eq!(since(&ledger), []);
}

#[test]
fn a_target_that_was_met_cannot_slip() {
    let form = "online-procedures";
    let mut ledger = ledger_where_all_answered();
    let key = ledger.items.iter().find(|i| i.form == form).expect("an item").item.key.clone();
    set(&mut ledger, form, &key, "status", Value::Choice("planned".into()), "予定あり");
    set(&mut ledger, form, &key, "start_planned", month(2023, 1), "R5.1");
    let previous = as_last_round(&ledger, form);
    set(&mut ledger, form, &key, "start_planned", month(2023, 3), "R5.3");
    let since = |ledger: &Ledger| -> Vec<String> {
        let templates = Templates::embedded().expect("the shipped definitions load");
        torimatome::check::back_since(ledger, &previous, &templates).into_iter().map(|f| f.code).collect()
    };
    assert_eq!(since(&ledger), ["D025W"]);
    set(&mut ledger, form, &key, "status", Value::Choice("done".into()), "オンライン化済");
    assert_eq!(since(&ledger), Vec::<String>::new());
}

#[test]
fn what_became_of_items_and_divisions_is_told_by_its_name() {
    let form = "migration-plan";
    let all = ledger_where_all_answered();
    let previous = as_last_round(&all, form);
    let rows_of = |ledger: &Ledger, previous: &Previous| -> Vec<(String, String, String)> {
        let ledger = Ledger { previous: Some(previous.clone()), ..ledger.clone() };
        let (_, outputs) = written(&ledger);
        let range = sheets(&outputs).worksheet_range("前回との差").expect("the sheet");
        let rows = range.rows().skip_while(|r| r[7] != *"変化").skip(1);
        rows.map(|r| (r[1].to_string(), r[3].to_string(), r[7].to_string())).collect()
    };
    let told = |division: &str, item: &str, word: &str| (division.to_string(), item.to_string(), word.to_string());
    let (key, item) = (all.items[0].item.key.clone(), all.items[0].item.name.clone());
    let old = all.round.division(all.items[0].item.owner.as_deref().expect("owned")).expect("known").clone();
    let other = all.round.divisions.iter().find(|d| d.code != old.code).expect("another").clone();
    // Moved to a division that says nothing about it: it replied, or it did not.
    let mut moved = all.clone();
    (moved.items[0].item.owner, moved.items[0].record) = (Some(other.code.clone()), None);
    let both = [told(&other.name, &item, "所管替え"), told(&other.name, &item, "回答がなくなった")];
    assert_eq!(rows_of(&moved, &previous), both);
    moved.submissions.retain(|s| s.division.as_ref() != Some(&other.code));
    let missing = [told(&other.name, "1 件の対象", "今回は未提出"), told(&other.name, &item, "所管替え")];
    assert_eq!(rows_of(&moved, &previous), missing);
    // To nobody: no division is blamed.
    let mut nobody = all.clone();
    (nobody.items[0].item.owner, nobody.items[0].record) = (None, None);
    let both = [told(&old.name, &item, "所管替え"), told(&old.name, &item, "回答がなくなった")];
    assert_eq!(rows_of(&nobody, &previous), both);
    // Taken from the settings, whether its division replied or not.
    let mut gone = all.clone();
    gone.items.remove(0);
    assert_eq!(rows_of(&gone, &previous), [told(&old.name, &item, "なくなった")]);
    gone.submissions.retain(|s| s.division.as_ref() != Some(&old.code));
    assert_eq!(rows_of(&gone, &previous), [told(&old.name, &item, "なくなった")]);
    // A division with another code or another name is the same one.
    for (code, name) in [("999", old.name.as_str()), (old.code.as_str(), "旧い名の課")] {
        let mut last = previous.clone();
        let its = last.divisions.values_mut().filter(|d| d.0 == old.code);
        its.for_each(|d| *d = (code.to_string(), name.to_string()));
        assert_eq!(rows_of(&all, &last), [], "{code} {name}");
    }
    // What the form prints is no answer, but for the name of the item.
    let mut last = previous;
    for (field, was) in [("owner_name", "旧い名の課"), ("system_name", "旧い業務名")] {
        let of = (form.to_string(), key.clone(), field.to_string());
        let answer = Told { kind: "text".into(), value: was.into(), word: was.into(), ..Told::default() };
        last.answers.insert(of, answer);
    }
    assert_eq!(rows_of(&all, &last), [told(&old.name, &item, "名称の変更")]);
}

#[test]
fn a_missing_reply_is_one_line_and_a_moved_item_is_told_once() {
    let form = "migration-plan";
    let mut ledger = ledger_where_all_answered();
    let previous = as_last_round(&ledger, form);
    let rows_of = |ledger: &Ledger| -> Vec<(String, String, String)> {
        let (_, outputs) = written(ledger);
        let range = sheets(&outputs).worksheet_range("前回との差").expect("the sheet");
        let rows = range.rows().skip_while(|r| r[7] != *"変化").skip(1);
        rows.map(|r| (r[1].to_string(), r[3].to_string(), r[7].to_string())).collect()
    };
    ledger.previous = Some(previous.clone());
    assert_eq!(rows_of(&ledger), [], "nothing has changed");
    // One division moved away with its item.
    let (old, item) = (ledger.items[0].item.owner.clone().expect("owned"), ledger.items[0].item.name.clone());
    let other = ledger.round.divisions.iter().find(|d| d.code != old).expect("another").clone();
    ledger.items[0].item.owner = Some(other.code.clone());
    Arc::make_mut(ledger.items[0].record.as_mut().expect("answered")).division = other.code.clone();
    assert_eq!(rows_of(&ledger), [(other.name, item, "所管替え".to_string())]);
    // A division that sent nothing.
    let mut ledger = ledger_where_all_answered();
    let whose = ledger.items.iter().find(|i| i.form == form).and_then(|i| i.item.owner.clone()).expect("owned");
    let its = |i: &&mut LedgerItem| i.form == form && i.item.owner.as_ref() == Some(&whose);
    let count = ledger.items.iter_mut().filter(its).map(|i| i.record = None).count();
    ledger.submissions.retain(|s| s.division.as_ref() != Some(&whose) || s.form.as_deref() != Some(form));
    ledger.previous = Some(previous);
    let name = ledger.round.division_name(&whose).to_string();
    assert_eq!(rows_of(&ledger), [(name.clone(), format!("{count} 件の対象"), "今回は未提出".to_string())]);
    // And the other way round.
    let last = as_last_round(&ledger, form);
    let mut all = ledger_where_all_answered();
    all.previous = Some(last);
    assert_eq!(rows_of(&all), [(name, format!("{count} 件の対象"), "前回は未提出".to_string())]);
}
