//! Workbooks that fill what the checks before the parser allow, or that were made to outgrow it: each is answered, by its cells
//! or by a reason, within the bounds of its process; and where the bounds are lower than it needs, the process is ended by them.

#[path = "fixtures/full_ods.rs"]
mod full_ods;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use full_ods::ods;
use torimatome::isolate::{Bounds, open_within};
use torimatome::read::{LegacyKind, Limits, Opened, Refusal};

/// What a file may take here: builds without optimisation, on machines that do other things too.
const TIME: Duration = Duration::from_secs(30);

fn within(bounds: Bounds, bytes: &[u8], kind: LegacyKind) -> (Result<Opened, Refusal>, Duration) {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_torimatome"));
    let begun = Instant::now();
    let answer = open_within(&program, bounds, bytes, kind, &Limits::default());
    (answer, begun.elapsed())
}

fn fixture(name: &str) -> (Vec<u8>, LegacyKind) {
    let bytes =
        std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/read").join(name)).expect(name);
    (bytes, LegacyKind::of(name.rsplit('.').next().unwrap_or_default()).expect("a kind"))
}

fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    [&kind.to_le_bytes()[..], &u16::try_from(data.len()).unwrap().to_le_bytes(), data].concat()
}

/// The stream of an .xls with one sheet.
fn stream(globals: &[u8], sheet: &[u8]) -> Vec<u8> {
    let begin = record(0x0809, &[0, 6, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let name = b"\x05\0sheet";
    let length = begin.len() + globals.len() + 4 + 6 + name.len() + 4;
    let listed = record(0x0085, &[&u32::try_from(length).unwrap().to_le_bytes()[..], &[0, 0], name].concat());
    let listed = if listed.len() == 4 + 6 + name.len() { listed } else { unreachable!() };
    [&begin[..], globals, &listed, &record(0x000a, &[]), &begin, sheet, &record(0x000a, &[])].concat()
}

/// A compound file in sectors of 4,096 bytes around a stream: table, directory, stream. `next` gives what follows a sector.
fn compound(stream: &[u8], next: impl Fn(u32, u32) -> u32) -> Vec<u8> {
    const SECTOR: usize = 4_096;
    const END: u32 = 0xffff_fffe;
    // Streams below 4,096 bytes would have to stand elsewhere.
    let mut stream = stream.to_vec();
    stream.resize(stream.len().next_multiple_of(SECTOR), 0);
    let sectors = stream.len().div_ceil(SECTOR);
    let tables = (sectors + 1).div_ceil(SECTOR / 4 - 1);
    let first = tables + 1;
    let number = |n: usize| u32::try_from(n).unwrap();
    let mut table = vec![0xffff_fffd; tables];
    table.push(END);
    let last = number(first + sectors - 1);
    table.extend(
        (first..first + sectors)
            .map(|i| if number(i) == last { next(number(i), END) } else { next(number(i), number(i) + 1) }),
    );
    table.resize(tables * SECTOR / 4, 0xffff_ffff);
    let mut out = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    out.extend([0; 16]);
    out.extend([0x3eu16, 4, 0xfffe, 12, 6, 0, 0, 0].iter().flat_map(|w| w.to_le_bytes()));
    out.extend([1, number(tables), number(tables), 0, 4_096, END, 0, END, 0].iter().flat_map(|w| w.to_le_bytes()));
    out.extend((0..109).flat_map(|i| if i < number(tables) { i.to_le_bytes() } else { [0xff; 4] }));
    out.resize(SECTOR, 0);
    out.extend(table.iter().flat_map(|w| w.to_le_bytes()));
    for (name, kind, child, start, size) in
        [("Root Entry", 5u8, 1u32, END, 0), ("Workbook", 2, 0xffff_ffff, number(first), number(stream.len()))]
    {
        let mut entry: Vec<u8> = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
        let length = u16::try_from(entry.len()).unwrap();
        entry.resize(64, 0);
        entry.extend(length.to_le_bytes());
        entry.extend([kind, 1]);
        entry.extend([0xffff_ffff, 0xffff_ffff, child].iter().flat_map(|w| w.to_le_bytes()));
        entry.resize(116, 0);
        entry.extend(start.to_le_bytes());
        entry.extend(u64::from(size).to_le_bytes());
        out.extend(entry);
    }
    out.resize(SECTOR * (1 + first), 0);
    out.extend(stream);
    out.resize(SECTOR * (1 + first + sectors), 0);
    out
}

fn sound(_: u32, next: u32) -> u32 {
    next
}

/// An .xls of so many rows of 15 numbers.
fn xls(rows: u16) -> Vec<u8> {
    let mut sheet = Vec::new();
    for row in 0..rows {
        let cells = [&[0, 0][..], &[2, 0, 0x28, 0x40]].concat().repeat(15);
        sheet.extend(record(0x00bd, &[&row.to_le_bytes()[..], &[0, 0], &cells, &[14, 0]].concat()));
    }
    compound(&stream(&[], &sheet), sound)
}

/// Text of the kind of damage, or none when it was read.
fn said(answer: &Result<Opened, Refusal>) -> String {
    match answer {
        Ok(_) => String::new(),
        Err(Refusal::Damaged { detail }) => detail.clone(),
        Err(other) => format!("{other:?}"),
    }
}

/// What fills the limits of the checks is what the parsers may need most for: within the promised bounds all of it is read,
/// under lower ones the process is ended by the one that is too low.
#[test]
#[cfg(target_os = "linux")]
fn a_process_is_ended_by_its_limit_of_memory_or_of_time() {
    let cells = |answer: &Result<Opened, Refusal>| answer.as_ref().map_or(0, |o| o.workbook.sheets[0].cells.len());
    let full = [(ods(7_000, 100), LegacyKind::Ods, 700_000), (xls(65_535), LegacyKind::Xls, 983_025)];
    for (bytes, kind, count) in full {
        let promised = Bounds { memory: Bounds::default().memory, time: TIME };
        let (answer, took) = within(promised, &bytes, kind);
        println!("{kind:?}: {} bytes, {count} cells in {took:?}", bytes.len());
        assert_eq!((cells(&answer), said(&answer)), (count, String::new()), "{kind:?}");
        let little = Bounds { memory: 64 << 20, ..promised };
        let (answer, took) = within(little, &bytes, kind);
        assert_eq!(said(&answer), "child stopped: memory", "{kind:?} after {took:?}");
        let short = Bounds { time: Duration::from_millis(60), ..promised };
        let (answer, took) = within(short, &bytes, kind);
        assert_eq!(said(&answer), "child stopped: time", "{kind:?}");
        assert!(took < Duration::from_secs(10), "{took:?}");
        // Lower bounds are enough for what people send.
        let (office, kind) = fixture(if kind == LegacyKind::Ods { "office.ods" } else { "office.xls" });
        assert_eq!(said(&within(little, &office, kind).0), "");
    }
}

/// Counts that no part holds, circles in the table of sectors, formulas that grow: none of them reaches a parser, so none needs
/// the limits, and where the system has none nothing is lost.
#[test]
fn what_was_made_to_outgrow_a_parser_is_met_before_it() {
    // 8 kB of unary plus in each of 2,000 formulas; the parser moves the whole text for every sign.
    let plus = [&[0u8; 20][..], &8_003u16.to_le_bytes(), &[0x1e, 1, 0], &[0x12; 8_000]].concat();
    let formulas: Vec<u8> = (0..2_000u16)
        .flat_map(|row| {
            let mut formula = plus.clone();
            formula[..2].copy_from_slice(&row.to_le_bytes());
            record(0x0006, &formula)
        })
        .collect();
    // A string table that says it holds 4,294,967,295 strings, and cells that say it of their area.
    let strings = record(0x00fc, &[&[0xff; 8][..], &[1, 0, 0, b'a']].concat());
    let area = record(0x0200, &[0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0xff, 0xff, 0, 0]);
    let one = record(0x00fd, &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let long = stream(&[], &record(0x0201, &[0; 6]).repeat(3_000));
    let made = [
        ("formulas", compound(&stream(&[], &formulas), sound), Some(2_000)),
        ("counts", compound(&stream(&strings, &[area, one].concat()), sound), Some(1)),
        ("a circle of two sectors", compound(&long, |at, next| if at == 4 { 3 } else { next }), None),
        ("a sector that follows itself", compound(&long, |at, next| if at == 3 { 3 } else { next }), None),
        ("a sector far away", compound(&long, |at, next| if at == 4 { 0x7fff_ffff } else { next }), None),
    ];
    let xlsb = [("counts.xlsb", Some(1)), ("formula-bomb.xlsb", Some(1))];
    let xlsb = xlsb.map(|(name, cells)| (name, fixture(name).0, cells));
    let all = made.map(|m| (m, LegacyKind::Xls)).into_iter().chain(xlsb.map(|m| (m, LegacyKind::Xlsb)));
    for ((name, bytes, cells), kind) in all {
        let (answer, took) = within(Bounds { time: TIME, ..Bounds::default() }, &bytes, kind);
        println!("{name}: {} bytes, {took:?}", bytes.len());
        let found = answer.as_ref().ok().map(|o| o.workbook.sheets[0].cells.len());
        assert_eq!(found, cells, "{name}: {answer:?}");
        assert!(!said(&answer).contains("child"), "{name}: {answer:?}");
        // The same without a process of its own.
        assert_eq!(torimatome::read::legacy::open(&bytes, kind, &Limits::default()), answer, "{name}");
    }
}
