//! Files that are the same to the last byte: one of them is read, and what it says stands for all. People hand in one file
//! twice, forward it again, or copy a folder whole.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::consolidate::Renaming;
use crate::discover::{self, Found};
use crate::intake::{Intake, is_system_file, sha256};
use crate::model::{Finding, State};

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

/// What was taken in from one file, as it would be from another of the same bytes. Where `light`, replies share the records of the
/// file that was read, and nothing is said of their sheets twice.
pub(super) fn renamed(intakes: &[Intake], from: &str, to: &str, light: bool) -> Vec<Intake> {
    let mut renaming = Renaming::new(from, to);
    intakes.iter().map(|i| copy(i, &mut renaming, light)).collect()
}

fn copy(read: &Intake, renaming: &mut Renaming<'_>, light: bool) -> Intake {
    let light = light && read.submission.state == State::Accepted;
    let mut submission = read.submission.clone();
    renaming.frame(&mut submission);
    if light {
        submission.same_as = Some(read.submission.file.clone());
    } else {
        renaming.records(&mut submission);
    }
    let told = |f: &&Finding| !light || f.place.as_ref().is_none_or(|p| p.sheet.is_empty());
    let mut findings: Vec<Finding> = read.findings.iter().filter(told).cloned().collect();
    findings.iter_mut().for_each(|f| renaming.finding(f));
    let further = read.further.iter().map(|i| copy(i, renaming, light)).collect();
    Intake { submission, findings, modified: read.modified, further }
}
