//! The sheet kind summary: one page of replies, rates and counts, charts beside them, decisions below. What is
//! provisional says so in words, in a frame at the top and at each figure. Answers of restricted fields never stand here.

use rust_xlsxwriter::Workbook;

use super::canvas::{Canvas, banner};
use super::cell::{Cell, Tone};
use super::charts::{self, Figures};
use super::context::Context;
use super::figures::{Counts, count_line, counts, replies};
use super::show::{self, fraction_text, rate_def, rate_mark, rate_text, rate_tone};
use super::{WriteError, add_sheet, sums, trend};
use crate::look;
use crate::model::date::wareki;
use crate::model::master::{CountLine, MasterSheet, Section};
use crate::model::{Finding, Handling, Severity};

/// The sections stand in a grid of this many columns of this width (half-width characters).
pub(super) const COLUMNS: u16 = 12;
const WIDTH: f64 = 13.0;
const LAST: u16 = COLUMNS - 1;
/// Width of the column between the sections and the charts.
const BETWEEN: f64 = 2.0;
/// Findings that are named on the page; the rest stand on 確認事項.
const NAMED: usize = 10;

/// What stands on the page.
pub struct Parts<'a> {
    /// Sections from top to bottom.
    pub sections: &'a [Section],
    /// Charts beside them.
    pub charts: &'a [&'a Figures],
    /// Sections below both.
    pub below: &'a [Section],
}

/// Draws the sheet.
pub fn draw(ctx: &Context<'_>, book: &mut Workbook, def: &MasterSheet, parts: &Parts<'_>) -> Result<(), WriteError> {
    let mut widths = vec![WIDTH; COLUMNS.into()];
    if !parts.charts.is_empty() {
        widths.push(BETWEEN);
        widths.extend([WIDTH; COLUMNS as usize]);
    }
    let sheet = add_sheet(ctx, book, &def.name, None, (def.landscape, def.a3))?;
    sheet.set_print_fit_to_pages(1, 1);
    let mut page = Canvas::new(sheet, &widths)?;
    let top = head(ctx, &mut page, def)?;
    let above = page.drawn();
    let mut row = top;
    for section in parts.sections {
        row = draw_section(ctx, &mut page, row, LAST, section)?;
    }
    if !parts.charts.is_empty() {
        let pixels = |points: f64| points / 0.75;
        // A page holds a few thousand pixels, none of them below zero.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let free = pixels(page.drawn() - above).clamp(0.0, 10_000.0) as u32;
        let size = (look::pixels(WIDTH) * u32::from(COLUMNS), free);
        let taken = charts::fill(&mut page, (top, COLUMNS + 1), parts.charts, size)?;
        // Where the charts are higher, empty rows keep what comes below clear of them.
        let mut missing = f64::from(taken.saturating_sub(free)) * 0.75;
        while missing > 0.0 {
            page.set_height(row, missing.min(400.0))?;
            (missing, row) = (missing - 400.0, row + 1);
        }
    }
    let last = page.columns() - 1;
    for section in parts.below {
        row = draw_section(ctx, &mut page, row, last, section)?;
    }
    Ok(())
}

/// Title, mark, as-of dates, notes and the sentence that the figures are not final; gives the row below.
fn head(ctx: &Context<'_>, page: &mut Canvas<'_>, def: &MasterSheet) -> Result<u32, WriteError> {
    let round = ctx.round();
    let title = format!("{}　{}　{}", round.municipality, round.name, def.title);
    let mut row = page.title(0, &title, &round.mark)?;
    let dates = round.forms.iter().map(|(id, f)| format!("{} {}", ctx.title(id), wareki(f.as_of)));
    let mut notes = vec![format!("基準日：{}", dates.collect::<Vec<_>>().join("　"))];
    notes.extend(def.notes.iter().map(|n| ctx.fill(n, None)));
    row = page.notes(row, &notes)?;
    if let Some(text) = provisional(ctx) {
        let width = f64::from(page.columns()) * (WIDTH - 1.5);
        page.set_height(row, look::row_height(look::wrapped_lines(&text, width)) + 8.0)?;
        row = page.across(row, 0, page.columns() - 1, &text, &banner())?;
    }
    Ok(row)
}

