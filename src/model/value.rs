//! An answer is never bare: what it was taken to mean, what was typed, where it stood, and each step between.

use arcstr::ArcStr;
use serde::{Deserialize, Serialize};
use thin_vec::ThinVec;

use super::date::Interval;
use super::place::Place;

/// Why there is no value though something was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoneKind {
    /// 未定, 検討中, 未見積: not known yet.
    Undecided,
    /// 該当なし, 対象外, －.
    NotApplicable,
    /// 同上, 別紙のとおり: the answer stands somewhere else.
    SeeOther,
}

impl NoneKind {
    /// As programs write it: in the long form, in JSON, in published tables.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Undecided => "undecided",
            Self::NotApplicable => "not_applicable",
            Self::SeeOther => "see_other",
        }
    }
}

/// What an answer means. Blank, 0, 該当なし and 未定 are four different values.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing was written (blanks and placeholders such as 「令和　年　月　日」 included).
    Blank,
    /// Something was written that stands for "no value", with its reason class in words.
    None {
        /// Which kind of no value.
        kind: NoneKind,
        /// The class of the reason in a word (ベンダ回答待ち …), when one was written.
        reason: Option<ArcStr>,
    },
    /// A number in the field's own unit.
    Number(f64),
    /// Text as typed, ends trimmed.
    Text(ArcStr),
    /// A code of the field's code list.
    Choice(ArcStr),
    /// A date or period.
    Date(Interval),
    /// Something was written that could not be understood; it stands as typed and counts in no numerator.
    Unreadable,
}

impl Value {
    /// Whether nothing at all was answered.
    #[must_use]
    pub const fn is_blank(&self) -> bool {
        matches!(self, Self::Blank)
    }

    /// The interval, when this is a date.
    #[must_use]
    pub const fn date(&self) -> Option<&Interval> {
        if let Self::Date(i) = self { Some(i) } else { None }
    }

    /// The number, when this is one.
    #[must_use]
    pub const fn number(&self) -> Option<f64> {
        if let Self::Number(n) = self { Some(*n) } else { None }
    }

    /// The code of a choice, when this is one.
    #[must_use]
    pub fn choice(&self) -> Option<&str> {
        if let Self::Choice(c) = self { Some(c) } else { None }
    }
}

/// What was done to a raw text on its way to the value; each is a row of the sheet 変換記録.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoteKind {
    /// Full-width to half-width, compatibility forms folded (for matching, or inside a number or a date).
    Width,
    /// Blanks, line breaks or invisible characters left out.
    Spaces,
    /// An era year became a western year.
    Era,
    /// A fiscal year, its end, a half or a quarter became days.
    FiscalYear,
    /// A month or ten days became days.
    Month,
    /// A spreadsheet serial became a day.
    Serial,
    /// The number format shows less than the stored day (a month only, a year only).
    ShownAs,
    /// A year was taken from the as-of date.
    Inferred,
    /// One end of a longer period was taken, or a period was read.
    Period,
    /// 頃, 約, 程度, 予定 were set aside and kept as a mark.
    Approx,
    /// A unit or a thousands separator was set aside, or the number was scaled to the field's unit.
    Unit,
    /// ▲, △ or brackets became a minus sign.
    Minus,
    /// A symbol or another spelling became a code of the list.
    Alias,
    /// A placeholder or a dash was taken for blank or for 該当なし.
    Placeholder,
    /// A word such as 未定 became a class of no value.
    NoValue,
    /// A remark beside the value was set aside.
    Remark,
    /// The part in strike-through was left out.
    Struck,
    /// A mark in superscript or subscript was left out.
    Raised,
    /// Letters of a font of pictures became what they show.
    Symbol,
    /// The round's common answer was used instead of what stands in a locked cell.
    Common,
    /// What the screen shows was read instead of what is stored.
    Seen,
    /// The answer of an earlier round stands, as the division says.
    Earlier,
    /// A blank says something, because of what stands beside it.
    Blank,
}

impl NoteKind {
    /// The step in the office's words, for the sheet 変換記録.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Width => "全角・半角をそろえた",
            Self::Spaces => "空白・改行を除いた",
            Self::Era => "和暦を西暦にした",
            Self::FiscalYear => "年度・半期・四半期を日付の範囲にした",
            Self::Month => "月・旬・月末を日付にした",
            Self::Serial => "表計算の通し番号を日付にした",
            Self::ShownAs => "表示形式に合わせて月・年の範囲とした",
            Self::Inferred => "年を基準日から補った",
            Self::Period => "期間として読んだ",
            Self::Approx => "「頃」「約」などの幅を示す語を印として残した",
            Self::Unit => "単位・桁区切りを除き、項目の単位に合わせた",
            Self::Minus => "▲・括弧を負の数とした",
            Self::Alias => "別の書き方・記号を選択肢に対応させた",
            Self::Placeholder => "記入欄のひな形・横線を値なしとした",
            Self::NoValue => "「未定」などを値なし（理由あり）とした",
            Self::Remark => "添え書きを値から分けて残した",
            Self::Struck => "取消線の引かれた部分を除いた",
            Self::Raised => "上付き・下付きの印（注番号など）を除いた",
            Self::Symbol => "記号のフォントの文字を、見えるとおりの記号にした",
            Self::Common => "全課共通の回答を使った",
            Self::Earlier => "「前回から変更なし」のため、前回の回答を使った",
            Self::Blank => "空欄を、ほかの欄の回答から読んだ",
            Self::Seen => "画面に見えるとおりに読んだ",
        }
    }
}

