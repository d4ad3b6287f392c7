//! One file to one submission with its findings: read, recognise, understand, check.
//!
//! Pure: bytes in, values out. Whatever is wrong with the file becomes its state and a finding; nothing is an error.

mod stands;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use arcstr::ArcStr;
use chrono::{NaiveDate, NaiveDateTime};
use sha2::{Digest, Sha256};
use thin_vec::ThinVec;

use crate::check;
use crate::forms::Templates;
use crate::forms::load::SETTINGS;
use crate::model::form::AskedOf;
use crate::model::submission::State;
use crate::model::{
    Answer, Answers, Doubt, Finding, Form, NoneKind, Place, Record, Role, Round, Submission, Value, Workbook, sign,
};
use crate::normalise;
use crate::own;
use crate::read::explain::Explanation;
use crate::read::{self, Draft, Known, LegacyReader, Limits, Opened, Opener, ProblemKind, Who};
use crate::refused::{refused, too_large};
use crate::settings;
use crate::timings::{self, Stage};

/// What taking in a file needs to know.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Definitions.
    pub templates: &'a Templates,
    /// The round; `None` when files are checked on their own.
    pub round: Option<&'a Round>,
    /// The day of the run.
    pub today: NaiveDate,
    /// Limits of what is read.
    pub limits: &'a Limits,
    /// The reader of .xls, .xlsb and .ods.
    pub legacy: LegacyReader<'a>,
    /// Whoever wants to see the opened workbook too: `check --explain`.
    pub watch: Option<&'a Watch<'a>>,
}

/// Sees a workbook that was opened, with the file's name and what is known, before it is understood.
pub type Watch<'a> = dyn Fn(&Workbook, &ArcStr, &Known<'_>) + Sync + 'a;

/// A file taken in.
#[derive(Clone, Debug)]
pub struct Intake {
    /// The submission; `Accepted` when it is a form of a known division (versions are settled later).
    pub submission: Submission,
    /// Its findings.
    pub findings: Vec<Finding>,
    /// When a file inside an archive was last changed, where the archive says so.
    pub modified: Option<NaiveDateTime>,
    /// Further replies in the same file: of other divisions, or to other forms.
    pub further: Vec<Intake>,
}

/// SHA-256 in hexadecimal.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// Bytes in hexadecimal.
#[must_use]
pub fn hexadecimal(bytes: &[u8]) -> String {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let digit = |n: u8| char::from(HEX[usize::from(n & 15)]);
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(*b)]).collect()
}

/// Every reply of a file, each for itself.
pub(crate) fn apart(mut intake: Intake) -> Vec<Intake> {
    let further = std::mem::take(&mut intake.further);
    std::iter::once(intake).chain(further).collect()
}

/// Takes in one file as one of `forms`.
#[must_use]
pub fn file(bytes: &[u8], name: &str, forms: &[&Form], ctx: &Context<'_>) -> Intake {
    let place = || Place::file(&ArcStr::from(name));
    let mut intake = if is_system_file(name) {
        closed(blank(name), State::NotOurs, Finding::new("S009I").at(place()), ctx.templates)
    } else {
        let passwords: Vec<&str> = ctx.round.map(passwords).unwrap_or_default();
        let opener = Opener { limits: ctx.limits, passwords: &passwords, legacy: ctx.legacy };
        match timings::of(Stage::Read, |_| 1, || opener.open(bytes, name)) {
            Ok(opened) => workbook(&opened, name, forms, ctx),
            Err(refusal) => {
                let (state, finding) = refused(&refusal);
                closed(blank(name), state, finding.at(place()), ctx.templates)
            }
        }
    };
    intake.submission.sha256 = sha256(bytes);
    for further in &mut intake.further {
        further.submission.sha256.clone_from(&intake.submission.sha256);
    }
    intake
}

