//! One run at a time in a round's folder: who runs there says so in 「.実行中」, and keeps saying so until it is done.
//!
//! The folder may be a network share, where advisory locks cannot be relied upon; so the lock is made of what every share does
//! in one step. It is a folder that holds one file, named after its owner. It is taken by renaming a folder that has its file
//! already, which fails where there is one. It is taken over from a dead owner by renaming that owner's very file: of two that
//! try, one finds it. It is given back by deleting the own file, which takes nobody else's away.

mod holder;

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use crate::error::{Error, io_words};
use crate::moving;
use holder::Holder;

/// The lock; with a run's own number behind it, what that run makes ready beside it.
pub const LOCK: &str = ".実行中";

/// How long a folder that was just made may be held by somebody who looks into it.
const PASSING: Duration = Duration::from_secs(2);

/// What is waited for, and how long.
#[derive(Clone, Copy, Debug)]
struct Times {
    /// How long a run waits for another one.
    wait: Duration,
    /// How often the owner gives a sign of life.
    sign: Duration,
    /// Without a sign for so long an owner on another computer is dead. Longer than a client of a share believes what it saw.
    dead: Duration,
}

impl Times {
    const USUAL: Self =
        Self { wait: Duration::from_secs(15), sign: Duration::from_secs(5), dead: Duration::from_mins(2) };

    /// The usual ones; in a debug build `TORIMATOME_LOCK_TIMES=WAIT,SIGN,DEAD` (milliseconds) gives others, for the tests.
    fn now() -> Self {
        let given = if cfg!(debug_assertions) { std::env::var("TORIMATOME_LOCK_TIMES").ok() } else { None };
        let parts: Vec<u64> = given.iter().flat_map(|t| t.split(',')).filter_map(|n| n.parse().ok()).collect();
        match parts[..] {
            [wait, sign, dead] => Self {
                wait: Duration::from_millis(wait),
                sign: Duration::from_millis(sign),
                dead: Duration::from_millis(dead),
            },
            _ => Self::USUAL,
        }
    }
}

/// The locks that this process holds, by the round's folder: who switches results asks whether it still may.
static HELD: Mutex<Vec<(PathBuf, PathBuf)>> = Mutex::new(Vec::new());

