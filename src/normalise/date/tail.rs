//! What narrows a year or a month down: 末, 当初, 上半期, 第3四半期, 春, 上旬, a month, a day.

use super::atom::{Draft, Parser, Unit, Year};
use super::scan::Tok;
use super::span;
use super::words::Word;
use crate::model::date::{Interval, Precision, describe, wareki_fiscal};
use crate::model::value::{Doubt, NoteKind};

impl Parser<'_> {
    /// After 年度.
    pub fn fiscal_tail(&mut self, year: Year) -> Draft {
        let y = year.ad;
        if let Some(month) = self.month_number() {
            let mut out = self.month_tail(if month >= 4 { y } else { y + 1 }, month);
            out.step(NoteKind::FiscalYear);
            return out;
        }
        if let Some(mut out) = self.fiscal_part(y, Unit::Fiscal, false) {
            out.fiscal = true;
            return out;
        }
        self.attempt(|p| p.eat(Word::Of).then_some(()));
        let whole = Interval::fiscal_year(y);
        let steps = &[NoteKind::FiscalYear];
        let mut out = match self.word() {
            Some(Word::End) => self.taken(Draft::of(span::fiscal_end(y), steps)),
            Some(Word::Start) => self.taken(Draft::of(span::day(y, 4, 1), steps).about()),
            Some(Word::Middle) => self.taken(Draft::of(whole, steps).about()),
            Some(Word::Within) => self.taken(Draft::of(whole, steps)),
            _ => Draft::of(whole, steps),
        };
        out.fiscal = true;
        out
    }

    /// After 年.
    pub fn year_tail(&mut self, year: Year) -> Draft {
        let y = year.ad;
        if let Some(month) = self.month_number() {
            return self.month_tail(y, month);
        }
        if let Some(out) = self.attempt(|p| p.slashed_day(y)).or_else(|| self.attempt(|p| p.spaced_day(y))) {
            return out;
        }
        // 「2021年/7月」.
        if let Some(month) = self.attempt(|p| p.eat_sep("/").and_then(|_| p.month_number())) {
            return self.month_tail(y, month);
        }
        if let Some(out) = self.fiscal_part(y, Unit::Year, year.calendar) {
            return out;
        }
        self.attempt(|p| p.eat(Word::Of).then_some(()));
        let steps = &[NoteKind::Month];
        match self.word() {
            // 「今年末」 is December; of a named year it may be March as well.
            Some(Word::End) if year.calendar => self.taken(Draft::of(span::day(y, 12, 31), steps)),
            Some(Word::End) => self.taken(year_end(y)),
            Some(Word::Start) if year.calendar => self.taken(Draft::of(span::tenth(y, 1, 0), steps).about()),
            Some(Word::Start) => self.taken(year_start(y)),
            Some(Word::Opening) => self.taken(Draft::of(Interval::month(y, 1), steps).about()),
            Some(Word::Middle) => self.taken(Draft::of(span::year(y), steps).about()),
            Some(Word::Part(k)) => self.taken(Draft::of(span::half(y, k, true), steps).about()),
            Some(Word::Within) => self.taken(Draft::of(span::year(y), steps)),
            // 「令和8年　　月　　日」: the rest of the form's own blanks.
            Some(Word::Month) => {
                self.skip();
                self.eat(Word::Day);
                let mut year = Draft::of(span::year(y), &[NoteKind::Month, NoteKind::Placeholder]);
                year.doubts.push(Doubt::Beside("　月".into()));
                year
            }
            _ => Draft::of(span::year(y), steps),
        }
    }

    /// After a year with nothing behind it: a separator and a month, or a word.
    pub fn bare_tail(&mut self, year: Year) -> Draft {
        let y = year.ad;
        if let Some(out) = self
            .attempt(|p| p.dotted(y, year.era.map(|(_, n)| n)))
            .or_else(|| self.attempt(|p| p.with_commas(y)))
            .or_else(|| self.attempt(|p| p.run_together(y)))
        {
            return out;
        }
        if let Some(month) = self.month_number() {
            return self.month_tail(y, month);
        }
        if let Some(out) = self.fiscal_part(y, Unit::Bare, year.calendar) {
            return out;
        }
        self.attempt(|p| {
            p.eat_sep(".・")?;
            (p.word() == Some(Word::End)).then_some(())
        });
        match self.word() {
            Some(Word::End) => self.taken(year_end(y)),
            Some(Word::Start) => self.taken(year_start(y)),
            Some(Word::Within) => self.taken(bare_year(y)),
            Some(Word::Middle | Word::Part(_)) => self.taken(bare_year(y).about()),
            _ => Draft { bare: Some(y), ..bare_year(y) },
        }
    }

    /// Takes the word just looked at.
    fn taken(&mut self, draft: Draft) -> Draft {
        self.skip();
        draft
    }

    /// 第3四半期, 3Q, 上半期, 前半, 春 of a year; quarters and halves are of the fiscal year, of the calendar year where 暦年
    /// was written, and not settled behind 年 (「2025年上半期」).
    fn fiscal_part(&mut self, y: i32, unit: Unit, calendar: bool) -> Option<Draft> {
        let start = self.i;
        self.attempt(|p| p.eat(Word::Of).then_some(()));
        let parts = |part: fn(i32, u8, bool) -> Option<Interval>, k: u8| (part(y, k, true), part(y, k, false));
        let found = if let Some(q) = self.quarter() {
            Some(self.counted(parts(span::quarter, q), unit, calendar))
        } else {
            match self.word() {
                Some(Word::Half(h, _)) => {
                    self.skip();
                    Some(self.counted(parts(span::half, h), unit, calendar))
                }
                Some(Word::Part(h)) if unit == Unit::Fiscal => {
                    let half = Draft::of(span::half(y, h, false), &[NoteKind::FiscalYear]);
                    Some(self.taken(half.about())).map(|d| self.edge(d))
                }
                Some(Word::Season(s)) => {
                    let season = if s == 3 && unit != Unit::Fiscal { winter(y) } else { named_season(y, s) };
                    Some(self.taken(season)).map(|d| self.edge(d))
                }
                _ => None,
            }
        };
        if found.is_none() {
            self.i = start;
        }
        found
    }

    /// A quarter or half by the count of its year: as (calendar, fiscal).
    fn counted(&mut self, spans: (Option<Interval>, Option<Interval>), unit: Unit, calendar: bool) -> Draft {
        let (by_calendar, by_fiscal) = spans;
        if calendar {
            return self.edge(Draft::of(by_calendar, &[NoteKind::Month]));
        }
        let mut ahead = *self;
        let out = self.edge(Draft::of(by_fiscal, &[NoteKind::FiscalYear]));
        if unit != Unit::Year {
            return out;
        }
        either(&ahead.edge(Draft::of(by_calendar, &[])), out)
    }

    /// 「第3四半期末」, 「上期中」: the end or the whole of a stretch.
    pub fn edge(&mut self, mut draft: Draft) -> Draft {
        match self.word() {
            Some(Word::End) => {
                self.skip();
                draft.span = draft.span.and_then(|s| s.to.map(|d| Interval { approx: s.approx, ..Interval::day(d) }));
            }
            Some(Word::Start | Word::Middle | Word::Part(_)) => {
                self.skip();
                draft = draft.about();
            }
            Some(Word::Within) => self.skip(),
            _ => {}
        }
        draft
    }

    /// 第3四半期, 第3・四半期, 3Q, Q3, 第3Q: its number.
    pub fn quarter(&mut self) -> Option<u8> {
        self.attempt(|p| {
            p.attempt(|p| p.eat_sep(".-/"));
            if p.eat(Word::Q) {
                return p.eat_num(1).and_then(quarter_number);
            }
            p.eat(Word::Nth);
            let n = p.eat_num(1).and_then(quarter_number)?;
            p.attempt(|p| p.eat_sep("・"));
            (p.eat(Word::Quarter) || p.eat(Word::Q)).then_some(n)
        })
    }

    /// A month's number: before 月, or before 「～6月」 whose 月 serves both.
    pub fn month_number(&mut self) -> Option<u32> {
        self.attempt(|p| {
            p.eat(Word::Of);
            let month = p.eat_num(2)?;
            if p.eat(Word::Month) {
                return Some(month);
            }
            let mut ahead = *p;
            ahead.range_sign()?;
            ahead.eat_num(2)?;
            ahead.eat(Word::Month).then_some(month)
        })
    }

    /// ～, - or から between two dates.
    pub fn range_sign(&mut self) -> Option<()> {
        (self.eat(Word::From) || self.eat(Word::To) || self.eat_sep("-").is_some()).then_some(())
    }

    /// After the month: 末, 上旬, a day.
    pub fn month_tail(&mut self, y: i32, m: u32) -> Draft {
        if let Some(d) = self.attempt(Self::day_number) {
            return Draft::of(span::day(y, m, d), &[]);
        }
        // 「2021年7月/18日」.
        if let Some(d) = self.attempt(|p| p.eat_sep("/").and_then(|_| p.eat_num(2)).filter(|_| p.eat(Word::Day))) {
            return Draft::of(span::day(y, m, d), &[]);
        }
        let steps = &[NoteKind::Month];
        let of = |span| Draft::of(span, steps);
        self.attempt(|p| p.eat(Word::Of).then_some(()));
        if let Some((first, last)) = self.attempt(Self::tenths) {
            return of(span::tenths(y, m, first, last));
        }
        match self.word() {
            Some(Word::End) => self.taken(of(span::month_end(y, m))),
            Some(Word::Start) => self.taken(of(span::tenth(y, m, 0)).about()),
            Some(Word::Middle) => self.taken(of(span::day(y, m, 15)).about()),
            Some(Word::Part(k)) => self.taken(of(span::month_part(y, m, k))),
            Some(Word::Within) => self.taken(of(Interval::month(y, m))),
            Some(Word::Day) => {
                self.skip();
                Draft::of(Interval::month(y, m), &[NoteKind::Month, NoteKind::Placeholder])
            }
            _ => of(Interval::month(y, m)),
        }
    }

    /// 中旬, 上旬～中旬, 上～中旬, 上・中旬: the first and the last of them.
    fn tenths(&mut self) -> Option<(u8, u8)> {
        let at = self.next();
        let (first, whole) = match (self.word(), self.slice(at, at + 1)) {
            (Some(Word::Tenth(k)), _) => (k, true),
            (_, "上") => (0, false),
            (_, "中") => (1, false),
            _ => return None,
        };
        self.skip();
        let last = self.attempt(|p| {
            let joined = p.range_sign().is_some() || p.eat_sep("・").is_some();
            let Some(Word::Tenth(k)) = p.word() else { return None };
            p.skip();
            ((joined || !whole) && k > first).then_some(k)
        });
        last.or(whole.then_some(first)).map(|last| (first, last))
    }

    /// A day's number: before 日, before 「～5日」, or last of all where 日 was left out.
    fn day_number(&mut self) -> Option<u32> {
        let kanji = self.num().is_some_and(|n| n.kanji);
        let d = self.eat_num(2)?;
        if self.eat(Word::Day) {
            return Some(d);
        }
        let mut ahead = *self;
        if ahead.range_sign().is_some() && ahead.eat_num(2).is_some() && ahead.eat(Word::Day) {
            return Some(d);
        }
        let other = matches!(
            self.peek(),
            Some(
                Tok::Num(_)
                    | Tok::Sep('.' | '/' | '-' | '・' | ':')
                    | Tok::Word(
                        Word::Year
                            | Word::FiscalYear
                            | Word::Month
                            | Word::Duration
                            | Word::Quarter
                            | Word::Q
                            | Word::Hour
                    )
            )
        );
        // 「R9.2一部」 has no day.
        let word = kanji && self.peek() == Some(&Tok::Other);
        (!other && !word).then_some(d)
    }

    /// 「2026年3/31」.
    fn slashed_day(&mut self, y: i32) -> Option<Draft> {
        let m = self.eat_num(2)?;
        self.eat_sep("/.")?;
        let d = self.eat_num(2)?;
        self.eat(Word::Day);
        Some(Draft::of(span::day(y, m, d), &[]))
    }

    /// 「令和元年 12 20」: two numbers and nothing behind them, of which the second can be no month.
    fn spaced_day(&mut self, y: i32) -> Option<Draft> {
        let (m, d) = (self.eat_num(2)?, self.eat_num(2)?);
        (d > 12 && self.peek().is_none()).then(|| Draft::of(span::day(y, m, d), &[]))
    }

    /// 「.0331」 after a year: two digits each.
    fn run_together(&mut self, y: i32) -> Option<Draft> {
        self.eat_sep("./")?;
        let n = self.num().filter(|n| n.len == 4 && !n.kanji)?;
        self.skip();
        let day = span::day(y, n.value / 100, n.value % 100)?;
        self.peek().is_none_or(|t| !matches!(t, Tok::Num(_) | Tok::Sep(_))).then(|| Draft::of(Some(day), &[]))
    }

    /// 「.3.31」, 「/3」, 「-03-31」 after a year.
    pub fn dotted(&mut self, y: i32, era: Option<i32>) -> Option<Draft> {
        let sep = self.eat_sep("./-・")?;
        let padded = self.num().is_some_and(|n| n.len == 2 && n.value < 10);
        let m = self.eat_num(2)?;
        if matches!(self.word(), Some(Word::FiscalYear | Word::Year | Word::Q | Word::Quarter)) {
            // 「令和7・8年度」 are two years, 「R7.3Q」 is a quarter.
            return None;
        }
        self.eat(Word::Month);
        let day = self.attempt(|p| {
            let next = p.eat_sep(".・/-")?;
            let d = p.eat_num(2)?;
            // 「R7/3.31」 can only be a day; 「R7.3/4」 may be two months.
            let mixed = d > 12 && [sep, next].iter().all(|s| matches!(s, '.' | '/'));
            ((next == sep || mixed) && p.word() != Some(Word::Month)).then_some(d)
        });
        if let Some(d) = day {
            self.eat(Word::Day);
            return Some(Draft::of(span::day(y, m, d), &[]));
        }
        if sep == '-' && !padded && era.is_some_and(|n| i64::from(m) > i64::from(n)) {
            // 「R7-8」: a month, or two years; 「R7-3」 can only be a month.
            let month = Interval::month(y, m).map(|i| describe(&i))?;
            return Some(Draft::unsettled(Doubt::AmbiguousEra(format!("{month} / 年の範囲"))));
        }
        self.attempt(|p| {
            p.eat_sep(".・/")?;
            matches!(p.word(), Some(Word::End)).then_some(())
        });
        Some(self.month_tail(y, m))
    }
}

