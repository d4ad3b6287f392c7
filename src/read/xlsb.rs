//! Opens an .xlsb: one pass of our own over its records, and a clean copy of the cells for calamine's cell reader.
//!
//! calamine trusts the counts and lengths of the records, writes every formula out as text (for some that takes minutes or
//! gigabytes), and passes over cells with rich text, cells in the short form and errors of formulas without a word. The copy
//! holds plain cells only, each with a value that fits its type. The pass also tells what calamine does not: formats, fonts,
//! merges, hidden rows and columns, notes.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Cursor;

use calamine::{DataRef, Reader, Xlsb};

use super::guard::{Budget, Limits, Opened, Problem, ProblemKind, Refusal};
use super::on_sheet;
use super::package::{Package, Relation};
use super::rich;
use super::stored_zip::StoredZip;
use super::xlsb_parts::{Book, Strings, put};
use super::xlsb_sheet::Sheet;
use crate::model::grid::{Cell, Content, Workbook};

const BOOK: &str = "xl/workbook.bin";
/// Reads the workbook.
///
/// # Errors
/// A [`Refusal`] when nothing of it can be read or a limit is passed.
pub fn open(package: &mut Package<'_>, limits: &Limits) -> Result<Opened, Refusal> {
    let (book, strings, sheets, mut problems) = pass(package, limits)?;
    let bytes = rebuild(&strings, &sheets)?;
    let mut reader = Xlsb::new(Cursor::new(bytes)).map_err(|e| damaged(&format!("cell reader: {e}")))?;
    let mut out = Vec::new();
    for (i, mut sheet) in sheets.into_iter().enumerate() {
        sheet.clean = Vec::new();
        let metas = std::mem::take(&mut sheet.cells);
        if !metas.is_empty() {
            let name = i.to_string();
            let mut values = reader.worksheet_cells_reader(&name).map_err(|e| damaged(&format!("cell reader: {e}")))?;
            for (at, formula, format) in metas {
                let content = match values.next_cell() {
                    Ok(Some(cell)) if cell.get_position() == (at.row, at.col) => content(cell.get_value()),
                    _ => return Err(damaged("cell reader lost its place")),
                };
                if let Content::Number(n) = &content
                    && !n.is_finite()
                {
                    sheet.grid.bad_cells.push((at, n.to_string()));
                    sheet.problem(Some(at), ProblemKind::BadCell, &n.to_string());
                    continue;
                }
                let format = format.and_then(|i| book.styles.get(i)).and_then(|s| s.format.clone());
                sheet.grid.cells.insert(at, Cell { content, format, formula });
            }
        }
        rich::show_all(&mut sheet.grid, std::mem::take(&mut sheet.faces));
        problems.extend(sheet.problems);
        out.push(sheet.grid);
    }
    Ok(Opened { workbook: Workbook { sheets: out, date1904: book.date1904, ..Workbook::default() }, problems })
}

/// The pass alone: what it refuses, [`open`] refuses.
pub fn look(package: &mut Package<'_>, limits: &Limits) -> Result<(), Refusal> {
    let (_, strings, sheets, _) = pass(package, limits)?;
    rebuild(&strings, &sheets).map(drop)
}

type Passed = (Book, Strings, Vec<Sheet>, Vec<Problem>);

