//! An invented estate has nothing wrong but what was planted, and everything that was planted is found.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;

use tern_model::InstallationState;
use tern_plan::estate::{EVENTS_FILE, Estate, EstateFile, Event, FindingKind, Findings, InstallationIx};
use tern_world::population::{Population, Written, WrongKind};

/// Invents an estate and reads it.
fn invented(population: &Population) -> (Written, Estate, Vec<Event>, Findings) {
    let dir = tempfile::tempdir().expect("a folder");
    let written = population.write(dir.path()).expect("is written");
    let (estate, events, findings) = read(dir.path());
    (written, estate, events, findings)
}

fn read(dir: &Path) -> (Estate, Vec<Event>, Findings) {
    let open = |name: &str| File::open(dir.join(name)).expect("opens");
    let mut builder = Estate::builder();
    for file in EstateFile::ALL {
        assert!(builder.read(file, open(file.name())).expect("is read"), "{}", file.name());
    }
    let (mut estate, mut findings) = builder.finish();
    let (events, given) = estate.read_events(open(EVENTS_FILE), &mut findings).expect("is read");
    assert!(given);
    (estate, events, findings)
}

#[test]
fn an_invented_estate_is_in_order_and_of_the_shape_that_was_asked_for() {
    let population = Population::of(5_000, 11);
    let (written, estate, events, findings) = invented(&population);
    assert_eq!(findings.list(), []);
    let sizes = [estate.installations().len(), estate.devices().len(), estate.meters().len(), events.len()];
    let wrote = [written.installations, written.devices, written.meters, written.events];
    assert_eq!(sizes.map(|size| size as u64), wrote);
    assert!(events.is_sorted_by_key(|event| event.on));
    let share = |state| {
        let all = (0..estate.installations().len()).map(InstallationIx::of);
        all.filter(|installation| estate.state(*installation) == state).count() * 100 / estate.installations().len()
    };
    // Five standard deviations of 5,000 throws are four per cent.
    let dormant = share(InstallationState::Dormant) as u64;
    assert!(dormant.abs_diff(population.dormant) <= 4, "{dormant} % are Dormant");
    let devices = estate.devices().len() as f64 / estate.installations().len() as f64;
    assert!((2.65..2.75).contains(&devices), "{devices} devices each");
}

#[test]
fn everything_wrong_that_is_planted_is_found_and_sets_aside_whom_it_is_about() {
    let each = 4;
    let population = Population { wrong: each, ..Population::of(1_000, 3) };
    let (written, estate, _, findings) = invented(&population);
    let counts = findings.counts();
    let unique: BTreeMap<FindingKind, u64> = [
        (FindingKind::BadRow, 1),
        (FindingKind::Repeated, 1),
        (FindingKind::Contradiction, 1),
        (FindingKind::InTwoInstallations, 1),
        (FindingKind::TwoMetersAtOnePoint, 1),
        // The row that cannot be used, and the meter that is missing.
        (FindingKind::Incomplete, 2),
        // The service, and the event.
        (FindingKind::BeforeInstallation, 2),
        (FindingKind::OutOfOrder, 1),
    ]
    .into();
    for (kind, times) in unique {
        assert_eq!(counts.get(&kind), Some(&(times * each)), "{}", kind.as_str());
    }
    // The planted ones, and whatever happens to installations that are set aside.
    assert!(counts[&FindingKind::Unknown] >= 2 * each);
    let harmless = |kind| {
        use WrongKind::{EventAboutNothing, EventBeforeInstallation, EventTooLow, Repeated};
        matches!(kind, Repeated | EventAboutNothing | EventBeforeInstallation | EventTooLow)
    };
    let aside: BTreeSet<_> = written
        .planted
        .iter()
        .filter(|planted| !harmless(planted.kind))
        .flat_map(|planted| [Some(planted.chf), planted.other])
        .flatten()
        .collect();
    assert_eq!(estate.set_aside(), aside.into_iter().collect::<Vec<_>>());
    assert_eq!(written.planted.len() as u64, each * WrongKind::ALL.len() as u64);
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_does_not() {
    let bytes = |seed| {
        let dir = tempfile::tempdir().expect("a folder");
        Population::of(200, seed).write(dir.path()).expect("is written");
        let names = EstateFile::ALL.map(EstateFile::name).into_iter().chain([EVENTS_FILE]);
        names.map(|name| std::fs::read(dir.path().join(name)).expect("is there")).collect::<Vec<_>>()
    };
    let first = bytes(5);
    assert_eq!(first, bytes(5));
    assert!(first.iter().zip(bytes(6)).take(3).all(|(one, other)| *one != other));
}