impl Parser<'_> {
    /// 「R7,3,31」: commas for dots, where all three stand and no 年度 makes years of them.
    fn with_commas(&mut self, y: i32) -> Option<Draft> {
        self.comma()?;
        let m = self.eat_num(2)?;
        self.comma()?;
        let d = self.eat_num(2)?;
        let counted = matches!(self.peek(), Some(Tok::Num(_) | Tok::Sep(_)))
            || self.comma().is_some_and(|()| self.num().is_some())
            || matches!(self.word(), Some(Word::FiscalYear | Word::Year | Word::Month | Word::Quarter | Word::Q));
        (!counted).then(|| Draft::of(span::day(y, m, d), &[]))
    }

    fn comma(&mut self) -> Option<()> {
        let at = self.next();
        matches!(self.slice(at, at + 1), "," | "，").then(|| self.skip())
    }
}

fn quarter_number(n: u32) -> Option<u8> {
    u8::try_from(n).ok().filter(|n| (1..=4).contains(n))
}

/// Two readings that are both kept: the interval covers them.
fn either(a: &Draft, mut b: Draft) -> Draft {
    if let Some((x, y)) = a.span.zip(b.span) {
        b.doubts.push(Doubt::AmbiguousYearEnd(format!("{} / {}", describe(&x), describe(&y))));
        b.span = Some(span::hull(&x, &y));
    }
    b
}

