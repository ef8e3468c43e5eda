//! Rows of a small estate, to be altered by the test that wants one wrong.

use jiff::civil::{Date, date};
use tern_model::estate::{
    ApprovalRoute, DeviceRecord, EntryRecord, EventKind, EventRecord, InstallationRecord, MeterRecord,
};
use tern_model::facts::{PaymentMode, SourceRow};
use tern_model::{
    ChfIdentifier, DeviceId, DeviceKind, DeviceModel, DeviceModelCombination, Eui64, GroupId, InstallationState,
    MeterState, Mpxn, PartyId,
};
use tern_plan::estate::{AsOf, Estate, FindingKind, Findings};

/// When every installation was installed.
pub const INSTALLED: Date = date(2016, 5, 2);

/// The rows of an estate.
#[derive(Clone)]
pub struct Rows {
    pub installations: Vec<InstallationRecord>,
    pub devices: Vec<DeviceRecord>,
    pub meters: Vec<MeterRecord>,
}

/// The hub of the `number`th installation; its ESME and GSME follow it.
pub fn chf(number: u64) -> ChfIdentifier {
    ChfIdentifier(Eui64(0x00DB_0000_0000_0000 + number * 16))
}

/// The device in a slot of an installation: hub 0, ESME 1, GSME 2.
pub fn device(number: u64, slot: u64) -> DeviceId {
    DeviceId(Eui64(chf(number).0.0 + slot))
}

/// The metering point of an installation.
pub fn point(number: u64, gas: bool) -> Mpxn {
    if gas { Mpxn::mprn_from_body(10_000_000 + number) } else { Mpxn::mpan_from_body(100_000_000_000 + number) }
}

/// A supplier.
pub fn supplier(number: u64) -> PartyId {
    PartyId(Eui64(0x90B3_D51F_3000_0000 + number))
}

/// So many installations, with gas, all Dormant.
pub fn rows(count: u64) -> Rows {
    let mut rows = Rows { installations: Vec::new(), devices: Vec::new(), meters: Vec::new() };
    for number in 0..count {
        rows.installations.push(InstallationRecord {
            row: SourceRow(rows.installations.len() as u64 + 2),
            chf: chf(number),
            group: GroupId::AA,
            smso: "North".to_owned(),
            communications_provider: "Provider A".to_owned(),
            installing_supplier: supplier(9),
            installed_on: INSTALLED,
        });
        for (slot, kind) in (0..).zip([DeviceKind::Chf, DeviceKind::Esme, DeviceKind::Gsme]) {
            rows.devices.push(DeviceRecord {
                row: SourceRow(rows.devices.len() as u64 + 2),
                device: device(number, slot),
                chf: chf(number),
                kind,
                model: model(kind),
            });
        }
        for slot in [1, 2] {
            rows.meters.push(MeterRecord {
                row: SourceRow(rows.meters.len() as u64 + 2),
                device: device(number, slot),
                mpxn: point(number, slot == 2),
                supplier: supplier(1),
                service: MeterState::Dormant,
                since: date(2018, 7, 1),
                payment_mode: PaymentMode::Credit,
            });
        }
    }
    rows
}

impl Rows {
    /// The estate that they make.
    pub fn estate(&self) -> (Estate, Findings) {
        self.estate_as_of(None)
    }

    /// The same, where it is known by which day everything has come about.
    pub fn estate_as_of(&self, as_of: Option<AsOf>) -> (Estate, Findings) {
        let mut builder = Estate::builder();
        as_of.into_iter().for_each(|as_of| builder.as_of(as_of));
        // Files may be read in any order.
        self.meters.iter().for_each(|meter| builder.meter(meter));
        self.devices.iter().for_each(|device| builder.device(device));
        self.installations.iter().for_each(|installation| builder.installation(installation));
        builder.finish()
    }

    /// Fails unless these findings come, and these installations are set aside.
    #[track_caller]
    pub fn check(&self, kinds: &[FindingKind], aside: &[u64]) {
        let (estate, findings) = self.estate();
        let found: Vec<FindingKind> = findings.list().iter().map(|finding| finding.kind).collect();
        assert_eq!(found, kinds, "{:#?}", findings.list());
        assert_eq!(estate.set_aside(), aside.iter().map(|number| chf(*number)).collect::<Vec<_>>());
        assert_eq!(estate.installations().len() + aside.len(), self.distinct());
    }

    fn distinct(&self) -> usize {
        let hubs: std::collections::HashSet<_> = self.installations.iter().map(|of| of.chf).collect();
        hubs.len()
    }
}

/// An event of which the test adds the cells.
pub fn event(on: Date, kind: EventKind) -> EventRecord {
    EventRecord { row: SourceRow(2), ..EventRecord::new(on, kind) }
}

fn model(kind: DeviceKind) -> DeviceModel {
    DeviceModel { manufacturer: "Maker".into(), model: kind.to_string(), firmware: "1.0".into() }
}

/// An entry for the models of [`rows`].
pub fn entry(name: &str) -> EntryRecord {
    EntryRecord {
        row: SourceRow(2),
        entry: name.to_owned(),
        combination: DeviceModelCombination {
            chf: model(DeviceKind::Chf),
            esme: model(DeviceKind::Esme),
            gsme: Some(model(DeviceKind::Gsme)),
            communications_provider: "Provider A".into(),
        },
        comprises: InstallationState::Dormant,
        route: ApprovalRoute::MtSit,
        equivalent_to: None,
    }
}
