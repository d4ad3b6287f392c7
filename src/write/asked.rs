//! Whether a blank is a missing answer: read from the form's own rules, so that a column of reasons is not full of
//! 「（未回答）」 where no reason was asked for.

use super::context::Context;
use crate::model::asking::{Asking, asking};
use crate::model::form::FieldType;
use crate::model::ledger::LedgerItem;
use crate::model::master::RateCount;
use crate::model::{Predicate, Truth, Value};

/// What a blank means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blank {
    /// An answer is owed.
    Unanswered,
    /// Nothing has to be written there.
    NotNeeded,
    /// Nothing may be written there, because of another answer (in its printed word) or of the settings.
    NotAsked(String),
}

/// What a blank in this field of this item means.
pub fn blank(ctx: &Context<'_>, item: &LedgerItem, key: &str) -> Blank {
    if item.item.absent {
        return Blank::NotAsked(ctx.absent_word(&item.form).to_string());
    }
    let (Some(index), true) = (ctx.form(&item.form), item.record.is_some()) else { return Blank::Unanswered };
    let Some(slot) = ctx.slot(&item.form, key) else { return Blank::NotNeeded };
    let choice = matches!(slot.field.kind, FieldType::Choice | FieldType::Flag);
    match asking(index.form, slot, &ctx.facts(item)) {
        Asking::Forbidden(when) => Blank::NotAsked(because(ctx, item, when)),
        Asking::Owed => Blank::Unanswered,
        // A choice that keeps a rate open is owed even where no rule asks: without it the rate stays a range.
        Asking::NotNow if choice && keeps_a_rate_open(ctx, item, key) => Blank::Unanswered,
        Asking::NotNow | Asking::Never => Blank::NotNeeded,
    }
}

/// Whether a rate that asks for the field cannot tell yet whether this item counts.
fn keeps_a_rate_open(ctx: &Context<'_>, item: &LedgerItem, key: &str) -> bool {
    ctx.templates.rates.iter().filter(|r| r.form == item.form).any(|def| {
        let RateCount::ShareOfItems { population, except, numerator, .. } = &def.count else { return false };
        let mut named = false;
        for p in population.iter().chain(except).chain([numerator]) {
            p.fields(&mut |f| named |= f == key);
        }
        let row = ctx.ledger.rate(&def.id).and_then(|r| r.rows.iter().find(|row| row.item == item.item.key));
        named && row.is_some_and(|row| row.counted && row.holds == Truth::Unknown)
    })
}

/// The answer that makes a field needless, in its printed word.
fn because(ctx: &Context<'_>, item: &LedgerItem, when: &Predicate) -> String {
    let mut words = Vec::new();
    when.fields(&mut |key| {
        let value = item.record.as_ref().and_then(|r| r.value(key)).and_then(Value::choice);
        if let (Some(slot), Some(code)) = (ctx.slot(&item.form, key), value) {
            words.push(ctx.choice(slot.field, code, None));
        }
    });
    if words.is_empty() { "記入不要".to_string() } else { words.join("・") }
}
