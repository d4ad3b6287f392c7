//! The zip container: its parts by name, its relations, and what it is at all.
//!
//! Parts are inflated one by one into memory with a count, checked by their CRC and turned into text whatever the
//! encoding; nothing is extracted to disk. Names are compared as Excel does, without regard to case and direction of
//! the slash, and a package in which two parts answer to one name is refused.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::ops::Range;

use memchr::memmem;
use quick_xml::events::Event;
use zip::read::ZipFile;
use zip::{CompressionMethod, ZipArchive};

use super::guard::{Limits, Lock, Problem, ProblemKind, Refusal};
use super::inflate::Inflater;
use super::legacy::LegacyKind;
use super::xml;
use crate::model::grid::Oddity;

/// A package that passed the first checks.
pub struct Package<'a> {
    bytes: &'a [u8],
    archive: ZipArchive<Cursor<&'a [u8]>>,
    /// The entries of the archive, folders included.
    entries: Vec<Entry>,
    inflater: Inflater,
    /// Index of each part by its lower-case name with `/`.
    index: BTreeMap<String, usize>,
    limits: Limits,
    /// Bytes inflated so far: a part that is listed a hundred times is read a hundred times.
    inflated: u64,
}

/// Where the zip crate finds the content of an entry, and what it says of it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Where its local record begins.
    pub record: u64,
    /// Its content as it is packed.
    pub packed: Range<usize>,
    method: CompressionMethod,
    crc: u32,
    /// The size it announces.
    size: u64,
}

impl Entry {
    fn of(part: &ZipFile<'_, Cursor<&[u8]>>) -> Option<Self> {
        let from = usize::try_from(part.data_start()?).ok()?;
        let packed = from..from.checked_add(usize::try_from(part.compressed_size()).ok()?)?;
        let (record, method) = (part.header_start(), part.compression());
        Some(Self { record, packed, method, crc: part.crc32(), size: part.size() })
    }
}

/// What a package is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An OOXML workbook with its main part.
    Workbook {
        /// Name of the main part, usually `xl/workbook.xml`.
        part: String,
    },
    /// A container that is read by the legacy reader.
    Legacy(LegacyKind),
}

/// One relation of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation {
    /// Its id.
    pub id: String,
    /// Its type, a URI; transitional and strict ones end alike.
    pub kind: String,
    /// The part it leads to, from the root of the package, lower case.
    pub target: String,
    /// Whether it leads out of the package.
    pub external: bool,
}

