//! What came back, taken in: several files at a time, none of which stops another.

use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::NaiveDate;
use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;

use super::{Options, alike, workers};
use crate::check;
use crate::consolidate::FileTimes;
use crate::discover::{self, Found};
use crate::forms::Templates;
use crate::intake::{self, Context, Intake, Watch};
use crate::isolate;
use crate::model::{Finding, Form, Round, Submission};
use crate::read::Limits;
use crate::read::explain::Explanation;
use crate::settings;
use crate::unpack;

/// Files taken in.
pub struct Taken {
    /// One for every file, those inside archives included.
    pub submissions: Vec<Submission>,
    /// What is to say about them.
    pub findings: Vec<Finding>,
    /// When each was last changed, by its name.
    pub times: FileTimes,
}

/// Who is to see the files while they are taken in, and what copies of one file become.
#[derive(Clone, Copy, Default)]
struct Manner<'a> {
    watch: Option<&'a Watch<'a>>,
    /// Copies share what is read of one of them, to be settled.
    light: bool,
}

/// Takes in files, several at a time, each with all that is to say about it; the order of the results is the order of the files.
#[must_use]
pub fn take_in(
    found: &[Found],
    forms: &[&Form],
    round: Option<&Round>,
    templates: &Templates,
    options: &Options,
) -> Taken {
    take_in_as(found, forms, round, templates, options, Manner::default())
}

/// As [`take_in`], of files that will be settled: copies of one file share its records.
#[must_use]
pub fn take_in_round(
    found: &[Found],
    forms: &[&Form],
    round: &Round,
    templates: &Templates,
    options: &Options,
) -> Taken {
    take_in_as(found, forms, Some(round), templates, options, Manner { light: true, ..Manner::default() })
}

fn take_in_as(
    found: &[Found],
    forms: &[&Form],
    round: Option<&Round>,
    templates: &Templates,
    options: &Options,
    Manner { watch, light }: Manner<'_>,
) -> Taken {
    let limits = Limits::default();
    let context = Context { templates, round, today: options.today, limits: &limits, legacy: &isolate::open, watch };
    let bar = progress(found.len(), options.quiet);
    workers();
    // Whoever watches wants to see every file.
    let originals = if watch.is_some() { (0..found.len()).collect() } else { alike::originals(found, limits.file) };
    let read = |(n, f): (usize, &Found)| {
        let intakes = if originals.get(n) == Some(&n) { one(f, forms, &context) } else { Vec::new() };
        bar.inc(1);
        intakes
    };
    let mut intakes: Vec<Vec<Intake>> = found.par_iter().enumerate().map(read).collect();
    for (n, of) in originals.iter().enumerate().filter(|(n, of)| n != *of) {
        if let (Some(from), Some(to), Some(read)) = (found.get(*of), found.get(n), intakes.get(*of)) {
            let copies = alike::renamed(read, &from.name, &to.name, light);
            intakes[n] = copies;
        }
    }
    bar.finish_and_clear();
    let mut taken = Taken { submissions: Vec::new(), findings: Vec::new(), times: FileTimes::new() };
    for (file, intakes) in found.iter().zip(intakes) {
        for intake in intakes {
            let time = intake.modified.or(file.modified);
            taken.times.extend(time.map(|t| (intake.submission.file.clone(), t)));
            taken.submissions.push(intake.submission);
            taken.findings.extend(intake.findings);
        }
    }
    taken
}

/// What the records of each file say together, for files that are checked on their own.
#[must_use]
pub fn together(taken: &Taken, round: Option<&Round>, templates: &Templates, today: NaiveDate) -> Vec<Finding> {
    let mut findings = Vec::new();
    for s in taken.submissions.iter().filter(|s| s.state == crate::model::State::Accepted) {
        let Some(form) = s.form.as_ref().and_then(|id| templates.forms.get(id)) else { continue };
        let stand_in = match round {
            Some(_) => None,
            None => Some(settings::stand_in(templates, form, today, s.division.as_deref())),
        };
        let Some(round) = round.or(stand_in.as_ref()) else { continue };
        findings.extend(check::within(form, s, &check::Context { templates, round, today }));
    }
    findings
}

/// As [`take_in`], with what every cell of the files was taken for, by path; files that cannot be opened are not among them
/// (their findings say why).
#[must_use]
pub fn take_in_explained<'a>(
    found: &[Found],
    forms: &[&'a Form],
    round: Option<&Round>,
    templates: &Templates,
    options: &Options,
) -> (Taken, Vec<(String, Explanation<'a>)>) {
    let (taken, mut explained) = intake::explaining(forms, |watch| {
        take_in_as(found, forms, round, templates, options, Manner { watch: Some(watch), light: false })
    });
    let by_path = taken.submissions.iter().filter_map(|s| explained.remove_entry(&s.file)).collect();
    (taken, by_path)
}

fn one(found: &Found, forms: &[&Form], context: &Context<'_>) -> Vec<Intake> {
    // A file past the limit is not read into memory; its refusal is told from its size.
    match discover::up_to(found, context.limits.file) {
        // Whatever goes wrong inside, the other files are read.
        Ok(bytes) => catch_unwind(AssertUnwindSafe(|| unpack::files(&bytes, found.size, &found.name, forms, context)))
            .unwrap_or_else(|_| vec![unpack::not_given(&found.name, "プログラムの内部の誤りです", context)]),
        Err(why) => vec![unpack::not_read_whole(found, &why, context)],
    }
}

fn progress(files: usize, quiet: bool) -> ProgressBar {
    use std::io::IsTerminal;
    if quiet || files < 8 || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(files as u64);
    if let Ok(style) = ProgressStyle::with_template("読み取り中 {bar:30} {pos}/{len} 件") {
        bar.set_style(style);
    }
    bar
}
