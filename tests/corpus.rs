//! Damaged and hostile bytes through the whole reading, each in its own time: an answer comes, whatever it is.
//!
//! Seeds are good and odd files of `tests/fixtures/read`, and everything that a fuzzer found (`fuzz/corpus`). Mutants are
//! made by a fixed sequence of numbers, so that a failure comes again; half of the mutants of a zip change a part before
//! it is packed, because a changed byte of packed data only ever meets the checksum. Agile encryption is left out: without
//! optimisation its hashing alone takes seconds.

use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use torimatome::fill::{CellMark, CellWrite, FillValue, fill, mark, verify, verify_marks};
use torimatome::forms::Templates;
use torimatome::model::grid::Cell;
use torimatome::read::{LegacyKind, Limits, legacy};
use torimatome::unpack;
use torimatome::{intake, isolate, normalise};

const SEEDS: [&str; 21] = [
    "normal.xlsx",
    "struck.xlsx",
    "strict.xlsx",
    "prefixed.xlsx",
    "inline.xlsx",
    "date-formats.xlsx",
    "merges.xlsx",
    "oddities.xlsm",
    "string-index.xlsx",
    "one-part-twice.xlsx",
    "utf16-sheet.xlsx",
    "bad-cells.xlsx",
    "standard.xlsx",
    "several.zip",
    "office.xls",
    "office.ods",
    "binary.xlsb",
    "list.csv",
    "cp932.csv",
    "unicode.txt",
    "compared.xlsx",
];
const MUTANTS: u64 = 50;
/// Of a file whose password is hashed anew each time.
const MUTANTS_OF_ENCRYPTED: u64 = 10;
/// What a file may take. Twice the promise: these are builds without optimisation, on machines that do other things too.
const TIME: Duration = Duration::from_secs(10);

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

/// Numbers that look random and are always the same (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % below.max(1) as u64).unwrap()
    }
}

/// Words that parsers of workbooks trip over.
const WORDS: [&[u8]; 12] = [
    b"4294967295",
    b"-1",
    b"18446744073709551615",
    b"XFD1048576",
    b"1e999",
    b"</row>",
    b"<c r=\"A1\">",
    b"\xff\xff\xff\xff",
    b"\0\0\0\0",
    b"&#0;",
    b"<!--",
    b"]]>",
];

fn mutate(bytes: &mut Vec<u8>, numbers: &mut Numbers) {
    for _ in 0..=numbers.next(4) {
        if bytes.is_empty() {
            return;
        }
        let at = numbers.next(bytes.len());
        let length = numbers.next(64).min(bytes.len() - at);
        match numbers.next(6) {
            0 => bytes[at] ^= 1 << numbers.next(8),
            1 => bytes[at] = u8::try_from(numbers.next(256)).unwrap(),
            2 => drop(bytes.drain(at..at + length)),
            3 => {
                let copy = bytes[at..at + length].to_vec();
                let to = numbers.next(bytes.len());
                bytes.splice(to..to, copy);
            }
            4 => drop(bytes.splice(at..at, WORDS[numbers.next(WORDS.len())].iter().copied())),
            _ => {
                let word = WORDS[numbers.next(WORDS.len())];
                let end = (at + word.len()).min(bytes.len());
                bytes.splice(at..end, word.iter().copied());
            }
        }
    }
    if numbers.next(10) == 0 {
        bytes.truncate(numbers.next(bytes.len()));
    }
}

/// A zip with one part changed; `None` when it is no zip that can be packed anew.
fn mutate_part(bytes: &[u8], numbers: &mut Numbers) -> Option<Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
    let chosen = numbers.next(archive.len());
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for i in 0..archive.len() {
        let mut part = archive.by_index(i).ok()?;
        let name = part.name().ok()?.into_owned();
        let mut data = Vec::new();
        part.read_to_end(&mut data).ok()?;
        if i == chosen {
            mutate(&mut data, numbers);
        }
        out.start_file(name, zip::write::SimpleFileOptions::default()).ok()?;
        out.write_all(&data).ok()?;
    }
    Some(out.finish().ok()?.into_inner())
}

struct Reader {
    templates: Templates,
    limits: Limits,
    round: torimatome::model::Round,
    slowest: (Duration, String),
    panics: usize,
}

