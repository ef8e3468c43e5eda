//! Simulated devices: what an installation's hub and meters hold, what they remember, and how they fail. How they answer is
//! [`crate::dlms`]'s.
//!
//! They keep their state out of the engine's reach, in a directory of their own:
//!
//! | File | Holds |
//! |---|---|
//! | `installations.json` | the state before migration, keys included; mode 0600, never changed |
//! | `wan.csv` | the WAN address of each hub, the communications provider's address book |
//! | `effects.log` | one JSON line per effect that a device applied and per scripted fault that struck; mode 0600 |
//! | `counters` | the invocation counters of each ESME, in place; mode 0600 |
//! | `images/` | firmware images that are on their way to devices |
//! | `faults.csv` | the fault script; need not be there |
//! | `associations.toml` | what device models open, where they are not as others are; need not be there |
//! | `address` | where the world listens while it does |
//! | `lock` | held by the one process that answers |

mod account;
mod associations;
mod certificates;
mod changes;
mod clock;
mod counters;
mod effects;
mod electricity;
mod faults;
mod hub_key;
mod images;
mod initial;
mod installation;
mod loads;
mod meter;
mod sandbox;
mod snapshot;
mod tariff;
mod upgrade;
mod wan;
mod world;

pub use account::{Account, Amount, PrepaymentTerms, Prices, Standing};
pub use associations::read_associations;
pub use certificates::Known;
pub(crate) use changes::digest;
pub use changes::{Change, Fingerprint};
pub use clock::{MeterClock, WorldClock};
pub use counters::{Counters, Protected};
pub use effects::{
    ArmedRecord, CertificateRecord, EffectRecord, FaultRecord, LogRecord, ResetRecord, TransactionRecord, read_log,
};
pub use electricity::Electricity;
pub use faults::{Fault, FaultKind, FaultRow, Times, read_faults, write_faults};
pub use hub_key::HubKey;
pub use images::{BLOCK_BYTES, build_image};
pub(crate) use images::{IMAGE_MAX_BYTES, ImageFile, Stage, judge_image};
pub use initial::{Estate, read_initial, write_initial};
pub use installation::{Esme, Gsme, Hub, Installation, Pins, Ppmid};
pub use loads::{Loads, SLOT_SECONDS, slot_of};
pub use meter::{Calendar, Measure, Meter, SupplyState};
pub use snapshot::{Snapshot, read_installations, read_snapshots};
pub(crate) use tariff::second_rate;
pub use wan::{address_at, place_of, read_wan};
pub(crate) use world::Slot;
pub use world::World;

/// The initial state's file name.
pub const INITIAL_FILE: &str = "installations.json";
/// The effect log's file name.
pub const LOG_FILE: &str = "effects.log";
/// The fault script's file name.
pub const FAULTS_FILE: &str = "faults.csv";
/// The name of the file with the tables of device models' associations.
pub const ASSOCIATIONS_FILE: &str = "associations.toml";
/// The name of the file that tells where the world listens.
pub const ADDRESS_FILE: &str = "address";
/// The name of the WAN's address book.
pub const WAN_FILE: &str = "wan.csv";
/// The invocation counters' file name.
pub const COUNTERS_FILE: &str = "counters";
/// The folder of firmware images.
pub const IMAGES_DIR: &str = "images";
/// The lock's file name.
pub const LOCK_FILE: &str = "lock";
