//! Dates that begin with a year: eras, western years, fiscal years, years counted from the as-of date.

use chrono::Datelike;

use super::atom::{Draft, Parser, Unit, Year};
use super::scan::Tok;
use super::span;
use super::words::Word;
use crate::model::date::{ERAS, Interval, Precision, describe, fiscal_year_of};
use crate::model::value::{Doubt, NoteKind};

/// Western years that are read at all; anything else is a number, not a year.
pub(super) const YEARS: std::ops::RangeInclusive<i32> = 1868..=2199;

/// A year, or the one or two digits of one.
enum Got {
    Known(Year),
    Short(u32, Unit),
}

impl Parser<'_> {
    /// A date with a year.
    pub fn with_year(&mut self) -> Option<Draft> {
        if let Some(out) = self.attempt(Self::compact_era) {
            return Some(out);
        }
        match self.year()? {
            Got::Known(year) => Some(self.after_year(year)),
            Got::Short(n, unit) => Some(self.short_year(n, unit, Self::after_year)),
        }
    }

    fn year(&mut self) -> Option<Got> {
        match self.peek()? {
            Tok::Word(Word::RelFiscal(k)) => self.relative(*k, Unit::Fiscal).map(Got::Known),
            Tok::Word(Word::RelYear(k)) => self.relative(*k, Unit::Year).map(Got::Known),
            Tok::Word(Word::Same) => self.same_year().map(Got::Known),
            Tok::Word(Word::Era(_)) => self.era_year().map(Got::Known),
            Tok::Word(Word::Fy) => {
                self.skip();
                let mut year = self.era_year().or_else(|| self.western())?;
                year.unit = Unit::Fiscal;
                Some(Got::Known(year))
            }
            Tok::Word(Word::Calendar) => {
                self.skip();
                let mut year = self.era_year().or_else(|| self.western())?;
                year.calendar = true;
                Some(Got::Known(year))
            }
            Tok::Word(Word::First) | Tok::Num(_) => {
                if let Some(year) = self.attempt(Self::western) {
                    return Some(Got::Known(year));
                }
                let n = self.era_number()?;
                let unit = self.unit();
                // 「5年リース」 is a length of time: a short year wants something that narrows it.
                let narrowed = unit == Unit::Fiscal || (unit == Unit::Year && (self.prev.is_some() || self.narrows()));
                narrowed.then_some(Got::Short(n, unit))
            }
            _ => None,
        }
    }

    /// Whether what comes next makes a date of a year.
    fn narrows(&self) -> bool {
        let words = |w: &Word| {
            matches!(
                w,
                Word::End
                    | Word::Start
                    | Word::Within
                    | Word::Middle
                    | Word::Season(_)
                    | Word::Nth
                    | Word::Q
                    | Word::Half(..)
                    | Word::Part(_)
                    | Word::Opening
            )
        };
        self.peek().is_some_and(|t| matches!(t, Tok::Num(_)) || matches!(t, Tok::Word(w) if words(w)))
    }

    /// R080331 and R0803: two digits each; R70331, where the first two digits together are no year.
    fn compact_era(&mut self) -> Option<Draft> {
        let Some(Word::Era(era)) = self.word() else { return None };
        self.skip();
        let n = self.num().filter(|n| !n.kanji && matches!(n.len, 4..=6))?;
        self.skip();
        // 「R11231」 would be R1.12.31 or R11.2.31.
        if self.unit() != Unit::Bare || (n.len == 5 && n.value < 40_000) {
            return None;
        }
        let (ym, day) = if n.len == 4 { (n.value, None) } else { (n.value / 100, Some(n.value % 100)) };
        let n = i32::try_from(ym / 100).ok().filter(|n| *n >= 1)?;
        let ad = ERAS.get(era)?.3 + n;
        let month = Interval::month(ad, ym % 100)?;
        let mut out = match day {
            Some(d) => Draft::of(span::day(ad, ym % 100, d), &[NoteKind::Era]),
            None => Draft::of(Some(month), &[NoteKind::Era, NoteKind::Month]),
        };
        overrun(era, n, &mut out);
        Some(out)
    }

    /// 令和8, R8, 平成元: an era and its year, with what stands behind.
    fn era_year(&mut self) -> Option<Year> {
        let Some(Word::Era(era)) = self.word() else { return None };
        self.skip();
        self.attempt(|p| p.eat_sep(".・"));
        let n = i32::try_from(self.era_number()?).ok().filter(|n| *n >= 1)?;
        let (_, _, _, add) = ERAS.get(era)?;
        let mut year = Year { ad: n + add, era: Some((era, n)), unit: Unit::Bare, calendar: false, relative: false };
        self.finish_year(&mut year)?;
        Some(year)
    }

    fn era_number(&mut self) -> Option<u32> {
        if self.eat(Word::First) { Some(1) } else { self.eat_num(2) }
    }

    fn western(&mut self) -> Option<Year> {
        let n = self.num().filter(|n| n.len == 4)?;
        self.skip();
        let ad = i32::try_from(n.value).ok().filter(|y| YEARS.contains(y))?;
        let mut year = Year { ad, era: None, unit: Unit::Bare, calendar: false, relative: false };
        self.finish_year(&mut year)?;
        Some(year)
    }

    /// 年, 年度, 暦年, and the same year once more in brackets; `None` where the two differ.
    fn finish_year(&mut self, year: &mut Year) -> Option<()> {
        let before = self.parallel();
        if self.eat(Word::Calendar) {
            year.unit = Unit::Year;
            year.calendar = true;
        } else {
            year.unit = self.unit();
        }
        let after = self.parallel();
        if after.is_some() && year.unit == Unit::Year {
            self.fiscal_after_bracket(year);
        }
        [before, after].into_iter().flatten().all(|y| y == year.ad).then_some(())
    }

    /// 「令和4年（2022年）度」: what makes it a fiscal year stands behind the bracket.
    fn fiscal_after_bracket(&mut self, year: &mut Year) {
        let at = self.next();
        if self.slice(at, at + 1) == "度" {
            self.skip();
            year.unit = Unit::Fiscal;
        } else if self.eat(Word::FiscalYear) {
            year.unit = Unit::Fiscal;
        }
    }

    fn unit(&mut self) -> Unit {
        if self.eat(Word::FiscalYear) {
            Unit::Fiscal
        } else if self.eat(Word::Year) {
            Unit::Year
        } else if self.attempt(|p| (p.eat(Word::Fy) && p.num().is_none()).then_some(())).is_some() {
            // 「2025FY」.
            Unit::Fiscal
        } else {
            Unit::Bare
        }
    }

    /// 2026年（令和8年）: the year in the other calendar, in brackets.
    fn parallel(&mut self) -> Option<i32> {
        let Some(Tok::Bracket(inside)) = self.peek() else { return None };
        let mut p = Parser { tokens: inside, i: 0, prev: None, ..*self };
        let year = match p.peek()? {
            Tok::Word(Word::Era(_)) => p.era_year()?,
            Tok::Num(_) => p.western()?,
            _ => return None,
        };
        (p.peek().is_none()).then(|| {
            self.skip();
            year.ad
        })
    }

    /// 来年度, 翌年: from the as-of date, or, for 翌, from the date before in the same cell.
    fn relative(&mut self, k: i32, unit: Unit) -> Option<Year> {
        let at = self.next();
        let next = self.slice(at, at + 1).starts_with('翌');
        self.skip();
        let base = match (self.prev.filter(|_| next), unit) {
            (Some(p), Unit::Fiscal) => p.year - i32::from(p.month < 4),
            (Some(p), _) => p.year,
            (None, Unit::Fiscal) => fiscal_year_of(self.as_of),
            (None, _) => self.as_of.year(),
        };
        let relative = self.prev.filter(|_| next).is_none_or(|p| p.inferred);
        let ad = base.checked_add(k)?;
        // 「今年（令和4年）」 is rare; a bracket is left to be a remark.
        Some(Year { ad, era: None, unit, calendar: unit == Unit::Year, relative })
    }

    /// 同年度, 同年: that of the date before.
    fn same_year(&mut self) -> Option<Year> {
        let prev = self.prev?;
        let at = self.next();
        let fiscal = self.slice(at, at + 1).ends_with('度');
        self.skip();
        let (ad, unit) =
            if fiscal { (prev.year - i32::from(prev.month < 4), Unit::Fiscal) } else { (prev.year, Unit::Year) };
        Some(Year { ad, era: None, unit, calendar: true, relative: prev.inferred })
    }

    /// One or two digits of a year: of the era of the date before, else of any, and then not settled.
    pub fn short_year(&mut self, n: u32, unit: Unit, then: fn(&mut Self, Year) -> Draft) -> Draft {
        let year = |ad, era| Year { ad, era, unit, calendar: false, relative: false };
        let Some(n) = i32::try_from(n).ok().filter(|n| *n >= 1) else {
            then(self, year(2000, None));
            return Draft::unsettled(Doubt::Unreadable);
        };
        if let Some(prev) = self.prev {
            let (ad, era) = match prev.era.and_then(|e| ERAS.get(e).map(|row| (e, row.3))) {
                Some((e, add)) => (add + n, Some((e, n))),
                None => (2000 + n, None),
            };
            let mut out = then(self, year(ad, era));
            out.step(NoteKind::Era);
            return out;
        }
        let start = self.i;
        let mut readings: Vec<String> = Vec::new();
        let mut end = start;
        for (ad, era) in [(2018 + n, Some((0, n))), (2000 + n, None), (1988 + n, Some((1, n)))] {
            let near = (self.as_of.year() - 20..=self.as_of.year() + 30).contains(&ad);
            if !near || era.is_some_and(|(e, n)| e == 1 && n > 31) {
                continue;
            }
            self.i = start;
            let draft = then(self, year(ad, era));
            end = end.max(self.i);
            if let Some(s) = draft.span {
                readings.push(if era.is_none() { western_words(&s) } else { describe(&s) });
            }
        }
        if end == start {
            then(self, year(2000 + n, None));
            end = self.i;
        }
        self.i = end;
        if readings.is_empty() {
            return Draft::unsettled(Doubt::NoSuchDay);
        }
        Draft::unsettled(Doubt::AmbiguousEra(readings.join(" / ")))
    }

    /// What follows a year, then what the year itself changed.
    pub fn after_year(&mut self, year: Year) -> Draft {
        let mut out = match year.unit {
            Unit::Fiscal => self.fiscal_tail(year),
            Unit::Year => self.year_tail(year),
            Unit::Bare => self.bare_tail(year),
        };
        if let Some((era, n)) = year.era {
            out.step(NoteKind::Era);
            overrun(era, n, &mut out);
        }
        if year.relative {
            infer(&mut out);
        }
        out
    }
}