/// One step from the raw text to the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What was done.
    pub kind: NoteKind,
    /// Text before.
    pub before: ArcStr,
    /// Text or value after.
    pub after: ArcStr,
}

/// What a reading could not settle; the check stage turns each into a finding with a polite question.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubt {
    /// Not understood at all as the field's type.
    Unreadable,
    /// 7.3.31: 令和7年 or 2007 or a day without a year. The readings in words.
    AmbiguousEra(String),
    /// R7末: end of the year or of the fiscal year. The readings in words.
    AmbiguousYearEnd(String),
    /// Two periods or two dates in one cell.
    SeveralDates,
    /// The spreadsheet took 7/3/31 for 2007-03-31. What was probably meant.
    SpreadsheetDate(String),
    /// An era year that the era never had (平成35年). The year it was converted to.
    EraOverrun(String),
    /// No such day (2月30日).
    NoSuchDay,
    /// 9月21日（木） that was a Wednesday. The day with its real weekday.
    WrongWeekday(String),
    /// Something beside a date that may change it (延期, 一部, ×). What it says.
    Beside(String),
    /// A date that is taken back (中止, 見送り). The words that do.
    Withdrawn(String),
    /// A number that shows no date, or a day far off. What makes it so, in words.
    Unlikely(String),
    /// 済 or another status in a date cell.
    StatusInDate,
    /// 〃, 同上, 別紙のとおり.
    SeeOther,
    /// A year was taken from the as-of date; the reading in words.
    Inferred(String),
    /// A unit that is not the field's, so the number may be off by a factor; the reading in words.
    Unit(String),
    /// A number in brackets or with a mark whose meaning is not settled.
    AmbiguousNumber(String),
    /// Not one of the choices; the code of the nearest one, as a suggestion only.
    NotAChoice(Option<String>),
    /// More than one choice was marked.
    SeveralChoices,
    /// A number or a text that its number format does not show. What is seen instead, in words.
    Unseen(String),
    /// A text that the spreadsheet took for a day, so that something else is seen now. What was probably typed.
    BecameDay(String),
    /// A day in an answer that asks for a text; the day in words.
    DayInText(String),
    /// A formula without a stored result.
    NoStoredResult,
    /// An error value such as `#REF!`.
    ErrorCell(String),
    /// What stands there is no answer that may be counted, and a finding of the reading says why.
    Told,
}

/// One answer with its history.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// What it was taken to mean.
    pub value: Value,
    /// The stored text, or the serial or number as text; empty when the cell is empty.
    pub raw: ArcStr,
    /// Where it stood.
    pub place: Place,
    /// Every step from raw to value.
    pub notes: ThinVec<Note>,
    /// What could not be settled.
    pub doubts: ThinVec<Doubt>,
}

impl Answer {
    /// The same answer, with one text where value, raw text and the first step hold the same.
    #[must_use]
    pub fn sharing(mut self) -> Self {
        if let Value::Text(text) = &mut self.value
            && *text == self.raw
        {
            text.clone_from(&self.raw);
        }
        for note in self.notes.iter_mut().filter(|n| n.before == self.raw) {
            note.before.clone_from(&self.raw);
        }
        self
    }

    /// What a person sees in the cell: what its number format shows, else the stored text or number.
    #[must_use]
    pub fn seen(&self) -> &str {
        self.notes.iter().find(|n| n.kind == NoteKind::Seen).map_or(&self.raw, |n| &n.after)
    }

    /// Whether anything was answered. What cannot be understood at all still stands in the cell; a word that only points
    /// elsewhere (同上, 変更なし) says nothing by itself.
    #[must_use]
    pub fn says(&self) -> bool {
        let elsewhere = matches!(self.value, Value::None { kind: NoneKind::SeeOther, .. });
        // What a blank is taken for beside another answer is no answer that could replace one.
        let taken = self.notes.iter().any(|n| n.kind == NoteKind::Blank);
        !elsewhere && !taken && (!self.value.is_blank() || !self.doubts.is_empty())
    }
}
