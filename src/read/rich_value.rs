//! Cells that show something else than what they store: pictures placed in cells and linked data types of newer programs.
//!
//! Such a cell stores the error #VALUE! for programs that know nothing of it, and a number that leads over three parts to what it
//! shows. On the division's screen there is no error.

use std::collections::BTreeMap;

use quick_xml::events::Event;

use super::package::{Package, Relation};
use super::xml;
use crate::model::grid::{CELL_PICTURE, CellObject, Content, Grid};
use crate::model::place::CellRef;

/// What a cell shows, and for a data type the text, if it is known.
pub type Shown = (CellObject, Option<String>);

/// What cells show by their number in the workbook, from 1 on.
#[derive(Debug, Default)]
pub struct RichValues(BTreeMap<u32, Option<Shown>>);

impl RichValues {
    /// Reads the parts of a workbook; what is missing or malformed leads nowhere.
    pub fn read(package: &mut Package<'_>, relations: &[Relation]) -> Self {
        let mut part = |kind: &str, usual: &str| {
            let related = relations.iter().find(|r| r.kind.ends_with(kind) && !r.external).map(|r| r.target.clone());
            package.text(related.as_deref().unwrap_or(usual)).ok().flatten().unwrap_or_default()
        };
        let metadata = metadata(&part("/sheetMetadata", "xl/metadata.xml"));
        let structures = structures(&part("/rdRichValueStructure", "xl/richData/rdrichvaluestructure.xml"));
        let values = values(&part("/rdRichValue", "xl/richData/rdrichvalue.xml"), &structures);
        let of = |index: Option<usize>| index.and_then(|i| values.get(i).cloned());
        // What leads nowhere is told as a picture: something is shown that nobody here can read.
        let unknown = || Some((CellObject::Picture, None));
        Self((1..).zip(metadata).map(|(n, index)| (n, of(index).unwrap_or_else(unknown))).collect())
    }

    /// What a cell of such a number shows; `None` where it shows what it stores.
    pub fn get(&self, number: u32) -> Option<Shown> {
        self.0.get(&number).cloned().unwrap_or(Some((CellObject::Picture, None)))
    }
}

/// Puts into cells what they show. A number or a text that a data type stores itself stays.
pub fn put(grid: &mut Grid, shown: impl Iterator<Item = (CellRef, Shown)>) {
    for (at, (object, text)) in shown {
        let cell = grid.cells.entry(at).or_default();
        match (object, text) {
            (CellObject::Picture, _) => cell.content = Content::Text(CELL_PICTURE.into()),
            (CellObject::Linked, Some(text)) if !matches!(cell.content, Content::Number(_) | Content::Text(_)) => {
                cell.content = Content::Text(text);
            }
            (CellObject::Linked, _) => {}
        }
        // It is no formula to mend.
        cell.formula = false;
        grid.marks.objects.insert(at, object);
    }
}

/// For each value of a cell, the number of its rich value.
fn metadata(text: &str) -> Vec<Option<usize>> {
    let mut reader = xml::reader(text);
    let (mut types, mut rich, mut values) = (0u32, Vec::new(), Vec::new());
    let (mut rich_type, mut in_rich, mut in_values) = (None, false, false);
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(e) => {
                let index = |name| xml::attr(&e, name).and_then(|v| v.trim().parse::<usize>().ok());
                match e.local_name().as_ref() {
                    "metadataType" => {
                        types += 1;
                        if xml::attr(&e, "name").is_some_and(|n| n == "XLRICHVALUE") {
                            rich_type = Some(types);
                        }
                    }
                    "futureMetadata" => in_rich = xml::attr(&e, "name").is_some_and(|n| n == "XLRICHVALUE"),
                    "rvb" if in_rich => rich.push(index("i")),
                    "valueMetadata" => in_values = true,
                    "bk" if in_values => values.push(None),
                    "rc" if in_values => {
                        let own = xml::attr(&e, "t").and_then(|t| t.trim().parse().ok()) == rich_type;
                        if let (true, Some(last), Some(v)) = (own, values.last_mut(), index("v")) {
                            *last = rich.get(v).copied().flatten();
                        }
                    }
                    _ => {}
                }
            }
            Event::End(e) if e.local_name().as_ref() == "futureMetadata" => in_rich = false,
            Event::End(e) if e.local_name().as_ref() == "valueMetadata" => in_values = false,
            Event::Eof => break,
            _ => {}
        }
    }
    values
}