/// Marks a date whose year came from the as-of date.
pub(super) fn infer(out: &mut Draft) {
    if let Some(s) = &mut out.span {
        s.inferred = true;
        out.step(NoteKind::Inferred);
    }
}

/// An era year that the era never had, or a day outside it: converted, and said.
fn overrun(era: usize, n: i32, out: &mut Draft) {
    let Some(span) = out.span else { return };
    let first = |k: usize| ERAS.get(k).and_then(|(_, _, (y, m, d), _)| chrono::NaiveDate::from_ymd_opt(*y, *m, *d));
    let next = era.checked_sub(1).and_then(first);
    let last_year = next.and_then(|d| d.pred_opt()).map(|d| d.year());
    let add = ERAS.get(era).map_or(0, |row| row.3);
    let too_many = last_year.is_some_and(|y| n + add > y);
    // A fiscal or calendar year reaches over the change of eras by nature.
    let exact = !matches!(span.precision, Precision::FiscalYear | Precision::Year) && !out.fiscal;
    let late = exact && next.zip(span.from).is_some_and(|(next, from)| from >= next);
    let early = exact && first(era).zip(span.to).is_some_and(|(first, to)| to < first);
    if too_many || late || early {
        out.doubts.push(Doubt::EraOverrun(describe(&span)));
    }
}

/// 2007年3月31日: a reading in western years, in words.
pub(super) fn western_words(i: &Interval) -> String {
    match (i.from, i.to) {
        (Some(a), Some(b)) if a == b => format!("{}年{}月{}日", a.year(), a.month(), a.day()),
        (Some(a), _) if i.precision == Precision::Month => format!("{}年{}月", a.year(), a.month()),
        (Some(a), _) if i.precision == Precision::FiscalYear => format!("{}年度", a.year()),
        (Some(a), _) if i.precision == Precision::Year => format!("{}年", a.year()),
        _ => span::iso(i),
    }
}
