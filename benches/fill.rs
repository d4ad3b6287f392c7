//! What filling a workbook costs beside a plain copy of its zip in which the same parts are inflated and deflated again.
//!
//! `cargo bench --bench fill [-- WORKBOOK…]`. Both run in this one process, alternately; the ratio is what counts. The proof
//! is given by itself, for `fill` and `consolidate` never write a workbook without it. With `--only fill`, `--only proved` or
//! `--only copy` before one workbook that alone is done, many times and without a clock, for a profiler.

use std::hint::black_box;
use std::io::{Cursor, Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use torimatome::fill::{CellWrite, FillValue, Prepared, fill};
use torimatome::model::CellRef;
use torimatome::output::write_atomically;
use torimatome::read::{self, Limits};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// Runs of each, a run being as many fillings as take some milliseconds.
const RUNS: usize = 41;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    if let [only, what, path] = words.as_slice()
        && only == "--only"
    {
        return alone(what, &std::fs::read(path).expect("a workbook"));
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let own =
        ["tests/fixtures/fill/openpyxl.xlsx", "tests/fixtures/fill/office.xlsx", "tests/fixtures/fill/nasty.xlsx"];
    let mut books: Vec<(String, Vec<u8>)> =
        [20_000, 200, 50].map(|rows| (format!("{} cells", rows * 10), plain(rows))).into();
    let paths = if words.is_empty() {
        own.iter().map(|p| root.join(p)).collect()
    } else {
        books.clear();
        words.iter().map(Into::into).collect::<Vec<std::path::PathBuf>>()
    };
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        books.push((name, std::fs::read(&path).expect("a workbook")));
    }
    for (name, book) in &books {
        measure(name, book);
    }
}

fn measure(name: &str, book: &[u8]) {
    let writes = writes(book);
    let filled = fill(book, &writes).unwrap_or_else(|e| panic!("{name}: {e}")).bytes;
    let parts = changed(book, &filled);
    let many = if book.len() > 200_000 { 1 } else { 50 };
    let (mut copies, mut fills, mut proved) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..if many == 1 { 9 } else { RUNS } {
        copies.push(timed(many, || drop(black_box(copied(book, &parts)))));
        fills.push(timed(many, || drop(black_box(fill(book, &writes)))));
        proved.push(timed(many, || drop(black_box(fill_proved(book, &writes)))));
    }
    from_file_to_file(name, book, &writes, &parts, many.min(20));
    let [copy, fill, proved] = [copies, fills, proved].map(|t| median(t) / f64::from(many));
    println!(
        "{name} ({} bytes, {} parts change): copy {copy:.3} ms, fill {fill:.3} ms ({:.2} of the copy), with proof {proved:.3} ms ({:.2})",
        book.len(),
        parts.len(),
        fill / copy,
        proved / copy
    );
}

/// What the office waits for: the same with reading and writing.
fn from_file_to_file(name: &str, book: &[u8], writes: &[CellWrite], parts: &[String], many: u32) {
    let folder = tempfile::tempdir().expect("a folder");
    let (from, to) = (folder.path().join("from"), folder.path().join("to"));
    std::fs::write(&from, book).expect("written");
    let through = |make: &dyn Fn(&[u8]) -> Vec<u8>| {
        let bytes = std::fs::read(&from).expect("bytes");
        write_atomically(&to, &make(&bytes)).expect("written");
    };
    let (mut copies, mut fills) = (Vec::new(), Vec::new());
    for _ in 0..9 {
        copies.push(timed(many, || through(&|bytes| copied(bytes, parts))));
        fills.push(timed(many, || {
            through(&|bytes| fill_proved(bytes, writes));
        }));
    }
    let (copy, fill) = (median(copies) / f64::from(many), median(fills) / f64::from(many));
    println!("{name} from file to file: copy {copy:.3} ms, fill with proof {fill:.3} ms ({:.2})", fill / copy);
}

/// What `fill` and `consolidate` do.
fn fill_proved(book: &[u8], writes: &[CellWrite]) -> Vec<u8> {
    let prepared = Prepared::new(book, writes.to_vec()).expect("fits");
    let filled = prepared.fill().expect("filled").bytes;
    assert!(prepared.prove(&filled).is_ok());
    filled
}

/// One thing, many times.
fn alone(what: &str, book: &[u8]) {
    let writes = writes(book);
    let filled = fill(book, &writes).expect("filled").bytes;
    let parts = changed(book, &filled);
    for _ in 0..1000 {
        match what {
            "fill" => drop(black_box(fill(book, &writes))),
            "proved" => drop(black_box(fill_proved(book, &writes))),
            _ => drop(black_box(copied(book, &parts))),
        }
    }
}

fn timed(many: u32, run: impl Fn()) -> Duration {
    let from = Instant::now();
    (0..many).for_each(|_| run());
    from.elapsed()
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1e3
}

/// Forty numbers in one column of the first sheet, where nothing is merged.
fn writes(book: &[u8]) -> Vec<CellWrite> {
    let opened = read::open(book, "x.xlsx", &Limits::default()).expect("readable");
    let sheet = opened.workbook.sheets[0].name.clone();
    (0..40).map(|row| CellWrite::new(sheet.clone(), CellRef::new(row, 12), FillValue::Number(1.5))).collect()
}

/// The parts that differ.
fn changed(before: &[u8], after: &[u8]) -> Vec<String> {
    let packed = |bytes: &[u8]| {
        let mut zip = ZipArchive::new(Cursor::new(bytes)).expect("a zip");
        let one = |i| {
            let mut part = zip.by_index_raw(i).expect("an entry");
            let mut out = Vec::new();
            part.read_to_end(&mut out).expect("bytes");
            (part.name().expect("a name").into_owned(), out)
        };
        (0..ZipArchive::new(Cursor::new(bytes)).expect("a zip").len()).map(one).collect::<Vec<_>>()
    };
    let pairs = packed(before).into_iter().zip(packed(after));
    pairs.filter(|(a, b)| a != b).map(|((name, _), _)| name).collect()
}

/// Copies a package, with some parts inflated and deflated again: the least that a change in them costs.
fn copied(bytes: &[u8], parts: &[String]) -> Vec<u8> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).expect("a zip");
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    for i in 0..zip.len() {
        let name = zip.by_index_raw(i).expect("an entry").name().expect("a name").into_owned();
        if parts.contains(&name) {
            let mut content = Vec::new();
            zip.by_index(i).expect("an entry").read_to_end(&mut content).expect("inflated");
            out.start_file(name, SimpleFileOptions::default()).expect("begun");
            out.write_all(&content).expect("deflated");
        } else {
            out.raw_copy_file(zip.by_index_raw(i).expect("an entry")).expect("copied");
        }
    }
    out.finish().expect("finished").into_inner()
}

/// A sheet of so many rows of ten numbers, and one that adds them up by tens.
fn plain(rows: u32) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let first = book.add_worksheet();
    for row in 0..rows {
        for col in 0..10 {
            first.write_number(row, col, f64::from(row) + f64::from(col) / 8.0).expect("written");
        }
    }
    let second = book.add_worksheet();
    for row in 0..rows / 10 {
        let formula = format!("SUM(Sheet1!A{}:J{})+A{}", row + 1, row + 10, row.max(1));
        second.write_formula(row, 1, formula.as_str()).expect("written");
    }
    book.save_to_buffer().expect("saved")
}
