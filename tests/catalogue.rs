//! The published catalogue is the one that the program uses. `UPDATE=1 cargo test --test catalogue` writes it anew.

use std::path::Path;

use torimatome::forms::load::Templates;

#[test]
fn the_published_catalogue_is_current() {
    let templates = Templates::embedded().expect("sound templates");
    let text = templates.catalogue.to_markdown();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/指摘一覧.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &text).expect("docs can be written");
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    let published = published.replace("\r\n", "\n");
    assert!(published == text, "docs/指摘一覧.md is not current: run UPDATE=1 cargo test --test catalogue");
}

#[test]
fn every_entry_says_what_is_wrong_what_to_do_and_why() {
    let templates = Templates::embedded().expect("sound templates");
    for e in templates.catalogue.iter() {
        for text in [&e.title, &e.sentence, &e.remedy, &e.why, &e.source] {
            assert!(!text.is_empty(), "{}", e.code);
            assert_eq!(text.matches('{').count(), text.matches('}').count(), "{}: {text}", e.code);
        }
        for text in [&e.title, &e.why, &e.source] {
            assert!(!text.contains('{'), "{}: nothing is filled in here: {text}", e.code);
        }
        for text in [&e.sentence, &e.remedy, &e.why] {
            assert!(text.ends_with('。') || text.ends_with('}'), "{}: {text}", e.code);
        }
    }
}
