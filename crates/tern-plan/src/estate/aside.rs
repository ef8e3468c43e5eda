//! Who is set aside, and which rows are not used because of it: the cause is told once, and what follows from it is counted.

use std::collections::{BTreeSet, HashMap, HashSet};

use tern_model::{ChfIdentifier, DeviceId};

use super::builder::{AsOf, DeviceRow, MeterRow};
use super::finding::{Finding, Findings};
use super::parts::Point;

/// What rows describe that is not used, so that it is known again where events name it.
#[derive(Debug, Clone, Default)]
pub(super) struct NotUsed {
    pub(super) hubs: HashSet<ChfIdentifier>,
    pub(super) devices: HashSet<DeviceId>,
    pub(super) points: HashSet<Point>,
}

/// Who must be set aside, and why.
pub(super) struct Judge<'f> {
    findings: &'f mut Findings,
    pub(super) aside: BTreeSet<ChfIdentifier>,
    pub(super) as_of: Option<AsOf>,
    not_used: NotUsed,
    /// Where the findings about rows that cannot be used stand, by row.
    told: HashMap<u64, Vec<usize>>,
}

impl<'f> Judge<'f> {
    pub(super) fn of(findings: &'f mut Findings, as_of: Option<AsOf>) -> Judge<'f> {
        let mut told: HashMap<u64, Vec<usize>> = HashMap::new();
        for (at, finding) in findings.list().iter().enumerate() {
            told.entry(finding.fault.row).or_default().push(at);
        }
        Judge { told, findings, aside: BTreeSet::new(), as_of, not_used: NotUsed::default() }
    }

    pub(super) fn note(&mut self, file: &'static str, finding: Finding) {
        self.findings.add(file, finding);
    }

    /// Notes a finding because of which an installation is set aside.
    pub(super) fn against(&mut self, chf: ChfIdentifier, file: &'static str, mut finding: Finding) {
        self.aside.insert(chf);
        finding.set_aside = Some(chf);
        self.findings.add(file, finding);
    }

    /// Sets an installation aside because of a row that cannot be used. False where no finding tells of that row: too many
    /// were wrong.
    #[must_use]
    pub(super) fn because_of(&mut self, chf: ChfIdentifier, file: &'static str, row: u64) -> bool {
        self.aside.insert(chf);
        let places = self.told.get(&row).map_or(&[][..], Vec::as_slice);
        self.findings.set_aside(chf, file, places)
    }

    /// Notes a device that no row that can be used describes, or whose installation none does.
    pub(super) fn lost(&mut self, device: DeviceId) {
        self.not_used.devices.insert(device);
    }

    /// Notes a metering point of such a device.
    pub(super) fn lost_point(&mut self, point: Point) {
        self.not_used.points.insert(point);
    }

    /// Whether a device is such a one.
    pub(super) fn is_lost(&self, device: DeviceId) -> bool {
        self.not_used.devices.contains(&device)
    }

    /// Counts a row of a device that is not used.
    pub(super) fn device_not_used(&mut self, file: &'static str, device: &DeviceRow) {
        self.not_used.hubs.insert(device.chf);
        self.not_used.devices.insert(device.id);
        self.findings.not_used(file);
    }

    /// Counts a row of a meter that is not used.
    pub(super) fn meter_not_used(&mut self, file: &'static str, meter: &MeterRow) {
        self.not_used.points.insert(meter.point);
        self.findings.not_used(file);
    }

    /// Who is set aside, and what is not used.
    pub(super) fn finish(mut self) -> (Vec<ChfIdentifier>, NotUsed) {
        self.not_used.hubs.extend(&self.aside);
        (self.aside.into_iter().collect(), self.not_used)
    }
}
