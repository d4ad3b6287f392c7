//! Charts: stacked bars, told apart by tint and pattern so that a copy in black and white
//! keeps them; their figures stand on a plain sheet at the end, which the charts refer to.

use rust_xlsxwriter::{
    Chart, ChartDataLabel, ChartFont, ChartFormat, ChartLegendPosition, ChartLine, ChartLineDashType, ChartMarker,
    ChartMarkerType, ChartPatternFill, ChartPatternFillType, ChartSolidFill, ChartType, Color, Workbook,
};

use super::canvas::Canvas;
use super::context::Context;
use super::csv::Datum;
use super::data::LongTable;
use super::figures::{Counts, counts, replies};
use super::{WriteError, brief, long};
use crate::look;
use crate::model::Handling;
use crate::model::brief::BriefBlock;
use crate::model::ledger::Rate;
use crate::model::master::{ChartDef, ChartOf, ChartPart, MasterKind};

/// The sheet with the figures.
pub const FIGURES: &str = "グラフ用";
const HEADS: &[&str] = &["図", "系列", "項目", "値", "単位"];

/// Pixels of a row that nothing is written in.
const ROW: u32 = 22;
/// Pixels of a bar with its air, and the lowest and highest that are still read; then of title, legend and axis, and
/// of the air between two charts.
const BAR: u32 = 24;
const LOWEST: u32 = 17;
const HIGHEST: u32 = 32;
const AROUND: u32 = 104;
const GAP: u32 = 8;

const DARK: Color = Color::RGB(0x1F_38_63);
pub(super) const MIDDLE: Color = Color::RGB(0x9F_B6_CE);
const PALE: Color = Color::RGB(0xD6_D6_D6);

/// The figures of one chart.
pub struct Figures {
    /// Id of the sheet that it stands on.
    sheet: String,
    title: String,
    half: bool,
    /// Whether bars are shares of a whole.
    shares: bool,
    unit: String,
    bars: Vec<String>,
    parts: Vec<Series>,
    /// First row of its figures.
    row: u32,
}

/// One part of every bar.
pub struct Series {
    /// Its name.
    pub name: String,
    /// Whether it is what is missing, which has a pattern of its own.
    pub open: bool,
    /// One value for each bar.
    pub values: Vec<f64>,
}

impl Figures {
    /// Id of the sheet that it stands on.
    pub fn sheet(&self) -> &str {
        &self.sheet
    }

    /// Heading.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Whether bars are shares of a whole, and the unit otherwise.
    pub fn unit(&self) -> (bool, &str) {
        (self.shares, &self.unit)
    }

    /// Names of the bars.
    pub fn bars(&self) -> &[String] {
        &self.bars
    }

    /// Parts of every bar.
    pub fn parts(&self) -> &[Series] {
        &self.parts
    }
}

/// The figures of all charts, in the order in which they stand on their sheet.
pub fn all(ctx: &Context<'_>) -> Vec<Figures> {
    let mut all: Vec<Figures> = Vec::new();
    // Below the header.
    let mut row = 1;
    for (sheet, chart) in defs(ctx) {
        let Some(figures) = figures_of(ctx, sheet, &chart, row) else { continue };
        row += u32::try_from(figures.bars.len() * figures.parts.len()).unwrap_or(0);
        all.push(figures);
    }
    all
}

/// Every chart of the definitions with the sheet that it stands on: the master's, then those of the papers.
fn defs<'a>(ctx: &Context<'a>) -> Vec<(&'a str, ChartDef)> {
    let mut all: Vec<(&str, ChartDef)> = Vec::new();
    for def in &ctx.templates.master {
        let MasterKind::Summary { charts, .. } = &def.kind else { continue };
        all.extend(charts.iter().map(|c| (def.id.as_str(), c.clone())));
    }
    for topic in &ctx.templates.brief.topics {
        for block in &topic.blocks {
            if let BriefBlock::Bars { title, of } = block {
                all.push((brief::CHARTS, ChartDef { title: title.clone(), half: false, of: of.clone() }));
            }
        }
    }
    all
}

