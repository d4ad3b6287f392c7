//! Writes named cells into somebody else's workbook and leaves every other byte as it is, with a proof.
//!
//! Bytes in, bytes out. Of the zip only the parts that must change are compressed anew; in a sheet only the written `<c>`
//! change, besides the stored results of formulas that depend on them: the new result where it can be told, none where it
//! cannot; both are listed. [`verify`] compares two packages from scratch and names each difference that is not one of these.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::NaiveDate;

use crate::model::place::CellRef;

mod book;
mod calc;
mod compute;
mod container;
mod formula;
mod mark;
mod notes;
mod outline;
mod plan;
mod recalc;
mod refusal;
mod rules;
mod sheet;
mod shown;
mod splice;
mod tags;
mod tidy;
mod tint;
mod value;
mod verify;

pub use mark::{CellMark, Marked, mark, verify_marks};
pub use refusal::{CellRefusal, FillRefusal, WhyNot};
pub use rules::{CellRules, Rules};
pub use tidy::{tidied, tidy};
pub use value::{FillValue, MOST_DIGITS, Unwritable, value_digits};
pub use verify::{Difference, Proof, verify};

use calc::Link;
use plan::Plan;
use splice::Edits;

/// What whoever passes a filled workbook on has to know of formulas without a stored result.
pub const BLANK_UNTIL: &str = "これらの欄は、計算されるまで（保護ビュー、プレビュー、スマートフォンなどでは）空欄に見えます。人に渡す前に、Excelで開いて「編集を有効にする」を押し、上書き保存してください。";

/// A cell to write.
#[derive(Clone, Debug, PartialEq)]
pub struct CellWrite {
    /// The name of its sheet, exactly as it stands in the workbook.
    pub sheet: String,
    /// The cell. Within a merge, any cell of it means its anchor.
    pub cell: CellRef,
    /// What to write.
    pub value: FillValue,
    /// Whether a formula that stands there may go.
    pub replace_formula: bool,
}

impl CellWrite {
    /// A write that leaves formulas alone.
    #[must_use]
    pub fn new(sheet: impl Into<String>, cell: CellRef, value: FillValue) -> Self {
        Self { sheet: sheet.into(), cell, value, replace_formula: false }
    }
}

/// A filled workbook.
#[derive(Clone, Debug, PartialEq)]
pub struct Filled {
    /// The workbook.
    pub bytes: Vec<u8>,
    /// The cells written, merges as their anchors, in the order of sheets, rows and columns.
    pub written: Vec<(String, CellRef)>,
    /// Formula cells whose stored result was dropped: they are computed when the workbook is opened.
    pub recalculated: Vec<(String, CellRef)>,
    /// Formula cells whose stored result is the new one.
    pub computed: Vec<(String, CellRef)>,
    /// What the person who fills should know.
    pub notes: Vec<FillNote>,
}

/// Something worth knowing about a write that was carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FillNote {
    /// A cell within a merge was named; its anchor was written.
    Anchored {
        /// The sheet.
        sheet: String,
        /// The cell as it was named.
        cell: CellRef,
        /// The anchor.
        anchor: CellRef,
    },
    /// A day was written into a cell whose format shows no date, so that it shows as a number.
    DateAsNumber {
        /// The sheet.
        sheet: String,
        /// The cell.
        cell: CellRef,
        /// The day.
        day: NaiveDate,
    },
    /// The sheet is protected; the protection stays.
    Protected {
        /// The sheet.
        sheet: String,
    },
    /// Cells that are locked on a protected sheet: nobody could have typed there.
    Locked {
        /// The sheet.
        sheet: String,
        /// The cells.
        cells: Vec<CellRef>,
    },
    /// The cell's own validation does not allow the value.
    NotAllowed {
        /// The sheet.
        sheet: String,
        /// The cell.
        cell: CellRef,
        /// What was written.
        written: String,
        /// What the cell allows.
        rule: String,
    },
    /// The cell has a validation that cannot be told from the file alone.
    NotChecked {
        /// The sheet.
        sheet: String,
        /// The cell.
        cell: CellRef,
        /// The validation.
        rule: String,
    },
    /// The cell's number format shows the value as something else.
    Shown {
        /// The sheet.
        sheet: String,
        /// The cell.
        cell: CellRef,
        /// As what, in a sentence.
        how: String,
    },
    /// A pivot table stands on a sheet, and nobody computes it anew until it is refreshed.
    Pivot {
        /// The sheet.
        sheet: String,
    },
    /// A formula was replaced.
    FormulaReplaced {
        /// The sheet.
        sheet: String,
        /// The cell.
        cell: CellRef,
    },
}

impl fmt::Display for FillNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anchored { sheet, cell, anchor } => {
                write!(f, "「{sheet}」!{cell} は結合セルの中なので、左上の {anchor} に書き込みました。")
            }
            Self::DateAsNumber { sheet, cell, day } => {
                write!(f, "「{sheet}」!{cell} の表示形式は日付ではないため、{day} が数字で表示されます。")
            }
            Self::Protected { sheet } => {
                write!(f, "シート「{sheet}」は保護されています。保護はそのままです。")
            }
            Self::Locked { sheet, cells } => {
                let named: Vec<String> = cells.iter().take(8).map(ToString::to_string).collect();
                let rest = if cells.len() > 8 { format!(" ほか{}個", cells.len() - 8) } else { String::new() };
                let named = named.join(" ");
                write!(
                    f,
                    "シート「{sheet}」のロックされているセルにも書き込みました（{named}{rest}）。記入する欄かどうかを確かめてください。"
                )
            }
            Self::NotAllowed { sheet, cell, written, rule } => {
                write!(f, "「{sheet}」!{cell} に書き込んだ「{written}」は、セルの入力規則（{rule}）に合いません。")
            }
            Self::NotChecked { sheet, cell, rule } => {
                write!(
                    f,
                    "「{sheet}」!{cell} の入力規則（{rule}）に合うかどうかは、確かめられません。Excelで開いて確かめてください。"
                )
            }
            Self::Shown { sheet, cell, how } => write!(f, "「{sheet}」!{cell} の{how}"),
            Self::Pivot { sheet } => {
                write!(f, "シート「{sheet}」のピボットテーブルは、Excelで「更新」するまで書き込む前の値のままです。")
            }
            Self::FormulaReplaced { sheet, cell } => write!(f, "「{sheet}」!{cell} の数式を値に置き換えました。"),
        }
    }
}

