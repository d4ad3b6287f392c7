//! The figures of the overview as data, so that 概要 and 出典 print the same numbers: replies, counts, ways of counting.

use std::collections::{BTreeMap, BTreeSet};

use super::asked::{Blank, blank};
use super::context::Context;
use super::show::{self, Judged, judge};
use crate::model::ledger::LedgerItem;
use crate::model::master::CountLine;
use crate::model::predicate::Outcome;
use crate::model::{Code, NoneKind, State, Submission, Truth, Value};

/// Replies to one form, counted by division.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replies {
    /// Divisions that owe a reply.
    pub owed: usize,
    /// Received by the deadline that holds for them.
    pub in_time: usize,
    /// Received later.
    pub late: usize,
    /// Names of the divisions from which nothing came.
    pub missing: Vec<String>,
    /// Of those owed, how many have an approved extension.
    pub extended: usize,
    /// Files about this form that are not in the master.
    pub set_aside: usize,
}

/// Counts the replies to a form.
pub fn replies(ctx: &Context<'_>, form: &str) -> Replies {
    let mut r = Replies::default();
    // A division counts once, however many of its files count.
    let mut counted = BTreeSet::new();
    for s in ctx.ledger.submissions.iter().filter(|s| s.form.as_deref() == Some(form)) {
        match s.state {
            State::Accepted if !counted.insert(&s.division) => continue,
            State::Accepted if s.late_days > 0 => r.late += 1,
            State::Accepted => r.in_time += 1,
            State::Missing => r.missing.push(division_of(ctx, s)),
            State::Unread => r.missing.push(format!("{}（{}）", division_of(ctx, s), s.state.words())),
            State::NotExpected => continue,
            State::Superseded | State::Duplicate | State::Unreadable | State::NotOurs => {
                r.set_aside += 1;
                continue;
            }
        }
        r.owed += 1;
        r.extended += usize::from(s.extended);
    }
    r
}

/// The name of a submission's division.
pub fn division_of(ctx: &Context<'_>, s: &Submission) -> String {
    s.division.as_deref().map_or("課不明", |d| ctx.division_name(d)).to_string()
}

/// What one item counts as.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bucket {
    /// A code of the list or an outcome, by its position.
    Given(usize),
    /// 未定.
    Undecided,
    /// 該当なし.
    NotApplicable,
    /// Not asked, with the reason in a word.
    NotAsked(String),
    /// Could not be read.
    Unreadable,
    /// Owed and missing.
    Unanswered,
}

/// How many items fall into each bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    /// The group, empty when there is one line only.
    pub group: String,
    /// Label and count, in order; codes and outcomes even where nothing counts.
    pub buckets: Vec<(String, usize)>,
    /// How many of the counted items are provisional.
    pub provisional: usize,
}

impl Counts {
    /// Items counted.
    pub fn total(&self) -> usize {
        self.buckets.iter().map(|(_, n)| n).sum()
    }
}

const OUTCOMES: [Outcome; 4] = [Outcome::Within, Outcome::After, Outcome::Straddles, Outcome::NoDate];

/// Counts a form's items by a choice, or by the outcome of a date; in groups of an attribute where one is given.
pub fn counts(ctx: &Context<'_>, form: &str, field: &str, deadline: Option<&str>, by: Option<&str>) -> Vec<Counts> {
    let names: Vec<String> = if deadline.is_some() {
        OUTCOMES.iter().map(|o| o.words().to_string()).collect()
    } else {
        codes_of(ctx, form, field).iter().map(|c| c.name.clone()).collect()
    };
    let mut groups: Vec<(String, BTreeMap<Bucket, usize>, usize)> = Vec::new();
    for item in ctx.ledger.items.iter().filter(|i| i.form == form) {
        let group = by.map(|b| ctx.attr(item, b)).unwrap_or_default();
        let bucket = bucket(ctx, item, field, deadline);
        let at = groups.iter().position(|(g, ..)| *g == group).unwrap_or_else(|| {
            groups.push((group, BTreeMap::new(), 0));
            groups.len() - 1
        });
        if let Some((_, counted, provisional)) = groups.get_mut(at) {
            *counted.entry(bucket).or_default() += 1;
            *provisional += usize::from(item.is_provisional());
        }
    }
    groups.into_iter().map(|(group, counted, provisional)| labelled(group, &names, counted, provisional)).collect()
}

