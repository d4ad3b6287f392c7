//! Finds what is in a round's folder: the settings workbook, the files that came back, what the last round left.
//!
//! Paths are given relative to the round with `/`, sorted, so that the directory's own order never shows. Nothing is
//! opened for writing, links are not followed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset, NaiveDateTime, Utc};
use walkdir::WalkDir;

use crate::error::Error;

/// The settings workbook.
pub const SETTINGS_FILE: &str = "調査設定.xlsx";
/// Blank forms.
pub const ISSUED: &str = "配布";
/// What came back.
pub const RETURNED: &str = "提出";
/// The ministry's workbooks.
pub const NATIONAL: &str = "国様式";
/// What was sent.
pub const REPORTED: &str = "報告済み";
/// The last round's result.
pub const PREVIOUS: &str = "前回";
/// What the program writes.
pub const RESULTS: &str = "結果";
/// The exports of a survey, with its questions.
pub const SURVEY: &str = "アンケート";
/// What citizens and the council are shown, below [`RESULTS`].
pub const PUBLIC: &str = "公表";
/// What asks the divisions again, below [`RESULTS`].
pub const REMINDERS: &str = "督促";

/// A file that came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Path relative to the round, with `/`.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// Size in bytes.
    pub size: u64,
    /// Modification time in +09:00.
    pub modified: Option<NaiveDateTime>,
    /// Why it is no file to be read.
    pub trouble: Option<Trouble>,
}

/// What stands in a folder and is no file to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// A link to a file, or to nowhere.
    Link,
    /// A link to a folder.
    FolderLink,
    /// The system does not give it, and why.
    NotGiven(String),
}

/// Every file below `提出/`, sorted by path.
///
/// # Errors
/// When the folder is missing or cannot be listed.
pub fn returned(round: &Path) -> Result<Vec<Found>, Error> {
    let root = round.join(RETURNED);
    if !root.is_dir() {
        return Err(Error::new(
            format!("「{}」フォルダがありません。", root.display()),
            format!("調査回のフォルダに「{RETURNED}」フォルダを作り、課から届いたファイルを入れてください。"),
        ));
    }
    files_below(round, &root)
}

/// Every file below `国様式/`, sorted by path; none where there is no such folder.
///
/// # Errors
/// When the folder cannot be listed.
pub fn national(round: &Path) -> Result<Vec<Found>, Error> {
    let root = round.join(NATIONAL);
    if root.is_dir() { files_below(round, &root) } else { Ok(Vec::new()) }
}

/// Every file below アンケート/ but those that are left by an open workbook, sorted by path.
///
/// # Errors
/// When the folder is missing or cannot be listed.
pub fn survey(round: &Path) -> Result<Vec<Found>, Error> {
    let root = round.join(SURVEY);
    if !root.is_dir() {
        return Err(Error::new(
            format!("「{}」フォルダがありません。", root.display()),
            format!(
                "調査回のフォルダに「{SURVEY}」フォルダを作り、設問のブックと、フォームから書き出した回答を入れてください。"
            ),
        ));
    }
    Ok(files_below(round, &root)?.into_iter().filter(|f| !is_passing(&f.name)).collect())
}

/// Every file below 報告済み/ but those that are being written or are left by an open workbook; none without the folder.
///
/// # Errors
/// When the folder cannot be listed.
pub fn reported(round: &Path) -> Result<Vec<Found>, Error> {
    let root = round.join(REPORTED);
    let found = if root.is_dir() { files_below(round, &root)? } else { Vec::new() };
    Ok(found.into_iter().filter(|f| !is_passing(&f.name)).collect())
}

/// Whether a path is one of a file that is being written, or is left by an open workbook.
#[must_use]
pub fn is_passing(name: &str) -> bool {
    name.split('/').any(|part| part.starts_with('.') || part.starts_with("~$"))
}

