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
use crate::report::{json, text};
use crate::run::{self, Options, Stop};
use crate::{check, fill_in, init, issue};

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

/// What was typed.
#[derive(Debug, Parser)]
#[command(name = "torimatome", version, about = "課から届いたExcelの回答を、一つのコマンドで取りまとめます。", after_help = EXAMPLES)]
#[command(args_conflicts_with_subcommands = true, disable_help_subcommand = true, subcommand_negates_reqs = true)]
#[command(
    help_template = "{about}\n\n使い方: torimatome [フォルダ] または torimatome <コマンド>\n\n{all-args}{after-help}\n"
)]
pub struct Cli {
    /// 調査回のフォルダ（ファイルを指定したときは、そのファイルを確かめます）
    #[arg(value_name = "フォルダ")]
    paths: Vec<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    common: Common,
}

#[derive(Clone, Debug, Args)]
struct Common {
    /// 今日の日付（YYYY-MM-DD）。省くとパソコンの日付
    #[arg(long, global = true, value_name = "日付")]
    today: Option<NaiveDate>,
    /// 出力の形式
    #[arg(long, global = true, value_enum, default_value_t = Format::Text, value_name = "形式")]
    format: Format,
    /// 様式の定義を差し替えるフォルダ
    #[arg(long, global = true, value_name = "フォルダ")]
    templates: Option<PathBuf>,
    /// 画面に何も出さない（終了コードだけで知らせる）
    #[arg(long, short, global = true)]
    quiet: bool,
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
    Init {
        /// 作るフォルダ
        #[arg(value_name = "フォルダ")]
        dir: PathBuf,
        /// 団体コード（6桁）
        #[arg(long, value_name = "団体コード")]
        code: Option<String>,
        /// 設定を引き継ぐ前回の調査回のフォルダ
        #[arg(long, value_name = "フォルダ")]
        from: Option<PathBuf>,
    },
    /// 課に配る様式を作ります（配布フォルダ）
    Issue {
        /// 調査回のフォルダ
        #[arg(value_name = "フォルダ")]
        dir: PathBuf,
    },
    /// 届いた回答を取りまとめます（結果フォルダ）
    Consolidate {
        /// 調査回のフォルダ
        #[arg(value_name = "フォルダ")]
        dir: PathBuf,
    },
    /// だれが提出済みで、だれが遅れているかを見ます
    Status {
        /// 調査回のフォルダ
        #[arg(value_name = "フォルダ")]
        dir: PathBuf,
    },
    /// ファイルを一つずつ確かめます（調査回のフォルダがなくても使えます）
    Check {
        /// 確かめるファイル
        #[arg(value_name = "ファイル", required = true)]
        files: Vec<PathBuf>,
    },
    /// ブックの決まったセルだけに書き込み、ほかが元のままであることを確かめます
    Fill {
        /// 元のブック（書き込みません）
        #[arg(value_name = "ブック")]
        book: PathBuf,
        /// 書き込むセルの一覧（CSV。見出しは sheet,cell,value,type）
        #[arg(long, value_name = "CSV")]
        set: PathBuf,
        /// 書き込んだブックの保存先
        #[arg(long, value_name = "ファイル")]
        out: PathBuf,
        /// 一覧のセルに数式があるとき、値に置き換える
        #[arg(long)]
        replace_formulas: bool,
    },
    /// 指摘コードの意味・理由・直し方を見ます
    Explain {
        /// 指摘コード（省くと一覧）
        #[arg(value_name = "コード")]
        code: Option<String>,
    },
}

/// Runs the command line; `now` is the clock's day, used where `--today` is not given.
#[must_use]
pub fn run(now: NaiveDate) -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(e) => {
            let _ = e.print();
            return ExitCode::from(if e.use_stderr() { 2 } else { 0 });
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
    match (command, paths) {
        (Some(Command::Init { dir, code, from }), _) => s.init(&dir, code.as_deref(), from.as_deref(), &templates),
        (Some(Command::Issue { dir }), _) => s.issue(&dir, &templates),
        (Some(Command::Consolidate { dir }), _) => s.consolidate(&dir, &templates),
        (Some(Command::Status { dir }), _) => s.status(&dir, &templates),
        (Some(Command::Check { files }), _) => s.check(&files, &templates),
        (Some(Command::Explain { .. } | Command::Fill { .. }), _) => Ok(0),
        (None, []) => Err(Error::new("調査回のフォルダが指定されていません。", EXAMPLES.replace('\n', "\n  ")).into()),
        (None, [dir]) if dir.is_dir() || !dir.exists() => s.consolidate(dir, &templates),
        (None, files) => s.check(files, &templates),
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

    fn check(&self, files: &[PathBuf], templates: &Templates) -> Result<u8, Stop> {
        let mut found: Vec<Found> = Vec::new();
        let home = files.first().and_then(|f| discover::round_of(f));
        for file in files {
            let path = std::path::absolute(file).unwrap_or_else(|_| file.clone());
            // A path outside the round is named as it was typed.
            let base = home.as_deref().filter(|h| path.starts_with(h));
            match (file.is_dir(), file.exists()) {
                (true, _) => found
                    .extend(discover::files_below(base.unwrap_or(file), if base.is_some() { &path } else { file })?),
                (false, true) => {
                    found.push(discover::one(base.unwrap_or(Path::new("")), if base.is_some() { &path } else { file }));
                }
                (false, false) => {
                    return Err(Error::new(
                        format!("「{}」が見つかりません。", file.display()),
                        "ファイルの場所と名前を確かめてください。",
                    )
                    .into());
                }
            }
        }
        let round = home.map(|dir| run::round(&dir, templates, &self.options)).transpose()?;
        let forms: Vec<&Form> = templates.asked().collect();
        let (submissions, mut findings) = run::take_in(&found, &forms, round.as_ref(), templates, &self.options);
        if let Some(round) = &round {
            check::waive(&mut findings, round, self.options.today);
        }
        let none = Round::default();
        self.say(&text::findings(&findings, templates, round.as_ref().unwrap_or(&none)));
        self.say(&format!("{}件のファイルを確かめました。指摘は{}件です。\n", found.len(), findings.len()));
        self.say_json(&json::files(
            round.as_ref().map(|r| (r, self.options.today)),
            templates,
            &submissions,
            &findings,
        ));
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
