//! What goes back to the divisions, below 結果/: their returns, and beside them their own files with the wrong cells marked.
//!
//! A copy is proved before it is given out; a file that cannot be marked (a password, another format, a signature) gets the
//! table of findings alone, and the return says why. Files are read again for it, and only if they are still the same.

use std::collections::BTreeMap;
use std::path::Path;

use rayon::prelude::*;

use crate::fill::{self, CellMark, FillRefusal};
use crate::forms::Templates;
use crate::intake::{passwords, sha256};
use crate::model::Submission;
use crate::model::ledger::Ledger;
use crate::model::returns::NoCopy;
use crate::read::{Limits, Refusal, inside};
use crate::write::returns::{Copied, Noted, Returns};
use crate::write::{Output, WriteError, on_disk};

/// The returns of a round and the marked copies.
///
/// # Errors
/// When a definition names a sheet in a way the workbook cannot hold.
pub fn outputs(dir: &Path, ledger: &Ledger, templates: &Templates) -> Result<Vec<Output>, WriteError> {
    let returns = Returns::new(ledger, templates);
    let passwords = passwords(&ledger.round);
    let files = returns.files();
    let copy =
        |(file, name): &(&Submission, String)| (file.file.clone(), copied(dir, &returns, (file, name), &passwords));
    let made: Vec<(String, Result<Output, String>)> = files.par_iter().map(copy).collect();
    let mut copies = BTreeMap::new();
    let mut out = Vec::new();
    for (file, made) in made {
        let copied = match made {
            Ok(output) => {
                let name = output.path.rsplit('/').next().unwrap_or_default().to_string();
                out.push(output);
                Copied::Under(name)
            }
            Err(why) => Copied::Not(why),
        };
        copies.insert(file, copied);
    }
    let drawn: Result<Vec<Output>, WriteError> = returns
        .paths()
        .into_par_iter()
        .map(|(path, of)| Ok(Output::new(path, fill::tidied(returns.workbook(of, &copies)?))))
        .collect();
    out.extend(drawn?);
    Ok(out)
}

/// The marked copy of a file, under this name without its ending; or why there is none.
fn copied(
    dir: &Path,
    returns: &Returns<'_>,
    (file, name): (&Submission, &str),
    passwords: &[&str],
) -> Result<Output, String> {
    let words = returns.no_copy();
    if returns.is_shared(file) {
        return Err(words.shared.clone().unwrap_or_else(|| words.other.clone()));
    }
    let bytes = bytes(dir, file, passwords).ok_or_else(|| words.other.clone())?;
    let bytes = marked(&bytes, &returns.notes(file)).map_err(|e| why(words, &e))?;
    Ok(Output::new(format!("{}/{name}.{}", returns.folder(), ending(&file.file)), bytes))
}

/// A copy with marks, proved.
fn marked(book: &[u8], notes: &[Noted]) -> Result<Vec<u8>, FillRefusal> {
    let one = |n: &Noted| CellMark { sheet: n.sheet.clone(), cell: n.cell, note: n.note.clone() };
    let marks: Vec<CellMark> = notes.iter().map(one).collect();
    let marked = fill::mark(book, &marks)?;
    fill::verify_marks(book, &marked.bytes, &marks)
        .map_err(|found| FillRefusal::Read(Refusal::Damaged { detail: format!("{found:?}") }))?;
    Ok(marked.bytes)
}

/// Why there is no copy, in the words of the return.
fn why(words: &NoCopy, refusal: &FillRefusal) -> String {
    match refusal {
        FillRefusal::Read(Refusal::Encrypted(_)) => words.encrypted.clone(),
        FillRefusal::Signed => words.signed.clone(),
        FillRefusal::OtherFormat { looks_like } => words.format.replace("{kind}", looks_like),
        _ => words.other.clone(),
    }
}

/// The ending of a copy: the file's own where it is one of a workbook that can be marked.
fn ending(file: &str) -> String {
    let own = file.rsplit('.').next().unwrap_or_default().to_lowercase();
    if matches!(own.as_str(), "xlsx" | "xlsm" | "xltx" | "xltm") { own } else { "xlsx".into() }
}

/// The bytes of a file that was read before, also from inside an archive or a mail; nothing when it is no longer the same.
fn bytes(dir: &Path, file: &Submission, passwords: &[&str]) -> Option<Vec<u8>> {
    let disk = on_disk(&file.file);
    let bytes = std::fs::read(dir.join(disk)).ok()?;
    let found = if disk == file.file {
        Some(bytes)
    } else {
        inside::find(&bytes, file.file.get(disk.len() + 1..)?, passwords, &Limits::default())
    };
    found.filter(|bytes| sha256(bytes) == file.sha256)
}
