//! Sets that are judged run by run: what is said does not depend on the runs, nothing counts before the end, and no file may
//! be altered on the way.

mod altered;
mod crashes;
mod pins;
mod rested;
mod sender;
mod verdicts;

use std::sync::Arc;

use tern_service::System;
use tern_service::clock::{Clock, VirtualClock};
use tern_service::config::Config;
use tern_testkit::{Cut, FileSet, Lab, LabPlan, Power};

/// A laboratory with one set.
fn lab(installations: usize, defects_permille: usize) -> Lab {
    Lab::new(LabPlan { installations, seed: 23, defects_permille, faults: 0, set_size: installations }, |_| {})
}

/// Its configuration, with so many installations at a time.
fn at_once(lab: &Lab, installations: usize) -> Config {
    let mut config = lab.config();
    config.intake.installations_at_once = installations;
    config
}

fn open(lab: &Lab, installations_at_once: usize, power: &Power) -> Result<System, tern_service::ServiceFault> {
    let clock: Arc<dyn Clock> = Arc::new(VirtualClock::starting_at(lab.now));
    lab.open_with(at_once(lab, installations_at_once), clock, power)
}

/// The laboratory's set with the Common Validation File that the DSP makes of it; nothing else is left of that.
fn validated(lab: &mut Lab) -> FileSet {
    let mut set = lab.sets[0].clone();
    let mut system = open(lab, 250, &Power::new(Cut::Never)).expect("opens");
    set.files.push(tern_testkit::validated(&mut system, &set));
    drop(system);
    lab.reset();
    set
}
