//! The words that stand in written dates, each with what it means to the reader of dates. A table, longest word first
//! wins; a new word is a new row.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What a word means in a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// An era, by its place in `model::date::ERAS`.
    Era(usize),
    /// 元: year one.
    First,
    /// 年度.
    FiscalYear,
    /// FY before a number.
    Fy,
    /// 暦年, 西暦: the year is a calendar year.
    Calendar,
    /// 年.
    Year,
    /// 月.
    Month,
    /// 日.
    Day,
    /// 年間, か月: a length of time, no date.
    Duration,
    /// 末.
    End,
    /// 当初, 初め.
    Start,
    /// 上旬, 中旬, 下旬 (0 to 2).
    Tenth(u8),
    /// 半ば.
    Middle,
    /// 中, 内: somewhere in it.
    Within,
    /// 上半期, 下半期 (1, 2); the second flag says that it needs a year before it (前期).
    Half(u8, bool),
    /// 前半, 後半 (1, 2).
    Part(u8),
    /// Spring to winter (0 to 3).
    Season(u8),
    /// 四半期.
    Quarter,
    /// Q.
    Q,
    /// 第.
    Nth,
    /// 明け.
    Opening,
    /// 頃, 約.
    About,
    /// まで, 以前, 以内.
    Until,
    /// 以降.
    After,
    /// から, より: the start of a period, or an open end.
    From,
    /// 至.
    To,
    /// 自.
    Heading,
    /// 遅くとも.
    Latest,
    /// 早くとも, 最短.
    Earliest,
    /// 来年度: years from the as-of date's fiscal year.
    RelFiscal(i32),
    /// 来年.
    RelYear(i32),
    /// 来月.
    RelMonth(i32),
    /// 今冬, 来春.
    RelSeason(i32, u8),
    /// 翌 before a month.
    Next,
    /// 同年度, 同年, 同月.
    Same,
    /// A weekday, Monday 0.
    Weekday(u8),
    /// 午前 (false), 午後 (true).
    HalfDay(bool),
    /// 時.
    Hour,
    /// 分.
    Minute,
    /// の, between a year and what narrows it.
    Of,
    /// 及び, 、.
    List,
    /// または, か: one of two, so that another must be named.
    Or,
    /// → : a date that was changed into another.
    Change,
    /// A word that only looks like one of the others (により).
    Filler,
}

use Word::{
    About, After, Calendar, Change, Day, Duration, Earliest, End, Era, Filler, First, FiscalYear, From, Half, HalfDay,
    Heading, Hour, Latest, List, Middle, Minute, Month, Next, Nth, Of, Opening, Or, Part, Quarter, RelFiscal, RelMonth,
    RelSeason, RelYear, Same, Season, Start, Tenth, To, Until, Weekday, Within, Year,
};

