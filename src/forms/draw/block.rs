//! Draws a card or a table over the columns of the sheet.

use rust_xlsxwriter::utility::{cell_range_absolute, row_col_to_cell};
use rust_xlsxwriter::{DataValidation, DataValidationErrorStyle, Format, FormatAlign, Formula, XlsxError};

use super::check::{Checks, choices, validation};
use super::lists::Lists;
use super::sheet::{Pen, Span};
use super::value::RowOf;
use super::watch::Watched;
use super::{CellValue, Scene};
use crate::look;
use crate::model::form::{Block, BlockRole, Field, FieldType, Role};
use crate::model::sign;

/// Where a table's header stands, and what follows.
pub(super) struct Header {
    /// First row.
    pub first: u32,
    /// Last row.
    pub last: u32,
    /// Number of rows below.
    pub rows: usize,
    /// Columns of the sheet taken by locked fields at the left.
    pub locked_columns: u16,
}

/// Draws label and answer, label and answer …, as many pairs side by side as the block says.
pub(super) fn card<'a>(
    pen: &mut Pen<'_, 'a>,
    scene: Scene<'a>,
    lists: &mut Lists,
    block: &'a Block,
    plan: &[u32],
    scope: usize,
) -> Result<(), XlsxError> {
    let pairs = usize::from(block.pairs.max(1));
    let end = plan.last().copied().unwrap_or(0);
    let row_of = RowOf { item: scene.item, ..RowOf::default() };
    for fields in block.fields.chunks(pairs) {
        let mut lines = 1;
        for (pair, field) in fields.iter().enumerate() {
            let Some([from, middle, to]) = plan.get(2 * pair..).and_then(|b| b.first_chunk()).copied() else { break };
            // A text that stands alone in the last row may use the whole row.
            let alone = fields.len() < pairs && pair + 1 == fields.len() && field.kind == FieldType::Text;
            let label = pen.span(from, middle);
            let answer = pen.span(middle, if alone { end } else { to });
            pen.text(label, 1, &field.label, &look::label())?;
            lines = lines.max(look::wrapped_lines(&field.label, f64::from(label.width)));
            pen.watch.line();
            let ask = Ask { block, field, scope, row: row_of, table: None };
            lines = lines.max(answer_cell(pen, scene, lists, ask, answer)?);
            if !field.locked
                && !scene.example
                && let Some(validation) = validation(scene, lists, field)?
            {
                pen.ws.add_data_validation(pen.row, answer.first, pen.row, answer.first, &validation)?;
            }
        }
        pen.end(look::row_height(lines).max(21.0))?;
    }
    Ok(())
}

/// Draws one or two header rows and the rows of a table.
pub(super) fn table<'a>(
    pen: &mut Pen<'_, 'a>,
    scene: Scene<'a>,
    lists: &mut Lists,
    block: &'a Block,
    plan: &[u32],
    scope: usize,
) -> Result<Header, XlsxError> {
    let spans: Vec<Span> =
        plan.windows(2).filter_map(|p| <[u32; 2]>::try_from(p).ok()).map(|[a, b]| pen.span(a, b)).collect();
    let first = pen.row;
    // The boxes stand behind the fields.
    let boxes = spans.get(block.fields.len()).copied();
    header(pen, block, &spans, boxes)?;
    let rows = scene.rows(block);
    if block.rows.free > 0 {
        shown_elsewhere(pen, scene, lists, block, &spans, &rows);
    }
    let mut checks = Checks::default();
    let table = u32::try_from(rows.len()).ok().map(|n| (pen.row, (pen.row + n).saturating_sub(1)));
    for row in &rows {
        let mut lines = 1;
        pen.watch.line();
        let scope = if scene.sheet.record_rows(block).is_some() {
            scope
        } else {
            pen.watch.scope(row.item.is_none(), row.item)
        };
        for (index, (field, span)) in block.fields.iter().zip(&spans).enumerate() {
            if block.shows(field) {
                joined_cell(pen, lists, block, field, *row, *span)?;
                continue;
            }
            let ask = Ask { block, field, scope, row: *row, table };
            lines = lines.max(answer_cell(pen, scene, lists, ask, *span)?);
            if !field.locked && !row.common && !scene.example {
                checks.note(index, pen.row);
            }
        }
        match boxes {
            Some(span) if scene.is_earlier_row(block, *row) => tick(pen, span)?,
            Some(span) => pen.text(span, 1, "", &look::locked())?,
            None => {}
        }
        pen.end(look::row_height(lines).max(21.0))?;
    }
    for (index, field) in block.fields.iter().enumerate() {
        if let Some(span) = spans.get(index)
            && checks.any(index)
            && let Some(validation) = validation(scene, lists, field)?
        {
            for (from, to) in checks.runs(index) {
                pen.ws.add_data_validation(from, span.first, to, span.first, &validation)?;
            }
        }
    }
    let locked = block.fields.iter().take_while(|f| f.locked).count();
    let locked_columns = locked.checked_sub(1).and_then(|i| spans.get(i)).map_or(0, |s| s.last + 1);
    let last = first + u32::from(grouped(block));
    Ok(Header { first, last, rows: rows.len(), locked_columns })
}

