//! Everybody outside: the simulated SMSO, and parties that take sets in. Each call may be the last thing that the execution does.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use jiff::civil::Date;
use tern_model::{ChfIdentifier, DeviceId, GasOutcome, Outcome, Role};
use tern_service::config::Config;
use tern_service::execution::{Outside, SetsEnded, SmsoAnswer, SmsoOrder, SmsoTask};
use tern_service::set_files::SetFolder;
use tern_service::{ServiceFault, clock_of, pki};
use tern_world::WorldError;
use tern_world::smso::{Answer, ExportOrder, InstallationRecord, Keys, Order, OrderDesk, RecordFiles, Task, export};

use crate::town::{Done, Town};

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    Order,
    Ask,
    Runs,
    Export,
    Migrate,
}

/// Where the power goes off around a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallCut {
    Never,
    /// Nobody hears of the n-th call.
    Before(usize),
    /// Nobody hears its answer.
    After(usize),
}

impl CallCut {
    pub fn all(calls: usize) -> impl Iterator<Item = CallCut> {
        (1..=calls).flat_map(|nth| [CallCut::Before(nth), CallCut::After(nth)])
    }
}

/// Counts calls, and is off from the cut on.
#[derive(Debug)]
pub struct Switch {
    cut: CallCut,
    calls: RefCell<BTreeMap<Call, usize>>,
    off: RefCell<bool>,
}

impl Switch {
    pub fn new(cut: CallCut) -> Switch {
        Switch { cut, calls: RefCell::default(), off: RefCell::new(false) }
    }

    pub fn calls(&self) -> usize {
        self.calls.borrow().values().sum()
    }

    pub fn asked(&self, call: Call) -> usize {
        self.calls.borrow().get(&call).copied().unwrap_or_default()
    }

    pub fn is_off(&self) -> bool {
        *self.off.borrow()
    }

    fn around<T>(&self, call: Call, act: impl FnOnce() -> Result<T, ServiceFault>) -> Result<T, ServiceFault> {
        *self.calls.borrow_mut().entry(call).or_default() += 1;
        let nth = self.calls();
        let crash = || {
            *self.off.borrow_mut() = true;
            Err(ServiceFault::Devices("the power went off".to_owned()))
        };
        if self.cut == CallCut::Before(nth) {
            return crash();
        }
        let answer = act()?;
        if self.cut == CallCut::After(nth) { crash() } else { Ok(answer) }
    }
}

/// The parties of a town.
pub struct Parties<'a> {
    switch: &'a Switch,
    desk: OrderDesk,
    smso: PathBuf,
    done: Rc<RefCell<Done>>,
    unlucky: ChfIdentifier,
}

impl<'a> Parties<'a> {
    pub fn of(town: &Town, switch: &'a Switch) -> Parties<'a> {
        let smso = town.path("smso/smso");
        let desk = OrderDesk::open(&smso, &town.path("world")).expect("a desk");
        Parties { switch, desk, smso, done: town.done.clone(), unlucky: town.unlucky() }
    }
}

fn world(error: WorldError) -> ServiceFault {
    ServiceFault::Devices(error.to_string())
}

fn told(answer: Answer) -> SmsoAnswer {
    match answer {
        Answer::Unknown => SmsoAnswer::Unknown,
        Answer::UnderWay => SmsoAnswer::UnderWay,
        Answer::Done(_) => SmsoAnswer::Done,
        Answer::Failed { why, .. } => SmsoAnswer::Failed(why),
        Answer::Lost => SmsoAnswer::Lost,
    }
}

impl Outside for Parties<'_> {
    type Fault = ServiceFault;

    fn order(&mut self, order: &SmsoOrder, day: Date) -> Result<SmsoAnswer, ServiceFault> {
        let task = match order.task.clone() {
            SmsoTask::Firmware { device, firmware } => Task::Firmware { device, firmware },
            SmsoTask::Configure => Task::Configure,
        };
        let given = Order { key: order.key.clone(), chf: order.chf, task };
        let desk = &mut self.desk;
        self.switch.around(Call::Order, || {
            desk.work(day).map_err(world)?;
            desk.take(&given, day).map(told).map_err(world)
        })
    }

    fn ask(&mut self, _smso: &str, key: &str, day: Date) -> Result<SmsoAnswer, ServiceFault> {
        let desk = &mut self.desk;
        self.switch.around(Call::Ask, || {
            desk.work(day).map_err(world)?;
            Ok(told(desk.ask(key)))
        })
    }

    fn runs(&mut self, _smso: &str, chf: ChfIdentifier, device: DeviceId) -> Result<Option<String>, ServiceFault> {
        let desk = &mut self.desk;
        self.switch.around(Call::Runs, || Ok(desk.runs(chf, device)))
    }

    fn export(
        &mut self,
        config: &Config,
        smso: &str,
        chfs: &[ChfIdentifier],
        (reference, out): (&str, &Path),
    ) -> Result<Vec<PathBuf>, ServiceFault> {
        let (dir, done) = (&self.smso, &self.done);
        self.switch.around(Call::Export, || {
            let (pki_dir, now) = (config.path(&config.pki.dir), clock_of(config).now());
            let (trust, signer) = (pki::load_trust(&pki_dir)?, pki::load_signer(&pki_dir, smso)?);
            let of = |role, name: &str| pki::recipient(&trust, role, name, now);
            let (s1sp, dco) = (of(Role::S1sp, "s1sp")?, of(Role::Dco, "dco")?);
            let keys = Keys::Encrypted { s1sp: &s1sp, dco: &dco };
            let schema = tern_rules::schema_version(config.rulebook.on(tern_model::london_day(now)));
            let order = ExportOrder { reference, at: now, schema, size: 100, signer: &signer, keys };
            let wanted = |record: &InstallationRecord| chfs.contains(&record.chf_identifier);
            let files = export(&RecordFiles { dir, wanted: &wanted }, &order, out, &|| {}).map_err(world)?;
            done.borrow_mut().exported.insert(reference.to_owned(), chfs.to_vec());
            Ok(files.into_iter().map(|file| file.path).collect())
        })
    }

    /// As the real one: the same sets again are answered as before.
    fn migrate(&mut self, _config: &Config, sets: &[SetFolder]) -> Result<SetsEnded, ServiceFault> {
        let (done, unlucky) = (&self.done, self.unlucky);
        self.switch.around(Call::Migrate, || {
            let mut done = done.borrow_mut();
            let of_sets = |reference: &&String| {
                sets.iter().any(|set| set.dir.components().any(|part| part.as_os_str() == reference.as_str()))
            };
            let references: Vec<String> = done.exported.keys().filter(of_sets).cloned().collect();
            assert_eq!(references.len(), 1, "{sets:?}");
            let reference = references[0].clone();
            let mut ended = Vec::new();
            for chf in done.exported[&reference].clone() {
                let attempts = done.attempts.entry(chf).or_default();
                if !attempts.contains(&reference) {
                    attempts.push(reference.clone());
                }
                let fails = chf == unlucky && attempts[0] == reference;
                if !fails {
                    let under = done.commissioned.entry(chf).or_insert_with(|| reference.clone());
                    assert_eq!(*under, reference, "{chf} is commissioned a second time");
                }
                let outcome = if fails {
                    Outcome::RolledBack { code: "B2".to_owned() }
                } else {
                    Outcome::Commissioned { gas: GasOutcome::Migrated }
                };
                ended.push((chf, Some(outcome)));
            }
            Ok(SetsEnded { ended, refused: Vec::new() })
        })
    }
}
