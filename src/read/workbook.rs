//! The main part of a workbook: which sheets there are, and which date system; and the table of shared strings.

use std::collections::BTreeMap;

use quick_xml::events::Event;

use super::guard::{Limits, Refusal};
use super::rich::{RunScan, Runs};
use super::xml;

/// A sheet as the main part lists it.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    pub hidden: bool,
    /// Id of the relation that leads to its part.
    pub relation: String,
}

/// What the main part says.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Book {
    pub sheets: Vec<Entry>,
    pub date1904: bool,
}

/// Reads the main part.
pub fn parse(text: &str, limits: &Limits) -> Result<Book, Refusal> {
    let mut reader = xml::reader(text);
    let mut book = Book::default();
    let (mut in_sheets, mut root) = (false, false);
    loop {
        match reader.read_event().map_err(|e| damaged(&format!("workbook part: {e}")))? {
            Event::Start(e) => match e.local_name().as_ref() {
                "workbook" => root = true,
                "sheets" => in_sheets = true,
                // An extension has an element of the same name, without the attribute.
                "workbookPr" => book.date1904 |= xml::flag(&e, "date1904"),
                "sheet" if in_sheets => {
                    let state = xml::attr(&e, "state").unwrap_or_default();
                    book.sheets.push(Entry {
                        name: xml::attr(&e, "name").unwrap_or_default(),
                        hidden: matches!(state.trim(), "hidden" | "veryHidden"),
                        relation: xml::attr(&e, "id").unwrap_or_default(),
                    });
                    Limits::check("sheets", limits.sheets, book.sheets.len() as u64)?;
                }
                _ => {}
            },
            Event::End(e) if e.local_name().as_ref() == "sheets" => in_sheets = false,
            Event::Eof if root && !book.sheets.is_empty() => return Ok(book),
            Event::Eof => return Err(damaged("workbook part without sheets")),
            _ => {}
        }
    }
}

/// The shared strings, rewritten without the counts of the header, which a reader would reserve memory for.
#[derive(Debug, Default)]
pub struct Strings {
    /// The part for the cell reader.
    pub clean: String,
    /// Runs of the strings that have any.
    pub runs: BTreeMap<u32, Runs>,
}

/// Reads the shared strings.
pub fn strings(text: &str, limits: &Limits) -> Result<Strings, Refusal> {
    let mut reader = xml::reader(text);
    let mut runs = BTreeMap::new();
    let mut scan = RunScan::default();
    let (mut from, mut count) = (None, 0u32);
    loop {
        let before = reader.buffer_position();
        match reader.read_event().map_err(|e| damaged(&format!("shared strings: {e}")))? {
            Event::Start(e) if e.local_name().as_ref() == "sst" => from = Some(reader.buffer_position()),
            Event::End(e) if e.local_name().as_ref() == "sst" => {
                let range = from.and_then(|f| Some(usize::try_from(f).ok()?..usize::try_from(before).ok()?));
                let inner = range.and_then(|r| text.get(r)).ok_or_else(|| damaged("shared strings"))?;
                return Ok(Strings { clean: format!("<sst>{inner}</sst>"), runs });
            }
            Event::End(e) if e.local_name().as_ref() == "si" => {
                if let Some(found) = scan.take() {
                    runs.insert(count, found);
                }
                count = count.saturating_add(1);
                Limits::check("cells", limits.cells, u64::from(count))?;
            }
            Event::Eof => return Err(damaged("shared strings break off")),
            event => scan.event(&event),
        }
    }
}

fn damaged(detail: &str) -> Refusal {
    Refusal::Damaged { detail: detail.to_string() }
}
