//! The workbook around the sheets: which part is which sheet, names, tables, number formats, and what forbids a patch.

use std::collections::BTreeSet;

use quick_xml::events::Event;

use super::container::Container;
use super::refusal::FillRefusal;
use crate::model::place::Area;
use crate::read::Lock;
use crate::read::guard::{Limits, Refusal};
use crate::read::package::{Kind, Package, Relation};
use crate::read::sheet_pass::area;
use crate::read::sniff::{self, sniff};
use crate::read::styles::{self, CellStyle};
use crate::read::xml;

/// An opened package.
pub(super) struct Book<'a> {
    pub container: Container<'a>,
    package: Package<'a>,
    /// The main part, and its text as it is in the file but for a byte order mark.
    pub main: String,
    pub main_text: String,
    pub sheets: Vec<SheetEntry>,
    pub date1904: bool,
    /// The ending that goes with what the package says of its main part.
    pub ending: Option<&'static str>,
    pub names: Vec<Name>,
    pub tables: Vec<Table>,
    /// Where pivot tables stand: the index of their sheet, and their cells.
    pub pivots: Vec<(usize, Area)>,
    /// The part of the calculation chain.
    pub chain: Option<String>,
    /// The part of the styles.
    styles: Option<String>,
    /// The part of the shared strings.
    strings: Option<String>,
    /// Parts that begin with a byte order mark.
    marked: BTreeSet<String>,
}

/// A sheet as the main part lists it.
#[derive(Clone, Debug)]
pub(super) struct SheetEntry {
    pub name: String,
    /// What calcChain.xml knows it by.
    pub id: String,
    /// Its part; `None` for charts, dialogs, macro sheets and sheets whose part is not there.
    pub part: Option<String>,
}

/// A defined name.
#[derive(Clone, Debug)]
pub(super) struct Name {
    /// Lower case.
    pub called: String,
    /// The sheet it belongs to, as an index.
    pub sheet: Option<usize>,
    pub text: String,
}

/// A table on a sheet.
#[derive(Clone, Debug)]
pub(super) struct Table {
    /// Lower case.
    pub name: String,
    /// The sheet it stands on, as an index.
    pub sheet: usize,
    pub area: Area,
    /// Whether its first row holds the column names.
    pub header: bool,
}

impl<'a> Book<'a> {
    /// Opens a workbook to be patched.
    pub fn open(bytes: &'a [u8]) -> Result<Self, FillRefusal> {
        let limits = Limits::default();
        match sniff(bytes, "", &limits)? {
            sniff::Container::Package => {}
            sniff::Container::Xls => {
                return Err(FillRefusal::OtherFormat { looks_like: "Excel 97-2003形式（.xls）" });
            }
            sniff::Container::Encrypted => return Err(FillRefusal::from(Refusal::Encrypted(Lock::NoPassword))),
            sniff::Container::Flat => return Err(FillRefusal::OtherFormat { looks_like: "ODS形式のブック" }),
            sniff::Container::Text(_) => return Err(FillRefusal::OtherFormat { looks_like: "テキスト" }),
        }
        let mut package = Package::open(bytes, &limits)?;
        let main_part = match package.kind()? {
            Kind::Workbook { part } => part,
            Kind::Legacy(_) => {
                return Err(FillRefusal::OtherFormat { looks_like: "ODSまたはXLSB形式のブック" });
            }
        };
        let container = Container::open(bytes, &package).map_err(|detail| damaged("zip", &detail))?;
        if container.entries().iter().any(|e| e.name.starts_with("_xmlsignatures/")) {
            return Err(FillRefusal::Signed);
        }
        let (marked, main_text) = text_of(&mut package, &main_part)?;
        let relations = package.relations(&main_part);
        let ending = ending(&mut package, &main_part);
        let find = |kind: &str| {
            // A relation that leads nowhere is none.
            let of_kind = |r: &&Relation| r.kind.ends_with(kind) && !r.external && package.has(&r.target);
            relations.iter().find(of_kind).map(|r| r.target.clone())
        };
        let (chain, styles_part, strings) = (find("/calcChain"), find("/styles"), find("/sharedStrings"));
        let listed = Listed::read(&main_text).map_err(|detail| damaged(&main_part, &detail))?;
        let sheets = listed.sheets.iter().map(|s| s.entry(&relations, &package)).collect();
        Ok(Self {
            container,
            package,
            main: main_part.clone(),
            main_text,
            sheets,
            date1904: listed.date1904,
            ending,
            names: listed.names,
            tables: Vec::new(),
            pivots: Vec::new(),
            chain,
            styles: styles_part,
            strings,
            marked: marked.then_some(main_part).into_iter().collect(),
        })
    }

