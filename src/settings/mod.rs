//! The settings workbook, read by the same engine as every form, to a [`Round`].
//!
//! Takes the settings' submission; gives the round and every error of it at once, each with its cell, because a round
//! with a wrong roster must not produce figures. The engine finds its own meaning by roles, never by labels.

pub mod code;
mod common;
mod days;
pub mod keys;
mod moves;
mod refer;
mod rows;
mod years;

use std::collections::{BTreeMap, BTreeSet};

use arcstr::ArcStr;
use chrono::NaiveDate;

use crate::forms::{Templates, called_day};
use crate::model::form::BlockRole;
use crate::model::round::{
    Decision, Extension, FormRound, LetterSettings, MeetingSettings, Password, PublicationSettings, Receipt, WaiverRow,
};
use crate::model::{Code, CodeList, Deadline, Division, Finding, Form, Item, Place, Role, Round, Severity, Submission};
use crate::normalise::text::half;
pub use days::unlikely;
pub use refer::{unknown_items, unused};
use rows::{Cards, Row, rows};

/// Builds the round. The findings are those that only the settings can have; a division code that is nowhere, a doubled key,
/// a check digit that is wrong, a date that is missing.
#[must_use]
pub fn round(templates: &Templates, submission: &Submission) -> (Round, Vec<Finding>) {
    let mut round = Round { holidays: templates.holidays.clone(), ..Round::default() };
    let mut findings = Vec::new();
    let mut dates = None;
    let Some(form) = templates.settings() else { return (round, findings) };
    basics(&mut round, &Cards::of(form, submission), templates, &mut findings);
    for block in form.sheets.iter().flat_map(|s| &s.blocks) {
        let Some(role) = block.role else { continue };
        let rows = rows(block, submission);
        match role {
            BlockRole::Round => {}
            BlockRole::Divisions => divisions(&mut round, &rows),
            BlockRole::Forms => {
                dates = rows.first().and_then(|r| r.place(Role::AsOf));
                forms(&mut round, &rows, templates, &mut findings);
            }
            BlockRole::Deadlines => deadlines(&mut round, &rows, templates),
            BlockRole::Extensions => round.extensions.extend(rows.iter().filter_map(extension)),
            BlockRole::Roster => {
                let items = rows.iter().filter_map(|r| item(r, templates, &block.id)).collect();
                round.rosters.insert(block.id.clone(), items);
            }
            BlockRole::Receipts => round.receipts.extend(rows.iter().map(receipt)),
            BlockRole::Waivers => round.waivers.extend(rows.iter().map(waiver)),
            BlockRole::Decisions => round.decisions.extend(rows.iter().filter_map(decision)),
            BlockRole::Passwords => round.passwords.extend(
                rows.iter().map(|r| Password { division: r.text(Role::Division), password: r.text(Role::Password) }),
            ),
            BlockRole::YearRanges => {
                let (list, told) = years::ranges(&block.id, &rows, templates);
                round.lists.insert(list.id.clone(), list);
                round.remarks.extend(told);
            }
            BlockRole::CodeList => round.lists.extend(code_list(&block.id, &rows, templates)),
            BlockRole::CommonAnswers => {
                let given = rows.iter().filter(|r| !r.blank(Role::Value));
                round
                    .common_answers
                    .extend(given.map(|r| ((r.text(Role::Form), r.text(Role::Field)), r.text(Role::Value))));
            }
        }
        findings.extend(refer::doubled(role, &rows));
    }
    canonical_divisions(&mut round);
    keys::canonical(&mut round, templates);
    let not_yet = moves::not_yet(&mut round, templates);
    round.remarks.extend(not_yet);
    for sheet in &form.sheets {
        for block in &sheet.blocks {
            let rows = rows(block, submission);
            findings.extend(refer::dangling(block, &rows, &round, templates));
            let place = Place::sheet(&ArcStr::from(submission.file.as_str()), &ArcStr::from(sheet.name.as_str()));
            match block.role {
                Some(BlockRole::CommonAnswers) => findings.extend(common::check(&rows, &place, &round, templates)),
                Some(BlockRole::Deadlines) => findings.extend(refer::no_deadline(&place, &round, templates)),
                _ => {}
            }
        }
    }
    round.remarks.extend(findings.iter().filter(|f| f.severity() != Severity::E).cloned());
    if round.forms.is_empty() && !findings.iter().any(|f| f.code == "X103E") {
        let finding = Finding::new("X103E").given("すべての様式").expected("基準日と回答期限");
        findings.push(dates.map_or(finding.clone(), |place| finding.at(place)));
    }
    (round, findings)
}

