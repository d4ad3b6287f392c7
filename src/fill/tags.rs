//! Where the tags of a part stand, in bytes. A reader of XML tells what a part says; to cut and paste in it, one must know
//! where it says so, and that every byte lies in exactly one piece.
//!
//! Well-formed is what closes what it opens, quotes what it says of itself, and ends the references it begins; a document
//! type is refused, as everywhere. What a piece means is not decided here.

use std::ops::Range;

use memchr::{memchr, memchr3, memmem};

/// A piece of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tag<'t> {
    pub kind: Kind,
    /// Where it stands, brackets included.
    pub at: Range<usize>,
    /// The name of an element with its prefix; nothing for other pieces.
    pub name: &'t str,
}

/// What a piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Start,
    /// An element that closes itself.
    Empty,
    End,
    /// Anything else: text, a comment, an instruction, text that is marked as such.
    Other,
}

impl<'t> Tag<'t> {
    /// The name without its prefix.
    pub fn local(&self) -> &'t str {
        self.split().1
    }

    /// The prefix with its colon, or nothing.
    pub fn prefix(&self) -> &'t str {
        self.split().0
    }

    fn split(&self) -> (&'t str, &'t str) {
        self.name.split_at(self.name.find(':').map_or(0, |colon| colon + 1))
    }
}

/// The pieces of a text, one after the other.
pub(super) struct Tags<'t> {
    text: &'t str,
    at: usize,
    open: Vec<&'t str>,
    /// Whether elements may end that began before the text.
    piece: bool,
}

impl<'t> Tags<'t> {
    /// The pieces of a whole part.
    pub fn new(text: &'t str) -> Self {
        Self { text, at: 0, open: Vec::new(), piece: false }
    }

    /// Those of a part from somewhere within: elements may end that began before.
    pub fn from_within(text: &'t str) -> Self {
        Self { piece: true, ..Self::new(text) }
    }

    /// How many elements are open.
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// Behind the last piece.
    pub fn place(&self) -> usize {
        self.at
    }

    /// The next piece; `None` behind the last one.
    ///
    /// # Errors
    /// A word on what is malformed.
    pub fn next(&mut self) -> Result<Option<Tag<'t>>, String> {
        let rest = self.text.get(self.at..).unwrap_or_default().as_bytes();
        let other = |length: usize| Ok((Kind::Other, length));
        let until = |begin: usize, end: &[u8]| {
            let found = rest.get(begin..).and_then(|rest| memmem::find(rest, end));
            found.map(|at| begin + at + end.len()).ok_or("breaks off")
        };
        let (kind, length) = match rest {
            [] if self.open.is_empty() => return Ok(None),
            [] => return Err("breaks off".into()),
            [b'<', b'/', ..] => Ok((Kind::End, until(2, b">")?)),
            [b'<', b'?', name, ..] if !matches!(name, b'?' | b'>') => other(until(3, b"?>")?),
            [b'<', b'!', b'-', b'-', ..] => other(until(4, b"-->")?),
            [b'<', b'!', b'[', b'C', b'D', b'A', b'T', b'A', b'[', ..] => other(until(9, b"]]>")?),
            [b'<', b'!', ..] => Err("DOCTYPE"),
            [b'<', ..] => start(rest),
            _ => other(words(rest)?),
        }?;
        let at = self.at..self.at + length;
        self.at = at.end;
        let name = match kind {
            Kind::Start => name(self.text.get(at.start + 1..at.end - 1)),
            Kind::Empty => name(self.text.get(at.start + 1..at.end - 2)),
            Kind::End => self.text.get(at.start + 2..at.end - 1).unwrap_or_default().trim_ascii_end(),
            Kind::Other => return Ok(Some(Tag { kind, at, name: "" })),
        };
        match kind {
            _ if !is_name(name) => return Err("an element without a name".into()),
            Kind::Start => self.open.push(name),
            Kind::End => match self.open.pop() {
                Some(open) if open != name => return Err(format!("{name} ends where {open} is open")),
                None if !self.piece => return Err(format!("{name} ends and never began")),
                _ => {}
            },
            _ => {}
        }
        Ok(Some(Tag { kind, at, name }))
    }
}

