//! The master workbook 取りまとめ.xlsx and the CSV of データ, from the ledger and the sheet definitions.
//!
//! Takes what was brought together and gives bytes; nothing is computed here that a reader could not count on the
//! ledger, and nothing knows a form but by its definition. The same ledger gives the same bytes.

pub(crate) mod asked;
mod body;
pub mod brief;
mod canvas;
mod cell;
mod changes;
mod charts;
pub(crate) mod context;
mod corrections;
pub mod csv;
mod data;
mod figures;
mod findings;
mod gantt;
pub mod letter;
mod list;
mod long;
mod ministry;
mod names;
mod overview;
pub mod plain;
mod rates;
mod reconcile;
pub mod remind;
mod replies;
pub mod returns;
mod revisions;
mod show;
mod side_by_side;
mod sources;
mod sums;
pub mod survey;
mod timeline;
pub(crate) mod trend;
pub mod word;

use std::{fmt, io};

use chrono::NaiveDate;
use rust_xlsxwriter::{Workbook, Worksheet, XlsxError};

use crate::forms::Templates;
use crate::look::{self, Page};
use crate::model::ledger::{Ledger, Previous};
use crate::model::master::{MasterKind, MasterSheet};
pub use body::{Body, Hashing, Spool};
use context::Context;
pub use findings::{HASH, on_disk};
pub use long::ANSWERS_CSV;
pub use names::{file_name, file_path, of_divisions};

/// Rows beyond which a long sheet is not drawn but says where its CSV stands: a workbook of this size still opens on
/// an office machine, and drawing more takes gigabytes (a round of a whole prefecture).
pub const MAX_ROWS: usize = 200_000;

/// Rows beyond which a sheet is written to a passing file row by row.
const HELD_ROWS: usize = 5_000;

/// Path of the master workbook below 結果/, and its name in 前回/.
pub const MASTER: &str = "取りまとめ.xlsx";

/// The sheet that holds every answer in the long form, which a later round reads back.
pub const DATA_SHEET: &str = "データ";

/// Places of the technical sheets among those of the definitions.
mod order {
    pub const REPLIES: u32 = 20;
    pub const REVISIONS: u32 = 21;
    /// After the rates' definitions.
    pub const TREND: u32 = 71;
    pub const FINDINGS: u32 = 80;
    pub const CHANGES: u32 = 82;
    pub const CORRECTIONS: u32 = 83;
    pub const RECONCILIATION: u32 = 84;
    pub const SOURCES: u32 = 85;
    pub const CONVERSIONS: u32 = 86;
    pub const DATA: u32 = 90;
    pub const CODES: u32 = 91;
    pub const CHART_DATA: u32 = 92;
}

/// One output file: path below 結果/, and its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Path below 結果/, with `/`.
    pub path: String,
    /// The bytes.
    pub body: Body,
}

impl Output {
    /// One whose bytes are held.
    #[must_use]
    pub fn new(path: impl Into<String>, bytes: impl Into<Body>) -> Self {
        Self { path: path.into(), body: bytes.into() }
    }
}

/// Why the outputs could not be written.
#[derive(Debug)]
pub enum WriteError {
    /// The drawing library refused (a sheet's name, a size).
    Workbook(XlsxError),
    /// The CSV could not be made.
    Csv(String),
    /// The document library refused.
    Document(String),
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Workbook(e) => write!(f, "取りまとめのブックを書けません（{e}）。"),
            Self::Csv(e) => write!(f, "CSVを書けません（{e}）。"),
            Self::Document(e) => write!(f, "文書を書けません（{e}）。"),
        }
    }
}

impl std::error::Error for WriteError {}

impl From<XlsxError> for WriteError {
    fn from(e: XlsxError) -> Self {
        Self::Workbook(e)
    }
}

impl From<::csv::Error> for WriteError {
    fn from(e: ::csv::Error) -> Self {
        Self::Csv(e.to_string())
    }
}

/// Writes 取りまとめ.xlsx and データ/*.csv.
///
/// # Errors
/// When a definition names a sheet in a way the workbook cannot hold.
pub fn write(ledger: &Ledger, templates: &Templates) -> Result<Vec<Output>, WriteError> {
    let mut outputs = vec![master(ledger, templates)?];
    outputs.extend(tables(ledger, templates)?);
    Ok(outputs)
}