impl<'a> Package<'a> {
    /// Opens the central directory and checks names and counts; inflates nothing yet.
    ///
    /// # Errors
    /// A [`Refusal`] when it is not a sound zip, has too many parts, or names that are tricks.
    pub fn open(bytes: &'a [u8], limits: &Limits) -> Result<Self, Refusal> {
        if let Some(count) = declared_entries(bytes) {
            Limits::check("parts", limits.parts, count)?;
        }
        let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|e| damaged(&format!("zip: {e}")))?;
        Limits::check("parts", limits.parts, archive.len() as u64)?;
        if archive.has_duplicate_names() {
            return Err(dangerous("duplicate part"));
        }
        let (mut index, mut entries) = (BTreeMap::new(), Vec::with_capacity(archive.len()));
        for i in 0..archive.len() {
            let part = archive.by_index_raw(i).map_err(|e| damaged(&format!("zip: {e}")))?;
            let name = part.name().map_err(|e| damaged(&format!("zip: {e}")))?.into_owned();
            if part.encrypted() {
                return Err(Refusal::Encrypted(Lock::NotOpened));
            }
            entries.push(Entry::of(&part).ok_or_else(|| damaged("zip: size"))?);
            if name.ends_with('/') {
                continue;
            }
            let key = canonical(&name).ok_or_else(|| dangerous(&format!("part name {}", shorten(&name))))?;
            if index.insert(key, i).is_some() {
                return Err(dangerous("duplicate part"));
            }
        }
        let inflater = Inflater::default();
        Ok(Self { bytes, archive, entries, inflater, index, limits: limits.clone(), inflated: 0 })
    }

    /// The archive itself, for what must see the same central directory.
    #[must_use]
    pub fn archive(&self) -> &ZipArchive<Cursor<&'a [u8]>> {
        &self.archive
    }

    /// Its entries in the order of the archive, folders included.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Whether a part exists.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.index.contains_key(&name.to_lowercase())
    }

    /// Inflates a part; `None` when there is none of that name.
    ///
    /// # Errors
    /// [`Refusal::TooLarge`] past the limit of a part, [`Refusal::Damaged`] when it does not inflate or its CRC is wrong.
    pub fn bytes(&mut self, name: &str) -> Result<Option<Vec<u8>>, Refusal> {
        let Some(&i) = self.index.get(&name.to_lowercase()) else { return Ok(None) };
        let limit = self.limits.part;
        let out = self.content(i, limit).map_err(|e| damaged(&format!("{name}: {e}")))?;
        Limits::check("part", limit, out.len() as u64)?;
        self.inflated += out.len() as u64;
        Limits::check("total", self.limits.total, self.inflated)?;
        Ok(Some(out))
    }

    /// The content of an entry, or one byte more than `limit` of it.
    fn content(&mut self, i: usize, limit: u64) -> Result<Vec<u8>, String> {
        let entry = self.entries.get(i).ok_or("entry")?;
        let packed = self.bytes.get(entry.packed.clone()).ok_or("breaks off")?;
        let out = match entry.method {
            CompressionMethod::Deflated => self.inflater.inflate(packed, entry.size, limit)?,
            CompressionMethod::Stored => packed.to_vec(),
            // The zip crate says which method it is.
            _ => {
                return self
                    .archive
                    .by_index(i)
                    .map_or_else(|e| Err(e.to_string()), |_| Err("compression method".into()));
            }
        };
        let whole = out.len() as u64 <= limit;
        if whole && crc32fast::hash(&out) != entry.crc { Err("checksum".into()) } else { Ok(out) }
    }

    /// Inflates an XML part into text: UTF-8 or UTF-16, without byte order mark and XML declaration.
    ///
    /// # Errors
    /// As [`Self::bytes`]; also [`Refusal::Dangerous`] for a document type and [`Refusal::Damaged`] for other encodings.
    pub fn text(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        let Some(bytes) = self.bytes(name)? else { return Ok(None) };
        decode_safe(bytes, name).map(Some)
    }

    /// Inflates every XML part once, keeping nothing: counts the total, looks for document types, and lists the parts
    /// that do not inflate. Binary parts (pictures, macros) are never read, so they need no limit.
    ///
    /// # Errors
    /// [`Refusal::TooLarge`] or [`Refusal::Dangerous`].
    pub fn scan(&mut self) -> Result<Vec<Problem>, Refusal> {
        let mut total = 0u64;
        let mut problems = Vec::new();
        let parts: Vec<(String, usize)> = self.index.iter().map(|(n, i)| (n.clone(), *i)).collect();
        for (name, i) in parts {
            let xlsb = name.starts_with("xl/")
                && !name.starts_with("xl/media/")
                && name.rsplit('.').next().is_some_and(|e| e == "bin");
            let is_xml = [".xml", ".rels", ".vml"].iter().any(|e| name.ends_with(e));
            if !is_xml && !xlsb {
                continue;
            }
            let limits = &self.limits;
            let result = match self.archive.by_index(i) {
                Ok(part) => scan_part(part, is_xml && !declares(&name), limits, &mut total)?,
                Err(e) => Err(e.to_string()),
            };
            if let Err(e) = result {
                let detail = format!("{name}: {e}");
                problems.push(Problem { sheet: String::new(), cell: None, detail, kind: ProblemKind::PartDamaged });
            }
        }
        Ok(problems)
    }

    /// The relations of a part (`""` for the package itself). A missing or broken list gives none.
    pub fn relations(&mut self, part: &str) -> Vec<Relation> {
        let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
        let slash = if folder.is_empty() { "" } else { "/" };
        let Ok(Some(text)) = self.text(&format!("{folder}{slash}_rels/{file}.rels")) else { return Vec::new() };
        let mut reader = xml::reader(&text);
        let mut out = Vec::new();
        while let Ok(event) = reader.read_event() {
            match event {
                Event::Start(e) if e.local_name().as_ref() == "Relationship" => {
                    let target = xml::attr(&e, "Target").unwrap_or_default();
                    let external = xml::attr(&e, "TargetMode").is_some_and(|m| m == "External");
                    out.push(Relation {
                        id: xml::attr(&e, "Id").unwrap_or_default(),
                        kind: xml::attr(&e, "Type").unwrap_or_default(),
                        target: if external { target } else { resolve(folder, &target) },
                        external,
                    });
                }
                Event::Eof => break,
                _ => {}
            }
        }
        out
    }

    /// What the package is, by its relations and part names.
    ///
    /// # Errors
    /// The refusal that says what else it is.
    pub fn kind(&mut self) -> Result<Kind, Refusal> {
        if let Ok(Some(mime)) = self.bytes("mimetype") {
            return self.open_document(&String::from_utf8_lossy(&mime));
        }
        let main = self.relations("").into_iter().find(|r| r.kind.ends_with("/officeDocument") && !r.external);
        let part = main.map_or_else(|| "xl/workbook.xml".to_string(), |r| r.target);
        if self.any("word/") {
            return Err(Refusal::NotASpreadsheet { looks_like: "Word文書" });
        }
        if self.any("ppt/") {
            return Err(Refusal::NotASpreadsheet { looks_like: "PowerPoint資料" });
        }
        if self.has("xl/workbook.bin") {
            return Ok(Kind::Legacy(LegacyKind::Xlsb));
        }
        if self.has(&part) {
            return Ok(Kind::Workbook { part });
        }
        if self.has("index/document.iwa") {
            return Err(Refusal::NotASpreadsheet { looks_like: "Numbers（MacやiPad）などの文書" });
        }
        if self.has("[content_types].xml") || self.any("xl/") {
            return Err(damaged("workbook part missing"));
        }
        if let Some(mime) = self.mime_of_content()? {
            return self.open_document(mime);
        }
        let looks_like =
            if self.index.is_empty() { "空の圧縮ファイル（ZIP）" } else { "圧縮ファイル（ZIP）" };
        Err(Refusal::NotASpreadsheet { looks_like })
    }

    /// What an `OpenDocument` package without its word for it is: some programs, and whoever packs a folder anew, leave it out.
    fn mime_of_content(&mut self) -> Result<Option<&'static str>, Refusal> {
        const KINDS: [(&[u8], &str); 3] = [
            (b"<office:spreadsheet", "application/vnd.oasis.opendocument.spreadsheet"),
            (b"<office:text", "application/vnd.oasis.opendocument.text"),
            (b"<office:", "application/vnd.oasis.opendocument.other"),
        ];
        let Some(content) = self.bytes("content.xml")? else { return Ok(None) };
        if memmem::find(&content, b"urn:oasis:names:tc:opendocument").is_none() {
            return Ok(None);
        }
        Ok(KINDS.iter().find(|(root, _)| memmem::find(&content, root).is_some()).map(|(_, mime)| *mime))
    }

    fn open_document(&mut self, mime: &str) -> Result<Kind, Refusal> {
        let mime = mime.trim();
        if let Some(manifest) = self.bytes("META-INF/manifest.xml")?.and_then(decode) {
            // A document type that only names a definition elsewhere is what older programs write; nothing follows it.
            if has_doctype(manifest.as_bytes()) && manifest.contains("<!ENTITY") {
                return Err(dangerous("DOCTYPE"));
            }
            if manifest.contains("encryption-data") {
                return Err(Refusal::Encrypted(Lock::NotOpened));
            }
        }
        if mime == "application/vnd.sun.xml.calc" {
            return Err(Refusal::Unsupported { looks_like: "OpenOffice.org 1.0の表計算ファイル" });
        }
        match mime.strip_prefix("application/vnd.oasis.opendocument.") {
            Some("spreadsheet" | "spreadsheet-template") => Ok(Kind::Legacy(LegacyKind::Ods)),
            Some("text") => Err(Refusal::NotASpreadsheet { looks_like: "OpenDocumentの文書" }),
            Some(_) => Err(Refusal::NotASpreadsheet { looks_like: "OpenDocumentの資料" }),
            None => Err(Refusal::NotASpreadsheet { looks_like: "圧縮ファイル（ZIP）" }),
        }
    }

    fn any(&self, folder: &str) -> bool {
        self.index.range(folder.to_string()..).next().is_some_and(|(n, _)| n.starts_with(folder))
    }

    /// Macros, links to other workbooks and embedded objects, by part name. None of them is read.
    #[must_use]
    pub fn oddities(&self) -> Vec<Oddity> {
        let has = |test: &dyn Fn(&str) -> bool| self.index.keys().any(|n| test(n));
        let mut out = Vec::new();
        if has(&|n| n.ends_with("vbaproject.bin") || n.contains("macrosheets/") || n.starts_with("basic/")) {
            out.push(Oddity::Macros);
        }
        if has(&|n| n.contains("externallinks/") && !n.contains("/_rels/")) {
            out.push(Oddity::ExternalLinks);
        }
        if has(&|n| n.contains("/embeddings/") || n.contains("/activex/") || n.contains("oleobject")) {
            out.push(Oddity::Objects);
        }
        out
    }
}

