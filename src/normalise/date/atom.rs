//! One written date, from its year to its weekday: 令和8年3月末, R8.3, FY2025 Q3, 来年度, 11月.
//!
//! A parser of tokens that looks only a few tokens ahead; what it cannot read it leaves to the caller.

use chrono::NaiveDate;

use super::scan::{Num, Tok, Token};
use super::words::Word;
use crate::model::date::Interval;
use crate::model::form::Tense;
use crate::model::value::{Doubt, NoteKind};

/// What a later date of the same cell may leave out: 「R7.4～6月」.
#[derive(Clone, Copy, Debug)]
pub(super) struct Anchor {
    /// Calendar year of its last day.
    pub year: i32,
    /// Month of its last day.
    pub month: u32,
    /// Its era.
    pub era: Option<usize>,
    /// Whether it was given to the day.
    pub day: bool,
    /// Whether its own year was taken from the as-of date.
    pub inferred: bool,
}

/// One date as read.
#[derive(Clone, Debug)]
pub(super) struct Atom {
    /// When.
    pub span: Interval,
    /// What was done on the way.
    pub steps: Vec<NoteKind>,
    /// What could not be settled.
    pub doubts: Vec<Doubt>,
    /// It looks like a date, but is none, or may be several.
    pub failed: bool,
    /// Where it begins in the text.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
    /// What a following date may leave out.
    pub anchor: Option<Anchor>,
    /// The western year, where nothing but the number of a year was written (「令和7」 in 「令和7～9年度」).
    pub bare: Option<i32>,
    /// Read as a fiscal year as such.
    pub fiscal: bool,
    /// Times of day and wrong weekdays as typed, and what is to be said of them.
    pub aside: Vec<(String, String)>,
}

/// A date in the making.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub span: Option<Interval>,
    pub steps: Vec<NoteKind>,
    pub doubts: Vec<Doubt>,
    pub bare: Option<i32>,
    pub fiscal: bool,
}

impl Draft {
    /// A date; `None` is a day or month that does not exist.
    pub fn of(span: Option<Interval>, steps: &[NoteKind]) -> Self {
        let doubts = if span.is_none() { vec![Doubt::NoSuchDay] } else { Vec::new() };
        Self { span, steps: steps.to_vec(), doubts, bare: None, fiscal: false }
    }

    /// Something that is not settled.
    pub fn unsettled(doubt: Doubt) -> Self {
        Self { span: None, steps: Vec::new(), doubts: vec![doubt], bare: None, fiscal: false }
    }

    /// Marks it as approximate.
    pub fn about(mut self) -> Self {
        if let Some(s) = &mut self.span {
            s.approx = true;
        }
        self.step(NoteKind::Approx);
        self
    }

    /// Adds a step, once.
    pub fn step(&mut self, kind: NoteKind) {
        if !self.steps.contains(&kind) {
            self.steps.push(kind);
        }
    }
}

/// A year as written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Year {
    /// Western year.
    pub ad: i32,
    /// Era and its year.
    pub era: Option<(usize, i32)>,
    /// What stood behind it.
    pub unit: Unit,
    /// 暦年 was written.
    pub calendar: bool,
    /// Taken from the as-of date.
    pub relative: bool,
}

/// What stood behind a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// 年度.
    Fiscal,
    /// 年.
    Year,
    /// Nothing.
    Bare,
}

/// The parser: tokens, where it stands, and what it may infer from.
#[derive(Clone, Copy)]
pub(super) struct Parser<'a> {
    pub text: &'a str,
    pub tokens: &'a [Token],
    pub i: usize,
    pub as_of: NaiveDate,
    pub tense: Tense,
    pub prev: Option<Anchor>,
}

impl<'a> Parser<'a> {
    /// The index of the next token that is not a blank.
    pub fn next(&self) -> usize {
        let rest = self.tokens.get(self.i..).unwrap_or(&[]);
        self.i + rest.iter().take_while(|t| t.tok == Tok::Space).count()
    }

