//! Tests on made-up forms: what is written is looked up in the parts of the file, where the reader cannot hide it.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use chrono::NaiveDate;

use super::{CellValue, Fill, Scene, value::RowOf, value::in_words, workbook};
use crate::forms::Templates;
use crate::model::form::Form;
use crate::model::{Code, CodeList, Item};

const FORM: &str = r#"
id = "form-a"
version = "3"
title = "様式A"
subject = "業務"
roster = "items"
instructions = ["色の付いた欄に記入してください。"]

[[sheet]]
id = "card"
name = "{item}"
repeat = "item"

[[sheet.block]]
id = "top"
title = "1　甲"
layout = "card"
pairs = 2
field = [
    { id = "key", label = "番号", type = "item", role = "item", locked = true, prefill = "item.key" },
    { id = "state", label = "状況", type = "choice", codes = "states", prefill = "item.状況", required = true },
    { id = "when", label = "時期", type = "date" },
    { id = "count", label = "件数", type = "integer", min = 0, max = 10, unit = "件" },
    { id = "cost", label = "経費", type = "money", min = 0, none = { "未見積" = "undecided" } },
]

[[sheet.block]]
id = "steps"
layout = "table"
rows = { codes = "steps" }
common_rows = { attr = "回答者", is = "本部" }
field = [
    { id = "step", label = "工程", type = "text", locked = true, prefill = "row.name", width = 30 },
    { id = "step_state", key = "step_{row}", label = "状況", group = "回答", type = "choice", codes = "states", width = 12 },
    { id = "step_note", key = "step_{row}_note", label = "備考", group = "回答", type = "text", width = 30 },
]
"#;

fn code(code: &str, name: &str, attrs: &[(&str, &str)]) -> Code {
    let attrs = attrs.iter().map(|(k, v)| ((*k).to_string(), (*v).to_string())).collect();
    let aliases = if code == "done" { vec!["済".to_string()] } else { Vec::new() };
    Code { code: code.into(), name: name.into(), aliases, attrs }
}

fn list(id: &str, codes: Vec<Code>) -> (String, CodeList) {
    (id.to_string(), CodeList { id: id.into(), columns: Vec::new(), codes })
}

fn templates() -> (Templates, Form) {
    let mut templates = Templates::embedded().expect("sound templates");
    templates.lists = BTreeMap::from([
        list(
            "states",
            vec![
                code("done", "完了、済み,他", &[]),
                code("old", "旧区分", &[("適用終了日", "2022-03-31")]),
                code("new", "新区分", &[("適用開始日", "2024-12-24")]),
                code("todo", "未着手", &[]),
            ],
        ),
        list("steps", vec![code("01", "工程甲", &[("回答者", "本部")]), code("02", "工程乙", &[("回答者", "課")])]),
    ]);
    (templates, toml::from_str(FORM).expect("a form"))
}

fn item() -> Item {
    let attrs = BTreeMap::from([("状況".to_string(), "済".to_string())]);
    Item { key: "007".into(), name: "乙業務".into(), attrs, ..Item::default() }
}

fn fill(item: &Item) -> Fill<'_> {
    Fill {
        round_name: "令和4年10月末",
        mark: "見本",
        as_of: NaiveDate::from_ymd_opt(2022, 10, 31),
        items: vec![item],
        common: BTreeMap::from([("step_01".to_string(), "done".to_string())]),
        answers: BTreeMap::from([(("007".to_string(), "step_02".to_string()), CellValue::Text("todo".into()))]),
        created: NaiveDate::from_ymd_opt(2022, 11, 1).expect("a day"),
        ..Fill::default()
    }
}

fn part(bytes: &[u8], path: &str) -> String {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).expect("a package");
    let mut text = String::new();
    zip.by_name(path).expect("a part").read_to_string(&mut text).expect("text");
    text
}

#[test]
fn drop_downs_hold_codes_in_force_and_survive_commas() {
    let (templates, form) = templates();
    let item = item();
    let bytes = workbook(&form, &templates, &fill(&item)).expect("a drawing");
    let sheet = part(&bytes, "xl/worksheets/sheet1.xml");
    assert!(sheet.contains("<formula1>'_一覧'!$A$2:$A$3</formula1>"), "two of four codes are in force");
    let strings = part(&bytes, "xl/sharedStrings.xml");
    assert!(strings.contains("完了、済み,他") && !strings.contains("旧区分") && !strings.contains("新区分"));
    let book = part(&bytes, "xl/workbook.xml");
    let lists = book.split("<sheet ").find(|s| s.contains("name=\"_一覧\"")).expect("the lists");
    assert!(lists.contains("veryHidden"));
}

