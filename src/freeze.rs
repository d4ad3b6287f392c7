//! The command `report`: freezes the ministry's workbooks as they were sent, in a folder of 報告済み/ with their hashes.
//!
//! What is frozen is what stands in 結果/, and only when the round as it lies there gives the very same bytes: a report of
//! which nobody knows the answers could never be compared. A report is never overwritten.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use chrono::NaiveDate;
use serde_json::{Value as Json, json};

use crate::discover::{self, NATIONAL, REPORTED, RESULTS};
use crate::error::Error;
use crate::forms::Templates;
use crate::intake::sha256;
use crate::model::date::wareki;
use crate::moving;
use crate::output;
use crate::run::{self, Options, Stop};
use crate::sent::manifest::{self, Entry, Manifest};
use crate::write::Output;

/// A report that is kept.
#[derive(Clone, Debug)]
pub struct Frozen {
    /// Its folder, relative to the round.
    pub folder: String,
    /// What is known of it.
    pub manifest: Manifest,
    /// Whether it was written now; else the same workbooks were frozen for the same addressee and day before.
    pub written: bool,
    /// Cells that were left empty because their figure is not complete, by file.
    pub left: usize,
}

/// Freezes what stands in 結果/国様式/.
///
/// # Errors
/// When there is nothing to freeze, it is not what the answers give, the name cannot be a folder's, or it cannot be written.
pub fn run(
    dir: &Path,
    to: &str,
    on: Option<NaiveDate>,
    templates: &Templates,
    options: &Options,
) -> Result<Frozen, Stop> {
    let on = on.unwrap_or(options.today);
    let name = manifest::folder(on, to);
    if name.is_empty() {
        let next = "--to に、報告先を文字で指定してください（例: --to 宮城県）。";
        return Err(Error::new("報告先の名前がありません。", next).into());
    }
    let (ledger, filled) = run::with_national(dir, templates, options)?;
    let standing = standing(dir)?;
    let frozen = filled_as_they_stand(&filled, &standing, dir)?;
    let manifest = Manifest {
        to: to.trim().to_string(),
        on,
        round: ledger.round.name.clone(),
        frozen_on: options.today,
        files: frozen.iter().map(|(path, bytes)| Entry { path: (*path).to_string(), sha256: sha256(bytes) }).collect(),
    };
    let left = ledger.reconciliation.iter().flat_map(|b| &b.cells).filter(|c| c.owed).count();
    let reports = dir.join(REPORTED);
    let folder = |n: usize| if n == 1 { name.clone() } else { format!("{name}_{n}") };
    for n in 1.. {
        let target = reports.join(folder(n));
        if !target.exists() {
            put(&reports, &target, &manifest, &frozen)?;
            return Ok(Frozen { folder: format!("{REPORTED}/{}", folder(n)), manifest, written: true, left });
        }
        let kept = fs::read(target.join(manifest::NAME)).ok().and_then(|b| Manifest::read(&b).ok());
        if kept.is_some_and(|k| k.files == manifest.files && k.to == manifest.to) {
            return Ok(Frozen { folder: format!("{REPORTED}/{}", folder(n)), manifest, written: false, left });
        }
    }
    unreachable!("a free number is always found")
}

/// The files of 結果/国様式/, by path below it.
fn standing(dir: &Path) -> Result<BTreeMap<String, Vec<u8>>, Error> {
    let root = dir.join(RESULTS).join(NATIONAL);
    let found = if root.is_dir() { discover::files_below(&root, &root)? } else { Vec::new() };
    // What Excel puts beside an open workbook is none of it.
    let own = found
        .into_iter()
        .filter(|f| f.trouble.is_none() && !f.name.rsplit('/').next().unwrap_or_default().starts_with("~$"));
    own.map(|f| Ok((f.name, discover::read(&f.path)?))).collect()
}

