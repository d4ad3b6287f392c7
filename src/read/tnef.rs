//! The attachments of a mail as Outlook wraps them for other Outlooks (winmail.dat, TNEF, [MS-OXTNEF]): a run of attributes,
//! each with its length. Only the name and the content of each attachment are looked at.

use super::guard::Refusal;
use super::inside::{Inner, Names, Room, Told};

/// How it begins.
const SIGNATURE: [u8; 4] = [0x78, 0x9f, 0x3e, 0x22];
/// Begins an attachment.
const BEGIN: u32 = 0x0006_9002;
const TITLE: u32 = 0x0001_8010;
const DATA: u32 = 0x0006_800f;
/// Its properties, among them the long name.
const PROPERTIES: u32 = 0x0006_9005;
const MAX_PROPERTIES: u32 = 1_000;

/// Whether the bytes are a winmail.dat.
#[must_use]
pub fn is_wrapped(bytes: &[u8]) -> bool {
    bytes.starts_with(&SIGNATURE)
}

#[derive(Default)]
struct Attachment<'a> {
    title: String,
    long: Option<String>,
    data: Option<&'a [u8]>,
}

/// Hands over every attachment.
///
/// # Errors
/// A [`Refusal`] when it breaks off or holds more than allowed.
pub fn each(bytes: &[u8], room: &Room<'_>, take: &mut dyn FnMut(Inner)) -> Result<Told, Refusal> {
    let broken = || Refusal::Damaged { detail: "winmail.dat breaks off".into() };
    let mut rest = bytes.get(6..).ok_or_else(broken)?;
    let mut names = Names::default();
    let mut open: Option<Attachment<'_>> = None;
    while !rest.is_empty() {
        let (id, length) = word(rest, 1).zip(word(rest, 5)).ok_or_else(broken)?;
        let end = 9 + length as usize;
        let data = rest.get(9..end).ok_or_else(broken)?;
        match (id, &mut open) {
            (BEGIN, _) => {
                hand_over(open.replace(Attachment::default()), room, &mut names, take)?;
            }
            (TITLE, Some(open)) => open.title = narrow(data),
            (DATA, Some(open)) => open.data = Some(data),
            (PROPERTIES, Some(open)) => open.long = long_name(data),
            _ => {}
        }
        // A sum of two bytes behind each; at the very end it may be missing.
        rest = rest.get(end + 2..).unwrap_or_default();
    }
    hand_over(open, room, &mut names, take)?;
    Ok(Told::default())
}

fn hand_over(
    attachment: Option<Attachment<'_>>,
    room: &Room<'_>,
    names: &mut Names,
    take: &mut dyn FnMut(Inner),
) -> Result<(), Refusal> {
    let Some(Attachment { title, long, data }) = attachment else { return Ok(()) };
    room.files(1)?;
    let data = data.filter(|d| !d.is_empty());
    let bytes = match data {
        Some(data) => room.bytes(data.len() as u64).map(|()| data.to_vec()),
        // A mail or an object, which stands among the properties.
        None => Err(Refusal::Closed { looks_like: "winmail.datの中に埋め込まれたもの" }),
    };
    let name = long.unwrap_or(title).replace(['/', '\\'], "／");
    take(Inner { name: names.add(&name), bytes, modified: None });
    Ok(())
}

/// The long file name among the properties of an attachment; properties of a kind that is not known end the search.
fn long_name(data: &[u8]) -> Option<String> {
    let mut rest = data.get(4..)?;
    for _ in 0..word(data, 0)?.min(MAX_PROPERTIES) {
        let tag = word(rest, 0)?;
        let (kind, id) = (tag & 0xffff, tag >> 16);
        if id >= 0x8000 {
            // A property by name has a name of its own here.
            return None;
        }
        rest = rest.get(4..)?;
        let fixed = match kind {
            0x02 | 0x03 | 0x04 | 0x0a | 0x0b => Some(4),
            0x05 | 0x06 | 0x07 | 0x14 | 0x40 => Some(8),
            0x48 => Some(16),
            0x0d | 0x1e | 0x1f | 0x102 => None,
            _ => return None,
        };
        if let Some(length) = fixed {
            rest = rest.get(length..)?;
            continue;
        }
        let count = word(rest, 0)?;
        rest = rest.get(4..)?;
        for _ in 0..count.min(MAX_PROPERTIES) {
            let length = word(rest, 0)? as usize;
            let value = rest.get(4..4usize.checked_add(length)?)?;
            if id == 0x3707 {
                return Some(if kind == 0x1f { wide(value) } else { narrow(value) });
            }
            rest = rest.get(4 + length.next_multiple_of(4)..)?;
        }
    }
    None
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// Text of one byte or two a character, as Windows in Japan writes it.
fn narrow(bytes: &[u8]) -> String {
    let bytes = bytes.split(|b| *b == 0).next().unwrap_or_default();
    encoding_rs::SHIFT_JIS.decode_without_bom_handling(bytes).0.into_owned()
}

fn wide(bytes: &[u8]) -> String {
    let units = bytes.as_chunks::<2>().0.iter().map(|p| u16::from_le_bytes(*p)).take_while(|u| *u != 0);
    String::from_utf16_lossy(&units.collect::<Vec<_>>())
}
