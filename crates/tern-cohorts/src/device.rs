//! What the S1SP asks of an installation's devices, and what they say: one row at a time, in the field's words.
//!
//! It never crosses a wire: a cohort's adapter turns it into the protocol that its devices speak. It holds no key; whose
//! keys open an association is named, and the adapter is handed them for one row.

use tern_model::{CertificateId, DeviceId, DeviceModel, Digest};

/// Whose association keys open the ESME's management association.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Whose {
    /// Those of the file set (S002 26).
    Smso,
    /// The S1SP's own.
    S1sp,
}

/// One thing asked of the devices. Rows within a table are project-defined (CO1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// W1, B5.1 and probes · what the hub says of itself; that it answers at all is W1. Asked under a signature, so that nothing
    /// that was signed before can happen any more.
    ReadHub,
    /// Before the first of an installation's rows · how far ESME and hub were counted: what comes next must count on from there.
    ReadCounters,
    /// W2 · switch the hub's APN (15.2; back: 15.10.4).
    SetApn {
        /// The Access Point Name to use from now on.
        apn: String,
    },
    /// 15.11 · replace the CHF Whitelist.
    SetWhitelist {
        /// The whole list.
        devices: Vec<DeviceId>,
    },
    /// B2.1 · open the ESME's management association; B6.7 · be refused with the keys that the SMSO holds.
    Associate {
        /// By these keys.
        whose: Whose,
    },
    /// B2.2 · identity and firmware of the ESME.
    ReadEsme {
        /// By these keys.
        whose: Whose,
    },
    /// B3.1 and probes · is the GSME on the gas HAN? Answers [`DeviceError::GasHan`] (GT01) where it is not. As [`Row::ReadHub`].
    ReadGsme,
    /// A3.2's probe, and before its undo · which PIN the GSME holds, by check values (3.25). As [`Row::ReadHub`].
    ReadPin,
    /// A3.2 · the GSME takes a revised PIN; the one before it keeps.
    RevisePin {
        /// PIN and salt, under the GSME's own key.
        wrapped: Vec<u8>,
    },
    /// A3.2's undo · the GSME goes back to the PIN before.
    RestorePin {
        /// The check value of that PIN, as the GSME told it.
        before: Digest,
    },
    /// B3.2, B6.5, B6.6 · put a party's certificate in charge of a device (back: 15.10.3).
    SetCertificate {
        /// GSME (B3.2), CHF (B6.5) or ESME (B6.6, by the S1SP's keys).
        device: DeviceId,
        /// The certificate that is in charge from now on.
        certificate: CertificateId,
        /// Whose keys open the ESME; of no meaning for the others.
        whose: Whose,
    },
    /// B6.2 · have the ESME take its association's keys: an instruction that the DCO filled in.
    TransferKeys {
        /// By these keys.
        whose: Whose,
        /// The instruction, as it goes to the ESME's security setup.
        instruction: Vec<u8>,
    },
    /// B2.3, B6.4, B6.8 and probes · carry the DCO's own request to the ESME's critical association, and the answer back.
    RelayCritical {
        /// Protected by keys that the S1SP does not have.
        apdu: Vec<u8>,
    },
}

/// What a device says when it obeys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// Done, or open.
    Done,
    /// The ESME.
    Esme(MeterStatus),
    /// The GSME.
    Gsme(MeterStatus),
    /// The GSME's PINs.
    Pin(PinStatus),
    /// The hub.
    Hub(HubStatus),
    /// How far ESME and hub were counted.
    Counters(Counters),
    /// The ESME's answer on its critical association: the DCO alone can read it.
    Critical {
        /// As it came.
        apdu: Vec<u8>,
    },
}

/// What a meter says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeterStatus {
    /// Its Device ID.
    pub device: DeviceId,
    /// Its model and firmware.
    pub model: DeviceModel,
    /// The certificate in charge.
    pub certificate: CertificateId,
}

/// Which PINs the GSME holds, by the check values of `tern_wire::revised_pin`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinStatus {
    /// In force.
    pub in_force: Digest,
    /// The one before, to which it can go back; none where it was never revised, or went back.
    pub before: Option<Digest>,
}

/// What the hub says of itself; reading it changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HubStatus {
    /// The Device ID of the CHF.
    pub device: DeviceId,
    /// Its model and firmware.
    pub model: DeviceModel,
    /// The APN in use.
    pub apn: String,
    /// The CHF Whitelist.
    pub whitelist: Vec<DeviceId>,
    /// The certificate in charge of the hub.
    pub certificate: CertificateId,
}

/// The highest numbers that the devices have heard, as they say in clear.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Counters {
    /// Invocation counters on the ESME's management association.
    pub management: u32,
    /// On its critical association.
    pub critical: u32,
    /// Transactions of the signed requests to the hub and what is behind it.
    #[serde(default)]
    pub transaction: u64,
}

/// What a device says when it does not obey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeviceError {
    /// No device by that identifier is reachable on the WAN.
    NoWan,
    /// The gas HAN fails (GT01).
    GasHan,
    /// The keys, or the certificate, are not those in force.
    KeyRejected,
    /// The wrapped key does not open under the master key in force.
    UnwrapFailed,
    /// There is no such device behind the hub.
    NoSuchDevice,
    /// What came in the place of an answer cannot be believed, before anything was asked, or to a question that alters nothing:
    /// whatever the device said, the conversation may be begun again.
    Garbled {
        /// What is wrong with it.
        reason: String,
    },
    /// The device fails at this row, for a reason of its own.
    Failed {
        /// The device's words.
        reason: String,
    },
}
