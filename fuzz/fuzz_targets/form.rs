//! Any bytes as a file of the sample round, end to end: what it is, its cells, which form, each answer, every check; and the
//! explanation of all its cells. Text is read as CSV, so that a form can be changed cell by cell.
#![no_main]

use std::sync::LazyLock;

use chrono::NaiveDate;
use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use torimatome::forms::Templates;
use torimatome::intake::{self, Context};
use torimatome::model::{Form, Round, State};
use torimatome::{report, settings};
use torimatome_fuzz::{limits, mutate, no_legacy};
use torimatome::unpack;

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| { mutate(data, size, max_size, seed) });

static TEMPLATES: LazyLock<Templates> = LazyLock::new(|| Templates::embedded().expect("sound templates"));

/// The round of a broken sample: two divisions that are asked for everything.
static ROUND: LazyLock<Round> = LazyLock::new(|| {
    let bytes = include_bytes!("../../samples/broken/F002E-not-a-date/調査設定.xlsx");
    let limits = Default::default();
    let ctx = Context { templates: &TEMPLATES, round: None, today: today(), limits: &limits, legacy: &no_legacy, watch: None };
    let forms: Vec<&Form> = TEMPLATES.settings().into_iter().collect();
    let taken = intake::file(bytes, "調査設定.xlsx", &forms, &ctx);
    settings::round(&TEMPLATES, &taken.submission).0
});

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2022, 11, 14).expect("a day")
}

fuzz_target!(|bytes: &[u8]| {
    let limits = limits();
    // Every second length in a round, the others as `check` reads them.
    let round = bytes.len().is_multiple_of(2).then_some(&*ROUND);
    let forms: Vec<&Form> = TEMPLATES.asked().collect();
    let (taken, explained) = intake::explaining(&forms, |watch| {
        let watch = Some(watch);
        let ctx = Context { templates: &TEMPLATES, round, today: today(), limits: &limits, legacy: &no_legacy, watch };
        unpack::files(bytes, bytes.len() as u64, "x.csv", &forms, &ctx)
    });
    assert!(!taken.is_empty());
    for i in &taken {
        assert!(i.submission.state == State::Accepted || !i.submission.reason.is_empty(), "no reason");
        for finding in &i.findings {
            let sentence = TEMPLATES.catalogue.sentence(finding, "", "");
            assert!(!sentence.is_empty(), "{}", finding.code);
        }
    }
    let explained: Vec<_> = explained.into_iter().collect();
    let submissions: Vec<_> = taken.into_iter().map(|i| i.submission).collect();
    let _ = report::explain::text(&explained, &submissions, &TEMPLATES);
});
