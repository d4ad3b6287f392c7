//! Files made by other programs, good, odd and hostile: each is read right, or refused with the right word.
//!
//! The fixtures come from `tests/fixtures/make_read_fixtures.py`; what would be large is built here.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Write};
use std::path::Path;

use torimatome::intake;
use torimatome::model::grid::{Cell, Content, Grid, Oddity, Workbook};
use torimatome::model::place::CellRef;
use torimatome::read::{Limits, Lock, Opened, Opener, ProblemKind, Refusal, legacy, open};

#[path = "read/containers.rs"]
mod containers;

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/read").join(name)).expect(name)
}

fn read(name: &str) -> Result<Opened, Refusal> {
    open(&bytes(name), name, &Limits::default())
}

/// A file that must be read without any problem.
fn good(name: &str) -> Workbook {
    let opened = read(name).unwrap_or_else(|e| panic!("{name}: {e:?}"));
    assert_eq!(opened.problems, [], "{name}");
    opened.workbook
}

fn refused(name: &str) -> Refusal {
    match read(name) {
        Ok(opened) => panic!("{name} was read: {opened:?}"),
        Err(refusal) => refusal,
    }
}

fn at(a1: &str) -> CellRef {
    CellRef::parse(a1).expect(a1)
}

/// Cells as `A1=value`, a formula with `=` before the value, in order.
fn cells(grid: &Grid) -> Vec<String> {
    let show = |c: &Cell| match &c.content {
        Content::Empty => "∅".to_string(),
        Content::Text(t) => format!("“{t}”"),
        Content::Error(e) => format!("!{e}"),
        Content::DateTime(d) => format!("@{d}"),
        _ => c.raw(),
    };
    grid.cells.iter().map(|(at, c)| format!("{at}{}{}", if c.formula { "==" } else { "=" }, show(c))).collect()
}

fn first(workbook: &Workbook) -> Vec<String> {
    cells(&workbook.sheets[0])
}

fn problems(name: &str) -> (Workbook, Vec<(String, ProblemKind)>) {
    let opened = read(name).unwrap_or_else(|e| panic!("{name}: {e:?}"));
    let place = |p: &torimatome::read::Problem| p.cell.map_or_else(|| p.sheet.clone(), |c| c.to_string());
    let list = opened.problems.iter().map(|p| (place(p), p.kind)).collect();
    (opened.workbook, list)
}

fn dangerous(detail: &str) -> Refusal {
    Refusal::Dangerous { detail: detail.into() }
}

fn not(looks_like: &'static str) -> Refusal {
    Refusal::NotASpreadsheet { looks_like }
}

fn large(what: &str, limit: u64, found: u64) -> Refusal {
    Refusal::TooLarge { what: what.into(), limit, found }
}

