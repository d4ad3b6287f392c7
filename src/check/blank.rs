//! Blanks that say something by the form's own definition: beside 「全部」 the other ways are 「なし」.

use std::sync::Arc;

use arcstr::ArcStr;

use super::Context;
use super::case::Scopes;
use crate::model::{Answer, Form, Note, NoteKind, Submission, Value};

/// Takes such blanks for what they say. What cannot be read, and what makes a condition doubtful, stays as it is.
pub(super) fn settle(form: &Form, s: &mut Submission, ctx: &Context<'_>) {
    let mut fields = form.sheets.iter().flat_map(|s| &s.blocks).flat_map(|b| &b.fields);
    if fields.all(|f| f.blank_means.is_none()) {
        return;
    }
    let mut said: Vec<(Option<usize>, ArcStr, Answer)> = Vec::new();
    let scopes = Scopes::new(form, s, ctx);
    for case in scopes.cases(s) {
        for (key, slot, answer) in case.answers().filter(|(_, _, a)| a.value.is_blank() && a.doubts.is_empty()) {
            let Some(means) = slot.field.blank_means.as_ref().filter(|m| case.certainly(&m.when)) else { continue };
            let list = slot.field.codes.as_ref().and_then(|id| ctx.templates.lists.get(id));
            let after = list.map_or(&*means.code, |l| l.name(&means.code)).to_string();
            let mut answer = Answer { value: Value::Choice(means.code.as_str().into()), ..answer.clone() };
            answer.notes.push(Note { kind: NoteKind::Blank, before: ArcStr::new(), after: after.into() });
            said.push((case.record, ArcStr::from(key), answer));
        }
    }
    for (record, key, answer) in said {
        let fields = match record {
            Some(at) => s.records.get_mut(at).map(|r| &mut Arc::make_mut(r).fields),
            None => Some(&mut s.card),
        };
        fields.into_iter().for_each(|f| drop(f.insert(key.clone(), answer.clone())));
    }
}
