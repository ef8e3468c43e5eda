//! The programs that tests check Tern against, and that Tern's authors did not write: xmlsec1, xmllint, openssl, SoftHSM;
//! packages of Python's in an environment of their own: xmlschema, signxml, gurux-dlms, cryptography and its vectors,
//! prometheus-client; and, with Node.js and a Java runtime, the DCC's own public packages.
//!
//! Installs what is missing where it may (as root, on Debian); otherwise names it and the command that brings it. With
//! `CI=true` a missing tool is a failure, because the tests that need it would be skipped.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::{Failure, node, process};

/// A program and the Debian package that brings it.
const PROGRAMS: [(&str, &str); 7] = [
    ("xmlsec1", "xmlsec1"),
    ("xmllint", "libxml2-utils"),
    ("openssl", "openssl"),
    ("softhsm2-util", "softhsm2"),
    ("node", "nodejs"),
    ("npm", "npm"),
    ("java", "default-jre-headless"),
];

/// Pinned, so that a verdict of today can be repeated.
const REQUIREMENTS: &str = include_str!("../python-requirements.txt");

/// Whether skipped tests count as failures.
pub fn ci() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true")
}

/// The interpreter that tests call.
pub fn python() -> PathBuf {
    let own = crate::root().join("target/python/bin/python");
    std::env::var_os("TERN_PYTHON").map_or(own, PathBuf::from)
}

/// Brings what is missing; answers one line of what is there.
pub fn ensure() -> Result<String, Failure> {
    let mut packages = missing_packages();
    if !packages.is_empty() && is_root() && process::exists("apt-get") {
        install(&packages)?;
        packages = missing_packages();
    }
    let mut missing: Vec<String> = Vec::new();
    if !packages.is_empty() {
        missing.push(format!("Debian packages: apt-get install {}", packages.join(" ")));
    }
    if let Err(Failure(reason)) = ensure_python() {
        missing.push(format!("Python packages ({}): {reason}", REQUIREMENTS.trim().replace('\n', " ")));
    }
    if let Err(Failure(reason)) = node::ensure() {
        missing.push(format!("npm packages ({}): {reason}", node::packages()));
    }
    if missing.is_empty() {
        let packages = REQUIREMENTS.trim().replace('\n', " ");
        let npm = node::packages();
        return Ok(format!("xmlsec1, xmllint, openssl, SoftHSM, Python with {packages}, Node.js and Java with {npm}"));
    }
    let list = missing.iter().map(|m| format!("    missing: {m}")).collect::<Vec<_>>().join("\n");
    if ci() {
        return Err(Failure::new(format!("{list}\n    CI=true: a missing tool is a failure")));
    }
    Ok(format!("some tests will be skipped by name\n{list}"))
}

fn missing_packages() -> Vec<&'static str> {
    let mut packages: Vec<&str> =
        PROGRAMS.iter().filter(|(program, _)| !process::exists(program)).map(|(_, package)| *package).collect();
    if !python_is_ready() && !can_make_environments() {
        packages.push("python3-venv");
    }
    packages
}

fn can_make_environments() -> bool {
    process::exists("python3")
        && Command::new("python3").args(["-c", "import venv, ensurepip"]).output().is_ok_and(|o| o.status.success())
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|o| o.stdout.trim_ascii() == b"0")
}

fn install(packages: &[&str]) -> Result<(), Failure> {
    let apt = |words: &[&str]| {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").args(words);
        process::run("apt-get", &mut command)
    };
    let mut wanted = vec!["install", "-y", "--no-install-recommends"];
    wanted.extend(packages);
    if apt(&wanted)?.ok {
        return Ok(());
    }
    // The package lists may be older than the packages on the servers, or not there at all.
    apt(&["update"])?;
    let second = apt(&wanted)?;
    if second.ok {
        return Ok(());
    }
    if ci() {
        return Err(Failure::new(format!("apt-get failed:\n{}", second.tail(10))));
    }
    Ok(())
}

fn stamp() -> PathBuf {
    crate::root().join("target/python/requirements.txt")
}

fn python_is_ready() -> bool {
    if std::env::var_os("TERN_PYTHON").is_some() {
        let imports =
            "import xmlschema, signxml, gurux_dlms, cryptography_vectors, prometheus_client, holidays, aiosmtpd";
        let imports = Command::new(python()).args(["-c", imports]).output();
        return imports.is_ok_and(|o| o.status.success());
    }
    python().is_file() && fs::read_to_string(stamp()).is_ok_and(|text| text == REQUIREMENTS)
}

fn ensure_python() -> Result<(), Failure> {
    if python_is_ready() {
        return Ok(());
    }
    if std::env::var_os("TERN_PYTHON").is_some() {
        return Err(Failure::new("TERN_PYTHON names an interpreter that lacks them"));
    }
    if !can_make_environments() {
        return Err(Failure::new("python3 with venv is needed to bring them"));
    }
    let folder = crate::root().join("target/python");
    let made = process::run("python-venv", Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    if !made.ok {
        return Err(Failure::new(format!("python3 -m venv failed:\n{}", made.tail(5))));
    }
    let mut pip = Command::new(python());
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    pip.args(REQUIREMENTS.split_whitespace());
    let brought = process::run("python-pip", &mut pip)?;
    if !brought.ok {
        return Err(Failure::new(format!("pip install failed:\n{}", brought.tail(5))));
    }
    fs::write(stamp(), REQUIREMENTS).map_err(|e| Failure::new(format!("cannot write {}: {e}", stamp().display())))
}
