//! Before a command does anything in a round's folder: it takes the lock where it will write, and what an interrupted run left is
//! finished, whoever looks into the folder next.

use std::path::{Path, PathBuf};

use super::args::Command;
use super::session::Session;
use crate::discover::{ISSUED, PUBLIC, REMINDERS, RESULTS, SETTINGS_FILE};
use crate::edited;
use crate::error::Error;
use crate::lock::Lock;
use crate::output;

/// What a command is called in front of others, where it writes into the round.
fn writes(command: Option<&Command>, paths: &[PathBuf]) -> Option<&'static str> {
    match (command, paths) {
        (Some(Command::Issue { .. }), _) => Some("様式の配布"),
        (Some(Command::Consolidate { .. }), _) => Some("取りまとめ"),
        (Some(Command::Remind { .. }), _) => Some("督促文の作成"),
        (Some(Command::Brief { .. }), _) => Some("会議資料の作成"),
        (Some(Command::Publish { .. }), _) => Some("公表の準備"),
        (Some(Command::Report { .. }), _) => Some("報告の控え"),
        (Some(Command::Survey { .. }), _) => Some("アンケートの集計"),
        (None, [dir]) if dir.is_dir() => Some("取りまとめ"),
        _ => None,
    }
}

/// The round that a command writes into.
pub(super) fn written(command: Option<&Command>, paths: &[PathBuf]) -> Option<PathBuf> {
    writes(command, paths).and_then(|_| super::round_of(command, paths))
}

/// Longest path of a file that Excel opens, in UTF-16 units.
const EXCEL_OPENS: usize = 218;

/// The longest path below a folder of a file that Excel would be asked to open and cannot, because of its length.
fn too_long(folder: &Path) -> Option<PathBuf> {
    let sets = walkdir::WalkDir::new(folder).into_iter().filter_entry(|e| e.file_name() != output::HISTORY);
    let books = sets.flatten().map(walkdir::DirEntry::into_path).filter(|p| p.extension().is_some_and(|e| e == "xlsx"));
    let length = |path: &PathBuf| path.to_string_lossy().encode_utf16().count();
    books.max_by_key(length).filter(|path| length(path) > EXCEL_OPENS)
}

impl Session<'_> {
    /// Says, on Windows, that Excel will not open something that was written into a round.
    pub(super) fn too_long_for_excel(&self, round: Option<&Path>) {
        let Some(round) = round.filter(|_| cfg!(windows)).and_then(|r| std::path::absolute(r).ok()) else { return };
        if let Some(path) = [RESULTS, ISSUED].iter().find_map(|folder| too_long(&round.join(folder))) {
            let inside = path.strip_prefix(&round).unwrap_or(&path).display().to_string();
            self.aside(&format!(
                "「{inside}」などは、フォルダの名前を合わせて{EXCEL_OPENS}文字を超えるため、Excelで開けません。調査回のフォルダを、名前の短い浅い場所（C:\\調査 など）に移してください。"
            ));
        }
    }

    /// The lock of the round that a command writes into; of one that only reads, none. A switch that was interrupted is finished.
    pub(super) fn lock(&self, command: Option<&Command>, paths: &[PathBuf]) -> Result<Option<Lock>, Error> {
        let Some(round) = super::round_of(command, paths).filter(|dir| dir.join(SETTINGS_FILE).is_file()) else {
            return Ok(None);
        };
        if let Some(who) = edited::by(&round) {
            self.aside(&format!(
                "「{SETTINGS_FILE}」を、いま{who}が開いています。保存していない変更は入りません（だれも開いていないときは、隣にある「~$」か「.~lock」で始まるファイルを消してください）。"
            ));
        }
        let Some(what) = writes(command, paths) else {
            self.heal(&round);
            return Ok(None);
        };
        let lock = self.hold(&round, what)?;
        for folder in interrupted(&round) {
            output::finish(&folder)?;
            self.healed(&folder);
        }
        Ok(Some(lock))
    }

    /// Takes the lock of a round, and says so where that takes a while.
    pub(super) fn hold(&self, round: &Path, what: &str) -> Result<Lock, Error> {
        Lock::take(round, what, &|said| self.aside(said))
    }

    /// Finishes an interrupted switch for a command that only reads. Where somebody is at work, that run does it.
    fn heal(&self, round: &Path) {
        let left = interrupted(round);
        if left.is_empty() {
            return;
        }
        let Some(_lock) = Lock::try_take(round, "入れ替えの続き") else {
            self.aside(&format!("{}は、入れ替えの途中です。", names(&left)));
            return;
        };
        for folder in &left {
            match output::finish(folder) {
                Ok(_) => self.healed(folder),
                Err(e) => self.aside(&e.to_string()),
            }
        }
    }

    fn healed(&self, folder: &Path) {
        let name = names(&[folder.to_path_buf()]);
        self.aside(&format!("前の実行が{name}の入れ替えの途中で止まっていたため、続きを終わらせました。"));
    }

    /// Something beside the letter, on the other stream.
    pub(super) fn aside(&self, said: &str) {
        if !self.options.quiet {
            eprintln!("{said}");
        }
    }
}

/// The folders of a round in which a switch was begun and not finished.
fn interrupted(round: &Path) -> Vec<PathBuf> {
    let results = round.join(RESULTS);
    let all = [results.clone(), results.join(PUBLIC), results.join(REMINDERS), round.join(ISSUED)];
    all.into_iter().filter(|f| output::is_interrupted(f)).collect()
}

fn names(folders: &[PathBuf]) -> String {
    let names = folders.iter().map(|f| f.file_name().unwrap_or_default().to_string_lossy());
    format!("「{}」", names.collect::<Vec<_>>().join("」「"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_excel_will_not_open_for_its_length_is_found() {
        let dir = tempfile::tempdir().expect("a folder");
        let root = dir.path().to_string_lossy().encode_utf16().count();
        let put = |folder: &str, length: usize, ending: &str| {
            let folder = dir.path().join(folder);
            std::fs::create_dir_all(&folder).expect("made");
            let before = folder.to_string_lossy().encode_utf16().count() + 1;
            let stem = "x".repeat(length.saturating_sub(before + ending.len()));
            let path = folder.join(format!("{stem}{ending}"));
            std::fs::write(&path, "").expect("written");
            path
        };
        let deep = format!("{}/課", "d".repeat(100));
        assert!(root < 100, "the folder for passing files is too deep for this test");
        put(&deep, 218, ".xlsx");
        put(&deep, 219, ".csv");
        put(&format!("{deep}/履歴/x-001"), 230, ".xlsx");
        assert_eq!(too_long(dir.path()), None);
        let longer = put(&deep, 219, ".xlsx");
        assert_eq!(too_long(dir.path()), Some(longer));
    }
}
