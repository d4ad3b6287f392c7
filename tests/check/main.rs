//! Sheets in, findings out: every code that the check stage gives, where it fires and where it just does not.

mod across;
mod deadlines;
mod fields;
mod relations;
mod sheet;
mod shipped;
mod since;

/// Every code that stands in the stage's own source fires in one of these tests.
#[test]
fn every_code_is_tested() {
    let read = |dir: &str| {
        let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(dir);
        let files = std::fs::read_dir(dir).expect("the folder").map(|f| f.expect("a file").path());
        let rust = files.filter(|f| f.extension().is_some_and(|e| e == "rs"));
        rust.map(|f| std::fs::read_to_string(f).expect("text")).collect::<String>()
    };
    let tests = read("tests/check");
    let mut codes = 0;
    for text in read("src/check").split('"').filter(|t| t.len() == 5 && t.ends_with(['E', 'W', 'I'])) {
        if sheet::templates().catalogue.get(text).is_some() {
            codes += 1;
            assert!(tests.contains(&format!("{text}@")) || tests.contains(&format!("\"{text}\"")), "{text}");
        }
    }
    assert!(codes > 30, "the codes were found");
}
