//! What is measured of one estate, each in a process of its own.

use std::path::Path;
use std::time::{Duration, Instant};

use jiff::civil::date;
use tern_model::estate::{EventKind, EventRecord};
use tern_plan::assumptions::Assumptions;
use tern_plan::engine::{Input, Parent};
use tern_plan::plan::{End, Period};
use tern_plan::what_if::{Change, Comparison, Figure, Sensitivity, Sides};
use tern_rules::Rulebook;
use tern_service::plans::{EstateFolder, Made, PlanFolder, Work, load};

const PERIOD: Period = Period { first: date(2020, 10, 5), last: date(2022, 10, 4) };
/// A million installations in a minute.
const FLOOR: &str = "16667";
/// A measurement.
#[derive(Debug, Clone, Copy)]
pub enum Measured {
    /// The engine alone, and one event more.
    Engine,
    /// What `tern plan make` does, from the estate's files to a plan that is kept.
    PlanMake,
    /// What `tern what-if` does, from the estate's files to the comparison with the sources' figures.
    WhatIf,
}

impl Measured {
    pub const ALL: [Measured; 3] = [Measured::Engine, Measured::PlanMake, Measured::WhatIf];

    pub fn name(self) -> &'static str {
        match self {
            Measured::Engine => "engine",
            Measured::PlanMake => "plan make",
            Measured::WhatIf => "what-if",
        }
    }

    /// How often it is measured.
    pub fn turns(self) -> usize {
        match self {
            Measured::Engine => 7,
            Measured::PlanMake | Measured::WhatIf => 1,
        }
    }

    pub fn of(name: &str) -> Option<Measured> {
        Measured::ALL.into_iter().find(|measured| measured.name() == name)
    }

    pub fn run(self, dir: &Path) {
        match self {
            Measured::Engine => engine(dir),
            Measured::PlanMake => plan_make(dir),
            Measured::WhatIf => what_if(dir),
        }
    }
}

/// Places of a day grow with the estate, so that every size is planned over the same days.
fn assumptions(folder: &EstateFolder) -> Assumptions {
    let capacity_a_day = u32::try_from(folder.estate.installations().len() / 330).expect("a day's places").max(1);
    Assumptions { capacity_a_day, reserve_a_day: capacity_a_day / 30, ..Assumptions::default() }
}

fn engine(dir: &Path) {
    let EstateFolder { mut estate, mut events, findings, .. } = load(dir).expect("an estate");
    assert_eq!(findings.count(), 0, "{:?}", findings.list().first());
    let count = estate.installations().len();
    let capacity_a_day = u32::try_from(count / 330).expect("a day's places").max(1);
    let assumptions = Assumptions { capacity_a_day, reserve_a_day: capacity_a_day / 30, ..Assumptions::default() };
    let rulebook = Rulebook::published();
    let input = Input {
        estate: &estate,
        events: &events,
        rulebook: &rulebook,
        assumptions: &assumptions,
        period: PERIOD,
        still: &[],
    };
    let since = Instant::now();
    let plan = input.plan(|_| {});
    let took = since.elapsed();
    let migrated = plan.stories().filter(|(of, _)| matches!(plan.end(*of), End::Migrated(_))).count();
    println!("  {migrated} of {count} are migrated");
    println!("FIGURE | engine, each of {count} | {:.1} | µs | ", took.as_secs_f64() * 1e6 / amount(count));
    let one = EventRecord {
        mpxn: Some(estate.meters()[estate.meters().len() / 2].point.mpxn()),
        supplier: Some(estate.catalogue().supplier_id(estate.meters()[0].supplier)),
        effective: Some(date(2021, 3, 9)),
        ..EventRecord::new(date(2021, 3, 1), EventKind::ChangeOfSupplier)
    };
    let one = estate.place(&one).expect("it is about what is there");
    let at = events.partition_point(|event| event.on <= one.on);
    events.insert(at, one);
    let input = Input {
        estate: &estate,
        events: &events,
        rulebook: &rulebook,
        assumptions: &assumptions,
        period: PERIOD,
        still: &[],
    };
    let touched = input.touched_by(&[one]);
    let parent = Parent::of(&plan, &touched);
    let since = Instant::now();
    let replan = input.replan(parent, &touched);
    assert_eq!(replan.stories.len(), 1);
    println!("FIGURE | engine, one event more of {count} | {:.1} | ms | ", since.elapsed().as_secs_f64() * 1e3);
}

fn plan_make(dir: &Path) {
    let since = Instant::now();
    let folder = load(dir).expect("an estate");
    let read = since.elapsed();
    let made = Made {
        period: PERIOD,
        assumptions: assumptions(&folder),
        overlay: None,
        estate: folder.digest,
        events_bytes: folder.events_bytes,
        events: folder.events_digest,
        last_event_row: folder.events.iter().map(|event| event.row).max().unwrap_or_default(),
        still: Vec::new(),
    };
    let rulebook = Rulebook::published();
    let place = tempfile::tempdir_in(dir).expect("a folder");
    let work = Work { folder: &folder, rulebook: &rulebook, made };
    let generation = work.first(&PlanFolder::new(place.path()), || {}).expect("is kept");
    let took = since.elapsed();
    println!("  tern plan make: read in {:.1} s, all in {:.1} s", read.as_secs_f64(), took.as_secs_f64());
    tell("plan make", generation.touched, took);
}

fn what_if(dir: &Path) {
    let since = Instant::now();
    let folder = load(dir).expect("an estate");
    let assumptions = assumptions(&folder);
    let change = Change::EarlyFirmware;
    let (before, after) = (change.baseline().expect("a rulebook"), Rulebook::published());
    let EstateFolder { estate, events, .. } = &folder;
    let input = |rulebook| Input { estate, events, rulebook, assumptions: &assumptions, period: PERIOD, still: &[] };
    let plans = Sides { before: input(&before).plan(|_| {}), after: input(&after).plan(|_| {}) };
    let told = Comparison::of(&input(&after), &plans.before, &plans.after);
    drop(plans);
    let sensitivity = Sensitivity::of(input(&after), Sides { before: &before, after: &after });
    let expected = sensitivity.expected(&told, &Figure::ALL, || {});
    assert!(!expected.is_empty());
    let took = since.elapsed();
    println!("  tern what-if: all in {:.1} s", took.as_secs_f64());
    tell("what-if", estate.installations().len() as u64, took);
}

/// A rate, so that a floor can be set beside it, and the most memory held.
fn tell(name: &str, count: u64, took: Duration) {
    let count = usize::try_from(count).expect("a number");
    let rate = amount(count) / took.as_secs_f64();
    println!("FIGURE | tern {name}, {count} over two years | {rate:.0} | a second | {FLOOR}");
    println!("FIGURE | tern {name}, most memory, {count} | {} | MiB | ", most_memory_mib());
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn amount(count: usize) -> f64 {
    count as f64
}

fn most_memory_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or_default() / 1024
}
