//! Which part each installation plays: healthy, a near miss, a planted defect, a device fault.

use super::Plan;
use super::defects::Defect;
use super::dice::Dice;
use super::planted::PlantedKind;
use crate::devices::FaultKind;

/// Healthy, and close to a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum NearMiss {
    /// The Import Supplier changed on D - 1.
    ImportChangedTheDayBefore,
    /// The Import Supplier changes on D + 3.
    ImportChangesAfterTheWindow,
    /// The Gas Supplier changed on D - 1.
    GasChangedTheDayBefore,
    /// The Gas Supplier changes on D + 3.
    GasChangesAfterTheWindow,
    /// Dormant, its supplier has no certificate, and the Import Supplier changes within the window: 5.10.10 does not apply.
    NoCertificateImport,
    /// The same for the Gas Supplier: 5.10.15 does not apply.
    NoCertificateGas,
    /// The MPRN starts with zeros.
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
pub(super) fn cast(plan: &Plan<'_>) -> Vec<Part> {
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
    parts
}
