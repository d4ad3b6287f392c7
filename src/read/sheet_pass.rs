//! One pass of our own over a worksheet part: it says where every cell stands and what the cell reader does not tell
//! (formats, formulas, hidden rows and columns, merges), and writes a clean copy of the cells for the cell reader.
//!
//! In the copy every cell has its reference, a value that fits its type, and nothing else; formulas are left out, for
//! only their presence counts. So no attribute of the original can make the reader fail, allocate or misplace, and a cell
//! that contradicts itself is met here, where its position is known.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use memchr::memmem;
use quick_xml::escape::escape;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::guard::{Budget, ProblemKind, Refusal};
use super::rich::{RunScan, Runs};
use super::xml;
use crate::model::grid::{Content, Guards};
use crate::model::place::{Area, CellRef};

/// After so many bad cells a sheet is taken as broken: the list is for people.
pub(super) const MAX_TROUBLES: usize = 1_000;
/// Areas with a list; a sheet with more is no form of ours.
const MAX_LISTS: usize = 20_000;
const MAX_ROW: u32 = 1_048_576;
const MAX_COL: u32 = 16_384;

/// What is known of a used cell beside its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Meta {
    /// Where it stands.
    pub at: CellRef,
    /// Index of its cell style.
    pub style: u32,
    /// Whether a formula stands in it.
    pub formula: bool,
    /// Index of its shared string.
    pub string: Option<u32>,
    /// Runs of an inline string.
    pub(super) runs: Option<Box<Runs>>,
}

/// What the pass found in a sheet.
#[derive(Debug, Default)]
pub struct Facts {
    /// The clean copy of the cells that have a value.
    pub clean: String,
    /// One entry per cell of the clean copy, in its order.
    pub cells: Vec<Meta>,
    /// Cells that were decided here: formulas without a value, values that contradict their type.
    pub decided: Vec<(Meta, Content)>,
    /// Merged ranges.
    pub merges: Vec<Area>,
    /// Hidden rows, zero-based.
    pub hidden_rows: BTreeSet<u32>,
    /// Hidden columns, zero-based.
    pub hidden_cols: BTreeSet<u32>,
    /// The sheet shows nothing where a number is zero.
    pub no_zeros: bool,
    /// Cells that show something else than they store, with its number in the workbook.
    pub rich: Vec<(CellRef, u32)>,
    /// Cells with a picture by a formula.
    pub pictures: Vec<CellRef>,
    /// Protection and lists to choose from; `None` when there are more areas than any form has.
    pub guards: Option<Guards>,
    /// What could not be read.
    pub troubles: Vec<(Option<CellRef>, ProblemKind, String)>,
}

/// Reads a worksheet part.
///
/// # Errors
/// [`Refusal::TooLarge`] when the workbook passes its number of cells or merges.
pub(super) fn pass(text: &str, budget: &mut Budget<'_>) -> Result<Facts, Refusal> {
    let guards = Some(Guards::default());
    let facts = Facts { clean: String::from("<worksheet><sheetData>"), guards, ..Facts::default() };
    // Hardly any sheet has such cells, and no cell of another is asked.
    let rich = memmem::find(text.as_bytes(), b" vm=").is_some();
    let mut pass =
        Pass { reader: xml::reader(text), text, rich, row: 0, row_given: false, col: 0, last: None, facts, budget };
    let end = pass.run()?;
    let mut facts = pass.facts;
    if let Err(detail) = end {
        // They stand behind the cells.
        facts.guards = None;
        facts.troubles.push((pass.last, ProblemKind::SheetDamaged, detail));
    }
    facts.merges.sort_unstable();
    facts.clean.push_str("</sheetData></worksheet>");
    Ok(facts)
}

struct Pass<'t, 'b, 'l> {
    reader: Reader<&'t [u8]>,
    text: &'t str,
    /// Whether some cells show something else than they store.
    rich: bool,
    /// Zero-based row of the next cell without a reference; `MAX_ROW` or more when it lies outside.
    row: u32,
    row_given: bool,
    col: u32,
    last: Option<CellRef>,
    facts: Facts,
    budget: &'b mut Budget<'l>,
}

/// What stands inside a `<c>`.
#[derive(Default)]
struct Inside<'t> {
    value: Option<String>,
    inline: Option<&'t str>,
    runs: Option<Runs>,
    formula: bool,
    /// The formula as it stands.
    written: &'t str,
}

