//! `watch` as a process: what arrives is brought together and told in a line, what it writes itself starts nothing, another
//! run is waited for, and at Ctrl-C it ends with nothing left behind.
#![cfg(unix)]

mod common;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

fn samples() -> PathBuf {
    common::root().join("samples/broken")
}

/// A round of two divisions, of which 乙課 has not replied.
fn round() -> (tempfile::TempDir, PathBuf) {
    common::copied("broken/D001W-missing")
}

/// Puts 乙課's reply into the folder, as somebody would copy it.
fn reply(round: &Path) {
    fs::copy(samples().join("F001E-required-blank/提出/乙課.xlsx"), round.join("提出/乙課.xlsx")).unwrap();
}

struct Watch {
    child: Child,
    lines: Receiver<String>,
    said: Vec<String>,
}

impl Watch {
    fn start(round: &Path, words: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_torimatome"));
        command.arg("watch").arg(round).args(["--today", "2022-11-14"]).args(words);
        command.env("TORIMATOME_WATCH_TIMES", "150,300").stdin(Stdio::null()).stderr(Stdio::null());
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let out = child.stdout.take().unwrap();
        let (send, lines) = channel();
        std::thread::spawn(move || {
            BufReader::new(out).lines().map_while(Result::ok).for_each(|line| drop(send.send(line)));
        });
        Self { child, lines, said: Vec::new() }
    }

    /// Waits for a line with these words.
    fn until(&mut self, words: &[&str]) -> String {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_mins(1) {
            if let Ok(line) = self.lines.recv_timeout(Duration::from_millis(200)) {
                self.said.push(line.clone());
                if words.iter().all(|w| line.contains(w)) {
                    return line;
                }
            }
        }
        panic!("{words:?} was not said: {:#?}", self.said);
    }

    /// Everything that is said within a while.
    fn within(&self, millis: u64) -> Vec<String> {
        std::thread::sleep(Duration::from_millis(millis));
        self.lines.try_iter().collect()
    }

    fn interrupt(&mut self) -> ExitStatus {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        self.child.wait().unwrap()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn what_arrives_is_told_and_brought_together_and_what_is_written_starts_nothing() {
    let (_temp, round) = round();
    let mut watch = Watch::start(&round, &[]);
    watch.until(&["見張りを始めました"]);
    watch.until(&["取りまとめました", "受領 1 未提出 1"]);
    assert!(round.join("結果/取りまとめ.xlsx").is_file());
    assert_eq!(watch.within(1500), Vec::<String>::new(), "its own results");
    reply(&round);
    watch.until(&["届きました", "提出/乙課.xlsx", "乙課", "要修正 0 要確認 0"]);
    watch.until(&["取りまとめました", "受領 2 未提出 0"]);
    fs::copy(samples().join("F001E-required-blank/提出/甲課.xlsx"), round.join("提出/甲課.xlsx")).unwrap();
    watch.until(&["変わりました", "提出/甲課.xlsx", "要修正 1"]);
    fs::remove_file(round.join("提出/乙課.xlsx")).unwrap();
    watch.until(&["なくなりました", "提出/乙課.xlsx"]);
    watch.until(&["取りまとめました", "受領 1 未提出 1"]);
    // Settings that cannot be read: the last results stay, and it goes on when they can be read again.
    let (settings, results) = (round.join("調査設定.xlsx"), round.join("結果/取りまとめ.xlsx"));
    let (whole, last) = (fs::read(&settings).unwrap(), fs::read(&results).unwrap());
    fs::write(&settings, &whole[..whole.len() / 2]).unwrap();
    watch.until(&["取りまとめられませんでした", "前回の結果はそのまま"]);
    assert_eq!(fs::read(&results).unwrap(), last);
    fs::write(&settings, &whole).unwrap();
    watch.until(&["調査設定が変わりました"]);
    watch.until(&["取りまとめました"]);
    assert_eq!(watch.interrupt().code(), Some(0));
    assert!(watch.within(100).iter().any(|l| l.contains("見張りを止めました")));
    let left: Vec<String> =
        fs::read_dir(&round).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    assert!(left.iter().all(|n| !n.starts_with('.')), "{left:?}");
}

#[test]
fn programs_get_an_object_a_line_and_no_round_is_no_watch() {
    let (_temp, round) = round();
    let mut watch = Watch::start(&round, &["--format", "json"]);
    watch.until(&["consolidated"]);
    reply(&round);
    let line = watch.until(&["arrived"]);
    watch.until(&["consolidated"]);
    watch.interrupt();
    watch.said.extend(watch.within(100));
    let of = |line: &String| serde_json::from_str::<serde_json::Value>(line).unwrap_or_else(|e| panic!("{e}: {line}"));
    let events: Vec<String> = watch.said.iter().map(|l| of(l)["event"].as_str().unwrap().to_string()).collect();
    assert_eq!(events, ["started", "consolidated", "arrived", "consolidated", "stopped"]);
    let arrived = of(&line);
    assert_eq!((arrived["file"].as_str(), arrived["errors"].as_u64()), (Some("提出/乙課.xlsx"), Some(0)));
    let nowhere = Command::new(env!("CARGO_BIN_EXE_torimatome")).args(["watch", "/nowhere"]).output().unwrap();
    assert_eq!(nowhere.status.code(), Some(2));
}

#[test]
fn another_run_is_waited_for() {
    let (_temp, round) = round();
    let mut watch = Watch::start(&round, &[]);
    watch.until(&["取りまとめました"]);
    // A long run of somebody else, which reads the reply too.
    reply(&round);
    let mut other = Command::new(env!("CARGO_BIN_EXE_torimatome"))
        .args(["-q", "--today", "2022-12-20"])
        .arg(&round)
        .env("TORIMATOME_SLOW_RENAMES", "400")
        .spawn()
        .unwrap();
    let ended = other.wait().unwrap();
    assert!(ended.code().is_some_and(|c| c < 2), "{ended:?}");
    watch.until(&["届きました", "提出/乙課.xlsx"]);
    watch.until(&["取りまとめました", "受領 2"]);
    watch.interrupt();
    assert!(!round.join("結果/.切替.txt").exists() && !round.join(".実行中").exists());
}
