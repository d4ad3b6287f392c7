//! Notes on cells: the part `comments*.xml` that belongs to a sheet, and the threads of newer programs.

use std::collections::BTreeMap;

use quick_xml::events::Event;

use super::xml;
use crate::model::place::CellRef;

/// Reads the notes or the threads of a sheet by cell, furigana left out; what follows in a thread stands on a line of its own.
///
/// # Errors
/// A word on what is malformed.
pub fn parse(text: &str) -> Result<BTreeMap<CellRef, String>, String> {
    let mut reader = xml::reader(text);
    let mut notes = BTreeMap::new();
    let mut at = None;
    let mut note = String::new();
    let (mut in_text, mut phonetic, mut threads) = (false, false, false);
    loop {
        match reader.read_event().map_err(|e| e.to_string())? {
            Event::Start(e) => match e.local_name().as_ref() {
                "comment" | "threadedComment" => {
                    at = xml::attr(&e, "ref").and_then(|r| CellRef::parse(r.trim()));
                    note.clear();
                }
                "t" => in_text = !phonetic,
                "text" => in_text |= threads,
                "ThreadedComments" => threads = true,
                "rPh" => phonetic = true,
                _ => {}
            },
            Event::End(e) => match e.local_name().as_ref() {
                "comment" | "threadedComment" => {
                    if let Some(at) = at.take() {
                        let whole: &mut String = notes.entry(at).or_default();
                        if !whole.is_empty() {
                            whole.push('\n');
                        }
                        whole.push_str(&note);
                    }
                }
                "t" | "text" => in_text = false,
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
