//! The whole job on rounds of 12 and 120 divisions, beside a bare program that somebody would write instead, and the floor.
//!
//! `cargo bench --bench round [-- --n 12 1741]`, or `-- FOLDER` for a round at hand (`given`). Each run is a process of its
//! own (this program, started again with `--one`), all in turn; what is compared is CPU seconds of all threads, since a busy
//! machine stretches the wall. `-- --smoke` runs everything once on a small round.

mod bare;
mod floor;
mod given;
mod meter;
#[path = "../survey/mod.rs"]
mod survey;

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use meter::{Cost, Meter};
use survey::{Made, Survey};

const WHOLE: &str = "torimatome, everything";
const CHECKED: &str = "torimatome status (reading, checks)";
const BARE: &str = "bare calamine + rust_xlsxwriter";
const SCANNED: &str = "floor: needed parts, plain scan";
const TOKENS: &str = "  the same by quick-xml";
const DEFLATED: &str = "floor: deflating our outputs";

/// What is measured, in the order in which it is run and printed: what deflates needs what was written.
const ALL: [&str; 6] = [WHOLE, CHECKED, BARE, SCANNED, TOKENS, DEFLATED];

/// Where something measured stands among all.
fn place(what: &str) -> usize {
    ALL.iter().position(|w| *w == what).expect("one of all")
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).filter(|w| w != "--bench").collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["--one", what, folder, more @ ..] => return one(what, Path::new(folder), more),
        [] => [12, 120].into_iter().for_each(|n| compare(n, runs(n))),
        ["--smoke"] => compare(2, 1),
        ["--n", counts @ ..] => {
            let counts = counts.iter().map(|n| n.parse().expect("how many divisions"));
            counts.for_each(|n| compare(n, runs(n)));
        }
        [folder] => given::compare(Path::new(folder)),
        other => panic!("not understood: {other:?}"),
    }
    ExitCode::SUCCESS
}

/// How often each is run.
const fn runs(divisions: usize) -> usize {
    match divisions {
        0..50 => 15,
        50..500 => 7,
        _ => 3,
    }
}

/// One run, in this process. Programs are measured from the start of the process, as whoever waits for them does, the floor
/// from where its inputs are at hand. Prints what it cost and what it found.
fn one(what: &str, folder: &Path, more: &[&str]) -> ExitCode {
    let from_start = Meter::of_the_process();
    let (cost, found) = match what {
        WHOLE | CHECKED => {
            let command: &[&str] = if what == CHECKED { &["status"] } else { &[] };
            assert_ne!(torimatome(command, folder, more), ExitCode::from(2), "the round runs");
            (from_start.cost(), String::new())
        }
        BARE => {
            let found = bare::run(&survey::replies(folder), &folder.with_file_name("bare.xlsx"));
            (from_start.cost(), format!("{} rows, {} errors", found.rows, found.faults))
        }
        SCANNED | TOKENS => {
            let paths = survey::replies(folder);
            let meter = Meter::from_here();
            let found = floor::read(&paths, what == TOKENS);
            (meter.cost(), format!("{} kB of XML, {} cells", found.bytes / 1000, found.cells))
        }
        DEFLATED => {
            let written = floor::Written::of(&folder.join("結果"), &survey::replies(folder));
            let meter = Meter::from_here();
            let packed = written.deflate();
            (meter.cost(), format!("{} kB to {} kB, {}", written.bytes() / 1000, packed / 1000, written.shape()))
        }
        _ => panic!("{what}?"),
    };
    println!("{cost}\t{found}");
    ExitCode::SUCCESS
}

/// The program's own command line, as its `main` calls it.
fn torimatome(command: &[&str], folder: &Path, more: &[&str]) -> ExitCode {
    let mut words: Vec<OsString> = vec!["torimatome".into()];
    words.extend(command.iter().map(Into::into));
    words.extend([folder.into(), "--templates".into(), survey::templates().into()]);
    words.extend(["--today", survey::TODAY, "--quiet"].iter().chain(more).map(Into::into));
    let day = survey::TODAY.parse().expect("a day");
    torimatome::cli::run_with(day, words, &|p| p.fill())
}

