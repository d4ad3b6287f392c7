//! Sheet names that Excel accepts: no forbidden characters, at most 31 UTF-16 units, no two alike.

use std::collections::BTreeSet;

use crate::normalise::text;

/// Names given so far in one workbook.
#[derive(Debug)]
pub(super) struct Names {
    taken: BTreeSet<String>,
}

const LONGEST: usize = 31;

impl Names {
    /// None given yet but those the drawing itself and Excel need.
    pub(super) fn new() -> Self {
        let reserved = [super::LISTS, super::CHECKS, "History", "履歴"];
        Self { taken: reserved.into_iter().map(text::key).collect() }
    }

    /// A name as near to the wanted one as possible.
    pub(super) fn give(&mut self, wanted: &str) -> String {
        let clean: String = wanted.chars().filter(|c| !c.is_control()).map(allowed).collect();
        let clean = clean.trim().trim_matches(['\'', '＇']);
        let clean = if clean.is_empty() { "シート" } else { clean };
        let mut name = cut(clean, LONGEST).to_string();
        let mut number = 2u32;
        while !self.taken.insert(text::key(&name)) {
            let tail = format!("({number})");
            name = format!("{}{tail}", cut(clean, LONGEST - tail.len()));
            number += 1;
        }
        name
    }
}

/// Likes of the characters that Excel refuses. The Japanese Excel refuses their full-width forms as well.
const fn allowed(c: char) -> char {
    match c {
        '[' | '［' => '〔',
        ']' | '］' => '〕',
        ':' | '：' => '-',
        '*' | '＊' => '※',
        '/' | '／' => '・',
        '?' | '？' | '\\' | '＼' | '¥' | '￥' => '_',
        c => c,
    }
}

/// The beginning of a text that has at most this many UTF-16 units; never half a character.
pub(super) fn cut(text: &str, units: usize) -> &str {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += c.len_utf16();
        if used > units {
            return text.get(..at).unwrap_or_default();
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_accepted_and_unique() {
        let mut names = Names::new();
        assert_eq!(names.give("甲/乙[1]"), "甲・乙〔1〕");
        assert_eq!(names.give("甲／乙［１］"), "甲・乙〔１〕(2)");
        assert_eq!(names.give("可否：未定？＊￥＼"), "可否-未定_※__");
        assert_eq!(names.give("''"), "シート");
        let long = names.give(&"𠮷".repeat(20));
        assert_eq!(long.encode_utf16().count(), 30);
        let again = names.give(&"𠮷".repeat(20));
        assert!(again.ends_with("(2)") && again.encode_utf16().count() <= LONGEST);
        assert_ne!(names.give("履歴"), "履歴");
    }
}
