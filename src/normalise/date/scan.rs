//! Text to tokens: numbers in any digits, the words of dates, separators and brackets, each with its place in the text.
//!
//! Folding is done character by character, so that every token still points at what was typed.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

use super::words::{self, Word};
use crate::normalise::text::{is_invisible, simple};

/// A written number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Num {
    /// Its value; numbers of more than nine digits are `u32::MAX`.
    pub value: u32,
    /// How many digits were written.
    pub len: usize,
    /// Written in kanji.
    pub kanji: bool,
}

/// A piece of a written date.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Tok {
    /// A number.
    Num(Num),
    /// A word of the table.
    Word(Word),
    /// `.` `/` `-` `・` `,` `:` between numbers.
    Sep(char),
    /// A bracket with what stands in it, or ※ with the rest.
    Bracket(Vec<Token>),
    /// A blank or a line break.
    Space,
    /// Anything else, one character.
    Other,
}

/// A token and the bytes of the text that it stands for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    /// What it is.
    pub tok: Tok,
    /// Where it begins.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
}

/// Characters folded one by one, each with the bytes of the original it came from.
struct Folded {
    chars: Vec<char>,
    places: Vec<Range<usize>>,
}

impl Folded {
    fn of(text: &str) -> Self {
        let mut out = Self { chars: Vec::with_capacity(text.len()), places: Vec::with_capacity(text.len()) };
        for (at, c) in text.char_indices() {
            if is_invisible(c) {
                continue;
            }
            let place = at..at + c.len_utf8();
            // A circled number is a label, not a digit that may join its neighbour.
            if matches!(c, '\u{2460}'..='\u{24FF}' | '\u{2776}'..='\u{2793}' | 'Ⅰ'..='Ⅳ') {
                out.push(c, &place);
            } else if let Some(f) = simple(c) {
                out.push(f, &place);
            } else {
                for f in std::iter::once(c).nfkc() {
                    out.push(f, &place);
                }
            }
        }
        out
    }

    fn push(&mut self, c: char, place: &Range<usize>) {
        let c = match c {
            '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '─' | '━' | '﹣' => '-',
            '~' | '∼' | '〰' => '〜',
            '∕' | '⁄' => '/',
            // 「第Ⅲ四半期」.
            'Ⅰ'..='Ⅳ' if self.chars.last() == Some(&'第') => {
                char::from_digit(c as u32 - 'Ⅰ' as u32 + 1, 10).unwrap_or(c)
            }
            // The long vowel mark typed for a dash, between digits only.
            'ー' if self.chars.last().is_some_and(char::is_ascii_digit) => '-',
            c => c,
        };
        self.chars.push(c);
        self.places.push(place.clone());
    }
}

/// Cuts a text into tokens.
pub(super) fn scan(text: &str) -> Vec<Token> {
    let folded = Folded::of(text);
    let end = folded.chars.len();
    scan_range(&folded, 0..end, true)
}

fn scan_range(f: &Folded, range: Range<usize>, brackets: bool) -> Vec<Token> {
    let mut out = Vec::new();
    let mut i = range.start;
    while i < range.end {
        let (tok, len) = token(f, i, range.end, brackets);
        let len = len.max(1);
        let place = |k: usize| f.places.get(k).cloned().unwrap_or(0..0);
        out.push(Token { tok, from: place(i).start, to: place(i + len - 1).end });
        i += len;
    }
    out
}

fn token(f: &Folded, i: usize, end: usize, brackets: bool) -> (Tok, usize) {
    let rest = f.chars.get(i..end).unwrap_or(&[]);
    let Some(&c) = rest.first() else { return (Tok::Other, 1) };
    if c.is_ascii_digit() {
        return digits(rest);
    }
    if c.is_ascii_alphabetic() {
        let run: String = rest.iter().take_while(|c| c.is_ascii_alphabetic()).collect();
        let len = run.len();
        return (words::latin(&run).map_or(Tok::Other, Tok::Word), len);
    }
    if let Some((word, len)) = words::at(rest) {
        return (Tok::Word(word), len);
    }
    if let Some(found) = kanji_digits(rest) {
        return found;
    }
    match c {
        '.' | '/' | '-' | '・' | ':' => (Tok::Sep(c), 1),
        ',' | '、' | ';' | '､' => (Tok::Word(Word::List), 1),
        c if c.is_whitespace() || c.is_control() || c == '_' => (Tok::Space, 1),
        _ if brackets => bracket(f, i, end).unwrap_or((Tok::Other, 1)),
        _ => (Tok::Other, 1),
    }
}

