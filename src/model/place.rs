//! Where something stands: file, sheet and cell. Every answer and every finding cites one.

use std::fmt::{self, Write as _};

use arcstr::ArcStr;
use serde::{Deserialize, Serialize};

/// A cell by zero-based row and column; its `Display` is the A1 form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CellRef {
    /// Zero-based row.
    pub row: u32,
    /// Zero-based column.
    pub col: u32,
}

impl CellRef {
    /// A cell from zero-based row and column.
    #[must_use]
    pub const fn new(row: u32, col: u32) -> Self {
        Self { row, col }
    }

    /// Reads an A1 reference such as `C12`; `None` when it is not one or lies outside Excel's grid.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim_start_matches('$');
        let letters = text.len() - text.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
        let (letters, digits) = text.split_at(letters);
        let digits = digits.trim_start_matches('$');
        if letters.is_empty() || letters.len() > 3 || digits.is_empty() || digits.len() > 7 {
            return None;
        }
        let col = letters.bytes().fold(0u32, |n, b| n * 26 + u32::from(b.to_ascii_uppercase() - b'A') + 1);
        let row: u32 = digits.parse().ok()?;
        ((1..=1_048_576).contains(&row) && col <= 16_384).then(|| Self::new(row - 1, col - 1))
    }
}

impl fmt::Display for CellRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (letters, from) = column_letters(self.col);
        for letter in letters.iter().skip(from) {
            f.write_char(char::from(*letter))?;
        }
        fmt::Display::fmt(&(self.row + 1), f)
    }
}

/// The letters of a zero-based column: 0 is `A`, 26 is `AA`.
#[must_use]
pub fn column_name(col: u32) -> String {
    let (letters, from) = column_letters(col);
    letters.iter().skip(from).map(|b| char::from(*b)).collect()
}

/// The letters of a zero-based column at the end of what is given, and where they begin.
fn column_letters(col: u32) -> ([u8; 8], usize) {
    let (mut letters, mut from) = ([0; 8], 8);
    let mut n = u64::from(col) + 1;
    while n > 0 && from > 0 {
        n -= 1;
        from -= 1;
        letters[from] = b'A' + u8::try_from(n % 26).unwrap_or(0);
        n /= 26;
    }
    (letters, from)
}

/// A rectangle of cells, both corners included. One cell has two equal corners.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Area {
    /// Top left corner.
    pub first: CellRef,
    /// Bottom right corner.
    pub last: CellRef,
}

impl Area {
    /// The area of a single cell.
    #[must_use]
    pub const fn cell(cell: CellRef) -> Self {
        Self { first: cell, last: cell }
    }

    /// Whether the cell lies within.
    #[must_use]
    pub const fn contains(&self, c: CellRef) -> bool {
        c.row >= self.first.row && c.row <= self.last.row && c.col >= self.first.col && c.col <= self.last.col
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last { self.first.fmt(f) } else { write!(f, "{}:{}", self.first, self.last) }
    }
}

/// File, sheet and cell. The sheet is empty when the whole file is meant, the area `None` when the whole sheet is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Path relative to the round, with `/`.
    pub file: ArcStr,
    /// Name of the sheet as it stands in the file.
    pub sheet: ArcStr,
    /// The anchor of a merge, or a range for an answer split over boxes.
    pub area: Option<Area>,
}

impl Place {
    /// A whole file.
    #[must_use]
    pub fn file(file: &ArcStr) -> Self {
        Self { file: file.clone(), sheet: ArcStr::from(""), area: None }
    }

    /// A whole sheet.
    #[must_use]
    pub fn sheet(file: &ArcStr, sheet: &ArcStr) -> Self {
        Self { file: file.clone(), sheet: sheet.clone(), area: None }
    }

    /// One cell.
    #[must_use]
    pub fn cell(file: &ArcStr, sheet: &ArcStr, cell: CellRef) -> Self {
        Self { file: file.clone(), sheet: sheet.clone(), area: Some(Area::cell(cell)) }
    }

    /// The same place, with a merge narrowed to its anchor.
    #[must_use]
    pub fn anchored(mut self) -> Self {
        self.area = self.area.map(|a| Area::cell(a.first));
        self
    }

    /// The cell or range in A1 form; empty when the place is a sheet or a file.
    #[must_use]
    pub fn cell_text(&self) -> String {
        self.area.map(|a| a.to_string()).unwrap_or_default()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if !self.sheet.is_empty() {
            write!(f, "「{}」", self.sheet)?;
        }
        if let Some(area) = self.area {
            write!(f, "!{area}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a1_there_and_back() {
        for (row, col, text) in [(0, 0, "A1"), (11, 2, "C12"), (0, 26, "AA1"), (1_048_575, 16_383, "XFD1048576")] {
            assert_eq!(CellRef::new(row, col).to_string(), text);
            assert_eq!(CellRef::parse(text), Some(CellRef::new(row, col)));
        }
        for bad in ["", "A", "1", "A0", "XFE1", "A1048577", "A1B", "あ1"] {
            assert_eq!(CellRef::parse(bad), None, "{bad}");
        }
    }
}
