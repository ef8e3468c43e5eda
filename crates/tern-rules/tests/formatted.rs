//! `cargo fmt` does not see modules that a macro declares; rustfmt, given the files, does.

use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn every_rule_file_is_formatted() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files: Vec<PathBuf> = ["tmad", "mehrs", "project"]
        .into_iter()
        .flat_map(|folder| std::fs::read_dir(source.join(folder)).expect("a folder"))
        .map(|entry| entry.expect("an entry").path())
        .collect();
    let said = match Command::new("rustfmt").args(["--edition", "2024", "--check"]).args(&files).output() {
        Ok(said) => said,
        Err(_) => {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "rustfmt missing");
            println!("SKIPPED every_rule_file_is_formatted: rustfmt missing");
            return;
        }
    };
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stdout));
}

#[test]
fn every_rule_file_is_in_the_registry() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for folder in ["tmad", "mehrs", "project"] {
        for entry in std::fs::read_dir(source.join(folder)).expect("a folder") {
            let name = entry.expect("an entry").file_name().into_string().expect("a plain name");
            let file = format!("crates/tern-rules/src/{folder}/{name}");
            assert!(name == "mod.rs" || tern_rules::rules().any(|rule| rule.file == file), "{file}");
        }
    }
}
