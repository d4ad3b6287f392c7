//! What people say about an answer without typing it: strike-through, red, notes. And whether the sheet still has the
//! protection and the lists that the form was issued with.
//!
//! Marks in superscript or subscript (注の番号) are no digits of an answer: what is left counts, and is told.
//!
//! A struck answer stays as it was typed: only the division knows whether it was withdrawn. Of an answer that is struck in
//! part the rest counts, as everybody reads 見え消し. Both are asked about.

use std::collections::BTreeMap;

use arcstr::ArcStr;

use super::extract::{Draft, DraftAnswer, Taken};
use super::rich;
use super::stray::EACH;
use super::symbols::UNKNOWN;
use crate::model::form::FieldType;
use crate::model::grid::Raised;
use crate::model::{Area, Cell, CellRef, Finding, Note, NoteKind, Place, Severity};

/// Mentions the marks on the taken sheets; what is left of a part-struck answer goes into the draft.
pub(super) fn tell(taken: &[Taken<'_, '_>], draft: &mut Draft<'_>, file: &ArcStr) {
    let mut findings = Vec::new();
    for t in taken {
        let of_sheet = draft.answers.iter_mut().filter(|a| a.place.sheet == t.name);
        let mut answers: Vec<&mut DraftAnswer<'_>> = of_sheet.collect();
        let mut told = by_font(t, &mut answers);
        told.extend(answers.iter_mut().filter_map(|a| raised(t, a)));
        told.extend(answers.iter_mut().filter_map(|a| symbols(t, a)));
        told.extend(notes(t, &answers, file));
        // A sheet that is all in red, or full of notes, need not be told cell by cell.
        let sheet = Place::sheet(file, &t.name);
        findings.extend(few(told, |code, rest| Finding::new(code).at(sheet.clone()).given(rest)));
        if draft.version.as_ref().is_some_and(|v| *v == draft.form.version) {
            findings.extend(guards(t, &answers, file));
        }
    }
    for f in &mut findings {
        f.form = Some(draft.form.id.clone());
    }
    draft.findings.extend(findings);
}

/// Of a form without items (the settings) only what is struck is told: its red and its notes are the office's own.
pub(super) fn struck(taken: &[Taken<'_, '_>], draft: &mut Draft<'_>) {
    for t in taken {
        let of_sheet = draft.answers.iter_mut().filter(|a| a.place.sheet == t.name);
        let told = by_font(t, &mut of_sheet.collect::<Vec<_>>());
        draft.findings.extend(told.into_iter().filter(|f| f.severity() == Severity::W));
    }
}

