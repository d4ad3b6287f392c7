use super::*;

fn output(path: &str, text: &str) -> Output {
    Output::new(path, text.as_bytes().to_vec())
}

fn text(folder: &Path, path: &str) -> String {
    fs::read_to_string(folder.join(path)).unwrap_or_default()
}

/// Files are moved so, and removed as ever.
fn renaming(rename: &dyn Fn(&Path, &Path) -> io::Result<()>) -> Hands<'_> {
    Hands { rename, remove: &|path| fs::remove_file(path) }
}

fn one(folder: &Path, output: &Output) -> Placed {
    let job = Job { whole: false, ..Job::new("x", std::slice::from_ref(output)) };
    place_as(folder, &job).expect("written")
}

/// Everything in a folder but the lists.
fn names(folder: &Path) -> Vec<String> {
    let files = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().flatten();
    let files = files
        .filter(|e| e.file_type().is_file())
        .map(|e| e.path().strip_prefix(folder).expect("below").to_string_lossy().replace('\\', "/"));
    files.filter(|n| n != listing::LISTING).collect()
}

#[test]
fn same_results_move_nothing_and_others_keep_the_last() {
    let dir = tempfile::tempdir().expect("a folder");
    let first = place(dir.path(), "2022-10-31", &[output("a.txt", "1"), output("b/c.txt", "2")]).expect("written");
    assert_eq!((first.changed, first.history), (true, None));
    let again = place(dir.path(), "2022-10-31", &[output("a.txt", "1"), output("b/c.txt", "2")]).expect("written");
    assert!(!again.changed);
    let third = place(dir.path(), "2022-10-31", &[output("a.txt", "9")]).expect("written");
    assert_eq!(third.history.as_deref(), Some("履歴/2022-10-31-001"));
    assert_eq!(text(dir.path(), "a.txt"), "9");
    assert_eq!(text(dir.path(), "履歴/2022-10-31-001/a.txt"), "1");
    assert_eq!(text(dir.path(), "履歴/2022-10-31-001/b/c.txt"), "2");
    assert!(!dir.path().join("b/c.txt").exists(), "what is no longer written does not stay");
    // What stays as it is is kept as well, so that what is kept is a whole set, and with a copy of its own.
    place(dir.path(), "x", &[output("a.txt", "9"), output("d", "4")]).expect("written");
    place(dir.path(), "x", &[output("a.txt", "9"), output("d", "5")]).expect("written");
    assert_eq!(text(dir.path(), "履歴/x-002/a.txt") + &text(dir.path(), "履歴/x-002/d"), "94");
    fs::write(dir.path().join("a.txt"), "by hand").expect("written");
    assert_eq!(text(dir.path(), "履歴/x-002/a.txt"), "9");
}

#[test]
fn an_interrupted_switch_is_finished_by_the_next_run_and_no_file_is_ever_absent() {
    // Killed after each number of moves: the next run always ends with the whole new set and the whole last one.
    for moves in 0..3 {
        let dir = tempfile::tempdir().expect("a folder");
        place(dir.path(), "x", &[output("a", "1"), output("b", "2"), output("c", "5")]).expect("written");
        let left = std::cell::Cell::new(moves);
        let killed = |from: &Path, to: &Path| {
            if left.get() == 0 {
                std::panic::resume_unwind(Box::new("killed"));
            }
            left.set(left.get() - 1);
            fs::rename(from, to)
        };
        let new = [output("a", "3"), output("b", "4")];
        let run = std::panic::AssertUnwindSafe(|| place_with(dir.path(), &Job::new("x", &new), renaming(&killed)));
        assert!(std::panic::catch_unwind(run).is_err(), "killed after {moves} moves");
        assert!(dir.path().join("a").exists() && dir.path().join("b").exists(), "after {moves} moves");
        assert!(names(dir.path()).iter().any(|n| n.contains("入れ替えの途中")), "{:?}", names(dir.path()));
        assert!(is_interrupted(dir.path()) && standing(dir.path()).contains("入れ替えの途中"));
        assert!(finish(dir.path()).expect("finished"));
        assert_eq!((text(dir.path(), "a"), text(dir.path(), "b")), ("3".into(), "4".into()), "after {moves} moves");
        assert_eq!(names(dir.path()), ["a", "b", "履歴/x-001/a", "履歴/x-001/b", "履歴/x-001/c"].map(String::from));
        assert!(!finish(dir.path()).expect("nothing to do"));
        assert!(!place(dir.path(), "x", &new).expect("the same").changed);
    }
}