impl Inside<'_> {
    /// Whether its formula is one that shows a picture: what WPS Office writes, or IMAGE of newer programs. Programs that do
    /// not know them store an error, or the formula as a text.
    fn shows_a_picture(&self) -> bool {
        let written = self.written.trim_start_matches("_xlfn.").trim_start_matches("_xlws.");
        ["DISPIMG(", "IMAGE("].iter().any(|name| written.starts_with(name))
    }
}

/// A refusal of the file outside, a break of the sheet inside.
type Step<T> = Result<Result<T, String>, Refusal>;

/// Leaves with the break of the sheet.
macro_rules! unbroken {
    ($e:expr) => {
        match $e {
            Ok(value) => value,
            Err(e) => return Ok(Err(e.to_string())),
        }
    };
}

impl<'t> Pass<'t, '_, '_> {
    fn run(&mut self) -> Step<()> {
        let (mut root, mut data, mut closed, mut listing) = (false, None, false, false);
        loop {
            match unbroken!(self.reader.read_event()) {
                Event::Start(e) => match e.local_name().as_ref() {
                    "worksheet" => root = true,
                    "sheetData" => data = Some(false),
                    "row" if data == Some(false) => self.row(&e),
                    "c" if data == Some(false) => unbroken!(self.cell(&e)?),
                    "col" if data.is_none() => self.col(&e),
                    "mergeCell" => self.merge(&e)?,
                    "sheetView" => {
                        let shown = xml::attr(&e, "showZeros").is_none_or(|v| !matches!(v.trim(), "0" | "false"));
                        self.facts.no_zeros |= !shown;
                    }
                    "sheetProtection" => {
                        let on = xml::flag(&e, "sheet");
                        self.facts.guards.as_mut().into_iter().for_each(|g| g.protected |= on);
                    }
                    "dataValidation" => {
                        listing = xml::attr(&e, "type").is_some_and(|t| t.trim() == "list");
                        let areas = xml::attr(&e, "sqref").unwrap_or_default();
                        self.lists(listing, &areas);
                    }
                    // Of the newer kind of validation the cells stand in an element.
                    "sqref" if listing => {
                        let areas = unbroken!(self.text_of("sqref"));
                        self.lists(listing, &areas);
                    }
                    _ => {}
                },
                Event::End(e) => match e.local_name().as_ref() {
                    "row" if data == Some(false) => {
                        self.row = self.row.saturating_add(1);
                        self.row_given = false;
                        self.col = 0;
                    }
                    "sheetData" => data = Some(true),
                    "worksheet" => closed = true,
                    _ => {}
                },
                Event::Eof => break,
                _ => {}
            }
            if self.facts.troubles.len() >= MAX_TROUBLES {
                return Ok(Err("too many bad cells".into()));
            }
        }
        Ok(match (root, data, closed) {
            (false, ..) => Err("no worksheet element".into()),
            (_, None, _) => Err("no sheetData element".into()),
            (_, Some(false), _) | (.., false) => Err("breaks off".into()),
            _ => Ok(()),
        })
    }

    fn row(&mut self, e: &BytesStart<'_>) {
        if let Some(r) = xml::attr(e, "r") {
            let number = r.trim().parse::<u32>().ok().filter(|n| (1..=MAX_ROW).contains(n));
            if number.is_none() {
                self.trouble(None, ProblemKind::OutOfGrid, &format!("row {r}"));
            }
            self.row = number.map_or(MAX_ROW, |n| n - 1);
            self.row_given = number.is_some();
            self.col = 0;
        }
        if self.row < MAX_ROW && (xml::flag(e, "hidden") || xml::number(e, "ht") == Some(0.0)) {
            self.facts.hidden_rows.insert(self.row);
        }
    }

    fn col(&mut self, e: &BytesStart<'_>) {
        if !xml::flag(e, "hidden") && xml::number(e, "width") != Some(0.0) {
            return;
        }
        let bound = |name| xml::attr(e, name).and_then(|v| v.trim().parse::<u32>().ok());
        if let (Some(min @ 1..), Some(max)) = (bound("min"), bound("max")) {
            self.facts.hidden_cols.extend((min - 1)..max.min(MAX_COL));
        }
    }

