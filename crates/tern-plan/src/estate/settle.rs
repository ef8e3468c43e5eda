//! Rows are held against one another, and those that fit together become the estate's lists.

use std::collections::BTreeMap;

use tern_model::{ChfIdentifier, DeviceKind};

use super::aside::{Judge, NotUsed};
use super::builder::{AsOf, DeviceRow, EstateBuilder, InstallationRow, MeterRow, Spoiled};
use super::catalogue::Catalogue;
use super::entries::{finding, twice};
use super::finding::{FindingKind, Findings};
use super::ids::{DeviceIx, InstallationIx, MeterIx};
use super::parts::{Device, Installation, Meter};

/// The file of installations.
const INSTALLATIONS: &str = "installations.csv";
/// The file of devices.
const DEVICES: &str = "devices.csv";
/// The file of meters.
const METERS: &str = "meters.csv";

/// The lists of an estate.
pub(super) struct Settled {
    pub(super) catalogue: Catalogue,
    pub(super) installations: Vec<Installation>,
    pub(super) devices: Vec<Device>,
    pub(super) meters: Vec<Meter>,
    pub(super) set_aside: Vec<ChfIdentifier>,
    pub(super) not_used: NotUsed,
}

/// Makes the lists.
pub(super) fn settle(builder: EstateBuilder, findings: &mut Findings) -> Settled {
    let EstateBuilder { catalogue, installations, devices, meters, spoiled, as_of, .. } = builder;
    let mut judge = Judge::of(findings, as_of);
    let installations = distinct_installations(installations, &mut judge);
    for row in spoiled.iter().filter(|row| row.file == DEVICES) {
        row.device.into_iter().for_each(|device| judge.lost(device));
    }
    let devices = distinct_devices(devices, &installations, &spoiled, &mut judge);
    let meters = distinct_meters(meters, &devices, &installations, &mut judge);
    for row in spoiled {
        let of_device =
            |id| devices.binary_search_by_key(&id, |device: &DeviceRow| device.id).ok().map(|at| devices[at].chf);
        if let Some(chf) = row.chf.or_else(|| row.device.and_then(of_device))
            && !judge.because_of(chf, row.file, row.row)
        {
            spoiled_untold(&installations, chf, row.file, &mut judge);
        }
    }
    let lists = assemble(&installations, devices, meters, &mut judge);
    let (set_aside, not_used) = judge.finish();
    Settled { catalogue, installations: lists.0, devices: lists.1, meters: lists.2, set_aside, not_used }
}

/// Tells that an installation is set aside because of a row of which itself nothing is told.
fn spoiled_untold(installations: &[InstallationRow], chf: ChfIdentifier, file: &'static str, judge: &mut Judge<'_>) {
    let row = place(installations, chf).map_or(0, |at| u64::from(installations[at].row));
    let reason = format!("a row of {file} about {chf} cannot be used");
    let to_do = "correct that row; the installation is set aside until then";
    let told = finding(FindingKind::Incomplete, INSTALLATIONS, row, "chf_identifier", reason, to_do);
    judge.against(chf, INSTALLATIONS, told);
}

fn distinct_installations(mut rows: Vec<InstallationRow>, judge: &mut Judge<'_>) -> Vec<InstallationRow> {
    rows.sort_unstable_by_key(|of| (of.chf, of.row));
    rows.dedup_by(|later, earlier| {
        if later.chf != earlier.chf {
            return false;
        }
        let same = InstallationRow { row: later.row, ..*earlier } == *later;
        let told = twice(INSTALLATIONS, u64::from(later.row), "chf_identifier", u64::from(earlier.row), same);
        if same {
            judge.note(INSTALLATIONS, told)
        } else {
            judge.against(later.chf, INSTALLATIONS, told)
        }
        true
    });
    rows
}

fn place(installations: &[InstallationRow], chf: ChfIdentifier) -> Option<usize> {
    installations.binary_search_by_key(&chf, |of| of.chf).ok()
}

