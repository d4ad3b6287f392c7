//! A round of many divisions on a form that an office drew by itself, made from a seed: the input of the benches.
//!
//! The workbooks are written part by part (`package`), the definition stands in `templates/` beside this file. Every name in it is invented.
#![allow(dead_code, missing_docs)] // a module of several programs, each of which uses some of it

mod package;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{Days, NaiveDate};
use package::{Cell, Named, Sheet, Texts, at, style};
use torimatome::forms::Templates;
use torimatome::forms::draw::{self, CellValue, Fill, GivenRow};

/// The form's id, and the sheet that its answers stand on.
pub const FORM: &str = "facility-survey";
pub const SHEET: &str = "点検・改修";
/// The day of the run.
pub const TODAY: &str = "2025-11-01";
/// The rows above the first answer: title, sender, a blank one, two of headers.
pub const ABOVE: usize = 5;
pub const COLUMNS: usize = 20;
/// The columns that the planted faults are in.
pub const INSPECTED: usize = 6;
pub const INSPECTOR: usize = 7;
pub const BEGIN: usize = 10;
pub const FINISH: usize = 11;
pub const PROGRESS: usize = 12;
/// Headers: the one above, shared by neighbours, and the column's own.
pub const HEADS: [(&str, &str); COLUMNS] = [
    ("番号", ""),
    ("施設", "施設名"),
    ("施設", "種別"),
    ("施設", "所在地"),
    ("施設", "建築年月日"),
    ("施設", "延床面積"),
    ("点検", "点検日"),
    ("点検", "点検者"),
    ("点検", "判定"),
    ("改修", "要否"),
    ("改修", "着手予定日"),
    ("改修", "完了予定日"),
    ("改修", "進捗率"),
    ("経費（円）", "予算額"),
    ("経費（円）", "執行額"),
    ("経費（円）", "残額"),
    ("対応", "課題"),
    ("対応", "対応方針"),
    ("更新日", ""),
    ("備考", ""),
];

const PLACES: [&str; 8] = ["中央", "東", "西", "南", "北", "本町", "川端", "高台"];
const KINDS: [(&str, &str); 5] =
    [("集会所", "集会施設"), ("小学校", "学校"), ("保育所", "福祉施設"), ("大橋", "道路・橋りょう"), ("庁舎", "庁舎")];
const READINGS: [(&str, &str); 9] = [
    ("中央", "チュウオウ"),
    ("本町", "ホンマチ"),
    ("川端", "カワバタ"),
    ("高台", "タカダイ"),
    ("集会所", "シュウカイジョ"),
    ("小学校", "ショウガッコウ"),
    ("保育所", "ホイクショ"),
    ("大橋", "オオハシ"),
    ("庁舎", "チョウシャ"),
];
const GRADES: [&str; 4] = ["健全", "要観察", "要修繕", "使用停止"];
const WORKS: [&str; 2] = ["要", "不要"];
const INSPECTORS: [&str; 4] = ["施設係", "管理係", "委託（Ａ設計）", "委託（Ｂ設備）"];
const ISSUES: [&str; 6] = [
    "屋上の防水が傷み、雨の日に廊下まで水が入ります。",
    "外壁のひびが増えています。",
    "受電設備の部品が手に入らず、次に故障すると直せません",
    "利用者の少ない時期（１月～２月）に工事を寄せたい",
    "特に大きな傷みはない。",
    "手すりの高さがいまの基準に足りない",
];
const PLANS: [&str; 5] = [
    "来年度の当初予算で要求し、夏のうちに設計を終えます。",
    "職員が月に一度見て回る",
    "県の補助の要綱が出てから、範囲を決めます。",
    "応急の手当てで済ませ、建替えのときにまとめて直す。",
    "地区の会長と日程を相談しています",
];

/// What is made.
#[derive(Clone, Copy, Debug)]
pub struct Survey {
    pub divisions: usize,
    /// Whether one row in thirty or so has a fault that the checks must find.
    pub faults: bool,
}

/// What was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Made {
    pub rows: usize,
    /// Cells with a fault: blank though required, no date, an end before its beginning, more than the whole.
    pub faults: usize,
}

/// Numbers that repeat from run to run (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % n as u64).expect("small")
    }

    fn one<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    fn percent(&mut self, n: usize) -> bool {
        self.below(100) < n
    }

    fn day(&mut self, from: NaiveDate, within: usize) -> NaiveDate {
        from + Days::new(self.below(within) as u64)
    }
}

