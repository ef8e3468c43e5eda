//! Which crate may name which: imports go downwards only, and a few crates may not know each other at all.
//!
//! The table is ARCHITECTURE.md's. Development dependencies may also name `tern-testkit`, which stands on top of everything, and
//! `tern-outside`, which knows no other crate; neither is shipped.

use std::fs;
use std::path::Path;

use super::Violation;
use crate::Failure;

/// Crates by layer, lowest first. A crate may name those of lower layers.
const LAYERS: [&[&str]; 8] = [
    &["tern-model", "tern-outside"],
    &["tern-wire", "tern-dlms"],
    &["tern-rules", "tern-flow", "tern-requests"],
    &["tern-store"],
    &["tern-cohorts", "tern-dco", "tern-plan", "tern-world"],
    &["tern-service", "tern-web"],
    &["tern-cli"],
    &["tern-testkit", "xtask"],
];

/// Crates that tests of any crate may name, and nobody else.
const FOR_TESTS: [&str; 2] = ["tern-testkit", "tern-outside"];

/// Pairs that the layers would permit and the design does not: who, whom, why.
const STRANGERS: [(&str, &str, &str); 7] = [
    ("tern-world", "tern-rules", "the outside world must not agree with the rules by construction"),
    ("tern-world", "tern-flow", "the outside world must not agree with the machines by construction"),
    ("tern-world", "tern-store", "simulated devices keep their own state, outside the engine's reach"),
    ("tern-store", "tern-wire", "the store keeps opaque records"),
    ("tern-store", "tern-rules", "the store keeps opaque records"),
    ("tern-store", "tern-flow", "the store keeps opaque records"),
    ("tern-dco", "tern-requests", "custody knows no request code"),
];

/// Judges every crate's manifest.
pub fn judge(root: &Path) -> Result<Vec<Violation>, Failure> {
    let mut violations = Vec::new();
    let entries = fs::read_dir(root.join("crates")).map_err(|e| Failure::new(format!("cannot read crates/: {e}")))?;
    for entry in entries.flatten().filter(|e| e.path().join("Cargo.toml").is_file()) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("crates/{name}/Cargo.toml");
        let text =
            fs::read_to_string(root.join(&path)).map_err(|e| Failure::new(format!("cannot read {path}: {e}")))?;
        violations.extend(judge_manifest(&name, &path, &text));
    }
    Ok(violations)
}

fn judge_manifest(name: &str, path: &str, text: &str) -> Vec<Violation> {
    let manifest: toml::Table = match text.parse() {
        Ok(table) => table,
        Err(error) => return vec![Violation::new(path, 1, "layers", format!("not TOML: {error}"))],
    };
    let line_of = |needle: &str| text.lines().position(|line| line.starts_with(needle)).map_or(1, |at| at + 1);
    let Some(own) = layer(name) else {
        return vec![Violation::new(
            path,
            1,
            "layers",
            format!("{name} has no layer; give it one in xtask/src/tidy/layers.rs"),
        )];
    };
    let mut violations = Vec::new();
    if manifest.get("package").and_then(|p| p.get("name")).and_then(toml::Value::as_str) != Some(name) {
        violations.push(Violation::new(path, 1, "layers", "folder name and crate name are the same word"));
    }
    for (section, development) in [("dependencies", false), ("build-dependencies", false), ("dev-dependencies", true)] {
        let Some(table) = manifest.get(section).and_then(toml::Value::as_table) else { continue };
        for (other, spec) in table {
            let inherited = spec.get("workspace").and_then(toml::Value::as_bool) == Some(true);
            if !inherited {
                let advice = format!("`{other}`: declare it in the root manifest and write `{other}.workspace = true`");
                violations.push(Violation::new(path, line_of(other), "dependencies", advice));
            }
            if let Some(advice) = breach(name, own, other, development) {
                violations.push(Violation::new(path, line_of(other), "layers", advice));
            }
        }
    }
    violations
}

fn breach(name: &str, own: usize, other: &str, development: bool) -> Option<String> {
    let theirs = layer(other)?;
    if let Some((_, _, why)) = STRANGERS.iter().find(|(a, b, _)| *a == name && *b == other) {
        return Some(format!("{name} may not know {other}: {why}"));
    }
    let allowed = if development { theirs <= own || FOR_TESTS.contains(&other) } else { theirs < own };
    if allowed {
        return None;
    }
    Some(format!(
        "{name} is layer {own} and may not name {other} of layer {theirs}: imports go downwards; move what is shared down"
    ))
}

fn layer(name: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, section: &str, other: &str, expect: usize) {
        let text = format!("[package]\nname = \"{name}\"\n[{section}]\n{other}.workspace = true\n");
        assert_eq!(judge_manifest(name, "Cargo.toml", &text).len(), expect, "{name} [{section}] {other}");
    }

    #[test]
    fn imports_go_downwards() {
        check("tern-wire", "dependencies", "tern-model", 0);
        check("tern-model", "dependencies", "tern-wire", 1);
        check("tern-rules", "dependencies", "tern-flow", 1);
        check("tern-world", "dependencies", "tern-rules", 1);
        check("tern-world", "dependencies", "csv", 0);
        check("tern-flow", "dependencies", "tern-testkit", 1);
        check("tern-flow", "dev-dependencies", "tern-testkit", 0);
        check("tern-unheard-of", "dependencies", "tern-model", 1);
    }

    #[test]
    fn versions_live_in_the_root_manifest() {
        let text = "[package]\nname = \"tern-wire\"\n[dependencies]\ncsv = \"1\"\n";
        assert_eq!(judge_manifest("tern-wire", "Cargo.toml", text).len(), 1);
    }
}
