//! Reads the answers of a card, and the item that a repeated sheet is about.

use arcstr::ArcStr;

use super::extract::{Draft, DraftAnswer, Taken};
use super::identity;
use super::resolve::{Agree, ItemMatch, Known};
use crate::model::finding::FIELD_NAME;
use crate::model::form::{Block, Form, Layout};
use crate::model::{Area, Cell, CellRef, Finding, Place, Role};

/// Reads every answer of a card into the draft. A label that is missing or doubled is a finding.
pub(super) fn read<'a>(t: &Taken<'a, '_>, block: &'a Block, item: &str, file: &ArcStr, draft: &mut Draft<'a>) {
    tell_swapped(t, block, item, file, draft);
    for field in block.fields.iter().filter(|f| f.is_answer()) {
        let key = (block.id.clone(), field.id.clone());
        let Some(at) = t.located.cards.get(&key) else {
            let finding = match (t.located.closed.get(&key), t.located.missing.get(&key)) {
                (Some(label), _) => Finding::new("S069E").at(t.place(file, *label)),
                // Settings of an earlier round have fewer cells; what may be left blank may be missing there.
                _ if t.def.plain && field.optional => continue,
                // The keys of a sheet have findings of their own where none is left (no division, no item).
                (None, None) if field.role.is_some_and(|r| !matches!(r, Role::Submitted | Role::Confirmed)) => continue,
                (None, at) => no_label(t, file, at.copied()),
            };
            let finding = finding.of(&draft.form.id, "", item).field(&field.id);
            draft.findings.push(finding.arg(FIELD_NAME, field.printed()));
            continue;
        };
        if at.times > 1 {
            let finding = Finding::new("S014E").at(t.place(file, at.label)).given(at.times.to_string());
            let finding = finding.of(&draft.form.id, "", item).field(&field.id);
            draft.findings.push(finding.arg(FIELD_NAME, field.printed()));
        }
        let cells: Vec<Cell> = at.cells.iter().map(|c| t.sheet.shown(*c).cloned().unwrap_or_default()).collect();
        let mut place = t.place(file, at.cells[0]);
        if let (Some(first), Some(last)) = (at.cells.first(), at.cells.last().filter(|_| at.cells.len() > 1)) {
            place.area = Some(Area { first: *first, last: *last });
        }
        draft.answers.push(DraftAnswer {
            block: "",
            item: item.to_string(),
            key: field.answer_key("").into(),
            field,
            place,
            cells,
            kept: None,
            steps: Vec::new(),
            told: false,
        });
    }
}

/// Two labels that changed places: read as they stand, and asked about.
fn tell_swapped<'a>(t: &Taken<'a, '_>, block: &'a Block, item: &str, file: &ArcStr, draft: &mut Draft<'a>) {
    let Some([(one, at), (other, there)]) = t.located.swapped.get(&block.id) else { return };
    let label = |id: &str| block.fields.iter().find(|f| f.id == id).map_or("", |f| f.label.as_str());
    let finding = Finding::new("S071W").at(t.place(file, *at)).given(label(one)).expected(label(other));
    let finding = finding.of(&draft.form.id, "", item).field(one).related(t.place(file, *there));
    draft.findings.push(finding);
}

/// A label or header that was not found; at the cell where it would stand, with what stands there.
pub(super) fn no_label(t: &Taken<'_, '_>, file: &ArcStr, at: Option<CellRef>) -> Finding {
    let finding = Finding::new("S013E");
    let Some(at) = at else { return finding.at(Place::sheet(file, &t.name)) };
    let finding = finding.at(t.place(file, at));
    match t.sheet.shown(at).map(Cell::raw).filter(|text| !text.trim().is_empty()) {
        Some(text) => finding.arg("found", format!("あるはずのところには「{text}」と書かれています。")).given(text),
        None => finding.arg("found", "あるはずのところは空いています。"),
    }
}

/// The item that a repeated sheet is about, with the place of its key. An unknown one is a finding.
pub(super) fn item(
    t: &Taken<'_, '_>,
    form: &Form,
    file: &ArcStr,
    known: &Known<'_>,
    findings: &mut Vec<Finding>,
) -> Option<(String, Place)> {
    let typed = |role: Role| {
        t.def.blocks.iter().filter(|b| b.layout == Layout::Card).find_map(|block| {
            let field = block.field_with(role)?;
            let at = t.located.cards.get(&(block.id.clone(), field.id.clone()))?;
            let text = t.sheet.shown(at.cells[0]).map(Cell::raw)?;
            (!text.trim().is_empty()).then(|| (text, t.place(file, at.cells[0])))
        })
    };
    let (key, name) = (typed(Role::Item), typed(Role::ItemName));
    let sheet_place = Place::sheet(file, &t.name);
    let place = key.as_ref().or(name.as_ref()).map_or(sheet_place, |(_, p)| p.clone());
    let named = name.as_ref().map(|(_, p)| p.clone());
    let text = |t: &Option<(String, Place)>| t.as_ref().map(|(t, _)| t.clone()).unwrap_or_default();
    let (key, name) = (text(&key), text(&name));
    let roster = form.roster.as_deref().unwrap_or_default();
    match known.item(roster, &key, &name) {
        ItemMatch::Found(item, Agree::No) => {
            let finding = Finding::new("S026W").at(place.clone()).given(key).expected(name).of(&form.id, "", &item);
            findings.push(named.map_or(finding.clone(), |p| finding.related(p)));
            Some((item, place))
        }
        ItemMatch::Found(item, agree) => {
            identity::tell_item(t, form, file, known, (&item, agree), findings);
            Some((item, place))
        }
        // The two labels changed places, which is told as that.
        ItemMatch::Unknown if let ItemMatch::Found(item, Agree::Yes) = known.item(roster, &name, &key) => {
            Some((item, place))
        }
        ItemMatch::Unknown => {
            let given = if name.is_empty() { key } else { name };
            let given = if given.is_empty() { "（空欄）".to_string() } else { given };
            findings.push(Finding::new("S016E").at(place).given(given).of(&form.id, "", ""));
            None
        }
    }
}
