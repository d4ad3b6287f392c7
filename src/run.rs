//! The main command, from the folder of a round to everything in 結果/. This one file knows every stage.
//!
//! discover → read → normalise → check → consolidate → write. Work on many files runs in parallel here, in `run/` and in [`send_back`], and nowhere below.

mod alike;
mod of_round;
mod publishing;
mod surveying;
mod taking;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::NaiveDate;
use rayon::prelude::*;

use crate::check;
use crate::consolidate::{self, FileTimes, Rules, handed_over};
use crate::discover::{self, Found, RESULTS};
use crate::error::Error;
use crate::fill;
use crate::forms::Templates;
use crate::isolate;
use crate::made_from;
use crate::model::ledger::Ledger;
use crate::model::{Finding, Form, Item, Round, Submission};
use crate::national::{Done, Filler, Filling};
use crate::output::{self, Job, Placed};
use crate::previous;
use crate::read::{Limits, Opener};
use crate::send_back;
use crate::sent::{self, SentFile};
use crate::settings;
use crate::timings::{self, Stage};
use crate::together;
use crate::unpack;
use crate::write::{self, Output, WriteError};
pub use of_round::{OfRound, Settings, definitions, read_settings, round};
pub use publishing::{Publishing, publish};
pub use surveying::{Surveyed, survey};
pub use taking::{Taken, take_in, take_in_explained, take_in_round, together};

/// What every command is given.
#[derive(Clone, Debug)]
pub struct Options {
    /// The day of the run.
    pub today: NaiveDate,
    /// Folder of the user's own definitions.
    pub templates: Option<PathBuf>,
    /// No progress bar, no text.
    pub quiet: bool,
    /// The settings, where they were read already.
    pub settings: Option<Arc<Settings>>,
}

/// What the main command, or `brief`, did.
pub struct Outcome {
    /// Everything that was brought together.
    pub ledger: Ledger,
    /// What was written below 結果/.
    pub outputs: Vec<Output>,
    /// How it was put in place.
    pub placed: Placed,
}

/// How many there are; none of what could not be made.
fn count_of(outputs: &Result<Vec<Output>, WriteError>) -> usize {
    outputs.as_ref().map_or(0, Vec::len)
}

fn not_made(e: &WriteError) -> Error {
    Error::new(format!("取りまとめを作れませんでした（{e}）。"), "この文をDX担当の引継ぎ先か開発元に知らせてください。")
}

/// Why a run ended without figures.
#[derive(Debug)]
pub enum Stop {
    /// Something could not be done.
    Error(Error),
    /// The settings have errors: all of them.
    Settings(Box<Round>, Vec<Finding>),
}

impl From<Error> for Stop {
    fn from(e: Error) -> Self {
        Self::Error(e)
    }
}

/// Consolidates a round: reads what came back, checks it, brings it together, writes 結果/.
///
/// # Errors
/// When the folder is no round, the settings have errors, or the results cannot be written. The last results stay whole.
pub fn consolidate(dir: &Path, templates: &Templates, options: &Options) -> Result<Outcome, Stop> {
    consolidate_with(dir, templates, options, &|p| p.fill())
}

/// As [`consolidate`], with what writes into the ministry's workbooks.
///
/// # Errors
/// As [`consolidate`], and when a filled workbook does not hold what it must: then nothing is published.
pub fn consolidate_with(
    dir: &Path,
    templates: &Templates,
    options: &Options,
    filler: Filler<'_>,
) -> Result<Outcome, Stop> {
    let results = dir.join(RESULTS);
    if results.is_dir() {
        output::finish(&results)?;
    }
    let (ledger, outputs) = made(dir, templates, options, filler).map_err(|stop| match stop {
        Stop::Error(e) => output::with_standing(&results, e).into(),
        stop @ Stop::Settings(..) => stop,
    })?;
    let inputs = made_from::inputs(dir, &ledger.round, &ledger.submissions, options);
    let label = as_of_label(&ledger.round, options.today);
    let job = Job { inputs: Some(&inputs), by_round: true, ..made_from::job(&ledger.round, &label, &outputs) };
    let placed = timings::of(Stage::Place, |_| outputs.len(), || output::place_as(&results, &job))?;
    Ok(Outcome { ledger, outputs, placed })
}

