//! A zip with files in it, as people send several workbooks at once: each file inside, one after the other.
//!
//! Nothing is extracted to disk. Counts and sizes are bounded while inflating; an entry with a password or a broken one is
//! told (or opened, where the password is known) and the others go on. Names that are not UTF-8 are read as CP932, as Windows in Japan writes them.

use std::io::{Cursor, Read};

use chrono::{NaiveDate, NaiveDateTime};
use zip::ZipArchive;
use zip::result::ZipError;

use super::guard::{Limits, Lock, Refusal};
use super::inside::{Inner, Names, Room, Told};

/// Names at the root that make a zip a document and not an archive.
const DOCUMENTS: [&str; 8] = [
    "[content_types].xml",
    "mimetype",
    "meta-inf/manifest.xml",
    "content.xml",
    "xl/",
    "word/",
    "ppt/",
    "index/document.iwa",
];

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

/// Hands over every file inside, in the order of the archive; those with a password as the first that fits opens them.
///
/// # Errors
/// A [`Refusal`] when the archive cannot be listed, lists one name twice, or holds more files than allowed; nothing has
/// been handed over then.
pub fn each(bytes: &[u8], passwords: &[&str], room: &Room<'_>, take: &mut dyn FnMut(Inner)) -> Result<Told, Refusal> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|e| damaged(&e.to_string()))?;
    if archive.has_duplicate_names() {
        return Err(Refusal::Dangerous { detail: "duplicate part".into() });
    }
    room.files(archive.len() as u64)?;
    let mut keys = Keys::new(passwords);
    let mut names = Names::default();
    for i in 0..archive.len() {
        let Ok(entry) = archive.by_index_raw(i) else { continue };
        let name = decode(entry.name_raw());
        if name.ends_with('/') {
            continue;
        }
        let (encrypted, modified) = (entry.encrypted(), entry.last_modified().and_then(time));
        drop(entry);
        let bytes = if encrypted {
            keys.open(&mut archive, i, room)
        } else {
            archive.by_index(i).map_err(|e| damaged(&e.to_string())).and_then(|e| inflate(e, room))
        };
        take(Inner { name: names.add(&name), bytes, modified });
    }
    Ok(Told { password: keys.fitted, ..Told::default() })
}

/// Passwords as bytes, in the two ways in which programs in Japan write them; the one that fitted last comes first.
struct Keys {
    all: Vec<Vec<u8>>,
    passwords: usize,
    fitted: bool,
}

impl Keys {
    fn new(passwords: &[&str]) -> Self {
        let mut keys: Vec<Vec<u8>> = Vec::new();
        for password in passwords {
            let (cp932, _, unwritable) = encoding_rs::SHIFT_JIS.encode(password);
            let ways = [Some(password.as_bytes().to_vec()), (!unwritable).then(|| cp932.into_owned())];
            for key in ways.into_iter().flatten() {
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
        }
        Self { all: keys, passwords: passwords.len(), fitted: false }
    }

    fn open(
        &mut self,
        archive: &mut ZipArchive<Cursor<&[u8]>>,
        entry: usize,
        room: &Room<'_>,
    ) -> Result<Vec<u8>, Refusal> {
        // The old way of encrypting lets one wrong password in 256 through; what comes out then does not inflate.
        for at in 0..self.all.len() {
            let Some(key) = self.all.get(at) else { break };
            let opened = match archive.by_index_decrypt(entry, key) {
                Ok(file) => inflate(file, room),
                Err(ZipError::InvalidPassword) => continue,
                Err(_) => return Err(Refusal::Encrypted(Lock::NotOpened)),
            };
            match opened {
                Err(Refusal::Damaged { .. }) => {}
                opened => {
                    self.fitted |= opened.is_ok();
                    self.all.swap(0, at);
                    return opened;
                }
            }
        }
        let lock = if self.passwords == 0 { Lock::NoPassword } else { Lock::NoneFits(self.passwords) };
        Err(Refusal::Encrypted(lock))
    }
}

fn inflate(entry: impl Read, room: &Room<'_>) -> Result<Vec<u8>, Refusal> {
    room.bytes(0)?;
    let mut out = Vec::new();
    entry.take(room.limits.file + 1).read_to_end(&mut out).map_err(|e| damaged(&e.to_string()))?;
    room.bytes(out.len() as u64)?;
    Ok(out)
}

/// A name as its writer saw it, with `/`.
fn decode(raw: &[u8]) -> String {
    let name = std::str::from_utf8(raw)
        .map_or_else(|_| encoding_rs::SHIFT_JIS.decode_without_bom_handling(raw).0.into_owned(), ToString::to_string);
    name.replace('\\', "/")
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
    fn names_are_readable() {
        assert_eq!(decode(b"\x8d\x62\x89\xdb/\x95\x5c.xlsx"), "甲課/表.xlsx", "a backslash inside a character is none");
        assert_eq!(decode("甲課\\表.xlsx".as_bytes()), "甲課/表.xlsx");
    }
}
