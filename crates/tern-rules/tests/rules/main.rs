//! What each rule says of a healthy set, and of the same set with one thing changed.

#![expect(clippy::unwrap_used, reason = "tests")]

mod associations;
mod blobs;
mod devices;
mod framework;
mod groups;
mod installing_supplier;
mod matrix;
mod papers;
mod pki;
mod points;
mod sets;
mod supplier_change;
mod support;