/// Remembers where numbers and names of free rows stand, for blocks that join this one and for drop-downs.
fn shown_elsewhere(
    pen: &Pen<'_, '_>,
    scene: Scene<'_>,
    lists: &mut Lists,
    block: &Block,
    spans: &[Span],
    rows: &[RowOf<'_>],
) {
    if block.role == Some(BlockRole::Divisions)
        && let Some((_, span)) = block.fields.iter().zip(spans).find(|(f, _)| f.role == Some(Role::Name))
        && let Some(last) = u32::try_from(rows.len()).ok().and_then(|n| n.checked_sub(1))
    {
        let cells = cell_range_absolute(pen.row, span.first, pen.row + last, span.first);
        lists.divisions = Some(format!("='{}'!{cells}", pen.ws.name().replace('\'', "''")));
    }
    for (field, span) in block.fields.iter().zip(spans) {
        let Some(role) = field.role.filter(|r| matches!(r, Role::Item | Role::ItemName)) else { continue };
        let cell = |(at, row): (u32, &RowOf<'_>)| {
            let text = match scene.value(field, *row) {
                Some(CellValue::Text(t)) => t,
                Some(CellValue::Number(n)) => n.to_string(),
                Some(CellValue::Date(d)) => super::value::in_words(d),
                None => String::new(),
            };
            let name = pen.ws.name().replace('\'', "''");
            (format!("'{name}'!{}", row_col_to_cell(pen.row + at, span.first)), text)
        };
        let cells = (0u32..).zip(rows).map(cell).collect();
        lists.tables.insert((block.id.clone(), role), cells);
    }
}

/// Shows number or name of the record that the row belongs to, from the table where they are typed.
fn joined_cell(
    pen: &mut Pen<'_, '_>,
    lists: &Lists,
    block: &Block,
    field: &Field,
    row: RowOf<'_>,
    span: Span,
) -> Result<(), XlsxError> {
    let format = look::locked().set_shrink();
    pen.merge(span, 1, &format)?;
    let table = field.role.and_then(|role| lists.tables.get(&(block.records().to_string(), role)));
    match table.and_then(|cells| cells.get(row.serial)) {
        Some((address, text)) => {
            let formula = Formula::new(format!("{address}&\"\"")).set_result(text);
            // Nothing typed there yet is nothing here, not 0.
            pen.ws.set_formula_result_default("");
            pen.ws.write_formula_with_format(pen.row, span.first, formula, &format)?;
        }
        None => {
            pen.ws.write_blank(pen.row, span.first, &format)?;
        }
    }
    Ok(())
}

fn grouped(block: &Block) -> bool {
    block.fields.iter().any(|f| f.group.is_some())
}

/// The box 「前回から変更なし」.
pub(super) fn tick(pen: &mut Pen<'_, '_>, span: Span) -> Result<(), XlsxError> {
    let format = look::input().set_num_format("@").set_align(FormatAlign::Center);
    pen.text(span, 1, "", &format)?;
    let list = DataValidation::new().allow_list_strings(&["○"])?;
    let list = list.set_error_style(DataValidationErrorStyle::Warning).set_input_title(sign::UNCHANGED)?;
    let list = list.set_input_message(sign::UNCHANGED_TIP)?;
    pen.ws.add_data_validation(pen.row, span.first, pen.row, span.first, &list)?;
    Ok(())
}

/// Headers: one row, or two with neighbours of one group under a common header.
fn header(pen: &mut Pen<'_, '_>, block: &Block, spans: &[Span], boxes: Option<Span>) -> Result<(), XlsxError> {
    let format = look::header();
    let lines = |text: &str, span: &Span| look::wrapped_lines(text, f64::from(span.width) - 1.0);
    let labels = block.fields.iter().zip(spans);
    let tallest = |grouped: bool| {
        let chosen = labels.clone().filter(|(f, _)| f.group.is_some() == grouped);
        chosen.map(|(f, s)| lines(&f.label, s)).max().unwrap_or(1)
    };
    let behind = boxes.map_or(1, |span| lines(sign::UNCHANGED, &span));
    if !grouped(block) {
        for (field, span) in labels.clone() {
            pen.text(*span, 1, &field.label, &format)?;
        }
        if let Some(span) = boxes {
            pen.text(span, 1, sign::UNCHANGED, &format)?;
        }
        return pen.end(look::row_height(tallest(false).max(behind)).max(24.0));
    }
    if let Some(span) = boxes {
        pen.text(span, 2, sign::UNCHANGED, &format)?;
    }
    let mut group_lines = 1;
    let mut at = 0;
    while let (Some(field), Some(span)) = (block.fields.get(at), spans.get(at)) {
        let Some(group) = &field.group else {
            pen.text(*span, 2, &field.label, &format)?;
            at += 1;
            continue;
        };
        let members = block.fields.iter().skip(at).take_while(|f| f.group.as_ref() == Some(group)).count();
        let own = spans.get(at..at + members).unwrap_or_default();
        let last = own.last().unwrap_or(span).last;
        let whole = Span { first: span.first, last, width: own.iter().map(|s| s.width).sum() };
        pen.text(whole, 1, group, &format)?;
        group_lines = group_lines.max(lines(group, &whole));
        at += members;
    }
    let top = look::row_height(group_lines);
    pen.end(top)?;
    for (field, span) in labels.clone().filter(|(f, _)| f.group.is_some()) {
        pen.text(*span, 1, &field.label, &format)?;
    }
    let below = look::row_height(tallest(true)).max(look::row_height(tallest(false).max(behind)) - top);
    pen.end(below.max(21.0))
}

/// What a cell asks for.
#[derive(Clone, Copy)]
struct Ask<'a> {
    block: &'a Block,
    field: &'a Field,
    scope: usize,
    row: RowOf<'a>,
    /// First and last row of the table it stands in.
    table: Option<(u32, u32)>,
}

