//! Form controls on a sheet: check boxes, option buttons, lists, with their state.
//!
//! Where they lie and what they say stands in an old drawing language (VML), their state in a part of its own each; programs
//! write one of them, or both. Notes are drawn there too and are told elsewhere.

use std::collections::BTreeMap;

use quick_xml::events::Event;

use super::anchor::{Anchor, Corner, PIXEL};
use super::drawing::{MAX_FLOATS, MAX_TEXT};
use super::package::{Package, Relation};
use super::xml;
use crate::model::grid::FloatKind;
use crate::model::place::CellRef;

/// A control, or a shape in the old language.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Control {
    /// Where; `None` where no part says it.
    pub anchor: Option<Anchor>,
    /// The kind as the parts name it, in lower case.
    pub object: String,
    /// Caption or name.
    pub text: String,
    /// Ticked, chosen; `None` where no part says it.
    pub checked: Option<bool>,
    /// Which entry of a list is chosen.
    pub chosen: Option<u32>,
    /// The cell its state is written to.
    pub linked: Option<CellRef>,
    /// Its number in the list of the sheet's controls.
    pub shape: Option<u32>,
}

impl Control {
    /// What it is, with its text; `None` for a note and for a frame around other controls.
    pub fn told(&self) -> Option<(FloatKind, String)> {
        let text = self.text.trim().to_string();
        Some(match self.object.as_str() {
            "note" | "gbox" | "" => return None,
            "checkbox" => (FloatKind::CheckBox(self.checked), text),
            "pict" => (FloatKind::Graphic, text),
            "radio" => (FloatKind::Option(self.checked), text),
            "rect" | "shape" | "oval" | "label" | "text" if text.is_empty() => (FloatKind::Shape, text),
            "rect" | "shape" | "oval" | "label" | "text" => (FloatKind::TextBox, text),
            "drop" | "list" => {
                let chosen = self.chosen.filter(|n| *n > 0).map(|n| format!("{n}番目を選択")).unwrap_or_default();
                (
                    FloatKind::Control,
                    [text, chosen].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join("："),
                )
            }
            _ => (FloatKind::Control, text),
        })
    }
}

/// The controls of a sheet: those that are drawn, with what their own parts say. `text` is the worksheet part.
pub fn read(package: &mut Package<'_>, relations: &[Relation], text: &str) -> Vec<Control> {
    let mut drawn: BTreeMap<u32, Control> = BTreeMap::new();
    for relation in relations.iter().filter(|r| r.kind.ends_with("/vmlDrawing") && !r.external) {
        if let Ok(Some(part)) = package.text(&relation.target) {
            drawn.extend(vml(&part));
        }
    }
    let listed = listed(text);
    let mut left: Vec<u32> = drawn.keys().copied().filter(|n| listed.iter().all(|(shape, ..)| shape != n)).collect();
    for (shape, name, relation, anchor) in listed {
        // Some programs number the drawing in a way of its own; then they stand in the same order.
        let own = if drawn.contains_key(&shape) || left.is_empty() { shape } else { left.remove(0) };
        let control = drawn.entry(own).or_default();
        control.shape = Some(shape);
        control.anchor = control.anchor.or(anchor);
        if control.text.trim().is_empty() {
            control.text = name;
        }
        let Some(relation) = relations.iter().find(|r| r.id == relation && !r.external) else { continue };
        if relation.kind.ends_with("/ctrlProp") {
            if let Ok(Some(part)) = package.text(&relation.target) {
                properties(&part, control);
            }
        } else if control.object.is_empty() || control.object == "pict" {
            control.object = "activex".into();
        }
    }
    drawn.into_values().collect()
}

