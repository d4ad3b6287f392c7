//! What lies on the sheets of an OpenDocument spreadsheet: shapes with their text, pictures, controls.
//!
//! A pass of its own, made only where anything is drawn. Shapes stand in the cell that they are anchored to, or in front of the
//! cells with their distance from the corner of the sheet.

use std::collections::BTreeMap;

use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::anchor::{Anchor, Corner, Sizes};
use super::drawing::{MAX_FLOATS, MAX_TEXT};
use super::xml;
use crate::model::grid::{Float, FloatKind};
use crate::model::place::CellRef;

/// English metric units of an inch.
const INCH: f64 = 914_400.0;

/// Reads what lies on each table, up to the first thing that is malformed; nothing where nothing is drawn.
pub fn read(text: &str) -> Vec<Vec<Float>> {
    if memchr::memmem::find(text.as_bytes(), b"<draw:").is_none() {
        return Vec::new();
    }
    let mut pass = Pass { reader: xml::reader(text), ..Pass::new(text) };
    pass.run();
    pass.tables
}

/// A control by its name in the drawing.
struct Control {
    kind: FloatKind,
    label: String,
    linked: Option<CellRef>,
}

struct Pass<'t> {
    reader: Reader<&'t [u8]>,
    /// Widths of columns and heights of rows by style.
    lengths: BTreeMap<String, f64>,
    style: String,
    controls: BTreeMap<String, Control>,
    tables: Vec<Vec<Float>>,
    sizes: Sizes,
    /// What stands in front of the cells, whose sizes are not known yet.
    waiting: Vec<(Anchor, Float)>,
    in_table: bool,
    columns: u32,
    row: u32,
    repeat: u32,
    col: u32,
    span: u32,
}