/// A start tag: whether it closes itself, and its length. Brackets in quotes end nothing.
fn start(rest: &[u8]) -> Result<(Kind, usize), &'static str> {
    let mut at = 1;
    loop {
        let ahead = rest.get(at..).unwrap_or_default();
        let met = at + memchr3(b'>', b'"', b'\'', ahead).ok_or("breaks off")?;
        if memchr(b'<', rest.get(at..met).unwrap_or_default()).is_some() {
            return Err("a tag within a tag");
        }
        match rest.get(met) {
            Some(b'>') if rest.get(met - 1) == Some(&b'/') => return Ok((Kind::Empty, met + 1)),
            Some(b'>') => return Ok((Kind::Start, met + 1)),
            quote => {
                let within = rest.get(met + 1..).unwrap_or_default();
                let close = quote.and_then(|q| memchr(*q, within)).ok_or("breaks off")?;
                at = met + close + 2;
            }
        }
    }
}

/// The length of a text before the next tag.
fn words(rest: &[u8]) -> Result<usize, &'static str> {
    let text = rest.get(..memchr(b'<', rest).unwrap_or(rest.len())).unwrap_or_default();
    let mut at = 0;
    while let Some(ampersand) = text.get(at..).and_then(|t| memchr(b'&', t)) {
        let name = text.get(at + ampersand + 1..).unwrap_or_default();
        let length = name.iter().position(|b| !b.is_ascii_alphanumeric() && *b != b'#').unwrap_or(name.len());
        if length == 0 || name.get(length) != Some(&b';') {
            return Err("a reference that does not end");
        }
        at += ampersand + length + 2;
    }
    Ok(text.len())
}

/// The first word between the brackets.
fn name(tag: Option<&str>) -> &str {
    let tag = tag.unwrap_or_default();
    tag.get(..tag.bytes().position(|b| b.is_ascii_whitespace()).unwrap_or(tag.len())).unwrap_or_default()
}

/// Enough of what XML asks of a name that no two readers cut it differently.
fn is_name(name: &str) -> bool {
    let begins = |b: &u8| b.is_ascii_alphabetic() || *b == b'_' || !b.is_ascii();
    let strange = |b: u8| b.is_ascii_whitespace() || matches!(b, b'\'' | b'"' | b'<' | b'&' | b'=' | b'/' | b'>');
    name.as_bytes().first().is_some_and(begins) && !name.bytes().any(strange)
}

/// An attribute of a start tag: where its value stands (without quotes), by its name without prefix.
pub(super) fn attribute(text: &str, tag: &Range<usize>, name: &str) -> Option<Range<usize>> {
    let is_it = |n: &str| n.strip_suffix(name).is_some_and(|prefix| prefix.is_empty() || prefix.ends_with(':'));
    attributes(text, tag).find(|(n, _, _)| is_it(n)).map(|(_, _, value)| value)
}

/// The attributes of a start tag: name, place of the whole with the blanks before it, place of the value.
pub(super) fn attributes<'t>(text: &'t str, tag: &Range<usize>) -> Attributes<'t> {
    let bytes = text.as_bytes().get(..tag.end).unwrap_or_default();
    let name = bytes.get(tag.start..).unwrap_or_default().iter().position(u8::is_ascii_whitespace);
    Attributes { text, bytes, at: name.map_or(tag.end, |n| tag.start + n) }
}

/// An iterator over the attributes of a start tag.
pub(super) struct Attributes<'t> {
    text: &'t str,
    /// Up to the end of the tag.
    bytes: &'t [u8],
    at: usize,
}

impl Attributes<'_> {
    /// Goes on to where a byte is met, or the tag ends.
    fn until(&mut self, test: impl Fn(u8) -> bool) -> usize {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at += rest.iter().position(|b| test(*b)).unwrap_or(rest.len());
        self.at
    }
}