/// The ledger, and everything that is written from it.
fn made(
    dir: &Path,
    templates: &Templates,
    options: &Options,
    filler: Filler<'_>,
) -> Result<(Ledger, Vec<Output>), Stop> {
    let (ledger, filled) = everything(dir, templates, options, filler)?;
    let master = || {
        let mut outputs = vec![write::master(&ledger, templates)?];
        fill::tidy(&mut outputs);
        Ok(outputs)
    };
    let made =
        |stage, items: usize, what: &dyn Fn() -> Result<Vec<Output>, WriteError>| timings::of(stage, |_| items, what);
    let counts =
        (ledger.items.len(), ledger.items.iter().filter_map(|i| i.record.as_ref()).map(|r| r.fields.len()).sum());
    workers();
    // None of the three needs another; their order in the set is that of the lines here.
    let (master, (tables, returns)) = rayon::join(
        || made(Stage::Master, counts.0, &master),
        || {
            rayon::join(
                || made(Stage::Data, counts.1, &|| write::tables(&ledger, templates)),
                || timings::of(Stage::Returns, count_of, || send_back::outputs(dir, &ledger, templates)),
            )
        },
    );
    let mut outputs = master.map_err(|e| not_made(&e))?;
    outputs.extend(tables.map_err(|e| not_made(&e))?);
    outputs.extend(filled);
    outputs.extend(returns.map_err(|e| not_made(&e))?);
    Ok((ledger, outputs))
}

/// Writes the papers of the next headquarters meeting into 結果/; the other results stay as they are.
///
/// # Errors
/// When the folder is no round, the settings have errors, or the document cannot be written.
pub fn brief(dir: &Path, templates: &Templates, options: &Options) -> Result<Outcome, Stop> {
    let ledger = bring_together(dir, templates, options)?;
    let outputs = vec![write::brief(&ledger, templates).map_err(|e| not_made(&e))?];
    let inputs = made_from::inputs(dir, &ledger.round, &ledger.submissions, options);
    let label = as_of_label(&ledger.round, options.today);
    let job = Job { inputs: Some(&inputs), whole: false, ..made_from::job(&ledger.round, &label, &outputs) };
    let placed = output::place_as(&dir.join(RESULTS), &job)?;
    Ok(Outcome { ledger, outputs, placed })
}

/// Everything but the writing; what `status` shows.
///
/// # Errors
/// When the folder is no round or the settings have errors.
pub fn bring_together(dir: &Path, templates: &Templates, options: &Options) -> Result<Ledger, Stop> {
    Ok(with_national(dir, templates, options)?.0)
}

/// As [`bring_together`], with the ministry's workbooks as they would be filled.
///
/// # Errors
/// As [`bring_together`].
pub fn with_national(dir: &Path, templates: &Templates, options: &Options) -> Result<(Ledger, Vec<Output>), Stop> {
    everything(dir, templates, options, &|p| p.fill())
}

/// The ledger, and the ministry's workbooks filled from it.
fn everything(
    dir: &Path,
    templates: &Templates,
    options: &Options,
    filler: Filler<'_>,
) -> Result<(Ledger, Vec<Output>), Stop> {
    let mut round = round(dir, templates, options)?;
    let before = previous::earlier(dir, &round)?;
    let known = previous::Known::of(&before.rounds, templates);
    round.known.clone_from(&known.told);
    round.renewed.clone_from(&known.renewed);
    let forms: Vec<&Form> = templates.asked().filter(|f| round.forms.contains_key(&f.id)).collect();
    let found = discover::returned(dir)?;
    let Taken { submissions, findings, times } = take_in_round(&found, &forms, &round, templates, options);
    let settled = || settle((submissions, findings), &times, round, templates, options.today);
    let mut ledger = timings::of(Stage::Check, |l| l.findings.len(), settled);
    let filled = timings::of(
        Stage::Ministry,
        |filled: &Result<Vec<Output>, Error>| filled.as_ref().map_or(0, Vec::len),
        || national(dir, &mut ledger, templates, filler),
    )?;
    reported(dir, &mut ledger, templates)?;
    earlier(before, &known, &mut ledger, templates);
    let idle = check::idle_waivers(&ledger.findings, &ledger.round, ledger.today);
    consolidate::add(&mut ledger, idle);
    Ok((ledger, filled))
}

/// Holds the answers against those of the rounds before; the sheet 前回との差 compares with the last one.
fn earlier(earlier: previous::Earlier, known: &previous::Known, ledger: &mut Ledger, templates: &Templates) {
    let mut findings = earlier.findings;
    if let Some(this) = consolidate::trend::this_round(ledger, templates) {
        ledger.trend = previous::trend(&earlier.rounds, this);
    }
    findings.extend(previous::left_behind(known, &ledger.round, templates));
    findings.extend(check::unchanged(ledger, templates));
    if let Some(last) = earlier.rounds.into_iter().next() {
        findings.extend(check::slips_since(ledger, &last.previous, templates));
        findings.extend(check::back_since(ledger, &last.previous, templates));
        findings.extend(check::out_of_order(ledger, &last.previous, templates));
        ledger.previous = Some(last.previous);
    }
    check::waive(&mut findings, &ledger.round, ledger.today);
    consolidate::add(ledger, findings);
}

