//! What a person sees of a cell: the number or the text as its number format shows it.
//!
//! What the screen shows is what was answered. A format may bring a unit, a sign or a word, scale the number or show nothing at
//! all, and a number in a text answer stands as it is seen.

mod calendar;
mod cell;
mod decimal;
mod section;

use std::fmt::Write as _;

pub use calendar::show as day;
pub use cell::{NOTHING, Seen, seen, year_alone};
pub use decimal::fifteen;
pub use section::Section;

use decimal::Decimal;
use section::Part;

/// What a section of a format shows of a number that is no date.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // each is one thing that is seen or not
pub struct Sight {
    /// The text on the screen.
    pub shown: String,
    /// The same with all the digits of the number, where the screen rounds it.
    pub exact: String,
    /// Nothing stands beside the digits, their separators and their sign.
    pub bare: bool,
    /// Any digit of the number is seen.
    pub digits: bool,
    /// Letters stand beside the number.
    pub words: bool,
    /// How many thousands it is divided by.
    pub thousands: u32,
    /// It is shown as a percentage.
    pub percent: bool,
    /// The section has a colour.
    pub coloured: bool,
}

/// Whether a format shows a number as digits alone, whatever the number: General, `0`, `#,##0.0##`.
#[must_use]
pub fn is_plain(format: &str) -> bool {
    let (whole, places) = format.split_once('.').unwrap_or((format, ""));
    let digits = whole.strip_prefix("#,##").unwrap_or(whole);
    !digits.is_empty() && digits.bytes().all(|b| b == b'0') && places.bytes().all(|b| matches!(b, b'0' | b'#' | b'?'))
}

impl Section<'_> {
    /// What it shows of a number.
    #[must_use]
    pub fn sight(self, n: f64) -> Sight {
        let (parts, coloured) = section::parts(self.code);
        let mut out = Sight { coloured, bare: true, ..Sight::default() };
        for part in &parts {
            if let Part::Literal(text) = part {
                out.bare &= text.chars().all(|c| matches!(c, ' ' | '-' | '+' | '(' | ')'));
                out.words |= text.chars().any(char::is_alphabetic);
            }
        }
        let layout = Layout::of(&parts);
        (out.thousands, out.percent) = (layout.thousands, layout.hundreds > 0);
        let shown = if let Some(odd) = odd(&parts, n) {
            out.digits = true;
            out.exact = with_sign(&odd, n, self.signed);
            odd
        } else {
            let (shown, digits, zero) = layout.show(&parts, n, false);
            out.digits = digits;
            let exact = if layout.shows_all(n) { shown.clone() } else { layout.show(&parts, n, true).0 };
            out.exact = with_sign(&exact, n, self.signed);
            if zero {
                shown.trim().clone_into(&mut out.shown);
                return out;
            }
            shown
        };
        out.shown = with_sign(&shown, n, self.signed);
        out
    }
}

fn with_sign(text: &str, n: f64, signed: bool) -> String {
    let text = text.trim();
    if n < 0.0 && !signed && !text.is_empty() { format!("-{text}") } else { text.to_string() }
}

/// A text in a section for texts, where that shows something else.
fn with_text(code: &str, text: &str) -> String {
    let mut out = String::new();
    for part in section::parts(code).0 {
        match part {
            Part::All => out.push_str(text),
            Part::Literal(literal) => out.push_str(&literal),
            _ => {}
        }
    }
    out
}

/// A number without a format.
fn general(n: f64) -> String {
    fifteen(n.abs()).to_string()
}

/// Where the digits of a number come.
#[derive(Debug, Default)]
struct Layout {
    /// Places of digits before the point, and behind it.
    before: Vec<usize>,
    behind: Vec<usize>,
    point: Option<usize>,
    grouped: bool,
    thousands: u32,
    hundreds: u32,
    /// Something stands between the digits: 000-0000.
    mask: bool,
}

