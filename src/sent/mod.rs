//! What was sent: each workbook of 報告済み/ is read by the map it was filled by, and compared with the ledger of today.
//!
//! Takes files as bytes and as workbooks read; gives the reports with the cells that would have to be corrected, and one
//! finding a report. A workbook sent before there was a tool is read in the same way, only that nothing says what it was.

mod compare;
pub mod manifest;
mod value;

use std::collections::BTreeMap;

use arcstr::ArcStr;

use crate::discover::REPORTED;
use crate::fill::FillRefusal;
use crate::forms::Templates;
use crate::intake::sha256;
use crate::model::ledger::Ledger;
use crate::model::reported::{FileState, Reported, ReportedFile};
use crate::model::{Finding, Place, Workbook};
use crate::national::Filling;
use crate::read::Refusal;
use crate::write::context::Context;
use manifest::Manifest;

/// A file of 報告済み/.
pub struct SentFile {
    /// Path relative to the round, with `/`.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The workbook, or why it cannot be read; `None` for a file that is no spreadsheet by its name.
    pub book: Option<Result<Workbook, Refusal>>,
}

/// Compares all reports with the ledger. The order of the files does not matter.
#[must_use]
pub fn compare(files: &[SentFile], ledger: &Ledger, templates: &Templates) -> (Vec<Reported>, Vec<Finding>) {
    if files.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let comparing =
        compare::Comparing { filling: Filling::new(ledger, templates), ctx: Context::new(ledger, templates) };
    let mut by_folder: BTreeMap<&str, Vec<&SentFile>> = BTreeMap::new();
    for file in files {
        by_folder.entry(folder_of(&file.name)).or_default().push(file);
    }
    let (mut reports, mut findings) = (Vec::new(), Vec::new());
    for (folder, mut files) in by_folder {
        files.sort_by(|a, b| a.name.cmp(&b.name));
        let (report, said) = report(folder, &files, &comparing);
        findings.extend(said);
        reports.extend(Some(report).filter(|r| !r.files.is_empty()));
    }
    (reports, findings)
}

/// Whether a file is a workbook by its name.
#[must_use]
pub fn is_workbook(name: &str) -> bool {
    let extension = name.rsplit_once('.').map(|(_, e)| e.to_ascii_lowercase()).unwrap_or_default();
    matches!(extension.as_str(), "xlsx" | "xlsm" | "xltx" | "xltm" | "xlsb" | "xls" | "ods")
}

/// The folder just below 報告済み/; empty for a file that lies in 報告済み/ itself.
fn folder_of(name: &str) -> &str {
    let below = name.split_once('/').map_or("", |(_, rest)| rest);
    below.split_once('/').map_or("", |(folder, _)| folder)
}

fn report(folder: &str, files: &[&SentFile], comparing: &compare::Comparing<'_>) -> (Reported, Vec<Finding>) {
    let base = if folder.is_empty() { REPORTED.to_string() } else { format!("{REPORTED}/{folder}") };
    let own = format!("{base}/{}", manifest::NAME);
    let listed = files.iter().find(|f| f.name == own).map(|f| Manifest::read(&f.bytes));
    let (day, to) = manifest::folder_words(folder);
    let mut out = Reported { folder: folder.into(), to, on: day, ..Reported::default() };
    let mut findings = Vec::new();
    let changed =
        |file: &str, detail: &str| Finding::new("X122W").at(Place::file(&ArcStr::from(file))).arg("detail", detail);
    let known: BTreeMap<String, String> = match listed {
        Some(Ok(manifest)) => {
            (out.to, out.on, out.frozen) = (manifest.to, Some(manifest.on), true);
            manifest.files.into_iter().map(|f| (format!("{base}/{}", f.path), f.sha256)).collect()
        }
        Some(Err(_)) => {
            findings.push(changed(&own, "報告の控えを読めません"));
            BTreeMap::new()
        }
        None => BTreeMap::new(),
    };
    for (name, hash) in &known {
        let state = match files.iter().find(|f| f.name == *name) {
            Some(file) if sha256(&file.bytes) == *hash => continue,
            Some(_) => ("報告したときの中身と違います", FileState::Altered),
            None => ("報告したファイルがなくなっています", FileState::Missing),
        };
        findings.push(changed(name, state.0));
        if state.1 == FileState::Missing {
            let (sha256, title) = (String::new(), String::new());
            out.files.push(ReportedFile { file: name.clone(), sha256, state: state.1, title, compared: 0 });
        }
    }
    for file in files.iter().filter(|f| f.name != own) {
        let sha = sha256(&file.bytes);
        let state = match known.get(&file.name) {
            Some(hash) if *hash == sha => FileState::Same,
            Some(_) => FileState::Altered,
            None => FileState::Unlisted,
        };
        // A letter or a printed copy beside the workbooks is kept and not read.
        if file.book.is_none() && state == FileState::Unlisted {
            continue;
        }
        let mut entry = ReportedFile { file: file.name.clone(), sha256: sha, state, title: String::new(), compared: 0 };
        let read = file.book.as_ref().map(|book| match book {
            Ok(book) => comparing
                .book(book, &file.bytes, &file.name)
                .ok_or_else(|| "どの報告様式の見出しもありません".to_string()),
            Err(refusal) => Err(FillRefusal::Read(refusal.clone()).to_string()),
        });
        match read {
            Some(Ok(compared)) if compared.cells > 0 => {
                (entry.title, entry.compared) = (compared.title, compared.cells);
                out.corrections.extend(compared.corrections);
            }
            Some(Ok(compared)) => {
                findings.push(unread(&file.name, "この調査回の対象と結び付く欄がありません"));
                entry.title = compared.title;
            }
            Some(Err(why)) => findings.push(unread(&file.name, &why)),
            None => {}
        }
        out.files.push(entry);
    }
    out.files.sort_by(|a, b| a.file.cmp(&b.file));
    if let Some(first) = out.corrections.first() {
        // Of what was frozen it is known that it was right then; what was put there by hand may never have been.
        let code = if out.frozen { "X120W" } else { "X121W" };
        let place = Place::cell(&ArcStr::from(first.file.as_str()), &ArcStr::from(first.sheet.as_str()), first.cell);
        let finding = Finding::new(code).at(place).given(out.corrections.len().to_string());
        findings.push(finding.arg("to", &*out.to).arg("cells", comparing.examples(&out.corrections)));
    }
    (out, findings)
}

fn unread(file: &str, detail: &str) -> Finding {
    Finding::new("X123W").at(Place::file(&ArcStr::from(file))).arg("detail", detail)
}
