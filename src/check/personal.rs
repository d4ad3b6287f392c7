//! Finds what looks like personal data in free text: a telephone number, an e-mail address, an individual number.
//!
//! Amounts, dates and short extension numbers are none. What was found is named by its kind only and never repeated,
//! so that a finding does not carry the data further.

use chrono::NaiveDate;
use unicode_normalization::UnicodeNormalization;

/// Kinds of personal data, in the order they are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// マイナンバー (個人番号).
    IndividualNumber,
    /// A telephone number with its area code.
    Phone,
    /// An e-mail address.
    Mail,
}

impl Kind {
    /// In the office's words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::IndividualNumber => "マイナンバーらしい12桁の番号",
            Self::Phone => "電話番号",
            Self::Mail => "メールアドレス",
        }
    }
}

/// The kinds of personal data that a text seems to hold, each once.
#[must_use]
pub fn kinds(text: &str) -> Vec<Kind> {
    let text: Vec<char> = text.nfkc().map(|c| if is_dash(c) { '-' } else { c }).collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let Some(run) = Run::at(&text, at) else {
            at += 1;
            continue;
        };
        at = run.end;
        found.extend(run.kind());
    }
    if has_mail(&text) {
        found.push(Kind::Mail);
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Dashes that are typed between digits, the long vowel mark included; NFKC leaves them apart.
const fn is_dash(c: char) -> bool {
    matches!(c, '-' | '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '─' | '━' | 'ー')
}

/// Digits in groups, with a single separator between them, as a person reads one number.
struct Run {
    groups: Vec<String>,
    /// A letter, a decimal point or a thousands separator stands before it.
    joined: bool,
    /// What follows.
    next: Option<char>,
    end: usize,
}

impl Run {
    /// The run of digits that begins here; `None` where none begins.
    fn at(text: &[char], start: usize) -> Option<Self> {
        if !text.get(start)?.is_ascii_digit() {
            return None;
        }
        let before = start.checked_sub(1).and_then(|i| text.get(i));
        let mut groups = vec![String::new()];
        let mut end = start;
        while let Some(c) = text.get(end) {
            if c.is_ascii_digit() {
                if let Some(group) = groups.last_mut() {
                    group.push(*c);
                }
                end += 1;
            } else if let Some(skip) = separator(&text[end..]) {
                groups.push(String::new());
                end += skip;
            } else {
                break;
            }
        }
        let joined = before.is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '.' | ',' | '/' | ':'));
        Some(Self { groups, joined, next: text.get(end).copied(), end })
    }

    fn kind(&self) -> Option<Kind> {
        if self.joined
            || self.next.is_some_and(|c| matches!(c, '.' | ',' | '/' | ':' | '円' | '千' | '百' | '万' | '件'))
        {
            return None;
        }
        let digits: String = self.groups.concat();
        if self.is_individual_number(&digits) {
            Some(Kind::IndividualNumber)
        } else if self.is_phone(&digits) {
            Some(Kind::Phone)
        } else {
            None
        }
    }

    /// Twelve digits, at a stretch or in fours, whose last one is the check digit, and that are no date with a time.
    fn is_individual_number(&self, digits: &str) -> bool {
        let shape: Vec<usize> = self.groups.iter().map(String::len).collect();
        (shape == [12] || shape == [4, 4, 4]) && has_check_digit(digits) && !is_time_stamp(digits)
    }

    /// Ten or eleven digits that begin with 0, at a stretch or in two or three groups; or +81 and the rest.
    fn is_phone(&self, digits: &str) -> bool {
        let grouped = match self.groups.as_slice() {
            [_] => true,
            [area, rest] => area.len() <= 5 && rest.len() >= 5,
            [area, exchange, number] => area.len() <= 5 && exchange.len() <= 4 && (3..=4).contains(&number.len()),
            [country, area, _, number] => country == "81" && area.len() <= 4 && number.len() == 4,
            _ => false,
        };
        let national = digits.strip_prefix("81").filter(|_| self.groups.len() == 4);
        match national {
            Some(rest) => grouped && (9..=10).contains(&rest.len()),
            None if self.groups.len() == 4 => false,
            None => {
                let mobile = ["050", "060", "070", "080", "090"].iter().any(|p| digits.starts_with(p));
                let long = if mobile { digits.len() == 11 } else { (10..=11).contains(&digits.len()) };
                // At a stretch an eleven-digit number that is no mobile one is more likely an amount or a code.
                let plain = self.groups.len() > 1 || mobile || digits.len() == 10;
                grouped && digits.starts_with('0') && !digits.starts_with("00") && long && plain
            }
        }
    }
}

