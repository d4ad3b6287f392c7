//! Tells what a file is by its bytes: a division renames, prints to PDF, or saves a web page as `.xls`.
//!
//! What is not a spreadsheet is refused with a word that the sender understands.

use super::guard::{Limits, Refusal};
use super::{compound, encoding};

/// How a file is to be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Container {
    /// A zip package: .xlsx and its kin, .xlsb, .ods, or something else in a zip.
    Package,
    /// A compound file with a workbook stream: .xls.
    Xls,
    /// An OpenDocument spreadsheet in one XML file: .fods.
    Flat,
    /// A compound file around an encrypted package.
    Encrypted,
    /// Text with commas or tabs, decoded.
    Text(String),
}

/// Signatures of what is no spreadsheet, with the offset at which they stand.
const OTHERS: &[(usize, &[u8], &str)] = &[
    (0, b"{\\rtf", "リッチテキスト文書"),
    (0, b"\x60\x0e\x82", "DocuWorks文書"),
    (0, b"\x89PNG", "画像"),
    (0, b"\xff\xd8\xff", "画像"),
    (0, b"GIF8", "画像"),
    (0, b"II*\0", "画像"),
    (0, b"MM\0*", "画像"),
    (0, b"\0\x01\0\0Standard", "Accessのデータベース"),
    (8, b"WEBP", "画像"),
    (4, b"ftyp", "画像または動画"),
    (0, b"MZ", "プログラム"),
    (0, b"Received:", "メール"),
    (0, b"MIME-Version:", "メールまたは保存されたWebページ（MHTML）"),
    (0, b"From:", "メール"),
    (0, b"Return-Path:", "メール"),
    (0, b"JwwData.", "JW_CADの図面"),
];

/// Signatures of what holds files and is not opened, with the offset at which they stand.
const CLOSED: &[(usize, &[u8], &str)] = &[
    (0, b"\x78\x9f\x3e\x22", "winmail.dat（Outlookのメールの添付をまとめたもの）"),
    (0, b"7z\xbc\xaf", "圧縮ファイル（7z）"),
    (0, b"Rar!", "圧縮ファイル（RAR）"),
    (0, b"BZh", "圧縮ファイル（bz2）"),
    (0, b"\xfd7zXZ", "圧縮ファイル（xz）"),
    (0, b"MSCF", "圧縮ファイル（CAB）"),
    (0, b"\x1f\x8b", "圧縮ファイル（gz）"),
    (2, b"-lh", "圧縮ファイル（LZH）"),
    (257, b"ustar", "まとめたファイル（tar）"),
    (0, b"!BDN", "Outlookのデータファイル（.pst）"),
    (0, b"From - ", "メールをまとめたファイル（mbox）"),
];

/// Signatures of ways to a file elsewhere.
const LINKS: &[(&[u8], &str)] = &[
    (b"\x4c\0\0\0\x01\x14\x02\0", "ショートカット（.lnk）"),
    (b"[InternetShortcut]", "インターネットのショートカット（.url）"),
    (b"[{000214A0-0000-0000-C000-000000000046}]", "インターネットのショートカット（.url）"),
    (b"\xef\xbb\xbf[InternetShortcut]", "インターネットのショートカット（.url）"),
];

/// Signatures of spreadsheets and tables of kinds that are not read.
const UNREAD: &[(&[u8], &str)] = &[
    (b"\0\0\x02\0\x04\x04\x06\0", "Lotus 1-2-3のブック"),
    (b"\0\0\x02\0\x06\x04\x06\0", "Lotus 1-2-3のブック"),
    (b"\0\0\x1a\0", "Lotus 1-2-3のブック"),
    (b"\0\0\x02\0\x20\x51", "Quattro Proのブック"),
    (b"\0\0\x02\0\x21\x51", "Quattro Proのブック"),
    (b"\0\0\x02\0\x01\x10", "Quattro Proのブック"),
    (b"\xff\0\x02\0\x04\x04", "Microsoft Worksのブック"),
    (b"ID;P", "SYLK形式の表（.slk）"),
    (b"TABLE\r\n0,1", "DIF形式の表（.dif）"),
    (b"TABLE\n0,1", "DIF形式の表（.dif）"),
];

/// Names in compound files that are encrypted by rights management: of packages, and of older documents.
const RESTRICTED: [&str; 5] =
    ["DRMEncryptedDataSpace", "DRMEncryptedTransform", "DRMTransform", "\u{9}DRMDataSpace", "\u{9}DRMContent"];

/// Stream names of compound files that are no workbook.
const STREAMS: &[(&str, &str)] = &[
    ("WordDocument", "Word文書"),
    ("PowerPoint Document", "PowerPoint資料"),
    ("__properties_version1.0", "Outlookのメール"),
    ("JSRV_SegmentInformation", "一太郎文書"),
];

