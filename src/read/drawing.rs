//! What lies on a sheet of an .xlsx or .xlsb: shapes with their text, pictures, diagrams, handwriting.
//!
//! None of it is a cell's value, and a division that writes into a text box has answered to everybody who looks at the sheet.

use quick_xml::events::{BytesStart, Event};

use super::anchor::{Anchor, Corner};
use super::xml;
use crate::model::grid::FloatKind;

/// Things that are told of one sheet.
pub(super) const MAX_FLOATS: usize = 1_000;
/// Characters kept of a text.
pub(super) const MAX_TEXT: usize = 500;

/// Something on a sheet.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Where.
    pub anchor: Anchor,
    /// What.
    pub kind: FloatKind,
    /// Its text.
    pub text: String,
    /// The relation to the texts of a diagram.
    pub diagram: Option<String>,
    /// Its number on the sheet.
    pub id: Option<u32>,
}

/// The anchor that is being read.
#[derive(Default)]
struct Open {
    from: Corner,
    to: Option<Corner>,
    size: Option<(f64, f64)>,
    at: Option<(f64, f64)>,
    /// Kinds of the things inside, the most telling last.
    kinds: Vec<FloatKind>,
    hidden: bool,
    /// A stand-in for a control, which is told by the control itself.
    twin: bool,
    shape: &'static str,
    words: String,
    text: String,
    diagram: Option<String>,
    id: Option<u32>,
}

/// Reads a drawing part, up to the first thing that is malformed.
pub fn parse(text: &str) -> Vec<Found> {
    let mut reader = xml::reader(text);
    let mut found = Vec::new();
    let mut open: Option<Open> = None;
    let (mut number, mut in_text, mut end) = (String::new(), false, false);
    while let Ok(event) = reader.read_event() {
        match &event {
            Event::Start(e) => match e.local_name().as_ref() {
                "twoCellAnchor" | "oneCellAnchor" | "absoluteAnchor" => open = Some(Open::default()),
                // What older programs show instead.
                "Fallback" => {
                    if reader.read_to_end(e.name()).is_err() {
                        break;
                    }
                }
                "col" | "colOff" | "row" | "rowOff" => number.clear(),
                "from" => end = false,
                "to" => end = true,
                "t" => in_text = true,
                _ => open.iter_mut().for_each(|o| o.start(e)),
            },
            Event::End(e) => match e.local_name().as_ref() {
                "twoCellAnchor" | "oneCellAnchor" | "absoluteAnchor" => {
                    found.extend(open.take().and_then(Open::close));
                    if found.len() >= MAX_FLOATS {
                        break;
                    }
                }
                name @ ("col" | "colOff" | "row" | "rowOff") => {
                    open.iter_mut().for_each(|o| o.corner(end, name, number.trim()));
                    number.clear();
                }
                "t" => in_text = false,
                "p" => open.iter_mut().for_each(|o| o.push("\n")),
                _ => {}
            },
            Event::Eof => break,
            event if in_text => {
                let mut piece = String::new();
                xml::push_text(event, &mut piece);
                open.iter_mut().for_each(|o| o.push(&piece));
            }
            Event::Text(_) if open.as_ref().is_some_and(|o| o.kinds.is_empty()) => {
                xml::push_text(&event, &mut number);
            }
            _ => {}
        }
    }
    found
}

impl Open {
    fn start(&mut self, e: &BytesStart<'_>) {
        match e.local_name().as_ref() {
            "ext" | "pos" if self.kinds.is_empty() => {
                let pair = |a, b| xml::number(e, a).zip(xml::number(e, b));
                self.size = pair("cx", "cy").or(self.size);
                self.at = pair("x", "y").or(self.at);
            }
            "sp" => self.kinds.push(FloatKind::Shape),
            "pic" => self.kinds.push(FloatKind::Picture),
            "graphicFrame" => self.kinds.push(FloatKind::Graphic),
            "contentPart" => self.kinds.push(FloatKind::Ink),
            "cNvPr" => {
                self.hidden |= xml::flag(e, "hidden");
                self.id = self.id.or_else(|| xml::attr(e, "id")?.trim().parse().ok());
                self.words = xml::attr(e, "descr").filter(|d| !d.trim().is_empty()).unwrap_or_default();
            }
            "compatExt" => self.twin = true,
            "br" => self.push("\n"),
            "prstGeom" => self.shape = xml::attr(e, "prst").map_or("", |p| shape(&p)),
            "relIds" => self.diagram = xml::attr(e, "dm"),
            _ => {}
        }
    }

    fn corner(&mut self, end: bool, name: &str, number: &str) {
        let corner = if end { self.to.get_or_insert_default() } else { &mut self.from };
        let whole = || number.parse().unwrap_or(u32::MAX);
        let far = || number.parse().unwrap_or(0.0);
        match name {
            "col" => corner.col.0 = whole(),
            "colOff" => corner.col.1 = far(),
            "row" => corner.row.0 = whole(),
            _ => corner.row.1 = far(),
        }
    }

    fn push(&mut self, text: &str) {
        if self.text.len() < MAX_TEXT * 3 {
            self.text.extend(text.chars().take(MAX_TEXT));
        }
    }

