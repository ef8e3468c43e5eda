//! The devices that are to be had: invented models of the two FOC makers, the combinations that are on the EPCL, and some
//! that are not.

use jiff::civil::Date;
use tern_model::facts::{EpclEntry, EpclState, SourceRow};
use tern_model::{DeviceModel, DeviceModelCombination};

use super::days_from;

/// A communications provider of the hubs' SIMs.
pub(super) struct Provider {
    /// As the EPCL and the Common File name it.
    pub(super) name: &'static str,
    /// The first five digits of its IMSIs: 234 and the network.
    pub(super) imsi_prefix: u64,
    /// The end of its APNs.
    pub(super) domain: &'static str,
}

/// Every provider.
pub(super) const PROVIDERS: [Provider; 2] = [
    Provider { name: "Northmast Mobile", imsi_prefix: 23_481, domain: "northmast.example" },
    Provider { name: "Severn Cellular", imsi_prefix: 23_494, domain: "severncell.example" },
];

/// Maker, model, firmware version.
type Model = (&'static str, &'static str, &'static str);

/// Hub, electricity meter, gas meter.
type Combination = (Model, Model, Model);

const TRILLIANT: &str = "Trilliant";
const LANDIS_GYR: &str = "Landis+Gyr";

/// The combinations that are approved, with and without their gas meter, for every provider.
const APPROVED: [Combination; 6] = [
    ((TRILLIANT, "Wren CH2", "4.12.0"), (LANDIS_GYR, "Alder E21", "07.31"), (LANDIS_GYR, "Alder G4", "02.18")),
    ((TRILLIANT, "Wren CH2", "4.14.2"), (LANDIS_GYR, "Alder E21", "07.40"), (LANDIS_GYR, "Alder G4", "02.20")),
    ((TRILLIANT, "Wren CH2", "4.14.2"), (LANDIS_GYR, "Rowan E33", "1.9.6"), (LANDIS_GYR, "Rowan G6", "1.4.1")),
    ((TRILLIANT, "Finch CH3", "5.0.1"), (LANDIS_GYR, "Rowan E33", "2.0.3"), (LANDIS_GYR, "Rowan G6", "1.4.1")),
    ((LANDIS_GYR, "Heron H1", "11.02"), (LANDIS_GYR, "Alder E21", "07.40"), (LANDIS_GYR, "Alder G4", "02.20")),
    ((LANDIS_GYR, "Heron H1", "11.05"), (LANDIS_GYR, "Hazel E40", "3.3"), (LANDIS_GYR, "Rowan G6", "1.4.1")),
];

/// Combinations that the EPCL knows and does not approve on day D, and one that it never heard of (no state).
const NOT_APPROVED: [(Combination, Option<EpclState>); 4] = [
    (
        ((TRILLIANT, "Finch CH3", "5.1.0"), (LANDIS_GYR, "Rowan E33", "2.1.0"), (LANDIS_GYR, "Rowan G6", "1.5.0")),
        Some(EpclState::Planned),
    ),
    (((TRILLIANT, "Wren CH2", "3.98.7"), (LANDIS_GYR, "Alder E21", "06.88"), (LANDIS_GYR, "Alder G4", "02.11")), None),
    (
        ((LANDIS_GYR, "Heron H1", "11.09"), (LANDIS_GYR, "Hazel E40", "3.4"), (LANDIS_GYR, "Rowan G6", "1.4.2")),
        Some(EpclState::Paused),
    ),
    (
        ((LANDIS_GYR, "Heron H1", "10.77"), (LANDIS_GYR, "Hazel E40", "2.9"), (LANDIS_GYR, "Rowan G6", "1.3.0")),
        Some(EpclState::NotApproved),
    ),
];

/// In-home devices; the EPCL does not speak of them.
const PPMIDS: [Model; 2] = [(TRILLIANT, "Robin P2", "1.7.0"), (LANDIS_GYR, "Sorrel P1", "2.02")];

/// How many combinations are approved.
pub(super) const APPROVED_COUNT: u64 = APPROVED.len() as u64;

/// The models of an approved combination.
pub(super) fn approved(at: u64) -> [DeviceModel; 3] {
    models(APPROVED[usize::try_from(at).unwrap_or(0) % APPROVED.len()])
}

/// The models of a combination without approval; its variants take turns.
pub(super) fn not_approved(nth: usize) -> [DeviceModel; 3] {
    models(NOT_APPROVED[nth % NOT_APPROVED.len()].0)
}

/// A PPMID's model.
pub(super) fn ppmid(at: u64) -> DeviceModel {
    model(PPMIDS[usize::try_from(at).unwrap_or(0) % PPMIDS.len()])
}

/// The EPCL as of day D. Each entry has a history: planned, then approved; some were paused on the way.
pub(super) fn epcl(day: Date) -> Vec<EpclEntry> {
    let mut entries = Vec::new();
    for (at, combination) in APPROVED.iter().enumerate() {
        let mut history = vec![(-420, EpclState::Planned), (-300, EpclState::Approved)];
        if at % 3 == 1 {
            history = vec![(-420, EpclState::Planned), (-380, EpclState::Paused), (-200, EpclState::Approved)];
        }
        add(&mut entries, day, *combination, &history);
    }
    for (combination, state) in NOT_APPROVED {
        let Some(state) = state else { continue };
        let history = [(-120, EpclState::Planned), (-40, state)];
        add(&mut entries, day, combination, if state == EpclState::Planned { &history[..1] } else { &history });
    }
    entries
}

fn add(entries: &mut Vec<EpclEntry>, day: Date, combination: Combination, history: &[(i32, EpclState)]) {
    let [chf, esme, gsme] = models(combination);
    for provider in &PROVIDERS {
        for gsme in [Some(gsme.clone()), None] {
            for (days, state) in history {
                let combination = DeviceModelCombination {
                    chf: chf.clone(),
                    esme: esme.clone(),
                    gsme: gsme.clone(),
                    communications_provider: provider.name.to_owned(),
                };
                let from = days_from(day, *days);
                entries.push(EpclEntry { row: SourceRow::default(), combination, state: *state, from });
            }
        }
    }
}

fn models((chf, esme, gsme): Combination) -> [DeviceModel; 3] {
    [model(chf), model(esme), model(gsme)]
}

fn model((manufacturer, model, firmware): Model) -> DeviceModel {
    DeviceModel { manufacturer: manufacturer.to_owned(), model: model.to_owned(), firmware: firmware.to_owned() }
}