    /// The text of a part, as it is in the file but for a byte order mark.
    pub fn text(&mut self, part: &str) -> Result<String, FillRefusal> {
        let (marked, text) = text_of(&mut self.package, part)?;
        if marked {
            self.marked.insert(part.to_string());
        }
        Ok(text)
    }

    /// The bytes of a part with another text, byte order mark included where it had one.
    pub fn bytes(&self, part: &str, text: &str) -> Vec<u8> {
        let mark = if self.marked.contains(part) { "\u{feff}" } else { "" };
        [mark.as_bytes(), text.as_bytes()].concat()
    }

    /// The relations of a part.
    pub fn relations(&mut self, part: &str) -> Vec<Relation> {
        self.package.relations(part)
    }

    /// Whether a part is there.
    pub fn has(&self, part: &str) -> bool {
        self.package.has(part)
    }

    /// The part of the styles, where it is there.
    pub fn styles_part(&self) -> Option<String> {
        self.styles.clone().filter(|part| self.package.has(part))
    }

    /// Whether the workbook is written in the namespaces of strict OOXML.
    pub fn strict(&self) -> bool {
        self.main_text.contains("http://purl.oclc.org/ooxml/spreadsheetml/main")
    }

    /// The index of a sheet by its name.
    pub fn sheet(&self, name: &str) -> Result<usize, FillRefusal> {
        let mut found = self.sheets.iter().enumerate().filter(|(_, s)| s.name == name);
        let Some((index, sheet)) = found.next() else {
            let names = self.sheets.iter().map(|s| s.name.clone()).collect();
            return Err(FillRefusal::SheetNotFound { sheet: name.to_string(), names });
        };
        let twice = |other: &SheetEntry| other.name.to_lowercase() == name.to_lowercase() || other.part == sheet.part;
        if self.sheets.iter().enumerate().any(|(i, s)| i != index && twice(s)) {
            return Err(FillRefusal::SheetTwice { sheet: name.to_string() });
        }
        if sheet.part.is_none() {
            return Err(FillRefusal::NotAWorksheet { sheet: name.to_string() });
        }
        Ok(index)
    }

    /// The cell styles, which tell whether a day will look like one. A workbook whose styles are odd can still be filled.
    pub fn styles(&mut self) -> Vec<CellStyle> {
        let text = self.styles_part().and_then(|part| self.text(&part).ok());
        text.and_then(|text| styles::parse(&text).ok()).unwrap_or_default()
    }

    /// The text of the shared strings, where it can be read.
    pub fn strings(&mut self) -> Option<String> {
        let part = self.strings.clone()?;
        self.text(&part).ok()
    }

    /// Whether there is any pivot table.
    pub fn has_pivots(&self) -> bool {
        self.container.entries().iter().any(|e| e.name.contains("pivottable"))
    }

    /// Reads the tables and pivot tables of a sheet.
    pub fn read_tables(&mut self, sheet: usize) {
        let Some(part) = self.sheets.get(sheet).and_then(|s| s.part.clone()) else { return };
        for relation in self.package.relations(&part).into_iter().filter(|r| !r.external) {
            if relation.kind.ends_with("/table") {
                let text = self.text(&relation.target).unwrap_or_default();
                self.tables.extend(table(&text, sheet));
            } else if relation.kind.ends_with("/pivotTable") {
                let text = self.text(&relation.target).unwrap_or_default();
                self.pivots.extend(pivot(&text).map(|area| (sheet, area)));
            }
        }
    }
}

/// The ending of a file whose main part is of this type; programs go by the type, and refuse another ending.
fn ending(package: &mut Package<'_>, main: &str) -> Option<&'static str> {
    let (_, text) = text_of(package, "[content_types].xml").ok()?;
    let mut reader = xml::reader(&text);
    let kind = loop {
        match reader.read_event().ok()? {
            Event::Start(e) if e.local_name().as_ref() == "Override" => {
                let part = xml::attr(&e, "PartName").unwrap_or_default();
                if part.trim_start_matches('/').eq_ignore_ascii_case(main) {
                    break xml::attr(&e, "ContentType")?;
                }
            }
            Event::Eof => return None,
            _ => {}
        }
    };
    let (macros, template) = (kind.contains("macroEnabled"), kind.contains("template"));
    Some(match (macros, template) {
        _ if kind.contains("addin") => "xlam",
        (false, false) => "xlsx",
        (true, false) => "xlsm",
        (false, true) => "xltx",
        (true, true) => "xltm",
    })
}

/// The cells that a pivot table draws anew whenever it is refreshed.
fn pivot(text: &str) -> Option<Area> {
    let mut reader = xml::reader(text);
    loop {
        match reader.read_event().ok()? {
            Event::Start(e) if e.local_name().as_ref() == "location" => {
                return xml::attr(&e, "ref").and_then(|r| area(&r));
            }
            Event::Eof => return None,
            _ => {}
        }
    }
}

fn table(text: &str, sheet: usize) -> Vec<Table> {
    let mut reader = xml::reader(text);
    let mut out = Vec::new();
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(e) if e.local_name().as_ref() == "table" => {
                let Some(area) = xml::attr(&e, "ref").and_then(|r| area(&r)) else { continue };
                let header = xml::number(&e, "headerRowCount").is_none_or(|n| n > 0.0);
                // A table goes by its display name in formulas.
                let names: BTreeSet<String> =
                    ["displayName", "name"].iter().filter_map(|n| xml::attr(&e, n)).map(|n| n.to_lowercase()).collect();
                out.extend(names.into_iter().map(|name| Table { name, sheet, area, header }));
            }
            Event::Eof => break,
            _ => {}
        }
    }
    out
}

