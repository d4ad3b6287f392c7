//! One bad file changes nothing for the others: figures with and without hostile files among the answers are the same.

use std::collections::BTreeSet;
use std::path::Path;

use torimatome::model::{Finding, Place, State};

use crate::conservation::{Sent, pool, settled};
use crate::kit::{context, forms, round};

#[test]
fn hostile_files_change_no_figure() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/read");
    let mut paths: Vec<_> = std::fs::read_dir(folder).expect("fixtures").flatten().map(|e| e.path()).collect();
    paths.sort();
    let hostile: Vec<Sent> = paths
        .iter()
        .map(|p| {
            let name = format!("提出/甲/{}", p.file_name().expect("a name").to_string_lossy());
            let bytes = std::fs::read(p).expect("a fixture");
            Sent::new(torimatome::intake::file(&bytes, &name, &forms(), &context()))
        })
        .collect();
    assert!(hostile.len() >= 60, "only {} fixtures", hostile.len());
    let good: Vec<&Sent> = pool().iter().collect();
    let alone = settled(&good, round().clone());
    let all: Vec<&Sent> = hostile.iter().chain(good).collect();
    let together = settled(&all, round().clone());

    assert_eq!(alone.rates, together.rates);
    for (a, b) in alone.items.iter().zip(&together.items) {
        assert_eq!((&a.item, &a.record, a.standing), (&b.item, &b.record, b.standing));
    }
    assert_eq!(alone.items.len(), together.items.len());
    let names: BTreeSet<&str> = hostile.iter().map(|h| h.intake.submission.file.as_str()).collect();
    let of_hostile = |p: &Option<Place>| p.as_ref().is_some_and(|p| names.contains(&*p.file));
    let others: Vec<&Finding> = together.findings.iter().filter(|f| !of_hostile(&f.place)).collect();
    assert_eq!(others, alone.findings.iter().collect::<Vec<_>>());
    let states: Vec<_> = together.submissions.iter().filter(|s| names.contains(s.file.as_str())).collect();
    assert_eq!(states.len(), names.len());
    for s in states {
        assert!(matches!(s.state, State::Unreadable | State::NotOurs), "{}: {:?}", s.file, s.state);
        assert!(!s.reason.is_empty(), "{} has no reason", s.file);
    }
}
