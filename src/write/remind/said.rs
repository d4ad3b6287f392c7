//! The sentences of what asks again: how a deadline stands today, and what is the matter with a form.

use chrono::NaiveDate;

use super::Reminders;
use crate::check::business_days;
use crate::consolidate::owing::{Debt, Owes, Why};
use crate::model::date::{wareki, weekday};
use crate::model::remind::{Remind, Said};

/// Items named one by one.
const LISTED: usize = 6;

/// How a deadline stands on a day, with the days between and the working days among them; the least urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stands {
    /// It is some time off.
    Ahead(i64, i64),
    /// It is near.
    Near(i64, i64),
    /// It is today.
    Today,
    /// It has passed.
    Over(i64, i64),
}

impl Stands {
    /// Days and working days that are left; below nought, so many it is over.
    #[must_use]
    pub const fn left(self) -> (i64, i64) {
        match self {
            Self::Today => (0, 0),
            Self::Ahead(days, business) | Self::Near(days, business) => (days, business),
            Self::Over(days, business) => (-days, -business),
        }
    }
}

/// How a deadline stands.
#[must_use]
pub fn stands(due: NaiveDate, all: &Reminders<'_>) -> Stands {
    let (today, holidays) = (all.today, &all.round.holidays);
    let days = (due - today).num_days();
    match days {
        0 => Stands::Today,
        n if n < 0 => Stands::Over(-n, business_days(due, today, holidays)),
        n => match business_days(today, due, holidays) {
            business if business <= all.templates.remind.near_days => Stands::Near(n, business),
            business => Stands::Ahead(n, business),
        },
    }
}

/// What decides the words of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Urgency {
    Ahead,
    Near,
    Today,
    /// All that is over was sent back.
    Mend,
    Over,
}

/// The most urgent of what a division owes.
pub(super) fn urgency(owes: &Owes<'_>, all: &Reminders<'_>) -> Urgency {
    let of = |d: &Debt<'_>| urgency_of(d, stands(d.due.day, all));
    owes.debts.iter().map(of).max().unwrap_or(Urgency::Ahead)
}

fn urgency_of(d: &Debt<'_>, stands: Stands) -> Urgency {
    match stands {
        Stands::Ahead(..) => Urgency::Ahead,
        Stands::Near(..) => Urgency::Near,
        Stands::Today => Urgency::Today,
        Stands::Over(..) if d.why == Why::NotMended => Urgency::Mend,
        Stands::Over(..) => Urgency::Over,
    }
}

pub(super) const fn of(words: &Remind, urgency: Urgency) -> &Said {
    match urgency {
        Urgency::Ahead => &words.ahead,
        Urgency::Near => &words.near,
        Urgency::Today => &words.today,
        Urgency::Mend => &words.mend,
        Urgency::Over => &words.over,
    }
}

/// The first sentence.
pub(super) fn opening(owes: &Owes<'_>, all: &Reminders<'_>) -> String {
    of(&all.templates.remind, urgency(owes, all)).opening.replace("{round}", &all.round.name)
}

/// What is the matter with a form, about what, and until when.
pub(super) fn debt_lines(d: &Debt<'_>, all: &Reminders<'_>) -> Vec<String> {
    let words = &all.templates.remind;
    let mut lines = state(d, words);
    let names: Vec<&str> = d.items.iter().take(LISTED).map(|i| i.name.as_str()).collect();
    if !names.is_empty() {
        let rest = d.items.len() - names.len();
        let more = if rest > 0 { words.more.replace("{n}", &rest.to_string()) } else { String::new() };
        lines.push(format!("{}{}{more}", words.items, names.join("、")));
    }
    let mended = d.sent_back.is_some() && !d.due.extended;
    let label = if mended { &words.due_mend } else { &words.due };
    let extended = if d.due.extended { words.extended.as_str() } else { "" };
    lines.push(format!("{label}{}{extended}　{}", day(d.due.day), when(d, all)));
    lines
}

/// A day with its weekday.
pub(super) fn day(day: NaiveDate) -> String {
    format!("{}（{}）", wareki(day), weekday(day))
}

/// What is the matter; of a reply that was sent back, that too.
fn state(d: &Debt<'_>, words: &Remind) -> Vec<String> {
    let state = &words.state;
    let files: Vec<String> =
        d.unreadable.iter().map(|f| format!("「{}」", f.rsplit('/').next().unwrap_or_default())).collect();
    let said = match d.why {
        Why::Missing => Some(state.missing.clone()),
        Why::Unreadable => Some(state.unreadable.replace("{files}", &files.join("、"))),
        Why::Blank => Some(state.blank.clone()),
        Why::Partly => Some(state.partly.clone()),
        Why::NotMended => None,
    };
    let sent_back = d.sent_back.filter(|_| d.why != Why::Unreadable).map(|day| {
        let said = if d.errors > 0 { &state.not_mended } else { &state.not_again };
        said.replace("{day}", &wareki(day)).replace("{n}", &d.errors.to_string())
    });
    said.into_iter().chain(sent_back).collect()
}

/// How the deadline stands, in words.
pub(super) fn when(d: &Debt<'_>, all: &Reminders<'_>) -> String {
    let words = &all.templates.remind;
    let stands = stands(d.due.day, all);
    let said = of(words, urgency_of(d, stands));
    let (days, business) = stands.left();
    let text = if business == 0 { &said.when_closed } else { &said.when };
    text.replace("{days}", &days.abs().to_string()).replace("{business}", &business.abs().to_string())
}
