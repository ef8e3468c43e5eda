//! Occurrence by Rust type: `T` once, `Option<T>` once or not, `Vec<T>` as often as the description says.

use super::reader::Children;
use super::{Content, Element, Field, Occurs, Reader};

/// What can be a field of a described type.
pub trait Particle: Sized {
    /// What each element holds.
    const CONTENT: Content;
    /// How often it stands, unless the description says otherwise.
    const OCCURS: Occurs;

    /// Decodes the children that belong to `field`. `None` only where a fault was reported.
    fn read(reader: &mut Reader<'_>, children: &mut Children<'_, '_>, field: &'static Field) -> Option<Self>;

    /// Appends the elements.
    fn write(&self, name: &str, out: &mut String);
}

impl<T: Element> Particle for T {
    const CONTENT: Content = T::CONTENT;
    const OCCURS: Occurs = Occurs::ONE;

    fn read(reader: &mut Reader<'_>, children: &mut Children<'_, '_>, field: &'static Field) -> Option<Self> {
        let mut value = None;
        children.each(reader, field, |reader, node| value = T::read(reader, node));
        value
    }

    fn write(&self, name: &str, out: &mut String) {
        Element::write(self, name, out);
    }
}

impl<T: Element> Particle for Option<T> {
    const CONTENT: Content = T::CONTENT;
    const OCCURS: Occurs = Occurs::OPTIONAL;

    fn read(reader: &mut Reader<'_>, children: &mut Children<'_, '_>, field: &'static Field) -> Option<Self> {
        let mut value = Some(None);
        children.each(reader, field, |reader, node| value = T::read(reader, node).map(Some));
        value
    }

    fn write(&self, name: &str, out: &mut String) {
        if let Some(value) = self {
            Element::write(value, name, out);
        }
    }
}

impl<T: Element> Particle for Vec<T> {
    const CONTENT: Content = T::CONTENT;
    const OCCURS: Occurs = Occurs { min: 0, max: u32::MAX };

    fn read(reader: &mut Reader<'_>, children: &mut Children<'_, '_>, field: &'static Field) -> Option<Self> {
        let mut values = Some(Vec::new());
        children.each(reader, field, |reader, node| match T::read(reader, node) {
            Some(value) => {
                if let Some(values) = &mut values {
                    values.push(value);
                }
            }
            None => values = None,
        });
        values
    }

    fn write(&self, name: &str, out: &mut String) {
        for value in self {
            Element::write(value, name, out);
        }
    }
}
