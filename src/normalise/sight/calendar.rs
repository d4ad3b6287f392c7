//! A day or a time as its format shows it on a Japanese screen.

use chrono::{Datelike, NaiveDate};

use crate::model::date::{ERAS, era_of, wareki, weekday};
use crate::normalise::serial::{self, Serial};

/// A part of a format for days and times.
enum Piece {
    /// The same letter so many times.
    Letters(char, usize),
    /// `[h]`: hours, minutes or seconds that are not broken at the day or the hour.
    Elapsed(char),
    /// AM/PM, or A/P.
    Half(bool),
    /// Tenths of a second and smaller.
    Fraction,
    /// What is shown as it stands.
    Literal(String),
}

/// A serial as a section shows it; `None` for a day that is none.
#[must_use]
pub fn show(code: &str, n: f64, date1904: bool) -> Option<String> {
    let (day, seconds) = match serial::read(n, date1904) {
        Serial::Day(day, seconds) => (Some(day), seconds),
        // A time of day alone.
        Serial::Outside if (0.0..1.0).contains(&n) => (None, whole((n * 86_400.0).round())),
        _ => return None,
    };
    let lower = code.to_ascii_lowercase();
    if lower.contains("[$-f800]") {
        return day.map(|d| format!("{}年{}月{}日", d.year(), d.month(), d.day()));
    }
    let pieces = pieces(if lower.contains("[$-f400]") { "h:mm:ss" } else { code });
    let at = Moment {
        day,
        seconds,
        elapsed: (n * 86_400.0).round(),
        gannen: lower.contains("gannen"),
        half: pieces.iter().any(|p| matches!(p, Piece::Half(_))),
    };
    let mut out = String::new();
    for (i, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Letters(c, run) => out.push_str(&at.letters(*c, *run, is_minute(&pieces, i))?),
            Piece::Elapsed(c) => {
                let unit = match c {
                    'h' => 3600.0,
                    'm' => 60.0,
                    _ => 1.0,
                };
                out.push_str(&(at.elapsed / unit).floor().to_string());
            }
            Piece::Half(short) => {
                let word = if seconds < 43_200 { "AM" } else { "PM" };
                out.push_str(if *short { word.get(..1).unwrap_or_default() } else { word });
            }
            Piece::Fraction => {}
            Piece::Literal(text) => out.push_str(text),
        }
    }
    Some(out.trim().to_string())
}

/// A number that was checked to be a second of a day.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 0..=86,400
const fn whole(n: f64) -> u32 {
    n as u32
}

fn pieces(code: &str) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut rest = code;
    while let Some(c) = rest.chars().next() {
        let behind = rest.get(c.len_utf8()..).unwrap_or_default();
        let half = [("am/pm", false), ("a/p", true)];
        let half = half.into_iter().find(|(w, _)| rest.get(..w.len()).is_some_and(|r| r.eq_ignore_ascii_case(w)));
        let mut next = behind;
        match c {
            _ if half.is_some() => {
                let (word, short) = half.unwrap_or_default();
                out.push(Piece::Half(short));
                next = rest.get(word.len()..).unwrap_or_default();
            }
            '"' => {
                let (inside, after) = behind.split_once('"').unwrap_or((behind, ""));
                out.push(Piece::Literal(inside.to_string()));
                next = after;
            }
            '[' => {
                let (inside, after) = behind.split_once(']').unwrap_or((behind, ""));
                let letter = inside.chars().next().map(|c| c.to_ascii_lowercase()).filter(|c| "hms".contains(*c));
                let same = |l: char| inside.chars().all(|c| c.to_ascii_lowercase() == l);
                out.extend(letter.filter(|l| same(*l)).map(Piece::Elapsed));
                next = after;
            }
            '\\' | '!' | '_' | '*' => {
                let escaped = behind.chars().next();
                let shown = if matches!(c, '\\' | '!') { escaped } else { None };
                out.extend(shown.map(|c| Piece::Literal(c.to_string())));
                next = behind.get(escaped.map_or(0, char::len_utf8)..).unwrap_or_default();
            }
            '.' if behind.starts_with('0') => {
                let zeros = behind.len() - behind.trim_start_matches('0').len();
                out.push(Piece::Fraction);
                next = behind.get(zeros..).unwrap_or_default();
            }
            c if c.is_ascii_alphabetic() => {
                let run = rest.chars().take_while(|x| x.eq_ignore_ascii_case(&c)).count();
                out.push(Piece::Letters(c.to_ascii_lowercase(), run));
                next = rest.get(run..).unwrap_or_default();
            }
            ';' | '@' => {}
            c => out.push(Piece::Literal(c.to_string())),
        }
        rest = next;
    }
    out
}

/// `m` behind hours or before seconds is a minute.
fn is_minute(pieces: &[Piece], at: usize) -> bool {
    let letter = |p: &Piece| match p {
        Piece::Letters(c, _) | Piece::Elapsed(c) => Some(*c),
        _ => None,
    };
    let before = pieces.get(..at).and_then(|p| p.iter().rev().find_map(letter));
    let after = pieces.get(at + 1..).and_then(|p| p.iter().find_map(letter));
    before == Some('h') || after == Some('s')
}

struct Moment {
    day: Option<NaiveDate>,
    seconds: u32,
    elapsed: f64,
    gannen: bool,
    half: bool,
}

impl Moment {
    fn letters(&self, c: char, run: usize, minute: bool) -> Option<String> {
        let two = |n: u32| if run >= 2 { format!("{n:02}") } else { n.to_string() };
        Some(match c {
            'h' if self.half => two((self.seconds / 3600 + 11) % 12 + 1),
            'h' => two(self.seconds / 3600),
            's' => two(self.seconds % 60),
            'm' if minute && run <= 2 => two(self.seconds / 60 % 60),
            _ => return self.day.map(|day| self.of_day(day, c, run)),
        })
    }

