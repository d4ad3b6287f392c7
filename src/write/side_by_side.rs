//! The sheet kind side by side: the dates that divisions propose, grouped by month, with room to write the decision.

use std::cmp::Reverse;

use chrono::{Datelike, NaiveDate};
use rust_xlsxwriter::Workbook;

use super::asked::{Blank, blank};
use super::canvas::{Canvas, Head};
use super::cell::{Cell, Tone};
use super::context::Context;
use super::{WriteError, add_sheet, list, show};
use crate::model::date::{describe, last_of_month, wareki};
use crate::model::ledger::LedgerItem;
use crate::model::master::{Column, MasterSheet};
use crate::model::{Handling, Interval, NoneKind, Value};

/// Smallest height of a row in points: a line of handwriting.
const WRITING: f64 = 27.0;
/// Width of the column that says whether the row is settled.
const STANDING_WIDTH: f64 = 21.0;

/// What the definition says.
pub struct Dates<'d> {
    /// Columns.
    pub columns: &'d [Column],
    /// The date that is proposed.
    pub date: &'d str,
    /// The date on which it was done.
    pub done: Option<&'d str>,
}

/// Where an item stands, in the order of the groups.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    /// Done.
    Done,
    /// Proposed: last day, first day (the longer period later), in words.
    Proposed(NaiveDate, Reverse<NaiveDate>, String),
    /// Something is written that is not settled.
    Unclear,
    /// 未定.
    Undecided,
    /// An answer is owed.
    Unanswered,
    /// No date is asked for.
    NotAsked,
}

/// An item with its place in the order.
struct Entry<'a> {
    group: Group,
    /// Last and first day within the group.
    day: (Option<NaiveDate>, Option<NaiveDate>),
    division: usize,
    item: &'a LedgerItem,
}

/// Draws the sheet.
pub fn draw(ctx: &Context<'_>, book: &mut Workbook, def: &MasterSheet, dates: &Dates<'_>) -> Result<(), WriteError> {
    let sheet = add_sheet(ctx, book, &def.name, def.form.as_deref(), (def.landscape, def.a3))?;
    let form = def.form.as_deref().unwrap_or_default();
    let open = |c: &&Column| c.field.iter().chain(&c.or_field).all(|k| ctx.handling(form, k) != Handling::Restricted);
    let (filled, empty): (Vec<&Column>, Vec<&Column>) = dates.columns.iter().filter(open).partition(|c| is_filled(c));
    let mut heads: Vec<Head> = filled.iter().map(|c| list::head(c)).collect();
    heads.push(Head::new(show::STANDING, STANDING_WIDTH));
    heads.extend(empty.iter().map(|c| list::head(c)));
    let widths: Vec<f64> = heads.iter().map(|h| h.width).collect();
    let mut canvas = Canvas::new(sheet, &widths)?;
    let mut row = canvas.title(0, &def.title, &ctx.round().mark)?;
    let mut notes: Vec<String> = def.notes.iter().map(|n| ctx.fill(n, def.form.as_deref())).collect();
    notes.push(format!(
        "基準日 {}。（未回答）は回答が必要な欄（ほかの未回答しだいで必要になる欄を含む）の空欄です。",
        ctx.as_of_text(def.form.as_deref())
    ));
    row = canvas.notes(row, &notes)?;
    let top = row;
    row = canvas.headers(row, &heads)?;
    let data = row;
    let entries = entries(ctx, def, dates);
    for group in entries.chunk_by(|a, b| a.group == b.group) {
        row = heading(ctx, &mut canvas, row, group, form, dates)?;
        for entry in group {
            row = proposal(ctx, &mut canvas, row, entry, (&filled, &empty), dates)?;
        }
    }
    canvas.legible(def.landscape, def.a3);
    let columns: Vec<Column> = filled.into_iter().cloned().collect();
    let frozen = list::frozen(&columns);
    canvas.sheet.set_freeze_panes(data, frozen)?;
    canvas.sheet.set_repeat_rows(top, data - 1)?;
    if frozen > 0 {
        canvas.sheet.set_repeat_columns(0, frozen - 1)?;
    }
    Ok(())
}

const fn is_filled(c: &Column) -> bool {
    c.field.is_some() || c.attr.is_some() || c.rate.is_some()
}

/// The items, by date; those without one last.
fn entries<'a>(ctx: &Context<'a>, def: &MasterSheet, dates: &Dates<'_>) -> Vec<Entry<'a>> {
    let order = |item: &LedgerItem| {
        let owner = item.item.owner.as_deref();
        ctx.round().divisions.iter().position(|d| Some(d.code.as_str()) == owner).unwrap_or(usize::MAX)
    };
    let mut entries: Vec<Entry<'a>> = ctx
        .items_of(def)
        .into_iter()
        .map(|item| {
            let (group, day) = place(ctx, item, dates);
            Entry { group, day, division: order(item), item }
        })
        .collect();
    // Stable: within a day and a division the roster's order stays.
    entries.sort_by(|a, b| (&a.group, a.day, a.division).cmp(&(&b.group, b.day, b.division)));
    entries
}