fn pass(package: &mut Package<'_>, limits: &Limits) -> Result<Passed, Refusal> {
    let Some(bytes) = package.bytes(BOOK)? else { return Err(damaged("workbook part missing")) };
    let mut book = Book::read(&bytes, limits)?;
    let relations = package.relations(BOOK);
    let mut problems = Vec::new();
    let mut budget = Budget::new(limits);
    match part(package, &relations, "/styles", "xl/styles.bin") {
        Ok(bytes) => book.read_styles(&bytes.unwrap_or_default()),
        Err(Refusal::Damaged { detail }) => {
            problems.push(Problem { sheet: String::new(), cell: None, detail, kind: ProblemKind::StylesDamaged });
        }
        Err(refusal) => return Err(refusal),
    }
    let table = part(package, &relations, "/sharedStrings", "xl/sharedStrings.bin")?;
    let lost = table.is_none() && relations.iter().any(|r| r.kind.ends_with("/sharedStrings"));
    let strings = Strings::read(&table.unwrap_or_default(), &book.fonts, limits)?;
    let mut sheets = Vec::new();
    let (mut names, mut parts) = (BTreeSet::new(), BTreeSet::new());
    for (name, hidden, id) in std::mem::take(&mut book.listed) {
        let relation = relations.iter().find(|r| r.id == id && !r.external);
        let kind = relation.and_then(|r| r.kind.rsplit('/').next()).unwrap_or_default();
        let mut sheet = Sheet::new(&name, hidden);
        if matches!(kind, "chartsheet" | "dialogsheet" | "xlMacrosheet" | "xlIntlMacrosheet") {
            problems.push(Problem { sheet: name, cell: None, detail: kind.into(), kind: ProblemKind::SheetSkipped });
            continue;
        }
        if !names.insert(name.to_lowercase()) {
            sheet.problem(None, ProblemKind::DuplicateSheet, "sheet name");
        }
        let target = relation.map(|r| r.target.as_str()).unwrap_or_default();
        if !target.is_empty() && !parts.insert(target.to_lowercase()) {
            sheet.problem(None, ProblemKind::DuplicateSheet, "sheet part");
        }
        match package.bytes(target) {
            Ok(Some(bytes)) => {
                sheet.read(&bytes, &book, &strings, &mut budget)?;
                sheet.notes(package, target, &mut budget)?;
                sheet.grid.floats = on_sheet::read(package, target, "", &mut budget)?;
            }
            Ok(None) => sheet.problem(None, ProblemKind::SheetMissing, "part missing"),
            Err(Refusal::Damaged { detail }) => sheet.problem(None, ProblemKind::SheetMissing, &detail),
            Err(refusal) => return Err(refusal),
        }
        sheets.push(sheet);
    }
    if lost && sheets.iter().any(|s| s.shared) {
        return Err(damaged("shared strings missing"));
    }
    Ok((book, strings, sheets, problems))
}

/// A part by its relation type, or by its usual name.
fn part(
    package: &mut Package<'_>,
    relations: &[Relation],
    kind: &str,
    usual: &str,
) -> Result<Option<Vec<u8>>, Refusal> {
    let related = relations.iter().find(|r| r.kind.ends_with(kind) && package.has(&r.target));
    let name = related.map_or(usual, |r| r.target.as_str()).to_string();
    package.bytes(&name)
}

/// The package that the cell reader gets. Styles are left out: formats come from our own pass, so a date stays the serial
/// that is stored.
fn rebuild(strings: &Strings, sheets: &[Sheet]) -> Result<Vec<u8>, Refusal> {
    let mut zip = StoredZip::new();
    let name = |i: usize, before: &str| {
        let units: Vec<u8> = format!("{before}{i}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        let count = u32::try_from(units.len() / 2).unwrap_or(0).to_le_bytes();
        [&count[..], &units].concat()
    };
    let (mut book, mut relations) = (Vec::new(), String::new());
    put(&mut book, 0x8f, &[]);
    for (i, sheet) in sheets.iter().enumerate() {
        put(&mut book, 0x9c, &[&[0; 4], &[1, 0, 0, 0], &name(i, "r"), &name(i, "")]);
        // Writing to a string does not fail.
        let _ = write!(relations, r#"<Relationship Id="r{i}" Target="worksheets/{i}.bin"/>"#);
        let mut part = Vec::new();
        put(&mut part, 0x81, &[]);
        put(&mut part, 0x94, &[&[0; 16]]);
        put(&mut part, 0x91, &[]);
        part.extend_from_slice(&sheet.clean);
        put(&mut part, 0x92, &[]);
        put(&mut part, 0x82, &[]);
        zip.add_bytes(&format!("xl/worksheets/{i}.bin"), &part)?;
    }
    put(&mut book, 0x90, &[]);
    put(&mut book, 0x84, &[]);
    zip.add_bytes(BOOK, &book)?;
    zip.add("xl/_rels/workbook.bin.rels", &format!("<Relationships>{relations}</Relationships>"))?;
    zip.add_bytes("xl/sharedStrings.bin", &strings.part())?;
    zip.finish()
}

fn content(value: &DataRef<'_>) -> Content {
    match value {
        DataRef::Empty => Content::Empty,
        DataRef::Float(n) => Content::Number(*n),
        #[allow(clippy::cast_precision_loss, reason = "a cell holds a double; calamine narrows whole ones")]
        DataRef::Int(n) => Content::Number(*n as f64),
        // ISO dates come from no .xlsb.
        DataRef::String(s) | DataRef::DateTimeIso(s) | DataRef::DurationIso(s) => Content::Text(s.clone()),
        DataRef::SharedString(s) => Content::Text((*s).to_string()),
        DataRef::Bool(b) => Content::Bool(*b),
        DataRef::Error(e) => Content::Error(e.to_string()),
        // Without styles none is a date to the reader.
        DataRef::DateTime(d) => Content::DateTime(d.as_f64()),
    }
}

fn damaged(detail: &str) -> Refusal {
    Refusal::Damaged { detail: detail.to_string() }
}
