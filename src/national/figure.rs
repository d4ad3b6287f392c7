//! What the ledger says for a cell of a ministry's workbook, exactly, or why it says nothing.
//!
//! The same question is asked of two sources: of the ledger, as the master prints it, and of the accepted submissions,
//! gathered and counted anew. Both must give the same (照合).

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arcstr::ArcStr;

use crate::check::moved::same;
use crate::consolidate::{Rules, facts::ItemFacts, rates};
use crate::forms::Templates;
use crate::model::date::describe;
use crate::model::ledger::{Ledger, LedgerItem, Rate, Standing};
use crate::model::master::RateCount;
use crate::model::national::{DateStyle, Figure, NationalBlock};
use crate::model::reconcile::Exact;
use crate::model::share::percent as in_percent;
use crate::model::submission::Rank;
use crate::model::{
    Answer, Answers, Area, Field, Item, NoneKind, Place, Precision, Predicate, Record, Round, Severity, State,
    Submission, Truth, Value,
};
use crate::normalise::text;
use crate::write::asked::{Blank, blank, counted_as};
use crate::write::context::Context;

/// Why a cell is left empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// Whether a figure is owed and not there, which is to be said.
    pub owed: bool,
    /// Why, in words.
    pub why: String,
    /// Whether the DX office owes it, which answers it for everybody: no division can mend it.
    pub office: bool,
}

impl Left {
    fn owed(why: impl Into<String>) -> Self {
        Self { owed: true, why: why.into(), office: false }
    }

    fn quiet(why: impl Into<String>) -> Self {
        Self { owed: false, why: why.into(), office: false }
    }

    fn of_office(self) -> Self {
        Self { office: true, ..self }
    }
}

/// Items and rates to take figures from.
pub struct Source<'a> {
    items: BTreeMap<(String, String), Cow<'a, LedgerItem>>,
    rates: Cow<'a, [Rate]>,
}

/// The ledger, and the submissions counted anew.
pub struct Sources<'a> {
    templates: &'a Templates,
    round: &'a Round,
    /// As the master prints it.
    pub master: Source<'a>,
    /// As the accepted submissions say.
    pub submissions: Source<'a>,
}

impl<'a> Sources<'a> {
    /// Gathers both.
    pub fn new(ledger: &'a Ledger, templates: &'a Templates) -> Self {
        let whose = |i: &LedgerItem| (i.form.clone(), i.item.key.clone());
        let items = ledger.items.iter().map(|i| (whose(i), Cow::Borrowed(i))).collect();
        let master = Source { items, rates: Cow::Borrowed(&ledger.rates) };
        let anew = recounted(ledger, templates);
        let counted = templates.rates.iter().filter(|r| ledger.round.forms.contains_key(&r.form));
        let counted: Vec<Rate> = counted.map(|r| rates::rate(r, templates, &ledger.round, &anew)).collect();
        let items = anew.into_iter().map(|i| (whose(&i), Cow::Owned(i))).collect();
        let submissions = Source { items, rates: Cow::Owned(counted) };
        Self { templates, round: &ledger.round, master, submissions }
    }
}

/// Each item with what the files of its owner say, read from the submissions and not from the ledger.
#[must_use]
pub fn recounted(ledger: &Ledger, templates: &Templates) -> Vec<LedgerItem> {
    let round = &ledger.round;
    let came = |s: &&Submission| matches!(s.state, State::Accepted | State::Superseded | State::Duplicate);
    let mut files: Files<'_> = BTreeMap::new();
    for s in ledger.submissions.iter().filter(came) {
        if let (Some(form), Some(division)) = (&s.form, &s.division) {
            files.entry((form, division)).or_default().push(s);
        }
    }
    files.values_mut().for_each(|of| of.sort_by_key(|s| s.rank()));
    let mut all = Vec::new();
    for form in templates.asked().filter(|f| round.forms.contains_key(&f.id)) {
        let rules = Rules::new(form, &templates.lists, round);
        for item in form.roster.iter().flat_map(|r| round.items(r)) {
            let own = item.owner.as_deref().and_then(|owner| files.get(&(&*form.id, owner)));
            let record = own.and_then(|files| record_anew(files, item, &rules)).map(Arc::new);
            all.push(LedgerItem { form: form.id.clone(), item: item.clone(), record, standing: Standing::Settled });
        }
    }
    all
}

