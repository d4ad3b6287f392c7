//! A letter made fit for a terminal: long lines broken with a hanging indent, headings and warnings coloured. What is
//! piped gets the plain letter; the command line takes the colours out again where they are not wanted (NO_COLOR).

use std::fmt::Write as _;
use unicode_width::UnicodeWidthChar;

/// Words that a reader must not miss, each with its colour. Every one of them says what it says without colour too.
const WARNINGS: [(&str, &str); 4] = [
    ("要修正", "\u{1b}[1;31m"),
    ("まだ届いていないもの", "\u{1b}[1;33m"),
    ("暫定", "\u{1b}[33m"),
    ("読取不可", "\u{1b}[33m"),
];
const BOLD: &str = "\u{1b}[1m";
const PLAIN: &str = "\u{1b}[0m";
/// Narrower, and a hanging indent would leave no room.
const NARROWEST: usize = 40;
/// What may not begin a line.
const CLOSING: &str = "、。）」』】・：；！？,.)%";

/// Breaks lines that are wider than the terminal; the rest of a line stands two columns further in.
#[must_use]
pub fn fit(text: &str, columns: usize) -> String {
    let columns = columns.max(NARROWEST);
    text.lines().map(|line| broken(line, columns) + "\n").collect()
}

fn broken(line: &str, columns: usize) -> String {
    let indent = line.chars().take_while(|c| *c == ' ').count() + 2;
    let mut out = String::new();
    let mut used = 0;
    // Where the line may be broken: before this byte of `out`, that many columns from its start.
    let mut chance: Option<(usize, usize)> = None;
    let mut last = ' ';
    for c in line.chars() {
        let wide = c.width_cjk().unwrap_or(0);
        let joins = CLOSING.contains(c) || c == ' ' || (c.is_ascii_graphic() && last.is_ascii_graphic());
        if !joins && !"（「『【".contains(last) && used > indent {
            chance = Some((out.len(), used));
        }
        // One column is left free: terminals break by themselves in the last one.
        if used + wide >= columns {
            let (at, before) = chance.take().unwrap_or((out.len(), used));
            out.insert_str(at, &format!("\n{}", " ".repeat(indent)));
            used = used - before + indent;
        }
        out.push(c);
        used += wide;
        last = c;
    }
    out
}

/// Headings (lines that are not indented and end no sentence) in bold, warnings in their colours.
#[must_use]
pub fn paint(text: &str) -> String {
    let mut painted = String::new();
    for line in text.lines() {
        let heading = !line.is_empty() && !line.starts_with(' ') && !line.ends_with('。');
        let warned = WARNINGS.iter().find(|(word, _)| line.trim_start().starts_with(word));
        let (start, end) = match (warned, heading) {
            (Some((_, colour)), true) => (*colour, PLAIN),
            (None, true) => (BOLD, PLAIN),
            _ => ("", ""),
        };
        if start.is_empty() {
            let coloured = WARNINGS.iter().fold(line.to_string(), |line, (word, colour)| {
                line.replacen(word, &format!("{colour}{word}{PLAIN}"), 1)
            });
            painted.push_str(&coloured);
        } else {
            // Writing to a string does not fail.
            let _ = write!(painted, "{start}{line}{end}");
        }
        painted.push('\n');
    }
    painted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn widest(text: &str) -> usize {
        text.lines().map(|l| l.chars().map(|c| c.width_cjk().unwrap_or(0)).sum()).max().unwrap_or(0)
    }

    #[test]
    fn long_lines_hang_and_lose_nothing() {
        let line = "  差替え済み　提出/メール添付/【提出】移行計画（税）.xlsx: 提出/メール添付/【差替え】移行計画（税）.xlsx に差し替わりました。";
        for columns in [40, 60, 80, 120] {
            let text = fit(line, columns);
            assert!(widest(&text) < columns, "{columns}: {text}");
            assert!(text.lines().skip(1).all(|l| l.starts_with("    ")), "{text}");
            assert!(!text.lines().any(|l| l.trim_start().starts_with(['。', '）'])), "{text}");
            let joined: String = text.lines().map(str::trim_start).collect();
            assert_eq!(joined, line.trim_start());
        }
        assert_eq!(fit("短い行\n\n", 80), "短い行\n\n");
        assert!(widest(&fit(&"a".repeat(200), 80)) < 80, "a word that is longer than a line");
    }

    #[test]
    fn colours_change_no_letter() {
        let text = "次にすること\n  1. 要修正の 3 件\n\n  率  暫定（未回答 1 件）\n";
        let painted = paint(text);
        assert!(painted.starts_with("\u{1b}[1m次にすること\u{1b}[0m\n"));
        let mut plain = painted.replace(PLAIN, "").replace(BOLD, "");
        for (_, colour) in WARNINGS {
            plain = plain.replace(colour, "");
        }
        assert_eq!(plain, text);
        assert!(painted.contains("\u{1b}[1;31m要修正\u{1b}[0m"));
    }
}
