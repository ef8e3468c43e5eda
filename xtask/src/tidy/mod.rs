//! `cargo xtask tidy`: the style book's rules that can be judged by a program.
//!
//! Each rule lives in one file of this folder and answers violations: file, line, rule, what to do. Sources are looked at
//! with comments and texts blanked out, so that a rule never takes a sentence for code. The limits are those of
//! CONTRIBUTING.md; there is no way to switch one off in a file.

mod claims;
mod dependencies;
mod documents;
mod layers;
mod markers;
mod planted;
mod shape;
mod source;
mod words;

use std::fmt;
use std::fs;
use std::path::Path;

use crate::Failure;
use source::Source;

/// One breach of a rule.
pub struct Violation {
    file: String,
    line: usize,
    rule: &'static str,
    advice: String,
}

impl Violation {
    fn new(file: &str, line: usize, rule: &'static str, advice: impl Into<String>) -> Violation {
        Violation { file: file.to_owned(), line, rule, advice: advice.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}", self.file, self.line, self.rule, self.advice)
    }
}

/// Judges the whole workspace; answers the figures in one line.
pub fn run() -> Result<String, Failure> {
    let root = crate::root();
    let sources = sources(&root)?;
    let mut violations = layers::judge(&root)?;
    violations.extend(dependencies::judge()?);
    violations.extend(sources.iter().flat_map(words::judge));
    violations.extend(documents::judge(&root)?);
    violations.extend(markers::judge(&root)?);
    violations.extend(claims::judge(&root, &sources)?);
    violations.extend(planted::judge(&root)?);
    let (figures, misshapen) = shape::judge(&root, &sources)?;
    violations.extend(misshapen);
    if violations.is_empty() {
        return Ok(figures);
    }
    violations.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    let list = violations.iter().map(|v| format!("    {v}\n")).collect::<String>();
    Err(Failure::new(format!("{list}    violations: {}. {figures}", violations.len())))
}

fn sources(root: &Path) -> Result<Vec<Source>, Failure> {
    let mut found = Vec::new();
    for folder in ["crates", "xtask"] {
        walk(&root.join(folder), &mut |path| {
            if path.extension().is_some_and(|e| e == "rs") {
                let name = relative(root, path);
                let text = fs::read_to_string(path).map_err(|e| Failure::new(format!("cannot read {name}: {e}")))?;
                found.push(Source::new(name, &text));
            }
            Ok(())
        })?;
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned()
}

/// Calls `each` with every file below `folder`, build output excepted.
fn walk(folder: &Path, each: &mut dyn FnMut(&Path) -> Result<(), Failure>) -> Result<(), Failure> {
    let entries = fs::read_dir(folder).map_err(|e| Failure::new(format!("cannot read {}: {e}", folder.display())))?;
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            if entry.file_name() != "target" {
                walk(&path, each)?;
            }
        } else {
            each(&path)?;
        }
    }
    Ok(())
}