/// The codes that a field may have.
fn codes_of<'a>(ctx: &Context<'a>, form: &str, field: &str) -> &'a [Code] {
    let list = ctx.slot(form, field).and_then(|s| s.field.codes.as_ref());
    list.and_then(|l| ctx.templates.lists.get(l)).map_or(&[], |l| &l.codes)
}

fn labelled(group: String, names: &[String], mut counted: BTreeMap<Bucket, usize>, provisional: usize) -> Counts {
    let mut buckets: Vec<(String, usize)> = names
        .iter()
        .enumerate()
        .map(|(i, name)| (name.clone(), counted.remove(&Bucket::Given(i)).unwrap_or(0)))
        .collect();
    let rest = counted.into_iter().map(|(bucket, n)| {
        let label = match bucket {
            Bucket::Given(_) => "一覧にない選択肢".to_string(),
            Bucket::Undecided => "未定".to_string(),
            Bucket::NotApplicable => "該当なし".to_string(),
            Bucket::NotAsked(why) => why,
            Bucket::Unreadable => "読み取れない（要確認）".to_string(),
            Bucket::Unanswered => "未回答".to_string(),
        };
        (label, n)
    });
    for (label, n) in rest {
        // A list may have a code of its own for 未定.
        match buckets.iter_mut().find(|(known, _)| *known == label) {
            Some((_, count)) => *count += n,
            None => buckets.push((label, n)),
        }
    }
    Counts { group, buckets, provisional }
}

fn bucket(ctx: &Context<'_>, item: &LedgerItem, field: &str, deadline: Option<&str>) -> Bucket {
    let of_blank = |b: Blank| match b {
        Blank::Unanswered => Bucket::Unanswered,
        Blank::Welcome => Bucket::NotAsked("記入なし".to_string()),
        Blank::NotNeeded => Bucket::NotAsked("記入不要".to_string()),
        Blank::NotAsked(why) => Bucket::NotAsked(why),
    };
    if let Some(deadline) = deadline {
        return match judge(ctx, item, field, None, deadline) {
            Judged::Outcome(o) => Bucket::Given(OUTCOMES.iter().position(|x| *x == o).unwrap_or(usize::MAX)),
            Judged::Blank(b) => of_blank(b),
            Judged::Unreadable => Bucket::Unreadable,
            Judged::NoDeadline => Bucket::NotAsked(show::NO_DEADLINE.to_string()),
        };
    }
    match item.record.as_ref().and_then(|r| r.value(field)) {
        None | Some(Value::Blank) => of_blank(blank(ctx, item, field)),
        Some(Value::Choice(code)) => {
            let codes = codes_of(ctx, &item.form, field);
            Bucket::Given(codes.iter().position(|c| &c.code == code).unwrap_or(usize::MAX))
        }
        // Where the list has no place for it, it is no answer.
        Some(Value::None { kind, .. }) if *kind != NoneKind::SeeOther && !takes_none(ctx, item, field, *kind) => {
            of_blank(blank(ctx, item, field))
        }
        Some(Value::None { kind: NoneKind::Undecided, .. }) => Bucket::Undecided,
        Some(Value::None { kind: NoneKind::NotApplicable, .. }) => Bucket::NotApplicable,
        Some(_) => Bucket::Unreadable,
    }
}

fn takes_none(ctx: &Context<'_>, item: &LedgerItem, field: &str, kind: NoneKind) -> bool {
    ctx.slot(&item.form, field).is_none_or(|s| s.field.takes_none(kind))
}

/// A way of counting, counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// How many.
    pub count: usize,
    /// Items that might count once an answer is there.
    pub unknown: usize,
    /// The definition's note, while an item that counts is not confirmed.
    pub note: String,
}

/// Counts the items that a line asks for; items of one group as one where it says so.
pub fn count_line(ctx: &Context<'_>, form: &str, line: &CountLine) -> Counted {
    let mut units: BTreeSet<&str> = BTreeSet::new();
    let (mut unknown, mut assumed) = (0, false);
    for item in ctx.ledger.items_of(form) {
        let facts = ctx.facts(item);
        match ctx.form(form).map_or_else(|| line.only.holds(&facts), |f| f.asks.truth(&line.only, &facts)) {
            Truth::No => {}
            Truth::Unknown => unknown += 1,
            Truth::Yes => {
                let own = if line.grouped && !item.item.group.is_empty() { &item.item.group } else { &item.item.key };
                units.insert(own);
                assumed |= !item.item.confirmed;
            }
        }
    }
    let note = line.note.clone().filter(|_| assumed).unwrap_or_default();
    Counted { count: units.len(), unknown, note }
}
