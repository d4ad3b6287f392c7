//! Findings across submissions, and approvals.

use torimatome::check::{self, waive};
use torimatome::model::round::{Decision, WaiverRow};
use torimatome::model::{Finding, Item, Round, Submission};

use crate::sheet::{codes, context, day, form, reply, round, sentence};

fn across(round: &Round, replies: &[Submission]) -> Vec<Finding> {
    check::across(&[form()], &replies.iter().collect::<Vec<_>>(), &context(round))
}

fn items(round: &mut Round) -> &mut Vec<Item> {
    round.rosters.get_mut("systems").expect("the roster")
}

const KEY: &str = "| item_id | x |\n| exists | =yes |";

#[test]
fn an_answer_about_what_the_settings_call_absent_is_told() {
    let mut round = round();
    items(&mut round).iter_mut().filter(|i| i.key == "a").for_each(|i| i.absent = true);
    assert_eq!(codes(&across(&round, &[reply("1", "a", KEY)])), ["X012W@B1"]);
    assert_eq!(codes(&across(&round, &[reply("1", "a", "| item_id | x |")])), Vec::<String>::new(), "nothing answered");
    assert_eq!(codes(&across(&round, &[reply("2", "b", KEY)])), Vec::<String>::new(), "about another item");
}

#[test]
fn whose_it_was_before_may_answer_until_the_new_owner_does() {
    let mut round = round();
    items(&mut round).iter_mut().filter(|i| i.key == "a").for_each(|i| i.former_owner = Some("2".into()));
    let found = across(&round, &[reply("2", "a", KEY)]);
    assert_eq!(codes(&found), ["X241W@B1"]);
    assert!(sentence(&found[0]).starts_with("「a」の所管は乙課から甲課に移っていますが"), "{}", sentence(&found[0]));
    assert_eq!(codes(&across(&round, &[reply("2", "a", KEY), reply("1", "a", KEY)])), ["X241I@B1+B1"]);
    assert_eq!(codes(&across(&round, &[reply("1", "a", KEY)])), Vec::<String>::new());
    // Somebody who never owned it is told as before.
    assert_eq!(codes(&across(&round, &[reply("3", "a", KEY)])), ["X003W@B1"]);
    assert_eq!(codes(&across(&round, &[reply("3", "a", KEY), reply("1", "a", KEY)])), ["X001E@B1+B1"]);
}

#[test]
fn each_item_is_answered_by_its_owner() {
    let round = round();
    assert_eq!(codes(&across(&round, &[reply("1", "a", KEY), reply("2", "b", KEY)])), Vec::<String>::new());
    // A reply that is missing is told where replies are counted.
    assert_eq!(codes(&across(&round, &[])), Vec::<String>::new());
    let found = across(&round, &[reply("2", "a", KEY), reply("1", "a", KEY)]);
    assert_eq!(codes(&found), ["X001E@B1+B1"]);
    assert_eq!(found[0].division.as_deref(), Some("2"), "the other one is asked to take it back");
    assert_eq!(sentence(&found[0]), "「a」を、乙課と甲課の両方が回答しています。");
    let found = across(&round, &[reply("3", "a", KEY)]);
    assert_eq!(codes(&found), ["X003W@B1"]);
    assert_eq!(sentence(&found[0]), "「a」の所管は甲課ですが、丙課が回答しています。");
    // A row that its owner left blank answers nothing.
    let found = across(&round, &[reply("1", "a", "| item_id | x |\n| exists | |"), reply("2", "a", KEY)]);
    assert_eq!(codes(&found), ["X003W@B1"]);
}

#[test]
fn owners_that_are_not_settled() {
    let mut r = round();
    items(&mut r)[0].owner = None;
    items(&mut r)[1].confirmed = false;
    assert_eq!(codes(&across(&r, &[])), ["X002W@", "X104I@"]);
    // Nobody is asked for what does not exist or is not the municipality's.
    items(&mut r)[0].absent = true;
    items(&mut r)[1].outside = true;
    assert_eq!(codes(&across(&r, &[])), Vec::<String>::new());
}

#[test]
fn costs_of_a_group_stand_once() {
    let round = round();
    let costs = |division: &str, item: &str, group: &str, one: &str, two: &str| {
        reply(division, item, &format!("| group | {group} |\n| cost_1 | {one} |\n| cost_2 | {two} |"))
    };
    let found = across(&round, &[costs("1", "a", "税", "", "5"), costs("2", "b", " 税　", "7", "8")]);
    assert_eq!(codes(&found), ["X005E@B2+B3+B3+B1"]);
    assert_eq!(sentence(&found[0]), "一括調達グループ「税」の経費が、「b」と「甲業務」の両方に記入されています。");
    for other in [costs("2", "b", "税", "", ""), costs("2", "b", "税", "0", "未定"), costs("2", "b", "他", "7", "")]
    {
        assert_eq!(codes(&across(&round, &[costs("1", "a", "税", "", "5"), other])), Vec::<String>::new());
    }
}

