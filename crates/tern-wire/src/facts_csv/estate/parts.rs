//! Installations, devices and meters.

use tern_model::estate::{DeviceRecord, InstallationRecord, MeterRecord};
use tern_model::{ChfIdentifier, DeviceId, DeviceKind, Fuel, Mpxn};

use crate::facts_csv::cell::{Cell, Words};
use crate::facts_csv::record::{About, FactFile, Record, Subject, check, column};
use crate::facts_csv::registers::{is_its_own_hub, model};
use crate::facts_csv::row::Row;

impl Record for InstallationRecord {
    const FILE: FactFile = FactFile {
        name: "installations.csv",
        doc: "The installations that are to be migrated, each named by its hub.",
        columns: &[
            column("chf_identifier", "the hub's EUI-64"),
            column("group_id", "the GroupID that its file set will have: AA, BA, CA, CB, DA, EA, EB or EC"),
            column("smso", "name of the SMSO that operates it, 1 to 64 characters"),
            column("communications_provider", "communications provider of the hub's SIM, as the EPCL names it"),
            column("installing_supplier_id", "the EUI-64 of the supplier that installed it"),
            column("installed_on", "the day on which it was installed, YYYY-MM-DD"),
        ],
        key: &["chf_identifier"],
        about: About::Hub,
        check: check::<InstallationRecord>,
    };

    fn read(row: &mut Row<'_>) -> Option<Self> {
        let (chf, group) = (row.get("chf_identifier"), row.get("group_id"));
        let smso = row.get::<Words<64>>("smso");
        let provider = row.get::<Words<64>>("communications_provider");
        let (installing_supplier, installed_on) = (row.get("installing_supplier_id"), row.get("installed_on"));
        Some(InstallationRecord {
            row: row.source(),
            chf: chf?,
            group: group?,
            smso: smso?.0,
            communications_provider: provider?.0,
            installing_supplier: installing_supplier?,
            installed_on: installed_on?,
        })
    }

    fn cells(&self) -> Vec<String> {
        vec![
            self.chf.spell(),
            self.group.spell(),
            self.smso.clone(),
            self.communications_provider.clone(),
            self.installing_supplier.spell(),
            self.installed_on.spell(),
        ]
    }

    fn subject(&self) -> Subject {
        Subject::Hub(self.chf)
    }
}

impl Record for DeviceRecord {
    const FILE: FactFile = FactFile {
        name: "devices.csv",
        doc: "The devices of those installations, with the firmware that is on them.",
        columns: &[
            column("device_id", "the device's EUI-64"),
            column("chf_identifier", "the EUI-64 of the hub that it belongs to; a hub names itself"),
            column("device_kind", "`CHF`, `GPF`, `ESME`, `GSME`, `PPMID` or `IHD`"),
            column("manufacturer", "its manufacturer, as the EPCL prints it"),
            column("model", "its model"),
            column("firmware", "the firmware version that is on it"),
        ],
        key: &["device_id"],
        about: About::Device,
        check: check::<DeviceRecord>,
    };

    fn read(row: &mut Row<'_>) -> Option<Self> {
        let (device, chf) = (row.get::<DeviceId>("device_id"), row.get::<ChfIdentifier>("chf_identifier"));
        let kind = row.get::<DeviceKind>("device_kind");
        let model = model(row, ["manufacturer", "model", "firmware"]);
        let (device, chf, kind) = (device?, chf?, kind?);
        is_its_own_hub(row, device, kind, chf);
        Some(DeviceRecord { row: row.source(), device, chf, kind, model: model? })
    }

    fn cells(&self) -> Vec<String> {
        let model = self.model.clone();
        let own = vec![self.device.spell(), self.chf.spell(), self.kind.spell()];
        own.into_iter().chain([model.manufacturer, model.model, model.firmware]).collect()
    }

    fn subject(&self) -> Subject {
        Subject::Device(self.device)
    }
}

impl Record for MeterRecord {
    const FILE: FactFile = FactFile {
        name: "meters.csv",
        doc: "The ESMEs and GSMEs among those devices: where they measure, for whom, and whether they are in use.",
        columns: &[
            column("device_id", "the meter's EUI-64"),
            column("mpxn", "its MPAN (13 digits) or MPRN (6 to 10 digits), with check digits"),
            column("supplier_id", "the Responsible Supplier's EUI-64"),
            column("service", "`active` where that supplier has smart services for it, else `dormant`"),
            column("since", "the day since which it is so, YYYY-MM-DD"),
            column("payment_mode", "`credit` or `prepayment`"),
        ],
        key: &["device_id"],
        about: About::Device,
        check: check::<MeterRecord>,
    };

    fn read(row: &mut Row<'_>) -> Option<Self> {
        let (device, mpxn) = (row.get("device_id"), row.get::<Mpxn>("mpxn"));
        let (supplier, service) = (row.get("supplier_id"), row.get("service"));
        let (since, payment_mode) = (row.get("since"), row.get("payment_mode"));
        let mpxn = mpxn?;
        let fuel = if mpxn.as_str().len() == 13 { Fuel::Electricity } else { Fuel::Gas };
        if !mpxn.check_digits_ok(fuel) {
            let suggestion = "write an MPAN of 13 digits or an MPRN of 6 to 10, with its check digits";
            row.fault("mpxn", format!("`{mpxn}` has wrong check digits or is too short"), suggestion);
        }
        Some(MeterRecord {
            row: row.source(),
            device: device?,
            mpxn,
            supplier: supplier?,
            service: service?,
            since: since?,
            payment_mode: payment_mode?,
        })
    }

    fn cells(&self) -> Vec<String> {
        vec![
            self.device.spell(),
            self.mpxn.spell(),
            self.supplier.spell(),
            self.service.spell(),
            self.since.spell(),
            self.payment_mode.spell(),
        ]
    }

    fn subject(&self) -> Subject {
        Subject::Device(self.device)
    }
}