/// The main part, read.
#[derive(Default)]
struct Listed {
    sheets: Vec<ListedSheet>,
    names: Vec<Name>,
    date1904: bool,
}

struct ListedSheet {
    name: String,
    id: String,
    relation: String,
}

impl ListedSheet {
    fn entry(&self, relations: &[Relation], package: &Package<'_>) -> SheetEntry {
        let relation = relations.iter().find(|r| r.id == self.relation && !r.external);
        let part = relation.filter(|r| r.kind.ends_with("/worksheet") && package.has(&r.target));
        SheetEntry { name: self.name.clone(), id: self.id.clone(), part: part.map(|r| r.target.clone()) }
    }
}

impl Listed {
    /// Refuses what is not well-formed, for the proof would not be able to compare it.
    fn read(text: &str) -> Result<Self, String> {
        let mut reader = xml::reader(text);
        reader.config_mut().check_end_names = true;
        let mut out = Self::default();
        let mut open: Vec<String> = Vec::new();
        let mut name: Option<Name> = None;
        loop {
            let event = reader.read_event().map_err(|e| e.to_string())?;
            match &event {
                Event::DocType(_) => return Err("DOCTYPE".into()),
                Event::Start(e) => {
                    let local = e.local_name().as_ref().to_string();
                    match (open.last().map(String::as_str), local.as_str()) {
                        (Some("workbook"), "workbookPr") => out.date1904 |= xml::flag(e, "date1904"),
                        (Some("sheets"), "sheet") => out.sheets.push(ListedSheet {
                            name: xml::attr(e, "name").unwrap_or_default(),
                            id: xml::attr(e, "sheetId").unwrap_or_default(),
                            relation: xml::attr(e, "id").unwrap_or_default(),
                        }),
                        (Some("definedNames"), "definedName") => {
                            let named = xml::attr(e, "name").unwrap_or_default().to_lowercase();
                            let sheet = xml::attr(e, "localSheetId").and_then(|i| i.trim().parse().ok());
                            name = Some(Name { called: named, sheet, text: String::new() });
                        }
                        _ => {}
                    }
                    open.push(local);
                }
                Event::End(_) => {
                    open.pop();
                    out.names.extend(name.take());
                }
                Event::Eof if !open.is_empty() => return Err("breaks off".into()),
                Event::Eof if out.sheets.is_empty() => return Err("no sheets".into()),
                Event::Eof => return Ok(out),
                event => {
                    if let Some(name) = &mut name {
                        xml::push_text(event, &mut name.text);
                    }
                }
            }
        }
    }
}

/// A part as text, and whether a byte order mark stood before it. UTF-8 is what all programs write; anything else is
/// refused.
fn text_of(package: &mut Package<'_>, part: &str) -> Result<(bool, String), FillRefusal> {
    let bytes = package.bytes(part)?.ok_or_else(|| damaged(part, "missing"))?;
    let encoding = || FillRefusal::Encoding { part: part.to_string() };
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") || bytes.iter().take(64).any(|b| *b == 0) {
        return Err(encoding());
    }
    let text = String::from_utf8(bytes).map_err(|_| encoding())?;
    let (marked, text) = match text.strip_prefix('\u{feff}') {
        Some(rest) => (true, rest.to_string()),
        None => (false, text),
    };
    if let Some(end) = text.starts_with("<?xml").then(|| text.find("?>")).flatten() {
        let head = text.get(..end).unwrap_or_default().to_ascii_lowercase();
        if head.contains("encoding") && !head.contains("utf-8") && !head.contains("us-ascii") {
            return Err(encoding());
        }
    }
    Ok((marked, text))
}

fn damaged(part: &str, detail: &str) -> FillRefusal {
    FillRefusal::Read(Refusal::Damaged { detail: format!("{part}: {detail}") })
}
