//! `cargo xtask codegen`: the published schemas and reference pages, made from the code that they describe.
//!
//! The generators are pure functions of the crates; this module only compares and writes. A generated file that no
//! generator makes any more is stale too.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::Failure;

/// The folders that hold nothing but generated files.
const FOLDERS: [&str; 2] = ["schemas", "docs/reference"];

/// The commented default configuration; a test of its crate holds it against the code's defaults.
const CONFIGURATION: &str = "crates/tern-service/src/config/reference.toml";

/// Every generated file: path from the root, text.
fn files() -> Result<BTreeMap<String, String>, Failure> {
    let mut files: BTreeMap<String, String> = tern_wire::generated_files().into_iter().collect();
    let (path, rules) = tern_rules::reference_page();
    files.insert(path.to_owned(), rules);
    let (path, guidance) = tern_rules::dmves::guidance_page();
    files.insert(path.to_owned(), guidance);
    let (path, matrix) = tern_rules::matrix();
    files.insert(path.to_owned(), matrix);
    let varied = tern_rules::dmves::ROWS.iter().flat_map(|row| row.srvs.iter().map(|srv| (*srv, row.key)));
    let (path, requests) = tern_requests::registry_page(varied);
    files.insert(path.to_owned(), requests);
    let (path, stages) = tern_requests::stages_page();
    files.insert(path.to_owned(), stages);
    if let Ok(reference) = fs::read_to_string(crate::root().join(CONFIGURATION)) {
        files.insert("docs/reference/configuration.md".to_owned(), configuration_page(&reference));
    }
    files.insert("docs/reference/commands.md".to_owned(), commands_page()?);
    Ok(files)
}

/// The command line's page comes from the binary's own crate, built and asked: the chores must not depend on the product.
fn commands_page() -> Result<String, Failure> {
    let words = ["run", "--quiet", "--package", "tern-cli", "--example", "reference_page"];
    let made = Command::new("cargo").args(words).current_dir(crate::root()).output();
    let made = made.map_err(|e| Failure::new(format!("cannot start cargo: {e}")))?;
    if made.status.success() {
        return Ok(String::from_utf8_lossy(&made.stdout).into_owned());
    }
    Err(Failure::new(format!("    cargo {} failed:\n{}", words.join(" "), String::from_utf8_lossy(&made.stderr))))
}

fn configuration_page(reference: &str) -> String {
    format!(
        "# Configuration\n\n<!-- Made from {CONFIGURATION} by `cargo xtask codegen`; edits here are lost. -->\n\n\
         `tern.toml` is looked for where `tern` is called, and in the folders above. An unknown key is refused with its name. \
         `tern show-config` prints what is in force.\n\n```toml\n{reference}```\n"
    )
}

/// Says which files are stale; writes nothing.
pub fn check() -> Result<String, Failure> {
    let files = files()?;
    let mut stale: Vec<String> = files
        .iter()
        .filter(|(path, text)| fs::read_to_string(crate::root().join(path)).ok().as_ref() != Some(*text))
        .map(|(path, _)| format!("    {path} is not what the code makes"))
        .collect();
    stale.extend(leftovers(&files).iter().map(|path| format!("    {path} is made by no generator")));
    if stale.is_empty() {
        return Ok(format!("{} generated files are fresh", files.len()));
    }
    Err(Failure::new(format!("{}\n    `cargo xtask codegen` writes them anew", stale.join("\n"))))
}

/// Writes every file that is stale and removes every one that no generator makes.
pub fn write() -> Result<String, Failure> {
    let files = files()?;
    let mut changed = 0;
    for (path, text) in &files {
        let target = crate::root().join(path);
        if fs::read_to_string(&target).ok().as_ref() == Some(text) {
            continue;
        }
        let folder = target.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).and_then(|()| fs::write(&target, text)).map_err(|e| cannot(path, &e))?;
        changed += 1;
    }
    let leftovers = leftovers(&files);
    for path in &leftovers {
        fs::remove_file(crate::root().join(path)).map_err(|e| cannot(path, &e))?;
    }
    Ok(format!("{} generated files, {changed} written, {} removed", files.len(), leftovers.len()))
}

fn cannot(path: &str, error: &std::io::Error) -> Failure {
    Failure::new(format!("cannot write {path}: {error}"))
}

fn leftovers(files: &BTreeMap<String, String>) -> Vec<String> {
    let mut found = Vec::new();
    for folder in FOLDERS {
        let Ok(entries) = fs::read_dir(crate::root().join(folder)) else { continue };
        let names = entries.flatten().filter(|e| e.path().is_file()).map(|e| e.file_name());
        let paths = names.map(|name| format!("{folder}/{}", name.to_string_lossy()));
        found.extend(paths.filter(|path| !files.contains_key(path)));
    }
    found.sort();
    found
}
