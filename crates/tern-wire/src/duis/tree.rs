//! A message's elements as they were judged: names, texts, attributes, places. It owns what it holds.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use tern_model::Place;

use super::SchemaVersion;
use crate::xml::place_at;

/// A message as a tree of elements, the root first. Namespaces are gone: the judge has compared them.
///
/// Its Debug shows the root's name and no content: meter readings and top-up codes stand in messages.
#[derive(Clone)]
pub struct Tree {
    pub(super) document: String,
    pub(super) version: SchemaVersion,
    pub(super) text: Arc<str>,
    pub(super) nodes: Vec<Node>,
    pub(super) attributes: Vec<Attribute>,
    /// Texts that do not stand in the document as they are read.
    pub(super) made: String,
}

/// One element.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// Its local name.
    pub(super) name: &'static str,
    /// Its text; empty where it holds elements.
    pub(super) text: Text,
    /// The element around it; its own number for the root.
    pub(super) parent: u32,
    /// Behind it and everything in it.
    pub(super) end: u32,
    /// Where it begins and ends in the document.
    pub(super) range: Span,
}

/// First and last byte (exclusive).
pub(super) type Span = (u32, u32);

#[derive(Debug, Clone, Copy)]
pub(super) enum Text {
    /// In the document.
    Source(Span),
    /// In [`Tree::made`].
    Made(Span),
}

#[derive(Debug, Clone)]
pub(super) struct Attribute {
    pub(super) of: u32,
    pub(super) name: &'static str,
    pub(super) value: String,
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tree({} {}, {} elements)", self.root().name(), self.version, self.nodes.len())
    }
}

impl Tree {
    /// The root element.
    #[must_use]
    pub fn root(&self) -> Element<'_> {
        Element { tree: self, at: 0 }
    }

    /// The schema by which it was judged.
    #[must_use]
    pub fn version(&self) -> SchemaVersion {
        self.version
    }

    fn slice(&self, (from, to): Span) -> &str {
        self.text.get(from as usize..to as usize).unwrap_or_default()
    }
}

/// An element of a [`Tree`].
#[derive(Clone, Copy)]
pub struct Element<'t> {
    tree: &'t Tree,
    at: usize,
}

impl fmt::Debug for Element<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Element({})", self.path())
    }
}

impl PartialEq for Element<'_> {
    /// The same element of the same tree.
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.tree, other.tree) && self.at == other.at
    }
}

