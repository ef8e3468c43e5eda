//! `cargo xtask ratchet`: plants every defect that `tern_world` knows, and holds what is found against it and against the
//! findings that are expected by clause.
//!
//! The expected findings are a file that only `--accept` writes: who changes a rule so that it finds more or less says so.

use std::process::Command;

use crate::{Failure, process};

const EXPECTED: &str = "crates/tern-testkit/tests/ratchet/expected.csv";

/// Runs the ratchet; `accept` keeps the findings by clause as they are now.
pub fn run(accept: bool) -> Result<String, Failure> {
    let before = read();
    let mut command = Command::new("cargo");
    command.args(["test", "--package", "tern-testkit", "--test", "ratchet", "--", "--show-output"]);
    if accept {
        command.env("TERN_RATCHET_ACCEPT", "1");
    }
    let said = process::run("ratchet", &mut command)?;
    if !said.ok {
        return Err(Failure::new(format!("{}    whole output: {}", said.tail(60), said.log.display())));
    }
    let told: Vec<&str> = said.lines.iter().map(String::as_str).filter(|line| line.starts_with("ratchet: ")).collect();
    let after = read();
    let end = match (accept, before == after) {
        (true, false) => format!("{EXPECTED} is written anew; its changes belong to the commit that caused them"),
        _ => format!("{EXPECTED} holds: {} clauses, found as planted", after.lines().count().saturating_sub(1)),
    };
    Ok(told.into_iter().chain([end.as_str()]).collect::<Vec<_>>().join("\n"))
}

fn read() -> String {
    std::fs::read_to_string(crate::root().join(EXPECTED)).unwrap_or_default()
}
