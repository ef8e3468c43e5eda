//! The instructions that the DCO is asked to fill in or to protect: xDLMS APDUs in the clear.
//!
//! They hold no key: where a wrapped key belongs stand zeros. The DCO decodes them with code of its own, and must never take
//! this module's word for what they say.

use tern_dlms::apdu::{ActionRequest, Apdu, GetRequest, InvokeIdAndPriority};
use tern_dlms::{AttributeDescriptor, Codec, Data, MethodDescriptor};

use super::objects;

/// How long a key of 16 bytes is when it is wrapped (RFC 3394).
const WRAPPED_BYTES: usize = 24;
/// key_id of global_key_transfer: global unicast encryption key.
const GLOBAL_UNICAST_ENCRYPTION_KEY: u8 = 0;
/// key_id of global_key_transfer: authentication key.
const AUTHENTICATION_KEY: u8 = 2;
/// key_id of global_key_transfer: master key.
const MASTER_KEY: u8 = 3;

/// B2.3, B6.8: the ESME's Device ID, which only an ESME with the right keys can answer.
pub(in crate::foc) fn read_device_id() -> Vec<u8> {
    let attribute = AttributeDescriptor::new(objects::DATA, objects::DEVICE_ID, objects::VALUE);
    let invoke = InvokeIdAndPriority::new(1);
    Apdu::GetRequest(GetRequest::Normal { invoke, attribute: attribute.into() }).to_bytes()
}

/// B6.1: both keys of the management association.
pub(in crate::foc) fn association_key_transfer() -> Vec<u8> {
    key_transfer(&[GLOBAL_UNICAST_ENCRYPTION_KEY, AUTHENTICATION_KEY])
}

/// B6.3: the master key.
pub(in crate::foc) fn master_key_transfer() -> Vec<u8> {
    key_transfer(&[MASTER_KEY])
}

fn key_transfer(ids: &[u8]) -> Vec<u8> {
    let method =
        MethodDescriptor::new(objects::SECURITY_SETUP, objects::SECURITY_SETUP_OBJECT, objects::GLOBAL_KEY_TRANSFER);
    let empty = |id: &u8| Data::Structure(vec![Data::Enum(*id), Data::octets([0; WRAPPED_BYTES])]);
    let parameters = Some(Data::Array(ids.iter().map(empty).collect()));
    Apdu::ActionRequest(ActionRequest::Normal { invoke: InvokeIdAndPriority::new(1), method, parameters }).to_bytes()
}
