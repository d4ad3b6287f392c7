//! Words that stand for "no value": 未定, 該当なし, 同上 and dashes, as one table of patterns and reason classes.
//!
//! A pattern is compared by matching key. `*` stands for any text between; a pattern with `*`, and one marked so, also
//! counts inside a longer phrase, where nothing else in the cell can be the answer.

use super::Parsed;
use super::text::{key, tidy};
use crate::model::form::Field;
use crate::model::value::{Doubt, NoneKind, NoteKind, Value};

/// Where a word may count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In an answer that is a date, a number or a choice.
    Answer,
    /// In free text, where only what cannot be a sentence of its own counts.
    Text,
}

/// One row of the table.
struct Row {
    kind: NoneKind,
    /// Reason class; empty when the word says nothing about why.
    reason: &'static str,
    /// Whether it counts in free text.
    text: bool,
    /// Whether it counts inside a longer phrase.
    within: bool,
    words: &'static [&'static str],
}

const fn row(kind: NoneKind, reason: &'static str, text: bool, within: bool, words: &'static [&'static str]) -> Row {
    Row { kind, reason, text, within, words }
}

use NoneKind::{NotApplicable, SeeOther, Undecided};

/// The table; the first row that fits counts, so that the reason that says most stands first.
const ROWS: &[Row] = &[
    row(
        Undecided,
        "ベンダ回答待ち",
        false,
        true,
        &[
            "ベンダ*待ち",
            "ベンダ*待って",
            "ベンダ*未回答",
            "ベンダ*確認中",
            "ベンダ*照会中",
            "ベンダ*次第",
            "ベンダ*調整中",
            "ベンダ*回答なし",
            "ベンダ*協議中",
            "業者*待ち",
            "業者*未回答",
            "業者*確認中",
            "業者*次第",
            "業者*調整中",
            "業者*協議中",
            "メーカ*待ち",
            "委託先*待ち",
        ],
    ),
    row(
        Undecided,
        "国の動向待ち",
        false,
        true,
        &[
            "国の動向*",
            "国*次第",
            "国*待ち",
            "国の方針*",
            "国の通知*",
            "国*見て",
            "国*踏まえ",
            "国*注視",
            "標準仕様*待ち",
            "標準仕様*次第",
            "法改正*次第",
            "法改正*待ち",
            "制度改正*待ち",
            "県*待ち",
            "県*次第",
        ],
    ),
    row(
        Undecided,
        "次期更改時",
        false,
        true,
        &[
            "次期更改*",
            "次期更新*",
            "次回更改*",
            "次回更新*",
            "更改時",
            "更新時",
            "更改に合わせ",
            "更新に合わせ",
            "契約満了時",
            "契約更新時",
            "リース満了時",
            "リース更新時",
            "入替時",
        ],
    ),
    row(Undecided, "予算次第", false, true, &["予算*次第", "予算*による", "予算確保後", "予算要求中", "予算措置*"]),
    row(
        Undecided,
        "未見積",
        false,
        true,
        &["未見積", "見積中", "見積依頼中", "見積待ち", "見積*待ち", "見積未", "見積もり中", "積算中", "未積算"],
    ),
    row(Undecided, "調整中", false, true, &["調整中", "要調整", "調整予定", "調整が必要", "調整を要する"]),
    row(Undecided, "協議中", false, true, &["協議中", "要協議", "協議の上", "協議のうえ", "協議予定"]),
    row(
        Undecided,
        "検討中",
        false,
        true,
        &["検討中", "要検討", "検討予定", "今後検討", "検討する", "検討します", "検討段階", "検討事項"],
    ),
    row(
        Undecided,
        "確認中",
        false,
        true,
        &["確認中", "要確認", "照会中", "問合せ中", "問い合わせ中", "確認します", "調査中", "精査中"],
    ),
    row(
        Undecided,
        "後日回答",
        false,
        true,
        &["後日回答", "追って回答", "後日連絡", "追って連絡", "後日提出", "別途回答", "別途連絡", "後日", "追って"],
    ),
    row(Undecided, "未回答", false, true, &["未回答", "回答待ち", "未記入", "未入力"]),
    row(
        Undecided,
        "未定",
        true,
        true,
        &["未定", "未確定", "未決定", "未決", "決まっていない", "決まっていません", "決定していない"],
    ),
    row(Undecided, "未定", true, false, &["tbd", "t.b.d.", "tba", "保留", "保留中"]),
    row(Undecided, "不明", false, true, &["不明", "わからない", "分からない", "わかりません", "分かりません", "不詳"]),
    row(Undecided, "不明", true, false, &["?", "??", "???"]),
    row(
        NotApplicable,
        "",
        true,
        false,
        &[
            "該当なし",
            "該当無し",
            "該当せず",
            "該当しない",
            "該当事項なし",
            "該当ありません",
            "非該当",
            "対象外",
            "なし",
            "無し",
            "ナシ",
            "無",
            "n/a",
            "na",
            "n.a.",
            "特になし",
            "特に無し",
            "とくになし",
            "特にありません",
        ],
    ),
    row(NotApplicable, "", false, true, &["該当なし", "該当無し", "該当しない", "対象外"]),
    row(
        NotApplicable,
        "予定なし",
        false,
        false,
        &[
            "予定なし",
            "予定無し",
            "予定はなし",
            "予定はない",
            "予定はありません",
            "実施予定なし",
            "契約予定なし",
            "調達予定なし",
            "公告予定なし",
            "導入予定なし",
            "構築予定なし",
            "移行予定なし",
            "更改予定なし",
            "利用予定なし",
            "実施しない",
            "移行しない",
            "不要",
        ],
    ),
    row(
        SeeOther,
        "",
        true,
        false,
        &[
            "〃",
            "々",
            "\"",
            "''",
            "””",
            "”",
            "“",
            "′′",
            "同上",
            "同左",
            "同右",
            "同じ",
            "上に同じ",
            "上と同じ",
            "上記に同じ",
            "上記と同じ",
            "上記のとおり",
            "上記の通り",
            "上記参照",
            "左に同じ",
            "前回と同じ",
            "前回同様",
            "前回どおり",
            "前回通り",
            "前回のとおり",
            "前回の通り",
            "前回回答のとおり",
            "前年同様",
            "昨年同様",
            "前回から変更なし",
            "前回と変更なし",
            "別紙",
            "別添",
            "別表",
            "別記",
            "別紙のとおり",
            "別紙の通り",
            "別添のとおり",
            "別添の通り",
            "別表のとおり",
            "別紙参照",
            "別添参照",
            "別表参照",
            "別紙を参照",
            "別添を参照",
            "別途資料",
            "別途資料のとおり",
            "資料参照",
            "添付のとおり",
            "添付参照",
            "添付資料のとおり",
            "添付資料参照",
            "備考参照",
            "備考欄参照",
            "備考のとおり",
        ],
    ),
    row(
        SeeOther,
        "",
        false,
        false,
        &["変更なし", "変更無し", "変更ありません", "修正なし", "修正無し", "訂正なし", "異動なし"],
    ),
    row(
        SeeOther,
        "",
        false,
        true,
        &[
            "別紙*とおり",
            "別紙*通り",
            "別紙*参照",
            "別添*とおり",
            "別添*参照",
            "別表*とおり",
            "別表*参照",
            "資料*とおり",
            "資料*参照",
            "同上",
            "上に同じ",
            "備考*参照",
            "前回*同じ",
            "前回*とおり",
        ],
    ),
];

/// Endings that turn a word for no value into its contrary.
const DENIED: &[&str] = &["ではない", "でない", "ではありません", "ではなく", "でなく", "を解消", "から変更"];

/// Dashes as people type them for 該当なし.
pub(super) fn is_dash(text: &str) -> bool {
    let k = key(text);
    !k.is_empty()
        && k.chars().count() <= 8
        && k.chars().all(|c| matches!(c, '-' | 'ー' | '＿' | '_' | '一'))
        && k.chars().any(|c| c != '一')
}

/// The whole answer is a word for no value.
#[must_use]
pub fn exact(text: &str, field: &Field, place: Place) -> Option<Parsed> {
    let bare = strip(text);
    let k = key(bare);
    if k.is_empty() {
        return None;
    }
    if let Some((word, kind)) = field.none.iter().find(|(word, _)| key(word) == k) {
        let reason = (*kind == Undecided).then(|| word.clone());
        return Some(parsed(text, *kind, reason));
    }
    // No word of the table has a digit (a test holds it), and most answers do.
    if k.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    if is_dash(bare) {
        let mut out = Parsed::of(Value::None { kind: NotApplicable, reason: None });
        out.note(NoteKind::Placeholder, text, "該当なし");
        return Some(out);
    }
    let found = ROWS.iter().find(|r| (r.text || place == Place::Answer) && r.words.contains(&k.as_str()))?;
    Some(parsed(text, found.kind, reason(found)))
}

/// Whether a whole text is a form's own sign that nothing belongs here: a dash, a stroke, a cross, 該当なし, 記入不要.
#[must_use]
pub fn is_sign(text: &str) -> bool {
    let bare = strip(text);
    let k = key(bare);
    k.is_empty()
        || is_dash(bare)
        || ["/", "\\", "x", "×", "*", "※", "記入不要", "回答不要", "入力不要"].contains(&k.as_str())
        || ROWS.iter().any(|r| r.kind == NotApplicable && r.words.contains(&k.as_str()))
}

/// The answer contains a word for no value, and no number or date beside it outside brackets.
#[must_use]
pub fn phrase(text: &str, field: &Field) -> Option<Parsed> {
    let outer = outside_brackets(text);
    if let Some(mut out) = exact(&outer, field, Place::Answer) {
        refine(text, &mut out);
        if outer.len() < text.len() {
            out.note(NoteKind::Remark, text, outer);
        }
        return Some(out);
    }
    let k = key(&outer);
    if k.chars().any(|c| c.is_ascii_digit()) || k.chars().count() > 100 {
        return None;
    }
    let row = within(&k)?;
    Some(parsed(text, row.kind, reason(row)))
}

/// The class of reason that a remark gives.
#[must_use]
pub fn reason_in(text: &str) -> Option<&'static str> {
    let k = key(text);
    within(&k).or_else(|| ROWS.iter().find(|r| r.words.contains(&k.as_str()))).map(|r| r.reason)
}

