//! What was sent is frozen, kept and compared, and two years' workbooks are told apart, on the command line.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A copy of the small valid round, with the ministry's blank table of online use in it.
fn round() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    for file in walkdir::WalkDir::new(root().join("samples/broken/_valid-procedures")) {
        let file = file.expect("listed");
        let to =
            dir.path().join(file.path().strip_prefix(root().join("samples/broken/_valid-procedures")).expect("below"));
        if file.file_type().is_dir() {
            fs::create_dir_all(to).expect("made");
        } else {
            fs::copy(file.path(), to).expect("copied");
        }
    }
    fs::create_dir_all(dir.path().join("国様式")).expect("made");
    fs::copy(blank("online-use"), dir.path().join("国様式/利用状況.xlsx")).expect("copied");
    dir
}

fn blank(map: &str) -> PathBuf {
    let folder = fs::read_dir(root().join("templates/national").join(map)).expect("a map");
    let books = folder.map(|e| e.expect("listed").path()).filter(|p| p.extension().is_some_and(|e| e == "xlsx"));
    books.into_iter().next().expect("a blank workbook")
}

/// Exit status, the object on stdout (null for text), and what is on stderr.
fn torimatome(dir: &Path, args: &[&str]) -> (i32, Value, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_torimatome"));
    command.current_dir(dir).args(args).args(["--today", "2022-11-14", "--format", "json"]);
    let out = command.output().expect("run");
    let object = serde_json::from_slice(&out.stdout).unwrap_or(Value::Null);
    (out.status.code().unwrap_or(-1), object, String::from_utf8_lossy(&out.stderr).into_owned())
}

fn codes(object: &Value) -> Vec<&str> {
    let findings = object["findings"].as_array().expect("findings");
    findings.iter().filter_map(|f| f["code"].as_str()).filter(|c| c.starts_with("X12")).collect()
}

#[test]
fn a_report_is_frozen_once_compared_from_then_on_and_never_overwritten() {
    let dir = round();
    let at = dir.path();
    let (status, _, said) = torimatome(at, &["report", ".", "--to", "甲県"]);
    assert!(status == 2 && said.contains("報告するブックがありません"), "nothing is filled yet: {said}");
    assert!(!at.join("報告済み").exists());

    assert_eq!(torimatome(at, &["."]).0, 0);
    let (status, first, _) = torimatome(at, &["report", ".", "--to", "甲県/係", "--on", "2022-11-12"]);
    assert_eq!(
        (status, &first["written"], &first["folder"]),
        (0, &true.into(), &"報告済み/2022-11-12_甲県／係".into())
    );
    let kept = at.join("報告済み/2022-11-12_甲県／係/利用状況.xlsx");
    assert_eq!(fs::read(&kept).expect("kept"), fs::read(at.join("結果/国様式/利用状況.xlsx")).expect("filled"));

    let (status, again, _) = torimatome(at, &["report", ".", "--to", "甲県/係", "--on", "2022-11-12"]);
    assert_eq!((status, &again["written"], &again["folder"]), (0, &false.into(), &first["folder"]));

    let (status, ledger, _) = torimatome(at, &["."]);
    assert_eq!((status, codes(&ledger).len()), (0, 0), "what was just sent is no correction");
    assert_eq!(ledger["reports"][0]["files"][0]["state"], "same");
    assert_eq!(ledger["reports"][0]["files"][0]["compared"], 9);

    // A division has sent another answer since: its file of a broken sample, with another count.
    let other = root().join("samples/broken/R006E-part-above-whole/提出/甲課.xlsx");
    fs::copy(other, at.join("提出/甲課.xlsx")).expect("replaced");
    let before = fs::read(&kept).expect("kept");
    let (status, _, said) = torimatome(at, &["report", ".", "--to", "甲県/係", "--on", "2022-11-12"]);
    assert!(status == 2 && said.contains("今の回答と合わない"), "{said}");
    let (_, ledger, _) = torimatome(at, &["."]);
    let corrections = ledger["reports"][0]["corrections"].as_array().expect("a list");
    assert!(codes(&ledger) == ["X120W"] && !corrections.is_empty(), "{corrections:?}");
    assert_eq!(corrections[0]["source"]["file"], "提出/甲課.xlsx");

    let (status, second, _) = torimatome(at, &["report", ".", "--to", "甲県/係", "--on", "2022-11-12"]);
    assert_eq!((status, &second["folder"]), (0, &"報告済み/2022-11-12_甲県／係_2".into()));
    assert_eq!(fs::read(&kept).expect("kept"), before);
    let left = fs::read_dir(at.join("報告済み")).expect("listed").count();
    assert_eq!(left, 2, "nothing half-written stays");

    fs::remove_file(&kept).expect("lost");
    let (_, ledger, _) = torimatome(at, &["status", "."]);
    assert!(codes(&ledger).contains(&"X122W"));
    assert_eq!(ledger["reports"][0]["files"][0]["state"], "missing");
}

