//! Other people's workbooks with marked cells: the right cells, a note at each, and not a byte besides.
//!
//! What is compared here is compared with the zip crate and the program's own reader, not with the code under test.

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};
use std::path::Path;

use torimatome::fill::{CellMark, mark, verify_marks};
use torimatome::model::grid::Workbook;
use torimatome::model::own_note;
use torimatome::model::place::CellRef;
use torimatome::read::{self, Limits};

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/fill").join(name)).expect(name)
}

fn open(bytes: &[u8]) -> Workbook {
    read::open(bytes, "x.xlsx", &Limits::default()).expect("readable").workbook
}

/// Every entry with its compressed bytes.
fn entries(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).expect("a zip");
    let count = zip.len();
    let one = |i| {
        let mut file = zip.by_index_raw(i).expect("an entry");
        let mut packed = Vec::new();
        file.read_to_end(&mut packed).expect("readable");
        (file.name().expect("a name").into_owned(), packed)
    };
    (0..count).map(one).collect()
}

fn part(bytes: &[u8], name: &str) -> String {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).expect("a zip");
    let mut out = String::new();
    zip.by_name(name).expect(name).read_to_string(&mut out).expect("text, and the right checksum");
    out
}

/// Cells all over every sheet: some are there, some are not, some lie in merges.
fn marks(book: &Workbook) -> Vec<CellMark> {
    let mut out = Vec::new();
    for sheet in &book.sheets {
        let mut cells: Vec<CellRef> = sheet.cells.keys().copied().step_by(3).take(8).collect();
        cells.extend(["B2", "F7", "H40", "A41", "C3"].iter().filter_map(|c| CellRef::parse(c)));
        cells.sort_unstable();
        cells.dedup();
        let note = |cell| own_note::wrap(&format!("「甲」 <{cell}> & が空欄です。\n直し方: 記入してください。"));
        out.extend(cells.into_iter().map(|cell| CellMark { sheet: sheet.name.clone(), cell, note: note(cell) }));
    }
    out
}

/// Marks all over a workbook: proved, read back, equal but for the marks.
fn marked(name: &str, before: &[u8]) -> Vec<u8> {
    let book = open(before);
    let marks = marks(&book);
    let out = mark(before, &marks).unwrap_or_else(|e| panic!("{name}: {e}"));
    verify_marks(before, &out.bytes, &marks).unwrap_or_else(|e| panic!("{name}: {e:?}"));
    let after = open(&out.bytes);
    assert_eq!((book.saved, book.date1904), (after.saved, after.date1904));
    for (a, b) in book.sheets.iter().zip(&after.sheets) {
        assert_eq!(a.name, b.name);
        let filled = |cells: &BTreeMap<CellRef, torimatome::model::Cell>| {
            cells.iter().filter(|(_, c)| !c.is_blank()).map(|(at, c)| (*at, c.clone())).collect::<Vec<_>>()
        };
        assert_eq!(filled(&a.cells), filled(&b.cells), "{name} {}", a.name);
        assert_eq!(a.merges, b.merges, "{name}");
        // A line feed at the end of a note is lost where ours was put below it.
        let notes = |notes: &BTreeMap<CellRef, String>| {
            notes.iter().map(|(at, n)| (*at, n.trim_end().to_string())).collect::<Vec<_>>()
        };
        let (a, b) = (&a.marks.notes, &b.marks.notes);
        assert_eq!(notes(a), notes(b), "{name}: our own notes are not read back");
    }
    let (old, new) = (entries(before), entries(&out.bytes));
    assert!(old.iter().map(|e| &e.0).eq(new.iter().take(old.len()).map(|e| &e.0)), "{name}: order of parts");
    let may = |part: &str| {
        let part = part.to_lowercase().replace('\\', "/");
        ["[content_types].xml", ".rels", "styles.xml", ".vml"].iter().any(|e| part.ends_with(e))
            || part.contains("/worksheets/")
            || part.contains("comments")
    };
    for (a, b) in old.iter().zip(&new).filter(|(a, b)| a != b) {
        assert!(may(&a.0), "{name}: {} changed from {} to {} bytes", a.0, a.1.len(), b.1.len());
    }
    assert_eq!(mark(before, &marks).expect("again").bytes, out.bytes, "{name}: the same bytes");
    if let Some(dir) = std::env::var_os("MARKED_TO") {
        std::fs::write(Path::new(&dir).join(name), &out.bytes).expect("written");
    }
    out.bytes
}

const GOOD: [&str; 10] = [
    "nasty.xlsx",
    "macros.xlsm",
    "template.xltx",
    "streamed.xlsx",
    "prefixed.xlsx",
    "pivot.xlsx",
    "strict.xlsx",
    "date1904.xlsx",
    "openpyxl.xlsx",
    "office.xlsx",
];

#[test]
fn marks_change_nothing_else() {
    for name in GOOD {
        let once = marked(name, &bytes(name));
        // A file that was marked before, and sent back as it was, may be marked again.
        marked(&format!("again-{name}"), &once);
    }
}