fn digits(rest: &[char]) -> (Tok, usize) {
    let (mut value, mut len) = (0_u32, 0);
    for digit in rest.iter().map_while(|c| c.to_digit(10)) {
        len += 1;
        value = if len > 9 { u32::MAX } else { value * 10 + digit };
    }
    (Tok::Num(Num { value, len, kanji: false }), len)
}

/// 二〇二六, 三十一: as far as no word of the table begins (四半期).
fn kanji_digits(rest: &[char]) -> Option<(Tok, usize)> {
    let mut len = 0;
    while let Some(c) = rest.get(len) {
        let zero = len > 0 && matches!(c, '○' | '◯');
        let word_begins = *c == '四' && words::at(rest.get(len..).unwrap_or(&[])).is_some();
        if word_begins || !(zero || kanji_digit(*c).is_some() || matches!(c, '十' | '百' | '千')) {
            break;
        }
        len += 1;
    }
    let value = kanji_value(rest.get(..len)?)?;
    (len > 0).then_some((Tok::Num(Num { value, len: value.to_string().len(), kanji: true }), len))
}

const fn kanji_digit(c: char) -> Option<u32> {
    Some(match c {
        '〇' | '零' | '○' | '◯' => 0,
        '一' => 1,
        '二' => 2,
        '三' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        _ => return None,
    })
}

/// The value of kanji digits, by place (二〇二六) or with 十百千 (三十一). `None` when too long or empty.
pub(in crate::normalise) fn kanji_value(run: &[char]) -> Option<u32> {
    if run.is_empty() || run.len() > 9 {
        return None;
    }
    let (mut total, mut digit) = (0_u32, None);
    for c in run {
        let step = match c {
            '十' => 10,
            '百' => 100,
            '千' => 1000,
            c => {
                digit = Some(digit.unwrap_or(0) * 10 + kanji_digit(*c)?);
                continue;
            }
        };
        total = total.checked_add(digit.take().unwrap_or(1).checked_mul(step)?)?;
    }
    total.checked_add(digit.unwrap_or(0))
}

const BRACKETS: &[(char, char)] = &[
    ('(', ')'),
    ('[', ']'),
    ('【', '】'),
    ('〔', '〕'),
    ('「', '」'),
    ('『', '』'),
    ('<', '>'),
    ('〈', '〉'),
    ('《', '》'),
];

/// A bracket up to its partner, or to the end where it was left open; what stands in it is scanned flat.
fn bracket(f: &Folded, i: usize, end: usize) -> Option<(Tok, usize)> {
    let open = *f.chars.get(i)?;
    if open == '※' {
        return Some((Tok::Bracket(scan_range(f, i + 1..end, false)), end - i));
    }
    let (_, close) = BRACKETS.iter().find(|(o, _)| *o == open)?;
    let mut depth = 0_u32;
    let mut k = i;
    while k < end {
        let c = *f.chars.get(k)?;
        if c == open {
            depth += 1;
        } else if c == *close {
            depth -= 1;
            if depth == 0 {
                return Some((Tok::Bracket(scan_range(f, i + 1..k, false)), k - i + 1));
            }
        }
        k += 1;
    }
    Some((Tok::Bracket(scan_range(f, i + 1..end, false)), end - i))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> String {
        scan(text)
            .iter()
            .map(|t| match &t.tok {
                Tok::Num(n) => n.value.to_string(),
                Tok::Word(w) => format!("<{w:?}>"),
                Tok::Sep(c) => c.to_string(),
                Tok::Bracket(_) => "(..)".to_string(),
                Tok::Space => "_".to_string(),
                Tok::Other => "?".to_string(),
            })
            .collect()
    }

    #[test]
    fn widths_glyphs_and_kanji_numerals_are_one() {
        let want = kinds("令和8年3月31日");
        assert_eq!(want, "<Era(0)>8<Year>3<Month>31<Day>");
        for text in ["令和８年３月３１日", "㋿8年3月31日", "令和八年三月三十一日", "令和\u{200b}8年3月31日"]
        {
            assert_eq!(kinds(text), want, "{text}");
        }
        assert_eq!(kinds("二〇二六年"), "2026<Year>");
        assert_eq!(kinds("第一四半期"), "<Nth>1<Quarter>");
        assert_eq!(kinds("2026ー03－31（火）"), "2026-3-31(..)");
        assert_eq!(kinds("①8"), "?8");
    }

    #[test]
    fn tokens_point_at_what_was_typed() {
        let text = "Ｒ８．３（予定）";
        let pieces: Vec<&str> = scan(text).iter().filter_map(|t| text.get(t.from..t.to)).collect();
        assert_eq!(pieces, ["Ｒ", "８", "．", "３", "（予定）"]);
    }
}
