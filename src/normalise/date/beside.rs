//! What stands around the dates of a cell: remarks and brackets, weighed for what they do to the date.

use chrono::{Datelike, NaiveDate};

use super::atom::Anchor;
use super::compose::{Group, Item, Reader, groups};
use super::marks;
use super::remark::{self, Effect};
use super::scan::Token;
use super::span::{hull, iso};
use crate::model::date::{Interval, describe};
use crate::model::value::{Doubt, NoteKind, Value};
use crate::normalise::Parsed;

/// Years after the as-of date from which a date is asked about (R99, 2099).
const FAR: i32 = 30;

/// The text around the dates of a cell.
#[derive(Debug, Default)]
pub(super) struct Outside<'a> {
    /// Outside brackets, run together.
    pub text: String,
    /// Whether digits stand in it that belong to no date.
    pub digits: bool,
    /// 頃 or 約 that stands apart from its date.
    about: bool,
    /// The same text in its pieces, without an event that a period begins with (契約の翌日から).
    parts: Vec<String>,
    /// An arrow, または, or a sign of a period written twice: something that must join two dates.
    joint: bool,
    /// The text right behind the last date.
    last: Option<usize>,
    /// The text right before the first.
    lead: Option<usize>,
    brackets: Vec<Bracket<'a>>,
}

/// A bracket, or ※ with the rest.
#[derive(Debug)]
struct Bracket<'a> {
    /// As typed.
    text: String,
    /// What stands in it.
    tokens: &'a [Token],
    /// Whether a date stands in it and nothing else.
    date: bool,
}

