//! What an installation costs `tern check` and `tern migrate`, in processor time and in memory, in one set of a thousand, of
//! ten thousand and of a hundred thousand: it should be the same.
//!
//! ```text
//! cargo bench -p tern-cli --bench scale            # 1,000 and 10,000
//! cargo xtask bench --large                        # 100,000 too
//! ```
//!
//! The program itself is measured, as a process of its own: its processor time and the most memory that it ever held, as the
//! operating system tells them (Linux only). Prints figures and fails nothing.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// How many installations, one run each, separated by commas.
const SIZES: &str = "TERN_BENCH_SIZES";
const SIZES_DEFAULT: &str = "1000,10000";
/// The most that the whole process may hold, whatever the set's size.
const MIB_MAX: f64 = 300.0;
const CONFIG: &str = "[pki]\ndir = \"pki\"\n[facts]\ndir = \"facts\"\n[world]\ndir = \"world\"\n";

/// What one command took.
struct Took {
    wall: Duration,
    processor: Duration,
    /// The most memory that it held at once, in MiB.
    memory: f64,
}

/// What one size took.
struct Sample {
    installations: usize,
    check: Took,
    migrate: Took,
}

fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        println!("nothing to test here: `cargo bench -p tern-cli --bench scale` measures");
        return;
    }
    let sizes = std::env::var(SIZES).unwrap_or_else(|_| SIZES_DEFAULT.to_owned());
    let sizes: Vec<usize> =
        sizes.split(',').map(|size| size.trim().parse().expect("a number of installations")).collect();
    let samples: Vec<Sample> = sizes.into_iter().map(measure).collect();
    figures("check", &samples, |s| &s.check);
    figures("migrate", &samples, |s| &s.migrate);
}

fn measure(installations: usize) -> Sample {
    let folder = std::env::var_os("TERN_BENCH_DIR").unwrap_or_else(|| env!("CARGO_TARGET_TMPDIR").into());
    let folder = tempfile::tempdir_in(folder).expect("a folder to measure in");
    let dir = folder.path();
    let number = installations.to_string();
    std::fs::write(dir.join("tern.toml"), CONFIG).expect("a configuration");
    let corpus = ["corpus", ".", "--installations", &number, "--seed", "7", "--defects", "0", "--faults", "0"];
    let export = ["smso", "export", "--size", &number];
    let build = ["build", "--size", &number];
    for order in [&["pki", "init", "pki"][..], &corpus, &export, &build] {
        run(dir, order);
    }
    let (check, migrate) = (run(dir, &["check", "sets"]), run(dir, &["migrate", "sets"]));
    for (verb, took) in [("check", &check), ("migrate", &migrate)] {
        let (wall, memory) = (took.wall.as_secs_f64(), took.memory);
        println!("{installations:>8} in one set: `tern {verb}` {wall:.1} s, at most {memory:.0} MiB");
    }
    Sample { installations, check, migrate }
}

/// Runs a command to its end, and watches it.
fn run(dir: &Path, order: &[&str]) -> Took {
    let since = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_tern"))
        .args(order)
        .current_dir(dir)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .expect("the program");
    let mut took = Took { wall: Duration::ZERO, processor: Duration::ZERO, memory: 0.0 };
    let id = child.id();
    let (ended, end) = channel();
    let waiter = std::thread::spawn(move || drop(ended.send(child.wait())));
    // What a process held and took is gone with it: it is asked as long as it runs.
    let status = loop {
        took.look(id);
        match end.recv_timeout(Duration::from_millis(5)) {
            Err(RecvTimeoutError::Timeout) => {}
            ended => break ended.expect("the program's end").expect("the program's end"),
        }
    };
    waiter.join().expect("a thread that waits");
    assert!(status.success(), "{}: {status}", order.join(" "));
    took.wall = since.elapsed();
    took
}

impl Took {
    fn look(&mut self, id: u32) {
        let read = |name: &str| std::fs::read_to_string(format!("/proc/{id}/{name}")).unwrap_or_default();
        let status = read("status");
        let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
        if let Some(kib) = most.and_then(|kib| kib.trim().parse::<f64>().ok()) {
            self.memory = self.memory.max(kib / 1024.0);
        }
        // The name in brackets may hold anything; what is counted stands behind it, in hundredths of a second.
        let stat = read("stat");
        let behind = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
        let ticks: u64 = behind.split(' ').skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
        self.processor = self.processor.max(Duration::from_millis(ticks * 10));
    }
}

fn figures(verb: &str, samples: &[Sample], of: impl Fn(&Sample) -> &Took) {
    #[expect(clippy::cast_precision_loss, reason = "so many installations are none")]
    let micros = |s: &Sample| 1e6 * of(s).processor.as_secs_f64() / s.installations as f64;
    for s in samples {
        let n = s.installations;
        figure(&format!("{verb}: processor, one of {n} installations in a set"), micros(s), "µs");
        figure(&format!("{verb}: most memory, {n} installations in a set"), of(s).memory, "MiB");
    }
    let (Some(first), Some(last)) = (samples.first(), samples.last()) else { return };
    if last.installations > first.installations {
        figure(&format!("{verb}: processor of the largest to that of the smallest"), micros(last) / micros(first), "");
        #[expect(clippy::cast_precision_loss, reason = "so many installations are none")]
        let more = (last.installations - first.installations) as f64;
        let bytes = (of(last).memory - of(first).memory) * 1_048_576.0 / more;
        figure(&format!("{verb}: memory for one installation more"), bytes, "bytes");
        let most = samples.iter().map(|s| of(s).memory).fold(0.0, f64::max);
        println!("{verb}: {} MiB in the worst case, of {MIB_MAX} that may be", most.round());
    }
}

/// One line of the table that `cargo xtask bench` makes.
fn figure(name: &str, value: f64, unit: &str) {
    let digits = if value < 100.0 { 2 } else { 0 };
    println!("FIGURE | {name} | {value:.digits$} | {unit} | ");
}
