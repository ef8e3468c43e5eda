//! Protecting bytes and opening them: security control, invocation counter, content, tag.

use aes_gcm::aead::consts::U12;
use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::aes::Aes128;
use aes_gcm::{AesGcm, Nonce, Tag};
use aws_lc_rs::constant_time;

use super::{Key, Keys, Protection, SecurityControl, SecurityError};
use crate::SystemTitle;

/// Bytes of an authentication tag.
pub const TAG_BYTES: usize = 12;
/// What protection adds at most to the bytes it protects.
pub const OVERHEAD_MAX_BYTES: usize = HEADER_BYTES + TAG_BYTES;
/// Security control and invocation counter.
const HEADER_BYTES: usize = 5;
/// A message is at most as long as a PDU of 32 bits; this is far below what GCM takes under one vector.
const LONGEST_BYTES: usize = 1 << 24;

type Suite0 = AesGcm<Aes128, U12, U12>;

/// What a protected message said, its tag having been found right where it has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// How it was protected.
    pub protection: Protection,
    /// Under which number of its sender. Whether the number may be accepted is for the caller to judge.
    pub invocation_counter: u32,
    /// What it protects.
    pub content: Vec<u8>,
}

/// Protects `content`: security control, invocation counter, content (encrypted or in clear), tag.
///
/// The initialisation vector is `sender` and `invocation_counter`; what is authenticated beside is the security control and the
/// authentication key, and the content itself where it stays in clear. The same counter must never be used twice with one key.
///
/// # Errors
/// [`SecurityError::TooLong`] above 16 MiB.
pub fn protect(
    keys: &Keys,
    protection: Protection,
    sender: SystemTitle,
    invocation_counter: u32,
    content: &[u8],
) -> Result<Vec<u8>, SecurityError> {
    if content.len() > LONGEST_BYTES {
        return Err(SecurityError::TooLong);
    }
    let control = SecurityControl::of(protection);
    let mut message = Vec::with_capacity(content.len() + OVERHEAD_MAX_BYTES);
    message.push(control.byte());
    message.extend_from_slice(&invocation_counter.to_be_bytes());
    message.extend_from_slice(content);
    let vector = vector(sender, invocation_counter);
    let beside = beside(control, &keys.authentication, content);
    let hidden = if protection.hides() { HEADER_BYTES } else { message.len() };
    let tag = seal(&keys.encryption, &vector, &beside, &mut message[hidden..])?;
    if protection.has_tag() {
        message.extend_from_slice(&tag);
    }
    Ok(message)
}

/// Opens what `sender` protected.
///
/// # Errors
/// [`SecurityError`]: [`Short`](SecurityError::Short), [`Control`](SecurityError::Control), [`TooLittle`](SecurityError::TooLittle),
/// [`TooLong`](SecurityError::TooLong), [`Tag`](SecurityError::Tag). Nothing of the content is handed out unless the tag fits.
pub fn unprotect(keys: &Keys, sender: SystemTitle, message: &[u8]) -> Result<Opened, SecurityError> {
    let Some((header, rest)) = message.split_first_chunk::<HEADER_BYTES>() else { return Err(SecurityError::Short) };
    let [control, counter @ ..] = *header;
    let control = SecurityControl::read(control)?;
    let protection = control.protection();
    let invocation_counter = u32::from_be_bytes(counter);
    let tag_bytes = if protection.has_tag() { TAG_BYTES } else { 0 };
    let length = rest.len().checked_sub(tag_bytes).ok_or(SecurityError::Short)?;
    if length > LONGEST_BYTES {
        return Err(SecurityError::TooLong);
    }
    let (content, tag) = rest.split_at(length);
    let mut content = content.to_vec();
    let vector = vector(sender, invocation_counter);
    let beside = beside(control, &keys.authentication, &content);
    match protection {
        Protection::AuthenticatedEncrypted => open(&keys.encryption, &vector, &beside, &mut content, tag)?,
        Protection::Authenticated => open(&keys.encryption, &vector, &beside, &mut [], tag)?,
        // Counter mode is its own inverse, and there is no tag to judge.
        Protection::Encrypted => drop(seal(&keys.encryption, &vector, &beside, &mut content)?),
    }
    Ok(Opened { protection, invocation_counter, content })
}

/// The tag over nothing but `beside`: what GMAC is.
pub(super) fn authenticate(
    keys: &Keys,
    sender: SystemTitle,
    invocation_counter: u32,
    content: &[u8],
) -> Result<[u8; TAG_BYTES], SecurityError> {
    let control = SecurityControl::of(Protection::Authenticated);
    let beside = beside(control, &keys.authentication, content);
    seal(&keys.encryption, &vector(sender, invocation_counter), &beside, &mut [])
}

/// The initialisation vector: who sends, and which of its invocations it is.
fn vector(sender: SystemTitle, invocation_counter: u32) -> [u8; 12] {
    let mut vector = [0; 12];
    vector[..8].copy_from_slice(&sender.0);
    vector[8..].copy_from_slice(&invocation_counter.to_be_bytes());
    vector
}

/// What is authenticated and not encrypted. It holds the authentication key, so it is wiped.
fn beside(control: SecurityControl, authentication: &Key, content: &[u8]) -> zeroize::Zeroizing<Vec<u8>> {
    let mut beside = zeroize::Zeroizing::new(Vec::new());
    if !control.protection().has_tag() {
        return beside;
    }
    let clear: &[u8] = if control.protection().hides() { &[] } else { content };
    // One allocation: a vector that grows leaves its old bytes behind.
    beside.reserve_exact(1 + authentication.expose().len() + clear.len());
    beside.push(control.byte());
    beside.extend_from_slice(authentication.expose());
    beside.extend_from_slice(clear);
    beside
}

fn seal(key: &Key, vector: &[u8; 12], beside: &[u8], content: &mut [u8]) -> Result<[u8; TAG_BYTES], SecurityError> {
    Suite0::new(&(*key.expose()).into())
        .encrypt_inout_detached(&Nonce::from(*vector), beside, content.into())
        .map(Into::into)
        .map_err(|_| SecurityError::TooLong)
}

fn open(key: &Key, vector: &[u8; 12], beside: &[u8], content: &mut [u8], tag: &[u8]) -> Result<(), SecurityError> {
    let tag: [u8; TAG_BYTES] = tag.try_into().map_err(|_| SecurityError::Short)?;
    Suite0::new(&(*key.expose()).into())
        .decrypt_inout_detached(&Nonce::from(*vector), beside, content.into(), &Tag::<U12>::from(tag))
        .map_err(|_| SecurityError::Tag)
}

/// Whether two tags are the same, in the same time whatever they are.
pub(super) fn same_tag(one: &[u8], other: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(one, other).is_ok()
}

#[cfg(test)]
mod vectors;