/// Shapes of the old language by their number, notes left out.
fn vml(text: &str) -> BTreeMap<u32, Control> {
    let mut reader = xml::reader(text);
    let mut found = BTreeMap::new();
    let (mut control, mut number) = (Control::default(), 0u32);
    let (mut field, mut value, mut in_text) = (String::new(), String::new(), false);
    while let Ok(event) = reader.read_event() {
        match &event {
            Event::Start(e) => match e.local_name().as_ref() {
                "shape" | "rect" | "oval" | "roundrect" => {
                    control = Control::default();
                    let id = xml::attr(e, "spid").or_else(|| xml::attr(e, "id")).unwrap_or_default();
                    let digits = id.trim_start_matches("_x0000_");
                    number = digits.trim_matches(|c: char| !c.is_ascii_digit()).parse().unwrap_or(number + 1);
                }
                "textbox" => in_text = true,
                "ClientData" => {
                    control.object = xml::attr(e, "ObjectType").unwrap_or_default().to_ascii_lowercase();
                }
                name => {
                    field = name.to_string();
                    value.clear();
                }
            },
            Event::End(e) => match e.local_name().as_ref() {
                "shape" | "rect" | "oval" | "roundrect" => {
                    if control.object != "note" {
                        found.insert(number, std::mem::take(&mut control));
                    }
                    if found.len() >= MAX_FLOATS {
                        break;
                    }
                }
                "textbox" => in_text = false,
                name if name == field => {
                    control.field(&field, value.trim());
                    field.clear();
                }
                _ => {}
            },
            Event::Eof => break,
            event if in_text && control.text.len() < MAX_TEXT => {
                let mut piece = String::new();
                xml::push_text(event, &mut piece);
                control.text.push_str(piece.trim());
            }
            event if !field.is_empty() && value.len() < MAX_TEXT => {
                xml::push_text(event, &mut value);
            }
            _ => {}
        }
    }
    found
}

impl Control {
    fn field(&mut self, name: &str, value: &str) {
        match name {
            "Anchor" => {
                let n: Vec<f64> = value.split(',').filter_map(|n| n.trim().parse().ok()).collect();
                if let [left, x, top, y, right, x2, bottom, y2] = n.as_slice() {
                    let corner = |col: f64, x: f64, row: f64, y: f64| Corner {
                        col: (whole(col), x * PIXEL),
                        row: (whole(row), y * PIXEL),
                    };
                    self.anchor = Some(Anchor::Two(corner(*left, *x, *top, *y), corner(*right, *x2, *bottom, *y2)));
                }
            }
            "Checked" => self.checked = Some(!matches!(value, "0" | "False" | "false")),
            "Sel" => self.chosen = value.parse().ok(),
            "FmlaLink" => self.linked = linked(value),
            _ => {}
        }
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "held within the grid first")]
fn whole(n: f64) -> u32 {
    n.clamp(0.0, 2_000_000.0) as u32
}

/// A cell such as `$X$5` or `Sheet1!$X$5`.
fn linked(formula: &str) -> Option<CellRef> {
    CellRef::parse(formula.rsplit('!').next()?.trim())
}

/// What the part of a control says.
fn properties(part: &str, control: &mut Control) {
    let mut reader = xml::reader(part);
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(e) if e.local_name().as_ref() == "formControlPr" => {
                if let Some(object) = xml::attr(&e, "objectType") {
                    control.object = object.to_ascii_lowercase();
                }
                let checked = xml::attr(&e, "checked");
                let has_state = matches!(control.object.as_str(), "checkbox" | "radio");
                // Without a word on it, it is not ticked, unless the drawing says that it is.
                control.checked = match checked.as_deref() {
                    Some("Checked") => Some(true),
                    Some("Unchecked") => Some(false),
                    Some(_) => None,
                    None => control.checked.or(has_state.then_some(false)),
                };
                control.chosen = xml::attr(&e, "sel").and_then(|n| n.trim().parse().ok()).or(control.chosen);
                control.linked = xml::attr(&e, "fmlaLink").and_then(|f| linked(&f)).or(control.linked);
            }
            Event::Eof => break,
            _ => {}
        }
    }
}

