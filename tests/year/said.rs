//! What a division means by an answer, and the ways in which people write it. Nothing here is computed by the program.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate};

use crate::book::Put;

pub fn day(y: i32, m: u32, d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(y, m, d).expect("a real day")
}

/// A small generator (xorshift), so that a disagreement can be repeated from its seed.
#[derive(Clone)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        let mut dice = Self(seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        (0..8).for_each(|_| {
            dice.below(2);
        });
        dice
    }

    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let n = u64::try_from(n.max(1)).expect("small");
        usize::try_from((self.0 >> 11) % n).expect("small")
    }

    /// Whether something of this many chances in a hundred happens.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }
}

/// How exactly a day is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    Day,
    TenDays,
    Month,
    /// The last day of a month, written as such.
    MonthEnd,
    /// The last day of a fiscal year, written as such.
    FiscalEnd,
    Fiscal,
}

/// When something is meant to happen.
#[derive(Clone, Debug)]
pub struct When {
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub approx: bool,
    pub how: How,
}

impl PartialEq for When {
    fn eq(&self, o: &Self) -> bool {
        (self.from, self.to, self.approx) == (o.from, o.to, o.approx)
    }
}

pub fn month_end(d: NaiveDate) -> NaiveDate {
    let first = day(d.year(), d.month(), 1);
    first + chrono::Months::new(1) - Days::new(1)
}

pub fn fiscal(d: NaiveDate) -> i32 {
    d.year() - i32::from(d.month() < 4)
}

impl When {
    pub fn on(d: NaiveDate, how: How) -> Self {
        let first = day(d.year(), d.month(), 1);
        let (from, to) = match how {
            How::Day => (d, d),
            How::TenDays => match d.day() {
                1..=10 => (first, first + Days::new(9)),
                11..=20 => (first + Days::new(10), first + Days::new(19)),
                _ => (first + Days::new(20), month_end(d)),
            },
            How::Month => (first, month_end(d)),
            How::MonthEnd => (month_end(d), month_end(d)),
            How::FiscalEnd => (day(fiscal(d) + 1, 3, 31), day(fiscal(d) + 1, 3, 31)),
            How::Fiscal => (day(fiscal(d), 4, 1), day(fiscal(d) + 1, 3, 31)),
        };
        Self { from, to, approx: false, how }
    }

    /// One of the ways to write it on a day that answers describe.
    fn spelled(&self, as_of: NaiveDate, dice: &mut Dice) -> Put {
        let d = self.from;
        let (y, m) = (d.year() - 2018, d.month());
        let next = as_of + Days::new(1);
        let is_next = (next.year(), next.month()) == (d.year(), d.month());
        let mut ways: Vec<String> = match self.how {
            How::Day => {
                if dice.chance(15) && !self.approx {
                    return Put::Day(d.to_string());
                }
                let n = d.day();
                let of = d.year();
                let mut ways = vec![
                    format!("令和{y}年{m}月{n}日"),
                    format!("R{y}.{m}.{n}"),
                    format!("{of}/{m}/{n}"),
                    wide(&format!("令和{y}年{m}月{n}日")),
                ];
                ways.extend(is_next.then(|| format!("来月{n}日")));
                ways
            }
            How::TenDays => {
                let part = ["上旬", "中旬", "下旬"][usize::try_from((d.day() - 1) / 10).expect("small").min(2)];
                vec![format!("令和{y}年{m}月{part}"), format!("R{y}.{m}{part}")]
            }
            How::Month => {
                let of = d.year();
                let mut ways = vec![
                    format!("令和{y}年{m}月"),
                    format!("R{y}.{m}"),
                    format!("{of}年{m}月"),
                    wide(&format!("令和{y}年{m}月")),
                ];
                ways.extend(is_next.then(|| "来月".to_string()));
                ways.extend(is_next.then(|| format!("{m}月")));
                ways
            }
            How::MonthEnd => {
                let mut ways = vec![format!("令和{y}年{m}月末"), format!("R{y}.{m}月末")];
                ways.extend(is_next.then(|| "来月末".to_string()));
                ways
            }
            How::FiscalEnd | How::Fiscal => {
                let f = fiscal(d);
                let end = if self.how == How::FiscalEnd { "末" } else { "" };
                let mut ways = vec![format!("令和{}年度{end}", f - 2018), format!("R{}年度{end}", f - 2018)];
                match (f - fiscal(as_of), end) {
                    (0, "末") => ways.extend(["年度末".into(), "今年度末".into()]),
                    (0, _) => ways.extend(["年度内".into(), "今年度中".into()]),
                    (1, _) => ways.push(format!("来年度{end}")),
                    _ => {}
                }
                ways
            }
        };
        if self.approx {
            ways.retain(|w| !w.ends_with("内") && !w.ends_with("中"));
            ways.iter_mut().for_each(|w| *w += "頃");
        }
        Put::Text(dice.pick(&ways))
    }
}

