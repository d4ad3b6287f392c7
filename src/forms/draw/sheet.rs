//! One sheet: its columns, its head, its blocks, and how it is printed.

use rust_xlsxwriter::{Format, IgnoreError, ProtectionOptions, Worksheet, XlsxError};

use super::Scene;
use super::block;
use super::grid::{Ruler, Want};
use super::lists::Lists;
use super::watch::Watch;
use crate::forms::prints::{self, Occasion, Printed};
use crate::look;
use crate::model::form::{Block, Field, FieldType, Layout, Repeat};
use crate::model::sign;

/// Least width of a sheet, in half-width characters: a page of A4 at full size.
const PORTRAIT: u32 = 94;
const LANDSCAPE: u32 = 138;
/// Printed on A3 when A4 would shrink the text below six tenths.
const A4_AT_SIX_TENTHS: u32 = 240;
/// Pixels of one half-width character; columns are set in whole characters so that blocks meet.
const PIXELS: u32 = 7;
/// The column of the signs at the left of everything, and its width.
pub(super) const MARGIN: u16 = 0;
const MARGIN_WIDTH: u32 = 7;
/// Room for the word that marks an example.
const EXAMPLE_WIDTH: u32 = 12;
/// Room for the boxes behind a table.
const BOX_WIDTH: u32 = 10;
/// A table longer than this repeats its header on each page.
const LONG: usize = 15;

/// Where the next thing is drawn, over the columns of the sheet.
pub(super) struct Pen<'w, 'a> {
    /// The sheet.
    pub ws: &'w mut Worksheet,
    /// What is watched.
    pub watch: &'w mut Watch<'a>,
    /// Boundaries of its columns.
    pub bounds: Vec<u32>,
    /// The next row.
    pub row: u32,
    /// The first cell that is to be filled in.
    pub first_input: Option<(u32, u16)>,
    /// Height of each row so far, in points.
    heights: Vec<f64>,
}

/// A stretch of columns, from one boundary to another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    /// First column.
    pub first: u16,
    /// Last column.
    pub last: u16,
    /// Width in half-width characters.
    pub width: u32,
}

impl Pen<'_, '_> {
    /// The columns between two boundaries.
    pub(super) fn span(&self, from: u32, to: u32) -> Span {
        let index = |at| self.bounds.partition_point(|b| *b < at);
        let column = |i: usize| u16::try_from(i + 1).unwrap_or(u16::MAX);
        let first = index(from);
        Span { first: column(first), last: column(index(to).saturating_sub(1).max(first)), width: to - from }
    }

    /// The boundary nearest to a position, but the left edge.
    pub(super) fn near(&self, at: u32) -> u32 {
        let inner = self.bounds.iter().skip(1).copied();
        inner.min_by_key(|b| b.abs_diff(at)).unwrap_or(1)
    }

    /// The first boundary that leaves this much to its left.
    fn at_least(&self, width: u32) -> u32 {
        self.bounds.iter().copied().find(|b| *b >= width).unwrap_or_else(|| self.all().width)
    }

    /// The whole width.
    pub(super) fn all(&self) -> Span {
        self.span(0, self.bounds.last().copied().unwrap_or(1))
    }

    /// Writes a text over a span of columns and `rows` rows, merged when that is more than one cell.
    pub(super) fn text(&mut self, span: Span, rows: u32, text: &str, format: &Format) -> Result<(), XlsxError> {
        self.merge(span, rows, format)?;
        if text.is_empty() {
            self.ws.write_blank(self.row, span.first, format)?;
        } else {
            self.ws.write_string_with_format(self.row, span.first, text, format)?;
        }
        Ok(())
    }

    /// Merges a span of columns and `rows` rows from the current row on, unless it is a single cell.
    pub(super) fn merge(&mut self, span: Span, rows: u32, format: &Format) -> Result<(), XlsxError> {
        if span.first < span.last || rows > 1 {
            self.ws.merge_range(self.row, span.first, self.row + rows - 1, span.last, "", format)?;
        }
        Ok(())
    }