fn distinct_devices(
    mut rows: Vec<DeviceRow>,
    installations: &[InstallationRow],
    spoiled: &[Spoiled],
    judge: &mut Judge<'_>,
) -> Vec<DeviceRow> {
    rows.sort_unstable_by_key(|of| (of.id, of.row));
    rows.dedup_by(|later, earlier| {
        if later.id != earlier.id {
            return false;
        }
        let same = DeviceRow { row: later.row, ..*earlier } == *later;
        let (row, first) = (u64::from(later.row), u64::from(earlier.row));
        if same {
            judge.note(DEVICES, twice(DEVICES, row, "device_id", first, same));
        } else if later.chf == earlier.chf {
            judge.against(later.chf, DEVICES, twice(DEVICES, row, "device_id", first, same));
        } else {
            let reason = format!("row {first} has the device in the installation {}", earlier.chf);
            let to_do = "keep it where it is; both installations are set aside until then";
            let told = finding(FindingKind::InTwoInstallations, DEVICES, row, "chf_identifier", reason, to_do);
            judge.against(later.chf, DEVICES, told);
            judge.aside.insert(earlier.chf);
        }
        true
    });
    let mut unknown: BTreeMap<ChfIdentifier, (u32, usize)> = BTreeMap::new();
    rows.retain(|device| {
        let known = place(installations, device.chf).is_some();
        if !known {
            judge.device_not_used(DEVICES, device);
            let (first, count) = unknown.entry(device.chf).or_insert((device.row, 0));
            (*first, *count) = (device.row.min(*first), *count + 1);
        }
        known
    });
    let of_file = || spoiled.iter().filter(|row| row.file == INSTALLATIONS);
    // Where its own row is wrong, that is told there.
    unknown.retain(|chf, _| of_file().all(|row| row.chf != Some(*chf)));
    let illegible = of_file().find(|row| row.chf.is_none());
    let or = illegible
        .map_or(String::new(), |row| format!(", or row {} of {INSTALLATIONS}, whose hub cannot be read", row.row));
    for (chf, (row, count)) in unknown {
        let rows = if count == 1 { String::new() } else { format!(", which {count} rows here name") };
        let reason = format!("no row of {INSTALLATIONS} describes the installation {chf}{rows}");
        let to_do = format!("add the installation, or correct the identifier{or}");
        let row = u64::from(row);
        judge.note(DEVICES, finding(FindingKind::Unknown, DEVICES, row, "chf_identifier", reason, to_do));
    }
    rows
}

/// The rows of meters, each with its device, in the order of Device IDs.
fn distinct_meters(
    mut rows: Vec<MeterRow>,
    devices: &[DeviceRow],
    installations: &[InstallationRow],
    judge: &mut Judge<'_>,
) -> Vec<MeterRow> {
    let chf_of = |meter: &MeterRow| device(devices, meter).map(|device| device.chf);
    rows.sort_unstable_by_key(|of| (of.device, of.row));
    rows.dedup_by(|later, earlier| {
        if later.device != earlier.device {
            return false;
        }
        let same = MeterRow { row: later.row, ..*earlier } == *later;
        let told = twice(METERS, u64::from(later.row), "device_id", u64::from(earlier.row), same);
        match chf_of(later).filter(|_| !same) {
            Some(chf) => judge.against(chf, METERS, told),
            None => judge.note(METERS, told),
        }
        true
    });
    rows.retain(|meter| fits_its_device(meter, devices, installations, judge));
    let mut by_point: Vec<usize> = (0..rows.len()).collect();
    by_point.sort_unstable_by_key(|at| (rows[*at].point, rows[*at].row));
    for pair in by_point.windows(2) {
        let (earlier, later) = (&rows[pair[0]], &rows[pair[1]]);
        if let (true, Some(first), Some(second)) = (earlier.point == later.point, chf_of(earlier), chf_of(later)) {
            let reason = format!("row {} has another meter at the metering point {}", earlier.row, later.point);
            let to_do = "correct the MPxN that is wrong; the installations are set aside until then";
            let row = u64::from(later.row);
            let told = finding(FindingKind::TwoMetersAtOnePoint, METERS, row, "mpxn", reason, to_do);
            judge.against(second, METERS, told);
            judge.aside.insert(first);
        }
    }
    rows
}

