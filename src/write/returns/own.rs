//! What goes back to one division: its findings, its files, and what it has not handed in.

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

impl<'a> Return<'a> {
    pub fn new(division: &'a Division, ledger: &'a Ledger, templates: &Templates) -> Option<Self> {
        let own = |s: &&Submission| s.division.as_deref() == Some(division.code.as_str());
        let missing: Vec<&Submission> =
            ledger.submissions.iter().filter(own).filter(|s| s.state == State::Missing).collect();
        let absent = |f: &&Finding| f.place.is_none() && f.item.is_none() && missing.iter().any(|s| s.form == f.form);
        let of_office = |f: &&Finding| templates.returns.instead_of(&f.code) == Some("");
        let findings: Vec<&Finding> = ledger
            .findings
            .iter()
            .filter(|f| f.division.as_deref() == Some(division.code.as_str()) && f.waived.is_none())
            .filter(|f| f.severity() != Severity::I && !absent(f) && !of_office(f))
            .collect();
        let named = |s: &&Submission| findings.iter().any(|f| f.place.as_ref().is_some_and(|p| *p.file == s.file));
        let came = ledger.submissions.iter().filter(own).filter(|s| !s.file.is_empty());
        let came: Vec<&Submission> = came.filter(|s| s.state == State::Accepted || named(s)).collect();
        let beside = |s: &&Submission| !own(s) && came.iter().any(|c| c.file == s.file);
        let others = ledger.submissions.iter().filter(beside).collect();
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
