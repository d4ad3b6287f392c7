//! What becomes of each file of a set, decided before anything is touched.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use super::listing::{Listing, Single, Written};
use super::switch::Held;
use super::{ByHand, Counts, Job};
use crate::write::Hashing;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// Over what stands there.
    Put,
    /// Beside what stands there and cannot be read, so that it cannot be kept.
    Beside,
    Remove,
    /// It should go and cannot be kept.
    Stay,
}

#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) what: What,
    pub(super) path: String,
    /// Which output arrives.
    pub(super) output: Option<usize>,
}

#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) steps: Vec<Step>,
    /// What is replaced or goes, to be kept.
    pub(super) archive: Vec<String>,
    /// What stays as it is; kept beside the others, so that what is kept is a whole set.
    pub(super) same: Vec<String>,
    /// Whether something to be kept was changed by hand.
    edited: bool,
    pub(super) left: Vec<(String, Option<String>)>,
    pub(super) counts: Counts,
    /// The list as it will be.
    pub(super) listing: Listing,
}

/// How what stands under a name is to what was written there.
enum Found {
    Nothing,
    /// It cannot be read.
    Closed,
    /// The very bytes that are to be written.
    Same,
    /// As it was written.
    Ours,
    ByHand,
}

impl Plan {
    pub(super) fn make(folder: &Path, old: &Listing, job: &Job<'_>) -> Self {
        let mut plan =
            Self { listing: Listing { singles: old.singles.clone(), ..Listing::default() }, ..Self::default() };
        if job.whole {
            plan.listing.inputs = job.inputs.map(ToString::to_string);
            plan.listing.label = Some(job.label.to_string());
        } else {
            plan.listing.inputs.clone_from(&old.inputs);
            plan.listing.label.clone_from(&old.label);
            plan.listing.set.clone_from(&old.set);
        }
        for (n, output) in job.outputs.iter().enumerate() {
            plan.arriving(folder, old, job, (n, &output.path));
        }
        if job.whole {
            for path in old.set.keys() {
                plan.leaving(folder, old, job, path);
            }
        }
        plan
    }

    fn arriving(&mut self, folder: &Path, old: &Listing, job: &Job<'_>, (n, path): (usize, &String)) {
        let Some(output) = job.outputs.get(n) else { return };
        let hash = output.body.sha256();
        let found = look(folder, path, old, job.by_hand, Some(&hash));
        let step = |what, path: &str| Step { what, path: path.to_string(), output: Some(n) };
        match found {
            Found::ByHand if job.by_hand == ByHand::Stays => {
                self.staying(folder, old, job, (n, path), hash);
                return;
            }
            Found::Nothing => {
                self.counts.new += 1;
                self.steps.push(step(What::Put, path));
            }
            Found::Closed => self.steps.push(step(What::Beside, path)),
            Found::Same => {
                self.counts.same += 1;
                self.same.push(path.clone());
            }
            Found::Ours | Found::ByHand => {
                self.counts.replaced += 1;
                self.edited |= matches!(found, Found::ByHand);
                self.steps.push(step(What::Put, path));
                self.archive.push(path.clone());
            }
        }
        if job.whole {
            self.listing.set.insert(path.clone(), Some(hash));
        } else {
            let inputs = job.inputs.unwrap_or_default().to_string();
            self.listing.singles.insert(path.clone(), Single { hash, inputs });
        }
    }

    /// What somebody changed stays; the new one stands beside it, where there is anything new.
    fn staying(&mut self, folder: &Path, old: &Listing, job: &Job<'_>, (n, path): (usize, &String), hash: String) {
        if let Some(written) = old.set.get(path) {
            self.listing.set.insert(path.clone(), written.clone());
        }
        // What was written last is what would be written now.
        if old.written(path) == Written::As(&hash) {
            self.left.push((path.clone(), None));
            return;
        }
        let names = (1..=MOST).map(|n| numbered(path, n));
        let mut looked = names.map(|p| (look(folder, &p, old, job.by_hand, Some(&hash)), p));
        let free = looked.find(|(found, _)| !matches!(found, Found::ByHand | Found::Closed));
        let Some((found, beside)) = free else { return };
        if !matches!(found, Found::Same) {
            self.steps.push(Step { what: What::Put, path: beside.clone(), output: Some(n) });
        }
        if matches!(found, Found::Ours) {
            self.archive.push(beside.clone());
        }
        self.listing.set.insert(beside.clone(), Some(hash));
        self.left.push((path.clone(), Some(beside)));
    }

