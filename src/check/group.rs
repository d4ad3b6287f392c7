//! One cause, one finding: where every row of a column says the same that is wrong, or nothing at all, the findings are one,
//! with the cells as its area. Each cell of the area is wrong in the same way; a column with one exception is told cell by cell.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Context;
use super::case::Case;
use crate::model::finding::{FIELD_NAME, ITEM_NAME};
use crate::model::{Area, CellRef, Finding, Form, Place, Record};

/// Fewer than these are told one by one.
const FEW: usize = 3;

/// The code of a record in which nothing was answered.
const UNANSWERED: &str = "X004W";

/// Block, column, code, given and expected.
type Cause<'f> = (&'f str, &'f str, String, Option<String>, Option<String>);

/// Puts the findings of one case together that say the same of every row of a column.
pub(super) fn columns(case: &Case<'_>, findings: Vec<Finding>) -> Vec<Finding> {
    let column = |key: &str| {
        let slot = case.slot(key)?;
        (slot.row.is_some() && slot.sheet.record_rows(slot.block).is_some()).then_some((&*slot.block.id, slot.field))
    };
    let mut alike: BTreeMap<Cause<'_>, Vec<usize>> = BTreeMap::new();
    for (at, f) in findings.iter().enumerate().filter(|(_, f)| f.related.is_empty()) {
        if let Some((block, field)) = f.field.as_deref().and_then(column) {
            let cause = (block, field.id.as_str(), f.code.clone(), f.given.clone(), f.expected.clone());
            alike.entry(cause).or_default().push(at);
        }
    }
    if alike.values().all(|all| all.len() < FEW) {
        return findings;
    }
    // How many answers the division owes in each column.
    let mut owed: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (key, slot, _) in case.answers().filter(|(_, slot, _)| case.is_needed(slot)) {
        if let Some((block, field)) = column(key).filter(|_| !slot.field.locked) {
            *owed.entry((block, &field.id)).or_default() += 1;
        }
    }
    let mut into: BTreeMap<usize, Finding> = BTreeMap::new();
    let mut gone: Vec<usize> = Vec::new();
    for ((block, field, ..), all) in alike {
        let [first, rest @ ..] = all.as_slice() else { continue };
        // An approval of one of them would no longer cover it.
        let approved = |at: &usize| {
            let (code, key) = findings.get(*at).map(|f| (&f.code, f.field.as_deref())).unzip();
            let mut waivers = case.ctx.round.waivers.iter().filter(|w| w.field != field && Some(&w.code) == code);
            waivers.any(|w| Some(w.field.as_str()) == key.flatten())
        };
        let whole = all.len() >= FEW && !all.iter().any(approved) && owed.get(&(block, field)) == Some(&all.len());
        let places: Option<Vec<&Place>> = all.iter().map(|at| findings.get(*at)?.place.as_ref()).collect();
        let (Some(places), Some(one)) = (places.filter(|_| whole), findings.get(*first)) else { continue };
        let Some((_, defined)) = one.field.as_deref().and_then(column) else { continue };
        let named = format!("{}（{}か所）", defined.label, all.len());
        let one = one.clone().field(field).arg(FIELD_NAME, named);
        into.insert(*first, over(one, &places));
        gone.extend(rest);
    }
    let kept = findings.into_iter().enumerate().filter(|(at, _)| !gone.contains(at));
    kept.map(|(at, f)| into.remove(&at).unwrap_or(f)).collect()
}

/// Puts the findings about records together in which nothing was answered, if that is all records of a table.
pub(super) fn unanswered(
    findings: Vec<Finding>,
    form: &Form,
    records: &[Arc<Record>],
    ctx: &Context<'_>,
) -> Vec<Finding> {
    let blank: Vec<&Finding> = findings.iter().filter(|f| f.code == UNANSWERED).collect();
    // An approval of one of them would no longer cover it.
    let waived = ctx.round.waivers.iter().any(|w| w.code == UNANSWERED && !w.item.is_empty());
    let [first, rest @ ..] = blank.as_slice() else { return findings };
    let places: Vec<&Place> = blank.iter().filter_map(|f| f.place.as_ref()).collect();
    let one_sheet = places.len() == blank.len() && places.windows(2).all(|p| p[0].sheet == p[1].sheet);
    if waived || blank.len() < FEW || blank.len() != records.len() || !one_sheet {
        return findings;
    }
    let name = ctx.round.item_name(form.roster.as_deref(), first.item.as_deref().unwrap_or_default());
    let named = format!("{name}ほか{}件", rest.len());
    let one = Finding { item: None, ..(*first).clone() }.arg(ITEM_NAME, named);
    let mut one = Some(over(one, &places));
    findings.iter().filter_map(|f| if f.code == UNANSWERED { one.take() } else { Some(f.clone()) }).collect()
}

/// The finding at the first run of cells below each other; further runs are its related places.
fn over(finding: Finding, places: &[&Place]) -> Finding {
    let mut runs: Vec<Place> = Vec::new();
    for place in places {
        let Some(area) = place.area else { continue };
        let last = runs.last_mut().filter(|p| p.sheet == place.sheet).and_then(|p| p.area.as_mut());
        match last.filter(|run| run.last.row + 1 == area.first.row && run.first.col == area.first.col) {
            Some(run) => run.last = CellRef::new(area.last.row, area.last.col),
            None => runs.push(Place { area: Some(Area { first: area.first, last: area.last }), ..(*place).clone() }),
        }
    }
    let mut runs = runs.into_iter();
    let finding = Finding { place: runs.next(), ..finding };
    runs.fold(finding, Finding::related)
}
