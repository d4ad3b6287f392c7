//! The styles of marked cells: one more fill and one more border, and for each style met a copy of it with these, so that
//! number formats and protection live on. Nothing that is there is changed but the counts.
//!
//! The border tells a marked cell apart where a conditional format of the workbook's own lies over the fill.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::outline::{Element, children, outline};
use super::splice::{Edits, open_up};
use super::tags::attribute;

/// Excel's own limit of cell styles.
const MAX_STYLES: usize = 65_490;

/// The children of a style sheet in the order of the schema.
const ORDER: [&str; 11] = [
    "numFmts",
    "fonts",
    "fills",
    "borders",
    "cellStyleXfs",
    "cellXfs",
    "cellStyles",
    "dxfs",
    "tableStyles",
    "colors",
    "extLst",
];

/// The styles of a workbook that has none.
pub(super) fn fresh(namespace: &str) -> String {
    format!(
        concat!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n",
            r#"<styleSheet xmlns="{}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>"#,
            r#"<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>"#,
            r#"<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>"#,
            r#"<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>"#,
            r#"<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs></styleSheet>"#,
        ),
        namespace
    )
}

/// The styles with the fill, the border and the copies of the styles met; gives for each style met the style that replaces it.
pub(super) fn derive(
    text: &str,
    met: &BTreeSet<usize>,
    (rgb, edge): (&str, &str),
) -> Result<(String, BTreeMap<usize, usize>), String> {
    let all = outline(text)?;
    let root = all.iter().find(|e| e.depth == 0).filter(|e| e.name == "styleSheet").ok_or("styleSheet")?;
    let part = |name: &str| children(&all, root).find(|e| e.name == name);
    let p = &root.prefix;
    let mut edits = Edits::default();
    let plain = |kind: &str| format!("<{p}fill><{p}patternFill patternType=\"{kind}\"/></{p}fill>");
    // Excel takes the first two for "none" and for a pattern, whatever they say.
    let there = part("fills").map_or(0, |e| children(&all, e).count());
    let mut fills: String = [plain("none"), plain("gray125")].into_iter().skip(there).collect();
    // Writing to a string does not fail.
    let _ = write!(
        fills,
        "<{p}fill><{p}patternFill patternType=\"solid\"><{p}fgColor rgb=\"{rgb}\"/><{p}bgColor indexed=\"64\"/></{p}patternFill></{p}fill>"
    );
    let fill = there.max(2);
    let list = Listing { text, all: &all, root, name: "fills" };
    list.append(part("fills"), &fills, fill + 1, &mut edits)?;
    let border = bordered(&list, part("borders"), edge, &mut edits)?;
    let cell_xfs = part("cellXfs");
    let xfs: Vec<&Element> = cell_xfs.map(|e| children(&all, e).collect()).unwrap_or_default();
    if xfs.iter().any(|x| x.name != "xf") {
        return Err("cellXfs".into());
    }
    let mut new = String::new();
    if xfs.is_empty() {
        let _ = write!(new, "<{p}xf/>");
    }
    let mut next = xfs.len().max(1);
    let mut replaced = BTreeMap::new();
    for style in met {
        // A style that is not there counts as none.
        let xf = xfs.get(*style).or_else(|| xfs.first());
        new.push_str(&xf.map_or_else(|| plain_xf(p, fill, border), |xf| copy(text, xf, fill, border)));
        replaced.insert(*style, next);
        next += 1;
    }
    if next > MAX_STYLES {
        return Err("more cell styles than Excel has".into());
    }
    Listing { name: "cellXfs", ..list }.append(cell_xfs, &new, next, &mut edits)?;
    Ok((edits.apply(text), replaced))
}

/// Adds the border; gives its number.
fn bordered(list: &Listing<'_>, borders: Option<&Element>, edge: &str, edits: &mut Edits) -> Result<usize, String> {
    let p = &list.root.prefix;
    let there = borders.map_or(0, |e| children(list.all, e).count());
    let mut new = String::new();
    if there == 0 {
        // The first one is everybody's.
        let _ = write!(new, "<{p}border><{p}left/><{p}right/><{p}top/><{p}bottom/><{p}diagonal/></{p}border>");
    }
    let _ = write!(new, "<{p}border>");
    for side in ["left", "right", "top", "bottom"] {
        let _ = write!(new, "<{p}{side} style=\"medium\"><{p}color rgb=\"{edge}\"/></{p}{side}>");
    }
    let _ = write!(new, "<{p}diagonal/></{p}border>");
    let border = there.max(1);
    Listing { name: "borders", ..*list }.append(borders, &new, border + 1, edits)?;
    Ok(border)
}

fn plain_xf(p: &str, fill: usize, border: usize) -> String {
    format!("<{p}xf fillId=\"{fill}\" borderId=\"{border}\" applyFill=\"1\" applyBorder=\"1\"/>")
}

/// A style with another fill and border.
fn copy(text: &str, xf: &Element, fill: usize, border: usize) -> String {
    let mut edits = Edits::default();
    let name = xf.tag.start + 1 + xf.prefix.len() + xf.name.len();
    let ids = [("fillId", fill.to_string()), ("borderId", border.to_string())];
    let applied = ["applyFill", "applyBorder"].map(|a| (a, "1".to_string()));
    for (attr, value) in ids.into_iter().chain(applied) {
        match attribute(text, &xf.tag, attr) {
            Some(at) => edits.put(at, value),
            None => edits.put(name..name, format!(" {attr}=\"{value}\"")),
        }
    }
    edits.apply_to(text, xf.tag.start..xf.end)
}

/// A list within the style sheet.
struct Listing<'t> {
    text: &'t str,
    all: &'t [Element<'t>],
    root: &'t Element<'t>,
    name: &'t str,
}

impl Listing<'_> {
    /// Appends to the list and counts, or makes the list where the schema has it.
    fn append(&self, list: Option<&Element>, new: &str, count: usize, edits: &mut Edits) -> Result<(), String> {
        let Some(list) = list else {
            if self.root.empty {
                return Err("empty styleSheet".into());
            }
            let rank = |name: &str| ORDER.iter().position(|n| *n == name);
            let own = rank(self.name);
            let later = children(self.all, self.root).find(|e| rank(e.name).is_some() && rank(e.name) > own);
            let at = later.map_or(self.root.close, |e| e.tag.start);
            let (p, name) = (&self.root.prefix, self.name);
            edits.put(at..at, format!("<{p}{name} count=\"{count}\">{new}</{p}{name}>"));
            return Ok(());
        };
        let counted = attribute(self.text, &list.tag, "count").map(|at| (at, count.to_string()));
        if list.empty {
            open_up(self.text, &list.tag, new, counted, edits);
            return Ok(());
        }
        counted.into_iter().for_each(|(at, count)| edits.put(at, count));
        edits.put(list.close..list.close, new);
        Ok(())
    }
}
