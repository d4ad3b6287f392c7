//! The staging folder, the list of the switch, and the switch itself.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::Job;
use super::listing::{LISTING, Listing};
use super::plan::{MOST, Plan, What, after_switch, numbered};
use crate::error::Error;
use crate::moving::{self, Patience};
use crate::write::Body;

pub(super) const STAGE: &str = ".準備中";
pub(super) const SWITCH: &str = ".切替.txt";
/// What somebody sees who opens the folder before the switch is finished.
const NOTE: &str = "入れ替えの途中です。もう一度実行してください.txt";
const NOTE_TEXT: &str = "\u{feff}このフォルダは、前の結果と新しい結果の入れ替えの途中です。\r\nこのファイルがあるあいだは、まだ使わないでください。\r\nプログラムをもう一度実行すると、続きから入れ替えて、このファイルは消えます。\r\n";
/// In the staging folder: what arrives, what is kept, the list.
const NEW: &str = "新";
const KEPT: &str = "履歴";

/// How files are moved and removed; parameters so that one that is held open can be tested.
#[derive(Clone, Copy)]
pub(super) struct Hands<'a> {
    pub(super) rename: &'a dyn Fn(&Path, &Path) -> io::Result<()>,
    pub(super) remove: &'a dyn Fn(&Path) -> io::Result<()>,
}

/// Does something with the hands that the system gives.
pub(super) fn by_hand<T>(act: impl FnOnce(Hands<'_>) -> T) -> T {
    let patience = Patience::default();
    let rename = |from: &Path, to: &Path| rename(&patience, from, to);
    let remove = |path: &Path| patience.with(moving::is_held, || fs::remove_file(path));
    act(Hands { rename: &rename, remove: &remove })
}

/// What a switch could not do as it was planned, because somebody had a file open.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// What could not take its place, with the name that it has instead.
    pub(super) beside: BTreeMap<String, String>,
    /// What should have gone and is still there.
    pub(super) stayed: Vec<String>,
}

/// A rename; in a debug build `TORIMATOME_SLOW_RENAMES` (milliseconds) makes it as slow as on a slow share, for the tests.
fn rename(patience: &Patience, from: &Path, to: &Path) -> io::Result<()> {
    if cfg!(debug_assertions)
        && let Some(pause) = std::env::var("TORIMATOME_SLOW_RENAMES").ok().and_then(|n| n.parse().ok())
    {
        std::thread::sleep(std::time::Duration::from_millis(pause));
    }
    patience.rename(from, to)
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
                // What cannot be read cannot be kept, and so is neither replaced nor removed.
                Err(_) => plan.steps.iter_mut().filter(|s| s.path == *path).for_each(|s| {
                    s.what = if s.what == What::Remove { What::Stay } else { What::Beside };
                }),
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
        for (sign, what) in [("-", What::Remove), ("!", What::Stay), ("+", What::Put), ("=", What::Beside)] {
            list.extend(plan.steps.iter().filter(|s| s.what == what).map(|s| format!("{sign} {}", s.path)));
        }
        let note = self.path().join("途中.txt");
        write_synced(&note, NOTE_TEXT.as_bytes())?;
        let staged = self.path().join(SWITCH);
        write_synced(&staged, list.join("\n").as_bytes())?;
        let target = self.folder.join(SWITCH);
        moving::rename(&staged, &target).map_err(|e| Error::write(&target, &e))?;
        self.announced.set(true);
        // The list is what counts; the note is for people.
        let _ = moving::rename(&note, &self.folder.join(NOTE));
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

/// Carries out the list of the switch. Each step may be repeated, so an interrupted switch is finished by the next run. What
/// somebody has open stops nothing.
pub(super) fn carry_out(folder: &Path, hands: Hands<'_>) -> Result<Held, Error> {
    let list = fs::read_to_string(folder.join(SWITCH)).map_err(|e| Error::write(&folder.join(SWITCH), &e))?;
    let lines: Vec<(&str, &str)> = list.lines().filter_map(|l| l.split_once(' ')).collect();
    let value = |name: &str| lines.iter().find(|(n, _)| *n == name).map(|(_, v)| *v).unwrap_or_default();
    let stage = folder.join(STAGE).join(value("段"));
    let kept = stage.join(KEPT);
    if !value("履歴").is_empty() && kept.is_dir() {
        let to = folder.join(value("履歴"));
        make_parent(&to)?;
        (hands.rename)(&kept, &to).map_err(|e| Error::write(&to, &e))?;
    }
    let mut held = Held::default();
    for (sign, path) in &lines {
        let (target, staged) = (folder.join(path), stage.join(NEW).join(path));
        match *sign {
            "-" => {
                let gone = (hands.remove)(&target);
                if gone.is_err_and(|e| !matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)) {
                    held.stayed.push((*path).to_string());
                }
            }
            "!" => held.stayed.push((*path).to_string()),
            // What is not there any more was put in place before the interruption.
            "+" | "=" if staged.exists() => {
                make_parent(&target)?;
                if *sign == "=" || (hands.rename)(&staged, &target).is_err() {
                    held.beside.insert((*path).to_string(), put_beside(folder, path, &staged, hands)?);
                }
            }
            _ => {}
        }
    }
    put_list(folder, &stage, &held)?;
    let _ = fs::remove_file(folder.join(NOTE));
    let list = folder.join(SWITCH);
    (hands.remove)(&list).map_err(|e| Error::write(&list, &e))?;
    Ok(held)
}

/// Puts what cannot take its place beside it, under the first name that is free; one that is held open may look like a free one.
fn put_beside(folder: &Path, path: &str, staged: &Path, hands: Hands<'_>) -> Result<String, Error> {
    let mut refused = None;
    for name in (1..=MOST).map(|n| numbered(path, n)).filter(|n| !folder.join(n).exists()) {
        match (hands.rename)(staged, &folder.join(&name)) {
            Ok(()) => return Ok(name),
            // Of a folder that takes nothing every name would be tried.
            Err(e) if refused.is_some() => return Err(Error::write(&folder.join(name), &e)),
            Err(e) => refused = Some(e),
        }
    }
    Err(Error::write(&folder.join(path), &refused.unwrap_or_else(|| ErrorKind::AlreadyExists.into())))
}

fn put_list(folder: &Path, stage: &Path, held: &Held) -> Result<(), Error> {
    let (staged, target) = (stage.join(LISTING), folder.join(LISTING));
    if !staged.exists() {
        return Ok(());
    }
    if !held.beside.is_empty() || !held.stayed.is_empty() {
        let (mut listing, old) = (Listing::read(stage), Listing::read(folder));
        after_switch(&mut listing, &old, held);
        write_synced(&staged, listing.text().as_bytes())?;
    }
    moving::rename(&staged, &target).map_err(|e| Error::write(&target, &e))
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

/// Writes a file and waits until it is on the disk, through the one handle that it was made with: some systems flush nothing
/// through one that only reads.
pub(super) fn write_synced(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    make_parent(path)?;
    let written = create(path).and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    written.map_err(|e| Error::write(path, &e))
}

/// Makes a file; one whose name begins with a dot is hidden, where a dot alone does not do that.
#[cfg(windows)]
fn create(path: &Path) -> io::Result<fs::File> {
    use std::os::windows::fs::OpenOptionsExt;
    const HIDDEN: u32 = 2;
    let dotted = path.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.'));
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).attributes(if dotted { HIDDEN } else { 0 }).open(path)
}

/// Makes a file.
#[cfg(not(windows))]
fn create(path: &Path) -> io::Result<fs::File> {
    fs::File::create(path)
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
