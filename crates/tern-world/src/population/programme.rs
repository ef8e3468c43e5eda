//! The entries of the EPCL, how each comes there, and the paths that lead to their versions.

use std::collections::BTreeMap;

use jiff::civil::Date;
use tern_model::estate::{ApprovalRoute, EntryRecord, EventKind, EventRecord, HopRecord};
use tern_model::facts::{EpclState, SourceRow};
use tern_model::{DeviceModel, DeviceModelCombination, GroupId, InstallationState};

use super::happenings::{Happenings, later};
use super::homes::{days_before, older};
use super::{Population, supplier_id};
use crate::corpus::catalogue::PROVIDERS;
use crate::corpus::families::{Combination, Family, models};
use crate::dice::Dice;

/// How many versions behind a device may be: each is a hop.
const HOPS: u64 = 2;

/// Entries, paths, and what happens to them.
#[derive(Debug, Default)]
pub(super) struct Programme {
    pub(super) entries: Vec<EntryRecord>,
    pub(super) hops: Vec<HopRecord>,
    pub(super) happenings: Happenings,
}

/// How an entry fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Course {
    /// Approved, by this day or after.
    Approved(Date),
    /// Planned and tested, and never decided in the time that is looked at.
    Open,
    /// Paused for a defect.
    Paused,
    /// Not approved, after a defect; the manufacturer gives a path to an approved version.
    NotApproved,
}

impl Programme {
    /// Invents it.
    pub(super) fn of(population: &Population) -> Programme {
        let mut programme = Programme::default();
        // No installation has this stream.
        let mut dice = Dice::new(population.seed, u64::MAX);
        for (at, family) in Family::all_of(&GroupId::ALL).enumerate() {
            programme.family(population, at, family, &mut dice);
        }
        programme
    }

    fn family(&mut self, population: &Population, at: usize, family: &Family, dice: &mut Dice) {
        let mut number = 0;
        let mut versions: BTreeMap<DeviceModel, DeviceModel> = BTreeMap::new();
        let target = family.approved[0];
        for combination in family.approved {
            number += 1;
            let approved = approval(population, family.groups[0], dice);
            self.entries_of(
                &format!("F{}-{number}", at + 1),
                *combination,
                Course::Approved(approved),
                population,
                dice,
            );
            versions.extend(models(*combination).map(|model| (model.clone(), model)));
        }
        for (combination, state) in family.not_approved {
            number += 1;
            let course = match state {
                Some(EpclState::Paused) => Course::Paused,
                Some(EpclState::NotApproved) => Course::NotApproved,
                Some(_) => Course::Open,
                // The EPCL never hears of it.
                None => continue,
            };
            self.entries_of(&format!("F{}-{number}", at + 1), *combination, course, population, dice);
            if course == Course::NotApproved {
                self.onward(population, *combination, target);
            }
            versions.extend(models(*combination).map(|model| (model.clone(), model)));
        }
        for model in versions.into_values() {
            self.paths(population, family, &model, dice);
        }
    }

    /// The entries of a combination: with its gas meter and without, for every provider.
    fn entries_of(
        &mut self,
        name: &str,
        combination: Combination,
        course: Course,
        population: &Population,
        dice: &mut Dice,
    ) {
        let [chf, esme, gsme] = models(combination);
        let mut tested: Option<(String, ApprovalRoute)> = None;
        for (with, gas) in [("dual", Some(gsme)), ("electricity", None)] {
            for (provider, letter) in PROVIDERS.iter().zip(["a", "b"]) {
                let entry = format!("{name}-{with}-{letter}");
                // What differs from a tested entry by its provider alone may be equivalent to it.
                let (route, equivalent_to) = match &tested {
                    Some((other, _)) if letter == "b" && dice.percent(50) => {
                        (ApprovalRoute::Equivalent, Some(other.clone()))
                    }
                    _ if dice.percent(30) => (ApprovalRoute::Dmct, None),
                    _ => (ApprovalRoute::MtSit, None),
                };
                if route != ApprovalRoute::Equivalent {
                    tested = Some((entry.clone(), route));
                }
                let throw = dice.below(100);
                self.entries.push(EntryRecord {
                    row: SourceRow::default(),
                    entry: entry.clone(),
                    combination: DeviceModelCombination {
                        chf: chf.clone(),
                        esme: esme.clone(),
                        gsme: gas.clone(),
                        communications_provider: provider.name.to_owned(),
                    },
                    comprises: match throw {
                        0..60 => InstallationState::Mixed,
                        60..95 => InstallationState::Dormant,
                        _ => InstallationState::Active,
                    },
                    route,
                    equivalent_to,
                });
                self.course_of(&entry, route, course, population, dice);
            }
        }
    }

