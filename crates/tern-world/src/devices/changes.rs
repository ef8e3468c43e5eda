//! What an effect changed: the vocabulary of the effect log.
//!
//! It never holds a key in the clear: a new key stands in it as it came, wrapped under the master key in force.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tern_model::{CertificateId, DeviceId, Digest, PartyId, Secret};
use tern_wire::role_link::AssociationKeys;

use super::account::{PrepaymentTerms, Prices};
use super::meter::SupplyState;

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
    /// The gas meter's PIN (3.25), each told with its salt.
    Pin {
        /// Until then.
        from: Fingerprint,
        /// From then on.
        to: Fingerprint,
        /// The new PIN as it came: wrapped under the gas meter's key, in hexadecimal.
        wrapped: String,
    },
    /// The gas meter went back to the PIN before.
    PinRestored {
        /// Until then.
        from: Fingerprint,
        /// From then on.
        to: Fingerprint,
    },
    /// One of those below, of the gas meter. Where they stand by themselves they are the ESME's.
    Gas {
        /// Which.
        change: Box<Change>,
    },
    /// A device trusts another one of its installation.
    Joined {
        /// ESME, GSME or PPMID.
        device: DeviceId,
        /// The other.
        other: DeviceId,
    },
    /// The ESME's auxiliary load switch.
    Auxiliary {
        /// Whether it was closed until then.
        from: bool,
        /// Whether it is from then on.
        to: bool,
    },
    /// How the meter supplies.
    Supply {
        /// Until then.
        from: SupplyState,
        /// From then on.
        to: SupplyState,
    },
    /// The meter's clock was set.
    Clock {
        /// When, in the world's time.
        at: Timestamp,
        /// How far ahead of it the clock is from then on, in seconds.
        offset_seconds: i64,
    },
    /// A part of the meter's activity calendar that is not in force yet.
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
    /// Special days, in force at once.
    SpecialDays {
        /// Their encoding, in hexadecimal.
        to: String,
    },
    /// Block thresholds.
    Thresholds {
        /// Their encoding, in hexadecimal.
        to: String,
    },
    /// What everything costs from then on.
    Prices {
        /// When, in the world's time.
        at: Timestamp,
        /// The balance then, in thousandths of a penny.
        balance: i64,
        /// From then on.
        to: Prices,
    },
    /// What everything costs once the passive calendar is in force.
    PassivePrices {
        /// From then on.
        to: Prices,
    },
    /// How Prepayment Mode is set up.
    Terms {
        /// From then on.
        to: PrepaymentTerms,
    },
    /// A UTRN was taken.
    ToppedUp {
        /// When, in the world's time.
        at: Timestamp,
        /// The balance from then on, in thousandths of a penny.
        balance: i64,
        /// SHA-256 of its digits: it is never taken again.
        utrn: Digest,
    },
    /// The meter's payment mode or balance.
    Prepayment {
        /// When, in the world's time.
        at: Timestamp,
        /// Whether it is in Prepayment Mode from then on.
        prepayment: bool,
        /// The balance from then on, in thousandths of a penny.
        balance: i64,
    },
    /// The SMSO upgraded a device, by its own means (4.26).
    Firmware {
        /// CHF, ESME, GSME or PPMID.
        device: DeviceId,
        /// Until then.
        from: String,
        /// From then on.
        to: String,
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