fn device<'d>(devices: &'d [DeviceRow], meter: &MeterRow) -> Option<&'d DeviceRow> {
    devices.binary_search_by_key(&meter.device, |device| device.id).ok().map(|at| &devices[at])
}

/// Whether there is such a device. One that is no meter, or a service that began too early, sets its installation aside.
fn fits_its_device(
    meter: &MeterRow,
    devices: &[DeviceRow],
    installations: &[InstallationRow],
    judge: &mut Judge<'_>,
) -> bool {
    let row = u64::from(meter.row);
    let Some(device) = device(devices, meter) else {
        if judge.is_lost(meter.device) {
            judge.meter_not_used(METERS, meter);
            return false;
        }
        let reason = format!("no row of {DEVICES} that is used describes the device {}", meter.device);
        let to_do = "add the device, or correct the identifier";
        judge.note(METERS, finding(FindingKind::Unknown, METERS, row, "device_id", reason, to_do));
        judge.lost(meter.device);
        judge.lost_point(meter.point);
        return false;
    };
    if !matches!(device.kind, DeviceKind::Esme | DeviceKind::Gsme) {
        let reason = format!("row {} of {DEVICES} says that the device is a {}", device.row, device.kind);
        let to_do = "name an ESME or a GSME, or correct the device's kind";
        let told = finding(FindingKind::Contradiction, METERS, row, "device_id", reason, to_do);
        judge.against(device.chf, METERS, told);
        return false;
    }
    let installed = place(installations, device.chf).map(|at| installations[at].installed_on);
    if let Some(installed) = installed.filter(|installed| meter.since < *installed) {
        let reason = format!("{} is before {installed}, the day of installation", meter.since);
        let told =
            finding(FindingKind::BeforeInstallation, METERS, row, "since", reason, "correct one of the two days");
        judge.against(device.chf, METERS, told);
    }
    as_its_device(meter, device, judge);
    true
}

/// Sets the installation aside of a meter that measures another fuel than its device, or whose service has not begun.
fn as_its_device(meter: &MeterRow, device: &DeviceRow, judge: &mut Judge<'_>) {
    let row = u64::from(meter.row);
    if meter.point.is_mpan() != (device.kind == DeviceKind::Esme) {
        let point = if meter.point.is_mpan() { "an MPAN" } else { "an MPRN" };
        let reason = format!("{} is {point}, and row {} of {DEVICES} says {}", meter.point, device.row, device.kind);
        let to_do = "write the MPAN of an ESME, the MPRN of a GSME, or correct the device's kind";
        let told = finding(FindingKind::Contradiction, METERS, row, "mpxn", reason, to_do);
        judge.against(device.chf, METERS, told);
    }
    if let Some(as_of) = judge.as_of.filter(|as_of| meter.since > as_of.day()) {
        let (words, to_do) = match as_of {
            AsOf::Today(_) => ("today", "write the day since which it is so; what is to come is an event"),
            AsOf::FirstDay(_) => ("the first day to plan", "correct it, or plan from a day on which it is so"),
        };
        let reason = format!("{} is after {}, {words}", meter.since, as_of.day());
        let told = finding(FindingKind::NotYet, METERS, row, "since", reason, to_do);
        judge.against(device.chf, METERS, told);
    }
}

type Lists = (Vec<Installation>, Vec<Device>, Vec<Meter>);

