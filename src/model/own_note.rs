//! The note that the program puts on a cell of a returned file, so that it knows its own words when the file comes back.
//!
//! Programs change the authors of notes when they save; a line before and a line behind the words survive them all.

use std::collections::BTreeMap;

use super::place::CellRef;

/// The line before.
const OPEN: &str = "――差戻し ここから――";
/// The line behind.
const CLOSE: &str = "――差戻し ここまで――";

/// The author of our notes.
pub const AUTHOR: &str = "torimatome";

/// A text as it stands in a note.
#[must_use]
pub fn wrap(text: &str) -> String {
    format!("{OPEN}\n{text}\n{CLOSE}")
}

/// A note without our own words: what the division itself wrote, which may be nothing.
#[must_use]
pub fn without(note: &str) -> String {
    let mut out = String::new();
    let mut rest = note;
    while let Some((before, from)) = rest.split_once(OPEN) {
        // Where the end was cut off, the rest cannot be told apart and stays.
        let Some((_, behind)) = from.split_once(CLOSE) else { break };
        out.push_str(before.trim_end());
        rest = behind;
    }
    if rest.len() == note.len() {
        return note.to_string();
    }
    out.push_str(rest);
    out.trim().to_string()
}

/// Notes by cell without our own words; a note of ours alone goes.
#[must_use]
pub fn strip(notes: BTreeMap<CellRef, String>) -> BTreeMap<CellRef, String> {
    let theirs = |(at, note): (CellRef, String)| {
        let left = without(&note);
        (!is_own_mark(&note) || !left.is_empty()).then_some((at, left))
    };
    notes.into_iter().filter_map(theirs).collect()
}

/// Whether a note holds words of ours.
#[must_use]
pub fn is_own_mark(note: &str) -> bool {
    note.split_once(OPEN).is_some_and(|(_, from)| from.contains(CLOSE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_words_go_and_others_stay() {
        let ours = wrap("「移行完了」が空欄です。");
        assert!(is_own_mark(&ours) && !is_own_mark("確認中") && !is_own_mark(OPEN));
        assert_eq!(without(&ours), "");
        assert_eq!(without("  確認中 "), "  確認中 ", "what is not ours is not touched");
        assert_eq!(without(&format!("業者に確認中\n\n{ours}\n直しました")), "業者に確認中\n直しました");
        assert_eq!(without(&format!("{ours}\n{ours}")), "");
        assert_eq!(without(OPEN), OPEN);
    }
}
