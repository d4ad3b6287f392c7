//! `check --explain`: what every cell was taken for, as a table in the terminal and as JSON.

use std::collections::HashMap;
use std::fmt::Write;

use serde::{Serialize, Serializer};
use serde_json::{Value as Json, json};

use super::json;
use crate::forms::Templates;
use crate::look::display_width;
use crate::model::date::describe;
use crate::model::form::FieldType;
use crate::model::{Answer, Area, NoneKind, Submission, Value};
use crate::read::explain::{ExplainedCell, Explanation, TakenFor};

/// The files with their explanations, by path.
pub type Explanations<'a> = [(String, Explanation<'a>)];

/// The tables for the terminal.
#[must_use]
pub fn text(explained: &Explanations<'_>, submissions: &[Submission], templates: &Templates) -> String {
    let mut t = String::new();
    let answers = Answers::of(submissions);
    for (file, explanation) in explained {
        match explanation {
            Explanation::Form(form, cells) => {
                let _ = writeln!(t, "{file}\n  様式「{}」として読みました。", form.title);
                table(&mut t, file, cells, &answers, templates);
            }
            Explanation::None(Some(near)) => {
                let all = near.found.len() + near.missing.len();
                let _ = writeln!(
                    t,
                    "{file}\n  どの様式とも一致しません。最も近いのは「{}」です（シート「{}」、見出し{all}個のうち{}個）。",
                    near.title,
                    near.sheet,
                    near.found.len()
                );
                for (label, at) in &near.found {
                    let _ = writeln!(t, "    あり　{at}　{label}");
                }
                for label in &near.missing {
                    let _ = writeln!(t, "    なし　　　{label}");
                }
                let _ = writeln!(
                    t,
                    "  見出しの半分以上（3個以上）がそろうと、この様式として読みます。見出しの言葉を配布した様式に合わせるか、配布した様式に写し直してください。"
                );
            }
            Explanation::None(None) => {
                let _ =
                    writeln!(t, "{file}\n  どの様式の見出しも見つかりません。配布した様式かどうかを確かめてください。");
            }
        }
        let _ = writeln!(t);
    }
    t
}

fn table(t: &mut String, file: &str, cells: &[ExplainedCell<'_>], answers: &Answers<'_>, templates: &Templates) {
    let rows: Vec<[String; 5]> = cells.iter().map(|c| row(file, c, answers, templates)).collect();
    let head = ["セル", "取り方", "項目", "値", "書かれていたもの"].map(ToString::to_string);
    let width = |i: usize| {
        rows.iter().chain([&head]).filter_map(|r| r.get(i)).map(|c| display_width(c)).max().unwrap_or(0).min(40)
    };
    let widths = [width(0), width(1), width(2), width(3)];
    let mut sheet = "";
    for (cell, row) in cells.iter().zip(&rows) {
        if *cell.sheet != *sheet {
            sheet = &cell.sheet;
            let _ = writeln!(t, "\n  シート「{sheet}」");
            line(t, &head, &widths);
        }
        line(t, row, &widths);
    }
}

fn line(t: &mut String, row: &[String; 5], widths: &[u32; 4]) {
    let mut text = String::from("  ");
    for (cell, width) in row.iter().zip(widths) {
        let gap = width.saturating_sub(display_width(cell)) as usize;
        let _ = write!(text, "{cell}{}  ", " ".repeat(gap));
    }
    let _ = writeln!(t, "{}", (text + &row[4]).trim_end());
}

fn row(file: &str, c: &ExplainedCell<'_>, answers: &Answers<'_>, templates: &Templates) -> [String; 5] {
    let field = c.field.map(|f| f.label.clone()).unwrap_or_default();
    let value = match (c.taken_for, answers.get(file, c)) {
        (TakenFor::Answer | TakenFor::Key, Some(a)) => words(a, c, templates),
        _ => String::new(),
    };
    let raw = if c.raw.is_empty() { "（空欄）".to_string() } else { one_line(&c.raw) };
    [c.area.to_string(), in_words(c.taken_for).to_string(), one_line(&field), one_line(&value), raw]
}

/// A text on one line, cut where the table would burst.
fn one_line(text: &str) -> String {
    const MOST: usize = 40;
    let flat: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if flat.chars().count() > MOST { flat.chars().take(MOST - 1).chain(['…']).collect() } else { flat }
}

const fn in_words(taken_for: TakenFor) -> &'static str {
    match taken_for {
        TakenFor::Label => "見出し",
        TakenFor::Answer => "回答",
        TakenFor::Key => "対象・課",
        TakenFor::Printed => "様式の文字",
        TakenFor::Stray => "書き込み（数えない）",
        TakenFor::Note => "メモ（数えない）",
        TakenFor::Damaged => "読めない",
        TakenFor::OtherSheet => "様式にないシート",
        TakenFor::Others => "一つずつは示しません",
    }
}

const fn in_json(taken_for: TakenFor) -> &'static str {
    match taken_for {
        TakenFor::Label => "label",
        TakenFor::Answer => "answer",
        TakenFor::Key => "key",
        TakenFor::Printed => "printed",
        TakenFor::Stray => "stray",
        TakenFor::Note => "note",
        TakenFor::Damaged => "damaged",
        TakenFor::OtherSheet => "other_sheet",
        TakenFor::Others => "others",
    }
}

