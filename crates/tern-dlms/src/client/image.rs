//! Image transfer (class 18) from the client's side: in blocks, taken up again where it stopped.
//!
//! What comes next is decided by what the server says of itself, each time anew: a lost answer, a broken connection or a
//! crash of the client leave nothing to guess. It must never activate what the server did not verify.

use std::io::{Read, Write};

use super::{Client, ClientError, Refusal};
use crate::apdu::ActionResult;
use crate::cosem::image_transfer::{
    self as class, ImageBlock, ImageToActivate, ImageTransferInitiate, ImageTransferStatus,
};
use crate::cosem::{NO_PARAMETER, Shape};
use crate::data::{Data, DataError};
use crate::descriptor::{AttributeDescriptor, MethodDescriptor};
use crate::logical_name::LogicalName;

/// Where the server's side of a transfer is asked and told: a [`Client`], or one whose requests somebody else protects.
pub trait ImageServer {
    /// Reads an attribute of the image transfer object.
    ///
    /// # Errors
    /// As the association has it.
    fn read(&mut self, attribute: AttributeDescriptor) -> Result<Data, ClientError>;

    /// Invokes one of its methods.
    ///
    /// # Errors
    /// As the association has it.
    fn invoke(&mut self, method: MethodDescriptor, parameter: Data) -> Result<(), ClientError>;
}

impl<T: Read + Write> ImageServer for Client<T> {
    fn read(&mut self, attribute: AttributeDescriptor) -> Result<Data, ClientError> {
        self.get(attribute)
    }

    fn invoke(&mut self, method: MethodDescriptor, parameter: Data) -> Result<(), ClientError> {
        self.action(method, Some(parameter)).map(drop)
    }
}

/// An image on its way to a server.
#[derive(Debug)]
pub struct ImageTransfer<'i> {
    instance: LogicalName,
    identifier: &'i [u8],
    image: &'i [u8],
    /// Bytes of the image, also where they are not at hand.
    size: usize,
    begun: bool,
}

/// Where a transfer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The server has so many of the image's blocks.
    Blocks {
        /// Those it has.
        there: u32,
        /// All of them.
        of: u32,
    },
    /// The server has every block and verifies the image.
    Verifying,
    /// The server found the image as it should be; nothing more happens before it is activated.
    Verified,
    /// The image is being activated.
    Activating,
    /// The image is in use, or the server forgot of the transfer since; its firmware version says which.
    Activated,
}

/// Why a transfer does not go on.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// As the association has it. Where it is in doubt, a new connection tells.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// An attribute is not of its type.
    #[error("image transfer object: {0}")]
    Data(#[from] DataError),
    /// The server does not let images come.
    #[error("image transfer is not enabled")]
    NotEnabled,
    /// The image has no byte, or the server's blocks have none.
    #[error("nothing can be transferred in blocks of {block} bytes of an image of {image}")]
    Empty {
        /// Bytes of a block.
        block: u32,
        /// Bytes of the image.
        image: usize,
    },
    /// The server took every block that it lacked, and says that it lacks them still.
    #[error("the server takes the image's blocks and keeps none")]
    NoProgress,
    /// The server found that the image is not as it should be.
    #[error("the server does not accept the image")]
    NotVerified,
    /// The server has another image to activate.
    #[error("the server has another image to activate")]
    Another,
    /// The server could not bring the image into use.
    #[error("the image could not be activated")]
    NotActivated,
}