#[test]
fn a_normal_workbook() {
    let book = good("normal.xlsx");
    let names: Vec<_> = book.sheets.iter().map(|s| (s.name.as_str(), s.hidden)).collect();
    assert_eq!(names, [("様式Ａ　記入欄", false), ("控え", true), ("設定", true)]);
    let sheet = &book.sheets[0];
    assert_eq!(sheet.text(at("B1")), "甲課");
    assert_eq!(sheet.cells[&at("B2")].content, Content::Number(1234.5));
    let date = &sheet.cells[&at("B3")];
    assert_eq!((&date.content, date.format.as_deref()), (&Content::Number(46_112.0), Some(r#"yyyy"年"m"月"d"日""#)));
    assert_eq!(sheet.cells[&at("B4")].content, Content::Bool(true));
    let sum = &sheet.cells[&at("B5")];
    assert_eq!((&sum.content, sum.formula), (&Content::Empty, true));
    assert_eq!(sheet.text(at("B6")), "  空白　");
    assert_eq!(sheet.text(at("B7")), "一行目\n二行目");
    assert_eq!((sheet.text(at("A8")).as_str(), sheet.text(at("B8")).as_str()), ("𠮷野家", "a&b<c>"));
    assert_eq!(sheet.merges.iter().map(ToString::to_string).collect::<Vec<_>>(), ["D1:D3", "A10:C11"]);
    assert_eq!(sheet.area_at(at("C11")).to_string(), "A10:C11");
    assert_eq!((&sheet.hidden_rows, &sheet.hidden_cols), (&BTreeSet::from([3]), &BTreeSet::from([4])));
    assert_eq!(sheet.marks.struck, BTreeSet::from([at("C1")]));
    assert_eq!(sheet.marks.red, BTreeSet::from([at("C2")]));
    assert_eq!(sheet.marks.notes[&at("C3")], "ここに記入");
    assert_eq!(book.saved.expect("saved").to_string(), "2022-11-11 00:30:00");
    assert_eq!((book.date1904, book.oddities.len()), (false, 0));
}

/// What openpyxl reads from the same file stands beside it; serials under a date format are left out there.
#[test]
fn values_agree_with_openpyxl() {
    let book = good("compared.xlsx");
    let text = String::from_utf8(bytes("compared.txt")).expect("UTF-8");
    let mut compared = 0;
    for line in text.lines() {
        let [sheet, cell, kind, value, format] = line.split('|').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let grid = book.sheets.iter().find(|s| s.name == sheet).expect(sheet);
        let found = grid.get(at(cell)).unwrap_or_else(|| panic!("{line}: no cell"));
        let expected = match kind {
            "b" => Content::Bool(value == "True"),
            "n" => Content::Number(value.parse().expect(value)),
            _ => Content::Text(value.replace("\\n", "\n").replace("\\t", "\t")),
        };
        assert_eq!(found.content, expected, "{line}");
        assert_eq!(found.format.as_deref().unwrap_or("General"), format, "{line}");
        compared += 1;
    }
    assert!(compared > 150, "{compared}");
}

#[test]
fn the_bytes_tell_not_the_name() {
    assert_eq!(good("normal-renamed.xls"), good("normal.xlsx"));
    let renamed = |name: &str, to: &str| open(&bytes(name), to, &Limits::default()).map(|o| o.workbook);
    assert_eq!(renamed("office.xls", "x.xlsx"), Ok(good("office.xls")));
    assert_eq!(renamed("office.ods", "x.xls"), Ok(good("office.ods")));
}

#[test]
fn dates_count_from_1904_where_the_workbook_says_so() {
    let book = good("date1904.xlsx");
    assert!(book.date1904);
    assert_eq!(first(&book), ["A1=43585", "A2=43585"]);
    assert!(book.sheets[0].cells[&at("A1")].format.is_some());
}

#[test]
fn built_in_and_japanese_formats() {
    let book = good("date-formats.xlsx");
    let mut seen = std::collections::BTreeMap::new();
    let last = book.sheets[0].cells.keys().last().expect("cells").row;
    for row in 0..=last {
        let id = book.sheets[0].text(CellRef::new(row, 0));
        let cell = &book.sheets[0].cells[&CellRef::new(row, 1)];
        assert_eq!(cell.content, Content::Number(45_047.0), "the serial stays, format {id}");
        seen.insert(id.parse::<u32>().unwrap(), cell.format.clone().unwrap_or_default());
    }
    assert_eq!(seen.len(), 35);
    for (id, format) in [
        (0, ""),
        (14, "yyyy/m/d"),
        (22, "yyyy/m/d h:mm"),
        (27, "[$-411]ge.m.d"),
        (28, "[$-411]ggge\"年\"m\"月\"d\"日\""),
        (31, "yyyy\"年\"m\"月\"d\"日\""),
        (34, "yyyy\"年\"m\"月\""),
        (46, "[h]:mm:ss"),
        (50, "[$-411]ge.m.d"),
        (55, "yyyy\"年\"m\"月\""),
        (58, "[$-411]ggge\"年\"m\"月\"d\"日\""),
        (176, "[$-411]ggge\"年\"m\"月\""),
        (178, "ggge\"年度\""),
    ] {
        assert_eq!(seen[&id], format, "format {id}");
    }
}

#[test]
fn a_formula_without_a_value_is_not_blank() {
    let book = good("formula-without-value.xlsx");
    assert_eq!(first(&book), ["A1==∅", "C1==2", "D1==“”", "E1==∅", "F1==“x”"]);
}

#[test]
fn error_values_known_and_new() {
    let errors = ["#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#SPILL!", "#CALC!"];
    let book = good("errors.xlsx");
    let found: Vec<_> = book.sheets[0].cells.values().map(|c| c.content.clone()).collect();
    assert_eq!(found, errors.map(|e| Content::Error(e.into())));
}

#[test]
fn the_far_corner_costs_nothing() {
    assert_eq!(first(&good("far-cell.xlsx")), ["A1=1", "XFD1048576=2"]);
}

#[test]
fn cells_beyond_the_grid_are_reported() {
    let (book, found) = problems("beyond-the-grid.xlsx");
    assert_eq!(first(&book), ["A1=1", "A3=5", "B3=7"]);
    assert_eq!(found.len(), 6, "{found:?}");
    assert!(found.iter().all(|(_, k)| *k == ProblemKind::OutOfGrid));
}

#[test]
fn lying_counts_reserve_nothing() {
    assert_eq!(first(&good("sst-count.xlsx")), ["A1=“甲”"]);
    assert_eq!(first(&good("sst-count-max.xlsx")), ["A1=“甲”"]);
    assert_eq!(first(&good("shared-formula.xlsx")), ["A1==1", "A2==2"]);
    assert_eq!(first(&good("bad-dimension.xlsx")), ["A1=1"]);
}

#[test]
fn string_indices_are_never_guessed() {
    let (book, found) = problems("string-index.xlsx");
    assert_eq!(first(&book), ["A1=“甲”", "D1=“”"]);
    assert_eq!(found, [("C1".into(), ProblemKind::BadCell), ("B1".into(), ProblemKind::BadCell)]);
    assert_eq!(first(&good("empty-strings.xlsx")), ["A1=“丙”", "B1=“”"], "empty strings count");
}

#[test]
fn document_types_are_refused_wherever_they_stand() {
    for name in ["doctype.xlsx", "doctype-utf16.xlsx", "doctype-elsewhere.xlsx"] {
        assert_eq!(refused(name), dangerous("DOCTYPE"), "{name}");
    }
}

#[test]
fn tricks_with_part_names() {
    assert_eq!(refused("duplicate-part.xlsx"), dangerous("duplicate part"));
    assert_eq!(refused("duplicate-by-case.xlsx"), dangerous("duplicate part"));
    assert_eq!(refused("path-climbs.xlsx"), dangerous("part name ../evil.xml"));
    assert_eq!(first(&good("backslashes.xlsx")), ["A1=1"]);
}

#[test]
fn odd_but_legal_packages() {
    assert_eq!(first(&good("utf16-sheet.xlsx")), ["A1=“甲課”"]);
    assert_eq!(first(&good("odd-part-names.xlsx")), ["A1=“甲”"]);
    assert_eq!(first(&good("no-root-relations.xlsx")), ["A1=1"]);
    let prefixed = good("prefixed.xlsx");
    assert_eq!(first(&prefixed), ["A1=“甲”", "B1==1", "C1=“乙”"]);
    assert_eq!(prefixed.sheets[0].merges.len(), 1);
    assert_eq!(prefixed.sheets[0].hidden_rows, BTreeSet::from([0]));
}

#[test]
fn strict_files_with_iso_dates() {
    let (book, found) = problems("strict.xlsx");
    assert_eq!(first(&book), ["A1=“甲”", "B1=@46112", "C1=@46112.5"]);
    assert_eq!(found, [("D1".into(), ProblemKind::BadCell)]);
    assert_eq!(book.sheets[0].bad_cells, [(at("D1"), "いつか".to_string())]);
}

#[test]
fn furigana_does_not_leak() {
    assert_eq!(first(&good("furigana.xlsx")), ["A1=“石巻”", "B1=“東町”"]);
    assert_eq!(first(&good("inline.xlsx")), ["A1=“東京”", "B1=“R8.3 から”", "C1=“値の側”", "D1=“”"]);
}

#[test]
fn cells_without_references_and_rows_in_any_order() {
    assert_eq!(first(&good("no-references.xlsx")), ["A1=1", "B1=2", "C5=3", "D5=4", "A6=5"]);
    assert_eq!(first(&good("rows-out-of-order.xlsx")), ["A1=1", "A2=2", "A3=33", "B3=3"]);
}

#[test]
fn one_bad_cell_does_not_lose_the_sheet() {
    let (book, found) = problems("bad-cells.xlsx");
    let expected = ["A1=“１２３”", "B1=3", "C1=“2”", "D1=“何か”", "E1=5", "F1=“inf”", "G1=“1e999”", "H1=TRUE", "A2=7"];
    assert_eq!(first(&book), expected);
    let places: Vec<_> = found.iter().map(|(p, _)| p.as_str()).collect();
    assert_eq!(places, ["A1", "C1", "D1", "F1", "G1"]);
    assert!(found.iter().all(|(_, k)| *k == ProblemKind::BadCell));
    assert_eq!(book.sheets[0].bad_cells.len(), 5);
}

#[test]
fn a_cell_that_stands_twice() {
    let (book, found) = problems("twice.xlsx");
    assert_eq!(first(&book), ["A1=1", "B1=3", "C9=4"]);
    assert_eq!(found, [("C9".into(), ProblemKind::BadCell), ("A1".into(), ProblemKind::DuplicateCell)]);
}

#[test]
fn merges_and_hidden_by_zero_size() {
    let (book, found) = problems("merges.xlsx");
    let sheet = &book.sheets[0];
    assert_eq!(sheet.merges.iter().map(ToString::to_string).collect::<Vec<_>>(), ["A1:B2", "C3:D9"]);
    assert_eq!(sheet.hidden_cols, BTreeSet::from([1, 2, 4]));
    assert_eq!(sheet.hidden_rows, BTreeSet::from([0]));
    assert_eq!(found, [("様式A".into(), ProblemKind::PartDamaged)]);
}

#[test]
fn a_zero_that_the_sheet_does_not_show_has_a_format_that_shows_nothing() {
    let book = good("no-zeros.xlsx");
    let formats: Vec<Option<&str>> = book.sheets[0].cells.values().map(|c| c.format.as_deref()).collect();
    assert_eq!(formats, [Some(";;;"), None, None]);
}

#[test]
fn struck_and_red_text() {
    let book = good("struck.xlsx");
    let marks = &book.sheets[0].marks;
    assert_eq!(marks.struck, BTreeSet::from([at("A1"), at("D1")]));
    let rest = "R8.6".to_string();
    assert_eq!(marks.part_struck, BTreeMap::from([(at("B1"), rest.clone()), (at("F1"), rest)]));
    assert_eq!(marks.red, BTreeSet::from([at("C1"), at("E1")]));
    assert_eq!(book.sheets[0].text(at("B1")), "R8.3R8.6");
}

#[test]
fn sheets_that_share_a_name_or_a_part_or_are_missing() {
    let (book, found) = problems("two-sheets-one-name.xlsx");
    assert_eq!(found, [("様式A".into(), ProblemKind::DuplicateSheet)]);
    assert_eq!((cells(&book.sheets[0]), cells(&book.sheets[1])), (vec!["A1=1".into()], vec!["A1=2".into()]));
    let (book, found) = problems("one-part-twice.xlsx");
    assert_eq!(found, [("二".into(), ProblemKind::DuplicateSheet)]);
    assert_eq!(book.sheets.len(), 2);
    let (book, found) = problems("missing-sheet.xlsx");
    assert_eq!(found, [("二".into(), ProblemKind::SheetMissing)]);
    assert_eq!((book.sheets[1].name.as_str(), book.sheets[1].cells.len()), ("二", 0));
    let (book, found) = problems("bad-crc.xlsx");
    assert_eq!(found, [("二".into(), ProblemKind::SheetMissing)]);
    assert_eq!((first(&book), book.sheets[1].cells.len()), (vec!["A1=1".into()], 0));
    let (book, found) = problems("chart-and-macro-sheets.xlsx");
    assert_eq!(found, [("図".into(), ProblemKind::SheetSkipped), ("旧マクロ".into(), ProblemKind::SheetSkipped)]);
    assert_eq!(book.sheets.len(), 1);
}

#[test]
fn a_sheet_that_breaks_off_keeps_what_stands_before() {
    let (book, found) = problems("sheet-breaks-off.xlsx");
    assert_eq!(first(&book), ["A1=1", "A2=2"]);
    assert_eq!(found, [("A2".into(), ProblemKind::SheetDamaged)]);
    let (book, found) = problems("sheet-malformed.xlsx");
    assert_eq!(first(&book), ["A1=1", "A2=2"]);
    assert_eq!(found, [("A2".into(), ProblemKind::SheetDamaged)]);
}

#[test]
fn damaged_containers() {
    assert_eq!(refused("no-workbook.xlsx"), Refusal::Damaged { detail: "workbook part missing".into() });
    assert!(matches!(refused("truncated.xlsx"), Refusal::Damaged { detail } if detail.starts_with("zip: ")));
    assert_eq!(refused("zeros.xlsx"), Refusal::Damaged { detail: "only zero bytes".into() });
    assert!(matches!(refused("hollow.xls"), Refusal::Damaged { .. }));
    let (book, found) = problems("bad-styles.xlsx");
    assert_eq!((first(&book), found), (vec!["A1=45047".into()], vec![(String::new(), ProblemKind::StylesDamaged)]));
}

#[test]
fn what_is_no_spreadsheet_is_named() {
    assert_eq!(refused("empty.xlsx"), Refusal::Empty);
    assert!(matches!(refused("~$normal.xlsx"), Refusal::OwnerFile { .. }));
    let lock = b",\xe6\x8b\x85\xe5\xbd\x93,pc,14.11.2022 10:00,file:///x;";
    let named = open(lock, ".~lock.x.ods#", &Limits::default()).unwrap_err();
    assert_eq!(named, Refusal::OwnerFile { who: "担当".into() });
    let name: Vec<u8> = "係長".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let owner = [&[4][..], &[b' '; 54], &[2, 0], &name, &[b' '; 104]].concat();
    let named = open(&owner, "~$x.xlsx", &Limits::default()).unwrap_err();
    assert_eq!(named, Refusal::OwnerFile { who: "係長".into() });
    assert_eq!(refused("page.xls"), not("HTML（Webページ）"));
    assert_eq!(refused("printed.xlsx"), not("PDF"));
    assert_eq!(refused("word.xlsx"), not("Word文書"));
    assert_eq!(refused("letter.xls"), not("Word文書"));
    assert_eq!(refused("mail.xls"), not("Outlookのメール"));
    assert!(matches!(refused("winmail.dat"), Refusal::Closed { looks_like } if looks_like.starts_with("winmail.dat")));
    assert_eq!(refused("form.xlsx.lnk"), Refusal::Link { looks_like: "ショートカット（.lnk）" });
    assert_eq!(refused("plain.zip.xlsx"), not("圧縮ファイル（ZIP）"));
    let named = |bytes: &[u8], name: &str| open(bytes, name, &Limits::default());
    assert_eq!(
        named(b"[InternetShortcut]\r\nURL=https://example.jp/", "x.url"),
        Err(Refusal::Link { looks_like: "インターネットのショートカット（.url）" })
    );
    let pointer = br#"{"url":"https://docs.google.com/open?id=1","doc_id":"1"}"#;
    let link = Refusal::Link { looks_like: "Google スプレッドシートへのショートカット" };
    assert_eq!(named(pointer, "x.gsheet"), Err(link.clone()));
    let page = b"<html><body>\x8d\x62\x89\xdb</body></html>";
    assert_eq!(named(page, "x.xls"), Err(not("HTML（Webページ）")), "in CP932");
    assert_eq!(named(b"\x82\xa0\xff\xff,\n", "x.xls"), Err(not("種類のわからないファイル")));
    assert_eq!(named(b"JwwData.\0\x01", "x.xlsx"), Err(not("JW_CADの図面")));
    let pointer = br#"{"":"DO NOT EDIT","doc_id":"1AbC","email":"a@example.jp"}"#;
    assert_eq!(named(pointer, "x.gsheet"), Err(link));
    assert_eq!(named(b"Date: Tue, 1 Nov 2022\nX-A: b\nSubject: x, y\n\nz", "x.xlsx"), Err(not("メール")));
    assert_eq!(named(b"<?xml version='1.0'?><a/>", "x.csv"), Err(not("XML")));
    let links = named(b"<a href='x'>x</a>,1\n", "x.csv").expect("a list that begins with an element");
    assert_eq!(first(&links.workbook), ["A1=“<a href='x'>x</a>”", "B1=“1”"]);
    let named = named(b"sep=;\r\na;b\r\nDate: 1;2\r\n", "x.csv").expect("a list that names its separator");
    assert_eq!(first(&named.workbook), ["A1=“a”", "B1=“b”", "A2=“Date: 1”", "B2=“2”"]);
}

#[test]
fn passwords() {
    for name in ["encrypted.xlsx", "encrypted-named.xls"] {
        assert_eq!(refused(name), Refusal::Encrypted(Lock::NoPassword), "{name}");
    }
    for name in ["encrypted.ods", "encrypted-biff.xls"] {
        assert_eq!(refused(name), Refusal::Encrypted(Lock::NotOpened), "{name}");
    }
}

fn with_passwords(name: &str, passwords: &[&str]) -> Result<Opened, Refusal> {
    let limits = Limits::default();
    Opener { limits: &limits, passwords, legacy: &torimatome::read::legacy::open }.open(&bytes(name), name)
}

/// The agile file comes from LibreOffice's kin (msoffcrypto), the others are written by hand as Office 2007 and 2010 do.
#[test]
fn known_passwords_open_and_wrong_ones_do_not() {
    for name in ["agile.xlsx", "standard.xlsx", "excel2010.xlsx"] {
        let opened = with_passwords(name, &["ちがう", "合言葉2022"]).expect(name);
        let mut book = opened.workbook;
        assert_eq!(book.oddities, [Oddity::Password], "{name}");
        book.oddities.clear();
        assert_eq!((book, opened.problems), (good("normal.xlsx"), vec![]), "{name}");
        let none = with_passwords(name, &["合言葉2023"]);
        assert_eq!(none, Err(Refusal::Encrypted(Lock::NoneFits(1))), "{name}");
    }
}

#[test]
fn oddities_are_told_and_not_followed() {
    assert_eq!(good("oddities.xlsm").oddities, [Oddity::Macros, Oddity::ExternalLinks, Oddity::Objects]);
}

#[test]
fn separated_text() {
    let book = good("list.csv");
    assert_eq!(book.sheets[0].name, "list");
    assert_eq!(first(&book), ["A1=“業務”", "B1=“状況”", "A2=“甲業務”", "B2=“済, 確認”", "A4=“乙業務”", "B4=“=1+1”"]);
    assert_eq!(first(&good("list.tsv")), ["A1=“業務”", "B1=“状況”", "A2=“甲業務”", "B2=“済”"]);
    assert_eq!(first(&good("unicode.txt")), ["A1=“業務”", "B1=“状況”"]);
    assert_eq!(first(&good("cp932.csv")), ["A1=“業務”", "B1=“状況”"]);
    let tabs = open(b"\x8d\x62\x89\xdb\tx\r\n", "x.xls", &Limits::default()).expect("tabs under the name of .xls");
    assert_eq!(first(&tabs.workbook), ["A1=“甲課”", "B1=“x”"]);
    let broken = open(b"\x8d\x62\x89\xdb,\x8d\xff\xff\r\n", "x.csv", &Limits::default()).expect("read with a loss");
    let lost = &broken.problems[0];
    assert_eq!((lost.cell, lost.kind, broken.problems.len()), (Some(at("B1")), ProblemKind::BadCell, 1));
    assert!(broken.workbook.sheets[0].text(at("B1")).contains('\u{fffd}'), "what could be read stays");
}

/// The same workbook saved by LibreOffice in three containers.
#[test]
fn older_containers_give_the_same_cells() {
    for name in ["office.xls", "office.ods", "office.xlsx"] {
        let book = good(name);
        let sheet = &book.sheets[0];
        assert_eq!((sheet.name.as_str(), sheet.hidden, book.sheets[1].hidden), ("様式A", false, true), "{name}");
        // LibreOffice turns the truth value into a formula, and into a number where it writes .ods.
        let truth = [Content::Bool(true), Content::Number(1.0)];
        assert!(truth.contains(&sheet.cells[&at("C1")].content), "{name}");
        let values: Vec<_> = cells(sheet).iter().filter(|c| !c.starts_with("C1")).map(|c| c.replace('@', "")).collect();
        let expected =
            ["A1=“甲課”", "B1=12.5", "A2=46112", "B2==25", "B3==!#DIV/0!", "A5=“結合”", "A8=“隠れた行”", "A9=“下”"];
        assert_eq!(values, expected, "{name}");
        assert_eq!(sheet.merges.iter().map(ToString::to_string).collect::<Vec<_>>(), ["A5:B6"], "{name}");
        assert_eq!(sheet.hidden_rows, BTreeSet::from([7]), "{name}");
        assert_eq!(sheet.hidden_cols, BTreeSet::from([3]), "{name}");
        assert!(book.oddities.is_empty(), "{name}");
        assert!(book.saved.is_some(), "{name}");
        let date = &sheet.cells[&at("A2")];
        assert!(matches!(date.content, Content::DateTime(_)) || date.format.as_deref() == Some("yyyy/mm/dd"), "{name}");
    }
}

#[test]
fn binary_workbooks() {
    let book = good("binary.xlsb");
    assert_eq!(first(&book), ["A1=“甲課”", "B1=12.5", "C1=TRUE", "D1=!#N/A", "A2==25", "XFD1048576=1"]);
    assert_eq!((book.sheets[0].hidden, book.sheets[1].hidden), (false, true));
}

/// One workbook with an answer of each look, in every container: LibreOffice saved it, and for .xlsb records were written.
#[test]
fn marks_are_told_in_every_container() {
    for name in ["marked.xlsx", "marked.xls", "marked.ods", "marked.xlsb"] {
        let book = good(name);
        let sheet = &book.sheets[0];
        let marks = &sheet.marks;
        assert_eq!(marks.struck, BTreeSet::from([at("A1")]), "{name}");
        assert_eq!(marks.red, BTreeSet::from([at("A2")]), "{name}");
        assert_eq!(marks.part_struck, BTreeMap::from([(at("A3"), " R8.6".to_string())]), "{name}");
        let notes: Vec<(CellRef, &str)> = marks.notes.iter().map(|(at, note)| (*at, note.trim())).collect();
        assert_eq!(notes.len(), 1, "{name}");
        assert_eq!((notes[0].0, notes[0].1.ends_with("まだ\n未定です")), (at("A4"), true), "{name}: {notes:?}");
        assert_eq!((&sheet.hidden_rows, &sheet.hidden_cols), (&BTreeSet::from([5]), &BTreeSet::from([3])), "{name}");
        assert_eq!(sheet.merges.iter().map(ToString::to_string).collect::<Vec<_>>(), ["B10:C11"], "{name}");
        let values: Vec<_> = cells(sheet).iter().map(|c| c.replace('@', "")).collect();
        let expected = [
            "A1=“取消”",
            "D1=“隠れた列”",
            "A2=“変更”",
            "A3=“R8.3 R8.6”",
            "A4=12.5",
            "A5=“普通”",
            "A6=“隠れた行”",
            "A7==!#DIV/0!",
            "A8=46112",
            "B10=“結合”",
        ];
        assert_eq!(values, expected, "{name}");
    }
}

#[test]
fn a_thread_of_comments_is_read_and_stands_for_its_note() {
    let notes = good("threads.xlsx").sheets[0].marks.notes.clone();
    let thread = "未定です\n12月に決まります & 連絡します".to_string();
    assert_eq!(notes, BTreeMap::from([(at("B2"), thread), (at("B3"), "ただのメモ".to_string())]));
}

#[test]
fn bad_cells_of_a_binary_workbook_are_told() {
    use ProblemKind::{BadCell, OutOfGrid, SheetDamaged};
    let (book, found) = problems("bad-cells.xlsb");
    assert_eq!(first(&book), ["A1=1", "B2=4"]);
    let kinds: Vec<ProblemKind> = found.iter().map(|(_, kind)| *kind).collect();
    assert_eq!(kinds, [BadCell, BadCell, OutOfGrid, OutOfGrid, BadCell, SheetDamaged]);
}

#[test]
fn repeats_in_an_ods_count_when_they_hold_something() {
    assert_eq!(refused("bomb.ods"), large("cells", 1_000_000, 10_000_000));
    assert_eq!(first(&good("far.ods")), ["AHQ1000001=1"]);
    assert_eq!(first(&good("empties.ods")), ["A1=1"]);
    for name in ["blanks.ods", "words.ods"] {
        assert!(matches!(refused(name), Refusal::TooLarge { what, .. } if what == "text_total"), "{name}");
    }
    let (book, found) = problems("wide.ods");
    assert_eq!((first(&book).len(), found), (0, vec![("一".into(), ProblemKind::OutOfGrid)]));
}

/// The round's passwords are tried; what they open says so, what they do not says how many were tried.
#[test]
fn the_passwords_of_the_round_are_used() {
    let templates = torimatome::forms::Templates::embedded().expect("sound templates");
    let limits = Limits::default();
    let today = chrono::NaiveDate::from_ymd_opt(2022, 11, 14).unwrap();
    let codes = |password: &str| {
        let password = torimatome::model::round::Password { division: String::new(), password: password.into() };
        let round = torimatome::model::Round { passwords: vec![password.clone(), password], ..Default::default() };
        let round = Some(&round);
        let ctx = intake::Context {
            templates: &templates,
            round,
            today,
            limits: &limits,
            legacy: &legacy::open,
            watch: None,
        };
        let taken = intake::file(&bytes("standard.xlsx"), "提出/x.xlsx", &[], &ctx);
        let codes: Vec<String> = taken.findings.iter().map(|f| f.code.clone()).collect();
        (codes.join(" "), taken.submission.reason)
    };
    assert_eq!(codes("合言葉2022").0, "S010W S040I");
    let (found, reason) = codes("ちがう");
    assert_eq!(found, "S002E");
    assert!(reason.contains("合言葉1個を試しましたが"), "{reason}");
}

#[test]
fn one_long_text_in_many_cells() {
    assert!(
        matches!(refused("text-amplified.xlsx"), Refusal::TooLarge { what, limit: 67_108_864, .. } if what == "text_total")
    );
    let (book, found) = problems("long-text.xlsx");
    assert_eq!((first(&book), found), (vec!["B1=1".into()], vec![("A1".into(), ProblemKind::TextTooLong)]));
}

/// A workbook with one sheet of the given rows, built here because it is large or has many parts.
fn built(rows: &str, extra: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    let types = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let root = format!(
        r#"<Relationships><Relationship Id="a" Type="{types}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
    );
    let rels =
        format!(r#"<Relationships><Relationship Id="a" Type="{types}/worksheet" Target="s.xml"/></Relationships>"#);
    let sheet = format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
    let parts: [(&str, &str); 4] = [
        ("_rels/.rels", &root),
        ("xl/workbook.xml", r#"<workbook><sheets><sheet name="一" r:id="a"/></sheets></workbook>"#),
        ("xl/_rels/workbook.xml.rels", &rels),
        ("xl/s.xml", &sheet),
    ];
    for (name, data) in parts.iter().map(|(n, d)| (*n, d.as_bytes())).chain(extra.iter().copied()) {
        zip.start_file(name, options).unwrap();
        zip.write_all(data).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn bombs_stop_at_the_limits() {
    let limits = Limits::default();
    let zeros = vec![b' '; (1 << 20) + 1];
    let bomb = built("", &[("xl/theme/theme1.xml", &zeros)]);
    assert!(bomb.len() < 5_000);
    let small = Limits { part: 1 << 20, ..Limits::default() };
    assert_eq!(open(&bomb, "b.xlsx", &small), Err(large("part", 1_048_576, 1_048_577)));
    let blanks = &zeros[..1 << 19];
    let small = Limits { total: 2 << 20, ..Limits::default() };
    let names: Vec<String> = (0..5).map(|i| format!("customXml/item{i}.xml")).collect();
    let many: Vec<(&str, &[u8])> = names.iter().map(|n| (n.as_str(), blanks)).collect();
    let refusal = open(&built("", &many), "b.xlsx", &small);
    assert!(matches!(refusal, Err(Refusal::TooLarge { what, .. }) if what == "total"));
    let small = Limits { cells: 3, ..Limits::default() };
    let rows = "<row><c><v>1</v></c><c><v>1</v></c><c/><c><v>1</v></c></row>";
    assert!(open(&built(rows, &[]), "b.xlsx", &small).is_ok(), "blanks do not count");
    let rows = rows.repeat(2);
    assert_eq!(open(&built(&rows, &[]), "b.xlsx", &small), Err(large("cells", 3, 4)));
    let names: Vec<String> = (0..2_001).map(|i| format!("p{i}")).collect();
    let many: Vec<(&str, &[u8])> = names.iter().map(|n| (n.as_str(), &b""[..])).collect();
    assert_eq!(open(&built("", &many), "b.xlsx", &limits), Err(large("parts", 2_000, 2_005)));
    let small = Limits { file: 100, ..Limits::default() };
    assert!(
        matches!(open(&bytes("normal.xlsx"), "n.xlsx", &small), Err(Refusal::TooLarge { what, .. }) if what == "file")
    );
}

/// Every fixture cut short anywhere, and every fixture with a byte changed: an answer comes, whatever it is.
#[test]
fn damaged_anywhere_never_panics() {
    for name in ["normal.xlsx", "office.xls", "office.ods", "struck.xlsx", "encrypted.xlsx"] {
        let whole = bytes(name);
        for cut in (0..whole.len()).step_by(whole.len() / 40 + 1) {
            // The end of an .xls holds nothing that is read here.
            if let Ok(opened) = open(&whole[..cut], name, &Limits::default()) {
                assert_eq!((name, opened.workbook.sheets), ("office.xls", good(name).sheets), "cut at {cut}");
            }
        }
        for at in (0..whole.len()).step_by(whole.len() / 60 + 1) {
            let mut changed = whole.clone();
            changed[at] ^= 0x41;
            let answer = open(&changed, name, &Limits::default());
            // A panic in the parser of .xls is caught and becomes an answer; the others must not panic at all.
            let panic = Refusal::Damaged { detail: "parser panic".into() };
            assert!(name == "office.xls" || answer != Err(panic), "{name} changed at {at}");
        }
    }
}

#[test]
fn workbooks_as_other_programs_really_write_them() {
    assert_eq!(first(&good("manifest-doctype.ods")), ["A1=8", "B1==!#VALORE!"], "a number that looks like TRUE");
    assert_eq!(refused("manifest-entity.ods"), dangerous("DOCTYPE"));
    for name in ["capitals.xls", "stream.xls"] {
        assert_eq!(good(name).sheets, good("office.xls").sheets, "{name}");
    }
    // Excel's own password for what is only protected against changes: nobody is asked for it, and nothing is told.
    assert_eq!(good("default-password.xlsx"), good("normal.xlsx"));
    assert_eq!(good("late.xlsx"), good("inline.xlsx"), "behind a line end");
    assert_eq!(first(&good("declared.xlsx")), ["A1=“甲課”"]);
    assert_eq!(first(&good("two-values.xlsx")), ["A1=“共有”", "B1=“内”", "C1==1"]);
    assert!(matches!(refused("bzip2.xlsx"), Refusal::Damaged { detail } if detail.contains("compression method")));
}

/// A text that is the result of a formula, in three records with letters of one and two bytes.
#[test]
fn long_results_of_an_xls_are_whole() {
    let (book, found) = problems("long-result.xls");
    let text = ["a".repeat(4_000), "あ".repeat(4_000), "b".repeat(1_000)].concat();
    assert_eq!(first(&book), [format!("A1==“{text}”"), "B1==2.5".to_string()]);
    assert_eq!(found, [("C1".into(), ProblemKind::BadCell)], "what is no number is told");
}

#[test]
fn cells_far_apart_in_an_xls_cost_little() {
    assert_eq!(first(&good("far-apart.xls")), ["A1=1.5", "B1==2.5", "IT65536=7", "IU65536=8", "IV65536=9"]);
}

#[test]
fn tables_of_old_kinds_are_named_whatever_they_are_called() {
    let kinds =
        [("sylk.xlsx", "SYLK形式の表（.slk）"), ("dif.csv", "DIF形式の表（.dif）"), ("dbase.xls", "dBaseの表（.dbf）")];
    for (name, looks_like) in kinds {
        assert_eq!(refused(name), Refusal::Unsupported { looks_like }, "{name}");
    }
}

/// Codes and cells of the findings that `check` tells of a file, and the values of its records by field.
fn checked(bytes: &[u8], name: &str) -> (Vec<String>, Vec<String>) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join(name);
    std::fs::write(&file, bytes).expect("written");
    let mut check = std::process::Command::new(env!("CARGO_BIN_EXE_torimatome"));
    let told = check.args(["check", "--explain", "--format", "json"]).arg(&file).output().expect("the program runs");
    let told: serde_json::Value = serde_json::from_slice(&told.stdout).expect("JSON");
    let findings = told["findings"].as_array().expect("findings").iter();
    let records = told["records"].as_array().expect("records").iter();
    let fields = records.flat_map(|r| r["fields"].as_object().expect("fields").iter().map(|(k, f)| (&r["item"], k, f)));
    (
        findings.map(|f| format!("{} {} {}", f["code"], f["sheet"], f["cell"])).collect(),
        fields.map(|(item, k, f)| format!("{item} {k} {} {} {}", f["value"], f["sheet"], f["cell"])).collect(),
    )
}

#[test]
fn a_reply_in_one_xml_file_is_checked_as_its_workbook() {
    let mut flat = Vec::new();
    let packed = bytes("reply.fods.gz");
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&packed[..]), &mut flat).expect("packed");
    let sample = "samples/ishinomaki-r4-10/提出/健康推進課/進捗調査票（健康推進課）.xlsx";
    let book = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(sample)).expect(sample);
    let (findings, records) = checked(&book, "reply.xlsx");
    assert!(findings.len() == 5 && records.len() >= 15, "{findings:?} {}", records.len());
    assert_eq!(checked(&flat, "reply.fods"), (findings, records));
}

#[test]
fn more_answers_than_a_reply_may_hold_are_told() {
    let (findings, records) = checked(&bytes("many-answers.xlsx"), "reply.xlsx");
    assert_eq!((findings.len(), records.len()), (1, 0), "{findings:?}");
    assert!(findings[0].starts_with("\"S004E\""), "{findings:?}");
}
