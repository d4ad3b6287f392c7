//! The anatomy of a written number: hedge, sign, digits with separators, powers of ten, unit, hedge.

use super::date::scan::kanji_value;
use super::text::is_invisible;
use crate::model::value::Doubt;

/// A number as it was written, before any unit is weighed.
#[derive(Clone, Debug, Default, PartialEq)]
#[allow(clippy::struct_excessive_bools)] // each is one thing that was written or not
pub(super) struct Written {
    /// The digits alone.
    pub digits: f64,
    /// With 万, 億, 千 and the like multiplied in.
    pub scaled: f64,
    /// Whether such a power was written.
    pub powers: bool,
    /// A minus sign of any kind.
    pub negative: bool,
    /// The sign was ▲, △ or a long dash.
    pub marked_minus: bool,
    /// Thousands were separated, or ¥ stood before.
    pub separated: bool,
    /// Kanji digits.
    pub kanji: bool,
    /// 3.450: a fraction of three digits, or thousands in another country's way.
    pub dotted: bool,
    /// ¥ or 金 stood before.
    pub yen: bool,
    /// 約, 程度.
    pub about: bool,
    /// 以上, 未満, 最大: not the number itself but a bound.
    pub bound: bool,
    /// What was written behind, as typed but in half width.
    pub unit: String,
    /// Words before or behind that change nothing (年間, 延べ).
    pub remarks: Vec<String>,
}

const ABOUT_BEFORE: &[&str] = &["約", "およそ", "おおよそ", "概ね", "おおむね", "概算", "ほぼ", "だいたい", "凡そ"];
const ABOUT_BEHIND: &[&str] =
    &["程度", "くらい", "ぐらい", "前後", "ほど", "見込み", "見込", "(概算)", "位", "目安", "予定", "想定"];
const BOUND_BEFORE: &[&str] = &["最大", "最小", "上限", "下限", "少なくとも", "最低", "最高"];
const BOUND_BEHIND: &[&str] =
    &["以上", "以下", "未満", "以内", "超え", "超", "弱", "強", "余り", "余", "あまり", "まで", "から"];
const PLAIN_BEFORE: &[&str] = &[
    "年間",
    "年額",
    "年",
    "合計",
    "計",
    "延べ",
    "のべ",
    "累計",
    "総",
    "全",
    "税込",
    "決算額",
    "金額",
    "処理件数",
    "申請件数",
    "受付件数",
    "利用件数",
    "件数",
    "実績",
];
const PLAIN_BEHIND: &[&str] = &["/年", "/年間", "/年度", "です", "でした", "也", "-"];

/// Powers of ten, the longer first.
const POWERS: &[(&str, f64)] =
    &[("百万", 1e6), ("十万", 1e5), ("千万", 1e7), ("兆", 1e12), ("億", 1e8), ("万", 1e4), ("千", 1e3), ("百", 1e2)];

/// Full width to half width and blanks out, circled digits and ² left as they are.
fn fold(text: &str) -> Vec<char> {
    text.chars()
        .filter(|c| !is_invisible(*c))
        .map(|c| match c {
            '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
            c if c.is_whitespace() => ' ',
            '¥' | '￥' => '\\',
            '〜' | '∼' => '~',
            c => c,
        })
        .collect()
}

/// Reads a text, without brackets, as one number.
pub(super) fn parse(text: &str) -> Result<Written, Doubt> {
    let chars = fold(text);
    let mut out = Written::default();
    let mut at = before(&chars, &mut out);
    let start = at;
    let mut last_power = f64::INFINITY;
    // 1億2,000万: parts with falling powers.
    while let Some((value, next, kanji)) = digits(&chars, at, &mut out)? {
        let (power, next) = power(&chars, next);
        if power >= last_power {
            return Err(Doubt::AmbiguousNumber(text.to_string()));
        }
        out.powers |= power > 1.0;
        out.kanji |= kanji;
        out.digits = value;
        out.scaled += value * power;
        last_power = power;
        at = next;
        if power <= 1.0 {
            break;
        }
    }
    if at == start {
        return Err(Doubt::Unreadable);
    }
    behind(chars.get(at..).unwrap_or(&[]), &mut out);
    if out.unit.chars().any(|c| c.is_ascii_digit()) {
        return Err(Doubt::AmbiguousNumber(text.to_string()));
    }
    if out.unit.contains('~') {
        return Err(Doubt::AmbiguousNumber(text.to_string()));
    }
    Ok(out)
}

fn starts(chars: &[char], at: usize, word: &str) -> Option<usize> {
    let mut end = at;
    for w in word.chars() {
        if chars.get(end) != Some(&w) {
            return None;
        }
        end += 1;
    }
    Some(end)
}

