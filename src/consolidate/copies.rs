//! Files that are the same to the last byte. One of them carries the answers, each with its place in that file; the others share
//! its records and follow its fate, so that a thousand copies cost little more than their names.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use arcstr::ArcStr;

use super::versions::{about, file_place};
use crate::model::submission::State;
use crate::model::{Answer, Finding, Place, Submission};

/// What stands in one file, as it would in another of the same bytes.
pub struct Renaming<'a> {
    from: &'a str,
    to: &'a str,
    known: BTreeMap<ArcStr, ArcStr>,
}

impl<'a> Renaming<'a> {
    /// From the path of one file to that of another.
    #[must_use]
    pub const fn new(from: &'a str, to: &'a str) -> Self {
        Self { from, to, known: BTreeMap::new() }
    }

    /// The file itself, or what lies in it.
    #[must_use]
    pub fn name(&self, name: &str) -> String {
        name.strip_prefix(self.from).map_or_else(|| name.to_string(), |inside| format!("{}{inside}", self.to))
    }

    /// A place.
    pub fn place(&mut self, place: &mut Place) {
        if let Some(known) = self.known.get(&place.file) {
            place.file.clone_from(known);
            return;
        }
        let new: ArcStr = ArcStr::from(self.name(&place.file));
        self.known.insert(std::mem::replace(&mut place.file, new.clone()), new);
    }

    fn answers<'b>(&mut self, answers: impl Iterator<Item = &'b mut Answer>) {
        answers.for_each(|a| self.place(&mut a.place));
    }

    /// The places of a finding.
    pub fn finding(&mut self, finding: &mut Finding) {
        finding.place.iter_mut().chain(&mut finding.related).for_each(|p| self.place(p));
    }

    /// All of a submission but its records.
    pub fn frame(&mut self, s: &mut Submission) {
        s.file = self.name(&s.file);
        self.answers(s.card.values_mut());
        self.answers(s.unchanged.values_mut());
        let veiled = std::mem::take(&mut s.veiled).into_iter();
        let moved = |(mut place, veil)| {
            self.place(&mut place);
            (place, veil)
        };
        s.veiled = veiled.map(moved).collect();
    }

    /// The records of a submission, which shares them with no other file any more.
    pub fn records(&mut self, s: &mut Submission) {
        for record in &mut s.records {
            self.answers(Arc::make_mut(record).fields.values_mut());
        }
    }
}

/// Lets the newest of the copies of each file carry its answers (the first by path, where several are the newest), as a later file does in whatever
/// it says. `findings` are those of the files.
pub(super) fn carry(files: &mut [Submission], findings: &mut [Finding]) {
    for (original, copies) in sets(files) {
        let newest = |n: &&usize| (files[**n].rank(), Reverse(**n));
        let Some(carrier) = std::iter::once(&original).chain(&copies).max_by_key(newest).copied() else { continue };
        if carrier == original {
            continue;
        }
        let (from, to) = (files[original].file.clone(), files[carrier].file.clone());
        let mut renaming = Renaming::new(&from, &to);
        renaming.records(&mut files[carrier]);
        files[carrier].same_as = None;
        copies.iter().filter(|n| **n != carrier).chain([&original]).for_each(|n| files[*n].same_as = Some(to.clone()));
        let of_sheet = |f: &&mut Finding| f.place.as_ref().is_some_and(|p| *p.file == *from && !p.sheet.is_empty());
        findings.iter_mut().filter(of_sheet).for_each(|f| renaming.finding(f));
    }
}

/// A reply in a file: the file, form, division and sheets.
type Reply<'a> = (&'a str, &'a Option<String>, &'a Option<String>, &'a [String]);

fn reply<'a>(f: &'a Submission, file: &'a str) -> Reply<'a> {
    (file, &f.form, &f.division, &f.sheets)
}

/// Each file that has copies, with them, by position.
fn sets(files: &[Submission]) -> Vec<(usize, Vec<usize>)> {
    let mut copies: BTreeMap<Reply<'_>, Vec<usize>> = BTreeMap::new();
    for (n, f) in files.iter().enumerate() {
        if let Some(of) = &f.same_as {
            copies.entry(reply(f, of)).or_default().push(n);
        }
    }
    let read = files.iter().enumerate().filter(|(_, f)| f.same_as.is_none());
    read.filter_map(|(n, f)| Some((n, copies.remove(&reply(f, &f.file))?))).collect()
}

/// What becomes of the copies of files that are settled, each given with what is said of it as a whole.
pub(super) fn follow(copies: &mut [&mut Submission], settled: &[(&Submission, Option<Finding>)]) -> Vec<Finding> {
    let by_file: BTreeMap<&str, &(&Submission, Option<Finding>)> =
        settled.iter().map(|of| (of.0.file.as_str(), of)).collect();
    let mut findings = Vec::new();
    for copy in copies {
        let Some((carrier, told)) = copy.same_as.as_deref().and_then(|of| by_file.get(of)) else { continue };
        if carrier.state == State::Accepted {
            (copy.state, copy.reason) = (State::Duplicate, format!("{} と同じ内容です。", carrier.file));
            findings.push(about(copy, "S032I").expected(&carrier.file));
        } else {
            (copy.state, copy.reason, copy.empty) = (carrier.state, carrier.reason.clone(), carrier.empty);
            findings.extend(told.clone().map(|f| f.at(file_place(copy))));
        }
    }
    findings
}
