//! Lengths of files and functions, tests not counted: hard limits, and the figures that say where the crowd stands.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::{Source, Violation};
use crate::Failure;

const FILE_LINES_MAX: usize = 600;
const FILE_LINES_P90: usize = 400;
const FUNCTION_LINES_MAX: usize = 70;
const FUNCTION_LINES_P90: usize = 45;
const RULE_FILE_LINES_P90: usize = 120;

/// The functions that may be longer than the limit; the list only shrinks.
const LONG_FUNCTIONS: &str = "xtask/long-functions.txt";

/// Judges all files together; answers the figures and what is too long.
pub fn judge(root: &Path, sources: &[Source]) -> Result<(String, Vec<Violation>), Failure> {
    let text = fs::read_to_string(root.join(LONG_FUNCTIONS))
        .map_err(|e| Failure::new(format!("cannot read {LONG_FUNCTIONS}: {e}")))?;
    Ok(judge_against(&text, sources))
}

fn judge_against(list: &str, sources: &[Source]) -> (String, Vec<Violation>) {
    let mut violations = Vec::new();
    let mut listed = read_list(list);
    let (mut files, mut rule_files, mut functions) = (Vec::new(), Vec::new(), Vec::new());
    for source in sources.iter().filter(|s| !s.is_test_file()) {
        let length = source.length();
        files.push(length);
        if is_rule_file(&source.path) {
            rule_files.push(length);
        }
        if length > FILE_LINES_MAX {
            let advice = format!("{length} lines, at most {FILE_LINES_MAX}: split it by what it is for");
            violations.push(Violation::new(&source.path, 1, "file-length", advice));
        }
        for function in source.functions() {
            functions.push(function.length);
            let key = format!("{}::{}", source.path, function.name);
            let limit = listed.remove(&key).map_or(FUNCTION_LINES_MAX, |(_, limit)| limit.max(FUNCTION_LINES_MAX));
            if function.length > limit {
                let advice = format!(
                    "`{}` has {} lines, at most {limit}: take a step out of it",
                    function.name, function.length
                );
                violations.push(Violation::new(&source.path, function.line, "function-length", advice));
            }
        }
    }
    for (key, (line, _)) in listed {
        let advice = format!("`{key}` is gone: remove this line, the list only shrinks");
        violations.push(Violation::new(LONG_FUNCTIONS, line, "function-length", advice));
    }
    let crowd = [
        ("file", p90(&mut files), FILE_LINES_P90),
        ("rule file", p90(&mut rule_files), RULE_FILE_LINES_P90),
        ("function", p90(&mut functions), FUNCTION_LINES_P90),
    ];
    for (what, value, limit) in crowd {
        if value > limit {
            let advice = format!("p90 {what} has {value} lines, at most {limit}: the crowd has grown too long");
            violations.push(Violation::new("crates", 1, "p90", advice));
        }
    }
    let figures = crowd.map(|(what, value, limit)| format!("p90 {what} {value} lines (limit {limit})"));
    (format!("{} files, {} functions; {}", files.len(), functions.len(), figures.join(", ")), violations)
}

/// One clause or project-defined number each; `mod.rs` files and the engine are not.
fn is_rule_file(path: &str) -> bool {
    let documents = ["tmad", "mehrs", "project"];
    path.strip_prefix("crates/tern-rules/src/")
        .and_then(|rest| rest.split_once('/'))
        .is_some_and(|(folder, file)| documents.contains(&folder) && !file.ends_with("mod.rs"))
}

/// Reads `path::name lines`; answers line of the list and permitted lines by function.
fn read_list(text: &str) -> BTreeMap<String, (usize, usize)> {
    let rows = text.lines().enumerate().filter(|(_, line)| !line.starts_with('#'));
    rows.filter_map(|(at, line)| {
        let (key, limit) = line.rsplit_once(' ')?;
        Some((key.to_owned(), (at + 1, limit.parse().ok()?)))
    })
    .collect()
}

/// The value that nine of ten do not exceed; 0 where there is none.
fn p90(values: &mut [usize]) -> usize {
    values.sort_unstable();
    match values.len() {
        0 => 0,
        count => values[(count * 9).div_ceil(10) - 1],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn long_source(lines: usize) -> Source {
        let body = "    a();\n".repeat(lines - 2);
        Source::new("crates/x/src/a.rs".to_owned(), &format!("//! A.\nfn long() {{\n{body}}}\n"))
    }

    fn rules(list: &str, source: Source) -> Vec<&'static str> {
        judge_against(list, &[source]).1.iter().map(|v| v.rule).filter(|r| *r != "p90").collect()
    }

    #[test]
    fn long_functions_are_listed_or_wrong() {
        assert!(rules("", long_source(70)).is_empty());
        assert_eq!(rules("", long_source(71)), ["function-length"]);
        assert!(rules("crates/x/src/a.rs::long 80\n", long_source(71)).is_empty());
        assert_eq!(rules("crates/x/src/a.rs::long 80\n", long_source(81)), ["function-length"]);
        assert_eq!(rules("crates/x/src/a.rs::gone 80\n", long_source(10)), ["function-length"]);
    }

    #[test]
    fn long_files_are_wrong() {
        let functions = "fn a() {}\n".repeat(601);
        let source = Source::new("crates/x/src/a.rs".to_owned(), &format!("//! A.\n{functions}"));
        assert_eq!(rules("", source), ["file-length"]);
    }

    #[test]
    fn p90_is_the_value_that_nine_of_ten_do_not_exceed() {
        assert_eq!(p90(&mut (1..=10).collect::<Vec<_>>()), 9);
        assert_eq!(p90(&mut [7]), 7);
        assert_eq!(p90(&mut []), 0);
    }
}
