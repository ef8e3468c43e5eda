//! The devices that are to be had, by group: combinations that are on the EPCL, and some that are not.

use jiff::civil::Date;
use tern_model::facts::{EpclEntry, EpclState, SourceRow};
use tern_model::{DeviceModel, DeviceModelCombination, GroupId};

use super::days_from;
use super::dice::Dice;
use super::families::{Combination, Family, model, models};

/// A communications provider of the hubs' SIMs.
pub(crate) struct Provider {
    /// As the EPCL and the Common File name it.
    pub(crate) name: &'static str,
    /// The first five digits of its IMSIs: 234 and the network.
    pub(super) imsi_prefix: u64,
    /// The end of its APNs.
    pub(super) domain: &'static str,
}

/// Every provider.
pub(crate) const PROVIDERS: [Provider; 2] = [
    Provider { name: "Northmast Mobile", imsi_prefix: 23_481, domain: "northmast.example" },
    Provider { name: "Severn Cellular", imsi_prefix: 23_494, domain: "severncell.example" },
];

/// The models of an approved combination of the group.
pub(super) fn approved(group: GroupId, dice: &mut Dice) -> [DeviceModel; 3] {
    models(*dice.one_of(Family::of(group).approved))
}

/// The models of a combination of the group without approval; its variants take turns.
pub(super) fn not_approved(group: GroupId, nth: usize) -> [DeviceModel; 3] {
    let all = Family::of(group).not_approved;
    models(all[nth % all.len()].0)
}

/// A PPMID's model.
pub(super) fn ppmid(group: GroupId, dice: &mut Dice) -> DeviceModel {
    model(*dice.one_of(&Family::of(group).ppmids))
}

/// The EPCL as of day D, as far as it is about some groups. Each entry has a history: planned, then approved; some were paused
/// on the way.
pub(super) fn epcl(day: Date, groups: &[GroupId]) -> Vec<EpclEntry> {
    let mut entries = Vec::new();
    Family::all_of(groups).for_each(|family| add_family(&mut entries, day, family));
    entries
}

fn add_family(entries: &mut Vec<EpclEntry>, day: Date, family: &Family) {
    for (at, combination) in family.approved.iter().enumerate() {
        let mut history = vec![(-420, EpclState::Planned), (-300, EpclState::Approved)];
        if at % 3 == 1 {
            history = vec![(-420, EpclState::Planned), (-380, EpclState::Paused), (-200, EpclState::Approved)];
        }
        add(entries, day, *combination, &history);
    }
    for (combination, state) in family.not_approved {
        let Some(state) = *state else { continue };
        let history = [(-120, EpclState::Planned), (-40, state)];
        add(entries, day, *combination, if state == EpclState::Planned { &history[..1] } else { &history });
    }
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