/// Programs that check the order of elements offer to repair a sheet where the drawing stands elsewhere.
#[test]
fn the_drawing_of_the_notes_stands_where_the_schema_has_it() {
    const ORDER: [&str; 14] = [
        "sheetData",
        "mergeCells",
        "conditionalFormatting",
        "dataValidations",
        "hyperlinks",
        "pageMargins",
        "pageSetup",
        "headerFooter",
        "drawing",
        "legacyDrawing",
        "legacyDrawingHF",
        "controls",
        "tableParts",
        "extLst",
    ];
    let mut seen = 0;
    for name in GOOD {
        let book = marked(name, &bytes(name));
        for (sheet, _) in entries(&book).into_iter().filter(|(n, _)| n.starts_with("xl/worksheets/sheet")) {
            let text = part(&book, &sheet);
            let data = text.find("sheetData").expect("cells");
            let text = text[data..].rsplit_once("/sheetData>").map_or("", |(_, tail)| tail);
            let place = |word: &str| {
                text.match_indices(word).map(|(at, _)| at).find(|at| {
                    text[at + word.len()..].starts_with([' ', '>', '/']) && text[..*at].ends_with(['<', ':'])
                })
            };
            let places: Vec<usize> = ORDER.iter().filter_map(|word| place(word)).collect();
            assert!(places.is_sorted(), "{name} {sheet}: {text}");
            seen += usize::from(place("legacyDrawing").is_some());
        }
    }
    assert!(seen >= GOOD.len(), "{seen}");
}

/// A package with one part of other text.
fn with_part(bytes: &[u8], name: &str, text: &str) -> Vec<u8> {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).expect("a zip");
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for i in 0..zip.len() {
        let file = zip.by_index_raw(i).expect("an entry");
        if file.name().expect("a name") == name {
            out.start_file(name, zip::write::SimpleFileOptions::default()).expect("begun");
            out.write_all(text.as_bytes()).expect("written");
        } else {
            out.raw_copy_file(file).expect("copied");
        }
    }
    out.finish().expect("finished").into_inner()
}

/// Strict workbooks of Excel name the drawing of the notes as one of several alternatives.
#[test]
fn a_drawing_named_within_alternatives_is_the_one() {
    const SHEET: &str = "xl/worksheets/sheet1.xml";
    let book = bytes("office.xlsx");
    let text = part(&book, SHEET);
    let plain = r#"<legacyDrawing r:id="rId3"/>"#;
    let inside = r#"<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:Choice Requires="v"><legacyDrawing r:id="rId3"/></mc:Choice></mc:AlternateContent>"#;
    assert!(text.contains(plain));
    let book = with_part(&book, SHEET, &text.replace(plain, inside));
    let out = marked("alternatives-of-the-drawing.xlsx", &book);
    let after = part(&out, SHEET);
    assert!(after.contains(inside) && after.matches("legacyDrawing ").count() == 1, "{after}");
    // Two that differ: nobody can say which one a program shows.
    let two = inside.replace("</mc:Choice>", r#"</mc:Choice><mc:Fallback><legacyDrawing r:id="rId1"/></mc:Fallback>"#);
    let book = with_part(&book, SHEET, &text.replace(plain, &two));
    assert!(mark(&book, &marks(&open(&book))).is_err());
}

/// Other people's workbooks, which are not kept here: `BOOKS=folder:folder cargo test --test marks -- --ignored --nocapture`.
/// With `MARKED_TO` the marked ones are written there, for other programs to open.
#[test]
#[ignore = "needs folders of workbooks"]
fn other_peoples_workbooks_are_marked() {
    let folders = std::env::var("BOOKS").expect("BOOKS names folders");
    let files = folders.split(':').flat_map(walkdir::WalkDir::new).filter_map(Result::ok);
    let is_book = |path: &Path| {
        let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase());
        ending.is_some_and(|e| ["xlsx", "xlsm", "xltx", "xltm"].contains(&e.as_str()))
    };
    let (mut done, mut refused, mut unread) = (0, BTreeMap::<String, usize>::new(), 0);
    let mut wrong = Vec::new();
    for (n, file) in files.filter(|f| f.file_type().is_file() && is_book(f.path())).enumerate() {
        let before = std::fs::read(file.path()).expect("bytes");
        let Ok(opened) = read::open(&before, "x.xlsx", &Limits::default()) else {
            unread += 1;
            continue;
        };
        // What is refused is refused as a whole, and says why.
        match mark(&before, &marks(&opened.workbook)) {
            Ok(out) => {
                if let Err(why) = verify_marks(&before, &out.bytes, &marks(&opened.workbook)) {
                    wrong.push(format!("{}: {why:?}", file.path().display()));
                    continue;
                }
                let ending = file.path().extension().unwrap_or_default().to_string_lossy();
                marked(&format!("{n:04}.{ending}"), &before);
                done += 1;
            }
            Err(why) => {
                println!("{}: {why}", file.path().display());
                *refused.entry(why.to_string().chars().take(24).collect()).or_default() += 1;
            }
        }
    }
    println!("{done} marked, {unread} cannot be read, refused: {refused:?}");
    assert!(done > 0 && wrong.is_empty(), "{}", wrong.join("\n"));
}