const fn type_of(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Text => "text",
        FieldType::Integer => "integer",
        FieldType::Number => "number",
        FieldType::Money => "money",
        FieldType::Percent => "percent",
        FieldType::Date => "date",
        FieldType::Choice => "choice",
        FieldType::Flag => "flag",
        FieldType::Item => "item",
        FieldType::Division => "division",
    }
}

/// The answers by where they were taken from.
struct Answers<'s>(HashMap<(&'s str, &'s str, Area, &'s str), &'s Answer>);

impl<'s> Answers<'s> {
    fn of(submissions: &'s [Submission]) -> Self {
        let mut by_place = HashMap::new();
        for s in submissions {
            let all = std::iter::once(&s.card).chain(s.records.iter().map(|r| &r.fields));
            for (key, answer) in all.flatten() {
                if let Some(area) = answer.place.area {
                    by_place.insert((&*s.file, &*answer.place.sheet, area, key.as_str()), answer);
                }
            }
        }
        Self(by_place)
    }

    fn get(&self, file: &str, c: &ExplainedCell<'_>) -> Option<&'s Answer> {
        self.0.get(&(file, &*c.sheet, c.area, c.key.as_deref()?)).copied()
    }
}

/// A value in the office's words.
fn words(a: &Answer, c: &ExplainedCell<'_>, templates: &Templates) -> String {
    match &a.value {
        Value::Blank => String::new(),
        Value::None { kind, reason } => {
            let kind = match kind {
                NoneKind::Undecided => "未定",
                NoneKind::NotApplicable => "該当なし",
                NoneKind::SeeOther => "別の所に記載",
            };
            reason.as_ref().map_or_else(|| kind.to_string(), |r| format!("{kind}（{r}）"))
        }
        Value::Number(n) => format!("{n}{}", c.field.and_then(|f| f.unit.as_deref()).unwrap_or_default()),
        Value::Text(text) => text.to_string(),
        Value::Choice(code) => {
            let list = c.field.and_then(|f| templates.lists.get(f.codes.as_ref()?));
            list.and_then(|l| l.get(code)).map_or_else(|| code.to_string(), |c| c.name.clone())
        }
        Value::Date(interval) => describe(interval),
        Value::Unreadable => "（読めません）".to_string(),
    }
}

/// The array `explained` of the JSON object, one entry a cell. The entries are made while they are written, for a workbook may
/// have hundreds of thousands.
pub struct Cells<'a> {
    explained: &'a Explanations<'a>,
    answers: Answers<'a>,
}

/// One entry of [`Cells`].
#[derive(Serialize)]
struct CellEntry<'a> {
    file: &'a str,
    sheet: &'a str,
    cell: String,
    taken_for: &'static str,
    field: Option<&'a str>,
    #[serde(rename = "type")]
    kind: Option<&'static str>,
    value: Option<Json>,
    raw: &'a str,
    number_format: Option<&'a str>,
}

impl<'a> Cells<'a> {
    /// The cells of the files with the answers taken from them.
    #[must_use]
    pub fn of(explained: &'a Explanations<'a>, submissions: &'a [Submission]) -> Self {
        Self { explained, answers: Answers::of(submissions) }
    }

    fn entry(&self, file: &'a str, c: &'a ExplainedCell<'a>) -> CellEntry<'a> {
        CellEntry {
            file,
            sheet: &c.sheet,
            cell: c.area.to_string(),
            taken_for: in_json(c.taken_for),
            field: c.key.as_deref().or(c.field.map(|f| f.id.as_str())),
            kind: c.field.map(|f| type_of(f.kind)),
            value: self.answers.get(file, c).map(|a| json::value(&a.value)),
            raw: &c.raw,
            number_format: c.format.as_deref(),
        }
    }
}

impl Serialize for Cells<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.explained.iter().flat_map(|(file, explanation)| {
            let cells: &[ExplainedCell<'_>] = match explanation {
                Explanation::Form(_, cells) => cells,
                Explanation::None(_) => &[],
            };
            cells.iter().map(move |c| self.entry(file, c))
        }))
    }
}

/// The array `nearest` of the JSON object: one entry for each file that is no form.
#[must_use]
pub fn nearest(explained: &Explanations<'_>) -> Json {
    let mut out = Vec::new();
    for (file, explanation) in explained {
        let Explanation::None(near) = explanation else { continue };
        let found = |n: &crate::read::explain::Nearest| -> Vec<Json> {
            n.found.iter().map(|(label, at)| json!({"label": label, "cell": at.to_string()})).collect()
        };
        out.push(json!({
            "file": file,
            "form": near.as_ref().map(|n| &n.form),
            "sheet": near.as_ref().map(|n| &n.sheet),
            "found": near.as_ref().map(found).unwrap_or_default(),
            "missing": near.as_ref().map(|n| n.missing.clone()).unwrap_or_default(),
        }));
    }
    Json::Array(out)
}
