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

/// A note without our own words: what the division itself wrote, which may be nothing. Of what it wrote among ours at least its
/// own lines stay.
#[must_use]
pub fn without(note: &str) -> String {
    let mut out = String::new();
    let mut rest = note;
    while let Some((before, from)) = rest.split_once(OPEN) {
        // Where the end was cut off, the rest cannot be told apart and stays.
        let Some((inside, behind, count)) = closed(from) else { break };
        out.push_str(before.trim_end());
        if count != Some(letters(inside)) {
            let theirs = others(inside);
            out.push('\n');
            // A word in the middle of ours cannot be taken out of it.
            out.push_str(if theirs.is_empty() && count.is_some() { inside.trim() } else { &theirs });
        }
        rest = behind;
    }
    if rest.len() == note.len() {
        return note.to_string();
    }
    out.push_str(rest);
    out.trim().to_string()
}

/// What stands between the lines, what stands behind, and the number of letters that were ours. Notes of earlier versions do not
/// count them.
fn closed(from: &str) -> Option<(&str, &str, Option<usize>)> {
    let (inside, behind) = from.split_once(CLOSE)?;
    let (count, behind) = behind.split_once(END)?;
    let count = count.trim().strip_prefix('（').and_then(|c| c.strip_suffix("字）"));
    Some((inside, behind, count.and_then(|c| c.parse().ok())))
}

/// The lines between ours, and what stands behind our sentences, which all end with a full stop.
fn others(inside: &str) -> String {
    let is_day =
        |line: &str| line.ends_with('日') && line.chars().all(|c| c.is_ascii_digit() || "令和元年月日".contains(c));
    let theirs = |line: &'_ str| -> String {
        let line = line.trim();
        match line {
            _ if is_day(line) => String::new(),
            _ if line.starts_with('【') || line.starts_with("直し方:") => {
                line.rsplit_once('。').map_or(line, |(_, behind)| behind).trim().to_string()
            }
            _ => line.to_string(),
        }
    };
    inside.lines().map(theirs).filter(|l| !l.is_empty()).collect::<Vec<_>>().join("\n")
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
        assert_eq!(
            without("――差戻し ここから――\n【要修正】空欄です。\n――差戻し ここまで――"),
            "",
            "of an earlier version"
        );
        let old = "――差戻し ここから――\n令和4年11月9日\n【要修正】「多数」は読み取れません。\n4,300件です\n直し方: 数字だけを記入してください。→430\n――差戻し ここまで――";
        assert_eq!(without(old), "4,300件です\n→430");
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
