//! What a change would do to installations whose days anybody can count: with the Recently Dormant rules, and without them.

#[path = "../estate/support.rs"]
#[expect(dead_code, reason = "the rest of it serves the tests of the estate")]
mod support;

use jiff::civil::{Date, date};
use tern_model::estate::{ApprovalRoute, EntryRecord, EventKind, EventRecord};
use tern_model::facts::SourceRow;
use tern_model::{DeviceKind, DeviceModel, DeviceModelCombination, InstallationState, MeterState};
use tern_plan::assumptions::Assumptions;
use tern_plan::engine::Input;
use tern_plan::estate::{EVENTS_FILE, Estate, EstateFile, Event};
use tern_plan::plan::Period;
use tern_plan::what_if::{Change, Comparison, Figure, Needed, Sensitivity, Share, Sides, Verdict};
use tern_rules::Rulebook;
use tern_world::population::Population;

use support::{chf, device, event, point, rows, supplier};

/// The FOC text, and with it the Recently Dormant rules, is in force since the day before.
const PERIOD: Period = Period { first: date(2020, 11, 30), last: date(2021, 3, 1) };

/// Three installations: the first becomes Recently Dormant on 7 December, the second has a change of supplier on Christmas Day,
/// four days after its day, and nothing happens to the third.
fn estate() -> (Estate, Vec<Event>) {
    let mut rows = rows(3);
    rows.meters.iter_mut().filter(|meter| meter.device == device(0, 1)).for_each(|meter| {
        meter.service = MeterState::Active;
    });
    let mut builder = Estate::builder();
    rows.installations.iter().for_each(|row| builder.installation(row));
    rows.devices.iter().for_each(|row| builder.device(row));
    rows.meters.iter().for_each(|row| builder.meter(row));
    let model = |kind: DeviceKind| DeviceModel {
        manufacturer: "Maker".to_owned(),
        model: kind.to_string(),
        firmware: "1.0".to_owned(),
    };
    builder.entry(&EntryRecord {
        row: SourceRow(2),
        entry: "entry".to_owned(),
        combination: DeviceModelCombination {
            chf: model(DeviceKind::Chf),
            esme: model(DeviceKind::Esme),
            gsme: Some(model(DeviceKind::Gsme)),
            communications_provider: "Provider A".to_owned(),
        },
        comprises: InstallationState::Dormant,
        route: ApprovalRoute::MtSit,
        equivalent_to: None,
    });
    let (mut estate, findings) = builder.finish();
    assert!(findings.list().is_empty(), "{:#?}", findings.list());
    let approved = EventRecord { entry: Some("entry".into()), ..event(date(2020, 10, 1), EventKind::EpclApproved) };
    let certificates = |number, on: Date| EventRecord {
        chf: Some(chf(number)),
        supplier: Some(supplier(1)),
        ..event(on, EventKind::CertificatesSupplied)
    };
    let change = EventRecord {
        mpxn: Some(point(1, false)),
        supplier: Some(supplier(2)),
        effective: Some(date(2020, 12, 25)),
        ..event(date(2020, 12, 3), EventKind::ChangeOfSupplier)
    };
    let dormant = EventRecord { device: Some(device(0, 1)), ..event(date(2020, 12, 7), EventKind::MeterDormant) };
    let records = [approved, certificates(1, date(2020, 12, 1)), certificates(2, date(2020, 12, 1)), change, dormant];
    let events = records.iter().map(|record| estate.place(record).expect("it is about what is there")).collect();
    (estate, events)
}

fn compared(change: Change) -> Comparison {
    let (estate, events) = estate();
    let assumptions = Assumptions::default();
    let (baseline, published) = (change.baseline().expect("it fits"), Rulebook::published());
    let under = |rulebook| Input {
        estate: &estate,
        events: &events,
        rulebook,
        assumptions: &assumptions,
        period: PERIOD,
        still: &[],
    };
    let [before, after] = [&baseline, &published].map(|rulebook| under(rulebook).plan(|_| {}));
    Comparison::of(&under(&published), &before, &after)
}

