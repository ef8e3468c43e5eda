//! Joins: one device of an installation learns to trust another.

use tern_model::DeviceKind;
use tern_wire::duis::Draft;

use super::{Family, Order, Said, Work, needed, status};
use crate::refusal::Refusal;
use crate::registry::Srv;
use crate::task::Task;

pub(super) static FAMILY: Family = Family { name: "joins", srvs: &["8.7.1", "8.7.2"], plan, content };

fn plan(order: &Order<'_>) -> Result<Work, Refusal> {
    let other = needed(order.body.child("OtherDeviceID").and_then(|id| id.parse()), "OtherDeviceID")?;
    Ok(Work::Device(match order.srv.number {
        "8.7.1" => Task::JoinCritical { other },
        _ => Task::JoinNonCritical { other },
    }))
}

/// The schema demands a code: 0 for success; that of any failure is ours (P).
fn content(_: &Srv, _: DeviceKind, said: Said<'_>) -> Vec<Draft> {
    let (code, word) = if said.is_success() { (0, "success") } else { (15, "otherFailure") };
    vec![status("joinResponseCode", code, word)]
}
