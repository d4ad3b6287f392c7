//! Any bytes as a workbook to be filled: it is refused with a reason, or filled so that the proof finds nothing else changed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use torimatome::fill::{CellWrite, FillValue, fill, verify};
use torimatome::model::CellRef;
use torimatome::read::{Limits, open};

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { file: 1 << 20, part: 4 << 20, total: 16 << 20, cells: 20_000, ..Limits::default() };
    let Ok(opened) = open(bytes, "x.xlsx", &limits) else { return };
    let Some(sheet) = opened.workbook.sheets.first() else { return };
    let writes = [
        CellWrite::new(&sheet.name, CellRef::new(0, 0), FillValue::Text("＝1<&".into())),
        CellWrite::new(&sheet.name, CellRef::new(2, 2), FillValue::Number(0.1)),
        CellWrite::new(&sheet.name, CellRef::new(30, 1), FillValue::Blank),
    ];
    if let Ok(filled) = fill(bytes, &writes) {
        let proof = verify(bytes, &filled.bytes, &writes);
        assert!(proof.is_ok(), "{proof:?}");
    }
});
