//! The ministry's workbooks: recognised by a map, filled from the ledger, read back and reconciled.
//!
//! Takes the bytes of a workbook as the ministry sent it, the maps and the ledger; gives the filled bytes with the proof
//! (照合), and findings about whatever was not written. Pure; what cannot be done is a finding, and a figure that does not
//! come back as planned is a [`Mismatch`], upon which nothing is published.

mod adapt;
pub mod drift;
mod figure;
pub mod locate;
mod plan;
mod prove;
mod rows;
mod whose;

pub use figure::recounted;

use std::fmt;

use arcstr::ArcStr;

use crate::consolidate;
use crate::fill::{self, FillRefusal, Filled, Prepared, Rules};
use crate::forms::Templates;
use crate::intake::sha256;
use crate::model::ledger::Ledger;
use crate::model::national::NationalMap;
use crate::model::reconcile::BookCheck;
use crate::model::{Finding, Place, Workbook};
use crate::read::{self, Limits, Refusal};
use crate::write::{Output, context::Context};
use figure::Sources;
use locate::{Match, Recognised};
pub use plan::{Plan, Target};
pub use prove::holds;

/// What writes the cells: [`Prepared::fill`]; a parameter so that a wrong one can be tested.
pub type Filler<'a> = &'a dyn Fn(&Prepared<'_>) -> Result<Filled, FillRefusal>;

/// What became of one file.
#[derive(Clone, Debug, Default)]
pub struct Done {
    /// The filled workbook.
    pub output: Option<Output>,
    /// The proof.
    pub check: Option<BookCheck>,
    /// What is to say about it.
    pub findings: Vec<Finding>,
}

/// A filled file that does not hold what it must.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The file.
    pub file: String,
    /// Each difference in a sentence.
    pub differences: Vec<String>,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "「{}」を照合したところ、合わないものが{}件あります。", self.file, self.differences.len())?;
        self.differences.iter().take(20).try_for_each(|d| write!(f, "\n  {d}"))
    }
}

impl std::error::Error for Mismatch {}

/// What filling needs beside the file, made once for all files of a round.
pub struct Filling<'a> {
    ctx: Context<'a>,
    sources: Sources<'a>,
    limits: Limits,
}

impl<'a> Filling<'a> {
    /// Prepares the figures of a ledger.
    #[must_use]
    pub fn new(ledger: &'a Ledger, templates: &'a Templates) -> Self {
        Self {
            ctx: Context::new(ledger, templates),
            sources: Sources::new(ledger, templates),
            limits: Limits::default(),
        }
    }

    /// Fills one file of 国様式/, named relative to the round; one past the limit comes without its bytes.
    ///
    /// # Errors
    /// A [`Mismatch`] when the filled file does not hold what it must.
    pub fn file(&self, bytes: &[u8], size: u64, name: &str, filler: Filler<'_>) -> Result<Done, Mismatch> {
        let file: ArcStr = ArcStr::from(name);
        let book = match self.open(bytes, size, name) {
            Ok(book) => book,
            Err(finding) => return Ok(Done::of(vec![finding.at(Place::file(&file))])),
        };
        let matched = match self.recognise(&book) {
            Recognised::Map(matched) => matched,
            Recognised::Unknown(nearest) => {
                return Ok(Done::of(vec![unknown(nearest, &self.ctx).at(Place::file(&file))]));
            }
        };
        if let Some(finding) = self.not_now(matched.map) {
            return Ok(Done::of(vec![finding.at(Place::file(&file))]));
        }
        if let Some(finding) = whose::other(&matched, &book, &file, &self.ctx) {
            return Ok(Done::of(vec![finding]));
        }
        let rules = rules(bytes, &matched, &book);
        let plan = plan::make(&matched, (&book, rules.as_ref()), &file, &self.ctx, &self.sources);
        self.carry_out(bytes, &book, &file, plan, filler)
    }

    /// Which map a workbook is of, and where everything stands in it.
    #[must_use]
    pub fn recognise<'b>(&'b self, book: &'b Workbook) -> Recognised<'b> {
        locate::recognise(book, &self.ctx.templates.national, self.ctx.templates, self.ctx.round())
    }

    /// What is to be written into a workbook, without writing it; `None` when no map fits. Of `bytes` the cells' own rules
    /// are read, where it is a workbook that has such.
    #[must_use]
    pub fn plan(&self, book: &Workbook, bytes: &[u8], name: &str) -> Option<Plan> {
        match self.recognise(book) {
            Recognised::Map(m) => {
                let rules = rules(bytes, &m, book);
                Some(plan::make(&m, (book, rules.as_ref()), &ArcStr::from(name), &self.ctx, &self.sources))
            }
            Recognised::Unknown(_) => None,
        }
    }

