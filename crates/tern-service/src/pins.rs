//! The revised PIN of gas meters of CA (3.25): made by the S1SP, given to the gas meter and its Installing Supplier, and to nobody
//! else.
//!
//! The PIN is there for one call. What is kept of it are two envelopes, which gas meter and Installing Supplier alone can open,
//! and a check value. It must never be printed, logged or stored in the clear.

use std::sync::Arc;

use jiff::Timestamp;
use tern_cohorts::{PinRevision, Plan};

use tern_model::{ChfIdentifier, DeviceId, GasOutcome, Outcome, PartyId, Place, Role, Secret, SecretBytes, SetId};
use tern_store::{Body, OutboxEntry, StoreView};
use tern_wire::migration::{
    DecryptedInstallingSupplierPin, EncryptedBlobHolder, FileName, InstallingSupplierPin, InstallingSupplierPinHeader,
    read_plaintext,
};
use tern_wire::revised_pin::RevisedPin;
use tern_wire::schema::{EncryptedBlob, write};
use tern_wire::smki::{Certificate, Decrypter, Signer, Trust, Usage};
use tern_wire::xml::Limits;
use tern_wire::{Verified, WireFault, dsig, xenc};

use crate::fault::ServiceFault;

/// The gas meter that a PIN is made for, and whom it goes to.
pub(crate) struct PinOf<'a> {
    /// Its installation.
    pub(crate) chf: ChfIdentifier,
    /// The gas meter.
    pub(crate) gsme: DeviceId,
    /// Its PrepaymentKey.
    pub(crate) prepayment: &'a Secret<16>,
    /// The Installing Supplier's certificate for encryption.
    pub(crate) supplier: &'a Arc<Certificate>,
}

impl PinOf<'_> {
    /// Makes a PIN, and forgets it.
    ///
    /// # Errors
    /// The cryptographic library fails.
    pub(crate) fn revision(&self) -> Result<PinRevision, ServiceFault> {
        let failed = |reason: &str| ServiceFault::Crypto { what: "a revised PIN", reason: reason.to_owned() };
        let mut chance = [0; 16];
        aws_lc_rs::rand::fill(&mut chance).map_err(|_| failed("the random source failed"))?;
        let pin = RevisedPin::of_chance(&Secret::new(chance));
        let wrapped = pin.wrapped_for(self.gsme, self.prepayment).ok_or_else(|| failed("it could not be wrapped"))?;
        let told = DecryptedInstallingSupplierPin::new(self.chf, self.gsme, &pin);
        let encrypted = told.encrypted_to(self.supplier).map_err(|fault| failed(&fault.to_string()))?;
        let supplier = self.supplier.party();
        Ok(PinRevision {
            wrapped: wrapped.to_vec(),
            digest: pin.digest(),
            supplier,
            encrypted: encrypted.as_xml().to_owned(),
        })
    }
}

/// What goes to the Installing Supplier as an installation is commissioned; none where its gas meter took no PIN.
///
/// # Errors
/// The S1SP cannot sign.
pub(crate) fn to_installing_supplier(
    plan: &Plan,
    outcome: &Outcome,
    signer: &Signer,
    now: Timestamp,
) -> Result<Option<OutboxEntry>, ServiceFault> {
    let (Some(revision), Some(gsme), Outcome::Commissioned { gas: GasOutcome::Migrated }) =
        (&plan.pin_revision, &plan.gsme, outcome)
    else {
        return Ok(None);
    };
    let message = InstallingSupplierPin {
        header: InstallingSupplierPinHeader {
            requesting_party_id: plan.set.requesting_party,
            group_id: plan.set.group,
            file_counter: plan.set.counter,
            chf_identifier: plan.chf,
            creation_date_time: now,
        },
        installing_supplier: revision.supplier,
        device_id: gsme.expected.device,
        encrypted_pin: EncryptedBlobHolder { encrypted_data: EncryptedBlob::new(revision.encrypted.clone()) },
    };
    let failed = |reason: String| ServiceFault::Crypto { what: "an Installing Supplier PIN File", reason };
    let text = dsig::sign(&write(&message), signer).map_err(|fault| failed(fault.to_string()))?;
    Ok(Some(OutboxEntry {
        to: Role::Supplier.as_str().to_owned(),
        message: FileName::InstallingSupplierPin(plan.set, plan.chf).to_string(),
        at: now,
        body: Body::Bytes(text.into_bytes()),
    }))
}

/// A PIN file that waits with the S1SP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinFile {
    /// Its name.
    pub name: String,
    /// The signed bytes.
    pub bytes: Vec<u8>,
}