/// Has an answer watched, and what is printed in place of one.
fn watch<'a>(
    pen: &mut Pen<'_, 'a>,
    scene: Scene<'a>,
    lists: &mut Lists,
    ask: Ask<'a>,
    span: Span,
    value: Option<&CellValue>,
) {
    let Ask { block, field, scope, row, table } = ask;
    if !field.is_answer() {
        return;
    }
    let (text, number) = match value {
        Some(CellValue::Text(t)) => (t.replace('　', " "), None),
        Some(CellValue::Number(n)) => (n.to_string(), Some(*n)),
        Some(CellValue::Date(d)) => (super::value::in_words(*d), None),
        None => (String::new(), None),
    };
    let words = text.split(' ').filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ");
    pen.watch.add(Watched {
        sheet: 0,
        row: pen.row,
        first: span.first,
        last: span.last,
        scope,
        line: 0,
        table,
        key: field.answer_key(row.code.map_or("", |c| &c.code)),
        field,
        block,
        locked: field.locked || row.common,
        text: words,
        number,
        span: None,
        list: choices(scene, lists, field),
        verdicts: Default::default(),
    });
}

/// Draws the cell of an answer or of something prefilled; gives the lines it needs.
fn answer_cell<'a>(
    pen: &mut Pen<'_, 'a>,
    scene: Scene<'a>,
    lists: &mut Lists,
    ask: Ask<'a>,
    span: Span,
) -> Result<u32, XlsxError> {
    let Ask { field, row, .. } = ask;
    let locked = field.locked || row.common;
    let format = cell_format(field, locked);
    // The example looks like the form, but nothing can be typed into it.
    let format = if scene.example { format.set_locked() } else { format };
    let value = scene.value(field, row);
    // In the settings only what is still open is tinted; what came filled in can be changed, but need not be.
    let format =
        if scene.sheet.plain && !locked && value.is_some() { format.set_background_color(look::PAPER) } else { format };
    let format = if scene.is_earlier(field, row) { look::earlier(format) } else { format };
    let lines = match &value {
        Some(CellValue::Text(t)) => look::wrapped_lines(t, f64::from(span.width)),
        _ => 1,
    };
    pen.merge(span, 1, &format)?;
    watch(pen, scene, lists, ask, span, value.as_ref());
    match value {
        Some(CellValue::Number(n)) => pen.ws.write_number_with_format(pen.row, span.first, n, &format)?,
        Some(CellValue::Text(t)) => pen.ws.write_string_with_format(pen.row, span.first, t, &format)?,
        Some(CellValue::Date(d)) => {
            let words = super::value::in_words(d);
            pen.ws.write_string_with_format(pen.row, span.first, words, &format)?
        }
        None => pen.ws.write_blank(pen.row, span.first, &format)?,
    };
    if !locked && pen.first_input.is_none() {
        pen.first_input = Some((pen.row, span.first));
    }
    // What may be chosen must fit as well as what stands there.
    let list = field.codes.as_ref().filter(|_| !locked).and_then(|id| scene.templates.lists.get(id));
    let words = list.iter().flat_map(|l| &l.codes).map(|c| look::wrapped_lines(&c.name, f64::from(span.width)));
    let longest = words.max().unwrap_or(1).min(2);
    Ok(lines.max(longest).max(u32::from(field.lines.unwrap_or(1))))
}

/// Dates, codes and choices are text, so that 「7/3/31」 stays 「7/3/31」 and leading zeros stay.
fn cell_format(field: &Field, locked: bool) -> Format {
    let format = if locked { look::locked() } else { look::input() };
    let unit = field.unit.as_ref().filter(|u| !u.contains('"'));
    match field.kind {
        FieldType::Integer | FieldType::Money => {
            let digits = unit.map_or_else(|| "#,##0".to_string(), |u| format!("#,##0\"{u}\""));
            format.set_num_format(digits).set_align(FormatAlign::Right)
        }
        FieldType::Number => format.set_num_format("#,##0.##########").set_align(FormatAlign::Right),
        FieldType::Percent => format.set_num_format("0.0%").set_align(FormatAlign::Right),
        FieldType::Text if field.lines.is_some_and(|l| l > 1) => format.set_num_format("@").set_align(FormatAlign::Top),
        _ => format.set_num_format("@"),
    }
}
