//! The command `fill`: cells from a CSV file into a copy of a workbook, with the proof that nothing else changed.
//!
//! The CSV has a header row with the columns sheet, cell, value and type (シート, セル, 値, 型), in any order. Where the type
//! is left out, a value is a number only if it is written exactly as that number is (12, -0.5); 042021, 1,000, 1.50 and
//! 1e5 are text, for a code must not lose its zero. Nothing is written unless all of it can be, and the input never is.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use serde_json::json;

use crate::error::{Error, io_words};
use crate::fill::{BLANK_UNTIL, CellWrite, FillRefusal, FillValue, Filled, MOST_DIGITS, Prepared, value_digits};
use crate::model::grid::Grid;
use crate::model::place::CellRef;
use crate::national::Filler;
use crate::normalise::text::key;
use crate::output::write_atomically;
use crate::read::{self, Limits};

/// What is to be filled.
#[derive(Clone, Debug)]
pub struct Job {
    /// The workbook, which is only read.
    pub book: PathBuf,
    /// The list of cells.
    pub cells: PathBuf,
    /// The filled workbook.
    pub out: PathBuf,
    /// Whether formulas in the listed cells may go.
    pub replace_formulas: bool,
    /// Whether a file that is there already may be replaced by the filled workbook.
    pub overwrite: bool,
}

/// What was done, for the terminal and for other programs.
#[derive(Clone, Debug)]
pub struct Done {
    /// Sentences.
    pub text: String,
    /// The same as an object.
    pub json: serde_json::Value,
}

/// Fills a copy of a workbook (with [`Prepared::fill`], unless a wrong one is to be tried), proves it and puts it in place.
///
/// # Errors
/// When a file cannot be read or written, the list has mistakes (all are named), or the workbook is refused.
pub fn run(job: &Job, filler: Filler<'_>) -> Result<Done, Error> {
    let (book, list) = (bytes(&job.book)?, bytes(&job.cells)?);
    for input in [&job.book, &job.cells] {
        if same_file(input, &job.out) {
            return Err(Error::new(
                format!("出力先「{}」は、読み込むファイルと同じです。", job.out.display()),
                "--out に別の名前を指定してください。元のファイルには書き込みません。",
            ));
        }
    }
    if job.out.exists() && !job.overwrite {
        return Err(Error::new(
            format!("出力先「{}」は、すでにあります。", job.out.display()),
            "何も書き込んでいません。--out に別の名前を指定するか、置き換えてよければ --overwrite を付けてください。",
        ));
    }
    let Listed { writes, said } = writes(&list, &job.cells, job.replace_formulas)?;
    let refused = |e: FillRefusal| {
        Error::new(
            format!("「{}」に書き込めません。{e}", job.book.display()),
            "何も書き込んでいません。ブックとセルの一覧を確かめてから、もう一度実行してください。",
        )
    };
    let prepared = Prepared::new(&book, writes).map_err(refused)?;
    fits(&job.out, prepared.ending())?;
    let filled = filler(&prepared).map_err(refused)?;
    prepared.prove(&filled.bytes).map_err(|found| {
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        Error::new(
            format!("書き込んだ結果が予定と合いません。\n  {}", found.join("\n  ")),
            "何も書き出していません。このプログラムの不具合ですので、ブックを添えてお知らせください。",
        )
    })?;
    write_atomically(&job.out, &filled.bytes)?;
    Ok(done(job, &filled, &said))
}

/// Whether the name that was asked for ends as the content asks; Excel opens no other.
fn fits(out: &Path, ending: Option<&str>) -> Result<(), Error> {
    let given = out.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    match ending {
        Some(ending) if given != ending => Err(Error::new(
            format!("出力先「{}」の拡張子が、中身と合いません（中身は .{ending} のブックです）。", out.display()),
            format!(
                "何も書き込んでいません。--out の名前の終わりを .{ending} にしてください。違う拡張子のファイルは、Excelで開けません。"
            ),
        )),
        _ => Ok(()),
    }
}