    fn open(&self, bytes: &[u8], size: u64, name: &str) -> Result<Workbook, Box<Finding>> {
        let limit = self.limits.file;
        let large =
            (size > limit).then_some(FillRefusal::Read(Refusal::TooLarge { what: "file".into(), limit, found: size }));
        // Where not even nothing can be written, nothing is read.
        let refused = match large.map_or_else(|| fill::check(bytes), Err) {
            Ok(()) => match read::open(bytes, name.rsplit('/').next().unwrap_or(name), &self.limits) {
                Ok(opened) => return Ok(opened.workbook),
                Err(refusal) => FillRefusal::Read(refusal),
            },
            Err(refusal) => refusal,
        };
        Err(Box::new(match refused {
            FillRefusal::Read(Refusal::OwnerFile { who }) => {
                Finding::new("S007I").given(if who.is_empty() { "だれか" } else { who.as_str() })
            }
            refused => {
                let titles: Vec<String> =
                    self.ctx.templates.national.iter().map(|m| format!("「{}」", m.title)).collect();
                Finding::new("S061W").arg("detail", refused.to_string()).expected(titles.concat())
            }
        }))
    }

    /// Why a workbook that is known is not filled in this round.
    fn not_now(&self, map: &NationalMap) -> Option<Finding> {
        let finding = |detail: String| Finding::new("S067I").arg("title", &*map.title).arg("detail", detail);
        let round = self.ctx.round();
        let asked: Vec<_> = map.blocks().filter_map(|(_, b)| round.forms.get(&b.form)).collect();
        if asked.is_empty() {
            return Some(finding("もとになる調査を、この調査回では行っていません".into()));
        }
        let as_of = asked.iter().map(|f| f.as_of).max()?;
        if map.holds_on(as_of) {
            return None;
        }
        let day = crate::model::date::wareki;
        let from = map.from.map(|d| format!("{}から", day(d))).unwrap_or_default();
        let to = map.to.map(|d| format!("{}まで", day(d))).unwrap_or_default();
        Some(finding(format!("この様式の定めがあるのは{from}{to}で、基準日は{}です", day(as_of))))
    }

    fn carry_out(
        &self,
        bytes: &[u8],
        book: &Workbook,
        file: &ArcStr,
        mut plan: Plan,
        filler: Filler<'_>,
    ) -> Result<Done, Mismatch> {
        let prepared = match Prepared::new(bytes, plan.writes()) {
            Err(FillRefusal::Cells(refused)) => {
                plan.refuse(&refused, file);
                Prepared::new(bytes, plan.writes())
            }
            other => other,
        };
        let mut findings = std::mem::take(&mut plan.findings);
        let (prepared, filled) = match prepared.and_then(|p| filler(&p).map(|filled| (p, filled))) {
            Ok(both) => both,
            Err(refusal) => {
                let finding = Finding::new("S061W").arg("detail", refusal.to_string()).expected("書き込めるブック");
                findings.insert(0, finding.at(Place::file(file)));
                return Ok(Done::of(findings));
            }
        };
        if prepared.writes().is_empty() {
            // A copy without a single figure would look like a report.
            return Ok(Done::of(findings));
        }
        findings.extend(plan.overwritten(book, file));
        let unread = consolidate::unread(&self.ctx.ledger.findings);
        if unread > 0 {
            findings.push(Finding::new("S088W").at(Place::file(file)).given(unread.to_string()));
        }
        let check = prove::prove(&prepared, &filled, &plan, &self.limits, |book| {
            self.plan(book, &[], file).map(|p| p.targets).unwrap_or_default()
        })
        .map_err(|differences| Mismatch { file: file.to_string(), differences })?;
        let sha = (sha256(bytes), sha256(&filled.bytes));
        let check = BookCheck { file: file.to_string(), output: file.to_string(), sha256: sha, ..check };
        Ok(Done { output: Some(Output::new(file.to_string(), filled.bytes)), check: Some(check), findings })
    }
}

/// What the cells of the mapped sheets ask; nothing where that cannot be read.
fn rules<'b>(bytes: &'b [u8], m: &Match<'_>, book: &Workbook) -> Option<Rules<'b>> {
    let names = m.sheets.iter().filter_map(|s| book.sheets.get(s.index)).map(|g| g.name.as_str());
    Rules::read(bytes, names).ok()
}

impl Done {
    fn of(findings: Vec<Finding>) -> Self {
        Self { findings, ..Self::default() }
    }
}

/// A workbook that no map fits: the nearest one, and which of its labels are there.
fn unknown(nearest: Option<Match<'_>>, ctx: &Context<'_>) -> Finding {
    let quoted = |labels: &[String]| plan::some_of(labels);
    let nearest = nearest.map_or_else(
        || {
            let titles: Vec<String> = ctx.templates.national.iter().map(|m| m.title.clone()).collect();
            format!("探した様式は{}ですが、どの見出しもありません。", plan::some_of(&titles))
        },
        |m| {
            let (found, missing) = m.labels();
            format!(
                "最も近いのは「{}」で、見出しのうち{}はありますが、{}はありません。",
                m.map.title,
                quoted(&found),
                quoted(&missing)
            )
        },
    );
    Finding::new("S060W").arg("nearest", nearest)
}
