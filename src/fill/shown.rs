//! What a number format hides of a number: decimals that it rounds away, thousands that it leaves out, all of it.

use super::compute::rounded;

/// A section of a format: what stands around the digits, and how many of them are shown.
#[derive(Debug, Default, PartialEq)]
struct Section {
    before: String,
    after: String,
    /// Whether any digit is shown.
    digits: bool,
    decimals: u32,
    /// How many thousands the number is divided by.
    thousands: u32,
    /// Whether it shows something that is not told here: a share, a power, a day, a condition.
    other: bool,
}

/// Decimals of more digits than this are a quotient's, which every format rounds.
const TYPED: usize = 6;

/// What is seen of a number in a format, in words, where that is another number or nothing at all.
pub(super) fn hidden(format: &str, n: f64) -> Option<String> {
    let sections = sections(format);
    let one = match sections.as_slice() {
        [] | [_] => 0,
        [_, _] => usize::from(n < 0.0),
        _ if n == 0.0 => 2,
        _ => usize::from(n < 0.0),
    };
    let section = sections.get(one)?;
    if sections.iter().any(|s| s.other) {
        return None;
    }
    if !section.digits {
        let all_hide = sections.iter().all(|s| !s.digits && s.before.is_empty());
        return match section.before.as_str() {
            "" if all_hide || n != 0.0 => Some("何も表示されません".into()),
            "" => None,
            words if n != 0.0 => Some(format!("「{words}」とだけ表示されます")),
            _ => None,
        };
    }
    let unit = 1000f64.powi(i32::try_from(section.thousands).ok()?);
    let seen = rounded(n / unit, section.decimals)?;
    #[allow(clippy::float_cmp, reason = "the same number, or another one")]
    let same = section.thousands == 0 && seen == n;
    let typed = n.to_string().split_once('.').map_or(0, |(_, d)| d.len()) <= TYPED;
    if same || n == 0.0 || (section.decimals > 0 && section.thousands == 0 && !typed) {
        return None;
    }
    let minus = if seen < 0.0 && one == 0 { "-" } else { "" };
    let digits = format!("{:.*}", section.decimals as usize, seen.abs());
    Some(format!("「{minus}{}{digits}{}」と表示されます", section.before, section.after))
}

/// The sections of a format. Its commas between digits only group them.
fn sections(format: &str) -> Vec<Section> {
    let mut out = vec![Section::default()];
    let (mut commas, mut point) = (0, false);
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        let Some(now) = out.last_mut() else { break };
        let literal: String = match c {
            ';' => {
                out.push(Section::default());
                (commas, point) = (0, false);
                continue;
            }
            '"' => chars.by_ref().take_while(|c| *c != '"').collect(),
            '\\' | '!' => chars.next().into_iter().collect(),
            '_' | '*' => {
                chars.next();
                continue;
            }
            '[' => {
                let inside: String = chars.by_ref().take_while(|c| *c != ']').collect();
                now.other |= inside.starts_with(['<', '>', '=']) || inside.to_ascii_lowercase().starts_with("dbnum");
                now.other |= matches!(inside.to_ascii_lowercase().trim_matches(['h', 'm', 's']), "");
                inside.strip_prefix('$').and_then(|i| i.split('-').next()).unwrap_or_default().to_string()
            }
            '0' | '#' | '?' => {
                now.digits = true;
                commas = 0;
                now.thousands = 0;
                now.decimals += u32::from(point);
                continue;
            }
            ',' if now.digits => {
                commas += 1;
                now.thousands = commas;
                continue;
            }
            '.' if !point => {
                point = true;
                continue;
            }
            '%' | '/' | '@' | 'E' | 'e' => {
                now.other = true;
                continue;
            }
            c if c.is_ascii_alphabetic() => {
                now.other = true;
                continue;
            }
            c => c.to_string(),
        };
        if now.digits { now.after.push_str(&literal) } else { now.before.push_str(&literal) }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_is_told_and_what_is_shown_is_not() {
        for (format, n, seen) in [
            ("0", 12.5, "「13」"),
            ("0", -12.5, "「-13」"),
            ("0.0", 12.34, "「12.3」"),
            ("0.0", 12.35, "「12.4」"),
            ("#,##0", 0.4, "「0」"),
            ("#,##0,", 12345.0, "「12」"),
            ("#,##0,\"千円\"", 12345.0, "「12千円」"),
            ("#,##0.0,,", 1_250_000.0, "「1.3」"),
            ("0\"千円\"", 12.5, "「13千円」"),
            ("\"¥\"#,##0;\"△\"#,##0", -1.5, "「△2」"),
            ("[$¥-411]#,##0", 1.5, "「¥2」"),
            ("0;-0;0", 0.5, "「1」"),
            (";;;", 5.0, "何も"),
            (";;;", 0.0, "何も"),
            ("0;;", -3.0, "何も"),
            ("\"済\"", 3.0, "「済」とだけ"),
            ("0_ ", 2.5, "「3」"),
            ("0", 5.0 / 3.0, "「2」"),
        ] {
            let found = hidden(format, n).unwrap_or_default();
            assert!(found.starts_with(seen), "{format} {n}: {found}");
        }
        for (format, n) in [
            ("0", 12.0),
            ("0", 0.0),
            ("#,##0", 1_234_567.0),
            ("0.0", 12.3),
            ("0.00", 12.5),
            ("#,##0.###", 1.25),
            // A quotient: no format shows all of it.
            ("0.0", 5.0 / 3.0),
            // Zeros that are left blank or shown as a dash are a habit.
            ("#,##0;-#,##0;", 0.0),
            ("#,##0;-#,##0;\"－\"", 0.0),
            // Not told here: shares, powers, days, conditions, fractions, text, General.
            ("0%", 0.125),
            ("0.0E+00", 12345.0),
            ("yyyy/m/d", 1.5),
            ("[>=1000]#,##0,;0", 1500.0),
            ("# ?/?", 0.3),
            ("@", 1.5),
            ("General", 1.5),
            ("[h]:mm", 1.5),
        ] {
            assert_eq!(hidden(format, n), None, "{format} {n}");
        }
    }
}
