//! Supply: off, on, ready to be switched on by hand; and the auxiliary load.

use tern_dlms::Data;
use tern_dlms::cosem::Shape;
use tern_dlms::cosem::disconnect_control::ControlState;
use tern_requests::TaskAnswer;
use tern_requests::task::{SupplyCommand, SupplyState};

use super::super::objects;
use super::{Server, Trouble, failed, invoke};
use crate::{Addressee, NotInstructed};

/// 7.1, 7.2, 7.3. That a reconnection arms is said by its parameter (P).
pub(super) fn switch(command: SupplyCommand, who: Addressee) -> Result<Vec<Vec<u8>>, NotInstructed> {
    let (method, parameter) = match command {
        SupplyCommand::Enable if who != Addressee::Esme => return Err(NotInstructed::NotOfSuch(who)),
        SupplyCommand::Enable => (objects::RECONNECT, 0),
        SupplyCommand::Disable => (objects::DISCONNECT, 0),
        SupplyCommand::Arm => (objects::RECONNECT, 1),
    };
    Ok(vec![invoke(method, Data::Integer(parameter))])
}

/// RQ8: closes the auxiliary load switch.
pub(super) fn close_auxiliary() -> Vec<u8> {
    invoke(objects::CLOSE_AUXILIARY, Data::Integer(0))
}

/// 7.4.
pub(super) fn read(server: &mut Server<'_, '_>) -> Result<TaskAnswer, Trouble> {
    let (state, battery_days) = if server.is_of_gas() {
        let [state, battery] = server.read([objects::SUPPLY_STATE, objects::BATTERY])?;
        let days = battery.as_double_long_unsigned().map_err(|_| failed("what is left of the battery is no number"))?;
        (state, Some(days))
    } else {
        let [state] = server.read([objects::SUPPLY_STATE])?;
        (state, None)
    };
    let state = match ControlState::of_data(&state).map_err(|_| failed("the supply is in no state"))? {
        ControlState::Disconnected => SupplyState::Disabled,
        ControlState::Connected => SupplyState::Enabled,
        ControlState::ReadyForReconnection => SupplyState::Armed,
    };
    Ok(TaskAnswer::Supply { state, battery_days })
}
