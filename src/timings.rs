//! How long each stage of a run took, for `--timings`. Nothing is measured unless it was asked for, and nothing that is written
//! depends on it.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// A stage of the main command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Reading the settings and the definitions.
    Settings,
    /// Opening files: bytes to grids.
    Read,
    /// Finding and understanding answers.
    Understand,
    /// Checking each reply, and all together.
    Check,
    /// Filling the ministry's workbooks, with their proof.
    Ministry,
    /// Drawing the master.
    Master,
    /// Writing the long tables.
    Data,
    /// Returns and marked copies.
    Returns,
    /// Putting the results in place.
    Place,
}

impl Stage {
    const ALL: [Self; 9] = [
        Self::Settings,
        Self::Read,
        Self::Understand,
        Self::Check,
        Self::Ministry,
        Self::Master,
        Self::Data,
        Self::Returns,
        Self::Place,
    ];

    /// Its name, as the table prints it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Read => "read",
            Self::Understand => "understand",
            Self::Check => "check",
            Self::Ministry => "ministry",
            Self::Master => "master",
            Self::Data => "data",
            Self::Returns => "returns",
            Self::Place => "place",
        }
    }

    /// What its items are.
    const fn items(self) -> &'static str {
        match self {
            Self::Settings | Self::Ministry => "workbooks",
            Self::Read => "files",
            Self::Understand => "replies",
            Self::Check => "findings",
            Self::Master => "items",
            Self::Data => "answers",
            Self::Returns | Self::Place => "outputs",
        }
    }
}

#[derive(Default)]
struct Spent {
    nanos: AtomicU64,
    items: AtomicU64,
    /// Peak memory of the program when the stage ended last, in KiB.
    peak: AtomicU64,
}

struct Clock {
    start: Instant,
    spent: [Spent; Stage::ALL.len()],
}

static CLOCK: OnceLock<Clock> = OnceLock::new();

/// Starts to measure.
pub fn start() {
    CLOCK.get_or_init(|| Clock { start: Instant::now(), spent: Default::default() });
}

/// Does something as a part of a stage; `items` says how many things it was about.
pub fn of<T>(stage: Stage, items: impl FnOnce(&T) -> usize, what: impl FnOnce() -> T) -> T {
    let Some(clock) = CLOCK.get() else { return what() };
    let from = Instant::now();
    let done = what();
    if let Some(spent) = clock.spent.get(stage as usize) {
        spent.nanos.fetch_add(u64::try_from(from.elapsed().as_nanos()).unwrap_or(u64::MAX), Relaxed);
        spent.items.fetch_add(items(&done) as u64, Relaxed);
        spent.peak.fetch_max(peak(), Relaxed);
    }
    done
}

/// The table, where it was asked for: seconds of a stage are added up over all threads, memory is the peak of the program until
/// the stage ended.
#[must_use]
pub fn table() -> Option<String> {
    let clock = CLOCK.get()?;
    let seconds = |nanos: u64| Duration::from_nanos(nanos).as_secs_f64();
    let mut lines = vec![format!("{:<11}{:>10}{:>10} {:<10}{:>9}", "stage", "seconds", "items", "", "peak MiB")];
    for (stage, spent) in Stage::ALL.into_iter().zip(&clock.spent) {
        let (nanos, items, peak) = (spent.nanos.load(Relaxed), spent.items.load(Relaxed), spent.peak.load(Relaxed));
        let peak = if peak == 0 { "-".to_string() } else { (peak / 1024).to_string() };
        lines.push(format!("{:<11}{:>10.3}{items:>10} {:<10}{peak:>9}", stage.name(), seconds(nanos), stage.items()));
    }
    lines.push(format!("{:<11}{:>10.3}", "wall", clock.start.elapsed().as_secs_f64()));
    Some(lines.join("\n") + "\n")
}

/// Peak memory of the program so far in KiB; 0 where the system does not say.
#[cfg(target_os = "linux")]
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.and_then(|l| l.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

/// As above.
#[cfg(not(target_os = "linux"))]
const fn peak() -> u64 {
    0
}