    fn merge(&mut self, e: &BytesStart<'_>) -> Result<(), Refusal> {
        self.budget.merge()?;
        let text = xml::attr(e, "ref").unwrap_or_default();
        match area(&text) {
            Some(area) if area.first != area.last => self.facts.merges.push(area),
            // No cell is lost with it, so that one word for the sheet will do.
            None if self.facts.troubles.iter().all(|t| t.1 != ProblemKind::PartDamaged) => {
                self.trouble(None, ProblemKind::PartDamaged, &format!("merge {text}"));
            }
            Some(_) | None => {}
        }
        Ok(())
    }

    fn lists(&mut self, listing: bool, areas: &str) {
        let Some(guards) = self.facts.guards.as_mut().filter(|_| listing) else { return };
        guards.lists.extend(areas.split_whitespace().take(MAX_LISTS + 1).filter_map(area));
        if guards.lists.len() > MAX_LISTS {
            self.facts.guards = None;
        }
    }

    fn cell(&mut self, e: &BytesStart<'t>) -> Step<()> {
        let reference = xml::value(e, "r");
        let at = match &reference {
            Some(r) => CellRef::parse(r.trim()),
            None => Some(CellRef::new(self.row, self.col)).filter(|c| c.row < MAX_ROW && c.col < MAX_COL),
        };
        self.col = at.map_or(self.col, |c| c.col).saturating_add(1);
        let kind = xml::value(e, "t");
        let style = xml::value(e, "s").and_then(|s| s.trim().parse().ok()).unwrap_or(0);
        let mut inside = unbroken!(self.inside());
        let Some(at) = at else {
            if inside.value.is_some() || inside.inline.is_some() || inside.formula {
                let shown = reference.as_deref().unwrap_or("beyond the last row or column");
                self.trouble(None, ProblemKind::OutOfGrid, shown);
            }
            return Ok(Ok(()));
        };
        self.last = Some(at);
        if self.row_given && at.row != self.row {
            self.trouble(Some(at), ProblemKind::BadCell, &format!("stands in row {}", self.row + 1));
        }
        let meta = Meta { at, style, formula: inside.formula, string: None, runs: inside.runs.take().map(Box::new) };
        let number = if self.rich { xml::attr(e, "vm") } else { None };
        if let Some(number) = number.and_then(|v| v.trim().parse().ok()) {
            self.facts.rich.push((at, number));
        } else if inside.shows_a_picture() {
            self.facts.pictures.push(at);
        }
        self.decide(meta, kind.as_deref().map(str::trim), inside)?;
        Ok(Ok(()))
    }

