//! Formulas and what they come to, and those of which nothing is said.

use std::fmt::Write as _;

use super::value::Fault;
use super::*;
use crate::fill::plan::Plan;

/// Every formula of a workbook computed as if all had to be; what is refused with its reason.
fn all_of(book: &[u8]) -> Vec<(String, CellRef, Result<Value, Stop>)> {
    let Ok(mut plan) = Plan::make(book, &[]) else { return Vec::new() };
    plan.read_more();
    let mut stale: BTreeMap<usize, BTreeSet<CellRef>> = BTreeMap::new();
    for (index, loaded) in &plan.sheets {
        stale.entry(*index).or_default().extend(loaded.sheet.formulas.iter().map(|f| f.at));
    }
    if has_own_rules(&plan) {
        return Vec::new();
    }
    let inputs = Inputs::new(&plan, &stale);
    let mut machine = Machine::new(&inputs);
    let mut out = Vec::new();
    for (sheet, cells) in &stale {
        for at in cells {
            out.push((plan.name(*sheet).to_string(), *at, machine.cell(*sheet, *at)));
        }
    }
    out
}

/// `BOOKS=FOLDER OUT=FILE cargo test --lib foreign_workbooks -- --ignored`: what is computed of every formula in other
/// people's workbooks, one a line, to be compared with what other programs compute.
#[test]
#[ignore = "needs a folder of other people's workbooks"]
fn foreign_workbooks() {
    let folder = std::env::var_os("BOOKS").expect("BOOKS");
    let mut paths: Vec<_> = std::fs::read_dir(folder).expect("a folder").flatten().map(|e| e.path()).collect();
    paths.sort();
    let mut lines = String::new();
    for path in paths {
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        for (sheet, at, found) in all_of(&std::fs::read(&path).expect("a file")) {
            let said = match found {
                Ok(Value::Number(n)) => format!("n\t{n:?}"),
                Ok(Value::Bool(b)) => format!("b\t{b}"),
                Ok(Value::Text(t)) => format!("s\t{}", serde_json::Value::String(t)),
                Ok(Value::Blank) => "n\t0".into(),
                Err(Stop::Fault(fault)) => format!("e\t{fault:?}"),
                Err(Stop::No(no)) => format!("-\t{no:?}"),
            };
            let _ = writeln!(lines, "{file}\t{}\t{at}\t{said}", serde_json::Value::String(sheet));
        }
    }
    std::fs::write(std::env::var_os("OUT").expect("OUT"), lines).expect("written");
}