/// Why the figures are not final, in one sentence; `None` when they are.
pub fn provisional(ctx: &Context<'_>) -> Option<String> {
    let open: Vec<String> = ctx
        .round()
        .forms
        .keys()
        .filter_map(|form| {
            let n = ctx.ledger.items_of(form).filter(|i| i.is_provisional()).count();
            (n > 0).then(|| format!("{} {n} {}", ctx.title(form), ctx.subject(form)))
        })
        .collect();
    let rates = ctx.ledger.rates.iter().filter(|r| !r.complete && r.not_computed.is_none()).count();
    if open.is_empty() && rates == 0 {
        return None;
    }
    let items = if open.is_empty() { String::new() } else { format!("暫定のもの：{}。", open.join("、")) };
    Some(format!("【暫定】この集計は確定していません。{items}確定していない率：{rates}。"))
}

/// Draws a section up to this column; tables of figures keep to the first columns in any case.
fn draw_section(
    ctx: &Context<'_>,
    page: &mut Canvas<'_>,
    row: u32,
    last: u16,
    section: &Section,
) -> Result<u32, WriteError> {
    match section {
        Section::Replies { title } => {
            let row = page.heading_to(row, last, title)?;
            replies_table(ctx, page, row)
        }
        Section::Rates { title, rates } => {
            let row = page.heading_to(row, last, title)?;
            rates_table(ctx, page, row, rates)
        }
        Section::Counts { title, form, field, judged_by, by } => {
            let row = page.heading_to(row, last, title)?;
            let mut row = row;
            for group in counts(ctx, form, field, judged_by.as_deref(), by.as_deref()) {
                row = counts_table(page, row, &group, ctx.subject(form))?;
            }
            Ok(row)
        }
        Section::Reconciliation { title, form, lines } => {
            let row = page.heading_to(row, last, title)?;
            reconciliation(ctx, page, row, form, lines)
        }
        Section::Sums { form, .. } if !ctx.round().forms.contains_key(form) => Ok(row),
        Section::Sums { title, form, by, totals } => {
            let row = page.heading_to(row, last, title)?;
            sums::table(page, row, &sums::sums(ctx, form, by, totals))
        }
        Section::Decisions { title, codes } => {
            let row = page.heading_to(row, last, title)?;
            decisions(ctx, page, row, last, codes)
        }
    }
}

pub(super) fn label(text: &str) -> Cell {
    Cell::text(text).tone(Tone::Label).center()
}

fn replies_table(ctx: &Context<'_>, page: &mut Canvas<'_>, row: u32) -> Result<u32, WriteError> {
    let heads = ["様式", "提出する課", "期限内", "期限後", "未提出", "うち延長", "取込外の\nファイル", "回答期限"];
    let spans = [(0, 3), (4, 4), (5, 5), (6, 6), (7, 7), (8, 8), (9, 9), (10, 11)];
    let cells: Vec<_> = spans.iter().zip(heads).map(|((a, b), h)| (*a, *b, label(h))).collect();
    let mut row = page.row(row, &cells)?;
    let mut missing = Vec::new();
    for (form, dates) in &ctx.round().forms {
        let r = replies(ctx, form);
        let open = if r.missing.is_empty() { Tone::Plain } else { Tone::Warn };
        let values = [
            Cell::text(ctx.title(form)),
            Cell::count(r.owed),
            Cell::count(r.in_time),
            Cell::count(r.late),
            Cell::count(r.missing.len()).tone(open),
            Cell::count(r.extended),
            Cell::count(r.set_aside),
            Cell::day(Some(dates.reply_deadline)),
        ];
        let cells: Vec<_> = spans.iter().zip(values).map(|((a, b), c)| (*a, *b, c)).collect();
        row = page.row(row, &cells)?;
        if !r.missing.is_empty() {
            missing.push(format!("未提出（{}）：{}", ctx.title(form), r.missing.join("、")));
        }
    }
    missing.push(format!("単位は課。{} 現在で判定。", wareki(ctx.ledger.today)));
    page.notes_within(row, (0, LAST), &missing)
}

