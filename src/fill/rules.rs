//! What the cells of somebody's workbook ask of a value: their validations, their number format, whether they are locked.
//!
//! Nothing is refused here: what a rule says is told, and whoever fills decides. A rule that cannot be told from the file
//! alone (a formula, a list that is computed) is no rule that a value breaks; it is said that nobody looked.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use super::FillValue;
use super::book::Book;
use super::formula::{On, Reference, references};
use super::outline::{children, outline_within};
use super::plan::{Loaded, damaged, style_at};
use super::refusal::FillRefusal;
use super::sheet::{Sheet, Unfit, words};
use super::shown::hidden;
use super::tags::attribute;
use super::value::serial;
use crate::model::Workbook;
use crate::model::grid::{Content, Grid};
use crate::model::place::{Area, CellRef};
use crate::normalise::number_format::{self, Shows};
use crate::normalise::serial::{self as serials, Serial};
use crate::read::sheet_pass::area;
use crate::read::styles::CellStyle;
use crate::read::{self, Limits};

/// How many words of a list a sentence names.
const SHOWN: usize = 8;

/// A validation of a sheet, of the kind that stands in every workbook or of the one for newer programs.
#[derive(Debug)]
pub(super) struct Validation {
    areas: Vec<Area>,
    kind: String,
    operator: String,
    first: String,
    second: String,
}

/// The validations of a sheet; one that is malformed is none.
pub(super) fn validations(loaded: &Loaded) -> Vec<Validation> {
    let tail = loaded.text.get(loaded.sheet.data_end..).unwrap_or_default();
    if !tail.contains("dataValidation") {
        return Vec::new();
    }
    // What closes the cells is not of the tail; where there are none, nothing does.
    let from = if loaded.sheet.data_empty { 0 } else { tail.find('>').map_or(0, |at| at + 1) };
    let tail = tail.get(from..).unwrap_or_default();
    let Ok((all, _)) = outline_within(tail) else { return Vec::new() };
    let mut out = Vec::new();
    for e in all.iter().filter(|e| e.name == "dataValidation") {
        let said = |name| attribute(tail, &e.tag, name).and_then(|at| tail.get(at)).unwrap_or_default().trim();
        let inner = |name: &str| {
            let part = children(&all, e).find(|c| c.name == name && !c.empty);
            let text = part.and_then(|c| words(tail.get(c.tag.end..c.close)?).ok()).unwrap_or_default();
            // As some programs write it.
            text.trim().trim_start_matches('=').to_string()
        };
        let own = inner("sqref");
        let areas = if own.is_empty() { said("sqref").to_string() } else { own };
        out.push(Validation {
            areas: areas.split_whitespace().filter_map(area).collect(),
            kind: said("type").to_string(),
            operator: said("operator").to_string(),
            first: inner("formula1"),
            second: inner("formula2"),
        });
    }
    out
}

/// A word of a list, and the number that stands for it where it is one.
#[derive(Clone, Debug, PartialEq)]
struct Entry {
    text: String,
    number: Option<f64>,
}

/// What one validation asks.
#[derive(Clone, Debug, PartialEq)]
enum Rule {
    /// One of these words; nothing where the list cannot be told.
    List(Option<Vec<Entry>>),
    /// A number, day, time or length within bounds; nothing where one of them cannot be told.
    Bounds { kind: String, operator: String, bounds: Option<(f64, f64)> },
    /// A formula.
    Custom(String),
}

/// What a cell asks of what is written into it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CellRules {
    /// Its number format; `None` for General.
    pub format: Option<String>,
    /// Whether it is locked on a protected sheet.
    pub locked: bool,
    rules: Vec<Rule>,
    date1904: bool,
}

impl CellRules {
    /// What its number format shows.
    #[must_use]
    pub fn shows(&self) -> Shows {
        self.format.as_deref().map(number_format::shows).unwrap_or_default()
    }

    /// Whether its number format is that of text.
    #[must_use]
    pub fn is_text(&self) -> bool {
        self.format.as_deref().is_some_and(|f| f.split(';').next().is_some_and(|s| s.trim() == "@"))
    }