fn bytes(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|e| {
        Error::new(
            format!("「{}」を読めません（{}）。", path.display(), io_words(&e)),
            "ファイルの場所と名前を確かめてください。",
        )
    })
}

fn same_file(a: &Path, b: &Path) -> bool {
    match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}

/// So many notes of a kind are shown; the object has them all.
const SHOWN: usize = 20;

fn done(job: &Job, filled: &Filled, said: &[String]) -> Done {
    let cells =
        |list: &[(String, CellRef)]| list.iter().map(|(s, c)| json!({"sheet": s, "cell": c.to_string()})).collect();
    let lists: [serde_json::Value; 3] = [&filled.written, &filled.computed, &filled.recalculated].map(|l| cells(l));
    let [written, computed, recalculated] = lists;
    let notes: Vec<String> = said.iter().cloned().chain(filled.notes.iter().map(ToString::to_string)).collect();
    let mut text = format!("{}個のセルに書き込み、「{}」に保存しました。\n", filled.written.len(), job.out.display());
    text.push_str("書き込んだセルのほかは元のままであることを確かめました。\n");
    if !filled.computed.is_empty() {
        // Writing to a string does not fail.
        let _ = writeln!(text, "計算: 次の{}個の数式は、新しい結果も書き込みました。", filled.computed.len());
        for (sheet, list) in by_sheet(&filled.computed) {
            let _ = writeln!(text, "  「{sheet}」 {list}");
        }
    }
    if !filled.recalculated.is_empty() {
        // Writing to a string does not fail.
        let _ = writeln!(text, "再計算: 次の{}個の数式は、開いたときに計算されます。", filled.recalculated.len());
        for (sheet, list) in by_sheet(&filled.recalculated) {
            let _ = writeln!(text, "  「{sheet}」 {list}");
        }
        let _ = writeln!(text, "  {BLANK_UNTIL}");
    }
    for note in notes.iter().take(SHOWN) {
        let _ = writeln!(text, "注意: {note}");
    }
    if let Some(rest) = notes.len().checked_sub(SHOWN).filter(|n| *n > 0) {
        let _ = writeln!(text, "注意: ほか{rest}件（--format json ですべて見られます）");
    }
    let out = job.out.to_string_lossy().replace('\\', "/");
    let json =
        json!({"out": out, "written": written, "computed": computed, "recalculated": recalculated, "notes": notes});
    Done { text, json }
}

/// The cells of each sheet in one line, at most twenty of them.
fn by_sheet(cells: &[(String, CellRef)]) -> Vec<(&str, String)> {
    let mut out: Vec<(&str, Vec<String>)> = Vec::new();
    for (sheet, cell) in cells {
        match out.last_mut().filter(|(last, _)| last == sheet) {
            Some((_, list)) => list.push(cell.to_string()),
            None => out.push((sheet, vec![cell.to_string()])),
        }
    }
    let line = |list: &[String]| match list.get(20..) {
        Some(rest) if !rest.is_empty() => {
            format!("{} ほか{}個", list.iter().take(20).cloned().collect::<Vec<_>>().join(" "), rest.len())
        }
        _ => list.join(" "),
    };
    out.into_iter().map(|(sheet, list)| (sheet, line(&list))).collect()
}

/// The columns of the list, by the words that may stand above them.
const COLUMNS: [(&str, [&str; 3]); 4] = [
    ("sheet", ["sheet", "シート", "シート名"]),
    ("cell", ["cell", "セル", "番地"]),
    ("value", ["value", "値", "内容"]),
    ("type", ["type", "型", "種類"]),
];

/// The list of cells, read.
#[derive(Debug, Default)]
struct Listed {
    writes: Vec<CellWrite>,
    /// What is to be said of its lines.
    said: Vec<String>,
}

