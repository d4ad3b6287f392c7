//! Every code of the catalogue has one broken sample, each sample gives exactly the findings it declares, their text is kept
//! as a snapshot, and the parents of the samples have nothing wrong with them.
//!
//! A sample is run with the main command, unless a file `command` in it says another one, such as `publish --cp932`.
//! A sample is a declared mutation of a valid parent (`samples/tools/make_broken.py`), so that applying the remedy gives the
//! parent. `UPDATE=1 cargo test --test broken` rewrites the snapshots.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use chrono::NaiveDate;
use rayon::prelude::*;
use torimatome::discover;
use torimatome::forms::Templates;
use torimatome::model::{Finding, Severity};
use torimatome::report::text;
use torimatome::run::{self, Options, Stop};

/// Bytes that a sample may take. Most of them are the settings and the forms of its parent, with their checks and explanations: the
/// same bytes in every sample.
const LARGEST: u64 = 200_000;

/// A folder and what the program says of it.
struct Sample {
    dir: PathBuf,
    name: String,
    findings: Vec<Finding>,
    text: String,
}

impl Sample {
    fn code(&self) -> &str {
        self.name.get(..5).unwrap_or_default()
    }

    fn is_parent(&self) -> bool {
        self.name.starts_with('_')
    }

    fn lines(&self, file: &str) -> Vec<String> {
        let text = fs::read_to_string(self.dir.join(file)).unwrap_or_else(|e| panic!("{}/{file}: {e}", self.name));
        text.lines().map(ToString::to_string).collect()
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn templates() -> &'static Templates {
    static TEMPLATES: OnceLock<Templates> = OnceLock::new();
    TEMPLATES.get_or_init(|| Templates::load(&BTreeMap::new()).unwrap())
}

/// All samples, run once.
fn samples() -> &'static [Sample] {
    static SAMPLES: OnceLock<Vec<Sample>> = OnceLock::new();
    SAMPLES.get_or_init(|| {
        let folders = fs::read_dir(root().join("samples/broken")).unwrap().map(|e| e.unwrap().path());
        let mut folders: Vec<PathBuf> = folders.filter(|p| p.is_dir()).collect();
        folders.sort();
        folders.into_par_iter().map(told).collect()
    })
}

fn told(dir: PathBuf) -> Sample {
    let name = dir.file_name().unwrap().to_str().unwrap().to_string();
    let day = fs::read_to_string(dir.join("today")).unwrap_or_else(|_| "2022-11-14".into());
    let today: NaiveDate = day.trim().parse().unwrap();
    let command = fs::read_to_string(dir.join("command")).unwrap_or_default();
    let words: Vec<&str> = command.split_whitespace().collect();
    let own = words.iter().position(|w| *w == "--templates").map(|at| dir.join(words[at + 1]));
    let own =
        own.map(|d| Templates::load(&discover::templates(&d).unwrap()).unwrap_or_else(|e| panic!("{name}: {e:?}")));
    let options = Options { today, templates: None, quiet: true, settings: None };
    // As every command does: the days and years of the round stand in its headings.
    let shipped = own.as_ref().unwrap_or(templates());
    let of_round = run::definitions(&dir, shipped.clone(), &options).map(|of| of.templates);
    let templates = of_round.as_ref().unwrap_or(shipped);
    let told = match words.first() {
        None => run::bring_together(&dir, templates, &options).map(|l| (l.round, l.findings)),
        // What it writes is no part of the sample.
        Some(&"publish") => in_a_copy(&dir, |copy| {
            run::publish(copy, templates, &options, words.contains(&"--cp932"))
                .map(|p| (p.ledger.round, p.ledger.findings))
        }),
        Some(&"survey") => {
            in_a_copy(&dir, |copy| run::survey(copy, templates, &options).map(|s| (s.round, s.findings)))
        }
        Some(other) => panic!("{name}: no command {other}"),
    };
    let (round, findings) = match told {
        Ok(told) => told,
        Err(Stop::Settings(round, findings)) => (*round, findings),
        Err(Stop::Error(e)) => panic!("{name}: {e}"),
    };
    let text = text::findings(&findings, templates, &round);
    Sample { dir, name, findings, text }
}

