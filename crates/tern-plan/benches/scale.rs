//! What an installation costs `tern_plan` in an estate of ten thousand, of a hundred thousand and of a million, planned over two
//! years: it should be the same. And what one more event costs on each.
//!
//! ```text
//! cargo bench -p tern-plan --bench scale                         # 10,000 and 100,000
//! TERN_BENCH_SIZES=10000,100000,1000000 cargo bench -p tern-plan --bench scale
//! ```
//!
//! Prints figures and fails nothing. The most memory held is the whole process's, estate and events with it (Linux only).

use std::time::{Duration, Instant};

use jiff::ToSpan;
use jiff::civil::{Date, date};
use tern_model::estate::{
    ApprovalRoute, DeviceRecord, EntryRecord, EventKind, EventRecord, HopRecord, InstallationRecord, MeterRecord,
};
use tern_model::facts::{PaymentMode, SourceRow};
use tern_model::{
    ChfIdentifier, DeviceId, DeviceKind, DeviceModel, DeviceModelCombination, Eui64, GroupId, InstallationState,
    MeterState, Mpxn, PartyId,
};
use tern_plan::assumptions::Assumptions;
use tern_plan::engine::{Input, Parent, touched_by};
use tern_plan::estate::{Estate, EstateBuilder, Event};
use tern_plan::plan::{End, Period};
use tern_rules::Rulebook;

/// How many installations, one run each, separated by commas.
const SIZES: &str = "TERN_BENCH_SIZES";
const SIZES_DEFAULT: &str = "10000,100000";
const PERIOD: Period = Period { first: date(2020, 10, 5), last: date(2022, 10, 4) };
const SUPPLIERS: u64 = 24;

fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        println!("nothing to test here: `cargo bench -p tern-plan --bench scale` measures");
        return;
    }
    let sizes = std::env::var(SIZES).unwrap_or_else(|_| SIZES_DEFAULT.to_owned());
    let sizes = sizes.split(',').map(|size| size.trim().parse().expect("a number of installations"));
    sizes.for_each(measure);
}

fn measure(count: u64) {
    let (mut estate, events) = estate(count);
    // The places of a day grow with the estate, so that each size is planned over the same days.
    let capacity_a_day = u32::try_from(count / 330).expect("a day's places");
    let assumptions = Assumptions { capacity_a_day, reserve_a_day: capacity_a_day / 30, ..Assumptions::default() };
    let rulebook = Rulebook::published();
    let since = Instant::now();
    let plan = input(&estate, &events, &rulebook, &assumptions).plan(|_| {});
    let took = since.elapsed();
    let migrated = plan.stories().filter(|(of, _)| matches!(plan.end(*of), End::Migrated(_))).count();
    let one = EventRecord {
        mpxn: Some(point(count / 2, 1)),
        supplier: Some(supplier(3)),
        effective: Some(date(2021, 3, 9)),
        ..EventRecord::new(date(2021, 3, 1), EventKind::ChangeOfSupplier)
    };
    let one = estate.place(&one).expect("it is about what is there");
    let mut all = events;
    let at = all.partition_point(|event| event.on <= one.on);
    all.insert(at, one);
    let touched = touched_by(&estate, &[one]);
    let parent = Parent::of(&plan, &touched);
    let since = Instant::now();
    let replan = input(&estate, &all, &rulebook, &assumptions).replan(parent, &touched);
    let again = since.elapsed();
    assert_eq!(replan.stories.len(), 1);
    let memory = most_memory_mib();
    println!("  {count}: {} events, {migrated} migrated, most memory {memory} MiB", all.len());
    let floor = if count == 1_000_000 { "60" } else { "" };
    println!("FIGURE | plan, {count} installations over two years | {:.2} | s | {floor}", took.as_secs_f64());
    println!("FIGURE | plan, each of {count} | {:.1} | µs | ", micros(took, count));
    println!("FIGURE | plan again after one event, of {count} | {:.1} | ms | ", again.as_secs_f64() * 1e3);
}

fn input<'a>(
    estate: &'a Estate,
    events: &'a [Event],
    rulebook: &'a Rulebook,
    assumptions: &'a Assumptions,
) -> Input<'a> {
    Input { estate, events, rulebook, assumptions, period: PERIOD }
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn micros(took: Duration, count: u64) -> f64 {
    took.as_secs_f64() * 1e6 / count as f64
}

fn most_memory_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or_default() / 1024
}

fn supplier(number: u64) -> PartyId {
    PartyId(Eui64(0x90B3_D51F_3000_0000 + number))
}

fn chf(number: u64) -> ChfIdentifier {
    ChfIdentifier(Eui64(0x00DB_0000_0000_0000 + number * 16))
}

fn device(number: u64, slot: u64) -> DeviceId {
    DeviceId(Eui64(chf(number).0.0 + slot))
}

fn point(number: u64, slot: u64) -> Mpxn {
    if slot == 2 { Mpxn::mprn_from_body(10_000_000 + number) } else { Mpxn::mpan_from_body(100_000_000_000 + number) }
}

