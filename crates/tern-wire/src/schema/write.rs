//! Compact XML out: no white space between elements, the migration namespace as default on the root.

use super::{Message, Namespace};

/// The document of a message, without XML declaration and without signature.
#[must_use]
pub fn write<T: Message>(message: &T) -> String {
    let mut out = String::with_capacity(4096);
    message.write(T::MESSAGE.root, &mut out);
    let declaration = format!(" xmlns=\"{}\"", Namespace::Migration.uri());
    out.insert_str(1 + T::MESSAGE.root.len(), &declaration);
    out
}

/// Appends `<name>`.
pub fn open_tag(name: &str, out: &mut String) {
    out.push('<');
    out.push_str(name);
    out.push('>');
}

/// Appends `</name>`.
pub fn close_tag(name: &str, out: &mut String) {
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

/// Appends an element that holds text.
pub(super) fn leaf(name: &str, text: &str, out: &mut String) {
    open_tag(name, out);
    escape_text(text, out);
    close_tag(name, out);
}

/// Appends text, escaped as canonical XML escapes it.
pub fn escape_text(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '\r']) {
        out.push_str(&rest[..at]);
        out.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            _ => "&#xD;",
        });
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
}
