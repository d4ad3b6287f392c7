//! Puts a set of output files in place as a whole: staged, then switched; what was there before is kept in 履歴.
//!
//! Everything that needs room is done first, in a staging folder: the new files, and what is to be kept of the last ones. A list of the
//! switch is then written in one rename. From there on each file is renamed over the last one, so that none is ever absent, and
//! the switch is finished, by this run or by the next command that looks into the folder. A run that is killed before leaves the last
//! results untouched.

mod history;
mod listing;
mod plan;
mod switch;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::lock;
use crate::moving;
use crate::write::Output;
pub use history::{HISTORY, Room};
use listing::Listing;
use plan::Plan;
use switch::{Hands, Stage};

/// So many of the last sets are kept where the settings say nothing.
pub const KEPT: usize = 20;

/// What becomes of a file that somebody changed by hand since it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByHand {
    /// It goes to 履歴, into a set that is never removed.
    Kept,
    /// It stays where it is; the new one stands beside it.
    Stays,
}

/// What is to be put in place.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// The name under which this set is kept once another takes its place.
    pub label: &'a str,
    /// The files.
    pub outputs: &'a [Output],
    /// What they were made from; a set made from the same on another day is not kept.
    pub inputs: Option<&'a str>,
    /// How many sets are kept in 履歴.
    pub keep: usize,
    /// Whether a label is a round, so that the newest set of every other one stays: it may be all that is left of that round.
    pub by_round: bool,
    /// What becomes of what somebody changed.
    pub by_hand: ByHand,
    /// Whether these are all files of the folder's set; else each stands on its own beside it.
    pub whole: bool,
}

impl<'a> Job<'a> {
    /// A whole set, of which nothing is known but its label.
    #[must_use]
    pub const fn new(label: &'a str, outputs: &'a [Output]) -> Self {
        Self { label, outputs, inputs: None, keep: KEPT, by_round: false, by_hand: ByHand::Kept, whole: true }
    }
}

/// What happened to the set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placed {
    /// Whether the results differ from the last ones.
    pub changed: bool,
    /// Where the last results went, relative to the folder.
    pub history: Option<String>,
    /// Files whose target was held open: the new one stands beside it under this name.
    pub beside: Vec<(String, String)>,
    /// Files that are no longer part of the set and were held open, so that they are still there.
    pub stayed: Vec<String>,
    /// Files that somebody changed and that stayed, with the name of the new one beside it where there is one.
    pub left: Vec<(String, Option<String>)>,
    /// How many files are new, were replaced, are as they were, and are no longer among them.
    pub counts: Counts,
    /// What 履歴 holds now.
    pub room: Room,
}

/// Numbers of files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Written for the first time.
    pub new: usize,
    /// Written over the last one.
    pub replaced: usize,
    /// The same as before.
    pub same: usize,
    /// No longer there.
    pub gone: usize,
}

/// Writes `outputs` below `folder`; the last set goes to `履歴/<label>-<NNN>/` when anything differs.
///
/// # Errors
/// When a file cannot be written; the words say what has become of the last results.
pub fn place(folder: &Path, label: &str, outputs: &[Output]) -> Result<Placed, Error> {
    place_as(folder, &Job::new(label, outputs))
}

/// As [`place`], with everything that can be said of it.
///
/// # Errors
/// As [`place`].
pub fn place_as(folder: &Path, job: &Job<'_>) -> Result<Placed, Error> {
    switch::by_hand(|hands| place_with(folder, job, hands)).map_err(|e| with_standing(folder, e))
}

/// Finishes a switch that was interrupted (gives whether there was one), and removes a staging folder that never came to its switch.
///
/// # Errors
/// When files cannot be moved.
pub fn finish(folder: &Path) -> Result<bool, Error> {
    let interrupted = is_interrupted(folder);
    if interrupted {
        switch::by_hand(|hands| switch::carry_out(folder, hands)).map_err(|e| with_standing(folder, e))?;
    }
    switch::clear(folder);
    Ok(interrupted)
}

/// The folders of the sets below this one that are kept, or that stand, under another label than this: the newest of each label,
/// by label. A folder that is used for one round after the other holds the rounds before in them.
#[must_use]
pub fn other_sets(folder: &Path, label: &str) -> Vec<PathBuf> {
    let mut sets: BTreeMap<String, PathBuf> = history::newest(folder);
    if let Some(own) = Listing::read(folder).label {
        sets.insert(own, folder.to_path_buf());
    }
    sets.remove(label);
    sets.into_values().collect()
}

/// Whether a switch was begun in this folder and is not finished.
#[must_use]
pub fn is_interrupted(folder: &Path) -> bool {
    folder.join(switch::SWITCH).is_file()
}

fn place_with(folder: &Path, job: &Job<'_>, hands: Hands<'_>) -> Result<Placed, Error> {
    fs::create_dir_all(folder).map_err(|e| Error::write(folder, &e))?;
    finish(folder)?;
    let listing = Listing::read(folder);
    let mut plan = Plan::make(folder, &listing, job);
    let mut placed = Placed { left: plan.left.clone(), counts: plan.counts, ..Placed::default() };
    if plan.steps.is_empty() {
        placed.room = history::room(folder);
        return Ok(placed);
    }
    // What is kept is kept under its own name: a folder may have been used for another round before.
    let kept_as = listing.label.as_deref().unwrap_or(job.label);
    let history = plan.history(&listing, job).map(|edited| history::next(folder, kept_as, edited));
    let stage = Stage::make(folder)?;
    stage.fill(&mut plan, job, history.as_deref())?;
    lock::still_own(folder)?;
    stage.announce(&plan, history.as_deref())?;
    let held = switch::carry_out(folder, hands)?;
    placed.counts.gone -= held.stayed.len().min(placed.counts.gone);
    placed.beside = held.beside.into_iter().collect();
    placed.stayed = held.stayed;
    placed.changed = true;
    placed.history = history.filter(|h| folder.join(h).is_dir());
    history::prune(folder, job, placed.history.as_deref());
    switch::clear(folder);
    placed.room = history::room(folder);
    Ok(placed)
}

/// What can be said of a folder's set after something went wrong, as it stands there.
#[must_use]
pub fn standing(folder: &Path) -> String {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    if is_interrupted(folder) {
        return format!("「{name}」は入れ替えの途中です。もう一度実行すると、続きから新しいものにそろえます。");
    }
    if !Listing::read(folder).stands(folder) {
        return String::new();
    }
    if name == crate::discover::RESULTS {
        "前回の結果はそのまま残っています。".into()
    } else {
        format!("前に「{name}」フォルダに書いたものは、そのまま残っています。")
    }
}

/// An error with what has become of a folder's set.
#[must_use]
pub fn with_standing(folder: &Path, error: Error) -> Error {
    let said = standing(folder);
    if said.is_empty() || error.next.contains(&said) { error } else { Error::new(error.message, error.next + &said) }
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
    // The library takes the mark of a passing file from it, which programs that copy to a cloud leave out.
    let mut passing = Some(file.into_temp_path());
    let put = || match passing.take().map(|p| p.persist(path)) {
        Some(Err(e)) => {
            passing = Some(e.path);
            Err(e.error)
        }
        _ => Ok(()),
    };
    moving::Patience::default().with(moving::is_held, put).map_err(|e| failed(&e))
}

/// Writes a file of which nobody sees the half, and waits until it is on the disk.
///
/// # Errors
/// When it cannot be written.
pub fn write_synced(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    switch::write_synced(path, bytes)
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

#[cfg(test)]
mod tests;
