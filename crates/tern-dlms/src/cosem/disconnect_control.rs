//! Disconnect control (class 70): the switch between supply and premises.

use crate::codec::enumeration;
use crate::cosem::enum_shape;
use crate::descriptor::ClassId;

/// The class.
pub const CLASS: ClassId = ClassId(70);

/// Attribute: whether the switch is closed, boolean.
pub const OUTPUT_STATE: i8 = 2;
/// Attribute: [`ControlState`].
pub const CONTROL_STATE: i8 = 3;
/// Attribute: who may switch, enum of 0 to 6.
pub const CONTROL_MODE: i8 = 4;

/// Method: opens the switch.
pub const REMOTE_DISCONNECT: i8 = 1;
/// Method: closes the switch, or makes it ready to be closed by hand, as the mode says.
pub const REMOTE_RECONNECT: i8 = 2;

enumeration! {
    /// control_state.
    ControlState is "control state" {
        /// Open.
        Disconnected = 0 "Disconnected",
        /// Closed.
        Connected = 1 "Connected",
        /// Open, and may be closed by hand.
        ReadyForReconnection = 2 "Ready_for_reconnection",
    }
}

enum_shape!(ControlState, "control state");
