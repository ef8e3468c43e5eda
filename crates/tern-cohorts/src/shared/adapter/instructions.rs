//! The instructions that the DCO is asked to fill in or to protect: xDLMS APDUs in the clear.
//!
//! They hold no key: where a wrapped key belongs stand zeros. The DCO decodes them with code of its own, and must never take
//! this module's word for what they say.

use tern_dlms::Codec;
use tern_dlms::apdu::{ActionRequest, Apdu, GetRequest, InvokeIdAndPriority};
use tern_dlms::cosem::Shape;
use tern_dlms::cosem::security_setup::{KeyData, KeyId};
use tern_dlms::security::WRAPPED_KEY_BYTES;

use super::objects;

/// B2.3, B6.8: the ESME's Device ID, which only an ESME with the right keys can answer.
pub(in crate::shared) fn read_device_id() -> Vec<u8> {
    let invoke = InvokeIdAndPriority::new(1);
    Apdu::GetRequest(GetRequest::Normal { invoke, attribute: objects::DEVICE_ID.into() }).to_bytes()
}

/// B6.1: both keys of the management association.
pub(in crate::shared) fn association_key_transfer() -> Vec<u8> {
    key_transfer(&[KeyId::GlobalUnicastEncryption, KeyId::Authentication])
}

/// B6.4: the master key.
pub(in crate::shared) fn master_key_transfer() -> Vec<u8> {
    key_transfer(&[KeyId::Master])
}

fn key_transfer(ids: &[KeyId]) -> Vec<u8> {
    let empty = |id: &KeyId| KeyData { id: *id, wrapped: vec![0; WRAPPED_KEY_BYTES] };
    let keys: Vec<_> = ids.iter().map(empty).collect();
    let (invoke, method) = (InvokeIdAndPriority::new(1), objects::KEY_TRANSFER);
    Apdu::ActionRequest(ActionRequest::Normal { invoke, method, parameters: Some(keys.to_data()) }).to_bytes()
}