#[test]
fn a_run_killed_while_staging_leaves_the_last_results() {
    let dir = tempfile::tempdir().expect("a folder");
    place(dir.path(), "x", &[output("a", "1")]).expect("written");
    let new = [output("a", "half")];
    let mut plan = Plan::make(dir.path(), &Listing::read(dir.path()), &Job::new("x", &new));
    let stage = Stage::make(dir.path()).expect("made");
    stage.fill(&mut plan, &Job::new("x", &new), Some("履歴/x-001")).expect("staged");
    std::mem::forget(stage);
    assert_eq!(
        standing(dir.path()),
        format!(
            "前に「{}」フォルダに書いたものは、そのまま残っています。",
            dir.path().file_name().unwrap().to_string_lossy()
        )
    );
    finish(dir.path()).expect("cleaned");
    assert_eq!((text(dir.path(), "a"), names(dir.path())), ("1".into(), vec!["a".to_string()]));
}

#[cfg(unix)]
#[test]
fn files_have_the_rights_that_the_folder_gives() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().expect("a folder");
    let mode = |name: &str| fs::metadata(dir.path().join(name)).expect("there").permissions().mode() & 0o777;
    // What the mask leaves of a file that anybody makes.
    fs::write(dir.path().join("手で.txt"), "x").expect("written");
    write_atomically(&dir.path().join("一つ.xlsx"), b"x").expect("written");
    place(dir.path(), "x", &[output("組.xlsx", "1")]).expect("written");
    one(dir.path(), &output("別.docx", "1"));
    for name in ["一つ.xlsx", "組.xlsx", "別.docx"] {
        assert_eq!(mode(name), mode("手で.txt"), "{name}");
    }
}

#[test]
fn one_file_keeps_the_last_one_that_differs() {
    let dir = tempfile::tempdir().expect("a folder");
    place(dir.path(), "x", &[output("a", "1")]).expect("written");
    let first = one(dir.path(), &output("資料.docx", "1"));
    assert_eq!((first.changed, first.history), (true, None));
    assert!(!one(dir.path(), &output("資料.docx", "1")).changed);
    let second = one(dir.path(), &output("資料.docx", "2"));
    assert_eq!(second.history.as_deref(), Some("履歴/x-001"));
    assert_eq!(names(dir.path()), ["a", "履歴/x-001/資料.docx", "資料.docx"].map(String::from));
    assert_eq!((text(dir.path(), "資料.docx"), text(dir.path(), "履歴/x-001/資料.docx")), ("2".into(), "1".into()));
    // Neither belongs to the other's set.
    place(dir.path(), "x", &[output("a", "2")]).expect("written");
    assert_eq!(text(dir.path(), "資料.docx"), "2");
    fs::write(dir.path().join("資料.docx"), "by hand").expect("written");
    assert_eq!(one(dir.path(), &output("資料.docx", "3")).history.as_deref(), Some("履歴/x-003（手直しあり）"));
}