/// The table. Latin letters are in [`latin`]; they count only as whole words.
const WORDS: &[(&str, Word)] = &[
    ("令和", Era(0)),
    ("平成", Era(1)),
    ("昭和", Era(2)),
    ("大正", Era(3)),
    ("明治", Era(4)),
    ("令", Era(0)),
    ("平", Era(1)),
    ("昭", Era(2)),
    ("大", Era(3)),
    ("明", Era(4)),
    ("元", First),
    ("年度", FiscalYear),
    ("会計年度", FiscalYear),
    ("暦年", Calendar),
    ("西暦", Calendar),
    ("年", Year),
    ("月", Month),
    ("日", Day),
    ("年間", Duration),
    ("年後", Duration),
    ("年前", Duration),
    ("年目", Duration),
    ("年以内", Duration),
    ("か年", Duration),
    ("ヶ年", Duration),
    ("カ年", Duration),
    ("か月", Duration),
    ("ヶ月", Duration),
    ("ケ月", Duration),
    ("カ月", Duration),
    ("ヵ月", Duration),
    ("箇月", Duration),
    ("ヶ年度", Duration),
    ("か年度", Duration),
    ("月間", Duration),
    ("月後", Duration),
    ("日間", Duration),
    ("日後", Duration),
    ("日以内", Duration),
    ("週間", Duration),
    ("末", End),
    ("末日", End),
    ("終わり", End),
    ("おわり", End),
    ("当初", Start),
    ("初め", Start),
    ("始め", Start),
    ("はじめ", Start),
    ("初頭", Start),
    ("初", Start),
    ("頭", Start),
    ("早々", Start),
    ("始", Start),
    ("上旬", Tenth(0)),
    ("初旬", Tenth(0)),
    ("中旬", Tenth(1)),
    ("下旬", Tenth(2)),
    ("半ば", Middle),
    ("なかば", Middle),
    ("中頃", Middle),
    ("中ごろ", Middle),
    ("中", Within),
    ("内", Within),
    ("上半期", Half(1, false)),
    ("下半期", Half(2, false)),
    ("上期", Half(1, false)),
    ("下期", Half(2, false)),
    ("前期", Half(1, true)),
    ("後期", Half(2, true)),
    ("前半", Part(1)),
    ("後半", Part(2)),
    ("春", Season(0)),
    ("夏", Season(1)),
    ("秋", Season(2)),
    ("冬", Season(3)),
    ("春季", Season(0)),
    ("夏季", Season(1)),
    ("秋季", Season(2)),
    ("冬季", Season(3)),
    ("春期", Season(0)),
    ("夏期", Season(1)),
    ("秋期", Season(2)),
    ("冬期", Season(3)),
    ("四半期", Quarter),
    ("クォーター", Quarter),
    ("第", Nth),
    ("明け", Opening),
    ("頃", About),
    ("ごろ", About),
    ("ころ", About),
    ("前後", About),
    ("程度", About),
    ("くらい", About),
    ("ぐらい", About),
    ("約", About),
    ("およそ", About),
    ("おおよそ", About),
    ("概ね", About),
    ("おおむね", About),
    ("まで", Until),
    ("までに", Until),
    ("迄", Until),
    ("迄に", Until),
    ("以前", Until),
    ("以内", Until),
    ("以降", After),
    ("以後", After),
    ("から", From),
    ("より", From),
    ("〜", From),
    ("ないし", To),
    ("により", Filler),
    ("よりも", Filler),
    ("より前", Filler),
    ("よりも前", Filler),
    ("より以前", Filler),
    ("より後", Filler),
    ("よりも後", Filler),
    ("契約", Filler),
    ("予約", Filler),
    ("規約", Filler),
    ("制約", Filler),
    ("要約", Filler),
    ("集約", Filler),
    ("からの", Filler),
    ("明らか", Filler),
    ("時期", Filler),
    ("時点", Filler),
    ("部分", Filler),
    ("中止", Filler),
    ("中断", Filler),
    ("中途", Filler),
    ("中間", Filler),
    ("中期", Filler),
    ("中央", Filler),
    ("中学", Filler),
    ("中核", Filler),
    ("内示", Filler),
    ("内定", Filler),
    ("内部", Filler),
    ("初回", Filler),
    ("当初賦課", Filler),
    ("初期", Filler),
    ("始動", Filler),
    ("内容", Filler),
    ("大幅", Filler),
    ("大規模", Filler),
    ("月次", Filler),
    ("日程", Filler),
    ("至", To),
    ("自", Heading),
    ("遅くとも", Latest),
    ("遅くても", Latest),
    ("遅くて", Latest),
    ("最長", Latest),
    ("最遅", Latest),
    ("早くとも", Earliest),
    ("早くても", Earliest),
    ("早くて", Earliest),
    ("早ければ", Earliest),
    ("最短", Earliest),
    ("最速", Earliest),
    ("今年度", RelFiscal(0)),
    ("本年度", RelFiscal(0)),
    ("当年度", RelFiscal(0)),
    ("現年度", RelFiscal(0)),
    ("来年度", RelFiscal(1)),
    ("翌年度", RelFiscal(1)),
    ("次年度", RelFiscal(1)),
    ("明年度", RelFiscal(1)),
    ("再来年度", RelFiscal(2)),
    ("翌々年度", RelFiscal(2)),
    ("昨年度", RelFiscal(-1)),
    ("前年度", RelFiscal(-1)),
    ("去年度", RelFiscal(-1)),
    ("一昨年度", RelFiscal(-2)),
    ("今年", RelYear(0)),
    ("本年", RelYear(0)),
    ("当年", RelYear(0)),
    ("来年", RelYear(1)),
    ("翌年", RelYear(1)),
    ("明年", RelYear(1)),
    ("再来年", RelYear(2)),
    ("翌々年", RelYear(2)),
    ("昨年", RelYear(-1)),
    ("去年", RelYear(-1)),
    ("前年", RelYear(-1)),
    ("今月", RelMonth(0)),
    ("本月", RelMonth(0)),
    ("当月", RelMonth(0)),
    ("来月", RelMonth(1)),
    ("翌月", RelMonth(1)),
    ("次月", RelMonth(1)),
    ("再来月", RelMonth(2)),
    ("翌々月", RelMonth(2)),
    ("先月", RelMonth(-1)),
    ("前月", RelMonth(-1)),
    ("今春", RelSeason(0, 0)),
    ("今夏", RelSeason(0, 1)),
    ("今秋", RelSeason(0, 2)),
    ("今冬", RelSeason(0, 3)),
    ("来春", RelSeason(1, 0)),
    ("来夏", RelSeason(1, 1)),
    ("来秋", RelSeason(1, 2)),
    ("来冬", RelSeason(1, 3)),
    ("翌春", RelSeason(1, 0)),
    ("翌夏", RelSeason(1, 1)),
    ("翌秋", RelSeason(1, 2)),
    ("翌冬", RelSeason(1, 3)),
    ("翌", Next),
    ("同年度", Same),
    ("同年", Same),
    ("月曜日", Weekday(0)),
    ("火曜日", Weekday(1)),
    ("水曜日", Weekday(2)),
    ("木曜日", Weekday(3)),
    ("金曜日", Weekday(4)),
    ("土曜日", Weekday(5)),
    ("日曜日", Weekday(6)),
    ("月曜", Weekday(0)),
    ("火曜", Weekday(1)),
    ("水曜", Weekday(2)),
    ("木曜", Weekday(3)),
    ("金曜", Weekday(4)),
    ("土曜", Weekday(5)),
    ("日曜", Weekday(6)),
    ("火", Weekday(1)),
    ("水", Weekday(2)),
    ("木", Weekday(3)),
    ("金", Weekday(4)),
    ("土", Weekday(5)),
    ("午前", HalfDay(false)),
    ("午後", HalfDay(true)),
    ("時", Hour),
    ("分", Minute),
    ("の", Of),
    ("及び", List),
    ("および", List),
    ("並びに", List),
    ("または", Or),
    ("又は", Or),
    ("もしくは", Or),
    ("若しくは", Or),
    ("あるいは", Or),
    ("或いは", Or),
    ("或は", Or),
    ("→", Change),
    ("⇒", Change),
    ("➡", Change),
    ("➠", Change),
    ("➞", Change),
    ("➔", Change),
    ("⇨", Change),
    ("⟶", Change),
];