    /// Height of these rows together, in points.
    fn height(&self, first: u32, last: u32) -> f64 {
        self.heights.get(first as usize..=last as usize).unwrap_or_default().iter().sum()
    }

    /// Ends the current row with this height in points.
    pub(super) fn end(&mut self, height: f64) -> Result<(), XlsxError> {
        self.ws.set_row_height(self.row, height)?;
        self.heights.push(height);
        self.row += 1;
        Ok(())
    }
}

/// Draws one sheet.
pub(super) fn draw<'a>(
    ws: &mut Worksheet,
    name: &str,
    scene: Scene<'a>,
    lists: &mut Lists,
    watch: &mut Watch<'a>,
) -> Result<(), XlsxError> {
    ws.set_name(name)?;
    let (bounds, plans) = columns(scene);
    let mut pen = Pen { ws, watch, bounds, row: 0, first_input: None, heights: Vec::new() };
    pen.ws.set_column_width_pixels(MARGIN, MARGIN_WIDTH * PIXELS)?;
    for (column, pair) in (1u16..).zip(pen.bounds.windows(2)) {
        if let [from, to] = *pair {
            pen.ws.set_column_width_pixels(column, (to - from) * PIXELS)?;
        }
    }
    head(&mut pen, scene)?;
    let scope = if scene.sheet.repeat == Repeat::Item { pen.watch.scope(false, scene.item) } else { 0 };
    let mut header = None;
    let mut starts = Vec::new();
    for (block, plan) in scene.sheet.blocks.iter().zip(&plans) {
        starts.push(pen.row);
        if let Some(title) = &block.title {
            let all = pen.all();
            pen.text(all, 1, title, &look::heading())?;
            pen.end(24.0)?;
        }
        header = match block.layout {
            Layout::Card => {
                block::card(&mut pen, scene, lists, block, plan, scope)?;
                None
            }
            Layout::Table => Some(block::table(&mut pen, scene, lists, block, plan, scope)?),
        };
        pen.end(9.0)?;
    }
    finish(&mut pen, scene, header.as_ref(), &starts)
}

/// What stands above the blocks, as the list of what a form prints has it.
fn printed(scene: Scene<'_>) -> Vec<prints::Text> {
    let fill = scene.fill;
    let on = Occasion {
        round: fill.round_name,
        as_of: fill.as_of,
        mark: fill.mark,
        item: scene.item.map(|i| i.name.as_str()),
        example: scene.example,
        earlier: scene.has_earlier(),
    };
    prints::head(scene.form, scene.sheet, &on)
}

/// Marker line, mark, title, round and instructions.
fn head(pen: &mut Pen<'_, '_>, scene: Scene<'_>) -> Result<(), XlsxError> {
    let texts = printed(scene);
    let all = pen.all();
    let (line, mark) = (prints::the(Printed::Marker, &texts), prints::the(Printed::Mark, &texts));
    let mark_width = look::display_width(mark) + look::display_width(mark) / 6 + 4;
    let split = pen.bounds.iter().rev().copied().find(|b| b + mark_width <= all.width && *b * 2 >= all.width);
    if let Some(split) = split.filter(|_| !mark.is_empty()) {
        pen.text(pen.span(0, split), 1, line, &look::small())?;
        pen.text(pen.span(split, all.width), 1, mark, &look::mark())?;
        pen.end(20.0)?;
    } else {
        if !line.is_empty() {
            pen.text(all, 1, line, &look::small())?;
            pen.end(14.0)?;
        }
        if !mark.is_empty() {
            pen.text(all, 1, mark, &look::mark())?;
            pen.end(20.0)?;
        }
    }
    let title = prints::the(Printed::Title, &texts);
    if scene.example {
        let split = pen.at_least(EXAMPLE_WIDTH);
        pen.text(pen.span(0, split), 1, &format!("【{}】", sign::EXAMPLE), &look::mark())?;
        pen.text(pen.span(split, all.width), 1, title, &look::title())?;
    } else {
        pen.text(all, 1, title, &look::title())?;
    }
    pen.end(30.0)?;
    for round in prints::all(Printed::Round, &texts) {
        pen.text(all, 1, round, &look::base())?;
        pen.end(18.0)?;
    }
    for legend in prints::all(Printed::Legend, &texts) {
        counters(pen, scene, legend)?;
    }
    for legend in prints::all(Printed::Earlier, &texts) {
        earlier(pen, scene, legend)?;
    }
    for sentence in prints::all(Printed::Note, &texts) {
        pen.text(all, 1, sentence, &look::note())?;
        pen.end(look::row_height(look::wrapped_lines(sentence, f64::from(all.width))) - 2.0)?;
    }
    pen.end(6.0)
}

