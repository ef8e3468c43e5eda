//! The character references that Canonical XML writes; our own documents use the same.

/// Hands `text`, escaped as character data, to `put` piece by piece.
pub(super) fn text(text: &str, put: impl FnMut(&str)) {
    pieces(text, put, |b| match b {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'\r' => Some("&#xD;"),
        _ => None,
    });
}

/// Hands `value`, escaped as an attribute in double quotes, to `put` piece by piece.
pub(super) fn attribute(value: &str, put: impl FnMut(&str)) {
    pieces(value, put, |b| match b {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'"' => Some("&quot;"),
        b'\t' => Some("&#x9;"),
        b'\n' => Some("&#xA;"),
        b'\r' => Some("&#xD;"),
        _ => None,
    });
}

/// Only ASCII bytes are ever replaced, so every cut is between characters.
#[inline]
fn pieces(text: &str, mut put: impl FnMut(&str), replacement: impl Fn(u8) -> Option<&'static str>) {
    let mut copied = 0;
    for (at, byte) in text.bytes().enumerate() {
        if let Some(reference) = replacement(byte) {
            put(&text[copied..at]);
            put(reference);
            copied = at + 1;
        }
    }
    put(&text[copied..]);
}
