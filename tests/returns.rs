//! What goes back to the divisions: each gets its own and nothing of others, the marked copies hold the same answers, and a
//! corrected copy that is handed in takes the place of the file it came from.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use torimatome::fill::{CellWrite, FillValue, fill};
use torimatome::model::grid::{Content, Workbook};
use torimatome::model::ledger::Ledger;
use torimatome::model::round::Extension;
use torimatome::model::{CellRef, Finding, Severity, State};
use torimatome::read::{self, Limits};
use torimatome::run::{self, Options};
use torimatome::send_back;
use torimatome::write::{Body, Output};

use common::{copied, root, templates};

/// What was brought together and what goes back; the master itself is not drawn.
struct Outcome {
    ledger: Ledger,
    outputs: Vec<Output>,
}

fn consolidate(round: &Path) -> Outcome {
    let options = Options { today: "2022-11-14".parse().unwrap(), templates: None, quiet: true, settings: None };
    let ledger = run::bring_together(round, templates(), &options).unwrap_or_else(|e| panic!("{e:?}"));
    let outputs = send_back::outputs(round, &ledger, templates()).unwrap();
    Outcome { ledger, outputs }
}

/// Everything in 差戻し, by file name.
fn sent_back(outcome: &Outcome) -> BTreeMap<&str, &[u8]> {
    outcome.outputs.iter().filter_map(|o| Some((o.path.strip_prefix("差戻し/")?, held(o)))).collect()
}

fn held(output: &Output) -> &[u8] {
    match &output.body {
        Body::Held(bytes) => bytes,
        Body::Filed(..) => panic!("a return is small"),
    }
}

fn open(bytes: &[u8]) -> Workbook {
    read::open(bytes, "x.xlsx", &Limits::default()).expect("readable").workbook
}

fn answers(book: &Workbook) -> Vec<(String, CellRef, String)> {
    let cells = book.sheets.iter().flat_map(|s| s.cells.iter().map(move |(at, c)| (s.name.clone(), *at, c.raw())));
    cells.filter(|(_, _, raw)| !raw.is_empty()).collect()
}

/// All text of all parts of a package.
fn everything(bytes: &[u8]) -> String {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).expect("a zip");
    let mut out = String::new();
    for i in 0..zip.len() {
        let mut part = Vec::new();
        zip.by_index(i).unwrap().read_to_end(&mut part).unwrap();
        out.push_str(&String::from_utf8_lossy(&part));
    }
    out
}

/// The workbook as a program would save it on a later day.
fn saved_later(bytes: &[u8]) -> Vec<u8> {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).expect("a zip");
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for i in 0..zip.len() {
        let mut file = zip.by_index(i).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut part = Vec::new();
        file.read_to_end(&mut part).unwrap();
        if name == "docProps/core.xml" {
            let text = String::from_utf8(part).unwrap();
            let (head, tail) = text.split_once("<dcterms:modified").expect("a day");
            let tail = tail.split_once("</dcterms:modified>").unwrap().1;
            let day = r#"<dcterms:modified xsi:type="dcterms:W3CDTF">2022-11-13T09:00:00Z</dcterms:modified>"#;
            part = format!("{head}{day}{tail}").into_bytes();
        }
        out.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        out.write_all(&part).unwrap();
    }
    out.finish().unwrap().into_inner()
}

fn codes<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Vec<String> {
    let mut codes: Vec<String> = findings.into_iter().map(|f| f.code.clone()).collect();
    codes.sort();
    codes
}

#[test]
fn copies_hold_the_answers_and_come_back_as_copies() {
    let (_temp, round) = copied("ishinomaki-r4-10");
    let first = consolidate(&round);
    let back = sent_back(&first);
    let copies: Vec<&str> = back.keys().copied().filter(|n| n.contains("_朱書き.")).collect();
    assert!(copies.len() >= 10, "{copies:?}");
    let wrong: BTreeSet<&str> = first
        .ledger
        .findings
        .iter()
        .filter(|f| f.severity() == Severity::E && f.waived.is_none())
        .filter_map(|f| f.division.as_deref())
        .collect();
    for division in first.ledger.round.divisions.iter().filter(|d| wrong.contains(d.code.as_str())) {
        assert!(back.contains_key(format!("{}.xlsx", division.name).as_str()), "{}", division.name);
    }
    let folder = round.join("提出/差戻し分");
    fs::create_dir_all(&folder).unwrap();
    for name in &copies {
        fs::write(folder.join(name), back[name]).unwrap();
    }
    let second = consolidate(&round);
    let of = |o: &Outcome| {
        let again = o.ledger.findings.iter().filter(|f| f.code != "S032I").cloned();
        let bare = again.map(|f| (f.code, f.division, f.form, f.item, f.field, f.given, f.expected));
        bare.collect::<Vec<_>>()
    };
    assert_eq!(of(&first), of(&second), "marks and notes are no answers and give no findings");
    let twice = second.ledger.submissions.iter().filter(|s| s.state == State::Duplicate).count();
    let before = first.ledger.submissions.iter().filter(|s| s.state == State::Duplicate).count();
    assert_eq!(twice, before + copies.len());
}

