//! What a number format shows: whether a stored number is a date, and which parts of it a person sees.
//!
//! calamine misses formats of eras and weekdays alone (`[$-411]ggge"年"`, `aaa`), so the code is read here: quotes,
//! brackets, escapes and fill characters are set aside, and the first section decides.

use std::cell::RefCell;
use std::collections::HashMap;

/// Which parts of a date or time a format shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // one mark for each part of a date; they are independent
pub struct Shows {
    /// A year, western or of an era.
    pub year: bool,
    /// The year is an era year (`g`, `e`, or `y` under 元年 calendars).
    pub era: bool,
    /// A month.
    pub month: bool,
    /// A day of the month.
    pub day: bool,
    /// A weekday.
    pub weekday: bool,
    /// Hours, minutes or seconds.
    pub time: bool,
    /// 年度 stands in the format as a literal.
    pub fiscal: bool,
    /// The number is shown as a percentage.
    pub percent: bool,
    /// How many thousands the shown number is divided by (`#,##0,` is 1).
    pub thousands: u32,
}

impl Shows {
    /// Whether a stored number in this format is a date or time.
    #[must_use]
    pub const fn is_date(self) -> bool {
        self.year || self.month || self.day || self.weekday || self.time
    }
}

/// Reads a format code; built-in ids are resolved before. `General`, `@` and plain number formats show nothing.
#[must_use]
pub fn shows(format: &str) -> Shows {
    /// A workbook has a handful of formats and thousands of cells.
    const KNOWN: usize = 256;
    thread_local! {
        static READ: RefCell<HashMap<String, Shows>> = RefCell::default();
    }
    READ.with_borrow_mut(|known| {
        if let Some(shows) = known.get(format) {
            return *shows;
        }
        if known.len() >= KNOWN {
            known.clear();
        }
        let shows = read(format);
        known.insert(format.to_string(), shows);
        shows
    })
}

fn read(format: &str) -> Shows {
    let mut out = Shows::default();
    if format.trim().eq_ignore_ascii_case("general") {
        return out;
    }
    let letters = letters(format, &mut out);
    read_letters(&letters, &mut out);
    if out.is_date() {
        out.percent = false;
        out.thousands = 0;
    }
    out
}

/// The code letters of the first section in lower case, literals left out; notes 年度, elapsed time and gannen on the way.
fn letters(format: &str, out: &mut Shows) -> Vec<char> {
    let mut letters = Vec::new();
    let mut literal = String::new();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            ';' => break,
            '"' => literal.extend(chars.by_ref().take_while(|c| *c != '"')),
            '\\' | '!' => literal.extend(chars.next()),
            '_' | '*' => {
                chars.next();
            }
            '[' => {
                let inside: String = chars.by_ref().take_while(|c| *c != ']').collect::<String>().to_ascii_lowercase();
                if !inside.is_empty() && inside.chars().all(|c| matches!(c, 'h' | 'm' | 's')) {
                    out.time = true;
                    // Kept, so that the `m` behind `[h]` is a minute.
                    letters.extend(inside.chars());
                }
                out.era |= inside.contains("gannen");
            }
            c if c.is_ascii() => letters.push(c.to_ascii_lowercase()),
            c => literal.push(c),
        }
    }
    out.fiscal = literal.contains("年度");
    letters
}

