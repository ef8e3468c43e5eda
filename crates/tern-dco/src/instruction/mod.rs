//! Dual control: what an instruction says, held against what the signed document says that it may say.
//!
//! The S1SP hands over the plain bytes of an xDLMS APDU. They are decoded, compared field by field with the one instruction
//! that the document stands for, and used only where nothing differs; the bytes themselves must be the one way to write it.
//! While an installation is commissioned the document is the file set that the DCO itself verified and found viable, with
//! its authorisation; where firmware is to be used, the Responsible Supplier's instruction; afterwards a User's signed Service
//! Request. This module must never repair an instruction.

mod image_activation;
mod key_transfer;
mod service;

use std::fmt::Display;

use tern_dlms::apdu::{Apdu, GetRequest, InvokeIdAndPriority};
use tern_dlms::{AttributeDescriptor, ClassId, Codec, LogicalName};

pub(crate) use image_activation::activates;
pub(crate) use key_transfer::KeyTransfer;
pub use service::permits;
pub(crate) use service::{Circumstances, stands_for};

/// Every instruction is written with this byte: confirmed, high priority, number 1 (P).
const INVOKE: InvokeIdAndPriority = InvokeIdAndPriority(0xC1);

/// The object that holds a device's Device ID (P).
const DEVICE_ID: AttributeDescriptor =
    AttributeDescriptor { class: ClassId(1), instance: LogicalName([0, 0, 96, 1, 0, 255]), attribute: 2 };

/// The first field in which an instruction is not what the document stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Differs {
    /// The field.
    pub(crate) field: &'static str,
    /// What it says.
    pub(crate) found: String,
    /// What it may say.
    pub(crate) expected: String,
}

impl Display for Differs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Differs { field, found, expected } = self;
        write!(f, "the instruction's {field} is {found}; what the file set stands for is {expected}")
    }
}

impl Differs {
    /// In words, where the instruction stands on another document than the file set.
    pub(crate) fn to_what_is_said_by(&self, document: &str) -> String {
        let Differs { field, found, expected } = self;
        format!("the instruction's {field} is {found}; {document} says {expected}")
    }
}

/// Holds one field of an instruction against what it must be.
fn same<T: PartialEq + Display>(field: &'static str, found: T, expected: T) -> Result<(), Differs> {
    if found == expected {
        return Ok(());
    }
    Err(Differs { field, found: found.to_string(), expected: expected.to_string() })
}

fn differs(field: &'static str, found: &str, expected: &str) -> Differs {
    Differs { field, found: found.to_owned(), expected: expected.to_owned() }
}

/// Decodes an instruction, which must be written in the one way that it may be.
fn decode(bytes: &[u8]) -> Result<Apdu, Differs> {
    let apdu = Apdu::decode(bytes).map_err(|error| differs("form", &error.to_string(), "one APDU"))?;
    if apdu.to_bytes() != bytes {
        return Err(differs("form", "another way to write it", "the shortest"));
    }
    Ok(apdu)
}

/// Whether an instruction is the get of a device's Device ID, which proves the keys that answer it and changes nothing.
pub(crate) fn reads_device_id(bytes: &[u8]) -> Result<(), Differs> {
    let Apdu::GetRequest(GetRequest::Normal { invoke, attribute }) = decode(bytes)? else {
        return Err(differs("service", "another one", "get-request-normal"));
    };
    same("invoke-id-and-priority", invoke.0, INVOKE.0)?;
    same("class", attribute.attribute.class, DEVICE_ID.class)?;
    same("object", attribute.attribute.instance, DEVICE_ID.instance)?;
    same("attribute", attribute.attribute.attribute, DEVICE_ID.attribute)?;
    match attribute.access {
        None => Ok(()),
        Some(_) => Err(differs("selective access", "there", "absent")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Get-request-normal, 0xC1, class 1, 0.0.96.1.0.255, attribute 2, no selection, as the standard writes it.
    const GET: [u8; 13] = [0xC0, 0x01, 0xC1, 0x00, 0x01, 0x00, 0x00, 0x60, 0x01, 0x00, 0xFF, 0x02, 0x00];

    #[test]
    fn the_get_of_the_device_id_and_nothing_beside_it() {
        assert_eq!(reads_device_id(&GET), Ok(()));
        for at in 0..GET.len() {
            for bit in 0..8 {
                let mut other = GET;
                other[at] ^= 1 << bit;
                assert!(reads_device_id(&other).is_err(), "byte {at}, bit {bit}");
            }
            assert!(reads_device_id(&GET[..at]).is_err(), "cut at {at}");
        }
        assert!(reads_device_id(&[&GET[..], &[0]].concat()).is_err());
    }

    #[test]
    fn a_refusal_names_the_first_field_that_differs() {
        for (at, to, field) in
            [(2, 0x41, "invoke-id-and-priority"), (4, 3, "class"), (8, 2, "object"), (11, 3, "attribute")]
        {
            let mut other = GET;
            other[at] = to;
            assert_eq!(reads_device_id(&other).expect_err("differs").field, field);
        }
        let action = [0xC3, 0x01, 0xC1, 0x00, 0x46, 0x00, 0x00, 0x60, 0x03, 0x0A, 0xFF, 0x01, 0x00];
        let said = reads_device_id(&action).expect_err("opens the supply").to_string();
        let text = "the instruction's service is another one; what the file set stands for is get-request-normal";
        assert_eq!(said, text);
    }
}
