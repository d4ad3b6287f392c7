//! What a blank is printed as: a missing answer only where one is owed, so that a column of reasons is not full of
//! 「（未回答）」 where no reason was asked for.

use super::context::Context;
use crate::model::asking::Asking;
use crate::model::ledger::LedgerItem;
use crate::model::{Predicate, Value};

/// What a blank means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blank {
    /// An answer is owed.
    Unanswered,
    /// There is a place for an answer, and nobody has to give one.
    Welcome,
    /// Nothing has to be written there.
    NotNeeded,
    /// Nothing may be written there, because of another answer (in its printed word) or of the settings.
    NotAsked(String),
}

/// What a blank in this field of this item means.
pub fn blank(ctx: &Context<'_>, item: &LedgerItem, key: &str) -> Blank {
    let Some((index, slot)) = ctx.form(&item.form).and_then(|f| Some((f, f.asks.slot(key)?))) else {
        return Blank::NotNeeded;
    };
    let none = || Blank::NotAsked(ctx.absent_word(&item.form).to_string());
    match index.asks.asking(slot, &ctx.facts(item)) {
        Asking::Owed => Blank::Unanswered,
        Asking::Welcome => Blank::Welcome,
        Asking::NotNow | Asking::Never => Blank::NotNeeded,
        Asking::Absent | Asking::Nothing(_) => none(),
        Asking::Forbidden(when) if index.form.nothing_asked_when.as_ref() == Some(when) => none(),
        Asking::Forbidden(when) => Blank::NotAsked(because(ctx, item, when)),
    }
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

/// The printed word of the code that a field counts as in a rate although nothing is asked there.
pub fn counted_as(ctx: &Context<'_>, item: &LedgerItem, key: &str, word: Option<&str>) -> Option<String> {
    let asks = &ctx.form(&item.form)?.asks;
    let code = asks.counted_as(key, &ctx.facts(item))?;
    Some(ctx.choice(asks.slot(key)?.field, code, word))
}
