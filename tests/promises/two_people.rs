//! Two people in one folder, runs that are ended in the middle of the switch, folders that take nothing: what is left is whole, and
//! whoever did not write says so. The long form is `tests/tools/two_people.py`.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Output, Stdio};
use std::time::Duration;

use crate::command_line::{Folder, could_not, files, text};

/// Makes the renames of a debug build as slow as on a slow share.
const SLOW: &str = "TORIMATOME_SLOW_RENAMES";
/// How long another run is waited for, and the signs of life, in milliseconds.
const TIMES: &str = "TORIMATOME_LOCK_TIMES";
const SWITCH: &str = "結果/.切替.txt";

fn shown(folder: &Folder) -> BTreeMap<String, String> {
    let all = folder.results();
    all.into_iter().filter(|(name, _)| !name.starts_with("結果/.")).collect()
}

/// What an undisturbed run gives.
fn undisturbed(seed: u64) -> BTreeMap<String, String> {
    let folder = Folder::empty();
    folder.put(&files(seed));
    folder.run(&["-q", "."]);
    shown(&folder)
}

fn said(output: &Output) -> String {
    text(&output.stderr)
}

#[test]
fn of_two_runs_at_once_each_set_is_whole_and_who_does_not_write_says_so() {
    let folder = Folder::empty();
    folder.put(&files(111));
    let start = |form: &str, times: &str| {
        let mut command = folder.command(&[form, "."]);
        command.env(SLOW, "20").env(TIMES, times).stdout(Stdio::null()).stderr(Stdio::piped());
        command.spawn().expect("it starts")
    };
    let whole = {
        folder.run(&["-q", "."]);
        shown(&folder)
    };
    for patient in [true, false] {
        fs::remove_dir_all(folder.path("結果")).expect("removed");
        let times = if patient { "60000,5000,120000" } else { "50,5000,120000" };
        let (first, second) = (start("consolidate", times), start("consolidate", times));
        let ends = [first, second].map(|child| child.wait_with_output().expect("over"));
        let codes = ends.each_ref().map(|o| o.status.code());
        if patient {
            assert_eq!(codes, [Some(0), Some(0)], "{ends:?}");
            assert!(ends.iter().any(|o| said(o).contains("待っています")), "{ends:?}");
        } else {
            assert!(codes.contains(&Some(0)) && codes.contains(&Some(2)), "{ends:?}");
            let refused = ends.iter().find(|o| o.status.code() == Some(2)).map(said).unwrap_or_default();
            for word in ["「取りまとめ」（パソコン ", "から）が実行中のため", "もう一度実行してください"]
            {
                assert!(refused.contains(word), "{refused}");
            }
        }
        assert_eq!(shown(&folder), whole);
        let left: Vec<String> = folder.hashes("").into_keys().filter(|n| n.contains(".実行中")).collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

#[test]
fn a_switch_that_was_interrupted_is_finished_by_whoever_looks_next() {
    let sets = [undisturbed(112), undisturbed(113)];
    let states = [files(112), files(113)];
    let folder = Folder::empty();
    folder.put(&states[0]);
    folder.run(&["-q", "."]);
    assert_eq!(shown(&folder), sets[0]);
    for (turn, command) in ["status", "check", "publish"].iter().enumerate() {
        let next = 1 - turn % 2;
        folder.put(&states[next]);
        let mut child = folder.command(&["-q", "."]).env(SLOW, "60").spawn().expect("it starts");
        while !folder.path(SWITCH).exists() {
            assert!(child.try_wait().expect("known").is_none(), "it was over before it was seen to switch");
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(200));
        child.kill().expect("ended");
        child.wait().expect("over");
        let between = shown(&folder);
        assert!(folder.path(SWITCH).exists() && between.keys().any(|n| n.contains("入れ替えの途中")), "{between:?}");
        // No file is ever absent that both sets have.
        assert!(sets[0].keys().filter(|n| sets[1].contains_key(*n)).all(|n| between.contains_key(n)), "{between:?}");
        let file = folder.path("提出/101").to_string_lossy().into_owned();
        let output = folder.run(&[command, if *command == "check" { file.as_str() } else { "." }]);
        assert!(said(&output).contains("続きを終わらせました"), "{}", said(&output));
        let mut now = shown(&folder);
        now.retain(|name, _| !name.starts_with("結果/公表/"));
        assert_eq!(now, sets[next], "after {command}");
        let kept = folder.hashes("結果/履歴");
        assert!(sets[1 - next].values().all(|h| kept.values().any(|k| k == h)), "the last results were not kept");
    }
}

#[test]
fn who_only_reads_does_not_wait_and_a_dead_run_holds_nobody_up() {
    let folder = Folder::complete();
    let mut child = folder.command(&["-q", "."]).env(SLOW, "3000").spawn().expect("it starts");
    while !folder.path(SWITCH).exists() && child.try_wait().expect("known").is_none() {
        std::thread::sleep(Duration::from_millis(1));
    }
    let output = folder.run(&["status", "."]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(said(&output).contains("入れ替えの途中です"), "{}", said(&output));
    child.kill().expect("ended");
    child.wait().expect("over");
    assert!(folder.path(".実行中").exists(), "it was ended while it held the lock");
    let output = folder.command(&["."]).env(TIMES, "0,5000,120000").output().expect("it starts");
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(!folder.path(".実行中").exists() && !folder.path(SWITCH).exists());
}

#[test]
fn a_day_alone_keeps_no_set_and_the_settings_that_are_open_are_told() {
    let folder = Folder::complete();
    fs::remove_dir_all(folder.path("提出/101")).expect("removed");
    let on = |day: &str| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_torimatome"));
        command.arg(folder.dir.path()).args(["--today", day]).stdin(Stdio::null());
        command.output().expect("it starts")
    };
    let mut sets = Vec::new();
    for day in ["2022-11-14", "2022-11-15", "2022-11-16"] {
        assert!(!said(&on(day)).contains("開いています"));
        sets.push(shown(&folder));
    }
    assert!(sets[0] != sets[1] && sets[1] != sets[2], "the day is printed");
    assert!(!folder.path("結果/履歴").exists());
    fs::write(folder.path(".~lock.調査設定.xlsx#"), "総務課 乙,otsu,pc-9,14.11.2022 09:00,file:///x;")
        .expect("written");
    let output = on("2022-11-16");
    assert!(said(&output).contains("総務課 乙さんが開いています"), "{}", said(&output));
    assert!(!folder.path("結果/履歴").exists());
}

#[test]
fn what_somebody_filled_in_before_it_was_moved_stays_where_it_is() {
    let folder = Folder::complete();
    folder.run(&["-q", "issue", "."]);
    let issued = folder.hashes("配布");
    let name = issued.keys().find(|n| n.contains(".xlsx") && n.contains("第1課/")).expect("a form").clone();
    fs::write(folder.path(&name), "filled in").expect("written");
    // Another day: letters and forms are other ones.
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_torimatome"));
    command.arg("issue").arg(folder.dir.path()).args(["--today", "2022-12-01"]).stdin(Stdio::null());
    let output = command.output().expect("it starts");
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(fs::read_to_string(folder.path(&name)).expect("there"), "filled in");
    let told = text(&output.stdout);
    assert!(told.contains("そのまま残したもの 1") && told.contains(name.trim_start_matches("配布/")), "{told}");
}

#[cfg(unix)]
#[test]
fn what_cannot_be_written_or_printed_is_a_sentence_without_a_false_comfort() {
    let folder = Folder::complete();
    // Done, and then nobody to tell.
    let full = fs::OpenOptions::new().write(true).open("/dev/full");
    if let Ok(full) = full {
        let output = folder.command(&["."]).stdout(full).stderr(Stdio::piped()).output().expect("it starts");
        assert_eq!(output.status.code(), Some(2));
        assert!(said(&output).contains("実行そのものは") && !said(&output).contains("前回の結果"), "{}", said(&output));
        assert!(folder.path("結果/取りまとめ.xlsx").exists());
    }
    // A file where the lock would be.
    fs::write(folder.path(".実行中"), "メモ").expect("written");
    let before = folder.hashes("");
    let output = folder.command(&["."]).env(TIMES, "50,50,1000").output().expect("it starts");
    could_not(&output);
    assert_eq!(before, folder.hashes(""));
}

#[test]
fn of_many_files_a_screenful_is_printed() {
    let folder = Folder::complete();
    let few = text(&folder.run(&["."]).stdout);
    for n in 0..300 {
        fs::write(folder.path(&format!("提出/メモ{n:03}.txt")), format!("memo {n}\n")).expect("written");
    }
    fs::write(folder.path("提出/壊れた回答.xlsx"), b"PK\x03\x04 broken").expect("written");
    let output = folder.run(&["."]);
    let many = text(&output.stdout);
    assert!(many.lines().count() < few.lines().count() + 20, "{many}");
    for word in
        ["集計に入れなかったファイル（301 件）", "読取不可 1", "対象外のファイル 300", "ほか 289 件", "壊れた回答.xlsx"]
    {
        assert!(many.contains(word), "{word}: {many}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn where_memory_is_short_it_works_or_says_so() {
    let whole = undisturbed(114);
    for kilobytes in [40_000, 80_000, 120_000, 200_000, 300_000] {
        let folder = Folder::empty();
        folder.put(&files(114));
        let program = env!("CARGO_BIN_EXE_torimatome");
        let line =
            format!("ulimit -v {kilobytes}; exec \"{program}\" --today 2022-11-14 \"{}\"", folder.dir.path().display());
        let output =
            std::process::Command::new("sh").args(["-c", &line]).stdin(Stdio::null()).output().expect("it starts");
        let told = said(&output);
        for word in ["panicked", "allocation", "内部の誤り", "backtrace"] {
            assert!(!told.contains(word), "{kilobytes}: {told}");
        }
        match output.status.code() {
            Some(0) => assert_eq!(shown(&folder), whole, "{kilobytes}"),
            // So little that the program cannot even be started is the system's to say.
            Some(2) => assert!(told.contains("メモリが足りない"), "{kilobytes}: {told}"),
            other => assert!(kilobytes < 100_000, "{kilobytes}: {other:?} {told}"),
        }
        if kilobytes >= 200_000 {
            assert_eq!(output.status.code(), Some(0), "{kilobytes}: {told}");
        }
    }
}