/// A round made up for files that are checked on their own: the national lists and deadlines, every item the division's.
#[must_use]
pub fn stand_in(templates: &Templates, form: &Form, as_of: NaiveDate, division: Option<&str>) -> Round {
    let mut round = Round { holidays: templates.holidays.clone(), ..Round::default() };
    round
        .forms
        .insert(form.id.clone(), FormRound { as_of, count_year: None, reply_deadline: as_of, asked: Vec::new() });
    for code in templates.lists.get("deadlines").iter().flat_map(|l| &l.codes) {
        if let Some(date) = code.attrs.values().find_map(|v| v.parse().ok()) {
            let (id, name) = (code.code.clone(), code.name.clone());
            let none = String::new;
            round.deadlines.push(Deadline {
                id,
                name,
                date,
                kind: none(),
                applies_to: none(),
                source: none(),
                strength: none(),
            });
        }
    }
    for list in form.roster.iter().filter_map(|r| templates.lists.get(r)) {
        let items = list.codes.iter().map(|c| Item {
            key: c.code.clone(),
            name: c.name.clone(),
            aliases: c.aliases.clone(),
            owner: division.map(ToString::to_string),
            confirmed: true,
            group: c.code.clone(),
            attrs: c.attrs.clone(),
            ..Item::default()
        });
        round.rosters.insert(list.id.clone(), items.collect());
    }
    round
}

fn basics(round: &mut Round, card: &Cards<'_>, templates: &Templates, findings: &mut Vec<Finding>) {
    round.name = card.text(Role::Round);
    round.municipality = card.text(Role::Municipality);
    round.document_number = card.text(Role::DocumentNumber);
    round.issuer = card.text(Role::Issuer);
    round.contact = card.text(Role::Contact);
    round.issued_on = card.day(Role::IssuedOn);
    round.mark = card.text(Role::Mark);
    round.judged_on = card.day(Role::JudgedOn);
    round.kept = card.text(Role::Kept).parse().ok();
    round.previous_folder = card.text(Role::PreviousFolder);
    round.letters = letters(card, templates);
    round.meeting = MeetingSettings {
        body: card.text(Role::MeetingBody),
        number: card.text(Role::MeetingNumber),
        day: card.day(Role::MeetingOn),
    };
    round.publication = PublicationSettings {
        publisher: card.text(Role::Publisher),
        licence: card.text(Role::Licence),
        contact: card.text(Role::PublicContact),
    };
    round.remarks.extend(unsigned(card));
    let typed = card.text(Role::MunicipalityCode);
    if typed.is_empty() {
        return;
    }
    match code::complete(&typed, &templates.lists) {
        Ok(full) => {
            round.prefecture = templates
                .lists
                .get("prefectures")
                .and_then(|l| l.get(full.get(..2)?))
                .map(|c| c.name.clone())
                .unwrap_or_default();
            round.municipality_code = full;
        }
        Err(unclear) => {
            let finding = Finding::new("R101E").given(&typed).expected(unclear.expected(&templates.lists));
            findings.push(card.place(Role::MunicipalityCode).map_or(finding.clone(), |p| finding.at(p)));
        }
    }
}

fn letters(card: &Cards<'_>, templates: &Templates) -> LetterSettings {
    let kind = card.code(Role::DocumentKind, &templates.lists);
    let printed = |column: &str| kind.map(|k| k.attr(column).to_string()).unwrap_or_default();
    LetterSettings {
        above: printed(ABOVE),
        below: printed(BELOW),
        hand_in: card.text(Role::HandIn),
        basis: card.text(Role::Basis),
        circulation: card.text(Role::Circulation),
        return_number: card.text(Role::ReturnNumber),
        reminder_number: card.text(Role::ReminderNumber),
    }
}

/// Columns of the list of letters' kinds: what is printed where the number stands, and below the sender.
const ABOVE: &str = "番号の位置";
const BELOW: &str = "発信者の下";

