//! Access control at the DSP: who may ask this of whom, at the moment for which it is asked. It is judged on receipt, and again when a
//! request that was held is due.
//!
//! What a cohort does otherwise on the day is handed in as [`Behaviour`]s: the rows are the DMVES's, and no cohort is known here.

use jiff::Timestamp;
use tern_model::{Behaviour, DeviceKind, Eui64, InventoryStatus, UserRole};

use super::{Check, Limits, first_refusal};
use crate::asked::Asked;
use crate::codes::Reason;
use crate::refusal::Refusal;
use crate::registry::{Handling, Srv};

/// What is known of User and device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessFacts {
    /// The moment of judging.
    pub now: Timestamp,
    /// The DCC's own identifier, which Non-Device requests name.
    pub dcc: Eui64,
    /// The originator as a User; none where it is none.
    pub user: Option<User>,
    /// The target as the inventory holds it; none where it does not.
    pub device: Option<TargetDevice>,
}

/// A User.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The roles in which it is one.
    pub roles: Vec<UserRole>,
    /// Whether it may send anything.
    pub status: UserStatus,
}

/// A User's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserStatus {
    /// In order.
    Live,
    /// Suspended, or not yet begun.
    Suspended,
}

/// A device as the inventory holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetDevice {
    /// Its kind.
    pub kind: DeviceKind,
    /// Its status; none of kinds of which no status is kept.
    pub status: Option<InventoryStatus>,
    /// What its cohort does otherwise with this service on the day.
    pub behaviours: Vec<Behaviour>,
    /// The roles in which the User is registered for this very device at [`Asked::required_at`]: by a meter's own metering point,
    /// and of hub, GPF and PPMID by both of their installation.
    pub registered: Vec<UserRole>,
}

/// The checks, in their order: that of the codes, but that a device must be known before anything is asked of it (P).
pub static CHECKS: [Check<AccessFacts>; 13] = [
    Check { reason: Reason::UnknownUser, refuses: unknown_user },
    Check { reason: Reason::UserRole, refuses: user_role },
    Check { reason: Reason::UserStatus, refuses: user_status },
    Check { reason: Reason::NotForSmets1, refuses: not_for_smets1 },
    Check { reason: Reason::NotYetProcessed, refuses: not_yet_processed },
    Check { reason: Reason::NotTheDcc, refuses: not_the_dcc },
    Check { reason: Reason::UnknownDevice, refuses: unknown_device },
    Check { reason: Reason::NotRegistered, refuses: not_registered },
    Check { reason: Reason::ElectricitySupplierAlone, refuses: electricity_supplier_alone },
    Check { reason: Reason::DeviceStatus, refuses: device_status },
    Check { reason: Reason::DeviceKind, refuses: device_kind },
    Check { reason: Reason::UnsupportedOnDay, refuses: unsupported_on_day },
    Check { reason: Reason::ExecutionTime, refuses: execution_time },
];

/// Judges a request that was received.
///
/// # Errors
/// The first check that refuses.
pub fn judge(asked: &Asked, facts: &AccessFacts, limits: &Limits) -> Result<(), Refusal> {
    first_refusal(&CHECKS, asked, facts, limits)
}

/// Whether a role needs a registration for the device: of a Registered Supplier Agent and of an Other User no record is kept (P).
#[must_use]
pub fn needs_registration(role: UserRole) -> bool {
    !matches!(role, UserRole::Rsa | UserRole::Ou)
}

/// The statuses of a device in which a service may be asked of it (P but for Commissioned).
#[must_use]
pub fn statuses(srv: &Srv) -> &'static [InventoryStatus] {
    use InventoryStatus::{Commissioned, InstalledNotCommissioned, Whitelisted};
    match srv.number {
        "8.1.1" | "8.7.1" | "8.7.2" => &[Commissioned, InstalledNotCommissioned, Whitelisted],
        _ => &[Commissioned],
    }
}

impl AccessFacts {
    /// The User's roles that may send the service.
    fn eligible<'a>(&'a self, srv: &'a Srv) -> impl Iterator<Item = UserRole> + 'a {
        let roles = self.user.iter().flat_map(|user| user.roles.iter().copied());
        roles.filter(|role| srv.roles.contains(role))
    }

    /// Those among them in which it may send it for this device.
    fn acting<'a>(&'a self, srv: &'a Srv) -> impl Iterator<Item = UserRole> + 'a {
        let registered = |role: &UserRole| self.device.as_ref().is_some_and(|device| device.registered.contains(role));
        self.eligible(srv).filter(move |role| !needs_registration(*role) || registered(role))
    }

