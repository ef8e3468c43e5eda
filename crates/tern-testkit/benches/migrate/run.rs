//! One run: stores and devices from the beginning, migrated to the end, with what it took.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use tern_model::{OutcomeKind, Role, Secret};
use tern_service::clock::{Clock, VirtualClock};
use tern_service::config::Config;
use tern_service::executor::Returned;
use tern_service::lanes::{DeviceLines, DeviceOrder, Devices, LineLimits, Listens, Wan, over_tcp};
use tern_service::migrate::Progress;
use tern_service::set_files::SetFolder;
use tern_service::{ServiceFault, System};
use tern_store::{Seal, SqliteStore, Store};
use tern_testkit::{CrashingStore, Cut, Lab, Power};
use tern_world::devices::{FAULTS_FILE, INITIAL_FILE, WAN_FILE};

use crate::limits::processor_time;
use crate::simulator::Simulator;

const ROLES: [Role; 4] = [Role::Dsp, Role::S1sp, Role::Dco, Role::CommissioningParty];

/// So generous that none is met: what is measured is the work.
pub const LIMITS: LineLimits = LineLimits { exchange: Duration::from_secs(10), row: Duration::from_secs(60) };

/// A migration that is yet to begin.
pub struct Run<'a> {
    lab: &'a Lab,
    dir: PathBuf,
}

/// Durable writes of one role.
pub struct Written {
    pub commits: u64,
    pub took: Duration,
}

/// What a run took.
pub struct Sample {
    pub installations: usize,
    pub took: Duration,
    pub opening: Duration,
    pub intake: Duration,
    pub commissioning: Duration,
    pub written: Vec<(Role, Written)>,
    /// Waiting for the devices.
    pub devices: Duration,
    pub calls: usize,
    /// Lines of all journals.
    pub steps: usize,
    pub engine_cpu: Duration,
    pub devices_cpu: Duration,
    /// The disk's bare fsyncs a second, just before.
    pub disk: f64,
}

impl Sample {
    pub fn rate(&self) -> f64 {
        self.installations as f64 / self.took.as_secs_f64()
    }

    /// Of all roles, for one installation.
    pub fn commits(&self) -> f64 {
        self.written.iter().map(|(_, w)| w.commits).sum::<u64>() as f64 / self.installations as f64
    }

    pub fn commits_of(&self, role: Role) -> u64 {
        self.written.iter().filter(|(r, _)| *r == role).map(|(_, w)| w.commits).sum()
    }

    pub fn steps_a_commit(&self) -> f64 {
        self.steps as f64 / self.commits_of(Role::S1sp) as f64
    }

    /// Milliseconds for 1,000 installations.
    pub fn a_thousand(&self, time: Duration) -> f64 {
        1e6 * time.as_secs_f64() / self.installations as f64
    }
}