/// 取りまとめ.xlsx.
///
/// # Errors
/// As [`write`].
pub fn master(ledger: &Ledger, templates: &Templates) -> Result<Output, WriteError> {
    Ok(Output::new(MASTER, workbook(&Context::new(ledger, templates))?))
}

/// データ/*.csv.
///
/// # Errors
/// As [`write`].
pub fn tables(ledger: &Ledger, templates: &Templates) -> Result<Vec<Output>, WriteError> {
    let ctx = &Context::new(ledger, templates);
    // Where the system gives no room for a passing file it is held after all.
    let answers = answers_csv(ctx, Spool::default()).map(Spool::body);
    let answers = answers.or_else(|_| answers_csv(ctx, Vec::new()).map(Body::Held))?;
    let findings = data::findings(ctx);
    let findings = csv::bytes(findings.heads, findings.rows.iter().map(Vec::as_slice))?;
    Ok(vec![Output::new(long::ANSWERS_CSV, answers), Output::new(long::FINDINGS_CSV, findings)])
}

fn answers_csv<W: io::Write>(ctx: &Context<'_>, to: W) -> Result<W, WriteError> {
    let mut rows = csv::Rows::new(to, data::ANSWERS)?;
    data::answers(ctx, &mut |row| rows.row(row))?;
    rows.finish()
}

/// A sheet to be drawn: of the definitions, or one that the engine knows.
enum Planned<'a> {
    Defined(&'a MasterSheet),
    Replies,
    Revisions,
    Trend,
    Findings,
    Changes(&'a Previous),
    Corrections,
    Reconciliation,
    Sources,
    Conversions,
    Data,
    Codes,
    ChartData,
    Brief,
}

/// The papers of the headquarters meeting as a document below 結果/.
///
/// # Errors
/// When the document library refuses to write.
pub fn brief(ledger: &Ledger, templates: &Templates) -> Result<Output, WriteError> {
    let ctx = Context::new(ledger, templates);
    Ok(Output::new(&*templates.brief.file, brief::bytes(&ctx)?))
}

/// Whether a sheet has anything to be about: of a form that this round does not ask nothing is drawn.
fn asked(ctx: &Context<'_>, sheet: &MasterSheet) -> bool {
    sheet.form.as_ref().is_none_or(|form| ctx.round().forms.contains_key(form))
}

fn workbook(ctx: &Context<'_>) -> Result<Vec<u8>, WriteError> {
    let mut planned: Vec<(u32, Planned<'_>)> =
        ctx.templates.master.iter().filter(|s| asked(ctx, s)).map(|s| (s.order, Planned::Defined(s))).collect();
    planned.extend([
        (order::REPLIES, Planned::Replies),
        (order::FINDINGS, Planned::Findings),
        (order::RECONCILIATION, Planned::Reconciliation),
        (order::SOURCES, Planned::Sources),
        (order::CONVERSIONS, Planned::Conversions),
        (order::DATA, Planned::Data),
        (order::CODES, Planned::Codes),
    ]);
    if !ctx.templates.brief.parts.is_empty() {
        planned.push((ctx.templates.brief.order, Planned::Brief));
    }
    planned.extend(ctx.ledger.previous.as_ref().map(|p| (order::CHANGES, Planned::Changes(p))));
    if !ctx.ledger.revisions.is_empty() {
        planned.push((order::REVISIONS, Planned::Revisions));
    }
    if !ctx.ledger.reported.is_empty() {
        planned.push((order::CORRECTIONS, Planned::Corrections));
    }
    if !ctx.ledger.trend.is_empty() {
        planned.push((order::TREND, Planned::Trend));
    }
    let charts = charts::all(ctx);
    if !charts.is_empty() {
        planned.push((order::CHART_DATA, Planned::ChartData));
    }
    planned.sort_by_key(|(order, _)| *order);
    let round = ctx.round();
    let created = round.forms.values().map(|f| f.as_of).next().or_else(|| NaiveDate::from_ymd_opt(2000, 1, 1));
    let title = format!("{}　{}　取りまとめ", round.municipality, round.name);
    let mut book = look::new_workbook(&title, created.unwrap_or_default())?;
    for (_, sheet) in &planned {
        match sheet {
            Planned::Defined(def) => defined(ctx, &mut book, def, &charts)?,
            Planned::Replies => replies::draw(ctx, &mut book)?,
            Planned::Revisions => revisions::draw(ctx, &mut book)?,
            Planned::Trend => trend::draw(ctx, &mut book)?,
            Planned::Findings => findings::draw(ctx, &mut book)?,
            Planned::Changes(previous) => changes::draw(ctx, &mut book, previous)?,
            Planned::Corrections => corrections::draw(ctx, &mut book)?,
            Planned::Reconciliation => reconcile::draw(ctx, &mut book)?,
            Planned::Sources => sources::draw(ctx, &mut book)?,
            Planned::Conversions => long::conversions(ctx, &mut book)?,
            Planned::Data => long::answers(ctx, &mut book)?,
            Planned::Codes => long::codes(ctx, &mut book)?,
            Planned::ChartData => charts::figures(ctx, &mut book, &charts)?,
            Planned::Brief => brief::draw(ctx, &mut book, &brief::papers(ctx))?,
        }
    }
    Ok(look::saved(&mut book)?)
}

fn defined(
    ctx: &Context<'_>,
    book: &mut Workbook,
    def: &MasterSheet,
    charts: &[charts::Figures],
) -> Result<(), WriteError> {
    match &def.kind {
        MasterKind::Summary { sections, below, .. } => {
            let own: Vec<&charts::Figures> = charts.iter().filter(|f| f.sheet() == def.id).collect();
            overview::draw(ctx, book, def, &overview::Parts { sections, charts: &own, below })
        }
        MasterKind::List { columns } => list::draw(ctx, book, def, columns),
        MasterKind::SideBySide { columns, date, done } => {
            side_by_side::draw(ctx, book, def, &side_by_side::Dates { columns, date, done: done.as_deref() })
        }
        MasterKind::RateRow { rate, label, header } => ministry::rate_row(ctx, book, def, &[rate, label, header]),
        MasterKind::Matrix { columns, codes, header, field, word } => {
            ministry::matrix(ctx, book, def, &ministry::Across { columns, codes, header, field, word: word.as_deref() })
        }
        MasterKind::Rates { rates } => rates::draw(ctx, book, def, rates),
        MasterKind::Gantt { codes, planned, actual, deadline, from } => {
            gantt::draw(ctx, book, def, &timeline::Plan { codes, planned, actual, deadline, from: from.as_deref() })
        }
    }
}

/// Adds a sheet with its print set-up: footer with city, round, as-of date and page; the mark at the top.
fn add_sheet<'w>(
    ctx: &Context<'_>,
    book: &'w mut Workbook,
    name: &str,
    form: Option<&str>,
    paper: (bool, bool),
) -> Result<&'w mut Worksheet, WriteError> {
    add_long_sheet(ctx, book, (name, 0), form, paper)
}