#[test]
fn a_target_held_open_gets_the_new_one_beside_it() {
    let dir = tempfile::tempdir().expect("a folder");
    place(dir.path(), "x", &[output("取りまとめ.xlsx", "1"), output("a", "1")]).expect("written");
    let held = |from: &Path, to: &Path| {
        if to.ends_with("取りまとめ.xlsx") {
            return Err(io::Error::from(io::ErrorKind::PermissionDenied));
        }
        fs::rename(from, to)
    };
    let new = |text: &str| [output("取りまとめ.xlsx", text), output("a", text)];
    let placed = place_with(dir.path(), &Job::new("x", &new("2")), renaming(&held)).expect("written beside");
    assert_eq!(placed.beside, [("取りまとめ.xlsx".to_string(), "取りまとめ（新）.xlsx".to_string())]);
    assert_eq!(text(dir.path(), "取りまとめ.xlsx") + &text(dir.path(), "取りまとめ（新）.xlsx"), "12");
    // Still held, and then closed: the one beside goes, and nobody changed anything by hand.
    let placed = place_with(dir.path(), &Job::new("x", &new("3")), renaming(&held)).expect("written beside");
    assert_eq!(text(dir.path(), "取りまとめ（新）.xlsx"), "3", "{placed:?}");
    let placed = place(dir.path(), "x", &new("4")).expect("written");
    assert_eq!(placed.history.as_deref(), Some("履歴/x-003"));
    let here: Vec<String> = names(dir.path()).into_iter().filter(|n| !n.starts_with("履歴")).collect();
    assert_eq!((here, text(dir.path(), "取りまとめ.xlsx")), (vec!["a".into(), "取りまとめ.xlsx".into()], "4".into()));
}

#[test]
fn with_the_old_one_and_the_one_beside_it_both_open_nothing_is_half_switched() {
    let dir = tempfile::tempdir().expect("a folder");
    let new = |text: &str| [output("取りまとめ.xlsx", text), output("a", text)];
    place(dir.path(), "x", &new("1")).expect("written");
    let refused = || io::Error::from(io::ErrorKind::PermissionDenied);
    let open = std::cell::RefCell::new(vec!["取りまとめ.xlsx"]);
    let is_open = |path: &Path| open.borrow().iter().any(|name| path.ends_with(name));
    let rename = |from: &Path, to: &Path| if is_open(to) { Err(refused()) } else { fs::rename(from, to) };
    let remove = |path: &Path| if is_open(path) { Err(refused()) } else { fs::remove_file(path) };
    let hands = Hands { rename: &rename, remove: &remove };
    let run = |text: &str| place_with(dir.path(), &Job::new("x", &new(text)), hands).expect("written");
    run("2");
    open.borrow_mut().push("取りまとめ（新）.xlsx");
    let placed = run("3");
    assert_eq!(placed.beside, [("取りまとめ.xlsx".to_string(), "取りまとめ（新2）.xlsx".to_string())]);
    assert_eq!((placed.stayed, placed.counts.gone), (vec!["取りまとめ（新）.xlsx".to_string()], 0));
    let all = ["取りまとめ.xlsx", "取りまとめ（新）.xlsx", "取りまとめ（新2）.xlsx", "a"];
    assert_eq!(all.map(|n| text(dir.path(), n)), ["1", "2", "3", "3"]);
    assert!(!is_interrupted(dir.path()) && !names(dir.path()).iter().any(|n| n.contains("途中")));
    // Closed: what stayed is known as the program's own and goes, and nobody is said to have changed anything.
    open.borrow_mut().clear();
    let placed = run("4");
    assert_eq!((placed.counts.gone, placed.history.as_deref()), (2, Some("履歴/x-003")));
    assert_eq!(all.map(|n| text(dir.path(), n)), ["4", "", "", "4"]);
}

#[test]
fn what_cannot_be_read_stays_and_is_told() {
    let dir = tempfile::tempdir().expect("a folder");
    place(dir.path(), "x", &[output("a", "1"), output("b", "1")]).expect("written");
    let hands = Hands { rename: &|from, to| fs::rename(from, to), remove: &|path| fs::remove_file(path) };
    let b = dir.path().join("b");
    // A folder is what everybody fails to read as a file, the superuser too.
    fs::remove_file(&b).expect("removed");
    fs::create_dir(&b).expect("made");
    let placed = place_with(dir.path(), &Job::new("x", &[output("a", "2")]), hands).expect("written");
    assert_eq!((placed.stayed, placed.counts.gone), (vec!["b".to_string()], 0));
    assert!(b.is_dir() && Listing::read(dir.path()).set.contains_key("b"), "it is looked at again the next time");
}

