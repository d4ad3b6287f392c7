//! Words for "no value" in choices: an answer nowhere but where the field says so, and nothing to ask about where the
//! record asks for nothing (－ in a row that says 制度なし).

use std::sync::Arc;

use arcstr::ArcStr;

use super::Context;
use super::case::Scopes;
use crate::model::asking::Asks;
use crate::model::{Answer, Doubt, Form, Submission, Value};
use crate::normalise::choice::needless;

/// Takes such words for what they say where nothing is asked. They stay unread everywhere else, so that nothing counts them.
pub(super) fn settle(form: &Form, s: &mut Submission, ctx: &Context<'_>) {
    let all = s.card.values().chain(s.records.iter().flat_map(|r| r.fields.values()));
    if !all.into_iter().any(is_no_choice) {
        return;
    }
    let mut settled: Vec<(Option<usize>, ArcStr, Answer)> = Vec::new();
    let asks = Asks::new(form, &ctx.templates.lists, &ctx.templates.rates);
    let scopes = Scopes::new(form, s, ctx);
    for case in scopes.cases(s) {
        for (key, slot, answer) in case.answers().filter(|(_, _, a)| is_no_choice(a)) {
            let spared = asks.is_needless(slot, &case);
            let Some(parsed) = needless(&answer.raw, slot.field).filter(|_| spared) else { continue };
            let answer = Answer {
                value: parsed.value,
                notes: parsed.notes.into(),
                doubts: parsed.doubts.into(),
                ..answer.clone()
            };
            settled.push((case.record, ArcStr::from(key), answer));
        }
    }
    for (record, key, answer) in settled {
        let fields = match record {
            Some(at) => s.records.get_mut(at).map(|r| &mut Arc::make_mut(r).fields),
            None => Some(&mut s.card),
        };
        if let Some(fields) = fields {
            fields.insert(key, answer);
        }
    }
}

fn is_no_choice(answer: &Answer) -> bool {
    answer.value == Value::Unreadable && answer.doubts.iter().any(|d| matches!(d, Doubt::NotAChoice(_)))
}