/// What answers of an earlier round look like, in that look; on the sheet of one item with the box that says that they stand.
fn earlier(pen: &mut Pen<'_, '_>, scene: Scene<'_>, legend: &str) -> Result<(), XlsxError> {
    let all = pen.all();
    let end = pen.at_least(look::display_width(legend) + 4);
    pen.text(pen.span(0, end), 1, legend, &look::earlier(look::cell()))?;
    pen.end(21.0)?;
    if scene.sheet.repeat != Repeat::Item {
        return Ok(());
    }
    pen.end(6.0)?;
    let label_end = pen.at_least(look::display_width(sign::UNCHANGED) + 3);
    let box_end = pen.at_least(label_end + 8).max(label_end + 1);
    pen.text(pen.span(0, label_end), 1, sign::UNCHANGED, &look::label())?;
    block::tick(pen, pen.span(label_end, box_end))?;
    if box_end < all.width {
        pen.text(pen.span(box_end, all.width), 1, sign::UNCHANGED_HINT, &look::small())?;
    }
    pen.end(21.0)
}

/// The counters, and what the signs in the margin mean. The total stands on the first sheet of several.
fn counters(pen: &mut Pen<'_, '_>, scene: Scene<'_>, legend: &str) -> Result<(), XlsxError> {
    const WIDTH: u32 = 34;
    let all = pen.all();
    let several = scene.form.sheets.len() > 1 || scene.sheet.repeat == Repeat::Item;
    let is_first = scene.form.sheets.first().is_some_and(|s| s.id == scene.sheet.id) && !scene.sheet.plain;
    let (first, second) = (pen.near(WIDTH), pen.near(WIDTH + WIDTH + 14));
    let own = pen.span(0, first);
    pen.merge(own, 1, &look::counter())?;
    let mut rest = first;
    let mut total = None;
    if several && is_first && second > first {
        let span = pen.span(first, second);
        pen.merge(span, 1, &look::counter())?;
        total = Some((pen.row, span.first));
        rest = second;
    }
    pen.watch.counters((pen.row, own.first), total);
    let fits = rest + look::display_width(legend) * 9 / 10 < all.width;
    if fits {
        pen.text(pen.span(rest, all.width), 1, legend, &look::small())?;
    }
    pen.end(21.0)?;
    if !fits {
        pen.text(all, 1, legend, &look::small())?;
        pen.end(16.0)?;
    }
    Ok(())
}

