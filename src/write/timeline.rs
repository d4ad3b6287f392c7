//! The months of a Gantt sheet and what stands in each, before it is drawn.
//!
//! A date within one month is a point; a longer one marks its first and last month and is open in between. Months
//! before the first and after the last column gather in a column of their own, so that nothing is left out.

use chrono::{Datelike, NaiveDate};

use super::asked::{Blank, blank};
use super::cell::{Cell, Tone};
use super::context::{Context, OWNER_UNSETTLED};
use super::show::{self, TO_CONFIRM, UNANSWERED, undecided};
use crate::model::date::fiscal_year_of;
use crate::model::ledger::LedgerItem;
use crate::model::master::{Column as ListColumn, MasterSheet};
use crate::model::{Answer, Handling, Interval, NoneKind, Value};

/// Most months that are drawn.
const MONTHS: i32 = 60;
/// Months that are drawn after the deadline in any case.
const AFTER_DEADLINE: i32 = 3;

/// What the definition of a Gantt sheet says.
pub struct Plan<'p> {
    /// Code list of the milestones.
    pub codes: &'p str,
    /// Planned date's key with `{row}`.
    pub planned: &'p str,
    /// Actual date's key with `{row}`.
    pub actual: &'p str,
    /// Deadline id.
    pub deadline: &'p str,
    /// First month.
    pub from: Option<&'p str>,
}

/// A column of months.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// Everything before the first month.
    Before,
    /// A month, counted from year 0.
    Month(i32),
    /// Everything after the last month.
    After,
}

/// A milestone with its sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Milestone {
    /// One or two characters.
    pub sign: String,
    /// Name.
    pub name: String,
    planned: String,
    actual: String,
}

/// Which part of a date a mark is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The whole of it.
    Point,
    /// First month of a period.
    First,
    /// A month within a period.
    Within,
    /// Last month of a period.
    Last,
}

/// A milestone in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The milestone's sign.
    pub sign: String,
    /// Which part of the date.
    pub part: Part,
    /// 頃 and the like.
    pub approx: bool,
    /// Certainly after the deadline.
    pub late: bool,
}

/// The marks of one line, by column.
pub type Marks = Vec<Vec<Mark>>;

/// An item with its planned and its actual marks.
pub struct Line<'a> {
    /// The item.
    pub item: &'a LedgerItem,
    /// Planned milestones.
    pub planned: Marks,
    /// Actual milestones.
    pub actual: Marks,
    /// First and last column of the plan.
    pub bar: Option<(usize, usize)>,
    /// What is written into the months from this column on, where a date is missing.
    pub said: Option<(usize, String)>,
    /// Judgement of the last milestone against the deadline.
    pub judged: Cell,
    /// What the months cannot show: undecided, unanswered, to be confirmed.
    pub remark: Cell,
}

/// Everything that is drawn.
pub struct Timeline<'a> {
    /// Milestones in order.
    pub milestones: Vec<Milestone>,
    /// Columns of months.
    pub columns: Vec<Column>,
    /// The deadline's column, when it is among them.
    pub deadline: Option<usize>,
    /// The as-of date's column.
    pub as_of: Option<usize>,
    /// One per item.
    pub lines: Vec<Line<'a>>,
}

/// Months since year 0.
pub fn month_of(day: NaiveDate) -> i32 {
    day.year() * 12 + i32::try_from(day.month0()).unwrap_or(0)
}