#[test]
fn the_recently_dormant_rules_are_counted_by_hand() {
    let told = compared(Change::RecentlyDormant);
    assert_eq!(told.installations, 3);
    assert_eq!(told.migrated, Sides { before: 3, after: 3 });
    // 17 for 30 December, which is 7 Working Days; and 21 December for a day in January.
    assert_eq!((told.sooner, told.later), (Share { count: 2, of: 3 }, Share { count: 0, of: 3 }));
    assert_eq!((told.reprocessed, told.spared), (Sides { before: 1, after: 0 }, Share { count: 1, of: 3 }));
    let recent = Share { count: 1, of: 3 };
    assert_eq!(told.recently_dormant, Sides { before: recent, after: recent });
    assert_eq!(told.changes, Share { count: 1, of: 6 });
    // From 7 December on the first waits 10 days for 23; the third waits 21 days from the first day on either way.
    let days =
        |spread: &tern_plan::what_if::Spread| spread.ranges(1).into_iter().filter(|r| r.count > 0).map(|r| r.from);
    assert_eq!(days(&told.days_to_migration.after).collect::<Vec<_>>(), [10, 21]);
    let before: Vec<i32> = days(&told.days_to_migration.before).collect();
    assert_eq!(before[..2], [21, 23]);
    assert_eq!(before.len(), 3, "the second is planned anew after Christmas: {before:?}");
}

#[test]
fn what_no_assumption_brings_about_is_said_with_what_was_tried() {
    let (estate, events) = estate();
    let (assumptions, published) = (Assumptions::default(), Rulebook::published());
    let baseline = Change::RecentlyDormant.baseline().expect("it fits");
    let input = Input {
        estate: &estate,
        events: &events,
        rulebook: &published,
        assumptions: &assumptions,
        period: PERIOD,
        still: &[],
    };
    let told = compared(Change::RecentlyDormant);
    let rules = Sides { before: &baseline, after: &published };
    let expected = Sensitivity::of(input, rules).expected(&told, Change::RecentlyDormant.figures(), || {});
    let [sooner, spared] = expected.as_slice() else { panic!("two figures: {expected:#?}") };
    let near = |value: Option<f64>, expect: f64| value.is_some_and(|value| (value - expect).abs() < 0.01);
    // The second of the three is sooner for its change of supplier, whoever becomes Dormant: 7 % is never reached.
    assert!(near(sooner.ours, 66.67) && sooner.sampled == sooner.ours, "{sooner:?}");
    let [Needed { is, needed: Verdict::NotReached { tried, figure }, .. }] = sooner.needs.as_slice() else {
        panic!("{sooner:#?}")
    };
    assert!(*tried == 0.0 && near(*figure, 50.0) && near(Some(*is), 100.0 / (92.0 / 365.25)), "{sooner:?}");
    assert!(near(spared.ours, 33.33), "{spared:?}");
    // One of three, or none: three per cent are nowhere.
    let fewer_changes = spared.needs[0].needed;
    assert!(matches!(fewer_changes, Verdict::Passed { figure: 0.0, .. }), "{spared:?}");
}

