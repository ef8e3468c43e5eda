//! Canonical XML 1.0 without comments, inclusive and exclusive, from a series of events.
//!
//! The events come from a tree today ([`super::walk`]) and can come from a tokenizer, so a name or value need live no longer
//! than its event. Must never see comments or processing instructions: [`super::guard`] refuses documents that hold one.

use aws_lc_rs::digest;
use zeroize::Zeroizing;

use super::escape;

/// A namespace declaration; the empty prefix is the default one, the empty URI undeclares it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Declaration<'a> {
    /// For example `ds`.
    pub prefix: &'a str,
    /// The namespace.
    pub uri: &'a str,
}

/// An attribute that declares no namespace, its value normalised and with references resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attribute<'a> {
    /// The namespace that the prefix stands for; empty without a prefix.
    pub namespace: &'a str,
    /// As written; empty where there is none.
    pub prefix: &'a str,
    /// Prefix and local name as written.
    pub qualified_name: &'a str,
    /// The value.
    pub value: &'a str,
}

impl<'a> Attribute<'a> {
    fn local_name(&self) -> &'a str {
        match self.prefix.len() {
            0 => self.qualified_name,
            prefix => &self.qualified_name[prefix + 1..],
        }
    }
}

/// What a start tag says.
#[derive(Debug, Clone, Copy)]
pub struct Element<'a> {
    /// Empty where there is none.
    pub prefix: &'a str,
    /// Prefix and local name as written.
    pub qualified_name: &'a str,
    /// Declared here; for the first element everything in scope. May repeat what an ancestor declared.
    pub declarations: &'a [Declaration<'a>],
    /// In the document's order.
    pub attributes: &'a [Attribute<'a>],
}

/// A well-formed series of start tags, texts and end tags.
pub trait Events {
    /// A start tag, or the first half of an empty element.
    fn start_element(&mut self, element: &Element);
    /// Character data with references resolved; one text may come in several pieces.
    fn text(&mut self, text: &str);
    /// The end tag of the innermost open element, with the same name.
    fn end_element(&mut self, qualified_name: &str);
}

/// Which of the two canonical forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `http://www.w3.org/TR/2001/REC-xml-c14n-20010315`, for whole documents: attributes that a part would inherit from
    /// outside it (`xml:lang`) are not looked for.
    Inclusive,
    /// `http://www.w3.org/2001/10/xml-exc-c14n#` without a list of inclusive prefixes.
    Exclusive,
}

/// Where the canonical text goes.
pub trait Sink {
    /// Appends.
    fn put(&mut self, text: &str);
}

impl Sink for String {
    fn put(&mut self, text: &str) {
        self.push_str(text);
    }
}

/// Digests the canonical text. Pieces are gathered first, because they are a few bytes each; keys may be among them.
pub struct Sha256Sink {
    gathered: Zeroizing<Vec<u8>>,
    context: digest::Context,
}

impl Sha256Sink {
    const GATHER_BYTES: usize = 5 << 10;

    /// Nothing digested yet.
    #[must_use]
    pub fn new() -> Sha256Sink {
        Sha256Sink {
            gathered: Zeroizing::new(Vec::with_capacity(Self::GATHER_BYTES)),
            context: digest::Context::new(&digest::SHA256),
        }
    }

    /// The digest of everything put.
    #[must_use]
    pub fn finish(mut self) -> [u8; 32] {
        self.context.update(&self.gathered);
        let mut out = [0; 32];
        out.copy_from_slice(self.context.finish().as_ref());
        out
    }
}

impl Default for Sha256Sink {
    fn default() -> Self {
        Sha256Sink::new()
    }
}

impl Sink for Sha256Sink {
    #[inline]
    fn put(&mut self, text: &str) {
        if self.gathered.len() + text.len() > Self::GATHER_BYTES {
            self.context.update(&self.gathered);
            self.gathered.clear();
        }
        // Never more than there is room for: what grows leaves a copy behind.
        if text.len() > Self::GATHER_BYTES {
            self.context.update(text.as_bytes());
        } else {
            self.gathered.extend_from_slice(text.as_bytes());
        }
    }
}

/// A prefix and what it is bound to, kept beyond its event.
struct Binding {
    prefix: String,
    uri: String,
}

/// Bindings of the open elements, innermost last.
#[derive(Default)]
struct Scope {
    bindings: Vec<Binding>,
}

