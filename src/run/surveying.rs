//! The command `survey`: from the folder アンケート to the tables in 結果/.

use std::path::Path;

use arcstr::ArcStr;

use super::{Options, Stop, as_of_label, not_made, round};
use crate::discover::{self, Found, RESULTS, SURVEY};
use crate::error::Error;
use crate::fill;
use crate::forms::Templates;
use crate::intake;
use crate::isolate;
use crate::made_from;
use crate::model::survey::Survey;
use crate::model::{Finding, Place, Round, Severity};
use crate::output::{self, Job, Placed};
use crate::read::{Limits, Opener};
use crate::refused::refused;
use crate::survey::{self, Answers, Defined, Source, Tally};
use crate::unpack;
use crate::write::Output;
use crate::write::survey::{self as drawing, Drawn};

/// What `survey` did.
pub struct Surveyed {
    /// The round.
    pub round: Round,
    /// The questionnaire with its counts; nothing where the definition has mistakes.
    pub counted: Option<(Survey, Tally)>,
    /// What is to be said, by file and cell.
    pub findings: Vec<Finding>,
    /// What was written below 結果/.
    pub outputs: Vec<Output>,
    /// How it was put in place.
    pub placed: Option<Placed>,
}

impl Surveyed {
    /// Whether somebody has to mend something.
    #[must_use]
    pub fn wrong(&self) -> bool {
        self.findings.iter().any(|f| f.severity() == Severity::E)
    }
}

/// Counts the answers of アンケート/ and writes the tables into 結果/; the other results stay as they are.
///
/// # Errors
/// When the folder is no round, holds no survey, or the tables cannot be written.
pub fn survey(dir: &Path, templates: &Templates, options: &Options) -> Result<Surveyed, Stop> {
    let round = round(dir, templates, options)?;
    let found = discover::survey(dir)?;
    let mut findings = Vec::new();
    let sources: Vec<Source> = found.iter().filter_map(|f| open(f, &round, &mut findings)).collect();
    let (books, exports): (Vec<&Source>, Vec<&Source>) = sources.iter().partition(|s| survey::is_definition(&s.book));
    let Defined { survey: defined, findings: said } = survey::define(&books, &templates.surveys);
    findings.extend(said);
    let Some(survey) = defined else {
        if !findings.iter().any(|f| f.code == "Q001E") {
            return Err(no_definition().into());
        }
        return Ok(Surveyed { round, counted: None, findings, outputs: Vec::new(), placed: None });
    };
    if exports.is_empty() && findings.is_empty() {
        return Err(no_answers().into());
    }
    let mut answers: Answers = survey::read(&survey, &exports);
    survey::settle(&survey, &mut answers.responses);
    let tally = survey::tally(&survey, &answers);
    findings.append(&mut answers.findings);
    let rows = answers.responses.iter_mut().filter(|r| r.fate.is_none());
    rows.for_each(|r| findings.append(&mut r.findings));
    findings.extend(tally.findings.iter().cloned().map(|f| {
        let place = f.args.get("bureau").and_then(|b| survey::asked_of(&books, b));
        Finding { place, ..f }
    }));
    findings.sort_by(|a, b| (a.severity(), &a.code, &a.place).cmp(&(b.severity(), &b.code, &b.place)));
    let drawn =
        Drawn { round: &round, templates, survey: &survey, answers: &answers, tally: &tally, findings: &findings };
    let mut outputs = vec![drawing::write(&drawn).map_err(|e| not_made(&e))?];
    fill::tidy(&mut outputs);
    let label = as_of_label(&round, options.today);
    let job = Job { whole: false, ..made_from::job(&round, &label, &outputs) };
    let placed = Some(output::place_as(&dir.join(RESULTS), &job)?);
    Ok(Surveyed { counted: Some((survey, tally)), round, findings, outputs, placed })
}

/// A file of the folder, or what is to be said of it.
fn open(found: &Found, round: &Round, findings: &mut Vec<Finding>) -> Option<Source> {
    let name = ArcStr::from(found.name.as_str());
    if intake::is_system_file(&found.name) {
        return None;
    }
    let limits = Limits::default();
    let passwords = intake::passwords(round);
    let opener = Opener { limits: &limits, passwords: &passwords, legacy: &isolate::open };
    let bytes = discover::up_to(found, limits.file).map_err(|why| unpack::unread(found, &why));
    let opened = bytes.and_then(|bytes| {
        let opened = Limits::check("file", limits.file, found.size).and_then(|()| opener.open(&bytes, &found.name));
        opened.map_err(|refusal| refused(&refusal).1.at(Place::file(&name)))
    });
    match opened {
        Ok(opened) => {
            findings.extend(intake::problems(&opened, &name));
            Some(Source { name, book: opened.workbook })
        }
        Err(finding) => {
            findings.push(finding);
            None
        }
    }
}

fn no_definition() -> Error {
    Error::new(
        format!("「{SURVEY}」フォルダに、設問のブックがありません。"),
        format!("シート「設問」（番号・設問・種類・選択肢）のあるブックを「{SURVEY}」フォルダに入れてください。"),
    )
}

fn no_answers() -> Error {
    Error::new(
        format!("「{SURVEY}」フォルダに、回答の書出しがありません。"),
        format!("フォームから書き出したファイル（xlsx、csv）を「{SURVEY}」フォルダに入れてください。"),
    )
}
