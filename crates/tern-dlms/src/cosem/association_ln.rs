//! Association LN (class 15): an application association as the server sees it, and the objects that it opens.

use crate::codec::enumeration;
use crate::cosem::{Shape, enum_shape};
use crate::data::{Data, DataError};
use crate::descriptor::ClassId;
use crate::logical_name::LogicalName;

/// The class.
pub const CLASS: ClassId = ClassId(15);

/// Attribute: the objects, an array of [`ObjectListElement`].
pub const OBJECT_LIST: i8 = 2;
/// Attribute: client and server, a structure of integer and long-unsigned.
pub const ASSOCIATED_PARTNERS_ID: i8 = 3;
/// Attribute: the application context name.
pub const APPLICATION_CONTEXT_NAME: i8 = 4;
/// Attribute: what was agreed.
pub const XDLMS_CONTEXT_INFO: i8 = 5;
/// Attribute: the authentication mechanism name.
pub const AUTHENTICATION_MECHANISM_NAME: i8 = 6;
/// Attribute: the password of low-level security; written only.
pub const SECRET: i8 = 7;
/// Attribute: [`AssociationStatus`].
pub const ASSOCIATION_STATUS: i8 = 8;
/// Attribute: logical name of the security setup, octet-string.
pub const SECURITY_SETUP_REFERENCE: i8 = 9;
/// Attribute: the users.
pub const USER_LIST: i8 = 10;
/// Attribute: the current user.
pub const CURRENT_USER: i8 = 11;

/// Method: the client's answer to the server's challenge, octet-string; returns the server's answer to the client's.
pub const REPLY_TO_HLS_AUTHENTICATION: i8 = 1;
/// Method: changes the secret of high-level security.
pub const CHANGE_HLS_SECRET: i8 = 2;
/// Method: adds an object.
pub const ADD_OBJECT: i8 = 3;
/// Method: removes an object.
pub const REMOVE_OBJECT: i8 = 4;
/// Method: adds a user.
pub const ADD_USER: i8 = 5;
/// Method: removes a user.
pub const REMOVE_USER: i8 = 6;

/// The logical name under which every association finds itself: 0.0.40.0.0.255.
pub const CURRENT: LogicalName = LogicalName::new(0, 0, 40, 0, 0, 255);

enumeration! {
    /// association_status.
    AssociationStatus is "association status" {
        /// There is no association.
        NonAssociated = 0 "non-associated",
        /// The authentication is under way.
        AssociationPending = 1 "association-pending",
        /// There is one.
        Associated = 2 "associated",
    }
}

enum_shape!(AssociationStatus, "association status");

/// object_list_element: an object, and what the association may do with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectListElement {
    /// Its interface class.
    pub class: ClassId,
    /// The version of the class.
    pub version: u8,
    /// Its name.
    pub logical_name: LogicalName,
    /// What may be done with its attributes.
    pub attributes: Vec<AttributeAccess>,
    /// What may be done with its methods.
    pub methods: Vec<MethodAccess>,
}

/// attribute_access_item. What the mode's number means depends on the version of the class Association LN: up to 2, 1
/// is read_only, 2 write_only, 3 read_and_write; from 3 it is a set of bits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeAccess {
    /// The attribute.
    pub attribute: i8,
    /// access_mode.
    pub mode: u8,
    /// The access selectors that it takes.
    pub selectors: Vec<i8>,
}

/// method_access_item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MethodAccess {
    /// The method.
    pub method: i8,
    /// access_mode: up to version 2 of the class, 1 is access; from 3 it is a set of bits.
    pub mode: u8,
}

impl Shape for ObjectListElement {
    fn to_data(&self) -> Data {
        Data::Structure(vec![
            Data::LongUnsigned(self.class.0),
            Data::Unsigned(self.version),
            Data::logical_name(self.logical_name),
            Data::Structure(vec![self.attributes.to_data(), self.methods.to_data()]),
        ])
    }

    fn of_data(data: &Data) -> Result<Self, DataError> {
        let [class, version, logical_name, rights] = data.as_structure()?;
        let [attributes, methods] = rights.as_structure()?;
        Ok(ObjectListElement {
            class: ClassId(class.as_long_unsigned()?),
            version: version.as_unsigned()?,
            logical_name: logical_name.as_logical_name()?,
            attributes: Shape::of_data(attributes)?,
            methods: Shape::of_data(methods)?,
        })
    }
}

impl Shape for AttributeAccess {
    fn to_data(&self) -> Data {
        let selectors = match self.selectors.as_slice() {
            [] => Data::Null,
            some => Data::Array(some.iter().map(|selector| Data::Integer(*selector)).collect()),
        };
        Data::Structure(vec![Data::Integer(self.attribute), Data::Enum(self.mode), selectors])
    }

    fn of_data(data: &Data) -> Result<Self, DataError> {
        let [attribute, mode, selectors] = data.as_structure()?;
        let selectors = match selectors {
            Data::Null => Vec::new(),
            some => some.as_array()?.iter().map(Data::as_integer).collect::<Result<_, _>>()?,
        };
        Ok(AttributeAccess { attribute: attribute.as_integer()?, mode: mode.as_enum()?, selectors })
    }
}

impl Shape for MethodAccess {
    fn to_data(&self) -> Data {
        Data::Structure(vec![Data::Integer(self.method), Data::Enum(self.mode)])
    }

    /// The mode is a boolean in version 0 of the class, and an enum since.
    fn of_data(data: &Data) -> Result<Self, DataError> {
        let [method, mode] = data.as_structure()?;
        let mode = match mode {
            Data::Boolean(access) => u8::from(*access),
            mode => mode.as_enum()?,
        };
        Ok(MethodAccess { method: method.as_integer()?, mode })
    }
}
