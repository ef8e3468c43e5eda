//! The hops that lead an installation from its own firmware to an entry's, by the Installing Suppliers' upgrade
//! paths (4.33).
//!
//! A route is shared by every installation that starts alike; this module must never know a single installation.

use std::fmt;

use serde::{Deserialize, Serialize};
use tern_model::DeviceKind;

/// One upgrade of one Device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Hop<V> {
    /// The Device.
    pub device: DeviceKind,
    /// The firmware version from which.
    pub from: V,
    /// The firmware version to which.
    pub to: V,
}

/// Hops in the order in which they are made; never empty, and each begins where the Device's one before ended.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Route<V> {
    hops: Vec<Hop<V>>,
}

/// What keeps hops from being a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouteFault {
    /// There is no hop.
    Empty,
    /// The hop with this index does not begin where the Device's one before ended.
    Gap(usize),
    /// More hops than a route may have, 65,535.
    TooLong,
}

impl fmt::Display for RouteFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RouteFault::Empty => f.write_str("there is no hop"),
            RouteFault::Gap(at) => write!(f, "hop {} does not begin where the Device's hop before it ended", at + 1),
            RouteFault::TooLong => f.write_str("there are more than 65,535 hops"),
        }
    }
}

impl std::error::Error for RouteFault {}

/// A meter of an installation, Active or Dormant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MeterIs {
    /// Which meter.
    pub meter: DeviceKind,
    /// Whether its Responsible Supplier has smart services for it.
    pub state: tern_model::MeterState,
}

/// Whether the deemed consent of 4.26 covers what is left to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Consent {
    /// Every hop that is left is of a Dormant Meter or of a Device with one.
    Covers,
    /// No Meter is Dormant, or a hop that is left is of an Active Meter.
    DoesNotCover,
}

impl<V: Eq> Route<V> {
    /// A route of these hops.
    ///
    /// # Errors
    /// There is no hop, there are too many, or one does not begin where the one before it ended.
    pub fn new(hops: Vec<Hop<V>>) -> Result<Route<V>, RouteFault> {
        if hops.is_empty() {
            return Err(RouteFault::Empty);
        }
        if u16::try_from(hops.len()).is_err() {
            return Err(RouteFault::TooLong);
        }
        let gap = (1..hops.len()).find(|&at| {
            let before = hops[..at].iter().rev().find(|hop| hop.device == hops[at].device);
            before.is_some_and(|before| before.to != hops[at].from)
        });
        gap.map_or(Ok(Route { hops }), |at| Err(RouteFault::Gap(at)))
    }

    /// The hops, in order.
    #[must_use]
    pub fn hops(&self) -> &[Hop<V>] {
        &self.hops
    }

    /// How many hops there are.
    #[must_use]
    pub fn len(&self) -> u16 {
        // `new` takes no more.
        u16::try_from(self.hops.len()).unwrap_or(u16::MAX)
    }

    /// Never: a route has a hop.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hops.is_empty()
    }

    /// The versions at which a Device may stand between hops: each needs a confirmation before the first hop (PL7).
    pub fn interim(&self) -> impl Iterator<Item = (DeviceKind, &V)> {
        let is_last = |at: usize| !self.hops[at + 1..].iter().any(|later| later.device == self.hops[at].device);
        let hops = self.hops.iter().enumerate();
        hops.filter(move |(at, _)| !is_last(*at)).map(|(_, hop)| (hop.device, &hop.to))
    }

    /// The version at which a Device stands after so many hops; none where no hop is of it.
    #[must_use]
    pub fn version_after(&self, done: u16, device: DeviceKind) -> Option<&V> {
        let done = usize::from(done).min(self.hops.len());
        let last = self.hops[..done].iter().rev().find(|hop| hop.device == device).map(|hop| &hop.to);
        last.or_else(|| self.hops.iter().find(|hop| hop.device == device).map(|hop| &hop.from))
    }

    /// Whether 4.26 covers what is left after so many hops: Dormant Meters and the Devices with them (R).
    #[must_use]
    pub fn consent(&self, done: u16, meters: &[MeterIs]) -> Consent {
        use tern_model::MeterState::{Active, Dormant};
        let active = |device| meters.iter().any(|is| is.meter == device && is.state == Active);
        let left = &self.hops[usize::from(done).min(self.hops.len())..];
        if meters.iter().any(|is| is.state == Dormant) && !left.iter().any(|hop| active(hop.device)) {
            Consent::Covers
        } else {
            Consent::DoesNotCover
        }
    }
}