impl Scope {
    /// What the prefix is bound to; unbound and undeclared are both empty.
    fn uri(&self, prefix: &str) -> &str {
        self.bindings.iter().rev().find(|b| b.prefix == prefix).map_or("", |b| &b.uri)
    }

    fn push(&mut self, prefix: &str, uri: &str) {
        self.bindings.push(Binding { prefix: prefix.to_owned(), uri: uri.to_owned() });
    }
}

/// How many bindings each scope held before an element.
struct Mark {
    declared: usize,
    rendered: usize,
}

/// Turns events into canonical text.
pub struct Canonicaliser<S> {
    sink: S,
    form: Form,
    /// In scope in the document; kept for the exclusive form alone.
    declared: Scope,
    /// Written into the canonical text.
    rendered: Scope,
    marks: Vec<Mark>,
}

impl<S: Sink> Canonicaliser<S> {
    /// At the start of a document or part.
    pub fn new(form: Form, sink: S) -> Self {
        Canonicaliser {
            sink,
            form,
            declared: Scope::default(),
            rendered: Scope::default(),
            marks: Vec::with_capacity(16),
        }
    }

    /// The sink with everything in it.
    pub fn finish(self) -> S {
        self.sink
    }

    /// Renders the namespaces of one element that its canonical ancestors have not rendered.
    fn namespaces(&mut self, element: &Element) {
        let from = self.rendered.bindings.len();
        match self.form {
            Form::Inclusive => {
                for declaration in element.declarations {
                    self.render(declaration.prefix, declaration.uri);
                }
            }
            Form::Exclusive => {
                for declaration in element.declarations {
                    self.declared.push(declaration.prefix, declaration.uri);
                }
                let of_attributes = element.attributes.iter().map(|a| a.prefix).filter(|p| !p.is_empty());
                for prefix in std::iter::once(element.prefix).chain(of_attributes) {
                    let uri = self.declared.uri(prefix).to_owned();
                    self.render(prefix, &uri);
                }
            }
        }
        let rendered = &mut self.rendered.bindings[from..];
        rendered.sort_unstable_by(|a, b| a.prefix.cmp(&b.prefix));
        for binding in rendered.iter() {
            self.sink.put(if binding.prefix.is_empty() { " xmlns" } else { " xmlns:" });
            self.sink.put(&binding.prefix);
            self.sink.put("=\"");
            escape::attribute(&binding.uri, |piece| self.sink.put(piece));
            self.sink.put("\"");
        }
    }

    /// Notes a binding as rendered, where it is not in force already. `xml` is bound by itself and never rendered.
    fn render(&mut self, prefix: &str, uri: &str) {
        if prefix != "xml" && self.rendered.uri(prefix) != uri {
            self.rendered.push(prefix, uri);
        }
    }

    fn attribute(&mut self, attribute: &Attribute) {
        self.sink.put(" ");
        self.sink.put(attribute.qualified_name);
        self.sink.put("=\"");
        escape::attribute(attribute.value, |piece| self.sink.put(piece));
        self.sink.put("\"");
    }

    /// By namespace, then by local name; those without a namespace come first.
    fn attributes(&mut self, attributes: &[Attribute]) {
        if let [] | [_] = attributes {
            attributes.iter().for_each(|a| self.attribute(a));
            return;
        }
        let mut sorted: Vec<&Attribute> = attributes.iter().collect();
        sorted.sort_unstable_by_key(|a| (a.namespace, a.local_name()));
        sorted.into_iter().for_each(|a| self.attribute(a));
    }
}

impl<S: Sink> Events for Canonicaliser<S> {
    fn start_element(&mut self, element: &Element) {
        self.marks.push(Mark { declared: self.declared.bindings.len(), rendered: self.rendered.bindings.len() });
        self.sink.put("<");
        self.sink.put(element.qualified_name);
        self.namespaces(element);
        self.attributes(element.attributes);
        self.sink.put(">");
    }

    fn text(&mut self, text: &str) {
        escape::text(text, |piece| self.sink.put(piece));
    }

    fn end_element(&mut self, qualified_name: &str) {
        self.sink.put("</");
        self.sink.put(qualified_name);
        self.sink.put(">");
        if let Some(mark) = self.marks.pop() {
            self.declared.bindings.truncate(mark.declared);
            self.rendered.bindings.truncate(mark.rendered);
        }
    }
}