impl Layout {
    fn of(parts: &[Part]) -> Self {
        let point = parts.iter().position(|p| *p == Part::Point);
        let digits = parts.iter().enumerate().filter(|(_, p)| matches!(p, Part::Digit(_))).map(|(i, _)| i);
        let (before, behind): (Vec<usize>, Vec<usize>) = digits.partition(|i| point.is_none_or(|p| *i < p));
        let mut out = Self { before, behind, point, ..Self::default() };
        let first = out.before.first().or(out.behind.first()).copied();
        let last = out.behind.last().or(out.before.last()).copied();
        for (i, part) in parts.iter().enumerate() {
            match part {
                Part::Comma if first.is_some_and(|f| f < i) => {
                    if out.before.last().is_some_and(|l| i < *l) {
                        out.grouped = true;
                    } else {
                        out.thousands += 1;
                    }
                }
                Part::Percent => out.hundreds += 1,
                Part::Literal(t) if first.is_some_and(|f| f < i) && last.is_some_and(|l| i < l) => {
                    out.mask |= !t.trim().is_empty();
                }
                _ => {}
            }
        }
        out
    }

    /// Whether nothing of a number is rounded away: all its digits are seen, with one before the point.
    fn shows_all(&self, n: f64) -> bool {
        let number = self.scaled(n);
        !number.before().is_empty() && number.behind().len() <= self.behind.len()
    }

    /// A number as it is printed: in thousands, in per cent.
    fn scaled(&self, n: f64) -> Decimal {
        let by = i32::try_from(self.hundreds.saturating_mul(2)).unwrap_or(0)
            - i32::try_from(self.thousands.saturating_mul(3)).unwrap_or(0);
        Decimal::of(n).shifted(by)
    }

    /// The text, whether any digit is seen, and whether the number is seen as zero.
    fn show(&self, parts: &[Part], n: f64, exact: bool) -> (String, bool, bool) {
        let exact = exact && !self.mask;
        let number = self.scaled(n);
        let number = if exact { number.whole_of_it() } else { number.rounded(self.behind.len()) };
        let mut pieces = vec![String::new(); parts.len()];
        self.put_whole(parts, &number, &mut pieces);
        self.put_places(parts, &number, exact, &mut pieces);
        let seen = pieces.iter().any(|p| !p.is_empty());
        let mut out = String::new();
        for (i, part) in parts.iter().enumerate() {
            match part {
                Part::Digit(_) | Part::Point => out.push_str(pieces.get(i).map_or("", String::as_str)),
                Part::Percent => out.push('%'),
                Part::Literal(text) => out.push_str(text),
                Part::All => out.push_str(&general(n)),
                _ => {}
            }
        }
        let all = parts.contains(&Part::All);
        (out, seen || all, number.is_zero() && (seen || n == 0.0))
    }

    /// The digits before the point, from the right; the first place takes all that are left.
    fn put_whole(&self, parts: &[Part], number: &Decimal, pieces: &mut [String]) {
        let digits = number.before();
        let (mut left, mut placed) = (digits.len(), 0);
        for (i, at) in self.before.iter().enumerate().rev() {
            let mut piece = String::new();
            loop {
                let zero = piece.is_empty() && parts.get(*at) == Some(&Part::Digit('0'));
                let digit = left.checked_sub(1).and_then(|k| digits.get(k)).copied().or(zero.then_some(b'0'));
                let Some(digit) = digit else { break };
                left = left.saturating_sub(1);
                if self.grouped && placed > 0 && placed % 3 == 0 {
                    piece.push(',');
                }
                piece.push(char::from(digit));
                placed += 1;
                if i > 0 || left == 0 {
                    break;
                }
            }
            if let Some(place) = pieces.get_mut(*at) {
                *place = piece.chars().rev().collect();
            }
        }
        // `.00` shows the whole part too.
        if let Some(place) = self.point.filter(|_| self.before.is_empty()).and_then(|p| pieces.get_mut(p)) {
            place.extend(digits.iter().map(|d| char::from(*d)));
        }
    }

