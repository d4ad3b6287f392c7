//! Somebody's own workbook with some of its cells marked: a fill and a border, and a note at each. Nothing else changes.
//!
//! In a sheet only the style of the marked cells changes (a cell that is not there is inserted, empty) and, where the sheet
//! has no notes yet, one element that names their drawing is added. [`verify_marks`] compares two packages from scratch.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use super::book::Book;
use super::outline::{children, outline, outline_within};
use super::plan::{Loaded, damaged, style_at};
use super::refusal::FillRefusal;
use super::sheet::{Sheet, Unfit};
use super::splice::{Edits, Missing, NewCell, insert, join, open_up, widen};
use super::tags::attribute;
use super::value::Rendered;
use super::{notes, tint};
use crate::model::place::{Area, CellRef};

mod check;
pub use check::verify_marks;

/// The fill of marked cells: pale enough for the text and for a photocopy, and stronger than any tint of a form.
const FILL: &str = "FFFFB9B0";

/// The border of marked cells: seen where a conditional format lies over the fill, and in a photocopy.
const EDGE: &str = "FFC00000";

/// A number that no package reaches with its parts or relations.
const MOST: usize = 1_000_000;

/// A cell to mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellMark {
    /// The name of its sheet, exactly as it stands in the workbook.
    pub sheet: String,
    /// The cell. Within a merge, any cell of it means its anchor.
    pub cell: CellRef,
    /// What the note says; several marks of one cell stand below each other. Nothing gives the fill alone.
    pub note: String,
}

/// A marked workbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marked {
    /// The workbook.
    pub bytes: Vec<u8>,
    /// The cells marked, merges as their anchors, in the order of sheets, rows and columns.
    pub cells: Vec<(String, CellRef)>,
    /// Those among them without a note of ours, because a thread of comments stands there.
    pub threads: Vec<(String, CellRef)>,
}

/// What is marked, by sheet and anchor.
type Wanted = BTreeMap<usize, BTreeMap<CellRef, String>>;

/// Marks cells of a workbook (.xlsx, .xlsm, .xltx, .xltm).
///
/// # Errors
/// A [`FillRefusal`]; nothing is half-marked.
pub fn mark(book: &[u8], marks: &[CellMark]) -> Result<Marked, FillRefusal> {
    let mut desk = Desk { book: Book::open(book)?, changed: BTreeMap::new(), added: Vec::new() };
    let (loaded, wanted) = desk.load(marks)?;
    let mut met = BTreeSet::new();
    for (index, cells) in &wanted {
        met.extend(loaded.get(index).into_iter().flat_map(|l| cells.keys().map(|at| style_number(l, *at))));
    }
    let styles = desk.styles(&met)?;
    let mut threads = Vec::new();
    for (index, cells) in &wanted {
        let Some(sheet) = loaded.get(index) else { continue };
        let name = desk.book.sheets.get(*index).map(|s| s.name.clone()).unwrap_or_default();
        let silent = desk.sheet(*index, sheet, cells, &styles)?;
        threads.extend(silent.into_iter().map(|at| (name.clone(), at)));
    }
    let bytes = desk.bytes()?;
    let named = |(index, cells): (usize, BTreeMap<CellRef, String>)| {
        let name = desk.book.sheets.get(index).map(|s| s.name.clone()).unwrap_or_default();
        cells.into_keys().map(move |at| (name.clone(), at))
    };
    Ok(Marked { bytes, cells: wanted.into_iter().flat_map(named).collect(), threads })
}

fn style_number(sheet: &Loaded, at: CellRef) -> usize {
    style_at(sheet, at).and_then(|s| s.parse().ok()).unwrap_or(0)
}

