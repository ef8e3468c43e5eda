//! What a party can do with keys that it should not have, or against its duty: docs/threat-model.md names these tests.

mod consent;
mod hub;
mod instructions;
mod line;
mod s1sp;
mod smso;
