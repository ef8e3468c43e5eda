//! Bad input: everything that a counterparty may send by mistake or on purpose is refused with a finding that names place,
//! cause and suggestion, and has no effect, whole or half, on stores or devices.

mod bench;
mod blobs;
mod edit;
mod entries;
mod files;
mod installations;
mod sets;
mod signatures;
mod validation;
