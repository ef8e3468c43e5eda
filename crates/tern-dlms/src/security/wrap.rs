//! AES key wrap (RFC 3394): how `key_transfer` carries a new key under the master key (KEK).

use aws_lc_rs::key_wrap::{AES_128, AesKek, KeyWrap};

use super::{KEY_BYTES, Key, SecurityError};

/// Bytes of a wrapped key.
pub const WRAPPED_KEY_BYTES: usize = KEY_BYTES + 8;

/// Wraps a key under the key-encrypting key.
///
/// # Errors
/// [`SecurityError::Wrap`] where the library refuses, which it does for no pair of 16-byte keys.
pub fn wrap_key(master: &Key, key: &Key) -> Result<[u8; WRAPPED_KEY_BYTES], SecurityError> {
    let mut wrapped = [0; WRAPPED_KEY_BYTES];
    kek(master)?.wrap(key.expose(), &mut wrapped).map_err(|_| SecurityError::Wrap)?;
    Ok(wrapped)
}

/// Opens a wrapped key.
///
/// # Errors
/// [`SecurityError::Wrap`] for another length, another key-encrypting key, or altered bytes.
pub fn unwrap_key(master: &Key, wrapped: &[u8]) -> Result<Key, SecurityError> {
    if wrapped.len() != WRAPPED_KEY_BYTES {
        return Err(SecurityError::Wrap);
    }
    let mut bytes = zeroize::Zeroizing::new([0; WRAPPED_KEY_BYTES]);
    let key = kek(master)?.unwrap(wrapped, bytes.as_mut_slice()).map_err(|_| SecurityError::Wrap)?;
    Key::of(key).ok_or(SecurityError::Wrap)
}

fn kek(master: &Key) -> Result<AesKek, SecurityError> {
    AesKek::new(&AES_128, master.expose()).map_err(|_| SecurityError::Wrap)
}
