//! Where the elements of a part stand, in bytes: main part, styles, relations, content types, notes, the end of a sheet.

use std::ops::Range;

use super::tags::{Kind, Tags};

/// An element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Element<'t> {
    /// Its name without prefix.
    pub name: &'t str,
    /// Its prefix with the colon, or nothing.
    pub prefix: &'t str,
    /// How many elements are around it.
    pub depth: usize,
    /// Its start tag, or the whole of it where it closes itself.
    pub tag: Range<usize>,
    /// Whether it closes itself.
    pub empty: bool,
    /// Where its end tag begins; behind the element where it closes itself.
    pub close: usize,
    /// Behind its end tag.
    pub end: usize,
}

/// The elements of a part in the order of their start tags.
///
/// # Errors
/// A word on what is malformed.
pub(super) fn outline(text: &str) -> Result<Vec<Element<'_>>, String> {
    elements(Tags::new(text)).map(|(all, _)| all)
}

/// Those of a part from somewhere within, up to the end tag that closes what began before, and where that begins (behind
/// the text where there is none).
///
/// # Errors
/// As [`outline`].
pub(super) fn outline_within(text: &str) -> Result<(Vec<Element<'_>>, usize), String> {
    elements(Tags::from_within(text))
}

fn elements(mut tags: Tags<'_>) -> Result<(Vec<Element<'_>>, usize), String> {
    let (mut out, mut open): (Vec<Element<'_>>, Vec<usize>) = (Vec::new(), Vec::new());
    while let Some(tag) = tags.next()? {
        let (from, to, empty) = (tag.at.start, tag.at.end, tag.kind == Kind::Empty);
        match tag.kind {
            Kind::Start | Kind::Empty => {
                let (name, prefix, depth) = (tag.local(), tag.prefix(), open.len());
                if !empty {
                    open.push(out.len());
                }
                out.push(Element { name, prefix, depth, tag: from..to, empty, close: to, end: to });
            }
            Kind::End => match open.pop().and_then(|i| out.get_mut(i)) {
                Some(element) => (element.close, element.end) = (from, to),
                None => return Ok((out, from)),
            },
            Kind::Other => {}
        }
    }
    Ok((out, tags.place()))
}

/// The elements right inside another.
pub(super) fn children<'e>(all: &'e [Element<'e>], parent: &'e Element<'e>) -> impl Iterator<Item = &'e Element<'e>> {
    all.iter().filter(|e| e.depth == parent.depth + 1 && e.tag.start >= parent.tag.end && e.end <= parent.close)
}
