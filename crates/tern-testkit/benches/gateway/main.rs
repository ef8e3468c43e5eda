//! What the gateway for Users does in a second, with every acknowledgement durable, and what it takes for that:
//!
//! ```text
//! cargo bench -p tern-testkit --bench gateway
//! ```
//!
//! Service, devices and Users are one process here, on the same cores. Stores lie under `TERN_BENCH_DIR`, else under the build's
//! own folder, because a temporary folder may lie in memory. `TERN_BENCH_DEVICES` says how many devices the larger inventory
//! holds: 10 million take 4 GB for a while. Prints figures and fails nothing.

mod inventory;
#[path = "../migrate/limits.rs"]
#[expect(dead_code, reason = "the rest of it serves the benchmark of migrations")]
mod limits;
mod load;
mod parts;
mod place;
mod timed;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use tern_model::Role;
use tern_service::pki;
use tern_store::{SqliteView, StoreView};
use tern_testkit::served::free_address;
use tern_testkit::{Cut, Letterbox, Power, UserClient};
use tern_wire::duis::Draft;

use crate::load::{Asked, Load, send};
use crate::parts::Parts;
use crate::place::{Place, users};
use crate::timed::Devices;

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const FLOOR_GATEWAY: &str = "5000";
const FLOOR_WHOLE: &str = "1000";
/// The counter of the first request.
const COUNTER: u64 = 1_614_672_000_000;
const CONNECTIONS: usize = 48;
const FEW: u64 = 10_000;

fn main() {
    if std::env::args().any(|argument| argument == "--bench") {
        bench();
    } else {
        println!("nothing to test here: `cargo bench -p tern-testkit --bench gateway` measures");
    }
}

/// A number from the environment.
fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

fn bench() {
    let folder = std::env::var_os("TERN_BENCH_DIR").map_or_else(|| env!("CARGO_TARGET_TMPDIR").into(), PathBuf::from);
    let folder = tempfile::tempdir_in(folder).expect("a folder to measure in");
    println!("in {} ({})", folder.path().display(), limits::file_system(folder.path()));
    let place = Place::new(40, folder.path());
    let disk = limits::bare_fsyncs(folder.path());
    figure("gateway: bare 4 KiB + fdatasync, same run and disk", disk, "/s", "");
    let rate = gateway_alone(&place, number("TERN_BENCH_REQUESTS", 30_000), None);
    gateway_alone(&place, number("TERN_BENCH_REQUESTS", 30_000) / 3, Some(rate / 2.0));
    let rate = end_to_end(&place, number("TERN_BENCH_REQUESTS", 30_000) / 6, None);
    end_to_end(&place, number("TERN_BENCH_REQUESTS", 30_000) / 12, Some(rate / 2.0));
    inventories(&place, folder.path());
}

/// Signed requests, each of a home's supplier to its electricity meter.
fn requests(
    place: &Place,
    users: &[UserClient],
    names: &[String],
    (count, from, later): (u64, u64, bool),
) -> Vec<Asked> {
    let body = || {
        let body = Draft::new("ReadInstantaneousImportRegisters");
        body.with_some(later.then(|| Draft::leaf("ExecutionDateTime", "2021-03-02T23:00:00.00Z")))
    };
    let signed = |number: u64| {
        let home = &place.homes[usize::try_from(number).expect("a place") % place.homes.len()];
        let user = names.iter().position(|name| *name == home.supplier).expect("a User");
        Asked::new(user, "serviceS", &users[user].request_to(home.esme, from + number, "4.1.1", body()))
    };
    (0..count).map(signed).collect()
}

/// Signed requests to devices for a later moment: accepted and durable, and nothing is asked of a device.
fn gateway_alone(place: &Place, count: u64, rate: Option<f64>) -> f64 {
    place.anew();
    let power = Power::new(Cut::Never);
    let service = place.serve(|plan| plan.on(&power));
    let names = place.suppliers();
    let users = users(&service, &names);
    let asked = requests(place, &users, &names, (count, COUNTER, true));
    let (cpu, written, spent) = (limits::processor_time("self"), power.writes(), power.spent());
    let load = send(&users, &asked, CONNECTIONS, rate);
    let cpu = limits::processor_time("self") - cpu;
    let (written, spent) = (power.writes() - written, power.spent().saturating_sub(spent));
    service.stop().expect("a clean end");
    match rate {
        None => {
            figure("gateway: signed requests acknowledged, durable", load.rate(), "/s", FLOOR_GATEWAY);
            figure("gateway: requests in one wait for the disk", count as f64 / written as f64, "", "");
            shares(place, &users[0], &load, (cpu, spent));
        }
        Some(_) => p99("gateway: acknowledgement at half that rate, p99", &load),
    }
    load.rate()
}