/// Answers in strike-through or red.
fn by_font(t: &Taken<'_, '_>, answers: &mut [&mut DraftAnswer<'_>]) -> Vec<Finding> {
    let marks = &t.sheet.grid.marks;
    if marks.struck.is_empty() && marks.part_struck.is_empty() && marks.red.is_empty() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for a in answers.iter_mut().filter(|a| !a.field.locked && !a.cells.iter().all(Cell::is_blank)) {
        let Some(cells) = a.place.area.map(|area| area.first.row..=area.last.row) else { continue };
        let cols = a.place.area.map_or(0..=0, |area| area.first.col..=area.last.col);
        let at: Vec<CellRef> = cells.flat_map(|row| cols.clone().map(move |col| CellRef::new(row, col))).collect();
        let given: String = a.cells.iter().map(Cell::raw).collect();
        let part = at.iter().find_map(|c| marks.part_struck.get(c)).filter(|_| a.cells.len() == 1);
        let finding = if at.iter().any(|c| marks.struck.contains(c)) {
            Finding::new("S042W")
        } else if let Some(kept) = part {
            let (before, after) = (given.clone(), kept.clone());
            a.steps.push(Note { kind: NoteKind::Struck, before: before.into(), after: after.into() });
            // What stood between the struck part and the rest goes with it, but not from a text.
            let text = matches!(a.field.kind, FieldType::Text | FieldType::Item | FieldType::Division);
            let between = |c: char| c.is_whitespace() || matches!(c, '・' | '、' | '，' | ',' | '/' | '／' | '→' | '⇒');
            let kept = if text { kept.trim() } else { kept.trim_matches(between) };
            a.kept = Some(kept.to_string());
            Finding::new("S043W").expected(kept)
        } else if at.iter().any(|c| marks.red.contains(c)) {
            Finding::new("S044I")
        } else {
            continue;
        };
        findings.push(a.named(finding.at(a.place.clone()).given(given)));
    }
    findings
}

/// Some of each code one by one; of the others of a code one finding, made of it and their number in words.
pub(super) fn few(told: Vec<Finding>, of_rest: impl Fn(&str, &str) -> Finding) -> Vec<Finding> {
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    let mut findings = Vec::new();
    for f in told {
        let n = times.entry(f.code.clone()).or_default();
        *n += 1;
        if *n <= EACH {
            findings.push(f);
        }
    }
    let more = times.iter().filter(|(_, n)| **n > EACH);
    findings.extend(more.map(|(code, n)| of_rest(code, &format!("ほか{}か所", n - EACH))));
    findings
}

/// Marks in superscript or subscript, by font or as characters, in answers that are no texts.
fn raised(t: &Taken<'_, '_>, a: &mut DraftAnswer<'_>) -> Option<Finding> {
    if a.field.locked || matches!(a.field.kind, FieldType::Text | FieldType::Item | FieldType::Division) {
        return None;
    }
    let at = a.place.area?.first;
    let by_font = t.sheet.grid.marks.raised.get(&at).filter(|_| a.cells.len() == 1).cloned();
    let mut found = by_font;
    let given: String = a.cells.iter().map(Cell::raw).collect();
    if found.is_none() && given.contains(rich::is_raised) {
        let text = a.kept.as_ref().unwrap_or(&given);
        found = rich::raised(&rich::pieces_of(text), rich::Look::default());
    }
    let Raised { kept, mark } = found?;
    a.steps.push(Note { kind: NoteKind::Raised, before: given.as_str().into(), after: kept.as_str().into() });
    let finding = Finding::new("S048W").at(a.place.clone()).given(given).expected(kept.trim()).arg("mark", mark.trim());
    if a.cells.len() == 1 {
        a.kept = Some(kept);
    } else {
        let plain = |c: &Cell| {
            let kept: String = c.raw().chars().filter(|c| !rich::is_raised(*c)).collect();
            if kept == c.raw() { c.clone() } else { Cell::text(kept) }
        };
        a.cells = a.cells.iter().map(plain).collect();
    }
    Some(a.named(finding))
}

/// Answers in a font of pictures: what they show counts; a picture that has no character is asked about.
fn symbols(t: &Taken<'_, '_>, a: &mut DraftAnswer<'_>) -> Option<Finding> {
    let stored = t.sheet.grid.marks.symbols.get(&a.place.area?.first).filter(|_| !a.field.locked)?;
    let shown: String = a.cells.iter().map(Cell::raw).collect();
    a.steps.push(Note { kind: NoteKind::Symbol, before: stored.as_str().into(), after: shown.as_str().into() });
    a.told |= shown.contains(UNKNOWN);
    let finding = Finding::new("S049E").at(a.place.clone()).given(shown);
    a.told.then(|| a.named(finding))
}

/// Notes and comments. The form prints none of its own, so each was written by somebody.
fn notes(t: &Taken<'_, '_>, answers: &[&mut DraftAnswer<'_>], file: &ArcStr) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, text) in t.sheet.grid.marks.notes.iter().filter(|(_, text)| !text.trim().is_empty()) {
        let finding = Finding::new("S045I").at(t.place(file, *at)).given(text.trim());
        let area = t.sheet.area(*at);
        let on = answers.iter().find(|a| a.place.area.is_some_and(|p| p.contains(*at) || area.contains(p.first)));
        findings.push(on.map_or(finding.clone(), |a| a.named(finding)));
    }
    findings
}

/// Whether protection and lists are still there: one finding a sheet, for what they kept out is checked cell by cell anyway.
fn guards(t: &Taken<'_, '_>, answers: &[&mut DraftAnswer<'_>], file: &ArcStr) -> Vec<Finding> {
    let Some(guards) = &t.sheet.grid.guards else { return Vec::new() };
    let place = || Place::sheet(file, &t.name);
    let mut findings = Vec::new();
    if !guards.protected {
        findings.push(Finding::new("S046I").at(place()));
    }
    let lists = Lists::new(&guards.lists);
    let chosen = answers.iter().filter(|a| a.field.kind == FieldType::Choice && !a.field.locked && a.cells.len() == 1);
    let chosen: Vec<Area> = chosen.filter_map(|a| a.place.area).collect();
    let bare: Vec<&Area> = chosen.iter().filter(|area| !lists.cover(area.first)).collect();
    // Rows that the office answers for everybody are drawn without a list, and a pasted cell or two is no news.
    if let Some(first) = bare.first().filter(|_| bare.len() * 2 > chosen.len()) {
        let given = if bare.len() == 1 { first.to_string() } else { format!("{first}ほか{}か所", bare.len() - 1) };
        findings.push(Finding::new("S047I").at(place()).given(given));
    }
    findings
}

/// Areas with a list, by column where they are one column wide, so that a sheet of thousands is looked up quickly.
struct Lists<'a> {
    narrow: BTreeMap<u32, Vec<&'a Area>>,
    wide: Vec<&'a Area>,
}

impl<'a> Lists<'a> {
    fn new(areas: &'a [Area]) -> Self {
        let mut lists = Self { narrow: BTreeMap::new(), wide: Vec::new() };
        for area in areas {
            if area.first.col == area.last.col {
                lists.narrow.entry(area.first.col).or_default().push(area);
            } else {
                lists.wide.push(area);
            }
        }
        lists
    }

    fn cover(&self, at: CellRef) -> bool {
        self.narrow.get(&at.col).into_iter().flatten().chain(&self.wide).any(|a| a.contains(at))
    }
}
