//! A whole sentence that says that there is nothing to tell: 当課には該当する取組はありません, 今年度は該当なしです. It is made of the words of
//! such sentences and of nothing else, so that the name of a thing (ペーパーレス化なし) is none.

use super::text::key;
use super::years::years;

/// Words that say no.
const NO: &[&str] = &[
    "該当しません",
    "該当しない",
    "該当せず",
    "ありません",
    "ございません",
    "御座いません",
    "なし",
    "無し",
    "ナシ",
    "無い",
    "ない",
    "無",
    "しません",
    "しない",
    "非該当",
    "対象外",
];

/// Words beside them.
const BESIDE: &[&str] = &[
    "当課",
    "本課",
    "当係",
    "当室",
    "当所",
    "本所",
    "当局",
    "所管",
    "所属",
    "課内",
    "令和",
    "年度",
    "今",
    "本",
    "今回",
    "現時点",
    "現在",
    "現状",
    "今後",
    "当面",
    "特",
    "とく",
    "該当",
    "取り組み",
    "取組み",
    "取組",
    "事業",
    "案件",
    "事項",
    "施策",
    "手続",
    "業務",
    "項目",
    "対象",
    "予定",
    "回答",
    "実施",
    "報告",
    "計画",
    "新規",
    "その他",
    "する",
    "した",
    "して",
    "いる",
    "なる",
    "もの",
    "こと",
    "もう",
    "と",
    "dx",
    "には",
    "では",
    "として",
    "に",
    "は",
    "が",
    "も",
    "の",
    "で",
    "を",
    "です",
    "ます",
    "でした",
    "以上",
    "年",
    "月",
    "末",
];

/// Whether a text says that there is nothing, and no more.
#[must_use]
pub fn says_nothing_to_tell(text: &str) -> bool {
    let outside = super::none::outside_brackets(text);
    let (_, k) = years(&key(if outside.is_empty() { text } else { &outside }));
    let mut rest: &str = &k;
    let mut no = false;
    while let Some(c) = rest.chars().next() {
        let word =
            |table: &'static [&'static str]| table.iter().filter(|w| rest.starts_with(**w)).map(|w| w.len()).max();
        // 「なし」 before 「な」, the longest word of both tables.
        let len = match (word(NO), word(BESIDE)) {
            (Some(n), beside) if beside.is_none_or(|b| b <= n) => {
                no = true;
                n
            }
            (_, Some(beside)) => beside,
            _ if !c.is_alphanumeric() || c.is_ascii_digit() => c.len_utf8(),
            _ => return false,
        };
        rest = rest.get(len..).unwrap_or_default();
    }
    no
}

/// Words of a text that is still to come.
const TO_COME: &[&str] = &[
    "未定",
    "未確定",
    "未決定",
    "調整中",
    "検討中",
    "協議中",
    "確認中",
    "作成中",
    "修正中",
    "準備中",
    "記入中",
    "照会中",
    "精査中",
    "後日回答",
    "後日連絡",
    "後日提出",
    "後日記入",
    "後日",
    "追って回答",
    "追って連絡",
    "追って",
    "要確認",
    "要検討",
    "要調整",
    "保留",
    "tbd",
    "tba",
];

/// Words that join them.
const JOINING: &[&str] = &[
    "公表用",
    "公表",
    "説明文",
    "内容",
    "現在",
    "ため",
    "につき",
    "なので",
    "します",
    "です",
    "予定",
    "回答",
    "連絡",
    "提出",
    "記入",
    "文",
    "に",
    "の",
    "は",
    "を",
    "で",
    "と",
];

/// Whether a text is none yet: 検討中, 調整中のため後日回答, ○○○, （案）….
#[must_use]
pub fn is_still_to_come(text: &str) -> bool {
    let k = key(text);
    let draft = ["(案)", "【案】", "[案]", "案:", "(仮)", "【仮】", "(下書き)", "(たたき台)"];
    if draft.iter().any(|d| k.starts_with(d) || k.ends_with(d)) {
        return true;
    }
    if !k.is_empty() && k.chars().all(|c| "○〇◯●×*・…-_?".contains(c)) {
        return true;
    }
    let mut rest: &str = &k;
    let mut found = false;
    while let Some(c) = rest.chars().next() {
        let word =
            |table: &'static [&'static str]| table.iter().filter(|w| rest.starts_with(**w)).map(|w| w.len()).max();
        let len = match (word(TO_COME), word(JOINING)) {
            (Some(n), _) => {
                found = true;
                n
            }
            (None, Some(n)) => n,
            _ if !c.is_alphanumeric() => c.len_utf8(),
            _ => return false,
        };
        rest = rest.get(len..).unwrap_or_default();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_to_tell_is_told_from_a_name() {
        for text in [
            "該当なし",
            "該当なしです",
            "該当する取組なし",
            "取組なし",
            "該当事業なし",
            "該当する事業はありません",
            "ありません",
            "予定なし",
            "今年度は該当なし",
            "該当なし（R4）",
            "該当ナシ",
            "現時点ではなし",
            "当課は該当しません",
            "回答なし",
            "当課には該当する取組はありません。",
            "令和4年度は該当なし",
            "特にございません",
            "なし（第1課）",
        ] {
            assert!(says_nothing_to_tell(text), "{text}");
        }
        for text in [
            "",
            "窓口の予約",
            "ペーパーレス化なし",
            "取組",
            "現金を取り扱わない窓口",
            "書かない窓口",
            "待たない・書かない窓口",
            "事業の見直し",
            "無料Wi-Fi",
            "ないものねだり事業",
        ] {
            assert!(!says_nothing_to_tell(text), "{text}");
        }
    }

    #[test]
    fn what_is_still_to_come_is_told_from_a_text() {
        for text in [
            "検討中",
            "未定",
            "調整中のため後日回答",
            "○○○",
            "（案）窓口で申請書を書かずに手続ができます。",
            "公表用に修正中",
            "追って回答します。",
        ] {
            assert!(is_still_to_come(text), "{text}");
        }
        for text in [
            "",
            "導入を検討中の事業者を支援します。",
            "窓口で書かずに手続ができます。",
            "内容",
            "公表",
            "後日郵送で届きます。",
        ] {
            assert!(!is_still_to_come(text), "{text}");
        }
    }
}
