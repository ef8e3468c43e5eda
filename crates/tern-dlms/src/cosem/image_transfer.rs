//! Image transfer (class 18): a new firmware image in blocks, its verification and its activation.

use crate::codec::enumeration;
use crate::cosem::{Shape, enum_shape};
use crate::data::{Data, DataError};
use crate::descriptor::ClassId;

/// The class.
pub const CLASS: ClassId = ClassId(18);

/// Attribute: bytes of a block, double-long-unsigned; the last block may have fewer.
pub const IMAGE_BLOCK_SIZE: i8 = 2;
/// Attribute: which blocks are there, bit-string, bit 0 for block 0.
pub const IMAGE_TRANSFERRED_BLOCKS_STATUS: i8 = 3;
/// Attribute: the first block that is not there, double-long-unsigned.
pub const IMAGE_FIRST_NOT_TRANSFERRED_BLOCK_NUMBER: i8 = 4;
/// Attribute: whether a transfer is permitted, boolean.
pub const IMAGE_TRANSFER_ENABLED: i8 = 5;
/// Attribute: [`ImageTransferStatus`].
pub const IMAGE_TRANSFER_STATUS: i8 = 6;
/// Attribute: what would be activated, an array of [`ImageToActivate`].
pub const IMAGE_TO_ACTIVATE_INFO: i8 = 7;

/// Method: begins a transfer, [`ImageTransferInitiate`].
pub const TRANSFER_INITIATE: i8 = 1;
/// Method: transfers a block, [`ImageBlock`].
pub const BLOCK_TRANSFER: i8 = 2;
/// Method: verifies the image; temporary-failure says that it takes time.
pub const VERIFY: i8 = 3;
/// Method: activates the image; temporary-failure says that it takes time.
pub const ACTIVATE: i8 = 4;

enumeration! {
    /// image_transfer_status.
    ImageTransferStatus is "image transfer status" {
        /// No transfer was begun.
        NotInitiated = 0 "Image transfer not initiated",
        /// A transfer was begun.
        Initiated = 1 "Image transfer initiated",
        /// The image is being verified.
        VerificationInitiated = 2 "Image verification initiated",
        /// The image is as it should be.
        VerificationSuccessful = 3 "Image verification successful",
        /// The image is not as it should be.
        VerificationFailed = 4 "Image verification failed",
        /// The image is being activated.
        ActivationInitiated = 5 "Image activation initiated",
        /// The image is in use.
        ActivationSuccessful = 6 "Image activation successful",
        /// The image could not be activated.
        ActivationFailed = 7 "Image activation failed",
    }
}

enum_shape!(ImageTransferStatus, "image transfer status");

/// The parameter of [`TRANSFER_INITIATE`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageTransferInitiate {
    /// What the image is called.
    pub identifier: Vec<u8>,
    /// Its bytes.
    pub size: u32,
}

/// The parameter of [`BLOCK_TRANSFER`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageBlock {
    /// The block, from 0.
    pub number: u32,
    /// Its bytes.
    pub value: Vec<u8>,
}

/// An element of [`IMAGE_TO_ACTIVATE_INFO`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageToActivate {
    /// Its bytes.
    pub size: u32,
    /// What it is called.
    pub identification: Vec<u8>,
    /// Its signature.
    pub signature: Vec<u8>,
}

impl Shape for ImageTransferInitiate {
    fn to_data(&self) -> Data {
        Data::Structure(vec![Data::octets(self.identifier.clone()), Data::DoubleLongUnsigned(self.size)])
    }

    fn of_data(data: &Data) -> Result<Self, DataError> {
        let [identifier, size] = data.as_structure()?;
        Ok(ImageTransferInitiate {
            identifier: identifier.as_octets()?.to_vec(),
            size: size.as_double_long_unsigned()?,
        })
    }
}

impl Shape for ImageBlock {
    fn to_data(&self) -> Data {
        Data::Structure(vec![Data::DoubleLongUnsigned(self.number), Data::octets(self.value.clone())])
    }

    fn of_data(data: &Data) -> Result<Self, DataError> {
        let [number, value] = data.as_structure()?;
        Ok(ImageBlock { number: number.as_double_long_unsigned()?, value: value.as_octets()?.to_vec() })
    }
}

impl Shape for ImageToActivate {
    fn to_data(&self) -> Data {
        Data::Structure(vec![
            Data::DoubleLongUnsigned(self.size),
            Data::octets(self.identification.clone()),
            Data::octets(self.signature.clone()),
        ])
    }

    fn of_data(data: &Data) -> Result<Self, DataError> {
        let [size, identification, signature] = data.as_structure()?;
        Ok(ImageToActivate {
            size: size.as_double_long_unsigned()?,
            identification: identification.as_octets()?.to_vec(),
            signature: signature.as_octets()?.to_vec(),
        })
    }
}
