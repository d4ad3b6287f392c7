//! The shape of the source: which way stages may look, which crate may be used where, and that the engine knows no form.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Stages from first to last. A file may use those before its own, never those after.
const STAGES: [&str; 14] = [
    "model",
    "forms",
    "read",
    "drift",
    "normalise",
    "settings",
    "check",
    "consolidate",
    "survey",
    "write",
    "fill",
    "national",
    "sent",
    "publish",
];

/// What may be used against the direction: the matching key of texts, which is pure and has no stage.
const EXCEPTIONS: [&str; 1] = ["crate::normalise::text"];

fn sources() -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("src is there").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.insert(path.clone(), fs::read_to_string(&path).expect("text"));
            }
        }
    }
    assert!(found.len() > 40, "the walk found only {} files", found.len());
    found
}

fn stage_of(path: &Path) -> Option<usize> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let first = path.strip_prefix(src).ok()?.components().next()?.as_os_str().to_string_lossy().into_owned();
    STAGES.iter().position(|s| first == *s || first == format!("{s}.rs"))
}

/// Every `crate::stage` in a line, `use crate::{a, b}` not being our style.
fn named_stages(line: &str) -> Vec<(usize, String)> {
    let mut named = Vec::new();
    for (at, _) in line.match_indices("crate::") {
        let rest: String =
            line[at + 7..].chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | ':')).collect();
        let first = rest.split("::").next().unwrap_or_default();
        if let Some(stage) = STAGES.iter().position(|s| *s == first) {
            named.push((stage, format!("crate::{rest}")));
        }
    }
    named
}

#[test]
fn stages_look_back_only() {
    let mut edges = Vec::new();
    for (path, text) in sources() {
        let Some(own) = stage_of(&path) else { continue };
        for (n, line) in text.lines().enumerate().filter(|(_, l)| !l.trim_start().starts_with("//")) {
            for (other, named) in named_stages(line) {
                let excused = EXCEPTIONS.iter().any(|e| named.starts_with(e))
                    || line.contains("use crate::normalise::{self, text}")
                    || line.contains("use crate::normalise::text");
                if other > own && !excused {
                    edges.push(format!("{}:{}: {named}", path.display(), n + 1));
                }
            }
        }
    }
    assert!(edges.is_empty(), "back edges:\n{}", edges.join("\n"));
}

#[test]
fn each_crate_has_its_place() {
    let homes: [(&str, &[&str]); 12] = [
        ("minijinja", &["publish/"]),
        ("calamine", &["read/"]),
        ("rust_xlsxwriter", &["write/", "forms/", "look/"]),
        ("zip::", &["read/", "fill/", "write/word/", "forms/draw/tests.rs"]),
        ("quick_xml", &["read/", "fill/", "write/word/"]),
        ("clap", &["cli/"]),
        ("statrs", &["survey/"]),
        ("chrono::Utc::now", &["main.rs"]),
        ("rayon", &["run.rs", "run/", "send_back.rs"]),
        // Whatever is drawn gets the same bytes on every system, and what is moved waits where Windows wants it to.
        ("save_to_buffer", &["look/saved.rs"]),
        ("fs::rename(", &["moving.rs", "lock.rs", "lock/tests.rs", "output/tests.rs"]),
        // Windows flushes nothing through a handle that only reads.
        ("sync_all", &["output.rs", "output/switch.rs", "lock.rs"]),
    ];
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut strays = Vec::new();
    for (path, text) in sources() {
        let name = path.strip_prefix(&src).expect("below src").to_string_lossy().replace('\\', "/");
        for (krate, allowed) in homes {
            let used = text.lines().filter(|l| !l.trim_start().starts_with("//")).any(|l| l.contains(krate));
            if used && !allowed.iter().any(|a| name.starts_with(a)) {
                strays.push(format!("{name} uses {krate}"));
            }
        }
        if name.starts_with("model/") {
            for stray in ["std::fs", "std::io", "std::env", "std::thread", "unicode_"] {
                if text.contains(stray) {
                    strays.push(format!("{name} uses {stray}"));
                }
            }
        }
    }
    assert!(strays.is_empty(), "{}", strays.join("\n"));
}

/// Names that only `templates/` may know: form ids, and every system, procedure, step and division of the sample city.
fn forbidden() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut names = Vec::new();
    for entry in fs::read_dir(root.join("templates/forms")).expect("forms").flatten() {
        let stem = entry.path().file_stem().expect("a name").to_string_lossy().into_owned();
        // The settings are the one form whose roles the engine needs; `common` is no form.
        if stem != "settings" && stem != "common" {
            names.push(stem);
        }
    }
    for list in ["systems", "procedures", "steps", "frequent32"] {
        let text = fs::read_to_string(root.join(format!("templates/codes/{list}.csv"))).expect("a code list");
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        for row in reader.records().map(|r| r.expect("a row")) {
            names.push(row.get(1).expect("a name").to_string());
        }
    }
    let divisions = [
        "市民税課",
        "資産税課",
        "市民課",
        "教育総務課",
        "選挙管理委員会",
        "健康推進課",
        "保険年金課",
        "介護福祉課",
        "障害福祉課",
        "保護課",
        "子育て支援課",
        "子ども保育課",
    ];
    names.extend(divisions.map(ToString::to_string));
    names.extend(["移行計画書", "進捗調査票", "石巻"].map(ToString::to_string));
    assert!(names.len() > 100);
    names
}

#[test]
fn the_engine_knows_no_form() {
    let names = forbidden();
    let mut found = Vec::new();
    for (path, text) in sources() {
        // Roster ids (systems, procedures) are plain English words and are not looked for.
        for name in names.iter().filter(|n| text.contains(n.as_str())) {
            // 戸籍, 就学, 入札 and the like are two-character words; they are forbidden all the same.
            found.push(format!("{}: {name}", path.display()));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_code_in_the_source_stands_in_the_catalogue_and_the_other_way_round() {
    let catalogue = torimatome::forms::Templates::embedded().expect("sound templates").catalogue;
    let mut used: BTreeMap<String, String> = BTreeMap::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut texts: Vec<(String, String)> = sources().into_iter().map(|(p, t)| (p.display().to_string(), t)).collect();
    for entry in fs::read_dir(root.join("templates/forms")).expect("forms").flatten() {
        texts.push((entry.path().display().to_string(), fs::read_to_string(entry.path()).expect("text")));
    }
    for (path, text) in &texts {
        for part in text.split('"').skip(1).step_by(1) {
            let b = part.as_bytes();
            let code = b.len() == 5
                && b"SFRXDQ".contains(&b[0])
                && b[1..4].iter().all(u8::is_ascii_digit)
                && b"EWI".contains(&b[4]);
            if code {
                used.insert(part.to_string(), path.clone());
            }
        }
    }
    let unknown: Vec<_> = used.iter().filter(|(c, _)| catalogue.get(c).is_none()).collect();
    assert!(unknown.is_empty(), "not in the catalogue: {unknown:?}");
    let idle: Vec<_> = catalogue.iter().filter(|e| !used.contains_key(&e.code)).map(|e| e.code.clone()).collect();
    assert!(idle.is_empty(), "in the catalogue and never given: {idle:?}");
}
