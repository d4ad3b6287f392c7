//! What several test programs need: the shipped definitions, and copies of samples.
#![allow(dead_code)] // each program uses some of it

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use torimatome::forms::Templates;

/// The project's folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The shipped definitions.
pub fn templates() -> &'static Templates {
    static TEMPLATES: OnceLock<Templates> = OnceLock::new();
    TEMPLATES.get_or_init(|| Templates::embedded().expect("the shipped definitions load"))
}

/// Copies a folder with everything in it.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() {
            copy(&path, &to.join(name));
        } else {
            fs::copy(&path, to.join(name)).unwrap();
        }
    }
}

/// A copy of a folder of samples.
pub fn copied(sample: &str) -> (tempfile::TempDir, PathBuf) {
    let temp = tempfile::tempdir().unwrap();
    let round = temp.path().join("round");
    copy(&root().join("samples").join(sample), &round);
    (temp, round)
}
