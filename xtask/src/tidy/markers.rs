//! No file keeps both sides of a conflict: the marks that a merge leaves are found in every text file, whatever its kind.

use std::fs;
use std::path::Path;

use super::{Violation, relative, walk};
use crate::Failure;

/// Where nothing of ours lies.
const NOT_OURS: [&str; 2] = [".git", "target"];

/// Judges every text file of the repository.
pub fn judge(root: &Path) -> Result<Vec<Violation>, Failure> {
    let mut violations = Vec::new();
    let mut judge_file = |path: &Path| {
        let name = relative(root, path);
        let bytes = fs::read(path).map_err(|e| Failure::new(format!("cannot read {name}: {e}")))?;
        // What is no text is nobody's to merge by lines.
        if let Ok(text) = String::from_utf8(bytes) {
            violations.extend(judge_text(&name, &text));
        }
        Ok(())
    };
    for entry in fs::read_dir(root).map_err(|e| Failure::new(format!("cannot read the root: {e}")))?.flatten() {
        if entry.path().is_file() {
            judge_file(&entry.path())?;
        } else if entry.path().is_dir() && !NOT_OURS.iter().any(|folder| entry.file_name() == *folder) {
            walk(&entry.path(), &mut judge_file)?;
        }
    }
    Ok(violations)
}

fn judge_text(name: &str, text: &str) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut is_open = false;
    for (line, number) in text.lines().zip(1..) {
        // A line of equals signs alone may be a heading.
        let is = |sign| is_mark(line, sign);
        let found = is('<') || is('>') || is_open && (is('=') || is('|'));
        is_open = is('<') || is_open && !is('>');
        if found {
            let advice = "a merge left this line: keep what is right of both sides, and delete the marks";
            violations.push(Violation::new(name, number, "conflict", advice));
        }
    }
    violations
}

/// Seven of a sign at the beginning of a line, alone or before a space.
fn is_mark(line: &str, sign: char) -> bool {
    let rest = line.trim_start_matches(sign);
    line.len() - rest.len() == 7 && (rest.is_empty() || rest.starts_with(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<usize> {
        judge_text("a.md", text).iter().map(|violation| violation.line).collect()
    }

    #[test]
    fn every_mark_of_a_conflict_is_found_and_headings_and_listings_are_none() {
        assert_eq!(lines("a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> 1a2b (d)\ne\n"), [2, 4, 6]);
        assert_eq!(lines("<<<<<<< HEAD\nb\n||||||| base\n=======\n>>>>>>> x\r\n"), [1, 3, 4, 5]);
        assert_eq!(lines("b\n=======\nc\n>>>>>>> left over\n"), [4]);
        assert_eq!(lines("Heading\n=======\n\n  <<<<<<< indented\n<<<<<<<< eight\n<<<<<<<x\n>>>>>>\n"), [0; 0]);
        assert_eq!(lines("<<<<<<< a\n>>>>>>> b\nHeading\n=======\n"), [1, 2]);
    }
}
