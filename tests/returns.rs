//! What goes back to the divisions: each gets its own and nothing of others, the marked copies hold the same answers, and a
//! corrected copy that is handed in takes the place of the file it came from.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rayon::prelude::*;
use torimatome::fill::{CellWrite, FillValue, fill};
use torimatome::forms::Templates;
use torimatome::model::grid::{Content, Workbook};
use torimatome::model::ledger::Ledger;
use torimatome::model::{CellRef, Finding, Severity, State};
use torimatome::read::{self, Limits};
use torimatome::run::{self, Options};
use torimatome::send_back;
use torimatome::write::Output;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn templates() -> &'static Templates {
    static TEMPLATES: OnceLock<Templates> = OnceLock::new();
    TEMPLATES.get_or_init(|| Templates::embedded().expect("the shipped definitions load"))
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() {
            copy(&path, &to.join(name));
        } else {
            fs::copy(&path, to.join(name)).unwrap();
        }
    }
}

/// A copy of a folder of samples.
fn copied(sample: &str) -> (tempfile::TempDir, PathBuf) {
    let temp = tempfile::tempdir().unwrap();
    let round = temp.path().join("round");
    copy(&root().join("samples").join(sample), &round);
    (temp, round)
}

/// What was brought together and what goes back; the master itself is not drawn.
struct Outcome {
    ledger: Ledger,
    outputs: Vec<Output>,
}

fn consolidate(round: &Path) -> Outcome {
    let options = Options { today: "2022-11-14".parse().unwrap(), templates: None, quiet: true };
    let ledger = run::bring_together(round, templates(), &options).unwrap_or_else(|e| panic!("{e:?}"));
    let outputs = send_back::outputs(round, &ledger, templates()).unwrap();
    Outcome { ledger, outputs }
}

/// Everything in 差戻し, by file name.
fn sent_back(outcome: &Outcome) -> BTreeMap<&str, &[u8]> {
    let all = outcome.outputs.iter().filter_map(|o| Some((o.path.strip_prefix("差戻し/")?, o.bytes.as_slice())));
    all.collect()
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
    let errors = all.iter().map(|p| name(p)).filter(|n| n.get(4..5) == Some("E") && !n.starts_with('S'));
    let errors: Vec<String> = errors.collect();
    let tried: Vec<Option<String>> = errors.into_par_iter().map(|sample| mended(&sample)).collect();
    let done: Vec<String> = tried.into_iter().flatten().collect();
    assert!(done.len() >= 25, "only {} could be tried: {done:?}", done.len());
}

/// The sample, when it could be mended in its copy.
fn mended(sample: &str) -> Option<String> {
    let (_temp, round) = copied(&format!("broken/{sample}"));
    let options = Options { today: "2022-11-14".parse().unwrap(), templates: None, quiet: true };
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
