//! Occurrence by Rust type: `T` once, `Option<T>` once or not, `Vec<T>` as often as the description says.

use roxmltree::Node;

use super::{Content, Element, Occurs, Reader};

/// What can be a field of a described type.
pub trait Particle: Sized {
    /// What each element holds.
    const CONTENT: Content;
    /// How often it stands, unless the description says otherwise.
    const OCCURS: Occurs;
    /// What was read of the field so far; its default is nothing.
    type Gathered: Default;

    /// Decodes one element that belongs to the field.
    fn gather(gathered: &mut Self::Gathered, reader: &mut Reader<'_>, node: Node<'_, '_>);

    /// The field, once nothing more belongs to it. `None` only where a fault was reported.
    fn gathered(gathered: Self::Gathered) -> Option<Self>;

    /// Appends the elements.
    fn write(&self, name: &str, out: &mut String);
}

impl<T: Element> Particle for T {
    const CONTENT: Content = T::CONTENT;
    const OCCURS: Occurs = Occurs::ONE;
    type Gathered = Option<T>;

    fn gather(gathered: &mut Option<T>, reader: &mut Reader<'_>, node: Node<'_, '_>) {
        *gathered = T::read(reader, node);
    }

    fn gathered(gathered: Option<T>) -> Option<T> {
        gathered
    }

    fn write(&self, name: &str, out: &mut String) {
        Element::write(self, name, out);
    }
}

/// An optional field so far; a failed element is none of the two.
pub struct Once<T>(Option<Option<T>>);

impl<T> Default for Once<T> {
    fn default() -> Once<T> {
        Once(None)
    }
}

impl<T: Element> Particle for Option<T> {
    const CONTENT: Content = T::CONTENT;
    const OCCURS: Occurs = Occurs::OPTIONAL;
    type Gathered = Once<T>;

    fn gather(gathered: &mut Once<T>, reader: &mut Reader<'_>, node: Node<'_, '_>) {
        gathered.0 = Some(T::read(reader, node));
    }

    fn gathered(gathered: Once<T>) -> Option<Option<T>> {
        gathered.0.map_or(Some(None), |read| read.map(Some))
    }

    fn write(&self, name: &str, out: &mut String) {
        if let Some(value) = self {
            Element::write(value, name, out);
        }
    }
}

/// A repeated field so far.
pub struct Many<T> {
    values: Vec<T>,
    failed: usize,
}

impl<T> Default for Many<T> {
    fn default() -> Many<T> {
        Many { values: Vec::new(), failed: 0 }
    }
}

impl<T: Element> Particle for Vec<T> {
    const CONTENT: Content = T::CONTENT;
    const OCCURS: Occurs = Occurs { min: 0, max: u32::MAX };
    type Gathered = Many<T>;

    fn gather(gathered: &mut Many<T>, reader: &mut Reader<'_>, node: Node<'_, '_>) {
        match T::read(reader, node) {
            Some(value) => gathered.values.push(value),
            None => gathered.failed += 1,
        }
    }

    fn gathered(gathered: Many<T>) -> Option<Vec<T>> {
        (gathered.failed == 0).then_some(gathered.values)
    }

    fn write(&self, name: &str, out: &mut String) {
        for value in self {
            Element::write(value, name, out);
        }
    }
}
