//! Simulated devices: what an installation's hub and meters hold, how they answer, what they remember, and how they fail.
//!
//! A simulated installation is a second implementation of [`tern_wire::device_link::DeviceRows`]. It keeps its state out
//! of the engine's reach, in a directory of its own:
//!
//! | File | Holds |
//! |---|---|
//! | `installations.json` | the state before migration, keys included; mode 0600, never changed |
//! | `effects.log` | one JSON line per effect that a device applied and per scripted fault that struck; mode 0600 |
//! | `faults.csv` | the fault script; need not be there |
//! | `address` | where the world listens while it does |
//! | `lock` | held by the one process that answers |

mod effects;
mod faults;
mod initial;
mod installation;
mod snapshot;
mod world;

pub use effects::{Change, EffectRecord, FaultRecord, Fingerprint, LogRecord, read_log};
pub use faults::{Fault, FaultKind, FaultRow, Times, read_faults, write_faults};
pub use initial::{read_initial, write_initial};
pub use installation::{Devices, Esme, Gsme, Hub, Installation};
pub use snapshot::{Snapshot, read_snapshots};
pub use world::World;

/// The initial state's file name.
pub const INITIAL_FILE: &str = "installations.json";
/// The effect log's file name.
pub const LOG_FILE: &str = "effects.log";
/// The fault script's file name.
pub const FAULTS_FILE: &str = "faults.csv";
/// The name of the file that tells where the world listens.
pub const ADDRESS_FILE: &str = "address";
/// The lock's file name.
pub const LOCK_FILE: &str = "lock";
