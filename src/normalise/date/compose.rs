//! A cell's text to one interval: dates, the words between and around them, and what is set aside as a remark.

use super::atom::{Anchor, Atom, Parser};
use super::beside;
use super::marks;
use super::remark::Effect;
use super::scan::{Tok, Token};
use super::span::{hull, iso};
use super::words::Word;
use crate::model::date::{Interval, Precision, describe};
use crate::model::form::{Takes, Tense};
use crate::model::value::{Doubt, NoteKind, Value};
use crate::normalise::Parsed;

/// A piece of a cell.
pub(super) enum Item<'a> {
    Atom(Box<Atom>),
    /// ～ (true), or から and より, which may also mean something else (false).
    Range(bool),
    /// A dash, which is a sign of a period between two dates only.
    Dash,
    Until,
    After,
    Latest,
    Earliest,
    About,
    /// Two dates side by side; whether one stands for the other or was changed into it.
    Split(bool),
    /// Something that says nothing.
    Nothing,
    /// Bytes of text outside brackets that are no date; whether digits stand in it.
    Text(usize, usize, bool),
    Bracket(usize, usize, &'a [Token]),
}

/// A date or a period.
pub(super) struct Group {
    pub first: Atom,
    pub second: Option<Atom>,
    until: bool,
    pub after: bool,
    /// Whether 以降 stands behind it, and not から or ～.
    onward: bool,
}

impl Group {
    /// The days it covers; `None` for a period that ends before it begins, or is open at both ends.
    pub fn span(&self) -> Option<Interval> {
        let a = self.first.span;
        let Some(b) = self.second.as_ref().map(|b| b.span) else {
            // 「R2.3以前より」 has no end at all.
            if self.until && self.after {
                return None;
            }
            let from = if self.until { None } else { a.from };
            let to = if self.after { None } else { a.to };
            return Some(Interval { from, to, ..a });
        };
        if a.from.zip(b.to).is_some_and(|(from, to)| from > to) {
            return None;
        }
        Some(Interval { from: a.from, to: b.to, precision: Precision::Day, ..hull(&a, &b) })
    }

    /// Whether it has a beginning and an end of its own, or is open.
    pub fn is_period(&self) -> bool {
        self.second.is_some() || self.until || self.after
    }
}

/// What a date is read with.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    /// The cell's text.
    pub text: &'a str,
    /// The as-of date.
    pub as_of: chrono::NaiveDate,
    /// Which end of a period counts.
    pub takes: Takes,
    /// What the date tells.
    pub tense: Tense,
}

