//! Opens the bytes of any workbook a division may send: a sparse [`crate::model::grid::Workbook`], or a reason why not.
//!
//! Nothing is trusted: limits are counted while inflating, a panic of a parser becomes a finding, and whatever could not
//! be read while the rest could is listed instead of being left out silently. No files, threads, processes or clock.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::guard::{Limits, Opened, Refusal};
use super::legacy::{self, LegacyKind};
use super::{decrypt, delimited, grid, package, props, sniff, unlock};
use crate::model::Workbook;
use crate::model::grid::Oddity;

/// Reads the bytes of an .xls, .xlsb or .ods: [`legacy::open`] itself, or something around it (a process of its own).
pub type LegacyReader<'a> = &'a (dyn Fn(&[u8], LegacyKind, &Limits) -> Result<Opened, Refusal> + Sync);

/// How files are opened.
#[derive(Clone, Copy)]
pub struct Opener<'a> {
    /// Limits of what is read.
    pub limits: &'a Limits,
    /// Passwords that are tried on what is encrypted, in order.
    pub passwords: &'a [&'a str],
    /// The reader of the containers whose parsers were never made for hostile input.
    pub legacy: LegacyReader<'a>,
}

/// Reads a workbook from its bytes without a password, everything in this process; see [`Opener::open`].
///
/// # Errors
/// A [`Refusal`] when nothing of the file can be read, or must not be.
pub fn open(bytes: &[u8], name: &str, limits: &Limits) -> Result<Opened, Refusal> {
    Opener { limits, passwords: &[], legacy: &legacy::open }.open(bytes, name)
}

impl Opener<'_> {
    /// Reads a workbook from its bytes. The container is told by the bytes; `name` (the last part of the path) matters
    /// only for lock files and for text, where `.tsv` means tabs. A panic in a parser is a refusal.
    ///
    /// # Errors
    /// A [`Refusal`] when nothing of the file can be read, or must not be.
    pub fn open(&self, bytes: &[u8], name: &str) -> Result<Opened, Refusal> {
        catch_unwind(AssertUnwindSafe(|| self.unguarded(bytes, name)))
            .unwrap_or_else(|_| Err(Refusal::Damaged { detail: "parser panic".into() }))
    }

    fn unguarded(&self, bytes: &[u8], name: &str) -> Result<Opened, Refusal> {
        use sniff::Container;
        match sniff::sniff(bytes, name, self.limits)? {
            Container::Package => self.package(bytes),
            Container::Xls => match unlock::xls(bytes, self.passwords)? {
                None => (self.legacy)(bytes, LegacyKind::Xls, self.limits),
                Some((bytes, password)) => {
                    let mut opened = (self.legacy)(&bytes, LegacyKind::Xls, self.limits)?;
                    opened.workbook.oddities.extend(password.then_some(Oddity::Password));
                    Ok(opened)
                }
            },
            Container::Flat => (self.legacy)(bytes, LegacyKind::Flat, self.limits),
            Container::Text(text) => delimited::open(&text, name, self.limits),
            Container::Encrypted => {
                let (inner, password) = decrypt::open(bytes, self.passwords, self.limits)?;
                let mut opened = self.package(&inner)?;
                if password {
                    opened.workbook.oddities.push(Oddity::Password);
                }
                Ok(opened)
            }
        }
    }

    fn package(&self, bytes: &[u8]) -> Result<Opened, Refusal> {
        let mut package = package::Package::open(bytes, self.limits)?;
        match package.kind()? {
            package::Kind::Workbook { part } => grid::open(&mut package, &part, self.limits),
            package::Kind::Legacy(kind) => {
                let problems = package.scan()?;
                let mut opened = (self.legacy)(bytes, kind, self.limits)?;
                opened.problems.extend(problems);
                opened.workbook.saved = opened.workbook.saved.or_else(|| props::saved(&mut package));
                opened.workbook.oddities = package.oddities();
                Ok(opened)
            }
        }
    }
}

impl From<Workbook> for Opened {
    fn from(workbook: Workbook) -> Self {
        Self { workbook, problems: Vec::new() }
    }
}
