//! What Windows hands over in place of what was typed: the quotation mark behind a folder that ends in `\`, and patterns that no
//! shell there replaces by the files that fit them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The words (the program's name first) as they were meant. Elsewhere the shell has done that.
pub(super) fn meant(words: Vec<OsString>, windows: bool) -> Vec<OsString> {
    if !windows {
        return words;
    }
    let mut words = words.into_iter();
    let name = words.next();
    let plain = words.flat_map(|word| match word.to_str() {
        Some(text) if text.contains('"') => unquoted(text),
        _ => vec![word],
    });
    name.into_iter().chain(plain.flat_map(expanded)).collect()
}

/// `"C:\v5\" --quiet` is one word to Windows, `C:\v5" --quiet`: before a quotation mark `\` says that it is one of the name, which no
/// name there can have.
fn unquoted(text: &str) -> Vec<OsString> {
    let (folder, rest) = text.split_once('"').unwrap_or((text, ""));
    // Of a drive its root, not the folder that somebody is in there.
    let folder = if folder.ends_with(':') { format!("{folder}\\") } else { folder.to_string() };
    let rest = rest.split(['"', ' ', '\t']).map(str::to_string);
    std::iter::once(folder).chain(rest).filter(|w| !w.is_empty()).map(OsString::from).collect()
}

/// The files that a pattern's last part fits, in order; a word that is none, or that nothing fits, as it is.
fn expanded(word: OsString) -> Vec<OsString> {
    let path = PathBuf::from(&word);
    let pattern = path.file_name().and_then(|n| n.to_str()).filter(|n| n.contains(['*', '?']));
    let option = word.to_str().is_none_or(|w| w.starts_with('-'));
    let Some(pattern) = pattern.filter(|_| !option) else { return vec![word] };
    let parent = path.parent().unwrap_or(Path::new(""));
    let folder = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    let names = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.file_name());
    let fits = |name: &OsString| name.to_str().is_some_and(|n| !n.starts_with('.') && fits(n, pattern));
    let mut found: Vec<OsString> = names.filter(fits).map(|n| parent.join(n).into_os_string()).collect();
    found.sort();
    if found.is_empty() { vec![word] } else { found }
}

/// Whether a name fits a pattern of `*` and `?`, whatever its capitals.
fn fits(name: &str, pattern: &str) -> bool {
    let chars = |text: &str| text.to_uppercase().chars().collect::<Vec<char>>();
    let (name, pattern) = (chars(name), chars(pattern));
    let (mut at, mut of) = (0, 0);
    // Where to go on when the last star takes one character more.
    let mut star: Option<(usize, usize)> = None;
    while let Some(c) = name.get(at) {
        match pattern.get(of) {
            Some('*') => {
                star = Some((of + 1, at));
                of += 1;
            }
            Some(p) if *p == '?' || p == c => (at, of) = (at + 1, of + 1),
            _ => match &mut star {
                Some((behind, taken)) => {
                    *taken += 1;
                    (at, of) = (*taken, *behind);
                }
                None => return false,
            },
        }
    }
    pattern.get(of..).unwrap_or_default().iter().all(|p| *p == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(words: &[&str]) -> Vec<String> {
        let words = std::iter::once("torimatome").chain(words.iter().copied()).map(OsString::from).collect();
        meant(words, true).into_iter().skip(1).map(|w| w.to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn a_quotation_mark_at_the_end_of_a_folder_is_none() {
        assert_eq!(said(&[r#"C:\v5""#]), [r"C:\v5"]);
        assert_eq!(
            said(&[r#"C:\令和4年 10月末" --quiet --today 2022-11-14"#]),
            [r"C:\令和4年 10月末", "--quiet", "--today", "2022-11-14"]
        );
        assert_eq!(said(&["report", r#"D:""#]), ["report", r"D:\"]);
        assert_eq!(said(&["status", r"C:\v5"]), ["status", r"C:\v5"]);
        let word = vec![OsString::from("x"), OsString::from("a\"b")];
        assert_eq!(meant(word.clone(), false), word, "elsewhere it may be part of a name");
    }

    #[test]
    fn patterns_are_the_files_that_fit() {
        let dir = tempfile::tempdir().expect("a folder");
        for name in ["b 課.XLSX", "a.xlsx", "c.xlsm", ".隠れ.xlsx", "a.xlsx.txt"] {
            std::fs::write(dir.path().join(name), "").expect("written");
        }
        let here = |name: &str| dir.path().join(name).to_string_lossy().into_owned();
        assert_eq!(said(&["check", &here("*.xlsx")]), ["check".to_string(), here("a.xlsx"), here("b 課.XLSX")]);
        assert_eq!(said(&[&here("?.xls?")]), [here("a.xlsx"), here("c.xlsm")]);
        assert_eq!(
            said(&[&here("*.ods"), "--to=*"]),
            [here("*.ods"), "--to=*".to_string()],
            "what fits nothing is told"
        );
    }

    #[test]
    fn stars_take_as_much_as_they_need() {
        for (name, pattern, expected) in [
            ("abcabd", "*ab?", true),
            ("abcabd", "ab*b*d", true),
            ("abc", "*", true),
            ("abc", "a*c*", true),
            ("abc", "a*d", false),
            ("", "?", false),
            ("課.xlsx", "課.*", true),
        ] {
            assert_eq!(fits(name, pattern), expected, "{name} {pattern}");
        }
    }
}
