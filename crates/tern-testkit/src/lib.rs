//! What tests of whole workflows stand on: stores that crash on purpose, and whatever else breaks the world by plan.
//!
//! Not published, and a dev-dependency only. This crate must never be asked what is right: it breaks things and counts.

pub mod attack;
mod broken;
mod crashing_store;
mod dice;
mod effects;
mod file_set;
mod lab;
mod lanes;
mod meddling;
pub mod served;

pub use broken::Breaks;
pub use crashing_store::{CrashingStore, Cut, Power};
pub use dice::Dice;
pub use effects::no_effect_twice;
pub use file_set::{Checked, FileSet, Laid, Opened, RawFile, check, receive, take, validated};
pub use lab::{DirectDevices, Lab, LabPlan, Plaintext, own_associations, results};
pub use lanes::{FaultyLanes, Strike, Struck, commission, with_struck};
pub use meddling::{Meddle, meddling};
pub use served::{HandClock, Home, Letterbox, Served, ServedPlan, UserClient, homes};
