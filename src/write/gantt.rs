//! The sheet kind Gantt: two lines per item, planned above actual, over months; deadline and as-of date as lines.
//!
//! Everything is told by a letter, a sign or a line; tints only repeat it, so that a copy in black and white loses
//! nothing.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, FormatUnderline, Workbook};

use super::canvas::{Canvas, fitting};
use super::cell::{Cell, Tone};
use super::context::Context;
use super::timeline::{self, Column, Line, Mark, Part, Plan, Timeline};
use super::{WriteError, add_sheet};
use crate::look;
use crate::model::date::{wareki, wareki_fiscal};
use crate::model::master::MasterSheet;

/// Columns before the months: number, item, division, planned or actual.
const LEFT: [f64; 4] = [5.0, 21.0, 18.0, 6.0];
/// Columns after the months: judgement, remarks.
const RIGHT: [f64; 2] = [15.0, 30.0];
const MONTH: f64 = 2.6;
const EDGE: f64 = 4.0;
/// Points of a line of letters and of the smallest row.
const LETTER: f64 = 14.0;
const SMALLEST_ROW: f64 = 20.0;

const DARK: Color = Color::RGB(0x1F_38_63);
const POINT: Color = Color::RGB(0xB4_C7_DC);
const BAR: Color = Color::RGB(0xE4_EC_F4);

/// How a cell of the months looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    Empty,
    Bar,
    Period,
    Point,
    Late,
    Done,
}

/// The line at the right of a month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Right {
    #[default]
    Hair,
    YearEnd,
    AsOf,
    Deadline,
}

/// Lines around a cell of the months: only the right one tells something, so that neighbours never disagree.
#[derive(Clone, Copy, Debug, Default)]
struct Edges {
    right: Right,
    top: bool,
    bottom: bool,
}

