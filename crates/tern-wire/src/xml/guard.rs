//! Refuses, before a parser runs, what no honest file holds: in one pass, in time and memory that grow with the file alone.

use std::borrow::Cow;
use std::str::Utf8Error;

use tern_model::Place;

use super::scan::Scan;
use super::view::View;
use super::{Limits, LineColumn};
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
    let name = document_name;
    size(name, bytes.len(), limits).or_else(|| encoding(name, bytes)).map_or(Ok(()), Err)?;
    let text = std::str::from_utf8(bytes).map_err(|error| not_utf8(name, bytes, &error, 0))?;
    let view = View { document_name, text, base: 0, start: LineColumn::START, is_last: true };
    control(&view, 0).or_else(|| non_character(&view, 0)).map_or(Ok(()), Err)?;
    reserves(name, reserved(text), limits).map_or(Ok(()), Err)?;
    Scan::new(limits).run(&view).map_err(|fault| *fault)?;
    Ok(normalise_line_ends(text))
}

/// A fault of the document as a whole.
fn whole(document_name: &str, kind: FaultKind, message: &str, found: String, expected: String) -> WireFault {
    WireFault {
        kind,
        place: Place::document(document_name),
        message: message.into(),
        found,
        expected,
        suggestion: "split the installations over several file sets".into(),
    }
}

/// A document of no bytes, or of too many.
pub(crate) fn size(document_name: &str, bytes: usize, limits: &Limits) -> Option<WireFault> {
    if bytes == 0 {
        let (found, expected) = ("0 bytes".into(), "an XML document".into());
        let fault = whole(document_name, FaultKind::Form, "the file is empty", found, expected);
        return Some(WireFault { suggestion: "send the file again".into(), ..fault });
    }
    let fault = || {
        let (found, most) = (format!("{bytes} bytes"), format!("at most {} bytes", limits.max_bytes));
        whole(document_name, FaultKind::Limits, "the file is too large", found, most)
    };
    (bytes > limits.max_bytes).then(fault)
}

const UTF_8: &str = "UTF-8 without a byte order mark";
const SAVE_AS_UTF_8: &str = "save the file as UTF-8 without a byte order mark before it is signed";

/// Another encoding, by a document's first four bytes.
pub(crate) fn encoding(document_name: &str, bytes: &[u8]) -> Option<WireFault> {
    let encoding = match bytes {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [0, ..] | [_, 0, ..] => "UTF-16 or UTF-32",
        [0xEF, 0xBB, 0xBF, ..] => "UTF-8 with a byte order mark",
        [0x1F, 0x8B, ..] => "a gzip archive",
        [b'P', b'K', 3, 4, ..] => "a zip archive",
        _ => return None,
    };
    let message = "the file is not plain UTF-8";
    let fault = whole(document_name, FaultKind::Form, message, encoding.into(), UTF_8.into());
    Some(WireFault { suggestion: SAVE_AS_UTF_8.into(), ..fault })
}

/// Bytes, the first of which stands at `base` in the document, that are no characters.
pub(crate) fn not_utf8(document_name: &str, bytes: &[u8], error: &Utf8Error, base: usize) -> WireFault {
    let at = error.valid_up_to();
    let cut = error.error_len().is_none();
    let message = if cut { "the file ends inside a character" } else { "the file is not UTF-8" };
    let found = format!("byte 0x{:02X} at offset {}", bytes.get(at).copied().unwrap_or_default(), base + at);
    let next = if cut { "send the whole file again" } else { SAVE_AS_UTF_8 };
    let fault = whole(document_name, FaultKind::Form, message, found, UTF_8.into());
    WireFault { suggestion: next.into(), ..fault }
}

/// A control character in view, from an offset in view on.
pub(crate) fn control(view: &View, from: usize) -> Option<WireFault> {
    let control = |b: u8| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r');
    let bytes = &view.text.as_bytes()[from..];
    // A sum instead of a search: it compiles to vector instructions, and the search is only for those refused.
    let controls: u32 = bytes.chunks(1 << 20).map(|c| c.iter().map(|&b| u32::from(control(b))).sum::<u32>()).sum();
    let at = if controls > 0 { bytes.iter().position(|&b| control(b)) } else { None };
    at.map(|at| no_xml_character(view, from + at))
}

/// U+FFFE and U+FFFF, which are the bytes EF BF BE and EF BF BF.
pub(crate) fn non_character(view: &View, from: usize) -> Option<WireFault> {
    let bytes = &view.text.as_bytes()[from..];
    let at =
        memchr::memchr_iter(0xEF, bytes).find(|&at| matches!(bytes.get(at + 1..at + 3), Some([0xBF, 0xBE | 0xBF])));
    at.map(|at| no_xml_character(view, from + at))
}

fn no_xml_character(view: &View, at: usize) -> WireFault {
    let code = view.text[at..].chars().next().map_or(0, u32::from);
    WireFault {
        kind: FaultKind::Form,
        place: view.place(at),
        message: "a character that XML 1.0 does not have".into(),
        found: format!("U+{code:04X}"),
        expected: "characters of XML 1.0".into(),
        suggestion: "remove the character at its source and sign the file again".into(),
    }
}

/// The parser reserves memory for a node at every `<` and for an attribute at every `=`, also where they are mere text.
pub(crate) fn reserved(text: &str) -> [usize; 2] {
    [b'<', b'='].map(|byte| memchr::memchr_iter(byte, text.as_bytes()).count())
}

/// Too much that the parser would reserve for.
pub(crate) fn reserves(document_name: &str, [tags, equals]: [usize; 2], limits: &Limits) -> Option<WireFault> {
    let found = tags.max(equals);
    let fault = || {
        let most = format!("at most {}", limits.max_nodes);
        let message = "the file has too many tags or equals signs";
        whole(document_name, FaultKind::Limits, message, found.to_string(), most)
    };
    (found > limits.max_nodes).then(fault)
}

/// Line ends as XML 1.0, 2.11 has them.
pub(crate) fn normalise_line_ends(text: &str) -> Cow<'_, str> {
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
