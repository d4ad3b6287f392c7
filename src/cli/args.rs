//! What may be typed, and what is said about a command line that is not understood.

use std::ffi::OsString;
use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use unicode_normalization::UnicodeNormalization;

use crate::error::Error;
use crate::model::form::FieldType;
use crate::model::{Cell, CodeLists, Field};
use crate::normalise;

pub(super) const EXAMPLES: &str = "使い方の例:
  torimatome init 令和4年10月末 --code 042021     調査回のフォルダを作る
  torimatome issue 令和4年10月末                  課に配る様式を作る（配布フォルダ）
  torimatome 令和4年10月末                        届いた回答を取りまとめる（結果フォルダ）
  torimatome status 令和4年10月末                 だれが未提出かを見る
  torimatome watch 令和4年10月末                  届くたびに取りまとめる
  torimatome remind 令和4年10月末                 未提出の課への督促文を作る（結果/督促フォルダ）
  torimatome check 回答.xlsx                      1つのファイルだけ確かめる
  torimatome brief 令和4年10月末                  次の本部会議の資料（Word文書）を作る
  torimatome publish 令和4年10月末                住民・議会に公表する一覧を作る（結果/公表フォルダ）
  torimatome survey 令和4年10月末                 職員アンケートを集計する
  torimatome explain F001E                        指摘の意味を見る
  torimatome fill 報告様式.xlsx --set セル.csv --out 報告.xlsx
                                                  国の様式の決まったセルだけに書き込む
  torimatome fill --compare 令和4年.xlsx 令和5年.xlsx
                                                  国の様式が前の年とどう変わったかを見る
  torimatome report 令和4年10月末 --to 宮城県     報告したブックを控えておき、あとの違いを調べる

調査回のフォルダをこのプログラムの上に落としても、取りまとめができます。";

const INIT_EXAMPLES: &str = "例:
  torimatome init 令和4年10月末 --code 042021
      調査回をはじめて作る（団体コードは自分の市区町村のもの）
  torimatome init 令和5年4月末 --from 令和4年10月末
      所属・所管課・期限を前回から引き継いで作る";
const ISSUE_EXAMPLES: &str = "例:
  torimatome issue 令和4年10月末
      「配布」フォルダに、課ごとの様式と依頼文、配布一覧を作る";
const CONSOLIDATE_EXAMPLES: &str = "例:
  torimatome consolidate 令和4年10月末
      「提出」フォルダのファイルを取りまとめ、「結果」フォルダに書く
  torimatome 令和4年10月末
      同じことをする（フォルダをプログラムの上に落としても同じ）
  torimatome 令和4年10月末 --today 2022-11-14
      11月14日に実行したものとして、未提出や期限後の日数を数える";
const STATUS_EXAMPLES: &str = "例:
  torimatome status 令和4年10月末
      届いたもの、まだ届いていない課、次にすることを見る（結果は書かない）";
const WATCH_EXAMPLES: &str = "例:
  torimatome watch 令和4年10月末
      「提出」「国様式」「前回」「報告済み」や調査設定が変わるたびに取りまとめ、届いたものを1行ずつ示す（Ctrl+C で止める）
  torimatome watch 令和4年10月末 --every 60
      1分ごとに見る";
const REMIND_EXAMPLES: &str = "例:
  torimatome remind 令和4年10月末
      まだ届いていない課、差し戻したままの課への督促文とメールの文面を「結果/督促」フォルダに作る（期限の前は、お知らせの文になる）
  torimatome remind 令和4年10月末 --today 2022-11-09
      11月9日に送るものとして作る";
const CHECK_EXAMPLES: &str = "例:
  torimatome check 提出/回答.xlsx
      1つのファイルだけ確かめる
  torimatome check --explain 回答.xlsx
      どのセルを何として読んだかを見る（様式と認められなかったときにも）";
const FILL_EXAMPLES: &str = "例:
  torimatome fill 報告様式.xlsx --set セル.csv --out 報告.xlsx
      CSVに書いたセルだけに書き込んだ、新しいブックを作る
      （保存先にファイルがあるときは、--overwrite を付けたときだけ置き換える）";
const BRIEF_EXAMPLES: &str = "例:
  torimatome brief 令和4年10月末
      「結果/本部会議資料.docx」を作る";
const REPORT_EXAMPLES: &str = "例:
  torimatome report 令和4年10月末 --to 宮城県
  torimatome report 令和4年10月末 --to 宮城県 --on 2022-11-15";
