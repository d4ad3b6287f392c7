//! The sheet 出典: one row per published figure (how it was counted, and which rows) and one per file.

use rust_xlsxwriter::Workbook;

use super::canvas::{Canvas, Head, Table};
use super::cell::Cell;
use super::context::Context;
use super::figures::{count_line, counts, division_of, replies};
use super::show::{fraction_text, rate_def, rate_text};
use super::{WriteError, add_sheet};
use crate::check::words::number;
use crate::model::Truth;
use crate::model::ledger::{LedgerItem, Rate};
use crate::model::master::{MasterKind, RateCount, Section};

const WIDTHS: [f64; 5] = [24.0, 38.0, 34.0, 52.0, 66.0];

/// Draws the sheet.
pub fn draw(ctx: &Context<'_>, book: &mut Workbook) -> Result<(), WriteError> {
    let sheet = add_sheet(ctx, book, "出典", None, (true, true))?;
    let mut canvas = Canvas::new(sheet, &WIDTHS)?;
    let row = canvas.title(0, "出典（数値の数え方と、もとにしたファイル）", &ctx.round().mark)?;
    let row = canvas.heading(row, "数値")?;
    let table = |heads: [&str; 5], rows| Table {
        heads: heads.iter().zip(WIDTHS).map(|(l, w)| Head::new(*l, w)).collect(),
        rows,
    };
    let figures = table(["シート・見出し", "数値の名称", "値", "数え方・出典", "数えた対象"], figures(ctx));
    let row = canvas.table(row, &figures)?.below;
    let row = canvas.heading(row + 1, "ファイル")?;
    let files = ctx.ledger.submissions.iter().filter(|s| !s.file.is_empty()).map(|s| {
        let received = s.received.map(|r| format!("{}（{}）", crate::model::date::wareki(r.day), r.basis.words()));
        vec![
            Cell::text(pair(&division_of(ctx, s), s.form.as_deref().map_or("", |f| ctx.title(f)))),
            Cell::text(&*s.file),
            Cell::text(pair(s.state_words(), &received.unwrap_or_default())),
            Cell::text(&*s.reason),
            Cell::text(&*s.sha256),
        ]
    });
    let files = table(["課・様式", "ファイル", "状態・受領日", "理由", "SHA-256"], files.collect());
    canvas.table(row, &files)?;
    canvas.legible(true, true);
    Ok(())
}

/// Two words with air between, or the one there is.
fn pair(first: &str, second: &str) -> String {
    if second.is_empty() { first.to_string() } else { format!("{first}　{second}") }
}

/// One row per figure of the summaries.
fn figures(ctx: &Context<'_>) -> Vec<Vec<Cell>> {
    let mut rows = Vec::new();
    for def in &ctx.templates.master {
        let MasterKind::Summary { sections, below, .. } = &def.kind else { continue };
        for section in sections.iter().chain(below) {
            section_figures(ctx, &def.name, section, &mut rows);
        }
    }
    rows
}

