//! A plan is carried out while the power goes off: before and after each durable write of the execution, and around each
//! thing that is asked of somebody outside. It ends as if nothing had happened, and nothing happens twice.

mod outside;
mod reading;
mod town;

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use outside::{Call, CallCut, Parties, Switch};
use tern_service::execution::{DayReport, Execution, Setup};
use tern_store::SqliteStore;
use tern_testkit::{CrashingStore, Cut, Power};
use town::{Town, moment};

/// Two stretches of an execution: notices, configurations and the migration of Active Meters; and firmware, configurations and
/// the migration of Dormant Meters.
const STRETCHES: [(Date, Date); 2] =
    [(date(2020, 11, 30), date(2020, 12, 3)), (date(2020, 12, 21), date(2020, 12, 24))];

/// Carries out what is left up to a day; false where the power went off.
fn go(town: &Town, until: Date, power: &Power, switch: &Switch) -> bool {
    let setup = Setup { estate: town.path("estate"), plan: town.path("plan"), config: town.config(until) };
    let open = Execution::open_with(setup, &|path, role| {
        Ok(Box::new(CrashingStore::new(SqliteStore::open(path, role)?, power)))
    });
    let mut execution = match open {
        Ok(execution) => execution,
        Err(fault) => {
            assert!(power.is_off(), "{fault}: {}", fault.suggestion());
            return false;
        }
    };
    let mut parties = Parties::of(town, switch);
    while execution.stands_at() <= until {
        let day = execution.stands_at();
        match execution.carry_out(&town.config(day), moment(day), &mut parties) {
            Ok(done) => drop(done.expect("nobody asks it to stop")),
            Err(fault) => {
                assert!(power.is_off() || switch.is_off(), "{fault}: {}", fault.suggestion());
                return false;
            }
        }
    }
    true
}

/// What an execution left behind.
fn evidence(town: &Town, until: Date) -> BTreeMap<String, String> {
    let mut all = town.files();
    let setup = Setup { estate: town.path("estate"), plan: town.path("plan"), config: town.config(until) };
    let execution = Execution::open(setup).expect("opens");
    for day in execution.days().expect("days") {
        // Events of a day that was cut in two make two generations.
        let day = DayReport { generation: 0, ..day };
        all.insert(day.day.to_string(), format!("{day:?}"));
    }
    all
}

#[test]
fn the_power_goes_off_everywhere_and_nothing_happens_twice() {
    let mut town = Town::new();
    let (mut writes, mut calls) = (0, 0);
    for (from, until) in STRETCHES {
        let before = from.yesterday().expect("a day");
        if before > STRETCHES[0].0 {
            assert!(go(&town, before, &Power::new(Cut::Never), &Switch::new(CallCut::Never)));
        }
        let calm = town.copied();
        let (power, switch) = (Power::new(Cut::Never), Switch::new(CallCut::Never));
        assert!(go(&calm, until, &power, &switch));
        let expected = evidence(&calm, until);
        for (file, row) in [("facts/registration.csv", ",2020-12-12"), ("facts/authorisations.csv", "events.csv row")] {
            assert!(expected[file].contains(row), "{file}: {}", expected[file]);
        }
        for cut in Cut::all(power.writes()) {
            let place = town.copied();
            let off = go(&place, until, &Power::new(cut), &Switch::new(CallCut::Never));
            assert!(!off, "{cut:?} of {}", power.writes());
            settled(&place, until, &expected, &format!("{cut:?}"));
            writes += 1;
        }
        for cut in CallCut::all(switch.calls()) {
            let place = town.copied();
            assert!(!go(&place, until, &Power::new(Cut::Never), &Switch::new(cut)), "{cut:?}");
            settled(&place, until, &expected, &format!("{cut:?}"));
            calls += 1;
        }
        for call in [Call::Order, Call::Ask, Call::Export, Call::Migrate] {
            assert!(switch.asked(call) > 0, "{call:?} is never asked from {from} to {until}");
        }
        town = calm;
    }
    println!("the power went off at {writes} places around durable writes, and at {calls} around calls");
    assert!(writes > 60 && calls > 50, "{writes} {calls}");
}

/// The day on which the power comes back after each stretch, where it takes days; and one by which everybody has had their day.
const DAYS_LATER: [Date; 2] = [date(2020, 12, 8), date(2020, 12, 28)];
const IN_THE_END: Date = date(2021, 1, 31);

#[test]
fn the_power_comes_back_days_later_and_everybody_is_migrated_once() {
    let town = Town::new();
    let mut late = 0;
    let never = || (Power::new(Cut::Never), Switch::new(CallCut::Never));
    for ((_, until), today) in STRETCHES.into_iter().zip(DAYS_LATER) {
        let calm = town.copied();
        let (power, switch) = never();
        assert!(go(&calm, until, &power, &switch));
        let writes = Cut::all(power.writes()).step_by(3).map(|cut| (cut, CallCut::Never));
        let calls = CallCut::all(switch.calls()).step_by(3).map(|cut| (Cut::Never, cut));
        for (write, call) in writes.chain(calls) {
            let place = town.copied();
            assert!(!go(&place, until, &Power::new(write), &Switch::new(call)));
            let when = format!("{write:?}, {call:?}");
            let (power, switch) = never();
            // It comes back, and goes off again around the generation that plans what was missed.
            for cut in Cut::all(3) {
                go_on(&place, today, today, &Power::new(cut), &switch);
            }
            assert!(go_on(&place, today, IN_THE_END, &power, &switch), "{when}");
            place.nothing_happened_twice(&when);
            let done = place.done.borrow();
            assert_eq!(done.commissioned.len(), town.installations(), "{when}: {:?}", done.commissioned);
            late += 1;
        }
        let (power, switch) = never();
        assert!(go(&town, date(2020, 12, 20), &power, &switch));
    }
    println!("the power came back days later {late} times");
    assert!(late > 40, "{late}");
}

/// As [`go`], where it is `today` already; false where the power went off.
fn go_on(town: &Town, today: Date, until: Date, power: &Power, switch: &Switch) -> bool {
    let setup = Setup { estate: town.path("estate"), plan: town.path("plan"), config: town.config(until) };
    let open = Execution::open_with(setup, &|path, role| {
        Ok(Box::new(CrashingStore::new(SqliteStore::open(path, role)?, power)))
    });
    let Ok(mut execution) = open else {
        assert!(power.is_off());
        return false;
    };
    let mut parties = Parties::of(town, switch);
    while execution.stands_at() <= until {
        let day = execution.stands_at();
        let now = day.max(today);
        let went = if day < today && execution.is_due(day, today) {
            execution.go_on_today((&town.config(now), moment(now)), today, &mut parties).map(drop)
        } else {
            execution.carry_out(&town.config(now), moment(now), &mut parties).map(drop)
        };
        if let Err(fault) = went {
            assert!(power.is_off(), "{fault}: {}", fault.suggestion());
            return false;
        }
    }
    true
}

/// Goes on after the power came back, and holds what came of it against what should have.
fn settled(place: &Town, until: Date, expected: &BTreeMap<String, String>, when: &str) {
    assert!(go(place, until, &Power::new(Cut::Never), &Switch::new(CallCut::Never)), "{when}");
    let came = evidence(place, until);
    for (what, said) in expected {
        assert_eq!(came.get(what), Some(said), "{what}, {when}");
    }
    assert_eq!(came.len(), expected.len(), "{when}");
    place.nothing_happened_twice(when);
}