    /// The words of its list, in their order; `None` where it has none, or none that can be told.
    #[must_use]
    pub fn list(&self) -> Option<Vec<&str>> {
        let entries = self.rules.iter().find_map(|r| match r {
            Rule::List(Some(entries)) => Some(entries),
            _ => None,
        });
        entries.map(|all| all.iter().map(|e| e.text.as_str()).collect())
    }

    /// The rule that a value breaks, in words.
    #[must_use]
    pub fn broken(&self, value: &FillValue) -> Option<String> {
        self.rules.iter().find(|r| r.holds(value, self.date1904) == Some(false)).map(|r| r.words(self.date1904))
    }

    /// A rule of which nobody knows whether the value keeps it, in words.
    #[must_use]
    pub fn unknown(&self, value: &FillValue) -> Option<String> {
        self.rules.iter().find(|r| r.holds(value, self.date1904).is_none()).map(|r| r.words(self.date1904))
    }

    /// What the number format makes of a value that was not meant so, in a sentence without its cell.
    #[must_use]
    pub fn shown(&self, value: &FillValue) -> Option<String> {
        let format = self.format.as_deref()?;
        let shows = self.shows();
        match value {
            FillValue::Number(n) if shows.is_date() => Some(format!(
                "表示形式は日付（{format}）なので、数値 {n} は日付として表示されます。日付を書くときは、型を date にしてください。"
            )),
            FillValue::Number(n) if shows.percent && n.abs() > 1.0 => {
                let (percent, share) = (tidy(n * 100.0), tidy(n / 100.0));
                Some(format!(
                    "表示形式はパーセント（{format}）なので、{n} は {percent}% と表示されます。{n}% のことであれば、{share} と書いてください。"
                ))
            }
            FillValue::Number(n) if self.is_text() => Some(format!(
                "表示形式は文字列（{format}）ですが、数値 {n} を書き込みました。文字として書くときは、型を text にしてください。"
            )),
            FillValue::Number(n) if !shows.percent => {
                let seen = hidden(format, *n)?;
                Some(format!("表示形式（{format}）では、書き込んだ {n} は{seen}。単位と桁を確かめてください。"))
            }
            FillValue::Text(t) if !self.is_text() && like_a_number(t) && is_numeric(format, shows) => {
                Some(format!("表示形式は数値（{format}）ですが、文字「{t}」を書き込みました。合計には入りません。"))
            }
            FillValue::Text(t) if shows.is_date() && t.chars().any(char::is_numeric) => Some(format!(
                "表示形式は日付（{format}）ですが、文字「{t}」を書き込みました。日付の計算には使えません。"
            )),
            _ => None,
        }
    }
}

/// A number without what binary fractions add.
fn tidy(n: f64) -> f64 {
    if n.abs() < 1e9 { (n * 1e9).round() / 1e9 } else { n }
}

/// Whether a text would be a number in somebody's eyes.
fn like_a_number(text: &str) -> bool {
    let plain = crate::normalise::text::key(text).replace(',', "");
    plain.trim_end_matches('%').parse::<f64>().is_ok_and(f64::is_finite)
}

fn is_numeric(format: &str, shows: Shows) -> bool {
    !shows.is_date() && format.contains(['0', '#', '?'])
}

impl Rule {
    /// Whether a value keeps the rule; `None` where that cannot be told. An empty cell keeps every rule.
    fn holds(&self, value: &FillValue, date1904: bool) -> Option<bool> {
        let number = match value {
            FillValue::Blank => return Some(true),
            FillValue::Text(t) if t.is_empty() => return Some(true),
            FillValue::Text(_) => None,
            FillValue::Number(n) => Some(*n),
            FillValue::Date(day) => serial(*day, date1904),
        };
        match self {
            Self::List(None) | Self::Custom(_) => None,
            Self::List(Some(entries)) => Some(entries.iter().any(|e| match (value, number) {
                (FillValue::Text(t), _) => e.text == *t,
                #[allow(clippy::float_cmp, reason = "the same number, or another one")]
                (_, Some(n)) => e.number == Some(n) || e.text == n.to_string(),
                (_, None) => false,
            })),
            Self::Bounds { kind, operator, bounds } => {
                let of = match (kind.as_str(), value, number) {
                    ("textLength", FillValue::Text(t), _) => units(t),
                    ("textLength", _, Some(n)) => units(&n.to_string()),
                    ("whole", _, Some(n)) if n.fract() != 0.0 => return Some(false),
                    (_, _, Some(n)) => n,
                    // A word where a number is asked for.
                    (_, _, None) => return Some(false),
                };
                bounds.map(|(a, b)| within(of, operator, a, b))
            }
        }
    }

