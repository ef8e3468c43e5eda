//! All simulated installations of one directory, with the one process that answers for them.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tern_model::{ChfIdentifier, DeviceId, Eui64};
use tern_wire::device_link::{Answer, Call, DeviceError, DeviceRows, Reply};

use super::effects::{EffectLog, FaultRecord, LogRecord};
use super::faults::{Fault, FaultKind};
use super::installation::{Devices, Installation};
use super::snapshot::Snapshot;
use super::{ADDRESS_FILE, FAULTS_FILE, INITIAL_FILE, LOCK_FILE, LOG_FILE, read_faults, read_initial, write_initial};
use crate::WorldError;

/// Every simulated installation, answering calls from any number of threads.
#[derive(Debug)]
pub struct World {
    dir: PathBuf,
    slots: BTreeMap<ChfIdentifier, Mutex<Slot>>,
    log: EffectLog,
    _lock: File,
}

#[derive(Debug)]
struct Slot {
    installation: Installation,
    faults: Vec<Fault>,
}

impl World {
    /// Writes the state before migration into a directory that has none.
    ///
    /// # Errors
    /// The directory cannot be written, or holds a world already.
    pub fn create(dir: &Path, installations: &[Installation]) -> Result<(), WorldError> {
        let path = dir.join(INITIAL_FILE);
        if path.exists() || dir.join(LOG_FILE).exists() {
            return Err(WorldError::malformed(&path, 0, "there is a world here already; it is not written over"));
        }
        write_initial(&path, installations)
    }

    /// Locks a directory, reads its initial state and fault script, and brings the devices to where their log ends.
    ///
    /// # Errors
    /// Another process holds the directory; a file is missing or is not what the world wrote.
    pub fn open(dir: &Path) -> Result<World, WorldError> {
        let lock = lock(&dir.join(LOCK_FILE))?;
        // Whoever wrote an address before holds the lock no more.
        let _ = std::fs::remove_file(dir.join(ADDRESS_FILE));
        let mut slots = BTreeMap::new();
        for installation in read_initial(&dir.join(INITIAL_FILE))? {
            slots.insert(installation.hub.chf, Mutex::new(Slot { installation, faults: Vec::new() }));
        }
        let faults = dir.join(FAULTS_FILE);
        for (at, fault) in read_faults(&faults)?.into_iter().enumerate() {
            let slot = slots
                .get_mut(&fault.chf)
                .ok_or_else(|| WorldError::malformed(&faults, at + 2, format!("no installation {}", fault.chf)))?;
            slot.get_mut().unwrap_or_else(PoisonError::into_inner).faults.push(fault);
        }
        let path = dir.join(LOG_FILE);
        let (log, records) = EffectLog::open(&path)?;
        for (at, record) in records.iter().enumerate() {
            replay(&mut slots, record).map_err(|reason| WorldError::malformed(&path, at + 1, reason))?;
        }
        Ok(World { dir: dir.to_owned(), slots, log, _lock: lock })
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

    /// Every installation's identifier, in order.
    pub fn installations(&self) -> impl Iterator<Item = ChfIdentifier> + '_ {
        self.slots.keys().copied()
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
        for slot in self.slots.values() {
            slot.lock().unwrap_or_else(PoisonError::into_inner).faults.clear();
        }
    }

    /// What the devices of an installation hold now.
    #[must_use]
    pub fn snapshot(&self, chf: ChfIdentifier) -> Option<Snapshot> {
        self.slot(chf).map(|slot| Snapshot::of(&slot.installation))
    }

    /// Answers a call; `None` is an answer that is lost on its way.
    ///
    /// Whatever the call changes is in the log, handed to the operating system, before this returns.
    #[must_use]
    pub fn call(&self, call: &Call) -> Option<Answer> {
        let answer = |result| Some(Answer { id: call.id, result });
        let Some(mut slot) = self.slot(call.chf) else { return answer(Err(DeviceError::NoWan)) };
        if let Some(error) = self.refusal(&mut slot, call) {
            return answer(Err(error));
        }
        let mut result = Devices::new(&mut slot.installation, &self.log).answer(&call.key, &call.row);
        if let Ok(Reply::Hub(hub)) = &mut result
            && self.strike(&mut slot, FaultKind::InventoryRefusal, call)
        {
            hub.device = another(hub.device);
        }
        if result.is_ok() && self.strike(&mut slot, FaultKind::LostAnswer, call) {
            return None;
        }
        answer(result)
    }

    fn refusal(&self, slot: &mut Slot, call: &Call) -> Option<DeviceError> {
        if self.strike(slot, FaultKind::NoWan, call) {
            Some(DeviceError::NoWan)
        } else if self.strike(slot, FaultKind::Fail, call) {
            Some(DeviceError::Failed { reason: "the fault script says so".to_owned() })
        } else if slot.installation.gsme.is_some() && self.strike(slot, FaultKind::GasHanError, call) {
            Some(DeviceError::GasHan)
        } else {
            None
        }
    }

    /// Whether a fault of this kind strikes the call; counts it and logs it.
    fn strike(&self, slot: &mut Slot, kind: FaultKind, call: &Call) -> bool {
        let Some(fault) = slot.faults.iter_mut().find(|f| f.kind == kind && f.strikes(&call.key, &call.row)) else {
            return false;
        };
        fault.struck();
        let record = LogRecord::Fault(FaultRecord {
            chf: call.chf,
            key: call.key.clone(),
            fault: kind.as_str().to_owned(),
            row: fault.row.as_str().to_owned(),
        });
        // A strike that cannot be logged still happened; the next effect tells that the log refuses.
        let _ = self.log.append(&record);
        true
    }

    fn slot(&self, chf: ChfIdentifier) -> Option<MutexGuard<'_, Slot>> {
        self.slots.get(&chf).map(|slot| slot.lock().unwrap_or_else(PoisonError::into_inner))
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

fn replay(slots: &mut BTreeMap<ChfIdentifier, Mutex<Slot>>, record: &LogRecord) -> Result<(), String> {
    let chf = match record {
        LogRecord::Effect(effect) => effect.chf,
        LogRecord::Fault(fault) => fault.chf,
    };
    let slot = slots.get_mut(&chf).ok_or_else(|| format!("no installation {chf}"))?;
    let slot = slot.get_mut().unwrap_or_else(PoisonError::into_inner);
    match record {
        LogRecord::Effect(effect) => slot.installation.replay(effect),
        LogRecord::Fault(struck) => {
            let same = |f: &&mut Fault| f.kind.as_str() == struck.fault && f.row.as_str() == struck.row;
            if let Some(fault) = slot.faults.iter_mut().find(same) {
                fault.struck();
            }
            Ok(())
        }
    }
}

/// A Device ID that is not this one.
fn another(device: DeviceId) -> DeviceId {
    DeviceId(Eui64(device.0.0 ^ 0x0000_0080_0000_0000))
}
