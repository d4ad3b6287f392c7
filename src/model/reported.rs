//! What was sent (報告済み), and what of it would have to be corrected by what the answers give now (差替え).

use chrono::NaiveDate;

use super::place::{CellRef, Place};

/// A folder of 報告済み/: one report to somebody.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reported {
    /// Its name below 報告済み/; empty for files that lie there without one.
    pub folder: String,
    /// To whom; the folder's name where nothing says it.
    pub to: String,
    /// When.
    pub on: Option<NaiveDate>,
    /// Whether it was frozen by the program, so that its files are known by their hashes.
    pub frozen: bool,
    /// Its files, in the order of their paths.
    pub files: Vec<ReportedFile>,
    /// Cells whose figure is another one now.
    pub corrections: Vec<Correction>,
}

/// A file of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportedFile {
    /// Path relative to the round.
    pub file: String,
    /// SHA-256 as it is; empty for a file that is gone.
    pub sha256: String,
    /// Whether it is what was frozen.
    pub state: FileState,
    /// Title of the ministry's workbook that it was read as; empty when it is none.
    pub title: String,
    /// How many cells were compared.
    pub compared: usize,
}

/// Whether a file is what was frozen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileState {
    /// The very bytes.
    Same,
    /// Others than those that were frozen.
    Altered,
    /// Frozen and no longer there.
    Missing,
    /// Put there by hand: nothing says what it was.
    Unlisted,
}

impl FileState {
    /// In the office's words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Same => "報告時のまま",
            Self::Altered => "報告後に変更",
            Self::Missing => "なし",
            Self::Unlisted => "控えなし",
        }
    }

    /// As the contract of `--format json` writes it.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Altered => "altered",
            Self::Missing => "missing",
            Self::Unlisted => "unlisted",
        }
    }
}

/// A cell of a report whose figure is another one now.
#[derive(Clone, Debug, PartialEq)]
pub struct Correction {
    /// The file, relative to the round.
    pub file: String,
    /// Title of the ministry's workbook.
    pub title: String,
    /// The sheet.
    pub sheet: String,
    /// The cell.
    pub cell: CellRef,
    /// Form id.
    pub form: String,
    /// Item key; empty for a figure of the municipality.
    pub item: String,
    /// Header of the column.
    pub label: String,
    /// What was sent, as it stands in the cell; empty for a blank.
    pub reported: String,
    /// What the answers give now; empty for a blank.
    pub current: String,
    /// Why there is no figure now; empty where there is one.
    pub unsettled: String,
    /// The new figure less the old one, where both are numbers.
    pub difference: Option<f64>,
    /// Whether both are shares, 0 to 1.
    pub share: bool,
    /// Division whose answer it comes from, when it is one answer.
    pub division: String,
    /// Where that answer stands.
    pub source: Option<Place>,
}

impl Reported {
    /// How many cells were compared.
    #[must_use]
    pub fn compared(&self) -> usize {
        self.files.iter().map(|f| f.compared).sum()
    }
}
