//! One metering point: its number, who is registered for it, and when that changes.

use jiff::civil::{Date, date};
use tern_model::facts::{Registration, SourceRow};
use tern_model::{Fuel, Mpxn, PartyId};

use super::cast::{NearMiss, Part};
use super::defects::Defect;
use super::dice::Dice;
use super::{Plan, SUPPLIER_WITHOUT_CERTIFICATE, days_from};

/// A metering point with its Registration Data.
pub(super) struct Supply {
    pub(super) mpxn: Mpxn,
    /// Everyone who is responsible on D or becomes so soon after.
    pub(super) suppliers: Vec<PartyId>,
    pub(super) registrations: Vec<Registration>,
}

/// Invents a metering point. `usual` is the supplier where nothing is planted.
pub(super) fn supply(plan: &Plan<'_>, fuel: Fuel, index: usize, part: Part, usual: PartyId, dice: &mut Dice) -> Supply {
    let operator = usize::try_from(dice.below(plan.network_operators.len() as u64)).unwrap_or(0);
    let registered = spoiled(fuel, part, number(plan.seed, fuel, index, part, operator));
    let mpxn = as_the_smso_writes_it(plan, fuel, index, part, &registered);
    let change = change(plan.day, fuel, part);
    let first =
        if change.is_some_and(|change| change.from_without_certificate) { SUPPLIER_WITHOUT_CERTIFICATE } else { usual };
    let since = -200 - i32::try_from(dice.below(1800)).unwrap_or(0);
    let mut terms = vec![(first, since)];
    if let Some(change) = change {
        terms.push((other_than(plan.suppliers, first, dice), change.days));
    }
    let ended = change.is_some_and(|change| change.days < 0);
    Supply {
        suppliers: terms.iter().skip(usize::from(ended)).map(|(supplier, _)| *supplier).collect(),
        registrations: terms
            .into_iter()
            .map(|(supplier, days)| Registration {
                row: SourceRow::default(),
                fuel,
                mpxn: registered.clone(),
                supplier,
                network_operator: plan.network_operators[operator],
                effective_from: days_from(plan.day, days),
            })
            .collect(),
        mpxn,
    }
}

/// A change of supplier, in days from D.
#[derive(Clone, Copy)]
struct Change {
    days: i32,
    from_without_certificate: bool,
}

/// How many days after D a change of supplier is near: 2, and 7 before the FOC text (CH1).
fn window(day: Date) -> i32 {
    const FOC_TEXT: Date = date(2020, 11, 29);
    if day < FOC_TEXT { 7 } else { 2 }
}

fn change(day: Date, fuel: Fuel, part: Part) -> Option<Change> {
    let with = |days| Some(Change { days, from_without_certificate: false });
    let without = |days| Some(Change { days, from_without_certificate: true });
    let turn = |nth: usize| i32::try_from(nth % 3).unwrap_or(0);
    match (fuel, part.defect(), part) {
        (Fuel::Electricity, Some((Defect::ChangeOfImportSupplier, nth)), _) => with(turn(nth)),
        (Fuel::Gas, Some((Defect::ChangeOfGasSupplier, nth)), _) => with(turn(nth)),
        (Fuel::Electricity, _, Part::NearMiss(NearMiss::ImportChangedTheDayBefore)) => with(-1),
        (Fuel::Electricity, _, Part::NearMiss(NearMiss::ImportChangesAfterTheWindow)) => with(window(day) + 1),
        (Fuel::Electricity, _, Part::NearMiss(NearMiss::NoCertificateImport)) => without(1),
        (Fuel::Gas, _, Part::NearMiss(NearMiss::GasChangedTheDayBefore)) => with(-1),
        (Fuel::Gas, _, Part::NearMiss(NearMiss::GasChangesAfterTheWindow)) => with(window(day) + 1),
        (Fuel::Gas, _, Part::NearMiss(NearMiss::NoCertificateGas)) => without(2),
        _ => None,
    }
}

fn other_than(suppliers: &[PartyId], but: PartyId, dice: &mut Dice) -> PartyId {
    let others: Vec<PartyId> = suppliers.iter().copied().filter(|supplier| *supplier != but).collect();
    if others.is_empty() { but } else { *dice.one_of(&others) }
}

/// A number that no other installation of this seed has, check digits right.
fn number(seed: u64, fuel: Fuel, index: usize, part: Part, operator: usize) -> Mpxn {
    let index = index as u64;
    // Steps that share no factor with the range pass every number once.
    match fuel {
        Fuel::Electricity => {
            let distributor = 10 + operator as u64 % 14;
            let unique = (seed % 9_999_991 + index * 7_919_337) % 10_000_000_000;
            Mpxn::mpan_from_body(distributor * 10_000_000_000 + unique)
        }
        Fuel::Gas if part == Part::NearMiss(NearMiss::LeadingZeros) => {
            Mpxn::mprn_from_body(10_000 + (seed % 999_983 + index * 77_773) % 900_000)
        }
        Fuel::Gas => Mpxn::mprn_from_body(10_000_000 + (seed % 9_999_991 + index * 7_654_321) % 89_999_999),
    }
}

/// The number as the SMSO writes it: of IOC, from Uplift 1.2 on, perhaps with other zeros before it, or as none that can be
/// compared.
fn as_the_smso_writes_it(plan: &Plan<'_>, fuel: Fuel, index: usize, part: Part, registered: &Mpxn) -> Mpxn {
    const UPLIFT_1_2: Date = date(2020, 10, 29);
    if fuel == Fuel::Electricity {
        return registered.clone();
    }
    let bound = Defect::MprnNotComparable.codes_in(plan.group_of(index)).is_some();
    let compared_without = bound && plan.day >= UPLIFT_1_2;
    let mut spellings = registered.spellings();
    let written = match part.defect() {
        Some((Defect::MprnNotComparable, nth)) => not_comparable(nth, index),
        _ if !compared_without || part != Part::NearMiss(NearMiss::LeadingZeros) => None,
        _ if index.is_multiple_of(2) => spellings.next(),
        _ => spellings.last(),
    };
    written.unwrap_or_else(|| registered.clone())
}

/// Zeros alone, as many as an MPRN has digits; one; a number with eleven digits; a zero before such a one.
fn not_comparable(nth: usize, index: usize) -> Option<Mpxn> {
    let text = match nth % 4 {
        0 => "0".repeat(10),
        1 => "0".to_owned(),
        2 => format!("{}", 10_000_000_000 + index as u64),
        _ => format!("0{}", 10_000_000_000 + index as u64),
    };
    text.parse().ok()
}

/// The number with a wrong last digit, where that is this installation's defect and this fuel's turn.
fn spoiled(fuel: Fuel, part: Part, mpxn: Mpxn) -> Mpxn {
    let turn = match part.defect() {
        Some((Defect::MpxnCheckDigit, nth)) if nth % 2 == 0 => Fuel::Electricity,
        Some((Defect::MpxnCheckDigit, _)) => Fuel::Gas,
        _ => return mpxn,
    };
    if turn != fuel {
        return mpxn;
    }
    let (body, last) = mpxn.as_str().split_at(mpxn.as_str().len() - 1);
    let wrong = (last.bytes().map(|digit| digit - b'0').sum::<u8>() + 1) % 10;
    format!("{body}{wrong}").parse().unwrap_or(mpxn)
}