/// The kinds of rich values: a name, and which of the entries is the text that is shown.
fn structures(text: &str) -> Vec<(String, Option<usize>)> {
    let mut reader = xml::reader(text);
    let (mut found, mut keys) = (Vec::<(String, Option<usize>)>::new(), 0);
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(e) => match e.local_name().as_ref() {
                "s" => {
                    found.push((xml::attr(&e, "t").unwrap_or_default(), None));
                    keys = 0;
                }
                "k" => {
                    if let Some(last) = found.last_mut()
                        && xml::attr(&e, "n").is_some_and(|n| n == "_DisplayString")
                    {
                        last.1 = Some(keys);
                    }
                    keys += 1;
                }
                _ => {}
            },
            Event::Eof => break,
            _ => {}
        }
    }
    found
}

/// What each rich value shows; `None` for numbers with a format of their own and for errors.
fn values(text: &str, structures: &[(String, Option<usize>)]) -> Vec<Option<Shown>> {
    let mut reader = xml::reader(text);
    let mut found = Vec::new();
    let (mut structure, mut entry, mut words, mut shown) = (None, 0usize, String::new(), None);
    while let Ok(event) = reader.read_event() {
        match &event {
            Event::Start(e) => match e.local_name().as_ref() {
                "rv" => {
                    let index = xml::attr(e, "s").and_then(|s| s.trim().parse::<usize>().ok());
                    (structure, entry, shown) = (index.and_then(|i| structures.get(i)), 0, None);
                }
                "v" | "fb" => words.clear(),
                _ => {}
            },
            Event::End(e) => match e.local_name().as_ref() {
                "fb" => shown = shown.or_else(|| Some(words.clone())),
                "v" => {
                    if structure.is_some_and(|(_, key)| *key == Some(entry)) {
                        shown = Some(words.clone());
                    }
                    entry += 1;
                }
                "rv" => found.push(kind(structure.map_or("", |(name, _)| name), shown.take())),
                _ => {}
            },
            Event::Eof => break,
            event if words.len() < 1_000 => {
                xml::push_text(event, &mut words);
            }
            _ => {}
        }
    }
    found
}

fn kind(name: &str, text: Option<String>) -> Option<Shown> {
    let lower = name.to_ascii_lowercase();
    if lower.contains("image") || lower.is_empty() {
        return Some((CellObject::Picture, None));
    }
    let linked = lower.contains("entity") || lower.contains("linked");
    linked.then_some((CellObject::Linked, text.filter(|t| !t.trim().is_empty())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_the_number_of_a_cell_to_what_it_shows() {
        let text = r#"<metadata><metadataTypes><metadataType name="XLDAPR"/><metadataType name="XLRICHVALUE"/></metadataTypes>
            <futureMetadata name="XLDAPR"><bk><ext><a:p i="7"/></ext></bk></futureMetadata>
            <futureMetadata name="XLRICHVALUE"><bk><ext><x:rvb i="1"/></ext></bk><bk><ext><x:rvb i="0"/></ext></bk><bk><ext><x:rvb i="2"/></ext></bk></futureMetadata>
            <cellMetadata><bk><rc t="1" v="0"/></bk></cellMetadata>
            <valueMetadata><bk><rc t="2" v="0"/></bk><bk><rc t="2" v="1"/></bk><bk><rc t="2" v="2"/></bk></valueMetadata></metadata>"#;
        assert_eq!(metadata(text), [Some(1), Some(0), Some(2)]);
        let kinds = r#"<rvStructures><s t="_localImage"><k n="a" t="i"/></s><s t="_linkedentity2"><k n="a"/><k n="_DisplayString" t="s"/></s>
            <s t="_error"><k n="errorType"/></s></rvStructures>"#;
        let kinds = structures(kinds);
        let list =
            r#"<rvData><rv s="0"><v>0</v></rv><rv s="1"><v>9</v><v>甲市</v></rv><rv s="2"><v>8</v></rv></rvData>"#;
        let shown = values(list, &kinds);
        assert_eq!(shown, [Some((CellObject::Picture, None)), Some((CellObject::Linked, Some("甲市".into()))), None]);
    }
}
