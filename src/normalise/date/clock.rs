//! What stands behind a day: its weekday, which is held against the calendar, and a time of day, which is set aside.

use chrono::{Datelike, NaiveDate};

use super::atom::{Draft, Parser};
use super::scan::{Tok, Token};
use super::words::Word;
use crate::model::date::{wareki, weekday};
use crate::model::value::Doubt;

/// 令和4年9月21日（水）: a day with the weekday it has.
#[must_use]
pub fn with_weekday(day: NaiveDate) -> String {
    format!("{}（{}）", wareki(day), weekday(day))
}

impl Parser<'_> {
    /// Takes a weekday, in brackets or not; a wrong one is a doubt, and is given back with the day's real one.
    pub fn weekday(&mut self, day: NaiveDate, draft: &mut Draft) -> Option<(String, String)> {
        let at = self.next();
        let written = match self.peek() {
            Some(Tok::Word(Word::Weekday(k))) => Some(*k),
            Some(Tok::Bracket(inside)) => bracketed(inside),
            _ => None,
        };
        let k = written?;
        self.skip();
        if u32::from(k) == day.weekday().num_days_from_monday() {
            return None;
        }
        let real = with_weekday(day);
        draft.doubts.push(Doubt::WrongWeekday(real.clone()));
        Some((self.slice(at, self.i).to_string(), real))
    }

    /// Takes 17:00, T00:00:00+09:00, 午後5時30分; gives it as typed.
    pub fn time_of_day(&mut self) -> Option<String> {
        let start = self.next();
        self.attempt(|p| {
            p.eat(Word::Era(3)); // the T of ISO 8601 is also 大正's letter
            let half = matches!(p.word(), Some(Word::HalfDay(_)));
            if half {
                p.skip();
            }
            p.eat_num(2)?;
            if p.eat(Word::Hour) {
                p.attempt(|p| {
                    p.eat_num(2)?;
                    p.eat(Word::Minute).then_some(())
                });
            } else {
                p.eat_sep(":")?;
                p.eat_num(2)?;
                p.attempt(|p| {
                    p.eat_sep(":")?;
                    p.eat_num(2)
                });
                p.attempt(|p| {
                    p.eat_sep(".")?;
                    p.eat_num(9)
                });
                p.attempt(Self::offset);
            }
            Some(p.slice(start, p.i).to_string())
        })
    }

    /// Z, +09:00.
    fn offset(&mut self) -> Option<()> {
        let at = self.i;
        match self.slice(at, at + 1) {
            "Z" | "z" => {
                self.skip();
                Some(())
            }
            "+" | "-" | "＋" => {
                self.skip();
                self.eat_num(4)?;
                self.attempt(|p| {
                    p.eat_sep(":")?;
                    p.eat_num(2)
                });
                Some(())
            }
            _ => None,
        }
    }
}

/// The weekday that a bracket holds: （火）, （日曜日）, （月・祝）.
fn bracketed(inside: &[Token]) -> Option<u8> {
    let mut tokens = inside.iter().filter(|t| t.tok != Tok::Space);
    let weekday = match tokens.next()?.tok {
        Tok::Word(Word::Weekday(k)) => k,
        Tok::Word(Word::Month) => 0,
        Tok::Word(Word::Day) => 6,
        _ => return None,
    };
    match tokens.next() {
        None => Some(weekday),
        Some(t) if t.tok == Tok::Sep('・') => Some(weekday),
        Some(_) => None,
    }
}
