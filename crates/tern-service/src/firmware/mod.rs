//! Firmware for the devices of commissioned installations: sent in blocks, verified, and used on the Responsible
//! Supplier's word.

mod image;
mod supplier;

pub use image::Image;
pub use supplier::Instruction;
