//! Personal data in texts that are about to be published: stricter than the check of the replies, because a false alarm
//! costs the office a look and a miss cannot be taken back.
//!
//! Beside what [`crate::check::personal`] finds: extension numbers, numbers behind 「電話」 without an area code, spellings
//! with dots, strokes, kanji digits, invisible characters or letters before them, and addresses with 「(at)」.

use unicode_normalization::UnicodeNormalization;

use crate::check::personal;
use crate::normalise::text::is_invisible;

/// The kinds of personal data that a text seems to hold, in words, each once.
pub fn kinds(text: &str) -> Vec<&'static str> {
    let mut found: Vec<&'static str> = personal::kinds(text).into_iter().map(personal::Kind::words).collect();
    let folded = folded(text);
    if mail(&folded) {
        found.push(personal::Kind::Mail.words());
    }
    for run in runs(&folded) {
        if run.individual_number() {
            found.push(personal::Kind::IndividualNumber.words());
        } else if run.phone() {
            found.push(personal::Kind::Phone.words());
        } else if run.behind(&["内線"]) && run.digits().len() >= 3 {
            found.push("内線番号");
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// The text with one spelling of digits, dashes and the at sign, and nothing invisible in it.
fn folded(text: &str) -> Vec<char> {
    let visible = text.chars().filter(|c| !is_invisible(*c));
    let text: String = visible.nfkc().map(one_spelling).collect::<String>().to_lowercase();
    text.replace("[at]", "@").replace("(at)", "@").replace("<at>", "@").replace("アットマーク", "@").chars().collect()
}

const fn one_spelling(c: char) -> char {
    match c {
        '〇' | '零' => '0',
        '一' => '1',
        '二' => '2',
        '三' => '3',
        '四' => '4',
        '五' => '5',
        '六' => '6',
        '七' => '7',
        '八' => '8',
        '九' => '9',
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '─' | '━' | 'ー' | '~' | '〜' | '・' | '･' | '·' | '_' | '.'
        | '/' => '-',
        c if c.is_whitespace() => ' ',
        c => c,
    }
}

/// Digits in groups with at most three marks between two of them, as a person reads one number.
struct Run {
    groups: Vec<String>,
    /// What stands before it, the nearest characters last.
    before: String,
    plus: bool,
    next: Option<char>,
}

fn runs(text: &[char]) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut at = 0;
    while at < text.len() {
        if !text[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let before: String = text[at.saturating_sub(8)..at].iter().filter(|c| **c != ' ').collect();
        let mut groups = vec![String::new()];
        loop {
            while let Some(c) = text.get(at).filter(|c| c.is_ascii_digit()) {
                if let Some(group) = groups.last_mut() {
                    group.push(*c);
                }
                at += 1;
            }
            let marks = text[at..].iter().take_while(|c| matches!(c, '-' | ' ' | '(' | ')')).count();
            let follows = text.get(at + marks).is_some_and(char::is_ascii_digit);
            if !((1..=3).contains(&marks) && follows) {
                break;
            }
            at += marks;
            groups.push(String::new());
        }
        runs.push(Run { groups, plus: before.ends_with('+'), before, next: text.get(at).copied() });
    }
    runs
}

impl Run {
    fn digits(&self) -> String {
        self.groups.concat()
    }

    fn behind(&self, words: &[&str]) -> bool {
        let before = self.before.trim_end_matches([':', '-', '(', '+', ' ', '番', '号', '「', '【']);
        words.iter().any(|w| before.ends_with(w))
    }

    /// Twelve digits in groups of three and more, whose last one is the check digit, and that are no day with a time.
    fn individual_number(&self) -> bool {
        let digits = self.digits();
        let amount = matches!(self.next, Some('円' | '千' | '百' | '万' | '億' | '件'));
        !amount
            && self.groups.iter().all(|g| g.len() >= 3)
            && personal::has_check_digit(&digits)
            && !personal::is_time_stamp(&digits)
    }

    fn phone(&self) -> bool {
        let digits = self.digits();
        let said =
            self.behind(&["電話", "tel", "fax", "ファクス", "ファックス", "携帯", "連絡先", "直通", "℡", "phone"]);
        let shape: Vec<usize> = self.groups.iter().map(String::len).collect();
        let grouped = match shape.as_slice() {
            [one] => *one >= 10,
            [area, rest] => (2..=6).contains(area) && *rest >= 4,
            [area, exchange, number] => {
                (2..=5).contains(area) && (1..=4).contains(exchange) && (3..=4).contains(number)
            }
            _ => false,
        };
        let domestic = digits.starts_with('0')
            && !digits.starts_with("00")
            && (10..=11).contains(&digits.len())
            && grouped
            && !self.year_month_day();
        let international = self.plus && digits.starts_with("81") && (10..=13).contains(&digits.len());
        domestic || international || said && (6..=13).contains(&digits.len())
    }

    /// 04-10-2022 and the like, which no telephone number is: its last group is a year.
    fn year_month_day(&self) -> bool {
        matches!(self.groups.as_slice(), [a, b, c] if a.len() <= 2 && b.len() <= 2 && c.len() == 4)
    }
}

/// An at sign with letters or digits on both sides, blanks beside it set aside.
fn mail(text: &[char]) -> bool {
    let word = |c: Option<&char>| c.is_some_and(char::is_ascii_alphanumeric);
    text.iter().enumerate().filter(|(_, c)| **c == '@').any(|(at, _)| {
        let before = text[..at].iter().rev().find(|c| **c != ' ');
        let mut after = text[at + 1..].iter().skip_while(|c| **c == ' ').peekable();
        // @5000円 is a price.
        let host: String = after.by_ref().take_while(|c| c.is_ascii_alphanumeric() || **c == '-').collect();
        word(before) && host.chars().any(|c| c.is_ascii_alphabetic())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_that_hide_are_found() {
        for (text, kind) in [
            ("TEL0225-95-1111", "電話番号"),
            ("0225.95.1111", "電話番号"),
            ("0225・95・1111", "電話番号"),
            ("0225/95/1111", "電話番号"),
            ("〇二二五―九五―一一一一", "電話番号"),
            ("0225\u{200B}-95-11\u{200B}11", "電話番号"),
            ("0225 - 95 - 1111", "電話番号"),
            ("電話：95-1111", "電話番号"),
            ("℡95-1111", "電話番号"),
            ("090\n1234\n5678", "電話番号"),
            ("内線２３４５", "内線番号"),
            ("内線: 2345", "内線番号"),
            ("内線番号2345", "内線番号"),
            ("taro[at]example.jp", "メールアドレス"),
            ("taro (at) example.jp", "メールアドレス"),
            ("taro @ example.jp", "メールアドレス"),
            ("番号A123456789018", "マイナンバーらしい12桁の番号"),
            ("1234.5678.9018", "マイナンバーらしい12桁の番号"),
            ("一二三四五六七八九〇一八", "マイナンバーらしい12桁の番号"),
        ] {
            assert!(kinds(text).contains(&kind), "{text}: {:?}", kinds(text));
        }
    }

    #[test]
    fn what_public_texts_say_anyway_is_not() {
        for text in [
            "令和4年10月31日現在",
            "2022-10-31",
            "04-10-2022",
            "R4.4.1～R8.3.31",
            "2022/10/31～2023/3/31",
            "利用者 1,234,567 人",
            "補助率 2/3、上限 1,500 千円",
            "国道398号、一部区間",
            "三者協議で二段階に分けて進める",
            "202210310004",
            "年間 12,000 時間を削減",
            "窓口24時間365日",
            "単価@5000円",
            "内線電話をスマートフォンに替える",
            "内線一本化を検討",
            "第2次総合計画（2021-2030）",
            "団体コード 042021",
        ] {
            assert_eq!(kinds(text), Vec::<&str>::new(), "{text}");
        }
    }
}
