//! Notes on cells: the part of the comments and the drawing that shows them, extended or made.
//!
//! A cell that has a note keeps it, ours stands below. A thread of newer programs is left alone: what it shows is kept
//! elsewhere, and its copy among the notes would be written over.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::outline::{Element, children, outline};
use super::splice::{Edits, open_up};
use super::tags::attribute;
use super::value::escape;
use crate::model::own_note::AUTHOR;
use crate::model::place::CellRef;
use crate::read::xml;

/// The font of our notes, which is on every Japanese Windows.
const FONT: &str = "游ゴシック";
/// Author of the copies of threads.
const THREAD: &str = "tc=";

const V: &str = "urn:schemas-microsoft-com:vml";
const O: &str = "urn:schemas-microsoft-com:office:office";
const X: &str = "urn:schemas-microsoft-com:office:excel";

/// A part of notes without any.
pub(super) fn fresh(namespace: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<comments xmlns=\"{namespace}\"><authors/><commentList/></comments>"
    )
}

/// A drawing without any shape.
pub(super) fn fresh_drawing(number: usize) -> String {
    format!(
        "<xml xmlns:v=\"{V}\" xmlns:o=\"{O}\" xmlns:x=\"{X}\"><o:shapelayout v:ext=\"edit\"><o:idmap v:ext=\"edit\" data=\"{number}\"/></o:shapelayout></xml>"
    )
}

/// What became of the notes of a sheet.
pub(super) struct Noted {
    /// The part of the notes.
    pub text: String,
    /// Cells that need a shape in the drawing.
    pub new: Vec<CellRef>,
    /// Cells whose thread was left alone.
    pub threads: Vec<CellRef>,
}

/// Adds notes to a part of notes.
pub(super) fn add(text: &str, notes: &BTreeMap<CellRef, String>) -> Result<Noted, String> {
    let all = outline(text)?;
    let root = all.iter().find(|e| e.depth == 0).filter(|e| e.name == "comments").ok_or("comments")?;
    let part = |name: &str| children(&all, root).find(|e| e.name == name).ok_or(format!("no {name}"));
    let (authors, list) = (part("authors")?, part("commentList")?);
    let p = &root.prefix;
    let mut edits = Edits::default();
    let names: Vec<String> = children(&all, authors).map(|a| words(text, a)).collect();
    let ours = names.iter().position(|n| n == AUTHOR);
    if ours.is_none() {
        append(text, authors, &format!("<{p}author>{AUTHOR}</{p}author>"), &mut edits);
    }
    let ours = ours.unwrap_or(names.len());
    let mut known: BTreeMap<CellRef, &Element> = BTreeMap::new();
    for comment in children(&all, list) {
        let at = attribute(text, &comment.tag, "ref").and_then(|r| text.get(r)).and_then(|r| CellRef::parse(r.trim()));
        known.extend(at.map(|at| (at, comment)));
    }
    let (mut fresh, mut new, mut threads) = (String::new(), Vec::new(), Vec::new());
    for (at, note) in notes {
        let Some(comment) = known.get(at) else {
            // Writing to a string does not fail.
            let _ = write!(
                fresh,
                r#"<{p}comment ref="{at}" authorId="{ours}"><{p}text>{}</{p}text></{p}comment>"#,
                run(p, note)
            );
            new.push(*at);
            continue;
        };
        let author = attribute(text, &comment.tag, "authorId").and_then(|r| text.get(r)?.trim().parse::<usize>().ok());
        if author.and_then(|a| names.get(a)).is_some_and(|n| n.starts_with(THREAD)) {
            threads.push(*at);
            continue;
        }
        // The same words need not stand there twice.
        if !words(text, comment).contains(note.as_str()) {
            below(text, &all, comment, note, &mut edits)?;
        }
    }
    if !fresh.is_empty() {
        append(text, list, &fresh, &mut edits);
    }
    Ok(Noted { text: edits.apply(text), new, threads })
}

