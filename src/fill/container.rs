//! The zip on the level of its bytes: which bytes belong to which entry, and how to put other content into a few of them.
//!
//! An entry that is not replaced keeps its local record (header, extra fields, compressed bytes, data descriptor) and its
//! record in the central directory as they are, whatever a zip crate would make of them; only the offset moves. Entries
//! stay in their order, and what stands before, between and after them (comment included) is copied.

use std::collections::BTreeMap;
use std::ops::Range;

use flate2::{Compress, Compression, FlushCompress, Status};

use crate::read::package::Package;

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
const END64: u32 = 0x0606_4b50;
const LOCATOR64: u32 = 0x0706_4b50;
/// Bytes of a record before its variable part.
const LOCAL_FIXED: usize = 30;
const CENTRAL_FIXED: usize = 46;
/// The extra field that holds sizes and offsets of 64 bits.
const ZIP64: u16 = 1;
/// How hard to look for repetitions. One level more makes sheets a five hundredth smaller and takes up to five times as long.
const LEVEL: u32 = 5;

/// One entry, by where its bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name as a part of the package: lower case, `/`, no leading slash.
    pub name: String,
    /// Its record in the central directory.
    central: Range<usize>,
    /// Its local record with all that stands before the next one.
    local: Range<usize>,
}

/// A zip in memory.
#[derive(Clone, Debug)]
pub struct Container<'a> {
    bytes: &'a [u8],
    /// In the order of the central directory.
    entries: Vec<Entry>,
    /// The central directory; what follows it is the end record and the comment.
    directory: Range<usize>,
}

/// The bytes are no zip that two readers understand in the same way; a technical word or two.
pub type Damage = String;

impl<'a> Container<'a> {
    /// Finds the entries. The central directory is that which the zip crate found, so that both see the same one.
    ///
    /// # Errors
    /// When records do not agree with each other, overlap, or use offsets of 64 bits.
    pub fn open(bytes: &'a [u8], package: &Package<'a>) -> Result<Self, Damage> {
        let archive = package.archive();
        let start = usize::try_from(archive.central_directory_start()).map_err(|e| e.to_string())?;
        let mut at = start;
        let mut entries = Vec::new();
        while u32_at(bytes, at) == Some(CENTRAL) {
            let length = |field| u16_at(bytes, at + field).map(usize::from).ok_or("central directory");
            let (name, extra, comment) = (length(28)?, length(30)?, length(32)?);
            let end = at + CENTRAL_FIXED + name + extra + comment;
            let record = bytes.get(at..end).ok_or("central directory")?;
            let offset = offset_of(record).ok_or("central directory")?.2;
            let shown = bytes.get(at + CENTRAL_FIXED..at + CENTRAL_FIXED + name).ok_or("central directory")?;
            let name = String::from_utf8_lossy(shown).replace('\\', "/").to_lowercase();
            let name = name.trim_start_matches('/').to_string();
            entries.push((offset, Entry { name, central: at..end, local: 0..0 }));
            at = end;
        }
        let ends = matches!(u32_at(bytes, at), Some(END | END64));
        if !ends || entries.len() != archive.len() {
            return Err("end of central directory".into());
        }
        let shift = usize::try_from(archive.offset()).map_err(|e| e.to_string())?;
        let mut starts: Vec<usize> = entries.iter().map(|(offset, _)| offset + shift).collect();
        starts.push(start);
        starts.sort_unstable();
        for (offset, entry) in &mut entries {
            let from = *offset + shift;
            let next = starts.get(starts.partition_point(|s| *s <= from)).copied().ok_or("offset")?;
            entry.local = from..next;
        }
        let container = Self { bytes, entries: entries.into_iter().map(|(_, e)| e).collect(), directory: start..at };
        container.agrees(package)?;
        container.ends_once()?;
        Ok(container)
    }

