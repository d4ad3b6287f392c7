//! Limits, and the ways in which a file can fail: as a whole ([`Refusal`]) or in part ([`Problem`]).
//!
//! The numbers are those the program promises. They are counted on what is really there, never on what a header says.

use crate::model::grid::Workbook;
use crate::model::place::CellRef;

/// How much of a file is accepted. `Default` gives the promised numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file.
    pub file: u64,
    /// Files in an archive or a mail, those of archives inside included.
    pub files: u64,
    /// Archives and mails within each other.
    pub depth: u64,
    /// Parts of the package.
    pub parts: u64,
    /// Bytes of one part, inflated.
    pub part: u64,
    /// Bytes of all XML parts together, inflated.
    pub total: u64,
    /// Used cells of the workbook.
    pub cells: u64,
    /// Sheets of the workbook.
    pub sheets: u64,
    /// Merged ranges of the workbook.
    pub merges: u64,
    /// Characters in one cell (UTF-16 units, Excel's own limit).
    pub text: u64,
    /// Bytes of text and number formats over all cells: one shared string may be used by a million cells.
    pub text_total: u64,
    /// Rows × columns of the rectangle around the used cells, where the container has only a dense reader (.xls).
    pub dense: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file: 20 << 20,
            files: 500,
            depth: 4,
            parts: 2_000,
            part: 64 << 20,
            total: 256 << 20,
            cells: 1_000_000,
            sheets: 100,
            merges: 20_000,
            text: 32_767,
            text_total: 64 << 20,
            dense: 4_000_000,
        }
    }
}

impl Limits {
    /// Refuses when more was found than the limit allows; `what` names the limit (`file`, `files`, `parts`, `part`, `total`,
    /// `cells`, `sheets`, `merges`, `text_total`, `dense`).
    ///
    /// # Errors
    /// [`Refusal::TooLarge`] when `found` passes `limit`.
    pub fn check(what: &str, limit: u64, found: u64) -> Result<(), Refusal> {
        if found > limit { Err(Refusal::TooLarge { what: what.to_string(), limit, found }) } else { Ok(()) }
    }
}

/// What has been used up of the limits that hold for a whole workbook.
#[derive(Debug)]
pub(super) struct Budget<'l> {
    /// The limits.
    pub limits: &'l Limits,
    cells: u64,
    merges: u64,
    text: u64,
}

impl<'l> Budget<'l> {
    pub fn new(limits: &'l Limits) -> Self {
        Self { limits, cells: 0, merges: 0, text: 0 }
    }

    /// One more used cell.
    pub fn cell(&mut self) -> Result<(), Refusal> {
        self.cells += 1;
        Limits::check("cells", self.limits.cells, self.cells)
    }

    /// One more merged range.
    pub fn merge(&mut self) -> Result<(), Refusal> {
        self.merges += 1;
        Limits::check("merges", self.limits.merges, self.merges)
    }

    /// So many more bytes of text kept.
    pub fn text(&mut self, bytes: usize) -> Result<(), Refusal> {
        self.text += bytes as u64;
        Limits::check("text_total", self.limits.text_total, self.text)
    }
}

/// Why a file with a password stays closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    /// No password is known.
    NoPassword,
    /// None of so many passwords fits.
    NoneFits(usize),
    /// A kind of encryption that is not opened even with the password (.ods, rare ones of the others).
    NotOpened,
}

/// Why a file cannot be read; each is a finding of family S. Carries what the sentence needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The file holds no bytes.
    Empty,
    /// A limit is passed. Counting stops there, so `found` is a lower bound.
    TooLarge {
        /// Which limit: the name of the field of [`Limits`].
        what: String,
        /// The limit.
        limit: u64,
        /// How much was seen when reading stopped.
        found: u64,
    },
    /// Protected by a password, so that nothing can be read without it.
    Encrypted(Lock),
    /// The `~$` or `.~lock.` file that stands beside a workbook while somebody has it open.
    OwnerFile {
        /// Who, by the name the file gives; empty when it gives none.
        who: String,
    },
    /// Something else than a spreadsheet.
    NotASpreadsheet {
        /// What it looks like, in the words of a user.
        looks_like: &'static str,
    },
    /// A spreadsheet, but broken so that nothing of it can be trusted.
    Damaged {
        /// A short technical word or two.
        detail: String,
    },
    /// Made in a way no spreadsheet program does and attackers do: document type, duplicate parts, path tricks.
    Dangerous {
        /// A short technical word or two.
        detail: String,
    },
    /// A spreadsheet of a kind that is not read.
    Unsupported {
        /// What it looks like, in the words of a user.
        looks_like: &'static str,
    },
    /// Encrypted for certain people (rights management, a sensitivity label): no password opens it.
    Restricted,
    /// Something that holds files and is not opened.
    Closed {
        /// What it looks like, in the words of a user.
        looks_like: &'static str,
    },
    /// A file in a file in a file, deeper than is followed.
    TooDeep {
        /// How many levels are followed.
        limit: u64,
    },
    /// Not the file itself but a way to it.
    Link {
        /// What it looks like, in the words of a user.
        looks_like: &'static str,
    },
}

/// What kind of part could not be read while the rest could.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProblemKind {
    /// A cell whose value contradicts its type; the stored text is kept where there is one.
    BadCell,
    /// One cell stands twice in the file with different content; the first is kept.
    DuplicateCell,
    /// A cell outside the grid of Excel; it is left out.
    OutOfGrid,
    /// A text longer than a cell can hold; it is left out.
    TextTooLong,
    /// A sheet that is listed but not there, or cannot be read at all; it is given without cells.
    SheetMissing,
    /// A sheet that breaks off or is malformed: what stands before the break is given.
    SheetDamaged,
    /// A second sheet of one name, or one part listed twice; both are given.
    DuplicateSheet,
    /// A sheet that is no worksheet (chart, dialog, macro sheet); it is left out.
    SheetSkipped,
    /// The styles cannot be read, so dates may look like numbers.
    StylesDamaged,
    /// A part beside the sheets that cannot be read (notes, properties, drawings).
    PartDamaged,
}

/// A part that could not be read while the rest could.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Name of the sheet, empty when the whole file is meant.
    pub sheet: String,
    /// The cell, when it is known; for a damaged sheet the last cell that was read.
    pub cell: Option<CellRef>,
    /// A short technical word or the stored text.
    pub detail: String,
    /// What kind.
    pub kind: ProblemKind,
}

/// A workbook with what could not be read of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    /// What could be read.
    pub workbook: Workbook,
    /// What could not, in the order it was met.
    pub problems: Vec<Problem>,
}
