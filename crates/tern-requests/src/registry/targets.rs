//! Which SMETS1 devices a request may be sent to. The official list (S1SR Table 3) is not to be had: what the DCC's public templates
//! show is read as allowed (R), and what else must be allowed stands here, each with its reason.

use serde::Serialize;
use tern_model::{DeviceKind, Grade};

use super::Srv;
use super::words::Target;

/// A target that a request may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct AllowedTarget {
    /// Which.
    pub target: Target,
    /// How firmly the sources support it.
    pub grade: Grade,
    /// Why.
    pub why: &'static str,
}

struct Added {
    number: &'static str,
    allowed: AllowedTarget,
}

const fn added(number: &'static str, target: Target, grade: Grade, why: &'static str) -> Added {
    Added { number, allowed: AllowedTarget { target, grade, why } }
}

const GAS_ROLES: &str = "its roles include those of gas";

static ADDED: [Added; 9] = [
    added("6.15.1", Target::Gsme, Grade::Project, GAS_ROLES),
    added("6.23", Target::Gsme, Grade::Project, GAS_ROLES),
    added("6.24.1", Target::Gsme, Grade::Project, GAS_ROLES),
    added("11.2", Target::Gpf, Grade::Reading, "S1SR Table 3 was corrected for its omission"),
    added("11.2", Target::Chf, Grade::Project, "a hub's firmware is updated, and so is read"),
    added("11.3", Target::Gsme, Grade::Project, GAS_ROLES),
    added("11.3", Target::Chf, Grade::Stated, "S000 section 4.3.1"),
    added("11.3", Target::Ppmid, Grade::Stated, "S000 section 4.3.1, by cohort and day"),
    added("8.9", Target::Gpf, Grade::Project, "a GPF keeps a log of its own"),
];

impl Srv {
    /// The targets that a request for a SMETS1 installation may name; by cohort and day the DMVES may say otherwise.
    pub fn targets(&self) -> impl Iterator<Item = AllowedTarget> + use<'_> {
        let shown = self.shown_targets.iter().filter(|target| target.is_of_smets1()).map(|&target| AllowedTarget {
            target,
            grade: Grade::Reading,
            why: "shown by the DCC's public templates",
        });
        shown.chain(ADDED.iter().filter(|added| added.number == self.number).map(|added| added.allowed))
    }

    /// Whether a request may be sent to a device of the kind.
    #[must_use]
    pub fn is_for(&self, kind: DeviceKind) -> bool {
        self.targets().any(|allowed| allowed.target.device() == Some(kind))
    }
}

/// Every row that allows more than the templates show: number and target.
pub fn added_targets() -> impl Iterator<Item = (&'static str, AllowedTarget)> {
    ADDED.iter().map(|added| (added.number, added.allowed))
}
