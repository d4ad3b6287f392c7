//! Three rounds, one after another: a form of the next round holds what a division said before, whichever round it missed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use chrono::NaiveDate;
use serde_json::Value as Json;
use torimatome::fill::{self, CellWrite, FillValue};
use torimatome::forms::draw::CellValue;
use torimatome::model::date::wareki;
use torimatome::model::{Cell, CellRef, CodeLists, Field, FieldType, Grid, Told, Value, Workbook};
use torimatome::normalise::{self, Context};
use torimatome::previous::again;
use torimatome::read::{self, Limits};

fn day(y: i32, m: u32, d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(y, m, d).expect("a real day")
}

/// Folders of rounds beside each other; the first is the small valid one, in which two divisions replied.
struct Rounds(tempfile::TempDir);

impl Rounds {
    /// With what the first round says.
    fn new() -> (Self, Json) {
        let rounds = Self(tempfile::tempdir().expect("a folder"));
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/broken/_valid-procedures");
        for file in walkdir::WalkDir::new(&from) {
            let file = file.expect("listed");
            let to = rounds.path("令和4年10月末").join(file.path().strip_prefix(&from).expect("below"));
            if file.file_type().is_dir() {
                fs::create_dir_all(to).expect("made");
            } else {
                fs::copy(file.path(), to).expect("copied");
            }
        }
        let first = rounds.run(&["令和4年10月末"], "2022-11-14", 0);
        (rounds, first)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The program; gives the object that it prints.
    fn run(&self, args: &[&str], today: &str, status: i32) -> Json {
        let mut command = Command::new(env!("CARGO_BIN_EXE_torimatome"));
        command.current_dir(self.0.path()).args(args).args(["--today", today, "--format", "json"]);
        let out = command.output().expect("it starts");
        let said = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
        assert_eq!(out.status.code(), Some(status), "{args:?}: {said}");
        serde_json::from_slice(&out.stdout).expect("an object")
    }

    /// Makes the next round from another, with its dates; issues its forms.
    fn next(&self, name: &str, from: &str, as_of: &str, today: &str) -> Json {
        self.run(&["init", name, "--from", from], today, 0);
        self.edit(&format!("{name}/調査設定.xlsx"), |book| {
            let row = the_cell(book, "基本", "online-procedures").row;
            let column = |head: &str| the_cell(book, "基本", head).col;
            vec![
                ("基本", CellRef::new(row, column("基準日")), as_of.to_string()),
                ("基本", CellRef::new(row, column("回答期限")), as_of.to_string()),
            ]
        });
        self.run(&["issue", name], today, 0)
    }

    /// Writes cells of a workbook in place.
    fn edit(&self, name: &str, cells: impl Fn(&Workbook) -> Vec<(&'static str, CellRef, String)>) {
        let path = self.path(name);
        let bytes = fs::read(&path).expect("the workbook");
        let opened = read::open(&bytes, "a.xlsx", &Limits::default()).expect("it opens");
        let writes = cells(&opened.workbook).into_iter();
        let writes: Vec<CellWrite> =
            writes.map(|(sheet, at, text)| CellWrite::new(sheet, at, FillValue::Text(text))).collect();
        fs::write(&path, fill::fill(&bytes, &writes).expect("it is filled").bytes).expect("written");
    }

    /// A division hands in its form as it was issued, with the day, and these answers of a procedure's row changed.
    fn reply(&self, round: &str, division: &str, on: &str, changed: &[(&str, &str, &str)]) {
        let issued = format!("{round}/配布/{division}/行政手続オンライン化 進捗調査票_{division}.xlsx");
        let to = format!("{round}/提出/{division}.xlsx");
        fs::copy(self.path(&issued), self.path(&to)).expect("copied");
        self.edit(&to, |book| {
            let right = |label: &str| {
                let at = the_cell(book, SHEET, label);
                CellRef::new(at.row, grid(book, SHEET).area_at(at).last.col + 1)
            };
            let mut cells =
                vec![(SHEET, right("提出日"), on.to_string()), (SHEET, right("所属長確認日"), on.to_string())];
            for (row, head, text) in changed {
                let at = CellRef::new(the_cell(book, SHEET, row).row, the_cell(book, SHEET, head).col);
                cells.push((SHEET, at, (*text).to_string()));
            }
            cells
        });
    }
}

const SHEET: &str = "進捗調査票";

fn grid<'b>(book: &'b Workbook, sheet: &str) -> &'b Grid {
    book.sheets.iter().find(|g| g.name == sheet).expect("the sheet")
}

fn the_cell(book: &Workbook, sheet: &str, text: &str) -> CellRef {
    let hit = grid(book, sheet).cells.iter().find(|(_, c)| c.raw() == text);
    *hit.unwrap_or_else(|| panic!("「{text}」 is not on 「{sheet}」")).0
}

