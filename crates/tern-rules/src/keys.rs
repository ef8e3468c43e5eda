//! Whether a secret text is a key, for 15.7 and 15.8. This module must never quote a key, nor any part of one.

use tern_wire::schema::SecretText;

/// What a key is written as (P).
pub(crate) const KEY_FORM: &str = "16 bytes as 32 hexadecimal digits, not all zero";

/// What is wrong with a key, in words that do not tell it; none where it may be one.
pub(crate) fn fault(key: &SecretText) -> Option<String> {
    let text = key.expose();
    if text.is_empty() {
        Some("nothing".to_owned())
    } else if !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        Some(format!("{} characters, not all hexadecimal digits", text.chars().count()))
    } else if text.len() != 32 {
        Some(format!("{} hexadecimal digits", text.len()))
    } else if text.bytes().all(|b| b == b'0') {
        Some("zeros alone".to_owned())
    } else {
        None
    }
}