/// Lays the items of a sheet out over months; `None` when its form is not asked in the round.
pub fn build<'a>(ctx: &Context<'a>, def: &MasterSheet, plan: &Plan<'_>) -> Option<Timeline<'a>> {
    let form = def.form.as_deref()?;
    let as_of = ctx.as_of(form)?;
    let deadline = ctx.round().deadline(plan.deadline).map(|d| d.date);
    let milestones = milestones(ctx, form, plan);
    let items = ctx.items_of(def);
    let given = items.iter().flat_map(|i| {
        let keys = milestones.iter().flat_map(|m| [&m.planned, &m.actual]);
        keys.filter_map(|k| interval(i, k)).flat_map(|i| [i.from, i.to]).flatten()
    });
    let columns = columns(as_of, deadline, plan.from, given.map(month_of));
    let scale = Scale { columns: &columns, deadline };
    let last = milestones.last();
    let lines = items.into_iter().map(|item| line(ctx, item, &milestones, last, plan.deadline, &scale)).collect();
    let place = |day: NaiveDate| columns.iter().position(|c| *c == Column::Month(month_of(day)));
    let (deadline, as_of) = (deadline.and_then(place), place(as_of));
    Some(Timeline { milestones, columns, deadline, as_of, lines })
}

/// The milestones of the list; those whose dates are for the divisions concerned only are left out.
fn milestones(ctx: &Context<'_>, form: &str, plan: &Plan<'_>) -> Vec<Milestone> {
    let codes = ctx.templates.lists.get(plan.codes).map_or(&[][..], |l| &l.codes);
    let all = (1u32..).zip(codes).map(|(n, c)| Milestone {
        sign: Some(c.attr("記号")).filter(|s| !s.is_empty()).map_or_else(|| n.to_string(), str::to_string),
        name: c.name.clone(),
        planned: plan.planned.replace("{row}", &c.code),
        actual: plan.actual.replace("{row}", &c.code),
    });
    all.filter(|m| [&m.planned, &m.actual].iter().all(|k| ctx.handling(form, k) != Handling::Restricted)).collect()
}

fn answer_of<'a>(item: &'a LedgerItem, key: &str) -> Option<&'a Answer> {
    item.record.as_ref().and_then(|r| r.fields.get(key)).filter(|a| !a.value.is_blank())
}

fn interval<'a>(item: &'a LedgerItem, key: &str) -> Option<&'a Interval> {
    answer_of(item, key).and_then(|a| a.value.date())
}

/// The columns from the first month to the last date that is given, in whole quarters.
fn columns(
    as_of: NaiveDate,
    deadline: Option<NaiveDate>,
    from: Option<&str>,
    given: impl Iterator<Item = i32>,
) -> Vec<Column> {
    let from = from.and_then(|f| NaiveDate::parse_from_str(&format!("{f}-01"), "%Y-%m-%d").ok());
    // April is month 3 when counted from 0.
    let first = from.map_or_else(|| fiscal_year_of(as_of) * 12 + 3, month_of);
    let (mut earliest, mut latest) = (first, month_of(as_of));
    for month in given {
        earliest = earliest.min(month);
        latest = latest.max(month);
    }
    latest = latest.max(deadline.map_or(latest, |d| month_of(d) + AFTER_DEADLINE));
    let last = (latest + 2 - latest.rem_euclid(3)).clamp(first, first + MONTHS - 1);
    let before = (earliest < first).then_some(Column::Before);
    let after = (latest > last).then_some(Column::After);
    before.into_iter().chain((first..=last).map(Column::Month)).chain(after).collect()
}

/// Where months stand, and what is late.
struct Scale<'s> {
    columns: &'s [Column],
    deadline: Option<NaiveDate>,
}

impl Scale<'_> {
    fn at(&self, month: i32) -> usize {
        let found = self.columns.iter().position(|c| *c == Column::Month(month));
        let early = matches!(self.columns.iter().find_map(|c| if let Column::Month(m) = c { Some(m) } else { None }), Some(first) if month < *first);
        found.unwrap_or(if early { 0 } else { self.last() })
    }

    const fn last(&self) -> usize {
        self.columns.len().saturating_sub(1)
    }

    /// Sets the marks of a date; gives its first and last column.
    fn mark(&self, marks: &mut Marks, sign: &str, i: &Interval) -> Option<(usize, usize)> {
        if i.from.is_none() && i.to.is_none() {
            return None;
        }
        let first = i.from.map_or(0, |d| self.at(month_of(d)));
        let last = i.to.map_or_else(|| self.last(), |d| self.at(month_of(d))).max(first);
        let late = matches!((i.from, self.deadline), (Some(from), Some(by)) if from > by);
        for (column, cell) in marks.iter_mut().enumerate().take(last + 1).skip(first) {
            let part = match (column == first && i.from.is_some(), column == last && i.to.is_some()) {
                (true, true) => Part::Point,
                (true, false) => Part::First,
                (false, true) => Part::Last,
                (false, false) => Part::Within,
            };
            cell.push(Mark { sign: sign.to_string(), part, approx: i.approx, late });
        }
        Some((first, last))
    }
}

