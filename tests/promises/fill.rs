//! Legal answers at random: for every cell of a form something that breaks no rule, written as people write it.
//!
//! Values are chosen so that the rules of the shipped forms hold (dates in order, sums that add up, reasons where they are
//! owed); how each is spelled is chosen apart from it.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use arcstr::ArcStr;
use chrono::{Datelike, Days, NaiveDate};
use torimatome::model::date::wareki;
use torimatome::model::{Cell, Content, Field, FieldType, Form, Interval, Value};

use crate::kit::{Asked, Dice, Drawn, PLANS, day, forms, number, round, templates, text};

/// What was written: by item and key, the value that must come back.
pub type Written = BTreeMap<Asked, Value>;

/// The answers of one record by key.
type Answers = Vec<(String, Value)>;

pub const MILESTONES: [&str; 7] = ["rfi", "rfp", "budget", "contract", "data", "test", "go_live"];

/// Fills a blank form of a division with legal answers; gives what was written.
pub fn fill(drawn: &mut Drawn, dice: &mut Dice) -> Written {
    let mut written = Written::new();
    let mut all: Vec<(String, Answers)> = vec![(String::new(), card(dice))];
    for item in &drawn.items {
        let answers = if drawn.form.id == PLANS { plan(dice) } else { procedure(dice) };
        all.push((item.key.clone(), answers));
    }
    for (item, answers) in all {
        for (key, value) in answers {
            let cell = spelled(field(drawn, &key), &value, dice);
            drawn.write(&item, &key, cell);
            written.insert((item.clone(), key), value);
        }
    }
    // What the office answers for everybody stands in its cells already.
    for ((_, key), said) in round().common_answers.iter().filter(|((f, _), _)| *f == drawn.form.id) {
        let list = &templates().lists["step-status"].codes;
        let code = list.iter().find(|c| c.code == *said || c.name == *said).expect("a code");
        for item in &drawn.items {
            written.insert((item.key.clone(), key.clone()), Value::Choice(code.code.as_str().into()));
        }
    }
    written
}

/// The field of an answer key.
pub fn field(drawn: &Drawn, key: &str) -> &'static Field {
    static FIELDS: OnceLock<BTreeMap<(String, String), &'static Field>> = OnceLock::new();
    let fields = FIELDS.get_or_init(|| {
        let of_form =
            |f: &'static Form| f.slots(&templates().lists).into_iter().map(|s| ((f.id.clone(), s.key()), s.field));
        forms().into_iter().flat_map(of_form).collect()
    });
    fields.get(&(drawn.form.id.clone(), key.to_string())).unwrap_or_else(|| panic!("{key} is no key"))
}

fn choice(code: &str) -> Value {
    Value::Choice(code.into())
}

fn words(t: impl Into<ArcStr>) -> Value {
    Value::Text(t.into())
}

fn count(n: usize) -> Value {
    Value::Number(f64::from(u32::try_from(n).expect("small")))
}

fn on(day: NaiveDate) -> Value {
    Value::Date(Interval::day(day))
}

fn after(day: NaiveDate, days: usize) -> NaiveDate {
    day + Days::new(u64::try_from(days).expect("small"))
}

fn card(dice: &mut Dice) -> Answers {
    let submitted = on(after(day(2022, 11, 1), dice.below(10)));
    let given = [
        ("officer", words("主査")),
        ("extension", words("2345")),
        ("submitted", submitted.clone()),
        ("confirmed", submitted),
    ];
    given.map(|(k, v)| (k.to_string(), v)).into()
}

/// One of a list that holds on the as-of date.
fn any(list: &str, dice: &mut Dice) -> Value {
    let codes = &templates().lists[list].codes;
    let usable: Vec<&str> = codes.iter().filter(|c| c.attr("適用開始日").is_empty()).map(|c| c.code.as_str()).collect();
    choice(dice.pick(&usable))
}

/// A period that begins on a day: the day, or its month.
fn period(from: NaiveDate, dice: &mut Dice) -> Value {
    if from.day() == 1 && dice.chance(50) {
        return Value::Date(Interval::month(from.year(), from.month()).expect("a month"));
    }
    on(from)
}

/// Days in order, each some weeks after the one before; the first of a month now and then.
fn rising(mut from: NaiveDate, n: usize, dice: &mut Dice) -> Vec<NaiveDate> {
    let mut days = Vec::new();
    for _ in 0..n {
        from = after(from, 70 + dice.below(60));
        days.push(if dice.chance(50) { from.with_day(1).expect("the first") } else { from });
    }
    days
}

