//! What goes back to one division: its findings, its files, and what it has not handed in.

use std::collections::{BTreeMap, BTreeSet};

use crate::forms::Templates;
use crate::model::ledger::Ledger;
use crate::model::{Answer, Division, Finding, Place, Severity, State, Submission};

/// What goes back to one division.
pub(super) struct Return<'a> {
    pub division: &'a Division,
    pub findings: Vec<&'a Finding>,
    pub came: Vec<&'a Submission>,
    pub missing: Vec<&'a Submission>,
    /// Replies of others that came in the same files.
    pub others: Vec<&'a Submission>,
}

/// The ledger's findings by division, and its submissions by division and by file, each in the ledger's order.
pub(super) struct Sorted<'a> {
    findings: BTreeMap<&'a str, Vec<&'a Finding>>,
    submissions: BTreeMap<&'a str, Vec<&'a Submission>>,
    files: BTreeMap<&'a str, Vec<&'a Submission>>,
}

impl<'a> Sorted<'a> {
    pub fn new(ledger: &'a Ledger) -> Self {
        let mut sorted = Self { findings: BTreeMap::new(), submissions: BTreeMap::new(), files: BTreeMap::new() };
        for f in &ledger.findings {
            f.division.iter().for_each(|d| sorted.findings.entry(d).or_default().push(f));
        }
        for s in &ledger.submissions {
            s.division.iter().for_each(|d| sorted.submissions.entry(d).or_default().push(s));
            sorted.files.entry(&s.file).or_default().push(s);
        }
        sorted
    }
}

/// What is known of a key, or nothing.
fn of<'m, T>(map: &'m BTreeMap<&str, Vec<T>>, key: &str) -> &'m [T] {
    map.get(key).map_or(&[], Vec::as_slice)
}

impl<'a> Return<'a> {
    pub fn new(division: &'a Division, sorted: &Sorted<'a>, templates: &Templates) -> Option<Self> {
        let own = of(&sorted.submissions, &division.code);
        let missing: Vec<&Submission> = own.iter().copied().filter(|s| s.state == State::Missing).collect();
        let absent = |f: &&Finding| f.place.is_none() && f.item.is_none() && missing.iter().any(|s| s.form == f.form);
        let of_office = |f: &&Finding| templates.returns.instead_of(&f.code) == Some("");
        let findings: Vec<&Finding> = of(&sorted.findings, &division.code)
            .iter()
            .copied()
            .filter(|f| f.waived.is_none())
            .filter(|f| f.severity() != Severity::I && !absent(f) && !of_office(f))
            .collect();
        let named = |s: &&Submission| findings.iter().any(|f| f.place.as_ref().is_some_and(|p| *p.file == s.file));
        let came = own.iter().copied().filter(|s| !s.file.is_empty());
        let came: Vec<&Submission> = came.filter(|s| s.state == State::Accepted || named(s)).collect();
        let files: BTreeSet<&str> = came.iter().map(|s| s.file.as_str()).collect();
        let beside = files.into_iter().flat_map(|file| of(&sorted.files, file));
        let others = beside.copied().filter(|s| s.division.as_deref() != Some(&division.code)).collect();
        let nothing = missing.is_empty() && findings.is_empty();
        (!nothing).then_some(Self { division, findings, came, missing, others })
    }

    /// Whether a file is the division's.
    pub fn owns(&self, place: &Place) -> bool {
        self.came.iter().any(|s| s.file == *place.file)
            && (place.sheet.is_empty() || !self.others.iter().any(|s| s.holds(place)))
    }

    /// The findings about a file, and those about its form that name no file.
    pub fn of(&self, s: &Submission) -> impl Iterator<Item = &&'a Finding> {
        let (file, form) = (s.file.clone(), s.form.clone());
        self.findings.iter().filter(move |f| match &f.place {
            Some(place) => *place.file == file,
            None => f.form == form,
        })
    }

    /// The answer that a finding is about.
    pub fn answer(&self, f: &Finding, key: &str) -> Option<&'a Answer> {
        let file = self.came.iter().find(|s| f.place.as_ref().is_some_and(|p| *p.file == s.file))?;
        let records = file.records.iter().filter(|x| f.item.as_ref().is_none_or(|i| *i == x.item));
        let mut answers = records.filter_map(|x| x.fields.get(key));
        answers.find(|a| Some(&a.place) == f.place.as_ref()).or_else(|| file.card.get(key))
    }
}
