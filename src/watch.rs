//! `watch`: when to bring together again. What is seen in a round's folder is compared with what the last run was made of, and a
//! run starts once nothing of it changes any more.
//!
//! The folder is looked at again and again, because shares tell nobody of a change. Nothing here waits or knows the time: each look comes with
//! its own, so that the whole can be played through in a test.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use chrono::{NaiveDate, NaiveDateTime};

use crate::discover::{self, Found, ISSUED, NATIONAL, PREVIOUS, REPORTED, RESULTS, SETTINGS_FILE};
use crate::edited;
use crate::error::Error;
use crate::lock::LOCK;

/// How a file looks from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Its size.
    pub size: u64,
    /// When it was changed last.
    pub modified: Option<NaiveDateTime>,
}

/// What one look sees.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Every file that a run reads, by its path.
    pub files: BTreeMap<String, Stamp>,
    /// Files beside which a program says that it has them open.
    pub open: BTreeSet<String>,
}

/// How long is waited for what.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// A file that looks the same for so long is whole.
    pub settle: Duration,
    /// A file that is open is waited for so long after it was saved.
    pub hold: Duration,
    /// A file that is not whole for so long is told.
    pub tell: Duration,
    /// What is whole waits so long for what is not.
    pub patience: Duration,
}

impl Times {
    /// The usual ones.
    pub const USUAL: Self = Self {
        settle: Duration::from_secs(2),
        hold: Duration::from_mins(1),
        tell: Duration::from_secs(10),
        patience: Duration::from_mins(1),
    };
}

/// Something to be said while nothing runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A file goes on changing.
    Copying(String),
    /// A file is open somewhere.
    Open(String),
    /// A file has been open for so long that it is read as it stands.
    LeftOpen(String),
}

/// What has changed since the last run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Files that were not there, as they stand.
    pub arrived: Vec<String>,
    /// Files that are other ones.
    pub changed: Vec<String>,
    /// Files that are gone.
    pub removed: Vec<String>,
    /// How each of them looks now.
    stamps: BTreeMap<String, Option<Stamp>>,
    /// The day, where it is another one than that of the last run.
    pub day: Option<NaiveDate>,
}

impl Changes {
    /// Whether nothing has changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.stamps.is_empty() && self.day.is_none()
    }
}

/// What follows from a look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tick {
    /// What is to be said.
    pub notices: Vec<Notice>,
    /// What is to be brought together now.
    pub run: Option<Changes>,
    /// Whether something is waited for, so that the next look should come soon.
    pub pending: bool,
}

/// A difference that is not brought together yet.
#[derive(Clone, Debug)]
struct Pending {
    stamp: Option<Stamp>,
    /// Since when it looks like this, and since when it differs.
    same_since: Duration,
    since: Duration,
    told: bool,
}

/// Remembers what the last run was made of.
#[derive(Clone, Debug)]
pub struct Watcher {
    times: Times,
    last: BTreeMap<String, Stamp>,
    day: NaiveDate,
    pending: BTreeMap<String, Pending>,
    /// Files whose program never said that it closed them.
    left_open: BTreeSet<String>,
}

impl Watcher {
    /// After a first run on a day, made of what was seen before it.
    #[must_use]
    pub fn new(times: Times, seen: &Seen, day: NaiveDate) -> Self {
        let (pending, left_open) = (BTreeMap::new(), BTreeSet::new());
        Self { times, last: seen.files.clone(), day, pending, left_open }
    }

    /// A look at some time (any clock that only goes forward), on a day.
    pub fn look(&mut self, seen: &Seen, now: Duration, day: NaiveDate) -> Tick {
        self.left_open.retain(|name| seen.open.contains(name));
        self.note(seen, now);
        let mut tick = Tick { pending: !self.pending.is_empty(), ..Tick::default() };
        let mut ready = Vec::new();
        let mut patient = true;
        for (name, p) in &mut self.pending {
            let still = now.saturating_sub(p.same_since);
            let waits = now.saturating_sub(p.since);
            patient &= waits < self.times.patience;
            let open = seen.open.contains(name) && !self.left_open.contains(name);
            let notice = match () {
                () if still < self.times.settle => {
                    (waits >= self.times.tell && !p.told).then(|| Notice::Copying(name.clone()))
                }
                () if open && still < self.times.hold => (!p.told).then(|| Notice::Open(name.clone())),
                () => {
                    ready.push(name.clone());
                    open.then(|| {
                        self.left_open.insert(name.clone());
                        Notice::LeftOpen(name.clone())
                    })
                }
            };
            p.told |= notice.is_some();
            tick.notices.extend(notice);
        }
        let all = ready.len() == self.pending.len();
        let other_day = Some(day).filter(|d| *d != self.day);
        // Half of what is being copied is not told as a set of its own, unless the rest takes too long.
        if all && (!ready.is_empty() || other_day.is_some()) || !ready.is_empty() && !patient {
            tick.run = Some(self.changes(&ready, other_day));
        }
        tick
    }

