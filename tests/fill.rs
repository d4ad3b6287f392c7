//! Other people's workbooks, filled: the right cells, and not a byte besides.
//!
//! The fixtures come from `tests/fixtures/make_fill_fixtures.py`. What is compared here is compared with the zip crate and
//! the program's own reader, not with the code under test.

#[path = "fill/rules.rs"]
mod rules;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};
use std::path::Path;

use chrono::NaiveDate;
use proptest::prelude::*;
use torimatome::fill::{CellWrite, Difference, FillNote, FillRefusal, FillValue, Filled, WhyNot, fill, verify};
use torimatome::model::grid::{Content, Workbook};
use torimatome::model::place::CellRef;
use torimatome::read::{Limits, Refusal};

const GOOD: [&str; 9] = [
    "nasty.xlsx",
    "macros.xlsm",
    "template.xltx",
    "streamed.xlsx",
    "prefixed.xlsx",
    "strict.xlsx",
    "date1904.xlsx",
    "openpyxl.xlsx",
    "office.xlsx",
];

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/fill").join(name)).expect(name)
}

fn at(a1: &str) -> CellRef {
    CellRef::parse(a1).expect(a1)
}

fn text(sheet: &str, cell: &str, value: &str) -> CellWrite {
    CellWrite::new(sheet, at(cell), FillValue::Text(value.into()))
}

fn number(sheet: &str, cell: &str, value: f64) -> CellWrite {
    CellWrite::new(sheet, at(cell), FillValue::Number(value))
}

fn date(sheet: &str, cell: &str, (y, m, d): (i32, u32, u32)) -> CellWrite {
    CellWrite::new(sheet, at(cell), FillValue::Date(NaiveDate::from_ymd_opt(y, m, d).expect("a day")))
}

fn replacing(write: CellWrite) -> CellWrite {
    CellWrite { replace_formula: true, ..write }
}

/// Fills and proves; the proof and the filling agree on what is left to recalculation.
fn filled(book: &[u8], writes: &[CellWrite]) -> Filled {
    let filled = fill(book, writes).unwrap_or_else(|e| panic!("{e}"));
    let proof = verify(book, &filled.bytes, writes).unwrap_or_else(|e| panic!("{e:?}"));
    assert_eq!((&proof.recalculated, &proof.computed), (&filled.recalculated, &filled.computed));
    filled
}

/// The formulas that hang on what was written, with a new result or without one.
fn hanging(done: &Filled) -> BTreeSet<String> {
    listed(&done.recalculated).into_iter().chain(listed(&done.computed)).collect()
}

fn set(cells: &[&str]) -> BTreeSet<String> {
    cells.iter().map(ToString::to_string).collect()
}

fn listed(cells: &[(String, CellRef)]) -> Vec<String> {
    cells.iter().map(|(sheet, cell)| format!("{sheet}!{cell}")).collect()
}

/// Everything a zip says of an entry, with its compressed bytes.
#[derive(Debug, PartialEq)]
struct Raw {
    name: String,
    method: String,
    time: String,
    mode: Option<u32>,
    comment: String,
    extra: Option<Vec<u8>>,
    packed: Vec<u8>,
}

fn raws(bytes: &[u8]) -> Vec<Raw> {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).expect("a zip");
    (0..zip.len())
        .map(|i| {
            let mut file = zip.by_index_raw(i).expect("an entry");
            let mut packed = Vec::new();
            file.read_to_end(&mut packed).expect("readable");
            Raw {
                name: file.name().expect("a name").into_owned(),
                method: format!("{:?}", file.compression()),
                time: format!("{:?}", file.last_modified()),
                mode: file.unix_mode(),
                comment: format!("{:?}", file.comment()),
                extra: file.extra_data(),
                packed,
            }
        })
        .collect()
}

fn part(bytes: &[u8], name: &str) -> String {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).expect("a zip");
    let mut out = String::new();
    zip.by_name(name).expect(name).read_to_string(&mut out).expect("text, and the right checksum");
    out
}