    /// Whether each entry has a local record of its own, of the same name, and the zip crate reads the same one.
    fn agrees(&self, package: &Package<'_>) -> Result<(), Damage> {
        let mut seen: BTreeMap<u64, usize> = package.entries().iter().map(|e| (e.record, e.packed.len())).collect();
        for entry in &self.entries {
            let record = self.bytes.get(entry.local.clone()).ok_or("local record")?;
            let name = u16_at(record, 26).map(usize::from).ok_or("local record")?;
            let extra = u16_at(record, 28).map(usize::from).ok_or("local record")?;
            let local = record.get(LOCAL_FIXED..LOCAL_FIXED + name);
            let central =
                self.bytes.get(entry.central.clone()).and_then(|c| c.get(CENTRAL_FIXED..CENTRAL_FIXED + name));
            let size = seen.remove(&(entry.local.start as u64)).ok_or("two entries at one place")?;
            let fits = LOCAL_FIXED + name + extra + size <= record.len();
            if u32_at(record, 0) != Some(LOCAL) || local.is_none() || local != central || !fits {
                return Err(format!("local record of {}", entry.name));
            }
        }
        Ok(())
    }

    /// Of two end records a reader takes the one that fits; once other bytes have moved, that may be the other one.
    fn ends_once(&self) -> Result<(), Damage> {
        let behind = self.end_record().and_then(|at| self.bytes.get(at + 4..)).ok_or("end record")?;
        let again = behind.windows(4).any(|four| four == END.to_le_bytes());
        if again { Err("two end records".into()) } else { Ok(()) }
    }

