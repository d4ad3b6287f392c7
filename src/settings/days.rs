//! Days of the settings that can hardly be meant: a reply deadline before the forms went out, a 基準日 a year ahead, a weekday that does not
//! go with its date. Everything is counted from them, so they are asked about; nothing is changed.

use arcstr::ArcStr;
use chrono::{Days, NaiveDate};

use super::code;
use super::rows::{Cards, Row, rows};
use crate::forms::Templates;
use crate::model::date::{fiscal_year_of, wareki, wareki_fiscal};
use crate::model::finding::FIELD_NAME;
use crate::model::form::BlockRole;
use crate::model::{Answer, Doubt, Finding, Form, Role, Round, Submission};

/// A round is made ready so many days ahead of its 基準日 at most.
const AHEAD: u64 = 60;
/// A reply is due so many days after the 基準日 at most.
const UNTIL: u64 = 183;
/// Without the day of issue: a reply is not due so many days before the 基準日.
const BEFORE: u64 = 60;
/// Counts are of the year before, or of one not long before it.
const YEARS_BACK: i32 = 3;

/// What is to be asked about the days of the settings (X196W), and about a municipality whose code is another's (X197W).
#[must_use]
pub fn unlikely(templates: &Templates, submission: &Submission, round: &Round, today: NaiveDate) -> Vec<Finding> {
    let Some(form) = templates.settings() else { return Vec::new() };
    let mut findings = weekdays(form, submission);
    for block in form.sheets.iter().flat_map(|s| &s.blocks).filter(|b| b.role == Some(BlockRole::Forms)) {
        findings.extend(rows(block, submission).iter().flat_map(|row| of_form(row, round, today)));
    }
    findings.extend(other_code(&Cards::of(form, submission), templates, round));
    findings
}

fn of_form(row: &Row<'_>, round: &Round, today: NaiveDate) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut ask = |role: Role, given: String, why: String| {
        let finding = Finding::new("X196W").given(given).arg("why", why).arg(FIELD_NAME, row.label(role));
        findings.push(row.place(role).map_or(finding.clone(), |p| finding.at(p)));
    };
    let (as_of, due) = (row.day(Role::AsOf), row.day(Role::ReplyDeadline));
    if let Some(day) = as_of.filter(|d| *d > today + Days::new(AHEAD)) {
        ask(Role::AsOf, wareki(day), format!("今日（{}）よりかなり後の日です", wareki(today)));
    }
    if let Some(due) = due {
        let why = match (round.issued_on, as_of) {
            (Some(issued), _) if due < issued => Some(format!("依頼日（{}）より前の日です", wareki(issued))),
            (None, Some(as_of)) if due + Days::new(BEFORE) < as_of => {
                Some(format!("基準日（{}）よりかなり前の日です", wareki(as_of)))
            }
            (_, Some(as_of)) if due > as_of + Days::new(UNTIL) => {
                Some(format!("基準日（{}）から半年より後の日です", wareki(as_of)))
            }
            _ => None,
        };
        if let Some(why) = why {
            ask(Role::ReplyDeadline, wareki(due), why);
        }
    }
    let counted = row.date(Role::CountYear).and_then(|i| i.from).map(fiscal_year_of);
    if let Some((year, of)) = counted.zip(as_of.map(fiscal_year_of))
        && !(of - YEARS_BACK..=of).contains(&year)
    {
        let why = format!("基準日の年度（{}）から離れています", wareki_fiscal(of));
        ask(Role::CountYear, wareki_fiscal(year), why);
    }
    findings
}

/// Dates with a weekday that is not theirs.
fn weekdays(form: &Form, submission: &Submission) -> Vec<Finding> {
    let label = |key: &str| {
        let fields = form.sheets.iter().flat_map(|s| &s.blocks).flat_map(|b| &b.fields);
        fields.clone().find(|f| f.answer_key("") == key).map_or("", |f| f.label.as_str())
    };
    let wrong = |(key, a): (&ArcStr, &Answer)| {
        let reading = a.doubts.iter().find_map(|d| if let Doubt::WrongWeekday(r) = d { Some(r) } else { None })?;
        let finding =
            Finding::new("X196W").given(a.raw.trim()).arg("why", format!("日付と曜日が合いません（{reading}）"));
        Some(finding.arg(FIELD_NAME, label(key)).at(a.place.clone()))
    };
    let cards = submission.card.iter().filter_map(wrong);
    cards.chain(submission.records.iter().flat_map(|r| r.fields.iter().filter_map(wrong))).collect()
}

/// The name of one municipality with the code of another.
fn other_code(card: &Cards<'_>, templates: &Templates, round: &Round) -> Option<Finding> {
    let own = code::municipality(&round.municipality_code, &templates.lists)?;
    let typed = round.municipality.trim();
    // With its prefecture before it, or its district. A name that is on no list says nothing.
    let same = typed.ends_with(own) || own.ends_with(typed) || !code::is_listed(typed, &templates.lists);
    let finding = Finding::new("X197W").given(typed).expected(own).arg("code", &round.municipality_code);
    (!same).then(|| card.place(Role::Municipality).map_or(finding.clone(), |p| finding.at(p)))
}
