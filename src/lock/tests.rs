use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

const QUICK: Times =
    Times { wait: Duration::from_millis(400), sign: Duration::from_millis(50), dead: Duration::from_secs(1) };

fn take(round: &Path) -> Result<Lock, Error> {
    Lock::take_within(round, "取りまとめ", &|_| {}, QUICK)
}

/// A lock of a run on another computer, which says nothing any more.
fn left_by_another(round: &Path, seconds: u64) -> PathBuf {
    let dir = round.join(LOCK);
    fs::create_dir(&dir).expect("made");
    let path = dir.join(format!("{}.txt", "0123456789abcdef01234567"));
    let text = "x\n実行: 様式の配布\nパソコン: PC-07\n利用者: suzuki\n開始: 2022-11-14 09:30:00\n番号: 12\n印: 0123456789abcdef01234567\n";
    fs::write(&path, text).expect("written");
    let file = fs::OpenOptions::new().write(true).open(&path).expect("there");
    file.set_modified(SystemTime::now() - Duration::from_secs(seconds)).expect("set");
    path
}

fn names(round: &Path) -> Vec<String> {
    let all = fs::read_dir(round).expect("there").flatten();
    all.map(|e| e.file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn one_has_it_and_the_next_gets_it_when_it_is_given_back() {
    let dir = tempfile::tempdir().expect("a folder");
    let first = take(dir.path()).expect("free");
    let said = Mutex::new(Vec::new());
    let second = Lock::take_within(dir.path(), "様式の配布", &|t| said.lock().unwrap().push(t.to_string()), QUICK);
    let said = said.into_inner().unwrap();
    assert!(said.len() == 1 && said[0].contains("「取りまとめ」") && said[0].contains("待っています"), "{said:?}");
    let error = second.expect_err("it is held").to_string();
    assert!(error.contains("「取りまとめ」（パソコン ") && error.contains("始めませんでした"), "{error}");
    assert!(Lock::try_take(dir.path(), "状況").is_none());
    still_own(&dir.path().join("結果")).expect("ours");
    drop(first);
    drop(take(dir.path()).expect("free again"));
    assert!(names(dir.path()).is_empty(), "{:?}", names(dir.path()));
}

#[test]
fn a_run_on_another_computer_is_dead_only_when_it_says_nothing_for_long() {
    let dir = tempfile::tempdir().expect("a folder");
    left_by_another(dir.path(), 0);
    let error = take(dir.path()).expect_err("it may be alive").to_string();
    for word in ["様式の配布", "PC-07", "suzuki", "2022-11-14 09:30"] {
        assert!(error.contains(word), "{error}");
    }
    fs::remove_dir_all(dir.path().join(LOCK)).expect("removed");
    let theirs = left_by_another(dir.path(), 5);
    let lock = take(dir.path()).expect("taken over");
    assert!(!theirs.exists());
    drop(lock);
    assert!(names(dir.path()).is_empty(), "{:?}", names(dir.path()));
}

#[test]
fn signs_of_life_keep_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let lock = take(dir.path()).expect("free");
    // As another computer sees it: by the age of the last sign alone.
    let age = || owner(&dir.path().join(LOCK)).and_then(|(_, t)| t.elapsed().ok());
    std::thread::sleep(Duration::from_millis(600));
    assert!(age().is_none_or(|a| a < Duration::from_millis(500)), "{:?}", age());
    drop(lock);
}

#[test]
fn who_was_taken_for_dead_writes_nothing_and_takes_nothing_away() {
    let dir = tempfile::tempdir().expect("a folder");
    let asleep = take(dir.path()).expect("free");
    let lock = dir.path().join(LOCK);
    let other = lock.join(format!("{}.txt", "f".repeat(24)));
    fs::rename(&asleep.own, &other).expect("taken over");
    let error = still_own(&dir.path().join("結果")).expect_err("lost").to_string();
    assert!(error.contains("引き継がれました"), "{error}");
    drop(asleep);
    assert!(other.is_file(), "the other one still has it");
}

#[test]
fn a_take_over_that_broke_off_is_finished_and_one_that_goes_on_is_left_alone() {
    let dir = tempfile::tempdir().expect("a folder");
    let theirs = left_by_another(dir.path(), 60);
    let between = dir.path().join(LOCK).join(format!("{}.txt", "a".repeat(24)));
    fs::rename(theirs, &between).expect("renamed, and killed before it wrote its own words");
    assert!(Lock::try_take(dir.path(), "状況").is_none() && between.is_file());
    drop(take(dir.path()).expect("after some patience"));
    assert!(names(dir.path()).is_empty(), "{:?}", names(dir.path()));
}

#[test]
fn of_many_that_take_over_at_once_one_is_the_owner() {
    // Again and again: a dead owner, eight that want it. Never two inside.
    for round in 0..30 {
        let dir = tempfile::tempdir().expect("a folder");
        if round % 2 == 0 {
            left_by_another(dir.path(), 60);
        }
        let (inside, most, done) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
        let barrier = Barrier::new(8);
        std::thread::scope(|s| {
            for _ in 0..8 {
                s.spawn(|| {
                    barrier.wait();
                    let times = Times { wait: Duration::from_secs(20), dead: Duration::from_secs(30), ..QUICK };
                    let lock = Lock::take_within(dir.path(), "取りまとめ", &|_| {}, times).expect("in turn");
                    most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    std::thread::sleep(Duration::from_millis(3));
                    still_own(dir.path()).expect("still ours");
                    inside.fetch_sub(1, Ordering::SeqCst);
                    done.fetch_add(1, Ordering::SeqCst);
                    drop(lock);
                });
            }
        });
        assert_eq!((most.into_inner(), done.into_inner()), (1, 8), "round {round}");
        assert!(names(dir.path()).is_empty(), "{:?}", names(dir.path()));
    }
}

#[test]
fn what_no_run_made_is_told_and_stays() {
    let dir = tempfile::tempdir().expect("a folder");
    fs::create_dir(dir.path().join(LOCK)).expect("made");
    drop(take(dir.path()).expect("an empty folder is nobody's"));
    fs::create_dir(dir.path().join(LOCK)).expect("made");
    fs::write(dir.path().join(LOCK).join("メモ.txt"), "x").expect("written");
    assert!(take(dir.path()).expect_err("not ours").to_string().contains("中を確かめて"));
    fs::remove_dir_all(dir.path().join(LOCK)).expect("removed");
    fs::write(dir.path().join(LOCK), "x").expect("written");
    assert!(take(dir.path()).is_err());
    assert_eq!(fs::read_to_string(dir.path().join(LOCK)).expect("it stays"), "x");
}

#[test]
fn a_round_that_is_not_there_is_a_sentence() {
    let dir = tempfile::tempdir().expect("a folder");
    let error = take(&dir.path().join("ない")).expect_err("no folder").to_string();
    assert!(error.contains("書き込めません"), "{error}");
}
