//! Where the pages of a printed sheet end, and how far it is shrunk so that no page holds only a few rows.

use super::Page;

/// Steps in which a sheet is shrunk beyond what its width asks for, to save a page.
const SCALES: [f64; 9] = [1.0, 0.98, 0.96, 0.94, 0.92, 0.9, 0.88, 0.86, 0.84];
/// Further ones, where each page then holds whole blocks.
const FURTHER: [f64; 4] = [0.83, 0.82, 0.81, 0.8];
/// No sheet is shrunk below this of its full size for the sake of a page.
const LEAST: f64 = 0.68;
/// Where a scale is given instead of a width of one page, it is at most this share of what the width allows.
const NARROWER: f64 = 0.96;
/// Of a page printed at a given scale this share is used: programs round the heights of rows in their own ways.
const SPARE: f64 = 0.985;
/// A block that must be torn begins on a page only where this share of it is left.
const FOOT: f64 = 0.1;
/// A last page with less than this of it used is worth a torn block.
const ORPHAN: f64 = 0.15;

/// The pages of a sheet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pages {
    /// Rows before which a page ends; none where the number of pages is asked for, for then programs cut themselves.
    pub breaks: Vec<u32>,
    /// Number of pages to shrink the sheet to; 0 asks for none.
    pub tall: u16,
    /// Per cent of its size that the sheet is printed at, with the breaks; 0 leaves it to the page's width.
    pub percent: u16,
    /// Margins at both sides in thousandths of an inch, with which the page's width asks for just that size: where letters
    /// are wider than ours, the sheet is printed smaller still, and no column is pushed off the page.
    pub side: u16,
}

/// A sheet as it is printed: rows and the blocks they make up.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    /// Height of each row in points.
    pub heights: &'a [f64],
    /// First row of each block, in order.
    pub starts: &'a [u32],
    /// Height of the rows that are repeated on each page, in points.
    pub repeated: f64,
}

impl Page<'_> {
    /// Cuts a sheet this many pixels wide into as few pages as it takes: at its blocks; or, where that saves a page and
    /// tears no block that would fit on one, shrunk to a number of pages; or printed smaller and cut at its blocks.
    /// Programs heed breaks only where no number of pages is asked for.
    #[must_use]
    pub fn pages(&self, sheet_pixels: f64, rows: Rows<'_>) -> Pages {
        let full = self.capacity(sheet_pixels);
        let least = LEAST / self.scale(sheet_pixels);
        let whole = cut(rows, full, true);
        let orphan = whole.pages > 1 && whole.left > 1.0 - ORPHAN;
        let scales = || SCALES.into_iter().filter(|s| *s >= least.min(1.0));
        let shrunk = scales().map(|s| cut(rows, full / s, false));
        let better = shrunk.filter(|c| c.pages < whole.pages && (orphan || !c.torn)).min_by_key(|c| c.pages);
        if let Some(cut) = better {
            return Pages { tall: cut.pages, ..Pages::default() };
        }
        let small = scales()
            .chain(FURTHER.into_iter().filter(|s| *s >= least))
            .filter(|s| *s <= NARROWER)
            .map(|s| (s, cut(rows, full * SPARE / s, true)));
        let smaller = small.filter(|(_, c)| c.pages < whole.pages).min_by_key(|(_, c)| c.pages);
        smaller.map_or(Pages { breaks: whole.breaks, ..Pages::default() }, |(s, c)| {
            // Between 50 and 100.
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let percent = (self.scale(sheet_pixels) * s * 100.0).floor() as u16;
            Pages { breaks: c.breaks, tall: 0, percent, side: self.side(percent, sheet_pixels) }
        })
    }
}

impl Page<'_> {
    /// The margins that leave a sheet this many pixels wide just so many per cent of its size.
    fn side(&self, percent: u16, sheet_pixels: f64) -> u16 {
        // Programs round the size down to whole per cent.
        let printed = (f64::from(percent) + 0.4) / 100.0 * sheet_pixels / 96.0;
        // A part of a page's width.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let side = ((self.paper().0 - printed) / 2.0 * 1000.0).clamp(0.0, 10_000.0) as u16;
        side
    }
}

/// A sheet cut into pages.
#[derive(Debug)]
struct Cut {
    breaks: Vec<u32>,
    pages: u16,
    /// Whether a block is torn that would fit on a page, or begins at the foot of one.
    torn: bool,
    /// Share of the last page that is empty.
    left: f64,
}