/// What is said of an item's field: item, field, value.
fn answers(ledger: &Json, division: &str) -> Vec<(String, String, Json)> {
    let records = ledger["records"].as_array().expect("records");
    let of = records.iter().filter(|r| r["division"] == division);
    let fields = of.flat_map(|r| {
        let item = r["item"].as_str().expect("an item").to_string();
        let fields = r["fields"].as_object().expect("fields").iter();
        fields.map(move |(key, a)| (item.clone(), key.clone(), a["value"].clone()))
    });
    fields.filter(|(.., value)| !value.is_null()).collect()
}

fn codes(ledger: &Json) -> Vec<String> {
    let findings = ledger["findings"].as_array().expect("findings");
    findings.iter().filter_map(|f| f["code"].as_str()).map(ToString::to_string).collect()
}

#[test]
fn nobody_types_again_what_was_told_before() {
    let (rounds, first) = Rounds::new();
    let issued = rounds.next("令和4年11月末", "令和4年10月末", "令和4年11月30日", "2022-12-01");
    assert!(
        issued["issued"].as_array().expect("issued").iter().all(|i| i["prefilled"].as_u64() > Some(10)),
        "{issued}"
    );
    // 甲課 misses the second round; 乙課 has nothing to change, says so, and leaves its cells.
    rounds.reply(
        "令和4年11月末",
        "乙課",
        "令和4年12月2日",
        &[("16", "前回から変更なし", "○"), ("16", "総件数", "130")],
    );
    let second = rounds.run(&["令和4年11月末"], "2022-12-05", 1);
    assert!(codes(&second).contains(&"X214W".to_string()), "{:?}", codes(&second));
    let issued = rounds.next("令和4年12月末", "令和4年11月末", "令和4年12月31日", "2023-01-04");
    assert!(
        issued["issued"].as_array().expect("issued").iter().all(|i| i["prefilled"].as_u64() > Some(10)),
        "{issued}"
    );
    // Both rounds before lie in the folder of the third.
    assert!(rounds.path("令和4年12月末/前回/これまで/令和4年10月末.xlsx").is_file());
    assert!(rounds.path("令和4年12月末/前回/取りまとめ.xlsx").is_file());
    // As they came, with the day they are handed in.
    rounds.reply("令和4年12月末", "甲課", "令和5年1月6日", &[]);
    rounds.reply("令和4年12月末", "乙課", "令和5年1月6日", &[("16", "前回から変更なし", "レ")]);
    let third = rounds.run(&["令和4年12月末"], "2023-01-10", 0);
    let told = [(&first, "101"), (&second, "102")].into_iter().flat_map(|(l, d)| answers(l, d));
    let now: Vec<(String, String, Json)> = ["101", "102"].into_iter().flat_map(|d| answers(&third, d)).collect();
    let again: Vec<_> = told.filter(|answer| !now.contains(answer)).collect();
    assert!(now.len() > 25, "{now:?}");
    assert!(again.is_empty(), "cells that a division types again: {again:?}");
    // Untouched and unticked is asked about once for 甲課, and never for 乙課.
    let asked: Vec<&Json> =
        third["findings"].as_array().expect("findings").iter().filter(|f| f["code"] == "X213W").collect();
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert_eq!((asked[0]["division"].as_str(), asked[0]["given"].as_str()), (Some("101"), Some("2")));
}

#[test]
fn a_tick_without_answers_means_the_last_ones() {
    let (rounds, _) = Rounds::new();
    rounds.next("令和4年11月末", "令和4年10月末", "令和4年11月30日", "2022-12-01");
    let heads = [
        "実施の有無",
        "総件数",
        "うちオンライン件数",
        "オンライン化状況",
        "マイナポータル",
        "汎用電子申請",
        "その他",
        "マイナンバーカード利用",
        "署名",
        "運用開始予定日",
        "接続の状況",
    ];
    let emptied = heads.iter().map(|h| ("16", *h, "")).chain([("16", "前回から変更なし", "✓")]).collect::<Vec<_>>();
    rounds.reply("令和4年11月末", "乙課", "令和4年12月2日", &emptied);
    rounds.reply(
        "令和4年11月末",
        "甲課",
        "令和4年12月2日",
        &[("15", "前回から変更なし", "○"), ("27", "前回から変更なし", "○")],
    );
    let ledger = rounds.run(&["令和4年11月末"], "2022-12-05", 0);
    assert_eq!(codes(&ledger).iter().filter(|c| c.starts_with("X21")).collect::<Vec<_>>(), ["X215I"]);
    let total = answers(&ledger, "102").into_iter().find(|(_, key, _)| key == "total").expect("the total");
    assert_eq!(total.2.as_f64(), Some(120.0));
}

