//! Which styles of an .ods strike a text through, make it red, raise it or show pictures for letters, and their number
//! formats: those of the whole document and those of its content.

use std::collections::BTreeMap;

use quick_xml::events::{BytesStart, Event};

use super::ods_formats::{self, DataStyle};
use super::symbols::Face;
use super::{styles, xml};

/// More styles than any spreadsheet has.
const MAX_STYLES: usize = 65_536;
/// A style may build on another, and that on another; a circle ends here.
const MAX_PARENTS: usize = 32;

/// What a style says of a text; `None` where it says nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Whether it is struck through.
    pub struck: Option<bool>,
    /// Whether it is red.
    pub red: Option<bool>,
    /// Its number format, by the order in which styles name them.
    pub format: Option<u16>,
    /// Whether it is superscript or subscript.
    pub raised: Option<bool>,
    /// What its letters show.
    pub face: Option<Face>,
}

impl Look {
    /// What holds where this look stands inside another.
    #[must_use]
    pub fn within(self, outer: Self) -> Self {
        Self {
            struck: self.struck.or(outer.struck),
            red: self.red.or(outer.red),
            format: self.format.or(outer.format),
            raised: self.raised.or(outer.raised),
            face: self.face.or(outer.face),
        }
    }
}

#[derive(Debug, Default)]
struct Style {
    parent: Option<String>,
    look: Look,
}

/// The styles of cells and of pieces of text, by name.
#[derive(Debug, Default)]
pub struct Styles {
    cells: BTreeMap<String, Style>,
    texts: BTreeMap<String, Style>,
    data: BTreeMap<String, DataStyle>,
    /// The data styles that cell styles name, by number.
    formats: BTreeMap<String, u16>,
}

impl Styles {
    /// Adds the styles inside an element: `styles` of styles.xml, or `automatic-styles` of content.xml. Of one name the
    /// later counts.
    ///
    /// # Errors
    /// A word on what is wrong.
    pub fn add(&mut self, text: &str, within: &str) -> Result<(), String> {
        let mut reader = xml::reader(text);
        let mut inside = false;
        let mut style: Option<(bool, String, Style)> = None;
        let mut data: Option<(String, DataStyle)> = None;
        // The elements that are open inside a data style; their ends do not say what they were.
        let mut open: Vec<BytesStart<'_>> = Vec::new();
        loop {
            match reader.read_event().map_err(|e| e.to_string())? {
                Event::Start(e) if data.is_some() => {
                    data.iter_mut().for_each(|(_, d)| d.start(&e));
                    if open.len() >= MAX_PARENTS {
                        return Err("a number format too deep".into());
                    }
                    open.push(e);
                }
                Event::End(_) if data.is_some() => {
                    if let (Some(e), Some((_, d))) = (open.pop(), &mut data) {
                        d.end(&e);
                        continue;
                    }
                    self.data.extend(data.take());
                    if self.data.len() > MAX_STYLES {
                        return Err("more number formats than a spreadsheet has".into());
                    }
                }
                Event::Start(e) => match e.local_name().as_ref() {
                    "body" => return Ok(()),
                    name if name == within => inside = true,
                    "style" if inside => {
                        let cell = match xml::attr(&e, "family").as_deref() {
                            Some("table-cell") => true,
                            Some("text") => false,
                            _ => continue,
                        };
                        let parent = xml::attr(&e, "parent-style-name").filter(|p| !p.is_empty());
                        let name = xml::attr(&e, "name").unwrap_or_default();
                        let format = xml::attr(&e, "data-style-name").and_then(|name| self.format_of(name));
                        style = Some((cell, name, Style { parent, look: Look { format, ..Look::default() } }));
                    }
                    _ if inside && style.is_none() => data = DataStyle::begin(&e),
                    "text-properties" => {
                        if let Some((_, _, style)) = &mut style {
                            style.look = look(&e).within(style.look);
                        }
                    }
                    _ => {}
                },
                Event::End(e) => match e.local_name().as_ref() {
                    name if name == within => inside = false,
                    "style" => {
                        if let Some((cell, name, style)) = style.take() {
                            if cell { &mut self.cells } else { &mut self.texts }.insert(name, style);
                        }
                        if self.cells.len() > MAX_STYLES || self.texts.len() > MAX_STYLES {
                            return Err("more styles than a spreadsheet has".into());
                        }
                    }
                    _ => {}
                },
                Event::Eof => return Ok(()),
                event => {
                    if let Some((_, data)) = &mut data {
                        let mut text = String::new();
                        xml::push_text(&event, &mut text);
                        data.push_text(&text);
                    }
                }
            }
        }
    }