impl<'t> Pass<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            reader: xml::reader(text),
            lengths: BTreeMap::new(),
            style: String::new(),
            controls: BTreeMap::new(),
            tables: Vec::new(),
            sizes: Sizes::default(),
            waiting: Vec::new(),
            in_table: false,
            columns: 0,
            row: 0,
            repeat: 1,
            col: 0,
            span: 1,
        }
    }

    fn run(&mut self) {
        while let Ok(event) = self.reader.read_event() {
            let sound = match event {
                Event::Start(e) => self.start(&e),
                Event::End(e) => {
                    self.end(e.local_name().as_ref());
                    true
                }
                Event::Eof => false,
                _ => true,
            };
            if !sound {
                break;
            }
        }
        self.close_table();
    }

    fn start(&mut self, e: &BytesStart<'t>) -> bool {
        let attr = |name| xml::attr(e, name);
        match e.local_name().as_ref() {
            "style" => self.style = attr("name").unwrap_or_default(),
            "table-column-properties" => self.length(attr("column-width").as_deref()),
            "table-row-properties" => self.length(attr("row-height").as_deref()),
            // Notes are told elsewhere.
            "annotation" | "tracked-changes" => return self.reader.read_to_end(e.name()).is_ok(),
            "table" if !self.in_table => {
                self.tables.push(Vec::new());
                self.in_table = true;
                (self.columns, self.row, self.col) = (0, 0, 0);
                self.sizes = Sizes::default();
            }
            "checkbox" | "radio" | "listbox" | "combobox" | "button" | "textarea" | "formatted-text" => self.control(e),
            "table-column" => {
                let n = count(e, "number-columns-repeated");
                let width = attr("style-name").and_then(|s| self.lengths.get(&s).copied());
                self.sizes.set_columns(self.columns, n, width);
                self.columns = self.columns.saturating_add(n);
            }
            "table-row" => {
                (self.repeat, self.col) = (count(e, "number-rows-repeated"), 0);
                let height = attr("style-name").and_then(|s| self.lengths.get(&s).copied());
                self.sizes.set_rows(self.row, self.repeat, height);
            }
            "table-cell" | "covered-table-cell" => self.span = count(e, "number-columns-repeated"),
            "custom-shape" | "frame" | "rect" | "ellipse" | "circle" | "polygon" | "path" | "regular-polygon"
            | "control" | "g" | "caption"
                if self.in_table =>
            {
                return self.drawn(e);
            }
            "line" | "connector" | "measure" | "polyline" if self.in_table => {
                return self.reader.read_to_end(e.name()).is_ok();
            }
            _ => {}
        }
        true
    }

    fn end(&mut self, name: &str) {
        match name {
            "table-cell" | "covered-table-cell" => self.col = self.col.saturating_add(self.span),
            "table-row" => self.row = self.row.saturating_add(self.repeat),
            "table" => self.close_table(),
            _ => {}
        }
    }

    fn length(&mut self, text: Option<&str>) {
        if let Some(length) = text.and_then(length)
            && self.lengths.len() < 65_536
        {
            self.lengths.insert(self.style.clone(), length);
        }
    }

    fn control(&mut self, e: &BytesStart<'_>) {
        let attr = |name| xml::attr(e, name);
        let state = || {
            let state = attr("current-state").or_else(|| attr("state"));
            let selected = attr("current-selected").or_else(|| attr("selected"));
            Some(state.is_some_and(|s| s == "checked") || selected.is_some_and(|s| s == "true"))
        };
        let kind = match e.local_name().as_ref() {
            "checkbox" => FloatKind::CheckBox(state()),
            "radio" => FloatKind::Option(state()),
            _ => FloatKind::Control,
        };
        let label = attr("label").or_else(|| attr("current-value")).or_else(|| attr("name")).unwrap_or_default();
        let linked = attr("linked-cell").and_then(|cell| address(&cell));
        if let Some(id) = attr("id").filter(|_| self.controls.len() < MAX_FLOATS) {
            self.controls.insert(id, Control { kind, label, linked });
        }
    }

    /// A drawn thing that has just begun, to its end.
    fn drawn(&mut self, e: &BytesStart<'t>) -> bool {
        let control = xml::attr(e, "control").and_then(|id| self.controls.get(&id));
        let linked = control.and_then(|c| c.linked);
        let mut float =
            control.map_or(Float { area: None, kind: FloatKind::Shape, text: String::new(), linked }, |c| Float {
                area: None,
                kind: c.kind,
                text: c.label.clone(),
                linked,
            });
        let is_control = e.local_name().as_ref() == "control";
        if is_control && control.is_none() {
            float.kind = FloatKind::Control;
        }
        let round = matches!(e.local_name().as_ref(), "ellipse" | "circle");
        let (size, at) = (pair(e, "width", "height"), pair(e, "x", "y"));
        let end =
            xml::attr(e, "end-cell-address").and_then(|a| address(&a)).map(|cell| (cell, pair(e, "end-x", "end-y")));
        let Some(words) = self.inside(e, &mut float.kind) else { return false };
        if !is_control {
            float.text = words;
            match float.kind {
                FloatKind::Shape if !float.text.is_empty() => float.kind = FloatKind::TextBox,
                FloatKind::Shape if round => float.text = "丸".into(),
                _ => {}
            }
        }
        let in_cell = self.row > 0 || self.col > 0 || self.columns > 0;
        let from = Corner { col: (self.col, at.0.max(0.0)), row: (self.row, at.1.max(0.0)) };
        let anchor = match end {
            _ if !in_cell => Anchor::Absolute(at, size),
            Some((cell, (x, y))) => Anchor::Two(from, Corner { col: (cell.col, x), row: (cell.row, y) }),
            None => Anchor::One(from, size),
        };
        if self.waiting.len() < MAX_FLOATS {
            self.waiting.push((anchor, float));
        }
        true
    }

    /// The text up to the end of a drawn thing; what is inside says what it is.
    fn inside(&mut self, e: &BytesStart<'t>, kind: &mut FloatKind) -> Option<String> {
        let own = e.name().local_name().as_ref().to_string();
        let (mut depth, mut text, mut paragraphs) = (1u32, String::new(), 0u32);
        loop {
            match self.reader.read_event().ok()? {
                Event::Start(e) => match e.local_name().as_ref() {
                    name if name == own => depth += 1,
                    "image" if *kind == FloatKind::Shape => *kind = FloatKind::Picture,
                    "object" | "object-ole" | "plugin" => *kind = FloatKind::Graphic,
                    "p" => {
                        paragraphs += 1;
                        if !text.is_empty() {
                            text.push('\n');
                        }
                    }
                    _ => {}
                },
                Event::End(e) => match e.local_name().as_ref() {
                    name if name == own => {
                        depth -= 1;
                        if depth == 0 {
                            return Some(text.trim().to_string());
                        }
                    }
                    "p" => paragraphs = paragraphs.saturating_sub(1),
                    _ => {}
                },
                Event::Eof => return None,
                event if paragraphs > 0 && text.len() < MAX_TEXT * 3 => {
                    xml::push_text(&event, &mut text);
                }
                _ => {}
            }
        }
    }

    fn close_table(&mut self) {
        self.in_table = false;
        let waiting = std::mem::take(&mut self.waiting);
        let sizes = &self.sizes;
        if let Some(table) = self.tables.last_mut() {
            let placed = waiting.into_iter().map(|(anchor, float)| Float { area: sizes.area(anchor), ..float });
            table.extend(placed);
        }
    }
}

