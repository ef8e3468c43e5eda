//! Which part each installation plays: healthy, a near miss, a planted defect, a device fault.

use tern_model::GroupId;

use super::Plan;
use super::defects::Defect;
use super::dice::Dice;
use super::planted::PlantedKind;
use crate::WorldError;
use crate::devices::FaultKind;

/// Healthy, and close to a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum NearMiss {
    /// The Import Supplier changed on D - 1.
    ImportChangedTheDayBefore,
    /// The Import Supplier changes on the day after the window.
    ImportChangesAfterTheWindow,
    /// The Gas Supplier changed on D - 1.
    GasChangedTheDayBefore,
    /// The Gas Supplier changes on the day after the window.
    GasChangesAfterTheWindow,
    /// Dormant, its supplier has no certificate, and the Import Supplier changes within the window: 5.10.10 does not apply.
    NoCertificateImport,
    /// The same for the Gas Supplier: 5.10.15 does not apply.
    NoCertificateGas,
    /// The MPRN starts with zeros; in IOC, from Uplift 1.2 on, the SMSO's records and Registration Data have not as many of them.
    LeadingZeros,
}

impl NearMiss {
    /// Every kind.
    pub(super) const ALL: [NearMiss; 7] = [
        NearMiss::ImportChangedTheDayBefore,
        NearMiss::ImportChangesAfterTheWindow,
        NearMiss::GasChangedTheDayBefore,
        NearMiss::GasChangesAfterTheWindow,
        NearMiss::NoCertificateImport,
        NearMiss::NoCertificateGas,
        NearMiss::LeadingZeros,
    ];
}

/// An installation's part. `nth` counts the installations of the same kind, so that a kind's variants take turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Healthy,
    NearMiss(NearMiss),
    Planted { kind: PlantedKind, nth: usize },
}

impl Part {
    /// The defect, with its turn among those of its kind.
    pub(super) fn defect(self) -> Option<(Defect, usize)> {
        match self {
            Part::Planted { kind: PlantedKind::Defect(defect), nth } => Some((defect, nth)),
            _ => None,
        }
    }

    /// Whether an installation of the group can play it.
    fn is_for(self, group: GroupId) -> bool {
        match self {
            Part::Planted { kind: PlantedKind::Defect(defect), .. } => defect.codes_in(group).is_some(),
            Part::Planted { .. } | Part::Healthy | Part::NearMiss(_) => true,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Part::Planted { kind, .. } => kind.as_str(),
            Part::Healthy | Part::NearMiss(_) => "nothing",
        }
    }

    /// Whether only an installation with a gas meter can play it.
    pub(super) fn needs_gas(self) -> bool {
        match self {
            Part::Healthy => false,
            Part::NearMiss(near) => matches!(
                near,
                NearMiss::GasChangedTheDayBefore
                    | NearMiss::GasChangesAfterTheWindow
                    | NearMiss::NoCertificateGas
                    | NearMiss::LeadingZeros
            ),
            Part::Planted { kind: PlantedKind::Defect(Defect::MpxnCheckDigit), nth } => nth % 2 == 1,
            Part::Planted { kind: PlantedKind::Defect(defect), .. } => defect.needs_gas(),
            Part::Planted { kind: PlantedKind::Fault(fault), .. } => fault == FaultKind::GasHanError,
        }
    }

    /// Whether a meter of it has a supplier without a certificate.
    pub(super) fn is_without_certificate(self) -> bool {
        matches!(self, Part::NearMiss(NearMiss::NoCertificateImport | NearMiss::NoCertificateGas))
    }
}

/// One part per installation, in chance order.
///
/// # Errors
/// A defect is planted that no group of the plan can have, or too often for those that can.
pub(super) fn cast(plan: &Plan<'_>) -> Result<Vec<Part>, WorldError> {
    let count = plan.installations;
    let defects = plan.defects_planted().min(count);
    let faults = plan.faults.min(count - defects);
    // One in nine of the others is a near miss.
    let near_misses = (count - defects - faults).div_ceil(9);
    let mut parts = Vec::with_capacity(count);
    let kinds = plan.defects.len().max(1);
    parts.extend(
        (0..defects).map(|at| Part::Planted { kind: PlantedKind::Defect(plan.defects[at % kinds]), nth: at / kinds }),
    );
    let kinds = PlantedKind::FAULTS.len();
    parts.extend(
        (0..faults)
            .map(|at| Part::Planted { kind: PlantedKind::Fault(PlantedKind::FAULTS[at % kinds]), nth: at / kinds }),
    );
    parts.extend((0..near_misses).map(|at| Part::NearMiss(NearMiss::ALL[at % NearMiss::ALL.len()])));
    parts.resize(count, Part::Healthy);
    Dice::new(plan.seed, u64::MAX).shuffle(&mut parts);
    fit(plan, &mut parts)?;
    Ok(parts)
}

/// Exchanges the parts that an installation's group cannot play with those of later installations, round about.
fn fit(plan: &Plan<'_>, parts: &mut [Part]) -> Result<(), WorldError> {
    let count = parts.len();
    for at in 0..count {
        let (part, group) = (parts[at], plan.group_of(at));
        if part.is_for(group) {
            continue;
        }
        let other = (at + 1..count)
            .chain(0..at)
            .find(|other| part.is_for(plan.group_of(*other)) && parts[*other].is_for(group))
            .ok_or_else(|| WorldError::Plan {
                reason: format!("too few installations are of a group that can have `{}`", part.name()),
            })?;
        parts.swap(at, other);
    }
    Ok(())
}
