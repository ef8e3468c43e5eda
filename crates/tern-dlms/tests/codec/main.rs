//! The codec against bytes that are known, against itself, and against bytes that mean no good.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bad;
mod gurux;
mod round_trips;
mod shapes;
mod strategies;
mod vectors;
mod wrapper;

/// The bytes that a text of hexadecimal digits says; blanks count for nothing.
fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    assert!(digits.len().is_multiple_of(2), "{text}");
    digits.chunks(2).map(byte).collect()
}
