//! The sections of a number format: which of them shows a value, and the parts it is made of.

/// Compares a value with a bound.
type Condition = (Test, f64);
/// How it is compared.
type Test = fn(&f64, &f64) -> bool;

/// The section of a format that shows a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section<'f> {
    /// Its code; empty where nothing is shown.
    pub code: &'f str,
    /// It is for negative numbers alone and brings its own sign, or none.
    pub signed: bool,
}

impl<'f> Section<'f> {
    /// The section that shows a number.
    #[must_use]
    pub fn of(format: &'f str, n: f64) -> Self {
        let mut parts = split(format);
        if parts.len() > 3 || parts.last().is_some_and(|p| holds_text(p)) {
            parts.truncate(3.min(parts.len() - 1));
        }
        let part = |i: usize| parts.get(i).copied();
        let plain = |code| Self { code, signed: false };
        let Some(first) = part(0) else { return plain("General") };
        let conditions = (condition(first), part(1).and_then(condition));
        if conditions == (None, None) {
            return match (part(1), part(2)) {
                (Some(code), _) if n < 0.0 => Self { code, signed: true },
                (Some(_), Some(code)) if n == 0.0 => plain(code),
                _ => plain(first),
            };
        }
        let meets = |c: Option<Condition>| c.is_some_and(|(test, bound)| test(&n, &bound));
        // A section that no number from zero on can come to is one for negative numbers.
        let negative = |c: Option<Condition>| {
            c.is_some_and(|(test, bound)| bound <= 0.0 && !test(&0.0, &bound) && !test(&1e300, &bound))
        };
        if meets(conditions.0) {
            return Self { code: first, signed: negative(conditions.0) };
        }
        match (part(1), part(2), conditions.1) {
            (Some(code), _, second @ Some(_)) if meets(second) => Self { code, signed: negative(second) },
            (Some(code), Some(_), None) if n < 0.0 => Self { code, signed: true },
            (_, Some(code), _) => plain(code),
            (Some(code), None, None) => {
                let rest = conditions.0.is_some_and(|(test, bound)| bound == 0.0 && test(&1.0, &bound));
                Self { code, signed: rest && n < 0.0 }
            }
            _ => plain("General"),
        }
    }

    /// The section that shows a text, where the format has one of its own.
    #[must_use]
    pub fn of_text(format: &'f str) -> Option<&'f str> {
        let parts = split(format);
        parts.get(3).copied().or_else(|| parts.last().copied().filter(|p| holds_text(p)))
    }
}

/// Splits a format at the semicolons that stand in no quotes, brackets or escapes.
fn split(format: &str) -> Vec<&str> {
    let (mut parts, mut start) = (Vec::new(), 0);
    walk(format, |at, c| {
        if c == ';' {
            parts.extend(format.get(start..at));
            start = at + 1;
        }
    });
    parts.extend(format.get(start..));
    parts
}

/// Calls `f` with every character that stands in no quotes, brackets or escapes.
fn walk(format: &str, mut f: impl FnMut(usize, char)) {
    let mut chars = format.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => drop(chars.by_ref().find(|(_, c)| *c == '"')),
            '[' => drop(chars.by_ref().find(|(_, c)| *c == ']')),
            '\\' | '!' | '_' | '*' => drop(chars.next()),
            c => f(at, c),
        }
    }
}

fn holds_text(section: &str) -> bool {
    let mut found = false;
    walk(section, |_, c| found |= c == '@');
    found
}

/// The condition that stands in brackets before a section.
fn condition(section: &str) -> Option<Condition> {
    let mut rest = section.trim_start();
    loop {
        let (inside, behind) = rest.strip_prefix('[')?.split_once(']')?;
        let test: Option<(Test, &str)> =
            [("<=", f64::le as Test), (">=", f64::ge), ("<>", f64::ne), ("<", f64::lt), (">", f64::gt), ("=", f64::eq)]
                .into_iter()
                .find_map(|(sign, test)| inside.strip_prefix(sign).map(|bound| (test, bound)));
        if let Some((test, bound)) = test {
            return bound.trim().parse().ok().map(|bound| (test, bound));
        }
        rest = behind.trim_start();
    }
}

/// A part of a section for numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Where a digit comes: `0`, `#` or `?`.
    Digit(char),
    /// The decimal point.
    Point,
    /// A comma: between digits for thousands, behind them for a thousandth.
    Comma,
    /// Per cent.
    Percent,
    /// The stroke of a fraction.
    Stroke,
    /// A power of ten follows; with a plus sign where it is positive, or without.
    Power(bool),
    /// The number as it is shown without a format, or the text.
    All,
    /// What is shown as it stands.
    Literal(String),
}