/// Puts a note below the one that is there: as a further run, or in the same text where it has no runs.
fn below(text: &str, all: &[Element], comment: &Element, note: &str, edits: &mut Edits) -> Result<(), String> {
    let body = children(all, comment).find(|e| e.name == "text").ok_or("note without text")?;
    let p = &body.prefix;
    let inner: Vec<&Element> = children(all, body).collect();
    let last = inner.iter().rev().find(|e| e.name == "r");
    let plain = inner.iter().find(|e| e.name == "t");
    match (last, plain) {
        (Some(run_before), _) => edits.put(run_before.end..run_before.end, run(p, &format!("\n\n{note}"))),
        (None, Some(t)) if t.empty => {
            edits.put(t.tag.clone(), format!("<{p}t xml:space=\"preserve\">{}</{p}t>", escape(note)));
        }
        (None, Some(t)) => {
            if attribute(text, &t.tag, "space").is_none() {
                let name = t.tag.start + 1 + t.prefix.len() + t.name.len();
                edits.put(name..name, " xml:space=\"preserve\"");
            }
            edits.put(t.close..t.close, escape(&format!("\n\n{note}")));
        }
        (None, None) if body.empty => append(text, body, &run(p, note), edits),
        (None, None) => edits.put(body.tag.end..body.tag.end, run(p, note)),
    }
    Ok(())
}

fn append(text: &str, list: &Element, new: &str, edits: &mut Edits) {
    if list.empty {
        open_up(text, &list.tag, new, None, edits);
    } else {
        edits.put(list.close..list.close, new);
    }
}

fn run(p: &str, note: &str) -> String {
    format!(
        "<{p}r><{p}rPr><{p}sz val=\"9\"/><{p}color indexed=\"81\"/><{p}rFont val=\"{FONT}\"/><{p}family val=\"3\"/><{p}charset val=\"128\"/></{p}rPr><{p}t xml:space=\"preserve\">{}</{p}t></{p}r>",
        escape(note)
    )
}

/// The text right inside an element, entities resolved.
fn words(text: &str, element: &Element) -> String {
    let mut reader = xml::reader(text.get(element.tag.start..element.end).unwrap_or_default());
    let mut out = String::new();
    while let Ok(event) = reader.read_event() {
        if matches!(event, quick_xml::events::Event::Eof) {
            break;
        }
        xml::push_text(&event, &mut out);
    }
    out
}

/// Adds a hidden box for each note to a drawing.
pub(super) fn draw(text: &str, notes: &[(CellRef, &str)]) -> Result<String, String> {
    let end = text.rfind("</xml>").ok_or("drawing of the notes")?;
    let number = |from: &str| from.split(|c: char| !c.is_ascii_digit()).next().and_then(|n| n.parse::<u64>().ok());
    let ids = text.split("_x0000_s").skip(1).filter_map(number);
    let block = text.split("data=\"").nth(1).and_then(number).unwrap_or(1);
    let first = ids.max().unwrap_or(0).max(block.saturating_mul(1024)).saturating_add(1);
    let mut new = String::new();
    let missing = [("v", V), ("o", O), ("x", X)]
        .into_iter()
        .filter(|(prefix, _)| !text.contains(&format!("xmlns:{prefix}=")))
        .map(|(prefix, uri)| format!(" xmlns:{prefix}=\"{uri}\""));
    let declared = missing.collect::<Vec<_>>().concat();
    if !text.contains("id=\"_x0000_t202\"") {
        // Writing to a string does not fail.
        let _ = write!(
            new,
            r#"<v:shapetype{declared} id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>"#
        );
    }
    for (id, (at, note)) in (first..).zip(notes) {
        let (row, col) = (at.row, at.col);
        // Three or four columns wide; as many rows as the text has lines of some twenty characters.
        let lines: usize = note.lines().map(|l| l.chars().count() / 20 + 1).sum();
        let rows = u32::try_from(lines).unwrap_or(20).clamp(5, 24);
        let (left, top) = ((col + 1).min(16_379), row.saturating_sub(1).min(1_048_550));
        let _ = write!(
            new,
            concat!(
                r##"<v:shape{} id="_x0000_s{}" type="#_x0000_t202" style="position:absolute;margin-left:80pt;margin-top:5pt;width:300pt;height:{}pt;z-index:1;visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto">"##,
                r##"<v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>"##,
                r#"<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{}, 15, {}, 4, {}, 15, {}, 4</x:Anchor><x:AutoFill>False</x:AutoFill><x:Row>{}</x:Row><x:Column>{}</x:Column></x:ClientData></v:shape>"#,
            ),
            declared,
            id,
            rows * 17,
            left,
            top,
            left + 4,
            top + rows,
            row,
            col
        );
    }
    let mut edits = Edits::default();
    edits.put(end..end, new);
    Ok(edits.apply(text))
}
