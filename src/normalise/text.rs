//! Matching keys: what two texts must have in common to be the same label or name. Never used for stored text.

pub use super::nothing::says_nothing_to_tell;
pub use super::years::other_year;
use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use super::radicals::unified;

/// The key by which labels, names and choices are compared: NFKC, no blanks or invisible characters, dashes and
/// wave dashes unified, radicals taken for the characters they look like, ASCII in lower case. Kanji are left alone
/// beyond that; nothing is guessed.
#[must_use]
pub fn key(text: &str) -> String {
    // NFKC costs more than all the rest, and most labels are made of characters whose form is known without it.
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let Some(c) = simple(c) else {
            return text.nfkc().filter_map(folded).collect();
        };
        out.extend(folded(c));
    }
    out
}

/// The NFKC form of a character where that is one character, whatever stands beside it: the plain ones, and ASCII in full
/// width. `None` where only the whole text can tell.
pub(super) const fn simple(c: char) -> Option<char> {
    match c {
        '！'..='～' => char::from_u32(c as u32 - ('！' as u32 - '!' as u32)),
        '\u{3000}' => Some(' '),
        c if is_plain(c) => Some(c),
        _ => None,
    }
}

/// Characters that NFKC leaves as they are, whatever stands beside them: ASCII, kana without marks of their own, kanji of
/// the first block, and the marks of Japanese text.
const fn is_plain(c: char) -> bool {
    matches!(c, '\0'..='\u{7F}' | 'ぁ'..='ゖ' | 'ァ'..='ー' | '\u{4E00}'..='\u{9FFF}' | '、'..='〃' | '「'..='】' | '○')
}

/// What a character becomes in a key; `None` when it is left out.
fn folded(c: char) -> Option<char> {
    if matches!(c, '!'..='~') {
        return Some(c.to_ascii_lowercase());
    }
    // Most of what stands in a form.
    if matches!(c, '\u{4E00}'..='\u{9FFF}' | 'ぁ'..='ゖ' | 'ァ'..='ヺ') {
        return Some(c);
    }
    if c.is_whitespace() || c.is_control() || is_invisible(c) {
        return None;
    }
    Some(match c {
        // The eleven dashes that are typed for one another; NFKC leaves most of them apart.
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '─' | '━' | '﹣' => '-',
        '〜' | '∼' | '～' => '~',
        '○' | '◯' | '〇' => '○',
        _ => unified(c).to_ascii_lowercase(),
    })
}

/// Characters that take no room: zero-width blanks and joiners, direction marks, the byte order mark, variation selectors.
#[must_use]
pub const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' | '\u{00AD}')
}

/// Text with its characters as everybody types them: no radicals in the place of characters, kana and their marks in one
/// character. Both look the same on the screen, and neither is found by a search or held by every font.
#[must_use]
pub fn whole_characters(text: &str) -> Cow<'_, str> {
    let radical = |c: char| matches!(c, '\u{2E80}'..='\u{2FDF}' | '\u{31C0}'..='\u{31EF}');
    let apart = |c: char| matches!(c, '\u{3099}' | '\u{309A}');
    if !text.chars().any(|c| radical(c) || apart(c)) {
        return Cow::Borrowed(text);
    }
    let alone = |c: char| std::iter::once(c).nfkc().next().map_or(c, unified);
    let text: String = text.chars().map(|c| if radical(c) { alone(c) } else { c }).collect();
    // Only what stands apart is put together: NFC of everything would also take other shapes of a kanji for one.
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let pair = out.chars().next_back().filter(|_| apart(c)).map(|last| [last, c].into_iter().nfc().collect());
        match pair.filter(|pair: &String| pair.chars().count() == 1) {
            Some(pair) => {
                out.pop();
                out.push_str(&pair);
            }
            None => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// A code as it is compared and kept: full width as half, without blanks around it. Letters keep their case.
#[must_use]
pub fn half(text: &str) -> String {
    tidy(text).nfkc().collect()
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
    fn simple_characters_are_those_whose_form_is_known() {
        let plain: Vec<char> = ('\0'..='\u{FFFF}').filter(|c| simple(*c).is_some()).collect();
        assert!(plain.len() > 20_000 && plain.contains(&'８') && plain.contains(&'～'));
        for pair in plain.windows(2).chain(plain.chunks(97)) {
            let text: String = pair.iter().rev().collect();
            assert_eq!(text.nfkc().collect::<String>(), text.chars().filter_map(simple).collect::<String>());
        }
    }

    #[test]
    fn kanji_and_kana_are_their_own_key() {
        for c in ('\u{4E00}'..='\u{9FFF}').chain('ぁ'..='ゖ').chain('ァ'..='ヺ') {
            assert!(unified(c) == c && !c.is_whitespace() && !c.is_control() && !is_invisible(c), "{c}");
        }
    }

    #[test]
    fn radicals_are_the_characters_they_look_like() {
        // CJK Radicals Supplement, Kangxi Radicals, a stroke, a compatibility ideograph, kana and mark apart.
        assert_eq!(key("町⺠課"), "町民課");
        assert_eq!(key("⻑寿⻘少年⻄⽀所"), "長寿青少年西支所");
        assert_eq!(key("㇐部"), "一部");
        assert_eq!(key("福祉\u{FA19}戸"), "福祉神戸");
        assert_eq!(key("ホ\u{309A}ータル"), "ポータル");
        // No radical has no character: other kanji stay apart.
        assert_ne!(key("町民"), key("町氏"));
    }

    #[test]
    fn kept_text_has_whole_characters() {
        assert_eq!(whole_characters("町⺠へ⽂書を郵送"), "町民へ文書を郵送");
        assert_eq!(whole_characters("テ\u{3099}シ\u{3099}タル"), "デジタル");
        // Width, other shapes of a kanji and a mark that joins nothing stay as they are.
        for text in ["ＡＢ①㈱　髙﨑", "福\u{FA19}", "ん\u{3099}", "普通の文"] {
            assert_eq!(whole_characters(text), text);
        }
        assert_eq!(whole_characters("\u{FA19}⺠か\u{3099}"), "\u{FA19}民が");
    }

    #[test]
    fn keys_ignore_width_blanks_and_breaks() {
        assert_eq!(key("運用開始\n予定日"), key("運用 開始　予定日"));
        assert_eq!(key("ＲＦＩ"), "rfi");
        assert_eq!(key("か\u{3099}"), "が");
        assert_ne!(key("完了"), key("未完了"));
    }
}
