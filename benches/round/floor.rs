//! What no program can do without: the needed parts of the files inflated and cut into tags, and our outputs deflated.

use std::collections::BTreeSet;
use std::fs;
use std::hint::black_box;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use flate2::{Compress, Compression, FlushCompress};
use quick_xml::Reader;
use quick_xml::events::Event;
use zip::ZipArchive;

/// The parts that the answers cannot be read without.
const NEEDED: [&str; 5] = [
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "xl/worksheets/sheet1.xml",
    "xl/sharedStrings.xml",
    "xl/styles.xml",
];

/// The levels that the program deflates at: what it draws, and parts of a division's own file that it marks.
const DRAWN: u32 = 6;
const MARKED: u32 = 5;

/// What was cut.
#[derive(Default)]
pub struct Found {
    pub bytes: usize,
    pub cells: usize,
    tags: usize,
}

/// Reads, inflates and cuts.
pub fn read(paths: &[PathBuf], by_library: bool) -> Found {
    let mut found = Found::default();
    let mut part = Vec::new();
    for path in paths {
        let mut zip = ZipArchive::new(Cursor::new(fs::read(path).expect("bytes"))).expect("a package");
        for name in NEEDED {
            part.clear();
            zip.by_name(name).expect("a part").read_to_end(&mut part).expect("inflated");
            found.bytes += part.len();
            if by_library { tokens(&part, &mut found) } else { scan(&part, &mut found) }
        }
    }
    black_box(found.tags);
    found
}

/// From one `<` to the next `>`.
fn scan(mut xml: &[u8], found: &mut Found) {
    while let Some(from) = memchr::memchr(b'<', xml) {
        let tag = &xml[from + 1..];
        let Some(to) = memchr::memchr(b'>', tag) else { return };
        found.tags += 1;
        found.cells += usize::from(tag.starts_with(b"c "));
        xml = &tag[to + 1..];
    }
}

/// The events of the library, with each attribute.
fn tokens(xml: &[u8], found: &mut Found) {
    let mut reader = Reader::from_reader(xml);
    loop {
        match reader.read_event().expect("XML") {
            Event::Start(tag) | Event::Empty(tag) => {
                found.tags += 1 + tag.attributes().with_checks(false).count();
                found.cells += usize::from(tag.name().as_ref() == "c");
            }
            Event::Text(text) => found.tags += usize::from(text.is_empty()),
            Event::Eof => return,
            _ => {}
        }
    }
}

/// The parts that were written anew, inflated, each with its level.
pub struct Written {
    books: usize,
    parts: Vec<(u32, Vec<u8>)>,
}

impl Written {
    /// Of all workbooks and documents below a folder. A part that is in one of the inputs already was only copied.
    pub fn of(folder: &Path, inputs: &[PathBuf]) -> Self {
        let given: BTreeSet<(String, u32, u64)> =
            inputs.iter().flat_map(|p| parts(p)).map(|p| (p.name, p.crc, p.packed)).collect();
        let mut written = Self { books: 0, parts: Vec::new() };
        for entry in walkdir::WalkDir::new(folder).into_iter().map(|e| e.expect("an entry")) {
            if !entry.path().extension().is_some_and(|e| e == "xlsx" || e == "docx") {
                continue;
            }
            let all = parts(entry.path());
            let count = all.len();
            let own: Vec<Part> =
                all.into_iter().filter(|p| !given.contains(&(p.name.clone(), p.crc, p.packed))).collect();
            let level = if own.len() == count { DRAWN } else { MARKED };
            written.books += 1;
            written.parts.extend(own.into_iter().map(|p| (level, p.content)));
        }
        written
    }

    pub fn bytes(&self) -> usize {
        self.parts.iter().map(|(_, p)| p.len()).sum()
    }

    pub fn shape(&self) -> String {
        let drawn = self.parts.iter().filter(|(level, _)| *level == DRAWN).count();
        let marked = self.parts.len() - drawn;
        format!("{} workbooks, {drawn} parts at level {DRAWN}, {marked} at {MARKED}", self.books)
    }

    /// Deflates all of them; gives the bytes that come out.
    pub fn deflate(&self) -> usize {
        let mut out = Vec::new();
        let mut deflaters = [DRAWN, MARKED].map(|level| (level, Compress::new(Compression::new(level), false)));
        let mut total = 0;
        for (level, part) in &self.parts {
            let (_, deflate) = deflaters.iter_mut().find(|(l, _)| l == level).expect("a level");
            deflate.reset();
            out.clear();
            out.reserve(part.len() + 1024);
            deflate.compress_vec(part, &mut out, FlushCompress::Finish).expect("deflated");
            total += out.len();
        }
        total
    }
}

struct Part {
    name: String,
    crc: u32,
    packed: u64,
    content: Vec<u8>,
}

fn parts(path: &Path) -> Vec<Part> {
    let mut zip = ZipArchive::new(Cursor::new(fs::read(path).expect("bytes"))).expect("a package");
    let count = zip.len();
    let one = |n| {
        let mut entry = zip.by_index(n).expect("an entry");
        let mut content = Vec::new();
        entry.read_to_end(&mut content).expect("inflated");
        let name = entry.name().expect("a name").into_owned();
        Part { name, crc: entry.crc32(), packed: entry.compressed_size(), content }
    };
    (0..count).map(one).collect()
}
