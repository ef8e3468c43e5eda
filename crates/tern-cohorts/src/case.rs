//! What a cohort is handed about one installation.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tern_flow::Migration;
use tern_model::facts::RollbackCertificate;
use tern_model::{
    CertificateId, ChfIdentifier, DeviceId, DeviceKind, DeviceModel, Digest, Fuel, HanType, MeterState, Mpxn, PartyId,
    SetId,
};
use tern_wire::role_link::{AssociationKeys, HubDetails};
use tern_wire::smki::DeviceKey;

use crate::device::{Counters, Whose};

/// What the verified file set says of one installation, as far as commissioning needs it. No secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The set.
    pub set: SetId,
    /// The installation.
    pub chf: ChfIdentifier,
    /// The electricity meter.
    pub esme: Expected,
    /// The hub's model and firmware; none in records of earlier releases.
    #[serde(default)]
    pub chf_model: Option<DeviceModel>,
    /// The gas meter, where there is one.
    pub gsme: Option<GasMeter>,
    /// GPF, PPMIDs and IHDs, which go into the inventory beside CHF and meters.
    pub others: Vec<(DeviceId, DeviceKind)>,
    /// The APN to go back to (15.10.4).
    pub previous_apn: String,
    /// The key of the hub's DeviceCertificate (FI12), judged with the file set; none where the set has no such certificate, and
    /// in records of earlier releases.
    #[serde(default)]
    pub hub_key: Option<DeviceKey>,
    /// The gas meter's new PIN, where it gets one (3.25); none in records of earlier releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin_revision: Option<PinRevision>,
    /// What each meter measures, for what is owed after commissioning (4.49); empty in records of earlier releases.
    #[serde(default)]
    pub supplies: Vec<Supply>,
}

/// The revised PIN of a gas meter (3.25), as those can open it whom it is for: nobody can make the PIN of this again, and its
/// maker has forgotten it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinRevision {
    /// For the gas meter, under a key of its own.
    pub wrapped: Vec<u8>,
    /// The check value that the gas meter tells once it holds the PIN.
    pub digest: Digest,
    /// The Installing Supplier.
    pub supplier: PartyId,
    /// For the Installing Supplier: an `xenc:EncryptedData` element.
    pub encrypted: String,
}

/// A meter with the metering point that it measures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supply {
    /// The meter.
    pub meter: DeviceId,
    /// Which supply.
    pub fuel: Fuel,
    /// The metering point.
    pub mpxn: Mpxn,
    /// Whether its Responsible Supplier had smart services for it.
    pub state: MeterState,
}

/// A device as the file set describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    /// Its Device ID.
    pub device: DeviceId,
    /// Its model and firmware.
    pub model: DeviceModel,
}

/// The gas meter as the file set describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GasMeter {
    /// Identity and model.
    pub expected: Expected,
    /// How it talks to the GPF; decides the whitelist (15.11).
    pub han: HanType,
}

/// What steps leave behind for later ones; durable with the machine's state, and without secrets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// The CHF Whitelist as it was before.
    pub whitelist_before: Option<Vec<DeviceId>>,
    /// How far ESME and hub were counted when they were last asked.
    #[serde(default)]
    pub counters: Counters,
    /// The ESME's answer to the DCO, until the DCO has it (B2.4, B6.8).
    #[serde(default)]
    pub evidence: Option<Vec<u8>>,
    /// What the hub said of itself for Table B5.
    pub hub: Option<HubDetails>,
    /// Association keys, as the DCO filled them in.
    #[serde(default)]
    pub association_transfer: Option<FilledTransfer>,
}

/// A key transfer and its way back, as the DCO filled them in: keys that the device alone can open. The way back is had
/// before the way forward is taken.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilledTransfer {
    /// The DCC's keys.
    pub forward: Vec<u8>,
    /// The SMSO's.
    pub back: Vec<u8>,
}

/// The association keys, opened for one call.
#[derive(Debug, Clone)]
pub struct Keys {
    /// As the SMSO handed them over.
    pub smso: AssociationKeys,
    /// The S1SP's own.
    pub s1sp: AssociationKeys,
}

impl Keys {
    /// Of the two, these.
    #[must_use]
    pub fn of(&self, whose: Whose) -> &AssociationKeys {
        match whose {
            Whose::Smso => &self.smso,
            Whose::S1sp => &self.s1sp,
        }
    }
}

/// Everything about one installation that a step may need.
pub struct Case<'a> {
    /// From the file set.
    pub plan: &'a Plan,
    /// The machine: whether gas goes along, and which steps are, or may be, in place.
    pub migration: &'a Migration,
    /// From earlier steps.
    pub memory: &'a Memory,
    /// Opened for this call.
    pub keys: &'a Keys,
    /// The DCC's APN (configuration).
    pub dcc_apn: &'a str,
    /// The S1SP's certificate, in charge of devices after commissioning.
    pub dcc_certificate: &'a CertificateId,
    /// 5.1(c), for the way back.
    pub rollback_certificates: &'a [RollbackCertificate],
    /// Constraints under which a rollback certificate may still be used (configuration, P).
    pub accepted_constraints: &'a [String],
    /// Today in Europe/London.
    pub today: Date,
    /// Seals bytes to the DCO's encryption certificate; `None` where that fails.
    pub seal_for_dco: &'a dyn Fn(&[u8]) -> Option<Vec<u8>>,
}

impl Case<'_> {
    /// Whether a step is, or may be, in place: done and not taken back, or its undo was given up.
    #[must_use]
    pub fn stands(&self, step: usize) -> bool {
        self.migration.in_place.contains(&step) || self.migration.not_undone.contains(&step)
    }

    /// The SMSO certificate that may be re-instated on a device today (15.10.3, FI8).
    ///
    /// # Errors
    /// Why none may.
    pub fn rollback_certificate(&self, device: DeviceId) -> Result<&CertificateId, String> {
        let mut why = format!("no SMSO certificate for device {device} was obtained under 5.1(c)");
        for c in self.rollback_certificates.iter().filter(|c| c.device == device) {
            if self.today < c.from || c.until < self.today {
                why = format!("the SMSO's certificate for device {device} may be used from {} to {}", c.from, c.until);
            } else if !c.constraint.is_empty() && !self.accepted_constraints.contains(&c.constraint) {
                why = format!("the SMSO's certificate for device {device} is constrained: {}", c.constraint);
            } else {
                return Ok(&c.certificate);
            }
        }
        Err(why)
    }
}
