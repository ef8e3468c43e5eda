//! The DCC's own public packages for makers of DUIS software, brought by npm into a folder of their own. Nothing of them becomes
//! part of the project: tests run them as separate programs. No script of theirs runs while they are brought.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::{Failure, process};

/// Pinned, so that a verdict of today can be repeated.
const PACKAGES: &str = include_str!("../node-packages.txt");

/// The packages, on one line.
pub fn packages() -> String {
    PACKAGES.trim().replace('\n', " ")
}

/// Brings the packages where they are not there yet.
pub fn ensure() -> Result<(), Failure> {
    if are_ready() {
        return Ok(());
    }
    if std::env::var_os("TERN_NODE_MODULES").is_some() {
        return Err(Failure::new("TERN_NODE_MODULES names a folder that lacks them"));
    }
    if !process::exists("npm") {
        return Err(Failure::new("npm is needed to bring them"));
    }
    fs::create_dir_all(folder()).map_err(|e| Failure::new(format!("cannot make {}: {e}", folder().display())))?;
    let mut npm = Command::new("npm");
    npm.args(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"]).arg(folder());
    npm.args(PACKAGES.split_whitespace());
    let brought = process::run("npm", &mut npm)?;
    if !brought.ok {
        return Err(Failure::new(format!("npm install failed:\n{}", brought.tail(5))));
    }
    fs::write(stamp(), PACKAGES).map_err(|e| Failure::new(format!("cannot write {}: {e}", stamp().display())))
}

fn folder() -> PathBuf {
    crate::root().join("target/node")
}

fn stamp() -> PathBuf {
    folder().join("packages.txt")
}

fn are_ready() -> bool {
    if let Some(modules) = std::env::var_os("TERN_NODE_MODULES").map(PathBuf::from) {
        let names = PACKAGES.split_whitespace().filter_map(|package| package.rsplit_once('@'));
        return names.map(|(name, _)| modules.join(name)).all(|package| package.is_dir());
    }
    fs::read_to_string(stamp()).is_ok_and(|text| text == PACKAGES)
}
