//! A round at hand against a bare program that reads and writes as many cells with the same two crates.
//!
//! Both run in this one process, alternately; what is printed is their ratio, since times alone mean nothing on another
//! machine. The bare program finds nothing, checks nothing and formats nothing.

use std::path::Path;
use std::time::{Duration, Instant};

use calamine::{Reader, open_workbook_auto};
use torimatome::discover;
use torimatome::forms::Templates;
use torimatome::run::{self, Options};
use torimatome::write;

const RUNS: usize = 15;

/// Runs both and prints the ratio.
pub fn compare(folder: &Path) {
    let today = chrono::NaiveDate::from_ymd_opt(2022, 11, 14).expect("a day");
    let options = Options { today, templates: None, quiet: true, settings: None };
    let templates = Templates::embedded().expect("sound templates");
    // One thread for both, so that the ratio is of work and not of cores.
    rayon::ThreadPoolBuilder::new().num_threads(1).build_global().expect("a pool");

    let ours = || {
        let Ok(ledger) = run::bring_together(folder, &templates, &options) else { panic!("the round runs") };
        write::write(&ledger, &templates).expect("written")
    };
    let outputs = ours();
    let (sheets, written) = cells_of(&outputs);
    let files = discover::returned(folder).expect("files");
    let mut read = 0;
    let mut bare = || {
        read = read_all(&files);
        write_as_many(sheets, written)
    };
    bare();

    let (mut a, mut b) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        a.push(timed(|| drop(ours())));
        b.push(timed(|| drop(bare())));
    }
    let (a, b) = (median(a), median(b));
    println!("{} files, {read} cells read, {written} cells written on {sheets} sheets", files.len());
    println!("whole job {:.1} ms, bare program {:.1} ms, ratio {:.2}", ms(a), ms(b), a.as_secs_f64() / b.as_secs_f64());
    println!("peak memory of both together: {:.0} MiB", crate::meter::peak());
}

fn ms(d: Duration) -> f64 {
    d.as_secs_f64() * 1000.0
}

fn timed(f: impl FnOnce()) -> Duration {
    let start = Instant::now();
    f();
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Sheets and filled cells of the workbooks among the outputs, fields of the CSV files included.
fn cells_of(outputs: &[write::Output]) -> (usize, usize) {
    let mut sheets = 0;
    let mut cells = 0;
    for output in outputs {
        if Path::new(&output.path).extension().is_some_and(|e| e == "xlsx") {
            let bytes = std::io::Cursor::new(output.body.all().expect("read"));
            let mut book = calamine::open_workbook_from_rs::<calamine::Xlsx<_>, _>(bytes).expect("a workbook");
            for name in book.sheet_names() {
                sheets += 1;
                cells += book.worksheet_range(&name).expect("a sheet").used_cells().count();
            }
        } else {
            let bytes = output.body.all().expect("read");
            let mut csv = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes.as_ref());
            cells += csv.records().map(|r| r.expect("a row").len()).sum::<usize>();
        }
    }
    (sheets, cells)
}

/// Every cell of every file that calamine opens.
fn read_all(files: &[discover::Found]) -> usize {
    let mut cells = 0;
    for file in files {
        let Ok(mut book) = open_workbook_auto(&file.path) else { continue };
        for name in book.sheet_names() {
            cells += book.worksheet_range(&name).map_or(0, |r| r.used_cells().count());
        }
    }
    cells
}

/// As many cells as we write, on as many sheets, short texts and numbers in turn.
fn write_as_many(sheets: usize, cells: usize) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let each = cells / sheets.max(1);
    for _ in 0..sheets {
        let sheet = book.add_worksheet();
        for n in 0..each {
            let (row, col) = (u32::try_from(n / 20).expect("small"), u16::try_from(n % 20).expect("small"));
            if n % 4 == 0 {
                sheet.write(row, col, f64::from(row)).expect("a number");
            } else {
                sheet.write(row, col, format!("回答{n}")).expect("a text");
            }
        }
    }
    book.save_to_buffer().expect("saved")
}
