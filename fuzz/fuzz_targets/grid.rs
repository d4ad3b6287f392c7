//! Any bytes as a file that came back: opened, recognised, explained. Limits are small, so that a run is quick; the older
//! containers are left out, because the program reads them in a process of their own.
#![no_main]

use libfuzzer_sys::fuzz_target;
use torimatome::read::{Limits, Opener, Refusal};

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { file: 1 << 20, part: 4 << 20, total: 16 << 20, cells: 20_000, ..Limits::default() };
    let legacy = |_: &[u8], _, _: &Limits| Err(Refusal::Damaged { detail: "left out".into() });
    let opener = Opener { limits: &limits, passwords: &[], legacy: &legacy };
    let opened = opener.open(bytes, "x.csv");
    // A panic that is caught is still a mistake.
    assert!(opened != Err(Refusal::Damaged { detail: "parser panic".into() }));
});
