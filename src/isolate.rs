//! Reads .xls, .xlsb and .ods in a process of their own: this program again, under a limit of memory and of time.
//!
//! The parsers of these formats were never made for hostile input. A panic can be caught, an allocation that fails or a
//! loop without end cannot; here they end the child, and the file is damaged. Where the system knows no limit of memory,
//! or the child cannot be started, the checks before the parser stand alone. Command-line layer: nothing below knows.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::read::{LegacyKind, Limits, Opened, Refusal, legacy, wire};

/// The hidden command of the child; a word for the kind of file follows.
pub const COMMAND: &str = "__read";

/// Bytes of address space a child may have.
#[cfg(unix)]
const MEMORY: u64 = 1 << 30;
/// How long a child may take.
const TIME: Duration = Duration::from_secs(10);

static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// Says which program is to be started as the child: this one. Until it is said, files are read in this process.
pub fn enable(program: PathBuf) {
    // A second call changes nothing.
    let _ = PROGRAM.set(program);
}

/// Reads a workbook in a process of its own, where that is possible; a [`crate::read::LegacyReader`].
///
/// # Errors
/// As [`legacy::open`]; [`Refusal::Damaged`] also when the child was stopped by a limit.
pub fn open(bytes: &[u8], kind: LegacyKind, limits: &Limits) -> Result<Opened, Refusal> {
    // The child knows the promised limits and no others.
    let program = PROGRAM.get().filter(|_| cfg!(unix) && *limits == Limits::default());
    match program.and_then(|p| start(p, kind).ok()) {
        Some(child) => ask(child, bytes, TIME),
        None => legacy::open(bytes, kind, limits),
    }
}

fn start(program: &PathBuf, kind: LegacyKind) -> std::io::Result<Child> {
    let (pipe, none) = (Stdio::piped(), Stdio::null());
    Command::new(program)
        .args([COMMAND, kind.word()])
        .stdin(pipe)
        .stdout(Stdio::piped())
        // What a dying allocator prints is for nobody.
        .stderr(none)
        .spawn()
}

/// Hands the bytes over and waits for the answer, at most so long.
fn ask(mut child: Child, bytes: &[u8], time: Duration) -> Result<Opened, Refusal> {
    let (input, output) = (child.stdin.take(), child.stdout.take());
    std::thread::scope(|scope| {
        // A child that died does not read to the end.
        scope.spawn(move || input.map(|mut pipe| pipe.write_all(bytes)));
        let answer = scope.spawn(move || {
            let mut answer = Vec::new();
            output.map(|mut pipe| pipe.read_to_end(&mut answer));
            answer
        });
        let ended = wait(&mut child, time);
        let answer = answer.join().unwrap_or_default();
        if !ended {
            return Err(stopped("time"));
        }
        wire::decode(&answer).unwrap_or_else(|| Err(stopped("memory")))
    })
}

/// Whether the child ended by itself in time; it is gone in any case.
fn wait(child: &mut Child, time: Duration) -> bool {
    let until = Instant::now() + time;
    let mut pause = Duration::from_millis(1);
    loop {
        match child.try_wait() {
            Ok(Some(_)) => return true,
            Ok(None) if Instant::now() < until => std::thread::sleep(pause),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                return false;
            }
        }
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

fn stopped(what: &str) -> Refusal {
    Refusal::Damaged { detail: format!("child stopped: {what}") }
}

/// What the child does: sets its limits, reads a file from standard input, writes what it holds to standard output.
#[must_use]
pub fn child(kind: LegacyKind) -> ExitCode {
    limit();
    let limits = Limits::default();
    let mut bytes = Vec::new();
    if std::io::stdin().take(limits.file + 1).read_to_end(&mut bytes).is_err() {
        return ExitCode::from(2);
    }
    let answer = wire::encode(&legacy::open(&bytes, kind, &limits));
    ExitCode::from(if std::io::stdout().write_all(&answer).is_ok() { 0 } else { 2 })
}

#[cfg(unix)]
fn limit() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let to = |limit: u64| Rlimit { current: Some(limit), maximum: Some(limit) };
    // Where a limit cannot be set, the parent's clock and the checks before the parser still hold.
    let _ = setrlimit(Resource::As, to(MEMORY));
    let _ = setrlimit(Resource::Core, to(0));
    let _ = setrlimit(Resource::Cpu, to(TIME.as_secs() + 1));
}

#[cfg(not(unix))]
fn limit() {}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn play(program: &str, args: &[&str]) -> Child {
        let mut command = Command::new(program);
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        command.spawn().expect(program)
    }

    #[test]
    fn a_child_that_does_not_end_is_ended() {
        let begun = Instant::now();
        let answer = ask(play("sleep", &["60"]), &vec![0; 1 << 20], Duration::from_millis(200));
        assert_eq!(answer, Err(stopped("time")));
        assert!(begun.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn a_child_that_dies_is_a_damaged_file() {
        assert_eq!(ask(play("false", &[]), &vec![0; 1 << 20], TIME), Err(stopped("memory")));
        let refusal = Err(Refusal::Damaged { detail: "x".into() });
        assert_eq!(ask(play("cat", &[]), &wire::encode(&refusal), TIME), refusal, "an answer is taken as it comes");
    }
}
