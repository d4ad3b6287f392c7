//! A drawn workbook as bytes, the same on every system: the library writes into the archive's directory on which kind of system
//! each part was made, and nobody reads that.

use rust_xlsxwriter::{Workbook, XlsxError};

/// What the directory says of every part, wherever the program runs: made on Unix.
const UNIX: u8 = 3;
/// The end record of an archive, which nothing follows here, and an entry of its directory: their signatures and lengths.
const END: (&[u8; 4], usize) = (b"PK\x05\x06", 22);
const ENTRY: (&[u8; 4], usize) = (b"PK\x01\x02", 46);

/// The bytes of a workbook that was drawn.
///
/// # Errors
/// When the library refuses it.
pub fn saved(book: &mut Workbook) -> Result<Vec<u8>, XlsxError> {
    let mut bytes = book.save_to_buffer()?;
    same_everywhere(&mut bytes);
    Ok(bytes)
}

/// Says of every part of an archive that it was made on one and the same kind of system. What is no archive stays as it is.
fn same_everywhere(bytes: &mut [u8]) {
    let Some(mut at) = bytes.len().checked_sub(END.1).filter(|at| bytes[*at..].starts_with(END.0)).and_then(|end| {
        let start = bytes.get(end + 16..end + 20)?;
        usize::try_from(u32::from_le_bytes(start.try_into().ok()?)).ok()
    }) else {
        return;
    };
    while let Some(entry) = bytes.get_mut(at..at + ENTRY.1).filter(|e| e.starts_with(ENTRY.0)) {
        // Behind the version's number.
        entry[5] = UNIX;
        let long = |n: usize| usize::from(u16::from_le_bytes([entry[n], entry[n + 1]]));
        at += ENTRY.1 + long(28) + long(30) + long(32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// System and attributes of each part.
    fn made_by(bytes: &[u8]) -> Vec<(u8, u32)> {
        let mut all = Vec::new();
        let mut at = 0;
        while let Some(next) = bytes[at..].windows(4).position(|w| w == ENTRY.0) {
            at += next;
            let attributes = bytes[at + 38..at + 42].try_into().expect("four bytes");
            all.push((bytes[at + 5], u32::from_le_bytes(attributes)));
            at += ENTRY.1;
        }
        all
    }

    #[test]
    fn every_part_was_made_on_the_same_system() {
        let mut book = Workbook::new();
        book.add_worksheet().write(0, 0, "値").expect("written");
        let plain = saved(&mut book).expect("saved");
        let parts = made_by(&plain);
        assert!(parts.len() > 8 && parts.iter().all(|p| *p == (UNIX, 0o100_600 << 16)), "{parts:?}");
        // As Windows would have it, and back again: not a byte is another.
        let mut there = plain.clone();
        let mut at = 0;
        while let Some(next) = there[at..].windows(4).position(|w| w == ENTRY.0) {
            there[at + next + 5] = 0;
            at += next + ENTRY.1;
        }
        assert!(there != plain && made_by(&there).iter().all(|p| p.0 == 0));
        same_everywhere(&mut there);
        assert!(there == plain);
    }

    #[test]
    fn what_is_no_archive_stays() {
        for bytes in
            [&b""[..], b"PK", b"PK\x05\x06", &[0x50; 64], b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\xff\xff\xff\xff\0\0"]
        {
            let mut own = bytes.to_vec();
            same_everywhere(&mut own);
            assert_eq!(own, bytes);
        }
    }
}
