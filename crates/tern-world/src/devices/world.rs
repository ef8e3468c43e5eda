//! All simulated installations of one directory, with the one process that answers for them.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tern_dlms::security::Password;
use tern_model::{ChfIdentifier, ConfiguredAssociations, DeviceId, DeviceModel};

use super::certificates::Certificates;
use super::clock::WorldClock;
use super::counters::{CounterFile, Counters};
use super::effects::{CertificateRecord, EffectLog, FaultRecord, LogRecord};
use super::faults::{Fault, FaultKind};
use super::initial::Estate;
use super::installation::Installation;
use super::snapshot::Snapshot;
use super::wan::write_wan;
use super::{
    ADDRESS_FILE, ASSOCIATIONS_FILE, COUNTERS_FILE, FAULTS_FILE, INITIAL_FILE, LOCK_FILE, LOG_FILE, WAN_FILE,
    read_associations, read_faults, read_initial, write_initial,
};
use crate::WorldError;
use crate::hex::unhex;

/// Every simulated installation, answering from any number of threads.
#[derive(Debug)]
pub struct World {
    dir: PathBuf,
    pub(super) slots: Vec<Mutex<Slot>>,
    places: BTreeMap<ChfIdentifier, usize>,
    pub(crate) certificates: Certificates,
    pub(crate) clock: WorldClock,
    pub(crate) log: EffectLog,
    pub(crate) counters: CounterFile,
    /// The password of the low-level association, of the models that open one; an empty model stands for all.
    low_level: Vec<(String, Password)>,
    /// What device models open, where they are not as others are.
    pub(crate) associations: ConfiguredAssociations,
    _lock: File,
}

/// One installation with its faults and counters.
#[derive(Debug)]
pub(crate) struct Slot {
    /// Its place.
    pub(crate) place: usize,
    /// Its devices.
    pub(crate) installation: Installation,
    /// What a reset goes back to, once there is such a state.
    pub(super) baseline: Option<Installation>,
    /// Its ESME's counters.
    pub(crate) counters: Counters,
    pub(super) faults: Vec<Fault>,
    /// How often each operation was asked of a device, as far as the script needs to know.
    asked: Vec<(String, DeviceId, u32)>,
}

impl World {
    /// Writes the state before migration into a directory that has none.
    ///
    /// # Errors
    /// The directory cannot be written, or holds a world already; there are more installations than addresses.
    pub fn create(dir: &Path, estate: &Estate) -> Result<(), WorldError> {
        let path = dir.join(INITIAL_FILE);
        if path.exists() || dir.join(LOG_FILE).exists() {
            return Err(WorldError::malformed(&path, 0, "there is a world here already; it is not written over"));
        }
        write_wan(&dir.join(WAN_FILE), &estate.installations)?;
        write_initial(&path, estate)
    }

    /// Locks a directory, reads its initial state and fault script, and brings the devices to where their log ends. It is
    /// the machine's time there.
    ///
    /// # Errors
    /// Another process holds the directory; a file is missing or is not what the world wrote.
    pub fn open(dir: &Path) -> Result<World, WorldError> {
        World::open_at(dir, WorldClock::of_machine())
    }

