//! The sheet that explains a form (記入要領): until when and to whom, how to fill it in, how dates may be written, what the
//! signs mean, and every field with its help, example and choices. All of it comes from the definition.

use std::collections::BTreeSet;

use rust_xlsxwriter::{Format, FormatAlign, Workbook, Worksheet, XlsxError};

use super::names::Names;
use super::{DrawError, Fill, value};
use crate::forms::Templates;
use crate::look;
use crate::model::date::weekday;
use crate::model::form::{Block, Field, FieldType, Form};
use crate::model::marker::Marker;
use crate::model::rule::Check;
use crate::model::sign;

/// Columns: number, field, whether it must be filled in, how, example or choices.
const WIDTHS: [f64; 5] = [6.0, 28.0, 11.0, 44.0, 34.0];
/// More choices than these are not listed one by one.
const LISTED: usize = 10;

/// Height of the title's row in points.
const TITLE: f64 = 30.0;

/// The paper while it is written.
struct Paper<'w> {
    ws: &'w mut Worksheet,
    row: u32,
    /// Height of each row so far, in points.
    heights: Vec<f64>,
    /// First row of each part.
    starts: Vec<u32>,
    /// Height of the rows repeated on each page, in points.
    repeated: f64,
}

impl Paper<'_> {
    /// One row: texts over stretches of columns, each with its format; as high as the longest of them.
    fn line(&mut self, cells: &[(u16, u16, &str, &Format)]) -> Result<(), XlsxError> {
        let mut lines = 1;
        for (first, last, text, format) in cells {
            let width: f64 = (*first..=*last).map(|c| WIDTHS[usize::from(c)]).sum();
            lines = lines.max(look::wrapped_lines(text, width - 1.0));
            if first == last {
                self.ws.write_string_with_format(self.row, *first, *text, format)?;
            } else {
                self.ws.merge_range(self.row, *first, self.row, *last, text, format)?;
            }
        }
        self.end(look::row_height(lines).max(20.0))
    }

    fn end(&mut self, height: f64) -> Result<(), XlsxError> {
        self.ws.set_row_height(self.row, height)?;
        self.heights.push(height);
        self.row += 1;
        Ok(())
    }

    fn heading(&mut self, text: &str) -> Result<(), XlsxError> {
        self.starts.push(self.row);
        self.end(9.0)?;
        self.line(&[(0, 4, text, &look::heading())])
    }
}

/// Adds the sheet.
pub(super) fn draw(
    workbook: &mut Workbook,
    form: &Form,
    templates: &Templates,
    fill: &Fill<'_>,
    names: &mut Names,
) -> Result<(), DrawError> {
    let name = names.give(sign::GUIDE);
    let drawn = paper(workbook.add_worksheet(), &name, form, templates, fill);
    drawn.map_err(|source| DrawError { sheet: name, source })
}

fn paper(ws: &mut Worksheet, name: &str, form: &Form, templates: &Templates, fill: &Fill<'_>) -> Result<(), XlsxError> {
    ws.set_name(name)?;
    ws.set_tab_color(look::GREY);
    for (column, width) in (0u16..).zip(WIDTHS) {
        look::set_width(ws, column, width)?;
    }
    let mut paper = Paper { ws, row: 0, heights: Vec::new(), starts: Vec::new(), repeated: 0.0 };
    let marker = Marker {
        form: form.id.clone(),
        version: form.version.clone(),
        sheet: sign::EXPLAINS.into(),
        as_of: fill.as_of,
    };
    if fill.mark.is_empty() {
        paper.line(&[(0, 4, &marker.line(), &look::small())])?;
    } else {
        paper.line(&[(0, 3, &marker.line(), &look::small()), (4, 4, fill.mark, &look::mark())])?;
    }
    paper.line(&[(0, 4, &format!("{}　{}", sign::GUIDE, form.title), &look::title())])?;
    paper.ws.set_row_height(paper.row - 1, TITLE)?;
    if let Some(height) = paper.heights.last_mut() {
        *height = TITLE;
    }
    let mut number = 1;
    let mut heading = |paper: &mut Paper<'_>, text: &str| {
        let text = format!("{number}　{text}");
        number += 1;
        paper.heading(&text)
    };
    heading(&mut paper, "期限と提出先")?;
    dates(&mut paper, templates, fill)?;
    heading(&mut paper, "記入の手順")?;
    for (n, step) in (1..).zip(&templates.guide.steps) {
        paper.line(&[(0, 0, &format!("({n})"), &look::note()), (1, 4, step, &look::note())])?;
    }
    heading(&mut paper, "左端のしるし")?;
    for (sign, words) in [sign::TODO, sign::LOOK, sign::LATE].iter().zip(&templates.guide.signs) {
        paper.line(&[(0, 1, sign, &look::label()), (2, 4, words, &look::cell())])?;
    }
    heading(&mut paper, "日付の書き方")?;
    paper.line(&[(0, 2, "書き方", &look::header()), (3, 4, "読み取り", &look::header())])?;
    for date in &templates.guide.dates {
        paper.line(&[(0, 2, &date.written, &look::cell()), (3, 4, &date.read, &look::cell())])?;
    }
    heading(&mut paper, "各項目の説明")?;
    fields(&mut paper, form, templates, fill)?;
    finish(&mut paper, form, fill)
}

