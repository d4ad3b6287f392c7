//! A submission (提出物): one reply that came back in a file, the records it holds, and the one state it ends in.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

use super::answers::Answers;
use super::place::Place;
use super::value::{Answer, Value};

/// The one state that each file, and each reply that is owed, ends in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Its answers are in the master, or those of them that no later file of the same reply replaced.
    Accepted,
    /// None of its answers counts: later files replaced all of them, or nothing was answered in it.
    Superseded,
    /// Its values equal those of the accepted one.
    Duplicate,
    /// It could not be read.
    Unreadable,
    /// It is not one of the round's forms.
    NotOurs,
    /// Nothing came.
    Missing,
    /// Something came that this machine could not read, through no fault of the division.
    Unread,
    /// Nothing is owed.
    NotExpected,
}

impl State {
    /// In the office's words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Accepted => "受領",
            Self::Superseded => "差替え済み（旧版）",
            Self::Duplicate => "重複（同じ内容）",
            Self::Unreadable => "読取不可",
            Self::NotOurs => "対象外のファイル",
            Self::Missing => "未提出",
            Self::Unread => "届いているが未読",
            Self::NotExpected => "対象外",
        }
    }
}

/// Where the day of receipt comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ReceivedBasis {
    /// The sheet 受付 of the settings.
    受付,
    /// 提出日 on the form.
    提出日,
    /// The file's own document properties.
    保存日時,
    /// The modification time in +09:00.
    更新日時,
}

impl ReceivedBasis {
    /// In the office's words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::受付 => "受付",
            Self::提出日 => "提出日",
            Self::保存日時 => "保存日時",
            Self::更新日時 => "更新日時",
        }
    }
}

/// When a reply was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Received {
    /// The day.
    pub day: NaiveDate,
    /// Where it comes from.
    pub basis: ReceivedBasis,
}

/// One record: the answers about one item, or one free row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// Form id.
    pub form: String,
    /// Id of the block for rows of a table; empty for a repeated sheet.
    pub block: String,
    /// Division code.
    pub division: String,
    /// Key of the item; for a free row its key, or its number.
    pub item: String,
    /// Answers by key.
    pub fields: Answers,
}

impl Record {
    /// The value of a field.
    #[must_use]
    pub fn value(&self, key: &str) -> Option<&Value> {
        self.fields.get(key).map(|a| &a.value)
    }
}

/// Why an answer that was read may not have been meant to be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Veil {
    /// It stands on a hidden sheet.
    HiddenSheet,
    /// It stands in a hidden row.
    HiddenRow,
    /// It stands in a hidden column.
    HiddenColumn,
    /// It is struck through, as a whole or in part.
    Struck,
}

impl Veil {
    /// In the office's words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::HiddenSheet => "隠れたシート",
            Self::HiddenRow => "隠れた行",
            Self::HiddenColumn => "隠れた列",
            Self::Struck => "取消線",
        }
    }
}

/// One reply in one file: of one division, to one form. Most files hold one.
#[derive(Clone, Debug, PartialEq)]
pub struct Submission {
    /// Path relative to the round, with `/`; empty where nothing came.
    pub file: String,
    /// Names of the sheets that it was read from.
    pub sheets: Vec<String>,
    /// SHA-256 in hexadecimal; empty where nothing came.
    pub sha256: String,
    /// The file of the same bytes that carries the answers of this one: the places of its records lie there.
    pub same_as: Option<String>,
    /// Form id, when known.
    pub form: Option<String>,
    /// Version on the form.
    pub version: Option<String>,
    /// Division code, when known.
    pub division: Option<String>,
    /// Answers that belong to the whole file (the common card), by key.
    pub card: Answers,
    /// Its records, shared with whatever is brought together from them.
    pub records: Vec<Arc<Record>>,
    /// 前回から変更なし, by item, of the items that have such a box.
    pub unchanged: BTreeMap<String, Answer>,
    /// Answers that stand hidden or struck through, by their place.
    pub veiled: BTreeMap<Place, Veil>,
    /// 保存日時 of the document properties.
    pub saved: Option<NaiveDateTime>,
    /// 保存日時 where it can order versions: none that is still to come.
    pub stamp: Option<NaiveDateTime>,
    /// Whether its 提出日 cannot be, so that the day it was received on is taken from elsewhere.
    pub doubtful_day: bool,
    /// When it was received.
    pub received: Option<Received>,
    /// Its state.
    pub state: State,
    /// Why it is in that state.
    pub reason: String,
    /// Whether it counts for nothing because nothing is answered in it.
    pub empty: bool,
    /// Days late (0 in time); of a missing one, days since the deadline.
    pub late_days: i64,
    /// Whether an approved extension moved its deadline.
    pub extended: bool,
    /// When it was sent back.
    pub sent_back: Option<NaiveDate>,
}

impl Submission {
    /// A file, or a reply that is owed (with an empty name), of which nothing else is known yet.
    #[must_use]
    pub fn new(file: &str, state: State) -> Self {
        Self {
            file: file.to_string(),
            sheets: Vec::new(),
            sha256: String::new(),
            same_as: None,
            form: None,
            version: None,
            division: None,
            card: Answers::new(),
            records: Vec::new(),
            unchanged: BTreeMap::new(),
            veiled: BTreeMap::new(),
            saved: None,
            stamp: None,
            doubtful_day: false,
            received: None,
            state,
            reason: String::new(),
            empty: false,
            late_days: 0,
            extended: false,
            sent_back: None,
        }
    }

    /// Its state in the office's words.
    #[must_use]
    pub const fn state_words(&self) -> &'static str {
        if self.empty { "空の様式（集計せず）" } else { self.state.words() }
    }

    /// What orders the versions of a reply: the day of receipt, then 保存日時 where it can be. Two files of one rank cannot be told apart.
    #[must_use]
    pub fn rank(&self) -> Rank {
        (self.received.map(|r| r.day), self.stamp)
    }

    /// Whether a place lies in this file and on no sheet of another reply in it.
    #[must_use]
    pub fn holds(&self, place: &Place) -> bool {
        self.file == *place.file
            && (place.sheet.is_empty() || self.sheets.is_empty() || self.sheets.iter().any(|s| **s == *place.sheet))
    }
}

/// See [`Submission::rank`].
pub type Rank = (Option<NaiveDate>, Option<NaiveDateTime>);
