//! Any bytes as the settings workbook: a round comes out, or findings; and the round takes in a reply.
#![no_main]

use std::sync::LazyLock;

use chrono::NaiveDate;
use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use torimatome::forms::Templates;
use torimatome::intake::{self, Context};
use torimatome::model::Form;
use torimatome::settings;
use torimatome_fuzz::{limits, mutate, no_legacy};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| { mutate(data, size, max_size, seed) });

static TEMPLATES: LazyLock<Templates> = LazyLock::new(|| Templates::embedded().expect("sound templates"));

fuzz_target!(|bytes: &[u8]| {
    let limits = limits();
    let today = NaiveDate::from_ymd_opt(2022, 11, 14).expect("a day");
    let ctx = Context { templates: &TEMPLATES, round: None, today, limits: &limits, legacy: &no_legacy, watch: None };
    let forms: Vec<&Form> = TEMPLATES.settings().into_iter().collect();
    let taken = intake::file(bytes, "x.csv", &forms, &ctx);
    let (round, _) = settings::round(&TEMPLATES, &taken.submission);
    let reply = include_bytes!("../corpus/form/reply.csv");
    let ctx = Context { round: Some(&round), ..ctx };
    let asked: Vec<&Form> = TEMPLATES.asked().collect();
    let _ = intake::file(reply, "reply.csv", &asked, &ctx);
});