    fn words(&self, date1904: bool) -> String {
        match self {
            Self::List(None) => "一覧".into(),
            Self::List(Some(entries)) => {
                let all: Vec<&str> = entries.iter().take(SHOWN).map(|e| e.text.as_str()).collect();
                let rest = entries.len().saturating_sub(SHOWN);
                let rest = if rest > 0 { format!(" ほか{rest}") } else { String::new() };
                format!("一覧: {}{rest}", all.join("、"))
            }
            Self::Custom(formula) => format!("数式: {formula}"),
            Self::Bounds { kind, operator, bounds } => {
                let what = match kind.as_str() {
                    "whole" => "整数",
                    "decimal" => "数値",
                    "date" => "日付",
                    "time" => "時刻",
                    _ => "文字数",
                };
                let number = |n: f64| match serials::read(n, date1904) {
                    Serial::Day(day, 0) if kind == "date" => day.to_string(),
                    _ => n.to_string(),
                };
                let range = bounds.map(|(a, b)| between(operator, &number(a), &number(b)));
                range.map_or_else(|| what.to_string(), |range| format!("{what}、{range}"))
            }
        }
    }
}

fn units(text: &str) -> f64 {
    f64::from(u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX))
}

#[allow(clippy::float_cmp, reason = "the bound itself, or not")]
fn within(n: f64, operator: &str, a: f64, b: f64) -> bool {
    match operator {
        "notBetween" => n < a || n > b,
        "equal" => n == a,
        "notEqual" => n != a,
        "lessThan" => n < a,
        "lessThanOrEqual" => n <= a,
        "greaterThan" => n > a,
        "greaterThanOrEqual" => n >= a,
        _ => a <= n && n <= b,
    }
}

fn between(operator: &str, a: &str, b: &str) -> String {
    match operator {
        "notBetween" => format!("{a}から{b}までの外"),
        "equal" => format!("{a}だけ"),
        "notEqual" => format!("{a}以外"),
        "lessThan" => format!("{a}より小さい"),
        "lessThanOrEqual" => format!("{a}以下"),
        "greaterThan" => format!("{a}より大きい"),
        "greaterThanOrEqual" => format!("{a}以上"),
        _ => format!("{a}から{b}まで"),
    }
}

/// What rules are resolved with: the workbook, and its values where a rule names cells.
pub(super) struct Source<'p> {
    pub book: &'p Book<'p>,
    pub bytes: &'p [u8],
    pub styles: &'p [CellStyle],
    /// The values, read when they are asked for first.
    pub values: &'p Values,
}

/// The workbook as it is read, once somebody asks for it.
pub(super) type Values = OnceCell<Option<Workbook>>;

