//! The signs that a drawn form shows about its own answers while somebody types: drawn by `forms`, passed over by `read`.
//!
//! They stand in the margin at the left of the answers and in a line at the head of a sheet. None of them is an answer.

/// Something that is asked for is not filled in.
pub const TODO: &str = "未";
/// An answer contradicts another one, or cannot be read.
pub const LOOK: &str = "要確認";
/// A date lies past the target.
pub const LATE: &str = "期限後";

/// Words that refer elsewhere: in no field are they an answer.
pub const ELSEWHERE: [&str; 8] = ["同上", "同左", "〃", "上に同じ", "上記のとおり", "別紙", "別紙のとおり", "別紙参照"];
/// Words that say of something that it is over, and not when: in a date they are no answer.
pub const OVER: [&str; 5] = ["済", "済み", "完了", "完了済み", "実施済み"];
/// Words that say that there is no answer yet, or none: no answer in a choice that is owed, unless its list or its field says so.
pub const NOT_CHOSEN: [&str; 8] = ["未定", "検討中", "調整中", "協議中", "確認中", "該当なし", "対象外", "不要"];

/// How the counters begin and go on.
pub const COUNT_TODO: &str = "未入力 ";
/// Between the two counts.
pub const COUNT_LOOK: &str = " 件・要確認 ";
/// The end of a counter.
pub const COUNT_END: &str = " 件";
/// Before the counter over all sheets of a workbook.
pub const TOTAL: &str = "全シート合計　";

/// Sheets and sheet ids that explain a form and are never read as answers.
pub const GUIDE: &str = "記入要領";
/// The filled example.
pub const EXAMPLE: &str = "記入例";
/// Sheet id in the marker line of sheets that explain.
pub const EXPLAINS: &str = "_説明";

/// What the look of answers of an earlier round means, in a line.
pub const EARLIER: &str = "網かけ・斜体＝前回の回答（変わったところは上書きしてください）";
/// The box that says that everything stands as it was last time.
pub const UNCHANGED: &str = "前回から変更なし";
/// What is to be done with it, beside the box of a sheet.
pub const UNCHANGED_HINT: &str = "← 変わったところがなければ、○を選んでください";
/// The same, where a spreadsheet shows it beside the cell.
pub const UNCHANGED_TIP: &str = "前回の回答のままでよいときに、○を選んでください。";
/// The key that the box is read under; it is no answer.
pub const UNCHANGED_KEY: &str = "_unchanged";

/// A counter in words.
#[must_use]
pub fn counter(todo: usize, look: usize) -> String {
    format!("{COUNT_TODO}{todo}{COUNT_LOOK}{look}{COUNT_END}")
}

/// What the signs mean, in a line.
#[must_use]
pub fn legend() -> String {
    format!("{LEGEND}　{TODO}＝記入が必要　{LOOK}＝見直しが必要　{LATE}＝目標の期限より後")
}

const LEGEND: &str = "左端のしるし";

/// Whether a text is one of these signs, and so no remark of anybody.
#[must_use]
pub fn is_sign(text: &str) -> bool {
    let text = text.trim();
    let counts = text.strip_prefix(TOTAL).unwrap_or(text).strip_prefix(COUNT_TODO.trim_end());
    matches!(text, TODO | LOOK | LATE | EARLIER | UNCHANGED_HINT)
        || text.starts_with(LEGEND)
        || counts.is_some_and(|rest| rest.contains(COUNT_LOOK.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_signs_and_remarks_are_not() {
        assert!(is_sign(&counter(12, 0)) && is_sign(&format!("{TOTAL}{}", counter(0, 3))));
        assert!(is_sign("要確認") && is_sign(" 未 "));
        assert!(!is_sign("未定") && !is_sign("未入力のところは後日") && !is_sign(""));
    }
}
