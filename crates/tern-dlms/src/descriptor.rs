//! What a request is about: an attribute or a method of an object.

use std::fmt;

use crate::codec::{Codec, Reader};
use crate::error::DecodeError;
use crate::logical_name::LogicalName;

/// The number of an interface class; those that this crate names are constants in [`crate::cosem`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClassId(pub u16);

impl fmt::Display for ClassId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for ClassId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Cosem-Attribute-Descriptor: one attribute of one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AttributeDescriptor {
    /// Interface class of the object.
    pub class: ClassId,
    /// Logical name of the object.
    pub instance: LogicalName,
    /// Number of the attribute, from 1; 0 stands for all of them.
    pub attribute: i8,
}

/// Cosem-Method-Descriptor: one method of one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MethodDescriptor {
    /// Interface class of the object.
    pub class: ClassId,
    /// Logical name of the object.
    pub instance: LogicalName,
    /// Number of the method, from 1.
    pub method: i8,
}

impl AttributeDescriptor {
    /// The descriptor of an attribute.
    #[must_use]
    pub const fn new(class: ClassId, instance: LogicalName, attribute: i8) -> Self {
        AttributeDescriptor { class, instance, attribute }
    }
}

impl MethodDescriptor {
    /// The descriptor of a method.
    #[must_use]
    pub const fn new(class: ClassId, instance: LogicalName, method: i8) -> Self {
        MethodDescriptor { class, instance, method }
    }
}

impl fmt::Display for AttributeDescriptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "class {} object {} attribute {}", self.class, self.instance, self.attribute)
    }
}

impl fmt::Display for MethodDescriptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "class {} object {} method {}", self.class, self.instance, self.method)
    }
}

impl Codec for ClassId {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0.to_be_bytes());
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.u16().map(ClassId)
    }
}

impl Codec for AttributeDescriptor {
    fn encode(&self, out: &mut Vec<u8>) {
        self.class.encode(out);
        self.instance.encode(out);
        out.push(self.attribute.cast_unsigned());
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (class, instance) = (ClassId::read(reader)?, LogicalName::read(reader)?);
        Ok(AttributeDescriptor { class, instance, attribute: reader.u8()?.cast_signed() })
    }
}

impl Codec for MethodDescriptor {
    fn encode(&self, out: &mut Vec<u8>) {
        self.class.encode(out);
        self.instance.encode(out);
        out.push(self.method.cast_unsigned());
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (class, instance) = (ClassId::read(reader)?, LogicalName::read(reader)?);
        Ok(MethodDescriptor { class, instance, method: reader.u8()?.cast_signed() })
    }
}
