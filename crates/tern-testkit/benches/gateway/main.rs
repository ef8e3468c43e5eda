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

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use tern_model::Role;
use tern_service::pki;
use tern_store::{SqliteView, StoreView};
use tern_testkit::served::free_address;
use tern_testkit::{Cut, Letterbox, Power, UserClient};
use tern_wire::duis::Draft;

use crate::load::{Asked, Load, bare_exchange, percentile, send};
use crate::parts::{Parts, signatures_alone};
use crate::place::{Place, users};
use crate::timed::Devices;

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const FLOOR_GATEWAY: &str = "5000";
const FLOOR_WHOLE: &str = "1000";
/// What the floors are of [`signatures_alone`] on the machine by which they were set: two cores that verify 28,000 signatures a second
/// each, and make 69,000. Machines are shared, and their speed changes from one hour to the next: these do not.
const FLOOR_GATEWAY_SHARE: &str = "12.6";
const FLOOR_WHOLE_SHARE: &str = "10.0";
/// Signatures of each kind in a request that is carried out, at least.
const PAIRS_OF_WHOLE: f64 = 4.0;
/// The counter of the first request.
const COUNTER: u64 = 1_614_672_000_000;
const CONNECTIONS: u64 = 48;
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
        let message = users[user].request_to(home.esme, from + number, "4.1.1", body());
        Asked::new((user, from + number), "serviceS", &message)
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
    let before = alone(place);
    let (cpu, written, spent) = (limits::processor_time("self"), power.writes(), power.spent());
    let load = send(&users, &asked, number("TERN_BENCH_CONNECTIONS", CONNECTIONS), rate);
    let cpu = limits::processor_time("self") - cpu;
    let (written, spent) = (power.writes() - written, power.spent().saturating_sub(spent));
    let exchange = bare_exchange(&users[0], processor);
    service.stop().expect("a clean end");
    match rate {
        None => {
            figure("gateway: signed requests acknowledged, durable", load.rate(), "/s", FLOOR_GATEWAY);
            let bound = (before + alone(place)) / 2.0;
            figure("gateway: one signature verified and one made, all cores, same run", bound, "/s", "");
            figure("gateway: share of that", 100.0 * load.rate() / bound, "%", FLOOR_GATEWAY_SHARE);
            figure("gateway: requests in one wait for the disk", count as f64 / written as f64, "", "");
            shares(place, &users[0], &load, (cpu, spent, exchange));
        }
        Some(_) => p99("gateway: acknowledgement at half that rate, p99", load.latencies()),
    }
    load.rate()
}

/// Reads of meters from the User's signature to the reply at the User, over the device's protocol.
fn end_to_end(place: &Place, count: u64, rate: Option<f64>) -> f64 {
    // Devices remember under which numbers they were spoken to: a store that forgets them is not believed any more.
    if rate.is_none() {
        place.anew();
    }
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
    let before = alone(place);
    let (cpu, spent, began) = (limits::processor_time("self"), power.spent(), Instant::now());
    let (load, replies) = std::thread::scope(|scope| {
        let replies = scope.spawn(move || replies(&letterboxes, count));
        let load = send(&users, &asked, number("TERN_BENCH_CONNECTIONS", CONNECTIONS), rate);
        (load, replies.join().expect("a letterbox"))
    });
    let took = began.elapsed();
    let cpu = limits::processor_time("self") - cpu;
    let spent = power.spent().saturating_sub(spent);
    assert_eq!(replies.len() as u64, count, "replies");
    let reached = count as f64 / took.as_secs_f64();
    match rate {
        None => {
            figure("gateway: meters read, end to end, both signatures", reached, "/s", FLOOR_WHOLE);
            let bound = (before + alone(place)) / 2.0 / PAIRS_OF_WHOLE;
            figure("gateway: four signatures verified and four made, all cores, same run", bound, "/s", "");
            figure("gateway: end to end, share of that", 100.0 * reached / bound, "%", FLOOR_WHOLE_SHARE);
            let exchange = bare_exchange(&users[0], processor);
            let whole = Whole { load: &load, cpu, spent, took, devices: devices.spent(), exchange };
            shares_of_whole(place, &users[0], &whole);
        }
        Some(_) => {
            p99("gateway: end to end at half that rate, acknowledgement, p99", load.latencies());
            p99("gateway: end to end at half that rate, reply, p99", load.latencies_to(&replies));
        }
    }
    service.stop().expect("a clean end");
    reached
}

/// When the replies came, by the counters of their requests: until all are there.
fn replies(letterboxes: &[Letterbox], count: u64) -> HashMap<u64, Instant> {
    let (began, mut came) = (Instant::now(), HashMap::new());
    while (came.len() as u64) < count && began.elapsed() < Duration::from_secs(300) {
        let before = came.len();
        for reply in letterboxes.iter().flat_map(Letterbox::taken) {
            let counter = reply.split_once("ResponseID>").and_then(|(_, id)| id.split('<').next()?.rsplit(':').next());
            let counter = counter.and_then(|counter| counter.parse().ok());
            came.insert(counter.unwrap_or_else(|| panic!("no response: {reply}")), Instant::now());
        }
        if came.len() == before {
            std::thread::park_timeout(Duration::from_millis(1));
        }
    }
    came
}

