//! The binary: asks the clock once, and leaves the rest to the library.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    torimatome::cli::run(torimatome::discover::in_japan(chrono::Utc::now()).date())
}
