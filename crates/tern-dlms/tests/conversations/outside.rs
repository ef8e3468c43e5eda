//! Programs from outside, and what to do where they are missing.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A Python that has a module: `TERN_PYTHON`, else the one that `cargo xtask test` makes.
pub fn python_with(module: &str, test: &str) -> Option<PathBuf> {
    let made = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/python/bin/python");
    let python = std::env::var_os("TERN_PYTHON").map_or(made, PathBuf::from);
    let import = format!("import {module}");
    let found = Command::new(&python).args(["-c", &import]).output().is_ok_and(|o| o.status.success());
    if !found {
        skip(test, &format!("Python with {module}"));
    }
    found.then_some(python)
}

pub fn skip(test: &str, tool: &str) {
    assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{test}: {tool} missing");
    println!("SKIPPED {test}: {tool} missing");
}

/// A script beside this file.
pub fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conversations").join(name)
}
