//! Dates against the deadline (2026-03-31) and the as-of date (2022-10-31).

use crate::sheet::{expect, findings, sentence};

/// The date in B1, the reason in B2, whether it can be met in B3.
fn sheet(date: &str, reason: &str, feasible: &str) -> String {
    format!("| start | {date} |\n| reason | {reason} |\n| feasible | {feasible} |")
}

#[test]
fn in_time_to_the_last_day() {
    for date in ["2026-03-31", "2026-03", "FY2025", "..2026-03-31", "2025-04-01", "2026-02-01 頃"] {
        expect(&sheet(date, "", "=yes"), "");
    }
}

#[test]
fn an_honest_late_date_is_an_error_only_without_a_reason() {
    for date in ["2026-04-01", "2026-04", "FY2026", "2026-04-01.."] {
        expect(&sheet(date, "", ""), "D003E@B2+B1");
        expect(&sheet(date, "=vendor", ""), "D003W@B1+B2");
        expect(&sheet(date, "=vendor", "=no"), "D003W@B1+B2");
    }
    // A dash is no reason; one that cannot be read is asked for as such.
    expect(&sheet("2026-04-01", "－", ""), "D003E@B2+B1");
    expect(&sheet("2026-04-01", "?x", ""), "D003W@B1+B2 F004E@B2");
    let text = sentence(&findings(&sheet("2026-04", "", ""))[0]);
    assert_eq!(text, "「開始」の令和8年4月は、期限 令和8年3月31日を過ぎていますが、「理由」が書かれていません。");
}

#[test]
fn a_blank_reason_is_told_once() {
    // A rule also asks for the reason; the cell has its finding already.
    expect(&sheet("2026-04-01", "", "=no"), "D003E@B2+B1");
    expect(&sheet("未定", "", "=no"), "D004W@B1 R018E@B2+B3");
}

#[test]
fn what_the_date_and_the_division_say_may_not_contradict() {
    expect(&sheet("2026-04-01", "=vendor", "=yes"), "D003W@B1+B2 D008E@B1+B3");
    expect(&sheet("2026-04-01", "", "=yes"), "D003E@B2+B1 D008E@B1+B3");
    expect(&sheet("2026-03-31", "=vendor", "=no"), "D009W@B1+B3+B2");
    expect(&sheet("2026-03-31", "", "=unknown"), "");
    expect(&sheet("2026-04-01", "=vendor", "=unknown"), "D003W@B1+B2");
    let text = sentence(&findings(&sheet("2026-04-01", "=vendor", "=yes"))[1]);
    assert_eq!(
        text,
        "「可否」が「期限内に移行できる」ですが、「開始」は令和8年4月1日で、期限 令和8年3月31日を過ぎています。"
    );
}

#[test]
fn a_reason_that_is_not_needed() {
    expect(&sheet("2026-03-31", "=vendor", ""), "D006W@B2+B1");
    expect(&sheet("2026-03-31", "－", ""), "");
    expect(&sheet("", "=vendor", ""), "");
}

#[test]
fn a_date_that_may_be_late() {
    for date in ["2026-03-31..2026-04-01", "2025-12-01..", "2026-03-31 頃", "2026-03 頃", "2026-03-01 頃"] {
        expect(&sheet(date, "", ""), "D002W@B1");
    }
    expect(&sheet("2026-02-28 頃", "", ""), "");
}

#[test]
fn no_date_yet() {
    expect(&sheet("未定", "", ""), "D004W@B1");
    expect(&sheet("－", "", ""), "D004W@B1");
    // Blank is asked for by other rules, and 同上 has its own finding.
    expect(&sheet("", "", "=yes"), "");
    expect(&sheet("同上", "", ""), "F013E@B1");
    expect(&sheet("?x", "", ""), "F002E@B1");
}