/// Reads the list of cells.
fn writes(bytes: &[u8], path: &Path, replace_formula: bool) -> Result<Listed, Error> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = format!("{}.csv", name.trim_end_matches(".csv"));
    let wrong = |what: &str| {
        Error::new(
            format!("「{}」を読めません。{what}", path.display()),
            "1行目に sheet,cell,value,type（シート,セル,値,型）と書いた、UTF-8のCSVにしてください。",
        )
    };
    // Texts that no cell can hold are refused by name, cell by cell, which takes reading them.
    let limits = Limits { text: u64::MAX, ..Limits::default() };
    let opened = read::open(bytes, &name, &limits).map_err(|_| wrong("UTF-8のCSVではないようです。"))?;
    if !opened.problems.is_empty() {
        return Err(wrong("読めない行があります。"));
    }
    let grid = opened.workbook.sheets.into_iter().next().unwrap_or_default();
    let column = |words: &[&str]| {
        let heads = grid.cells.iter().filter(|(at, _)| at.row == 0);
        heads.into_iter().find(|(_, c)| words.iter().any(|w| key(w) == key(&c.raw()))).map(|(at, _)| at.col)
    };
    let [sheet, cell, value, kind] = COLUMNS.map(|(_, words)| column(&words));
    let (Some(sheet), Some(cell), Some(value)) = (sheet, cell, value) else {
        return Err(wrong("見出しに sheet、cell、value の3つがそろっていません。"));
    };
    let last = grid.cells.keys().next_back().map_or(0, |at| at.row);
    let (mut out, mut mistakes) = (Listed::default(), Vec::new());
    for row in 1..=last {
        let get = |col: u32| grid.text(CellRef::new(row, col));
        let (name, place, given) = (get(sheet), get(cell), get(value));
        let kind = kind.map(get).unwrap_or_default();
        if blank_row(&grid, row) {
            continue;
        }
        match line(&name, &place, &given, &kind) {
            Ok(mut write) => {
                write.replace_formula = replace_formula;
                if kind.trim().is_empty() && matches!(write.value, FillValue::Text(_)) && too_precise(&given) {
                    let digits = "15桁までしか数として持てない";
                    out.said
                        .push(format!("「{name}」!{place} の「{given}」は、{digits}ため、文字として書き込みました。"));
                }
                out.writes.push(write);
            }
            Err(what) => mistakes.push(format!("{}行目: {what}", row + 1)),
        }
    }
    if mistakes.is_empty() {
        return Ok(out);
    }
    Err(Error::new(
        format!("「{}」に誤りが{}件あります。\n  {}", path.display(), mistakes.len(), mistakes.join("\n  ")),
        "何も書き込んでいません。示された行を直してから、もう一度実行してください。",
    ))
}

fn blank_row(grid: &Grid, row: u32) -> bool {
    grid.cells.range(CellRef::new(row, 0)..CellRef::new(row + 1, 0)).next().is_none()
}

fn line(sheet: &str, cell: &str, value: &str, kind: &str) -> Result<CellWrite, String> {
    if sheet.is_empty() {
        return Err("シートの名前がありません".into());
    }
    let at = CellRef::parse(cell.trim()).ok_or_else(|| format!("「{cell}」はセルの番地ではありません"))?;
    Ok(CellWrite::new(sheet, at, parse(value, kind)?))
}

fn parse(value: &str, kind: &str) -> Result<FillValue, String> {
    match key(kind).as_str() {
        "" | "blank" | "空欄" if value.is_empty() => Ok(FillValue::Blank),
        "" => Ok(plain_number(value).map_or_else(|| FillValue::Text(value.to_string()), FillValue::Number)),
        "text" | "文字" | "文字列" => Ok(FillValue::Text(value.to_string())),
        "number" | "数値" | "数字" => {
            let number = value.trim().parse::<f64>().ok().filter(|n| n.is_finite());
            if number.is_some() && too_precise(value) {
                return Err(format!(
                    "「{value}」は15桁を超える数です（Excelは15桁までしか数として持てません。コードや番号であれば、型を text にしてください）"
                ));
            }
            number
                .map(FillValue::Number)
                .ok_or_else(|| format!("「{value}」は数値ではありません（半角の数字だけで書いてください）"))
        }
        "date" | "日付" => NaiveDate::parse_from_str(value.trim(), "%Y-%m-%d")
            .map(FillValue::Date)
            .map_err(|_| format!("「{value}」は日付ではありません（2026-03-31 のように書いてください）")),
        "blank" | "空欄" => Err(format!("空欄にする行に値「{value}」があります")),
        _ => Err(format!("型「{kind}」はありません（text、number、date、blank のどれかにしてください）")),
    }
}

