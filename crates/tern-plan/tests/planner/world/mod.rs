//! Small worlds from a seed: an estate with events of every kind that moves a plan, close enough together to collide.

mod entries;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use tern_model::estate::{DeviceRecord, EventKind, EventRecord, HopRecord, InstallationRecord, MeterRecord};
use tern_model::facts::{ExclusionCategory, PaymentMode, SourceRow};
use tern_model::{ChfIdentifier, DeviceId, DeviceKind, DeviceModel, Eui64, GroupId, MeterState, Mpxn, PartyId};
use tern_plan::assumptions::{AfterChange, Assumptions, MigrationDays};
use tern_plan::estate::{Estate, Event};
use tern_plan::plan::{Period, Still};

/// The days that are planned: the texts of early firmware and of FOC come into force within them.
pub const PERIOD: Period = Period { first: date(2020, 8, 24), last: date(2021, 3, 19) };
/// Before it, things are known already.
const SINCE: Date = date(2020, 7, 27);
const VERSIONS: u64 = 4;

/// Numbers from a seed.
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Chance {
        Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x00DB_1234_5678_9ABC)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn day(&mut self, first: Date, last: Date) -> Date {
        let days = u64::try_from((last - first).get_days()).expect("the last day comes last");
        later(first, self.below(days + 1))
    }

    fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize]
    }
}

pub struct World {
    pub estate: Estate,
    pub events: Vec<Event>,
    pub assumptions: Assumptions,
}

fn later(day: Date, days: u64) -> Date {
    day.saturating_add(i32::try_from(days).expect("a few days").days())
}

/// A supplier.
pub fn supplier(number: u64) -> PartyId {
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

fn model(family: u64, kind: &str, version: u64) -> DeviceModel {
    DeviceModel {
        manufacturer: format!("Maker {family}"),
        model: format!("{kind}-{family}"),
        firmware: format!("{version}.0"),
    }
}

fn provider(number: u64) -> String {
    format!("Provider {number}")
}

fn smso(number: u64) -> String {
    format!("SMSO {number}")
}

/// What an installation is, so that events can be made about it.
struct Home {
    number: u64,
    family: u64,
    gas: bool,
    service: Service,
}

const SERVICES: [Service; 4] = [Service::Dormant, Service::Lost, Service::Changing, Service::Changing];

/// What becomes of the meters' service.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Service {
    /// Dormant from the beginning to the end.
    Dormant,
    /// Active at first, and Dormant one day.
    Lost,
    /// Now this, now that.
    Changing,
}

/// Days on which nobody carries a world's plan out: some at its beginning, some later, some after a day that was begun.
pub fn stills(seed: u64) -> Vec<Still> {
    let mut chance = Chance::new(seed ^ 0x57_1115);
    let mut day = if chance.one_in(4) { PERIOD.first } else { later(PERIOD.first, 1 + chance.below(60)) };
    let mut stills = Vec::new();
    for _ in 0..3 {
        let begun = u64::from(day > PERIOD.first && chance.one_in(3));
        let from = later(day, begun);
        let until = later(from, 1 + chance.below(9));
        stills.push(Still { from, migrations_from: day, until });
        day = later(until, 1 + chance.below(70));
    }
    stills
}

/// A world of `count` installations.
pub fn world(seed: u64, count: u64) -> World {
    let mut chance = Chance::new(seed);
    let mut builder = Estate::builder();
    let homes: Vec<Home> = (0..count).map(|number| home(&mut chance, &mut builder, number)).collect();
    let entries = entries::planned(&mut chance, &mut builder);
    hops(&mut chance, &mut builder);
    let (mut estate, findings) = builder.finish();
    assert!(findings.list().is_empty(), "{:#?}", findings.list());
    let mut records = Vec::new();
    homes.iter().for_each(|home| events_of(&mut chance, home, &mut records));
    entries.iter().for_each(|entry| entries::course(&mut chance, entry, &mut records));
    common_events(&mut chance, &mut records);
    demand(&mut Chance::new(!seed), &mut records);
    designations(&mut Chance::new(seed ^ 0x5DE5), &mut records);
    last_days(&mut Chance::new(seed ^ 0x1A57), &mut records);
    records.sort_by_key(|record| record.on);
    let events = records.iter().map(|record| estate.place(record).expect("it is about what is there")).collect();
    World { estate, events, assumptions: assumptions(&mut chance, count) }
}

fn assumptions(chance: &mut Chance, count: u64) -> Assumptions {
    let number = |n: u64| u32::try_from(n).expect("a small number");
    let short = |n: u64| u16::try_from(n).expect("a small number");
    Assumptions {
        capacity_a_day: number(chance.below(count / 10) + 3),
        reserve_a_day: number(chance.below(3)),
        dmin_a_day: number(chance.below(3)),
        migration_days: chance.pick(&[MigrationDays::WorkingDays, MigrationDays::WorkingDays, MigrationDays::EveryDay]),
        days_per_hop: short(chance.below(9) * (1 + chance.below(3))),
        approval_within_days: 1 + short(chance.below(60) * (1 + chance.below(3))),
        configuration_days: short(chance.below(9)),
        certificates_within_working_days: short(chance.below(9)),
        attempts: 1 + u8::from(chance.one_in(2)) + u8::from(chance.one_in(2)) + u8::from(chance.one_in(2)),
        retry_after_working_days: short(chance.below(12)),
        after_change_of_supplier: chance.pick(&[AfterChange::GoOn, AfterChange::GoOn, AfterChange::Wait]),
    }
}