/// One chart's figures; `None` when its form is not asked in the round or the field is not for everybody.
fn figures_of(ctx: &Context<'_>, sheet: &str, def: &ChartDef, row: u32) -> Option<Figures> {
    let (unit, bars, parts) = match &def.of {
        ChartOf::Replies {} => ("課".to_string(), forms(ctx), reply_parts(ctx)),
        ChartOf::Rates { form, order_by, label, parts } => {
            let (bars, parts) = rate_parts(ctx, form, order_by.as_deref(), label, parts);
            ("割合".to_string(), bars, parts)
        }
        ChartOf::Counts { form, field, judged_by, by } => {
            if ctx.handling(form, field) == Handling::Restricted {
                return None;
            }
            let counted = counts(ctx, form, field, judged_by.as_deref(), by.as_deref());
            let (bars, parts) = if by.is_some() { grouped(&counted) } else { single(&counted) };
            (ctx.subject(form).to_string(), bars, parts)
        }
    };
    let shares = matches!(def.of, ChartOf::Rates { .. });
    let (sheet, title) = (sheet.to_string(), def.title.clone());
    (!bars.is_empty() && !parts.is_empty()).then_some(Figures {
        sheet,
        title,
        half: def.half,
        shares,
        unit,
        bars,
        parts,
        row,
    })
}

fn forms(ctx: &Context<'_>) -> Vec<String> {
    ctx.round().forms.keys().map(|f| ctx.title(f).to_string()).collect()
}

fn number(n: usize) -> f64 {
    u32::try_from(n).map_or(f64::MAX, f64::from)
}

fn reply_parts(ctx: &Context<'_>) -> Vec<Series> {
    let all: Vec<_> = ctx.round().forms.keys().map(|form| replies(ctx, form)).collect();
    let part = |name: &str, open: bool, of: fn(&super::figures::Replies) -> usize| Series {
        name: name.to_string(),
        open,
        values: all.iter().map(|r| number(of(r))).collect(),
    };
    vec![
        part("期限内", false, |r| r.in_time),
        part("期限後", false, |r| r.late),
        part("未提出", true, |r| r.missing.len()),
    ]
}

/// The certain shares of each item; what is left is unanswered.
fn rate_parts(
    ctx: &Context<'_>,
    form: &str,
    order_by: Option<&str>,
    label: &str,
    parts: &[ChartPart],
) -> (Vec<String>, Vec<Series>) {
    let rates: Vec<&Rate> = parts.iter().filter_map(|p| ctx.ledger.rate(&p.rate)).collect();
    let mut items: Vec<_> = ctx.ledger.items_of(form).collect();
    if let Some(column) = order_by {
        items.sort_by_key(|i| ctx.attr(i, column).parse::<u64>().unwrap_or(u64::MAX));
    }
    let share = |rate: &Rate, key: &str| rate.rows.iter().find(|r| r.item == key && r.counted).map(|r| r.from);
    items.retain(|i| rates.iter().all(|r| share(r, &i.item.key).is_some()));
    // No system is no progress, whatever it counts as in the municipality's rate: it has a part of its own.
    let none = |key: &str| rates.iter().any(|r| r.rows.iter().any(|row| row.item == key && row.not_applicable));
    let share = |rate: &Rate, key: &str| share(rate, key).map(|s| if none(key) { 0.0 } else { s });
    let of = |rate: &Rate| items.iter().map(|i| share(rate, &i.item.key).unwrap_or(0.0)).collect::<Vec<f64>>();
    let mut series: Vec<Series> =
        parts.iter().zip(&rates).map(|(p, r)| Series { name: p.label.clone(), open: false, values: of(r) }).collect();
    let values: Vec<f64> = items.iter().map(|i| f64::from(u8::from(none(&i.item.key)))).collect();
    if values.iter().any(|v| *v > 0.0) {
        series.push(Series { name: ctx.absent_word(form).to_string(), open: false, values });
    }
    let rest = (0..items.len()).map(|n| {
        let known: f64 = series.iter().filter_map(|s| s.values.get(n)).sum();
        // A fraction of a step is what adding shares leaves over.
        Some(1.0 - known).filter(|r| *r > 1e-9).unwrap_or(0.0)
    });
    let rest = Series { name: "未回答".to_string(), open: true, values: rest.collect() };
    series.push(rest);
    let names = items.iter().map(|i| Some(ctx.attr(i, label)).filter(|t| !t.is_empty()).unwrap_or(i.item.name.clone()));
    (names.collect(), series)
}

