//! The SMSO at work: it takes orders to upgrade a device and to configure hub and SIM (15.2), carries each out once, and says
//! what became of it whenever it is asked.
//!
//! What it took stands in `orders.log` beside its records, one JSON line a thing that happened, durable before it answers. An
//! order that comes again under its key is the order that came before; another one under that key is refused. It must never
//! decide whether an upgrade is permitted: who orders answers for that.

use std::collections::{BTreeMap, HashMap};
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tern_model::{ChfIdentifier, DeviceId, DeviceModel};

use super::InstallationRecord;
use super::order_faults::{OrderFault, OrderFaultKind, read_order_faults};
use super::records::{read_installations, rewrite_installations};
use crate::WorldError;
use crate::devices::World;

/// The log of orders in an SMSO's folder.
pub const ORDERS_FILE: &str = "orders.log";
/// How many days an SMSO takes for an order (P).
const DAYS: i32 = 1;
/// How many more it takes for one that is late by script.
const LATE_DAYS: i32 = 5;

/// What is ordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "kebab-case")]
pub enum Task {
    /// Upgrade a device to a firmware version.
    Firmware {
        /// CHF, ESME, GSME or PPMID.
        device: DeviceId,
        /// The version that it is to run.
        firmware: String,
    },
    /// Configure hub and SIM so that the S1SP can reach them, and try it (15.2).
    Configure,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Names it, once.
    pub key: String,
    /// The installation.
    pub chf: ChfIdentifier,
    /// What is to be done.
    #[serde(flatten)]
    pub task: Task,
}

/// What became of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Nothing came under this key.
    Unknown,
    /// It is being carried out.
    UnderWay,
    /// It is done since that day.
    Done(Date),
    /// It failed on that day, and everything is as it was.
    Failed {
        /// The day.
        on: Date,
        /// Why, in words.
        why: String,
    },
    /// No answer came: the order may have been taken, or not.
    Lost,
}

/// A line of the log.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "kebab-case")]
enum Line {
    Taken {
        #[serde(flatten)]
        order: Order,
        due: Date,
        fails: bool,
    },
    Done {
        key: String,
        on: Date,
    },
    Failed {
        key: String,
        on: Date,
        why: String,
    },
    /// A fault of the script struck: so it is known how often.
    Struck {
        nth: usize,
    },
}

#[derive(Debug)]
struct Held {
    order: Order,
    due: Date,
    fails: bool,
    became: Answer,
}

/// An SMSO that takes orders.
#[derive(Debug)]
pub struct OrderDesk {
    dir: PathBuf,
    world: PathBuf,
    log: File,
    /// By key, in the order of their coming for each day.
    held: BTreeMap<String, Held>,
    faults: Vec<OrderFault>,
    records: Vec<InstallationRecord>,
    /// Where each installation stands among them.
    places: HashMap<ChfIdentifier, usize>,
}

impl OrderDesk {
    /// Opens the desk of the SMSO whose records lie in `dir`, over the simulated devices in `world`.
    ///
    /// # Errors
    /// The folder has no records, or a file of it is not what this desk wrote or documents.
    pub fn open(dir: &Path, world: &Path) -> Result<OrderDesk, WorldError> {
        let path = dir.join(ORDERS_FILE);
        let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let log = options.map_err(WorldError::io(&path))?;
        let (faults, records) = (read_order_faults(dir)?, read_installations(dir)?);
        let places = records.iter().map(|record| record.chf_identifier).zip(0..).collect();
        let (dir, world) = (dir.to_owned(), world.to_owned());
        let mut desk = OrderDesk { dir, world, log, held: BTreeMap::new(), faults, records, places };
        desk.replay(&path)?;
        Ok(desk)
    }

    /// Reads what the log holds; a last line that a crash cut short never counted, and goes.
    fn replay(&mut self, path: &Path) -> Result<(), WorldError> {
        let mut reader = BufReader::new(self.log.try_clone().map_err(WorldError::io(path))?);
        let (mut whole, mut number, mut line) = (0_u64, 0, Vec::new());
        loop {
            line.clear();
            let read = reader.read_until(b'\n', &mut line).map_err(WorldError::io(path))?;
            if read == 0 || line.last() != Some(&b'\n') {
                break;
            }
            number += 1;
            whole += read as u64;
            let record: Line = serde_json::from_slice(&line)
                .map_err(|error| WorldError::malformed(path, number, format!("no record of an order: {error}")))?;
            self.hold(record);
        }
        self.log.set_len(whole).map_err(WorldError::io(path))?;
        self.log.seek(SeekFrom::End(0)).map(drop).map_err(WorldError::io(path))
    }

    fn hold(&mut self, record: Line) {
        let mut became = |key: &str, answer| {
            if let Some(held) = self.held.get_mut(key) {
                held.became = answer;
            }
        };
        match record {
            Line::Taken { order, due, fails } => {
                let key = order.key.clone();
                self.held.insert(key, Held { order, due, fails, became: Answer::UnderWay });
            }
            Line::Done { key, on } => became(&key, Answer::Done(on)),
            Line::Failed { key, on, why } => became(&key, Answer::Failed { on, why }),
            Line::Struck { nth } => {
                if let Some(fault) = self.faults.get_mut(nth) {
                    fault.struck();
                }
            }
        }
    }