    /// The number of a data style.
    fn format_of(&mut self, name: String) -> Option<u16> {
        let next = u16::try_from(self.formats.len()).ok()?;
        Some(*self.formats.entry(name).or_insert(next))
    }

    /// The codes of the number formats, in the order of [`Look::format`].
    #[must_use]
    pub fn codes(&self) -> Vec<Option<String>> {
        let mut codes = vec![None; self.formats.len()];
        for (name, at) in &self.formats {
            if let Some(code) = codes.get_mut(usize::from(*at)) {
                *code = ods_formats::code(name, &self.data);
            }
        }
        codes
    }

    /// What a cell style says, with the styles it builds on.
    #[must_use]
    pub fn cell(&self, name: &str) -> Look {
        find(&self.cells, name)
    }

    /// What the style of a piece of text says, with the styles it builds on.
    #[must_use]
    pub fn text(&self, name: &str) -> Look {
        find(&self.texts, name)
    }
}

fn find(styles: &BTreeMap<String, Style>, name: &str) -> Look {
    let mut look = Look::default();
    let mut next = styles.get(name);
    for _ in 0..MAX_PARENTS {
        let Some(style) = next else { break };
        look = look.within(style.look);
        next = style.parent.as_ref().and_then(|p| styles.get(p));
    }
    look
}

fn look(properties: &BytesStart<'_>) -> Look {
    let line = |name| xml::attr(properties, name).map(|v| v.trim() != "none");
    // The line's style, its type, or both are given; either may take it away.
    let struck = match (line("text-line-through-style"), line("text-line-through-type")) {
        (None, None) => None,
        (style, kind) => Some(style.unwrap_or(true) && kind.unwrap_or(true)),
    };
    // 「super 58%」, 「sub」, or how far from the line; 「0% 100%」 is on it.
    let raised = xml::attr(properties, "text-position").map(|p| {
        let height = p.split_whitespace().next().unwrap_or_default().to_string();
        matches!(height.as_str(), "super" | "sub")
            || height.strip_suffix('%').and_then(|n| n.parse::<f64>().ok()).is_some_and(|n| n.abs() > f64::EPSILON)
    });
    let name = xml::attr(properties, "font-name").or_else(|| xml::attr(properties, "font-family"));
    let red = xml::attr(properties, "color").map(|c| styles::is_red_code(c.trim()));
    Look { struck, red, format: None, raised, face: name.map(|n| Face::of(&n)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_build_on_others() {
        let mut styles = Styles::default();
        let common = r##"<office:styles><style:style style:name="Default" style:family="table-cell"/>
            <style:style style:name="Bad" style:family="table-cell"><style:text-properties fo:color="#cc0000"/></style:style></office:styles>
            <office:automatic-styles><style:style style:name="T1" style:family="text"><style:text-properties fo:color="#ff0000"/></style:style></office:automatic-styles>"##;
        styles.add(common, "styles").unwrap();
        let own = r##"<a><office:automatic-styles>
            <style:style style:name="ce1" style:family="table-cell" style:parent-style-name="Bad"><style:text-properties style:text-line-through-style="solid" style:text-line-through-type="single"/></style:style>
            <style:style style:name="ce2" style:family="table-cell" style:parent-style-name="ce1"><style:text-properties style:text-line-through-type="none" fo:color="#000000"/></style:style>
            <style:style style:name="ce3" style:family="table-cell" style:parent-style-name="ce3"/>
            <style:style style:name="T2" style:family="text"><style:text-properties style:text-line-through-style="none"/></style:style>
            </office:automatic-styles><office:body><style:style style:name="ce1" style:family="table-cell"/></office:body></a>"##;
        styles.add(own, "automatic-styles").unwrap();
        let look = |struck, red| Look { struck, red, ..Look::default() };
        assert_eq!(styles.cell("ce1"), look(Some(true), Some(true)));
        assert_eq!(styles.cell("ce2"), look(Some(false), Some(false)));
        assert_eq!((styles.cell("ce3"), styles.cell("Default")), (Look::default(), Look::default()));
        assert_eq!((styles.text("T1"), styles.text("T2")), (Look::default(), look(Some(false), None)));
    }
}