fn is_open(label: &str) -> bool {
    label.starts_with("未回答") || label.starts_with("読み取れない")
}

/// A bar per group, a part per code or outcome that occurs.
fn grouped(counted: &[Counts]) -> (Vec<String>, Vec<Series>) {
    let mut names: Vec<&str> = Vec::new();
    for (label, _) in counted.iter().flat_map(|c| &c.buckets) {
        if !names.contains(&label.as_str()) {
            names.push(label);
        }
    }
    // What is missing comes last in every bar.
    names.sort_by_key(|n| is_open(n));
    let count = |c: &Counts, name: &str| c.buckets.iter().find(|(l, _)| l == name).map_or(0, |(_, n)| *n);
    let series = names.into_iter().map(|name| Series {
        name: name.to_string(),
        open: is_open(name),
        values: counted.iter().map(|c| number(count(c, name))).collect(),
    });
    let series = series.filter(|s| s.values.iter().any(|v| *v > 0.0)).collect();
    (counted.iter().map(|c| c.group.clone()).collect(), series)
}

/// A bar per code or outcome.
fn single(counted: &[Counts]) -> (Vec<String>, Vec<Series>) {
    let buckets: Vec<&(String, usize)> = counted.iter().flat_map(|c| &c.buckets).collect();
    let values = buckets.iter().map(|(_, n)| number(*n)).collect();
    let series = Series { name: "数".to_string(), open: false, values };
    (buckets.into_iter().map(|(l, _)| l.clone()).collect(), vec![series])
}

/// The plain sheet with all figures: one value per row.
pub fn figures(ctx: &Context<'_>, book: &mut Workbook, all: &[Figures]) -> Result<(), WriteError> {
    let rows = all.iter().flat_map(|f| {
        f.parts.iter().flat_map(move |s| {
            f.bars.iter().zip(&s.values).map(move |(bar, value)| {
                vec![
                    Datum::text(&*f.title),
                    Datum::text(&*s.name),
                    Datum::text(&**bar),
                    Datum::Number(*value),
                    Datum::text(&*f.unit),
                ]
            })
        })
    });
    let table = LongTable { heads: HEADS, rows: rows.collect() };
    long::draw(ctx, book, FIGURES, &table, (false, false))
}

/// Places charts from this cell on, one below the other and halves side by side, in an area of this size in pixels: bars
/// become higher or lower so that the area is filled. Gives the pixels of height that they take.
pub fn fill(
    page: &mut Canvas<'_>,
    (row, column): (u32, u16),
    all: &[&Figures],
    (width, height): (u32, u32),
) -> Result<u32, WriteError> {
    let mut rest = all;
    let mut lines: Vec<&[&Figures]> = Vec::new();
    while let [first, ..] = rest {
        let pair = first.half && rest.get(1).is_some_and(|second| second.half);
        let (line, after) = rest.split_at(if pair { 2 } else { 1 });
        lines.push(line);
        rest = after;
    }
    let tallest = |line: &&[&Figures], bar: u32| line.iter().map(|f| height_of(f, bar)).max().unwrap_or(0) + GAP;
    let whole = |bar: u32| lines.iter().map(|line| tallest(line, bar)).sum::<u32>();
    let bar = (LOWEST..=HIGHEST).rev().find(|bar| whole(*bar) <= height).unwrap_or(LOWEST);
    let mut top = 3;
    for line in &lines {
        let parts = u32::try_from(line.len()).unwrap_or(1).max(1);
        for (n, figures) in (0u32..).zip(*line) {
            let mut chart = chart(figures);
            chart.set_width(width / parts - 6).set_height(tallest(line, bar) - GAP);
            page.sheet.insert_chart_with_offset(row, column, &chart, n * (width / parts) + 3, top)?;
        }
        top += tallest(line, bar);
    }
    Ok(whole(bar))
}