/// Sheets that are marked, and what is marked on them.
fn wanted(book: &mut Book<'_>, marks: &[CellMark]) -> Result<(BTreeMap<usize, Loaded>, Wanted), FillRefusal> {
    let (mut loaded, mut wanted) = (BTreeMap::new(), Wanted::new());
    for mark in marks {
        let index = book.sheet(&mark.sheet)?;
        let part = book.sheets.get(index).and_then(|s| s.part.clone()).unwrap_or_default();
        if let Entry::Vacant(place) = loaded.entry(index) {
            let text = book.text(&part)?;
            let sheet = Sheet::scan(&text).map_err(|unfit| match unfit {
                Unfit::Alternatives => FillRefusal::Alternatives { sheet: mark.sheet.clone() },
                Unfit::Damaged(detail) => damaged(&part, &detail),
            })?;
            place.insert(Loaded { text, sheet });
        }
        let Some(Loaded { sheet, .. }) = loaded.get(&index) else { continue };
        let anchor = sheet.anchor(mark.cell);
        if sheet.cells_at(anchor).count() > 1 || anchor.row >= 1_048_576 || anchor.col >= 16_384 {
            return Err(damaged(&part, &format!("cell {anchor}")));
        }
        let note: &mut String = wanted.entry(index).or_default().entry(anchor).or_default();
        if !note.is_empty() && !mark.note.is_empty() {
            note.push_str("\n\n");
        }
        note.push_str(&mark.note);
    }
    Ok((loaded, wanted))
}

/// A package that is being changed.
struct Desk<'a> {
    book: Book<'a>,
    /// Parts with another text, by their lower-case name.
    changed: BTreeMap<String, String>,
    /// New parts.
    added: Vec<(String, String)>,
}

const RELATIONS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";

