//! The command `fill --compare`: reads last year's and this year's workbook and says what changed.

use std::path::Path;

use crate::discover;
use crate::drift::{self, Drift};
use crate::error::Error;
use crate::fill::Rules;
use crate::forms::{Templates, Words};
use crate::isolate;
use crate::model::{Round, Workbook};
use crate::national::drift::{MapDrift, against};
use crate::read::{Limits, Opener, ProblemKind, Refusal};
use crate::refused;

/// Two workbooks, compared.
#[derive(Clone, Debug)]
pub struct Compared {
    /// The old file, as it was named.
    pub old: String,
    /// The new file, as it was named.
    pub new: String,
    /// What changed.
    pub drift: Drift,
    /// What breaks of the map that either workbook is of; `None` when it is of none.
    pub map: Option<MapDrift>,
    /// Parts of either file that could not be read, and so were not compared: file, sheet.
    pub unread: Vec<(String, String)>,
}

impl Compared {
    /// Whether somebody has to change something before the new workbook can be filled: an entry of the map; without a map,
    /// which is to say with addresses, whatever changed.
    #[must_use]
    pub fn breaks(&self) -> bool {
        let broken = self.map.as_ref().map_or(!self.drift.is_empty(), |m| !m.breaks.is_empty());
        broken || !self.unread.is_empty()
    }
}

/// Reads and compares two workbooks of any kind that is read.
///
/// # Errors
/// When one of them is not there or cannot be read.
pub fn run(old: &Path, new: &Path, templates: &Templates) -> Result<Compared, Error> {
    let (old_name, new_name) = (old.display().to_string(), new.display().to_string());
    let mut unread = Vec::new();
    let (mut old, mut new) = (open(old, &mut unread, templates)?, open(new, &mut unread, templates)?);
    // Lists are compared where both tell of theirs.
    if !(old.1 && new.1) {
        let sheets = old.0.sheets.iter_mut().chain(&mut new.0.sheets);
        sheets.for_each(|grid| grid.choices.clear());
    }
    let (old, new) = (old.0, new.0);
    let drift = drift::compare(&old, &new);
    let map = against(&old, &new, &drift, templates);
    Ok(Compared { old: old_name, new: new_name, drift, map, unread })
}

/// A workbook from its file, and whether it tells of its lists; a cell, sheet or part that cannot be read is added to `unread`.
fn open(path: &Path, unread: &mut Vec<(String, String)>, templates: &Templates) -> Result<(Workbook, bool), Error> {
    let limits = Limits::default();
    let size = std::fs::metadata(path).map_or(0, |m| m.len());
    let opener = Opener { limits: &limits, passwords: &[], legacy: &isolate::open };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let refuse = |refusal: &Refusal| {
        let (_, finding) = refused::refused(refusal);
        let words = Words { templates, round: &Round::default() };
        Error::new(
            format!("「{}」を比べられません。{}", path.display(), words.sentence(&finding)),
            "表計算のファイルかどうか、壊れていないか、パスワードが掛かっていないかを確かめてください。",
        )
    };
    Limits::check("file", limits.file, size).map_err(|r| refuse(&r))?;
    let bytes = discover::read(path)?;
    let mut opened = opener.open(&bytes, &name).map_err(|r| refuse(&r))?;
    let told = choices(&bytes, &mut opened.workbook);
    // A chart sheet or a picture holds no cell that could be filled.
    let lost =
        opened.problems.iter().filter(|p| !matches!(p.kind, ProblemKind::SheetSkipped | ProblemKind::PartDamaged));
    unread.extend(lost.map(|p| (path.display().to_string(), p.sheet.clone())));
    unread.dedup();
    Ok((opened.workbook, told))
}

/// Adds the lists to choose from, of workbooks that can be filled.
fn choices(bytes: &[u8], book: &mut Workbook) -> bool {
    let names: Vec<String> = book.sheets.iter().map(|g| g.name.clone()).collect();
    let Ok(rules) = Rules::read(bytes, names.iter().map(String::as_str)) else { return false };
    book.sheets.iter_mut().for_each(|g| g.choices = rules.lists(&g.name));
    true
}