#[test]
fn dates_and_words_stay_possible() {
    let (templates, form) = templates();
    let item = item();
    let bytes = workbook(&form, &templates, &fill(&item)).expect("a drawing");
    let sheet = part(&bytes, "xl/worksheets/sheet1.xml");
    assert!(!sheet.contains("type=\"date\""));
    assert_eq!(sheet.matches("type=\"decimal\"").count(), 1, "the count has limits, the cost may be 未見積");
    assert!(sheet.contains("errorStyle=\"warning\""));
    assert!(sheet.contains("「未定」"), "a date without help has a message of its own");
    assert!(sheet.contains("<sheetProtection"), "a division's form is locked");
}

#[test]
fn cells_are_filled_in_the_order_of_trust() {
    let (templates, form) = templates();
    let item = item();
    let fill = fill(&item);
    let scene = Scene {
        form: &form,
        templates: &templates,
        fill: &fill,
        sheet: &form.sheets[0],
        item: Some(&item),
        example: false,
    };
    let [card, table] = &form.sheets[0].blocks[..] else { panic!("two blocks") };
    let on_card = RowOf { item: Some(&item), ..RowOf::default() };
    let text = |t: &str| Some(CellValue::Text(t.to_string()));
    assert_eq!(scene.value(&card.fields[0], on_card), text("007"));
    assert_eq!(scene.value(&card.fields[1], on_card), text("完了、済み,他"), "an alias prints as the code's name");
    assert_eq!(scene.value(&card.fields[2], on_card), None);
    let rows = scene.rows(table);
    assert_eq!(rows.iter().map(|r| r.common).collect::<Vec<_>>(), [true, false]);
    assert_eq!(scene.value(&table.fields[1], rows[0]), text("完了、済み,他"), "the common answer");
    assert_eq!(scene.value(&table.fields[1], rows[1]), text("未着手"), "the last answer");
}

#[test]
fn dates_are_written_in_words() {
    let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).expect("a day");
    assert_eq!(in_words(day(2026, 3, 31)), "令和8年3月31日");
    assert_eq!(in_words(day(2019, 5, 1)), "令和元年5月1日");
    assert_eq!(in_words(day(2019, 4, 30)), "平成31年4月30日");
    assert_eq!(in_words(day(1989, 1, 7)), "1989年1月7日");
}

#[test]
fn a_rule_over_a_pattern_of_repeated_fields_is_watched() {
    let (templates, _) = templates();
    let repeated = r#"
    { id = "y_4", pattern = "y_*", label = "令和4年度", type = "money" },
    { id = "y_5", pattern = "y_*", label = "令和5年度", type = "money" },
]
"#;
    let sum = "[[rule]]\ncode = \"R005E\"\ncheck = { kind = \"sum\", parts = [\"y_*\"], total = \"cost\" }\n";
    let text = FORM.replacen("\n]\n\n[[sheet.block]]", &format!("{repeated}\n[[sheet.block]]"), 1) + sum;
    let form: Form = toml::from_str(&text).expect("a form");
    let item = item();
    let bytes = workbook(&form, &templates, &fill(&item)).expect("a drawing");
    let book = part(&bytes, "xl/workbook.xml");
    let at = 1 + book.split("<sheet ").skip(1).position(|s| s.contains("_確認")).expect("the watching sheet");
    let checks = part(&bytes, &format!("xl/worksheets/sheet{at}.xml"));
    assert!(checks.contains("ABS("), "the sum is watched");
    assert!(!checks.contains("-())"), "and of its parts none is left out");
}

#[test]
fn an_error_names_the_sheet() {
    let (templates, form) = templates();
    let item = item();
    let mut fill = fill(&item);
    let longer_than_a_cell = CellValue::Text("甲".repeat(32_768));
    fill.answers.insert(("007".to_string(), "step_02_note".to_string()), longer_than_a_cell);
    let error = workbook(&form, &templates, &fill).expect_err("too long");
    assert_eq!(error.sheet, "乙業務");
}
