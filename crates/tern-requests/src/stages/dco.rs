//! Dual control: why the DCO does not protect what a critical request needs. Its own checks are `tern-dco`'s, which knows nothing of
//! this crate: here is only what becomes of its word.

use crate::codes::Reason;
use crate::refusal::Refusal;

/// What the DCO said instead of yes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DcoSaid {
    /// The instruction is not what the User signed, or its signature does not hold.
    No(String),
    /// Its key package lacks the device's keys (RQ7).
    KeysMissing(String),
    /// The request is not under the credentials that the DCC holds for the meter, or would replace them wrongly.
    Credentials(String),
    /// Nothing.
    Nothing,
}

impl From<DcoSaid> for Refusal {
    fn from(said: DcoSaid) -> Refusal {
        match said {
            DcoSaid::No(words) => Refusal::new(Reason::NotCorresponding, words),
            DcoSaid::KeysMissing(words) => Refusal::new(Reason::KeysMissing, words),
            DcoSaid::Credentials(words) => Refusal::new(Reason::Credentials, words),
            DcoSaid::Nothing => Refusal::new(Reason::DcoSilent, "the DCO did not answer"),
        }
    }
}
