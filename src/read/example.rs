//! The filled example (記入例) is never read as an answer. But some unlock it and fill it in, and leave the form blank: then
//! it holds what its definition does not print there, and that is told.
//!
//! The example of another version has other examples; there only the division that is named counts, for the example as it is
//! issued names none.

use std::collections::BTreeSet;

use arcstr::ArcStr;

use super::extract::best_match;
use super::labels::Sheet;
use super::locate::locate;
use super::resolve::{Known, Who};
use crate::model::form::{Block, Field, Form, Layout};
use crate::model::marker::Marker;
use crate::model::{Cell, CellRef, Finding, Place, Role, sign};
use crate::normalise::text;

/// Rows below a header that are looked at.
const ROWS: u32 = 200;

/// What somebody wrote into the example of a form, if anything. `marker` is its locked line, if that is still there.
pub(super) fn changed(
    sheet: &Sheet<'_>,
    marker: Option<&Marker>,
    form: &Form,
    file: &ArcStr,
    known: &Known<'_>,
) -> Option<Finding> {
    // The other sheet that explains lists the labels too.
    if sheet.grid.name.starts_with(sign::GUIDE) || marker.is_some_and(|m| m.form != form.id) {
        return None;
    }
    let found = best_match(&[form], sheet, None).filter(super::extract::Match::good)?;
    let located = locate(sheet, found.def);
    let same = marker.is_some_and(|m| m.version == form.version) && sheet.grid.name.starts_with(sign::EXAMPLE);
    let mut told: Vec<(CellRef, String)> = Vec::new();
    let (mut division, mut others) = (None, 0);
    for block in &found.def.blocks {
        for field in &block.fields {
            let cells: Vec<CellRef> = if block.layout == Layout::Card {
                located.cards.get(&(block.id.clone(), field.id.clone())).map(|a| a.cells.clone()).unwrap_or_default()
            } else {
                let table = located.tables.get(&block.id);
                let column = table.and_then(|t| t.columns.get(&field.id).map(|c| (t, c.first)));
                let rows = column.into_iter().flat_map(|(t, col)| {
                    (t.body..t.end.min(t.body.saturating_add(ROWS))).map(move |row| CellRef::new(row, col))
                });
                rows.collect()
            };
            for at in cells {
                let text = sheet.shown(at).map(Cell::raw).unwrap_or_default();
                let text = text::tidy(&text);
                if text.is_empty() {
                    continue;
                }
                if names_a_division(field, text, known) {
                    division.get_or_insert_with(|| (at, format!("{}「{text}」", field.label)));
                } else if same && is_answer(field) && !printed(block, field, text, known) {
                    others += 1;
                    if told.len() < 2 {
                        told.push((at, format!("「{}」", text.chars().take(20).collect::<String>())));
                    }
                }
            }
        }
    }
    // One cell that differs may be a slip of a program; a division, or several, are somebody's hand.
    let named = division.is_some();
    if !named && others == 0 {
        return None;
    }
    told.splice(0..0, division);
    told.truncate(2);
    let first = told.first().map(|(at, _)| *at)?;
    let count = others + usize::from(named);
    let words: Vec<&str> = told.iter().map(|(_, words)| words.as_str()).collect();
    let more = if count > told.len() { format!("など{count}か所") } else { String::new() };
    let name: ArcStr = ArcStr::from(sheet.grid.name.as_str());
    let finding = Finding::new("S054W").at(Place::cell(file, &name, sheet.area(first).first));
    Some(finding.given(format!("{}{more}", words.join("、"))).arg("sheet_name", &*name))
}

/// Whether the code or name of a real division stands where the example has none.
fn names_a_division(field: &Field, text: &str, known: &Known<'_>) -> bool {
    let is_code = field.role == Some(Role::Division);
    if !is_code && field.role != Some(Role::DivisionName) {
        return false;
    }
    let own = text.contains('○') || text.contains('〇') || text.chars().all(|c| text::key(&c.to_string()) == "0");
    match known.who {
        _ if own => false,
        Who::Round(_) => known.division(text, is_code).is_some(),
        // Without a round any number may be a division's.
        Who::Anybody => is_code && text::key(text).bytes().all(|b| b.is_ascii_digit()),
    }
}

/// Whether somebody is asked to fill it in, and no key or number comes with it.
fn is_answer(field: &Field) -> bool {
    !field.locked
        && field.is_answer()
        && field.prefill.is_none()
        && field.role.is_none_or(|r| !super::explain::names_role(r))
}

/// Whether the example prints it there: an example, a choice by its name, or what the office answers for everybody.
fn printed(block: &Block, field: &Field, shown: &str, known: &Known<'_>) -> bool {
    let key = text::key(shown);
    let mut texts: BTreeSet<String> =
        field.example.iter().chain(field.examples.values()).map(|t| text::key(t)).collect();
    if let Some(list) = field.codes.as_ref().and_then(|id| known.lists.get(id)) {
        let of_all = |code: &str| block.common_rows.is_some() || texts.contains(&text::key(code));
        let names: Vec<String> = list.codes.iter().filter(|c| of_all(&c.code)).map(|c| text::key(&c.name)).collect();
        texts.extend(names);
    }
    if block.common_rows.is_some()
        && let Who::Round(round) = known.who
    {
        texts.extend(round.common_answers.values().map(|t| text::key(t)));
    }
    texts.contains(&key)
}