/// The names of the entries that differ. All must be there, in order, with their times and attributes.
fn changed(before: &[u8], after: &[u8]) -> Vec<String> {
    let (before, after) = (raws(before), raws(after));
    let names = |list: &[Raw]| list.iter().map(|r| r.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&before), names(&after));
    for (a, b) in before.iter().zip(&after) {
        assert_eq!((&a.method, &a.time, a.mode, &a.comment), (&b.method, &b.time, b.mode, &b.comment), "{}", a.name);
    }
    before.into_iter().zip(after).filter(|(a, b)| a.packed != b.packed).map(|(a, _)| a.name).collect()
}

fn open(bytes: &[u8]) -> Workbook {
    let opened = torimatome::read::open(bytes, "x.xlsx", &Limits::default()).expect("readable");
    assert_eq!(opened.problems, []);
    opened.workbook
}

fn cell(book: &Workbook, sheet: &str, a1: &str) -> Content {
    let sheet = book.sheets.iter().find(|s| s.name == sheet).expect(sheet);
    sheet.get(at(a1)).map(|c| c.content.clone()).unwrap_or_default()
}

#[test]
fn the_nasty_sheet_changes_in_the_written_cells_only() {
    let book = bytes("nasty.xlsx");
    let writes = [
        text("様式", "A2", " 甲 & <乙>\n"),
        number("様式", "B2", 12.5),
        date("様式", "C2", (2026, 3, 31)),
        CellWrite::new("様式", at("C3"), FillValue::Blank),
        text("様式", "D3", "行の書式"),
        number("様式", "B4", 1.0),
        text("様式", "A5", "無い行"),
        number("様式", "E5", 3.0),
        text("様式", "A6", "_x0041_"),
        number("様式", "C12", 9.0),
        number("様式", "F20", 7.0),
        CellWrite::new("様式", at("Z99"), FillValue::Blank),
    ];
    let done = filled(&book, &writes);
    assert_eq!(
        changed(&book, &done.bytes),
        ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"]
    );
    let sheet = part(&done.bytes, "xl/worksheets/sheet1.xml");
    for want in [
        r#"<dimension ref="A1:F20"/>"#,
        "<c r=\"A2\" t=\"inlineStr\"><is><t xml:space=\"preserve\"> 甲 &amp; &lt;乙&gt;\n</t></is></c><c r=\"B2\" s=\"2\"><v>12.5</v></c><c r=\"C2\" s=\"1\"><v>46112</v></c><c r=\"D2\" s=\"3\"></c></row>",
        "<v>5</v></c>\n<c r=\"C3\" s=\"1\"/><c r=\"D3\" s=\"2\" t=\"inlineStr\"><is><t xml:space=\"preserve\">行の書式</t></is></c></row>",
        r#"<row r="4" spans="1:2" s="1" customFormat="1"><c r="B4" s="1"><v>1</v></c></row><row r="5"><c r="A5" t="inlineStr"><is><t xml:space="preserve">無い行</t></is></c><c r="E5" s="2"><v>3</v></c></row><row r="6""#,
        r#"<t xml:space="preserve">_x005F_x0041_</t>"#,
        r#"<c r="B6" s="2"><f>SUM(B2:B5)</f><v>18.5</v></c><c r="C6" s="2"><f t="shared" ref="C6:C8" si="0">B6*2</f><v>37</v></c><c r="D6" t="str"><f>IF(B6&gt;5,"多","少")</f><v>多</v></c>"#,
        r#"<c r="B8" s="2" cm="1"><f t="array" ref="B8:B9">B2:B3*10</f></c>"#,
        r#"<row r="9"><c r="B9" s="2"></c></row>"#,
        r#"<c r="B11" s="2"><v>9</v></c><c r="C11" s="2"/></row>"#,
        r#"<c r="A14"><f>NOW()</f><v>44000</v></c><c r="B14"><f>1+1</f><v>2</v></c><c r="C14"><f>INDIRECT("B"&amp;2)</f></c></row><row r="20"><c r="F20" s="2"><v>7</v></c></row></sheetData>"#,
    ] {
        assert!(sheet.contains(want), "missing {want}\nin {sheet}");
    }
    assert_eq!(
        hanging(&done),
        set(&[
            "様式!B6",
            "様式!C6",
            "様式!D6",
            "様式!B8",
            "様式!C8",
            "様式!B9",
            "様式!C14",
            "集計!B1",
            "集計!C1",
            "集計!B2",
            "集計!C2"
        ]),
        "C7 hangs on B7, which was not written; A1 and B3 of 集計 on cells that were not either"
    );
    // An array, what hangs on it, and a reference that is computed are left to whoever opens the workbook.
    assert_eq!(listed(&done.recalculated)[..4], ["様式!B8", "様式!C8", "様式!B9", "様式!C14"].map(String::from));
    let sheet = part(&done.bytes, "xl/worksheets/sheet2.xml");
    assert!(sheet.contains("<v>項目の計</v>") && !sheet.contains("<v>11</v>"), "{sheet}");
    assert!(part(&done.bytes, "xl/workbook.xml").contains(r#"<calcPr calcId="191029" fullCalcOnLoad="1"/>"#));
    let zip = zip::ZipArchive::new(Cursor::new(&done.bytes)).expect("a zip");
    assert_eq!(String::from_utf8_lossy(zip.comment()), "様式の控え");
    assert_eq!(
        done.notes,
        [
            FillNote::Protected { sheet: "様式".into() },
            FillNote::Shown {
                sheet: "様式".into(),
                cell: at("B2"),
                how: "表示形式（#,##0）では、書き込んだ 12.5 は「13」と表示されます。単位と桁を確かめてください。".into()
            },
            FillNote::NotAllowed {
                sheet: "様式".into(),
                cell: at("B2"),
                written: "12.5".into(),
                rule: "整数、0から9999まで".into()
            },
            FillNote::NotAllowed {
                sheet: "様式".into(),
                cell: at("D3"),
                written: "行の書式".into(),
                rule: "一覧: はい、いいえ".into()
            },
            // The style of its row is that of a day.
            FillNote::Shown {
                sheet: "様式".into(),
                cell: at("B4"),
                how: "表示形式は日付（[$-411]ggge\"年\"m\"月\"d\"日\"）なので、数値 1 は日付として表示されます。日付を書くときは、型を date にしてください。".into()
            },
            FillNote::Anchored { sheet: "様式".into(), cell: at("C12"), anchor: at("B11") },
            FillNote::Locked {
                sheet: "様式".into(),
                cells: writes.iter().map(|w| if w.cell == at("C12") { at("B11") } else { w.cell }).collect()
            }
        ]
    );
    let book = open(&done.bytes);
    assert_eq!(cell(&book, "様式", "A2"), Content::Text(" 甲 & <乙>\n".into()));
    assert_eq!(cell(&book, "様式", "A6"), Content::Text("_x0041_".into()));
    assert_eq!(cell(&book, "様式", "C3"), Content::Empty);
}

#[test]
fn values_come_back_from_every_kind_of_package() {
    for name in GOOD {
        let book = bytes(name);
        let sheet = open(&book).sheets[0].name.clone();
        let long = "長".repeat(32_767);
        let writes = [
            text(&sheet, "J1", "=1+1"),
            text(&sheet, "J2", "\u{1}\r\n\t_x000D_ 𠮷"),
            number(&sheet, "J3", 0.1 + 0.2),
            number(&sheet, "J3000", -1e300),
            date(&sheet, "J40", (2022, 11, 11)),
            text(&sheet, "XFD1048576", &long),
        ];
        let done = filled(&book, &writes);
        let after = open(&done.bytes);
        assert_eq!(cell(&after, &sheet, "J1"), Content::Text("=1+1".into()), "{name}");
        assert_eq!(cell(&after, &sheet, "J2"), Content::Text("\u{1}\r\n\t_x000D_ 𠮷".into()), "{name}");
        assert_eq!(cell(&after, &sheet, "J3"), Content::Number(0.1 + 0.2), "{name}");
        assert_eq!(cell(&after, &sheet, "J3000"), Content::Number(-1e300), "{name}");
        let serial = if after.date1904 { 43414.0 } else { 44876.0 };
        assert_eq!(cell(&after, &sheet, "J40"), Content::Number(serial), "{name}");
        assert_eq!(cell(&after, &sheet, "XFD1048576"), Content::Text(long), "{name}");
        let changed = changed(&book, &done.bytes);
        let others = changed.iter().filter(|p| !p.starts_with("xl/worksheets/") && *p != "xl/workbook.xml");
        assert_eq!(others.count(), 0, "{name}: {changed:?}");
        // A second time the same bytes: nothing of it depends on when or how often.
        assert_eq!(fill(&done.bytes, &writes).expect("again").bytes, done.bytes, "{name}");
    }
}

#[test]
fn a_book_without_writes_is_the_same_book() {
    for name in ["nasty.xlsx", "streamed.xlsx", "office.xlsx", "template.xltx"] {
        let book = bytes(name);
        assert_eq!(filled(&book, &[]).bytes, book, "{name}");
    }
}

#[test]
fn prefixes_and_missing_references() {
    let book = bytes("prefixed.xlsx");
    let writes = [
        number("甲 課'S", "B1", 2.0),
        number("甲 課'S", "A2", 4.0),
        number("空", "C2", 5.0),
        number("甲 課'S", "A5", 6.0),
    ];
    let done = filled(&book, &writes);
    let sheet = part(&done.bytes, "xl/worksheets/sheet1.xml");
    let want = "<x:row><x:c><x:v>1</x:v></x:c><x:c><x:v>2</x:v></x:c><x:c t='str'><x:f>A1+B2</x:f><x:v>3</x:v></x:c></x:row><x:row><x:c r=\"A2\"><x:v>4</x:v></x:c></x:row><x:row r='5'><x:c r=\"A5\"><x:v>6</x:v></x:c><x:c r='B5' s='2' />";
    assert!(sheet.contains(want), "{sheet}");
    let sheet = part(&done.bytes, "xl/worksheets/sheet2.xml");
    let want = "<x:sheetData><x:row r=\"2\"><x:c r=\"C2\"><x:v>5</x:v></x:c></x:row></x:sheetData>";
    assert!(sheet.starts_with('\u{feff}') && sheet.contains(want), "{sheet}");
    assert!(part(&done.bytes, "xl/workbook.xml").contains(r#"</x:sheets><x:calcPr fullCalcOnLoad="1"/>"#));
    assert_eq!(hanging(&done), set(&["計!A1", "計!B1"]));
}

#[test]
fn formulas_are_refused_unless_they_may_go() {
    let book = bytes("nasty.xlsx");
    let cells = ["B6", "C6", "C7", "B8", "B9", "B14"];
    let why = |replace: bool| {
        let writes: Vec<CellWrite> =
            cells.iter().map(|c| CellWrite { replace_formula: replace, ..number("様式", c, 1.0) }).collect();
        match fill(&book, &writes) {
            Err(FillRefusal::Cells(cells)) => {
                cells.into_iter().map(|c| (c.cell.to_string(), c.why)).collect::<BTreeMap<_, _>>()
            }
            other => panic!("{other:?}"),
        }
    };
    let refused = why(false);
    assert_eq!(refused.len(), 6);
    for (cell, reason) in [("B6", WhyNot::Formula), ("C7", WhyNot::Formula), ("B14", WhyNot::Formula)] {
        assert_eq!(refused[cell], reason, "{cell}");
    }
    let refused = why(true);
    let kept = [("B8", WhyNot::ArrayFormula), ("B9", WhyNot::ArrayFormula), ("C6", WhyNot::SharedFormula)];
    assert_eq!(refused, kept.map(|(c, w)| (c.to_string(), w)).into_iter().collect());

    let writes = [replacing(number("様式", "B6", 8.0)), replacing(text("集計", "A1", "計"))];
    let done = filled(&book, &writes);
    let chain = part(&done.bytes, "xl/calcChain.xml");
    let want = r#"<c r="C6" i="10"/><c r="C7" s="1"/><c r="C8"/><c r="D6" l="1"/><c r="B8" a="1"/><c r="A14"/><c r="B14"/><c r="C14"/><c r="B1" i="20"/><c r="C1"/>"#;
    assert!(chain.contains(want) && !chain.contains("B6"), "{chain}");
    assert!(part(&done.bytes, "xl/worksheets/sheet1.xml").contains(r#"<c r="B6" s="2"><v>8</v></c>"#));
    assert!(done.notes.contains(&FillNote::FormulaReplaced { sheet: "集計".into(), cell: at("A1") }));
}

#[test]
fn days_stand_in_the_books_own_calendar() {
    let book = bytes("date1904.xlsx");
    let done = filled(&book, &[date("様式", "B1", (2022, 11, 11)), date("様式", "D9", (1904, 1, 1))]);
    assert!(part(&done.bytes, "xl/worksheets/sheet1.xml").contains(r#"<c r="B1" s="4"><v>43414</v></c>"#));
    assert_eq!(hanging(&done), set(&["様式!C1"]));
    let shown_as_number = |n: &FillNote| matches!(n, FillNote::DateAsNumber { cell, .. } if *cell == at("D9"));
    assert_eq!(done.notes.iter().filter(|n| shown_as_number(n)).count(), done.notes.len());
    assert!(fill(&book, &[date("様式", "B1", (1903, 12, 31))]).is_err());
}

#[test]
fn tables_charts_and_names_of_usual_workbooks() {
    for name in ["openpyxl.xlsx", "office.xlsx"] {
        let book = bytes(name);
        let done = filled(&book, &[number("進捗 状況", "C2", 99.0), text("進捗 状況", "D26", "注")]);
        let again = hanging(&done);
        // Each share divides by the sum, which depends on the cell; the dates do not.
        for want in ["進捗 状況!C23", "進捗 状況!D2", "進捗 状況!D21", "集計!B1", "集計!B2", "集計!B4", "集計!B5"]
        {
            assert!(again.contains(want), "{name}: {want} in {again:?}");
        }
        assert!(!again.contains("集計!B3") && !again.contains("一覧!D1"), "{name}: {again:?}");
        assert_eq!(cell(&open(&done.bytes), "進捗 状況", "A25"), Content::Text("注".into()), "{name}");
        let done = filled(&book, &[number("一覧", "B2", 5.0)]);
        assert_eq!(hanging(&done), set(&["一覧!D1"]), "{name}");
        let refused = fill(&book, &[text("一覧", "B1", "人数")]);
        assert!(
            matches!(&refused, Err(FillRefusal::Cells(c)) if c[0].why == WhyNot::TableHeader),
            "{name}: {refused:?}"
        );
    }
}

#[test]
fn what_cannot_be_filled_is_refused_with_a_reason() {
    let try_one = |name: &str| fill(&bytes(name), &[number("様式", "A1", 1.0)]).expect_err(name);
    assert_eq!(try_one("signed.xlsx"), FillRefusal::Signed);
    assert_eq!(try_one("utf16.xlsx"), FillRefusal::Encoding { part: "xl/worksheets/sheet1.xml".into() });
    assert_eq!(try_one("alternatives.xlsx"), FillRefusal::Alternatives { sheet: "様式".into() });
    assert_eq!(try_one("two-names.xlsx"), FillRefusal::SheetTwice { sheet: "様式".into() });
    assert!(matches!(try_one("doctype.xlsx"), FillRefusal::Read(_)));
    assert!(matches!(try_one("broken.xlsx"), FillRefusal::Read(Refusal::Damaged { .. })));
    let missing = fill(&bytes("nasty.xlsx"), &[number("様式 ", "A1", 1.0)]).expect_err("no such sheet");
    let names = vec!["様式".to_string(), "集計".into(), "空".into()];
    assert_eq!(missing, FillRefusal::SheetNotFound { sheet: "様式 ".into(), names });
    let odd =
        fill(&bytes("odd.xlsx"), &[number("様式", "B1", 1.0), number("様式", "B2", 1.0)]).expect_err("data table");
    assert!(matches!(&odd, FillRefusal::Cells(c) if c.len() == 2), "{odd:?}");
    let book = bytes("nasty.xlsx");
    for (write, why) in [
        (number("様式", "B2", f64::NAN), "数値"),
        (text("様式", "B2", &"あ".repeat(32_768)), "32,767"),
        (date("様式", "B2", (1899, 12, 31)), "文字列として"),
        (CellWrite::new("様式", CellRef::new(1_048_576, 0), FillValue::Number(1.0)), "範囲の外"),
    ] {
        let refused = fill(&book, &[write]).expect_err(why).to_string();
        assert!(refused.contains(why), "{refused}");
    }
    let twice = [number("様式", "B11", 1.0), number("様式", "C12", 1.0)];
    assert!(matches!(fill(&book, &twice), Err(FillRefusal::Cells(c)) if c[0].why == WhyNot::Twice(at("B11"))));
    for (bytes, word) in [
        (&b""[..], "空"),
        (b"%PDF-1.4 ...", "PDF"),
        (b"PK\x03\x04 and no more", "壊れ"),
        (&book[..book.len() / 2], "壊れ"),
    ] {
        let refused = fill(bytes, &[]).expect_err(word).to_string();
        assert!(refused.contains(word), "{refused}");
    }
}

/// Its cells are drawn anew from the cache when it is refreshed, and some programs do so on opening.
#[test]
fn cells_of_a_pivot_table_are_refused_and_those_beside_it_written() {
    let book = bytes("pivot.xlsx");
    let refused = fill(&book, &[number("集計", "B4", 1.0), number("集計", "A6", 1.0), number("集計", "C4", 1.0)]);
    let Err(FillRefusal::Cells(cells)) = refused else { panic!("{refused:?}") };
    assert_eq!(cells.iter().map(|c| c.cell.to_string()).collect::<Vec<_>>(), ["B4", "A6"]);
    assert!(cells.iter().all(|c| c.why == WhyNot::PivotTable));
    let done = filled(&book, &[number("回答", "B2", 5.0), number("集計", "C4", 1.0)]);
    assert_eq!(changed(&book, &done.bytes), ["xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"]);
    assert_eq!(done.notes, [FillNote::Pivot { sheet: "集計".into() }]);
}

#[test]
fn the_proof_catches_what_is_off() {
    let book = bytes("nasty.xlsx");
    let writes = [number("様式", "B2", 12.0), text("様式", "A5", "あ"), date("様式", "C2", (2026, 3, 31))];
    let with = |change: &dyn Fn(&mut Vec<CellWrite>)| {
        let mut other = writes.to_vec();
        change(&mut other);
        fill(&book, &other).expect("filled").bytes
    };
    let right = with(&|_| {});
    assert!(verify(&book, &right, &writes).is_ok());
    let caught = |after: &[u8], what: &str| verify(&book, after, &writes).expect_err(what);

    // One too many, the next row, the next day, one cell more, one less, another text, a number as text.
    let found = caught(&with(&|w| w[0] = number("様式", "B2", 13.0)), "one too many");
    let stale = |d: &Difference| matches!(d, Difference::Stale { .. });
    assert!(
        matches!(&found[..], [Difference::Cell { cell, .. }, rest @ ..] if *cell == at("B2") && rest.iter().all(stale)),
        "{found:?}"
    );
    let found = caught(&with(&|w| w[0] = number("様式", "B3", 12.0)), "next row");
    assert!(found.len() >= 2, "{found:?}");
    caught(&with(&|w| w[2] = date("様式", "C2", (2026, 4, 1))), "next day");
    caught(&with(&|w| w.push(number("様式", "D2", 1.0))), "one cell more");
    caught(&with(&|w| w.push(number("様式", "D30", 1.0))), "one row more");
    caught(&with(&|w| w.push(number("空", "A1", 1.0))), "one sheet more");
    caught(&with(&|w| drop(w.remove(1))), "one less");
    caught(&with(&|w| w[1] = text("様式", "A5", "あ ")), "a blank more");
    caught(&with(&|w| w[0] = text("様式", "B2", "12")), "a number as text");
    caught(&with(&|w| w.push(replacing(number("様式", "B14", 2.0)))), "a formula less");
    caught(&book, "nothing written");

    // Somebody else's hand in a part: in a mapped sheet, in the main part, in one that nobody names.
    for (name, from, to) in [
        ("xl/worksheets/sheet1.xml", r#"<c r="B7" s="2"><v>1</v>"#, r#"<c r="B7" s="2"><v>2</v>"#),
        ("xl/worksheets/sheet1.xml", r#"<c r="B2" s="2">"#, r#"<c r="B2" s="3">"#),
        ("xl/worksheets/sheet1.xml", "<f>SUM(B2:B5)</f>", "<f>SUM(B2:B5)</f><v>5</v>"),
        ("xl/worksheets/sheet1.xml", r#"<dimension ref="A1:D14"/>"#, r#"<dimension ref="A1:D15"/>"#),
        ("xl/worksheets/sheet1.xml", r#"<row r="5">"#, r#"<row r="5" hidden="1">"#),
        ("xl/worksheets/sheet1.xml", "<v>2</v></c><c r=\"C14\"", "</c><c r=\"C14\""),
        ("xl/worksheets/sheet1.xml", r#"<sheetProtection sheet="1""#, r#"<sheetProtection sheet="0""#),
        ("xl/workbook.xml", r#" fullCalcOnLoad="1""#, ""),
        ("xl/workbook.xml", "191029", "191030"),
        ("xl/sharedStrings.xml", "コウモク", "こうもく"),
        ("xl/worksheets/sheet3.xml", "<sheetData/>", "<sheetData></sheetData>"),
    ] {
        caught(&tampered(&right, name, from, to), from);
    }
    // The same content, packed anew.
    caught(&tampered(&right, "xl/styles.xml", "標準", "標準"), "packed anew");
}

/// The package with a text in one part replaced, as another program would write it.
fn tampered(bytes: &[u8], part_name: &str, from: &str, to: &str) -> Vec<u8> {
    use std::io::Write as _;
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).expect("a zip");
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    out.set_raw_comment(zip.comment().into()).expect("a short comment");
    for i in 0..zip.len() {
        let file = zip.by_index_raw(i).expect("an entry");
        let name = file.name().expect("a name").into_owned();
        if name != part_name {
            out.raw_copy_file(file).expect("copied");
            continue;
        }
        drop(file);
        let text = part(bytes, &name);
        assert!(text.contains(from), "{from} in {text}");
        let options = zip::write::SimpleFileOptions::default().compression_level(Some(1));
        out.start_file(name, options).expect("begun");
        out.write_all(text.replace(from, to).as_bytes()).expect("written");
    }
    out.finish().expect("finished").into_inner()
}

fn any_value() -> impl Strategy<Value = FillValue> {
    prop_oneof![
        any::<f64>().prop_filter("finite", |n| n.is_finite()).prop_map(FillValue::Number),
        (0u32..10_000).prop_map(|n| FillValue::Number(f64::from(n))),
        any::<String>().prop_map(FillValue::Text),
        "[ -~\n_x0-9ぁ-んァ-ヶ一-龠０-９]{0,12}".prop_map(FillValue::Text),
        (1i32..3_000_000)
            .prop_filter_map("a day", |n| NaiveDate::from_num_days_from_ce_opt(n + 695_055).map(FillValue::Date)),
        Just(FillValue::Blank),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_written_where_the_rest_stays(
        file in 0..GOOD.len(),
        cells in proptest::collection::vec((0usize..3, 0u32..30, 0u32..9, any_value(), any::<bool>()), 1..25),
    ) {
        let book = bytes(GOOD[file]);
        let sheets = open(&book).sheets;
        let mut writes: Vec<CellWrite> = cells
            .into_iter()
            .map(|(sheet, row, col, value, replace_formula)| CellWrite {
                sheet: sheets[sheet % sheets.len()].name.clone(),
                cell: CellRef::new(row, col),
                value,
                replace_formula,
            })
            .collect();
        // Cells that are refused are left out; the others must be written.
        if let Err(FillRefusal::Cells(refused)) = fill(&book, &writes) {
            writes.retain(|w| !refused.iter().any(|r| r.sheet == w.sheet && r.cell == w.cell));
        }
        let done = fill(&book, &writes).map_err(|e| TestCaseError::fail(e.to_string()))?;
        let proof = verify(&book, &done.bytes, &writes).map_err(|e| TestCaseError::fail(format!("{e:?}")))?;
        prop_assert_eq!(proof.written.len(), writes.len());
        let after = open(&done.bytes);
        let before: BTreeMap<&str, _> = sheets.iter().map(|s| (s.name.as_str(), s)).collect();
        for sheet in &after.sheets {
            let old = before[sheet.name.as_str()];
            let touched = done.written.iter().chain(&done.recalculated).chain(&done.computed);
            let written: BTreeSet<CellRef> = touched.filter(|(s, _)| *s == sheet.name).map(|(_, c)| *c).collect();
            let rest = |grid: &torimatome::model::grid::Grid| {
                let kept = grid.cells.iter().filter(|(c, _)| !written.contains(c));
                kept.map(|(c, v)| (*c, v.clone())).collect::<Vec<_>>()
            };
            prop_assert_eq!(rest(old), rest(sheet));
        }
        for (sheet, at, value) in proof.written {
            let held = cell(&after, &sheet, &at.to_string());
            match value {
                FillValue::Number(n) => prop_assert_eq!(held, Content::Number(n)),
                FillValue::Text(t) if !t.is_empty() => prop_assert_eq!(held, Content::Text(t)),
                FillValue::Date(_) => prop_assert!(matches!(held, Content::Number(_))),
                _ => prop_assert_eq!(held, Content::Empty),
            }
        }
    }
}

/// Runs the command; its exit status and what it said.
fn command(args: &[&str]) -> (Option<i32>, String) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_torimatome")).args(args).output().expect("run");
    (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

#[test]
fn the_command_writes_a_new_file_or_none() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = |name: &str| dir.path().join(name).to_string_lossy().into_owned();
    let (book, list, out) = (path("様式.xlsx"), path("cells.csv"), path("報告.xlsx"));
    std::fs::write(&book, bytes("nasty.xlsx")).expect("written");
    let fill_to = |out: &str| command(&["fill", &book, "--set", &list, "--out", out]);

    std::fs::write(&list, "\u{feff}sheet,cell,value,type\n様式,B2,12,\n様式,A5,042021,\n様式,C2,2026-03-31,date\n")
        .expect("written");
    let (code, said) = fill_to(&out);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("3個のセル") && said.contains("再計算: ") && said.contains("計算: 次の4個"), "{said}");
    let after = open(&std::fs::read(&out).expect("there"));
    assert_eq!(cell(&after, "様式", "B2"), Content::Number(12.0));
    assert_eq!(cell(&after, "様式", "A5"), Content::Text("042021".into()));
    let (code, said) = command(&["fill", &book, "--set", &list, "--out", &out, "--overwrite", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&said).expect("an object and nothing else");
    assert_eq!((code, json["written"].as_array().map(Vec::len)), (Some(0), Some(3)));

    // Never the input, whatever it is called; and nothing at all where a cell is refused.
    let (code, said) = fill_to(&format!("{}/./様式.xlsx", dir.path().display()));
    assert!(code == Some(2) && said.contains("同じ"), "{said}");
    assert_eq!(std::fs::read(&book).expect("there"), bytes("nasty.xlsx"));
    std::fs::write(&list, "sheet,cell,value\n様式,B2,12\n様式,B6,1\n").expect("written");
    let (code, said) = fill_to(&path("なし.xlsx"));
    assert!(code == Some(2) && said.contains("「様式」!B6") && !dir.path().join("なし.xlsx").exists(), "{said}");
    let (code, said) = command(&["fill", &book, "--set", &list, "--out", &out, "--overwrite", "--replace-formulas"]);
    assert!(code == Some(0) && said.contains("数式を値に置き換え"), "{said}");
}

/// Google's online program writes an element without attributes, others none at all.
#[test]
fn calculation_is_asked_for_however_the_workbook_speaks_of_it() {
    let book = bytes("openpyxl.xlsx");
    let main = part(&book, "xl/workbook.xml");
    let from = main.find("<calcPr").expect("calcPr");
    let given = &main[from..from + main[from..].find("/>").expect("its end") + 2];
    let writes = [number(&open(&book).sheets[0].name, "J40", 12.0)];
    for other in ["<calcPr/>", "", "<calcPr fullCalcOnLoad=\"0\"/>", "<calcPr></calcPr>"] {
        let book = tampered(&book, "xl/workbook.xml", given, other);
        let filled = fill(&book, &writes).expect("filled");
        let proof = verify(&book, &filled.bytes, &writes).unwrap_or_else(|e| panic!("{other}: {e:?}"));
        assert!(proof.calculation_requested, "{other}");
        assert!(part(&filled.bytes, "xl/workbook.xml").contains("fullCalcOnLoad=\"1\""), "{other}");
    }
}
