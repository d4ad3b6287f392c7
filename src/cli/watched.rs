//! Under a limit of memory (`ulimit -v`) the program runs as its own child, because an allocation that fails ends a process at once:
//! who started it then says so in a sentence. Without such a limit nothing of this happens.

use std::process::ExitCode;

use crate::error::Error;

/// What the child finds in its environment.
#[cfg(target_os = "linux")]
const WATCHED: &str = "TORIMATOME_WATCHED";

/// Runs the whole program in a child where this process is under a limit of memory; `None` where it is to run here.
#[cfg(target_os = "linux")]
#[must_use]
pub fn under_a_limit() -> Option<ExitCode> {
    use rustix::process::{Resource, Signal, getrlimit, set_parent_process_death_signal};
    use std::io::{Read, Write};
    use std::process::{Command, Stdio};

    if std::env::var_os(WATCHED).is_some() {
        // Whoever ends the one ends the other.
        let _ = set_parent_process_death_signal(Some(Signal::KILL));
        return None;
    }
    getrlimit(Resource::As).current?;
    let mut command = Command::new(std::env::current_exe().ok()?);
    command.args(std::env::args_os().skip(1)).env(WATCHED, "1").env("RUST_BACKTRACE", "0").stderr(Stdio::piped());
    // The allocator would reserve room for each thread, of which the limit counts every byte.
    command.env("MALLOC_ARENA_MAX", "1");
    // One that cannot be started cannot be watched either.
    let mut child = command.spawn().ok()?;
    let mut said = Vec::new();
    // What a dying allocator prints is for nobody.
    let _ = child.stderr.take().map(|mut pipe| pipe.read_to_end(&mut said));
    match child.wait().ok().and_then(|status| status.code()) {
        Some(code) => {
            let _ = std::io::stderr().write_all(&said);
            Some(ExitCode::from(u8::try_from(code).unwrap_or(2)))
        }
        None => Some(ended()),
    }
}

/// Only Linux keeps such a limit.
#[cfg(not(target_os = "linux"))]
#[must_use]
pub const fn under_a_limit() -> Option<ExitCode> {
    None
}

/// Says that the memory was too short: a process was ended, or the machine gave no thread.
#[must_use]
pub fn ended() -> ExitCode {
    let error = Error::new(
        "メモリが足りないため、途中で止まりました。",
        "メモリの上限（ulimit -v など）を上げるか、ほかのプログラムを閉じてから、もう一度実行してください。届いたファイルには何も書き込んでいません。",
    );
    let words: Vec<_> = std::env::args_os().collect();
    super::misread(&error, super::args::asks_for_json(&words))
}