fn rates_table(ctx: &Context<'_>, page: &mut Canvas<'_>, row: u32, ids: &[String]) -> Result<u32, WriteError> {
    let last = ctx.ledger.last_rates();
    // The value gives room to that of the last round.
    let value = if last.is_some() { 6 } else { 8 };
    let mut head =
        vec![(0, 2, label("率")), (3, value, label("値")), (9, 9, label("区分")), (10, 11, label("分子／分母"))];
    head.extend(last.map(|round| (7, 8, label(&format!("前回（{}）", round.round)))));
    let mut row = page.row(row, &head)?;
    let mut caveats: Vec<String> = Vec::new();
    for id in ids {
        let (Some(def), Some(rate)) = (rate_def(ctx, id), ctx.ledger.rate(id)) else { continue };
        let mut cells = vec![
            (0, 2, Cell::text(&*def.name)),
            (3, value, Cell::text(rate_text(rate, ctx.subject(&def.form))).tone(rate_tone(rate))),
            (9, 9, rate_mark(rate)),
            (10, 11, Cell::text(fraction_text(rate)).center()),
        ];
        cells.extend(last.map(|round| {
            let then = round.rates.iter().find(|p| p.id == *id);
            (7, 8, Cell::text(then.map_or_else(|| "－".to_string(), trend::words)).center())
        }));
        row = page.row(row, &cells)?;
        let none = show::not_applicable(ctx, def, rate).filter(|n| !caveats.contains(n));
        caveats.extend(none);
        if let Some(c) = def.caveat.as_ref().map(|c| format!("※ {c}"))
            && !caveats.iter().any(|known| known.starts_with(c.trim_end_matches('。')))
        {
            caveats.retain(|known| !c.starts_with(known.trim_end_matches('。')));
            caveats.push(c);
        }
    }
    page.notes_within(row, (0, LAST), &caveats)
}

/// How many pairs stand side by side: as few rows as possible, and those as even as possible.
fn pairs_per_row(n: usize) -> usize {
    match n {
        0 => 1,
        1..=6 => n,
        n => [3, 4, 6].into_iter().min_by_key(|per_row| (n.div_ceil(*per_row), *per_row)).unwrap_or(6),
    }
}

/// Labels over counts, up to six pairs side by side.
fn counts_table(page: &mut Canvas<'_>, mut row: u32, counts: &Counts, subject: &str) -> Result<u32, WriteError> {
    if !counts.group.is_empty() {
        row = page.row(row, &[(0, LAST, Cell::text(&*counts.group).tone(Tone::Label))])?;
    }
    let total = (format!("計（{subject}）"), counts.total());
    let all: Vec<&(String, usize)> = counts.buckets.iter().chain([&total]).collect();
    let per_row = u16::try_from(pairs_per_row(all.len())).unwrap_or(6);
    let span = COLUMNS / per_row;
    for part in all.chunks(per_row.into()) {
        let at = |i: u16| if i + 1 == per_row { (i * span, LAST) } else { (i * span, i * span + span - 1) };
        let labels: Vec<_> = (0u16..).zip(part).map(|(i, (l, _))| (at(i).0, at(i).1, label(l))).collect();
        row = page.row(row, &labels)?;
        let values: Vec<_> = (0u16..)
            .zip(part)
            .map(|(i, (l, n))| {
                let open = *n > 0 && (l.starts_with("未回答") || l.starts_with("読み取れない"));
                let tone = if open { Tone::Warn } else { Tone::Plain };
                (at(i).0, at(i).1, Cell::count(*n).tone(tone).center())
            })
            .collect();
        row = page.row(row, &values)?;
    }
    if counts.provisional > 0 {
        let text = format!("【暫定】{} {subject}のうち {} {subject}が暫定です。", counts.total(), counts.provisional);
        row = page.notes_within(row, (0, LAST), &[text])?;
    }
    Ok(row)
}