/// Places one chart over the whole width of a page; gives the row below it.
pub fn place(page: &mut Canvas<'_>, row: u32, figures: &Figures, width: u32) -> Result<u32, WriteError> {
    let height = height_of(figures, BAR);
    let mut chart = chart(figures);
    chart.set_width(width - 6).set_height(height);
    page.sheet.insert_chart_with_offset(row, 0, &chart, 3, 5)?;
    Ok(row + height.div_ceil(ROW) + 1)
}

/// Rows that a chart of lines takes, with the air below it.
pub const LINE_ROWS: u32 = 17;

/// One line of a chart: where its name, the names of its points and their values stand.
pub struct Line<'a> {
    /// The sheet.
    pub sheet: &'a str,
    /// Column of its name.
    pub name: u16,
    /// Column of the names of its points.
    pub names: u16,
    /// Column of the values, shares of a whole.
    pub values: u16,
    /// First row of the points.
    pub first: u32,
    /// Last row.
    pub last: u32,
}

/// Places a chart of shares as lines over the whole width of a page, from this row on. Lines differ in marker and dash, so
/// that a copy in black and white keeps them.
pub fn lines(page: &mut Canvas<'_>, row: u32, title: &str, all: &[Line<'_>]) -> Result<(), WriteError> {
    use ChartLineDashType::{Dash, LongDash, RoundDot, Solid};
    use ChartMarkerType::{Circle, Diamond, Square, Triangle, X};
    const DASHES: [ChartLineDashType; 4] = [Solid, Dash, RoundDot, LongDash];
    const MARKERS: [ChartMarkerType; 5] = [Circle, Square, Triangle, Diamond, X];
    let mut chart = Chart::new(ChartType::Line);
    chart.title().set_name(title).set_font(font(11.0).set_bold()).set_overlay(false);
    chart.set_alt_text(format!("{title}。数値は下の表にあります。"));
    for (n, line) in all.iter().enumerate() {
        let (dash, kind) = (DASHES[n % DASHES.len()], MARKERS[n % MARKERS.len()]);
        let colour = if n % 2 == 0 { DARK } else { look::GREY };
        let mut marker = ChartMarker::new();
        marker.set_type(kind).set_size(7);
        marker.set_format(ChartFormat::new().set_solid_fill(ChartSolidFill::new().set_color(colour)));
        let mut format = ChartFormat::new();
        format.set_line(ChartLine::new().set_color(colour).set_width(1.75).set_dash_type(dash));
        let series = chart.add_series();
        series
            .set_name((line.sheet, line.first, line.name))
            .set_categories((line.sheet, line.first, line.names, line.last, line.names))
            .set_values((line.sheet, line.first, line.values, line.last, line.values));
        series.set_marker(&marker).set_format(&mut format);
    }
    chart.x_axis().set_font(&font(9.0));
    let values = chart.y_axis().set_font(&font(8.0)).set_num_format("0%").set_min(0.0).set_max(1.0);
    values.set_major_gridlines_line(ChartLine::new().set_color(Color::RGB(0xD0_D0_D0)).set_width(0.5));
    chart.legend().set_position(ChartLegendPosition::Right).set_font(&font(9.0));
    let width: u32 = page.pixels();
    chart.set_width(width.saturating_sub(6)).set_height(LINE_ROWS * ROW - ROW);
    page.sheet.insert_chart_with_offset(row, 0, &chart, 3, 5)?;
    Ok(())
}

/// Pixels that a chart needs with bars of this height, a few bars being drawn half as high again.
fn height_of(f: &Figures, bar: u32) -> u32 {
    let bars = u32::try_from(f.bars.len()).unwrap_or(u32::MAX);
    let bar = if bars < 4 { bar * 3 / 2 } else { bar };
    bars.saturating_mul(bar).saturating_add(AROUND).min(1_600)
}

pub(super) fn font(size: f64) -> ChartFont {
    let mut font = ChartFont::new();
    font.set_name(look::FONT).set_size(size).set_color(Color::Black);
    font
}

