//! The form we send is the form we check: drawn, filled with legal values, taken in, everything back and nothing to mend.

use std::collections::BTreeMap;

use torimatome::model::{Place, Severity, State, Submission, Value};

use crate::fill::fill;
use crate::kit::{Asked, Dice, drawn};

/// Every answer of a submission by item and key.
pub fn values(s: &Submission) -> BTreeMap<Asked, (Value, Place)> {
    let card = s.card.iter().map(|(k, a)| ((String::new(), k.to_string()), (a.value.clone(), a.place.clone())));
    let rows = s.records.iter().flat_map(|r| {
        r.fields.iter().map(|(k, a)| ((r.item.clone(), k.to_string()), (a.value.clone(), a.place.clone())))
    });
    card.chain(rows).collect()
}

#[test]
fn legal_answers_come_back_exactly_and_leave_nothing_to_mend() {
    let mut dice = Dice::new(13);
    let (mut answers, mut filled) = (0, 0);
    for blank in drawn() {
        for turn in 0..4 {
            let mut drawn = blank.clone();
            let written = fill(&mut drawn, &mut dice);
            let intake = drawn.take_in(&format!("提出/{}-{turn}.xlsx", drawn.division));
            let s = &intake.submission;
            assert_eq!(s.state, State::Accepted, "{}", s.reason);
            assert_eq!((s.form.as_deref(), s.division.as_ref()), (Some(drawn.form.id.as_str()), Some(&drawn.division)));
            let errors: Vec<_> = intake.findings.iter().filter(|f| f.severity() == Severity::E).collect();
            assert!(errors.is_empty(), "{} of {}: {errors:#?}", drawn.form.id, drawn.division);
            let back = values(s);
            assert_eq!(back.keys().collect::<Vec<_>>(), drawn.cells.keys().collect::<Vec<_>>());
            for (asked, (value, place)) in &back {
                let (sheet, cell) = drawn.cells[asked];
                assert_eq!(&*place.sheet, drawn.book.sheets[sheet].name, "{asked:?}");
                assert_eq!(place.area.map(|a| (a.first, a.last)), Some((cell, cell)), "{asked:?}");
                let raw = drawn.book.sheets[sheet].text(cell);
                match written.get(asked) {
                    Some(given) => assert_eq!(value, given, "{asked:?} written as 「{raw}」"),
                    None if raw.is_empty() => assert_eq!(*value, Value::Blank, "{asked:?}"),
                    // Keys and names that were printed on the form.
                    None => assert_eq!(*value, Value::Text(raw.into()), "{asked:?}"),
                }
                answers += 1;
                filled += usize::from(written.contains_key(asked));
            }
        }
    }
    println!("{answers} answers, {filled} of them filled in");
    assert!(filled > 5_000 && answers > filled);
}
