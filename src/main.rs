//! The binary: asks the clock once, and leaves the rest to the library.
#![forbid(unsafe_code)]

use std::panic::{catch_unwind, set_hook};
use std::process::ExitCode;
use std::sync::Mutex;

/// What the last panic said. One that a reader catches is a finding about a file and prints nothing.
static LAST: Mutex<String> = Mutex::new(String::new());

fn main() -> ExitCode {
    if let Some(code) = torimatome::cli::under_a_limit() {
        return code;
    }
    set_hook(Box::new(|info| {
        if let Ok(mut last) = LAST.lock() {
            *last = info.to_string();
        }
    }));
    if let Ok(program) = std::env::current_exe() {
        torimatome::isolate::enable(program);
    }
    catch_unwind(|| torimatome::cli::run(torimatome::discover::in_japan(chrono::Utc::now()).date())).unwrap_or_else(
        |_| {
            let last = LAST.lock().map(|l| l.clone()).unwrap_or_default();
            // Libraries start threads of their own, and know no other way to say that there is none.
            if last.contains("failed to spawn thread") {
                return torimatome::cli::out_of_memory();
            }
            eprintln!(
                "プログラムの内部の誤りで止まりました。届いたファイルには何も書き込んでいません。次の文を開発元に知らせてください。\n  {last}"
            );
            torimatome::cli::keep_open(&std::env::args_os().collect::<Vec<_>>());
            ExitCode::from(2)
        },
    )
}