/// The files of each division that came for a form, from the first to the last.
type Files<'a> = BTreeMap<(&'a str, &'a str), Vec<&'a Submission>>;

/// The record of an item, counted anew: the files of its owner from the first to the last, each written over what stood
/// before, but for its blanks. Where two files of one rank say different things and nothing later does, there is none.
fn record_anew(all: &[&Submission], item: &Item, rules: &Rules<'_>) -> Option<Record> {
    let mut files = all.to_vec();
    let name = text::key(&item.name);
    let named = |r: &Record| rules.name().and_then(|key| r.fields.get(key)).is_some_and(|a| text::key(&a.raw) == name);
    let is_its = |s: &Submission, r: &Record| {
        let perhaps = r.item == item.key || named(r);
        perhaps && rules.number(r, s, all.iter().copied()) == Some(item.key.as_str())
    };
    let own = |s: &&Submission| s.records.iter().find(|r| is_its(s, r)).cloned();
    let last = files.iter().rev().find_map(|s| Some((s.rank(), own(s)?)));
    if let Some((rank, last)) = last
        && !files.iter().filter_map(own).all(|r| rules.is_same_thing(&r, &last))
    {
        files.retain(|s| s.rank() == rank);
    }
    let mut written: BTreeMap<&ArcStr, (Rank, &Answer)> = BTreeMap::new();
    let mut clashes: BTreeSet<&str> = BTreeSet::new();
    let mut record: Option<Record> = None;
    for file in files {
        let Some(own) = file.records.iter().find(|r| is_its(file, r)) else { continue };
        let new = || Record { item: item.key.clone(), fields: Answers::new(), ..(**own).clone() };
        record.get_or_insert_with(new);
        for (key, answer) in &own.fields {
            let before = written.get(key).copied();
            let beside = before.filter(|(rank, old)| *rank == file.rank() && old.says() && answer.says());
            match beside {
                Some((_, old)) if rules.is_open(key) && !same(&old.value, &answer.value) => {
                    clashes.insert(key);
                }
                Some(_) => {}
                None => {
                    let needless = || rules.is_open(key) && rules.is_needless(own, key);
                    let over = answer.says()
                        || before.is_none_or(|(rank, old)| !old.says() || rank < file.rank() && needless());
                    if over {
                        written.insert(key, (file.rank(), answer));
                    }
                    if answer.says() {
                        clashes.remove(key.as_str());
                    }
                }
            }
        }
    }
    let fields = written.into_iter().map(|(key, (_, a))| (key.clone(), a.clone())).collect();
    record.filter(|_| clashes.is_empty()).map(|r| Record { fields, ..r })
}

/// Which cell is meant: the block, what is written, and the item or code that row and column stand for.
#[derive(Clone, Copy)]
pub struct Asked<'q> {
    /// The block, for its form.
    pub block: &'q NationalBlock,
    /// What is written.
    pub write: &'q Figure,
    /// Item key, when row or column is one.
    pub item: Option<&'q str>,
    /// Code of the list, when the column is one.
    pub code: Option<&'q str>,
}

