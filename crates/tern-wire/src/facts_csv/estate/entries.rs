//! Entries planned for the EPCL, and upgrade paths.

use tern_model::DeviceModel;
use tern_model::estate::{ApprovalRoute, EntryRecord, HopRecord};

use crate::facts_csv::cell::{Cell, Words};
use crate::facts_csv::record::{About, FactFile, Record, Subject, check, column, optional};
use crate::facts_csv::registers::{combination, combination_cells, model};
use crate::facts_csv::row::Row;

impl Record for EntryRecord {
    const FILE: FactFile = FactFile {
        name: "entries.csv",
        doc: "Entries that are on the EPCL or planned for it. What happens to them stands in `events.csv`, by their short names.",
        columns: &[
            column("entry", "a short name, 1 to 64 characters"),
            column("chf_manufacturer", "the hub's manufacturer"),
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
            column("comprises", "the installations that it comprises: `active`, `dormant` or `mixed`"),
            column("route", "how it is approved: `mt-sit`, `dmct`, or `equivalent` to an entry that is tested"),
            optional("equivalent_to", "the short name of that entry; for `equivalent` alone"),
        ],
        key: &["entry"],
        about: About::Whole,
        check: check::<EntryRecord>,
    };

    fn read(row: &mut Row<'_>) -> Option<Self> {
        let (entry, combination) = (row.get::<Words<64>>("entry"), combination(row));
        let (comprises, route) = (row.get("comprises"), row.get::<ApprovalRoute>("route"));
        let equivalent_to = row.optional::<Words<64>>("equivalent_to");
        let route = route?;
        match (route == ApprovalRoute::Equivalent, row.text("equivalent_to").is_empty()) {
            (true, true) => row.fault("equivalent_to", "the cell is empty", "name the entry that is tested"),
            (false, false) => {
                row.fault("equivalent_to", "the entry is tested itself", "empty the cell, or correct `route`");
            }
            _ => {}
        }
        Some(EntryRecord {
            row: row.source(),
            entry: entry?.0,
            combination: combination?,
            comprises: comprises?,
            route,
            equivalent_to: equivalent_to?.map(|words| words.0),
        })
    }

    fn cells(&self) -> Vec<String> {
        let mut cells = vec![self.entry.clone()];
        cells.extend(combination_cells(&self.combination));
        cells.extend([self.comprises.spell(), self.route.spell(), self.equivalent_to.clone().unwrap_or_default()]);
        cells
    }

    fn subject(&self) -> Subject {
        Subject::Whole
    }
}

impl Record for HopRecord {
    const FILE: FactFile = FactFile {
        name: "upgrade_paths.csv",
        doc: "Upgrade paths of Installing Suppliers (PL7): each row is one hop from one firmware version to the next.",
        columns: &[
            column("manufacturer", "the device's manufacturer"),
            column("model", "its model"),
            column("from_firmware", "the version from which the hop leads"),
            column("to_firmware", "the version to which it leads"),
            column("installing_supplier_id", "the EUI-64 of the supplier whose devices take it"),
        ],
        key: &["manufacturer", "model", "from_firmware", "to_firmware", "installing_supplier_id"],
        about: About::Whole,
        check: check::<HopRecord>,
    };

    fn read(row: &mut Row<'_>) -> Option<Self> {
        let from = model(row, ["manufacturer", "model", "from_firmware"]);
        let (to_firmware, installing_supplier) =
            (row.get::<Words<64>>("to_firmware"), row.get("installing_supplier_id"));
        Some(HopRecord {
            row: row.source(),
            from: from?,
            to_firmware: to_firmware?.0,
            installing_supplier: installing_supplier?,
        })
    }

    fn cells(&self) -> Vec<String> {
        let DeviceModel { manufacturer, model, firmware } = self.from.clone();
        vec![manufacturer, model, firmware, self.to_firmware.clone(), self.installing_supplier.spell()]
    }

    fn subject(&self) -> Subject {
        Subject::Whole
    }
}
