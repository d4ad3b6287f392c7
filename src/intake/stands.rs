//! A record of which nothing is left but the tick 「前回から変更なし」: its last known answers stand, and that is told.

use std::collections::BTreeMap;
use std::sync::Arc;

use arcstr::ArcStr;

use crate::forms::draw::CellValue;
use crate::model::date::wareki;
use crate::model::form::{Field, Role};
use crate::model::{
    Answer, Answers, Cell, Content, Finding, Note, NoteKind, Record, Round, Submission, Told, Value, sign,
};
use crate::normalise::{self, Context};
use crate::previous;
use crate::read::Draft;

/// Puts the last known answers where nothing but the tick is left; gives what is to be said: one finding a reply (X215I).
pub(super) fn fill(
    submission: &mut Submission,
    draft: &Draft<'_>,
    round: &Round,
    context: &Context<'_>,
) -> Option<Finding> {
    let slots = draft.form.slots(context.codes);
    let fields: BTreeMap<String, &Field> =
        slots.iter().filter(|s| !s.is_locked()).map(|s| (s.key(), s.field)).collect();
    let ticked: Vec<(String, Answer)> = submission
        .unchanged
        .iter()
        .filter(|(_, tick)| tick.value.choice() == Some("yes"))
        .map(|(item, tick)| (item.clone(), tick.clone()))
        .collect();
    let (mut names, mut places) = (Vec::new(), Vec::new());
    for (item, tick) in ticked {
        if submission.records.iter().filter(|r| r.item == item).any(|r| is_answered(r, &fields)) {
            continue;
        }
        let known = round.known_of(&draft.form.id, &item);
        let stands = known.filter_map(|(key, told)| {
            Some((ArcStr::from(key.as_str()), again(told, fields.get(key)?, &tick, context)))
        });
        let answers: Vec<(ArcStr, Answer)> = stands.collect();
        if answers.is_empty() {
            continue;
        }
        record(submission, draft, &item).fields.extend(answers);
        names.push(round.item_name(draft.form.roster.as_deref(), &item).to_string());
        places.push(tick.place);
    }
    let finding = Finding::new("X215I").given(names.len().to_string()).arg("items", names.join("、"));
    let mut places = places.into_iter();
    let finding = finding.at(places.next()?);
    Some(places.fold(finding, Finding::related))
}

/// Whether anything but the number or the name of the record is written.
fn is_answered(record: &Record, fields: &BTreeMap<String, &Field>) -> bool {
    let asked = |key: &str| {
        fields
            .get(key)
            .is_some_and(|f| !matches!(f.role, Some(Role::Item | Role::ItemName | Role::Row | Role::RowName)))
    };
    record.fields.iter().any(|(key, answer)| asked(key) && (answer.says() || !answer.value.is_blank()))
}

/// The record of an item; a row that was emptied may have none yet.
fn record<'s>(submission: &'s mut Submission, draft: &Draft<'_>, item: &str) -> &'s mut Record {
    let at = submission.records.iter().position(|r| r.item == item).unwrap_or_else(|| {
        let tick = draft.answers.iter().find(|a| a.key == sign::UNCHANGED_KEY && a.item == item);
        submission.records.push(Arc::new(Record {
            form: draft.form.id.clone(),
            block: tick.map_or_else(String::new, |a| a.block.to_string()),
            division: draft.division.clone().unwrap_or_default(),
            item: item.to_string(),
            fields: Answers::new(),
        }));
        submission.records.len() - 1
    });
    Arc::make_mut(&mut submission.records[at])
}

/// An earlier answer as one of this round; it stands where the tick stands.
fn again(told: &Told, field: &Field, tick: &Answer, context: &Context<'_>) -> Answer {
    let cell = match previous::again(told, Some(field), context.as_of, context.codes) {
        CellValue::Text(text) => Cell::text(text),
        CellValue::Date(day) => Cell::text(wareki(day)),
        CellValue::Number(n) => Cell { content: Content::Number(n), ..Cell::default() },
    };
    let parsed = normalise::normalise(&cell, field, context);
    let after = if parsed.value == Value::Blank { String::new() } else { cell.raw() };
    let mut notes = parsed.notes;
    notes.push(Note { kind: NoteKind::Earlier, before: tick.raw.clone(), after: after.into() });
    Answer {
        value: parsed.value,
        raw: cell.raw().into(),
        place: tick.place.clone(),
        notes: notes.into(),
        doubts: parsed.doubts.into(),
    }
}
