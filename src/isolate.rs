//! Reads .xls, .xlsb and .ods in a process of their own: this program again, under a limit of memory and of time.
//!
//! The parsers of these formats were never made for hostile input. A panic can be caught, an allocation that fails or a
//! loop without end cannot; here they end the child, and the file is damaged. The clock holds everywhere. The limit of memory
//! is the system's: Linux keeps it, macOS takes it without keeping it, Windows knows none; there the checks before the parser
//! bound the memory, and an allocation past what the machine has ends the child alone. Where the child cannot be started, the
//! checks before the parser stand alone. Command-line layer: nothing below knows.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::read::{LegacyKind, Limits, Opened, Refusal, legacy, wire};

/// The hidden command of the child; a word for the kind of file follows, and its [`Bounds`] in bytes and milliseconds.
pub const COMMAND: &str = "__read";

/// A variable of the environment with other [`Bounds`] for the children, `BYTES,MILLISECONDS`: for tests that want to see a
/// child ended by its limit. Bounds are only ever lowered.
pub const BOUNDS: &str = "TORIMATOME_READ_BOUNDS";

/// What a child may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes of address space.
    pub memory: u64,
    /// Time until it is ended.
    pub time: Duration,
}

impl Default for Bounds {
    /// What the program promises: 1 GiB, 10 seconds.
    fn default() -> Self {
        Self { memory: 1 << 30, time: Duration::from_secs(10) }
    }
}

impl Bounds {
    /// Bounds from their words, at most the promised ones; `None` when they are no numbers.
    #[must_use]
    pub fn of(memory: &str, milliseconds: &str) -> Option<Self> {
        let most = Self::default();
        let time = Duration::from_millis(milliseconds.parse().ok()?);
        Some(Self { memory: memory.parse::<u64>().ok()?.min(most.memory), time: time.min(most.time) })
    }

    fn words(self) -> [String; 2] {
        [self.memory.to_string(), self.time.as_millis().to_string()]
    }
}

static PROGRAM: OnceLock<(PathBuf, Bounds)> = OnceLock::new();

/// Says which program is to be started as the child: this one. Until it is said, files are read in this process.
pub fn enable(program: PathBuf) {
    let lower = std::env::var(BOUNDS).ok();
    let bounds = lower.and_then(|words| words.split_once(',').and_then(|(m, t)| Bounds::of(m, t)));
    // A second call changes nothing.
    let _ = PROGRAM.set((program, bounds.unwrap_or_default()));
}

/// Reads a workbook in a process of its own, where that is possible; a [`crate::read::LegacyReader`].
///
/// # Errors
/// As [`legacy::open`]; [`Refusal::Damaged`] also when the child was stopped by a limit.
pub fn open(bytes: &[u8], kind: LegacyKind, limits: &Limits) -> Result<Opened, Refusal> {
    match PROGRAM.get() {
        Some((program, bounds)) => open_within(program, *bounds, bytes, kind, limits),
        None => legacy::open(bytes, kind, limits),
    }
}

/// The same with a named program and other bounds.
///
/// # Errors
/// As [`open`].
pub fn open_within(
    program: &Path,
    bounds: Bounds,
    bytes: &[u8],
    kind: LegacyKind,
    limits: &Limits,
) -> Result<Opened, Refusal> {
    // The child knows the promised limits and no others.
    let child = if *limits == Limits::default() { start(program, kind, bounds).ok() } else { None };
    let answer = child.map(|child| ask(child, bytes, bounds.time));
    match answer {
        // Where this process has less than the child was promised, that it ran out of it says nothing about the file.
        Some(answer) if answer != Err(stopped("memory")) || !is_short(bounds) => answer,
        _ => legacy::open(bytes, kind, limits),
    }
}

/// Whether this process may take less memory than a child is promised.
#[cfg(unix)]
fn is_short(bounds: Bounds) -> bool {
    use rustix::process::{Resource, getrlimit};
    getrlimit(Resource::As).current.is_some_and(|most| most < bounds.memory)
}

#[cfg(not(unix))]
fn is_short(_: Bounds) -> bool {
    false
}

fn start(program: &Path, kind: LegacyKind, bounds: Bounds) -> std::io::Result<Child> {
    let mut command = Command::new(program);
    command.args([COMMAND, kind.word()]).args(bounds.words()).stdin(Stdio::piped()).stdout(Stdio::piped());
    // What a dying allocator prints is for nobody.
    command.stderr(Stdio::null());
    if APART.load(Ordering::Relaxed) {
        on_its_own(&mut command);
    }
    command.spawn()
}

/// Whether Ctrl-C is not for the children: the program finishes what it is at, and a file that was cut off by it would be told
/// as one that cannot be read.
static APART: AtomicBool = AtomicBool::new(false);

/// From now on Ctrl-C reaches this process only.
pub fn keep_from_interrupts() {
    APART.store(true, Ordering::Relaxed);
}

#[cfg(unix)]
fn on_its_own(command: &mut Command) {
    std::os::unix::process::CommandExt::process_group(command, 0);
}