    /// What happens to one entry.
    fn course_of(
        &mut self,
        entry: &str,
        route: ApprovalRoute,
        course: Course,
        population: &Population,
        dice: &mut Dice,
    ) {
        let mut say = |on, kind| {
            self.happenings.speak(EventRecord { entry: Some(entry.to_owned()), ..EventRecord::new(on, kind) });
        };
        let decided = match course {
            Course::Approved(on) => on,
            _ => later(population.described, 60 + dice.below(200)),
        };
        // An equivalent entry's report comes after its tested entry's.
        let lead = if route == ApprovalRoute::Equivalent { 20 } else { 35 + dice.below(30) };
        let tested = days_before(decided, lead);
        say(days_before(decided, 120), EventKind::EpclPlanned);
        match route {
            ApprovalRoute::MtSit => {
                say(days_before(tested, 7), EventKind::TestsDone);
                say(tested, EventKind::TagConfirmed);
            }
            ApprovalRoute::Dmct | ApprovalRoute::Equivalent => say(tested, EventKind::DmctReport),
        }
        if dice.percent(10) {
            say(later(tested, 2), EventKind::DisputeRaised);
            say(later(tested, 12), EventKind::DisputeResolved);
        }
        match course {
            Course::Approved(on) => say(on, EventKind::EpclApproved),
            Course::Open => {}
            Course::Paused => {
                say(later(tested, 14), EventKind::Defect);
                say(later(tested, 15), EventKind::EpclPaused);
            }
            Course::NotApproved => {
                say(later(tested, 14), EventKind::Defect);
                say(decided, EventKind::EpclNotApproved);
            }
        }
    }

    /// The manufacturer's path from versions that are not approved to those of an approved combination, where the hardware is
    /// the same.
    fn onward(&mut self, population: &Population, from: Combination, to: Combination) {
        let on = later(population.described, 300);
        for (from, to) in models(from).into_iter().zip(models(to)) {
            let same = (&from.manufacturer, &from.model) == (&to.manufacturer, &to.model);
            if same && from.firmware != to.firmware {
                self.happenings.speak(EventRecord {
                    manufacturer: Some(from.manufacturer),
                    model: Some(from.model),
                    firmware: Some(from.firmware),
                    value: Some(to.firmware),
                    ..EventRecord::new(on, EventKind::Path)
                });
            }
        }
    }

    /// The hops to a version, of every Installing Supplier, and which interim versions each confirms for which SMSO.
    fn paths(&mut self, population: &Population, family: &Family, model: &DeviceModel, dice: &mut Dice) {
        for number in 0..population.installing_suppliers {
            let installing_supplier = supplier_id(number);
            for versions in 1..=HOPS {
                self.hops.push(HopRecord {
                    row: SourceRow::default(),
                    from: older(model, versions),
                    to_firmware: older(model, versions - 1).firmware,
                    installing_supplier,
                });
            }
            let of_family = population.groups.iter().filter(|(group, ..)| family.groups.contains(group));
            let mut smsos: Vec<&str> = of_family.map(|(.., smso)| *smso).collect();
            smsos.dedup();
            for (smso, versions) in smsos.into_iter().flat_map(|smso| (0..HOPS).map(move |versions| (smso, versions))) {
                if dice.percent(population.unconfirmed) {
                    continue;
                }
                let DeviceModel { manufacturer, model, firmware } = older(model, versions);
                let on = later(days_before(population.described, 20), dice.below(40));
                self.happenings.speak(EventRecord {
                    supplier: Some(installing_supplier),
                    smso: Some(smso.to_owned()),
                    manufacturer: Some(manufacturer),
                    model: Some(model),
                    firmware: Some(firmware),
                    ..EventRecord::new(on, EventKind::OperabilityConfirmed)
                });
            }
        }
    }
}

/// When a group's entries are approved: the earlier cohorts' before the estate is described, FOC's after.
fn approval(population: &Population, group: GroupId, dice: &mut Dice) -> Date {
    if group.is_foc() {
        later(population.described, 90 + dice.below(180))
    } else {
        days_before(population.described, dice.below(300))
    }
}