fn line<'a>(
    ctx: &Context<'a>,
    item: &'a LedgerItem,
    milestones: &[Milestone],
    judged: Option<&Milestone>,
    deadline: &str,
    scale: &Scale<'_>,
) -> Line<'a> {
    let (mut planned, mut actual) = (vec![Vec::new(); scale.columns.len()], vec![Vec::new(); scale.columns.len()]);
    let mut bar: Option<(usize, usize)> = None;
    for m in milestones {
        if let Some(at) = interval(item, &m.planned).and_then(|i| scale.mark(&mut planned, &m.sign, i)) {
            bar = Some(bar.map_or(at, |b| (b.0.min(at.0), b.1.max(at.1))));
        }
        if let Some(i) = interval(item, &m.actual) {
            scale.mark(&mut actual, &m.sign, i);
        }
    }
    Line {
        item,
        planned,
        actual,
        bar,
        said: said(ctx, item, judged, bar.map(|b| b.1)),
        judged: judged.map_or_else(Cell::empty, |m| show::column(ctx, item, &judgement(m, deadline))),
        remark: remark(ctx, item, milestones),
    }
}

/// The judgement of a milestone as a column of a list: by its actual date, else by the planned one.
fn judgement(m: &Milestone, deadline: &str) -> ListColumn {
    ListColumn {
        per: None,
        label: String::new(),
        group: None,
        field: Some(m.actual.clone()),
        or_field: Some(m.planned.clone()),
        attr: None,
        judged_by: Some(deadline.to_string()),
        rate: None,
        word: None,
        width: None,
        as_typed: false,
    }
}

/// What is written into the months: why there is no plan, or that the last milestone is undecided.
fn said(ctx: &Context<'_>, item: &LedgerItem, last: Option<&Milestone>, end: Option<usize>) -> Option<(usize, String)> {
    if item.item.absent {
        return Some((0, ctx.absent_word(&item.form).to_string()));
    }
    if item.record.is_none() {
        let owner = if item.item.owner.is_none() { OWNER_UNSETTLED } else { "" };
        return Some((0, format!("{UNANSWERED}{owner}")));
    }
    let last = last?;
    let from = end.map_or(0, |c| c + 2);
    match (answer_of(item, &last.planned).map(|a| &a.value), interval(item, &last.actual)) {
        (Some(Value::None { kind: NoneKind::Undecided, reason }), None) => {
            Some((from, format!("{} {}", last.sign, undecided(reason.as_deref()))))
        }
        (None, None) => match blank(ctx, item, &last.planned) {
            Blank::Unanswered => Some((from, format!("{} {UNANSWERED}", last.sign))),
            Blank::NotAsked(why) => Some((from, why)),
            Blank::Welcome | Blank::NotNeeded => None,
        },
        _ => None,
    }
}

/// What the months cannot show, by kind, each with the signs of its milestones.
fn remark(ctx: &Context<'_>, item: &LedgerItem, milestones: &[Milestone]) -> Cell {
    if item.item.absent || item.record.is_none() {
        return show::standing(ctx, item);
    }
    let mut kinds: Vec<(String, Vec<&str>)> = Vec::new();
    for m in milestones {
        let words = planned_words(ctx, item, m).into_iter().chain(actual_words(item, m));
        for word in words {
            match kinds.iter_mut().find(|(k, _)| *k == word) {
                Some((_, signs)) => signs.push(&m.sign),
                None => kinds.push((word, vec![&m.sign])),
            }
        }
    }
    let open = kinds.iter().any(|(k, _)| k != NOT_PLANNED);
    let mut lines: Vec<String> = kinds.into_iter().map(|(k, signs)| format!("{k}：{}", signs.join("・"))).collect();
    if item.is_provisional() {
        lines.push(show::standing(ctx, item).shown().into_owned());
    }
    let tone = if item.is_provisional() || open { Tone::Missing } else { Tone::Plain };
    Cell::text(lines.join("\n")).tone(tone)
}

