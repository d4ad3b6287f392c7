//! The compound file (OLE) around an .xls: takes the workbook stream out, and puts it into a fresh container.
//!
//! A crafted sector table can send a parser round in circles or ask for terabytes. Here every chain is bounded by the
//! number of sectors that are really there; what calamine gets is a container of our own with that one stream in it.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use super::guard::Refusal;

/// Sector numbers from here on have meanings of their own (end of chain, free).
const SPECIAL: u32 = 0xffff_fffa;
const END: u32 = 0xffff_fffe;
const FREE: u32 = 0xffff_ffff;

/// The most entries of a storage that are followed.
const MAX_CHILDREN: usize = 4_000;

struct Compound<'a> {
    bytes: &'a [u8],
    shift: u32,
    fat: Vec<u32>,
}

/// The workbook stream of a compound file.
///
/// # Errors
/// [`Refusal::Damaged`] when the sector tables cannot be followed or there is no such stream.
pub fn workbook_stream(bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    // The stream itself, without a container.
    if bytes.starts_with(b"\x09\x08") {
        return Ok(bytes.to_vec());
    }
    let stream = read(bytes, "Workbook").or_else(|| read(bytes, "Book"));
    stream.ok_or_else(|| Refusal::Damaged { detail: "compound file".into() })
}

/// A stream by name; `None` when there is none or the sector tables cannot be followed.
#[must_use]
pub fn read(bytes: &[u8], name: &str) -> Option<Vec<u8>> {
    let tree = Tree::open(bytes)?;
    let entries = tree.directory.as_chunks::<128>().0;
    tree.stream(entries.iter().position(|e| is_stream(e, name))?)
}

/// A compound file whose tables were read: storages and streams by their numbers, the root being 0.
pub struct Tree<'a> {
    file: Compound<'a>,
    directory: Vec<u8>,
    /// The small streams together, and the table that links their blocks.
    small: OnceCell<Option<(Vec<u8>, Vec<u32>)>>,
}

impl<'a> Tree<'a> {
    /// Reads the tables; `None` when they cannot be followed.
    pub fn open(bytes: &'a [u8]) -> Option<Self> {
        let shift = u32::from(u16_at(bytes, 30)?);
        if !matches!(shift, 9 | 12) {
            return None;
        }
        let mut file = Compound { bytes, shift, fat: Vec::new() };
        file.read_fat()?;
        let directory = file.chain(u32_at(bytes, 48)?, usize::MAX)?;
        (directory.len() >= 128).then_some(Self { file, directory, small: OnceCell::new() })
    }

    fn entry(&self, at: usize) -> Option<&[u8]> {
        Some(self.directory.as_chunks::<128>().0.get(at)?.as_slice())
    }

    /// What stands in a storage, by name; each once, whatever the links between them say.
    pub fn children(&self, storage: usize) -> Vec<usize> {
        let mut all: Vec<(String, usize)> = self.below(storage).into_iter().map(|at| (self.name(at), at)).collect();
        all.sort();
        all.into_iter().map(|(_, at)| at).collect()
    }

    /// The entries that a storage leads to, at most so many as a message of Outlook ever has.
    fn below(&self, storage: usize) -> BTreeSet<usize> {
        let mut seen = BTreeSet::new();
        let mut open: Vec<u32> = self.entry(storage).and_then(|e| u32_at(e, 76)).into_iter().collect();
        while let Some(at) = open.pop() {
            let Some(entry) = self.entry(at as usize) else { continue };
            if seen.len() < MAX_CHILDREN && seen.insert(at as usize) {
                open.extend([68, 72].into_iter().filter_map(|side| u32_at(entry, side)));
            }
        }
        seen
    }

    /// The child of that name.
    pub fn child(&self, storage: usize, name: &str) -> Option<usize> {
        self.below(storage).into_iter().find(|at| self.entry(*at).is_some_and(|e| is_named(e, name)))
    }