fn read_letters(letters: &[char], out: &mut Shows) {
    // `General` may stand in a section beside literals: its letters are no date.
    let text: String = letters.iter().collect::<String>().replace("general", "");
    // AM/PM and A/P belong to a time; taken out so that their letters are not months.
    let twelve_hours = text.contains("am/pm") || text.contains("a/p");
    let code: Vec<char> = text.replace("am/pm", "").replace("a/p", "").chars().collect();
    out.time |= twelve_hours;
    let mut i = 0;
    while let Some(&c) = code.get(i) {
        let run = code.iter().skip(i).take_while(|x| **x == c).count();
        let before = i.checked_sub(1).and_then(|k| code.get(k)).copied();
        let after = code.get(i + run).copied();
        match c {
            'y' | 'b' => out.year = true,
            // `0.00E+00` is a power of ten; an `e` alone is the era's year.
            'e' if matches!(after, Some('+' | '-')) => {}
            'e' | 'g' | 'r' => {
                out.year = true;
                out.era = true;
            }
            'd' if run <= 2 => out.day = true,
            'd' => out.weekday = true,
            'a' | 'n' if run >= 3 => out.weekday = true,
            'h' | 's' => out.time = true,
            'm' if run <= 2 && is_minute(&code, i, run) => out.time = true,
            'm' => out.month = true,
            '%' => out.percent = true,
            ',' if matches!(before, Some('0' | '#' | '?')) && !matches!(after, Some('0' | '#' | '?')) => {
                out.thousands = u32::try_from(run).unwrap_or(u32::MAX);
            }
            _ => {}
        }
        i += run;
    }
}

/// `m` next to hours or seconds is a minute.
fn is_minute(code: &[char], at: usize, run: usize) -> bool {
    let letter = |c: &&char| c.is_ascii_alphabetic();
    let before = code.get(..at).and_then(|c| c.iter().rev().find(letter));
    let after = code.get(at + run..).and_then(|c| c.iter().find(letter));
    before == Some(&'h') || after == Some(&'s')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(format: &str) -> String {
        let s = shows(format);
        [(s.era, 'E'), (s.year, 'y'), (s.month, 'm'), (s.day, 'd'), (s.weekday, 'a'), (s.time, 't'), (s.fiscal, 'F')]
            .iter()
            .filter(|(on, _)| *on)
            .map(|(_, c)| *c)
            .collect()
    }

    #[test]
    fn japanese_formats_show_what_they_show() {
        for (format, want) in [
            ("yyyy/m/d", "ymd"),
            ("[$-411]ge.m.d", "Eymd"),
            ("[$-411]ge.m.d;@", "Eymd"),
            ("[$-411]ggge\"年\"m\"月\"d\"日\"", "Eymd"),
            ("[$-411]ggge\"年\"m\"月\"", "Eym"),
            ("[$-411]ggge\"年\"", "Ey"),
            ("[$-411]ggge\"年度\"", "EyF"),
            ("e\"年\"", "Ey"),
            ("[$-ja-JP]e", "Ey"),
            ("ge", "Ey"),
            ("[$-ja-JP-x-gannen]ggge\"年\"m\"月\"d\"日\";@", "Eymd"),
            ("[DBNum3][$-411]ggge\"年\"m\"月\"d\"日\"", "Eymd"),
            ("aaa", "a"),
            ("m\"月\"d\"日\"", "md"),
            ("mmm-yy", "ym"),
            ("yyyy\\-mm\\-dd", "ymd"),
            ("yyyy/m/d h:mm", "ymdt"),
            ("h:mm AM/PM", "t"),
            ("[h]:mm", "t"),
            ("mm:ss", "t"),
            ("m/d/yy(aaa)", "ymda"),
        ] {
            assert_eq!(parts(format), want, "{format}");
        }
    }

    #[test]
    fn numbers_are_no_dates() {
        for format in [
            "General",
            "@",
            "0.00E+00",
            "##0.0E-0",
            "#,##0",
            "0\"年\"",
            "\\¥#,##0;[Red]\\-#,##0",
            "[Red]0",
            "\"de\"0",
            "0_d",
            "*e0",
            "\"▲\" #,##0",
            "General\"円\"",
            "[<=999]0;0",
            "# ?/?",
        ] {
            assert!(!shows(format).is_date(), "{format}");
        }
        assert!(shows("0.0%").percent);
        assert_eq!(
            (shows("#,##0,").thousands, shows("#,##0").thousands, shows("#,##0,,\"百万\"").thousands),
            (1, 0, 2)
        );
    }
}
