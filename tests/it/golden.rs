//! Small sites with what is to become of them: `tests/golden/<case>/{hugo.toml,content/,feeds/}`.
//!
//! `TIDINGS_BLESS=1 cargo test golden` writes what is built now; read the difference before you commit it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::program::{printed, program};

/// Every file below a folder, as a path relative to it.
pub(crate) fn files(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.path().is_dir() { folders.push(entry.path()) } else { found.push(entry.path().strip_prefix(root).unwrap().to_owned()) }
        }
    }
    found.sort();
    found
}

/// Builds a site at an instant and compares every file with those that are expected.
pub(crate) fn compare(site: &Path, expected: &Path, now: &str) {
    let out = tempfile::tempdir().unwrap();
    if expected.join(".ids.tsv").exists() {
        fs::copy(expected.join(".ids.tsv"), out.path().join(".ids.tsv")).unwrap();
    }
    let output = program(site).args(["build", "--now", now, "--out"]).arg(out.path()).output().unwrap();
    assert!(output.status.success(), "{}", printed(&output).1);
    if std::env::var_os("TIDINGS_BLESS").is_some() {
        let _ = fs::remove_dir_all(expected);
        for file in files(out.path()) {
            fs::create_dir_all(expected.join(&file).parent().unwrap()).unwrap();
            fs::copy(out.path().join(&file), expected.join(&file)).unwrap();
        }
    }
    assert_eq!(files(expected), files(out.path()), "the same files");
    for file in files(out.path()) {
        let read = |root: &Path| fs::read_to_string(root.join(&file)).unwrap();
        assert_eq!(read(expected), read(out.path()), "{}", file.display());
    }
}

#[test]
fn every_case_builds_to_what_stands_beside_it() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut count = 0;
    for case in fs::read_dir(cases).unwrap().map(Result::unwrap) {
        compare(&case.path(), &case.path().join("feeds"), "2021-01-01T00:00:00Z");
        count += 1;
    }
    assert!(count > 0);
}