/// Whether the bytes are a picture.
#[must_use]
pub fn is_picture(bytes: &[u8]) -> bool {
    let of = |(at, signature, looks_like): &(usize, &[u8], &str)| {
        *looks_like == "画像" && bytes.get(*at..).is_some_and(|b| b.starts_with(signature))
    };
    bytes.starts_with(b"BM") || OTHERS.iter().any(of)
}

/// Tells what the bytes are.
///
/// # Errors
/// A [`Refusal`] for everything that is no spreadsheet or passes the limit of a file.
pub fn sniff(bytes: &[u8], name: &str, limits: &Limits) -> Result<Container, Refusal> {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let lock_name = name.starts_with("~$") || name.starts_with(".~lock.");
    if lock_name && bytes.len() < 1024 {
        return Err(Refusal::OwnerFile { who: owner(bytes) });
    }
    if bytes.is_empty() {
        return Err(Refusal::Empty);
    }
    Limits::check("file", limits.file, bytes.len() as u64)?;
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return Ok(Container::Package);
    }
    if bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return compound_file(bytes);
    }
    if bytes.get(..1024.min(bytes.len())).unwrap_or_default().windows(5).any(|w| w == b"%PDF-") {
        return Err(not("PDF"));
    }
    if let Some((_, looks_like)) = LINKS.iter().find(|(signature, _)| bytes.starts_with(signature)) {
        return Err(Refusal::Link { looks_like });
    }
    if bytes.starts_with(b".pfile") {
        return Err(Refusal::Restricted);
    }
    for (at, signature, looks_like) in CLOSED {
        if bytes.get(*at..).is_some_and(|b| b.starts_with(signature)) {
            return Err(Refusal::Closed { looks_like });
        }
    }
    for (at, signature, looks_like) in OTHERS {
        if bytes.get(*at..).is_some_and(|b| b.starts_with(signature)) {
            return Err(not(looks_like));
        }
    }
    // A workbook of Excel 5 to 2003 without its container, as some programs write it.
    if matches!(bytes.get(..6), Some([0x09, 0x08, 8..=16, 0x00, 0x00, 0x05 | 0x06])) {
        return Ok(Container::Xls);
    }
    if matches!(bytes.get(..4), Some([0x09, 0x00 | 0x02 | 0x04 | 0x08, 0x04 | 0x06 | 0x08, 0x00])) {
        return Err(Refusal::Unsupported { looks_like: "Excel 5.0より前の形式のブック" });
    }
    if let Some((_, looks_like)) = UNREAD.iter().find(|(signature, _)| bytes.starts_with(signature)) {
        return Err(Refusal::Unsupported { looks_like });
    }
    if is_dbase(bytes) {
        return Err(Refusal::Unsupported { looks_like: "dBaseの表（.dbf）" });
    }
    if bytes.iter().all(|b| *b == 0) {
        return Err(Refusal::Damaged { detail: "only zero bytes".into() });
    }
    if is_late_package(bytes, name) {
        return Ok(Container::Package);
    }
    text(bytes, name)
}

/// A package behind a few bytes that do not belong to it (a line end, the header of a download): whoever looks for its end
/// finds it all the same.
fn is_late_package(bytes: &[u8], name: &str) -> bool {
    const ENDS: [&str; 5] = [".xlsx", ".xlsm", ".xlsb", ".ods", ".xltx"];
    let head = bytes.get(..4096.min(bytes.len())).unwrap_or_default();
    let tail = bytes.get(bytes.len().saturating_sub(1024)..).unwrap_or_default();
    let name = name.to_lowercase();
    ENDS.iter().any(|e| name.ends_with(e))
        && head.windows(4).any(|w| w == b"PK\x03\x04")
        && tail.windows(4).any(|w| w == b"PK\x05\x06")
}

/// A dBase table: its version, a day, and a header of whole field descriptions that ends with a carriage return.
fn is_dbase(bytes: &[u8]) -> bool {
    let &[0x03 | 0x30 | 0x83 | 0x8b | 0xf5, _, 1..=12, 1..=31, ..] = bytes else { return false };
    let length = bytes.get(8..).and_then(|b| b.first_chunk()).map_or(0, |l| usize::from(u16::from_le_bytes(*l)));
    length > 32 && bytes.get(32..length).is_some_and(|fields| fields.contains(&0x0d))
}