fn section_figures(ctx: &Context<'_>, sheet: &str, section: &Section, rows: &mut Vec<Vec<Cell>>) {
    let mut push = |title: &str, name: String, value: String, how: String, which: String| {
        let texts = [format!("{sheet}　{title}"), name, value, how, which];
        rows.push(texts.into_iter().map(Cell::text).collect());
    };
    match section {
        Section::Replies { title } => {
            for form in ctx.round().forms.keys() {
                let r = replies(ctx, form);
                let value = format!(
                    "提出する課 {}、期限内 {}、期限後 {}、未提出 {}",
                    r.owed,
                    r.in_time,
                    r.late,
                    r.missing.len()
                );
                let how =
                    "対象を所管する課を1と数える。期限は延長を認めた課では延長後の日。受領日の根拠は「提出状況」。";
                push(title, ctx.title(form).to_string(), value, how.to_string(), "「提出状況」の全行".to_string());
            }
        }
        Section::Rates { title, rates } => {
            for id in rates {
                let (Some(def), Some(rate)) = (rate_def(ctx, id), ctx.ledger.rate(id)) else { continue };
                let value = format!("{}　{}", rate_text(rate, ctx.subject(&def.form)), fraction_text(rate));
                let how = format!("{}　出典：{}", def.definition, def.source);
                let shares = matches!(def.count, RateCount::ShareOfItems { .. });
                push(title, def.name.clone(), value, how, which_rows(rate, shares));
            }
        }
        Section::Counts { title, form, field, judged_by, by } => {
            for c in counts(ctx, form, field, judged_by.as_deref(), by.as_deref()) {
                let values: Vec<String> = c.buckets.iter().map(|(l, n)| format!("{l} {n}")).collect();
                let deadline = judged_by.as_deref().and_then(|d| ctx.round().deadline(d));
                let how = deadline.map_or_else(
                    || "項目の回答を選択肢ごとに数える。".to_string(),
                    |d| {
                        format!(
                            "項目の日付を「{}」（{}）と比べて数える。出典：{}",
                            d.name,
                            crate::model::date::wareki(d.date),
                            d.source
                        )
                    },
                );
                let name = format!("{}　{}", ctx.field_label(form, field), c.group);
                push(
                    title,
                    name.trim().to_string(),
                    values.join("、"),
                    how,
                    format!("「{}」の全対象 {}", ctx.title(form), c.total()),
                );
            }
        }
        Section::Reconciliation { title, form, lines } => {
            for line in lines {
                let counted = count_line(ctx, form, line);
                let how = if line.grouped {
                    "同じ集計単位の対象を1と数える。"
                } else {
                    "対象を1行ずつ数える。"
                };
                let keys = ctx.ledger.items_of(form).filter(|i| counts_in(ctx, i, line));
                let keys: Vec<&str> = keys.map(|i| i.item.key.as_str()).collect();
                push(
                    title,
                    line.label.clone(),
                    counted.count.to_string(),
                    format!("{how}{}", counted.note),
                    keys.join("、"),
                );
            }
        }
        Section::Sums { form, .. } if !ctx.round().forms.contains_key(form) => {}
        Section::Sums { title, form, by, totals } => {
            let sums = super::sums::sums(ctx, form, by, totals);
            for line in &sums.rows {
                let amounts = sums.heads.iter().zip(&line.totals).map(|(h, t)| format!("{h} {}", number(*t)));
                let value: Vec<String> =
                    [format!("{} {}", sums.subject, line.items)].into_iter().chain(amounts).collect();
                let how = "提出された回答の数字を足す。空欄は 0 とする。要修正・要確認の回答も含む。".to_string();
                let which = if line.total {
                    format!("「{}」の全対象", ctx.title(form))
                } else {
                    format!("「{}」の{by}が「{}」のもの", ctx.title(form), line.group)
                };
                push(title, line.group.clone(), value.join("、"), how, which);
            }
        }
        Section::Decisions { .. } => {}
    }
}

fn counts_in(ctx: &Context<'_>, item: &LedgerItem, line: &crate::model::master::CountLine) -> bool {
    line.only.holds(&ctx.facts(item)) == Truth::Yes
}

/// The keys counted in, and out, of a rate.
fn which_rows(rate: &Rate, shares: bool) -> String {
    let keys = |f: &dyn Fn(&crate::model::ledger::RateRow) -> bool| {
        rate.rows.iter().filter(|r| f(r)).map(|r| r.item.as_str()).collect::<Vec<_>>().join("、")
    };
    if rate.rows.is_empty() {
        return rate.not_computed.clone().unwrap_or_default();
    }
    let denominator = keys(&|r| r.counted);
    let out = keys(&|r| !r.counted);
    let mut parts = vec![format!("分母：{denominator}")];
    if shares {
        parts.push(format!("分子：{}", keys(&|r| r.counted && r.holds == Truth::Yes)));
        parts.push(format!("未確定：{}", keys(&|r| r.counted && r.holds == Truth::Unknown)));
    }
    if !out.is_empty() {
        parts.push(format!("数えない：{out}"));
    }
    parts.join("　")
}
