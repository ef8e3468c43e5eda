//! How migrations stand, read beside running parties: sets, outcomes, stories, and what is stuck.
//!
//! This is the operator's view, not a party's: it opens every store for reading and writes to none.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;
use serde::de::IgnoredAny;
use tern_model::{ChfIdentifier, DeviceId, DeviceKind, Eui64, Outcome, PartyId, Role, SetId};
use tern_store::{AuditRow, Body, SqliteStore, SqliteView, StoreView};
use tern_wire::migration::{
    FileKind, FileName, FindingEntry, MigrationCommonValidationFile, SignedFile, ViabilityReport,
};
use tern_wire::smki::Trust;
use tern_wire::stream::{Entries, Entry};

use crate::check::view;
use crate::config::{Config, RoleConfig};
use crate::executor::standing::{OPEN, STUCK};
use crate::executor::{InstallationRecord, JournalLine, KIND as MIGRATION, key_of};
use crate::fault::ServiceFault;
use crate::firmware::FirmwareRecord;
use crate::parties::dsp::validation;
use crate::parties::inventory::InventoryEntry;
use crate::parties::of_set::OfSet;
use crate::parties::{earlier, history, inbox, inventory};
use crate::pins::{self, PinFile};
use crate::pki;
use crate::results::{self, Comings, REPEATED, Results, Tallying};

/// The stores of the parties, for reading.
pub struct Overview {
    dsp: Option<SqliteView>,
    s1sp: Option<SqliteView>,
    dco: Option<SqliteView>,
    commissioning: Option<SqliteView>,
    /// The folder of the key infrastructure: reports are believed before they are shown.
    pki: PathBuf,
}

/// How one set stands.
#[derive(Debug, Clone)]
pub struct SetStanding {
    /// The set.
    pub set: SetId,
    /// When it was taken in.
    pub taken: Timestamp,
    /// How many installations it holds.
    pub installations: usize,
    /// How they ended.
    pub ended: Tallying,
    /// How many of them came in a set before it in the list too.
    pub again: usize,
}

/// A set that was refused as a whole, from the DSP's audit: nothing else is kept of it.
#[derive(Debug, Clone)]
pub struct SetRefusal {
    /// The set, or its folder where its files do not say.
    pub set: String,
    /// When, the last time.
    pub at: Timestamp,
    /// The clauses, each once.
    pub clauses: Vec<String>,
    /// How often it came and was refused for these clauses.
    pub times: usize,
}

/// Devices of one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct InventoryCount {
    /// In the inventory.
    pub held: usize,
    /// Taken out again.
    pub taken_out: usize,
}

/// What one party's signed report says of a refused installation.
#[derive(Debug, Clone)]
pub struct Told {
    /// The party that says so.
    pub role: Role,
    /// The report.
    pub document: String,
    /// What it found, in its own order; why the report cannot be read, where it no longer can.
    pub findings: Result<Vec<FindingEntry>, String>,
}

/// How the DSP's audit names the refusal of a set as a whole.
const SET_REFUSED: &str = "set refused";

/// Audit lines read at once.
const PAGE: usize = 1_000;

impl Overview {
    /// Opens what stores there are. One that an earlier version wrote is brought up to date first; nothing else is written.
    ///
    /// # Errors
    /// A store is there and cannot be read.
    pub fn open(config: &Config) -> Result<Overview, ServiceFault> {
        let roles = &config.roles;
        Ok(Overview {
            dsp: up_to_date(config, Role::Dsp, &roles.dsp)?,
            s1sp: up_to_date(config, Role::S1sp, &roles.s1sp)?,
            dco: up_to_date(config, Role::Dco, &roles.dco)?,
            commissioning: view(config, Role::CommissioningParty, &roles.commissioning_party)?,
            pki: config.path(&config.pki.dir),
        })
    }

    /// Every party's store, as far as there is one.
    #[must_use]
    pub fn stores(&self) -> [(Role, Option<&SqliteView>); 4] {
        [
            (Role::Dsp, self.dsp.as_ref()),
            (Role::S1sp, self.s1sp.as_ref()),
            (Role::Dco, self.dco.as_ref()),
            (Role::CommissioningParty, self.commissioning.as_ref()),
        ]
    }