/// A plan for one system.
fn plan(dice: &mut Dice) -> Answers {
    if dice.chance(8) {
        return vec![("system_exists".to_string(), choice("no"))];
    }
    let mut a: Answers = Vec::new();
    let mut put = |key: &str, value: Value| a.push((key.to_string(), value));
    put("system_exists", choice("yes"));
    put("current_system", words(format!("総合行政システム{}（パッケージ版）", dice.below(9))));
    put("current_vendor", words(format!("{}社", dice.pick(&['A', 'B', 'C']))));
    for (key, list) in [
        ("development", "development"),
        ("platform", "platform"),
        ("customised", "have"),
        ("extendable", "can"),
        ("method", "migration-method"),
        ("procurement", "procurement"),
        ("gov_cloud", "gov-cloud"),
        ("vendor_kind", "vendor-kind"),
    ] {
        put(key, any(list, dice));
    }
    put("procurement_group", words(format!("調達{}", dice.below(1_000_000))));
    put("target_system", words("標準準拠システム（候補）"));
    put("target_vendor", words("Z社"));
    put("available_from", on(after(day(2024, 1, 10), dice.below(300))));
    put("issues", words("要員の確保"));
    put("remarks", words("順調に進んでいる"));
    a.extend(milestones(dice));
    a.extend(costs(dice));
    a.extend(steps(dice));
    a
}

/// Dates in order, those that are over with their actual days; the contract lasts beyond the start.
fn milestones(dice: &mut Dice) -> Answers {
    let mut a: Answers = Vec::new();
    let over: Vec<NaiveDate> = [day(2021, 6, 10), day(2021, 12, 20), day(2022, 7, 5)][..dice.below(4)].to_vec();
    for (n, (key, planned)) in MILESTONES.iter().zip(&over).enumerate() {
        a.push(((*key).to_string(), on(*planned)));
        a.push((format!("{key}_actual"), on(after(*planned, n * 7 + dice.below(7)))));
    }
    let ahead = rising(day(2022, 12, 1), 6 - over.len(), dice);
    for (key, planned) in MILESTONES[over.len()..6].iter().zip(ahead) {
        a.push(((*key).to_string(), period(planned, dice)));
    }
    let late = dice.chance(30);
    let start = if late { day(2026, 5, 1) } else { day(2025, 10, 1) };
    let go_live = after(start, dice.pick(&[0, 0, 31, 40, 61, 80]));
    a.push(("go_live".into(), period(go_live, dice)));
    a.push(("contract_end".into(), on(after(go_live, 31 + dice.below(300)))));
    a.push(("feasible".into(), choice(if late { "no" } else { "yes" })));
    if late {
        let reason = any("late-reasons", dice);
        if reason == choice("other") || dice.chance(50) {
            a.push(("late_reason_text".into(), words("契約の更新時期に合わせるため")));
        }
        a.push(("late_reason".into(), reason));
    }
    a
}

fn costs(dice: &mut Dice) -> Answers {
    let (mut total, mut subsidised) = (0, 0);
    let mut all = Vec::new();
    for year in ["2023", "2024", "2025"] {
        let cost = 100 + dice.below(90_000);
        let part = dice.below(cost + 1);
        (total, subsidised) = (total + cost, subsidised + part);
        all.push((format!("cost_{year}"), count(cost)));
        all.push((format!("cost_{year}_subsidised"), count(part)));
    }
    all.push(("cost_total".into(), count(total)));
    all.push(("cost_total_subsidised".into(), count(subsidised)));
    all
}

/// Steps done, then one under way, then not begun; some that do not apply, with a remark.
fn steps(dice: &mut Dice) -> Answers {
    let list = templates().lists["steps"].codes.iter();
    let own: Vec<&str> = list.filter(|c| c.attr("回答者") != "DX担当").map(|c| c.code.as_str()).collect();
    let done = 1 + dice.below(20);
    let mut all = Vec::new();
    for (n, code) in own.iter().enumerate() {
        let status = if n > 0 && n + 1 < own.len() && dice.chance(10) {
            all.push((format!("step_{code}_remark"), words("この業務では扱わないため")));
            "na"
        } else {
            match n.cmp(&done) {
                std::cmp::Ordering::Less => "done",
                std::cmp::Ordering::Equal => "doing",
                std::cmp::Ordering::Greater => "todo",
            }
        };
        all.push((format!("step_{code}"), choice(status)));
    }
    all
}

