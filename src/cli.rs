//! The command line: what was typed, and what is printed and returned for it.
//!
//! Exit status: 0 nothing to chase, 1 done but there are findings of severity E or missing replies, 2 could not run.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::discover::{self, Found};
use crate::error::Error;
use crate::forms::Templates;
use crate::model::ledger::Ledger;
use crate::model::submission::State;
use crate::model::{Finding, Form, Round, Severity};
use crate::read::LegacyKind;
use crate::report::{json, text};
use crate::run::{self, Options, Stop, Taken};
use crate::{check, fill_in, init, isolate, issue, report};

const EXAMPLES: &str = "使い方の例:
  torimatome init 令和4年10月末 --code 042021     調査回のフォルダを作る
  torimatome issue 令和4年10月末                  課に配る様式を作る（配布フォルダ）
  torimatome 令和4年10月末                        届いた回答を取りまとめる（結果フォルダ）
  torimatome status 令和4年10月末                 だれが未提出かを見る
  torimatome check 回答.xlsx                      1つのファイルだけ確かめる
  torimatome explain F001E                        指摘の意味を見る
  torimatome fill 報告様式.xlsx --set セル.csv --out 報告.xlsx
                                                  国の様式の決まったセルだけに書き込む

調査回のフォルダをこのプログラムの上に落としても、取りまとめができます。";

/// How the help is laid out: of the program, and of one command.
const WHOLE_HELP: &str =
    "{about}\n\n使い方: torimatome [フォルダ] または torimatome <コマンド>\n\n{all-args}\n\n{after-help}\n";
const HELP: &str = "{about}\n\n使い方: {usage}\n\n{all-args}\n";

/// What was typed.
#[derive(Debug, Parser)]
#[command(name = "torimatome", version, about = "課から届いたExcelの回答を、一つのコマンドで取りまとめます。", after_help = EXAMPLES)]
#[command(disable_help_subcommand = true, subcommand_negates_reqs = true)]
#[command(disable_help_flag = true, disable_version_flag = true, subcommand_help_heading = "コマンド")]
#[command(help_template = WHOLE_HELP)]
pub struct Cli {
    /// 調査回のフォルダ（ファイルを指定したときは、そのファイルを確かめます）
    #[arg(value_name = "フォルダ", help_heading = "指定するもの")]
    paths: Vec<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    common: Common,
    /// 版を表示する
    #[arg(long, short = 'V', action = clap::ArgAction::Version, help_heading = "オプション")]
    version: Option<bool>,
}

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "オプション")]
struct Common {
    /// 今日の日付（YYYY-MM-DD）。省くとパソコンの日付
    #[arg(long, global = true, value_name = "日付")]
    today: Option<NaiveDate>,
    /// 出力の形式。text（文章）か json（ほかのプログラム用）
    #[arg(long, global = true, value_enum, default_value_t = Format::Text, value_name = "形式")]
    #[arg(hide_possible_values = true, hide_default_value = true)]
    format: Format,
    /// 様式の定義を差し替えるフォルダ
    #[arg(long, global = true, value_name = "フォルダ")]
    templates: Option<PathBuf>,
    /// 画面に何も出さない（終了コードだけで知らせる）
    #[arg(long, short, global = true)]
    quiet: bool,
    /// この説明を表示する
    #[arg(long, short, global = true, action = clap::ArgAction::HelpShort)]
    help: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// 文章
    Text,
    /// JSON（ほかのプログラム用）
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 調査回のフォルダと設定ファイルを作ります
    #[command(help_template = HELP)]
    Init {
        /// 作るフォルダ
        #[arg(value_name = "フォルダ", help_heading = "指定するもの")]
        dir: PathBuf,
        /// 団体コード（6桁）
        #[arg(long, value_name = "団体コード", help_heading = "オプション")]
        code: Option<String>,
        /// 設定を引き継ぐ前回の調査回のフォルダ
        #[arg(long, value_name = "フォルダ", help_heading = "オプション")]
        from: Option<PathBuf>,
    },
    /// 課に配る様式を作ります（配布フォルダ）
    #[command(help_template = HELP)]
    Issue {
        /// 調査回のフォルダ
        #[arg(value_name = "フォルダ", help_heading = "指定するもの")]
        dir: PathBuf,
    },
    /// 届いた回答を取りまとめます（結果フォルダ）
    #[command(help_template = HELP)]
    Consolidate {
        /// 調査回のフォルダ
        #[arg(value_name = "フォルダ", help_heading = "指定するもの")]
        dir: PathBuf,
    },
    /// だれが提出済みで、だれが遅れているかを見ます
    #[command(help_template = HELP)]
    Status {
        /// 調査回のフォルダ
        #[arg(value_name = "フォルダ", help_heading = "指定するもの")]
        dir: PathBuf,
    },
    /// ファイルを一つずつ確かめます（調査回のフォルダがなくても使えます）
    #[command(help_template = HELP)]
    Check {
        /// 確かめるファイル
        #[arg(value_name = "ファイル", required = true, help_heading = "指定するもの")]
        files: Vec<PathBuf>,
        /// すべてのセルについて、何として読んだかを示す
        #[arg(long, help_heading = "オプション")]
        explain: bool,
    },
    /// ブックの決まったセルだけに書き込み、ほかが元のままであることを確かめます
    #[command(help_template = HELP)]
    Fill {
        /// 元のブック（書き込みません）
        #[arg(value_name = "ブック", help_heading = "指定するもの")]
        book: PathBuf,
        /// 書き込むセルの一覧（CSV。見出しは sheet,cell,value,type）
        #[arg(long, value_name = "CSV", help_heading = "オプション")]
        set: PathBuf,
        /// 書き込んだブックの保存先
        #[arg(long, value_name = "ファイル", help_heading = "オプション")]
        out: PathBuf,
        /// 一覧のセルに数式があるとき、値に置き換える
        #[arg(long, help_heading = "オプション")]
        replace_formulas: bool,
    },
    /// 指摘コードの意味・理由・直し方を見ます
    #[command(help_template = HELP)]
    Explain {
        /// 指摘コード（省くと一覧）
        #[arg(value_name = "コード", help_heading = "指定するもの")]
        code: Option<String>,
    },
}

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
            eprintln!("{}", misread(&e));
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