#[test]
fn a_set_from_the_same_on_another_day_is_not_kept_unless_somebody_changed_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let run = |text: &str, inputs: &str| {
        let outputs = [output("a", text), output("b", "1")];
        place_as(dir.path(), &Job { inputs: Some(inputs), ..Job::new("x", &outputs) }).expect("written")
    };
    assert_eq!(run("14日", "i").history, None);
    let next = run("15日", "i");
    assert_eq!((next.changed, next.history, next.room.sets), (true, None, 0));
    assert_eq!(run("15日、回答あり", "j").history.as_deref(), Some("履歴/x-001"));
    fs::write(dir.path().join("a"), "by hand").expect("written");
    assert_eq!(run("16日", "j").history.as_deref(), Some("履歴/x-002（手直しあり）"));
    assert_eq!(text(dir.path(), "履歴/x-002（手直しあり）/a"), "by hand");
}

#[test]
fn the_oldest_sets_go_and_those_changed_by_hand_stay() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut last = Placed::default();
    for n in 0..9 {
        let outputs = [output("a", &n.to_string())];
        last = place_as(dir.path(), &Job { keep: 3, ..Job::new("x", &outputs) }).expect("written");
        if n == 1 {
            fs::write(dir.path().join("a"), "by hand").expect("written");
        }
    }
    let kept: Vec<String> = names(dir.path()).into_iter().filter(|n| n.starts_with("履歴")).collect();
    assert_eq!(kept, ["履歴/x-002（手直しあり）/a", "履歴/x-006/a", "履歴/x-007/a", "履歴/x-008/a"].map(String::from));
    assert_eq!(last.room, Room { sets: 4, edited: 1, bytes: 7 + 3 });
    // The one that was just kept stays, whatever the settings say.
    let outputs = [output("a", "z")];
    let placed = place_as(dir.path(), &Job { keep: 0, ..Job::new("w", &outputs) }).expect("written");
    assert_eq!((placed.history.as_deref(), placed.room.sets), (Some("履歴/x-009"), 2), "under its own label");
}

#[test]
fn a_folder_used_for_one_round_after_the_other_keeps_the_last_set_of_each() {
    let dir = tempfile::tempdir().expect("a folder");
    let run = |label: &str, text: &str| {
        let outputs = [output("a", text)];
        place_as(dir.path(), &Job { keep: 1, by_round: true, ..Job::new(label, &outputs) }).expect("written");
    };
    for (label, text) in [("9月", "1"), ("9月", "2"), ("10月", "3"), ("10月", "4"), ("10月", "5")] {
        run(label, text);
    }
    let others = |label: &str| -> Vec<String> {
        let texts = other_sets(dir.path(), label).into_iter().map(|set| fs::read_to_string(set.join("a")));
        texts.map(|t| t.expect("a set")).collect()
    };
    assert_eq!(others("10月"), ["2"]);
    assert_eq!(others("11月"), ["5", "2"], "what stands is of another round as well");
    let kept: Vec<String> = names(dir.path()).into_iter().filter(|n| n.starts_with("履歴")).collect();
    assert_eq!(kept, ["履歴/10月-004/a", "履歴/9月-002/a"].map(String::from));
}