#[test]
fn a_late_reply_to_the_last_round_reaches_the_next_forms() {
    let (rounds, _) = Rounds::new();
    rounds.next("令和4年11月末", "令和4年10月末", "令和4年11月30日", "2022-12-01");
    // The old round is consolidated again with another answer.
    rounds.edit("令和4年10月末/提出/乙課.xlsx", |book| {
        vec![(
            SHEET,
            CellRef::new(the_cell(book, SHEET, "16").row, the_cell(book, SHEET, "備考").col),
            "遅れて届いた".into(),
        )]
    });
    rounds.run(&["令和4年10月末"], "2022-12-01", 0);
    let issued = rounds.run(&["issue", "令和4年11月末"], "2022-12-02", 0);
    assert!(issued["warnings"].to_string().contains("../令和4年10月末/結果/取りまとめ.xlsx"), "{issued}");
    let bytes =
        fs::read(rounds.path("令和4年11月末/配布/乙課/行政手続オンライン化 進捗調査票_乙課.xlsx")).expect("a form");
    let book = read::open(&bytes, "a.xlsx", &Limits::default()).expect("it opens").workbook;
    the_cell(&book, SHEET, "遅れて届いた");
    // Where the folder is gone, the copy is used and nothing is said.
    fs::rename(rounds.path("令和4年10月末"), rounds.path("書庫")).expect("moved");
    let issued = rounds.run(&["issue", "令和4年11月末"], "2022-12-02", 0);
    assert!(!issued["warnings"].to_string().contains("取りまとめ"), "{issued}");
}

/// Every spelling of a date that the tests know, and relative ones: what it meant in its round is what its new spelling means a
/// month, half a year and two years later.
#[test]
fn a_date_means_in_a_later_form_what_it_meant_in_its_own() {
    let lists = CodeLists::default();
    let field = Field { kind: FieldType::Date, ..Field::default() };
    let then = day(2022, 10, 31);
    let read = |text: &str, as_of: NaiveDate| {
        normalise::normalise(&Cell::text(text), &field, &Context { as_of, date1904: false, codes: &lists })
    };
    let relative = [
        "来年度",
        "今年度",
        "年度内",
        "今年度内",
        "来年度中",
        "来年度当初",
        "再来年度",
        "今年度末",
        "来年度末",
        "11月",
        "11月頃",
        "来月",
        "今月末",
        "来月末",
        "3月末",
        "12月上旬",
        "1/31",
        "10月31日",
        "今年",
        "来年",
        "来年3月",
        "年内",
        "年末",
        "年明け",
        "来年度上半期",
        "来年度第2四半期",
        "11月～12月",
        "来年度から令和7年度まで",
        "令和6年度以降",
        "未定",
        "未定（来年度に検討）",
        "前倒し",
        "令和7年度末（前倒しを検討）",
        "令和8年3月頃",
        "R8.3",
        "令和7年度",
        "令和5年4月～令和6年3月",
        "該当なし",
        "今後",
    ];
    let kept = std::fs::read_to_string("tests/normalise/dates.tsv").expect("the table of spellings");
    let kept = kept
        .lines()
        .filter(|l| !l.starts_with('#'))
        .filter_map(|l| l.split('\t').nth(1))
        .map(|t| t.replace("\\n", "\n"));
    let (mut tried, mut wrong) = (0, Vec::new());
    for typed in relative.iter().map(ToString::to_string).chain(kept).filter(|t| !t.trim().is_empty()) {
        let parsed = read(&typed, then);
        let mut told = Told { raw: typed.clone(), as_of: Some(then), ..Told::default() };
        match &parsed.value {
            Value::Date(i) => {
                told.kind = "date".into();
                (told.from, told.to, told.approx, told.inferred) = (i.from, i.to, i.approx, i.inferred);
                told.precision = serde_json::to_value(i.precision).expect("a word").as_str().expect("a word").into();
            }
            Value::None { kind, .. } => told.kind = kind.code().into(),
            _ => continue,
        }
        for now in [day(2022, 11, 30), day(2023, 4, 30), day(2024, 10, 31)] {
            let written = match again(&told, Some(&field), now, &lists) {
                CellValue::Text(t) => t,
                CellValue::Date(d) => wareki(d),
                CellValue::Number(n) => n.to_string(),
            };
            tried += 1;
            let same = match (read(&written, now).value, &parsed.value) {
                (Value::Date(a), Value::Date(b)) => {
                    {
                        // No other words name the winter over a turn of the year.
                        let precise = a.precision == b.precision || typed == "今冬";
                        precise && (a.from, a.to, a.approx) == (b.from, b.to, b.approx)
                    }
                }
                (Value::None { kind: a, .. }, Value::None { kind: b, .. }) => a == *b,
                _ => false,
            };
            if !same {
                wrong.push(format!(
                    "{typed} -> {written} at {now}: {:?} not {:?}",
                    read(&written, now).value,
                    parsed.value
                ));
            }
        }
    }
    assert!(tried > 500, "only {tried} were tried");
    assert!(wrong.is_empty(), "{} of {tried}\n{}", wrong.len(), wrong.join("\n"));
}
