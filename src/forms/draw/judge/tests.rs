//! Tests on a made-up form: what is typed, and what is said to be missing, to be looked at or late.

use super::super::watch::Watched;
use super::*;
use crate::model::Code;

const FORM: &str = r#"
id = "form-a"
version = "1"
title = "様式A"
subject = "件"

[[sheet]]
id = "s"
name = "票"

[[sheet.block]]
id = "b"
layout = "card"
field = [
    { id = "exists", label = "有無", type = "choice", codes = "have", required = true },
    { id = "start", label = "開始", type = "date" },
    { id = "live", label = "運用開始", type = "date" },
    { id = "done", label = "実績", type = "date" },
    { id = "reason", label = "理由", type = "text" },
    { id = "part", label = "うち", type = "integer" },
    { id = "all", label = "総数", type = "integer" },
]

[[rule]]
code = "R001E"
when = { field = "exists", in = ["yes"] }
check = { kind = "required", fields = ["live"] }

[[rule]]
code = "R002W"
when = { field = "exists", in = ["no"] }
check = { kind = "forbidden", fields = ["live"] }

[[rule]]
code = "R003E"
check = { kind = "order", fields = ["start", "live"] }

[[rule]]
code = "D010E"
check = { kind = "not_after_as_of", fields = ["done"] }

[[rule]]
code = "D011W"
check = { kind = "passed", planned = ["start"], actual = ["done"] }

[[rule]]
code = "D003W"
check = { kind = "deadline", field = "live", deadline = "target", reason = "reason" }

[[rule]]
code = "R006E"
check = { kind = "at_most", field = "part", max = "all" }

[[rule]]
code = "R001E"
when = { field = "live", meets = "target" }
check = { kind = "required", fields = ["all"] }

[[rule]]
code = "F020W"
check = { kind = "no_personal_data", fields = ["reason"] }
"#;

fn day(y: i32, m: u32, d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(y, m, d).unwrap()
}

/// For each answer that is missing, to be looked at or late: its key and which of these.
fn judged(optional: bool, answers: &[(&str, &str)]) -> Vec<String> {
    let form: Form = toml::from_str(FORM).expect("a form");
    let mut templates = Templates::embedded().expect("sound templates");
    let code = |code: &str, name: &str| Code { code: code.into(), name: name.into(), ..Code::default() };
    let codes = vec![code("yes", "あり"), code("no", "なし")];
    templates.lists =
        BTreeMap::from([("have".to_string(), CodeList { id: "have".into(), columns: Vec::new(), codes })]);
    let block = &form.sheets[0].blocks[0];
    let mut watch = Watch::default();
    watch.page(0, "票");
    let scope = watch.scope(optional, None);
    for (row, field) in (3u32..).zip(&block.fields) {
        let text = answers.iter().find(|(k, _)| *k == field.id).map_or("", |(_, t)| *t);
        watch.line();
        watch.add(Watched { scope, ..Watched::open(block, field, row, text) });
    }
    let deadlines = BTreeMap::from([("target".to_string(), day(2026, 3, 31))]);
    let as_of = Some(day(2022, 10, 31));
    Judge { form: &form, templates: &templates, as_of, deadlines: &deadlines }.fill(&mut watch);
    let mut said = Vec::new();
    for cell in &watch.cells {
        for (kind, name) in ["missing", "look", "late"].iter().enumerate() {
            let blank = cell.text.is_empty();
            // What is missing is asked of blanks only, the rest of answers only.
            if blank == (kind == TODO) && cell.verdicts[kind].iter().any(|e| e.holds(&watch.cells)) {
                said.push(format!("{} {name}", cell.key));
            }
        }
    }
    said
}

#[test]
fn what_is_always_owed_is_missing_until_it_is_there() {
    assert_eq!(judged(false, &[]), ["exists missing"]);
    assert_eq!(judged(false, &[("exists", "なし")]), [""; 0]);
    // A free row owes nothing until something stands in it.
    assert_eq!(judged(true, &[]), [""; 0]);
    assert_eq!(judged(true, &[("reason", "甲")]), ["exists missing"]);
}

