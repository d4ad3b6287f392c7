//! The shipped forms under random answers: every finding can be told in full, every rule can be broken and kept.

use std::collections::BTreeSet;
use std::sync::Arc;

use arcstr::ArcStr;
use thin_vec::{ThinVec, thin_vec};
use torimatome::check::{self, Context};
use torimatome::model::round::{FormRound, WaiverRow};
use torimatome::model::{
    Answer, Answers, CellRef, Deadline, Doubt, FieldType, Finding, Form, Interval, NoneKind, Note, NoteKind, Place,
    Record, Repeat, Round, Slot, Submission, Value,
};

use crate::sheet::{day, reply, sentence_of, templates};

/// A small generator (xorshift), so that a failure can be repeated.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

fn forms() -> impl Iterator<Item = &'static Form> {
    templates().asked().filter(|f| f.id != "form-a")
}

/// A round that asks every shipped form, with the deadlines of the list.
fn round() -> Round {
    let dates =
        FormRound { as_of: day("2022-10-31"), count_year: None, reply_deadline: day("2022-11-11"), asked: Vec::new() };
    let deadlines = templates().lists["deadlines"].codes.iter().map(|c| Deadline {
        id: c.code.clone(),
        name: c.name.clone(),
        date: day(c.attr("期日")),
        kind: c.attr("種類").into(),
        applies_to: c.attr("対象").into(),
        source: c.attr("出典").into(),
        strength: c.attr("強さ").into(),
    });
    Round {
        forms: forms().map(|f| (f.id.clone(), dates.clone())).collect(),
        deadlines: deadlines.collect(),
        ..Round::default()
    }
}

fn value(slot: &Slot<'_>, dice: &mut Dice) -> Value {
    match dice.below(12) {
        0 | 1 => return Value::Blank,
        2 => return Value::None { kind: NoneKind::Undecided, reason: None },
        3 => return Value::None { kind: NoneKind::NotApplicable, reason: None },
        4 if slot.field.kind != FieldType::Text => return Value::Unreadable,
        _ => {}
    }
    match slot.field.kind {
        FieldType::Date => {
            let year = 2021 + i32::try_from(dice.below(7)).expect("small");
            let month = 1 + u32::try_from(dice.below(12)).expect("small");
            match dice.below(3) {
                0 => Interval::fiscal_year(year).map_or(Value::Blank, Value::Date),
                1 => Value::Date(Interval::day(day(&format!("{year}-03-31")))),
                _ => Interval::month(year, month).map_or(Value::Blank, Value::Date),
            }
        }
        FieldType::Choice | FieldType::Flag => {
            let codes = &templates().lists[slot.field.codes.as_deref().expect("a list")].codes;
            let n = usize::try_from(dice.below(codes.len() as u64)).expect("small");
            Value::Choice(codes[n].code.as_str().into())
        }
        FieldType::Integer | FieldType::Number | FieldType::Money | FieldType::Percent => {
            Value::Number(f64::from(u32::try_from(dice.below(40)).expect("small")) / 2.0 - 1.0)
        }
        FieldType::Text | FieldType::Item | FieldType::Division => Value::Text("甲".into()),
    }
}

fn answer(slot: &Slot<'_>, row: u32, dice: &mut Dice) -> Answer {
    let value = value(slot, dice);
    let raw = match &value {
        Value::Blank => ArcStr::new(),
        _ if dice.below(9) == 0 => "0225-95-1111".into(),
        _ => "記入".into(),
    };
    let serial = Note { kind: NoteKind::Serial, before: ArcStr::new(), after: ArcStr::new() };
    let notes = if dice.below(4) == 0 { thin_vec![serial] } else { ThinVec::new() };
    let doubts = if value == Value::Unreadable { thin_vec![Doubt::Unreadable] } else { ThinVec::new() };
    let place = Place::cell(&ArcStr::from("提出/1.xlsx"), &ArcStr::from("票"), CellRef::new(row, 1));
    Answer { value, raw, place, notes, doubts }
}

