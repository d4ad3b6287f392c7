//! What the settings refer to must be there, and keys must not be doubled.

use std::collections::BTreeMap;

use super::rows::Row;
use crate::forms::Templates;
use crate::model::finding::FIELD_NAME;
use crate::model::form::{BlockRole, FieldType};
use crate::model::{Block, Division, Field, Finding, Place, Role, Round};
use crate::normalise::text;
use crate::read::resolve::same_key;

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

/// References to divisions and forms that are nowhere (X102E).
pub(super) fn dangling(block: &Block, rows: &[Row<'_>], round: &Round, templates: &Templates) -> Vec<Finding> {
    let mut findings = Vec::new();
    for row in rows {
        for field in &block.fields {
            let Some(role) = field.role else { continue };
            let typed = row.text(role);
            if typed.is_empty() {
                continue;
            }
            if role == Role::AskedDivisions {
                let unknown = row.list(role).into_iter().filter(|d| division(&round.divisions, d).is_none());
                findings.extend(unknown.map(|d| reference(row, field, role, &d, "「所属」の一覧")));
                continue;
            }
            let expected = match (field.kind, role) {
                (FieldType::Division, _) if division(&round.divisions, &typed).is_none() => "「所属」の一覧",
                (_, Role::Form) if !templates.forms.contains_key(&typed) => "様式の一覧",
                _ => continue,
            };
            findings.push(reference(row, field, role, &typed, expected));
        }
    }
    findings
}

fn reference(row: &Row<'_>, field: &Field, role: Role, typed: &str, expected: &str) -> Finding {
    let finding = Finding::new("X102E").given(typed).expected(expected).field(&field.id).arg(FIELD_NAME, &field.label);
    Finding { place: row.place(role), ..finding }
}
