//! Files of the same bytes are read once; what is said of each is what would be said of it alone.

use std::fs;
use std::path::{Path, PathBuf};

use torimatome::discover;
use torimatome::forms::Templates;
use torimatome::model::ledger::Ledger;
use torimatome::model::round::Receipt;
use torimatome::model::{Finding, Form};
use torimatome::run::{self, Options, Taken};

fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).unwrap().map(|e| e.unwrap().path());
    entries.flat_map(|p| if p.is_dir() { files(&p) } else { vec![p] }).collect()
}

#[test]
fn a_copy_says_what_it_would_say_alone() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let (templates, folder) = (Templates::embedded().unwrap(), tempfile::tempdir().unwrap());
    let options = Options { today: "2022-11-14".parse().unwrap(), templates: None, quiet: true, settings: None };
    fs::copy(root.join("ishinomaki-r4-10/調査設定.xlsx"), folder.path().join("調査設定.xlsx")).unwrap();
    let round = run::round(folder.path(), &templates, &options).unwrap_or_else(|_| panic!("the settings are sound"));
    let forms: Vec<&Form> = templates.asked().collect();
    let take = || {
        let found = discover::returned(folder.path()).unwrap();
        run::take_in(&found, &forms, Some(&round), &templates, &options)
    };
    let returned = folder.path().join("提出");
    fs::create_dir_all(returned.join("ほか")).unwrap();
    let (first, copy) = ("提出/回答", "提出/ほか/回答（写し）");
    let mut compared = 0;
    for file in files(&root.join("ishinomaki-r4-10/提出")) {
        let ending = file.extension().unwrap_or_default().to_string_lossy().into_owned();
        let names = [first, copy].map(|stem| folder.path().join(format!("{stem}.{ending}")));
        fs::copy(&file, &names[1]).unwrap();
        let alone = take();
        fs::copy(&file, &names[0]).unwrap();
        let both = take();
        let own = |name: &str| name.starts_with(copy);
        let copies: Vec<_> = both.submissions.iter().filter(|s| own(&s.file)).cloned().collect();
        assert_eq!(copies, alone.submissions, "{}", file.display());
        assert_eq!(both.submissions.len(), 2 * copies.len(), "{}", file.display());
        let found = both.findings.iter().filter(|f| f.place.as_ref().is_some_and(|p| own(&p.file)));
        assert_eq!(found.cloned().collect::<Vec<_>>(), alone.findings, "{}", file.display());
        compared += copies.iter().map(|s| s.records.len()).sum::<usize>();
        names.iter().for_each(|name| fs::remove_file(name).unwrap());
    }
    assert!(compared > 50, "{compared} records");
}

/// What can be told of a ledger from outside: states with reasons and lateness, the records with their places, and the findings.
fn told(ledger: &Ledger) -> (Vec<String>, Vec<String>, Vec<String>) {
    let state = |s: &torimatome::model::Submission| {
        format!("{} {:?} {:?} {} {} {} {:?}", s.file, s.form, s.state, s.reason, s.empty, s.late_days, s.received)
    };
    let files = ledger.submissions.iter().map(state).collect();
    let records = ledger.items.iter().map(|i| format!("{:?} {:?}", i.item.key, i.record)).collect();
    let mut findings: Vec<String> = ledger.findings.iter().map(|f: &Finding| format!("{f:?}")).collect();
    findings.sort();
    (files, records, findings)
}

#[test]
fn copies_that_share_what_was_read_settle_as_if_each_had_been_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/ishinomaki-r4-10");
    let (templates, folder) = (Templates::embedded().unwrap(), tempfile::tempdir().unwrap());
    let options = Options { today: "2022-11-14".parse().unwrap(), templates: None, quiet: true, settings: None };
    fs::copy(root.join("調査設定.xlsx"), folder.path().join("調査設定.xlsx")).unwrap();
    for (n, file) in files(&root.join("提出")).iter().enumerate() {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        // Copies before and after the file itself, in the order of their paths.
        for sub in ["あ", "提", "龍"].iter().take(1 + n % 3) {
            let to = folder.path().join("提出").join(sub).join(n.to_string());
            fs::create_dir_all(&to).unwrap();
            fs::copy(file, to.join(&name)).unwrap();
        }
    }
    let round = run::round(folder.path(), &templates, &options).unwrap_or_else(|_| panic!("the settings are sound"));
    let forms: Vec<&Form> = templates.asked().filter(|f| round.forms.contains_key(&f.id)).collect();
    let found = discover::returned(folder.path()).unwrap();
    let whole = run::take_in(&found, &forms, Some(&round), &templates, &options);
    let light = run::take_in_round(&found, &forms, &round, &templates, &options);
    assert!(light.submissions.iter().filter(|s| s.same_as.is_some()).count() > 20);
    assert!(light.findings.len() < whole.findings.len(), "copies say less twice");
    let mut seed = 20_221_129_u64;
    let mut dice = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let mut carried = 0;
    for turn in 0..12 {
        let mut round = round.clone();
        for f in found.iter().filter(|_| turn > 0) {
            if dice(2) == 0 {
                continue;
            }
            let day = format!("2022-11-{:02}", 1 + dice(13)).parse().ok();
            round.receipts.push(Receipt { file: f.name.clone(), received: day, ..Receipt::default() });
        }
        let settle = |t: &Taken| {
            let taken = (t.submissions.clone(), t.findings.clone());
            run::settle(taken, &t.times, round.clone(), &templates, options.today)
        };
        let (one, other) = (settle(&whole), settle(&light));
        let moved = |s: &torimatome::model::Submission| s.same_as.is_none() && s.file.starts_with("提出/龍");
        carried += other.submissions.iter().filter(|s| moved(s)).count();
        let (one, other) = (told(&one), told(&other));
        assert_eq!(one.0, other.0, "turn {turn}");
        assert_eq!(one.1, other.1, "turn {turn}");
        assert_eq!(one.2, other.2, "turn {turn}");
    }
    assert!(carried > 10, "{carried} copies carried the answers");
}