/// Protection, freezing and print.
fn finish(
    pen: &mut Pen<'_, '_>,
    scene: Scene<'_>,
    header: Option<&block::Header>,
    starts: &[u32],
) -> Result<(), XlsxError> {
    let sheet = scene.sheet;
    let all = pen.all();
    let only_table = sheet.blocks.len() == 1;
    if let Some(header) = header {
        let long = header.rows > LONG;
        if long {
            pen.ws.set_repeat_rows(header.first, header.last)?;
        }
        let fixed = if all.width > LANDSCAPE { header.locked_columns } else { 0 };
        let top = if only_table { header.last + 1 } else { 0 };
        if top > 0 || fixed > 0 {
            pen.ws.set_freeze_panes(top, fixed)?;
        }
    }
    let last_row = pen.row.saturating_sub(2);
    pen.ws.set_print_area(0, 0, last_row, all.last)?;
    // Codes and numbers stand as text on purpose; Excel need not flag them.
    pen.ws.ignore_error_range(0, 0, last_row, all.last, IgnoreError::NumberStoredAsText)?;
    if let Some((row, column)) = pen.first_input {
        pen.ws.set_selection(row, column, row, column)?;
    }
    if scene.example {
        pen.ws.set_tab_color(look::GREY);
    }
    if !sheet.plain {
        pen.ws.set_screen_gridlines(false);
        let options = ProtectionOptions { format_columns: true, format_rows: true, ..ProtectionOptions::new() };
        pen.ws.protect_with_options(&options);
    }
    let left = scene.fill.division.map_or_else(
        || scene.form.title.clone(),
        |d| format!("{}　{}　{}", scene.form.title, d.name, scene.item.map_or("", |i| &i.name)),
    );
    let page = look::Page {
        landscape: sheet.landscape,
        a3: sheet.landscape && all.width > A4_AT_SIX_TENTHS,
        left: left.trim_end(),
        right: &prints::round_line(scene.fill.round_name, scene.fill.as_of),
        mark: scene.fill.mark,
    };
    look::page_setup(pen.ws, &page);
    let repeated = header.filter(|h| h.rows > LONG).map_or(0.0, |h| pen.height(h.first, h.last));
    let rows = look::Rows { heights: &pen.heights, starts, repeated };
    look::set_pages(pen.ws, &page.pages(f64::from((all.width + MARGIN_WIDTH) * PIXELS), rows))
}

/// The boundaries of the sheet's columns, and for each block those of its own cells.
fn columns(scene: Scene<'_>) -> (Vec<u32>, Vec<Vec<u32>>) {
    let sheet = scene.sheet;
    let blocks = &sheet.blocks;
    let main = (0..blocks.len())
        .filter(|i| blocks[*i].layout == Layout::Table)
        .max_by_key(|i| (blocks[*i].fields.len(), std::cmp::Reverse(*i)));
    let page = if sheet.landscape { LANDSCAPE } else { PORTRAIT };
    let widths = blocks.iter().map(|b| match b.layout {
        Layout::Table => table_wants(scene, b).iter().map(|w| w.ideal).sum(),
        Layout::Card => card_wants(scene, b, 0).iter().map(|w| w.min).sum(),
    });
    let width: u32 = widths.max().unwrap_or(0).max(page);
    let mut ruler = Ruler::new(width);
    let mut plans = vec![Vec::new(); blocks.len()];
    if let Some(main) = main {
        let block = &blocks[main];
        let wants = table_wants(scene, block);
        let fixed: Vec<(u32, u64)> = wants.iter().zip(costs(scene, block)).map(|(w, cost)| (w.ideal, cost)).collect();
        plans[main] = ruler.fix(&fixed);
    }
    let tables = (0..blocks.len()).filter(|i| Some(*i) != main && blocks[*i].layout == Layout::Table);
    let cards = (0..blocks.len()).filter(|i| blocks[*i].layout == Layout::Card);
    for i in tables.chain(cards) {
        let block = &blocks[i];
        plans[i] = match block.layout {
            Layout::Table => {
                let mut wants = table_wants(scene, block);
                let costs = costs(scene, block);
                let own: u32 = wants.iter().map(|w| w.ideal).sum();
                let wide = own * 10 >= width * 6;
                for want in wants.iter_mut().filter(|_| wide) {
                    want.ideal = want.ideal * width / own.max(1);
                }
                ruler.lay(&wants, wide, &costs)
            }
            // On a very wide sheet a card stays at the left, where it is seen and printed readably.
            Layout::Card if width > LANDSCAPE => {
                let wants = card_wants(scene, block, PORTRAIT);
                ruler.lay(&wants, false, &[])
            }
            Layout::Card => {
                let wants = card_wants(scene, block, width);
                ruler.lay(&wants, true, &[])
            }
        };
    }
    (ruler.bounds(), plans)
}

