//! What the words beside a date do to it: nothing, or they say that it was changed, withdrawn, or holds for a part only.
//!
//! The stems are broad on purpose and stand in one table; the compounds in which they are harmless (変更なし, 再リース) stand
//! in another and are taken out first. What is left of a stem is asked about, so that no change is dropped in silence.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::marks;
use super::remark_words::{
    ABSENT, ALONE, DECIDES, EMPTY_WORDS, ENDS, EVENTS, HARMLESS, KNOWN, LATIN, LENGTHS, LIMITS, MOVED, NEW, OLD,
    OLD_BEHIND, OTHERWISE, OWN_TOPICS, PAPERS, PARTIES, PRESENT, SAID, SETTLED, STEMS, STEMS_OUTSIDE, TOPIC, WHOLES,
    WITHDRAWN,
};
use crate::normalise::text::key;

/// What a remark does to its date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Effect {
    /// The date stands as it is.
    Nothing,
    /// It may not be the date that counts.
    Unsure,
    /// It is taken back.
    Withdrawn,
}

/// The stems by their first character: a remark is gone through once, whatever the table holds.
static BY_FIRST: LazyLock<BTreeMap<char, Vec<&'static str>>> = LazyLock::new(|| {
    let mut out: BTreeMap<char, Vec<&str>> = BTreeMap::new();
    for stem in STEMS.iter() {
        out.entry(stem.chars().next().unwrap_or_default()).or_default().push(stem);
    }
    out
});

/// Whether a stem stands in a key.
fn has_stem(k: &str) -> bool {
    k.char_indices().any(|(at, c)| {
        let rest = k.get(at..).unwrap_or_default();
        BY_FIRST.get(&c).is_some_and(|stems| stems.iter().any(|s| rest.starts_with(s)))
    })
}

/// Whether any of these stands in a key.
fn any(k: &str, table: &[&str]) -> bool {
    table.iter().any(|w| k.contains(w))
}

/// What a remark outside brackets does to its date.
pub(super) fn outside(text: &str) -> Effect {
    let k = key(bare(text));
    // 「までは現行システムを継続」: the date of what is there now.
    if any(&k, &PRESENT) && any(&k, &ENDS) {
        return Effect::Unsure;
    }
    change(text, &k, true).unwrap_or_else(|| unheard(&k))
}

/// What a bracket does; `dated` says that it holds a date, which is weighed on its own.
pub(super) fn bracket(text: &str, dated: bool) -> Effect {
    let k = key(bare(text));
    // 「（県への報告締切）」: a day that others set.
    if LIMITS.iter().any(|l| k.ends_with(l)) && any(&k, &PARTIES) {
        return Effect::Unsure;
    }
    change(text, &k, false).unwrap_or_else(|| if dated { Effect::Nothing } else { unheard(&k) })
}

/// What the text before a date does to it, beside what its words do: 「国の期限は」, 「税分：」 say whose date it is, or of what.
pub(super) fn lead(text: &str) -> Effect {
    let k = key(text);
    let party = any(&k, &PARTIES);
    let topic = TOPIC.iter().any(|t| k.ends_with(t));
    let of_another = if topic { party || !any(&k, &OWN_TOPICS) } else { party && SAID.iter().any(|s| k.contains(s)) };
    if of_another { Effect::Unsure } else { outside(text) }
}

/// 「に決定」, 「に検討」 right behind a date: it is the day on which it will be known.
pub(super) fn is_when_it_is_decided(text: &str) -> bool {
    let k = key(text);
    k.starts_with('に') && any(&k, &DECIDES)
}

/// 「本庁分」: a part, and not the whole.
fn is_share(k: &str) -> bool {
    k.ends_with('分') && !WHOLES.iter().any(|w| k.ends_with(w)) && k.chars().count() <= 12
}

/// Whether the tables see a change in a remark, whatever it stands beside.
pub(super) fn is_change(text: &str) -> bool {
    let k = key(bare(text));
    change(text, &k, false).is_some_and(|effect| effect > Effect::Nothing)
}

/// A remark without any word that is met beside dates is asked about: nothing is known of it.
fn unheard(k: &str) -> Effect {
    if is_known(k) { Effect::Nothing } else { Effect::Unsure }
}