/// The parts of a section, and whether it has a colour.
pub(super) fn parts(code: &str) -> (Vec<Part>, bool) {
    let (mut out, mut coloured) = (Vec::new(), false);
    let mut rest = code;
    while let Some(c) = rest.chars().next() {
        let mut behind = rest.get(c.len_utf8()..).unwrap_or_default();
        let literal = |c: char| Part::Literal(if c == '\\' { "¥".into() } else { c.to_string() });
        match c {
            '"' => {
                let (inside, after) = behind.split_once('"').unwrap_or((behind, ""));
                out.push(Part::Literal(inside.replace('\\', "¥")));
                behind = after;
            }
            '[' => {
                let (inside, after) = behind.split_once(']').unwrap_or((behind, ""));
                if let Some(currency) = inside.strip_prefix('$') {
                    let sign = currency.split_once('-').map_or(currency, |(sign, _)| sign);
                    out.extend((!sign.is_empty()).then(|| Part::Literal(sign.replace('\\', "¥"))));
                }
                coloured |= is_colour(inside);
                behind = after;
            }
            // An escape shows the character behind it; a blank is as wide as it, or repeats it.
            '\\' | '!' | '_' | '*' => {
                let next = behind.chars().next();
                match c {
                    '_' => out.push(Part::Literal(" ".into())),
                    '*' => {}
                    _ => out.extend(next.map(literal)),
                }
                behind = behind.get(next.map_or(0, char::len_utf8)..).unwrap_or_default();
            }
            '0' | '#' | '?' => out.push(Part::Digit(c)),
            '.' => out.push(Part::Point),
            ',' => out.push(Part::Comma),
            '%' | '％' => out.push(Part::Percent),
            '@' => out.push(Part::All),
            '/' if matches!(out.last(), Some(Part::Digit(_))) && behind.starts_with(is_denominator) => {
                out.push(Part::Stroke);
            }
            'E' | 'e' if behind.starts_with(['+', '-']) => {
                out.push(Part::Power(behind.starts_with('+')));
                behind = behind.get(1..).unwrap_or_default();
            }
            'G' | 'g' if rest.get(..7).is_some_and(|w| w.eq_ignore_ascii_case("general")) => {
                out.push(Part::All);
                behind = rest.get(7..).unwrap_or_default();
            }
            c => out.push(literal(c)),
        }
        rest = behind;
    }
    (out, coloured)
}

const fn is_denominator(c: char) -> bool {
    matches!(c, '?' | '#' | '0'..='9')
}

fn is_colour(inside: &str) -> bool {
    const NAMES: [&str; 8] = ["black", "white", "red", "green", "blue", "yellow", "magenta", "cyan"];
    const KANJI: [&str; 8] = ["黒", "白", "赤", "緑", "青", "黄", "紫", "水"];
    let lower = inside.trim().to_ascii_lowercase();
    NAMES.contains(&lower.as_str())
        || KANJI.contains(&lower.as_str())
        || lower.starts_with("color")
        || lower.starts_with('色')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_section_that_applies_is_the_one_shown() {
        for (format, n, code, signed) in [
            ("0", -5.0, "0", false),
            ("0;\"▲\"0", -5.0, "\"▲\"0", true),
            ("0;\"▲\"0", 5.0, "0", false),
            ("0;-0;\"未定\"", 0.0, "\"未定\"", false),
            ("0;-0;\"a;b\"", 0.0, "\"a;b\"", false),
            ("0;-0;;@", 0.0, "", false),
            ("0;-0;@", 0.0, "0", false),
            (";;;", 5.0, "", false),
            ("@", 5.0, "General", false),
            ("[<1000]0\"円\";[<1000000]0,\"千円\";0,,\"百万円\"", 999.0, "[<1000]0\"円\"", false),
            ("[<1000]0\"円\";[<1000000]0,\"千円\";0,,\"百万円\"", 5000.0, "[<1000000]0,\"千円\"", false),
            ("[<1000]0\"円\";[<1000000]0,\"千円\";0,,\"百万円\"", 5e6, "0,,\"百万円\"", false),
            ("[Red][<0]0;0", -1.0, "[Red][<0]0", true),
            ("[=1]\"○\";[=2]\"△\";\"×\"", 2.0, "[=2]\"△\"", false),
            ("[=1]\"○\";[=2]\"△\";\"×\"", 3.0, "\"×\"", false),
            ("[>=0]0;\"▲\"0", -1.0, "\"▲\"0", true),
            ("[>100]0;0", -1.0, "0", false),
        ] {
            assert_eq!(Section::of(format, n), Section { code, signed }, "{format} of {n}");
        }
        for (format, code) in [
            ("0;0;0;@\"課\"", Some("@\"課\"")),
            ("0;-0;@", Some("@")),
            ("0;-0", None),
            (";;;", Some("")),
            ("0\"@\"", None),
        ] {
            assert_eq!(Section::of_text(format), code, "{format}");
        }
    }
}