impl<'t> Iterator for Attributes<'t> {
    type Item = (&'t str, Range<usize>, Range<usize>);

    fn next(&mut self) -> Option<Self::Item> {
        let from = self.at;
        let name = self.until(|b| !b.is_ascii_whitespace());
        let name = name..self.until(|b| b.is_ascii_whitespace() || matches!(b, b'=' | b'/' | b'>'));
        self.until(|b| matches!(b, b'"' | b'\'' | b'>'));
        let quote = self.bytes.get(self.at).copied().filter(|b| *b != b'>')?;
        self.at += 1;
        let value = self.at..self.until(|b| b == quote);
        self.at = (self.at + 1).min(self.bytes.len());
        Some((self.text.get(name).unwrap_or_default(), from..self.at, value))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use quick_xml::events::Event;
    use quick_xml::reader::Reader;

    use super::*;

    fn pieces(text: &str) -> Result<Vec<(Kind, &str, &str)>, String> {
        let mut tags = Tags::new(text);
        let mut out = Vec::new();
        while let Some(tag) = tags.next()? {
            out.push((tag.kind, tag.name, text.get(tag.at).expect("a piece")));
        }
        Ok(out)
    }

    #[test]
    fn every_byte_lies_in_one_piece() {
        let text = "<?xml version='1.0'?><!-- <a> --><x:a b='>' c=\"'/>\"><b/>1 &lt; 2<![CDATA[</b>]]></x:a >\n";
        let all = pieces(text).expect("well-formed");
        assert_eq!(all.iter().map(|(_, _, t)| *t).collect::<String>(), text);
        let named: Vec<_> = all.iter().filter(|p| p.0 != Kind::Other).map(|(k, n, _)| (*k, *n)).collect();
        assert_eq!(named, [(Kind::Start, "x:a"), (Kind::Empty, "b"), (Kind::End, "x:a")]);
    }

    #[test]
    fn what_is_malformed_is_refused() {
        for text in [
            "<a>",
            "<a></b>",
            "</a>",
            "<a",
            "<a b='>",
            "<a>&lt</a>",
            "<a>&</a>",
            "<a>& ;</a>",
            "<!-- ",
            "<!-->",
            "<?xml",
            "<![CDATA[",
            "<!DOCTYPE a><a/>",
            "<!doctype a><a/>",
            "< a/>",
            "<>",
            "</>",
            "<a></a b>",
            "<a></ a>",
            "<a <b/>",
            "<a></>",
        ] {
            assert!(pieces(text).is_err(), "{text}");
        }
    }

    #[test]
    fn from_within_more_may_end() {
        let mut tags = Tags::from_within("<b/></a></x:worksheet>");
        let mut seen = Vec::new();
        while let Ok(Some(tag)) = tags.next() {
            seen.push((tag.local(), tag.prefix(), tags.depth()));
        }
        assert_eq!(seen, [("b", "", 0), ("a", "", 0), ("worksheet", "x:", 0)]);
    }

    proptest! {
        /// A well-kept reader of XML cuts the same pieces out of what it takes for well-formed, and refuses what is refused.
        #[test]
        fn as_another_reader(parts in prop::collection::vec(prop::sample::select(vec![
            "<a>", "</a>", "<b c='1'>", "</b>", "<b/>", "<a d=\">\" e='/'/>", "x", "&amp;", "&#12;", "&", ";", " ", "<", ">",
            "<!--", "-->", "--", "<![CDATA[", "]]>", "<?p", "?>", "'", "\"", "/", "=", "あ", "<a >", "</a >", "<x:a>", "</x:a>",
        ]), 0..12)) {
            let text = parts.concat();
            let mut reader = Reader::from_str(&text);
            reader.config_mut().check_end_names = true;
            let (mut theirs, mut depth) = (Ok(Vec::new()), 0i32);
            loop {
                let from = usize::try_from(reader.buffer_position()).expect("a place");
                let event = reader.read_event();
                let at = from..usize::try_from(reader.buffer_position()).expect("a place");
                match (event, &mut theirs) {
                    (Err(_) | Ok(Event::DocType(_)), _) => theirs = Err(()),
                    (Ok(Event::Eof), _) if depth != 0 => theirs = Err(()),
                    (Ok(Event::Start(e)), Ok(list)) => { depth += 1; list.push((Kind::Start, e.name().as_ref().to_string(), at)) }
                    (Ok(Event::Empty(e)), Ok(list)) => list.push((Kind::Empty, e.name().as_ref().to_string(), at)),
                    (Ok(Event::End(e)), Ok(list)) => { depth -= 1; list.push((Kind::End, e.name().as_ref().to_string(), at)) }
                    (Ok(Event::Eof), _) => break,
                    (Ok(_), _) => continue,
                }
                if theirs.is_err() { break; }
            }
            let mut tags = Tags::new(&text);
            let mut ours = Ok(Vec::new());
            loop {
                match (tags.next(), &mut ours) {
                    (Err(_), _) => ours = Err(()),
                    (Ok(None), _) => break,
                    (Ok(Some(t)), Ok(list)) if t.kind != Kind::Other => list.push((t.kind, t.name.to_string(), t.at)),
                    _ => continue,
                }
                if ours.is_err() { break; }
            }
            // Ours may be stricter, never more lenient, and never of another opinion.
            if ours.is_ok() {
                prop_assert_eq!(ours, theirs, "{}", text);
            }
        }
    }
}