#[test]
fn a_corrected_copy_takes_the_place_of_its_original() {
    let (_temp, round) = copied("ishinomaki-r4-10");
    let first = consolidate(&round);
    let wrong = first.ledger.findings.iter().find(|f| f.code == "R006E").expect("part above whole").clone();
    let place = wrong.place.clone().expect("a place");
    let own = format!("{}_", first.ledger.round.division_name(wrong.division.as_deref().unwrap()));
    let (name, bytes) = sent_back(&first)
        .into_iter()
        .find(|(n, b)| n.starts_with(&own) && open(b).sheets.iter().any(|s| s.name == *place.sheet))
        .expect("its copy");
    let cell = place.area.expect("a cell").first;
    let write = CellWrite::new(&*place.sheet, cell, FillValue::Number(98.0));
    let mended = fill(bytes, &[write]).expect("filled").bytes;
    fs::write(round.join("提出").join(name), saved_later(&mended)).unwrap();
    let second = consolidate(&round);
    let state = |file: &str| second.ledger.submissions.iter().find(|s| s.file == file).map(|s| s.state);
    assert_eq!(state(&place.file), Some(State::Superseded));
    assert_eq!(state(&format!("提出/{name}")), Some(State::Accepted));
    let still = second
        .ledger
        .findings
        .iter()
        .any(|f| f.code == wrong.code && f.item == wrong.item && f.division == wrong.division);
    assert!(!still, "it was mended");
}

/// Promise P7: with the parent's answers written into the marked copy and handed in, nothing of severity E is left.
#[test]
fn remedies_in_the_marked_copies_leave_no_error() {
    let all: Vec<PathBuf> = fs::read_dir(root().join("samples/broken")).unwrap().map(|e| e.unwrap().path()).collect();
    let name = |p: &Path| p.file_name().unwrap().to_string_lossy().into_owned();
    // Errors of a survey go back to nobody.
    let errors = all.iter().map(|p| name(p)).filter(|n| n.get(4..5) == Some("E") && !n.starts_with(['S', 'Q']));
    let errors: Vec<String> = errors.collect();
    let tried: Vec<Option<String>> = errors.into_par_iter().map(|sample| mended(&sample)).collect();
    let done: Vec<String> = tried.into_iter().flatten().collect();
    assert!(done.len() >= 25, "only {} could be tried: {done:?}", done.len());
}

