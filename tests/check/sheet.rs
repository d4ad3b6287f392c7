//! A sheet as a Markdown table becomes a submission, so that a reviewer sees the sheet beside its findings.
//!
//! `| key | value |`, the first row in B1. Values: `2026-03-31`, `2026-03`, `FY2025`, `a..b`, a number, `=code`,
//! `未定`, `－`, `同上`, `?text` (could not be read), else text. After them `頃` is approximate, `年度末` was written as
//! such, `!Doubt` or `!Doubt:words` is a doubt. An empty value is blank; a row that is left out was not found.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use arcstr::ArcStr;
use chrono::NaiveDate;
use thin_vec::{ThinVec, thin_vec};
use torimatome::check::{self, Context, words};
use torimatome::forms::load::Templates;
use torimatome::model::round::FormRound;
use torimatome::model::{
    Answer, Answers, CellRef, Deadline, Division, Doubt, Finding, Form, Interval, Item, NoneKind, Note, NoteKind,
    Place, Precision, Record, Round, State, Submission, Value,
};

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap_or_else(|_| panic!("{text} is no day"))
}

/// The shipped templates with 様式A and its lists.
pub fn templates() -> &'static Templates {
    static TEMPLATES: OnceLock<Templates> = OnceLock::new();
    TEMPLATES.get_or_init(|| {
        let deadlines = format!(
            "{}d1,期限1,,2026-03-31,達成期限,form-a,試験,必達\nd2,期限2,,2023-01-31,達成期限,form-a,試験,目標\n",
            include_str!("../../templates/codes/deadlines.csv")
        );
        let steps =
            "コード,工程,別名,回答者\n1,準備,,DX担当\n2,調査,,担当課\n3,選定,,担当課\n4,移行,,担当課\n5,運用,,担当課\n";
        let reasons = "コード,語,別名,適用開始日,適用終了日\nvendor,業者の都合,,,\nother,その他,,,\n\
                       new,新しい理由,,2022-11-01,\nold,古い理由,,,2022-10-30\nnow,今日まで,,2022-10-31,2022-10-31\n";
        let overlay: BTreeMap<String, Vec<u8>> = [
            ("forms/form-a.toml", include_str!("form-a.toml")),
            ("codes/deadlines.csv", deadlines.as_str()),
            ("codes/steps-a.csv", steps),
            ("codes/reasons-a.csv", reasons),
        ]
        .map(|(path, text)| (path.to_string(), text.as_bytes().to_vec()))
        .into();
        Templates::load(&overlay).unwrap_or_else(|errors| panic!("{errors:#?}"))
    })
}

pub fn form() -> &'static Form {
    &templates().forms["form-a"]
}

/// A round of three divisions and three items, one of which nobody owns.
pub fn round() -> Round {
    let division = |code: &str, name: &str| Division { code: code.into(), name: name.into(), ..Division::default() };
    let item = |key: &str, name: &str, owner: Option<&str>| Item {
        key: key.into(),
        name: name.into(),
        owner: owner.map(Into::into),
        confirmed: true,
        ..Item::default()
    };
    let deadline = |id: &str, date: &str| Deadline {
        id: id.into(),
        name: id.into(),
        date: day(date),
        kind: String::new(),
        applies_to: String::new(),
        source: String::new(),
        strength: String::new(),
    };
    let dates =
        FormRound { as_of: day("2022-10-31"), count_year: None, reply_deadline: day("2022-11-11"), asked: Vec::new() };
    Round {
        forms: [("form-a".to_string(), dates)].into(),
        divisions: vec![division("1", "甲課"), division("2", "乙課"), division("3", "丙課")],
        rosters: [("systems".into(), vec![item("a", "甲業務", Some("1")), item("b", "乙業務", Some("2"))])].into(),
        deadlines: vec![deadline("d1", "2026-03-31"), deadline("d2", "2023-01-31")],
        ..Round::default()
    }
}

