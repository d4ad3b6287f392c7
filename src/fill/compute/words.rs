//! Functions of texts and of days.

use chrono::{Datelike, Months, NaiveDate};

use super::eval::Machine;
use super::functions::Function;
use super::parse::Node;
use super::value::{DOUBTFUL, Fault, Stop, Value, finite};
use crate::fill::value::serial;
use crate::normalise::serial::{Serial, read};

/// The longest text of a cell.
const LONGEST: usize = 32_767;

impl Machine<'_> {
    /// An argument as a text whose characters all programs count alike.
    fn plain(&mut self, args: &[Node], n: usize) -> Result<Vec<char>, Stop> {
        let text = self.nth(args, n)?.text()?;
        if text.chars().any(|c| c.len_utf16() > 1) { Err(DOUBTFUL) } else { Ok(text.chars().collect()) }
    }

    fn count(&mut self, args: &[Node], n: usize) -> Result<usize, Stop> {
        if args.len() <= n {
            return Ok(1);
        }
        usize::try_from(self.nth(args, n)?.integer()?).map_err(|_| Stop::Fault(Fault::Other))
    }

    #[allow(clippy::cast_precision_loss, reason = "a place in a text")]
    pub(super) fn words(&mut self, function: Function, args: &[Node]) -> Result<Value, Stop> {
        let text: String = match function {
            Function::Concatenate => {
                let mut out = String::new();
                for n in 0..args.len() {
                    out.push_str(&self.nth(args, n)?.text()?);
                }
                out
            }
            Function::Exact => {
                let (a, b) = (self.nth(args, 0)?.text()?, self.nth(args, 1)?.text()?);
                return Ok(Value::Bool(a == b));
            }
            Function::Len => return finite(self.plain(args, 0)?.len() as f64),
            Function::Find => {
                let (what, within) = (self.plain(args, 0)?, self.plain(args, 1)?);
                if what.is_empty() {
                    return Err(DOUBTFUL);
                }
                let at = within.windows(what.len()).position(|w| w == what.as_slice());
                return at.map_or(Err(Stop::Fault(Fault::Other)), |at| finite(at as f64 + 1.0));
            }
            Function::Left => {
                let (text, n) = (self.plain(args, 0)?, self.count(args, 1)?);
                text.into_iter().take(n).collect()
            }
            Function::Right => {
                let (text, n) = (self.plain(args, 0)?, self.count(args, 1)?);
                text.iter().skip(text.len().saturating_sub(n)).collect()
            }
            Function::Mid => {
                let (text, from, n) = (self.plain(args, 0)?, self.count(args, 1)?, self.count(args, 2)?);
                let skip = from.checked_sub(1).ok_or(Stop::Fault(Fault::Other))?;
                text.into_iter().skip(skip).take(n).collect()
            }
            Function::Substitute => {
                let (old, new) = (self.nth(args, 1)?.text()?, self.nth(args, 2)?.text()?);
                let text = self.nth(args, 0)?.text()?;
                if old.is_empty() { text } else { text.replace(&old, &new) }
            }
            // Whether wide blanks go as well, programs do not agree.
            _ => {
                let text = self.nth(args, 0)?.text()?;
                if text.chars().any(|c| c.is_whitespace() && c != ' ') {
                    return Err(DOUBTFUL);
                }
                text.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
            }
        };
        if text.encode_utf16().count() > LONGEST { Err(DOUBTFUL) } else { Ok(Value::Text(text)) }
    }

    /// An argument as a day. Texts are days to some programs; the first two months of the calendar are off by one.
    fn day(&mut self, args: &[Node]) -> Result<NaiveDate, Stop> {
        match self.nth(args, 0)? {
            Value::Number(n) if n >= 61.0 => match read(n, false) {
                Serial::Day(day, _) => Ok(day),
                _ => Err(DOUBTFUL),
            },
            _ => Err(DOUBTFUL),
        }
    }

    pub(super) fn days(&mut self, function: Function, args: &[Node]) -> Result<Value, Stop> {
        let day = match function {
            Function::Date => {
                let mut parts = [0; 3];
                for (n, part) in parts.iter_mut().enumerate() {
                    *part = self.nth(args, n)?.integer()?;
                }
                date(parts)
            }
            Function::Year => return finite(f64::from(self.day(args)?.year())),
            Function::Month => return finite(f64::from(self.day(args)?.month())),
            Function::Day => return finite(f64::from(self.day(args)?.day())),
            _ => {
                let (from, months) = (self.day(args)?, self.nth(args, 1)?.integer()?);
                let count = u32::try_from(months.unsigned_abs()).ok().filter(|m| *m < 24_000).ok_or(DOUBTFUL)?;
                let from = if function == Function::EoMonth { from.with_day(1) } else { Some(from) };
                let count = Months::new(count);
                let moved = from
                    .and_then(|d| if months < 0 { d.checked_sub_months(count) } else { d.checked_add_months(count) });
                if function == Function::EoMonth {
                    moved.and_then(|d| d.checked_add_months(Months::new(1))).and_then(|d| d.pred_opt())
                } else {
                    moved
                }
            }
        };
        match day.and_then(|d| serial(d, false)) {
            Some(n) if n >= 61.0 => Ok(Value::Number(n)),
            _ => Err(DOUBTFUL),
        }
    }
}

/// A day by its year, month and day, of which the last two may run over.
fn date([year, month, day]: [i64; 3]) -> Option<NaiveDate> {
    if !(1901..=9998).contains(&year) || month.abs() > 1200 || day.abs() > 40_000 {
        return None;
    }
    let months = year * 12 + month - 1;
    let first = NaiveDate::from_ymd_opt(
        i32::try_from(months.div_euclid(12)).ok()?,
        u32::try_from(months.rem_euclid(12) + 1).ok()?,
        1,
    )?;
    first.checked_add_signed(chrono::TimeDelta::days(day - 1))
}
