//! The loop of `watch`: looks, brings together when something has changed, says a line for each, and stops at Ctrl-C.

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant, SystemTime};

use chrono::{DateTime, NaiveDateTime, Utc};

use super::session::Session;
use crate::discover::{self, RESULTS, SETTINGS_FILE};
use crate::error::Error;
use crate::forms::Words;
use crate::isolate;
use crate::lock::Lock;
use crate::output;
use crate::report::arrivals::{self, Line};
use crate::run::{self, Stop};
use crate::watch::{self, Changes, Seen, Times, Watcher};

/// After so many tries without the lock, the reason is asked for.
const TRIES: u32 = 20;
/// After so long is tried again what could not be done.
const RETRY: Duration = Duration::from_mins(1);

/// How often is looked, and how long is waited for what.
fn times(every: u64) -> (Duration, Times) {
    let usual = (Duration::from_secs(every), Times::USUAL);
    // In a debug build `TORIMATOME_WATCH_TIMES=EVERY,SETTLE` (milliseconds), for the tests.
    let given = if cfg!(debug_assertions) { std::env::var("TORIMATOME_WATCH_TIMES").ok() } else { None };
    let parts: Vec<u64> = given.iter().flat_map(|t| t.split(',')).filter_map(|n| n.parse().ok()).collect();
    match parts[..] {
        [every, settle] => {
            let settle = Duration::from_millis(settle);
            (Duration::from_millis(every), Times { settle, ..Times::USUAL })
        }
        _ => usual,
    }
}

/// What came of one run.
enum Ran {
    Done(Vec<Line>),
    /// Another run has the folder.
    Busy,
    /// The settings are wrong; the last results stand.
    Refused(Line),
    /// It could not be done; the last results stand.
    Failed(Line),
}

/// Watches a round until it is told to stop.
pub(super) fn watch(s: &Session<'_>, dir: &Path, every: u64) -> Result<u8, Stop> {
    if !dir.join(SETTINGS_FILE).is_file() {
        // The sentence of every command for a folder that is no round.
        run::read_settings(dir, &s.templates()?, &s.options)?;
    }
    let templates = s.options.templates.as_deref();
    let seen = watch::look(dir, templates)?;
    let at_work = Arc::new(AtomicBool::new(false));
    let stopped = listen(&at_work)?;
    let (every, times) = times(every);
    let watcher = Watcher::new(times, &seen, s.options.today);
    let soon = times.settle.min(every);
    let watching = Watching { s, dir, watcher, every, soon, at_work, busy: 0, away: false, failed: None };
    Ok(watching.go(&stopped))
}

/// From now on Ctrl-C (and being asked to end) is a message; a second one ends at once.
fn listen(at_work: &Arc<AtomicBool>) -> Result<Receiver<()>, Error> {
    let (stop, stopped) = channel();
    let at_work = Arc::clone(at_work);
    let mut asked = false;
    let heard = move || {
        if asked {
            // What is left of the lock is recognised as a dead run's.
            std::process::exit(1);
        }
        asked = true;
        if at_work.load(Ordering::Relaxed) {
            eprintln!("いまの取りまとめが終わったら止めます（すぐに止めるときは、もう一度 Ctrl+C）。");
        }
        let _ = stop.send(());
    };
    ctrlc::set_handler(heard)
        .map_err(|e| Error::new(format!("見張りを始められません（{e}）。"), "もう一度実行してください。"))?;
    isolate::keep_from_interrupts();
    Ok(stopped)
}

struct Watching<'s, 'f> {
    s: &'s Session<'f>,
    dir: &'s Path,
    watcher: Watcher,
    /// How often is looked; how often while something is waited for.
    every: Duration,
    soon: Duration,
    /// Whether a run is at work.
    at_work: Arc<AtomicBool>,
    /// Tries without the lock.
    busy: u32,
    /// Whether the folder could not be looked at.
    away: bool,
    /// What could not be brought together, though the settings are in order, when that was, and what was said of it.
    failed: Option<(Changes, Instant, String)>,
}

impl Watching<'_, '_> {
    fn go(mut self, stopped: &Receiver<()>) -> u8 {
        let begun = Instant::now();
        let seconds = self.every.as_secs();
        let said = format!("見張りを始めました（{seconds}秒ごと）。止めるときは Ctrl+C を押してください。");
        let mut heard = self.say(&Line::new("started", said));
        let mut owed = Some(Changes::default());
        while heard {
            let mut wait = self.every;
            match owed.take() {
                Some(changes) if !self.settled(&changes, &mut heard) => {
                    // The first run has nothing that would bring it back.
                    owed = Some(changes).filter(|c| c.is_empty() && self.busy > 0);
                    wait = self.soon;
                }
                _ => {
                    let (next, pending) = self.next(begun.elapsed(), &mut heard);
                    wait = if pending { self.soon } else { wait };
                    wait = if next.is_some() && self.busy == 0 { Duration::ZERO } else { wait };
                    owed = next;
                }
            }
            heard = heard && matches!(stopped.recv_timeout(wait), Err(RecvTimeoutError::Timeout));
        }
        self.say(&Line::new("stopped", "見張りを止めました。"));
        0
    }

    /// Brings changes together; whether that is settled, so that nothing more is to be done about them now.
    fn settled(&mut self, changes: &Changes, heard: &mut bool) -> bool {
        match self.run(changes) {
            Ran::Busy => return false,
            Ran::Done(lines) => {
                (self.failed, *heard) = (None, lines.iter().all(|line| self.say(line)));
                self.watcher.done(changes);
            }
            // The settings have to be mended first.
            Ran::Refused(line) => {
                (self.failed, *heard) = (None, self.say(&line));
                self.watcher.done(changes);
            }
            Ran::Failed(line) => {
                let again = self.failed.as_ref().is_some_and(|(.., said)| *said == line.text);
                *heard = again || self.say(&line);
                self.failed = Some((changes.clone(), Instant::now(), line.text));
            }
        }
        true
    }