/// Cells of the legend, what they mean, and how many columns these words need.
type Sample<'s> = (&'s [(&'s str, Style)], &'s str, u16);

/// Draws the sheet.
pub fn draw(ctx: &Context<'_>, book: &mut Workbook, def: &MasterSheet, plan: &Plan<'_>) -> Result<(), WriteError> {
    let sheet = add_sheet(ctx, book, &def.name, def.form.as_deref(), (def.landscape, def.a3))?;
    let Some(t) = timeline::build(ctx, def, plan) else {
        let mut canvas = Canvas::new(sheet, &[80.0])?;
        let row = canvas.title(0, &def.title, &ctx.round().mark)?;
        canvas.notes(row, &["この調査回では調べていません。".to_string()])?;
        return Ok(());
    };
    let months = t.columns.iter().map(|c| if matches!(c, Column::Month(_)) { MONTH } else { EDGE });
    let widths: Vec<f64> = LEFT.into_iter().chain(months).chain(RIGHT).collect();
    let mut canvas = Canvas::new(sheet, &widths)?;
    let mut row = canvas.title(0, &def.title, &ctx.round().mark)?;
    let mut notes: Vec<String> = def.notes.iter().map(|n| ctx.fill(n, def.form.as_deref())).collect();
    let signs: Vec<String> = t.milestones.iter().map(|m| format!("{}＝{}", m.sign, m.name)).collect();
    notes.push(format!("記号：{}", signs.join("　")));
    row = canvas.notes(row, &notes)?;
    row = legend(&mut canvas, row, t.milestones.last().map_or("", |m| &m.sign))?;
    let deadline = ctx.round().deadline(plan.deadline).map(|d| format!("期限 {}（{}）▼", d.name, wareki(d.date)));
    let as_of = format!("▼基準日 {}", ctx.as_of_text(def.form.as_deref()));
    row = markers(&mut canvas, row, &t, deadline.as_deref(), &as_of)?;
    let data = headers(&mut canvas, row, &t, ctx.subject(def.form.as_deref().unwrap_or_default()))?;
    let (mut next, head) = (data, canvas.height());
    let mut parts = Vec::new();
    for (n, line) in t.lines.iter().enumerate() {
        let (first, above) = (next, canvas.height());
        next = item(ctx, &mut canvas, next, n + 1, line, &t)?;
        parts.push((first, canvas.height() - above));
    }
    if canvas.legible(def.landscape, def.a3) {
        canvas.whole_parts((def.landscape, def.a3), &parts, head, 2.0 * SMALLEST_ROW)?;
    }
    let left = column(LEFT.len());
    canvas.sheet.set_freeze_panes(data, left)?;
    canvas.sheet.set_repeat_rows(row, data - 1)?;
    canvas.sheet.set_repeat_columns(0, left - 1)?;
    Ok(())
}

fn column(n: usize) -> u16 {
    u16::try_from(n).unwrap_or(u16::MAX)
}

/// The sheet's column of a column of months.
fn at(n: usize) -> u16 {
    column(LEFT.len() + n)
}

/// Samples of every way a cell may look, each with its meaning; in the look that it has below.
fn legend(canvas: &mut Canvas<'_>, row: u32, sign: &str) -> Result<u32, WriteError> {
    canvas.set_height(row, SMALLEST_ROW + 2.0)?;
    let text = look::base().set_font_size(9);
    canvas.sheet.write_string_with_format(row, 1, "凡例", &text.clone().set_bold().set_align(FormatAlign::Right))?;
    let samples: [Sample<'_>; 6] = [
        (&[(sign, Style::Point)], "予定の月", 4),
        (&[(sign, Style::Late)], "期限より後の予定（下線）", 7),
        (&[(sign, Style::Done)], "実績の月", 4),
        (
            &[(&format!("({sign}"), Style::Period), ("…", Style::Period), (&format!("{sign})"), Style::Period)],
            "この期間のどこか",
            6,
        ),
        (&[("", Style::Bar)], "最初の予定から最後の予定まで", 9),
        (&[], "頃＝おおよその時期。太線＝期限、破線＝基準日", 14),
    ];
    let mut at = column(LEFT.len());
    let (mut row, end) = (row, canvas.columns());
    for (n, (cells, words, room)) in samples.into_iter().enumerate() {
        // Few months leave no room for all in one row.
        if n > 0 && at + 4 >= end {
            (row, at) = (row + 1, column(LEFT.len()));
            canvas.set_height(row, SMALLEST_ROW + 2.0)?;
        }
        for (shown, style) in cells {
            let format = month_format(*style, Edges { top: true, bottom: true, ..Edges::default() });
            canvas.sheet.write_string_with_format(row, at, *shown, &format)?;
            at += 1;
        }
        if at < end {
            canvas.sheet.write_string_with_format(row, at, words, &text)?;
        }
        at += room;
    }
    Ok(row + 1)
}

/// Two rows of labels over the months: the deadline's, then the as-of date's.
fn markers(
    canvas: &mut Canvas<'_>,
    row: u32,
    t: &Timeline<'_>,
    deadline: Option<&str>,
    as_of: &str,
) -> Result<u32, WriteError> {
    let format = look::base().set_font_size(9).set_bold();
    for r in [row, row + 1] {
        canvas.set_height(r, LETTER + 1.0)?;
    }
    if let (Some(column), Some(text)) = (t.deadline, deadline) {
        // Text that is aligned right runs out to the left over empty cells.
        canvas.sheet.write_string_with_format(row, at(column), text, &format.clone().set_align(FormatAlign::Right))?;
    }
    if let Some(column) = t.as_of {
        canvas.sheet.write_string_with_format(row + 1, at(column), as_of, &format)?;
    }
    Ok(row + 2)
}

/// Fiscal years over months.
fn headers(canvas: &mut Canvas<'_>, row: u32, t: &Timeline<'_>, subject: &str) -> Result<u32, WriteError> {
    let header = look::header();
    for r in [row, row + 1] {
        canvas.set_height(r, SMALLEST_ROW)?;
    }
    let right = LEFT.len() + t.columns.len();
    let names = ["順", subject, "所管課", "区分"].into_iter().enumerate();
    let names = names.chain([(right, "期限に対する判定"), (right + 1, "未定・未回答・備考")]);
    for (c, name) in names {
        canvas.sheet.merge_range(row, column(c), row + 1, column(c), name, &header)?;
    }
    let mut n = 0;
    while let Some(first) = t.columns.get(n) {
        let Column::Month(month) = first else {
            let word = if *first == Column::Before { "以前" } else { "以降" };
            canvas.sheet.merge_range(row, at(n), row + 1, at(n), word, &header.clone().set_font_size(8))?;
            n += 1;
            continue;
        };
        let year = fiscal(*month);
        let size = t.columns.iter().skip(n).take_while(|c| matches!(c, Column::Month(m) if fiscal(*m) == year)).count();
        let format = ruled(header.clone(), edges(t, n + size - 1));
        // The name of a year needs three months of room.
        let name = if size < 3 { String::new() } else { wareki_fiscal(year) };
        canvas.across(row, at(n), at(n + size - 1), &name, &format)?;
        n += size;
    }
    for (n, c) in t.columns.iter().enumerate() {
        if let Column::Month(month) = c {
            let format = ruled(header.clone().set_font_size(9), edges(t, n));
            canvas.sheet.write_string_with_format(row + 1, at(n), (month.rem_euclid(12) + 1).to_string(), &format)?;
        }
    }
    Ok(row + 2)
}

fn fiscal(month: i32) -> i32 {
    (month - 3).div_euclid(12)
}

fn edges(t: &Timeline<'_>, n: usize) -> Edges {
    let year_end = t.columns.get(n).is_none_or(|c| if let Column::Month(m) = c { m.rem_euclid(12) == 2 } else { true });
    let right = match (t.deadline == Some(n), t.as_of == Some(n), year_end) {
        (true, ..) => Right::Deadline,
        (_, true, _) => Right::AsOf,
        (_, _, true) => Right::YearEnd,
        _ => Right::Hair,
    };
    Edges { right, ..Edges::default() }
}

/// One item: two lines.
fn item(
    ctx: &Context<'_>,
    canvas: &mut Canvas<'_>,
    row: u32,
    number: usize,
    line: &Line<'_>,
    t: &Timeline<'_>,
) -> Result<u32, WriteError> {
    let right = LEFT.len() + t.columns.len();
    let division = ctx.attr(line.item, "division");
    let unsettled = line.item.item.owner.is_none();
    let both = [
        (0, Cell::count(number).center()),
        (1, Cell::text(&*line.item.item.name)),
        (2, Cell::text(division).tone(if unsettled { Tone::Warn } else { Tone::Plain })),
        (right, line.judged.clone()),
        (right + 1, line.remark.clone()),
    ];
    let widths: Vec<f64> = both.iter().map(|(c, _)| width(*c, right)).collect();
    let lines = both.iter().zip(widths).map(|((_, cell), w)| look::wrapped_lines(&cell.shown(), w)).max().unwrap_or(1);
    for (c, cell) in &both {
        canvas.tall(row, row + 1, column(*c), cell)?;
    }
    let kinds = [("予定", &line.planned, line.bar), ("実績", &line.actual, None)];
    let mut heights = [0.0; 2];
    for (r, (name, marks, bar)) in (row..).zip(kinds) {
        canvas.put(r, column(LEFT.len() - 1), &Cell::text(name).center())?;
        let stacked = marks.iter().map(|m| text(m).lines().count()).max().unwrap_or(1).max(1);
        for (n, cell) in marks.iter().enumerate() {
            let style = style(cell, bar.is_some_and(|(a, b)| (a..=b).contains(&n)), bar.is_none());
            let format = month_format(style, Edges { top: r == row, bottom: r > row, ..edges(t, n) });
            canvas.sheet.write_string_with_format(r, at(n), text(cell), &format)?;
        }
        if let Some(height) = heights.get_mut(usize::from(r > row)) {
            // A cell holds a few letters at most.
            *height = f64::from(u32::try_from(stacked).unwrap_or(1)).mul_add(LETTER, 2.0).max(SMALLEST_ROW);
        }
    }
    if let Some((n, words)) = &line.said {
        say(canvas, row, *n, words, t)?;
    }
    let short = look::row_height(lines) - heights[0] - heights[1];
    canvas.set_height(row, heights[0])?;
    canvas.set_height(row + 1, heights[1] + short.max(0.0))?;
    Ok(row + 2)
}

fn width(column: usize, right: usize) -> f64 {
    LEFT.get(column).or_else(|| RIGHT.get(column.checked_sub(right)?)).copied().unwrap_or(MONTH)
}

/// Words within the months: they run over the empty cells behind them.
fn say(canvas: &mut Canvas<'_>, row: u32, n: usize, words: &str, t: &Timeline<'_>) -> Result<(), WriteError> {
    let n = n.min(t.columns.len().saturating_sub(1));
    let format = look::base().set_bold().set_font_size(9).set_align(FormatAlign::Left);
    let format = ruled(format, Edges { top: true, ..edges(t, n) });
    canvas.sheet.write_string_with_format(row, at(n), fitting(words), &format)?;
    Ok(())
}

/// The letters of a cell, one below the other; a month within a period has dots where nothing else stands.
fn text(marks: &[Mark]) -> String {
    let letters = marks.iter().filter_map(|m| {
        let about = if m.approx { "\n頃" } else { "" };
        match m.part {
            Part::Point => Some(format!("{}{about}", m.sign)),
            Part::First => Some(format!("({}", m.sign)),
            Part::Last => Some(format!("{}){about}", m.sign)),
            Part::Within => None,
        }
    });
    let letters: Vec<String> = letters.collect();
    if letters.is_empty() && !marks.is_empty() { "…".to_string() } else { letters.join("\n") }
}

fn style(marks: &[Mark], in_bar: bool, actual: bool) -> Style {
    let point = marks.iter().find(|m| m.part == Part::Point);
    match (marks.is_empty(), point) {
        (false, _) if actual => Style::Done,
        (false, _) if marks.iter().any(|m| m.late && m.part != Part::Within) => Style::Late,
        (false, Some(_)) => Style::Point,
        (false, None) => Style::Period,
        (true, _) if in_bar => Style::Bar,
        (true, _) => Style::Empty,
    }
}

fn month_format(style: Style, edges: Edges) -> Format {
    let base = look::base().set_align(FormatAlign::Center).set_text_wrap();
    let base = match style {
        Style::Empty => base,
        Style::Bar => look::tinted(base, BAR),
        Style::Period => look::tinted(base, BAR).set_font_size(9),
        Style::Point => look::tinted(base, POINT).set_bold(),
        Style::Late => look::tinted(base, look::WARN_TINT).set_bold().set_underline(FormatUnderline::Single),
        Style::Done => look::tinted(base, DARK).set_bold().set_font_color(Color::White),
    };
    ruled(base, edges)
}

fn ruled(format: Format, edges: Edges) -> Format {
    let (right, colour) = match edges.right {
        Right::Deadline => (FormatBorder::Thick, Color::Black),
        Right::AsOf => (FormatBorder::MediumDashed, Color::Black),
        Right::YearEnd => (FormatBorder::Thin, look::GREY),
        Right::Hair => (FormatBorder::Hair, look::RULE),
    };
    let mut format = format.set_border_right(right).set_border_right_color(colour);
    if edges.top {
        format = format.set_border_top(FormatBorder::Thin).set_border_top_color(look::RULE);
    }
    if edges.bottom {
        format = format.set_border_bottom(FormatBorder::Thin).set_border_bottom_color(look::RULE);
    }
    format
}