/// What all threads took of the processor.
fn processor() -> Duration {
    limits::processor_time("self")
}

/// What requests cost that were carried out.
struct Whole<'a> {
    load: &'a Load,
    cpu: Duration,
    spent: Duration,
    took: Duration,
    devices: Duration,
    exchange: Duration,
}

/// The parts of a request that can be measured by themselves, and how often each comes in it.
fn share(name: &str, parts: &[(&str, f64)], each: f64) {
    figure(&format!("{name}: processor, all of it"), 1e6 * each, "us each", "");
    for (part, cost) in parts {
        figure(&format!("{name}: share of {part}"), 100.0 * cost / each, "% CPU", "");
    }
    let rest = each - parts.iter().map(|(_, cost)| cost).sum::<f64>();
    figure(&format!("{name}: share of the rest: facts, store, threads"), 100.0 * rest / each, "% CPU", "");
}

/// Where the processor's time of a request goes that is carried out: the request and its reply are an exchange each; four signatures
/// are verified (the User's at the door and at the S1SP, the DSP's there, the S1SP's at the DSP) and four are made (the acknowledgement,
/// the countersignature, the answer and the reply), and as many messages are read as are verified.
fn shares_of_whole(place: &Place, user: &UserClient, whole: &Whole<'_>) {
    let parts = parts_of(place, user);
    let count = whole.load.requests as f64;
    let each = |time: Duration| time.as_secs_f64() / count;
    let known = [
        ("signatures, 4 verified and 4 made", 4.0 * parts.verify.as_secs_f64() + 4.0 * parts.sign.as_secs_f64()),
        ("decode and schema", 4.0 * parts.decode.as_secs_f64()),
        ("TLS, HTTP and sockets, both ends", 2.0 * whole.exchange.as_secs_f64()),
        ("the devices", each(whole.devices)),
        ("generator, the rest of it", (each(whole.load.generator) - whole.exchange.as_secs_f64() / 2.0).max(0.0)),
    ];
    share("gateway: end to end", &known, each(whole.cpu));
    let disk = 100.0 * whole.spent.as_secs_f64() / whole.took.as_secs_f64();
    figure("gateway: end to end, time in durable writes of three stores", disk, "% time", "");
}

/// What signatures alone would allow now.
fn alone(place: &Place) -> f64 {
    signatures_alone(&pki::load_signer(&place.lab.dir().join("pki"), "dsp").expect("the DSP's key"))
}

/// What the parts of a request cost one core.
fn parts_of(place: &Place, user: &UserClient) -> Parts {
    let dsp = pki::load_signer(&place.lab.dir().join("pki"), "dsp").expect("the DSP's key");
    let home = &place.homes[0];
    let request = user.request_to(home.esme, COUNTER - 1, "4.1.1", Draft::new("ReadInstantaneousImportRegisters"));
    Parts::measure(user, &request, &dsp, place.lab.now)
}

/// Where the processor's time of the gateway alone goes.
fn shares(place: &Place, user: &UserClient, load: &Load, (cpu, spent, exchange): (Duration, Duration, Duration)) {
    let (parts, count) = (parts_of(place, user), load.requests as f64);
    let generator = load.generator.as_secs_f64() / count;
    let known = [
        ("signatures: the User's verified, the DSP's made", (parts.verify + parts.sign).as_secs_f64()),
        ("decode and schema", parts.decode.as_secs_f64()),
        ("TLS, HTTP and sockets, both ends", exchange.as_secs_f64()),
        ("generator, the rest of it", (generator - exchange.as_secs_f64() / 2.0).max(0.0)),
    ];
    share("gateway", &known, cpu.as_secs_f64() / count);
    let disk = 100.0 * spent.as_secs_f64() / load.took.as_secs_f64();
    figure("gateway: time in durable writes", disk, "% time", "");
}

/// A look-up by device in an inventory of many and of few.
fn inventories(place: &Place, folder: &std::path::Path) {
    let config = place.lab.config();
    let store = SqliteView::open_read_only(&config.path(&config.roles.dsp.store), Role::Dsp).expect("the DSP's store");
    let key = place.homes[0].esme.to_string();
    let entry = store.get("inventory", &key).expect("readable").expect("an entry").body;
    let many = number("TERN_BENCH_DEVICES", 1_000_000);
    let [(few_middle, few_99), (many_middle, many_99)] = inventory::compare(folder, (FEW, many), &entry);
    println!("look-up of {FEW}: {few_middle:?}, p99 {few_99:?}; of {many}: {many_middle:?}, p99 {many_99:?}");
    let ratio = many_middle.as_secs_f64() / few_middle.as_secs_f64();
    figure(&format!("inventory: look-up in {many} devices to one in {FEW} (at most 2)"), ratio, "x", "");
}

fn p99(name: &str, latencies: Vec<Duration>) {
    figure(name, 1e3 * percentile(latencies, 99).as_secs_f64(), "ms", "");
}

/// One line of the table that `cargo xtask bench` makes.
fn figure(name: &str, value: f64, unit: &str, floor: &str) {
    let digits = if value < 100.0 { 2 } else { 0 };
    println!("FIGURE | {name} | {value:.digits$} | {unit} | {floor}");
}
