//! The sheet 確認事項: every finding by division, form and item, with what to do and a link to the file.

use std::fmt::Write;

use rust_xlsxwriter::Workbook;

use super::canvas::{Canvas, Head, Table};
use super::cell::{Cell, Content, Tone};
use super::context::Context;
use super::long::too_long;
use super::{MAX_ROWS, WriteError, add_sheet};
use crate::model::date::wareki;
use crate::model::{CellRef, Finding, Place, Severity, Waiver};

const HEADS: [(&str, f64); 16] = [
    ("課コード", 9.0),
    ("課", 16.0),
    ("様式", 17.0),
    ("対象", 8.0),
    ("対象名", 21.0),
    ("項目", 18.0),
    ("指摘コード", 10.0),
    ("重要度", 9.0),
    ("内容", 50.0),
    ("直し方", 40.0),
    ("記入された値", 16.0),
    ("比べた値・正しい値", 18.0),
    ("ファイル", 32.0),
    ("シート", 14.0),
    ("セル", 8.0),
    ("了承", 14.0),
];

/// Draws the sheet.
pub fn draw(ctx: &Context<'_>, book: &mut Workbook) -> Result<(), WriteError> {
    let sheet = add_sheet(ctx, book, "確認事項", None, (true, true))?;
    let widths: Vec<f64> = HEADS.iter().map(|(_, w)| *w).collect();
    let mut canvas = Canvas::new(sheet, &widths)?;
    let row = canvas.title(0, "確認事項（指摘の一覧）", &ctx.round().mark)?;
    let row = canvas.notes(row, &summary(ctx))?;
    let findings = sorted(ctx);
    if findings.len() > MAX_ROWS {
        canvas.notes(row, &[too_long(findings.len(), super::long::FINDINGS_CSV)])?;
        return Ok(());
    }
    let heads = HEADS.iter().map(|(l, w)| Head::new(*l, *w)).collect();
    let rows: Vec<Vec<Cell>> = findings.iter().map(|f| line(ctx, f)).collect();
    let placed = canvas.table(row, &Table { heads, rows })?;
    canvas.legible(true, true);
    canvas.filtered(placed, canvas.columns(), 2)
}

/// By division in the order of the settings (files without one first), form, item in the order of the roster.
fn sorted<'a>(ctx: &Context<'a>) -> Vec<&'a Finding> {
    let divisions: std::collections::BTreeMap<&str, usize> =
        ctx.round().divisions.iter().enumerate().map(|(i, d)| (d.code.as_str(), i + 1)).collect();
    let items: std::collections::BTreeMap<(&str, &str), usize> =
        ctx.ledger.items.iter().enumerate().map(|(i, x)| ((x.form.as_str(), x.item.key.as_str()), i + 1)).collect();
    let mut all: Vec<&Finding> = ctx.ledger.findings.iter().collect();
    all.sort_by_key(|f| {
        let code = f.division.as_deref().unwrap_or_default();
        let form = f.form.as_deref().unwrap_or_default();
        let item = f.item.as_deref().map_or(0, |i| items.get(&(form, i)).copied().unwrap_or(usize::MAX));
        let division = if code.is_empty() { 0 } else { divisions.get(code).copied().unwrap_or(usize::MAX) };
        (division, form, item, f.severity())
    });
    all
}

fn summary(ctx: &Context<'_>) -> Vec<String> {
    let findings = &ctx.ledger.findings;
    // A file may hold several replies.
    let files = ctx.ledger.submissions.iter().map(|s| s.file.as_str()).filter(|f| !f.is_empty());
    let files: std::collections::BTreeSet<&str> = files.collect();
    let checked = format!(
        "{} ファイル、{} 件の対象を、様式・記入内容・項目どうしの関係・期限について {} 種類の指摘で確かめました。",
        files.len(),
        ctx.ledger.items.len(),
        ctx.templates.catalogue.of_replies()
    );
    if findings.is_empty() {
        return vec![checked, "指摘はありません。".to_string()];
    }
    let count = |s: Severity| findings.iter().filter(|f| f.severity() == s && f.waived.is_none()).count();
    let aside = [
        (findings.iter().filter(|f| f.waived.is_some()).count(), "ほかに了承済み"),
        (findings.iter().filter(|f| f.lapsed.is_some()).count(), "うち了承の期限が過ぎたもの"),
    ];
    let aside: Vec<String> = aside.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{what} {n} 件")).collect();
    let counts = format!(
        "要修正 {} 件、要確認 {} 件、参考 {} 件{}。要修正は課に直してもらうもの、要確認は確認・判断が要るものです。",
        count(Severity::E),
        count(Severity::W),
        count(Severity::I),
        if aside.is_empty() { String::new() } else { format!("（{}）", aside.join("、")) }
    );
    vec![checked, counts]
}

/// So many related cells are named; a row of a sheet holds no more than a few lines.
const RELATED: usize = 30;

