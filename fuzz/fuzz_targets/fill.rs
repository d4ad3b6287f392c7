//! Any bytes as a workbook to be filled or marked: it is refused with a reason, by what writes or by the proof, or what passed
//! the proof has the same entries in the same order, of which only those differ that the proof names.
//!
//! With `FUZZ_STRICT` in the environment the proof must never refuse: that finds what the writing could have refused earlier.
#![no_main]

use std::io::{Cursor, Read};

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use torimatome::fill::{CellMark, CellWrite, Difference, FillValue, fill, mark, verify, verify_marks};
use torimatome::model::CellRef;
use torimatome::read::Opener;
use torimatome_fuzz::{limits, mutate, no_legacy};
use zip::ZipArchive;

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| { mutate(data, size, max_size, seed) });

fuzz_target!(|bytes: &[u8]| {
    let limits = limits();
    let Ok(opened) = (Opener { limits: &limits, passwords: &[], legacy: &no_legacy }).open(bytes, "x.xlsx") else {
        return;
    };
    let Some(sheet) = opened.workbook.sheets.first() else { return };
    let writes = [
        CellWrite::new(&sheet.name, CellRef::new(0, 0), FillValue::Text("＝1<&".into())),
        CellWrite::new(&sheet.name, CellRef::new(2, 2), FillValue::Number(0.1)),
        CellWrite::new(&sheet.name, CellRef::new(30, 1), FillValue::Blank),
    ];
    if let Ok(filled) = fill(bytes, &writes) {
        match verify(bytes, &filled.bytes, &writes) {
            Ok(proof) => {
                let mut named: Vec<String> = proof.changed_parts.iter().map(|p| p.to_lowercase()).collect();
                named.sort();
                let (before, after) = (entries(bytes), entries(&filled.bytes));
                assert_eq!(before.len(), after.len());
                assert_eq!(differ(&before, &after), named);
            }
            Err(why) => refused(&why),
        }
    }
    let at =
        |row, col| CellMark { sheet: sheet.name.clone(), cell: CellRef::new(row, col), note: "直し方 <&".into() };
    let marks = [at(0, 0), at(3, 1), at(40, 5)];
    if let Ok(marked) = mark(bytes, &marks) {
        match verify_marks(bytes, &marked.bytes, &marks) {
            Ok(()) => {
                let (before, after) = (entries(bytes), entries(&marked.bytes));
                // Pictures, macros and strings are nothing that a mark could change.
                let kept = |name: &str| name.contains("media/") || name.contains("vba") || name.contains("sharedstr");
                let changed = differ(&before, &after);
                assert!(!changed.iter().any(|name| kept(name)), "{changed:?}");
            }
            Err(why) => refused(&why),
        }
    }
});

fn refused(why: &[Difference]) {
    assert!(std::env::var_os("FUZZ_STRICT").is_none(), "{why:?}");
}

/// The entries with their compressed bytes, in the order of the zip; names in lower case with `/`.
fn entries(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).expect("a zip");
    let one = |i| {
        let mut entry = zip.by_index_raw(i).expect("an entry");
        let mut packed = Vec::new();
        entry.read_to_end(&mut packed).expect("bytes");
        let name = entry.name().expect("a name").replace('\\', "/").to_lowercase();
        (name.trim_start_matches('/').to_string(), packed)
    };
    (0..ZipArchive::new(Cursor::new(bytes)).expect("a zip").len()).map(one).collect()
}

/// Names of entries that are not the same in both; the first ones must have the same names.
fn differ(before: &[(String, Vec<u8>)], after: &[(String, Vec<u8>)]) -> Vec<String> {
    assert!(before.iter().map(|e| &e.0).eq(after.iter().take(before.len()).map(|e| &e.0)));
    let mut names: Vec<String> =
        before.iter().zip(after).filter(|(a, b)| a.1 != b.1).map(|((name, _), _)| name.clone()).collect();
    names.sort();
    names
}
