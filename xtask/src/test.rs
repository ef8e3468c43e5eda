//! `cargo xtask test`: everything that must hold, in the order in which it is cheapest to learn that it does not.
//!
//! Each stage prints one line: its name, its time, its result. The first one that fails ends the run with the command that
//! repeats it alone. Nothing is built in release here: one profile serves lints' and tests' dependencies.

use std::process::Command;
use std::time::Instant;

use crate::{Failure, codegen, process, tidy, tools};

/// One stage: its name, the command that repeats it alone, and what it does.
struct Stage {
    name: &'static str,
    repeat: &'static str,
    run: fn() -> Result<String, Failure>,
}

const STAGES: [Stage; 6] = [
    Stage { name: "tools", repeat: "cargo xtask test", run: tools::ensure },
    Stage { name: "format", repeat: "cargo fmt --all --check", run: format },
    Stage { name: "lints", repeat: "cargo clippy --workspace --all-targets -- -D warnings", run: lints },
    Stage { name: "tidy", repeat: "cargo xtask tidy", run: tidy::run },
    Stage { name: "generated", repeat: "cargo xtask codegen --check", run: codegen::check },
    Stage { name: "tests", repeat: "cargo test --workspace", run: tests },
];

/// Runs every stage.
pub fn run() -> Result<(), Failure> {
    let whole = Instant::now();
    for stage in &STAGES {
        let start = Instant::now();
        let result = (stage.run)();
        let (mark, text) = match &result {
            Ok(text) => ("✓", text.as_str()),
            Err(_) => ("✗", "failed"),
        };
        println!("{mark} {:<10} {:>6.1} s  {text}", stage.name, start.elapsed().as_secs_f64());
        if let Err(Failure(reason)) = result {
            return Err(Failure::new(format!("{reason}\n  repeat with: {}", stage.repeat)));
        }
    }
    println!("all passed in {:.0} s", whole.elapsed().as_secs_f64());
    Ok(())
}

fn format() -> Result<String, Failure> {
    let said = process::run("format", Command::new("cargo").args(["fmt", "--all", "--check"]))?;
    if said.ok { Ok("rustfmt has nothing to change".to_owned()) } else { Err(Failure::new(said.tail(40))) }
}

fn lints() -> Result<String, Failure> {
    let words = ["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"];
    let said = process::run("lints", Command::new("cargo").args(words))?;
    if said.ok { Ok("clippy and rustc have no warning".to_owned()) } else { Err(Failure::new(said.tail(60))) }
}

fn tests() -> Result<String, Failure> {
    let mut command = Command::new("cargo");
    command.args(["test", "--workspace", "--no-fail-fast", "--", "--show-output"]);
    command.env("TERN_PYTHON", tools::python());
    let said = process::run("tests", &mut command)?;
    let count = Count::of(&said.lines);
    if !said.ok || count.failed > 0 {
        let names = failed_tests(&said.lines);
        let list = names.iter().map(|n| format!("    failed: {n}\n")).collect::<String>();
        let tail = if names.is_empty() { said.tail(60) } else { failure_texts(&said.lines) };
        return Err(Failure::new(format!("{tail}{list}    whole output: {}", said.log.display())));
    }
    if count.ignored > 0 {
        return Err(Failure::new(format!("    {} tests are ignored; a test runs or is not there", count.ignored)));
    }
    let skipped: Vec<&String> = said.lines.iter().filter(|line| line.starts_with("SKIPPED ")).collect();
    let mut text = format!("{} passed", count.passed);
    if !skipped.is_empty() {
        text.push_str(&format!(", {} skipped", skipped.len()));
        skipped.iter().for_each(|line| text.push_str(&format!("\n    {line}")));
    }
    Ok(text)
}

/// The sums of libtest's result lines.
#[derive(Default)]
struct Count {
    passed: u64,
    failed: u64,
    ignored: u64,
}

impl Count {
    fn of(lines: &[String]) -> Count {
        let mut count = Count::default();
        for line in lines.iter().filter_map(|line| line.strip_prefix("test result: ")) {
            let words: Vec<&str> = line.split([' ', ';', '.']).filter(|word| !word.is_empty()).collect();
            for pair in words.windows(2) {
                let number = pair[0].parse::<u64>().unwrap_or(0);
                match pair[1] {
                    "passed" => count.passed += number,
                    "failed" => count.failed += number,
                    "ignored" => count.ignored += number,
                    _ => {}
                }
            }
        }
        count
    }
}

fn failed_tests(lines: &[String]) -> Vec<&str> {
    lines.iter().filter_map(|line| line.strip_prefix("test ")?.strip_suffix(" ... FAILED")).collect()
}

/// What libtest prints under `failures:`, not what passing tests said, and at most as much as a person reads.
pub fn failure_texts(lines: &[String]) -> String {
    let mut text = String::new();
    let mut inside = false;
    for line in lines {
        if line == "failures:" {
            inside = true;
        } else if line == "successes:" || line.starts_with("test result: ") {
            inside = false;
        }
        if inside && text.len() < 12_000 {
            text.push_str(&format!("    {line}\n"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_failures_are_told() {
        let lines =
            ["successes:", "---- a stdout ----", "fine", "failures:", "---- b stdout ----", "wrong", "test result: x"];
        let told = failure_texts(&lines.map(str::to_owned));
        assert!(told.contains("wrong") && !told.contains("fine"), "{told}");
    }

    #[test]
    fn result_lines_add_up() {
        let lines = [
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.01s".to_owned(),
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s"
                .to_owned(),
        ];
        let count = Count::of(&lines);
        assert_eq!((count.passed, count.failed, count.ignored), (15, 2, 1));
    }
}
