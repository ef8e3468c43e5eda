//! The Requesting Party: builds migration file sets from the SMSO's exports, and signs them.
//!
//! It adds what the SMSO does not know, the certificate IDs of the registered suppliers and network operators, and passes
//! the encrypted blobs on as they came. Plaintext it takes for EB and EC alone (11.1), and encrypts it as it reads. It must never
//! keep a key other than its own signing key, and it judges nothing else: what is wrong with an installation is for the DSP to say.

mod certificates;
mod counters;
mod exports;
mod files;
mod newest;
mod sets;

pub use certificates::{Remark, WithoutCertificate};
pub use counters::Counters;
pub use files::write;
pub use sets::BuiltSet;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use tern_model::facts::Facts;
use tern_model::{Finding, Fuel, GroupId, PartyId};
use tern_rules::Books;
use tern_wire::facts_csv::Subject;
use tern_wire::migration::ExportInstallation;
use tern_wire::smki::{Signer, Trust};
use tern_wire::xml::Limits;

use crate::facts::{FactsIndex, subjects_of_point};
use crate::{ServiceFault, pki};
use certificates::Certificates;
use exports::Export;
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
    /// Where its bytes are; they are read twice, and whoever changes them in between stops the build.
    pub path: &'a Path,
}

/// How far a build has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// One more export is verified; it holds so many installations.
    Verified(usize),
    /// So many more installations are gone through.
    Done(usize),
}

/// The parties whose encryption certificates in force keys are encrypted to, by common name; asked for plaintext alone.
#[derive(Debug, Clone, Copy)]
pub struct Recipients<'a> {
    /// The S1SP.
    pub s1sp: &'a str,
    /// The DCO.
    pub dco: &'a str,
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
    /// The rule books of today: by them metering points are looked up, and sets are written in the version of the Migration Schema
    /// in force, those of FOC in v1.2.
    pub books: Books<'a>,
    /// Caps on what is read.
    pub limits: &'a Limits,
    /// What the operator set.
    pub settings: Settings,
    /// The folder with the sets' folder, `sets/`; what is not finished stands there too.
    pub out: &'a Path,
    /// Whom the keys of exports in plaintext are encrypted to.
    pub recipients: Recipients<'a>,
    /// Hears how far it has come.
    pub progress: &'a dyn Fn(Progress),
}

/// What came of a build: sets that are signed, and not yet at their places ([`write`] puts them there). Dropped before, they go.
#[derive(Debug)]
pub struct Built {
    /// The sets, counters rising.
    pub sets: Vec<BuiltSet>,
    /// What the operator should know of exports and of single installations.
    pub remarks: Vec<Remark>,
}

/// Why nothing was built.
#[derive(Debug)]
pub enum NotBuilt {
    /// An export is not what it should be, or not what its group may be exported as (11.1).
    Export(Vec<Finding>),
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
    let exports = read(request)?;
    let newest = Newest::of(&exports);
    let mut certificates = Certificates::new(request);
    let mut taken = counters.clone();
    // By group and SMSO, in the order in which installations are put forward.
    let mut series: BTreeMap<(GroupId, PartyId), Vec<usize>> = BTreeMap::new();
    for (at, export) in exports.iter().enumerate() {
        let header = export.header();
        series.entry((header.group_id, header.smets1_smso)).or_default().push(at);
    }
    let mut sets = Vec::new();
    for ((group, smso), holders) in series {
        let mut line = sets::Line::new(request, group, smso, &mut taken);
        for at in holders {
            let wanted = |i: &ExportInstallation| newest.is(at, smso, i.chf_identifier);
            put_forward(request, &exports[at], wanted, &mut line, &mut certificates).map_err(NotBuilt::Fault)?;
        }
        sets.extend(line.finish().map_err(NotBuilt::Fault)?);
    }
    *counters = taken;
    let remarks = newest.remarks(&exports).into_iter().chain(certificates.into_remarks()).collect();
    Ok(Built { sets, remarks })
}

/// Adds an export's wanted installations to the sets, a run at a time.
fn put_forward(
    request: &Request<'_>,
    export: &Export,
    wanted: impl Fn(&ExportInstallation) -> bool,
    line: &mut sets::Line<'_>,
    certificates: &mut Certificates<'_>,
) -> Result<(), ServiceFault> {
    export.each_run(&mut |installations| {
        let registrations = registrations(request.facts, installations)?;
        certificates.look_up_in(export.header().group_id, registrations);
        for installation in installations.iter().filter(|i| wanted(i)) {
            if certificates.goes(installation) {
                line.push(installation, certificates)?;
            }
        }
        (request.progress)(Progress::Done(installations.len()));
        Ok(())
    })
}

/// Registration Data of every metering point of these installations.
fn registrations(facts: &FactsIndex, installations: &[ExportInstallation]) -> Result<Facts, ServiceFault> {
    facts.slice(installations.iter().flat_map(points))
}

fn points(installation: &ExportInstallation) -> impl Iterator<Item = Subject> {
    let gas = installation.gsme.as_ref().map(|gsme| subjects_of_point(Fuel::Gas, &gsme.mpxn));
    subjects_of_point(Fuel::Electricity, &installation.esme.mpxn).chain(gas.into_iter().flatten())
}

/// Every export, verified; the findings of all.
fn read(request: &Request<'_>) -> Result<Vec<Export>, NotBuilt> {
    let (mut exports, mut findings) = (Vec::new(), Vec::new());
    for file in request.exports {
        match exports::read(request, file) {
            Ok(export) => {
                (request.progress)(Progress::Verified(export.keys().len()));
                exports.push(export);
            }
            Err(NotBuilt::Export(found)) => findings.extend(found),
            Err(fault) => return Err(fault),
        }
    }
    if findings.is_empty() { Ok(exports) } else { Err(NotBuilt::Export(findings)) }
}