fn home(chance: &mut Chance, builder: &mut tern_plan::estate::EstateBuilder, number: u64) -> Home {
    let home = Home { number, family: chance.below(3), gas: !chance.one_in(3), service: chance.pick(&SERVICES) };
    builder.installation(&InstallationRecord {
        row: SourceRow(number + 2),
        chf: chf(number),
        group: chance.pick(&GroupId::ALL),
        smso: smso(chance.below(2)),
        communications_provider: provider(u64::from(chance.one_in(5))),
        installing_supplier: supplier(chance.below(2)),
        installed_on: date(2016, 5, 2),
    });
    let version = chance.below(VERSIONS) + 1;
    let slots = if home.gas { 3 } else { 2 };
    for (slot, kind) in (0..slots).zip([DeviceKind::Chf, DeviceKind::Esme, DeviceKind::Gsme]) {
        let version = if chance.one_in(4) { chance.below(VERSIONS) + 1 } else { version };
        builder.device(&DeviceRecord {
            row: SourceRow(number * 3 + slot + 2),
            device: device(number, slot),
            chf: chf(number),
            kind,
            model: model(home.family, &kind.to_string(), version),
        });
    }
    for slot in 1..slots {
        builder.meter(&MeterRecord {
            row: SourceRow(number * 3 + slot + 2),
            device: device(number, slot),
            mpxn: point(number, slot),
            supplier: supplier(chance.below(5)),
            service: match home.service {
                Service::Changing if !chance.one_in(3) => MeterState::Dormant,
                Service::Dormant => MeterState::Dormant,
                Service::Lost | Service::Changing => MeterState::Active,
            },
            since: chance.day(date(2018, 1, 1), PERIOD.first),
            payment_mode: PaymentMode::Credit,
        });
    }
    home
}

fn hops(chance: &mut Chance, builder: &mut tern_plan::estate::EstateBuilder) {
    let mut row = 2;
    for family in 0..3 {
        for kind in ["CHF", "ESME", "GSME"] {
            for (from, to) in [(1, 2), (2, 3), (3, 4), (1, 3), (2, 4), (3, 2)] {
                for of in 0..2 {
                    let rare = if to == from + 1 { 6 } else { 2 };
                    if chance.one_in(rare) {
                        continue;
                    }
                    builder.hop(&HopRecord {
                        row: SourceRow(row),
                        from: model(family, kind, from),
                        to_firmware: format!("{to}.0"),
                        installing_supplier: supplier(of),
                    });
                    row += 1;
                }
            }
        }
    }
}

/// What happens to one installation.
fn events_of(chance: &mut Chance, home: &Home, records: &mut Vec<EventRecord>) {
    let last = PERIOD.last;
    let slots = if home.gas { 2 } else { 1 };
    let event = |on, kind| EventRecord::new(on, kind);
    for slot in 1..=slots {
        let times = match home.service {
            Service::Dormant => 0,
            Service::Lost => 1,
            Service::Changing => chance.below(4),
        };
        for _ in 0..times {
            let any = chance.pick(&[EventKind::MeterActive, EventKind::MeterDormant]);
            let kind = if home.service == Service::Lost { EventKind::MeterDormant } else { any };
            let record = event(chance.day(SINCE, last), kind);
            records.push(EventRecord { device: Some(device(home.number, slot)), ..record });
        }
        for _ in 0..chance.below(5) {
            let on = chance.day(SINCE, last);
            let effective = later(on, chance.below(26));
            records.push(EventRecord {
                mpxn: Some(point(home.number, slot)),
                supplier: Some(supplier(chance.below(5))),
                effective: Some(effective),
                ..event(on, EventKind::ChangeOfSupplier)
            });
        }
    }
    let chf = Some(chf(home.number));
    for number in 0..5 {
        if chance.one_in(2) {
            let record = event(chance.day(SINCE, PERIOD.first), EventKind::CertificatesSupplied);
            records.push(EventRecord { chf, supplier: Some(supplier(number)), ..record });
        }
        if chance.one_in(2) {
            let on = chance.day(SINCE, last);
            let effective = chance.one_in(2).then(|| later(on, number));
            let record = event(on, EventKind::Authorised);
            records.push(EventRecord { chf, supplier: Some(supplier(number)), effective, ..record });
        }
        if chance.one_in(12) {
            let value = (number < 4).then(|| if number < 3 { "DP01" } else { "4.26" }.to_owned());
            records.push(EventRecord { chf, value, ..event(chance.day(SINCE, last), EventKind::AttemptFailed) });
        }
    }
    for value in ["go-on", "wait"] {
        if chance.one_in(6) {
            let record = event(chance.day(SINCE, last), EventKind::SupplierChangeDecision);
            records.push(EventRecord { chf, value: Some(value.to_owned()), ..record });
        }
    }
    if chance.one_in(3) {
        records.push(EventRecord { chf, ..event(chance.day(SINCE, last), EventKind::SmsoConfigured) });
    }
    exclusions(chance, home, records);
    for slot in 0..=slots {
        if chance.one_in(4) {
            records.push(EventRecord {
                device: Some(device(home.number, slot)),
                firmware: Some(format!("{}.0", chance.below(VERSIONS) + 1)),
                ..event(chance.day(SINCE, last), EventKind::FirmwareDone)
            });
        }
    }
}

