//! Any bytes as last year's or this year's national workbook, compared with a sound one.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use torimatome::forms::Templates;
use torimatome::model::Workbook;
use torimatome::read::{Limits, Opener, open};
use torimatome::{drift, national};
use torimatome_fuzz::{limits, mutate, no_legacy};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| { mutate(data, size, max_size, seed) });

static TEMPLATES: LazyLock<Templates> = LazyLock::new(|| Templates::embedded().expect("sound templates"));

static KNOWN: LazyLock<Workbook> = LazyLock::new(|| {
    let bytes = include_bytes!("../../samples/broken/X111I-national-overwritten/国様式/様式.xlsx");
    open(bytes, "x.xlsx", &Limits::default()).expect("a sound workbook").workbook
});

fuzz_target!(|bytes: &[u8]| {
    let limits = limits();
    let Ok(opened) = (Opener { limits: &limits, passwords: &[], legacy: &no_legacy }).open(bytes, "x.csv") else {
        return;
    };
    let book = opened.workbook;
    for (old, new) in [(&book, &*KNOWN), (&*KNOWN, &book), (&book, &book)] {
        let found = drift::compare(old, new);
        let _ = national::drift::against(old, new, &found, &TEMPLATES);
        if std::ptr::eq(old, new) && opened.problems.is_empty() {
            assert!(found.is_empty(), "a workbook differs from itself: {found:?}");
        }
    }
});
