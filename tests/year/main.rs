//! A made-up year of a city: every month its divisions answer, late or in parts or twice, and the program's results are held
//! against what was meant.
//!
//! `cargo test --test year` runs the short form. The long one:
//! `YEAR_SEEDS=50 YEAR_ROUNDS=8 cargo test --release --test year -- --nocapture` prints seed and round of every disagreement
//! and keeps the folder of the year; `YEAR_FIRST=17` begins with another seed.

mod book;
mod compare;
mod judged;
mod office;
mod rows;
mod said;
mod truth;

use std::collections::BTreeMap;

use compare::Compared;
use office::Office;
use truth::World;

fn number(name: &str, otherwise: usize) -> usize {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(otherwise)
}

/// Runs one year; what differs, by month.
fn year(seed: u64, rounds: usize, look: &mut dyn FnMut(usize, Compared)) -> std::path::PathBuf {
    let root = std::env::temp_dir().join(format!("torimatome-year-{}-{seed}", std::process::id()));
    std::fs::create_dir_all(&root).expect("made");
    let (mut world, mut office) = (World::new(seed), Office::new(&root, seed));
    for n in 0..rounds {
        let mut month = world.next();
        let found = office.round(&mut month);
        look(n, Compared::month(&month, &found, &office.folder(n)));
    }
    root
}

#[test]
fn a_year_comes_out_as_it_was() {
    let (first, seeds, rounds) = (number("YEAR_FIRST", 1), number("YEAR_SEEDS", 2), number("YEAR_ROUNDS", 3));
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let (mut compared, mut kept) = (0, Vec::new());
    for seed in first..first + seeds {
        let mut differ = false;
        let root = year(seed as u64, rounds, &mut |n, c| {
            compared += c.compared;
            for line in &c.differences {
                println!("seed {seed} round {n}: {line}");
                *kinds.entry(line.split(':').next().unwrap_or_default().to_string()).or_default() += 1;
                differ = true;
            }
        });
        if differ {
            kept.push(root);
        } else {
            std::fs::remove_dir_all(&root).expect("removed");
        }
    }
    println!("{seeds} seeds, {rounds} rounds, {compared} comparisons, disagreements: {kinds:?}");
    assert!(kinds.is_empty(), "{kinds:?}; kept {kept:?}");
}

/// A truth that is wrong in one place, and the kind of difference that must be told.
type Wrong = (&'static str, fn(&mut truth::Month));

const WRONG: [Wrong; 7] = [
    ("answer", |m| {
        let (row, _) = m.expected.answers.values_mut().next().expect("an answer");
        row.insert("remarks", said::Said::Text("だれも書いていない備考".into()));
    }),
    ("state", |m| m.expected.files.values_mut().next().expect("a file").2 += 1),
    ("source", |m| {
        let (_, sources) = m.expected.answers.values_mut().next().expect("an answer");
        sources.insert("exists", "提出/ほかの回答.xlsx".into());
    }),
    ("finding D024W", |m| m.expected.call("D024W", "101", "999", false)),
    ("rate", |m| m.expected.rates.get_mut("portal-26").expect("a rate").0 += 1),
    ("revision", |m| {
        m.expected.revisions.insert(("101".into(), "1".into(), "nothing".into()));
    }),
    ("change", |m| {
        m.expected.changes.insert(("市民課".into(), "999".into(), "備考".into(), "変更".into()), 1);
    }),
];

#[test]
fn a_wrong_truth_is_told() {
    let root = tempfile::tempdir().expect("a folder");
    let (mut world, mut office) = (World::new(9), Office::new(root.path(), 9));
    let mut month = world.next();
    let found = office.round(&mut month);
    let dir = office.folder(0);
    assert_eq!(Compared::month(&month, &found, &dir).differences, Vec::<String>::new());
    for (kind, wrong) in WRONG {
        let mut month = month.clone();
        wrong(&mut month);
        let differences = Compared::month(&month, &found, &dir).differences;
        let of_kind = differences.iter().all(|d| d.starts_with(&format!("{kind}:")));
        // A numerator is compared as a count and as a share.
        let most = if kind == "rate" { 2 } else { 1 };
        assert!(of_kind && (1..=most).contains(&differences.len()), "{kind}: {differences:?}");
    }
}
