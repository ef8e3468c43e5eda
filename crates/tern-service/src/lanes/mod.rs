//! The executor's lanes: devices over the WAN; DCO and DSP by function call in one process, over links between processes.

mod between;
mod devices;
mod in_process;
mod line;
mod wan;

pub(crate) use between::{Between, Ends};
pub use devices::{Connect, DeviceLines, Listens, S1spIdentity, carry_out};
pub use in_process::{DeviceOrder, Devices, InProcess, ObeyDco, ObeyDsp};
pub use line::{LineLimits, over_tcp};
pub use wan::Wan;
