//! Opens the bytes of any workbook a division may send: a sparse [`Workbook`], or a reason why not.
//!
//! Nothing is trusted: limits are counted while inflating, a panic of a parser becomes a finding, and whatever could not
//! be read while the rest could is listed instead of being left out silently. No files, threads or clock.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::guard::{Limits, Opened, Refusal};
use super::{delimited, grid, legacy, package, props, sniff};
use crate::model::grid::Workbook;

/// Reads a workbook from its bytes. The container is told by the bytes; `name` (the last part of the path) matters only
/// for lock files and for text, where `.tsv` means tabs. A panic in a parser is a refusal.
///
/// # Errors
/// A [`Refusal`] when nothing of the file can be read, or must not be.
pub fn open(bytes: &[u8], name: &str, limits: &Limits) -> Result<Opened, Refusal> {
    catch_unwind(AssertUnwindSafe(|| open_unguarded(bytes, name, limits)))
        .unwrap_or_else(|_| Err(Refusal::Damaged { detail: "parser panic".into() }))
}

fn open_unguarded(bytes: &[u8], name: &str, limits: &Limits) -> Result<Opened, Refusal> {
    use sniff::Container;
    match sniff::sniff(bytes, name, limits)? {
        Container::Package => {
            let mut package = package::Package::open(bytes, limits)?;
            match package.kind()? {
                package::Kind::Workbook { part } => grid::open(&mut package, &part, limits),
                package::Kind::Legacy(kind) => {
                    let problems = package.scan()?;
                    legacy::open(bytes, kind, limits).map(|mut opened| {
                        opened.problems.extend(problems);
                        opened.workbook.saved = opened.workbook.saved.or_else(|| props::saved(&mut package));
                        opened.workbook.oddities = package.oddities();
                        opened
                    })
                }
            }
        }
        Container::Xls => legacy::open(bytes, legacy::LegacyKind::Xls, limits),
        Container::Text(text) => delimited::open(&text, name, limits),
    }
}

impl From<Workbook> for Opened {
    fn from(workbook: Workbook) -> Self {
        Self { workbook, problems: Vec::new() }
    }
}