    fn of_day(&self, day: NaiveDate, c: char, run: usize) -> String {
        const MONTHS: [&str; 12] = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
        let two = |n: u32| if run >= 2 { format!("{n:02}") } else { n.to_string() };
        let month = MONTHS.get(day.month0() as usize).copied().unwrap_or_default();
        let of_week = DAYS.get(day.weekday().num_days_from_monday() as usize).copied().unwrap_or_default();
        let (era, year) = era_of(day).unwrap_or(("", day.year()));
        let year_of_era = || match year {
            1 if self.gannen => "元".to_string(),
            year => two(u32::try_from(year).unwrap_or_default()),
        };
        match (c, run) {
            ('y', ..=2) => format!("{:02}", day.year() % 100),
            ('y', _) => format!("{:04}", day.year()),
            ('b', _) => (day.year() + 543).to_string(),
            ('m', ..=2) => two(day.month()),
            ('m', 3) => month.chars().take(3).collect(),
            ('m', 5) => month.chars().take(1).collect(),
            ('m', _) => month.to_string(),
            ('d', ..=2) => two(day.day()),
            ('d', 3) => of_week.chars().take(3).collect(),
            ('d', _) => of_week.to_string(),
            ('a', 3) => weekday(day).to_string(),
            ('a', 4) => format!("{}曜日", weekday(day)),
            ('g', 1) => ERAS.iter().find(|e| e.0 == era).map(|e| e.1.to_string()).unwrap_or_default(),
            ('g', 2) => era.chars().take(1).collect(),
            ('g', _) => era.to_string(),
            ('e', _) => year_of_era(),
            ('r', 1) => format!("{year:02}"),
            ('r', _) => format!("{era}{year:02}"),
            (c, run) => c.to_string().repeat(run),
        }
    }
}

/// What was probably typed where the spreadsheet made a day of a text, in the words of a question; `None` where the screen
/// shows what was typed.
pub(super) fn typed(code: &str, n: f64, date1904: bool) -> Option<(bool, String)> {
    let parts = crate::normalise::number_format::shows(code);
    let Serial::Day(day, _) = serial::read(n, date1904) else { return None };
    if parts.era || parts.time || !(parts.month || parts.day) {
        return None;
    }
    let (y, m, d) = (day.year(), day.month(), day.day());
    let short = format!("{:02}-{m}-{d}", y % 100);
    Some(match (parts.year, parts.month, parts.day) {
        (false, true, true) => (true, format!("{m}-{d}」や「{m}/{d}")),
        (true, true, false) if code.to_ascii_lowercase().contains("mmm") => (true, format!("{y}-{m}")),
        (true, true, true) if code.to_ascii_lowercase().contains("mmm") => (true, short),
        // 1-2-3 becomes 2001/2/3.
        (true, true, true) if (2001..=2012).contains(&y) && !code.contains('年') => {
            (true, format!("{}-{m}-{d}", y % 100))
        }
        (true, true, true) if !code.contains('年') => (false, wareki(day)),
        (true, ..) => return None,
        _ => (true, wareki(day)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_times_are_shown_as_on_the_screen() {
        for (format, n, want) in [
            ("yyyy/m/d", 44563.0, "2022/1/2"),
            ("m\"月\"d\"日\"", 44563.0, "1月2日"),
            ("[$-411]ggge\"年\"m\"月\"d\"日\"", 44563.0, "令和4年1月2日"),
            ("[$-411]ge.m.d", 44563.0, "R4.1.2"),
            ("[$-ja-JP-x-gannen]ggge\"年\"m\"月\"", 43586.0, "令和元年5月"),
            ("yyyy/mm/dd(aaa)", 44563.0, "2022/01/02(日)"),
            ("aaaa", 44563.0, "日曜日"),
            ("mmm-yy", 44563.0, "Jan-22"),
            ("d-mmm", 44563.0, "2-Jan"),
            ("h:mm", 8.5 / 24.0, "8:30"),
            ("hh:mm:ss", 8.5 / 24.0, "08:30:00"),
            ("h:mm AM/PM", 13.5 / 24.0, "1:30 PM"),
            ("h\"時\"mm\"分\"", 8.5 / 24.0, "8時30分"),
            ("[h]:mm", 12.5, "300:00"),
            ("yyyy/m/d h:mm", 44563.5, "2022/1/2 12:00"),
            ("[$-F800]dddd, mmmm dd, yyyy", 44563.0, "2022年1月2日"),
            ("mm:ss", 0.5 / 24.0, "30:00"),
        ] {
            assert_eq!(show(format, n, false).as_deref(), Some(want), "{format}");
        }
        assert_eq!(show("yyyy/m/d", 0.5, false), None, "no day");
        assert_eq!(show("h:mm", -1.0, false), None);
    }

    #[test]
    fn what_was_typed_before_it_became_a_day() {
        let read = |format, n| typed(format, n, false);
        assert_eq!(read("m\"月\"d\"日\"", 44563.0), Some((true, "1-2」や「1/2".into())));
        assert_eq!(read("mmm-yy", 44563.0), Some((true, "2022-1".into())));
        assert_eq!(read("yyyy/m/d", 36925.0), Some((true, "1-2-3".into())), "2001-02-03");
        assert_eq!(read("yyyy/m/d", 44563.0).map(|t| t.0), Some(false));
        assert_eq!(read("yyyy\"年\"m\"月\"d\"日\"", 44563.0), None);
        assert_eq!(read("[$-411]ge.m.d", 36925.0), None);
        assert_eq!(read("h:mm", 0.3), None);
    }
}