fn day(y: i32, m: u32, d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(y, m, d).expect("a day")
}

/// The folder for `--templates`.
pub fn templates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/survey/templates")
}

/// Makes the round's folder: settings, and a workbook of each division in 提出/.
pub fn round(folder: &Path, survey: Survey) -> Made {
    let returned = folder.join("提出");
    fs::create_dir_all(&returned).expect("made");
    fs::write(folder.join("調査設定.xlsx"), settings(survey.divisions)).expect("written");
    let mut dice = Dice(0x5EED_2025);
    let mut made = Made::default();
    for n in 1..=survey.divisions {
        let name = format!("{n:04}_{}_点検改修計画.xlsx", division(n));
        fs::write(returned.join(name), reply(n, survey.faults, &mut dice, &mut made)).expect("written");
    }
    made
}

/// The workbooks, as a program that somebody wrote for them would find them.
pub fn replies(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder.join("提出")).expect("a round's folder");
    let mut paths: Vec<PathBuf> = entries.map(|e| e.expect("an entry").path()).collect();
    paths.sort();
    paths
}

/// How many errors torimatome's list of findings holds.
pub fn errors(folder: &Path) -> usize {
    let mut list = csv::Reader::from_path(folder.join("結果/データ/指摘.csv")).expect("a list");
    let code = list.headers().expect("heads").iter().position(|h| h == "指摘コード").expect("a column");
    list.records().filter(|row| row.as_ref().expect("a row")[code].ends_with('E')).count()
}

fn division(n: usize) -> String {
    format!("第{n:03}課")
}

fn settings(divisions: usize) -> Vec<u8> {
    let mut overlay = BTreeMap::new();
    for entry in walkdir::WalkDir::new(templates()).into_iter().map(|e| e.expect("an entry")) {
        if entry.file_type().is_file() {
            let path = entry.path().strip_prefix(templates()).expect("below").to_string_lossy().replace('\\', "/");
            overlay.insert(path, fs::read(entry.path()).expect("bytes"));
        }
    }
    let templates = Templates::load(&overlay).unwrap_or_else(|errors| panic!("{errors:?}"));
    let words = |t: &str| CellValue::Text(t.to_string());
    let row =
        |cells: &[(&str, &str)]| -> GivenRow { cells.iter().map(|(k, v)| ((*k).to_string(), words(v))).collect() };
    let card = [
        ("municipality", "見本市"),
        ("municipality_code", "042021"),
        ("round_name", "令和7年9月末"),
        ("issuer", "施設課長"),
        ("contact", "施設係　内線 0000"),
    ];
    let asked = row(&[("form", FORM), ("as_of", "2025-09-30"), ("reply_deadline", "2025-10-31")]);
    let named = |n: usize| row(&[("code", &(1000 + n).to_string()), ("name", &division(n)), ("bureau", "施設部")]);
    let fill = Fill {
        answers: card.iter().map(|(k, v)| ((String::new(), (*k).to_string()), words(v))).collect(),
        rows: BTreeMap::from([
            ("forms".to_string(), vec![asked]),
            ("divisions".to_string(), (1..=divisions).map(named).collect()),
        ]),
        created: day(2025, 10, 1),
        ..Fill::default()
    };
    draw::workbook(templates.settings().expect("the settings"), &templates, &fill).expect("drawn")
}

/// One division's workbook: its answers, the lists of its drop-downs, how to fill it in.
fn reply(n: usize, faults: bool, dice: &mut Dice, made: &mut Made) -> Vec<u8> {
    let mut texts = Texts::new(&READINGS);
    let mut sheet = Sheet::default();
    head(n, dice, &mut sheet, &mut texts);
    let rows = 26 + dice.below(9);
    for row in 1..=rows {
        let mut answers = answers(n, row, dice);
        made.faults += if faults { spoil(&mut answers, dice) } else { 0 };
        let wide = matches!(answers.last(), Some(Cell::Text(_)));
        let cells: Vec<_> = answers.into_iter().enumerate().map(|(c, cell)| (c, formats()[c], cell)).collect();
        sheet.row(&mut texts, Some(if wide { 27.0 } else { 13.5 }), &cells);
    }
    made.rows += rows;
    let mut lists = Sheet::default();
    for row in 0..KINDS.len() {
        let words = [KINDS.get(row).map(|k| k.1), GRADES.get(row).copied(), WORKS.get(row).copied()];
        let text = |(c, word): (usize, Option<&str>)| Some((c, 0, Cell::Text(word?.to_string())));
        lists.row(&mut texts, None, &words.into_iter().enumerate().filter_map(text).collect::<Vec<_>>());
    }
    let mut guide = Sheet::default();
    for (row, word) in (1..).zip(HEADS.map(|(group, own)| if own.is_empty() { group } else { own })) {
        let line = format!("{row}　「{word}」を記入してください。分からないときは施設係へ。");
        guide.row(&mut texts, None, &[(0, 0, Cell::Text(line))]);
    }
    let plain = |name, hidden, sheet| Named { name, hidden, sheet, before: String::new(), after: Default::default() };
    let main = Named { before: before(), after: after(ABOVE + rows), ..plain(SHEET, false, &sheet) };
    let sheets = [main, plain("リスト", true, &lists), plain("記入のしかた", false, &guide)];
    package::package(&sheets, &texts, "2025-10-20T05:00:00Z")
}

