//! What the settings refer to must be there, and keys must not be doubled.

use std::collections::BTreeMap;

use super::keys;
use super::rows::Row;
use crate::forms::Templates;
use crate::forms::called::{Candidate, Meant, meant};
use crate::model::finding::FIELD_NAME;
use crate::model::form::{BlockRole, FieldType};
use crate::model::{Block, Check, Division, Field, Finding, Form, Offers, Place, Role, Round};
use crate::normalise::text::{self, half};
use crate::read::resolve::same_key;

/// What items are called where no label of the settings is at hand.
const ITEM: &str = "対象";

/// The division that a code or a name means.
pub(super) fn division<'a>(divisions: &'a [Division], typed: &str) -> Option<&'a Division> {
    let key = text::key(typed);
    divisions.iter().find(|d| same_key(&d.code, typed)).or_else(|| divisions.iter().find(|d| text::key(&d.name) == key))
}

/// Keys that stand twice in a block (X101E).
pub(super) fn doubled(role: BlockRole, rows: &[Row<'_>]) -> Vec<Finding> {
    if !matches!(
        role,
        BlockRole::Divisions | BlockRole::Deadlines | BlockRole::Roster | BlockRole::Forms | BlockRole::CodeList
    ) {
        return Vec::new();
    }
    let mut seen: BTreeMap<String, Option<Place>> = BTreeMap::new();
    let mut findings = Vec::new();
    for row in rows {
        let key = row.text(Role::Key);
        // A doubled key was already made distinct by the reader, which appends the row.
        let plain = key.split('#').next().unwrap_or_default().to_string();
        if plain.is_empty() {
            continue;
        }
        let place = row.place(Role::Key);
        if let Some(first) = seen.get(&text::key(&plain)) {
            let expected = first.as_ref().map(Place::cell_text).unwrap_or_default();
            let mut finding = Finding::new("X101E").given(&plain).expected(expected);
            finding.place = place;
            finding.related = first.iter().cloned().collect();
            findings.push(finding);
        } else {
            seen.insert(text::key(&plain), place);
        }
    }
    findings
}

/// References to what is nowhere: a division or a form ends the run (X102E), for the roster is wrong; a row that names an
/// answer, an item or a finding that there is none of is not used (X190W).
pub(super) fn dangling(block: &Block, rows: &[Row<'_>], round: &Round, templates: &Templates) -> Vec<Finding> {
    let mut findings = Vec::new();
    let Some(role) = block.role else { return findings };
    for row in rows {
        for field in &block.fields {
            let Some(part) = field.role else { continue };
            findings.extend(nowhere(row, field, part, round, templates));
            findings.extend(no_day(row, field, part));
        }
        findings.extend(idle(block, role, row, round, templates));
    }
    findings
}

/// Divisions and forms that are nowhere.
fn nowhere(row: &Row<'_>, field: &Field, role: Role, round: &Round, templates: &Templates) -> Vec<Finding> {
    let typed = row.text(role);
    // Who had it before may be a division that there is no longer.
    if typed.is_empty() || role == Role::FormerOwner {
        return Vec::new();
    }
    if role == Role::AskedDivisions {
        let unknown = row.list(role).into_iter().filter(|d| division(&round.divisions, d).is_none());
        return unknown.map(|d| reference(row, field, role, &d, "「所属」の一覧")).collect();
    }
    let expected = match (field.kind, role) {
        (FieldType::Division, _) if division(&round.divisions, &typed).is_none() => "「所属」の一覧",
        (_, Role::Form) if keys::form(templates, &typed).is_none() => "様式の一覧",
        _ => return Vec::new(),
    };
    vec![reference(row, field, role, &typed, expected)]
}

/// A date of the settings that is not one day. Without some of them the row says nothing; the others are not used.
fn no_day(row: &Row<'_>, field: &Field, role: Role) -> Option<Finding> {
    if field.kind != FieldType::Date || role == Role::CountYear {
        return None;
    }
    if matches!(role, Role::FirstYear | Role::LastYear) && row.date(role).is_some() {
        return None;
    }
    let typed = row.no_day(role)?;
    let needed = matches!(role, Role::AsOf | Role::ReplyDeadline | Role::Date | Role::Until);
    let finding = Finding::new(if needed { "X194E" } else { "X194W" }).given(typed).arg(FIELD_NAME, &field.label);
    Some(Finding { place: row.place(role), ..finding })
}

/// The answers, items and codes of a row that are nowhere.
fn idle(block: &Block, role: BlockRole, row: &Row<'_>, round: &Round, templates: &Templates) -> Vec<Finding> {
    let of_form = keys::form(templates, &row.text(Role::Form));
    if !row.blank(Role::Form) && of_form.is_none() {
        return Vec::new(); // That is told already, and nobody knows which form's they are.
    }
    let mut findings = Vec::new();
    for field in &block.fields {
        let Some(part) = field.role else { continue };
        let typed = row.text(part);
        if typed.is_empty() {
            continue;
        }
        let why = match part {
            Role::Field => {
                let wanted = keys::offered(role);
                why(&typed, &keys::fields(templates, of_form, wanted), &answers(of_form, wanted))
            }
            Role::Item if of_form.is_none_or(|f| keys::lists_items(templates, f)) => {
                why(&typed, &keys::items(round, of_form), &rosters(of_form, templates))
            }
            Role::FindingCode if templates.catalogue.get(&half(&typed).to_ascii_uppercase()).is_none() => {
                Some("という番号の指摘はありません（指摘の番号は、「確認事項」の一覧にあります）".to_string())
            }
            _ => None,
        };
        findings.extend(why.map(|why| unused(row.place(part), &field.label, &typed, why)));
    }
    findings
}

/// Where answers are looked for, in words.
fn answers(form: Option<&Form>, wanted: Offers) -> String {
    let of = form.map_or_else(|| "どの様式".to_string(), |f| format!("様式「{}」", f.title));
    let what = match wanted {
        Offers::DateFields => "の日付の項目",
        Offers::CommonFields => "の、DX担当が全課の分を答える項目",
        _ => "の項目",
    };
    format!("{of}{what}")
}

/// The sheets that list the items of a form, in words.
fn rosters(form: Option<&Form>, templates: &Templates) -> String {
    let sheets = templates.settings().into_iter().flat_map(|s| &s.sheets);
    let of = |b: &Block| b.role == Some(BlockRole::Roster) && form.is_none_or(|f| f.roster.as_ref() == Some(&b.id));
    let names: Vec<String> = sheets.filter(|s| s.blocks.iter().any(of)).map(|s| format!("「{}」", s.name)).collect();
    format!("{}の一覧", names.join("・"))
}

/// Why a name means nothing, or nothing certain; `None` when it means one thing.
fn why(typed: &str, among: &[Candidate], of: &str) -> Option<String> {
    match meant(typed, among) {
        Meant::Key(_) => None,
        Meant::Several(names) => {
            let names: Vec<String> = names.iter().map(|n| format!("「{n}」")).collect();
            Some(format!("は、{of}の{}のどれのことか決められません", names.join("・")))
        }
        Meant::Nothing(nearest) => {
            let nearest = nearest.map(|n| format!("（「{n}」のことではありませんか）")).unwrap_or_default();
            Some(format!("は、{of}にありません{nearest}"))
        }
    }
}

/// Deadlines that a form is held to and that the settings have no row of (X195W): nothing would be judged by them, and nothing
/// would say so.
pub(super) fn no_deadline(sheet: &Place, round: &Round, templates: &Templates) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for form in templates.asked().filter(|f| round.forms.contains_key(&f.id)) {
        for rule in &form.rules {
            let (Check::Deadline { deadline, .. } | Check::MonthsLeft { deadline, .. }) = &rule.check else { continue };
            let told = findings.iter().any(|f| f.given.as_ref() == Some(deadline));
            if told || round.deadline(deadline).is_some() {
                continue;
            }
            let name = templates.lists.get("deadlines").map_or(&**deadline, |l| l.name(deadline));
            let finding = Finding::new("X195W").of(&form.id, "", "").given(deadline).expected(name);
            findings.push(finding.arg("form", &form.title).at(sheet.clone()));
        }
    }
    findings
}

/// What was decided or approved about items that no reply brought, where the divisions add the items themselves. Called
/// when the rosters are gathered.
#[must_use]
pub fn unknown_items(round: &Round, templates: &Templates) -> Vec<Finding> {
    let decided = round.decisions.iter().map(|d| (&d.form, &d.item, &d.place));
    let approved = round.waivers.iter().map(|w| (&w.form, &w.item, &w.place));
    let unknown = |(form, item, place): (&String, &String, &Option<Place>)| {
        let form = templates.forms.get(form).filter(|f| round.forms.contains_key(&f.id))?;
        if item.is_empty() || keys::lists_items(templates, form) {
            return None;
        }
        let of = format!("様式「{}」の届いた{}", form.title, form.subject);
        why(item, &keys::items(round, Some(form)), &of).map(|why| unused(place.clone(), ITEM, item, why))
    };
    decided.chain(approved).filter_map(unknown).collect()
}

/// A row that says nothing about anything (X190W).
#[must_use]
pub fn unused(place: Option<Place>, label: &str, typed: &str, why: impl Into<String>) -> Finding {
    let finding = Finding::new("X190W").given(typed).arg(FIELD_NAME, label).arg("why", why);
    Finding { place, ..finding }
}

fn reference(row: &Row<'_>, field: &Field, role: Role, typed: &str, expected: &str) -> Finding {
    let finding = Finding::new("X102E").given(typed).expected(expected).field(&field.id).arg(FIELD_NAME, &field.label);
    Finding { place: row.place(role), ..finding }
}
