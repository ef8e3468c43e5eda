//! Programs from outside, and what to do where they are missing.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Whether xmlsec1 runs. Without it a test is skipped by name, and fails where CI=true.
pub fn has_xmlsec1(test: &str) -> bool {
    let found = Command::new("xmlsec1").arg("--version").output().is_ok();
    if !found {
        skip(test, "xmlsec1");
    }
    found
}

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

fn skip(test: &str, tool: &str) {
    assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{test}: {tool} missing");
    println!("SKIPPED {test}: {tool} missing");
}

/// Runs a tool in a folder and gives whether it succeeded, with all that it said.
pub fn run(dir: &Path, tool: impl AsRef<OsStr>, arguments: &[&OsStr]) -> (bool, String) {
    let out = Command::new(tool).args(arguments).current_dir(dir).output().expect("runs");
    (out.status.success(), String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned())
}