/// Every PIN file of the S1SP, each handed to `each`, in the order in which installations were commissioned.
///
/// # Errors
/// The store cannot be read; what `each` says.
pub fn files<E: From<ServiceFault>>(
    s1sp: &dyn StoreView,
    mut each: impl FnMut(PinFile) -> Result<(), E>,
) -> Result<(), E> {
    const PAGE: usize = 100;
    let mut after = 0;
    loop {
        let page = s1sp.unsent_to(Role::Supplier.as_str(), after, PAGE).map_err(ServiceFault::from)?;
        let Some((last, _)) = page.last() else { return Ok(()) };
        after = *last;
        for (_, entry) in page {
            let Body::Bytes(bytes) = entry.body else {
                let what = format!("{} is no message of its own size", entry.message);
                return Err(ServiceFault::Body(what).into());
            };
            each(PinFile { name: entry.message, bytes })?;
        }
    }
}

/// To whom a PIN file goes.
///
/// # Errors
/// It is none that can be believed.
pub fn recipient((name, bytes): (&str, &[u8]), trust: &Trust, now: Timestamp) -> Result<PartyId, Vec<WireFault>> {
    Ok(believed((name, bytes), trust, now)?.installing_supplier)
}

fn believed(
    (name, bytes): (&str, &[u8]),
    trust: &Trust,
    now: Timestamp,
) -> Result<Verified<InstallingSupplierPin>, Vec<WireFault>> {
    tern_wire::migration::open(name, bytes, trust, now, &Limits::DEFAULT)
}

/// A PIN file as its Installing Supplier reads it.
#[derive(Debug)]
pub struct OpenedPin {
    /// The set under which the installation was commissioned.
    pub set: SetId,
    /// The installation.
    pub chf: ChfIdentifier,
    /// The gas meter.
    pub gsme: DeviceId,
    /// When the file was made.
    pub made: Timestamp,
    /// The PIN, which opens the gas meter to whoever knows it.
    pub pin: RevisedPin,
}

/// Why a PIN file is not opened.
#[derive(Debug)]
pub enum PinRefused {
    /// It is no PIN file that can be believed, or what is encrypted in it is not what it must be.
    Faults(Vec<WireFault>),
    /// It is another supplier's.
    OfAnother {
        /// Whose it is.
        supplier: PartyId,
    },
}

impl From<Vec<WireFault>> for PinRefused {
    fn from(faults: Vec<WireFault>) -> PinRefused {
        PinRefused::Faults(faults)
    }
}

/// Verifies and opens a PIN file with the Installing Supplier's own key.
///
/// # Errors
/// [`PinRefused`].
pub fn open(
    (name, bytes): (&str, &[u8]),
    trust: &Trust,
    decrypter: &Decrypter,
    now: Timestamp,
) -> Result<OpenedPin, PinRefused> {
    let verified = believed((name, bytes), trust, now)?;
    let supplier = verified.installing_supplier;
    if decrypter.certificate().party() != supplier {
        return Err(PinRefused::OfAnother { supplier });
    }
    let xpath = "InstallingSupplierPIN/EncryptedPIN".to_owned();
    let place = Place { xpath, ..Place::document(name) };
    if let Err(problem) = trust.check(decrypter.certificate().id(), now, Usage::Encrypt) {
        return Err(vec![problem.into_fault(place)].into());
    }
    let blob = verified.encrypted_pin.encrypted_data.as_xml();
    let plaintext: SecretBytes = xenc::decrypt(blob, &place, decrypter).map_err(|fault| vec![fault])?;
    let told = read_plaintext::<DecryptedInstallingSupplierPin>(&place, &plaintext)?;
    let is_own = (told.chf_identifier, told.device_id) == (verified.header.chf_identifier, verified.device_id);
    let pin = told.revised_pin().filter(|_| is_own);
    let pin = pin.ok_or_else(|| vec![not_the_meters(place)])?;
    let header = &verified.header;
    Ok(OpenedPin {
        set: header.set_id(),
        chf: header.chf_identifier,
        gsme: verified.device_id,
        made: header.creation_date_time,
        pin,
    })
}

fn not_the_meters(place: Place) -> WireFault {
    WireFault {
        kind: tern_wire::FaultKind::Schema,
        place,
        message: "what is encrypted is no PIN of this gas meter".to_owned(),
        found: "not shown".to_owned(),
        expected: "eight digits and a salt, of the installation and the gas meter that the file names".to_owned(),
        suggestion: "ask the S1SP for the file once more".to_owned(),
    }
}