    /// As [`World::open`], at another time.
    ///
    /// # Errors
    /// As [`World::open`].
    pub fn open_at(dir: &Path, clock: WorldClock) -> Result<World, WorldError> {
        let lock = lock(&dir.join(LOCK_FILE))?;
        // Whoever wrote an address before holds the lock no more.
        let _ = std::fs::remove_file(dir.join(ADDRESS_FILE));
        let initial = dir.join(INITIAL_FILE);
        let estate = read_initial(&initial)?;
        let certificates =
            Certificates::new(&estate.known).map_err(|reason| WorldError::malformed(&initial, 1, reason))?;
        let (counters, heard) = CounterFile::open(&dir.join(COUNTERS_FILE), estate.installations.len())?;
        let places: BTreeMap<_, _> = estate.installations.iter().map(|i| i.hub.chf).zip(0..).collect();
        let slots = (0..).zip(estate.installations).zip(heard);
        let mut slots: Vec<_> = slots
            .map(|((place, installation), counters)| Slot {
                place,
                installation,
                baseline: None,
                counters,
                faults: Vec::new(),
                asked: Vec::new(),
            })
            .collect();
        let path = dir.join(FAULTS_FILE);
        for (at, fault) in read_faults(&path)?.into_iter().enumerate() {
            let place = places.get(&fault.chf);
            let place =
                place.ok_or_else(|| WorldError::malformed(&path, at + 2, format!("no installation {}", fault.chf)))?;
            slots[*place].faults.push(fault);
        }
        let path = dir.join(LOG_FILE);
        let (log, records) = EffectLog::open(&path)?;
        for (at, record) in records.iter().enumerate() {
            replay(&mut slots, &places, &certificates, record)
                .map_err(|reason| WorldError::malformed(&path, at + 1, reason))?;
        }
        let slots = slots.into_iter().map(Mutex::new).collect();
        Ok(World {
            dir: dir.to_owned(),
            slots,
            places,
            certificates,
            clock,
            log,
            counters,
            low_level: Vec::new(),
            associations: read_associations(&dir.join(ASSOCIATIONS_FILE))?.unwrap_or_default(),
            _lock: lock,
        })
    }

    /// Opens the low-level association of an ESME model (Application Association G is each model's own, Table B1), or of every
    /// one where the model is empty.
    pub fn open_low_level(&mut self, model: &str, password: &str) {
        self.low_level.push((model.to_owned(), Password::new(password.as_bytes().to_vec())));
    }

    /// Has device models open these associations, whatever the directory's own file says.
    pub fn set_associations(&mut self, associations: ConfiguredAssociations) {
        self.associations = associations;
    }

    /// The password of a model's low-level association, where it opens one.
    pub(crate) fn low_level(&self, model: &DeviceModel) -> Option<&Password> {
        let opens = |of: &&(String, Password)| of.0.is_empty() || of.0 == model.model;
        self.low_level.iter().find(opens).map(|(_, password)| password)
    }

    /// Whether a process answers for the devices of a directory at the moment.
    #[must_use]
    pub fn is_held(dir: &Path) -> bool {
        let file = File::open(dir.join(LOCK_FILE));
        file.is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
    }

    /// The directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The time in this world.
    #[must_use]
    pub fn clock(&self) -> &WorldClock {
        &self.clock
    }

    /// Every installation's identifier, in order.
    pub fn installations(&self) -> impl Iterator<Item = ChfIdentifier> + '_ {
        self.places.keys().copied()
    }

    /// The place of an installation: see [`super::address_at`].
    #[must_use]
    pub fn place(&self, chf: ChfIdentifier) -> Option<usize> {
        self.places.get(&chf).copied()
    }

    /// The invocation counters of an installation's ESME.
    #[must_use]
    pub fn counters(&self, chf: ChfIdentifier) -> Option<Counters> {
        self.slot(chf).map(|slot| slot.counters)
    }

    /// Adds a fault to the script that is in memory.
    ///
    /// Gives back whether there is such an installation.
    pub fn arm(&self, fault: Fault) -> bool {
        let slot = self.slot(fault.chf);
        let there = slot.is_some();
        if let Some(mut slot) = slot {
            slot.faults.push(fault);
        }
        there
    }

    /// Makes every fault end, scripted or added.
    pub fn disarm(&self) {
        for slot in &self.slots {
            slot.lock().unwrap_or_else(PoisonError::into_inner).faults.clear();
        }
    }

    /// What the devices of an installation hold now.
    #[must_use]
    pub fn snapshot(&self, chf: ChfIdentifier) -> Option<Snapshot> {
        self.slot(chf).map(|slot| Snapshot::of(&slot.installation))
    }

    /// An installation, for as long as nobody else may have it.
    pub(crate) fn slot(&self, chf: ChfIdentifier) -> Option<MutexGuard<'_, Slot>> {
        self.slot_at(self.place(chf)?)
    }

    /// As [`World::slot`], by its place.
    pub(crate) fn slot_at(&self, place: usize) -> Option<MutexGuard<'_, Slot>> {
        self.slots.get(place).map(|slot| slot.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Keeps a certificate that is met for the first time.
    pub(crate) fn keep_certificate(&self, der: &[u8]) -> Result<(), WorldError> {
        self.log.append(&LogRecord::Certificate(CertificateRecord { der: crate::hex::hex(der) }))
    }
}

