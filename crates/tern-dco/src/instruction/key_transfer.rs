//! A key transfer without keys: the security setup's method that replaces keys, into which the DCO puts what the device alone
//! can open.

use tern_dlms::apdu::{ActionRequest, Apdu};
use tern_dlms::{ClassId, Codec, Data, LogicalName, MethodDescriptor};

use super::{Differs, INVOKE, decode, differs, same};

/// Bytes of a wrapped key (RFC 3394 of 16 bytes).
const WRAPPED_BYTES: usize = 24;

/// The security setup's key transfer (P but for the class and the method's number, which are the standard's).
const KEY_TRANSFER: MethodDescriptor =
    MethodDescriptor { class: ClassId(64), instance: LogicalName([0, 0, 43, 0, 0, 255]), method: 2 };

/// Which keys a transfer replaces, by the standard's numbers, in the order in which they must stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyTransfer {
    /// The association's: 0, global unicast encryption, and 2, authentication.
    Association,
    /// The master key, 3.
    Master,
}

impl KeyTransfer {
    fn ids(self) -> &'static [u8] {
        match self {
            KeyTransfer::Association => &[0, 2],
            KeyTransfer::Master => &[3],
        }
    }

    /// Whether an instruction is this key transfer, with nothing but zeros where the wrapped keys are to stand.
    pub(crate) fn compare(self, bytes: &[u8]) -> Result<(), Differs> {
        let Apdu::ActionRequest(ActionRequest::Normal { invoke, method, parameters }) = decode(bytes)? else {
            return Err(differs("service", "another one", "action-request-normal"));
        };
        same("invoke-id-and-priority", invoke.0, INVOKE.0)?;
        same("class", method.class, KEY_TRANSFER.class)?;
        same("object", method.instance, KEY_TRANSFER.instance)?;
        same("method", method.method, KEY_TRANSFER.method)?;
        let Some(Data::Array(keys)) = parameters else {
            return Err(differs("parameter", "another type", "an array of keys"));
        };
        same("number of keys", keys.len(), self.ids().len())?;
        keys.iter().zip(self.ids()).try_for_each(|(key, id)| empty_key(key, *id))
    }

    /// The instruction with the wrapped keys in it, in the order of [`KeyTransfer::ids`].
    pub(crate) fn filled(self, wrapped: &[Vec<u8>]) -> Vec<u8> {
        let key =
            |(id, wrapped): (&u8, &Vec<u8>)| Data::Structure(vec![Data::Enum(*id), Data::OctetString(wrapped.clone())]);
        let keys = self.ids().iter().zip(wrapped).map(key).collect();
        let request =
            ActionRequest::Normal { invoke: INVOKE, method: KEY_TRANSFER, parameters: Some(Data::Array(keys)) };
        request.to_bytes()
    }
}

fn empty_key(key: &Data, id: u8) -> Result<(), Differs> {
    let Data::Structure(parts) = key else { return Err(differs("key", "another type", "a structure")) };
    let [Data::Enum(found), Data::OctetString(wrapped)] = parts.as_slice() else {
        return Err(differs("key", "a structure of other types", "an enum and an octet-string"));
    };
    same("key id", *found, id)?;
    same("length of a wrapped key", wrapped.len(), WRAPPED_BYTES)?;
    if wrapped.iter().any(|byte| *byte != 0) {
        return Err(differs("wrapped key", "there already", "zeros"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Action-request-normal, 0xC1, class 64, 0.0.43.0.0.255, method 2, an array of these keys, as the standard writes it.
    fn transfer(ids: &[u8]) -> Vec<u8> {
        let head = [0xC3, 0x01, 0xC1, 0x00, 0x40, 0x00, 0x00, 0x2B, 0x00, 0x00, 0xFF, 0x02, 0x01, 0x01];
        let mut bytes = head.to_vec();
        bytes.push(ids.len() as u8);
        for id in ids {
            bytes.extend([0x02, 0x02, 0x16, *id, 0x09, 24]);
            bytes.extend([0; 24]);
        }
        bytes
    }

    #[track_caller]
    fn check(what: KeyTransfer, bytes: &[u8], field: Option<&str>) {
        assert_eq!(what.compare(bytes).err().map(|differs| differs.field), field);
    }

    #[test]
    fn a_transfer_is_accepted_as_the_one_that_it_is() {
        check(KeyTransfer::Association, &transfer(&[0, 2]), None);
        check(KeyTransfer::Master, &transfer(&[3]), None);
        check(KeyTransfer::Master, &transfer(&[0, 2]), Some("number of keys"));
        check(KeyTransfer::Association, &transfer(&[3]), Some("number of keys"));
        check(KeyTransfer::Association, &transfer(&[2, 0]), Some("key id"));
        check(KeyTransfer::Association, &transfer(&[0, 0]), Some("key id"));
        check(KeyTransfer::Association, &transfer(&[0, 2, 3]), Some("number of keys"));
        check(KeyTransfer::Association, &transfer(&[]), Some("number of keys"));
    }

    #[test]
    fn no_bit_of_a_transfer_can_be_another() {
        for (what, bytes) in [(KeyTransfer::Association, transfer(&[0, 2])), (KeyTransfer::Master, transfer(&[3]))] {
            for at in 0..bytes.len() {
                for bit in 0..8 {
                    let mut other = bytes.clone();
                    other[at] ^= 1 << bit;
                    assert!(what.compare(&other).is_err(), "{what:?}: byte {at}, bit {bit}");
                }
                assert!(what.compare(&bytes[..at]).is_err(), "{what:?}: cut at {at}");
            }
            assert!(what.compare(&[&bytes[..], &[0]].concat()).is_err(), "{what:?}: longer");
        }
    }

    #[test]
    fn a_length_in_its_long_form_is_another_way_to_write_it() {
        let bytes = transfer(&[3]);
        let at = bytes.iter().position(|byte| *byte == 24).expect("the length of the key");
        let long = [&bytes[..at], &[0x81], &bytes[at..]].concat();
        check(KeyTransfer::Master, &long, Some("form"));
    }

    #[test]
    fn the_keys_stand_where_the_zeros_stood() {
        let filled = KeyTransfer::Association.filled(&[vec![1; 24], vec![2; 24]]);
        let empty = transfer(&[0, 2]);
        assert_eq!(filled.len(), empty.len());
        let differing: Vec<_> = (0..empty.len()).filter(|at| filled[*at] != empty[*at]).collect();
        assert_eq!(differing, (21..45).chain(51..75).collect::<Vec<_>>());
    }
}
