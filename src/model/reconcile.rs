//! 照合: each figure as the submissions give it, as the master has it, as it was planned and as it was read back from the
//! ministry's file. All exact; a difference stops the run, so what is printed is always equal.

use std::fmt;

use chrono::NaiveDate;

use super::date::wareki;
use super::place::CellRef;

/// A figure, exactly.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Exact {
    /// Nothing.
    #[default]
    Blank,
    /// A word.
    Text(String),
    /// A count, or a number as answered.
    Number(f64),
    /// A share as a fraction of whole numbers; written as the quotient.
    Fraction(u32, u32),
    /// A rounded figure: so many units of its last of so many decimals.
    Decimal(u64, u8),
    /// A day.
    Day(NaiveDate),
}

/// How the number in a cell stands to the figure. One that shows per cent holds a hundredth of what is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scale {
    /// The figure itself.
    #[default]
    AsIs,
    /// A figure in per cent, in a cell whose number format multiplies by a hundred.
    Hundredth,
    /// A quotient, in a cell of a column in per cent whose number format does not.
    Hundredfold,
}

impl Exact {
    /// The number that a cell holds for it.
    #[must_use]
    pub fn stored(&self, scale: Scale) -> Option<f64> {
        match (scale, self) {
            (Scale::AsIs, figure) => figure.number(),
            // One division each, so that 52.3 % is the number that 0.523 is when somebody types it.
            #[allow(clippy::cast_precision_loss, reason = "below 2^53")]
            (Scale::Hundredth, Self::Decimal(units, decimals)) => {
                Some(*units as f64 / 10f64.powi(i32::from(*decimals) + 2))
            }
            (Scale::Hundredth, figure) => figure.number().map(|n| n / 100.0),
            (Scale::Hundredfold, Self::Fraction(n, d)) => Some(100.0 * f64::from(*n) / f64::from((*d).max(1))),
            (Scale::Hundredfold, figure) => figure.number().map(|n| n * 100.0),
        }
    }

    /// The number that is written for it.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(n) => Some(*n),
            Self::Fraction(n, d) => Some(f64::from(*n) / f64::from((*d).max(1))),
            #[allow(clippy::cast_precision_loss, reason = "below 2^53")]
            Self::Decimal(units, decimals) => Some(*units as f64 / 10f64.powi((*decimals).into())),
            Self::Blank | Self::Text(_) | Self::Day(_) => None,
        }
    }
}

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blank => f.write_str(""),
            Self::Text(t) => f.write_str(t),
            Self::Number(n) => write!(f, "{n}"),
            Self::Fraction(n, d) => write!(f, "{n}/{d}"),
            Self::Decimal(_, decimals) => write!(f, "{:.*}", usize::from(*decimals), self.number().unwrap_or_default()),
            Self::Day(day) => f.write_str(&wareki(*day)),
        }
    }
}

/// A cell that was written, or left empty on purpose.
#[derive(Clone, Debug, PartialEq)]
pub struct CellCheck {
    /// The sheet of the ministry's workbook.
    pub sheet: String,
    /// The cell.
    pub cell: CellRef,
    /// Item key; empty for a figure of the municipality.
    pub item: String,
    /// Header of its column.
    pub label: String,
    /// As the accepted submissions give it, counted anew.
    pub submissions: Exact,
    /// As the master has it.
    pub master: Exact,
    /// As it was planned, which is what the reading back was compared with.
    pub planned: Exact,
    /// How the number in the cell stands to the figure.
    pub scale: Scale,
    /// What stands in the cell of the filled file, as text.
    pub read_back: String,
    /// Whether the cell was written; one that is blank on both sides is not.
    pub written: bool,
    /// Why no figure stands there; empty where one does, or where nothing belongs there.
    pub left: String,
    /// Whether a figure is owed and not there; where none is asked for, whatever stands in the cell is the form's own.
    pub owed: bool,
}

/// The total of a column over its items.
#[derive(Clone, Debug, PartialEq)]
pub struct SumCheck {
    /// The sheet.
    pub sheet: String,
    /// What is added up.
    pub label: String,
    /// How many cells.
    pub cells: usize,
    /// Total of the submissions.
    pub submissions: Exact,
    /// Total of the master.
    pub master: Exact,
    /// Total of the filled file.
    pub written: Exact,
}

/// A workbook that was filled.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BookCheck {
    /// The ministry's file, relative to the round.
    pub file: String,
    /// The filled file, below 結果/.
    pub output: String,
    /// Id of the map.
    pub map: String,
    /// Its title.
    pub title: String,
    /// SHA-256 before and after.
    pub sha256: (String, String),
    /// Every mapped cell.
    pub cells: Vec<CellCheck>,
    /// Totals.
    pub sums: Vec<SumCheck>,
    /// Formula cells whose stored result was dropped (再計算), by sheet.
    pub recalculated: Vec<(String, CellRef)>,
    /// Formula cells whose new result was written (計算), by sheet.
    pub computed: Vec<(String, CellRef)>,
    /// Formula cells that were replaced; their entries in the calculation chain are gone.
    pub replaced: Vec<(String, CellRef)>,
    /// Whether the workbook now asks to be computed when it is opened.
    pub calculation_requested: bool,
    /// Parts of the package that changed, each only as allowed.
    pub changed_parts: Vec<String>,
    /// How many parts are the same, byte for byte.
    pub identical_parts: usize,
    /// What the person who fills should know.
    pub notes: Vec<String>,
}

impl BookCheck {
    /// How many cells were written.
    #[must_use]
    pub fn written(&self) -> usize {
        self.cells.iter().filter(|c| c.written).count()
    }
}