impl<'i> ImageTransfer<'i> {
    /// An image that the server has heard nothing of, for the image transfer object at `instance`.
    #[must_use]
    pub fn new(instance: LogicalName, identifier: &'i [u8], image: &'i [u8]) -> ImageTransfer<'i> {
        ImageTransfer { instance, identifier, image, size: image.len(), begun: false }
    }

    /// One whose transfer was begun before, as the caller remembers: the server says how far it came.
    #[must_use]
    pub fn begun(instance: LogicalName, identifier: &'i [u8], image: &'i [u8]) -> ImageTransfer<'i> {
        ImageTransfer { begun: true, ..ImageTransfer::new(instance, identifier, image) }
    }

    /// One of so many bytes that was begun before, to ask about and to activate: its bytes are not needed for that.
    #[must_use]
    pub fn known(instance: LogicalName, identifier: &'i [u8], size: usize) -> ImageTransfer<'i> {
        ImageTransfer { instance, identifier, image: &[], size, begun: true }
    }

    /// Transfers and has verified what is left of the image; `watch` hears of each stage. Ends [`Stage::Verified`], or
    /// [`Stage::Verifying`] where the server takes its time: then it is to be asked again later.
    ///
    /// # Errors
    /// [`ImageError`]; whatever reached the server need not be sent again.
    pub fn transfer(
        &mut self,
        server: &mut impl ImageServer,
        watch: &mut dyn FnMut(Stage),
    ) -> Result<Stage, ImageError> {
        if !self.begun {
            self.begin(server)?;
        }
        let mut sent = None;
        loop {
            let stage = self.stage(server)?;
            watch(stage);
            match stage {
                Stage::Blocks { there, .. } if sent.is_some_and(|before| there <= before) => {
                    return Err(ImageError::NoProgress);
                }
                Stage::Blocks { there, of } if there < of => {
                    self.send(server, there, watch)?;
                    sent = Some(there);
                }
                Stage::Blocks { .. } => match self.invoke(server, class::VERIFY, NO_PARAMETER) {
                    Err(ClientError::Refused(Refusal::Action(ActionResult::TemporaryFailure))) => {
                        return Ok(Stage::Verifying);
                    }
                    told => told?,
                },
                stage => return Ok(stage),
            }
        }
    }

    /// Has the verified image activated. Ends [`Stage::Activating`] or [`Stage::Activated`].
    ///
    /// # Errors
    /// [`ImageError`]; [`ImageError::Another`] where it is not this image that the server has verified.
    pub fn activate(&self, server: &mut impl ImageServer) -> Result<Stage, ImageError> {
        self.activate_by(server, NO_PARAMETER)
    }

    /// As [`ImageTransfer::activate`], with another parameter than the standard's, for servers that want one.
    ///
    /// # Errors
    /// As there.
    pub fn activate_by(&self, server: &mut impl ImageServer, parameter: Data) -> Result<Stage, ImageError> {
        match self.stage(server)? {
            Stage::Verified => match self.invoke(server, class::ACTIVATE, parameter) {
                Err(ClientError::Refused(Refusal::Action(ActionResult::TemporaryFailure))) => Ok(Stage::Activating),
                told => {
                    told?;
                    self.stage(server)
                }
            },
            stage => Ok(stage),
        }
    }

    /// What the server says of the transfer: the probe after a lost answer.
    ///
    /// # Errors
    /// [`ImageError`].
    pub fn stage(&self, server: &mut impl ImageServer) -> Result<Stage, ImageError> {
        let status = ImageTransferStatus::of_data(&self.read(server, class::IMAGE_TRANSFER_STATUS)?)?;
        Ok(match status {
            ImageTransferStatus::NotInitiated if self.begun => Stage::Activated,
            ImageTransferStatus::NotInitiated => Stage::Blocks { there: 0, of: self.blocks(server)?.1 },
            ImageTransferStatus::Initiated => {
                let (_, of) = self.blocks(server)?;
                let there = self.read(server, class::IMAGE_FIRST_NOT_TRANSFERRED_BLOCK_NUMBER)?;
                Stage::Blocks { there: there.as_double_long_unsigned()?.min(of), of }
            }
            ImageTransferStatus::VerificationInitiated => Stage::Verifying,
            ImageTransferStatus::VerificationSuccessful => {
                self.is_this_one(server)?;
                Stage::Verified
            }
            ImageTransferStatus::VerificationFailed => return Err(ImageError::NotVerified),
            ImageTransferStatus::ActivationInitiated => Stage::Activating,
            ImageTransferStatus::ActivationSuccessful => Stage::Activated,
            ImageTransferStatus::ActivationFailed => return Err(ImageError::NotActivated),
        })
    }

    fn begin(&mut self, server: &mut impl ImageServer) -> Result<(), ImageError> {
        if !self.read(server, class::IMAGE_TRANSFER_ENABLED)?.as_boolean()? {
            return Err(ImageError::NotEnabled);
        }
        self.blocks(server)?;
        let size = u32::try_from(self.size).unwrap_or(u32::MAX);
        let initiate = ImageTransferInitiate { identifier: self.identifier.to_vec(), size };
        self.invoke(server, class::TRANSFER_INITIATE, initiate.to_data())?;
        self.begun = true;
        Ok(())
    }

    /// Sends every block from one on.
    fn send(&self, server: &mut impl ImageServer, from: u32, watch: &mut dyn FnMut(Stage)) -> Result<(), ImageError> {
        let (block, of) = self.blocks(server)?;
        for (number, value) in (0..of).zip(self.image.chunks(block)).skip(from as usize) {
            let sent = ImageBlock { number, value: value.to_vec() };
            self.invoke(server, class::BLOCK_TRANSFER, sent.to_data())?;
            watch(Stage::Blocks { there: number + 1, of });
        }
        Ok(())
    }

    /// Bytes of a block, and how many there are.
    fn blocks(&self, server: &mut impl ImageServer) -> Result<(usize, u32), ImageError> {
        let block = self.read(server, class::IMAGE_BLOCK_SIZE)?.as_double_long_unsigned()?;
        if block == 0 || self.size == 0 {
            return Err(ImageError::Empty { block, image: self.size });
        }
        let of = self.size.div_ceil(block as usize);
        Ok((block as usize, u32::try_from(of).unwrap_or(u32::MAX)))
    }

    fn is_this_one(&self, server: &mut impl ImageServer) -> Result<(), ImageError> {
        let ready = Vec::<ImageToActivate>::of_data(&self.read(server, class::IMAGE_TO_ACTIVATE_INFO)?)?;
        let ours =
            |image: &ImageToActivate| image.identification == self.identifier && image.size as usize == self.size;
        if ready.iter().any(ours) { Ok(()) } else { Err(ImageError::Another) }
    }

    fn read(&self, server: &mut impl ImageServer, attribute: i8) -> Result<Data, ClientError> {
        server.read(AttributeDescriptor::new(class::CLASS, self.instance, attribute))
    }

    fn invoke(&self, server: &mut impl ImageServer, method: i8, parameter: Data) -> Result<(), ClientError> {
        server.invoke(MethodDescriptor::new(class::CLASS, self.instance, method), parameter)
    }
}
