//! What the office's rules say about rows: findings, changes, rates, counted from what is meant.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::said::{Dice, How, Row, Said, When, day};
use crate::truth::{Decision, Item, Month, target};

/// How far a procedure has come; 予定なし is no stage.
pub const STAGES: [&str; 4] = ["undecided", "considering", "planned", "done"];

/// What an answer has become, in the office's words.
pub fn word(key: &str, then: &Said, now: &Said) -> Option<String> {
    if then == now {
        return None;
    }
    let stage = |code: &str| STAGES.iter().position(|s| *s == code).filter(|_| key == "status");
    Some(match (then, now) {
        (Said::Blank, _) => "新しい回答".into(),
        (_, Said::Blank) => "回答がなくなった".into(),
        (_, Said::Undecided) => "未定になった".into(),
        (Said::Undecided, _) => "決まった".into(),
        (Said::Date(a), Said::Date(b)) => {
            let within = |a: &When, b: &When| b.from <= a.from && a.to <= b.to;
            let days = (b.to - a.to).num_days();
            match days {
                _ if within(a, b) || within(b, a) => "精度の変化".into(),
                0 => "変更".into(),
                n if n > 0 => format!("{n} 日遅くなった"),
                n => format!("{} 日早くなった", -n),
            }
        }
        (Said::Code(a), Said::Code(b)) => match (stage(a), stage(b)) {
            (Some(a), Some(b)) if b > a => "進んだ".into(),
            (Some(_), Some(_)) => "後退した".into(),
            _ => "変更".into(),
        },
        _ => "変更".into(),
    })
}

pub fn code(row: &Row, key: &str) -> &'static str {
    match row.get(key) {
        Some(Said::Code(c)) => c,
        _ => "",
    }
}

pub fn date<'a>(row: &'a Row, key: &str) -> Option<&'a When> {
    match row.get(key) {
        Some(Said::Date(w)) => Some(w),
        _ => None,
    }
}

/// Codes of W and E that one row calls for.
pub fn of_row(row: &Row, as_of: NaiveDate) -> Vec<&'static str> {
    let mut codes = Vec::new();
    let status = code(row, "status");
    let reason = row.get("unmet_reason").is_some_and(|r| !r.is_blank());
    if ["planned", "considering"].contains(&status) {
        match row.get("start_planned") {
            Some(Said::Undecided) => codes.push("D004W"),
            Some(Said::Date(w)) if w.from > target() => {
                codes.push(if status == "planned" && !reason { "D003E" } else { "D003W" });
            }
            Some(Said::Date(w)) if w.to > target() || w.approx && (target() - w.to).num_days() < 31 => {
                codes.push("D002W");
            }
            Some(Said::Date(w)) => {
                let by_year = matches!(w.how, How::FiscalEnd | How::Fiscal);
                if w.to == day(2023, 3, 31) && !by_year {
                    codes.push("D005W");
                }
                if status == "planned" && reason {
                    codes.push("D006W");
                }
            }
            _ => {}
        }
    }
    // The plan is over, and nothing says that it happened.
    let over = date(row, "start_planned").is_some_and(|w| (as_of - w.to).num_days() > if w.approx { 31 } else { 0 });
    if over && row.get("start").is_none_or(Said::is_blank) {
        codes.push("D011W");
    }
    codes
}

/// Whether a row says otherwise than was decided by that day: what is planned, else what has begun.
pub fn otherwise(decision: &Decision, row: &Row, as_of: NaiveDate) -> bool {
    let differs = |w: &When| decision.date < w.from || w.to < decision.date;
    let planned = match row.get("start_planned") {
        Some(Said::Undecided) => true,
        Some(Said::Date(w)) => differs(w),
        _ => false,
    };
    decision.decided_on <= as_of && (planned || date(row, "start").is_some_and(differs))
}

/// Codes since the last month: a step back or a slip without a word.
pub fn since(then: &Row, now: &Row) -> Vec<&'static str> {
    let told = ["unmet_reason_text", "remarks"].iter().any(|k| {
        let (a, b) = (then.get(k).unwrap_or(&Said::Blank), now.get(k).unwrap_or(&Said::Blank));
        a != b && !b.is_blank()
    });
    if told {
        return Vec::new();
    }
    let word = |key: &str| {
        word(key, then.get(key).unwrap_or(&Said::Blank), now.get(key).unwrap_or(&Said::Blank)).unwrap_or_default()
    };
    let mut codes = Vec::new();
    codes.extend((word("status") == "後退した").then_some("D024W"));
    let to_come = ["planned", "considering"].contains(&code(now, "status"));
    codes.extend((to_come && word("start_planned").ends_with("日遅くなった")).then_some("D025W"));
    codes
}