    /// The name of an entry.
    pub fn name(&self, at: usize) -> String {
        let units = self.entry(at).map(|e| words16(e.get(..64).unwrap_or_default())).unwrap_or_default();
        String::from_utf16_lossy(&units.into_iter().take_while(|u| *u != 0).collect::<Vec<_>>())
    }

    /// Whether an entry is a storage.
    pub fn is_storage(&self, at: usize) -> bool {
        self.entry(at).is_some_and(|e| e.get(66) == Some(&1))
    }

    /// The bytes of a stream; `None` when its chain is not as long as it says.
    pub fn stream(&self, at: usize) -> Option<Vec<u8>> {
        let entry = self.entry(at)?;
        let (start, size) = (u32_at(entry, 116)?, u32_at(entry, 120)? as usize);
        if size >= u32_at(self.file.bytes, 56)? as usize {
            let stream = self.file.chain(start, size)?;
            return (stream.len() == size).then_some(stream);
        }
        let (mini, table) = self.small.get_or_init(|| self.small()).as_ref()?;
        let mut out = Vec::new();
        let (mut at, mut steps) = (start, 0);
        while out.len() < size {
            steps += 1;
            if steps > mini.len().div_ceil(64) {
                return None;
            }
            let from = (at as usize).checked_mul(64)?;
            out.extend_from_slice(mini.get(from..from.checked_add(64)?.min(mini.len()))?);
            at = *table.get(at as usize)?;
            if at >= SPECIAL {
                break;
            }
        }
        out.truncate(size);
        (out.len() == size).then_some(out)
    }

    fn small(&self) -> Option<(Vec<u8>, Vec<u32>)> {
        let root = self.entry(0)?;
        let mini = self.file.chain(u32_at(root, 116)?, u32_at(root, 120)? as usize)?;
        Some((mini, words(&self.file.chain(u32_at(self.file.bytes, 60)?, usize::MAX)?)))
    }
}

fn is_stream(entry: &[u8], name: &str) -> bool {
    entry.get(66) == Some(&2) && is_named(entry, name)
}

/// Whether a directory entry has that name; letters count the same in upper and lower case.
pub(super) fn is_named(entry: &[u8], name: &str) -> bool {
    let name = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes);
    let mut bytes = entry.iter();
    name.into_iter().all(|n| bytes.next().is_some_and(|b| b.eq_ignore_ascii_case(&n)))
}

impl Compound<'_> {
    /// The bytes of a sector; the last one of a file may be short.
    fn sector(&self, number: u32) -> Option<&[u8]> {
        let from = (number as usize).checked_add(1)?.checked_shl(self.shift)?;
        let to = from.checked_add(1 << self.shift)?.min(self.bytes.len());
        self.bytes.get(from..to).filter(|s| !s.is_empty())
    }

    fn sectors(&self) -> usize {
        self.bytes.len() >> self.shift
    }

    fn read_fat(&mut self) -> Option<()> {
        let mut tables = words(self.bytes.get(76..512)?);
        let mut next = u32_at(self.bytes, 68)?;
        let mut seen = 0;
        while next < SPECIAL {
            seen += 1;
            let mut more = words(self.sector(next)?);
            next = more.pop()?;
            tables.extend(more);
            if seen > self.sectors() {
                return None;
            }
        }
        for table in tables.into_iter().filter(|t| *t < SPECIAL) {
            let words = words(self.sector(table)?);
            self.fat.extend(words);
            if self.fat.len() > self.sectors().saturating_add(1).saturating_mul(2).max(4_096) {
                return None;
            }
        }
        Some(())
    }

    /// The bytes of a chain, at most `size`.
    fn chain(&self, start: u32, size: usize) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let mut at = start;
        let mut steps = 0;
        while at < SPECIAL && out.len() < size {
            steps += 1;
            if steps > self.sectors() {
                return None;
            }
            out.extend_from_slice(self.sector(at)?);
            at = *self.fat.get(at as usize)?;
        }
        out.truncate(size);
        Some(out)
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn words(bytes: &[u8]) -> Vec<u32> {
    bytes.as_chunks::<4>().0.iter().map(|c| u32::from_le_bytes(*c)).collect()
}

