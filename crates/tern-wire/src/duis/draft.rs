//! Elements to be written.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::Element;
use crate::xml::{push_attribute_escaped, push_text_escaped};

/// An element to be written, with what stands in it. Whether it may stand there is for the schema to say, which judges every message
/// before it is signed. Its Debug shows names alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Draft {
    name: Cow<'static, str>,
    attributes: Vec<(Cow<'static, str>, String)>,
    text: String,
    children: Vec<Draft>,
}

impl std::fmt::Debug for Draft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{:?}", self.name, self.children)
    }
}

impl Draft {
    /// An element without content.
    #[must_use]
    pub fn new(name: impl Into<Cow<'static, str>>) -> Draft {
        Draft { name: name.into(), attributes: Vec::new(), text: String::new(), children: Vec::new() }
    }

    /// An element that holds text.
    #[must_use]
    pub fn leaf(name: impl Into<Cow<'static, str>>, value: impl ToString) -> Draft {
        Draft { text: value.to_string(), ..Draft::new(name) }
    }

    /// The same with a child more.
    #[must_use]
    pub fn with(mut self, child: Draft) -> Draft {
        self.children.push(child);
        self
    }

    /// The same with a child more, where there is one.
    #[must_use]
    pub fn with_some(mut self, child: Option<Draft>) -> Draft {
        self.children.extend(child);
        self
    }

    /// The same with these children more.
    #[must_use]
    pub fn with_all(mut self, children: impl IntoIterator<Item = Draft>) -> Draft {
        self.children.extend(children);
        self
    }

    /// The same with an attribute.
    #[must_use]
    pub fn attribute(mut self, name: impl Into<Cow<'static, str>>, value: impl ToString) -> Draft {
        self.attributes.push((name.into(), value.to_string()));
        self
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Appends it as the body of a SMETS1 Response: an element of DUIS that holds elements of MMC.
    pub(super) fn write_body(&self, out: &mut String) {
        let name = &self.name;
        let _ = write!(out, "<sr:{name}>");
        self.children.iter().for_each(|child| child.write("ra", out));
        let _ = write!(out, "</sr:{name}>");
    }

    /// Appends it under a prefix, which is bound around it.
    pub(super) fn write(&self, prefix: &str, out: &mut String) {
        out.push('<');
        let tag = out.len();
        out.push_str(prefix);
        out.push(':');
        out.push_str(&self.name);
        let tag = tag..out.len();
        for (name, value) in &self.attributes {
            out.push(' ');
            out.push_str(name);
            out.push_str("=\"");
            push_attribute_escaped(out, value);
            out.push('"');
        }
        if self.text.is_empty() && self.children.is_empty() {
            out.push_str("/>");
            return;
        }
        out.push('>');
        push_text_escaped(out, &self.text);
        self.children.iter().for_each(|child| child.write(prefix, out));
        out.push_str("</");
        out.extend_from_within(tag);
        out.push('>');
    }
}

/// A copy of an element that was read.
impl From<Element<'_>> for Draft {
    fn from(element: Element<'_>) -> Draft {
        Draft {
            name: Cow::Borrowed(element.name()),
            attributes: element.attributes().map(|(name, value)| (Cow::Borrowed(name), value.to_owned())).collect(),
            text: element.text().to_owned(),
            children: element.children().map(Draft::from).collect(),
        }
    }
}
