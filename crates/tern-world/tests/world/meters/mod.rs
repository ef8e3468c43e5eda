//! The simulated devices as clients meet them: DLMS/COSEM over sockets.

mod credit;
mod critical;
mod faults;
mod firmware;
mod hostile;
mod keys;
mod meter;
mod open;
mod sandbox;
mod signed;
mod support;