/// Reads one part to its end. The outer error refuses the file, the inner one says that the part is damaged.
fn scan_part(
    mut part: impl Read,
    no_doctype: bool,
    limits: &Limits,
    total: &mut u64,
) -> Result<Result<(), String>, Refusal> {
    let mut buffer = vec![0u8; 64 << 10];
    // The end of the last block is kept, so that a word across two blocks is seen; NULs are dropped for UTF-16.
    let mut window: Vec<u8> = Vec::new();
    let mut size = 0u64;
    loop {
        let n = match part.read(&mut buffer) {
            Ok(0) => return Ok(Ok(())),
            Ok(n) => n,
            Err(e) => return Ok(Err(e.to_string())),
        };
        size += n as u64;
        *total += n as u64;
        Limits::check("part", limits.part, size)?;
        Limits::check("total", limits.total, *total)?;
        if no_doctype {
            let read = buffer.get(..n).unwrap_or_default();
            if memchr::memchr(0, read).is_some() {
                window.extend(read.iter().filter(|b| **b != 0));
            } else {
                window.extend_from_slice(read);
            }
            if has_doctype(&window) {
                return Err(dangerous("DOCTYPE"));
            }
            let keep = window.len().saturating_sub(DOCTYPE.len());
            window.drain(..keep);
        }
    }
}

