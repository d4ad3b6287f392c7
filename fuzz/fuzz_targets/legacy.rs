//! Any bytes as an .xls, .xlsb or .ods through the passes that stand before the parser. The parser itself is not fuzzed here:
//! the program gives it a process of its own.
#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use torimatome::read::{LegacyKind, legacy};
use torimatome_fuzz::{limits, mutate};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| { mutate(data, size, max_size, seed) });

fuzz_target!(|bytes: &[u8]| {
    let limits = limits();
    let kinds: &[LegacyKind] = match bytes {
        [b'P', b'K', ..] => &[LegacyKind::Xlsb, LegacyKind::Ods],
        _ => &[LegacyKind::Xls],
    };
    for kind in kinds {
        let _ = legacy::look(bytes, *kind, &limits);
    }
});