/// The rates, counted from what the rows mean.
pub fn rates(month: &Month) -> BTreeMap<&'static str, (usize, usize, usize)> {
    // Yes, no, or not known yet, of each condition that must hold.
    fn all(of: &[Option<bool>]) -> Option<bool> {
        if of.contains(&Some(false)) {
            return Some(false);
        }
        if of.contains(&None) { None } else { Some(true) }
    }
    let is = |row: Option<&Row>, key: &str, codes: &[&str]| {
        let said = row.and_then(|r| r.get(key)).unwrap_or(&Said::Blank);
        if let Said::Code(c) = said { Some(codes.contains(c)) } else { None }
    };
    let by = |row: Option<&Row>, key: &str| {
        let w = row.and_then(|r| date(r, key))?;
        let near = w.approx && (target() - w.to).num_days() < 31;
        if w.from > target() {
            return Some(false);
        }
        (w.to <= target() && !near).then_some(true)
    };
    let none = |row: Option<&Row>| row.is_some_and(|r| code(r, "exists") == "no");
    let of = |rate: &str, item: &Item| {
        let row = month.expected.answers.get(&item.key).map(|a| &a.0);
        if none(row) {
            return Some(false);
        }
        let portal = is(row, "channel_portal", &["all", "part"]);
        let exists = is(row, "exists", &["yes"]);
        let done = is(row, "status", &["done"]);
        let card = is(row, "card", &["yes"]);
        match rate {
            "portal-26" => all(&[exists, done, portal]),
            "city-running" => all(&[exists, done, portal, card, by(row, "start")]),
            _ => {
                let planned = is(row, "status", &["planned"]);
                let started = all(&[done, by(row, "start")]);
                let will = all(&[planned, by(row, "start_planned")]);
                let either = match (started, will) {
                    (Some(true), _) | (_, Some(true)) => Some(true),
                    (Some(false), Some(false)) => Some(false),
                    _ => None,
                };
                all(&[exists, is(row, "status", &["done", "planned"]), portal, card, either])
            }
        }
    };
    let mut out = BTreeMap::new();
    for rate in ["portal-26", "city-target", "city-running"] {
        let mut units: BTreeMap<&str, Vec<Option<bool>>> = BTreeMap::new();
        let counted = |i: &&Item| if rate == "portal-26" { i.in_26 } else { i.in_target };
        for item in month.items.iter().filter(counted) {
            let unit = if rate == "portal-26" { &item.key } else { &item.group };
            units.entry(unit).or_default().push(of(rate, item));
        }
        let sure = units.values().filter(|u| all(u) == Some(true)).count();
        let most = units.values().filter(|u| all(u) != Some(false)).count();
        out.insert(rate, (sure, most, units.len()));
    }
    out
}

/// Fields in which two sets of rows differ where both answer.
pub fn differing(a: &BTreeMap<String, Row>, b: &BTreeMap<String, Row>) -> Vec<(String, &'static str)> {
    let both = a.iter().filter_map(|(k, r)| Some((k, r, b.get(k)?)));
    both.flat_map(|(k, r, s)| {
        let keys = r.iter().filter(|(key, v)| !v.is_blank() && s.get(*key).is_some_and(|w| !w.is_blank() && w != *v));
        keys.map(|(key, _)| (k.clone(), *key)).collect::<Vec<_>>()
    })
    .collect()
}

/// The same rows as somebody had them before a correction: another number, another remark.
pub fn before(rows: &BTreeMap<String, Row>, dice: &mut Dice) -> BTreeMap<String, Row> {
    let mut out = rows.clone();
    for row in out.values_mut() {
        if code(row, "exists") != "yes" || !dice.chance(60) {
            continue;
        }
        if let Some(Said::Number(n)) = row.get("total").cloned() {
            row.insert("total", Said::Number(n + 10));
        }
        if row.get("remarks").is_some_and(|r| !r.is_blank()) && dice.chance(50) {
            row.insert("remarks", Said::Text("確認中のもの".into()));
        }
    }
    out
}