impl Reader<'_> {
    /// Reads tokens of the text; `None` where no date stands among them outside brackets.
    pub fn read(&self, tokens: &[Token]) -> Option<Parsed> {
        let items = self.items(tokens, None);
        let outside = self.outside(&items);
        let (groups, ok) = groups(items);
        if groups.is_empty() {
            return None;
        }
        let mut out = Parsed::of(Value::Unreadable);
        let told = self.judge(&outside, &groups);
        if let Some((Effect::Withdrawn, words)) = told {
            out.doubts.push(Doubt::Withdrawn(words));
            return Some(out);
        }
        let atoms = || groups.iter().flat_map(|g| std::iter::once(&g.first).chain(g.second.as_ref()));
        for atom in atoms() {
            out.doubts.extend(atom.doubts.iter().cloned());
        }
        if !ok || outside.digits || marks::denies(&outside.text) {
            out.doubts.insert(0, Doubt::Unreadable);
        }
        let span = self.combine(&groups, &mut out);
        let unsettled = atoms().any(|a| a.failed) || out.doubts.contains(&Doubt::Unreadable);
        let Some(mut span) = span.filter(|_| !unsettled) else {
            // Only what keeps it from being read is said; the rest would be about a value that is not there.
            out.doubts = atoms().filter(|a| a.failed).flat_map(|a| a.doubts.clone()).collect();
            if out.doubts.is_empty() {
                out.doubts.push(Doubt::Unreadable);
            }
            out.tidy_doubts();
            return Some(out);
        };
        for atom in atoms() {
            let before = self.text.get(atom.from..atom.to).unwrap_or_default();
            for step in &atom.steps {
                out.note(*step, before, iso(&atom.span));
            }
            for (before, after) in &atom.aside {
                out.note(NoteKind::Remark, before, after);
            }
        }
        self.set_aside(&outside, &groups, &mut span, &mut out);
        if groups.len() > 1 || groups.iter().any(Group::is_period) {
            out.note(NoteKind::Period, self.text, iso(&span));
        }
        if span.inferred {
            out.doubts.push(Doubt::Inferred(describe(&span)));
        }
        beside::far_off(&span, self.as_of, &mut out);
        out.value = Value::Date(span);
        if let Some((effect, words)) = told {
            beside::judge(&mut out, effect, &words);
        }
        out.tidy_doubts();
        Some(out)
    }

    /// The pieces of a text, read after a date that stands before it.
    pub fn items<'t>(&self, tokens: &'t [Token], prev: Option<Anchor>) -> Vec<Item<'t>> {
        let mut p = Parser { text: self.text, tokens, i: 0, as_of: self.as_of, tense: self.tense, prev };
        let mut items: Vec<Item> = Vec::new();
        while let Some(token) = tokens.get(p.i) {
            if token.tok == Tok::Space {
                p.i += 1;
                continue;
            }
            if let Some(atom) = p.atom() {
                p.prev = atom.anchor.or(p.prev);
                items.push(Item::Atom(Box::new(atom)));
                continue;
            }
            let wave = || self.text.get(token.from..token.to).is_some_and(|t| t != "から" && t != "より");
            let item = match &token.tok {
                // 自 … 至 …; further on it is part of a word.
                Tok::Word(Word::Heading) if items.is_empty() => Item::Nothing,
                Tok::Bracket(inside) => Item::Bracket(token.from, token.to, inside),
                Tok::Word(Word::From) => Item::Range(wave()),
                Tok::Word(Word::To) => Item::Range(true),
                Tok::Sep('-') => Item::Dash,
                Tok::Word(Word::Until) => Item::Until,
                Tok::Word(Word::After) => Item::After,
                Tok::Word(Word::Latest) => Item::Latest,
                Tok::Word(Word::Earliest) => Item::Earliest,
                Tok::Word(Word::About) => Item::About,
                Tok::Word(Word::List) => Item::Split(false),
                Tok::Word(Word::Or | Word::Change) => Item::Split(true),
                Tok::Num(n) => Item::Text(token.from, token.to, !n.kanji),
                _ => Item::Text(token.from, token.to, false),
            };
            p.i += 1;
            push(&mut items, item);
        }
        items
    }

    /// The interval of all groups together, and which end of it counts.
    fn combine(&self, groups: &[Group], out: &mut Parsed) -> Option<Interval> {
        if groups.len() > 1 {
            out.doubts.push(Doubt::SeveralDates);
        }
        let mut spans = Vec::new();
        for g in groups {
            spans.push(g.span()?);
        }
        let ends = groups.iter().map(|g| g.second.as_ref().unwrap_or(&g.first).span);
        let starts = groups.iter().map(|g| g.first.span);
        let after = |g: &Group| g.after && g.second.is_none();
        let until = |g: &Group| g.until && g.second.is_none();
        let inferred = spans.iter().any(|s| s.inferred);
        let taken = match self.takes {
            Takes::End if !groups.iter().any(after) => ends.max_by_key(|s| s.to),
            Takes::Start if !groups.iter().any(until) => starts.min_by_key(|s| s.from),
            Takes::Since => match groups {
                [g] if after(g) && !until(g) && !(g.onward && self.tense == Tense::Planned) => Some(g.first.span),
                _ => None,
            },
            _ => None,
        };
        let one = taken.or_else(|| spans.iter().copied().reduce(|a, b| hull(&a, &b)))?;
        Some(Interval { inferred, ..one })
    }
}