/// As-of date, deadline, where to, whom to ask.
fn dates(paper: &mut Paper<'_>, templates: &Templates, fill: &Fill<'_>) -> Result<(), XlsxError> {
    let day = |d| format!("{}（{}）", value::in_words(d), weekday(d));
    let as_of = fill.as_of.map(|d| format!("{}（この日の状況を記入してください）", value::in_words(d)));
    let hand_in = if fill.hand_in.is_empty() { &templates.letter.hand_in } else { fill.hand_in };
    let rows = [
        ("調査回", Some(fill.round_name.to_string())),
        ("基準日", as_of),
        ("回答期限", fill.reply_by.map(day)),
        ("提出先", Some(templates.guide.send_to.replace("{hand_in}", hand_in))),
        ("問合せ先", Some(fill.contact.to_string())),
    ];
    for (label, text) in rows.iter().filter_map(|(l, t)| Some((l, t.as_ref().filter(|t| !t.is_empty())?))) {
        paper.line(&[(0, 1, label, &look::label()), (2, 4, text, &look::cell())])?;
    }
    Ok(())
}

/// Every field that can be filled in, by block.
fn fields(paper: &mut Paper<'_>, form: &Form, templates: &Templates, fill: &Fill<'_>) -> Result<(), XlsxError> {
    let owed = owed_by_rule(form);
    let head = look::header();
    let top = paper.row;
    let heads = ["番号", "項目", "必須", "記入のしかた", "例・選択肢"];
    let cells: Vec<_> = (0u16..).zip(heads).map(|(c, t)| (c, c, t, &head)).collect();
    paper.line(&cells)?;
    paper.ws.set_repeat_rows(top, top)?;
    paper.repeated = paper.heights.last().copied().unwrap_or(0.0);
    let (middle, section) = (look::cell().set_align(FormatAlign::Center), look::label());
    let mut number = 0;
    for block in form.sheets.iter().flat_map(|s| &s.blocks) {
        let asked: Vec<&Field> = block.fields.iter().filter(|f| !f.locked).collect();
        if asked.is_empty() {
            continue;
        }
        if let Some(title) = &block.title {
            paper.line(&[(0, 4, title, &section)])?;
        }
        for field in asked {
            number += 1;
            let label = field.group.as_ref().map_or_else(|| field.label.clone(), |g| format!("{g}・{}", field.label));
            let must = if field.required {
                "必須"
            } else if is_owed(field, block, &owed) {
                "場合により"
            } else {
                ""
            };
            paper.line(&[
                (0, 0, &number.to_string(), &middle),
                (1, 1, &label, &look::cell()),
                (2, 2, must, &middle),
                (3, 3, &how(field), &look::cell()),
                (4, 4, &examples(field, templates, fill), &look::cell()),
            ])?;
        }
    }
    Ok(())
}

/// Keys that some rule requires in some case.
fn owed_by_rule(form: &Form) -> BTreeSet<String> {
    let mut owed = BTreeSet::new();
    for rule in &form.rules {
        match &rule.check {
            Check::Required { fields } => owed.extend(fields.iter().cloned()),
            Check::Remark { remark, .. } => {
                owed.insert(remark.clone());
            }
            Check::Deadline { reason, .. } => owed.extend(reason.iter().cloned()),
            _ => {}
        }
    }
    owed
}

fn is_owed(field: &Field, block: &Block, owed: &BTreeSet<String>) -> bool {
    let Some(key) = &field.key else { return owed.iter().any(|k| *k == field.id || field.is_of(k)) };
    // A key with {row} stands for many; a rule may name one of them or all with a star.
    let (before, after) = key.split_once("{row}").unwrap_or((key, ""));
    block.rows.codes.is_some()
        && owed.iter().any(|k| {
            field.is_of(k) || (!before.is_empty() && k.starts_with(before) && k.ends_with(after) && !k.contains('*'))
        })
}

fn how(field: &Field) -> String {
    if let Some(help) = &field.help {
        return help.clone();
    }
    let unit = field.unit.as_deref().unwrap_or_default();
    match field.kind {
        FieldType::Choice | FieldType::Flag => "一覧から選んでください。".into(),
        FieldType::Date => "日付を記入してください。決まっていないときは「未定」と記入してください。".into(),
        FieldType::Integer | FieldType::Number | FieldType::Money => {
            format!("数字だけを記入してください（単位: {unit}）。")
        }
        FieldType::Percent => "％の数字で記入してください。".into(),
        _ => "文字で記入してください。".into(),
    }
    .replace("（単位: ）", "")
}

fn examples(field: &Field, templates: &Templates, fill: &Fill<'_>) -> String {
    if let Some(list) = field.codes.as_ref().and_then(|id| templates.lists.get(id)) {
        let words = super::lists::words(list, fill.as_of);
        return if words.len() > LISTED {
            format!("一覧から選択（{}種類）", words.len())
        } else {
            words.join("／")
        };
    }
    field.example.as_ref().map_or_else(String::new, |e| format!("例: {e}"))
}

fn finish(paper: &mut Paper<'_>, form: &Form, fill: &Fill<'_>) -> Result<(), XlsxError> {
    paper.ws.set_print_area(0, 0, paper.row.saturating_sub(1), 4)?;
    paper.ws.set_screen_gridlines(false);
    paper.ws.protect();
    let left = format!("{}　{}", form.title, sign::GUIDE);
    let page = look::Page { left: &left, right: fill.round_name, mark: fill.mark, ..look::Page::default() };
    look::page_setup(paper.ws, &page);
    let width: u32 = WIDTHS.iter().map(|w| look::pixels(*w)).sum();
    let rows = look::Rows { heights: &paper.heights, starts: &paper.starts, repeated: paper.repeated };
    look::set_pages(paper.ws, &page.pages(f64::from(width), rows))
}
