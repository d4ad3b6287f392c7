//! A message saved by Outlook (.msg, [MS-OXMSG]): a compound file with a storage for each attachment.
//!
//! Read with the bounded reader of compound files that .xls needs anyway; no sector and no entry is followed twice.

use chrono::{DateTime, NaiveDateTime};

use super::compound::Tree;
use super::guard::Refusal;
use super::inside::{Inner, Names, Room, Told};
use super::mail;

/// Streams and storages of a message by their names: a property's number and its type.
const DATA: &str = "__substg1.0_37010102";
const EMBEDDED: &str = "__substg1.0_3701000D";
const NAMES: [&str; 4] =
    ["__substg1.0_3707001F", "__substg1.0_3704001F", "__substg1.0_3707001E", "__substg1.0_3704001E"];
const SUBJECT: [&str; 2] = ["__substg1.0_0037001F", "__substg1.0_0037001E"];
const PROPERTIES: &str = "__properties_version1.0";
const CONTENT_ID: &str = "__substg1.0_3712001F";
const HTML: &str = "__substg1.0_10130102";
/// Properties of a fixed size: when a message was handed in, whether an attachment is not shown, how it is used.
const SUBMITTED: u32 = 0x0039_0040;
const HIDDEN: u32 = 0x7ffe_000b;
const FLAGS: u32 = 0x3714_0003;
/// Messages in messages.
const MAX_DEPTH: usize = 4;

/// Whether a compound file is a message.
#[must_use]
pub fn is_message(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
        && Tree::open(bytes).is_some_and(|tree| tree.child(0, PROPERTIES).is_some())
}

/// Hands over every attachment; those of a message in the message under its subject.
///
/// # Errors
/// A [`Refusal`] when the file cannot be followed or holds more than allowed.
pub fn each(bytes: &[u8], room: &Room<'_>, take: &mut dyn FnMut(Inner)) -> Result<Told, Refusal> {
    let tree = Tree::open(bytes).ok_or_else(|| Refusal::Damaged { detail: "compound file".into() })?;
    let mut walk = Walk { tree: &tree, room, take, names: Names::default(), passed_over: 0 };
    walk.message(0, "", 0)?;
    Ok(Told { passed_over: walk.passed_over, sent: sent(&tree), password: false })
}

struct Walk<'a, 'b> {
    tree: &'a Tree<'b>,
    room: &'a Room<'a>,
    take: &'a mut dyn FnMut(Inner),
    names: Names,
    passed_over: usize,
}

impl Walk<'_, '_> {
    fn message(&mut self, storage: usize, before: &str, depth: usize) -> Result<(), Refusal> {
        let tree = self.tree;
        let html = tree.child(storage, HTML).and_then(|at| tree.stream(at)).unwrap_or_default();
        let html = String::from_utf8_lossy(&html).into_owned();
        for attachment in tree.children(storage) {
            if tree.is_storage(attachment) && tree.name(attachment).starts_with("__attach_version1.0_") {
                self.attachment(attachment, before, &html, depth)?;
            }
        }
        Ok(())
    }

    fn attachment(&mut self, storage: usize, before: &str, html: &str, depth: usize) -> Result<(), Refusal> {
        let tree = self.tree;
        let name = NAMES.iter().find_map(|n| text(tree, storage, n)).unwrap_or_default();
        if let Some(inner) = tree.child(storage, EMBEDDED) {
            return self.embedded(inner, before, &name, depth);
        }
        if let Err(full) = self.room.bytes(0) {
            self.room.files(1)?;
            self.hand_over(before, &name, Err(full));
            return Ok(());
        }
        let content = tree.child(storage, DATA).map(|at| tree.stream(at));
        if let Some(Some(content)) = &content
            && mail::is_small_picture(content)
            && is_shown(tree, storage, html)
        {
            self.passed_over += 1;
            return Ok(());
        }
        self.room.files(1)?;
        let bytes = match content {
            Some(Some(content)) => self.room.bytes(content.len() as u64).map(|()| content),
            Some(None) => Err(Refusal::Damaged { detail: "compound file breaks off".into() }),
            // Kept somewhere else, only linked to.
            None => Err(Refusal::Link { looks_like: "メールに添付されたリンク" }),
        };
        self.hand_over(before, &name, bytes);
        Ok(())
    }

