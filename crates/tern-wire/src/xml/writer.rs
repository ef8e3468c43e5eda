//! Writes compact XML: no white space between elements, because a reader that drops it would see another document than
//! the one that was signed.

use super::escape;

/// A document being written. Names are ours, so they are `&'static str`; values are escaped.
///
/// A value with a character that XML has no way to write (most control characters) makes a document that no parser
/// accepts; [`crate::dsig::sign`] refuses it.
#[derive(Debug, Default)]
pub struct Writer {
    out: String,
    open: Vec<&'static str>,
}

impl Writer {
    /// Nothing yet, no XML declaration.
    #[must_use]
    pub fn new() -> Writer {
        Writer::default()
    }

    /// `<name attribute="value" …>`; namespace declarations are written as attributes.
    pub fn open_with(&mut self, name: &'static str, attributes: &[(&str, &str)]) {
        self.out.push('<');
        self.out.push_str(name);
        for (attribute, value) in attributes {
            self.out.push(' ');
            self.out.push_str(attribute);
            self.out.push_str("=\"");
            push_attribute_escaped(&mut self.out, value);
            self.out.push('"');
        }
        self.out.push('>');
        self.open.push(name);
    }

    /// `<name>`.
    pub fn open(&mut self, name: &'static str) {
        self.open_with(name, &[]);
    }

    /// `</name>` of the innermost open element; nothing where none is open.
    pub fn close(&mut self) {
        if let Some(name) = self.open.pop() {
            self.out.push_str("</");
            self.out.push_str(name);
            self.out.push('>');
        }
    }

    /// `<name>text</name>`.
    pub fn leaf(&mut self, name: &'static str, text: &str) {
        self.open(name);
        push_text_escaped(&mut self.out, text);
        self.close();
    }

    /// An element that is already XML, such as an encrypted one, byte for byte.
    pub fn raw(&mut self, xml: &str) {
        self.out.push_str(xml);
    }

    /// The document; closes what is still open.
    #[must_use]
    pub fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        self.out
    }
}

/// Appends `text` as character data.
pub fn push_text_escaped(out: &mut String, text: &str) {
    escape::text(text, |piece| out.push_str(piece));
}

/// Appends `value` as the value of an attribute in double quotes.
pub fn push_attribute_escaped(out: &mut String, value: &str) {
    escape::attribute(value, |piece| out.push_str(piece));
}