const PUBLISH_EXAMPLES: &str = "例:
  torimatome publish 令和4年10月末
  torimatome publish 令和4年10月末 --cp932       シフトJISのCSVも作る

公表してはならないもの（電話番号、隠れた回答など）があると、場所をすべて示し、公表しません。前に公表したファイルは残ります。";
const SURVEY_EXAMPLES: &str = "例:
  torimatome survey 令和4年10月末
      「アンケート」フォルダの設問のブックと回答の書出し（xlsx、csv）から、「結果/職員アンケート集計結果.xlsx」を作る
      （「自由記述」の分類や「課題一覧」の原因・解決の方向に書き込むと、次の集計に引き継ぐ。締切の後は、公表用も作る）

設問のブックには、シート「設問」（番号・設問・種類・選択肢・項目・分岐・最大・属性）、「調査」（調査名・開始・締切・回答日時の見出し）、「配布数」（部局・配布数）を書きます。種類は、単一選択・複数選択・尺度・数値・自由記述・表形式です。";
const EXPLAIN_EXAMPLES: &str = "例:
  torimatome explain
      指摘コードの一覧を見る
  torimatome explain D003E
      1つの指摘の意味・理由・直し方・根拠を見る";

/// How the help is laid out: of the program, and of one command.
const WHOLE_HELP: &str =
    "{about}\n\n使い方: torimatome [フォルダ] または torimatome <コマンド>\n\n{all-args}\n\n{after-help}\n";
