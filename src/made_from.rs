//! What a set of results was made from, as one hash: from the same, results differ by the day of the run alone.

use std::fmt::Write as _;
use std::path::Path;

use crate::discover::{self, NATIONAL, PREVIOUS, REPORTED, SETTINGS_FILE};
use crate::intake::sha256;
use crate::model::{Round, Submission};
use crate::output::{self, Job};
use crate::previous;
use crate::run::Options;
use crate::write::Output;

/// How a round's results are put in place: as many of the last ones are kept as its settings say.
pub(crate) fn job<'a>(round: &Round, label: &'a str, outputs: &'a [Output]) -> Job<'a> {
    Job { keep: round.kept.unwrap_or(output::KEPT), ..Job::new(label, outputs) }
}

/// The hash of the settings, of what came back (with the day of receipt) and of everything else that is read, and of this program.
pub(crate) fn inputs(dir: &Path, round: &Round, submissions: &[Submission], options: &Options) -> String {
    let mut all = String::new();
    for s in submissions.iter().filter(|s| !s.file.is_empty()) {
        // Writing to a string does not fail.
        let _ = writeln!(all, "{} {} {:?}", s.file, s.sha256, s.received);
    }
    let templates = options.templates.clone().unwrap_or_default();
    let folders = [dir.join(NATIONAL), dir.join(REPORTED), dir.join(PREVIOUS), templates];
    let found = folders.iter().filter(|f| f.is_dir()).flat_map(|f| discover::files_below(f, f).unwrap_or_default());
    let last = previous::last_master(dir, round).map(|f| (f.name, f.path));
    let others =
        found.map(|f| (f.name, f.path)).chain(last).chain([(SETTINGS_FILE.to_string(), dir.join(SETTINGS_FILE))]);
    for (name, path) in others {
        let _ = writeln!(all, "{name} {}", std::fs::read(path).map(|b| sha256(&b)).unwrap_or_default());
    }
    let program = std::env::current_exe().and_then(std::fs::metadata).ok();
    let _ = writeln!(
        all,
        "{:?} {:?}",
        program.as_ref().map(std::fs::Metadata::len),
        program.and_then(|m| m.modified().ok())
    );
    sha256(all.as_bytes())
}