    /// The entries in the order of the central directory.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The index of a part.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<usize> {
        self.entries.iter().position(|e| e.name == name)
    }

    /// The bytes of the local record, compressed content included.
    #[must_use]
    pub fn record(&self, entry: &Entry) -> &'a [u8] {
        self.bytes.get(entry.local.clone()).unwrap_or_default()
    }

    /// The record in the central directory.
    fn listed(&self, entry: &Entry) -> &'a [u8] {
        self.bytes.get(entry.central.clone()).unwrap_or_default()
    }

    /// What the central directory says of an entry and no new content may change: time, attributes, name, comment.
    #[must_use]
    pub fn kept(&self, entry: &Entry) -> Vec<&'a [u8]> {
        let listed = self.listed(entry);
        let name = CENTRAL_FIXED + u16_at(listed, 28).map_or(0, usize::from);
        let comment = listed.len() - u16_at(listed, 32).map_or(0, usize::from).min(listed.len());
        let fields = [4..6, 12..16, 32..42, CENTRAL_FIXED..name, comment..listed.len()];
        fields.into_iter().map(|at| listed.get(at).unwrap_or_default()).collect()
    }

    /// The record in the central directory but for the offset.
    #[must_use]
    pub fn listed_but_offset(&self, entry: &Entry) -> Vec<u8> {
        let mut listed = self.listed(entry).to_vec();
        if let Some((place, wide, _)) = offset_of(&listed) {
            // The place was found in these bytes.
            let _ = put(&mut listed, place, wide, 0);
        }
        listed
    }

    /// What stands behind the central directory but for the counts and sizes: the comment of the zip.
    #[must_use]
    pub fn comment(&self) -> &'a [u8] {
        self.end_record().and_then(|at| self.bytes.get(at + 20..)).unwrap_or_default()
    }

    /// The name of an entry as it is written.
    #[must_use]
    pub fn shown(&self, entry: &Entry) -> String {
        let listed = self.listed(entry);
        let name = listed.get(CENTRAL_FIXED..CENTRAL_FIXED + u16_at(listed, 28).map_or(0, usize::from));
        String::from_utf8_lossy(name.unwrap_or_default()).into_owned()
    }

    /// Writes the zip with the content of some entries replaced; keys are indices of [`Self::entries`].
    ///
    /// # Errors
    /// When the new content does not fit a zip of 32 bits.
    pub fn with(&self, new: &BTreeMap<usize, Vec<u8>>) -> Result<Vec<u8>, Damage> {
        self.with_more(new, &[])
    }

    /// As [`Self::with`], with further entries (name, content) behind those that are there.
    ///
    /// # Errors
    /// As [`Self::with`]; also when there would be more entries than a zip can count.
    pub fn with_more(&self, new: &BTreeMap<usize, Vec<u8>>, more: &[(String, Vec<u8>)]) -> Result<Vec<u8>, Damage> {
        let mut order: Vec<usize> = (0..self.entries.len()).collect();
        order.sort_by_key(|i| self.entries.get(*i).map(|e| e.local.start));
        let first = order.first().and_then(|i| self.entries.get(*i)).map_or(self.directory.start, |e| e.local.start);
        let mut out = Vec::with_capacity(self.bytes.len() + 4096);
        out.extend_from_slice(self.bytes.get(..first).unwrap_or_default());
        let mut listed: BTreeMap<usize, Vec<u8>> = BTreeMap::new();
        for i in order {
            let entry = self.entries.get(i).ok_or("entry")?;
            let (record, mut central) = (self.record(entry), self.listed(entry).to_vec());
            let moved_to = out.len();
            match new.get(&i) {
                None => out.extend_from_slice(record),
                Some(content) => replace(record, &mut central, content, &mut out)?,
            }
            let (place, wide, before) = offset_of(&central).ok_or("central directory")?;
            put(&mut central, place, wide, moved(before, entry.local.start, moved_to)?)?;
            listed.insert(i, central);
        }
        let mut further = Vec::new();
        for (name, content) in more {
            added(name, content, &mut out, &mut further)?;
        }
        let directory = out.len();
        out.extend(listed.into_values().flatten());
        out.extend(further);
        let mut tail = self.tail(directory, out.len() - directory)?;
        self.count(&mut tail, more.len())?;
        out.extend(tail);
        Ok(out)
    }

    /// What follows the central directory, for a directory of another place and size.
    fn tail(&self, directory: usize, size: usize) -> Result<Vec<u8>, Damage> {
        let mut tail = self.bytes.get(self.directory.end..).unwrap_or_default().to_vec();
        let end = self.end_record().ok_or("end record")? - self.directory.end;
        let from = self.directory.start;
        if end > 0 {
            let before = usize_at(&tail, 48).ok_or("end record")?;
            put(&mut tail, 40, true, size)?;
            put(&mut tail, 48, true, moved(before, from, directory)?)?;
            let locator = end.checked_sub(20).filter(|at| u32_at(&tail, *at) == Some(LOCATOR64)).ok_or("zip64")?;
            let before = usize_at(&tail, locator + 8).ok_or("end record")?;
            put(&mut tail, locator + 8, true, moved(before, self.directory.end, directory + size)?)?;
        }
        for (field, value) in [(12, size), (16, directory)] {
            let before = u32_at(&tail, end + field).ok_or("end record")?;
            if before != u32::MAX {
                let value = if field == 12 { value } else { moved(before as usize, from, value)? };
                put(&mut tail, end + field, false, value)?;
            }
        }
        Ok(tail)
    }

    /// Counts further entries in what follows the central directory.
    fn count(&self, tail: &mut [u8], more: usize) -> Result<(), Damage> {
        let end = self.end_record().ok_or("end record")? - self.directory.end;
        if end > 0 {
            for field in [24, 32] {
                let count = usize_at(tail, field).ok_or("end record")?;
                put(tail, field, true, count + more)?;
            }
        }
        for field in [8, 10] {
            let count = u16_at(tail, end + field).ok_or("end record")?;
            if count != u16::MAX {
                let count = usize::from(count) + more;
                let count = u16::try_from(count).ok().filter(|n| *n != u16::MAX).ok_or("number of entries")?;
                put16(tail, end + field, count);
            }
        }
        Ok(())
    }

    /// Where the end record begins: behind that of 64 bits and its locator, where there is one.
    fn end_record(&self) -> Option<usize> {
        let at = self.directory.end;
        if u32_at(self.bytes, at)? == END {
            return Some(at);
        }
        let end = at + 12 + usize_at(self.bytes, at + 4)? + 20;
        (u32_at(self.bytes, end)? == END).then_some(end)
    }
}