const HELP: &str = "{about}\n\n使い方: {usage}\n\n{all-args}{after-help}\n";

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
    /// どの段階にどれだけかかったかを示す（標準エラー出力）
    #[arg(long, global = true)]
    pub(super) timings: bool,
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
    #[command(help_template = HELP, after_help = INIT_EXAMPLES)]
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
    #[command(help_template = HELP, after_help = ISSUE_EXAMPLES)]
    Issue {
        /// 調査回のフォルダ
        #[arg(value_name = "フォルダ", help_heading = "指定するもの")]
        dir: PathBuf,
    },
    /// 届いた回答を取りまとめます（結果フォルダ）
    #[command(help_template = HELP, after_help = CONSOLIDATE_EXAMPLES)]
    Consolidate {
        /// 調査回のフォルダ
        #[arg(value_name = "フォルダ", help_heading = "指定するもの")]
        dir: PathBuf,
    },
    /// だれが提出済みで、だれが遅れているかを見ます
    #[command(help_template = HELP, after_help = STATUS_EXAMPLES)]
    Status {
        /// 調査回のフォルダ
        #[arg(value_name = "フォルダ", help_heading = "指定するもの")]
        dir: PathBuf,
    },
    /// 届くたびに取りまとめます（止めるまで見張ります）
    #[command(help_template = HELP, after_help = WATCH_EXAMPLES)]
    Watch {
        /// 調査回のフォルダ
        #[arg(value_name = "フォルダ", help_heading = "指定するもの")]
        dir: PathBuf,
        /// 何秒ごとに見るか（省くと5秒）
        #[arg(long, value_name = "秒", default_value_t = 5, hide_default_value = true, help_heading = "オプション")]
        #[arg(value_parser = clap::value_parser!(u64).range(1..=3600))]
        every: u64,
    },
    /// まだ届いていないものを課に督促する文書を作ります（結果/督促フォルダ）
    #[command(help_template = HELP, after_help = REMIND_EXAMPLES)]
    Remind {
        /// 調査回のフォルダ
        #[arg(value_name = "フォルダ", help_heading = "指定するもの")]
        dir: PathBuf,
        /// メール用のCSVを、シフトJIS（CP932）でも書く
        #[arg(long, help_heading = "オプション")]
        cp932: bool,
    },
    /// ファイルを一つずつ確かめます（調査回のフォルダがなくても使えます）
    #[command(help_template = HELP, after_help = CHECK_EXAMPLES)]
    Check {
        /// 確かめるファイル
        #[arg(value_name = "ファイル", required = true, help_heading = "指定するもの")]
        files: Vec<PathBuf>,
        /// すべてのセルについて、何として読んだかを示す
        #[arg(long, help_heading = "オプション")]
        explain: bool,
    },
    /// ブックの決まったセルだけに書き込みます。--compare では、2つの年の様式の違いを調べます
    #[command(help_template = HELP, after_help = FILL_EXAMPLES, override_usage = "torimatome fill <ブック> --set <CSV> --out <ファイル>\n        torimatome fill --compare <前の年のブック> <新しい年のブック>")]
    Fill {
        /// 元のブック（書き込みません）
        #[arg(value_name = "ブック", help_heading = "指定するもの", required_unless_present = "compare")]
        book: Option<PathBuf>,
        /// 書き込むセルの一覧（CSV。見出しは sheet,cell,value,type）
        #[arg(long, value_name = "CSV", help_heading = "オプション", required_unless_present = "compare")]
        set: Option<PathBuf>,
        /// 書き込んだブックの保存先
        #[arg(long, value_name = "ファイル", help_heading = "オプション", required_unless_present = "compare")]
        out: Option<PathBuf>,
        /// 一覧のセルに数式があるとき、値に置き換える
        #[arg(long, help_heading = "オプション", conflicts_with = "compare")]
        replace_formulas: bool,
        /// 保存先にファイルがあるとき、置き換える
        #[arg(long, help_heading = "オプション", conflicts_with = "compare")]
        overwrite: bool,
        /// 書き込まずに、前の年と新しい年のブックを比べる（終了コード 0: 直すところはない、1: 直すところがある）
        #[arg(long, num_args = 2, value_names = ["前の年のブック", "新しい年のブック"], help_heading = "オプション")]
        #[arg(conflicts_with_all = ["book", "set", "out"])]
        compare: Option<Vec<PathBuf>>,
    },
    /// 報告したブックを凍結し、あとで変わったところが分かるようにします（報告済みフォルダ）
    #[command(help_template = HELP, after_help = REPORT_EXAMPLES)]
    Report {
        /// 調査回のフォルダ
        #[arg(value_name = "フォルダ", help_heading = "指定するもの")]
        dir: PathBuf,
        /// 報告先（例: 宮城県）
        #[arg(long, value_name = "報告先", help_heading = "オプション")]
        to: String,
        /// 報告した日（YYYY-MM-DD）。省くと今日
        #[arg(long, value_name = "日付", help_heading = "オプション")]
        on: Option<NaiveDate>,
    },
    /// 次の本部会議の資料（Word文書）を作ります
    #[command(help_template = HELP, after_help = BRIEF_EXAMPLES)]
    Brief {
        /// 調査回のフォルダ
        #[arg(value_name = "フォルダ", help_heading = "指定するもの")]
        dir: PathBuf,
    },
    /// 公表する一覧（ページ・CSV・Excel）を作ります（結果/公表フォルダ）
    #[command(help_template = HELP, after_help = PUBLISH_EXAMPLES)]
    Publish {
        /// 調査回のフォルダ
        #[arg(value_name = "フォルダ", help_heading = "指定するもの")]
        dir: PathBuf,
        /// CSVを、シフトJIS（CP932）でも書く
        #[arg(long, help_heading = "オプション")]
        cp932: bool,
    },
    /// 職員アンケートの回答を集計します（アンケートフォルダ）
    #[command(help_template = HELP, after_help = SURVEY_EXAMPLES)]
    Survey {
        /// 調査回のフォルダ
        #[arg(value_name = "フォルダ", help_heading = "指定するもの")]
        dir: PathBuf,
    },
    /// 指摘コードの意味・理由・直し方を見ます
    #[command(help_template = HELP, after_help = EXPLAIN_EXAMPLES)]
    Explain {
        /// 指摘コード（省くと一覧）
        #[arg(value_name = "コード", help_heading = "指定するもの")]
        code: Option<String>,
    },
    /// コマンドの入力を補完する設定を出します（PowerShell、bashなど）
    #[command(help_template = HELP, hide = true)]
    Completions {
        /// シェル（powershell、bash、zsh、fish、elvish）
        #[arg(value_name = "シェル", hide_possible_values = true, help_heading = "指定するもの")]
        shell: clap_complete::Shell,
    },
    /// manページを出します
    #[command(help_template = HELP, hide = true)]
    Man,
}

/// Whether JSON is asked for, told from the words as they were typed: also where they cannot be understood.
pub(super) fn asks_for_json(words: &[OsString]) -> bool {
    let words: Vec<&str> = words.iter().filter_map(|w| w.to_str()).collect();
    words.contains(&"--format=json") || words.windows(2).any(|w| matches!(w, ["--format", "json"]))
}