    /// Looks; gives what is to be brought together now, and whether something is waited for.
    fn next(&mut self, now: Duration, heard: &mut bool) -> (Option<Changes>, bool) {
        let Some(seen) = self.look() else { return (None, false) };
        let today = self.session().options.today;
        let tick = self.watcher.look(&seen, now, today);
        *heard = *heard && tick.notices.iter().all(|n| self.say(&arrivals::notice(n)));
        let Some((changes, at, _)) = &self.failed else { return (tick.run, tick.pending) };
        // What failed is tried again after a while, and at once with anything new.
        let due = at.elapsed() >= RETRY;
        let run = tick.run.or_else(|| changes.is_empty().then(|| changes.clone()));
        (run.filter(|run| due || run != changes), tick.pending)
    }

    /// A look; `None` while the folder cannot be listed, which is said once.
    fn look(&mut self) -> Option<Seen> {
        match watch::look(self.dir, self.s.options.templates.as_deref()) {
            Ok(seen) => {
                if std::mem::take(&mut self.away) {
                    self.say(&Line::new("back", "フォルダを、また読めるようになりました。"));
                }
                Some(seen)
            }
            Err(e) => {
                if !std::mem::replace(&mut self.away, true) {
                    self.say(&Line::new("away", format!("{}読めるようになるまで待ちます。", e.message)));
                }
                None
            }
        }
    }

    /// The session as of now: the day may have changed since it began.
    fn session(&self) -> Session<'_> {
        let s = self.s;
        let mut options = s.options.clone();
        let now = if s.day_given { s.now } else { moment().date() };
        if !s.day_given {
            options.today = now;
        }
        options.quiet = true;
        Session { options, json: s.json, filler: s.filler, now, day_given: s.day_given, own_window: false }
    }

    fn run(&mut self, changes: &Changes) -> Ran {
        let Some(lock) = Lock::try_take(self.dir, "取りまとめ（見張り）") else { return self.busy() };
        self.busy = 0;
        self.at_work.store(true, Ordering::Relaxed);
        // A panic in a library ends a run, not the watch.
        let ran = catch_unwind(AssertUnwindSafe(|| self.consolidate(changes)));
        self.at_work.store(false, Ordering::Relaxed);
        drop(lock);
        match ran {
            Ok(Ok(lines)) => Ran::Done(lines),
            Ok(Err(stop @ Stop::Settings(..))) => Ran::Refused(self.stopped(&stop)),
            Ok(Err(stop)) => Ran::Failed(self.stopped(&stop)),
            Err(_) => Ran::Failed(Line::new(
                "failed",
                "プログラムの内部の誤りで、取りまとめられませんでした。開発元に知らせてください。",
            )),
        }
    }

    /// Somebody else is at work, which is said once; what keeps the lock away for long is said as it is.
    fn busy(&mut self) -> Ran {
        self.busy += 1;
        if self.busy == 1 {
            self.say(&Line::new("waiting", "待っています　ほかの実行が終わるのを待っています"));
        }
        if self.busy.is_multiple_of(TRIES)
            && let Err(e) = Lock::take(self.dir, "取りまとめ（見張り）", &|_| {})
        {
            self.say(&Line::new("waiting", e.to_string().replace('\n', " ")));
        }
        Ran::Busy
    }

    fn consolidate(&self, changes: &Changes) -> Result<Vec<Line>, Stop> {
        let mut session = self.session();
        let of_round = run::definitions(self.dir, session.templates()?, &session.options)?;
        let templates = of_round.templates;
        session.options.settings = of_round.settings;
        session.judge(of_round.judged_on);
        let outcome = run::consolidate_with(self.dir, &templates, &session.options, session.filler)?;
        Ok(arrivals::ran(changes, &outcome.ledger, &templates, &outcome.placed))
    }

    /// Why a run could not be done, in one line.
    fn stopped(&self, stop: &Stop) -> Line {
        let standing = output::standing(&self.dir.join(RESULTS));
        let (message, next) = match stop {
            Stop::Error(e) => (e.message.replace('\n', " "), e.next.replace('\n', " ")),
            Stop::Settings(round, findings) => {
                let first = self.s.templates().ok().zip(findings.first()).map(|(templates, f)| {
                    let place = f.place.as_ref().map(ToString::to_string).unwrap_or_default();
                    format!("{place} {}", Words { templates: &templates, round }.sentence(f)).trim().to_string()
                });
                let message =
                    format!("調査設定に誤りが {} 件あります（{}）。", findings.len(), first.unwrap_or_default());
                (message, "直して保存すると、続けます。".to_string())
            }
        };
        let standing = if next.contains(&standing) { String::new() } else { standing };
        let text = format!("取りまとめられませんでした　{message}{next}{standing}");
        let json = serde_json::json!({"event": "failed", "message": message, "next": next});
        Line { text, json }
    }

    /// Whether somebody may still hear it.
    fn say(&self, line: &Line) -> bool {
        let mut out = std::io::stdout().lock();
        let time = moment().format("%H:%M:%S").to_string();
        let said = if self.s.json {
            let mut json = line.json.clone();
            json["time"] = time.into();
            writeln!(out, "{json}")
        } else if self.s.options.quiet {
            Ok(())
        } else {
            writeln!(out, "{time} {}", line.text)
        };
        said.and_then(|()| out.flush()).is_ok()
    }
}

/// The clock, in +09:00.
fn moment() -> NaiveDateTime {
    discover::in_japan(DateTime::<Utc>::from(SystemTime::now()))
}