    /// What was written last and is not among the new files.
    fn leaving(&mut self, folder: &Path, old: &Listing, job: &Job<'_>, path: &String) {
        if self.listing.set.contains_key(path) {
            return;
        }
        match look(folder, path, old, job.by_hand, None) {
            Found::Nothing => return,
            Found::ByHand if job.by_hand == ByHand::Stays => {
                self.left.push((path.clone(), None));
                return;
            }
            found => self.edited |= matches!(found, Found::ByHand),
        }
        self.counts.gone += 1;
        self.archive.push(path.clone());
        self.steps.push(Step { what: What::Remove, path: path.clone(), output: None });
    }

    /// Whether what is replaced is kept, and then whether somebody changed something of it by hand. What differs by the day of
    /// the run alone is not.
    pub(super) fn history(&self, old: &Listing, job: &Job<'_>) -> Option<bool> {
        let last = if job.whole {
            old.inputs.as_deref()
        } else {
            self.archive.first().and_then(|p| old.singles.get(p)).map(|s| s.inputs.as_str())
        };
        let same_inputs = job.inputs.is_some() && last == job.inputs;
        (!self.archive.is_empty() && (self.edited || !same_inputs)).then_some(self.edited)
    }
}

/// What stands under a name; `new` is the hash of what is to be written.
fn look(folder: &Path, path: &str, old: &Listing, by_hand: ByHand, new: Option<&str>) -> Found {
    let hash = match hash_of(&folder.join(path)) {
        Ok(hash) => hash,
        Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Found::Nothing,
        Err(_) => return Found::Closed,
    };
    if new == Some(hash.as_str()) {
        return Found::Same;
    }
    match old.written(path) {
        Written::As(written) if written == hash => Found::Ours,
        // An earlier version wrote it and kept no hash: what may be filled in is left alone.
        Written::Unknown if by_hand == ByHand::Kept => Found::Ours,
        _ => Found::ByHand,
    }
}

/// SHA-256 of a file, read piece by piece.
fn hash_of(path: &Path) -> io::Result<String> {
    let mut hashing = Hashing::default();
    io::copy(&mut fs::File::open(path)?, &mut hashing)?;
    Ok(hashing.hash())
}

/// So many names are tried beside a file.
pub(super) const MOST: usize = 999;

/// Names beside a file that cannot be replaced: 様式（新）.xlsx, 様式（新2）.xlsx …
pub(super) fn numbered(path: &str, n: usize) -> String {
    let number = if n == 1 { String::new() } else { n.to_string() };
    let (folder, name) = path.rsplit_once('/').map_or((String::new(), path), |(f, n)| (format!("{f}/"), n));
    match name.rsplit_once('.') {
        Some((stem, extension)) => format!("{folder}{stem}（新{number}）.{extension}"),
        None => format!("{folder}{name}（新{number}）"),
    }
}

/// The paths of a set, for a list that is written anew after some of it could not take its place, or could not go.
pub(super) fn after_switch(listing: &mut Listing, old: &Listing, held: &Held) {
    for path in &held.stayed {
        listing.set.extend(old.set.get(path).map(|written| (path.clone(), written.clone())));
    }
    for (path, name) in &held.beside {
        let new = listing.set.remove(path).flatten();
        if let Some(written) = old.set.get(path) {
            listing.set.insert(path.clone(), written.clone());
        }
        if let Some(single) = listing.singles.remove(path) {
            listing.singles.insert(name.clone(), single);
        } else {
            listing.set.insert(name.clone(), new);
        }
    }
}
