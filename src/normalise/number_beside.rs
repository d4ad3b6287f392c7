//! What stands in brackets beside a number: a remark that changes nothing, or words and figures that may make it another.
//!
//! The words of change and withdrawal are those of dates; what only numbers have (税抜, 月額, 4月～12月) stands here.

use super::Parsed;
use super::date::{hedges, is_change};
use super::none::in_brackets;
use super::number::scaled;
use super::text::key;
use super::years::{Years, years};
use crate::model::form::Field;
use crate::model::value::{Doubt, NoteKind};

/// Words that make a number one of something else: of a shorter time, of one piece, of a part, without the tax.
const OTHERWISE: &[&str] = &[
    "税抜",
    "税別",
    "税引",
    "月額",
    "月平均",
    "月当",
    "月あたり",
    "日額",
    "日平均",
    "単価",
    "人当",
    "件当",
    "回当",
    "台当",
    "世帯当",
    "年分",
    "あたり",
    "含まず",
    "含まない",
    "含めず",
    "含めない",
    "含んでいない",
    "上期",
    "下期",
    "上半期",
    "下半期",
    "四半期",
    "目標値",
    "計画値",
    "集計漏れ",
    "集計中",
    "速報",
    "推計",
    "暫定",
    "精査",
    "確認中",
    "調査中",
    "要確認",
    "未確定",
    "今年度",
    "本年度",
    "現時点",
    "週間",
    "他課",
];

/// Words beside which a change is none: what the number holds, where it comes from.
const HARMLESS: &[&str] =
    &["除票", "変更届", "変更分を含む", "未納", "未申告", "前年度", "前年", "昨年度", "前回", "後日払"];

/// Weighs the brackets of a text for the number that was read before them.
pub(super) fn weigh(text: &str, field: &Field, out: &mut Parsed) {
    let Some(number) = out.value.number() else { return };
    for inside in in_brackets(text) {
        let k = HARMLESS.iter().fold(key(&inside), |k, word| k.replace(word, ""));
        let (named, rest) = years(&k);
        let (own, _) = years(&key(&field.printed()));
        if !named.is_empty() && named.is_subset(&own) && OF_THE_YEAR.contains(&rest.as_str()) {
            continue;
        }
        let differs = || scaled(&inside, field).is_some_and(|n| (n - number).abs() > 0.0005 * number.abs().max(1.0));
        if OTHERWISE.iter().any(|w| k.contains(w))
            || is_change(&k)
            || is_part_of_the_year(&k)
            || is_of_some_months(&k)
            || is_of_another_year(&own, &named, &rest)
            || holds_another(&k)
            || is_total(&k)
            || differs()
        {
            out.doubts.push(Doubt::Beside(inside.clone()));
        } else if hedges(&k) {
            out.note(NoteKind::Approx, text, number.to_string());
        }
    }
}

/// What stands beside a year that is the field's own.
const OF_THE_YEAR: &[&str] =
    &["", "年", "年度", "年度分", "年分", "分", "年度実績", "年実績", "実績", "年度中", "年度の実績"];

/// 「R2年度」 where the field asks for another; not 「R2は80件」, which compares.
fn is_of_another_year(own: &Years, named: &Years, rest: &str) -> bool {
    let compares = rest.contains(|c: char| c.is_ascii_digit());
    !own.is_empty() && !compares && !rest.contains('月') && !named.is_subset(own)
}

/// 「1か月」, 「3ヶ月分」, not 「12か月」.
fn is_of_some_months(k: &str) -> bool {
    ["か月", "ヶ月", "カ月", "ヵ月", "ケ月", "箇月", "个月"].iter().any(|unit| {
        let before = k.split(unit).next().filter(|b| b.len() < k.len()).unwrap_or_default();
        before.ends_with(|c: char| c.is_ascii_digit()) && !before.ends_with("12")
    })
}

/// 「17を含む」, 「他課分含む」: the count of another row or division is in it.
fn holds_another(k: &str) -> bool {
    let holds = k.split('含').next().filter(|before| before.len() < k.len()).unwrap_or_default();
    let holds = holds.trim_end_matches(['を', 'も', 'の']);
    let number = || holds.trim_start_matches("no").trim_start_matches(['.', '#']);
    holds.ends_with("課分")
        || (!number().is_empty() && number().chars().all(|c| c.is_ascii_digit() || "-~、,と番".contains(c)))
}

/// 「2市計」: of more than the division's own.
fn is_total(k: &str) -> bool {
    k.ends_with('計') && !["会計", "集計", "統計", "家計", "時計"].iter().any(|w| k.ends_with(w))
}

/// 「4月～12月」, 「10月分」, not 「令和3年4月～令和4年3月」, which is a whole fiscal year.
fn is_part_of_the_year(k: &str) -> bool {
    let months: Vec<&str> = k.split('月').collect();
    let [before, .., _] = months.as_slice() else { return false };
    let number = |t: &str| t.trim_start_matches(|c: char| !c.is_ascii_digit()).to_string();
    let last = |t: &str| number(t.rsplit(|c: char| !c.is_ascii_digit()).next().unwrap_or_default());
    let period = k.contains(['~', '〜', '-']) || k.contains("から");
    let end = months.len().checked_sub(2).and_then(|at| months.get(at)).map(|t| last(t));
    let whole = last(before) == "4" && end.as_deref() == Some("3");
    // 「4~9月」.
    let short = before.rsplit_once(['~', '〜', '-']).map(|(from, to)| (last(from), to));
    if let (2, Some((from, to))) = (months.len(), short)
        && !from.is_empty()
        && to.bytes().all(|b| b.is_ascii_digit())
        && !to.is_empty()
    {
        return (from.as_str(), to) != ("4", "3");
    }
    (period && months.len() > 2 && !whole) || k.ends_with("月分")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_the_year_is_told_from_the_whole() {
        for (text, want) in [
            ("4月~12月", true),
            ("10月分", true),
            ("4~9月", true),
            ("4~3月", false),
            ("r3.4月から9月", true),
            ("令和3年4月~令和4年3月", false),
            ("4月~3月", false),
            ("令和4年3月末現在", false),
            ("3月", false),
        ] {
            assert_eq!(is_part_of_the_year(text), want, "{text}");
        }
    }
}
