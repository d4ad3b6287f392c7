//! The program itself in a temporary folder: what it returns, what it prints, what it leaves alone, and what is left when
//! it is killed.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use torimatome::forms::draw::{self, CellValue, Fill, GivenRow};
use torimatome::intake::sha256;
use torimatome::model::{Form, Value};

use crate::fill::fill;
use crate::kit::{Dice, Drawn, PLANS, PROCEDURES, as_of, day, drawn_of, form_ids, round, templates};

/// Two divisions, each with its items; both forms are asked.
const DIVISIONS: [&str; 2] = ["101", "102"];

fn words(t: &str) -> CellValue {
    CellValue::Text(t.to_string())
}

fn row(cells: &[(&str, &str)]) -> GivenRow {
    cells.iter().map(|(k, v)| ((*k).to_string(), words(v))).collect()
}

/// The settings workbook of a small round.
fn settings() -> Vec<u8> {
    settings_with(&[])
}

/// As [`settings`], with more answers on the cards, by key.
fn settings_with(more: &[(&str, &str)]) -> Vec<u8> {
    let form = templates().settings().expect("the settings");
    let dates = |id: &str| row(&[("form", id), ("as_of", "2022-10-31"), ("reply_deadline", "2022-11-11")]);
    let owned = |roster: &str| -> Vec<GivenRow> {
        let of = |d: &'static str| round().items_of(roster, d).map(move |i| (i, d));
        let items = DIVISIONS.into_iter().flat_map(of);
        items.map(|(i, d)| row(&[("key", &i.key), ("name", &i.name), ("owner", d), ("confidence", "確定")])).collect()
    };
    let divisions =
        DIVISIONS.map(|d| row(&[("code", d), ("name", round().division_name(d)), ("bureau", "総務企画部")]));
    let card = [("municipality", "見本市"), ("municipality_code", "042021"), ("round_name", "令和4年10月末")];
    let card = card.iter().chain(&[("issuer", "課長"), ("contact", "担当")]).chain(more);
    let fill = Fill {
        answers: card.map(|(k, v)| ((String::new(), (*k).to_string()), words(v))).collect(),
        rows: BTreeMap::from([
            ("forms".to_string(), form_ids().map(dates).to_vec()),
            ("divisions".to_string(), divisions.to_vec()),
            ("systems".to_string(), owned("systems")),
            ("procedures".to_string(), owned("procedures")),
        ]),
        created: as_of(),
        ..Fill::default()
    };
    draw::workbook(form, templates(), &fill).expect("the settings are drawn")
}

/// A division's reply as bytes, with legal answers.
fn reply(blank: &Drawn, dice: &mut Dice) -> Vec<u8> {
    let mut scratch = blank.clone();
    let written = fill(&mut scratch, dice);
    let cell = |value: &Value| match value {
        Value::Choice(t) | Value::Text(t) => words(t),
        Value::Number(n) => CellValue::Number(*n),
        Value::Date(i) if i.from == i.to => CellValue::Date(i.from.expect("a day")),
        Value::Date(i) => words(&torimatome::model::date::describe(i)),
        other => panic!("{other:?} is not written here"),
    };
    let form: &Form = blank.form;
    let fill = Fill {
        round_name: "令和4年10月末",
        as_of: Some(as_of()),
        division: round().division(&blank.division),
        items: blank.items.clone(),
        answers: written.iter().map(|(k, v)| (k.clone(), cell(v))).collect(),
        created: as_of(),
        ..Fill::default()
    };
    draw::workbook(form, templates(), &fill).expect("a reply is drawn")
}

/// The files of a complete round, by path below it; made once for each seed.
pub fn files(seed: u64) -> BTreeMap<String, Vec<u8>> {
    let mut dice = Dice::new(seed);
    let mut files = BTreeMap::from([("調査設定.xlsx".to_string(), settings())]);
    for form in form_ids() {
        for division in DIVISIONS {
            let blank = drawn_of(form).into_iter().find(|d| d.division == division).expect("a form");
            files.insert(format!("提出/{division}/{form} 回答.xlsx"), reply(blank, &mut dice));
        }
    }
    files
}

pub struct Folder {
    pub dir: tempfile::TempDir,
}

impl Folder {
    pub fn empty() -> Self {
        Self { dir: tempfile::tempdir().expect("a folder") }
    }

    /// A round in which everybody has replied and nothing is wrong.
    pub fn complete() -> Self {
        static FILES: OnceLock<BTreeMap<String, Vec<u8>>> = OnceLock::new();
        let folder = Self::empty();
        folder.put(FILES.get_or_init(|| files(101)));
        folder
    }