fn line(ctx: &Context<'_>, f: &Finding) -> Vec<Cell> {
    let (field, item) = ctx.names(f);
    let catalogue = &ctx.templates.catalogue;
    let code = f.division.as_deref().unwrap_or_default();
    let severity = match f.severity() {
        _ if f.waived.is_some() => Cell::text(f.severity().words()).tone(Tone::Muted),
        Severity::E => Cell::text(f.severity().words()).tone(Tone::Warn),
        Severity::W => Cell::text(f.severity().words()).tone(Tone::Missing),
        Severity::I => Cell::text(f.severity().words()),
    };
    let until = |w: &Waiver| w.until.map(|d| format!("（{}まで）", wareki(d))).unwrap_or_default();
    let waived = f.waived.as_ref().map(|w| format!("了承：{}{}", w.reason, until(w)));
    let lapsed = || f.lapsed.as_ref().map(|w| format!("了承の期限が過ぎました：{}{}", w.reason, until(w)));
    let mut sentence = catalogue.sentence(f, &field, &item);
    if !f.related.is_empty() {
        let cells: Vec<String> = f.related.iter().take(RELATED).map(|p| related(p, f.place.as_ref())).collect();
        let rest = f.related.len().checked_sub(RELATED).filter(|n| *n > 0);
        let rest = rest.map(|n| format!("ほか{n}か所")).unwrap_or_default();
        sentence = format!("{sentence}（関係するセル: {}{rest}）", cells.join("、"));
    }
    vec![
        Cell::text(code).center(),
        Cell::text(if code.is_empty() { "（課なし）" } else { ctx.division_name(code) }),
        Cell::text(f.form.as_deref().map_or("", |x| ctx.title(x))),
        Cell::text(f.item.as_deref().unwrap_or_default()).center(),
        Cell::text(item),
        Cell::text(field.clone()),
        Cell::text(&*f.code).center(),
        severity.center(),
        Cell::text(sentence),
        Cell::text(catalogue.remedy(
            f,
            &field,
            ctx.item_name(f.form.as_deref().unwrap_or_default(), f.item.as_deref().unwrap_or_default()),
        )),
        Cell::text(entered(f)),
        Cell::text(f.expected.as_deref().unwrap_or_default()),
        f.place.as_ref().map_or_else(Cell::empty, file_link),
        Cell::text(f.place.as_ref().map(|p| p.sheet.to_string()).unwrap_or_default()),
        Cell::text(f.place.as_ref().map(Place::cell_text).unwrap_or_default()).center(),
        Cell::text(waived.or_else(lapsed).unwrap_or_default()),
    ]
}

/// What somebody entered. A finding about no field may count cells or files: that number nobody entered.
fn entered(f: &Finding) -> &str {
    let given = f.given.as_deref().unwrap_or_default();
    let counts = f.field.as_deref().unwrap_or_default().is_empty() && given.bytes().all(|b| b.is_ascii_digit());
    if counts { "" } else { given }
}

/// A related cell, as short as it is clear beside the finding's own place.
pub(super) fn related(place: &Place, own: Option<&Place>) -> String {
    match own {
        Some(p) if p.file == place.file && p.sheet == place.sheet => place.cell_text(),
        Some(p) if p.file == place.file => format!("「{}」!{}", place.sheet, place.cell_text()),
        _ => place.to_string(),
    }
}

/// The path of what stands in the folder: of a file inside an archive or a mail, the archive or mail.
#[must_use]
pub fn on_disk(path: &str) -> &str {
    let holds = |name: &str| [".zip", ".eml", ".emlx", ".msg", "/winmail.dat"].iter().any(|end| name.ends_with(end));
    let end = path.match_indices('/').find(|(at, _)| holds(&path[..*at].to_lowercase()));
    end.map_or(path, |(at, _)| &path[..at])
}

/// The file's name with a link that is relative to 結果/, so that the round may be moved or renamed as a whole.
pub fn file_link(place: &Place) -> Cell {
    let name = place.file.rsplit('/').next().unwrap_or_default().to_string();
    if name.is_empty() {
        return Cell::empty();
    }
    let target = target(&format!("../{}", on_disk(&place.file)), &place.sheet, place.area.map(|a| a.first));
    Cell::new(Content::Link { text: name, target })
}

/// What stands for a `#` in the file of a link until the package is finished: the library that draws would escape `%23` once
/// more, and takes a plain `#` for the end of the file's name. No file name holds this character of private use.
pub const HASH: char = '\u{e023}';

/// The target of a link to a cell of a workbook, by a path relative to the one that links.
pub(super) fn target(path: &str, sheet: &str, cell: Option<CellRef>) -> String {
    let mut target = String::from("file:///");
    for c in path.chars() {
        match c {
            '#' => target.push(HASH),
            '%' | ' ' | '"' | '<' | '>' | '[' | ']' | '{' | '}' | '^' | '`' => {
                let _ = write!(target, "%{:02X}", u32::from(c));
            }
            c => target.push(c),
        }
    }
    if !sheet.is_empty() {
        let cell = cell.map_or_else(|| "A1".to_string(), |c| c.to_string());
        let _ = write!(target, "#'{}'!{cell}", sheet.replace('\'', "''"));
    }
    target
}
