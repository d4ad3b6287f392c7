//! Elements with their attributes, written one after the other.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

/// Writes a part. Writing to memory does not fail.
pub(super) struct Xml(Writer<Vec<u8>>);

impl Xml {
    /// A part with its declaration.
    pub(super) fn new() -> Self {
        let mut xml = Self(Writer::new(Vec::new()));
        xml.put(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), Some("yes"))));
        xml
    }

    fn put(&mut self, event: Event<'_>) {
        // The one writer is a vector.
        let _ = self.0.write_event(event);
    }

    fn start<'a>(name: &'a str, attributes: &[(&str, &str)]) -> BytesStart<'a> {
        let mut start = BytesStart::new(name);
        for attribute in attributes {
            start.push_attribute(*attribute);
        }
        start
    }

    /// An element without content.
    pub(super) fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.put(Event::Empty(Self::start(name, attributes)));
    }

    /// An element with only `w:val`.
    pub(super) fn val(&mut self, name: &str, value: &str) {
        self.empty(name, &[("w:val", value)]);
    }

    /// An element whose content `inner` writes.
    pub(super) fn element(&mut self, name: &str, attributes: &[(&str, &str)], inner: impl FnOnce(&mut Self)) {
        self.put(Event::Start(Self::start(name, attributes)));
        inner(self);
        self.put(Event::End(BytesEnd::new(name)));
    }

    /// As [`Xml::element`], left out where nothing is written inside.
    pub(super) fn unless_empty(&mut self, name: &str, inner: impl FnOnce(&mut Self)) {
        let mut own = Self(Writer::new(Vec::new()));
        inner(&mut own);
        let content = own.0.into_inner();
        if !content.is_empty() {
            self.put(Event::Start(BytesStart::new(name)));
            self.0.get_mut().extend_from_slice(&content);
            self.put(Event::End(BytesEnd::new(name)));
        }
    }

    /// Text, without what XML forbids.
    pub(super) fn text(&mut self, text: &str) {
        let clean: String = text.chars().filter(|c| !c.is_control() && !matches!(c, '\u{FFFE}' | '\u{FFFF}')).collect();
        self.put(Event::Text(BytesText::new(&clean)));
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0.into_inner()
    }
}
