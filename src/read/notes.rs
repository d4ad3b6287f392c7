//! Notes on cells: the part `comments*.xml` that belongs to a sheet.

use std::collections::BTreeMap;

use quick_xml::events::Event;

use super::xml;
use crate::model::place::CellRef;

/// Reads the notes of a sheet by cell, furigana left out.
///
/// # Errors
/// A word on what is malformed.
pub fn parse(text: &str) -> Result<BTreeMap<CellRef, String>, String> {
    let mut reader = xml::reader(text);
    let mut notes = BTreeMap::new();
    let mut at = None;
    let mut note = String::new();
    let (mut in_text, mut phonetic) = (false, false);
    loop {
        match reader.read_event().map_err(|e| e.to_string())? {
            Event::Start(e) => match e.local_name().as_ref() {
                "comment" => {
                    at = xml::attr(&e, "ref").and_then(|r| CellRef::parse(r.trim()));
                    note.clear();
                }
                "t" => in_text = !phonetic,
                "rPh" => phonetic = true,
                _ => {}
            },
            Event::End(e) => match e.local_name().as_ref() {
                "comment" => {
                    if let Some(at) = at.take() {
                        notes.insert(at, std::mem::take(&mut note));
                    }
                }
                "t" => in_text = false,
                "rPh" => phonetic = false,
                _ => {}
            },
            Event::Eof => return Ok(notes),
            event => {
                if in_text {
                    xml::push_text(&event, &mut note);
                }
            }
        }
    }
}