    /// Reads to the end of the `<c>` that has just begun.
    fn inside(&mut self) -> Result<Inside<'t>, String> {
        let mut inside = Inside::default();
        loop {
            let before = self.reader.buffer_position();
            match self.reader.read_event().map_err(|e| e.to_string())? {
                Event::Start(e) => match e.local_name().as_ref() {
                    "v" => {
                        // The first counts, as in other programs.
                        let value = self.text_of("v")?;
                        inside.value.get_or_insert(value);
                    }
                    "is" => {
                        inside.runs = self.runs()?;
                        let from = usize::try_from(before).map_err(|e| e.to_string())?;
                        let to = usize::try_from(self.reader.buffer_position()).map_err(|e| e.to_string())?;
                        inside.inline = Some(self.text.get(from..to).ok_or("inline string")?);
                    }
                    name => {
                        let formula = name == "f";
                        let span = self.reader.read_to_end(e.name()).map_err(|e| e.to_string())?;
                        if formula && !inside.formula {
                            inside.formula = true;
                            let at = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
                            inside.written = self.text.get(at(span.start)..at(span.end)).unwrap_or_default();
                        }
                    }
                },
                Event::End(e) if e.local_name().as_ref() == "c" => return Ok(inside),
                Event::Eof => return Err("breaks off".into()),
                _ => {}
            }
        }
    }

    /// The text up to the end of the element that has just begun.
    fn text_of(&mut self, name: &str) -> Result<String, String> {
        let mut value = String::new();
        loop {
            match self.reader.read_event().map_err(|e| e.to_string())? {
                Event::End(e) if e.local_name().as_ref() == name => return Ok(value),
                Event::Eof => return Err("breaks off".into()),
                event => {
                    if !xml::push_text(&event, &mut value) {
                        return Err("unknown entity".into());
                    }
                }
            }
        }
    }

    fn runs(&mut self) -> Result<Option<Runs>, String> {
        let mut scan = RunScan::default();
        loop {
            match self.reader.read_event().map_err(|e| e.to_string())? {
                Event::End(e) if e.local_name().as_ref() == "is" => return Ok(scan.take()),
                Event::Eof => return Err("breaks off".into()),
                event => scan.event(&event),
            }
        }
    }

    /// Hands a sound cell to the reader, and keeps the others here.
    fn decide(&mut self, mut meta: Meta, kind: Option<&str>, inside: Inside<'_>) -> Result<(), Refusal> {
        if let Some(inline) = inside.inline
            && (kind != Some("s") || inside.value.is_none())
        {
            return self.hand_over(meta, "inlineStr", ["", inline, ""]);
        }
        let Some(value) = inside.value else {
            return if meta.formula { self.keep(meta, Content::Empty) } else { Ok(()) };
        };
        let trimmed = value.trim();
        let sound = match kind {
            Some("str" | "inlineStr") => {
                return self.hand_over(meta, "str", ["<v>", &escape(value.as_str()), "</v>"]);
            }
            _ if trimmed.is_empty() => {
                return if meta.formula { self.keep(meta, Content::Empty) } else { Ok(()) };
            }
            None | Some("n") => is_number(trimmed),
            Some("s") => {
                meta.string = trimmed.parse().ok();
                meta.string.is_some()
            }
            Some("b") => matches!(trimmed.to_ascii_lowercase().as_str(), "0" | "1" | "true" | "false"),
            Some("e") if is_known_error(trimmed) => true,
            Some("e") => return self.keep(meta, Content::Error(trimmed.to_string())),
            Some("d") => true,
            Some(_) => false,
        };
        if sound {
            return self.hand_over(meta, kind.unwrap_or("n"), ["<v>", &escape(trimmed), "</v>"]);
        }
        self.trouble(Some(meta.at), ProblemKind::BadCell, trimmed);
        // The index of a string that cannot be read says nothing to anybody; any other text is what was typed.
        let content = if kind == Some("s") { Content::Empty } else { Content::Text(value) };
        self.keep(meta, content)
    }

    fn hand_over(&mut self, meta: Meta, kind: &str, inner: [&str; 3]) -> Result<(), Refusal> {
        self.budget.cell()?;
        let clean = &mut self.facts.clean;
        clean.push_str("<c r=\"");
        // Writing to a string does not fail.
        let _ = write!(clean, "{}", meta.at);
        for part in ["\" t=\"", kind, "\">"].into_iter().chain(inner).chain(["</c>"]) {
            clean.push_str(part);
        }
        self.facts.cells.push(meta);
        Ok(())
    }

    fn keep(&mut self, meta: Meta, content: Content) -> Result<(), Refusal> {
        self.budget.cell()?;
        self.facts.decided.push((meta, content));
        Ok(())
    }

    fn trouble(&mut self, at: Option<CellRef>, kind: ProblemKind, detail: &str) {
        self.facts.troubles.push((at, kind, detail.chars().take(60).collect()));
    }
}

/// The seven error values every reader knows.
pub(super) fn is_known_error(text: &str) -> bool {
    matches!(text, "#NULL!" | "#DIV/0!" | "#VALUE!" | "#REF!" | "#NAME?" | "#NUM!" | "#N/A")
}

/// Whether a text is a finite number as XML writes it (no `inf`, no digits of other scripts).
fn is_number(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E'))
        && text.parse::<f64>().is_ok_and(f64::is_finite)
}

/// An area such as `A1:B2`, corners in any order; also whole rows (`5:6`) and columns (`A:C`).
#[must_use]
pub fn area(text: &str) -> Option<Area> {
    let (a, b) = text.trim().split_once(':').unwrap_or((text.trim(), text.trim()));
    let whole = |corner: &str, last: bool| {
        let plain = corner.replace('$', "");
        let (row, col) = if last { (MAX_ROW, "XFD") } else { (1, "A") };
        CellRef::parse(&plain)
            .or_else(|| CellRef::parse(&format!("{col}{plain}")))
            .or_else(|| CellRef::parse(&format!("{plain}{row}")))
    };
    let (a, b) =
        if text.contains(':') { (whole(a, false)?, whole(b, true)?) } else { (CellRef::parse(a)?, CellRef::parse(b)?) };
    Some(Area {
        first: CellRef::new(a.row.min(b.row), a.col.min(b.col)),
        last: CellRef::new(a.row.max(b.row), a.col.max(b.col)),
    })
}