    fn close(self) -> Option<Found> {
        // A line alone says nothing; a stand-in is told by what it stands for.
        let kind = self.kinds.iter().copied().min_by_key(|k| (*k == FloatKind::Shape, *k))?;
        if self.twin || self.hidden && self.kinds.len() == 1 {
            return None;
        }
        let text = self.text.trim().to_string();
        let (kind, text) = match kind {
            FloatKind::Shape if text.is_empty() => (kind, self.shape.to_string()),
            FloatKind::Shape => (FloatKind::TextBox, text),
            _ if text.is_empty() => (kind, self.words.chars().take(60).collect()),
            _ => (if self.kinds.len() > 1 { FloatKind::TextBox } else { kind }, text),
        };
        let anchor = match (self.to, self.at, self.size) {
            (Some(to), ..) => Anchor::Two(self.from, to),
            (None, Some(at), Some(size)) => Anchor::Absolute(at, size),
            (None, _, size) => Anchor::One(self.from, size.unwrap_or_default()),
        };
        Some(Found { anchor, kind, text, diagram: self.diagram, id: self.id })
    }
}

/// A shape without a text, where its outline says something.
fn shape(preset: &str) -> &'static str {
    match preset {
        "ellipse" | "donut" => "丸",
        "mathMultiply" | "noSmoking" => "×",
        p if p.to_ascii_lowercase().contains("arrow") => "矢印",
        _ => "",
    }
}

/// The texts of a diagram (SmartArt), one a line.
pub fn diagram(text: &str) -> String {
    let mut reader = xml::reader(text);
    let (mut out, mut in_text) = (String::new(), false);
    while let Ok(event) = reader.read_event() {
        match &event {
            Event::Start(e) if e.local_name().as_ref() == "t" => in_text = true,
            Event::End(e) if e.local_name().as_ref() == "t" => in_text = false,
            Event::End(e) if e.local_name().as_ref() == "p" && !out.ends_with('\n') => out.push('\n'),
            Event::Eof => break,
            event if in_text => {
                xml::push_text(event, &mut out);
            }
            _ => {}
        }
        if out.len() > MAX_TEXT * 3 {
            break;
        }
    }
    out.trim().chars().take(MAX_TEXT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(inner: &str) -> Vec<(FloatKind, String)> {
        let corner = |n: u32| format!("<col>{n}</col><colOff>5</colOff><row>{n}</row><rowOff>0</rowOff>");
        let text = format!(
            "<x:wsDr><x:twoCellAnchor><x:from>{}</x:from><x:to>{}</x:to>{inner}</x:twoCellAnchor></x:wsDr>",
            corner(2),
            corner(4)
        );
        let found = parse(&text);
        let (from, to) = (Corner { col: (2, 5.0), row: (2, 0.0) }, Corner { col: (4, 5.0), row: (4, 0.0) });
        assert!(found.iter().all(|f| f.anchor == Anchor::Two(from, to)));
        found.into_iter().map(|f| (f.kind, f.text)).collect()
    }

    #[test]
    fn shapes_pictures_and_what_stands_for_something_else() {
        let words = "<a:p><a:r><a:t>延期</a:t></a:r></a:p><a:p><a:r><a:t>します</a:t></a:r></a:p>";
        assert_eq!(told(&format!("<x:sp>{words}</x:sp>")), [(FloatKind::TextBox, "延期\nします".to_string())]);
        let circle = "<x:sp><x:spPr><a:prstGeom prst='ellipse'/></x:spPr></x:sp>";
        assert_eq!(told(circle), [(FloatKind::Shape, "丸".to_string())]);
        assert_eq!(told("<x:pic><x:cNvPr descr='印影'/></x:pic>"), [(FloatKind::Picture, "印影".to_string())]);
        assert_eq!(told("<x:cxnSp><x:cNvPr name='直線'/></x:cxnSp>"), [], "a line alone");
        let twin =
            "<mc:AlternateContent><mc:Choice><x:sp><x:cNvPr hidden='1'><a14:compatExt spid='s'/></x:cNvPr></x:sp>";
        assert_eq!(told(&format!("{twin}</mc:Choice><mc:Fallback/></mc:AlternateContent>")), []);
        let group = format!("<x:grpSp><x:pic/><x:sp>{words}</x:sp><x:cxnSp/></x:grpSp>");
        assert_eq!(told(&group), [(FloatKind::TextBox, "延期\nします".to_string())]);
        let ink = "<mc:AlternateContent><mc:Choice><x:contentPart/></mc:Choice><mc:Fallback><x:pic/></mc:Fallback></mc:AlternateContent>";
        assert_eq!(told(ink), [(FloatKind::Ink, String::new())]);
    }

    #[test]
    fn no_more_than_a_sheet_is_told_of() {
        let one = "<oneCellAnchor><from><col>1</col></from><ext cx='9' cy='9'/><pic/></oneCellAnchor>";
        assert_eq!(parse(&format!("<wsDr>{}", one.repeat(MAX_FLOATS + 9))).len(), MAX_FLOATS);
    }
}
