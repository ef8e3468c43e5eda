//! A sample of the installations of an estate with what happens to them, planned as though there were no others, with as large a
//! part of a day's capacity, and of what suppliers want of it.
//!
//! The same estate has the same sample.

use crate::assumptions::Assumptions;
use crate::engine::Input;
use crate::estate::{Event, InstallationIx, What};
use crate::what_if::{Comparison, Sides};
use tern_rules::Rulebook;

use super::lever::Lever;

/// Installations of a sample: enough that a per cent of them is counted in tens, and few enough to be planned again and again.
const SIZE: usize = 3_000;

/// The sample.
#[derive(Debug)]
pub(super) struct Sample<'a> {
    pub(super) input: Input<'a>,
    /// In the order of the estate.
    pub(super) installations: Vec<InstallationIx>,
    /// What happens to them, and to entries, versions and documents.
    pub(super) events: Vec<Event>,
    assumptions: Assumptions,
}

/// What a sample is planned from.
#[derive(Debug, Clone)]
pub(super) struct Changed {
    pub(super) events: Vec<Event>,
    pub(super) assumptions: Assumptions,
}

impl<'a> Sample<'a> {
    pub(super) fn of(input: Input<'a>) -> Sample<'a> {
        let all = input.estate.installations().len();
        let mut by_lot: Vec<usize> = (0..all).collect();
        if all > SIZE {
            by_lot.sort_by_key(|at| lot(0, *at as u64));
            by_lot.truncate(SIZE);
            by_lot.sort_unstable();
        }
        let installations: Vec<InstallationIx> = by_lot.into_iter().map(InstallationIx::of).collect();
        let concerns =
            |event: &&Event| event.installation(input.estate).is_none_or(|of| installations.binary_search(&of).is_ok());
        let part = |places: u32| {
            let exact = u64::from(places) * installations.len() as u64;
            u32::try_from(exact.div_ceil(all.max(1) as u64)).unwrap_or(places)
        };
        let in_part = |event: &Event| match event.what {
            What::Demand { supplier, wanted, from } => {
                Event { what: What::Demand { supplier, wanted: part(wanted), from }, ..*event }
            }
            _ => *event,
        };
        let events = input.events.iter().filter(concerns).map(in_part).collect();
        let whole = input.assumptions;
        let assumptions = Assumptions {
            capacity_a_day: part(whole.capacity_a_day),
            reserve_a_day: part(whole.reserve_a_day),
            dmin_a_day: part(whole.dmin_a_day),
            ..whole.clone()
        };
        Sample { input, installations, events, assumptions }
    }

    /// The sample with one assumption changed, or as it is.
    pub(super) fn with(&self, change: Option<(Lever, f64)>) -> Changed {
        let mut changed = Changed { events: self.events.clone(), assumptions: self.assumptions.clone() };
        if let Some((lever, value)) = change {
            lever.set(value, self, &mut changed);
            changed.events.sort_by_key(|event| event.on);
        }
        changed
    }

    /// Plans it under both rulebooks.
    pub(super) fn compared(&self, rules: Sides<&Rulebook>, changed: &Changed) -> Comparison {
        let under =
            |rulebook| Input { events: &changed.events, assumptions: &changed.assumptions, rulebook, ..self.input };
        let [before, after] =
            [rules.before, rules.after].map(|rules| under(rules).plan_some(self.installations.clone(), |_| {}));
        Comparison::among(&self.installations, &under(rules.after), &before, &after)
    }
}

/// A number for each number, the same each time, in which no order is left (the finalizer of `SplitMix64`).
pub(super) fn lot(purpose: u64, number: u64) -> u64 {
    let mut z = number.wrapping_add(purpose.wrapping_mul(0xD1B5_4A32_D192_ED03)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use tern_model::estate::{DeviceRecord, EventKind, EventRecord, InstallationRecord, MeterRecord};
    use tern_model::facts::{PaymentMode, SourceRow};
    use tern_model::{ChfIdentifier, DeviceId, DeviceKind, DeviceModel, Eui64, GroupId, MeterState, Mpxn, PartyId};

    use super::*;
    use crate::estate::Estate;
    use crate::plan::Period;

    const SUPPLIER: PartyId = PartyId(Eui64(0x90B3_D51F_3000_0001));

    fn estate(installations: u64) -> Estate {
        let (row, mut builder) = (SourceRow(2), Estate::builder());
        for number in 0..installations {
            let hub = Eui64(0x00DB_0000_0000_0000 + number * 16);
            let (chf, esme) = (ChfIdentifier(hub), DeviceId(Eui64(hub.0 + 1)));
            builder.installation(&InstallationRecord {
                row,
                chf,
                group: GroupId::AA,
                smso: "SMSO".to_owned(),
                communications_provider: "Provider".to_owned(),
                installing_supplier: SUPPLIER,
                installed_on: date(2018, 5, 2),
            });
            for (device, kind) in [(DeviceId(hub), DeviceKind::Chf), (esme, DeviceKind::Esme)] {
                let model = DeviceModel {
                    manufacturer: "Maker".to_owned(),
                    model: kind.to_string(),
                    firmware: "1.0".to_owned(),
                };
                builder.device(&DeviceRecord { row, device, chf, kind, model });
            }
            builder.meter(&MeterRecord {
                row,
                device: esme,
                mpxn: Mpxn::mpan_from_body(100_000_000_000 + number),
                supplier: SUPPLIER,
                service: MeterState::Dormant,
                since: date(2019, 5, 2),
                payment_mode: PaymentMode::Credit,
            });
        }
        let (estate, findings) = builder.finish();
        assert!(findings.list().is_empty(), "{:#?}", findings.list());
        estate
    }

    /// What is wanted, and capacity, in a sample of so many installations.
    fn sampled(installations: u64, places: [u32; 3]) -> (Vec<u32>, u32) {
        let mut estate = estate(installations);
        let demand = |places: u32| EventRecord {
            supplier: Some(SUPPLIER),
            value: Some(places.to_string()),
            ..EventRecord::new(date(2021, 3, 1), EventKind::Demand)
        };
        let events = places.map(|places| estate.place(&demand(places)).expect("is placed"));
        let assumptions = Assumptions { capacity_a_day: 500, ..Assumptions::default() };
        let (rulebook, period) = (Rulebook::published(), Period { first: date(2021, 3, 1), last: date(2021, 9, 1) });
        let input = Input {
            estate: &estate,
            events: &events,
            rulebook: &rulebook,
            assumptions: &assumptions,
            period,
            still: &[],
        };
        let sample = Sample::of(input);
        let wanted = |event: &Event| match event.what {
            What::Demand { wanted, .. } => wanted,
            what => panic!("{what:?}"),
        };
        (sample.events.iter().map(wanted).collect(), sample.assumptions.capacity_a_day)
    }

    #[test]
    fn what_suppliers_want_is_as_large_a_part_as_capacity() {
        assert_eq!(sampled(4 * SIZE as u64, [40, 0, 1]), (vec![10, 0, 1], 125));
        assert_eq!(sampled(20, [40, 0, 1]), (vec![40, 0, 1], 500));
    }
}
