//! Files that are the same to the last byte: one of them is read, and what it says stands for all. People hand in one file
//! twice, forward it again, or copy a folder whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use arcstr::ArcStr;
use rayon::prelude::*;

use crate::discover::{self, Found};
use crate::intake::{Intake, is_system_file, sha256};
use crate::model::{Answer, Finding, Place};

/// For each file the first with the same bytes and the same ending, which may be itself.
pub(super) fn originals(found: &[Found], limit: u64) -> Vec<usize> {
    let ending = |f: &Found| f.name.rsplit('/').next().and_then(|n| n.rsplit_once('.')).map(|(_, e)| e.to_lowercase());
    let mut alike: BTreeMap<(u64, Option<String>), Vec<usize>> = BTreeMap::new();
    // What programs leave behind is told by its name, whatever is in it.
    let is_read = |f: &Found| {
        f.trouble.is_none() && f.size <= limit && !is_system_file(&f.name) && !discover::is_passing(&f.name)
    };
    for (n, f) in found.iter().enumerate().filter(|(_, f)| is_read(f)) {
        alike.entry((f.size, ending(f))).or_default().push(n);
    }
    let several: Vec<usize> = alike.values().filter(|of| of.len() > 1).flatten().copied().collect();
    let hash = |n: &usize| Some((*n, sha256(&discover::up_to(found.get(*n)?, limit).ok()?)));
    let hashes: BTreeMap<usize, String> = several.par_iter().filter_map(hash).collect();
    let mut originals: Vec<usize> = (0..found.len()).collect();
    for of in alike.values() {
        let mut first: BTreeMap<&str, usize> = BTreeMap::new();
        for n in of {
            if let Some(hash) = hashes.get(n) {
                originals[*n] = *first.entry(hash).or_insert(*n);
            }
        }
    }
    originals
}

/// What was taken in from one file, as it would be from another of the same bytes.
pub(super) fn renamed(intakes: &[Intake], from: &str, to: &str) -> Vec<Intake> {
    let mut names = Names { from, to, known: BTreeMap::new() };
    intakes.iter().map(|i| names.intake(i.clone())).collect()
}

struct Names<'a> {
    from: &'a str,
    to: &'a str,
    known: BTreeMap<ArcStr, ArcStr>,
}

impl Names<'_> {
    /// The file itself, or what lies in it.
    fn name(&self, name: &str) -> String {
        name.strip_prefix(self.from).map_or_else(|| name.to_string(), |inside| format!("{}{inside}", self.to))
    }

    fn place(&mut self, place: &mut Place) {
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

    fn finding(&mut self, finding: &mut Finding) {
        finding.place.iter_mut().chain(&mut finding.related).for_each(|p| self.place(p));
    }

    fn intake(&mut self, mut intake: Intake) -> Intake {
        let s = &mut intake.submission;
        s.file = self.name(&s.file);
        self.answers(s.card.values_mut());
        self.answers(s.unchanged.values_mut());
        for record in &mut s.records {
            self.answers(Arc::make_mut(record).fields.values_mut());
        }
        let veiled = std::mem::take(&mut s.veiled).into_iter();
        let moved = |(mut place, veil)| {
            self.place(&mut place);
            (place, veil)
        };
        s.veiled = veiled.map(moved).collect();
        intake.findings.iter_mut().for_each(|f| self.finding(f));
        intake.further = std::mem::take(&mut intake.further).into_iter().map(|i| self.intake(i)).collect();
        intake
    }
}