/// Cuts into pages of this many points: before blocks that would be torn, or wherever a page is full.
fn cut(rows: Rows<'_>, capacity: f64, before_blocks: bool) -> Cut {
    let mut cut = Cut { breaks: Vec::new(), pages: 1, torn: false, left: 0.0 };
    let mut used = 0.0;
    for (index, height) in rows.heights.iter().enumerate() {
        let block = rows.starts.iter().position(|s| *s as usize == index);
        if let Some(block) = block.filter(|_| used > 0.0) {
            let end = rows.starts.get(block + 1).map_or(rows.heights.len(), |e| *e as usize);
            let own: f64 = rows.heights.get(index..end).unwrap_or_default().iter().sum();
            let left = capacity - used;
            let tears = own > left && left > 0.0 && (own <= capacity || left < capacity * FOOT);
            if tears && before_blocks {
                cut.breaks.extend(u32::try_from(index));
                cut.pages = cut.pages.saturating_add(1);
                used = 0.0;
            }
            // A long table under a header that is repeated may go on over the page, as any office's list does.
            let long = rows.repeated > 0.0 && own > capacity / 2.0 && left >= capacity * FOOT;
            cut.torn |= tears && !long;
        }
        if used + height > capacity {
            cut.pages = cut.pages.saturating_add(1);
            used = rows.repeated;
        }
        used += height;
    }
    cut.left = 1.0 - used / capacity;
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(blocks: &[usize]) -> Pages {
        let mut starts = Vec::new();
        let mut count = 0;
        for rows in blocks {
            starts.push(u32::try_from(count).unwrap());
            count += rows;
        }
        // 100 rows of a hundredth of a page each.
        let page = Page::default();
        let height = page.capacity(600.0) / 100.0 - 1e-6;
        page.pages(600.0, Rows { heights: &vec![height; count], starts: &starts, repeated: 0.0 })
    }

    #[test]
    fn a_block_is_not_torn_where_it_fits_on_the_next_page() {
        assert_eq!(pages(&[60, 30, 60, 30]), Pages { breaks: vec![90], tall: 0, ..Pages::default() });
        assert_eq!(pages(&[70, 70]), Pages { breaks: vec![70], tall: 0, ..Pages::default() });
    }

    #[test]
    fn a_page_less_is_worth_a_smaller_print_but_not_a_torn_block() {
        assert_eq!(pages(&[116]), Pages { breaks: vec![], tall: 1, ..Pages::default() });
        assert_eq!(pages(&[60, 30, 130]), Pages { tall: 2, ..Pages::default() });
        assert_eq!(pages(&[70, 70, 60]), Pages { breaks: vec![70, 140], tall: 0, ..Pages::default() });
        assert_eq!(pages(&[150]), Pages { breaks: vec![], tall: 0, ..Pages::default() });
    }

    #[test]
    fn a_long_table_with_repeated_headers_may_go_on_over_the_page() {
        let page = Page::default();
        let height = page.capacity(600.0) / 100.0 - 1e-6;
        let of = |repeated| page.pages(600.0, Rows { heights: &vec![height; 210], starts: &[0, 60, 130], repeated });
        assert_eq!(of(0.0), Pages { breaks: vec![60, 130], tall: 0, ..Pages::default() });
        assert_eq!(of(height), Pages { tall: 2, ..Pages::default() });
    }

    #[test]
    fn a_few_rows_on_a_page_of_their_own_are_worth_a_torn_block() {
        assert_eq!(pages(&[60, 40, 60, 40, 8]), Pages { tall: 2, ..Pages::default() });
    }

    #[test]
    fn blocks_that_nearly_fit_are_printed_smaller_and_cut_between() {
        // Each half is a tenth too long for a page; torn anywhere they would be no shorter.
        let pages = pages(&[60, 50, 110]);
        assert_eq!((&pages.breaks, pages.tall, pages.percent), (&vec![110], 0, 88));
        // Between these margins the sheet is as wide as at that size, and not a whole per cent wider.
        let between = Page::default().paper().0 - 2.0 * f64::from(pages.side) / 1000.0;
        let percent = between * 96.0 / 600.0 * 100.0;
        assert!((88.0..89.0).contains(&percent), "{percent}");
    }

    #[test]
    fn a_long_block_does_not_begin_at_the_foot() {
        assert_eq!(pages(&[95, 180]), Pages { breaks: vec![95], ..Pages::default() });
    }
}
