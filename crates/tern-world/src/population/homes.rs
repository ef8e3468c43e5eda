//! One installation: everything of it follows from the population's seed and its number.

use jiff::civil::Date;
use tern_model::estate::{DeviceRecord, InstallationRecord, MeterRecord};
use tern_model::facts::{PaymentMode, SourceRow};
use tern_model::{ChfIdentifier, DeviceId, DeviceKind, Eui64, GroupId, InstallationState, MeterState, Mpxn};

use super::{GroupShare, Population, supplier_id};
use crate::corpus::catalogue::PROVIDERS;
use crate::corpus::described::older;
use crate::corpus::families::{Combination, Family, models};
use crate::dice::Dice;

/// More installations have no metering points of their own.
pub(super) const MOST: u64 = 80_000_000;

/// An installation as it is when the estate is described.
pub(super) struct Home<'p> {
    pub(super) index: u64,
    pub(super) group: GroupId,
    smso: &'p str,
    pub(super) gas: bool,
    pub(super) state: InstallationState,
    pub(super) installed_on: Date,
    /// Numbers of the suppliers at the electricity and the gas meter.
    pub(super) suppliers: [u64; 2],
    pub(super) since: Date,
    /// What falls after its description.
    pub(super) dice: Dice,
    provider: &'static str,
    installing_supplier: u64,
    combination: Combination,
    /// Whether the EPCL hears of that, and paths lead to its versions.
    heard_of: bool,
    /// How many versions hub, electricity meter and gas meter are behind.
    behind: [u64; 3],
    prepayment: bool,
}

/// Invents an installation.
pub(super) fn home(population: &Population, index: u64) -> Home<'_> {
    let mut dice = Dice::new(population.seed, index);
    let (group, smso) = group(population, dice.below(100));
    let family = Family::of(group);
    let unapproved = dice.percent(population.unapproved);
    let (combination, heard_of) = if unapproved {
        let (combination, state) = dice.one_of(family.not_approved);
        (*combination, state.is_some())
    } else {
        (*dice.one_of(family.approved), true)
    };
    let share = if group.is_foc() { population.foc_behind } else { population.others_behind };
    let most = population.versions_behind;
    let behind =
        if dice.percent(share) { [1 + dice.below(most), dice.below(most + 1), dice.below(most)] } else { [0; 3] };
    let gas = dice.percent(population.gas);
    let throw = dice.below(100);
    let state = if throw < population.dormant {
        InstallationState::Dormant
    } else if gas && throw < population.dormant + population.mixed {
        InstallationState::Mixed
    } else {
        InstallationState::Active
    };
    let electricity = population.supplier(&mut dice);
    let other = if dice.percent(population.one_supplier) { electricity } else { population.supplier(&mut dice) };
    let age = dice.between(population.installed_before);
    Home {
        index,
        group,
        smso,
        gas,
        state,
        installed_on: days_before(population.described, age),
        suppliers: [electricity, other],
        since: days_before(population.described, dice.below(age)),
        provider: dice.one_of(&PROVIDERS).name,
        installing_supplier: dice.below(population.installing_suppliers),
        combination,
        heard_of,
        behind,
        prepayment: dice.percent(population.prepayment),
        dice,
    }
}

fn group(population: &Population, mut throw: u64) -> (GroupId, &str) {
    for GroupShare { group, of_a_hundred, smso } in &population.groups {
        if throw < *of_a_hundred {
            return (*group, smso);
        }
        throw -= of_a_hundred;
    }
    // The shares make a hundred, and a throw is below it.
    population.groups.last().map_or((GroupId::AA, ""), |last| (last.group, &last.smso))
}

/// The hub of an installation.
pub(super) fn chf(index: u64) -> ChfIdentifier {
    ChfIdentifier(Eui64(0x00DB_4000_0000_0000 + index * 16))
}

/// A device of an installation: the hub is 0, the electricity meter 1, the gas meter 2.
pub(super) fn device(index: u64, slot: u64) -> DeviceId {
    DeviceId(Eui64(chf(index).0.0 + slot))
}

/// The metering point of an installation; no two have the same.
pub(super) fn point(index: u64, gas: bool) -> Mpxn {
    // Steps that share no factor with the range pass every number once.
    if gas {
        Mpxn::mprn_from_body(10_000_000 + index * 7_654_321 % 89_999_999)
    } else {
        let distributor = 10 + index % 14;
        Mpxn::mpan_from_body(distributor * 10_000_000_000 + index * 7_919_337 % 10_000_000_000)
    }
}

/// A day so many days before another.
pub(super) fn days_before(day: Date, days: u64) -> Date {
    day.saturating_sub(jiff::Span::new().days(i64::try_from(days).unwrap_or(0)))
}

impl Home<'_> {
    /// Whether its electricity meter, or its gas meter, is Active.
    pub(super) fn service(&self, gas: bool) -> MeterState {
        match self.state {
            InstallationState::Active => MeterState::Active,
            InstallationState::Dormant => MeterState::Dormant,
            // Of a Mixed one the gas meter is dormant as often as the electricity meter.
            InstallationState::Mixed if gas == self.index.is_multiple_of(2) => MeterState::Active,
            InstallationState::Mixed => MeterState::Dormant,
        }
    }

    /// The first device that is behind, and the version after the one that is on it.
    pub(super) fn next_version(&self) -> Option<(u64, String)> {
        let slots = (0..).zip(models(self.combination)).zip(self.behind).take(if self.gas { 3 } else { 2 });
        let mut behind = slots.filter(|(_, behind)| *behind > 0);
        behind.next().map(|((slot, model), behind)| (slot, older(&model, behind - 1).firmware))
    }

    /// Whether an upgrade path leads to its versions.
    pub(super) fn has_path(&self) -> bool {
        self.heard_of
    }

    /// Whether its meters are in Prepayment Mode when it is described.
    pub(super) fn prepayment(&self) -> bool {
        self.prepayment
    }

    pub(super) fn installation(&self) -> InstallationRecord {
        InstallationRecord {
            row: SourceRow::default(),
            chf: chf(self.index),
            group: self.group,
            smso: self.smso.to_owned(),
            communications_provider: self.provider.to_owned(),
            installing_supplier: supplier_id(self.installing_supplier),
            installed_on: self.installed_on,
        }
    }

    pub(super) fn devices(&self) -> Vec<DeviceRecord> {
        let kinds = [DeviceKind::Chf, DeviceKind::Esme, DeviceKind::Gsme];
        let of = models(self.combination);
        let all = (0..).zip(kinds).zip(of).zip(self.behind);
        all.take(if self.gas { 3 } else { 2 })
            .map(|(((slot, kind), model), behind)| DeviceRecord {
                row: SourceRow::default(),
                device: device(self.index, slot),
                chf: chf(self.index),
                kind,
                model: older(&model, behind),
            })
            .collect()
    }

    pub(super) fn meters(&self) -> Vec<MeterRecord> {
        let payment_mode = if self.prepayment { PaymentMode::Prepayment } else { PaymentMode::Credit };
        let meter = |gas: bool| MeterRecord {
            row: SourceRow::default(),
            device: device(self.index, 1 + u64::from(gas)),
            mpxn: point(self.index, gas),
            supplier: supplier_id(self.suppliers[usize::from(gas)]),
            service: self.service(gas),
            since: self.since,
            payment_mode,
        };
        if self.gas { vec![meter(false), meter(true)] } else { vec![meter(false)] }
    }
}