/// 「R7秋」.
fn named_season(y: i32, season: u8) -> Draft {
    Draft::of(span::season(y, season), &[NoteKind::Month])
}

/// 「2026冬」: the winter that ends in the year or the one that begins in it.
fn winter(y: i32) -> Draft {
    let before = y.checked_sub(1).and_then(|y| span::season(y, 3));
    either(&Draft::of(before, &[]), named_season(y, 3))
}

/// 「R7末」, 「令和7年末」: 31 December or 31 March; both are in the interval, so that a deadline between is straddled.
fn year_end(y: i32) -> Draft {
    let (december, march) = (span::day(y, 12, 31), span::fiscal_end(y));
    let mut out = Draft::of(december.zip(march).map(|(a, b)| span::hull(&a, &b)), &[NoteKind::FiscalYear]);
    let words = format!("{}年12月31日 / {}末（{}年3月31日）", y, wareki_fiscal(y), y + 1);
    out.doubts.push(Doubt::AmbiguousYearEnd(words));
    out
}

/// 「R7当初」: January or April.
fn year_start(y: i32) -> Draft {
    let (january, april) = (span::day(y, 1, 1), span::day(y, 4, 1));
    let mut out = Draft::of(january.zip(april).map(|(a, b)| span::hull(&a, &b)), &[NoteKind::FiscalYear]).about();
    out.doubts.push(Doubt::AmbiguousYearEnd(format!("{y}年1月 / {}当初（{y}年4月）", wareki_fiscal(y))));
    out
}

/// 「R7」, 「2025」: a calendar or a fiscal year; the interval covers both.
fn bare_year(y: i32) -> Draft {
    let both = span::year(y).zip(Interval::fiscal_year(y)).map(|(a, b)| span::hull(&a, &b));
    let both = both.map(|i| Interval { precision: Precision::Year, ..i });
    let mut out = Draft::of(both, &[NoteKind::FiscalYear]);
    out.doubts.push(Doubt::AmbiguousYearEnd(format!("{y}年（1～12月） / {}（4月～翌年3月）", wareki_fiscal(y))));
    out
}
