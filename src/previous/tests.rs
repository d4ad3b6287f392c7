use super::*;
use crate::model::round::FormRound;
use crate::model::{Cell, CellRef, Grid};

const HEADS: [&str; 17] = [
    "調査回",
    "基準日",
    "様式ID",
    "課コード",
    "課",
    "対象キー",
    "対象名",
    "項目キー",
    "項目名",
    "値の型",
    "値",
    "値の語",
    "開始日",
    "終了日",
    "精度",
    "幅を示す語",
    "原文",
];

fn day(y: i32, m: u32, d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(y, m, d).expect("a real day")
}

/// A long sheet of one answer as CSV.
fn csv(name: &str, as_of: &str, raw: &str) -> String {
    let row = [name, as_of, "f", "1", "甲課", "a", "甲", "k", "乙", "text", raw, "", "", "", "", "", raw];
    format!("\u{feff}{}\r\n{}\r\n", HEADS.join(","), row.join(","))
}

fn this(name: &str, as_of: NaiveDate) -> Round {
    let form = FormRound { as_of, count_year: None, reply_deadline: as_of, asked: Vec::new() };
    Round { name: name.into(), forms: BTreeMap::from([("f".to_string(), form)]), ..Round::default() }
}

fn folder(files: &[(&str, String)]) -> tempfile::TempDir {
    let temp = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = temp.path().join(PREVIOUS).join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, text).expect("written");
    }
    temp
}

fn told(found: &Earlier) -> Vec<(&str, &str)> {
    let file = |f: &Finding| f.place.as_ref().map_or(String::new(), |p| p.file.to_string());
    let mut all: Vec<(&str, &str)> =
        found.findings.iter().map(|f| (f.code.as_str(), f.given.as_deref().unwrap())).collect();
    assert!(found.findings.iter().all(|f| file(f).starts_with(PREVIOUS)));
    all.sort_unstable();
    all
}

#[test]
fn every_earlier_round_is_known_by_what_it_holds() {
    let temp = folder(&[
        ("取りまとめ (1).csv", csv("8月末", "2022-08-31", "八")),
        ("これまで/甲.csv", csv("7月末", "2022-07-31", "七")),
        ("九.csv", csv("9月末", "2022-09-30", "九")),
        ("~$九.csv", "x".into()),
        ("依頼文.docx", "x".into()),
        ("メモ.csv", "課,数\r\n甲,1\r\n".into()),
        ("取りまとめ.xlsx", "壊れた".into()),
    ]);
    let found = earlier(temp.path(), &this("10月末", day(2022, 10, 31))).expect("listed");
    let names: Vec<&str> = found.rounds.iter().map(|r| r.name.as_str()).collect();
    assert_eq!(names, ["9月末", "8月末", "7月末"]);
    assert_eq!(found.rounds[2].file, "前回/これまで/甲.csv");
    assert_eq!(found.rounds[0].previous.answers[&("f".into(), "a".into(), "k".into())].raw, "九");
    assert_eq!(told(&found), [("X210I", "メモ.csv"), ("X210W", "取りまとめ.xlsx")]);
}

#[test]
fn what_is_this_round_or_later_is_no_earlier_round() {
    let temp = folder(&[
        ("取りまとめ.csv", csv("１０月末", "2022-10-31", "同じ回")),
        ("後.csv", csv("11月末", "2022-11-30", "後の回")),
        ("別.csv", csv("臨時", "2022-10-31", "同じ日の別の回")),
        ("毎月.csv", csv("10月末", "2022-09-30", "同じ名前の前の回")),
    ]);
    let found = earlier(temp.path(), &this("10月末", day(2022, 10, 31))).expect("listed");
    let as_of: Vec<Option<NaiveDate>> = found.rounds.iter().map(|r| r.as_of).collect();
    assert_eq!(as_of, [Some(day(2022, 10, 31)), Some(day(2022, 9, 30))]);
    assert_eq!(told(&found), [("X210I", "後.csv"), ("X210W", "取りまとめ.csv")]);
}

#[test]
fn this_rounds_own_result_is_compared_where_there_is_no_other() {
    let temp = folder(&[("取りまとめ.csv", csv("10月末", "2022-10-31", "はじめの結果"))]);
    let found = earlier(temp.path(), &this("10月末", day(2022, 10, 31))).expect("listed");
    assert_eq!((found.rounds.len(), found.findings.len()), (1, 0), "the same day is asked about where it is compared");
}

#[test]
fn a_round_counts_once() {
    let temp = folder(&[
        ("a.csv", csv("9月末", "2022-09-30", "九")),
        ("b.csv", csv("9月末", "2022-09-30", "九")),
        ("c.csv", csv("9月末", "2022-09-28", "古い")),
    ]);
    let found = earlier(temp.path(), &this("10月末", day(2022, 10, 31))).expect("listed");
    assert_eq!(found.rounds.iter().map(|r| r.file.as_str()).collect::<Vec<_>>(), ["前回/b.csv"]);
    assert_eq!(told(&found), [("X211W", "c.csv")]);
}