/// What was wrong with the command line, in Japanese.
fn misread(e: &clap::Error) -> Error {
    use clap::error::{ContextKind, ErrorKind};
    let said = |kind: ContextKind| e.get(kind).map(ToString::to_string).unwrap_or_default();
    let (argument, value) = (said(ContextKind::InvalidArg), said(ContextKind::InvalidValue));
    let what = match e.kind() {
        ErrorKind::UnknownArgument => format!("「{argument}」という指定はありません。"),
        ErrorKind::InvalidSubcommand => {
            format!("「{}」というコマンドはありません。", said(ContextKind::InvalidSubcommand))
        }
        ErrorKind::MissingRequiredArgument => format!("「{argument}」が指定されていません。"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation if value.is_empty() => {
            format!("「{argument}」の値がありません。")
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            format!("「{value}」は「{argument}」に指定できません。")
        }
        ErrorKind::TooManyValues | ErrorKind::ArgumentConflict => format!("「{argument}」はここでは指定できません。"),
        _ => "指定のしかたが正しくありません。".to_string(),
    };
    Error::new(what, "torimatome --help で使い方を見られます。")
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
        (Some(Command::Issue { dir } | Command::Consolidate { dir } | Command::Status { dir }), _) => Some(dir.clone()),
        (Some(Command::Check { files, .. }), _) => files.first().and_then(|f| discover::round_of(f)),
        (None, [dir]) if dir.is_dir() => Some(dir.clone()),
        (None, [first, ..]) => discover::round_of(first),
        _ => None,
    }
}

struct Session {
    options: Options,
    json: bool,
}

impl Session {
    fn templates(&self) -> Result<Templates, Error> {
        let overlay = self.options.templates.as_deref().map(discover::templates).transpose()?.unwrap_or_default();
        Templates::load(&overlay).map_err(|errors| {
            let list: Vec<String> = errors.iter().map(ToString::to_string).collect();
            Error::new(
                format!("様式の定義に誤りがあります。\n  {}", list.join("\n  ")),
                "示された行を直してから、もう一度実行してください。",
            )
        })
    }

    fn say(&self, text: &str) {
        if !self.options.quiet && !self.json {
            print!("{text}");
        }
    }

    fn say_json(&self, object: &serde_json::Value) {
        if self.json {
            println!("{object:#}");
        }
    }