    /// Makes something durable, and then holds it.
    fn note(&mut self, record: Line) -> Result<(), WorldError> {
        let path = self.dir.join(ORDERS_FILE);
        let mut line =
            serde_json::to_vec(&record).map_err(|error| WorldError::malformed(&path, 0, error.to_string()))?;
        line.push(b'\n');
        self.log.write_all(&line).and_then(|()| self.log.sync_data()).map_err(WorldError::io(&path))?;
        self.hold(record);
        Ok(())
    }

    /// Takes an order in, on a day. The same order again is answered as it stands.
    ///
    /// # Errors
    /// Another order came under its key; it is about an installation or device that the SMSO does not have; a file.
    pub fn take(&mut self, order: &Order, day: Date) -> Result<Answer, WorldError> {
        if let Some(held) = self.held.get(&order.key) {
            let other = || WorldError::Order { reason: format!("another order came under the key {}", order.key) };
            return if held.order == *order { Ok(held.became.clone()) } else { Err(other()) };
        }
        self.known(order)?;
        let late = self.strikes(order, OrderFaultKind::Late)?;
        let fails = self.strikes(order, OrderFaultKind::Fails)?;
        let days = DAYS + if late { LATE_DAYS } else { 0 };
        let due = day.saturating_add(jiff::Span::new().days(days));
        self.note(Line::Taken { order: order.clone(), due, fails })?;
        if self.strikes(order, OrderFaultKind::LostAnswer)? { Ok(Answer::Lost) } else { Ok(Answer::UnderWay) }
    }

    /// What became of an order.
    #[must_use]
    pub fn ask(&self, key: &str) -> Answer {
        self.held.get(key).map_or(Answer::Unknown, |held| held.became.clone())
    }

    /// Carries out what is due by a day; how many orders that were.
    ///
    /// # Errors
    /// The devices are in use by another process, or a file cannot be written: what is not done is done the next time.
    pub fn work(&mut self, day: Date) -> Result<usize, WorldError> {
        let open = |held: &&Held| held.became == Answer::UnderWay && held.due <= day;
        let due: Vec<(Order, Date, bool)> =
            self.held.values().filter(open).map(|held| (held.order.clone(), held.due, held.fails)).collect();
        let upgrades = due.iter().any(|(order, _, fails)| !fails && matches!(order.task, Task::Firmware { .. }));
        if upgrades {
            let world = World::open(&self.world)?;
            self.upgrade(&world, &due)?;
        }
        for (order, on, fails) in &due {
            let (key, on) = (order.key.clone(), *on);
            self.note(if *fails {
                Line::Failed { key, on, why: "the SMSO did not reach the device (script)".to_owned() }
            } else {
                Line::Done { key, on }
            })?;
        }
        Ok(due.len())
    }

    /// Has devices run what was ordered, and the records say so. Done twice it changes nothing more.
    fn upgrade(&mut self, world: &World, due: &[(Order, Date, bool)]) -> Result<(), WorldError> {
        for (order, _, fails) in due {
            let Task::Firmware { device, firmware } = &order.task else { continue };
            if *fails {
                continue;
            }
            world.run_firmware(order.chf, *device, firmware, &order.key)?;
            if let Some(model) = self.record(order.chf).and_then(|record| model_mut(record, *device)) {
                model.firmware.clone_from(firmware);
            }
        }
        rewrite_installations(&self.dir, &self.records)
    }

    fn record(&mut self, chf: ChfIdentifier) -> Option<&mut InstallationRecord> {
        let place = *self.places.get(&chf)?;
        self.records.get_mut(place)
    }

    /// What the SMSO's records say that a device of an installation runs; none where it has no such device.
    #[must_use]
    pub fn runs(&mut self, chf: ChfIdentifier, device: DeviceId) -> Option<String> {
        self.record(chf).and_then(|record| model_mut(record, device)).map(|model| model.firmware.clone())
    }

    fn known(&mut self, order: &Order) -> Result<(), WorldError> {
        let chf = order.chf;
        let none = || WorldError::Order { reason: format!("the SMSO has no record of CHF {chf}") };
        let record = self.record(chf).ok_or_else(none)?;
        if let Task::Firmware { device, .. } = order.task
            && model_mut(record, device).is_none()
        {
            return Err(WorldError::Order { reason: format!("CHF {chf} has no device {device}") });
        }
        Ok(())
    }

    /// Whether the script has a fault for an order; that it struck is durable.
    fn strikes(&mut self, order: &Order, kind: OrderFaultKind) -> Result<bool, WorldError> {
        let Some(nth) = self.faults.iter().position(|fault| fault.is_for(order, kind)) else { return Ok(false) };
        self.note(Line::Struck { nth })?;
        Ok(true)
    }
}

fn model_mut(record: &mut InstallationRecord, device: DeviceId) -> Option<&mut DeviceModel> {
    if device == record.chf_identifier.into() {
        return Some(&mut record.chf);
    }
    if device == record.esme.device_id {
        return Some(&mut record.esme.model);
    }
    let gsme = record.gsme.as_mut().map(|gas| (gas.meter.device_id, &mut gas.meter.model));
    let ppmids = record.ppmids.iter_mut().map(|ppmid| (ppmid.device_id, &mut ppmid.model));
    gsme.into_iter().chain(ppmids).find(|(known, _)| *known == device).map(|(_, model)| model)
}
