//! Files that hold files: a zip, a mail, a message of Outlook. Each file inside, one after the other, from memory to memory.
//!
//! What is counted is counted over everything inside one file, however deep it lies: a zip in a mail has the mail's room.

use std::cell::Cell;
use std::collections::BTreeSet;

use chrono::NaiveDateTime;

use super::guard::{Limits, Refusal};
use super::{archive, mail, outlook, tnef};

/// What a file with files in it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// A zip that is no document itself.
    Zip,
    /// A mail as it was sent (.eml).
    Mail,
    /// A message saved by Outlook (.msg).
    Outlook,
    /// The attachments of a mail as Outlook wraps them for other Outlooks (winmail.dat).
    Wrapped,
}

/// A file inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inner {
    /// Path inside, with `/`; no two of one holder are equal.
    pub name: String,
    /// Its bytes, or why there are none.
    pub bytes: Result<Vec<u8>, Refusal>,
    /// When it was last changed, by the clock of the computer that packed it.
    pub modified: Option<NaiveDateTime>,
}

/// What else there is to say of a holder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Small pictures in the text of a mail (a signature's) that were not handed over.
    pub passed_over: usize,
    /// When a mail says that it was sent, in +09:00.
    pub sent: Option<NaiveDateTime>,
    /// Whether a password opened something.
    pub password: bool,
}

/// What is left of the limits for everything inside one file.
#[derive(Debug)]
pub struct Room<'l> {
    /// The limits.
    pub limits: &'l Limits,
    files: Cell<u64>,
    total: Cell<u64>,
}

impl<'l> Room<'l> {
    /// All of it.
    #[must_use]
    pub fn new(limits: &'l Limits) -> Self {
        Self { limits, files: Cell::new(0), total: Cell::new(0) }
    }

    /// So many more files.
    ///
    /// # Errors
    /// When there are too many.
    pub fn files(&self, more: u64) -> Result<(), Refusal> {
        self.files.set(self.files.get().saturating_add(more));
        Limits::check("files", self.limits.files, self.files.get())
    }

    /// So many more bytes; with none, whether there is room at all.
    ///
    /// # Errors
    /// When one file or all together are too large.
    pub fn bytes(&self, more: u64) -> Result<(), Refusal> {
        self.total.set(self.total.get().saturating_add(more));
        Limits::check("file", self.limits.file, more)?;
        Limits::check("total", self.limits.total, self.total.get())
    }
}

/// Whether a file holds files, and how.
#[must_use]
pub fn holder(bytes: &[u8], limits: &Limits) -> Option<Holder> {
    if bytes.len() as u64 > limits.file {
        None
    } else if archive::is_archive(bytes, limits) {
        Some(Holder::Zip)
    } else if outlook::is_message(bytes) {
        Some(Holder::Outlook)
    } else if tnef::is_wrapped(bytes) {
        Some(Holder::Wrapped)
    } else {
        mail::is_mail(bytes).then_some(Holder::Mail)
    }
}

/// Hands over every file inside, in the order in which they stand.
///
/// # Errors
/// A [`Refusal`] when what is inside cannot be listed or is more than allowed.
pub fn each(
    bytes: &[u8],
    holder: Holder,
    passwords: &[&str],
    room: &Room<'_>,
    take: &mut dyn FnMut(Inner),
) -> Result<Told, Refusal> {
    match holder {
        Holder::Zip => archive::each(bytes, passwords, room, take),
        Holder::Mail => mail::each(bytes, room, take),
        Holder::Outlook => outlook::each(bytes, room, take),
        Holder::Wrapped => tnef::each(bytes, room, take),
    }
}

/// The bytes of a file inside, by its path: `inner.xlsx`, `inner.zip/inner.xlsx`.
#[must_use]
pub fn find(bytes: &[u8], path: &str, passwords: &[&str], limits: &Limits) -> Option<Vec<u8>> {
    find_within(bytes, path, passwords, &Room::new(limits), 0)
}

fn find_within(bytes: &[u8], path: &str, passwords: &[&str], room: &Room<'_>, depth: u64) -> Option<Vec<u8>> {
    if depth >= room.limits.depth {
        return None;
    }
    let mut found = None;
    let mut take = |inner: Inner| {
        let (Some(rest), Ok(bytes)) = (path.strip_prefix(&inner.name), inner.bytes) else { return };
        if rest.is_empty() {
            found = Some(bytes);
        } else if let Some(rest) = rest.strip_prefix('/') {
            found = find_within(&bytes, rest, passwords, room, depth + 1).or_else(|| found.take());
        }
    };
    each(bytes, holder(bytes, room.limits)?, passwords, room, &mut take).ok()?;
    found
}

/// Names of files inside one holder, each once.
#[derive(Default)]
pub(super) struct Names(BTreeSet<String>);

impl Names {
    /// A name as it is told: tidy, and another one than all before.
    pub fn add(&mut self, name: &str) -> String {
        let mut name = tidy(name);
        while !self.0.insert(name.clone()) {
            name.push('\'');
        }
        name
    }
}

/// A path that climbs nowhere and hides nothing: no `..`, no control characters, none that turn the direction of writing.
fn tidy(name: &str) -> String {
    let hidden = |c: char| {
        c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let name: String = name.chars().filter(|c| !hidden(*c)).take(500).collect();
    let parts: Vec<&str> = name.split('/').map(str::trim).filter(|p| !matches!(*p, "" | "." | "..")).collect();
    if parts.is_empty() { "（名前なし）".to_string() } else { parts.join("/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_inside_and_are_told_apart() {
        let mut names = Names::default();
        assert_eq!(names.add("../../甲\u{202e}課//./x.xlsx"), "甲課/x.xlsx");
        assert_eq!(names.add("甲課/x.xlsx"), "甲課/x.xlsx'");
        assert_eq!(names.add("../"), "（名前なし）");
    }
}
