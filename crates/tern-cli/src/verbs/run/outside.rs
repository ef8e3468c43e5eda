//! Everybody outside an execution, simulated: the SMSOs of a corpus with their order desks, and its devices.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use jiff::civil::Date;
use tern_model::{ChfIdentifier, DeviceId, Role};
use tern_service::config::Config;
use tern_service::execution::{Outside, SetsEnded, SmsoAnswer, SmsoOrder, SmsoTask};
use tern_service::migrate::Progress;
use tern_service::set_files::SetFolder;
use tern_service::{System, clock_of, pki};
use tern_world::corpus::SMSO_DIR;
use tern_world::smso::{Answer, ExportOrder, InstallationRecord, Keys, Order, OrderDesk, RecordFiles, Task, export};

use super::super::migrate::Counts;
use crate::devices;
use crate::failure::Failure;
use crate::progress::Stage;

/// SMSOs and devices of a corpus.
pub(super) struct Simulated {
    /// The folder with the SMSOs' folders.
    smsos: PathBuf,
    world: PathBuf,
    desks: BTreeMap<String, OrderDesk>,
    stop: Arc<AtomicBool>,
}

impl Simulated {
    /// The SMSOs below `corpus`, and the devices that the configuration names.
    pub(super) fn new(corpus: &Path, config: &Config, stop: Arc<AtomicBool>) -> Simulated {
        let (smsos, world) = (corpus.join(SMSO_DIR), config.path(&config.world.dir));
        Simulated { smsos, world, desks: BTreeMap::new(), stop }
    }

    /// An SMSO's desk, with everything done that is due by a day.
    fn desk(&mut self, smso: &str, day: Date) -> Result<&mut OrderDesk, Failure> {
        let desk = self.opened(smso)?;
        desk.work(day)?;
        Ok(desk)
    }

    fn opened(&mut self, smso: &str) -> Result<&mut OrderDesk, Failure> {
        if !self.desks.contains_key(smso) {
            let dir = self.smsos.join(smso);
            if !dir.is_dir() {
                let what = format!("there is no SMSO `{smso}` in {}", self.smsos.display());
                let next =
                    "`tern corpus --to-plan` makes an SMSO and the estate beside it; name that folder with --corpus";
                return Err(Failure::new(what, next));
            }
            self.desks.insert(smso.to_owned(), OrderDesk::open(&dir, &self.world)?);
        }
        let none = || Failure::new(format!("the SMSO `{smso}` has no desk"), "run it again");
        self.desks.get_mut(smso).ok_or_else(none)
    }
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

impl Outside for Simulated {
    type Fault = Failure;

    fn order(&mut self, order: &SmsoOrder, day: Date) -> Result<SmsoAnswer, Failure> {
        let task = match order.task.clone() {
            SmsoTask::Firmware { device, firmware } => Task::Firmware { device, firmware },
            SmsoTask::Configure => Task::Configure,
        };
        let given = Order { key: order.key.clone(), chf: order.chf, task };
        Ok(told(self.desk(&order.smso, day)?.take(&given, day)?))
    }

    fn ask(&mut self, smso: &str, key: &str, day: Date) -> Result<SmsoAnswer, Failure> {
        Ok(told(self.desk(smso, day)?.ask(key)))
    }

    fn runs(&mut self, smso: &str, chf: ChfIdentifier, device: DeviceId) -> Result<Option<String>, Failure> {
        Ok(self.opened(smso)?.runs(chf, device))
    }

    fn export(
        &mut self,
        config: &Config,
        smso: &str,
        chfs: &[ChfIdentifier],
        (reference, out): (&str, &Path),
    ) -> Result<Vec<PathBuf>, Failure> {
        let now = clock_of(config).now();
        let pki_dir = config.path(&config.pki.dir);
        let (trust, signer) = (pki::load_trust(&pki_dir)?, pki::load_signer(&pki_dir, smso)?);
        pki::may_sign(&trust, &signer, now)?;
        let of = |role, name: &str| pki::recipient(&trust, role, name, now);
        let roles = &config.roles;
        let (s1sp, dco) = (of(Role::S1sp, &roles.s1sp.party)?, of(Role::Dco, &roles.dco.party)?);
        let keys = Keys::Encrypted { s1sp: &s1sp, dco: &dco };
        let schema = tern_rules::schema_version(config.rulebook.on(tern_model::london_day(now)));
        let order = ExportOrder { reference, at: now, schema, size: 1000, signer: &signer, keys };
        let wanted = |record: &InstallationRecord| chfs.contains(&record.chf_identifier);
        let records = RecordFiles { dir: &self.smsos.join(smso), wanted: &wanted };
        Ok(export(&records, &order, out, &|| {})?.into_iter().map(|file| file.path).collect())
    }

    fn migrate(&mut self, config: &Config, sets: &[SetFolder]) -> Result<SetsEnded, Failure> {
        let facts = tern_service::facts::load(&config.path(&config.facts.dir))?.facts;
        // The stores first: whoever holds them holds the devices too.
        let mut system = System::open(config.clone(), facts)?;
        let mut devices = devices::connect(config, &system.device_identity())?;
        let stage = Stage::begin("migrate", Some(0));
        let mut counts = Counts::of(sets.len());
        let mut watch = |progress: Progress<'_>| counts.show(&stage, &progress);
        let results = system.migrate(sets, &mut devices.lines, &self.stop, &mut watch)?;
        drop(stage);
        let mut all = SetsEnded::default();
        for result in results {
            all.refused.extend(result.refused.iter().map(|finding| finding.clause.to_string()));
            let Some(set) = result.set.filter(|_| result.refused.is_empty()) else { continue };
            for listed in system.results(set) {
                all.ended.push(listed?);
            }
        }
        Ok(all)
    }
}
