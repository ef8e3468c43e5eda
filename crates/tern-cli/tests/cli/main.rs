//! The real binary, as its users run it: each verb's happy path, its bad inputs, its JSON, its exit codes.

mod configuration;
mod estate;
mod estate_take;
mod files;
#[path = "../support/folder.rs"]
mod folder;
mod help;
mod meters;
mod pki;
mod plan;
mod plan_notices;
mod plan_report;
mod plan_send;
mod rulebook;
mod show;
mod srv;
mod support;
mod what_if;
mod world;