    /// Every file with a revised PIN that waits with the S1SP for an Installing Supplier (3.25), each handed to `each`.
    ///
    /// # Errors
    /// The store cannot be read; what `each` says.
    pub fn pin_files<E: From<ServiceFault>>(&self, each: impl FnMut(PinFile) -> Result<(), E>) -> Result<(), E> {
        self.s1sp.as_ref().map_or(Ok(()), |store| pins::files(store, each))
    }

    /// The firmware images that devices were sent, in the order of Device IDs.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn firmware(&self) -> Result<Vec<FirmwareRecord>, ServiceFault> {
        self.s1sp.as_ref().map_or_else(|| Ok(Vec::new()), |store| FirmwareRecord::all(store))
    }

    /// Sets that the DSP refused as a whole, in the order of their last coming.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn refused_sets(&self) -> Result<Vec<SetRefusal>, ServiceFault> {
        let Some(dsp) = &self.dsp else { return Ok(Vec::new()) };
        let mut refused: Vec<SetRefusal> = Vec::new();
        for row in AuditRows::new(dsp) {
            let row = row?;
            if row.entry.action != SET_REFUSED {
                continue;
            }
            let mut clauses: Vec<String> = Vec::new();
            for clause in row.entry.evidence.split_whitespace() {
                if !clauses.iter().any(|c| c == clause) {
                    clauses.push(clause.to_owned());
                }
            }
            let set = row.entry.subject;
            let known = refused.iter().position(|r| r.set == set && r.clauses == clauses);
            let times = known.map_or(1, |at| refused.remove(at).times + 1);
            refused.push(SetRefusal { set, at: row.entry.at, clauses, times });
        }
        Ok(refused)
    }

    /// What the parties' signed reports say of an installation that was refused under a set: the DSP's validation file, then
    /// the reports of S1SP and DCO. That the DSP said Invalid is left out where its own findings are there.
    ///
    /// # Errors
    /// A store or the key infrastructure cannot be read.
    pub fn told(&self, chf: ChfIdentifier, set: SetId) -> Result<Vec<Told>, ServiceFault> {
        let trust = pki::load_trust(&self.pki)?;
        let mut told = Vec::new();
        if let Some(dsp) = &self.dsp
            && let (Some(at), Some(file)) = (history::judged(dsp, set)?, validation(dsp, set)?)
        {
            let name = FileName::OfSet(FileKind::MigrationCommonValidationFile, set).to_string();
            let of = Installation { chf, store: dsp, trust: &trust, at };
            let findings = of.told_in::<MigrationCommonValidationFile>(&name, &file, |entry| &entry.findings);
            told.push(Told { role: Role::Dsp, document: name, findings });
        }
        let Some(store) = &self.commissioning else { return Ok(kept(told)) };
        let reports = [(Role::S1sp, FileKind::S1spViabilityReport), (Role::Dco, FileKind::DcoViabilityReport)];
        for (role, kind) in reports {
            let name = FileName::OfSet(kind, set).to_string();
            let Some(entry) = store.received(role.as_str(), &name)? else { continue };
            let of = Installation { chf, store, trust: &trust, at: entry.at };
            let findings = of.told_in::<ViabilityReport>(&name, &entry.body, |entry| &entry.findings);
            told.push(Told { role, document: name, findings });
        }
        Ok(kept(told))
    }

    /// Every set that was taken in, in the order of sender, group and counter.
    ///
    /// # Errors
    /// A store cannot be read.
    pub fn sets(&self) -> Result<Vec<SetStanding>, ServiceFault> {
        let Some(dsp) = &self.dsp else { return Ok(Vec::new()) };
        let (mut sets, mut comings) = (history::sets(dsp)?, Comings::default());
        sets.sort_by_key(|(set, ..)| *set);
        let standing = |(set, taken, installations)| {
            let (ended, again) = comings.count(self.results(set), installations)?;
            Ok(SetStanding { set, taken, installations, ended, again })
        };
        sets.into_iter().map(standing).collect()
    }

    /// The sets of a Requesting Party that were taken in.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn sets_of(&self, party: PartyId) -> Result<Vec<SetId>, ServiceFault> {
        let Some(dsp) = &self.dsp else { return Ok(Vec::new()) };
        let sets = history::sets(dsp)?.into_iter().map(|(set, ..)| set);
        Ok(sets.filter(|set| set.requesting_party == party).collect())
    }

    /// Where a set's Common Validation File stands; none where there is none, or an earlier version of this program keeps it
    /// elsewhere.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn validation(&self, set: SetId) -> Result<Option<PathBuf>, ServiceFault> {
        let Some(dsp) = &self.dsp else { return Ok(None) };
        match validation(dsp, set)? {
            Some(Body::File { digest, .. }) => Ok(Some(dsp.file(digest)?)),
            _ => Ok(None),
        }
    }

    /// How many installations a set holds that was taken in.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn installations(&self, set: SetId) -> Result<usize, ServiceFault> {
        let Some(dsp) = &self.dsp else { return Ok(0) };
        Ok(history::set_record(dsp, set)?.map_or(0, |(record, _)| record.installations))
    }

    /// Whether nothing more will come of a set by itself: the Commissioning Party's word on it was carried out, and no
    /// installation of it is open.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn is_settled(&self, set: SetId) -> Result<bool, ServiceFault> {
        let Some(s1sp) = &self.s1sp else { return Ok(false) };
        let instructed = history::set_record(s1sp, set)?.is_some_and(|(record, _)| record.instructed.is_some());
        Ok(instructed && OfSet::<IgnoredAny>::new(s1sp, OPEN, Some(set)).next().transpose()?.is_none())
    }

    /// How every installation of a set stands that a party has spoken of.
    #[must_use]
    pub fn results(&self, set: SetId) -> Results<'_> {
        Results::new(&self.judges(), self.s1sp.as_ref().map(|view| view as &dyn StoreView), set)
    }

    /// How one installation of a set stands; none where no party has spoken of it.
    ///
    /// # Errors
    /// A store cannot be read.
    pub fn result(&self, set: SetId, chf: ChfIdentifier) -> Result<Option<Option<Outcome>>, ServiceFault> {
        results::of_one(&self.judges(), self.s1sp.as_ref().map(|view| view as &dyn StoreView), (set, chf))
    }

    fn judges(&self) -> Vec<&dyn StoreView> {
        let judges = [self.dsp.as_ref(), self.s1sp.as_ref(), self.dco.as_ref()];
        judges.into_iter().flatten().map(|view| view as &dyn StoreView).collect()
    }

    /// Every migration of an installation, in the order of its sets.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn records(&self, chf: ChfIdentifier) -> Result<Vec<InstallationRecord>, ServiceFault> {
        let Some(store) = &self.s1sp else { return Ok(Vec::new()) };
        Ok(inbox::all(store, MIGRATION, &format!("{chf}/"))?.into_iter().map(|(_, record)| record).collect())
    }

    /// How many installations wait for a person.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn stuck_count(&self) -> Result<usize, ServiceFault> {
        let count = self.s1sp.as_ref().map(|store| store.count(STUCK)).transpose()?.unwrap_or_default();
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    }

    /// Installations that wait for a person, each read when it is asked for.
    pub fn stuck(&self) -> impl Iterator<Item = Result<InstallationRecord, ServiceFault>> {
        self.s1sp.iter().flat_map(|store| marked(store, STUCK))
    }

    /// What the Smart Metering Inventory holds, or held, of a hub and the devices behind it, or of one device.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn inventory(&self, named: Eui64) -> Result<Vec<InventoryEntry>, ServiceFault> {
        let Some(dsp) = &self.dsp else { return Ok(Vec::new()) };
        let of_hub = inventory::of_hub(dsp, ChfIdentifier(named))?;
        if of_hub.is_empty() { Ok(inventory::entry(dsp, DeviceId(named))?.into_iter().collect()) } else { Ok(of_hub) }
    }

    /// How many devices of each kind the Smart Metering Inventory holds by migrations, and how many were taken out again.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn inventory_counts(&self) -> Result<BTreeMap<DeviceKind, InventoryCount>, ServiceFault> {
        let mut counts: BTreeMap<DeviceKind, InventoryCount> = BTreeMap::new();
        let mut after = None;
        let Some(dsp) = &self.dsp else { return Ok(counts) };
        loop {
            let page = inventory::page(dsp, after.as_deref())?;
            let Some((last, _)) = page.last() else { return Ok(counts) };
            after = Some(last.clone());
            for (_, entry) in &page {
                let count = counts.entry(entry.kind).or_default();
                *(if entry.is_held() { &mut count.held } else { &mut count.taken_out }) += 1;
            }
        }
    }

    /// An installation's story, line by line.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn story(&self, chf: ChfIdentifier) -> Result<Vec<(Timestamp, JournalLine)>, ServiceFault> {
        self.s1sp.as_ref().map_or_else(|| Ok(Vec::new()), |store| story(store, chf))
    }
}