impl Slot {
    /// Whether a fault of this kind strikes what is asked for; counts it and logs it. `key` names what asked.
    pub(crate) fn strike(
        &mut self,
        log: &EffectLog,
        kind: FaultKind,
        key: &str,
        strikes: impl Fn(&Fault) -> bool,
    ) -> bool {
        let chf = self.installation.hub.chf;
        let Some(fault) = self.faults.iter_mut().find(|fault| fault.kind == kind && fault.is_left() && strikes(fault))
        else {
            return false;
        };
        fault.struck();
        let (key, row) = (key.to_owned(), fault.row.as_str().to_owned());
        let record = LogRecord::Fault(FaultRecord { chf, key, fault: kind.as_str().to_owned(), row });
        // A strike that cannot be logged still happened; the next effect tells that the log refuses.
        let _ = log.append(&record);
        true
    }

    /// How often an operation was asked of a device, as far as the script needs to know.
    pub(crate) fn times(&self, operation: &str, device: DeviceId) -> u32 {
        let same = |known: &&(String, DeviceId, u32)| known.0 == operation && known.1 == device;
        self.asked.iter().find(same).map_or(1, |(_, _, times)| *times)
    }

    /// Counts an operation that is asked of a device, and says the how manieth time it is. An installation without a script
    /// counts nothing.
    pub(crate) fn count(&mut self, operation: &str, device: DeviceId) -> u32 {
        if self.faults.is_empty() {
            return 1;
        }
        let same = |known: &&mut (String, DeviceId, u32)| known.0 == operation && known.1 == device;
        if let Some((_, _, times)) = self.asked.iter_mut().find(same) {
            *times += 1;
            return *times;
        }
        self.asked.push((operation.to_owned(), device, 1));
        1
    }
}

fn lock(path: &Path) -> Result<File, WorldError> {
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(path).map_err(WorldError::io(path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(WorldError::Locked { path: path.to_owned() }),
        Err(TryLockError::Error(error)) => Err(WorldError::io(path)(error)),
    }
}

fn replay(
    slots: &mut [Slot],
    places: &BTreeMap<ChfIdentifier, usize>,
    certificates: &Certificates,
    record: &LogRecord,
) -> Result<(), String> {
    let chf = match record {
        LogRecord::Effect(effect) => effect.chf,
        LogRecord::Fault(fault) => fault.chf,
        LogRecord::Transaction(transaction) => transaction.chf,
        LogRecord::Certificate(met) => {
            let der = unhex(&met.der).ok_or("a certificate that is not hexadecimal")?;
            certificates.accept(&der).ok_or("a certificate that no authority here issued")?;
            return Ok(());
        }
        LogRecord::Baseline => {
            slots.iter_mut().for_each(Slot::keep_baseline);
            return Ok(());
        }
        LogRecord::Armed(armed) => armed.chf,
        LogRecord::Disarmed { chf, .. } => *chf,
        LogRecord::Reset(reset) => reset.chf,
    };
    let slot = places.get(&chf).and_then(|place| slots.get_mut(*place));
    let slot = slot.ok_or_else(|| format!("no installation {chf}"))?;
    match record {
        LogRecord::Effect(effect) => {
            slot.count(&effect.row, effect.device.unwrap_or(chf.into()));
            return slot.installation.replay(effect);
        }
        LogRecord::Fault(struck) => {
            let same = |f: &&mut Fault| f.is_left() && f.kind.as_str() == struck.fault && f.row.as_str() == struck.row;
            if let Some(fault) = slot.faults.iter_mut().find(same) {
                fault.struck();
            }
        }
        LogRecord::Transaction(transaction) => slot.installation.remember(transaction),
        LogRecord::Armed(armed) => slot.faults.push(armed.fault()?),
        LogRecord::Disarmed { rows, .. } => slot.disarm(rows),
        LogRecord::Reset(reset) => slot.reset(&reset.devices)?,
        LogRecord::Certificate(_) | LogRecord::Baseline => {}
    }
    Ok(())
}