/// Takes in a workbook that was opened already, as one of `forms`; the hash of its file is left empty.
#[must_use]
pub fn workbook(opened: &Opened, name: &str, forms: &[&Form], ctx: &Context<'_>) -> Intake {
    let file: ArcStr = ArcStr::from(name);
    let mut submission = blank(name);
    let mut findings = problems(opened, &file);
    submission.saved = opened.workbook.saved;
    submission.stamp = submission.saved;
    let who = ctx.round.map_or(Who::Anybody, Who::Round);
    let known = Known { who, lists: &ctx.templates.lists };
    if let Some(watch) = ctx.watch {
        watch(&opened.workbook, &file, &known);
    }
    // Sheets of the master look like forms to whoever goes by labels alone.
    if !forms.iter().any(|f| f.id == SETTINGS)
        && let Some(finding) = own::told(&opened.workbook, &file, ctx.templates)
    {
        return closed(submission, State::NotOurs, finding, ctx.templates);
    }
    let drafts = || read::extract(forms, &opened.workbook, &file, &known);
    let drafts = match timings::of(Stage::Understand, |_| 0, drafts) {
        Ok(drafts) => drafts,
        Err(other) => {
            let finding = not_ours(other.nearest, opened, &file, &known, ctx.templates);
            // Of a workbook that cannot be read whole it is not known what it was.
            if let Some(broken) = findings.iter().find(|f| f.code == "S037E").cloned() {
                let mut intake = closed(submission, State::Unreadable, broken, ctx.templates);
                intake.findings = findings;
                return intake;
            }
            let mut intake = closed(submission, State::NotOurs, finding, ctx.templates);
            intake.findings.extend(findings);
            intake.findings.extend(other.findings);
            return intake;
        }
    };
    let mut all = Vec::new();
    for draft in drafts.iter().rev() {
        // What is wrong with a sheet is the reply's whose it is; what is wrong with the file, that of the first.
        let own = |f: &Finding| f.place.as_ref().is_some_and(|p| draft.sheets.iter().any(|s| **s == *p.sheet));
        let first = all.len() + 1 == drafts.len();
        let (mine, rest) = findings.into_iter().partition(|f| first || own(f));
        findings = rest;
        all.push(reply(submission.clone(), draft, opened.workbook.date1904, mine, ctx));
    }
    let mut intake =
        all.pop().unwrap_or_else(|| Intake { submission, findings: Vec::new(), modified: None, further: Vec::new() });
    intake.further = all.into_iter().rev().collect();
    intake
}

/// One reply of a workbook, understood and checked.
fn reply(
    mut submission: Submission,
    draft: &Draft<'_>,
    date1904: bool,
    mut findings: Vec<Finding>,
    ctx: &Context<'_>,
) -> Intake {
    if let Some(found) = draft.too_many {
        let place = Place::file(&ArcStr::from(submission.file.as_str()));
        let finding = too_large("answers", read::extract::MAX_ANSWERS, found).at(place);
        return closed(submission, State::Unreadable, finding, ctx.templates);
    }
    timings::of(Stage::Understand, |()| 1, || fill(&mut submission, draft, date1904, &mut findings, ctx));
    findings.extend(draft.findings.iter().cloned());
    let stand_in;
    let round = if let Some(round) = ctx.round {
        round
    } else {
        let as_of = draft.as_of.unwrap_or(ctx.today);
        stand_in = settings::stand_in(ctx.templates, draft.form, as_of, submission.division.as_deref());
        &stand_in
    };
    let checks = check::Context { templates: ctx.templates, round, today: ctx.today };
    let checked = || {
        check::settle(draft.form, &mut submission, &checks);
        self::checks(draft.form, &submission, &checks)
    };
    findings.extend(timings::of(Stage::Check, |_| 0, checked));
    if submission.division.is_none() && draft.form.roster.is_some() {
        submission.state = State::NotOurs;
        submission.reason = "どの課の回答か分かりません。".into();
    }
    for f in &mut findings {
        f.form.get_or_insert_with(|| draft.form.id.clone());
        f.division = f.division.take().or_else(|| submission.division.clone());
    }
    Intake { submission, findings, modified: None, further: Vec::new() }
}

