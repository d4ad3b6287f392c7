//! The sheet 前回との差: what changed since the last round, per item and field. It compares the long form of this round
//! with that of the last, so that an answer written in another way but meaning the same is no change.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use rust_xlsxwriter::Workbook;

use super::canvas::{Canvas, Head, Table};
use super::cell::{Cell, Content, Tone};
use super::context::Context;
use super::csv::Datum;
use super::data::LongTable;
use super::long::{ANSWERS_CSV, too_long};
use super::{MAX_ROWS, WriteError, add_sheet};
use crate::model::Handling;
use crate::model::form::FieldType;
use crate::model::ledger::{Previous, PreviousAnswer};

const HEADS: [(&str, f64); 8] = [
    ("様式", 32.0),
    ("課", 18.0),
    ("対象", 8.0),
    ("対象名", 34.0),
    ("項目", 30.0),
    ("前回", 34.0),
    ("今回", 34.0),
    ("変化", 19.0),
];

/// Draws the sheet.
pub fn draw(
    ctx: &Context<'_>,
    book: &mut Workbook,
    answers: &LongTable,
    previous: &Previous,
) -> Result<(), WriteError> {
    let sheet = add_sheet(ctx, book, "前回との差", None, (true, false))?;
    let widths: Vec<f64> = HEADS.iter().map(|(_, w)| *w).collect();
    let mut canvas = Canvas::new(sheet, &widths)?;
    let row = canvas.title(0, "前回との差", &ctx.round().mark)?;
    let rows = rows(ctx, answers, previous);
    let last = if previous.round.is_empty() { "（名称なし）" } else { &previous.round };
    let notes = [
        format!(
            "前回「{last}」の取りまとめと、今回の回答で意味の変わったもの {} 件。書き方だけの違いは含みません。",
            rows.len()
        ),
        "前回は聞いていない様式と、どちらも空欄の項目は載せていません。".to_string(),
    ];
    let row = canvas.notes(row, &notes)?;
    if rows.len() > MAX_ROWS {
        canvas.notes(row, &[too_long(rows.len(), ANSWERS_CSV)])?;
        return Ok(());
    }
    let heads = HEADS.iter().map(|(l, w)| Head::new(*l, *w)).collect();
    let placed = canvas.table(row, &Table { heads, rows })?;
    canvas.legible(true, false);
    canvas.filtered(placed, canvas.columns(), 0)
}

/// One row per change: in the order of this round, then the answers that are there no more.
fn rows(ctx: &Context<'_>, answers: &LongTable, previous: &Previous) -> Vec<Vec<Cell>> {
    let col = |name: &str| answers.heads.iter().position(|h| *h == name).unwrap_or(usize::MAX);
    let (form, item, key) = (col("様式ID"), col("対象キー"), col("項目キー"));
    let (item_name, field, division) = (col("対象名"), col("項目名"), col("課コード"));
    let (value, word, from, to) = (col("値"), col("値の語"), col("開始日"), col("終了日"));
    let asked: BTreeSet<&str> = previous.answers.keys().map(|(form, ..)| form.as_str()).collect();
    let mut seen = BTreeSet::new();
    let mut changes = Vec::new();
    let none = PreviousAnswer::default();
    for row in &answers.rows {
        let text = |at: usize| row.get(at).map(shown).unwrap_or_default();
        let whose = (text(form), text(item), text(key));
        if whose.1.is_empty() || whose.2.is_empty() || !asked.contains(whose.0.as_str()) {
            continue;
        }
        let now = PreviousAnswer {
            names: (text(item_name), text(field)),
            value: (text(value), text(word)),
            days: (text(from), text(to)),
        };
        let then = previous.answers.get(&whose).unwrap_or(&none);
        changes.extend(change(ctx, &whose, &text(division), then, &now));
        seen.insert(whose);
    }
    for (whose, then) in previous.answers.iter().filter(|(w, _)| !seen.contains(*w)) {
        if !ctx.round().forms.contains_key(&whose.0) {
            continue;
        }
        let owner = ctx.item(&whose.0, &whose.1).and_then(|i| i.item.owner.clone()).unwrap_or_default();
        let now = PreviousAnswer { names: then.names.clone(), ..PreviousAnswer::default() };
        changes.extend(change(ctx, whose, &owner, then, &now));
    }
    changes
}

fn shown(datum: &Datum) -> String {
    match datum {
        Datum::Text(text) => text.clone(),
        Datum::Number(n) => n.to_string(),
    }
}

/// A change as a row; `None` when both mean the same.
fn change(
    ctx: &Context<'_>,
    (form, item, key): &(String, String, String),
    division: &str,
    then: &PreviousAnswer,
    now: &PreviousAnswer,
) -> Option<Vec<Cell>> {
    // A spreadsheet may give a number in other digits than it was written in.
    let number = |text: &str| text.parse::<f64>().ok();
    let near = |a: f64, b: f64| (a - b).abs() <= f64::EPSILON * a.abs().max(b.abs());
    let same = |a: &str, b: &str| a == b || number(a).zip(number(b)).is_some_and(|(a, b)| near(a, b));
    if same(&then.value.0, &now.value.0) && then.days == now.days {
        return None;
    }
    let restricted = ctx.handling(form, key) == Handling::Restricted;
    let kind = ctx.slot(form, key).map(|s| s.field.kind);
    let counted = matches!(kind, Some(FieldType::Integer | FieldType::Money));
    let words = |a: &PreviousAnswer| match a {
        a if blank(a) => Cell::text("（なし）").tone(Tone::Muted),
        _ if restricted => Cell::text("（関係課限り）").tone(Tone::Muted),
        a if a.value.1.is_empty() && counted => {
            number(&a.value.0).map_or_else(|| Cell::text(&*a.value.0), |n| Cell::new(Content::Count(n)))
        }
        a if a.value.1.is_empty() => Cell::text(&*a.value.0),
        a => Cell::text(&*a.value.1),
    };
    let kind = match (blank(then), blank(now)) {
        (true, _) => Cell::text("新しい回答"),
        (_, true) => Cell::text("回答がなくなった").tone(Tone::Warn),
        _ => moved(&then.days.1, &now.days.1),
    };
    Some(vec![
        Cell::text(ctx.title(form)),
        Cell::text(ctx.round().division_name(division)),
        Cell::text(&**item).center(),
        Cell::text(&*now.names.0),
        Cell::text(&*now.names.1),
        words(then),
        words(now),
        kind,
    ])
}

fn blank(a: &PreviousAnswer) -> bool {
    a.value.0.is_empty() && a.days.0.is_empty() && a.days.1.is_empty()
}

/// How far a date moved, by its last day.
fn moved(then: &str, now: &str) -> Cell {
    let days = then.parse::<NaiveDate>().ok().zip(now.parse::<NaiveDate>().ok()).map(|(a, b)| (b - a).num_days());
    match days {
        Some(n) if n > 0 => Cell::text(format!("{n} 日遅くなった")).tone(Tone::Warn),
        Some(n) if n < 0 => Cell::text(format!("{} 日早くなった", -n)),
        _ => Cell::text("変更"),
    }
}
