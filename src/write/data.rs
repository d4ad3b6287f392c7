//! The long form: one row per answer with its own place and raw text, for the sheet データ and its CSV.
//!
//! Header in row 1, no merges, one value a cell, codes beside words (行政データにおける機械可読性に関するルール, L1 to L3).

use super::context::Context;
use super::csv::Datum;
use crate::consolidate::heads;
use crate::model::date::describe;
use crate::model::form::FieldType;
use crate::model::ledger::LedgerItem;
use crate::model::{Answer, Handling, Interval, Slot, State, Value};

/// A machine-readable table.
pub struct LongTable {
    /// Headers.
    pub heads: &'static [&'static str],
    /// Rows; as many values as headers.
    pub rows: Vec<Vec<Datum>>,
}

/// Headers of [`answers`]; only ever added to, at the end.
const ANSWERS: &[&str] = &[
    "団体コード",
    "団体名",
    "調査回",
    "基準日",
    "様式ID",
    "様式",
    "課コード",
    "課",
    "対象キー",
    "対象名",
    "項目キー",
    "項目名",
    "値の型",
    "値",
    "値の語",
    "開始日",
    "終了日",
    "精度",
    "幅を示す語",
    "年の補完",
    "単位",
    "原文",
    "変換",
    "ファイル",
    "シート",
    "セル",
    "状態",
    "暫定",
    "取扱区分",
];

/// Every answer in the master, then the items that nobody answered for.
pub fn answers(ctx: &Context<'_>) -> LongTable {
    let mut rows = Vec::new();
    for submission in heads(&ctx.ledger.submissions) {
        let form = submission.form.as_deref().unwrap_or_default();
        let division = submission.division.as_deref().unwrap_or_default();
        for (key, answer) in in_order(ctx, form, &submission.card) {
            rows.push(answer_row(ctx, &Whose { form, division, item: None, key: "" }, key, answer, false));
        }
    }
    for item in &ctx.ledger.items {
        match &item.record {
            Some(record) => {
                let whose =
                    Whose { form: &item.form, division: &record.division, item: Some(item), key: &item.item.key };
                for (key, answer) in in_order(ctx, &item.form, &record.fields) {
                    rows.push(answer_row(ctx, &whose, key, answer, item.is_provisional()));
                }
            }
            None => rows.push(missing_row(ctx, item)),
        }
    }
    LongTable { heads: ANSWERS, rows }
}

/// The answers in the order of the form; keys that the form does not know come last.
fn in_order<'a>(
    ctx: &'a Context<'_>,
    form: &str,
    fields: &'a std::collections::BTreeMap<String, Answer>,
) -> Vec<(&'a str, &'a Answer)> {
    let slots = ctx.form(form).map_or(&[][..], |f| &f.slots);
    let known = slots.iter().filter_map(|(k, _)| fields.get_key_value(k));
    let unknown = fields.iter().filter(|(k, _)| ctx.slot(form, k).is_none());
    let mut seen = std::collections::BTreeSet::new();
    known.chain(unknown).filter(|(k, _)| seen.insert(k.as_str())).map(|(k, a)| (k.as_str(), a)).collect()
}

/// Whose answer a row is.
struct Whose<'a> {
    form: &'a str,
    division: &'a str,
    item: Option<&'a LedgerItem>,
    key: &'a str,
}

fn head(ctx: &Context<'_>, whose: &Whose<'_>) -> Vec<Datum> {
    let round = ctx.round();
    vec![
        Datum::text(&*round.municipality_code),
        Datum::text(&*round.municipality),
        Datum::text(&*round.name),
        Datum::some(ctx.as_of(whose.form).map(|d| d.to_string())),
        Datum::text(whose.form),
        Datum::text(ctx.title(whose.form)),
        Datum::text(whose.division),
        Datum::some(ctx.division(whose.division).map(|d| &*d.name)),
        Datum::text(whose.key),
        Datum::some(whose.item.map(|i| &*i.item.name)),
    ]
}

