//! The critical keys of a device: derived from its master key (P), so that they are wherever that key is and nowhere else,
//! and a device that goes back to an earlier master key goes back to its critical keys too.

use aws_lc_rs::hmac;
use tern_dlms::SystemTitle;
use tern_dlms::security::{KEY_BYTES, Key, Keys};
use tern_model::SecretBytes;
use zeroize::Zeroize;

use crate::fault::DcoFault;

/// Encryption and authentication key: the first 16 bytes of HMAC-SHA-256 under the master key, over a name and the device's
/// system title.
pub(crate) fn derive(master: &SecretBytes, device: SystemTitle) -> Result<Keys, DcoFault> {
    let secret = hmac::Key::new(hmac::HMAC_SHA256, master.expose());
    let key = |name: &[u8]| {
        let mut context = hmac::Context::with_key(&secret);
        context.update(name);
        context.update(&device.0);
        let tag = context.sign();
        let mut bytes = tag.as_ref().get(..KEY_BYTES).unwrap_or_default().to_vec();
        let key = Key::of(&bytes).ok_or(DcoFault::Crypto("key derivation"));
        bytes.zeroize();
        key
    };
    Ok(Keys { encryption: key(b"tern critical encryption")?, authentication: key(b"tern critical authentication")? })
}
