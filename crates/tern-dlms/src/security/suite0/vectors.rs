//! NIST's vectors for GCM with tags of 12 bytes and for key wrap.
use tern_outside::python_with;

use super::*;
use crate::security::{KEY_BYTES, unwrap_key, wrap_key};

fn bytes(hex: &str) -> Vec<u8> {
    let digits = if hex == "-" { "" } else { hex };
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal")).collect()
}

fn key(hex: &str) -> Key {
    Key::of(&bytes(hex)).unwrap_or_else(|| panic!("{} digits and not {}", hex.len(), 2 * KEY_BYTES))
}

fn judge(line: &str) {
    let vector = |hex: &str| -> [u8; 12] { bytes(hex).try_into().expect("12 bytes") };
    match line.split(' ').collect::<Vec<_>>().as_slice() {
        ["gcm", k, iv, beside, plain, ciphered, tag] => {
            let mut content = bytes(plain);
            let sealed = seal(&key(k), &vector(iv), &bytes(beside), &mut content).expect("seals");
            assert_eq!((content.as_slice(), sealed.as_slice()), (&*bytes(ciphered), &*bytes(tag)), "{line}");
            open(&key(k), &vector(iv), &bytes(beside), &mut content, &bytes(tag)).expect("opens");
            assert_eq!(content, bytes(plain), "{line}");
        }
        ["gcm-wrong", k, iv, beside, ciphered, tag] => {
            let opened = open(&key(k), &vector(iv), &bytes(beside), &mut bytes(ciphered), &bytes(tag));
            assert_eq!(opened, Err(SecurityError::Tag), "{line}");
        }
        ["wrap", kek, plain, wrapped] => {
            assert_eq!(wrap_key(&key(kek), &key(plain)).expect("wraps").as_slice(), bytes(wrapped), "{line}");
            assert!(unwrap_key(&key(kek), &bytes(wrapped)).expect("opens") == key(plain), "{line}");
        }
        ["wrap-wrong", kek, wrapped] => {
            assert_eq!(unwrap_key(&key(kek), &bytes(wrapped)).err(), Some(SecurityError::Wrap), "{line}");
        }
        _ => panic!("{line}"),
    }
}

#[test]
fn nist_vectors() {
    let Some(python) = python_with("cryptography_vectors", "nist_vectors") else { return };
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conversations/vectors.py");
    let out = std::process::Command::new(python).arg(script).output().expect("runs");
    let said = String::from_utf8(out.stdout).expect("text");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    said.lines().for_each(judge);
    let count = |kind: &str| said.lines().filter(|line| line.split(' ').next() == Some(kind)).count();
    let counts = ["gcm", "gcm-wrong", "wrap", "wrap-wrong"].map(count);
    assert_eq!(counts, [564, 186, 180, 20], "how many of the pinned package fit");
}
