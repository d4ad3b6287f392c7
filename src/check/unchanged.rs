//! What the boxes 「前回から変更なし」 say, held against the answers: ticked although something was changed, and left alone together
//! with every answer.

use std::collections::BTreeMap;

use super::moved::is_as_told;
use crate::forms::Templates;
use crate::model::ledger::{Ledger, LedgerItem};
use crate::model::submission::{Rank, State};
use crate::model::{Answer, Finding, NoteKind, Place, Slot, Told};

/// So many names stand in a sentence.
const NAMED: usize = 5;

/// The findings of a round whose earlier answers are known: X214W a record, X213W a reply.
#[must_use]
pub fn unchanged(ledger: &Ledger, templates: &Templates) -> Vec<Finding> {
    let mut findings = Vec::new();
    let ticks = ticks(ledger);
    if ticks.is_empty() {
        return findings;
    }
    let mut untouched: BTreeMap<(&str, &str), Vec<(&LedgerItem, &Answer)>> = BTreeMap::new();
    for form in templates.asked().filter(|f| ledger.round.forms.contains_key(&f.id)) {
        let slots = form.slots(&templates.lists);
        let slots: BTreeMap<String, &Slot<'_>> =
            slots.iter().filter(|s| !s.is_locked()).map(|s| (s.key(), s)).collect();
        for item in ledger.items_of(&form.id) {
            let Some(division) = item.item.owner.as_deref() else { continue };
            let Some(tick) = ticks.get(&(form.id.as_str(), division, item.item.key.as_str())) else { continue };
            let Some(changes) = changes(ledger, item, &slots) else { continue };
            // The tick says nothing of what is asked anew, of another year.
            let renewed = |key: &String| ledger.round.renewed.contains(&(form.id.clone(), key.clone()));
            let other: Vec<String> = changes.iter().filter(|key| !renewed(key)).cloned().collect();
            match (tick.value.choice() == Some("yes"), changes.is_empty()) {
                (true, false) if !other.is_empty() => {
                    findings.push(contradicts(item, division, tick, &other, &slots));
                }
                (false, true) if tick.value.is_blank() => {
                    untouched.entry((&item.form, division)).or_default().push((item, tick));
                }
                _ => {}
            }
        }
    }
    findings.extend(untouched.into_iter().map(|((form, division), items)| {
        let names: Vec<&str> = items.iter().take(NAMED).map(|(i, _)| i.item.name.as_str()).collect();
        let rest = items.len().checked_sub(NAMED).filter(|n| *n > 0).map(|n| format!("ほか{n}件")).unwrap_or_default();
        let finding = Finding::new("X213W").of(form, division, "").given(items.len().to_string());
        let finding = finding.arg("items", format!("{}{rest}", names.join("、")));
        let mut places = items.iter().map(|(_, tick)| tick.place.clone());
        let finding = places.next().map_or(finding.clone(), |p| finding.at(p));
        places.fold(finding, Finding::related)
    }));
    findings
}

/// The boxes by form, division and item; of several files that of the newest that says something.
fn ticks(ledger: &Ledger) -> BTreeMap<(&str, &str, &str), &Answer> {
    let mut all: BTreeMap<(&str, &str, &str), (bool, Rank, &Answer)> = BTreeMap::new();
    for s in ledger.submissions.iter().filter(|s| s.state == State::Accepted) {
        let (Some(form), Some(division)) = (&s.form, &s.division) else { continue };
        for (item, tick) in &s.unchanged {
            let ranked = (!tick.value.is_blank(), s.rank());
            let known = all.entry((form, division, item)).or_insert((ranked.0, ranked.1, tick));
            if (known.0, known.1) <= ranked {
                *known = (ranked.0, ranked.1, tick);
            }
        }
    }
    all.into_iter().map(|(whose, (.., tick))| (whose, tick)).collect()
}

/// The keys whose answer is not the last known one; `None` where nothing was known of the item, or nothing is answered now.
fn changes(ledger: &Ledger, item: &LedgerItem, slots: &BTreeMap<String, &Slot<'_>>) -> Option<Vec<String>> {
    let record = item.record.as_ref()?;
    let known = ledger.round.known_of(&item.form, &item.item.key);
    let known = known.map(|(key, told)| (key.as_str(), told));
    let known: BTreeMap<&str, &Told> = known.filter(|(key, _)| slots.contains_key(*key)).collect();
    let office = |a: &Answer| a.notes.iter().any(|n| n.kind == NoteKind::Common);
    let own = record.fields.iter().filter(|(key, a)| slots.contains_key(key.as_str()) && !office(a));
    let own: BTreeMap<&str, &Answer> = own.filter(|(_, a)| !a.value.is_blank()).map(|(k, a)| (k.as_str(), a)).collect();
    if known.is_empty() || own.is_empty() {
        return None;
    }
    let common = |key: &&&str| record.fields.get(key).is_some_and(office);
    let keys = own.keys().chain(known.keys().filter(|k| !own.contains_key(*k) && !common(k)));
    let differs = keys.filter(|key| match (own.get(*key), known.get(*key)) {
        (Some(now), Some(then)) => !is_as_told(now, then),
        _ => true,
    });
    Some(differs.map(ToString::to_string).collect())
}

/// Ticked, and answered otherwise: what is written counts, and somebody asks (X214W).
fn contradicts(
    item: &LedgerItem,
    division: &str,
    tick: &Answer,
    changes: &[String],
    slots: &BTreeMap<String, &Slot<'_>>,
) -> Finding {
    let labels: Vec<String> = changes.iter().take(NAMED).filter_map(|k| slots.get(k)).map(|s| s.label()).collect();
    let rest = changes.len().checked_sub(NAMED).filter(|n| *n > 0).map(|n| format!("ほか{n}項目")).unwrap_or_default();
    let fields = item.record.iter().flat_map(|r| changes.iter().filter_map(|k| r.fields.get(k)));
    let places: Vec<Place> = fields.map(|a| a.place.clone()).collect();
    let finding = Finding::new("X214W").of(&item.form, division, &item.item.key).at(tick.place.clone());
    let finding = finding.given(tick.raw.as_str()).arg("labels", format!("{}{rest}", labels.join("、")));
    places.into_iter().fold(finding, Finding::related)
}