    pub fn put(&self, files: &BTreeMap<String, Vec<u8>>) {
        for (name, bytes) in files {
            let path = self.path(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, bytes).expect("written");
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("it starts")
    }

    /// The program on this folder, which stands where an argument is `.`.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_torimatome"));
        command.args(["--today", "2022-11-14"]);
        for arg in args {
            match *arg {
                "." => command.arg(self.dir.path()),
                other => command.arg(other),
            };
        }
        command.stdin(Stdio::null());
        command
    }

    /// Every file below a folder of the round, with its hash; dot files of the program included.
    pub fn hashes(&self, below: &str) -> BTreeMap<String, String> {
        let mut all = BTreeMap::new();
        let mut folders = vec![self.path(below)];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(self.dir.path()).expect("below").to_string_lossy().replace('\\', "/");
                    all.insert(name, sha256(&fs::read(&path).expect("read")));
                }
            }
        }
        all
    }

    /// The results alone, without what is kept of earlier ones.
    pub fn results(&self) -> BTreeMap<String, String> {
        let mut all = self.hashes("結果");
        all.retain(|name, _| !name.starts_with("結果/履歴/"));
        all
    }
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

fn is_japanese(t: &str) -> bool {
    t.contains('。') && t.chars().filter(|c| ('ぁ'..='ヿ').contains(c)).count() > 5
}

/// Expects exit 2 with a sentence that an office understands, and nothing on stdout.
#[track_caller]
pub fn could_not(output: &Output) {
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(is_japanese(&text(&output.stderr)), "{}", text(&output.stderr));
    assert!(!text(&output.stderr).contains("panicked"), "{}", text(&output.stderr));
    assert!(output.stdout.is_empty(), "{}", text(&output.stdout));
}

#[test]
fn a_complete_round_ends_with_0_and_inputs_stay_as_they_are() {
    let folder = Folder::complete();
    let inputs: Vec<String> = folder.hashes("").into_keys().collect();
    for name in &inputs {
        let path = folder.path(name);
        let mut permissions = fs::metadata(&path).expect("there").permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions).expect("set");
    }
    let before = folder.hashes("");
    let times: Vec<_> = inputs.iter().map(|n| fs::metadata(folder.path(n)).expect("there").modified().ok()).collect();
    let output = folder.run(&["."]);
    assert_eq!(output.status.code(), Some(0), "{}{}", text(&output.stdout), text(&output.stderr));
    assert!(is_japanese(&text(&output.stdout)), "{}", text(&output.stdout));
    let mut after = folder.hashes("");
    let results = folder.results();
    assert!(results.contains_key("結果/取りまとめ.xlsx"), "{results:?}");
    after.retain(|name, _| !name.starts_with("結果/"));
    assert_eq!(before, after);
    let later: Vec<_> = inputs.iter().map(|n| fs::metadata(folder.path(n)).expect("there").modified().ok()).collect();
    assert_eq!(times, later);
    // The other commands on the same folder change nothing either.
    for args in [&["status", "."][..], &["consolidate", "."], &["."]] {
        assert_eq!(folder.run(args).status.code(), Some(0), "{args:?}");
    }
    assert_eq!(folder.results(), results);
    assert!(!folder.path("結果/履歴").exists(), "equal results were kept twice");
}

