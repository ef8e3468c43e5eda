//! What planning costs, on invented estates of several sizes over two years: the engine for each installation, which should be the
//! same however many there are, one event more, and whole commands from files to files.
//!
//! ```text
//! cargo bench -p tern-testkit --bench planning                                  # 10,000 and 100,000
//! TERN_BENCH_ESTATES=10000,100000,1000000 cargo bench -p tern-testkit --bench planning
//! ```
//!
//! Each measurement is a process of its own, as a user's is: its most memory held is its own (Linux only), and none finds memory
//! that another has been given already. The engine is measured several times, and the fastest counts. Estates lie under
//! `TERN_BENCH_DIR`, else in the temporary folder: a million take half a gigabyte. The machine's load stands beside the figures,
//! for a busy machine makes them worse. Prints figures and fails nothing.

mod measured;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use tern_world::population::Population;

use measured::Measured;

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How many installations, one estate each, separated by commas.
const SIZES: &str = "TERN_BENCH_ESTATES";
const SIZES_DEFAULT: &str = "10000,100000";
/// Which measurement this process is, and of which estate; without it, it starts them.
const MEASURE: &str = "TERN_BENCH_PLANNING";

fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        println!("nothing to test here: `cargo bench -p tern-testkit --bench planning` measures");
        return;
    }
    if let Ok(asked) = std::env::var(MEASURE) {
        let (name, dir) = asked.split_once('=').expect("a measurement, and its estate");
        Measured::of(name).expect("one that there is").run(Path::new(dir));
        return;
    }
    let sizes = std::env::var(SIZES).unwrap_or_else(|_| SIZES_DEFAULT.to_owned());
    for size in sizes.split(',') {
        let installations = size.trim().parse().expect("a number of installations");
        estate(installations);
    }
}

/// Makes an estate, and has everything measured on it.
fn estate(installations: u64) {
    let place = match std::env::var_os("TERN_BENCH_DIR") {
        Some(dir) => tempfile::tempdir_in(PathBuf::from(dir)),
        None => tempfile::tempdir(),
    };
    let place = place.expect("a folder");
    let dir = place.path().join("estate");
    let since = Instant::now();
    let written = Population::of(installations, 1).write(&dir).expect("an estate");
    let took = since.elapsed().as_secs_f64();
    println!("  {installations} installations, {} events; load {}", written.events, load());
    println!("FIGURE | estate make, {installations} | {took:.2} | s | ");
    let program = std::env::current_exe().expect("this program");
    for measured in Measured::ALL {
        let asked = format!("{}={}", measured.name(), dir.display());
        let told = || {
            let ran = Command::new(&program).arg("--bench").env(MEASURE, &asked).output().expect("is started");
            assert!(ran.status.success(), "{}: {}", measured.name(), String::from_utf8_lossy(&ran.stderr));
            String::from_utf8(ran.stdout).expect("text")
        };
        let all = (0..measured.turns()).map(|_| told());
        print!("{}", all.min_by(|one, other| first(one).total_cmp(&first(other))).expect("it was measured"));
    }
}

/// The first figure that is told.
fn first(told: &str) -> f64 {
    let figure = told.lines().find_map(|line| line.strip_prefix("FIGURE | ")).expect("a figure");
    figure.split(" | ").nth(1).and_then(|number| number.parse().ok()).expect("a number")
}

/// How many processes wanted to run in the last minute, on average.
fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().next().unwrap_or("unknown").to_owned()
}
