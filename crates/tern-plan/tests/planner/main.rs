//! The planner held against a second one that was written from the requirement rows alone.

mod invented;
mod machine;
mod naive;
mod notices;
mod replans;
mod world;

use tern_plan::engine::Input;
use tern_plan::estate::{Estate, InstallationIx};
use tern_plan::plan::{Awaited, End, Excluded, HopWhy, Line, NoticeOf, Plan, Step, Still, Telling, What};
use tern_rules::Rulebook;

use naive::Naive;
use world::{PERIOD, World, stills, world};

/// Installations in all, and in one world.
const ALL: u64 = 10_000;
const IN_ONE: u64 = 50;

#[test]
fn both_planners_tell_the_same_story_of_every_installation() {
    let met = both_tell_the_same(0..ALL / IN_ONE, |_| Vec::new());
    // A world in which something never happens proves nothing of it.
    let rare: Vec<_> = KINDS.iter().filter(|kind| met.get(**kind).is_none_or(|count| *count < 20)).collect();
    assert!(rare.is_empty(), "{rare:?} of {met:?}");
}

#[test]
fn both_planners_tell_the_same_where_nobody_carries_the_plan_out_on_some_days() {
    let met = both_tell_the_same(1_000..1_060, stills);
    assert!(met["notice 4.30"] > 200 && met["migrated for"] > 200, "{met:?}");
}

fn both_tell_the_same(
    seeds: std::ops::Range<u64>,
    still: impl Fn(u64) -> Vec<Still>,
) -> std::collections::BTreeMap<&'static str, u32> {
    let mut met = std::collections::BTreeMap::new();
    for seed in seeds {
        let (world, still) = (world(seed, IN_ONE), still(seed));
        let plan = input_with(&world, &still, |input| input.plan(|_| {}));
        let World { estate, events, assumptions } = world;
        let naive = Naive::new(&estate, &events, &assumptions, (PERIOD, &still)).plan();
        for (installation, expect) in (0..).map(InstallationIx::of).zip(naive) {
            let story: Vec<String> = plan.story(installation).iter().map(|step| line(step, &estate)).collect();
            for step in plan.story(installation) {
                let told = Telling::of(&Line::of(step, &estate));
                assert!(tern_rules::find(told.clause).is_some(), "`tern explain` does not know {told:?}");
                if let What::NoticeToNew { of, .. } = step.what {
                    assert_eq!(told.clause, if of == Some(NoticeOf::Preparation) { "4.29" } else { "4.30" });
                }
            }
            let chf = estate.installation(installation).chf;
            assert_eq!(story, expect.lines, "seed {seed}, CHF {chf}, {assumptions:#?}");
            assert_eq!(standing(plan.end(installation)), expect.standing, "seed {seed}, CHF {chf}: {story:#?}");
            for line in story {
                *met.entry(kind(&line)).or_insert(0u32) += 1;
            }
        }
    }
    met
}

fn plan(world: &World) -> Plan {
    input(world, |input| input.plan(|_| {}))
}

