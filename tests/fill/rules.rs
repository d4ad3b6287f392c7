//! What the cells themselves ask: lists, bounds, formats, locks; results that go with their types; what no cell can hold.

use super::*;

/// What is said of one write into the fixture of rules.
fn said(write: CellWrite) -> Vec<String> {
    let done = filled(&bytes("rules.xlsx"), &[write]);
    let of_cell = |n: &&FillNote| !matches!(n, FillNote::Protected { .. } | FillNote::Locked { .. });
    done.notes.iter().filter(of_cell).map(ToString::to_string).collect()
}

#[test]
fn what_the_cell_does_not_allow_is_said_and_what_it_allows_is_not() {
    for (write, words) in [
        (text("様式", "A3", "完了"), &["A3", "「完了」", "一覧: 済、未、対象外"][..]),
        (text("様式", "B3", "済"), &["一覧: 完了、未着手、5"]),
        (text("様式", "B20", "済"), &["一覧: 完了、未着手、5"]),
        (text("様式", "C3", "済"), &["一覧: 完了、未着手、5"]),
        // The newer kind, relative: the second row looks one row further down.
        (text("様式", "D2", "済"), &["一覧: 完了、未着手、5"]),
        (text("様式", "D3", "完了"), &["一覧: 未着手、5"]),
        (number("様式", "E3", 120.0), &["120", "整数、0から100まで"]),
        (number("様式", "E3", 1.5), &["整数"]),
        (text("様式", "E3", "未定"), &["整数"]),
        (date("様式", "F2", (2022, 3, 31)), &["日付、2022-04-01以上"]),
        (text("様式", "G3", "六文字の文章"), &["文字数、5以下"]),
        (number("様式", "H3", 10.0), &["数値、10より小さい"]),
        (text("様式", "I3", "あ"), &["数式: LEN(I2)>0", "確かめられません"]),
        (text("様式", "J3", "あ"), &["（一覧）", "確かめられません"]),
    ] {
        let said = said(write.clone());
        assert!(said.len() == 1 && words.iter().all(|w| said[0].contains(w)), "{write:?}: {said:?}");
    }
    for write in [
        text("様式", "A3", "対象外"),
        text("様式", "B3", "未着手"),
        number("様式", "C3", 5.0),
        text("様式", "C10", "済"),
        text("様式", "D3", "未着手"),
        CellWrite::new("様式", at("A3"), FillValue::Blank),
        number("様式", "E3", 100.0),
        date("様式", "F2", (2022, 4, 1)),
        text("様式", "G3", "四つ字𠮷"),
        number("様式", "H3", 9.9),
    ] {
        assert_eq!(said(write.clone()), [""; 0], "{write:?}");
    }
}

#[test]
fn a_value_that_the_format_shows_as_something_else_is_asked_about() {
    for (write, words) in [
        (number("様式", "L2", 23.6), &["2360%", "0.236"][..]),
        (number("様式", "M2", 45.0), &["日付", "45"]),
        (number("様式", "N2", 42021.0), &["文字列"]),
        (text("様式", "O2", "１，２３４"), &["合計には入りません"]),
        (number("様式", "O2", 1234.5), &["1234.5", "「1235」と表示されます"]),
        (text("様式", "M2", "R8.3.31"), &["日付", "R8.3.31"]),
        (date("様式", "O2", (2026, 3, 31)), &["日付ではない"]),
    ] {
        let said = said(write.clone());
        assert!(said.len() == 1 && words.iter().all(|w| said[0].contains(w)), "{write:?}: {said:?}");
    }
    for write in [
        number("様式", "L2", 0.236),
        number("様式", "L2", 1.0),
        date("様式", "M2", (2026, 3, 31)),
        text("様式", "M2", "未定"),
        text("様式", "N2", "042021"),
        number("様式", "O2", 1234.0),
        text("様式", "O2", "－"),
        number("様式", "P2", 23.6),
    ] {
        assert_eq!(said(write.clone()), [""; 0], "{write:?}");
    }
}

#[test]
fn locked_cells_are_named_and_open_ones_are_not() {
    let book = bytes("rules.xlsx");
    let done = filled(&book, &[number("様式", "P2", 1.0), number("様式", "O2", 1.0), text("様式", "A3", "済")]);
    let sheet = || "様式".to_string();
    let want =
        [FillNote::Protected { sheet: sheet() }, FillNote::Locked { sheet: sheet(), cells: vec![at("O2"), at("A3")] }];
    assert_eq!(done.notes, want);
    let done = filled(&book, &[number("様式", "P2", 1.0)]);
    assert_eq!(done.notes, [FillNote::Protected { sheet: sheet() }]);
    assert_eq!(filled(&book, &[text("一覧", "C1", "注")]).notes, []);
}

