//! Who installed a meter: what outlives a change of supplier.

use tern_model::facts::{Facts, InstallingSupplier};

use super::cell::Cell;
use super::record::{About, Fact, FactFile, Record, Subject, check, column};
use super::row::Row;

impl Record for InstallingSupplier {
    const FILE: FactFile = FactFile {
        name: "installing_suppliers.csv",
        doc: "Installing Suppliers of gas meters, whoever is responsible now: in group CA they get the revised PIN (3.25). \
              It is encrypted to the certificate that the directory has of them.",
        columns: &[
            column("device_id", "the gas meter's EUI-64"),
            column("supplier_id", "the EUI-64 of the supplier that installed it"),
        ],
        key: &["device_id"],
        about: About::Device,
        check: check::<InstallingSupplier>,
    };

    fn read(row: &mut Row<'_>) -> Option<Self> {
        let (device, supplier) = (row.get("device_id"), row.get("supplier_id"));
        Some(InstallingSupplier { row: row.source(), device: device?, supplier: supplier? })
    }

    fn cells(&self) -> Vec<String> {
        vec![self.device.spell(), self.supplier.spell()]
    }

    fn subject(&self) -> Subject {
        Subject::Device(self.device)
    }
}

impl Fact for InstallingSupplier {
    fn add(self, facts: &mut Facts) {
        facts.add_installing_supplier(self);
    }
}