/// Documents that are designated: on other days than assumed, on the same, and on days that cannot be.
fn designations(chance: &mut Chance, records: &mut Vec<EventRecord>) {
    let mut designate = |chance: &mut Chance, name: &str, first: Date, last: Date| {
        let (document, effective) = (Some(name.to_owned()), Some(chance.day(first, last)));
        let event = EventRecord::new(chance.day(SINCE, PERIOD.last), EventKind::DocumentDesignated);
        records.push(EventRecord { document, effective, ..event });
    };
    if chance.one_in(3) {
        designate(chance, "TMAD V5.2", date(2020, 8, 10), date(2020, 9, 20));
    }
    for _ in 0..chance.below(3) {
        designate(chance, "TMAD FOC text", date(2020, 10, 20), date(2021, 1, 31));
    }
    if chance.one_in(4) {
        designate(chance, "TMAD AL 7.0", date(2020, 9, 1), date(2020, 12, 1));
    }
    if chance.one_in(4) {
        designate(chance, "TMAD AL 8.0", date(2020, 10, 29), date(2020, 10, 29));
    }
}

/// Authorisations that end.
fn last_days(chance: &mut Chance, records: &mut [EventRecord]) {
    for record in records.iter_mut().filter(|record| record.kind == EventKind::Authorised) {
        if chance.one_in(2) {
            let days = chance.below(5) * chance.below(12);
            record.value = Some(later(record.effective.unwrap_or(record.on), days).to_string());
        }
    }
}

/// How many places suppliers want.
fn demand(chance: &mut Chance, records: &mut Vec<EventRecord>) {
    for number in 0..5 {
        for _ in 0..chance.below(4) {
            let on = chance.day(SINCE, PERIOD.last);
            records.push(EventRecord {
                supplier: Some(supplier(number)),
                value: Some(chance.below(6).to_string()),
                effective: chance.one_in(2).then(|| later(on, chance.below(30))),
                ..EventRecord::new(on, EventKind::Demand)
            });
        }
    }
}

/// Excluded categories that it comes into, and out of again or not.
fn exclusions(chance: &mut Chance, home: &Home, records: &mut Vec<EventRecord>) {
    let chf = Some(chf(home.number));
    for category in ExclusionCategory::ALL {
        let attempts = category == ExclusionCategory::AttemptsExhausted;
        if (category == ExclusionCategory::GasHanError && !home.gas) || !chance.one_in(if attempts { 3 } else { 40 }) {
            continue;
        }
        let value = Some(category.as_str().to_owned());
        let on = chance.day(SINCE, PERIOD.last);
        if !attempts {
            let terminated = category == ExclusionCategory::SupplierTerminated;
            let supplier = terminated.then(|| supplier(chance.below(5)));
            let document = Some("a report".to_owned());
            let event = EventRecord::new(on, EventKind::Excluded);
            records.push(EventRecord { chf, value: value.clone(), document, supplier, ..event });
        }
        if attempts || chance.one_in(2) {
            let on = later(on, chance.below(40));
            records.push(EventRecord { chf, value, ..EventRecord::new(on, EventKind::ExclusionEnded) });
        }
    }
}

/// Confirmations and manufacturers' paths.
fn common_events(chance: &mut Chance, records: &mut Vec<EventRecord>) {
    for family in 0..3 {
        for kind in ["CHF", "ESME", "GSME"] {
            for version in 1..=VERSIONS {
                let of = model(family, kind, version);
                for number in 0..2 {
                    for at in 0..2 {
                        if chance.one_in(3) {
                            continue;
                        }
                        records.push(EventRecord {
                            supplier: Some(supplier(number)),
                            smso: Some(smso(at)),
                            manufacturer: Some(of.manufacturer.clone()),
                            model: Some(of.model.clone()),
                            firmware: Some(of.firmware.clone()),
                            ..EventRecord::new(chance.day(SINCE, date(2020, 12, 24)), EventKind::OperabilityConfirmed)
                        });
                    }
                }
                if chance.one_in(8) {
                    records.push(EventRecord {
                        manufacturer: Some(of.manufacturer.clone()),
                        model: Some(of.model.clone()),
                        firmware: Some(of.firmware.clone()),
                        value: Some(format!("{}.0", chance.below(VERSIONS) + 1)),
                        ..EventRecord::new(chance.day(SINCE, PERIOD.last), EventKind::Path)
                    });
                }
            }
        }
    }
}
