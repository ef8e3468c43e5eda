//! What a description is made of: plain constants, so that decoder, XSD and reference page read the same words.

use tern_model::Grade;

use super::SchemaVersion;

/// The namespaces of migration files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Namespace {
    /// SMETS1 Migration Schema v1.2 (the name is P).
    Migration,
    /// The SMETS1 Migration Schema before v1.2 (the name is P). Descriptions say [`Namespace::Migration`] for both.
    Earlier,
    /// XML Signature.
    Signature,
    /// XML Encryption.
    Encryption,
}

impl Namespace {
    /// Every namespace that has a published XSD.
    pub const ALL: [Namespace; 4] =
        [Namespace::Migration, Namespace::Earlier, Namespace::Signature, Namespace::Encryption];

    /// The namespace name.
    #[must_use]
    pub const fn uri(self) -> &'static str {
        match self {
            Namespace::Migration => "urn:tern:smets1-migration:1.2",
            Namespace::Earlier => "urn:tern:smets1-migration:before-1.2",
            Namespace::Signature => "http://www.w3.org/2000/09/xmldsig#",
            Namespace::Encryption => "http://www.w3.org/2001/04/xmlenc#",
        }
    }

    /// The prefix by which pages and XSDs abbreviate it; empty for the default namespace of migration files.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Namespace::Migration | Namespace::Earlier => "",
            Namespace::Signature => "ds",
            Namespace::Encryption => "xenc",
        }
    }
}

/// How often an element may stand at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occurs {
    /// At least.
    pub min: u32,
    /// At most.
    pub max: u32,
}

impl Occurs {
    /// Exactly once.
    pub const ONE: Occurs = Occurs { min: 1, max: 1 };
    /// Once or not at all.
    pub const OPTIONAL: Occurs = Occurs { min: 0, max: 1 };
}

/// One element at its place in a type.
#[derive(Debug)]
pub struct Field {
    /// The element's local name.
    pub element: &'static str,
    /// What it holds.
    pub content: Content,
    /// How often.
    pub occurs: Occurs,
    /// What it is, for readers of the reference page; lines as the source has them.
    pub doc: &'static str,
    /// How firmly the sources support it.
    pub grade: Grade,
    /// The source, for example `S002 8`; empty where there is none.
    pub source: &'static str,
    /// The first schema version that has it.
    pub since: SchemaVersion,
}

impl Field {
    /// The namespace of the element where it stands in a type of `parent`'s namespace.
    #[must_use]
    pub const fn namespace(&self, parent: Namespace) -> Namespace {
        match self.content {
            Content::Complex(complex) => complex.namespace,
            Content::Simple(_) => parent,
        }
    }
}

/// What an element holds.
#[derive(Debug, Clone, Copy)]
pub enum Content {
    /// Text.
    Simple(&'static SimpleType),
    /// Elements.
    Complex(&'static ComplexType),
}

/// A type that consists of elements in a fixed order.
pub struct ComplexType {
    /// Its name in the XSD.
    pub name: &'static str,
    /// Its namespace, and that of its elements unless they belong to another described one.
    pub namespace: Namespace,
    /// What it is.
    pub doc: &'static str,
    /// Its attributes.
    pub attributes: &'static [Attribute],
    /// Its elements, in order.
    pub fields: &'static [Field],
    /// Whether a `ds:Signature` stands after them: the roots of signed files.
    pub signed: bool,
    /// The first schema version that has it.
    pub since: SchemaVersion,
}

impl ComplexType {
    /// The elements in order, the signature included.
    pub fn particles(&'static self) -> impl Iterator<Item = &'static Field> {
        self.fields.iter().chain(self.signed.then_some(&super::SIGNATURE_FIELD))
    }
}

/// By name alone: the types of XML Encryption refer to themselves.
impl std::fmt::Debug for ComplexType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {}", self.namespace, self.name)
    }
}

/// An attribute; only the types of XML Signature and XML Encryption have any.
#[derive(Debug)]
pub struct Attribute {
    /// Its name, in no namespace.
    pub name: &'static str,
    /// Its value.
    pub value: &'static SimpleType,
    /// Whether it must be there.
    pub required: bool,
}

/// A type of text.
#[derive(Debug)]
pub struct SimpleType {
    /// Its name in the XSD; none where it is written out at each use.
    pub name: Option<&'static str>,
    /// What it restricts.
    pub base: Base,
    /// How it restricts it. All of them hold.
    pub facets: &'static [Facet],
    /// What a reader is told was expected.
    pub expected: &'static str,
}

/// The built-in types that are restricted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// `xs:string`: white space as it stands.
    Text,
    /// `xs:token`: white space collapsed.
    Token,
    /// `xs:integer`.
    Integer,
    /// `xs:dateTime`.
    DateTime,
    /// `xs:base64Binary`; lengths count bytes.
    Base64Binary,
}

/// A restriction of a [`Base`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Facet {
    /// The whole text matches, see [`super::check_lexical`] for the subset of expressions in use.
    Pattern(&'static str),
    /// At least so many characters or bytes.
    MinLength(u32),
    /// At most so many characters or bytes.
    MaxLength(u32),
    /// At least this number.
    MinInclusive(i64),
    /// At most this number.
    MaxInclusive(i64),
    /// One of these.
    Enumeration(&'static [&'static str]),
}
