//! Compact XML out: no white space between elements, the migration namespace as default on the root.

use super::{Message, Namespace};
use crate::xml::push_text_escaped;

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
    push_text_escaped(out, text);
    close_tag(name, out);
}