/// The right to write into a round's folder, until it is dropped.
#[derive(Debug)]
pub struct Lock {
    round: PathBuf,
    /// The own file in the lock.
    own: PathBuf,
    sign: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Lock {
    /// Takes the lock of a round, waiting a little where another run has it; `say` is told that it waits.
    ///
    /// # Errors
    /// When the other run does not end in time (with who it is), or the folder cannot be written into.
    pub fn take(round: &Path, what: &str, say: &dyn Fn(&str)) -> Result<Self, Error> {
        Self::take_within(round, what, say, Times::now())
    }

    fn take_within(round: &Path, what: &str, say: &dyn Fn(&str), times: Times) -> Result<Self, Error> {
        let ready = Ready::make(round, what).map_err(|e| not_writable(round, &e))?;
        let started = Instant::now();
        let mut said = false;
        // Who was taking the lock over when it was seen first, and when that was.
        let mut taking: Option<(PathBuf, Instant)> = None;
        loop {
            let stuck = taking.as_ref().filter(|(_, since)| since.elapsed() > times.wait.mul_f32(0.6));
            let attempt = match ready.try_take(times, stuck.map(|(path, _)| path.as_path())) {
                // Somebody looks into what was just made: a virus scanner, a program that copies it away.
                Err(e) if moving::is_held(&e) && started.elapsed() < PASSING => {
                    std::thread::sleep(Duration::from_millis(50));
                    continue;
                }
                attempt => attempt,
            };
            let held = match attempt.map_err(|e| not_writable(round, &e))? {
                Attempt::Taken => return Ok(ready.taken(times)),
                Attempt::Stray => return Err(stray(round)),
                Attempt::Held(held) => held,
                Attempt::Changing(path) => {
                    taking = taking.filter(|(p, _)| *p == path).or(Some((path, Instant::now())));
                    None
                }
            };
            if started.elapsed() >= times.wait {
                return Err(busy(held.as_ref(), times));
            }
            if let Some(held) = held.as_ref().filter(|_| !said && started.elapsed() > Duration::from_millis(300)) {
                say(&format!(
                    "{}が実行中です。二つの実行の結果が混ざらないように、終わるのを待っています（{}秒まで）。",
                    held.words(),
                    times.wait.as_secs()
                ));
                said = true;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Takes the lock where nobody has it and it can be taken; who only reads does not wait.
    #[must_use]
    pub fn try_take(round: &Path, what: &str) -> Option<Self> {
        let times = Times::now();
        let ready = Ready::make(round, what).ok()?;
        matches!(ready.try_take(times, None), Ok(Attempt::Taken)).then(|| ready.taken(times))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.sign.take() {
            drop(stop);
            // It ends by itself; what it did not manage to write does not matter any more.
            let _ = thread.join();
        }
        HELD.lock().unwrap_or_else(PoisonError::into_inner).retain(|(_, own)| *own != self.own);
        // Of a lock that was taken over the own file is gone, and the folder is not empty.
        let _ = fs::remove_file(&self.own);
        let _ = fs::remove_dir(self.round.join(LOCK));
    }
}

/// Whether a lock that this process took for the round of this folder is still its own; where none was taken there is nothing
/// to lose.
///
/// # Errors
/// When another run has taken it over: this one was taken for dead.
pub fn still_own(folder: &Path) -> Result<(), Error> {
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_path_buf());
    let held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
    let lost = held.iter().find(|(round, own)| folder.starts_with(round) && !own.exists());
    let Some((round, _)) = lost else { return Ok(()) };
    let by = owner(&round.join(LOCK)).and_then(|(path, _)| Holder::read(&path));
    let by = by.map_or_else(|| "ほかの実行".to_string(), |h| h.words());
    Err(Error::new(
        format!("この実行は長く止まっていたため、{by}に引き継がれました。何も書いていません。"),
        "その実行が終わってから、もう一度実行してください。",
    ))
}

/// What came of one attempt.
enum Attempt {
    Taken,
    /// By whom, where that could be read.
    Held(Option<Holder>),
    /// This file stands between two owners: who takes over has not yet written into it.
    Changing(PathBuf),
    /// There is something under this name that no run made.
    Stray,
}

/// A lock that is made ready under another name.
struct Ready {
    round: PathBuf,
    /// The folder that becomes the lock.
    folder: PathBuf,
    /// The name of the own file.
    name: String,
    text: String,
    /// The share's clock when the file was written, and how long ago that was.
    written: (SystemTime, Instant),
}

impl Ready {
    fn make(round: &Path, what: &str) -> io::Result<Self> {
        let round = std::path::absolute(round)?;
        let token = holder::token();
        let text = Holder::this(what, &token).text();
        let (folder, name) = (round.join(format!("{LOCK}-{token}")), format!("{token}.txt"));
        fs::create_dir(&folder)?;
        let file = folder.join(&name);
        let written = write(&file, &text).and_then(|()| fs::metadata(&file)?.modified());
        match written {
            Ok(at) => Ok(Self { round, folder, name, text, written: (at, Instant::now()) }),
            Err(e) => {
                let _ = fs::remove_dir_all(&folder);
                Err(e)
            }
        }
    }

    /// `stuck` is a file that has stood between two owners for so long that the second must be dead too.
    fn try_take(&self, times: Times, stuck: Option<&Path>) -> io::Result<Attempt> {
        let lock = self.round.join(LOCK);
        let own = lock.join(&self.name);
        let renamed = fs::rename(&self.folder, &lock);
        // A share may carry a step out and lose the answer: what stands there counts.
        if own.is_file() {
            return Ok(Attempt::Taken);
        }
        let Some((theirs, signed)) = owner(&lock) else {
            // Given back at this moment, or a run was ended while it gave it back. What is not empty stays.
            let _ = fs::remove_dir(&lock);
            return match renamed {
                Err(e) if !lock.exists() && self.folder.is_dir() && refuses(&e) => Err(e),
                _ if lock.exists() && !self.settles(&lock) => Ok(Attempt::Stray),
                _ => Ok(Attempt::Held(None)),
            };
        };
        let holder = Holder::read(&theirs);
        let age = self.age(signed);
        let dead = match &holder {
            Some(holder) => holder.is_alive().map_or(age > times.dead, |alive| !alive),
            None => stuck == Some(theirs.as_path()),
        };
        if !dead {
            return Ok(holder.map_or(Attempt::Changing(theirs), |h| Attempt::Held(Some(h.seen(age)))));
        }
        // Of several that rename this very file, one finds it. Until its own words stand in it, it is nobody's to take; and
        // it is never made anew, should it be gone again.
        if fs::rename(&theirs, &own).is_err() && !own.is_file() {
            return Ok(Attempt::Held(None));
        }
        match sign(&own, &self.text) {
            Ok(()) if own.is_file() => Ok(Attempt::Taken),
            Err(e) if e.kind() != ErrorKind::NotFound => {
                let _ = fs::remove_file(&own);
                Err(e)
            }
            _ => Ok(Attempt::Held(None)),
        }
    }

    /// Whether a lock without an owner gets one, or goes, within a moment.
    fn settles(&self, lock: &Path) -> bool {
        (0..20).any(|_| {
            std::thread::sleep(Duration::from_millis(25));
            !lock.exists() || owner(lock).is_some() || fs::remove_dir(lock).is_ok() || !self.folder.is_dir()
        })
    }

    /// How long ago something was written by the share's clock, whose may be another than ours.
    fn age(&self, signed: SystemTime) -> Duration {
        let now = self.written.0 + self.written.1.elapsed();
        now.duration_since(signed).unwrap_or_default()
    }

    fn taken(self, times: Times) -> Lock {
        let own = self.round.join(LOCK).join(&self.name);
        HELD.lock().unwrap_or_else(PoisonError::into_inner).push((self.round.clone(), own.clone()));
        let (stop, stopped) = channel::<()>();
        let (file, text) = (own.clone(), self.text.clone());
        let signs = move || {
            // Until the other end is dropped. A sign that cannot be written is given the next time.
            while stopped.recv_timeout(times.sign) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                let _ = sign(&file, &text);
            }
        };
        // Without a thread there are no signs: on this computer the process is asked for, elsewhere the time counts from the start.
        let thread = std::thread::Builder::new().stack_size(64 * 1024).spawn(signs).ok();
        self.sweep(times);
        Lock { round: self.round.clone(), own, sign: thread.map(|t| (stop, t)) }
    }

    /// Removes what runs that were killed had made ready.
    fn sweep(&self, times: Times) {
        let prefix = format!("{LOCK}-");
        for entry in fs::read_dir(&self.round).into_iter().flatten().flatten() {
            let ours = entry.file_name().to_str().is_some_and(|n| n.starts_with(&prefix));
            let old = || entry.metadata().and_then(|m| m.modified()).is_ok_and(|t| self.age(t) > times.dead);
            if ours && old() {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }
}

impl Drop for Ready {
    fn drop(&mut self) {
        // Nothing is left of it where it has become the lock.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The file of the owner of a lock, and its last sign of life.
fn owner(lock: &Path) -> Option<(PathBuf, SystemTime)> {
    let files = fs::read_dir(lock).ok()?.flatten().map(|e| e.path());
    let path = files.into_iter().find(|p| p.file_name().and_then(|n| n.to_str()).is_some_and(holder::is_token))?;
    // Opened first: a client of a share asks for the time anew then.
    let signed = fs::File::open(&path).and_then(|f| f.metadata()?.modified()).ok()?;
    Some((path, signed))
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::File::create(path)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all())
}

/// Writes the owner's words (mostly the same once more), only where the file still stands: the share puts its own time on it.
fn sign(path: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create(false).open(path)?;
    file.write_all(text.as_bytes())?;
    file.set_len(text.len() as u64)?;
    file.sync_all()
}

fn refuses(e: &io::Error) -> bool {
    matches!(e.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem | ErrorKind::StorageFull)
        || moving::is_held(e)
}

fn not_writable(round: &Path, e: &io::Error) -> Error {
    let next = match e.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "ディスクの空きを作ってから、もう一度実行してください。",
        _ => "調査回のフォルダに書き込めるかどうか（権限、読み取り専用、共有フォルダへの接続）を確かめてください。",
    };
    Error::new(
        format!(
            "「{}」に書き込めません（{}）。同時に実行されないための印「{LOCK}」を置けないため、始めませんでした。",
            round.display(),
            io_words(e)
        ),
        next,
    )
}

fn stray(round: &Path) -> Error {
    Error::new(
        format!("「{}」に、このプログラムが作ったものではない「{LOCK}」があります。", round.display()),
        "中を確かめて、いらないものであれば消すか名前を変えてから、もう一度実行してください。",
    )
}

fn busy(holder: Option<&Holder>, times: Times) -> Error {
    let (seconds, minutes) = (times.wait.as_secs(), times.dead.as_secs().div_ceil(60));
    let who = holder.map_or_else(|| "ほかの人の実行".to_string(), Holder::words);
    let last = holder.map(Holder::last_sign).unwrap_or_default();
    Error::new(
        format!("{who}が実行中のため、始めませんでした（{seconds}秒待ちました）。{last}"),
        format!(
            "その実行が終わってから、もう一度実行してください。同じ調査回で同時に実行すると、結果が混ざるためです。\
             そのパソコンの電源が切れたなどで止まっているときは、最後の動きから{minutes}分たつと、次の実行が引き継ぎます。"
        ),
    )
}

#[cfg(test)]
mod tests;