impl Desk<'_> {
    fn load(&mut self, marks: &[CellMark]) -> Result<(BTreeMap<usize, Loaded>, Wanted), FillRefusal> {
        wanted(&mut self.book, marks)
    }

    /// The text of a part as it stands now.
    fn text(&mut self, part: &str) -> Result<String, FillRefusal> {
        match self.changed.get(part) {
            Some(text) => Ok(text.clone()),
            None => self.book.text(part),
        }
    }

    fn main_namespace(&self) -> &'static str {
        if self.book.strict() {
            "http://purl.oclc.org/ooxml/spreadsheetml/main"
        } else {
            "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        }
    }

    fn relation_namespace(&self) -> &'static str {
        if self.book.strict() {
            "http://purl.oclc.org/ooxml/officeDocument/relationships"
        } else {
            "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        }
    }

    /// Derives the styles; gives the new one for each that is met.
    fn styles(&mut self, met: &BTreeSet<usize>) -> Result<BTreeMap<usize, usize>, FillRefusal> {
        const TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml";
        if met.is_empty() {
            return Ok(BTreeMap::new());
        }
        let part = self.book.styles_part();
        let text = match &part {
            Some(part) => self.text(part)?,
            None => tint::fresh(self.main_namespace()),
        };
        let (text, styles) =
            tint::derive(&text, met, (FILL, EDGE)).map_err(|d| damaged(part.as_deref().unwrap_or("styles"), &d))?;
        if let Some(part) = part {
            self.changed.insert(part, text);
        } else {
            let name =
                (1..=MOST).map(|n| format!("xl/torimatome{n}-styles.xml")).find(|n| !self.taken(n)).unwrap_or_default();
            let main = self.book.main.clone();
            self.relate(&main, "styles", &name)?;
            self.content_type(&name, TYPE)?;
            self.added.push((name, text));
        }
        Ok(styles)
    }

    /// Marks one sheet; gives the cells whose thread was left alone.
    fn sheet(
        &mut self,
        index: usize,
        loaded: &Loaded,
        cells: &BTreeMap<CellRef, String>,
        styles: &BTreeMap<usize, usize>,
    ) -> Result<Vec<CellRef>, FillRefusal> {
        let part = self.book.sheets.get(index).and_then(|s| s.part.clone()).unwrap_or_default();
        let mut edits = Edits::default();
        tinted(loaded, cells, styles, &mut edits);
        let noted: BTreeMap<CellRef, String> =
            cells.iter().filter(|(_, n)| !n.is_empty()).map(|(at, n)| (*at, n.clone())).collect();
        let mut threads = Vec::new();
        if !noted.is_empty() {
            threads = self.notes(&part, loaded, &noted, &mut edits)?;
        }
        self.changed.insert(part, edits.apply(&loaded.text));
        Ok(threads)
    }

    /// Adds notes to a sheet: to its own parts, or to new ones.
    fn notes(
        &mut self,
        part: &str,
        loaded: &Loaded,
        cells: &BTreeMap<CellRef, String>,
        edits: &mut Edits,
    ) -> Result<Vec<CellRef>, FillRefusal> {
        const NOTES: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml";
        let tail = Tail::read(loaded).map_err(|d| damaged(part, &d))?;
        let relations = self.book.relations(part);
        let own = relations.iter().find(|r| r.kind.ends_with("/comments") && !r.external).map(|r| r.target.clone());
        // Of two relations to notes, one of which leads nowhere, nobody knows which one a program follows.
        if own.as_ref().is_some_and(|part| !self.book.has(part)) {
            return Err(damaged(part, "comments"));
        }
        let drawing = match &tail.drawing {
            Some(id) => {
                let found = relations.iter().find(|r| r.id == *id && !r.external).map(|r| r.target.clone());
                Some(found.filter(|p| self.book.has(p)).ok_or_else(|| damaged(part, "legacyDrawing"))?)
            }
            None => None,
        };
        let number = (1..=MOST).find(|n| !self.taken(&notes_part(*n)) && !self.taken(&drawing_part(*n))).unwrap_or(0);
        let text = match &own {
            Some(part) => self.text(part)?,
            None => notes::fresh(self.main_namespace()),
        };
        let noted = notes::add(&text, cells).map_err(|d| damaged(own.as_deref().unwrap_or("comments"), &d))?;
        if let Some(own) = own {
            self.changed.insert(own, noted.text);
        } else {
            let name = notes_part(number);
            self.relate(part, "comments", &name)?;
            self.content_type(&name, NOTES)?;
            self.added.push((name, noted.text));
        }
        if noted.new.is_empty() {
            return Ok(noted.threads);
        }
        let boxes: Vec<(CellRef, &str)> =
            noted.new.iter().filter_map(|at| Some((*at, cells.get(at)?.as_str()))).collect();
        let text = match &drawing {
            Some(part) => self.text(part)?,
            None => notes::fresh_drawing(number),
        };
        let text = notes::draw(&text, &boxes).map_err(|d| damaged(drawing.as_deref().unwrap_or("drawing"), &d))?;
        if let Some(drawing) = drawing {
            self.changed.insert(drawing, text);
        } else {
            let name = drawing_part(number);
            let id = self.relate(part, "vmlDrawing", &name)?;
            self.vml()?;
            self.added.push((name, text));
            let (p, ns) = (&loaded.sheet.prefix, self.relation_namespace());
            edits.put(tail.place..tail.place, format!(r#"<{p}legacyDrawing xmlns:r="{ns}" r:id="{id}"/>"#));
        }
        Ok(noted.threads)
    }

    /// Whether a part of this name is there or about to be.
    fn taken(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        self.book.has(&name) || self.added.iter().any(|(n, _)| n.to_lowercase() == name)
    }

    /// Adds a relation from a part to a new one; gives its id.
    fn relate(&mut self, from: &str, kind: &str, to: &str) -> Result<String, FillRefusal> {
        let (folder, file) = from.rsplit_once('/').unwrap_or(("", from));
        let slash = if folder.is_empty() { "" } else { "/" };
        let part = format!("{folder}{slash}_rels/{file}.rels");
        let waiting = self.added.iter().position(|(n, _)| n.to_lowercase() == part);
        let text = match waiting.and_then(|i| self.added.get(i)) {
            Some((_, text)) => text.clone(),
            None if self.book.has(&part) => self.text(&part)?,
            None => format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Relationships xmlns=\"{RELATIONS}\"></Relationships>"
            ),
        };
        let id = (1..=MOST)
            .map(|n| format!("rIdMark{n}"))
            .find(|id| !text.contains(&format!("\"{id}\"")))
            .unwrap_or_default();
        let ns = self.relation_namespace();
        let target = relative(from, to);
        let new = |p: &str| format!(r#"<{p}Relationship Id="{id}" Type="{ns}/{kind}" Target="{target}"/>"#);
        let text = appended(&text, "Relationships", &new).map_err(|d| damaged(&part, &d))?;
        match waiting.and_then(|i| self.added.get_mut(i)) {
            Some(slot) => slot.1 = text,
            None if self.book.has(&part) => {
                self.changed.insert(part, text);
            }
            None => {
                let shown = self.book.container.find(from).and_then(|i| self.book.container.entries().get(i));
                let shown = shown.map_or_else(|| from.to_string(), |e| self.book.container.shown(e)).replace('\\', "/");
                let (folder, file) = shown.rsplit_once('/').unwrap_or(("", &shown));
                self.added
                    .push((format!("{folder}{slash}_rels/{file}.rels").trim_start_matches('/').to_string(), text));
                self.default_type("rels", "application/vnd.openxmlformats-package.relationships+xml")?;
            }
        }
        Ok(id)
    }

    fn vml(&mut self) -> Result<(), FillRefusal> {
        self.default_type("vml", "application/vnd.openxmlformats-officedocument.vmlDrawing")
    }

    /// Says what a new part is.
    fn content_type(&mut self, part: &str, kind: &str) -> Result<(), FillRefusal> {
        self.types(&|p| format!(r#"<{p}Override PartName="/{part}" ContentType="{kind}"/>"#))
    }

    /// Says what parts with an ending are, where it is not said yet.
    fn default_type(&mut self, ending: &str, kind: &str) -> Result<(), FillRefusal> {
        let text = self.text(TYPES)?;
        let all = outline(&text).map_err(|d| damaged(TYPES, &d))?;
        let known = all.iter().filter(|e| e.name == "Default").any(|e| {
            let said = attribute(&text, &e.tag, "Extension").and_then(|at| text.get(at));
            said.is_some_and(|s| s.eq_ignore_ascii_case(ending))
        });
        if known {
            Ok(())
        } else {
            self.types(&|p| format!(r#"<{p}Default Extension="{ending}" ContentType="{kind}"/>"#))
        }
    }

    fn types(&mut self, new: &dyn Fn(&str) -> String) -> Result<(), FillRefusal> {
        let text = self.text(TYPES)?;
        let text = appended(&text, "Types", new).map_err(|d| damaged(TYPES, &d))?;
        self.changed.insert(TYPES.to_string(), text);
        Ok(())
    }

    /// The changed package.
    fn bytes(&self) -> Result<Vec<u8>, FillRefusal> {
        let mut parts = BTreeMap::new();
        for (part, text) in &self.changed {
            let index = self.book.container.find(part).ok_or_else(|| damaged(part, "missing"))?;
            parts.insert(index, self.book.bytes(part, text));
        }
        let added: Vec<(String, Vec<u8>)> =
            self.added.iter().map(|(name, text)| (name.clone(), text.clone().into_bytes())).collect();
        self.book.container.with_more(&parts, &added).map_err(|d| damaged("zip", &d))
    }
}

const TYPES: &str = "[content_types].xml";

/// The way from a part to another, both named from the root: some programs follow no other.
fn relative(from: &str, to: &str) -> String {
    let (from, to): (Vec<&str>, Vec<&str>) = (from.split('/').collect(), to.split('/').collect());
    let folders = from.len().min(to.len()) - 1;
    let shared = (0..folders).take_while(|i| from[*i].eq_ignore_ascii_case(to[*i])).count();
    let up = "../".repeat(from.len() - 1 - shared);
    format!("{up}{}", to[shared..].join("/"))
}

fn notes_part(n: usize) -> String {
    format!("xl/comments{n}.xml")
}

fn drawing_part(n: usize) -> String {
    format!("xl/drawings/vmlDrawing{n}.vml")
}

/// A part with one more element at the end of its root, made with the root's prefix.
fn appended(text: &str, root: &str, new: &dyn Fn(&str) -> String) -> Result<String, String> {
    let all = outline(text)?;
    let element = all.iter().find(|e| e.depth == 0).filter(|e| e.name == root).ok_or(root)?;
    let mut edits = Edits::default();
    if element.empty {
        open_up(text, &element.tag, &new(element.prefix), None, &mut edits);
    } else {
        edits.put(element.close..element.close, new(element.prefix));
    }
    Ok(edits.apply(text))
}

/// Gives the cells their new styles; inserts those that are not there.
fn tinted(loaded: &Loaded, cells: &BTreeMap<CellRef, String>, styles: &BTreeMap<usize, usize>, edits: &mut Edits) {
    let Loaded { text, sheet } = loaded;
    let nothing = Rendered { kind: None, inner: String::new() };
    let mut missing: Missing<'_> = BTreeMap::new();
    let mut used: Option<Area> = None;
    for at in cells.keys() {
        let old = style_number(loaded, *at);
        let new = styles.get(&old).copied().unwrap_or(old).to_string();
        let Some(cell) = sheet.cells_at(*at).next() else {
            missing.entry(at.row).or_default().push(NewCell { at: *at, style: Some(new), value: &nothing });
            used = Some(used.map_or(Area::cell(*at), |a| join(a, Area::cell(*at))));
            continue;
        };
        if let Some(place) = attribute(text, &cell.tag(), "s") {
            edits.put(place, new);
            continue;
        }
        let tag = text.get(cell.tag()).unwrap_or_default();
        let name = tag.find(|c: char| c.is_whitespace() || c == '/' || c == '>').unwrap_or(0) + cell.tag().start;
        edits.put(name..name, format!(" s=\"{new}\""));
    }
    used.into_iter().for_each(|used| widen(sheet, used, edits));
    insert(text, sheet, missing, edits);
}

/// What stands behind the cells of a sheet.
struct Tail {
    /// The relation of the drawing of its notes.
    drawing: Option<String>,
    /// Where the element that names it belongs.
    place: usize,
}

/// What comes behind `legacyDrawing` in the schema.
const BEHIND: [&str; 9] = [
    "legacyDrawingHF",
    "drawingHF",
    "picture",
    "oleObjects",
    "controls",
    "webPublishItems",
    "tableParts",
    "extLst",
    "webPublishItem",
];

impl Tail {
    fn read(loaded: &Loaded) -> Result<Self, String> {
        let Loaded { text, sheet } = loaded;
        let from = if sheet.data_empty {
            sheet.data_end
        } else {
            sheet.data_end + text.get(sheet.data_end..).and_then(|t| t.find('>')).ok_or("sheetData")? + 1
        };
        let tail = text.get(from..).unwrap_or_default();
        let (all, close) = outline_within(tail)?;
        // Strict workbooks have it as one of several alternatives.
        let drawings = all.iter().filter(|e| e.name == "legacyDrawing");
        let mut drawings = drawings.filter_map(|e| attribute(tail, &e.tag, "id")).filter_map(|at| tail.get(at));
        let drawing = drawings.next();
        if drawings.any(|other| Some(other) != drawing) {
            return Err("legacyDrawing".into());
        }
        let behind = |name: &str| BEHIND.contains(&name);
        // Alternatives stand where what is in them would.
        let inside = |e: &super::outline::Element| {
            let choices = children(&all, e).filter(|c| matches!(c.name, "Choice" | "Fallback"));
            choices.flat_map(|c| children(&all, c)).any(|c| behind(c.name))
        };
        let later = all.iter().find(|e| e.depth == 0 && (behind(e.name) || e.name == "AlternateContent" && inside(e)));
        Ok(Self { drawing: drawing.map(str::to_string), place: from + later.map_or(close, |e| e.tag.start) })
    }
}