/// Every file below `root`, named relative to `base`, sorted by path; with links and folders that cannot be listed, each with
/// its [`Trouble`].
///
/// # Errors
/// When `root` itself cannot be listed.
pub fn files_below(base: &Path, root: &Path) -> Result<Vec<Found>, Error> {
    let mut found = Vec::new();
    for entry in WalkDir::new(root).follow_links(false).sort_by_file_name() {
        match entry {
            Ok(entry) if entry.path_is_symlink() && entry.depth() > 0 => {
                let trouble = if entry.path().is_dir() { Trouble::FolderLink } else { Trouble::Link };
                found.push(troubled(base, entry.path(), trouble));
            }
            Ok(entry) if entry.file_type().is_file() => found.push(one(base, entry.path())),
            // The folder itself may be a link to a share: it is where the files are.
            Ok(entry) if entry.file_type().is_dir() || entry.depth() == 0 => {}
            Ok(entry) => {
                found.push(troubled(base, entry.path(), Trouble::NotGiven("ふつうのファイルではありません".into())));
            }
            Err(e) => {
                let why = e.io_error().map_or_else(|| e.to_string(), crate::error::io_words);
                match e.path().filter(|_| e.depth() > 0) {
                    Some(path) => found.push(troubled(base, path, Trouble::NotGiven(why))),
                    None => {
                        return Err(Error::new(
                            format!("フォルダ「{}」を読めません（{why}）。", root.display()),
                            "フォルダの権限と、共有フォルダへの接続を確かめてください。",
                        ));
                    }
                }
            }
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

fn troubled(base: &Path, path: &Path, trouble: Trouble) -> Found {
    Found { size: 0, modified: None, trouble: Some(trouble), ..one(base, path) }
}

/// One file, named relative to `base`.
#[must_use]
pub fn one(base: &Path, path: &Path) -> Found {
    let name = path.strip_prefix(base).unwrap_or(path).to_string_lossy().replace('\\', "/");
    let meta = std::fs::metadata(path).ok();
    let modified = meta.as_ref().and_then(|m| m.modified().ok()).map(|t| in_japan(DateTime::<Utc>::from(t)));
    Found { name, path: path.to_path_buf(), size: meta.map_or(0, |m| m.len()), modified, trouble: None }
}

/// A moment in +09:00, where every municipality is.
#[must_use]
pub fn in_japan(t: DateTime<Utc>) -> NaiveDateTime {
    FixedOffset::east_opt(9 * 3600).map_or_else(|| t.naive_utc(), |jst| t.with_timezone(&jst).naive_local())
}

/// The files of a `--templates` folder, by path below it.
///
/// # Errors
/// When the folder or a file cannot be read.
pub fn templates(dir: &Path) -> Result<BTreeMap<String, Vec<u8>>, Error> {
    let mut files = BTreeMap::new();
    for found in files_below(dir, dir)?.into_iter().filter(|f| f.trouble.is_none()) {
        files.insert(found.name, read(&found.path)?);
    }
    Ok(files)
}

/// The header rows of the CSV files in a folder, by name. A folder that is not there has none.
#[must_use]
pub fn headers(folder: &Path) -> BTreeMap<String, Vec<String>> {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path());
    let header = |path: PathBuf| {
        let name = path.file_name()?.to_str()?.to_string();
        let text = std::fs::read(path).ok()?;
        let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&text);
        let mut reader = csv::Reader::from_reader(text);
        let heads = reader.headers().ok()?.iter().map(ToString::to_string).collect();
        Some((name, heads))
    };
    files.filter(|p| p.extension().is_some_and(|e| e == "csv")).filter_map(header).collect()
}

/// The bytes of a file, opened read-only.
///
/// # Errors
/// When it cannot be read.
pub fn read(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|e| {
        Error::new(
            format!("「{}」を読めません（{}）。", path.display(), crate::error::io_words(&e)),
            "ファイルがあるか、ほかの人が開いていないかを確かめてください。",
        )
    })
}

/// As [`whole`]; of a file past the limit nothing is read.
///
/// # Errors
/// As [`whole`].
pub fn up_to(found: &Found, limit: u64) -> Result<Vec<u8>, String> {
    if found.trouble.is_none() && found.size > limit { Ok(Vec::new()) } else { whole(found) }
}

/// The bytes of a file that was found, as it was found; or why the machine does not give them, in the office's words.
///
/// # Errors
/// When it is a link, cannot be read, or changes while it is read.
pub fn whole(found: &Found) -> Result<Vec<u8>, String> {
    match &found.trouble {
        Some(Trouble::NotGiven(why)) => return Err(why.clone()),
        Some(Trouble::Link | Trouble::FolderLink) => return Err("ほかの場所へのリンクです".into()),
        None => {}
    }
    let bytes = std::fs::read(&found.path).map_err(|e| crate::error::io_words(&e))?;
    let after = one(Path::new(""), &found.path);
    // A copy that goes on would be taken for a file that breaks off.
    if (after.size, after.modified) != (found.size, found.modified) || bytes.len() as u64 != found.size {
        return Err("コピーか保存の途中です（読んでいる間に変わりました）".into());
    }
    Ok(bytes)
}

/// The round that a file belongs to: the nearest folder above it with a settings workbook.
#[must_use]
pub fn round_of(file: &Path) -> Option<PathBuf> {
    let absolute = std::path::absolute(file).ok()?;
    absolute.ancestors().skip(1).find(|a| a.join(SETTINGS_FILE).is_file()).map(Path::to_path_buf)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn links_are_listed_and_not_followed() {
        let temp = tempfile::tempdir().unwrap();
        let (round, elsewhere) = (temp.path().join("r"), temp.path().join("他"));
        std::fs::create_dir_all(round.join("提出/甲")).unwrap();
        std::fs::create_dir_all(&elsewhere).unwrap();
        std::fs::write(elsewhere.join("a.csv"), "a").unwrap();
        std::fs::write(round.join("提出/甲/b.csv"), "b").unwrap();
        let link = |to: &Path, name: &str| std::os::unix::fs::symlink(to, round.join("提出").join(name)).unwrap();
        link(&elsewhere.join("a.csv"), "一");
        link(&elsewhere, "二");
        link(Path::new("/nowhere/at/all"), "三");
        link(&round, "輪");
        let found = returned(&round).unwrap();
        let seen: Vec<(&str, Option<&Trouble>)> = found.iter().map(|f| (f.name.as_str(), f.trouble.as_ref())).collect();
        let expected = [
            ("提出/一", Some(&Trouble::Link)),
            ("提出/三", Some(&Trouble::Link)),
            ("提出/二", Some(&Trouble::FolderLink)),
            ("提出/甲/b.csv", None),
            ("提出/輪", Some(&Trouble::FolderLink)),
        ];
        assert_eq!(seen, expected);
        assert!(found.iter().all(|f| whole(f).is_ok() == f.trouble.is_none()));
    }

    #[test]
    fn a_file_that_changes_while_it_is_read_is_not_taken() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("a.csv");
        std::fs::write(&path, "a,b").unwrap();
        let found = one(temp.path(), &path);
        assert_eq!(whole(&found), Ok(b"a,b".to_vec()));
        std::fs::write(&path, "a,b\n1,2").unwrap();
        assert!(whole(&found).is_err_and(|why| why.contains("途中")));
        std::fs::remove_file(&path).unwrap();
        assert_eq!(whole(&found), Err("見つかりません".to_string()));
    }
}
