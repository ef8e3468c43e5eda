//! Tools from outside, and what to do where they are missing.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The published files, written where tools that did not come from us can read them.
pub fn published(folder: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
    for (path, text) in tern_wire::schema::publish::files() {
        let target = root.join(path);
        std::fs::create_dir_all(target.parent().expect("a folder")).expect("can be made");
        std::fs::write(target, text).expect("can be written");
    }
    root
}

/// Says that a test cannot run here; with `CI=true` that is a failure.
pub fn skip(test: &str, tool: &str) {
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{test}: {tool} missing");
    println!("SKIPPED {test}: {tool} missing");
}

/// Whether a program can be started.
pub fn has(program: impl AsRef<std::ffi::OsStr>, argument: &str) -> bool {
    Command::new(program).arg(argument).output().is_ok()
}

/// A Python that has `xmlschema`: `TERN_PYTHON`, else the one that `cargo xtask test` makes.
pub fn python() -> Option<PathBuf> {
    let made = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/python/bin/python");
    let python = std::env::var_os("TERN_PYTHON").map_or(made, PathBuf::from);
    let knows = Command::new(&python).args(["-c", "import xmlschema"]).output().is_ok_and(|o| o.status.success());
    knows.then_some(python)
}