/// A letter without its sender, or without whom to ask (X200W).
fn unsigned(card: &Cards<'_>) -> Option<Finding> {
    let blank: Vec<Role> = [Role::Issuer, Role::Contact].into_iter().filter(|r| card.text(*r).is_empty()).collect();
    let labels: Vec<&str> = blank.iter().filter_map(|r| card.label(*r)).collect();
    let place = blank.iter().find_map(|r| card.place(*r));
    let finding = Finding::new("X200W").given(labels.join("、"));
    (!labels.is_empty()).then(|| place.map_or(finding.clone(), |p| finding.at(p)))
}

fn forms(round: &mut Round, rows: &[Row<'_>], templates: &Templates, findings: &mut Vec<Finding>) {
    for row in rows {
        let id = row.text(Role::Key);
        let Some(title) = templates.forms.get(&id).map(|f| f.title.as_str()) else { continue };
        let (as_of, due) = (row.day(Role::AsOf), row.day(Role::ReplyDeadline));
        // A form without any date is not asked in this round; with one of two, the other was forgotten.
        match (as_of, due) {
            (Some(as_of), Some(reply_deadline)) => {
                let count_year = row.date(Role::CountYear).and_then(|i| i.from).map(crate::model::date::fiscal_year_of);
                let asked = row.list(Role::AskedDivisions);
                round.forms.insert(id, FormRound { as_of, count_year, reply_deadline, asked });
            }
            (None, None) if row.blank(Role::AsOf) && row.blank(Role::ReplyDeadline) => {}
            (as_of, _) => {
                let (role, what) =
                    if as_of.is_none() { (Role::AsOf, "基準日") } else { (Role::ReplyDeadline, "回答期限") };
                if row.blank(role) {
                    let finding = Finding::new("X103E").given(format!("様式「{title}」")).expected(what);
                    findings.push(row.place(role).map_or(finding.clone(), |p| finding.at(p)));
                }
            }
        }
    }
}

fn deadlines(round: &mut Round, rows: &[Row<'_>], templates: &Templates) {
    // Named by its day as it comes (令和7年度末), a deadline that is moved is named by the new one.
    let moved = |id: &str, name: String, date: NaiveDate| {
        let shipped = templates.lists.get("deadlines").and_then(|l| l.get(id));
        let day = shipped.filter(|c| c.name == name).and_then(|c| c.attrs.values().find_map(|v| v.parse().ok()));
        day.filter(|day| *day != date).map_or(name.clone(), |day| name.replace(&called_day(day), &called_day(date)))
    };
    for row in rows {
        if let Some(date) = row.day(Role::Date) {
            let id = row.text(Role::Key);
            round.deadlines.push(Deadline {
                name: moved(&id, row.text(Role::Name), date),
                id,
                date,
                kind: row.text(Role::Kind),
                applies_to: row.text(Role::AppliesTo),
                source: row.text(Role::Source),
                strength: row.text(Role::Strength),
            });
        }
    }
}

fn divisions(round: &mut Round, rows: &[Row<'_>]) {
    round.divisions.extend(rows.iter().filter(|r| !r.text(Role::Key).is_empty()).map(|r| Division {
        code: half(&r.text(Role::Key)),
        bureau: r.text(Role::Bureau),
        name: r.text(Role::Name),
        former_names: r.list(Role::FormerName),
        from: r.day(Role::From),
        phone: r.text(Role::Phone),
        mail: r.text(Role::Mail),
    }));
}

fn extension(row: &Row<'_>) -> Option<Extension> {
    Some(Extension {
        division: row.text(Role::Division),
        form: row.text(Role::Form),
        until: row.day(Role::Until)?,
        approved_on: row.day(Role::ApprovedOn),
        reason: row.text(Role::Reason),
        place: row.place(Role::Division),
    })
}

fn item(row: &Row<'_>, templates: &Templates, roster: &str) -> Option<Item> {
    let key = half(&row.text(Role::Key));
    let name = row.text(Role::Name);
    if key.is_empty() {
        return None;
    }
    let national = templates.lists.get(roster).and_then(|l| l.get(&key));
    let mut attrs: BTreeMap<String, String> = national.map(|c| c.attrs.clone()).unwrap_or_default();
    attrs.extend(row.attrs());
    let some = |role: Role| Some(row.text(role)).filter(|t| !t.is_empty());
    let group = row.text(Role::Group);
    let (owner, absent) = (some(Role::Division), row.text(Role::Absent) == "yes");
    Some(Item {
        group: if group.is_empty() { key.clone() } else { group },
        aliases: national.map(|c| c.aliases.iter().chain([&c.name]).cloned().collect()).unwrap_or_default(),
        // Left blank, a row that somebody has gone through is taken as it stands.
        confirmed: match row.text(Role::Confidence).as_str() {
            "" => owner.is_some() || absent,
            said => said == "confirmed",
        },
        owner,
        former_owner: some(Role::FormerOwner),
        moved_on: row.day(Role::MovedOn),
        absent,
        outside: row.text(Role::Scope) == "prefectural",
        place: row.place(Role::Division).or_else(|| row.place(Role::Key)),
        attrs,
        name,
        key,
    })
}

/// A code list of the round's own; `None` where nothing stands in it, and the shipped list counts.
fn code_list(id: &str, rows: &[Row<'_>], templates: &Templates) -> Option<(String, CodeList)> {
    let shipped = templates.lists.get(id);
    let code = |row: &Row<'_>| {
        let (key, name) = (row.text(Role::Key), row.text(Role::Name));
        let known = shipped.and_then(|l| l.get(&key));
        let mut attrs = known.map(|c| c.attrs.clone()).unwrap_or_default();
        attrs.extend(row.attrs());
        let mut aliases = row.list(Role::Aliases);
        aliases.extend(known.iter().filter(|k| k.name == name).flat_map(|k| k.aliases.iter().cloned()));
        Code { name: if name.is_empty() { key.clone() } else { name }, code: key, aliases, attrs }
    };
    let codes: Vec<Code> = rows.iter().map(code).filter(|c| !c.code.is_empty()).collect();
    let columns = shipped.map(|l| l.columns.clone()).unwrap_or_default();
    (!codes.is_empty()).then(|| (id.to_string(), CodeList { id: id.to_string(), columns, codes }))
}

fn receipt(row: &Row<'_>) -> Receipt {
    Receipt {
        file: row.text(Role::File),
        division: row.text(Role::Division),
        form: row.text(Role::Form),
        received: row.day(Role::Received),
        sent_back: row.day(Role::SentBack),
        place: [Role::File, Role::Division, Role::Form, Role::Received]
            .into_iter()
            .filter(|r| !row.blank(*r))
            .find_map(|r| row.place(r)),
    }
}

fn waiver(row: &Row<'_>) -> WaiverRow {
    WaiverRow {
        code: half(&row.text(Role::FindingCode)).to_ascii_uppercase(),
        division: row.text(Role::Division),
        form: row.text(Role::Form),
        item: row.text(Role::Item),
        field: row.text(Role::Field),
        rows: BTreeSet::new(),
        reason: row.text(Role::Reason),
        until: row.day(Role::Until),
        place: row.place(Role::FindingCode),
    }
}

fn decision(row: &Row<'_>) -> Option<Decision> {
    Some(Decision {
        form: row.text(Role::Form),
        item: row.text(Role::Item),
        field: row.text(Role::Field),
        date: row.day(Role::Date)?,
        decided_on: row.day(Role::ApprovedOn),
        meeting: row.text(Role::Meeting),
        place: row.place(Role::Item),
    })
}

/// Division cells may name a division instead of its code; everywhere else only codes are used.
fn canonical_divisions(round: &mut Round) {
    let divisions = round.divisions.clone();
    let code = |typed: &mut String| {
        if let Some(d) = refer::division(&divisions, typed) {
            typed.clone_from(&d.code);
        }
    };
    round.extensions.iter_mut().for_each(|e| code(&mut e.division));
    round.receipts.iter_mut().for_each(|r| code(&mut r.division));
    round.waivers.iter_mut().for_each(|w| code(&mut w.division));
    round.passwords.iter_mut().for_each(|p| code(&mut p.division));
    round.forms.values_mut().flat_map(|f| &mut f.asked).for_each(code);
    for item in round.rosters.values_mut().flatten() {
        item.owner.iter_mut().chain(item.former_owner.iter_mut()).for_each(code);
    }
}
