//! The list of what this program wrote into a folder, with the hash of each file: what differs from it was changed by somebody.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// The name of the list.
pub(super) const LISTING: &str = ".出力一覧.txt";

/// A file that stands on its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Single {
    pub(super) hash: String,
    /// What it was made from.
    pub(super) inputs: String,
}

/// What is known of how a file was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written<'a> {
    /// This program did not write it.
    Not,
    /// A version that kept no hashes wrote it.
    Unknown,
    /// With this hash.
    As(&'a str),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Listing {
    /// What the set was made from.
    pub(super) inputs: Option<String>,
    /// The name under which the set will be kept.
    pub(super) label: Option<String>,
    /// The set, with the hash of each file where it is known (lists of earlier versions had none).
    pub(super) set: BTreeMap<String, Option<String>>,
    pub(super) singles: BTreeMap<String, Single>,
}

const INPUTS: &str = "入力 ";
const LABEL: &str = "札 ";

impl Listing {
    pub(super) fn read(folder: &Path) -> Self {
        Self::parse(&fs::read_to_string(folder.join(LISTING)).unwrap_or_default())
    }

    fn parse(text: &str) -> Self {
        let mut listing = Self::default();
        let is_hash = |t: &str| t.len() == 64 && t.bytes().all(|b| b.is_ascii_hexdigit());
        for line in text.lines().filter(|l| !l.is_empty()) {
            let mut words = line.splitn(3, ' ');
            match (words.next(), words.next(), words.next()) {
                (Some("入力"), Some(inputs), None) => listing.inputs = Some(inputs.to_string()),
                (Some("札"), Some(label), None) => listing.label = Some(label.to_string()),
                (Some(hash), Some("-"), Some(path)) if is_hash(hash) => {
                    listing.set.insert(path.to_string(), Some(hash.to_string()));
                }
                (Some(hash), Some(inputs), Some(path)) if is_hash(hash) && inputs.starts_with('*') => {
                    let inputs = inputs.trim_start_matches('*').to_string();
                    listing.singles.insert(path.to_string(), Single { hash: hash.to_string(), inputs });
                }
                _ => {
                    listing.set.insert(line.to_string(), None);
                }
            }
        }
        listing
    }

    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        if let Some(inputs) = &self.inputs {
            let _ = writeln!(text, "{INPUTS}{inputs}");
        }
        if let Some(label) = &self.label {
            let _ = writeln!(text, "{LABEL}{label}");
        }
        for (path, hash) in &self.set {
            let _ = match hash {
                Some(hash) => writeln!(text, "{hash} - {path}"),
                None => writeln!(text, "{path}"),
            };
        }
        for (path, single) in &self.singles {
            let _ = writeln!(text, "{} *{} {path}", single.hash, single.inputs);
        }
        text
    }

    /// How a file was written.
    pub(super) fn written(&self, path: &str) -> Written<'_> {
        let single = self.singles.get(path).map(|s| Some(&s.hash));
        match single.or_else(|| self.set.get(path).map(Option::as_ref)) {
            None => Written::Not,
            Some(None) => Written::Unknown,
            Some(Some(hash)) => Written::As(hash),
        }
    }

    /// Whether there is a set, and all of it is there.
    pub(super) fn stands(&self, folder: &Path) -> bool {
        let mut all = self.set.keys().chain(self.singles.keys()).peekable();
        all.peek().is_some() && all.all(|path| folder.join(path).is_file())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_and_lists_without_hashes_too() {
        let hash = "0a".repeat(32);
        let listing = Listing {
            inputs: Some("abc".into()),
            label: Some("2022-10-31".into()),
            set: BTreeMap::from([
                ("差戻し/第1課 差戻し.xlsx".into(), Some(hash.clone())),
                ("取りまとめ.xlsx".into(), Some(hash.clone())),
            ]),
            singles: BTreeMap::from([("資料 1.docx".into(), Single { hash, inputs: "x".into() })]),
        };
        assert_eq!(Listing::parse(&listing.text()), listing);
        let old = Listing::parse("取りまとめ.xlsx\nデータ/回答 一覧.csv\n");
        assert_eq!(old.set.len(), 2);
        assert_eq!(old.written("データ/回答 一覧.csv"), Written::Unknown);
        assert_eq!(old.written("他"), Written::Not);
    }
}
