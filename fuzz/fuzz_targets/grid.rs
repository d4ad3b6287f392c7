//! Any bytes as a file that came back: told what it is, opened. The older containers have a target of their own.
#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use torimatome::read::Opener;
use torimatome_fuzz::{limits, mutate, no_legacy, no_panic};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| { mutate(data, size, max_size, seed) });

fuzz_target!(|bytes: &[u8]| {
    let limits = limits();
    let opener = Opener { limits: &limits, passwords: &[], legacy: &no_legacy };
    no_panic(&opener.open(bytes, "x.csv"));
});
