//! Opens an OOXML workbook: inspects each part, hands the clean copies to calamine's streaming cell reader, and joins
//! the values with what our own pass knows into sparse grids.
//!
//! calamine reads the values of all sound cells; it is given a package rebuilt by us, in which sheets have names of our
//! own (it finds them by name) and nothing is left that could mislead it. A dense range is never asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Cursor;

use calamine::{DataRef, Reader, Xlsx};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use super::guard::{Budget, Limits, Opened, Problem, ProblemKind, Refusal};
use super::package::{Package, Relation};
use super::rich::{self, Runs};
use super::rich_value::{self, RichValues};
use super::sheet_pass::{self, Facts, MAX_TROUBLES, Meta};
use super::stored_zip::StoredZip;
use super::styles::{self, CellStyle};
use super::workbook::{self, Book, Entry, Strings};
use super::{notes, on_sheet, props};
use crate::model::grid::{Cell, CellObject, Content, Float, Grid, Workbook};
use crate::model::own_note;
use crate::model::place::CellRef;

/// Reads the workbook whose main part is `part`.
///
/// # Errors
/// A [`Refusal`] when nothing of it can be read or a limit is passed.
pub fn open(package: &mut Package<'_>, part: &str, limits: &Limits) -> Result<Opened, Refusal> {
    let mut problems = package.scan()?;
    let Some(text) = package.text(part)? else { return Err(damaged("workbook part missing")) };
    let book = workbook::parse(&text, limits)?;
    let relations = package.relations(part);
    let styles = read_styles(package, &relations, &mut problems);
    let table = find(package, &relations, "/sharedStrings", "xl/sharedstrings.xml");
    let lost = table.is_none();
    let strings = match table {
        Some(name) => workbook::strings(&package.text(&name)?.unwrap_or_default(), limits)?,
        None => Strings { clean: "<sst></sst>".into(), ..Strings::default() },
    };

    let mut budget = Budget::new(limits);
    let sheets = read_parts(package, &book, &relations, &mut budget, &mut problems)?;
    let any = sheets.iter().any(|s| !s.facts.rich.is_empty());
    let shown = if any { RichValues::read(package, &relations) } else { RichValues::default() };
    // Without the table, every text of the workbook is gone and what is left looks like another one.
    if lost && sheets.iter().any(|s| s.facts.cells.iter().any(|c| c.string.is_some())) {
        return Err(damaged("shared strings missing"));
    }
    let bytes = rebuild(&strings.clean, &sheets)?;
    let Strings { clean, runs, long } = strings;
    drop(clean);
    let mut reader = Xlsx::new(Cursor::new(bytes)).map_err(|e| damaged(&format!("cell reader: {e}")))?;
    let mut out = Vec::new();
    for (i, mut sheet) in sheets.into_iter().enumerate() {
        sheet.facts.clean = String::new();
        let sorted = Vec::new();
        let join = Join {
            styles: &styles,
            runs: &runs,
            long: &long,
            date1904: book.date1904,
            budget: &mut budget,
            no_zeros: false,
            sorted,
        };
        let (rich, pictures) = (std::mem::take(&mut sheet.facts.rich), std::mem::take(&mut sheet.facts.pictures));
        let (mut grid, found) = join.sheet(&mut reader, i, sheet)?;
        let rich = rich.into_iter().filter_map(|(at, number)| Some((at, shown.get(number)?)));
        let pictures = pictures.into_iter().map(|at| (at, (CellObject::Picture, None)));
        rich_value::put(&mut grid, rich.chain(pictures));
        problems.extend(found);
        out.push(grid);
    }
    let workbook =
        Workbook { sheets: out, date1904: book.date1904, saved: props::saved(package), oddities: package.oddities() };
    Ok(Opened { workbook, problems })
}

/// A sheet after our own pass.
struct Sheet {
    name: String,
    hidden: bool,
    facts: Facts,
    notes: BTreeMap<CellRef, String>,
    floats: Vec<Float>,
}

fn read_styles(package: &mut Package<'_>, relations: &[Relation], problems: &mut Vec<Problem>) -> Vec<CellStyle> {
    let Some(name) = find(package, relations, "/styles", "xl/styles.xml") else {
        if relations.iter().any(|r| r.kind.ends_with("/styles")) {
            let detail = "styles missing".into();
            problems.push(Problem { sheet: String::new(), cell: None, detail, kind: ProblemKind::StylesDamaged });
        }
        return Vec::new();
    };
    let parsed = match package.text(&name) {
        Ok(text) => styles::parse(&text.unwrap_or_default()),
        Err(e) => Err(format!("{e:?}")),
    };
    parsed.unwrap_or_else(|detail| {
        problems.push(Problem { sheet: String::new(), cell: None, detail, kind: ProblemKind::StylesDamaged });
        Vec::new()
    })
}

