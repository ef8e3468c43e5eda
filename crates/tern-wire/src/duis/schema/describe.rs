//! The schema for readers: what a page, a generator of documents or a test asks of it.

use super::facets::TextType;
use super::{Holds as Held, Particle, Schema, Term, schema};
use crate::duis::{Root, SchemaVersion};

/// What an element holds.
#[derive(Clone, Copy)]
pub struct Content {
    schema: &'static Schema,
    content: &'static super::Content,
}

/// What a root holds in a version.
#[must_use]
pub fn root(root: Root, version: SchemaVersion) -> Option<Content> {
    let schema = schema(version);
    schema.root(root.name()).map(|id| Content { schema, content: schema.content(id) })
}

/// Nothing, text or elements.
#[derive(Clone, Copy)]
pub enum Holds {
    /// No element and no character.
    Nothing,
    /// Text.
    Text(Text),
    /// Elements.
    Elements(Part),
}

impl Content {
    /// Its attributes: name, whether it must be there, its type.
    pub fn attributes(self) -> impl Iterator<Item = (&'static str, bool, Text)> {
        self.content.attributes.iter().map(|a| (a.name, a.is_required, Text { text: &a.text, default: None }))
    }

    /// What it holds.
    #[must_use]
    pub fn holds(self) -> Holds {
        match &self.content.holds {
            Held::Nothing => Holds::Nothing,
            Held::Text { text, default } => Holds::Text(Text { text, default: *default }),
            Held::Elements(particle) => Holds::Elements(Part { schema: self.schema, particle }),
        }
    }
}

/// A part of a content model, so many times.
#[derive(Clone, Copy)]
pub struct Part {
    schema: &'static Schema,
    particle: &'static Particle,
}

/// What kind of part it is.
pub enum PartKind {
    /// An element: its namespace, its local name, what it holds.
    Element(&'static str, &'static str, Content),
    /// `ds:Signature`.
    Signature,
    /// One part after the other.
    Sequence(Vec<Part>),
    /// One of these parts.
    Choice(Vec<Part>),
}

impl Part {
    /// Least and most times; `u32::MAX` where there is no most.
    #[must_use]
    pub fn occurs(self) -> (u32, u32) {
        (self.particle.min, self.particle.max)
    }

    /// What it is.
    #[must_use]
    pub fn kind(self) -> PartKind {
        let parts =
            |items: &'static [Particle]| items.iter().map(|particle| Part { schema: self.schema, particle }).collect();
        match &self.particle.term {
            Term::Element(name, id) => {
                let content = Content { schema: self.schema, content: self.schema.content(*id) };
                PartKind::Element(name.namespace.uri(), name.local, content)
            }
            Term::Signature => PartKind::Signature,
            Term::Sequence(items) => PartKind::Sequence(parts(items)),
            Term::Choice(items) => PartKind::Choice(parts(items)),
        }
    }
}

/// A type of text.
#[derive(Clone, Copy)]
pub struct Text {
    text: &'static TextType,
    default: Option<&'static str>,
}

impl Text {
    /// The type of XML Schema that it restricts; `requestID` is ours.
    #[must_use]
    pub fn base(self) -> &'static str {
        self.text.base.name()
    }

    /// The words of which it is one; empty where it may be any.
    #[must_use]
    pub fn words(self) -> &'static [&'static str] {
        &self.text.words
    }

    /// The expression that it matches.
    #[must_use]
    pub fn pattern(self) -> Option<&'static str> {
        self.text.pattern
    }

    /// Least and most characters, or bytes of binary values; `usize::MAX` where there is no most.
    #[must_use]
    pub fn length(self) -> (usize, usize) {
        self.text.length
    }

    /// Least and most number, both inclusive, then the bounds that it lies above and below.
    #[must_use]
    pub fn range(self) -> [Option<&'static str>; 4] {
        let range = self.text.range;
        [range.least, range.most, range.above, range.below]
    }

    /// The most digits, and the most behind the point.
    #[must_use]
    pub fn digits(self) -> [Option<usize>; 2] {
        [self.text.digits_max, self.text.fraction_digits_max]
    }

    /// What an empty element stands for.
    #[must_use]
    pub fn default(self) -> Option<&'static str> {
        self.default
    }
}
