//! What `tern migrate` does in a second, journalled and durable, beside what the disk and the processor could do in the same
//! run:
//!
//! ```text
//! cargo bench -p tern-testkit --bench migrate
//! ```
//!
//! Stores and devices lie in a folder of their own under `TERN_BENCH_DIR`, else under the build's own folder, because a
//! temporary folder may lie in memory. The simulated devices are a process of their own behind their real socket. Prints
//! figures and fails nothing.

mod groups;
mod limits;
mod reads;
mod run;
mod simulator;

use std::path::PathBuf;
use std::time::Duration;

use tern_model::Role;
use tern_testkit::{Lab, LabPlan};

use crate::limits::Parts;
use crate::run::{Run, Sample};

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The order in which the issue wants it measured.
const PLAN: LabPlan = LabPlan { installations: 1_000, seed: 1, defects_permille: 0, faults: 0, set_size: 250 };
const RUNS: usize = 7;
const FLOOR_A_SECOND: &str = "120";
const FLOOR_COMMISSIONINGS: &str = "60";

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.get(1).map(String::as_str) {
        Some(simulator::ARGUMENT) => simulator::serve(&PathBuf::from(&arguments[2])),
        _ if arguments.iter().any(|a| a == "--bench") => bench(),
        _ => println!("nothing to test here: `cargo bench -p tern-testkit --bench migrate` measures"),
    }
}

fn bench() {
    let folder = std::env::var_os("TERN_BENCH_DIR").map_or_else(|| env!("CARGO_TARGET_TMPDIR").into(), PathBuf::from);
    let folder = tempfile::tempdir_in(folder).expect("a folder to measure in");
    println!("in {} ({})", folder.path().display(), limits::file_system(folder.path()));
    println!("{} installations without a defect, in sets of {}; {RUNS} runs", PLAN.installations, PLAN.set_size);
    let lab = Lab::new(PLAN, |_| {});
    let mut samples: Vec<Sample> = (0..RUNS)
        .map(|number| {
            let disk = limits::bare_fsyncs(folder.path());
            let sample = Run::new(&lab, &folder.path().join(number.to_string())).migrate(disk);
            println!("{:>10.0}/s migrated; the disk's bare fsyncs {disk:.0}/s", sample.rate());
            sample
        })
        .collect();
    samples.sort_by(|a, b| a.rate().total_cmp(&b.rate()));
    figures(&samples);
    let middle = &samples[samples.len() / 2];
    where_time_goes(middle);
    let parts = Parts::measure(&lab);
    parts.print();
    against_limits(&samples, &parts);
    reads::measure(&lab, &folder.path().join("reads"));
    groups::measure(&folder.path().join("groups"));
}

fn figures(samples: &[Sample]) {
    let of = |figure: &dyn Fn(&Sample) -> f64| limits::median(samples.iter().map(figure));
    let cores = limits::cores();
    figure(&format!("migrate: installations, durable, {cores} cores"), of(&Sample::rate), "/s", FLOOR_A_SECOND);
    let commissionings = |s: &Sample| s.installations as f64 / s.commissioning.as_secs_f64();
    figure("migrate: commissionings over the protocol, durable", of(&commissionings), "/s", FLOOR_COMMISSIONINGS);
    figure("migrate: bare 4 KiB + fdatasync, same run and disk", of(&|s| s.disk), "/s", "");
    figure("migrate: durable commits of all roles, an installation", of(&Sample::commits), "", "");
    figure("migrate: steps in one commit of the S1SP", of(&Sample::steps_a_commit), "", "");
    figure("migrate: processor, engine and its roles", of(&|s| s.a_thousand(s.engine_cpu)), "ms/1,000", "");
    figure("migrate: processor, simulated devices", of(&|s| s.a_thousand(s.devices_cpu)), "ms/1,000", "");
}

/// How far from what the disk, RSA and the cores would allow if there were nothing else to do.
fn against_limits(samples: &[Sample], parts: &Parts) {
    let of = |figure: &dyn Fn(&Sample) -> f64| limits::median(samples.iter().map(figure));
    let percent = |limit: f64| 100.0 * of(&Sample::rate) / limit;
    let disk = of(&|s| 100.0 * s.rate() * s.commits() / s.disk);
    figure("migrate: share of the disk's fsyncs that its commits use", disk, "%", "");
    figure("migrate: share of what RSA alone would allow", percent(parts.rsa_limit()), "%", "");
}

fn where_time_goes(sample: &Sample) {
    let row = |name: &str, time: Duration| {
        let share = 100.0 * time.as_secs_f64() / sample.took.as_secs_f64();
        println!("{:>10.0} ms {share:>4.0} % {name}", 1e3 * time.as_secs_f64());
    };
    println!("where the time of the median run goes:");
    row("open facts, trust, stores, the line", sample.opening);
    row("intake: verify and judge as DSP, S1SP and DCO; instruct", sample.intake);
    row("commissioning", sample.commissioning);
    println!("of it, waiting or writing, in intake and commissioning together:");
    for (role, written) in &sample.written {
        let name = format!("durable writes of the {role}: {} commits", written.commits);
        row(&name, written.took);
    }
    row(&format!("answers of devices: {} calls", sample.calls), sample.devices);
    let steps = sample.steps as f64 / sample.installations as f64;
    println!("{steps:.1} steps an installation; {} commits of the S1SP", sample.commits_of(Role::S1sp));
}

/// One line of the table that `cargo xtask bench` makes.
fn figure(name: &str, value: f64, unit: &str, floor: &str) {
    let digits = if value < 100.0 { 2 } else { 0 };
    println!("FIGURE | {name} | {value:.digits$} | {unit} | {floor}");
}
