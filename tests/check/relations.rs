//! Findings of the rules between fields.

use crate::sheet::{expect, findings, sentence};

#[test]
fn required_where_the_condition_certainly_holds() {
    expect("| exists | =yes |\n| vendor | |\n| start | |", "R001E@B2+B1 R001E@B3+B1");
    expect("| exists | =no |\n| vendor | |\n| start | |", "");
    expect("| exists | ?x |\n| vendor | |", "F004E@B1");
    // Not blank: 未定, and what could not be read.
    expect("| exists | =yes |\n| vendor | 未定 |\n| start | ?x |", "F002E@B3");
    let found = findings("| exists | =yes |\n| vendor | |");
    assert_eq!(sentence(&found[0]), "「有無」が「あり」のときは「業者」が必要ですが、空欄です。");
    expect("| reason | =other |\n| reason_text | |", "R011E@B2+B1");
    expect("| reason | =vendor |\n| reason_text | |", "");
}

#[test]
fn not_needed_but_answered() {
    expect("| exists | =no |\n| vendor | A社 |\n| count | 0 |", "R002W@B2+B1 R002W@B3+B1");
    expect("| exists | =no |\n| vendor | － |\n| count | |", "");
    expect("| exists | =yes |\n| vendor | A社 |", "");
    let found = findings("| exists | =no |\n| vendor | A社 |");
    assert_eq!(sentence(&found[0]), "「有無」が「なし」のときは「業者」は不要ですが、「A社」と書かれています。");
}

#[test]
fn dates_in_order() {
    let sheet = |a: &str, b: &str, c: &str, d: &str| {
        format!("| exists | =yes |\n| first | {a} |\n| second | {b} |\n| third | {c} |\n| start | {d} |")
    };
    expect(&sheet("2023-04", "2024-04", "2025-04", "2025-10"), "");
    // The same month, and periods that overlap, may be in order.
    expect(&sheet("2024-04-30", "2024-04", "FY2024", "2024-06"), "");
    // One late date is told once, against its neighbour, though it contradicts two.
    expect(&sheet("2025-05", "2024-04", "2025-04", "2025-10"), "R003E@B2+B3");
    // One early date at the end contradicts all before it; a pair of two rules is told once.
    expect(&sheet("2024-04", "2024-05", "2024-06", "2024-03-30"), "R003E@B4+B5");
    // Unanswered steps between are passed over.
    expect(&sheet("2025-05", "未定", "", "2024-03"), "R003E@B2+B5");
    expect(&sheet("2025-05", "?x", "", "2025-06"), "F002E@B3");
    // About May may be April.
    expect(&sheet("2025-05-01 頃", "2025-04-30", "", "2025-06"), "");
    expect(&sheet("2025-05-01", "2025-04-30", "", "2025-06"), "R003E@B2+B3");
    // Two causes are two findings.
    expect(&sheet("2024-06", "2024-05", "2024-09", "2024-08"), "R003E@B2+B3 R003E@B4+B5");
    let found = findings(&sheet("2025-05", "2024-04", "", "2025-10"));
    assert_eq!(sentence(&found[0]), "「設計」（2025-05）が、後の工程「構築」（2024-04）より遅くなっています。");
}

#[test]
fn sums_and_bounds() {
    let costs = |a: &str, b: &str, total: &str| format!("| cost_1 | {a} |\n| cost_2 | {b} |\n| cost_total | {total} |");
    expect(&costs("0.1", "0.2", "0.3"), "");
    expect(&costs("1000", "200", "1250"), "R005E@B3+B1+B2");
    let text = sentence(&findings(&costs("1000", "200", "1250"))[0]);
    assert_eq!(text, "「合計」は1,250千円ですが、内訳の合計は1,200千円です（差 50千円）。");
    // Judged when all are numbers: neither blank nor 未見積 is 0.
    expect(&costs("1000", "", "1250"), "");
    expect(&costs("1000", "未定", "1250"), "");
    expect(&costs("1000", "250", ""), "");
    expect("| count | 10 |\n| part | 10 |", "");
    expect("| count | 10 |\n| part | 11 |", "R006E@B2+B1");
    expect("| count | |\n| part | 11 |", "");
}