    fn stopped(&self, stop: &Stop) -> ExitCode {
        match stop {
            Stop::Error(e) => eprintln!("{e}"),
            Stop::Settings(round, findings) => {
                if let Ok(templates) = self.templates() {
                    self.say_json(&json::files(Some((round, self.options.today)), &templates, &[], findings));
                    eprintln!(
                        "調査設定に誤りが {} 件あります。すべて直してから、もう一度実行してください。\n",
                        findings.len()
                    );
                    eprint!("{}", text::findings(findings, &templates, round));
                }
            }
        }
        ExitCode::from(2)
    }

    fn init(&self, dir: &Path, code: Option<&str>, from: Option<&Path>, templates: &Templates) -> Result<u8, Stop> {
        let made = init::init(dir, code, from, templates, &self.options)?;
        self.say(&made);
        Ok(0)
    }

    fn issue(&self, dir: &Path, templates: &Templates) -> Result<u8, Stop> {
        let issued = issue::issue(dir, templates, &self.options)?;
        self.say(&issued);
        Ok(0)
    }

    fn consolidate(&self, dir: &Path, templates: &Templates) -> Result<u8, Stop> {
        let outcome = run::consolidate(dir, templates, &self.options)?;
        self.say(&text::consolidated(&outcome.ledger, templates, &outcome.placed));
        self.say_json(&json::round(&outcome.ledger, templates, &outcome.outputs));
        Ok(exit_of(&outcome.ledger))
    }

    fn status(&self, dir: &Path, templates: &Templates) -> Result<u8, Stop> {
        let ledger = run::bring_together(dir, templates, &self.options)?;
        self.say(&text::status(&ledger, templates));
        self.say_json(&json::round(&ledger, templates, &[]));
        Ok(exit_of(&ledger))
    }

    fn check(&self, files: &[PathBuf], explain: bool, templates: &Templates) -> Result<u8, Stop> {
        let home = files.first().and_then(|f| discover::round_of(f));
        let found = find(files, home.as_deref())?;
        let round = home.map(|dir| run::round(&dir, templates, &self.options)).transpose()?;
        let forms: Vec<&Form> = templates.asked().collect();
        let Taken { submissions, mut findings, .. } =
            run::take_in(&found, &forms, round.as_ref(), templates, &self.options);
        if let Some(round) = &round {
            check::waive(&mut findings, round, self.options.today);
        }
        let none = Round::default();
        let names = round.as_ref().map(|r| (r, self.options.today));
        let mut object = json::files(names, templates, &submissions, &findings);
        if explain {
            let explained = run::explain(&found, &forms, round.as_ref(), templates, &self.options);
            self.say(&report::explain::text(&explained, &submissions, templates));
            object["explained"] = report::explain::cells(&explained, &submissions);
            object["nearest"] = report::explain::nearest(&explained);
        }
        self.say(&text::findings(&findings, templates, round.as_ref().unwrap_or(&none)));
        self.say(&format!("{}件のファイルを確かめました。指摘は{}件です。\n", submissions.len(), findings.len()));
        self.say_json(&object);
        Ok(u8::from(has_errors(&findings)))
    }

    fn fill(&self, job: &fill_in::Job) -> Result<u8, Stop> {
        let done = fill_in::run(job)?;
        self.say(&done.text);
        self.say_json(&done.json);
        Ok(0)
    }

    fn explain(&self, code: Option<&str>) -> Result<u8, Stop> {
        let templates = self.templates()?;
        let Some(code) = code else {
            self.say(&text::catalogue(&templates.catalogue));
            self.say_json(&templates.catalogue.iter().map(entry).collect());
            return Ok(0);
        };
        let Some(found) = templates.catalogue.get(&code.trim().to_ascii_uppercase()) else {
            return Err(Error::new(
                format!("指摘コード「{code}」はありません。"),
                "torimatome explain で一覧を見られます。",
            )
            .into());
        };
        self.say(&text::explain(found));
        self.say_json(&entry(found));
        Ok(0)
    }
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
    serde_json::json!({"code": e.code, "severity": e.severity(), "title": e.title, "sentence": e.sentence, "remedy": e.remedy, "why": e.why, "source": e.source})
}

fn has_errors(findings: &[Finding]) -> bool {
    findings.iter().any(|f| f.severity() == Severity::E && f.waived.is_none())
}

fn exit_of(ledger: &Ledger) -> u8 {
    let missing = ledger.submissions.iter().any(|s| s.state == State::Missing);
    u8::from(missing || has_errors(&ledger.findings))
}