impl Source<'_> {
    fn grid(&self, sheet: usize) -> Option<&Grid> {
        let read = || read::open(self.bytes, "x.xlsx", &Limits::default()).ok().map(|o| o.workbook);
        let name = &self.book.sheets.get(sheet)?.name;
        self.values.get_or_init(read).as_ref()?.sheets.iter().find(|g| g.name == *name)
    }

    /// What a cell asks.
    pub fn rules(&self, sheet: usize, loaded: &Loaded, all: &[Validation], at: CellRef) -> CellRules {
        let style = style_at(loaded, at).and_then(|s| s.parse::<usize>().ok()).unwrap_or(0);
        let style = self.styles.get(style).cloned().unwrap_or_default();
        let own = all.iter().filter(|v| v.areas.iter().any(|a| a.contains(at)));
        CellRules {
            format: style.format,
            locked: loaded.sheet.protected && !style.unlocked,
            rules: own.filter_map(|v| self.rule(v, sheet, at)).collect(),
            date1904: self.book.date1904,
        }
    }

    fn rule(&self, v: &Validation, sheet: usize, at: CellRef) -> Option<Rule> {
        let from = v.areas.first().map_or(at, |a| a.first);
        let shift = (i64::from(at.row) - i64::from(from.row), i64::from(at.col) - i64::from(from.col));
        match v.kind.as_str() {
            "list" => Some(Rule::List(self.entries(&v.first, sheet, shift))),
            "whole" | "decimal" | "date" | "time" | "textLength" => {
                let first = self.bound(&v.first, sheet, shift);
                let two = matches!(v.operator.as_str(), "" | "between" | "notBetween");
                let second = if two { self.bound(&v.second, sheet, shift) } else { first };
                Some(Rule::Bounds { kind: v.kind.clone(), operator: v.operator.clone(), bounds: first.zip(second) })
            }
            "custom" => Some(Rule::Custom(v.first.clone())),
            _ => None,
        }
    }

    fn entries(&self, formula: &str, sheet: usize, shift: (i64, i64)) -> Option<Vec<Entry>> {
        if let Some(inline) = formula.strip_prefix('"').and_then(|f| f.strip_suffix('"')) {
            let sound = !inline.replace("\"\"", "").contains('"');
            let word = |text: &str| Entry { number: text.parse().ok(), text: text.to_string() };
            let words = inline.split(',').map(|w| w.trim().replace("\"\"", "\"")).filter(|w| !w.is_empty());
            return sound.then(|| words.map(|w| word(&w)).collect());
        }
        let (sheet, area) = self.area(formula, sheet, shift, 0)?;
        let grid = self.grid(sheet)?;
        let mut out = Vec::new();
        for (_, cell) in grid.cells.range(area.first..=area.last).filter(|(at, _)| area.contains(**at)) {
            let number = match cell.content {
                // A word that is computed and not stored is one that nobody knows.
                Content::Empty if cell.formula => return None,
                Content::Empty => continue,
                Content::Number(n) | Content::DateTime(n) => Some(n),
                _ => None,
            };
            out.push(Entry { text: cell.raw(), number });
        }
        // A list without words allows nothing, which nobody means.
        Some(out).filter(|words| !words.is_empty())
    }

    fn bound(&self, formula: &str, sheet: usize, shift: (i64, i64)) -> Option<f64> {
        if let Some(n) = formula.parse::<f64>().ok().or_else(|| self.day(formula)) {
            return Some(n);
        }
        let (sheet, area) = self.area(formula, sheet, shift, 0).filter(|(_, a)| a.first == a.last)?;
        let cell = self.grid(sheet)?.get(area.first).filter(|c| !c.formula)?;
        match cell.content {
            Content::Number(n) | Content::DateTime(n) => Some(n),
            _ => None,
        }
    }

    /// The serial of a day that is written out: `DATE(2022,4,1)`.
    fn day(&self, formula: &str) -> Option<f64> {
        let numbers = formula.strip_prefix("DATE(")?.strip_suffix(')')?;
        let numbers: Vec<u32> = numbers.split(',').map(|n| n.trim().parse().ok()).collect::<Option<_>>()?;
        let [year, month, day] = numbers.as_slice() else { return None };
        serial(chrono::NaiveDate::from_ymd_opt(i32::try_from(*year).ok()?, *month, *day)?, self.book.date1904)
    }

    /// The cells that a formula is, where it is nothing but a range or a name of one.
    fn area(&self, formula: &str, own: usize, shift: (i64, i64), depth: u32) -> Option<(usize, Area)> {
        let named = |c: char| c.is_ascii_alphanumeric() || "$:!._?\\".contains(c) || !c.is_ascii();
        // Outside the quotes of a sheet's name nothing but a name or a range.
        let plain = formula.split('\'').step_by(2).all(|piece| piece.chars().all(named));
        if formula.is_empty() || !plain || depth > 8 {
            return None;
        }
        let sheet = |on: &On| match on {
            On::Own => Some(own),
            On::Named(name) => self.book.sheets.iter().position(|s| s.name.to_lowercase() == *name),
            On::Between(..) => None,
        };
        match references(formula).as_slice() {
            [Reference::Cells(on, range)] => Some((sheet(on)?, range.shifted(shift.0, shift.1))),
            [Reference::Name(on, name)] => {
                let scope = sheet(on)?;
                let of = |s: Option<usize>| self.book.names.iter().find(|n| n.sheet == s && n.called == *name);
                let text = &of(Some(scope)).or_else(|| of(None))?.text;
                self.area(text.trim().trim_start_matches('='), scope, shift, depth + 1)
            }
            _ => None,
        }
    }
}

