//! What looks unreadable in an answer while it is typed, as a formula and as it stands: no date, no number or one beyond
//! its limits, no word of the drop-down.

use super::expr::{self, quoted};
use super::places::{Places, What};
use super::spelled;
use super::watch::{Watched, is_number};
use crate::model::form::{Field, FieldType};

/// Words that are answers in place of a choice.
const NO_CHOICE: [&str; 13] =
    ["未定", "検討中", "調整中", "協議中", "確認中", "該当なし", "対象外", "不要", "なし", "無し", "－", "-", "ー"];

const fn is_choice(field: &Field) -> bool {
    matches!(field.kind, FieldType::Choice | FieldType::Flag)
}

/// Whether unreadable looks are judged at all.
pub(super) fn has_odd(cell: &Watched<'_>) -> bool {
    cell.field.kind == FieldType::Date || is_number(cell.field) || (is_choice(cell.field) && cell.list.is_some())
}

/// Words that are answers in place of a choice, as far as a cell asks for them.
pub(super) fn words(cell: &Watched<'_>) -> Option<Vec<String>> {
    (has_odd(cell) && is_choice(cell.field)).then(no_choice)
}

fn no_choice() -> Vec<String> {
    NO_CHOICE.map(String::from).to_vec()
}

/// Whether a text is one of the field's own words for "no value".
fn said(cell: &Watched<'_>, text: &str) -> bool {
    cell.field.none.contains_key(text)
}

/// Whether a number lies beyond the field's limits, or is no whole number where one is asked for. Shares may be written
/// as 85 or as 85 %, so that their limits say nothing here.
fn beyond(field: &Field, cell: &str, given: Option<f64>) -> (String, bool) {
    let mut parts = Vec::new();
    let mut is = false;
    let number = given.unwrap_or_default();
    if field.kind != FieldType::Percent {
        if let Some(min) = field.min {
            parts.push(format!("{cell}<{min}"));
            is |= number < min;
        }
        if let Some(max) = field.max {
            parts.push(format!("{cell}>{max}"));
            is |= number > max;
        }
    }
    if field.kind == FieldType::Integer {
        parts.push(format!("{cell}<>INT({cell})"));
        is |= number.fract() != 0.0;
    }
    match parts.len() {
        0 => ("FALSE".into(), false),
        1 => (parts.concat(), is),
        _ => (format!("OR({})", parts.join(",")), is),
    }
}

/// Whether an answer looks unreadable, as a formula.
pub(super) fn formula(places: &Places<'_, '_>, place: usize, cell: &Watched<'_>) -> String {
    let at = |what| places.at(what, place, cell.line);
    let (text, order) = (at(What::Text), places.order(place));
    let formula = if cell.field.kind == FieldType::Date {
        format!("{}=1", spelled::name("odd", order))
    } else if is_number(cell.field) {
        let number = at(What::First);
        let (beyond, _) = beyond(cell.field, &number, None);
        format!("IF(ISNUMBER({number}),{beyond},{}=1)", spelled::name("wordless", order))
    } else {
        let range = cell.list.as_ref().map_or("", |(range, _)| range.as_str());
        let words = no_choice();
        let none = expr::said(&text, &words, places.said(&words).as_deref());
        format!("AND(ISERROR(MATCH({text},{range},0)),NOT({none}))")
    };
    let said: Vec<String> = cell.field.none.keys().map(|w| format!("{text}<>{}", quoted(w))).collect();
    if said.is_empty() { formula } else { format!("AND({},{formula})", said.join(",")) }
}

/// Whether an answer looks unreadable.
pub(super) fn is_odd(cell: &Watched<'_>) -> bool {
    if cell.text.is_empty() || said(cell, &cell.text) {
        return false;
    }
    match cell.field.kind {
        FieldType::Date => spelled::date(&cell.text, cell.number).odd,
        _ if is_number(cell.field) => match cell.span {
            Some((number, _)) => beyond(cell.field, "", Some(number)).1,
            None => spelled::is_no_word(&cell.text),
        },
        _ => cell
            .list
            .as_ref()
            .filter(|_| is_choice(cell.field))
            .is_some_and(|(_, words)| !words.contains(&cell.text) && !NO_CHOICE.contains(&cell.text.as_str())),
    }
}