#[test]
fn what_was_decided_is_held_to() {
    let decided = |on: Option<&str>| {
        let decision = Decision {
            form: "form-a".into(),
            item: "a".into(),
            field: "start".into(),
            date: day("2025-10-01"),
            decided_on: on.map(day),
            meeting: "第1回本部会議".into(),
            place: None,
        };
        Round { decisions: vec![decision], ..round() }
    };
    let of = |r: &Round, date: &str| codes(&across(r, &[reply("1", "a", &format!("| start | {date} |"))]));
    let r = decided(Some("2022-10-31"));
    for date in ["2025-10-02", "2025-09", "FY2026", "未定", "－"] {
        assert_eq!(of(&r, date), ["D014W@B1"], "{date}");
    }
    for date in ["2025-10-01", "2025-10", "FY2025", "", "?x"] {
        assert_eq!(of(&r, date), Vec::<String>::new(), "{date}");
    }
    assert_eq!(of(&decided(None), "2025-09"), ["D014W@B1"]);
    // What has begun is held to it too, once for an item.
    for (planned, begun, told) in [
        ("2025-10-01", "2025-12-01", vec!["D014W@B2"]),
        ("", "2025-09-01", vec!["D014W@B2"]),
        ("2025-09", "2025-09-10", vec!["D014W@B1"]),
        ("2025-10-01", "2025-10", vec![]),
        ("", "－", vec![]),
        ("", "未定", vec![]),
    ] {
        let row = format!("| start | {planned} |\n| started | {begun} |");
        assert_eq!(codes(&across(&r, &[reply("1", "a", &row)])), told, "{planned} {begun}");
    }
    // Answers describe a day before the decision.
    assert_eq!(of(&decided(Some("2022-11-01")), "2025-09"), Vec::<String>::new());
    let found = across(&r, &[reply("1", "a", "| start | 2025-09 |")]);
    assert_eq!(sentence(&found[0]), "「開始」の令和7年9月は、第1回本部会議で決まった令和7年10月1日と違います。");
}

#[test]
fn approvals_of_nothing_are_told() {
    let row = |code: &str, until: Option<&str>| WaiverRow {
        code: code.into(),
        until: until.map(day),
        ..WaiverRow::default()
    };
    let found = [Finding::new("D003W").of("form-a", "1", "a")];
    let idle = |rows: Vec<WaiverRow>| {
        let round = Round { waivers: rows, ..round() };
        torimatome::check::idle_waivers(&found, &round, day("2022-11-14"))
            .iter()
            .map(|f| f.code.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(idle(vec![row("D003W", None)]), Vec::<String>::new());
    assert_eq!(idle(vec![row("D004W", None)]), ["X192I"]);
    assert_eq!(idle(vec![row("D004W", Some("2022-11-13"))]), Vec::<String>::new(), "what has expired covers nothing");
}

#[test]
fn approvals_cover_what_they_name_until_their_last_day() {
    let row = |until: Option<&str>| WaiverRow {
        code: "D003W".into(),
        division: "1".into(),
        reason: "会議で了承".into(),
        until: until.map(day),
        ..WaiverRow::default()
    };
    let waived = |rows: Vec<WaiverRow>, f: Finding| {
        let mut findings = [f];
        waive(&mut findings, &Round { waivers: rows, ..round() }, day("2022-11-14"));
        findings[0].waived.clone()
    };
    let finding = |code: &str, division: &str| Finding::new(code).of("form-a", division, "a").field("start");
    assert!(waived(vec![row(None)], finding("D003W", "1")).is_some());
    assert!(waived(vec![row(Some("2022-11-14"))], finding("D003W", "1")).is_some(), "its last day");
    assert_eq!(waived(vec![row(Some("2022-11-13"))], finding("D003W", "1")), None, "expired");
    assert_eq!(waived(vec![row(None)], finding("D003W", "2")), None);
    assert_eq!(waived(vec![row(None)], finding("D003E", "1")), None, "another code");
    assert_eq!(waived(vec![WaiverRow { item: "b".into(), ..row(None) }], finding("D003W", "1")), None);
    assert_eq!(waived(vec![WaiverRow { field: "end".into(), ..row(None) }], finding("D003W", "1")), None);
    assert_eq!(waived(vec![WaiverRow { code: String::new(), ..row(None) }], finding("D003W", "1")), None);
    let longest = waived(vec![row(None), row(Some("2022-12-01"))], finding("D003W", "1")).expect("covered");
    assert_eq!(longest.until, None);
}