/// Parts of OpenDocument in which OpenOffice and LibreOffice themselves write a document type. Macros, dialogs and tool bars are
/// never parsed, the manifest is looked at where it is read.
fn declares(name: &str) -> bool {
    ["basic/", "dialogs/", "configurations2/"].iter().any(|folder| name.starts_with(folder))
        || name == "meta-inf/manifest.xml"
}

const DOCTYPE: &[u8] = b"<!DOCTYPE";

fn has_doctype(bytes: &[u8]) -> bool {
    let named = |at: usize| bytes.get(at..at + DOCTYPE.len()).is_some_and(|word| word.eq_ignore_ascii_case(DOCTYPE));
    memmem::find_iter(bytes, b"<!").any(named)
}

/// The number of entries by the end record; it is only used to refuse early.
fn declared_entries(bytes: &[u8]) -> Option<u64> {
    let from = bytes.len().saturating_sub(65_557);
    let tail = bytes.get(from..)?;
    let at = tail.windows(4).rposition(|w| w == b"PK\x05\x06")?;
    let count = tail.get(at + 10..at + 12)?;
    Some(u64::from(u16::from_le_bytes([*count.first()?, *count.get(1)?])))
}

/// A part name in lower case with `/`, without a leading one; `None` when it climbs or names a drive.
fn canonical(name: &str) -> Option<String> {
    let name = name.replace('\\', "/").to_lowercase();
    let name = name.trim_start_matches('/');
    let sound = !name.is_empty()
        && !name.contains('\0')
        && !name.split('/').any(|s| s == ".." || s == ".")
        && name.as_bytes().get(1) != Some(&b':');
    sound.then(|| name.to_string())
}

/// The part a relation leads to, seen from the folder of its owner.
fn resolve(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    let mut path: Vec<&str> = if target.starts_with('/') { Vec::new() } else { folder.split('/').collect() };
    for segment in target.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                path.pop();
            }
            s => path.push(s),
        }
    }
    path.retain(|s| !s.is_empty());
    path.join("/").to_lowercase()
}