/// Hedges, signs and ¥ before the digits; gives where the digits begin.
fn before(chars: &[char], out: &mut Written) -> usize {
    let mut at = 0;
    loop {
        let word = |table: &[&str]| table.iter().find_map(|w| starts(chars, at, w).map(|end| ((*w).to_string(), end)));
        if let Some((_, end)) = word(ABOUT_BEFORE) {
            out.about = true;
            at = end;
        } else if let Some((_, end)) = word(BOUND_BEFORE) {
            out.bound = true;
            at = end;
        } else if let Some((w, end)) = word(PLAIN_BEFORE) {
            out.remarks.push(w);
            at = end;
        } else {
            match chars.get(at) {
                Some(' ' | '+' | ':') => {}
                Some('は') if !out.remarks.is_empty() => {}
                Some('-') if !out.negative => out.negative = true,
                Some('▲' | '△' | '−' | '–' | '—' | '―' | '‐' | '‑') if !out.negative => {
                    out.negative = true;
                    out.marked_minus = true;
                }
                Some('\\' | '金') => {
                    out.yen = true;
                    out.separated = true;
                }
                _ => return at,
            }
            at += 1;
        }
    }
}

/// Digits with separators and a fraction, or kanji digits; their value and where they end.
fn digits(chars: &[char], at: usize, out: &mut Written) -> Result<Option<(f64, usize, bool)>, Doubt> {
    let at = at + chars.get(at..).unwrap_or(&[]).iter().take_while(|c| **c == ' ').count();
    let digit = |k: usize| chars.get(k).is_some_and(char::is_ascii_digit);
    if !digit(at) {
        return Ok(kanji(chars, at));
    }
    let mut end = at;
    while digit(end) || (chars.get(end).is_some_and(|c| is_mark(*c)) && digit(end + 1)) {
        end += 1;
    }
    let run: String = chars.get(at..end).unwrap_or(&[]).iter().collect();
    let ambiguous = || Doubt::AmbiguousNumber(run.clone());
    let (whole, fraction) = run.split_once('.').unwrap_or((&run, ""));
    let groups: Vec<&str> = whole.split(|c: char| is_mark(c)).collect();
    let even = groups.iter().skip(1).all(|g| g.len() == 3) && groups.first().is_some_and(|g| g.len() <= 3);
    if fraction.contains(|c: char| !c.is_ascii_digit()) || (groups.len() > 1 && !even) {
        return Err(ambiguous());
    }
    out.separated |= groups.len() > 1;
    out.dotted |= groups.len() == 1 && fraction.len() == 3 && whole != "0" && whole.len() <= 3;
    let plain = groups.concat();
    // Beyond 15 digits a double is not the number that was written.
    if plain.trim_start_matches('0').len() + fraction.len() > 15 {
        return Err(ambiguous());
    }
    let value: f64 = format!("{plain}.{fraction}0").parse().map_err(|_| ambiguous())?;
    Ok(Some((value, end, false)))
}

/// Separators and the decimal point.
const fn is_mark(c: char) -> bool {
    matches!(c, ',' | '、' | '\'' | '.' | ' ' | '，')
}

fn kanji(chars: &[char], at: usize) -> Option<(f64, usize, bool)> {
    let rest = chars.get(at..)?;
    let len = rest
        .iter()
        .take_while(|c| {
            matches!(c, '〇' | '零' | '一' | '二' | '三' | '四' | '五' | '六' | '七' | '八' | '九' | '十' | '百' | '千')
        })
        .count();
    let run = rest.get(..len)?;
    // 百万円, 千円 alone are units, not numbers.
    let unit = matches!(run, ['百' | '千' | '十']) && matches!(rest.get(len), Some('万' | '円'));
    let value = kanji_value(run).filter(|_| !unit)?;
    Some((f64::from(value), at + len, true))
}

fn power(chars: &[char], at: usize) -> (f64, usize) {
    let at = at + usize::from(chars.get(at) == Some(&' '));
    let found = POWERS.iter().find_map(|(word, power)| starts(chars, at, word).map(|end| (*power, end)));
    found.unwrap_or((1.0, at))
}

/// Unit and hedges behind the digits.
fn behind(rest: &[char], out: &mut Written) {
    let text: String = rest.iter().filter(|c| **c != ' ').collect();
    let mut unit = text.trim_end_matches(['。', '.', '、', ',']);
    loop {
        let before = unit;
        for (table, mark) in [(ABOUT_BEHIND, 0), (BOUND_BEHIND, 1), (PLAIN_BEHIND, 2)] {
            if let Some((shorter, word)) = table.iter().find_map(|w| unit.strip_suffix(w).map(|u| (u, *w))) {
                unit = shorter;
                match mark {
                    0 => out.about = true,
                    1 => out.bound = true,
                    _ => out.remarks.push(word.to_string()),
                }
            }
        }
        if unit == before {
            break;
        }
    }
    out.unit = unit.to_string();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_numbers() {
        for (text, scaled, unit) in [
            ("１，２００千円", 1_200_000.0, "円"),
            ("1億2,000万円", 120_000_000.0, "円"),
            ("約100件程度", 100.0, "件"),
            ("¥1,200", 1200.0, ""),
            ("千二百", 1200.0, ""),
            ("2百万円", 2_000_000.0, "円"),
            ("0.5", 0.5, ""),
            ("1 200 000", 1_200_000.0, ""),
        ] {
            let got = parse(text).expect(text);
            assert!((got.scaled - scaled).abs() < 1e-9, "{text}: {got:?}");
            assert_eq!(got.unit, unit, "{text}");
        }
    }

    #[test]
    fn what_is_no_single_number() {
        for text in ["100～200", "12,5", "1,20,000", "1.2.3", "万", "千円", "1e5", "12345678901234567", "10 20"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
