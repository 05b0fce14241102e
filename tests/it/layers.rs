//! The layering: `src/lib.rs` lists the modules in order, and a module imports only from those above it.

use std::fs;
use std::path::{Path, PathBuf};

/// Floors 0 to 3 have no business with these.
const OUTSIDE: [&str; 8] = ["std::fs", "std::net", "std::env", "tokio", "notify::", "hyper::", "Utc::now", "SystemTime::now"];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Each module with its floor, in order.
fn modules() -> Vec<(String, usize)> {
    let text = fs::read_to_string(source().join("lib.rs")).unwrap();
    let mut floor = None;
    let mut modules = Vec::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("// Floor ") {
            floor = rest.split(':').next().unwrap().parse().ok();
        } else if let Some(name) = line.strip_prefix("pub mod ").and_then(|rest| rest.strip_suffix(';')) {
            modules.push((name.to_owned(), floor.expect("a module stands under its floor")));
        }
    }
    modules
}

/// Every file of a module.
fn files(module: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let file = source().join(format!("{module}.rs"));
    if file.exists() {
        found.push(file);
    }
    let mut folders = vec![source().join(module)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().map(Result::unwrap) {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else if entry.path().extension().is_some_and(|ending| ending == "rs") {
                found.push(entry.path());
            }
        }
    }
    assert!(!found.is_empty(), "{module} has no file");
    found
}

/// The code of a file without its tests and comments.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let code = text.split("#[cfg(test)]").next().unwrap();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_module_imports_only_from_modules_above_it() {
    let modules = modules();
    assert!(modules.len() > 10);
    for (i, (module, _)) in modules.iter().enumerate() {
        for file in files(module) {
            let code = code(&file);
            for (below, _) in &modules[i + 1..] {
                assert!(!code.contains(&format!("crate::{below}")), "{} imports {below}, which is below {module}", file.display());
            }
        }
    }
}

#[test]
fn floors_0_to_3_touch_nothing_outside() {
    for (module, _) in modules().iter().filter(|(_, floor)| *floor <= 3) {
        for file in files(module) {
            let code = code(&file);
            for outside in OUTSIDE {
                assert!(!code.contains(outside), "{} uses {outside}", file.display());
            }
        }
    }
}

#[test]
fn only_publish_writes_feeds_and_only_what_was_not_there_is_created() {
    let app = source().join("app");
    for (module, _) in modules() {
        for file in files(&module) {
            let code = code(&file);
            let is_creator = file == app.join("create.rs");
            let may_write = module == "publish";
            let may_read = may_write || ["source", "app", "regular"].contains(&&*module);
            for write in ["fs::write", "fs::rename", "fs::copy", "File::create", "fs::remove", "create_dir", "tempfile"] {
                let may_create = is_creator && matches!(write, "fs::remove" | "create_dir");
                assert!(may_write || may_create || !code.contains(write), "{} uses {write}", file.display());
            }
            // the access log is appended to
            let may_open = may_write || is_creator || file == app.join("listen.rs");
            assert!(may_open || !code.contains("OpenOptions"), "{} opens files to write", file.display());
            assert!(may_read || !code.contains("std::fs"), "{} uses std::fs", file.display());
        }
    }
    let creator = code(&app.join("create.rs"));
    assert_eq!(creator.matches("OpenOptions::new()").count(), creator.matches("create_new(true)").count(), "what is there stays");
}

#[test]
fn every_file_says_what_it_is() {
    for module in modules().into_iter().map(|(module, _)| module).chain(["lib".to_owned(), "main".to_owned()]) {
        for file in files(&module) {
            assert!(fs::read_to_string(&file).unwrap().starts_with("//! "), "{} has no header", file.display());
        }
    }
}
