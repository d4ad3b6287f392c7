//! One function a command: runs it, prints what it gives, and says the exit status.

use std::collections::BTreeSet;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::NaiveDate;
use serde::Serialize;

use super::{doorstep, printed};
use crate::discover::{self, Found};
use crate::error::{Error, io_words};
use crate::forms::Templates;
use crate::model::ledger::Ledger;
use crate::model::submission::State;
use crate::model::{Finding, Form, Round, Severity};
use crate::national::Filler;
use crate::report::{json, screen, text};
use crate::run::{self, Options, Stop, Taken};
use crate::{check, compare, fill_in, freeze, init, issue, output, remind, report};

pub(super) struct Session<'f> {
    pub(super) options: Options,
    pub(super) json: bool,
    /// What writes into workbooks.
    pub(super) filler: Filler<'f>,
    /// The clock's day.
    pub(super) now: NaiveDate,
    /// Whether a day was typed, which counts before the round's own.
    pub(super) day_given: bool,
    /// Whether the program has a window of its own, which closes with it.
    pub(super) own_window: bool,
}

impl Session<'_> {
    pub(super) fn templates(&self) -> Result<Templates, Error> {
        let overlay = self.options.templates.as_deref().map(discover::templates).transpose()?.unwrap_or_default();
        Templates::load(&overlay).map_err(|errors| {
            let list: Vec<String> = errors.iter().map(ToString::to_string).collect();
            Error::new(
                format!("様式の定義に誤りがあります。\n  {}", list.join("\n  ")),
                "示された行を直してから、もう一度実行してください。",
            )
        })
    }

    /// A round that is over is judged as of its 判定日, whenever the program runs. Until that day it goes on.
    pub(super) fn judge(&mut self, judged_on: Option<NaiveDate>) {
        if let Some(day) = judged_on.filter(|day| !self.day_given && *day < self.now) {
            self.options.today = day;
        }
    }

    fn say(&self, text: &str) -> Result<(), Stop> {
        if self.options.quiet || self.json {
            return Ok(());
        }
        printed(|_| anstream::stdout().write_all(on_screen(text).as_bytes()))
    }

    /// Prints an object where one is asked for, and only then makes it: it holds every answer once more.
    fn say_json<T: Serialize>(&self, object: impl FnOnce() -> T) -> Result<(), Stop> {
        if !self.json {
            return Ok(());
        }
        let object = object();
        printed(|out| {
            serde_json::to_writer_pretty(&mut *out, &object)?;
            writeln!(out)
        })
    }

    /// Bytes for another program (a script, a page), as they are or as a text in an object.
    pub(super) fn raw(&self, bytes: &[u8]) -> Result<u8, Stop> {
        if self.json {
            self.say_json(|| serde_json::json!({"text": String::from_utf8_lossy(bytes)}))?;
        } else {
            printed(|out| out.write_all(bytes))?;
        }
        Ok(0)
    }

    pub(super) fn stopped(&self, stop: &Stop) -> ExitCode {
        // What stops the command is said on the other stream in any case.
        match stop {
            Stop::Error(e) => {
                let _ = self.say_json(|| json::error(e));
                eprintln!("{e}");
            }
            Stop::Settings(round, findings) => {
                let error = Error::new(
                    format!("調査設定に誤りが {} 件あります。", findings.len()),
                    "すべて直してから、もう一度実行してください。",
                );
                match self.templates() {
                    Ok(templates) => {
                        let _ =
                            self.say_json(|| json::stopped((round, self.options.today), &templates, findings, &error));
                        eprintln!("{}{}\n", error.message, error.next);
                        eprint!("{}", text::findings(findings, &templates, round));
                    }
                    Err(e) => {
                        let _ = self.say_json(|| json::error(&e));
                        eprintln!("{e}");
                    }
                }
            }
        }
        ExitCode::from(2)
    }

    pub(super) fn init(
        &self,
        dir: &Path,
        code: Option<&str>,
        from: Option<&Path>,
        templates: &Templates,
    ) -> Result<u8, Stop> {
        let made = init::init(dir, code, from, templates, &self.options)?;
        self.say(&made.text)?;
        self.say_json(|| &made.json)?;
        Ok(0)
    }

    /// For somebody who has started the program by a double click.
    pub(super) fn first_steps(&self, templates: &Templates) -> Result<u8, Stop> {
        let asked = doorstep::asked(&mut std::io::stdin().lock(), &mut std::io::stdout().lock());
        match asked.map_err(|e| {
            Error::new(format!("画面から読めません（{}）。", io_words(&e)), "torimatome --help と入力してください。")
        })? {
            Some((dir, code)) => self.init(&dir, code.as_deref(), None, templates),
            None => Ok(0),
        }
    }

    pub(super) fn issue(&self, dir: &Path, templates: &Templates) -> Result<u8, Stop> {
        let issued = issue::issue(dir, templates, &self.options)?;
        self.say(&issued.text)?;
        self.say_json(|| &issued.json)?;
        Ok(0)
    }

    pub(super) fn consolidate(&self, dir: &Path, templates: &Templates) -> Result<u8, Stop> {
        let outcome = run::consolidate_with(dir, templates, &self.options, self.filler)?;
        self.say(&text::consolidated(&outcome.ledger, templates, &outcome.placed))?;
        self.say_json(|| json::round(&outcome.ledger, templates, &outcome.outputs))?;
        Ok(exit_of(&outcome.ledger))
    }

    pub(super) fn status(&self, dir: &Path, templates: &Templates) -> Result<u8, Stop> {
        let ledger = run::bring_together(dir, templates, &self.options)?;
        self.say(&text::status(&ledger, templates))?;
        self.say_json(|| json::round(&ledger, templates, &[]))?;
        Ok(exit_of(&ledger))
    }

    pub(super) fn remind(&self, dir: &Path, cp932: bool, templates: &Templates) -> Result<u8, Stop> {
        let done = remind::remind(dir, templates, &self.options, cp932)?;
        self.say(&done.text)?;
        self.say_json(|| &done.json)?;
        Ok(exit_of(&done.ledger).max(u8::from(done.divisions > 0)))
    }

    pub(super) fn brief(&self, dir: &Path, templates: &Templates) -> Result<u8, Stop> {
        let outcome = run::brief(dir, templates, &self.options)?;
        self.say(&text::briefed(&outcome.ledger, templates, &outcome.outputs, &outcome.placed))?;
        self.say_json(|| json::round(&outcome.ledger, templates, &outcome.outputs))?;
        Ok(exit_of(&outcome.ledger))
    }

    pub(super) fn publish(&self, dir: &Path, cp932: bool, templates: &Templates) -> Result<u8, Stop> {
        let done = run::publish(dir, templates, &self.options, cp932)?;
        let mut told = json::published(&done, templates);
        let Some(placed) = &done.placed else {
            let standing = output::standing(&dir.join(discover::RESULTS).join(discover::PUBLIC));
            let refused = text::refused(&done.ledger, &done.published, templates, &standing);
            let (first, _) = refused.split_once('\n').unwrap_or((&refused, ""));
            let next = "示されたところを直してから、もう一度実行してください。";
            told["error"] = json::error(&Error::new(first, next))["error"].take();
            self.say_json(|| &told)?;
            eprint!("{refused}");
            return Ok(2);
        };
        self.say_json(|| &told)?;
        self.say(&text::published(&done.ledger, &done.published, templates, placed))?;
        Ok(exit_of(&done.ledger))
    }

    pub(super) fn survey(&self, dir: &Path, templates: &Templates) -> Result<u8, Stop> {
        let done = run::survey(dir, templates, &self.options)?;
        self.say_json(|| report::survey::json(&done, templates, self.options.today))?;
        let told = report::survey::text(&done, templates);
        if done.counted.is_none() {
            eprint!("{told}");
            return Ok(2);
        }
        self.say(&told)?;
        Ok(u8::from(done.wrong()))
    }

    pub(super) fn check(&self, files: &[PathBuf], explain: bool, templates: &Templates) -> Result<u8, Stop> {
        let home = files.first().and_then(|f| discover::round_of(f));
        let found = find(files, home.as_deref())?;
        let round = home.map(|dir| run::round(&dir, templates, &self.options)).transpose()?;
        let forms: Vec<&Form> = templates.asked().collect();
        let (mut taken, explained) = if explain {
            let (taken, explained) = run::take_in_explained(&found, &forms, round.as_ref(), templates, &self.options);
            (taken, Some(explained))
        } else {
            (run::take_in(&found, &forms, round.as_ref(), templates, &self.options), None)
        };
        taken.findings.extend(run::together(&taken, round.as_ref(), templates, self.options.today));
        let Taken { submissions, mut findings, .. } = taken;
        if let Some(round) = &round {
            check::waive(&mut findings, round, self.options.today);
        }
        let none = Round::default();
        let names = round.as_ref().map(|r| (r, self.options.today));
        // Text or JSON, never both: each holds every finding once more.
        if self.json {
            let cells = explained.as_ref().map(|e| report::explain::Cells::of(e, &submissions));
            let nearest = explained.as_ref().map(|e| report::explain::nearest(e));
            self.say_json(|| json::files(names, templates, &submissions, &findings, cells, nearest))?;
        } else {
            if let Some(explained) = &explained {
                self.say(&report::explain::text(explained, &submissions, templates))?;
            }
            self.say(&text::findings(&findings, templates, round.as_ref().unwrap_or(&none)))?;
            let files: BTreeSet<&str> = submissions.iter().map(|s| s.file.as_str()).collect();
            self.say(&format!("{}件のファイルを確かめました。指摘は{}件です。\n", files.len(), findings.len()))?;
        }
        Ok(u8::from(has_errors(&findings)))
    }

    pub(super) fn fill(&self, job: &fill_in::Job) -> Result<u8, Stop> {
        let done = fill_in::run(job, self.filler)?;
        self.say(&done.text)?;
        self.say_json(|| &done.json)?;
        Ok(0)
    }

    pub(super) fn compare(&self, books: &[PathBuf], templates: &Templates) -> Result<u8, Stop> {
        let [old, new] = books else { return Ok(2) };
        let compared = compare::run(old, new, templates)?;
        self.say(&report::drift::text(&compared))?;
        self.say_json(|| report::drift::json(&compared))?;
        Ok(u8::from(compared.breaks()))
    }

    pub(super) fn report(
        &self,
        dir: &Path,
        to: &str,
        on: Option<NaiveDate>,
        templates: &Templates,
    ) -> Result<u8, Stop> {
        let frozen = freeze::run(dir, to, Some(on.unwrap_or(self.reported_on())), templates, &self.options)?;
        self.say(&frozen.text())?;
        self.say_json(|| frozen.json())?;
        Ok(0)
    }

    /// What is sent is sent on the day it is sent, also of a round that is over.
    const fn reported_on(&self) -> NaiveDate {
        if self.day_given { self.options.today } else { self.now }
    }

    pub(super) fn explain(&self, code: Option<&str>) -> Result<u8, Stop> {
        /// So many entries are explained in full, one after the other.
        const IN_FULL: usize = 3;
        let templates = self.templates()?;
        let entries = match code {
            None => templates.catalogue.iter().collect(),
            Some(code) => templates.catalogue.like(code),
        };
        if entries.is_empty() {
            return Err(Error::new(
                format!("指摘コード「{}」はありません。", code.unwrap_or_default()),
                "torimatome explain で一覧を見られます。",
            )
            .into());
        }
        if entries.len() > IN_FULL {
            self.say(&text::catalogue(&entries))?;
        } else {
            self.say(&entries.iter().map(|e| text::explain(e)).collect::<Vec<_>>().join("\n"))?;
        }
        match entries.as_slice() {
            [one] => self.say_json(|| entry(one))?,
            all => {
                self.say_json(|| serde_json::json!({"entries": all.iter().map(|e| entry(e)).collect::<Vec<_>>()}))?;
            }
        }
        Ok(0)
    }
}

