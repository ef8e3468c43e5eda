//! A laboratory in which every cohort has an installation that is commissioned, made once and copied for whoever needs one.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tern_model::GroupId;
use tern_service::clock::Clock;
use tern_testkit::served::free_address;
use tern_testkit::{Cut, HandClock, Home, Lab, LabPlan, Letterbox, Power, Served, ServedPlan, UserClient, homes};
use tern_wire::Verified;
use tern_wire::duis::{Draft, Response};
use tern_world::corpus::Defect;

/// One group of each cohort: IOC, MOC (MDS), MOC (Secure), FOC.
pub const GROUPS: [GroupId; 4] = [GroupId::CA, GroupId::CB, GroupId::DA, GroupId::EA];
/// The counter of a User's first request.
pub const COUNTER: u64 = 1_614_672_000_000;
/// Longer than any reply takes that comes.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A laboratory, and its homes.
pub struct Bench {
    pub lab: Lab,
    pub homes: Vec<Home>,
    pub clock: Arc<HandClock>,
}

/// A commissioned laboratory of its own.
pub fn bench() -> Bench {
    static MADE: OnceLock<Mutex<(Lab, Vec<Home>)>> = OnceLock::new();
    let made = MADE.get_or_init(|| Mutex::new(made())).lock().unwrap_or_else(PoisonError::into_inner);
    let (lab, homes) = (made.0.fork(), made.1.clone());
    let clock = HandClock::at(lab.now);
    Bench { lab, homes, clock }
}

fn made() -> (Lab, Vec<Home>) {
    let plan = LabPlan { installations: 24, seed: 5, defects_permille: 0, faults: 0, set_size: 6 };
    let lab = Lab::of(plan, &Defect::USUAL, &GROUPS, |_| {});
    let homes = {
        let mut system = lab.open(&Power::new(Cut::Never)).expect("a system");
        let mut devices = lab.devices();
        lab.migrate(&mut system, &mut devices).expect("migrated");
        homes(&lab, &system)
    };
    (lab, homes)
}

impl Bench {
    /// The service by default.
    pub fn plan(&self) -> ServedPlan {
        ServedPlan::of(&self.lab, self.clock.clone())
    }

    /// An installation of a group that has a gas meter and a PPMID.
    #[track_caller]
    pub fn home(&self, group: GroupId) -> &Home {
        let fits = |home: &&Home| home.group == group && home.gsme.is_some() && !home.ppmids.is_empty();
        self.homes.iter().find(fits).unwrap_or_else(|| panic!("{group} has no such installation"))
    }

    /// A User's listener at an address that is free.
    pub fn letterbox(&self, name: &str) -> Letterbox {
        Letterbox::open(&self.lab.dir().join("pki"), name, free_address(), self.clock.clone())
    }
}

/// The next reply to a User, by its signatures.
#[track_caller]
pub fn reply(user: &UserClient, letterbox: &Letterbox, bench: &Bench) -> Verified<Response> {
    let text = letterbox.next_within(PATIENCE).expect("a reply");
    user.believes(&text, bench.clock.now()).unwrap_or_else(|why| panic!("{why}: {text}"))
}

/// The body that reads a meter's registers (4.1.1).
pub fn read_registers() -> Draft {
    Draft::new("ReadInstantaneousImportRegisters")
}

/// A service over a bench, which is expected to start.
#[track_caller]
pub fn served(bench: &Bench, plan: ServedPlan) -> Served {
    Served::start(&bench.lab, plan).expect("a service")
}

/// The devices' own log, as long as it is.
pub fn log_bytes(lab: &Lab) -> u64 {
    let path = lab.world.dir().join(tern_world::devices::LOG_FILE);
    std::fs::metadata(path).expect("the log").len()
}