impl Reader {
    fn new() -> Self {
        // As the program does it: the older containers in a process of their own.
        isolate::enable(PathBuf::from(env!("CARGO_BIN_EXE_torimatome")));
        let password = torimatome::model::round::Password { division: String::new(), password: "合言葉2022".into() };
        Self {
            templates: Templates::embedded().expect("sound templates"),
            limits: Limits::default(),
            round: torimatome::model::Round { passwords: vec![password], ..Default::default() },
            slowest: (Duration::ZERO, String::new()),
            panics: 0,
        }
    }

    fn read(&mut self, bytes: &[u8], name: &str, what: &str) {
        let forms: Vec<_> = self.templates.asked().collect();
        let take = |watch: Option<&intake::Watch<'_>>| {
            let ctx = intake::Context {
                templates: &self.templates,
                round: Some(&self.round),
                today: NaiveDate::from_ymd_opt(2022, 11, 14).unwrap(),
                limits: &self.limits,
                legacy: &isolate::open,
                watch,
            };
            unpack::files(bytes, bytes.len() as u64, name, &forms, &ctx)
        };
        let begun = Instant::now();
        let taken = if bytes.len().is_multiple_of(8) {
            intake::explaining(&forms, |watch| take(Some(watch))).0
        } else {
            take(None)
        };
        let took = begun.elapsed();
        assert!(!taken.is_empty(), "{what}");
        for i in &taken {
            let told = i.submission.state == torimatome::model::State::Accepted || !i.submission.reason.is_empty();
            assert!(told, "{what}: {} ends without a reason", i.submission.file);
            let caught =
                |f: &torimatome::model::Finding| f.args.get("detail").is_some_and(|d| d.contains("内部の誤り"));
            self.panics += usize::from(i.findings.iter().any(caught));
        }
        if took > self.slowest.0 {
            self.slowest = (took, what.to_string());
        }
        assert!(took <= TIME, "{what} took {took:?}");
    }
}

#[test]
fn mutants_and_finds_of_the_fuzzer_are_answered_in_time() {
    let mut reader = Reader::new();
    let mut files = 0;
    for (seed, name) in (0..).zip(SEEDS) {
        let whole = std::fs::read(root().join("tests/fixtures/read").join(name)).expect(name);
        let mut numbers = Numbers(seed);
        let mutants = if name == "standard.xlsx" { MUTANTS_OF_ENCRYPTED } else { MUTANTS };
        for n in 0..mutants {
            let packed = (n % 2 == 0).then(|| mutate_part(&whole, &mut numbers)).flatten();
            let mutant = packed.unwrap_or_else(|| {
                let mut bytes = whole.clone();
                mutate(&mut bytes, &mut numbers);
                bytes
            });
            reader.read(&mutant, name, &format!("{name}, mutant {n}"));
            files += 1;
        }
    }
    for (name, bytes) in ["grid", "legacy", "form", "settings", "drift", "fill"].into_iter().flat_map(corpus) {
        reader.read(&bytes, &name, &name);
        files += 1;
    }
    println!("{files} files, slowest {:?}: {}", reader.slowest.0, reader.slowest.1);
    assert!(files > 1_000, "{files}");
    assert_eq!(reader.panics, 0, "a panic was caught");
}

/// What a target of the fuzzer starts from, and what it found.
fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = root().join("fuzz/corpus").join(target);
    let one = |e: std::fs::DirEntry| {
        let name = e.file_name().to_string_lossy().into_owned();
        (name, std::fs::read(e.path()).expect("a file"))
    };
    let mut files: Vec<_> = std::fs::read_dir(folder).expect("a corpus").flatten().map(one).collect();
    files.sort();
    files
}