fn chart(f: &Figures) -> Chart {
    let mut chart = Chart::new(if f.shares { ChartType::BarPercentStacked } else { ChartType::BarStacked });
    chart.title().set_name(f.title.as_str()).set_font(font(11.0).set_bold()).set_overlay(false);
    chart.set_alt_text(alternative(f));
    let rows = u32::try_from(f.bars.len()).unwrap_or(1);
    for ((n, part), top) in (0usize..).zip(&f.parts).zip((f.row..).step_by(f.bars.len().max(1))) {
        let last = top + rows - 1;
        // A chart with one part needs no dark one; letters of short bars stand beside them.
        let look = if f.parts.len() > 1 { look_of(n, part.open) } else { Look::Tint(MIDDLE) };
        let mut letters = font(if f.shares { 8.0 } else { 9.0 });
        if look == Look::Dark {
            letters.set_bold().set_color(Color::White);
        }
        let zeros = if f.parts.len() > 1 { "0;;;" } else { "0" };
        let mut label = ChartDataLabel::new();
        label.show_value().set_font(&letters).set_num_format(if f.shares { "[<0.04]\"\";0.0%" } else { zeros });
        if matches!(look, Look::Pattern(_)) {
            // Letters on a pattern stand on white.
            label.set_format(ChartFormat::new().set_solid_fill(ChartSolidFill::new().set_color(Color::White)));
        }
        let series = chart.add_series();
        series
            .set_name((FIGURES, top, 1))
            .set_categories((FIGURES, top, 2, last, 2))
            .set_values((FIGURES, top, 3, last, 3))
            .set_gap(45)
            .set_overlap(100)
            .set_data_label(&label);
        series.set_format(&mut format_of(look));
    }
    // Of bars the upright axis has the names; they are drawn from the bottom up otherwise.
    chart.y_axis().set_reverse().set_font(&font(9.0)).set_major_gridlines(false);
    let light = Color::RGB(0xD0_D0_D0);
    let values = chart.x_axis().set_font(&font(8.0));
    if f.shares {
        values.set_num_format("0%").set_min(0.0).set_max(1.0);
        values.set_major_gridlines_line(ChartLine::new().set_color(light).set_width(0.5));
    } else {
        values.set_hidden(true).set_major_gridlines(false);
    }
    if f.parts.len() > 1 {
        chart.legend().set_position(ChartLegendPosition::Bottom).set_font(&font(9.0));
    } else {
        chart.legend().set_hidden();
    }
    chart
}

/// The chart in words, for those who cannot see it.
fn alternative(f: &Figures) -> String {
    let totals = f.parts.iter().map(|s| format!("{} {:.0}{}", s.name, s.values.iter().sum::<f64>(), f.unit));
    if f.shares || f.parts.len() < 2 {
        return format!("{}。数値はシート「{FIGURES}」にあります。", f.title);
    }
    format!("{}。{}。数値はシート「{FIGURES}」にあります。", f.title, totals.collect::<Vec<_>>().join("、"))
}

/// How a part looks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Dark,
    Tint(Color),
    Pattern(ChartPatternFillType),
}

/// The look of a part by its place: solid ones first, then stripes. What is missing has slanted stripes, which no
/// other part has: some programs draw all slanted and dotted patterns alike.
pub(super) fn look_of(n: usize, open: bool) -> Look {
    match (open, n) {
        (true, _) => Look::Pattern(ChartPatternFillType::DiagonalStripesWideUpwards),
        (false, 0) => Look::Dark,
        (false, 1) => Look::Tint(MIDDLE),
        (false, 2) => Look::Tint(Color::White),
        (false, 3) => Look::Tint(PALE),
        (false, 4) => Look::Pattern(ChartPatternFillType::HorizontalStripesLight),
        (false, _) => Look::Pattern(ChartPatternFillType::VerticalStripesLight),
    }
}

pub(super) fn format_of(look: Look) -> ChartFormat {
    let mut format = ChartFormat::new();
    match look {
        Look::Dark => format.set_solid_fill(ChartSolidFill::new().set_color(DARK)),
        Look::Tint(colour) => format.set_solid_fill(ChartSolidFill::new().set_color(colour)),
        Look::Pattern(pattern) => format.set_pattern_fill(
            ChartPatternFill::new()
                .set_pattern(pattern)
                .set_foreground_color(look::GREY)
                .set_background_color(Color::White),
        ),
    };
    format.set_border(ChartLine::new().set_color(Color::Black).set_width(0.75));
    format
}