fn within(k: &str) -> Option<&'static Row> {
    if DENIED.iter().any(|d| k.contains(d)) {
        return None;
    }
    ROWS.iter().filter(|r| r.within).find(|r| r.words.iter().any(|w| fits(k, w)))
}

/// Whether the parts of a pattern stand in the text in order.
fn fits(k: &str, pattern: &str) -> bool {
    let mut rest = k;
    pattern.split('*').filter(|p| !p.is_empty()).all(|part| match rest.find(part) {
        Some(at) => {
            rest = rest.get(at + part.len()..).unwrap_or_default();
            true
        }
        None => false,
    })
}

/// 「未定（ベンダ回答待ち）」: the bracket says more than the word.
fn refine(text: &str, out: &mut Parsed) {
    if let Value::None { kind: Undecided, reason } = &mut out.value
        && reason.as_deref() == Some("未定")
        && let Some(said) = reason_in(text).filter(|r| !r.is_empty())
    {
        *reason = Some(said.into());
    }
}

fn reason(row: &Row) -> Option<String> {
    (!row.reason.is_empty()).then(|| row.reason.to_string())
}

fn parsed(text: &str, kind: NoneKind, reason: Option<String>) -> Parsed {
    let after = match (&reason, kind) {
        (Some(r), _) => r.clone(),
        (None, NotApplicable) => "該当なし".to_string(),
        (None, SeeOther) => "他を参照".to_string(),
        (None, Undecided) => "未定".to_string(),
    };
    let mut out = Parsed::of(Value::None { kind, reason: reason.map(Into::into) });
    out.note(NoteKind::NoValue, text, after);
    if kind == SeeOther {
        out.doubts.push(Doubt::SeeOther);
    }
    out
}