    /// The point and the digits behind it; all of them where the exact number is wanted.
    fn put_places(&self, parts: &[Part], number: &Decimal, exact: bool, pieces: &mut [String]) {
        let digits = number.behind();
        let text = |d: &[u8]| d.iter().map(|d| char::from(*d)).collect::<String>();
        let mut some = false;
        for (i, at) in self.behind.iter().enumerate() {
            let last = exact && i + 1 == self.behind.len();
            let piece = match digits.get(i..) {
                Some(rest) if last && !rest.is_empty() => text(rest),
                Some([digit, ..]) => text(&[*digit]),
                _ if parts.get(*at) == Some(&Part::Digit('0')) => "0".to_string(),
                _ => String::new(),
            };
            some |= !piece.is_empty();
            if let Some(place) = pieces.get_mut(*at) {
                *place = piece;
            }
        }
        let rest = if exact && self.behind.is_empty() { text(&digits) } else { String::new() };
        if !some && rest.is_empty() {
            return;
        }
        if exact && let Some(first) = self.before.first().filter(|_| number.before().is_empty()) {
            // A person reads `.5` as 0.5.
            if let Some(place) = pieces.get_mut(*first).filter(|p| p.is_empty()) {
                place.push('0');
            }
        }
        let at = self.point.or(self.before.last().copied());
        if let Some(place) = at.and_then(|p| pieces.get_mut(p)) {
            place.push('.');
            place.push_str(&rest);
        }
    }
}

/// Fractions and powers of ten, which show the number in another way.
fn odd(parts: &[Part], n: f64) -> Option<String> {
    let stroke = parts.iter().position(|p| *p == Part::Stroke);
    let power = parts.iter().position(|p| matches!(p, Part::Power(_)));
    let mut out = String::new();
    let first = parts.iter().position(|p| matches!(p, Part::Digit(_)))?;
    let last = parts.iter().rposition(|p| matches!(p, Part::Digit(_)))?;
    let middle = match (stroke, power) {
        (Some(at), _) => fraction(parts, at, n.abs())?,
        (None, Some(at)) => power_of_ten(parts, at, n.abs()),
        (None, None) => return None,
    };
    for (i, part) in parts.iter().enumerate() {
        match part {
            Part::Literal(text) if i < first || i > last && !text.bytes().all(|b| b.is_ascii_digit()) => {
                out.push_str(text);
            }
            Part::Digit(_) if i == first => out.push_str(&middle),
            _ => {}
        }
    }
    Some(out)
}

fn digits_in(parts: &[Part]) -> usize {
    parts.iter().filter(|p| matches!(p, Part::Digit(_))).count()
}

/// 1 1/2: the nearest fraction whose denominator has so many digits, or the one that the format names.
#[allow(clippy::cast_precision_loss)] // denominators have three digits at most
fn fraction(parts: &[Part], stroke: usize, n: f64) -> Option<String> {
    let behind = parts.get(stroke + 1..)?;
    let named: String =
        behind.iter().map_while(|p| if let Part::Literal(t) = p { Some(t.as_str()) } else { None }).collect();
    let whole = parts.get(..stroke)?.iter().any(|p| matches!(p, Part::Literal(t) if t.trim().is_empty()));
    let rest = if whole { n.fract() } else { n };
    let off = |d: u32| (rest * f64::from(d) - (rest * f64::from(d)).round()).abs() / f64::from(d);
    let best = match named.trim().parse::<u32>() {
        Ok(d) if d > 0 => d,
        _ => {
            let most = 10_u32.pow(u32::try_from(digits_in(behind)).unwrap_or(1).clamp(1, 3)) - 1;
            (1..=most).fold(1, |best, d| if off(d) + 1e-12 < off(best) { d } else { best })
        }
    };
    let upper = (rest * f64::from(best)).round();
    let (mut ones, mut upper) = (if whole { n.trunc() } else { 0.0 }, upper);
    if whole && upper >= f64::from(best) {
        (ones, upper) = (ones + 1.0, 0.0);
    }
    Some(match (whole, upper == 0.0, ones == 0.0) {
        (true, true, _) => ones.to_string(),
        (true, false, false) => format!("{ones} {upper}/{best}"),
        _ => format!("{upper}/{best}"),
    })
}