#[test]
fn rules_apply_where_their_condition_certainly_holds() {
    assert_eq!(judged(false, &[("exists", "あり")]), ["live missing"]);
    assert_eq!(judged(false, &[("exists", "なし"), ("live", "R8.1.5"), ("all", "1")]), ["live look"]);
    assert_eq!(judged(false, &[("exists", "なし"), ("live", "該当なし")]), [""; 0], "a dash answers nothing");
    assert_eq!(judged(false, &[("exists", "？")]), [""; 0], "an unknown word is neither");
}

#[test]
fn dates_are_judged_by_what_they_certainly_mean() {
    let with = |more: &[(&str, &str)]| {
        let mut all = vec![("exists", "あり"), ("all", "1")];
        all.extend(more);
        judged(false, &all)
    };
    assert_eq!(with(&[("live", "R8.3.31")]), [""; 0]);
    assert_eq!(with(&[("live", "R8.3")]), [""; 0], "a month that ends on the day");
    assert_eq!(with(&[("live", "R8.4.1")]), ["live late", "reason missing"]);
    assert_eq!(with(&[("live", "R8.4.1"), ("reason", "改修が遅れるため")]), ["live late"]);
    assert_eq!(with(&[("live", "R8.4.1"), ("reason", "－")]), ["live late"], "a dash is no blank");
    assert_eq!(with(&[("live", "令和8年")]), ["live look"], "it straddles the day");
    assert_eq!(with(&[("live", "R8.1"), ("reason", "念のため")]), ["reason look"], "a reason that nothing asks for");
    assert_eq!(with(&[("start", "R8.2.1"), ("live", "R8.1.31")]), ["start look"]);
    assert_eq!(with(&[("start", "R8.1"), ("live", "R8.1.31")]), [""; 0], "the month may begin before");
    assert_eq!(with(&[("live", "R8.1"), ("done", "R4.11.1")]), ["done look"], "done after the as-of date");
    assert_eq!(with(&[("live", "R8.1"), ("start", "R4.9")]), ["start look"], "passed, and nothing done");
    assert_eq!(with(&[("live", "R8.1"), ("start", "R4.9"), ("done", "R4.9.30")]), [""; 0]);
}

#[test]
fn numbers_and_deadlines_as_conditions() {
    let none = [("exists", "なし")];
    let with = |more: &[(&str, &str)]| {
        let mut all = none.to_vec();
        all.extend(more);
        judged(false, &all)
    };
    assert_eq!(with(&[("part", "5"), ("all", "4")]), ["part look"]);
    assert_eq!(with(&[("part", "5件"), ("all", "5")]), [""; 0]);
    assert_eq!(with(&[("part", "5")]), [""; 0], "there is nothing to compare with");
    let met = judged(false, &[("exists", "あり"), ("live", "R8.1")]);
    assert_eq!(met, ["all missing"], "owed where the date meets the target");
    let straddles = judged(false, &[("exists", "あり"), ("live", "令和8年")]);
    assert_eq!(straddles, ["live look"], "and not where it may not");
}

#[test]
fn words_that_are_no_answer_are_looked_at() {
    let with = |more: &[(&str, &str)]| {
        let mut all = vec![("exists", "なし")];
        all.extend(more);
        judged(false, &all)
    };
    assert_eq!(with(&[("reason", "同上"), ("part", "別紙")]), ["reason look", "part look"]);
    assert_eq!(with(&[("done", "済")]), ["done look"]);
    assert_eq!(with(&[("done", "未定"), ("reason", "同上のシステムを使うため")]), [""; 0]);
    // A choice that is owed takes no word for "no value".
    assert_eq!(judged(false, &[("exists", "未定")]), ["exists look"]);
}