/// The controls that a worksheet part lists behind its cells: number, name, relation, anchor.
fn listed(text: &str) -> Vec<(u32, String, String, Option<Anchor>)> {
    let Some(behind) = text.rfind("sheetData>").and_then(|at| text.get(at + 10..)) else { return Vec::new() };
    if !behind.contains("control") {
        return Vec::new();
    }
    let mut reader = xml::reader(behind);
    let mut found: Vec<(u32, String, String, Option<Anchor>)> = Vec::new();
    let (mut corners, mut end, mut number) = ([Corner::default(); 2], 0usize, String::new());
    while let Ok(event) = reader.read_event() {
        match &event {
            Event::Start(e) => match e.local_name().as_ref() {
                "control" => {
                    let attr = |name| xml::attr(e, name).unwrap_or_default();
                    let id = attr("shapeId").trim().parse().unwrap_or(0);
                    found.push((id, attr("name"), attr("id"), None));
                }
                "from" => end = 0,
                "to" => end = 1,
                _ => number.clear(),
            },
            Event::End(e) => match e.local_name().as_ref() {
                name @ ("col" | "colOff" | "row" | "rowOff") => {
                    let value: f64 = number.trim().parse().unwrap_or(0.0);
                    let corner = &mut corners[end];
                    match name {
                        "col" => corner.col.0 = whole(value),
                        "colOff" => corner.col.1 = value,
                        "row" => corner.row.0 = whole(value),
                        _ => corner.row.1 = value,
                    }
                }
                "anchor" => {
                    let [from, to] = corners;
                    found.iter_mut().last().into_iter().for_each(|f| f.3 = Some(Anchor::Two(from, to)));
                }
                _ => {}
            },
            Event::Eof => break,
            event if number.len() < 40 => {
                xml::push_text(event, &mut number);
            }
            _ => {}
        }
        if found.len() >= MAX_FLOATS {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_box_of_the_old_language_and_its_part() {
        let text = r##"<xml><v:shapetype id="_x0000_t201"/><v:shape id="_x0000_s1025" type="#_x0000_t201"><v:textbox><div><font>全 部</font></div></v:textbox>
            <x:ClientData ObjectType="Checkbox"><x:Anchor> 7, 0, 17, 0, 8, 0, 18, 0</x:Anchor><x:FmlaLink>$X$5</x:FmlaLink></x:ClientData></v:shape>
            <v:shape id="_x0000_s1026"><x:ClientData ObjectType="Note"><x:Row>3</x:Row></x:ClientData></v:shape></xml>"##;
        let mut found = vml(text);
        assert_eq!(found.len(), 1, "the note is told elsewhere");
        let control = found.get_mut(&1025).unwrap();
        assert_eq!((control.checked, control.linked), (None, CellRef::parse("X5")));
        properties(r#"<formControlPr objectType="CheckBox" checked="Checked"/>"#, control);
        assert_eq!(control.told(), Some((FloatKind::CheckBox(Some(true)), "全 部".into())));
        properties(r#"<formControlPr objectType="Drop" sel="2"/>"#, control);
        assert_eq!(control.told(), Some((FloatKind::Control, "全 部：2番目を選択".into())));
    }

    #[test]
    fn controls_behind_the_cells_with_their_anchors() {
        let text = r#"<worksheet><sheetData></sheetData><controls><control shapeId="1025" r:id="rId3" name="Check Box 1"><controlPr><anchor>
            <from><x:col>7</x:col><x:colOff>0</x:colOff><x:row>17</x:row><x:rowOff>0</x:rowOff></from>
            <to><x:col>8</x:col><x:colOff>0</x:colOff><x:row>18</x:row><x:rowOff>0</x:rowOff></to></anchor></controlPr></control></controls></worksheet>"#;
        let corner = |col, row| Corner { col: (col, 0.0), row: (row, 0.0) };
        let anchor = Some(Anchor::Two(corner(7, 17), corner(8, 18)));
        assert_eq!(listed(text), [(1025, "Check Box 1".to_string(), "rId3".to_string(), anchor)]);
        assert_eq!(listed("<worksheet><sheetData/></worksheet>"), []);
    }
}
