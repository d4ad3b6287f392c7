//! The sheet 差替え一覧: what was sent, and each of its cells that the answers contradict now.

use rust_xlsxwriter::Workbook;

use super::canvas::{Canvas, Head, Table};
use super::cell::{Cell, Content, Tone};
use super::context::Context;
use super::{WriteError, add_sheet};
use crate::model::date::wareki;
use crate::model::reported::{Correction, Reported};

const HEADS: [(&str, f64); 12] = [
    ("報告先", 27.0),
    ("報告日", 17.0),
    ("様式", 30.0),
    ("対象", 24.0),
    ("項目", 26.0),
    ("報告値", 18.0),
    ("現在値", 18.0),
    ("差", 9.0),
    ("課", 18.0),
    ("回答の場所", 40.0),
    ("報告のシートとセル", 26.0),
    ("報告のファイル", 40.0),
];

const FILES: [&str; 4] = ["報告先", "ファイル", "状態・様式", "結果"];

/// Draws the sheet.
pub fn draw(ctx: &Context<'_>, book: &mut Workbook) -> Result<(), WriteError> {
    let sheet = add_sheet(ctx, book, "差替え一覧", None, (true, true))?;
    let widths: Vec<f64> = HEADS.iter().map(|(_, w)| *w).collect();
    let mut canvas = Canvas::new(sheet, &widths)?;
    let row = canvas.title(0, "差替え一覧（報告したブックと、今の回答との違い）", &ctx.round().mark)?;
    let reports = &ctx.ledger.reported;
    let row = canvas.notes(row, &notes(reports))?;
    let rows: Vec<Vec<Cell>> = reports.iter().flat_map(|r| r.corrections.iter().map(|c| line(ctx, r, c))).collect();
    let mut below = row;
    if !rows.is_empty() {
        let heads = HEADS.iter().map(|(l, w)| Head::new(*l, *w)).collect();
        let placed = canvas.table(row, &Table { heads, rows })?;
        canvas.filtered(placed, canvas.columns(), 0)?;
        below = placed.below;
    }
    let mut row = canvas.heading(below + 1, "比べた報告")?;
    let cells = |row: [Cell; 4]| {
        let spans = [(0, 0), (1, 4), (5, 6), (7, 9)];
        spans.into_iter().zip(row).map(|((first, last), cell)| (first, last, cell)).collect::<Vec<(u16, u16, Cell)>>()
    };
    row = canvas.row(row, &cells(FILES.map(|label| Cell::text(label).tone(Tone::Label).center())))?;
    for report in reports {
        for file in &report.files {
            let differing = report.corrections.iter().filter(|c| c.file == file.file).count();
            let result = match (file.compared, differing) {
                (0, _) => "比べていません".to_string(),
                (n, 0) => format!("{n}欄を比べ、違いはありません"),
                (n, d) => format!("{n}欄を比べ、{d}欄が違います"),
            };
            let (state, title) = (file.state.words(), &file.title);
            let state = if title.is_empty() { state.to_string() } else { format!("{state}　{title}") };
            let line = [&report.to, &file.file, &state, &result].map(|t| Cell::text(t.as_str()));
            row = canvas.row(row, &cells(line))?;
        }
    }
    canvas.legible(true, true);
    Ok(())
}

fn notes(reports: &[Reported]) -> Vec<String> {
    let (cells, wrong) =
        reports.iter().fold((0, 0), |(all, wrong), r| (all + r.compared(), wrong + r.corrections.len()));
    let result = match wrong {
        0 => format!("報告した {cells} 欄を今の回答と比べ、違いはありませんでした。差替えの必要はありません。"),
        n => format!(
            "報告した {cells} 欄を今の回答と比べ、{n} 欄が違いました。報告先に差替えを出すかどうかを決めてください。"
        ),
    };
    let how = "報告値は送ったブックのセルに書かれているとおり、現在値は同じ欄に今なら書く値です。率は0.05ポイントに満たない違いを違いとしません。".to_string();
    vec![result, how]
}

fn line(ctx: &Context<'_>, report: &Reported, c: &Correction) -> Vec<Cell> {
    let item = if c.item.is_empty() { ctx.round().municipality.as_str() } else { ctx.item_name(&c.form, &c.item) };
    let label: String = c.label.split_whitespace().collect();
    let blank = || Cell::text("（空欄）").tone(Tone::Muted);
    let reported = if c.reported.is_empty() { blank() } else { figure(&c.reported, c.share) };
    let current = match (c.unsettled.as_str(), c.current.as_str()) {
        ("", "") => blank(),
        ("", current) => figure(current, c.share).tone(Tone::Warn),
        (why, _) => Cell::text(format!("未確定（{why}）")).tone(Tone::Missing),
    };
    let difference = c.difference.map_or_else(Cell::dash, |d| {
        let points = if c.share { format!("{:+.1} ポイント", d * 100.0) } else { format!("{d:+}") };
        Cell::text(points)
    });
    let source = c.source.as_ref().map(ToString::to_string).unwrap_or_default();
    vec![
        Cell::text(&*report.to),
        report.on.map_or_else(|| Cell::text("（記録なし）").tone(Tone::Muted), |day| Cell::text(wareki(day))),
        Cell::text(&*c.title),
        Cell::text(item),
        Cell::text(label),
        reported,
        current,
        difference,
        Cell::text(ctx.division_name(&c.division)),
        Cell::text(source),
        Cell::text(format!("「{}」!{}", c.sheet, c.cell)),
        Cell::text(&*c.file),
    ]
}

/// A figure as it is read: a share in per cent, a number as one.
fn figure(text: &str, share: bool) -> Cell {
    let fraction = text.split_once('/').and_then(|(n, d)| Some(n.parse::<f64>().ok()? / d.parse::<f64>().ok()?));
    let number = fraction.or_else(|| text.parse().ok()).filter(|n: &f64| n.is_finite());
    match number {
        Some(n) if share => Cell::new(Content::Share(n)),
        Some(n) => Cell::new(Content::Number(n)),
        None => Cell::text(text),
    }
}