/// A party's store for reading, brought up to date where an earlier version wrote it.
fn up_to_date(config: &Config, role: Role, party: &RoleConfig) -> Result<Option<SqliteView>, ServiceFault> {
    let Some(found) = view(config, role, party)? else { return Ok(None) };
    if !earlier::is_behind(&found)? {
        return Ok(Some(found));
    }
    drop(found);
    earlier::bring_up_to_date(&mut SqliteStore::open(&config.path(&party.store), role)?)?;
    view(config, role, party)
}

/// What there is to tell: the DSP's word stands for itself, and is not told again by those that only repeat it.
fn kept(mut told: Vec<Told>) -> Vec<Told> {
    let has_own = told.iter().any(|t| t.role == Role::Dsp && t.findings.as_ref().is_ok_and(|f| !f.is_empty()));
    for one in &mut told {
        if let (true, Ok(findings)) = (has_own && one.role != Role::Dsp, &mut one.findings) {
            findings.retain(|f| f.clause.as_str() != REPEATED);
        }
    }
    told.retain(|t| t.findings.as_ref().map_or(true, |f| !f.is_empty()));
    told
}

/// An installation of which a report may tell.
struct Installation<'a> {
    chf: ChfIdentifier,
    store: &'a dyn StoreView,
    trust: &'a Trust,
    /// When the report came: by this its certificate is judged, as its receiver did.
    at: Timestamp,
}