/// Whether a word is the name of a command.
pub(super) fn is_command(word: &str) -> bool {
    Cli::command().get_subcommands().any(|c| c.get_name() == word)
}

/// The command that a word was meant for, where it is like one.
pub(super) fn meant(word: &str) -> Option<String> {
    /// As alike as 「cosolidate」 and 「statsu」 are to their commands.
    const ALIKE: f64 = 0.6;
    let typed: String = word.nfkc().collect::<String>().to_lowercase();
    if typed.chars().count() < 3 || typed.contains(['/', '\\', '.']) {
        return None;
    }
    let names = Cli::command().get_subcommands().map(|c| c.get_name().to_string()).collect::<Vec<_>>();
    let like = |name: &String| {
        let start = f64::from(u8::from(name.starts_with(&typed)));
        strsim::normalized_damerau_levenshtein(&typed, name).max(start)
    };
    let best = names.into_iter().map(|name| (like(&name), name)).max_by(|a, b| a.0.total_cmp(&b.0));
    best.filter(|(alike, _)| *alike >= ALIKE).map(|(_, name)| name)
}

/// A word that is neither file nor command, with the command that it is like.
pub(super) fn no_such_command(word: &str, command: &str, rest: &[PathBuf]) -> Error {
    let rest: Vec<String> = rest.iter().map(|p| p.display().to_string()).collect();
    let line = ["torimatome", command].into_iter().map(String::from).chain(rest).collect::<Vec<_>>().join(" ");
    Error::new(
        format!("「{word}」というコマンドもフォルダもありません。「{command}」のことですか。"),
        format!("{line} と入力してください。すべてのコマンドは torimatome --help で見られます。"),
    )
}

/// How a day is typed; the day itself where what was typed can be understood as one.
fn day_wanted(option: &str, typed: &str, now: NaiveDate) -> String {
    let field = Field { kind: FieldType::Date, ..Field::default() };
    let context = normalise::Context { as_of: now, date1904: false, codes: &CodeLists::new() };
    let read = normalise::normalise(&Cell::text(typed), &field, &context);
    let day = read.value.date().filter(|i| i.from == i.to && !i.inferred && !i.approx).and_then(|i| i.from);
    let option = option.split_whitespace().next().unwrap_or_default();
    match day {
        Some(day) => format!("「{option} {day}」と入力してください。"),
        None => format!("日付は「{option} 2022-11-14」のように、西暦の年-月-日（半角）で入力してください。"),
    }
}

/// What was wrong with the command line, in Japanese.
pub(super) fn misread(e: &clap::Error, now: NaiveDate) -> Error {
    use clap::error::{ContextKind, ErrorKind};
    let said = |kind: ContextKind| e.get(kind).map(ToString::to_string).unwrap_or_default();
    let (argument, value) = (said(ContextKind::InvalidArg), said(ContextKind::InvalidValue));
    let mut next = "torimatome --help で使い方を見られます。".to_string();
    let what = match e.kind() {
        ErrorKind::UnknownArgument => match said(ContextKind::SuggestedArg) {
            near if near.is_empty() => format!("「{argument}」という指定はありません。"),
            near => format!("「{argument}」という指定はありません。「{near}」のことですか。"),
        },
        ErrorKind::InvalidSubcommand => {
            let word = said(ContextKind::InvalidSubcommand);
            match meant(&word) {
                Some(command) => return no_such_command(&word, &command, &[]),
                None => format!("「{word}」というコマンドはありません。"),
            }
        }
        ErrorKind::MissingRequiredArgument => format!("「{argument}」が指定されていません。"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation if value.is_empty() => {
            format!("「{argument}」の値がありません。")
        }
        kind @ (ErrorKind::InvalidValue | ErrorKind::ValueValidation) => {
            let valid = said(ContextKind::ValidValue);
            if kind == ErrorKind::ValueValidation && argument.contains("日付") {
                next = day_wanted(&argument, &value, now);
            } else if !valid.is_empty() {
                next = format!("指定できるのは、{}です。", valid.replace(", ", "、"));
            }
            format!("「{value}」は「{argument}」に指定できません。")
        }
        ErrorKind::WrongNumberOfValues => format!("「{argument}」の値の数が違います。"),
        ErrorKind::TooManyValues | ErrorKind::ArgumentConflict => format!("「{argument}」はここでは指定できません。"),
        _ => "指定のしかたが正しくありません。".to_string(),
    };
    Error::new(what, next)
}
