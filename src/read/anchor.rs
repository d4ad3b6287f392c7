//! Which cells something that lies on a sheet covers: from where it is anchored, how large it is, and the widths of the sheet.

use std::collections::BTreeMap;

use quick_xml::events::Event;

use super::xml;
use crate::model::place::{Area, CellRef};

const MAX_ROW: u32 = 1_048_576;
const MAX_COL: u32 = 16_384;
/// English metric units of a pixel and of a point.
pub(super) const PIXEL: f64 = 9_525.0;
const POINT: f64 = 12_700.0;
/// Pixels of a digit in the fonts of a Japanese Excel.
const DIGIT: f64 = 8.0;

/// A corner: a column and a row, and how far into them in English metric units.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Corner {
    /// Column and how far into it.
    pub col: (u32, f64),
    /// Row and how far into it.
    pub row: (u32, f64),
}

/// Where something is anchored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Anchor {
    /// From one corner to another.
    Two(Corner, Corner),
    /// At a corner, so wide and so high.
    One(Corner, (f64, f64)),
    /// Left, top, width and height on the whole sheet.
    Absolute((f64, f64), (f64, f64)),
}

/// Widths and heights of a sheet.
#[derive(Debug, Default)]
pub struct Sizes {
    columns: Vec<(u32, u32, f64)>,
    /// Runs of rows by their first: the last, and the height.
    rows: BTreeMap<u32, (u32, f64)>,
    column: Option<f64>,
    row: Option<f64>,
}

impl Sizes {
    /// Reads them from a worksheet part, up to the end of its cells or the first thing that is malformed.
    pub fn read(text: &str) -> Self {
        let mut sizes = Self::default();
        let mut reader = xml::reader(text);
        let mut row = 0u32;
        while let Ok(event) = reader.read_event() {
            match event {
                Event::Start(e) => match e.local_name().as_ref() {
                    "sheetFormatPr" => {
                        sizes.column = xml::number(&e, "defaultColWidth").map(|w| w * DIGIT * PIXEL);
                        sizes.row = xml::number(&e, "defaultRowHeight").map(|h| h * POINT);
                    }
                    "col" => {
                        let whole = |name| xml::attr(&e, name).and_then(|v| v.trim().parse::<u32>().ok());
                        if let (Some(min @ 1..), Some(max), Some(width)) =
                            (whole("min"), whole("max"), xml::number(&e, "width"))
                            && sizes.columns.len() < MAX_COL as usize
                        {
                            let width = if xml::flag(&e, "hidden") { 0.0 } else { width };
                            sizes.columns.push((min - 1, max - 1, width * DIGIT * PIXEL));
                        }
                    }
                    "row" => {
                        row = xml::attr(&e, "r").and_then(|v| v.trim().parse().ok()).unwrap_or(row + 1);
                        let hidden = xml::flag(&e, "hidden").then_some(0.0);
                        if let Some(height) = hidden.or_else(|| xml::number(&e, "ht")) {
                            let at = row.saturating_sub(1);
                            sizes.rows.insert(at, (at, height * POINT));
                        }
                    }
                    "c" if reader.read_to_end(e.name()).is_err() => break,
                    _ => {}
                },
                Event::End(e) if e.local_name().as_ref() == "sheetData" => break,
                Event::Eof => break,
                _ => {}
            }
        }
        sizes
    }

    /// Says how wide some columns are, from `first` on.
    pub fn set_columns(&mut self, first: u32, count: u32, width: Option<f64>) {
        if let Some(width) = width.filter(|_| self.columns.len() < MAX_COL as usize) {
            self.columns.push((first, first.saturating_add(count - 1), width));
        }
    }

    /// Says how high some rows are, from `first` on.
    pub fn set_rows(&mut self, first: u32, count: u32, height: Option<f64>) {
        if let Some(height) = height {
            self.rows.insert(first, (first.saturating_add(count - 1), height));
        }
    }

    fn column(&self, col: u32) -> f64 {
        let own = self.columns.iter().find(|(min, max, _)| (*min..=*max).contains(&col)).map(|(.., width)| *width);
        own.or(self.column).unwrap_or(9.0 * DIGIT * PIXEL)
    }

    fn row(&self, row: u32) -> f64 {
        let run = self.rows.range(..=row).next_back().filter(|(_, (last, _))| row <= *last);
        run.map(|(_, (_, height))| *height).or(self.row).unwrap_or(18.75 * POINT)
    }

