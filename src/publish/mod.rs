//! From the ledger to what citizens and the council are shown: a page, CSV and a workbook of one list, and a record of what
//! was checked before.
//!
//! Bytes out, nothing read. Only the columns of `templates/publish/*.toml` are ever taken from a record, and a gate refuses
//! the whole publication when any published text must not leave the house.

pub(crate) mod cp932;
mod gate;
mod list;
pub mod mask;
mod page;
mod personal;
mod report;
mod rules;
mod said;
mod tables;

use std::collections::BTreeMap;

use crate::error::Error;
use crate::forms::Templates;
use crate::model::ledger::Ledger;
use crate::model::publication::Publication;
use crate::model::{Finding, Severity};
use crate::write::context::Context;
use crate::write::{Output, WriteError};

pub use list::Withheld;
pub use rules::{RuleCheck, Verdict};
pub use said::Said;

/// What is asked for beside the usual files.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// CSV in CP932 (Shift_JIS as Windows knows it) as well.
    pub cp932: bool,
    /// The header rows of the last published data files, by path, to compare with.
    pub last_heads: BTreeMap<String, Vec<String>>,
}

/// What became of one publication.
#[derive(Clone, Debug)]
pub struct Published {
    /// Id of its definition.
    pub id: String,
    /// Title as printed.
    pub title: String,
    /// Form id.
    pub form: String,
    /// How many records are on the list.
    pub count: usize,
    /// Records that were held back, with the reason.
    pub withheld: Vec<Withheld>,
    /// Findings of the gate and of the files; one of severity E among `gate` refuses.
    pub gate: Vec<Finding>,
    /// Findings about the files only: they refuse nothing.
    pub files: Vec<Finding>,
    /// What is said beside the list.
    pub said: Said,
    /// The machine-readability rules, one by one.
    pub rules: Vec<RuleCheck>,
    /// The files; empty when the gate refused.
    pub outputs: Vec<Output>,
    /// What was checked, in words; empty when the gate refused.
    pub record: String,
}

impl Published {
    /// Whether the gate refused.
    #[must_use]
    pub fn refused(&self) -> bool {
        self.gate.iter().any(|f| f.severity() == Severity::E)
    }
}

/// Why no files could be made.
#[derive(Debug)]
pub enum PublishError {
    /// A file could not be written.
    Write(WriteError),
    /// The page's template is wrong: its path, and what the engine says.
    Page(String, String),
}

impl From<WriteError> for PublishError {
    fn from(e: WriteError) -> Self {
        Self::Write(e)
    }
}

impl From<PublishError> for Error {
    fn from(e: PublishError) -> Self {
        match e {
            PublishError::Write(e) => Self::new(
                format!("公表するファイルを作れませんでした（{e}）。"),
                "公表の定義（templates/publish）を確かめてください。",
            ),
            PublishError::Page(path, detail) => Self::new(
                format!("ページのひな形に誤りがあります（templates/{path}: {detail}）。"),
                "示された行を直してから、もう一度実行してください。",
            ),
        }
    }
}

/// Makes every publication whose form is asked in the round.
///
/// # Errors
/// When a page's template is wrong, or a definition names a sheet that a workbook cannot hold.
pub fn publish(ledger: &Ledger, templates: &Templates, wishes: &Wishes) -> Result<Vec<Published>, PublishError> {
    let ctx = Context::new(ledger, templates);
    let asked = templates.publications.values().filter(|p| ledger.round.forms.contains_key(&p.form));
    asked.map(|p| one(&ctx, p, wishes)).collect()
}

/// 公表前点検.txt: what was checked, of all publications. It is for the office's file and names no record that was held back.
#[must_use]
pub fn record(published: &[Published]) -> Output {
    let texts: Vec<&str> = published.iter().map(|p| p.record.as_str()).collect();
    let text = texts.join("\n\n");
    Output::new("公表前点検.txt", format!("\u{FEFF}{}", text.replace('\n', "\r\n")).into_bytes())
}

fn one(ctx: &Context<'_>, def: &Publication, wishes: &Wishes) -> Result<Published, PublishError> {
    let list = list::List::new(ctx, def);
    let mut gate = gate::findings(ctx, &list);
    gate.extend(list.findings.iter().cloned());
    let mut published = Published {
        id: def.id.clone(),
        title: ctx.fill(&def.title, Some(&def.form)),
        form: def.form.clone(),
        count: list.rows.len(),
        withheld: list.withheld.clone(),
        gate,
        files: Vec::new(),
        said: Said::of(ctx, def),
        rules: Vec::new(),
        outputs: Vec::new(),
        record: String::new(),
    };
    if published.refused() || list.rows.is_empty() {
        return Ok(published);
    }
    let tables = tables::Tables::new(ctx, &list);
    published.rules = rules::check(ctx, &list, &tables, wishes);
    let mut outputs =
        vec![Output::new(format!("{}.html", def.file), page::html(ctx, &list, &tables, &published.said)?)];
    outputs.extend(tables.csv()?);
    outputs.push(tables.workbook(ctx, &published.title)?);
    if wishes.cp932 {
        let (files, findings) = cp932::csv(&list, &tables)?;
        outputs.extend(files);
        published.files = findings;
    }
    published.record = report::text(ctx, &list, &published, &outputs);
    published.outputs = outputs;
    Ok(published)
}
