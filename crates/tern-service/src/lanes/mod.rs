//! The executor's lanes: devices over a socket; DCO and DSP by function call in one process, over links between processes.

mod between;
mod devices;
mod in_process;

pub(crate) use between::{Between, Ends};
pub use devices::DeviceLine;
pub use in_process::{Devices, InProcess, ObeyDsp};