/// The figure for a cell.
///
/// # Errors
/// [`Left`] when the cell stays empty.
pub fn figure(ctx: &Context<'_>, sources: &Sources<'_>, source: &Source<'_>, asked: &Asked<'_>) -> Result<Exact, Left> {
    let form = asked.block.form.as_str();
    let item = match asked.item {
        None => None,
        Some(key) => {
            let found = source.items.get(&(form.to_string(), key.to_string()));
            Some(&**found.ok_or_else(|| Left::quiet("この市区町村の対象ではありません"))?)
        }
    };
    match asked.write {
        Figure::Attr { attr } => Ok(text(attribute(ctx, sources.round, item, attr))),
        Figure::Rate { rate } => rate_of(sources, source, item, rate).map_err(|left| {
            let office = left.owed && only_common(sources, source, (form, item), rate);
            if office { left.of_office() } else { left }
        }),
        Figure::Mark { when, text: sign } => {
            let item = item.ok_or_else(|| Left::quiet("対象がありません"))?;
            let facts = ItemFacts { item: &item.item, record: item.record.as_deref(), round: sources.round };
            match when.holds(&facts) {
                Truth::Yes => Ok(Exact::Text(sign.clone())),
                Truth::Unknown if may_hold(ctx, item, when) => Err(Left::owed("未回答")),
                Truth::Unknown | Truth::No => Ok(Exact::Blank),
            }
        }
        Figure::Field { field, or_field, word, date } => {
            let item = item.ok_or_else(|| Left::quiet("対象がありません"))?;
            let keys = [Some(field), or_field.as_ref()].into_iter().flatten();
            let keys: Vec<String> = keys.map(|k| k.replace("{row}", asked.code.unwrap_or_default())).collect();
            let of = |key: &String| answer(ctx, item, key, word.as_deref(), *date);
            // The first that is given; where none is, what is owed is said.
            let given = keys.iter().find(|k| !is_blank(item, k));
            given.map_or_else(
                || {
                    let mut all: Vec<_> = keys.iter().map(of).collect();
                    let owed = all.iter().position(|a| matches!(a, Err(left) if left.owed)).unwrap_or(0);
                    all.swap_remove(owed)
                },
                of,
            )
        }
        Figure::Share { part, whole, decimals } => {
            let item = item.ok_or_else(|| Left::quiet("対象がありません"))?;
            let of = |key: &str| match answer(ctx, item, key, None, DateStyle::Words)? {
                Exact::Blank => Err(Left::quiet("記入がありません")),
                figure => figure.number().ok_or_else(|| Left::owed("数ではない回答")),
            };
            share(of(part)?, of(whole)?, *decimals).ok_or_else(|| Left::owed("割合を求められない件数"))
        }
    }
}

fn text(text: String) -> Exact {
    if text.is_empty() { Exact::Blank } else { Exact::Text(text) }
}

fn attribute(ctx: &Context<'_>, round: &Round, item: Option<&LedgerItem>, attr: &str) -> String {
    match (attr, item) {
        ("municipality_code", _) => round.municipality_code.clone(),
        ("full_name", _) => format!("{}{}", round.prefecture, round.municipality),
        ("as_of", item) => ctx.as_of_text(item.map(|i| i.form.as_str())),
        ("prefecture", _) => round.prefecture.clone(),
        ("municipality", _) => round.municipality.clone(),
        (_, Some(item)) => ctx.attr(item, attr),
        (_, None) => String::new(),
    }
}

/// Whether a mark that cannot be decided may have to stand there.
fn may_hold(ctx: &Context<'_>, item: &LedgerItem, when: &Predicate) -> bool {
    !item.item.absent && ctx.form(&item.form).is_some_and(|f| f.asks.truth(when, &ctx.facts(item)) != Truth::No)
}

fn is_blank(item: &LedgerItem, key: &str) -> bool {
    item.record.as_ref().and_then(|r| r.value(key)).is_none_or(Value::is_blank)
}

/// An answer, exactly.
fn answer(ctx: &Context<'_>, item: &LedgerItem, key: &str, word: Option<&str>, date: DateStyle) -> Result<Exact, Left> {
    let slot = ctx.slot(&item.form, key).ok_or_else(|| Left::quiet("様式にない項目です"))?;
    // What the rate counts is what is written: of a system that does not exist, every step 対象外.
    if let Some(word) = counted_as(ctx, item, key, word) {
        return Ok(text(word));
    }
    // A word outside its code list is none of those that a ministry asks for, wherever it may stand in the form.
    let outside = |v: &Value| slot.field.is_chosen() && matches!(v, Value::None { .. });
    let given = item.record.as_ref().and_then(|r| r.fields.get(key));
    let given = given.filter(|a| !a.value.is_blank() && !outside(&a.value));
    let Some(given) = given else {
        return match blank(ctx, item, key) {
            // Nobody has to answer, and an old answer must not stand for one that is not there.
            Blank::Welcome => Ok(Exact::Blank),
            Blank::NotAsked(why) => Err(Left::quiet(why)),
            Blank::NotNeeded => Err(Left::quiet("記入不要")),
            Blank::Unanswered if slot.is_common() => Err(Left::owed(common_blank(ctx, item, key)).of_office()),
            Blank::Unanswered => Err(Left::owed("未回答")),
        };
    };
    if contradicted(ctx, item, key, &given.place) {
        return Err(Left::owed("要修正の指摘あり"));
    }
    exact(ctx, slot.field, &given.value, word, date)
}