/// Writes the local record of an entry with other content, and notes the sizes in its central record. Name, time, flags,
/// attributes and extra fields stay; a data descriptor is no longer needed, for the sizes now stand in the header.
fn replace(record: &[u8], central: &mut Vec<u8>, content: &[u8], out: &mut Vec<u8>) -> Result<(), Damage> {
    let stored = u16_at(record, 8) == Some(0);
    let (packed, crc) = pack(content, stored)?;
    let name = u16_at(record, 26).map(usize::from).ok_or("local record")?;
    let extra = u16_at(record, 28).map(usize::from).ok_or("local record")?;
    let mut header = record.get(..LOCAL_FIXED + name + extra).ok_or("local record")?.to_vec();
    drop_zip64(&mut header, LOCAL_FIXED + name, extra, 28)?;
    let listed_name = u16_at(central, 28).map(usize::from).ok_or("central directory")?;
    let listed_extra = u16_at(central, 30).map(usize::from).ok_or("central directory")?;
    let offset = offset_of(central).ok_or("central directory")?.2;
    drop_zip64(central, CENTRAL_FIXED + listed_name, listed_extra, 30)?;
    put(central, 42, false, offset)?;
    let (size, full) = (u32::try_from(packed.len()), u32::try_from(content.len()));
    let (size, full) = (size.map_err(|e| e.to_string())?, full.map_err(|e| e.to_string())?);
    for (bytes, flags, sums) in [(&mut header, 6, 14), (central, 8, 16)] {
        let kept = u16_at(bytes, flags).ok_or("flags")? & !8;
        put16(bytes, flags, kept);
        put16(bytes, flags + 2, if stored { 0 } else { 8 });
        for (i, value) in [crc, size, full].into_iter().enumerate() {
            put32(bytes, sums + 4 * i, value);
        }
    }
    out.extend(header);
    out.extend(packed);
    Ok(())
}

/// Writes a new entry, dated the first day a zip knows, and its record in the central directory.
fn added(name: &str, content: &[u8], out: &mut Vec<u8>, listed: &mut Vec<u8>) -> Result<(), Damage> {
    const VERSION: u16 = 20;
    const DEFLATED: u16 = 8;
    const FIRST_DAY: u16 = 0x21;
    const UTF8: u16 = 0x800;
    let (packed, crc) = pack(content, false)?;
    let number = |n: usize| u32::try_from(n).map_err(|e| e.to_string());
    let (offset, size, full) = (number(out.len())?, number(packed.len())?, number(content.len())?);
    let flags = if name.is_ascii() { 0 } else { UTF8 };
    let length = u16::try_from(name.len()).map_err(|e| e.to_string())?;
    let mut common = Vec::new();
    [VERSION, flags, DEFLATED, 0, FIRST_DAY].iter().for_each(|n| common.extend(n.to_le_bytes()));
    [crc, size, full].iter().for_each(|n| common.extend(n.to_le_bytes()));
    [length, 0].iter().for_each(|n| common.extend(n.to_le_bytes()));
    out.extend(LOCAL.to_le_bytes());
    out.extend(&common);
    out.extend(name.as_bytes());
    out.extend(packed);
    listed.extend(CENTRAL.to_le_bytes());
    listed.extend(VERSION.to_le_bytes());
    listed.extend(common);
    // No comment, first disk, no attributes.
    listed.extend([0; 10]);
    listed.extend(offset.to_le_bytes());
    listed.extend(name.as_bytes());
    Ok(())
}

