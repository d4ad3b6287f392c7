//! Symbols that stand for a choice: the forms in which one mark is typed.
//!
//! A class never gets a meaning here. A mark is matched only where the code list itself names a mark of its class.

/// Marks that are one and the same to the people who type them.
const CLASSES: &[&[char]] = &[
    &['○', '◯', '〇', '⚪', '⭕', 'o', 'O', 'Ｏ', 'ｏ', '０', '⃝', 'о'],
    &['◎'],
    &['●', '⬤', '⚫'],
    &['×', '✕', '✖', '✗', '✘', 'x', 'X', 'Ｘ', 'ｘ', '❌', '╳', '☓'],
    &['△', '🔺'],
    &['▲'],
    &['✓', '✔', '☑', 'レ', 'ﾚ', '✅', '√'],
    &['■', '◼'],
    &['□', '◻'],
    &['★'],
    &['☆'],
    &['-', '‐', '‑', '–', '—', '―', '−', '－', 'ー', 'ｰ', '─', '━'],
];

/// Boxes that are marked.
const MARKED: &[char] = &['■', '☑', '☒', '✓', '✔', '✅', '◼', '●', '◉'];
/// Boxes that are not.
const EMPTY: &[char] = &['□', '☐', '◻'];

/// The class of a text that is one mark and nothing else.
#[must_use]
pub fn class(text: &str) -> Option<usize> {
    let mut chars = text.chars().filter(|c| !c.is_whitespace() && !super::text::is_invisible(*c));
    let one = chars.next()?;
    if chars.next().is_some() {
        return None;
    }
    CLASSES.iter().position(|marks| marks.contains(&one))
}

/// 「□済 ■未」: the labels behind marked boxes and behind empty ones; `None` when there is no box with a label.
#[must_use]
pub fn boxes(text: &str) -> Option<(Vec<&str>, Vec<&str>)> {
    let is_box = |c: char| MARKED.contains(&c) || EMPTY.contains(&c);
    let (mut marked, mut empty) = (Vec::new(), Vec::new());
    let first = text.find(is_box)?;
    if !super::text::tidy(text.get(..first)?).is_empty() {
        return None;
    }
    let mut rest = text.get(first..)?;
    while let Some(mark) = rest.chars().next() {
        let body = rest.get(mark.len_utf8()..)?;
        let end = body.find(is_box).unwrap_or(body.len());
        let label = super::text::tidy(body.get(..end)?).trim_end_matches(['・', '/', '／', '、', ',']);
        if label.is_empty() {
            return None;
        }
        if MARKED.contains(&mark) {
            marked.push(label);
        } else {
            empty.push(label);
        }
        rest = body.get(end..)?;
    }
    Some((marked, empty))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_have_classes_and_words_have_none() {
        assert_eq!(class("○"), class("◯"));
        assert_eq!(class(" 〇 "), class("○"));
        assert_ne!(class("○"), class("●"));
        assert_ne!(class("△"), class("▲"));
        assert_eq!(class("○済"), None);
    }

    #[test]
    fn boxes_give_their_labels() {
        assert_eq!(boxes("□済　■未"), Some((vec!["未"], vec!["済"])));
        assert_eq!(boxes("☑有・☐無"), Some((vec!["有"], vec!["無"])));
        assert_eq!(boxes("■"), None);
        assert_eq!(boxes("済"), None);
    }
}