/// What the checks of one reply find, each finding with its form and division.
#[must_use]
pub fn checks(form: &Form, submission: &Submission, ctx: &check::Context<'_>) -> Vec<Finding> {
    let mut findings = check::submission(form, submission, ctx);
    for f in &mut findings {
        f.form.get_or_insert_with(|| form.id.clone());
        f.division = f.division.take().or_else(|| submission.division.clone());
    }
    findings
}

/// What is said of a workbook that is no form of the round.
fn not_ours(
    nearest: Option<(&Form, usize, usize)>,
    opened: &Opened,
    file: &ArcStr,
    known: &Known<'_>,
    templates: &Templates,
) -> Finding {
    if let Some(finding) = own::ministry(&opened.workbook, file, known, templates) {
        return finding;
    }
    let nearest = nearest.map(|(form, found, all)| {
        format!("最も近い様式は「{}」ですが、見出し{all}個のうち{found}個しか見つかりません。", form.title)
    });
    let empty = opened.workbook.sheets.is_empty();
    let nearest = if empty { Some("グラフやダイアログだけのブックです。".into()) } else { nearest };
    Finding::new("S010W").at(Place::file(file)).arg("nearest", nearest.unwrap_or_default())
}

/// Takes in files by `take` and gives, beside what it gives, what every cell of them was taken for, by path. Files that cannot
/// be opened are left out (their findings say why).
pub fn explaining<'a, T>(
    forms: &[&'a Form],
    take: impl FnOnce(&Watch<'_>) -> T,
) -> (T, BTreeMap<String, Explanation<'a>>) {
    let explained = Mutex::new(BTreeMap::new());
    let taken = take(&|book, file, known| {
        let explanation = read::explain::explain(forms, book, file, known);
        explained.lock().unwrap_or_else(PoisonError::into_inner).insert(file.to_string(), explanation);
    });
    (taken, explained.into_inner().unwrap_or_else(PoisonError::into_inner))
}

pub(crate) fn blank(name: &str) -> Submission {
    Submission::new(name, State::Accepted)
}

pub(crate) fn closed(mut submission: Submission, state: State, finding: Finding, templates: &Templates) -> Intake {
    submission.state = state;
    submission.reason = templates.catalogue.sentence(&finding, "", "");
    Intake { submission, findings: vec![finding], modified: None, further: Vec::new() }
}

/// Files that computers leave behind in shared folders.
pub(crate) fn is_system_file(name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or(name).to_lowercase();
    last.starts_with('.') || matches!(last.as_str(), "thumbs.db" | "desktop.ini")
}

/// What the container holds that is reported, and what of it could not be read.
fn problems(opened: &Opened, file: &ArcStr) -> Vec<Finding> {
    use crate::model::grid::Oddity;
    let oddities = opened.workbook.oddities.iter().map(|o| match o {
        Oddity::Macros => Finding::new("S020I"),
        Oddity::ExternalLinks => Finding::new("S021W"),
        Oddity::Objects => Finding::new("S036I"),
        Oddity::Password => Finding::new("S040I"),
    });
    let mut findings: Vec<Finding> = oddities.map(|f| f.at(Place::file(file))).collect();
    // A cell that could not be read is told by the reader of the form, where an answer stands in it. What has no cell is told
    // once for a sheet and kind, with its number: a thousand times the same says no more.
    let mut told: BTreeMap<(ProblemKind, &str), usize> = BTreeMap::new();
    for problem in &opened.problems {
        let code = match problem.kind {
            ProblemKind::BadCell | ProblemKind::DuplicateCell if problem.cell.is_some() => continue,
            ProblemKind::TextTooLong if problem.cell.is_some() => "S022E",
            ProblemKind::BadCell
            | ProblemKind::DuplicateCell
            | ProblemKind::OutOfGrid
            | ProblemKind::TextTooLong
            | ProblemKind::SheetMissing
            | ProblemKind::SheetDamaged
            | ProblemKind::DuplicateSheet => "S037E",
            ProblemKind::SheetSkipped | ProblemKind::PartDamaged => "S038I",
            ProblemKind::StylesDamaged => "S039W",
        };
        let sheet: ArcStr = ArcStr::from(problem.sheet.as_str());
        let place = problem.cell.map_or_else(|| Place::sheet(file, &sheet), |cell| Place::cell(file, &sheet, cell));
        let n = told.entry((problem.kind, problem.sheet.as_str())).or_default();
        *n += 1;
        if *n == 1 || problem.cell.is_some() && *n <= 40 {
            findings.push(Finding::new(code).at(place).arg("detail", in_words(problem.kind)));
        }
    }
    findings
}

/// What could not be read, in the office's words.
const fn in_words(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::BadCell => "値の種類と内容が合いません",
        ProblemKind::DuplicateCell => "同じセルが二つあります",
        ProblemKind::OutOfGrid => "表の範囲の外にセルがあります",
        ProblemKind::TextTooLong => "文字が多すぎます",
        ProblemKind::SheetMissing => "シートの中身がありません",
        ProblemKind::SheetDamaged => "シートの途中で壊れています",
        ProblemKind::DuplicateSheet => "同じ名前のシートが二つあります",
        ProblemKind::SheetSkipped => "グラフだけのシートなど",
        ProblemKind::StylesDamaged => "書式の一覧",
        ProblemKind::PartDamaged => "メモ・図・セルの結合・文書の情報",
    }
}