/// One record of a form with every slot answered by `answer`.
fn record(form: &Form, mut answer: impl FnMut(&Slot<'_>, u32) -> Answer) -> Submission {
    let slots = form.slots(&templates().lists);
    let repeated = form.sheets.iter().any(|s| s.repeat == Repeat::Item);
    let tabled = |b: &torimatome::model::Block| b.rows.roster || b.rows.free > 0 || b.joins.is_some();
    let mut of_record =
        slots.iter().filter(|s| if repeated { s.sheet.repeat == Repeat::Item } else { tabled(s.block) });
    let block = of_record.clone().next().filter(|_| !repeated).map_or(String::new(), |s| s.block.records().to_string());
    let mut fields = Answers::new();
    for (row, slot) in (0..).zip(&mut of_record) {
        fields.insert(slot.key().into(), answer(slot, row));
    }
    let record = Record { form: form.id.clone(), block, division: "1".into(), item: "1".into(), fields };
    Submission { form: Some(form.id.clone()), records: vec![record.into()], ..reply("1", "1", "") }
}

fn findings(form: &Form, s: &Submission, round: &Round) -> Vec<Finding> {
    check::submission(form, s, &Context { templates: templates(), round, today: day("2022-11-14") })
}

#[test]
fn every_rule_can_fire_and_every_finding_can_be_told() {
    let round = round();
    let mut dice = Dice(20_221_031);
    for form in forms() {
        let mut fired: BTreeSet<String> = BTreeSet::new();
        for _ in 0..1_000 {
            let s = record(form, |slot, row| answer(slot, row, &mut dice));
            let found = findings(form, &s, &round);
            let mut seen = BTreeSet::new();
            for f in &found {
                sentence_of(form, f);
                let place = f.place.clone().expect("every finding within a file has a cell");
                assert!(seen.insert((f.code.clone(), f.field.clone(), place)), "told twice: {f:?}");
                assert!(!format!("{f:?}").contains("0225") || f.code != "F020W", "{f:?}");
                fired.insert(f.code.clone());
            }
        }
        for rule in &form.rules {
            // Costs of a group are judged across submissions; all steps 対象外, or more steps than months, take more luck.
            // A number or a name that stands twice is judged across records, and a row taken by its position where rows are read.
            // Amounts of a thousand million, and numbers with a unit behind them, are not among the random ones.
            let rare = ["X005E", "R008W", "D012W", "X006E", "X007W", "R030W", "R031W"].contains(&rule.code.as_str());
            assert!(rare || fired.contains(&rule.code), "{} of {} never fired", rule.code, form.id);
        }
    }
}

#[test]
fn a_blank_record_is_told_once_at_its_row() {
    let round = round();
    for form in forms() {
        let blank = |slot: &Slot<'_>, row| {
            let mut a = answer(slot, row, &mut Dice(1));
            (a.value, a.raw, a.doubts) = (Value::Blank, ArcStr::new(), ThinVec::new());
            if slot.field.locked {
                a.value = Value::Text("1".into());
            }
            a
        };
        let found = findings(form, &record(form, blank), &round);
        assert_eq!(found.iter().map(|f| f.code.as_str()).collect::<Vec<_>>(), ["X004W"], "{}", form.id);
        assert_eq!(found[0].place.as_ref().map(Place::cell_text).as_deref(), Some("B1"));
    }
}

/// The findings of a plan in which no step says how far it is, with an approval of these fields.
fn plan_without_steps(approved: &[(&str, &[&str])]) -> Vec<Finding> {
    let form = &templates().forms["migration-plan"];
    let plan = |slot: &Slot<'_>, row| {
        let mut a = answer(slot, row, &mut Dice(1));
        (a.value, a.raw, a.doubts, a.notes) = (Value::Blank, ArcStr::new(), ThinVec::new(), ThinVec::new());
        if slot.field.kind == FieldType::Text {
            (a.value, a.raw) = (Value::Text("ある".into()), "ある".into());
        }
        a
    };
    let s = record(form, plan);
    let one = |(field, rows): &(&str, &[&str])| WaiverRow {
        code: "F001E".into(),
        field: (*field).to_string(),
        rows: rows.iter().map(ToString::to_string).collect(),
        ..WaiverRow::default()
    };
    let round = Round { waivers: approved.iter().map(one).collect(), ..round() };
    let mut found = findings(form, &s, &round);
    found.retain(|f| f.field.as_deref().is_some_and(|f| f.starts_with("step_")));
    check::waive(&mut found, &round, day("2022-11-14"));
    found
}

#[test]
fn an_approval_of_a_column_covers_it_together_and_cell_by_cell() {
    let whole = plan_without_steps(&[]);
    assert_eq!(whole.len(), 1, "one finding for the column");
    assert!(whole[0].waived.is_none() && whole[0].field.as_deref() == Some("step_status"));
    let column: (&str, &[&str]) = ("step_status", &["step_04", "step_05"]);
    assert!(plan_without_steps(&[column])[0].waived.is_some());
    // Where one answer is approved by itself, the column is told cell by cell, and only that one is covered.
    let each = plan_without_steps(&[("step_05", &[])]);
    assert!(each.len() > 30);
    let covered: Vec<_> = each.iter().filter(|f| f.waived.is_some()).map(|f| f.field.as_deref()).collect();
    assert_eq!(covered, [Some("step_05")]);
    // The approval of the column covers such single findings too, those of its rows and no others.
    let both = plan_without_steps(&[("step_06", &[]), column]);
    let covered: Vec<_> = both.iter().filter(|f| f.waived.is_some()).map(|f| f.field.as_deref()).collect();
    assert_eq!(covered, [Some("step_04"), Some("step_05"), Some("step_06")]);
}

#[test]
fn a_division_that_is_none_is_told_where_one_is_asked_for() {
    let form = &templates().forms["dx-initiatives"];
    let round = Round { divisions: crate::sheet::round().divisions, ..round() };
    let ctx = Context { templates: templates(), round: &round, today: day("2022-11-14") };
    let known = round.divisions[0].clone();
    for (typed, told) in [(known.name.as_str(), 0), (known.code.as_str(), 0), ("どこにもない課", 1)] {
        let mut s = reply("1", "1", &format!("| name | 甲 |\n| owner | ={typed} |"));
        s.form = Some(form.id.clone());
        let record = Arc::make_mut(&mut s.records[0]);
        record.form.clone_from(&form.id);
        record.block = "initiatives".into();
        record.fields.get_mut("owner").expect("given").value = Value::Text(typed.into());
        let found = check::submission(form, &s, &ctx);
        let found: Vec<_> = found.iter().filter(|f| f.field.as_deref() == Some("owner")).collect();
        assert_eq!(found.iter().filter(|f| f.code == "F004E").count(), told, "{typed}: {found:?}");
    }
}
