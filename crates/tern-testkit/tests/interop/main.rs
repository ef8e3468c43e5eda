//! What Tern writes, judged by tools that Tern's authors did not write; and what such a tool signs, judged by Tern.
//!
//! The files are those of a whole run: the SMSO's export, a built set, and what the parties sent each other about it.

mod files;
mod meter;
mod signatures;
mod tools;
mod trade;

use std::sync::LazyLock;

use files::Files;

/// One run, whose files every test here judges.
static FILES: LazyLock<Files> = LazyLock::new(Files::collect);
