//! What is owed is what the check asks for: in records answered in part, nothing is called missing that no finding asks for,
//! and no finding asks for what is not owed.

use std::collections::BTreeSet;

use arcstr::ArcStr;
use thin_vec::ThinVec;
use torimatome::check;
use torimatome::consolidate::facts::ItemFacts;
use torimatome::model::asking::{Asking, Asks};
use torimatome::model::{
    Answer, Answers, Area, CellRef, FieldType, Interval, Place, Record, Severity, Slot, State, Submission, Value,
};

use crate::kit::{Dice, PLANS, PROCEDURES, day, forms, round, templates, today};

/// Answers that decide what else is asked for.
const GATES: [&str; 7] =
    ["system_exists", "exists", "status", "channel_portal", "late_reason", "unmet_reason", "step_40"];

fn answer(value: Value, at: u32) -> Answer {
    let place = Place::cell(&ArcStr::from("提出/1.xlsx"), &ArcStr::from("票"), CellRef::new(at, 0));
    Answer { value, raw: ArcStr::new(), place, notes: ThinVec::new(), doubts: ThinVec::new() }
}

fn given(slot: &Slot<'_>, dice: &mut Dice) -> Value {
    match slot.field.kind {
        FieldType::Choice | FieldType::Flag => {
            let codes = &templates().lists[slot.field.codes.as_deref().expect("a list")].codes;
            Value::Choice(codes[if dice.chance(50) { 0 } else { dice.below(codes.len()) }].code.as_str().into())
        }
        FieldType::Date => Value::Date(Interval::day(day(dice.pick(&[2022, 2023, 2026]), dice.pick(&[1, 9]), 30))),
        FieldType::Integer | FieldType::Number | FieldType::Money | FieldType::Percent => Value::Number(7.0),
        _ => Value::Text("甲".into()),
    }
}

fn reply(form: &str, dice: &mut Dice) -> Submission {
    let slots = forms().into_iter().find(|f| f.id == form).expect("a form").slots(&templates().lists);
    let (roster, block) = if form == PLANS { ("systems", "") } else { ("procedures", "procedures") };
    let item = round().items(roster).nth(dice.below(10)).expect("an item");
    let gaps = dice.pick(&[5, 30, 60]);
    let mut fields = Answers::new();
    for (n, slot) in (0u32..).zip(slots.iter().filter(|s| s.is_of_record(block))) {
        let key = slot.key();
        let blank = dice.chance(gaps) && !GATES.contains(&key.as_str());
        fields.insert(key.into(), answer(if blank { Value::Blank } else { given(slot, dice) }, n));
    }
    let (division, block) = (item.owner.clone().unwrap_or_default(), block.to_string());
    let record = Record { form: form.into(), item: item.key.clone(), division: division.clone(), block, fields };
    let mut s = Submission::new("提出/1.xlsx", State::Accepted);
    (s.form, s.division, s.records) = (Some(form.into()), Some(division), vec![record.into()]);
    s
}

/// The keys whose cells a finding asks to fill: a whole column of blanks is one finding.
fn asked_for(record: &Record, findings: &[torimatome::model::Finding]) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for f in findings.iter().filter(|f| f.severity() == Severity::E) {
        keys.extend(f.field.clone());
        let areas: Vec<Area> = f.place.iter().chain(&f.related).filter_map(|p| p.area).collect();
        let inside = |a: &Answer| a.place.area.is_some_and(|own| areas.iter().any(|x| x.contains(own.first)));
        keys.extend(record.fields.iter().filter(|(_, a)| inside(a)).map(|(k, _)| k.to_string()));
    }
    keys.retain(|k| record.value(k).is_some_and(Value::is_blank));
    keys
}

#[test]
fn what_is_owed_is_what_findings_ask_for() {
    let mut dice = Dice::new(20);
    let ctx = check::Context { templates: templates(), round: round(), today: today() };
    let (mut owed_in_all, mut nothing) = (0, 0);
    for n in 0..400 {
        let form = if n % 2 == 0 { PLANS } else { PROCEDURES };
        let definition = forms().into_iter().find(|f| f.id == form).expect("a form");
        let reply = reply(form, &mut dice);
        let record = &reply.records[0];
        let roster = definition.roster.as_deref().expect("a roster");
        let item = round().items(roster).find(|i| i.key == record.item).expect("an item");
        let facts = ItemFacts { item, record: Some(record), round: round() };
        let asks = Asks::new(definition, &templates().lists, &templates().rates);
        let blank = record.fields.iter().filter(|(_, a)| a.value.is_blank()).map(|(k, _)| k);
        let open = blank.filter_map(|k| Some((k, asks.slot(k)?))).filter(|(_, slot)| !slot.is_locked());
        let owed: BTreeSet<String> =
            open.filter(|(_, s)| asks.asking(s, &facts) == Asking::Owed).map(|(k, _)| k.to_string()).collect();
        let findings = check::submission(definition, &reply, &ctx);
        assert_eq!(owed, asked_for(record, &findings), "{form} {:?}", record.fields);
        owed_in_all += owed.len();
        nothing += usize::from(definition.nothing_asked_when.as_ref().is_some_and(|w| {
            w.holds(&facts) == torimatome::model::Truth::Yes && owed.is_empty() && !asks.is_owing(&record.block, &facts)
        }));
    }
    assert!(owed_in_all > 500 && nothing > 20, "{owed_in_all} answers owed, {nothing} records that ask for nothing");
}
