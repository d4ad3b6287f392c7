//! The staff survey: from the exports of a web form to counted answers.
//!
//! [`define`] finds the questionnaire, [`read()`] takes the rows of every export as answers, [`settle`] says which of them count, and
//! [`tally`] counts. Bytes are opened before and drawn after; nothing here knows a file system or a workbook's looks.

mod choices;
mod columns;
pub mod earlier;
pub mod fate;
pub mod figures;
mod moment;
pub mod public;
mod rows;
mod sheet;
mod significance;
pub mod tally;
pub mod words;

use arcstr::ArcStr;
use chrono::NaiveDateTime;

use crate::model::survey::Survey;
use crate::model::{Finding, Workbook};

pub use fate::{Fate, settle};
pub use rows::read;
pub use sheet::{asked_of, define, is_definition};
pub use significance::Test;
pub use tally::{Count, Cross, Group, Tally, tally};
pub use words::{Kept, Problem, Remark};

/// A file of the folder, opened.
#[derive(Clone, Debug)]
pub struct Source {
    /// Path relative to the round.
    pub name: ArcStr,
    /// What stands in it.
    pub book: Workbook,
}

/// What one answer says to one slot.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Given {
    /// Nothing: 無回答.
    #[default]
    Blank,
    /// It was not asked: 非該当.
    NotAsked,
    /// Something that is no answer to the question: 無効.
    Invalid,
    /// Choices by their places, in order.
    Choices(Vec<u16>),
    /// Thousandths of a number.
    Number(i64),
    /// A text, which stands apart.
    Text,
}

/// What somebody wrote, apart from who it was.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Written {
    /// The slot.
    pub slot: usize,
    /// Whether it stands beside a choice (その他).
    pub other: bool,
    /// The words.
    pub text: String,
}

/// A row of an export.
#[derive(Clone, Debug, Default)]
pub struct Response {
    /// The file.
    pub file: ArcStr,
    /// The sheet.
    pub sheet: ArcStr,
    /// The row, counted from zero.
    pub row: u32,
    /// When it was given.
    pub time: Option<NaiveDateTime>,
    /// Who gave it, as a key; empty where nothing says it.
    pub key: String,
    /// What it says, slot by slot.
    pub given: Vec<Given>,
    /// Its texts.
    pub written: Vec<Written>,
    /// What is to be said about it, if it counts.
    pub findings: Vec<Finding>,
    /// Why it does not count.
    pub fate: Option<Fate>,
}

/// What was read of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRead {
    /// Path relative to the round.
    pub name: ArcStr,
    /// Rows that hold something, below the headers.
    pub rows: usize,
}

/// Everything that was read.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// Every row, by file, sheet and row.
    pub responses: Vec<Response>,
    /// The files, in the order of their names.
    pub files: Vec<FileRead>,
    /// What is to be said of files and columns; of rows it stands with each.
    pub findings: Vec<Finding>,
}

/// A questionnaire as it was found, or what is wrong with it.
#[derive(Clone, Debug, Default)]
pub struct Defined {
    /// The questionnaire, where nothing is wrong with it.
    pub survey: Option<Survey>,
    /// What is to be said of it.
    pub findings: Vec<Finding>,
}

#[cfg(test)]
mod tests;