fn model(family: u64, kind: DeviceKind, version: u64) -> DeviceModel {
    DeviceModel {
        manufacturer: format!("Maker {family}"),
        model: format!("{kind}-{family}"),
        firmware: format!("{version}.0"),
    }
}

/// Whatever of an installation is drawn, from its number alone.
fn drawn(number: u64, what: u64, of: u64) -> u64 {
    let mut z = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ what.wrapping_mul(0xD6E8_FEB8_6659_FD93);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB) % of
}

/// Half of the installations have old firmware, nine of ten have Dormant Meters alone, and two of ten change supplier.
fn estate(count: u64) -> (Estate, Vec<Event>) {
    let mut builder = Estate::builder();
    (0..count).for_each(|number| home(&mut builder, number));
    for family in 0..8 {
        entry(&mut builder, family);
    }
    let (mut estate, findings) = builder.finish();
    assert_eq!(findings.count(), 0);
    let mut records: Vec<EventRecord> = (0..count).flat_map(events_of).collect();
    records.extend((0..16).map(|number| EventRecord {
        entry: Some(format!("entry-{}-{}", number / 2, number % 2)),
        ..EventRecord::new(later(date(2020, 9, 7), drawn(number, 9, 120)), EventKind::EpclApproved)
    }));
    records.sort_by_key(|record| record.on);
    let events = records.iter().map(|record| estate.place(record).expect("it is about what is there")).collect();
    (estate, events)
}

fn later(day: Date, days: u64) -> Date {
    day.saturating_add(i32::try_from(days).expect("a few days").days())
}

fn home(builder: &mut EstateBuilder, number: u64) {
    let (family, gas) = (number % 8, drawn(number, 1, 3) > 0);
    let row = SourceRow(number + 2);
    builder.installation(&InstallationRecord {
        row,
        chf: chf(number),
        group: GroupId::ALL[usize::try_from(family).expect("few groups")],
        smso: "North".to_owned(),
        communications_provider: "Provider".to_owned(),
        installing_supplier: supplier(family % 2),
        installed_on: date(2016, 5, 2),
    });
    let version = drawn(number, 2, 2) + 1;
    let slots = if gas { 3 } else { 2 };
    for (slot, kind) in (0..slots).zip([DeviceKind::Chf, DeviceKind::Esme, DeviceKind::Gsme]) {
        let (device, chf, model) = (device(number, slot), chf(number), model(family, kind, version));
        builder.device(&DeviceRecord { row, device, chf, kind, model });
    }
    let service = if drawn(number, 3, 10) == 0 { MeterState::Active } else { MeterState::Dormant };
    for slot in 1..slots {
        builder.meter(&MeterRecord {
            row,
            device: device(number, slot),
            mpxn: point(number, slot),
            supplier: supplier(drawn(number, 4, SUPPLIERS)),
            service,
            since: date(2018, 7, 1),
            payment_mode: PaymentMode::Credit,
        });
    }
}

/// The newer firmware of a family, with gas and without.
fn entry(builder: &mut EstateBuilder, family: u64) {
    for gas in [false, true] {
        builder.entry(&EntryRecord {
            row: SourceRow(2),
            entry: format!("entry-{family}-{}", u8::from(gas)),
            combination: DeviceModelCombination {
                chf: model(family, DeviceKind::Chf, 2),
                esme: model(family, DeviceKind::Esme, 2),
                gsme: gas.then(|| model(family, DeviceKind::Gsme, 2)),
                communications_provider: "Provider".to_owned(),
            },
            comprises: InstallationState::Dormant,
            route: ApprovalRoute::MtSit,
            equivalent_to: None,
        });
    }
    for kind in [DeviceKind::Chf, DeviceKind::Esme, DeviceKind::Gsme] {
        for of in 0..2 {
            let (from, installing_supplier) = (model(family, kind, 1), supplier(of));
            builder.hop(&HopRecord { row: SourceRow(2), from, to_firmware: "2.0".to_owned(), installing_supplier });
        }
    }
}

fn events_of(number: u64) -> Vec<EventRecord> {
    let on = later(PERIOD.first, drawn(number, 5, 500));
    let mut events = Vec::new();
    if drawn(number, 6, 5) == 0 {
        events.push(EventRecord {
            mpxn: Some(point(number, 1)),
            supplier: Some(supplier(drawn(number, 7, SUPPLIERS))),
            effective: Some(later(on, 14)),
            ..EventRecord::new(on, EventKind::ChangeOfSupplier)
        });
    }
    if drawn(number, 3, 10) == 0 {
        let kind = if number.is_multiple_of(3) { EventKind::MeterDormant } else { EventKind::Authorised };
        let record = EventRecord::new(on, kind);
        events.push(match kind {
            EventKind::MeterDormant => EventRecord { device: Some(device(number, 1)), ..record },
            _ => {
                EventRecord { chf: Some(chf(number)), supplier: Some(supplier(drawn(number, 4, SUPPLIERS))), ..record }
            }
        });
    }
    events
}