impl Installation<'_> {
    /// What a report tells of it; or why the report cannot be believed.
    fn told_in<T: SignedFile + Entries>(
        &self,
        name: &str,
        body: &Body,
        findings: fn(&T::Entry) -> &Vec<FindingEntry>,
    ) -> Result<Vec<FindingEntry>, String> {
        let mut found = None;
        let read = inbox::each_run::<T>(self.store, (name, body), (self.trust, self.at), &mut |_, entries| {
            let own = || entries.iter().find(|entry| entry.chf() == self.chf).map(|entry| findings(entry).clone());
            found = found.take().or_else(own);
            Ok(())
        });
        read.map(|()| found.unwrap_or_default()).map_err(|fault| fault.to_string())
    }
}

/// A party's audit, line after line; a page of it is read at once.
pub struct AuditRows<'a> {
    store: &'a dyn StoreView,
    page: std::vec::IntoIter<AuditRow>,
    /// The number of the last line that was read; none at the end.
    after: Option<u64>,
}

impl AuditRows<'_> {
    /// From its first line.
    #[must_use]
    pub fn new(store: &dyn StoreView) -> AuditRows<'_> {
        AuditRows { store, page: Vec::new().into_iter(), after: Some(0) }
    }
}

impl Iterator for AuditRows<'_> {
    type Item = Result<AuditRow, ServiceFault>;

    fn next(&mut self) -> Option<Self::Item> {
        if let (true, Some(after)) = (self.page.as_slice().is_empty(), self.after.take()) {
            match self.store.audit(after, PAGE) {
                Ok(page) => {
                    self.after = page.last().map(|row| row.number);
                    self.page = page.into_iter();
                }
                Err(fault) => return Some(Err(fault.into())),
            }
        }
        self.page.next().map(Ok)
    }
}

/// Migrations that bear a mark, in the order of their sets, each read when it is asked for.
pub(crate) fn marked<'a>(
    store: &'a dyn StoreView,
    kind: &'static str,
) -> impl Iterator<Item = Result<InstallationRecord, ServiceFault>> + 'a {
    let read = move |(set, chf)| {
        let stored = store.get(MIGRATION, &key_of(chf, set))?;
        stored.map(|stored| InstallationRecord::read(&stored)).transpose()
    };
    OfSet::<IgnoredAny>::new(store, kind, None)
        .filter_map(move |mark| mark.and_then(|(set, chf, _)| read((set, chf))).transpose())
}

/// An installation's journal.
pub(crate) fn story(store: &dyn StoreView, chf: ChfIdentifier) -> Result<Vec<(Timestamp, JournalLine)>, ServiceFault> {
    let lines = store.journal(&chf.to_string())?;
    lines.iter().map(|(_, entry)| Ok((entry.at, JournalLine::read(entry)?))).collect()
}
