//! The early-firmware machines: every state that they can reach, and the scenarios of S003 section 2.
//!
//! The scenarios are texts in `scenarios/early-firmware/`, each with what must come of it beside it.

mod entries;
mod permits;
mod player;
mod reach;
mod routes;
mod scenarios;
mod script;