impl Reader<'_> {
    /// What stands around the dates.
    pub fn outside<'t>(&self, items: &[Item<'t>]) -> Outside<'t> {
        let mut out = Outside::default();
        let slice = |from: usize, to: usize| self.text.get(from..to).unwrap_or_default();
        let mut dates = 0;
        for (k, item) in items.iter().enumerate() {
            match item {
                Item::Atom(_) => {
                    let before = k.checked_sub(1).and_then(|k| items.get(k));
                    if dates == 0 && matches!(before, Some(Item::Text(..))) {
                        out.lead = out.parts.len().checked_sub(1);
                    }
                    dates += 1;
                    out.last = None;
                }
                Item::Text(from, to, digits) => {
                    let text = slice(*from, *to);
                    out.text.push_str(text);
                    out.digits |= *digits && !marks::is_extension(text);
                    let event = dates == 0 && matches!(items.get(k + 1), Some(Item::Range(_) | Item::Dash));
                    if !event {
                        let behind = k.checked_sub(1).and_then(|k| items.get(k));
                        if matches!(
                            behind,
                            Some(Item::Atom(_) | Item::After | Item::Until | Item::Range(_) | Item::Dash)
                        ) {
                            out.last = Some(out.parts.len());
                        }
                        out.parts.push(text.to_string());
                    }
                }
                Item::About => out.about = true,
                Item::Split(true) => out.joint = true,
                Item::Dash => {
                    let before = k.checked_sub(1).and_then(|k| items.get(k));
                    let after = items.get(k + 1);
                    let event = dates == 0 && matches!(before, Some(Item::Text(..)));
                    out.joint |= !(event || before.is_some() && matches!(after, Some(Item::Atom(_))));
                }
                Item::Range(_) => out.joint |= matches!(items.get(k + 1), Some(Item::Range(_))),
                Item::Bracket(from, to, tokens) => {
                    let date = marks::only_a_date(tokens);
                    out.brackets.push(Bracket { text: slice(*from, *to).to_string(), tokens, date });
                }
                _ => {}
            }
        }
        out
    }

    /// Remarks and hedges: kept beside the value, and as its mark 頃 where they say that it is not firm.
    pub fn set_aside(&self, outside: &Outside, groups: &[Group], span: &mut Interval, out: &mut Parsed) {
        if outside.about {
            span.approx = true;
            out.note(NoteKind::Approx, self.text, describe(span));
        }
        let remark = marks::trimmed(&outside.text);
        if !remark.is_empty() {
            out.note(NoteKind::Remark, remark, marks::reason(remark));
        }
        let mut status = marks::is_status(&outside.text);
        let mut hedged = marks::hedges(&outside.text);
        for bracket in &outside.brackets {
            out.note(NoteKind::Remark, &bracket.text, marks::reason(&bracket.text));
            hedged |= marks::hedges(&bracket.text);
            status |= marks::is_status(&bracket.text);
            if let Some(closer) = self.closer(bracket.tokens, groups) {
                out.note(NoteKind::Month, &bracket.text, iso(&closer));
                *span = Interval { approx: span.approx || closer.approx, inferred: span.inferred, ..closer };
                continue;
            }
            let other = if bracket.date { self.only(bracket, groups) } else { self.another(bracket, groups) };
            if let Some(other) = other.filter(|d| !(bracket.date && is_around(d, groups))) {
                out.doubts.push(Doubt::SeveralDates);
                *span = hull(span, &other);
            }
        }
        if hedged && !span.approx {
            span.approx = true;
            out.note(NoteKind::Approx, self.text, describe(span));
        }
        if status {
            out.doubts.push(Doubt::StatusInDate);
        }
    }

    /// The date that a bracket is.
    fn only(&self, bracket: &Bracket, dates: &[Group]) -> Option<Interval> {
        self.inside(bracket, dates).iter().filter(|g| !g.first.failed).find_map(Group::span)
    }

    /// A date in a bracket that is neither of the cell's dates, nor named as the old one, nor of another event.
    fn another(&self, bracket: &Bracket, dates: &[Group]) -> Option<Interval> {
        if self.is_old(bracket, dates) {
            return None;
        }
        let length = remark::is_length(&bracket.text);
        let settled = self
            .inside(bracket, dates)
            .into_iter()
            .filter(|g| !(g.first.failed || length && self.is_number_of_years(g)));
        let others: Vec<Interval> = settled.filter_map(|g| g.span()).filter(|s| !is_known(s, dates)).collect();
        let event =
            remark::is_of_another_event(&bracket.text) && remark::bracket(&bracket.text, true) == Effect::Nothing;
        others.into_iter().reduce(|a, b| hull(&a, &b)).filter(|_| !event)
    }

    /// Whether a bracket holds the date that no longer counts: 「（当初R7.3）」, not 「（当初）」.
    fn is_old(&self, bracket: &Bracket, dates: &[Group]) -> bool {
        remark::names_the_old(&bracket.text) && !self.inside(bracket, dates).is_empty()
    }

    /// 「1年」 of 「1年ごとに更新」, which would be a year of the era of the date before.
    fn is_number_of_years(&self, group: &Group) -> bool {
        let text = self.text.get(group.first.from..group.first.to).unwrap_or_default();
        group.second.is_none() && text.ends_with('年') && text.chars().count() <= 3
    }

    /// The dates that stand in a bracket among other words.
    fn inside(&self, bracket: &Bracket, dates: &[Group]) -> Vec<Group> {
        groups(self.items(bracket.tokens, anchor(dates))).0
    }

    /// The strongest thing that is said about the dates, and in which words.
    pub fn judge(&self, outside: &Outside, groups: &[Group]) -> Option<(Effect, String)> {
        let single = if let [group] = groups { Some(group) } else { None };
        let mut told: Option<(Effect, String)> = None;
        let mut tell = |effect: Effect, words: &str| {
            if effect > Effect::Nothing && told.as_ref().is_none_or(|(e, _)| effect > *e) {
                told = Some((effect, words.trim().to_string()));
            }
        };
        for (k, part) in outside.parts.iter().enumerate() {
            let behind = outside.last == Some(k);
            let effect =
                if outside.lead == Some(k) { remark::lead(part) } else { part_of(part, single.filter(|_| behind)) };
            tell(effect, part);
        }
        for bracket in outside.brackets.iter().filter(|b| !self.is_old(b, groups)) {
            let dated = !self.inside(bracket, groups).is_empty();
            tell(remark::bracket(&bracket.text, dated), &bracket.text);
            if self.counts(bracket, groups) {
                tell(Effect::Unsure, &bracket.text);
            }
        }
        if outside.joint && single.is_some() {
            tell(Effect::Unsure, self.text);
        }
        told
    }

    /// Whether a bracket holds numbers that count time or stages, or what looks like a date and could not be settled.
    fn counts(&self, bracket: &Bracket, dates: &[Group]) -> bool {
        if remark::is_of_another_event(&bracket.text) {
            return false;
        }
        let period = dates.iter().any(|g| g.second.is_some());
        let items = self.items(bracket.tokens, anchor(dates));
        let counted = items.iter().any(|item| match item {
            Item::Atom(atom) => atom.failed,
            Item::Text(from, to, true) => remark::counts_time(self.text.get(*from..*to).unwrap_or_default()),
            _ => false,
        });
        counted && !period && !remark::is_length(&bracket.text)
    }
}