#[test]
fn a_year_early_is_asked_and_never_mended() {
    expect(&sheet("2025-03-31", "", ""), "D005W@B1");
    expect(&sheet("2025-03", "", ""), "D005W@B1");
    expect(&sheet("2025-03-31", "", "=no"), "D005W@B1 D009W@B1+B3 R018E@B2+B3");
    for date in ["2025-03-30", "2025-04-01", "2024-03-31", "2025-03-31 年度末", "FY2024"] {
        expect(&sheet(date, "", ""), "");
    }
    let text = sentence(&findings(&sheet("2025-03", "", ""))[0]);
    assert_eq!(
        text,
        "「開始」の令和7年3月は、期限 令和8年3月31日のちょうど1年前です。「年度」のつもりで書いていませんか。"
    );
}

#[test]
fn actual_dates_lie_by_the_as_of_date() {
    for (date, expected) in [
        ("2022-10-31", ""),
        ("2022-10", ""),
        ("2022-11-01", "D010E@B1"),
        ("2022-11", "D010E@B1"),
        ("2022-10-31..2022-11-01", ""),
        ("FY2022", ""),
        ("2022-11-01 頃", ""),
    ] {
        expect(&format!("| started | {date} |"), expected);
    }
}

#[test]
fn planned_dates_that_have_passed() {
    let of = |planned: &str, actual: &str| format!("| start | {planned} |\n| started | {actual} |");
    expect(&of("2022-10-30", ""), "D011W@B1+B2");
    expect(&of("2022-09", ""), "D011W@B1+B2");
    for planned in ["2022-10-31", "2022-10", "FY2022", "2022-10-15 頃"] {
        expect(&of(planned, ""), "");
    }
    expect(&of("2022-09", "2022-10-01"), "");
    expect(&of("2022-09", "未定"), "");
    expect(&of("2022-09", "?x"), "F002E@B2");
    expect(&of("未定", ""), "D004W@B1");
    let text = sentence(&findings(&of("2022-09", ""))[0]);
    assert_eq!(text, "「開始」の2022-09は基準日 令和4年10月31日より前ですが、「開始実績」が空欄です。");
}

#[test]
fn a_contract_that_ends_too_early() {
    let of = |end: &str, start: &str, extendable: &str| {
        format!("| end | {end} |\n| start | {start} |\n| extendable | {extendable} |")
    };
    expect(&of("2025-09-30", "2026-03-01", "=no"), "D007W@B1+B2");
    expect(&of("2025-09-30", "2026-03-01", "=unknown"), "D007W@B1+B2");
    expect(&of("2025-09-30", "2026-03-01", "=yes"), "");
    expect(&of("2025-09-30", "2026-03-01", ""), "");
    // Ending on the eve leaves no gap; a month that may begin in time is not certain.
    expect(&of("2026-02-28", "2026-03-01", "=no"), "");
    expect(&of("2026-02-27", "2026-03-01", "=no"), "D007W@B1+B2");
    expect(&of("2026-03", "2026-03-15", "=no"), "");
    expect(&of("2026-03-31", "2026-03", "=no"), "");
}

#[test]
fn more_steps_than_months() {
    // From 2022-10-31 to the second deadline, 2023-01-31, are three whole months.
    let of = |status: [&str; 4]| {
        let rows = (2..).zip(status).map(|(n, s)| format!("| st_{n} | {s} |\n"));
        format!("| start | 2023-01-01 |\n| exists | =yes |\n{}", rows.collect::<String>())
    };
    expect(&of(["=done", "=doing", "=doing", "=todo"]), "");
    expect(&of(["=doing", "=doing", "=doing", "=todo"]), "D012W@B1");
    expect(&of(["", "=doing", "=doing", "=todo"]), "F001E@B3");
    expect(&of(["=doing"; 4]).replace("| start | 2023-01-01 |\n", ""), "D012W@B2");
    let text = sentence(&findings(&of(["=doing", "=doing", "=doing", "=todo"]))[0]);
    assert_eq!(text, "残りの工程が4あり、期限 令和5年1月31日まで3か月です。");
}