/// How many characters separate two groups of digits here: one dash, blank or bracket, or a bracket and a blank.
fn separator(text: &[char]) -> Option<usize> {
    let is_mark = |c: char| matches!(c, '-' | ' ' | '(' | ')');
    let marks = text.iter().take_while(|c| is_mark(**c)).count();
    let follows = text.get(marks).is_some_and(char::is_ascii_digit);
    ((1..=2).contains(&marks) && follows).then_some(marks)
}

/// Whether the last of twelve digits is the check digit of the eleven before it.
///
/// Source: 行政手続における特定の個人を識別するための番号の利用等に関する法律の規定による通知カード及び個人番号カード並びに
/// 情報提供ネットワークシステムによる特定個人情報の提供等に関する省令（平成26年総務省令第85号）第5条: with `P(n)` the nth
/// digit from the right and `Q(n)` = n+1 for n up to 6 and n−5 above, it is 11 less the remainder of Σ P·Q by 11, and 0
/// where that remainder is 0 or 1.
#[must_use]
pub fn has_check_digit(digits: &str) -> bool {
    let digits: Option<Vec<u32>> = digits.chars().map(|c| c.to_digit(10)).collect();
    let Some([head @ .., check]) = digits.as_deref().filter(|d| d.len() == 12) else { return false };
    let sum: u32 = head.iter().rev().zip([2, 3, 4, 5, 6, 7, 2, 3, 4, 5, 6]).map(|(p, q)| p * q).sum();
    let expected = if sum % 11 <= 1 { 0 } else { 11 - sum % 11 };
    *check == expected
}

/// 202210311730: a day with hour and minute, as machines write it.
pub(crate) fn is_time_stamp(digits: &str) -> bool {
    let part = |from: usize, to: usize| digits.get(from..to).and_then(|p| p.parse::<u32>().ok());
    let day = || {
        let year = i32::try_from(part(0, 4)?).ok().filter(|y| (1900..2100).contains(y))?;
        NaiveDate::from_ymd_opt(year, part(4, 6)?, part(6, 8)?)?.and_hms_opt(part(8, 10)?, part(10, 12)?, 0)
    };
    day().is_some()
}

/// Whether an @ stands between a name and a domain with a dot.
fn has_mail(text: &[char]) -> bool {
    let is_name = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '%');
    text.iter().enumerate().filter(|(_, c)| **c == '@').any(|(at, _)| {
        let named = at.checked_sub(1).and_then(|i| text.get(i)).is_some_and(is_name);
        let domain: String = text[at + 1..].iter().take_while(|c| is_name(c)).collect();
        let (host, top) = domain.trim_end_matches('.').rsplit_once('.').unwrap_or_default();
        named && !host.is_empty() && top.len() >= 2 && top.chars().all(|c| c.is_ascii_alphabetic())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personal_data_is_found() {
        for (text, kind) in [
            ("連絡先 0225-95-1111", Kind::Phone),
            ("０２２５（９５）１１１１", Kind::Phone),
            ("(0225) 95-1111 まで", Kind::Phone),
            ("090ー1234ー5678", Kind::Phone),
            ("09012345678へ", Kind::Phone),
            ("03 1234 5678", Kind::Phone),
            ("+81-90-1234-5678", Kind::Phone),
            ("ＴＡＲＯ＠ｅｘａｍｐｌｅ．ｊｐ", Kind::Mail),
            ("問合せ:a.b@city.example.lg.jp。", Kind::Mail),
            ("番号は123456789018です", Kind::IndividualNumber),
            ("１２３４　５６７８　９０１８", Kind::IndividualNumber),
            ("1234-5678-9018", Kind::IndividualNumber),
        ] {
            assert_eq!(kinds(text), [kind], "{text}");
        }
    }

    #[test]
    fn amounts_dates_and_extensions_are_none() {
        for text in [
            "内線 2345",
            "内線2345-6789",
            "123456789012",   // the check digit is wrong
            "1234567890180",  // 13 digits, a corporate number
            "123456789018円", // an amount
            "123,456,789,018",
            "202210310004", // a day and a time, whose check digit happens to be right
            "令和04-10-2022",
            "2022-10-31",
            "20221031-20230331",
            "R4.10.31～R8.3.31",
            "042021",
            "3.0225951111",
            "@5000円",
            "経費は1,200千円（税込）",
            "第12345678901号",
        ] {
            assert_eq!(kinds(text), [], "{text}");
        }
    }

    #[test]
    fn the_check_digit_is_the_official_one() {
        assert!(has_check_digit("123456789018"));
        assert!((0..10).filter(|d| has_check_digit(&format!("12345678901{d}"))).count() == 1);
        assert!(has_check_digit("000000000000"), "a remainder of 0 gives 0");
        assert!(!has_check_digit("12345678901") && !has_check_digit("12345678901x"));
    }
}
