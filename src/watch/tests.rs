use super::*;

const TIMES: Times = Times::USUAL;

fn day() -> NaiveDate {
    "2022-11-14".parse().expect("a day")
}

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn seen(files: &[(&str, u64)], open: &[&str]) -> Seen {
    let stamp = |size: u64| Stamp { size, modified: None };
    Seen {
        files: files.iter().map(|(name, size)| ((*name).to_string(), stamp(*size))).collect(),
        open: open.iter().map(ToString::to_string).collect(),
    }
}

fn watcher(files: &[(&str, u64)]) -> Watcher {
    Watcher::new(TIMES, &seen(files, &[]), day())
}

#[test]
fn a_file_is_brought_together_once_it_looks_the_same_for_a_while() {
    let mut w = watcher(&[("提出/a", 1)]);
    assert_eq!(w.look(&seen(&[("提出/a", 1)], &[]), at(0), day()), Tick::default());
    let two = |size| seen(&[("提出/a", 1), ("提出/b", size)], &[]);
    assert!(w.look(&two(5), at(5), day()).run.is_none());
    assert!(w.look(&two(9), at(7), day()).run.is_none(), "it still grew");
    let tick = w.look(&two(9), at(8), day());
    assert!(tick.run.is_none() && tick.pending);
    let run = w.look(&two(9), at(9), day()).run.expect("whole");
    assert_eq!(
        (run.arrived.as_slice(), run.changed.len(), run.removed.len()),
        (["提出/b".to_string()].as_slice(), 0, 0)
    );
    w.done(&run);
    assert_eq!(w.look(&two(9), at(14), day()), Tick::default());
    // Changed, then gone.
    w.look(&two(10), at(20), day());
    let run = w.look(&two(10), at(22), day()).run.expect("changed");
    assert_eq!(run.changed, ["提出/b"]);
    w.done(&run);
    let one = seen(&[("提出/a", 1)], &[]);
    w.look(&one, at(30), day());
    let run = w.look(&one, at(32), day()).run.expect("gone");
    assert_eq!(run.removed, ["提出/b"]);
    w.done(&run);
    // There and gone again, or gone and back, before it settles: nothing has happened.
    w.look(&two(9), at(40), day());
    assert_eq!(w.look(&one, at(42), day()), Tick::default());
}

#[test]
fn what_changes_while_a_run_is_at_work_is_brought_together_by_the_next() {
    let mut w = watcher(&[]);
    let a = seen(&[("提出/a", 1)], &[]);
    w.look(&a, at(0), day());
    let run = w.look(&a, at(2), day()).run.expect("a");
    let more = seen(&[("提出/a", 2), ("提出/b", 1)], &[]);
    w.done(&run);
    assert!(w.look(&more, at(10), day()).run.is_none());
    let run = w.look(&more, at(12), day()).run.expect("both");
    assert_eq!(
        (run.arrived.as_slice(), run.changed.as_slice()),
        (["提出/b".to_string()].as_slice(), ["提出/a".to_string()].as_slice())
    );
    // A run that could not start is asked for again.
    assert_eq!(w.look(&more, at(13), day()).run, Some(run));
}

#[test]
fn what_is_copied_together_is_brought_together_and_a_copy_without_end_holds_nothing_up() {
    let mut w = watcher(&[]);
    let mut told = Vec::new();
    let mut ran = None;
    for second in 0..=70 {
        // One file is whole at once, the other one grows for ever.
        let tick = w.look(&seen(&[("提出/a", 1), ("提出/log", second)], &[]), at(second), day());
        told.extend(tick.notices);
        if let (Some(run), None) = (tick.run, ran) {
            assert_eq!(run.arrived, ["提出/a"]);
            w.done(&run);
            ran = Some(second);
        }
    }
    assert_eq!(ran, Some(60));
    assert_eq!(told, [Notice::Copying("提出/log".into())], "said once");
}

#[test]
fn an_open_file_is_waited_for_but_not_for_ever() {
    let mut w = watcher(&[]);
    let open = seen(&[("提出/a", 1)], &["提出/a"]);
    let closed = seen(&[("提出/a", 2)], &[]);
    assert!(w.look(&open, at(0), day()).notices.is_empty());
    assert_eq!(w.look(&open, at(2), day()).notices, [Notice::Open("提出/a".into())]);
    assert_eq!(w.look(&open, at(5), day()), Tick { pending: true, ..Tick::default() });
    w.look(&closed, at(10), day());
    let run = w.look(&closed, at(12), day()).run.expect("closed");
    w.done(&run);
    // A sign that nobody took away: said once, and then it counts no more.
    let left = |size| seen(&[("提出/a", size)], &["提出/a"]);
    w.look(&left(3), at(20), day());
    assert_eq!(w.look(&left(3), at(22), day()).notices, [Notice::Open("提出/a".into())]);
    let tick = w.look(&left(3), at(80), day());
    assert_eq!(tick.notices, [Notice::LeftOpen("提出/a".into())]);
    w.done(&tick.run.expect("as it stands"));
    w.look(&left(4), at(100), day());
    let tick = w.look(&left(4), at(102), day());
    assert!(tick.notices.is_empty());
    assert_eq!(tick.run.expect("at once").changed, ["提出/a"]);
}

#[test]
fn another_day_is_another_run() {
    let mut w = watcher(&[("提出/a", 1)]);
    let same = seen(&[("提出/a", 1)], &[]);
    let next = day().succ_opt().expect("a day");
    let run = w.look(&same, at(0), next).run.expect("days late are other ones");
    assert!(run.day == Some(next) && !run.is_empty() && run.arrived.is_empty());
    w.done(&run);
    assert_eq!(w.look(&same, at(5), next), Tick::default());
}

#[test]
fn what_is_written_is_not_looked_at_and_what_programs_make_for_themselves_neither() {
    let temp = tempfile::tempdir().expect("a folder");
    let put = |name: &str| {
        let path = temp.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, "x").expect("written");
    };
    for name in [
        "調査設定.xlsx",
        "提出/甲/回答.xlsx",
        "提出/甲/~$回答.xlsx",
        "提出/.~lock.b.ods#",
        "提出/.b.ods.x1",
        "提出/回答.xlsx.part",
        "提出/Thumbs.db",
        "国様式/a.xlsx",
        "結果/取りまとめ.xlsx",
        "配布/甲/b.xlsx",
        ".実行中/x.txt",
        "定義/forms/a.toml",
    ] {
        put(name);
    }
    let seen = look(temp.path(), Some(temp.path())).expect("a round");
    let files: Vec<&str> = seen.files.keys().map(String::as_str).filter(|n| !n.starts_with("定義/")).collect();
    assert_eq!(files, ["国様式/a.xlsx", "提出/甲/回答.xlsx", "調査設定.xlsx"]);
    let own = seen.files.keys().filter(|n| ["結果", "配布", "実行中"].iter().any(|w| n.contains(w)));
    assert_eq!(own.count(), 0, "{seen:?}");
    assert!(seen.open.contains("提出/甲/回答.xlsx") && seen.open.contains("提出/b.ods"));
    std::fs::remove_dir_all(temp.path().join("提出")).expect("removed");
    assert!(look(temp.path(), None).is_err(), "a share that is away has lost nothing");
}