/// A number that is written as it would be printed, so that nothing is lost by taking it for one.
fn plain_number(text: &str) -> Option<f64> {
    let number: f64 = text.parse().ok()?;
    (number.is_finite() && number.to_string() == text && text != "-0" && !too_precise(text)).then_some(number)
}

/// Whether a text is a number of more significant digits than Excel keeps.
fn too_precise(text: &str) -> bool {
    let text = text.trim();
    text.parse::<f64>().is_ok_and(f64::is_finite) && value_digits(text) > MOST_DIGITS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_guessed_only_where_nothing_is_lost() {
        for (value, number) in [("12", Some(12.0)), ("-0.5", Some(-0.5)), ("0", Some(0.0))] {
            assert_eq!(plain_number(value), number);
        }
        for text in ["042021", "1,000", "1.50", "1e5", "+1", " 1", "inf", "NaN", "-0", "１２", "12345678901234567890"]
        {
            assert_eq!(parse(text, ""), Ok(FillValue::Text(text.into())));
        }
        // A spreadsheet keeps fifteen digits: a code of more stays text, and as a number it is refused.
        for text in ["1234567890123456", "12345678901234568", "0.1234567890123456"] {
            assert_eq!(parse(text, ""), Ok(FillValue::Text(text.into())));
            assert!(parse(text, "number").is_err_and(|e| e.contains("15桁")), "{text}");
        }
        for (text, n) in
            [("123456789012345", 123_456_789_012_345.0), ("1200000000000000000", 1.2e18), ("0.000012", 1.2e-5)]
        {
            assert_eq!(parse(text, "number"), Ok(FillValue::Number(n)));
        }
        assert_eq!(parse("", ""), Ok(FillValue::Blank));
        assert_eq!(parse("042021", "Number"), Ok(FillValue::Number(42021.0)));
        assert_eq!(parse("12", "文字列"), Ok(FillValue::Text("12".into())));
        assert!(parse("R8.3.31", "date").is_err() && parse("x", "blank").is_err() && parse("1", "数").is_err());
    }

    #[test]
    fn all_mistakes_of_the_list_are_named() {
        let list = "\u{feff}シート,セル,値,型\r\n様式,B2,12,\r\n,A1,x,\r\n様式,Z,1,\r\n様式,C1,2026/3/31,date\r\n\r\n様式,C2,2026-03-31,date\r\n";
        let error = writes(list.as_bytes(), Path::new("cells.csv"), false).expect_err("mistakes").to_string();
        for line in ["3行目", "4行目", "5行目", "3件"] {
            assert!(error.contains(line), "{line}: {error}");
        }
        let good = "cell,value,sheet\nA1,\"a,\n\"\"b\"\"\",様式 \n";
        let found = writes(good.as_bytes(), Path::new("x"), true).expect("read").writes;
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].sheet.as_str(), found[0].replace_formula), ("様式 ", true));
        assert_eq!(found[0].value, FillValue::Text("a,\n\"b\"".into()));
        // What no cell can hold is read whole, to be refused by its cell.
        let long = format!("sheet,cell,value\n様式,A1,{}\n", "長".repeat(32_768));
        let found = writes(long.as_bytes(), Path::new("x"), false).expect("read").writes;
        assert_eq!(found[0].value, FillValue::Text("長".repeat(32_768)));
        let code = "sheet,cell,value\n様式,A1,12345678901234568\n様式,A2,042021\n";
        let said = writes(code.as_bytes(), Path::new("x"), false).expect("read").said;
        assert!(said.len() == 1 && said[0].contains("A1") && said[0].contains("15桁"), "{said:?}");
    }
}
