//! A commissioned laboratory whose stores lie on the disk that is measured, and its Users.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tern_model::GroupId;
use tern_service::clock::VirtualClock;
use tern_service::config::Config;
use tern_testkit::{Cut, Home, Lab, LabPlan, Power, Served, ServedPlan, UserClient, homes};
use tern_world::corpus::Defect;

/// One group of each cohort: IOC, MOC (MDS), MOC (Secure), FOC.
const GROUPS: [GroupId; 4] = [GroupId::CA, GroupId::CB, GroupId::DA, GroupId::EA];

/// Where it is measured.
pub struct Place {
    pub lab: Lab,
    pub homes: Vec<Home>,
    stores: PathBuf,
}

impl Place {
    /// So many installations, commissioned.
    pub fn new(installations: usize, folder: &Path) -> Place {
        let plan = LabPlan { installations, seed: 5, defects_permille: 0, faults: 0, set_size: 250 };
        let lab = Lab::of(plan, &Defect::USUAL, &GROUPS, |_| {});
        let homes = {
            let mut system = lab.open(&Power::new(Cut::Never)).expect("a system");
            lab.migrate(&mut system, &mut lab.devices()).expect("migrated");
            homes(&lab, &system)
        };
        Place { lab, homes, stores: folder.join("stores") }
    }

    /// Everything as it was after the migration, on the disk.
    pub fn anew(&self) {
        let _ = std::fs::remove_dir_all(&self.stores);
        std::fs::create_dir_all(&self.stores).expect("a folder");
        for entry in std::fs::read_dir(self.lab.dir().join("stores")).expect("lists") {
            let entry = entry.expect("an entry");
            if entry.path().is_file() {
                std::fs::copy(entry.path(), self.stores.join(entry.file_name())).expect("copied");
            }
        }
    }

    /// The service over it; `arrange` may change how it is configured.
    pub fn serve(&self, arrange: impl FnOnce(ServedPlan) -> ServedPlan) -> Served {
        let clock = Arc::new(VirtualClock::starting_at(self.lab.now));
        let plan = ServedPlan { config: self.config(), ..ServedPlan::of(&self.lab, clock) };
        Served::start(&self.lab, arrange(plan)).expect("a service")
    }

    /// The Users that supply the homes' electricity, each once.
    pub fn suppliers(&self) -> Vec<String> {
        let mut names: Vec<String> = self.homes.iter().map(|home| home.supplier.clone()).collect();
        names.sort();
        names.dedup();
        names
    }

    fn config(&self) -> Config {
        let mut config = self.lab.config();
        let roles = &mut config.roles;
        for role in [&mut roles.dsp, &mut roles.s1sp, &mut roles.dco, &mut roles.commissioning_party] {
            role.store = self.stores.join(role.store.file_name().expect("a name"));
            role.seal = role.seal.take().map(|seal| self.stores.join(seal.file_name().expect("a name")));
        }
        config
    }
}

/// The Users of a service.
pub fn users(service: &Served, names: &[String]) -> Vec<UserClient> {
    names.iter().map(|name| service.user(name)).collect()
}
