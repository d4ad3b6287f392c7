//! Where the elements of a small part stand, in bytes: styles, relations, content types, notes, the end of a sheet.

use std::ops::Range;

use quick_xml::events::Event;
use quick_xml::reader::Reader;

/// An element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Element {
    /// Its name without prefix.
    pub name: String,
    /// Its prefix with the colon, or nothing.
    pub prefix: String,
    /// How many elements are around it.
    pub depth: u32,
    /// Its start tag, or the whole of it where it closes itself.
    pub tag: Range<usize>,
    /// Whether it closes itself.
    pub empty: bool,
    /// Where its end tag begins; behind the element where it closes itself.
    pub close: usize,
    /// Behind its end tag.
    pub end: usize,
}

/// The elements of a text in the order of their start tags, and where the end tag begins that closes what began before the
/// text (its end where there is none).
///
/// # Errors
/// A word on what is malformed.
pub(super) fn outline(text: &str) -> Result<(Vec<Element>, usize), String> {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    let (mut out, mut open): (Vec<Element>, Vec<usize>) = (Vec::new(), Vec::new());
    let place = |n: u64| usize::try_from(n).map_err(|e| e.to_string());
    loop {
        let from = place(reader.buffer_position())?;
        let event = reader.read_event().map_err(|e| e.to_string())?;
        let to = place(reader.buffer_position())?;
        let empty = matches!(event, Event::Empty(_));
        match event {
            Event::Start(e) | Event::Empty(e) => {
                let prefix = e.name().prefix().map(|p| format!("{}:", p.as_ref())).unwrap_or_default();
                let depth = u32::try_from(open.len()).map_err(|e| e.to_string())?;
                let name = e.local_name().as_ref().to_string();
                if !empty {
                    open.push(out.len());
                }
                out.push(Element { name, prefix, depth, tag: from..to, empty, close: to, end: to });
            }
            Event::End(_) => match open.pop().and_then(|i| out.get_mut(i)) {
                Some(element) => (element.close, element.end) = (from, to),
                None => return Ok((out, from)),
            },
            Event::DocType(_) => return Err("DOCTYPE".into()),
            Event::Eof if open.is_empty() => return Ok((out, text.len())),
            Event::Eof => return Err("breaks off".into()),
            _ => {}
        }
    }
}

/// The elements right inside another.
pub(super) fn children<'e>(all: &'e [Element], parent: &'e Element) -> impl Iterator<Item = &'e Element> {
    all.iter().filter(|e| e.depth == parent.depth + 1 && e.tag.start >= parent.tag.end && e.end <= parent.close)
}
