//! Prose must not outlive the code: every relative link, and every path in back-quotes that looks like one of ours, exists.

use std::fs;
use std::path::Path;

use super::{Violation, relative, walk};
use crate::Failure;

/// What a back-quoted path of ours starts with.
const OURS: [&str; 7] = ["crates/", "docs/", "xtask/", "schemas/", "scenarios/", "tests/", ".ci/"];

/// Judges every Markdown file of the repository.
pub fn judge(root: &Path) -> Result<Vec<Violation>, Failure> {
    let mut violations = Vec::new();
    let mut judge_file = |path: &Path| {
        if path.extension().is_some_and(|e| e == "md") {
            let name = relative(root, path);
            let text = fs::read_to_string(path).map_err(|e| Failure::new(format!("cannot read {name}: {e}")))?;
            violations.extend(judge_text(root, &name, &text));
        }
        Ok(())
    };
    for entry in fs::read_dir(root).map_err(|e| Failure::new(format!("cannot read the root: {e}")))?.flatten() {
        let name = entry.file_name();
        if entry.path().is_file() {
            judge_file(&entry.path())?;
        } else if ["crates", "docs", "scenarios", "schemas", "xtask"].iter().any(|folder| name == *folder) {
            walk(&entry.path(), &mut judge_file)?;
        }
    }
    Ok(violations)
}

fn judge_text(root: &Path, name: &str, text: &str) -> Vec<Violation> {
    let folder = root.join(name).parent().map_or_else(|| root.to_owned(), Path::to_owned);
    let mut violations = Vec::new();
    let mut in_listing = false;
    for (at, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_listing = !in_listing;
        }
        if in_listing {
            continue;
        }
        for target in links(line) {
            let path = target.split('#').next().unwrap_or_default();
            if !path.is_empty() && !folder.join(path).exists() {
                let advice = format!("the link to `{target}` leads nowhere");
                violations.push(Violation::new(name, at + 1, "link", advice));
            }
        }
        for path in quoted_paths(line) {
            if !root.join(path).exists() {
                violations.push(Violation::new(name, at + 1, "link", format!("`{path}` does not exist")));
            }
        }
    }
    violations
}

/// Targets of Markdown links and of `src`, `srcset` attributes, those with a scheme excepted.
fn links(line: &str) -> Vec<&str> {
    let after = |mark: &'static str, end: char| {
        line.match_indices(mark).filter_map(move |(at, _)| line[at + mark.len()..].split(end).next())
    };
    let all = after("](", ')').chain(after("src=\"", '"')).chain(after("srcset=\"", '"'));
    all.filter(|target| !target.contains("://") && !target.starts_with("mailto:")).collect()
}

/// Paths of ours in back-quotes; patterns and placeholders are none.
fn quoted_paths(line: &str) -> Vec<&str> {
    let quoted = line.split('`').skip(1).step_by(2);
    let plain = |path: &&str| !path.contains(['*', '<', '{', ' ', '…', '(', ':']);
    quoted.filter(|text| OURS.iter().any(|start| text.starts_with(start))).filter(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_paths_are_found() {
        assert_eq!(links("see [a](docs/a.md#b) and [c](https://example.org)"), ["docs/a.md#b"]);
        assert_eq!(links("<img src=\"docs/images/x.svg\">"), ["docs/images/x.svg"]);
        assert_eq!(quoted_paths("`crates/a/src/b.rs` and `cargo test` and `crates/*/src`"), ["crates/a/src/b.rs"]);
    }

    #[test]
    fn a_dead_link_is_a_violation() {
        let root = crate::root();
        assert_eq!(judge_text(&root, "README.md", "[a](no-such-file.md) `xtask/src/nothing.rs`").len(), 2);
        assert!(judge_text(&root, "README.md", "[a](xtask/Cargo.toml) `xtask/src/main.rs`").is_empty());
    }
}