#[test]
fn a_sheet_is_the_long_one_by_its_headers() {
    let grid = |name: &str, heads: &[&str]| {
        let mut grid = Grid { name: name.into(), ..Grid::default() };
        for (col, head) in heads.iter().enumerate() {
            grid.cells.insert(CellRef::new(0, u32::try_from(col).expect("few")), Cell::text(*head));
        }
        grid
    };
    let book = |sheets: Vec<Grid>| Workbook { sheets, ..Workbook::default() };
    assert!(of_book(&book(vec![grid("概要", &["率"]), grid("データ (2)", &HEADS)]), "a").is_ok());
    assert!(of_book(&book(vec![grid("データ", &HEADS[1..])]), "a").is_err());
}

#[test]
fn a_number_is_given_again_as_it_was_understood() {
    use crate::forms::draw::CellValue;
    let again = |raw: &str, kind: &str, value: &str| again::number(raw, kind, value.into());
    assert_eq!(again("2750000", "money", "2750"), CellValue::Number(2750.0), "shown as 2,750,000円");
    assert_eq!(again("85", "percent", "0.85"), CellValue::Number(0.85));
    assert_eq!(again("0.85", "text", "85%"), CellValue::Text("85%".into()));
    assert_eq!(again("0103", "text", "0103"), CellValue::Text("0103".into()), "an extension number");
    assert_eq!(again("約1,200千円", "money", "1200"), CellValue::Text("約1,200千円".into()));
    assert_eq!(again("1", "choice", "1"), CellValue::Number(1.0));
}

#[test]
fn a_folder_used_for_one_round_after_the_other_has_the_rounds_before_in_its_results() {
    let temp = folder(&[("九月.csv", csv("九月", "2022-09-30", "前回の控え"))]);
    let put = |path: &str, text: String| {
        let path = temp.path().join(RESULTS).join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, text).expect("written");
    };
    put("履歴/2022-08-31-001/取りまとめ.xlsx", csv("八月", "2022-08-31", "一"));
    put("履歴/2022-08-31-002/取りまとめ.xlsx", csv("八月", "2022-08-31", "二"));
    put("履歴/2022-09-30-003/取りまとめ.xlsx", csv("九月", "2022-09-30", "古い"));
    put("履歴/2022-10-31-004/取りまとめ.xlsx", csv("十月", "2022-10-31", "今回"));
    let found = earlier(temp.path(), &this("十月", day(2022, 10, 31))).expect("read");
    let raw = |r: &EarlierRound| r.previous.answers.values().map(|t| t.raw.clone()).collect::<String>();
    let seen: Vec<(String, String)> = found.rounds.iter().map(|r| (r.name.clone(), raw(r))).collect();
    assert_eq!(seen, [("九月", "前回の控え"), ("八月", "二")].map(|(a, b)| (a.to_string(), b.to_string())));
    assert!(found.findings.is_empty(), "{:?}", found.findings);
}

#[test]
fn words_that_depend_on_their_day_are_written_out() {
    use crate::forms::draw::CellValue;
    use crate::model::{CodeLists, Field, FieldType};
    let field = Field { kind: FieldType::Date, ..Field::default() };
    let written = |raw: &str, from: NaiveDate, to: NaiveDate, precision: &str| {
        let told = Told {
            raw: raw.into(),
            kind: "date".into(),
            from: Some(from),
            to: Some(to),
            precision: precision.into(),
            as_of: Some(day(2022, 10, 31)),
            ..Told::default()
        };
        again(&told, Some(&field), day(2022, 11, 30), &CodeLists::default())
    };
    let text = |t: &str| CellValue::Text(t.into());
    assert_eq!(written("来年度", day(2023, 4, 1), day(2024, 3, 31), "fiscal_year"), text("令和5年度"));
    assert_eq!(written("11月", day(2022, 11, 1), day(2022, 11, 30), "month"), text("令和4年11月"));
    // What says itself when it is stays as it was typed.
    assert_eq!(written("R8.3", day(2026, 3, 1), day(2026, 3, 31), "month"), text("R8.3"));
    assert_eq!(written("令和７年度中", day(2025, 4, 1), day(2026, 3, 31), "fiscal_year"), text("令和７年度中"));
}

#[test]
fn the_newest_answer_counts_whoever_missed_a_round() {
    let told = |division: &str, raw: &str| Told {
        division: division.into(),
        raw: raw.into(),
        kind: "text".into(),
        ..Told::default()
    };
    let key = |item: &str, key: &str| ("f".to_string(), item.to_string(), key.to_string());
    let round = |answers: &[(Whose, Told)]| {
        let answers = answers.iter().cloned().collect();
        EarlierRound { previous: Previous { answers, ..Previous::default() }, ..EarlierRound::default() }
    };
    let newer = round(&[(key("a", "x"), told("1", "未定")), (key("a", "y"), told("1", ""))]);
    let older = round(&[
        (key("a", "x"), told("1", "令和7年度")),
        (key("a", "y"), told("1", "古い")),
        (key("b", "x"), told("2", "二か月前")),
    ]);
    let templates = crate::forms::Templates::embedded().expect("the shipped definitions");
    let known = Known::of(&[newer, older], &templates);
    let raw = |item: &str, of: &str| known.told[&key(item, of)].raw.as_str();
    assert_eq!((raw("a", "x"), raw("a", "y"), raw("b", "x")), ("未定", "古い", "二か月前"));
}
