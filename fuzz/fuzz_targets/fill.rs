//! Any bytes as a workbook to be filled or marked: it is refused with a reason, or changed so that the proof finds nothing
//! else changed. What the proof cannot read is refused too, only later: nothing is written then either.
#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use torimatome::fill::{CellMark, CellWrite, Difference, FillValue, fill, mark, verify, verify_marks};
use torimatome::model::CellRef;
use torimatome::read::Opener;
use torimatome_fuzz::{limits, mutate, no_legacy};

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
        let proof = verify(bytes, &filled.bytes, &writes);
        assert!(sound(proof.as_ref().err()), "{proof:?}");
    }
    let at =
        |row, col| CellMark { sheet: sheet.name.clone(), cell: CellRef::new(row, col), note: "直し方 <&".into() };
    let marks = [at(0, 0), at(3, 1), at(40, 5)];
    if let Ok(marked) = mark(bytes, &marks) {
        let proof = verify_marks(bytes, &marked.bytes, &marks);
        assert!(sound(proof.as_ref().err()), "{proof:?}");
    }
});

/// Whether nothing was found to differ.
fn sound(found: Option<&Vec<Difference>>) -> bool {
    found.is_none_or(|found| found.iter().all(|d| matches!(d, Difference::Unreadable(_))))
}
