//! Refuses, before a parser runs, what no honest file holds: in one pass, in time and memory that grow with the file alone.

use std::borrow::Cow;

use super::scan::Scan;
use super::{Limits, place_at};
use crate::{FaultKind, WireFault};

/// Lets bytes pass that are UTF-8 XML without document type, entities of its own, comments and processing instructions,
/// within `limits`. An XML declaration is fine.
///
/// The text comes back with line ends normalised as XML 1.0, 2.11 asks of whoever reads a file (nothing is copied where
/// there is no carriage return, as in every file of ours).
///
/// # Errors
/// [`FaultKind::Limits`] and [`FaultKind::Form`], with line and column.
pub fn guard<'a>(document_name: &str, bytes: &'a [u8], limits: &Limits) -> Result<Cow<'a, str>, WireFault> {
    let text = decode(document_name, bytes, limits)?;
    characters(document_name, text)?;
    reserves(document_name, text, limits)?;
    Scan::new(document_name, text, limits).run()?;
    Ok(normalise_line_ends(text))
}

fn decode<'a>(document_name: &str, bytes: &'a [u8], limits: &Limits) -> Result<&'a str, WireFault> {
    let fault = |kind, message: &str, found: String, expected: String, suggestion: &str| WireFault {
        kind,
        place: tern_model::Place::document(document_name),
        message: message.into(),
        found,
        expected,
        suggestion: suggestion.into(),
    };
    if bytes.is_empty() {
        let expected = "an XML document".into();
        return Err(fault(FaultKind::Form, "the file is empty", "0 bytes".into(), expected, "send the file again"));
    }
    if bytes.len() > limits.max_bytes {
        let (found, most) = (format!("{} bytes", bytes.len()), format!("at most {} bytes", limits.max_bytes));
        let next = "split the installations over several file sets";
        return Err(fault(FaultKind::Limits, "the file is too large", found, most, next));
    }
    let encoding = match bytes {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [0, ..] | [_, 0, ..] => Some("UTF-16 or UTF-32"),
        [0xEF, 0xBB, 0xBF, ..] => Some("UTF-8 with a byte order mark"),
        [0x1F, 0x8B, ..] => Some("a gzip archive"),
        [b'P', b'K', 3, 4, ..] => Some("a zip archive"),
        _ => None,
    };
    let expected = "UTF-8 without a byte order mark";
    let next = "save the file as UTF-8 without a byte order mark before it is signed";
    if let Some(encoding) = encoding {
        return Err(fault(FaultKind::Form, "the file is not plain UTF-8", encoding.into(), expected.into(), next));
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let cut = error.error_len().is_none();
        let message = if cut { "the file ends inside a character" } else { "the file is not UTF-8" };
        let found = format!("byte 0x{:02X} at offset {at}", bytes.get(at).copied().unwrap_or_default());
        let next = if cut { "send the whole file again" } else { next };
        fault(FaultKind::Form, message, found, expected.into(), next)
    })
}

/// Control characters and the two non-characters that XML 1.0 excludes.
fn characters(document_name: &str, text: &str) -> Result<(), WireFault> {
    let control = |b: u8| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r');
    // A sum instead of a search: it compiles to vector instructions, and the search is only for those refused.
    let controls: u32 =
        text.as_bytes().chunks(1 << 20).map(|c| c.iter().map(|&b| u32::from(control(b))).sum::<u32>()).sum();
    let at = if controls > 0 { text.bytes().position(control) } else { non_character(text) };
    let Some(at) = at else { return Ok(()) };
    let code = text[at..].chars().next().map_or(0, u32::from);
    Err(WireFault {
        kind: FaultKind::Form,
        place: place_at(document_name, text, at),
        message: "a character that XML 1.0 does not have".into(),
        found: format!("U+{code:04X}"),
        expected: "characters of XML 1.0".into(),
        suggestion: "remove the character at its source and sign the file again".into(),
    })
}

/// The parser reserves memory for a node at every `<` and for an attribute at every `=`, also where they are mere text.
fn reserves(document_name: &str, text: &str, limits: &Limits) -> Result<(), WireFault> {
    let count = |byte| memchr::memchr_iter(byte, text.as_bytes()).count();
    let found = count(b'<').max(count(b'='));
    if found <= limits.max_nodes {
        return Ok(());
    }
    Err(WireFault {
        kind: FaultKind::Limits,
        place: tern_model::Place::document(document_name),
        message: "the file has too many tags or equals signs".into(),
        found: found.to_string(),
        expected: format!("at most {}", limits.max_nodes),
        suggestion: "split the installations over several file sets".into(),
    })
}

/// U+FFFE and U+FFFF, which are the bytes EF BF BE and EF BF BF.
fn non_character(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    memchr::memchr_iter(0xEF, bytes).find(|&at| matches!(bytes.get(at + 1..at + 3), Some([0xBF, 0xBE | 0xBF])))
}

fn normalise_line_ends(text: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\r', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((line, after)) = rest.split_once('\r') {
        out.push_str(line);
        out.push('\n');
        rest = after.strip_prefix('\n').unwrap_or(after);
    }
    out.push_str(rest);
    Cow::Owned(out)
}
