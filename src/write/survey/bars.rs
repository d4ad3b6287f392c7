//! The bar chart of a question, of the figures that stand above it.

use rust_xlsxwriter::{Chart, ChartDataLabel, ChartFormat, ChartLegendPosition, ChartSolidFill, ChartType, Color};

use super::super::WriteError;
use super::super::canvas::Canvas;
use super::super::charts::{self, Look};

/// Pixels of a row that nothing is written in.
const ROW: u32 = 22;
/// Pixels of a bar with its air, and of what stands around them.
const BAR: u32 = 23;
const AROUND: u32 = 34;

/// The figures of a chart, all on its own sheet.
pub struct Bars<'a> {
    /// The sheet.
    pub sheet: &'a str,
    /// What the chart shows, in words.
    pub title: &'a str,
    /// Column of the bars' names.
    pub names: u16,
    /// First and last row of the bars.
    pub rows: (u32, u32),
    /// Columns of the values, with the row of their names where there are several.
    pub values: (u16, u16, Option<u32>),
}

/// Places the chart over the width of the page; gives the row below it.
pub fn below(page: &mut Canvas<'_>, row: u32, bars: &Bars<'_>) -> Result<u32, WriteError> {
    let mut chart = chart(bars);
    let legend = if bars.values.2.is_some() { 26 } else { 0 };
    let height = (bars.rows.1 - bars.rows.0 + 1).max(3) * BAR + AROUND + legend;
    chart.set_width(page.pixels().saturating_sub(8)).set_height(height);
    page.sheet.insert_chart_with_offset(row, 0, &chart, 4, 4)?;
    let end = row + (height + 8).div_ceil(ROW);
    for row in row..end {
        page.set_height(row, f64::from(ROW) * 0.75)?;
    }
    Ok(end)
}

/// Places the chart beside the table whose figures it shows, from this cell to the edge of the page and so many points high.
pub fn beside(
    page: &mut Canvas<'_>,
    (row, column): (u32, u16),
    points: f64,
    bars: &Bars<'_>,
) -> Result<(), WriteError> {
    let mut chart = chart(bars);
    // A table is at most some pages high.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let height = (points / 0.75).clamp(60.0, 4_000.0) as u32;
    let width = page.pixels_from(column);
    chart.set_width(width.saturating_sub(14)).set_height(height);
    page.sheet.insert_chart_with_offset(row, column, &chart, 10, 0)?;
    Ok(())
}

fn chart(bars: &Bars<'_>) -> Chart {
    let (first, last, heads) = bars.values;
    let mut chart = Chart::new(if heads.is_some() { ChartType::BarPercentStacked } else { ChartType::Bar });
    chart.title().set_hidden();
    chart.set_alt_text(format!("{}。数値は上の表にあります。", bars.title));
    for (n, column) in (first..=last).enumerate() {
        let look = if heads.is_some() { charts::look_of(n, false) } else { Look::Tint(charts::MIDDLE) };
        let mut letters = charts::font(8.0);
        if look == Look::Dark {
            letters.set_bold().set_color(Color::White);
        }
        let mut label = ChartDataLabel::new();
        label.show_value().set_font(&letters).set_num_format(if heads.is_some() { "[<0.04]\"\";0.0%" } else { "0.0%" });
        if matches!(look, Look::Pattern(_)) {
            label.set_format(ChartFormat::new().set_solid_fill(ChartSolidFill::new().set_color(Color::White)));
        }
        let series = chart.add_series();
        let rows = |column: u16| (bars.sheet, bars.rows.0, column, bars.rows.1, column);
        series.set_categories(rows(bars.names)).set_values(rows(column));
        series.set_gap(45).set_data_label(&label).set_format(&mut charts::format_of(look));
        if let Some(heads) = heads {
            series.set_name((bars.sheet, heads, column)).set_overlap(100);
        }
    }
    chart.y_axis().set_reverse().set_font(&charts::font(9.0)).set_major_gridlines(false);
    chart.x_axis().set_min(0.0).set_hidden(true).set_major_gridlines(false);
    if heads.is_some() {
        chart.x_axis().set_max(1.0);
        chart.legend().set_position(ChartLegendPosition::Bottom).set_font(&charts::font(8.0));
    } else {
        chart.legend().set_hidden();
    }
    chart
}