/// Takes the extra field of 64 bit sizes out, which would contradict the sizes written.
fn drop_zip64(bytes: &mut Vec<u8>, from: usize, length: usize, field: usize) -> Result<(), Damage> {
    let mut at = from;
    let mut end = from + length;
    while at + 4 <= end {
        let (id, size) = (u16_at(bytes, at).ok_or("extra field")?, u16_at(bytes, at + 2).ok_or("extra field")?);
        let next = at + 4 + usize::from(size);
        if id == ZIP64 && next <= end {
            bytes.drain(at..next);
            end -= next - at;
        } else {
            at = next;
        }
    }
    put16(bytes, field, u16::try_from(end - from).map_err(|e| e.to_string())?);
    Ok(())
}

/// The content as it is stored in a zip, and its checksum.
fn pack(content: &[u8], stored: bool) -> Result<(Vec<u8>, u32), Damage> {
    let crc = crc32fast::hash(content);
    if stored {
        return Ok((content.to_vec(), crc));
    }
    let mut deflate = Compress::new(Compression::new(LEVEL), false);
    let mut out = Vec::with_capacity(content.len() / 3 + 64);
    loop {
        let done = usize::try_from(deflate.total_in()).map_err(|e| e.to_string())?;
        let rest = content.get(done..).unwrap_or_default();
        match deflate.compress_vec(rest, &mut out, FlushCompress::Finish).map_err(|e| e.to_string())? {
            Status::StreamEnd => return Ok((out, crc)),
            _ => out.reserve(out.len().max(64)),
        }
    }
}

/// Where a central record keeps the offset of the local one, whether in 64 bits, and the offset.
fn offset_of(central: &[u8]) -> Option<(usize, bool, usize)> {
    let plain = u32_at(central, 42)?;
    if plain != u32::MAX {
        return Some((42, false, usize::try_from(plain).ok()?));
    }
    let name = usize::from(u16_at(central, 28)?);
    let end = CENTRAL_FIXED + name + usize::from(u16_at(central, 30)?);
    let mut at = CENTRAL_FIXED + name;
    while at + 4 <= end {
        if u16_at(central, at)? == ZIP64 {
            // The sizes stand before it, each only where its own field has no room.
            let before = [24, 20].iter().filter(|f| u32_at(central, **f) == Some(u32::MAX)).count();
            let place = at + 4 + 8 * before;
            return Some((place, true, usize_at(central, place)?));
        }
        at += 4 + usize::from(u16_at(central, at + 2)?);
    }
    None
}

/// An offset after what it points to has moved. An archive behind other bytes may count from its own beginning.
fn moved(offset: usize, from: usize, to: usize) -> Result<usize, Damage> {
    offset.checked_add(to).and_then(|o| o.checked_sub(from)).ok_or_else(|| "offset".into())
}

fn put(bytes: &mut [u8], at: usize, wide: bool, value: usize) -> Result<(), Damage> {
    if !wide {
        put32(bytes, at, u32::try_from(value).map_err(|e| e.to_string())?);
    } else if let Some(slot) = bytes.get_mut(at..at + 8) {
        slot.copy_from_slice(&(value as u64).to_le_bytes());
    }
    Ok(())
}

fn usize_at(bytes: &[u8], at: usize) -> Option<usize> {
    let value = u64::from_le_bytes(bytes.get(at..at.checked_add(8)?)?.try_into().ok()?);
    usize::try_from(value).ok()
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2)?.try_into().ok().map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}

fn put16(bytes: &mut [u8], at: usize, value: u16) {
    if let Some(slot) = bytes.get_mut(at..at + 2) {
        slot.copy_from_slice(&value.to_le_bytes());
    }
}

fn put32(bytes: &mut [u8], at: usize, value: u32) {
    if let Some(slot) = bytes.get_mut(at..at + 4) {
        slot.copy_from_slice(&value.to_le_bytes());
    }
}