/// Text of an XML part without byte order mark and XML declaration.
///
/// # Errors
/// [`Refusal::Dangerous`] for a document type and [`Refusal::Damaged`] for an encoding that is none of XML's own.
pub(super) fn decode_safe(bytes: Vec<u8>, name: &str) -> Result<String, Refusal> {
    let mut text = decode(bytes).ok_or_else(|| damaged(&format!("{name}: encoding")))?;
    if has_doctype(text.as_bytes()) {
        return Err(dangerous("DOCTYPE"));
    }
    if let Some(end) = text.starts_with("<?xml").then(|| text.find("?>")).flatten() {
        text.drain(..end + 2);
    }
    Ok(text)
}

/// Text of an XML part: UTF-16 by its mark or its zero bytes, else UTF-8, else what it declares. `None` for anything else.
pub(super) fn decode(bytes: Vec<u8>) -> Option<String> {
    let (big, skip) = match bytes.get(..2) {
        Some([0xff, 0xfe]) => (false, 2),
        Some([0xfe, 0xff]) => (true, 2),
        Some([b'<', 0]) => (false, 0),
        Some([0, b'<']) => (true, 0),
        _ => {
            let text = match String::from_utf8(bytes) {
                Ok(text) => text,
                Err(e) => declared(e.as_bytes())?,
            };
            return Some(text.strip_prefix('\u{feff}').map(str::to_string).unwrap_or(text));
        }
    };
    let pair = |p: &[u8; 2]| if big { u16::from_be_bytes(*p) } else { u16::from_le_bytes(*p) };
    let (pairs, rest) = bytes.get(skip..)?.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    char::decode_utf16(pairs.iter().map(pair)).collect::<Result<String, _>>().ok()
}

/// Text in the encoding that its XML declaration names.
fn declared(bytes: &[u8]) -> Option<String> {
    let head = bytes.strip_prefix(b"<?xml")?;
    let head = head.get(..head.iter().take(200).position(|b| *b == b'>')?)?;
    let head = std::str::from_utf8(head).ok()?;
    let label = head.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let label = label.get(1..)?.split(['"', '\'']).next()?;
    let (text, broken) = encoding_rs::Encoding::for_label(label.as_bytes())?.decode_without_bom_handling(bytes);
    (!broken).then(|| text.into_owned())
}

fn shorten(name: &str) -> String {
    name.chars().take(60).collect()
}

fn damaged(detail: &str) -> Refusal {
    Refusal::Damaged { detail: detail.to_string() }
}

fn dangerous(detail: &str) -> Refusal {
    Refusal::Dangerous { detail: detail.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_targets() {
        assert_eq!(canonical("xl\\Workbook.xml").as_deref(), Some("xl/workbook.xml"));
        assert_eq!(canonical("/xl/a.xml").as_deref(), Some("xl/a.xml"));
        for trick in ["../a", "xl/../../a", "C:/a", "a\0b", "", "/"] {
            assert_eq!(canonical(trick), None, "{trick}");
        }
        assert_eq!(resolve("xl", "worksheets/Sheet1.xml"), "xl/worksheets/sheet1.xml");
        assert_eq!(resolve("xl", "/xl/worksheets/Sheet1.xml"), "xl/worksheets/sheet1.xml");
        assert_eq!(resolve("xl/worksheets", "../comments1.xml"), "xl/comments1.xml");
        assert_eq!(resolve("xl", "../../../etc/passwd"), "etc/passwd");
    }

    #[test]
    fn encodings() {
        let utf16 = |s: &str| s.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        assert_eq!(decode(utf16("<a>あ</a>")).as_deref(), Some("<a>あ</a>"));
        assert_eq!(decode(utf16("\u{feff}<a/>")).as_deref(), Some("<a/>"));
        assert_eq!(decode("\u{feff}<a/>".into()).as_deref(), Some("<a/>"));
        assert_eq!(decode(b"<a>\x82\xa0</a>".to_vec()), None);
        let japanese = b"<?xml version='1.0' encoding = \"Shift_JIS\"?><a>\x82\xa0</a>".to_vec();
        assert!(decode(japanese).is_some_and(|text| text.ends_with("<a>あ</a>")));
        assert_eq!(decode(b"<?xml version='1.0' encoding='Shift_JIS'?><a>\x82</a>".to_vec()), None, "broken there too");
        assert!(has_doctype(b"<<!doctype x>") && !has_doctype(b"<!DOCTYP"));
    }
}