#[test]
fn what_somebody_filled_in_stays_and_the_new_one_stands_beside_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let issue = |texts: [(&str, &str); 2]| {
        let outputs = texts.map(|(path, text)| output(path, text));
        place_as(dir.path(), &Job { by_hand: ByHand::Stays, ..Job::new("x", &outputs) }).expect("written")
    };
    issue([("甲/様式.xlsx", "1"), ("乙/様式.xlsx", "1")]);
    fs::write(dir.path().join("甲/様式.xlsx"), "filled").expect("written");
    // Nothing new for it: it just stays.
    let placed = issue([("甲/様式.xlsx", "1"), ("乙/様式.xlsx", "2")]);
    assert_eq!((placed.left, placed.counts.replaced), (vec![("甲/様式.xlsx".into(), None)], 1));
    assert!(!dir.path().join("甲/様式（新）.xlsx").exists());
    // Something new: beside it, and once only.
    for _ in 0..2 {
        let placed = issue([("甲/様式.xlsx", "3"), ("乙/様式.xlsx", "2")]);
        assert_eq!(placed.left, [("甲/様式.xlsx".into(), Some("甲/様式（新）.xlsx".to_string()))]);
        assert_eq!(text(dir.path(), "甲/様式.xlsx") + &text(dir.path(), "甲/様式（新）.xlsx"), "filled3");
    }
    // The one beside is filled in as well, and the division is no longer asked.
    fs::write(dir.path().join("甲/様式（新）.xlsx"), "filled too").expect("written");
    let placed = issue([("甲/様式.xlsx", "4"), ("乙/様式.xlsx", "2")]);
    assert_eq!(placed.left[0], ("甲/様式.xlsx".to_string(), Some("甲/様式（新2）.xlsx".to_string())));
    issue([("丙/様式.xlsx", "4"), ("乙/様式.xlsx", "2")]);
    assert_eq!(text(dir.path(), "甲/様式.xlsx") + &text(dir.path(), "甲/様式（新）.xlsx"), "filledfilled too");
    assert!(!dir.path().join("甲/様式（新2）.xlsx").exists());
}

#[cfg(unix)]
#[test]
fn a_folder_that_takes_no_files_is_found_before_anything_is_switched() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().expect("a folder");
    let results = dir.path().join("結果");
    place(&results, "x", &[output("a", "1"), output("差戻し/b", "1")]).expect("written");
    let to = |mode| fs::set_permissions(results.join("差戻し"), fs::Permissions::from_mode(mode)).expect("set");
    to(0o555);
    // The superuser writes everywhere; then there is nothing to see here.
    let told = fs::write(results.join("差戻し/試し"), "").is_err().then(|| {
        place(&results, "x", &[output("a", "2"), output("差戻し/b", "2")])
            .expect_err("it cannot be written")
            .to_string()
    });
    to(0o755);
    if let Some(told) = told {
        assert!(told.contains("差戻し") && told.contains("前回の結果はそのまま残っています"), "{told}");
        assert_eq!(text(&results, "a") + &text(&results, "差戻し/b"), "11");
        assert!(!is_interrupted(&results));
    }
}

#[test]
fn a_file_in_the_place_of_a_folder_is_found_before_anything_is_switched() {
    let dir = tempfile::tempdir().expect("a folder");
    let results = dir.path().join("結果");
    place(&results, "x", &[output("a", "1"), output("甲/b", "1")]).expect("written");
    fs::write(results.join("乙"), "somebody's").expect("written");
    let outputs = [output("a", "2"), output("甲/b", "2"), output("乙/c", "2")];
    let told = place(&results, "x", &outputs).expect_err("乙 is no folder").to_string();
    assert!(told.contains("乙") && told.contains("前回の結果はそのまま残っています"), "{told}");
    assert_eq!(text(&results, "a") + &text(&results, "甲/b") + &text(&results, "乙"), "11somebody's");
    assert!(!is_interrupted(&results));
}

#[test]
fn nothing_is_said_of_last_results_that_there_are_not() {
    let dir = tempfile::tempdir().expect("a folder");
    let results = dir.path().join("結果");
    assert_eq!(standing(&results), "");
    place(&results, "x", &[output("a", "1")]).expect("written");
    assert_eq!(standing(&results), "前回の結果はそのまま残っています。");
    fs::remove_file(results.join("a")).expect("removed");
    assert_eq!(standing(&results), "");
}
