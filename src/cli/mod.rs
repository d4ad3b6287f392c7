//! The command line: what was typed (`args`), and what is printed and returned for it (`session`).
//!
//! Exit status: 0 nothing to chase, 1 done but there are findings of severity E or missing replies, 2 could not run.

mod args;
mod session;

use std::path::PathBuf;
use std::process::ExitCode;

use chrono::NaiveDate;
use clap::Parser;

use crate::error::Error;
use crate::read::LegacyKind;
use crate::run::{self, Options, Stop};
use crate::{discover, fill_in, isolate};
use args::{Cli, Command, EXAMPLES, Format};
use session::Session;

/// Runs the command line; `now` is the clock's day, used where `--today` is not given.
#[must_use]
pub fn run(now: NaiveDate) -> ExitCode {
    // The child of `isolate`: no options, no definitions, nothing printed but the answer.
    let words: Vec<_> = std::env::args_os().skip(1).take(3).collect();
    if let [command, kind] = words.as_slice()
        && command == isolate::COMMAND
    {
        return kind.to_str().and_then(LegacyKind::of).map_or(ExitCode::from(2), isolate::child);
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(e) if e.use_stderr() => {
            eprintln!("{}", args::misread(&e));
            return ExitCode::from(2);
        }
        Err(e) => {
            let _ = e.print();
            return ExitCode::SUCCESS;
        }
    };
    let common = cli.common;
    let json = common.format == Format::Json;
    let options =
        Options { today: common.today.unwrap_or(now), templates: common.templates, quiet: common.quiet || json };
    let session = Session { options, json };
    match dispatch(cli.command, &cli.paths, &session) {
        Ok(code) => ExitCode::from(code),
        Err(stop) => session.stopped(&stop),
    }
}

fn dispatch(command: Option<Command>, paths: &[PathBuf], s: &Session) -> Result<u8, Stop> {
    if let Some(Command::Explain { code }) = &command {
        return s.explain(code.as_deref());
    }
    if let Some(Command::Fill { book, set, out, replace_formulas }) = command {
        return s.fill(&fill_in::Job { book, cells: set, out, replace_formulas });
    }
    let templates = s.templates()?;
    let templates = match round_of(command.as_ref(), paths) {
        Some(dir) => run::definitions(&dir, templates, &s.options)?,
        None => templates,
    };
    match (command, paths) {
        (Some(Command::Init { dir, code, from }), _) => s.init(&dir, code.as_deref(), from.as_deref(), &templates),
        (Some(Command::Issue { dir }), _) => s.issue(&dir, &templates),
        (Some(Command::Consolidate { dir }), _) => s.consolidate(&dir, &templates),
        (Some(Command::Status { dir }), _) => s.status(&dir, &templates),
        (Some(Command::Brief { dir }), _) => s.brief(&dir, &templates),
        (Some(Command::Publish { dir, cp932 }), _) => s.publish(&dir, cp932, &templates),
        (Some(Command::Check { files, explain }), _) => s.check(&files, explain, &templates),
        (Some(Command::Explain { .. } | Command::Fill { .. }), _) => Ok(0),
        (None, []) => Err(Error::new("調査回のフォルダが指定されていません。", EXAMPLES.replace('\n', "\n  ")).into()),
        (None, [dir]) if dir.is_dir() || !dir.exists() => s.consolidate(dir, &templates),
        (None, files) => s.check(files, false, &templates),
    }
}

/// The round whose own code lists the command needs; of a new round, the one it is made from.
fn round_of(command: Option<&Command>, paths: &[PathBuf]) -> Option<PathBuf> {
    match (command, paths) {
        (Some(Command::Init { from, .. }), _) => from.clone(),
        (
            Some(
                Command::Issue { dir }
                | Command::Consolidate { dir }
                | Command::Status { dir }
                | Command::Brief { dir }
                | Command::Publish { dir, .. },
            ),
            _,
        ) => Some(dir.clone()),
        (Some(Command::Check { files, .. }), _) => files.first().and_then(|f| discover::round_of(f)),
        (None, [dir]) if dir.is_dir() => Some(dir.clone()),
        (None, [first, ..]) => discover::round_of(first),
        _ => None,
    }
}
