//! Writes the small filled store that a change of the schema commits, so that every later build proves it can open it:
//!
//! ```text
//! cargo run -p tern-store --example sample_store -- tests/stores/v2-s1sp.sqlite
//! ```
//!
//! The content is `crates/tern-store/tests/samples/`, newest schema; `cargo test -p tern-store --test samples` checks it.

use std::path::PathBuf;
use std::process::ExitCode;

use tern_store::{SqliteStore, StoreView};

#[path = "../tests/samples/v2.rs"]
mod newest;

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: sample_store <new file, for example tests/stores/v2-s1sp.sqlite>");
        return ExitCode::from(2);
    };
    if path.exists() {
        eprintln!("{} exists: a committed store is never written again", path.display());
        return ExitCode::from(2);
    }
    let mut store = match SqliteStore::open(&path, newest::ROLE) {
        Ok(store) => store,
        Err(fault) => {
            eprintln!("{fault}: {}", fault.suggestion());
            return ExitCode::from(2);
        }
    };
    newest::fill(&mut store);
    let head = store.verify_audit().expect("a chain written a moment ago");
    newest::check(&store);
    drop(store);
    std::fs::remove_file(path.with_extension("sqlite.lock")).expect("the lock file of this process");
    println!("{}: audit head {}", path.display(), head.hash);
    ExitCode::SUCCESS
}
