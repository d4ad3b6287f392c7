//! Whether somebody has the settings open at this moment: what is not saved yet is not in what is read.

use std::path::Path;

use crate::discover::SETTINGS_FILE;
use crate::read::{self, Limits, Refusal};

/// The file that says that somebody has the settings of a round open.
#[must_use]
pub fn beside(round: &Path) -> Option<String> {
    [format!("~${SETTINGS_FILE}"), format!(".~lock.{SETTINGS_FILE}#")]
        .into_iter()
        .find(|name| round.join(name).is_file())
}

/// Who has the settings of a round open, by the file that Excel or LibreOffice keeps beside them meanwhile; だれか where it names
/// nobody.
#[must_use]
pub fn by(round: &Path) -> Option<String> {
    // The file of an open workbook may be closed to others; that it is there says enough.
    let beside = beside(round)?;
    let bytes = std::fs::read(round.join(&beside)).unwrap_or_default();
    let who = match read::open(&bytes, &beside, &Limits::default()) {
        Err(Refusal::OwnerFile { who }) if !who.is_empty() => format!("{who}さん"),
        _ => "だれか".to_string(),
    };
    Some(who)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_them_open_is_named() {
        let dir = tempfile::tempdir().expect("a folder");
        let put = |name: &str, bytes: &[u8]| std::fs::write(dir.path().join(name), bytes).expect("written");
        put("調査設定.xlsx", b"x");
        put("~$別の表.xlsx", b"x");
        assert_eq!(by(dir.path()), None, "the file of another workbook");
        put(".~lock.調査設定.xlsx#", "デジタル推進課 甲,kou,pc-3,28.11.2022 10:00,file:///x;".as_bytes());
        assert_eq!(by(dir.path()).as_deref(), Some("デジタル推進課 甲さん"));
        // Excel: the length and the name in the system's own letters, then the same in UTF-16.
        let mut excel = vec![0x20; 165];
        excel[0] = 2;
        excel[1..3].copy_from_slice(b"ab");
        excel[55] = 2;
        excel[56] = 0;
        excel[57..61].copy_from_slice(&[b'a', 0, b'b', 0]);
        put("~$調査設定.xlsx", &excel);
        assert_eq!(by(dir.path()).as_deref(), Some("abさん"));
        put("~$調査設定.xlsx", b"");
        assert_eq!(by(dir.path()).as_deref(), Some("だれか"));
    }
}