fn answer_row(ctx: &Context<'_>, whose: &Whose<'_>, key: &str, answer: &Answer, provisional: bool) -> Vec<Datum> {
    let slot = ctx.slot(whose.form, key);
    let mut row = head(ctx, whose);
    let (kind, value, word) = canonical(ctx, slot, answer);
    let interval = answer.value.date();
    let flag = |f: fn(&Interval) -> bool| interval.map_or_else(|| Datum::text(""), |i| Datum::flag(f(i)));
    let notes: Vec<String> = answer.notes.iter().map(|n| n.kind.words().to_string()).collect();
    row.extend([
        Datum::text(key),
        Datum::text(slot.map_or_else(|| key.to_string(), Slot::label)),
        Datum::text(kind),
        value,
        Datum::text(word),
        Datum::some(interval.and_then(|i| i.from).map(|d| d.to_string())),
        Datum::some(interval.and_then(|i| i.to).map(|d| d.to_string())),
        Datum::some(interval.map(|i| i.precision.word())),
        flag(|i| i.approx),
        flag(|i| i.inferred),
        Datum::some(slot.and_then(|s| s.field.unit.as_deref())),
        Datum::text(&*answer.raw),
        Datum::text(notes.join("、")),
        Datum::text(&*answer.place.file),
        Datum::text(&*answer.place.sheet),
        Datum::text(answer.place.cell_text()),
        Datum::text(state_code(State::Accepted)),
        Datum::flag(provisional),
        Datum::text(handling_words(slot.map_or(Handling::Internal, |s| s.field.handling))),
    ]);
    row
}

fn missing_row(ctx: &Context<'_>, item: &LedgerItem) -> Vec<Datum> {
    let division = item.item.owner.as_deref().unwrap_or_default();
    let mut row = head(ctx, &Whose { form: &item.form, division, item: Some(item), key: &item.item.key });
    let state = if item.item.absent { State::NotExpected } else { State::Missing };
    while row.len() < ANSWERS.len() - 3 {
        row.push(Datum::text(""));
    }
    row.extend([Datum::text(state_code(state)), Datum::flag(item.is_provisional()), Datum::text("")]);
    row
}

/// Type, value and printed word of an answer. A date's value is its first day in ISO form, a choice's its code.
fn canonical(ctx: &Context<'_>, slot: Option<&Slot<'_>>, answer: &Answer) -> (&'static str, Datum, String) {
    let kind = slot.map(|s| s.field.kind);
    match &answer.value {
        Value::Blank => ("blank", Datum::text(""), String::new()),
        Value::None { kind, reason } => (kind.code(), Datum::text(""), reason.clone().unwrap_or_default()),
        Value::Number(n) => {
            let name = match kind {
                Some(FieldType::Integer) => "integer",
                Some(FieldType::Money) => "money",
                Some(FieldType::Percent) => "percent",
                _ => "number",
            };
            (name, Datum::Number(*n), String::new())
        }
        Value::Text(text) => ("text", Datum::text(&**text), String::new()),
        Value::Choice(code) => {
            let word = slot.map_or_else(|| code.clone(), |s| ctx.choice(s.field, code, None));
            ("choice", Datum::text(&**code), word)
        }
        Value::Date(i) => {
            let from = i.from.or(i.to).map(|d| d.to_string());
            ("date", Datum::some(from), describe(i))
        }
        Value::Unreadable => ("unreadable", Datum::text(""), String::new()),
    }
}

/// The state as programs write it.
pub const fn state_code(state: State) -> &'static str {
    match state {
        State::Accepted => "accepted",
        State::Superseded => "superseded",
        State::Duplicate => "duplicate",
        State::Unreadable => "unreadable",
        State::NotOurs => "not-ours",
        State::Missing => "missing",
        State::NotExpected => "not-expected",
    }
}

/// 取扱区分 in the office's words.
pub const fn handling_words(handling: Handling) -> &'static str {
    match handling {
        Handling::Public => "公表可",
        Handling::Internal => "庁内限り",
        Handling::Restricted => "関係課限り",
    }
}

