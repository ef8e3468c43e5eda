//! Supply: on, off, armed.

use super::{Family, Order, Work, nothing};
use crate::refusal::Refusal;
use crate::task::{SupplyCommand, Task};

pub(super) static FAMILY: Family = Family { name: "supply", srvs: &["7.1", "7.2", "7.3"], plan, content: nothing };

fn plan(order: &Order<'_>) -> Result<Work, Refusal> {
    let command = match order.srv.number {
        "7.1" => SupplyCommand::Enable,
        "7.2" => SupplyCommand::Disable,
        _ => SupplyCommand::Arm,
    };
    Ok(Work::Device(Task::Supply { command }))
}