/// Title, sender, headers.
fn head(n: usize, dice: &mut Dice, sheet: &mut Sheet, texts: &mut Texts<'_>) {
    let text = |t: &str| Cell::Text(t.to_string());
    sheet.row(texts, Some(24.0), &[(0, style::TITLE, text("公共施設　点検・改修計画調査票"))]);
    sheet.merge((0, 1), (COLUMNS - 1, 1));
    let handed_in = Cell::Number(serial(dice.day(day(2025, 10, 1), 28)));
    let sender = [
        (0, style::HEAD, text("課名")),
        (1, style::TO_FILL, text(&division(n))),
        (4, style::HEAD, text("担当係")),
        (5, style::TO_FILL, text(dice.one(&["施設係", "管理係", "庶務係"]))),
        (8, style::HEAD, text("提出日")),
        (9, style::ERA, handed_in),
    ];
    sheet.row(texts, None, &sender);
    [(1, 3), (5, 7), (9, 10)].iter().for_each(|(from, to)| sheet.merge((*from, 2), (*to, 2)));
    sheet.skip(1);
    let (mut above, mut below) = (Vec::new(), Vec::new());
    for (column, (group, own)) in HEADS.iter().enumerate() {
        let first = column == 0 || HEADS[column - 1].0 != *group;
        above.push((column, style::HEAD, if first { text(group) } else { Cell::Blank }));
        below.push((column, style::HEAD, if own.is_empty() { Cell::Blank } else { text(own) }));
        let last = (column..COLUMNS).take_while(|c| HEADS[*c].0 == *group).last().unwrap_or(column);
        if own.is_empty() {
            sheet.merge((column, 4), (column, 5));
        } else if first && last > column {
            sheet.merge((column, 4), (last, 4));
        }
    }
    sheet.row(texts, None, &above);
    sheet.row(texts, None, &below);
}

const fn formats() -> [usize; COLUMNS] {
    use style::{CENTRED, DAY, ERA, MONEY, PERCENT, TEXT, WRAPPED};
    [
        CENTRED, TEXT, TEXT, TEXT, ERA, MONEY, DAY, TEXT, CENTRED, CENTRED, DAY, DAY, PERCENT, MONEY, MONEY, MONEY,
        WRAPPED, WRAPPED, DAY, WRAPPED,
    ]
}

fn serial(day: NaiveDate) -> f64 {
    let days = (day - self::day(1899, 12, 30)).num_days();
    f64::from(i32::try_from(days).expect("a near day"))
}

/// A day as somebody types it.
fn written(day: NaiveDate) -> String {
    use chrono::Datelike;
    format!("令和{}年{}月{}日", day.year() - 2018, day.month(), day.day())
}

fn small(n: usize) -> f64 {
    f64::from(u32::try_from(n).expect("small"))
}