#[cfg(windows)]
fn on_its_own(command: &mut Command) {
    /// `CREATE_NEW_PROCESS_GROUP`
    const NEW_GROUP: u32 = 0x200;
    std::os::windows::process::CommandExt::creation_flags(command, NEW_GROUP);
}

#[cfg(not(any(unix, windows)))]
fn on_its_own(_: &mut Command) {}

/// Hands the bytes over and waits for the answer, at most so long.
fn ask(mut child: Child, bytes: &[u8], time: Duration) -> Result<Opened, Refusal> {
    let (input, output) = (child.stdin.take(), child.stdout.take());
    std::thread::scope(|scope| {
        let thread = || std::thread::Builder::new().stack_size(128 * 1024);
        // A child that died does not read to the end.
        let given = thread().spawn_scoped(scope, move || input.map(|mut pipe| pipe.write_all(bytes)));
        let answer = thread().spawn_scoped(scope, move || {
            let mut answer = Vec::new();
            output.map(|mut pipe| pipe.read_to_end(&mut answer));
            answer
        });
        // Where the machine gives no threads, nobody talks to the child; it ends because nothing comes.
        let (Ok(_), Ok(answer)) = (given, answer) else {
            let _ = child.kill();
            let _ = child.wait();
            return Err(stopped("memory"));
        };
        let ended = wait(&mut child, time);
        let answer = answer.join().unwrap_or_default();
        match ended {
            None => Err(stopped("time")),
            Some(status) => wire::decode(&answer).unwrap_or_else(|| Err(stopped(why(status)))),
        }
    })
}

/// How the child ended, when it ended by itself in time; it is gone in any case.
fn wait(child: &mut Child, time: Duration) -> Option<ExitStatus> {
    let until = Instant::now() + time;
    let mut pause = Duration::from_millis(1);
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < until => std::thread::sleep(pause),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                return None;
            }
        }
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

/// What ended a child that gave no answer. An allocation that fails ends it by the signal of `abort`.
#[cfg(unix)]
fn why(status: ExitStatus) -> &'static str {
    use rustix::process::Signal;
    use std::os::unix::process::ExitStatusExt;
    match status.signal() {
        Some(n) if n == Signal::ABORT.as_raw() => "memory",
        Some(n) if n == Signal::XCPU.as_raw() => "time",
        _ => "crash",
    }
}

#[cfg(not(unix))]
fn why(_: ExitStatus) -> &'static str {
    "crash"
}

fn stopped(what: &str) -> Refusal {
    Refusal::Damaged { detail: format!("child stopped: {what}") }
}

/// What the child does: sets its limits, reads a file from standard input, writes what it holds to standard output.
#[must_use]
pub fn child(kind: LegacyKind, bounds: Bounds) -> ExitCode {
    limit(bounds);
    let limits = Limits::default();
    let mut bytes = Vec::new();
    if std::io::stdin().take(limits.file + 1).read_to_end(&mut bytes).is_err() {
        return ExitCode::from(2);
    }
    let answer = wire::encode(&legacy::open(&bytes, kind, &limits));
    ExitCode::from(if std::io::stdout().write_all(&answer).is_ok() { 0 } else { 2 })
}

#[cfg(unix)]
fn limit(bounds: Bounds) {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let to = |limit: u64| Rlimit { current: Some(limit), maximum: Some(limit) };
    // Where a limit cannot be set, the parent's clock and the checks before the parser still hold.
    let _ = setrlimit(Resource::As, to(bounds.memory));
    let _ = setrlimit(Resource::Core, to(0));
    let _ = setrlimit(Resource::Cpu, to(bounds.time.as_secs() + 1));
}

#[cfg(not(unix))]
fn limit(_: Bounds) {}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn play(program: &str, args: &[&str]) -> Child {
        let mut command = Command::new(program);
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        command.spawn().expect(program)
    }

    fn time() -> Duration {
        Bounds::default().time
    }

    #[test]
    fn bounds_are_only_lowered() {
        assert_eq!(Bounds::of("99999999999999", "99999999"), Some(Bounds::default()));
        assert_eq!(Bounds::of("1024", "5"), Some(Bounds { memory: 1024, time: Duration::from_millis(5) }));
        assert_eq!(Bounds::of("much", "5"), None);
        let [memory, time] = Bounds::default().words();
        assert_eq!(Bounds::of(&memory, &time), Some(Bounds::default()));
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
        assert_eq!(ask(play("false", &[]), &vec![0; 1 << 20], time()), Err(stopped("crash")));
        let aborts = play("sh", &["-c", "kill -ABRT $$"]);
        assert_eq!(ask(aborts, &[], time()), Err(stopped("memory")), "as an allocation that fails");
        let refusal = Err(Refusal::Damaged { detail: "x".into() });
        assert_eq!(ask(play("cat", &[]), &wire::encode(&refusal), time()), refusal, "an answer is taken as it comes");
    }
}