/// The sample, when it could be mended in its copy.
fn mended(sample: &str) -> Option<String> {
    let (_temp, round) = copied(&format!("broken/{sample}"));
    let options = Options { today: "2022-11-14".parse().unwrap(), templates: None, quiet: true, settings: None };
    // Errors of the settings go back to nobody.
    run::round(&round, templates(), &options).ok()?;
    let first = consolidate(&round);
    let parent = fs::read_to_string(round.join("mutation.txt")).unwrap();
    let parent = root().join("samples/broken").join(parent.split(" | ").next().unwrap());
    let mut tried = false;
    for (name, bytes) in sent_back(&first).into_iter().filter(|(n, _)| n.contains("_朱書き.")) {
        let ours = open(bytes);
        // The parent's file of the same sheets that is nearest.
        let files = fs::read_dir(parent.join("提出")).unwrap().map(|e| fs::read(e.unwrap().path()).unwrap());
        let there: BTreeSet<_> = answers(&ours).into_iter().collect();
        let near = files.map(|b| open(&b)).min_by_key(|b| {
            let theirs: BTreeSet<_> = answers(b).into_iter().collect();
            theirs.symmetric_difference(&there).count()
        })?;
        let theirs: BTreeSet<_> = answers(&near).into_iter().collect();
        let differ: BTreeSet<(String, CellRef)> =
            theirs.symmetric_difference(&there).map(|(s, at, _)| (s.clone(), *at)).collect();
        if differ.is_empty() || differ.len() > 12 {
            return None;
        }
        // A blank takes no answer back (S028W asks about it): such a sample is not mended by what its parent leaves blank.
        let blank = |all: &BTreeSet<(String, CellRef, String)>, at: &(String, CellRef)| {
            !all.iter().any(|(s, c, _)| (s, c) == (&at.0, &at.1))
        };
        if differ.iter().any(|at| blank(&theirs, at)) {
            return None;
        }
        let value = |sheet: &str, at: CellRef| {
            let sheet = near.sheets.iter().find(|s| s.name == sheet)?;
            Some(match sheet.get(at).map(|c| c.content.clone()).unwrap_or_default() {
                Content::Number(n) => FillValue::Number(n),
                Content::Text(t) => FillValue::Text(t),
                _ => FillValue::Blank,
            })
        };
        let writes: Option<Vec<CellWrite>> = differ
            .iter()
            .map(|(s, at)| Some(CellWrite { replace_formula: true, ..CellWrite::new(s.clone(), *at, value(s, *at)?) }))
            .collect();
        let filled = fill(bytes, &writes?).ok()?;
        fs::write(round.join("提出").join(name), saved_later(&filled.bytes)).unwrap();
        tried = true;
    }
    if !tried {
        return None;
    }
    let second = consolidate(&round);
    let left = codes(second.ledger.findings.iter().filter(|f| f.severity() == Severity::E));
    assert_eq!(left, Vec::<String>::new(), "{sample}");
    Some(sample.to_string())
}

/// A text that is seeded in the answers of one division stands in the files for no other.
#[test]
fn no_return_holds_the_answers_of_another_division() {
    let (_temp, round) = copied("ishinomaki-r4-10");
    let before = consolidate(&round);
    // In every text answer of every accepted file.
    let mut seeded = BTreeSet::new();
    for s in before.ledger.submissions.iter().filter(|s| s.state == State::Accepted) {
        let path = round.join(&s.file);
        let Ok(bytes) = fs::read(&path) else { continue };
        let code = s.division.clone().unwrap();
        let mut writes = Vec::new();
        for answer in s.records.iter().flat_map(|r| r.fields.values()) {
            let (Some(area), true) = (answer.place.area, matches!(answer.value, torimatome::model::Value::Text(_)))
            else {
                continue;
            };
            let text = format!("{}カナリア{code}号", answer.raw);
            writes.push(CellWrite::new(&*answer.place.sheet, area.first, FillValue::Text(text)));
        }
        if let Ok(filled) = fill(&bytes, &writes) {
            fs::write(&path, filled.bytes).unwrap();
            seeded.insert(code);
        }
    }
    assert!(seeded.len() >= 10, "{seeded:?}");
    let after = consolidate(&round);
    let mut seen = 0;
    for (name, bytes) in sent_back(&after) {
        let text = everything(bytes);
        let own = name.split(['_', '.']).next().unwrap();
        for division in &after.ledger.round.divisions {
            let canary = format!("カナリア{}号", division.code);
            if text.contains(&canary) {
                assert_eq!(division.name, own, "{name} holds {canary}");
                seen += 1;
            }
        }
    }
    assert!(seen >= 10, "the canaries are there to be found: {seen}");
}

/// The reply of one division with one wrong answer, in the place of that of samples/broken/R006E.
fn handed_in(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let (temp, round) = copied("broken/R006E-part-above-whole");
    fs::remove_file(round.join("提出/甲課.xlsx")).unwrap();
    let to = round.join("提出").join(name);
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::write(to, bytes).unwrap();
    (temp, round)
}

fn reply() -> Vec<u8> {
    fs::read(root().join("samples/broken/R006E-part-above-whole/提出/甲課.xlsx")).unwrap()
}

