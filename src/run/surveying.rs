//! The command `survey`: from the folder アンケート to the tables in 結果/.

use std::path::Path;

use arcstr::ArcStr;

use super::{Options, Stop, as_of_label, not_made, round};
use crate::discover::{self, Found, RESULTS, SURVEY};
use crate::error::{Error, io_words};
use crate::fill;
use crate::forms::Templates;
use crate::intake;
use crate::isolate;
use crate::made_from;
use crate::model::survey::Survey;
use crate::model::{Finding, Place, Round, Severity};
use crate::output::{self, Job, Placed};
use crate::publish::mask::{self, masked};
use crate::read::{self, Limits, Opener};
use crate::refused::refused;
use crate::survey::{self, Answers, Defined, Kept, Remark, Source, Tally, words};
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
    /// Why there is no new workbook for publication, where there is none.
    pub not_public: Option<&'static str>,
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
    let Defined { survey: defined, findings: mistakes } = survey::define(&books, &templates.surveys);
    findings.extend(mistakes);
    let Some(survey) = defined else {
        if !findings.iter().any(|f| f.code == "Q001E") {
            return Err(no_definition().into());
        }
        return Ok(Surveyed { round, counted: None, findings, not_public: None, outputs: Vec::new(), placed: None });
    };
    if exports.is_empty() && findings.is_empty() {
        return Err(no_answers().into());
    }
    let mut answers: Answers = survey::read(&survey, &exports);
    survey::settle(&survey, &mut answers.responses);
    let tally = survey::tally(&survey, &answers);
    said(&mut findings, &mut answers, &tally, &books);
    let kept = earlier(dir)?;
    let mut remarks = words::remarks(&survey, &answers, &kept);
    let problems = words::problems(&survey, &answers, &remarks, &kept);
    shown(&mut remarks);
    let (answers, remarks, problems) = (&answers, &remarks, &problems);
    let drawn = Drawn {
        round: &round,
        templates,
        survey: &survey,
        answers,
        tally: &tally,
        remarks,
        problems,
        findings: &findings,
    };
    let mut outputs = vec![drawing::write(&drawn).map_err(|e| not_made(&e))?];
    let public = for_publication(dir, &drawn, options)?;
    outputs.extend(public.output);
    fill::tidy(&mut outputs);
    let label = as_of_label(&round, options.today);
    let job = Job { whole: false, ..made_from::job(&round, &label, &outputs) };
    let placed = Some(output::place_as(&dir.join(RESULTS), &job)?);
    Ok(Surveyed { counted: Some((survey, tally)), round, findings, not_public: public.why, outputs, placed })
}

/// Gathers what is to be said of files, of rows that count and of the counts; nothing personal in it.
fn said(findings: &mut Vec<Finding>, answers: &mut Answers, tally: &Tally, books: &[&Source]) {
    findings.append(&mut answers.findings);
    let rows = answers.responses.iter_mut().filter(|r| r.fate.is_none());
    rows.for_each(|r| findings.append(&mut r.findings));
    findings.extend(tally.findings.iter().cloned().map(|f| {
        let place = f.args.get("bureau").and_then(|b| survey::asked_of(books, b));
        Finding { place, ..f }
    }));
    for f in findings.iter_mut() {
        f.given = f.given.take().map(|g| masked(&g));
    }
    findings.sort_by(|a, b| (a.severity(), &a.code, &a.place).cmp(&(b.severity(), &b.code, &b.place)));
}

/// The workbook for publication, or why there is none.
struct ForPublication {
    output: Option<Output>,
    why: Option<&'static str>,
}

/// Makes the workbook for publication: once the survey is over, and once only, because what two of them differ by is the answer of
/// those who came between.
fn for_publication(dir: &Path, drawn: &Drawn<'_>, options: &Options) -> Result<ForPublication, Error> {
    let none = |why| Ok(ForPublication { output: None, why: Some(why) });
    if drawn.survey.closes.is_none_or(|closes| options.today <= closes.date()) {
        return none(
            "調査の締切を過ぎてから集計したときに作ります（途中の集計との差から、個人の答えが分かるおそれがあるためです）。",
        );
    }
    if drawn.findings.iter().any(|f| f.severity() == Severity::E) {
        return none("要修正の指摘がなくなってから集計したときに作ります（一度しか作らないためです）。");
    }
    if drawing::public::words(drawn).any(|text| mask::refused(&text)) {
        return none(
            "設問か選択肢に、電話番号やメールアドレスらしいものがあるため、作っていません。設問のブックを直してください。",
        );
    }
    let public = survey::public::public(drawn.survey, drawn.answers);
    if public.singles.is_empty() {
        return none("有効回答が少なく、個人が特定されるおそれがあるため、作っていません。");
    }
    let mut made = vec![drawing::public::write(drawn, &public).map_err(|e| not_made(&e))?];
    fill::tidy(&mut made);
    let last = dir.join(RESULTS).join(drawing::public::BOOK);
    let before = std::fs::read(&last).ok().map(|bytes| intake::sha256(&bytes));
    if before.is_some_and(|before| made.iter().any(|o| o.body.sha256() != before)) {
        return none(
            "前に作ったものと内容が違うため、作り直していません（二つの差から、個人の答えが分かるおそれがあるためです）。前のものをまだ公表していないときは、別の場所に移してから、もう一度実行してください。",
        );
    }
    Ok(ForPublication { output: made.pop(), why: None })
}

/// What people wrote into the workbook of the last run.
fn earlier(dir: &Path) -> Result<Kept, Error> {
    let path = dir.join(RESULTS).join(drawing::BOOK);
    if !path.is_file() {
        return Ok(Kept::default());
    }
    let lost = |why: String| {
        let book = drawing::BOOK;
        Error::new(
            format!(
                "前の集計結果「{RESULTS}/{book}」を読めません（{why}）。分類や課題の書込みを引き継げないため、集計していません。"
            ),
            "開いているときは閉じてから、もう一度実行してください。書込みが要らないときは、そのファイルを別の場所に移してください。",
        )
    };
    let bytes = std::fs::read(&path).map_err(|e| lost(io_words(&e)))?;
    let opened = read::open(&bytes, drawing::BOOK, &Limits::default());
    Ok(survey::earlier::read(&opened.map_err(|_| lost("ブックとして開けません".into()))?.workbook))
}

/// Takes out what must not be shown: the words that people named, then what the gate would refuse.
fn shown(remarks: &mut [Remark]) {
    let hidden = words::hidden(remarks);
    for remark in remarks {
        let text = hidden.iter().fold(remark.text.clone(), |text, word| text.replace(word.as_str(), "［伏せ字］"));
        remark.text = masked(&text);
    }
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
    let bytes = match discover::up_to(found, limits.file) {
        Ok(bytes) => bytes,
        Err(why) => {
            findings.push(unpack::unread(found, &why));
            return None;
        }
    };
    let opened = Limits::check("file", limits.file, found.size).and_then(|()| opener.open(&bytes, &found.name));
    match opened {
        Ok(opened) => {
            findings.extend(intake::problems(&opened, &name));
            Some(Source { name, book: opened.workbook })
        }
        Err(refusal) => {
            findings.push(refused(&refusal).1.at(Place::file(&name)));
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
