//! 結果/履歴: the last sets, of which the oldest go. A set in which somebody changed something by hand never goes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::Job;
use super::switch::STAGE;
use crate::moving;

/// Where the last sets are kept.
pub const HISTORY: &str = "履歴";
/// Behind the name of a set that somebody changed.
const EDITED: &str = "（手直しあり）";

/// What 履歴 holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// Sets.
    pub sets: usize,
    /// Of them those that somebody changed by hand.
    pub edited: usize,
    /// Bytes of all files.
    pub bytes: u64,
}

/// The sets, oldest first: their numbers only ever grow.
fn sets(folder: &Path) -> Vec<(u64, String, PathBuf)> {
    let entries = fs::read_dir(folder.join(HISTORY)).into_iter().flatten().flatten();
    let set = |path: PathBuf| {
        let name = path.file_name()?.to_str()?.to_string();
        let number = name.trim_end_matches(EDITED).rsplit_once('-')?.1.parse().ok()?;
        path.is_dir().then_some((number, name, path))
    };
    let mut all: Vec<_> = entries.filter_map(|e| set(e.path())).collect();
    all.sort();
    all
}

/// The newest set of each label.
pub(super) fn newest(folder: &Path) -> BTreeMap<String, PathBuf> {
    let label = |name: &str| name.trim_end_matches(EDITED).rsplit_once('-').map(|(label, _)| label.to_string());
    sets(folder).into_iter().filter_map(|(_, name, path)| Some((label(&name)?, path))).collect()
}

/// The name of the next set, relative to the folder.
pub(super) fn next(folder: &Path, label: &str, edited: bool) -> String {
    let number = sets(folder).last().map_or(0, |(n, ..)| *n) + 1;
    format!("{HISTORY}/{label}-{number:03}{}", if edited { EDITED } else { "" })
}

/// Removes the oldest sets beyond so many, never the one just kept. Each goes to the staging folder in one step first, so that
/// there is never half a set.
pub(super) fn prune(folder: &Path, job: &Job<'_>, just_kept: Option<&str>) {
    let all = sets(folder);
    let rounds = newest(folder);
    let last_of_a_round =
        |path: &PathBuf| job.by_round && rounds.iter().any(|(label, newest)| label != job.label && newest == path);
    let stays = |name: &str, path: &PathBuf| name.ends_with(EDITED) || last_of_a_round(path);
    let plain: Vec<_> = all.iter().filter(|(_, name, path)| !stays(name, path)).collect();
    let fresh = |name: &str| just_kept.is_some_and(|k| k.ends_with(name));
    let beyond = plain.len().saturating_sub(job.keep);
    for (number, name, path) in plain.iter().take(beyond).filter(|(_, name, _)| !fresh(name)) {
        // What cannot be removed now is removed the next time.
        let gone = folder.join(STAGE).join(format!("{number}-{name}"));
        if fs::create_dir_all(folder.join(STAGE)).is_ok() && moving::rename(path, &gone).is_ok() {
            let _ = fs::remove_dir_all(gone);
        }
    }
}

/// How much there is.
pub(super) fn room(folder: &Path) -> Room {
    let all = sets(folder);
    let files = WalkDir::new(folder.join(HISTORY)).into_iter().flatten().filter(|e| e.file_type().is_file());
    Room {
        sets: all.len(),
        edited: all.iter().filter(|(_, name, _)| name.ends_with(EDITED)).count(),
        bytes: files.filter_map(|e| e.metadata().ok()).map(|m| m.len()).sum(),
    }
}
