//! Personal data in a text replaced by what it is, by the rules of the gate: what comes out of here passes it.

use super::personal::kinds;
use unicode_normalization::UnicodeNormalization;

/// So many places of a text are masked; of one with more nothing is shown.
const MOST: usize = 40;
/// What is shown of a text that could not be masked in places.
const WHOLE: &str = "［個人情報を含むため、全文を伏せました］";

/// Whether the gate refuses a text.
#[must_use]
pub fn refused(text: &str) -> bool {
    !kinds(text).is_empty()
}

/// The text with 「［電話番号］」 and the like in the place of what the gate would refuse.
#[must_use]
pub fn masked(text: &str) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..MOST {
        let text: String = chars.iter().collect();
        let Some(kind) = kinds(&text).first().copied() else { return text };
        let (from, to) = span(&chars);
        chars.splice(from..to, format!("［{kind}］").chars());
    }
    WHOLE.to_string()
}

/// Where the first of it stands: the shortest part that the gate refuses, with the rest of its number or address.
fn span(chars: &[char]) -> (usize, usize) {
    let refused = |from: usize, to: usize| !kinds(&chars[from..to].iter().collect::<String>()).is_empty();
    let mut to = (1..=chars.len()).find(|to| refused(0, *to)).unwrap_or(chars.len());
    let mut from = (0..to).rev().find(|from| refused(*from, to)).unwrap_or(0);
    // What joins the parts of a number or an address belongs to it where a further part follows.
    let part = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(|c| belongs(*c));
    let joins = |at: usize| chars.get(at).is_some_and(|c| "-._+－ー．‐−".contains(*c));
    while let Some(before) = from.checked_sub(1)
        && (part(Some(before)) || joins(before) && part(before.checked_sub(1)))
    {
        from = before;
    }
    while part(Some(to)) || joins(to) && part(Some(to + 1)) {
        to += 1;
    }
    (from, to)
}

/// Whether a character may go on with a number or an address.
fn belongs(c: char) -> bool {
    let narrow = std::iter::once(c).nfkc().next().unwrap_or(c);
    narrow.is_ascii_alphanumeric() || "〇零一二三四五六七八九".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_gate_refuses_is_gone_and_the_rest_stays() {
        for (text, shown) in [
            ("様式は内線2345に聞く。", "様式は［内線番号］に聞く。"),
            ("電話090-0000-0000にかける。", "［電話番号］にかける。"),
            ("照会を taro.y@example.lg.jp に送る。", "照会を ［メールアドレス］ に送る。"),
            ("（ＴＥＬ ０２２５－００－００００）しか知らない", "（［電話番号］）しか知らない"),
            ("内線 111 と 0225-00-0000", "［内線番号］ と ［電話番号］"),
            ("令和4年10月の会議は3回、2時間。", "令和4年10月の会議は3回、2時間。"),
        ] {
            assert_eq!(masked(text), shown);
        }
    }

    #[test]
    fn whatever_comes_out_passes_the_gate() {
        for text in [
            "taro(at)example.jp",
            "〇二二五―九五―一一一一",
            "090\n1234\n5678",
            "番号A123456789018です",
            "0225・95・1111、taro @ example.jp",
        ] {
            assert!(kinds(&masked(text)).is_empty(), "{text}: {}", masked(text));
            assert!(!masked(text).is_empty());
        }
        assert_eq!(masked(&"内線1234、".repeat(60)), WHOLE);
    }
}