/// 1.20E+03.
fn power_of_ten(parts: &[Part], power: usize, n: f64) -> String {
    let (before, behind) = parts.split_at(power);
    let places =
        before.iter().position(|p| *p == Part::Point).map_or(0, |p| digits_in(before.get(p..).unwrap_or_default()));
    let text = format!("{n:.places$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, digits) = exponent.strip_prefix('-').map_or(("", exponent), |d| ("-", d));
    let plus = if sign.is_empty() && behind.first() == Some(&Part::Power(true)) { "+" } else { sign };
    let mut out = mantissa.to_string();
    // Writing to a string does not fail.
    let _ = write!(out, "E{plus}{digits:0>width$}", width = digits_in(behind));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sight(format: &str, n: f64) -> Sight {
        Section::of(format, n).sight(n)
    }

    #[test]
    fn numbers_are_shown_as_on_the_screen() {
        for (format, n, shown, exact) in [
            ("#,##0\"円\"", 4_300_000.0, "4,300,000円", "4,300,000円"),
            ("#,##0\"千円\"", 1200.4, "1,200千円", "1,200.4千円"),
            ("#,##0,\"千円\"", 1_234_567.0, "1,235千円", "1,234.567千円"),
            ("#,##0.0,,\"百万円\"", 1_250_000.0, "1.3百万円", "1.25百万円"),
            ("\"¥\"#,##0", 1200.0, "¥1,200", "¥1,200"),
            ("\\\\#,##0", -1200.0, "-¥1,200", "-¥1,200"),
            ("[$¥-411]#,##0;[Red]\\-[$¥-411]#,##0", -1200.0, "-¥1,200", "-¥1,200"),
            ("_ * #,##0_ ;_ * \\-#,##0_ ;_ * \"-\"_ ;_ @_ ", 0.0, "-", "-"),
            ("_ * #,##0_ ;_ * \\-#,##0_ ;_ * \"-\"_ ;_ @_ ", 1200.0, "1,200", "1,200"),
            ("#,##0;\"▲ \"#,##0", -5.0, "▲ 5", "▲ 5"),
            ("\"▲\"#,##0", 5.0, "▲5", "▲5"),
            ("#,##0_);(#,##0)", -5.0, "(5)", "(5)"),
            ("0!.0,\"万円\"", 1_234_567.0, "123.5万円", "123.5万円"),
            ("0.0%", 0.8549, "85.5%", "85.49%"),
            ("0%", 0.29, "29%", "29%"),
            ("00000", 123.0, "00123", "00123"),
            ("000-0000-0000", 9_012_345_678.0, "090-1234-5678", "090-1234-5678"),
            ("[<=99999999]####-####;\\(00\\) ####-####", 312_345_678.0, "(03) 1234-5678", "(03) 1234-5678"),
            ("[<=99999999]####-####;\\(00\\) ####-####", 12_345_678.0, "1234-5678", "1234-5678"),
            ("#", 0.0, "", ""),
            ("#,###", 0.4, "", "0.4"),
            ("#.##", 0.5, ".5", "0.5"),
            ("0.##", 100.0, "100", "100"),
            ("#,##0.##########", 1.25, "1.25", "1.25"),
            (";;;", 1200.0, "", ""),
            ("General\"件\"", 12.5, "12.5件", "12.5件"),
            ("\"未定\"", 1.0, "未定", "未定"),
            ("# ?/?", 0.5, "1/2", "1/2"),
            ("# ??/??", 1.25, "1 1/4", "1 1/4"),
            ("?/8", 0.5, "4/8", "4/8"),
            ("0.00E+00", 120_000.0, "1.20E+05", "1.20E+05"),
            ("0", -0.4, "0", "-0.4"),
            ("0", 4_299.999_999_999_999, "4300", "4300"),
            ("#,##0 \"千円\"", 1200.0, "1,200 千円", "1,200 千円"),
            ("[DBNum3]#,##0", 1200.0, "1,200", "1,200"),
            ("0\"年\"00\"月\"", 803.0, "8年03月", "8年03月"),
        ] {
            let got = sight(format, n);
            assert_eq!((got.shown.as_str(), got.exact.as_str()), (shown, exact), "{format} of {n}");
        }
    }

    #[test]
    fn plain_formats_show_digits_alone() {
        for format in ["0", "0.0", "#,##0", "#,##0.00", "#,##0.##########", "0.###", "000"] {
            assert!(is_plain(format), "{format}");
            assert!(sight(format, 12.0).bare, "{format}");
        }
        for format in ["", "#", "#,###", "#,##0,", "0%", "#,##0\"円\"", "General", "yyyy", "0;-0", "@", ".0"] {
            assert!(!is_plain(format), "{format}");
        }
        for (format, bare) in
            [("#,##0_ ;[Red]\\-#,##0\\ ", true), ("#,##0;[赤]-#,##0", true), ("0\"件\"", false), ("\"▲\"0", false)]
        {
            assert_eq!(sight(format, 5.0).bare, bare, "{format}");
        }
    }
}