/// The round's passwords, each once.
pub(crate) fn passwords(round: &Round) -> Vec<&str> {
    let mut once = std::collections::BTreeSet::new();
    let all = round.passwords.iter().map(|p| p.password.as_str());
    all.filter(|p| !p.is_empty() && once.insert(*p)).collect()
}

/// Understands every answer of a draft and puts it in its record.
fn fill(
    submission: &mut Submission,
    draft: &Draft<'_>,
    date1904: bool,
    findings: &mut Vec<Finding>,
    ctx: &Context<'_>,
) {
    submission.form = Some(draft.form.id.clone());
    submission.version.clone_from(&draft.version);
    submission.veiled.clone_from(&draft.veiled);
    submission.division.clone_from(&draft.division);
    submission.sheets.clone_from(&draft.sheets);
    let as_of =
        ctx.round.and_then(|r| r.forms.get(&draft.form.id)).map(|f| f.as_of).or(draft.as_of).unwrap_or(ctx.today);
    let normal = normalise::Context { as_of, date1904, codes: &ctx.templates.lists };
    let commons = common_keys(draft.form, ctx);
    let mut records: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    // The answers of a record mostly stand together.
    let mut last: Option<(&str, &str, usize)> = None;
    for a in &draft.answers {
        let cells: Vec<_> = a.cells.iter().collect();
        let kept = a.kept.clone().map(crate::model::Cell::text);
        let mut parsed = match (&kept, cells.as_slice()) {
            (Some(kept), _) => normalise::normalise(kept, a.field, &normal),
            (None, [one]) => normalise::normalise(one, a.field, &normal),
            (None, several) => normalise::normalise_joined(several, a.field, &normal),
        };
        let raw = match cells.as_slice() {
            [one] => ArcStr::from(&*one.written()),
            several => ArcStr::from(several.iter().map(|c| c.raw()).collect::<String>()),
        };
        parsed.notes.splice(0..0, a.steps.iter().cloned());
        if a.told {
            (parsed.value, parsed.doubts) = (Value::Unreadable, vec![Doubt::Told]);
        }
        let mut answer = Answer {
            value: parsed.value,
            raw,
            place: a.place.clone(),
            notes: parsed.notes.into(),
            doubts: parsed.doubts.into(),
        }
        .sharing();
        if let Some(common) = commons.get(a.key.as_str()) {
            let fixed = normalise::normalise(&crate::model::Cell::text(common.clone()), a.field, &normal);
            if answer.value != fixed.value {
                if !answer.value.is_blank() {
                    let finding = Finding::new("S017W").at(a.place.clone()).given(answer.raw.as_str()).expected(common);
                    findings.push(finding.of(&draft.form.id, "", &a.item).field(&a.key));
                }
                answer = Answer { value: fixed.value, notes: fixed.notes.into(), doubts: ThinVec::new(), ..answer };
                answer.notes.push(crate::model::Note {
                    kind: crate::model::NoteKind::Common,
                    before: answer.raw.clone(),
                    after: common.as_str().into(),
                });
            }
        }
        if a.key == sign::UNCHANGED_KEY {
            // 「一部変更」 in the box is somebody's remark.
            if answer.value == Value::Unreadable {
                findings.push(Finding::new("S035I").at(a.place.clone()).given(answer.raw.as_str()));
            }
            submission.unchanged.insert(a.item.clone(), answer);
            continue;
        }
        if a.block.is_empty() && a.item.is_empty() {
            submission.card.insert(a.key.clone(), answer);
            continue;
        }
        let index = last.filter(|(block, item, _)| (*block, *item) == (a.block, a.item.as_str())).map(|l| l.2);
        let index = index.unwrap_or_else(|| {
            *records.entry((a.block, &a.item)).or_insert_with(|| {
                submission.records.push(Arc::new(Record {
                    form: draft.form.id.clone(),
                    block: a.block.to_string(),
                    division: draft.division.clone().unwrap_or_default(),
                    item: a.item.clone(),
                    fields: Answers::new(),
                }));
                submission.records.len() - 1
            })
        });
        last = Some((a.block, &a.item, index));
        Arc::make_mut(&mut submission.records[index]).fields.insert(a.key.clone(), answer);
    }
    submission.records.iter_mut().for_each(|r| Arc::make_mut(r).fields.shrink_to_fit());
    if let Some(round) = ctx.round.filter(|r| !r.known.is_empty()) {
        findings.extend(stands::fill(submission, draft, round, &normal));
    }
    if draft.form.asked_of == AskedOf::Divisions {
        let key_of = |role| draft.form.field_with(role).map(|f| f.answer_key(""));
        let (number, name) = (key_of(Role::Item), key_of(Role::ItemName));
        submission.records.retain(|r| {
            // 「当課には該当する取組はありません」 in the place of a name adds no item.
            let nothing =
                |k: &str, a: &Answer| Some(k) == name.as_deref() && normalise::text::says_nothing_to_tell(&a.raw);
            let says = |(k, a): (&ArcStr, &Answer)| {
                Some(k.as_str()) != number.as_deref() && says_something(a) && !nothing(k, a)
            };
            r.fields.iter().any(says)
        });
    }
}

/// Whether an answer says more than that there is none: a row 「該当なし」 adds no item.
const fn says_something(answer: &Answer) -> bool {
    !matches!(answer.value, Value::Blank | Value::None { kind: NoneKind::NotApplicable, .. })
}

/// The answers of common rows, by key: what the DX office answers for everybody. A settings row may name the key or the row.
fn common_keys(form: &Form, ctx: &Context<'_>) -> BTreeMap<String, String> {
    let Some(round) = ctx.round else { return BTreeMap::new() };
    let slots = form.slots(&ctx.templates.lists);
    let common = slots
        .iter()
        .filter(|s| s.row.zip(s.block.common_rows.as_ref()).is_some_and(|(row, rule)| row.attr(&rule.attr) == rule.is));
    common
        .filter_map(|s| {
            let value = round.common_answers.get(&(form.id.clone(), s.key()))?;
            Some((s.key(), value.clone()))
        })
        .collect()
}