/// Whether a sheet of so many rows is not held.
const fn is_long(rows: usize) -> bool {
    rows > HELD_ROWS
}

/// As [`add_sheet`], of so many rows, each written once and from top to bottom: where they are many, they are not held.
fn add_long_sheet<'w>(
    ctx: &Context<'_>,
    book: &'w mut Workbook,
    (name, rows): (&str, usize),
    form: Option<&str>,
    (landscape, a3): (bool, bool),
) -> Result<&'w mut Worksheet, WriteError> {
    // Where the system gives no room for a passing file they are held after all.
    let passing = is_long(rows) && tempfile::tempfile().is_ok();
    let sheet = if passing { book.add_worksheet_with_low_memory()? } else { book.add_worksheet() };
    sheet.set_name(name)?;
    let round = ctx.round();
    let left = format!("{}　{}　{name}", round.municipality, round.name);
    let right = format!("基準日 {}", ctx.as_of_text(form));
    look::page_setup(sheet, &Page { landscape, a3, left: &left, right: &right, mark: &round.mark });
    mark_at_top(sheet, &round.mark);
    Ok(sheet)
}

/// Puts the mark at the top of every page as well: the footer's is easily lost on a wide sheet.
fn mark_at_top(sheet: &mut Worksheet, mark: &str) {
    let mark: String = mark.chars().filter(|c| !c.is_control()).take(50).collect();
    if !mark.is_empty() {
        sheet.set_header(format!("&R&\"{},標準\"&10 {}", look::FONT, mark.replace('&', "&&")));
    }
}