/// The part of a relation type, or the one of the usual name.
fn find(package: &Package<'_>, relations: &[Relation], kind: &str, usual: &str) -> Option<String> {
    let by_relation = relations.iter().find(|r| r.kind.ends_with(kind) && package.has(&r.target));
    by_relation.map(|r| r.target.clone()).or_else(|| package.has(usual).then(|| usual.to_string()))
}

/// Runs our own pass over every sheet.
fn read_parts(
    package: &mut Package<'_>,
    book: &Book,
    relations: &[Relation],
    budget: &mut Budget<'_>,
    problems: &mut Vec<Problem>,
) -> Result<Vec<Sheet>, Refusal> {
    let mut sheets = Vec::new();
    let (mut names, mut parts) = (BTreeSet::new(), BTreeSet::new());
    for entry in &book.sheets {
        let mut problem = |kind, detail: &str| {
            problems.push(Problem { sheet: entry.name.clone(), cell: None, detail: detail.into(), kind });
        };
        let relation = relations.iter().find(|r| r.id == entry.relation && !r.external);
        let kind = relation.and_then(|r| r.kind.rsplit('/').next()).unwrap_or_default();
        if matches!(kind, "chartsheet" | "dialogsheet" | "xlMacrosheet" | "xlIntlMacrosheet") {
            problem(ProblemKind::SheetSkipped, kind);
            continue;
        }
        if !names.insert(entry.name.to_lowercase()) {
            problem(ProblemKind::DuplicateSheet, "sheet name");
        }
        let target = relation.map(|r| r.target.as_str()).unwrap_or_default();
        if !target.is_empty() && !parts.insert(target) {
            problem(ProblemKind::DuplicateSheet, "sheet part");
        }
        let text = match package.text(target) {
            Ok(text) => text,
            Err(Refusal::Damaged { detail }) => {
                // The general pass has met the same part; one word on it is enough.
                problems.retain(|p| !(p.kind == ProblemKind::PartDamaged && p.detail.starts_with(target)));
                sheets.push(Sheet::missing(entry, &detail, problems));
                continue;
            }
            Err(refusal) => return Err(refusal),
        };
        let Some(text) = text else {
            sheets.push(Sheet::missing(entry, "part missing", problems));
            continue;
        };
        let facts = sheet_pass::pass(&text, budget)?;
        let notes = read_notes(package, entry, target, budget, problems)?;
        let floats = on_sheet::read(package, target, &text, budget)?;
        sheets.push(Sheet { name: entry.name.clone(), hidden: entry.hidden, facts, notes, floats });
    }
    Ok(sheets)
}

impl Sheet {
    fn missing(entry: &Entry, detail: &str, problems: &mut Vec<Problem>) -> Self {
        let (sheet, detail) = (entry.name.clone(), detail.to_string());
        problems.push(Problem { sheet, cell: None, detail, kind: ProblemKind::SheetMissing });
        let (facts, notes, floats) = (Facts::default(), BTreeMap::new(), Vec::new());
        Self { name: entry.name.clone(), hidden: entry.hidden, facts, notes, floats }
    }
}

fn read_notes(
    package: &mut Package<'_>,
    entry: &Entry,
    part: &str,
    budget: &mut Budget<'_>,
    problems: &mut Vec<Problem>,
) -> Result<BTreeMap<CellRef, String>, Refusal> {
    let mut notes = BTreeMap::new();
    let relations = package.relations(part);
    // A thread stands a second time among the notes, with a word for programs that know no threads: the thread counts.
    for kind in ["/comments", "/threadedComment"] {
        let Some(relation) = relations.iter().find(|r| r.kind.ends_with(kind) && !r.external) else { continue };
        let parsed = match package.text(&relation.target) {
            Ok(text) => notes::parse(&text.unwrap_or_default()),
            Err(Refusal::Damaged { detail }) => Err(detail),
            Err(refusal) => return Err(refusal),
        };
        match parsed {
            Ok(found) => {
                budget.text(found.values().map(String::len).sum())?;
                notes.extend(found);
            }
            Err(detail) => {
                let sheet = entry.name.clone();
                problems.push(Problem { sheet, cell: None, detail, kind: ProblemKind::PartDamaged });
            }
        }
    }
    Ok(notes)
}