fn reconciliation(
    ctx: &Context<'_>,
    page: &mut Canvas<'_>,
    mut row: u32,
    form: &str,
    lines: &[CountLine],
) -> Result<u32, WriteError> {
    for line in lines {
        let counted = count_line(ctx, form, line);
        let unknown = if counted.unknown > 0 { format!("（未確定 {}）", counted.unknown) } else { String::new() };
        let cells = [
            (0, 6, Cell::text(&*line.label)),
            (7, 7, Cell::count(counted.count).tone(Tone::Strong)),
            (8, LAST, Cell::text(format!("{}{unknown}", counted.note))),
        ];
        row = page.row(row, &cells)?;
    }
    Ok(row)
}

fn decisions(
    ctx: &Context<'_>,
    page: &mut Canvas<'_>,
    row: u32,
    last: u16,
    codes: &[String],
) -> Result<u32, WriteError> {
    let open: Vec<&Finding> = ctx.ledger.findings.iter().filter(|f| f.waived.is_none()).collect();
    let of = |s: Severity| open.iter().filter(|f| f.severity() == s).count();
    let counts = codes.iter().filter_map(|code| {
        let n = open.iter().filter(|f| &f.code == code).count();
        let title = ctx.templates.catalogue.get(code).map_or(code.as_str(), |e| &e.title);
        (n > 0).then(|| format!("{title} {n} 件"))
    });
    let counts: Vec<String> = counts.collect();
    let mut lines = vec![format!(
        "指摘の数：要修正 {} 件、要確認 {} 件、参考 {} 件（全件は「確認事項」）",
        of(Severity::E),
        of(Severity::W),
        of(Severity::I)
    )];
    lines.push(if counts.is_empty() {
        "判断が必要なものはありません。".to_string()
    } else {
        format!("判断が必要なもの：{}", counts.join("、"))
    });
    let mut row = page.notes(row, &lines)?;
    let mut named: Vec<&Finding> = Vec::new();
    for code in codes {
        named.extend(open.iter().filter(|f| &f.code == code));
    }
    if named.is_empty() {
        return Ok(row);
    }
    row = page.row(row, &[(0, 1, label("課")), (2, 4, label("対象")), (5, last, label("内容"))])?;
    for f in named.iter().take(NAMED) {
        let (_, item) = ctx.names(f);
        let division = f.division.as_deref().map_or("", |d| ctx.division_name(d));
        let cells = [(0, 1, Cell::text(division)), (2, 4, Cell::text(item)), (5, last, Cell::text(sentence(ctx, f)))];
        row = page.row(row, &cells)?;
    }
    if named.len() > NAMED {
        row = page.notes(row, &[format!("ほか {} 件は「確認事項」にあります。", named.len() - NAMED)])?;
    }
    Ok(row)
}

/// The finding's sentence; of a restricted field its title only, because the sentence quotes the answer.
fn sentence(ctx: &Context<'_>, f: &Finding) -> String {
    let form = f.form.as_deref().unwrap_or_default();
    let restricted = f.field.as_deref().is_some_and(|k| ctx.handling(form, k) == Handling::Restricted);
    let (field, item) = ctx.names(f);
    if restricted {
        let title = ctx.templates.catalogue.get(&f.code).map_or(f.code.as_str(), |e| &e.title);
        return format!("{title}（関係課限りの項目）");
    }
    ctx.templates.catalogue.sentence(f, &field, &item)
}