/// What stands there, when it is what the answers give.
fn filled_as_they_stand<'a>(
    filled: &[Output],
    standing: &'a BTreeMap<String, Vec<u8>>,
    dir: &Path,
) -> Result<Vec<(&'a str, &'a [u8])>, Error> {
    let again = format!("torimatome {} で取りまとめてから、内容を確かめて、もう一度実行してください。", dir.display());
    if standing.is_empty() {
        let message = format!("「{RESULTS}/{NATIONAL}」に、報告するブックがありません。");
        let next = if filled.is_empty() {
            format!("「{NATIONAL}」フォルダに国の様式を入れて、{again}")
        } else {
            again
        };
        return Err(Error::new(message, next));
    }
    let mut given: BTreeMap<&str, String> = BTreeMap::new();
    for output in filled {
        given.insert(output.path.strip_prefix(&format!("{NATIONAL}/")).unwrap_or(&output.path), output.body.sha256());
    }
    let mut differences = Vec::new();
    for (path, bytes) in standing {
        match given.get(path.as_str()) {
            Some(hash) if *hash == sha256(bytes) => {}
            Some(_) => differences.push(format!("「{path}」は、今の回答から作るものと中身が違います。")),
            None => differences.push(format!("「{path}」は、今の回答からは作られません。")),
        }
    }
    let missing = given.keys().filter(|p| !standing.contains_key(**p));
    differences.extend(missing.map(|p| format!("「{p}」が「{RESULTS}/{NATIONAL}」にありません。")));
    if differences.is_empty() {
        return Ok(standing.iter().map(|(p, b)| (p.as_str(), b.as_slice())).collect());
    }
    Err(Error::new(
        format!(
            "「{RESULTS}/{NATIONAL}」が、今の回答と合わないため、控えを作りません。\n  {}",
            differences.join("\n  ")
        ),
        format!(
            "すでに報告したものであれば、そのファイルを「{REPORTED}」の下のフォルダに入れると比べられます。これから報告するのであれば、{again}"
        ),
    ))
}

/// Writes the folder under another name and renames it, so that there is never half a report.
fn put(reports: &Path, target: &Path, manifest: &Manifest, files: &[(&str, &[u8])]) -> Result<(), Error> {
    let failed = |path: &Path| {
        let path = path.to_path_buf();
        move |e: std::io::Error| Error::write(&path, &e)
    };
    fs::create_dir_all(reports).map_err(failed(reports))?;
    let stage = tempfile::Builder::new().prefix(".準備中").tempdir_in(reports).map_err(failed(reports))?;
    // The folder of its own inside has the rights that everything else has; the temporary one is its owner's alone.
    let inner = stage.path().join("控え");
    fs::create_dir(&inner).map_err(failed(&inner))?;
    let note = manifest.text();
    let note = (manifest::NAME, note.as_bytes());
    for (path, bytes) in files.iter().copied().chain([note]) {
        output::write_synced(&inner.join(path), bytes)?;
    }
    moving::rename(&inner, target).map_err(failed(target))
}

impl Frozen {
    /// What `report` says.
    #[must_use]
    pub fn text(&self) -> String {
        let (to, on) = (&self.manifest.to, wareki(self.manifest.on));
        if !self.written {
            return format!("同じブックの控えが「{}」にあります。何も書いていません。\n", self.folder);
        }
        let files = self.manifest.files.iter().fold(String::new(), |list, f| list + "  " + &f.path + "\n");
        let left = if self.left == 0 {
            String::new()
        } else {
            format!("回答がそろわないため空欄の欄が {} か所あります（取りまとめ.xlsx の「照合」）。\n", self.left)
        };
        format!(
            "{on}に{to}へ報告したブック {} 件の控えを「{}」に作りました。\n{files}{left}これからは、取りまとめのたびに報告と比べ、違いを取りまとめ.xlsx の「差替え一覧」に示します。\n",
            self.manifest.files.len(),
            self.folder
        )
    }

    /// The same as an object.
    #[must_use]
    pub fn json(&self) -> Json {
        let m = &self.manifest;
        let files: Vec<Json> = m
            .files
            .iter()
            .map(|f| json!({"path": format!("{}/{}", self.folder, f.path), "sha256": f.sha256}))
            .collect();
        json!({"folder": self.folder, "to": m.to, "on": m.on, "round": m.round, "frozen_on": m.frozen_on,
               "files": files, "written": self.written, "left_empty": self.left})
    }
}