    /// A message, or an object of another program, in a storage of its own.
    fn embedded(&mut self, inner: usize, before: &str, name: &str, depth: usize) -> Result<(), Refusal> {
        let tree = self.tree;
        self.room.files(1)?;
        if tree.child(inner, PROPERTIES).is_none() {
            self.hand_over(before, name, Err(Refusal::Closed { looks_like: "メールに埋め込まれたもの" }));
            return Ok(());
        }
        let subject = SUBJECT.iter().find_map(|n| text(tree, inner, n)).filter(|s| !s.trim().is_empty());
        let subject = subject.or_else(|| Some(name.to_string()).filter(|n| !n.is_empty()));
        let subject = subject.unwrap_or_else(|| "添付のメール".into()).replace(['/', '\\'], "／");
        let here = self.names.add(&format!("{before}{subject}.msg"));
        if depth + 1 >= MAX_DEPTH {
            (self.take)(Inner { name: here, bytes: Err(Refusal::TooDeep { limit: MAX_DEPTH as u64 }), modified: None });
            return Ok(());
        }
        let any = |at: &usize| tree.is_storage(*at) && tree.name(*at).starts_with("__attach_version1.0_");
        if !tree.children(inner).iter().any(any) {
            let bytes = Err(Refusal::NotASpreadsheet { looks_like: "添付ファイルのないメール" });
            (self.take)(Inner { name: here, bytes, modified: None });
            return Ok(());
        }
        self.message(inner, &format!("{here}/"), depth + 1)
    }

    fn hand_over(&mut self, before: &str, name: &str, bytes: Result<Vec<u8>, Refusal>) {
        let name = if name.trim().is_empty() { "（名前なし）" } else { name };
        let name = self.names.add(&format!("{before}{}", name.replace(['/', '\\'], "／")));
        (self.take)(Inner { name, bytes, modified: None });
    }
}

/// Whether an attachment is a part of the text that Outlook shows there.
fn is_shown(tree: &Tree<'_>, storage: usize, html: &str) -> bool {
    let id = text(tree, storage, CONTENT_ID).filter(|id| !id.is_empty());
    let properties = properties(tree, storage, 8);
    let value = |tag: u32| properties.iter().find(|(t, _)| *t == tag).map_or(0, |(_, v)| *v);
    id.is_some_and(|id| html.contains(&format!("cid:{id}"))) || value(HIDDEN) & 1 == 1 || value(FLAGS) & 4 == 4
}

/// The properties of a fixed size behind a head of so many bytes: tag and value.
fn properties(tree: &Tree<'_>, storage: usize, head: usize) -> Vec<(u32, u64)> {
    let stream = tree.child(storage, PROPERTIES).and_then(|at| tree.stream(at)).unwrap_or_default();
    let entry = |e: &[u8; 16]| {
        let (tag, value) = e.split_at(8);
        let tag = tag.first_chunk().map_or(0, |t| u32::from_le_bytes(*t));
        (tag, value.first_chunk().map_or(0, |v| u64::from_le_bytes(*v)))
    };
    stream.get(head..).unwrap_or_default().as_chunks::<16>().0.iter().map(entry).collect()
}

/// When the message says it was sent, in +09:00; time is counted in 100 nanoseconds since 1601.
fn sent(tree: &Tree<'_>) -> Option<NaiveDateTime> {
    let ticks = properties(tree, 0, 32).into_iter().find(|(tag, _)| *tag == SUBMITTED).map(|(_, v)| v)?;
    let seconds = i64::try_from(ticks / 10_000_000).ok()? - 11_644_473_600;
    Some(DateTime::from_timestamp(seconds, 0)?.naive_utc() + chrono::Duration::hours(9))
}

/// A text of a storage, of two bytes a character or as Windows in Japan writes it.
fn text(tree: &Tree<'_>, storage: usize, name: &str) -> Option<String> {
    let bytes = tree.stream(tree.child(storage, name)?)?;
    let text = if name.ends_with("1F") {
        String::from_utf16_lossy(&bytes.as_chunks::<2>().0.iter().map(|p| u16::from_le_bytes(*p)).collect::<Vec<_>>())
    } else {
        encoding_rs::SHIFT_JIS.decode_without_bom_handling(&bytes).0.into_owned()
    };
    Some(text.trim_end_matches('\0').to_string())
}
