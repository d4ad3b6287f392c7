//! The staging folder, the list of the switch, and the switch itself.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::Job;
use super::listing::{LISTING, Listing};
use super::plan::{MOST, Plan, What, numbered, rename_beside};
use crate::error::Error;
use crate::write::Body;

pub(super) const STAGE: &str = ".準備中";
pub(super) const SWITCH: &str = ".切替.txt";
/// What somebody sees who opens the folder before the switch is finished.
const NOTE: &str = "入れ替えの途中です。もう一度実行してください.txt";
const NOTE_TEXT: &str = "\u{feff}このフォルダは、前の結果と新しい結果の入れ替えの途中です。\r\nこのファイルがあるあいだは、まだ使わないでください。\r\nプログラムをもう一度実行すると、続きから入れ替えて、このファイルは消えます。\r\n";
/// In the staging folder: what arrives, what is kept, the list.
const NEW: &str = "新";
const KEPT: &str = "履歴";

/// How a file is moved; a parameter so that a target held open can be tested.
pub(super) type Rename<'a> = &'a dyn Fn(&Path, &Path) -> io::Result<()>;

/// A rename; in a debug build `TORIMATOME_SLOW_RENAMES` (milliseconds) makes it as slow as on a slow share, for the tests.
pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    if cfg!(debug_assertions)
        && let Some(pause) = std::env::var("TORIMATOME_SLOW_RENAMES").ok().and_then(|n| n.parse().ok())
    {
        std::thread::sleep(std::time::Duration::from_millis(pause));
    }
    fs::rename(from, to)
}

/// The staging folder of one switch, in which everything is made ready; it goes when it never comes to the switch.
pub(super) struct Stage<'a> {
    folder: &'a Path,
    /// Its name below the common one: a run that was taken for dead finds nothing of a later one's.
    token: String,
    announced: std::cell::Cell<bool>,
}

impl<'a> Stage<'a> {
    pub(super) fn make(folder: &'a Path) -> Result<Self, Error> {
        let since = std::time::SystemTime::now().duration_since(std::time::SystemTime::UNIX_EPOCH).unwrap_or_default();
        let token = format!("{}-{}", std::process::id(), since.as_nanos());
        let stage = Self { folder, token, announced: std::cell::Cell::new(false) };
        fs::create_dir_all(stage.path()).map_err(|e| Error::write(&stage.path(), &e))?;
        Ok(stage)
    }

    fn path(&self) -> PathBuf {
        self.folder.join(STAGE).join(&self.token)
    }

    /// Writes everything that the switch needs room for: the new files, what is kept of the last ones, the list.
    pub(super) fn fill(&self, plan: &mut Plan, job: &Job<'_>, history: Option<&str>) -> Result<(), Error> {
        let arriving = plan.steps.iter().filter_map(|s| Some((&s.path, job.outputs.get(s.output?)?)));
        for (path, output) in arriving.clone() {
            put(&self.path().join(NEW).join(path), &output.body)
                .map_err(|e| Error::write(&self.folder.join(path), &e))?;
        }
        // All are written before the first is waited for: of thousands of files one wait is nearly as long as all.
        for (path, _) in arriving {
            sync(&self.path().join(NEW).join(path)).map_err(|e| Error::write(&self.folder.join(path), &e))?;
        }
        if history.is_some() {
            self.keep(plan)?;
        }
        write_synced(&self.path().join(LISTING), plan.listing.text().as_bytes())?;
        let dirs: BTreeSet<PathBuf> =
            plan.steps.iter().filter_map(|s| Some(self.folder.join(&s.path).parent()?.to_path_buf())).collect();
        dirs.iter().try_for_each(|dir| writable(dir))
    }

    /// What is replaced is kept by a second name, where the system has such; what stays as a copy of its own.
    fn keep(&self, plan: &mut Plan) -> Result<(), Error> {
        for path in &plan.archive {
            let (from, to) = (self.folder.join(path), self.path().join(KEPT).join(path));
            make_parent(&to)?;
            let kept = fs::hard_link(&from, &to).or_else(|_| fs::copy(&from, &to).map(|_| ()));
            match kept {
                Ok(()) => {}
                Err(e) if matches!(e.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) => {
                    return Err(Error::write(&to, &e));
                }
                // What cannot be read cannot be kept, and so is not replaced.
                Err(_) => {
                    plan.steps.retain(|s| s.path != *path || s.what != What::Remove);
                    plan.steps.iter_mut().filter(|s| s.path == *path).for_each(|s| s.what = What::Beside);
                }
            }
        }
        for path in &plan.same {
            let (from, to) = (self.folder.join(path), self.path().join(KEPT).join(path));
            make_parent(&to)?;
            fs::copy(&from, &to).map_err(|e| Error::write(&to, &e))?;
        }
        Ok(())
    }

