//! A sandbox beside the gateway (P): Users order faults for their own devices, set them back, step the clock, and fetch
//! replies where they have no address for them.
//!
//! It is there only where whoever starts the service hands a [`Sandbox`] in. Orders come over the gateway's mutual TLS, and a
//! User's own devices are those for which access control knows it as registered today. It must never touch another's.

mod asked;
mod client;
mod desk;
mod kept;
pub(crate) mod laid_down;
mod own;
mod stepping;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tern_model::{ChfIdentifier, DeviceId, DeviceKind};

use crate::clock::SteppedClock;
use crate::fault::ServiceFault;

pub use client::{Player, Reply};
pub(crate) use desk::{Annex, UnderWay};

/// Every path of the sandbox begins so.
pub(crate) const PATH: &str = "/sandbox/";

/// What makes a service a sandbox.
#[derive(Clone)]
pub struct Sandbox<'a> {
    /// The one clock of service and devices.
    pub clock: Arc<SteppedClock>,
    /// The devices, as whoever plays with them has them.
    pub devices: &'a (dyn Playground + 'a),
}

/// How a device fails when it is told to (P).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlayFault {
    /// Nobody behind the hub is reached.
    NoWan,
    /// Each answer of the device comes a second late.
    Slow,
    /// The device obeys, and nobody can believe its answer.
    WrongAnswer,
    /// The device refuses to verify and to activate firmware.
    FirmwareRefused,
}

impl PlayFault {
    /// Every one.
    pub const ALL: [PlayFault; 4] =
        [PlayFault::NoWan, PlayFault::Slow, PlayFault::WrongAnswer, PlayFault::FirmwareRefused];

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            PlayFault::NoWan => "no-wan",
            PlayFault::Slow => "slow",
            PlayFault::WrongAnswer => "wrong-answer",
            PlayFault::FirmwareRefused => "firmware-refused",
        }
    }
}

/// The simulated devices, for whoever plays with them. What is done is durable when a call returns.
pub trait Playground: Sync {
    /// Has a kind of device of an installation fail, so many times or, without a number, each time.
    ///
    /// # Errors
    /// There is no such installation, or the devices' log refuses.
    fn order(
        &self,
        chf: ChfIdentifier,
        kind: DeviceKind,
        fault: PlayFault,
        times: Option<u32>,
    ) -> Result<(), ServiceFault>;

    /// Ends these faults of a kind of device.
    ///
    /// # Errors
    /// As [`Playground::order`].
    fn end(&self, chf: ChfIdentifier, kind: DeviceKind, faults: &[PlayFault]) -> Result<(), ServiceFault>;

    /// The faults that may still strike a kind of device.
    fn standing(&self, chf: ChfIdentifier, kind: DeviceKind) -> Vec<PlayFault>;

    /// Has devices of an installation go back to what they were after migration.
    ///
    /// # Errors
    /// As [`Playground::order`].
    fn reset(&self, chf: ChfIdentifier, devices: &[DeviceId]) -> Result<(), ServiceFault>;
}
