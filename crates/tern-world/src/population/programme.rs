//! The entries of the EPCL, how each comes there, and the paths that lead to their versions.

use std::collections::{BTreeMap, HashSet};

use jiff::civil::Date;
use tern_model::estate::{ApprovalRoute, EntryRecord, EventKind, EventRecord, HopRecord};
use tern_model::facts::{EpclState, SourceRow};
use tern_model::{DeviceModel, DeviceModelCombination, GroupId, InstallationState};

use super::happenings::{Happenings, later};
use super::homes::days_before;
use super::{Population, supplier_id};
use crate::corpus::catalogue::PROVIDERS;
use crate::corpus::described::older;
use crate::corpus::families::{Combination, Family, models};
use crate::dice::Dice;

/// Entries, paths, and what happens to them.
#[derive(Debug, Default)]
pub(super) struct Programme {
    pub(super) entries: Vec<EntryRecord>,
    pub(super) hops: Vec<HopRecord>,
    pub(super) happenings: Happenings,
    /// What was said: combinations share hubs and meters, and no row says what another one says.
    said: HashSet<EventRecord>,
    led: HashSet<HopRecord>,
}

/// How an entry fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Course {
    /// Approved on this day.
    Approved(Date),
    /// Planned and tested, and never decided in the time that is looked at.
    Open(Date),
    /// Paused for a defect, and not decided either.
    Paused(Date),
    /// Not approved on this day, after a defect.
    NotApproved(Date),
}

impl Course {
    /// The day of the decision, or for which it was foreseen.
    fn decided(self) -> Date {
        match self {
            Course::Approved(on) | Course::Open(on) | Course::Paused(on) | Course::NotApproved(on) => on,
        }
    }
}