/// The lists, without the installations that are set aside.
fn assemble(
    installations: &[InstallationRow],
    mut devices: Vec<DeviceRow>,
    meters: Vec<MeterRow>,
    judge: &mut Judge<'_>,
) -> Lists {
    devices.sort_unstable_by_key(|device| (device.chf, rank(device.kind), device.id));
    let mut lists: Lists =
        (Vec::with_capacity(installations.len()), Vec::with_capacity(devices.len()), Vec::with_capacity(meters.len()));
    let mut rest = devices.as_slice();
    for installation in installations {
        let own = rest.partition_point(|device| device.chf <= installation.chf);
        let (own, others) = rest.split_at(own);
        rest = others;
        let metered: Vec<(&DeviceRow, &MeterRow)> = own
            .iter()
            .filter_map(|device| {
                let at = meters.binary_search_by_key(&device.id, |meter| meter.device).ok()?;
                Some((device, &meters[at]))
            })
            .collect();
        let aside = judge.aside.contains(&installation.chf);
        if let Some(lack) = lack(installation, own, &metered).filter(|_| !aside) {
            let row = u64::from(installation.row);
            let to_do = "complete its rows; it is set aside until then";
            let told = finding(FindingKind::Incomplete, INSTALLATIONS, row, "chf_identifier", lack, to_do);
            judge.against(installation.chf, INSTALLATIONS, told);
        }
        if judge.aside.contains(&installation.chf) {
            own.iter().for_each(|device| judge.device_not_used(DEVICES, device));
            metered.iter().for_each(|(_, meter)| judge.meter_not_used(METERS, meter));
        } else {
            add(&mut lists, installation, own, &metered);
        }
    }
    lists
}

/// The order of devices in their installation.
fn rank(kind: DeviceKind) -> u8 {
    match kind {
        DeviceKind::Chf => 0,
        DeviceKind::Gpf => 1,
        DeviceKind::Esme => 2,
        DeviceKind::Gsme => 3,
        DeviceKind::Ppmid => 4,
        DeviceKind::Ihd => 5,
    }
}

/// What an installation lacks or has too much of (AC3), where it is not one hub, one ESME, and one GSME at most.
fn lack(of: &InstallationRow, devices: &[DeviceRow], metered: &[(&DeviceRow, &MeterRow)]) -> Option<String> {
    let count = |kind| devices.iter().filter(|device| device.kind == kind).count();
    let without = |kind: DeviceKind| {
        devices.iter().find(|device| device.kind == kind && metered.iter().all(|(own, _)| own.id != device.id))
    };
    let hub = devices.iter().any(|device| device.kind == DeviceKind::Chf && device.id == of.chf.into());
    if !hub || count(DeviceKind::Chf) != 1 {
        return Some(format!(
            "{} hubs in {DEVICES} have its identifier or belong to it, not one",
            count(DeviceKind::Chf)
        ));
    }
    if count(DeviceKind::Esme) != 1 {
        return Some(format!("it has {} ESMEs in {DEVICES}, not one", count(DeviceKind::Esme)));
    }
    for kind in [DeviceKind::Gsme, DeviceKind::Gpf] {
        if count(kind) > 1 {
            return Some(format!("it has {} {kind}s in {DEVICES}, not one at most", count(kind)));
        }
    }
    if devices.len() > usize::from(u8::MAX) {
        return Some(format!("it has {} devices", devices.len()));
    }
    let meter = without(DeviceKind::Esme).or_else(|| without(DeviceKind::Gsme))?;
    Some(format!("no row of {METERS} that is used describes its {} {}", meter.kind, meter.id))
}

fn add(lists: &mut Lists, of: &InstallationRow, own: &[DeviceRow], metered: &[(&DeviceRow, &MeterRow)]) {
    let (installations, devices, meters) = lists;
    let installation = InstallationIx::of(installations.len());
    let (first_device, first_meter) = (DeviceIx::of(devices.len()), MeterIx::of(meters.len()));
    for row in own {
        if let Some((_, meter)) = metered.iter().find(|(device, _)| device.id == row.id) {
            meters.push(Meter {
                point: meter.point,
                device: DeviceIx::of(devices.len()),
                installation,
                supplier: meter.supplier,
                since: meter.since,
                service: meter.service,
                payment_mode: meter.payment_mode,
            });
        }
        devices.push(Device { id: row.id, installation, model: row.model, kind: row.kind });
    }
    installations.push(Installation {
        chf: of.chf,
        group: of.group,
        smso: of.smso,
        provider: of.provider,
        installing_supplier: of.installing_supplier,
        installed_on: of.installed_on,
        first_device,
        first_meter,
        // An installation with more devices than 255 was set aside, and meters are devices.
        devices: u8::try_from(own.len()).unwrap_or(u8::MAX),
        meters: u8::try_from(metered.len()).unwrap_or(u8::MAX),
    });
}