#[test]
fn what_must_hold() {
    expect("| extendable | =yes |\n| end | |", "R014E@B1+B2");
    expect("| extendable | =yes |\n| end | 2026-03-31 |", "");
    expect("| extendable | =no |\n| end | |", "");
    expect("| first | 2023-04 |\n| exists | =no |", "R015W@B2+B1");
    expect("| first | 2023-04 |\n| exists | =yes |", "");
    // A date that could not be read may be none.
    expect("| first | ?x |\n| exists | =no |", "F002E@B1");
    expect("| first | 2023-04 |\n| exists | ?x |", "F004E@B2");
}

#[test]
fn steps_in_sequence() {
    let steps = |s: [&str; 5]| {
        let rows = (1..).zip(s).map(|(n, s)| format!("| st_{n} | {s} |\n"));
        format!("{}| exists | =yes |", rows.collect::<String>())
    };
    expect(&steps(["=done", "=done", "=doing", "=todo", "=todo"]), "");
    expect(&steps(["=done", "=todo", "=doing", "=done", "=done"]), "R007W@B4+B2");
    expect(&steps(["=done", "=todo", "=todo", "=done", "=done"]), "R007W@B4+B2+B3");
    // What the office answers for everybody is nothing that a division skipped.
    expect(&steps(["=todo", "=done", "=done", "=done", "=done"]), "");
    expect(&steps(["=todo", "=todo", "=done", "=todo", "=done"]), "R007W@B3+B2");
    expect(&steps(["=done", "=doing", "=done", "=na", "=done"]), "");
    // Blank is not 未着手.
    expect(&steps(["=done", "", "=done", "=done", "=done"]), "F001E@B2");
    let found = findings(&steps(["=done", "=todo", "=todo", "=done", "=done"]));
    let text = sentence(&found[0]);
    assert_eq!(text, "「移行の状況」が「完了済み」ですが、その前の2項目（「調査」など）が「未着手」です。");
}

#[test]
fn not_all_of_the_divisions_own_rows() {
    let rows = |last: &str| {
        format!(
            "| exists | =yes |\n| st_1 | =done |\n| st_2 | =na |\n| st_3 | =na |\n| st_4 | =na |\n| st_5 | {last} |"
        )
    };
    expect(&rows("=na"), "R008W@B3+B4+B5+B6");
    expect(&rows("=done"), "");
    expect(&rows(""), "F001E@B6");
    assert_eq!(sentence(&findings(&rows("=na"))[0]), "4項目のすべてが「対象外」です。");
}

#[test]
fn a_reason_beside_what_is_left_out() {
    let row = |status: &str, remark: &str| {
        format!("| exists | =yes |\n| st_2 | {status} |\n| st_2_remark | {remark} |\n| st_3 | =done |")
    };
    expect(&row("=na", ""), "R009E@B3+B2");
    expect(&row("=na", "－"), "R009E@B3+B2");
    expect(&row("=na", "共同利用のため"), "");
    expect(&row("=done", ""), "");
    // The office's own rows are not the division's to explain.
    expect("| exists | =yes |\n| st_1 | =na |\n| st_1_remark | |\n| st_3 | =done |", "");
    let text = sentence(&findings(&row("=na", ""))[0]);
    assert_eq!(text, "「調査の状況」が「対象外」ですが、「調査の工程の備考」に理由がありません。");
}

#[test]
fn yen_typed_for_thousands_is_asked_about_in_every_money_field() {
    for (table, expected) in [
        ("| cost_1 | 2750000 |", "R030W@B1"),
        ("| cost_1 | 2750000 |\n| cost_2 | 1300000 |\n| cost_total | 4050000 |", "R030W@B1+B2+B3"),
        // Beside a figure that is a thousandth of it, which cannot speak for it.
        ("| cost_1 | 1250 |\n| cost_2 | 2750000 |", "R030W@B2"),
        // Too large for anything, whole thousands or not.
        ("| cost_1 | 12345678 |", "R030W@B1"),
        // A plan of a large city in its own unit: a figure of that size that is no whole thousand speaks for the others.
        ("| cost_1 | 1500000 |\n| cost_2 | 212345 |", ""),
        ("| cost_1 | 1234567 |", ""),
        ("| cost_1 | 999000 |", ""),
        ("| cost_1 | 15000 |\n| cost_2 | 120000 |", ""),
        // Asked about already.
        ("| cost_1 | 2750000 !Unit:2,750千円 |", "F015W@B1"),
        // No money.
        ("| count | 9000 |", ""),
    ] {
        expect(table, expected);
    }
}