#[test]
fn results_go_with_their_types() {
    let book = bytes("rules.xlsx");
    let writes = [number("様式", "E2", 7.0)];
    let done = filled(&book, &writes);
    // What the file keeps in A15, D15 and G15 is no result of its own cells, so that nothing is said of those.
    assert_eq!(super::listed(&done.recalculated), ["様式!A15", "様式!D15", "様式!G15"]);
    assert_eq!(super::listed(&done.computed), ["様式!B15", "様式!C15", "様式!E15"]);
    let sheet = part(&done.bytes, "xl/worksheets/sheet1.xml");
    for want in [
        r#"<c r="A15" s="2"><f>1/E2</f></c><c r="B15" t="b"><f>E2&gt;1</f><v>1</v></c><c r="C15" s="2" t="str"><f>E2&amp;""</f><v>7</v></c>"#,
        r#"<c r="D15"><f>IF(E2&gt;1,"済","未")</f></c><c r="E15" t="str"><f>E2&amp;"件"</f><v>7件</v></c>"#,
        r#"<c r="F15" t="b"><f>1=1</f><v>1</v></c><c r="G15"><f>E2</f></c>"#,
    ] {
        assert!(sheet.contains(want), "missing {want}\nin {sheet}");
    }
    // The proof takes no type that stays, and none that goes elsewhere.
    for (from, to) in [
        (r#"<c r="D15"><f>"#, r#"<c r="D15" t="b"><f>"#),
        (r#"<c r="B15" t="b"><f>"#, r#"<c r="B15"><f>"#),
        (r#"<f>E2&amp;"件"</f><v>7件</v>"#, r#"<f>E2&amp;"件"</f><v>4件</v>"#),
        (r#"<f>E2&amp;"件"</f><v>7件</v>"#, r#"<f>E2&amp;"件"</f>"#),
        (r#"<c r="F15" t="b">"#, r#"<c r="F15">"#),
        (r#"<c r="A15" s="2">"#, r#"<c r="A15">"#),
    ] {
        let other = tampered(&done.bytes, "xl/worksheets/sheet1.xml", from, to);
        verify(&book, &other, &writes).expect_err(from);
    }
}

#[test]
fn a_merge_of_whole_rows_is_written_at_its_anchor() {
    let done = filled(&bytes("rules.xlsx"), &[text("様式", "C13", "注")]);
    assert_eq!(done.written, [("様式".to_string(), at("A12"))]);
    assert!(done.notes.contains(&FillNote::Anchored { sheet: "様式".into(), cell: at("C13"), anchor: at("A12") }));
    let written = filled(&bytes("rules.xlsx"), &[text("様式", "C14", "注")]).written;
    assert_eq!(written, [("様式".to_string(), at("C14"))], "the row below is none of it");
}

#[test]
fn without_a_formula_nothing_is_to_be_computed() {
    let book = bytes("odd.xlsx");
    let only = tampered(
        &book,
        "xl/worksheets/sheet1.xml",
        r#"<f t="dataTable" ref="B1:B2" dt2D="0" dtr="0" r1="A1"/>"#,
        "<f>A1</f>",
    );
    let writes = [replacing(number("様式", "B1", 1.0))];
    let done = filled(&only, &writes);
    assert!(!part(&done.bytes, "xl/workbook.xml").contains("fullCalcOnLoad"), "the only formula is gone");
    let done = filled(&only, &[number("様式", "A1", 1.0)]);
    assert!(part(&done.bytes, "xl/workbook.xml").contains("fullCalcOnLoad"));
}

#[test]
fn the_command_refuses_what_no_cell_can_hold_and_what_is_in_the_way() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = |name: &str| dir.path().join(name).to_string_lossy().into_owned();
    let (book, list, out) = (path("様式.xlsx"), path("cells.csv"), path("報告.xlsx"));
    std::fs::write(&book, bytes("rules.xlsx")).expect("written");
    let run = |lines: &str, out: &str, more: &[&str]| {
        std::fs::write(&list, format!("sheet,cell,value,type\n{lines}\n")).expect("written");
        command(&[&["fill", &book, "--set", &list, "--out", out], more].concat())
    };
    let long = format!("様式,P2,{},text", "長".repeat(33_000));
    for (lines, why) in [(long.as_str(), "32,767"), ("様式,P2,1234567890123456,number", "15桁")] {
        let (code, said) = run(lines, &out, &[]);
        assert!(code == Some(2) && said.contains(why) && !Path::new(&out).exists(), "{said}");
    }
    let (code, said) = run("様式,E2,7,\n様式,P3,1234567890123456,", &out, &[]);
    assert!(code == Some(0) && said.contains("保護ビュー") && said.contains("15桁"), "{said}");
    let first = std::fs::read(&out).expect("there");
    let (code, said) = run("様式,E2,8,", &out, &[]);
    assert!(code == Some(2) && said.contains("すでに") && said.contains("--overwrite"), "{said}");
    assert_eq!(std::fs::read(&out).expect("there"), first, "it stays as it is");
    let (code, said) = run("様式,E2,8,", &out, &["--overwrite"]);
    assert!(code == Some(0) && std::fs::read(&out).expect("there") != first, "{said}");
    for wrong in ["報告.xlsm", "報告", "報告.xls"] {
        let (code, said) = run("様式,E2,8,", &path(wrong), &[]);
        assert!(code == Some(2) && said.contains(".xlsx") && !Path::new(&path(wrong)).exists(), "{said}");
    }
    std::fs::write(&book, bytes("macros.xlsm")).expect("written");
    let (code, said) = run("様式,B2,8,", &path("甲.xlsx"), &[]);
    assert!(code == Some(2) && said.contains(".xlsm"), "{said}");
    assert_eq!(run("様式,B2,8,", &path("甲.XLSM"), &[]).0, Some(0));
}

#[test]
fn our_own_workbooks_ask_for_no_computing_and_their_links_lead_to_files_with_a_hash() {
    use torimatome::fill::tidied;
    use torimatome::write::HASH;
    let plain = bytes("pivot.xlsx");
    let asking = tampered(&plain, "xl/workbook.xml", "calcId=\"191029\"", "calcId=\"191029\" fullCalcOnLoad=\"1\"");
    let done = tidied(asking.clone());
    assert_eq!(part(&done, "xl/workbook.xml"), part(&plain, "xl/workbook.xml"));
    assert_eq!(changed(&asking, &done), ["xl/workbook.xml"]);
    assert_eq!(tidied(plain.clone()), plain, "nothing to do");
    let computing = tampered(&bytes("openpyxl.xlsx"), "xl/workbook.xml", "<workbookPr", "<workbookPr ");
    assert_eq!(tidied(computing.clone()), computing, "it has formulas");
    let rels = "xl/worksheets/_rels/sheet2.xml.rels";
    let target = "../pivotTables/pivotTable1.xml";
    let linked = tampered(&plain, rels, target, &format!("../提出/{HASH}1%20甲.xlsx"));
    assert!(part(&tidied(linked), rels).contains("Target=\"../提出/%231%20甲.xlsx\""));
    assert_eq!(tidied(b"no package".to_vec()), b"no package");
}

/// exceljs follows no target that begins at the root.
#[test]
fn new_parts_of_a_marked_copy_are_named_from_where_they_hang() {
    use torimatome::fill::{CellMark, mark, verify_marks};
    let book = bytes("odd.xlsx");
    let marks = [CellMark { sheet: "様式".into(), cell: at("A1"), note: "確認".into() }];
    let marked = mark(&book, &marks).expect("marked").bytes;
    verify_marks(&book, &marked, &marks).expect("proved");
    let of_sheet = part(&marked, "xl/worksheets/_rels/sheet1.xml.rels");
    assert!(of_sheet.contains("Target=\"../comments1.xml\""), "{of_sheet}");
    assert!(of_sheet.contains("Target=\"../drawings/vmlDrawing1.vml\""), "{of_sheet}");
    let of_book = part(&marked, "xl/_rels/workbook.xml.rels");
    assert!(of_book.contains("Target=\"torimatome1-styles.xml\""), "{of_book}");
}

/// A sheet without any cell yet has its rules all the same.
#[test]
fn an_empty_sheet_has_rules_too() {
    let rule = r#"<mergeCells count="1"><mergeCell ref="A5:B5"/></mergeCells><dataValidations count="1"><dataValidation type="list" sqref="A2"><formula1>"可,否"</formula1></dataValidation></dataValidations>"#;
    let book =
        tampered(&bytes("nasty.xlsx"), "xl/worksheets/sheet3.xml", "<sheetData/>", &format!("<sheetData/>{rule}"));
    let done = filled(&book, &[text("空", "A2", "未")]);
    let rule = "一覧: 可、否".to_string();
    assert_eq!(done.notes, [FillNote::NotAllowed { sheet: "空".into(), cell: at("A2"), written: "未".into(), rule }]);
    assert_eq!(filled(&book, &[text("空", "A2", "可")]).notes, []);
}

/// What Excel never stores and other programs do: a sign of equality before a formula, a day that is written out.
#[test]
fn rules_as_other_programs_write_them() {
    let sheet = "xl/worksheets/sheet1.xml";
    let book = tampered(&bytes("rules.xlsx"), sheet, "<formula1>状況</formula1>", "<formula1>=状況</formula1>");
    let book = tampered(&book, sheet, "<formula1>44652</formula1>", "<formula1>DATE(2022, 4, 1)</formula1>");
    let broken = |write: CellWrite| {
        let done = filled(&book, &[write]);
        done.notes.iter().filter(|n| matches!(n, FillNote::NotAllowed { .. })).count()
    };
    assert_eq!([broken(text("様式", "C3", "済")), broken(text("様式", "C3", "完了"))], [1, 0]);
    assert_eq!([broken(date("様式", "F2", (2022, 3, 31))), broken(date("様式", "F2", (2022, 4, 1)))], [1, 0]);
}