/// Two lengths of an element.
fn pair(e: &BytesStart<'_>, a: &str, b: &str) -> (f64, f64) {
    let of = |name| xml::attr(e, name).as_deref().and_then(length).unwrap_or(0.0);
    (of(a), of(b))
}

/// A cell such as `表.N18` or `$表.$N$18`.
fn address(text: &str) -> Option<CellRef> {
    CellRef::parse(text.rsplit('.').next()?)
}

/// A length such as `0.5in` in English metric units.
fn length(text: &str) -> Option<f64> {
    let text = text.trim();
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+'));
    let number: f64 = text.strip_suffix(unit)?.parse().ok()?;
    let one = match unit {
        "in" => INCH,
        "cm" => INCH / 2.54,
        "mm" => INCH / 25.4,
        "pt" => INCH / 72.0,
        "pc" => INCH / 6.0,
        "px" => INCH / 96.0,
        _ => return None,
    };
    Some(number * one)
}

fn count(e: &BytesStart<'_>, name: &str) -> u32 {
    xml::attr(e, name).and_then(|v| v.trim().parse().ok()).unwrap_or(1).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(rows: &str) -> Vec<(String, FloatKind, String)> {
        let text = format!(
            "<o><o:automatic-styles><s:style s:name='c'><s:table-column-properties s:column-width='1in'/></s:style>\
             <s:style s:name='r'><s:table-row-properties s:row-height='0.5in'/></s:style></o:automatic-styles>\
             <o:s><t:table t:name='表'>{rows}</t:table></o:s></o>"
        );
        let mut tables = read(&text);
        assert_eq!(tables.len(), 1);
        let float = |f: Float| (f.area.map(|a| a.to_string()).unwrap_or_default(), f.kind, f.text);
        tables.remove(0).into_iter().map(float).collect()
    }

    const CELLS: &str = "<t:table-column t:style-name='c' t:number-columns-repeated='9'/>";

    #[test]
    fn shapes_in_a_cell_and_in_front_of_the_cells() {
        let shape = "<draw:custom-shape t:end-cell-address='表.C2' t:end-x='1in' t:end-y='0.5in' svg:width='1in' svg:height='1in' \
            svg:x='0in' svg:y='0in'><x:p><x:span>延期</x:span></x:p><x:p>です</x:p></draw:custom-shape>";
        let rows = format!(
            "{CELLS}<t:table-row t:style-name='r'/><t:table-row t:style-name='r'><t:table-cell t:number-columns-repeated='2'/>\
             <t:table-cell>{shape}<o:annotation draw:x='1'><x:p>メモ</x:p></o:annotation></t:table-cell></t:table-row>"
        );
        assert_eq!(told(&rows), [("C2".into(), FloatKind::TextBox, "延期\nです".into())]);
        let forms = "<o:forms><form:form><form:checkbox xml:id='c1' form:id='c1' form:label='全部' form:current-state='checked'/>\
            </form:form></o:forms><t:shapes><draw:control svg:x='1in' svg:y='0.5in' svg:width='1in' svg:height='0.5in' \
            draw:control='c1'/></t:shapes>";
        let rows = format!("{forms}{CELLS}<t:table-row t:style-name='r' t:number-rows-repeated='9'/>");
        assert_eq!(told(&rows), [("B2".into(), FloatKind::CheckBox(Some(true)), "全部".into())]);
    }

    #[test]
    fn pictures_and_charts_are_told_apart_and_lines_are_not_told() {
        let frame = |inner: &str| {
            format!(
                "{CELLS}<t:table-row><t:table-cell><draw:frame svg:width='1in' svg:height='0.1in'>{inner}</draw:frame>\
                 <draw:line svg:x1='0in'/></t:table-cell></t:table-row>"
            )
        };
        assert_eq!(told(&frame("<draw:image/>"))[0].1, FloatKind::Picture);
        assert_eq!(told(&frame("<draw:object/><draw:image/>"))[0].1, FloatKind::Graphic);
        assert_eq!(
            told(&frame("<draw:text-box><x:p>箱</x:p></draw:text-box>")),
            [("A1".into(), FloatKind::TextBox, "箱".into())]
        );
    }
}
