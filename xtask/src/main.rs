//! `cargo xtask`: the project's own chores, so that a newcomer needs no tool but cargo.
//!
//! Every chore prints what failed, where, and the command that repeats it. Nothing here is part of the product: no crate
//! may depend on this one.

mod bench;
mod codegen;
mod node;
mod process;
mod ratchet;
mod soak;
mod test;
mod tidy;
mod tools;

use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask <chore>
  test              format, lints, tidy, generated pages, every test; installs what the tests need where it may
  tidy              layers, shapes and words that the compiler does not judge
  codegen           writes schemas/ and docs/reference/ from the code
  codegen --check   says which of them are stale, and writes nothing
  bench             builds and runs the benchmarks, prints one table of figures
  bench --large     a set of 100,000 installations among them
  ratchet           plants every known defect, and holds what is found by clause against what is expected
  ratchet --accept  keeps what is found now as what is expected
  soak              hostile input and crashes for as long as one likes; `cargo xtask soak --help` lists the runs
example: cargo xtask tidy";

/// A chore's failure: what a person reads, several lines where that helps.
pub struct Failure(String);

impl Failure {
    fn new(text: impl Into<String>) -> Failure {
        Failure(text.into())
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["test"] => test::run(),
        ["tidy"] => tidy::run().map(|report| println!("{report}")),
        ["codegen"] => codegen::write().map(|report| println!("{report}")),
        ["codegen", "--check"] => codegen::check().map(|report| println!("{report}")),
        ["bench"] => bench::run(bench::Sizes::Usual),
        ["bench", "--large"] => bench::run(bench::Sizes::Large),
        ["ratchet"] => ratchet::run(false).map(|report| println!("{report}")),
        ["ratchet", "--accept"] => ratchet::run(true).map(|report| println!("{report}")),
        ["soak", "help" | "--help" | "-h"] => {
            println!("{}", soak::usage());
            Ok(())
        }
        ["soak", order @ ..] => soak::run(order),
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(())
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure(text)) => {
            eprintln!("{text}");
            ExitCode::FAILURE
        }
    }
}

/// The workspace's root: the directory above this crate's.
fn root() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    here.parent().map_or_else(|| here.clone(), PathBuf::from)
}
