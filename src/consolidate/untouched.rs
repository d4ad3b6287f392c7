//! Which answers of a file nobody touched. Forms of a second month come with the last answers in them, so that a section that mends one row
//! hands in the old answers of all others. They are no answer beside what another file changed.
//!
//! Whoever goes back to the last answer on purpose does so in a file made from the one that changed it: both changed some of the same
//! answers. A file that changed others only was made from the form as it was issued.

use std::collections::BTreeSet;

use super::rules::Rules;
use crate::model::Submission;

/// What each file of a reply changed.
pub(super) struct Touched<'a> {
    /// Item and key, by file.
    changed: Vec<BTreeSet<(&'a str, &'a str)>>,
}

impl<'a> Touched<'a> {
    pub(super) fn of(files: &[&'a Submission], rules: &Rules<'_>) -> Self {
        let of_file = |file: &&'a Submission| {
            let answers = file.records.iter().flat_map(|r| r.fields.iter().map(move |(key, a)| (r, key, a)));
            let changed = answers.filter(|(r, key, a)| rules.is_open(key) && a.says() && !rules.is_left(r, key, a));
            changed.map(|(r, key, _)| (r.item.as_str(), key.as_str())).collect()
        };
        let knows = rules.knows_last() && files.len() > 1;
        Self { changed: if knows { files.iter().map(of_file).collect() } else { Vec::new() } }
    }

    /// Whether anything was known before, so that a file can leave something as it came.
    pub(super) const fn is_known(&self) -> bool {
        !self.changed.is_empty()
    }

    /// Whether a file was made from the form as it was issued and not from another one: it changed nothing that that one did.
    fn is_apart(&self, file: usize, from: usize) -> bool {
        let both = self.changed.get(file).zip(self.changed.get(from));
        both.is_some_and(|(own, other)| own.is_disjoint(other))
    }

    /// Whether what a file leaves as the form came with it says nothing beside another one's changes.
    pub(super) fn is_left_beside(&self, file: usize, other: usize) -> bool {
        self.is_apart(file, other) && self.changed.get(file).is_some_and(|own| !own.is_empty())
    }

    /// Whether a file changed nothing at all, so that nobody can tell whether it takes another one's changes back.
    pub(super) fn takes_all_back(&self, file: usize, other: usize) -> bool {
        self.is_apart(file, other) && self.changed.get(file).is_some_and(BTreeSet::is_empty)
    }
}
