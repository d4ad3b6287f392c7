//! Matching keys: what two texts must have in common to be the same label or name. Never used for stored text.

use unicode_normalization::UnicodeNormalization;

/// The key by which labels, names and choices are compared: NFKC, no blanks or invisible characters, dashes and
/// wave dashes unified, ASCII in lower case. Kanji are left alone beyond NFKC; nothing is guessed.
#[must_use]
pub fn key(text: &str) -> String {
    // Most labels are made of characters that NFKC leaves alone, and it costs more than all the rest.
    if text.chars().all(is_plain) {
        return text.chars().filter_map(folded).collect();
    }
    text.nfkc().filter_map(folded).collect()
}

/// Characters that NFKC leaves as they are, whatever stands beside them: ASCII, kana without marks of their own, kanji of
/// the first block, and the marks of Japanese text.
const fn is_plain(c: char) -> bool {
    matches!(c, '\0'..='\u{7F}' | 'ぁ'..='ゖ' | 'ァ'..='ー' | '\u{4E00}'..='\u{9FFF}' | '、'..='〃' | '「'..='】' | '○')
}

/// What a character becomes in a key; `None` when it is left out.
fn folded(c: char) -> Option<char> {
    if c.is_whitespace() || c.is_control() || is_invisible(c) {
        return None;
    }
    Some(match c {
        // The eleven dashes that are typed for one another; NFKC leaves most of them apart.
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '─' | '━' | '﹣' => '-',
        '〜' | '∼' | '～' => '~',
        '○' | '◯' | '〇' => '○',
        _ => c.to_ascii_lowercase(),
    })
}

/// Characters that take no room: zero-width blanks and joiners, direction marks, the byte order mark, variation selectors.
#[must_use]
pub const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' | '\u{00AD}')
}

/// Text as it is kept: ends trimmed of blanks of any width, inside untouched.
#[must_use]
pub fn tidy(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || is_invisible(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_characters_are_those_that_nfkc_leaves_alone() {
        let plain: Vec<char> = ('\0'..='\u{FFFF}').filter(|c| is_plain(*c)).collect();
        assert!(plain.len() > 20_000);
        for pair in plain.windows(2).chain(plain.chunks(97)) {
            let text: String = pair.iter().rev().collect();
            assert_eq!(text.nfkc().collect::<String>(), text);
        }
    }

    #[test]
    fn keys_ignore_width_blanks_and_breaks() {
        assert_eq!(key("運用開始\n予定日"), key("運用 開始　予定日"));
        assert_eq!(key("ＲＦＩ"), "rfi");
        assert_eq!(key("か\u{3099}"), "が");
        assert_ne!(key("完了"), key("未完了"));
    }
}
