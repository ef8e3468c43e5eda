//! Reasons that only whoever keeps the inventory can find: `tests/refusals.rs` has a case for every other one, and the gateway's own
//! tests, in tern-testkit, for each of these.

use tern_requests::Reason;

/// Found where the DCC answers itself.
pub const AT_THE_GATEWAY: [Reason; 12] = [
    Reason::NothingFound,
    Reason::KeyNotKept,
    Reason::UpdateUnknownDevice,
    Reason::UpdateStatus,
    Reason::UpdateKind,
    Reason::UpdateCommissioned,
    Reason::UpdatePoint,
    Reason::SameDeviceIds,
    Reason::AlreadyNotified,
    Reason::KindNotServed,
    Reason::NoDeviceLeft,
    Reason::ImageUnfit,
];
