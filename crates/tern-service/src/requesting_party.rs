//! The Requesting Party: builds migration file sets from the SMSO's exports, and signs them.
//!
//! It adds what the SMSO does not know, the certificate IDs of the registered suppliers and network operators, and passes
//! the encrypted blobs on as they came. It must never hold a key other than its own signing key, nor see plaintext
//! (11.1), and it judges nothing: what is wrong with an installation is for the DSP to say.

mod certificates;
mod counters;
mod files;
mod newest;
mod sets;

pub use certificates::{Remark, WithoutCertificate};
pub use counters::Counters;
pub use files::write;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use jiff::Timestamp;
use jiff::civil::Date;
use tern_model::facts::Facts;
use tern_model::{Fuel, GroupId, PartyId, SetId};
use tern_wire::facts_csv::Subject;
use tern_wire::migration::{ExportInstallation, FileName, SmsoExport, open};
use tern_wire::smki::{Signer, Trust};
use tern_wire::xml::Limits;
use tern_wire::{Verified, WireFault};

use crate::facts::FactsIndex;
use crate::{ServiceFault, pki};
use certificates::Certificates;
use newest::Newest;

/// What the operator may set.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// The most installations that one set holds.
    pub installations_max: NonZeroUsize,
    /// What becomes of a meter whose registered supplier has no certificate in the directory.
    pub without_certificate: WithoutCertificate,
}

impl Default for Settings {
    fn default() -> Self {
        let installations_max = NonZeroUsize::new(250).unwrap_or(NonZeroUsize::MIN);
        Settings { installations_max, without_certificate: WithoutCertificate::NullCertificateId }
    }
}

/// An export as it was received.
#[derive(Debug, Clone, Copy)]
pub struct ExportFile<'a> {
    /// Its file name.
    pub name: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// All that the Requesting Party works from.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The exports, in the order in which their installations are put forward.
    pub exports: &'a [ExportFile<'a>],
    /// Registration Data; no other records are asked.
    pub facts: &'a FactsIndex,
    /// Who is trusted, with the directory of Organisation Certificates.
    pub trust: &'a Trust,
    /// The Requesting Party's own signing key.
    pub signer: &'a Signer,
    /// D, the planned migration day: the registered parties are those of this day.
    pub day: Date,
    /// Now: certificates are judged and headers dated by it.
    pub now: Timestamp,
    /// Caps on what is read.
    pub limits: &'a Limits,
    /// What the operator set.
    pub settings: Settings,
}

/// One set, signed and not yet written.
#[derive(Debug, Clone)]
pub struct BuiltSet {
    /// Which.
    pub id: SetId,
    /// How many installations it holds.
    pub installations: usize,
    /// Its files.
    pub files: Vec<(FileName, String)>,
}

impl BuiltSet {
    /// The set's folder below `sets/`, for example `EA_42`.
    #[must_use]
    pub fn folder(&self) -> String {
        format!("{}_{}", self.id.group, self.id.counter)
    }
}

/// What came of a build.
#[derive(Debug, Clone)]
pub struct Built {
    /// The sets, counters rising.
    pub sets: Vec<BuiltSet>,
    /// What the operator should know of exports and of single installations.
    pub remarks: Vec<Remark>,
}

/// Why nothing was built.
#[derive(Debug)]
pub enum NotBuilt {
    /// An export is not what it should be.
    Export(Vec<WireFault>),
    /// The world failed.
    Fault(ServiceFault),
}

/// Builds and signs the sets of all exports; takes their counters from `counters`. An installation that stands in several
/// exports of its SMSO is put forward once, as the newest has it.
///
/// # Errors
/// [`NotBuilt`]: one export that cannot be believed, or an own certificate that may not be used, stops the whole build, and no
/// counter is used.
pub fn build(request: &Request<'_>, counters: &mut Counters) -> Result<Built, NotBuilt> {
    pki::may_sign(request.trust, request.signer, request.now).map_err(NotBuilt::Fault)?;
    let exports = read(request).map_err(NotBuilt::Export)?;
    let newest = Newest::of(&exports);
    let facts = registrations(request.facts, &exports).map_err(NotBuilt::Fault)?;
    let mut certificates = Certificates::new(request, &facts);
    let mut wanted: BTreeMap<(GroupId, PartyId), Vec<&ExportInstallation>> = BTreeMap::new();
    for (at, export) in exports.iter().enumerate() {
        let header = &export.smso_export_header;
        let installations = export.installations.iter();
        let installations = installations.filter(|i| newest.is(at, header, i) && certificates.goes(i));
        wanted.entry((header.group_id, header.smets1_smso)).or_default().extend(installations);
    }
    let mut taken = counters.clone();
    let mut sets = Vec::new();
    for ((group, smso), installations) in wanted {
        for part in installations.chunks(request.settings.installations_max.get()) {
            let counter = taken.take(request.signer.certificate().party(), group).map_err(NotBuilt::Fault)?;
            let set = sets::Draft { request, group, smso, counter, installations: part };
            sets.push(set.signed(&mut certificates).map_err(NotBuilt::Fault)?);
        }
    }
    *counters = taken;
    let remarks = newest.remarks(&exports).into_iter().chain(certificates.into_remarks()).collect();
    Ok(Built { sets, remarks })
}

/// Registration Data of every metering point in the exports.
fn registrations(facts: &FactsIndex, exports: &[Verified<SmsoExport>]) -> Result<Facts, ServiceFault> {
    let points = |i: &ExportInstallation| {
        let gas = i.gsme.as_ref().map(|gsme| Subject::Point(Fuel::Gas, gsme.mpxn.clone()));
        std::iter::once(Subject::Point(Fuel::Electricity, i.esme.mpxn.clone())).chain(gas)
    };
    facts.slice(exports.iter().flat_map(|export| &export.installations).flat_map(points))
}

/// Every export, verified: signed by an SMSO, and named by its header.
fn read(request: &Request<'_>) -> Result<Vec<Verified<SmsoExport>>, Vec<WireFault>> {
    let (mut exports, mut faults) = (Vec::new(), Vec::new());
    for file in request.exports {
        match open::<SmsoExport>(file.name, file.bytes, request.trust, request.now, request.limits) {
            Ok(export) => exports.push(export),
            Err(found) => faults.extend(found),
        }
    }
    if faults.is_empty() { Ok(exports) } else { Err(faults) }
}
