//! The sample round from end to end: the built program over a copy of `samples/ishinomaki-r4-10`, its answer against the
//! expected one, the same bytes under another time zone, language and number of threads, and nothing outside 結果/ touched.
//!
//! When the program is meant to say something else: `python3 samples/tools/make_round.py --expected`, and read the diff.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use sha2::{Digest, Sha256};

const RESULTS: &str = "結果";

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/ishinomaki-r4-10")
}

/// A copy of the round without what is expected of it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (path, name) = (entry.path(), entry.file_name());
        if name == "expected" || name == RESULTS {
            continue;
        }
        if path.is_dir() {
            copy(&path, &to.join(name));
        } else {
            fs::copy(&path, to.join(name)).unwrap();
        }
    }
}

fn consolidate(round: &Path, env: &[(&str, &str)]) -> (Output, Value) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_torimatome"));
    command.arg("consolidate").arg(round).args(["--today", "2022-11-14", "--format", "json"]);
    command.envs(env.iter().copied());
    let output = command.output().unwrap();
    let told = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("no JSON on stdout ({e}): {}", String::from_utf8_lossy(&output.stderr)));
    (output, told)
}

/// SHA-256 of every file below a folder, by path relative to it.
fn hashes(root: &Path) -> BTreeMap<String, String> {
    let files = walkdir::WalkDir::new(root).into_iter().map(Result::unwrap).filter(|e| e.file_type().is_file());
    let hex = |bytes: &[u8]| -> Vec<String> { bytes.iter().map(|b| format!("{b:02x}")).collect() };
    let hash = |path: &Path| hex(&Sha256::digest(fs::read(path).unwrap())).concat();
    files.map(|e| (e.path().strip_prefix(root).unwrap().to_string_lossy().into_owned(), hash(e.path()))).collect()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

#[test]
fn the_round_is_answered_as_expected() {
    let temp = tempfile::tempdir().unwrap();
    let round = temp.path().join("r");
    copy(&sample(), &round);
    let (output, mut told) = consolidate(&round, &[]);
    assert_eq!(output.status.code(), Some(1), "there is something to chase");
    told.as_object_mut().unwrap().remove("outputs");
    let expected = fs::read(sample().join("expected/consolidate.json")).unwrap();
    let expected: Value = serde_json::from_slice(&expected).unwrap();
    let parts = |answer: &Value| answer.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(parts(&told), parts(&expected));
    for part in parts(&expected) {
        same(&part, &told[&part], &expected[&part]);
    }
}

/// Compares row by row, so that a failure shows the row and not the whole answer.
fn same(part: &str, told: &Value, expected: &Value) {
    if let (Some(told), Some(expected)) = (told.as_array(), expected.as_array()) {
        for (n, (a, b)) in told.iter().zip(expected).enumerate() {
            assert_eq!(a, b, "{part}, row {n}");
        }
        assert_eq!(told.len(), expected.len(), "rows of {part}");
    }
    assert_eq!(told, expected, "{part}");
}

#[test]
fn everybody_who_owes_a_reply_is_counted() {
    let expected = fs::read(sample().join("expected/consolidate.json")).unwrap();
    let told: Value = serde_json::from_slice(&expected).unwrap();
    let owing = |form: &str| -> BTreeSet<&str> {
        let rows = told["submissions"].as_array().unwrap().iter();
        rows.filter(|s| text(s, "form") == form && text(s, "state") != "not-expected")
            .map(|s| text(s, "division"))
            .collect()
    };
    assert_eq!(told["totals"]["items"]["migration-plan"], 20);
    assert_eq!(owing("migration-plan").len(), 12);
    assert_eq!(told["totals"]["items"]["online-procedures"], 28);
    assert_eq!(owing("online-procedures").len(), 6);
}

#[test]
fn every_returned_file_ends_in_one_state() {
    let expected = fs::read(sample().join("expected/consolidate.json")).unwrap();
    let told: Value = serde_json::from_slice(&expected).unwrap();
    let mut listed: Vec<&str> = told["submissions"].as_array().unwrap().iter().map(|s| text(s, "file")).collect();
    // What stands in an archive is listed besides the archive.
    listed.retain(|f| !f.is_empty() && !f.contains(".zip/"));
    listed.sort_unstable();
    let returned = hashes(&sample().join("提出"));
    let mut there: Vec<String> = returned.keys().map(|p| format!("提出/{}", p.replace('\\', "/"))).collect();
    there.sort_unstable();
    assert_eq!(listed, there);
}

#[test]
fn the_same_round_gives_the_same_bytes_anywhere_and_is_left_as_it_was() {
    let temp = tempfile::tempdir().unwrap();
    let runs = [
        [("TZ", "Asia/Tokyo"), ("LANG", "ja_JP.UTF-8"), ("RAYON_NUM_THREADS", "1")],
        [("TZ", "America/St_Johns"), ("LANG", "C"), ("RAYON_NUM_THREADS", "7")],
    ];
    let mut results = Vec::new();
    for (n, env) in runs.iter().enumerate() {
        let round = temp.path().join(n.to_string());
        copy(&sample(), &round);
        let before = hashes(&round);
        let (_, told) = consolidate(&round, env);
        let mut after = hashes(&round);
        after.retain(|path, _| !Path::new(path).starts_with(RESULTS));
        assert_eq!(before, after, "a file outside {RESULTS}/ changed");
        let written = hashes(&round.join(RESULTS));
        assert!(written.contains_key("取りまとめ.xlsx"), "{:?}", written.keys());
        for output in told["outputs"].as_array().unwrap() {
            let path = text(output, "path").trim_start_matches("結果/");
            let key = Path::new(path).to_string_lossy().into_owned();
            assert_eq!(written.get(&key).map(String::as_str), output["sha256"].as_str(), "{path}");
        }
        results.push((told, written));
    }
    assert_eq!(results[0].0, results[1].0);
    assert_eq!(results[0].1, results[1].1);
}