fn fixture(name: &str) -> Vec<u8> {
    fs::read(root().join("tests/fixtures/returns").join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// The text of a sheet of a return.
fn text_of(book: &Workbook, sheet: &str) -> String {
    let sheet = book.sheets.iter().find(|s| s.name == sheet).unwrap_or_else(|| panic!("no {sheet}"));
    sheet.cells.values().map(|c| c.raw() + "\n").collect()
}

const COPY: &str = "甲課_行政手続オンライン化 進捗調査票_朱書き.xlsx";

/// Changes a part of a package.
fn with_part(book: &[u8], part: &str, change: impl Fn(String) -> String) -> Vec<u8> {
    let mut zip = zip::ZipArchive::new(Cursor::new(book)).expect("a zip");
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let mut met = false;
    for i in 0..zip.len() {
        let mut file = zip.by_index(i).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        if name == part {
            bytes = change(String::from_utf8(bytes).unwrap()).into_bytes();
            met = true;
        }
        out.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        out.write_all(&bytes).unwrap();
    }
    assert!(met, "{part}");
    out.finish().unwrap().into_inner()
}

/// The marked copy holds the wrong answer, tinted and with a note, and handed in mended it takes the place of the file.
fn marked_and_mended(round: &Path, file: &str) {
    let first = consolidate(round);
    let back = sent_back(&first);
    let bytes = back.get(COPY).unwrap_or_else(|| panic!("{file}: {:?}", back.keys()));
    let book = open(bytes);
    let sheet = book.sheets.iter().find(|s| s.name == "進捗調査票").expect("the sheet");
    let found = first.ledger.findings.iter().find(|f| f.code == "R006E").expect("the finding");
    let wrong = found.place.as_ref().and_then(|p| p.area).expect("its cell").first;
    assert_eq!(sheet.text(wrong), "350", "{file}");
    let findings = codes(&first.ledger.findings);
    assert!(findings.contains(&"R006E".to_string()), "{file}: {findings:?}");
    let mended = fill(bytes, &[CellWrite::new("進捗調査票", wrong, FillValue::Number(98.0))]).expect("filled").bytes;
    fs::write(round.join("提出").join(COPY), saved_later(&mended)).unwrap();
    let second = consolidate(round);
    let state = |name: &str| second.ledger.submissions.iter().find(|s| s.file == name).map(|s| s.state);
    assert_eq!(state(&format!("提出/{COPY}")), Some(State::Accepted), "{file}");
    assert_eq!(state(file), Some(State::Superseded), "{file}");
    let left: Vec<&Finding> = second.ledger.findings.iter().filter(|f| f.severity() == Severity::E).collect();
    assert!(left.is_empty(), "{file}: {left:?}");
}

#[test]
fn what_cannot_be_marked_gets_the_findings_and_the_letter_says_why() {
    for (name, bytes, why) in [
        ("甲課.xls", fixture("old.xls"), "Excel 97-2003形式（.xls）のため、朱書きのファイルを付けていません"),
        ("甲課.ods", fixture("open.ods"), "ODSまたはXLSB形式のブックのため、朱書きのファイルを付けていません"),
        ("甲課.xlsx", fixture("password.xlsx"), "パスワードが掛かっているため、朱書きのファイルを付けていません"),
    ] {
        let (_temp, round) = handed_in(name, &bytes);
        // This round knows the password.
        fs::copy(root().join("samples/broken/S040I-opened-with-password/調査設定.xlsx"), round.join("調査設定.xlsx"))
            .unwrap();
        let outcome = consolidate(&round);
        let back = sent_back(&outcome);
        assert_eq!(back.keys().copied().collect::<Vec<_>>(), ["甲課.xlsx"], "{name}");
        let book = open(back["甲課.xlsx"]);
        let letter = text_of(&book, "送付文");
        assert!(letter.contains(why) && letter.contains("お手元のファイルを直してください"), "{name}: {letter}");
        let table = text_of(&book, "指摘");
        assert!(table.contains("350") && table.contains("F19"), "{name}: {table}");
        assert!(!table.contains("朱書きのファイルのその欄"), "{name}: no link leads to a copy that is not there");
    }
}

#[test]
fn a_reply_out_of_an_archive_is_marked_under_its_own_name() {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("回答/甲課.xlsx", zip::write::SimpleFileOptions::default()).unwrap();
    archive.write_all(&reply()).unwrap();
    let (_temp, round) = handed_in("回答.zip", &archive.finish().unwrap().into_inner());
    marked_and_mended(&round, "提出/回答.zip/回答/甲課.xlsx");
}

#[test]
fn threads_and_notes_of_the_division_stay_as_they_are() {
    let (_temp, round) = handed_in("甲課.xlsx", &fixture("threads.xlsx"));
    let first = consolidate(&round);
    let bytes = sent_back(&first)[COPY];
    let (before, after) = (everything(&fixture("threads.xlsx")), everything(bytes));
    let part = |text: &str, name: &str| -> String {
        let from = text.find(&format!("<{name}")).unwrap_or_else(|| panic!("{name}"));
        text[from..from + text[from..].find(&format!("</{name}>")).unwrap()].to_string()
    };
    for name in ["ThreadedComments", "personList"] {
        assert_eq!(part(&before, name), part(&after, name));
    }
    // Both notes of the division are there, and none of ours at the thread: Excel shows one of the two only.
    let notes = part(&after, "commentList");
    for own in part(&before, "commentList").split("<comment ").skip(1) {
        assert!(notes.contains(own), "{notes}");
    }
    assert_eq!(notes.matches("ref=\"F19\"").count(), 1, "{notes}");
    marked_and_mended(&round, "提出/甲課.xlsx");
}

#[test]
fn a_workbook_with_an_empty_list_of_fills_is_marked() {
    let bare = with_part(&reply(), "xl/styles.xml", |text| {
        let (head, rest) = text.split_once("<fills").expect("fills");
        let (_, tail) = rest.split_once("</fills>").expect("their end");
        format!("{head}<fills count=\"0\"/>{tail}")
    });
    let (_temp, round) = handed_in("甲課.xlsx", &bare);
    let outcome = consolidate(&round);
    let text = everything(sent_back(&outcome)[COPY]);
    let fills = &text[text.find("<fills").unwrap()..text.find("</fills>").unwrap()];
    // The first two are Excel's own, so that the styles which name the first do not turn red.
    assert!(
        fills.starts_with("<fills count=\"3\">") && fills.contains("\"none\"") && fills.contains("gray125"),
        "{fills}"
    );
    marked_and_mended(&round, "提出/甲課.xlsx");
}

#[test]
fn workbooks_of_one_name_get_copies_of_their_own() {
    let (_temp, round) = handed_in("甲/回答.xlsx", &reply());
    // The other division's reply under the same name, with the same mistake.
    let other = fs::read(round.join("提出/乙課.xlsx")).unwrap();
    fs::remove_file(round.join("提出/乙課.xlsx")).unwrap();
    let book = open(&other);
    let sheet = book.sheets.iter().find(|s| s.name == "進捗調査票").expect("the sheet");
    let counts = |row: u32, col: u32| sheet.get(CellRef::new(row, col)).map(|c| c.content.clone());
    let (total, online) = (CellRef::parse("E19").unwrap().col, CellRef::parse("F19").unwrap().col);
    let row = (0..60)
        .find(|r| matches!((counts(*r, total), counts(*r, online)), (Some(Content::Number(t)), Some(Content::Number(o))) if t >= o))
        .expect("a row with both counts");
    let write = CellWrite::new("進捗調査票", CellRef::new(row, online), FillValue::Number(987_654.0));
    fs::create_dir_all(round.join("提出/乙")).unwrap();
    fs::write(round.join("提出/乙/回答.xlsx"), fill(&other, &[write]).expect("filled").bytes).unwrap();
    let outcome = consolidate(&round);
    let back = sent_back(&outcome);
    let copies: Vec<&str> = back.keys().copied().filter(|n| n.contains("朱書き")).collect();
    assert_eq!(copies.len(), 2, "{:?}", back.keys());
    for (name, bytes) in &back {
        let text = text_of_all(bytes).replace(',', "");
        assert_eq!(name.starts_with("乙課"), text.contains("987654"), "{name}");
        assert_eq!(name.starts_with("甲課"), text.contains("350"), "{name}");
    }
}

fn text_of_all(bytes: &[u8]) -> String {
    answers(&open(bytes)).into_iter().map(|(_, _, raw)| raw + "\n").collect()
}

/// What the sheet of findings says, row by row, by the heads of its columns.
fn told(bytes: &[u8]) -> Vec<BTreeMap<String, String>> {
    let book = open(bytes);
    let sheet = book.sheets.iter().find(|s| s.name == "指摘").expect("findings");
    let head = sheet.cells.iter().find(|(_, c)| c.raw() == "重要度").map(|(at, _)| at.row).expect("a header");
    let last = sheet.cells.keys().map(|at| at.row).max().unwrap_or(head);
    let row = |row: u32| -> BTreeMap<String, String> {
        (0..11).map(|col| (sheet.text(CellRef::new(head, col)), sheet.text(CellRef::new(row, col)))).collect()
    };
    (head + 1..=last).map(row).filter(|r| !r["重要度"].is_empty()).collect()
}

#[test]
fn a_row_left_blank_goes_back_to_its_division() {
    let (_temp, round) = copied("broken/X004W-row-unanswered");
    let outcome = consolidate(&round);
    let blank = outcome.ledger.findings.iter().find(|f| f.code == "X004W").expect("the row");
    let area = blank.place.as_ref().and_then(|p| p.area).expect("its cells");
    assert!(area.first.row == area.last.row && area.last.col > area.first.col + 10, "the row: {area}");
    let back = sent_back(&outcome);
    let lines = told(back["甲課.xlsx"]);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!((&*lines[0]["重要度"], &*lines[0]["期待値"]), ("要修正", ""));
    assert!(lines[0]["場所"].ends_with(&format!("!{area}")), "{lines:?}");
    assert!(lines[0]["直し方"].starts_with("回答を記入してください。"), "{lines:?}");
    let letter = text_of(&open(back["甲課.xlsx"]), "送付文");
    assert!(letter.contains("要修正 1件"), "{letter}");
}

/// Takes answers out of the file of 甲課, in both of its rows.
fn blanked(labels: &[&str]) -> (tempfile::TempDir, PathBuf) {
    let (temp, round) = copied("broken/_valid-procedures");
    let path = round.join("提出/甲課.xlsx");
    let bytes = fs::read(&path).unwrap();
    let book = open(&bytes);
    let sheet = book.sheets.iter().find(|s| s.name == "進捗調査票").unwrap();
    let at = |label: &str| sheet.cells.iter().find(|(_, c)| c.raw() == label).map(|(at, _)| *at).expect("a label");
    let first = at("うちオンライン件数").row + 1;
    let cells = labels.iter().flat_map(|l| (first..first + 2).map(|row| CellRef::new(row, at(l).col)));
    let writes: Vec<CellWrite> = cells.map(|c| CellWrite::new("進捗調査票", c, FillValue::Blank)).collect();
    fs::write(path, fill(&bytes, &writes).unwrap().bytes).unwrap();
    (temp, round)
}

#[test]
fn blanks_of_a_table_are_one_line_with_their_range() {
    let (_temp, round) = blanked(&["総件数", "うちオンライン件数", "オンライン化状況"]);
    let outcome = consolidate(&round);
    let missing = outcome.ledger.findings.iter().filter(|f| f.code == "R001E").count();
    assert_eq!(missing, 6, "each cell is a finding of the round");
    let back = sent_back(&outcome);
    let lines = told(back["甲課.xlsx"]);
    let blank: Vec<_> = lines.iter().filter(|l| l["内容"].contains("空欄です")).collect();
    assert_eq!(blank.len(), 1, "{lines:?}");
    assert!(blank[0]["項目"].contains("総件数") && blank[0]["項目"].contains("オンライン化状況"), "{blank:?}");
    let (range, rows) =
        (blank[0]["場所"].rsplit('!').next().unwrap_or_default(), blank[0]["対象"].ends_with("ほか1件"));
    assert!(range.contains(':') && !range.contains('、') && rows, "{blank:?}");
    // Every cell of it is marked, and told apart where a conditional format lies over the fill.
    let copy = back.iter().find(|(n, _)| n.contains("朱書き")).map(|(_, b)| everything(b)).expect("a marked copy");
    assert!(copy.contains(r#"<left style="medium"><color rgb="FFC00000"/></left>"#));
    assert_eq!(copy.matches("<comment ").count(), 1);
}

#[test]
fn beside_a_way_for_all_a_blank_is_no_way() {
    let (_temp, round) = blanked(&["汎用電子申請", "その他"]);
    let outcome = consolidate(&round);
    let record = |item: &str| outcome.ledger.items.iter().find(|i| i.item.key == item).and_then(|i| i.record.as_ref());
    let choice = |item: &str, key: &str| {
        record(item).and_then(|r| r.value(key)).and_then(|v| v.choice()).map(ToString::to_string)
    };
    // 27 says 「全部」 by the portal; 15 says 「なし」, so that its blanks are still asked for.
    assert_eq!(choice("27", "channel_generic").as_deref(), Some("none"));
    assert_eq!(choice("15", "channel_generic"), None);
    let asked: BTreeSet<_> =
        outcome.ledger.findings.iter().filter(|f| f.code == "R001E").map(|f| f.item.clone().unwrap()).collect();
    assert_eq!(asked, BTreeSet::from(["15".to_string()]));
}

#[test]
fn what_is_expected_can_be_written_or_is_left_out() {
    for (sample, shown) in [
        ("R005E-sum", "10,000千円"),
        ("F019E-out-of-range", ""),
        ("R017W-signature-without-card", ""),
        ("R014E-done-without-channel", ""),
        ("D003E-late-without-reason", ""),
    ] {
        let (_temp, round) = copied(&format!("broken/{sample}"));
        let outcome = consolidate(&round);
        let back = sent_back(&outcome);
        let lines: Vec<_> = back.iter().filter(|(n, _)| !n.contains("朱書き")).flat_map(|(_, b)| told(b)).collect();
        assert!(lines.iter().any(|l| l["期待値"] == shown), "{sample}: {lines:?}");
        assert!(shown.is_empty() == lines.iter().all(|l| l["期待値"].is_empty()), "{sample}: {lines:?}");
    }
}

/// The covering page of a division's return, with the settings changed.
fn covering(sample: &str, today: &str, division: &str, change: impl Fn(&mut Ledger)) -> String {
    let (_temp, round) = copied(sample);
    let options = Options { today: today.parse().unwrap(), templates: None, quiet: true, settings: None };
    let mut ledger = run::bring_together(&round, templates(), &options).unwrap_or_else(|e| panic!("{e:?}"));
    change(&mut ledger);
    let outputs = send_back::outputs(&round, &ledger, templates()).unwrap();
    let outcome = Outcome { ledger, outputs };
    text_of(&open(sent_back(&outcome)[format!("{division}.xlsx").as_str()]), "送付文")
}

#[test]
fn returns_and_reminders_have_numbers_of_their_own() {
    let numbered = |ledger: &mut Ledger| {
        ledger.round.letters.return_number = "DX第15号".into();
        ledger.round.letters.reminder_number = "DX第16号".into();
    };
    for (sample, own, other) in
        [("broken/F001E-required-blank", "DX第15号", "DX第16号"), ("broken/D001W-missing", "DX第16号", "DX第15号")]
    {
        let outcome = consolidate(&root().join("samples").join(sample));
        let division = sent_back(&outcome).keys().next().unwrap().trim_end_matches(".xlsx").to_string();
        let letter = covering(sample, "2022-11-14", &division, numbered);
        assert!(letter.contains(own) && !letter.contains(other), "{letter}");
        assert!(!letter.contains("DX第1号"), "the letter's own number: {letter}");
        let without = covering(sample, "2022-11-14", &division, |_| ());
        assert!(!without.contains("DX第"), "{without}");
    }
}

#[test]
fn a_reminder_names_the_deadline_that_counts_and_no_other_day() {
    let outcome = consolidate(&root().join("samples/broken/D001W-missing"));
    let division = sent_back(&outcome).keys().next().unwrap().trim_end_matches(".xlsx").to_string();
    let days = |letter: &str| -> Vec<String> {
        letter
            .match_indices("令和4年11月")
            .filter_map(|(at, _)| Some(letter[at..].split_once('日')?.0.to_string() + "日"))
            .collect()
    };
    for (today, until, named) in [
        ("2022-11-09", None, "令和4年11月11日"),
        ("2022-11-14", None, "令和4年11月11日"),
        ("2022-11-14", Some("2022-11-18"), "令和4年11月18日"),
        ("2022-11-21", Some("2022-11-18"), "令和4年11月18日"),
    ] {
        let letter = covering("broken/D001W-missing", today, &division, |ledger| {
            let code = ledger.round.divisions.iter().find(|d| d.name == division).unwrap().code.clone();
            let form = ledger.round.forms.keys().next().unwrap().clone();
            ledger.round.extensions.extend(until.map(|day| Extension {
                division: code,
                form,
                until: day.parse().unwrap(),
                approved_on: "2022-11-10".parse().ok(),
                reason: String::new(),
                place: None,
            }));
        });
        let written = format!("令和4年11月{}日", today[8..].trim_start_matches('0'));
        let mut other = days(&letter);
        other.retain(|d| *d != written);
        assert_eq!(other, [named], "{today}: {letter}");
        assert_eq!(letter.contains("至急"), until.unwrap_or("2022-11-11") < today, "{letter}");
    }
}