/// Reads of meters from the User's signature to the reply at the User, over the device's protocol.
fn end_to_end(place: &Place, count: u64, rate: Option<f64>) -> f64 {
    place.anew();
    let (power, devices) = (Power::new(Cut::Never), Devices::default());
    let names = place.suppliers();
    let clock = std::sync::Arc::new(tern_service::clock::VirtualClock::starting_at(place.lab.now));
    let pki = place.lab.dir().join("pki");
    let letterboxes: Vec<Letterbox> =
        names.iter().map(|name| Letterbox::open(&pki, name, free_address(), clock.clone())).collect();
    let service = place.serve(|plan| {
        let plan = names.iter().zip(&letterboxes).fold(plan, |plan, (name, at)| plan.reached_at(name, at.address));
        let connect = devices.timing(plan.connect.clone());
        tern_testkit::ServedPlan { connect, ..plan.on(&power) }
    });
    let users = users(&service, &names);
    let from = COUNTER + if rate.is_some() { 10_000_000 } else { 5_000_000 };
    let asked = requests(place, &users, &names, (count, from, false));
    let (cpu, spent, began) = (limits::processor_time("self"), power.spent(), Instant::now());
    let load = send(&users, &asked, CONNECTIONS, rate);
    let mut taken = 0;
    while taken < count && began.elapsed() < Duration::from_secs(300) {
        let came: usize = letterboxes.iter().map(|letterbox| letterbox.taken().len()).sum();
        taken += came as u64;
        if came == 0 {
            std::thread::park_timeout(Duration::from_millis(2));
        }
    }
    let took = began.elapsed();
    let cpu = limits::processor_time("self") - cpu;
    let spent = power.spent().saturating_sub(spent);
    service.stop().expect("a clean end");
    assert_eq!(taken, count, "replies");
    let whole = load.until(took);
    match rate {
        None => {
            figure("gateway: meters read, end to end, both signatures", whole.rate(), "/s", FLOOR_WHOLE);
            let percent = 100.0 * devices.spent().as_secs_f64() / cpu.as_secs_f64().max(0.001);
            figure("gateway: end to end, share of the devices", percent, "% CPU", "");
            let percent = 100.0 * spent.as_secs_f64() / took.as_secs_f64();
            figure("gateway: end to end, share of time in durable writes", percent, "% time", "");
            figure("gateway: end to end, processor", 1e6 * cpu.as_secs_f64() / count as f64, "us each", "");
        }
        Some(_) => p99("gateway: end to end at half that rate, acknowledgement, p99", &whole),
    }
    whole.rate()
}

/// Where the processor's time of the gateway alone goes.
fn shares(place: &Place, user: &UserClient, load: &Load, (cpu, spent): (Duration, Duration)) {
    let dsp = pki::load_signer(&place.lab.dir().join("pki"), "dsp").expect("the DSP's key");
    let home = &place.homes[0];
    let request = user.request_to(home.esme, COUNTER - 1, "4.1.1", Draft::new("ReadInstantaneousImportRegisters"));
    let parts = Parts::measure(user, &request, &dsp, place.lab.now);
    let each = cpu.as_secs_f64() / load.requests as f64;
    let generator = load.generator.as_secs_f64() / load.requests as f64;
    let known = [
        ("signatures: the User's verified, the DSP's made", (parts.verify + parts.sign).as_secs_f64()),
        ("decode and schema", parts.decode.as_secs_f64()),
        ("generator, its TLS included", generator),
    ];
    figure("gateway: processor, all of it", 1e6 * each, "us each", "");
    for (name, cost) in known {
        figure(&format!("gateway: share of {name}"), 100.0 * cost / each, "% CPU", "");
    }
    let rest = each - known.iter().map(|(_, cost)| cost).sum::<f64>();
    figure("gateway: share of the rest: TLS, HTTP, facts, store", 100.0 * rest / each, "% CPU", "");
    let disk = 100.0 * spent.as_secs_f64() / load.took.as_secs_f64();
    figure("gateway: share of time in durable writes", disk, "% time", "");
}

/// A look-up by device in an inventory of many and of few.
fn inventories(place: &Place, folder: &std::path::Path) {
    let config = place.lab.config();
    let store = SqliteView::open_read_only(&config.path(&config.roles.dsp.store), Role::Dsp).expect("the DSP's store");
    let key = place.homes[0].esme.to_string();
    let entry = store.get("inventory", &key).expect("readable").expect("an entry").body;
    let many = number("TERN_BENCH_DEVICES", 1_000_000);
    let ((few_middle, few_99), (many_middle, many_99)) =
        (inventory::look_up(folder, FEW, &entry), inventory::look_up(folder, many, &entry));
    println!("look-up of {FEW}: {few_middle:?}, p99 {few_99:?}; of {many}: {many_middle:?}, p99 {many_99:?}");
    let ratio = many_middle.as_secs_f64() / few_middle.as_secs_f64();
    figure(&format!("inventory: look-up in {many} devices to one in {FEW} (at most 2)"), ratio, "x", "");
}

fn p99(name: &str, load: &Load) {
    figure(name, 1e3 * load.percentile(99).as_secs_f64(), "ms", "");
}

/// One line of the table that `cargo xtask bench` makes.
fn figure(name: &str, value: f64, unit: &str, floor: &str) {
    let digits = if value < 100.0 { 2 } else { 0 };
    println!("FIGURE | {name} | {value:.digits$} | {unit} | {floor}");
}
