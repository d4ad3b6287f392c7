//! Files of the same bytes are read once; what is said of each is what would be said of it alone.

use std::fs;
use std::path::{Path, PathBuf};

use torimatome::discover;
use torimatome::forms::Templates;
use torimatome::model::Form;
use torimatome::run::{self, Options};

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