/// Compares everything in 報告済み/ with the ledger; what is to say about it is added to it.
fn reported(dir: &Path, ledger: &mut Ledger, templates: &Templates) -> Result<(), Error> {
    let found = discover::reported(dir)?;
    let (mut files, mut unread) = (Vec::new(), Vec::new());
    workers();
    for read in found.par_iter().map(sent_file).collect::<Vec<_>>() {
        match read {
            Ok(file) => files.push(file),
            Err(finding) => unread.push(*finding),
        }
    }
    let (reports, mut findings) = sent::compare(&files, ledger, templates);
    findings.extend(unread);
    ledger.reported = reports;
    check::waive(&mut findings, &ledger.round, ledger.today);
    consolidate::add(ledger, findings);
    Ok(())
}

fn sent_file(found: &Found) -> Result<SentFile, Box<Finding>> {
    let limits = Limits::default();
    let bytes = discover::up_to(found, limits.file).map_err(|why| Box::new(unpack::unread(found, &why)))?;
    let opener = Opener { limits: &limits, passwords: &[], legacy: &isolate::open };
    let book = sent::is_workbook(&found.name).then(|| {
        let opened = Limits::check("file", limits.file, found.size)
            .and_then(|()| opener.open(&bytes, found.name.rsplit('/').next().unwrap_or_default()));
        opened.map(|o| o.workbook)
    });
    Ok(SentFile { name: found.name.clone(), bytes, book })
}

/// Fills every workbook of 国様式/ from the ledger; what is to say about them is added to it.
fn national(dir: &Path, ledger: &mut Ledger, templates: &Templates, filler: Filler<'_>) -> Result<Vec<Output>, Error> {
    let found = discover::national(dir)?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let filling = Filling::new(ledger, templates);
    let mut all: Vec<Done> = Vec::new();
    for file in &found {
        let bytes = match discover::up_to(file, Limits::default().file) {
            Ok(bytes) => bytes,
            Err(why) => {
                all.push(Done { findings: vec![unpack::unread(file, &why)], ..Done::default() });
                continue;
            }
        };
        let done = filling.file(&bytes, file.size, &file.name, filler).map_err(|mismatch| {
            Error::new(
                mismatch.to_string(),
                "何も書き出していません。プログラムの不具合ですので、この文を開発元に知らせてください。",
            )
        })?;
        all.push(done);
    }
    drop(filling);
    let mut findings = Vec::new();
    let mut outputs = Vec::new();
    for done in all {
        findings.extend(done.findings);
        ledger.reconciliation.extend(done.check);
        outputs.extend(done.output);
    }
    check::waive(&mut findings, &ledger.round, ledger.today);
    consolidate::add(ledger, findings);
    Ok(outputs)
}

/// Files that were taken in, and their findings, to one ledger. Pure: the order of the files does not matter.
#[must_use]
pub fn settle(
    (mut files, mut findings): (Vec<Submission>, Vec<Finding>),
    times: &FileTimes,
    mut round: Round,
    templates: &Templates,
    today: NaiveDate,
) -> Ledger {
    let forms: Vec<&Form> = templates.asked().filter(|f| round.forms.contains_key(&f.id)).collect();
    let business = |a, b| check::business_days(a, b, &round.holidays);
    let settled = consolidate::settle(&mut files, &mut findings, &round, &forms, templates, times, today, &business);
    let checks = check::Context { templates, round: &round, today };
    let own = together::checks(&files, &settled, &forms, &checks, &mut findings);
    // What a replaced version said wrong is no longer anybody's task.
    let mut findings = together::standing(findings, &files, &settled.replaced);
    findings.extend(own);
    let answered = |form: &Form, item: &Item| {
        let (replies, rules) =
            (handed_over::replies(form, &settled.replies), Rules::new(form, &templates.lists, &round));
        handed_over::record(item, &replies, &rules).is_some_and(|r| rules.says(r))
    };
    handed_over::rows(&mut findings, &together::MISSING, (&forms, &round), &answered);
    findings.extend(settled.findings);
    findings.extend(round.remarks.iter().cloned());
    let replies: Vec<&Submission> = settled.replies.iter().collect();
    consolidate::gather(&mut round, &forms, &replies);
    settings::keys::named_items(&mut round, templates);
    findings.extend(settings::unknown_items(&round, templates));
    let checks = check::Context { templates, round: &round, today };
    findings.extend(check::across(&forms, &replies, &checks));
    check::waive(&mut findings, &round, today);
    let mut ledger = consolidate::ledger(templates, round, today, (files, &settled.replies), findings);
    ledger.revisions = settled.revisions;
    ledger
}

/// Starts the threads that files are read in. Where the machine gives none, all is done in this one.
fn workers() {
    // Where they were started before there is nothing to do.
    if rayon::ThreadPoolBuilder::new().build_global().is_err() {
        let _ = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build_global();
    }
}

/// The name under which results are kept: the latest as-of date of the round.
pub(crate) fn as_of_label(round: &Round, today: NaiveDate) -> String {
    round.forms.values().map(|f| f.as_of).max().unwrap_or(today).to_string()
}
