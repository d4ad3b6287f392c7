//! Findings of single fields.

use torimatome::check;

use crate::sheet::{card, codes, context, expect, findings, form, round, sentence};

#[test]
fn each_doubt_has_its_code_and_one_cell_gives_one_finding() {
    for (row, expected) in [
        ("| start | ?R8.x |", "F002E"),
        ("| start | ?R8.x !Unreadable |", "F002E"),
        ("| start | ?R8.2.30 !Unreadable !NoSuchDay |", "F006E"),
        ("| start | ?7.3.31 !AmbiguousEra:令和7年か2007年 |", "F007E"),
        ("| start | 2025-12-31..2026-03-31 !AmbiguousYearEnd:12月末か3月末 |", "F008W"),
        ("| start | 2025-01-01..2026-03-30 !SeveralDates |", "F009W"),
        ("| end | 2027-03-31 !SpreadsheetDate:令和7年3月31日 |", "F010W"),
        ("| start | 2026-03-31 !EraOverrun:令和8年3月31日 |", "F011W"),
        ("| start | ?済 !Unreadable !StatusInDate |", "F012E"),
        ("| start | 同上 !SeeOther |", "F013E"),
        ("| start | 同上 |", "F013E"),
        ("| start | 2023-03-30 !Inferred:令和5年3月30日 |", "F014W"),
        ("| cost_1 | 1200000 !Unit:1,200千円 |", "F015W"),
        ("| cost_1 | ?12人 !Unit:人 |", "F003E"),
        ("| start | 2023-03-30 !WrongWeekday:木曜日 |", "F023W"),
        ("| start | 2023-03-30 !Beside:延期 |", "F024W"),
        ("| count | 240 !Beside:訂正 |", "F029W"),
        ("| start | ?R5.3.30中止 !Withdrawn:中止 |", "F025E"),
        ("| start | 2023-03-30 !Unlikely:令和5年3月30日 |", "F026W"),
        ("| count | ?(25) !AmbiguousNumber:-25か25 |", "F016E"),
        ("| count | 0 !Unseen:何も見えません |", "F027W"),
        ("| vendor | 1月2日 !BecameDay:1-2 |", "F028W"),
        ("| vendor | 2022/11/1 !DayInText:令和4年11月1日 |", "F028I"),
        ("| count | ? !NoStoredResult |", "F017E"),
        ("| count | ? !ErrorCell:#REF! |", "F018E"),
        ("| count | ?多数 |", "F003E"),
        ("| plain | ?多数 !Unreadable |", "F003E"),
        ("| reason | ?その他等 !NotAChoice:other |", "F004E"),
        ("| reason | ?ほか !NotAChoiceAtAll |", "F004E"),
        ("| reason | ?ほか !Unreadable |", "F004E"),
        ("| reason | ?甲・乙 !SeveralChoices |", "F005E"),
    ] {
        expect(row, &format!("{expected}@B1"));
    }
    // A day beside 済 is an answer like any other.
    expect("| start | 2025-09-30 !StatusInDate |", "");
}

#[test]
fn sentences_carry_what_was_typed_and_what_fits() {
    let only = |row: &str| sentence(&findings(row)[0]);
    assert_eq!(
        only("| reason | ?その他等 !NotAChoice:other |"),
        "「理由」の「その他等」は、選択肢にありません。「その他」のことでしょうか。"
    );
    let finding = &findings("| reason | ?ほか !NotAChoiceAtAll |")[0];
    assert_eq!(finding.expected.as_deref(), Some("「業者の都合」、「その他」、「今日まで」"), "only those that hold");
    assert_eq!(only("| count | -1200 |"), "「件数」の-1,200件は、範囲（0件以上9,999件以下）を外れています。");
    assert_eq!(
        only("| start | 2007-03-31 !SpreadsheetDate:令和7年3月31日 |"),
        "「開始」は平成19年3月31日になっています。「令和7年3月31日」のつもりで入力した日付が、\
         表計算ソフトで西暦に変わったおそれがあります。"
    );
}

#[test]
fn required_fields_of_the_card_and_of_the_rows() {
    let round = round();
    let of = |table: &str| codes(&check::submission(form(), &card(table), &context(&round)));
    assert_eq!(of("| officer | |"), ["F001E@B1"]);
    assert_eq!(of("| officer | 主査 |"), Vec::<String>::new());
    assert_eq!(of("| other | |"), Vec::<String>::new(), "a label that is not there is found where labels are");
    // The office answers row 1 for everybody; no row is needed where there is nothing.
    let rows = "| exists | =yes |\n| st_1 | |\n| st_2 | |\n| st_3 | =done |\n| vendor | A社 |";
    expect(rows, "F001E@B3");
    expect(&rows.replace("=yes", "=no").replace("A社", ""), "");
    // 未定 is an answer, and so is 0.
    expect("| exists | 未定 |\n| count | 0 |", "");
}

#[test]
fn a_record_without_any_answer_is_told_once() {
    let empty = "| item_id | a |\n| exists | |\n| vendor | |\n| st_1 | =done |\n| st_2 | |";
    expect(empty, "X004W@B1");
    assert_eq!(sentence(&findings(empty)[0]), "「a」の回答がまだありません。");
    expect(&empty.replace("| vendor | |", "| vendor | A社 |"), "F001E@B2 F001E@B5");
    // Something was written, though it cannot be read.
    expect(&empty.replace("| vendor | |", "| start | ?x |"), "F001E@B2 F001E@B5 F002E@B3");
}

#[test]
fn numbers_within_bounds() {
    for (row, expected) in [
        ("| count | 0 |", ""),
        ("| count | -1 |", "F019E@B1"),
        ("| count | 9999 |", ""),
        ("| count | 10000 |", "F019E@B1"),
        ("| count | 1.5 |", "F022E@B1"),
        ("| cost_1 | 1.5 |", ""),
        ("| cost_1 | -0.5 |", "F019E@B1"),
    ] {
        expect(row, expected);
    }
    assert_eq!(findings("| cost_1 | -0.5 |")[0].expected.as_deref(), Some("0千円以上"));
}

#[test]
fn choices_hold_from_their_first_to_their_last_day() {
    expect("| reason | =new |", "F021W@B1");
    expect("| reason | =old |", "F021W@B1");
    expect("| reason | =now |", "");
    expect("| reason | =vendor |", "");
    let text = sentence(&findings("| reason | =new |")[0]);
    assert_eq!(
        text,
        "「理由」の「新しい理由」は、基準日の時点では使えない選択肢です（使えるのは令和4年11月1日から）。"
    );
}

#[test]
fn personal_data_is_named_by_kind_and_never_repeated() {
    expect("| memo | 内線 2345 まで |", "");
    for memo in ["0225-95-1111", "taro@example.jp", "1234 5678 9018"] {
        let found = findings(&format!("| memo | {memo} |"));
        assert_eq!(codes(&found), ["F020W@B1"]);
        assert!(!format!("{:?}", found[0]).contains(memo), "{found:?}");
    }
    // Only the fields that the rule names.
    expect("| reason_text | 0225-95-1111 |", "");
}
