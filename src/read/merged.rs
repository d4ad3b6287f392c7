//! One cell that is the answer to several things: a merge over the rows of several items, or over several questions.
//!
//! A number is the sum of them or each of them, which nobody can tell: it is asked about and not counted. A choice, a date or
//! a text holds for each, as everybody reads it, and is told.

use std::collections::BTreeMap;

use arcstr::ArcStr;

use super::extract::{Draft, DraftAnswer, Taken};
use super::stray::EACH;
use crate::model::form::FieldType;
use crate::model::{Area, Cell, CellRef, Finding, Place};

/// Tells the merges of the taken sheets that several answers share.
pub(super) fn tell(taken: &[Taken<'_, '_>], draft: &mut Draft<'_>, file: &ArcStr) {
    let mut findings = Vec::new();
    for t in taken.iter().filter(|t| !t.sheet.grid.merges.is_empty()) {
        let mut shared: BTreeMap<CellRef, Vec<&mut DraftAnswer<'_>>> = BTreeMap::new();
        let answers = draft.answers.iter_mut().filter(|a| a.place.sheet == t.name && !a.field.locked);
        for a in answers.filter(|a| !a.cells.iter().all(Cell::is_blank)) {
            if let Some(at) = a.place.area.map(|area| area.first).filter(|at| t.sheet.area(*at).last != *at) {
                shared.entry(at).or_default().push(a);
            }
        }
        let mut rest: BTreeMap<String, usize> = BTreeMap::new();
        for (at, mut answers) in shared.into_iter().filter(|(_, answers)| answers.len() > 1) {
            let finding = told(t.sheet.area(at), &mut answers);
            let n = rest.entry(finding.code.clone()).or_default();
            *n += 1;
            if *n <= EACH {
                findings.push(finding.at(t.place(file, at)));
            }
        }
        for (code, n) in rest.into_iter().filter(|(_, n)| *n > EACH) {
            let more = format!("ほか{}か所", n - EACH);
            let finding = Finding::new(code).at(Place::sheet(file, &t.name)).given(more).expected("いくつか");
            findings.push(finding.arg("range", "結合したセル"));
        }
    }
    draft.findings.extend(findings);
}

/// The finding of one merge; a number in it is set aside.
fn told(area: Area, answers: &mut [&mut DraftAnswer<'_>]) -> Finding {
    let number = |a: &DraftAnswer<'_>| {
        use FieldType::{Integer, Money, Number, Percent};
        matches!(a.field.kind, Integer | Number | Money | Percent)
    };
    let numbers = answers.iter().any(|a| number(a));
    if numbers {
        answers.iter_mut().filter(|a| number(a)).for_each(|a| a.told = true);
    }
    let mut labels: Vec<&str> = Vec::new();
    for label in answers.iter().map(|a| a.field.label.as_str()) {
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    let quoted = format!("「{}」", labels.join("」「"));
    let expected = if answers.len() > labels.len() { format!("{}か所の{quoted}", answers.len()) } else { quoted };
    let given: String = answers.first().map(|a| a.cells.iter().map(Cell::raw).collect()).unwrap_or_default();
    let finding = Finding::new(if numbers { "S050E" } else { "S050I" });
    let finding = finding.given(given).expected(expected).arg("range", area.to_string());
    match answers.first() {
        Some(a) => Finding { item: Some(a.item.clone()).filter(|i| !i.is_empty()), ..finding.field(&a.key) },
        None => finding,
    }
}