impl<'t> Element<'t> {
    fn node(self) -> &'t Node {
        &self.tree.nodes[self.at]
    }

    /// The schema by which its message was judged.
    pub(super) fn version(self) -> SchemaVersion {
        self.tree.version
    }

    /// Its local name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.node().name
    }

    /// Its text, white space as its type reads it; empty where it holds elements.
    #[must_use]
    pub fn text(self) -> &'t str {
        match self.node().text {
            Text::Source(span) => self.tree.slice(span),
            Text::Made((from, to)) => self.tree.made.get(from as usize..to as usize).unwrap_or_default(),
        }
    }

    /// Its child elements, in order.
    pub fn children(self) -> impl Iterator<Item = Element<'t>> {
        let end = self.node().end as usize;
        let mut at = self.at + 1;
        std::iter::from_fn(move || {
            let child = (at < end).then_some(Element { tree: self.tree, at })?;
            at = child.node().end as usize;
            Some(child)
        })
    }

    /// Its child elements of a name, in order.
    pub fn all(self, name: &str) -> impl Iterator<Item = Element<'t>> {
        self.children().filter(move |child| child.name() == name)
    }

    /// Its first child element of a name.
    #[must_use]
    pub fn child(self, name: &str) -> Option<Element<'t>> {
        self.children().find(|child| child.name() == name)
    }

    /// Its first child element, of whatever name: what a choice was decided for.
    #[must_use]
    pub fn first(self) -> Option<Element<'t>> {
        self.children().next()
    }

    /// The element at a path of names, such as `Header/RequestID`; the first where there are several.
    #[must_use]
    pub fn at(self, path: &str) -> Option<Element<'t>> {
        path.split('/').try_fold(self, |element, name| element.child(name))
    }

    /// The text at a path.
    #[must_use]
    pub fn text_at(self, path: &str) -> Option<&'t str> {
        self.at(path).map(Element::text)
    }

    /// The element around it; none of the root.
    #[must_use]
    pub fn parent(self) -> Option<Element<'t>> {
        (self.at > 0).then_some(Element { tree: self.tree, at: self.node().parent as usize })
    }

    /// The value of an attribute.
    #[must_use]
    pub fn attribute(self, name: &str) -> Option<&'t str> {
        self.attributes().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Its attributes, as name and value.
    pub fn attributes(self) -> impl Iterator<Item = (&'static str, &'t str)> {
        let of = self.tree.attributes.iter().filter(move |attribute| attribute.of as usize == self.at);
        of.map(|attribute| (attribute.name, attribute.value.as_str()))
    }

    /// The text as a value; none where it is not one.
    #[must_use]
    pub fn parse<T: FromStr>(self) -> Option<T> {
        self.text().parse().ok()
    }

    /// The text as a truth value.
    #[must_use]
    pub fn boolean(self) -> Option<bool> {
        match self.text() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        }
    }

    /// The text as a whole number, with a sign or without.
    #[must_use]
    pub fn integer(self) -> Option<i128> {
        self.parse()
    }

    /// The text as a moment. Without a time zone it is read as UTC (P); the end of a day is the beginning of the next. None beyond
    /// the year 9999 too, which the schema knows and the calendar here does not.
    #[must_use]
    pub fn timestamp(self) -> Option<Timestamp> {
        let text = self.text();
        let Some((day, rest)) = text.split_once("T24:00:00") else { return moment(text) };
        let zone = rest.trim_start_matches(['.', '0']);
        moment(&format!("{day}T00:00:00{zone}"))?.checked_add(jiff::Span::new().hours(24)).ok()
    }

    /// The text as base64.
    #[must_use]
    pub fn base64(self) -> Option<Vec<u8>> {
        let compact: Vec<u8> = self.text().bytes().filter(|b| !b.is_ascii_whitespace()).collect();
        STANDARD.decode(compact).ok()
    }

    /// The text as hexadecimal.
    #[must_use]
    pub fn hex(self) -> Option<Vec<u8>> {
        let digits: Option<Vec<u8>> = self.text().chars().map(|c| u8::try_from(c.to_digit(16)?).ok()).collect();
        let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
        Some(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
    }

    /// Where it stands in the document, byte for byte, from the start of its tag to the end of its end tag.
    #[must_use]
    pub fn source(self) -> &'t str {
        self.tree.slice(self.node().range)
    }

    /// Its path of local names, each with an index where it has siblings of the name.
    #[must_use]
    pub fn path(self) -> String {
        let Some(parent) = self.parent() else { return self.name().to_owned() };
        let before = parent.all(self.name()).take_while(|sibling| sibling.at != self.at).count();
        let alone = parent.all(self.name()).nth(1).is_none();
        let index = if alone { String::new() } else { format!("[{}]", before + 1) };
        format!("{}/{}{index}", parent.path(), self.name())
    }

    /// Path, line and column.
    #[must_use]
    pub fn place(self) -> Place {
        let at = place_at(&self.tree.document, &self.tree.text, self.node().range.0 as usize);
        Place { xpath: self.path(), ..at }
    }
}

fn moment(text: &str) -> Option<Timestamp> {
    // Digits beyond nanoseconds say nothing here.
    let (head, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
    let text = if digits > 9 { format!("{head}.{}{}", &fraction[..9], &fraction[digits..]) } else { text.to_owned() };
    let read = text.parse::<Timestamp>().ok();
    read.or_else(|| Some(text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp()))
}
