//! What stands around a date: remarks, hedges such as 目標, words that deny it, states such as 済. Tables, compared by
//! matching key.

use super::scan::{Tok, Token};
use super::words::Word;
use crate::normalise::none;
use crate::normalise::text::key;

/// Words that make a date a guess. 予定 alone does not: every date of a plan is one.
const HEDGES: &[&str] = &[
    "見込",
    "目途",
    "目処",
    "めど",
    "メド",
    "目標",
    "目指",
    "想定",
    "希望",
    "仮",
    "調整中",
    "検討",
    "協議中",
    "確認中",
    "要確認",
    "要調整",
    "未定",
    "未確定",
    "暫定",
    "可能性",
    "未回答",
    "回答待",
    "待ち",
    "次第",
    "条件",
    "前提",
    "場合",
    "れば",
    "たら",
    "た際は",
    "の際は",
    "る際は",
    "順調",
    "頃",
    "ごろ",
    "おそらく",
    "たぶん",
    "?",
    "ベンダ案",
    "素案",
    "遅れ",
    "延期",
    "間に合わ",
    "困難",
    "不明",
    "tbd",
];

/// Words that turn a date outside brackets into its contrary, so that it is no answer.
const DENIALS: &[&str] = &[
    "ない",
    "ません",
    "以外",
    "除",
    "間に合わ",
    "困難",
    "不可",
    "無理",
    "できず",
    "未満",
    "超",
    "越",
    "過ぎ",
    "より前",
    "中止",
    "取消",
    "撤回",
    // English months, whose order of day and year is not known.
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
];

/// States that stand where a date belongs.
const STATES: &[&str] = &["完了", "稼働中", "運用中", "実施中", "作業中", "対応中", "稼働した", "実施した", "完了した"];

/// States that count where no date stands at all.
const STATES_ALONE: &[&str] = &[
    "実施",
    "未実施",
    "着手",
    "未着手",
    "未完了",
    "未",
    "済",
    "未済",
    "有",
    "作業中",
    "継続",
    "継続中",
    "開始",
    "終了",
    "○",
    "◎",
    "●",
    "×",
    "✕",
    "✖",
    "✗",
    "x",
    "△",
    "▲",
    "✓",
    "✔",
    "☑",
    "レ",
    "■",
    "□",
    "true",
    "false",
    "ok",
    "ng",
];

/// Words with 済 that are no state.
const NOT_DONE: &[&str] = &["返済", "経済", "決済", "救済", "共済", "弁済"];

fn any(text: &str, table: &[&str]) -> bool {
    // Most dates have nothing beside them.
    if text.is_empty() {
        return false;
    }
    let text = key(text);
    table.iter().any(|w| text.contains(w))
}

/// Whether a remark says that the date is not firm.
pub(in crate::normalise) fn hedges(text: &str) -> bool {
    any(&without_reason(text), HEDGES)
}

/// 「健診に間に合わせるため」 gives the reason, and says nothing of being late.
fn without_reason(text: &str) -> String {
    text.replace("間に合わせ", "")
}

/// Whether a remark denies the date.
pub(super) fn denies(text: &str) -> bool {
    any(&without_reason(text), DENIALS)
}

/// 済, 完了, 稼働中 beside a date; 完了予定 is none.
pub(super) fn is_status(text: &str) -> bool {
    if text.is_empty() {
        return false;
    }
    let mut text = key(text);
    for word in NOT_DONE {
        text = text.replace(word, "");
    }
    let planned = ["予定", "見込", "目標", "目途", "目処"].iter().any(|w| text.contains(w));
    text.contains('済') || (!planned && STATES.iter().any(|w| text.contains(w)))
}

/// A state where no date stands.
pub(super) fn is_status_alone(text: &str) -> bool {
    let text = key(text);
    is_status(&text) || STATES_ALONE.contains(&text.as_str())
}

/// 「内線2345」: digits that are no part of any date.
pub(super) fn is_extension(text: &str) -> bool {
    let k = key(edges(text));
    ["内線", "電話", "tel", "直通"].iter().any(|w| k.starts_with(w))
}

/// A remark without the stops at its ends.
pub(super) fn edges(text: &str) -> &str {
    text.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '、' | '。' | '，' | ',' | '.' | '．' | ':' | '：' | '/' | '／' | '・' | '-')
    })
}

/// A remark without the particles and stops at its ends.
pub(super) fn trimmed(text: &str) -> &str {
    edges(text).trim_start_matches(['に', 'を', 'の', 'は', 'で', 'と', 'へ', 'が'])
}

/// The class of reason that a remark gives (ベンダ回答待ち …), empty when none.
pub(super) fn reason(remark: &str) -> String {
    none::reason_in(remark).unwrap_or_default().to_string()
}

/// Whether a bracket holds a date and nothing else.
pub(super) fn only_a_date(tokens: &[Token]) -> bool {
    tokens.iter().all(|t| {
        matches!(
            t.tok,
            Tok::Num(_)
                | Tok::Sep(_)
                | Tok::Space
                | Tok::Word(
                    Word::Era(_)
                        | Word::First
                        | Word::Year
                        | Word::Month
                        | Word::Day
                        | Word::FiscalYear
                        | Word::End
                        | Word::Fy
                        | Word::Calendar
                )
        )
    })
}

/// Whether these are the blanks of a form: 「令和　　年　　月　　日」, 「R　.　.」, 「／　／」.
pub(super) fn is_placeholder(tokens: &[Token]) -> bool {
    let has = |f: fn(&Tok) -> bool| tokens.iter().any(|t| f(&t.tok));
    let mut era = false;
    let mut unit = false;
    let mut seps = 0;
    for t in tokens {
        match &t.tok {
            Tok::Word(Word::Era(_)) => era = true,
            Tok::Word(Word::Year | Word::Month | Word::Day | Word::FiscalYear) => unit = true,
            Tok::Sep('.' | '/' | '・') => seps += 1,
            Tok::Bracket(inside) if inside.iter().all(|t| t.tok == Tok::Space) => {}
            Tok::Sep(_)
            | Tok::Space
            | Tok::Word(
                Word::From
                | Word::Until
                | Word::To
                | Word::Heading
                | Word::List
                | Word::Or
                | Word::End
                | Word::About
                | Word::Calendar,
            ) => {}
            _ => return false,
        }
    }
    let qualified = has(|t| matches!(t, Tok::Word(Word::End | Word::About)));
    let both =
        has(|t| matches!(t, Tok::Word(Word::Year | Word::FiscalYear))) && has(|t| matches!(t, Tok::Word(Word::Month)));
    (era || unit || seps > 0) && (!qualified || era || both)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_tables_are_matching_keys() {
        for word in [HEDGES, DENIALS, STATES, STATES_ALONE].concat() {
            assert_eq!(key(word), word);
        }
    }

    #[test]
    fn done_is_a_state_and_planned_is_none() {
        for (text, want) in
            [("稼働済", true), ("完了", true), ("完了予定", false), ("返済", false), ("契約済、更新予定", true)]
        {
            assert_eq!(is_status(text), want, "{text}");
        }
    }
}
