//! A SoftHSM of a test's own, and Python's `cryptography` as a judge.

use std::path::{Path, PathBuf};
use std::process::Command;

use tern_dco::custody::TokenSettings;
use tern_model::SecretBytes;

const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";
/// Set in the process in which a test's body runs.
const INSIDE: &str = "TERN_DCO_TEST_TOKEN";

/// True in the process that has a SoftHSM to itself: SoftHSM reads its configuration from the environment, once a process.
/// Else starts that process, and holds its end against the test's.
pub fn inside_softhsm(test: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    if !Path::new(MODULE).exists() {
        tern_outside::skip(test, "softhsm2");
        return false;
    }
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(dir.path().join("tokens")).expect("a folder");
    let configuration = dir.path().join("softhsm2.conf");
    let text = format!("directories.tokendir = {}/tokens\nobjectstore.backend = file\n", dir.path().display());
    std::fs::write(&configuration, text).expect("writes");
    let output = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", test, "--nocapture"])
        .env("SOFTHSM2_CONF", &configuration)
        .env(INSIDE, dir.path())
        .output()
        .expect("starts");
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
    false
}

/// The settings of a token in this process's SoftHSM.
pub fn settings(label: &str, pin: &str) -> TokenSettings {
    TokenSettings { module: PathBuf::from(MODULE), label: label.to_owned(), pin: secret(pin.as_bytes()) }
}

pub fn secret(bytes: &[u8]) -> SecretBytes {
    SecretBytes::new(bytes.to_vec())
}

/// Runs a Python program with `cryptography`; none where that is missing.
pub fn python(test: &str, program: &str, arguments: &[String]) -> Option<String> {
    let python = tern_outside::python_with("cryptography", test)?;
    let output = Command::new(&python).arg("-c").arg(program).args(arguments).output().expect("starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).expect("text").trim().to_owned())
}

/// Bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
