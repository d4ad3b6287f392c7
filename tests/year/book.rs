//! A workbook as a spreadsheet program would change it: cells are found by their text and written into the parts as they lie,
//! without the reader and the writer under test.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::Path;

/// Row and column, from 0.
pub type At = (u32, u32);

/// What is typed into a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Put {
    Blank,
    Text(String),
    Number(f64),
    /// A day, stored as ISO 8601 in a cell of that type.
    Day(String),
}

/// A cell: its style and what it shows.
#[derive(Clone, Debug, Default)]
struct Stored {
    style: String,
    xml: String,
    text: String,
}

#[derive(Clone, Debug)]
pub struct Sheet {
    pub name: String,
    part: String,
    rows: BTreeMap<u32, (String, BTreeMap<u32, Stored>)>,
    merged: Vec<(At, At)>,
    touched: bool,
}

#[derive(Clone)]
pub struct Book {
    parts: Vec<(String, Vec<u8>)>,
    pub sheets: Vec<Sheet>,
}

/// What stands between two marks, from a place on; and where it ends.
fn between<'a>(text: &'a str, open: &str, close: &str, from: usize) -> Option<(&'a str, usize)> {
    let start = from + text.get(from..)?.find(open)? + open.len();
    let end = start + text[start..].find(close)?;
    Some((&text[start..end], end + close.len()))
}

/// An attribute of a tag.
fn attr<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    between(tag, &format!(" {name}=\""), "\"", 0).map(|(v, _)| v)
}

