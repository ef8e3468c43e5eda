//! The three traits by which values and messages take part: text, element, message.

use std::borrow::Cow;

use roxmltree::Node;

use super::{ComplexType, Content, Quoting, Reader, SimpleType, write};
use crate::migration::FileKind;

/// A value that is written as text.
pub trait SimpleValue: Sized {
    /// Its type in the schema.
    const TYPE: SimpleType;

    /// The value of a text that already fulfils base and facets; `None` where no value has it (a 30 February).
    fn parse(lexical: &str) -> Option<Self>;

    /// The value as it is written.
    fn lexical(&self) -> Cow<'_, str>;
}

/// A value that stands in an element.
pub trait Element: Sized {
    /// What the element holds.
    const CONTENT: Content;

    /// Decodes an element whose name fits. `None` only where a fault was reported.
    fn read(reader: &mut Reader<'_>, node: Node<'_, '_>) -> Option<Self>;

    /// Appends the element under this name.
    fn write(&self, name: &str, out: &mut String);
}

impl<T: SimpleValue> Element for T {
    const CONTENT: Content = Content::Simple(&T::TYPE);

    fn read(reader: &mut Reader<'_>, node: Node<'_, '_>) -> Option<Self> {
        let lexical = reader.simple(node, &T::TYPE)?;
        let value = T::parse(&lexical);
        if value.is_none() {
            reader.no_such_value(node, &T::TYPE, &lexical);
        }
        value
    }

    fn write(&self, name: &str, out: &mut String) {
        write::leaf(name, &self.lexical(), out);
    }
}

/// A type that [`crate::describe!`] describes: read child by child.
pub trait Described: Sized {
    /// What was read so far; its default is nothing.
    type Gathered: Default;
    /// The description.
    const COMPLEX: &'static ComplexType;

    /// Decodes one child that belongs to the field of this number.
    fn gather(gathered: &mut Self::Gathered, field: usize, reader: &mut Reader<'_>, node: Node<'_, '_>);

    /// The value, once nothing more is to come. `None` only where a fault was reported.
    fn gathered(gathered: Self::Gathered) -> Option<Self>;
}

/// A value that is the root of a document.
pub trait Message: Element {
    /// The root's description.
    const MESSAGE: MessageDescription;

    /// Whether faults may quote what such a document holds; not where device keys stand in it in the clear. What is written of such a
    /// document is its owner's alone to read, and the text that was worked on is wiped.
    const QUOTING: Quoting = Quoting::Shown;
}

/// A root element.
#[derive(Debug)]
pub struct MessageDescription {
    /// The root's local name, in the migration namespace.
    pub root: &'static str,
    /// What it holds.
    pub content: &'static ComplexType,
    /// The files that it is sent as, each with its own name prefix and sender; none for a plaintext inside a blob.
    pub files: &'static [FileKind],
}
