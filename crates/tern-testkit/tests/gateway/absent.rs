//! Users whose address is down: everything comes once they are back, once and in order; what is too old becomes a dead letter.

use std::time::{Duration, Instant};

use jiff::SignedDuration;
use tern_model::{GroupId, Role};
use tern_service::clock::Clock;
use tern_service::gateway::DeadLetter;
use tern_store::{SqliteView, StoreView};
use tern_testkit::served::free_address;
use tern_testkit::{Letterbox, Served, UserClient};
use tern_wire::duis::Draft;

use crate::bench::{Bench, COUNTER, PATIENCE, bench, read_registers, served};

/// Requests that are on their way at once.
const REQUESTS: u64 = 6;
/// So long nothing comes, where nothing is to come.
const QUIET: Duration = Duration::from_millis(300);

/// Asks an electricity meter and its hub in turn; gives the counters.
fn asked(bench: &Bench, user: &UserClient, from: u64) -> Vec<u64> {
    let home = bench.home(GroupId::EA);
    let ask = |counter: u64| {
        let text = if counter.is_multiple_of(2) {
            user.request_to(home.esme, counter, "4.1.1", read_registers())
        } else {
            user.request_to(home.chf.into(), counter, "11.2", Draft::new("ReadFirmwareVersion"))
        };
        assert_eq!(user.asks("serviceS", &text, bench.clock.now()).header().code.as_str(), "I99");
        counter
    };
    (from..from + REQUESTS).map(ask).collect()
}

/// The DSP's store, to be looked at.
fn dsp(bench: &Bench) -> SqliteView {
    let config = bench.lab.config();
    SqliteView::open_read_only(&config.path(&config.roles.dsp.store), Role::Dsp).expect("the DSP's store")
}

/// Waits until something is so.
#[track_caller]
fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let since = Instant::now();
    while !is_so() {
        assert!(since.elapsed() < PATIENCE, "{what}: not yet");
        std::thread::yield_now();
    }
}

/// How many replies wait for Users.
pub fn replies_waiting(bench: &Bench) -> u64 {
    let waiting = dsp(bench).unsent(1_000).expect("the outbox");
    waiting.iter().filter(|(_, entry)| entry.to.starts_with("user/")).count() as u64
}

/// Waits until so many replies wait for Users.
#[track_caller]
fn waiting(bench: &Bench, service: &Served, count: u64) {
    eventually("replies wait", || {
        assert!(!service.has_ended(), "{:?}", service.said());
        replies_waiting(bench) == count
    });
}

#[track_caller]
fn counter_of(user: &UserClient, bench: &Bench, text: &str) -> u64 {
    let response = user.believes(text, bench.clock.now()).expect("a response");
    response.header().response_id.expect("an answer").request().counter
}

#[test]
fn a_user_that_was_down_for_an_hour_gets_everything_once_and_in_order() {
    let bench = bench();
    let home = bench.home(GroupId::EA);
    let address = free_address();
    let service = served(&bench, bench.plan().reached_at(&home.supplier, address));
    let user = service.user(&home.supplier);
    let counters = asked(&bench, &user, COUNTER);
    waiting(&bench, &service, REQUESTS);
    bench.clock.step(SignedDuration::from_hours(1));
    let pki = bench.lab.dir().join("pki");
    let letterbox = Letterbox::open(&pki, &home.supplier, address, bench.clock.clone());
    let mut came: Vec<u64> =
        (0..REQUESTS).map(|_| counter_of(&user, &bench, &letterbox.next_within(PATIENCE).expect("a reply"))).collect();
    let of_meter: Vec<u64> = came.iter().copied().filter(|counter| counter.is_multiple_of(2)).collect();
    assert!(of_meter.is_sorted(), "the meter's in the order in which it answered: {came:?}");
    came.sort_unstable();
    assert_eq!(came, counters);
    assert_eq!(letterbox.next_within(QUIET), None, "something came twice");
    // A User that is there and cannot take them now gets them later.
    letterbox.answers(503);
    let counters = asked(&bench, &user, COUNTER + 100);
    waiting(&bench, &service, REQUESTS);
    assert_eq!(letterbox.taken(), Vec::<String>::new());
    letterbox.answers(200);
    let mut came: Vec<u64> =
        (0..REQUESTS).map(|_| counter_of(&user, &bench, &letterbox.next_within(PATIENCE).expect("a reply"))).collect();
    came.sort_unstable();
    assert_eq!((came, letterbox.next_within(QUIET)), (counters, None));
    service.stop().expect("a clean end");
}

#[test]
fn what_nobody_takes_in_time_or_is_refused_for_good_is_a_dead_letter_and_the_rest_goes_on() {
    let bench = bench();
    let home = bench.home(GroupId::EA);
    let address = free_address();
    let service = served(&bench, bench.plan().reached_at(&home.supplier, address));
    let user = service.user(&home.supplier);
    asked(&bench, &user, COUNTER);
    waiting(&bench, &service, REQUESTS);
    let hours = i64::from(bench.plan().config.gateway.reply_expires_hours);
    bench.clock.step(SignedDuration::from_hours(hours + 1));
    let letters = || {
        let letters = dsp(&bench).scan("dead-letter", None, 100).expect("dead letters");
        let read = |(_, record): (String, tern_store::Record)| serde_json::from_slice::<DeadLetter>(&record.body);
        letters.into_iter().map(|letter| read(letter).expect("a letter")).collect::<Vec<_>>()
    };
    eventually("they are given up", || letters().len() as u64 == REQUESTS);
    waiting(&bench, &service, 0);
    assert!(letters().iter().all(|letter| letter.why.contains("expired")), "{:?}", letters());
    // Each is there as it was signed.
    assert!(letters().iter().all(|letter| user.believes(&letter.reply, bench.clock.now()).is_ok()));
    let pki = bench.lab.dir().join("pki");
    let letterbox = Letterbox::open(&pki, &home.supplier, address, bench.clock.clone());
    letterbox.answers(400);
    asked(&bench, &user, COUNTER + 100);
    eventually("they are refused", || letters().len() as u64 == 2 * REQUESTS);
    letterbox.answers(204);
    let counters = asked(&bench, &user, COUNTER + 200);
    let mut came: Vec<u64> =
        (0..REQUESTS).map(|_| counter_of(&user, &bench, &letterbox.next_within(PATIENCE).expect("a reply"))).collect();
    came.sort_unstable();
    assert_eq!((came, letterbox.next_within(QUIET)), (counters, None));
    service.stop().expect("a clean end");
}