/// The answers of a row, all of them sound.
fn answers(n: usize, row: usize, dice: &mut Dice) -> Vec<Cell> {
    let text = |t: &str| Cell::Text(t.to_string());
    let (place, (thing, kind)) = (dice.one(&PLACES), dice.one(&KINDS));
    let inspected = dice.day(day(2024, 4, 1), 500);
    let begin = dice.day(day(2025, 11, 1), 300);
    let finish = dice.day(begin, 400);
    let budget = 10_000 * (1 + dice.below(9_000));
    let spent = budget / 100 * dice.below(100);
    let line = ABOVE + row;
    let note = format!("図面は別冊{}にあります。\n（{}現在）", 1 + dice.below(9), written(inspected));
    let plan = dice.one(&PLANS);
    vec![
        text(&format!("{n:03}-{row}")),
        text(&format!("{place}{thing}第{row}")),
        text(kind),
        text(&format!("見本市{place}{}番地{}", 1 + dice.below(30), 1 + dice.below(20))),
        Cell::Number(serial(dice.day(day(1965, 4, 1), 20_000))),
        Cell::Number(small(500 + dice.below(90_000)) / 10.0),
        if dice.percent(88) { Cell::Number(serial(inspected)) } else { text(&written(inspected)) },
        text(dice.one(&INSPECTORS)),
        text(dice.one(&GRADES)),
        text(dice.one(&WORKS)),
        Cell::Number(serial(begin)),
        if dice.percent(70) { Cell::Number(serial(finish)) } else { Cell::Blank },
        Cell::Number(small(dice.below(101)) / 100.0),
        Cell::Number(small(budget)),
        Cell::Number(small(spent)),
        Cell::Formula(format!("{}-{}", at(13, line), at(14, line)), small(budget - spent)),
        text(dice.one(&ISSUES)),
        if dice.percent(50) { text(plan) } else { text(&format!("{plan}（{}　{row}）", division(n))) },
        Cell::Number(serial(dice.day(day(2025, 9, 1), 40))),
        if dice.percent(30) { Cell::Text(note) } else { Cell::Blank },
    ]
}

/// Plants faults, and says how many.
fn spoil(answers: &mut [Cell], dice: &mut Dice) -> usize {
    let mut planted = 0;
    let mut plant = |column: usize, cell: Cell| {
        answers[column] = cell;
        planted += 1;
    };
    if dice.percent(1) {
        plant(INSPECTOR, Cell::Blank);
    }
    if dice.percent(1) {
        plant(INSPECTED, Cell::Text("なるべく早く".to_string()));
    }
    if dice.percent(1) {
        plant(PROGRESS, Cell::Number(85.0));
    }
    if dice.percent(1) {
        plant(FINISH, Cell::Number(serial(day(2025, 4, 1))));
    }
    planted
}

/// View and widths.
fn before() -> String {
    let widths = [(1, 1, 8), (2, 4, 18), (5, 16, 14), (17, 18, 32), (19, 20, 16)];
    let column = |(from, to, width)| format!("<col min=\"{from}\" max=\"{to}\" width=\"{width}\" customWidth=\"1\"/>");
    let columns: String = widths.map(column).concat();
    format!(
        "<sheetViews><sheetView tabSelected=\"1\" workbookViewId=\"0\"><pane xSplit=\"2\" ySplit=\"{ABOVE}\" topLeftCell=\"C6\" activePane=\"bottomRight\" state=\"frozen\"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight=\"13.5\"/><cols>{columns}</cols>"
    )
}

/// Filter, tint, drop-downs, page; of as many rows.
fn after(last: usize) -> (String, String) {
    let first = ABOVE + 1;
    let list = |column: usize, from: char, words: usize| {
        let area = format!("{}:{}", at(column, first), at(column, last));
        format!(
            "<dataValidation type=\"list\" allowBlank=\"1\" showErrorMessage=\"1\" sqref=\"{area}\"><formula1>リスト!${from}$1:${from}${words}</formula1></dataValidation>"
        )
    };
    let lists = [list(2, 'A', KINDS.len()), list(8, 'B', GRADES.len()), list(9, 'C', WORKS.len())].concat();
    let whole = format!("{}:{}", at(PROGRESS, first), at(PROGRESS, last));
    let filter = format!("<autoFilter ref=\"A{ABOVE}:T{last}\"/>");
    let rest = format!(
        "<conditionalFormatting sqref=\"{whole}\"><cfRule type=\"cellIs\" dxfId=\"0\" priority=\"1\" operator=\"greaterThan\"><formula>1</formula></cfRule></conditionalFormatting><dataValidations count=\"4\">{lists}<dataValidation type=\"decimal\" errorStyle=\"warning\" allowBlank=\"1\" showErrorMessage=\"1\" sqref=\"{whole}\"><formula1>0</formula1><formula2>1</formula2></dataValidation></dataValidations><pageMargins left=\"0.4\" right=\"0.4\" top=\"0.6\" bottom=\"0.6\" header=\"0.3\" footer=\"0.3\"/><pageSetup paperSize=\"8\" fitToHeight=\"0\" orientation=\"landscape\"/><headerFooter><oddFooter>&amp;C&amp;P / &amp;N</oddFooter></headerFooter>"
    );
    (filter, rest)
}
