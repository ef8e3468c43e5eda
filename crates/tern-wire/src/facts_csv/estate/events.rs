//! Dated events about an estate. Which cells a kind of event has is `tern_model::estate`'s to say.

use tern_model::estate::{EventCell, EventKind, EventRecord};
use tern_model::facts::PaymentMode;

use crate::facts_csv::cell::{Cell, Words};
use crate::facts_csv::record::{About, Column, FactFile, Record, Subject, check, column, optional};
use crate::facts_csv::row::Row;

/// On which day, what, and then the cells in the order of [`EventCell::ALL`].
const COLUMNS: [Column; 14] = [
    column("on", "the day on which it is known, YYYY-MM-DD"),
    column("event", "what happened: one of the words below"),
    optional("chf_identifier", "the installation's hub, EUI-64"),
    optional("device_id", "the device, EUI-64"),
    optional("mpxn", "the metering point"),
    optional("entry", "the short name of an entry"),
    optional("supplier_id", "the supplier, EUI-64"),
    optional("smso", "the SMSO's name"),
    optional("document", "the version of a document, as overlays name it"),
    optional("manufacturer", "a device's manufacturer"),
    optional("model", "a device's model"),
    optional("firmware", "a firmware version"),
    optional("value", "what else the event says"),
    optional("effective", "the day from which it holds, YYYY-MM-DD"),
];

impl Record for EventRecord {
    const FILE: FactFile = FactFile {
        name: "events.csv",
        doc: "What happened to an estate, day by day. A cell that an event does not need and may not have is empty.",
        columns: &COLUMNS,
        key: &[
            "on",
            "event",
            "chf_identifier",
            "device_id",
            "mpxn",
            "entry",
            "supplier_id",
            "smso",
            "document",
            "manufacturer",
            "model",
            "firmware",
            "value",
            "effective",
        ],
        about: About::Whole,
        check: check::<EventRecord>,
    };

    fn read(row: &mut Row<'_>) -> Option<Self> {
        let (on, kind) = (row.get("on"), row.get::<EventKind>("event"));
        let words = |row: &mut Row<'_>, cell: EventCell| {
            row.optional::<Words<64>>(cell.column()).map(|words| words.map(|words| words.0))
        };
        let (chf, device, mpxn) = (row.optional("chf_identifier"), row.optional("device_id"), row.optional("mpxn"));
        let (supplier, effective) = (row.optional("supplier_id"), row.optional("effective"));
        let (entry, smso) = (words(row, EventCell::Entry), words(row, EventCell::Smso));
        let (document, manufacturer) = (words(row, EventCell::Document), words(row, EventCell::Manufacturer));
        let (model, firmware) = (words(row, EventCell::Model), words(row, EventCell::Firmware));
        let value = words(row, EventCell::Value);
        let kind = kind?;
        only_its_own(row, kind);
        if kind == EventKind::PaymentMode && !row.text("value").is_empty() {
            row.get::<PaymentMode>("value");
        }
        Some(EventRecord {
            row: row.source(),
            on: on?,
            kind,
            chf: chf?,
            device: device?,
            mpxn: mpxn?,
            entry: entry?,
            supplier: supplier?,
            smso: smso?,
            document: document?,
            manufacturer: manufacturer?,
            model: model?,
            firmware: firmware?,
            value: value?,
            effective: effective?,
        })
    }

    fn cells(&self) -> Vec<String> {
        let spell = |cell| match cell {
            EventCell::Chf => self.chf.map(|id| id.spell()),
            EventCell::Device => self.device.map(|id| id.spell()),
            EventCell::Mpxn => self.mpxn.as_ref().map(Cell::spell),
            EventCell::Entry => self.entry.clone(),
            EventCell::Supplier => self.supplier.map(|id| id.spell()),
            EventCell::Smso => self.smso.clone(),
            EventCell::Document => self.document.clone(),
            EventCell::Manufacturer => self.manufacturer.clone(),
            EventCell::Model => self.model.clone(),
            EventCell::Firmware => self.firmware.clone(),
            EventCell::Value => self.value.clone(),
            EventCell::Effective => self.effective.map(|day| day.spell()),
        };
        let own = [self.on.spell(), self.kind.spell()];
        own.into_iter().chain(EventCell::ALL.map(|cell| spell(cell).unwrap_or_default())).collect()
    }

    fn subject(&self) -> Subject {
        Subject::Whole
    }
}

/// Reports a cell that the event needs and lacks, and one that says nothing of such an event.
fn only_its_own(row: &mut Row<'_>, kind: EventKind) {
    for cell in EventCell::ALL {
        let empty = row.text(cell.column()).is_empty();
        if kind.needs().contains(&cell) && empty {
            row.fault(cell.column(), "the cell is empty", format!("a {} needs it", kind.as_str()));
        } else if !kind.needs().contains(&cell) && !kind.may_have().contains(&cell) && !empty {
            row.fault(cell.column(), format!("a {} has none", kind.as_str()), "empty the cell, or correct `event`");
        }
    }
}

impl Cell for EventKind {
    const EXPECTED: &'static str = "one of the events that docs/reference/estate.md lists, for example meter-dormant";

    fn parse(text: &str) -> Option<Self> {
        EventKind::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    fn spell(&self) -> String {
        self.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_are_the_cells() {
        let columns: Vec<&str> = COLUMNS[2..].iter().map(|column| column.name).collect();
        assert_eq!(columns, EventCell::ALL.map(EventCell::column));
    }
}