/// A text without the one pair of brackets around all of it, and without a stop at its end.
fn strip(text: &str) -> &str {
    let text = tidy(text).trim_end_matches(['。', '．', '.', '、']);
    let text = if text.is_empty() { tidy(text) } else { text };
    let inner = |open: char, close: char| text.strip_prefix(open).and_then(|t| t.strip_suffix(close));
    let inside = inner('(', ')').or_else(|| inner('（', '）')).or_else(|| inner('【', '】'));
    tidy(inside.filter(|t| !t.contains(['(', '（'])).unwrap_or(text))
}

/// The text without brackets and what stands in them, and without ※ and what follows.
#[must_use]
pub fn outside_brackets(text: &str) -> String {
    let out: String = by_depth(text).filter(|(_, inside)| !inside).map(|(c, _)| c).collect();
    tidy(&out).to_string()
}

/// What stands in the brackets of a text, each for itself, and behind ※.
#[must_use]
pub fn in_brackets(text: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    for (c, inside) in by_depth(text) {
        match out.last_mut() {
            Some(last) if inside => last.push(c),
            Some(last) if !last.is_empty() => out.push(String::new()),
            _ => {}
        }
    }
    let bare = |t: &String| tidy(t.trim_matches(|c| OPEN.contains(&c) || CLOSE.contains(&c) || c == '※')).to_string();
    out.iter().map(bare).filter(|t| !t.is_empty()).collect()
}