/// The answers about one procedure.
fn procedure(dice: &mut Dice) -> Answers {
    if dice.chance(8) {
        return vec![("exists".to_string(), choice("no"))];
    }
    let mut a: Answers = Vec::new();
    let mut put = |key: &str, value: Value| a.push((key.to_string(), value));
    put("exists", choice("yes"));
    let total = dice.below(50_000);
    put("total", count(total));
    put("online", count(dice.below(total + 1)));
    let status = dice.pick(&["done", "done", "planned", "planned", "considering", "undecided", "none"]);
    put("status", choice(status));
    put("channel_portal", choice(dice.pick(&["all", "part"])));
    for key in ["channel_generic", "channel_other"] {
        put(key, any("coverage", dice));
    }
    put("card", choice("yes"));
    put("signature", any("signature", dice));
    let owes_reason = match status {
        "done" => {
            put("start", on(after(day(2022, 1, 4), dice.below(250))));
            false
        }
        "planned" => {
            let late = dice.chance(40);
            let from = if late { day(2023, 5, 1) } else { day(2022, 12, 1) };
            put("start_planned", period(after(from, dice.pick(&[0, 0, 31, 45, 80])), dice));
            late
        }
        _ => true,
    };
    if owes_reason {
        let class = any("unmet-reasons", dice);
        if class == choice("other") || dice.chance(50) {
            put("unmet_reason_text", words("他市の状況を見ているため"));
        }
        put("unmet_reason", class);
    }
    let connection = any("connection", dice);
    if connection == choice("planned") || connection == choice("done") {
        put("connected_on", on(day(2023, 6, 10)));
    }
    put("connection", connection);
    put("remarks", words("次年度に見直す"));
    a
}

/// A cell that says a value, in one of the ways people do.
pub fn spelled(field: &Field, value: &Value, dice: &mut Dice) -> Cell {
    match value {
        Value::Choice(code) => {
            let list = &templates().lists[field.codes.as_deref().expect("a list")];
            text(list.get(code).expect("a code").name.clone())
        }
        Value::Number(n) => number_cell(field, *n, dice),
        Value::Date(i) => date_cell(i, dice),
        Value::Text(t) => text(t.as_str()),
        other => panic!("{other:?} is not written here"),
    }
}

fn number_cell(field: &Field, n: f64, dice: &mut Dice) -> Cell {
    assert_ne!(field.kind, FieldType::Percent, "no shipped form asks for one");
    let unit = field.unit.clone().unwrap_or_default();
    let grouped = torimatome::check::words::number(n);
    match dice.below(6) {
        0 => text(n.to_string()),
        1 => text(grouped),
        2 => text(format!("{grouped}{unit}")),
        3 => text(wide(&n.to_string())),
        4 => text(format!(" {n}")),
        _ => number(n),
    }
}

fn date_cell(i: &Interval, dice: &mut Dice) -> Cell {
    let from = i.from.expect("closed");
    let (y, m, d) = (from.year(), from.month(), from.day());
    let era = y - 2018;
    if i.from != i.to {
        return text(match dice.below(6) {
            0 => format!("R{era}.{m}"),
            1 => format!("{y}年{m}月"),
            2 => wide(&format!("令和{era}年{m}月")),
            3 => format!("{y}-{m:02}"),
            4 => format!("令和{era}年{m}月中"),
            _ => format!("令和{era}年{m}月"),
        });
    }
    match dice.below(9) {
        0 => text(format!("R{era}.{m}.{d}")),
        1 => text(format!("{y}/{m}/{d}")),
        2 => text(wide(&wareki(from))),
        3 => text(format!("{y}-{m:02}-{d:02}")),
        4 => text(format!("令和{era}年 {m}月 {d}日")),
        5 => text(format!("R{era:02}.{m:02}.{d:02}")),
        6 => serial(from, "yyyy\"年\"m\"月\"d\"日\""),
        7 => serial(from, "[$-411]ge.m.d"),
        _ => text(wareki(from)),
    }
}

/// A date as Excel stores it.
fn serial(on: NaiveDate, format: &str) -> Cell {
    let days = (on - day(1899, 12, 30)).num_days();
    let n = f64::from(u32::try_from(days).expect("a date of this century"));
    Cell { content: Content::Number(n), format: Some(format.into()), formula: false }
}

/// ASCII as full-width characters.
pub fn wide(t: &str) -> String {
    let widen = |c: char| match c {
        '!'..='~' => char::from_u32(u32::from(c) + 0xFEE0).expect("a full-width form"),
        ' ' => '　',
        c => c,
    };
    t.chars().map(widen).collect()
}
