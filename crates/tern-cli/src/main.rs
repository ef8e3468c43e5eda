//! The binary `tern`. Everything is in the library, so that tests and generated pages see the same verbs.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    tern_cli::run()
}
