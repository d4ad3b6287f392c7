//! What is written into a cell, as its `<c>` holds it: numbers in their shortest form, dates as serials, text inline.

use std::fmt::{self, Write as _};

use chrono::NaiveDate;

/// What to write.
#[derive(Clone, Debug, PartialEq)]
pub enum FillValue {
    /// A finite number.
    Number(f64),
    /// Text, as it is: nothing is taken for a formula. No character at all is the same as [`Self::Blank`].
    Text(String),
    /// A day, written as a serial of the workbook's own date system.
    Date(NaiveDate),
    /// Nothing; the style of the cell stays.
    Blank,
}

/// Why a value cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unwritable {
    /// Infinite, or no number.
    NotFinite,
    /// Longer than the 32,767 UTF-16 units that a cell can hold.
    TooLong,
    /// A whole number of more digits than a spreadsheet keeps.
    TooPrecise,
    /// Before the first or after the last day of the workbook's date system: to be written as text.
    OutsideCalendar,
}

/// Excel's own limit of a cell, in UTF-16 units.
const MAX_TEXT: usize = 32_767;

/// Significant digits that a spreadsheet keeps of a number.
pub const MOST_DIGITS: usize = 15;

/// Significant digits of a number as it is written: zeros at its beginning, and at its end, say nothing.
#[must_use]
pub fn value_digits(text: &str) -> usize {
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    digits.trim_matches('0').len()
}

/// A value as XML: the attribute `t` and what stands between the tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rendered {
    pub kind: Option<&'static str>,
    pub inner: String,
}

impl fmt::Display for FillValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(n) => write!(f, "{n}"),
            Self::Text(t) => f.write_str(&t.chars().take(40).collect::<String>()),
            Self::Date(day) => write!(f, "{day}"),
            Self::Blank => Ok(()),
        }
    }
}

impl FillValue {
    /// The value as XML, with the namespace prefix of the sheet (`x:` or nothing).
    pub(super) fn render(&self, prefix: &str, date1904: bool) -> Result<Rendered, Unwritable> {
        let number = |n: f64| Rendered { kind: None, inner: format!("<{prefix}v>{}</{prefix}v>", shortest(n)) };
        Ok(match self {
            // A quotient has digits that nobody typed; a whole number of more than fifteen is a code, and would show another.
            Self::Number(n) if n.is_finite() && n.fract() == 0.0 && value_digits(&n.to_string()) > MOST_DIGITS => {
                return Err(Unwritable::TooPrecise);
            }
            Self::Number(n) if n.is_finite() => number(*n),
            Self::Number(_) => return Err(Unwritable::NotFinite),
            Self::Date(day) => number(serial(*day, date1904).ok_or(Unwritable::OutsideCalendar)?),
            Self::Text(text) if text.encode_utf16().count() > MAX_TEXT => return Err(Unwritable::TooLong),
            Self::Text(text) if !text.is_empty() => {
                let text = escape(text);
                let inner = format!(r#"<{prefix}is><{prefix}t xml:space="preserve">{text}</{prefix}t></{prefix}is>"#);
                Rendered { kind: Some("inlineStr"), inner }
            }
            Self::Text(_) | Self::Blank => Rendered { kind: None, inner: String::new() },
        })
    }
}

/// The shortest decimal that gives the number back; very large and very small ones with an exponent.
pub(super) fn shortest(n: f64) -> String {
    let size = n.abs();
    if n == 0.0 {
        "0".into()
    } else if (1e-5..1e17).contains(&size) {
        n.to_string()
    } else {
        format!("{n:E}")
    }
}

/// The serial of a day; `None` outside the date system.
pub(super) fn serial(day: NaiveDate, date1904: bool) -> Option<f64> {
    let (y, m, d) = if date1904 { (1904, 1, 1) } else { (1899, 12, 30) };
    let days = i32::try_from(day.signed_duration_since(NaiveDate::from_ymd_opt(y, m, d)?).num_days()).ok()?;
    // The 1900 system counts a 29 February 1900 that never was; the days before it are one less.
    let days = if !date1904 && days <= 60 { days - 1 } else { days };
    let first = i32::from(!date1904);
    let last = if date1904 { 2_957_003 } else { 2_958_465 };
    (first..=last).contains(&days).then(|| f64::from(days))
}

/// Text for a `<t>`: what XML cannot hold, or would change, becomes `_xHHHH_`, and what looks like that is kept apart.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for (at, c) in text.char_indices() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\t' | '\n' => out.push(c),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                // Writing to a string does not fail.
                let _ = write!(out, "_x{:04X}_", u32::from(c));
            }
            '_' if text.get(at..).is_some_and(looks_escaped) => out.push_str("_x005F_"),
            _ => out.push(c),
        }
    }
    out
}

