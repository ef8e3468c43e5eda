//! Whom a device trusts, and which program it runs.

use tern_dlms::apdu::DataAccessResult;
use tern_dlms::cosem::image_transfer;
use tern_dlms::{Data, MethodDescriptor};
use tern_model::{DeviceId, Digest};
use tern_requests::TaskAnswer;

use super::super::objects;
use super::{Server, Trouble, failed, invoke, set};

/// 8.7.1.
pub(super) fn join(other: DeviceId) -> Vec<u8> {
    set(objects::JOIN, title(other))
}

/// 8.7.2.
pub(super) fn join_by_signature(server: &mut Server<'_, '_>, other: DeviceId) -> Result<TaskAnswer, Trouble> {
    match server.write(objects::JOIN, title(other))? {
        DataAccessResult::Success => Ok(TaskAnswer::Done),
        result => Err(failed(&format!("data-access-result {result}")).into()),
    }
}

/// 11.3: the image is named by its SHA-256 alone (P), which is all that the request says of it.
pub(super) fn activate(digest: Digest) -> Vec<u8> {
    let method = MethodDescriptor::new(image_transfer::CLASS, objects::IMAGE_TRANSFER, image_transfer::ACTIVATE);
    invoke(method, Data::octets(digest.0))
}

fn title(device: DeviceId) -> Data {
    Data::octets(device.0.0.to_be_bytes())
}
