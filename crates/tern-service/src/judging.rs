//! How a role puts a set before the rulebook: what it may see, opened with what it may open, beside its facts; run by run, so
//! that nothing in memory grows with the set.
//!
//! Roles and `tern check` come through here alike, so that a check says what the role will say. It must never judge.

mod open;
mod runs;

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use tern_model::facts::Facts;
use tern_model::{CertificateId, PartyId, Role};
use tern_rules::{
    Books, Directory, Holder, InstallationHistory, InstallationJudgement, Judge, Opened, PartView, SetHistory,
    SetJudgement, SetView, Settings, Slot,
};
use tern_wire::Verified;
use tern_wire::migration::{
    CommonInstallation, DecryptedMasterKey, GroupInformation, MigrationCommonFile, MigrationGroupFile,
};
use tern_wire::smki::{Decrypter, Trust, Usage};

use crate::fault::ServiceFault;
use crate::set_files::OpenedSet;
use open::on_all_cores;
use runs::{Files, Lanes, RunOfAll};
pub(crate) use runs::{Second, joined};

/// What judging needs beside the set.
pub struct Bench<'a> {
    /// Certificates.
    pub trust: &'a Trust,
    /// What rules leave to configuration.
    pub settings: &'a Settings,
    /// The moment at which certificates are judged.
    pub at: Timestamp,
    /// D, the planned migration day.
    pub day: Date,
    /// The rule books.
    pub books: Books<'a>,
    /// So many installations are judged at a time.
    pub at_once: usize,
}

/// What a role knows of some installations beside their files.
pub struct Known {
    /// The DCC's records, of these installations at least.
    pub facts: Facts,
    /// What the role remembers of them.
    pub history: InstallationHistory,
}

/// Whether a set's installations are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// One run after the other.
    Go,
    /// What was said of the set as a whole is enough.
    Stop,
}

/// Who has a set judged: says what it knows, and takes what is said, in the set's order.
///
/// Until the judgement is over nothing of what was said may count: only then is it known that no file was altered.
pub trait Client {
    /// What is said of the set as a whole.
    ///
    /// # Errors
    /// The world failed.
    fn begin(&mut self, set: &SetJudgement) -> Result<Then, ServiceFault>;

    /// What is known of the next installations.
    ///
    /// # Errors
    /// The world failed.
    fn know(&mut self, installations: &[CommonInstallation]) -> Result<Known, ServiceFault>;

    /// What is said of the next installations.
    ///
    /// # Errors
    /// The world failed.
    fn take(&mut self, part: JudgedPart) -> Result<(), ServiceFault>;
}

/// A run of installations with what is said of each, and with the plaintexts that were opened for it.
pub struct JudgedPart {
    /// Their entries in the Common File.
    pub common: Verified<MigrationCommonFile>,
    /// Their entries in the Group File; none for the DCO.
    pub group: Option<Verified<MigrationGroupFile>>,
    /// What the rulebook says of each.
    pub installations: Vec<InstallationJudgement>,
    /// What the S1SP decrypted, one per entry of the Group Encrypted File; empty for other roles.
    pub group_information: Vec<Opened<GroupInformation>>,
    /// What the DCO decrypted; empty for other roles.
    pub master_keys: Vec<Opened<DecryptedMasterKey>>,
}

