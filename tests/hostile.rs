//! The built program over the sample round with more than eighty hostile or foreign files beside the good ones: it ends as it
//! should, within its memory and time, the figures are those of the round without them, and of each such file it is said what it is.

#[path = "fixtures/full_ods.rs"]
mod full_ods;

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use torimatome::read::Limits;

/// Bytes of memory the program itself may hold at its peak.
const MEMORY_KIB: u64 = 256 << 10;
/// For the whole round with all of them: builds without optimisation, on machines that do other things too.
const TIME: Duration = Duration::from_mins(2);

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() && name != "expected" && name != "結果" {
            copy(&path, &to.join(name));
        } else if path.is_file() {
            fs::copy(&path, to.join(name)).unwrap();
        }
    }
}

fn packed(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Files that are made here, each with a word that must stand in what is said of it.
fn made(good: &[u8]) -> Vec<(String, Vec<u8>, &'static str)> {
    let head = |signature: &[u8]| [signature, &[0; 200]].concat();
    let utf16 =
        |text: &str| [&[0xff, 0xfe][..], &text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()].concat();
    let mut locked = packed(&[("回答.xlsx", good)]);
    // The flag "encrypted" in the local header and in the list.
    locked[6] |= 1;
    let list = locked.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    locked[list + 8] |= 1;
    let nested = packed(&[("中.zip", &packed(&[("一覧.csv", "品名,数\n".as_bytes())]))]);
    let tables = ["回答.rar", "回答.7z", "回答.lzh", "回答.cab", "写真.png", "写真.jpg", "写真.heic", "回答.mdb"];
    let signatures: [&[u8]; 8] = [
        b"Rar!\x1a\x07\0",
        b"7z\xbc\xaf\x27\x1c",
        b"\x22\0-lh5-",
        b"MSCF",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0",
        b"\0\0\0\x18ftypheic",
        b"\0\x01\0\0Standard Jet DB",
    ];
    let words = ["RAR", "7z", "LZH", "CAB", "画像", "画像", "画像", "Access"];
    let mut files: Vec<(String, Vec<u8>, &'static str)> =
        tables.iter().zip(signatures).zip(words).map(|((n, s), w)| ((*n).to_string(), head(s), w)).collect();
    let mut add = |name: &str, bytes: &[u8], word| files.push((name.to_string(), bytes.to_vec(), word));
    add("空.xlsx", b"", "大きさが0");
    add("印刷.xlsx", b"%PDF-1.7\n", "PDF");
    add("文書.xlsx", b"{\\rtf1 x}", "リッチテキスト");
    add("winmail.dat", &head(b"\x78\x9f\x3e\x22"), "winmail.dat");
    add("保存.mht", b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n", "MHTML");
    add("画面.xls", b"<html><body><table><tr><td>1</td></tr></table></body></html>", "HTML");
    add(
        "回答.xml",
        b"<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\"/>",
        "2003",
    );
    add("古い.xls", &head(&[0x09, 0x04, 0x06, 0x00, 0x07, 0x00]), "5.0");
    add("回答.numbers", &packed(&[("Index/Document.iwa", b"x"), ("Metadata/Properties.plist", b"x")]), "Numbers");
    add("説明.docx", &packed(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w/>")]), "Word");
    add("説明.pptx", &packed(&[("[Content_Types].xml", b"<Types/>"), ("ppt/presentation.xml", b"<p/>")]), "PowerPoint");
    add("Thumbs.db", &[0; 16], "パソコンが");
    add("._回答.xlsx", b"\0\x05\x16\x07", "パソコンが");
    add("desktop.ini", b"[.ShellClassInfo]", "パソコンが");
    add("一覧.csv", &utf16("品名\t数\n書庫\t1\n"), "様式と一致しません");
    add("入れ子.zip", &nested, "圧縮");
    add("鍵付き.zip", &locked, "圧縮");
    for (n, tenths) in (0..).zip([1, 3, 5, 7, 9]) {
        add(&format!("途中{n}.xlsx"), &good[..good.len() * tenths / 10], "壊れて");
    }
    files
}

struct Run {
    told: Value,
    code: Option<i32>,
    peak_kib: u64,
    took: Duration,
}

/// The program over a round; `bounds` lowers what the process of a file may take.
fn run(round: &Path, bounds: Option<&str>) -> Run {
    let out = round.join("out.json");
    let begun = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_torimatome"))
        .arg("consolidate")
        .arg(round)
        .args(["--today", "2022-11-14", "--format", "json", "--quiet"])
        .envs(bounds.map(|b| (torimatome::isolate::BOUNDS, b)))
        .stdout(fs::File::create(&out).unwrap())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut peak_kib = 0;
    let status = loop {
        // Where the system tells; the kernel itself keeps the peak.
        if let Ok(text) = fs::read_to_string(format!("/proc/{}/status", child.id())) {
            let line = text.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap_or_default();
            let digits: String = line.chars().filter(char::is_ascii_digit).collect();
            peak_kib = digits.parse().unwrap_or(0).max(peak_kib);
        }
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        assert!(begun.elapsed() < TIME, "does not end");
        std::thread::sleep(Duration::from_millis(10));
    };
    let told = serde_json::from_slice(&fs::read(&out).unwrap()).expect("JSON");
    fs::remove_file(out).unwrap();
    Run { told, code: status.code(), peak_kib, took: begun.elapsed() }
}

/// Findings and states of all other files are the same.
fn same_but_for_the_foreign(alone: &Value, together: &Value) {
    let foreign = |v: &Value| v["file"].as_str().is_some_and(|f| f.starts_with("提出/不審/"));
    for key in ["findings", "submissions"] {
        let others: Vec<&Value> = together[key].as_array().unwrap().iter().filter(|v| !foreign(v)).collect();
        assert_eq!(others, alone[key].as_array().unwrap().iter().collect::<Vec<_>>(), "{key}");
    }
}

/// Everything that was written for the round is the same in both folders, cell by cell and line by line, besides the rows
/// that name a foreign file and the sentences that count files and findings; gives how much was compared.
fn same_results(alone: &Path, together: &Path, foreign: &[&str]) -> usize {
    let mut compared = 0;
    let mut names: Vec<PathBuf> = walkdir::WalkDir::new(alone)
        .into_iter()
        .map(Result::unwrap)
        .filter(|e| e.file_type().is_file())
        .map(|e| e.path().strip_prefix(alone).unwrap().to_path_buf())
        .collect();
    names.sort();
    for name in names {
        let (a, b) = (fs::read(alone.join(&name)).unwrap(), fs::read(together.join(&name)).unwrap());
        if name.extension().is_some_and(|e| e == "xlsx") {
            let (a, b) = (sheets(&a, foreign), sheets(&b, foreign));
            assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>(), "{}", name.display());
            for (sheet, rows) in &a {
                let (mut left, mut right) = (rows.clone(), b[sheet].clone());
                left.retain(|row| !right.contains(row));
                right.retain(|row| !rows.contains(row));
                let counts = |row: &Vec<(u32, String)>| {
                    row.iter().all(|(_, text)| text.contains("要修正 ") || text.contains(" ファイル、"))
                };
                assert!(left.iter().chain(&right).all(counts), "{} {sheet}: {left:?} {right:?}", name.display());
                assert_eq!(left.len(), right.len(), "{} {sheet}", name.display());
                compared += rows.iter().map(Vec::len).sum::<usize>();
            }
        } else {
            let text = [String::from_utf8_lossy(&a), String::from_utf8_lossy(&b)];
            // The list of what was written has hashes, of the inputs too; which files there are is the same.
            let list = name.to_string_lossy() == ".出力一覧.txt";
            let own = |line: &'_ &str| !(line.contains("不審") || list && line.starts_with("入力 "));
            let named =
                |line: &'_ str| line.split_once(" - ").filter(|_| list).map_or(line, |(_, name)| name).to_string();
            let lines = text.each_ref().map(|t| t.lines().filter(own).map(named).collect::<Vec<_>>());
            assert_eq!(lines[0], lines[1], "{}", name.display());
            compared += lines[0].len();
        }
    }
    compared
}

/// The rows of each sheet as text, numbers of rows left out; rows that name a foreign file left out too.
fn sheets(bytes: &[u8], foreign: &[&str]) -> BTreeMap<String, Vec<Vec<(u32, String)>>> {
    let book = torimatome::read::open(bytes, "x.xlsx", &Limits::default()).expect("a workbook of ours").workbook;
    let rows = |sheet: &torimatome::model::grid::Grid| {
        let mut rows: BTreeMap<u32, Vec<(u32, String)>> = BTreeMap::new();
        for (at, cell) in sheet.cells.iter().filter(|(_, c)| !c.is_blank()) {
            rows.entry(at.row).or_default().push((at.col, cell.raw()));
        }
        let is_foreign = |(_, text): &(u32, String)| {
            text.contains("不審") || foreign.iter().any(|f| text == f || text.starts_with(&format!("{f}/")))
        };
        rows.into_values().filter(|row| !row.iter().any(is_foreign)).collect()
    };
    book.sheets.iter().map(|s| (s.name.clone(), rows(s))).collect()
}

#[test]
fn hostile_files_change_nothing_and_each_is_told() {
    let temp = tempfile::tempdir().unwrap();
    let (plain, mixed) = (temp.path().join("一"), temp.path().join("二"));
    let sample = root().join("samples/ishinomaki-r4-10");
    copy(&sample, &plain);
    copy(&sample, &mixed);
    let target = mixed.join("提出/不審");
    fs::create_dir_all(&target).unwrap();
    let mut names: Vec<(String, &str)> = Vec::new();
    let mut fixtures: Vec<PathBuf> =
        fs::read_dir(root().join("tests/fixtures/read")).unwrap().map(|e| e.unwrap().path()).collect();
    fixtures.sort();
    for path in fixtures {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        fs::copy(&path, target.join(&name)).unwrap();
        names.push((name, ""));
    }
    let good = fs::read(sample.join("提出/移行計画書_保険年金課.xlsx")).unwrap();
    let holders = root().join("tests/fixtures/containers");
    for path in fs::read_dir(holders).unwrap().map(|e| e.unwrap().path()) {
        let name = format!("入れ物_{}", path.file_name().unwrap().to_string_lossy());
        fs::copy(&path, target.join(&name)).unwrap();
        names.push((name, ""));
    }
    for (name, bytes, word) in made(&good) {
        fs::write(target.join(&name), bytes).unwrap();
        names.push((name, word));
    }
    assert!(names.len() >= 110, "{}", names.len());

    let (alone, together) = (run(&plain, None), run(&mixed, None));
    println!(
        "{} files: {:?} and {} MiB; without them {:?} and {} MiB",
        names.len(),
        together.took,
        together.peak_kib >> 10,
        alone.took,
        alone.peak_kib >> 10
    );
    assert_eq!((alone.code, together.code), (Some(1), Some(1)));
    assert!(together.peak_kib < MEMORY_KIB, "{} KiB", together.peak_kib);
    for key in ["round", "records", "totals"] {
        assert_eq!(alone.told[key], together.told[key], "{key}");
    }
    same_but_for_the_foreign(&alone.told, &together.told);
    // Those inside an archive too; the list of findings gives their last part.
    let files = together.told["submissions"].as_array().unwrap().iter().filter_map(|s| s["file"].as_str());
    let foreign = files.filter(|f| f.starts_with("提出/不審/")).filter_map(|f| f.rsplit('/').next());
    let foreign: Vec<&str> = foreign.collect();
    let compared = same_results(&plain.join("結果"), &mixed.join("結果"), &foreign);
    println!("{compared} cells and lines of the results are the same");
    assert!(compared > 100_000, "{compared}");
    let findings = together.told["findings"].as_array().unwrap();
    for (name, word) in names {
        let file = format!("提出/不審/{name}");
        let inside = format!("{file}/");
        let of_file = |v: &&Value| v["file"].as_str().is_some_and(|f| f == file || f.starts_with(&inside));
        let own: Vec<&Value> = together.told["submissions"].as_array().unwrap().iter().filter(of_file).collect();
        assert!(!own.is_empty(), "{name} has no state");
        for s in own {
            assert!(["unreadable", "not-ours"].contains(&s["state"].as_str().unwrap()), "{s}");
            assert_ne!(s["reason"].as_str().unwrap_or_default(), "", "{s}");
        }
        let said: Vec<&Value> = findings.iter().filter(of_file).collect();
        assert!(!said.is_empty(), "{name}: no finding");
        assert!(said.iter().all(|f| f["remedy"].as_str().is_some_and(|r| !r.is_empty())), "{name}: no remedy");
        let words: String = said.iter().filter_map(|f| f["message"].as_str()).collect();
        assert!(words.contains(word), "{name}: {words}");
    }
}

/// Lower bounds than a workbook at the limits needs: its process is ended, its finding says by what, and everything else is
/// as it is without it.
#[test]
#[cfg(target_os = "linux")]
fn a_process_that_is_ended_by_its_limit_changes_nothing_else() {
    let bounds = [
        ("67108864,10000", "メモリの不足などのために止まりました"),
        ("1073741824,60", "決められた時間のうちに読み終わりません"),
    ];
    let sample = root().join("samples/broken/F002E-not-a-date");
    let temp = tempfile::tempdir().unwrap();
    let plain = temp.path().join("一");
    copy(&sample, &plain);
    // One that is not ours, so that the list of such files has its heading in both.
    fs::write(plain.join("提出/説明.pdf"), b"%PDF-1.7\n").unwrap();
    let alone = run(&plain, None);
    for (n, (bounds, words)) in bounds.iter().enumerate() {
        let mixed = temp.path().join(format!("二{n}"));
        copy(&plain, &mixed);
        fs::create_dir_all(mixed.join("提出/不審")).unwrap();
        for i in 0..3 {
            fs::write(mixed.join(format!("提出/不審/{i}.ods")), full_ods::ods(7_000, 100)).unwrap();
        }
        let together = run(&mixed, Some(bounds));
        assert!(together.took < TIME);
        for key in ["round", "records", "totals"] {
            assert_eq!(alone.told[key], together.told[key], "{key}");
        }
        same_but_for_the_foreign(&alone.told, &together.told);
        let foreign = ["0.ods", "1.ods", "2.ods"];
        assert!(same_results(&plain.join("結果"), &mixed.join("結果"), &foreign) > 1_000);
        let findings = together.told["findings"].as_array().unwrap();
        let ended = findings.iter().filter(|f| f["code"] == "S001E" && f["message"].as_str().unwrap().contains(words));
        assert_eq!(ended.count(), 3, "{words}: {findings:?}");
    }
}
