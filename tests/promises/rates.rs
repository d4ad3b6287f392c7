//! Rates against a few lines of their own, and ranges against every way in which missing answers may be filled in.

use std::collections::BTreeMap;
use std::sync::Arc;

use arcstr::ArcStr;
use thin_vec::ThinVec;
use torimatome::consolidate::rates::rate;
use torimatome::model::ledger::{LedgerItem, Rate, Standing};
use torimatome::model::master::RateCount;
use torimatome::model::{Answer, Answers, CellRef, FieldType, Interval, NoneKind, Place, Record, Slot, Truth, Value};

use crate::kit::{Dice, PLANS, PROCEDURES, day, forms, round, templates};

fn answer(value: Value) -> Answer {
    let place = Place::cell(&ArcStr::from("提出/1.xlsx"), &ArcStr::from("票"), CellRef::new(0, 0));
    Answer { value, raw: ArcStr::new(), place, notes: ThinVec::new(), doubts: ThinVec::new() }
}

/// Something a division could have said, an answer or not.
fn said(slot: &Slot<'_>, dice: &mut Dice) -> Value {
    if dice.chance(6) {
        let kind = dice.pick(&[NoneKind::Undecided, NoneKind::NotApplicable, NoneKind::SeeOther]);
        return Value::None { kind, reason: None };
    }
    settled(slot, dice)
}

/// An answer of the field's own type.
fn settled(slot: &Slot<'_>, dice: &mut Dice) -> Value {
    match slot.field.kind {
        FieldType::Choice | FieldType::Flag => {
            let codes = &templates().lists[slot.field.codes.as_deref().expect("a list")].codes;
            // The first code is the one most rates ask for.
            Value::Choice(codes[if dice.chance(50) { 0 } else { dice.below(codes.len()) }].code.as_str().into())
        }
        FieldType::Date => {
            let (year, month) = (dice.pick(&[2022, 2023, 2023, 2024]), dice.pick(&[1, 3, 4, 9]));
            match dice.below(3) {
                0 => Value::Date(Interval::fiscal_year(year).expect("a year")),
                1 => Value::Date(Interval::day(day(year, month, 30))),
                _ => Value::Date(Interval::month(year, month).expect("a month")),
            }
        }
        FieldType::Integer | FieldType::Number | FieldType::Money | FieldType::Percent => Value::Number(7.0),
        _ => Value::Text("甲".into()),
    }
}

fn slots(form: &str) -> Vec<Slot<'static>> {
    let form = forms().into_iter().find(|f| f.id == form).expect("a form");
    form.slots(&templates().lists).into_iter().filter(|s| s.field.role.is_none()).collect()
}

/// Every item of the round, answered in part.
fn ledger(dice: &mut Dice) -> Vec<LedgerItem> {
    let gaps = dice.pick(&[0, 3, 10, 40]);
    let mut items = Vec::new();
    for (form, roster) in [(PLANS, "systems"), (PROCEDURES, "procedures")] {
        let slots = slots(form);
        for item in round().items(roster) {
            let mut item = item.clone();
            item.absent = dice.chance(3);
            let silent = gaps > 0 && dice.chance(6);
            let mut fields = Answers::new();
            for slot in &slots {
                let value = match dice.below(100) {
                    n if n < gaps => Value::Blank,
                    n if n < gaps + gaps / 3 => Value::Unreadable,
                    _ => said(slot, dice),
                };
                if gaps == 0 || !dice.chance(2) {
                    fields.insert(slot.key().into(), answer(value));
                }
            }
            let record = Record { form: form.into(), item: item.key.clone(), fields, ..Record::default() };
            let record = (!silent).then_some(record);
            items.push(LedgerItem {
                form: form.into(),
                item,
                standing: if record.is_none() { Standing::Silent } else { Standing::Settled },
                record: record.map(Arc::new),
            });
        }
    }
    items
}

/// The same round with everything that was not known answered.
fn completed(items: &[LedgerItem], dice: &mut Dice) -> Vec<LedgerItem> {
    let mut items = items.to_vec();
    let slots = BTreeMap::from([PLANS, PROCEDURES].map(|form| (form, slots(form))));
    for i in items.iter_mut().filter(|i| !i.item.absent) {
        let record = Arc::make_mut(i.record.get_or_insert_with(|| {
            Arc::new(Record { form: i.form.clone(), item: i.item.key.clone(), ..Record::default() })
        }));
        for slot in &slots[i.form.as_str()] {
            let open = |v: &Value| matches!(v, Value::Blank | Value::Unreadable | Value::None { .. });
            if record.value(&slot.key()).is_none_or(open) {
                record.fields.insert(slot.key().into(), answer(settled(slot, dice)));
            }
        }
    }
    items
}

/// The shipped rates, and one whose denominator rests on answers.
fn rates(items: &[LedgerItem]) -> Vec<Rate> {
    let mut defs = templates().rates.clone();
    for def in &mut defs {
        if let RateCount::ShareOfItems { needs, .. } = &mut def.count {
            *needs = None;
        }
    }
    assert!(defs.iter().any(|d| matches!(&d.count, RateCount::ShareOfItems { except: Some(_), .. })));
    defs.iter().map(|d| rate(d, templates(), round(), items)).collect()
}