impl Bench<'_> {
    /// Judges a set as a role. `decrypter` is the role's own private key; S1SP and DCO alone decrypt.
    ///
    /// While the processors judge one run, the one before it is taken and the next one read: three are in memory at most.
    ///
    /// # Errors
    /// What the client says; a file cannot be read; or [`ServiceFault::Altered`]: then nothing that was said counts.
    pub fn judge(
        &self,
        role: Role,
        set: &OpenedSet,
        history: &SetHistory,
        decrypter: Option<&Arc<Decrypter>>,
        client: &mut dyn Client,
    ) -> Result<SetJudgement, ServiceFault> {
        let repeats = set.repeats();
        let files = Files::of(role, set);
        let view = SetView {
            common: set.common.slot(),
            group: if files.group.is_some() { set.group.slot() } else { Slot::Absent },
            encrypted: set.encrypted.slot(),
            validation: if files.validation.is_some() { set.validation.slot() } else { Slot::Absent },
            doubled: &set.doubled,
            faults: &set.faults,
            repeats: &repeats,
            certificates: self,
            history,
            settings: self.settings,
        };
        let judge = Judge::new(&view, role, self.day, self.books);
        let mut verdicts = judge.verdicts().clone();
        if client.begin(&verdicts)? == Then::Stop {
            return Ok(verdicts);
        }
        let mut lanes = Lanes::open(&files, self.at_once)?;
        let mut judged = None;
        let mut next = next_run(&mut lanes, client)?;
        while let Some(run) = next.take() {
            let (part, meanwhile) = std::thread::scope(|scope| {
                let judging = scope.spawn(|| self.judge_run(role, &judge, run, decrypter));
                let meanwhile = taken(judged.take(), &mut verdicts, client).and_then(|()| next_run(&mut lanes, client));
                (joined(judging), meanwhile)
            });
            next = meanwhile?;
            judged = Some(part);
        }
        taken(judged, &mut verdicts, client)?;
        Ok(verdicts)
    }

    fn judge_run(
        &self,
        role: Role,
        judge: &Judge<'_>,
        (run, known): (RunOfAll, Known),
        decrypter: Option<&Arc<Decrypter>>,
    ) -> JudgedPart {
        let key = decrypter.filter(|_| matches!(role, Role::S1sp | Role::Dco));
        let (mut group_information, mut master_keys) = (None, None);
        match (role, key, run.encrypted.entries()) {
            (Role::S1sp, Some(key), Some(file)) => group_information = Some(self.open_group_information(file, key)),
            (Role::Dco, Some(key), Some(file)) => master_keys = Some(self.open_master_keys(file, key)),
            // The file ended before, and what it lacks is found all the same.
            (Role::S1sp, Some(_), None) => group_information = Some(Vec::new()),
            (Role::Dco, Some(_), None) => master_keys = Some(Vec::new()),
            _ => {}
        }
        let device_certificates = run.group.entries().map(|file| self.check_device_certificates(file));
        let mut view = PartView::new(run.common.first(), &run.common, &known.facts, &known.history);
        view.group = run.group.of_rules();
        view.encrypted = run.encrypted.of_rules();
        view.validation = run.validation.of_rules();
        view.group_information = group_information.as_deref();
        view.master_keys = master_keys.as_deref();
        view.device_certificates = device_certificates.as_deref();
        let judged = on_all_cores(&run.common.value().installations, |at, _| judge.installation(&view, at));
        let installations = judged.into_iter().flatten().collect();
        JudgedPart {
            installations,
            group_information: group_information.unwrap_or_default(),
            master_keys: master_keys.unwrap_or_default(),
            common: run.common,
            group: run.group.into_entries(),
        }
    }
}

impl Directory for Bench<'_> {
    fn holder(&self, id: &CertificateId) -> Option<Holder> {
        let CertificateId::Named { serial, issuer } = id else { return None };
        let certificate = self.trust.find(issuer, *serial)?;
        let usable = self.trust.check(id, self.at, Usage::Sign).map(drop).map_err(|p| p.to_string());
        Some(Holder { party: certificate.party(), role: certificate.role(), usable })
    }

    fn can_encrypt_to(&self, role: Role, party: PartyId) -> bool {
        !self.trust.usable(role, Some(party), Usage::Encrypt, self.at).is_empty()
    }
}

/// The next run of every file, with what the client knows of its installations.
fn next_run(lanes: &mut Lanes<'_>, client: &mut dyn Client) -> Result<Option<(RunOfAll, Known)>, ServiceFault> {
    let Some(run) = lanes.read()? else { return Ok(None) };
    let known = client.know(&run.common.value().installations)?;
    Ok(Some((run, known)))
}

/// The client takes a run, which is counted.
fn taken(part: Option<JudgedPart>, verdicts: &mut SetJudgement, client: &mut dyn Client) -> Result<(), ServiceFault> {
    let Some(part) = part else { return Ok(()) };
    part.installations.iter().for_each(|installation| verdicts.count(installation));
    client.take(part)
}
