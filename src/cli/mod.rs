//! The command line: what was typed (`args`), and what is printed and returned for it (`session`).
//!
//! Exit status: 0 nothing to chase, 1 done but there are findings of severity E or missing replies, 2 could not run.

mod alone;
mod args;
mod doorstep;
mod session;
mod typed;
mod watched;
mod watching;

use std::ffi::OsString;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use chrono::NaiveDate;
use clap::{CommandFactory, Parser};

use crate::discover;
use crate::error::{Error, io_words};
use crate::national::Filler;
use crate::read::LegacyKind;
use crate::run::{self, Options, Stop};
use crate::{fill_in, isolate, report, timings};
use args::{Cli, Command, Format};
use session::Session;
pub use watched::{ended as out_of_memory, under_a_limit};

/// The name under which the program is called.
const NAME: &str = "torimatome";

/// Runs the command line; `now` is the clock's day, used where `--today` is not given.
#[must_use]
pub fn run(now: NaiveDate) -> ExitCode {
    run_with(now, std::env::args_os().collect(), &|p| p.fill())
}

/// As [`run`], of these words (the program's name first) and with what writes into workbooks.
#[must_use]
pub fn run_with(now: NaiveDate, words: Vec<OsString>, filler: Filler<'_>) -> ExitCode {
    // The child of `isolate`: no options, no definitions, nothing printed but the answer.
    let plain: Vec<&str> = words.iter().skip(1).take(5).filter_map(|w| w.to_str()).collect();
    if let [command, kind, memory, time] = *plain
        && command == isolate::COMMAND
    {
        let asked = LegacyKind::of(kind).zip(isolate::Bounds::of(memory, time));
        return asked.map_or(ExitCode::from(2), |(kind, bounds)| isolate::child(kind, bounds));
    }
    let words = typed::meant(words, cfg!(windows));
    let json = args::asks_for_json(&words);
    let cli = match Cli::try_parse_from(&words) {
        Ok(cli) => cli,
        Err(e) if e.use_stderr() => {
            let code = misread(&args::misread(&e, now), json);
            keep_open(&words);
            return code;
        }
        Err(e) => return help(&e, json),
    };
    let common = cli.common;
    if common.timings {
        timings::start();
    }
    let json = common.format == Format::Json;
    let options = Options {
        today: common.today.unwrap_or(now),
        templates: common.templates,
        quiet: common.quiet || json,
        settings: None,
    };
    let mut session = Session { options, json, filler, now, day_given: common.today.is_some(), own_window: false };
    let own_window = doorstep::is_own_window(cli.command.is_some()) && !session.options.quiet;
    session.own_window = own_window;
    let written = alone::written(cli.command.as_ref(), &cli.paths);
    let code = match dispatch(cli.command, &cli.paths, &mut session) {
        Ok(code) => {
            session.too_long_for_excel(written.as_deref());
            ExitCode::from(code)
        }
        Err(stop) => session.stopped(&stop),
    };
    if let Some(table) = timings::table() {
        eprint!("{table}");
    }
    if own_window {
        doorstep::wait_for_a_key();
    }
    code
}

/// Where these words (the program's name first) were not typed but come from a double click or a folder that was dropped: keeps the
/// window open until what stands in it was read.
pub fn keep_open(words: &[OsString]) {
    let command = words.iter().skip(1).filter_map(|w| w.to_str()).any(|w| args::is_command(w) || w == isolate::COMMAND);
    if doorstep::is_own_window(command) {
        doorstep::wait_for_a_key();
    }
}

/// Says what was wrong with the command line.
fn misread(error: &Error, json: bool) -> ExitCode {
    if json {
        // Where nothing can be printed, the exit status says it.
        let _ = printed(|out| writeln!(out, "{:#}", report::json::error(error)));
    }
    eprintln!("{error}");
    ExitCode::from(2)
}

/// Prints the help or the version that was asked for.
fn help(asked: &clap::Error, json: bool) -> ExitCode {
    // The library's own word in the line of usage.
    let plain = |text: String| text.replace("[OPTIONS]", "[オプション]");
    let _ = if json {
        let text = plain(asked.render().to_string());
        printed(|out| writeln!(out, "{:#}", serde_json::json!({"text": text})))
    } else {
        let text = plain(asked.render().ansi().to_string());
        printed(|_| anstream::stdout().write_all(text.as_bytes()))
    };
    ExitCode::SUCCESS
}

/// What somebody reads who starts the program without anything: what to do first, or next where a round is at hand.
fn first_run() -> Error {
    let here = std::path::Path::new(crate::discover::SETTINGS_FILE).is_file();
    let next = if here {
        "いまのフォルダは調査回のフォルダです。次のように入力すると、取りまとめます。\n    torimatome ."
    } else {
        "はじめてのときは、次の順に進めてください（「令和4年10月末」は調査回の名前の例です）。\n    \
         1. torimatome init 令和4年10月末 --code 団体コード　… 調査回のフォルダができます\n    \
         2. できた「調査設定.xlsx」に、基準日・回答期限・所属・所管課を記入します\n    \
         3. torimatome issue 令和4年10月末　… 「配布」に課ごとの様式ができます\n    \
         4. 届いた回答を「提出」に入れます\n    \
         5. torimatome 令和4年10月末　… 「結果」に取りまとめができます"
    };
    Error::new(
        "調査回のフォルダが指定されていません。",
        format!("{next}\n  すべてのコマンドは torimatome --help で見られます。"),
    )
}