    /// Writes the list of the switch: from here on it is finished, whoever finishes it.
    pub(super) fn announce(&self, plan: &Plan, history: Option<&str>) -> Result<(), Error> {
        let mut list = vec![format!("段 {}", self.token), format!("履歴 {}", history.unwrap_or_default())];
        // What goes first: a file that had to be put beside makes room for a newer one.
        for (sign, what) in [("-", What::Remove), ("+", What::Put), ("=", What::Beside)] {
            list.extend(plan.steps.iter().filter(|s| s.what == what).map(|s| format!("{sign} {}", s.path)));
        }
        let note = self.path().join("途中.txt");
        write_synced(&note, NOTE_TEXT.as_bytes())?;
        let staged = self.path().join(SWITCH);
        write_synced(&staged, list.join("\n").as_bytes())?;
        let target = self.folder.join(SWITCH);
        fs::rename(&staged, &target).map_err(|e| Error::write(&target, &e))?;
        self.announced.set(true);
        // The list is what counts; the note is for people.
        let _ = fs::rename(&note, self.folder.join(NOTE));
        Ok(())
    }
}

impl Drop for Stage<'_> {
    fn drop(&mut self) {
        if !self.announced.get() {
            let _ = fs::remove_dir_all(self.path());
            let _ = fs::remove_dir(self.folder.join(STAGE));
        }
    }
}

/// Carries out the list of the switch. Each step may be repeated, so an interrupted switch is finished by the next run. Gives
/// what could not take its place, with the name it has instead.
pub(super) fn carry_out(folder: &Path, rename: Rename<'_>) -> Result<Vec<(String, String)>, Error> {
    let list = fs::read_to_string(folder.join(SWITCH)).map_err(|e| Error::write(&folder.join(SWITCH), &e))?;
    let lines: Vec<(&str, &str)> = list.lines().filter_map(|l| l.split_once(' ')).collect();
    let value = |name: &str| lines.iter().find(|(n, _)| *n == name).map(|(_, v)| *v).unwrap_or_default();
    let stage = folder.join(STAGE).join(value("段"));
    let kept = stage.join(KEPT);
    if !value("履歴").is_empty() && kept.is_dir() {
        let to = folder.join(value("履歴"));
        make_parent(&to)?;
        rename(&kept, &to).map_err(|e| Error::write(&to, &e))?;
    }
    let mut beside = BTreeMap::new();
    for (sign, path) in &lines {
        let (target, staged) = (folder.join(path), stage.join(NEW).join(path));
        if *sign == "-" {
            // What is held open stays; it is looked at again the next time.
            let _ = fs::remove_file(&target);
        }
        // What is not there any more was put in place before the interruption.
        if !matches!(*sign, "+" | "=") || !staged.exists() {
            continue;
        }
        make_parent(&target)?;
        if *sign == "=" || rename(&staged, &target).is_err() {
            let name = (1..=MOST).map(|n| numbered(path, n)).find(|n| !folder.join(n).exists()).unwrap_or_default();
            let to = folder.join(&name);
            rename(&staged, &to).map_err(|e| Error::write(&to, &e))?;
            beside.insert((*path).to_string(), name);
        }
    }
    put_list(folder, &stage, &beside)?;
    let _ = fs::remove_file(folder.join(NOTE));
    fs::remove_file(folder.join(SWITCH)).map_err(|e| Error::write(&folder.join(SWITCH), &e))?;
    Ok(beside.into_iter().collect())
}

fn put_list(folder: &Path, stage: &Path, beside: &BTreeMap<String, String>) -> Result<(), Error> {
    let (staged, target) = (stage.join(LISTING), folder.join(LISTING));
    if !staged.exists() {
        return Ok(());
    }
    if !beside.is_empty() {
        let (mut listing, old) = (Listing::read(stage), Listing::read(folder));
        rename_beside(&mut listing, &old, beside);
        write_synced(&staged, listing.text().as_bytes())?;
    }
    fs::rename(&staged, &target).map_err(|e| Error::write(&target, &e))
}

/// Removes what runs left that never came to their switch.
pub(super) fn clear(folder: &Path) {
    // What cannot be removed now is removed by the next run; nothing in it counts.
    let _ = fs::remove_dir_all(folder.join(STAGE));
    if !folder.join(SWITCH).exists() {
        let _ = fs::remove_file(folder.join(NOTE));
    }
}

fn make_parent(path: &Path) -> Result<(), Error> {
    let dir = path.parent().unwrap_or(path);
    fs::create_dir_all(dir).map_err(|e| Error::write(dir, &e))
}

fn write_synced(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    make_parent(path)?;
    fs::write(path, bytes).and_then(|()| sync(path)).map_err(|e| Error::write(path, &e))
}

fn put(path: &Path, body: &Body) -> io::Result<()> {
    fs::create_dir_all(path.parent().unwrap_or(path))?;
    body.copy_to(&mut fs::File::create(path)?)
}

/// Waits until a file is on the disk; for that it has to be open for writing on some systems.
fn sync(path: &Path) -> io::Result<()> {
    fs::OpenOptions::new().write(true).open(path)?.sync_all()
}

/// Tries whether files can be put into a folder, before anything is switched. The one that is tried has no name, so that nothing of it
/// is left when the program is ended in this very moment.
fn writable(dir: &Path) -> Result<(), Error> {
    let tried = fs::create_dir_all(dir).and_then(|()| tempfile::tempfile_in(dir));
    tried.map(|_| ()).map_err(|e| Error::write(dir, &e))
}