    /// Keeps since when each difference stands.
    fn note(&mut self, seen: &Seen, now: Duration) {
        let names: BTreeSet<&String> = self.last.keys().chain(seen.files.keys()).collect();
        let differs = |name: &String| self.last.get(name) != seen.files.get(name);
        let differing: BTreeSet<String> = names.into_iter().filter(|n| differs(n)).cloned().collect();
        self.pending.retain(|name, _| differing.contains(name));
        for name in differing {
            let stamp = seen.files.get(&name).copied();
            let p = self.pending.entry(name).or_insert(Pending { stamp, same_since: now, since: now, told: false });
            if p.stamp != stamp {
                (p.stamp, p.same_since) = (stamp, now);
            }
        }
    }

    fn changes(&self, ready: &[String], day: Option<NaiveDate>) -> Changes {
        let mut changes = Changes { day, ..Changes::default() };
        for name in ready {
            let Some(p) = self.pending.get(name) else { continue };
            let list = match (self.last.contains_key(name), p.stamp) {
                (false, _) => &mut changes.arrived,
                (true, Some(_)) => &mut changes.changed,
                (true, None) => &mut changes.removed,
            };
            list.push(name.clone());
            changes.stamps.insert(name.clone(), p.stamp);
        }
        changes
    }

    /// These changes are brought together. What has changed in the meantime is seen by the next look.
    pub fn done(&mut self, changes: &Changes) {
        for (name, stamp) in &changes.stamps {
            match stamp {
                Some(stamp) => self.last.insert(name.clone(), *stamp),
                None => self.last.remove(name),
            };
            self.pending.remove(name);
        }
        self.day = changes.day.unwrap_or(self.day);
    }
}

/// Before the names of the files of a `--templates` folder.
pub const TEMPLATES: &str = "定義";

/// Looks at everything that a run reads, and at nothing that it writes.
///
/// # Errors
/// When the folder cannot be listed: a share that is away for a moment has not lost its files.
pub fn look(round: &Path, templates: Option<&Path>) -> Result<Seen, Error> {
    let mut seen = Seen::default();
    discover::returned(round)?.iter().for_each(|f| seen.add(f, ""));
    for folder in [NATIONAL, PREVIOUS, REPORTED].map(|name| round.join(name)).iter().filter(|f| f.is_dir()) {
        discover::files_below(round, folder)?.iter().for_each(|f| seen.add(f, ""));
    }
    let settings = round.join(SETTINGS_FILE);
    if settings.is_file() {
        seen.add(&discover::one(round, &settings), "");
    }
    if edited::beside(round).is_some() {
        seen.open.insert(SETTINGS_FILE.to_string());
    }
    if let Some(templates) = templates {
        let own = [RESULTS, ISSUED].map(|name| round.join(name));
        let written = |path: &Path| {
            let locked = path.strip_prefix(round).is_ok_and(|p| p.to_string_lossy().starts_with(LOCK));
            locked || own.iter().any(|folder| path.starts_with(folder))
        };
        let found = discover::files_below(templates, templates)?;
        found.iter().filter(|f| !written(&f.path)).for_each(|f| seen.add(f, &format!("{TEMPLATES}/")));
    }
    Ok(seen)
}

impl Seen {
    fn add(&mut self, found: &Found, before: &str) {
        let (folder, name) = found.name.rsplit_once('/').map_or(("", found.name.as_str()), |(f, n)| (f, n));
        let path = |name: &str| if folder.is_empty() { name.to_string() } else { format!("{folder}/{name}") };
        if let Some(of) = open_file(name) {
            self.open.insert(format!("{before}{}", path(of)));
        } else if !is_passing(name) {
            let stamp = Stamp { size: found.size, modified: found.modified };
            self.files.insert(format!("{before}{}", found.name), stamp);
        }
    }
}

/// The file that a program has open while one of this name stands beside it.
fn open_file(name: &str) -> Option<&str> {
    let libre = || name.strip_prefix(".~lock.")?.strip_suffix('#');
    name.strip_prefix("~$").or_else(libre)
}

/// Files that programs make for a moment, or for themselves.
fn is_passing(name: &str) -> bool {
    const SYSTEM: [&str; 2] = ["thumbs.db", "desktop.ini"];
    const HALF: [&str; 4] = [".tmp", ".part", ".partial", ".crdownload"];
    let name = name.to_lowercase();
    name.starts_with('.') || SYSTEM.contains(&name.as_str()) || HALF.iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests;