const NOT_PLANNED: &str = "該当なし";

fn planned_words(ctx: &Context<'_>, item: &LedgerItem, m: &Milestone) -> Option<String> {
    let Some(answer) = answer_of(item, &m.planned) else {
        // What is already done needs no plan to be told.
        let owed = blank(ctx, item, &m.planned) == Blank::Unanswered && answer_of(item, &m.actual).is_none();
        return owed.then(|| UNANSWERED.to_string());
    };
    match &answer.value {
        Value::None { kind: NoneKind::Undecided, reason } => Some(undecided(reason.as_deref())),
        Value::None { kind: NoneKind::NotApplicable, .. } => Some(NOT_PLANNED.to_string()),
        Value::Date(i) if i.from.is_none() && i.to.is_none() => Some("時期不明".to_string()),
        Value::Date(i) if i.inferred => Some("年は推定".to_string()),
        Value::Date(_) | Value::Blank => None,
        _ => Some(format!("{TO_CONFIRM}{}", answer.raw)),
    }
}

fn actual_words(item: &LedgerItem, m: &Milestone) -> Option<String> {
    let answer = answer_of(item, &m.actual)?;
    match &answer.value {
        Value::Date(i) if i.inferred => Some("実績の年は推定".to_string()),
        Value::Date(_) | Value::Blank | Value::None { kind: NoneKind::NotApplicable | NoneKind::Undecided, .. } => None,
        _ => Some(format!("実績{TO_CONFIRM}{}", answer.raw)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).expect("a real day")
    }

    #[test]
    fn columns_reach_the_last_date_in_whole_quarters() {
        let as_of = day(2022, 10, 31);
        let until =
            |given: &[NaiveDate]| columns(as_of, Some(day(2026, 3, 31)), None, given.iter().copied().map(month_of));
        let plain = until(&[]);
        assert_eq!(plain.first(), Some(&Column::Month(month_of(day(2022, 4, 1)))));
        assert_eq!(plain.last(), Some(&Column::Month(month_of(day(2026, 6, 1)))));
        assert_eq!(until(&[day(2026, 8, 1)]).last(), Some(&Column::Month(month_of(day(2026, 9, 1)))));
        let far = until(&[day(2021, 1, 1), day(2031, 1, 1)]);
        assert_eq!((far.len(), far.first(), far.last()), (62, Some(&Column::Before), Some(&Column::After)));
    }

    #[test]
    fn a_period_marks_both_ends_and_an_open_one_the_end_it_has() {
        let columns: Vec<Column> = (0..6).map(|n| Column::Month(month_of(day(2023, 1, 1)) + n)).collect();
        let scale = Scale { columns: &columns, deadline: Some(day(2023, 2, 28)) };
        let mut marks = vec![Vec::new(); 6];
        let period = Interval::span(day(2023, 2, 1), day(2023, 4, 30), crate::model::Precision::Quarter);
        assert_eq!(scale.mark(&mut marks, "甲", &period), Some((1, 3)));
        let parts: Vec<Option<Part>> = marks.iter().map(|m| m.first().map(|m| m.part)).collect();
        assert_eq!(parts, [None, Some(Part::First), Some(Part::Within), Some(Part::Last), None, None]);
        let mut open = vec![Vec::new(); 6];
        scale.mark(&mut open, "乙", &Interval { to: None, ..Interval::day(day(2023, 5, 1)) });
        assert_eq!(open[4][0].part, Part::First);
        assert_eq!(open[5][0].part, Part::Within);
        assert!(open[4][0].late);
    }
}
