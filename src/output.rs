//! Puts a set of output files in place as a whole: staged, then switched; what was there before goes to 履歴.
//!
//! All files are first written into a staging folder. A list of the switch is then written in one rename: from there on
//! the switch is finished, by this run or by the next. A run that is killed before leaves the last results untouched.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::write::Output;

const STAGE: &str = ".準備中";
const SWITCH: &str = ".切替.txt";
const LISTING: &str = ".出力一覧.txt";
const HISTORY: &str = "履歴";

/// How a file is moved; a parameter so that a target held open can be tested.
type Rename<'a> = &'a dyn Fn(&Path, &Path) -> io::Result<()>;

/// What happened to the set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placed {
    /// Whether the results differ from the last ones.
    pub changed: bool,
    /// Where the last results went, relative to the folder.
    pub history: Option<String>,
    /// Files whose target was held open: the new one stands beside it under this name.
    pub beside: Vec<(String, String)>,
}

/// Writes `outputs` below `folder`; the last set goes to `履歴/<label>-<NNN>/` when anything differs.
///
/// # Errors
/// When a file cannot be written; then the last results are whole.
pub fn place(folder: &Path, label: &str, outputs: &[Output]) -> Result<Placed, Error> {
    place_with(folder, label, outputs, &|a, b| fs::rename(a, b))
}

/// Puts one file (directly in the folder) in place beside the set; the last one goes to `履歴/` when it differs, since somebody may have gone on with
/// it by hand.
///
/// # Errors
/// When it cannot be written; then the last one is whole.
pub fn place_one(folder: &Path, label: &str, output: &Output) -> Result<Placed, Error> {
    let target = folder.join(&output.path);
    if fs::read(&target).is_ok_and(|b| b == output.bytes) {
        return Ok(Placed::default());
    }
    fs::create_dir_all(folder).map_err(|e| Error::write(folder, &e))?;
    let mut placed = Placed { changed: true, ..Placed::default() };
    let mut name = output.path.clone();
    if target.exists() {
        let history = next_history(folder, label);
        let kept = folder.join(&history).join(&output.path);
        let dir = kept.parent().unwrap_or(folder);
        fs::create_dir_all(dir).map_err(|e| Error::write(dir, &e))?;
        if fs::rename(&target, &kept).is_ok() {
            placed.history = Some(history);
        } else {
            // Held open: the new one stands beside it. The folder made for the last one is empty.
            let _ = fs::remove_dir(dir);
            name = next_to(&target).file_name().unwrap_or_default().to_string_lossy().to_string();
            placed.beside.push((output.path.clone(), name.clone()));
        }
    }
    let written = write_by_stage(folder, &name, &output.bytes);
    remove_stage(folder);
    written.map(|()| placed)
}

/// Finishes a switch that was interrupted, and removes a staging folder that never came to its switch.
///
/// # Errors
/// When files cannot be moved.
pub fn finish(folder: &Path) -> Result<(), Error> {
    if folder.join(SWITCH).is_file() {
        switch(folder, &|a, b| fs::rename(a, b))?;
    }
    remove_stage(folder);
    Ok(())
}

fn place_with(folder: &Path, label: &str, outputs: &[Output], rename: Rename<'_>) -> Result<Placed, Error> {
    fs::create_dir_all(folder).map_err(|e| Error::write(folder, &e))?;
    finish(folder)?;
    let old = listing(folder);
    let new: BTreeSet<String> = outputs.iter().map(|o| o.path.clone()).collect();
    let unchanged = old == new && outputs.iter().all(|o| fs::read(folder.join(&o.path)).is_ok_and(|b| b == o.bytes));
    if unchanged {
        return Ok(Placed::default());
    }
    stage(folder, outputs).inspect_err(|_| remove_stage(folder))?;
    let exists = old.union(&new).any(|p| folder.join(p).exists());
    let history = exists.then(|| next_history(folder, label));
    let mut list = vec![history.clone().unwrap_or_default()];
    list.extend(old.difference(&new).map(|p| format!("- {p}")));
    list.extend(new.iter().map(|p| format!("+ {p}")));
    write_by_stage(folder, SWITCH, list.join("\n").as_bytes()).inspect_err(|_| remove_stage(folder))?;
    let beside = switch(folder, rename)?;
    remove_stage(folder);
    Ok(Placed { changed: true, history: history.filter(|h| folder.join(h).is_dir()), beside })
}