fn input<T>(world: &World, act: impl FnOnce(&Input<'_>) -> T) -> T {
    input_with(world, &[], act)
}

fn input_with<T>(world: &World, still: &[Still], act: impl FnOnce(&Input<'_>) -> T) -> T {
    let (estate, events, assumptions) = (&world.estate, &world.events, &world.assumptions);
    act(&Input { estate, events, rulebook: &Rulebook::published(), assumptions, period: PERIOD, still })
}

/// What every kind of line has in it.
const KINDS: [&str; 50] = [
    "awaits group",
    "awaits change",
    "awaits entry",
    "awaits path",
    "awaits operability",
    "awaits authorisation",
    "awaits approval",
    "awaits decision",
    "awaits stranded entry",
    "awaits stranded path",
    "withdrawn",
    "stands",
    "notice 4.29",
    "notice 4.30",
    " 2 days",
    " 8 days",
    " by 4.29",
    " by 4.30",
    "certificates asked",
    "turned active",
    "turned dormant",
    "authorised until",
    "authorised",
    ", approved",
    ", tag-confirmed",
    ", report-published",
    ", equivalent",
    ", completing",
    "done with",
    "recorded with",
    "configuration begun",
    "configuration done",
    "configuration recorded",
    "failed",
    "decided",
    "ready",
    "left for",
    "migrated for",
    "null certificate",
    "no longer excluded as attempts-exhausted",
    "no longer excluded as gas-han-error",
    "no longer excluded",
    "planned anew",
    "gas excluded",
    "excluded as missing-master-keys",
    "excluded as no-wan-before-migration",
    "excluded as no-wan-at-migration",
    "excluded as uneconomic-to-test",
    "excluded as supplier-terminated",
    "excluded after",
];

fn kind(line: &str) -> &'static str {
    let short = KINDS.iter().find(|kind| kind.ends_with(" days") && line.contains(**kind));
    short.or_else(|| KINDS.iter().find(|kind| line.contains(**kind))).copied().unwrap_or("other")
}

/// Where a story ends, in the other planner's words.
fn standing(end: End) -> String {
    match end {
        End::Migrated(_) => "migrated".to_owned(),
        End::Excluded(_) => "excluded".to_owned(),
        End::WaitsForCapacity => "ready".to_owned(),
        End::UnderWay => "under way".to_owned(),
        End::Waits(what) => awaited(what),
    }
}

fn awaited(what: Awaited) -> String {
    match what {
        Awaited::Group(from) => format!("awaits group from {}", from.expect("every group is covered")),
        Awaited::Entry => "awaits entry".to_owned(),
        Awaited::Path => "awaits path".to_owned(),
        Awaited::Operability => "awaits operability".to_owned(),
        Awaited::Authorisation => "awaits authorisation".to_owned(),
        Awaited::Change(on) => format!("awaits change on {on}"),
        Awaited::Approval => "awaits approval".to_owned(),
        Awaited::Decision => "awaits decision".to_owned(),
        Awaited::StrandedEntry => "awaits stranded entry".to_owned(),
        Awaited::StrandedPath => "awaits stranded path".to_owned(),
        Awaited::WorkingDays => "awaits the table of bank holidays".to_owned(),
    }
}

/// A step in the other planner's words.
fn line(step: &Step, estate: &Estate) -> String {
    let party = |supplier| estate.catalogue().supplier_id(supplier).to_string();
    let point = |meter: tern_plan::estate::MeterIx| estate.meters()[meter.at()].point;
    let device = |device: tern_plan::estate::DeviceIx| estate.devices()[device.at()].id;
    let firmware = |model| estate.catalogue().model_text(model).firmware;
    let words = match step.what {
        What::Awaits(what) => awaited(what),
        What::Notice { of, to, working_days, earliest, .. } => {
            let clause = if of == NoticeOf::Preparation { "4.29" } else { "4.30" };
            format!("notice {clause} to {}, {working_days} days, earliest {earliest}", party(to))
        }
        What::NoticeToNew { of, meter, to, effective } => {
            let clause = if of == Some(NoticeOf::Preparation) { "4.29" } else { "4.30" };
            format!("notice to new {} of {} on {effective} by {clause}", party(to), point(meter))
        }
        What::CertificatesAsked(until) => format!("certificates asked until {until}"),
        What::TurnedActive => "turned active".to_owned(),
        What::TurnedDormant => "turned dormant".to_owned(),
        What::Decided(after) => format!("decided {after:?}"),
        What::Authorised => "authorised".to_owned(),
        What::AuthorisationEnded(last) => format!("authorised until {last} alone"),
        What::HopBegun { device: of, to, entry, why } => {
            let entry = estate.catalogue().text(estate.entries()[entry.at()].name);
            let why = match why {
                HopWhy::Approved => "approved",
                HopWhy::TagConfirmed => "tag-confirmed",
                HopWhy::ReportPublished => "report-published",
                HopWhy::Equivalent => "equivalent",
                HopWhy::Completing => "completing",
            };
            format!("{} upgraded to {} for {entry}, {why}", device(of), firmware(to))
        }
        What::Withdrawn => "withdrawn".to_owned(),
        What::Stands => "stands".to_owned(),
        What::HopDone { device: of, to } => format!("{} done with {}", device(of), firmware(to)),
        What::FirmwareRecorded { device: of, to } => format!("{} recorded with {}", device(of), firmware(to)),
        What::ConfigurationBegun => "configuration begun".to_owned(),
        What::ConfigurationDone => "configuration done".to_owned(),
        What::ConfigurationRecorded => "configuration recorded".to_owned(),
        What::Ready => "ready".to_owned(),
        What::Migration(supplier) => format!("migrated for {}", party(supplier)),
        What::NullCertificate(meter) => format!("null certificate at {}", point(meter)),
        What::Left { meter, to, effective } => format!("left for {} at {} on {effective}", party(to), point(meter)),
        What::AttemptFailed { attempts, why } => {
            format!("attempt {attempts} failed: {}", why.map_or("", |why| estate.catalogue().text(why)))
        }
        What::Excluded(Excluded::Attempts(attempts)) => format!("excluded after {attempts}"),
        What::Excluded(Excluded::Recorded { category, row }) => {
            format!("excluded as {} by row {row}", category.as_str())
        }
        What::GasExcluded(row) => format!("gas excluded by row {row}"),
        What::ExclusionEnded { category, row } => format!("no longer excluded as {} by row {row}", category.as_str()),
        What::PlannedAnew => "planned anew".to_owned(),
    };
    format!("{} {words}", step.day)
}