/// What the tables say of a remark and its key; `None` where they say nothing.
fn change(text: &str, k: &str, outside: bool) -> Option<Effect> {
    if marks::edges(text).starts_with(['>', '＞']) {
        return Some(Effect::Unsure);
    }
    let letter = k.len() == 1 && k.bytes().all(|b| b.is_ascii_alphabetic());
    let latin =
        || text.split(|c: char| !c.is_ascii_alphabetic()).any(|w| LATIN.contains(&w.to_ascii_lowercase().as_str()));
    if ALONE.contains(&k)
        || is_share(k)
        || letter
        || k.starts_with(is_edge_sign)
        || k.contains(is_sign)
        || k == "n/a"
        || latin()
    {
        return Some(Effect::Unsure);
    }
    let risky = |k: &str| has_stem(k) || (outside && any(k, &STEMS_OUTSIDE));
    if !risky(k) {
        return None;
    }
    let left = without_harmless(k);
    Some(match () {
        () if !risky(&left) => Effect::Nothing,
        () if only_withdraws(&left) => Effect::Withdrawn,
        () => Effect::Unsure,
    })
}

/// Whether a remark is made of words that are met beside dates: particles, names in Latin letters or katakana, or the words
/// of a plan.
fn is_known(k: &str) -> bool {
    let katakana = |c: char| matches!(c, 'ァ'..='ヺ' | 'ー');
    let mut run = 0;
    let name = k.chars().any(|c| {
        run = if katakana(c) || c.is_ascii_alphabetic() { run + 1 } else { 0 };
        run >= 2
    });
    let particles = k.chars().all(|c| {
        !c.is_alphanumeric()
            || c.is_ascii_digit()
            || "にのはでをとがもへだねよかわすまっりいなるしされてたう年月日度分間付迄自至約式頃".contains(c)
    });
    name || particles || any(k, &KNOWN)
}

/// A remark without the brackets and stops around it.
fn bare(text: &str) -> &str {
    let bracket = |c: char| "()（）[]［］【】〔〕「」『』<>＜＞〈〉《》※".contains(c);
    marks::edges(text).trim_matches(|c: char| bracket(c) || c.is_whitespace())
}

/// Signs that cast doubt wherever they stand.
const fn is_sign(c: char) -> bool {
    matches!(
        c,
        '□' | '×'
            | '✕'
            | '✖'
            | '✗'
            | '✘'
            | '╳'
            | '❌'
            | '❎'
            | '⛔'
            | '△'
            | '▲'
            | '▽'
            | '▼'
            | '?'
            | '→'
            | '⇒'
            | '➡'
            | '➠'
            | '➞'
            | '➔'
            | '⇨'
            | '⟶'
            | '←'
            | '↑'
            | '↓'
            | '↔'
            | '±'
            | '≠'
    )
}

/// Signs that count where the remark begins with them.
const fn is_edge_sign(c: char) -> bool {
    matches!(c, '+' | '=' | '>' | '<' | '≧' | '≦' | '≒' | '~')
}

fn without_harmless(k: &str) -> String {
    let mut left = k.replace("無し", "なし").replace("ありません", "ない");
    for word in ["はない", "がない", "もない"] {
        left = left.replace(word, "ない");
    }
    left = left.replace("はなし", "なし");
    for noun in ABSENT.iter() {
        if left.contains(noun) {
            left = left.replace(&format!("{noun}なし"), "、").replace(&format!("{noun}ない"), "、");
            left = left.replace(&format!("{noun}予定なし"), "、");
        }
    }
    for word in HARMLESS.iter() {
        if left.contains(word) {
            left = left.replace(word, "、");
        }
    }
    without_papers(left)
}

/// 「廃止届」, 「取消申請」: a stem right before the word for a paper or a service is the name of that, unless it is under way.
fn without_papers(mut left: String) -> String {
    for paper in PAPERS.iter() {
        while let Some(at) = left.find(paper) {
            let (before, behind) =
                (left.get(..at).unwrap_or_default(), left.get(at + paper.len()..).unwrap_or_default());
            let stem = STEMS.iter().find(|s| before.ends_with(*s)).filter(|_| !behind.starts_with(['中', '済', '予']));
            let Some(stem) = stem else { break };
            left = format!("{}、{behind}", before.get(..at - stem.len()).unwrap_or_default());
        }
    }
    left
}

/// Whether nothing but a withdrawal is said.
fn only_withdraws(k: &str) -> bool {
    if !any(k, &WITHDRAWN) || k.contains('、') {
        return false;
    }
    let mut left = k.to_string();
    for word in WITHDRAWN.iter().chain(EMPTY_WORDS.iter()) {
        left = left.replace(word, "");
    }
    left.is_empty()
}

