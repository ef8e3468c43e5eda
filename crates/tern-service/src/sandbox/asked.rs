//! What a User may order and ask of a sandbox: paths and bodies.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use tern_model::DeviceId;
use tern_wire::duis::RequestId;

use super::PlayFault;
use crate::links::http::{Request, decoded};

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// What may be asked?
    Help,
    /// Which devices are mine?
    Devices,
    /// What time is it?
    Clock,
    /// Which replies wait here?
    Replies,
    /// The reply to this request.
    Reply(Sought),
    /// Order or end a fault.
    Fault,
    /// Set my devices back.
    Reset,
    /// Step the clock.
    Step,
}

/// What may be asked, for people.
pub(super) const HELP: &str = "\
GET  /sandbox/v1/devices             your devices today, by cohort
POST /sandbox/v1/faults              {\"device\": ID, \"fault\": \"no-wan\", \"times\": 3}: also slow, wrong-answer,
                                     firmware-refused, and none, which ends them; without times until then
POST /sandbox/v1/reset               {}: all your devices; {\"device\": ID}: yours of its installation
GET  /sandbox/v1/clock               what time it is here
POST /sandbox/v1/clock               {\"to\": \"2026-12-24T00:00:00Z\"} or {\"seconds\": 86400}: for everybody here
GET  /sandbox/v1/replies             replies to you, the last 100
GET  /sandbox/v1/replies/REQUESTID   the reply to a request, as it was signed, or by its counter alone; waits a while
";

/// By what a reply is sought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sought {
    /// By the RequestID.
    Request(RequestId),
    /// By its counter alone.
    Counter(u64),
}

impl Sought {
    fn of(text: &str) -> Option<Sought> {
        text.parse().map(Sought::Counter).or_else(|_| text.parse().map(Sought::Request)).ok()
    }
}

impl fmt::Display for Sought {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Sought::Request(id) => id.fmt(f),
            Sought::Counter(counter) => counter.fmt(f),
        }
    }
}

impl Asked {
    /// What a request asks; none where there is no such thing.
    pub(super) fn of(request: &Request) -> Option<Asked> {
        let parts: Vec<&str> = request.path.strip_prefix(super::PATH)?.split('/').collect();
        Some(match (request.method.as_str(), &parts[..]) {
            ("GET", [""] | ["v1"] | ["v1", ""]) => Asked::Help,
            ("GET", ["v1", "devices"]) => Asked::Devices,
            ("GET", ["v1", "clock"]) => Asked::Clock,
            ("GET", ["v1", "replies"]) => Asked::Replies,
            ("GET", ["v1", "replies", id]) => Asked::Reply(Sought::of(&decoded(id)?)?),
            ("POST", ["v1", "faults"]) => Asked::Fault,
            ("POST", ["v1", "reset"]) => Asked::Reset,
            ("POST", ["v1", "clock"]) => Asked::Step,
            _ => return None,
        })
    }
}

/// A fault that is ordered, or ended.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FaultOrder {
    pub(super) device: DeviceId,
    pub(super) fault: Wanted,
    pub(super) times: Option<u32>,
}

/// A fault, or that there be none.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(untagged)]
pub(super) enum Wanted {
    Fault(PlayFault),
    None(NoFault),
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum NoFault {
    None,
}

/// What is set back.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ResetOrder {
    pub(super) device: Option<DeviceId>,
}

/// How far the clock is stepped.
#[derive(Debug, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub(super) enum StepOrder {
    To { to: Timestamp },
    By { seconds: u32 },
}

impl StepOrder {
    /// To which moment; none where there is no such moment.
    pub(super) fn moment(&self, now: Timestamp) -> Option<Timestamp> {
        match self {
            StepOrder::To { to } => Some(*to),
            StepOrder::By { seconds } => now.checked_add(SignedDuration::from_secs((*seconds).into())).ok(),
        }
    }
}