/// Why an answer that the DX office gives for everybody is not there: it is not given, or no reply holds it.
fn common_blank(ctx: &Context<'_>, item: &LedgerItem, key: &str) -> &'static str {
    let given = ctx.round().common_answers.contains_key(&(item.form.clone(), key.to_string()));
    if given { "未回答" } else { "共通回答が空欄" }
}

/// Whether a finding that the division must mend stands against this very answer. That another one is missing does not make
/// wrong what is there.
fn contradicted(ctx: &Context<'_>, item: &LedgerItem, key: &str, place: &Place) -> bool {
    ctx.ledger.findings.iter().any(|f| {
        f.severity() == Severity::E
            && f.waived.is_none()
            && f.form.as_ref() == Some(&item.form)
            && f.item.as_ref() == Some(&item.item.key)
            && (f.field.as_deref() == Some(key)
                || !f.field.as_ref().is_some_and(|other| is_blank(item, other))
                    && f.place.iter().chain(&f.related).any(|p| covers(p, place)))
    })
}

/// Whether one place lies within the other: a finding may speak of many cells of a column.
fn covers(all: &Place, one: &Place) -> bool {
    let within = |a: Area, b: Area| a.contains(b.first) && a.contains(b.last);
    all.file == one.file && all.sheet == one.sheet && all.area.zip(one.area).is_some_and(|(a, b)| within(a, b))
}

fn exact(ctx: &Context<'_>, field: &Field, value: &Value, word: Option<&str>, date: DateStyle) -> Result<Exact, Left> {
    use crate::model::FieldType::{Integer, Money, Number, Percent};
    let counts = matches!(field.kind, Integer | Money | Number | Percent);
    Ok(match value {
        Value::Blank => Exact::Blank,
        Value::Unreadable | Value::None { kind: NoneKind::SeeOther, .. } => return Err(Left::owed("読めない回答")),
        Value::None { kind: NoneKind::Undecided, .. } if counts => return Err(Left::owed("未定")),
        Value::None { kind: NoneKind::NotApplicable, .. } if counts => return Err(Left::quiet("該当なし")),
        Value::None { kind: NoneKind::Undecided, .. } => Exact::Text("未定".into()),
        Value::None { kind: NoneKind::NotApplicable, .. } => Exact::Text("該当なし".into()),
        Value::Number(n) => Exact::Number(*n),
        Value::Text(t) => text(t.to_string()),
        Value::Choice(code) => text(ctx.choice(field, code, word)),
        // A year that was not written is a guess until somebody says so.
        Value::Date(i) if i.inferred => return Err(Left::owed("年が推定の日付")),
        Value::Date(i) => match (date, i.from) {
            (DateStyle::Day, Some(day)) if i.from == i.to && i.precision == Precision::Day && !i.approx => {
                Exact::Day(day)
            }
            _ => Exact::Text(describe(i)),
        },
    })
}

fn rate_of(sources: &Sources<'_>, source: &Source<'_>, item: Option<&LedgerItem>, id: &str) -> Result<Exact, Left> {
    let rate = source.rates.iter().find(|r| r.id == id).ok_or_else(|| Left::quiet("算出していない率です"))?;
    if let Some(why) = &rate.not_computed {
        return Err(Left::owed(why.clone()));
    }
    let percent = |from: f64, to: f64| format!("暫定（{}～{}）", in_percent(from), in_percent(to));
    let Some(item) = item else {
        // A rate may also be provisional because a file was not read: that is told of the workbook as a whole.
        if rate.unanswered == 0 {
            return Ok(Exact::Fraction(rate.numerator, rate.denominator));
        }
        return Err(Left::owed(percent(rate.from.unwrap_or(0.0), rate.to.unwrap_or(1.0))));
    };
    let row = rate.rows.iter().find(|r| r.item == item.item.key && r.counted);
    let row = row.ok_or_else(|| Left::quiet("率の対象ではありません"))?;
    if row.from < row.to {
        return Err(Left::owed(percent(row.from, row.to)));
    }
    let whole = fields_of(sources.templates, id);
    // The row keeps the quotient; the count that it came from is a whole number.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the number of fields")]
    let part = (row.from * f64::from(whole)).round() as u32;
    Ok(Exact::Fraction(part, whole))
}

/// Whether a rate is open only because of what the DX office has not answered for everybody.
fn only_common(
    sources: &Sources<'_>,
    source: &Source<'_>,
    (form, item): (&str, Option<&LedgerItem>),
    id: &str,
) -> bool {
    let def = sources.templates.rates.iter().find(|r| r.id == id);
    let Some((RateCount::MeanOfItems { fields, .. }, form)) =
        def.map(|d| &d.count).zip(sources.templates.forms.get(form))
    else {
        return false;
    };
    let slots = form.slots(&sources.templates.lists);
    let asked: Vec<(String, bool)> =
        slots.iter().filter(|s| s.field.is_of(fields)).map(|s| (s.key(), s.is_common())).collect();
    let own = |i: &&LedgerItem| item.is_none_or(|one| one.item.key == i.item.key);
    let open = source.rates.iter().filter(|r| r.id == id).flat_map(|r| &r.rows).filter(|r| r.counted && r.from < r.to);
    let open: BTreeSet<&str> = open.map(|r| r.item.as_str()).collect();
    let of_form =
        source.items.values().map(|i| &**i).filter(|i| i.form == form.id && open.contains(i.item.key.as_str()));
    let mut items = of_form.filter(own).peekable();
    let answered = |i: &LedgerItem, key: &str| {
        i.record.as_ref().is_some_and(|r| r.value(key).is_some_and(|v| v.choice().is_some()))
    };
    items.peek().is_some()
        && items.all(|i| i.record.is_some() && asked.iter().all(|(key, common)| *common || answered(i, key)))
}

/// How many fields of an item a rate is the share of.
fn fields_of(templates: &Templates, id: &str) -> u32 {
    let def = templates.rates.iter().find(|r| r.id == id);
    let form = def.and_then(|d| templates.forms.get(&d.form));
    match (def.map(|d| &d.count), form) {
        (Some(RateCount::MeanOfItems { fields, .. }), Some(form)) => {
            u32::try_from(form.expand(fields, &templates.lists).len()).unwrap_or(u32::MAX)
        }
        _ => 1,
    }
}

/// A part of a whole in per cent, half up to so many decimals; 0 of 0 is 0. `None` for what are no whole counts.
fn share(part: f64, whole: f64, decimals: u8) -> Option<Exact> {
    let count = |n: f64| {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and below 2^53")]
        (n.fract() == 0.0 && (0.0..9e15).contains(&n)).then_some(n as u128)
    };
    let (part, whole) = (count(part)?, count(whole)?);
    let scale = 10u128.checked_pow(decimals.into())?;
    if whole == 0 {
        return (part == 0).then_some(Exact::Decimal(0, decimals));
    }
    let units = (part * 200 * scale + whole) / (2 * whole);
    Some(Exact::Decimal(u64::try_from(units).ok()?, decimals))
}

#[cfg(test)]
mod tests {
    use super::share;
    use crate::model::reconcile::Exact;

    #[test]
    fn shares_are_half_up_in_integers() {
        for (part, whole, decimals, is) in [
            (426.0, 815.0, 1, Some(52.3)),
            (0.0, 0.0, 1, Some(0.0)),
            (1.0, 8.0, 1, Some(12.5)),
            (1.0, 16.0, 1, Some(6.3)),
            (5.0, 1000.0, 0, Some(1.0)),
            (1.0, 3.0, 2, Some(33.33)),
            (9.0, 9.0, 1, Some(100.0)),
            (1.0, 0.0, 1, None),
            (0.5, 2.0, 1, None),
            (-1.0, 2.0, 1, None),
        ] {
            assert_eq!(share(part, whole, decimals).as_ref().and_then(Exact::number), is, "{part}/{whole}");
        }
    }
}
