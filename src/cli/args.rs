//! What may be typed, and what is said about a command line that is not understood.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::error::Error;

pub(super) const EXAMPLES: &str = "使い方の例:
  torimatome init 令和4年10月末 --code 042021     調査回のフォルダを作る
  torimatome issue 令和4年10月末                  課に配る様式を作る（配布フォルダ）
  torimatome 令和4年10月末                        届いた回答を取りまとめる（結果フォルダ）
  torimatome status 令和4年10月末                 だれが未提出かを見る
  torimatome check 回答.xlsx                      1つのファイルだけ確かめる
  torimatome brief 令和4年10月末                  次の本部会議の資料（Word文書）を作る
  torimatome publish 令和4年10月末                市民・議会に公表する一覧を作る（結果/公表フォルダ）
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
pub(super) struct Cli {
    /// 調査回のフォルダ（ファイルを指定したときは、そのファイルを確かめます）
    #[arg(value_name = "フォルダ", help_heading = "指定するもの")]
    pub(super) paths: Vec<PathBuf>,
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) common: Common,
    /// 版を表示する
    #[arg(long, short = 'V', action = clap::ArgAction::Version, help_heading = "オプション")]
    version: Option<bool>,
}

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "オプション")]
pub(super) struct Common {
    /// 今日の日付（YYYY-MM-DD）。省くとパソコンの日付
    #[arg(long, global = true, value_name = "日付")]
    pub(super) today: Option<NaiveDate>,
    /// 出力の形式。text（文章）か json（ほかのプログラム用）
    #[arg(long, global = true, value_enum, default_value_t = Format::Text, value_name = "形式")]
    #[arg(hide_possible_values = true, hide_default_value = true)]
    pub(super) format: Format,
    /// 様式の定義を差し替えるフォルダ
    #[arg(long, global = true, value_name = "フォルダ")]
    pub(super) templates: Option<PathBuf>,
    /// 画面に何も出さない（終了コードだけで知らせる）
    #[arg(long, short, global = true)]
    pub(super) quiet: bool,
    /// この説明を表示する
    #[arg(long, short, global = true, action = clap::ArgAction::HelpShort)]
    help: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// 文章
    Text,
    /// JSON（ほかのプログラム用）
    Json,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
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
    /// 次の本部会議の資料（Word文書）を作ります
    #[command(help_template = HELP)]
    Brief {
        /// 調査回のフォルダ
        #[arg(value_name = "フォルダ", help_heading = "指定するもの")]
        dir: PathBuf,
    },
    /// 公表する一覧（ページ・CSV・Excel）を作ります（結果/公表フォルダ）
    #[command(help_template = HELP)]
    Publish {
        /// 調査回のフォルダ
        #[arg(value_name = "フォルダ", help_heading = "指定するもの")]
        dir: PathBuf,
        /// CSVを、シフトJIS（CP932）でも書く
        #[arg(long, help_heading = "オプション")]
        cp932: bool,
    },
    /// 指摘コードの意味・理由・直し方を見ます
    #[command(help_template = HELP)]
    Explain {
        /// 指摘コード（省くと一覧）
        #[arg(value_name = "コード", help_heading = "指定するもの")]
        code: Option<String>,
    },
}

/// What was wrong with the command line, in Japanese.
pub(super) fn misread(e: &clap::Error) -> Error {
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
