//! The activation of a firmware image: the image transfer's method, with all that names the image.
//!
//! The standard's parameter is the number 0, which names nothing. Here it is what the device says of the image that it holds
//! (P): size, identifier and SHA-256, so that a device that was sent another image since uses neither.

use tern_dlms::apdu::{ActionRequest, Apdu};
use tern_dlms::{ClassId, Data, LogicalName, MethodDescriptor};
use tern_wire::migration::FirmwareImage;

use super::{Differs, INVOKE, decode, differs, same};

/// The image transfer's activation (P but for the class and the method's number, which are the standard's).
const IMAGE_ACTIVATE: MethodDescriptor =
    MethodDescriptor { class: ClassId(18), instance: LogicalName([0, 0, 44, 0, 0, 255]), method: 4 };

/// Whether an instruction is the activation of this image, and of no other.
pub(crate) fn activates(bytes: &[u8], image: &FirmwareImage) -> Result<(), Differs> {
    let Apdu::ActionRequest(ActionRequest::Normal { invoke, method, parameters }) = decode(bytes)? else {
        return Err(differs("service", "another one", "action-request-normal"));
    };
    same("invoke-id-and-priority", invoke.0, INVOKE.0)?;
    same("class", method.class, IMAGE_ACTIVATE.class)?;
    same("object", method.instance, IMAGE_ACTIVATE.instance)?;
    same("method", method.method, IMAGE_ACTIVATE.method)?;
    let Some(Data::Structure(parts)) = parameters else {
        return Err(differs("parameter", "another type", "a structure"));
    };
    let [Data::DoubleLongUnsigned(size), Data::OctetString(identifier), Data::OctetString(digest)] = parts.as_slice()
    else {
        return Err(differs("parameter", "a structure of other types", "size, identifier and digest"));
    };
    same("image size", *size, image.image_size)?;
    same("image identifier", &*String::from_utf8_lossy(identifier), image.image_identifier.as_str())?;
    if digest.as_slice() == image.image_digest.0 {
        return Ok(());
    }
    Err(differs("image digest", "another one", &image.image_digest.to_string()))
}

#[cfg(test)]
mod tests {
    use tern_model::Digest;

    use super::*;

    fn image() -> FirmwareImage {
        FirmwareImage {
            image_identifier: "2.0".parse().expect("an identifier"),
            image_size: 0x0102,
            image_digest: Digest([0xD1; 32]),
        }
    }

    /// Action-request-normal, 0xC1, class 18, 0.0.44.0.0.255, method 4, size, identifier and digest, as the standard writes
    /// it.
    fn activation() -> Vec<u8> {
        let head = [0xC3, 0x01, 0xC1, 0x00, 0x12, 0x00, 0x00, 0x2C, 0x00, 0x00, 0xFF, 0x04, 0x01];
        let parameter = [0x02, 0x03, 0x06, 0x00, 0x00, 0x01, 0x02, 0x09, 0x03, b'2', b'.', b'0', 0x09, 0x20];
        [&head[..], &parameter, &[0xD1; 32]].concat()
    }

    #[test]
    fn the_activation_of_the_image_that_was_instructed_and_of_no_other() {
        let bytes = activation();
        assert_eq!(activates(&bytes, &image()), Ok(()));
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut other = bytes.clone();
                other[at] ^= 1 << bit;
                assert!(activates(&other, &image()).is_err(), "byte {at}, bit {bit}");
            }
            assert!(activates(&bytes[..at], &image()).is_err(), "cut at {at}");
        }
        assert!(activates(&[&bytes[..], &[0]].concat(), &image()).is_err(), "longer");
    }

    #[test]
    fn a_refusal_names_the_field_that_differs() {
        let other = |change: fn(&mut FirmwareImage)| {
            let mut image = image();
            change(&mut image);
            activates(&activation(), &image).expect_err("differs").field
        };
        assert_eq!(other(|image| image.image_size += 1), "image size");
        assert_eq!(other(|image| image.image_identifier = "2.1".parse().expect("an identifier")), "image identifier");
        assert_eq!(other(|image| image.image_digest.0[31] ^= 1), "image digest");
        // The standard's own parameter would activate whatever the device holds.
        let head = &activation()[..13];
        assert_eq!(activates(&[head, &[0x0F, 0x00]].concat(), &image()).expect_err("names none").field, "parameter");
    }
}
