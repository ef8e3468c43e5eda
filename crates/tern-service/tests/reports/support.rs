//! Invented migrations: little, as usual, and too much.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use tern_model::{ChfIdentifier, Fuel, GasOutcome, GroupId, MeterState, Outcome, PartyId, Role};
use tern_service::reports::{Attempt, Ledger, MeterSeen, Names, Period, Reports};

/// The first day of everything here: a Friday.
pub const DAY: Date = date(2020, 12, 4);

pub fn party(number: u64) -> PartyId {
    format!("90B3D51F30{number:06X}").parse().expect("an EUI-64")
}

pub fn chf(number: u64) -> ChfIdentifier {
    format!("00DB125380{number:06X}").parse().expect("an EUI-64")
}

/// An installation with both meters active under one supplier, taken in on a day and commissioned on it.
pub fn attempt(number: u64, day: Date) -> Attempt {
    let meter = |fuel| MeterSeen { fuel, state: MeterState::Active, supplier: Some(party(1)), excluded: false };
    Attempt {
        chf: chf(number),
        group: GroupId::EA,
        smso: party(100),
        taken: day,
        end: Some((day, Outcome::Commissioned { gas: GasOutcome::Migrated })),
        found: Vec::new(),
        held_before: false,
        meters: vec![meter(Fuel::Electricity), meter(Fuel::Gas)],
    }
}

pub fn refused(mut attempt: Attempt, clauses: &[&str]) -> Attempt {
    let clauses: Vec<String> = clauses.iter().map(|c| (*c).to_owned()).collect();
    attempt.found = clauses.iter().map(|c| (Role::Dsp, c.clone())).collect();
    attempt.end = Some((attempt.taken, Outcome::Refused { clauses }));
    attempt
}

pub fn ledger(attempts: &[Attempt], period: Period) -> Ledger {
    let mut ledger = Ledger::of(period);
    for attempt in attempts {
        ledger.add(attempt);
    }
    ledger
}

fn names() -> Names {
    let long = "The Amalgamated Northern & Western Energy Supply Company of Great Britain (in administration) plc";
    let named = [
        "supplier-a",
        "supplier-b",
        "Fjärrvärme “Öst” <AB>",
        long,
        "=cmd|' /C calc'!A0",
        "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww",
    ];
    let suppliers = named.iter().zip(1..).map(|(name, number)| (party(number), (*name).to_owned()));
    suppliers.chain([(party(100), "smso-north".to_owned()), (party(101), long.to_owned())]).collect()
}

/// Five installations on one day.
pub fn little() -> Reports {
    let attempts: Vec<_> = (0..4).map(|n| attempt(n, DAY)).chain([refused(attempt(9, DAY), &["15.8"])]).collect();
    Reports { ledger: ledger(&attempts, Period::default()), names: names(), overlay: None }
}

/// Weeks of migrations that go as they usually do.
pub fn usual() -> Reports {
    let clauses: Vec<_> = ["5.10.10", "15.8", "MA110", "15.6", "P-mpxn-check-digit"].to_vec();
    Reports { ledger: ledger(&invented(6_000, 40, &clauses, 4), Period::default()), names: names(), overlay: None }
}

/// A year, a hundred clauses and sixty suppliers, most of which no certificate names.
pub fn crowded() -> Reports {
    let clauses: Vec<String> =
        (1..=100).map(|n| if n <= 12 { format!("15.{n}") } else { format!("P-invented-{n}") }).collect();
    let clauses: Vec<&str> = clauses.iter().map(String::as_str).collect();
    Reports { ledger: ledger(&invented(60_000, 400, &clauses, 60), Period::default()), names: names(), overlay: None }
}

fn invented(count: u64, days: i64, clauses: &[&str], suppliers: u64) -> Vec<Attempt> {
    let mut seed = 7_u64;
    let mut draw = move |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let codes = ["B2", "15.2", "DP01", "B6", "a code that is longer than any of ours"];
    let one = |number: u64| {
        let day = DAY.saturating_add(i64::try_from(draw(u64::try_from(days).expect("some"))).expect("few").days());
        let mut it = attempt(number, day);
        it.smso = party(100 + draw(2));
        for meter in &mut it.meters {
            meter.supplier = Some(party(1 + draw(suppliers) * draw(suppliers) / suppliers)).filter(|_| draw(200) > 0);
            meter.state = if draw(10) < 4 { MeterState::Dormant } else { MeterState::Active };
            meter.excluded = draw(60) == 0;
        }
        let code = || codes[usize::try_from(number % 5).expect("few")].to_owned();
        match draw(100) {
            0..84 => {}
            84..92 => {
                let at = draw(clauses.len() as u64).min(draw(clauses.len() as u64));
                return refused(it, &[clauses[usize::try_from(at).expect("few")]]);
            }
            92..95 => it.end = Some((day, Outcome::RolledBack { code: code() })),
            95 => it.end = Some((day, Outcome::Stuck { code: code() })),
            96 => it.end = Some((day, Outcome::Closed { held_by: tern_model::Holder::Smso })),
            97 => it.end = Some((day, Outcome::Commissioned { gas: GasOutcome::LeftBehind })),
            _ => it.end = None,
        }
        it
    };
    (0..count).map(one).collect()
}