/// 「R8.3に延期」: the word of moving names the date before it as the new one; what is left of the remark.
pub(super) fn after_move(text: &str) -> &str {
    let Some(rest) = text.strip_prefix(['に', 'へ']) else { return text };
    let Some(rest) = MOVED.iter().find_map(|w| rest.strip_prefix(w)) else { return text };
    if rest.is_empty() || SETTLED.iter().any(|w| rest.starts_with(w)) { rest } else { text }
}

/// 「（当初R7.3）」, 「（R7.3から変更）」: whether a bracket names the date that no longer counts, and that alone.
pub(super) fn names_the_old(text: &str) -> bool {
    let k = key(bare(text));
    let date_before = |at: usize| {
        let before = k.get(..at).and_then(|t| t.chars().next_back());
        before.is_some_and(|c| c.is_ascii_digit() || "月日末度旬期頃".contains(c))
    };
    let moved = |p: &str, m: &str| k.find(&format!("{p}{m}")).is_some_and(date_before);
    let behind = || OLD_BEHIND.iter().any(|p| MOVED.iter().any(|m| moved(p, m)));
    (OLD.iter().any(|w| k.starts_with(w)) && !any(&k, &NEW))
        || (behind() && !any(&k, &["→", "⇒", "ところ", "だが", "たが"]))
}

/// Whether a bracket tells the date of another event.
pub(super) fn is_of_another_event(text: &str) -> bool {
    let k = key(bare(text));
    (any(&k, &EVENTS) && !any(&k, &OTHERWISE)) || k.ends_with("現在") || k.ends_with("時点")
}

/// 「31日」, 「第2期」: whether numbers in a text count time or stages.
pub(super) fn counts_time(text: &str) -> bool {
    let mut digit = false;
    key(text).chars().any(|c| {
        let counted =
            digit && matches!(c, '年' | '月' | '日' | '週' | 'か' | 'ヶ' | 'カ' | 'ヵ' | '箇' | '期' | '次' | '段');
        digit = c.is_ascii_digit();
        counted
    })
}

/// 「（5年リース）」: whether a bracket tells a length of time.
pub(super) fn is_length(text: &str) -> bool {
    any(&key(text), &LENGTHS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_tables_are_matching_keys() {
        for table in [
            &WITHDRAWN,
            &STEMS,
            &STEMS_OUTSIDE,
            &HARMLESS,
            &ABSENT,
            &ALONE,
            &LATIN,
            &OLD,
            &NEW,
            &EVENTS,
            &LENGTHS,
            &PAPERS,
            &PARTIES,
            &TOPIC,
            &OWN_TOPICS,
            &SAID,
            &DECIDES,
            &WHOLES,
            &LIMITS,
            &KNOWN,
        ] {
            for word in table.iter() {
                assert_eq!(&key(word), word);
            }
        }
    }

    #[test]
    fn every_harmless_compound_has_a_stem_and_loses_it() {
        for word in HARMLESS.iter() {
            assert!(has_stem(word), "{word}");
            assert_eq!(outside(word), Effect::Nothing, "{word}");
        }
    }

    #[test]
    fn changes_and_withdrawals_are_seen() {
        for text in ["（中止）", "見送り", "【白紙撤回】", "取りやめとなりました", "凍結中", "キャンセル"]
        {
            assert_eq!(outside(text), Effect::Withdrawn, "{text}");
        }
        for text in [
            "（延期）",
            "×",
            "△",
            "（未定）",
            "の翌日",
            "議会閉会後",
            "（国保のみ）",
            "旧システム廃止",
            "中止を検討",
            "（？）",
            "ng",
            "保留",
            "（再検討）",
            "l",
        ] {
            assert_eq!(outside(text), Effect::Unsure, "{text}");
        }
        for text in [
            "",
            "（予定）",
            "稼働予定",
            "（変更なし）",
            "変更はありません",
            "（再リース）",
            "（延長可）",
            "今後の協議による",
            "（当初予算）",
            "遅くとも",
            "（契約更新）",
            "（システム更改）",
            "、",
            "（法改正対応）",
        ] {
            assert_eq!(outside(text), Effect::Nothing, "{text}");
        }
    }

    #[test]
    fn brackets_that_name_the_old_date() {
        for text in ["（当初R7.3）", "（変更前：R7.3）", "（旧R7.3）", "（R7.3から変更）", "（R7.3より延期）"]
        {
            assert!(names_the_old(text), "{text}");
        }
        for text in
            ["（変更後：R7.3）", "（R7.3に変更）", "（当初予定を変更し現在はR7.3）", "（旧R7.3→新R8.3）", "（R7.3）"]
        {
            assert!(!names_the_old(text), "{text}");
        }
    }
}