/// The doubt with this name; what follows the colon are its words.
fn doubt(text: &str) -> Doubt {
    let (name, words) = text.split_once(':').unwrap_or((text, "甲か乙"));
    let words = words.to_string();
    match name {
        "Unreadable" => Doubt::Unreadable,
        "AmbiguousEra" => Doubt::AmbiguousEra(words),
        "AmbiguousYearEnd" => Doubt::AmbiguousYearEnd(words),
        "SeveralDates" => Doubt::SeveralDates,
        "SpreadsheetDate" => Doubt::SpreadsheetDate(words),
        "EraOverrun" => Doubt::EraOverrun(words),
        "NoSuchDay" => Doubt::NoSuchDay,
        "StatusInDate" => Doubt::StatusInDate,
        "SeeOther" => Doubt::SeeOther,
        "Inferred" => Doubt::Inferred(words),
        "Unit" => Doubt::Unit(words),
        "AmbiguousNumber" => Doubt::AmbiguousNumber(words),
        "NotAChoice" => Doubt::NotAChoice(Some(words)),
        "NotAChoiceAtAll" => Doubt::NotAChoice(None),
        "WrongWeekday" => Doubt::WrongWeekday(words),
        "Beside" => Doubt::Beside(words),
        "Withdrawn" => Doubt::Withdrawn(words),
        "Unlikely" => Doubt::Unlikely(words),
        "SeveralChoices" => Doubt::SeveralChoices,
        "Unseen" => Doubt::Unseen(words),
        "BecameDay" => Doubt::BecameDay(words),
        "DayInText" => Doubt::DayInText(words),
        "NoStoredResult" => Doubt::NoStoredResult,
        "ErrorCell" => Doubt::ErrorCell(words),
        other => panic!("{other} is no doubt"),
    }
}

fn interval(text: &str) -> Option<Interval> {
    if let Some((from, to)) = text.split_once("..") {
        let end = |t: &str| (!t.is_empty()).then(|| day(t));
        return Some(Interval { from: end(from), to: end(to), ..Interval::day(day("2000-01-01")) });
    }
    if let Some(year) = text.strip_prefix("FY") {
        return Interval::fiscal_year(year.parse().ok()?);
    }
    if let Ok(day) = text.parse() {
        return Some(Interval::day(day));
    }
    let (year, month) = text.split_once('-').filter(|(y, m)| y.len() == 4 && m.len() == 2)?;
    Interval::month(year.parse().ok()?, month.parse().ok()?)
}

fn value(text: &str) -> Value {
    let none = |kind| Value::None { kind, reason: None };
    match text {
        "" => Value::Blank,
        "未定" => none(NoneKind::Undecided),
        "－" => none(NoneKind::NotApplicable),
        "同上" => none(NoneKind::SeeOther),
        _ if text.starts_with('?') => Value::Unreadable,
        _ => {
            let choice = text.strip_prefix('=').map(|c| Value::Choice(c.into()));
            let number = || text.parse().ok().map(Value::Number);
            let date = || interval(text).map(Value::Date);
            choice.or_else(number).or_else(date).unwrap_or_else(|| Value::Text(text.into()))
        }
    }
}

fn answer(text: &str, place: Place) -> Answer {
    let (text, doubts) = match text.split_once(" !") {
        Some((before, doubts)) => (before.trim(), doubts.split(" !").map(doubt).collect()),
        None => (text, ThinVec::new()),
    };
    let fiscal = text.ends_with("年度末");
    let approx = text.ends_with('頃');
    let text = text.trim_end_matches("年度末").trim_end_matches('頃').trim();
    let mut value = value(text);
    if let Value::Date(i) = &mut value {
        i.approx = approx;
        if i.precision == Precision::Day && i.from != i.to {
            i.precision = Precision::FiscalYear;
        }
    }
    let note = Note { kind: NoteKind::FiscalYear, before: text.into(), after: text.into() };
    let notes = if fiscal { thin_vec![note] } else { ThinVec::new() };
    Answer { value, raw: text.trim_start_matches(['?', '=']).into(), place, notes, doubts }
}