/// In full-width digits.
pub fn wide(text: &str) -> String {
    let one = |c: char| if c.is_ascii_digit() { char::from_u32(u32::from(c) + 0xFEE0).expect("a digit") } else { c };
    text.chars().map(one).collect()
}

/// An answer as it is meant.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    Blank,
    Undecided,
    Number(i64),
    Code(&'static str),
    Text(String),
    Date(When),
}

/// The answers about one item, by field.
pub type Row = BTreeMap<&'static str, Said>;

/// Codes with the words in which divisions write them.
const WORDS: &[(&str, &str, &[&str])] = &[
    ("exists", "yes", &["実施", "あり", "○"]),
    ("exists", "no", &["制度なし"]),
    ("status", "done", &["オンライン化済", "オンライン化済み", "実施済"]),
    ("status", "planned", &["予定あり", "予定"]),
    ("status", "considering", &["検討中"]),
    ("status", "undecided", &["未定"]),
    ("status", "none", &["予定なし"]),
    ("channel", "all", &["全部", "全て", "すべて"]),
    ("channel", "part", &["一部"]),
    ("channel", "none", &["なし", "無"]),
    ("card", "yes", &["利用する", "利用"]),
    ("card", "no", &["利用しない"]),
    ("signature", "yes", &["要", "必要"]),
    ("signature", "no", &["不要"]),
    ("connection", "done", &["接続済"]),
    ("connection", "planned", &["接続予定"]),
    ("connection", "manual", &["紙・手入力", "手入力"]),
    ("unmet_reason", "system", &["システムの改修・接続が未了"]),
    ("unmet_reason", "budget", &["予算の確保が未了", "予算"]),
    ("unmet_reason", "staff", &["人員・体制の不足"]),
    ("unmet_reason", "few", &["件数が少ない"]),
];

impl Said {
    pub fn is_blank(&self) -> bool {
        *self == Self::Blank
    }

    /// One of the ways to write it.
    pub fn spelled(&self, field: &str, as_of: NaiveDate, dice: &mut Dice) -> Put {
        match self {
            Self::Blank => Put::Blank,
            Self::Undecided => Put::Text(dice.pick(&["未定", "検討中", "調整中", "未定（業者の回答待ち）"]).into()),
            Self::Number(n) => match dice.below(6) {
                0 => Put::Text(wide(&n.to_string())),
                1 => Put::Text(format!("{n}件")),
                _ => Put::Number(f64::from(i32::try_from(*n).expect("small"))),
            },
            Self::Code(code) => {
                let kind = if field.starts_with("channel") { "channel" } else { field };
                let words = WORDS.iter().find(|w| (w.0, w.1) == (kind, *code));
                Put::Text(dice.pick(words.unwrap_or_else(|| panic!("{field} {code}")).2).to_string())
            }
            Self::Text(text) => Put::Text(text.clone()),
            Self::Date(when) => when.spelled(as_of, dice),
        }
    }

    /// As the program's JSON gives it; texts are compared as they are.
    pub fn json(&self) -> serde_json::Value {
        use serde_json::json;
        match self {
            Self::Blank => serde_json::Value::Null,
            Self::Undecided => json!({"none": "undecided"}),
            Self::Number(n) => json!(n),
            Self::Code(code) => json!(code),
            Self::Text(text) => json!(text),
            Self::Date(w) => json!({"from": w.from.to_string(), "to": w.to.to_string(), "approx": w.approx}),
        }
    }
}