/// Latin words, in upper case.
const LATIN: &[(&str, Word)] = &[
    ("R", Era(0)),
    ("H", Era(1)),
    ("S", Era(2)),
    ("T", Era(3)),
    ("M", Era(4)),
    ("FY", Word::Fy),
    ("AM", Word::HalfDay(false)),
    ("PM", Word::HalfDay(true)),
    ("CY", Calendar),
    ("AD", Calendar),
    ("Q", Word::Q),
    ("OR", Or),
];

/// The table by first character, so that most characters cost one look.
static BY_FIRST: LazyLock<BTreeMap<char, Vec<(&str, Word)>>> = LazyLock::new(|| {
    let mut out: BTreeMap<char, Vec<(&str, Word)>> = BTreeMap::new();
    for (text, word) in WORDS {
        if let Some(first) = text.chars().next() {
            out.entry(first).or_default().push((text, *word));
        }
    }
    out
});

/// The longest word that begins here, and how many characters it takes.
pub(super) fn at(chars: &[char]) -> Option<(Word, usize)> {
    let mut best: Option<(Word, usize)> = None;
    for (text, word) in BY_FIRST.get(chars.first()?)? {
        let mut len = 0;
        let fits = text.chars().enumerate().all(|(k, c)| {
            len = k + 1;
            chars.get(k) == Some(&c)
        });
        // 「3月後半」 is no 「3月後」.
        let cut = *word == Duration && text.ends_with(['前', '後']) && matches!(chars.get(len), Some('半' | '期'));
        if fits && !cut && best.is_none_or(|(_, n)| len > n) {
            best = Some((*word, len));
        }
    }
    best
}

/// A run of Latin letters as a word, in any case.
pub(super) fn latin(run: &str) -> Option<Word> {
    LATIN.iter().find(|(text, _)| run.eq_ignore_ascii_case(text)).map(|(_, word)| *word)
}