fn plain(xml: &str) -> String {
    let unescaped = xml.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'");
    unescaped.replace("&#10;", "\n").replace("&amp;", "&")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// All text of the `<t>` below; phonetic guides are none of it.
fn texts(xml: &str) -> String {
    let (mut out, mut at) = (String::new(), 0);
    let xml = xml.split("<rPh").next().unwrap_or_default();
    while let Some(start) = xml[at..].find("<t").map(|n| at + n) {
        let Some(open) = xml[start..].find('>').map(|n| start + n) else { break };
        let tag = &xml[start..open];
        at = open + 1;
        if tag.ends_with('/') || !(tag == "<t" || tag.starts_with("<t ")) {
            continue;
        }
        let end = xml[at..].find("</t>").map_or(xml.len(), |n| at + n);
        out += &plain(&xml[at..end]);
        at = end;
    }
    out
}

fn address(text: &str) -> At {
    let letters: String = text.chars().take_while(char::is_ascii_alphabetic).collect();
    let col = letters.bytes().fold(0, |n, b| n * 26 + u32::from(b - b'A') + 1);
    (text[letters.len()..].parse::<u32>().expect("a row") - 1, col - 1)
}

fn name_of((row, col): At) -> String {
    let (mut letters, mut n) = (String::new(), col + 1);
    while n > 0 {
        letters.insert(0, char::from(b'A' + u8::try_from((n - 1) % 26).expect("a letter")));
        n = (n - 1) / 26;
    }
    format!("{letters}{}", row + 1)
}

impl Book {
    pub fn open(path: &Path) -> Self {
        Self::read(&fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display())))
    }

    pub fn read(bytes: &[u8]) -> Self {
        let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).expect("a package");
        let mut parts = Vec::new();
        for i in 0..zip.len() {
            let mut file = zip.by_index(i).expect("a part");
            let mut part = Vec::new();
            let name = file.name().expect("a name").into_owned();
            file.read_to_end(&mut part).expect("readable");
            parts.push((name, part));
        }
        let text = |name: &str| {
            let part = parts.iter().find(|(n, _)| n == name);
            part.map(|(_, bytes)| String::from_utf8(bytes.clone()).expect("UTF-8")).unwrap_or_default()
        };
        let (mut shared, mut at, strings) = (Vec::new(), 0, text("xl/sharedStrings.xml"));
        while let Some((si, next)) = between(&strings, "<si>", "</si>", at) {
            shared.push(texts(si));
            at = next;
        }
        let (book, rels) = (text("xl/workbook.xml"), text("xl/_rels/workbook.xml.rels"));
        let mut targets = BTreeMap::new();
        let mut at = 0;
        while let Some((tag, next)) = between(&rels, "<Relationship ", "/>", at) {
            let tag = format!(" {tag}");
            targets.extend(attr(&tag, "Id").zip(attr(&tag, "Target")).map(|(i, t)| (i.to_string(), t.to_string())));
            at = next;
        }
        let (mut sheets, mut at) = (Vec::new(), 0);
        while let Some((tag, next)) = between(&book, "<sheet ", "/>", at) {
            let tag = format!(" {tag}");
            let target = &targets[attr(&tag, "r:id").expect("an id")];
            let part = format!("xl/{}", target.trim_start_matches("/xl/"));
            let name = plain(attr(&tag, "name").expect("a name"));
            sheets.push(Sheet::read(name, &part, &text(&part), &shared));
            at = next;
        }
        Self { parts, sheets }
    }

    pub fn sheet(&mut self, name: &str) -> &mut Sheet {
        let names: Vec<String> = self.sheets.iter().map(|s| s.name.clone()).collect();
        self.sheets.iter_mut().find(|s| s.name == name).unwrap_or_else(|| panic!("no sheet {name} of {names:?}"))
    }

    /// The workbook with what was typed, saved at a time (UTC).
    pub fn saved(&self, at: &str) -> Vec<u8> {
        let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, part) in &self.parts {
            let mut part = part.clone();
            if let Some(sheet) = self.sheets.iter().find(|s| s.part == *name && s.touched) {
                part = sheet.written(&String::from_utf8(part).expect("UTF-8")).into_bytes();
            }
            if name == "docProps/core.xml" {
                let text = String::from_utf8(part).expect("UTF-8");
                let (head, tail) = text.split_once("<dcterms:modified").expect("a day");
                let tail = tail.split_once("</dcterms:modified>").expect("its end").1;
                let day = format!(r#"<dcterms:modified xsi:type="dcterms:W3CDTF">{at}</dcterms:modified>"#);
                part = format!("{head}{day}{tail}").into_bytes();
            }
            out.start_file(name.as_str(), zip::write::SimpleFileOptions::default()).expect("started");
            out.write_all(&part).expect("written");
        }
        out.finish().expect("closed").into_inner()
    }
}

impl Sheet {
    fn read(name: String, part: &str, xml: &str, shared: &[String]) -> Self {
        let mut rows: BTreeMap<u32, (String, BTreeMap<u32, Stored>)> = BTreeMap::new();
        let data = between(xml, "<sheetData>", "</sheetData>", 0).map_or("", |(d, _)| d);
        for row in data.split("<row ").skip(1) {
            let (tag, cells) = row.split_once('>').expect("a row");
            let tag = tag.trim_end_matches('/');
            let mut of = BTreeMap::new();
            for cell in cells.split("<c ").skip(1) {
                let (open, rest) = cell.split_once('>').expect("a cell");
                let tag = format!(" {}", open.trim_end_matches('/'));
                let body = if open.ends_with('/') { "" } else { rest.split("</c>").next().unwrap_or_default() };
                let value = between(body, "<v>", "</v>", 0).map_or("", |(v, _)| v);
                let text = match attr(&tag, "t") {
                    Some("s") => shared[value.parse::<usize>().expect("a number")].clone(),
                    Some("inlineStr") => texts(body),
                    _ => plain(value),
                };
                let style = attr(&tag, "s").unwrap_or_default().to_string();
                let xml = if body.is_empty() { format!("<c{tag}/>") } else { format!("<c{tag}>{body}</c>") };
                of.insert(address(attr(&tag, "r").expect("an address")).1, Stored { style, xml, text });
            }
            let n = attr(&format!(" {tag}"), "r").expect("a number").parse::<u32>().expect("a row") - 1;
            rows.insert(n, (tag.to_string(), of));
        }
        let (mut merged, mut at) = (Vec::new(), 0);
        while let Some((area, next)) = between(xml, "<mergeCell ref=\"", "\"", at) {
            merged.extend(area.split_once(':').map(|(a, b)| (address(a), address(b))));
            at = next;
        }
        Self { name, part: part.to_string(), rows, merged, touched: false }
    }