/// Text as it was before [`escape`], the entities of XML already resolved.
pub(super) fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('_') {
        let (before, tail) = rest.split_at(at);
        out.push_str(before);
        let code = looks_escaped(tail).then(|| tail.get(2..6)).flatten();
        let (c, length) = match code.and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32) {
            Some(c) => (c, 7),
            None => ('_', 1),
        };
        out.push(c);
        rest = tail.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// Whether a text begins with `_xHHHH_`.
fn looks_escaped(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.starts_with(b"_x")
        && bytes.get(6) == Some(&b'_')
        && bytes.get(2..6).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        for (n, text) in [
            (0.1, "0.1"),
            (-0.0, "0"),
            (1e15, "1000000000000000"),
            (1e300, "1E300"),
            (2.5e-9, "2.5E-9"),
            (123_456_789.25, "123456789.25"),
            (-3.0, "-3"),
        ] {
            assert_eq!(shortest(n), text);
        }
        for n in [f64::MAX, f64::MIN_POSITIVE, 1.0 / 3.0, 5e-324, 0.1 + 0.2, 1e17, 99_999_999_999_999_984.0] {
            assert_eq!(shortest(n).parse(), Ok(n));
        }
        assert_eq!(FillValue::Number(f64::NAN).render("", false), Err(Unwritable::NotFinite));
        for (n, fits) in [
            (123_456_789_012_345.0, true),
            (1_234_567_890_123_456.0, false),
            (12_345_678_901_234_568.0, false),
            (1.2e18, true),
            (-1e300, true),
            (1.0 / 3.0, true),
            (0.1 + 0.2, true),
        ] {
            assert_eq!(FillValue::Number(n).render("", false).is_ok(), fits, "{n}");
        }
        for (text, digits) in [("0", 0), ("-0.5", 1), ("1200", 2), ("0.00120", 2), ("1.5e10", 2), ("1002", 4)] {
            assert_eq!(value_digits(text), digits, "{text}");
        }
    }

    #[test]
    fn days_in_both_systems() {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).expect("a day");
        for (d, s1900, s1904) in [
            (day(2022, 11, 11), Some(44876.0), Some(43414.0)),
            (day(1900, 3, 1), Some(61.0), None),
            (day(1900, 2, 28), Some(59.0), None),
            (day(1900, 1, 1), Some(1.0), None),
            (day(1899, 12, 31), None, None),
            (day(1904, 1, 1), Some(1462.0), Some(0.0)),
            (day(9999, 12, 31), Some(2_958_465.0), Some(2_957_003.0)),
            (day(10_000, 1, 1), None, None),
        ] {
            assert_eq!((serial(d, false), serial(d, true)), (s1900, s1904), "{d}");
        }
    }

    #[test]
    fn text_survives_xml() {
        for (text, xml) in [
            ("a & <b>", "a &amp; &lt;b&gt;"),
            ("\r\n\t", "_x000D_\n\t"),
            ("_x000D_", "_x005F_x000D_"),
            ("_x00_ __x0041_", "_x00_ __x005F_x0041_"),
            ("\u{1}𠮷\u{ffff}", "_x0001_𠮷_xFFFF_"),
        ] {
            assert_eq!(escape(text), xml);
            let plain = xml.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
            assert_eq!(unescape(&plain), text);
        }
    }
}
