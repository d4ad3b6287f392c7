//! 職員アンケート集計結果（公表用）.xlsx: what may be shown of the counts outside the house. No answer by itself, no words of anybody's.

use std::borrow::Cow;

use rust_xlsxwriter::Workbook;

use super::super::canvas::{Canvas, Head, Table as Ruled};
use super::super::cell::{Cell, Tone};
use super::super::{Output, WriteError};
use super::{Drawn, Parts, add_sheet, head, moment, percent};
use crate::look;
use crate::survey::public::{LEAST, Public, Single, Table};

/// The workbook's path below 結果/.
pub const BOOK: &str = "職員アンケート集計結果（公表用）.xlsx";
/// What stands in the place of a count that is not shown.
pub const HIDDEN: &str = "＊";
/// So many answers stand side by side; more are told in further blocks.
const ACROSS: usize = 6;

/// Draws the workbook.
///
/// # Errors
/// When the drawing library refuses.
pub fn write(drawn: &Drawn<'_>, public: &Public) -> Result<Output, WriteError> {
    let created = drawn.survey.closes.map(|c| c.date()).unwrap_or_default();
    let title = format!("{}　{}　集計結果（公表用）", drawn.round.municipality, drawn.survey.title);
    let mut book = look::new_workbook(&title, created)?;
    summary(drawn, &mut book, public)?;
    singles(drawn, &mut book, public)?;
    tables(drawn, &mut book, public)?;
    Ok(Output::new(BOOK, look::saved(&mut book)?))
}

fn heads(all: &[(&str, f64)]) -> Vec<Head> {
    all.iter().map(|(label, width)| Head::new(*label, *width)).collect()
}

fn summary(drawn: &Drawn<'_>, book: &mut Workbook, public: &Public) -> Result<(), WriteError> {
    const HEADS: [(&str, f64); 4] = [("部局", 52.0), ("配布数", 14.0), ("有効回答", 14.0), ("回答率", 14.0)];
    let sheet = add_sheet(drawn, book, "調査概要", false)?;
    let mut page = Canvas::new(sheet, &HEADS.map(|(_, w)| w))?;
    let row = head(drawn, &mut page, &format!("{}　集計結果", drawn.survey.title), &[])?;
    let closes = drawn.survey.closes.map(moment).unwrap_or_default();
    let notes = [
        format!("回答の期限：{closes}　有効回答：{} 人", public.valid),
        format!(
            "個人が特定されないように、{LEAST}人未満の数と、ほかの数から計算できてしまう数は「{HIDDEN}」とし、数の少ない選択肢は「＋」でまとめています。0は、そのまま載せています。"
        ),
    ];
    let row = page.notes(row, &notes)?;
    let asked: Option<usize> = public.bureaus.iter().map(|b| b.1).sum();
    let whole = ("計".to_string(), asked, public.valid);
    let line = |(name, asked, valid): &(String, Option<usize>, usize)| {
        let rate = asked.map_or_else(Cell::dash, |n| percent(*valid, n));
        vec![Cell::text(name.as_str()), asked.map_or_else(Cell::dash, Cell::count), Cell::count(*valid), rate]
    };
    let rows = public.bureaus.iter().chain((!public.bureaus.is_empty()).then_some(&whole)).map(line).collect();
    let below = page.table(row, &Ruled { heads: heads(&HEADS), rows })?.below;
    if !public.withheld.is_empty() {
        let said =
            format!("載せていないもの（分岐のある問い、まとめても人数の少ないもの）：{}", public.withheld.join("、"));
        page.notes(below, &[said])?;
    }
    Ok(())
}

