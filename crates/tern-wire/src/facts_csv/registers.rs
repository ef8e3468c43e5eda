//! Registration, EPCL, inventory, SIMs: what registers hold.

use tern_model::facts::{EpclEntry, Facts, InventoryRecord, Registration, SimRecord};
use tern_model::{ChfIdentifier, DeviceId, DeviceKind, DeviceModel, DeviceModelCombination};

use super::cell::{Cell, Imsi, Words};
use super::record::{About, Fact, FactFile, Record, Subject, check, column, optional};
use super::row::Row;

impl Record for Registration {
    const FILE: FactFile = FactFile {
        name: "registration.csv",
        doc: "Registration Data: who is the registered supplier and network operator of a metering point from a day on.",
        columns: &[
            column("mpxn", "MPAN core or MPRN, 1 to 13 digits"),
            column("fuel", "`electricity` or `gas`"),
            column("supplier_id", "the supplier's EUI-64"),
            column("network_operator_id", "the EUI-64 of the electricity distributor or gas transporter"),
            column("effective_from", "first day (Europe/London), YYYY-MM-DD"),
        ],
        key: &["mpxn", "fuel", "effective_from"],
        about: About::Point,
        check: check::<Registration>,
    };

    fn read(row: &mut Row<'_>) -> Option<Self> {
        let (mpxn, fuel) = (row.get("mpxn"), row.get("fuel"));
        let (supplier, network_operator) = (row.get("supplier_id"), row.get("network_operator_id"));
        let effective_from = row.get("effective_from");
        Some(Registration {
            row: row.source(),
            fuel: fuel?,
            mpxn: mpxn?,
            supplier: supplier?,
            network_operator: network_operator?,
            effective_from: effective_from?,
        })
    }

    fn cells(&self) -> Vec<String> {
        vec![
            self.mpxn.spell(),
            self.fuel.spell(),
            self.supplier.spell(),
            self.network_operator.spell(),
            self.effective_from.spell(),
        ]
    }

    fn subject(&self) -> Subject {
        Subject::Point(self.fuel, self.mpxn.clone())
    }
}

impl Fact for Registration {
    fn add(self, facts: &mut Facts) {
        facts.add_registration(self);
    }
}

impl Record for EpclEntry {
    const FILE: FactFile = FactFile {
        name: "epcl.csv",
        doc: "Eligible Product Combinations List: which Device Model Combination with which communications provider has which \
              state from a day on.",
        columns: &[
            column("chf_manufacturer", "the hub's manufacturer, as migration files print it"),
            column("chf_model", "the hub's model"),
            column("chf_firmware", "the hub's firmware version"),
            column("esme_manufacturer", "the electricity meter's manufacturer"),
            column("esme_model", "the electricity meter's model"),
            column("esme_firmware", "the electricity meter's firmware version"),
            optional(
                "gsme_manufacturer",
                "the gas meter's manufacturer; empty, with the next two, where there is none",
            ),
            optional("gsme_model", "the gas meter's model"),
            optional("gsme_firmware", "the gas meter's firmware version"),
            column("communications_provider", "the communications provider of the hub's SIM"),
            column("state", "`planned`, `paused`, `approved` or `not-approved`"),
            column("from", "first day of that state, YYYY-MM-DD"),
        ],
        key: &[
            "chf_manufacturer",
            "chf_model",
            "chf_firmware",
            "esme_manufacturer",
            "esme_model",
            "esme_firmware",
            "gsme_manufacturer",
            "gsme_model",
            "gsme_firmware",
            "communications_provider",
            "from",
        ],
        about: About::Whole,
        check: check::<EpclEntry>,
    };

    fn read(row: &mut Row<'_>) -> Option<Self> {
        let combination = combination(row);
        let (state, from) = (row.get("state"), row.get("from"));
        Some(EpclEntry { row: row.source(), combination: combination?, state: state?, from: from? })
    }

    fn cells(&self) -> Vec<String> {
        let mut cells = combination_cells(&self.combination);
        cells.extend([self.state.spell(), self.from.spell()]);
        cells
    }

    fn subject(&self) -> Subject {
        Subject::Whole
    }
}

impl Fact for EpclEntry {
    fn add(self, facts: &mut Facts) {
        facts.add_epcl(self);
    }
}

/// The ten columns by which files name a combination.
pub(super) fn combination(row: &mut Row<'_>) -> Option<DeviceModelCombination> {
    let chf = model(row, ["chf_manufacturer", "chf_model", "chf_firmware"]);
    let esme = model(row, ["esme_manufacturer", "esme_model", "esme_firmware"]);
    let gas = ["gsme_manufacturer", "gsme_model", "gsme_firmware"];
    let gsme = if gas.iter().all(|name| row.text(name).is_empty()) { Some(None) } else { model(row, gas).map(Some) };
    let provider = row.get::<Words<64>>("communications_provider");
    Some(DeviceModelCombination { chf: chf?, esme: esme?, gsme: gsme?, communications_provider: provider?.0 })
}