fn stage(folder: &Path, outputs: &[Output]) -> Result<(), Error> {
    let stage = folder.join(STAGE);
    for output in outputs {
        let path = stage.join(&output.path);
        let dir = path.parent().unwrap_or(&stage);
        fs::create_dir_all(dir).map_err(|e| Error::write(dir, &e))?;
        let mut file = fs::File::create(&path).map_err(|e| Error::write(&path, &e))?;
        file.write_all(&output.bytes).and_then(|()| file.sync_all()).map_err(|e| Error::write(&path, &e))?;
    }
    Ok(())
}

/// Carries out the list of the switch. Each step may be repeated, so an interrupted switch is finished by the next run.
fn switch(folder: &Path, rename: Rename<'_>) -> Result<Vec<(String, String)>, Error> {
    let list = fs::read_to_string(folder.join(SWITCH)).map_err(|e| Error::write(&folder.join(SWITCH), &e))?;
    let mut lines = list.lines();
    let history = folder.join(lines.next().unwrap_or_default());
    let mut beside = Vec::new();
    let mut now = Vec::new();
    for line in lines {
        let (sign, path) = line.split_at(line.len().min(2));
        let target = folder.join(path);
        let staged = folder.join(STAGE).join(path);
        let arriving = sign == "+ ";
        if arriving && !staged.exists() {
            now.push(path.to_string());
            continue; // It was put in place before the interruption.
        }
        let mut free = true;
        // The one that once had to be put beside goes too, now that there is a newer one.
        for old in [target.clone(), next_to(&target)].into_iter().filter(|p| p.exists()) {
            let kept = history.join(old.strip_prefix(folder).unwrap_or(&old));
            let dir = kept.parent().unwrap_or(&history);
            fs::create_dir_all(dir).map_err(|e| Error::write(dir, &e))?;
            free &= rename(&old, &kept).is_ok() || old != target;
        }
        if arriving {
            let to = if free { target } else { next_to(&target) };
            let dir = to.parent().unwrap_or(folder);
            fs::create_dir_all(dir).map_err(|e| Error::write(dir, &e))?;
            rename(&staged, &to).map_err(|e| Error::write(&to, &e))?;
            now.push(path.to_string());
            if !free {
                let name = to.strip_prefix(folder).unwrap_or(&to).to_string_lossy().replace('\\', "/");
                beside.push((path.to_string(), name));
            }
        }
    }
    write_by_stage(folder, LISTING, now.join("\n").as_bytes())?;
    fs::remove_file(folder.join(SWITCH)).map_err(|e| Error::write(&folder.join(SWITCH), &e))?;
    Ok(beside)
}

/// 取りまとめ.xlsx beside a 取りまとめ.xlsx that is held open: 取りまとめ（新）.xlsx.
fn next_to(target: &Path) -> PathBuf {
    let stem = target.file_stem().unwrap_or_default().to_string_lossy();
    let extension = target.extension().map(|e| format!(".{}", e.to_string_lossy())).unwrap_or_default();
    target.with_file_name(format!("{stem}（新）{extension}"))
}

fn listing(folder: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(folder.join(LISTING)).unwrap_or_default();
    text.lines().filter(|l| !l.is_empty()).map(ToString::to_string).collect()
}

fn next_history(folder: &Path, label: &str) -> String {
    let free = (1..=999_999).map(|n| format!("{HISTORY}/{label}-{n:03}")).find(|h| !folder.join(h).exists());
    free.unwrap_or_else(|| format!("{HISTORY}/{label}-overflow"))
}

/// Writes a file of this module in one rename, from the staging folder: what a killed run leaves there is removed.
fn write_by_stage(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), Error> {
    let (stage, target) = (folder.join(STAGE), folder.join(name));
    let staged = stage.join(name);
    let written = fs::create_dir_all(&stage).and_then(|()| {
        let mut file = fs::File::create(&staged)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        drop(file);
        fs::rename(&staged, &target)
    });
    written.map_err(|e| Error::write(&target, &e))
}

/// Writes one file under a temporary name and renames it.
///
/// # Errors
/// When it cannot be written.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let dir = path.parent().unwrap_or(Path::new("."));
    let failed = |e: &io::Error| Error::write(path, e);
    let mut file = open_to_all(tempfile::Builder::new().prefix(".tmp")).tempfile_in(dir).map_err(|e| failed(&e))?;
    file.write_all(bytes).and_then(|()| file.as_file().sync_all()).map_err(|e| failed(&e))?;
    file.persist(path).map_err(|e| failed(&e.error))?;
    Ok(())
}

/// With the rights that the folder and the user's mask give, as any other new file: a temporary one is its owner's alone.
#[cfg(unix)]
pub fn open_to_all<'b, 'p, 's>(builder: &'b mut tempfile::Builder<'p, 's>) -> &'b mut tempfile::Builder<'p, 's> {
    use std::os::unix::fs::PermissionsExt;
    builder.permissions(fs::Permissions::from_mode(0o666))
}