fn words16(bytes: &[u8]) -> Vec<u16> {
    bytes.as_chunks::<2>().0.iter().map(|c| u16::from_le_bytes(*c)).collect()
}

/// Bytes of a sector in the containers written here.
const SECTOR: usize = 4_096;
/// Streams below this many bytes stand together in the small stream, in blocks of 64.
const SMALL: usize = 4_096;

/// A compound file with the one stream `Workbook`, filled with zeros to whole sectors (records of no type, behind the end
/// of the last substream).
#[must_use]
pub fn wrap(stream: &[u8]) -> Vec<u8> {
    let mut padded = stream.to_vec();
    padded.resize(stream.len().div_ceil(SECTOR).max(1) * SECTOR, 0);
    wrap_all(&[("Workbook", &padded)])
}

/// A compound file with these streams, in sectors of 4,096 bytes: tables, directory, small streams, large streams. Names
/// must come in the order of such files (short ones first, then by letter), at most 31 of them.
#[must_use]
pub fn wrap_all(streams: &[(&str, &[u8])]) -> Vec<u8> {
    let number = |n: usize| u32::try_from(n).unwrap_or(END);
    let (mut small, mut small_table) = (Vec::new(), Vec::new());
    for (_, stream) in streams.iter().filter(|(_, s)| s.len() < SMALL) {
        let first = small_table.len();
        let blocks = stream.len().div_ceil(64).max(1);
        small_table.extend((1..blocks).map(|i| number(first + i)));
        small_table.push(END);
        small.extend_from_slice(stream);
        small.resize(small_table.len() * 64, 0);
    }
    small_table.resize(small_table.len().next_multiple_of(SECTOR / 4), FREE);
    let small_sectors = |bytes: usize| bytes.div_ceil(SECTOR);
    let large: usize = streams.iter().filter(|(_, s)| s.len() >= SMALL).map(|(_, s)| s.len().div_ceil(SECTOR)).sum();
    let data = 1 + small_sectors(small_table.len() * 4) + small_sectors(small.len()) + large;
    // Each table holds 1,024 entries; it also counts itself. 109 of them reach 445 MB.
    let tables = data.div_ceil(SECTOR / 4 - 1);
    let mut out = Builder { fat: vec![0xffff_fffd; tables], body: Vec::new() };
    let directory_at = out.fat.len();
    out.fat.push(END);
    let table_bytes: Vec<u8> = small_table.iter().flat_map(|w| w.to_le_bytes()).collect();
    let table_at = out.add(&table_bytes);
    // Without small streams the root begins nowhere; calamine takes the end mark there for a broken file.
    let small_at = if small.is_empty() { FREE } else { out.add(&small) };
    let mut directory = entry("Root Entry", 5, [FREE, 1], small_at, small.len() as u64);
    let mut blocks = 0;
    for (i, (name, stream)) in streams.iter().enumerate() {
        let start = if stream.len() < SMALL {
            let at = number(blocks);
            blocks += stream.len().div_ceil(64).max(1);
            at
        } else {
            out.add(stream)
        };
        // Each entry is the right neighbour of the one before.
        let next = if i + 1 < streams.len() { number(i + 2) } else { FREE };
        directory.extend(entry(name, 2, [next, FREE], start, stream.len() as u64));
    }
    directory.resize(SECTOR, 0);
    out.fat.resize(tables * SECTOR / 4, FREE);
    let mut file = header(number(tables), number(directory_at), table_at, number(table_bytes.len() / SECTOR));
    file.extend(out.fat.iter().flat_map(|w| w.to_le_bytes()));
    file.extend(directory);
    file.extend(out.body);
    file
}

/// The sectors behind the directory, with the table that links them.
struct Builder {
    fat: Vec<u32>,
    body: Vec<u8>,
}

