//! Names of files and folders that Windows accepts, whatever a division or a form is called.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;

use crate::model::{Division, Round};

/// Names that are devices on Windows, with or without an extension; `COM` and `LPT` take a digit, raised ones included.
const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];
const PORTS: [&str; 2] = ["COM", "LPT"];
/// Longest name, in UTF-16 units: a path of Windows has room for 260, and folders stand before it.
const LONGEST: usize = 120;
/// Longest name in bytes: Linux has room for 255, and a file that is held open gets 「（新）」 beside it.
const MOST_BYTES: usize = 240;

/// A name that Windows accepts: forbidden characters become their full-width likes, devices and empty names get a `_`,
/// dots and blanks at the end go, and a name that is too long is cut before its extension.
#[must_use]
pub fn file_name(name: &str) -> String {
    let allowed = |c: char| match c {
        '/' => '／',
        '\\' => '＼',
        ':' => '：',
        '*' => '＊',
        '?' => '？',
        '"' => '”',
        '<' => '＜',
        '>' => '＞',
        '|' => '｜',
        c if c.is_control() => '_',
        c => c,
    };
    let name: String = name.chars().map(allowed).collect();
    let name = name.trim_start().trim_end_matches(['.', ' ', '　']);
    let (stem, extension) = name.rsplit_once('.').filter(|(s, e)| !s.is_empty() && e.len() <= 5).unwrap_or((name, ""));
    let ending = extension.len() + usize::from(!extension.is_empty());
    let room = LONGEST.saturating_sub(ending);
    let stem = cut(stem, room, MOST_BYTES.saturating_sub(ending));
    let stem = stem.trim_end_matches(['.', ' ', '　']);
    let before = if stem.is_empty() || device(stem) { "_" } else { "" };
    if extension.is_empty() { format!("{before}{stem}") } else { format!("{before}{stem}.{extension}") }
}

/// The beginning of a text with at most so many UTF-16 units and so many bytes; never half a character.
fn cut(text: &str, units: usize, bytes: usize) -> &str {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += c.len_utf16();
        if used > units || at + c.len_utf8() > bytes {
            return text.get(..at).unwrap_or_default();
        }
    }
    text
}

/// A path of several names below a folder, each as [`file_name`] makes it.
#[must_use]
pub fn file_path(path: &str) -> String {
    path.split('/').map(file_name).collect::<Vec<_>>().join("/")
}

/// What the files and folders of each division are called, by code. Where two names are one to Windows and macOS, which heed
/// neither capitals nor how a letter with a mark is composed, each has the code behind it.
#[must_use]
pub fn of_divisions(round: &Round) -> BTreeMap<&str, String> {
    let mut alike: BTreeMap<String, usize> = BTreeMap::new();
    for d in &round.divisions {
        *alike.entry(folded(&file_name(&d.name))).or_default() += 1;
    }
    let name = |d: &Division| match alike.get(&folded(&file_name(&d.name))) {
        Some(n) if *n > 1 => file_name(&format!("{}（{}）", cut(&d.name, 80, 160), d.code)),
        _ => file_name(&d.name),
    };
    round.divisions.iter().map(|d| (d.code.as_str(), name(d))).collect()
}

/// A name as systems compare it that heed no capitals.
pub(super) fn folded(name: &str) -> String {
    name.nfc().flat_map(char::to_uppercase).collect()
}

/// Whether Windows takes this for a device: what stands before the first dot decides.
fn device(stem: &str) -> bool {
    let first = stem.split('.').next().unwrap_or_default().trim_end().to_uppercase();
    let numbered = |n: &str| n.chars().count() == 1 && n.contains(char::is_numeric);
    DEVICES.contains(&first.as_str()) || PORTS.iter().any(|p| first.strip_prefix(p).is_some_and(numbered))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn divisions_that_differ_in_capitals_only_have_folders_of_their_own() {
        let named = [
            ("01", "DX推進課"),
            ("02", "dx推進課"),
            ("03", "ＩＴ課"),
            ("04", "ｉｔ課"),
            ("05", "総務課"),
            ("06", "甲/乙課"),
            ("07", "甲／乙課"),
        ];
        let division =
            |(code, name): (&str, &str)| Division { code: code.into(), name: name.into(), ..Division::default() };
        let round = Round { divisions: named.map(division).into(), ..Round::default() };
        let names = of_divisions(&round);
        assert_eq!((names["01"].as_str(), names["02"].as_str()), ("DX推進課（01）", "dx推進課（02）"));
        assert_eq!(names["05"], "総務課", "a name of its own stays as it is");
        let apart: std::collections::BTreeSet<String> = names.values().map(|n| folded(n)).collect();
        assert_eq!(apart.len(), named.len(), "{names:?}");
        assert_eq!(folded("か\u{3099}課"), folded("が課"));
    }

    #[test]
    fn names_that_windows_refuses_are_changed_and_others_kept() {
        let cases = [
            ("移行 計画書_甲課.xlsx", "移行 計画書_甲課.xlsx"),
            ("甲/乙:丙*丁?\"<>|\\.xlsx", "甲／乙：丙＊丁？”＜＞｜＼.xlsx"),
            ("甲課. . ", "甲課"),
            ("甲課 .xlsx", "甲課.xlsx"),
            ("甲課　", "甲課"),
            ("", "_"),
            ("...", "_"),
            (".xlsx", ".xlsx"),
            ("con", "_con"),
            ("Aux.xlsx", "_Aux.xlsx"),
            ("nul.tar.gz", "_nul.tar.gz"),
            ("COM1.txt", "_COM1.txt"),
            ("lpt²", "_lpt²"),
            ("COM10", "COM10"),
            ("COMA", "COMA"),
            ("Console.xlsx", "Console.xlsx"),
            ("甲\u{7}\n課", "甲__課"),
        ];
        for (given, expected) in cases {
            assert_eq!(file_name(given), expected, "{given:?}");
            assert_eq!(file_name(expected), expected, "twice is once: {given:?}");
        }
        let long = file_name(&format!("{}.xlsx", "𠮷".repeat(300)));
        assert!(long.encode_utf16().count() <= 120 && long.ends_with("𠮷.xlsx"), "{long}");
        // A division of eighty characters, three bytes each: the file is cut, its ending stays.
        let name = "課".repeat(80);
        let long = file_name(&format!("様式の題名_{name}.xlsx"));
        assert!(long.len() <= 240 && long.ends_with("課.xlsx"), "{long}");
        assert_eq!(file_name(&long), long);
        assert_eq!(file_name(&name), name, "as a folder it fits");
        let short = format!("計画_{}.xlsx", "課".repeat(70));
        assert_eq!(file_name(&short), short, "what fits stays");
        let path = super::file_path(&format!("差戻し/{name}{name}.xlsx"));
        assert!(path.starts_with("差戻し/課") && path.split('/').all(|n| n.len() <= 240), "{path}");
    }
}
