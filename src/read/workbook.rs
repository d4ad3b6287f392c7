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
    /// Strings longer than a cell can hold, with how they begin. They are empty in the part: the cell reader copies a
    /// string into every cell that uses it.
    pub long: BTreeMap<u32, String>,
}

/// Reads the shared strings.
pub fn strings(text: &str, limits: &Limits) -> Result<Strings, Refusal> {
    let mut reader = xml::reader(text);
    let mut runs = BTreeMap::new();
    let mut scan = RunScan::default();
    let (mut from, mut count) = (None, 0u32);
    let mut long = BTreeMap::new();
    let (mut clean, mut item) = (String::from("<sst>"), 0u64);
    loop {
        let before = reader.buffer_position();
        match reader.read_event().map_err(|e| damaged(&format!("shared strings: {e}")))? {
            Event::Start(e) if e.local_name().as_ref() == "sst" => from = Some(reader.buffer_position()),
            Event::Start(e) if e.local_name().as_ref() == "si" => item = before,
            Event::End(e) if e.local_name().as_ref() == "sst" => {
                clean.push_str(between(text, from, before).ok_or_else(|| damaged("shared strings"))?);
                clean.push_str("</sst>");
                return Ok(Strings { clean, runs, long });
            }
            Event::End(e) if e.local_name().as_ref() == "si" => {
                if let Some(found) = scan.take() {
                    runs.insert(count, found);
                }
                let raw = between(text, Some(item), before).unwrap_or_default();
                // No text is longer than the bytes it is written in.
                if raw.len() as u64 > limits.text {
                    let whole = characters(raw);
                    if whole.encode_utf16().count() as u64 > limits.text {
                        long.insert(count, whole.chars().take(60).collect());
                        clean.push_str(between(text, from, item).ok_or_else(|| damaged("shared strings"))?);
                        clean.push_str("<si><t></t></si>");
                        from = Some(reader.buffer_position());
                    }
                }
                count = count.saturating_add(1);
                Limits::check("cells", limits.cells, u64::from(count))?;
            }
            Event::Eof => return Err(damaged("shared strings break off")),
            event => scan.event(&event),
        }
    }
}

/// The text between two positions of the reader.
fn between(text: &str, from: Option<u64>, to: u64) -> Option<&str> {
    text.get(usize::try_from(from?).ok()?..usize::try_from(to).ok()?)
}

/// The characters of a string item, furigana left out.
fn characters(item: &str) -> String {
    let mut reader = xml::reader(item);
    let mut out = String::new();
    let (mut in_text, mut phonetic) = (false, false);
    while let Ok(event) = reader.read_event() {
        match &event {
            Event::Start(e) if e.local_name().as_ref() == "rPh" => phonetic = true,
            Event::End(e) if e.local_name().as_ref() == "rPh" => phonetic = false,
            Event::Start(e) if e.local_name().as_ref() == "t" => in_text = !phonetic,
            Event::End(e) if e.local_name().as_ref() == "t" => in_text = false,
            Event::Eof => break,
            event if in_text => {
                xml::push_text(event, &mut out);
            }
            _ => {}
        }
    }
    out
}

fn damaged(detail: &str) -> Refusal {
    Refusal::Damaged { detail: detail.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_too_long_for_a_cell_is_emptied_and_told() {
        let long = "字".repeat(32_768);
        let part = format!(
            "<sst uniqueCount='9'><si><t>甲</t></si> <si><t>{long}</t><rPh><t>か</t></rPh></si><si><r><t>乙</t></r></si></sst>"
        );
        let strings = strings(&part, &Limits::default()).unwrap();
        assert_eq!(strings.clean, "<sst><si><t>甲</t></si> <si><t></t></si><si><r><t>乙</t></r></si></sst>");
        assert_eq!(strings.long, BTreeMap::from([(1, "字".repeat(60))]));
        let fits = format!("<sst><si><t>{}</t></si></sst>", "字".repeat(32_767));
        assert_eq!(super::strings(&fits, &Limits::default()).unwrap().clean, fits);
    }
}
