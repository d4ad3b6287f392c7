//! A workbook written part by part, as a Japanese Excel saves one: shared texts with their readings, styles, drop-downs, tints.
//! Nothing of it comes from the writer that the program itself uses.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{Cursor, Write};

use zip::write::{SimpleFileOptions, ZipWriter};

/// What stands in a cell.
pub enum Cell {
    Blank,
    Text(String),
    Number(f64),
    /// A formula with its stored result.
    Formula(String, f64),
}

/// Places among the formats of `styles.xml`.
pub mod style {
    pub const TITLE: usize = 1;
    pub const HEAD: usize = 2;
    pub const TEXT: usize = 3;
    pub const WRAPPED: usize = 4;
    pub const CENTRED: usize = 5;
    pub const DAY: usize = 6;
    pub const ERA: usize = 7;
    pub const PERCENT: usize = 8;
    pub const MONEY: usize = 9;
    pub const TO_FILL: usize = 10;
}

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
const PROLOGUE: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\r\n";

/// Fonts, fills, borders, formats of cells, the tint of a condition.
const STYLES: &str = include_str!("styles.xml");

/// Texts of the workbook, each once, with the reading of the words that were typed by it.
pub struct Texts<'a> {
    readings: &'a [(&'a str, &'a str)],
    places: HashMap<String, usize>,
    xml: String,
    uses: usize,
}

impl<'a> Texts<'a> {
    pub fn new(readings: &'a [(&'a str, &'a str)]) -> Self {
        Self { readings, places: HashMap::new(), xml: String::new(), uses: 0 }
    }

    fn place(&mut self, text: &str) -> usize {
        self.uses += 1;
        if let Some(place) = self.places.get(text) {
            return *place;
        }
        let space = if text.contains('\n') { " xml:space=\"preserve\"" } else { "" };
        let _ = write!(self.xml, "<si><t{space}>{}</t>", escaped(text));
        for (word, reading) in self.readings {
            if let Some(at) = text.find(word) {
                let from = text[..at].encode_utf16().count();
                let to = from + word.encode_utf16().count();
                let _ = write!(self.xml, "<rPh sb=\"{from}\" eb=\"{to}\"><t>{reading}</t></rPh>");
            }
        }
        self.xml.push_str("<phoneticPr fontId=\"3\"/></si>");
        self.places.insert(text.to_string(), self.places.len());
        self.places.len() - 1
    }

