//! The note that the program puts on a cell of a returned file, so that it knows its own words when the file comes back.
//!
//! Programs change the authors of notes when they save; a line before and a line behind the words survive them all. The line
//! behind counts the letters between them, so that what somebody typed among them is seen.

use std::collections::BTreeMap;

use super::place::CellRef;

/// The line before.
const OPEN: &str = "――差戻し ここから――";
/// What the line behind begins with; the number of letters follows.
const CLOSE: &str = "――差戻し ここまで";
/// What it ends with.
const END: &str = "――";

/// The author of our notes.
pub const AUTHOR: &str = "torimatome";

/// A text as it stands in a note.
#[must_use]
pub fn wrap(text: &str) -> String {
    format!("{OPEN}\n{text}\n{CLOSE}（{}字）{END}", letters(text))
}

/// Letters of a text; blanks and line ends are the programs' own affair.
fn letters(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}

/// A note without our own words: what the division itself wrote, which may be nothing. Where it wrote among ours, all stays.
#[must_use]
pub fn without(note: &str) -> String {
    let mut out = String::new();
    let mut rest = note;
    while let Some((before, from)) = rest.split_once(OPEN) {
        // Where the end was cut off, the rest cannot be told apart and stays.
        let Some((inside, behind, whole)) = closed(from) else { break };
        out.push_str(before.trim_end());
        if !whole {
            out.push('\n');
            out.push_str(inside.trim());
        }
        rest = behind;
    }
    if rest.len() == note.len() {
        return note.to_string();
    }
    out.push_str(rest);
    out.trim().to_string()
}

/// What stands between the lines, what stands behind, and whether the words between are ours alone. Notes of earlier versions do
/// not count their letters.
fn closed(from: &str) -> Option<(&str, &str, bool)> {
    let (inside, behind) = from.split_once(CLOSE)?;
    let (count, behind) = behind.split_once(END)?;
    let count = count.trim().strip_prefix('（').and_then(|c| c.strip_suffix("字）"));
    Some((inside, behind, count.is_none_or(|c| c.parse() == Ok(letters(inside)))))
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
    note.split_once(OPEN).is_some_and(|(_, from)| closed(from).is_some())
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
        assert_eq!(without("――差戻し ここから――\n空欄です。\n――差戻し ここまで――"), "", "of an earlier version");
    }

    #[test]
    fn what_is_typed_among_our_words_stays() {
        let ours = wrap("令和4年11月9日\n【要修正】「移行完了」が空欄です。\n直し方: 日付を記入してください。");
        for typed in [
            ours.replace("空欄です。", "空欄です。→R7.3に完了予定です"),
            ours.replace("直し方", "契約後に決まります\n直し方"),
            ours.replace("「移行完了」が空欄です。", "R7.3"),
        ] {
            let left = without(&typed);
            assert!(left.contains("R7.3") || left.contains("契約後"), "{left}");
            assert!(!left.contains("差戻し"), "{left}");
        }
        // Other line ends and blanks are nobody's words.
        assert_eq!(without(&ours.replace('\n', "\r\n").replace("。直", "。 直")), "");
    }
}