/// Who has a workbook open, by its owner file: of Excel a length and the name twice (in the code page, then in UTF-16), of
/// LibreOffice a line with commas.
fn owner(bytes: &[u8]) -> String {
    let name = if let Some(wide) = bytes.get(55..) {
        let length = wide.first_chunk().map_or(0, |n| usize::from(u16::from_le_bytes(*n)));
        let units = wide.get(2..).unwrap_or_default().as_chunks::<2>().0.iter().take(length.min(52));
        String::from_utf16_lossy(&units.map(|p| u16::from_le_bytes(*p)).collect::<Vec<_>>())
    } else {
        String::new()
    };
    let name = match std::str::from_utf8(bytes) {
        Ok(line) if line.matches(',').count() >= 3 => {
            let mut parts = line.split(',').map(str::trim);
            parts.find(|p| !p.is_empty()).unwrap_or_default().to_string()
        }
        _ => name,
    };
    name.chars().filter(|c| !c.is_control() && *c != '\u{fffd}').collect::<String>().trim().to_string()
}

/// A compound file (OLE): the names in its directory say what it is. Entries stand at multiples of 128 bytes.
fn compound_file(bytes: &[u8]) -> Result<Container, Refusal> {
    // What is encrypted for certain people has a stand-in where others have their content.
    if RESTRICTED.iter().any(|stream| has_stream(bytes, stream)) {
        return Err(Refusal::Restricted);
    }
    if has_stream(bytes, "EncryptedPackage") {
        return Ok(Container::Encrypted);
    }
    if has_stream(bytes, "Workbook") || has_stream(bytes, "Book") {
        return Ok(Container::Xls);
    }
    let other = STREAMS.iter().find(|(stream, _)| has_stream(bytes, stream));
    Err(other.map_or(Refusal::Damaged { detail: "compound file without a workbook".into() }, |(_, l)| not(l)))
}

/// Whether a directory entry of that name stands in the file.
fn has_stream(bytes: &[u8], name: &str) -> bool {
    bytes.as_chunks::<128>().0.iter().any(|entry| compound::is_named(entry, name))
}

/// Whether a compound file has a macro project.
pub(super) fn has_macros(bytes: &[u8]) -> bool {
    has_stream(bytes, "_VBA_PROJECT_CUR") || has_stream(bytes, "_VBA_PROJECT")
}

fn text(bytes: &[u8], name: &str) -> Result<Container, Refusal> {
    let named = |ends: &[&str]| ends.iter().any(|e| name.to_lowercase().ends_with(e));
    let Some((text, sound)) = encoding::decode(bytes) else {
        return Err(not("種類のわからないファイル"));
    };
    let head: String = text.trim_start().chars().take(2_000).collect::<String>().to_ascii_lowercase();
    if head.starts_with('<') && head.contains("office:document") && head.contains("oasis:names:tc:opendocument") {
        // The declarations of the name spaces alone may be longer than the head.
        let root: String = text.chars().take(20_000).collect();
        return match root.split("opendocument.").nth(1).map(|kind| kind.starts_with("spreadsheet")) {
            Some(true) => Ok(Container::Flat),
            _ => Err(not("OpenDocumentの文書")),
        };
    }
    if head.starts_with("<?xml") && head.contains("urn:schemas-microsoft-com:office:spreadsheet") {
        return Err(Refusal::Unsupported { looks_like: "XMLスプレッドシート2003" });
    }
    if ["<!doctype html", "<html", "<table", "<head", "<meta", "<body"].iter().any(|t| head.starts_with(t))
        || head.starts_with('<') && head.contains("<html")
    {
        return Err(not("HTML（Webページ）"));
    }
    // A list of links begins with an element too.
    let known = named(&[".csv", ".tsv"]);
    if head.starts_with('<') && (!known || head.starts_with("<?xml")) {
        return Err(not("XML"));
    }
    if head.starts_with('{') && (head.contains("docs.google.com") || head.contains("\"doc_id\"")) {
        return Err(Refusal::Link { looks_like: "Google スプレッドシートへのショートカット" });
    }
    if is_mail(&head) {
        return Err(not("メール"));
    }
    if !sound && !named(&[".csv", ".tsv", ".txt"]) {
        return Err(not("種類のわからないファイル"));
    }
    // A spreadsheet program that saves text under its own extension separates by tabs or commas in the first line.
    let first = text.lines().next().unwrap_or_default();
    if known || first.contains('\t') || first.contains(',') {
        Ok(Container::Text(text))
    } else {
        Err(not("テキスト"))
    }
}

/// Whether a text (in lower case) begins with the headers of a mail, whatever comes first.
fn is_mail(head: &str) -> bool {
    let headers = head.lines().take_while(|l| !l.trim().is_empty());
    let known = ["from:", "to:", "subject:", "date:", "message-id:", "mime-version:", "received:", "delivered-to:"];
    let is_header =
        |l: &str| l.split_once(':').is_some_and(|(n, _)| n.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'));
    head.lines().next().is_some_and(is_header)
        && headers.filter(|l| known.iter().any(|k| l.starts_with(k))).count() >= 2
}

fn not(looks_like: &'static str) -> Refusal {
    Refusal::NotASpreadsheet { looks_like }
}