/// A workbook of one sheet 様式 and one called 別 シート, from cells as they would be typed.
fn book(cells: &[(&str, &str)], other: &[(&str, &str)]) -> Vec<u8> {
    use std::io::{Cursor, Write};
    use zip::write::SimpleFileOptions;
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let sheet = |cells: &[(&str, &str)]| {
        let sorted: BTreeMap<CellRef, &str> =
            cells.iter().map(|(at, v)| (CellRef::parse(at).expect("a cell"), *v)).collect();
        let mut rows: BTreeMap<u32, String> = BTreeMap::new();
        for (at, typed) in sorted {
            let text = |t: &str| t.replace('&', "&amp;").replace('<', "&lt;");
            let cell = match (typed.split_once(" → "), typed.strip_prefix('=')) {
                (Some((formula, kept)), _) => {
                    let kind = if kept.parse::<f64>().is_ok() { "n" } else { "str" };
                    format!(r#"<c r="{at}" t="{kind}"><f>{}</f><v>{kept}</v></c>"#, text(&formula[1..]))
                }
                (None, Some(formula)) => format!(r#"<c r="{at}"><f>{}</f></c>"#, text(formula)),
                _ if typed == "TRUE" => format!(r#"<c r="{at}" t="b"><v>1</v></c>"#),
                _ if typed.starts_with('#') => format!(r#"<c r="{at}" t="e"><v>{typed}</v></c>"#),
                _ if typed.parse::<f64>().is_ok() => format!(r#"<c r="{at}"><v>{typed}</v></c>"#),
                _ => {
                    let t = text(typed.trim_start_matches('\''));
                    format!(r#"<c r="{at}" t="inlineStr"><is><t>{t}</t><rPh sb="0" eb="1"><t>カナ</t></rPh></is></c>"#)
                }
            };
            rows.entry(at.row).or_default().push_str(&cell);
        }
        let rows: Vec<String> = rows.iter().map(|(n, cells)| format!(r#"<row r="{}">{cells}</row>"#, n + 1)).collect();
        let rows = rows.concat();
        format!(r#"<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>"#)
    };
    let relation = |n: u32, kind: &str, target: &str| {
        format!(r#"<Relationship Id="rId{n}" Type="{OFFICE}/{kind}" Target="{target}"/>"#)
    };
    let relations = |inner: &str| {
        format!(
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inner}</Relationships>"#
        )
    };
    let listed = r#"<sheet name="様式" sheetId="1" r:id="rId1"/><sheet name="別 シート" sheetId="2" r:id="rId2"/>"#;
    let names = r#"<definedName name="件数">様式!$C$1:$C$6</definedName><definedName name="隣">様式!B1</definedName>"#;
    let both = relation(1, "worksheet", "worksheets/sheet1.xml") + &relation(2, "worksheet", "worksheets/sheet2.xml");
    let parts = [
        ("_rels/.rels", relations(&relation(1, "officeDocument", "xl/workbook.xml"))),
        (
            "xl/workbook.xml",
            format!(
                r#"<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{listed}</sheets><definedNames>{names}</definedNames></workbook>"#
            ),
        ),
        ("xl/_rels/workbook.xml.rels", relations(&both)),
        ("xl/worksheets/sheet1.xml", sheet(cells)),
        ("xl/worksheets/sheet2.xml", sheet(other)),
    ];
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(name, SimpleFileOptions::default()).expect("started");
        zip.write_all(text.as_bytes()).expect("written");
    }
    zip.finish().expect("a zip").into_inner()
}

/// What formulas beside a small table come to.
fn computed(formulas: &[&str]) -> Vec<Result<Value, Stop>> {
    let table = [
        ("A1", "3"),
        ("A2", "5"),
        ("A3", "甲"),
        ("A5", "2.5"),
        ("A6", "乙"),
        ("B1", "済"),
        ("B2", "未"),
        ("B3", "済"),
        ("B5", "済"),
        ("B6", "ＡＢ"),
        ("C1", "10"),
        ("C2", "20"),
        ("C3", "30"),
        ("C4", "40"),
        ("C5", "50"),
        ("C6", "60"),
        ("D1", "TRUE"),
        ("D2", "#N/A"),
        ("D3", "'5"),
        ("D4", "=\"\""),
        ("D5", "#DIV/0!"),
        ("E1", "44876"),
        ("F1", "0.1"),
        ("F2", "0.2"),
        ("F3", "-0.3"),
    ];
    let places: Vec<String> = (0..formulas.len()).map(|n| format!("Z{}", n + 1)).collect();
    let typed: Vec<String> = formulas.iter().map(|f| format!("={f}")).collect();
    let own = places.iter().zip(&typed).map(|(at, f)| (at.as_str(), f.as_str()));
    let cells: Vec<(&str, &str)> = table.into_iter().chain(own).collect();
    let all = all_of(&book(&cells, &[("A1", "7"), ("B1", "済")]));
    let find = |at: &String| all.iter().find(|(_, c, _)| c.to_string() == *at).map(|(_, _, v)| v.clone());
    places.iter().map(|at| find(at).expect("a formula")).collect()
}

#[allow(clippy::unnecessary_wraps)] // beside refusals in one list
fn number(n: f64) -> Result<Value, Stop> {
    Ok(Value::Number(n))
}

#[allow(clippy::unnecessary_wraps)] // beside refusals in one list
fn text(t: &str) -> Result<Value, Stop> {
    Ok(Value::Text(t.into()))
}

fn hold(cases: &[(&str, Result<Value, Stop>)]) {
    let formulas: Vec<&str> = cases.iter().map(|(f, _)| *f).collect();
    for ((formula, want), found) in cases.iter().zip(computed(&formulas)) {
        assert_eq!(found, *want, "{formula}");
    }
}

#[test]
fn operators_and_numbers() {
    hold(&[
        ("1+2*3-4/2", number(5.0)),
        ("-2^2", number(4.0)),
        ("2^3^2", number(64.0)),
        ("(1+2)*3%", number(0.09)),
        ("A1&\"件\"&A5", text("3件2.5")),
        ("\"a\"\"b\"&(1+1)", text("a\"b2")),
        ("A1=3", Ok(Value::Bool(true))),
        ("A3=\"甲\"", Ok(Value::Bool(true))),
        ("A4=0", Ok(Value::Bool(true))),
        ("A4=\"\"", Ok(Value::Bool(true))),
        ("A3>100", Ok(Value::Bool(true))),
        ("(A1>2)*5", number(5.0)),
        ("A4", number(0.0)),
        ("'別 シート'!A1*2", number(14.0)),
        ("SUM(件数)", number(210.0)),
        ("ROUND(546/800*100,1)", number(68.3)),
        ("ROUNDUP(7/2,0)+ROUNDDOWN(-7/2,0)+INT(-3.5)+TRUNC(9.99,1)", number(6.9)),
        ("MOD(7,3)+MOD(-7,3)+ABS(-4)", number(7.0)),
        ("1/0", Err(Stop::Fault(Fault::Other))),
        ("D2+1", Err(Stop::Fault(Fault::NotAvailable))),
        ("A3*2", Err(Stop::Fault(Fault::Other))),
        ("D4+1", Err(Stop::Fault(Fault::Other))),
    ]);
}

#[test]
fn aggregates_criteria_and_lookups() {
    hold(&[
        ("SUM(A1:A6,1)", number(11.5)),
        ("COUNT(A1:A6)+COUNTA(A1:A6)*10+COUNTBLANK(A1:A6)*100", number(153.0)),
        ("COUNT(D2:D5)", number(0.0)),
        ("MIN(A:A)+MAX(C1:C6)", number(62.5)),
        ("AVERAGE(A1:A6)", number(3.5)),
        ("AVERAGE(A3:A4)", Err(Stop::Fault(Fault::Other))),
        ("COUNTIF(B1:B6,\"済\")", number(3.0)),
        ("COUNTIF(B1:B6,\"<>済\")", number(3.0)),
        ("COUNTIF(B1:B6,\"\")", number(1.0)),
        ("COUNTIF(C:C,\">=30\")", number(4.0)),
        ("COUNTIFS(B1:B6,\"済\",C1:C6,\"<50\")", number(2.0)),
        ("SUMIF(B1:B6,\"済\",C1:C6)", number(90.0)),
        ("SUMIFS(C1:C6,B1:B6,\"済\",A1:A6,\">2\")", number(60.0)),
        ("AVERAGEIF(B1:B6,\"済\",C1:C6)", number(30.0)),
        ("SUMPRODUCT((B1:B6=\"済\")*(C1:C6>10)*C1:C6)", number(80.0)),
        ("SUMPRODUCT(A1:A2,C1:C2)", number(130.0)),
        ("VLOOKUP(\"未\",B1:C6,2,FALSE)", number(20.0)),
        ("HLOOKUP(10,C1:E2,2,0)", number(20.0)),
        ("VLOOKUP(\"未\",B1:C6,4294967296,0)", Err(Stop::Fault(Fault::Other))),
        ("INDEX(C1:C6,MATCH(\"乙\",A1:A6,0))", number(60.0)),
        ("MATCH(\"丙\",A1:A6,0)", Err(Stop::Fault(Fault::NotAvailable))),
        ("LARGE(C1:C6,2)+SMALL(C1:C6,2)+RANK(C2,C1:C6)", number(75.0)),
        ("ROW()+COLUMN(B1)+ROWS(A1:A6)+COLUMNS(A1:C1)", number(34.0)),
    ]);
}

#[test]
fn conditions_texts_and_days() {
    hold(&[
        ("IF(A4=\"\",\"\",A4*2)", text("")),
        ("IF(A1>2,\"多\",1/0)", text("多")),
        ("IF(A1>9,1)", Ok(Value::Bool(false))),
        ("IFERROR(A3/1,\"－\")", text("－")),
        ("IFERROR(VLOOKUP(\"丙\",B1:C6,2,0),0)", number(0.0)),
        ("_xlfn.IFNA(D5,1)", Err(Stop::Fault(Fault::Other))),
        ("AND(A1>1,B1=\"済\",NOT(C1=0))", Ok(Value::Bool(true))),
        ("OR(A1>9,ISBLANK(A4))", Ok(Value::Bool(true))),
        ("ISNUMBER(A1)*1+ISTEXT(A3)*2+ISERROR(D5)*4+ISNA(D2)*8+ISERR(D2)*16", number(15.0)),
        ("CHOOSE(2,1/0,\"乙\")", text("乙")),
        ("LEFT(A3&\"課長\",2)&RIGHT(\"012345\",2)&MID(\"かきくけ\",2,2)", text("甲課45きく")),
        ("LEN(\"北山町\")+FIND(\"山\",\"北山\")", number(5.0)),
        ("SUBSTITUTE(\"a-b-c\",\"-\",\"\")&TRIM(\"  x  y \")", text("abcx y")),
        ("EXACT(\"a\",\"A\")", Ok(Value::Bool(false))),
        ("\"a\"=\"A\"", Ok(Value::Bool(true))),
        ("CONCATENATE(A1,\"/\",C1)", text("3/10")),
        ("DATE(2026,3,31)-E1", number(1236.0)),
        ("YEAR(E1)*10000+MONTH(E1)*100+DAY(E1)", number(20_221_111.0)),
        ("EDATE(DATE(2026,1,31),1)", number(46081.0)),
        ("EOMONTH(E1,0)", number(44895.0)),
    ]);
}

#[test]
fn what_programs_take_differently_is_left_to_them() {
    let no = |no: No| Err(Stop::No(no));
    hold(&[
        // Not on the list, or not understood.
        ("TEXT(A1,\"0\")", no(No::Formula)),
        ("TODAY()", no(No::Formula)),
        ("IF(A1>9,TODAY(),1)", no(No::Formula)),
        ("SUBTOTAL(9,C1:C6)", no(No::Formula)),
        ("A1:A3", no(No::Formula)),
        ("A1:A3+1", no(No::Formula)),
        ("SUM((A1:A2,C1:C2))", no(No::Formula)),
        ("SUM(A1:A2 A2:A3)", no(No::Formula)),
        ("SUM({1,2})", no(No::Formula)),
        ("[1]Sheet1!A1", no(No::Formula)),
        ("別のシート!A1", no(No::Formula)),
        ("隣", no(No::Formula)),
        ("未定義", no(No::Formula)),
        ("IF(A1>9,,1)", no(No::Formula)),
        ("表1[件数]", no(No::Formula)),
        // Texts as numbers, truth values as numbers and texts, letters of another width, patterns.
        ("D3+1", no(No::Doubtful)),
        ("\"１\"*1", no(No::Doubtful)),
        ("SUM(D1:D1)", no(No::Doubtful)),
        ("SUM(TRUE,1)", no(No::Doubtful)),
        ("D1&\"\"", no(No::Doubtful)),
        ("D1=1", no(No::Doubtful)),
        ("B6=\"AB\"", no(No::Doubtful)),
        ("A3<A6", no(No::Doubtful)),
        ("COUNTIF(B1:B6,\"*済*\")", no(No::Doubtful)),
        ("COUNTIF(B1:B6,\"AB\")", no(No::Doubtful)),
        ("COUNTIF(D3:D3,5)", no(No::Doubtful)),
        ("COUNTIF(A1:A6,\"R4.3.31\")", no(No::Doubtful)),
        ("COUNTIF(A1:A6,A4)", no(No::Doubtful)),
        ("VLOOKUP(3,A1:B6,2,TRUE)", no(No::Doubtful)),
        ("MATCH(3,A1:A6,1)", no(No::Doubtful)),
        ("MATCH(\"5\",C1:C6,0)", no(No::Doubtful)),
        ("INDEX(C1:C6,0)", no(No::Doubtful)),
        ("AND(A1:A6)", no(No::Doubtful)),
        ("YEAR(\"2026/3/31\")", no(No::Doubtful)),
        ("MOD(0.3,0.1)", no(No::Doubtful)),
        ("SUMPRODUCT(A1:A6,C1:C6)", no(No::Doubtful)),
        // The last binary digits.
        ("SUM(F1:F3)", no(No::Near)),
        ("F1+F2=-F3", no(No::Near)),
        ("INT((F1+F2)*10)", no(No::Near)),
        // Itself, and what hangs on it.
        ("Z40+1", no(No::Circle)),
        ("COUNTBLANK(1:1)", no(No::Formula)),
        ("COUNTBLANK($1:$1)", no(No::Limit)),
    ]);
}

#[test]
fn what_the_file_keeps_of_before_must_be_what_we_compute_of_before() {
    let results = |formula: &str| {
        let book = book(&[("A1", "2"), ("B1", "5"), ("C1", formula)], &[]);
        let writes = [crate::fill::CellWrite::new("様式", CellRef::new(0, 0), crate::fill::FillValue::Number(4.0))];
        let plan = Plan::make(&book, &writes).expect("a plan");
        plan.computed().get(&0).and_then(|cells| cells.get(&CellRef::new(0, 2))).cloned()
    };
    let nine = Some(Value::Number(9.0));
    // Kept rightly, not kept, and the zero of programs that do not compute.
    for formula in ["=A1+B1 → 7", "=A1+B1", "=A1+B1 → 0"] {
        assert_eq!(results(formula), nine, "{formula}");
    }
    for formula in ["=A1+B1 → 8", "=A1+B1 → 7円"] {
        assert_eq!(results(formula), None, "{formula}");
    }
}

#[test]
fn workbooks_with_rules_of_their_own_are_left_alone() {
    let right = book(&[("A1", "2"), ("C1", "=A1+1")], &[]);
    let with = |attributes: &str| {
        use std::io::{Cursor, Read, Write};
        let mut zip = zip::ZipArchive::new(Cursor::new(&right)).expect("a zip");
        let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for i in 0..zip.len() {
            let mut file = zip.by_index(i).expect("a part");
            let (name, mut text) = (file.name().expect("a name").into_owned(), String::new());
            file.read_to_string(&mut text).expect("text");
            let text = text.replace("</workbook>", &format!("<calcPr {attributes}/></workbook>"));
            out.start_file(name, zip::write::SimpleFileOptions::default()).expect("started");
            out.write_all(text.as_bytes()).expect("written");
        }
        out.finish().expect("a zip").into_inner()
    };
    for (attributes, found) in [("calcId=\"1\"", 1), ("fullPrecision=\"0\"", 0), ("iterate=\"1\"", 0)] {
        assert_eq!(all_of(&with(attributes)).len(), found, "{attributes}");
    }
}

#[test]
fn long_chains_run_either_way_and_too_long_ones_end() {
    let cells: Vec<(String, String)> = (1..=900)
        .map(|n| (format!("A{n}"), if n == 900 { "1".to_string() } else { format!("=A{}+1", n + 1) }))
        .collect();
    let cells: Vec<(&str, &str)> = cells.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let book = book(&cells, &[]);
    let writes = [crate::fill::CellWrite::new("様式", CellRef::new(899, 0), crate::fill::FillValue::Number(2.0))];
    let plan = Plan::make(&book, &writes).expect("a plan");
    let results = plan.computed().get(&0).cloned().unwrap_or_default();
    assert_eq!(results.len(), 899);
    assert_eq!(results.get(&CellRef::new(0, 0)), Some(&Value::Number(901.0)));
}
