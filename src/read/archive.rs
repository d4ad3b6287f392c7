//! A zip with files in it, as people send several workbooks at once: each file inside, one after the other.
//!
//! Nothing is extracted to disk. Counts and sizes are bounded while inflating; an entry with a password or a broken one is
//! told and the others go on. Names that are not UTF-8 are read as CP932, as Windows in Japan writes them.

use std::collections::BTreeSet;
use std::io::{Cursor, Read};

use chrono::{NaiveDate, NaiveDateTime};
use zip::ZipArchive;

use super::guard::{Limits, Lock, Refusal};

/// A file inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inner {
    /// Path inside the archive, with `/`; no two are equal.
    pub name: String,
    /// Its bytes, or why there are none.
    pub bytes: Result<Vec<u8>, Refusal>,
    /// When it was last changed, by the clock of the computer that packed it.
    pub modified: Option<NaiveDateTime>,
}

/// Names at the root that make a zip a document and not an archive.
const DOCUMENTS: [&str; 6] = ["[content_types].xml", "mimetype", "xl/", "word/", "ppt/", "index/document.iwa"];

/// Whether the bytes are a zip with files in it that is no document itself.
#[must_use]
pub fn is_archive(bytes: &[u8], limits: &Limits) -> bool {
    if !bytes.starts_with(b"PK\x03\x04") || bytes.len() as u64 > limits.file {
        return false;
    }
    let Ok(archive) = ZipArchive::new(Cursor::new(bytes)) else { return false };
    let mut files = 0;
    for name in archive.file_names_raw() {
        let name = decode(name).to_lowercase();
        let name = name.trim_start_matches('/');
        if DOCUMENTS.iter().any(|d| name == *d || d.ends_with('/') && name.starts_with(d)) {
            return false;
        }
        files += usize::from(!name.ends_with('/'));
    }
    files > 0
}

/// Hands over every file inside, in the order of the archive.
///
/// # Errors
/// A [`Refusal`] when the archive cannot be listed, lists one name twice, or holds more files than allowed; nothing has
/// been handed over then.
pub fn each(bytes: &[u8], limits: &Limits, take: &mut dyn FnMut(Inner)) -> Result<(), Refusal> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|e| damaged(&e.to_string()))?;
    if archive.has_duplicate_names() {
        return Err(Refusal::Dangerous { detail: "duplicate part".into() });
    }
    Limits::check("files", limits.files, archive.len() as u64)?;
    let mut total = 0;
    let mut names = BTreeSet::new();
    for i in 0..archive.len() {
        let Ok(entry) = archive.by_index_raw(i) else { continue };
        let name = decode(entry.name_raw());
        if name.ends_with('/') {
            continue;
        }
        let (encrypted, modified) = (entry.encrypted(), entry.last_modified().and_then(time));
        drop(entry);
        let mut name = tidy(&name);
        while !names.insert(name.clone()) {
            name.push('\'');
        }
        let bytes = if encrypted {
            Err(Refusal::Encrypted(Lock::NotOpened))
        } else {
            archive.by_index(i).map_err(|e| damaged(&e.to_string())).and_then(|e| inflate(e, limits, &mut total))
        };
        take(Inner { name, bytes, modified });
    }
    Ok(())
}

fn inflate(entry: impl Read, limits: &Limits, total: &mut u64) -> Result<Vec<u8>, Refusal> {
    Limits::check("total", limits.total, *total)?;
    let mut out = Vec::new();
    entry.take(limits.file + 1).read_to_end(&mut out).map_err(|e| damaged(&e.to_string()))?;
    *total += out.len() as u64;
    Limits::check("file", limits.file, out.len() as u64)?;
    Limits::check("total", limits.total, *total)?;
    Ok(out)
}

/// A name as its writer saw it, with `/`.
fn decode(raw: &[u8]) -> String {
    let name = std::str::from_utf8(raw)
        .map_or_else(|_| encoding_rs::SHIFT_JIS.decode_without_bom_handling(raw).0.into_owned(), ToString::to_string);
    name.replace('\\', "/")
}

/// A path that climbs nowhere and hides nothing: no `..`, no control characters, none that turn the direction of writing.
fn tidy(name: &str) -> String {
    let hidden = |c: char| {
        c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let name: String = name.chars().filter(|c| !hidden(*c)).take(500).collect();
    let parts: Vec<&str> = name.split('/').filter(|p| !matches!(*p, "" | "." | "..")).collect();
    if parts.is_empty() { "（名前なし）".to_string() } else { parts.join("/") }
}

fn time(t: zip::DateTime) -> Option<NaiveDateTime> {
    let day = NaiveDate::from_ymd_opt(i32::from(t.year()), u32::from(t.month()), u32::from(t.day()))?;
    // The first day a zip can say stands for no day at all.
    let day = NaiveDate::from_ymd_opt(1980, 1, 1).filter(|none| *none != day).map(|_| day)?;
    day.and_hms_opt(u32::from(t.hour()), u32::from(t.minute()), u32::from(t.second()))
}

fn damaged(detail: &str) -> Refusal {
    Refusal::Damaged { detail: format!("zip: {detail}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_readable_and_stay_inside() {
        assert_eq!(decode(b"\x8d\x62\x89\xdb/\x95\x5c.xlsx"), "甲課/表.xlsx", "a backslash inside a character is none");
        assert_eq!(decode("甲課\\表.xlsx".as_bytes()), "甲課/表.xlsx");
        assert_eq!(tidy("../../甲\u{202e}課//./x.xlsx"), "甲課/x.xlsx");
        assert_eq!(tidy("../"), "（名前なし）");
    }
}