/// What an entry is given by.
struct Planned<'a> {
    name: String,
    models: &'a [DeviceModel; 3],
    course: Course,
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
        let from = population.entries.early_firmware;
        programme.speak(EventRecord {
            document: Some("TMAD V5.2".to_owned()),
            effective: Some(from),
            ..EventRecord::new(days_before(from, 3), EventKind::DocumentDesignated)
        });
        programme
    }

    /// Adds what happens, once.
    fn speak(&mut self, record: EventRecord) {
        if self.said.insert(record.clone()) {
            self.happenings.speak(record);
        }
    }

    /// Adds a hop, once.
    fn lead(&mut self, hop: HopRecord) {
        if self.led.insert(hop.clone()) {
            self.hops.push(hop);
        }
    }

    fn family(&mut self, population: &Population, at: usize, family: &Family, dice: &mut Dice) {
        let mut number = 0;
        let mut versions: BTreeMap<DeviceModel, DeviceModel> = BTreeMap::new();
        for combination in family.approved {
            number += 1;
            let (name, models) = (format!("F{}-{number}", at + 1), models(*combination));
            let approved = approval(population, family.groups[0], dice);
            // What was decided before the estate is described is history.
            if approved > population.described && dice.percent(population.entries.refused) {
                self.first_version(population, &name, &models, approved, dice);
            }
            self.entries_of(Planned { name, models: &models, course: Course::Approved(approved) }, population, dice);
            versions.extend(models.map(|model| (model.clone(), model)));
        }
        for (combination, state) in family.not_approved {
            number += 1;
            let decided = later(population.described, dice.between(population.entries.decided));
            let course = match state {
                Some(EpclState::Paused) => Course::Paused(decided),
                Some(EpclState::NotApproved) => Course::NotApproved(decided),
                Some(_) => Course::Open(decided),
                // The EPCL never hears of it.
                None => continue,
            };
            let (name, of) = (format!("F{}-{number}", at + 1), models(*combination));
            self.entries_of(Planned { name, models: &of, course }, population, dice);
            let same =
                |other: &&Combination| models(**other).iter().zip(&of).all(|(one, other)| same_hardware(one, other));
            if let (Course::NotApproved(_), Some(next)) = (course, family.approved.iter().find(same)) {
                self.onward(population, decided, &of, &models(*next));
            }
            versions.extend(of.map(|model| (model.clone(), model)));
        }
        for model in versions.into_values() {
            self.paths(population, family, &model, dice);
        }
    }

    /// A combination with a hub's version that came before and was not approved: hubs are upgraded to it as they are to the
    /// next one, to which the manufacturer gives a path (S003 section 2).
    fn first_version(
        &mut self,
        population: &Population,
        name: &str,
        next: &[DeviceModel; 3],
        approved: Date,
        dice: &mut Dice,
    ) {
        let [hub, esme, gsme] = next.clone();
        let from = older(&hub, 1);
        let first = [DeviceModel { firmware: format!("{}-c1", hub.firmware), ..hub }, esme, gsme];
        let refused = days_before(approved, population.entries.again_after);
        let course = Course::NotApproved(refused);
        self.entries_of(Planned { name: format!("{name}-c1"), models: &first, course }, population, dice);
        for number in 0..population.installing_suppliers {
            self.lead(HopRecord {
                row: SourceRow::default(),
                from: from.clone(),
                to_firmware: first[0].firmware.clone(),
                installing_supplier: supplier_id(number),
            });
        }
        self.onward(population, refused, &first, next);
    }

    /// The entries of a combination: with its gas meter and without, for every provider.
    fn entries_of(&mut self, planned: Planned<'_>, population: &Population, dice: &mut Dice) {
        let Planned { name, models: [chf, esme, gsme], course } = planned;
        let shape = &population.entries;
        let mut tested: Option<String> = None;
        for (with, gas) in [("dual", Some(gsme)), ("electricity", None)] {
            for (provider, letter) in PROVIDERS.iter().zip(["a", "b"]) {
                let entry = format!("{name}-{with}-{letter}");
                // What differs from a tested entry by its provider alone may be equivalent to it.
                let (route, equivalent_to) = match &tested {
                    Some(other) if letter == "b" && dice.percent(shape.equivalent) => {
                        (ApprovalRoute::Equivalent, Some(other.clone()))
                    }
                    _ if dice.percent(shape.dmct) => (ApprovalRoute::Dmct, None),
                    _ => (ApprovalRoute::MtSit, None),
                };
                if route != ApprovalRoute::Equivalent {
                    tested = Some(entry.clone());
                }
                let throw = dice.below(100);
                self.entries.push(EntryRecord {
                    row: SourceRow::default(),
                    entry: entry.clone(),
                    combination: DeviceModelCombination {
                        chf: chf.clone(),
                        esme: esme.clone(),
                        gsme: gas.cloned(),
                        communications_provider: provider.name.to_owned(),
                    },
                    comprises: match throw.checked_sub(shape.comprise_mixed) {
                        None => InstallationState::Mixed,
                        Some(rest) if rest < shape.comprise_dormant => InstallationState::Dormant,
                        Some(_) => InstallationState::Active,
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
        let shape = &population.entries;
        let mut say = |on, kind| {
            self.speak(EventRecord { entry: Some(entry.to_owned()), ..EventRecord::new(on, kind) });
        };
        let decided = course.decided();
        let [least, most] = shape.proven_before;
        // An equivalent entry's report comes after its tested entry's.
        let lead = if route == ApprovalRoute::Equivalent { least / 2 } else { dice.between([least, most]) };
        let proven = days_before(decided, lead);
        say(
            days_before(decided, shape.planned_before.max(most.saturating_add(shape.tag_after))),
            EventKind::EpclPlanned,
        );
        match route {
            ApprovalRoute::MtSit => {
                say(days_before(proven, shape.tag_after), EventKind::TestsDone);
                say(proven, EventKind::TagConfirmed);
            }
            ApprovalRoute::Dmct | ApprovalRoute::Equivalent => say(proven, EventKind::DmctReport),
        }
        let raised = later(proven, 2);
        let resolved = later(raised, shape.dispute_days);
        // What is decided by then is neither disputed nor paused.
        if dice.percent(shape.disputed) && resolved < decided {
            say(raised, EventKind::DisputeRaised);
            say(resolved, EventKind::DisputeResolved);
        }
        let defect = later(proven, shape.defect_after);
        let goes_on = dice.percent(shape.defects) && later(defect, shape.defect_days) < decided;
        match course {
            Course::Approved(_) | Course::Open(_) if goes_on => {
                say(defect, EventKind::Defect);
                say(later(defect, shape.defect_days), EventKind::EpclPlanned);
            }
            Course::Approved(_) | Course::Open(_) => {}
            Course::Paused(_) => {
                say(defect, EventKind::Defect);
                say(later(defect, 1), EventKind::EpclPaused);
            }
            Course::NotApproved(on) => say(days_before(on, shape.refused_after).max(proven), EventKind::Defect),
        }
        match course {
            Course::Approved(on) => say(on, EventKind::EpclApproved),
            Course::NotApproved(on) => say(on, EventKind::EpclNotApproved),
            Course::Open(_) | Course::Paused(_) => {}
        }
    }

    /// The manufacturer's path from versions that are not approved to the next ones.
    fn onward(&mut self, population: &Population, refused: Date, from: &[DeviceModel; 3], to: &[DeviceModel; 3]) {
        let on = later(refused, population.entries.path_after);
        for (from, to) in from.iter().zip(to).filter(|(from, to)| from.firmware != to.firmware) {
            self.speak(EventRecord {
                manufacturer: Some(from.manufacturer.clone()),
                model: Some(from.model.clone()),
                firmware: Some(from.firmware.clone()),
                value: Some(to.firmware.clone()),
                ..EventRecord::new(on, EventKind::Path)
            });
        }
    }

    /// The hops to a version, of every Installing Supplier, and which interim versions each confirms for which SMSO.
    fn paths(&mut self, population: &Population, family: &Family, model: &DeviceModel, dice: &mut Dice) {
        for number in 0..population.installing_suppliers {
            let installing_supplier = supplier_id(number);
            for versions in 1..=population.versions_behind {
                self.lead(HopRecord {
                    row: SourceRow::default(),
                    from: older(model, versions),
                    to_firmware: older(model, versions - 1).firmware,
                    installing_supplier,
                });
            }
            let of_family = population.groups.iter().filter(|of| family.groups.contains(&of.group));
            let mut smsos: Vec<&str> = of_family.map(|of| of.smso.as_str()).collect();
            smsos.dedup();
            let most = population.versions_behind;
            for (smso, versions) in smsos.into_iter().flat_map(|smso| (0..most).map(move |versions| (smso, versions))) {
                if dice.percent(population.entries.unconfirmed) {
                    continue;
                }
                let DeviceModel { manufacturer, model, firmware } = older(model, versions);
                let on = later(days_before(population.described, 20), dice.below(40));
                self.speak(EventRecord {
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
        later(population.described, dice.between(population.entries.decided))
    } else {
        days_before(population.described, dice.below(population.entries.approved_before.max(1)))
    }
}

fn same_hardware(one: &DeviceModel, other: &DeviceModel) -> bool {
    (&one.manufacturer, &one.model) == (&other.manufacturer, &other.model)
}