fn singles(drawn: &Drawn<'_>, book: &mut Workbook, public: &Public) -> Result<(), WriteError> {
    const HEADS: [(&str, f64); 3] = [("選択肢", 70.0), ("件数", 12.0), ("割合", 12.0)];
    let sheet = add_sheet(drawn, book, "単純集計", false)?;
    let mut page = Canvas::new(sheet, &HEADS.map(|(_, w)| w))?;
    let mut row = head(drawn, &mut page, "単純集計", &[])?;
    let slots = drawn.survey.slots();
    let mut parts = Parts::default();
    for Single { slot, asked, lines } in &public.singles {
        let slot = &slots[*slot];
        parts.begin(&page, row);
        row = page.heading(row, &format!("{}（{}）　n＝{asked}", slot.name(), slot.question.kind.words()))?;
        row = page.notes(row, std::slice::from_ref(&slot.question.text))?;
        let line = |(name, n): &(String, Option<usize>)| {
            let (count, share) = n.map_or_else(|| (hidden(), hidden()), |n| (Cell::count(n), percent(n, *asked)));
            vec![Cell::text(name.as_str()), count, share]
        };
        row = page.table(row, &Ruled { heads: heads(&HEADS), rows: lines.iter().map(line).collect() })?.below;
        page.set_height(row, 12.0)?;
        row += 1;
    }
    parts.end(&mut page, false)
}

fn hidden() -> Cell {
    Cell::text(HIDDEN).tone(Tone::Muted).center()
}

fn tables(drawn: &Drawn<'_>, book: &mut Workbook, public: &Public) -> Result<(), WriteError> {
    if public.tables.is_empty() {
        return Ok(());
    }
    let sheet = add_sheet(drawn, book, "クロス集計", true)?;
    let mut widths = vec![34.0, 7.0];
    (0..ACROSS).for_each(|_| widths.extend([7.5, 8.5]));
    let mut page = Canvas::new(sheet, &widths)?;
    let mut row = head(drawn, &mut page, "クロス集計", &["割合は、各群の n に対するものです。".to_string()])?;
    let mut parts = Parts::default();
    for table in &public.tables {
        let blocks = table.columns.len().div_ceil(ACROSS).max(1);
        let across = table.columns.len().div_ceil(blocks).max(1);
        for first in (0..table.columns.len()).step_by(across) {
            parts.begin(&page, row);
            row = block(drawn, &mut page, row, table, first..(first + across).min(table.columns.len()))?;
            page.set_height(row, 12.0)?;
            row += 1;
        }
    }
    parts.end(&mut page, true)
}

fn block(
    drawn: &Drawn<'_>,
    page: &mut Canvas<'_>,
    row: u32,
    table: &Table,
    columns: std::ops::Range<usize>,
) -> Result<u32, WriteError> {
    let slots = drawn.survey.slots();
    let (slot, by) = (&slots[table.slot], &slots[table.by]);
    let more = if columns.start > 0 { "（続き）" } else { "" };
    let row = page.heading(row, &format!("{} × {}{more}", slot.name(), by.name()))?;
    let row = page.notes(row, &[format!("{}　×　{}", slot.question.text, by.question.text)])?;
    let label = |text: &str| Cell::text(text).tone(Tone::Label).center();
    let at = |n: usize| u16::try_from(2 + 2 * n).unwrap_or(u16::MAX - 1);
    let (mut upper, mut lower) =
        (vec![(0, 0, label("")), (1, 1, label(""))], vec![(0, 0, label(&by.question.id)), (1, 1, label("n"))]);
    for (n, c) in columns.clone().enumerate() {
        upper.push((at(n), at(n) + 1, label(&table.columns[c])));
        lower.extend([(at(n), at(n), label("件数")), (at(n) + 1, at(n) + 1, label("割合"))]);
    }
    let row = page.row(row, &upper)?;
    let mut row = page.row(row, &lower)?;
    for (name, count, cells) in &table.rows {
        let mut line = vec![(0, 0, Cell::text(name.as_str())), (1, 1, Cell::count(*count))];
        for (n, c) in columns.clone().enumerate() {
            let (shown, share) =
                cells[c].map_or_else(|| (hidden(), hidden()), |v| (Cell::count(v), percent(v, *count)));
            line.extend([(at(n), at(n), shown), (at(n) + 1, at(n) + 1, share)]);
        }
        row = page.row(row, &line)?;
    }
    Ok(row)
}

/// Every word that the workbook shows and that somebody wrote: what the gate has to let pass.
pub fn words<'a>(drawn: &Drawn<'a>) -> impl Iterator<Item = Cow<'a, str>> {
    let survey = drawn.survey;
    let questions = survey.questions.iter().flat_map(|q| q.choices.iter().chain(&q.items).chain([&q.id, &q.text]));
    questions.chain([&survey.title, &drawn.round.municipality]).map(|t| Cow::Borrowed(t.as_str()))
}