/// The cells of those columns.
pub(super) fn combination_cells(combination: &DeviceModelCombination) -> Vec<String> {
    let model = |model: &DeviceModel| [model.manufacturer.clone(), model.model.clone(), model.firmware.clone()];
    let gsme = combination.gsme.as_ref().map_or_else(Default::default, model);
    let models = [model(&combination.chf), model(&combination.esme), gsme].into_iter().flatten();
    models.chain([combination.communications_provider.clone()]).collect()
}

/// A model by the names of its three columns.
pub(super) fn model(row: &mut Row<'_>, [manufacturer, model, firmware]: [&'static str; 3]) -> Option<DeviceModel> {
    let cells = [manufacturer, model, firmware].map(|name| row.get::<Words<64>>(name));
    let [manufacturer, model, firmware] = cells;
    Some(DeviceModel { manufacturer: manufacturer?.0, model: model?.0, firmware: firmware?.0 })
}

impl Record for InventoryRecord {
    const FILE: FactFile = FactFile {
        name: "inventory.csv",
        doc: "Smart Metering Inventory: devices that it already holds.",
        columns: &[
            column("device_id", "the device's EUI-64"),
            column("device_kind", "`CHF`, `GPF`, `ESME`, `GSME`, `PPMID` or `IHD`"),
            column("chf_identifier", "the EUI-64 of the hub that it belongs to; a hub names itself"),
            column("status", "its status as the Inventory words it, for example `Commissioned`"),
            optional("by_set", "the set that put it there: `<Requesting Party EUI-64>_<GroupID>_<counter>`"),
        ],
        key: &["device_id"],
        about: About::Device,
        check: check::<InventoryRecord>,
    };

    fn read(row: &mut Row<'_>) -> Option<Self> {
        let (device, kind) = (row.get::<DeviceId>("device_id"), row.get("device_kind"));
        let chf = row.get::<ChfIdentifier>("chf_identifier");
        let (status, by_set) = (row.get::<Words<64>>("status"), row.optional("by_set"));
        let (device, kind, chf) = (device?, kind?, chf?);
        is_its_own_hub(row, device, kind, chf);
        Some(InventoryRecord { row: row.source(), device, kind, chf, status: status?.0, by_set: by_set? })
    }

    fn cells(&self) -> Vec<String> {
        let by_set = self.by_set.map(|set| set.spell()).unwrap_or_default();
        vec![self.device.spell(), self.kind.spell(), self.chf.spell(), self.status.clone(), by_set]
    }

    fn subject(&self) -> Subject {
        Subject::Device(self.device)
    }
}

impl Fact for InventoryRecord {
    fn add(self, facts: &mut Facts) {
        facts.add_inventory(self);
    }
}

/// Reports a hub that names another, and a device that names itself as its hub.
pub(super) fn is_its_own_hub(row: &mut Row<'_>, device: DeviceId, kind: DeviceKind, chf: ChfIdentifier) {
    let is_hub = kind == DeviceKind::Chf;
    if is_hub != (DeviceId::from(chf) == device) {
        let reason = format!("this {kind} names {} as its hub", if is_hub { "another" } else { "itself" });
        row.fault("chf_identifier", reason, "a hub names itself, and every other device its hub");
    }
}

impl Record for SimRecord {
    const FILE: FactFile = FactFile {
        name: "sims.csv",
        doc: "The SIM of each hub, as the communications provider records it (15.6).",
        columns: &[
            column("chf_identifier", "the hub's EUI-64"),
            column("imsi", "International Mobile Subscriber Identity, 6 to 15 digits"),
            column("apn", "Access Point Name in use with the SMSO, 1 to 100 characters"),
        ],
        key: &["chf_identifier"],
        about: About::Hub,
        check: check::<SimRecord>,
    };

    fn read(row: &mut Row<'_>) -> Option<Self> {
        let (chf, imsi) = (row.get("chf_identifier"), row.get::<Imsi>("imsi"));
        let apn = row.get::<Words<100>>("apn");
        Some(SimRecord { row: row.source(), chf: chf?, imsi: imsi?.0, apn: apn?.0 })
    }

    fn cells(&self) -> Vec<String> {
        vec![self.chf.spell(), self.imsi.clone(), self.apn.clone()]
    }

    fn subject(&self) -> Subject {
        Subject::Hub(self.chf)
    }
}

impl Fact for SimRecord {
    fn add(self, facts: &mut Facts) {
        facts.add_sim(self);
    }
}
