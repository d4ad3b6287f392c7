//! Cells of an .xls that stand far apart: which rows and columns have any, and how to bring them closer.

use super::biff::{Patch, records, u16_at};

/// Rows or columns in which cells stand.
#[derive(Default)]
pub(super) struct Used {
    /// Whether each has any, up to the last one that has.
    seen: Vec<bool>,
    count: u64,
}

impl Used {
    /// Notes a cell.
    pub fn add(&mut self, n: u16) {
        let n = usize::from(n);
        if self.seen.len() <= n {
            self.seen.resize(n + 1, false);
        }
        if let Some(seen) = self.seen.get_mut(n).filter(|seen| !**seen) {
            *seen = true;
            self.count += 1;
        }
    }

    /// How many have any.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// From the first to the last.
    pub fn span(&self) -> u64 {
        self.seen.iter().position(|seen| *seen).map_or(0, |first| (self.seen.len() - first) as u64)
    }

    /// The rows or columns that have any.
    pub fn list(&self) -> Vec<u32> {
        (0u32..).zip(&self.seen).filter(|(_, seen)| **seen).map(|(n, _)| n).collect()
    }

    /// For each, how many stand before it.
    fn places(&self) -> Vec<u16> {
        let mut next = 0u16;
        let place = |seen: &bool| {
            let place = next;
            next = next.saturating_add(u16::from(*seen));
            place
        };
        self.seen.iter().map(place).collect()
    }
}

/// Counts rows and columns of a sheet's cells anew, those without cells left out.
pub(super) fn closer(stream: &[u8], start: usize, rows: &Used, cols: &Used, patches: &mut Vec<Patch>) {
    let (rows, cols) = (rows.places(), cols.places());
    let mut depth = 0u32;
    for record in records(stream, start) {
        match record.kind {
            0x0809 => depth += 1,
            0x000a if depth <= 1 => break,
            0x000a => depth -= 1,
            0x0006 | 0x0206 | 0x0406 | 0x0203 | 0x0204 | 0x0205 | 0x027e | 0x00fd | 0x00d6 | 0x00bd if depth <= 1 => {
                let mut moved = |at: usize, places: &[u16]| {
                    let place = u16_at(record.data, at).and_then(|n| places.get(usize::from(n)));
                    patches.extend(place.map(|n| Patch { at: record.at + 4 + at, bytes: n.to_le_bytes() }));
                };
                moved(0, &rows);
                moved(2, &cols);
                if record.kind == 0x00bd {
                    // Numbers side by side: where the last one stands is said at the end.
                    moved(record.data.len().saturating_sub(2), &cols);
                }
            }
            _ => {}
        }
    }
}