    /// The cells that an anchor covers; `None` where nothing of it lies on the grid.
    pub fn area(&self, anchor: Anchor) -> Option<Area> {
        let (from, to) = match anchor {
            Anchor::Two(from, to) => (from, to),
            Anchor::One(from, (width, height)) => (from, self.corner(from, width, height)),
            Anchor::Absolute((left, top), (width, height)) => {
                let from = self.corner(Corner::default(), left, top);
                (from, self.corner(from, width, height))
            }
        };
        let (first_col, last_col) = covered(from.col, to.col, MAX_COL, |c| self.column(c))?;
        let (first_row, last_row) = covered(from.row, to.row, MAX_ROW, |r| self.row(r))?;
        Some(Area { first: CellRef::new(first_row, first_col), last: CellRef::new(last_row, last_col) })
    }

    /// A corner so far to the right and down.
    fn corner(&self, from: Corner, right: f64, down: f64) -> Corner {
        Corner {
            col: step(from.col, right, MAX_COL, |c| self.column(c)),
            row: step(from.row, down, MAX_ROW, |r| self.row(r)),
        }
    }
}

/// The cells between two corners given in parts of a cell, as .xls does: columns in 1024ths, rows in 256ths.
pub fn fractions([left, x, top, y, right, x2, bottom, y2]: [u16; 8]) -> Option<Area> {
    let sizes = Sizes::default();
    let corner = |col: u16, x: u16, row: u16, y: u16| Corner {
        col: (col.into(), f64::from(x) / 1024.0 * sizes.column(0)),
        row: (row.into(), f64::from(y) / 256.0 * sizes.row(0)),
    };
    sizes.area(Anchor::Two(corner(left, x, top, y), corner(right, x2, bottom, y2)))
}

/// So far on from a place on one axis. Nothing is longer than a few thousand cells.
fn step((mut at, into): (u32, f64), by: f64, end: u32, size: impl Fn(u32) -> f64) -> (u32, f64) {
    let mut left = into + by.max(0.0);
    for _ in 0..10_000 {
        let here = size(at);
        if left <= here || at + 1 >= end {
            break;
        }
        left -= here;
        at += 1;
    }
    (at, left)
}

/// The first and last of the cells on one axis that are covered: by a quarter at least, or by half of the whole.
fn covered(from: (u32, f64), to: (u32, f64), end: u32, size: impl Fn(u32) -> f64) -> Option<(u32, u32)> {
    if from.0 >= end || to.0 < from.0 {
        return None;
    }
    let last = to.0.min(end - 1);
    if from.0 == last {
        return Some((from.0, last));
    }
    let (head, tail) = ((size(from.0) - from.1).max(0.0), to.1.max(0.0));
    let most = |part: f64, whole: f64, other: f64| part > whole * 0.25 || part > other;
    let first =
        if most(head, size(from.0), tail) || last > from.0 + 1 && head > 4.0 * PIXEL { from.0 } else { from.0 + 1 };
    let last = if most(tail, size(last), head) && tail > 2.0 * PIXEL { last } else { last - 1 };
    Some((first.min(last), last.max(first)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(anchor: Anchor) -> String {
        let text = r#"<worksheet><sheetFormatPr defaultRowHeight="20"/><cols><col min="1" max="2" width="10"/></cols>
            <sheetData><row r="2" ht="40"><c r="A2"><v>1</v></c></row></sheetData><col min="1" max="9" width="1"/></worksheet>"#;
        Sizes::read(text).area(anchor).map(|a| a.to_string()).unwrap_or_default()
    }

    #[test]
    fn edges_that_only_touch_a_cell_do_not_cover_it() {
        let corner = |col, row| Corner { col, row };
        let two = |a, b| area(Anchor::Two(a, b));
        assert_eq!(two(corner((1, 0.0), (1, 0.0)), corner((2, 0.0), (2, 0.0))), "B2");
        assert_eq!(two(corner((1, 0.0), (1, 0.0)), corner((2, 3.0 * PIXEL), (2, PIXEL))), "B2");
        assert_eq!(two(corner((1, 0.0), (1, 0.0)), corner((2, 60.0 * PIXEL), (1, 9.0))), "B2:C2");
        assert_eq!(two(corner((0, 76.0 * PIXEL), (1, 0.0)), corner((1, 70.0 * PIXEL), (1, 9.0))), "B2");
        assert_eq!(two(corner((3, 0.0), (1, 0.0)), corner((2, 0.0), (1, 9.0))), "", "ends before it begins");
    }

    #[test]
    fn sizes_are_followed() {
        let at = Corner { col: (0, 0.0), row: (0, 0.0) };
        assert_eq!(area(Anchor::One(at, (160.0 * PIXEL, 60.0 * POINT))), "A1:B2");
        assert_eq!(area(Anchor::Absolute((80.0 * PIXEL, 20.0 * POINT), (80.0 * PIXEL, 40.0 * POINT))), "B2");
    }
}
