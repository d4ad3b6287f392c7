//! Findings where several files make one reply: what they say together is checked, and what each said wrong alone is
//! nobody's task any more.

use std::collections::{BTreeMap, BTreeSet};

use crate::check;
use crate::consolidate::{Rules, Settled};
use crate::intake;
use crate::model::{Area, Finding, Form, Place, Severity, State, Submission};

/// Of a reply in several files that count, what they say together is checked, and what each says alone is not: the
/// relations between its answers, and what is missing from it. Gives the findings; those that no longer hold are taken out.
pub fn checks(
    files: &[Submission],
    settled: &Settled,
    forms: &[&Form],
    checks: &check::Context<'_>,
    findings: &mut Vec<Finding>,
) -> Vec<Finding> {
    let mut together = Vec::new();
    let mut accepted: BTreeMap<_, Vec<&Submission>> = BTreeMap::new();
    for s in files.iter().filter(|s| s.state == State::Accepted) {
        accepted.entry((&s.form, &s.division)).or_default().push(s);
    }
    for reply in &settled.replies {
        let parts = accepted.get(&(&reply.form, &reply.division)).map_or(&[][..], Vec::as_slice);
        let form = forms.iter().find(|f| Some(&f.id) == reply.form.as_ref());
        let Some(form) = form.filter(|_| parts.len() > 1) else { continue };
        let alone: Vec<Finding> = parts.iter().flat_map(|p| intake::checks(form, p, checks)).collect();
        findings.retain(|f| !alone.contains(f));
        let rules = Rules::new(form, &checks.templates.lists, checks.round);
        let said: BTreeSet<&str> = reply.records.iter().filter(|r| rules.says(r)).map(|r| r.item.as_str()).collect();
        let newest = parts.iter().max_by_key(|p| p.rank()).map_or("", |p| &p.file);
        findings.retain(|f| {
            let missing = MISSING.contains(&&*f.code) && parts.iter().any(|p| is_about(f, p));
            !missing
                || f.place.as_ref().is_some_and(|p| *p.file == *newest)
                    && !f.item.as_deref().is_some_and(|i| said.contains(i))
        });
        together.extend(intake::checks(form, reply, checks));
    }
    together
}

/// Codes that say that a file has no row or sheet for an item.
pub const MISSING: [&str; 2] = ["S015E", "S024E"];

/// Whether a finding is about this reply: in its file, and where the file holds several, of its form and division.
fn is_about(f: &Finding, s: &Submission) -> bool {
    f.place.as_ref().is_some_and(|p| s.holds(p)) && f.form == s.form && f.division == s.division
}

/// The findings that are still somebody's task. Of a copy of a file what stands on it alone is told: a note that was put on
/// it, words beside the table.
#[must_use]
pub fn standing(findings: Vec<Finding>, files: &[Submission], replaced: &BTreeSet<Place>) -> Vec<Finding> {
    let copies: BTreeSet<&str> =
        files.iter().filter(|s| s.state == State::Duplicate).map(|s| s.file.as_str()).collect();
    let is_on_copy = |f: &Finding| f.place.as_ref().is_some_and(|p| !p.sheet.is_empty() && copies.contains(&*p.file));
    let (on_copies, others): (Vec<Finding>, Vec<Finding>) = findings.into_iter().partition(is_on_copy);
    let mut by_file: BTreeMap<&str, Vec<&Submission>> = BTreeMap::new();
    files.iter().for_each(|s| by_file.entry(&s.file).or_default().push(s));
    let stands = |f: &Finding| stands(f, &by_file, replaced);
    let mut out: Vec<Finding> = others.into_iter().filter(stands).collect();
    if !on_copies.is_empty() {
        let told: BTreeSet<Words> = out.iter().map(words).collect();
        let of_sheet = |f: &Finding| f.code.starts_with('S') && !MISSING.contains(&f.code.as_str());
        out.extend(on_copies.into_iter().filter(|f| of_sheet(f) && !told.contains(&words(f))));
    }
    out
}

/// What a finding says, but for the file.
type Words = (String, Option<String>, Option<String>, Option<String>, Option<Area>);

fn words(f: &Finding) -> Words {
    (f.code.clone(), f.form.clone(), f.division.clone(), f.given.clone(), f.place.as_ref().and_then(|p| p.area))
}

/// Whether a finding is still somebody's task: those of a version that was replaced are not, but for its being so, nor those
/// of single answers that were.
fn stands(f: &Finding, files: &BTreeMap<&str, Vec<&Submission>>, replaced: &BTreeSet<Place>) -> bool {
    let Some(place) = &f.place else { return true };
    if replaced.contains(place) {
        return false;
    }
    let of_file = files.get(place.file.as_str()).map_or(&[][..], Vec::as_slice);
    let file = of_file.iter().find(|s| is_about(f, s)).or(of_file.first());
    if place.sheet.is_empty() {
        // Why a file was replaced or is not asked for is told of it as a whole; what else is odd about a replaced one is not.
        let replaced = file.is_some_and(|s| matches!(s.state, State::Superseded | State::Duplicate));
        return !replaced || f.severity() != Severity::W;
    }
    file.is_none_or(|s| !matches!(s.state, State::Superseded | State::NotExpected))
}