type Days = (Option<NaiveDate>, Option<NaiveDate>);

fn place(ctx: &Context<'_>, item: &LedgerItem, dates: &Dates<'_>) -> (Group, Days) {
    let given = |key: &str| item.record.as_ref().and_then(|r| r.value(key)).filter(|v| !v.is_blank());
    let owed = |key: &str| blank(ctx, item, key) == Blank::Unanswered;
    let days = |i: &Interval| (i.to.or(i.from), i.from.or(i.to));
    match dates.done.and_then(given) {
        Some(Value::Date(i)) => return (Group::Done, days(i)),
        Some(Value::None { kind: NoneKind::NotApplicable | NoneKind::Undecided, .. }) | None => {}
        Some(_) => return (Group::Unclear, (None, None)),
    }
    let group = match given(dates.date) {
        Some(Value::Date(i)) => match days(i) {
            (Some(last), Some(first)) => return (proposed(i, first, last), (Some(last), Some(first))),
            _ => Group::Unclear,
        },
        Some(Value::None { kind: NoneKind::Undecided, .. }) => Group::Undecided,
        Some(Value::None { kind: NoneKind::NotApplicable, .. }) => Group::NotAsked,
        Some(_) => Group::Unclear,
        None if [Some(dates.date), dates.done].into_iter().flatten().any(owed) => Group::Unanswered,
        None => Group::NotAsked,
    };
    (group, (None, None))
}

/// The month of a date; a longer period is a group of its own behind the month that it ends in.
fn proposed(i: &Interval, first: NaiveDate, last: NaiveDate) -> Group {
    let month = (first.year(), first.month()) == (last.year(), last.month()) && i.from.is_some() && i.to.is_some();
    let (Some(start), Some(end), true) = (first.with_day(1), last_of_month(last.year(), last.month()), month) else {
        return Group::Proposed(last, Reverse(first), describe(&Interval { approx: false, ..*i }));
    };
    let words = wareki(start);
    Group::Proposed(end, Reverse(start), words.strip_suffix("1日").unwrap_or(&words).to_string())
}

/// The group's name with its counts by division.
fn heading(
    ctx: &Context<'_>,
    canvas: &mut Canvas<'_>,
    row: u32,
    group: &[Entry<'_>],
    form: &str,
    dates: &Dates<'_>,
) -> Result<u32, WriteError> {
    let Some(first) = group.first() else { return Ok(row) };
    let name = match &first.group {
        Group::Done => format!("済（{}の記入があるもの）", ctx.field_label(form, dates.done.unwrap_or_default())),
        Group::Proposed(_, _, words) => words.clone(),
        Group::Unclear => "読み取れないもの（要確認）".to_string(),
        Group::Undecided => "未定".to_string(),
        Group::Unanswered => "未回答".to_string(),
        Group::NotAsked => "予定の記入が要らないもの".to_string(),
    };
    let mut divisions: Vec<(String, usize)> = Vec::new();
    let mut entries: Vec<&Entry<'_>> = group.iter().collect();
    entries.sort_by_key(|e| e.division);
    for entry in entries {
        let division = ctx.attr(entry.item, "division");
        match divisions.iter_mut().find(|(d, _)| *d == division) {
            Some((_, n)) => *n += 1,
            None => divisions.push((division, 1)),
        }
    }
    let counts: Vec<String> = divisions.into_iter().map(|(d, n)| format!("{d} {n}")).collect();
    let text = format!("{name}　{} {}（{}）", group.len(), ctx.subject(form), counts.join("、"));
    canvas.row(row, &[(0, canvas.columns() - 1, Cell::text(text).tone(Tone::Label))])
}

/// One item: what is proposed, and empty cells to write in.
fn proposal(
    ctx: &Context<'_>,
    canvas: &mut Canvas<'_>,
    row: u32,
    entry: &Entry<'_>,
    (filled, empty): (&[&Column], &[&Column]),
    dates: &Dates<'_>,
) -> Result<u32, WriteError> {
    let mut cells: Vec<Cell> = filled.iter().map(|c| show::column(ctx, entry.item, c)).collect();
    cells.push(show::standing(ctx, entry.item));
    let decided = decided(ctx, entry.item, dates);
    cells.extend((0..empty.len()).map(|n| if n == 0 { Cell::text(&*decided) } else { Cell::empty() }));
    let cells: Vec<(u16, u16, Cell)> = (0u16..).zip(cells).map(|(n, c)| (n, n, c)).collect();
    canvas.row_of(row, &cells, WRITING)
}

/// What the headquarters decided before.
fn decided(ctx: &Context<'_>, item: &LedgerItem, dates: &Dates<'_>) -> String {
    let about = |d: &&crate::model::round::Decision| {
        let field = d.field == dates.date || Some(d.field.as_str()) == dates.done;
        d.form == item.form && d.item == item.item.key && field
    };
    ctx.round().decisions.iter().rfind(about).map_or_else(String::new, |d| {
        let meeting = if d.meeting.is_empty() { String::new() } else { format!("（{}）", d.meeting) };
        format!("決定済み {}{meeting}", wareki(d.date))
    })
}