#[test]
fn json_is_one_object_and_nothing_else() {
    let folder = Folder::complete();
    fs::remove_file(folder.path(&format!("提出/101/{PLANS} 回答.xlsx"))).expect("removed");
    for args in [&["--format", "json", "."][..], &["status", "--format", "json", "."]] {
        let output = folder.run(args);
        assert_eq!(output.status.code(), Some(1), "a reply is missing");
        assert!(output.stderr.is_empty(), "{}", text(&output.stderr));
        let object: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one object");
        let keys: Vec<&str> = object.as_object().expect("an object").keys().map(String::as_str).collect();
        assert_eq!(keys[..6], ["round", "submissions", "findings", "records", "totals", "outputs"]);
        // Keys are only ever added to, and none without a word about it.
        let documented = include_str!("../../README.md");
        assert!(keys.iter().all(|k| documented.contains(&format!("`{k}"))), "{keys:?}");
        let states = object["submissions"].as_array().expect("a list").iter().map(|s| s["state"].as_str());
        let mut counts: BTreeMap<Option<&str>, usize> = BTreeMap::new();
        states.for_each(|s| *counts.entry(s).or_default() += 1);
        assert_eq!(counts, BTreeMap::from([(Some("accepted"), 3), (Some("missing"), 1)]));
        for o in object["outputs"].as_array().expect("a list") {
            let bytes = fs::read(folder.path(o["path"].as_str().expect("a path"))).expect("it was written");
            assert_eq!(o["sha256"], sha256(&bytes));
        }
        assert_eq!(object["outputs"].as_array().map(Vec::is_empty), Some(args[0] == "status"));
    }
    let file = folder.path(&format!("提出/102/{PROCEDURES} 回答.xlsx"));
    let output = folder.run(&["check", "--format", "json", &file.to_string_lossy()]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let object: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one object");
    assert_eq!(object["submissions"].as_array().map(Vec::len), Some(1));
}

#[test]
fn options_may_stand_before_and_after_a_command() {
    let folder = Folder::complete();
    let dir = folder.dir.path().to_string_lossy().into_owned();
    let run = |args: &[&str]| Command::new(env!("CARGO_BIN_EXE_torimatome")).args(args).output().expect("it starts");
    let before = run(&["--today", "2022-11-14", "--format", "json", "status", &dir]);
    let after = run(&["status", &dir, "--format", "json", "--today", "2022-11-14"]);
    assert_eq!(before.status.code(), Some(0), "{}", text(&before.stderr));
    assert_eq!((before.status, before.stdout), (after.status, after.stdout));
}

#[test]
fn what_cannot_be_done_is_said_and_ends_with_2() {
    let empty = Folder::empty();
    could_not(&empty.run(&["."]));
    could_not(&empty.run(&["status", "."]));
    could_not(&empty.run(&["issue", "."]));
    could_not(&empty.run(&["explain", "Z999E"]));
    could_not(&empty.run(&["check", &empty.path("ない.xlsx").to_string_lossy()]));
    could_not(&empty.run(&["init", &empty.path("新").to_string_lossy(), "--code", "042020"]));
    let slip = empty.run(&["init", &empty.path("令和4年/まちがい/回").to_string_lossy(), "--code", "042021"]);
    assert!(text(&slip.stderr).contains("まちがい」というフォルダがありません"), "{}", text(&slip.stderr));
    could_not(&slip);
    assert!(empty.hashes("").is_empty(), "{:?}", empty.hashes(""));
    assert_eq!(empty.run(&["--today", "昨日", "."]).status.code(), Some(2));
    assert_eq!(empty.run(&["explain", "F001E"]).status.code(), Some(0));
    assert_eq!(empty.run(&["explain"]).status.code(), Some(0));

    let folder = Folder::complete();
    fs::write(folder.path("調査設定.xlsx"), b"PK\x03\x04 broken").expect("written");
    let before = folder.hashes("");
    could_not(&folder.run(&["."]));
    assert_eq!(before, folder.hashes(""));
}

#[test]
fn a_result_folder_that_is_a_file_loses_nothing() {
    let folder = Folder::complete();
    fs::write(folder.path("結果"), "だれかのメモ").expect("written");
    let before = folder.hashes("");
    could_not(&folder.run(&["."]));
    assert_eq!(before, folder.hashes(""));
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let settings = [("UTC", "C", "1"), ("Asia/Tokyo", "ja_JP.UTF-8", "2"), ("America/Lima", "de_DE.UTF-8", "7")];
    let mut all = Vec::new();
    for (zone, language, threads) in settings {
        let folder = Folder::complete();
        let mut command = folder.command(&["."]);
        command.env("TZ", zone).env("LANG", language).env("LC_ALL", language).env("RAYON_NUM_THREADS", threads);
        assert_eq!(command.output().expect("it starts").status.code(), Some(0));
        all.push(folder.results());
    }
    assert!(all[0].len() > 1);
    assert_eq!(all[0], all[1]);
    assert_eq!(all[0], all[2]);
}

/// What stands in 結果/ when a run was killed: all of one set, or a switch that the next run finishes.
fn is_whole(now: &BTreeMap<String, String>, sets: [&BTreeMap<String, String>; 2]) -> bool {
    let shown = |all: &BTreeMap<String, String>| -> BTreeMap<String, String> {
        all.iter().filter(|(name, _)| !name.starts_with("結果/.")).map(|(k, v)| (k.clone(), v.clone())).collect()
    };
    now.contains_key("結果/.切替.txt") || sets.iter().any(|set| shown(now) == shown(set))
}

#[test]
fn a_killed_run_leaves_a_whole_set() {
    // Two states of one folder, and what each gives when nothing disturbs it.
    let states = [files(101), files(102)];
    let undisturbed = |state: usize| {
        let folder = Folder::empty();
        folder.put(&states[state]);
        let started = Instant::now();
        assert_eq!(folder.run(&["-q", "."]).status.code(), Some(0));
        (folder.results(), started.elapsed())
    };
    let (a, took) = undisturbed(0);
    let (b, _) = undisturbed(1);
    assert_ne!(a, b);
    let sets = [&a, &b];
    let folder = Folder::empty();
    folder.put(&states[0]);
    folder.run(&["-q", "."]);
    let mut dice = Dice::new(103);
    let (mut state, mut killed) = (0, 0);
    for turn in 0..8 {
        let next = 1 - state;
        folder.put(&states[next]);
        let mut child = folder.command(&["-q", "."]).spawn().expect("it starts");
        // Now and then before anything is written, else about when the new set is put in place.
        if turn % 4 == 0 {
            std::thread::sleep(
                took.mul_f64(0.1) + Duration::from_millis(u64::try_from(dice.below(100)).expect("small")),
            );
        } else {
            let stage = folder.path("結果/.準備中");
            while !stage.exists() && child.try_wait().expect("known").is_none() {
                std::thread::sleep(Duration::from_micros(200));
            }
            std::thread::sleep(Duration::from_micros(u64::try_from(dice.below(12_000)).expect("small")));
        }
        killed += usize::from(child.try_wait().expect("known").is_none());
        child.kill().expect("killed, or over");
        child.wait().expect("over");
        assert!(is_whole(&folder.results(), sets), "turn {turn}: {:?}", folder.results());
        assert_eq!(folder.run(&["-q", "."]).status.code(), Some(0));
        assert_eq!(folder.results(), *sets[next], "after the next run, turn {turn}");
        let kept = folder.hashes("結果/履歴");
        let old: Vec<&String> = sets[state].iter().filter(|(n, _)| !n.starts_with("結果/.")).map(|(_, h)| h).collect();
        assert!(old.iter().all(|h| kept.values().any(|k| k == *h)), "the last results were not kept");
        state = next;
    }
    println!("{killed} of 8 runs were killed in mid-run ({took:?} each)");
    assert!(killed > 3, "only {killed} runs were still running when killed");
}

#[test]
fn a_round_can_be_begun_and_issued() {
    let folder = Folder::complete();
    let output = folder.run(&["issue", "."]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let issued = folder.hashes("配布");
    assert!(issued.len() >= DIVISIONS.len() * form_ids().len(), "{issued:?}");
    assert_eq!(folder.run(&["issue", "."]).status.code(), Some(0));
    assert_eq!(folder.hashes("配布"), issued);
    // Blank forms sent back as they are: accepted, and everything is still to be answered.
    fs::remove_dir_all(folder.path("提出/101")).expect("removed");
    for name in issued.keys().filter(|n| n.contains("第1課/")) {
        let to = folder.path(&name.replace("配布/", "提出/"));
        fs::create_dir_all(to.parent().expect("a folder")).expect("made");
        fs::copy(folder.path(name), to).expect("copied");
    }
    assert_eq!(folder.run(&["."]).status.code(), Some(1));
    let next = folder.path("次回");
    let from = folder.dir.path().to_string_lossy().into_owned();
    let output = folder.run(&["init", &next.to_string_lossy(), "--from", &from]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(next.join("調査設定.xlsx").is_file() && day(2022, 11, 14) > as_of());
}

#[test]
fn a_slip_is_answered_with_what_was_meant() {
    let folder = Folder::complete();
    for (args, wanted) in [
        (&["cosolidate", "."][..], "torimatome consolidate "),
        (&[".", "statsu"], "torimatome status "),
        (&["Ｓｔａｔｕｓ"], "「status」のことですか"),
        (&["publsh", "."], "torimatome publish "),
        (&["status", ".", "--formt", "json"], "「--format」のことですか"),
        (&["status", ".", "--format", "jsn"], "text、json"),
        (&["report", ".", "--to", "県", "--on", "令和4年11月15日"], "「--on 2022-11-15」"),
        (&["report", ".", "--to", "県", "--on", "2022/11/15"], "「--on 2022-11-15」"),
        (&["report", ".", "--to", "県", "--on", "2022-02-30"], "年-月-日"),
        (&["report", ".", "--to", "県", "--on", "あした"], "年-月-日"),
    ] {
        let output = folder.run(args);
        could_not(&output);
        assert!(text(&output.stderr).contains(wanted), "{args:?}: {}", text(&output.stderr));
    }
    // What is no slip of a command is a file that is not there.
    let output = folder.run(&["令和4年10月末の回答"]);
    could_not(&output);
    assert!(!text(&output.stderr).contains("のことですか"), "{}", text(&output.stderr));
}

#[test]
fn a_code_is_explained_in_any_letters_and_from_its_beginning() {
    let folder = Folder::empty();
    let said = |code: &str| text(&folder.run(&["explain", code]).stdout);
    let whole = said("F001E");
    assert!(whole.starts_with("F001E") && !whole.contains(['{', '}', '…']), "{whole}");
    for same in ["f001e", "Ｆ００１Ｅ", "f001", " F001 "] {
        assert_eq!(said(same), whole, "{same}");
    }
    let both = said("d003");
    assert!(both.contains("D003E　") && both.contains("D003W　"), "{both}");
    assert!(said("s05").lines().count() > 3, "many are listed, a line each");
    could_not(&folder.run(&["explain", "Z"]));
}

#[test]
fn json_gives_an_object_whatever_happens() {
    let folder = Folder::complete();
    let wrong = Folder::empty();
    fs::write(wrong.path("調査設定.xlsx"), b"PK").expect("written");
    let new = Folder::empty();
    let (inside, again) = (new.path("回").display().to_string(), new.path("回").display().to_string());
    for (at, args, code) in [
        (&folder, &["."][..], 0),
        (&folder, &["issue", "."], 0),
        (&folder, &["explain"], 0),
        (&folder, &["explain", "d003"], 0),
        (&folder, &["explain", "F001E"], 0),
        (&folder, &["explain", "Z"], 2),
        (&folder, &["--help"], 0),
        (&folder, &["status", "--help"], 0),
        (&folder, &["--version"], 0),
        (&folder, &["completions", "bash"], 0),
        (&folder, &["man"], 0),
        (&folder, &["statsu", "."], 2),
        (&folder, &["status", ".", "--nothing"], 2),
        (&folder, &["report", ".", "--on", "あした"], 2),
        (&folder, &["publish", "."], 2),
        (&folder, &["check", "ない.xlsx"], 2),
        (&wrong, &["."], 2),
        (&wrong, &["--templates", "ない", "."], 2),
        (&new, &["status", "."], 2),
        (&new, &["init", &inside, "--code", "042021"], 0),
        (&new, &["init", &again, "--code", "042021"], 2),
        (&new, &["init", "ない/二つ", "--code", "042021"], 2),
        (&new, &[], 2),
    ] {
        let args: Vec<&str> = args.iter().copied().chain(["--format", "json"]).collect();
        let output = at.run(&args);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {output:?}");
        let told: serde_json::Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{args:?}: {e}: {output:?}"));
        assert!(told.is_object(), "{args:?}: {told}");
        let said = told["error"]["message"].as_str().is_some_and(|m| !m.is_empty());
        assert_eq!(said, code == 2, "{args:?}: {told}");
        assert_eq!(is_japanese(&text(&output.stderr)), code == 2, "{args:?}: {}", text(&output.stderr));
    }
}

#[test]
fn a_round_that_is_over_keeps_its_day() {
    let folder = Folder::empty();
    std::fs::create_dir_all(folder.path("提出")).expect("a folder for replies");
    folder.put(&BTreeMap::from([("調査設定.xlsx".to_string(), settings_with(&[("judged_on", "令和4年11月14日")]))]));
    let run = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_torimatome")).args(args).output().expect("it starts");
        text(&output.stdout) + &text(&output.stderr)
    };
    let dir = folder.path("").display().to_string();
    let said = run(&["status", &dir]);
    assert!(said.contains("令和4年11月14日現在。調査設定の判定日"), "{said}");
    assert!(said.contains("期限を3日過ぎています"), "{said}");
    let typed = run(&["status", &dir, "--today", "2022-11-12"]);
    assert!(typed.contains("（令和4年11月12日現在）"), "{typed}");
    // Without its day it is told that there is such a thing; before that day the round goes on.
    folder.put(&BTreeMap::from([("調査設定.xlsx".to_string(), settings())]));
    assert!(run(&["status", &dir]).contains("「判定日」に締めた日"));
    folder.put(&BTreeMap::from([("調査設定.xlsx".to_string(), settings_with(&[("judged_on", "令和60年4月1日")]))]));
    assert!(!run(&["status", &dir]).contains("判定日"));
    // A new round is made today, whenever the old one was over.
    folder.put(&BTreeMap::from([("調査設定.xlsx".to_string(), settings_with(&[("judged_on", "令和4年11月14日")]))]));
    let next = folder.path("次").display().to_string();
    run(&["init", &next, "--from", &dir, "--code", "042021"]);
    let opened = run(&["status", &next, "--format", "json"]);
    assert!(!opened.contains("2022-11-14"), "{opened}");
}
