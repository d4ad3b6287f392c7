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
