//! Which topics are printed, under which part and title, in what order: the code list `agenda`, which a round's settings
//! replace; and the meeting that they are for.

use chrono::NaiveDate;

use crate::model::Code;
use crate::model::brief::{Part, Topic};
use crate::model::date::{wareki, weekday};
use crate::model::round::Deadline;
use crate::write::context::Context;

/// The code list of the topics, and its columns.
const AGENDA: &str = "agenda";
const PART: &str = "区分";
const ORDER: &str = "順";
const LEFT_OUT: &str = "載せない";
const TEXT: &str = "本文";

/// A topic that is printed.
pub(super) struct Entry<'a> {
    /// Its code.
    pub id: &'a str,
    /// Its number within the part, or with the part's name in an annex.
    pub label: String,
    /// Its title.
    pub title: &'a str,
    /// The office's own words under the title; empty for none.
    pub text: &'a str,
    /// What the definition prints under it; nothing of the office's own topics.
    pub topic: Option<&'a Topic>,
}

/// The parts with what is printed under each; without those that nothing is printed under.
pub(super) fn agenda<'a>(ctx: &Context<'a>) -> Vec<(&'a Part, Vec<Entry<'a>>)> {
    let parts = ctx.templates.brief.parts.iter().map(|part| (part, entries(ctx, part)));
    parts.filter(|(_, entries)| !entries.is_empty()).collect()
}

fn entries<'a>(ctx: &Context<'a>, part: &Part) -> Vec<Entry<'a>> {
    let codes = ctx.templates.lists.get(AGENDA).map(|l| l.codes.as_slice()).unwrap_or_default();
    let mut own: Vec<&Code> = codes.iter().filter(|c| c.attr(PART) == part.id && c.attr(LEFT_OUT) != "yes").collect();
    own.sort_by_key(|c| c.attr(ORDER).trim().parse::<u32>().unwrap_or(u32::MAX));
    let topic = |c: &Code| ctx.templates.brief.topics.iter().find(|t| t.id == c.code);
    let printed = own
        .into_iter()
        .map(|c| (c, topic(c)))
        .filter(|(c, topic)| !c.attr(TEXT).is_empty() || topic.is_none_or(|t| t.none.is_some() || has_data(ctx, t)));
    let entry = |(n, (code, topic)): (usize, (&'a Code, Option<&'a Topic>))| Entry {
        id: &code.code,
        label: if part.annex { format!("{}{}", part.title, n + 1) } else { (n + 1).to_string() },
        title: &code.name,
        text: code.attr(TEXT),
        topic,
    };
    printed.enumerate().map(entry).collect()
}

/// Whether there is anything to print under a topic of the definition.
pub(super) fn has_data(ctx: &Context<'_>, topic: &Topic) -> bool {
    topic.form.as_ref().map_or(!topic.blocks.is_empty(), |f| ctx.round().forms.contains_key(f))
}

/// The meeting that the papers are for: its name, and its day where that is known.
pub(super) struct Meeting {
    pub name: String,
    pub day: Option<NaiveDate>,
}

impl Meeting {
    /// What the settings say; else the first deadline of a meeting that is not past, of all forms.
    pub(super) fn of(ctx: &Context<'_>) -> Self {
        let (is, said) = (&ctx.templates.brief.meeting, &ctx.round().meeting);
        let coming = |d: &&Deadline| d.kind == is.kind && d.name.contains(&is.named) && d.date >= ctx.ledger.today;
        let next = ctx.round().deadlines.iter().filter(coming).min_by_key(|d| d.date);
        let named = (!said.number.is_empty()).then(|| format!("{}{}", said.number, ctx.meeting_body()));
        let held = || said.day.map(|_| ctx.meeting_body().to_string());
        let name = named.or_else(|| next.map(|d| d.name.clone())).or_else(held);
        Self { name: name.unwrap_or_else(|| is.unknown.clone()), day: said.day.or_else(|| next.map(|d| d.date)) }
    }

    /// Name and day on one line.
    pub(super) fn line(&self) -> String {
        self.day.map_or_else(|| self.name.clone(), |d| format!("{}　{}（{}）", self.name, wareki(d), weekday(d)))
    }
}
