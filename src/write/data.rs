//! The long form: one row per answer with its own place and raw text, for the sheet データ and its CSV.
//!
//! Header in row 1, no merges, one value a cell, codes beside words (行政データにおける機械可読性に関するルール, L1 to L3).

use std::collections::BTreeSet;

use super::WriteError;
use super::context::{Context, FormIndex};
use super::csv::Datum;
use crate::consolidate::heads;
use crate::model::date::describe;
use crate::model::form::FieldType;
use crate::model::ledger::LedgerItem;
use crate::model::{Answer, Answers, Handling, Interval, Slot, State, Value};

/// A machine-readable table that is small enough to be held.
pub struct LongTable<'a> {
    /// Headers.
    pub heads: &'static [&'static str],
    /// Rows; as many values as headers.
    pub rows: Vec<Vec<Datum<'a>>>,
}

/// What is done with each row of a table that is made row by row.
pub type Each<'e> = &'e mut dyn FnMut(&[Datum<'_>]) -> Result<(), WriteError>;

/// Headers of [`answers`]; only ever added to, at the end.
pub const ANSWERS: &[&str] = &[
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

/// How many rows [`answers`] gives.
pub fn answers_count(ctx: &Context<'_>) -> usize {
    let cards: usize = heads(&ctx.ledger.submissions).iter().map(|h| h.card.len()).sum();
    let rows = |item: &LedgerItem| item.record.as_ref().map_or(1, |r| r.fields.len());
    cards + ctx.ledger.items.iter().map(rows).sum::<usize>()
}

/// Every answer in the master, then the items that nobody answered for.
///
/// # Errors
/// Those of `each`.
pub fn answers(ctx: &Context<'_>, each: Each<'_>) -> Result<(), WriteError> {
    walk(ctx, &mut |found| match found {
        Found::Answer(whose, head, key, known, answer) => each(&answer_row(ctx, (whose, head), (key, known), answer)),
        Found::Missing(whose, item) => each(&missing_row(ctx, whose, item)),
    })
}

/// An answer that a form asks for, with its label.
type Known<'a> = (&'a Slot<'a>, &'a str);

/// What is met on the way through the ledger.
enum Found<'a> {
    /// Whose it is, the columns that all rows of it begin with, its key, what the form says of it, and the answer.
    Answer(&'a Whose<'a>, &'a [Datum<'a>], &'a str, Option<Known<'a>>, &'a Answer),
    /// An item without a record.
    Missing(&'a Whose<'a>, &'a LedgerItem),
}

/// What is done with it.
type Look<'l> = &'l mut dyn FnMut(Found<'_>) -> Result<(), WriteError>;

/// Goes through all cards, then through the items.
fn walk(ctx: &Context<'_>, look: Look<'_>) -> Result<(), WriteError> {
    for h in heads(&ctx.ledger.submissions) {
        fields(ctx, &Whose::new(ctx, h.form, h.division, None), &h.card, look)?;
    }
    for item in &ctx.ledger.items {
        if let Some(record) = &item.record {
            fields(ctx, &Whose::new(ctx, &item.form, &record.division, Some(item)), &record.fields, look)?;
        } else {
            let division = item.item.owner.as_deref().unwrap_or_default();
            look(Found::Missing(&Whose::new(ctx, &item.form, division, Some(item)), item))?;
        }
    }
    Ok(())
}

fn fields(ctx: &Context<'_>, whose: &Whose<'_>, all: &Answers, look: Look<'_>) -> Result<(), WriteError> {
    let head = head(ctx, whose);
    in_order(whose, all).try_for_each(|(key, known, answer)| look(Found::Answer(whose, &head, key, known, answer)))
}

/// The answers in the order of the form, each with what the form says of it; keys that the form does not know come last.
fn in_order<'a>(
    whose: &Whose<'a>,
    fields: &'a Answers,
) -> impl Iterator<Item = (&'a str, Option<Known<'a>>, &'a Answer)> {
    let index = whose.index;
    let slots = index.into_iter().flat_map(|f| f.slots.iter().zip(&f.labels));
    let known = slots.filter_map(|((key, slot), label)| Some((key.as_str(), Some((slot, &**label)), fields.get(key)?)));
    let unknown = fields.iter().filter(move |(k, _)| index.is_none_or(|f| f.asks.slot(k).is_none()));
    known.chain(unknown.map(|(k, a)| (k.as_str(), None, a)))
}

/// Whose answers rows are, and what they have in common.
struct Whose<'a> {
    form: &'a str,
    index: Option<&'a FormIndex<'a>>,
    as_of: String,
    division: &'a str,
    item: Option<&'a LedgerItem>,
}

impl<'a> Whose<'a> {
    fn new(ctx: &'a Context<'_>, form: &'a str, division: &'a str, item: Option<&'a LedgerItem>) -> Self {
        let as_of = ctx.as_of(form).map(|d| d.to_string()).unwrap_or_default();
        Self { form, index: ctx.form(form), as_of, division, item }
    }

    /// Key and name of the item; blank for what stands on a card.
    fn item(&self) -> (&'a str, &'a str) {
        self.item.map_or(("", ""), |i| (&i.item.key, &i.item.name))
    }
}

/// The columns that all rows of one record have in common.
fn head<'a>(ctx: &'a Context<'_>, whose: &'a Whose<'_>) -> Vec<Datum<'a>> {
    let round = ctx.round();
    let (key, name) = whose.item();
    let mut row = Vec::with_capacity(ANSWERS.len());
    row.extend([
        Datum::text(&*round.municipality_code),
        Datum::text(&*round.municipality),
        Datum::text(&*round.name),
        Datum::text(&*whose.as_of),
        Datum::text(whose.form),
        Datum::text(ctx.title(whose.form)),
        Datum::text(whose.division),
        Datum::some(ctx.division(whose.division).map(|d| &*d.name)),
        Datum::text(key),
        Datum::text(name),
    ]);
    row
}

fn answer_row<'a>(
    ctx: &'a Context<'_>,
    (whose, head): (&'a Whose<'_>, &[Datum<'a>]),
    (key, known): (&'a str, Option<Known<'a>>),
    answer: &'a Answer,
) -> Vec<Datum<'a>> {
    let slot = known.map(|(slot, _)| slot);
    let mut row = Vec::with_capacity(ANSWERS.len());
    row.extend_from_slice(head);
    let (kind, value, word) = canonical(ctx, slot, answer);
    let interval = answer.value.date();
    let flag = |f: fn(&Interval) -> bool| interval.map_or_else(|| Datum::text(""), |i| Datum::flag(f(i)));
    let notes = match answer.notes.as_slice() {
        [] => Datum::text(""),
        [one] => Datum::text(one.kind.words()),
        several => Datum::text(several.iter().map(|n| n.kind.words()).collect::<Vec<_>>().join("、")),
    };
    row.extend([
        Datum::text(key),
        Datum::text(known.map_or(key, |(_, label)| label)),
        Datum::text(kind),
        value,
        word,
        Datum::some(interval.and_then(|i| i.from).map(|d| d.to_string())),
        Datum::some(interval.and_then(|i| i.to).map(|d| d.to_string())),
        Datum::some(interval.map(|i| i.precision.word())),
        flag(|i| i.approx),
        flag(|i| i.inferred),
        Datum::some(slot.and_then(|s| s.field.unit.as_deref())),
        Datum::text(&*answer.raw),
        notes,
        Datum::text(&*answer.place.file),
        Datum::text(&*answer.place.sheet),
        Datum::text(answer.place.cell_text()),
        Datum::text(state_code(State::Accepted)),
        Datum::flag(whose.item.is_some_and(LedgerItem::is_provisional)),
        Datum::text(handling_words(slot.map_or(Handling::Internal, |s| s.field.handling))),
    ]);
    row
}

fn missing_row<'a>(ctx: &'a Context<'_>, whose: &'a Whose<'_>, item: &LedgerItem) -> Vec<Datum<'a>> {
    let mut row = head(ctx, whose);
    let state = if item.item.absent { State::NotExpected } else { State::Missing };
    row.resize(ANSWERS.len() - 3, Datum::text(""));
    row.extend([Datum::text(state_code(state)), Datum::flag(item.is_provisional()), Datum::text("")]);
    row
}

/// Type, value and printed word of an answer. A date's value is its first day in ISO form, a choice's its code.
fn canonical<'a>(
    ctx: &'a Context<'_>,
    slot: Option<&Slot<'_>>,
    answer: &'a Answer,
) -> (&'static str, Datum<'a>, Datum<'a>) {
    let none = || Datum::text("");
    let kind = slot.map(|s| s.field.kind);
    match &answer.value {
        Value::Blank => ("blank", none(), none()),
        Value::None { kind, reason } => (kind.code(), none(), Datum::some(reason.as_deref())),
        Value::Number(n) => {
            let name = match kind {
                Some(FieldType::Integer) => "integer",
                Some(FieldType::Money) => "money",
                Some(FieldType::Percent) => "percent",
                _ => "number",
            };
            (name, Datum::Number(*n), none())
        }
        Value::Text(text) => ("text", Datum::text(&**text), none()),
        Value::Choice(code) => {
            let word = slot.and_then(|s| ctx.code(s.field, code)).map_or(&**code, |c| &*c.name);
            ("choice", Datum::text(&**code), Datum::text(word))
        }
        Value::Date(i) => {
            let from = i.from.or(i.to).map(|d| d.to_string());
            ("date", Datum::some(from), Datum::text(describe(i)))
        }
        Value::Unreadable => ("unreadable", none(), none()),
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
        State::Unread => "unread",
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
pub fn findings<'a>(ctx: &'a Context<'_>) -> LongTable<'a> {
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
    let row = |f: &'a crate::model::Finding| {
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
            Datum::some(division.map(|d| ctx.division_name(d))),
            Datum::text(form),
            Datum::some(f.item.as_deref()),
            Datum::text(item.clone()),
            Datum::some(f.field.as_deref()),
            Datum::text(field.clone()),
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
pub fn code_table<'a>(ctx: &'a Context<'_>) -> LongTable<'a> {
    const HEADS: &[&str] = &["コード表", "コード", "名称", "別の書き方"];
    let mut used: BTreeSet<&str> = BTreeSet::new();
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

/// Headers of [`conversions`].
pub const CONVERSIONS: &[&str] = &[
    "課",
    "様式",
    "対象",
    "対象名",
    "項目",
    "変換前",
    "変換後",
    "変換の内容",
    "記入された値",
    "ファイル",
    "シート",
    "セル",
];

/// How many rows [`conversions`] gives.
pub fn conversions_count(ctx: &Context<'_>) -> usize {
    let notes = |fields: &Answers| fields.values().map(|a| a.notes.len()).sum::<usize>();
    let cards: usize = heads(&ctx.ledger.submissions).iter().map(|h| notes(&h.card)).sum();
    cards + ctx.ledger.items.iter().filter_map(|i| i.record.as_ref()).map(|r| notes(&r.fields)).sum::<usize>()
}

/// Every step from what was typed to the value.
///
/// # Errors
/// Those of `each`.
pub fn conversions(ctx: &Context<'_>, each: Each<'_>) -> Result<(), WriteError> {
    walk(ctx, &mut |found| {
        let Found::Answer(whose, _, key, known, a) = found else { return Ok(()) };
        let (item, name) = whose.item();
        for n in &a.notes {
            each(&[
                Datum::text(ctx.division_name(whose.division)),
                Datum::text(ctx.title(whose.form)),
                Datum::text(item),
                Datum::text(name),
                known.map_or_else(|| Datum::text(ctx.field_label(whose.form, key)), |(_, label)| Datum::text(label)),
                Datum::text(&*n.before),
                Datum::text(&*n.after),
                Datum::text(n.kind.words()),
                Datum::text(&*a.raw),
                Datum::text(&*a.place.file),
                Datum::text(&*a.place.sheet),
                Datum::text(a.place.cell_text()),
            ])?;
        }
        Ok(())
    })
}
