//! APDUs protected whole, in the form of one service (glo-…) or in the general form (general-glo-ciphering).

use super::{Keys, Protection, SecurityError, protect, unprotect};
use crate::SystemTitle;
use crate::apdu::{Apdu, GeneralGloCiphering, GloCiphered, GloService};
use crate::codec::Codec;

/// What a protected APDU in the general form is longer than the APDU in it, at most: first byte, system title with its length,
/// length of the content, security control, invocation counter, tag.
pub const CIPHERED_OVERHEAD_MAX_BYTES: usize = 1 + 9 + 5 + super::OVERHEAD_MAX_BYTES;

/// How a protected APDU is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// glo-…: the service stays visible, both sides know each other's system title.
    Global,
    /// general-glo-ciphering: nothing is visible, the system title of who protected it stands before it.
    General,
}

/// Two parties and the global keys that they share.
#[derive(Debug, Clone)]
pub struct Ciphering {
    /// The keys.
    pub keys: Keys,
    /// The system title of this side.
    pub own: SystemTitle,
    /// The system title of the other side.
    pub peer: SystemTitle,
}

/// A protected APDU that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsealed {
    /// How it was written.
    pub form: Form,
    /// How it was protected.
    pub protection: Protection,
    /// Under which number of its sender. Whether it may be accepted is for the caller to judge.
    pub invocation_counter: u32,
    /// The APDU.
    pub apdu: Vec<u8>,
}

impl Ciphering {
    /// Protects an APDU of this side. The number must never have been used with these keys.
    ///
    /// # Errors
    /// [`SecurityError::NoForm`]: the standard has no glo-form of this APDU; [`SecurityError::TooLong`].
    pub fn seal(
        &self,
        form: Form,
        protection: Protection,
        invocation_counter: u32,
        apdu: &[u8],
    ) -> Result<Vec<u8>, SecurityError> {
        let service = apdu.first().copied().and_then(GloService::of_plain);
        let content = protect(&self.keys, protection, self.own, invocation_counter, apdu)?;
        match (form, service) {
            (Form::Global, Some(service)) => Ok(GloCiphered { service, content }.to_bytes()),
            (Form::Global, None) => Err(SecurityError::NoForm),
            (Form::General, _) => Ok(GeneralGloCiphering { system_title: Some(self.own), content }.to_bytes()),
        }
    }

    /// Opens a protected APDU of the other side.
    ///
    /// # Errors
    /// [`SecurityError`]: it is not whole ([`Form`](SecurityError::Form)), another party's ([`Title`](SecurityError::Title)), holds
    /// another service than its first byte says ([`Service`](SecurityError::Service)), or as [`unprotect`] says.
    pub fn open(&self, apdu: &[u8]) -> Result<Unsealed, SecurityError> {
        let (form, service, content) = match Apdu::decode(apdu) {
            Ok(Apdu::GloCiphered(ciphered)) => (Form::Global, Some(ciphered.service), ciphered.content),
            Ok(Apdu::GeneralGloCiphering(ciphered)) => {
                if ciphered.system_title.is_some_and(|title| title != self.peer) {
                    return Err(SecurityError::Title);
                }
                (Form::General, None, ciphered.content)
            }
            _ => return Err(SecurityError::Form),
        };
        let opened = unprotect(&self.keys, self.peer, &content)?;
        if service.is_some_and(|service| opened.content.first() != Some(&service.plain())) {
            return Err(SecurityError::Service);
        }
        let (protection, invocation_counter) = (opened.protection, opened.invocation_counter);
        Ok(Unsealed { form, protection, invocation_counter, apdu: opened.content })
    }
}