#[test]
fn mistakes_of_report_write_nothing() {
    let dir = round();
    for args in [
        &["report", "."][..],
        &["report", "nowhere", "--to", "甲県"],
        &["report", ".", "--to", " . "],
        &["report", ".", "--to", "甲県", "--on", "11月12日"],
    ] {
        let (status, _, said) = torimatome(dir.path(), args);
        assert!(status == 2 && !said.is_empty(), "{args:?}: {said}");
    }
    assert!(!dir.path().join("報告済み").exists());
}

#[test]
fn the_same_form_breaks_nothing_and_a_filled_one_keeps_its_map() {
    let dir = round();
    torimatome(dir.path(), &["."]);
    let (status, same, _) =
        torimatome(dir.path(), &["fill", "--compare", "国様式/利用状況.xlsx", "国様式/利用状況.xlsx"]);
    assert_eq!((status, &same["breaks"], &same["map"]["id"]), (0, &false.into(), &"online-use".into()));
    assert!(same["sheets"].as_array().expect("sheets").iter().all(|s| s["same"] == true));
    // Numbers were written, no label moved.
    let filled = ["fill", "--compare", "国様式/利用状況.xlsx", "結果/国様式/利用状況.xlsx"];
    let (status, filled, _) = torimatome(dir.path(), &filled);
    assert_eq!((status, &filled["map"]["breaks"]), (0, &Value::Array(vec![])));
}

#[test]
fn headers_rows_and_formulas_that_break_a_map_are_named_with_a_suggestion() {
    // Made by openpyxl: two headings renamed, a row renamed, a formula in a column that is written, two rows above all.
    let dir = root().join("tests/fixtures/compare");
    let (status, object, _) = torimatome(&dir, &["fill", "--compare", "old.xlsx", "new.xlsx"]);
    let breaks = object["map"]["breaks"].as_array().expect("a list");
    let told: Vec<(&str, &str, &str)> = breaks
        .iter()
        .map(|b| {
            (
                b["kind"].as_str().unwrap_or(""),
                b["label"].as_str().unwrap_or(""),
                b["suggestion"].as_str().unwrap_or(""),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("header", "うちオンライン数(件)", "うち電子申請の件数"),
            ("row", "罹災証明書の発行申請", "罹災証明書の交付申請"),
            ("formula", "総件数に占めるオンライン数の割合(%)", "総件数に占めるオンライン数の割合(%)"),
        ]
    );
    assert_eq!((status, &breaks[0]["cell"]), (1, &"C5".into()));
}

#[test]
fn comparing_takes_two_readable_workbooks() {
    let dir = root().join("tests/fixtures");
    for args in [
        &["fill", "--compare", "compare/old.xlsx"][..],
        &["fill", "--compare", "compare/old.xlsx", "compare/none.xlsx"],
        &["fill", "--compare", "compare/old.xlsx", "read/encrypted.xlsx"],
        &["fill", "--compare", "compare/old.xlsx", "read/word.xlsx"],
        &["fill", "compare/old.xlsx", "--compare", "compare/old.xlsx", "compare/new.xlsx"],
        &["fill", "compare/old.xlsx"],
    ] {
        let (status, _, said) = torimatome(&dir, args);
        assert!(status == 2 && said.lines().count() >= 2, "{args:?}: {said}");
    }
}