/// What the cells of some sheets ask, for whoever has to know before it is planned what is written.
pub struct Rules<'a> {
    bytes: &'a [u8],
    book: Book<'a>,
    styles: Vec<CellStyle>,
    values: Values,
    sheets: BTreeMap<String, (usize, Loaded, Vec<Validation>)>,
}

impl<'a> Rules<'a> {
    /// Reads the rules of sheets; those that are not there, or cannot be patched, have none.
    ///
    /// # Errors
    /// A [`FillRefusal`] where the workbook cannot be opened.
    pub fn read<'n>(bytes: &'a [u8], names: impl Iterator<Item = &'n str>) -> Result<Self, FillRefusal> {
        let mut book = Book::open(bytes)?;
        let styles = book.styles();
        let mut sheets = BTreeMap::new();
        for name in names {
            let Ok(index) = book.sheet(name) else { continue };
            let part = book.sheets.get(index).and_then(|s| s.part.clone()).unwrap_or_default();
            let text = book.text(&part)?;
            let Ok(sheet) = scanned(&part, &text) else { continue };
            let loaded = Loaded { text, sheet };
            let all = validations(&loaded);
            sheets.insert(name.to_string(), (index, loaded, all));
        }
        Ok(Self { bytes, book, styles, values: OnceCell::new(), sheets })
    }

    /// What a cell asks.
    #[must_use]
    pub fn cell(&self, sheet: &str, at: CellRef) -> CellRules {
        let Some((index, loaded, all)) = self.sheets.get(sheet) else { return CellRules::default() };
        self.source().rules(*index, loaded, all, loaded.sheet.anchor(at))
    }

    /// The cell that a write to a cell goes to: the first of its merge, however large that is.
    #[must_use]
    pub fn anchor(&self, sheet: &str, at: CellRef) -> CellRef {
        self.sheets.get(sheet).map_or(at, |(_, loaded, _)| loaded.sheet.anchor(at))
    }

    /// The lists of a sheet that can be told: their cells, and their words.
    #[must_use]
    pub fn lists(&self, sheet: &str) -> Vec<(Area, Vec<String>)> {
        let Some((index, _, all)) = self.sheets.get(sheet) else { return Vec::new() };
        let source = self.source();
        let of = |v: &Validation| {
            let first = v.areas.first()?;
            let Some(Rule::List(Some(entries))) = source.rule(v, *index, first.first) else { return None };
            let words: Vec<String> = entries.into_iter().map(|e| e.text).collect();
            Some(v.areas.iter().map(|a| (*a, words.clone())).collect::<Vec<_>>())
        };
        all.iter().filter_map(of).flatten().collect()
    }

    fn source(&self) -> Source<'_> {
        Source { book: &self.book, bytes: self.bytes, styles: &self.styles, values: &self.values }
    }
}

fn scanned(part: &str, text: &str) -> Result<Sheet, FillRefusal> {
    Sheet::scan(text).map_err(|unfit| match unfit {
        Unfit::Alternatives => FillRefusal::Alternatives { sheet: part.to_string() },
        Unfit::Damaged(detail) => damaged(part, &detail),
    })
}
