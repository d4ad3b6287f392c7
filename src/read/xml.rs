//! Small helpers over the XML reader: one configuration, attributes by local name, text of an element.

use std::borrow::Cow;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

/// A reader over a part. Empty elements come as a start and an end.
pub fn reader(text: &str) -> Reader<&[u8]> {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.expand_empty_elements = true;
    reader
}

/// An attribute by its name without prefix, entities resolved.
pub fn attr(element: &BytesStart<'_>, name: &str) -> Option<String> {
    value(element, name).map(Cow::into_owned)
}

/// As [`attr`], without a copy where nothing has to be resolved.
pub fn value<'e>(element: &'e BytesStart<'_>, name: &str) -> Option<Cow<'e, str>> {
    let mut attributes = element.attributes();
    let found = attributes.with_checks(false).flatten().find(|a| a.key.local_name().as_ref() == name)?;
    match found.value {
        // What `normalized_value` would look for byte by byte.
        Cow::Borrowed(plain) if !plain.bytes().any(|b| matches!(b, b'&' | b'\t' | b'\r' | b'\n')) => {
            Some(Cow::Borrowed(plain))
        }
        _ => found.normalized_value(XmlVersion::Implicit1_0).ok().map(|v| Cow::Owned(v.into_owned())),
    }
}

/// An attribute as a number.
pub fn number(element: &BytesStart<'_>, name: &str) -> Option<f64> {
    value(element, name)?.trim().parse().ok()
}

/// Whether an XML boolean says yes (`1`, `true`, `on`).
pub fn truthy(value: &str) -> bool {
    matches!(value.trim(), "1" | "true" | "on")
}

/// Whether a boolean attribute is set; missing means no.
pub fn flag(element: &BytesStart<'_>, name: &str) -> bool {
    value(element, name).is_some_and(|v| truthy(&v))
}

/// Appends what an entity or character reference stands for; `false` when it stands for nothing known.
pub fn push_reference(reference: &BytesRef<'_>, out: &mut String) -> bool {
    if let Ok(Some(c)) = reference.resolve_char_ref() {
        out.push(c);
        return true;
    }
    match &*reference.xml10_content() {
        "lt" => out.push('<'),
        "gt" => out.push('>'),
        "amp" => out.push('&'),
        "apos" => out.push('\''),
        "quot" => out.push('"'),
        _ => return false,
    }
    true
}

/// Appends the text of an event; `false` when it is a reference to nothing known.
pub fn push_text(event: &Event<'_>, out: &mut String) -> bool {
    match event {
        Event::Text(t) => out.push_str(&t.xml10_content()),
        Event::CData(t) => out.push_str(&t.xml10_content()),
        Event::GeneralRef(r) => return push_reference(r, out),
        _ => {}
    }
    true
}
