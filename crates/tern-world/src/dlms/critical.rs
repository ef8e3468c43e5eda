//! The keys of the critical association, which are never transferred: both are derived from the master key (P), so that they
//! exist only where it is.

use aws_lc_rs::hmac;
use tern_dlms::security::{Key, Keys};
use tern_model::{DeviceId, Secret};
use zeroize::Zeroize;

/// The critical keys of an ESME under a master key: the first 16 bytes of HMAC-SHA-256 over a label and the system title.
#[must_use]
pub fn critical_keys(master: &Secret<16>, esme: DeviceId) -> Keys {
    let key = |label: &str| {
        let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, master.expose()));
        context.update(label.as_bytes());
        context.update(&esme.0.0.to_be_bytes());
        let tag = context.sign();
        let mut bytes: [u8; 16] = std::array::from_fn(|at| tag.as_ref()[at]);
        let key = Key::new(bytes);
        bytes.zeroize();
        key
    };
    Keys { encryption: key("tern critical encryption"), authentication: key("tern critical authentication") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn critical_keys_are_one_devices_and_one_master_keys() {
        let (master, other) = (Secret::new([1; 16]), Secret::new([2; 16]));
        let (esme, neighbour) = (DeviceId(tern_model::Eui64(1)), DeviceId(tern_model::Eui64(2)));
        let keys = critical_keys(&master, esme);
        assert_eq!(keys, critical_keys(&master, esme));
        assert_ne!(keys, critical_keys(&other, esme));
        assert_ne!(keys, critical_keys(&master, neighbour));
        assert_ne!(keys.encryption, keys.authentication);
    }
}