    /// The next token that is not a blank.
    pub fn peek(&self) -> Option<&'a Tok> {
        self.tokens.get(self.next()).map(|t| &t.tok)
    }

    /// The word that comes next.
    pub fn word(&self) -> Option<Word> {
        if let Some(Tok::Word(w)) = self.peek() { Some(*w) } else { None }
    }

    /// The number that comes next.
    pub fn num(&self) -> Option<Num> {
        if let Some(Tok::Num(n)) = self.peek() { Some(*n) } else { None }
    }

    /// Takes the next token.
    pub fn skip(&mut self) {
        self.i = self.next() + 1;
    }

    /// Takes a word if it comes next.
    pub fn eat(&mut self, word: Word) -> bool {
        let found = self.word() == Some(word);
        if found {
            self.skip();
        }
        found
    }

    /// Takes a number of at most this many digits if it comes next.
    pub fn eat_num(&mut self, digits: usize) -> Option<u32> {
        let n = self.num().filter(|n| n.len <= digits)?;
        self.skip();
        Some(n.value)
    }

    /// Takes one of these separators if it comes next.
    pub fn eat_sep(&mut self, any: &str) -> Option<char> {
        let Some(Tok::Sep(c)) = self.peek() else { return None };
        any.contains(*c).then(|| {
            self.skip();
            *c
        })
    }

    /// Tries something; where it gives nothing, stands where it stood.
    pub fn attempt<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let start = self.i;
        let out = read(self);
        if out.is_none() {
            self.i = start;
        }
        out
    }

    /// The text between two tokens.
    pub fn slice(&self, from: usize, to: usize) -> &'a str {
        let start = self.tokens.get(from).map_or(0, |t| t.from);
        let end = to.checked_sub(1).and_then(|k| self.tokens.get(k)).map_or(start, |t| t.to);
        self.text.get(start..end.max(start)).unwrap_or_default()
    }

    /// Reads one date from here, if one stands here.
    pub fn atom(&mut self) -> Option<Atom> {
        let start = self.next();
        self.i = start;
        let draft = self.attempt(Self::with_year).or_else(|| self.attempt(Self::without_year));
        let Some(mut draft) = draft else {
            self.i = start;
            return None;
        };
        let mut aside = Vec::new();
        if let Some(day) = draft.span.filter(|s| s.from == s.to).and_then(|s| s.from) {
            aside.extend(self.weekday(day, &mut draft));
            aside.extend(self.time_of_day().map(|t| (t, String::new())));
        }
        while self.eat(Word::About) {
            draft = draft.about();
        }
        Some(self.finish(draft, start, aside))
    }

    fn finish(&self, mut draft: Draft, start: usize, aside: Vec<(String, String)>) -> Atom {
        use chrono::Datelike;
        if draft.span.is_some_and(|s| s.approx) {
            draft.step(NoteKind::Approx);
        }
        let from = self.tokens.get(start).map_or(0, |t| t.from);
        let to = self.i.checked_sub(1).and_then(|k| self.tokens.get(k)).map_or(from, |t| t.to);
        let era = self.tokens.get(start..self.i).unwrap_or(&[]).iter().find_map(|t| match t.tok {
            Tok::Word(Word::Era(e)) => Some(e),
            _ => None,
        });
        let anchor = draft.span.and_then(|s| {
            let last = s.to.or(s.from)?;
            let inherited = self.prev.and_then(|p| p.era);
            Some(Anchor {
                year: last.year(),
                month: last.month(),
                era: era.or(inherited),
                day: s.from == s.to,
                inferred: s.inferred,
            })
        });
        let failed = draft.span.is_none();
        let nothing = Interval {
            from: None,
            to: None,
            precision: crate::model::date::Precision::Day,
            approx: false,
            inferred: false,
        };
        Atom {
            span: draft.span.unwrap_or(nothing),
            steps: draft.steps,
            doubts: draft.doubts,
            failed,
            from,
            to,
            anchor,
            bare: draft.bare,
            fiscal: draft.fiscal,
            aside,
        }
    }
}