/// The package that the cell reader gets. Styles are left out: formats come from our own pass, so a date stays the serial
/// that is stored.
fn rebuild(strings: &str, sheets: &[Sheet]) -> Result<Vec<u8>, Refusal> {
    const TYPES: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let mut zip = StoredZip::new();
    zip.add(
        "_rels/.rels",
        &format!(
            r#"<Relationships><Relationship Id="r" Type="{TYPES}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
        ),
    )?;
    let (mut list, mut relations) = (String::new(), String::new());
    for (i, sheet) in sheets.iter().enumerate() {
        // Writing to a string does not fail.
        let _ = write!(list, r#"<sheet name="{i}" sheetId="{}" r:id="r{i}"/>"#, i + 1);
        let _ = write!(relations, r#"<Relationship Id="r{i}" Type="{TYPES}/worksheet" Target="worksheets/{i}.xml"/>"#);
        zip.add(&format!("xl/worksheets/{i}.xml"), &sheet.facts.clean)?;
    }
    zip.add("xl/workbook.xml", &format!("<workbook><sheets>{list}</sheets></workbook>"))?;
    zip.add("xl/_rels/workbook.xml.rels", &format!("<Relationships>{relations}</Relationships>"))?;
    zip.add("xl/sharedStrings.xml", strings)?;
    zip.finish()
}

/// Joins the values of a sheet with what else is known.
struct Join<'a, 'l> {
    styles: &'a [CellStyle],
    runs: &'a BTreeMap<u32, Runs>,
    /// Strings too long for a cell.
    long: &'a BTreeMap<u32, String>,
    date1904: bool,
    budget: &'a mut Budget<'l>,
    /// Whether the sheet shows nothing where a number is zero.
    no_zeros: bool,
    /// Cells as long as they come in order: a map that is built at once takes half the memory of one that grows.
    sorted: Vec<(CellRef, Cell)>,
}

/// The format of a zero on a sheet that does not show any.
const SHOWS_NOTHING: &str = ";;;";

impl Join<'_, '_> {
    fn sheet(
        mut self,
        reader: &mut Xlsx<Cursor<Vec<u8>>>,
        index: usize,
        sheet: Sheet,
    ) -> Result<(Grid, Vec<Problem>), Refusal> {
        let Facts { cells, decided, merges, hidden_rows, hidden_cols, guards, mut troubles, no_zeros, .. } =
            sheet.facts;
        self.no_zeros = no_zeros;
        let mut grid = Grid {
            name: sheet.name,
            hidden: sheet.hidden,
            merges,
            hidden_rows,
            hidden_cols,
            guards,
            floats: sheet.floats,
            ..Grid::default()
        };
        // A file that we marked and sent back: our own words are no remark of the division.
        grid.marks.notes = own_note::strip(sheet.notes);
        if !cells.is_empty() {
            let mut values =
                reader.worksheet_cells_reader(&index.to_string()).map_err(|e| damaged(&format!("cell reader: {e}")))?;
            for meta in cells {
                let content = match values.next_cell() {
                    Ok(Some(cell)) if cell.get_position() == (meta.at.row, meta.at.col) => {
                        content(cell.get_value(), self.date1904)
                    }
                    Ok(_) => return Err(damaged("cell reader lost its place")),
                    Err(e) => Err(e.to_string()),
                };
                let content = content.unwrap_or_else(|detail| {
                    tell(&mut troubles, meta.at, ProblemKind::BadCell, detail);
                    Content::Empty
                });
                self.put(&mut grid, &meta, content, &mut troubles)?;
            }
        }
        for (meta, content) in decided {
            self.put(&mut grid, &meta, content, &mut troubles)?;
        }
        if !self.sorted.is_empty() {
            grid.cells = std::mem::take(&mut self.sorted).into_iter().collect();
        }
        let mut problems = Vec::new();
        for (cell, kind, detail) in troubles {
            if let Some(at) = cell.filter(|_| kind != ProblemKind::SheetDamaged) {
                grid.bad_cells.push((at, detail.clone()));
            }
            problems.push(Problem { sheet: grid.name.clone(), cell, detail, kind });
        }
        Ok((grid, problems))
    }

    fn put(
        &mut self,
        grid: &mut Grid,
        meta: &Meta,
        content: Content,
        troubles: &mut Vec<Trouble>,
    ) -> Result<(), Refusal> {
        let at = meta.at;
        let style = self.styles.get(meta.style as usize);
        let unseen = self.no_zeros && content == Content::Number(0.0);
        let format = if unseen { Some(SHOWS_NOTHING.into()) } else { style.and_then(|s| s.format.clone()) };
        let mut content = content;
        let shared = meta.string.and_then(|i| self.long.get(&i).cloned());
        let start = shared.or_else(|| match &content {
            Content::Text(text) if text.encode_utf16().count() as u64 > self.budget.limits.text => {
                Some(text.chars().take(60).collect())
            }
            _ => None,
        });
        if let Some(start) = start {
            tell(troubles, at, ProblemKind::TextTooLong, start);
            content = Content::Empty;
        }
        if content == Content::Empty && !meta.formula {
            return Ok(());
        }
        let text = if let Content::Text(t) | Content::Error(t) = &content { t.len() } else { 0 };
        self.budget.text(text + format.as_ref().map_or(0, String::len))?;
        let runs = meta.runs.as_deref().or_else(|| self.runs.get(&meta.string?));
        let look = style.map(|s| s.look).unwrap_or_default();
        if let Some(stored) = rich::show(&mut content, look, runs) {
            grid.marks.symbols.insert(at, stored);
        }
        let cell = Cell { content, format, formula: meta.formula };
        self.keep(grid, meta, style, cell, troubles);
        Ok(())
    }

    fn keep(
        &mut self,
        grid: &mut Grid,
        meta: &Meta,
        style: Option<&CellStyle>,
        cell: Cell,
        troubles: &mut Vec<Trouble>,
    ) {
        let at = meta.at;
        if grid.cells.is_empty() && self.sorted.last().is_none_or(|(last, _)| *last < at) {
            self.sorted.push((at, cell));
            self.mark(grid, meta, style);
            return;
        }
        if !self.sorted.is_empty() {
            grid.cells = std::mem::take(&mut self.sorted).into_iter().collect();
        }
        if let Some(first) = grid.cells.get(&at) {
            if *first != cell {
                troubles.push((Some(at), ProblemKind::DuplicateCell, cell.raw().chars().take(60).collect()));
            }
            return;
        }
        grid.cells.insert(at, cell);
        self.mark(grid, meta, style);
    }

    fn mark(&self, grid: &mut Grid, meta: &Meta, style: Option<&CellStyle>) {
        let look = style.map(|s| s.look).unwrap_or_default();
        let runs = meta.runs.as_deref().or_else(|| self.runs.get(&meta.string?));
        rich::mark(&mut grid.marks, meta.at, look, runs);
    }
}

/// Tells a bad cell; of very many, only that the sheet is damaged.
fn tell(troubles: &mut Vec<Trouble>, at: CellRef, kind: ProblemKind, detail: String) {
    match troubles.len() {
        ..MAX_TROUBLES => troubles.push((Some(at), kind, detail)),
        MAX_TROUBLES => troubles.push((None, ProblemKind::SheetDamaged, "too many bad cells".into())),
        _ => {}
    }
}

/// A cell that could not be read, of what kind, and how it looks.
type Trouble = (Option<CellRef>, ProblemKind, String);

/// A value of calamine's in our own words.
fn content(value: &DataRef<'_>, date1904: bool) -> Result<Content, String> {
    Ok(match value {
        DataRef::Empty => Content::Empty,
        DataRef::Float(n) => Content::Number(*n),
        #[allow(clippy::cast_precision_loss, reason = "a cell holds a double; calamine narrows whole ones")]
        DataRef::Int(n) => Content::Number(*n as f64),
        DataRef::String(s) => Content::Text(s.clone()),
        DataRef::SharedString(s) => Content::Text((*s).to_string()),
        DataRef::Bool(b) => Content::Bool(*b),
        DataRef::Error(e) => Content::Error(e.to_string()),
        DataRef::DateTime(d) => Content::DateTime(d.as_f64()),
        DataRef::DateTimeIso(s) => Content::DateTime(iso_serial(s, date1904).ok_or_else(|| s.clone())?),
        DataRef::DurationIso(s) => return Err(s.clone()),
    })
}

/// The serial of an ISO 8601 date, time or both, in the date system of the workbook.
pub(super) fn iso_serial(text: &str, date1904: bool) -> Option<f64> {
    let text = text.trim().trim_end_matches('Z');
    let clock = |t: NaiveTime| {
        let seconds = f64::from(chrono::Timelike::num_seconds_from_midnight(&t));
        (seconds + f64::from(chrono::Timelike::nanosecond(&t)) / 1e9) / 86_400.0
    };
    if let Ok(time) = NaiveTime::parse_from_str(text, "%H:%M:%S%.f") {
        return Some(clock(time));
    }
    let at = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f")
        .ok()
        .or_else(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0))?;
    let epoch = if date1904 { NaiveDate::from_ymd_opt(1904, 1, 1)? } else { NaiveDate::from_ymd_opt(1899, 12, 30)? };
    let days = i32::try_from((at.date() - epoch).num_days()).ok()?;
    // Excel counts a 29 February 1900 that never was; before it serials are one less.
    let days = if !date1904 && days < 61 { days - 1 } else { days };
    Some(f64::from(days) + clock(at.time()))
}

fn damaged(detail: &str) -> Refusal {
    Refusal::Damaged { detail: detail.to_string() }
}