/// Prints through a buffer. That whoever reads it stops early (`| more`) is no error; that it cannot be kept is one.
fn printed(print: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Result<(), Stop> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    match print(&mut out).and_then(|()| out.flush()) {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(Error::new(
            format!("画面（または出力先のファイル）に、結果の説明を書き出せませんでした（{}）。", io_words(&e)),
            "実行そのものは、そのまえに終わっています。出力先の空きを確かめてから、もう一度実行してください。",
        )
        .into()),
        _ => Ok(()),
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
                | Command::Remind { dir, .. }
                | Command::Watch { dir, .. }
                | Command::Brief { dir }
                | Command::Publish { dir, .. }
                | Command::Survey { dir }
                | Command::Report { dir, .. },
            ),
            _,
        ) => Some(dir.clone()),
        (Some(Command::Check { files, .. }), _) => files.first().and_then(|f| discover::round_of(f)),
        (None, [dir]) if dir.is_dir() => Some(dir.clone()),
        (None, [first, ..]) => discover::round_of(first),
        _ => None,
    }
}

/// A word that names nothing and is like a command: the command is suggested, not a folder missed.
fn mistyped(command: Option<&Command>, paths: &[PathBuf]) -> Result<(), Error> {
    let word = paths.iter().position(|p| !p.exists()).filter(|_| command.is_none());
    let Some((at, word)) = word.and_then(|at| Some((at, paths.get(at)?.to_str()?))) else { return Ok(()) };
    let Some(command) = args::meant(word) else { return Ok(()) };
    let rest: Vec<PathBuf> = paths.iter().enumerate().filter(|(n, _)| *n != at).map(|(_, p)| p.clone()).collect();
    Err(args::no_such_command(word, &command, &rest))
}

fn dispatch(command: Option<Command>, paths: &[PathBuf], s: &mut Session<'_>) -> Result<u8, Stop> {
    if let Some(Command::Explain { code }) = &command {
        return s.explain(code.as_deref());
    }
    if let Some(Command::Fill {
        book: Some(book), set: Some(cells), out: Some(out), replace_formulas, overwrite, ..
    }) = command
    {
        let _lock = discover::round_of(&out).map(|round| s.hold(&round, "様式への書き込み")).transpose()?;
        return s.fill(&fill_in::Job { book, cells, out, replace_formulas, overwrite });
    }
    if let Some(Command::Completions { shell }) = &command {
        let mut script = Vec::new();
        clap_complete::generate(*shell, &mut Cli::command(), NAME, &mut script);
        return s.raw(&script);
    }
    if let Some(Command::Man) = &command {
        let mut page = Vec::new();
        clap_mangen::Man::new(Cli::command()).render(&mut page).map_err(|e| Error::write(NAME.as_ref(), &e))?;
        return s.raw(&page);
    }
    mistyped(command.as_ref(), paths)?;
    if let Some(Command::Watch { dir, every }) = &command {
        return watching::watch(s, dir, *every);
    }
    let _lock = s.lock(command.as_ref(), paths)?;
    let templates = s.templates()?;
    let templates = match round_of(command.as_ref(), paths) {
        Some(dir) => {
            let of_round = run::definitions(&dir, templates, &s.options)?;
            s.options.settings = of_round.settings;
            // A new round is not judged on the day of the one that it is made from.
            s.judge(of_round.judged_on.filter(|_| !matches!(command, Some(Command::Init { .. }))));
            of_round.templates
        }
        None => templates,
    };
    match (command, paths) {
        (Some(Command::Init { dir, code, from }), _) => s.init(&dir, code.as_deref(), from.as_deref(), &templates),
        (Some(Command::Issue { dir }), _) => s.issue(&dir, &templates),
        (Some(Command::Consolidate { dir }), _) => s.consolidate(&dir, &templates),
        (Some(Command::Status { dir }), _) => s.status(&dir, &templates),
        (Some(Command::Remind { dir, cp932 }), _) => s.remind(&dir, cp932, &templates),
        (Some(Command::Brief { dir }), _) => s.brief(&dir, &templates),
        (Some(Command::Publish { dir, cp932 }), _) => s.publish(&dir, cp932, &templates),
        (Some(Command::Survey { dir }), _) => s.survey(&dir, &templates),
        (Some(Command::Check { files, explain }), _) => s.check(&files, explain, &templates),
        (Some(Command::Fill { compare, .. }), _) => s.compare(compare.as_deref().unwrap_or_default(), &templates),
        (Some(Command::Report { dir, to, on }), _) => s.report(&dir, &to, on, &templates),
        // Done above, because they need no definitions, or new ones each time.
        (Some(Command::Explain { .. } | Command::Completions { .. } | Command::Man | Command::Watch { .. }), _) => {
            Ok(0)
        }
        (None, []) if s.own_window => s.first_steps(&templates),
        (None, []) => Err(first_run().into()),
        (None, [dir]) if dir.is_dir() || !dir.exists() => s.consolidate(dir, &templates),
        (None, files) => s.check(files, false, &templates),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_shows_an_example_in_its_help() {
        let whole = Cli::command();
        for command in whole.get_subcommands().filter(|c| !c.is_hide_set()) {
            let help = command.clone().render_help().to_string();
            assert!(help.contains(&format!("例:\n  torimatome {}", command.get_name())), "{help}");
        }
    }
}