/// The answers of a table, in B1, B2 and so on.
fn answers(file: &str, sheet: &str, table: &str) -> Answers {
    let (file, sheet): (ArcStr, ArcStr) = (file.into(), sheet.into());
    let rows = table.lines().map(str::trim).filter(|l| l.starts_with('|'));
    let cells = rows.map(|l| l.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>());
    (0..)
        .zip(cells)
        .map(|(row, cells)| {
            let place = Place::cell(&file, &sheet, CellRef::new(row, 1));
            (cells[0].into(), answer(cells.get(1).copied().unwrap_or_default(), place))
        })
        .collect()
}

/// A submission of a division with one record.
pub fn reply(division: &str, item: &str, table: &str) -> Submission {
    let file = format!("提出/{division}.xlsx");
    let record = Record {
        form: "form-a".into(),
        block: String::new(),
        division: division.into(),
        item: item.into(),
        fields: answers(&file, item, table),
    };
    Submission {
        form: Some("form-a".into()),
        division: Some(division.into()),
        records: vec![record.into()],
        ..Submission::new(&file, State::Accepted)
    }
}

/// The card of a submission alone.
pub fn card(table: &str) -> Submission {
    let card = answers("提出/1.xlsx", "提出票", table);
    Submission { card, records: Vec::new(), ..reply("1", "a", "") }
}

pub fn context(round: &Round) -> Context<'_> {
    Context { templates: templates(), round, today: day("2022-11-14") }
}

/// `CODE@cell`, each also rendered and looked through; related cells after `+`.
pub fn codes(findings: &[Finding]) -> Vec<String> {
    findings
        .iter()
        .map(|f| {
            let cell = f.place.as_ref().map(Place::cell_text).unwrap_or_default();
            let related: String = f.related.iter().map(|p| "+".to_string() + &p.cell_text()).collect();
            sentence(f);
            format!("{}@{cell}{related}", f.code)
        })
        .collect()
}

/// The sentence of a finding of 様式A.
pub fn sentence(f: &Finding) -> String {
    sentence_of(form(), f)
}

/// The sentence of a finding for people; fails where a placeholder stays open or a word is missing.
pub fn sentence_of(form: &Form, f: &Finding) -> String {
    let t = templates();
    let entry = t.catalogue.get(&f.code).unwrap_or_else(|| panic!("{} is not in the catalogue", f.code));
    let field = f.field.as_ref().map(|k| words::label(form, k, &t.lists)).unwrap_or_default();
    let item = f.item.clone().unwrap_or_default();
    for pattern in [&entry.sentence, &entry.remedy] {
        for name in pattern.split('{').skip(1).filter_map(|p| p.split_once('}')).map(|(name, _)| name) {
            let filled = match name {
                "given" => f.given.is_some(),
                "expected" => f.expected.is_some(),
                "field" => !field.is_empty(),
                "item" => !item.is_empty(),
                other => f.args.contains_key(other),
            };
            assert!(filled, "{}: {{{name}}} is not given: {f:?}", f.code);
        }
    }
    let text = t.catalogue.sentence(f, &field, &item);
    let all = format!("{text}{}", t.catalogue.remedy(f, &field, &item));
    for bad in ["「」", "（）", "{", "}", "「「", "」」", "。。"] {
        assert!(!all.contains(bad), "{}: {all}", f.code);
    }
    text
}

/// Findings of one record of division 1 about item a.
pub fn findings(table: &str) -> Vec<Finding> {
    let round = round();
    check::submission(form(), &reply("1", "a", table), &context(&round))
}

/// Expects exactly these findings of a sheet, as `CODE@cell+related`, separated by blanks and in any order.
#[track_caller]
pub fn expect(table: &str, expected: &str) {
    let got: BTreeSet<String> = codes(&findings(table)).into_iter().collect();
    let expected: BTreeSet<String> = expected.split_whitespace().map(ToString::to_string).collect();
    assert_eq!(got, expected, "{table}");
}
