//! Dates that do not begin with a year: 11月, 3/31, 来月, 年度末, 第3四半期, 20260331, and the ambiguous 7.3.31 and 8.3.
//!
//! The rule for a month or day without a year: what is planned is the first from the as-of date's month on, what has happened
//! the last up to it, anything else the one in its fiscal year; after another date of the same cell, the first on or after
//! that date's month. It is marked as inferred and always asked about.

use chrono::Datelike;

use super::atom::{Draft, Parser, Unit};
use super::closer::season_after;
use super::scan::{Num, Tok};
use super::span;
use super::words::Word;
use super::year::{YEARS, infer, western_words};
use crate::model::date::{Interval, describe, fiscal_year_of};
use crate::model::form::Tense;
use crate::model::value::{Doubt, NoteKind};

impl Parser<'_> {
    /// A date without a year at its head.
    pub fn without_year(&mut self) -> Option<Draft> {
        match *self.peek()? {
            Tok::Num(n) => self.numeric(n),
            Tok::Word(Word::Nth | Word::Q) => self.this_quarter(),
            Tok::Word(word) => self.worded(word),
            _ => None,
        }
    }

    fn numeric(&mut self, n: Num) -> Option<Draft> {
        if let Some(m) = self.month_number() {
            return Some(self.month_without_year(m));
        }
        if let Some(out) = self.attempt(Self::this_quarter) {
            return Some(out);
        }
        if let Some(out) = self.attempt(|p| p.compact(n)) {
            return Some(out);
        }
        if n.len > 2 {
            return None;
        }
        if let Some(out) = self.attempt(|p| p.bare_dotted(n)) {
            return Some(out);
        }
        // 「3月1日～5日」: a day of the month before.
        let prev = self.prev.filter(|p| p.day)?;
        let d = self.eat_num(2)?;
        self.eat(Word::Day).then(|| Draft::of(span::day(prev.year, prev.month, d), &[]))
    }

    /// 20260331 and 202603.
    fn compact(&mut self, n: Num) -> Option<Draft> {
        if n.kanji {
            return None;
        }
        self.skip();
        let year = |y: u32| i32::try_from(y).ok().filter(|y| YEARS.contains(y));
        match n.len {
            8 => {
                let y = year(n.value / 10_000)?;
                Some(Draft::of(span::day(y, n.value / 100 % 100, n.value % 100), &[NoteKind::Width]))
            }
            6 => {
                let y = year(n.value / 100)?;
                Some(Draft::of(Some(Interval::month(y, n.value % 100)?), &[NoteKind::Month]))
            }
            _ => None,
        }
    }

    /// The year of a month that was written without one; whether it came from the as-of date.
    fn year_of_month(&self, m: u32) -> (i32, bool) {
        self.prev.map_or_else(
            || {
                let (fiscal, year, month) = (fiscal_year_of(self.as_of), self.as_of.year(), self.as_of.month());
                let inferred = match self.tense {
                    Tense::Open => fiscal + i32::from(m < 4),
                    Tense::Planned => year + i32::from(m < month),
                    Tense::Past => year - i32::from(m > month),
                };
                (inferred, true)
            },
            |p| (if m < p.month { p.year + 1 } else { p.year }, p.inferred),
        )
    }

    fn month_without_year(&mut self, m: u32) -> Draft {
        let (y, inferred) = self.year_of_month(m);
        let mut out = self.month_tail(y, m);
        if inferred {
            infer(&mut out);
        }
        out
    }

    /// 7.3.31, 8.3, 3/31: numbers with separators and no year that can be told.
    fn bare_dotted(&mut self, a: Num) -> Option<Draft> {
        self.skip();
        let mut ahead = *self;
        let sep = ahead.eat_sep("./-・")?;
        let b = ahead.eat_num(2)?;
        let mut third = ahead;
        let three = third.eat_sep("./-・") == Some(sep) && third.eat_num(2).is_some();
        if three {
            return Some(self.short_year(a.value, Unit::Bare, |p, y| {
                p.dotted(y.ad, None).unwrap_or_else(|| Draft::unsettled(Doubt::Unreadable))
            }));
        }
        if let Some(out) = self.attempt(|p| p.year_last(a.value, b, sep)) {
            return Some(out);
        }
        // 「3/4/2026」 is written in another country's order, and there are two of them.
        if sep == '・' || matches!(ahead.peek(), Some(Tok::Sep(s)) if *s == sep && sep == '/') {
            return None;
        }
        let month_day = |p: &mut Self| {
            p.i = ahead.i;
            p.eat(Word::Day);
            let (y, inferred) = p.year_of_month(a.value);
            let mut out = Draft::of(span::day(y, a.value, b), &[]);
            if inferred {
                infer(&mut out);
            }
            out
        };
        let behind = ahead.slice(ahead.next(), ahead.next() + 1);
        if sep == '/' && a.value < b && matches!(behind, "補" | "負" | "以") {
            // 「1/2補助」 is a share.
            return None;
        }
        if let Some(prev) = self.prev {
            // The second of two dates is written like the first: a day after a day, a month after a month.
            return Some(if prev.day { month_day(self) } else { self.short_month(a.value) });
        }
        if sep == '/' || b > 12 {
            return Some(month_day(self));
        }
        self.i = ahead.i;
        Some(two_numbers(a.value, b, self))
    }

    /// 「31/3/2026」, 「3/31/2026」: the year last, where only one of the others can be the month.
    fn year_last(&mut self, first: u32, second: u32, sep: char) -> Option<Draft> {
        self.eat_sep("./-")?;
        self.eat_num(2)?;
        self.eat_sep("./-").filter(|s| *s == sep)?;
        let year = self.num().filter(|n| n.len == 4)?;
        self.skip();
        let year = i32::try_from(year.value).ok().filter(|y| YEARS.contains(y))?;
        let (month, day) = if first > 12 { (second, first) } else { (first, second) };
        (day > 12 || first == second).then(|| Draft::of(span::day(year, month, day), &[NoteKind::Width]))
    }

    fn short_month(&mut self, n: u32) -> Draft {
        self.short_year(n, Unit::Bare, |p, y| {
            p.dotted(y.ad, None).unwrap_or_else(|| Draft::unsettled(Doubt::Unreadable))
        })
    }

    /// 第3四半期, 3Q: of the as-of date's fiscal year, or of the date before.
    fn this_quarter(&mut self) -> Option<Draft> {
        let q = self.quarter()?;
        let year = self.prev.map_or_else(|| fiscal_year_of(self.as_of), |p| p.year - i32::from(p.month < 4));
        let mut out = Draft::of(span::quarter(year, q, false), &[NoteKind::FiscalYear]);
        if self.prev.is_none_or(|p| p.inferred) {
            infer(&mut out);
        }
        Some(self.edge(out))
    }

    fn worded(&mut self, word: Word) -> Option<Draft> {
        let fiscal = fiscal_year_of(self.as_of);
        let steps = &[NoteKind::FiscalYear];
        let mut out = match word {
            Word::RelMonth(k) => {
                let (y, m) = self.relative_month(k)?;
                self.skip();
                self.month_tail(y, m)
            }
            Word::Next => {
                self.skip();
                let m = self.month_number()?;
                let (y, m0) = self.prev.map_or((self.as_of.year(), self.as_of.month()), |p| (p.year, p.month));
                let mut out = self.month_tail(if m > m0 { y } else { y + 1 }, m);
                out.step(NoteKind::Inferred);
                if self.prev.is_some_and(|p| !p.inferred) {
                    return Some(out);
                }
                out
            }
            Word::Same => {
                let prev = self.prev?;
                let at = self.next();
                if !self.slice(at, at + 1).ends_with('月') {
                    return None;
                }
                self.skip();
                return Some(self.month_tail(prev.year, prev.month));
            }
            Word::Half(h, false) => {
                self.skip();
                let year = self.prev.map_or(fiscal, |p| p.year - i32::from(p.month < 4));
                let out = Draft::of(span::half(year, h, false), steps);
                let out = self.edge(out);
                if self.prev.is_some_and(|p| !p.inferred) {
                    return Some(out);
                }
                out
            }
            Word::RelSeason(k, s) => {
                self.skip();
                Draft::of(span::season(self.as_of.year() + k, s), &[NoteKind::Month])
            }
            Word::Season(s) => {
                let out = self.next_season(s)?;
                if self.prev.is_some_and(|p| !p.inferred) {
                    return Some(out);
                }
                out
            }
            Word::FiscalYear | Word::Year | Word::Month => {
                let out = self.this_period(word)?;
                if self.prev.is_some_and(|p| !p.inferred) {
                    return Some(out);
                }
                out
            }
            _ => return None,
        };
        infer(&mut out);
        Some(out)
    }

    fn relative_month(&self, k: i32) -> Option<(i32, u32)> {
        let at = self.next();
        let next = self.slice(at, at + 1).starts_with('翌');
        let (y, m) = self.prev.filter(|_| next).map_or((self.as_of.year(), self.as_of.month()), |p| (p.year, p.month));
        let months = y.checked_mul(12)?.checked_add(i32::try_from(m).ok()? - 1 + k)?;
        Some((months.div_euclid(12), u32::try_from(months.rem_euclid(12)).ok()? + 1))
    }

    /// 「春頃」: the first such season that is not over on the as-of date, or when the date before begins. Only where nothing else
    /// can be meant.
    fn next_season(&mut self, s: u8) -> Option<Draft> {
        self.skip();
        let free = matches!(
            self.peek(),
            None | Some(Tok::Bracket(_) | Tok::Word(Word::About | Word::Until | Word::After | Word::From))
        );
        let at = self.i.checked_sub(1)?;
        let alone = at == 0 || !matches!(self.tokens.get(at - 1).map(|t| &t.tok), Some(Tok::Other));
        if !free || !alone {
            return None;
        }
        let year = match self.prev {
            Some(prev) => season_after(prev.year, prev.month, s)?,
            None => (self.as_of.year() - 1..=self.as_of.year() + 1)
                .find(|y| span::season(*y, s).and_then(|i| i.to).is_some_and(|end| end >= self.as_of))?,
        };
        Some(Draft::of(span::season(year, s), &[NoteKind::Month]))
    }

    /// 年度末, 年度内, 年末, 年内, 年明け, 月末 with nothing before: those of the as-of date.
    fn this_period(&mut self, word: Word) -> Option<Draft> {
        let at = self.next();
        let Some(Tok::Word(tail)) = self.tokens.get(at + 1).map(|t| &t.tok) else { return None };
        self.skip();
        // 「R6.3.31（年度末）」: of the date before, else of the as-of date, and then the beginning that comes.
        let (y, m) = self.prev.map_or((self.as_of.year(), self.as_of.month()), |p| (p.year, p.month));
        let fiscal = y - i32::from(m < 4);
        let next = i32::from(self.prev.is_none());
        let (f, mo) = (&[NoteKind::FiscalYear], &[NoteKind::Month]);
        let out = match (word, tail) {
            (Word::FiscalYear, Word::End) => Draft::of(span::fiscal_end(fiscal), f),
            (Word::FiscalYear, Word::Within) => Draft::of(Interval::fiscal_year(fiscal), f),
            (Word::FiscalYear, Word::Start | Word::Opening) => Draft::of(span::day(fiscal + next, 4, 1), f).about(),
            (Word::Year, Word::End) => Draft::of(span::day(y, 12, 31), mo),
            (Word::Year, Word::Within) => Draft::of(span::year(y), mo),
            (Word::Year, Word::Opening | Word::Start) => {
                Draft::of(Interval::month(y + i32::from(next == 1 || m > 1), 1), mo).about()
            }
            (Word::Month, Word::End) => Draft::of(span::month_end(y, m), mo),
            (Word::Month, Word::Within) => Draft::of(Interval::month(y, m), mo),
            _ => return None,
        };
        self.skip();
        Some(out)
    }
}

/// 「8.3」: 令和8年3月, 8月3日 or 2008年3月; never settled here.
fn two_numbers(a: u32, b: u32, p: &Parser) -> Draft {
    let mut readings = Vec::new();
    let n = i32::try_from(a).unwrap_or_default();
    if let Some(i) = Interval::month(2018 + n, b) {
        readings.push(describe(&i));
    }
    let (year, _) = p.year_of_month(a);
    if let Some(i) = span::day(year, a, b) {
        readings.push(format!("{a}月{b}日（{}）", describe(&i)));
    }
    if let Some(i) = Interval::month(2000 + n, b) {
        readings.push(western_words(&i));
    }
    if readings.is_empty() {
        return Draft::unsettled(Doubt::NoSuchDay);
    }
    Draft::unsettled(Doubt::AmbiguousEra(readings.join(" / ")))
}
