//! One spelling for words of code lists that are written in several ways: 無し, ナシ and なし; 済み and 済; a stop at the end.
//!
//! Only what is the same word whoever writes it. Another word for the same thing is an alias of the list.

/// A matching key in one spelling.
#[must_use]
pub(super) fn spelled(key: &str) -> String {
    let bare = key.trim_end_matches(['。', '．', '.', '、', '，', ',', '!']);
    let bare = inside_quotes(if bare.is_empty() { key } else { bare });
    let mut out: String = bare.chars().map(hiragana).collect();
    for (written, one) in [
        ("無し", "なし"),
        ("有り", "あり"),
        ("済み", "済"),
        ("ずみ", "済"),
        ("しません", "しない"),
        ("できません", "できない"),
    ] {
        if out.contains(written) {
            out = out.replace(written, one);
        }
    }
    for (written, one) in [("無", "なし"), ("有", "あり")] {
        if let Some(stem) = out.strip_suffix(written) {
            out = format!("{stem}{one}");
        }
    }
    out
}

/// A key without the quotation marks around all of it.
fn inside_quotes(key: &str) -> &str {
    let inside = [('「', '」'), ('『', '』'), ('"', '"'), ('“', '”')].into_iter().find_map(|(open, close)| {
        key.strip_prefix(open)
            .and_then(|k| k.strip_suffix(close))
            .filter(|k| !k.is_empty() && !k.contains([open, close]))
    });
    inside.unwrap_or(key)
}

/// ナシ as なし. The long-vowel mark and the small letters without a counterpart stay.
fn hiragana(c: char) -> char {
    match c {
        'ァ'..='ヶ' => char::from_u32(u32::from(c) - 0x60).unwrap_or(c),
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_word_has_one_spelling() {
        for (a, b) in [
            ("無し", "なし"),
            ("ナシ", "なし"),
            ("なし。", "なし"),
            ("無", "なし"),
            ("予定無し", "予定なし"),
            ("予定無", "予定なし"),
            ("予定有", "予定あり"),
            ("有り", "あり"),
            ("アリ", "有"),
            ("済み", "済"),
            ("済。", "済"),
            ("接続済み", "接続済"),
            ("「なし」", "なし"),
            ("利用しません", "利用しない"),
        ] {
            assert_eq!(spelled(a), spelled(b), "{a} {b}");
        }
    }

    #[test]
    fn words_that_differ_stay_apart() {
        for (a, b) in [
            ("なし", "予定なし"),
            ("未済", "済"),
            ("無償", "なし償"),
            ("有償", "あり償"),
            ("要", "不要"),
            ("一部済", "済"),
            ("なし?", "なし"),
            ("（なし）", "なし"),
            ("。", ""),
        ] {
            assert_ne!(spelled(a), spelled(b), "{a} {b}");
        }
    }
}