/// Every finding, for the CSV.
pub fn findings(ctx: &Context<'_>) -> LongTable {
    const HEADS: &[&str] = &[
        "団体コード",
        "調査回",
        "指摘コード",
        "重要度",
        "課コード",
        "課",
        "様式ID",
        "対象キー",
        "対象名",
        "項目キー",
        "項目名",
        "内容",
        "直し方",
        "記入された値",
        "正しい値・期待する内容",
        "ファイル",
        "シート",
        "セル",
        "了承の理由",
        "了承の期限",
        "取扱区分",
    ];
    let catalogue = &ctx.templates.catalogue;
    let row = |f: &crate::model::Finding| {
        let (field, item) = ctx.names(f);
        let form = f.form.as_deref().unwrap_or_default();
        let place = f.place.as_ref();
        let division = f.division.as_deref();
        vec![
            Datum::text(&*ctx.round().municipality_code),
            Datum::text(&*ctx.round().name),
            Datum::text(&*f.code),
            Datum::text(f.severity().words()),
            Datum::some(division),
            Datum::some(division.map(|d| ctx.round().division_name(d))),
            Datum::text(form),
            Datum::some(f.item.as_deref()),
            Datum::text(&*item),
            Datum::some(f.field.as_deref()),
            Datum::text(&*field),
            Datum::text(catalogue.sentence(f, &field, &item)),
            Datum::text(catalogue.remedy(f, &field, &item)),
            Datum::some(f.given.as_deref()),
            Datum::some(f.expected.as_deref()),
            Datum::some(place.map(|p| &*p.file)),
            Datum::some(place.map(|p| &*p.sheet)),
            Datum::some(place.map(crate::model::Place::cell_text)),
            Datum::some(f.waived.as_ref().map(|w| &*w.reason)),
            Datum::some(f.waived.as_ref().and_then(|w| w.until).map(|d| d.to_string())),
            Datum::some(f.field.as_deref().map(|k| handling_words(ctx.handling(form, k)))),
        ]
    };
    LongTable { heads: HEADS, rows: ctx.ledger.findings.iter().map(row).collect() }
}

/// The code lists that the forms use: list, code, name, accepted spellings.
pub fn code_table(ctx: &Context<'_>) -> LongTable {
    const HEADS: &[&str] = &["コード表", "コード", "名称", "別の書き方"];
    let mut used: std::collections::BTreeSet<&str> = std::collections::BTreeSet::new();
    for form in ctx.ledger.round.forms.keys().filter_map(|id| ctx.form(id)) {
        used.extend(form.slots.iter().filter_map(|(_, s)| s.field.codes.as_deref()));
        used.extend(form.form.sheets.iter().flat_map(|s| &s.blocks).filter_map(|b| b.rows.codes.as_deref()));
    }
    let lists = used.iter().filter_map(|id| ctx.templates.lists.get(*id));
    let rows = lists.flat_map(|list| {
        list.codes.iter().map(|c| {
            vec![
                Datum::text(&*list.id),
                Datum::text(&*c.code),
                Datum::text(&*c.name),
                Datum::text(c.aliases.join("／")),
            ]
        })
    });
    LongTable { heads: HEADS, rows: rows.collect() }
}

/// Every step from what was typed to the value.
pub fn conversions(ctx: &Context<'_>) -> Vec<Vec<Datum>> {
    let mut rows = Vec::new();
    let mut note = |whose: [&str; 4], key: &str, a: &Answer| {
        for n in &a.notes {
            let [form, division, item, name] = whose;
            rows.push(vec![
                Datum::text(ctx.round().division_name(division)),
                Datum::text(ctx.title(form)),
                Datum::text(item),
                Datum::text(name),
                Datum::text(ctx.field_label(form, key)),
                Datum::text(&*n.before),
                Datum::text(&*n.after),
                Datum::text(n.kind.words()),
                Datum::text(&*a.raw),
                Datum::text(&*a.place.file),
                Datum::text(&*a.place.sheet),
                Datum::text(a.place.cell_text()),
            ]);
        }
    };
    for s in heads(&ctx.ledger.submissions) {
        let (form, division) = (s.form.as_deref().unwrap_or_default(), s.division.as_deref().unwrap_or_default());
        for (key, a) in in_order(ctx, form, &s.card) {
            note([form, division, "", ""], key, a);
        }
    }
    for item in &ctx.ledger.items {
        let Some(record) = &item.record else { continue };
        for (key, a) in in_order(ctx, &item.form, &record.fields) {
            note([&item.form, &record.division, &item.item.key, &item.item.name], key, a);
        }
    }
    rows
}
