//! The executor's lanes in one process: devices over a socket, DCO and DSP by function call.

mod devices;
mod in_process;

pub use devices::DeviceLine;
pub use in_process::{Devices, InProcess, ObeyDsp};
