//! The note that lies beside frozen workbooks: to whom, when, of which round, and each file's hash; and the folder's name.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::normalise::text;
use crate::write::file_name;

/// Name of the note.
pub const NAME: &str = "報告の控え.toml";

const HEAD: &str = "# このフォルダは、報告したファイルの控えです。中のファイルは書き換えないでください。\n\
                    # sha256 は、報告したときのファイルであることを確かめるための値です。\n\n";

/// What is known of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// To whom.
    pub to: String,
    /// When it was sent.
    pub on: NaiveDate,
    /// The round.
    pub round: String,
    /// When it was frozen.
    pub frozen_on: NaiveDate,
    /// Its files.
    #[serde(rename = "file")]
    pub files: Vec<Entry>,
}

/// A text that is no such note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoNote;

/// A file of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Path below the report's folder, with `/`.
    pub path: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

impl Manifest {
    /// As it is written. The same content gives the same text.
    #[must_use]
    pub fn text(&self) -> String {
        // Strings, days and a list of both: nothing that the format could refuse.
        format!("{HEAD}{}", toml::to_string(self).unwrap_or_default())
    }

    /// Reads it back; an editor's byte order mark does no harm.
    ///
    /// # Errors
    /// When it is no such note.
    pub fn read(bytes: &[u8]) -> Result<Self, NoNote> {
        let text = std::str::from_utf8(bytes).map_err(|_| NoNote)?;
        toml::from_str(text.trim_start_matches('\u{FEFF}')).map_err(|_| NoNote)
    }
}

/// The name of a report's folder: day and addressee, without what Windows does not take in a name. Empty when nothing is left.
#[must_use]
pub fn folder(on: NaiveDate, to: &str) -> String {
    let words = text::tidy(to);
    let kept = words.chars().filter(|c| !c.is_control() && !text::is_invisible(*c));
    let clean: String = kept.map(|c| if c.is_whitespace() { '_' } else { c }).take(40).collect();
    let clean = clean.trim_matches(['.', '_']);
    if clean.is_empty() { String::new() } else { file_name(&format!("{on}_{clean}")) }
}

/// Day and addressee as a folder's name gives them.
pub(super) fn folder_words(folder: &str) -> (Option<NaiveDate>, String) {
    let (first, rest) = folder.split_once('_').unwrap_or((folder, ""));
    match first.parse() {
        Ok(day) => (Some(day), if rest.is_empty() { folder.to_string() } else { rest.to_string() }),
        Err(_) if folder.is_empty() => (None, crate::discover::REPORTED.to_string()),
        Err(_) => (None, folder.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn names_of_folders_are_such_that_windows_takes_them() {
        let on = day("2022-11-15");
        for (to, name) in [
            ("宮城県", "2022-11-15_宮城県"),
            (" 総務省/自治行政局 ", "2022-11-15_総務省／自治行政局"),
            ("A:B*C?\"<>|\\", "2022-11-15_A：B＊C？”＜＞｜＼"),
            ("宮城県\u{202E}\n..", "2022-11-15_宮城県"),
            ("..", ""),
            ("　", ""),
        ] {
            assert_eq!(folder(on, to), name, "{to:?}");
        }
        assert!(folder(on, &"県".repeat(300)).len() < 200, "no path becomes too long");
    }

    #[test]
    fn what_is_written_is_read_back() {
        let entry = Entry { path: "様式\"1\".xlsx".into(), sha256: "ab".into() };
        let all = Manifest {
            to: "宮城県「担当」\\".into(),
            on: day("2022-11-15"),
            round: "令和4年10月末".into(),
            frozen_on: day("2022-11-16"),
            files: vec![entry],
        };
        assert_eq!(Manifest::read(all.text().as_bytes()), Ok(all.clone()));
        assert_eq!(Manifest::read(format!("\u{FEFF}{}", all.text()).as_bytes()), Ok(all));
        assert!(Manifest::read(b"to = 1").is_err() && Manifest::read(&[0xFF]).is_err());
    }

    #[test]
    fn a_folder_made_by_hand_says_what_its_name_says() {
        assert_eq!(folder_words("2022-11-01_宮城県"), (Some(day("2022-11-01")), "宮城県".into()));
        assert_eq!(folder_words("10月フォローアップ"), (None, "10月フォローアップ".into()));
        assert_eq!(folder_words("2022-11-01"), (Some(day("2022-11-01")), "2022-11-01".into()));
        assert_eq!(folder_words(""), (None, "報告済み".into()));
    }
}