fn in_a_copy<T>(dir: &Path, run: impl FnOnce(&Path) -> T) -> T {
    let temp = tempfile::tempdir().unwrap();
    for entry in walkdir::WalkDir::new(dir).into_iter().map(|e| e.unwrap()) {
        let to = temp.path().join(entry.path().strip_prefix(dir).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(to).unwrap();
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
    run(temp.path())
}

#[test]
fn every_code_has_one_sample() {
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    for s in samples().iter().filter(|s| !s.is_parent()) {
        *names.entry(s.code()).or_default() += 1;
    }
    let codes: BTreeMap<&str, usize> = templates().catalogue.iter().map(|e| (e.code.as_str(), 1)).collect();
    assert_eq!(names, codes);
}

#[test]
fn samples_give_exactly_what_they_declare() {
    let mut wrong = Vec::new();
    for s in samples() {
        let mut codes: Vec<String> = s.findings.iter().map(|f| f.code.clone()).collect();
        codes.sort();
        let expected = s.lines("expected.txt");
        if codes != expected {
            wrong.push(format!("{}: expected {expected:?}\n{}", s.name, s.text));
        }
        if !s.is_parent() && !expected.iter().any(|c| c == s.code()) {
            wrong.push(format!("{}: its own code is not expected", s.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Applying the remedy gives the parent, and the parent has no finding at all.
#[test]
fn samples_are_mutations_of_clean_parents() {
    let parents: BTreeMap<&str, &Sample> =
        samples().iter().filter(|s| s.is_parent()).map(|s| (s.name.as_str(), s)).collect();
    for s in samples() {
        let mutation = s.lines("mutation.txt");
        assert_eq!(mutation.len(), 1, "{}: one line", s.name);
        let parent = mutation[0].split(" | ").next().unwrap_or_default();
        let parent = parents.get(parent).unwrap_or_else(|| panic!("{}: no parent {parent:?}", s.name));
        assert!(!parent.findings.iter().any(|f| f.severity() == Severity::E), "{}:\n{}", parent.name, parent.text);
        assert!(parent.findings.is_empty(), "{}:\n{}", parent.name, parent.text);
    }
}

#[test]
fn samples_are_small() {
    for s in samples() {
        let files = walkdir::WalkDir::new(&s.dir).into_iter().map(|e| e.unwrap());
        let size: u64 = files.filter(|e| e.file_type().is_file()).map(|e| e.metadata().unwrap().len()).sum();
        assert!(size <= LARGEST, "{}: {size} bytes", s.name);
    }
}

#[test]
fn findings_read_as_they_did() {
    let dir = root().join("tests/snapshots/findings");
    let update = std::env::var_os("UPDATE").is_some();
    let mut wrong = Vec::new();
    let mut names = BTreeSet::new();
    fs::create_dir_all(&dir).unwrap();
    for s in samples().iter().filter(|s| !s.is_parent()) {
        let path = dir.join(format!("{}.txt", s.code()));
        names.insert(path.clone());
        if update {
            fs::write(&path, &s.text).unwrap();
        }
        if fs::read_to_string(&path).unwrap_or_default() != s.text {
            wrong.push(format!("{}:\n{}", s.code(), s.text));
        }
    }
    assert!(wrong.is_empty(), "{}\nUPDATE=1 rewrites them", wrong.join("\n"));
    let kept: BTreeSet<PathBuf> = fs::read_dir(&dir).unwrap().map(|e| e.unwrap().path()).collect();
    assert_eq!(kept, names);
}

/// No empty brackets, nothing left to fill in, no name that only the program knows.
#[test]
fn sentences_are_complete() {
    let forms = templates().forms.values();
    let mut ids: BTreeSet<String> = forms.clone().map(|f| f.id.clone()).collect();
    ids.extend(forms.flat_map(|f| f.slots(&templates().lists)).map(|s| s.key()).filter(|k| k.contains('_')));
    for s in samples() {
        // What somebody typed may hold anything; the samples type nothing of the kind.
        for bad in ["「」", "（）", "（。", "{", "}", "、、", "。。", "  で", "None", "Some("] {
            assert!(!s.text.contains(bad), "{}: {bad}\n{}", s.name, s.text);
        }
        // A mistake in a definition is named by its file.
        let text = s.text.replace("templates/publish/dx-initiatives.toml", "");
        let words: BTreeSet<&str> = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-').collect();
        let raw: Vec<&&str> = words.iter().filter(|w| ids.contains(**w)).collect();
        assert!(raw.is_empty(), "{}: {raw:?}\n{}", s.name, s.text);
    }
}
