//! The survey of the sample round from end to end. `tests/tools/survey_check.py` holds every figure against another program's.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use torimatome::forms::Templates;
use torimatome::model::survey::Question;
use torimatome::read::{self, Limits};
use torimatome::survey::{self, Source};

const BOOK: &str = "結果/職員アンケート集計結果.xlsx";

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/ishinomaki-r4-10")
}

/// A round with the sample's settings and survey alone.
fn copy(to: &Path) {
    fs::create_dir_all(to.join("アンケート")).unwrap();
    fs::copy(sample().join("調査設定.xlsx"), to.join("調査設定.xlsx")).unwrap();
    for entry in fs::read_dir(sample().join("アンケート")).unwrap().flatten() {
        fs::copy(entry.path(), to.join("アンケート").join(entry.file_name())).unwrap();
    }
}

fn run(round: &Path, env: &[(&str, &str)]) -> (Output, Value) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_torimatome"));
    command.arg("survey").arg(round).args(["--today", "2022-11-14", "--format", "json"]).envs(env.iter().copied());
    let output = command.output().unwrap();
    let told = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    (output, told)
}

#[test]
fn the_sample_is_counted_as_the_minutes_say() {
    let temp = tempfile::tempdir().unwrap();
    copy(temp.path());
    let before: BTreeMap<PathBuf, Vec<u8>> = inputs(temp.path());
    let (output, told) = run(temp.path(), &[]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let survey = &told["survey"];
    assert_eq!((&survey["asked"], &survey["valid"], &survey["received"]), (&1384.into(), &980.into(), &1037.into()));
    let out: u64 = survey["excluded"].as_array().unwrap().iter().filter_map(|e| e["count"].as_u64()).sum();
    assert_eq!(out, 57);
    for question in survey["questions"].as_array().unwrap() {
        let of = |key: &str| question[key].as_u64().unwrap();
        assert_eq!(of("asked") + of("not_asked"), 980, "{question}");
        assert_eq!(of("answered") + of("blank") + of("invalid"), of("asked"), "{question}");
    }
    let bureaus = survey["bureaus"].as_array().unwrap();
    let sum = |key: &str| bureaus.iter().filter_map(|b| b[key].as_u64()).sum::<u64>();
    assert_eq!((sum("asked"), sum("valid")), (1384, 980));
    assert_eq!(inputs(temp.path()), before, "inputs are read only");
}

fn inputs(round: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = walkdir::WalkDir::new(round).into_iter().flatten().filter(|e| e.file_type().is_file());
    let files = files.filter(|e| !e.path().starts_with(round.join("結果")));
    files.map(|e| (e.path().to_path_buf(), fs::read(e.path()).unwrap())).collect()
}

#[test]
fn the_same_answers_give_the_same_bytes() {
    let temp = tempfile::tempdir().unwrap();
    let (one, two) = (temp.path().join("一"), temp.path().join("二"));
    copy(&one);
    copy(&two);
    run(&one, &[]);
    run(&two, &[("TZ", "America/New_York"), ("LANG", "C"), ("RAYON_NUM_THREADS", "1")]);
    assert!(fs::read(one.join(BOOK)).unwrap() == fs::read(two.join(BOOK)).unwrap());
    let (again, _) = run(&one, &[]);
    assert_eq!(again.status.code(), Some(0));
    assert!(!one.join("結果/履歴").exists(), "what is as it was is not written again");
}

#[test]
fn the_sheet_and_the_shipped_definition_are_read_as_the_same_questions() {
    let bytes = fs::read(sample().join("アンケート/設問.xlsx")).unwrap();
    let book = read::open(&bytes, "設問.xlsx", &Limits::default()).unwrap().workbook;
    assert!(survey::is_definition(&book));
    let templates = Templates::embedded().unwrap();
    let defined = survey::define(&[&Source { name: "設問.xlsx".into(), book }], &BTreeMap::new());
    assert!(defined.findings.is_empty(), "{:?}", defined.findings);
    let own = defined.survey.unwrap();
    assert_eq!(own.asked.iter().map(|(_, n)| n).sum::<usize>(), 1384);
    let questions: &[Question] = &templates.surveys["staff"].questions;
    for (a, b) in own.questions.iter().zip(questions) {
        assert_eq!(a, b);
    }
    assert_eq!(own.questions.len(), questions.len());
}

#[test]
fn without_a_sheet_the_shipped_definition_counts() {
    let temp = tempfile::tempdir().unwrap();
    copy(temp.path());
    fs::remove_file(temp.path().join("アンケート/設問.xlsx")).unwrap();
    let (_, told) = run(temp.path(), &[]);
    // Nothing says how many were asked, nor when the survey closed: the nine late answers count.
    assert_eq!((&told["survey"]["asked"], &told["survey"]["received"]), (&Value::Null, &1037.into()));
    assert_eq!(told["survey"]["valid"], 989);
}

#[test]
fn what_cannot_be_counted_says_what_to_do() {
    let temp = tempfile::tempdir().unwrap();
    copy(temp.path());
    fs::remove_dir_all(temp.path().join("アンケート")).unwrap();
    let (output, _) = run(temp.path(), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("「アンケート」フォルダを作り"));
    fs::create_dir(temp.path().join("アンケート")).unwrap();
    fs::copy(sample().join("アンケート/設問.xlsx"), temp.path().join("アンケート/設問.xlsx")).unwrap();
    let (output, _) = run(temp.path(), &[]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("回答の書出しがありません"));
    // A file that cannot be read stops nobody.
    fs::write(temp.path().join("アンケート/壊れた.xlsx"), b"PK\x03\x04 nothing").unwrap();
    fs::copy(sample().join("アンケート/回答（共用端末）.csv"), temp.path().join("アンケート/回答.csv")).unwrap();
    let (output, told) = run(temp.path(), &[]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!((&told["survey"]["received"], &told["findings"][0]["code"]), (&42.into(), &"S001E".into()));
}

/// The rows of a sheet of the results as texts.
fn rows(round: &Path, sheet: &str) -> Vec<Vec<String>> {
    let bytes = fs::read(round.join(BOOK)).unwrap();
    let book = read::open(&bytes, "集計.xlsx", &Limits::default()).unwrap().workbook;
    let grid = book.sheets.into_iter().find(|s| s.name == sheet).unwrap();
    let mut rows: BTreeMap<u32, BTreeMap<u32, String>> = BTreeMap::new();
    grid.cells.iter().for_each(|(at, c)| drop(rows.entry(at.row).or_default().insert(at.col, c.raw())));
    let last = grid.cells.keys().map(|at| at.row).max().unwrap_or(0);
    let row = |n| rows.get(&n).map(|r| (0..20).map(|c| r.get(&c).cloned().unwrap_or_default()).collect());
    (0..=last).map(|n| row(n).unwrap_or_default()).collect()
}

/// Writes cells of the results as somebody would by hand, by the command that leaves everything else as it is.
fn write_in(round: &Path, cells: &str) {
    let (list, out) = (round.join("cells.csv"), round.join("書き込み.xlsx"));
    fs::write(&list, format!("sheet,cell,value,type\n{cells}")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_torimatome"));
    let done =
        command.arg("fill").arg(round.join(BOOK)).arg("--set").arg(&list).arg("--out").arg(&out).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    fs::rename(out, round.join(BOOK)).unwrap();
}

fn line_of(rows: &[Vec<String>], text: &str) -> usize {
    rows.iter().position(|r| r.iter().any(|c| c.contains(text))).unwrap_or_else(|| panic!("no {text}"))
}

#[test]
fn what_people_write_into_the_workbook_stays() {
    let temp = tempfile::tempdir().unwrap();
    let round = temp.path();
    copy(round);
    run(round, &[]);
    let first = rows(round, "自由記述");
    let head = line_of(&first, "記述番号");
    let (a, b, c) = (head + 1, head + 2, line_of(&first, "内線番号］"));
    let ids: Vec<String> = [a, b, c].iter().map(|n| first[*n][0].clone()).collect();
    let cells = [
        format!("自由記述,E{},決裁が多い,text\n自由記述,G{},会議で紹介,text\n", a + 1, a + 1),
        format!("自由記述,E{},\"決裁が多い、様式が違う\",text\n自由記述,F{},総務課,text\n", b + 1, c + 1),
    ];
    write_in(round, &cells.concat());
    // One more answer in the meantime, in an export of its own.
    let text = fs::read_to_string(round.join("アンケート/回答（共用端末）.csv")).unwrap();
    let (heads, rest) = text.split_once("\r\n").unwrap();
    let columns = rest.lines().next().unwrap().split(',').count();
    let mut row = vec![""; columns];
    (row[0], row[1], row[2], row[columns - 1]) = ("2022-09-20T10:00:00", "新しい人", "総務部", "あたらしい意見です。");
    fs::write(round.join("アンケート/追加.csv"), format!("{heads}\r\n{}\r\n", row.join(","))).unwrap();
    run(round, &[]);
    let second = rows(round, "自由記述");
    let of = |id: &str| second.iter().find(|r| r[0] == id).unwrap().clone();
    assert_eq!((of(&ids[0])[4].as_str(), of(&ids[0])[6].as_str()), ("決裁が多い", "会議で紹介"));
    assert_eq!(of(&ids[1])[4], "決裁が多い、様式が違う");
    assert!(of(&ids[2])[2].contains("［伏せ字］") && !second.iter().any(|r| r[2].contains("総務課")));
    line_of(&second, "あたらしい意見です。");
    let problems = rows(round, "課題一覧");
    let people = |n: usize| first[n][3].parse::<usize>().unwrap();
    let found = problems.iter().find(|r| r[1] == "決裁が多い").unwrap();
    assert_eq!(found[2], (people(a) + people(b)).to_string(), "who wrote either, once");
    let by: usize = found[3..12].iter().map(|n| n.parse::<usize>().unwrap_or(0)).sum();
    assert_eq!(by.to_string(), found[2]);
    // The cause of a problem stays as well, and so does what was said of words that nobody writes any more.
    let row = line_of(&problems, "決裁が多い") + 1;
    write_in(round, &format!("課題一覧,M{row},押印の欄が残っている,text\n"));
    for entry in fs::read_dir(round.join("アンケート")).unwrap().flatten() {
        if entry.path().extension().is_some_and(|e| e == "csv") && !entry.path().ends_with("追加.csv") {
            fs::remove_file(entry.path()).unwrap();
        }
    }
    run(round, &[]);
    let third = rows(round, "課題一覧");
    assert!(third.iter().any(|r| r[1] == "決裁が多い" && r[12] == "押印の欄が残っている"), "{third:?}");
    assert!(rows(round, "自由記述").iter().any(|r| r[0] == ids[0] && r[4] == "決裁が多い"));
}

#[test]
fn no_text_names_a_number_or_an_address_and_none_stands_beside_who_wrote_it() {
    let temp = tempfile::tempdir().unwrap();
    copy(temp.path());
    run(temp.path(), &[]);
    let bytes = fs::read(temp.path().join(BOOK)).unwrap();
    let book = read::open(&bytes, "集計.xlsx", &Limits::default()).unwrap().workbook;
    for sheet in &book.sheets {
        for cell in sheet.cells.values() {
            let text = cell.raw();
            for bad in ["taro@", "090-0000", "内線2345", "０２２５－００"] {
                assert!(!text.contains(bad), "{}: {text}", sheet.name);
            }
        }
    }
    let words = rows(temp.path(), "自由記述");
    let texts: Vec<&String> = words.iter().skip(line_of(&words, "記述番号") + 1).map(|r| &r[2]).collect();
    assert!(texts.len() > 250);
    let elsewhere = book.sheets.iter().filter(|s| s.name != "自由記述").flat_map(|s| s.cells.values());
    let elsewhere: std::collections::BTreeSet<String> = elsewhere.map(torimatome::model::Cell::raw).collect();
    assert!(!texts.iter().any(|t| elsewhere.contains(*t) && !t.is_empty()));
}

const PUBLIC: &str = "結果/職員アンケート集計結果（公表用）.xlsx";

#[test]
fn what_is_published_is_made_once_and_after_the_closing() {
    let temp = tempfile::tempdir().unwrap();
    let round = temp.path();
    copy(round);
    let program = env!("CARGO_BIN_EXE_torimatome");
    let on = |day: &str| Command::new(program).arg("survey").arg(round).args(["--today", day]).output().unwrap();
    let said = |output: &Output| String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said(&on("2022-09-21")).contains("締切を過ぎてから"));
    assert!(!round.join(PUBLIC).exists());
    on("2022-09-22");
    let first = fs::read(round.join(PUBLIC)).unwrap();
    on("2022-11-14");
    assert!(fs::read(round.join(PUBLIC)).unwrap() == first, "the same answers give the same bytes");
    // Without one export 40 people less have answered: what the two differ by would be theirs.
    fs::remove_file(round.join("アンケート/回答（共用端末）.csv")).unwrap();
    let output = on("2022-11-14");
    assert!(said(&output).contains("作り直していません"), "{}", said(&output));
    assert!(fs::read(round.join(PUBLIC)).unwrap() == first);
    let book = read::open(&first, "公表用.xlsx", &Limits::default()).unwrap().workbook;
    let names: Vec<&str> = book.sheets.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, ["調査概要", "単純集計", "クロス集計"]);
    let texts = book.sheets.iter().flat_map(|s| s.cells.values()).map(torimatome::model::Cell::raw);
    assert!(texts.filter(|t| t == "＊").count() > 100);
}