impl Builder {
    /// Adds a chain and gives its first sector; of no bytes, none.
    fn add(&mut self, bytes: &[u8]) -> u32 {
        if bytes.is_empty() {
            return END;
        }
        let number = |n: usize| u32::try_from(n).unwrap_or(END);
        let first = self.fat.len();
        let sectors = bytes.len().div_ceil(SECTOR);
        self.fat.extend((1..sectors).map(|i| number(first + i)));
        self.fat.push(END);
        self.body.extend_from_slice(bytes);
        self.body.resize(self.body.len().next_multiple_of(SECTOR), 0);
        number(first)
    }
}

fn header(tables: u32, directory: u32, small_table: u32, small_tables: u32) -> Vec<u8> {
    let mut header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    header.extend([0; 16]);
    for word in [0x3e, 4, 0xfffe, 12, 6, 0, 0, 0] {
        header.extend(u16::to_le_bytes(word));
    }
    for word in [1, tables, directory, 0, 4_096, small_table, small_tables, END, 0] {
        header.extend(u32::to_le_bytes(word));
    }
    for i in 0..109 {
        header.extend(u32::to_le_bytes(if i < tables { i } else { FREE }));
    }
    header.resize(SECTOR, 0);
    header
}

fn entry(name: &str, kind: u8, [right, child]: [u32; 2], start: u32, size: u64) -> Vec<u8> {
    let mut out: Vec<u8> = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
    let length = u16::try_from(out.len()).unwrap_or(0);
    out.resize(64, 0);
    out.extend(length.to_le_bytes());
    out.extend([kind, 1]);
    for word in [FREE, right, child] {
        out.extend(word.to_le_bytes());
    }
    out.resize(116, 0);
    out.extend(start.to_le_bytes());
    out.extend(size.to_le_bytes());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapped_streams_come_out_again() {
        for size in [4_096, 5_000, 5_000_000] {
            let stream: Vec<u8> = (0..size).map(|i: u32| (i % 251) as u8).collect();
            let out = workbook_stream(&wrap(&stream)).unwrap();
            assert_eq!((&out[..stream.len()], out.len() % 4_096), (&stream[..], 0), "{size}");
        }
    }

    #[test]
    fn several_streams_small_and_large() {
        let of = |size: u32| (0..size).map(|i| (i % 249) as u8).collect::<Vec<u8>>();
        let (a, b, c) = (of(1_000), of(9_001), of(65));
        let file = wrap_all(&[("A", &a), ("B", &b), ("CC", &c)]);
        assert_eq!((read(&file, "A"), read(&file, "B"), read(&file, "CC")), (Some(a), Some(b), Some(c)));
        assert_eq!(read(&file, "D"), None);
    }

    #[test]
    fn circles_of_small_blocks_end() {
        let stream = [7; 100];
        let file = wrap_all(&[("A", &stream), ("B", &stream)]);
        let table = (u32_at(&file, 60).unwrap() as usize + 1) * SECTOR;
        // Two blocks each: the first, the last, and the one behind the last, which is empty.
        for block in [0u32, 3, 4] {
            let mut file = file.clone();
            file[table..table + 5 * 4].as_chunks_mut::<4>().0.fill(block.to_le_bytes());
            assert_eq!(read(&file, "A").is_some(), block < 4, "{block}");
            // A size that no small stream has, so that a circle could go on for gigabytes.
            file[56..60].copy_from_slice(&u32::MAX.to_le_bytes());
            let directory = (u32_at(&file, 48).unwrap() as usize + 1) * SECTOR;
            file[directory + 128 + 120..directory + 128 + 124].copy_from_slice(&0x7fff_ffffu32.to_le_bytes());
            assert_eq!(read(&file, "A"), None, "{block}");
        }
    }

    #[test]
    fn circles_and_far_sectors_end() {
        let mut file = wrap(&vec![1; 20_000]);
        let first_of_stream = 4_096 + 4 * 2;
        file[first_of_stream..first_of_stream + 4].copy_from_slice(&2u32.to_le_bytes());
        assert!(workbook_stream(&file).is_err() || workbook_stream(&file).unwrap().len() <= 20_480);
        file[48..52].copy_from_slice(&0x7fff_ffffu32.to_le_bytes());
        assert!(workbook_stream(&file).is_err());
    }
}
