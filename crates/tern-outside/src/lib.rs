//! Programs and files of others that tests hold Tern against: where they are, and what to do where they are missing. For tests only.
//!
//! It knows no other crate, so that the tests of every crate may use it. A test that lacks something prints
//! `SKIPPED <test>: <what> missing` and passes; where `CI=true` it fails. Nothing of others may be written or kept here.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

pub mod duis;

/// Says that a test cannot be made here.
///
/// # Panics
/// Where `CI=true`: everything must be there.
pub fn skip(test: &str, what: &str) {
    assert!(!is_ci(), "{test}: {what} missing");
    println!("SKIPPED {test}: {what} missing");
}

/// Whether everything must be there.
fn is_ci() -> bool {
    std::env::var("CI").as_deref() == Ok("true")
}

/// Whether a program runs that knows `--version`; without it the test is skipped.
///
/// # Panics
/// As [`skip`].
#[must_use]
pub fn has(test: &str, tool: &str) -> bool {
    let found = Command::new(tool).arg("--version").output().is_ok();
    if !found {
        skip(test, tool);
    }
    found
}

/// A Python that has a module: `TERN_PYTHON`, else the one that `cargo xtask test` makes; without it the test is skipped.
///
/// # Panics
/// As [`skip`].
#[must_use]
pub fn python_with(module: &str, test: &str) -> Option<PathBuf> {
    let python = made("TERN_PYTHON", "target/python/bin/python");
    let import = format!("import {module}");
    let found = Command::new(&python).args(["-c", &import]).output().is_ok_and(|out| out.status.success());
    if !found {
        skip(test, &format!("Python with {module}"));
    }
    found.then_some(python)
}

/// The folder of npm's packages: `TERN_NODE_MODULES`, else where `cargo xtask test` brings them.
#[must_use]
pub fn node_modules() -> PathBuf {
    made("TERN_NODE_MODULES", "target/node/node_modules")
}

/// A file of one of those packages; without it the test is skipped.
///
/// # Panics
/// As [`skip`].
#[must_use]
pub fn node_file(package: &str, file: &str, test: &str) -> Option<PathBuf> {
    let path = node_modules().join(package).join(file);
    if !path.exists() {
        skip(test, package);
        return None;
    }
    Some(path)
}

/// Runs a program in a folder, and gives whether it succeeded and all that it said.
///
/// # Panics
/// It does not start.
pub fn run(dir: &Path, tool: impl AsRef<OsStr>, arguments: &[impl AsRef<OsStr>]) -> (bool, String) {
    let out = Command::new(tool).args(arguments).current_dir(dir).output().expect("the program starts");
    (out.status.success(), String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned())
}

/// What a variable names, else a path below the repository.
fn made(variable: &str, below: &str) -> PathBuf {
    std::env::var_os(variable).map_or_else(|| root().join(below), PathBuf::from)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