/// A letter as it is printed: on a terminal broken at its width and coloured, elsewhere as it is. The stream takes colours
/// out again where the user wants none, and turns them on where Windows needs to be told.
fn on_screen(text: &str) -> String {
    if !std::io::stdout().is_terminal() {
        return text.to_string();
    }
    let columns = terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0));
    screen::paint(&screen::fit(text, columns))
}

/// The files that were named, those of folders included; a path outside the round is named as it was typed.
fn find(files: &[PathBuf], home: Option<&Path>) -> Result<Vec<Found>, Error> {
    let mut found: Vec<Found> = Vec::new();
    for file in files {
        let path = std::path::absolute(file).unwrap_or_else(|_| file.clone());
        let base = home.filter(|h| path.starts_with(h));
        match (file.is_dir(), file.exists()) {
            (true, _) => {
                found.extend(discover::files_below(base.unwrap_or(file), if base.is_some() { &path } else { file })?);
            }
            (false, true) => {
                found.push(discover::one(base.unwrap_or(Path::new("")), if base.is_some() { &path } else { file }));
            }
            (false, false) => {
                return Err(Error::new(
                    format!("「{}」が見つかりません。", file.display()),
                    "ファイルの場所と名前を確かめてください。",
                ));
            }
        }
    }
    Ok(found)
}

fn entry(e: &crate::model::catalogue::Entry) -> serde_json::Value {
    let e = e.explained();
    serde_json::json!({"code": e.code, "severity": e.severity(), "title": e.title, "sentence": e.sentence, "remedy": e.remedy, "why": e.why, "source": e.source})
}

fn has_errors(findings: &[Finding]) -> bool {
    findings.iter().any(|f| f.severity() == Severity::E && f.waived.is_none())
}

fn exit_of(ledger: &Ledger) -> u8 {
    let missing = ledger.submissions.iter().any(|s| matches!(s.state, State::Missing | State::Unread));
    u8::from(missing || has_errors(&ledger.findings))
}
