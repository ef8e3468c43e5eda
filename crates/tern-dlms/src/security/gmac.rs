//! High-level security with mechanism 5: each side answers the other's challenge with a GMAC.

use aws_lc_rs::rand;

use super::suite0::{authenticate, same_tag};
use super::{Keys, Protection, SecurityControl, SecurityError, TAG_BYTES};
use crate::SystemTitle;

/// How many bytes a challenge of ours has.
pub const CHALLENGE_BYTES: usize = 16;
/// Security control, invocation counter, tag.
const ANSWER_BYTES: usize = 1 + 4 + TAG_BYTES;

/// A challenge: 8 to 64 bytes that the other side must answer (CtoS, StoC).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge(Vec<u8>);

impl Challenge {
    /// Takes what a peer sent.
    ///
    /// # Errors
    /// [`SecurityError::Challenge`] below 8 or above 64 bytes.
    pub fn of(bytes: &[u8]) -> Result<Challenge, SecurityError> {
        if !(8..=64).contains(&bytes.len()) {
            return Err(SecurityError::Challenge);
        }
        Ok(Challenge(bytes.to_vec()))
    }

    /// A fresh one of 16 bytes.
    ///
    /// # Errors
    /// [`SecurityError::Random`] where the machine gives no random bytes.
    pub fn random() -> Result<Challenge, SecurityError> {
        let mut bytes = vec![0; CHALLENGE_BYTES];
        rand::fill(&mut bytes).map_err(|_| SecurityError::Random)?;
        Ok(Challenge(bytes))
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// The answer `f(challenge)` of the party named `own`: security control 0x10, invocation counter, GMAC over control,
/// authentication key and challenge. It uses up the counter.
///
/// # Errors
/// None in practice: a challenge is far below what GCM takes.
pub fn gmac_answer(
    keys: &Keys,
    own: SystemTitle,
    invocation_counter: u32,
    challenge: &Challenge,
) -> Result<[u8; ANSWER_BYTES], SecurityError> {
    let mut answer = [0; ANSWER_BYTES];
    answer[0] = SecurityControl::of(Protection::Authenticated).byte();
    answer[1..5].copy_from_slice(&invocation_counter.to_be_bytes());
    answer[5..].copy_from_slice(&authenticate(keys, own, invocation_counter, challenge.bytes())?);
    Ok(answer)
}

/// Judges the answer of `peer` to our challenge and says the invocation counter it was made under.
///
/// # Errors
/// [`SecurityError::Short`] for another length, [`SecurityError::Control`] for another control byte than 0x10,
/// [`SecurityError::Tag`] where the GMAC does not fit.
pub fn judge_gmac_answer(
    keys: &Keys,
    peer: SystemTitle,
    challenge: &Challenge,
    answer: &[u8],
) -> Result<u32, SecurityError> {
    let answer: &[u8; ANSWER_BYTES] = answer.try_into().map_err(|_| SecurityError::Short)?;
    let [control, counter @ .., _, _, _, _, _, _, _, _, _, _, _, _] = *answer;
    if SecurityControl::read(control)?.protection() != Protection::Authenticated {
        return Err(SecurityError::Control(control));
    }
    let invocation_counter = u32::from_be_bytes(counter);
    let tag = authenticate(keys, peer, invocation_counter, challenge.bytes())?;
    if same_tag(&tag, &answer[5..]) { Ok(invocation_counter) } else { Err(SecurityError::Tag) }
}