/// The corpus of the settings, of the comparison and of filling, each as its target does it.
#[test]
fn finds_of_the_other_targets_are_answered() {
    let reader = Reader::new();
    let settings: Vec<_> = reader.templates.settings().into_iter().collect();
    let ctx = intake::Context {
        templates: &reader.templates,
        round: None,
        today: NaiveDate::from_ymd_opt(2022, 11, 14).unwrap(),
        limits: &reader.limits,
        legacy: &isolate::open,
        watch: None,
    };
    let mut rounds = 0;
    for (name, bytes) in corpus("settings") {
        let taken = intake::file(&bytes, &name, &settings, &ctx);
        let (round, _) = torimatome::settings::round(&reader.templates, &taken.submission);
        rounds += usize::from(!round.divisions.is_empty());
    }
    assert!(rounds > 0, "the seeds are settings");
    let open = |bytes: &[u8], name: &str| torimatome::read::open(bytes, name, &reader.limits).map(|o| o.workbook);
    let books: Vec<_> = corpus("drift").iter().filter_map(|(name, bytes)| open(bytes, name).ok()).collect();
    assert!(books.len() > 2);
    for (old, new) in books.iter().flat_map(|old| books.iter().map(move |new| (old, new))) {
        let found = torimatome::drift::compare(old, new);
        let _ = torimatome::national::drift::against(old, new, &found, &reader.templates);
        assert!(old != new || found.is_empty());
    }
    let mut filled = 0;
    for (name, bytes) in corpus("fill") {
        let Ok(book) = open(&bytes, &name) else { continue };
        let Some(sheet) = book.sheets.first().map(|s| s.name.clone()) else { continue };
        let at = torimatome::model::CellRef::new(2, 2);
        let writes = [CellWrite::new(&sheet, at, FillValue::Text("＝1<&".into()))];
        if let Ok(done) = fill(&bytes, &writes) {
            verify(&bytes, &done.bytes, &writes).unwrap_or_else(|e| panic!("{name}: {e:?}"));
            filled += 1;
        }
        let marks = [CellMark { sheet, cell: at, note: "直し方 <&".into() }];
        if let Ok(done) = mark(&bytes, &marks) {
            verify_marks(&bytes, &done.bytes, &marks).unwrap_or_else(|e| panic!("{name}: {e:?}"));
        }
    }
    assert!(filled > 3, "{filled}");
}

/// The process of its own changes nothing about what is read, or why not.
#[test]
fn a_process_of_its_own_gives_the_same() {
    isolate::enable(PathBuf::from(env!("CARGO_BIN_EXE_torimatome")));
    let limits = Limits::default();
    let mut compared = 0;
    for entry in std::fs::read_dir(root().join("tests/fixtures/read")).expect("fixtures").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = name.rsplit('.').next().and_then(LegacyKind::of);
        let bytes = std::fs::read(entry.path()).expect("a file");
        if let Some(kind) = kind {
            assert_eq!(isolate::open(&bytes, kind, &limits), legacy::open(&bytes, kind, &limits), "{name}");
            compared += 1;
        }
    }
    assert!(compared > 10, "{compared}");
    let child = |args: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_torimatome"));
        command.args(args).stdin(std::process::Stdio::null()).output().expect("the program starts")
    };
    assert_eq!(child(&[isolate::COMMAND, "exe", "1073741824", "1000"]).status.code(), Some(2));
    let empty = child(&[isolate::COMMAND, "xls", "1073741824", "1000"]);
    assert!(empty.stderr.is_empty(), "a damaged file prints nothing");
    assert!(matches!(torimatome::read::wire::decode(&empty.stdout), Some(Err(_))));
}

/// Every text of the tables of the normaliser and of the corpus, changed, as an answer of every kind of field.
#[test]
fn values_are_answered_whatever_is_typed() {
    let templates = Templates::embedded().expect("sound templates");
    let mut texts: Vec<String> = Vec::new();
    for table in ["dates.tsv", "numbers.tsv", "choices.tsv"] {
        let text = std::fs::read_to_string(root().join("tests/normalise").join(table)).expect(table);
        texts.extend(text.lines().filter(|l| !l.starts_with('#')).filter_map(|l| l.split('\t').nth(1)).map(Into::into));
    }
    texts.extend(corpus("value").into_iter().map(|(_, bytes)| String::from_utf8_lossy(&bytes).into_owned()));
    let mut fields: std::collections::BTreeMap<String, &torimatome::model::Field> = std::collections::BTreeMap::new();
    for field in templates.asked().flat_map(|f| &f.sheets).flat_map(|s| &s.blocks).flat_map(|b| &b.fields) {
        fields.entry(format!("{:?}{:?}", field.kind, field.codes)).or_insert(field);
    }
    let normal = normalise::Context {
        as_of: NaiveDate::from_ymd_opt(2022, 10, 31).unwrap(),
        date1904: false,
        codes: &templates.lists,
    };
    let mut numbers = Numbers(7);
    let mut answered = 0;
    for text in &texts {
        for _ in 0..4 {
            let mut bytes = text.clone().into_bytes();
            mutate(&mut bytes, &mut numbers);
            let cell = Cell::text(String::from_utf8_lossy(&bytes));
            for field in fields.values() {
                let parsed = normalise::normalise(&cell, field, &normal);
                // Read twice, meant once.
                assert_eq!(parsed.value, normalise::normalise(&cell, field, &normal).value, "{:?}", cell.raw());
                answered += 1;
            }
        }
    }
    assert!(answered > 10_000, "{answered}");
}