    /// The role in which it acts: the first that may send the service, and may send it for this device.
    #[must_use]
    pub fn role(&self, srv: &Srv) -> Option<UserRole> {
        if srv.is_non_device() { self.eligible(srv).next() } else { self.acting(srv).next() }
    }

    fn has(&self, behaviour: Behaviour) -> bool {
        self.device.as_ref().is_some_and(|device| device.behaviours.contains(&behaviour))
    }
}

fn unknown_user(asked: &Asked, facts: &AccessFacts, _: &Limits) -> Option<String> {
    let known = facts.user.as_ref().is_some_and(|user| !user.roles.is_empty());
    (!known).then(|| format!("{} is no User", asked.id.originator))
}

fn user_role(asked: &Asked, facts: &AccessFacts, _: &Limits) -> Option<String> {
    let roles = facts.user.as_ref().map(|user| listed(&user.roles)).unwrap_or_default();
    facts.eligible(asked.srv).next().is_none().then(|| format!("{roles} may not send {}", asked.srv.number))
}

fn user_status(asked: &Asked, facts: &AccessFacts, _: &Limits) -> Option<String> {
    let suspended = facts.user.as_ref().is_some_and(|user| user.status == UserStatus::Suspended);
    suspended.then(|| format!("{} is suspended", asked.id.originator))
}

fn not_for_smets1(asked: &Asked, _: &AccessFacts, _: &Limits) -> Option<String> {
    (asked.srv.handling == Handling::NotForSmets1).then(|| format!("{} is no SMETS1 service", asked.srv.number))
}

fn not_yet_processed(asked: &Asked, _: &AccessFacts, _: &Limits) -> Option<String> {
    (asked.srv.handling == Handling::NotYetProcessed).then(|| format!("{} is not yet processed", asked.srv.number))
}

fn not_the_dcc(asked: &Asked, facts: &AccessFacts, _: &Limits) -> Option<String> {
    let wrong = asked.srv.is_non_device() && asked.id.target != facts.dcc;
    wrong.then(|| format!("{} is not the DCC, {}", asked.id.target, facts.dcc))
}

fn unknown_device(asked: &Asked, facts: &AccessFacts, _: &Limits) -> Option<String> {
    let unknown = !asked.srv.is_non_device() && facts.device.is_none();
    unknown.then(|| format!("{} is not in the inventory", asked.id.target))
}

fn not_registered(asked: &Asked, facts: &AccessFacts, _: &Limits) -> Option<String> {
    if asked.srv.is_non_device() || facts.acting(asked.srv).next().is_some() {
        return None;
    }
    let roles: Vec<UserRole> = facts.eligible(asked.srv).collect();
    Some(format!("not registered as {} for {} on that day", listed(&roles), asked.id.target))
}

fn electricity_supplier_alone(asked: &Asked, facts: &AccessFacts, _: &Limits) -> Option<String> {
    let is_it = facts.acting(asked.srv).any(|role| role == UserRole::Is);
    (facts.has(Behaviour::ElectricitySupplierAlone) && !is_it)
        .then(|| format!("the Electricity Supplier alone may send {} to {}", asked.srv.number, asked.id.target))
}

fn device_status(asked: &Asked, facts: &AccessFacts, _: &Limits) -> Option<String> {
    let status = facts.device.as_ref()?.status?;
    (!statuses(asked.srv).contains(&status)).then(|| format!("{} is {status}", asked.id.target))
}

fn device_kind(asked: &Asked, facts: &AccessFacts, _: &Limits) -> Option<String> {
    let kind = facts.device.as_ref()?.kind;
    (!asked.srv.is_for(kind)).then(|| format!("{} is a {kind}", asked.id.target))
}

fn unsupported_on_day(asked: &Asked, facts: &AccessFacts, _: &Limits) -> Option<String> {
    let kind = facts.device.as_ref()?.kind;
    facts
        .has(Behaviour::Unsupported)
        .then(|| format!("{} is not supported by a {kind} of its cohort yet", asked.srv.number))
}

fn execution_time(asked: &Asked, facts: &AccessFacts, limits: &Limits) -> Option<String> {
    let later = asked.execution.filter(|later| *later > facts.now && !super::hold::cancels(*later))?;
    if !asked.srv.future_dating.is_possible() {
        return Some(format!("{} cannot be asked for a later moment", asked.srv.number));
    }
    let ahead = later.duration_since(facts.now);
    (ahead > limits.ahead).then(|| format!("{later} is more than {} days ahead", limits.ahead.as_hours() / 24))
}

fn listed(roles: &[UserRole]) -> String {
    let words: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
    if words.is_empty() { "no role".to_owned() } else { words.join(", ") }
}