/// As everywhere else: the folder decides.
#[cfg(not(unix))]
pub fn open_to_all<'b, 'p, 's>(builder: &'b mut tempfile::Builder<'p, 's>) -> &'b mut tempfile::Builder<'p, 's> {
    builder
}

fn remove_stage(folder: &Path) {
    // What cannot be removed now is removed by the next run; nothing in it counts.
    let _ = fs::remove_dir_all(folder.join(STAGE));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(path: &str, text: &str) -> Output {
        Output { path: path.into(), bytes: text.as_bytes().to_vec() }
    }

    fn text(folder: &Path, path: &str) -> String {
        fs::read_to_string(folder.join(path)).unwrap_or_default()
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
    }

    #[test]
    fn an_interrupted_switch_is_finished_by_the_next_run() {
        // Killed after each number of moves: the next run always ends with the whole new set and the whole last one.
        for moves in 0..4 {
            let dir = tempfile::tempdir().expect("a folder");
            place(dir.path(), "x", &[output("a", "1"), output("b", "2")]).expect("written");
            let left = std::cell::Cell::new(moves);
            let killed = |from: &Path, to: &Path| {
                if left.get() == 0 {
                    std::panic::resume_unwind(Box::new("killed"));
                }
                left.set(left.get() - 1);
                fs::rename(from, to)
            };
            let run = std::panic::AssertUnwindSafe(|| {
                place_with(dir.path(), "x", &[output("a", "3"), output("b", "4")], &killed)
            });
            assert!(std::panic::catch_unwind(run).is_err(), "killed after {moves} moves");
            finish(dir.path()).expect("finished");
            assert_eq!((text(dir.path(), "a"), text(dir.path(), "b")), ("3".into(), "4".into()), "after {moves} moves");
            assert_eq!(text(dir.path(), "履歴/x-001/a") + &text(dir.path(), "履歴/x-001/b"), "12");
            assert!(!dir.path().join(STAGE).exists() && !dir.path().join(SWITCH).exists());
        }
    }

    #[test]
    fn a_run_killed_while_staging_leaves_the_last_results() {
        let dir = tempfile::tempdir().expect("a folder");
        place(dir.path(), "x", &[output("a", "1")]).expect("written");
        stage(dir.path(), &[output("a", "half")]).expect("staged");
        finish(dir.path()).expect("cleaned");
        assert_eq!(text(dir.path(), "a"), "1");
        assert!(!dir.path().join(STAGE).exists());
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
        place_one(dir.path(), "x", &output("別.docx", "1")).expect("written");
        for name in ["一つ.xlsx", "組.xlsx", "別.docx"] {
            assert_eq!(mode(name), mode("手で.txt"), "{name}");
        }
    }

    #[test]
    fn one_file_keeps_the_last_one_that_differs() {
        let dir = tempfile::tempdir().expect("a folder");
        let first = place_one(dir.path(), "x", &output("資料.docx", "1")).expect("written");
        assert_eq!((first.changed, first.history), (true, None));
        assert!(!place_one(dir.path(), "x", &output("資料.docx", "1")).expect("the same").changed);
        let second = place_one(dir.path(), "x", &output("資料.docx", "2")).expect("written");
        assert_eq!(second.history.as_deref(), Some("履歴/x-001"));
        assert_eq!((text(dir.path(), "資料.docx"), text(dir.path(), "履歴/x-001/資料.docx")), ("2".into(), "1".into()));
    }

    #[test]
    fn a_target_held_open_gets_the_new_one_beside_it() {
        let dir = tempfile::tempdir().expect("a folder");
        place(dir.path(), "x", &[output("取りまとめ.xlsx", "1")]).expect("written");
        let held = |from: &Path, to: &Path| {
            if from.ends_with("取りまとめ.xlsx") && !from.to_string_lossy().contains(STAGE) {
                return Err(io::Error::from(io::ErrorKind::PermissionDenied));
            }
            fs::rename(from, to)
        };
        let placed = place_with(dir.path(), "x", &[output("取りまとめ.xlsx", "2")], &held).expect("written beside");
        assert_eq!(placed.beside, [("取りまとめ.xlsx".to_string(), "取りまとめ（新）.xlsx".to_string())]);
        assert_eq!(text(dir.path(), "取りまとめ.xlsx"), "1");
        assert_eq!(text(dir.path(), "取りまとめ（新）.xlsx"), "2");
    }
}