#[test]
fn an_assumption_that_would_do_does_it_when_it_is_planned() {
    let dir = tempfile::tempdir().expect("a folder");
    Population::of(1_500, 7).write(dir.path()).expect("is written");
    let (estate, events) = read(dir.path());
    let period = Period { first: date(2020, 11, 30), last: date(2021, 9, 30) };
    let published = Rulebook::published();
    let baseline = Change::EarlyFirmware.baseline().expect("it fits");
    let compared = |assumptions: &Assumptions| {
        let under = |rulebook| Input { estate: &estate, events: &events, rulebook, assumptions, period, still: &[] };
        let [before, after] = [&baseline, &published].map(|rulebook| under(rulebook).plan(|_| {}));
        Comparison::of(&under(&published), &before, &after)
    };
    let short = Assumptions::default();
    let told = compared(&short);
    let input =
        Input { estate: &estate, events: &events, rulebook: &published, assumptions: &short, period, still: &[] };
    let sensitivity = Sensitivity::of(input, Sides { before: &baseline, after: &published });
    let expected = sensitivity.expected(&told, Change::EarlyFirmware.figures(), || {});
    let Verdict::WouldHold { with, figure } = expected[0].needs[0].needed else { panic!("{expected:#?}") };
    assert!(expected[0].ours.is_some_and(|ours| ours < 4.0) && figure >= 4.0 && with > 2.0, "{expected:#?}");
    let days_per_hop = (2..120).find(|days| f64::from(*days) == with).expect("whole days");
    // The whole of it is the sample, so that planning it with that many days gives that very figure.
    let there = Figure::Weeks.of(&compared(&Assumptions { days_per_hop, ..Assumptions::default() }));
    assert_eq!(there, Some(figure));
    let less = Figure::Weeks.of(&compared(&Assumptions { days_per_hop: days_per_hop - 1, ..Assumptions::default() }));
    assert!(less.is_some_and(|less| less < 4.0), "a day less does not do: {less:?}");
}

#[test]
fn who_is_excluded_and_what_suppliers_want_is_in_both_plans_and_in_the_sample() {
    let usual = Population::of(800, 5);
    let bound = Population { excluded: 20, demand: 100, demand_places: [0, 1], ..usual.clone() };
    let period = Period { first: date(2020, 11, 30), last: date(2021, 9, 30) };
    let (assumptions, published) = (Assumptions::default(), Rulebook::published());
    let baseline = Change::RecentlyDormant.baseline().expect("it fits");
    let told = |population: &Population| {
        let dir = tempfile::tempdir().expect("a folder");
        population.write(dir.path()).expect("is written");
        let (estate, events) = read(dir.path());
        let under = |rulebook| Input {
            estate: &estate,
            events: &events,
            rulebook,
            assumptions: &assumptions,
            period,
            still: &[],
        };
        let [before, after] = [&baseline, &published].map(|rulebook| under(rulebook).plan(|_| {}));
        let told = Comparison::of(&under(&published), &before, &after);
        let sensitivity = Sensitivity::of(under(&published), Sides { before: &baseline, after: &published });
        let expected = sensitivity.expected(&told, Change::RecentlyDormant.figures(), || {});
        // The sample is the whole of it.
        assert!(expected.iter().all(|figure| figure.ours.is_some() && figure.sampled == figure.ours), "{expected:#?}");
        told.migrated
    };
    let (free, bound) = (told(&usual), told(&bound));
    assert!(bound.before + 50 < free.before && bound.after + 50 < free.after, "{bound:?} of {free:?}");
}

/// Reads an invented estate.
fn read(dir: &std::path::Path) -> (Estate, Vec<Event>) {
    let open = |name: &str| std::fs::File::open(dir.join(name)).expect("opens");
    let mut builder = Estate::builder();
    for file in EstateFile::ALL {
        assert!(builder.read(file, open(file.name())).expect("is read"), "{}", file.name());
    }
    let (mut estate, mut findings) = builder.finish();
    let (events, given) = estate.read_events(open(EVENTS_FILE), &mut findings).expect("is read");
    assert!(given && findings.list().is_empty(), "{:#?}", findings.list());
    (estate, events)
}

#[test]
fn nothing_changes_where_the_rules_are_the_same() {
    let (estate, events) = estate();
    let (assumptions, rulebook) = (Assumptions::default(), Rulebook::published());
    let input = Input {
        estate: &estate,
        events: &events,
        rulebook: &rulebook,
        assumptions: &assumptions,
        period: PERIOD,
        still: &[],
    };
    let plan = input.plan(|_| {});
    let told = Comparison::of(&input, &plan, &plan);
    assert_eq!((told.sooner.count, told.later.count, told.spared.count), (0, 0, 0));
    assert_eq!(told.days_to_migration.before, told.days_to_migration.after);
}
