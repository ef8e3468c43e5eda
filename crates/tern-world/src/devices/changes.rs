//! What an effect changed: the vocabulary of the effect log.
//!
//! It never holds a key in the clear: a new key stands in it as it came, wrapped under the master key in force.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tern_model::{CertificateId, DeviceId, Digest, PartyId, Secret};
use tern_wire::role_link::AssociationKeys;

/// The first eight hexadecimal digits of SHA-256 over a key: tells keys apart without showing them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(pub String);

impl Fingerprint {
    /// Of the association's keys: over AuthenticationKey followed by EncryptionKey.
    #[must_use]
    pub fn of_association(keys: &AssociationKeys) -> Fingerprint {
        Fingerprint::over(&[keys.authentication.expose(), keys.encryption.expose()])
    }

    /// Of one key.
    #[must_use]
    pub fn of_key(key: &Secret<16>) -> Fingerprint {
        Fingerprint::over(&[key.expose()])
    }

    fn over(parts: &[&[u8]]) -> Fingerprint {
        let text = digest(parts).to_string();
        Fingerprint(text[..8].to_owned())
    }
}

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

/// SHA-256 over parts, one after the other.
pub(crate) fn digest(parts: &[&[u8]]) -> Digest {
    let mut context = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
    for part in parts {
        context.update(part);
    }
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    Digest(out)
}

/// What an effect changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum Change {
    /// The hub's Access Point Name.
    Apn {
        /// Until then.
        from: String,
        /// From then on.
        to: String,
    },
    /// The certificate in charge of a device.
    Certificate {
        /// CHF, ESME, GSME or PPMID.
        device: DeviceId,
        /// Until then.
        from: CertificateId,
        /// From then on.
        to: CertificateId,
    },
    /// The CHF Whitelist.
    Whitelist {
        /// Until then.
        from: Vec<DeviceId>,
        /// From then on.
        to: Vec<DeviceId>,
    },
    /// The parties that the hub obeys beside the one in charge (15.2).
    Authorised {
        /// From then on.
        to: Vec<PartyId>,
    },
    /// The keys of the ESME's association, one of them or both.
    AssociationKeys {
        /// Until then.
        from: Fingerprint,
        /// From then on.
        to: Fingerprint,
        /// The new AuthenticationKey as it came: wrapped, in hexadecimal; empty where it stays.
        authentication: String,
        /// The new EncryptionKey as it came: wrapped, in hexadecimal; empty where it stays.
        encryption: String,
    },
    /// The ESME's master key.
    MasterKey {
        /// Until then.
        from: Fingerprint,
        /// From then on.
        to: Fingerprint,
        /// The new key as it came: wrapped under the one before, in hexadecimal.
        master: String,
    },
    /// Whether the ESME supplies.
    Supply {
        /// Until then.
        from: bool,
        /// From then on.
        to: bool,
    },
    /// The ESME's clock was set.
    Clock {
        /// When, in the world's time.
        at: Timestamp,
        /// How far ahead of it the clock is from then on, in seconds.
        offset_seconds: i64,
    },
    /// A part of the ESME's activity calendar that is not in force yet.
    PassiveCalendar {
        /// The attribute of the activity calendar, 6 to 10.
        attribute: i8,
        /// Its value's encoding, in hexadecimal.
        to: String,
    },
    /// The passive calendar came into force.
    CalendarActivated {
        /// When, in the world's time.
        at: Timestamp,
        /// What the register of the second rate showed then, in watt-hours.
        second_rate_wh: u64,
    },
    /// The ESME's payment mode or balance.
    Prepayment {
        /// When, in the world's time.
        at: Timestamp,
        /// Whether it is in Prepayment Mode from then on.
        prepayment: bool,
        /// The balance from then on, in thousandths of a penny.
        balance: i64,
    },
    /// A firmware image is on its way to a device; what came of one before is dropped.
    ImageInitiated {
        /// CHF, ESME or PPMID.
        device: DeviceId,
        /// The image's identifier, in hexadecimal.
        identifier: String,
        /// Its size in bytes.
        size: u32,
    },
    /// A device verified an image.
    ImageVerified {
        /// CHF, ESME or PPMID.
        device: DeviceId,
        /// The firmware version that the image holds; empty where it does not hold one for this device.
        firmware: String,
    },
    /// A device was told to activate an image, which takes effect later.
    ImageActivated {
        /// CHF, ESME or PPMID.
        device: DeviceId,
        /// The moment at which it takes effect.
        effective: Timestamp,
    },
    /// The supply to the whole installation failed.
    PowerCut {
        /// From when on.
        at: Timestamp,
        /// For how many seconds.
        seconds: u32,
    },
}
