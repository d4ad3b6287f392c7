//! Totals of amounts by group, for the summary: what was added, and how much of it is not settled.

use super::WriteError;
use super::canvas::Canvas;
use super::cell::{Cell, Content, Tone};
use super::context::Context;
use super::overview::{COLUMNS, label};
use crate::model::ledger::LedgerItem;
use crate::model::master::Total;
use crate::model::{Handling, Severity, Value};

/// Totals of one group.
pub struct Row {
    /// The group's name.
    pub group: String,
    /// Whether it is that of all groups.
    pub total: bool,
    /// How many items.
    pub items: usize,
    /// The totals, in the order of the definition.
    pub totals: Vec<f64>,
}

/// The rows of a section, with what is printed below.
pub struct Sums {
    /// What one record is called.
    pub subject: String,
    /// Headers of the totals.
    pub heads: Vec<String>,
    /// A row per group, the last one for all.
    pub rows: Vec<Row>,
    /// Items with an amount that somebody still has to look at.
    pub doubtful: usize,
    /// Items without any of the amounts.
    pub silent: usize,
}

/// Adds the amounts of a form's items. Restricted fields are never added.
pub fn sums(ctx: &Context<'_>, form: &str, by: &str, totals: &[Total]) -> Sums {
    let lists = &ctx.templates.lists;
    let keys: Vec<Vec<String>> = totals
        .iter()
        .map(|t| {
            let all = ctx.form(form).into_iter().flat_map(|f| t.fields.iter().flat_map(|p| f.form.expand(p, lists)));
            all.filter(|k| ctx.handling(form, k) != Handling::Restricted).collect()
        })
        .collect();
    let items: Vec<&LedgerItem> = ctx.ledger.items_of(form).filter(|i| i.record.is_some()).collect();
    let mut groups: Vec<String> = Vec::new();
    for item in &items {
        let group = ctx.attr(item, by);
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    groups.sort();
    let row = |name: String, of: &dyn Fn(&LedgerItem) -> bool| {
        let chosen: Vec<&&LedgerItem> = items.iter().filter(|i| of(i)).collect();
        let total = |keys: &Vec<String>| chosen.iter().map(|i| added(i, keys)).sum();
        Row { group: name, total: false, items: chosen.len(), totals: keys.iter().map(total).collect() }
    };
    let mut rows: Vec<Row> = groups
        .iter()
        .map(|g| {
            let name = if g.is_empty() { format!("（{by}が決まらないもの）") } else { g.clone() };
            row(name, &|i| ctx.attr(i, by) == *g)
        })
        .collect();
    rows.push(Row { total: true, ..row("計".to_string(), &|_| true) });
    let all: Vec<&String> = keys.iter().flatten().collect();
    let asked = |i: &&&LedgerItem| {
        ctx.ledger.findings.iter().any(|f| {
            f.form.as_deref() == Some(form)
                && f.item.as_ref() == Some(&i.item.key)
                && f.division == i.item.owner
                && f.severity() != Severity::I
                && f.waived.is_none()
                && f.field.as_ref().is_some_and(|k| all.contains(&k))
        })
    };
    let said = |i: &&&LedgerItem| {
        all.iter().any(|k| i.record.as_ref().and_then(|r| r.value(k)).is_some_and(|v| !v.is_blank()))
    };
    Sums {
        subject: ctx.subject(form).to_string(),
        heads: totals.iter().map(|t| t.label.clone()).collect(),
        doubtful: items.iter().filter(asked).count(),
        silent: items.len() - items.iter().filter(said).count(),
        rows,
    }
}

fn added(item: &LedgerItem, keys: &[String]) -> f64 {
    let values = keys.iter().filter_map(|k| item.record.as_ref().and_then(|r| r.value(k)));
    values.filter_map(Value::number).sum()
}

/// Draws the table: group, number of items, totals.
pub fn table(page: &mut Canvas<'_>, mut row: u32, sums: &Sums) -> Result<u32, WriteError> {
    let first: u16 = 4;
    let spans: Vec<(u16, u16)> = (0u16..).zip(&sums.heads).map(|(i, _)| (first + 2 * i, first + 2 * i + 1)).collect();
    let spans: Vec<(u16, u16)> = spans.into_iter().filter(|(_, last)| *last < COLUMNS).collect();
    let mut heads = vec![(0, 2, label("")), (3, 3, label(&sums.subject))];
    heads.extend(spans.iter().zip(&sums.heads).map(|((a, b), h)| (*a, *b, label(h))));
    row = page.row(row, &heads)?;
    for (n, line) in sums.rows.iter().enumerate() {
        let tone = if n + 1 == sums.rows.len() { Tone::Strong } else { Tone::Plain };
        let mut cells = vec![(0, 2, Cell::text(&*line.group).tone(tone)), (3, 3, Cell::count(line.items).tone(tone))];
        let amounts = spans.iter().zip(&line.totals);
        cells.extend(amounts.map(|((a, b), t)| (*a, *b, Cell::new(Content::Count(*t)).tone(tone))));
        row = page.row(row, &cells)?;
    }
    let mut notes = Vec::new();
    if sums.doubtful > 0 {
        notes.push(format!("【暫定】金額などに指摘がある {} {}を含みます。", sums.doubtful, sums.subject));
    }
    if sums.silent > 0 {
        notes.push(format!("金額などの記入がない {} {}は 0 として数えています。", sums.silent, sums.subject));
    }
    page.notes(row, &notes)
}
