//! The GSME's PIN for functionality not meant for use by Energy Consumers (3.25): read by check values, revised and taken back by
//! what the S1SP signs (P). No PIN is ever in the clear here.

use tern_dlms::Data;
use tern_model::Digest;

use super::signed::Signed;
use super::{Trouble, failed, hub, objects};
use crate::Site;
use crate::device::{PinStatus, Reply};

/// Which PINs the GSME holds.
pub(super) fn read(site: &Site<'_>) -> Result<Reply, Trouble> {
    let [in_force, before] = Signed::gsme(site)?.read([objects::PIN, objects::PIN_BEFORE])?;
    let in_force = check_value(&in_force)?.ok_or_else(|| failed("the GSME holds no PIN"))?;
    Ok(Reply::Pin(PinStatus { in_force, before: check_value(&before)? }))
}

/// A3.2.
pub(super) fn revise(site: &Site<'_>, wrapped: &[u8]) -> Result<Reply, Trouble> {
    hub::set(Signed::gsme(site)?, objects::PIN, Data::octets(wrapped))
}

/// Its undo.
pub(super) fn restore(site: &Site<'_>, before: Digest) -> Result<Reply, Trouble> {
    hub::set(Signed::gsme(site)?, objects::PIN_BEFORE, Data::octets(before.0))
}

/// A check value; none where the text is empty.
fn check_value(data: &Data) -> Result<Option<Digest>, Trouble> {
    let none_such = || failed("what the GSME says of its PIN is no check value");
    let bytes = data.as_octets().map_err(|_| none_such())?;
    if bytes.is_empty() {
        return Ok(None);
    }
    Ok(Some(Digest(bytes.try_into().map_err(|_| none_such())?)))
}