/// What it costs to cut a column: rows of records and free rows stay single cells, and so does what is typed into.
fn cut_cost(scene: Scene<'_>, block: &Block, field: &Field) -> u64 {
    let fixed_rows = scene.sheet.repeat == Repeat::Item && block.rows.codes.is_some();
    match (fixed_rows && block.rows.free == 0, field.locked) {
        (true, true) => 4,
        (true, false) => 30,
        (false, true) => 80,
        (false, false) => 1000,
    }
}

/// What it costs to cut each column of a table.
fn costs(scene: Scene<'_>, block: &Block) -> Vec<u64> {
    let boxes = scene.has_boxes(block).then_some(1000);
    block.fields.iter().map(|f| cut_cost(scene, block, f)).chain(boxes).collect()
}

/// Widths of a table's columns: as defined, with a character of padding; behind them the boxes.
fn table_wants(scene: Scene<'_>, block: &Block) -> Vec<Want> {
    let boxes = scene.has_boxes(block).then_some(BOX_WIDTH);
    let widths = block.fields.iter().map(|f| answer_width(scene, f)).chain(boxes);
    widths.map(|w| Want { ideal: w + 1, min: w }).collect()
}

/// Widths of label and answer, label and answer … of a card; `total` is what they share, 0 for the least. Cards of a
/// sheet with as many pairs are measured together, so that their labels stand in line.
fn card_wants(scene: Scene<'_>, block: &Block, total: u32) -> Vec<Want> {
    let pairs = usize::from(block.pairs.max(1));
    let alike = scene.sheet.blocks.iter().filter(|b| b.layout == Layout::Card && b.pairs == block.pairs);
    let in_pair = |pair: usize| alike.clone().flat_map(move |b| b.fields.iter().skip(pair).step_by(pairs));
    let label = |pair| in_pair(pair).map(|f| look::display_width(&f.label) + 3).max().unwrap_or(6).clamp(8, 30);
    let labels: u32 = (0..pairs).map(label).sum();
    let count = u32::try_from(pairs).unwrap_or(1);
    let share = total.saturating_sub(labels) / count;
    let mut wants = Vec::new();
    for pair in 0..pairs {
        let answer = in_pair(pair).map(|f| answer_width(scene, f).min(24)).max().unwrap_or(14).max(14);
        wants.push(Want { ideal: label(pair), min: label(pair) });
        wants.push(Want { ideal: share.max(answer), min: answer });
    }
    wants
}

/// The width of a field's answer in half-width characters: as defined, else by its type.
fn answer_width(scene: Scene<'_>, field: &Field) -> u32 {
    if let Some(width) = field.width {
        // Between 4 and 100 by the clamp.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let width = width.clamp(4.0, 100.0).ceil() as u32;
        return width;
    }
    let words = || {
        let list = field.codes.as_ref().and_then(|id| scene.templates.lists.get(id));
        list.into_iter().flat_map(|l| &l.codes).map(|c| look::display_width(&c.name)).max().unwrap_or(0)
    };
    match field.kind {
        FieldType::Text => 24,
        FieldType::Date => 18,
        FieldType::Integer | FieldType::Percent | FieldType::Item | FieldType::Division => 10,
        FieldType::Number | FieldType::Money => 12,
        // Room for the arrow of the drop-down.
        FieldType::Choice | FieldType::Flag => (words() + 3).clamp(8, 30),
    }
}
