//! Crates that must never be built in: each with the reason. `deny.toml` says the same to `cargo deny`, which also knows
//! advisories and licences; this check needs no tool and no network.

use std::process::Command;

use super::Violation;
use crate::{Failure, process};

/// What may not be built in, and why.
const BANNED: [(&str, &str); 9] = [
    ("openssl-sys", "one cryptographic library: aws-lc-rs"),
    ("native-tls", "one TLS library: rustls on aws-lc-rs"),
    ("ring", "one cryptographic library: aws-lc-rs"),
    ("libxml", "libxml2 stays out of the binary"),
    ("sqlx", "it cannot be linked beside rusqlite"),
    ("diesel", "no ORM"),
    ("sea-orm", "no ORM"),
    ("async-std", "no second asynchronous runtime"),
    ("tokio", "nothing in this slice is asynchronous; a later one may lift this with its reason"),
];

/// Judges what cargo resolves.
pub fn judge() -> Result<Vec<Violation>, Failure> {
    let words = ["tree", "--workspace", "--edges", "normal,build,dev", "--prefix", "none", "--format", "{p}"];
    let said = process::run("tree", Command::new("cargo").args(words))?;
    if !said.ok {
        return Err(Failure::new(format!("cargo tree failed:\n{}", said.tail(10))));
    }
    let mut violations = Vec::new();
    for (name, why) in BANNED {
        let built = said.lines.iter().any(|line| line.split(' ').next() == Some(name));
        if built {
            let advice = format!("`{name}` is built in ({why}); `cargo tree -i {name}` says through what");
            violations.push(Violation::new("Cargo.lock", 1, "dependencies", advice));
        }
    }
    Ok(violations)
}
