//! Rows as careful divisions make them up, and what becomes of them in a month.

use chrono::{Datelike, Days, NaiveDate};

use crate::judged::{STAGES, code, date};
use crate::said::{Dice, How, Row, Said, When, day, wide};
use crate::truth::target;

/// What is answered in the first month.
pub fn first(dice: &mut Dice, as_of: NaiveDate) -> Row {
    let mut row = Row::new();
    if dice.chance(4) {
        row.insert("exists", Said::Code("no"));
        return row;
    }
    row.insert("exists", Said::Code("yes"));
    let total = i64::try_from(dice.below(3000)).expect("small");
    row.insert("total", Said::Number(total));
    row.insert("online", Said::Number(if total > 0 { total / 3 } else { 0 }));
    for key in ["channel_portal", "channel_generic", "channel_other"] {
        let said = dice.pick(&["none", "part", "none", "all"]);
        row.insert(key, Said::Code(said));
    }
    row.insert("connection", Said::Code("manual"));
    let status = dice.pick(&["done", "planned", "planned", "considering", "undecided", "none"]);
    row.insert("status", Said::Code(status));
    if ["planned", "considering"].contains(&status) {
        let when = some_day(dice, as_of, 20);
        row.insert("start_planned", when);
    }
    settled(row, dice, as_of)
}

/// A day to come, in one of the ways in which it is meant.
pub fn some_day(dice: &mut Dice, as_of: NaiveDate, months: usize) -> Said {
    let d = as_of + Days::new(1 + dice.below(months * 30) as u64);
    let how = dice.pick(&[How::Day, How::Month, How::Month, How::MonthEnd, How::FiscalEnd, How::Fiscal, How::TenDays]);
    let mut when = When::on(d, how);
    when.approx = dice.chance(12) && matches!(how, How::Month | How::Day | How::MonthEnd);
    Said::Date(when)
}

/// Makes a row such as a careful division would hand in.
pub fn settled(mut row: Row, dice: &mut Dice, as_of: NaiveDate) -> Row {
    let status = code(&row, "status");
    let channels = ["channel_portal", "channel_generic", "channel_other"];
    if status == "done" && channels.iter().all(|k| code(&row, k) == "none") {
        row.insert("channel_portal", Said::Code("part"));
    }
    let offered = channels.iter().any(|k| code(&row, k) != "none");
    if !offered {
        row.insert("card", Said::Code("no"));
        row.insert("signature", Said::Code("no"));
    } else if !row.contains_key("card") {
        let card = dice.pick(&["yes", "yes", "no"]);
        row.insert("card", Said::Code(card));
    }
    if !row.contains_key("signature") || code(&row, "card") == "no" {
        let signature = if code(&row, "card") == "yes" && dice.chance(50) { "yes" } else { "no" };
        row.insert("signature", Said::Code(signature));
    }
    if status == "done" {
        let first = day(as_of.year(), as_of.month(), 1);
        let start = When::on(first + Days::new(dice.below(20) as u64), How::Day);
        row.entry("start").or_insert(Said::Date(start));
        row.remove("unmet_reason");
        row.remove("unmet_reason_text");
        return row;
    }
    row.remove("start");
    let late = date(&row, "start_planned").is_some_and(|w| w.from > target());
    if status == "planned" {
        if row.get("start_planned").is_none_or(Said::is_blank) {
            let when = some_day(dice, as_of, 14);
            row.insert("start_planned", when);
            return settled(row, dice, as_of);
        }
        if late && !dice.chance(15) {
            let reason = dice.pick(&["system", "budget", "staff"]);
            row.entry("unmet_reason").or_insert(Said::Code(reason));
        } else if !late && !dice.chance(5) {
            row.remove("unmet_reason");
        }
    } else {
        let reason = dice.pick(&["system", "budget", "staff", "few"]);
        row.entry("unmet_reason").or_insert(Said::Code(reason));
        if status != "considering" {
            row.remove("start_planned");
        }
    }
    row
}

/// What has become of a row a month later.
pub fn evolve(row: &Row, dice: &mut Dice, as_of: NaiveDate) -> Row {
    let mut row = row.clone();
    if code(&row, "exists") != "yes" {
        return row;
    }
    let stage = STAGES.iter().position(|s| *s == code(&row, "status"));
    let reason = |row: &mut Row, dice: &mut Dice| {
        let text = format!("{}年{}月に見直し（{}）", as_of.year(), as_of.month(), dice.below(90) + 10);
        row.insert("remarks", Said::Text(if dice.chance(30) { wide(&text) } else { text }));
    };
    match dice.below(16) {
        0..6 => return row,
        6 | 7 => {
            if let Some(next) = stage.and_then(|s| STAGES.get(s + 1)) {
                row.insert("status", Said::Code(next));
            }
        }
        8 => {
            if let Some(s) = stage.filter(|s| *s > 0) {
                row.insert("status", Said::Code(STAGES[s - 1]));
                if dice.chance(50) {
                    reason(&mut row, dice);
                }
            }
        }
        9..12 => {
            if let Some(w) = date(&row, "start_planned").cloned() {
                let moved = w.to + Days::new(20 + dice.below(150) as u64);
                let how = dice.pick(&[How::Day, How::Month, How::FiscalEnd, How::MonthEnd]);
                row.insert("start_planned", Said::Date(When::on(moved, how)));
                if dice.chance(50) {
                    reason(&mut row, dice);
                }
            }
        }
        12 => {
            if date(&row, "start_planned").is_some() && code(&row, "status") != "done" {
                row.insert("start_planned", Said::Undecided);
            }
        }
        13 => {
            if ["planned", "considering"].contains(&code(&row, "status")) {
                let when = some_day(dice, as_of, 12);
                row.insert("start_planned", when);
            }
        }
        14 => reason(&mut row, dice),
        _ => {
            if let Some(Said::Number(n)) = row.get("total").cloned() {
                row.insert("total", Said::Number(n + 7));
            }
        }
    }
    settled(row, dice, as_of)
}
