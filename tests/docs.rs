//! Every command line that the READMEs show is run, on copies of the sample round: what is documented works.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

const SAMPLE: &str = "samples/ishinomaki-r4-10";

/// Shown, but not run here: these would run the tests, make the program that they run, go on for ever, or need what a run before them made
/// (`tests/sent.rs` runs those).
const SKIPPED: [&str; 10] = [
    "cargo test",
    "cargo build --release",
    "cargo bench --bench round",
    "cargo bench --bench round -- samples/ishinomaki-r4-10",
    "cargo bench --bench fill",
    "torimatome report DIR --to 宮城県 [--on 2022-11-15]",
    "torimatome report フォルダ --to 宮城県",
    // Goes on until it is stopped (`tests/watch.rs`).
    "torimatome watch DIR [--every 5]",
    "torimatome watch フォルダ",
    "torimatome watch 令和4年11月末",
];

/// Words that stand for a round's folder, for a folder that is still to be made, and for a file or a code.
const ROUNDS: [&str; 5] = ["DIR", "フォルダ", "令和4年10月末", SAMPLE, "令和4年11月末"];
const OLD_ROUNDS: [&str; 2] = ["OLD", "前回のフォルダ"];
const FILES: [&str; 4] = ["FILE…", "FILE", "ファイル", "回答.xlsx"];
const CODES: [&str; 2] = ["CODE", "コード"];

/// Command lines in fenced shell blocks and in code spans.
fn shown(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut fence = None;
    for line in text.lines() {
        if let Some(language) = line.trim_start().strip_prefix("```") {
            fence = if fence.is_some() { None } else { Some(language.trim().to_string()) };
            continue;
        }
        match fence.as_deref() {
            Some("sh") => found.push(line.split('#').next().unwrap_or_default().trim().to_string()),
            Some(_) => {}
            None => found.extend(line.split('`').skip(1).step_by(2).map(|span| span.trim().to_string())),
        }
    }
    found.retain(|c| c.starts_with("cargo ") || c.starts_with("torimatome "));
    found
}

/// The arguments for the program; `None` for what is skipped. Optional parts are taken.
fn arguments(line: &str) -> Option<Vec<String>> {
    if SKIPPED.contains(&line) {
        return None;
    }
    let rest = line.strip_prefix("torimatome ").or_else(|| line.strip_prefix("cargo run --release -- "));
    let rest = rest.unwrap_or_else(|| panic!("「{line}」 is neither run nor on the list of those that are not"));
    let words = rest.split_whitespace().map(|w| w.trim_matches(['[', ']']));
    let named = |w: &str| {
        let any = |of: &[&str]| of.contains(&w);
        let name = match w {
            _ if any(&ROUNDS) => "調査回",
            _ if any(&OLD_ROUNDS) => "前回の調査回",
            _ if any(&FILES) => "回答.xlsx",
            _ if any(&CODES) => "F001E",
            "BOOK" | "ブック" | "OLD.xlsx" | "NEW.xlsx" => "回答.xlsx",
            "CELLS.csv" | "一覧.csv" => "一覧.csv",
            "NEW" | "新しいブック" => "新しい.xlsx",
            w => w,
        };
        name.to_string()
    };
    let mut args: Vec<String> = words.map(named).collect();
    if args[0] == "init" {
        args[1] = "新しい調査回".into();
    }
    Some(args)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("made");
    for entry in fs::read_dir(from).expect("the sample").flatten() {
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            // What earlier runs left is no part of the sample.
            if entry.file_name() != "結果" {
                copy(&source, &target);
            }
        } else {
            fs::copy(&source, &target).expect("copied");
        }
    }
}

/// The first reply in the sample, as a file on its own.
fn a_reply(round: &Path) -> std::path::PathBuf {
    let mut folders = vec![round.join("提出")];
    while let Some(folder) = folders.pop() {
        let mut entries: Vec<_> = fs::read_dir(folder).expect("replies").flatten().map(|e| e.path()).collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "xlsx")
                && fs::metadata(&path).is_ok_and(|m| m.len() > 5_000)
            {
                return path;
            }
        }
    }
    panic!("the sample has no reply");
}

#[test]
fn every_command_line_of_the_readmes_works() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut lines = BTreeSet::new();
    for name in ["README.md", "README.ja.md"] {
        let text = fs::read_to_string(root.join(name)).expect("a README");
        let found: BTreeSet<Vec<String>> = shown(&text).iter().filter_map(|l| arguments(l)).collect();
        for command in ["init", "issue", "status", "check", "brief", "explain"] {
            assert!(found.iter().any(|a| a[0] == command), "{name} does not show {command}");
        }
        lines.extend(found);
    }
    let sample = root.join(SAMPLE);
    for args in lines {
        let dir = tempfile::tempdir().expect("a folder");
        for (word, wanted) in [("調査回", true), ("前回の調査回", args.contains(&"前回の調査回".to_string()))]
        {
            if wanted {
                copy(&sample, &dir.path().join(word));
            }
        }
        let reply = fs::read(a_reply(&sample)).expect("a reply");
        let opened =
            torimatome::read::open(&reply, "回答.xlsx", &torimatome::read::Limits::default()).expect("it opens");
        let cells = format!("sheet,cell,value,type\n{},AZ1,試し,text\n", opened.workbook.sheets[0].name);
        fs::write(dir.path().join("一覧.csv"), cells).expect("written");
        fs::write(dir.path().join("回答.xlsx"), reply).expect("copied");
        let mut command = Command::new(env!("CARGO_BIN_EXE_torimatome"));
        let output = command.args(&args).args(["--today", "2022-11-14"]).current_dir(dir.path()).output();
        let output = output.expect("it starts");
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        let code = output.status.code();
        println!("{code:?} torimatome {}", args.join(" "));
        // Replies are missing and wrong in the sample; a check of one file may find something, too.
        let chases = ["調査回", "consolidate", "status", "remind", "check", "brief", "publish", "report"]
            .contains(&args[0].as_str());
        assert!(code == Some(0) || chases && code == Some(1), "torimatome {}: {code:?}\n{said}", args.join(" "));
        assert!(!said.trim().is_empty());
        if args[0] == "調査回" {
            assert_eq!(code, Some(1), "the READMEs say so");
            assert!(dir.path().join("調査回/結果/取りまとめ.xlsx").is_file());
        }
    }
}