impl Run<'_> {
    /// Lays devices into a new folder as they were before any migration; stores are made there too.
    pub fn new<'a>(lab: &'a Lab, dir: &Path) -> Run<'a> {
        std::fs::create_dir_all(dir.join("world")).expect("a folder");
        for name in [INITIAL_FILE, FAULTS_FILE, WAN_FILE] {
            let from = lab.dir().join("world").join(name);
            if from.exists() {
                std::fs::copy(from, dir.join("world").join(name)).expect("the devices copied");
            }
        }
        Run { lab, dir: dir.to_owned() }
    }

    /// What `tern migrate` does, from opening to the last outcome.
    pub fn migrate(&self, disk: f64) -> Sample {
        let simulator = Simulator::start(&self.dir.join("world"));
        let powers = ROLES.map(|role| (role, Power::new(Cut::Never)));
        let (cpu, since) = (processor_time("self"), Instant::now());
        let wan =
            Wan::read(&self.dir.join("world").join(WAN_FILE), simulator.address.port()).expect("the address book");
        let connect = over_tcp(wan, LIMITS);
        let lines = self.config().commissioning.lines;
        let listens: Listens = Arc::new(|| true);
        let line = DeviceLines::new(lines, &connect, &self.lab.identity(), &listens).expect("lines");
        let mut line = TimedDevices { line, waited: Duration::ZERO, calls: 0 };
        let mut system = self.open(&powers);
        let opening = since.elapsed();
        let mut phases = Phases::begin();
        let stop = AtomicBool::new(false);
        let folders = SetFolder::find(&self.lab.dir().join("sets")).expect("the sets");
        let results = system.migrate(&folders, &mut line, &stop, &mut |p| phases.note(&p)).expect("a migration");
        let took = since.elapsed();
        let engine_cpu = processor_time("self") - cpu;
        let installations = results.iter().map(|r| r.ended.count()).sum();
        let commissioned: usize = results.iter().map(|r| r.ended.count_of(Some(OutcomeKind::Commissioned))).sum();
        assert_eq!(commissioned, installations, "all are commissioned");
        let sets: Vec<_> = results.iter().filter_map(|r| r.set).collect();
        let chfs = sets.into_iter().flat_map(|set| system.results(set)).map(|r| r.expect("a result").0);
        let steps = chfs.map(|chf| system.story(chf).expect("a story").len()).sum();
        Sample {
            installations,
            took,
            opening,
            intake: phases.intake,
            commissioning: phases.commissioning,
            written: powers.map(|(r, p)| (r, Written { commits: p.writes(), took: p.spent() })).into(),
            devices: line.waited,
            calls: line.calls,
            steps,
            engine_cpu,
            devices_cpu: processor_time(&simulator.id().to_string()),
            disk,
        }
    }

    /// Its system on one power.
    pub fn open_quietly(&self, power: &Power) -> System {
        self.open(&ROLES.map(|role| (role, power.clone())))
    }

    /// The S1SP's sealing key.
    pub fn seal(&self) -> Seal {
        let key = std::fs::read(self.dir.join("stores/s1sp.seal")).expect("the S1SP's seal");
        Seal::new(&Secret::from_slice(&key).expect("32 bytes")).expect("a seal")
    }

    fn open(&self, powers: &[(Role, Power)]) -> System {
        let clock: Arc<dyn Clock> = Arc::new(VirtualClock::starting_at(self.lab.now));
        System::open_with(self.config(), self.lab.facts(), clock, &|path, role| {
            let (_, power) = powers.iter().find(|(r, _)| *r == role).expect("a role of the DCC's");
            let store: Box<dyn Store> = Box::new(CrashingStore::new(SqliteStore::open(path, role)?, power));
            Ok(store)
        })
        .expect("a system")
    }

    /// The laboratory's, with stores on the disk that is measured.
    fn config(&self) -> Config {
        let mut config = self.lab.config();
        let roles = &mut config.roles;
        for role in [&mut roles.dsp, &mut roles.s1sp, &mut roles.dco, &mut roles.commissioning_party] {
            role.store = self.dir.join(&role.store);
            role.seal = role.seal.take().map(|seal| self.dir.join(seal));
        }
        config
    }
}

/// A set's intake lasts until its first turn is told; that turn's own commit counts there.
struct Phases {
    since: Instant,
    judging: bool,
    intake: Duration,
    commissioning: Duration,
}

impl Phases {
    fn begin() -> Phases {
        Phases { since: Instant::now(), judging: true, intake: Duration::ZERO, commissioning: Duration::ZERO }
    }

    fn note(&mut self, progress: &Progress<'_>) {
        let passed = std::mem::replace(&mut self.since, Instant::now()).elapsed();
        *if self.judging { &mut self.intake } else { &mut self.commissioning } += passed;
        self.judging = matches!(progress, Progress::Judging(_));
    }
}

/// The line to the devices, with the time that was waited for it.
struct TimedDevices {
    line: DeviceLines,
    waited: Duration,
    calls: usize,
}

impl Devices for TimedDevices {
    fn call(&mut self, orders: Vec<DeviceOrder>) -> Result<(), ServiceFault> {
        self.calls += orders.len();
        self.line.call(orders)
    }

    fn collect(&mut self, wait: bool) -> Result<Vec<Returned>, ServiceFault> {
        let since = Instant::now();
        let returned = self.line.collect(wait);
        self.waited += since.elapsed();
        returned
    }
}
