//! An invented estate has nothing wrong but what was planted, and everything that was planted is found.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;

use tern_model::InstallationState;
use tern_model::estate::{ApprovalRoute, EventKind};
use tern_plan::assumptions::Assumptions;
use tern_plan::engine::Input;
use tern_plan::estate::{
    EVENTS_FILE, EntryStep, Estate, EstateFile, Event, FindingKind, Findings, InstallationIx, What as Happened,
};
use tern_plan::plan::{HopWhy, Period, What};
use tern_rules::Rulebook;
use tern_world::population::{Entries, Population, Written, WrongKind};

/// Invents an estate and reads it.
pub fn invented(population: &Population) -> (Written, Estate, Vec<Event>, Findings) {
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
        // The meter that is missing: its row in `meters.csv` is about no device.
        (FindingKind::Incomplete, 1),
        // The service, and the event.
        (FindingKind::BeforeInstallation, 2),
        (FindingKind::OutOfOrder, 1),
    ]
    .into();
    for (kind, times) in unique {
        assert_eq!(counts.get(&kind), Some(&(times * each)), "{}", kind.as_str());
    }
    // The event about nothing, and what speaks of the meter that is missing.
    // Of a meter whose MPxN is wrong, nobody knows which it should have been.
    let unknown = findings.list().iter().filter(|of| of.kind == FindingKind::Unknown && of.fault.field != "mpxn");
    assert_eq!(unknown.count() as u64, 2 * each);
    assert!(findings.rows_not_used()["events.csv"] > 0, "things happen to installations that are set aside");
    let harmless = |kind| {
        use WrongKind::{EventAboutNothing, EventBeforeInstallation, Repeated, ServiceTwice};
        matches!(kind, Repeated | EventAboutNothing | EventBeforeInstallation | ServiceTwice)
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

/// What is invented of the kinds of events.
const INVENTED: [EventKind; 26] = [
    EventKind::ChangeOfSupplier,
    EventKind::MeterActive,
    EventKind::MeterDormant,
    EventKind::PaymentMode,
    EventKind::DocumentDesignated,
    EventKind::EpclPlanned,
    EventKind::EpclPaused,
    EventKind::EpclApproved,
    EventKind::EpclNotApproved,
    EventKind::TestsDone,
    EventKind::TagConfirmed,
    EventKind::DmctReport,
    EventKind::DisputeRaised,
    EventKind::DisputeResolved,
    EventKind::Defect,
    EventKind::Path,
    EventKind::OperabilityConfirmed,
    EventKind::SmsoConfigured,
    EventKind::FirmwareDone,
    EventKind::CertificatesSupplied,
    EventKind::Authorised,
    EventKind::SupplierChangeDecision,
    EventKind::AttemptFailed,
    EventKind::Excluded,
    EventKind::ExclusionEnded,
    EventKind::Demand,
];

#[test]
fn what_can_be_recorded_happens_in_an_invented_estate() {
    let dir = tempfile::tempdir().expect("a folder");
    let population = Population { excluded: 2, demand: 50, ..Population::of(3_000, 8) };
    population.write(dir.path()).expect("is written");
    let text = std::fs::read_to_string(dir.path().join(EVENTS_FILE)).expect("is there");
    let happens = |kind: &EventKind| text.lines().any(|line| line.split(',').any(|cell| cell == kind.as_str()));
    let never: Vec<EventKind> = INVENTED.into_iter().filter(|kind| !happens(kind)).collect();
    assert!(never.is_empty(), "{never:?}");
}

#[test]
fn installations_are_excluded_and_suppliers_want_places_where_that_is_asked_for() {
    let usual = Population::of(4_000, 9);
    let asked = Population { excluded: 5, exclusion_ended: 50, demand: 40, demand_places: [2, 9], ..usual.clone() };
    let (_, estate, events, findings) = invented(&asked);
    assert_eq!(findings.list(), []);
    let (mut excluded, mut ended, mut wanting) = (BTreeMap::new(), 0, BTreeSet::new());
    for event in &events {
        match event.what {
            Happened::Excluded { category, .. } => *excluded.entry(category).or_insert(0u64) += 1,
            Happened::ExclusionEnded { .. } => ended += 1,
            Happened::Demand { supplier, wanted, .. } => {
                assert!((2..=9).contains(&wanted));
                wanting.insert(supplier);
            }
            _ => {}
        }
    }
    let others = |population: &Population| -> Vec<String> {
        let dir = tempfile::tempdir().expect("a folder");
        population.write(dir.path()).expect("is written");
        let text = std::fs::read_to_string(dir.path().join(EVENTS_FILE)).expect("is there");
        let new = |line: &str| [",excluded,", ",exclusion-ended,", ",demand,"].iter().any(|kind| line.contains(kind));
        text.lines().filter(|line| !new(line)).map(ToOwned::to_owned).collect()
    };
    assert!(others(&usual) == others(&asked), "nothing else of the estate is otherwise");
    let all: u64 = excluded.values().sum();
    assert!((150..250).contains(&all) && (60..140).contains(&ended), "{all} of 4,000, {ended} of these");
    assert_eq!(excluded.len(), 6, "each but attempts, which are counted: {excluded:?}");
    assert!((4..=16).contains(&wanting.len()), "{} of {}", wanting.len(), estate.catalogue().suppliers().len());
}

#[test]
fn entries_come_to_their_decision_on_every_way() {
    let (_, estate, events, findings) = invented(&Population::of(200, 4));
    assert_eq!(findings.list(), []);
    let mut proven = BTreeMap::new();
    let mut gaps = Vec::new();
    let (mut refused, mut resumed) = (0, 0);
    let mut defective = BTreeSet::new();
    for event in &events {
        let Happened::Entry { entry, step, .. } = event.what else { continue };
        match step {
            EntryStep::TagConfirmed | EntryStep::DmctReport => {
                proven.insert(entry, event.on);
            }
            EntryStep::Defect => {
                defective.insert(entry);
            }
            EntryStep::Planned => resumed += u32::from(defective.contains(&entry)),
            EntryStep::NotApproved => refused += 1,
            EntryStep::Approved => gaps.push((event.on - proven[&entry]).get_days()),
            _ => {}
        }
    }
    let Entries { proven_before: [least, most], .. } = Entries::default();
    let allowed = i64::try_from(least / 2).expect("days")..=i64::try_from(most).expect("days");
    assert!(!gaps.is_empty() && gaps.iter().all(|days| allowed.contains(&i64::from(*days))), "{gaps:?}");
    assert!(refused >= 4 && resumed >= 2, "{refused} not approved, {resumed} went on after a defect");
    for route in [ApprovalRoute::MtSit, ApprovalRoute::Dmct, ApprovalRoute::Equivalent] {
        assert!(estate.entries().iter().any(|entry| entry.route == route), "{route:?}");
    }
    // From every entry that is not approved and whose hardware another one shares, a path leads on.
    let paths = events.iter().filter(|event| matches!(event.what, Happened::Path { .. })).count();
    assert!(paths > 0);
}

#[test]
fn a_plan_of_an_invented_estate_upgrades_firmware_early_and_some_of_it_twice() {
    let entries = Entries { refused: 60, ..Entries::default() };
    let population = Population { entries, ..Population::of(3_000, 1) };
    let (_, estate, events, _) = invented(&population);
    let period = Period { first: population.described, last: jiff::civil::date(2021, 12, 31) };
    let (rulebook, assumptions) = (Rulebook::published(), Assumptions::default());
    let input =
        Input { estate: &estate, events: &events, rulebook: &rulebook, assumptions: &assumptions, period, still: &[] };
    let plan = input.plan(|_| {});
    let (mut early, mut twice) = (0, 0);
    for (_, story) in plan.stories() {
        let mut entries = BTreeSet::new();
        let mut before_approval = false;
        for step in story {
            if let What::HopBegun { entry, why, .. } = step.what {
                entries.insert(entry);
                before_approval |= why != HopWhy::Approved;
            }
        }
        early += u32::from(before_approval);
        twice += u32::from(before_approval && entries.len() > 1);
    }
    assert!(early >= 100 && twice >= 5, "{early} early, {twice} for two entries");
}

#[test]
fn what_is_printed_is_what_a_file_gives() {
    let population = Population::of(123, 9);
    let text = toml::to_string(&population).expect("is TOML");
    assert_eq!(toml::from_str::<Population>(&text), Ok(population.clone()));
    let table: toml::Table = text.parse().expect("is a table");
    let of_entries = table["entries"].as_table().expect("a table").keys().map(|key| format!("entries.{key}"));
    let names: BTreeSet<String> = table.keys().filter(|key| *key != "entries").cloned().chain(of_entries).collect();
    let printed: BTreeSet<String> = population.parameters().into_iter().map(|(name, _)| name.to_owned()).collect();
    assert_eq!(printed, names);
    let error = toml::from_str::<Population>("dormnt = 4").expect_err("no such parameter");
    assert!(error.to_string().contains("dormnt"), "{error}");
}

#[test]
fn a_population_that_cannot_be_is_refused_before_anything_is_written() {
    let usual = || Population::of(50, 1);
    let entries = Entries { comprise_mixed: 90, comprise_dormant: 20, ..Entries::default() };
    let reversed = Entries { decided: [9, 3], ..Entries::default() };
    let cases = [
        (Population { dormant: 101, ..usual() }, "`dormant` is 101 of a hundred"),
        (Population { entries, ..usual() }, "comprise_dormant"),
        (Population { entries: reversed, ..usual() }, "`entries.decided` is 9 to 3 days"),
        (Population { groups: Vec::new(), ..usual() }, "make a hundred"),
        (Population { versions_behind: 0, ..usual() }, "`versions_behind`"),
        (Population { excluded: 101, ..usual() }, "`excluded` is 101 of a hundred"),
        (Population { demand_places: [9, 3], ..usual() }, "`demand_places` is 9 to 3"),
        (Population { demand_every: 0, ..usual() }, "`demand_every`"),
        (Population { wrong: u64::MAX, ..usual() }, "more wrong rows"),
        (Population { days: u32::MAX, ..usual() }, "36,500 days"),
        (Population { installations: 0, ..usual() }, "one installation"),
    ];
    for (population, why) in cases {
        let dir = tempfile::tempdir().expect("a folder");
        let error = population.write(dir.path()).expect_err(why);
        assert!(error.to_string().contains(why), "{error}");
        assert_eq!(std::fs::read_dir(dir.path()).expect("is there").count(), 0, "{why}");
    }
}