const OPEN: [char; 7] = ['(', '（', '【', '〔', '［', '[', '「'];
const CLOSE: [char; 7] = [')', '）', '】', '〕', '］', ']', '」'];

/// The characters of a text, each with whether it belongs to a bracket; ※ opens one that does not end.
fn by_depth(text: &str) -> impl Iterator<Item = (char, bool)> {
    let (mut depth, mut noted) = (0_u32, false);
    text.chars().map(move |c| {
        noted |= c == '※';
        let before = depth;
        if OPEN.contains(&c) {
            depth += 1;
        } else if CLOSE.contains(&c) {
            depth = depth.saturating_sub(1);
            // A bracket that closes nothing is left out all the same.
            return (c, true);
        }
        (c, noted || depth > 0 || before > 0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_table_are_matching_keys() {
        assert!(ROWS.iter().flat_map(|r| r.words).all(|w| !w.bytes().any(|b| b.is_ascii_digit())));
        // Compared as they stand, so that no cell pays for folding the table.
        for word in ROWS.iter().flat_map(|r| r.words) {
            assert_eq!(&key(word), word);
        }
    }

    #[test]
    fn signs_say_that_nothing_belongs_here() {
        for text in ["", "　", "－", "―――", "／", "×", "※", "該当なし", "（対象外）", "記入不要", "なし"]
        {
            assert!(is_sign(text), "{text}");
        }
        for text in ["0", "7", "R8.3", "前回の理由", "未定", "○", "なしの場合"] {
            assert!(!is_sign(text), "{text}");
        }
    }

    #[test]
    fn reasons_come_from_phrases() {
        for (text, want) in [
            ("ベンダーの回答待ちのため未定", Some("ベンダ回答待ち")),
            ("国の動向を見て決定", Some("国の動向待ち")),
            ("次期更改時に合わせて", Some("次期更改時")),
            ("未定ではない", None),
            ("順調", None),
        ] {
            assert_eq!(reason_in(text), want, "{text}");
        }
    }

    #[test]
    fn brackets_are_set_aside() {
        assert_eq!(outside_brackets("未定（R8.3頃）※確認中"), "未定");
        assert_eq!(outside_brackets("((((未定"), "");
    }
}