/// 完了率: for each system, done and not applicable of forty; of the city, the plain mean. Lowest and highest.
fn by_hand(items: &[LedgerItem]) -> (f64, f64, Vec<(f64, f64)>) {
    let mut each = Vec::new();
    for i in items.iter().filter(|i| i.form == PLANS) {
        let value = |key: &str| i.record.as_ref().and_then(|r| r.fields.get(key)).map(|a| a.value.clone());
        let (mut sure, mut open) = (0, 0);
        for n in 1..=40 {
            match value(&format!("step_{n:02}")) {
                Some(Value::Choice(c)) if c == "done" || c == "na" => sure += 1,
                Some(Value::Choice(_)) => {}
                _ => open += 1,
            }
        }
        each.push(match value("system_exists") {
            _ if i.item.absent => (1.0, 1.0),
            Some(Value::Choice(c)) if c == "no" => (1.0, 1.0),
            Some(Value::Choice(_)) => (f64::from(sure) / 40.0, f64::from(sure + open) / 40.0),
            // It may turn out that there is no system, and all forty do not apply.
            _ => (f64::from(sure) / 40.0, 1.0),
        });
    }
    let n = f64::from(u32::try_from(each.len()).expect("small"));
    (each.iter().map(|e| e.0).sum::<f64>() / n, each.iter().map(|e| e.1).sum::<f64>() / n, each)
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
}

#[test]
fn the_rate_of_completion_is_the_ministrys_formula() {
    let mut dice = Dice::new(91);
    for turn in 0..500 {
        let items = ledger(&mut dice);
        let def = templates().rates.iter().find(|d| d.id == "step-completion").expect("the rate");
        let rate = rate(def, templates(), round(), &items);
        let (from, to, each) = by_hand(&items);
        let (got_from, got_to) = (rate.from.expect("computed"), rate.to.expect("computed"));
        assert!(near(got_from, from) && near(got_to, to), "round {turn}: {got_from}..{got_to} and {from}..{to}");
        assert_eq!(rate.complete, near(from, to), "round {turn}");
        for (row, (from, to)) in rate.rows.iter().zip(&each) {
            assert!(near(row.from, *from) && near(row.to, *to), "round {turn}: {row:?} and {from}..{to}");
        }
        assert_eq!(rate.rows.len(), each.len());
    }
}

#[test]
fn whatever_is_filled_in_stays_within_the_range() {
    let mut dice = Dice::new(92);
    let mut moved = 0;
    for turn in 0..500 {
        let items = ledger(&mut dice);
        let open = rates(&items);
        let full = completed(&items, &mut dice);
        for (a, b) in open.iter().zip(rates(&full)) {
            assert_eq!(a.not_computed.is_some() || a.denominator == 0, a.from.is_none(), "{a:?}");
            let (Some(from), Some(to), Some(low), Some(high)) = (a.from, a.to, b.from, b.to) else { continue };
            assert!(
                from <= low + 1e-12 && high <= to + 1e-12,
                "round {turn}: {} {from}..{to} became {low}..{high}",
                a.id
            );
            if b.rows.iter().all(|r| r.holds != Truth::Unknown) {
                assert!(near(low, high), "round {turn}: nothing is missing and {} is {low}..{high}", b.id);
            }
            moved += usize::from(!a.complete && (low > from || high < to));
        }
    }
    assert!(moved > 300, "the ranges were hardly ever open: {moved}");
}

/// Each step is one of done, begun and not begun, or it is not known which: the three rates add up to one, whatever was said.
#[test]
fn what_is_done_begun_and_not_begun_is_all_there_is() {
    let mut dice = Dice::new(93);
    let mut open = 0;
    let sums = |items: &[LedgerItem]| {
        let of = |id: &str| rates(items).into_iter().find(|r| r.id == id).expect("the rate");
        ["step-completion", "step-doing", "step-todo"].map(of)
    };
    for turn in 0..100 {
        let items = ledger(&mut dice);
        let three = sums(&items);
        let whole = three[0].denominator;
        let least: u32 = three.iter().map(|r| r.numerator).sum();
        let most: u32 = three.iter().map(|r| r.numerator_max).sum();
        assert!(least <= whole && whole <= most, "round {turn}: {least} {whole} {most}");
        assert_eq!(three.iter().all(|r| r.complete), least == whole, "round {turn}");
        open += usize::from(least < whole);
        for at in 0..three[0].rows.len() {
            let (from, to) = three.iter().fold((0.0, 0.0), |(a, b), r| (a + r.rows[at].from, b + r.rows[at].to));
            assert!(from <= 1.0 + 1e-9 && to >= 1.0 - 1e-9, "round {turn}, row {at}: {from}..{to}");
            if three.iter().all(|r| near(r.rows[at].from, r.rows[at].to)) {
                assert!(near(from, 1.0), "round {turn}, row {at}: final, and {from}");
            }
        }
        let full = sums(&completed(&items, &mut dice));
        assert_eq!(full.iter().map(|r| r.numerator).sum::<u32>(), whole, "round {turn}");
        assert!(full.iter().all(|r| r.complete), "round {turn}");
    }
    assert!(open > 40, "hardly ever anything open: {open}");
}
