//! What people really write, and what it must be read as: tables of written forms, and properties over arbitrary text.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use proptest::prelude::*;
use torimatome::model::code_list::{Code, CodeList, CodeLists};
use torimatome::model::date::Precision;
use torimatome::model::form::{Field, FieldType, Handling, Takes};
use torimatome::model::grid::{Cell, Content};
use torimatome::model::value::{Doubt, NoneKind, Value};
use torimatome::normalise::date::iso;
use torimatome::normalise::{Context, Parsed, canonical, normalise, normalise_joined};

fn as_of() -> NaiveDate {
    NaiveDate::from_ymd_opt(2022, 10, 31).expect("a real day")
}

fn field(kind: FieldType) -> Field {
    Field {
        id: "a".into(),
        label: "項目".into(),
        aliases: vec![],
        group: None,
        kind,
        required: false,
        codes: matches!(kind, FieldType::Choice | FieldType::Flag).then(|| "list".into()),
        unit: None,
        width: None,
        lines: None,
        help: None,
        example: None,
        role: None,
        handling: Handling::Internal,
        prefill: None,
        locked: false,
        key: None,
        none: BTreeMap::new(),
        takes: Takes::Whole,
        min: None,
        max: None,
    }
}

/// A code list from rows such as `1=実施=○/済`.
fn list(rows: &str) -> CodeLists {
    let codes = rows
        .split_whitespace()
        .map(|row| {
            let mut parts = row.split('=');
            let mut next = || parts.next().unwrap_or_default().to_string();
            let (code, name, aliases) = (next(), next(), next());
            let aliases = aliases.split('/').filter(|a| !a.is_empty()).map(ToString::to_string).collect();
            Code { code, name, aliases, attrs: BTreeMap::new() }
        })
        .collect();
    BTreeMap::from([("list".to_string(), CodeList { id: "list".into(), columns: vec![], codes })])
}

fn value_text(value: &Value) -> String {
    match value {
        Value::Blank => "blank".into(),
        Value::None { kind, reason } => {
            let kind = match kind {
                NoneKind::Undecided => "undecided",
                NoneKind::NotApplicable => "not_applicable",
                NoneKind::SeeOther => "see_other",
            };
            reason.as_ref().map_or(kind.to_string(), |r| format!("{kind}:{r}"))
        }
        Value::Number(n) => n.to_string(),
        Value::Text(t) => format!("「{t}」"),
        Value::Choice(c) => c.clone(),
        Value::Date(i) => iso(i),
        Value::Unreadable => "unreadable".into(),
    }
}

fn precision_text(value: &Value) -> String {
    let Some(i) = value.date() else { return String::new() };
    let word = match i.precision {
        Precision::Day => "day",
        Precision::TenDays => "ten_days",
        Precision::Month => "month",
        Precision::Quarter => "quarter",
        Precision::Half => "half",
        Precision::FiscalYear => "fiscal_year",
        Precision::Year => "year",
    };
    format!("{word}{}{}", if i.approx { "~" } else { "" }, if i.inferred { "?" } else { "" })
}

fn variant(text: &str) -> String {
    text.chars().take_while(char::is_ascii_alphanumeric).collect()
}

fn doubts_text(doubts: &[Doubt]) -> String {
    doubts.iter().map(|d| variant(&format!("{d:?}"))).collect::<Vec<_>>().join(",")
}

fn notes_text(p: &Parsed) -> String {
    let mut kinds: Vec<_> = p.notes.iter().map(|n| n.kind).collect();
    kinds.sort();
    kinds.dedup();
    kinds.iter().map(|k| format!("{k:?}")).collect::<Vec<_>>().join(",")
}

/// A cell as a table writes it: text, `=46112 yyyy/m/d` a number with its format, `#n` a plain number.
fn cell(written: &str) -> Cell {
    let written = written.replace("\\n", "\n");
    if let Some(rest) = written.strip_prefix('=') {
        let (n, format) = rest.split_once(' ').unwrap_or((rest, ""));
        let format = (!format.is_empty()).then(|| format.to_string());
        return Cell { content: Content::Number(n.parse().expect("a number")), format, formula: false };
    }
    Cell::text(written)
}

/// The columns of a table: written, value, precision, notes, doubts; `#` begins a comment line, a further column is the source.
fn rows(table: &str) -> Vec<Vec<&str>> {
    table.lines().filter(|l| !l.is_empty() && !l.starts_with('#')).map(|l| l.split('\t').collect()).collect()
}

/// Compares a table with what is read, all differences at once.
fn hold(table: &str, options: fn(&str) -> (Field, CodeLists)) {
    let mut wrong = Vec::new();
    for row in rows(table) {
        let at = |k: usize| row.get(k).copied().unwrap_or_default();
        let (field, codes) = options(at(0));
        let ctx = Context { as_of: as_of(), date1904: false, codes: &codes };
        let got = normalise(&cell(at(1)), &field, &ctx);
        let line = [value_text(&got.value), precision_text(&got.value), notes_text(&got), doubts_text(&got.doubts)];
        let notes = if at(4) == "*" { line[2].as_str() } else { at(4) };
        if line.iter().map(String::as_str).ne([at(2), at(3), notes, at(5)]) {
            wrong.push(format!(
                "{}\t{}\t{}\n   wanted {:?}\n   {:?}\n",
                at(0),
                at(1),
                line.join("\t"),
                &row[2..],
                got.doubts
            ));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.concat());
}

#[test]
fn dates() {
    hold(include_str!("normalise/dates.tsv"), |options| {
        let mut f = field(FieldType::Date);
        f.takes = match options {
            "end" => Takes::End,
            "start" => Takes::Start,
            _ => Takes::Whole,
        };
        (f, BTreeMap::new())
    });
}

#[test]
fn numbers() {
    hold(include_str!("normalise/numbers.tsv"), |options| {
        let (kind, unit) = options.split_once(' ').unwrap_or((options, ""));
        let mut f = field(match kind {
            "integer" => FieldType::Integer,
            "money" => FieldType::Money,
            "percent" => FieldType::Percent,
            _ => FieldType::Number,
        });
        f.unit = (!unit.is_empty()).then(|| unit.to_string());
        (f, BTreeMap::new())
    });
}

#[test]
fn choices() {
    hold(include_str!("normalise/choices.tsv"), |options| {
        let rows = match options {
            "S" => "1=完了済み=完了/済/○ 2=作業中=着手/△ 3=未着手=未/× 4=対象外",
            "O" => "1=実施=有 2=未実施=無 3=予定あり 4=検討中 5=予定なし",
            _ => "1=該当=● 2=非該当=－",
        };
        (field(FieldType::Choice), list(rows))
    });
}
