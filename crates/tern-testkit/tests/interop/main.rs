//! What Tern writes, judged by tools that Tern's authors did not write; and what such a tool signs, judged by Tern.
//!
//! The files are those of a whole run: the SMSO's export, a built set, and what the parties sent each other about it.

mod files;
mod meter;
mod signatures;
mod trade;

use std::sync::LazyLock;

use files::Files;

/// One run, whose files every test here judges.
static FILES: LazyLock<Files> = LazyLock::new(Files::collect);

/// Another in the Migration Schema before v1.2.
static EARLIER: LazyLock<Files> = LazyLock::new(Files::collect_earlier);

/// Both, each with its schema.
fn runs() -> [(&'static Files, &'static str); 2] {
    [(&FILES, "smets1-migration-1.2.xsd"), (&EARLIER, "smets1-migration-before-1.2.xsd")]
}