    fn part(&self) -> String {
        let (all, once, items) = (self.uses, self.places.len(), &self.xml);
        format!("{PROLOGUE}<sst xmlns=\"{MAIN}\" count=\"{all}\" uniqueCount=\"{once}\">{items}</sst>")
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A sheet that grows by rows.
#[derive(Default)]
pub struct Sheet {
    rows: String,
    next: usize,
    merged: Vec<String>,
}

impl Sheet {
    /// The next row; cells have column, style and content.
    pub fn row(&mut self, texts: &mut Texts<'_>, height: Option<f64>, cells: &[(usize, usize, Cell)]) {
        self.next += 1;
        let row = self.next;
        let height = height.map_or_else(String::new, |h| format!(" ht=\"{h}\" customHeight=\"1\""));
        let _ = write!(self.rows, "<row r=\"{row}\" spans=\"1:20\"{height}>");
        for (column, style, cell) in cells {
            let head = format!("<c r=\"{}\" s=\"{style}\"", at(*column, row));
            let _ = match cell {
                Cell::Blank => write!(self.rows, "{head}/>"),
                Cell::Text(t) => write!(self.rows, "{head} t=\"s\"><v>{}</v></c>", texts.place(t)),
                Cell::Number(n) => write!(self.rows, "{head}><v>{n}</v></c>"),
                Cell::Formula(f, n) => write!(self.rows, "{head}><f>{}</f><v>{n}</v></c>", escaped(f)),
            };
        }
        self.rows.push_str("</row>");
    }

    /// Rows that nobody wrote into.
    pub const fn skip(&mut self, rows: usize) {
        self.next += rows;
    }

    pub fn merge(&mut self, from: (usize, usize), to: (usize, usize)) {
        self.merged.push(format!("{}:{}", at(from.0, from.1), at(to.0, to.1)));
    }

    /// `before` and `after` are the elements before and behind the cells, in the schema's order.
    fn part(&self, before: &str, after: (&str, &str)) -> String {
        let (rows, last) = (&self.rows, self.next.max(1));
        let mut merged = String::new();
        if !self.merged.is_empty() {
            let _ = write!(merged, "<mergeCells count=\"{}\">", self.merged.len());
            for area in &self.merged {
                let _ = write!(merged, "<mergeCell ref=\"{area}\"/>");
            }
            merged.push_str("</mergeCells>");
        }
        let (filter, rest) = after;
        format!(
            "{PROLOGUE}<worksheet xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><dimension ref=\"A1:T{last}\"/>{before}<sheetData>{rows}</sheetData>{filter}{merged}<phoneticPr fontId=\"3\"/>{rest}</worksheet>"
        )
    }
}

/// A cell's name; rows count from 1.
pub fn at(column: usize, row: usize) -> String {
    let letter = char::from(b'A' + u8::try_from(column).expect("within the first 26 columns"));
    format!("{letter}{row}")
}

/// A sheet with what stands around its cells.
pub struct Named<'a> {
    pub name: &'a str,
    pub hidden: bool,
    pub sheet: &'a Sheet,
    pub before: String,
    pub after: (String, String),
}

/// The package.
pub fn package(sheets: &[Named<'_>], texts: &Texts<'_>, saved: &str) -> Vec<u8> {
    let mut parts: Vec<(String, String)> = Vec::new();
    let (mut types, mut list, mut links) = (String::new(), String::new(), String::new());
    for (n, s) in (1..).zip(sheets) {
        let path = format!("worksheets/sheet{n}.xml");
        let state = if s.hidden { " state=\"hidden\"" } else { "" };
        let _ = write!(
            types,
            "<Override PartName=\"/xl/{path}\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/>"
        );
        let _ = write!(list, "<sheet name=\"{}\" sheetId=\"{n}\"{state} r:id=\"rId{n}\"/>", s.name);
        let _ = write!(links, "<Relationship Id=\"rId{n}\" Type=\"{OFFICE}/worksheet\" Target=\"{path}\"/>");
        parts.push((format!("xl/{path}"), s.sheet.part(&s.before, (&s.after.0, &s.after.1))));
    }
    for (n, kind) in (sheets.len() + 1..).zip(["styles", "sharedStrings"]) {
        let _ = write!(
            types,
            "<Override PartName=\"/xl/{kind}.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.{kind}+xml\"/>"
        );
        let _ = write!(links, "<Relationship Id=\"rId{n}\" Type=\"{OFFICE}/{kind}\" Target=\"{kind}.xml\"/>");
    }
    let relations =
        |inner: &str| format!("{PROLOGUE}<Relationships xmlns=\"{PACKAGE}/relationships\">{inner}</Relationships>");
    let whole = format!(
        "{PROLOGUE}<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/><Override PartName=\"/xl/workbook.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/><Override PartName=\"/docProps/core.xml\" ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/>{types}</Types>"
    );
    let root = format!(
        "<Relationship Id=\"rId1\" Type=\"{OFFICE}/officeDocument\" Target=\"xl/workbook.xml\"/><Relationship Id=\"rId2\" Type=\"{PACKAGE}/relationships/metadata/core-properties\" Target=\"docProps/core.xml\"/>"
    );
    let book = format!(
        "{PROLOGUE}<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><workbookPr defaultThemeVersion=\"166925\"/><bookViews><workbookView xWindow=\"0\" yWindow=\"0\" windowWidth=\"28800\" windowHeight=\"12000\"/></bookViews><sheets>{list}</sheets><calcPr calcId=\"191029\"/></workbook>"
    );
    let core = format!(
        "{PROLOGUE}<cp:coreProperties xmlns:cp=\"{PACKAGE}/metadata/core-properties\" xmlns:dcterms=\"http://purl.org/dc/terms/\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><dcterms:modified xsi:type=\"dcterms:W3CDTF\">{saved}</dcterms:modified></cp:coreProperties>"
    );
    parts.splice(
        0..0,
        [
            ("[Content_Types].xml".to_string(), whole),
            ("_rels/.rels".to_string(), relations(&root)),
            ("xl/workbook.xml".to_string(), book),
            ("xl/_rels/workbook.xml.rels".to_string(), relations(&links)),
        ],
    );
    parts.push(("xl/styles.xml".to_string(), format!("{PROLOGUE}<styleSheet xmlns=\"{MAIN}\">{STYLES}</styleSheet>")));
    parts.push(("xl/sharedStrings.xml".to_string(), texts.part()));
    parts.push(("docProps/core.xml".to_string(), core));
    zipped(&parts)
}

fn zipped(parts: &[(String, String)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(name.as_str(), SimpleFileOptions::default()).expect("begun");
        zip.write_all(text.as_bytes()).expect("deflated");
    }
    zip.finish().expect("finished").into_inner()
}