/// What a piece of text does; `behind` is the one date or period that it stands right behind.
fn part_of(part: &str, behind: Option<&Group>) -> Effect {
    let Some(group) = behind else { return remark::outside(part) };
    if group.second.is_some() {
        // 「R7.3からR8.3へ」 is no period.
        return if part.starts_with('へ') { Effect::Unsure } else { remark::outside(part) };
    }
    // 「R8.3から変更なし」 is no open end.
    if group.after && part.starts_with("変更") {
        return Effect::Unsure;
    }
    // 「令和8年度以降未定」 says what the open end says.
    if group.after && marks::edges(part) == "未定" {
        return Effect::Nothing;
    }
    if remark::is_when_it_is_decided(part) {
        return Effect::Unsure;
    }
    remark::outside(remark::after_move(part))
}

/// What a date in a bracket may leave out: 「第4四半期（1月～3月）」 begins where the date before begins.
pub(super) fn anchor(dates: &[Group]) -> Option<Anchor> {
    let last = dates.last().map(|g| g.second.as_ref().unwrap_or(&g.first))?;
    let begins = last.span.from.map(|d| (d.year(), d.month()));
    last.anchor.map(|a| begins.map_or(a, |(year, month)| Anchor { year, month, ..a }))
}

/// Whether a date says the same as one of the cell's, or less: 「R7.9.30（令和7年度）」.
fn is_around(one: &Interval, dates: &[Group]) -> bool {
    let known = dates.iter().filter_map(Group::span);
    let around = |k: Interval| {
        one.from.zip(k.from).is_some_and(|(a, b)| a <= b) && one.to.zip(k.to).is_some_and(|(a, b)| b <= a)
    };
    known.into_iter().any(around)
}

/// Whether a date lies within one of the cell's, or one of them within it; an open one by the end that it has.
fn is_known(one: &Interval, dates: &[Group]) -> bool {
    let within = |d: NaiveDate, i: &Interval| i.from.is_none_or(|f| f <= d) && i.to.is_none_or(|t| d <= t);
    dates.iter().filter_map(Group::span).any(|known| match (one.from, one.to) {
        (Some(from), Some(to)) => {
            let around = known.from.zip(known.to).is_some_and(|(f, t)| within(f, one) && within(t, one));
            (within(from, &known) && within(to, &known)) || around
        }
        (Some(end), None) | (None, Some(end)) => within(end, &known),
        (None, None) => true,
    })
}

/// Adds what a remark does to a value.
pub(super) fn judge(out: &mut Parsed, effect: Effect, words: &str) {
    let words = words.trim().to_string();
    match effect {
        Effect::Nothing => {}
        Effect::Withdrawn => {
            *out = Parsed::of(Value::Unreadable);
            out.doubts.push(Doubt::Withdrawn(words));
        }
        // What is asked about already is not asked about twice; a status beside a date is no question.
        Effect::Unsure if out.doubts.iter().any(|d| *d != Doubt::StatusInDate) => {}
        Effect::Unsure => out.doubts.push(Doubt::Beside(words)),
    }
}

/// Dates in further brackets: the interval covers them, and it is asked which counts.
pub(super) fn several(out: &mut Parsed, others: impl Iterator<Item = Parsed>) {
    for other in others {
        if let (Value::Date(a), Value::Date(b)) = (&out.value, &other.value)
            && (a.from, a.to) != (b.from, b.to)
        {
            out.value = Value::Date(hull(a, b));
            out.doubts.push(Doubt::SeveralDates);
        }
    }
}

/// A date far in the future is a slip of the pen more often than a plan.
pub(super) fn far_off(span: &Interval, as_of: NaiveDate, out: &mut Parsed) {
    let far = |d: NaiveDate| d.year() > as_of.year() + FAR;
    if span.from.is_some_and(far) || span.to.is_some_and(far) {
        out.doubts.push(Doubt::Unlikely(format!("遠い先の日付（{}）", describe(span))));
    }
}
