//! Findings against the last round.

use arcstr::ArcStr;
use torimatome::check::{back_since, out_of_order, slips_since, unchanged};
use torimatome::model::ledger::{Ledger, LedgerItem, Previous, Standing};
use torimatome::model::{Told, Value};

use crate::sheet::{codes, day, reply, round, templates};

/// A ledger of one record.
fn ledger(table: &str) -> Ledger {
    let submission = reply("1", "a", table);
    let item = round().rosters["systems"].iter().find(|i| i.key == "a").expect("the item").clone();
    let record = submission.records.first().cloned();
    let items = vec![LedgerItem { form: "form-a".into(), item, record, standing: Standing::Settled }];
    Ledger { submissions: vec![submission], items, ..Ledger::new(round(), day("2022-11-14")) }
}

/// The last round: key, type, value, first and last day.
fn last(answers: &[(&str, &str, &str)]) -> Previous {
    let mut previous = Previous::default();
    for (key, kind, value) in answers {
        let on = (*kind == "date").then(|| day(value));
        let answer = Told { kind: (*kind).into(), value: (*value).into(), from: on, to: on, ..Told::default() };
        previous.answers.insert(("form-a".into(), "a".into(), (*key).to_string()), answer);
    }
    previous
}

const LAST: &[(&str, &str, &str)] = &[
    ("start", "date", "2026-03-31"),
    ("first", "date", "2024-03-31"),
    ("st_2", "choice", "done"),
    ("st_3", "choice", "doing"),
    ("st_4", "choice", "na"),
    ("memo", "text", "変わりなし"),
];

fn since(table: &str) -> Vec<String> {
    codes(&back_since(&ledger(table), &last(LAST), templates()))
}

#[test]
fn a_state_that_went_back_without_a_word() {
    assert_eq!(since("| st_2 | =done |\n| st_3 | =doing |\n| memo | 変わりなし |"), Vec::<String>::new());
    assert_eq!(since("| st_3 | =done |\n| memo | 変わりなし |"), Vec::<String>::new(), "on");
    assert_eq!(since("| st_2 | =doing |\n| memo | 変わりなし |"), ["D024W@B1"]);
    assert_eq!(since("| st_2 | =todo |\n| st_3 | =todo |"), ["D024W@B1+B2"], "once for a record");
    assert_eq!(since("| st_2 | =todo |\n| memo | 要件が変わったため |"), Vec::<String>::new(), "with a reason");
    assert_eq!(since("| st_4 | =todo |"), Vec::<String>::new(), "対象外 is no stage");
}

#[test]
fn a_target_day_that_slipped_without_a_word() {
    assert_eq!(since("| start | 2026-03-31 |"), Vec::<String>::new());
    assert_eq!(since("| start | 2026-05-01 |"), ["D025W@B1"]);
    assert_eq!(since("| start | 2026-01-31 |"), Vec::<String>::new(), "earlier");
    assert_eq!(since("| first | 2025-03-31 |"), Vec::<String>::new(), "no target");
    assert_eq!(since("| start | 2026-05-01 |\n| memo | 契約が延びたため |"), Vec::<String>::new(), "with a reason");
    // An item that the last round did not have.
    let found = back_since(&ledger("| start | 2026-05-01 |"), &Previous::default(), templates());
    assert_eq!(codes(&found), Vec::<String>::new());
}

#[test]
fn a_thousandfold_since_the_last_round() {
    let last = last(&[("cost_1", "money", "850")]);
    let found = |table: &str| codes(&slips_since(&ledger(table), &last, templates()));
    assert_eq!(found("| cost_1 | 850000 |"), ["R030W@B1"]);
    assert_eq!(found("| cost_1 | 900 |"), Vec::<String>::new());
}

#[test]
fn a_last_round_that_is_no_earlier_one() {
    let ledger = ledger("| start | 2026-05-01 |\n| st_2 | =todo |\n| cost_1 | 850000 |");
    let of = |as_of: Option<&str>| {
        let mut last = last(&[LAST, &[("cost_1", "money", "850")]].concat());
        last.as_of.extend(as_of.map(|d| ("form-a".to_string(), day(d))));
        let mut found = out_of_order(&ledger, &last, templates());
        found.extend(back_since(&ledger, &last, templates()));
        found.extend(slips_since(&ledger, &last, templates()));
        found.into_iter().map(|f| f.code).collect::<Vec<_>>()
    };
    assert_eq!(of(Some("2022-09-30")), ["D024W", "D025W", "R030W"]);
    assert_eq!(of(None), ["D024W", "D025W", "R030W"], "an older master does not say");
    assert_eq!(of(Some("2022-10-31")), ["X220W", "D024W", "D025W", "R030W"], "this round's own");
    assert_eq!(of(Some("2022-11-30")), ["X220W"], "forward would be back");
}

/// The codes for a record whose memo was 「前の文」, with its box ticked or not; `None` for a form without the box.
fn boxed(table: &str, ticked: Option<bool>) -> Vec<String> {
    let mut ledger = ledger(table);
    let told = Told { raw: "前の文".into(), kind: "text".into(), value: "前の文".into(), ..Told::default() };
    ledger.round.known.insert(("form-a".into(), "a".into(), "memo".into()), told);
    let submission = &mut ledger.submissions[0];
    let mut tick = submission.records[0].fields["memo"].clone();
    if let Some(ticked) = ticked {
        (tick.value, tick.raw) =
            if ticked { (Value::Choice("yes".into()), "○".into()) } else { (Value::Blank, ArcStr::new()) };
        submission.unchanged.insert("a".into(), tick);
    }
    unchanged(&ledger, templates()).into_iter().map(|f| f.code).collect()
}

#[test]
fn a_record_that_stands_as_last_time_says_so() {
    let none = Vec::<String>::new();
    assert_eq!(boxed("| memo | 前の文 |", Some(false)), ["X213W"], "as it came, and not ticked");
    assert_eq!(boxed("| memo | 前の文 |", Some(true)), none);
    assert_eq!(boxed("| memo | 前の文 |", None), none, "there is no box");
    assert_eq!(boxed("| memo | 別の文 |", Some(true)), ["X214W"], "ticked and changed");
    assert_eq!(boxed("| memo | 別の文 |", Some(false)), none, "changed and not ticked");
    assert_eq!(boxed("| memo | 前の文 |\n| start | 2026-03-31 |", Some(true)), ["X214W"], "something was added");
}