/// One of all runs.
struct Run {
    cost: Cost,
    found: String,
    stderr: String,
}

fn started(what: &str, folder: &Path, more: &[&str]) -> Run {
    if what == WHOLE {
        // Each run finds the folder as the first one did.
        let _ = fs::remove_dir_all(folder.join("結果"));
    }
    let program = std::env::current_exe().expect("this program");
    let ran = Command::new(program).args(["--one", what]).arg(folder).args(more).output().expect("it starts");
    let stderr = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(ran.status.success(), "{what}: {stderr}");
    let stdout = String::from_utf8_lossy(&ran.stdout).into_owned();
    let (cost, found) = stdout.trim_end_matches('\n').split_once('\t').expect("a line of figures");
    Run { cost: cost.parse().expect("figures"), found: found.to_string(), stderr }
}

/// A round of so many divisions, everything so many times, and the table.
fn compare(divisions: usize, times: usize) {
    let around = tempfile::tempdir().expect("a folder");
    let folder = around.path().join("round");
    let made = survey::round(&folder, Survey { divisions, faults: true });
    let mut costs: [Vec<Cost>; ALL.len()] = Default::default();
    let mut found: [String; ALL.len()] = Default::default();
    for _ in 0..times {
        for ((what, costs), found) in ALL.iter().zip(&mut costs).zip(&mut found) {
            let run = started(what, &folder, &[]);
            costs.push(run.cost);
            *found = run.found;
        }
    }
    agree(made, &folder, &found[place(BARE)]);
    println!(
        "\nN = {divisions}: {} rows of {} cells, {} faults; {times} runs of each in turn, CPU seconds of all threads (user + system)",
        made.rows,
        survey::COLUMNS,
        made.faults
    );
    table(&costs, &found);
    println!("\nstages of one run more, with --timings:");
    for line in started(WHOLE, &folder, &["--timings"]).stderr.lines() {
        println!("  {line}");
    }
}

/// The figures mean nothing unless both found the faults that are there, and no other.
fn agree(made: Made, folder: &Path, bare: &str) {
    assert_eq!(bare, format!("{} rows, {} errors", made.rows, made.faults), "the bare program");
    assert_eq!(survey::errors(folder), made.faults, "errors that torimatome found");
}

fn table(costs: &[Vec<Cost>], found: &[String]) {
    let best = |at: usize| costs[at].iter().map(|c| c.cpu).fold(f64::INFINITY, f64::min);
    let bare = best(place(BARE));
    let floor = best(place(SCANNED)) + best(place(DEFLATED));
    println!(
        "{:<36}{:>10}{:>10}{:>10}{:>10}{:>9}{:>9}  what",
        "", "CPU best", "median", "wall best", "peak MiB", "÷ bare", "÷ floor"
    );
    let row = |name: &str, cpu: f64, rest: String, what: &str| {
        println!("{name:<36}{cpu:>10.4}{rest}{:>9.2}{:>9.2}  {what}", cpu / bare, cpu / floor);
    };
    for (at, name) in ALL.iter().enumerate() {
        let mut cpu: Vec<f64> = costs[at].iter().map(|c| c.cpu).collect();
        cpu.sort_by(f64::total_cmp);
        let wall = costs[at].iter().map(|c| c.wall).fold(f64::INFINITY, f64::min);
        let peak = costs[at].iter().map(|c| c.peak).fold(0.0, f64::max);
        row(name, best(at), format!("{:>10.4}{wall:>10.4}{peak:>10.1}", cpu[cpu.len() / 2]), &found[at]);
    }
    row("floor: scan + deflating", floor, " ".repeat(30), "");
}