/// Whether a workbook can be written into at all.
///
/// # Errors
/// The [`FillRefusal`] that [`fill`] would give for any cell.
pub fn check(book: &[u8]) -> Result<(), FillRefusal> {
    Plan::make(book, &[]).map(drop)
}

/// A workbook opened, with the cells that are to be written into it: all fit, nothing is written yet.
pub struct Prepared<'a> {
    book: &'a [u8],
    writes: Vec<CellWrite>,
    plan: Plan<'a>,
}

impl<'a> Prepared<'a> {
    /// Checks the cells against the workbook (.xlsx, .xlsm, .xltx, .xltm).
    ///
    /// # Errors
    /// A [`FillRefusal`]. All cells that cannot be written are listed together.
    pub fn new(book: &'a [u8], writes: Vec<CellWrite>) -> Result<Self, FillRefusal> {
        let plan = Plan::make(book, &writes)?;
        Ok(Self { book, writes, plan })
    }

    /// The workbook as it was.
    #[must_use]
    pub fn book(&self) -> &'a [u8] {
        self.book
    }

    /// The ending that a file of this content has (xlsx, xlsm, xltx, xltm, xlam); `None` where the package does not say.
    #[must_use]
    pub fn ending(&self) -> Option<&'static str> {
        self.plan.book.ending
    }

    /// The cells to write.
    #[must_use]
    pub fn writes(&self) -> &[CellWrite] {
        &self.writes
    }

    /// The workbook with the cells written.
    ///
    /// # Errors
    /// A [`FillRefusal`]; nothing is half-written.
    pub fn fill(&self) -> Result<Filled, FillRefusal> {
        filled(&self.plan)
    }

    /// Compares the workbook as it was with a filled one, which is read from its bytes, whoever made them.
    ///
    /// # Errors
    /// All [`Difference`]s found.
    pub fn prove(&self, after: &[u8]) -> Result<Proof, Vec<Difference>> {
        verify::prove(&self.plan, after, &self.writes)
    }
}

/// Writes cells into a workbook: [`Prepared::fill`] without the proof.
///
/// # Errors
/// As [`Prepared::new`] and [`Prepared::fill`].
pub fn fill(book: &[u8], writes: &[CellWrite]) -> Result<Filled, FillRefusal> {
    filled(&Plan::make(book, writes)?)
}

fn filled(plan: &Plan<'_>) -> Result<Filled, FillRefusal> {
    let stale = plan.stale();
    let mut parts: BTreeMap<usize, Vec<u8>> = BTreeMap::new();
    for (index, loaded) in &plan.sheets {
        let mut edits = Edits::default();
        let values = plan.values.get(index);
        if let Some(values) = values {
            splice::write(&loaded.text, &loaded.sheet, values, &mut edits);
        }
        let results = plan.computed().get(index);
        for at in stale.get(index).into_iter().flatten() {
            let cells = loaded.sheet.cells_at(*at);
            match results.and_then(|r| r.get(at)) {
                Some(value) => {
                    cells.for_each(|c| splice::put_result(&loaded.text, &loaded.sheet, c, value, &mut edits));
                }
                None => cells.for_each(|cell| splice::forget(&loaded.text, cell, &mut edits)),
            }
        }
        if edits.is_empty() {
            continue;
        }
        let part = plan.book.sheets.get(*index).and_then(|s| s.part.as_deref()).unwrap_or_default();
        parts.extend(plan.changed(part, &edits.apply(&loaded.text)));
    }
    if plan.needs_calculation()
        && let Some(text) = calc::request(&plan.book.main_text).map_err(|d| plan::damaged(&plan.book.main, &d))?
    {
        parts.extend(plan.changed(&plan.book.main, &text));
    }
    let gone = plan.links_gone();
    if let Some((part, text)) = plan.chain.as_ref().filter(|_| !gone.is_empty())
        && let Some(text) = calc::without(text, &gone).map_err(|d| plan::damaged(part, &d))?
    {
        parts.extend(plan.changed(part, &text));
    }
    let bytes = plan.book.container.with(&parts).map_err(|d| plan::damaged("zip", &d))?;
    let named = |cells: &BTreeMap<usize, BTreeSet<CellRef>>| {
        let all = cells.iter().flat_map(|(i, cells)| cells.iter().map(|c| (plan.name(*i).to_string(), *c)));
        all.collect::<Vec<_>>()
    };
    let written = plan.values.iter().map(|(i, v)| (*i, v.keys().copied().collect())).collect();
    let (computed, recalculated) = plan.told_apart(&stale);
    Ok(Filled { bytes, written: named(&written), recalculated, computed, notes: plan.notes.clone() })
}
