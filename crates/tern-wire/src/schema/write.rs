//! Compact XML out: no white space between elements, the migration namespace as default on the root.

use super::{Message, SchemaVersion};
use crate::xml::push_text_escaped;

/// The document of a message by the newest schema version, without XML declaration and without signature.
#[must_use]
pub fn write<T: Message>(message: &T) -> String {
    write_in(SchemaVersion::default(), message)
}

/// The document of a message by a schema version; what the version does not have must not be in the message.
#[must_use]
pub fn write_in<T: Message>(version: SchemaVersion, message: &T) -> String {
    let mut out = String::with_capacity(4096);
    message.write(T::MESSAGE.root, &mut out);
    let declaration = format!(" xmlns=\"{}\"", version.namespace().uri());
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