    pub fn text(&self, (row, col): At) -> &str {
        self.rows.get(&row).and_then(|(_, cells)| cells.get(&col)).map_or("", |c| &c.text)
    }

    /// The first cell with this text, from a row on.
    pub fn find(&self, text: &str, from: u32) -> Option<At> {
        let rows = self.rows.range(from..);
        rows.flat_map(|(r, (_, cells))| cells.iter().map(move |(c, s)| ((*r, *c), s)))
            .find(|(_, s)| s.text == text)
            .map(|(at, _)| at)
    }

    pub fn the(&self, text: &str, from: u32) -> At {
        self.find(text, from).unwrap_or_else(|| panic!("「{text}」 is not on 「{}」 from {from}", self.name))
    }

    /// The cell to the right of a label, past its merge.
    pub fn right_of(&self, label: &str) -> At {
        let at = self.the(label, 0);
        let area = self.merged.iter().find(|(a, _)| *a == at);
        (at.0, area.map_or(at.1, |(_, b)| b.1) + 1)
    }

    pub fn last_row(&self) -> u32 {
        self.rows.keys().next_back().copied().unwrap_or_default()
    }

    pub fn put(&mut self, (row, col): At, put: &Put) {
        self.touched = true;
        let row_tag = || (format!("r=\"{}\"", row + 1), BTreeMap::new());
        let cell = self.rows.entry(row).or_insert_with(row_tag).1.entry(col).or_default();
        let style = if cell.style.is_empty() { String::new() } else { format!(" s=\"{}\"", cell.style) };
        let tag = format!("<c r=\"{}\"{style}", name_of((row, col)));
        (cell.xml, cell.text) = match put {
            Put::Blank => (format!("{tag}/>"), String::new()),
            Put::Text(t) => {
                let text = escaped(t);
                (format!("{tag} t=\"inlineStr\"><is><t xml:space=\"preserve\">{text}</t></is></c>"), t.clone())
            }
            Put::Number(n) => (format!("{tag}><v>{n}</v></c>"), n.to_string()),
            Put::Day(d) => (format!("{tag} t=\"d\"><v>{d}</v></c>"), d.clone()),
        };
    }

    /// A table below its heads, as texts by head; it ends where the first column is blank.
    pub fn table(&self, first: &str) -> Vec<BTreeMap<String, String>> {
        let Some(head) = self.find(first, 0) else { return Vec::new() };
        let heads: Vec<(u32, String)> =
            self.rows[&head.0].1.iter().map(|(c, s)| (*c, s.text.clone())).filter(|(_, t)| !t.is_empty()).collect();
        let mut all = Vec::new();
        for row in head.0 + 1..=self.last_row() {
            if self.text((row, head.1)).is_empty() {
                break;
            }
            all.push(heads.iter().map(|(c, h)| (h.clone(), self.text((row, *c)).to_string())).collect());
        }
        all
    }

    fn written(&self, xml: &str) -> String {
        let (head, rest) = xml.split_once("<sheetData>").expect("data");
        let tail = rest.split_once("</sheetData>").expect("its end").1;
        let mut out = format!("{head}<sheetData>");
        for (tag, cells) in self.rows.values() {
            let cells: String = cells.values().map(|c| c.xml.as_str()).collect();
            out.extend(["<row ", tag.as_str(), ">", cells.as_str(), "</row>"]);
        }
        format!("{out}</sheetData>{tail}")
    }
}