/// Adds an item; neighbouring text runs into one.
fn push<'a>(items: &mut Vec<Item<'a>>, item: Item<'a>) {
    if let (Some(Item::Text(_, end, had)), Item::Text(from, to, digits)) = (items.last_mut(), &item)
        && *end == *from
    {
        *end = *to;
        *had |= *digits;
        return;
    }
    items.push(item);
}

/// Dates that belong together, and whether the words between them make sense.
pub(super) fn groups(items: Vec<Item>) -> (Vec<Group>, bool) {
    let mut groups: Vec<Group> = Vec::new();
    let (mut range, mut prefix, mut soft) = (false, None, false);
    for item in items {
        match item {
            Item::Atom(atom) => {
                let joined = groups.last_mut().filter(|g| range && g.second.is_none() && !g.until);
                if let Some(group) = joined {
                    join(group, *atom);
                } else {
                    if let Some(last) = groups.last_mut() {
                        align(&mut last.first, &atom);
                    }
                    let until = prefix == Some(Word::Latest) || (range && groups.is_empty() && !soft);
                    let after = prefix == Some(Word::Earliest);
                    groups.push(Group { first: *atom, second: None, until, after, onward: false });
                }
                (range, prefix, soft) = (false, None, false);
            }
            Item::Range(wave) => {
                range = true;
                soft = !wave && groups.is_empty();
            }
            Item::Dash => {
                range = true;
                soft = false;
            }
            Item::Until => {
                if let Some(g) = groups.last_mut() {
                    // 「R4.4.1から更改まで」 ends with something that is no date.
                    g.after |= range && g.second.is_none();
                    g.until = g.second.is_none() && !g.after;
                }
                range = false;
            }
            Item::After => {
                if let Some(g) = groups.last_mut() {
                    g.after = g.second.is_none();
                    g.onward = g.after;
                }
            }
            Item::Latest => prefix = Some(Word::Latest),
            Item::Earliest => prefix = Some(Word::Earliest),
            Item::Split(_) => range = false,
            Item::Text(..) | Item::About | Item::Nothing | Item::Bracket(..) => {}
        }
    }
    if range && let Some(g) = groups.last_mut() {
        g.after = g.second.is_none();
    }
    let ok = groups.iter().all(|g| g.span().is_some());
    (groups, ok)
}

fn join(group: &mut Group, mut atom: Atom) {
    align(&mut group.first, &atom);
    if let (Some(y), true) = (atom.bare, group.first.fiscal)
        && let Some(whole) = Interval::fiscal_year(y)
    {
        atom.span = whole;
        atom.doubts.clear();
    }
    if group.first.span.precision == Precision::Day && atom.span.precision == Precision::Year && atom.doubts.is_empty()
    {
        // 「R6.1.4～令和6年」: the end was not written out.
        let year = atom.span.to.map_or_else(String::new, |d| d.format("%Y年").to_string());
        let words = format!("{year}12月31日まで / 同じ年のもっと早い日まで");
        atom.doubts.push(Doubt::AmbiguousYearEnd(words));
    }
    group.after = false;
    group.second = Some(atom);
}

/// 「令和7～9年度」: 年度 behind the last year serves all.
fn align(first: &mut Atom, next: &Atom) {
    let Some(y) = first.bare else { return };
    let whole = if next.fiscal {
        Interval::fiscal_year(y)
    } else if next.bare.is_none() && next.span.precision == Precision::Year {
        super::span::year(y)
    } else {
        None
    };
    if let Some(whole) = whole {
        first.span = Interval { inferred: first.span.inferred, ..whole };
        first.doubts.retain(|d| !matches!(d, Doubt::AmbiguousYearEnd(_)));
    }
}
