//! What the clauses of several groups have alike: one check each, for as many numbers as there are groups.
//!
//! Nothing here knows a clause's number: a check is handed its rule.

pub(crate) mod device_keys;
pub(crate) mod encrypted_elements;
pub(crate) mod master_key;
pub(crate) mod required_files;
pub(crate) mod sim;
