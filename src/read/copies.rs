//! Several sheets of one kind in one reply: two sections' copies that fill different rows, a blank original beside the filled
//! copy. Each is read, and of the answers to one question the one that says something counts. Where two say something else,
//! the first stands, and neither may be counted.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use arcstr::ArcStr;

use super::extract::{Draft, DraftAnswer, Taken};
use crate::model::form::{Form, Repeat, SheetDef};
use crate::model::{Cell, Finding};

/// Whether what several sheets of a kind say can be put together: its rows are known by their keys.
fn is_united(def: &SheetDef) -> bool {
    def.blocks.iter().all(|b| b.rows.free == 0)
}

/// Leaves out the sheets that count beside no other of their kind: hidden ones, and of free rows all but the fullest one.
/// Gives what was left out, as (name, title, whether it is hidden).
pub(super) fn left_out(taken: &mut Vec<Taken<'_, '_>>, form: &Form) -> Vec<(ArcStr, String, bool)> {
    let mut first: BTreeMap<String, (bool, usize, ArcStr)> = BTreeMap::new();
    for t in taken.iter() {
        let full = t.sheet.grid.cells.values().filter(|c| !c.is_blank()).count();
        let own = (t.sheet.grid.hidden, full, t.name.clone());
        let best = first.entry(t.def.id.clone()).or_insert_with(|| own.clone());
        if (best.0 && !own.0) || (best.0 == own.0 && own.1 > best.1 && !is_united(t.def)) {
            *best = own;
        }
    }
    let mut out = Vec::new();
    taken.retain(|t| {
        let best = first.get(&t.def.id);
        let beside = |b: &(bool, usize, ArcStr)| is_united(t.def) && b.0 == t.sheet.grid.hidden;
        let keep = t.def.repeat == Repeat::Item || best.is_none_or(|b| b.2 == t.name || beside(b));
        if !keep {
            let title = t.def.title.clone().unwrap_or_else(|| form.title.clone());
            out.push((t.name.clone(), title, t.sheet.grid.hidden));
        }
        keep
    });
    out
}

/// Which of two answers nobody sees.
pub(super) fn is_hidden(sheet: &str) -> String {
    format!("（1か所は、隠れたシート「{sheet}」の中です）")
}

/// Brings together the answers of sheets of one kind.
pub(super) fn unite(draft: &mut Draft<'_>) {
    // Nearly always every question is there once.
    let mut once = HashSet::with_capacity(draft.answers.len());
    if draft.answers.iter().all(|a| once.insert((a.block, a.item.as_str(), a.key.as_str()))) {
        return;
    }
    let mut at: BTreeMap<(&str, String, ArcStr), usize> = BTreeMap::new();
    let mut kept: Vec<DraftAnswer<'_>> = Vec::with_capacity(draft.answers.len());
    let mut disputed: BTreeSet<String> = BTreeSet::new();
    for mut answer in std::mem::take(&mut draft.answers) {
        let id = (answer.block, answer.item.clone(), answer.key.clone());
        let Some(first) = at.get(&id).and_then(|k| kept.get_mut(*k)) else {
            at.insert(id, kept.len());
            kept.push(answer);
            continue;
        };
        if is_blank(&answer) || says_the_same(first, &answer) {
            continue;
        }
        if is_blank(first) {
            std::mem::swap(first, &mut answer);
            continue;
        }
        if answer.field.locked {
            continue;
        }
        // The card of the whole sheet is about the reply, and two people may have filled it.
        if answer.item.is_empty() {
            let finding = Finding::new("S058I").at(answer.place.clone()).field(&answer.key).given(shown(&answer));
            draft.findings.push(finding.expected(shown(first)).arg("cell", first.place.cell_text()));
            continue;
        }
        first.told = true;
        if disputed.insert(answer.item.clone()) {
            let finding = Finding::new("S025E").at(answer.place.clone()).given("2").related(first.place.clone());
            draft.findings.push(finding.of(&draft.form.id, "", &answer.item));
        }
    }
    draft.answers = kept;
}

fn shown(answer: &DraftAnswer<'_>) -> String {
    answer.cells.iter().map(Cell::raw).collect::<Vec<_>>().join(" ")
}

fn is_blank(answer: &DraftAnswer<'_>) -> bool {
    answer.cells.iter().all(Cell::is_blank)
}

fn says_the_same(a: &DraftAnswer<'_>, b: &DraftAnswer<'_>) -> bool {
    let texts = |x: &DraftAnswer<'_>| x.cells.iter().map(|c| c.raw().trim().to_string()).collect::<Vec<_>>();
    texts(a) == texts(b)
}
